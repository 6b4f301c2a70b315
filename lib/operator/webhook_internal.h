/* The webhook server and the reviews that it answers. Internal to this folder. */
#ifndef OPERATOR_WEBHOOK_INTERNAL_H
#define OPERATOR_WEBHOOK_INTERNAL_H

#include "base/list.h"
#include "base/slice.h"
#include "net/loop.h"
#include "operator/webhook.h"

struct web_request;

struct webhook {
	struct loop *loop;
	struct kube_client *client;
	struct store *store;
	struct webhook_options options;
	char *ns;
	struct web_server *https, *http;
	struct pki_ca *ca; /* NULL until the Secret was read */
	char *bundle;      /* base64 of the root */
	bool bundled;      /* every configuration in the store has it */
	struct kube_call *call;
	struct timer timer;
	struct list reviews;
};

/* Answers an AdmissionReview, at once or after the SubjectAccessReviews that it needs. */
void webhook_review(struct webhook *w, struct web_request *request, bool mutate);

/* Gives up the reviews that wait. */
void webhook_reviews_end(struct webhook *w);

/* The text in base64; malloc'ed. */
char *webhook_base64(struct slice s);

#endif
