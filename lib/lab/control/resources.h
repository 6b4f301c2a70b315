/* All resources that hold users' objects, in the order in which a namespace is emptied. */
#ifndef LAB_CONTROL_RESOURCES_H
#define LAB_CONTROL_RESOURCES_H

#include "lab/api/api.h"

/* Calls fn for each resource of namespaces: what makes others comes before what is made, so that whoever deletes does
 * not race with the makers' controllers. r is valid during the call. */
void resources_makers_first(struct lab_api *api, void (*fn)(void *arg, const struct gvr *r), void *arg);

#endif
