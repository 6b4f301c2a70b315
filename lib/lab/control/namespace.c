/*
 * Namespaces: each gets its default ServiceAccount and the ConfigMap with the cluster's CA; one that is deleted is
 * emptied, then finalized. Emptying walks all namespaced resources, those of CRDs included, until none holds an object.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/mem.h"
#include "lab/control/controller.h"
#include "lab/object/object.h"
#include "lab/control/resources.h"

#define CA_CONFIGMAP "kube-root-ca.crt"
#define CA_TEXT                                                                                                        \
	"Contains a CA bundle that can be used to verify the kube-apiserver when using internal endpoints such as "    \
	"the "                                                                                                         \
	"internal service IP or kubernetes.default.svc. No other usage is guaranteed across distributions of "         \
	"Kubernetes clusters."
#define RECHECK_MS 100

static cJSON *named(const char *api_version, const char *kind, const char *ns, const char *name)
{
	cJSON *o = cJSON_CreateObject(), *meta;

	cJSON_AddStringToObject(o, "apiVersion", api_version);
	cJSON_AddStringToObject(o, "kind", kind);
	meta = cJSON_AddObjectToObject(o, "metadata");
	cJSON_AddStringToObject(meta, "name", name);
	cJSON_AddStringToObject(meta, "namespace", ns);
	return o;
}

static void ensure_content(struct controller *c, struct work *w)
{
	const char *pem = lab_ca_pem(c->client.api);
	const cJSON *have;

	if (!lab_get(c->client.api, GVR(service_account), w->name, "default"))
		work_create(w, GVR(service_account), w->name, named("v1", "ServiceAccount", w->name, "default"));
	have = lab_get(c->client.api, GVR(config_map), w->name, CA_CONFIGMAP);
	if (!have) {
		cJSON *o = named("v1", "ConfigMap", w->name, CA_CONFIGMAP);

		json_set_str(json_object(json_get(o, "metadata"), "annotations"), "kubernetes.io/description", CA_TEXT);
		cJSON_AddStringToObject(cJSON_AddObjectToObject(o, "data"), "ca.crt", pem);
		work_create(w, GVR(config_map), w->name, o);
		return;
	}
	const cJSON *crt = json_get(json_at(have, "data"), "ca.crt");
	if (!cJSON_IsString(crt) || strcmp(crt->valuestring, pem) != 0) {
		cJSON *patch = cJSON_CreateObject();

		cJSON_AddStringToObject(cJSON_AddObjectToObject(patch, "data"), "ca.crt", pem);
		work_patch(w, GVR(config_map), w->name, CA_CONFIGMAP, NULL, patch);
	}
}

struct emptying {
	struct work *work;
	const struct gvr *resource;
	size_t left, with_finalizers;
	struct buf remaining; /* "pods. has 1 resource instances, ..." */
};

static void delete_one(void *arg, const cJSON *o)
{
	struct emptying *e = arg;

	e->left++;
	if (object_terminating(o)) {
		e->with_finalizers += cJSON_GetArraySize(json_at(o, "metadata.finalizers")) > 0;
		return;
	}
	work_delete(e->work, e->resource, e->work->name, object_name(o), NULL);
}

static void delete_all_of(void *arg, const struct gvr *r)
{
	struct emptying *e = arg;

	size_t before = e->left;

	e->resource = r;
	lab_list(e->work->controller->client.api, r, e->work->name, NULL, delete_one, e);
	if (e->left > before)
		buf_printf(&e->remaining, "%s%s.%s has %zu resource instances", e->remaining.len ? ", " : "",
			   r->resource, r->group, e->left - before);
}

static void add_condition(cJSON *list, const char *type, bool on, const char *reason, const char *message)
{
	cJSON *c = cJSON_CreateObject();
	char now[CLOCK_TEXT_MAX];

	cJSON_AddStringToObject(c, "type", type);
	cJSON_AddStringToObject(c, "status", on ? "True" : "False");
	cJSON_AddStringToObject(c, "lastTransitionTime", clock_now_text(now));
	cJSON_AddStringToObject(c, "reason", reason);
	cJSON_AddStringToObject(c, "message", message);
	cJSON_AddItemToArray(list, c);
}

