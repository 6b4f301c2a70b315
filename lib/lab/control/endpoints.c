/*
 * Endpoints and EndpointSlices of Services with a selector. One slice per Service and address family is enough for one
 * node; it carries ready and not ready pods with their conditions, as consumers of discovery.k8s.io expect.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/rand.h"
#include "lab/control/controller.h"
#include "lab/object/object.h"

#define MANAGED_BY "endpointslice-controller.k8s.io"

struct backends {
	const cJSON *service;
	VEC(const cJSON *) pods; /* selected, with an address, not finished */
};

static void collect(void *arg, const cJSON *pod)
{
	struct backends *b = arg;
	const char *phase = json_str_or_empty(pod, "status.phase");

	if (!object_labels_match(json_at(pod, "metadata.labels"), json_at(b->service, "spec.selector")))
		return;
	if (!*json_str_or_empty(pod, "status.podIP") || strcmp(phase, "Succeeded") == 0 || strcmp(phase, "Failed") == 0)
		return;
	vec_push(&b->pods, pod);
}

/* Stable output: by address. */
static int by_address(const void *a, const void *b)
{
	return strcmp(json_str_or_empty(*(const cJSON *const *)a, "status.podIP"),
		      json_str_or_empty(*(const cJSON *const *)b, "status.podIP"));
}

static int64_t container_port(const cJSON *container, const char *name, const char *protocol)
{
	const cJSON *port;

	cJSON_ArrayForEach(port, json_at(container, "ports"))
	{
		const char *p = json_str(port, "protocol");

		if (strcmp(json_str_or_empty(port, "name"), name) == 0 && strcmp(p ? p : "TCP", protocol) == 0)
			return json_int(port, "containerPort", 0);
	}
	return 0;
}

/* The number of a named container port, sidecars' included; 0 when the pod has none. */
static int64_t named_port(const cJSON *pod, const char *name, const char *protocol)
{
	const cJSON *container;
	int64_t number = 0;

	cJSON_ArrayForEach(container, json_at(pod, "spec.containers"))
	{
		number = number ? number : container_port(container, name, protocol);
	}
	cJSON_ArrayForEach(container, json_at(pod, "spec.initContainers"))
	{
		if (!number && strcmp(json_str_or_empty(container, "restartPolicy"), "Always") == 0)
			number = container_port(container, name, protocol);
	}
	return number;
}

static int64_t target_port(const cJSON *service_port, const cJSON *pod)
{
	const cJSON *target = json_at(service_port, "targetPort");
	const char *protocol = json_str(service_port, "protocol");

	if (cJSON_IsString(target))
		return named_port(pod, target->valuestring, protocol ? protocol : "TCP");
	if (cJSON_IsNumber(target) && target->valuedouble > 0)
		return (int64_t)target->valuedouble;
	return json_int(service_port, "port", 0);
}

static cJSON *target_ref(const cJSON *pod)
{
	cJSON *ref = cJSON_CreateObject();

	cJSON_AddStringToObject(ref, "kind", "Pod");
	cJSON_AddStringToObject(ref, "namespace", object_ns(pod));
	cJSON_AddStringToObject(ref, "name", object_name(pod));
	cJSON_AddStringToObject(ref, "uid", object_uid(pod));
	return ref;
}

/* Ports as this pod serves them; named target ports may differ between pods. */
static cJSON *ports_of(const cJSON *service, const cJSON *pod)
{
	cJSON *list = cJSON_CreateArray();
	const cJSON *sp;

	cJSON_ArrayForEach(sp, json_at(service, "spec.ports"))
	{
		int64_t number = target_port(sp, pod);
		const char *protocol = json_str(sp, "protocol"), *app = json_str(sp, "appProtocol");
		cJSON *p;

		if (!number)
			continue;
		p = cJSON_CreateObject();
		if (json_str(sp, "name"))
			cJSON_AddStringToObject(p, "name", json_str(sp, "name"));
		cJSON_AddNumberToObject(p, "port", (double)number);
		cJSON_AddStringToObject(p, "protocol", protocol ? protocol : "TCP");
		if (app)
			cJSON_AddStringToObject(p, "appProtocol", app);
		cJSON_AddItemToArray(list, p);
	}
	return list;
}

static bool pod_ready(const struct backends *b, const cJSON *pod)
{
	return json_true(b->service, "spec.publishNotReadyAddresses") ||
	       (object_condition_true(pod, "Ready") && !object_terminating(pod));
}

/* A pod has a name of its own only below the Service that its subdomain names. */
static void add_hostname(const struct backends *b, const cJSON *pod, cJSON *to)
{
	const char *hostname = json_str(pod, "spec.hostname"), *subdomain = json_str(pod, "spec.subdomain");

	if (hostname && *hostname && subdomain && strcmp(subdomain, object_name(b->service)) == 0)
		cJSON_AddStringToObject(to, "hostname", hostname);
}

