/* Rows of destinationRule: networking.istio.io. See the header for the structs. */
#include "api/networking/destination_rule.h"

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
	F(name, "name", STRING, DONE, .doc = "Name, unique among its siblings."),
	F(path, "path", STRING, DONE, .doc = "Path; absolute where it names a file."),
	F(ttl, "ttl", DURATION, DONE, .flags = MSG_OPTIONAL, .doc = "Life time."),
};
DESC(istio_load_balancer_settings_consistent_hash_lb_http_cookie, "LoadBalancerSettingsConsistentHashLBHTTPCookie",
     "Load balancer settings consistent hash lbhttp cookie.");
#undef T

#define T struct istio_load_balancer_settings_consistent_hash_lb_ring_hash
static const struct msg_field istio_load_balancer_settings_consistent_hash_lb_ring_hash_rows[] = {
	F(minimum_ring_size, "minimumRingSize", INT64, DONE, .doc = "Least entries of the hash ring."),
};
DESC(istio_load_balancer_settings_consistent_hash_lb_ring_hash, "LoadBalancerSettingsConsistentHashLBRingHash",
     "Load balancer settings consistent hash balancer ring hash.");
#undef T

#define T struct istio_load_balancer_settings_consistent_hash_lb_mag_lev
static const struct msg_field istio_load_balancer_settings_consistent_hash_lb_mag_lev_rows[] = {
	F(table_size, "tableSize", INT64, DONE, .doc = "Size of the table; a prime number."),
};
DESC(istio_load_balancer_settings_consistent_hash_lb_mag_lev, "LoadBalancerSettingsConsistentHashLBMagLev",
     "Load balancer settings consistent hash balancer mag lev.");
#undef T

#define T struct istio_load_balancer_settings_consistent_hash_lb
static const struct msg_field istio_load_balancer_settings_consistent_hash_lb_rows[] = {
	F(http_header_name, "httpHeaderName", STRING, DONE, .oneof = 1, .doc = "Hashes this header."),
	F(http_cookie, "httpCookie", MESSAGE, DONE,
	  .desc = &istio_load_balancer_settings_consistent_hash_lb_http_cookie_desc, .oneof = 1,
	  .doc = "Hashes this cookie."),
	F(use_source_ip, "useSourceIp", BOOL, DONE, .flags = MSG_OPTIONAL, .oneof = 1,
	  .doc = "Hashes the client's address."),
	F(http_query_parameter_name, "httpQueryParameterName", STRING, DONE, .oneof = 1,
	  .doc = "Hashes this query parameter."),
	F(ring_hash, "ringHash", MESSAGE, DONE, .desc = &istio_load_balancer_settings_consistent_hash_lb_ring_hash_desc,
	  .oneof = 2, .doc = "Ring hash."),
	F(maglev, "maglev", MESSAGE, DONE, .desc = &istio_load_balancer_settings_consistent_hash_lb_mag_lev_desc,
	  .oneof = 2, .doc = "Maglev hash."),
	F(minimum_ring_size, "minimumRingSize", INT64, DONE, .doc = "Least entries of the hash ring."),
};
DESC(istio_load_balancer_settings_consistent_hash_lb, "LoadBalancerSettingsConsistentHashLB",
     "Load balancer settings consistent hash balancer.");
#undef T

#define T struct istio_locality_load_balancer_setting_distribute
static const struct msg_field istio_locality_load_balancer_setting_distribute_rows[] = {
	F(from, "from", STRING, TOLD("is not carried out"), .doc = "Sources."),
	F(to, "to", JSON, TOLD("is not carried out"), .flags = MSG_OBJECT, .doc = "Destinations."),
};
DESC(istio_locality_load_balancer_setting_distribute, "LocalityLoadBalancerSettingDistribute",
     "Locality load balancer setting distribute.");
#undef T

#define T struct istio_locality_load_balancer_setting_failover
static const struct msg_field istio_locality_load_balancer_setting_failover_rows[] = {
	F(from, "from", STRING, DONE, .doc = "Sources."),
	F(to, "to", STRING, DONE, .doc = "Destinations."),
};
DESC(istio_locality_load_balancer_setting_failover, "LocalityLoadBalancerSettingFailover",
     "Locality load balancer setting failover.");
#undef T

