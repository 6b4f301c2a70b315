/* The small mesh of tests. */
#include "world.h"

#include <stdio.h>
#include <stdlib.h>

#include "api/object.h"
#include "msg/json.h"
#include "msg/yaml.h"
#include "xds/json.h"
#include "xds/pb.h"

const char world_shop[] =
	"{apiVersion: v1, kind: Service, metadata: {name: catalog, namespace: shop, creationTimestamp: "
	"'2024-01-01T00:00:00Z'},\n"
	" spec: {clusterIP: 10.96.0.21, selector: {app: catalog}, ports: [{name: http, port: 8080, targetPort: "
	"8080}]}}\n"
	"---\n"
	"{apiVersion: v1, kind: Service, metadata: {name: db, namespace: shop, creationTimestamp: "
	"'2024-01-01T00:00:01Z'},\n"
	" spec: {clusterIP: 10.96.0.23, selector: {app: db}, ports: [{name: tcp-pg, port: 5432, targetPort: 5432}]}}\n"
	"---\n"
	"{apiVersion: v1, kind: Service, metadata: {name: inventory, namespace: stock, creationTimestamp: "
	"'2024-01-01T00:00:02Z'},\n"
	" spec: {clusterIP: 10.96.0.22, selector: {app: inventory}, ports: [{name: http, port: 80, targetPort: "
	"web}]}}\n"
	"---\n"
	"{apiVersion: v1, kind: Pod, metadata: {name: catalog-1, namespace: shop, labels: {app: catalog, version: v1, "
	"security.istio.io/tlsMode: istio}},\n"
	" spec: {serviceAccountName: catalog, containers: [{name: a, image: x}]},\n"
	" status: {podIP: 10.244.0.5, phase: Running, conditions: [{type: Ready, status: 'True'}]}}\n"
	"---\n"
	"{apiVersion: v1, kind: Pod, metadata: {name: inventory-1, namespace: stock, labels: {app: inventory, version: "
	"v1, security.istio.io/tlsMode: istio}},\n"
	" spec: {serviceAccountName: inventory, containers: [{name: a, image: x, ports: [{name: web, containerPort: "
	"8080}]}]},\n"
	" status: {podIP: 10.244.0.6, phase: Running, conditions: [{type: Ready, status: 'True'}]}}\n"
	"---\n"
	"{apiVersion: v1, kind: Pod, metadata: {name: inventory-2, namespace: stock, labels: {app: inventory, version: "
	"v2}},\n"
	" spec: {serviceAccountName: inventory, containers: [{name: a, image: x, ports: [{name: web, containerPort: "
	"8080}]}]},\n"
	" status: {podIP: 10.244.0.7, phase: Running, conditions: [{type: Ready, status: 'True'}]}}\n"
	"---\n"
	"{apiVersion: discovery.k8s.io/v1, kind: EndpointSlice, metadata: {name: inventory-x, namespace: stock, "
	"labels: {kubernetes.io/service-name: inventory}},\n"
	" addressType: IPv4, ports: [{name: http, port: 8080}], endpoints: [\n"
	" {addresses: [10.244.0.6], conditions: {ready: true}, targetRef: {kind: Pod, name: inventory-1, namespace: "
	"stock}},\n"
	" {addresses: [10.244.0.7], conditions: {ready: true}, targetRef: {kind: Pod, name: inventory-2, namespace: "
	"stock}},\n"
	" {addresses: [10.244.0.8], conditions: {ready: false}}]}\n";

static int put(void *arg, cJSON *doc, struct err *e)
{
	struct world *w = arg;
	struct api_object *o = NULL;
	int r = api_object_decode(doc, NULL, NULL, &o, e);

	cJSON_Delete(doc);
	if (r == 0)
		store_put(w->store, o);
	return r;
}

void world_put(struct world *w, const char *yaml)
{
	struct err e = ERR_INIT;

	if (yaml_each(slice_str(yaml), put, w, &e) < 0) {
		fprintf(stderr, "world: %s\n%s\n", e.msg, yaml);
		abort();
	}
}

static bool member(void *arg, const char *ns)
{
	(void)arg;
	return strcmp(ns, "outside") != 0;
}

void world_init(struct world *w, const char *mesh_yaml, const char *const *yaml)
{
	const struct mesh_settings s = {.root_namespace = "istio-system", .revision = "basic"};

	world_init_of(w, &s, mesh_yaml, yaml);
}

void world_init_of(struct world *w, const struct mesh_settings *s, const char *mesh_yaml, const char *const *yaml)
{
	struct err e = ERR_INIT;

	memset(w, 0, sizeof(*w));
	w->store = store_new();
	if (mesh_config_new(slice_str(mesh_yaml), s, NULL, NULL, &w->mesh, &e) < 0) {
		fprintf(stderr, "world: %s\n", e.msg);
		abort();
	}
	for (; *yaml; yaml++)
		world_put(w, *yaml);
	world_rebuild(w, CHANGE_ALL);
}

void world_rebuild(struct world *w, unsigned changed)
{
	struct snapshot *old = w->snap;

	w->snap = snapshot_build(w->store, old, changed, NULL, w->mesh, member, NULL);
	snapshot_unref(old);
}

void world_done(struct world *w)
{
	snapshot_unref(w->snap);
	mesh_config_unref(w->mesh);
	store_free(w->store);
	xds_pool_done(&w->pool);
}

struct proxy world_proxy(struct arena *a, const char *type, const char *ns, const char *labels)
{
	struct proxy p = {
		.type = strcmp(type, "router") == 0 ? PROXY_ROUTER : PROXY_SIDECAR,
		.id = arena_printf(a, "pod.%s", ns),
		.name = "pod",
		.ns = arena_strdup(a, ns),
		.ip = "10.244.0.99",
		.interception = "REDIRECT",
		.unprivileged = true,
		.stats_filters = true,
		.weft = true,
	};
	struct slice rest = slice_str(labels);

	p.labels.v = ARENA_NEW_N(a, struct str_pair, rest.len + 1);
	while (rest.len) {
		struct slice value = slice_split(&rest, ','), key = slice_split(&value, '=');

		p.labels.v[p.labels.n++] = (struct str_pair){arena_slicedup(a, key), arena_slicedup(a, value)};
	}
	return p;
}

char *world_json(const struct compile_result *r, enum xds_type type, const char *name)
{
	const struct xds_resource *x = xds_set_find(r->sets[type], slice_str(name));
	const char *slash = strrchr(xds_type_url(type), '/');
	CLEANUP(arena_done) struct arena a = ARENA_INIT;
	CLEANUP(buf_done) struct buf out = BUF_INIT;
	cJSON *json;

	if (!x)
		return NULL;
	json = pb_to_json(pb_unpack(&a, pb_descriptor(slash + 1), x->bytes));
	json_print(json, &out);
	cJSON_Delete(json);
	return buf_take_str(&out);
}
