/* What is watched: the kinds below, in all namespaces of which those of the mesh's members are kept, or in each member.
 */
#include <stdlib.h>
#include <string.h>

#include "api/core/core.h"
#include "api/maistra/maistra.h"
#include "base/mem.h"
#include "base/vec.h"
#include "console/mesh/mesh_internal.h"
#include "kube/reflector.h"
#include "kube/served.h"

/* Of pods no page shows what is below: two thirds of what is said of one. */
static const struct msg_desc *const not_of_pods[] = {
	&meta_managed_fields_entry_desc,
	&meta_owner_reference_desc,
	&core_volume_desc,
	&core_volume_mount_desc,
	&core_volume_device_desc,
	&core_env_var_desc,
	&core_env_from_source_desc,
	&core_resource_requirements_desc,
	&core_container_port_desc,
	&core_probe_desc,
	&core_lifecycle_desc,
	&core_security_context_desc,
	&core_pod_security_context_desc,
	&core_affinity_desc,
	&core_toleration_desc,
	&core_container_state_running_desc,
	&core_container_state_terminated_desc,
	NULL,
};
/* Of workloads their pods are shown. */
static const struct msg_desc *const not_of_workloads[] = {&meta_managed_fields_entry_desc, &core_pod_spec_desc, NULL};

static const struct {
	const struct api_kind *kind;
	const struct msg_desc *const *without;
} core_kinds[] = {
	{&api_kind_pod, not_of_pods},
	{&api_kind_service, NULL},
	{&api_kind_deployment, not_of_workloads},
	{&api_kind_stateful_set, not_of_workloads},
	{&api_kind_daemon_set, not_of_workloads},
};

#define KINDS_MAX 24

/* The watches of one namespace, or of all. */
struct watched {
	char *ns; /* NULL = all */
	struct reflector *v[KINDS_MAX];
	size_t n;
};

struct mesh {
	struct loop *loop;
	struct kube_client *client;
	char *ns;
	bool wide;
	struct store *store;
	struct served *served;
	struct reflector *roll;
	VEC(struct watched *) watched;
	struct store_watch watch;
	VEC(char *) members; /* of the roll; empty without one: all are */
	bool has_roll;
};

static void forget_members(struct mesh *m)
{
	for (size_t i = 0; i < m->members.n; i++)
		free(m->members.v[i]);
	vec_done(&m->members);
}

static bool is_member(const struct mesh *m, const char *ns)
{
	for (size_t i = 0; i < m->members.n; i++)
		if (strcmp(m->members.v[i], ns) == 0)
			return true;
	return strcmp(ns, m->ns) == 0;
}

bool mesh_has(const struct mesh *m, const char *ns)
{
	return is_member(m, ns) || (m->wide && !m->has_roll);
}

static bool wanted(void *arg, const char *ns)
{
	return mesh_has(arg, ns);
}

static void watch_kind(struct mesh *m, struct watched *x, const struct api_kind *kind,
		       const struct msg_desc *const *without)
{
	const struct reflector_options o = {
		.kind = kind,
		.ns = x->ns,
		.served = api_kind_optional(kind) ? m->served : NULL,
		.wanted = x->ns ? NULL : wanted,
		.arg = m,
		.without = without,
	};

	x->v[x->n++] = reflector_new(m->loop, m->client, m->store, &o);
}

static void watch_namespace(struct mesh *m, const char *ns)
{
	struct watched *x = NEW(struct watched);

	x->ns = mem_strdup(ns);
	for (size_t i = 0; i < ARRAY_LEN(core_kinds); i++)
		watch_kind(m, x, core_kinds[i].kind, core_kinds[i].without);
	for (size_t i = 0; i < mesh_n_config_kinds; i++)
		watch_kind(m, x, mesh_config_kinds[i], NULL);
	vec_push(&m->watched, x);
}

static void watched_free(struct watched *x, bool forget)
{
	for (size_t i = 0; i < x->n; i++)
		reflector_free(x->v[i], forget);
	free(x->ns);
	free(x);
}

static void read_roll(struct mesh *m)
{
	const struct store_range rolls = store_list(m->store, &api_kind_smmr, m->ns);

	m->has_roll = rolls.n > 0;
	for (size_t i = 0; i < rolls.n; i++) {
		const struct maistra_smmr *roll = API_VALUE(rolls.v[i], smmr, maistra_smmr);

		for (size_t k = 0; roll && roll->status && k < roll->status->configured_members.n; k++)
			vec_push(&m->members, mem_strdup(roll->status->configured_members.v[k]));
	}
}

