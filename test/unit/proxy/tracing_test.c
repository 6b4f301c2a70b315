/* Spans of exchanges: whose trace they are in, what goes on in the headers, what they say, and how they reach a
 * collector. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include "loopback/rig.c"

#include "proxy/upstream/exporter.h"

#define COLLECTOR "10.0.0.2:9411"
#define TRACE "0af7651916cd43dd8448eb211c80319c"
#define SPAN "b7ad6b7169203331"
#define ID_PLAIN "00000064-1234-4321-8abc-0123456789ab"

#define ZIPKIN(more)                                                                                                   \
	"provider: {name: envoy.tracers.zipkin, typed_config: {'@type': "                                              \
	"type.googleapis.com/envoy.config.trace.v3.ZipkinConfig, collector_cluster: spans, collector_endpoint: "       \
	"/api/v2/spans, collector_endpoint_version: HTTP_JSON, trace_id_128bit: true, " more "}}"
#define OTLP                                                                                                           \
	"provider: {name: envoy.tracers.opentelemetry, typed_config: {'@type': "                                       \
	"type.googleapis.com/envoy.config.trace.v3.OpenTelemetryConfig, service_name: shop, http_service: {http_uri: " \
	"{uri: 'http://collector:4318/v1/traces', cluster: spans, timeout: 2s}}}}"
#define ALL "random_sampling: {value: 100}, "
#define NONE "random_sampling: {value: 0}, "

static struct rig r;
static int collector;

static void start(const char *tracing, const char *listener)
{
	char *hcm;

	assert_true(asprintf(&hcm, "tracing: {%s}", tracing) > 0);
	rig_begin(&r);
	r.node->canonical_name = "catalog";
	r.node->namespace_ = "shop";
	rig_configure(&r, rig_http_yaml(&(struct rig_http){.hcm = hcm,
							   .listener = listener,
							   .around = "decorator: {operation: 'inventory.shop:80/*'}",
							   .more = rig_cluster_yaml("spans", COLLECTOR, NULL)}));
	collector = loopback_listen(COLLECTOR);
	free(hcm);
}

static void stop(void)
{
	rig_close(&r, collector);
	rig_stop(&r);
}

/* Sends a request with these fields and answers it; what the origin got. */
static const char *exchange(const char *fields, const char *answer)
{
	char *text;
	int client, up;
	static char got[4096];

	assert_true(asprintf(&text, "GET /stock?id=1 HTTP/1.1\r\nHost: shop\r\n%s\r\n", fields) > 0);
	client = rig_request(&r, text);
	free(text);
	up = rig_accept(&r);
	snprintf(got, sizeof got, "%s", loopback_got(up));
	rig_send(&r, up, answer);
	rig_close(&r, client);
	rig_close(&r, up);
	return got;
}

#define OK "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"

/* The value of a header in a request, "" for none; valid until the next call. */
static const char *field(const char *request, const char *name)
{
	static char value[256];
	char *key;
	const char *at;

	assert_true(asprintf(&key, "\r\n%s: ", name) > 0);
	at = strcasestr(request, key);
	value[0] = '\0';
	if (at)
		sscanf(at + strlen(key), "%255[^\r]", value);
	free(key);
	return value;
}

/* What the collector gets after a second, answered with status; NULL when it gets nothing. */
static const char *report(int status)
{
	static char got[65536];
	char answer[64];
	int fd;

	rig_advance(&r, EXPORT_WAIT_MS);
	fd = rig_accept_at(&r, collector);
	if (fd < 0)
		return NULL;
	snprintf(got, sizeof got, "%s", loopback_got(fd));
	snprintf(answer, sizeof answer, "HTTP/1.1 %d X\r\nContent-Length: 0\r\n\r\n", status);
	rig_send(&r, fd, answer);
	rig_close(&r, fd);
	return got;
}

