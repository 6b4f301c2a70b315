/*
 * What is watched. Where the control plane may read the whole cluster: each kind once, of which only what belongs to
 * the mesh is kept. Else each kind in each namespace of the mesh, so that no right beyond the members is needed. Of
 * ConfigMaps those of the control plane and the one with the roots; Secrets only where the control plane or a gateway
 * is.
 */
#include <stdlib.h>

#include "discovery/internal.h"

#define KINDS_MAX 24
/* Tokens and charts are no certificates. */
#define SECRETS "type!=kubernetes.io/service-account-token,type!=helm.sh/release.v1"
#define ROOT_MAPS "metadata.name=istio-ca-root-cert"

/* Custom resources may not be installed, and appear later. */
static const struct api_kind *const mesh_kinds[] = {
	&api_kind_service,
	&api_kind_endpoint_slice,
	&api_kind_pod,
	&api_kind_virtual_service,
	&api_kind_destination_rule,
	&api_kind_gateway,
	&api_kind_service_entry,
	&api_kind_sidecar,
	&api_kind_peer_authentication,
	&api_kind_authorization_policy,
	&api_kind_request_authentication,
	&api_kind_envoy_filter,
	&api_kind_telemetry,
	&api_kind_wasm_plugin,
	&api_kind_workload_entry,
	&api_kind_workload_group,
	&api_kind_proxy_config,
};

/* Of nodes labels alone are read. */
static const struct msg_desc *const not_of_nodes[] = {&meta_managed_fields_entry_desc, &core_node_spec_desc,
						      &core_node_status_desc, NULL};

/* The reflectors of one namespace, or with ns NULL of all. */
struct watched {
	struct reflector *v[KINDS_MAX];
	size_t n;
	char *ns;
};

struct watches {
	struct discovery *d;
	struct reflector *config_maps; /* of the control plane */
	struct reflector *nodes;       /* where they are */
	struct watched *all;           /* NULL: each namespace by itself */
	struct map each;               /* namespace -> struct watched */
	struct map secrets;            /* the same, of secrets alone */
	bool begun;
};

size_t discovery_watches_kinds(const struct discovery *d)
{
	return ARRAY_LEN(mesh_kinds) + d->cfg.routes;
}

const struct api_kind *discovery_watches_kind(size_t i)
{
	return i < ARRAY_LEN(mesh_kinds) ? mesh_kinds[i] : &api_kind_route;
}

static bool belongs(void *arg, const char *ns)
{
	return discovery_members_has(arg, ns);
}

/* The control plane's own namespace has a reflector of all its ConfigMaps. */
static bool belongs_elsewhere(void *arg, const char *ns)
{
	const struct members *m = arg;

	return discovery_members_has(m, ns) && !discovery_members_own(m, ns);
}

static struct reflector *reflect(struct watches *w, const struct api_kind *kind, const char *ns, const char *fields)
{
	struct discovery *d = w->d;
	struct reflector_options o = {
		.kind = kind,
		.ns = ns,
		.field_selector = fields,
		.served = api_kind_optional(kind) ? d->served : NULL,
		.inherit = w->begun && kind != &api_kind_secret,
	};

	if (!ns) {
		o.wanted = kind == &api_kind_config_map ? belongs_elsewhere : belongs;
		o.arg = d->members;
	}
	return reflector_new(d->loop, d->kube, d->store, &o);
}

static void add(struct watches *w, struct watched *x, const struct api_kind *kind, const char *fields)
{
	x->v[x->n++] = reflect(w, kind, x->ns, fields);
}

static struct watched *watch(struct watches *w, const char *ns)
{
	struct watched *x = NEW(struct watched);

	x->ns = mem_strdup(ns);
	for (size_t i = 0; i < discovery_watches_kinds(w->d); i++)
		add(w, x, discovery_watches_kind(i), NULL);
	if (!ns || strcmp(ns, w->d->cfg.ns) != 0)
		add(w, x, &api_kind_config_map, ROOT_MAPS);
	return x;
}

static struct watched *watch_secrets(struct watches *w, const char *ns)
{
	struct watched *x = NEW(struct watched);

	x->ns = mem_strdup(ns);
	add(w, x, &api_kind_secret, SECRETS);
	map_set(&w->secrets, slice_str(x->ns), x);
	return x;
}

/* NULL is fine. */
static void drop(struct watched *x, bool forget)
{
	if (!x)
		return;
	for (size_t i = 0; i < x->n; i++)
		reflector_free(x->v[i], forget);
	free(x->ns);
	free(x);
}

static void drop_each(struct map *m)
{
	struct map_entry *e;

	for (size_t i = 0; (e = map_next(m, &i));)
		drop(e->value, false);
	map_done(m);
	*m = (struct map){0};
}

struct watches *discovery_watches_new(struct discovery *d)
{
	struct watches *w = NEW(struct watches);

	w->d = d;
	w->config_maps = reflect(w, &api_kind_config_map, d->cfg.ns, NULL);
	w->nodes = reflector_new(
		d->loop, d->kube, d->store,
		&(struct reflector_options){.kind = &api_kind_node, .without = not_of_nodes, .spare = true});
	watch_secrets(w, d->cfg.ns);
	/* Nothing is in sync before it is known of which namespaces it is to be. */
	store_expect(d->store, &api_kind_service);
	return w;
}

void discovery_watches_free(struct watches *w)
{
	if (!w)
		return;
	reflector_free(w->config_maps, false);
	reflector_free(w->nodes, false);
	drop(w->all, false);
	drop_each(&w->each);
	drop_each(&w->secrets);
	free(w);
}

static void watch_one(void *arg, const char *ns)
{
	struct watches *w = arg;
	struct watched *x = watch(w, ns);

	map_set(&w->each, slice_str(x->ns), x);
}

void discovery_watches_begin(struct watches *w, bool wide)
{
	drop(take(w->all), false);
	drop_each(&w->each);
	if (wide)
		w->all = watch(w, NULL);
	else
		discovery_members_each(w->d->members, watch_one, w);
	if (!w->begun)
		store_listed(w->d->store, &api_kind_service);
	w->begun = true;
}

bool discovery_watches_synced(const struct watches *w)
{
	return reflector_synced(w->config_maps);
}

void discovery_watches_join(struct watches *w, const char *ns)
{
	for (size_t i = 0; w->all && i < w->all->n; i++)
		reflector_join(w->all->v[i], ns);
	if (!w->all)
		watch_one(w, ns);
}

void discovery_watches_leave(struct watches *w, const char *ns)
{
	drop(map_remove(&w->each, slice_str(ns)), true);
	drop(map_remove(&w->secrets, slice_str(ns)), true);
}

void discovery_watches_left(struct watches *w)
{
	for (size_t i = 0; w->all && i < w->all->n; i++)
		reflector_refilter(w->all->v[i]);
}

bool discovery_watches_secrets(struct watches *w, const char *ns)
{
	const struct watched *x = map_get(&w->secrets, slice_str(ns));

	if (!x)
		x = watch_secrets(w, ns);
	return reflector_synced(x->v[0]);
}

bool discovery_watches_secrets_denied(const struct watches *w, const char *ns)
{
	const struct watched *x = map_get(&w->secrets, slice_str(ns));

	return x && reflector_forbidden(x->v[0]);
}
