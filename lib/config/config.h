/*
 * The runtime configuration of the proxy: an immutable tree built from xDS resources by build_*.c and handed to each
 * worker. Unchanged parts are shared by reference between one config and the next, so "same pointer" means "nothing
 * changed". Whoever keeps a config (or a part that has refs) beyond a call takes a reference; the last one frees it.
 * References are atomic: take them per swap and per connection, not per request.
 *
 * Clusters, route tables and secrets are named by resources that may not have arrived, and change on their own. Each
 * name has a slot, a small number that it keeps as long as anything mentions it or is called so, in this config or in
 * one that is still in use: config->clusters[slot] finds it without hashing, and a worker's own state (pools, balancer)
 * is an array with the same index.
 *
 *   config
 *     listeners[]   -> chains[] -> filters: HTTP connection manager (-> route slot) or TCP proxy (-> cluster slot)
 *     routes[slot]  -> struct route_table (lib/route) or NULL
 *     clusters[slot]-> spec (from CDS), endpoints (from EDS, DNS, or the spec itself)
 *     secrets[slot] -> certificate chain and key, or trusted roots
 *     node          -> who we are, for telemetry and metadata exchange
 */
#ifndef CONFIG_CONFIG_H
#define CONFIG_CONFIG_H

#include "balance/balance.h"
#include "balance/outlier.h"
#include "cel/cel.h"
#include "net/socket.h"
#include "net/tls.h"
#include "config/config_filter.h"
#include "route/route.h"

#define CONFIG_NO_SLOT UINT32_MAX

/* A reference to a resource by name. */
struct config_ref {
	const char *name;
	uint32_t slot; /* CONFIG_NO_SLOT = none */
};

/* ---- secrets and TLS ---- */

/* What an SDS name stands for at this moment. PEM; never logged. */
struct config_secret {
	int refs;
	const char *name;
	uint64_t generation;     /* unique in this process: compare to see that it changed */
	struct slice cert_chain; /* leaf first; empty for a validation context */
	struct slice private_key;
	struct slice trusted_ca; /* roots; empty for a certificate */
	struct arena arena;
};

enum config_tls_version { CONFIG_TLS_AUTO, CONFIG_TLS_1_0, CONFIG_TLS_1_1, CONFIG_TLS_1_2, CONFIG_TLS_1_3 };

/* A subject alternative name that the peer may have. */
struct config_san {
	struct match_string name;
	enum tls_san_type type;
};

/*
 * Settings of a TLS transport, for either side. Key material is found through the secret slots in the current config,
 * so that a rotated certificate does not touch listeners and clusters: a TLS context is cached by (this pointer, the
 * generations of its secrets).
 */
struct config_tls {
	bool is_server;
	struct config_ref cert;       /* slot CONFIG_NO_SLOT = none (client without certificate) */
	struct config_ref validation; /* none = peer's certificate is not verified */
	struct config_san *sans;      /* the peer must have one of them; n_sans 0 = any valid certificate */
	size_t n_sans;
	struct slice alpn; /* in wire form: length-prefixed names, in order of preference */
	struct slice sni;  /* client: server name to send; empty = none */
	bool auto_sni;     /* client: the Host header of the request that opens the connection */
	bool require_client_certificate;
	enum config_tls_version min_version, max_version;
	struct slice ciphers; /* OpenSSL's list for TLS <= 1.2; empty = default */
	struct slice curves;
	bool insecure_skip_verify;
	uint64_t hash; /* of the bytes it was made from: the same hash, the same settings */
};

/* ---- clusters ---- */

enum config_cluster_type {
	CONFIG_CLUSTER_STATIC,
	CONFIG_CLUSTER_EDS,
	CONFIG_CLUSTER_STRICT_DNS,
	CONFIG_CLUSTER_LOGICAL_DNS,
	CONFIG_CLUSTER_ORIGINAL_DST, /* the endpoint is the connection's original destination */
};

