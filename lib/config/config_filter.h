/*
 * Decoded configuration of filters: what a filter of the data path is given, never protobuf. Immutable; memory belongs
 * to the listener or route table that holds it.
 * Source: envoy.extensions.filters.http.*, envoy.extensions.filters.network.*, envoy.config.rbac.v3.
 */
#ifndef CONFIG_FILTER_H
#define CONFIG_FILTER_H

#include "base/token_bucket.h"
#include "net/socket.h"
#include "route/format.h"
#include "route/match.h"
#include "route/metadata.h"
#include "route/route.h"
#include "trace/sampling.h"

/* Of one connection manager; must fit 8 bits. */
#define CONFIG_HTTP_FILTERS_MAX 64

/* Kinds of HTTP filters; also the kind of struct route_override. */
enum filter_kind {
	FILTER_TRACING,       /* struct filter_tracing; always first, from the connection manager's tracing */
	FILTER_ROUTER,        /* struct filter_router; always last */
	FILTER_FAULT,         /* struct filter_fault */
	FILTER_CORS,          /* struct filter_cors (only per route) */
	FILTER_RBAC,          /* struct filter_rbac */
	FILTER_PEER_METADATA, /* struct filter_peer_metadata */
	FILTER_STATS,         /* struct filter_stats: the standard Istio metrics */
	FILTER_ALPN,          /* istio.alpn; struct filter_alpn */
	FILTER_GRPC_STATS,    /* statistics of gRPC methods: none are kept, it does nothing */
	FILTER_LOCAL_RATE,    /* struct filter_local_rate */
	FILTER_GLOBAL_RATE,   /* struct filter_global_rate; of a route struct filter_global_rate_route */
	FILTER_HEADER_TO_METADATA,
	FILTER_JWT,       /* struct filter_jwt; of a route struct jwt_override */
	FILTER_EXT_AUTHZ, /* struct filter_ext_authz; of a route struct ext_authz_override */
	FILTER_KIND_COUNT,
};

/* The filter's name in the xDS API, "unknown" for others; static. */
const char *filter_kind_str(enum filter_kind kind);

enum tracing_provider { TRACING_ZIPKIN, TRACING_OTLP_GRPC, TRACING_OTLP_HTTP, TRACING_PROVIDER_COUNT };

/* A tag whose value is another in each span. */
struct filter_tracing_tag {
	struct slice key; /* its name as spans have it, see trace/span.h */
	struct format value;
	struct slice absent; /* what stands where the value is empty; empty = then there is no tag */
};

/*
 * Source: envoy.extensions.filters.network.http_connection_manager.v3 Tracing, envoy.config.trace.v3 ZipkinConfig and
 * OpenTelemetryConfig.
 */
struct filter_tracing {
	enum tracing_provider provider;
	struct route_cluster cluster; /* of the collector */
	struct slice authority, path; /* of its requests */
	struct slice service;         /* ours, in the spans */
	int64_t timeout_ns;           /* of its requests */
	struct trace_shares shares;
	bool short_ids;        /* new traces have identifiers of 8 bytes */
	bool shared_spans;     /* a server's span is the client's */
	bool w3c_too;          /* of Zipkin: traceparent goes beside B3 */
	struct slice constant; /* what all spans have in common, as they have it */
	struct filter_tracing_tag *tags;
	size_t n_tags;
};

struct filter_router {
	bool suppress_envoy_headers; /* none of the router's own x-envoy-... in requests and responses */
};

struct filter_fault {
	struct route_fraction delay; /* numerator 0 = no delay */
	int64_t delay_ns;
	bool delay_by_header;        /* the request says how long, and delay_ns does not count */
	bool abort_by_header;        /* the request says with which status */
	struct route_fraction abort; /* numerator 0 = no abort */
	uint16_t abort_status;
	bool abort_by_grpc;           /* abort_grpc counts, and not abort_status */
	uint8_t abort_grpc;           /* a status of gRPC */
	struct match_header *headers; /* all must match for a fault */
	size_t n_headers;
};

struct filter_cors {
	struct match_string *origins;
	size_t n_origins;
	struct slice methods, headers, expose, max_age; /* header values; empty = not sent */
	bool credentials;
	bool forward_unmatched_preflight;
	struct route_fraction enabled; /* of the requests */
};

/* An expression of an authorization policy: a tree, evaluated without allocation. */
enum rbac_op {
	RBAC_ANY,           /* always true */
	RBAC_AND,           /* kids */
	RBAC_OR,            /* kids */
	RBAC_NOT,           /* kids[0] */
	RBAC_HEADER,        /* header */
	RBAC_PATH,          /* string, on the path without the query, both folded (path_fold) */
	RBAC_DEST_IP,       /* cidr */
	RBAC_DEST_PORT,     /* port_from <= port < port_to */
	RBAC_SNI,           /* string */
	RBAC_AUTHENTICATED, /* string on the peer's SAN; any authenticated peer when any is set */
	RBAC_DIRECT_IP,     /* cidr, the connection's peer */
	RBAC_REMOTE_IP,     /* cidr, the client after x-forwarded-for */
	RBAC_METADATA,      /* metadata */
	RBAC_FILTER_STATE,  /* string, of io.istio.peer_principal */
};

