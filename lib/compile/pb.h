/*
 * Short names for the xDS messages that generators build, and the few helpers that make building them readable.
 * Messages live in the arena of one generator run and are packed into a resource at its end.
 */
#ifndef COMPILE_PB_H
#define COMPILE_PB_H

#include "base/arena.h"
#include "xds/pb.h"
#include "compile/pb_include.h"

/* pb_<name> is the message's type, pb_<name>_new(arena) an empty one. */
#define PB_ALIAS(alias, type, lower)                                                                                   \
	typedef type pb_##alias;                                                                                       \
	static inline type *pb_##alias##_new(struct arena *a)                                                          \
	{                                                                                                              \
		type *m = arena_alloc(a, sizeof(*m));                                                                  \
                                                                                                                       \
		lower##__init(m);                                                                                      \
		return m;                                                                                              \
	}

PB_ALIAS(cluster, Envoy__Config__Cluster__V3__Cluster, envoy__config__cluster__v3__cluster)
PB_ALIAS(cluster_filter, Envoy__Config__Cluster__V3__Filter, envoy__config__cluster__v3__filter)
PB_ALIAS(tsmatch, Envoy__Config__Cluster__V3__Cluster__TransportSocketMatch,
	 envoy__config__cluster__v3__cluster__transport_socket_match)
PB_ALIAS(eds_config, Envoy__Config__Cluster__V3__Cluster__EdsClusterConfig,
	 envoy__config__cluster__v3__cluster__eds_cluster_config)
PB_ALIAS(ring_hash, Envoy__Config__Cluster__V3__Cluster__RingHashLbConfig,
	 envoy__config__cluster__v3__cluster__ring_hash_lb_config)
PB_ALIAS(slow_start, Envoy__Config__Cluster__V3__Cluster__SlowStartConfig,
	 envoy__config__cluster__v3__cluster__slow_start_config)
PB_ALIAS(round_robin, Envoy__Config__Cluster__V3__Cluster__RoundRobinLbConfig,
	 envoy__config__cluster__v3__cluster__round_robin_lb_config)
PB_ALIAS(least_request, Envoy__Config__Cluster__V3__Cluster__LeastRequestLbConfig,
	 envoy__config__cluster__v3__cluster__least_request_lb_config)
PB_ALIAS(maglev, Envoy__Config__Cluster__V3__Cluster__MaglevLbConfig,
	 envoy__config__cluster__v3__cluster__maglev_lb_config)
PB_ALIAS(original_lb, Envoy__Config__Cluster__V3__Cluster__OriginalDstLbConfig,
	 envoy__config__cluster__v3__cluster__original_dst_lb_config)
PB_ALIAS(common_lb, Envoy__Config__Cluster__V3__Cluster__CommonLbConfig,
	 envoy__config__cluster__v3__cluster__common_lb_config)
PB_ALIAS(locality_lb, Envoy__Config__Cluster__V3__Cluster__CommonLbConfig__LocalityWeightedLbConfig,
	 envoy__config__cluster__v3__cluster__common_lb_config__locality_weighted_lb_config)
PB_ALIAS(breakers, Envoy__Config__Cluster__V3__CircuitBreakers, envoy__config__cluster__v3__circuit_breakers)
PB_ALIAS(thresholds, Envoy__Config__Cluster__V3__CircuitBreakers__Thresholds,
	 envoy__config__cluster__v3__circuit_breakers__thresholds)
PB_ALIAS(retry_budget, Envoy__Config__Cluster__V3__CircuitBreakers__Thresholds__RetryBudget,
	 envoy__config__cluster__v3__circuit_breakers__thresholds__retry_budget)
PB_ALIAS(outlier, Envoy__Config__Cluster__V3__OutlierDetection, envoy__config__cluster__v3__outlier_detection)
PB_ALIAS(upstream_conn, Envoy__Config__Cluster__V3__UpstreamConnectionOptions,
	 envoy__config__cluster__v3__upstream_connection_options)
PB_ALIAS(cla, Envoy__Config__Endpoint__V3__ClusterLoadAssignment, envoy__config__endpoint__v3__cluster_load_assignment)
PB_ALIAS(locality_endpoints, Envoy__Config__Endpoint__V3__LocalityLbEndpoints,
	 envoy__config__endpoint__v3__locality_lb_endpoints)