static cJSON *endpoint_address(const struct backends *b, const cJSON *pod)
{
	cJSON *a = cJSON_CreateObject();

	cJSON_AddStringToObject(a, "ip", json_str(pod, "status.podIP"));
	add_hostname(b, pod, a);
	if (json_str(pod, "spec.nodeName"))
		cJSON_AddStringToObject(a, "nodeName", json_str(pod, "spec.nodeName"));
	cJSON_AddItemToObject(a, "targetRef", target_ref(pod));
	return a;
}

/* The subset with these ports, made when there is none. Takes ports. */
static cJSON *subset_for(cJSON *subsets, cJSON *ports)
{
	cJSON *s;

	cJSON_ArrayForEach(s, subsets)
	{
		if (cJSON_Compare(json_at(s, "ports"), ports, true)) {
			cJSON_Delete(ports);
			return s;
		}
	}
	s = cJSON_CreateObject();
	cJSON_AddItemToObject(s, "ports", ports);
	cJSON_AddItemToArray(subsets, s);
	return s;
}

static cJSON *subsets(const struct backends *b)
{
	cJSON *list = cJSON_CreateArray();

	for (size_t i = 0; i < b->pods.n; i++) {
		const cJSON *pod = b->pods.v[i];
		const char *field = pod_ready(b, pod) ? "addresses" : "notReadyAddresses";
		cJSON *ports = ports_of(b->service, pod), *s, *addresses;

		bool serves = cJSON_GetArraySize(ports) || !cJSON_GetArraySize(json_at(b->service, "spec.ports"));

		if (object_terminating(pod) || !serves) {
			cJSON_Delete(ports);
			continue;
		}
		s = subset_for(list, ports);
		addresses = json_at(s, field);
		if (!addresses)
			addresses = cJSON_AddArrayToObject(s, field);
		cJSON_AddItemToArray(addresses, endpoint_address(b, pod));
	}
	return list;
}

static cJSON *slice_endpoint(const struct backends *b, const cJSON *pod)
{
	bool serving = object_condition_true(pod, "Ready");
	cJSON *e = cJSON_CreateObject(), *conditions;

	cJSON_AddItemToArray(cJSON_AddArrayToObject(e, "addresses"), cJSON_CreateString(json_str(pod, "status.podIP")));
	conditions = cJSON_AddObjectToObject(e, "conditions");
	cJSON_AddBoolToObject(conditions, "ready", pod_ready(b, pod));
	cJSON_AddBoolToObject(conditions, "serving", serving);
	cJSON_AddBoolToObject(conditions, "terminating", object_terminating(pod));
	add_hostname(b, pod, e);
	if (json_str(pod, "spec.nodeName"))
		cJSON_AddStringToObject(e, "nodeName", json_str(pod, "spec.nodeName"));
	cJSON_AddItemToObject(e, "targetRef", target_ref(pod));
	return e;
}

static void add_meta(cJSON *o, const cJSON *service, const char *name, cJSON *labels)
{
	cJSON *meta = cJSON_AddObjectToObject(o, "metadata");
	char now[CLOCK_TEXT_MAX];

	cJSON_AddStringToObject(meta, "name", name);
	cJSON_AddStringToObject(meta, "namespace", object_ns(service));
	cJSON_AddItemToObject(meta, "labels", labels);
	json_set_str(json_object(meta, "annotations"), "endpoints.kubernetes.io/last-change-trigger-time",
		     clock_now_text(now));
}

static cJSON *copy_labels(const cJSON *service)
{
	const cJSON *labels = json_at(service, "metadata.labels");

	return labels ? cJSON_Duplicate(labels, true) : cJSON_CreateObject();
}

/* In slices a port without a name has an empty one, which kubectl relies on. */
static cJSON *slice_ports(const struct backends *b)
{
	cJSON *list = ports_of(b->service, b->pods.v[0]), *p;

	cJSON_ArrayForEach(p, list) if (!json_str(p, "name")) cJSON_AddStringToObject(p, "name", "");
	return list;
}

static cJSON *build_slice(const struct backends *b, const char *name)
{
	cJSON *s = cJSON_CreateObject(), *labels = copy_labels(b->service), *endpoints, *owners;

	json_set(labels, "kubernetes.io/service-name", cJSON_CreateString(object_name(b->service)));
	json_set(labels, "endpointslice.kubernetes.io/managed-by", cJSON_CreateString(MANAGED_BY));
	cJSON_AddStringToObject(s, "apiVersion", "discovery.k8s.io/v1");
	cJSON_AddStringToObject(s, "kind", "EndpointSlice");
	add_meta(s, b->service, name, labels);
	owners = cJSON_AddArrayToObject(json_at(s, "metadata"), "ownerReferences");
	cJSON_AddItemToArray(owners, object_owner_reference(b->service, "v1", "Service"));
	cJSON_AddStringToObject(s, "addressType", "IPv4");
	endpoints = cJSON_AddArrayToObject(s, "endpoints");
	for (size_t i = 0; i < b->pods.n; i++)
		cJSON_AddItemToArray(endpoints, slice_endpoint(b, b->pods.v[i]));
	if (b->pods.n)
		cJSON_AddItemToObject(s, "ports", slice_ports(b));
	else
		cJSON_AddArrayToObject(s, "ports");
	return s;
}

