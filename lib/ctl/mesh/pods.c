/*
 * Pods. A workload that was read from a file has none: as many are made up as it asks for, each with an address of its
 * own, and each pod that admission would give a proxy gets it from the injector's own code.
 */
#include <string.h>

#include "api/apps/apps.h"
#include "api/cluster/admission.h"
#include "base/cleanup.h"
#include "ctl/mesh/mesh_internal.h"
#include "inject/inject.h"
#include "mesh/workload.h"
#include "msg/json.h"
#include "msg/patch.h"
#include "operator/render/images.h"

struct making {
	struct mesh *m;
	struct inject *inject;
	const struct admission_mutating_webhook_configuration *webhooks; /* NULL: every pod is asked for */
	struct map has;                                                  /* "ns/workload" of pods that are there */
	size_t n;                                                        /* addresses given so far */
	struct err *e;
};

/* Where each kind has its pods' template, and the kind that its pods name as their owner. */
static const struct workload_kind {
	const struct api_kind *kind;
	const char *template, *owner;
} workload_kinds[] = {
	{&api_kind_deployment, "spec.template", "ReplicaSet"},
	{&api_kind_stateful_set, "spec.template", "StatefulSet"},
	{&api_kind_daemon_set, "spec.template", "DaemonSet"},
	{&api_kind_replica_set, "spec.template", "ReplicaSet"},
	{&api_kind_job, "spec.template", "Job"},
	{&api_kind_cron_job, "spec.jobTemplate.spec.template", "Job"},
};

#define MADE_UP_HASH "offline" /* pod-template-hash of pods that no ReplicaSet made */

/* --- proxies --- */

static bool in_namespace(const struct making *k, const struct meta_label_selector *s, const char *ns)
{
	const struct api_object *o = store_get(k->m->store, &api_kind_namespace, "", ns);
	static const struct str_map none;

	return !s || meta_selector_matches(s, o ? &o->meta->labels : &none);
}

/* Whether the API server would ask the injector about the pod. */
static bool is_asked(const struct making *k, const struct api_object *pod)
{
	const char *ns = api_object_namespace(pod);
	const struct api_object *o = store_get(k->m->store, &api_kind_namespace, "", ns);
	const char *label = o ? api_object_label(o, "istio-injection") : NULL;

	for (size_t i = 0; k->webhooks && i < k->webhooks->webhooks.n; i++) {
		const struct admission_mutating_webhook *w = &k->webhooks->webhooks.v[i];

		if (in_namespace(k, w->namespace_selector, ns) &&
		    (!w->object_selector || meta_selector_matches(w->object_selector, &pod->meta->labels)))
			return true;
	}
	return !k->webhooks && !(label && !strcmp(label, "disabled"));
}

static bool has_proxy(const cJSON *pod)
{
	static const char *const lists[] = {"spec.containers", "spec.initContainers"};

	for (size_t i = 0; i < ARRAY_LEN(lists); i++)
		JSON_EACH(c, json_at(pod, lists[i]))
	if (!strcmp(json_str_or_empty(c, "name"), MESH_PROXY_CONTAINER) &&
	    strcmp(json_str_or_empty(c, "image"), "auto") != 0 && json_get(c, "args"))
		return true;
	return false;
}

/* As the webhook: *pod is replaced when it gets a proxy. */
static int inject_proxy(struct making *k, cJSON **pod, const char *place)
{
	const char *ns = json_str_or_empty(*pod, "metadata.namespace");
	CLEANUP(json_freep) cJSON *patch = NULL, *warnings = NULL;
	struct api_object *typed = NULL;
	struct err why = ERR_INIT;
	bool asked;
	int r = api_object_decode(*pod, NULL, NULL, &typed, &why);

	if (r < 0) {
		mesh_remark(k->m, place, true, "Pod %s/%s: %s", ns, json_str_or_empty(*pod, "metadata.name"), why.msg);
		return r;
	}
	asked = !has_proxy(*pod) && is_asked(k, typed);
	api_object_unref(typed);
	if (!asked)
		return 0;
	r = inject_pod(k->inject, *pod, ns, &patch, &warnings, &why);
	if (r == 0 && patch)
		r = patch_json(pod, patch, &why);
	JSON_EACH(w, warnings)
	if (cJSON_IsString(w))
		mesh_remark(k->m, place, false, "%s", w->valuestring);
	if (r < 0)
		mesh_remark(k->m, place, true, "Pod %s/%s gets no proxy: %s", ns,
			    json_str_or_empty(*pod, "metadata.name"), why.msg);
	return r;
}