/* What still stands in the way, for whoever looks at a namespace that does not go. */
static void tell_remaining(struct work *w, const cJSON *ns, const struct emptying *e)
{
	bool was = object_condition_true(ns, "NamespaceFinalizersRemaining"), is = e->with_finalizers > 0;
	const char *said = json_str_or_empty(object_condition(ns, "NamespaceContentRemaining"), "message");
	CLEANUP(freep) char *text = mem_printf("Some resources are remaining: %s", buf_str(&e->remaining));
	cJSON *patch, *list;

	if (!strcmp(said, text) && was == is)
		return;
	patch = cJSON_CreateObject();
	list = cJSON_AddArrayToObject(cJSON_AddObjectToObject(patch, "status"), "conditions");
	add_condition(list, "NamespaceDeletionDiscoveryFailure", false, "ResourcesDiscovered",
		      "All resources successfully discovered");
	add_condition(list, "NamespaceDeletionGroupVersionParsingFailure", false, "ParsedGroupVersions",
		      "All legacy kube types successfully parsed");
	add_condition(list, "NamespaceDeletionContentFailure", false, "ContentDeleted",
		      "All content successfully deleted, may be waiting on finalization");
	add_condition(list, "NamespaceContentRemaining", true, "SomeResourcesRemain", text);
	add_condition(list, "NamespaceFinalizersRemaining", is, is ? "SomeFinalizersRemain" : "ContentHasNoFinalizers",
		      is ? "Some content in the namespace has finalizers remaining"
			 : "All content-preserving finalizers finished");
	work_patch(w, GVR(namespace), NULL, w->name, "status", patch);
}

static void finalize(struct work *w, const cJSON *ns)
{
	cJSON *o = cJSON_Duplicate(ns, true), *kept = cJSON_CreateArray();
	const cJSON *f;

	cJSON_ArrayForEach(f, json_at(ns, "spec.finalizers"))
	{
		if (cJSON_IsString(f) && strcmp(f->valuestring, "kubernetes") != 0)
			cJSON_AddItemToArray(kept, cJSON_Duplicate(f, true));
	}
	json_set(json_object(o, "spec"), "finalizers", kept);
	work_update(w, GVR(namespace), NULL, w->name, "finalize", o);
}

static void reconcile(struct controller *c, struct work *w)
{
	const cJSON *ns = lab_get(c->client.api, GVR(namespace), NULL, w->name);
	struct emptying e = {.work = w};

	if (!ns)
		return;
	if (!object_terminating(ns)) {
		ensure_content(c, w);
		return;
	}
	if (cJSON_GetArraySize(json_at(ns, "spec.finalizers")) == 0)
		return;
	resources_makers_first(c->client.api, delete_all_of, &e);
	if (e.left) {
		tell_remaining(w, ns, &e);
		work_after(w, RECHECK_MS);
	} else {
		finalize(w, ns);
	}
	buf_done(&e.remaining);
}

static void on_content(struct controller *c, enum lab_event event, const cJSON *o)
{
	/* Only what must stand in every namespace brings it back. */
	if (event == LAB_DELETED &&
	    (strcmp(object_name(o), CA_CONFIGMAP) == 0 || strcmp(object_name(o), "default") == 0))
		controller_enqueue(c, NULL, object_ns(o));
}

void namespace_controller_start(struct controller *c, const struct controllers_config *config)
{
	controller_init(c, config->loop, config->api, "namespace-controller", reconcile);
	controller_watch(c, GVR(namespace), controller_enqueue_self);
	controller_watch(c, GVR(config_map), on_content);
	controller_watch(c, GVR(service_account), on_content);
}
