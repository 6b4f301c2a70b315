/*
 * A plan is what a reconciler wants done: objects to apply, objects to delete, patches (labels, finalizers), status,
 * events, and when to look again. A reconciler is a pure function (store, key) -> plan; the executor carries it out:
 *   applies (only what differs from the store), deletions, patches, status, events; in this order, in each step up to
 *   EXECUTOR_PARALLEL calls at a time, an apply group only when the one before is through.
 */
#ifndef KUBE_PLAN_H
#define KUBE_PLAN_H

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/vec.h"
#include "kube/store.h"

#define EXECUTOR_PARALLEL 8

struct kube_client;
struct api_object;
struct executor;

struct plan_apply {
	struct api_object *obj; /* owned reference */
	unsigned group;         /* lower ones first */
	bool create_only;       /* leave it alone once it exists */
};

struct plan_delete {
	struct store_key key; /* strings in the plan's arena */
	const char *uid;      /* precondition, may be NULL */
};

enum plan_patch_type { PLAN_MERGE, PLAN_JSON };

struct plan_patch {
	struct store_key key;
	cJSON *body;             /* owned */
	const char *subresource; /* NULL or "status" */
	enum plan_patch_type type;
};

struct plan_event {
	struct store_key about;
	const char *uid;
	bool warning;
	const char *reason, *message;
};

struct plan {
	struct arena arena;
	VEC(struct plan_apply) applies;
	VEC(struct plan_delete) deletes;
	VEC(struct plan_patch) patches;  /* metadata first ... */
	VEC(struct plan_patch) statuses; /* ... then status */
	VEC(struct plan_patch) lasts;    /* ... and at the end, e.g. the finalizer */
	VEC(struct plan_event) events;
	int64_t after_ms; /* look again after this time, 0 = only when something changes */
};

/* An empty plan; plan_done frees it. */
void plan_init(struct plan *p);
/* Gives back the objects and frees the bodies that are in it. */
void plan_done(struct plan *p);

/* Applies an object (takes over the reference). */
void plan_apply(struct plan *p, struct api_object *obj, unsigned group);

/* Creates an object unless it exists (takes over the reference). */
void plan_create(struct plan *p, struct api_object *obj, unsigned group);

/* Deletes an object; uid may be NULL. */
void plan_delete(struct plan *p, const struct store_key *key, const char *uid);

/* Merge patches (RFC 7386); they own body. A last patch runs only when everything before it succeeded. */
void plan_patch(struct plan *p, const struct store_key *key, cJSON *body);
/* A patch that runs only when everything before it succeeded; the plan owns body. */
void plan_patch_last(struct plan *p, const struct store_key *key, cJSON *body);

/* {"status": body} by merge patch on the status subresource; lists are replaced whole. Owns body. */
void plan_status(struct plan *p, const struct store_key *key, cJSON *body);

/* An event about an object. */
void plan_event(struct plan *p, const struct api_object *about, bool warning, const char *reason, const char *fmt, ...)
	__attribute__((format(printf, 5, 6)));

/* Look again after at most ms. */
void plan_after(struct plan *p, int64_t ms);

/* The plan as readable YAML-like JSON lines in a stable order, for golden tests and `--dry-run`. malloc'ed. */
char *plan_describe(const struct plan *p);

/*
 * Whether everything that `want` says is so in `have` (of the same kind): fields of `have` alone are fine, absent and
 * zero values are alike, quantities compare by value; keyed lists may have further elements, others must be equal.
 */
bool plan_covers(const struct api_object *want, const struct api_object *have);

/* How a plan ended: err.code 0 when all was done; else the first failure. retry: worth another try. */
typedef void executor_done_fn(void *arg, const struct err *err, bool retry);

/* field_manager and component (of events) are copied. */
struct executor *executor_new(struct kube_client *c, struct store *s, const char *field_manager);
/* Gives up the plans under way without telling. NULL is fine. */
void executor_free(struct executor *x);

/* Carries out the plan, which is moved out of *p (an empty plan stays behind). */
void executor_run(struct executor *x, struct plan *p, executor_done_fn *on_done, void *arg);

/* Gives up all plans, calls under way included: each ends with -ECANCELED and no retry. */
void executor_stop(struct executor *x);

#endif
