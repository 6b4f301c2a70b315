/*
 * What a route or a virtual host says of rate limits: each rule makes one descriptor of a request, a list of keys and
 * values, which a limit is looked up by. Immutable; memory belongs to the route table or listener.
 * Source: envoy.config.route.v3.RateLimit.
 */
#ifndef ROUTE_RATE_H
#define ROUTE_RATE_H

#include "route/match.h"

/* Actions of one rule, so entries of one descriptor. */
#define RATE_ENTRIES_MAX 16
/* The highest stage. */
#define RATE_STAGE_MAX 10

enum rate_action_kind {
	RATE_SOURCE_CLUSTER,
	RATE_DESTINATION_CLUSTER,
	RATE_REQUEST_HEADER,
	RATE_QUERY_PARAMETER,
	RATE_REMOTE_ADDRESS,
	RATE_MASKED_ADDRESS,
	RATE_GENERIC_KEY,
	RATE_HEADER_MATCH,
	RATE_QUERY_MATCH,
};

struct rate_action {
	enum rate_action_kind kind;
	struct slice key, value; /* of the entry, where the configuration gives it */
	struct slice name;       /* header (lower case) or query parameter whose value is the entry's */
	bool skip_if_absent;     /* without it the entry is left out, and else the whole descriptor */
	bool expect_match;       /* the entry is there when all match, or when not all do */
	struct match_header *headers;
	size_t n_headers;
	struct match_query *queries;
	size_t n_queries;
	uint8_t v4_bits, v6_bits; /* what is kept of an address */
};

struct rate_limit {
	uint8_t stage;
	struct rate_action *actions;
	size_t n_actions;
};

/* Whether a filter looks at the virtual host's rules, too. */
enum rate_vhost {
	RATE_VHOST_OVERRIDE, /* where the route has none */
	RATE_VHOST_INCLUDE,
	RATE_VHOST_IGNORE,
};

#endif
