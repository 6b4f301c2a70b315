/* Names of workloads, from pods and their labels. */
#ifndef MESH_WORKLOAD_H
#define MESH_WORKLOAD_H

#include "api/core/pod.h"
#include "base/arena.h"
#include "mesh/model.h"

#define MESH_NODE_LABEL "kubernetes.io/hostname" /* every workload has it: its node's name */

struct store;

/* Name of the workload that a pod belongs to: its Deployment and so on, else the pod's own; may be in the arena. */
const char *pod_workload(struct arena *a, const struct core_pod *pod);

/* The kind, in lower case and plural, and apiVersion of the workload: "deployments", "apps/v1". */
void pod_workload_kind(const struct core_pod *pod, const char **ret_plural, const char **ret_api_version);

/* By the labels "istio-locality" (region.zone.subzone or with slashes) or topology.kubernetes.io/region and so on. */
struct locality labels_locality(struct arena *a, const struct str_map *labels);
/* A node's, by its labels, in the arena; "" where the node is not known. */
struct locality node_locality(struct arena *a, const struct store *s, const char *node);
/*
 * Where a workload runs: by its labels, else by those of its node, else the zone alone (NULL = not known). In the
 * arena, or as long as the labels and the zone.
 */
struct locality workload_place(struct arena *a, const struct store *s, const struct str_map *labels, const char *node,
			       const char *zone);

/* What stands for service.istio.io/canonical-name and -revision. */
const char *labels_canonical_name(const struct str_map *labels, const char *workload);
/* The value of canonical-revision or of the version labels, else "latest"; lives as long as the labels. */
const char *labels_canonical_revision(const struct str_map *labels);

#endif
