/* Which pods get a proxy, and what the two webhooks answer. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "msg/yaml.h"
#include "inject/internal.h"
#include "world.h"

static struct inject *start(struct world *w, const char *config)
{
	char map[2048];
	const char *const yaml[] = {map, NULL};
	const struct inject_config cfg = {.ns = "istio-system",
					  .revision = "basic",
					  .domain = "cluster.local",
					  .cluster_id = "Kubernetes",
					  .proxy_image = "p:1"};

	snprintf(map, sizeof(map),
		 "{apiVersion: v1, kind: ConfigMap, metadata: {name: istio-sidecar-injector-basic, namespace: "
		 "istio-system}, data: {config: '%s'}}",
		 config);
	world_init(w, "", yaml);
	return inject_new(NULL, w->store, &cfg);
}

#define NEVER "neverInjectSelector: [{matchLabels: {no: x}}, {matchExpressions: [{key: db, operator: Exists}]}]"
#define ALWAYS "alwaysInjectSelector: [{matchLabels: {yes: x}}]"
#define OFF "policy: disabled"
#define ON "policy: enabled"
#define BOTH "{" OFF ", " NEVER ", " ALWAYS "}"

/* The first thing that is said counts: host network, namespace, label, annotation, never, always, policy. */
static const struct {
	const char *config, *ns, *labels, *annotations, *spec;
	bool injected;
} decisions[] = {
	{OFF, "shop", "", "", "", false},
	{ON, "shop", "", "", "", true},
	{"{}", "shop", "", "", "", false},
	{ON, "shop", "", "", "hostNetwork: true, ", false},
	{OFF, "shop", "sidecar.istio.io/inject: \"true\"", "", "hostNetwork: true, ", false},
	{ON, "kube-system", "", "", "", false},
	{OFF, "kube-system", "sidecar.istio.io/inject: \"true\"", "", "", false},
	{ON, "kube-public", "", "", "", false},
	{ON, "kube-node-lease", "", "", "", false},
	{ON, "local-path-storage", "", "", "", false},
	{OFF, "shop", "sidecar.istio.io/inject: \"true\"", "", "", true},
	{OFF, "shop", "sidecar.istio.io/inject: \"YES\"", "", "", true},
	{OFF, "shop", "sidecar.istio.io/inject: \"y\"", "", "", true},
	{OFF, "shop", "sidecar.istio.io/inject: \"On\"", "", "", true},
	{ON, "shop", "sidecar.istio.io/inject: \"false\"", "", "", false},
	{ON, "shop", "sidecar.istio.io/inject: \"nonsense\"", "", "", false},
	{ON, "shop", "sidecar.istio.io/inject: \"\"", "", "", true},
	{OFF, "shop", "", "sidecar.istio.io/inject: \"true\"", "", true},
	{ON, "shop", "", "sidecar.istio.io/inject: \"false\"", "", false},
	{OFF, "shop", "sidecar.istio.io/inject: \"true\"", "sidecar.istio.io/inject: \"false\"", "", true},
	{ON, "shop", "sidecar.istio.io/inject: \"false\"", "sidecar.istio.io/inject: \"true\"", "", false},
	{BOTH, "shop", "yes: x", "", "", true},
	{BOTH, "shop", "no: x", "", "", false},
	{BOTH, "shop", "no: x, yes: x", "", "", false},
	{BOTH, "shop", "db: z, yes: x", "", "", false},
	{BOTH, "shop", "no: x", "sidecar.istio.io/inject: \"true\"", "", true},
	{BOTH, "shop", "yes: x", "sidecar.istio.io/inject: \"false\"", "", false},
	{BOTH, "shop", "yes: other", "", "", false},
	{"{" ON ", " NEVER "}", "shop", "no: x", "", "", false},
	{"{" OFF ", alwaysInjectSelector: [{}]}", "shop", "", "", "", false}, /* an empty selector selects nothing */
};

static void test_decisions(void **state)
{
	(void)state;
	for (size_t n = 0; n < ARRAY_LEN(decisions); n++) {
		struct world w;
		struct inject *i = start(&w, decisions[n].config);
		cJSON *pod = NULL, *patch, *warnings;
		struct err e = ERR_INIT;
		char yaml[1024];

		snprintf(yaml, sizeof(yaml),
			 "{metadata: {name: x, labels: {%s}, annotations: {%s}}, spec: {%scontainers: [{name: a, "
			 "image: b}]}}",
			 decisions[n].labels, decisions[n].annotations, decisions[n].spec);
		assert_int_equal(yaml_parse(slice_str(yaml), &pod, &e), 0);
		if (inject_pod(i, pod, decisions[n].ns, &patch, &warnings, &e) < 0)
			fail_msg("row %zu: %s", n, e.msg);
		if (!patch == decisions[n].injected)
			fail_msg("row %zu: %s", n, patch ? "injected" : "left alone");
		cJSON_Delete(patch);
		cJSON_Delete(warnings);
		cJSON_Delete(pod);
		inject_free(i);
		world_done(&w);
	}
}

/* --- webhooks --- */

