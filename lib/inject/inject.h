/*
 * Admission: the mutating webhook that puts a proxy beside an application (/inject) and the validating one that refuses
 * configuration which makes no sense (/validate). Settings come from the ConfigMaps that the operator wrote.
 */
#ifndef INJECT_INJECT_H
#define INJECT_INJECT_H

#include <stdbool.h>
#include <stdint.h>

#include <cjson/cJSON.h>

#include "base/buf.h"
#include "base/err.h"
#include "net/tls.h"

struct inject;
struct loop;
struct store;

/* Strings live as long as the injector. */
struct inject_config {
	const char *ns;       /* of the control plane */
	const char *revision; /* names the ConfigMaps istio-<revision> and istio-sidecar-injector-<revision> */
	const char *domain, *cluster_id;
	const char *proxy_image; /* where the ConfigMap names none */
	const char *host;
	uint16_t port;
	struct tls_limits tls; /* of the webhooks */
	bool native_sidecars;  /* wanted where the cluster has them: inject_set_cluster_version() */
};

/* Copies cfg; its strings and the store must outlive it. Serves once inject_set_cert gave a certificate. */
struct inject *inject_new(struct loop *l, struct store *s, const struct inject_config *cfg);
/* Ends the server and its connections. NULL is fine. */
void inject_free(struct inject *i);

/* The serving certificate; the first one starts listening. Returns 0 or a negative code. */
int inject_set_cert(struct inject *i, struct slice chain_pem, struct slice key_pem, struct err *e);

/* Appends the counters of injection and validation. */
void inject_metrics(const struct inject *i, struct buf *out);

/* What the cluster said of itself at /version; sidecars become native from Kubernetes 1.29 on, if they are wanted. */
void inject_set_cluster_version(struct inject *i, int major, int minor);

/*
 * The JSON patch that turns a pod, about to be created in namespace ns, into one with a proxy. *ret is NULL when the
 * pod stays as it is; *ret_warnings, which may be NULL too, is a list of sentences for the user. The caller frees both.
 * -EINVAL when the pod is to be refused: an annotation that makes no sense, a template that is not there.
 */
int inject_pod(const struct inject *i, const cJSON *pod, const char *ns, cJSON **ret, cJSON **ret_warnings,
	       struct err *e);

/* Why a pod with this annotation is refused, static; NULL: it is not for its value. Pure. */
const char *inject_annotation_problem(const char *name, const char *value);

#endif
