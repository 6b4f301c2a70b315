/* Several control planes of one mesh: who is trusted, whose a namespace is, what each gets there, and who injects. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "api/cluster/admission.h"
#include "api/object.h"
#include "base/base64.h"
#include "base/cleanup.h"
#include "base/mem.h"
#include "operator/reconcile/revisions.h"
#include "operator/reconcile/smcp_internal.h"
#include "pki/ca.h"
#include "stored.h"

#define NOW_S 1700000000
#define OPERATOR_NS "operators"

/* Bundles in base64: two roots, and both together. */
static char *root_1, *root_2, *both_roots;

static struct store *store;

static void root(struct buf *pem)
{
	CLEANUP(pki_ca_unrefp) struct pki_ca *ca = NULL;

	assert_int_equal(pki_ca_new_root("cluster.local", SLICE(""), PKI_KEY_P256, NOW_S, 86400, &ca, NULL), 0);
	buf_append_slice(pem, pki_ca_cert_pem(ca));
}

static char *encoded(const struct buf *pem)
{
	struct buf out = BUF_INIT;

	base64_encode(buf_slice(pem), &out);
	return buf_take_str(&out);
}

static int make_roots(void **state)
{
	CLEANUP(buf_done) struct buf one = BUF_INIT;
	CLEANUP(buf_done) struct buf two = BUF_INIT;

	(void)state;
	root(&one);
	root(&two);
	root_1 = encoded(&one);
	root_2 = encoded(&two);
	buf_append_slice(&two, buf_slice(&one));
	both_roots = encoded(&two);
	return 0;
}

static int free_roots(void **state)
{
	(void)state;
	free(root_1);
	free(root_2);
	free(both_roots);
	return 0;
}

/* --- the world --- */

/* Objects as the API server has them: each write is another version. */
static void put(const char *yaml)
{
	static int version;
	CLEANUP(freep) char *text = NULL;
	const char *meta = strstr(yaml, "metadata: {");
	const size_t n = (size_t)(meta - yaml) + strlen("metadata: {");

	text = mem_printf("%.*sresourceVersion: 'r%d', %s", (int)n, yaml, version++, yaml + n);
	stored_all(store, text);
}

/* A control plane in namespace mesh-<name>, with a RoleBinding of its own and one of an add-on that members get. */
static void put_plane(const char *name, const char *spec, const char *bundle, const char *meta)
{
	CLEANUP(freep)
	char *smcp = mem_printf(
		"{apiVersion: maistra.io/v2, kind: ServiceMeshControlPlane, metadata: {name: %s, namespace: mesh-%s, "
		"uid: u, generation: 1, finalizers: [maistra.io/istio-operator]%s}, spec: {version: v2.6%s}}",
		name, name, meta, spec);
	CLEANUP(freep)
	char *ns = mem_printf("{apiVersion: v1, kind: Namespace, metadata: {name: mesh-%s, labels: "
			      "{maistra.io/member-of: mesh-%s}}}",
			      name, name);
	CLEANUP(freep)
	char *hook = mem_printf("{apiVersion: admissionregistration.k8s.io/v1, kind: MutatingWebhookConfiguration, "
				"metadata: {name: istiod-%s-mesh-%s}, webhooks: [{name: a, clientConfig: {caBundle: "
				"'%s'}}]}",
				name, name, bundle);
	static const char *const parts[] = {"istio-discovery", "prometheus"};

	put(smcp);
	put(ns);
	put(hook);
	for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
		CLEANUP(freep)
		char *binding = mem_printf(
			"{apiVersion: rbac.authorization.k8s.io/v1, kind: RoleBinding, metadata: {name: %s, namespace: "
			"mesh-%s, labels: {maistra.io/owner: mesh-%s, maistra.io/owner-name: %s, "
			"app.kubernetes.io/component: %s, app.kubernetes.io/managed-by: maistra-istio-operator}}, "
			"roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: %s-%s}}",
			i ? "prometheus" : name, name, name, name, parts[i], parts[i], name);

		put(binding);
	}
}

#define BESIDE ", techPreview: {revisionOf: mesh-old/old}"

