/* Whose namespace it is: a roll takes what is free and leaves alone what belongs to another mesh. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "api/object.h"
#include "base/cleanup.h"
#include "base/mem.h"
#include "operator/reconcile/members.h"
#include "operator/reconcile/reconcile.h"
#include "stored.h"

/* A mesh with one RoleBinding that its members get; %s: its namespace, four times. */
static const char mesh_yaml[] =
	"{apiVersion: maistra.io/v2, kind: ServiceMeshControlPlane, metadata: {name: basic, namespace: %s, uid: u-1, "
	"generation: 1, resourceVersion: '5', finalizers: [maistra.io/istio-operator]}}\n"
	"---\n"
	"{apiVersion: v1, kind: Namespace, metadata: {name: %s, resourceVersion: '1'}}\n"
	"---\n"
	"{apiVersion: rbac.authorization.k8s.io/v1, kind: RoleBinding, metadata: {name: istiod-of-%s, namespace: %s, "
	"labels: {maistra.io/owner: x, maistra.io/owner-name: basic, app.kubernetes.io/managed-by: "
	"maistra-istio-operator}}, roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: istiod}}\n";

static struct store *store;

static void put_mesh(const char *ns, const char *members)
{
	static int version;
	CLEANUP(freep) char *mesh = mem_printf(mesh_yaml, ns, ns, ns, ns);
	CLEANUP(freep)
	char *roll = mem_printf("{apiVersion: maistra.io/v1, kind: ServiceMeshMemberRoll, metadata: {name: default, "
				"namespace: %s, generation: 1, resourceVersion: 'r%d', finalizers: "
				"[maistra.io/istio-operator]}, spec: {members: [%s]}}",
				ns, version++, members);

	stored_all(store, mesh);
	stored_all(store, roll);
}

/* What the roll of a mesh plans, as text. */
static char *reconcile(const char *ns)
{
	const struct store_key key = {&api_kind_smmr, ns, "default"};
	const struct reconcile_env env = {.version = "1.0.0", .ns = "openshift-operators", .now_s = 1700000000};
	struct plan p;
	char *text;

	plan_init(&p);
	smmr_reconcile(store, &key, &env, &p);
	text = plan_describe(&p);
	plan_done(&p);
	return text;
}

static int setup(void **state)
{
	(void)state;
	store = store_new();
	put_mesh("mesh-a", "shop");
	put_mesh("mesh-b", "shop");
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	store_free(store);
	return 0;
}

#define assert_plans(text, part)                                                                                       \
	do {                                                                                                           \
		if (!strstr(text, part))                                                                               \
			fail_msg("%s is missing in:\n%s", part, text);                                                 \
	} while (0)
#define assert_plans_no(text, part)                                                                                    \
	do {                                                                                                           \
		if (strstr(text, part))                                                                                \
			fail_msg("%s is not wanted in:\n%s", part, text);                                              \
	} while (0)

static void a_free_namespace_is_taken_step_by_step(void **state)
{
	CLEANUP(freep) char *first = NULL, *second = NULL, *third = NULL;

	(void)state;
	stored_all(store, "{apiVersion: v1, kind: Namespace, metadata: {name: shop, resourceVersion: '33'}}");
	first = reconcile("mesh-a");
	assert_plans(first, "# patch Namespace shop\nmetadata:\n  labels:\n    maistra.io/member-of: mesh-a\n");
	assert_plans(first, "  resourceVersion: \"33\"\n"); /* only if nobody else took it meanwhile */
	assert_plans_no(first, "kind: RoleBinding");
	assert_plans_no(first, "kind: ServiceMeshMember\n");
	assert_plans(first, "pendingMembers:\n- shop\n");
	stored_all(store, "{apiVersion: v1, kind: Namespace, metadata: {name: shop, resourceVersion: '34', labels: "
			  "{maistra.io/member-of: mesh-a}}}");
	second = reconcile("mesh-a");
	assert_plans(second, "kind: RoleBinding\nmetadata:\n  name: istiod-of-mesh-a\n  namespace: shop\n");
	assert_plans(second, "kind: ServiceMeshMember\n");
	assert_plans(second, "pendingMembers:\n- shop\n");
	stored_all(store,
		   "{apiVersion: rbac.authorization.k8s.io/v1, kind: RoleBinding, metadata: {name: istiod-of-mesh-a, "
		   "namespace: shop, labels: {maistra.io/member-of: mesh-a, app.kubernetes.io/managed-by: "
		   "maistra-istio-operator}}, roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: "
		   "istiod}}");
	stored_all(store, "{apiVersion: maistra.io/v1, kind: ServiceMeshMember, metadata: {name: default, namespace: "
			  "shop}, spec: "
			  "{controlPlaneRef: {name: basic, namespace: mesh-a}}}");
	third = reconcile("mesh-a");
	assert_plans(third, "configuredMembers:\n- shop\n");
	assert_plans_no(third, "# patch Namespace");
}

