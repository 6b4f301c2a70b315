/* Failures as Kubernetes' Status objects, in its words. All returned trees are the caller's. */
#ifndef LAB_STORE_STATUS_H
#define LAB_STORE_STATUS_H

#include <cjson/cJSON.h>

#include "lab/store/resource.h"

/* A failure with this code and reason (metav1.Status); the caller frees it, as all below. */
cJSON *status_new(int code, const char *reason, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/* Adds details {name, group, kind}; NULL or "" are left out. Returns s. */
cJSON *status_details(cJSON *s, const char *name, const char *group, const char *kind);

/* Adds a cause to the details. */
void status_cause(cJSON *s, const char *reason, const char *message, const char *field);

/* 400 BadRequest. */
cJSON *status_bad_request(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* 500 InternalError. */
cJSON *status_internal(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* 404 NotFound of an object. */
cJSON *status_not_found(const struct resource *r, const char *name);
/* 409 AlreadyExists of an object. */
cJSON *status_exists(const struct resource *r, const char *name);
/* 409 Conflict; why ends the sentence. */
cJSON *status_conflict(const struct resource *r, const char *name, const char *why);
/* 409 Conflict of an update whose resourceVersion is old. */
cJSON *status_modified(const struct resource *r, const char *name);
/* 422 Invalid, with a cause for each problem. */
cJSON *status_invalid(const char *group, const char *kind, const char *name, const struct problems *p);
/* 403 Forbidden; name NULL or "" for the collection. */
cJSON *status_forbidden(const struct resource *r, const char *name, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* The HTTP status code that it carries. */
int status_code(const cJSON *s);

#endif
