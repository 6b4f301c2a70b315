/* Rows of the member roll and members: maistra.io/v1. See the header for the structs. */
#include "api/maistra.h"

#include "api/api_internal.h"

WORDS(words_configured_reconcile_error_err_smcp_mi, {"Configured", 0}, {"ReconcileError", 0}, {"ErrSMCPMissing", 0},
      {"ErrMultipleSMCPs", 0}, {"ErrInvalidName", 0}, {"SMCPReconciling", 0});
WORDS(words_reconciled_ready, {"Reconciled", 0}, {"Ready", 0});
WORDS(words_create_member_roll_failed_update_membe, {"CreateMemberRollFailed", 0}, {"UpdateMemberRollFailed", 0},
      {"DeleteMemberRollFailed", 0}, {"NamespaceNotExists", 0}, {"ReferencesDifferentControlPlane", 0},
      {"Terminating", 0}, {"InvalidName", 0});

#define T struct maistra_smmr_spec
static const struct msg_field maistra_smmr_spec_rows[] = {
	F(members, "members", STRING, .flags = MSG_LIST, .doc = "Members."),
	F(member_selectors, "memberSelectors", MESSAGE, .desc = &meta_label_selector_desc, .flags = MSG_LIST,
	  .doc = "Member selectors."),
};
DESC(maistra_smmr_spec, "ServiceMeshMemberRollSpec", "Service mesh member roll spec.");
#undef T

#define T struct maistra_service_mesh_member_roll_condition
static const struct msg_field maistra_service_mesh_member_roll_condition_rows[] = {
	F(type, "type", STRING, .doc = "Type."),
	F(status, "status", STRING, .doc = "Status."),
	F(last_transition_time, "lastTransitionTime", STRING, .format = "date-time", .doc = "Last transition time."),
	F(reason, "reason", STRING, .enums = &words_configured_reconcile_error_err_smcp_mi, .doc = "Reason."),
	F(message, "message", STRING, .doc = "Message."),
};
DESC(maistra_service_mesh_member_roll_condition, "ServiceMeshMemberRollCondition",
     "Service mesh member roll condition.");
#undef T

#define T struct maistra_service_mesh_member_condition
static const struct msg_field maistra_service_mesh_member_condition_rows[] = {
	F(type, "type", STRING, .enums = &words_reconciled_ready, .doc = "Type."),
	F(status, "status", STRING, .doc = "Status."),
	F(last_transition_time, "lastTransitionTime", STRING, .format = "date-time", .doc = "Last transition time."),
	F(reason, "reason", STRING, .enums = &words_create_member_roll_failed_update_membe, .doc = "Reason."),
	F(message, "message", STRING, .doc = "Message."),
};
DESC(maistra_service_mesh_member_condition, "ServiceMeshMemberCondition", "Service mesh member condition.");
#undef T

#define T struct maistra_service_mesh_member_status_summary
static const struct msg_field maistra_service_mesh_member_status_summary_rows[] = {
	F(namespace, "namespace", STRING, .flags = MSG_REQUIRED, .doc = "Namespace."),
	F(conditions, "conditions", MESSAGE, .desc = &maistra_service_mesh_member_condition_desc, .flags = MSG_LIST,
	  .doc = "Conditions."),
};
DESC(maistra_service_mesh_member_status_summary, "ServiceMeshMemberStatusSummary",
     "Service mesh member status summary.");
#undef T

