/*
 * Resources in the shape of Envoy's config dump (envoy.admin.v3.ConfigDump): {"configs":[{"@type", version_info, lists
 * of resources}]}. Of secrets names and versions are shown alone. Pure.
 */
#ifndef XDS_DUMP_H
#define XDS_DUMP_H

#include <cjson/cJSON.h>

#include "xds/resource.h"

/* Whether dumps have a section for the type, and whether it is only there for those who ask (endpoints). */
bool xds_dump_has(enum xds_type type, bool *ret_on_demand);

/*
 * Appends the type's section to configs: what was sent (NULL = nothing) with its version ("" or NULL = none is told),
 * and what is in the configuration file (NULL = nothing). A type that has none: nothing.
 */
void xds_dump_add(cJSON *configs, enum xds_type type, const char *version, const struct xds_set *sent,
		  const struct xds_set *fixed);

/* Appends an empty section of a message of Envoy's admin API, "BootstrapConfigDump", and gives it. */
cJSON *xds_dump_section(cJSON *configs, const char *message, const char *version);

#endif
