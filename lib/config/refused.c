/*
 * Fields that Envoy knows and this proxy does not carry out: set in a resource, they refuse it with their path.
 * Whatever the decoder itself neither reads nor refuses stands here, or in test/lint/xds_fields.txt with the reason why
 * it may be passed over; `make lint` compares.
 */
#include "config/build_internal.h"

#include "base/map.h"
#include "base/mem.h"

#define DEPTH_MAX 64 /* messages inside one another; protobuf-c itself stops at fewer */

/* Fields of a message, separated by spaces. */
static const struct refused_fields {
	const char *message, *fields;
} refused[] = {
	{"envoy.config.accesslog.v3.AccessLogFilter", "metadata_filter runtime_filter traceable_filter"},
	{"envoy.config.cluster.v3.CircuitBreakers", "per_host_thresholds"},
	{"envoy.config.cluster.v3.CircuitBreakers.Thresholds", "max_connection_pools"},
	{"envoy.config.cluster.v3.Cluster", "cluster_type lrs_server typed_dns_resolver_config upstream_config"},
	{"envoy.config.cluster.v3.Cluster.CommonLbConfig",
	 "close_connections_on_host_set_change consistent_hashing_lb_config zone_aware_lb_config"},
	{"envoy.config.cluster.v3.Cluster.LbSubsetConfig",
	 "locality_weight_aware metadata_fallback_policy panic_mode_any scale_locality_weight"},
	{"envoy.config.cluster.v3.Cluster.LbSubsetConfig.LbSubsetSelector", "single_host_per_subset"},
	{"envoy.config.cluster.v3.Cluster.LeastRequestLbConfig", "active_request_bias"},
	{"envoy.config.cluster.v3.Cluster.OriginalDstLbConfig", "http_header_name"},
	{"envoy.config.cluster.v3.Cluster.RingHashLbConfig", "hash_function"},
	{"envoy.config.cluster.v3.Filter", "config_discovery"},
	{"envoy.config.cluster.v3.OutlierDetection",
	 "always_eject_one_host enforcing_failure_percentage enforcing_failure_percentage_local_origin "
	 "failure_percentage_minimum_hosts failure_percentage_request_volume failure_percentage_threshold "
	 "max_ejection_time_jitter monitors"},
	{"envoy.config.cluster.v3.UpstreamConnectionOptions", "set_local_interface_name_on_upstream_connections"},
	{"envoy.config.core.v3.BindConfig", "freebind local_address_selector socket_options"},
	{"envoy.config.core.v3.DataSource", "environment_variable"},
	{"envoy.config.core.v3.HealthCheck", "always_log_health_check_failures always_log_health_check_success "
					     "event_logger transport_socket_match_criteria"},
	{"envoy.config.core.v3.HealthCheck.GrpcHealthCheck", "initial_metadata"},
	{"envoy.config.core.v3.HealthCheck.HttpHealthCheck", "receive response_buffer_size send service_name_matcher"},
	{"envoy.config.core.v3.HealthCheck.TcpHealthCheck", "proxy_protocol_config"},
	{"envoy.config.core.v3.Http1ProtocolOptions",
	 "allow_chunked_length allow_custom_methods ignore_http_11_upgrade "
	 "override_stream_error_on_invalid_http_message send_fully_qualified_url"},
	{"envoy.config.core.v3.HttpProtocolOptions", "headers_with_underscores_action max_response_headers_kb"},
	{"envoy.config.core.v3.ProxyProtocolConfig", "added_tlvs pass_through_tlvs"},
	{"envoy.config.core.v3.SocketAddress", "named_port network_namespace_filepath resolver_name"},
	{"envoy.config.core.v3.SubstitutionFormatString", "omit_empty_values"},
	{"envoy.config.core.v3.UpstreamHttpProtocolOptions", "override_auto_sni_header"},
	{"envoy.config.endpoint.v3.ClusterLoadAssignment", "named_endpoints"},
	{"envoy.config.endpoint.v3.ClusterLoadAssignment.Policy",
	 "drop_overloads endpoint_stale_after weighted_priority_health"},
	{"envoy.config.endpoint.v3.Endpoint", "additional_addresses"},
	{"envoy.config.endpoint.v3.Endpoint.HealthCheckConfig", "address"},
	{"envoy.config.endpoint.v3.LbEndpoint", "endpoint_name"},
	{"envoy.config.trace.v3.OpenTelemetryConfig", "resource_detectors sampler"},
	{"envoy.config.listener.v3.Filter", "config_discovery"},
	{"envoy.config.listener.v3.Listener",
	 "additional_addresses enable_mptcp freebind socket_options tcp_keepalive"},
	{"envoy.config.listener.v3.ListenerFilter", "config_discovery"},
	{"envoy.config.listener.v3.ListenerFilterChainMatchPredicate", "and_match not_match"},
	{"envoy.config.rbac.v3.Permission", "matcher uri_template"},
	{"envoy.config.rbac.v3.Principal", "custom"},
	{"envoy.config.route.v3.RetryPolicy", "per_try_idle_timeout rate_limited_retry_back_off "
					      "retriable_request_headers retry_options_predicates retry_priority"},
	{"envoy.config.route.v3.RateLimit", "apply_on_stream_done hits_addend limit x_ratelimit_option"},
	{"envoy.config.route.v3.RateLimit.Action", "dynamic_metadata extension metadata"},
	{"envoy.config.route.v3.RateLimit.Action.GenericKey", "default_value"},
	{"envoy.config.route.v3.RateLimit.Action.HeaderValueMatch", "default_value"},
	{"envoy.config.route.v3.RateLimit.Action.QueryParameterValueMatch", "default_value"},
	{"envoy.config.route.v3.Route", "non_forwarding_action request_body_buffer_limit"},
	{"envoy.config.route.v3.RouteAction",
	 "append_x_forwarded_host cluster_specifier_plugin flush_timeout host_rewrite host_rewrite_path_regex "
	 "internal_redirect_policy path_rewrite path_rewrite_policy priority retry_policy_typed_config"},
	{"envoy.config.route.v3.RouteAction.HashPolicy", "filter_state"},
	{"envoy.config.route.v3.RouteAction.HashPolicy.Header", "regex_rewrite"},
	{"envoy.config.route.v3.RouteAction.MaxStreamDuration", "grpc_timeout_header_offset"},
	{"envoy.config.route.v3.RouteAction.RequestMirrorPolicy",
	 "cluster_header disable_shadow_host_suffix_append host_rewrite_literal"},
	{"envoy.config.route.v3.RouteAction.UpgradeConfig.ConnectConfig", "allow_post proxy_protocol_config"},
	{"envoy.config.route.v3.RouteConfiguration",
	 "ignore_path_parameters_in_path_matching internal_only_headers request_mirror_policies vhds vhost_header"},
	{"envoy.config.route.v3.RouteMatch", "filter_state path_match_policy tls_context"},
	{"envoy.config.route.v3.VirtualHost",
	 "include_attempt_count_in_response include_is_timeout_retry_header request_body_buffer_limit "
	 "request_mirror_policies retry_policy_typed_config"},
	{"envoy.config.route.v3.WeightedCluster", "header_name use_hash_policy"},
	{"envoy.config.route.v3.WeightedCluster.ClusterWeight", "cluster_header"},
	{"envoy.extensions.access_loggers.grpc.v3.CommonGrpcAccessLogConfig", "custom_tags grpc_stream_retry_policy"},
	{"envoy.extensions.access_loggers.open_telemetry.v3.OpenTelemetryAccessLogConfig", "formatters"},
	{"envoy.extensions.filters.http.cors.v3.CorsPolicy", "allow_private_network_access shadow_enabled"},
	{"envoy.extensions.filters.http.ext_authz.v3.AuthorizationResponse", "dynamic_metadata_from_headers"},
	{"envoy.extensions.filters.http.ext_authz.v3.CheckSettings", "with_request_body"},
	{"envoy.extensions.filters.http.ext_authz.v3.ExtAuthz",
	 "bootstrap_metadata_labels_key emit_filter_state_stats enable_dynamic_metadata_ingestion encode_raw_headers "
	 "filter_metadata include_peer_certificate include_tls_session metadata_context_namespaces "
	 "route_metadata_context_namespaces route_typed_metadata_context_namespaces typed_metadata_context_namespaces "
	 "validate_mutations"},
	{"envoy.extensions.filters.http.fault.v3.HTTPFault", "downstream_nodes max_active_faults response_rate_limit"},
	{"envoy.extensions.filters.http.jwt_authn.v3.JwtProvider", "failed_status_in_metadata"},
	{"envoy.extensions.common.ratelimit.v3.LocalRateLimitDescriptor", "shadow_mode"},
	{"envoy.extensions.filters.http.local_ratelimit.v3.LocalRateLimit",
	 "local_cluster_rate_limit local_rate_limit_per_downstream_connection max_dynamic_descriptors"},
	{"envoy.extensions.filters.http.ratelimit.v3.RateLimitPerRoute", "override_option"},
	{"envoy.extensions.filters.network.local_ratelimit.v3.LocalRateLimit", "share_key"},
	{"envoy.extensions.filters.http.router.v3.Router",
	 "reject_connect_request_early_data respect_expected_rq_timeout strict_check_headers upstream_http_filters "
	 "upstream_log upstream_log_options"},
	{"envoy.extensions.filters.listener.proxy_protocol.v3.ProxyProtocol", "pass_through_tlvs rules tlv_location"},
	{"envoy.extensions.filters.listener.tls_inspector.v3.TlsInspector",
	 "close_connection_on_client_hello_parsing_errors enable_ja3_fingerprinting enable_ja4_fingerprinting "
	 "max_client_hello_size"},
	{"envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager",
	 "add_proxy_protocol_connection_state add_user_agent append_local_overload append_x_forwarded_port "
	 "http1_safe_max_connection_duration local_reply_config original_ip_detection_extensions "
	 "path_normalization_options proxy_status_config stream_error_on_invalid_http_message "
	 "strip_trailing_host_dot typed_header_validation_config via"},
	{"envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager."
	 "SetCurrentClientCertDetails",
	 "chain"},
	{"envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager.Tracing",
	 "operation spawn_upstream_span upstream_operation"},
	{"envoy.extensions.filters.network.http_connection_manager.v3.HttpFilter", "config_discovery disabled"},
	{"envoy.extensions.filters.network.ext_authz.v3.ExtAuthz",
	 "bootstrap_metadata_labels_key include_peer_certificate include_tls_session"},
	{"envoy.extensions.filters.network.rbac.v3.RBAC", "delay_deny enforcement_type"},
	{"envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy",
	 "backoff_options downstream_idle_timeout max_downstream_connection_duration_jitter_percentage "
	 "max_early_data_bytes tunneling_config upstream_connect_mode upstream_idle_timeout"},
	{"envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy.WeightedCluster.ClusterWeight", "metadata_match"},
	{"envoy.extensions.http.header_formatters.preserve_case.v3.PreserveCaseFormatterConfig",
	 "formatter_type_on_envoy_headers"},
	{"envoy.extensions.transport_sockets.proxy_protocol.v3.ProxyProtocolUpstreamTransport", "tlv_as_pool_key"},
	{"envoy.extensions.transport_sockets.tls.v3.CertificateValidationContext",
	 "allow_expired_certificate custom_validator_config max_verify_depth only_verify_leaf_cert_crl "
	 "require_signed_certificate_timestamp"},
	{"envoy.extensions.transport_sockets.tls.v3.CommonTlsContext",
	 "custom_handshaker custom_tls_certificate_selector"},
	{"envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext",
	 "disable_stateful_session_resumption disable_stateless_session_resumption ocsp_staple_policy "
	 "prefer_client_ciphers session_ticket_keys session_ticket_keys_sds_secret_config session_timeout"},
	{"envoy.extensions.transport_sockets.tls.v3.Secret", "generic_secret session_ticket_keys"},
	{"envoy.extensions.transport_sockets.tls.v3.SubjectAltNameMatcher", "oid"},
	{"envoy.extensions.transport_sockets.tls.v3.TlsCertificate",
	 "ocsp_staple password pkcs12 signed_certificate_timestamp"},
	{"envoy.extensions.transport_sockets.tls.v3.TlsParameters", "compliance_policies signature_algorithms"},
	{"envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext",
	 "allow_renegotiation auto_sni_san_validation enforce_rsa_key_usage"},
	{"envoy.extensions.upstreams.http.v3.HttpProtocolOptions",
	 "hash_policy header_validation_config http_filters request_mirror_policies retry_policy"},
	{"stats.MetricConfig", "match"},
	{"stats.PluginConfig", "definitions"},
};