/* What an original destination means to a cluster whose endpoints are known (metadata weft.original_dst). */
enum config_original {
	CONFIG_ORIGINAL_IGNORED, /* endpoints are balanced */
	CONFIG_ORIGINAL_FIRST,   /* the endpoint of that address, else a balanced one */
	CONFIG_ORIGINAL_ONLY,    /* the endpoint of that address and no other, unless the route says any will do */
	CONFIG_ORIGINAL_DIAL,    /* the endpoint of that address, else the address itself */
};

/* Of the protocols of HTTP, in either direction; 0 = default. */
struct config_http {
	uint32_t max_streams;                       /* at once on one connection of HTTP/2 */
	uint32_t stream_window, connection_window;  /* bytes */
	uint32_t ping_interval_ms, ping_timeout_ms; /* interval 0 = no pings */
	bool connect;                               /* extended CONNECT may be asked for (RFC 8441) */
	bool trailers;                              /* HTTP/1.1 has trailers */
	bool proper_case;                           /* HTTP/1.1: names are sent as "Content-Type" */
};

enum config_upstream_protocol {
	CONFIG_UPSTREAM_HTTP1,
	CONFIG_UPSTREAM_HTTP2,
	CONFIG_UPSTREAM_DOWNSTREAM, /* as the client speaks */
	CONFIG_UPSTREAM_AUTO,       /* by ALPN */
};

/* Limits per worker-shared cluster; UINT32_MAX = unlimited. */
struct config_breakers {
	uint32_t max_connections;      /* default 1024 */
	uint32_t max_pending_requests; /* default 1024 */
	uint32_t max_requests;         /* default 1024 */
	uint32_t max_retries;          /* default 3; where there is a budget it does not count */
	/* As many retries at once as this part of the requests under way, and retries_min in any case. */
	bool retry_budget;
	double retry_percent; /* 0 to 100, default 20 */
	uint32_t retries_min; /* default 3 */
};

/* A way to talk to endpoints; the first whose labels all equal the endpoint's applies. */
struct config_transport {
	const char *name; /* "tlsMode-istio" */
	struct config_label {
		const char *key, *value;
	} * labels;
	size_t n_labels;
	const struct config_tls *tls; /* NULL = plain */
	uint8_t proxy_version;        /* of the PROXY header that goes before; 0 = none */
};

/* ---- health checks ---- */

/* Of what a TCP check wants to receive, all together. */
#define CONFIG_HEALTH_RECEIVE_MAX 1024

enum config_health_kind { CONFIG_HEALTH_HTTP, CONFIG_HEALTH_TCP, CONFIG_HEALTH_GRPC };

struct config_status_range {
	uint16_t from, to; /* from <= status < to */
};

struct config_field {
	struct slice name, value;
};

/* What each endpoint is asked from time to time; it is used when it answers well. */
struct config_health {
	enum config_health_kind kind;
	int64_t timeout_ns;  /* of one check, the connection included */
	int64_t interval_ns; /* from one check to the next, of a healthy endpoint; the others as named */
	int64_t unhealthy_ns, unhealthy_edge_ns, healthy_edge_ns;
	int64_t no_traffic_ns, no_traffic_healthy_ns; /* while nobody has used the cluster */
	int64_t initial_jitter_ns, jitter_ns;
	uint32_t jitter_percent;
	uint32_t unhealthy_threshold, healthy_threshold; /* in a row */
	uint16_t port;                                   /* 0 = the endpoint's */
	struct slice alpn;                               /* in wire form; empty = as configured */
	bool http2;
	struct slice host, path, method; /* host empty = the endpoint's name or the cluster's */
	struct config_field *fields;
	size_t n_fields;
	struct config_status_range *expected; /* n_expected 0 = 200 */
	size_t n_expected;
	struct config_status_range *retriable; /* a failure, but not one that counts at once */
	size_t n_retriable;
	struct slice service; /* gRPC */
	struct slice send;    /* TCP */
	struct slice *receive;
	size_t n_receive;
};

/* ---- subsets ---- */

/* Labels that one selector looks at. */
#define CONFIG_SUBSET_KEYS_MAX 16