static void put_roll(const char *plane, const char *members, const char *meta, const char *status)
{
	CLEANUP(freep)
	char *yaml = mem_printf(
		"{apiVersion: maistra.io/v1, kind: ServiceMeshMemberRoll, metadata: {name: default, namespace: "
		"mesh-%s, "
		"generation: 1, finalizers: [maistra.io/istio-operator]%s}, spec: {members: [%s]}, status: {%s}}",
		plane, meta, members, status);

	put(yaml);
}

static void put_ns(const char *name, const char *labels)
{
	CLEANUP(freep)
	char *yaml = mem_printf("{apiVersion: v1, kind: Namespace, metadata: {name: %s, labels: {%s}}}", name, labels);

	put(yaml);
}

/* A copy of a control plane's object, and the ServiceMeshMember that its roll made. */
static void put_copy(const char *plane, const char *name, const char *ns)
{
	CLEANUP(freep)
	char *yaml =
		mem_printf("{apiVersion: rbac.authorization.k8s.io/v1, kind: RoleBinding, metadata: {name: %s, "
			   "namespace: %s, uid: c, labels: {maistra.io/member-of: mesh-%s, "
			   "app.kubernetes.io/component: %s, app.kubernetes.io/managed-by: maistra-istio-operator}}, "
			   "roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: %s-%s}}",
			   name, ns, plane, strcmp(name, plane) ? "prometheus" : "istio-discovery",
			   strcmp(name, plane) ? "prometheus" : "istio-discovery", plane);

	put(yaml);
}

static void put_member(const char *plane, const char *ns)
{
	CLEANUP(freep)
	char *yaml = mem_printf(
		"{apiVersion: maistra.io/v1, kind: ServiceMeshMember, metadata: {name: default, "
		"namespace: %s, uid: m, annotations: {maistra.io/created-by: "
		"servicemeshmemberroll-controller}}, spec: {controlPlaneRef: {name: %s, namespace: mesh-%s}}}",
		ns, plane, plane);

	put(yaml);
}

static int setup(void **state)
{
	(void)state;
	store = store_new();
	put_plane("old", "", root_1, "");
	put_plane("new", BESIDE, root_1, "");
	put_roll("old", "shop", "", "");
	put_roll("new", "shop", "", "");
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	store_free(store);
	return 0;
}

static struct api_object *plane(const char *name)
{
	CLEANUP(freep) char *ns = mem_printf("mesh-%s", name);

	return store_get(store, &api_kind_smcp, ns, name);
}

static char *reconcile(const struct api_kind *kind, const char *ns, const char *name)
{
	const struct store_key key = {kind, ns, name};
	const struct reconcile_env env = {.version = "1.0.0", .ns = OPERATOR_NS, .now_s = NOW_S};
	struct plan p;
	char *text;

	plan_init(&p);
	if (kind == &api_kind_smmr)
		smmr_reconcile(store, &key, &env, &p);
	else
		smcp_reconcile(store, &key, &env, &p);
	text = plan_describe(&p);
	plan_done(&p);
	return text;
}

static char *roll(const char *ns)
{
	return reconcile(&api_kind_smmr, ns, "default");
}

#define assert_says(text, part)                                                                                        \
	do {                                                                                                           \
		if (!strstr(text, part))                                                                               \
			fail_msg("%s is missing in:\n%s", part, text);                                                 \
	} while (0)
#define assert_silent(text, part)                                                                                      \
	do {                                                                                                           \
		if (strstr(text, part))                                                                                \
			fail_msg("%s is not wanted in:\n%s", part, text);                                              \
	} while (0)

/* --- trust --- */

static void who_shares_a_root_is_one_mesh(void **state)
{
	const struct api_object *of = NULL;

	(void)state;
	assert_int_equal(revision_state(store, plane("old"), &of), REVISION_ALONE);
	assert_int_equal(revision_state(store, plane("new"), &of), REVISION_JOINED);
	assert_ptr_equal(of, plane("old"));
	put_plane("old", "", both_roots, ""); /* on its way to another root */
	assert_int_equal(revision_state(store, plane("new"), &of), REVISION_JOINED);
	put_plane("new", BESIDE, root_2, "");
	put_plane("old", "", root_1, "");
	assert_int_equal(revision_state(store, plane("new"), &of), REVISION_ROOTS);
	put_plane("new", BESIDE, "bm8gY2VydGlmaWNhdGU=", "");
	assert_int_equal(revision_state(store, plane("new"), &of), REVISION_ROOTS);
	put_plane("new", BESIDE, "%", "");
	assert_int_equal(revision_state(store, plane("new"), &of), REVISION_ROOTS);
}