/* What is to be looked at in messages of one kind; made once per kind, never freed. */
struct look {
	const ProtobufCFieldDescriptor **refused, **kids;
	unsigned n_refused, n_kids;
};

static void add_refused(struct look *l, const ProtobufCMessageDescriptor *d, struct slice fields)
{
	while (fields.len) {
		struct slice one = slice_split(&fields, ' ');
		for (unsigned i = 0; i < d->n_fields; i++)
			if (slice_eq_str(one, d->fields[i].name))
				l->refused[l->n_refused++] = &d->fields[i];
	}
}

static const struct look *look_of(const ProtobufCMessageDescriptor *d)
{
	static struct map looks;
	struct slice key = slice_make((const char *)&d, sizeof(d));
	struct look *l = map_get(&looks, key);
	const ProtobufCMessageDescriptor **own_key;

	if (l)
		return l;
	l = NEW(struct look);
	l->refused = mem_calloc(d->n_fields + 1, sizeof(*l->refused));
	l->kids = mem_calloc(d->n_fields + 1, sizeof(*l->kids));
	own_key = NEW(const ProtobufCMessageDescriptor *);
	*own_key = d;
	map_set(&looks, slice_make((const char *)own_key, sizeof(d)), l);
	for (unsigned i = 0; i < d->n_fields; i++)
		if (d->fields[i].type == PROTOBUF_C_TYPE_MESSAGE)
			l->kids[l->n_kids++] = &d->fields[i];
	for (size_t i = 0; i < ARRAY_LEN(refused); i++)
		if (strcmp(refused[i].message, d->name) == 0)
			add_refused(l, d, slice_str(refused[i].fields));
	return l;
}