/* What is used when no endpoint has what a route asks for. */
enum config_fallback {
	CONFIG_FALLBACK_CLUSTER, /* of a selector: as the cluster says */
	CONFIG_FALLBACK_NONE,
	CONFIG_FALLBACK_ANY,
	CONFIG_FALLBACK_DEFAULT, /* those with default_labels */
	CONFIG_FALLBACK_KEYS,    /* of a selector: fewer of the labels count */
};

struct config_selector {
	struct slice *keys; /* sorted */
	size_t n_keys;
	enum config_fallback fallback;
	struct slice *fallback_keys; /* sorted, some of keys */
	size_t n_fallback_keys;
};

struct config_subsets {
	enum config_fallback fallback;
	struct route_labels default_labels;
	struct config_selector *selectors;
	size_t n_selectors;
	bool lists; /* an endpoint's list of values is each of them */
};

/* A service that a cluster stands for: labels destination_service, _name, _namespace. */
struct config_service {
	const char *host, *name, *namespace_;
};

struct config_cluster_spec {
	int refs; /* owns all that it points to */
	uint64_t hash;
	const char *name;
	const char *alt_stat_name; /* or name */
	const char *eds_name;      /* the name to subscribe to; cluster name by default */
	enum config_cluster_type type;
	enum config_original original;
	int64_t connect_timeout_ns; /* default 5 s */
	struct config_breakers breakers;
	struct balance_settings balance;
	struct outlier_settings outlier;
	const struct config_health *health;   /* NULL = none */
	const struct config_subsets *subsets; /* NULL = none */
	int64_t slow_start_ns;                /* an endpoint that is new gets its share step by step; 0 = at once */
	double slow_start_aggression;         /* 1 = evenly; more = faster at first */
	uint32_t slow_start_min_percent;
	const struct config_transport *transports; /* never empty: the last one has no labels */
	size_t n_transports;
	const struct config_transport *to_pods; /* for an original destination in config.pods; NULL = as for others */

	enum config_upstream_protocol protocol;
	uint32_t max_requests_per_connection; /* 0 = no limit */
	int64_t idle_timeout_ns;              /* default 1 h; 0 = none */
	int64_t max_connection_duration_ns;   /* 0 = none */
	struct config_http http;
	bool auto_sni, auto_san_validation;
	bool peer_exchange; /* metadata exchange with servers by ALPN istio-peer-exchange, plain TCP */
	uint32_t per_connection_buffer_bytes; /* 0 = default */

	struct addr bind_source; /* len 0 = none; 127.0.0.6 for inbound */
	bool keepalive;
	int keepalive_probes, keepalive_time_s, keepalive_interval_s; /* 0 = the kernel's */

	uint16_t original_dst_port; /* replaces the port of the original destination; 0 = keep */
	int64_t dns_refresh_ns;     /* default 5 s */
	bool dns_v4_only, dns_v6_only;

	struct config_service *services;
	size_t n_services;
	const char *config_path; /* metadata istio.config */
	const char *subset;      /* metadata istio.subset */
	struct arena arena;
};

struct config_endpoint {
	struct addr address;
	const char *hostname; /* or NULL */
	uint32_t weight, priority, locality, locality_weight;
	bool healthy, degraded;
	const struct config_transport *transport; /* chosen by its labels; in the cluster's spec */
	/* From metadata istio.workload "workload;namespace;canonical name;revision;cluster"; NULL = unknown. */
	const char *workload, *workload_namespace, *canonical_name, *canonical_revision, *cluster_id;
	const char *region, *zone, *sub_zone;
	struct route_labels labels; /* for subsets */
	bool unchecked;             /* health checks pass it over */
	uint16_t check_port;        /* 0 = its own */
	const char *check_host;     /* NULL = its name */
	uint64_t key;               /* hash of the address: equal in one set and the next for the same endpoint */
};

struct config_endpoints {
	int refs;
	uint64_t hash;
	struct config_endpoint *v;
	size_t n;
	uint32_t overprovisioning_percent; /* 0 = the spec's */
	struct config_cluster_spec *spec;  /* a reference: transports point into it */
	struct arena arena;
};

