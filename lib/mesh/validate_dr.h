/* Shared by the parts that validate a DestinationRule. Internal to this folder. */
#ifndef MESH_VALIDATE_DR_H
#define MESH_VALIDATE_DR_H

#include "mesh/validate_internal.h"

/* Where traffic of a locality goes; NULL is fine. Failover needs outlier detection. */
void val_locality(struct val *v, const char *path, const struct istio_locality_load_balancer_setting *s, bool outlier);

#endif