#define REVIEW(ns, object)                                                                                             \
	"{\"apiVersion\":\"admission.k8s.io/"                                                                          \
	"v1\",\"request\":{\"uid\":\"u1\",\"operation\":\"CREATE\",\"namespace\":\"" ns "\",\"object\":" object "}}"
#define POD(annotations)                                                                                               \
	"{\"metadata\":{\"name\":\"x\",\"annotations\":{" annotations "}},\"spec\":{\"containers\":[{\"name\":\"a\"}]" \
	"}}"
#define YES "\"sidecar.istio.io/inject\":\"true\""
#define VS(spec)                                                                                                       \
	"{\"apiVersion\":\"networking.istio.io/"                                                                       \
	"v1beta1\",\"kind\":\"VirtualService\",\"metadata\":{\"name\":\"v\",\"namespace\":\"shop\"},"                  \
	"\"spec\":" spec "}"

static const struct {
	bool validate;
	const char *review;
	const char *has[3], *hasnt;
} answers[] = {
	{false, REVIEW("shop", POD("")), {"\"uid\":\"u1\"", "\"allowed\":true"}, "patch"},
	{false,
	 REVIEW("shop", POD(YES)),
	 {"\"allowed\":true", "\"patchType\":\"JSONPatch\"", "\"patch\":\"W3"},
	 "warnings"},
	{false,
	 REVIEW("shop", POD(YES ",\"sidecar.istio.io/bootstrapOverride\":\"x\"")),
	 {"\"patch\":\"", "\"warnings\":[\"annotation 'sidecar.istio.io/bootstrapOverride' has no effect"},
	 "status"},
	{false,
	 REVIEW("shop", POD(YES ",\"status.sidecar.istio.io/port\":\"x\"")),
	 {"\"allowed\":false", "invalid value 'x' for annotation 'status.sidecar.istio.io/port'", "\"code\":400"},
	 "patch"},
	{false, "nonsense", {"\"allowed\":false", "\"uid\":\"\""}, "patch"},
	{false, "{}", {"\"allowed\":false"}, "patch"},
	{true,
	 REVIEW("shop", VS("{\"hosts\":[\"a\"],\"http\":[{\"route\":[{\"destination\":{\"host\":\"a\"}}]}]}")),
	 {"\"allowed\":true", "\"uid\":\"u1\""},
	 "status"},
	{true, REVIEW("shop", VS("{\"hosts\":[]}")), {"\"allowed\":false", "configuration is invalid: "}, NULL},
	{true, REVIEW("shop", VS("{\"hosts\":[1]}")), {"\"allowed\":false", "cannot decode configuration: "}, NULL},
	{true, "nonsense", {"\"allowed\":false"}, NULL},
};

static void test_answers(void **state)
{
	CLEANUP(buf_done) struct buf metrics = BUF_INIT;
	struct world w;
	struct inject *i = start(&w, OFF);

	(void)state;
	for (size_t n = 0; n < ARRAY_LEN(answers); n++) {
		CLEANUP(buf_done) struct buf out = BUF_INIT;

		if (answers[n].validate)
			inject_validate_review(i, slice_str(answers[n].review), &out);
		else
			inject_review(i, slice_str(answers[n].review), &out);
		for (size_t k = 0; k < 3 && answers[n].has[k]; k++)
			if (!strstr(buf_str(&out), answers[n].has[k]))
				fail_msg("row %zu: no %s in %s", n, answers[n].has[k], buf_str(&out));
		if (answers[n].hasnt && strstr(buf_str(&out), answers[n].hasnt))
			fail_msg("row %zu: %s in %s", n, answers[n].hasnt, buf_str(&out));
	}
	inject_metrics(i, &metrics);
	assert_non_null(strstr(buf_str(&metrics), "sidecar_injection_requests_total 6\n"));
	assert_non_null(strstr(buf_str(&metrics), "sidecar_injection_success_total 2\n"));
	assert_non_null(strstr(buf_str(&metrics), "sidecar_injection_failure_total 3\n"));
	assert_non_null(strstr(buf_str(&metrics), "sidecar_injection_skip_total 1\n"));
	assert_non_null(strstr(buf_str(&metrics), "galley_validation_passed 1\n"));
	assert_non_null(strstr(buf_str(&metrics), "galley_validation_failed 3\n"));
	inject_free(i);
	world_done(&w);
}

/* Settings that cannot be read refuse pods instead of injecting something else. */
static void test_bad_settings(void **state)
{
	struct world w;
	struct inject *i = start(&w, "a: [");
	CLEANUP(buf_done) struct buf out = BUF_INIT;

	(void)state;
	inject_review(i, slice_str(REVIEW("shop", POD(YES))), &out);
	assert_non_null(strstr(buf_str(&out), "\"allowed\":false"));
	assert_non_null(strstr(buf_str(&out), "ConfigMap istio-system/istio-sidecar-injector-basic, data.config: "));
	inject_free(i);
	world_done(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_decisions), cmocka_unit_test(test_answers),
					   cmocka_unit_test(test_bad_settings)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
