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
	F(name, "name", STRING, DONE, .doc = "Name of the cookie."),
	F(path, "path", STRING, DONE, .doc = "Path of the cookie that the proxy makes."),
	F(ttl, "ttl", DURATION, DONE, .flags = MSG_OPTIONAL,
	  .doc = "Life time of the cookie that the proxy makes where the client sends none; 0s lasts for the browser's "
		 "session."),
};
DESC(istio_load_balancer_settings_consistent_hash_lb_http_cookie, "LoadBalancerSettingsConsistentHashLBHTTPCookie",
     "The cookie that ties a client to an endpoint.");
#undef T

#define T struct istio_load_balancer_settings_consistent_hash_lb_ring_hash
static const struct msg_field istio_load_balancer_settings_consistent_hash_lb_ring_hash_rows[] = {
	F(minimum_ring_size, "minimumRingSize", INT64, DONE, .doc = "Least entries of the ring; 1024 by default."),
};
DESC(istio_load_balancer_settings_consistent_hash_lb_ring_hash, "LoadBalancerSettingsConsistentHashLBRingHash",
     "Size of the hash ring.");
#undef T

#define T struct istio_load_balancer_settings_consistent_hash_lb_mag_lev
static const struct msg_field istio_load_balancer_settings_consistent_hash_lb_mag_lev_rows[] = {
	F(table_size, "tableSize", INT64, DONE, .doc = "Entries of the table, a prime number; 65537 by default."),
};
DESC(istio_load_balancer_settings_consistent_hash_lb_mag_lev, "LoadBalancerSettingsConsistentHashLBMagLev",
     "Size of the Maglev table.");
#undef T

#define T struct istio_load_balancer_settings_consistent_hash_lb
static const struct msg_field istio_load_balancer_settings_consistent_hash_lb_rows[] = {
	F(http_header_name, "httpHeaderName", STRING, DONE, .oneof = 1,
	  .doc = "Request header whose value chooses the endpoint."),
	F(http_cookie, "httpCookie", MESSAGE, DONE,
	  .desc = &istio_load_balancer_settings_consistent_hash_lb_http_cookie_desc, .oneof = 1,
	  .doc = "Cookie whose value chooses the endpoint; made where the client sends none."),
	F(use_source_ip, "useSourceIp", BOOL, DONE, .flags = MSG_OPTIONAL, .oneof = 1,
	  .doc = "Chooses the endpoint by the client's IP address."),
	F(http_query_parameter_name, "httpQueryParameterName", STRING, DONE, .oneof = 1,
	  .doc = "Query parameter whose value chooses the endpoint."),
	F(ring_hash, "ringHash", MESSAGE, DONE, .desc = &istio_load_balancer_settings_consistent_hash_lb_ring_hash_desc,
	  .oneof = 2, .doc = "Uses a hash ring, which is the default."),
	F(maglev, "maglev", MESSAGE, DONE, .desc = &istio_load_balancer_settings_consistent_hash_lb_mag_lev_desc,
	  .oneof = 2, .doc = "Uses a Maglev table."),
	F(minimum_ring_size, "minimumRingSize", INT64, DONE,
	  .doc = "Obsolete, use ringHash: least entries of the ring."),
};
DESC(istio_load_balancer_settings_consistent_hash_lb, "LoadBalancerSettingsConsistentHashLB",
     "What ties a client to an endpoint, and by which algorithm.");
#undef T

#define T struct istio_locality_load_balancer_setting_distribute
static const struct msg_field istio_locality_load_balancer_setting_distribute_rows[] = {
	F(from, "from", STRING, DONE, .doc = "Locality of the client, region/zone/subzone; * at the end matches all."),
	F(to, "to", JSON, DONE, .flags = MSG_OBJECT,
	  .doc = "Percent of the traffic by locality of the endpoints; the sum is 100. Other localities get none."),
};
DESC(istio_locality_load_balancer_setting_distribute, "LocalityLoadBalancerSettingDistribute",
     "Shares of the traffic of one locality.");
#undef T

