/*
 * An object of a known kind, decoded once at the edge: immutable, counted references, all its memory in one arena.
 * References may be taken and dropped on any thread.
 */
#ifndef API_OBJECT_H
#define API_OBJECT_H

#include "api/kind.h"
#include "api/meta.h"
#include "base/cleanup.h"

struct api_object {
	const struct api_kind *kind;
	const struct meta_object *meta; /* never NULL */
	const void *value;              /* struct of kind->desc: struct core_pod, ... */
	uint64_t content;               /* hash of all but metadata and status; of custom resources, else 0 */
	struct arena arena;
	unsigned refs; /* atomic */
};

/* Decodes; metadata.managedFields are left out. One reference is the caller's. -EINVAL in e. */
int api_object_from_json(const struct api_kind *kind, const cJSON *json, struct api_object **ret, struct err *e);

/* The same without what nobody will read of it: fields of the types of `skip`, which NULL ends, at any depth. */
int api_object_from_json_without(const struct api_kind *kind, const cJSON *json, const struct msg_desc *const *skip,
				 struct api_object **ret, struct err *e);

/* As above; the kind is found by apiVersion and kind. -ENOENT for a kind that is not known. on_unknown may be NULL. */
int api_object_decode(const cJSON *json, msg_unknown_fn on_unknown, void *arg, struct api_object **ret, struct err *e);

/* The whole object with apiVersion and kind; the caller frees it with cJSON_Delete. */
cJSON *api_object_to_json(const struct api_object *o) __attribute__((returns_nonnull));

/* One more reference to the same object, which is returned; any thread. */
struct api_object *api_object_ref(const struct api_object *o);
/* Gives a reference back; with the last one the object and its arena go. NULL is fine; any thread. */
void api_object_unref(const struct api_object *o);

static inline void api_object_unrefp(struct api_object **p)
{
	api_object_unref(*p);
}

/* The typed value, checked by its kind: const struct core_pod *pod = API_VALUE(o, pod, core_pod); NULL if it is none.
 */
#define API_VALUE(o, kind_name, type) ((const struct type *)((o)->kind == &api_kind_##kind_name ? (o)->value : NULL))

/* Name and namespace; "" where absent, never NULL. */
const char *api_object_name(const struct api_object *o);
/* The namespace, "" for objects of the cluster; never NULL; lives as long as the object. */
const char *api_object_namespace(const struct api_object *o);

/* The value of a label or annotation, or NULL. */
const char *api_object_label(const struct api_object *o, const char *key);
/* The value of an annotation, or NULL; lives as long as the object. */
const char *api_object_annotation(const struct api_object *o, const char *key);

/* Whether a LabelSelector selects these labels. An empty selector selects all, NULL selects nothing. */
bool meta_selector_matches(const struct meta_label_selector *selector, const struct str_map *labels);

/* Whether all pairs of `want` are in `labels`; an empty `want` is contained in everything. */
bool meta_labels_contain(const struct str_map *labels, const struct str_map *want);

#endif