static void a_trace_begins_at_a_request(void **state)
{
	const char *got, *spans;
	char trace[64], span[64];

	(void)state;
	start(ALL ZIPKIN("shared_span_context: false"), "traffic_direction: OUTBOUND");
	got = exchange("User-Agent: curl\r\n", OK);
	snprintf(trace, sizeof trace, "%s", field(got, "x-b3-traceid"));
	snprintf(span, sizeof span, "%s", field(got, "x-b3-spanid"));
	assert_int_equal(strlen(trace), 32);
	assert_int_equal(strlen(span), 16);
	assert_string_equal(field(got, "x-b3-parentspanid"), "");
	assert_string_equal(field(got, "x-b3-sampled"), "1");
	assert_string_equal(field(got, "traceparent"), "");
	assert_string_equal(field(got, "x-envoy-decorator-operation"), "inventory.shop:80/*");
	/* the identifier says that it is traced */
	assert_int_equal(field(got, "x-request-id")[14], '9');
	spans = report(202);
	assert_non_null(spans);
	assert_non_null(strstr(spans, "POST /api/v2/spans HTTP/1.1\r\n"));
	assert_string_equal(field(spans, "content-type"), "application/json");
	assert_string_equal(field(spans, "host"), "spans");
	assert_non_null(strstr(spans, trace));
	assert_non_null(strstr(spans, span));
	assert_non_null(strstr(spans, "\"kind\":\"CLIENT\""));
	assert_non_null(strstr(spans, "\"name\":\"inventory.shop:80/*\""));
	assert_non_null(strstr(spans, "\"http.url\":\"http://shop/stock?id=1\""));
	assert_non_null(strstr(spans, "\"http.method\":\"GET\""));
	assert_non_null(strstr(spans, "\"http.protocol\":\"HTTP/1.1\""));
	assert_non_null(strstr(spans, "\"http.status_code\":\"200\""));
	assert_non_null(strstr(spans, "\"upstream_cluster\":\"c\""));
	assert_non_null(strstr(spans, "\"user_agent\":\"curl\""));
	assert_non_null(strstr(spans, "\"downstream_cluster\":\"-\""));
	assert_non_null(strstr(spans, "\"response_flags\":\"-\""));
	assert_non_null(strstr(spans, "\"component\":\"proxy\""));
	assert_non_null(strstr(spans, "\"node_id\":"));
	assert_non_null(strstr(spans, "\"istio.canonical_service\":\"catalog\""));
	assert_non_null(strstr(spans, "\"istio.namespace\":\"shop\""));
	assert_null(strstr(spans, "\"error\""));
	assert_int_equal(r.worker.exported[EXPORT_ZIPKIN].items_sent, 1);
	assert_int_equal(r.worker.exported[EXPORT_ZIPKIN].reports_sent, 1);
	assert_int_equal(r.worker.n_exporters, 0);
	stop();
}

/* On the server's side the span is named as the client's proxy says, and that name goes no further. */
static void a_trace_goes_on(void **state)
{
	const char *got, *spans;

	(void)state;
	start(ALL ZIPKIN("shared_span_context: false"), "traffic_direction: INBOUND");
	got = exchange("x-b3-traceid: " TRACE "\r\nx-b3-spanid: " SPAN "\r\nx-b3-sampled: 1\r\n"
		       "x-envoy-decorator-operation: the.operation:80/*\r\n",
		       "HTTP/1.1 503 No\r\nContent-Length: 0\r\n\r\n");
	assert_string_equal(field(got, "x-b3-traceid"), TRACE);
	assert_string_equal(field(got, "x-b3-parentspanid"), SPAN);
	assert_string_not_equal(field(got, "x-b3-spanid"), SPAN);
	assert_string_equal(field(got, "x-envoy-decorator-operation"), "");
	spans = report(200);
	assert_non_null(spans);
	assert_non_null(strstr(spans, "\"parentId\":\"" SPAN "\""));
	assert_non_null(strstr(spans, "\"kind\":\"SERVER\""));
	assert_non_null(strstr(spans, "\"name\":\"the.operation:80/*\""));
	assert_non_null(strstr(spans, "\"error\":\"true\""));
	stop();
}

/* Sampled or not, the headers go on; a span is made of the sampled only. The client's decision is kept. */
static void decisions(void **state)
{
	const char *got;

	(void)state;
	start(NONE ZIPKIN("shared_span_context: false"), "traffic_direction: OUTBOUND");
	got = exchange("x-request-id: " ID_PLAIN "\r\n", OK);
	assert_string_equal(field(got, "x-b3-sampled"), "0");
	assert_string_equal(field(got, "x-request-id"), ID_PLAIN);
	assert_null(report(200));
	exchange("b3: 0\r\n", OK);
	assert_null(report(200));
	got = exchange("b3: " TRACE "-" SPAN "-1\r\n", OK);
	assert_non_null(strstr(field(got, "b3"), TRACE "-"));
	assert_null(strstr(field(got, "b3"), TRACE "-" SPAN));
	assert_string_equal(field(got, "x-b3-traceid"), TRACE);
	assert_non_null(report(200));
	exchange("x-envoy-force-trace: 1\r\n", OK);
	assert_non_null(report(200));
	exchange("x-client-trace-id: mine\r\n", OK);
	assert_non_null(strstr(report(200), "\"guid:x-client-trace-id\":\"mine\""));
	stop();
	start(ALL ZIPKIN("shared_span_context: false"), "traffic_direction: OUTBOUND");
	exchange("x-b3-sampled: 0\r\n", OK);
	assert_null(report(200));
	stop();
}