static void what_is_not_known_is_as_it_was(void **state)
{
	CLEANUP(freep) char *text = NULL;

	(void)state;
	put_plane("new", BESIDE, "", "");
	assert_int_equal(revision_state(store, plane("new"), NULL), REVISION_WAITS);
	text = reconcile(&api_kind_smcp, "mesh-new", "new");
	assert_says(text, "reason: Waiting\n");
	put_plane("new", BESIDE "}, status: {conditions: [{type: RevisionJoined, status: 'True'}]", "", "");
	assert_int_equal(revision_state(store, plane("new"), NULL), REVISION_JOINED);
}

static void others_are_no_revisions(void **state)
{
	(void)state;
	put_plane("new", BESIDE ", security: {trust: {domain: elsewhere}}", root_1, "");
	assert_int_equal(revision_state(store, plane("new"), NULL), REVISION_DOMAIN);
	put_plane("new", ", techPreview: {revisionOf: mesh-gone/gone}", root_1, "");
	assert_int_equal(revision_state(store, plane("new"), NULL), REVISION_MISSING);
	put_plane("new", ", techPreview: {revisionOf: mesh-old/new}", root_1, "");
	assert_int_equal(revision_state(store, plane("new"), NULL), REVISION_NAME);
	put_plane("new", BESIDE, root_1, "");
	put_plane("third", ", techPreview: {revisionOf: mesh-new/new}", root_1, "");
	assert_int_equal(revision_state(store, plane("third"), NULL), REVISION_CHAIN);
	put_plane("new", "", root_1, ""); /* the same root alone is no consent */
	assert_int_equal(revision_state(store, plane("new"), NULL), REVISION_ALONE);
}

static void status_tells_it(void **state)
{
	CLEANUP(freep) char *joined = reconcile(&api_kind_smcp, "mesh-new", "new");
	CLEANUP(freep) char *refused = NULL;
	CLEANUP(freep) char *alone = reconcile(&api_kind_smcp, "mesh-old", "old");

	(void)state;
	assert_says(joined, "message: One mesh with mesh-old/old");
	assert_silent(alone, "RevisionJoined");
	put_plane("new", BESIDE, root_2, "");
	refused = reconcile(&api_kind_smcp, "mesh-new", "new");
	assert_says(refused, "reason: RootsDiffer\n");
}

/* --- whose a namespace is --- */

static void where_a_namespace_is(void **state)
{
	static const struct {
		const char *old_roll, *new_roll, *labels, *home; /* NULL: nowhere */
	} rows[] = {
		{"shop", "shop", "", "mesh-old"},
		{"shop", "shop", "istio.io/rev: new", "mesh-new"},
		{"shop", "shop", "istio.io/rev: old, maistra.io/member-of: mesh-new", "mesh-old"},
		{"shop", "shop", "istio.io/rev: odd", "mesh-old"},
		{"", "shop", "", "mesh-new"},
		{"shop", "", "istio.io/rev: new", "mesh-new"},
		{"", "", "istio.io/rev: new", NULL},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct revisions r;
		const char *home;

		put_ns("shop", rows[i].labels);
		put_roll("old", rows[i].old_roll, "", "");
		put_roll("new", rows[i].new_roll, "", "");
		revisions_find(store, plane(i % 2 ? "old" : "new"), &r);
		assert_int_equal(r.all.n, 2);
		revisions_read_rolls(store, OPERATOR_NS, &r);
		home = revisions_home(&r, store_get(store, &api_kind_namespace, "", "shop"));
		if (strcmp(home ? home : "", rows[i].home ? rows[i].home : "") != 0)
			fail_msg("%zu: %s", i, home ? home : "nowhere");
		revisions_done(&r);
	}
}

