/* The resources that hold users' objects: built-in ones and those of CRDs. For controllers that walk everything. */
#ifndef LAB_CONTROL_RESOURCES_H
#define LAB_CONTROL_RESOURCES_H

#include "lab/api/api.h"

/* Calls fn for each resource in its storage version; namespaced_only leaves out cluster-scoped ones. The gvr is valid
 * during the call. */
void resources_each(struct lab_api *api, bool namespaced_only, void (*fn)(void *arg, const struct gvr *r), void *arg);

/* The resource of an ownerReference's apiVersion and kind; false when it is not known. Strings are copied into text,
 * which must hold 256 bytes. */
bool resource_of_kind(struct lab_api *api, const char *api_version, const char *kind, struct gvr *ret, char *text);

#endif
