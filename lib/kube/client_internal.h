/* The parts of the client: requests to URLs and bodies, answers to reasons; also for tests. */
#ifndef KUBE_CLIENT_INTERNAL_H
#define KUBE_CLIENT_INTERNAL_H

#include "kube/client.h"

/* The reason for an HTTP status and the `reason` of a metav1.Status (may be NULL). */
enum kube_reason kube_reason_of(int status, const char *name);

/* Fills reason and err from r->status and r->body; what: "PATCH deployments ns/name". */
void kube_result_from_status(struct kube_result *r, const char *what);

/* The negative errno that stands for a reason in struct err. */
int kube_reason_errno(enum kube_reason r);

/* HTTP method of a verb, and the media type of its body. Static. */
const char *kube_verb_method(enum kube_verb verb);
/* The Content-Type of the verb's body; static. */
const char *kube_verb_content(enum kube_verb verb);

/* The body of a request, malloc'ed; NULL = none. An object of the request's kind goes out in that version. */
char *kube_request_body(const struct kube_request *req, const char *version);

/* The URL of a request, malloc'ed; version: of its kind, NULL without one. */
char *kube_request_url(const char *server, const struct kube_request *req, const char *version);

#endif