PB_ALIAS(lb_endpoint, Envoy__Config__Endpoint__V3__LbEndpoint, envoy__config__endpoint__v3__lb_endpoint)
PB_ALIAS(endpoint, Envoy__Config__Endpoint__V3__Endpoint, envoy__config__endpoint__v3__endpoint)
PB_ALIAS(address, Envoy__Config__Core__V3__Address, envoy__config__core__v3__address)
PB_ALIAS(socket_address, Envoy__Config__Core__V3__SocketAddress, envoy__config__core__v3__socket_address)
PB_ALIAS(pipe, Envoy__Config__Core__V3__Pipe, envoy__config__core__v3__pipe)
PB_ALIAS(format_string, Envoy__Config__Core__V3__SubstitutionFormatString,
	 envoy__config__core__v3__substitution_format_string)
PB_ALIAS(cidr, Envoy__Config__Core__V3__CidrRange, envoy__config__core__v3__cidr_range)
PB_ALIAS(metadata, Envoy__Config__Core__V3__Metadata, envoy__config__core__v3__metadata)
PB_ALIAS(metadata_entry, Envoy__Config__Core__V3__Metadata__FilterMetadataEntry,
	 envoy__config__core__v3__metadata__filter_metadata_entry)
PB_ALIAS(transport_socket, Envoy__Config__Core__V3__TransportSocket, envoy__config__core__v3__transport_socket)
PB_ALIAS(config_source, Envoy__Config__Core__V3__ConfigSource, envoy__config__core__v3__config_source)
PB_ALIAS(ads_source, Envoy__Config__Core__V3__AggregatedConfigSource, envoy__config__core__v3__aggregated_config_source)
PB_ALIAS(api_source, Envoy__Config__Core__V3__ApiConfigSource, envoy__config__core__v3__api_config_source)
PB_ALIAS(grpc_service, Envoy__Config__Core__V3__GrpcService, envoy__config__core__v3__grpc_service)
PB_ALIAS(envoy_grpc, Envoy__Config__Core__V3__GrpcService__EnvoyGrpc, envoy__config__core__v3__grpc_service__envoy_grpc)
PB_ALIAS(bind_config, Envoy__Config__Core__V3__BindConfig, envoy__config__core__v3__bind_config)
PB_ALIAS(http_options, Envoy__Config__Core__V3__HttpProtocolOptions, envoy__config__core__v3__http_protocol_options)
PB_ALIAS(http1_options, Envoy__Config__Core__V3__Http1ProtocolOptions, envoy__config__core__v3__http1_protocol_options)
PB_ALIAS(http2_options, Envoy__Config__Core__V3__Http2ProtocolOptions, envoy__config__core__v3__http2_protocol_options)
PB_ALIAS(header_option, Envoy__Config__Core__V3__HeaderValueOption, envoy__config__core__v3__header_value_option)
PB_ALIAS(header_value, Envoy__Config__Core__V3__HeaderValue, envoy__config__core__v3__header_value)
PB_ALIAS(data_source, Envoy__Config__Core__V3__DataSource, envoy__config__core__v3__data_source)
PB_ALIAS(runtime_fraction, Envoy__Config__Core__V3__RuntimeFractionalPercent,
	 envoy__config__core__v3__runtime_fractional_percent)
PB_ALIAS(keepalive, Envoy__Config__Core__V3__TcpKeepalive, envoy__config__core__v3__tcp_keepalive)
PB_ALIAS(locality, Envoy__Config__Core__V3__Locality, envoy__config__core__v3__locality)
PB_ALIAS(listener, Envoy__Config__Listener__V3__Listener, envoy__config__listener__v3__listener)
PB_ALIAS(chain, Envoy__Config__Listener__V3__FilterChain, envoy__config__listener__v3__filter_chain)
PB_ALIAS(chain_match, Envoy__Config__Listener__V3__FilterChainMatch, envoy__config__listener__v3__filter_chain_match)
PB_ALIAS(filter, Envoy__Config__Listener__V3__Filter, envoy__config__listener__v3__filter)
PB_ALIAS(listener_filter, Envoy__Config__Listener__V3__ListenerFilter, envoy__config__listener__v3__listener_filter)
PB_ALIAS(predicate, Envoy__Config__Listener__V3__ListenerFilterChainMatchPredicate,
	 envoy__config__listener__v3__listener_filter_chain_match_predicate)
