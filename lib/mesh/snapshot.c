/* Building of snapshots: which index is new and which is shared with the snapshot before. */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#include "api/cluster/discovery.h"
#include "mesh/changes.h"
#include "mesh/snapshot_internal.h"

static const struct {
	const struct api_kind *kind;
	unsigned change;
} kinds[] = {
	{&api_kind_service, CHANGE_SERVICE},
	{&api_kind_endpoint_slice, CHANGE_ENDPOINT},
	{&api_kind_workload_entry, CHANGE_ENDPOINT},
	{&api_kind_pod, CHANGE_POD},
	{&api_kind_service_entry, CHANGE_ENTRY},
	{&api_kind_virtual_service, CHANGE_VIRTUAL_SERVICE},
	{&api_kind_destination_rule, CHANGE_DESTINATION_RULE},
	{&api_kind_gateway, CHANGE_GATEWAY},
	{&api_kind_sidecar, CHANGE_SIDECAR},
	{&api_kind_peer_authentication, CHANGE_PEER_AUTH},
	{&api_kind_secret, CHANGE_SECRET},
	{&api_kind_authorization_policy, CHANGE_AUTHZ},
	{&api_kind_request_authentication, CHANGE_REQUEST_AUTH},
	{&api_kind_envoy_filter, CHANGE_ENVOY_FILTER},
	{&api_kind_telemetry, CHANGE_TELEMETRY},
};

#define DEPENDS_SERVICES (CHANGE_MESH | CHANGE_SERVICE | CHANGE_ENTRY)
#define DEPENDS_WORKLOADS (CHANGE_MESH | CHANGE_POD)
#define DEPENDS_ENDPOINTS (CHANGE_MESH | CHANGE_SERVICE | CHANGE_ENTRY | CHANGE_ENDPOINT | CHANGE_POD)
#define DEPENDS_POLICIES                                                                                               \
	(CHANGE_MESH | CHANGE_VIRTUAL_SERVICE | CHANGE_DESTINATION_RULE | CHANGE_GATEWAY | CHANGE_SIDECAR |            \
	 CHANGE_PEER_AUTH | CHANGE_AUTHZ | CHANGE_REQUEST_AUTH | CHANGE_ENVOY_FILTER | CHANGE_TELEMETRY)

unsigned mesh_change_of(const struct api_kind *kind)
{
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
		if (kinds[i].kind == kind)
			return kinds[i].change;
	return 0;
}

void index_hold(struct index *i, const struct api_object *o)
{
	vec_push(&i->held, api_object_ref(o));
}

void index_done(struct index *i)
{
	for (size_t k = 0; k < i->held.n; k++)
		api_object_unref(i->held.v[k]);
	vec_done(&i->held);
	arena_done(&i->arena);
}

static void services_unref(struct service_index *x)
{
	if (!x || --x->head.refs)
		return;
	vec_done(&x->v);
	vec_done(&x->aliases);
	vec_done(&x->of_pods);
	map_done(&x->by_host);
	index_done(&x->head);
	free(x);
}

static void endpoints_unref(struct endpoint_index *x)
{
	if (!x || --x->head.refs)
		return;
	for (size_t i = 0; i < x->n; i++)
		endpoint_group_unref(x->v[i]);
	free(x->v);
	free(x);
}

static void workloads_unref(struct workload_index *x)
{
	if (!x || --x->head.refs)
		return;
	vec_done(&x->v);
	index_done(&x->head);
	free(x);
}

void policies_unref(struct policy_index *x)
{
	if (!x || --x->head.refs)
		return;
	vec_done(&x->virtual_services);
	vec_done(&x->destination_rules);
	vec_done(&x->gateways);
	vec_done(&x->sidecars);
	vec_done(&x->peer_auths);
	map_done(&x->peer_auths_in);
	vec_done(&x->authz);
	vec_done(&x->request_auths);
	vec_done(&x->envoy_filters);
	vec_done(&x->telemetries);
	vec_done(&x->near_labels);
	map_done(&x->by_name);
	policies_unref(x->base);
	index_done(&x->head);
	free(x);
}