static void both_know_the_namespace(void **state)
{
	CLEANUP(freep) char *made = NULL, *known = NULL, *unlisted = NULL;

	(void)state;
	put_ns("shop", "maistra.io/member-of: mesh-old");
	put_member("old", "shop");
	made = roll("mesh-new");
	assert_says(made, "kind: RoleBinding\nmetadata:\n  name: new\n  namespace: shop\n");
	assert_silent(made, "name: prometheus"); /* what looks at it alone */
	assert_silent(made, "# patch Namespace");
	assert_silent(made, "ServiceMeshMember shop");
	put_copy("new", "new", "shop");
	known = roll("mesh-new");
	assert_says(known, "sharedMembers:\n- shop\n");
	assert_says(known, "configuredMembers: []\n");
	assert_says(known, "message: The namespace is on the control plane in namespace mesh-old");
	assert_says(known, "configuredMemberCount: 1/1");
	put_roll("new", "", "", "");
	unlisted = roll("mesh-new");
	assert_says(unlisted, "sharedMembers:\n- shop\n");
	assert_says(unlisted, "configuredMemberCount: 0/0");
	assert_silent(unlisted, "# delete RoleBinding");
}

/* In the order of their names, whichever roll names them. */
static void lists_are_sorted(void **state)
{
	static const char *const names[] = {"desk", "shop", "stock"};
	CLEANUP(freep) char *text = NULL;

	(void)state;
	put_roll("old", "desk, stock", "", "");
	put_roll("new", "shop", "", "");
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		put_ns(names[i], "maistra.io/member-of: mesh-old");
		put_member("old", names[i]);
		put_copy("new", "new", names[i]);
	}
	text = roll("mesh-new");
	assert_says(text, "sharedMembers:\n- desk\n- shop\n- stock\n");
	assert_says(text, "members:\n- shop\n");
}

static void a_mesh_with_another_root_gets_nothing(void **state)
{
	CLEANUP(freep) char *text = NULL;

	(void)state;
	put_plane("new", BESIDE, root_2, "");
	put_ns("shop", "maistra.io/member-of: mesh-old, istio.io/rev: new");
	put_copy("new", "new", "shop");
	text = roll("mesh-new");
	assert_says(text, "as it is already a member of mesh-old");
	assert_says(text, "# delete RoleBinding shop/new");
	assert_silent(text, "# patch Namespace");
	assert_silent(text, "sharedMembers:\n");
}

static void a_label_moves_it(void **state)
{
	CLEANUP(freep) char *taken = NULL, *given = NULL, *done = NULL, *then = NULL;

	(void)state;
	put_ns("shop", "maistra.io/member-of: mesh-old, istio.io/rev: new");
	put_member("old", "shop");
	for (size_t i = 0; i < 2; i++)
		put_copy(i ? "old" : "new", i ? "old" : "new", "shop");
	put_copy("old", "prometheus", "shop");
	put_roll("new", "shop", "", "sharedMembers: [shop]");
	taken = roll("mesh-new");
	assert_says(taken, "# patch Namespace shop\nmetadata:\n  labels:\n    maistra.io/member-of: mesh-new\n  "
			   "resourceVersion: ");
	assert_says(taken, "sharedMembers:\n- shop\n"); /* until it has it */
	given = roll("mesh-old");
	assert_silent(given, "# patch Namespace");
	assert_silent(given, "# delete");
	put_ns("shop", "maistra.io/member-of: mesh-new, istio.io/rev: new");
	done = roll("mesh-old");
	assert_says(done, "sharedMembers:\n- shop\n");
	assert_says(done, "# delete RoleBinding shop/prometheus"); /* its own comes in its place */
	assert_silent(done, "# delete RoleBinding shop/old");
	assert_silent(done, "member-of: null");
	then = roll("mesh-new");
	assert_says(then, "configuredMembers:\n- shop\n"); /* at once, and never neither */
	assert_says(then, "sharedMembers: []");
	assert_says(then, "# delete ServiceMeshMember shop/default");
	assert_silent(then, "name: prometheus\n  namespace: shop"); /* the other's is there yet */
}

static void its_member_is_made_anew(void **state)
{
	CLEANUP(freep) char *text = NULL;

	(void)state;
	put_ns("shop", "maistra.io/member-of: mesh-new, istio.io/rev: new");
	put_copy("new", "new", "shop");
	put_roll("new", "shop", "", "configuredMembers: [shop]");
	text = roll("mesh-new");
	assert_says(text, "kind: ServiceMeshMember\n");
	assert_says(text, "name: new\n    namespace: mesh-new");
	assert_says(text, "name: prometheus\n  namespace: shop");
	assert_says(text, "configuredMembers:\n- shop\n");
}

