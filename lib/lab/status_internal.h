/* Failures as Kubernetes' Status objects, in its words. All returned trees are the caller's. */
#ifndef LAB_STATUS_INTERNAL_H
#define LAB_STATUS_INTERNAL_H

#include <cjson/cJSON.h>

#include "lab/resource_internal.h"

cJSON *status_new(int code, const char *reason, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/* Adds details {name, group, kind}; NULL or "" are left out. Returns s. */
cJSON *status_details(cJSON *s, const char *name, const char *group, const char *kind);

/* Adds a cause to the details. */
void status_cause(cJSON *s, const char *reason, const char *message, const char *field);

cJSON *status_bad_request(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
cJSON *status_internal(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
cJSON *status_not_found(const struct resource *r, const char *name);
cJSON *status_exists(const struct resource *r, const char *name);
cJSON *status_conflict(const struct resource *r, const char *name, const char *why);
cJSON *status_modified(const struct resource *r, const char *name);
cJSON *status_invalid(const char *group, const char *kind, const char *name, const struct problems *p);
cJSON *status_forbidden(const struct resource *r, const char *name, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* The HTTP status code that it carries. */
int status_code(const cJSON *s);

#endif
