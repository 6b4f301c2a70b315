/* Questions to objects; nothing here allocates but what it returns. */
#include "lab/object/object.h"

#include <string.h>

#include "base/cleanup.h"
#include "msg/selector.h"

bool object_terminating(const cJSON *o)
{
	return json_str(o, "metadata.deletionTimestamp") != NULL;
}

const cJSON *object_controller(const cJSON *o)
{
	const cJSON *ref;

	cJSON_ArrayForEach(ref, json_at(o, "metadata.ownerReferences"))
	{
		if (json_true(ref, "controller"))
			return ref;
	}
	return NULL;
}

bool object_controlled_by(const cJSON *o, const char *uid)
{
	const cJSON *ref = object_controller(o);

	return ref && strcmp(json_str_or_empty(ref, "uid"), uid) == 0;
}

cJSON *object_owner_reference(const cJSON *o, const char *api_version, const char *kind)
{
	cJSON *ref = cJSON_CreateObject();

	cJSON_AddStringToObject(ref, "apiVersion", api_version);
	cJSON_AddStringToObject(ref, "kind", kind);
	cJSON_AddStringToObject(ref, "name", object_name(o));
	cJSON_AddStringToObject(ref, "uid", object_uid(o));
	cJSON_AddTrueToObject(ref, "controller");
	cJSON_AddTrueToObject(ref, "blockOwnerDeletion");
	return ref;
}

static bool pairs_match(const cJSON *labels, const cJSON *match_labels)
{
	const cJSON *pair;

	cJSON_ArrayForEach(pair, match_labels)
	{
		const char *have = json_get_str(labels, pair->string);

		if (!have || !cJSON_IsString(pair) || strcmp(have, pair->valuestring) != 0)
			return false;
	}
	return true;
}

bool object_labels_match(const cJSON *labels, const cJSON *match_labels)
{
	return cJSON_GetArraySize(match_labels) > 0 && pairs_match(labels, match_labels);
}

bool object_selector_matches(const cJSON *selector, const cJSON *labels)
{
	CLEANUP(arena_done) struct arena a = ARENA_INIT;
	struct label_selector s;

	return label_selector_from_json(&a, selector, &s, NULL) == 0 && label_selector_matches(&s, labels);
}

cJSON *object_condition(const cJSON *o, const char *type)
{
	cJSON *c;

	cJSON_ArrayForEach(c, json_at(o, "status.conditions"))
	{
		if (strcmp(json_str_or_empty(c, "type"), type) == 0)
			return c;
	}
	return NULL;
}

bool object_condition_true(const cJSON *o, const char *type)
{
	return strcmp(json_str_or_empty(object_condition(o, type), "status"), "True") == 0;
}
