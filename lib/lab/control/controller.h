/*
 * What the lab's controllers share: watches that enqueue keys, one run per key at a time, retries with back-off.
 * A key does not run again before the writes of its last run were answered, so a run always sees what it did before.
 * Everything on the lab's loop.
 */
#ifndef LAB_CONTROL_CONTROLLER_H
#define LAB_CONTROL_CONTROLLER_H

#include "base/list.h"
#include "base/vec.h"
#include "kube/queue.h"
#include "lab/api/api.h"
#include "net/loop.h"

struct controller;

/* One run of a key (namespace and name), until its writes are answered. */
struct work {
	struct controller *controller;
	const struct store_key *key; /* the queue's */
	const char *ns, *name;       /* of it; ns is "" for cluster-scoped */
	struct list link;            /* in controller.works */
	int64_t after_ms;            /* run again after this time in any case; 0 = no wish */
	int writes;                  /* under way */
	bool failed;                 /* a write failed */
	bool running;                /* inside reconcile */
	bool adopting;               /* this run adopts: its view is not what will be */
};

/* Reads the API and starts writes through work_*. Must not free the work. */
typedef void controller_fn(struct controller *c, struct work *w);

struct controller {
	const char *name; /* for the log */
	struct loop *loop;
	struct lab_client client;
	controller_fn *reconcile;
	/* A write failed for good reason (not an outdated view); may be NULL. It is retried in any case. */
	void (*on_failed)(struct controller *c, struct work *w, const char *verb, const char *message);
	void *arg; /* the controller's own state */
	struct queue *queue;
	struct list works; /* runs that have not ended */
	VEC(struct controller_watch *) watches;
};

/* Strings are borrowed. */
void controller_init(struct controller *c, struct loop *l, struct lab_api *api, const char *name, controller_fn *fn);

/* Stops the watches and forgets all keys. Writes under way must not complete afterwards (the API is stopped first). */
void controller_done(struct controller *c);

/* Calls on_change for each event of a resource (object not NULL); it enqueues keys. Ends the process when refused. */
void controller_watch(struct controller *c, const struct gvr *r,
		      void (*on_change)(struct controller *c, enum lab_event event, const cJSON *object));

/* Idempotent. ns may be "" or NULL for cluster-scoped objects. */
void controller_enqueue(struct controller *c, const char *ns, const char *name);

/* on_change handlers: the object itself; the controlling owner of this kind. */
void controller_enqueue_self(struct controller *c, enum lab_event event, const cJSON *object);
/* on_change handler: enqueues the controlling owner, when it is of this kind. */
void controller_enqueue_owner(struct controller *c, const cJSON *object, const char *owner_kind);

/* Runs the key again after a time in any case; of several times in one run the earliest counts. */
void work_after(struct work *w, int64_t delay_ms);

/*
 * Writes on behalf of a run; a failure makes the key run again after a back-off and is logged, except 404 of updates
 * and deletes and 409 of updates and creates, which only mean that the view was old. They take the object or patch.
 */
void work_create(struct work *w, const struct gvr *r, const char *ns, cJSON *object);
/* The same for a whole object, which is taken. */
void work_update(struct work *w, const struct gvr *r, const char *ns, const char *name, const char *subresource,
		 cJSON *object);
/* A merge patch. */
void work_patch(struct work *w, const struct gvr *r, const char *ns, const char *name, const char *subresource,
		cJSON *patch);
/* A merge patch of the status subresource; nothing is written when it would change nothing. */
void work_patch_status(struct work *w, const struct gvr *r, const cJSON *object, cJSON *patch);
/* Deletes the object; o may be NULL. */
void work_delete(struct work *w, const struct gvr *r, const char *ns, const char *name,
		 const struct lab_delete_options *o);

/* Makes owner the controller of an object that has none; makes an object that owner controls free again. Both against
 * the object's version. */
void work_adopt(struct work *w, const struct gvr *r, const cJSON *owner, const char *owner_kind, const cJSON *object);
/* Removes the owner's reference from the object. */
void work_release(struct work *w, const struct gvr *r, const cJSON *owner, const cJSON *object);

/* ---- the controllers; started by controllers_start ---- */

struct controllers;

struct controllers_config {
	struct loop *loop;
	struct lab_api *api;
	const char *data_dir;    /* volumes are directories below it */
	const char *apps_domain; /* "apps.localhost": Routes without host get one below it */
};

/* Strings are copied. Never NULL. */
struct controllers *controllers_start(const struct controllers_config *config);

/* NULL is fine. */
void controllers_free(struct controllers *c);

/* Starts the controller of Deployments in c; ended by controller_done. */
void deployment_controller_start(struct controller *c, const struct controllers_config *config);
/* The same for ReplicaSets. */
void replicaset_controller_start(struct controller *c, const struct controllers_config *config);
/* The same for StatefulSets. */
void statefulset_controller_start(struct controller *c, const struct controllers_config *config);
/* The same for DaemonSets. */
void daemonset_controller_start(struct controller *c, const struct controllers_config *config);
/* The same for Jobs. */
void job_controller_start(struct controller *c, const struct controllers_config *config);
/* Endpoints and EndpointSlices of Services. */
void endpoints_controller_start(struct controller *c, const struct controllers_config *config);
/* EndpointSlices of Endpoints that were made by hand. */
void endpoints_mirror_start(struct controller *c, const struct controllers_config *config);
/* Empties Namespaces that are deleted; gives each its service account and root certificate. */
void namespace_controller_start(struct controller *c, const struct controllers_config *config);
/* Binds PersistentVolumeClaims to directories below config->data_dir. */
void volume_controller_start(struct controller *c, const struct controllers_config *config);
/* Hosts and admission of Routes. */
void route_controller_start(struct controller *c, const struct controllers_config *config);
/* Deletes what has lost its owners, of all kinds, custom ones included; ended by garbage_collector_free. */
void garbage_collector_start(struct controller *c, const struct controllers_config *config);
/* Stops its watches and frees what it knows. */
void garbage_collector_free(struct controller *c);

#endif
