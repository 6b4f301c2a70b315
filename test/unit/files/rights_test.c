/* Roles as they are written, and the two questions that are asked of them. */
#include "folder.h"

#include "msg/yaml.h"

#define ROLE(kind, name, rules)                                                                                        \
	"---\n{apiVersion: rbac.authorization.k8s.io/v1, kind: " kind ", metadata: {" name "}, rules: [" rules "]}\n"
#define BINDING(kind, name, role, subjects)                                                                            \
	"---\n{apiVersion: rbac.authorization.k8s.io/v1, kind: " kind ", metadata: {" name "}, roleRef: {" role "}, "  \
	"subjects: [" subjects "]}\n"
#define READER "{apiGroups: [''], resources: [secrets], verbs: [get, watch, list]}"
#define EDGE "{kind: ServiceAccount, name: edge, namespace: edge}"
#define OWN "name: r, namespace: edge"
#define OF_OWN "kind: Role, name: r"

static const struct {
	const char *name, *roles;
	bool secrets, page; /* edge/edge may list its namespace's secrets; see /debug/configz */
} rows[] = {
	{"nothing is said", "", false, false},
	{"a Role", ROLE("Role", OWN, READER) BINDING("RoleBinding", OWN, OF_OWN, EDGE), true, false},
	{"a Role that nobody has", ROLE("Role", OWN, READER), false, false},
	{"a binding without its Role", BINDING("RoleBinding", OWN, OF_OWN, EDGE), false, false},
	{"another account",
	 ROLE("Role", OWN, READER)
		 BINDING("RoleBinding", OWN, OF_OWN, "{kind: ServiceAccount, name: web, namespace: edge}"),
	 false, false},
	{"the account of another namespace",
	 ROLE("Role", OWN, READER)
		 BINDING("RoleBinding", OWN, OF_OWN, "{kind: ServiceAccount, name: edge, namespace: shop}"),
	 false, false},
	{"an account without a namespace",
	 ROLE("Role", OWN, READER) BINDING("RoleBinding", OWN, OF_OWN, "{kind: ServiceAccount, name: edge}"), true,
	 false},
	{"a Role of another namespace",
	 ROLE("Role", "name: r, namespace: shop", READER)
		 BINDING("RoleBinding", "name: r, namespace: shop", OF_OWN, EDGE),
	 false, false},
	{"a ClusterRole for a namespace",
	 ROLE("ClusterRole", "name: r", READER) BINDING("RoleBinding", OWN, "kind: ClusterRole, name: r", EDGE), true,
	 false},
	{"a ClusterRole for all",
	 ROLE("ClusterRole", "name: r", READER)
		 BINDING("ClusterRoleBinding", "name: r", "kind: ClusterRole, name: r", EDGE),
	 true, false},
	{"another verb",
	 ROLE("Role", OWN, "{apiGroups: [''], resources: [secrets], verbs: [get]}")
		 BINDING("RoleBinding", OWN, OF_OWN, EDGE),
	 false, false},
	{"another resource",
	 ROLE("Role", OWN, "{apiGroups: [''], resources: [pods], verbs: [list]}")
		 BINDING("RoleBinding", OWN, OF_OWN, EDGE),
	 false, false},
	{"another group",
	 ROLE("Role", OWN, "{apiGroups: [apps], resources: [secrets], verbs: [list]}")
		 BINDING("RoleBinding", OWN, OF_OWN, EDGE),
	 false, false},
	{"one secret only",
	 ROLE("Role", OWN, "{apiGroups: [''], resources: [secrets], resourceNames: [a], verbs: [list]}")
		 BINDING("RoleBinding", OWN, OF_OWN, EDGE),
	 false, false},
	{"everything",
	 ROLE("Role", OWN, "{apiGroups: ['*'], resources: ['*'], verbs: ['*']}")
		 BINDING("RoleBinding", OWN, OF_OWN, EDGE),
	 true, false},
	{"a group",
	 ROLE("Role", OWN, READER)
		 BINDING("RoleBinding", OWN, OF_OWN, "{kind: Group, name: 'system:serviceaccounts:edge'}"),
	 true, false},
	{"a user",
	 ROLE("Role", OWN, READER)
		 BINDING("RoleBinding", OWN, OF_OWN, "{kind: User, name: 'system:serviceaccount:edge:edge'}"),
	 true, false},
	{"pages",
	 ROLE("ClusterRole", "name: r", "{nonResourceURLs: ['/debug/*'], verbs: [get]}")
		 BINDING("ClusterRoleBinding", "name: r", "kind: ClusterRole, name: r", EDGE),
	 false, true},
	{"another page",
	 ROLE("ClusterRole", "name: r", "{nonResourceURLs: [/debug/syncz], verbs: [get]}")
		 BINDING("ClusterRoleBinding", "name: r", "kind: ClusterRole, name: r", EDGE),
	 false, false},
	{"pages of a namespace",
	 ROLE("Role", OWN, "{nonResourceURLs: ['*'], verbs: [get]}") BINDING("RoleBinding", OWN, OF_OWN, EDGE), false,
	 false},
};

#define EDGE_IS                                                                                                        \
	"\"user\":\"system:serviceaccount:edge:edge\",\"groups\":[\"system:serviceaccounts\","                         \
	"\"system:serviceaccounts:edge\",\"system:authenticated\"]"

static bool may(struct memory *m, const char *what)
{
	CLEANUP(freep) char *text = mem_printf("{" EDGE_IS ",%s}", what);
	CLEANUP(json_freep) cJSON *spec = json_literal(text);

	return rights_allow(m, spec);
}

static void roles_say_what_is_allowed(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct memory m = {0};
		struct reading r;

		reading_of(slice_str(rows[i].roles), "mesh", &r);
		assert_int_equal(0, r.faults.n);
		for (size_t k = 0; k < r.objects.n; k++)
			memory_put(&m, r.objects.v[k].kind, take(r.objects.v[k].json), "a.yaml", 1);
		if (may(&m,
			"\"resourceAttributes\":{\"namespace\":\"edge\",\"verb\":\"list\",\"resource\":\"secrets\"}") !=
		    rows[i].secrets)
			fail_msg("%s: secrets", rows[i].name);
		if (may(&m, "\"nonResourceAttributes\":{\"path\":\"/debug/configz\",\"verb\":\"get\"}") != rows[i].page)
			fail_msg("%s: page", rows[i].name);
		reading_done(&r);
		memory_done(&m);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(roles_say_what_is_allowed)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