/* The namespace of another mesh: nothing is written there, and the roll says whose it is. */
static void another_meshs_namespace_is_left_alone(void **state)
{
	CLEANUP(freep) char *text = NULL;

	(void)state;
	stored_all(store, "{apiVersion: v1, kind: Namespace, metadata: {name: shop, resourceVersion: '34', labels: "
			  "{maistra.io/member-of: mesh-a}}}");
	stored_all(store, "{apiVersion: maistra.io/v1, kind: ServiceMeshMember, metadata: {name: default, namespace: "
			  "shop, uid: u-2, "
			  "annotations: {maistra.io/created-by: servicemeshmemberroll-controller}}, spec: "
			  "{controlPlaneRef: {name: "
			  "basic, namespace: mesh-a}}}");
	text = reconcile("mesh-b");
	assert_plans_no(text, "# patch Namespace");
	assert_plans_no(text, "# delete");
	assert_plans_no(text, "kind: RoleBinding");
	assert_plans_no(text, "kind: ServiceMeshMember\n");
	assert_plans(text, "configuredMembers: []\n");
	assert_plans(text, "pendingMembers:\n- shop\n");
	assert_plans(text, "cannot reconcile namespace shop in mesh mesh-b, as it is already a member of mesh-a");
}

/* What was copied before the other mesh had it is taken away again. */
static void what_was_copied_there_goes(void **state)
{
	CLEANUP(freep) char *text = NULL;

	(void)state;
	stored_all(store, "{apiVersion: v1, kind: Namespace, metadata: {name: shop, resourceVersion: '34', labels: "
			  "{maistra.io/member-of: mesh-a}}}");
	stored_all(store,
		   "{apiVersion: rbac.authorization.k8s.io/v1, kind: RoleBinding, metadata: {name: istiod-of-mesh-b, "
		   "namespace: shop, labels: {maistra.io/member-of: mesh-b, app.kubernetes.io/managed-by: "
		   "maistra-istio-operator}}}");
	stored_all(store,
		   "{apiVersion: rbac.authorization.k8s.io/v1, kind: RoleBinding, metadata: {name: istiod-of-mesh-a, "
		   "namespace: shop, labels: {maistra.io/member-of: mesh-a, app.kubernetes.io/managed-by: "
		   "maistra-istio-operator}}}");
	stored_all(store, "{apiVersion: maistra.io/v1, kind: ServiceMeshMember, metadata: {name: default, namespace: "
			  "shop, uid: u-2, "
			  "annotations: {maistra.io/created-by: servicemeshmemberroll-controller}}, spec: "
			  "{controlPlaneRef: {name: "
			  "basic, namespace: mesh-b}}}");
	text = reconcile("mesh-b");
	assert_plans(text, "# delete ServiceMeshMember shop/default"); /* mesh-a would wait for ever */
	assert_plans(text, "# delete RoleBinding shop/istiod-of-mesh-b");
	assert_plans_no(text, "# delete RoleBinding shop/istiod-of-mesh-a");
}

/* Its own ServiceMeshMember says that the namespace wants another mesh. */
static void who_asked_for_another_mesh_is_left_alone(void **state)
{
	CLEANUP(freep) char *text = NULL;

	(void)state;
	stored_all(store, "{apiVersion: v1, kind: Namespace, metadata: {name: shop, resourceVersion: '33'}}");
	stored_all(store, "{apiVersion: maistra.io/v1, kind: ServiceMeshMember, metadata: {name: default, namespace: "
			  "shop}, spec: "
			  "{controlPlaneRef: {name: basic, namespace: mesh-a}}}");
	text = reconcile("mesh-b");
	assert_plans_no(text, "# patch Namespace");
	assert_plans_no(text, "kind: RoleBinding");
	assert_plans(text, "refers to another mesh");
}

/* A roll that ends, or lists a namespace no more, gives back its own and nothing of others. */
static void only_its_own_is_given_back(void **state)
{
	CLEANUP(freep) char *text = NULL;

	(void)state;
	put_mesh("mesh-b", "");
	stored_all(store,
		   "{apiVersion: v1, kind: Namespace, metadata: {name: shop, labels: {maistra.io/member-of: "
		   "mesh-a}}}\n---\n"
		   "{apiVersion: v1, kind: Namespace, metadata: {name: mine, labels: {maistra.io/member-of: mesh-b}}}");
	stored_all(
		store,
		"{apiVersion: maistra.io/v1, kind: ServiceMeshMember, metadata: {name: default, namespace: shop, uid: "
		"u-2, "
		"annotations: {maistra.io/created-by: servicemeshmemberroll-controller}}, spec: {controlPlaneRef: "
		"{name: "
		"basic, namespace: mesh-a}}}\n---\n"
		"{apiVersion: maistra.io/v1, kind: ServiceMeshMember, metadata: {name: default, namespace: mine, uid: "
		"u-3}, "
		"spec: {controlPlaneRef: {name: basic, namespace: mesh-b}}}");
	stored_all(store,
		   "{apiVersion: rbac.authorization.k8s.io/v1, kind: RoleBinding, metadata: {name: istiod-of-mesh-a, "
		   "namespace: shop, labels: {maistra.io/member-of: mesh-a, app.kubernetes.io/managed-by: "
		   "maistra-istio-operator}}}");
	text = reconcile("mesh-b");
	assert_plans_no(text, "shop");
	assert_plans(text, "# patch Namespace mine\nmetadata:\n  labels:\n    maistra.io/member-of: null\n");
	assert_plans_no(text, "# delete ServiceMeshMember mine"); /* its owner made it */
}

