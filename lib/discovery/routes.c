/*
 * OpenShift Routes for Gateways: one Route for each host of each server, in the namespace of the Service that leads to
 * the gateway's pods. The desired Routes are computed from the snapshot; what differs from the cluster is applied, what
 * is left of Gateways that are gone is deleted. Restarting changes nothing. On a cluster without Routes it waits for
 * them; the SMCP's status says so.
 */
#include <stdio.h>
#include <stdlib.h>

#include "api/cluster/route.h"
#include "discovery/internal.h"
#include "kube/plan.h"
#include "pki/digest.h"

#define LOOK_MS 50
#define RETRY_MS 2000
#define GENERATED_BY "maistra.io/generated-by"
#define MANAGE "maistra.io/manageRoute"

struct routes {
	struct discovery *d;
	struct executor *executor;
	struct timer timer;
	bool running, again;
};

struct wanted {
	struct discovery *d;
	struct plan *plan;
	struct arena *a;
	struct map names; /* "ns/name" of each desired Route */
};

/* The Service that leads to pods with the Gateway's labels. */
static const struct service *find_service(const struct snapshot *s, const struct mesh_gateway *gw)
{
	for (size_t i = 0; i < s->workloads->v.n; i++) {
		const struct workload *w = &s->workloads->v.v[i];

		if (!meta_labels_contain(&w->labels, &gw->spec->selector))
			continue;
		for (size_t k = 0; k < s->services->v.n; k++) {
			const struct service *svc = &s->services->v.v[k];

			if (!svc->entry && !svc->headless && svc->selector.n && strcmp(svc->ns, w->ns) == 0 &&
			    meta_labels_contain(&w->labels, &svc->selector))
				return svc;
		}
	}
	return NULL;
}

static const char *route_name(struct arena *a, const struct mesh_gateway *gw, const char *host)
{
	uint8_t sum[PKI_SHA256_BYTES];
	char hex[17];

	pki_sha256(slice_str(*host ? host : "star"), sum);
	for (int i = 0; i < 8; i++)
		snprintf(hex + 2 * i, 3, "%02x", sum[i]);
	return arena_printf(a, "%s-%s-%s", gw->o.ns, gw->o.name, hex);
}

static bool copied_label(const char *key)
{
	return strncmp(key, "maistra.io/", 11) != 0 && strncmp(key, "argocd.argoproj.io", 18) != 0;
}

static bool copied_annotation(const char *key)
{
	return strncmp(key, "kubectl.kubernetes.io", 21) != 0 && strcmp(key, MANAGE) != 0 &&
	       strncmp(key, "argocd.argoproj.io", 18) != 0;
}

static void add_pairs(cJSON *o, const struct str_map *m, bool (*copied)(const char *key))
{
	for (size_t i = 0; i < m->n; i++)
		if (copied(m->v[i].key))
			cJSON_AddStringToObject(o, m->v[i].key, m->v[i].value);
}

static cJSON *metadata(const struct mesh_gateway *gw, const char *ns, const char *name, const char *host)
{
	cJSON *m = cJSON_CreateObject(), *labels, *annotations;

	cJSON_AddStringToObject(m, "name", name);
	cJSON_AddStringToObject(m, "namespace", ns);
	labels = cJSON_AddObjectToObject(m, "labels");
	cJSON_AddStringToObject(labels, GENERATED_BY, "ior");
	cJSON_AddStringToObject(labels, "maistra.io/gateway-name", gw->o.name);
	cJSON_AddStringToObject(labels, "maistra.io/gateway-namespace", gw->o.ns);
	add_pairs(labels, &gw->o.obj->meta->labels, copied_label);
	annotations = cJSON_AddObjectToObject(m, "annotations");
	cJSON_AddStringToObject(annotations, "maistra.io/original-host", host);
	add_pairs(annotations, &gw->o.obj->meta->annotations, copied_annotation);
	return m;
}

static cJSON *spec_of(const struct istio_server *in, const struct service *svc, const char *host, struct arena *a)
{
	const char *slash = strchr(host, '/'), *bare = slash ? slash + 1 : host;
	const bool wildcard = strncmp(bare, "*.", 2) == 0;
	cJSON *s = cJSON_CreateObject(), *to, *port, *tls;

	if (wildcard)
		cJSON_AddStringToObject(s, "host", arena_printf(a, "wildcard.%s", bare + 2));
	else if (*bare && strcmp(bare, "*") != 0)
		cJSON_AddStringToObject(s, "host", bare);
	to = cJSON_AddObjectToObject(s, "to");
	cJSON_AddStringToObject(to, "kind", "Service");
	cJSON_AddStringToObject(to, "name", svc->name);
	port = cJSON_AddObjectToObject(s, "port");
	cJSON_AddStringToObject(port, "targetPort", in->tls ? "https" : "http2");
	cJSON_AddStringToObject(s, "wildcardPolicy", wildcard ? "Subdomain" : "None");
	if (!in->tls)
		return s;
	tls = cJSON_AddObjectToObject(s, "tls");
	cJSON_AddStringToObject(tls, "termination", "passthrough");
	if (in->tls->https_redirect)
		cJSON_AddStringToObject(tls, "insecureEdgeTerminationPolicy", "Redirect");
	return s;
}