#define T struct istio_locality_load_balancer_setting
static const struct msg_field istio_locality_load_balancer_setting_rows[] = {
	F(distribute, "distribute", MESSAGE, TOLD("is not carried out"),
	  .desc = &istio_locality_load_balancer_setting_distribute_desc, .flags = MSG_LIST,
	  .doc = "Shares of traffic by locality."),
	F(failover, "failover", MESSAGE, DONE, .desc = &istio_locality_load_balancer_setting_failover_desc,
	  .flags = MSG_LIST, .doc = "Where traffic goes when a region fails."),
	F(failover_priority, "failoverPriority", STRING, TOLD("is not carried out"), .flags = MSG_LIST,
	  .doc = "Labels that endpoints should share with the client, in order."),
	F(enabled, "enabled", BOOL, DONE, .flags = MSG_OPTIONAL | MSG_NULLABLE, .doc = "Turns the feature on or off."),
};
DESC(istio_locality_load_balancer_setting, "LocalityLoadBalancerSetting", "Locality load balancer setting.");
#undef T

#define T struct istio_load_balancer_settings
static const struct msg_field istio_load_balancer_settings_rows[] = {
	F(simple, "simple", ENUM, DONE, .enums = &istio_load_balancer_settings_simple_lb_names, .flags = MSG_OPTIONAL,
	  .oneof = 1, .doc = "A balancer without memory of clients."),
	F(consistent_hash, "consistentHash", MESSAGE, DONE,
	  .desc = &istio_load_balancer_settings_consistent_hash_lb_desc, .oneof = 1,
	  .doc = "Sends the same client to the same endpoint."),
	F(locality_lb_setting, "localityLbSetting", MESSAGE, DONE, .desc = &istio_locality_load_balancer_setting_desc,
	  .doc = "Balancing between localities."),
	F(warmup_duration_secs, "warmupDurationSecs", DURATION, TOLD("is not carried out"), .flags = MSG_OPTIONAL,
	  .doc = "How long new endpoints get less traffic."),
};
DESC(istio_load_balancer_settings, "LoadBalancerSettings", "How an endpoint is chosen.");
#undef T

#define T struct istio_connection_pool_settings_tcp_settings_tcp_keepalive
static const struct msg_field istio_connection_pool_settings_tcp_settings_tcp_keepalive_rows[] = {
	F(probes, "probes", UINT32, DONE, .doc = "Attempts before the connection is given up."),
	F(time, "time", DURATION, DONE, .flags = MSG_OPTIONAL, .doc = "Time of the last change."),
	F(interval, "interval", DURATION, DONE, .flags = MSG_OPTIONAL, .doc = "Time between two probes or sweeps."),
};
DESC(istio_connection_pool_settings_tcp_settings_tcp_keepalive, "ConnectionPoolSettingsTCPSettingsTcpKeepalive",
     "Connection pool settings TCP settings TCP keepalive.");
#undef T

#define T struct istio_connection_pool_settings_tcp_settings
static const struct msg_field istio_connection_pool_settings_tcp_settings_rows[] = {
	F(max_connections, "maxConnections", INT32, DONE, .doc = "Most connections to the service."),
	F(connect_timeout, "connectTimeout", DURATION, DONE, .flags = MSG_OPTIONAL,
	  .doc = "How long a connection may take to open."),
	F(tcp_keepalive, "tcpKeepalive", MESSAGE, DONE,
	  .desc = &istio_connection_pool_settings_tcp_settings_tcp_keepalive_desc, .doc = "TCP keep-alive probes."),
	F(max_connection_duration, "maxConnectionDuration", DURATION, DONE, .flags = MSG_OPTIONAL,
	  .doc = "Longest life of a connection."),
};
DESC(istio_connection_pool_settings_tcp_settings, "ConnectionPoolSettingsTCPSettings",
     "Settings: connection pool settings TCP.");
#undef T

#define T struct istio_connection_pool_settings_http_settings
static const struct msg_field istio_connection_pool_settings_http_settings_rows[] = {
	F(http1_max_pending_requests, "http1MaxPendingRequests", INT32, DONE,
	  .doc = "Most requests that wait for a connection."),
	F(http2_max_requests, "http2MaxRequests", INT32, DONE, .doc = "Most requests in flight."),
	F(max_requests_per_connection, "maxRequestsPerConnection", INT32, DONE,
	  .doc = "Requests after which a connection is closed; 0 for no limit."),
	F(max_retries, "maxRetries", INT32, DONE, .doc = "Most retries in flight."),
	F(idle_timeout, "idleTimeout", DURATION, DONE, .flags = MSG_OPTIONAL,
	  .doc = "How long a connection may be idle."),
	F(h2_upgrade_policy, "h2UpgradePolicy", ENUM, DONE,
	  .enums = &istio_connection_pool_settings_http_settings_h2_upgrade_policy_names,
	  .doc = "Whether HTTP/1.1 is upgraded to HTTP/2."),
	F(use_client_protocol, "useClientProtocol", BOOL, DONE, .doc = "Uses the client's version of HTTP."),
};
DESC(istio_connection_pool_settings_http_settings, "ConnectionPoolSettingsHTTPSettings",
     "Settings: connection pool settings HTTP.");
