/*
 * The API server's state and its writes, for this room and for the HTTP front. One struct lab_api, on the lab's loop; a
 * write is a struct op that walks through prepare -> mutating admission -> validate -> validating admission -> commit,
 * and is freed after its done callback.
 */
#ifndef LAB_API_OP_H
#define LAB_API_OP_H

#include "base/arena.h"
#include "base/list.h"
#include "base/vec.h"
#include "lab/api/api.h"
#include "msg/json.h"
#include "lab/store/resource.h"
#include "lab/object/schema.h"
#include "msg/selector.h"
#include "lab/store/status.h"
#include "lab/store/db.h"
#include "web/server.h"

#define OP_TRIES_MAX 8

struct user {
	const char *name, *uid;    /* uid may be NULL */
	const char *credential;    /* of a token, "JTI=..."; else NULL */
	const char *const *groups; /* NULL-ended */
	size_t n_groups;
};

struct node;
struct token_authority;
struct http_client;
struct webhook_caller;

struct lab_api {
	struct loop *loop;
	struct db *store;
	struct resources resources;
	struct web_server *server;
	struct token_authority *tokens;
	struct webhook_caller *webhooks;
	struct node *node;      /* NULL until lab_api_set_node */
	int netns_fd;           /* -1 = none: then connections into the cluster are made from where we are */
	char *ca_pem, *address; /* address: "127.0.0.1:6443" */
	struct list ops, client_watches, sessions;
	struct timer event_timer;
};

enum verb { VERB_CREATE, VERB_UPDATE, VERB_PATCH, VERB_DELETE };
enum field_validation { FIELDS_IGNORE, FIELDS_WARN, FIELDS_STRICT };

struct op;
typedef void (*op_done_fn)(struct op *op, int status, const cJSON *result);

struct op {
	/* Set by whoever makes it; strings and user live in the op's arena or longer. */
	struct arena arena;
	struct lab_api *api;
	enum verb verb;
	struct resource *res;        /* referenced */
	size_t version;              /* that of the object at hand; what was asked for is in `asked` */
	const char *ns, *name, *sub; /* ns "" = cluster-scoped; name NULL on create; sub NULL or "status", ... */
	struct user user;
	const char *manager;
	bool dry_run, force;
	enum field_validation validation;
	cJSON *body; /* owned: the object, the patch, or DeleteOptions (may be NULL) */
	enum lab_patch patch;
	struct lab_delete_options delete_options;
	const char *precondition_rv;
	op_done_fn done;
	void *arg;

	/* Its own. */
	struct list link;
	struct task task;
	size_t asked;       /* the version of the request */
	struct object *old; /* referenced; NULL on create */
	cJSON *was;         /* owned: old in `version`, where a webhook made it; else NULL */
	struct convert *converting;
	void (*converted)(struct op *op);
	int reply_status;
	cJSON *obj; /* owned: what is going to be stored */
	bool creating, started, fields_recorded;
	unsigned tries;
	VEC(const char *) warnings;
	void *admission; /* calls in flight */
};

/* A new op on a resource; takes a reference. The caller fills in the rest and calls op_start. */
struct op *op_new(struct lab_api *api, enum verb verb, struct resource *r, size_t version);

/* Runs it; done is called once, maybe before this returns. The op is freed after done. */
void op_start(struct op *op);

/* Ends it with an object of the stored version, in the version of the request. */
void op_reply(struct op *op, int status, const cJSON *stored);

/* Brings the object at hand, and the old one, into that version; then next(op), or op_fail. */
void op_convert(struct op *op, size_t version, void (*next)(struct op *op));

/* The object before, in the version at hand; NULL on create. */
static inline const cJSON *op_old(const struct op *op)
{
	return op->was ? op->was : op->old ? op->old->json : NULL;
}

/* Ends it with a failure (taken). */
void op_fail(struct op *op, cJSON *status);

/* Frees an op without calling done: when nobody waits any more. */
void op_cancel(struct op *op);

/* --- admission.c --- */

enum admission_phase { ADMISSION_MUTATING, ADMISSION_VALIDATING };

/* Calls the matching webhooks; then next(op), or op_fail. */
void admission_run(struct op *op, enum admission_phase phase, void (*next)(struct op *op));

/* Drops calls in flight. */
void admission_cancel(struct op *op);

struct webhook_caller *webhook_caller_new(struct lab_api *api);
void webhook_caller_free(struct webhook_caller *w);
/* Its HTTP client, which others of the API share. */
struct http_client *webhook_caller_http(const struct webhook_caller *w);

/* --- shape.c: the shape of objects --- */

/* Defaults, prunes and checks a body as the API decodes it. NULL, or a failure. Warnings of unknown fields go to op. */
cJSON *object_decode(struct op *op, cJSON *obj);

/* Field problems of a complete object; old is NULL on create. */
void object_validate(struct op *op, const cJSON *obj, const cJSON *old, struct problems *p);

/* Says "kind" and "apiVersion" first, as the version of the op. */
void object_set_type(cJSON *obj, const struct resource *r, size_t version);

/* --- kinds.c: what is special about single kinds --- */

/* Fills in what schemas cannot say. */
void kind_default(struct op *op, cJSON *obj);
/* Whether fields of bytes hold base64. NULL or a failure. */
cJSON *kind_check_bytes(const struct op *op, const cJSON *obj);
/* What Kubernetes' own admission adds, before webhooks. */
void kind_admit(struct op *op, cJSON *obj);
/* After the bookkeeping of fields: what the server itself decides (addresses, phases). NULL or a failure. */
cJSON *kind_prepare(struct op *op, cJSON *obj, const cJSON *old);
void kind_validate(struct op *op, const cJSON *obj, const cJSON *old, struct problems *p);
/* After a commit; obj is what is stored, or the last state when gone. */
void kind_committed(struct lab_api *api, const struct resource *r, const cJSON *obj, bool gone);
/* True when metadata.generation counts changes of the specification. */
bool kind_has_generation(const struct resource *r);

/* --- pod_security.c --- */

/* What the labels of the namespace ask of a pod, or of a template of pods (Pod Security Standards, latest): NULL or a
 * failure; what is only to be warned of goes to op. */
cJSON *pod_security_check(struct op *op, const cJSON *obj);

/* --- delete.c --- */

/* Goes on from op_start for VERB_DELETE. */
void op_delete(struct op *op);
/* Commits a removal after an update emptied the finalizers. */
bool object_is_released(const cJSON *obj);

/* --- grant.c, bootstrap.c --- */

/* Checks writes of roles and bindings: nobody grants more than they have. NULL or a failure. */
cJSON *grant_check(struct op *op, const cJSON *obj, const cJSON *old);
/* Makes the namespaces, roles, bindings and the Service that every cluster has. */
int bootstrap_cluster(struct lab_api *api, struct err *e);

/* --- scale.c --- */

cJSON *scale_of(const struct resource *r, size_t version, const cJSON *obj);
/* Sets the replicas of obj from a Scale. NULL or a failure. */
cJSON *scale_apply(const struct resource *r, size_t version, cJSON *obj, const cJSON *scale);

/* --- client.c --- */

/* Lets go of watches that their owners stop later. */
void client_watches_detach(struct lab_api *api);

#endif