static bool same_lists(const cJSON *a, const cJSON *b, const char *field)
{
	const cJSON *x = json_at(a, field), *y = json_at(b, field);

	if (!cJSON_GetArraySize(x) && !cJSON_GetArraySize(y))
		return true;
	return json_equal(x, y);
}

struct found {
	const char *service;
	const cJSON *slice;
};

static void find_slice(void *arg, const cJSON *slice)
{
	struct found *f = arg;
	const cJSON *labels = json_at(slice, "metadata.labels");
	const char *service = json_get_str(labels, "kubernetes.io/service-name");
	const char *manager = json_get_str(labels, "endpointslice.kubernetes.io/managed-by");

	if (service && strcmp(service, f->service) == 0 && manager && strcmp(manager, MANAGED_BY) == 0)
		f->slice = slice;
}

static void write_slice(struct work *w, const struct backends *b)
{
	struct found f = {w->name, NULL};
	cJSON *wanted;
	char *name, suffix[6];

	lab_list(w->controller->client.api, GVR(endpoint_slice), w->ns, NULL, find_slice, &f);
	if (f.slice) {
		wanted = build_slice(b, object_name(f.slice));
		if (same_lists(f.slice, wanted, "endpoints") && same_lists(f.slice, wanted, "ports"))
			cJSON_Delete(wanted);
		else
			work_update(w, GVR(endpoint_slice), w->ns, object_name(f.slice), NULL, wanted);
		return;
	}
	rand_suffix(suffix, 5);
	name = mem_printf("%s-%s", w->name, suffix);
	wanted = build_slice(b, name);
	name[strlen(name) - strlen(suffix)] = '\0';
	json_set_str(json_get(wanted, "metadata"), "generateName", name);
	work_create(w, GVR(endpoint_slice), w->ns, wanted);
	free(name);
}

static void write_endpoints(struct work *w, const struct backends *b)
{
	const cJSON *have = lab_get(w->controller->client.api, GVR(endpoints), w->ns, w->name);
	cJSON *wanted = cJSON_CreateObject(), *labels = copy_labels(b->service);

	cJSON_AddStringToObject(wanted, "apiVersion", "v1");
	cJSON_AddStringToObject(wanted, "kind", "Endpoints");
	json_set_str(labels, "endpoints.kubernetes.io/managed-by", "endpoint-controller");
	add_meta(wanted, b->service, w->name, labels);
	cJSON_AddItemToObject(wanted, "subsets", subsets(b));
	if (!have)
		work_create(w, GVR(endpoints), w->ns, wanted);
	else if (same_lists(have, wanted, "subsets"))
		cJSON_Delete(wanted);
	else
		work_update(w, GVR(endpoints), w->ns, w->name, NULL, wanted);
}

static void reconcile(struct controller *c, struct work *w)
{
	struct backends b = {.service = lab_get(c->client.api, GVR(service), w->ns, w->name)};

	if (!b.service) {
		/* The slice goes with its owner; Endpoints have none. */
		if (lab_get(c->client.api, GVR(endpoints), w->ns, w->name))
			work_delete(w, GVR(endpoints), w->ns, w->name, NULL);
		return;
	}
	if (object_terminating(b.service) || cJSON_GetArraySize(json_at(b.service, "spec.selector")) == 0)
		return;
	lab_list(c->client.api, GVR(pod), w->ns, NULL, collect, &b);
	if (b.pods.n)
		qsort(b.pods.v, b.pods.n, sizeof(b.pods.v[0]), by_address);
	write_endpoints(w, &b);
	write_slice(w, &b);
	vec_done(&b.pods);
}

struct selecting {
	struct controller *controller;
	const cJSON *pod;
};

static void enqueue_if_selects(void *arg, const cJSON *service)
{
	struct selecting *s = arg;

	if (object_labels_match(json_at(s->pod, "metadata.labels"), json_at(service, "spec.selector")))
		controller_enqueue(s->controller, object_ns(service), object_name(service));
}

/* A pod whose labels changed must also leave the Services that selected it before: they still list it. */
static void enqueue_if_lists(void *arg, const cJSON *slice)
{
	struct selecting *s = arg;
	const cJSON *endpoint;

	cJSON_ArrayForEach(endpoint, json_at(slice, "endpoints"))
	{
		if (strcmp(json_str_or_empty(endpoint, "targetRef.uid"), object_uid(s->pod)) != 0)
			continue;
		controller_enqueue_owner(s->controller, slice, "Service");
		return;
	}
}

static void on_pod(struct controller *c, enum lab_event event, const cJSON *pod)
{
	struct selecting s = {c, pod};

	(void)event;
	lab_list(c->client.api, GVR(service), object_ns(pod), NULL, enqueue_if_selects, &s);
	lab_list(c->client.api, GVR(endpoint_slice), object_ns(pod), NULL, enqueue_if_lists, &s);
}

void endpoints_controller_start(struct controller *c, const struct controllers_config *config)
{
	controller_init(c, config->loop, config->api, "endpoint-controller", reconcile);
	controller_watch(c, GVR(service), controller_enqueue_self);
	controller_watch(c, GVR(pod), on_pod);
}
