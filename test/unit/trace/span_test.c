/* Spans on the wire: OTLP as a decoder reads it, Zipkin as JSON. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <cjson/cJSON.h>

#include "base/cleanup.h"
#include "trace/span.h"
#include "trace/text.h"
#include "xds/pb.h"

#include "opentelemetry/trace.pb-c.h"

#define B3 "0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-1-05e3ac9a4f6e3b90"

static const struct trace_source source = {{"catalog.shop", 12}, {"10.1.2.3", 8}, {"v1", 2}};

static struct trace_span example(const struct trace_tag *tags, size_t n)
{
	struct trace_span s = {.kind = TRACE_KIND_CLIENT,
			       .name = SLICE("inventory.shop.svc.cluster.local:80/*"),
			       .start_unix_ns = 1700000000123456789,
			       .duration_ns = 2500000,
			       .tags = tags,
			       .n_tags = n};

	assert_true(trace_read_b3(SLICE(B3), &s.context));
	return s;
}

static const Opentelemetry__ResourceSpans *decode(struct arena *a, const struct trace_source *from, struct buf *batch)
{
	const Opentelemetry__ExportTraceServiceRequest *m;

	trace_otlp_request(batch, from);
	m = pb_unpack(a, &opentelemetry__export_trace_service_request__descriptor, buf_slice(batch));
	assert_non_null(m);
	assert_int_equal(m->n_resource_spans, 1);
	assert_int_equal(m->resource_spans[0]->n_scope_spans, 1);
	return m->resource_spans[0];
}

static void otlp(void **state)
{
	CLEANUP(arena_done) struct arena a = {0};
	CLEANUP(buf_done) struct buf batch = BUF_INIT;
	CLEANUP(buf_done) struct buf large = BUF_INIT;
	char value[300];
	CLEANUP(buf_done) struct buf name = BUF_INIT;
	CLEANUP(buf_done) struct buf constant = BUF_INIT;
	struct trace_tag tags[] = {{{0}, {value, sizeof value}}}, always = {SLICE("http.method"), SLICE("GET")};
	struct trace_span s = example(tags, 1);
	const Opentelemetry__ResourceSpans *m;
	const Opentelemetry__Span *got;

	(void)state;
	memset(value, 'v', sizeof value);
	trace_otlp_name(&name, SLICE("long"));
	tags[0].key = buf_slice(&name);
	trace_otlp_constant(&constant, &always, 1);
	s.constant = buf_slice(&constant);
	s.error = true;
	trace_otlp_span(&batch, &s);
	s.context.has_parent = s.error = false;
	s.kind = TRACE_KIND_SERVER;
	s.n_tags = 0;
	s.constant.len = 0;
	trace_otlp_span(&batch, &s);
	m = decode(&a, &source, &batch);
	assert_string_equal(m->resource->attributes[0]->key, "service.name");
	assert_string_equal(m->resource->attributes[0]->value->string_value, "catalog.shop");
	assert_string_equal(m->scope_spans[0]->scope->version, "v1");
	assert_int_equal(m->scope_spans[0]->n_spans, 2);
	got = m->scope_spans[0]->spans[0];
	assert_int_equal(got->trace_id.len, 16);
	assert_memory_equal(got->trace_id.data, s.context.trace_id, 16);
	assert_memory_equal(got->span_id.data, s.context.span_id, 8);
	assert_int_equal(got->parent_span_id.len, 8);
	assert_memory_equal(got->parent_span_id.data, s.context.parent_id, 8);
	assert_string_equal(got->name, "inventory.shop.svc.cluster.local:80/*");
	assert_int_equal(got->kind, 3);
	assert_int_equal(got->start_time_unix_nano, 1700000000123456789);
	assert_int_equal(got->end_time_unix_nano, 1700000000125956789);
	assert_int_equal(got->n_attributes, 3);
	assert_string_equal(got->attributes[0]->key, "http.method");
	assert_string_equal(got->attributes[0]->value->string_value, "GET");
	assert_int_equal(strlen(got->attributes[1]->value->string_value), 300);
	assert_string_equal(got->attributes[1]->key, "long");
	assert_string_equal(got->attributes[2]->key, "error");
	assert_string_equal(got->attributes[2]->value->string_value, "true");
	assert_int_equal(got->status->code, 2);
	got = m->scope_spans[0]->spans[1];
	assert_int_equal(got->parent_span_id.len, 0);
	assert_int_equal(got->kind, 2);
	assert_int_equal(got->n_attributes, 0);
	assert_null(got->status);
}

static const char *text(const cJSON *o, const char *key)
{
	const char *s = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(o, key));

	return s ? s : "";
}

static double number(const cJSON *o, const char *key)
{
	return cJSON_GetNumberValue(cJSON_GetObjectItemCaseSensitive(o, key));
}

static void zipkin(void **state)
{
	CLEANUP(buf_done) struct buf batch = BUF_INIT;
	CLEANUP(buf_done) struct buf name = BUF_INIT;
	CLEANUP(buf_done) struct buf constant = BUF_INIT;
	CLEANUP(buf_done) struct buf other = BUF_INIT;
	struct trace_tag tags[] = {{{0}, SLICE("http://x/\"\\\n\xff\xc3\xa9")}, {{0}, SLICE("GET")}};
	const struct trace_tag always[] = {{SLICE("component"), SLICE("proxy")}, {SLICE("a\"b"), SLICE("c\"d")}};
	struct trace_span s = example(tags, 2);
	cJSON *all, *one;

	(void)state;
	trace_zipkin_name(&name, SLICE("http.url"));
	tags[0].key = buf_slice(&name);
	tags[1].key = SLICE(",\"http.method\":");
	trace_zipkin_constant(&constant, &source, always, 2);
	s.constant = buf_slice(&constant);
	s.error = true;
	trace_zipkin_span(&batch, &s);
	s.error = false;
	s.context.has_parent = false;
	s.context.sampled = TRACE_DEBUG;
	s.kind = TRACE_KIND_SERVER;
	s.duration_ns = 10;
	trace_zipkin_constant(&other, &(struct trace_source){{"x", 1}, {"fd00::1", 7}, {"v1", 2}}, always, 1);
	s.constant = buf_slice(&other);
	trace_zipkin_span(&batch, &s);
	trace_zipkin_request(&batch);
	all = cJSON_Parse(buf_str(&batch));
	assert_int_equal(cJSON_GetArraySize(all), 2);
	one = cJSON_GetArrayItem(all, 0);
	assert_string_equal(text(one, "traceId"), "0af7651916cd43dd8448eb211c80319c");
	assert_string_equal(text(one, "id"), "b7ad6b7169203331");
	assert_string_equal(text(one, "parentId"), "05e3ac9a4f6e3b90");
	assert_string_equal(text(one, "kind"), "CLIENT");
	assert_string_equal(text(one, "name"), "inventory.shop.svc.cluster.local:80/*");
	assert_true(number(one, "timestamp") == 1700000000123456.0);
	assert_true(number(one, "duration") == 2500);
	assert_string_equal(text(cJSON_GetObjectItem(one, "localEndpoint"), "serviceName"), "catalog.shop");
	assert_string_equal(text(cJSON_GetObjectItem(one, "localEndpoint"), "ipv4"), "10.1.2.3");
	assert_string_equal(text(cJSON_GetObjectItem(one, "tags"), "http.url"), "http://x/\"\\\n?\xc3\xa9");
	assert_string_equal(text(cJSON_GetObjectItem(one, "tags"), "http.method"), "GET");
	assert_string_equal(text(cJSON_GetObjectItem(one, "tags"), "component"), "proxy");
	assert_string_equal(text(cJSON_GetObjectItem(one, "tags"), "a\"b"), "c\"d");
	assert_string_equal(text(cJSON_GetObjectItem(one, "tags"), "error"), "true");
	assert_null(cJSON_GetObjectItem(one, "debug"));
	one = cJSON_GetArrayItem(all, 1);
	assert_null(cJSON_GetObjectItem(one, "parentId"));
	assert_string_equal(text(one, "kind"), "SERVER");
	assert_true(number(one, "duration") == 1);
	assert_true(cJSON_IsTrue(cJSON_GetObjectItem(one, "debug")));
	assert_null(cJSON_GetObjectItem(cJSON_GetObjectItem(one, "tags"), "error"));
	assert_string_equal(text(cJSON_GetObjectItem(one, "localEndpoint"), "ipv6"), "fd00::1");
	cJSON_Delete(all);
}

static const struct {
	const char *in, *out;
} texts[] = {
	{"plain", "plain"},
	{"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80", "\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80"},
	{"a\xff"
	 "b",
	 "a?b"},
	{"\xc0\xaf", "??"}, /* overlong */
	{"\xe0\x80\xaf", "???"},
	{"\xed\xa0\x80", "???"},      /* a surrogate */
	{"\xf4\x90\x80\x80", "????"}, /* beyond the last plane */
	{"\xf0\x8f\xbf\xbf", "????"},
	{"cut \xe2\x82", "cut ??"},
	{"\xe2\x82x", "??x"},
	{"", ""},
};

static void texts_are_utf8(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		CLEANUP(buf_done) struct buf out = BUF_INIT;

		trace_put_text(&out, slice_str(texts[i].in));
		assert_string_equal(buf_str(&out), texts[i].out);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(otlp),
		cmocka_unit_test(zipkin),
		cmocka_unit_test(texts_are_utf8),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