struct config_cluster {
	struct config_cluster_spec *spec;   /* NULL = there is no such cluster (response flag NC) */
	struct config_endpoints *endpoints; /* never NULL when spec is set; may be empty */
};

/* ---- listeners ---- */

enum config_log_kind { CONFIG_LOG_OTLP, CONFIG_LOG_HTTP, CONFIG_LOG_TCP };

struct config_log_label {
	struct slice name;
	struct format value;
};

/* Where lines go that no file takes: a service over gRPC, of OTLP's logs or Envoy's AccessLogService. */
struct config_log_service {
	enum config_log_kind kind;
	struct route_cluster cluster;
	struct slice authority;
	struct slice name;  /* of the log, which the service is told */
	int64_t timeout_ns; /* of a report */
	int64_t wait_ns;    /* longest that a line waits for others */
	size_t send_bytes;  /* as many do not wait */
	/* OTLP; the body is the log's format. */
	bool own_labels; /* the proxy says who it is and the log's name */
	struct config_log_label *labels;
	size_t n_labels;
	struct config_log_pair {
		struct slice name, value;
	} * resource;
	size_t n_resource;
	/* AccessLogService; names in small letters. */
	struct slice *request_headers, *response_headers, *response_trailers;
	size_t n_request_headers, n_response_headers, n_response_trailers;
};

/* A field of responses, or of their trailers, that logs ask for when the response is gone. */
struct config_log_field {
	struct slice name; /* in small letters */
	bool trailer;
};

/* What is logged (AccessLogFilter). */
struct config_log_filter {
	enum {
		CONFIG_LOG_ALL, /* of the filters below; of none: everything */
		CONFIG_LOG_ANY, /* likewise; of none: nothing */
		CONFIG_LOG_STATUS,
		CONFIG_LOG_DURATION,
		CONFIG_LOG_FLAGS,
		CONFIG_LOG_GRPC,
		CONFIG_LOG_HEADER,
		CONFIG_LOG_EXPRESSION,
	} kind;
	enum { CONFIG_LOG_EQ, CONFIG_LOG_GE, CONFIG_LOG_LE, CONFIG_LOG_NE } compare;
	uint32_t value;                       /* that is compared with: a status, or milliseconds */
	uint32_t flags;                       /* enum response_flag: one of these */
	uint32_t statuses;                    /* of gRPC, a bit each */
	bool other_statuses;                  /* but those */
	struct match_header header;           /* of the request */
	const struct cel_program *expression; /* over the attributes of the exchange */
	struct config_log_filter *of;         /* n, of ALL and ANY */
	size_t n;
};

struct config_access_log {
	const struct config_log_service *service; /* NULL = a file */
	struct format format;                     /* lines end with "\n" as configured */
	bool json;        /* format holds one part list per member, already laid out as JSON text */
	const char *path; /* "/dev/stdout" */
	const struct config_log_filter *filter; /* NULL = everything is logged */
};

enum config_codec { CONFIG_CODEC_AUTO, CONFIG_CODEC_HTTP1, CONFIG_CODEC_HTTP2 };

enum config_forward_cert {
	CONFIG_XFCC_SANITIZE,
	CONFIG_XFCC_FORWARD_ONLY,
	CONFIG_XFCC_APPEND_FORWARD,
	CONFIG_XFCC_SANITIZE_SET,
	CONFIG_XFCC_ALWAYS_FORWARD_ONLY,
};

struct config_http_filter {
	enum filter_kind kind;
	const char *name;
	const void *config; /* struct of the kind, NULL when it has none */
};

/* HTTP connection manager. */
struct config_hcm {
	const char *stat_prefix;
	enum config_codec codec;
	struct config_ref rds;      /* or */
	struct route_table *routes; /* given in place; a reference */
	struct config_http_filter *filters;
	size_t n_filters;
	struct config_access_log *logs;
	size_t n_logs;
	struct config_log_field *log_fields;
	size_t n_log_fields;
	bool keep_head, keep_trailers; /* expressions of logs or labels ask for the response's */

