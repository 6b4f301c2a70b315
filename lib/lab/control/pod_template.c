/* Pods from templates. */
#include "lab/control/pod_template.h"

#include <string.h>

#include "base/hash.h"
#include "lab/object/object.h"

cJSON *pod_from_template(const cJSON *owner, const char *api_version, const char *kind)
{
	cJSON *pod = cJSON_Duplicate(json_at(owner, "spec.template"), true), *meta, *owners;

	meta = json_object(pod, "metadata");
	json_set(pod, "apiVersion", cJSON_CreateString("v1"));
	json_set(pod, "kind", cJSON_CreateString("Pod"));
	cJSON_DeleteItemFromObjectCaseSensitive(meta, "name");
	cJSON_DeleteItemFromObjectCaseSensitive(meta, "creationTimestamp");
	json_set(meta, "namespace", cJSON_CreateString(object_ns(owner)));
	owners = json_set(meta, "ownerReferences", cJSON_CreateArray());
	cJSON_AddItemToArray(owners, object_owner_reference(owner, api_version, kind));
	return pod;
}

void template_hash(const cJSON *template, int64_t salt, char *out)
{
	static const char alphabet[] = "bcdfghjklmnpqrstvwxz2456789";
	char *text = cJSON_PrintUnformatted(template);
	uint64_t h = hash_more((uint64_t)salt, slice_str(text));

	for (int i = 0; i < TEMPLATE_HASH_MAX - 1; i++, h /= sizeof(alphabet) - 1)
		out[i] = alphabet[h % (sizeof(alphabet) - 1)];
	out[TEMPLATE_HASH_MAX - 1] = 0;
	cJSON_free(text);
}

bool pod_finished(const cJSON *pod)
{
	const char *phase = json_str_or_empty(pod, "status.phase");

	return strcmp(phase, "Succeeded") == 0 || strcmp(phase, "Failed") == 0;
}

bool pod_ready(const cJSON *pod)
{
	return object_condition_true(pod, "Ready") && !object_terminating(pod);
}

const char *pod_label(const cJSON *pod, const char *key)
{
	const char *value = json_get_str(json_at(pod, "metadata.labels"), key);

	return value ? value : "";
}

void pod_set_label(cJSON *pod, const char *key, const char *value)
{
	json_set(json_object(json_object(pod, "metadata"), "labels"), key, cJSON_CreateString(value));
}