PB_ALIAS(match_set, Envoy__Config__Listener__V3__ListenerFilterChainMatchPredicate__MatchSet,
	 envoy__config__listener__v3__listener_filter_chain_match_predicate__match_set)
PB_ALIAS(int32_range, Envoy__Type__V3__Int32Range, envoy__type__v3__int32_range)
PB_ALIAS(balance_config, Envoy__Config__Listener__V3__Listener__ConnectionBalanceConfig,
	 envoy__config__listener__v3__listener__connection_balance_config)
PB_ALIAS(route_config, Envoy__Config__Route__V3__RouteConfiguration, envoy__config__route__v3__route_configuration)
PB_ALIAS(vhost, Envoy__Config__Route__V3__VirtualHost, envoy__config__route__v3__virtual_host)
PB_ALIAS(route, Envoy__Config__Route__V3__Route, envoy__config__route__v3__route)
PB_ALIAS(route_match, Envoy__Config__Route__V3__RouteMatch, envoy__config__route__v3__route_match)
PB_ALIAS(route_action, Envoy__Config__Route__V3__RouteAction, envoy__config__route__v3__route_action)
PB_ALIAS(weighted, Envoy__Config__Route__V3__WeightedCluster, envoy__config__route__v3__weighted_cluster)
PB_ALIAS(cluster_weight, Envoy__Config__Route__V3__WeightedCluster__ClusterWeight,
	 envoy__config__route__v3__weighted_cluster__cluster_weight)
PB_ALIAS(redirect, Envoy__Config__Route__V3__RedirectAction, envoy__config__route__v3__redirect_action)
PB_ALIAS(direct, Envoy__Config__Route__V3__DirectResponseAction, envoy__config__route__v3__direct_response_action)
PB_ALIAS(retry, Envoy__Config__Route__V3__RetryPolicy, envoy__config__route__v3__retry_policy)
PB_ALIAS(retry_predicate, Envoy__Config__Route__V3__RetryPolicy__RetryHostPredicate,
	 envoy__config__route__v3__retry_policy__retry_host_predicate)
PB_ALIAS(header_matcher, Envoy__Config__Route__V3__HeaderMatcher, envoy__config__route__v3__header_matcher)
PB_ALIAS(query_matcher, Envoy__Config__Route__V3__QueryParameterMatcher,
	 envoy__config__route__v3__query_parameter_matcher)
PB_ALIAS(decorator, Envoy__Config__Route__V3__Decorator, envoy__config__route__v3__decorator)
PB_ALIAS(hash_policy, Envoy__Config__Route__V3__RouteAction__HashPolicy,
	 envoy__config__route__v3__route_action__hash_policy)
PB_ALIAS(hash_header, Envoy__Config__Route__V3__RouteAction__HashPolicy__Header,
	 envoy__config__route__v3__route_action__hash_policy__header)
PB_ALIAS(hash_cookie, Envoy__Config__Route__V3__RouteAction__HashPolicy__Cookie,
	 envoy__config__route__v3__route_action__hash_policy__cookie)
PB_ALIAS(hash_conn, Envoy__Config__Route__V3__RouteAction__HashPolicy__ConnectionProperties,
	 envoy__config__route__v3__route_action__hash_policy__connection_properties)
PB_ALIAS(hash_query, Envoy__Config__Route__V3__RouteAction__HashPolicy__QueryParameter,
	 envoy__config__route__v3__route_action__hash_policy__query_parameter)
PB_ALIAS(mirror, Envoy__Config__Route__V3__RouteAction__RequestMirrorPolicy,
	 envoy__config__route__v3__route_action__request_mirror_policy)
