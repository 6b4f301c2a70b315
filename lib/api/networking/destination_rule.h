/* DestinationRule: networking.istio.io. */
#ifndef API_NETWORKING_DESTINATION_RULE_H
#define API_NETWORKING_DESTINATION_RULE_H

#include "api/networking/workload.h"

enum istio_load_balancer_settings_simple_lb {
	ISTIO_LOAD_BALANCER_SETTINGS_SIMPLE_LB_UNSPECIFIED = 0,
	ISTIO_LOAD_BALANCER_SETTINGS_SIMPLE_LB_LEAST_CONN = 1,
	ISTIO_LOAD_BALANCER_SETTINGS_SIMPLE_LB_RANDOM = 2,
	ISTIO_LOAD_BALANCER_SETTINGS_SIMPLE_LB_PASSTHROUGH = 3,
	ISTIO_LOAD_BALANCER_SETTINGS_SIMPLE_LB_ROUND_ROBIN = 4,
	ISTIO_LOAD_BALANCER_SETTINGS_SIMPLE_LB_LEAST_REQUEST = 5,
};
extern const struct msg_enum istio_load_balancer_settings_simple_lb_names;

enum istio_connection_pool_settings_http_settings_h2_upgrade_policy {
	ISTIO_CONNECTION_POOL_SETTINGS_HTTP_SETTINGS_H2_UPGRADE_POLICY_DEFAULT = 0,
	ISTIO_CONNECTION_POOL_SETTINGS_HTTP_SETTINGS_H2_UPGRADE_POLICY_DO_NOT_UPGRADE = 1,
	ISTIO_CONNECTION_POOL_SETTINGS_HTTP_SETTINGS_H2_UPGRADE_POLICY_UPGRADE = 2,
};
extern const struct msg_enum istio_connection_pool_settings_http_settings_h2_upgrade_policy_names;

enum istio_client_tls_settings_tl_smode {
	ISTIO_CLIENT_TLS_SETTINGS_TL_SMODE_DISABLE = 0,
	ISTIO_CLIENT_TLS_SETTINGS_TL_SMODE_SIMPLE = 1,
	ISTIO_CLIENT_TLS_SETTINGS_TL_SMODE_MUTUAL = 2,
	ISTIO_CLIENT_TLS_SETTINGS_TL_SMODE_ISTIO_MUTUAL = 3,
};
extern const struct msg_enum istio_client_tls_settings_tl_smode_names;

/* Load balancer settings consistent hash lbhttp cookie. */
struct istio_load_balancer_settings_consistent_hash_lb_http_cookie {
	const char *name;
	const char *path;
	int64_t *ttl; /* ns */
};

/* Load balancer settings consistent hash balancer ring hash. */
struct istio_load_balancer_settings_consistent_hash_lb_ring_hash {
	int64_t minimum_ring_size;
};

/* Load balancer settings consistent hash balancer mag lev. */
struct istio_load_balancer_settings_consistent_hash_lb_mag_lev {
	int64_t table_size;
};

/* Load balancer settings consistent hash balancer. */
struct istio_load_balancer_settings_consistent_hash_lb {
	const char *http_header_name;
	struct istio_load_balancer_settings_consistent_hash_lb_http_cookie *http_cookie;
	bool *use_source_ip;
	const char *http_query_parameter_name;
	struct istio_load_balancer_settings_consistent_hash_lb_ring_hash *ring_hash;
	struct istio_load_balancer_settings_consistent_hash_lb_mag_lev *maglev;
	int64_t minimum_ring_size;
};

/* Locality load balancer setting distribute. */
struct istio_locality_load_balancer_setting_distribute {
	const char *from;
	cJSON *to;
};

/* Locality load balancer setting failover. */
struct istio_locality_load_balancer_setting_failover {
	const char *from;
	const char *to;
};

/* Locality load balancer setting. */
struct istio_locality_load_balancer_setting {
	LIST(struct istio_locality_load_balancer_setting_distribute) distribute;
	LIST(struct istio_locality_load_balancer_setting_failover) failover;
	LIST(const char *) failover_priority;
	bool *enabled;
};

/* How an endpoint is chosen. */
struct istio_load_balancer_settings {
	int *simple; /* enum istio_load_balancer_settings_simple_lb */
	struct istio_load_balancer_settings_consistent_hash_lb *consistent_hash;
	struct istio_locality_load_balancer_setting *locality_lb_setting;
	int64_t *warmup_duration_secs; /* ns */
};

/* Connection pool settings TCP settings TCP keepalive. */
struct istio_connection_pool_settings_tcp_settings_tcp_keepalive {
	uint32_t probes;
	int64_t *time;     /* ns */
	int64_t *interval; /* ns */
};

/* Settings: connection pool settings TCP. */
struct istio_connection_pool_settings_tcp_settings {
	int32_t max_connections;
	int64_t *connect_timeout; /* ns */
	struct istio_connection_pool_settings_tcp_settings_tcp_keepalive *tcp_keepalive;
	int64_t *max_connection_duration; /* ns */
};

