/* Where a Service's port leads to now: one ready endpoint. */
#ifndef LAB_API_ENDPOINT_H
#define LAB_API_ENDPOINT_H

#include "base/err.h"

struct lab_api;

/* "10.244.0.5:8080" into out (64 bytes) for a port's number or name. -ENOENT with Kubernetes' sentence. */
int endpoint_of_service(struct lab_api *api, const char *ns, const char *name, const char *port, char *out,
			struct err *e);

#endif
