/* Builders of the snapshot's indexes. */
#ifndef MESH_SNAPSHOT_INTERNAL_H
#define MESH_SNAPSHOT_INTERNAL_H

#include "mesh/snapshot.h"
#include "mesh/workload.h"

struct build {
	struct store *store;
	struct mesh_config *mesh;
	mesh_member_fn is_member;
	void *arg;
	struct snapshot *snap; /* indexes that are done already */
	bool *renewed;         /* by the service's number, while endpoints follow a change */
};

/* Each returns a new index with one reference. */
struct service_index *build_services(const struct build *b);
/* Gives addresses to entries without; the index is complete. */
void build_auto_addresses(struct service_index *x);
/* The index of the members' pods, with one reference. */
struct workload_index *build_workloads(const struct build *b);
/* The index of endpoints by service, with one reference; the services are built before. */
struct endpoint_index *build_endpoints(const struct build *b);
/*
 * The index that follows one of the same services: what has changed is built anew, the rest is shared. pods: some are
 * others. Says in the snapshot which services moved.
 */
struct endpoint_index *build_endpoints_after(struct build *b, const struct endpoint_index *before,
					     const struct mesh_changes *what, bool pods);
/* Gives a reference back. NULL is fine. */
void endpoint_group_unref(struct endpoint_group *g);
/* The index of the configuration objects, with one reference. */
struct policy_index *build_policies(const struct build *b);

/* The object of that name, or NULL; once the index is sorted. */
const struct mesh_object *policies_find(const struct policy_index *x, const struct api_kind *kind, const char *ns,
					const char *name);

/* Finds PeerAuthentications by namespace; once the list is whole and sorted. */
void policies_index_peer_auths(struct policy_index *x);
/* Gives a reference back. NULL is fine. */
void policies_unref(struct policy_index *x);
/* Puts delegates' routes into the VirtualServices that delegate to them; the list is sorted already. */
void delegates_merge(const struct build *b, struct policy_index *x);

/* What of the pod's inbound traffic goes through its sidecar; ports in the arena. */
struct workload_inbound pod_inbound(struct arena *a, const struct core_pod *pod);

/* Keeps the object alive as long as the index. */
void index_hold(struct index *i, const struct api_object *o);
/* Gives the held objects back and frees the arena. */
void index_done(struct index *i);

static inline bool build_member(const struct build *b, const struct api_object *o)
{
	return b->is_member(b->arg, api_object_namespace(o));
}

#endif
