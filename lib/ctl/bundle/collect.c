/* Objects. */
#include "ctl/bundle/collect.h"

#include <string.h>

#include "api/kind.h"
#include "base/cleanup.h"
#include "msg/json.h"

#define MANAGED_FIELDS "managedFields"

/* Of the mesh's own namespaces; other kinds (Istio's, Maistra's) are taken from all. Secrets are in no list. */
static const struct api_kind *const local_kinds[] = {
	&api_kind_pod,          &api_kind_service,    &api_kind_endpoint_slice, &api_kind_deployment,
	&api_kind_stateful_set, &api_kind_daemon_set, &api_kind_event,          &api_kind_config_map,
};
static const struct api_kind *const wide_kinds[] = {
	&api_kind_namespace,
	&api_kind_mutating_webhook_configuration,
	&api_kind_validating_webhook_configuration,
};
/* Other ConfigMaps are applications'. */
static const char *const config_maps[] = {"istio", "istio-sidecar-injector", "istio-ca-root-cert", "weft"};

static bool is_mesh_pod(const cJSON *pod)
{
	static const char *const lists[] = {"spec.containers", "spec.initContainers"};
	const char *app = json_get_str(json_at(pod, "metadata.labels"), "app");

	if (app && !strcmp(app, "istiod"))
		return true;
	for (size_t i = 0; i < ARRAY_LEN(lists); i++)
		JSON_EACH(c, json_at(pod, lists[i]))
	if (!strcmp(json_str_or_empty(c, "name"), "istio-proxy") ||
	    !strcmp(json_str_or_empty(c, "name"), "istio-operator"))
		return true;
	return false;
}

void collect_begin(struct collecting *k)
{
	struct err e = ERR_INIT;

	if (ctl_list(k->c, &api_kind_pod, NULL, &k->pods, &e) != KUBE_OK)
		bundle_miss(k->b, "pods: %s", e.msg);
	JSON_EACH(p, k->pods)
	if (is_mesh_pod(p))
		map_set(&k->namespaces, slice_str(arena_strdup(&k->a, json_str_or_empty(p, "metadata.namespace"))), k);
}

static bool is_wanted(const struct collecting *k, const struct api_kind *kind, const cJSON *o)
{
	const char *ns = json_str_or_empty(o, "metadata.namespace"), *name = json_str_or_empty(o, "metadata.name");

	if (*ns && !map_get(&k->namespaces, slice_str(ns)))
		return false;
	if (kind != &api_kind_config_map)
		return true;
	for (size_t i = 0; i < ARRAY_LEN(config_maps); i++)
		if (!strncmp(name, config_maps[i], strlen(config_maps[i])))
			return true;
	return false;
}

static void add_kind(struct collecting *k, const struct api_kind *kind, bool all)
{
	CLEANUP(json_freep) cJSON *list = NULL;
	CLEANUP(json_freep) cJSON *doc = cJSON_CreateObject();
	cJSON *items = cJSON_AddArrayToObject(doc, "items");
	struct err e = ERR_INIT;
	const enum kube_reason reason = ctl_list(k->c, kind, NULL, &list, &e);

	if (reason != KUBE_OK) {
		bundle_miss(k->b, "%s: %s", kind->plural, e.msg);
		return;
	}
	while (list->child) {
		cJSON *o = cJSON_DetachItemViaPointer(list, list->child);

		cJSON_DeleteItemFromObject(json_get(o, "metadata"), MANAGED_FIELDS);
		if (all || is_wanted(k, kind, o))
			cJSON_AddItemToArray(items, o);
		else
			cJSON_Delete(o);
	}
	bundle_json(k->b, arena_printf(&k->a, "objects/%s.yaml", kind->plural), doc);
}

static void add_definitions(struct collecting *k)
{
	CLEANUP(json_freep) cJSON *list = NULL;
	CLEANUP(buf_done) struct buf out = BUF_INIT;
	struct err e = ERR_INIT;

	if (ctl_list(k->c, &api_kind_custom_resource_definition, NULL, &list, &e) != KUBE_OK)
		bundle_miss(k->b, "definitions: %s", e.msg);
	JSON_EACH(o, list)
	{
		if (!strstr(json_str_or_empty(o, "spec.group"), "istio.io") &&
		    !strstr(json_str_or_empty(o, "spec.group"), "gateway.networking"))
			continue;
		buf_printf(&out, "%s:", json_str_or_empty(o, "metadata.name"));
		JSON_EACH(v, json_at(o, "spec.versions"))
		buf_printf(&out, " %s", json_str_or_empty(v, "name"));
		buf_append_str(&out, "\n");
	}
	bundle_text(k->b, "objects/definitions.txt", buf_slice(&out));
}

void collect_objects(struct collecting *k)
{
	for (size_t i = 0; i < api_kinds_count(); i++) {
		const struct api_kind *kind = api_kind_at(i);

		if (kind->flags & API_CUSTOM && strstr(kind->group, "istio.io"))
			add_kind(k, kind, true);
	}
	for (size_t i = 0; i < ARRAY_LEN(wide_kinds); i++)
		add_kind(k, wide_kinds[i], true);
	for (size_t i = 0; i < ARRAY_LEN(local_kinds); i++)
		add_kind(k, local_kinds[i], false);
	add_definitions(k);
}
