/* The store of spans: what Jaeger's query API answers from it, and its bounds. In memory. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

#include "console/store/store.h"
#include "msg/json.h"

#define NOW_US 1700000000000000

static struct span_store *store_of(uint64_t spans, uint64_t bytes)
{
	struct err e = ERR_INIT;
	struct span_store *s = span_store_new(
		&(struct span_store_params){.max_spans = spans, .max_bytes = bytes, .max_age_s = 3600}, &e);

	if (!s)
		fail_msg("%s", e.msg);
	return s;
}

static int add(struct span_store *s, const char *zipkin)
{
	CLEANUP(span_batch_done) struct span_batch b = {0};
	struct err e = ERR_INIT;

	assert_int_equal(span_read_zipkin(slice_str(zipkin), &b, &e), 0);
	return span_store_add(s, &b, NOW_US, &e);
}

/* The gateway calls catalog (a shared identifier), catalog calls inventory, which fails. */
#define T "\"traceId\":\"aa00000000000000000000000000000b\",\"timestamp\":"
#define TRACE                                                                                                          \
	"[{" T "1700000000000000,\"id\":\"1\",\"kind\":\"SERVER\",\"name\":\"in\",\"duration\":900,"                   \
	"\"localEndpoint\":{\"serviceName\":\"gateway\",\"ipv4\":\"10.0.0.1\"},\"tags\":{\"http.status_code\":"        \
	"\"200\"}},"                                                                                                   \
	"{" T                                                                                                          \
	"1700000000000100,\"id\":\"2\",\"parentId\":\"1\",\"kind\":\"CLIENT\",\"name\":\"out\",\"duration\":800,"      \
	"\"localEndpoint\":{\"serviceName\":\"gateway\",\"ipv4\":\"10.0.0.1\"}},"                                      \
	"{" T "1700000000000200,\"id\":\"2\",\"parentId\":\"1\",\"shared\":true,\"kind\":\"SERVER\",\"name\":\"in\","  \
	"\"duration\":700,\"localEndpoint\":{\"serviceName\":\"catalog\"}},"                                           \
	"{" T "1700000000000300,\"id\":\"3\",\"parentId\":\"2\",\"kind\":\"CLIENT\",\"name\":\"inventory \\\"x\\\"\"," \
	"\"duration\":600,\"localEndpoint\":{\"serviceName\":\"catalog\"},\"tags\":{\"http.status_code\":\"503\","     \
	"\"error\":\"true\"}}]"

static cJSON *json_of(int r, struct buf *out)
{
	cJSON *json = NULL;
	struct err e = ERR_INIT;

	assert_int_equal(r, 0);
	if (json_parse(buf_slice(out), 1u << 24, &json, &e) < 0)
		fail_msg("%s in %s", e.msg, buf_str(out));
	buf_done(out);
	return json;
}

static void names(void **state)
{
	struct span_store *s = store_of(0, 0);
	CLEANUP(buf_done) struct buf out = BUF_INIT;
	struct err e = ERR_INIT;
	cJSON *json;

	(void)state;
	json = json_of(span_store_services(s, &out, &e), &out);
	assert_int_equal(cJSON_GetArraySize(json_get(json, "data")), 0);
	cJSON_Delete(json);
	assert_int_equal(add(s, TRACE), 0);
	json = json_of(span_store_services(s, &out, &e), &out);
	assert_true(json_has_str(json_get(json, "data"), "gateway") && json_has_str(json_get(json, "data"), "catalog"));
	assert_int_equal(cJSON_GetArraySize(json_get(json, "data")), 2);
	cJSON_Delete(json);
	json = json_of(span_store_operations(s, SLICE("catalog"), false, &out, &e), &out);
	assert_true(json_has_str(json_get(json, "data"), "inventory \"x\""));
	cJSON_Delete(json);
	json = json_of(span_store_operations(s, SLICE("gateway"), true, &out, &e), &out);
	assert_string_equal(json_get_str(json_get(json, "data")->child, "spanKind"), "server");
	cJSON_Delete(json);
	json = json_of(span_store_dependencies(s, 0, NOW_US + 1000000, &out, &e), &out);
	assert_int_equal(cJSON_GetArraySize(json_get(json, "data")), 1);
	assert_string_equal(json_get_str(json_get(json, "data")->child, "parent"), "gateway");
	assert_string_equal(json_get_str(json_get(json, "data")->child, "child"), "catalog");
	cJSON_Delete(json);
	span_store_free(s);
}

static const cJSON *span_of(const cJSON *trace, const char *id)
{
	JSON_EACH(x, json_get(trace, "spans"))
	if (strcmp(json_get_str(x, "spanID"), id) == 0)
		return x;
	fail_msg("no span %s", id);
	return NULL;
}

static const char *parent_of(const cJSON *trace, const char *id)
{
	const cJSON *list = json_get(span_of(trace, id), "references");

	return list->child ? json_get_str(list->child, "spanID") : NULL;
}

