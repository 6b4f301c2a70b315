/* Spans as exporters send them: Zipkin's JSON, OTLP in protobuf and in JSON. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "console/span/span.h"
#include "trace/span.h"

static const char *value_of(const struct span_tags *t, const char *key)
{
	for (size_t i = 0; i < t->n; i++)
		if (slice_eq_str(t->v[i].key, key))
			return t->v[i].value.ptr;
	return NULL;
}

static struct trace_span example(struct trace_tag *tags, size_t n)
{
	struct trace_span s = {.kind = TRACE_KIND_SERVER,
			       .name = SLICE("/services/products"),
			       .start_unix_ns = 1700000000123456789,
			       .duration_ns = 2500000,
			       .shared = true,
			       .tags = tags,
			       .n_tags = n};

	assert_true(trace_read_b3(SLICE("0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-1-05e3ac9a4f6e3b90"),
				  &s.context));
	return s;
}

static const struct trace_source source = {{"catalog.shop", 12}, {"10.1.2.3", 8}, {"v1", 2}};

static void check_example(const struct span_batch *b)
{
	const struct span *s = &b->v[0];

	assert_int_equal(b->n, 1);
	assert_int_equal(b->refused, 0);
	assert_memory_equal(s->trace_id, "\x0a\xf7\x65\x19\x16\xcd\x43\xdd\x84\x48\xeb\x21\x1c\x80\x31\x9c", 16);
	assert_memory_equal(s->span_id, "\xb7\xad\x6b\x71\x69\x20\x33\x31", 8);
	assert_true(s->has_parent);
	assert_memory_equal(s->parent_id, "\x05\xe3\xac\x9a\x4f\x6e\x3b\x90", 8);
	assert_int_equal(s->kind, SPAN_KIND_SERVER);
	assert_true(slice_eq_str(s->service, "catalog.shop"));
	assert_true(slice_eq_str(s->name, "/services/products"));
	assert_int_equal(s->start_us, 1700000000123456);
	assert_int_equal(s->duration_us, 2500);
	assert_string_equal(value_of(&s->tags, "http.status_code"), "500");
}

/* What weft-proxy sends is read as it was meant. */
static void of_the_proxy(void **state)
{
	CLEANUP(span_batch_done) struct span_batch zipkin = {0}, otlp = {0};
	CLEANUP(buf_done) struct buf z = BUF_INIT, o = BUF_INIT, constant = BUF_INIT, key = BUF_INIT;
	const struct trace_tag always = {SLICE("component"), SLICE("proxy")};
	struct trace_tag tag = {SLICE(",\"http.status_code\":"), SLICE("500")};
	struct trace_span s = example(&tag, 1);
	struct err e = ERR_INIT;

	(void)state;
	s.error = true;
	trace_zipkin_constant(&constant, &source, &always, 1);
	s.constant = buf_slice(&constant);
	trace_zipkin_span(&z, &s);
	trace_zipkin_request(&z);
	assert_int_equal(span_read_zipkin(buf_slice(&z), &zipkin, &e), 0);
	check_example(&zipkin);
	assert_true(zipkin.v[0].shared);
	assert_true(zipkin.v[0].error);
	assert_string_equal(value_of(&zipkin.v[0].process, "ip"), "10.1.2.3");

	trace_otlp_name(&key, SLICE("http.status_code"));
	tag.key = buf_slice(&key);
	s.constant.len = 0;
	trace_otlp_span(&o, &s);
	trace_otlp_request(&o, &source);
	assert_int_equal(span_read_otlp(buf_slice(&o), &otlp, &e), 0);
	check_example(&otlp);
	assert_true(otlp.v[0].error);
}

#define OTLP_JSON                                                                                                      \
	"{\"resourceSpans\":[{\"resource\":{\"attributes\":[{\"key\":\"service.name\",\"value\":{\"stringValue\":"     \
	"\"catalog.shop\"}},"                                                                                          \
	"{\"key\":\"pod\",\"value\":{\"stringValue\":\"p\"}}]},\"scopeSpans\":[{\"spans\":[{"                          \
	"\"traceId\":\"0AF7651916CD43DD8448EB211C80319C\",\"spanId\":\"b7ad6b7169203331\",\"parentSpanId\":"           \
	"\"05e3ac9a4f6e3b90\","                                                                                        \
	"\"name\":\"/services/"                                                                                        \
	"products\",\"kind\":2,\"startTimeUnixNano\":\"1700000000123456789\",\"endTimeUnixNano\":1700000000125956789," \
	"\"status\":{\"code\":2,\"message\":\"boom\"},\"attributes\":[{\"key\":\"http.status_code\",\"value\":{"       \
	"\"intValue\":\"500\"}},"                                                                                      \
	"{\"key\":\"ok\",\"value\":{\"boolValue\":false}},{\"key\":\"x\",\"value\":{\"doubleValue\":1.5}}]},"          \
	"{\"traceId\":\"00\",\"spanId\":\"1\",\"startTimeUnixNano\":\"1\"}]}]}]}"

