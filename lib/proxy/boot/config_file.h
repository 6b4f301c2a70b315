/*
 * A configuration from a file instead of a control plane: Envoy's bootstrap shape, in YAML or JSON, as far as
 *   static_resources: {listeners: [...], clusters: [...], secrets: [...]}
 * and beside it, for what xDS would send separately: routes: [RouteConfiguration...], endpoints:
 * [ClusterLoadAssignment...].
 */
#ifndef PROXY_CONFIG_FILE_H
#define PROXY_CONFIG_FILE_H

#include <cjson/cJSON.h>

#include "config/build.h"

/* Applies the file's resources. Returns 0, or a negative code with file, path and reason. */
int config_file_load(const char *path, struct build *b, struct err *e);

/* The same, and keeps what there is of each type in kept, one reference each; NULL = nothing of that type. */
int config_file_load_kept(const char *path, struct build *b, struct xds_set *kept[XDS_TYPE_COUNT], struct err *e);

/*
 * A YAML document (JSON is YAML) as cJSON that the caller deletes; scalars by YAML's core schema, anchors and aliases
 * are refused. NULL with line and reason.
 */
cJSON *config_yaml_parse(struct slice text, struct err *e);

#endif
