/* Comparing desired with observed objects, and merge patches. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "api/object.h"
#include "base/cleanup.h"
#include "kube/plan_internal.h"
#include "msg/json.h"
#include "msg/yaml.h"

static struct api_object *object(const char *kind, const char *body)
{
	CLEANUP(buf_done) struct buf b = BUF_INIT;
	CLEANUP(json_freep) cJSON *json = NULL;
	struct api_object *o = NULL;
	struct err e = ERR_INIT;

	buf_printf(&b, "%s\nmetadata: {name: one, namespace: two, labels: {a: b}}\n%s", kind, body);
	if (yaml_parse(buf_slice(&b), &json, &e) < 0 || api_object_decode(json, NULL, NULL, &o, &e) < 0)
		fail_msg("%s: %s", buf_str(&b), e.msg);
	return o;
}

/* As an item of a list: without apiVersion and kind. */
static struct api_object *item(const char *kind, const char *body)
{
	CLEANUP(api_object_unrefp) struct api_object *whole = object(kind, body);
	CLEANUP(json_freep) cJSON *json = api_object_to_json(whole);
	struct api_object *o = NULL;

	cJSON_DeleteItemFromObjectCaseSensitive(json, "apiVersion");
	cJSON_DeleteItemFromObjectCaseSensitive(json, "kind");
	assert_int_equal(api_object_from_json(whole->kind, json, &o, NULL), 0);
	return o;
}

static const struct {
	const char *kind, *want, *have;
	bool covers;
} cases[] = {
	{"apiVersion: apps/v1\nkind: Deployment", "spec: {replicas: 1}", "spec: {replicas: 1, paused: true}", true},
	{"apiVersion: apps/v1\nkind: Deployment", "spec: {replicas: 1}", "spec: {replicas: 2}", false},
	{"apiVersion: apps/v1\nkind: Deployment", "spec: {replicas: 1}", "spec: {}", false},
	{"apiVersion: apps/v1\nkind: Deployment",
	 "spec: {template: {spec: {containers: [{name: a, resources: {requests: {cpu: 1000m}}}]}}}",
	 "spec: {template: {spec: {containers: [{name: a, image: i, resources: {requests: {cpu: '1'}}}]}}}", true},
	{"apiVersion: apps/v1\nkind: Deployment", "spec: {template: {spec: {containers: [{name: b}]}}}",
	 "spec: {template: {spec: {containers: [{name: a}, {name: b}]}}}", true},
	{"apiVersion: apps/v1\nkind: Deployment", "spec: {template: {spec: {containers: [{name: b, args: [x]}]}}}",
	 "spec: {template: {spec: {containers: [{name: b, args: [x, z]}]}}}", false},
	{"apiVersion: rbac.authorization.k8s.io/v1\nkind: Role", "rules: [{verbs: [get]}]",
	 "rules: [{verbs: [get]}, {verbs: ['*']}]", false},
	{"apiVersion: v1\nkind: ServiceAccount", "", "imagePullSecrets: [{name: s}]", true},
	{"apiVersion: v1\nkind: Service", "spec: {ports: [{port: 80, targetPort: 8080}]}",
	 "spec: {clusterIP: 10.0.0.1, ports: [{port: 80, targetPort: 8080, protocol: TCP}]}", true},
	{"apiVersion: v1\nkind: Service", "spec: {selector: {a: b}}", "spec: {selector: {a: c}}", false},
	{"apiVersion: v1\nkind: ConfigMap", "data: {k: v}", "data: {k: w}", false},
	{"apiVersion: v1\nkind: Service", "spec: {selector: {a: b}}", "spec: {selector: {a: b, c: d}}", false},
	{"apiVersion: v1\nkind: ConfigMap", "data: {k: v}", "data: {k: v, l: w}", true},
	{"apiVersion: v1\nkind: ConfigMap", "data: {k: ''}", "data: {}", false},
	/* What an API server does not keep: empty texts, and what says nothing. */
	{"apiVersion: apps/v1\nkind: Deployment",
	 "spec: {template: {spec: {priorityClassName: '', containers: [{name: a, env: [{name: E, value: ''}]}]}}}",
	 "spec: {template: {spec: {containers: [{name: a, env: [{name: E}]}]}}}", true},
	{"apiVersion: apps/v1\nkind: Deployment",
	 "spec: {template: {spec: {containers: [{name: a, env: [{name: E, value: ''}]}]}}}",
	 "spec: {template: {spec: {containers: [{name: a, env: [{name: E, value: x}]}]}}}", false},
	{"apiVersion: apps/v1\nkind: Deployment",
	 "spec: {template: {spec: {containers: [{name: a, env: [{name: E, value: x}]}]}}}",
	 "spec: {template: {spec: {containers: [{name: a, env: [{name: E}]}]}}}", false},
	{"apiVersion: v1\nkind: Service", "spec: {ports: [{port: 80, targetPort: 0}]}",
	 "spec: {ports: [{port: 80, targetPort: 80}]}", false},
};

static void test_covers(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		CLEANUP(api_object_unrefp) struct api_object *want = object(cases[i].kind, cases[i].want);
		CLEANUP(api_object_unrefp) struct api_object *have = item(cases[i].kind, cases[i].have);

		if (plan_covers(want, have) != cases[i].covers)
			fail_msg("want %s, have %s: expected %d", cases[i].want, cases[i].have, cases[i].covers);
	}
}

static const struct {
	const char *have, *want, *diff;
} diffs[] = {
	{"{}", "{\"a\":1}", "{\"a\":1}"},
	{"{\"a\":1}", "{\"a\":1}", ""},
	{"{\"a\":1,\"b\":{\"c\":1,\"d\":2}}", "{\"b\":{\"c\":1,\"e\":3}}", "{\"b\":{\"e\":3,\"d\":null},\"a\":null}"},
	{"{\"l\":[1,2]}", "{\"l\":[1]}", "{\"l\":[1]}"},
};

static void test_merge_diff(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(diffs); i++) {
		CLEANUP(json_freep) cJSON *have = cJSON_Parse(diffs[i].have);
		CLEANUP(json_freep) cJSON *want = cJSON_Parse(diffs[i].want);
		CLEANUP(json_freep) cJSON *diff = plan_merge_diff(have, want);
		CLEANUP(buf_done) struct buf text = BUF_INIT;

		if (diff)
			json_print(diff, &text);
		assert_string_equal(buf_str(&text), diffs[i].diff);
		assert_int_equal(plan_merge_changes(have, diff), diff != NULL);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_covers), cmocka_unit_test(test_merge_diff)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
