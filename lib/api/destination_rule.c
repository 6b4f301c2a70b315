/* Rows of destinationRule: networking.istio.io. See the header for the structs. */
#include "api/destination_rule.h"

#include "api/api_internal.h"

static const struct msg_enum_value istio_load_balancer_settings_simple_lb_values[] = {
	{"UNSPECIFIED", ISTIO_LOAD_BALANCER_SETTINGS_SIMPLE_LB_UNSPECIFIED},
	{"LEAST_CONN", ISTIO_LOAD_BALANCER_SETTINGS_SIMPLE_LB_LEAST_CONN},
	{"RANDOM", ISTIO_LOAD_BALANCER_SETTINGS_SIMPLE_LB_RANDOM},
	{"PASSTHROUGH", ISTIO_LOAD_BALANCER_SETTINGS_SIMPLE_LB_PASSTHROUGH},
	{"ROUND_ROBIN", ISTIO_LOAD_BALANCER_SETTINGS_SIMPLE_LB_ROUND_ROBIN},
	{"LEAST_REQUEST", ISTIO_LOAD_BALANCER_SETTINGS_SIMPLE_LB_LEAST_REQUEST},
};
ENUM(istio_load_balancer_settings_simple_lb);

static const struct msg_enum_value istio_connection_pool_settings_http_settings_h2_upgrade_policy_values[] = {
	{"DEFAULT", ISTIO_CONNECTION_POOL_SETTINGS_HTTP_SETTINGS_H2_UPGRADE_POLICY_DEFAULT},
	{"DO_NOT_UPGRADE", ISTIO_CONNECTION_POOL_SETTINGS_HTTP_SETTINGS_H2_UPGRADE_POLICY_DO_NOT_UPGRADE},
	{"UPGRADE", ISTIO_CONNECTION_POOL_SETTINGS_HTTP_SETTINGS_H2_UPGRADE_POLICY_UPGRADE},
};
ENUM(istio_connection_pool_settings_http_settings_h2_upgrade_policy);

static const struct msg_enum_value istio_client_tls_settings_tl_smode_values[] = {
	{"DISABLE", ISTIO_CLIENT_TLS_SETTINGS_TL_SMODE_DISABLE},
	{"SIMPLE", ISTIO_CLIENT_TLS_SETTINGS_TL_SMODE_SIMPLE},
	{"MUTUAL", ISTIO_CLIENT_TLS_SETTINGS_TL_SMODE_MUTUAL},
	{"ISTIO_MUTUAL", ISTIO_CLIENT_TLS_SETTINGS_TL_SMODE_ISTIO_MUTUAL},
};
ENUM(istio_client_tls_settings_tl_smode);

#define T struct istio_load_balancer_settings_consistent_hash_lb_http_cookie
static const struct msg_field istio_load_balancer_settings_consistent_hash_lb_http_cookie_rows[] = {
	F(name, "name", STRING, .doc = "Name."),
	F(path, "path", STRING, .doc = "Path."),
	F(ttl, "ttl", DURATION, .flags = MSG_OPTIONAL, .doc = "Ttl."),
};
DESC(istio_load_balancer_settings_consistent_hash_lb_http_cookie, "LoadBalancerSettingsConsistentHashLBHTTPCookie",
     "Load balancer settings consistent hash lbhttp cookie.");
#undef T

#define T struct istio_load_balancer_settings_consistent_hash_lb_ring_hash
static const struct msg_field istio_load_balancer_settings_consistent_hash_lb_ring_hash_rows[] = {
	F(minimum_ring_size, "minimumRingSize", INT64, .doc = "Minimum ring size."),
};
DESC(istio_load_balancer_settings_consistent_hash_lb_ring_hash, "LoadBalancerSettingsConsistentHashLBRingHash",
     "Load balancer settings consistent hash lb ring hash.");
#undef T

#define T struct istio_load_balancer_settings_consistent_hash_lb_mag_lev
static const struct msg_field istio_load_balancer_settings_consistent_hash_lb_mag_lev_rows[] = {
	F(table_size, "tableSize", INT64, .doc = "Table size."),
};
DESC(istio_load_balancer_settings_consistent_hash_lb_mag_lev, "LoadBalancerSettingsConsistentHashLBMagLev",
     "Load balancer settings consistent hash lb mag lev.");
#undef T