/* Each member has watches of its own. */
static void follow_members(struct mesh *m)
{
	for (size_t i = m->watched.n; i-- > 0;) {
		struct watched *x = m->watched.v[i];

		if (is_member(m, x->ns))
			continue;
		vec_remove(&m->watched, i);
		watched_free(x, true);
	}
	for (size_t i = 0; i < m->members.n; i++) {
		bool known = false;

		for (size_t k = 0; k < m->watched.n; k++)
			known |= strcmp(m->watched.v[k]->ns, m->members.v[i]) == 0;
		if (!known)
			watch_namespace(m, m->members.v[i]);
	}
}

/* Who is new is fetched; who has left is forgotten. */
static void on_roll(struct store_watch *w, const struct store_key *key)
{
	struct mesh *m = CONTAINER_OF(w, struct mesh, watch);
	struct mesh old = {
		.members = {m->members.v, m->members.n, m->members.cap}, .ns = m->ns, .has_roll = m->has_roll};

	(void)key;
	m->members.v = NULL;
	m->members.n = m->members.cap = 0;
	read_roll(m);
	if (!m->wide)
		follow_members(m);
	for (size_t k = 0; m->wide && k < m->watched.v[0]->n; k++) {
		for (size_t i = 0; old.has_roll && i < m->members.n; i++)
			if (!is_member(&old, m->members.v[i]))
				reflector_join(m->watched.v[0]->v[k], m->members.v[i]);
		reflector_refilter(m->watched.v[0]->v[k]);
	}
	forget_members(&old);
}

struct mesh *mesh_new(struct loop *l, struct kube_client *c, const char *ns, bool wide)
{
	struct mesh *m = NEW(struct mesh);

	m->loop = l;
	m->client = c;
	m->ns = mem_strdup(ns);
	m->wide = wide;
	m->store = store_new();
	m->served = served_new(l, c);
	watch_namespace(m, wide ? NULL : m->ns);
	m->watch = (struct store_watch){.kind = &api_kind_smmr, .fn = on_roll};
	store_subscribe(m->store, &m->watch);
	m->roll = reflector_new(l, c, m->store,
				&(struct reflector_options){.kind = &api_kind_smmr, .ns = m->ns, .served = m->served});
	return m;
}

void mesh_free(struct mesh *m)
{
	if (!m)
		return;
	store_unsubscribe(&m->watch);
	for (size_t i = 0; i < m->watched.n; i++)
		watched_free(m->watched.v[i], false);
	vec_done(&m->watched);
	reflector_free(m->roll, false);
	served_free(m->served);
	store_free(m->store);
	forget_members(m);
	free(m->ns);
	free(m);
}

struct store *mesh_store(const struct mesh *m)
{
	return m->store;
}

static void each_with_objects(const struct mesh *m, void (*each)(void *to, const char *ns), void *to)
{
	const struct store_range services = store_list(m->store, &api_kind_service, NULL);
	const char *last = m->ns;

	for (size_t i = 0; i < services.n; i++) {
		const char *ns = api_object_namespace(services.v[i]);

		if (strcmp(ns, last) == 0 || strcmp(ns, m->ns) == 0)
			continue;
		each(to, ns);
		last = ns;
	}
}

void mesh_each_namespace(const struct mesh *m, void (*each)(void *to, const char *ns), void *to)
{
	each(to, m->ns);
	if (m->wide && !m->has_roll)
		each_with_objects(m, each, to);
	for (size_t i = 0; i < m->members.n; i++)
		if (strcmp(m->members.v[i], m->ns) != 0)
			each(to, m->members.v[i]);
}

const char *mesh_trouble(const struct mesh *m)
{
	for (size_t k = 0; k < m->watched.n; k++)
		for (size_t i = 0; i < m->watched.v[k]->n; i++)
			if (reflector_forbidden(m->watched.v[k]->v[i]))
				return "the console's service account may not list all kinds that it shows: see its "
				       "ClusterRole";
	if (!store_synced(m->store, NULL))
		return "the API server has not answered all lists yet";
	return "";
}