/* --- the end of one --- */

#define LEAVES ", deletionTimestamp: '2023-11-14T22:13:00Z'" /* 20 seconds before now */
#define LEFT_LONG_AGO ", deletionTimestamp: '2023-11-14T22:00:00Z'"

static void what_leaves_is_taken_over(void **state)
{
	CLEANUP(freep) char *gives = NULL, *waits = NULL, *takes = NULL, *goes = NULL;

	(void)state;
	put_plane("old", "", root_1, LEAVES);
	put_ns("shop", "maistra.io/member-of: mesh-old");
	put_copy("new", "new", "shop");
	put_copy("old", "old", "shop");
	put_roll("new", "shop", "", "sharedMembers: [shop]");
	waits = reconcile(&api_kind_smcp, "mesh-old", "old");
	assert_silent(waits, "# delete"); /* its webhook makes pods until then */
	gives = roll("mesh-old");
	assert_silent(gives, "member-of: null");
	takes = roll("mesh-new");
	assert_says(takes, "maistra.io/member-of: mesh-new");
	assert_says(takes, "sharedMembers:\n- shop\n");
	put_plane("old", "", root_1, LEFT_LONG_AGO);
	goes = reconcile(&api_kind_smcp, "mesh-old", "old");
	assert_says(goes, "# delete");
}

static void nothing_is_waited_for_by_a_control_plane_alone(void **state)
{
	CLEANUP(freep) char *text = NULL;

	(void)state;
	put_plane("new", "", root_1, "");
	put_plane("old", "", root_1, LEAVES);
	put_ns("shop", "maistra.io/member-of: mesh-old");
	text = reconcile(&api_kind_smcp, "mesh-old", "old");
	assert_says(text, "# delete");
}

static void what_was_known_stays_when_the_other_is_gone(void **state)
{
	static const char *const labels[] = {"", "maistra.io/member-of: mesh-old"};

	(void)state;
	store_remove(store, &api_kind_smcp, "mesh-old", "old");
	put_copy("new", "new", "shop");
	put_member("old", "shop");
	put_roll("new", "shop", "", "sharedMembers: [shop]");
	for (size_t i = 0; i < ARRAY_LEN(labels); i++) {
		CLEANUP(freep) char *text = NULL;

		put_ns("shop", labels[i]);
		text = roll("mesh-new");
		assert_says(text, "maistra.io/member-of: mesh-new");
		assert_says(text, "sharedMembers:\n- shop\n");
	}
}

static void a_revision_comes_with_the_same_members(void **state)
{
	CLEANUP(freep) char *text = NULL, *selected = NULL, *alone = NULL;

	(void)state;
	store_remove(store, &api_kind_smmr, "mesh-new", "default");
	text = reconcile(&api_kind_smcp, "mesh-new", "new");
	assert_says(text, "kind: ServiceMeshMemberRoll\nmetadata:\n  name: default\n  namespace: mesh-new\nspec:\n  "
			  "members:\n  - shop\n");
	stored_all(store,
		   "{apiVersion: maistra.io/v1, kind: ServiceMeshMemberRoll, metadata: {name: default, namespace: "
		   "mesh-old}, spec: {memberSelectors: [{matchLabels: {a: b}}]}}");
	selected = reconcile(&api_kind_smcp, "mesh-new", "new");
	assert_says(selected,
		    "  memberSelectors:\n  - matchLabels:\n      a: b\n  - matchLabels:\n      istio.io/rev: new\n");
	put_plane("new", BESIDE, root_2, "");
	alone = reconcile(&api_kind_smcp, "mesh-new", "new");
	assert_silent(alone, "kind: ServiceMeshMemberRoll\n");
}

/* --- who injects --- */

static const char *const names[] = {"old", "new"};

static void put_str(struct str_map *m, struct arena *a, const char *key, const char *value)
{
	struct str_pair *grown = arena_alloc(a, (m->n + 1) * sizeof(*grown));

	if (m->n)
		memcpy(grown, m->v, m->n * sizeof(*grown));
	grown[m->n] = (struct str_pair){key, value};
	m->v = grown;
	m->n++;
}

