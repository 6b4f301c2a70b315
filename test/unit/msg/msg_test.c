/* The walkers over a small message that has every type of row, and the text formats. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "api/networking/networking.h"
#include "api/object.h"
#include "api/core/pod.h"
#include "base/buf.h"
#include "base/cleanup.h"
#include "msg/json.h"
#include "msg/msg.h"
#include "msg/yaml.h"

static void json_accepts(void **state)
{
	static const struct {
		const char *in, *out; /* out NULL: refused */
	} rows[] = {
		{"{}", "{}"},
		{" [1, 2.5, -3e2, true, null] ", "[1,2.5,-300,true,null]"},
		{"9007199254740993", "9007199254740993"},
		{"123456789012345678", "123456789012345678"},
		{"\"\\u00e9\\ud83d\\ude00\\n\"", "\"\xc3\xa9\xf0\x9f\x98\x80\\n\""},
		{"\"\\ud800\"", "\"\xef\xbf\xbd\""},
		{"{\"a\":1,\"a\":2}", NULL},
		{"[1,]", NULL},
		{"01", NULL},
		{"\"\\u0000\"", NULL},
		{"\"\xff\"", NULL},
		{"{}x", NULL},
		{"", NULL},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(json_freep) cJSON *json = NULL;
		CLEANUP(buf_done) struct buf out = BUF_INIT;
		struct err e = ERR_INIT;
		int rc = json_parse(slice_str(rows[i].in), 1000, &json, &e);

		if ((rc == 0) != (rows[i].out != NULL))
			fail_msg("%s: %s", rows[i].in, e.msg);
		if (rc < 0)
			continue;
		json_print(json, &out);
		assert_string_equal(buf_str(&out), rows[i].out);
	}
}

static void json_has_limits(void **state)
{
	char deep[300];
	cJSON *json = NULL;

	(void)state;
	memset(deep, '[', sizeof(deep));
	assert_int_equal(json_parse(slice_make(deep, sizeof(deep)), 1000, &json, NULL), -ELOOP);
	assert_int_equal(json_parse(SLICE("[1,2]"), 3, &json, NULL), -EMSGSIZE);
}

static void yaml_reads_as_kubernetes(void **state)
{
	static const struct {
		const char *in, *out;
	} rows[] = {
		{"a: 1\nb: [x, 'y', \"z\"]\n", "{\"a\":1,\"b\":[\"x\",\"y\",\"z\"]}"},
		{"mode: 0644\nhex: 0x1F\non: yes\n", "{\"mode\":420,\"hex\":31,\"true\":true}"},
		{"a: ~\nb:\nc: ''\n", "{\"a\":null,\"b\":null,\"c\":\"\"}"},
		{"a: 1.5\nb: 1e3\nc: 1.2.3\nd: 08\n", "{\"a\":1.5,\"b\":1000,\"c\":\"1.2.3\",\"d\":8}"},
		{"a: &x {k: v}\nb: *x\nc: {<<: *x, m: 1}\n",
		 "{\"a\":{\"k\":\"v\"},\"b\":{\"k\":\"v\"},\"c\":{\"m\":1,\"k\":\"v\"}}"},
		{"a: |\n  x\n  y\nb: >-\n  x\n  y\n", "{\"a\":\"x\\ny\\n\",\"b\":\"x y\"}"},
		{"a: 10Gi\nb: 100m\nc: 2024-01-01\n", "{\"a\":\"10Gi\",\"b\":\"100m\",\"c\":\"2024-01-01\"}"},
		{"a: 1\na: 2\n", NULL},
		{"a: *nope\n", NULL},
		{"a: .inf\n", NULL},
		{"a: [1\n", NULL},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(json_freep) cJSON *json = NULL;
		CLEANUP(buf_done) struct buf out = BUF_INIT;
		struct err e = ERR_INIT;
		int rc = yaml_parse(slice_str(rows[i].in), &json, &e);

		if ((rc == 0) != (rows[i].out != NULL))
			fail_msg("%s: %s", rows[i].in, e.msg);
		if (rc < 0)
			continue;
		json_print(json, &out);
		assert_string_equal(buf_str(&out), rows[i].out);
	}
}

static void yaml_refuses_bombs(void **state)
{
	CLEANUP(buf_done) struct buf text = BUF_INIT;
	cJSON *json = NULL;

	(void)state;
	buf_append_str(&text, "a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n");
	for (int i = 1; i < 9; i++) {
		buf_printf(&text, "a%d: &a%d [", i, i);
		for (int j = 0; j < 10; j++)
			buf_printf(&text, "*a%d,", i - 1);
		buf_append_str(&text, "]\n");
	}
	assert_int_equal(yaml_parse(buf_slice(&text), &json, NULL), -EMSGSIZE);
	buf_clear(&text);
	buf_append_str(&text, "a0: &a0 [x]\n");
	for (int i = 1; i < 200; i++)
		buf_printf(&text, "a%d: &a%d [*a%d]\n", i, i, i - 1);
	assert_int_equal(yaml_parse(buf_slice(&text), &json, NULL), -ELOOP);
}

