/*
 * Reading and building Kubernetes objects as cJSON trees, as the lab's parts hand them around. Paths are dotted field
 * names
 * ("metadata.name"); they never index lists. Pure.
 */
#ifndef LAB_OBJECT_OBJECT_H
#define LAB_OBJECT_OBJECT_H

#include <stdbool.h>
#include <stdint.h>

#include <cjson/cJSON.h>

/* The value at a path, or NULL; o may be NULL. Borrowed. */
cJSON *object_at(const cJSON *o, const char *path);

/* The string at a path, or NULL when absent or no string. */
const char *object_str(const cJSON *o, const char *path);

/* The string at a path, or "". */
const char *object_str_or_empty(const cJSON *o, const char *path);

/* The number at a path, or fallback. */
int64_t object_int(const cJSON *o, const char *path, int64_t fallback);

/* Whether the value at path is true. */
bool object_true(const cJSON *o, const char *path);

static inline const char *object_name(const cJSON *o)
{
	return object_str_or_empty(o, "metadata.name");
}

/* "" for cluster-scoped objects. */
static inline const char *object_ns(const cJSON *o)
{
	return object_str_or_empty(o, "metadata.namespace");
}

static inline const char *object_uid(const cJSON *o)
{
	return object_str_or_empty(o, "metadata.uid");
}

/* Has a deletionTimestamp. */
bool object_terminating(const cJSON *o);

/* Sets a field, replacing what is there; takes the value. Returns the value. */
cJSON *object_set(cJSON *parent, const char *name, cJSON *value);

/* The object at a field, made when missing. */
cJSON *object_ensure(cJSON *parent, const char *name);

/* The reference to the controlling owner, or NULL. */
const cJSON *object_controller(const cJSON *o);

/* Whether the owner with this uid controls the object. */
bool object_controlled_by(const cJSON *o, const char *uid);

/* A new ownerReference that names o as the controlling owner. */
cJSON *object_owner_reference(const cJSON *o, const char *api_version, const char *kind);

/* Whether labels carry all pairs of a matchLabels object; an empty or missing selector selects nothing. */
bool object_labels_match(const cJSON *labels, const cJSON *match_labels);

/* As object_labels_match for a LabelSelector (matchLabels and matchExpressions); an empty one selects everything. */
bool object_selector_matches(const cJSON *selector, const cJSON *labels);

/* The condition of this type in status.conditions, or NULL. */
cJSON *object_condition(const cJSON *o, const char *type);

/* Whether that condition has status "True". */
bool object_condition_true(const cJSON *o, const char *type);

/* "2024-05-01T12:00:00Z" now. Returns out, CLOCK_TEXT_MAX bytes. */
const char *object_now(char *out);

/* Whether two values are the same but for the order of keys; NULL equals NULL. */
bool object_equal(const cJSON *a, const cJSON *b);

#endif
