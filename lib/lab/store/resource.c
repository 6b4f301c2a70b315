/* The registry of served resources. See resource.h. */
#include "lab/store/resource.h"

#include <stdio.h>
#include <stdlib.h>

#include "api/meta.h"
#include "base/cleanup.h"
#include "base/mem.h"
#include "msg/json.h"

struct resource *resource_ref(struct resource *r)
{
	r->refs++;
	return r;
}

void resource_unref(struct resource *r)
{
	if (!r || --r->refs)
		return;
	arena_done(&r->arena);
	cJSON_Delete(r->conversion);
	free(r->key);
	free(r);
}

static struct resource *resource_new(struct resources *all, const char *group, const char *plural)
{
	struct resource *r = NEW(struct resource);

	r->refs = 1;
	r->key = mem_printf("%s/%s", group, plural);
	r->group = arena_strdup(&r->arena, group);
	r->plural = arena_strdup(&r->arena, plural);
	r->bucket = db_bucket(all->store, group, plural);
	return r;
}

static void add(struct resources *all, struct resource *r)
{
	struct resource *old = map_set(&all->by_key, slice_str(r->key), r);

	resource_unref(old);
	all->changed++;
}

/* The schema of the whole object, with the metadata that every object has. */
static const struct schema *whole_schema(struct resources *all, struct arena *a, const cJSON *json)
{
	CLEANUP(json_freep) cJSON *whole = json ? cJSON_Duplicate(json, true) : json_literal("{\"type\":\"object\"}");
	cJSON *declared = json_object(whole, "properties");

	if (!json_get(declared, "apiVersion"))
		json_set(declared, "apiVersion", json_literal("{\"type\":\"string\"}"));
	if (!json_get(declared, "kind"))
		json_set(declared, "kind", json_literal("{\"type\":\"string\"}"));
	if (!json_at(declared, "metadata.properties"))
		json_set(declared, "metadata", cJSON_Duplicate(all->meta_schema->json, true));
	struct schema *s = (struct schema *)schema_compile(a, whole);
	struct schema_prop *props = ARENA_NEW_N(a, struct schema_prop, s->n_props + 3);
	struct schema *text = ARENA_NEW(a, struct schema);
	size_t n = 0;

	*text = *schema_member(all->meta_schema, "name");
	props[n++] = (struct schema_prop){"apiVersion", text};
	props[n++] = (struct schema_prop){"kind", text};
	props[n++] = (struct schema_prop){"metadata", all->meta_schema};
	for (size_t i = 0; i < s->n_props; i++)
		if (strcmp(s->props[i].name, "apiVersion") != 0 && strcmp(s->props[i].name, "kind") != 0 &&
		    strcmp(s->props[i].name, "metadata") != 0)
			props[n++] = s->props[i];
	s->props = props;
	s->n_props = n;
	return s;
}

static void builtin_columns(struct resource *r, struct resource_version *v)
{
	struct column *c = ARENA_NEW_N(&r->arena, struct column, r->api->n_columns);

	for (size_t i = 0; i < r->api->n_columns; i++) {
		const struct api_column *from = &r->api->columns[i];

		c[i] = (struct column){from->name,    from->type, "", from->path, from->doc ? from->doc : "",
				       from->priority};
	}
	v->columns = c;
	v->n_columns = r->api->n_columns;
}

/* Built-in versions that are on their way out, as a current Kubernetes says it. */
static const char *deprecation(const struct api_kind *k)
{
	if (!*k->group && strcmp(k->plural, "endpoints") == 0)
		return "v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice";
	return NULL;
}

static void add_builtin(struct resources *all, const struct api_kind *k)
{
	struct resource *r = resource_new(all, k->group, k->plural);
	cJSON *json = msg_schema(k->desc);
	const struct schema *schema = whole_schema(all, &r->arena, json);

	cJSON_Delete(json);
	r->api = k;
	r->view_of = k->view_of;
	if (k->view_of)
		r->bucket = db_bucket(all->store, k->view_of->group, k->view_of->plural);
	r->kind = k->kind;
	r->singular = k->singular;
	r->list_kind = arena_printf(&r->arena, "%sList", k->kind);
	r->short_names = k->short_names;
	r->categories = k->categories;
	r->namespaced = api_kind_namespaced(k);
	r->virtual = k->flags & API_VIRTUAL;
	r->established = true;
	while (k->versions[r->n_versions])
		r->n_versions++;
	r->versions = ARENA_NEW_N(&r->arena, struct resource_version, r->n_versions);
	for (size_t i = 0; i < r->n_versions; i++) {
		struct resource_version *v = &r->versions[i];

		v->name = k->versions[i];
		v->schema = schema;
		v->served = true;
		v->warning = deprecation(k);
		v->has_status = k->flags & API_STATUS;
		v->has_scale = k->flags & API_SCALE;
		v->scale_spec = ".spec.replicas";
		v->scale_status = ".status.replicas";
		builtin_columns(r, v);
	}
	add(all, r);
}

