/* Which namespaces a roll may take, and what it leaves alone: objects in, what the plan does and says out. */
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
#include "msg/yaml.h"
#include "operator/reconcile/reconcile.h"

#define ROLL(ns, spec)                                                                                                 \
	"{apiVersion: maistra.io/v1, kind: ServiceMeshMemberRoll, metadata: {name: default, namespace: " ns            \
	", finalizers: [maistra.io/istio-operator]}, spec: {" spec "}}\n---\n"
#define SMCP(ns)                                                                                                       \
	"{apiVersion: maistra.io/v2, kind: ServiceMeshControlPlane, metadata: {name: basic, namespace: " ns            \
	", uid: u}, spec: {version: v2.6}}\n---\n"
#define NS(name, meta) "{apiVersion: v1, kind: Namespace, metadata: {name: " name meta "}}\n---\n"
#define OF(mesh) ", labels: {maistra.io/member-of: " mesh "}"
#define MEMBER(ns, mesh, meta)                                                                                         \
	"{apiVersion: maistra.io/v1, kind: ServiceMeshMember, metadata: {name: default, namespace: " ns                \
	", uid: m" meta "}, spec: {controlPlaneRef: {name: basic, namespace: " mesh "}}}\n---\n"
#define BY_ROLL ", annotations: {maistra.io/created-by: servicemeshmemberroll-controller}"
#define COPY(ns, mesh)                                                                                                 \
	"{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {name: copy, namespace: " ns                \
	", uid: c, labels: {maistra.io/member-of: " mesh                                                               \
	", app.kubernetes.io/managed-by: maistra-istio-operator}}, spec: {podSelector: {}}}\n---\n"

#define ENDING_ROLL(ns)                                                                                                \
	"{apiVersion: maistra.io/v1, kind: ServiceMeshMemberRoll, metadata: {name: default, namespace: " ns            \
	", deletionTimestamp: '2024-01-01T00:00:00Z', finalizers: [maistra.io/istio-operator]}, spec: {members: "      \
	"[shop]}}\n---\n"