#undef T

#define T struct istio_connection_pool_settings
static const struct msg_field istio_connection_pool_settings_rows[] = {
	F(tcp, "tcp", MESSAGE, DONE, .desc = &istio_connection_pool_settings_tcp_settings_desc,
	  .doc = "TCP settings or routes."),
	F(http, "http", MESSAGE, DONE, .desc = &istio_connection_pool_settings_http_settings_desc,
	  .doc = "HTTP settings or rules."),
};
DESC(istio_connection_pool_settings, "ConnectionPoolSettings", "Limits of connections and requests to a service.");
#undef T

#define T struct istio_outlier_detection
static const struct msg_field istio_outlier_detection_rows[] = {
	F(consecutive_errors, "consecutiveErrors", INT32, DONE, .doc = "Obsolete."),
	F(split_external_local_origin_errors, "splitExternalLocalOriginErrors", BOOL, DONE,
	  .doc = "Counts errors of connecting apart from answers."),
	F(consecutive_local_origin_failures, "consecutiveLocalOriginFailures", UINT32, DONE,
	  .flags = MSG_OPTIONAL | MSG_NULLABLE, .doc = "Connection errors in a row that eject an endpoint."),
	F(consecutive_gateway_errors, "consecutiveGatewayErrors", UINT32, DONE, .flags = MSG_OPTIONAL | MSG_NULLABLE,
	  .doc = "Errors 502, 503 and 504 in a row that eject an endpoint."),
	F(consecutive_5xx_errors, "consecutive5xxErrors", UINT32, DONE, .flags = MSG_OPTIONAL | MSG_NULLABLE,
	  .doc = "Errors 5xx in a row that eject an endpoint."),
	F(interval, "interval", DURATION, DONE, .flags = MSG_OPTIONAL, .doc = "Time between two probes or sweeps."),
	F(base_ejection_time, "baseEjectionTime", DURATION, DONE, .flags = MSG_OPTIONAL,
	  .doc = "Shortest time an endpoint is left out; times the number of ejections."),
	F(max_ejection_percent, "maxEjectionPercent", INT32, DONE,
	  .doc = "Most endpoints that are left out, in percent."),
	F(min_health_percent, "minHealthPercent", INT32, DONE,
	  .doc = "Least healthy endpoints for ejections to happen, in percent."),
};
DESC(istio_outlier_detection, "OutlierDetection", "When endpoints that fail are left out for a while.");
#undef T

#define T struct istio_client_tls_settings
static const struct msg_field istio_client_tls_settings_rows[] = {
	F(mode, "mode", ENUM, DONE, .enums = &istio_client_tls_settings_tl_smode_names,
	  .doc = "Mode; one of the allowed words."),
	F(client_certificate, "clientCertificate", STRING, DONE, .doc = "File with the client's certificate."),
	F(private_key, "privateKey", STRING, DONE, .doc = "File with the private key."),
	F(ca_certificates, "caCertificates", STRING, DONE,
	  .doc = "File with the certificates that the peer's chain must end at."),
	F(credential_name, "credentialName", STRING, DONE, .doc = "Secret with the certificate and key."),
	F(subject_alt_names, "subjectAltNames", STRING, DONE, .flags = MSG_LIST,
	  .doc = "Names of which the peer's certificate must have one."),
	F(sni, "sni", STRING, DONE, .doc = "Server name that the TLS client asks for."),
	F(insecure_skip_verify, "insecureSkipVerify", BOOL, DONE, .flags = MSG_OPTIONAL | MSG_NULLABLE,
	  .doc = "Does not verify the server's certificate."),
};
DESC(istio_client_tls_settings, "ClientTLSSettings", "TLS towards a service.");
#undef T

#define T struct istio_traffic_policy_port_traffic_policy
static const struct msg_field istio_traffic_policy_port_traffic_policy_rows[] = {
	F(port, "port", MESSAGE, DONE, .desc = &istio_port_selector_desc, .doc = "Port number."),
	F(load_balancer, "loadBalancer", MESSAGE, DONE, .desc = &istio_load_balancer_settings_desc,
	  .doc = "Load balancer settings or addresses."),
	F(connection_pool, "connectionPool", MESSAGE, DONE, .desc = &istio_connection_pool_settings_desc,
	  .doc = "Limits of connections and requests."),
	F(outlier_detection, "outlierDetection", MESSAGE, DONE, .desc = &istio_outlier_detection_desc,
	  .doc = "When endpoints are left out for a while."),
	F(tls, "tls", MESSAGE, DONE, .desc = &istio_client_tls_settings_desc, .doc = "TLS settings."),
};
DESC(istio_traffic_policy_port_traffic_policy, "TrafficPolicyPortTrafficPolicy",
     "Policy: traffic policy port traffic.");
