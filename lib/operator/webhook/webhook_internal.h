/* The webhook server and the reviews that it answers. Internal to this folder. */
#ifndef OPERATOR_WEBHOOK_INTERNAL_H
#define OPERATOR_WEBHOOK_INTERNAL_H

#include "base/list.h"
#include "base/slice.h"
#include "api/object.h"
#include "base/buf.h"
#include "kube/store.h"
#include "msg/json.h"
#include "net/loop.h"
#include "operator/webhook/webhook.h"

struct pki_ca;
struct reflector;
struct web_request;

struct webhook {
	struct loop *loop;
	struct kube_client *client;
	struct store *store;
	struct webhook_options options;
	char *ns;
	struct web_server *https, *http; /* https NULL: there is no authority yet */
	bool bundled;                    /* every configuration in the store trusts what it must */
	struct list reviews;
	/* webhook_ca.c */
	struct reflector *secret, *definition;
	struct store_watch watch, definition_watch;
	struct pki_ca *ca;   /* whose leaf is served; NULL until the Secret was read */
	struct pki_ca *next; /* what the Secret has now, until every configuration trusts it */
	struct kube_call *call;
	cJSON *owner;                     /* the Secret's, a reference; NULL: nobody */
	struct timer look, renew, settle; /* at the Secret; a new leaf; the next step of a change */
	bool exact;                       /* the look under way takes other roots out */
	char refused[ERR_MSG_MAX];        /* what was last said of a bad Secret */
};

/* --- webhook_ca.c --- */

/* Follows the Secret, and makes it when there is none. */
void webhook_ca_start(struct webhook *w);
/* Gives everything back. */
void webhook_ca_stop(struct webhook *w);

/* --- webhook.c --- */

/* Serves with that certificate from now on. False when it could not. */
bool webhook_serve(struct webhook *w, struct slice chain_pem, struct slice key_pem);

/* --- webhook_convert.c --- */

/* What is answered to a ConversionReview of ServiceMeshControlPlanes, appended as JSON; what cannot be converted is
 * said in it. Pure. Errors: -EINVAL (no ConversionReview), and those of json_parse. */
int webhook_convert_review(struct slice body, struct buf *out, struct err *e);

/* The same over HTTP. */
void webhook_convert(struct webhook *w, struct web_request *request);

/* --- webhook_definition.c --- */

/* What must be done with a patch so that the definition of ServiceMeshControlPlanes is converted here, by a server that
 * the bundle trusts (PEM; empty: what it has stays). False: nothing. */
bool webhook_definition_patch(const struct api_object *definition, const char *ns, struct slice bundle, cJSON *patch);

/* The caBundle of its conversion, decoded; empty where somebody else converts, or nobody. */
void webhook_definition_bundle(const struct api_object *definition, struct buf *ret_pem);

/* --- webhook_review.c --- */

/* Answers an AdmissionReview, at once or after the SubjectAccessReviews that it needs. */
void webhook_review(struct webhook *w, struct web_request *request, bool mutate);

/* Gives up the reviews that wait. */
void webhook_reviews_end(struct webhook *w);

#endif