#define T struct istio_load_balancer_settings_consistent_hash_lb
static const struct msg_field istio_load_balancer_settings_consistent_hash_lb_rows[] = {
	F(http_header_name, "httpHeaderName", STRING, .oneof = 1, .doc = "Http header name."),
	F(http_cookie, "httpCookie", MESSAGE, .desc = &istio_load_balancer_settings_consistent_hash_lb_http_cookie_desc,
	  .oneof = 1, .doc = "Http cookie."),
	F(use_source_ip, "useSourceIp", BOOL, .flags = MSG_OPTIONAL, .oneof = 1,
	  .doc = "Whether use source ip applies."),
	F(http_query_parameter_name, "httpQueryParameterName", STRING, .oneof = 1, .doc = "Http query parameter name."),
	F(ring_hash, "ringHash", MESSAGE, .desc = &istio_load_balancer_settings_consistent_hash_lb_ring_hash_desc,
	  .oneof = 2, .doc = "Ring hash."),
	F(maglev, "maglev", MESSAGE, .desc = &istio_load_balancer_settings_consistent_hash_lb_mag_lev_desc, .oneof = 2,
	  .doc = "Maglev."),
	F(minimum_ring_size, "minimumRingSize", INT64, .doc = "Minimum ring size."),
};
DESC(istio_load_balancer_settings_consistent_hash_lb, "LoadBalancerSettingsConsistentHashLB",
     "Load balancer settings consistent hash lb.");
#undef T

#define T struct istio_locality_load_balancer_setting_distribute
static const struct msg_field istio_locality_load_balancer_setting_distribute_rows[] = {
	F(from, "from", STRING, .doc = "From."),
	F(to, "to", JSON, .flags = MSG_OBJECT, .doc = "To."),
};
DESC(istio_locality_load_balancer_setting_distribute, "LocalityLoadBalancerSettingDistribute",
     "Locality load balancer setting distribute.");
#undef T

#define T struct istio_locality_load_balancer_setting_failover
static const struct msg_field istio_locality_load_balancer_setting_failover_rows[] = {
	F(from, "from", STRING, .doc = "From."),
	F(to, "to", STRING, .doc = "To."),
};
DESC(istio_locality_load_balancer_setting_failover, "LocalityLoadBalancerSettingFailover",
     "Locality load balancer setting failover.");
#undef T

#define T struct istio_locality_load_balancer_setting
static const struct msg_field istio_locality_load_balancer_setting_rows[] = {
	F(distribute, "distribute", MESSAGE, .desc = &istio_locality_load_balancer_setting_distribute_desc,
	  .flags = MSG_LIST, .doc = "Distribute."),
	F(failover, "failover", MESSAGE, .desc = &istio_locality_load_balancer_setting_failover_desc, .flags = MSG_LIST,
	  .doc = "Failover."),
	F(failover_priority, "failoverPriority", STRING, .flags = MSG_LIST, .doc = "Failover priority."),
	F(enabled, "enabled", BOOL, .flags = MSG_OPTIONAL, .doc = "Whether enabled applies."),
};
DESC(istio_locality_load_balancer_setting, "LocalityLoadBalancerSetting", "Locality load balancer setting.");
#undef T

#define T struct istio_load_balancer_settings
static const struct msg_field istio_load_balancer_settings_rows[] = {
	F(simple, "simple", ENUM, .enums = &istio_load_balancer_settings_simple_lb_names, .flags = MSG_OPTIONAL,
	  .oneof = 1, .doc = "Simple."),
	F(consistent_hash, "consistentHash", MESSAGE, .desc = &istio_load_balancer_settings_consistent_hash_lb_desc,
	  .oneof = 1, .doc = "Consistent hash."),
	F(locality_lb_setting, "localityLbSetting", MESSAGE, .desc = &istio_locality_load_balancer_setting_desc,
	  .doc = "Locality lb setting."),
	F(warmup_duration_secs, "warmupDurationSecs", DURATION, .flags = MSG_OPTIONAL, .doc = "Warmup duration secs."),
};
DESC(istio_load_balancer_settings, "LoadBalancerSettings", "Load balancer settings.");
#undef T

#define T struct istio_connection_pool_settings_tcp_settings_tcp_keepalive
static const struct msg_field istio_connection_pool_settings_tcp_settings_tcp_keepalive_rows[] = {
	F(probes, "probes", UINT32, .doc = "Probes."),
	F(time, "time", DURATION, .flags = MSG_OPTIONAL, .doc = "Time."),
	F(interval, "interval", DURATION, .flags = MSG_OPTIONAL, .doc = "Interval."),
};
DESC(istio_connection_pool_settings_tcp_settings_tcp_keepalive, "ConnectionPoolSettingsTCPSettingsTcpKeepalive",
     "Connection pool settings tcp settings tcp keepalive.");
#undef T

