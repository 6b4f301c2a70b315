/*
 * Objects that other operators carry out, where they are installed: Kiali (kiali.io/v1alpha1) and Jaeger
 * (jaegertracing.io/v1). Their specs are written and read as they are.
 */
#ifndef API_CLUSTER_FOREIGN_H
#define API_CLUSTER_FOREIGN_H

#include "api/meta.h"

struct foreign_object {
	const char *api_version;
	const char *kind;
	struct meta_object *metadata;
	cJSON *spec;
};

extern const struct msg_desc foreign_object_desc;

#endif