static size_t count(const ProtobufCMessage *m, const ProtobufCFieldDescriptor *f)
{
	if (f->label == PROTOBUF_C_LABEL_REPEATED)
		return *(const size_t *)((const char *)m + f->quantifier_offset);
	if (f->flags & PROTOBUF_C_FIELD_FLAG_ONEOF &&
	    *(const uint32_t *)((const char *)m + f->quantifier_offset) != f->id)
		return 0;
	return 1;
}

/* Whether it has another value than the one it has when it is absent. */
static bool is_set(const ProtobufCMessage *m, const ProtobufCFieldDescriptor *f)
{
	const void *at = (const char *)m + f->offset;

	if (!count(m, f))
		return false;
	if (f->label == PROTOBUF_C_LABEL_REPEATED || f->flags & PROTOBUF_C_FIELD_FLAG_ONEOF)
		return true;
	switch (f->type) {
	case PROTOBUF_C_TYPE_STRING:
		return *(char *const *)at && **(char *const *)at;
	case PROTOBUF_C_TYPE_MESSAGE:
		return *(void *const *)at;
	case PROTOBUF_C_TYPE_BYTES:
		return ((const ProtobufCBinaryData *)at)->len;
	case PROTOBUF_C_TYPE_INT64:
	case PROTOBUF_C_TYPE_SINT64:
	case PROTOBUF_C_TYPE_SFIXED64:
	case PROTOBUF_C_TYPE_UINT64:
	case PROTOBUF_C_TYPE_FIXED64:
	case PROTOBUF_C_TYPE_DOUBLE:
		return *(const uint64_t *)at;
	case PROTOBUF_C_TYPE_BOOL:
		return *(const protobuf_c_boolean *)at;
	default:
		return *(const uint32_t *)at;
	}
}