#define T struct istio_locality_load_balancer_setting_failover
static const struct msg_field istio_locality_load_balancer_setting_failover_rows[] = {
	F(from, "from", STRING, DONE, .doc = "Region of the client."),
	F(to, "to", STRING, DONE, .doc = "Region whose endpoints take over."),
};
DESC(istio_locality_load_balancer_setting_failover, "LocalityLoadBalancerSettingFailover",
     "Where the traffic of a region goes when its endpoints fail.");
#undef T

#define T struct istio_locality_load_balancer_setting
static const struct msg_field istio_locality_load_balancer_setting_rows[] = {
	F(distribute, "distribute", MESSAGE, DONE, .desc = &istio_locality_load_balancer_setting_distribute_desc,
	  .flags = MSG_LIST, .doc = "Shares of traffic by locality of client and endpoints; excludes failover."),
	F(failover, "failover", MESSAGE, DONE, .desc = &istio_locality_load_balancer_setting_failover_desc,
	  .flags = MSG_LIST, .doc = "Regions that take over when one fails; needs outlierDetection."),
	F(failover_priority, "failoverPriority", STRING, DONE, .flags = MSG_LIST,
	  .doc = "Labels that an endpoint should share with the client, or have (label=value), the most important "
		 "first; needs outlierDetection."),
	F(enabled, "enabled", BOOL, DONE, .flags = MSG_OPTIONAL | MSG_NULLABLE,
	  .doc = "Whether locality counts; the mesh's setting when absent."),
};
DESC(istio_locality_load_balancer_setting, "LocalityLoadBalancerSetting", "Preference for endpoints near the client.");
#undef T

#define T struct istio_load_balancer_settings
static const struct msg_field istio_load_balancer_settings_rows[] = {
	F(simple, "simple", ENUM, DONE, .enums = &istio_load_balancer_settings_simple_lb_names, .flags = MSG_OPTIONAL,
	  .oneof = 1, .doc = "Algorithm without memory of clients; LEAST_REQUEST by default."),
	F(consistent_hash, "consistentHash", MESSAGE, DONE,
	  .desc = &istio_load_balancer_settings_consistent_hash_lb_desc, .oneof = 1,
	  .doc = "Leads the same client to the same endpoint."),
	F(locality_lb_setting, "localityLbSetting", MESSAGE, DONE, .desc = &istio_locality_load_balancer_setting_desc,
	  .doc = "Preference for near endpoints; replaces the mesh's setting as a whole."),
	F(warmup_duration_secs, "warmupDurationSecs", DURATION, DONE, .flags = MSG_OPTIONAL,
	  .doc = "How long a new endpoint gets less than its share; with ROUND_ROBIN and LEAST_REQUEST."),
};
DESC(istio_load_balancer_settings, "LoadBalancerSettings", "How an endpoint is chosen.");
#undef T

#define T struct istio_connection_pool_settings_tcp_settings_tcp_keepalive
static const struct msg_field istio_connection_pool_settings_tcp_settings_tcp_keepalive_rows[] = {
	F(probes, "probes", UINT32, DONE,
	  .doc = "Probes without an answer after which the connection is dead; the system's default when absent."),
	F(time, "time", DURATION, DONE, .flags = MSG_OPTIONAL,
	  .doc = "Idle time before the first probe; the system's default when absent."),
	F(interval, "interval", DURATION, DONE, .flags = MSG_OPTIONAL,
	  .doc = "Time between probes; the system's default when absent."),
};
DESC(istio_connection_pool_settings_tcp_settings_tcp_keepalive, "ConnectionPoolSettingsTCPSettingsTcpKeepalive",
     "TCP keep-alive probes of idle connections.");
#undef T

#define T struct istio_connection_pool_settings_tcp_settings
static const struct msg_field istio_connection_pool_settings_tcp_settings_rows[] = {
	F(max_connections, "maxConnections", INT32, DONE,
	  .doc = "Most connections to the service at once; no limit by default."),
	F(connect_timeout, "connectTimeout", DURATION, DONE, .flags = MSG_OPTIONAL,
	  .doc = "How long a connection may take to open; 10s by default."),
	F(tcp_keepalive, "tcpKeepalive", MESSAGE, DONE,
	  .desc = &istio_connection_pool_settings_tcp_settings_tcp_keepalive_desc,
	  .doc = "Sends keep-alive probes; none when absent."),
	F(max_connection_duration, "maxConnectionDuration", DURATION, DONE, .flags = MSG_OPTIONAL,
	  .doc = "Longest life of a connection; no limit by default."),
};
DESC(istio_connection_pool_settings_tcp_settings, "ConnectionPoolSettingsTCPSettings",
     "Limits of connections, for TCP and HTTP.");
