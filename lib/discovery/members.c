/*
 * Membership: the control plane's namespace and those that the member roll says are configured. Or, cluster-wide, all
 * namespaces, or those with labels that the mesh's discoverySelectors ask for.
 *
 * Where the mesh has several control planes (revisions), each knows the members of all; objects in a namespace are
 * written by the one alone that has it: whose roll says that it is configured, or, cluster-wide, whose the namespace's
 * label is.
 *
 *   new --(the roll, or namespaces and mesh configuration, are read; it is known what may be read)--> begun
 */
#include <stdlib.h>

#include "api/cluster/auth.h"
#include "api/maistra/maistra.h"
#include "discovery/internal.h"

#define ACCESS_LOOK_MS 60000 /* rights may be given and taken */
#define ACCESS_RETRY_MS 1000
#define LABEL_MEMBER_OF "maistra.io/member-of"

/* How much may be watched at once. */
enum scope { SCOPE_ASKED, SCOPE_NAMESPACE, SCOPE_CLUSTER };

struct members {
	struct discovery *d;
	struct watches *watches;
	struct reflector *roll;       /* NULL: cluster-wide, and then */
	struct reflector *namespaces; /* all */
	struct map names;             /* name -> itself; of all namespaces none, when there is no choice */
	struct map shared;            /* those that another revision has */
	struct arena arena;           /* of the names */
	bool selected;                /* names are a choice */
	bool begun;
	enum scope scope, begun_scope;
	size_t asked; /* kinds that are known to be readable */
	struct kube_call *call;
	struct timer look;
};

/* --- what may be read --- */

static void ask(struct members *m);

static void on_look(struct timer *t)
{
	struct members *m = CONTAINER_OF(t, struct members, look);

	m->asked = 0;
	ask(m);
}

static void answered(struct members *m, enum scope scope)
{
	if (m->scope != scope)
		log_info("members", "%s",
			 scope == SCOPE_CLUSTER ? "what is watched is watched for the whole cluster"
						: "each namespace is watched by itself");
	m->scope = scope;
	timer_start(m->d->loop, &m->look, ACCESS_LOOK_MS, on_look);
	if (m->d->on_membership)
		timer_start(m->d->loop, &m->d->membership, 0, m->d->on_membership);
}

static void on_access(void *arg, struct kube_result *res)
{
	struct members *m = arg;

	m->call = NULL;
	if (res->reason != KUBE_OK && res->reason != KUBE_FORBIDDEN && res->reason != KUBE_NOT_FOUND) {
		timer_start(m->d->loop, &m->look, ACCESS_RETRY_MS, on_look);
		return;
	}
	if (!discovery_review_allowed(res))
		answered(m, SCOPE_NAMESPACE);
	else if (++m->asked < discovery_watches_kinds(m->d))
		ask(m);
	else
		answered(m, SCOPE_CLUSTER);
}

/* One kind after the other: the first that may not be watched everywhere decides. */
static void ask(struct members *m)
{
	m->call = discovery_review_watch(m->d, discovery_watches_kind(m->asked), on_access, m);
}

/* --- lifetime --- */

struct members *discovery_members_new(struct discovery *d)
{
	struct members *m = NEW(struct members);

	m->d = d;
	m->watches = discovery_watches_new(d);
	if (!d->cfg.member_roll) {
		m->scope = SCOPE_CLUSTER;
		m->namespaces = reflector_new(d->loop, d->kube, d->store,
					      &(struct reflector_options){.kind = &api_kind_namespace});
		return m;
	}
	m->selected = true;
	m->roll = reflector_new(
		d->loop, d->kube, d->store,
		&(struct reflector_options){.kind = &api_kind_smmr, .ns = d->cfg.ns, .served = d->served});
	ask(m);
	return m;
}

void discovery_members_free(struct members *m)
{
	if (!m)
		return;
	kube_call_cancel(m->call);
	timer_stop(&m->look);
	discovery_watches_free(m->watches);
	reflector_free(m->roll, false);
	reflector_free(m->namespaces, false);
	map_done(&m->names);
	map_done(&m->shared);
	arena_done(&m->arena);
	free(m);
}

/* --- who belongs to it --- */

static const struct maistra_smmr_status *roll_status(const struct members *m)
{
	const struct api_object *o = store_get(m->d->store, &api_kind_smmr, m->d->cfg.ns, m->d->cfg.member_roll);
	const struct maistra_smmr *r = o ? API_VALUE(o, smmr, maistra_smmr) : NULL;

	return r ? r->status : NULL;
}

static bool is_chosen(const struct members *m, const struct api_object *ns)
{
	const struct istio_mesh_config *mesh = &m->d->mesh->spec;

	for (size_t i = 0; i < mesh->discovery_selectors.n; i++)
		if (meta_selector_matches(&mesh->discovery_selectors.v[i], &ns->meta->labels))
			return true;
	return false;
}

static void add_name(struct map *names, struct arena *a, const char *ns)
{
	char *name = arena_strdup(a, ns);

	map_set(names, slice_str(name), name);
}

static void listed(struct members *m)
{
	const struct maistra_smmr_status *s = roll_status(m);

	for (size_t i = 0; s && i < s->configured_members.n; i++)
		add_name(&m->names, &m->arena, s->configured_members.v[i]);
	for (size_t i = 0; s && i < s->shared_members.n; i++) {
		add_name(&m->names, &m->arena, s->shared_members.v[i]);
		add_name(&m->shared, &m->arena, s->shared_members.v[i]);
	}
}

