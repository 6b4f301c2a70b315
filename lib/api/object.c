/* Decoded objects: one heap block each with an arena for the rest; references are atomic, content is never changed. */
#include "api/object.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "msg/json.h"

/* Every kind's struct begins so; checked by the row offsets in debug builds. */
struct head {
	const char *api_version, *kind;
	struct meta_object *metadata;
};

static uint64_t content_of(const struct api_kind *kind, const void *value)
{
	static const char *const without[] = {"metadata", "status", NULL};

	return kind->flags & API_CUSTOM ? msg_hash(kind->desc, value, without) : 0;
}

/* How an object is decoded. */
struct decoding {
	msg_unknown_fn on_unknown; /* or NULL */
	void *arg;
	const struct msg_desc *const *skip; /* without on_unknown */
};

/* Who manages which field is for the API server alone, and large. */
static const struct msg_desc *const usual[] = {&meta_managed_fields_entry_desc, NULL};

static int decode(const struct api_kind *kind, const cJSON *json, const struct decoding *how, struct api_object **ret,
		  struct err *e)
{
	struct api_object *o = NEW(struct api_object);
	struct head *head;
	int rc;

	assert(kind->desc->size >= sizeof(struct head));
	o->kind = kind;
	o->refs = 1;
	head = arena_alloc(&o->arena, kind->desc->size);
	o->value = head;
	if (how->on_unknown)
		rc = msg_from_json_report(kind->desc, head, json, &o->arena, how->on_unknown, how->arg, e);
	else
		rc = msg_from_json_without(kind->desc, head, json, &o->arena, how->skip, e);
	if (rc < 0) {
		api_object_unref(o);
		return err_wrap(e, rc, "%s", kind->kind);
	}
	if (!head->metadata)
		head->metadata = ARENA_NEW(&o->arena, struct meta_object);
	head->metadata->managed_fields.n = 0;
	o->meta = head->metadata;
	o->content = content_of(kind, head);
	*ret = o;
	return 0;
}

int api_object_from_json(const struct api_kind *kind, const cJSON *json, struct api_object **ret, struct err *e)
{
	return decode(kind, json, &(struct decoding){.skip = usual}, ret, e);
}

int api_object_from_json_without(const struct api_kind *kind, const cJSON *json, const struct msg_desc *const *skip,
				 struct api_object **ret, struct err *e)
{
	return decode(kind, json, &(struct decoding){.skip = skip}, ret, e);
}

int api_object_decode(const cJSON *json, msg_unknown_fn on_unknown, void *arg, struct api_object **ret, struct err *e)
{
	const char *version = json_str(json, "apiVersion"), *name = json_str(json, "kind");
	const struct api_kind *kind = api_kind_find(version, name);

	if (!kind)
		return err_set(e, -ENOENT, "no kind \"%.100s\" in \"%.100s\"", name ? name : "",
			       version ? version : "");
	return decode(kind, json, &(struct decoding){on_unknown, arg, usual}, ret, e);
}

cJSON *api_object_to_json(const struct api_object *o)
{
	const struct head *head = o->value;
	char version[API_VERSION_TEXT_MAX];
	cJSON *json = msg_to_json(o->kind->desc, o->value);

	if (!head->kind)
		cJSON_AddStringToObject(json, "kind", o->kind->kind);
	if (!head->api_version)
		cJSON_AddStringToObject(json, "apiVersion", api_kind_api_version(o->kind, version));
	return json;
}

struct api_object *api_object_ref(const struct api_object *o)
{
	struct api_object *own = (struct api_object *)o;

	__atomic_add_fetch(&own->refs, 1, __ATOMIC_RELAXED);
	return own;
}

void api_object_unref(const struct api_object *o)
{
	struct api_object *own = (struct api_object *)o;

	if (!own || __atomic_sub_fetch(&own->refs, 1, __ATOMIC_ACQ_REL))
		return;
	arena_done(&own->arena);
	free(own);
}

const char *api_object_name(const struct api_object *o)
{
	return o->meta->name ? o->meta->name : "";
}

const char *api_object_namespace(const struct api_object *o)
{
	return o->meta->namespace ? o->meta->namespace : "";
}

const char *api_object_label(const struct api_object *o, const char *key)
{
	return str_map_get(&o->meta->labels, key);
}

const char *api_object_annotation(const struct api_object *o, const char *key)
{
	return str_map_get(&o->meta->annotations, key);
}

bool meta_labels_contain(const struct str_map *labels, const struct str_map *want)
{
	for (size_t i = 0; i < want->n; i++) {
		const char *value = str_map_get(labels, want->v[i].key);

		if (!value || strcmp(value, want->v[i].value))
			return false;
	}
	return true;
}

static bool is_listed(const struct meta_label_selector_requirement *r, const char *value)
{
	for (size_t i = 0; value && i < r->values.n; i++)
		if (!strcmp(r->values.v[i], value))
			return true;
	return false;
}

static bool requirement_matches(const struct meta_label_selector_requirement *r, const struct str_map *labels)
{
	const char *value = str_map_get(labels, r->key ? r->key : ""), *op = r->operator? r->operator: "";

	if (!strcmp(op, "In"))
		return is_listed(r, value);
	if (!strcmp(op, "NotIn"))
		return !is_listed(r, value);
	if (!strcmp(op, "Exists"))
		return value;
	return !strcmp(op, "DoesNotExist") && !value;
}

bool meta_selector_matches(const struct meta_label_selector *selector, const struct str_map *labels)
{
	if (!selector || !meta_labels_contain(labels, &selector->match_labels))
		return false;
	for (size_t i = 0; i < selector->match_expressions.n; i++)
		if (!requirement_matches(&selector->match_expressions.v[i], labels))
			return false;
	return true;
}