#define T struct istio_connection_pool_settings_tcp_settings
static const struct msg_field istio_connection_pool_settings_tcp_settings_rows[] = {
	F(max_connections, "maxConnections", INT32, .doc = "Max connections."),
	F(connect_timeout, "connectTimeout", DURATION, .flags = MSG_OPTIONAL, .doc = "Connect timeout."),
	F(tcp_keepalive, "tcpKeepalive", MESSAGE,
	  .desc = &istio_connection_pool_settings_tcp_settings_tcp_keepalive_desc, .doc = "Tcp keepalive."),
	F(max_connection_duration, "maxConnectionDuration", DURATION, .flags = MSG_OPTIONAL,
	  .doc = "Max connection duration."),
};
DESC(istio_connection_pool_settings_tcp_settings, "ConnectionPoolSettingsTCPSettings",
     "Connection pool settings tcp settings.");
#undef T

#define T struct istio_connection_pool_settings_http_settings
static const struct msg_field istio_connection_pool_settings_http_settings_rows[] = {
	F(http1_max_pending_requests, "http1MaxPendingRequests", INT32, .doc = "Http1 max pending requests."),
	F(http2_max_requests, "http2MaxRequests", INT32, .doc = "Http2 max requests."),
	F(max_requests_per_connection, "maxRequestsPerConnection", INT32, .doc = "Max requests per connection."),
	F(max_retries, "maxRetries", INT32, .doc = "Max retries."),
	F(idle_timeout, "idleTimeout", DURATION, .flags = MSG_OPTIONAL, .doc = "Idle timeout."),
	F(h2_upgrade_policy, "h2UpgradePolicy", ENUM,
	  .enums = &istio_connection_pool_settings_http_settings_h2_upgrade_policy_names, .doc = "H2 upgrade policy."),
	F(use_client_protocol, "useClientProtocol", BOOL, .doc = "Whether use client protocol applies."),
};
DESC(istio_connection_pool_settings_http_settings, "ConnectionPoolSettingsHTTPSettings",
     "Connection pool settings http settings.");
#undef T

#define T struct istio_connection_pool_settings
static const struct msg_field istio_connection_pool_settings_rows[] = {
	F(tcp, "tcp", MESSAGE, .desc = &istio_connection_pool_settings_tcp_settings_desc, .doc = "Tcp."),
	F(http, "http", MESSAGE, .desc = &istio_connection_pool_settings_http_settings_desc, .doc = "Http."),
};
DESC(istio_connection_pool_settings, "ConnectionPoolSettings", "Connection pool settings.");
#undef T

#define T struct istio_outlier_detection
static const struct msg_field istio_outlier_detection_rows[] = {
	F(consecutive_errors, "consecutiveErrors", INT32, .doc = "Consecutive errors."),
	F(split_external_local_origin_errors, "splitExternalLocalOriginErrors", BOOL,
	  .doc = "Whether split external local origin errors applies."),
	F(consecutive_local_origin_failures, "consecutiveLocalOriginFailures", UINT32, .flags = MSG_OPTIONAL,
	  .doc = "Consecutive local origin failures."),
	F(consecutive_gateway_errors, "consecutiveGatewayErrors", UINT32, .flags = MSG_OPTIONAL,
	  .doc = "Consecutive gateway errors."),
	F(consecutive_5xx_errors, "consecutive5xxErrors", UINT32, .flags = MSG_OPTIONAL,
	  .doc = "Consecutive5xx errors."),
	F(interval, "interval", DURATION, .flags = MSG_OPTIONAL, .doc = "Interval."),
	F(base_ejection_time, "baseEjectionTime", DURATION, .flags = MSG_OPTIONAL, .doc = "Base ejection time."),
	F(max_ejection_percent, "maxEjectionPercent", INT32, .doc = "Max ejection percent."),
	F(min_health_percent, "minHealthPercent", INT32, .doc = "Min health percent."),
};
DESC(istio_outlier_detection, "OutlierDetection", "Outlier detection.");
#undef T

#define T struct istio_client_tls_settings
static const struct msg_field istio_client_tls_settings_rows[] = {
	F(mode, "mode", ENUM, .enums = &istio_client_tls_settings_tl_smode_names, .doc = "Mode."),
	F(client_certificate, "clientCertificate", STRING, .doc = "Client certificate."),
	F(private_key, "privateKey", STRING, .doc = "Private key."),
	F(ca_certificates, "caCertificates", STRING, .doc = "Ca certificates."),
	F(credential_name, "credentialName", STRING, .doc = "Credential name."),
	F(subject_alt_names, "subjectAltNames", STRING, .flags = MSG_LIST, .doc = "Subject alt names."),
	F(sni, "sni", STRING, .doc = "Sni."),
	F(insecure_skip_verify, "insecureSkipVerify", BOOL, .flags = MSG_OPTIONAL,
	  .doc = "Whether insecure skip verify applies."),
};
DESC(istio_client_tls_settings, "ClientTLSSettings", "Client tls settings.");
#undef T

