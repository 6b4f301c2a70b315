/* How objects go out: as they are, as rows of a Table, or as their metadata alone. */
#include <stdio.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "lab/rest/rest_internal.h"
#include "lab/view/table.h"

/* A parameter of a media range: "as" of "application/json;as=Table;v=v1". */
static struct slice parameter(struct slice range, const char *name)
{
	slice_split(&range, ';');
	while (range.len) {
		struct slice value = slice_trim(slice_split(&range, ';')), key = slice_split(&value, '=');

		if (slice_eq_str(slice_trim(key), name))
			return slice_trim(value);
	}
	return (struct slice){NULL, 0};
}

static bool choose_one(struct slice range, struct output *o)
{
	struct slice rest = range, type = slice_trim(slice_split(&rest, ';'));
	struct slice as = parameter(range, "as"), v = parameter(range, "v"), g = parameter(range, "g");
	bool json = slice_eq_str(type, "application/json") || slice_eq_str(type, "*/*") ||
		    slice_eq_str(type, "application/*");

	if (!json)
		return false;
	o->form = FORM_OBJECT;
	if (!as.len)
		return true;
	if (!slice_eq_str(g, "meta.k8s.io") || !(slice_eq_str(v, "v1") || slice_eq_str(v, "v1beta1")))
		return false;
	o->api_version = slice_eq_str(v, "v1") ? "meta.k8s.io/v1" : "meta.k8s.io/v1beta1";
	if (slice_eq_str(as, "Table"))
		o->form = FORM_TABLE;
	else if (slice_eq_str(as, "PartialObjectMetadata") || slice_eq_str(as, "PartialObjectMetadataList"))
		o->form = FORM_PARTIAL;
	else
		return false;
	return true;
}

bool output_choose(struct web_request *r, struct output *o)
{
	struct slice accept = web_header(r, "accept"), include;

	*o = (struct output){.form = FORM_OBJECT};
	if (web_query(r, "includeObject", &include))
		o->include = slice_eq_str(include, "Object") ? ROW_OBJECT
			     : slice_eq_str(include, "None") ? ROW_NONE
							     : ROW_METADATA;
	if (!accept.len)
		return true;
	while (accept.len)
		if (choose_one(slice_trim(slice_split(&accept, ',')), o))
			return true;
	return false;
}

static cJSON *partial_of(const cJSON *obj, const char *api_version)
{
	cJSON *p = cJSON_CreateObject();

	json_set_str(p, "kind", "PartialObjectMetadata");
	json_set_str(p, "apiVersion", api_version);
	json_copy_member(p, obj, "metadata");
	return p;
}

/* The table's columns; custom ones are in the arena. */
static struct table table_of(const struct resource *r, size_t version, struct arena *a)
{
	const struct resource_version *v = &r->versions[version];
	struct table base = table_builtin(r->group, r->plural);

	if (!r->custom && (base.n > 2 || !v->n_columns))
		return base;
	struct table_column *c = ARENA_NEW_N(a, struct table_column, v->n_columns + 1);

	c[0] = base.columns[0];
	for (size_t i = 0; i < v->n_columns; i++)
		c[i + 1] = (struct table_column){.name = v->columns[i].name,
						 .type = v->columns[i].type,
						 .format = v->columns[i].format,
						 .doc = v->columns[i].doc,
						 .priority = v->columns[i].priority,
						 .path = v->columns[i].path};
	return (struct table){c, v->n_columns + 1};
}

cJSON *output_table(const struct resource *r, size_t version, bool headers)
{
	CLEANUP(arena_done) struct arena a = ARENA_INIT;
	struct table t = table_of(r, version, &a);
	cJSON *j = cJSON_CreateObject();

	json_set_str(j, "kind", "Table");
	json_set_str(j, "apiVersion", "meta.k8s.io/v1");
	json_object(j, "metadata");
	json_set(j, "columnDefinitions", headers ? table_definitions(&t) : cJSON_CreateNull());
	json_array(j, "rows");
	return j;
}

void output_table_add(cJSON *table, const struct output *o, const struct resource *r, size_t version, const cJSON *obj)
{
	CLEANUP(arena_done) struct arena a = ARENA_INIT;
	struct table t = table_of(r, version, &a);
	cJSON *row = cJSON_CreateObject(), *full;

	json_set_str(table, "apiVersion", o->api_version);
	json_set(row, "cells", table_cells(&t, obj, clock_wall_ns() / NS_PER_S));
	if (o->include == ROW_METADATA) {
		json_set(row, "object", partial_of(obj, o->api_version));
	} else if (o->include == ROW_OBJECT) {
		full = cJSON_Duplicate(obj, true);
		object_set_type(full, r, version);
		json_set(row, "object", full);
	}
	cJSON_AddItemToArray(json_array(table, "rows"), row);
}

void output_object(const struct lab_api *api, const struct output *o, const struct resource *r, size_t version,
		   const cJSON *obj, struct buf *out)
{
	cJSON *made = NULL;
	char want[256];
	const char *have = json_str(obj, "apiVersion");

	(void)api;
	if (o->form == FORM_TABLE) {
		made = output_table(r, version, !o->no_headers);
		output_table_add(made, o, r, version, obj);
		json_copy_member(json_get(made, "metadata"), json_get(obj, "metadata"), "resourceVersion");
	} else if (o->form == FORM_PARTIAL) {
		made = partial_of(obj, o->api_version);
	} else if (!have || strcmp(have, resource_api_version(r, version, want)) != 0) {
		made = cJSON_Duplicate(obj, true);
		object_set_type(made, r, version);
	}
	json_print(made ? made : obj, out);
	cJSON_Delete(made);
}