/* The index of the snapshot before when its inputs are the same, else a new one. */
#define REUSE_OR_BUILD(member, depends, build_fn)                                                                      \
	do {                                                                                                           \
		if (prev && !(changed & (depends))) {                                                                  \
			assert(prev->member->head.refs > 0);                                                           \
			s->member = prev->member;                                                                      \
			s->member->head.refs++;                                                                        \
		} else {                                                                                               \
			s->member = build_fn(&b);                                                                      \
		}                                                                                                      \
	} while (0)

/* Which pods are others, where that is known. */
static void note_pods(struct snapshot *s, const struct mesh_changes *what)
{
	struct map_entry *e;

	s->moved_pods = mem_calloc(what->pods.n + 1, sizeof(s->moved_pods[0]));
	for (size_t i = 0; (e = map_next(&what->pods, &i));)
		s->moved_pods[s->n_moved_pods++] = *(const uint64_t *)e->value;
}

static void set_endpoints(struct build *b, const struct snapshot *prev, unsigned changed,
			  const struct mesh_changes *what)
{
	struct snapshot *s = b->snap;

	if (what && !what->all)
		note_pods(s, what);
	if (prev && !(changed & DEPENDS_ENDPOINTS)) {
		s->endpoints = prev->endpoints;
		s->endpoints->head.refs++;
	} else if (prev && what && !what->all && s->services == prev->services && !(changed & CHANGE_MESH)) {
		s->endpoints = build_endpoints_after(b, prev->endpoints, what, changed & CHANGE_POD);
	} else {
		s->endpoints = build_endpoints(b);
		s->moved_all = true;
	}
}

struct snapshot *snapshot_build(struct store *st, const struct snapshot *prev, unsigned changed,
				const struct mesh_changes *what, struct mesh_config *mesh, mesh_member_fn is_member,
				void *arg)
{
	struct snapshot *s = NEW(struct snapshot);
	struct build b = {.store = st, .mesh = mesh, .is_member = is_member, .arg = arg, .snap = s};

	s->refs = 1;
	s->version = prev ? prev->version + 1 : 1;
	s->changed = prev ? changed : CHANGE_ALL;
	s->mesh = mesh_config_ref(mesh);
	REUSE_OR_BUILD(services, DEPENDS_SERVICES, build_services);
	REUSE_OR_BUILD(workloads, DEPENDS_WORKLOADS, build_workloads);
	set_endpoints(&b, prev, changed, what);
	REUSE_OR_BUILD(policies, DEPENDS_POLICIES, build_policies);
	return s;
}

void snapshot_set_keys(struct snapshot *s, struct mesh_keys *keys)
{
	mesh_keys_unref(s->keys);
	s->keys = mesh_keys_ref(keys);
}

struct snapshot *snapshot_ref(struct snapshot *s)
{
	assert(s->refs > 0);
	s->refs++;
	return s;
}

void snapshot_unref(struct snapshot *s)
{
	assert(!s || s->refs > 0);
	if (!s || --s->refs)
		return;
	services_unref(s->services);
	endpoints_unref(s->endpoints);
	workloads_unref(s->workloads);
	policies_unref(s->policies);
	mesh_keys_unref(s->keys);
	mesh_config_unref(s->mesh);
	free(s->moved);
	free(s->moved_pods);
	free(s);
}

const struct mesh_object *snapshot_object(const struct snapshot *s, const struct api_kind *kind, const char *ns,
					  const char *name)
{
	return policies_find(s->policies, kind, ns, name);
}

const struct service *snapshot_service(const struct snapshot *s, const char *host)
{
	return host ? map_get(&s->services->by_host, slice_str(host)) : NULL;
}

const struct service *snapshot_service_seen(const struct snapshot *s, const char *host, const char *from)
{
	const struct service *svc = snapshot_service(s, host);

	while (svc && !service_visible(svc, from))
		svc = svc->next;
	return svc;
}

bool service_visible(const struct service *svc, const char *to)
{
	return export_visible(svc->export_to, svc->n_export_to, svc->ns, to);
}

const struct service_port *service_port(const struct service *svc, uint16_t port)
{
	for (size_t i = 0; i < svc->n_ports; i++)
		if (svc->ports[i].port == port)
			return &svc->ports[i];
	return NULL;
}
