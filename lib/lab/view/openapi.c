/* Building the documents. Version 2 knows less than version 3: what it cannot say is left out or said by a format. */
#include "lab/view/openapi.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/hash.h"
#include "lab/object/version.h"
#include "msg/json.h"

/* "io.k8s.api.apps.v1.Deployment" of built-in groups, "com.example.v1.Widget" of others. */
static void definition_name(const struct openapi_kind *k, char *out, size_t size)
{
	char reversed[256] = "";
	struct slice rest = slice_str(k->group), part;

	if (!strchr(k->group, '.')) {
		snprintf(out, size, "io.k8s.api.%s.%s.%s", *k->group ? k->group : "core", k->version, k->kind);
		return;
	}
	while (rest.len) {
		char before[256];

		part = slice_split(&rest, '.');
		memcpy(before, reversed, sizeof(before));
		snprintf(reversed, sizeof(reversed), "%.*s.%.200s", SLICE_ARG(part), before);
	}
	snprintf(out, size, "%s%s.%s", reversed, k->version, k->kind);
}

static cJSON *gvk(const struct openapi_kind *k)
{
	cJSON *o = cJSON_CreateObject();

	cJSON_AddStringToObject(o, "group", k->group);
	cJSON_AddStringToObject(o, "kind", k->kind);
	cJSON_AddStringToObject(o, "version", k->version);
	return o;
}

static void add_gvk(cJSON *definition, const struct openapi_kind *k)
{
	cJSON_DeleteItemFromObjectCaseSensitive(definition, "x-kubernetes-group-version-kind");
	cJSON_AddItemToArray(cJSON_AddArrayToObject(definition, "x-kubernetes-group-version-kind"), gvk(k));
}

/* What every object has, though the schema of a custom kind need not say it. */
static void add_object_fields(cJSON *definition)
{
	static const char *const fields[][2] = {{"apiVersion", "string"}, {"kind", "string"}, {"metadata", "object"}};
	cJSON *props = json_get(definition, "properties");

	if (!props)
		props = cJSON_AddObjectToObject(definition, "properties");
	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
		if (!json_get(props, fields[i][0]))
			cJSON_AddStringToObject(cJSON_AddObjectToObject(props, fields[i][0]), "type", fields[i][1]);
}

static cJSON *info(void)
{
	cJSON *o = cJSON_CreateObject();

	cJSON_AddStringToObject(o, "title", "Kubernetes");
	cJSON_AddStringToObject(o, "version", LAB_KUBERNETES_VERSION);
	return o;
}

/* "/apis/apps/v1/namespaces/{namespace}/deployments/{name}" */
static void item_path(const struct openapi_kind *k, char *out, size_t size)
{
	snprintf(out, size, "/%s%s%s/%s/%s%s/{name}", *k->group ? "apis" : "api", *k->group ? "/" : "", k->group,
		 k->version, k->namespaced ? "namespaces/{namespace}/" : "", k->plural);
}

static const char *const patch_parameters[] = {"dryRun", "fieldManager", "fieldValidation", "force"};

/* The one operation that kubectl looks into: whether the resource takes these query parameters. */
static cJSON *patch_operation(const struct openapi_kind *k, bool v3)
{
	cJSON *op = cJSON_CreateObject(), *list = cJSON_AddArrayToObject(op, "parameters"), *r;

	cJSON_AddStringToObject(op, "operationId", k->kind);
	for (size_t i = 0; i < sizeof(patch_parameters) / sizeof(patch_parameters[0]); i++) {
		cJSON *p = cJSON_CreateObject();

		cJSON_AddStringToObject(p, "name", patch_parameters[i]);
		cJSON_AddStringToObject(p, "in", "query");
		if (v3)
			cJSON_AddStringToObject(cJSON_AddObjectToObject(p, "schema"), "type", "string");
		else
			cJSON_AddStringToObject(p, "type", "string");
		cJSON_AddItemToArray(list, p);
	}
	r = cJSON_AddObjectToObject(cJSON_AddObjectToObject(op, "responses"), "200");
	cJSON_AddStringToObject(r, "description", "OK");
	cJSON_AddStringToObject(op, "x-kubernetes-action", "patch");
	cJSON_AddItemToObject(op, "x-kubernetes-group-version-kind", gvk(k));
	return op;
}

static void add_path(cJSON *paths, const struct openapi_kind *k, bool v3)
{
	char path[512];

	item_path(k, path, sizeof(path));
	cJSON_AddItemToObject(cJSON_AddObjectToObject(paths, path), "patch", patch_operation(k, v3));
}

/* ---- version 3 schema to version 2 schema ---- */

static cJSON *schema_v2(const cJSON *s);

static cJSON *map_of_schemas(const cJSON *props)
{
	cJSON *out = cJSON_CreateObject();
	const cJSON *p;

	cJSON_ArrayForEach(p, props)
	{
		cJSON_AddItemToObject(out, p->string, schema_v2(p));
	}
	return out;
}