static void otlp_json(void **state)
{
	CLEANUP(span_batch_done) struct span_batch b = {0};
	struct err e = ERR_INIT;

	(void)state;
	assert_int_equal(span_read_otlp_json(SLICE(OTLP_JSON), &b, &e), 0);
	assert_int_equal(b.refused, 1); /* an identifier of zeros */
	b.refused = 0;
	check_example(&b);
	assert_true(b.v[0].error);
	assert_string_equal(value_of(&b.v[0].process, "pod"), "p");
	assert_string_equal(value_of(&b.v[0].tags, "otel.status_description"), "boom");
	assert_int_equal(b.v[0].tags.v[0].type, SPAN_TAG_INT);
	assert_int_equal(b.v[0].tags.v[1].type, SPAN_TAG_BOOL);
	assert_string_equal(value_of(&b.v[0].tags, "x"), "1.5");
}

typedef int reader(struct slice text, struct span_batch *b, struct err *e);

/* Broken bodies are refused as a whole, broken spans one by one. */
static void refused(void **state)
{
	static const struct {
		const char *name;
		reader *read;
		struct slice body;
		int expected;
		size_t spans, refused;
	} rows[] = {
		{"no JSON", span_read_zipkin, SLICE("[{"), -EINVAL, 0, 0},
		{"no array", span_read_zipkin, SLICE("{}"), -EINVAL, 0, 0},
		{"nothing in it", span_read_zipkin, SLICE("[]"), 0, 0, 0},
		{"no identifiers", span_read_zipkin, SLICE("[{\"traceId\":\"1\",\"timestamp\":5}, 7]"), 0, 0, 2},
		{"zeros", span_read_zipkin, SLICE("[{\"traceId\":\"0\",\"id\":\"1\",\"timestamp\":5}]"), 0, 0, 1},
		{"no digits", span_read_zipkin, SLICE("[{\"traceId\":\"xyz\",\"id\":\"1\",\"timestamp\":5}]"), 0, 0, 1},
		{"too many digits", span_read_zipkin,
		 SLICE("[{\"traceId\":\"1\",\"id\":\"12345678901234567\",\"timestamp\":5}]"), 0, 0, 1},
		{"no time", span_read_zipkin, SLICE("[{\"traceId\":\"1\",\"id\":\"1\"}]"), 0, 0, 1},
		{"duration below 0", span_read_zipkin,
		 SLICE("[{\"traceId\":\"1\",\"id\":\"1\",\"timestamp\":5,\"duration\":-1}]"), 0, 0, 1},
		{"the least", span_read_zipkin, SLICE("[{\"traceId\":\"1\",\"id\":\"1\",\"timestamp\":5}]"), 0, 1, 0},
		{"no protobuf", span_read_otlp, SLICE("\x0a\xff"), -EINVAL, 0, 0},
		{"OTLP without spans", span_read_otlp_json, SLICE("{}"), -EINVAL, 0, 0},
		{"OTLP of other types", span_read_otlp_json,
		 SLICE("{\"resourceSpans\":[1,{\"scopeSpans\":[2,{\"spans\":[3]}]}]}"), 0, 0, 1},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(span_batch_done) struct span_batch b = {0};
		struct err e = ERR_INIT;
		const int r = rows[i].read(rows[i].body, &b, &e);

		if (r != rows[i].expected || b.n != rows[i].spans || b.refused != rows[i].refused)
			fail_msg("%s: %d, %zu spans, %zu refused (%s)", rows[i].name, r, b.n, b.refused, e.msg);
		assert_int_equal(r < 0, e.msg[0] != 0);
	}
}

/* Two bytes a message become a struct of a hundred: what that takes is bounded. */
static void protobuf_is_bounded(void **state)
{
	CLEANUP(span_batch_done) struct span_batch b = {0};
	CLEANUP(buf_done) struct buf body = BUF_INIT;
	struct err e = ERR_INIT;

	(void)state;
	for (size_t i = 0; i < SPAN_BATCH_MAX_BYTES / 2; i++)
		buf_append(&body, "\x0a\x00", 2);
	assert_int_equal(span_read_otlp(buf_slice(&body), &b, &e), -EINVAL);
	buf_append(&body, "\x0a\x00", 2);
	assert_int_equal(span_read_otlp(buf_slice(&body), &b, &e), -EMSGSIZE);
}

static void texts(void **state)
{
	CLEANUP(span_batch_done) struct span_batch b = {0};
	CLEANUP(buf_done) struct buf body = BUF_INIT;
	struct err e = ERR_INIT;

	(void)state;
	buf_append_str(&body, "[{\"traceId\":\"1\",\"id\":\"1\",\"timestamp\":5,\"name\":\"");
	for (size_t i = 0; i < SPAN_NAME_MAX_BYTES - 1; i++)
		buf_append_char(&body, 'a');
	buf_append_str(&body, "\xc3\xa4\",\"tags\":{");
	for (size_t i = 0; i < SPAN_TAGS_MAX + 5; i++)
		buf_printf(&body, "%s\"k%zu\":\"v\"", i ? "," : "", i);
	buf_append_str(&body, "}}]");
	assert_int_equal(span_read_zipkin(buf_slice(&body), &b, &e), 0);
	/* Not in the middle of a character. */
	assert_int_equal(b.v[0].name.len, SPAN_NAME_MAX_BYTES - 1);
	assert_int_equal(b.v[0].tags.n, SPAN_TAGS_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(of_the_proxy),        cmocka_unit_test(otlp_json), cmocka_unit_test(refused),
		cmocka_unit_test(protobuf_is_bounded), cmocka_unit_test(texts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
