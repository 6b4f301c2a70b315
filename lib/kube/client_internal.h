/* What the tests of lib/kube look at. */
#ifndef KUBE_CLIENT_INTERNAL_H
#define KUBE_CLIENT_INTERNAL_H

#include "kube/client.h"

/* The reason for an HTTP status and the `reason` of a metav1.Status (may be NULL). */
enum kube_reason kube_reason_of(int status, const char *name);

/* Fills reason and err from r->status and r->body; what: "PATCH deployments ns/name". */
void kube_result_from_status(struct kube_result *r, const char *what);

/* The URL of a request, malloc'ed. */
char *kube_request_url(const char *server, const struct kube_request *req);

#endif