#undef T

#define T struct istio_connection_pool_settings_http_settings
static const struct msg_field istio_connection_pool_settings_http_settings_rows[] = {
	F(http1_max_pending_requests, "http1MaxPendingRequests", INT32, DONE,
	  .doc = "Most requests that wait for a connection; others are answered 503. No limit by default."),
	F(http2_max_requests, "http2MaxRequests", INT32, DONE,
	  .doc = "Most requests in flight; others are answered 503. No limit by default."),
	F(max_requests_per_connection, "maxRequestsPerConnection", INT32, DONE,
	  .doc = "Requests after which a connection is closed; 0, the default, for no limit."),
	F(max_retries, "maxRetries", INT32, DONE, .doc = "Most retries in flight; no limit by default."),
	F(idle_timeout, "idleTimeout", DURATION, DONE, .flags = MSG_OPTIONAL,
	  .doc = "How long a connection without requests is kept; 1h by default."),
	F(h2_upgrade_policy, "h2UpgradePolicy", ENUM, DONE,
	  .enums = &istio_connection_pool_settings_http_settings_h2_upgrade_policy_names,
	  .doc = "Whether HTTP/1.1 requests are sent on as HTTP/2; as the mesh says by default."),
	F(use_client_protocol, "useClientProtocol", BOOL, DONE,
	  .doc = "Sends requests on in the client's version of HTTP."),
};
DESC(istio_connection_pool_settings_http_settings, "ConnectionPoolSettingsHTTPSettings", "Limits of HTTP requests.");
#undef T

#define T struct istio_connection_pool_settings
static const struct msg_field istio_connection_pool_settings_rows[] = {
	F(tcp, "tcp", MESSAGE, DONE, .desc = &istio_connection_pool_settings_tcp_settings_desc,
	  .doc = "Limits of connections, for TCP and HTTP."),
	F(http, "http", MESSAGE, DONE, .desc = &istio_connection_pool_settings_http_settings_desc,
	  .doc = "Limits of HTTP requests."),
};
DESC(istio_connection_pool_settings, "ConnectionPoolSettings", "Limits of connections and requests to a service.");
#undef T

#define T struct istio_outlier_detection
static const struct msg_field istio_outlier_detection_rows[] = {
	F(consecutive_errors, "consecutiveErrors", INT32, DONE,
	  .doc = "Obsolete: use consecutiveGatewayErrors or consecutive5xxErrors."),
	F(split_external_local_origin_errors, "splitExternalLocalOriginErrors", BOOL, DONE,
	  .doc = "Counts failed connections apart from answers with an error."),
	F(consecutive_local_origin_failures, "consecutiveLocalOriginFailures", UINT32, DONE,
	  .flags = MSG_OPTIONAL | MSG_NULLABLE,
	  .doc = "Failed connections in a row that eject an endpoint; 5 by default. Needs "
		 "splitExternalLocalOriginErrors."),
	F(consecutive_gateway_errors, "consecutiveGatewayErrors", UINT32, DONE, .flags = MSG_OPTIONAL | MSG_NULLABLE,
	  .doc = "Answers 502, 503 or 504 in a row that eject an endpoint; off when absent or 0."),
	F(consecutive_5xx_errors, "consecutive5xxErrors", UINT32, DONE, .flags = MSG_OPTIONAL | MSG_NULLABLE,
	  .doc = "Answers 5xx in a row that eject an endpoint; 5 by default, 0 turns it off."),
	F(interval, "interval", DURATION, DONE, .flags = MSG_OPTIONAL,
	  .doc = "Time between two sweeps that take endpoints back; 10s by default."),
	F(base_ejection_time, "baseEjectionTime", DURATION, DONE, .flags = MSG_OPTIONAL,
	  .doc = "How long an endpoint is left out, times the number of its ejections; 30s by default."),
	F(max_ejection_percent, "maxEjectionPercent", INT32, DONE,
	  .doc = "Most endpoints left out at once, in percent; 10 by default, and one is always allowed."),
	F(min_health_percent, "minHealthPercent", INT32, DONE,
	  .doc = "Below this percentage of healthy endpoints all are used again; 0, the default, turns it off."),
};
DESC(istio_outlier_detection, "OutlierDetection", "When endpoints that fail are left out for a while.");
#undef T

