/* What a retry policy's retryOn lists. Validation and the generators ask the same function. Pure. */
#ifndef MESH_RETRY_H
#define MESH_RETRY_H

#include <stdbool.h>

#include "base/slice.h"

/* One entry is a condition of Envoy's x-envoy-retry-on or -grpc-on, or a status code that HTTP has a name for. */
bool retry_condition_known(struct slice s);

#endif