/* --- what Kubernetes adds --- */

static void set_ready(cJSON *pod, const char *address)
{
	cJSON *status = json_object(pod, "status"), *ready = cJSON_CreateObject();

	json_default_str(status, "phase", "Running");
	json_default_str(status, "podIP", address);
	if (json_get(status, "conditions")) {
		cJSON_Delete(ready);
		return;
	}
	json_set_str(ready, "type", "Ready");
	json_set_str(ready, "status", "True");
	cJSON_AddItemToArray(json_array(status, "conditions"), ready);
}

/* Takes the pod over. */
static void add_pod(struct making *k, cJSON *pod, const char *place)
{
	struct err why = ERR_INIT;

	json_default_str(json_object(pod, "spec"), "serviceAccountName", "default");
	set_ready(pod, mesh_made_up_address(k->m, false, k->n++));
	if (inject_proxy(k, &pod, place) == 0 && mesh_put(k->m, pod, &why) < 0)
		mesh_remark(k->m, place, true, "Pod %s: %s", json_str_or_empty(pod, "metadata.name"), why.msg);
	cJSON_Delete(pod);
}

static void set_owner(cJSON *meta, const char *kind, const char *name)
{
	cJSON *owner = cJSON_CreateObject();

	json_set_str(owner, "apiVersion", !strcmp(kind, "Job") ? "batch/v1" : "apps/v1");
	json_set_str(owner, "kind", kind);
	json_set_str(owner, "name", name);
	json_set_str(owner, "uid", "");
	json_set_bool(owner, "controller", true);
	cJSON_AddItemToArray(json_array(meta, "ownerReferences"), owner);
}

static cJSON *pod_of(struct making *k, const struct workload_kind *kind, const struct api_object *o,
		     const cJSON *template, size_t number)
{
	const char *name = api_object_name(o);
	const char *owner = name;
	cJSON *pod = cJSON_Duplicate(template, true), *meta;

	json_set_str(pod, "apiVersion", "v1");
	json_set_str(pod, "kind", "Pod");
	meta = json_object(pod, "metadata");
	if (kind->kind == &api_kind_deployment) {
		json_default_str(json_object(meta, "labels"), "pod-template-hash", MADE_UP_HASH);
		owner = arena_printf(&k->m->arena, "%s-%s", name,
				     json_str_or_empty(json_get(meta, "labels"), "pod-template-hash"));
	}
	json_set_str(meta, "name", arena_printf(&k->m->arena, "%s-%zu", owner, number));
	json_set_str(meta, "namespace", api_object_namespace(o));
	set_owner(meta, kind->owner, owner);
	return pod;
}

static const char *place_of(const struct making *k, const struct api_object *o)
{
	const struct source_object *s = mesh_source(k->m, o->kind, api_object_namespace(o), api_object_name(o));

	return s ? source_place(s, "spec", &k->m->arena)
		 : arena_printf(&k->m->arena, "%s/%s", api_object_namespace(o), api_object_name(o));
}

static const char *workload_key(struct making *k, const char *ns, const char *name)
{
	return arena_printf(&k->m->arena, "%s/%s", ns, name);
}

static void make_for(struct making *k, const struct workload_kind *kind, const struct api_object *o)
{
	const struct source_object *s = mesh_source(k->m, o->kind, api_object_namespace(o), api_object_name(o));
	const char *key = workload_key(k, api_object_namespace(o), api_object_name(o));
	CLEANUP(json_freep) cJSON *json = api_object_to_json(o);
	const cJSON *template = json_at(json, kind->template);
	int64_t n = json_int(json, "spec.replicas", 1);

	if (!template || map_get(&k->has, slice_str(key)) || (s && !s->lines))
		return;
	if (n > MESH_REPLICAS_MAX)
		mesh_remark(k->m, place_of(k, o), false, "%s %s: %d of its %lld replicas are made up", kind->kind->kind,
			    key, MESH_REPLICAS_MAX, (long long)n);
	n = MIN(n, (int64_t)MESH_REPLICAS_MAX);
	for (int64_t i = 0; i < n; i++)
		add_pod(k, pod_of(k, kind, o, template, (size_t)i), place_of(k, o));
}

