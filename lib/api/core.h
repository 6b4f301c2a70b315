/* All kinds of the core group: v1. */
#ifndef API_CORE_H
#define API_CORE_H

#include "api/config.h"
#include "api/node.h"
#include "api/pod.h"
#include "api/service.h"

#endif