	struct slice server_name; /* default "envoy" */
	bool server_pass_through, server_append_if_absent;
	int64_t stream_idle_timeout_ns;       /* default 5 min; 0 = none */
	int64_t request_timeout_ns;           /* 0 = none */
	int64_t request_headers_timeout_ns;   /* 0 = none */
	int64_t idle_timeout_ns;              /* default 1 h; 0 = none */
	int64_t drain_timeout_ns;             /* default 5 s */
	int64_t max_stream_duration_ns;       /* 0 = none */
	int64_t max_connection_duration_ns;   /* 0 = none */
	uint32_t max_requests_per_connection; /* 0 = no limit */
	uint32_t max_headers_bytes;           /* default 60 KiB */
	uint32_t max_headers;                 /* default 100 */

	bool use_remote_address;
	uint32_t xff_num_trusted_hops;
	bool skip_xff_append;
	bool generate_request_id, preserve_external_request_id, request_id_in_response;
	enum config_forward_cert forward_cert;
	bool xfcc_subject, xfcc_dns, xfcc_uri;
	bool normalize_path, merge_slashes;
	int escaped_slashes; /* 0 implementation default (keep), 1 keep, 2 reject, 3 unescape and redirect, 4 unescape
			      */
	bool websocket, connect; /* upgrades allowed */
	bool strip_matching_port, strip_any_port;
	bool accept_http10;
	struct slice http10_host;
	bool proxy_100_continue; /* Expect: 100-continue is the upstream's to answer */
	struct config_http http;
};

struct config_tcp_proxy {
	const char *stat_prefix;
	struct config_ref cluster; /* or */
	struct route_weighted *weighted;
	size_t n_weighted;
	uint32_t total_weight;
	int64_t idle_timeout_ns; /* default 1 h; 0 = none */
	int64_t max_connection_duration_ns;
	uint32_t max_connect_attempts; /* default 1 */
	bool hash_source_ip;
	struct route_labels subset; /* labels that the endpoint must have */
	bool any_endpoint;          /* an original destination that is no endpoint of the cluster does not bind */
	struct config_access_log *logs;
	size_t n_logs;
	const struct filter_stats *stats; /* NULL = no istio_tcp_* metrics */
	bool peer_exchange;               /* metadata exchange by ALPN istio-peer-exchange */
	const struct filter_rbac **rbac;  /* network RBAC filters, in order */
	size_t n_rbac;
	const struct filter_ext_authz *ext_authz; /* asked about the connection behind these; NULL = nobody is */
	const char *config_path;
};

struct config_cidr {
	struct addr address;
	unsigned prefix_bits;
};

enum config_source_type { CONFIG_SOURCE_ANY, CONFIG_SOURCE_SAME_IP_OR_LOOPBACK, CONFIG_SOURCE_EXTERNAL };

/* When a chain applies. Empty lists and 0 mean "any". */
struct config_chain_match {
	uint32_t port; /* destination port */
	struct config_cidr *prefixes;
	size_t n_prefixes;
	struct slice *server_names; /* lower case; "*.x" is a suffix */
	size_t n_server_names;
	struct slice transport; /* "tls", "raw_buffer", or empty */
	struct slice *alpn;
	size_t n_alpn;
	enum config_source_type source_type;
	struct config_cidr *source_prefixes;
	size_t n_source_prefixes;
	uint32_t *source_ports;
	size_t n_source_ports;
};

struct config_chain {
	const char *name;
	struct config_chain_match match;
	const struct config_tls *tls; /* NULL = plain */
	const struct config_hcm *hcm; /* exactly one of hcm and tcp is set */
	const struct config_tcp_proxy *tcp;
	/* Network filters that stand before either of them. */
	const struct filter_rbac **rbac;
	size_t n_rbac;
	const struct filter_ext_authz *ext_authz; /* before tcp; NULL = none */
	struct token_bucket **rates;              /* a connection takes one of each */
	size_t n_rates;
	bool peer_exchange;               /* metadata exchange by ALPN istio-peer-exchange */
	const struct filter_stats *stats; /* for tcp, the same as tcp->stats */
	int64_t handshake_timeout_ns;     /* 0 = 15 s */
	const struct config_listener *listener;
	uint32_t index; /* in its listener; the default chain has index n_chains */
};

