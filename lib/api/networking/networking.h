/* All kinds of networking.istio.io. */
#ifndef API_NETWORKING_NETWORKING_H
#define API_NETWORKING_NETWORKING_H

#include "api/networking/destination_rule.h"
#include "api/networking/gateway.h"
#include "api/networking/service_entry.h"
#include "api/networking/sidecar.h"
#include "api/networking/virtual_service.h"

#endif
