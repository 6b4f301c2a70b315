/* Which namespaces a member roll means, and the objects that each of them gets. Pure. */
#ifndef OPERATOR_MEMBERS_H
#define OPERATOR_MEMBERS_H

#include "api/maistra/maistra.h"
#include "base/vec.h"
#include "operator/reconcile/reconcile.h"

#define ANNOTATION_CREATED_BY "maistra.io/created-by"
#define CREATED_BY_ROLL "servicemeshmemberroll-controller"
#define CREATED_BY_MEMBER "servicemeshmember-controller"

struct members {
	VEC(const char *) names; /* sorted, each once; borrowed from roll and store */
};

/* The namespaces that a roll in namespace mesh_ns selects, existing or not. */
void members_resolve(const struct store *s, const struct maistra_smmr_spec *spec, const char *mesh_ns,
		     const char *operator_ns, struct members *ret);
/* Brings names that were added into order, each once. */
void members_sort(struct members *m);
/* Whether the name is among them. */
bool members_have(const struct members *m, const char *ns);
/* Frees the list; the names are the store's. */
void members_done(struct members *m);

/* An object of the mesh and its copy, as yet without a namespace. Both owned references. */
struct member_object {
	struct api_object *source, *copy;
	bool core; /* of the control plane itself, not of an add-on */
};

/* What each member gets: made once, used for all members. */
struct member_objects {
	VEC(struct member_object) list;
};

/* RoleBindings to ClusterRoles, NetworkPolicies that are not internal, and Multus' networks of the mesh. */
void member_objects_collect(const struct store *s, const struct api_object *smcp, struct member_objects *ret);
/* Gives back both objects of each entry. */
void member_objects_done(struct member_objects *m);

/*
 * Plans the copies that a member namespace lacks and the deletion of those whose source is gone. core: those of the
 * control plane itself, for a namespace that is on another revision of the mesh. A copy of that name which another
 * control plane made is left alone. Returns how many are not there as they should be.
 */
size_t members_plan_objects(const struct store *s, const struct member_objects *objects, const char *mesh_ns,
			    const char *member, bool core, struct plan *p);

/* Plans the deletion of every copy in a namespace that was made for the mesh mesh_ns; returns how many there are. */
size_t members_plan_removal(const struct store *s, const char *mesh_ns, const char *member, struct plan *p);

#endif