/* The server's half of a shared identifier has one of its own, and what it called hangs below it. */
static void shared(void **state)
{
	struct span_store *s = store_of(0, 0);
	const uint8_t id[16] = {0xaa, [15] = 0x0b};
	CLEANUP(buf_done) struct buf out = BUF_INIT;
	struct err e = ERR_INIT;
	cJSON *json;
	const cJSON *trace;

	(void)state;
	assert_int_equal(add(s, TRACE), 0);
	assert_int_equal(add(s, TRACE), 0); /* an exporter's second try */
	assert_int_equal(span_store_counts(s).again, 4);
	json = json_of(span_store_trace(s, id, &out, &e), &out);
	trace = json_get(json, "data")->child;
	assert_string_equal(json_get_str(trace, "traceID"), "aa00000000000000000000000000000b");
	assert_int_equal(cJSON_GetArraySize(json_get(trace, "spans")), 4);
	assert_null(parent_of(trace, "0000000000000001"));
	assert_string_equal(parent_of(trace, "0000000000000002"), "0000000000000001");
	assert_string_equal(parent_of(trace, "a5a5a5a5a5a5a5a7"), "0000000000000002");
	assert_string_equal(parent_of(trace, "0000000000000003"), "a5a5a5a5a5a5a5a7");
	assert_string_equal(json_str(trace, "processes.p1.serviceName"), "gateway");
	assert_int_equal(cJSON_GetArraySize(json_get(trace, "processes")), 2);
	assert_string_equal(json_get_str(json_get(span_of(trace, "0000000000000003"), "tags")->child, "key"),
			    "span.kind");
	cJSON_Delete(json);
	assert_int_equal(span_store_trace(s, (const uint8_t[16]){1}, &out, &e), -ENOENT);
	span_store_free(s);
}

static size_t found(struct span_store *s, struct span_query q, const char *tags)
{
	CLEANUP(buf_done) struct buf out = BUF_INIT;
	CLEANUP(json_freep) cJSON *wanted = tags ? json_literal(tags) : NULL;
	struct err e = ERR_INIT;
	cJSON *json;
	size_t n;

	q.tags = wanted;
	json = json_of(span_store_traces(s, &q, &out, &e), &out);
	n = (size_t)cJSON_GetArraySize(json_get(json, "data"));
	cJSON_Delete(json);
	return n;
}

static void search(void **state)
{
	struct span_store *s = store_of(0, 0);
	const struct span_query catalog = {.service = SLICE("catalog")};
	struct span_query q = catalog;

	(void)state;
	assert_int_equal(add(s, TRACE), 0);
	assert_int_equal(add(s, "[{\"traceId\":\"c\",\"id\":\"1\",\"timestamp\":1700000000000000,\"name\":\"other\","
				"\"duration\":50,"
				"\"localEndpoint\":{\"serviceName\":\"catalog\"}}]"),
			 0);
	assert_int_equal(found(s, catalog, NULL), 2);
	assert_int_equal(found(s, (struct span_query){.service = SLICE("nobody")}, NULL), 0);
	assert_int_equal(found(s, catalog, "{\"http.status_code\":\"503\"}"), 1);
	assert_int_equal(found(s, (struct span_query){0}, "{\"http.status_code\":\"503\"}"), 1);
	assert_int_equal(found(s, (struct span_query){0}, "{\"http.status_code\":\"504\"}"), 0);
	assert_int_equal(found(s, (struct span_query){0}, "{\"http.status_code\":\"' OR 1 --\"}"), 0);
	assert_int_equal(found(s, catalog, "{\"http.status_code\":\"200\"}"), 0);
	assert_int_equal(found(s, catalog, "{\"http.status_code\":\"503\",\"error\":\"true\"}"), 1);
	assert_int_equal(found(s, catalog, "{\"http.status_code\":\"503\",\"error\":\"false\"}"), 0);
	q.operation = SLICE("other");
	assert_int_equal(found(s, q, NULL), 1);
	q = catalog;
	q.min_us = 100;
	assert_int_equal(found(s, q, NULL), 1);
	q = catalog;
	q.max_us = 100;
	assert_int_equal(found(s, q, NULL), 1);
	q = catalog;
	q.limit = 1;
	assert_int_equal(found(s, q, NULL), 1);
	q = catalog;
	q.end_us = NOW_US - 1;
	assert_int_equal(found(s, q, NULL), 0);
	q = catalog;
	q.start_us = NOW_US + 250;
	assert_int_equal(found(s, q, NULL), 1);
	span_store_free(s);
}

static void bounds(void **state)
{
	struct span_store *s = store_of(10, 0), *small = store_of(0, 2000);
	char text[256];

	(void)state;
	for (int i = 1; i <= 25; i++) {
		snprintf(text, sizeof(text), "[{\"traceId\":\"%d\",\"id\":\"1\",\"timestamp\":1700000000000000}]", i);
		assert_int_equal(add(s, text), 0);
		assert_int_equal(add(small, text), 0);
		assert_true(span_store_counts(s).spans <= 10);
		assert_true(span_store_counts(small).bytes <= 2000);
	}
	assert_int_equal(span_store_counts(s).stored, 25);
	assert_int_equal(span_store_counts(s).evicted + span_store_counts(s).spans, 25);
	assert_true(span_store_counts(small).spans > 2);
	/* Older than an hour. */
	assert_int_equal(add(s, "[{\"traceId\":\"77\",\"id\":\"1\",\"timestamp\":1699990000000000}]"), 0);
	assert_int_equal(span_store_counts(s).expired, 1);
	span_store_expire(s, NOW_US + 3601 * (int64_t)1000000);
	assert_int_equal(span_store_counts(s).spans, 0);
	assert_int_equal(span_store_counts(s).bytes, 0);
	span_store_free(s);
	span_store_free(small);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names),
		cmocka_unit_test(shared),
		cmocka_unit_test(search),
		cmocka_unit_test(bounds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
