/*
 * The operator's webhooks over HTTPS: admission, and the conversion of ServiceMeshControlPlanes between their versions.
 * With a certificate of its own authority (kept in a Secret, so that replicas share it) whose caBundle it writes into
 * the webhook configurations and the definition; and plain HTTP for probes.
 */
#ifndef OPERATOR_WEBHOOK_H
#define OPERATOR_WEBHOOK_H

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

#define WEBHOOK_PORT 11999
#define WEBHOOK_HEALTH_PORT 8383
#define WEBHOOK_SERVICE "maistra-admission-controller"
#define WEBHOOK_DEFINITION "servicemeshcontrolplanes.maistra.io"
#define WEBHOOK_OBJECTS_MAX 5000 /* of one ConversionReview */
#define WEBHOOK_SECRET "maistra-operator-serving-cert"
#define WEBHOOK_RIGHTS_MAX 2000 /* namespaces checked for one request */
#define WEBHOOK_BUDGET_MS 3000  /* for all these checks */

struct loop;
struct store;
struct kube_client;
struct webhook;

struct webhook_options {
	const char *ns; /* the operator's; copied */
	/* Whether the store is filled; nothing is answered before. */
	bool (*ready)(void *arg);
	void *arg;
	uint16_t port, health_port; /* 0: WEBHOOK_PORT, WEBHOOK_HEALTH_PORT */
	/* A folder with tls.crt and tls.key of whoever also wrote the configurations that trust them (OLM); what is
	 * served then, for the life of the process. NULL, or no such files: a certificate of its own. */
	const char *cert_dir;
};

/* Starts to fetch or make its certificate and then to listen. */
struct webhook *webhook_new(struct loop *l, struct kube_client *c, struct store *s, const struct webhook_options *o);

/* NULL is fine. */
void webhook_free(struct webhook *w);

/*
 * Who owns the Secret of our authority (kube/owner.h), whether it is made from now on or there already. The reference
 * is copied; NULL: nobody, but what was written stays.
 */
void webhook_set_owner(struct webhook *w, const cJSON *reference);

/* Looks at the webhook configurations in the store and corrects their caBundle. */
void webhook_check_bundles(struct webhook *w);

#endif