struct rbac_cidr {
	struct addr address;
	unsigned prefix_bits;
};

struct rbac_expr {
	enum rbac_op op;
	bool any;
	struct rbac_expr *kids;
	size_t n_kids;
	struct match_header header;
	struct match_string string;
	struct rbac_cidr cidr;
	uint32_t port_from, port_to;
	const struct match_metadata *metadata;
};

struct rbac_policy {
	const char *name; /* "ns[foo]-policy[bar]-rule[0]" */
	struct rbac_expr permission;
	struct rbac_expr principal;
};

enum rbac_action { RBAC_ALLOW, RBAC_DENY, RBAC_LOG };

struct rbac_rules {
	enum rbac_action action;
	struct rbac_policy *policies; /* by name, as Envoy's map orders them */
	size_t n;
	bool asks_path;           /* some rule compares paths */
	struct rbac_index *index; /* NULL = walk them all */
};

struct filter_rbac {
	struct rbac_rules *rules;                  /* NULL = everything is allowed */
	struct rbac_rules *shadow;                 /* only told of, as metadata; NULL = none */
	struct slice shadow_policy, shadow_result; /* under which keys */
	bool shadow_gates;                         /* ext_authz asks about what they match */
};

#define CONFIG_RBAC_HTTP_METADATA "envoy.filters.http.rbac"
#define CONFIG_RBAC_NETWORK_METADATA "envoy.filters.network.rbac"

/* Exchange of workload metadata in the headers x-envoy-peer-metadata and x-envoy-peer-metadata-id. */
struct filter_peer_metadata {
	bool discover_downstream, discover_upstream;
	bool propagate_downstream, propagate_upstream;
};

enum stats_metric {
	STATS_REQUESTS,
	STATS_DURATION,
	STATS_REQUEST_BYTES,
	STATS_RESPONSE_BYTES,
	STATS_TCP_OPENED,
	STATS_TCP_CLOSED,
	STATS_TCP_SENT,
	STATS_TCP_RECEIVED,
	STATS_REQUEST_MESSAGES,
	STATS_RESPONSE_MESSAGES,
	STATS_METRICS,
};

/* Of all metrics of one filter together. */
#define STATS_TAGS_MAX 64

/* What is to be otherwise than the standard metrics have it. */
struct stats_changes {
	struct slice id;  /* the same for the same changes, in any configuration */
	unsigned dropped; /* bits by enum stats_metric */
	struct stats_tag {
		const char *label;
		unsigned metrics;                /* bits */
		const struct cel_program *value; /* a string over the attributes; NULL = the label is left out */
	} * tags;                                /* later ones count more */
	size_t n_tags;
};

struct filter_stats {
	bool disable_host_header_fallback;
	int64_t tcp_reporting_ns;            /* also of messages of gRPC; default 5 s */
	const struct stats_changes *changes; /* NULL = none */
};

/* What is limited here, by buckets that all workers share. */
struct filter_local_rate {
	const char *stat_prefix;
	uint16_t status;             /* of who is refused */
	struct token_bucket *bucket; /* of all requests; NULL = none. The one thing here that changes */
	struct local_rate_rule {
		struct rate_entry {
			struct slice key, value;
		} * entries; /* of the descriptor */
		size_t n_entries;
		struct token_bucket *bucket;
	} * rules; /* the slowest first */
	size_t n_rules;
	struct rate_limit *rates; /* instead of the route's; n_rates 0 = none */
	size_t n_rates;
	uint8_t stage;
	enum rate_vhost vhost;
	bool always_default; /* a request that a rule was found for takes of bucket, too */
	struct route_fraction enabled, enforced;
	bool tell;                           /* x-ratelimit-... */
	bool exhausted;                      /* gRPC hears RESOURCE_EXHAUSTED, and not UNAVAILABLE */
	const struct route_headers *headers; /* response: of who is refused; request: of who would have been; or NULL */
};

/* What is limited by a service (envoy.service.ratelimit.v3). */
struct filter_global_rate {
	const char *domain;
	struct route_cluster service; /* its cluster */
	struct slice authority;
	int64_t timeout_ns;
	uint16_t status, error_status;
	struct route_fraction enabled, enforced, deny_on_error;
	struct rate_limit *rates; /* instead of the route's; n_rates 0 = none */
	size_t n_rates;
	uint8_t stage;
	bool tell, exhausted;
	bool tell_limited;                   /* x-envoy-ratelimited */
	const struct route_headers *headers; /* response: of who is refused; or NULL */
};

struct filter_global_rate_route {
	enum rate_vhost vhost;
	const char *domain; /* "" = the filter's */
	struct rate_limit *rates;
	size_t n_rates;
};

/* Which ALPN names replace those of the upstream's TLS context, by the request's protocol. */
struct filter_alpn {
	struct slice http10, http11, http2; /* in wire form: length-prefixed names; empty = as configured */
};

#endif