#define T struct istio_client_tls_settings
static const struct msg_field istio_client_tls_settings_rows[] = {
	F(mode, "mode", ENUM, DONE, .enums = &istio_client_tls_settings_tl_smode_names,
	  .doc = "DISABLE for plain text, SIMPLE for TLS, MUTUAL with the client's own certificate, ISTIO_MUTUAL with "
		 "the mesh's."),
	F(client_certificate, "clientCertificate", STRING, DONE,
	  .doc = "File with the client's certificate; needed with MUTUAL."),
	F(private_key, "privateKey", STRING, DONE,
	  .doc = "File with the key of the client's certificate; needed with MUTUAL."),
	F(ca_certificates, "caCertificates", STRING, DONE,
	  .doc = "File with the authorities that the server's certificate is verified by."),
	F(credential_name, "credentialName", STRING, DONE,
	  .doc = "Secret with key, certificate and authorities, instead of files; for clients that are gateways."),
	F(subject_alt_names, "subjectAltNames", STRING, DONE, .flags = MSG_LIST,
	  .doc = "Names of which the server's certificate must have one."),
	F(sni, "sni", STRING, DONE, .doc = "Server name (SNI) that is asked for."),
	F(insecure_skip_verify, "insecureSkipVerify", BOOL, DONE, .flags = MSG_OPTIONAL | MSG_NULLABLE,
	  .doc = "Accepts any certificate of the server."),
};
DESC(istio_client_tls_settings, "ClientTLSSettings", "TLS towards a service.");
#undef T

#define T struct istio_traffic_policy_port_traffic_policy
static const struct msg_field istio_traffic_policy_port_traffic_policy_rows[] = {
	F(port, "port", MESSAGE, DONE, .desc = &istio_port_selector_desc,
	  .doc = "Port of the service that this policy is for."),
	F(load_balancer, "loadBalancer", MESSAGE, DONE, .desc = &istio_load_balancer_settings_desc,
	  .doc = "How an endpoint is chosen."),
	F(connection_pool, "connectionPool", MESSAGE, DONE, .desc = &istio_connection_pool_settings_desc,
	  .doc = "Limits of connections and requests; those for all ports are not inherited."),
	F(outlier_detection, "outlierDetection", MESSAGE, DONE, .desc = &istio_outlier_detection_desc,
	  .doc = "When failing endpoints are left out for a while; none when absent."),
	F(tls, "tls", MESSAGE, DONE, .desc = &istio_client_tls_settings_desc,
	  .doc = "TLS towards the service on this port; automatic mutual TLS when absent."),
};
DESC(istio_traffic_policy_port_traffic_policy, "TrafficPolicyPortTrafficPolicy",
     "The policy of one port, in place of the one for all ports.");
#undef T

#define T struct istio_traffic_policy_tunnel_settings
static const struct msg_field istio_traffic_policy_tunnel_settings_rows[] = {
	F(protocol, "protocol", STRING, TOLD("tunnels are not carried out"),
	  .doc = "Method that opens the tunnel: CONNECT or POST."),
	F(target_host, "targetHost", STRING, TOLD("tunnels are not carried out"),
	  .doc = "Host that the tunnel leads to."),
	F(target_port, "targetPort", UINT32, TOLD("tunnels are not carried out"),
	  .doc = "Port that the tunnel leads to."),
};
DESC(istio_traffic_policy_tunnel_settings, "TrafficPolicyTunnelSettings", "A tunnel through another proxy.");
#undef T

