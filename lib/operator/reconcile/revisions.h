/*
 * Revisions: several control planes of one mesh, each in a namespace of its own, while workloads move from one to
 * another. A ServiceMeshControlPlane names the one that it stands beside (spec.techPreview.revisionOf). It joins it
 * when both have the same trust domain and a root certificate in common, which their webhooks show. Pure.
 *
 * All of a mesh's rolls together name its members, and every control plane knows all of them. Each member is *on* one
 * revision, which has the label maistra.io/member-of of its namespace: the one that its label istio.io/rev names, else
 * the first control plane, if its roll names the namespace, else the one whose roll does.
 */
#ifndef OPERATOR_REVISIONS_H
#define OPERATOR_REVISIONS_H

#include "base/vec.h"
#include "operator/reconcile/members.h"

#define LABEL_REVISION "istio.io/rev"
#define CONDITION_REVISION "RevisionJoined"

/* What became of a control plane's wish to stand beside another. */
enum revision_state {
	REVISION_ALONE,   /* it has none */
	REVISION_JOINED,  /* they are one mesh */
	REVISION_MISSING, /* the other one is not there */
	REVISION_CHAIN,   /* the other one stands beside a third */
	REVISION_NAME,    /* both have the same name, or the same namespace */
	REVISION_DOMAIN,  /* of another trust domain */
	REVISION_ROOTS,   /* no root in common */
	REVISION_WAITS,   /* the roots of one are not known yet, nor were they before */
};

struct revision {
	const struct api_object *smcp; /* borrowed from the store */
	struct members listed;         /* what its roll names; revisions_read_rolls */
	bool leaves;                   /* it is being deleted */
};

/* The control planes of one mesh. */
struct revisions {
	VEC(struct revision) all; /* the first one is that which the others name */
	enum revision_state state;
};

/* Whether an SMCP stands, or wants to stand, beside one that is there; *ret_of (may be NULL): that one, else NULL. */
enum revision_state revision_state(const struct store *s, const struct api_object *smcp,
				   const struct api_object **ret_of);
/* The reason and the sentence of its condition; NULL for REVISION_ALONE. The sentence is in the arena. */
const char *revision_reason(enum revision_state state);
const char *revision_sentence(const struct api_object *smcp, enum revision_state state, struct arena *a);

/* The mesh of a control plane; ret is to be freed with revisions_done. */
void revisions_find(const struct store *s, const struct api_object *smcp, struct revisions *ret);
/* Fills in `listed`. */
void revisions_read_rolls(const struct store *s, const char *operator_ns, struct revisions *r);
/* NULL is fine for none. */
void revisions_done(struct revisions *r);

/* Whether a control plane in that namespace is one of them. */
bool revisions_have(const struct revisions *r, const char *mesh_ns);
/* The one that a namespace is meant to be on: the namespace of its control plane; NULL: no roll names it. */
const char *revisions_home(const struct revisions *r, const struct api_object *ns);
/* Whether one of them, which stays, would take the namespace over from a control plane that goes. */
bool revisions_take_over(const struct revisions *r, const char *mesh_ns, const char *ns);
/* Whether a namespace is still on the control plane that another of the mesh is about to take over. */
bool revisions_awaited(const struct store *s, const struct api_object *smcp, const char *operator_ns);

#endif