#define MEMBER(mesh)                                                                                                   \
	"{apiVersion: maistra.io/v1, kind: ServiceMeshMember, metadata: {name: default, namespace: shop}, spec: "      \
	"{controlPlaneRef: {name: basic, namespace: " mesh "}}}"

/* A hand took the label: the namespace is in the mesh until it is back. One that was made anew under the name is not.
 */
static void a_label_that_was_taken_comes_back(void **state)
{
	static const char roll[] =
		"{apiVersion: maistra.io/v1, kind: ServiceMeshMemberRoll, metadata: {name: default, namespace: mesh-a, "
		"generation: 1, resourceVersion: 's%d', finalizers: [maistra.io/istio-operator]}, spec: {members: "
		"[shop]}, "
		"status: {configuredMembers: [%s]}}";
	static const struct {
		const char *was, *member;
		bool stays;
	} rows[] = {{"shop", "", false}, {"", MEMBER("mesh-a"), false}, {"shop", MEMBER("mesh-a"), true}};

	(void)state;
	stored_all(store, "{apiVersion: v1, kind: Namespace, metadata: {name: shop, resourceVersion: '33'}}");
	for (int i = 0; i < (int)ARRAY_LEN(rows); i++) {
		CLEANUP(freep) char *yaml = mem_printf(roll, i, rows[i].was), *text = NULL;

		stored_all(store, yaml);
		store_remove(store, &api_kind_smm, "shop", "default");
		if (*rows[i].member)
			stored_all(store, rows[i].member);
		text = reconcile("mesh-a");
		assert_plans(text, "# patch Namespace shop\nmetadata:\n  labels:\n    maistra.io/member-of: mesh-a\n");
		assert_plans(text, rows[i].stays ? "configuredMembers:\n- shop\n" : "pendingMembers:\n- shop\n");
		assert_plans(text, "not yet configured: [shop]"); /* not Ready */
	}
}

/* --- what a roll means --- */

static void which_namespaces_it_means(void **state)
{
	static const struct {
		const char *spec, *names;
	} rows[] = {
		{"members: [b, a, b, mesh-a, openshift-operators]", "a b "},
		{"members: ['*']", "mesh-b one red "},
		{"members: [kube-system]", "kube-system "}, /* asked for by name */
		{"memberSelectors: [{matchLabels: {color: red}}]", "red "},
		{"members: []", ""},
	};

	(void)state;
	stored_all(
		store,
		"{apiVersion: v1, kind: Namespace, metadata: {name: one}}\n---\n"
		"{apiVersion: v1, kind: Namespace, metadata: {name: red, labels: {color: red}}}\n---\n"
		"{apiVersion: v1, kind: Namespace, metadata: {name: openshift-operators, labels: {color: red}}}\n---\n"
		"{apiVersion: v1, kind: Namespace, metadata: {name: openshift, labels: {color: red}}}\n---\n"
		"{apiVersion: v1, kind: Namespace, metadata: {name: kube-system, labels: {color: red}}}");
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(freep)
		char *yaml = mem_printf("{apiVersion: maistra.io/v1, kind: ServiceMeshMemberRoll, metadata: {name: "
					"r%zu, namespace: mesh-a}, spec: {%s}}",
					i, rows[i].spec);
		CLEANUP(freep) char *name = mem_printf("r%zu", i);
		CLEANUP(buf_done) struct buf text = BUF_INIT;
		struct members m = {0};

		stored_all(store, yaml);
		members_resolve(store,
				API_VALUE(store_get(store, &api_kind_smmr, "mesh-a", name), smmr, maistra_smmr)->spec,
				"mesh-a", "openshift-operators", &m);
		for (size_t k = 0; k < m.names.n; k++)
			buf_printf(&text, "%s ", m.names.v[k]);
		assert_string_equal(rows[i].names, buf_str(&text));
		members_done(&m);
	}
}

int main(void)
{
#define CASE(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)
	const struct CMUnitTest tests[] = {
		CASE(a_free_namespace_is_taken_step_by_step),
		CASE(another_meshs_namespace_is_left_alone),
		CASE(what_was_copied_there_goes),
		CASE(who_asked_for_another_mesh_is_left_alone),
		CASE(only_its_own_is_given_back),
		CASE(a_label_that_was_taken_comes_back),
		CASE(which_namespaces_it_means),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