/* The patch of a label is the only one whose text has "member-of" in it. */
#define TAKES(ns) "Namespace " ns
static const struct {
	const char *what, *yaml;
	const char *has[4], *hasnt[4];
} rows[] = {
	{"a namespace of nobody is taken",
	 ROLL("mesh", "members: [shop]") SMCP("mesh") NS("shop", ""),
	 {"maistra.io/member-of: mesh", "pendingMembers:\n- shop"},
	 {0}},
	{"a namespace of another mesh is not",
	 ROLL("mesh", "members: [shop]") SMCP("mesh") NS("shop", OF("other")),
	 {"ReferencesDifferentControlPlane",
	  "cannot reconcile namespace shop in mesh mesh, as it is already a member of other"},
	 {"maistra.io/member-of: mesh", "kind: ServiceMeshMember\n"}},
	{"nor one whose ServiceMeshMember refers to another mesh",
	 ROLL("mesh", "members: [shop]") SMCP("mesh") NS("shop", "") MEMBER("shop", "other", ""),
	 {"the ServiceMeshMember in namespace shop refers to another mesh"},
	 {"maistra.io/member-of: mesh"}},
	{"its own stays configured",
	 ROLL("mesh", "members: [shop]") SMCP("mesh") NS("shop", OF("mesh")) MEMBER("shop", "mesh", BY_ROLL),
	 {"configuredMembers:\n- shop", "status: \"True\""},
	 {"delete"}},
	{"one that left is taken out, with what was made for it",
	 ROLL("mesh", "members: []") SMCP("mesh") NS("shop", OF("mesh")) MEMBER("shop", "mesh", BY_ROLL)
		 COPY("shop", "mesh"),
	 {"maistra.io/member-of: null", "delete ServiceMeshMember shop/default", "delete NetworkPolicy shop/copy"},
	 {0}},
	{"what is another mesh's stays",
	 ROLL("mesh", "members: []") SMCP("mesh") NS("shop", OF("other")) MEMBER("shop", "other", BY_ROLL)
		 COPY("shop", "other"),
	 {"configuredMembers: []"},
	 {"delete", "member-of"}},
	{"a member that its owner made stays, too",
	 ROLL("mesh", "members: []") SMCP("mesh") NS("shop", OF("mesh")) MEMBER("shop", "mesh", ""),
	 {"maistra.io/member-of: null"},
	 {"delete"}},
	{"'*' takes neither the cluster's own, nor the mesh's, nor the operator's namespaces",
	 ROLL("mesh", "members: ['*']") SMCP("mesh") NS("mesh", "") NS("shop", "") NS("kube-system", "")
		 NS("openshift-x", "") NS("ibm-x", "") NS("openshift", "") NS("kube", "") NS("operators", ""),
	 {"members:\n- shop\n"},
	 {"- kube", "- openshift", "- ibm", "- operators"}},
	{"nor does a list",
	 ROLL("mesh", "members: [mesh, operators, shop, shop]") SMCP("mesh") NS("mesh", "") NS("shop", "")
		 NS("operators", ""),
	 {"members:\n- shop\n"},
	 {"- operators", "- mesh"}},
	{"selectors are alternatives, and leave out the cluster's own",
	 ROLL("mesh", "memberSelectors: [{matchLabels: {a: b}}, {matchLabels: {c: d}}]") SMCP("mesh")
		 NS("one", ", labels: {a: b}") NS("two", ", labels: {c: d}") NS("three", ", labels: {e: f}")
			 NS("kube-system", ", labels: {a: b}"),
	 {"members:\n- one\n- two\n"},
	 {"- three", "- kube-system"}},
	{"members and selectors together are nothing",
	 ROLL("mesh", "members: [shop], memberSelectors: [{}]") SMCP("mesh") NS("shop", ""),
	 {"combining .spec.members and .spec.memberSelectors is not allowed"},
	 {"member-of: mesh"}},
	{"without a control plane nobody joins, and who was in leaves",
	 ROLL("mesh", "members: [shop]") NS("shop", OF("mesh")) NS("stock", ""),
	 {"ErrSMCPMissing", "maistra.io/member-of: null"},
	 {"member-of: mesh"}},
	{"a namespace that is not there yet is waited for",
	 ROLL("mesh", "members: [later]") SMCP("mesh"),
	 {"Namespace later does not exist"},
	 {"kind: ServiceMeshMember\n"}},
	{"one that ends is let go",
	 ROLL("mesh", "members: [shop]") SMCP("mesh") NS("shop", ", deletionTimestamp: '2024-01-01T00:00:00Z'"),
	 {"terminatingMembers:\n- shop", "Namespace shop is being deleted"},
	 {"member-of: mesh", "kind: ServiceMeshMember\n"}},
	{"members: null is an empty list",
	 ROLL("mesh", "members: null") SMCP("mesh") NS("shop", ""),
	 {"configuredMembers: []", "All namespaces have been configured"},
	 {"member-of: mesh"}},
	{"a roll that ends stays until nothing of the mesh is in members",
	 ENDING_ROLL("mesh") SMCP("mesh") NS("shop", OF("mesh")) COPY("shop", "mesh"),
	 {"maistra.io/member-of: null", "delete NetworkPolicy shop/copy"},
	 {"finalizers"}},
	{"and goes then", ENDING_ROLL("mesh") SMCP("mesh") NS("shop", ""), {"finalizers"}, {"delete"}},
	/* members */
	{"a member enters itself into the roll",
	 MEMBER("shop", "mesh", ", finalizers: [maistra.io/istio-operator]") SMCP("mesh")
		 ROLL("mesh", "members: [stock]"),
	 {"- stock", "- shop"},
	 {0}},
	{"or makes one",
	 MEMBER("shop", "mesh", ", finalizers: [maistra.io/istio-operator]") SMCP("mesh"),
	 {"kind: ServiceMeshMemberRoll", "- shop"},
	 {0}},
	{"but not into a mesh that is not there",
	 MEMBER("shop", "mesh", ", finalizers: [maistra.io/istio-operator]"),
	 {"ErrorControlPlaneMissing"},
	 {"kind: ServiceMeshMemberRoll"}},
	{"nor into a roll that selects by label",
	 MEMBER("shop", "mesh", ", finalizers: [maistra.io/istio-operator]") SMCP("mesh")
		 ROLL("mesh", "memberSelectors: [{}]"),
	 {"The namespace is not configured yet"},
	 {"- shop"}},
	{"a member that goes leaves the roll",
	 MEMBER("shop", "mesh", ", finalizers: [maistra.io/istio-operator], deletionTimestamp: '2024-01-01T00:00:00Z'")
		 SMCP("mesh") ROLL("mesh", "members: [shop, stock]"),
	 {"- stock"},
	 {"- shop"}},
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

static char *plan_of(const char *yaml)
{
	struct reconcile_env env = {.version = "1.0.0", .ns = "operators", .now_s = 1700000000};
	struct loaded l = {.store = store_new()};
	struct err e = ERR_INIT;
	struct plan p;
	char *out;

	if (yaml_each(slice_str(yaml), on_doc, &l, &e) < 0)
		fail_msg("%s: %s", yaml, e.msg);
	plan_init(&p);
	if (l.first.kind == &api_kind_smmr)
		smmr_reconcile(l.store, &l.first, &env, &p);
	else
		smm_reconcile(l.store, &l.first, &env, &p);
	out = plan_describe(&p);
	plan_done(&p);
	store_free(l.store);
	return out;
}

static void test_rows(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(freep) char *got = plan_of(rows[i].yaml);

		for (size_t k = 0; k < 4 && rows[i].has[k]; k++)
			if (!strstr(got, rows[i].has[k]))
				fail_msg("%s: no '%s' in:\n%s", rows[i].what, rows[i].has[k], got);
		for (size_t k = 0; k < 4 && rows[i].hasnt[k]; k++)
			if (strstr(got, rows[i].hasnt[k]))
				fail_msg("%s: '%s' in:\n%s", rows[i].what, rows[i].hasnt[k], got);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_rows)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
