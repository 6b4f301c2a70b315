/* Which webhooks a request concerns: rules, namespace and object selectors. */
#include <stdio.h>

#include "lab/api/admission_internal.h"

const char *admission_operation(const struct op *op)
{
	if (op->verb == VERB_DELETE)
		return "DELETE";
	return op->creating ? "CREATE" : "UPDATE";
}

static bool has(const cJSON *list, const char *value)
{
	return json_has_str(list, "*") || json_has_str(list, value);
}

static bool resources_match(const cJSON *list, const struct op *op)
{
	char full[300], any[300];

	if (json_has_str(list, "*/*"))
		return true;
	if (!op->sub)
		return json_has_str(list, "*") || json_has_str(list, op->res->plural);
	snprintf(full, sizeof(full), "%s/%s", op->res->plural, op->sub);
	snprintf(any, sizeof(any), "%s/*", op->res->plural);
	if (json_has_str(list, full) || json_has_str(list, any))
		return true;
	snprintf(any, sizeof(any), "*/%s", op->sub);
	return json_has_str(list, any);
}

/* matchPolicy Equivalent: any served version of the resource counts. */
static bool version_matches(const cJSON *list, const struct op *op, bool exact)
{
	if (json_has_str(list, "*") || json_has_str(list, op->res->versions[op->version].name))
		return true;
	for (size_t i = 0; !exact && i < op->res->n_versions; i++)
		if (json_has_str(list, op->res->versions[i].name))
			return true;
	return false;
}

bool admission_hook_names(const cJSON *hook, const char *version)
{
	JSON_EACH(rule, json_get(hook, "rules"))
	if (has(json_get(rule, "apiVersions"), version))
		return true;
	return false;
}

bool admission_hook_reads(const cJSON *hook, const struct op *op)
{
	return !op->res->conversion || admission_hook_names(hook, op->res->versions[op->version].name);
}

static bool rules_match(const cJSON *hook, const struct op *op)
{
	const char *policy = json_str(hook, "matchPolicy");
	bool exact = policy && strcmp(policy, "Exact") == 0;

	JSON_EACH(rule, json_get(hook, "rules"))
	{
		const char *scope = json_str(rule, "scope");

		if (scope && strcmp(scope, "Cluster") == 0 && op->res->namespaced)
			continue;
		if (scope && strcmp(scope, "Namespaced") == 0 && !op->res->namespaced)
			continue;
		if (has(json_get(rule, "operations"), admission_operation(op)) &&
		    has(json_get(rule, "apiGroups"), op->res->group) &&
		    version_matches(json_get(rule, "apiVersions"), op, exact) &&
		    resources_match(json_get(rule, "resources"), op))
			return true;
	}
	return false;
}

static const cJSON *namespace_labels(const struct op *op)
{
	const struct object *ns;

	if (!op->res->namespaced && strcmp(op->res->plural, "namespaces") == 0 && !*op->res->group)
		return json_at(op->obj ? op->obj : op->old->json, "metadata.labels");
	ns = db_get(db_bucket(op->api->store, "", "namespaces"), "", op->ns);
	return ns ? json_at(ns->json, "metadata.labels") : NULL;
}

static bool selects(struct op *op, const cJSON *selector, const cJSON *labels)
{
	struct label_selector s;

	return json_is_empty(selector) ||
	       (label_selector_from_json(&op->arena, selector, &s, NULL) == 0 && label_selector_matches(&s, labels));
}

bool admission_hook_matches(const cJSON *hook, struct op *op)
{
	const cJSON *objects = json_get(hook, "objectSelector");
	bool in_ns = op->res->namespaced || (strcmp(op->res->plural, "namespaces") == 0 && !*op->res->group);

	if (!rules_match(hook, op))
		return false;
	if (in_ns && !selects(op, json_get(hook, "namespaceSelector"), namespace_labels(op)))
		return false;
	return (op->obj && selects(op, objects, json_at(op->obj, "metadata.labels"))) ||
	       (op->old && selects(op, objects, json_at(op->old->json, "metadata.labels")));
}

bool admission_exempt(const struct op *op)
{
	return op->res->virtual || (strcmp(op->res->group, HOOK_GROUP) == 0 && !op->res->custom);
}
