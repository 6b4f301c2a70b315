/*
 * The lab's API server, for the rest of the lab's process: controllers, node, router. Their reads and writes go through
 * the same path as HTTPS requests (defaults, validation, conflict, admission), with an identity of their own.
 *
 * Objects are cJSON trees that nobody changes: what get, list and watch hand out is borrowed until the end of this turn
 * of the loop; take a cJSON_Duplicate() to keep or change one. Lists and watches see the same order of changes.
 * Everything on the lab's one loop.
 */
#ifndef LAB_API_API_H
#define LAB_API_API_H

#include <stdbool.h>
#include <stdint.h>

#include <cjson/cJSON.h>

#include "api/kind.h"
#include "base/err.h"
#include "net/loop.h"

struct lab_api;
struct lab_watch;

/* A resource: {"", "v1", "pods"}, {"apps", "v1", "deployments"}. Any served version may be named. */
struct gvr {
	const char *group, *version, *resource;
};

/* The resource of a kind of lib/api in its preferred version: GVR(pod). Lives as long as the block it stands in. */
#define GVR(x) (&(const struct gvr){api_kind_##x.group, api_kind_##x.versions[0], api_kind_##x.plural})

/* Who asks. Strings are the caller's and must outlive the calls' completions; usually static. */
struct lab_client {
	struct lab_api *api;
	const char *user;    /* "system:kube-controller-manager" ; not checked against RBAC */
	const char *manager; /* field manager: "kube-controller-manager", "kubelet" */
};

enum lab_patch { LAB_PATCH_MERGE, LAB_PATCH_JSON, LAB_PATCH_STRATEGIC, LAB_PATCH_APPLY };

/*
 * Completion of a write: status is the HTTP status (200, 201, 404, 409, 422, ...), object what was stored or the
 * Status that explains the failure; borrowed until the callback returns. Called once, from the loop, never inside the
 * call that started the write.
 */
typedef void (*lab_done_fn)(void *arg, int status, const cJSON *object);

/* The object, or NULL when it does not exist. ns is NULL for cluster-scoped resources. */
const cJSON *lab_get(struct lab_api *api, const struct gvr *r, const char *ns, const char *name);

/* Calls fn for each object in order of (namespace, name); ns NULL = all namespaces; selector is a label selector or
 * NULL. fn must not write synchronously (it cannot: writes are asynchronous). Returns the number, or -EINVAL for a bad
 * selector, -ENOENT when the resource is not served. */
int lab_list(struct lab_api *api, const struct gvr *r, const char *ns, const char *selector,
	     void (*fn)(void *arg, const cJSON *object), void *arg);

/* A resource that holds objects: of a kind of lib/api, or of a CRD (api is NULL then). */
struct lab_resource {
	struct gvr gvr; /* in the stored version */
	const struct api_kind *api;
	const char *kind;
	bool namespaced;
};

/* Calls fn for each of them that is served now, in order of (group, name). r is valid during the call. */
void lab_resources_each(struct lab_api *api, void (*fn)(void *arg, const struct lab_resource *r), void *arg);

/* The resource of an apiVersion (only its group counts) and kind, as references carry them; false when none is served.
 * Valid until the end of this turn of the loop. */
bool lab_resource_find(struct lab_api *api, const char *api_version, const char *kind, struct lab_resource *ret);

/* Writes. They take the object (owned from now on). done may be NULL. subresource: NULL, "status", "scale", "binding",
 * ... An update without metadata.resourceVersion overwrites unconditionally; with one it may end with 409. */
void lab_create(const struct lab_client *c, const struct gvr *r, const char *ns, cJSON *object, lab_done_fn done,
		void *arg);
/* Replaces an object (subresource "" or NULL: all but status). Takes the object; done may be NULL and is called
 * later. */
void lab_update(const struct lab_client *c, const struct gvr *r, const char *ns, const char *name,
		const char *subresource, cJSON *object, lab_done_fn done, void *arg);
/* Apply patches are forced. */
void lab_patch(const struct lab_client *c, const struct gvr *r, const char *ns, const char *name,
	       const char *subresource, enum lab_patch type, cJSON *patch, lab_done_fn done, void *arg);

struct lab_delete_options {
	int64_t grace_s;         /* -1 = the default of the kind */
	const char *uid;         /* precondition, or NULL */
	const char *propagation; /* "Background", "Foreground", "Orphan", or NULL */
};

/* o may be NULL. */
void lab_delete(const struct lab_client *c, const struct gvr *r, const char *ns, const char *name,
		const struct lab_delete_options *o, lab_done_fn done, void *arg);

enum lab_event { LAB_ADDED, LAB_MODIFIED, LAB_DELETED, LAB_SYNCED };

/*
 * Watches a resource, now and for ever (it never ends with 410): first ADDED for each object that exists, then
 * LAB_SYNCED with a NULL object, then changes as they are stored. Calls come from the loop, never inside
 * lab_watch_start or a write. ns NULL = all; selectors may be NULL; field selector e.g. "spec.nodeName=weft-lab". NULL
 * with e set for a bad selector. A resource that is not served yet (a CRD to come) is fine: its objects come when it
 * is.
 */
struct lab_watch *lab_watch_start(struct lab_api *api, const struct gvr *r, const char *ns, const char *label_selector,
				  const char *field_selector,
				  void (*fn)(void *arg, enum lab_event event, const cJSON *object), void *arg,
				  struct err *e);
/* No callback follows, not even when called from one. NULL is fine. */
void lab_watch_stop(struct lab_watch *w);

/* Records an Event (core/v1), merged with an equal one before: about is the object, type "Normal" or "Warning". */
void lab_event_record(const struct lab_client *c, const cJSON *about, const char *type, const char *reason,
		      const char *component, const char *fmt, ...) __attribute__((format(printf, 6, 7)));

/* A signed service-account token with these audiences (NULL-ended; NULL = the API's own); bound to a pod when pod_name
 * is set. Returns a malloc'ed string, or NULL with e set (no such ServiceAccount). */
char *lab_token_new(struct lab_api *api, const char *ns, const char *service_account, const char *const *audiences,
		    int64_t seconds, const char *pod_name, const char *pod_uid, struct err *e);

/* PEM of the CA that signs the API's certificate; borrowed for the API's lifetime. */
const char *lab_ca_pem(const struct lab_api *api);

/* A resourceVersion as a number; 0 when absent. */
uint64_t lab_resource_version(const cJSON *object);

#endif
