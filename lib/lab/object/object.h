/*
 * What the lab asks of Kubernetes objects as cJSON trees: their names, owners, labels and conditions. Pure.
 */
#ifndef LAB_OBJECT_OBJECT_H
#define LAB_OBJECT_OBJECT_H

#include <stdbool.h>

#include "msg/json.h"

static inline const char *object_name(const cJSON *o)
{
	return json_str_or_empty(o, "metadata.name");
}

/* "" for cluster-scoped objects. */
static inline const char *object_ns(const cJSON *o)
{
	return json_str_or_empty(o, "metadata.namespace");
}

static inline const char *object_uid(const cJSON *o)
{
	return json_str_or_empty(o, "metadata.uid");
}

/* Has a deletionTimestamp. */
bool object_terminating(const cJSON *o);

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

#endif