enum config_direction { CONFIG_DIRECTION_NONE, CONFIG_INBOUND, CONFIG_OUTBOUND };

struct config_port_range {
	uint32_t from, to; /* from <= port < to */
};

/* A listener filter that looks at the first bytes, and the destination ports for which it is switched off. */
struct config_sniff {
	bool on;
	struct config_port_range *off_ports;
	size_t n_off_ports;
};

struct config_listener {
	int refs; /* owns all that it points to */
	uint64_t hash;
	const char *name;
	struct addr address;   /* or a Unix socket's */
	uint32_t socket_mode;  /* permissions of a Unix socket's file; 0 = as the process makes files */
	bool bind_to_port;     /* false: reached through original-destination listeners only */
	bool use_original_dst; /* hands a connection to the listener of its original destination */
	bool original_dst;     /* listener filter: SO_ORIGINAL_DST gives the destination */
	bool transparent;
	enum config_direction direction;
	struct config_sniff tls_inspector, http_inspector;
	struct config_proxy {
		bool on;
		bool optional;    /* who begins otherwise is taken as it is */
		uint8_t refused;  /* versions, bit 1 << n */
	} proxy_protocol;         /* the client's address comes in a PROXY header */
	int64_t sniff_timeout_ns; /* default 15 s (Istio sends 0 = none or 5 s) */
	bool continue_on_sniff_timeout;
	struct config_chain *chains;
	size_t n_chains;
	struct config_chain *default_chain;   /* or NULL: the connection is closed (NR) */
	uint32_t per_connection_buffer_bytes; /* 0 = default */
	int backlog;                          /* 0 = default */
	struct config_access_log *logs;       /* of connections that no chain takes */
	size_t n_logs;
	struct chain_index *chain_index; /* config_chain.c */
	struct arena arena;
};

/* ---- node ---- */

enum node_type { NODE_SIDECAR, NODE_ROUTER };

/* Who this proxy is. Strings are never NULL; what is not known is empty. */
struct config_node {
	int refs;
	enum node_type type;
	const char *id, *cluster;      /* xDS node id and cluster */
	const char *name, *namespace_; /* pod */
	const char *ip;
	const char *workload, *owner, *app, *version, *canonical_name, *canonical_revision;
	const char *cluster_id, *mesh_id, *network, *service_account, *trust_domain, *istio_version;
	const char *principal; /* spiffe://... of our own certificate, empty until there is one */
	const char *region, *zone, *sub_zone;
	struct slice peer_metadata;       /* protobuf Struct for exchange with peers */
	const char *peer_metadata_header; /* the same in base64: value of x-envoy-peer-metadata */
	struct arena arena;
};

/* ---- the whole ---- */

struct config {
	int refs;
	uint64_t version; /* grows with each config of this process */
	struct config_node *node;
	struct config_listener **listeners; /* sorted by port */
	size_t n_listeners;
	struct config_listener **by_name; /* the same, sorted by name */
	struct route_table **routes;      /* by slot; NULL = not there (yet) */
	size_t n_routes;
	struct config_cluster *clusters; /* by slot */
	size_t n_clusters;
	struct config_secret **secrets; /* by slot; NULL = not there (yet) */
	size_t n_secrets;
	struct config_pods *pods;   /* a reference: which addresses of pods take mutual TLS; NULL = none */
	struct config_names *names; /* a reference: slots by name */
};

/* One more reference; any thread. */
struct config_pods *config_pods_ref(struct config_pods *p);
/* Gives a reference back; the last one leaves the blocks to those who share them. NULL is fine; any thread. */
void config_pods_unref(struct config_pods *p);
/* Does the pod that has the address take the mesh's mutual TLS at its port? NULL: no. Pure; any thread. */
bool config_pods_mutual(const struct config_pods *p, const struct addr *to);

