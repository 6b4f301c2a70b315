/* What a pod's annotations add to the proxy: volumes, where they are mounted, and variables; all of them JSON. */
#include <stdio.h>

#include "inject/internal.h"

#define ANNOTATION_JSON_MAX_BYTES (256u << 10) /* all annotations of an object together, as Kubernetes has it */

static int refuse(const char *annotation, const char *text, const char *why, struct err *e)
{
	return err_set(e, -EINVAL, "invalid value '%s' for annotation '%s': %s", text, annotation, why);
}

/* One volume or mount; in the form of a map its key is the name. */
static int add_one(const struct injection *x, const struct msg_desc *desc, const cJSON *from, cJSON *list,
		   struct err *e)
{
	CLEANUP(json_freep) cJSON *one = cJSON_Duplicate(from, true);
	void *typed;

	if (!cJSON_IsObject(one))
		return err_set(e, -EINVAL, "an element is no object");
	if (from->string && !json_get(one, "name"))
		cJSON_AddStringToObject(one, "name", from->string);
	cJSON_free(one->string);
	one->string = NULL;
	typed = msg_new_from_json(desc, one, x->a, e);
	if (!typed || msg_check(desc, typed, e) < 0)
		return -EINVAL;
	cJSON_AddItemToArray(list, take(one));
	return 0;
}

static int add_list(const struct injection *x, const char *annotation, const struct msg_desc *desc, cJSON *list,
		    struct err *e)
{
	const char *text = inject_annotation(x, annotation);
	CLEANUP(json_freep) cJSON *json = NULL;
	struct err why = ERR_INIT;
	const cJSON *one;

	if (!text)
		return 0;
	if (json_parse(slice_str(text), ANNOTATION_JSON_MAX_BYTES, &json, &why) < 0)
		return refuse(annotation, text, why.msg, e);
	if (!cJSON_IsArray(json) && !cJSON_IsObject(json))
		return refuse(annotation, text, "neither a list nor a map", e);
	cJSON_ArrayForEach(one, json)
	{
		if (add_one(x, desc, one, list, &why) < 0)
			return refuse(annotation, text, why.msg, e);
	}
	return 0;
}

static int add_env(const struct injection *x, cJSON *env, struct err *e)
{
	static const char name[] = "sidecar.maistra.io/proxyEnv";
	const char *text = inject_annotation(x, name);
	CLEANUP(json_freep) cJSON *json = NULL;
	struct err why = ERR_INIT;
	const cJSON *v;

	if (!text)
		return 0;
	if (json_parse(slice_str(text), ANNOTATION_JSON_MAX_BYTES, &json, &why) < 0)
		return refuse(name, text, why.msg, e);
	if (!cJSON_IsObject(json))
		return refuse(name, text, "no map of strings", e);
	cJSON_ArrayForEach(v, json)
	{
		cJSON *one;

		if (!cJSON_IsString(v) || !*v->string)
			return refuse(name, text, "no map of strings", e);
		while ((one = inject_named(env, v->string)))
			cJSON_Delete(cJSON_DetachItemViaPointer(env, one));
		one = cJSON_CreateObject();
		cJSON_AddStringToObject(one, "name", v->string);
		cJSON_AddStringToObject(one, "value", v->valuestring);
		cJSON_AddItemToArray(env, one);
	}
	return 0;
}

int inject_add_user_volumes(const struct injection *x, cJSON *template, struct err *e)
{
	cJSON *spec = json_get(template, "spec");
	cJSON *proxy = inject_named(json_get(spec, x->native ? "initContainers" : "containers"), PROXY_CONTAINER);
	int r = add_list(x, "sidecar.istio.io/userVolume", &core_volume_desc, json_get(spec, "volumes"), e);

	if (r == 0)
		r = add_list(x, "sidecar.istio.io/userVolumeMount", &core_volume_mount_desc,
			     json_get(proxy, "volumeMounts"), e);
	return r < 0 ? r : add_env(x, json_get(proxy, "env"), e);
}
