/* Whether a weft-proxy takes a resource: the control plane asks before it sends. Pure. */
#ifndef CONFIG_CHECK_H
#define CONFIG_CHECK_H

#include "base/err.h"
#include "base/slice.h"
#include "xds/resource.h"

/*
 * Decodes the resource as the proxy does and throws the result away. Returns 0, or -EINVAL with the proxy's own words.
 * Files that it names count as there; host names as resolved to nothing.
 */
int config_check(const struct xds_resource *r, struct err *e);

#endif
