/* Where gateways show a VirtualService to the world. */
#ifndef CTL_DESCRIBE_EXPOSED_H
#define CTL_DESCRIBE_EXPOSED_H

#include "ctl/describe/describe_internal.h"

/* The Gateways that it is bound to: their URLs, the workloads that serve them, and the addresses before these. */
void describe_exposed(struct describing *d, const struct mesh_virtual_service *vs);

#endif
