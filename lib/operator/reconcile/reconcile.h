/*
 * The reconcilers: (store, key) -> plan, pure. What the world is comes from the store, what time it is from the
 * environment.
 */
#ifndef OPERATOR_RECONCILE_H
#define OPERATOR_RECONCILE_H

#include "kube/plan.h"
#include "kube/store.h"
#include "operator/render/render.h"

struct operator_images;
struct render_cni;

struct reconcile_env {
	const char *version;                  /* of the operator */
	const char *ns;                       /* the operator's own namespace */
	int64_t now_s;                        /* wall clock */
	const struct api_kind *const *absent; /* kinds that the cluster does not serve */
	size_t n_absent;
	const char *last_error; /* why the last plan for this key could not be carried out whole; or NULL */
	const struct operator_images *images; /* NULL: the defaults */
	const struct render_cni *cni;         /* NULL: as the platform has it */
	bool embedded;                        /* the embedded cluster */
	const char *fresh_secret; /* that nobody knows, for what is made now; NULL: nothing that needs one is */
	enum addons_from addons;  /* whose images the add-ons have */
};

/* A ServiceMeshControlPlane. */
void smcp_reconcile(struct store *s, const struct store_key *key, const struct reconcile_env *env, struct plan *p);

/* A ServiceMeshMemberRoll. */
void smmr_reconcile(struct store *s, const struct store_key *key, const struct reconcile_env *env, struct plan *p);

/* A ServiceMeshMember. */
void smm_reconcile(struct store *s, const struct store_key *key, const struct reconcile_env *env, struct plan *p);

/* The ServiceMeshControlPlane of a namespace: the oldest one that is not being deleted, or NULL; borrowed. */
struct api_object *smcp_of_namespace(const struct store *s, const char *ns);

/* The kinds that a control plane consists of, all of which the store must hold (labelled LABEL_OWNER). */
extern const struct api_kind *const operator_owned_kinds[];
extern const size_t operator_owned_kinds_n;

#endif
