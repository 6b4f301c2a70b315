/* All kinds of the core group: v1. */
#ifndef API_CORE_CORE_H
#define API_CORE_CORE_H

#include "api/core/config.h"
#include "api/core/node.h"
#include "api/core/persistent_volume.h"
#include "api/core/pod.h"
#include "api/core/service.h"

#endif