PB_ALIAS(access_log, Envoy__Config__Accesslog__V3__AccessLog, envoy__config__accesslog__v3__access_log)
PB_ALIAS(path_matcher, Envoy__Type__Matcher__V3__PathMatcher, envoy__type__matcher__v3__path_matcher)
PB_ALIAS(string_matcher, Envoy__Type__Matcher__V3__StringMatcher, envoy__type__matcher__v3__string_matcher)
PB_ALIAS(regex, Envoy__Type__Matcher__V3__RegexMatcher, envoy__type__matcher__v3__regex_matcher)
PB_ALIAS(regex_sub, Envoy__Type__Matcher__V3__RegexMatchAndSubstitute,
	 envoy__type__matcher__v3__regex_match_and_substitute)
PB_ALIAS(rbac, Envoy__Config__Rbac__V3__RBAC, envoy__config__rbac__v3__rbac)
PB_ALIAS(rbac_policy, Envoy__Config__Rbac__V3__Policy, envoy__config__rbac__v3__policy)
PB_ALIAS(permission, Envoy__Config__Rbac__V3__Permission, envoy__config__rbac__v3__permission)
PB_ALIAS(permission_set, Envoy__Config__Rbac__V3__Permission__Set, envoy__config__rbac__v3__permission__set)
PB_ALIAS(principal, Envoy__Config__Rbac__V3__Principal, envoy__config__rbac__v3__principal)
PB_ALIAS(principal_set, Envoy__Config__Rbac__V3__Principal__Set, envoy__config__rbac__v3__principal__set)
PB_ALIAS(authenticated, Envoy__Config__Rbac__V3__Principal__Authenticated,
	 envoy__config__rbac__v3__principal__authenticated)
PB_ALIAS(http_rbac, Envoy__Extensions__Filters__Http__Rbac__V3__RBAC, envoy__extensions__filters__http__rbac__v3__rbac)
PB_ALIAS(metadata_matcher, Envoy__Type__Matcher__V3__MetadataMatcher, envoy__type__matcher__v3__metadata_matcher)
PB_ALIAS(metadata_step, Envoy__Type__Matcher__V3__MetadataMatcher__PathSegment,
	 envoy__type__matcher__v3__metadata_matcher__path_segment)
PB_ALIAS(value_matcher, Envoy__Type__Matcher__V3__ValueMatcher, envoy__type__matcher__v3__value_matcher)
PB_ALIAS(list_matcher, Envoy__Type__Matcher__V3__ListMatcher, envoy__type__matcher__v3__list_matcher)
PB_ALIAS(or_matcher, Envoy__Type__Matcher__V3__OrMatcher, envoy__type__matcher__v3__or_matcher)
PB_ALIAS(jwt, Envoy__Extensions__Filters__Http__JwtAuthn__V3__JwtAuthentication,
	 envoy__extensions__filters__http__jwt_authn__v3__jwt_authentication)
PB_ALIAS(jwt_provider_entry, Envoy__Extensions__Filters__Http__JwtAuthn__V3__JwtAuthentication__ProvidersEntry,
	 envoy__extensions__filters__http__jwt_authn__v3__jwt_authentication__providers_entry)
PB_ALIAS(jwt_provider, Envoy__Extensions__Filters__Http__JwtAuthn__V3__JwtProvider,
	 envoy__extensions__filters__http__jwt_authn__v3__jwt_provider)
PB_ALIAS(jwt_lists, Envoy__Extensions__Filters__Http__JwtAuthn__V3__JwtProvider__NormalizePayload,
	 envoy__extensions__filters__http__jwt_authn__v3__jwt_provider__normalize_payload)
PB_ALIAS(jwt_header, Envoy__Extensions__Filters__Http__JwtAuthn__V3__JwtHeader,
	 envoy__extensions__filters__http__jwt_authn__v3__jwt_header)
PB_ALIAS(jwt_claim, Envoy__Extensions__Filters__Http__JwtAuthn__V3__JwtClaimToHeader,
	 envoy__extensions__filters__http__jwt_authn__v3__jwt_claim_to_header)
PB_ALIAS(jwt_need, Envoy__Extensions__Filters__Http__JwtAuthn__V3__JwtRequirement,
	 envoy__extensions__filters__http__jwt_authn__v3__jwt_requirement)
