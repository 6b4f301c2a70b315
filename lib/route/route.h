/*
 * Routing tables: pure data and pure lookups. A table is one RouteConfiguration: virtual hosts by domain, routes in
 * order, each with what is to be done. It is filled once (plain structs in its arena), sealed by route_table_seal,
 * which builds the indexes, and immutable from then on. Refcounted; any thread may look up. Source:
 * envoy.config.route.v3.
 */
#ifndef ROUTE_ROUTE_H
#define ROUTE_ROUTE_H

#include "base/arena.h"
#include "base/cleanup.h"
#include "route/format.h"
#include "route/match.h"
#include "route/metadata.h"
#include "route/rate.h"

/* A name of a cluster; slot finds it without hashing: config->clusters[slot]. The table's owner assigns slots. */
struct route_cluster {
	const char *name;
	uint32_t slot;
};

/* A label of endpoints, as a route asks for it; the value is text that tells strings, numbers and booleans apart. */
struct route_label {
	struct slice key, value;
};

struct route_labels {
	struct route_label *v; /* sorted by key */
	size_t n;
};

struct route_weighted {
	struct route_cluster cluster;
	uint32_t weight;
	struct route_headers *headers;    /* NULL = none */
	struct route_override *overrides; /* filter configurations of this cluster alone */
	size_t n_overrides;
	struct slice host_rewrite;  /* empty = none */
	struct route_labels subset; /* the route's and its own */
};

enum route_header_action {
	ROUTE_HEADER_APPEND, /* append if it exists, else add */
	ROUTE_HEADER_ADD_IF_ABSENT,
	ROUTE_HEADER_OVERWRITE, /* overwrite if it exists, else add */
	ROUTE_HEADER_OVERWRITE_IF_EXISTS,
};

struct route_header_add {
	struct slice name; /* lower case */
	struct format value;
	enum route_header_action action;
	bool keep_empty;
};

/* Changes of headers; removals come first, as Envoy does it. */
struct route_headers {
	struct route_header_add *request_add;
	size_t n_request_add;
	struct slice *request_remove;
	size_t n_request_remove;
	struct route_header_add *response_add;
	size_t n_response_add;
	struct slice *response_remove;
	size_t n_response_remove;
};

/* A filter's configuration that holds for this route (virtual host, weighted cluster) alone. kind is the owner's enum.
 */
struct route_override {
	int kind;
	bool disabled;
	const void *config; /* NULL when disabled */
};

enum route_retry_on {
	ROUTE_RETRY_5XX = 1 << 0,
	ROUTE_RETRY_GATEWAY_ERROR = 1 << 1,
	ROUTE_RETRY_RESET = 1 << 2,
	ROUTE_RETRY_CONNECT_FAILURE = 1 << 3,
	ROUTE_RETRY_RETRIABLE_4XX = 1 << 4,
	ROUTE_RETRY_REFUSED_STREAM = 1 << 5,
	ROUTE_RETRY_RETRIABLE_STATUS = 1 << 6,
	ROUTE_RETRY_RETRIABLE_HEADERS = 1 << 7,
	ROUTE_RETRY_ENVOY_RATELIMITED = 1 << 8,
	ROUTE_RETRY_HTTP3_CONNECT_FAILURE = 1 << 9,
	ROUTE_RETRY_RESET_BEFORE_REQUEST = 1 << 10,
	ROUTE_RETRY_GRPC_CANCELLED = 1 << 16,
	ROUTE_RETRY_GRPC_DEADLINE_EXCEEDED = 1 << 17,
	ROUTE_RETRY_GRPC_INTERNAL = 1 << 18,
	ROUTE_RETRY_GRPC_RESOURCE_EXHAUSTED = 1 << 19,
	ROUTE_RETRY_GRPC_UNAVAILABLE = 1 << 20,
};

struct route_retry {
	uint32_t on; /* bits of enum route_retry_on */
	uint32_t num_retries;
	int64_t per_try_timeout_ns; /* 0 = none beyond the route's timeout */
	uint16_t *status;           /* retriable status codes */
	size_t n_status;
	struct match_header *headers; /* retriable response headers */
	size_t n_headers;
	int64_t backoff_base_ns; /* default 25 ms */
	int64_t backoff_max_ns;  /* default 10 x base */
	bool avoid_previous_hosts;
	uint32_t host_attempts; /* how often to choose anew to avoid a previous host; default 1 */
};

enum route_hash_kind { ROUTE_HASH_HEADER, ROUTE_HASH_COOKIE, ROUTE_HASH_SOURCE_IP, ROUTE_HASH_QUERY };