static int look_at(const ProtobufCMessage *m, unsigned depth, struct err *e)
{
	const struct look *l = look_of(m->descriptor);

	if (depth > DEPTH_MAX)
		return err_set(e, -EINVAL, "messages are nested too deeply");
	for (unsigned i = 0; i < l->n_refused; i++)
		if (is_set(m, l->refused[i]))
			return UNSUPPORTED(e, l->refused[i]->name);
	for (unsigned i = 0; i < l->n_kids; i++) {
		const ProtobufCFieldDescriptor *f = l->kids[i];
		const void *at = (const char *)m + f->offset;
		bool many = f->label == PROTOBUF_C_LABEL_REPEATED;
		for (size_t k = 0, n = count(m, f); k < n; k++) {
			const ProtobufCMessage *kid =
				many ? (*(ProtobufCMessage *const *const *)at)[k] : *(ProtobufCMessage *const *)at;
			int r = kid ? look_at(kid, depth + 1, e) : 0;
			if (r < 0)
				return many ? err_wrap(e, r, "%s[%zu]", f->name, k) : err_wrap(e, r, "%s", f->name);
		}
	}
	return 0;
}

int build_refuse(const void *message, struct err *e)
{
	return look_at(message, 0, e);
}

void *build_decode(struct arena *a, const ProtobufCMessageDescriptor *d, struct slice bytes, struct err *e)
{
	void *m = pb_unpack(a, d, bytes);

	if (!m) {
		err_set(e, -EINVAL, "broken message");
		return NULL;
	}
	return build_refuse(m, e) < 0 ? NULL : m;
}
