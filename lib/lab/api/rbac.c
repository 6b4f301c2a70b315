/*
 * The authorizer walks bindings, cluster-wide ones first, and asks the rules of each role whose subjects include the
 * user. A lab has some dozens of them; nothing is cached, so a change counts at once.
 */
#include "lab/api/rbac.h"

#include <stdio.h>
#include <string.h>

#include "lab/object/object.h"

#define MASTERS "system:masters"

static const char *or_empty(const char *s)
{
	return s ? s : "";
}

/* ---- rules ---- */

static bool lists(const cJSON *values, const char *s)
{
	const cJSON *v;

	cJSON_ArrayForEach(v, values)
	{
		if (cJSON_IsString(v) && (strcmp(v->valuestring, "*") == 0 || strcmp(v->valuestring, s) == 0))
			return true;
	}
	return false;
}

/* resources hold "pods", "pods/log", "*" and "*" "/log". */
static bool lists_resource(const cJSON *values, const char *resource, const char *subresource)
{
	const cJSON *v;

	if (!*subresource)
		return lists(values, resource);
	cJSON_ArrayForEach(v, values)
	{
		const char *s = or_empty(cJSON_GetStringValue(v)), *slash = strchr(s, '/');

		if (strcmp(s, "*") == 0)
			return true;
		if (slash && strcmp(slash + 1, subresource) == 0 &&
		    ((slash - s == 1 && *s == '*') ||
		     (strlen(resource) == (size_t)(slash - s) && strncmp(s, resource, (size_t)(slash - s)) == 0)))
			return true;
	}
	return false;
}

/* "/metrics", "/api/" with a star at the end, "*". */
static bool lists_path(const cJSON *values, const char *path)
{
	const cJSON *v;

	cJSON_ArrayForEach(v, values)
	{
		const char *s = or_empty(cJSON_GetStringValue(v));
		size_t n = strlen(s);

		if (strcmp(s, path) == 0 || (n && s[n - 1] == '*' && strncmp(s, path, n - 1) == 0))
			return true;
	}
	return false;
}

static bool rule_allows(const cJSON *rule, const struct rbac_request *r)
{
	const cJSON *names = json_at(rule, "resourceNames");

	if (!lists(json_at(rule, "verbs"), r->verb))
		return false;
	if (r->path)
		return lists_path(json_at(rule, "nonResourceURLs"), r->path);
	return lists(json_at(rule, "apiGroups"), or_empty(r->group)) &&
	       lists_resource(json_at(rule, "resources"), r->resource, or_empty(r->subresource)) &&
	       (cJSON_GetArraySize(names) == 0 || (*or_empty(r->name) && lists(names, r->name)));
}

static bool rules_allow(const cJSON *rules, const struct rbac_request *r)
{
	const cJSON *rule;

	cJSON_ArrayForEach(rule, rules)
	{
		if (rule_allows(rule, r))
			return true;
	}
	return false;
}

/* ---- subjects ---- */

static bool in_groups(const char *const *groups, const char *name)
{
	for (; groups && *groups; groups++)
		if (strcmp(*groups, name) == 0)
			return true;
	return false;
}

static bool is_service_account(const char *user, const char *ns, const char *name)
{
	static const char prefix[] = "system:serviceaccount:";
	size_t n = strlen(ns);

	if (strncmp(user, prefix, sizeof(prefix) - 1) != 0)
		return false;
	user += sizeof(prefix) - 1;
	return strncmp(user, ns, n) == 0 && user[n] == ':' && strcmp(user + n + 1, name) == 0;
}

static bool subject_is(const cJSON *subject, const struct rbac_request *r, const char *binding_ns)
{
	const char *kind = json_str_or_empty(subject, "kind"), *name = json_str_or_empty(subject, "name");
	const char *ns = json_str(subject, "namespace");

	if (strcmp(kind, "User") == 0)
		return strcmp(name, r->user) == 0;
	if (strcmp(kind, "Group") == 0)
		return in_groups(r->groups, name);
	return strcmp(kind, "ServiceAccount") == 0 && is_service_account(r->user, ns ? ns : binding_ns, name);
}

static bool binds(const cJSON *binding, const struct rbac_request *r)
{
	const cJSON *s;

	cJSON_ArrayForEach(s, json_at(binding, "subjects"))
	{
		if (subject_is(s, r, object_ns(binding)))
			return true;
	}
	return false;
}

/* ---- bindings ---- */

const cJSON *rbac_rules_of(struct lab_api *api, const cJSON *role_ref, const char *ns)
{
	const char *name = json_str_or_empty(role_ref, "name");
	const cJSON *role;

	if (strcmp(json_str_or_empty(role_ref, "kind"), "ClusterRole") == 0)
		role = lab_get(api, GVR(cluster_role), NULL, name);
	else
		role = ns && *ns ? lab_get(api, GVR(role), ns, name) : NULL;
	return json_at(role, "rules");
}

struct search {
	struct lab_api *api;
	const struct rbac_request *request;
	const cJSON *found; /* the binding that allows */
};

static void try_binding(void *arg, const cJSON *binding)
{
	struct search *s = arg;

	if (s->found || !binds(binding, s->request))
		return;
	if (rules_allow(rbac_rules_of(s->api, json_at(binding, "roleRef"), object_ns(binding)), s->request))
		s->found = binding;
}

static void explain(const cJSON *binding, struct buf *reason)
{
	const char *ns = object_ns(binding);

	if (!reason)
		return;
	buf_printf(reason, "RBAC: allowed by %s \"%s%s%s\" of %s \"%s\"", *ns ? "RoleBinding" : "ClusterRoleBinding",
		   object_name(binding), *ns ? "/" : "", ns, json_str_or_empty(binding, "roleRef.kind"),
		   json_str_or_empty(binding, "roleRef.name"));
}

