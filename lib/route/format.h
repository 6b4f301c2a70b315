/*
 * Format strings with %COMMANDS%, parsed once: header values of routes, access-log lines. Evaluating is the caller's:
 * it walks the parts. Memory belongs to the arena given; immutable after parsing.
 * Source: Envoy's "Access log format strings" and "Custom request/response headers".
 */
#ifndef ROUTE_FORMAT_H
#define ROUTE_FORMAT_H

#include "base/arena.h"
#include "base/err.h"
#include "base/slice.h"

enum format_command {
	FORMAT_LITERAL,
	FORMAT_REQ,        /* arg: header, alt: second choice; max_bytes */
	FORMAT_RESP,       /* arg, alt, max_bytes */
	FORMAT_TRAILER,    /* arg */
	FORMAT_START_TIME, /* arg: strftime format, empty = RFC 3339 with milliseconds */
	FORMAT_PROTOCOL,
	FORMAT_RESPONSE_CODE,
	FORMAT_RESPONSE_CODE_DETAILS,
	FORMAT_CONNECTION_TERMINATION_DETAILS,
	FORMAT_RESPONSE_FLAGS,
	FORMAT_BYTES_RECEIVED,
	FORMAT_BYTES_SENT,
	FORMAT_DURATION, /* ms */
	FORMAT_REQUEST_DURATION,
	FORMAT_RESPONSE_DURATION,
	FORMAT_UPSTREAM_HOST,
	FORMAT_UPSTREAM_CLUSTER,     /* as it is called where people look (alt_stat_name) */
	FORMAT_UPSTREAM_CLUSTER_RAW, /* its name */
	FORMAT_UPSTREAM_LOCAL_ADDRESS,
	FORMAT_UPSTREAM_TRANSPORT_FAILURE_REASON,
	FORMAT_DOWNSTREAM_REMOTE_ADDRESS,
	FORMAT_DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT,
	FORMAT_DOWNSTREAM_DIRECT_REMOTE_ADDRESS,
	FORMAT_DOWNSTREAM_DIRECT_REMOTE_ADDRESS_WITHOUT_PORT,
	FORMAT_DOWNSTREAM_LOCAL_ADDRESS,
	FORMAT_DOWNSTREAM_LOCAL_ADDRESS_WITHOUT_PORT,
	FORMAT_DOWNSTREAM_LOCAL_PORT,
	FORMAT_DOWNSTREAM_PEER_URI_SAN,
	FORMAT_DOWNSTREAM_LOCAL_URI_SAN,
	FORMAT_DOWNSTREAM_PEER_SUBJECT,
	FORMAT_DOWNSTREAM_TLS_VERSION,
	FORMAT_DOWNSTREAM_TLS_CIPHER,
	FORMAT_REQUESTED_SERVER_NAME,
	FORMAT_ROUTE_NAME,
	FORMAT_VIRTUAL_CLUSTER_NAME,
	FORMAT_HOSTNAME,
	FORMAT_FILTER_STATE,     /* arg: key */
	FORMAT_DYNAMIC_METADATA, /* arg */
	FORMAT_CONNECTION_ID,
	FORMAT_GRPC_STATUS,
	FORMAT_COMMAND_COUNT,
};

struct format_part {
	enum format_command command;
	struct slice arg; /* the literal text, or the command's argument */
	struct slice alt;
	uint32_t max_bytes; /* 0 = no limit */
};

struct format {
	struct format_part *parts;
	size_t n;
};

/* "%%" is a percent sign. Returns 0, or -EINVAL naming the command that is unknown or malformed. */
int format_parse(struct arena *a, struct slice text, struct format *ret, struct err *e);

/* When the format is one literal (or empty): true and the text. */
bool format_is_literal(const struct format *f, struct slice *ret);

#endif
