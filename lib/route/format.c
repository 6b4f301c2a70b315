/*
 * Parser of format strings with %COMMANDS%. One table row per command; the parts keep their order.
 */
#include "route/format.h"

#include <ctype.h>

#include "base/cleanup.h"
#include "base/vec.h"

enum arg_rule { ARG_NONE, ARG_NEEDED, ARG_OPTIONAL };

static const struct command {
	const char *name;
	enum format_command command;
	enum arg_rule arg;
} commands[] = {
	{"REQ", FORMAT_REQ, ARG_NEEDED},
	{"RESP", FORMAT_RESP, ARG_NEEDED},
	{"TRAILER", FORMAT_TRAILER, ARG_NEEDED},
	{"START_TIME", FORMAT_START_TIME, ARG_OPTIONAL},
	{"PROTOCOL", FORMAT_PROTOCOL, ARG_NONE},
	{"RESPONSE_CODE", FORMAT_RESPONSE_CODE, ARG_NONE},
	{"RESPONSE_CODE_DETAILS", FORMAT_RESPONSE_CODE_DETAILS, ARG_NONE},
	{"CONNECTION_TERMINATION_DETAILS", FORMAT_CONNECTION_TERMINATION_DETAILS, ARG_NONE},
	{"RESPONSE_FLAGS", FORMAT_RESPONSE_FLAGS, ARG_NONE},
	{"BYTES_RECEIVED", FORMAT_BYTES_RECEIVED, ARG_NONE},
	{"BYTES_SENT", FORMAT_BYTES_SENT, ARG_NONE},
	{"DURATION", FORMAT_DURATION, ARG_NONE},
	{"REQUEST_DURATION", FORMAT_REQUEST_DURATION, ARG_NONE},
	{"RESPONSE_DURATION", FORMAT_RESPONSE_DURATION, ARG_NONE},
	{"UPSTREAM_HOST", FORMAT_UPSTREAM_HOST, ARG_NONE},
	{"UPSTREAM_CLUSTER", FORMAT_UPSTREAM_CLUSTER, ARG_NONE},
	{"UPSTREAM_CLUSTER_RAW", FORMAT_UPSTREAM_CLUSTER_RAW, ARG_NONE},
	{"UPSTREAM_LOCAL_ADDRESS", FORMAT_UPSTREAM_LOCAL_ADDRESS, ARG_NONE},
	{"UPSTREAM_TRANSPORT_FAILURE_REASON", FORMAT_UPSTREAM_TRANSPORT_FAILURE_REASON, ARG_NONE},
	{"DOWNSTREAM_REMOTE_ADDRESS", FORMAT_DOWNSTREAM_REMOTE_ADDRESS, ARG_NONE},
	{"DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT", FORMAT_DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT, ARG_NONE},
	{"DOWNSTREAM_DIRECT_REMOTE_ADDRESS", FORMAT_DOWNSTREAM_DIRECT_REMOTE_ADDRESS, ARG_NONE},
	{"DOWNSTREAM_DIRECT_REMOTE_ADDRESS_WITHOUT_PORT", FORMAT_DOWNSTREAM_DIRECT_REMOTE_ADDRESS_WITHOUT_PORT,
	 ARG_NONE},
	{"DOWNSTREAM_LOCAL_ADDRESS", FORMAT_DOWNSTREAM_LOCAL_ADDRESS, ARG_NONE},
	{"DOWNSTREAM_LOCAL_ADDRESS_WITHOUT_PORT", FORMAT_DOWNSTREAM_LOCAL_ADDRESS_WITHOUT_PORT, ARG_NONE},
	{"DOWNSTREAM_LOCAL_PORT", FORMAT_DOWNSTREAM_LOCAL_PORT, ARG_NONE},
	{"DOWNSTREAM_PEER_URI_SAN", FORMAT_DOWNSTREAM_PEER_URI_SAN, ARG_NONE},
	{"DOWNSTREAM_LOCAL_URI_SAN", FORMAT_DOWNSTREAM_LOCAL_URI_SAN, ARG_NONE},
	{"DOWNSTREAM_PEER_SUBJECT", FORMAT_DOWNSTREAM_PEER_SUBJECT, ARG_NONE},
	{"DOWNSTREAM_TLS_VERSION", FORMAT_DOWNSTREAM_TLS_VERSION, ARG_NONE},
	{"DOWNSTREAM_TLS_CIPHER", FORMAT_DOWNSTREAM_TLS_CIPHER, ARG_NONE},
	{"REQUESTED_SERVER_NAME", FORMAT_REQUESTED_SERVER_NAME, ARG_NONE},
	{"ROUTE_NAME", FORMAT_ROUTE_NAME, ARG_NONE},
	{"VIRTUAL_CLUSTER_NAME", FORMAT_VIRTUAL_CLUSTER_NAME, ARG_NONE},
	{"HOSTNAME", FORMAT_HOSTNAME, ARG_NONE},
	{"FILTER_STATE", FORMAT_FILTER_STATE, ARG_NEEDED},
	{"DYNAMIC_METADATA", FORMAT_DYNAMIC_METADATA, ARG_NEEDED},
	{"CONNECTION_ID", FORMAT_CONNECTION_ID, ARG_NONE},
	{"GRPC_STATUS", FORMAT_GRPC_STATUS, ARG_OPTIONAL},
};

