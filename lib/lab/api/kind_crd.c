/*
 * CustomResourceDefinitions: names and defaults, checks, becoming established, and emptying themselves when they go.
 * Definition and resource registry change together, at the commit.
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/cleanup.h"
#include "base/mem.h"
#include "lab/api/kinds_internal.h"

#define CLEANUP_FINALIZER "customresourcecleanup.apiextensions.k8s.io"

static cJSON *stored_versions(const cJSON *obj);

void crd_default(cJSON *obj, bool creating)
{
	cJSON *spec = json_object(obj, "spec"), *names = json_object(spec, "names");
	const char *kind = json_str(names, "kind");

	if (kind && !json_get(names, "singular")) {
		CLEANUP(freep) char *lower = mem_strdup(kind);

		for (char *c = lower; *c; c++)
			*c = (char)tolower((unsigned char)*c);
		json_set_str(names, "singular", lower);
	}
	if (kind && !json_get(names, "listKind")) {
		CLEANUP(freep) char *list = mem_printf("%sList", kind);

		json_set_str(names, "listKind", list);
	}
	if (!json_get(spec, "conversion"))
		json_default_str(json_object(spec, "conversion"), "strategy", "None");
	if (creating) {
		json_remove(obj, "status");
		json_set(json_object(obj, "status"), "storedVersions", stored_versions(obj));
	}
}

static cJSON *stored_versions(const cJSON *obj)
{
	cJSON *list = cJSON_CreateArray();

	JSON_EACH(v, json_at(obj, "spec.versions"))
	if (json_true(v, "storage") && json_str(v, "name"))
		cJSON_AddItemToArray(list, cJSON_CreateString(json_str(v, "name")));
	return list;
}

static void check_version(const cJSON *v, int i, struct problems *p)
{
	const char *at = arena_printf(p->arena, "spec.versions[%d]", i);
	const cJSON *schema = json_at(v, "schema.openAPIV3Schema");

	if (!schema) {
		problem_required(p, arena_printf(p->arena, "%s.schema.openAPIV3Schema", at), NULL);
		return;
	}
	if (!json_str(schema, "type") || strcmp(json_str(schema, "type"), "object") != 0)
		problem_invalid(
			p, arena_printf(p->arena, "%s.schema.openAPIV3Schema.type", at),
			arena_printf(p->arena, "\"%s\"", json_str(schema, "type") ? json_str(schema, "type") : ""),
			"must be object at the root");
	cel_rules_new(p->arena, schema_compile(p->arena, schema),
		      arena_printf(p->arena, "%s.schema.openAPIV3Schema", at), p);
}

static void check_webhook(const cJSON *webhook, struct problems *p)
{
	const cJSON *config = json_get(webhook, "clientConfig"),
		    *versions = json_get(webhook, "conversionReviewVersions");
	const bool url = json_get_str(config, "url"), service = json_get(config, "service");

	if (!config)
		problem_required(p, "spec.conversion.webhook.clientConfig", "required when strategy is set to Webhook");
	else if (url == service)
		problem_required(p, "spec.conversion.webhook.clientConfig",
				 "exactly one of url or service is required");
	if (!cJSON_GetArraySize(versions))
		problem_required(p, "spec.conversion.webhook.conversionReviewVersions", NULL);
	else if (!json_has_str(versions, "v1") && !json_has_str(versions, "v1beta1"))
		problem_invalid(p, "spec.conversion.webhook.conversionReviewVersions", "<versions>",
				"must include at least one of v1, v1beta1");
}

static void check_conversion(const cJSON *conversion, struct problems *p)
{
	const char *strategy = json_str(conversion, "strategy");

	if (!strategy || !strcmp(strategy, "None")) {
		if (json_get(conversion, "webhook"))
			problem_add(p, "spec.conversion.webhook", "FieldValueForbidden",
				    "Forbidden: should not be set when strategy is not set to Webhook");
	} else if (!strcmp(strategy, "Webhook")) {
		check_webhook(json_get(conversion, "webhook"), p);
	} else {
		problem_add(p, "spec.conversion.strategy", "FieldValueNotSupported",
			    "Unsupported value: \"%s\": supported values: \"None\", \"Webhook\"", strategy);
	}
}

void crd_validate(const cJSON *obj, struct problems *p)
{
	const char *name = json_str(obj, "metadata.name"), *plural = json_str(obj, "spec.names.plural");
	const char *group = json_str(obj, "spec.group"), *scope = json_str(obj, "spec.scope");
	int i = 0, stored = 0;

	if (name && plural && group && strcmp(name, arena_printf(p->arena, "%s.%s", plural, group)) != 0)
		problem_invalid(p, "metadata.name", arena_printf(p->arena, "\"%s\"", name),
				"must be spec.names.plural+\".\"+spec.group");
	if (scope && strcmp(scope, "Namespaced") != 0 && strcmp(scope, "Cluster") != 0)
		problem_add(p, "spec.scope", "FieldValueNotSupported",
			    "Unsupported value: \"%s\": supported values: \"Cluster\", \"Namespaced\"", scope);
	JSON_EACH(v, json_at(obj, "spec.versions"))
	{
		check_version(v, i++, p);
		stored += json_true(v, "storage");
	}
	check_conversion(json_at(obj, "spec.conversion"), p);
	if (i && stored != 1)
		problem_invalid(p, "spec.versions", "<versions>",
				"must have exactly one version marked as storage version");
}

/* --- life --- */