struct route_hash {
	enum route_hash_kind kind;
	bool terminal;
	struct slice name;    /* header, cookie or query parameter */
	struct slice path;    /* cookie */
	int64_t cookie_ttl_s; /* -1 = never generate one; 0 = session cookie */
};

struct route_fraction {
	uint32_t numerator, denominator; /* denominator 100, 10,000 or 1,000,000; 0 = always */
};

struct route_mirror {
	struct route_cluster cluster;
	struct route_fraction fraction;
};

enum route_path_kind {
	ROUTE_PATH_PREFIX,
	ROUTE_PATH_EXACT,
	ROUTE_PATH_REGEX,            /* the whole path without the query */
	ROUTE_PATH_SEPARATED_PREFIX, /* the path itself or followed by "/" */
	ROUTE_PATH_CONNECT,          /* method CONNECT */
};

struct route_match {
	enum route_path_kind path_kind;
	bool ignore_case;
	struct slice path;
	const struct regex *regex;
	struct match_header *headers; /* all must match */
	size_t n_headers;
	struct match_query *queries; /* all must match */
	size_t n_queries;
	struct match_metadata *metadata; /* all must match */
	size_t n_metadata;
	struct route_fraction fraction; /* denominator 0 = all */
	bool grpc_only;
};

enum route_action {
	ROUTE_ACTION_CLUSTER,        /* cluster */
	ROUTE_ACTION_WEIGHTED,       /* weighted, by a random number */
	ROUTE_ACTION_CLUSTER_HEADER, /* the request header cluster_header names the cluster */
	ROUTE_ACTION_REDIRECT,
	ROUTE_ACTION_DIRECT_RESPONSE,
	ROUTE_ACTION_TO_HTTPS, /* the virtual host asks for TLS and the request came without it */
};

struct route_redirect {
	struct slice scheme; /* empty = keep */
	bool https;          /* scheme https; port 80 is dropped */
	struct slice host;   /* empty = keep */
	uint32_t port;       /* 0 = keep */
	struct slice path;   /* whole path; empty = keep */
	struct slice prefix; /* replaces the matched prefix when has_prefix */
	bool has_prefix;
	const struct regex *regex; /* with regex_substitution, or NULL */
	struct slice regex_substitution;
	bool strip_query;
	uint16_t code; /* 301, 302, 303, 307, 308 */
};

/* What a route says of what its listener has said. */
enum route_switch { ROUTE_SWITCH_KEEP, ROUTE_SWITCH_ON, ROUTE_SWITCH_OFF };

#define ROUTE_TIMEOUT_DEFAULT_NS (15LL * 1000000000)

struct route {
	const char *name; /* never NULL; may be empty */
	struct route_match match;
	enum route_action action;

	struct route_cluster cluster;
	struct route_weighted *weighted;
	size_t n_weighted;
	uint32_t total_weight; /* > 0 when n_weighted > 0 */
	struct slice cluster_header;
	uint16_t cluster_missing_code; /* 503 (default) or 404, 500 */

	struct route_redirect *redirect;
	uint16_t direct_code;
	struct slice direct_body;

	/* Rewriting of the path and the host towards the upstream. */
	struct slice prefix_rewrite; /* replaces what match.path matched, when has_prefix_rewrite */
	bool has_prefix_rewrite;
	const struct regex *regex_rewrite; /* or NULL */
	struct slice regex_substitution;
	struct slice host_rewrite; /* literal; empty = keep */
	struct slice host_rewrite_header;
	bool auto_host_rewrite; /* the endpoint's host name */
	bool any_endpoint;      /* an original destination that is no endpoint of the cluster does not bind */
	enum route_switch websocket, connect; /* upgrades */
	struct route_labels subset;           /* labels that the endpoint must have */
	struct rate_limit *rates;
	size_t n_rates;
	bool include_vhost_rates; /* the virtual host's, too, whatever a filter says */
	bool connect_ends_here;   /* CONNECT opens a tunnel of bare bytes to the endpoint */

	int64_t timeout_ns;             /* whole exchange; 0 = none */
	int64_t idle_timeout_ns;        /* -1 = as the connection manager says; 0 = none */
	int64_t max_stream_duration_ns; /* 0 = none */
	int64_t grpc_timeout_max_ns; /* -1 = grpc-timeout is not looked at; 0 = taken as it is; else its upper bound */
	const struct route_retry *retry; /* the virtual host's if the route has none; NULL = none */
	struct route_hash *hashes;
	size_t n_hashes;
	struct route_mirror *mirrors;
	size_t n_mirrors;