/* Asks all namespaces for their labels. */
static void chosen(const struct members *m, struct map *names, struct arena *a)
{
	const struct store_range all = store_list(m->d->store, &api_kind_namespace, NULL);

	for (size_t i = 0; i < all.n; i++)
		if (is_chosen(m, all.v[i]))
			add_name(names, a, api_object_name(all.v[i]));
}

/* Cluster-wide the label says whose a namespace is; what has none is not a revision's that stands beside another. */
static void labelled(struct members *m)
{
	const struct store_range all = store_list(m->d->store, &api_kind_namespace, NULL);

	for (size_t i = 0; i < all.n; i++) {
		const char *name = api_object_name(all.v[i]), *of = api_object_label(all.v[i], LABEL_MEMBER_OF);

		if (!discovery_members_own(m, name) && (of ? strcmp(of, m->d->cfg.ns) != 0 : m->d->revision_of))
			add_name(&m->shared, &m->arena, name);
	}
}

/* Brings the watches from the names that were to those that are. */
static bool follow(struct members *m, const struct map *before, bool all_before)
{
	struct map_entry *e;
	bool changed = all_before == m->selected, left = false;

	for (size_t i = 0; (e = map_next(before, &i));) {
		if (discovery_members_has(m, e->value))
			continue;
		log_info("members", "namespace %s left the mesh", (char *)e->value);
		discovery_watches_leave(m->watches, e->value);
		left = true;
	}
	if (left || (all_before && m->selected))
		discovery_watches_left(m->watches);
	for (size_t i = 0; (e = map_next(&m->names, &i));) {
		if (map_get(before, e->key) || discovery_members_own(m, e->value))
			continue;
		log_info("members", "namespace %s joined the mesh", (char *)e->value);
		changed = true;
		if (!all_before)
			discovery_watches_join(m->watches, e->value);
	}
	return changed || left;
}

/* A choice that is none any more: everything there is belongs to it. */
static void join_all(struct members *m)
{
	const struct store_range all = store_list(m->d->store, &api_kind_namespace, NULL);

	for (size_t i = 0; i < all.n; i++)
		discovery_watches_join(m->watches, api_object_name(all.v[i]));
}

static bool known(const struct members *m)
{
	if (m->roll)
		return reflector_synced(m->roll);
	return reflector_synced(m->namespaces) && discovery_watches_synced(m->watches);
}

static bool same_names(const struct map *a, const struct map *b)
{
	struct map_entry *e;

	for (size_t i = 0; (e = map_next(a, &i));)
		if (!map_get(b, e->key))
			return false;
	return a->n == b->n;
}

bool discovery_members_update(struct members *m)
{
	struct map before = m->names, shared = m->shared;
	struct arena arena = m->arena;
	const bool all_before = !m->selected, begun = m->begun;
	bool changed = true;

	if (!known(m) || m->scope == SCOPE_ASKED)
		return false;
	m->names = (struct map){0};
	m->shared = (struct map){0};
	m->arena = (struct arena)ARENA_INIT;
	m->selected = m->roll || m->d->mesh->spec.discovery_selectors.n;
	if (m->roll)
		listed(m);
	else if (m->selected)
		chosen(m, &m->names, &m->arena);
	if (!m->roll)
		labelled(m);
	m->begun = true;
	if (begun)
		changed = follow(m, &before, all_before);
	if (!begun || m->begun_scope != m->scope)
		discovery_watches_begin(m->watches, m->scope == SCOPE_CLUSTER);
	else if (!all_before && !m->selected)
		join_all(m);
	m->begun_scope = m->scope;
	if (begun && !same_names(&shared, &m->shared))
		discovery_status_kick(m->d->status); /* what another one wrote is ours to write now */
	map_done(&before);
	map_done(&shared);
	arena_done(&arena);
	return changed;
}

bool discovery_members_own(const struct members *m, const char *ns)
{
	return strcmp(ns, m->d->cfg.ns) == 0;
}

bool discovery_members_has(const struct members *m, const char *ns)
{
	return !m->selected || discovery_members_own(m, ns) || map_get(&m->names, slice_str(ns));
}

bool discovery_members_writes(const struct members *m, const char *ns)
{
	return discovery_members_has(m, ns) && !map_get(&m->shared, slice_str(ns));
}

bool discovery_members_shares(const struct members *m)
{
	return m->shared.n > 0;
}

bool discovery_members_secrets(struct members *m, const char *ns)
{
	return discovery_members_has(m, ns) && discovery_watches_secrets(m->watches, ns);
}

bool discovery_members_secrets_denied(const struct members *m, const char *ns)
{
	return discovery_watches_secrets_denied(m->watches, ns);
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
	struct map_entry *e;

	if (!m->roll) {
		const struct store_range all = store_list(m->d->store, &api_kind_namespace, NULL);

		for (size_t i = 0; i < all.n; i++)
			if (discovery_members_lists(m, api_object_name(all.v[i])))
				fn(arg, api_object_name(all.v[i]));
		return;
	}
	fn(arg, m->d->cfg.ns);
	for (size_t i = 0; (e = map_next(&m->names, &i));)
		if (!discovery_members_own(m, e->value))
			fn(arg, e->value);
}
