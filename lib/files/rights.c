/*
 * What Roles and ClusterRoles allow, for the two questions that weftd asks: may a gateway's service account list the
 * Secrets of its namespace, may somebody's token see a debug page. As in Kubernetes rights only add up.
 */
#include <string.h>

#include "files/internal.h"

static bool lists(const cJSON *rule, const char *field, const char *what)
{
	const cJSON *list = json_get(rule, field);

	return json_has_str(list, "*") || json_has_str(list, what);
}

static bool lists_path(const cJSON *rule, const char *path)
{
	JSON_EACH(one, json_get(rule, "nonResourceURLs"))
	{
		const char *pattern = cJSON_GetStringValue(one);
		const size_t n = pattern ? strlen(pattern) : 0;

		if (n && (!strcmp(pattern, path) || (pattern[n - 1] == '*' && !strncmp(pattern, path, n - 1))))
			return true;
	}
	return false;
}

static bool rule_allows(const cJSON *rule, const cJSON *spec)
{
	const cJSON *path = json_get(spec, "nonResourceAttributes"), *what = json_get(spec, "resourceAttributes");

	if (path)
		return lists(rule, "verbs", json_str_or_empty(path, "verb")) &&
		       lists_path(rule, json_str_or_empty(path, "path"));
	return lists(rule, "verbs", json_str_or_empty(what, "verb")) &&
	       lists(rule, "apiGroups", json_str_or_empty(what, "group")) &&
	       lists(rule, "resources", json_str_or_empty(what, "resource")) &&
	       json_is_empty(json_get(rule, "resourceNames"));
}

static bool is_subject(const cJSON *subject, const char *ns, const cJSON *spec)
{
	const char *kind = json_str_or_empty(subject, "kind"), *name = json_str_or_empty(subject, "name");
	const char *of = json_str(subject, "namespace");
	CLEANUP(freep) char *account = mem_printf("system:serviceaccount:%s:%s", of ? of : ns, name);

	if (!strcmp(kind, "ServiceAccount"))
		return !strcmp(account, json_str_or_empty(spec, "user"));
	if (!strcmp(kind, "User"))
		return *name && !strcmp(name, json_str_or_empty(spec, "user"));
	return !strcmp(kind, "Group") && json_has_str(json_get(spec, "groups"), name);
}

static bool binds(const cJSON *binding, const cJSON *spec)
{
	JSON_EACH(subject, json_get(binding, "subjects"))
	if (is_subject(subject, json_str_or_empty(binding, "metadata.namespace"), spec))
		return true;
	return false;
}

static const cJSON *role_of(struct memory *m, const cJSON *binding)
{
	const bool wide = strcmp(json_str_or_empty(binding, "roleRef.kind"), "ClusterRole") == 0;
	const struct object *o = memory_get(m, wide ? &api_kind_cluster_role : &api_kind_role,
					    wide ? "" : json_str_or_empty(binding, "metadata.namespace"),
					    json_str_or_empty(binding, "roleRef.name"));

	return o ? o->json : NULL;
}

/* ns: of RoleBindings that count; NULL: ClusterRoleBindings. */
static bool any_allows(struct memory *m, const char *ns, const cJSON *spec)
{
	const struct shelf *s = memory_shelf(m, ns ? &api_kind_role_binding : &api_kind_cluster_role_binding);
	struct map_entry *e;

	for (size_t i = 0; (e = map_next(&s->objects, &i));) {
		const struct object *o = e->value;

		if ((ns && !slice_eq_str(object_ns(o), ns)) || !binds(o->json, spec))
			continue;
		JSON_EACH(rule, json_get(role_of(m, o->json), "rules"))
		if (rule_allows(rule, spec))
			return true;
	}
	return false;
}

bool rights_allow(struct memory *m, const cJSON *spec)
{
	const char *ns = json_str(spec, "resourceAttributes.namespace");

	return any_allows(m, NULL, spec) || (ns && any_allows(m, ns, spec));
}
