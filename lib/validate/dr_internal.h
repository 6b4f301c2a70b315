/* Shared by the parts that validate a DestinationRule. Internal to this folder. */
#ifndef VALIDATE_DR_INTERNAL_H
#define VALIDATE_DR_INTERNAL_H

#include "validate/validate_internal.h"

/* Where traffic of a locality goes; NULL is fine. Failover needs outlier detection. */
void val_locality(struct val *v, const char *path, const struct istio_locality_load_balancer_setting *s, bool outlier);

#endif