void resources_init(struct resources *all, struct db *s)
{
	all->store = s;
	cJSON *meta = msg_schema(&meta_object_desc);

	all->meta_schema = schema_compile(&all->arena, meta);
	cJSON_Delete(meta);
	for (size_t i = 0; i < api_kinds_count(); i++)
		if (!(api_kind_at(i)->flags & (API_CUSTOM | API_FOREIGN)))
			add_builtin(all, api_kind_at(i));
}

void resources_done(struct resources *all)
{
	struct map_entry *e;

	for (size_t i = 0; (e = map_next(&all->by_key, &i));)
		resource_unref(e->value);
	map_done(&all->by_key);
	arena_done(&all->arena);
}

struct resource *resources_find(const struct resources *all, const char *group, const char *version, const char *plural,
				int *ret_version)
{
	char key[512];
	int n = snprintf(key, sizeof(key), "%s/%s", group, plural);
	struct resource *r = map_get(&all->by_key, slice_make(key, MIN((size_t)n, sizeof(key) - 1)));

	*ret_version = -1;
	if (!r || !r->established)
		return NULL;
	if (!version)
		*ret_version = (int)r->storage;
	for (size_t i = 0; version && i < r->n_versions; i++)
		if (r->versions[i].served && strcmp(r->versions[i].name, version) == 0)
			*ret_version = (int)i;
	return r;
}

struct resource *resources_by_kind(const struct resources *all, const char *group, const char *kind)
{
	struct map_entry *e;

	for (size_t i = 0; (e = map_next(&all->by_key, &i));) {
		struct resource *r = e->value;

		if (strcmp(r->group, group) == 0 && strcmp(r->kind, kind) == 0)
			return r;
	}
	return NULL;
}

const char *resource_api_version(const struct resource *r, size_t version, char *out)
{
	snprintf(out, 256, "%s%s%s", r->group, *r->group ? "/" : "", r->versions[version].name);
	return out;
}

const char *resource_qualified(const struct resource *r, char *out)
{
	snprintf(out, 256, "%s%s%s", r->plural, *r->group ? "." : "", r->group);
	return out;
}

static int by_name(const void *a, const void *b)
{
	const struct resource *x = *(struct resource *const *)a, *y = *(struct resource *const *)b;
	int c = strcmp(x->group, y->group);

	return c ? c : strcmp(x->plural, y->plural);
}

struct resource **resources_sorted(const struct resources *all, size_t *ret_n)
{
	struct resource **v = mem_calloc(all->by_key.n + 1, sizeof(struct resource *));
	struct map_entry *e;
	size_t n = 0;

	for (size_t i = 0; (e = map_next(&all->by_key, &i));)
		v[n++] = e->value;
	qsort(v, n, sizeof(struct resource *), by_name);
	*ret_n = n;
	return v;
}

/* --- CustomResourceDefinitions --- */

static const char *const *names(struct arena *a, const cJSON *list)
{
	const char **v = ARENA_NEW_N(a, const char *, (size_t)cJSON_GetArraySize(list) + 1);
	size_t n = 0;

	JSON_EACH(s, list)
	if (cJSON_IsString(s))
		v[n++] = arena_strdup(a, s->valuestring);
	return n ? v : NULL;
}

static const char *text_or(struct arena *a, const cJSON *o, const char *path, const char *dflt)
{
	const char *s = json_str(o, path);

	return s ? arena_strdup(a, s) : dflt;
}

static void crd_columns(struct resource *r, struct resource_version *v, const cJSON *list)
{
	size_t n = (size_t)cJSON_GetArraySize(list);
	struct column *c = ARENA_NEW_N(&r->arena, struct column, n + 1);

	JSON_EACH(j, list)
	{
		struct column *to = &c[v->n_columns++];

		to->name = text_or(&r->arena, j, "name", "");
		to->type = text_or(&r->arena, j, "type", "string");
		to->format = text_or(&r->arena, j, "format", "");
		to->path = text_or(&r->arena, j, "jsonPath", "");
		to->doc = text_or(&r->arena, j, "description", NULL);
		if (!to->doc)
			to->doc = arena_printf(&r->arena, "Custom resource definition column (in JSONPath format): %s",
					       to->path);
		to->priority = (int)json_int(j, "priority", 0);
	}
	if (!n) {
		c[0] = (struct column){"Age",
				       "date",
				       "",
				       ".metadata.creationTimestamp",
				       "Custom resource definition column (in JSONPath format): "
				       ".metadata.creationTimestamp",
				       0};
		v->n_columns = 1;
	}
	v->columns = c;
}