#define T struct istio_traffic_policy_port_traffic_policy
static const struct msg_field istio_traffic_policy_port_traffic_policy_rows[] = {
	F(port, "port", MESSAGE, .desc = &istio_port_selector_desc, .doc = "Port."),
	F(load_balancer, "loadBalancer", MESSAGE, .desc = &istio_load_balancer_settings_desc, .doc = "Load balancer."),
	F(connection_pool, "connectionPool", MESSAGE, .desc = &istio_connection_pool_settings_desc,
	  .doc = "Connection pool."),
	F(outlier_detection, "outlierDetection", MESSAGE, .desc = &istio_outlier_detection_desc,
	  .doc = "Outlier detection."),
	F(tls, "tls", MESSAGE, .desc = &istio_client_tls_settings_desc, .doc = "Tls."),
};
DESC(istio_traffic_policy_port_traffic_policy, "TrafficPolicyPortTrafficPolicy", "Traffic policy port traffic policy.");
#undef T

#define T struct istio_traffic_policy_tunnel_settings
static const struct msg_field istio_traffic_policy_tunnel_settings_rows[] = {
	F(protocol, "protocol", STRING, .doc = "Protocol."),
	F(target_host, "targetHost", STRING, .doc = "Target host."),
	F(target_port, "targetPort", UINT32, .doc = "Target port."),
};
DESC(istio_traffic_policy_tunnel_settings, "TrafficPolicyTunnelSettings", "Traffic policy tunnel settings.");
#undef T

#define T struct istio_traffic_policy
static const struct msg_field istio_traffic_policy_rows[] = {
	F(load_balancer, "loadBalancer", MESSAGE, .desc = &istio_load_balancer_settings_desc, .doc = "Load balancer."),
	F(connection_pool, "connectionPool", MESSAGE, .desc = &istio_connection_pool_settings_desc,
	  .doc = "Connection pool."),
	F(outlier_detection, "outlierDetection", MESSAGE, .desc = &istio_outlier_detection_desc,
	  .doc = "Outlier detection."),
	F(tls, "tls", MESSAGE, .desc = &istio_client_tls_settings_desc, .doc = "Tls."),
	F(port_level_settings, "portLevelSettings", MESSAGE, .desc = &istio_traffic_policy_port_traffic_policy_desc,
	  .flags = MSG_LIST, .doc = "Port level settings."),
	F(tunnel, "tunnel", MESSAGE, .desc = &istio_traffic_policy_tunnel_settings_desc, .doc = "Tunnel."),
};
DESC(istio_traffic_policy, "TrafficPolicy", "Traffic policy.");
#undef T

#define T struct istio_subset
static const struct msg_field istio_subset_rows[] = {
	F(name, "name", STRING, .doc = "Name."),
	F(labels, "labels", STR_MAP, .doc = "Labels."),
	F(traffic_policy, "trafficPolicy", MESSAGE, .desc = &istio_traffic_policy_desc, .doc = "Traffic policy."),
};
DESC(istio_subset, "Subset", "Subset.");
#undef T

#define T struct istio_destination_rule_spec
static const struct msg_field istio_destination_rule_spec_rows[] = {
	F(host, "host", STRING, .doc = "Host."),
	F(traffic_policy, "trafficPolicy", MESSAGE, .desc = &istio_traffic_policy_desc, .doc = "Traffic policy."),
	F(subsets, "subsets", MESSAGE, .desc = &istio_subset_desc, .flags = MSG_LIST, .doc = "Subsets."),
	F(export_to, "exportTo", STRING, .flags = MSG_LIST, .doc = "Export to."),
	F(workload_selector, "workloadSelector", MESSAGE, .desc = &istio_workload_selector_desc,
	  .doc = "Workload selector."),
};
DESC(istio_destination_rule_spec, "DestinationRule", "Destination rule.");
#undef T

#define T struct istio_destination_rule
static const struct msg_field istio_destination_rule_rows[] = {
	F(api_version, "apiVersion", STRING, .doc = "Api version."),
	F(kind, "kind", STRING, .doc = "Kind."),
	F(metadata, "metadata", MESSAGE, .desc = &meta_object_desc, .doc = "Metadata."),
	F(spec, "spec", MESSAGE, .desc = &istio_destination_rule_spec_desc, .doc = "Spec."),
	F(status, "status", MESSAGE, .desc = &istio_status_desc, .doc = "Status."),
};
DESC(istio_destination_rule, "DestinationRule",
     "What applies to traffic after routing: balancing, pools, TLS, outliers.");
#undef T