PB_ALIAS(jwt_needs_any, Envoy__Extensions__Filters__Http__JwtAuthn__V3__JwtRequirementOrList,
	 envoy__extensions__filters__http__jwt_authn__v3__jwt_requirement_or_list)
PB_ALIAS(jwt_needs_all, Envoy__Extensions__Filters__Http__JwtAuthn__V3__JwtRequirementAndList,
	 envoy__extensions__filters__http__jwt_authn__v3__jwt_requirement_and_list)
PB_ALIAS(jwt_rule, Envoy__Extensions__Filters__Http__JwtAuthn__V3__RequirementRule,
	 envoy__extensions__filters__http__jwt_authn__v3__requirement_rule)
PB_ALIAS(net_rbac, Envoy__Extensions__Filters__Network__Rbac__V3__RBAC,
	 envoy__extensions__filters__network__rbac__v3__rbac)
PB_ALIAS(ext_authz, Envoy__Extensions__Filters__Http__ExtAuthz__V3__ExtAuthz,
	 envoy__extensions__filters__http__ext_authz__v3__ext_authz)
PB_ALIAS(ext_authz_http, Envoy__Extensions__Filters__Http__ExtAuthz__V3__HttpService,
	 envoy__extensions__filters__http__ext_authz__v3__http_service)
PB_ALIAS(ext_authz_request, Envoy__Extensions__Filters__Http__ExtAuthz__V3__AuthorizationRequest,
	 envoy__extensions__filters__http__ext_authz__v3__authorization_request)
PB_ALIAS(ext_authz_response, Envoy__Extensions__Filters__Http__ExtAuthz__V3__AuthorizationResponse,
	 envoy__extensions__filters__http__ext_authz__v3__authorization_response)
PB_ALIAS(ext_authz_body, Envoy__Extensions__Filters__Http__ExtAuthz__V3__BufferSettings,
	 envoy__extensions__filters__http__ext_authz__v3__buffer_settings)
PB_ALIAS(net_ext_authz, Envoy__Extensions__Filters__Network__ExtAuthz__V3__ExtAuthz,
	 envoy__extensions__filters__network__ext_authz__v3__ext_authz)
PB_ALIAS(http_uri, Envoy__Config__Core__V3__HttpUri, envoy__config__core__v3__http_uri)
PB_ALIAS(http_status, Envoy__Type__V3__HttpStatus, envoy__type__v3__http_status)
PB_ALIAS(string_matchers, Envoy__Type__Matcher__V3__ListStringMatcher, envoy__type__matcher__v3__list_string_matcher)
PB_ALIAS(fraction, Envoy__Type__V3__FractionalPercent, envoy__type__v3__fractional_percent)
PB_ALIAS(tcp_hash, Envoy__Type__V3__HashPolicy, envoy__type__v3__hash_policy)
PB_ALIAS(tcp_hash_source, Envoy__Type__V3__HashPolicy__SourceIp, envoy__type__v3__hash_policy__source_ip)
PB_ALIAS(percent, Envoy__Type__V3__Percent, envoy__type__v3__percent)
PB_ALIAS(hcm, Envoy__Extensions__Filters__Network__HttpConnectionManager__V3__HttpConnectionManager,
	 envoy__extensions__filters__network__http_connection_manager__v3__http_connection_manager)
PB_ALIAS(hcm_tracing, Envoy__Extensions__Filters__Network__HttpConnectionManager__V3__HttpConnectionManager__Tracing,
	 envoy__extensions__filters__network__http_connection_manager__v3__http_connection_manager__tracing)
PB_ALIAS(tracer, Envoy__Config__Trace__V3__Tracing__Http, envoy__config__trace__v3__tracing__http)
PB_ALIAS(zipkin, Envoy__Config__Trace__V3__ZipkinConfig, envoy__config__trace__v3__zipkin_config)
PB_ALIAS(opentelemetry, Envoy__Config__Trace__V3__OpenTelemetryConfig, envoy__config__trace__v3__open_telemetry_config)
PB_ALIAS(custom_tag, Envoy__Type__Tracing__V3__CustomTag, envoy__type__tracing__v3__custom_tag)
PB_ALIAS(tag_literal, Envoy__Type__Tracing__V3__CustomTag__Literal, envoy__type__tracing__v3__custom_tag__literal)
PB_ALIAS(tag_environment, Envoy__Type__Tracing__V3__CustomTag__Environment,
	 envoy__type__tracing__v3__custom_tag__environment)
