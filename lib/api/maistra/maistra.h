/* The member roll and members: maistra.io/v1. */
#ifndef API_MAISTRA_MAISTRA_H
#define API_MAISTRA_MAISTRA_H

#include "api/meta.h"

/* What is wanted of a service mesh member roll. */
struct maistra_smmr_spec {
	LIST(const char *) members;
	LIST(struct meta_label_selector) member_selectors;
};

/* One condition of a service mesh member roll. */
struct maistra_service_mesh_member_roll_condition {
	const char *type;
	const char *status;
	const char *last_transition_time;
	const char *reason;
	const char *message;
};

/* One condition of a service mesh member. */
struct maistra_service_mesh_member_condition {
	const char *type;
	const char *status;
	const char *last_transition_time;
	const char *reason;
	const char *message;
};

/* Service mesh member status summary. */
struct maistra_service_mesh_member_status_summary {
	const char *namespace;
	LIST(struct maistra_service_mesh_member_condition) conditions;
};

/* What was observed of a service mesh member roll. */
struct maistra_smmr_status {
	struct str_map annotations;
	int64_t observed_generation;
	int64_t mesh_generation;
	const char *mesh_reconciled_version;
	LIST(const char *) members;
	LIST(const char *) configured_members;
	LIST(const char *) pending_members;
	LIST(const char *) terminating_members;
	LIST(const char *) shared_members;
	LIST(struct maistra_service_mesh_member_roll_condition) conditions;
	LIST(struct maistra_service_mesh_member_status_summary) member_statuses;
};

/* The namespaces of a mesh. */
struct maistra_smmr {
	const char *api_version;
	const char *kind;
	struct meta_object *metadata;
	struct maistra_smmr_spec *spec;
	struct maistra_smmr_status *status;
};

/* Service mesh control plane ref. */
struct maistra_smcp_ref {
	const char *name;
	const char *namespace;
};

/* What is wanted of a service mesh member. */
struct maistra_smm_spec {
	struct maistra_smcp_ref *control_plane_ref;
};

/* What was observed of a service mesh member. */
struct maistra_smm_status {
	struct str_map annotations;
	int64_t observed_generation;
	int64_t mesh_generation;
	const char *mesh_reconciled_version;
	LIST(struct maistra_service_mesh_member_condition) conditions;
};

/* Makes its namespace part of a mesh. */
struct maistra_smm {
	const char *api_version;
	const char *kind;
	struct meta_object *metadata;
	struct maistra_smm_spec *spec;
	struct maistra_smm_status *status;
};

extern const struct msg_desc maistra_smmr_spec_desc;
extern const struct msg_desc maistra_service_mesh_member_roll_condition_desc;
extern const struct msg_desc maistra_service_mesh_member_condition_desc;
extern const struct msg_desc maistra_service_mesh_member_status_summary_desc;
extern const struct msg_desc maistra_smmr_status_desc;
extern const struct msg_desc maistra_smmr_desc;
extern const struct msg_desc maistra_smcp_ref_desc;
extern const struct msg_desc maistra_smm_spec_desc;
extern const struct msg_desc maistra_smm_status_desc;
extern const struct msg_desc maistra_smm_desc;

#endif
