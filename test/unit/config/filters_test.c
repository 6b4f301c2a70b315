/* Filters, transport sockets and loggers are read: what cannot be carried out is refused with its path. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/mman.h>
#include <cmocka.h>

#include "base/buf.h"
#include "base/mem.h"
#include "proxy/boot/config_file.h"

#define ANY(type, more) "typed_config: {'@type': type.googleapis.com/" type more "}"
#define HTTP(name) "envoy.extensions.filters.http." name
#define ROUTER(more) "{name: r, " ANY(HTTP("router.v3.Router"), more) "}"
#define HCM(filters)                                                                                                   \
	"filters: [{name: h, " ANY(                                                                                    \
		"envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager",                   \
		", stat_prefix: s, http_filters: [" filters "], route_config: {name: r}") "}]"
#define BEFORE_ROUTER(filter) HCM("{name: f, " filter "}, " ROUTER(""))
#define TRACED(tracing)                                                                                                \
	"filters: [{name: h, " ANY(                                                                                    \
		"envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager",                   \
		", stat_prefix: s, tracing: {" tracing                                                                 \
		"}, http_filters: [" ROUTER("") "], route_config: {name: r}") "}]"
#define TRACER(type, more) "provider: {name: t, " ANY("envoy.config.trace.v3." type, more) "}"
#define ZIPKIN(more) TRACER("ZipkinConfig", ", collector_cluster: z, collector_endpoint_version: HTTP_JSON" more)
#define TCP(more) "{name: t, " ANY("envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy", ", cluster: c" more) "}"
#define EXCHANGE(more) "{name: x, " ANY("envoy.tcp.metadataexchange.config.MetadataExchange", more) "}"
#define LOGGER(type, more)                                                                                             \
	"filters: [" TCP(", access_log: [{name: a, " ANY("envoy.extensions.access_loggers." type, more) "}]") "]"
#define SOCKET(type, more)                                                                                             \
	"transport_socket: {name: x, " ANY("envoy.extensions.transport_sockets." type, more) "}, filters: [" TCP("") "]"
#define LISTENER_FILTER(type, more) "{name: f, " ANY("envoy.extensions.filters.listener." type, "") more "}"
#define TLS_INSPECTOR(more)                                                                                            \
	"{name: f, " ANY("envoy.extensions.filters.listener.tls_inspector.v3.TlsInspector", more) "}"

static int load(const char *yaml, struct err *e)
{
	struct config_node *node = NEW(struct config_node);
	int fd = memfd_create("config", MFD_CLOEXEC), r;
	struct build *b;
	char path[32];

	node->refs = 1;
	b = build_new(node);
	config_node_unref(node);
	assert_int_equal(write(fd, yaml, strlen(yaml)), strlen(yaml));
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	r = config_file_load(path, b, e);
	close(fd);
	build_free(b);
	return r;
}

/* why NULL: taken. */
static void expect(const char *what, const char *yaml, const char *why)
{
	struct err e = ERR_INIT;
	int r = load(yaml, &e);

	if ((r == 0) != (why == NULL) || (why && !strstr(e.msg, why)))
		fail_msg("%s: expected '%s', got '%s'", what, why ? why : "taken", r ? e.msg : "taken");
}