PB_ALIAS(tag_header, Envoy__Type__Tracing__V3__CustomTag__Header, envoy__type__tracing__v3__custom_tag__header)
PB_ALIAS(upgrade, Envoy__Extensions__Filters__Network__HttpConnectionManager__V3__HttpConnectionManager__UpgradeConfig,
	 envoy__extensions__filters__network__http_connection_manager__v3__http_connection_manager__upgrade_config)
PB_ALIAS(
	cert_details,
	Envoy__Extensions__Filters__Network__HttpConnectionManager__V3__HttpConnectionManager__SetCurrentClientCertDetails,
	envoy__extensions__filters__network__http_connection_manager__v3__http_connection_manager__set_current_client_cert_details)
PB_ALIAS(rds, Envoy__Extensions__Filters__Network__HttpConnectionManager__V3__Rds,
	 envoy__extensions__filters__network__http_connection_manager__v3__rds)
PB_ALIAS(http_filter, Envoy__Extensions__Filters__Network__HttpConnectionManager__V3__HttpFilter,
	 envoy__extensions__filters__network__http_connection_manager__v3__http_filter)
PB_ALIAS(tcp_proxy, Envoy__Extensions__Filters__Network__TcpProxy__V3__TcpProxy,
	 envoy__extensions__filters__network__tcp_proxy__v3__tcp_proxy)
PB_ALIAS(tcp_weighted, Envoy__Extensions__Filters__Network__TcpProxy__V3__TcpProxy__WeightedCluster,
	 envoy__extensions__filters__network__tcp_proxy__v3__tcp_proxy__weighted_cluster)
PB_ALIAS(tcp_weight, Envoy__Extensions__Filters__Network__TcpProxy__V3__TcpProxy__WeightedCluster__ClusterWeight,
	 envoy__extensions__filters__network__tcp_proxy__v3__tcp_proxy__weighted_cluster__cluster_weight)
PB_ALIAS(fault, Envoy__Extensions__Filters__Http__Fault__V3__HTTPFault,
	 envoy__extensions__filters__http__fault__v3__httpfault)
PB_ALIAS(fault_abort, Envoy__Extensions__Filters__Http__Fault__V3__FaultAbort,
	 envoy__extensions__filters__http__fault__v3__fault_abort)
PB_ALIAS(fault_delay, Envoy__Extensions__Filters__Common__Fault__V3__FaultDelay,
	 envoy__extensions__filters__common__fault__v3__fault_delay)
PB_ALIAS(router, Envoy__Extensions__Filters__Http__Router__V3__Router,
	 envoy__extensions__filters__http__router__v3__router)
PB_ALIAS(cors, Envoy__Extensions__Filters__Http__Cors__V3__Cors, envoy__extensions__filters__http__cors__v3__cors)
PB_ALIAS(cors_policy, Envoy__Extensions__Filters__Http__Cors__V3__CorsPolicy,
	 envoy__extensions__filters__http__cors__v3__cors_policy)
PB_ALIAS(upstream_tls, Envoy__Extensions__TransportSockets__Tls__V3__UpstreamTlsContext,
	 envoy__extensions__transport_sockets__tls__v3__upstream_tls_context)
PB_ALIAS(downstream_tls, Envoy__Extensions__TransportSockets__Tls__V3__DownstreamTlsContext,
	 envoy__extensions__transport_sockets__tls__v3__downstream_tls_context)
PB_ALIAS(common_tls, Envoy__Extensions__TransportSockets__Tls__V3__CommonTlsContext,
	 envoy__extensions__transport_sockets__tls__v3__common_tls_context)
PB_ALIAS(combined_validation,
	 Envoy__Extensions__TransportSockets__Tls__V3__CommonTlsContext__CombinedCertificateValidationContext,
	 envoy__extensions__transport_sockets__tls__v3__common_tls_context__combined_certificate_validation_context)