#define T struct maistra_smmr_status
static const struct msg_field maistra_smmr_status_rows[] = {
	F(annotations, "annotations", STR_MAP, .doc = "Annotations."),
	F(observed_generation, "observedGeneration", INT64, .doc = "Observed generation."),
	F(mesh_generation, "meshGeneration", INT64, .doc = "Mesh generation."),
	F(mesh_reconciled_version, "meshReconciledVersion", STRING, .doc = "Mesh reconciled version."),
	F(members, "members", STRING, .flags = MSG_LIST, .doc = "Members."),
	F(configured_members, "configuredMembers", STRING, .flags = MSG_LIST, .doc = "Configured members."),
	F(pending_members, "pendingMembers", STRING, .flags = MSG_LIST, .doc = "Pending members."),
	F(terminating_members, "terminatingMembers", STRING, .flags = MSG_LIST, .doc = "Terminating members."),
	F(conditions, "conditions", MESSAGE, .desc = &maistra_service_mesh_member_roll_condition_desc,
	  .flags = MSG_LIST, .doc = "Conditions."),
	F(member_statuses, "memberStatuses", MESSAGE, .desc = &maistra_service_mesh_member_status_summary_desc,
	  .flags = MSG_LIST, .doc = "Member statuses."),
};
DESC(maistra_smmr_status, "ServiceMeshMemberRollStatus", "Service mesh member roll status.");
#undef T

#define T struct maistra_smmr
static const struct msg_field maistra_smmr_rows[] = {
	F(api_version, "apiVersion", STRING, .doc = "Api version."),
	F(kind, "kind", STRING, .doc = "Kind."),
	F(metadata, "metadata", MESSAGE, .desc = &meta_object_desc, .doc = "Metadata."),
	F(spec, "spec", MESSAGE, .desc = &maistra_smmr_spec_desc, .doc = "Spec."),
	F(status, "status", MESSAGE, .desc = &maistra_smmr_status_desc, .doc = "Status."),
};
DESC(maistra_smmr, "ServiceMeshMemberRoll", "Service mesh member roll.");
#undef T

#define T struct maistra_smcp_ref
static const struct msg_field maistra_smcp_ref_rows[] = {
	F(name, "name", STRING, .flags = MSG_REQUIRED, .doc = "Name."),
	F(namespace, "namespace", STRING, .flags = MSG_REQUIRED, .doc = "Namespace."),
};
DESC(maistra_smcp_ref, "ServiceMeshControlPlaneRef", "Service mesh control plane ref.");
#undef T

#define T struct maistra_smm_spec
static const struct msg_field maistra_smm_spec_rows[] = {
	F(control_plane_ref, "controlPlaneRef", MESSAGE, .desc = &maistra_smcp_ref_desc, .flags = MSG_REQUIRED,
	  .doc = "Control plane ref."),
};
DESC(maistra_smm_spec, "ServiceMeshMemberSpec", "Service mesh member spec.");
#undef T

#define T struct maistra_smm_status
static const struct msg_field maistra_smm_status_rows[] = {
	F(annotations, "annotations", STR_MAP, .doc = "Annotations."),
	F(observed_generation, "observedGeneration", INT64, .flags = MSG_KEEP_ZERO, .doc = "Observed generation."),
	F(mesh_generation, "meshGeneration", INT64, .doc = "Mesh generation."),
	F(mesh_reconciled_version, "meshReconciledVersion", STRING, .doc = "Mesh reconciled version."),
	F(conditions, "conditions", MESSAGE, .desc = &maistra_service_mesh_member_condition_desc, .flags = MSG_LIST,
	  .doc = "Conditions."),
};
DESC(maistra_smm_status, "ServiceMeshMemberStatus", "Service mesh member status.");
#undef T

#define T struct maistra_smm
static const struct msg_field maistra_smm_rows[] = {
	F(api_version, "apiVersion", STRING, .doc = "Api version."),
	F(kind, "kind", STRING, .doc = "Kind."),
	F(metadata, "metadata", MESSAGE, .desc = &meta_object_desc, .doc = "Metadata."),
	F(spec, "spec", MESSAGE, .desc = &maistra_smm_spec_desc, .doc = "Spec."),
	F(status, "status", MESSAGE, .desc = &maistra_smm_status_desc, .doc = "Status."),
};
DESC(maistra_smm, "ServiceMeshMember", "Service mesh member.");
#undef T
