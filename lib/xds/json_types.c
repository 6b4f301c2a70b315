/* The messages that may stand inside an Any, by full name. */
#include <string.h>

#include "base/cleanup.h"
#include "xds/json.h"

#include "envoy/config/cluster/v3/cluster.pb-c.h"
#include "envoy/config/endpoint/v3/endpoint.pb-c.h"
#include "envoy/config/listener/v3/listener.pb-c.h"
#include "envoy/config/rbac/v3/rbac.pb-c.h"
#include "envoy/config/route/v3/route.pb-c.h"
#include "envoy/config/route/v3/route_components.pb-c.h"
#include "envoy/config/trace/v3/opentelemetry.pb-c.h"
#include "envoy/config/trace/v3/zipkin.pb-c.h"
#include "envoy/extensions/access_loggers/file/v3/file.pb-c.h"
#include "envoy/extensions/access_loggers/filters/cel/v3/cel.pb-c.h"
#include "envoy/extensions/access_loggers/grpc/v3/als.pb-c.h"
#include "envoy/extensions/access_loggers/open_telemetry/v3/logs_service.pb-c.h"
#include "envoy/extensions/access_loggers/stream/v3/stream.pb-c.h"
#include "envoy/extensions/filters/http/cors/v3/cors.pb-c.h"
#include "envoy/extensions/filters/http/ext_authz/v3/ext_authz.pb-c.h"
#include "envoy/extensions/filters/http/fault/v3/fault.pb-c.h"
#include "envoy/extensions/filters/http/grpc_stats/v3/config.pb-c.h"
#include "envoy/extensions/filters/http/grpc_web/v3/grpc_web.pb-c.h"
#include "envoy/extensions/filters/http/jwt_authn/v3/config.pb-c.h"
#include "envoy/extensions/filters/http/local_ratelimit/v3/local_rate_limit.pb-c.h"
#include "envoy/extensions/filters/http/ratelimit/v3/rate_limit.pb-c.h"
#include "envoy/extensions/filters/http/rbac/v3/rbac.pb-c.h"
#include "envoy/extensions/filters/http/router/v3/router.pb-c.h"
#include "envoy/extensions/filters/listener/http_inspector/v3/http_inspector.pb-c.h"
#include "envoy/extensions/filters/listener/original_dst/v3/original_dst.pb-c.h"
#include "envoy/extensions/filters/listener/proxy_protocol/v3/proxy_protocol.pb-c.h"
#include "envoy/extensions/filters/listener/tls_inspector/v3/tls_inspector.pb-c.h"
#include "envoy/extensions/filters/network/http_connection_manager/v3/http_connection_manager.pb-c.h"
#include "envoy/extensions/filters/network/local_ratelimit/v3/local_rate_limit.pb-c.h"
#include "envoy/extensions/filters/network/ext_authz/v3/ext_authz.pb-c.h"
#include "envoy/extensions/filters/network/rbac/v3/rbac.pb-c.h"
#include "envoy/extensions/filters/network/tcp_proxy/v3/tcp_proxy.pb-c.h"
#include "envoy/extensions/http/header_formatters/preserve_case/v3/preserve_case.pb-c.h"
#include "envoy/extensions/transport_sockets/proxy_protocol/v3/upstream_proxy_protocol.pb-c.h"
#include "envoy/extensions/transport_sockets/raw_buffer/v3/raw_buffer.pb-c.h"
#include "envoy/extensions/transport_sockets/tls/v3/secret.pb-c.h"
#include "envoy/extensions/transport_sockets/tls/v3/tls.pb-c.h"
#include "envoy/extensions/upstreams/http/v3/http_protocol_options.pb-c.h"
#include "istio/alpn.pb-c.h"
#include "istio/metadata_exchange.pb-c.h"
#include "istio/nds.pb-c.h"
#include "istio/peer_metadata.pb-c.h"
#include "istio/stats.pb-c.h"
#include "udpa/type/v1/typed_struct.pb-c.h"
#include "weft/mesh/v1/pods.pb-c.h"
#include "xds/type/v3/typed_struct.pb-c.h"