PB_ALIAS(tls_params, Envoy__Extensions__TransportSockets__Tls__V3__TlsParameters,
	 envoy__extensions__transport_sockets__tls__v3__tls_parameters)
PB_ALIAS(sds_config, Envoy__Extensions__TransportSockets__Tls__V3__SdsSecretConfig,
	 envoy__extensions__transport_sockets__tls__v3__sds_secret_config)
PB_ALIAS(validation, Envoy__Extensions__TransportSockets__Tls__V3__CertificateValidationContext,
	 envoy__extensions__transport_sockets__tls__v3__certificate_validation_context)
PB_ALIAS(san_matcher, Envoy__Extensions__TransportSockets__Tls__V3__SubjectAltNameMatcher,
	 envoy__extensions__transport_sockets__tls__v3__subject_alt_name_matcher)
PB_ALIAS(secret, Envoy__Extensions__TransportSockets__Tls__V3__Secret,
	 envoy__extensions__transport_sockets__tls__v3__secret)
PB_ALIAS(tls_certificate, Envoy__Extensions__TransportSockets__Tls__V3__TlsCertificate,
	 envoy__extensions__transport_sockets__tls__v3__tls_certificate)
PB_ALIAS(upstream_http, Envoy__Extensions__Upstreams__Http__V3__HttpProtocolOptions,
	 envoy__extensions__upstreams__http__v3__http_protocol_options)
PB_ALIAS(explicit_http, Envoy__Extensions__Upstreams__Http__V3__HttpProtocolOptions__ExplicitHttpConfig,
	 envoy__extensions__upstreams__http__v3__http_protocol_options__explicit_http_config)
PB_ALIAS(downstream_http, Envoy__Extensions__Upstreams__Http__V3__HttpProtocolOptions__UseDownstreamHttpConfig,
	 envoy__extensions__upstreams__http__v3__http_protocol_options__use_downstream_http_config)
PB_ALIAS(original_dst, Envoy__Extensions__Filters__Listener__OriginalDst__V3__OriginalDst,
	 envoy__extensions__filters__listener__original_dst__v3__original_dst)
PB_ALIAS(tls_inspector, Envoy__Extensions__Filters__Listener__TlsInspector__V3__TlsInspector,
	 envoy__extensions__filters__listener__tls_inspector__v3__tls_inspector)
PB_ALIAS(http_inspector, Envoy__Extensions__Filters__Listener__HttpInspector__V3__HttpInspector,
	 envoy__extensions__filters__listener__http_inspector__v3__http_inspector)
PB_ALIAS(file_log, Envoy__Extensions__AccessLoggers__File__V3__FileAccessLog,
	 envoy__extensions__access_loggers__file__v3__file_access_log)
PB_ALIAS(log_filter, Envoy__Config__Accesslog__V3__AccessLogFilter, envoy__config__accesslog__v3__access_log_filter)
PB_ALIAS(log_extension, Envoy__Config__Accesslog__V3__ExtensionFilter, envoy__config__accesslog__v3__extension_filter)
PB_ALIAS(http_log, Envoy__Extensions__AccessLoggers__Grpc__V3__HttpGrpcAccessLogConfig,
	 envoy__extensions__access_loggers__grpc__v3__http_grpc_access_log_config)
PB_ALIAS(tcp_log, Envoy__Extensions__AccessLoggers__Grpc__V3__TcpGrpcAccessLogConfig,
	 envoy__extensions__access_loggers__grpc__v3__tcp_grpc_access_log_config)
PB_ALIAS(common_log, Envoy__Extensions__AccessLoggers__Grpc__V3__CommonGrpcAccessLogConfig,
	 envoy__extensions__access_loggers__grpc__v3__common_grpc_access_log_config)
PB_ALIAS(otlp_log, Envoy__Extensions__AccessLoggers__OpenTelemetry__V3__OpenTelemetryAccessLogConfig,
	 envoy__extensions__access_loggers__open_telemetry__v3__open_telemetry_access_log_config)
