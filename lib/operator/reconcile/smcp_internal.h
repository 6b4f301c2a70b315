/* What one run of the control plane's reconciler found out, and its status made of that. */
#ifndef OPERATOR_SMCP_INTERNAL_H
#define OPERATOR_SMCP_INTERNAL_H

#include "operator/reconcile/reconcile.h"
#include "operator/reconcile/revisions.h"
#include "operator/render/render.h"

#define RENDER_STAGES 3

struct smcp_view {
	struct arena arena;
	cJSON *applied_spec;    /* owned */
	struct buf unsupported; /* "path: reason" lines, of fields and of objects */
	const char *ns;         /* of the mesh */
	struct buf substituted; /* "kiali" lines: those in whose place Weft's console answers */
	struct buf addons;      /* "kiali: reason" lines: add-ons that are wanted and not there */
	size_t unsupported_fields;
	struct revisions revisions;           /* the mesh that it is part of */
	VEC(const struct api_object *) smcps; /* its control planes */
	bool cluster_wide;
	bool waits_for_cni; /* the plugin that it uses is on no node yet */
	bool complete;      /* this generation had been installed before */
	bool done;          /* nothing is missing, or complete */
	unsigned stage;     /* the first one that is not ready; RENDER_STAGES: all are */
	size_t missing;     /* objects that are not there as they should be */
	size_t missing_in_stage[RENDER_STAGES];
	bool has[RENDER_COMPONENT_COUNT];
	size_t workloads[RENDER_COMPONENT_COUNT], unready[RENDER_COMPONENT_COUNT];
};

/* Frees the applied spec and the texts. */
void smcp_view_done(struct smcp_view *v);

/* Whether status says that this generation was installed by this operator. */
bool smcp_is_complete(const struct api_object *smcp, const struct reconcile_env *env);

/* The whole status, with events on transitions. */
void smcp_status(const struct api_object *smcp, const struct reconcile_env *env, const struct smcp_view *v,
		 struct plan *p);

/* The spec cannot be carried out: Reconciled and Ready become False. */
void smcp_status_refused(const struct api_object *smcp, const struct reconcile_env *env, const char *reason,
			 const char *message, struct plan *p);

/* Plans the status of a control plane that is being deleted; objects_left tells whether anything of it is still
 * there. */
void smcp_status_deleting(const struct api_object *smcp, const struct reconcile_env *env, bool objects_left,
			  struct plan *p);

/* Tells of each object for another operator what its definition, as this cluster has it, leaves out. Only once the
 * control plane was installed: before, an object that is there may be that of an earlier spec. */
void smcp_tell_foreign(const struct store *s, const struct rendering *r, struct smcp_view *v);

/* smcp_roll.c: plans the roll of a control plane that has none. A cluster-wide one comes with a roll that selects by
 * label, a revision with that of the control plane that it stands beside; the users may change it. */
void smcp_create_roll(const struct store *s, const struct api_object *smcp, const struct smcp_view *v, struct plan *p);

/* Of any object: its finalizer, and a label (value NULL: removed). */
bool meta_has_finalizer(const struct api_object *o);
/* A merge patch that adds or removes our finalizer, bound to the resourceVersion that was read; the caller frees
 * it. */
cJSON *meta_finalizers_patch(const struct api_object *o, bool add);
/* Plans a patch that sets a label, or removes it when value is NULL. */
void plan_label(struct plan *p, const struct store_key *key, const char *label, const char *value);

#endif
