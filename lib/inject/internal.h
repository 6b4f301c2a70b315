/* What the parts of injection share. Internal to this folder. */
#ifndef INJECT_INTERNAL_H
#define INJECT_INTERNAL_H

#include "api/core/core.h"
#include "api/object.h"
#include "base/arena.h"
#include "inject/inject.h"
#include "kube/store.h"
#include "msg/json.h"
#include "net/loop.h"
#include "web/server.h"

#define STATUS_ANNOTATION "sidecar.istio.io/status"
#define INJECT_KEY "sidecar.istio.io/inject"
#define PROXY_CONTAINER "istio-proxy"
#define INIT_CONTAINER "istio-init"
#define STATUS_PORT 15020
#define PROXY_UID 1337

struct inject {
	struct loop *loop;
	struct store *store;
	struct inject_config cfg;
	struct web_server *web;
	uint64_t requests, success, failure, skip, valid, invalid;
};

/* One pod on its way: everything lives until the patch is made. */
struct injection {
	const struct inject *i;
	struct arena *a;
	const struct core_pod *pod;
	const char *ns;
	cJSON *values;       /* of the ConfigMap istio-sidecar-injector-<revision>; may be NULL */
	cJSON *config;       /* its policy; may be NULL */
	cJSON *mesh;         /* mesh settings; may be NULL */
	cJSON *proxy_config; /* defaultConfig with the pod's annotation over it; never NULL */
	cJSON *patch;
	cJSON *probers; /* application probes that the proxy answers for, by path */
};

/* Does the pod get a proxy? */
bool inject_wanted(const struct injection *x);

/* A string of the values at "global" and further names, or fallback. */
const char *inject_value(const struct injection *x, const char *section, const char *name, const char *fallback);

/* A pod annotation, or NULL. */
const char *inject_annotation(const struct injection *x, const char *name);

/* Checks annotations that hold ports, addresses, flags. -EINVAL: "invalid value '..' for annotation '..': why". */
int inject_check_annotations(const struct injection *x, struct err *e);

/* The containers and the list of volumes. The caller frees them. */
cJSON *inject_proxy_container(const struct injection *x);
/* The container istio-init, which redirects the pod's traffic; the caller frees it. */
cJSON *inject_init_container(const struct injection *x);
/* The list of volumes that the sidecar mounts; the caller frees it. */
cJSON *inject_volumes(const struct injection *x);

/* Rewrites probes of the application's containers: adds to x->patch and x->probers. */
void inject_probes(struct injection *x);

/* Appends {"op","path","value"}; takes value over. */
void inject_patch(struct injection *x, const char *op, const char *path, cJSON *value);

/* An admission review as text in, one out; for both webhooks. */
void inject_review(struct inject *i, struct slice body, struct buf *out);
/* Reads the review of a configuration object and appends the answer; a body that is no review gets an answer that
 * refuses. */
void inject_validate_review(struct inject *i, struct slice body, struct buf *out);

/* The common form of an answer. reason NULL: allowed. Owns patch and warnings (both may be NULL). */
void inject_answer(const char *api_version, const char *uid, const char *reason, cJSON *patch, cJSON *warnings,
		   struct buf *out);

#endif
