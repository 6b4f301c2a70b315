/*
 * Admission: the mutating webhook that puts a proxy beside an application (/inject) and the validating one that refuses
 * configuration which makes no sense (/validate). Settings come from the ConfigMaps that the operator wrote.
 */
#ifndef INJECT_INJECT_H
#define INJECT_INJECT_H

#include <stdint.h>

#include <cjson/cJSON.h>

#include "base/buf.h"
#include "base/err.h"

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
};

/* Copies cfg; its strings and the store must outlive it. Serves once inject_set_cert gave a certificate. */
struct inject *inject_new(struct loop *l, struct store *s, const struct inject_config *cfg);
/* Ends the server and its connections. NULL is fine. */
void inject_free(struct inject *i);

/* The serving certificate; the first one starts listening. Returns 0 or a negative code. */
int inject_set_cert(struct inject *i, struct slice chain_pem, struct slice key_pem, struct err *e);

/* Appends the counters of injection and validation. */
void inject_metrics(const struct inject *i, struct buf *out);

/*
 * The JSON patch that turns a pod, about to be created in namespace ns, into one with a proxy. *ret is NULL when the
 * pod stays as it is. The caller frees it. -EINVAL when an annotation makes no sense.
 */
int inject_pod(const struct inject *i, const cJSON *pod, const char *ns, cJSON **ret, struct err *e);

#endif
