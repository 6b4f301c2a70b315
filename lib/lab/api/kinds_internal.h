/* Single kinds of objects that need more than a few lines: called from kinds.c alone. */
#ifndef LAB_API_KINDS_INTERNAL_H
#define LAB_API_KINDS_INTERNAL_H

#include "lab/api/op.h"

bool kind_is(const struct resource *r, const char *group, const char *plural);

/* Services: defaults, addresses and node ports, checks. */
void kind_service_default(cJSON *obj);
cJSON *kind_service_prepare(struct op *op, cJSON *obj, const cJSON *old);
void kind_service_validate(const cJSON *obj, const cJSON *old, struct problems *p);

/* CustomResourceDefinitions. */
void crd_default(cJSON *obj, bool creating);
void crd_validate(const cJSON *obj, struct problems *p);
/* Serves what a definition says, establishes it, empties it when it goes. */
void crd_committed(struct lab_api *api, const cJSON *obj, bool gone);
void crd_instance_gone(struct lab_api *api, const struct resource *r);

#endif
