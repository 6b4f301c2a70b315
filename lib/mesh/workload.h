/* Names of workloads, from pods and their labels. */
#ifndef MESH_WORKLOAD_H
#define MESH_WORKLOAD_H

#include "api/core/pod.h"
#include "base/arena.h"

/* Name of the workload that a pod belongs to: its Deployment and so on, else the pod's own; may be in the arena. */
const char *pod_workload(struct arena *a, const struct core_pod *pod);

/* The kind, in lower case and plural, and apiVersion of the workload: "deployments", "apps/v1". */
void pod_workload_kind(const struct core_pod *pod, const char **ret_plural, const char **ret_api_version);

/* Where a workload runs; "" where nothing is known. */
struct locality {
	const char *region, *zone, *subzone;
};
/* By the labels "istio-locality" (region.zone.subzone or with slashes) or topology.kubernetes.io/region and so on. */
struct locality labels_locality(struct arena *a, const struct str_map *labels);

/* What stands for service.istio.io/canonical-name and -revision. */
const char *labels_canonical_name(const struct str_map *labels, const char *workload);
/* The value of canonical-revision or of the version labels, else "latest"; lives as long as the labels. */
const char *labels_canonical_revision(const struct str_map *labels);

#endif