static const ProtobufCMessageDescriptor *const types[] = {
	&envoy__config__cluster__v3__cluster__descriptor,
	&envoy__config__endpoint__v3__cluster_load_assignment__descriptor,
	&envoy__config__listener__v3__listener__descriptor,
	&envoy__config__rbac__v3__rbac__descriptor,
	&envoy__config__route__v3__filter_config__descriptor,
	&envoy__config__route__v3__route_configuration__descriptor,
	&envoy__extensions__access_loggers__file__v3__file_access_log__descriptor,
	&envoy__extensions__access_loggers__filters__cel__v3__expression_filter__descriptor,
	&envoy__extensions__access_loggers__grpc__v3__http_grpc_access_log_config__descriptor,
	&envoy__extensions__access_loggers__grpc__v3__tcp_grpc_access_log_config__descriptor,
	&envoy__extensions__access_loggers__open_telemetry__v3__open_telemetry_access_log_config__descriptor,
	&envoy__extensions__access_loggers__stream__v3__stderr_access_log__descriptor,
	&envoy__extensions__access_loggers__stream__v3__stdout_access_log__descriptor,
	&envoy__config__trace__v3__open_telemetry_config__descriptor,
	&envoy__config__trace__v3__zipkin_config__descriptor,
	&envoy__extensions__filters__http__cors__v3__cors__descriptor,
	&envoy__extensions__filters__http__cors__v3__cors_policy__descriptor,
	&envoy__extensions__filters__http__fault__v3__httpfault__descriptor,
	&envoy__extensions__filters__http__grpc_stats__v3__filter_config__descriptor,
	&envoy__extensions__filters__http__grpc_web__v3__grpc_web__descriptor,
	&envoy__extensions__filters__http__ext_authz__v3__ext_authz__descriptor,
	&envoy__extensions__filters__http__ext_authz__v3__ext_authz_per_route__descriptor,
	&envoy__extensions__filters__http__jwt_authn__v3__jwt_authentication__descriptor,
	&envoy__extensions__filters__http__jwt_authn__v3__per_route_config__descriptor,
	&envoy__extensions__filters__http__local_ratelimit__v3__local_rate_limit__descriptor,
	&envoy__extensions__filters__http__ratelimit__v3__rate_limit__descriptor,
	&envoy__extensions__filters__http__ratelimit__v3__rate_limit_per_route__descriptor,
	&envoy__extensions__filters__http__rbac__v3__rbac__descriptor,
	&envoy__extensions__filters__http__rbac__v3__rbacper_route__descriptor,
	&envoy__extensions__filters__http__router__v3__router__descriptor,
	&envoy__extensions__filters__listener__http_inspector__v3__http_inspector__descriptor,
	&envoy__extensions__filters__listener__original_dst__v3__original_dst__descriptor,
	&envoy__extensions__filters__listener__proxy_protocol__v3__proxy_protocol__descriptor,
	&envoy__extensions__filters__listener__tls_inspector__v3__tls_inspector__descriptor,
	&envoy__extensions__filters__network__http_connection_manager__v3__http_connection_manager__descriptor,
	&envoy__extensions__filters__network__local_ratelimit__v3__local_rate_limit__descriptor,
	&envoy__extensions__filters__network__rbac__v3__rbac__descriptor,
	&envoy__extensions__filters__network__ext_authz__v3__ext_authz__descriptor,
	&envoy__extensions__filters__network__tcp_proxy__v3__tcp_proxy__descriptor,
	&envoy__extensions__http__header_formatters__preserve_case__v3__preserve_case_formatter_config__descriptor,
	&envoy__extensions__transport_sockets__proxy_protocol__v3__proxy_protocol_upstream_transport__descriptor,
	&envoy__extensions__transport_sockets__raw_buffer__v3__raw_buffer__descriptor,
	&envoy__extensions__transport_sockets__tls__v3__downstream_tls_context__descriptor,
	&envoy__extensions__transport_sockets__tls__v3__secret__descriptor,
	&envoy__extensions__transport_sockets__tls__v3__upstream_tls_context__descriptor,
	&envoy__extensions__upstreams__http__v3__http_protocol_options__descriptor,
	&envoy__tcp__metadataexchange__config__metadata_exchange__descriptor,
	&io__istio__http__peer_metadata__config__descriptor,
	&istio__envoy__config__filter__http__alpn__v2alpha1__filter_config__descriptor,
	&istio__networking__nds__v1__name_table__descriptor,
	&stats__plugin_config__descriptor,
	&udpa__type__v1__typed_struct__descriptor,
	&weft__mesh__v1__pod_block__descriptor,
	&xds__type__v3__typed_struct__descriptor,
};

const ProtobufCMessageDescriptor *pb_descriptor(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(types); i++)
		if (strcmp(types[i]->name, name) == 0)
			return types[i];
	return NULL;
}
