/*
 * Endpoints that somebody wrote by hand, for a Service without selector, as EndpointSlices: who reads only slices
 * (Istio does) sees them too. One slice for each subset, owned by the Endpoints; the subset's place in the list, kept
 * as an annotation, says which slice is which.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/mem.h"
#include "lab/control/controller.h"
#include "lab/object/object.h"

#define MANAGED_BY "endpointslicemirroring-controller.k8s.io"
#define SKIP_LABEL "endpointslice.kubernetes.io/skip-mirror"
#define TRIGGER_ANNOTATION "endpoints.kubernetes.io/last-change-trigger-time"
#define LEADER_ANNOTATION "control-plane.alpha.kubernetes.io/leader"
#define SUBSET_ANNOTATION "weft.lab/subset"
#define ADDRESSES_MAX 1000 /* of a subset, as elsewhere */

static bool is_mirrored(const cJSON *endpoints, const cJSON *service)
{
	const char *skip = json_get_str(json_at(endpoints, "metadata.labels"), SKIP_LABEL);

	if (!endpoints || !service || object_terminating(endpoints) || object_terminating(service))
		return false;
	if ((skip && strcmp(skip, "true") == 0) ||
	    json_get(json_at(endpoints, "metadata.annotations"), LEADER_ANNOTATION))
		return false;
	return cJSON_GetArraySize(json_at(service, "spec.selector")) == 0;
}

static void add_endpoints(cJSON *to, const cJSON *addresses, bool ready)
{
	static const char *const kept[] = {"hostname", "nodeName", "targetRef"};
	const cJSON *a;

	cJSON_ArrayForEach(a, addresses)
	{
		cJSON *e = cJSON_CreateObject();

		if (cJSON_GetArraySize(to) >= ADDRESSES_MAX) {
			cJSON_Delete(e);
			return;
		}
		cJSON_AddItemToArray(cJSON_AddArrayToObject(e, "addresses"),
				     cJSON_CreateString(json_str_or_empty(a, "ip")));
		cJSON_AddBoolToObject(cJSON_AddObjectToObject(e, "conditions"), "ready", ready);
		for (size_t i = 0; i < ARRAY_LEN(kept); i++)
			if (json_get(a, kept[i]))
				json_set(e, kept[i], cJSON_Duplicate(json_get(a, kept[i]), true));
		cJSON_AddItemToArray(to, e);
	}
}

static const char *family_of(const cJSON *subset)
{
	static const char *const lists[] = {"addresses", "notReadyAddresses"};

	for (size_t i = 0; i < ARRAY_LEN(lists); i++) {
		const cJSON *first = cJSON_GetArrayItem(json_get(subset, lists[i]), 0);

		if (first)
			return strchr(json_str_or_empty(first, "ip"), ':') ? "IPv6" : "IPv4";
	}
	return "IPv4";
}

static void copy_but(cJSON *to, const cJSON *from, const char *left_out)
{
	const cJSON *v;

	cJSON_ArrayForEach(v, from)
	{
		if (strcmp(v->string, left_out) != 0)
			json_set(to, v->string, cJSON_Duplicate(v, true));
	}
}

static cJSON *slice_meta(const cJSON *endpoints, const char *subset)
{
	cJSON *meta = cJSON_CreateObject(), *labels = json_object(meta, "labels");
	cJSON *annotations = json_object(meta, "annotations");
	CLEANUP(freep) char *prefix = mem_printf("%s-", object_name(endpoints));

	copy_but(labels, json_at(endpoints, "metadata.labels"), "endpoints.kubernetes.io/managed-by");
	json_set_str(labels, "kubernetes.io/service-name", object_name(endpoints));
	json_set_str(labels, "endpointslice.kubernetes.io/managed-by", MANAGED_BY);
	copy_but(annotations, json_at(endpoints, "metadata.annotations"), TRIGGER_ANNOTATION);
	json_set_str(annotations, SUBSET_ANNOTATION, subset);
	json_set_str(meta, "generateName", prefix);
	json_set_str(meta, "namespace", object_ns(endpoints));
	cJSON_AddItemToArray(json_array(meta, "ownerReferences"), object_owner_reference(endpoints, "v1", "Endpoints"));
	return meta;
}