static const struct command *command_find(struct slice name)
{
	for (size_t i = 0; i < ARRAY_LEN(commands); i++)
		if (slice_eq_str(name, commands[i].name))
			return &commands[i];
	return NULL;
}

/* The index behind the closing ")" of an argument that starts at 0; 0 when there is none. */
static size_t argument_end(struct slice text)
{
	ptrdiff_t at = slice_find(text, ')');

	return at < 0 ? 0 : (size_t)at + 1;
}

/* Header names may hold a second choice: "X?Y". They are kept in lower case. */
static void set_argument(struct arena *a, struct format_part *part, struct slice arg)
{
	char *copy = arena_slicedup(a, arg);
	struct slice rest = slice_make(copy, arg.len);

	if (part->command != FORMAT_REQ && part->command != FORMAT_RESP && part->command != FORMAT_TRAILER) {
		part->arg = rest;
		return;
	}
	for (char *c = copy; *c; c++)
		*c = (char)tolower((unsigned char)*c);
	part->arg = slice_split(&rest, '?');
	part->alt = rest;
}

/* ":N" behind a command: at most N bytes of the value. Returns the bytes used, or -EINVAL. */
static int set_limit(struct format_part *part, struct slice text)
{
	size_t n = 1;
	uint64_t max;

	if (!text.len || text.ptr[0] != ':')
		return 0;
	while (n < text.len && isdigit((unsigned char)text.ptr[n]))
		n++;
	if (slice_to_u64(slice_make(text.ptr + 1, n - 1), UINT32_MAX, &max) < 0)
		return -EINVAL;
	part->max_bytes = (uint32_t)max;
	return (int)n;
}

/* Parses the command behind a "%". Returns the bytes used including the closing "%", or -EINVAL. */
static int parse_command(struct arena *a, struct slice text, struct format_part *part, struct err *e)
{
	size_t n = 0;
	int limit;

	while (n < text.len && (isalnum((unsigned char)text.ptr[n]) || text.ptr[n] == '_'))
		n++;
	const struct command *c = command_find(slice_head(text, n));
	if (!c)
		return err_set(e, -EINVAL, "unknown format command %%%.*s%%", SLICE_ARG(slice_head(text, n)));
	part->command = c->command;
	if (n < text.len && text.ptr[n] == '(') {
		size_t end = argument_end(slice_from(text, n));
		if (!end || c->arg == ARG_NONE)
			return err_set(e, -EINVAL, "%%%s%%: malformed argument", c->name);
		set_argument(a, part, slice_make(text.ptr + n + 1, end - 2));
		n += end;
	} else if (c->arg == ARG_NEEDED) {
		return err_set(e, -EINVAL, "%%%s%%: argument missing", c->name);
	}
	limit = set_limit(part, slice_from(text, n));
	if (limit < 0 || n + (size_t)limit >= text.len || text.ptr[n + (size_t)limit] != '%')
		return err_set(e, -EINVAL, "%%%s%%: no closing %%", c->name);
	return (int)n + limit + 1;
}

struct parts {
	VEC(struct format_part) list;
};

static void parts_done(struct parts *p)
{
	vec_done(&p->list);
}

static void add_literal(struct arena *a, struct parts *p, struct slice text)
{
	if (text.len)
		*vec_add(&p->list) = (struct format_part){.arg = {arena_slicedup(a, text), text.len}};
}

int format_parse(struct arena *a, struct slice text, struct format *ret, struct err *e)
{
	CLEANUP(parts_done) struct parts parts = {0};

	while (text.len) {
		ptrdiff_t at = slice_find(text, '%');
		if (at < 0) {
			add_literal(a, &parts, text);
			break;
		}
		add_literal(a, &parts, slice_head(text, (size_t)at));
		text = slice_from(text, (size_t)at + 1);
		if (text.len && text.ptr[0] == '%') {
			add_literal(a, &parts, SLICE("%"));
			text = slice_from(text, 1);
			continue;
		}
		struct format_part part = {0};
		int used = parse_command(a, text, &part, e);
		if (used < 0)
			return used;
		vec_push(&parts.list, part);
		text = slice_from(text, (size_t)used);
	}
	ret->n = parts.list.n;
	ret->parts = ARENA_NEW_N(a, struct format_part, ret->n);
	if (ret->n)
		memcpy(ret->parts, parts.list.v, ret->n * sizeof(*ret->parts));
	return 0;
}

bool format_is_literal(const struct format *f, struct slice *ret)
{
	if (f->n > 1 || (f->n == 1 && f->parts[0].command != FORMAT_LITERAL))
		return false;
	*ret = f->n ? f->parts[0].arg : SLICE("");
	return true;
}