/* One more reference; any thread. */
struct config *config_ref(struct config *c);
/* Frees the tree with the last reference; parts that others share stay. NULL is fine. From any thread. */
void config_unref(struct config *c);
DEFINE_CLEANUP(struct config *, config_unref)

struct config_listener *config_listener_ref(struct config_listener *l);
/* Gives a reference back; the last frees the listener with its chains. NULL is fine; any thread. */
void config_listener_unref(struct config_listener *l);
/* One more reference; any thread. */
struct config_cluster_spec *config_cluster_spec_ref(struct config_cluster_spec *s);
/* Gives a reference back; the last frees it. NULL is fine; any thread. */
void config_cluster_spec_unref(struct config_cluster_spec *s);
/* One more reference; any thread. */
struct config_endpoints *config_endpoints_ref(struct config_endpoints *e);
/* Gives a reference back; the last frees it and leaves its spec. NULL is fine; any thread. */
void config_endpoints_unref(struct config_endpoints *e);
/* One more reference; any thread. */
struct config_secret *config_secret_ref(struct config_secret *s);
/* Gives a reference back; the last wipes the private key and frees it. NULL is fine; any thread. */
void config_secret_unref(struct config_secret *s);
/* One more reference; any thread. */
struct config_node *config_node_ref(struct config_node *n);
/* Gives a reference back; the last frees it. NULL is fine; any thread. */
void config_node_unref(struct config_node *n);

/* By slot; spec is NULL in the result when there is no such cluster. Slots beyond the array are fine. */
static inline struct config_cluster config_cluster_get(const struct config *c, uint32_t slot)
{
	return slot < c->n_clusters ? c->clusters[slot] : (struct config_cluster){NULL, NULL};
}

/* By name (cluster_header routes, admin): the slot, or CONFIG_NO_SLOT. Thread-safe. */
uint32_t config_cluster_slot(const struct config *c, struct slice name);

/* The route table of a connection manager, or NULL when its RDS resource has not arrived. Borrowed from c. */
static inline struct route_table *config_routes_of(const struct config *c, const struct config_hcm *hcm)
{
	if (hcm->routes)
		return hcm->routes;
	return hcm->rds.slot < c->n_routes ? c->routes[hcm->rds.slot] : NULL;
}

static inline struct config_secret *config_secret_get(const struct config *c, struct config_ref ref)
{
	return ref.slot < c->n_secrets ? c->secrets[ref.slot] : NULL;
}

/* The listener of that name, or NULL. Pure; any thread. */
struct config_listener *config_listener_named(const struct config *c, const char *name);

/* What is known of a connection when its chain is chosen. */
struct chain_input {
	const struct addr *destination; /* the original destination if there is one, else the local address */
	const struct addr *source;
	struct slice server_name; /* SNI, lower case; empty = none */
	bool tls;                 /* the first bytes are a ClientHello */
	const struct slice *alpn; /* names offered, or "http/1.1", "h2c" found by looking at plain bytes */
	size_t n_alpn;
};

/*
 * The chain for a connection in Envoy's order of criteria (port, address, server name, transport, ALPN, source); the
 * default chain when none matches; NULL when there is none either. Pure; any thread.
 */
const struct config_chain *config_chain_find(const struct config_listener *l, const struct chain_input *in);

/*
 * The listener that takes a connection accepted by a use_original_dst listener: the one of that very address, else of
 * the wildcard address with that port; NULL = the accepting listener itself. Pure; any thread.
 */
struct config_listener *config_listener_for(const struct config *c, const struct addr *original_dst);

/* Whether a sniffing listener filter looks at connections to this destination port. */
bool config_sniff_applies(const struct config_sniff *s, uint16_t port);

/* Whether an address lies in a range; IPv4 and IPv4-mapped addresses are the same. */
bool config_cidr_has(const struct config_cidr *cidr, const struct addr *a);

#endif