/* A context in the other format is a parent, too, and is told how it goes on. */
static void the_other_format(void **state)
{
	const char *got;
	char span[32];

	(void)state;
	start(ALL ZIPKIN("shared_span_context: false"), "traffic_direction: OUTBOUND");
	got = exchange("traceparent: 00-" TRACE "-" SPAN "-01\r\ntracestate: a=b\r\n", OK);
	snprintf(span, sizeof span, "%s", field(got, "x-b3-spanid"));
	assert_string_equal(field(got, "x-b3-traceid"), TRACE);
	assert_string_equal(field(got, "tracestate"), "a=b");
	assert_memory_equal(field(got, "traceparent"), "00-" TRACE "-", 36);
	assert_memory_equal(field(got, "traceparent") + 36, span, 16);
	assert_non_null(report(200));
	stop();
	start(ALL OTLP, "traffic_direction: OUTBOUND");
	got = exchange("x-b3-traceid: " TRACE "\r\nx-b3-spanid: " SPAN "\r\nx-b3-sampled: 1\r\n", OK);
	assert_memory_equal(field(got, "traceparent"), "00-" TRACE "-", 36);
	assert_string_equal(field(got, "x-b3-parentspanid"), SPAN);
	got = report(200);
	assert_non_null(got);
	assert_non_null(strstr(got, "POST /v1/traces HTTP/1.1\r\n"));
	assert_string_equal(field(got, "content-type"), "application/x-protobuf");
	assert_string_equal(field(got, "host"), "collector:4318");
	assert_int_equal(r.worker.exported[EXPORT_OPENTELEMETRY].items_sent, 1);
	stop();
}

static void shared_spans(void **state)
{
	const char *got;

	(void)state;
	start(ALL ZIPKIN("shared_span_context: true"), "traffic_direction: INBOUND");
	got = exchange("b3: " TRACE "-" SPAN "-1\r\n", OK);
	assert_string_equal(field(got, "x-b3-spanid"), SPAN);
	assert_non_null(strstr(report(200), "\"shared\":true"));
	stop();
}

static void custom_tags(void **state)
{
	const char *spans;

	(void)state;
	setenv("WEFT_TEST_TAG", "from the environment", 1);
	start(ALL
	      "custom_tags: [{tag: a, literal: {value: '100%'}}, {tag: b, environment: {name: WEFT_TEST_TAG, "
	      "default_value: x}}, "
	      "{tag: c, environment: {name: WEFT_TEST_NONE, default_value: default}}, {tag: d, request_header: {name: "
	      "X-User}}, {tag: e, request_header: {name: x-none, default_value: nobody}}, {tag: f, request_header: "
	      "{name: "
	      "x-none}}], " ZIPKIN("shared_span_context: false"),
	      NULL);
	exchange("x-user: ada\r\n", OK);
	spans = report(200);
	unsetenv("WEFT_TEST_TAG");
	assert_non_null(spans);
	assert_non_null(strstr(spans, "\"a\":\"100%\""));
	assert_non_null(strstr(spans, "\"b\":\"from the environment\""));
	assert_non_null(strstr(spans, "\"c\":\"default\""));
	assert_non_null(strstr(spans, "\"d\":\"ada\""));
	assert_non_null(strstr(spans, "\"e\":\"nobody\""));
	assert_null(strstr(spans, "\"f\":"));
	stop();
}

/* A collector that refuses, or is away, costs spans and nothing else. */
static void a_collector_that_fails(void **state)
{
	const struct export_counts *n = &r.worker.exported[EXPORT_ZIPKIN];

	(void)state;
	start(ALL ZIPKIN("shared_span_context: false"), NULL);
	exchange("", OK);
	exchange("", OK);
	assert_non_null(report(500));
	assert_int_equal(n->items_dropped, 2);
	assert_int_equal(n->reports_failed, 1);
	rig_close(&r, collector);
	exchange("", OK);
	rig_advance(&r, EXPORT_WAIT_MS);
	assert_int_equal(n->items_dropped, 3);
	assert_int_equal(r.worker.n_exporters, 0);
	collector = loopback_listen(COLLECTOR);
	stop();
}

/* While one report is under way the next ones wait together, as far as there is room. */
static void a_slow_collector(void **state)
{
	const struct export_counts *n = &r.worker.exported[EXPORT_ZIPKIN];
	unsigned sent = 0;
	int fd;

	(void)state;
	start(ALL ZIPKIN("shared_span_context: false"), NULL);
	exchange("", OK);
	rig_advance(&r, EXPORT_WAIT_MS);
	fd = rig_accept_at(&r, collector);
	assert_true(fd >= 0);
	for (; !n->items_dropped; sent++) {
		assert_true(sent < 10000);
		exchange("", OK);
	}
	/* it never got an answer: all that waited is sent once that is over, in one request */
	rig_advance(&r, 6000);
	assert_int_equal(n->reports_failed, 1);
	rig_close(&r, fd);
	assert_in_range(sent, EXPORT_MAX_BYTES / 2000, EXPORT_MAX_BYTES / 300);
	stop();
}

/* What waits when the worker ends is given up. */
static void the_end(void **state)
{
	(void)state;
	start(ALL ZIPKIN("shared_span_context: false"), NULL);
	exchange("", OK);
	assert_int_equal(r.worker.n_exporters, 1);
	stop();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_trace_begins_at_a_request),
		cmocka_unit_test(a_trace_goes_on),
		cmocka_unit_test(decisions),
		cmocka_unit_test(the_other_format),
		cmocka_unit_test(shared_spans),
		cmocka_unit_test(custom_tags),
		cmocka_unit_test(a_collector_that_fails),
		cmocka_unit_test(a_slow_collector),
		cmocka_unit_test(the_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