static void crd_version(struct resources *all, struct resource *r, const cJSON *j)
{
	struct resource_version *v = &r->versions[r->n_versions];
	const cJSON *scale = json_at(j, "subresources.scale");

	v->name = text_or(&r->arena, j, "name", "");
	v->served = json_true(j, "served");
	if (json_true(j, "storage"))
		r->storage = r->n_versions;
	v->schema = whole_schema(all, &r->arena, json_at(j, "schema.openAPIV3Schema"));
	v->rules = cel_rules_new(&r->arena, v->schema, "", NULL);
	v->has_status = json_at(j, "subresources.status") != NULL;
	v->has_scale = scale != NULL;
	v->scale_spec = text_or(&r->arena, scale, "specReplicasPath", "");
	v->scale_status = text_or(&r->arena, scale, "statusReplicasPath", "");
	v->scale_selector = text_or(&r->arena, scale, "labelSelectorPath", NULL);
	if (json_true(j, "deprecated"))
		v->warning = text_or(&r->arena, j, "deprecationWarning",
				     arena_printf(&r->arena, "%s/%s %s is deprecated", r->group, v->name, r->kind));
	crd_columns(r, v, json_get(j, "additionalPrinterColumns"));
	r->n_versions++;
}

/* Kubernetes' order: v10 before v2 before v1 before v1beta1 before v1alpha1 before others. */
static int version_rank(const char *name)
{
	unsigned major = 0, minor = 0;
	char stage[16] = "";

	if (sscanf(name, "v%u%15[a-z]%u", &major, stage, &minor) < 1)
		return 0;
	int base = !*stage ? 3 : strcmp(stage, "beta") == 0 ? 2 : strcmp(stage, "alpha") == 0 ? 1 : 0;

	return base * 1000000 + (int)(major % 1000) * 1000 + (int)(minor % 1000);
}

static void sort_versions(struct resource *r)
{
	for (size_t i = 1; i < r->n_versions; i++) {
		for (size_t k = i; k > 0; k--) {
			struct resource_version *a = &r->versions[k - 1], *b = &r->versions[k], swap = *a;

			if (version_rank(b->name) <= version_rank(a->name))
				break;
			*a = *b;
			*b = swap;
			r->storage = r->storage == k ? k - 1 : r->storage == k - 1 ? k : r->storage;
		}
	}
}

static bool is_true(const cJSON *crd, const char *condition)
{
	JSON_EACH(c, json_at(crd, "status.conditions"))
	{
		const char *type = json_str(c, "type"), *status = json_str(c, "status");

		if (type && status && strcmp(type, condition) == 0)
			return strcmp(status, "True") == 0;
	}
	return false;
}

void resources_set_crd(struct resources *all, const cJSON *crd)
{
	const char *group = json_str(crd, "spec.group"), *plural = json_str(crd, "spec.names.plural");
	const cJSON *spec = json_get(crd, "spec"), *versions = json_get(spec, "versions");
	const char *scope = json_str(spec, "scope");

	if (!group || !plural)
		return;
	struct resource *r = resource_new(all, group, plural);

	r->custom = true;
	r->kind = text_or(&r->arena, spec, "names.kind", "");
	r->singular = text_or(&r->arena, spec, "names.singular", "");
	r->list_kind = text_or(&r->arena, spec, "names.listKind", arena_printf(&r->arena, "%sList", r->kind));
	r->short_names = names(&r->arena, json_at(spec, "names.shortNames"));
	r->categories = names(&r->arena, json_at(spec, "names.categories"));
	r->namespaced = scope && strcmp(scope, "Namespaced") == 0;
	r->established = is_true(crd, "Established");
	if (!strcmp(json_str_or_empty(spec, "conversion.strategy"), "Webhook"))
		r->conversion = cJSON_Duplicate(json_get(spec, "conversion"), true);
	r->versions = ARENA_NEW_N(&r->arena, struct resource_version, (size_t)cJSON_GetArraySize(versions) + 1);
	JSON_EACH(v, versions)
	crd_version(all, r, v);
	sort_versions(r);
	add(all, r);
}

void resources_remove_crd(struct resources *all, const cJSON *crd)
{
	const char *group = json_str(crd, "spec.group"), *plural = json_str(crd, "spec.names.plural");
	char key[512];
	int n = snprintf(key, sizeof(key), "%s/%s", group ? group : "", plural ? plural : "");

	resource_unref(map_remove(&all->by_key, slice_make(key, MIN((size_t)n, sizeof(key) - 1))));
	all->changed++;
}
