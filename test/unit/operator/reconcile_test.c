/*
 * Reconcilers, YAML in and plan out: each directory-less case is test/unit/operator/golden/<case>.in.yaml (the objects
 * in the store; the first one is what is reconciled) and <case>.plan (what plan_describe says). UPDATE_GOLDEN=1 writes
 * them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "api/object.h"
#include "base/cleanup.h"
#include "base/file.h"
#include "base/mem.h"
#include "msg/yaml.h"
#include "operator/reconcile/reconcile.h"
#include "operator/render/values.h"

#define DIR "test/unit/operator/golden/"
#define FILE_MAX_BYTES (1 << 20)

static const struct {
	const char *name;
	const char *last_error;
} cases[] = {
	{"smcp-new", NULL},
	{"smcp-first-stage", NULL},
	{"smcp-everything", NULL},
	{"smcp-invalid-version", NULL},
	{"smcp-second-of-namespace", NULL},
	{"smcp-unsupported-fields", "PATCH deployments istio-system/x: no"},
	{"smcp-deleting", NULL},
	{"smcp-deleted", NULL},
	{"smmr-new-members", NULL},
	{"smmr-configured", NULL},
	{"smmr-mended", NULL},
	{"smmr-no-mesh", NULL},
	{"smmr-deleting", NULL},
	{"smm-joins", NULL},
	{"smm-leaves", NULL},
};

struct loaded {
	struct store *store;
	struct store_key first;
	char ns[64], name[64];
};

static int on_doc(void *arg, cJSON *doc, struct err *e)
{
	struct loaded *l = arg;
	struct api_object *o = NULL;
	int r = api_object_decode(doc, NULL, NULL, &o, e);

	cJSON_Delete(doc);
	if (r < 0)
		return r;
	if (!l->first.kind) {
		snprintf(l->ns, sizeof(l->ns), "%s", api_object_namespace(o));
		snprintf(l->name, sizeof(l->name), "%s", api_object_name(o));
		l->first = (struct store_key){o->kind, l->ns, l->name};
	}
	store_put(l->store, o);
	return 0;
}

static char *plan_of(const char *path, const struct reconcile_env *how)
{
	CLEANUP(buf_done) struct buf text = BUF_INIT;
	struct reconcile_env env = {.version = "1.0.0",
				    .ns = "openshift-operators",
				    .now_s = 1700000000,
				    .last_error = how->last_error,
				    .images = how->images,
				    .absent = how->absent,
				    .n_absent = how->n_absent};
	struct loaded l = {.store = store_new()};
	struct err e = ERR_INIT;
	struct plan p;
	char *out;

	if (file_read(path, FILE_MAX_BYTES, &text, &e) < 0 || yaml_each(buf_slice(&text), on_doc, &l, &e) < 0)
		fail_msg("%s: %s", path, e.msg);
	plan_init(&p);
	if (l.first.kind == &api_kind_smcp)
		smcp_reconcile(l.store, &l.first, &env, &p);
	else if (l.first.kind == &api_kind_smmr)
		smmr_reconcile(l.store, &l.first, &env, &p);
	else
		smm_reconcile(l.store, &l.first, &env, &p);
	out = plan_describe(&p);
	plan_done(&p);
	store_free(l.store);
	return out;
}

static void test_golden(void **state)
{
	int failed = 0;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		CLEANUP(freep) char *in = mem_printf(DIR "%s.in.yaml", cases[i].name);
		CLEANUP(freep) char *golden = mem_printf(DIR "%s.plan", cases[i].name);
		CLEANUP(freep) char *got = plan_of(in, &(struct reconcile_env){.last_error = cases[i].last_error});
		CLEANUP(buf_done) struct buf want = BUF_INIT;

		if (getenv("UPDATE_GOLDEN")) {
			assert_int_equal(file_write(golden, slice_str(got), 0644, NULL), 0);
			continue;
		}
		if (file_read(golden, FILE_MAX_BYTES, &want, NULL) < 0 || strcmp(buf_str(&want), got) != 0) {
			print_error("%s differs from %s; got:\n%s\n", cases[i].name, golden, got);
			failed++;
		}
	}
	assert_int_equal(failed, 0);
}

/* What the operator is told by its installer is what the objects run. */
static void test_images_of_the_installer(void **state)
{
	static const struct operator_images images = {"r.example/op@sha256:01", "r.example/cp@sha256:02",
						      "r.example/px@sha256:03", "r.example/pm:4"};
	CLEANUP(freep) char *got = plan_of(DIR "smcp-first-stage.in.yaml", &(struct reconcile_env){.images = &images});

	(void)state;
	assert_non_null(strstr(got, "image: r.example/cp@sha256:02\n"));
	assert_non_null(strstr(got, "image: r.example/px@sha256:03\n"));
	assert_non_null(strstr(got, "value: r.example/px@sha256:03\n")); /* what weftd injects */
	assert_null(strstr(got, "quay.io"));
}

/* Of what the cluster lacks nothing is made, and the status says it. */
static void test_absent_kinds(void **state)
{
	const struct api_kind *const absent[] = {&api_kind_route, &api_kind_horizontal_pod_autoscaler,
						 &api_kind_pod_disruption_budget};
	static const char *const says[] = {
		"Route istio-system/prometheus: this cluster serves no Route (route.openshift.io)",
		"spec.gateways.openshiftRoute.enabled: this cluster serves no Route (route.openshift.io)",
		"HorizontalPodAutoscaler istio-system/istio-ingressgateway: this cluster serves no "
		"HorizontalPodAutoscaler (autoscaling)",
		"PodDisruptionBudget istio-system/istiod-basic: this cluster serves no PodDisruptionBudget (policy)",
		"message: This cluster does not serve Route (route.openshift.io), HorizontalPodAutoscaler "
		"(autoscaling), PodDisruptionBudget (policy)",
	};
	const struct reconcile_env how = {.absent = absent, .n_absent = ARRAY_LEN(absent)};
	CLEANUP(freep) char *got = plan_of(DIR "smcp-absent-kinds.in.yaml", &how);

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(absent); i++) {
		CLEANUP(freep) char *kind = mem_printf("\nkind: %s\n", absent[i]->kind);

		assert_null(strstr(got, kind));
	}
	for (size_t i = 0; i < ARRAY_LEN(says); i++)
		if (!strstr(got, says[i]))
			fail_msg("nothing says: %s\n%s", says[i], got);
	assert_non_null(strstr(got, "reason: KindsMissing"));
	assert_non_null(strstr(got, "event Warning KindsMissing"));
	assert_null(strstr(got, "reason: UnsupportedFields"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_golden), cmocka_unit_test(test_absent_kinds),
					   cmocka_unit_test(test_images_of_the_installer)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
