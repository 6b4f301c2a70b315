/* ServiceMeshControlPlane: maistra.io/v1, whose spec is values of charts (operator/convert makes one of v2 of it). */
#ifndef API_MAISTRA_SMCP_V1_H
#define API_MAISTRA_SMCP_V1_H

#include "api/maistra/smcp.h"

/* What was observed of a control plane. */
struct maistra_smcp_v1_status {
	struct str_map annotations;
	LIST(struct maistra_condition) conditions;
	int64_t observed_generation;
	const char *reconciled_version; /* "<operator version>-<generation>" */
	LIST(struct maistra_component_status) components;
	struct maistra_control_plane_spec *last_applied_configuration;
};

/* A service mesh, as values of charts. */
struct maistra_smcp_v1 {
	const char *api_version;
	const char *kind;
	struct meta_object *metadata;
	struct maistra_control_plane_spec *spec;
	struct maistra_smcp_v1_status *status;
};

extern const struct msg_desc maistra_smcp_v1_status_desc;
extern const struct msg_desc maistra_smcp_v1_desc;

#endif