/* Settings: connection pool settings HTTP. */
struct istio_connection_pool_settings_http_settings {
	int32_t http1_max_pending_requests;
	int32_t http2_max_requests;
	int32_t max_requests_per_connection;
	int32_t max_retries;
	int64_t *idle_timeout; /* ns */
	int h2_upgrade_policy; /* enum istio_connection_pool_settings_http_settings_h2_upgrade_policy */
	bool use_client_protocol;
};

/* Limits of connections and requests to a service. */
struct istio_connection_pool_settings {
	struct istio_connection_pool_settings_tcp_settings *tcp;
	struct istio_connection_pool_settings_http_settings *http;
};

/* When endpoints that fail are left out for a while. */
struct istio_outlier_detection {
	int32_t consecutive_errors;
	bool split_external_local_origin_errors;
	uint32_t *consecutive_local_origin_failures;
	uint32_t *consecutive_gateway_errors;
	uint32_t *consecutive_5xx_errors;
	int64_t *interval;           /* ns */
	int64_t *base_ejection_time; /* ns */
	int32_t max_ejection_percent;
	int32_t min_health_percent;
};

/* TLS towards a service. */
struct istio_client_tls_settings {
	int mode; /* enum istio_client_tls_settings_tl_smode */
	const char *client_certificate;
	const char *private_key;
	const char *ca_certificates;
	const char *credential_name;
	LIST(const char *) subject_alt_names;
	const char *sni;
	bool *insecure_skip_verify;
};

/* Policy: traffic policy port traffic. */
struct istio_traffic_policy_port_traffic_policy {
	struct istio_port_selector *port;
	struct istio_load_balancer_settings *load_balancer;
	struct istio_connection_pool_settings *connection_pool;
	struct istio_outlier_detection *outlier_detection;
	struct istio_client_tls_settings *tls;
};

/* Settings: traffic policy tunnel. */
struct istio_traffic_policy_tunnel_settings {
	const char *protocol;
	const char *target_host;
	uint32_t target_port;
};

/* How many requests may be retried at once. */
struct istio_traffic_policy_retry_budget {
	double *percent;
	uint32_t min_retry_concurrency; /* 0 = 3 */
};

/* Policies of balancing, pools, outliers, TLS and retries. */
struct istio_traffic_policy {
	struct istio_load_balancer_settings *load_balancer;
	struct istio_connection_pool_settings *connection_pool;
	struct istio_outlier_detection *outlier_detection;
	struct istio_client_tls_settings *tls;
	LIST(struct istio_traffic_policy_port_traffic_policy) port_level_settings;
	struct istio_traffic_policy_tunnel_settings *tunnel;
	struct istio_traffic_policy_retry_budget *retry_budget;
};

/* A named part of a service, chosen by labels. */
struct istio_subset {
	const char *name;
	struct str_map labels;
	struct istio_traffic_policy *traffic_policy;
};

/* Rule: destination. */
struct istio_destination_rule_spec {
	const char *host;
	struct istio_traffic_policy *traffic_policy;
	LIST(struct istio_subset) subsets;
	LIST(const char *) export_to;
	struct istio_workload_selector *workload_selector;
};

/* What applies to traffic after routing: balancing, pools, TLS, outliers. */
struct istio_destination_rule {
	const char *api_version;
	const char *kind;
	struct meta_object *metadata;
	struct istio_destination_rule_spec *spec;
	struct istio_status *status;
};

extern const struct msg_desc istio_load_balancer_settings_consistent_hash_lb_http_cookie_desc;
extern const struct msg_desc istio_load_balancer_settings_consistent_hash_lb_ring_hash_desc;
extern const struct msg_desc istio_load_balancer_settings_consistent_hash_lb_mag_lev_desc;
extern const struct msg_desc istio_load_balancer_settings_consistent_hash_lb_desc;
extern const struct msg_desc istio_locality_load_balancer_setting_distribute_desc;
extern const struct msg_desc istio_locality_load_balancer_setting_failover_desc;
extern const struct msg_desc istio_locality_load_balancer_setting_desc;
extern const struct msg_desc istio_load_balancer_settings_desc;
extern const struct msg_desc istio_connection_pool_settings_tcp_settings_tcp_keepalive_desc;
extern const struct msg_desc istio_connection_pool_settings_tcp_settings_desc;
extern const struct msg_desc istio_connection_pool_settings_http_settings_desc;
extern const struct msg_desc istio_connection_pool_settings_desc;
extern const struct msg_desc istio_outlier_detection_desc;
extern const struct msg_desc istio_client_tls_settings_desc;
extern const struct msg_desc istio_traffic_policy_port_traffic_policy_desc;
extern const struct msg_desc istio_traffic_policy_tunnel_settings_desc;
extern const struct msg_desc istio_traffic_policy_retry_budget_desc;
extern const struct msg_desc istio_traffic_policy_desc;
extern const struct msg_desc istio_subset_desc;
extern const struct msg_desc istio_destination_rule_spec_desc;
extern const struct msg_desc istio_destination_rule_desc;

#endif