PB_ALIAS(log_text, Opentelemetry__AnyValue, opentelemetry__any_value)
PB_ALIAS(log_pair, Opentelemetry__KeyValue, opentelemetry__key_value)
PB_ALIAS(log_pairs, Opentelemetry__KeyValueList, opentelemetry__key_value_list)
PB_ALIAS(log_expression, Envoy__Extensions__AccessLoggers__Filters__Cel__V3__ExpressionFilter,
	 envoy__extensions__access_loggers__filters__cel__v3__expression_filter)
PB_ALIAS(stats_config, Stats__PluginConfig, stats__plugin_config)
PB_ALIAS(stats_metric, Stats__MetricConfig, stats__metric_config)
PB_ALIAS(stats_dimension, Stats__MetricConfig__DimensionsEntry, stats__metric_config__dimensions_entry)
PB_ALIAS(alpn_config, Istio__Envoy__Config__Filter__Http__Alpn__V2alpha1__FilterConfig,
	 istio__envoy__config__filter__http__alpn__v2alpha1__filter_config)
PB_ALIAS(alpn_override, Istio__Envoy__Config__Filter__Http__Alpn__V2alpha1__FilterConfig__AlpnOverride,
	 istio__envoy__config__filter__http__alpn__v2alpha1__filter_config__alpn_override)
PB_ALIAS(peer_config, Io__Istio__Http__PeerMetadata__Config, io__istio__http__peer_metadata__config)
PB_ALIAS(peer_discovery, Io__Istio__Http__PeerMetadata__Config__DiscoveryMethod,
	 io__istio__http__peer_metadata__config__discovery_method)
PB_ALIAS(peer_propagation, Io__Istio__Http__PeerMetadata__Config__PropagationMethod,
	 io__istio__http__peer_metadata__config__propagation_method)
PB_ALIAS(peer_headers, Io__Istio__Http__PeerMetadata__Config__IstioHeaders,
	 io__istio__http__peer_metadata__config__istio_headers)
PB_ALIAS(peer_workload, Io__Istio__Http__PeerMetadata__Config__WorkloadDiscovery,
	 io__istio__http__peer_metadata__config__workload_discovery)
PB_ALIAS(tcp_exchange, Envoy__Tcp__Metadataexchange__Config__MetadataExchange,
	 envoy__tcp__metadataexchange__config__metadata_exchange)

#undef PB_ALIAS

/* Room for one more element in an array of n; the capacity is the power of two above n. */
void *pb_grow(struct arena *a, void *v, size_t n, size_t size);

/* Appends an element (a pointer, mostly) to a repeated field. */
#define PB_ADD(a, m, field, ...)                                                                                       \
	do {                                                                                                           \
		(m)->field = pb_grow((a), (m)->field, (m)->n_##field, sizeof(*(m)->field));                            \
		(m)->field[(m)->n_##field++] = (__VA_ARGS__);                                                          \
	} while (0)

/* A string field: protobuf-c wants char *, never writes it. */
static inline char *pb_str(const char *s)
{
	return (char *)(s ? s : "");
}

/* An Any around any generated message. */
#define PB_ANY(a, message) pb_any((a), (const ProtobufCMessage *)(message))

/* An Any of a type that has no generated code here: an empty message of that name. */
Google__Protobuf__Any *pb_any_empty(struct arena *a, const char *full_name);

/* Metadata with filter_metadata[key] = s added; m may be NULL. */
pb_metadata *pb_metadata_set(struct arena *a, pb_metadata *m, const char *key, Google__Protobuf__Struct *s);

/* A socket address in the arena; host, which is an address and no name, is borrowed. */
pb_address *pb_address_make(struct arena *a, const char *host, uint16_t port);
/* A Unix socket: a path, or a name after @. */
pb_address *pb_address_pipe(struct arena *a, const char *path);

/* "from the aggregated stream", v3, initial_fetch_timeout 0. */
pb_config_source *pb_ads(struct arena *a);

/* A network filter with a typed configuration. */
pb_filter *pb_network_filter(struct arena *a, const char *name, Google__Protobuf__Any *config);

/* An HTTP filter; an optional one is skipped by a proxy that does not know its type. */
pb_http_filter *pb_http_filter_make(struct arena *a, const char *name, Google__Protobuf__Any *config, bool optional);

/* A percentage in steps of a millionth. */
pb_fraction *pb_fraction_percent(struct arena *a, double percent);

#endif
