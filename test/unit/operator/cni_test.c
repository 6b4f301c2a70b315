/* The CNI plugin's installer comes with the first mesh that uses it and goes with the last. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "base/cleanup.h"
#include "msg/json.h"
#include "operator/reconcile/cni.h"
#include "operator/render/render.h"
#include "stored.h"

#define NAMESPACE(annotation)                                                                                          \
	"{apiVersion: v1, kind: Namespace, metadata: {name: mesh, annotations: {" annotation "}}}\n---\n"
#define PLAIN NAMESPACE("")
#define OPENSHIFT NAMESPACE("openshift.io/sa.scc.uid-range: 1000/10000")
#define SMCP(meta, spec)                                                                                               \
	"{apiVersion: maistra.io/v2, kind: ServiceMeshControlPlane, metadata: {name: a, namespace: mesh" meta          \
	"}, spec: {version: v2.6" spec "}}\n"
#define TYPE(t) ", proxy: {networking: {initialization: {type: " t "}}}"
#define SET(generation, status)                                                                                        \
	"---\n{apiVersion: apps/v1, kind: DaemonSet, metadata: {name: istio-cni-node, namespace: operators, "          \
	"generation: " generation "}, spec: {}, status: {" status "}}\n"

static const struct {
	const char *name, *store;
	size_t applies, deletes, left;
	bool ready;
} rows[] = {
	{"not asked for", PLAIN SMCP("", ""), 0, 0, 0, false},
	{"asked for", PLAIN SMCP("", TYPE("CNI")), 4, 0, 0, false},
	{"on OpenShift", OPENSHIFT SMCP("", ""), 4, 0, 0, false},
	{"on OpenShift, and not wanted", OPENSHIFT SMCP("", TYPE("InitContainer")), 0, 0, 0, false},
	{"no mesh", PLAIN SET("1", ""), 0, 1, 1, false},
	{"the last one goes", PLAIN SMCP(", deletionTimestamp: '2024-01-01T00:00:00Z'", TYPE("CNI")) SET("1", ""), 0, 1,
	 1, false},
	{"on a node",
	 PLAIN SMCP("", TYPE("CNI")) SET("2", "observedGeneration: 2, desiredNumberScheduled: 2, numberReady: 1"), 4, 0,
	 0, true},
	{"on no node yet", PLAIN SMCP("", TYPE("CNI")) SET("2", "observedGeneration: 2, desiredNumberScheduled: 2"), 4,
	 0, 0, false},
	{"not looked at yet", PLAIN SMCP("", TYPE("CNI")) SET("2", "observedGeneration: 1, numberReady: 1"), 4, 0, 0,
	 false},
	{"no node at all", PLAIN SMCP("", TYPE("CNI")) SET("1", "observedGeneration: 1"), 4, 0, 0, true},
};

static void installer(void **state)
{
	const struct reconcile_env env = {.version = "1", .ns = "operators"};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct store *s = store_new();
		struct err e = ERR_INIT;
		struct plan p;
		size_t left;

		if (yaml_each(slice_str(rows[i].store), stored_one, s, &e) < 0)
			fail_msg("%s: %s", rows[i].name, e.msg);
		plan_init(&p);
		left = cni_plan(s, &env, &p);
		if (p.applies.n != rows[i].applies || p.deletes.n != rows[i].deletes || left != rows[i].left ||
		    cni_is_ready(s, &env) != rows[i].ready)
			fail_msg("%s: %zu applied, %zu deleted, %zu left, ready %d", rows[i].name, p.applies.n,
				 p.deletes.n, left, cni_is_ready(s, &env));
		plan_done(&p);
		store_free(s);
	}
}

/* Where the installer runs and what it writes to. */
static void places(void **state)
{
	static const struct {
		struct render_cni in;
		bool openshift, multus;
		const char *want[6];
	} places_rows[] = {
		{{.ns = "o"},
		 false,
		 false,
		 {"\"path\":\"/opt/cni/bin\"", "\"path\":\"/etc/cni/net.d\"", "\"privileged\":false",
		  "\"drop\":[\"ALL\"]", "--exclude-namespace=o\"", "\"hostNetwork\":true"}},
		{{.ns = "o"},
		 true,
		 false,
		 {"\"path\":\"/var/lib/cni/bin\"", "\"path\":\"/etc/kubernetes/cni/net.d\"", "\"privileged\":true"}},
		{{"p", "/b", "/c"},
		 true,
		 true,
		 {"\"path\":\"/b\"", "\"path\":\"/c\"", "--host-conf-dir=/c\"", "\"namespace\":\"p\""}},
		{{.ns = "o"},
		 true,
		 true,
		 {"\"path\":\"/etc/cni/multus/net.d\"", "\"path\":\"/var/lib/cni/bin\"",
		  "\"--exclude-namespace=o\",\"--multus\"]"}},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(places_rows); i++) {
		CLEANUP(buf_done) struct buf text = BUF_INIT;
		struct rendering r;

		assert_int_equal(render_cni(&places_rows[i].in, places_rows[i].openshift, places_rows[i].multus,
					    "img:1", &r, NULL),
				 0);
		for (size_t k = 0; k < r.objects.n; k++) {
			CLEANUP(json_freep) cJSON *json = api_object_to_json(r.objects.v[k].obj);

			json_print(json, &text);
		}
		for (size_t k = 0; k < ARRAY_LEN(places_rows[i].want) && places_rows[i].want[k]; k++)
			if (!strstr(buf_str(&text), places_rows[i].want[k]))
				fail_msg("%zu: no %s in %s", i, places_rows[i].want[k], buf_str(&text));
		rendering_done(&r);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(installer), cmocka_unit_test(places)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