static void make_of_kind(struct making *k, const struct workload_kind *kind)
{
	const struct store_range all = store_list(k->m->store, kind->kind, NULL);

	for (size_t i = 0; i < all.n; i++)
		make_for(k, kind, all.v[i]);
}

/* Pods of files get what Kubernetes would have added; those of a cluster are as they are. */
static void complete_pods(struct making *k)
{
	const struct store_range all = store_list(k->m->store, &api_kind_pod, NULL);
	VEC(const struct api_object *) pods = {0};

	for (size_t i = 0; i < all.n; i++)
		vec_push(&pods, api_object_ref(all.v[i]));
	for (size_t i = 0; i < pods.n; i++) {
		const struct core_pod *p = API_VALUE(pods.v[i], pod, core_pod);
		const char *key = workload_key(k, api_object_namespace(pods.v[i]), pod_workload(&k->m->arena, p));

		map_set(&k->has, slice_str(key), (void *)key);
		if (mesh_from_file(k->m, pods.v[i]))
			add_pod(k, api_object_to_json(pods.v[i]), place_of(k, pods.v[i]));
		api_object_unref(pods.v[i]);
	}
	vec_done(&pods);
}

/* --- the injector --- */

/* Without a control plane among the objects nobody says who gets a proxy: all do that do not refuse it. */
static int default_injector(struct mesh *m, struct err *e)
{
	CLEANUP(json_freep)
	cJSON *o = json_literal("{\"apiVersion\":\"v1\",\"kind\":\"ConfigMap\",\"metadata\":{},\"data\":{\"config\":"
				"\"policy: enabled\"}}");
	const char *name = arena_printf(&m->arena, "istio-sidecar-injector-%s", m->plane.revision);

	if (store_get(m->store, &api_kind_config_map, m->plane.ns, name))
		return 0;
	json_set_str(json_get(o, "metadata"), "name", name);
	json_set_str(json_get(o, "metadata"), "namespace", m->plane.ns);
	return mesh_put(m, o, e);
}

static const struct admission_mutating_webhook_configuration *webhooks(struct mesh *m)
{
	const struct api_object *o = store_get(m->store, &api_kind_mutating_webhook_configuration, "",
					       arena_printf(&m->arena, "istiod-%s-%s", m->plane.revision, m->plane.ns));

	return o ? API_VALUE(o, mutating_webhook_configuration, admission_mutating_webhook_configuration) : NULL;
}

/* 0 or negative; the injector is the caller's to free. */
static int start(struct making *k)
{
	struct mesh *m = k->m;
	const struct inject_config cfg = {.ns = m->plane.ns,
					  .revision = m->plane.revision,
					  .domain = m->config->domain,
					  .cluster_id = m->config->cluster_id,
					  .proxy_image = IMAGE_PROXY};
	const int r = m->plane.smcp ? 0 : default_injector(m, k->e);

	if (r == 0)
		k->inject = inject_new(NULL, m->store, &cfg);
	return r;
}

int mesh_inject(struct mesh *m, cJSON **pod, const char *place, struct err *e)
{
	struct making k = {.m = m, .e = e};
	const bool had = has_proxy(*pod);
	int r = start(&k);

	if (r == 0)
		r = inject_proxy(&k, pod, place);
	inject_free(k.inject);
	if (r < 0)
		return err_set(e, r, "%s", m->remarks.n ? m->remarks.v[m->remarks.n - 1].text : "it gets no proxy");
	return !had && has_proxy(*pod);
}

int mesh_make_pods(struct mesh *m, struct err *e)
{
	struct making k = {.m = m, .webhooks = webhooks(m), .e = e};
	const int r = start(&k);

	if (r < 0)
		return r;
	complete_pods(&k);
	for (size_t i = 0; i < ARRAY_LEN(workload_kinds); i++)
		make_of_kind(&k, &workload_kinds[i]);
	inject_free(k.inject);
	map_done(&k.has);
	return 0;
}