	const struct route_headers *headers; /* NULL = none */
	struct route_override *overrides;
	size_t n_overrides;
	const char *operation;   /* decorator, for tracing; NULL = none */
	const char *config_path; /* metadata istio.config; NULL = none */
	const struct route_vhost *vhost;
	uint32_t index; /* of this route in its table, for per-worker counters: 0..table->n_routes-1 */
};

struct route_vhost {
	const char *name;
	const char **domains;
	size_t n_domains;
	struct route *routes;
	size_t n_routes;
	const struct route_headers *headers;
	const struct route_retry *retry;
	struct rate_limit *rates;
	size_t n_rates;
	struct route_override *overrides;
	size_t n_overrides;
	bool require_tls_external, require_tls_all;
	bool include_attempt_count;
	struct route *to_https;    /* made by route_table_seal where TLS is required; NULL = it is not */
	struct route_paths *paths; /* built by route_table_seal; NULL for a short list */
};

struct route_table {
	int refs; /* atomic */
	const char *name;
	struct route_vhost *vhosts;
	size_t n_vhosts;
	const struct route_headers *headers;
	bool most_specific_headers_win;
	bool ignore_port_in_host;
	struct route_override *overrides;
	size_t n_overrides;
	uint32_t n_routes;
	uint64_t hash; /* of the bytes it was built from */
	struct arena arena;
	struct route_domains *domains; /* built by route_table_seal */
};

/* An empty table with one reference; fill it, then seal it. Never NULL. */
struct route_table *route_table_new(void);
/* One more reference; any thread. */
struct route_table *route_table_ref(struct route_table *t);
/* NULL is fine. */
void route_table_unref(struct route_table *t);
DEFINE_CLEANUP(struct route_table *, route_table_unref)

/*
 * Builds the indexes and checks: a domain may occur once ("duplicate domain"), wildcards only at one end. Returns 0 or
 * -EINVAL with the place and the reason.
 */
int route_table_seal(struct route_table *t, struct err *e);

/* What a lookup may ask. Nothing of it is kept. */
struct route_request {
	struct slice authority; /* Host or :authority */
	struct slice path;      /* with the query */
	struct slice method;
	struct slice scheme; /* as the client sees it; anything but "https" came without TLS */
	/* The value of a request header by its lower-case name (also pseudo headers); ptr NULL = absent. */
	struct slice (*header)(const void *ctx, struct slice name);
	const void *ctx;
	const struct metadata *metadata; /* what filters found out; NULL = nothing */
	bool grpc;                       /* content-type application/grpc */
	uint64_t random;                 /* for fractions */
};

/* The virtual host of an authority: exact, longest suffix "*.x", longest prefix "x.*", "*"; NULL = none. Any case. */
const struct route_vhost *route_vhost_find(const struct route_table *t, struct slice authority);

/* The first route that matches, or NULL. A virtual host that requires TLS has one route for all requests without it. */
const struct route *route_find(const struct route_table *t, const struct route_request *rq);

/* Whether a request is one that the match means. */
bool route_match_test(const struct route_match *m, const struct route_request *rq);

/* Chooses a weighted cluster; random is uniform over 64 bits. */
const struct route_weighted *route_pick_weighted(const struct route *r, uint64_t random);

/* All labels of a, and those of b whose keys a has not; sorted, the array is the arena's. */
struct route_labels route_labels_merge(const struct route_labels *a, const struct route_labels *b, struct arena *arena);

/* Whether a random number falls in the fraction. */
bool route_fraction_hit(struct route_fraction f, uint64_t random);

/*
 * The path for the upstream, after rewrites; path itself when there is none. The result is path or in the arena.
 */
struct slice route_rewrite_path(const struct route *r, struct slice path, struct arena *a);

/* The Location of a redirect route. scheme as seen by the client ("http", "https"). The result is in the arena. */
struct slice route_redirect_location(const struct route *r, struct slice scheme, struct slice authority,
				     struct slice path, struct arena *a);

/* The value of a query parameter of a path (first one), not decoded; ptr NULL = absent. */
struct slice route_query_param(struct slice path, struct slice name);

/* The override of a kind: weighted cluster, route, virtual host, table, in this order; NULL = none. w may be NULL. */
const struct route_override *route_override_find(const struct route_table *t, const struct route *r,
						 const struct route_weighted *w, int kind);

#endif