static int count_docs(void *arg, cJSON *doc, struct err *e)
{
	(void)e;
	++*(int *)arg;
	cJSON_Delete(doc);
	return 0;
}

static void yaml_has_documents(void **state)
{
	int n = 0;

	(void)state;
	assert_int_equal(yaml_each(SLICE("---\na: 1\n---\n# none\n---\nb: 2\n"), count_docs, &n, NULL), 0);
	assert_int_equal(n, 2);
}

static void yaml_prints_what_it_reads(void **state)
{
	static const char *const rows[] = {
		"{\"a\":{\"b\":[{\"c\":1,\"d\":[[1,2],[]]},\"x\"]},\"e\":{},\"f\":[]}",
		"{\"s\":[\"yes\",\"0644\",\"null\",\"\",\" x\",\"a: b\",\"- x\",\"#\",\"1e3\",\"~\",\"<<\",\"x "
		"#y\",\"it's\"]}",
		"{\"m\":\"line\\n  two\\n\",\"k\":\"a\\n\\nb\",\"l\":\"x\\n\\n\",\"t\":\"tab\\tx "
		"\\ny\",\"true\":\"\\u0001\"}",
		"[1,[2,[3]],{\"a\":[{\"b\":null}]}]",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(json_freep) cJSON *json = NULL, *back = NULL;
		CLEANUP(buf_done) struct buf text = BUF_INIT;
		struct err e = ERR_INIT;

		assert_int_equal(json_parse(slice_str(rows[i]), 1000, &json, NULL), 0);
		yaml_print(json, &text);
		if (yaml_parse(buf_slice(&text), &back, &e) < 0 || !json_equal(json, back))
			fail_msg("%s became\n%s%s", rows[i], buf_str(&text), e.msg);
	}
}

static void durations(void **state)
{
	static const struct {
		const char *in;
		int64_t ns;
		const char *out;
	} rows[] = {
		{"5s", 5000000000, "5s"},
		{"300ms", 300000000, "0.3s"},
		{"1h30m", 5400000000000, "5400s"},
		{"-1.5s", -1500000000, "-1.5s"},
		{"0", 0, "0s"},
		{"1us", 1000, "0.000001s"},
	};
	static const char *const bad[] = {"", "5", "s", "1x", "5s5", "99999999999999h", "1..5s"};
	char text[MSG_DURATION_TEXT_MAX];
	int64_t ns;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		assert_int_equal(msg_duration_parse(rows[i].in, &ns), 0);
		assert_int_equal(ns, rows[i].ns);
		assert_string_equal(msg_duration_format(ns, text), rows[i].out);
	}
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		if (msg_duration_parse(bad[i], &ns) == 0)
			fail_msg("accepted %s", bad[i]);
}

static void quantities(void **state)
{
	static const struct {
		const char *in;
		int64_t milli;
	} rows[] = {{"100m", 100},    {"1", 1000},     {"1.5Gi", 1610612736000},
		    {"2e3", 2000000}, {"1k", 1000000}, {"5E", INT64_MAX}};
	static const char *const bad[] = {"", "x", "1.2.3", "1Kb", "0x10", "--1"};
	int64_t milli;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		assert_int_equal(msg_quantity_parse(rows[i].in, &milli), 0);
		assert_int_equal(milli, rows[i].milli);
	}
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		if (msg_quantity_parse(bad[i], &milli) == 0)
			fail_msg("accepted %s", bad[i]);
}

static const char virtual_service[] =
	"{\"apiVersion\":\"networking.istio.io/v1alpha3\",\"kind\":\"VirtualService\",\"metadata\":{\"name\":\"x\"},"
	"\"spec\":{\"hosts\":[\"a\"],\"http\":[{\"match\":[{\"uri\":{\"exact\":\"/"
	"p\"},\"headers\":{\"b\":{\"regex\":\"x\"},"
	"\"a\":{\"prefix\":\"y\"}}}],\"route\":[{\"destination\":{\"host\":\"c\",\"port\":{\"number\":8080}},"
	"\"weight\":100}],"
	"\"timeout\":\"1.5s\",\"fault\":{\"delay\":{\"fixedDelay\":\"5s\",\"percentage\":{\"value\":10}}}}]}}";

static void decodes_what_it_encodes(void **state)
{
	CLEANUP(json_freep) cJSON *json = NULL, *back = NULL;
	CLEANUP(api_object_unrefp) struct api_object *o = NULL, *o2 = NULL;
	const struct istio_virtual_service *vs;

	(void)state;
	assert_int_equal(json_parse(slice_str(virtual_service), 10000, &json, NULL), 0);
	assert_int_equal(api_object_decode(json, NULL, NULL, &o, NULL), 0);
	vs = API_VALUE(o, virtual_service, istio_virtual_service);
	assert_non_null(vs);
	assert_int_equal(vs->spec->http.n, 1);
	assert_int_equal(*vs->spec->http.v[0].timeout, 1500000000);
	assert_string_equal(vs->spec->http.v[0].match.v[0].headers.v[0].key, "a");
	assert_string_equal(vs->spec->http.v[0].match.v[0].headers.v[0].value.prefix, "y");
	back = api_object_to_json(o);
	assert_true(json_equal(json, back));
	assert_int_equal(api_object_decode(back, NULL, NULL, &o2, NULL), 0);
	assert_true(msg_equal(o->kind->desc, o->value, o2->value));
	assert_true(msg_hash(o->kind->desc, o->value, NULL) == msg_hash(o->kind->desc, o2->value, NULL));
	vs->spec->http.v[0].route.v[0].weight = 3;
	assert_false(msg_equal(o->kind->desc, o->value, o2->value));
	assert_false(msg_hash(o->kind->desc, o->value, NULL) == msg_hash(o->kind->desc, o2->value, NULL));
}