bool rbac_allowed(struct lab_api *api, const struct rbac_request *r, struct buf *reason)
{
	struct search s = {api, r, NULL};

	if (in_groups(r->groups, MASTERS))
		return true;
	lab_list(api, GVR(cluster_role_binding), NULL, NULL, try_binding, &s);
	if (!s.found && !r->path && *or_empty(r->ns))
		lab_list(api, GVR(role_binding), r->ns, NULL, try_binding, &s);
	if (s.found)
		explain(s.found, reason);
	return s.found != NULL;
}

struct listing {
	struct search search;
	void (*on_rule)(void *arg, const cJSON *rule);
	void *arg;
};

static void list_binding(void *arg, const cJSON *binding)
{
	struct listing *l = arg;
	const cJSON *rule;

	if (!binds(binding, l->search.request))
		return;
	cJSON_ArrayForEach(rule, rbac_rules_of(l->search.api, json_at(binding, "roleRef"), object_ns(binding)))
		l->on_rule(l->arg, rule);
}

void rbac_list_rules(struct lab_api *api, const char *user, const char *const *groups, const char *ns,
		     void (*on_rule)(void *arg, const cJSON *rule), void *arg)
{
	const struct rbac_request r = {.user = user, .groups = groups, .ns = ns};
	struct listing l = {{api, &r, NULL}, on_rule, arg};

	lab_list(api, GVR(cluster_role_binding), NULL, NULL, list_binding, &l);
	if (*or_empty(ns))
		lab_list(api, GVR(role_binding), ns, NULL, list_binding, &l);
}

/* ---- escalation ---- */

/* Each combination of a rule is one right, and asked for like a request. "*" is only held by whoever holds "*". */
struct right {
	struct lab_api *api;
	struct rbac_request request;
};

static bool held(struct right *x, const cJSON *names)
{
	const cJSON *n;

	if (cJSON_GetArraySize(names) == 0)
		return rbac_allowed(x->api, &x->request, NULL);
	cJSON_ArrayForEach(n, names)
	{
		x->request.name = or_empty(cJSON_GetStringValue(n));
		if (!rbac_allowed(x->api, &x->request, NULL))
			return false;
	}
	return true;
}

static void split_resource(struct right *x, const char *text, char *copy, size_t size)
{
	char *slash;

	snprintf(copy, size, "%s", text);
	slash = strchr(copy, '/');
	if (slash)
		*slash++ = 0;
	x->request.resource = copy;
	x->request.subresource = slash ? slash : "";
}

static bool holds_resources(struct right *x, const cJSON *rule)
{
	const cJSON *group, *resource;
	char copy[256];

	cJSON_ArrayForEach(group, json_at(rule, "apiGroups"))
	{
		x->request.group = or_empty(cJSON_GetStringValue(group));
		cJSON_ArrayForEach(resource, json_at(rule, "resources"))
		{
			split_resource(x, or_empty(cJSON_GetStringValue(resource)), copy, sizeof(copy));
			if (!held(x, json_at(rule, "resourceNames")))
				return false;
		}
	}
	return true;
}

static bool holds_paths(struct right *x, const cJSON *rule)
{
	const cJSON *path;

	cJSON_ArrayForEach(path, json_at(rule, "nonResourceURLs"))
	{
		x->request.path = or_empty(cJSON_GetStringValue(path));
		if (!rbac_allowed(x->api, &x->request, NULL))
			return false;
	}
	x->request.path = NULL;
	return true;
}

static bool holds_rule(struct right *x, const cJSON *rule)
{
	const cJSON *verb;

	cJSON_ArrayForEach(verb, json_at(rule, "verbs"))
	{
		x->request.verb = or_empty(cJSON_GetStringValue(verb));
		if (!holds_paths(x, rule) || !holds_resources(x, rule))
			return false;
	}
	return true;
}

static void print_list(struct buf *b, const char *field, const cJSON *values, bool *first)
{
	const cJSON *v;
	bool comma = false;

	if (!cJSON_GetArraySize(values))
		return;
	buf_printf(b, "%s%s:[", *first ? "" : ", ", field);
	cJSON_ArrayForEach(v, values)
	{
		buf_printf(b, "%s\"%s\"", comma ? " " : "", or_empty(cJSON_GetStringValue(v)));
		comma = true;
	}
	buf_append_char(b, ']');
	*first = false;
}

static void print_rule(struct buf *b, const cJSON *rule)
{
	bool first = true;

	if (b->len)
		buf_append_char(b, '\n');
	buf_append_char(b, '{');
	print_list(b, "APIGroups", json_at(rule, "apiGroups"), &first);
	print_list(b, "Resources", json_at(rule, "resources"), &first);
	print_list(b, "ResourceNames", json_at(rule, "resourceNames"), &first);
	print_list(b, "NonResourceURLs", json_at(rule, "nonResourceURLs"), &first);
	print_list(b, "Verbs", json_at(rule, "verbs"), &first);
	buf_append_char(b, '}');
}

bool rbac_covers(struct lab_api *api, const char *user, const char *const *groups, const char *ns, const cJSON *rules,
		 struct buf *missing)
{
	struct right x = {api, {.user = user, .groups = groups, .ns = ns}};
	bool all = true;
	const cJSON *rule;

	if (in_groups(groups, MASTERS))
		return true;
	cJSON_ArrayForEach(rule, rules)
	{
		if (holds_rule(&x, rule))
			continue;
		all = false;
		print_rule(missing, rule);
	}
	return all;
}
