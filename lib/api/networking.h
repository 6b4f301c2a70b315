/* All kinds of networking.istio.io. */
#ifndef API_NETWORKING_H
#define API_NETWORKING_H

#include "api/destination_rule.h"
#include "api/gateway.h"
#include "api/service_entry.h"
#include "api/sidecar.h"
#include "api/virtual_service.h"

#endif