static cJSON *build(const cJSON *endpoints, const cJSON *subset, const char *number)
{
	cJSON *s = cJSON_CreateObject(), *list = cJSON_CreateArray();
	const cJSON *ports = json_get(subset, "ports");

	json_set_str(s, "apiVersion", "discovery.k8s.io/v1");
	json_set_str(s, "kind", "EndpointSlice");
	json_set(s, "metadata", slice_meta(endpoints, number));
	json_set_str(s, "addressType", family_of(subset));
	add_endpoints(list, json_get(subset, "addresses"), true);
	add_endpoints(list, json_get(subset, "notReadyAddresses"), false);
	json_set(s, "endpoints", list);
	json_set(s, "ports", ports ? cJSON_Duplicate(ports, true) : cJSON_CreateArray());
	for (cJSON *p = json_get(s, "ports")->child; p; p = p->next)
		json_default_str(p, "name", "");
	return s;
}

/* The slices of one Endpoints object, by subset. */
struct mirrors {
	const char *service;
	VEC(const cJSON *) slices;
};

static void collect(void *arg, const cJSON *slice)
{
	struct mirrors *m = arg;
	const cJSON *labels = json_at(slice, "metadata.labels");
	const char *service = json_get_str(labels, "kubernetes.io/service-name");
	const char *manager = json_get_str(labels, "endpointslice.kubernetes.io/managed-by");

	if (service && strcmp(service, m->service) == 0 && manager && strcmp(manager, MANAGED_BY) == 0)
		vec_push(&m->slices, slice);
}

/* Takes the slice of that subset out of the list. */
static const cJSON *take_slice(struct mirrors *m, const char *number, const char *family)
{
	for (size_t i = 0; i < m->slices.n; i++) {
		const cJSON *s = m->slices.v[i];
		const char *have = s ? json_get_str(json_at(s, "metadata.annotations"), SUBSET_ANNOTATION) : NULL;

		if (!have || strcmp(have, number) != 0 || strcmp(json_str_or_empty(s, "addressType"), family) != 0)
			continue;
		m->slices.v[i] = NULL;
		return s;
	}
	return NULL;
}

static bool same(const cJSON *have, const cJSON *want)
{
	static const char *const paths[] = {"endpoints", "ports", "metadata.labels", "metadata.annotations"};

	for (size_t i = 0; i < ARRAY_LEN(paths); i++)
		if (!json_equal(json_at(have, paths[i]), json_at(want, paths[i])))
			return false;
	return true;
}

static void write_slice(struct work *w, const cJSON *have, cJSON *want)
{
	if (!have) {
		work_create(w, GVR(endpoint_slice), w->ns, want);
	} else if (same(have, want)) {
		cJSON_Delete(want);
	} else {
		json_remove(json_get(want, "metadata"), "generateName");
		json_set_str(json_get(want, "metadata"), "name", object_name(have));
		work_update(w, GVR(endpoint_slice), w->ns, object_name(have), NULL, want);
	}
}

static void reconcile(struct controller *c, struct work *w)
{
	const cJSON *endpoints = lab_get(c->client.api, GVR(endpoints), w->ns, w->name), *subset;
	const cJSON *service = lab_get(c->client.api, GVR(service), w->ns, w->name);
	const cJSON *subsets = is_mirrored(endpoints, service) ? json_get(endpoints, "subsets") : NULL;
	struct mirrors m = {.service = w->name};
	char number[16];
	int i = 0;

	lab_list(c->client.api, GVR(endpoint_slice), w->ns, NULL, collect, &m);
	cJSON_ArrayForEach(subset, subsets)
	{
		snprintf(number, sizeof(number), "%d", i++);
		write_slice(w, take_slice(&m, number, family_of(subset)), build(endpoints, subset, number));
	}
	for (size_t k = 0; k < m.slices.n; k++)
		if (m.slices.v[k])
			work_delete(w, GVR(endpoint_slice), w->ns, object_name(m.slices.v[k]), NULL);
	vec_done(&m.slices);
}

/* A mirror that somebody changed is made anew. */
static void on_slice(struct controller *c, enum lab_event event, const cJSON *slice)
{
	(void)event;
	controller_enqueue_owner(c, slice, "Endpoints");
}

void endpoints_mirror_start(struct controller *c, const struct controllers_config *config)
{
	controller_init(c, config->loop, config->api, "endpointslicemirroring-controller", reconcile);
	controller_watch(c, GVR(endpoints), controller_enqueue_self);
	controller_watch(c, GVR(service), controller_enqueue_self);
	controller_watch(c, GVR(endpoint_slice), on_slice);
}
