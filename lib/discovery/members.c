/*
 * Membership: the control plane's namespace and those that the member roll says are configured. Each namespace has its
 * own reflectors, so that no right beyond the members is needed. Or, cluster-wide, all namespaces, or those with labels
 * that the mesh's discoverySelectors ask for: one set of reflectors, and one of the namespaces.
 */
#include <stdlib.h>

#include "api/maistra/maistra.h"
#include "discovery/internal.h"

#define KINDS_MAX 24
/* Tokens and charts are no certificates. */
#define SECRETS "type!=kubernetes.io/service-account-token,type!=helm.sh/release.v1"

/* Watched in every namespace of the mesh. Custom resources may not be installed, and appear later. */
static const struct api_kind *const mesh_kinds[] = {
	&api_kind_service,
	&api_kind_endpoint_slice,
	&api_kind_pod,
	&api_kind_config_map,
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

struct member {
	struct list link;
	char *ns; /* NULL = all */
	struct reflector *v[KINDS_MAX];
	size_t n;
	struct reflector *secrets; /* one of v; NULL = not followed */
};

struct members {
	struct discovery *d;
	struct list list;
	struct reflector *roll;       /* NULL: cluster-wide, and then */
	struct reflector *namespaces; /* all */
	bool selected;                /* the mesh is of the namespaces in this set only, and of the control plane's */
	struct map chosen;            /* name -> itself */
	struct arena arena;           /* of the names */
};

static void watch(struct members *m, struct member *x, const struct api_kind *kind, const char *fields)
{
	const struct reflector_options o = {
		.kind = kind,
		.ns = x->ns,
		.field_selector = fields,
		.served = api_kind_optional(kind) ? m->d->served : NULL,
	};

	x->v[x->n++] = reflector_new(m->d->loop, m->d->kube, m->d->store, &o);
}

static void watch_secrets(struct members *m, struct member *x)
{
	watch(m, x, &api_kind_secret, SECRETS);
	x->secrets = x->v[x->n - 1];
}

static struct member *add(struct members *m, const char *ns)
{
	struct member *x = NEW(struct member);

	x->ns = mem_strdup(ns);
	for (size_t i = 0; i < ARRAY_LEN(mesh_kinds); i++)
		watch(m, x, mesh_kinds[i], NULL);
	if (m->d->cfg.routes)
		watch(m, x, &api_kind_route, NULL);
	if (!ns || strcmp(ns, m->d->cfg.ns) == 0)
		watch_secrets(m, x);
	list_append(&m->list, &x->link);
	return x;
}

static void drop(struct member *x, bool forget)
{
	for (size_t i = 0; i < x->n; i++)
		reflector_free(x->v[i], forget);
	list_remove(&x->link);
	free(x->ns);
	free(x);
}

struct members *discovery_members_new(struct discovery *d)
{
	struct members *m = NEW(struct members);

	m->d = d;
	list_init(&m->list);
	if (!d->cfg.member_roll) {
		add(m, NULL);
		m->namespaces = reflector_new(d->loop, d->kube, d->store,
					      &(struct reflector_options){.kind = &api_kind_namespace});
		return m;
	}
	add(m, d->cfg.ns);
	m->roll = reflector_new(
		d->loop, d->kube, d->store,
		&(struct reflector_options){.kind = &api_kind_smmr, .ns = d->cfg.ns, .served = d->served});
	return m;
}

void discovery_members_free(struct members *m)
{
	struct member *x, *tmp;

	if (!m)
		return;
	LIST_EACH_SAFE (x, tmp, &m->list, link)
		drop(x, false);
	reflector_free(m->roll, false);
	reflector_free(m->namespaces, false);
	map_done(&m->chosen);
	arena_done(&m->arena);
	free(m);
}

static const struct maistra_smmr_status *roll_status(const struct members *m)
{
	const struct api_object *o = store_get(m->d->store, &api_kind_smmr, m->d->cfg.ns, m->d->cfg.member_roll);
	const struct maistra_smmr *r = o ? API_VALUE(o, smmr, maistra_smmr) : NULL;

	return r ? r->status : NULL;
}

static bool wanted(const struct members *m, const struct maistra_smmr_status *s, const char *ns)
{
	if (strcmp(ns, m->d->cfg.ns) == 0)
		return true;
	for (size_t i = 0; s && i < s->configured_members.n; i++)
		if (strcmp(s->configured_members.v[i], ns) == 0)
			return true;
	return false;
}

static bool is_chosen(const struct members *m, const struct api_object *ns)
{
	const struct istio_mesh_config *mesh = &m->d->mesh->spec;

	for (size_t i = 0; i < mesh->discovery_selectors.n; i++)
		if (meta_selector_matches(&mesh->discovery_selectors.v[i], &ns->meta->labels))
			return true;
	return false;
}

/* Cluster-wide: asks all namespaces for their labels again. */
static bool choose(struct members *m)
{
	const bool selected = m->d->mesh->spec.discovery_selectors.n;
	const struct store_range all = store_list(m->d->store, &api_kind_namespace, NULL);
	struct arena arena = ARENA_INIT;
	struct map now = {0};
	bool changed = selected != m->selected;

	for (size_t i = 0; selected && i < all.n; i++) {
		char *name = arena_strdup(&arena, api_object_name(all.v[i]));

		if (!is_chosen(m, all.v[i]))
			continue;
		map_set(&now, slice_str(name), name);
		changed |= !map_get(&m->chosen, slice_str(name));
	}
	changed |= now.n != m->chosen.n;
	map_done(&m->chosen);
	arena_done(&m->arena);
	m->selected = selected;
	m->chosen = now;
	m->arena = arena;
	return changed;
}

bool discovery_members_update(struct members *m)
{
	const struct maistra_smmr_status *s;
	struct member *x, *tmp;
	bool changed = false;

	if (!m->roll)
		return choose(m);
	s = roll_status(m);
	LIST_EACH_SAFE (x, tmp, &m->list, link) {
		if (wanted(m, s, x->ns))
			continue;
		log_info("members", "namespace %s left the mesh", x->ns);
		drop(x, true);
		changed = true;
	}
	for (size_t i = 0; s && i < s->configured_members.n; i++) {
		if (discovery_members_has(m, s->configured_members.v[i]))
			continue;
		log_info("members", "namespace %s joined the mesh", s->configured_members.v[i]);
		add(m, s->configured_members.v[i]);
		changed = true;
	}
	return changed;
}

bool discovery_members_has(const struct members *m, const char *ns)
{
	const struct member *x;

	if (!m->roll)
		return !m->selected || strcmp(ns, m->d->cfg.ns) == 0 || map_get(&m->chosen, slice_str(ns));
	LIST_EACH (x, &m->list, link)
		if (strcmp(x->ns, ns) == 0)
			return true;
	return false;
}

bool discovery_members_secrets(struct members *m, const char *ns)
{
	struct member *x;

	LIST_EACH (x, &m->list, link) {
		if (x->ns && strcmp(x->ns, ns) != 0)
			continue;
		if (!x->secrets)
			watch_secrets(m, x);
		return reflector_synced(x->secrets);
	}
	return false;
}

bool discovery_members_lists(const struct members *m, const char *ns)
{
	/* The cluster's own, where no workloads of users are. */
	static const char *const never[] = {"kube-system", "kube-public", "kube-node-lease"};

	for (size_t i = 0; !m->roll && i < ARRAY_LEN(never); i++)
		if (strcmp(never[i], ns) == 0)
			return false;
	return discovery_members_has(m, ns) && (m->roll || store_get(m->d->store, &api_kind_namespace, "", ns));
}

void discovery_members_each(const struct members *m, void (*fn)(void *arg, const char *ns), void *arg)
{
	const struct member *x;

	if (!m->roll) {
		const struct store_range all = store_list(m->d->store, &api_kind_namespace, NULL);

		for (size_t i = 0; i < all.n; i++)
			if (discovery_members_lists(m, api_object_name(all.v[i])))
				fn(arg, api_object_name(all.v[i]));
		return;
	}
	LIST_EACH (x, &m->list, link)
		fn(arg, x->ns);
}
