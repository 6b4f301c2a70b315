/* What the parts of injection share. Internal to this folder. */
#ifndef INJECT_INTERNAL_H
#define INJECT_INTERNAL_H

#include "api/core/core.h"
#include "api/object.h"
#include "base/arena.h"
#include "base/cleanup.h"
#include "inject/inject.h"
#include "kube/store.h"
#include "msg/json.h"
#include "net/loop.h"
#include "web/server.h"

#define STATUS_ANNOTATION "sidecar.istio.io/status"
#define OVERRIDES_ANNOTATION "proxy.istio.io/overrides"
#define TEMPLATES_ANNOTATION "inject.istio.io/templates"
#define CONFIG_ANNOTATION "proxy.istio.io/config"
#define INJECT_KEY "sidecar.istio.io/inject"
#define PROXY_CONTAINER "istio-proxy"
#define INIT_CONTAINER "istio-init"
#define VALIDATION_CONTAINER "istio-validation"
#define NETWORKS_ANNOTATION "k8s.v1.cni.cncf.io/networks" /* of Multus */
#define SCC_ANNOTATION "openshift.io/scc" /* the constraint by which OpenShift let the pod in, and gave it its user */
#define IMAGE_AUTO "auto"                 /* image of a container that the template's is to replace */
#define STATUS_PORT 15020
#define PROXY_UID 1337
#define TEMPLATES_MAX 16 /* of one pod, aliases followed */
#define TEMPLATE_ALIASES_DEPTH_MAX 4

struct inject {
	struct loop *loop;
	struct store *store;
	struct inject_config cfg;
	struct web_server *web;
	bool native_sidecars; /* wanted, and the cluster has them */
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
	cJSON *proxy_config; /* defaultConfig, ProxyConfig objects and the pod's annotation, the last one wins */
	cJSON *warnings;     /* sentences for the user */
	cJSON *probers;      /* application probes that the proxy answers for, by path */
	int status_port;     /* of the proxy; 0: it serves no status */
	bool native, hold;   /* the proxy is an init container; the application waits for it */
};

/* Does the pod get a proxy? */
bool inject_wanted(const struct injection *x);

/* A string of the values at "global" and further names, or fallback. */
const char *inject_value(const struct injection *x, const char *section, const char *name, const char *fallback);

/* A pod annotation, or NULL. */
const char *inject_annotation(const struct injection *x, const char *name);

/* Adds a sentence for the user to the answer. */
void inject_warn(struct injection *x, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Checks the annotations' values and warns of those without effect. -EINVAL: "invalid value '..' for annotation '..'".
 */
int inject_check_annotations(struct injection *x, struct err *e);
/* Warns of annotations of Istio's families that nobody knows: misspelt, as a rule. */
void inject_warn_unknown_annotations(struct injection *x);

/* Reads the ConfigMaps. -EINVAL when one of them makes no sense. */
int inject_read_settings(struct injection *x, struct err *e);
/* Makes the proxy's configuration of defaults, ProxyConfig objects and annotations. -EINVAL as above. */
int inject_read_proxy_config(struct injection *x, struct err *e);

/* --- templates: what is laid over the pod; the caller frees them --- */

/* The names of the templates that the pod asks for, else the configured ones. -EINVAL: one is not there. */
int inject_templates(struct injection *x, const char **names, size_t *n, struct err *e);
/* The template of that name. NULL and -EINVAL in e when it is not to be had. */
cJSON *inject_template(struct injection *x, const char *name, struct err *e);
/* Appends the template of the ConfigMap with values in the places of its actions. -EINVAL: one that is not known. */
int inject_fill_in(struct injection *x, const char *template, struct buf *out, struct err *e);
cJSON *inject_sidecar_template(struct injection *x);
cJSON *inject_gateway_template(struct injection *x);

/* The proxy's container for "sidecar" or "router". */
cJSON *inject_proxy_container(struct injection *x, const char *type);
/* The container istio-init, which redirects the pod's traffic. */
cJSON *inject_init_container(const struct injection *x);
/* The container istio-validation, which fails where redirection is missing. */
cJSON *inject_validation_container(const struct injection *x);
/* Whether the CNI plugin redirects, so that pods need no privilege for it. */
bool inject_by_cni(const struct injection *x);
/* The security context of the proxy, which a restricted namespace lets in. */
cJSON *inject_restricted_context(const struct injection *x);
/* How the pod's traffic comes to the proxy: "REDIRECT" or "NONE". */
const char *inject_interception(const struct injection *x);
/* The user the proxy runs as, whose own traffic is not redirected. */
int inject_proxy_uid(const struct injection *x);
/* The list of volumes that the proxy mounts. */
cJSON *inject_volumes(const struct injection *x);

/* Adds what the pod's annotations userVolume, userVolumeMount and proxyEnv ask for. -EINVAL: no JSON of that form. */
int inject_add_user_volumes(const struct injection *x, cJSON *template, struct err *e);

/* Rewrites probes of the application's containers in the pod's JSON and collects them in x->probers. */
void inject_probes(struct injection *x, cJSON *pod);

/* The JSON patch (RFC 6902) that leads from one object to the other; the caller frees it. */
cJSON *inject_diff(const cJSON *from, const cJSON *to);

/* An element of a list of named objects, or NULL. */
cJSON *inject_named(const cJSON *list, const char *name);

/* An admission review as text in, one out; for both webhooks. */
void inject_review(struct inject *i, struct slice body, struct buf *out);
/* Reads the review of a configuration object and appends the answer; a body that is no review gets an answer that
 * refuses. */
void inject_validate_review(struct inject *i, struct slice body, struct buf *out);

/* The common form of an answer. reason NULL: allowed. Owns patch and warnings (both may be NULL). */
void inject_answer(const char *api_version, const char *uid, const char *reason, cJSON *patch, cJSON *warnings,
		   struct buf *out);

#endif
