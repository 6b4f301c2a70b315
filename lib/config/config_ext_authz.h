/*
 * Who is asked whether a request may pass, and what of the request and the answer goes where: decoded configuration of
 * the filter ext_authz. Immutable; memory belongs to the listener or route table that holds it.
 * Source: envoy.extensions.filters.http.ext_authz.v3.
 */
#ifndef CONFIG_EXT_AUTHZ_H
#define CONFIG_EXT_AUTHZ_H

#include "config/config.h"

/* Of a body that is sent along. */
#define CONFIG_EXT_AUTHZ_BODY_MAX (16u << 20)

struct ext_authz_names {
	struct match_string *v;
	size_t n; /* 0 = none, or nothing said */
};

struct ext_authz_pair {
	struct slice name, value;
};

struct filter_ext_authz {
	bool grpc; /* else HTTP */
	struct route_cluster cluster;
	struct slice authority; /* of gRPC */
	struct slice path_prefix;
	int64_t timeout_ns;
	struct ext_authz_names allowed, disallowed; /* request headers that the service sees */
	bool says_allowed;
	struct ext_authz_pair *add; /* more for the service */
	size_t n_add;
	struct ext_authz_names to_upstream, to_upstream_append; /* of its answer, when it says yes */
	struct ext_authz_names to_client;                       /* when it says no; none = all */
	struct ext_authz_names to_client_on_success;
	bool failure_allow, failure_header;
	uint16_t error_status; /* 0 = 403 */
	uint32_t body_max;     /* 0 = the body is not sent along */
	bool body_partial, body_raw;
	bool clear_route_cache;
	const struct match_metadata *enabled; /* only requests of which this holds; NULL = all */
	struct route_fraction fraction;       /* of the requests */
	bool deny_at_disable;
};

/* Of a route. */
struct ext_authz_override {
	bool disabled;
	struct ext_authz_pair *context;
	size_t n_context;
	bool no_body;
};

#endif