static void want(struct wanted *w, const struct mesh_gateway *gw, const struct istio_server *in,
		 const struct service *svc, const char *host)
{
	const char *name = route_name(w->a, gw, host), *key = arena_printf(w->a, "%s/%s", svc->ns, name);
	struct api_object *o = NULL;
	struct err e = ERR_INIT;
	cJSON *json;

	if (map_get(&w->names, slice_str(key)))
		return; /* the first server of that host decides */
	map_set(&w->names, slice_str(key), w);
	json = cJSON_CreateObject();
	cJSON_AddStringToObject(json, "apiVersion", "route.openshift.io/v1");
	cJSON_AddStringToObject(json, "kind", "Route");
	cJSON_AddItemToObject(json, "metadata", metadata(gw, svc->ns, name, host));
	cJSON_AddItemToObject(json, "spec", spec_of(in, svc, host, w->a));
	if (api_object_from_json(&api_kind_route, json, &o, &e) == 0)
		plan_apply(w->plan, o, 0);
	else
		log_error("routes", "%s: %s", key, e.msg);
	cJSON_Delete(json);
}

static bool managed(const struct mesh_gateway *gw)
{
	const char *said = api_object_annotation(gw->o.obj, MANAGE);
	const char *egress = str_map_get(&gw->spec->selector, "istio");

	if (egress && strcmp(egress, "egressgateway") == 0)
		return false;
	return !said || strcasecmp(said, "true") == 0 || strcmp(said, "1") == 0 || strcasecmp(said, "t") == 0;
}

static void want_gateway(struct wanted *w, const struct mesh_gateway *gw)
{
	const struct service *svc = managed(gw) ? find_service(w->d->snap, gw) : NULL;

	if (!svc || !discovery_members_writes(w->d->members, svc->ns))
		return;
	for (size_t i = 0; i < gw->spec->servers.n; i++)
		for (size_t k = 0; k < gw->spec->servers.v[i].hosts.n; k++)
			want(w, gw, &gw->spec->servers.v[i], svc, gw->spec->servers.v[i].hosts.v[k]);
}

/* Another revision of the mesh keeps those in what it has, and those of Gateways that it alone knows. */
static bool is_ours(const struct wanted *w, const struct api_object *route, const char *gateway_ns)
{
	const struct members *m = w->d->members;

	return discovery_members_writes(m, api_object_namespace(route)) &&
	       (!discovery_members_shares(m) || !gateway_ns || discovery_members_has(m, gateway_ns));
}

/* A Route stays while its Gateway exists but is not managed. */
static bool is_leftover(const struct wanted *w, const struct api_object *o)
{
	const char *by = api_object_label(o, GENERATED_BY), *name = api_object_label(o, "maistra.io/gateway-name"),
		   *ns = api_object_label(o, "maistra.io/gateway-namespace");
	const char *key = arena_printf(w->a, "%s/%s", api_object_namespace(o), api_object_name(o));

	if (!by || strcmp(by, "ior") != 0 || !is_ours(w, o, ns) || map_get(&w->names, slice_str(key)))
		return false;
	for (size_t i = 0; name && ns && i < w->d->snap->policies->gateways.n; i++) {
		const struct mesh_gateway *gw = &w->d->snap->policies->gateways.v[i];

		if (strcmp(gw->o.name, name) == 0 && strcmp(gw->o.ns, ns) == 0)
			return managed(gw) && find_service(w->d->snap, gw);
	}
	return true;
}

static void make_plan(struct discovery *d, struct plan *p)
{
	CLEANUP(arena_done) struct arena a = ARENA_INIT;
	struct wanted w = {.d = d, .plan = p, .a = &a};
	const struct store_range r = store_list(d->store, &api_kind_route, NULL);

	for (size_t i = 0; i < d->snap->policies->gateways.n; i++)
		want_gateway(&w, &d->snap->policies->gateways.v[i]);
	for (size_t i = 0; i < r.n; i++) {
		const struct store_key key = {&api_kind_route, api_object_namespace(r.v[i]), api_object_name(r.v[i])};

		if (is_leftover(&w, r.v[i]))
			plan_delete(p, &key, NULL);
	}
	map_done(&w.names);
}

static void look(struct timer *t);

static void on_done(void *arg, const struct err *e, bool retry)
{
	struct routes *r = arg;

	r->running = false;
	if (e->code)
		log_warn("routes", "%s", e->msg);
	if (r->again || retry)
		timer_start(r->d->loop, &r->timer, retry ? RETRY_MS : LOOK_MS, look);
}

static void look(struct timer *t)
{
	struct routes *r = CONTAINER_OF(t, struct routes, timer);
	struct plan p;

	r->again = r->running;
	if (r->running || !r->d->ready || !r->d->snap || served_state(r->d->served, &api_kind_route) != SERVED_YES)
		return;
	plan_init(&p);
	make_plan(r->d, &p);
	r->running = true;
	executor_run(r->executor, &p, on_done, r);
	plan_done(&p);
}

struct routes *discovery_routes_new(struct discovery *d)
{
	struct routes *r = NEW(struct routes);

	r->d = d;
	if (d->cfg.routes)
		r->executor = executor_new(d->kube, d->store, "ior");
	return r;
}

void discovery_routes_free(struct routes *r)
{
	if (!r)
		return;
	timer_stop(&r->timer);
	executor_free(r->executor);
	free(r);
}

void discovery_routes_kick(struct routes *r)
{
	if (r->executor && !timer_active(&r->timer))
		timer_start(r->d->loop, &r->timer, LOOK_MS, look);
}