static bool dropped(const char *key)
{
	static const char *const keys[] = {"anyOf", "oneOf", "allOf", "not", "nullable", "x-kubernetes-int-or-string"};

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (strcmp(keys[i], key) == 0)
			return true;
	return false;
}

static void copy_keyword(cJSON *out, const cJSON *f)
{
	if (strcmp(f->string, "properties") == 0)
		cJSON_AddItemToObject(out, "properties", map_of_schemas(f));
	else if ((strcmp(f->string, "items") == 0 || strcmp(f->string, "additionalProperties") == 0) &&
		 cJSON_IsObject(f))
		cJSON_AddItemToObject(out, f->string, schema_v2(f));
	else if (!dropped(f->string))
		cJSON_AddItemToObject(out, f->string, cJSON_Duplicate(f, true));
}

static cJSON *schema_v2(const cJSON *s)
{
	cJSON *out = cJSON_CreateObject();
	const cJSON *f;

	if (json_true(s, "x-kubernetes-int-or-string")) {
		const cJSON *doc = json_get(s, "description");

		cJSON_AddStringToObject(out, "type", "string");
		cJSON_AddStringToObject(out, "format", "int-or-string");
		if (cJSON_IsString(doc))
			cJSON_AddStringToObject(out, "description", doc->valuestring);
		return out;
	}
	/* An object of free form: kubectl must not complain of its fields. */
	if (json_true(s, "x-kubernetes-preserve-unknown-fields") && !json_get(s, "properties")) {
		cJSON_AddStringToObject(out, "type", "object");
		cJSON_AddBoolToObject(out, "x-kubernetes-preserve-unknown-fields", true);
		f = json_get(s, "description");
		if (cJSON_IsString(f))
			cJSON_AddStringToObject(out, "description", f->valuestring);
		return out;
	}
	cJSON_ArrayForEach(f, s)
	{
		copy_keyword(out, f);
	}
	return out;
}

/* ---- documents ---- */

cJSON *openapi_v2(const struct openapi_kind *kinds, size_t n)
{
	cJSON *doc = cJSON_CreateObject(), *paths, *definitions;
	char name[512];

	cJSON_AddStringToObject(doc, "swagger", "2.0");
	cJSON_AddItemToObject(doc, "info", info());
	paths = cJSON_AddObjectToObject(doc, "paths");
	definitions = cJSON_AddObjectToObject(doc, "definitions");
	for (size_t i = 0; i < n; i++) {
		cJSON *d = schema_v2(kinds[i].schema);

		add_gvk(d, &kinds[i]);
		add_object_fields(d);
		definition_name(&kinds[i], name, sizeof(name));
		cJSON_AddItemToObject(definitions, name, d);
		add_path(paths, &kinds[i], false);
	}
	return doc;
}

static void group_version_path(const char *group, const char *version, char *out, size_t size)
{
	if (*group)
		snprintf(out, size, "apis/%s/%s", group, version);
	else
		snprintf(out, size, "api/%s", version);
}

cJSON *openapi_v3_index(const struct openapi_kind *kinds, size_t n)
{
	cJSON *doc = cJSON_CreateObject(), *paths = cJSON_AddObjectToObject(doc, "paths");
	char path[256], url[384];

	for (size_t i = 0; i < n; i++) {
		uint64_t hash = 0;

		group_version_path(kinds[i].group, kinds[i].version, path, sizeof(path));
		if (json_get(paths, path))
			continue;
		for (size_t j = i; j < n; j++) {
			char *text;

			if (strcmp(kinds[j].group, kinds[i].group) != 0 ||
			    strcmp(kinds[j].version, kinds[i].version) != 0)
				continue;
			text = cJSON_PrintUnformatted(kinds[j].schema);
			hash = hash_more(hash, slice_str(text));
			cJSON_free(text);
		}
		snprintf(url, sizeof(url), "/openapi/v3/%s?hash=%016" PRIX64, path, hash);
		cJSON_AddStringToObject(cJSON_AddObjectToObject(paths, path), "serverRelativeURL", url);
	}
	return doc;
}

cJSON *openapi_v3(const struct openapi_kind *kinds, size_t n, const char *group, const char *version)
{
	cJSON *doc = cJSON_CreateObject(), *paths, *schemas;
	char name[512];

	cJSON_AddStringToObject(doc, "openapi", "3.0.0");
	cJSON_AddItemToObject(doc, "info", info());
	paths = cJSON_AddObjectToObject(doc, "paths");
	schemas = cJSON_AddObjectToObject(cJSON_AddObjectToObject(doc, "components"), "schemas");
	for (size_t i = 0; i < n; i++) {
		cJSON *d;

		if (strcmp(kinds[i].group, group) != 0 || strcmp(kinds[i].version, version) != 0)
			continue;
		d = cJSON_Duplicate(kinds[i].schema, true);
		add_gvk(d, &kinds[i]);
		add_object_fields(d);
		definition_name(&kinds[i], name, sizeof(name));
		cJSON_AddItemToObject(schemas, name, d);
		add_path(paths, &kinds[i], true);
	}
	if (schemas->child)
		return doc;
	cJSON_Delete(doc);
	return NULL;
}