#define T struct istio_traffic_policy_retry_budget
static const struct msg_field istio_traffic_policy_retry_budget_rows[] = {
	F(percent, "percent", DOUBLE, DONE, .flags = MSG_OPTIONAL | MSG_NULLABLE,
	  .doc = "As many retries at once as this part of the requests under way, in percent; 20 by default."),
	F(min_retry_concurrency, "minRetryConcurrency", UINT32, DONE,
	  .doc = "As many retries at once in any case; 3 when absent or 0."),
};
DESC(istio_traffic_policy_retry_budget, "TrafficPolicyRetryBudget", "How many requests may be retried at once.");
#undef T

#define T struct istio_traffic_policy
static const struct msg_field istio_traffic_policy_rows[] = {
	F(load_balancer, "loadBalancer", MESSAGE, DONE, .desc = &istio_load_balancer_settings_desc,
	  .doc = "How an endpoint is chosen."),
	F(connection_pool, "connectionPool", MESSAGE, DONE, .desc = &istio_connection_pool_settings_desc,
	  .doc = "Limits of connections and requests; overflow is answered 503."),
	F(outlier_detection, "outlierDetection", MESSAGE, DONE, .desc = &istio_outlier_detection_desc,
	  .doc = "When failing endpoints are left out for a while; none when absent."),
	F(tls, "tls", MESSAGE, DONE, .desc = &istio_client_tls_settings_desc,
	  .doc = "TLS towards the service; automatic mutual TLS inside the mesh when absent."),
	F(port_level_settings, "portLevelSettings", MESSAGE, DONE,
	  .desc = &istio_traffic_policy_port_traffic_policy_desc, .flags = MSG_LIST,
	  .doc = "Policies of single ports; each replaces all of the above for its port."),
	F(tunnel, "tunnel", MESSAGE, TOLD("is not carried out"), .desc = &istio_traffic_policy_tunnel_settings_desc,
	  .doc = "Tunnels connections through another proxy."),
	F(retry_budget, "retryBudget", MESSAGE, DONE, .desc = &istio_traffic_policy_retry_budget_desc,
	  .doc = "How many requests may be retried at once, on all ports; maxRetries does not count beside it."),
};
DESC(istio_traffic_policy, "TrafficPolicy", "Policies of balancing, pools, outliers, TLS and retries.");
#undef T

#define T struct istio_subset
static const struct msg_field istio_subset_rows[] = {
	F(name, "name", STRING, DONE, .doc = "Name that VirtualServices refer to."),
	F(labels, "labels", STR_MAP, DONE,
	  .doc = "Labels that endpoints of the subset have; all endpoints when absent."),
	F(traffic_policy, "trafficPolicy", MESSAGE, DONE, .desc = &istio_traffic_policy_desc,
	  .doc = "What differs from the rule's policy; each group given replaces the rule's."),
};
DESC(istio_subset, "Subset", "A named part of a service, chosen by labels.");
#undef T

#define T struct istio_destination_rule_spec
static const struct msg_field istio_destination_rule_spec_rows[] = {
	F(host, "host", STRING, DONE, .doc = "Service that the rule is for: short or full name, or *.example.com."),
	F(traffic_policy, "trafficPolicy", MESSAGE, DONE, .desc = &istio_traffic_policy_desc,
	  .doc = "Balancing, limits, outlier detection and TLS for the service."),
	F(subsets, "subsets", MESSAGE, DONE, .desc = &istio_subset_desc, .flags = MSG_LIST,
	  .doc = "Named parts of the service, chosen by labels."),
	F(export_to, "exportTo", STRING, DONE, .flags = MSG_LIST,
	  .doc = "Namespaces whose proxies use it: \".\" its own, \"*\" all; all by default."),
	F(workload_selector, "workloadSelector", MESSAGE,
	  TOLD("rules for some clients only are not carried out; the rule is left out"),
	  .desc = &istio_workload_selector_desc, .doc = "Clients that the rule is for; all when absent."),
};
DESC(istio_destination_rule_spec, "DestinationRule", "What applies to the traffic to a service.");
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