#undef T

#define T struct istio_traffic_policy_tunnel_settings
static const struct msg_field istio_traffic_policy_tunnel_settings_rows[] = {
	F(protocol, "protocol", STRING, TOLD("tunnels are not carried out"), .doc = "Protocol of the port."),
	F(target_host, "targetHost", STRING, TOLD("tunnels are not carried out"),
	  .doc = "Host that the tunnel leads to."),
	F(target_port, "targetPort", UINT32, TOLD("tunnels are not carried out"),
	  .doc = "Port on the pods, by number or name."),
};
DESC(istio_traffic_policy_tunnel_settings, "TrafficPolicyTunnelSettings", "Settings: traffic policy tunnel.");
#undef T

#define T struct istio_traffic_policy
static const struct msg_field istio_traffic_policy_rows[] = {
	F(load_balancer, "loadBalancer", MESSAGE, DONE, .desc = &istio_load_balancer_settings_desc,
	  .doc = "Load balancer settings or addresses."),
	F(connection_pool, "connectionPool", MESSAGE, DONE, .desc = &istio_connection_pool_settings_desc,
	  .doc = "Limits of connections and requests."),
	F(outlier_detection, "outlierDetection", MESSAGE, DONE, .desc = &istio_outlier_detection_desc,
	  .doc = "When endpoints are left out for a while."),
	F(tls, "tls", MESSAGE, DONE, .desc = &istio_client_tls_settings_desc, .doc = "TLS settings."),
	F(port_level_settings, "portLevelSettings", MESSAGE, DONE,
	  .desc = &istio_traffic_policy_port_traffic_policy_desc, .flags = MSG_LIST, .doc = "Policies by port."),
	F(tunnel, "tunnel", MESSAGE, TOLD("is not carried out"), .desc = &istio_traffic_policy_tunnel_settings_desc,
	  .doc = "Tunnels through another proxy."),
};
DESC(istio_traffic_policy, "TrafficPolicy", "Policies of balancing, pools, outliers and TLS.");
#undef T

#define T struct istio_subset
static const struct msg_field istio_subset_rows[] = {
	F(name, "name", STRING, DONE, .doc = "Name, unique among its siblings."),
	F(labels, "labels", STR_MAP, DONE, .doc = "Labels by which objects are selected."),
	F(traffic_policy, "trafficPolicy", MESSAGE, DONE, .desc = &istio_traffic_policy_desc,
	  .doc = "Policies of balancing, pools, outliers and TLS."),
};
DESC(istio_subset, "Subset", "A named part of a service, chosen by labels.");
#undef T

#define T struct istio_destination_rule_spec
static const struct msg_field istio_destination_rule_spec_rows[] = {
	F(host, "host", STRING, DONE, .doc = "Service that the rule is for."),
	F(traffic_policy, "trafficPolicy", MESSAGE, DONE, .desc = &istio_traffic_policy_desc,
	  .doc = "Policies of balancing, pools, outliers and TLS."),
	F(subsets, "subsets", MESSAGE, DONE, .desc = &istio_subset_desc, .flags = MSG_LIST,
	  .doc = "Named parts of the service, chosen by labels."),
	F(export_to, "exportTo", STRING, DONE, .flags = MSG_LIST,
	  .doc = "Namespaces that see it: \".\" its own, \"*\" all."),
	F(workload_selector, "workloadSelector", MESSAGE,
	  TOLD("rules for some clients only are not carried out; the rule is left out"),
	  .desc = &istio_workload_selector_desc, .doc = "Selects workloads by labels."),
};
DESC(istio_destination_rule_spec, "DestinationRule", "Rule: destination.");
#undef T

#define T struct istio_destination_rule
static const struct msg_field istio_destination_rule_rows[] = {
	F(api_version, "apiVersion", STRING, MOOT("names the kind"),
	  .doc = "Group and version of the kind, \"group/version\"."),
	F(kind, "kind", STRING, MOOT("names the kind"), .doc = "Kind of the object."),
	F(metadata, "metadata", MESSAGE, MOOT("the API server's own"), .desc = &meta_object_desc,
	  .doc = "Name, namespace, labels and annotations of the object."),
	F(spec, "spec", MESSAGE, DONE, .desc = &istio_destination_rule_spec_desc, .doc = "What is wanted."),
	F(status, "status", MESSAGE, MOOT("written by the control plane"), .desc = &istio_status_desc,
	  .doc = "What was observed last; written by controllers."),
};
DESC(istio_destination_rule, "DestinationRule",
     "What applies to traffic after routing: balancing, pools, TLS, outliers.");
#undef T