static bool condition_is(const cJSON *obj, const char *type)
{
	JSON_EACH(c, json_at(obj, "status.conditions"))
	{
		const char *t = json_str(c, "type"), *s = json_str(c, "status");

		if (t && s && strcmp(t, type) == 0)
			return strcmp(s, "True") == 0;
	}
	return false;
}

static void add_condition(cJSON *list, const char *type, const char *reason, const char *message)
{
	cJSON *c = cJSON_CreateObject();
	char now[40];

	json_set_str(c, "type", type);
	json_set_str(c, "status", "True");
	json_set_str(c, "lastTransitionTime", clock_now_text(now));
	json_set_str(c, "reason", reason);
	json_set_str(c, "message", message);
	cJSON_AddItemToArray(list, c);
}

static const struct lab_client *client_of(struct lab_api *api)
{
	static struct lab_client c = {.user = "system:apiserver", .manager = "kube-apiserver"};

	c.api = api;
	return &c;
}

static void establish(struct lab_api *api, const cJSON *obj)
{
	cJSON *patch = cJSON_CreateObject(), *status = json_object(patch, "status");
	cJSON *conditions = json_array(status, "conditions");

	add_condition(conditions, "NamesAccepted", "NoConflicts", "no conflicts found");
	add_condition(conditions, "Established", "InitialNamesAccepted", "the initial names have been accepted");
	json_set(status, "acceptedNames", cJSON_Duplicate(json_at(obj, "spec.names"), true));
	json_set(status, "storedVersions", stored_versions(obj));
	lab_patch(client_of(api), GVR(custom_resource_definition), NULL, json_str(obj, "metadata.name"), "status",
		  LAB_PATCH_MERGE, patch, NULL, NULL);
}

static void release(struct lab_api *api, const cJSON *obj)
{
	cJSON *patch = cJSON_CreateObject();
	cJSON *list = json_array(json_object(patch, "metadata"), "finalizers");

	JSON_EACH(f, json_at(obj, "metadata.finalizers"))
	if (cJSON_IsString(f) && strcmp(f->valuestring, CLEANUP_FINALIZER) != 0)
		cJSON_AddItemToArray(list, cJSON_CreateString(f->valuestring));
	lab_patch(client_of(api), GVR(custom_resource_definition), NULL, json_str(obj, "metadata.name"), NULL,
		  LAB_PATCH_MERGE, patch, NULL, NULL);
}

static struct resource *defined_by(struct lab_api *api, const cJSON *obj)
{
	const char *group = json_str(obj, "spec.group"), *plural = json_str(obj, "spec.names.plural");
	int v;

	return group && plural ? resources_find(&api->resources, group, NULL, plural, &v) : NULL;
}

/* Deletes the instances; the last one that goes releases the definition. */
static void empty(struct lab_api *api, const cJSON *obj)
{
	struct resource *r = defined_by(api, obj);

	if (!json_has_str(json_at(obj, "metadata.finalizers"), CLEANUP_FINALIZER))
		return;
	if (!r || !r->bucket->n) {
		release(api, obj);
		return;
	}
	struct gvr gvr = {r->group, r->versions[r->storage].name, r->plural};

	for (size_t i = 0; i < r->bucket->n; i++)
		lab_delete(client_of(api), &gvr, r->namespaced ? r->bucket->v[i]->ns : NULL, r->bucket->v[i]->name,
			   NULL, NULL, NULL);
}

void crd_committed(struct lab_api *api, const cJSON *obj, bool gone)
{
	if (gone) {
		resources_remove_crd(&api->resources, obj);
		return;
	}
	resources_set_crd(&api->resources, obj);
	if (json_at(obj, "metadata.deletionTimestamp"))
		empty(api, obj);
	else if (!condition_is(obj, "Established"))
		establish(api, obj);
}

void crd_instance_gone(struct lab_api *api, const struct resource *r)
{
	char name[512];
	const cJSON *crd;

	if (r->bucket->n)
		return;
	snprintf(name, sizeof(name), "%s.%s", r->plural, r->group);
	crd = lab_get(api, GVR(custom_resource_definition), NULL, name);
	if (crd && json_at(crd, "metadata.deletionTimestamp"))
		release(api, crd);
}