static void note_path(void *arg, const char *path)
{
	buf_printf(arg, "%s;", path);
}

static void reports_errors_by_path(void **state)
{
	static const struct {
		const char *in, *error, *unknown;
	} rows[] = {
		{"{\"spec\":{\"containers\":[{\"name\":\"a\",\"foo\":1}],\"bar\":{}}}", "",
		 "spec.containers[0].foo;spec.bar;"},
		{"{\"spec\":{\"containers\":[{\"name\":5}]}}", "spec.containers[0].name: must be a string, not number",
		 ""},
		{"{\"spec\":{\"containers\":{}}}", "spec.containers: must be a list, not object", ""},
		{"{\"spec\":{\"terminationGracePeriodSeconds\":1.5}}",
		 "spec.terminationGracePeriodSeconds: must be an integer, not number", ""},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(json_freep) cJSON *json = NULL;
		CLEANUP(arena_done) struct arena arena = ARENA_INIT;
		CLEANUP(buf_done) struct buf unknown = BUF_INIT;
		struct core_pod pod = {NULL};
		struct err e = ERR_INIT;

		assert_int_equal(json_parse(slice_str(rows[i].in), 1000, &json, NULL), 0);
		msg_from_json_report(&core_pod_desc, &pod, json, &arena, note_path, &unknown, &e);
		assert_string_equal(e.msg, rows[i].error);
		assert_string_equal(buf_str(&unknown), rows[i].unknown);
	}
}

static void note_problem(void *arg, const char *path, enum msg_cause cause, const char *text)
{
	buf_printf(arg, "%s: %s: %s\n", msg_cause_str(cause), path, text);
}

static void validates(void **state)
{
	static const char text[] =
		"{\"spec\":{\"restartPolicy\":\"Sometimes\",\"containers\":[{\"image\":\"x\",\"ports\":"
		"[{\"containerPort\":70000}]}]}}";
	CLEANUP(json_freep) cJSON *json = NULL;
	CLEANUP(arena_done) struct arena arena = ARENA_INIT;
	CLEANUP(buf_done) struct buf problems = BUF_INIT;
	struct core_pod pod = {NULL};

	(void)state;
	assert_int_equal(json_parse(slice_str(text), 1000, &json, NULL), 0);
	assert_int_equal(msg_from_json(&core_pod_desc, &pod, json, &arena, NULL), 0);
	assert_int_equal(msg_validate(&core_pod_desc, &pod, note_problem, &problems), 3);
	assert_string_equal(buf_str(&problems), "FieldValueRequired: spec.containers[0].name: Required value\n"
						"FieldValueInvalid: spec.containers[0].ports[0].containerPort: Invalid "
						"value: 70000: must be between 1 and 65535, inclusive\n"
						"FieldValueNotSupported: spec.restartPolicy: Unsupported value: "
						"\"Sometimes\": supported values: \"Always\", "
						"\"OnFailure\", \"Never\"\n");
}

/* Every kind's rows are sound: a schema comes out, and an empty object passes through all walkers. */
static void all_kinds_walk(void **state)
{
	(void)state;
	for (size_t i = 0; i < api_kinds_count(); i++) {
		const struct api_kind *k = api_kind_at(i);
		CLEANUP(json_freep) cJSON *schema = msg_schema(k->desc), *empty = cJSON_CreateObject(), *back = NULL;
		CLEANUP(api_object_unrefp) struct api_object *o = NULL;
		char version[API_VERSION_TEXT_MAX];

		assert_non_null(json_at(schema, "properties.metadata"));
		assert_ptr_equal(api_kind_find(api_kind_api_version(k, version), k->kind), k);
		assert_ptr_equal(api_kind_find_resource(k->group, NULL, k->plural), k);
		assert_int_equal(api_object_from_json(k, empty, &o, NULL), 0);
		back = api_object_to_json(o);
		assert_string_equal(json_str(back, "kind"), k->kind);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(json_accepts),
		cmocka_unit_test(json_has_limits),
		cmocka_unit_test(yaml_reads_as_kubernetes),
		cmocka_unit_test(yaml_refuses_bombs),
		cmocka_unit_test(yaml_has_documents),
		cmocka_unit_test(yaml_prints_what_it_reads),
		cmocka_unit_test(durations),
		cmocka_unit_test(quantities),
		cmocka_unit_test(decodes_what_it_encodes),
		cmocka_unit_test(reports_errors_by_path),
		cmocka_unit_test(validates),
		cmocka_unit_test(all_kinds_walk),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