static void in_a_chain(void **state)
{
	static const struct {
		const char *chain, *why;
	} rows[] = {
		{HCM(ROUTER("")), NULL},
		{HCM(ROUTER(", dynamic_stats: false, start_child_span: true")), NULL},
		{HCM(ROUTER(", suppress_envoy_headers: true")), NULL},
		{HCM(ROUTER(", respect_expected_rq_timeout: true")),
		 "filters[0]: http_filters[0]: filter 'r': respect_expected_rq_timeout is not supported"},
		{HCM(ROUTER(", strict_check_headers: [x-a]")), "strict_check_headers is not supported"},
		{HCM(ROUTER(", upstream_log: [{}]")), "upstream_log is not supported"},
		{HCM(ROUTER(", upstream_log_options: {}")), "upstream_log_options is not supported"},
		{HCM(ROUTER(", upstream_http_filters: [{}]")), "upstream_http_filters is not supported"},
		{HCM(ROUTER(", reject_connect_request_early_data: true")), "early_data is not supported"},
		{HCM(ROUTER(", no_such: 1")), "Router has no such field"},
		{HCM(ROUTER("") ", " ROUTER("")), "http_filters[1] 'r' stands behind the router"},
		{TRACED(""), NULL}, /* the bootstrap's provider counts then, and there is none */
		{TRACED(ZIPKIN(", collector_endpoint: /spans")), NULL},
		{TRACED(ZIPKIN("")),
		 "tracing: provider 't': collector_cluster and collector_endpoint, a path, are needed"},
		{TRACED(ZIPKIN(", collector_endpoint: spans")), "a path, are needed"},
		{TRACED(TRACER(
			 "ZipkinConfig",
			 ", collector_cluster: z, collector_endpoint: /s, collector_endpoint_version: HTTP_PROTO")),
		 "collector_endpoint_version: anything but HTTP_JSON is not supported"},
		{TRACED(TRACER("OpenTelemetryConfig", "")), "grpc_service or http_service is needed"},
		{TRACED(TRACER("OpenTelemetryConfig", ", grpc_service: {envoy_grpc: {cluster_name: z}}")), NULL},
		{TRACED(TRACER("OpenTelemetryConfig", ", grpc_service: {envoy_grpc: {}}")),
		 "with a cluster_name is needed"},
		{TRACED(TRACER("OpenTelemetryConfig", ", http_service: {http_uri: {uri: 'http:///x', cluster: z}}")),
		 "has no host"},
		{TRACED(TRACER("OpenTelemetryConfig", ", http_service: {http_uri: {uri: 'http://x'}}")),
		 "with a cluster is needed"},
		{TRACED(TRACER("OpenTelemetryConfig", ", sampler: {name: s}")), "sampler is not supported"},
		{TRACED(TRACER("DatadogConfig", "")), "DatadogConfig"},
		{TRACED("spawn_upstream_span: true, " ZIPKIN(", collector_endpoint: /s")),
		 "spawn_upstream_span is not supported"},
		{TRACED("custom_tags: [{tag: a}], " ZIPKIN(", collector_endpoint: /s")),
		 "custom_tags[0]: anything but literal, environment, request_header and value is not supported"},
		{TRACED("custom_tags: [{literal: {value: a}}], " ZIPKIN(", collector_endpoint: /s")),
		 "custom_tags[0]: tag is missing"},
		{TRACED("custom_tags: [{tag: a, request_header: {name: 'no name'}}], " ZIPKIN(
			 ", collector_endpoint: /s")),
		 "'no name' is no name of a header"},
		{BEFORE_ROUTER(ANY(HTTP("cors.v3.Cors"), "")), NULL},
		{BEFORE_ROUTER(ANY(HTTP("cors.v3.Cors"), ", origins: [a]")), "Cors has no such field"},
		{BEFORE_ROUTER(ANY(HTTP("grpc_stats.v3.FilterConfig"), ", emit_filter_state: true")), NULL},
		{BEFORE_ROUTER(ANY(HTTP("grpc_stats.v3.FilterConfig"),
				   ", individual_method_stats_allowlist: {services: [{name: a}]}")),
		 NULL},
		{BEFORE_ROUTER(ANY("istio.envoy.config.filter.http.alpn.v2alpha1.FilterConfig",
				   ", alpn_override: [{alpn_override: ['']}]")),
		 "alpn_override[0]: alpn_override[0] must be 1..255 bytes"},
		/* Optional is who may be unknown, not what may be wrong. */
		{BEFORE_ROUTER("is_optional: true, " ANY("udpa.type.v1.TypedStruct", ", type_url: x/no.Such")), NULL},
		{BEFORE_ROUTER("is_optional: true, " ANY(HTTP("fault.v3.HTTPFault"), ", downstream_nodes: [a]")),
		 "http_filters[0]: filter 'f': downstream_nodes is not supported"},
		{"filters: [" EXCHANGE(", protocol: istio-peer-exchange") ", " TCP("") "]", NULL},
		{"filters: [" EXCHANGE(", protocol: other") ", " TCP("") "]",
		 "filters[0]: protocol: 'other' is not supported"},
		{SOCKET("raw_buffer.v3.RawBuffer", ""), NULL},
		{LOGGER("stream.v3.StdoutAccessLog", ""), NULL},
		{LOGGER("stream.v3.StderrAccessLog", ", log_format: {omit_empty_values: true}"),
		 "access_log[0]: log_format: omit_empty_values is not supported"},
		{LOGGER("file.v3.FileAccessLog", ", path: /dev/null, log_format: {omit_empty_values: true}"),
		 "access_log[0]: log_format: omit_empty_values is not supported"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(buf_done) struct buf yaml = BUF_INIT;

		buf_printf(&yaml,
			   "listeners: [{name: l, address: {socket_address: {address: 1.1.1.1, port_value: 1}}, "
			   "filter_chains: [{%s}]}]",
			   rows[i].chain);
		expect(rows[i].chain, buf_str(&yaml), rows[i].why);
	}
}

static void too_many(void **state)
{
	CLEANUP(buf_done) struct buf yaml = BUF_INIT;

	(void)state;
	buf_append_str(&yaml, "listeners: [{name: l, address: {socket_address: {address: 1.1.1.1, port_value: 1}}, "
			      "filter_chains: [{filters: [{name: h, typed_config: {'@type': type.googleapis.com/"
			      "envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager, "
			      "stat_prefix: s, route_config: {name: r}, http_filters: [");
	for (int i = 0; i < CONFIG_HTTP_FILTERS_MAX; i++)
		buf_append_str(&yaml, "{name: c, " ANY(HTTP("cors.v3.Cors"), "") "}, ");
	buf_append_str(&yaml, ROUTER("") "]}}]}]}]");
	expect("filters", buf_str(&yaml), "filters[0]: http_filters: more than 64");
}

static void in_front_of_the_chains(void **state)
{
	static const struct {
		const char *filter, *why;
	} rows[] = {
		{LISTENER_FILTER("original_dst.v3.OriginalDst", ""), NULL},
		{LISTENER_FILTER("original_dst.v3.OriginalDst", ", filter_disabled: {any_match: true}"),
		 "listener_filters[0]: filter 'f': filter_disabled is not supported"},
		{LISTENER_FILTER("http_inspector.v3.HttpInspector", ", filter_disabled: {any_match: true}"), NULL},
		{TLS_INSPECTOR(", initial_read_buffer_size: 512"), NULL},
		{TLS_INSPECTOR(", enable_ja3_fingerprinting: true"),
		 "listener_filters[0]: filter 'f': enable_ja3_fingerprinting is not supported"},
		{TLS_INSPECTOR(", max_client_hello_size: 512"), "max_client_hello_size is not supported"},
		{LISTENER_FILTER("no_such.v3.NoSuch", ""), "NoSuch"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(buf_done) struct buf yaml = BUF_INIT;

		buf_printf(&yaml,
			   "listeners: [{name: l, address: {socket_address: {address: 1.1.1.1, port_value: 1}}, "
			   "listener_filters: [%s], filter_chains: [{filters: [" TCP("") "]}]}]",
			   rows[i].filter);
		expect(rows[i].filter, buf_str(&yaml), rows[i].why);
	}
}

static void of_a_cluster(void **state)
{
	(void)state;
	expect("cluster",
	       "clusters: [{name: c, type: EDS, filters: [" EXCHANGE(", protocol: istio-peer-exchange") "]}]", NULL);
	expect("cluster", "clusters: [{name: c, type: EDS, filters: [" EXCHANGE(", protocol: other") "]}]",
	       "cluster 'c': filters[0] 'x': protocol: 'other' is not supported");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(in_a_chain),
		cmocka_unit_test(too_many),
		cmocka_unit_test(in_front_of_the_chains),
		cmocka_unit_test(of_a_cluster),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