/* How many webhooks of a control plane take a pod with that label, in a namespace with those. */
static size_t hooks_for(const char *name, const char *member_of, const char *ns_rev, const char *pod_rev)
{
	CLEANUP(arena_done) struct arena a = ARENA_INIT;
	CLEANUP(freep) char *ns = mem_printf("mesh-%s", name);
	struct str_map labels = {0}, pod = {0};
	struct revisions r;
	const struct api_object *smcps[2];
	struct render_input in = {.store = store,
				  .smcp = plane(name),
				  .spec = API_VALUE(plane(name), smcp, maistra_smcp)->spec,
				  .operator_version = "1.0.0",
				  .images = &operator_images_default,
				  .revisions = smcps};
	struct rendering out = {0};
	size_t n = 0;

	if (ns_rev)
		put_str(&labels, &a, "istio.io/rev", ns_rev);
	if (member_of)
		put_str(&labels, &a, "maistra.io/member-of", member_of);
	if (pod_rev)
		put_str(&pod, &a, "istio.io/rev", pod_rev);
	revisions_find(store, plane(name), &r);
	for (; in.n_revisions < r.all.n; in.n_revisions++)
		smcps[in.n_revisions] = r.all.v[in.n_revisions].smcp;
	assert_int_equal(render_mesh(&in, &out, NULL), 0);
	for (size_t i = 0; i < out.objects.n; i++) {
		const struct api_object *o = out.objects.v[i].obj;
		const struct admission_mutating_webhook_configuration *m = o->value;

		for (size_t k = 0; o->kind == &api_kind_mutating_webhook_configuration && k < m->webhooks.n; k++)
			n += meta_selector_matches(m->webhooks.v[k].namespace_selector, &labels) &&
			     meta_selector_matches(m->webhooks.v[k].object_selector, &pod);
	}
	rendering_done(&out);
	revisions_done(&r);
	return n;
}

static void each_pod_is_one_control_planes(void **state)
{
	static const char *const members[] = {NULL, "mesh-old", "mesh-new", "mesh-other"};
	static const char *const revs[] = {NULL, "old", "new", "odd"};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(members) * ARRAY_LEN(revs) * ARRAY_LEN(revs); i++) {
		const char *of = members[i % 4], *ns_rev = revs[i / 4 % 4], *pod_rev = revs[i / 16];
		const bool ours = of && strcmp(of, "mesh-other") != 0;
		const char *want = of ? of + strlen("mesh-") : "";

		if (pod_rev && strcmp(pod_rev, "odd") != 0)
			want = pod_rev;
		if (ns_rev && strcmp(ns_rev, "odd") != 0)
			want = ns_rev;
		for (size_t k = 0; k < ARRAY_LEN(names); k++)
			if (hooks_for(names[k], of, ns_rev, pod_rev) != (ours && !strcmp(want, names[k])))
				fail_msg("%s: member of %s, rev %s, pod %s", names[k], of ? of : "-",
					 ns_rev ? ns_rev : "-", pod_rev ? pod_rev : "-");
	}
}

static void a_mesh_alone_injects_its_members_whatever_their_labels(void **state)
{
	(void)state;
	put_plane("new", BESIDE, root_2, ""); /* not trusted: two meshes */
	for (size_t k = 0; k < ARRAY_LEN(names); k++) {
		assert_int_equal(hooks_for("old", "mesh-old", names[k], NULL), 1);
		assert_int_equal(hooks_for("new", "mesh-old", names[k], names[k]), 0);
		assert_int_equal(hooks_for("new", "mesh-new", NULL, names[k]), 1);
	}
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(who_shares_a_root_is_one_mesh),
		TEST(what_is_not_known_is_as_it_was),
		TEST(others_are_no_revisions),
		TEST(status_tells_it),
		TEST(where_a_namespace_is),
		TEST(both_know_the_namespace),
		TEST(lists_are_sorted),
		TEST(a_mesh_with_another_root_gets_nothing),
		TEST(a_label_moves_it),
		TEST(its_member_is_made_anew),
		TEST(what_leaves_is_taken_over),
		TEST(nothing_is_waited_for_by_a_control_plane_alone),
		TEST(what_was_known_stays_when_the_other_is_gone),
		TEST(a_revision_comes_with_the_same_members),
		TEST(each_pod_is_one_control_planes),
		TEST(a_mesh_alone_injects_its_members_whatever_their_labels),
	};

	return cmocka_run_group_tests(tests, make_roots, free_roots);
}
