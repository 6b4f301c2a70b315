/* Rows of the member roll and members: maistra.io/v1. See the header for the structs. */
#include "api/maistra/maistra.h"

#include "api/api_internal.h"

#define T struct maistra_smmr_spec
static const struct msg_field maistra_smmr_spec_rows[] = {
	F(members, "members", STRING, DONE, .flags = MSG_LIST | MSG_NULLABLE,
	  .doc = "Namespaces that join the mesh, by name; [\"*\"] for all but those of the platform."),
	F(member_selectors, "memberSelectors", MESSAGE, DONE, .desc = &meta_label_selector_desc, .flags = MSG_LIST,
	  .doc = "Label selectors of namespaces that join the mesh, any of these; excludes members."),
};
DESC(maistra_smmr_spec, "ServiceMeshMemberRollSpec", "What is wanted of a service mesh member roll.");
#undef T

#define T struct maistra_service_mesh_member_roll_condition
static const struct msg_field maistra_service_mesh_member_roll_condition_rows[] = {
	F(type, "type", STRING, MOOT("written by the operator"), .doc = "What the condition is about: Ready."),
	F(status, "status", STRING, MOOT("written by the operator"), .doc = "True, False or Unknown."),
	F(last_transition_time, "lastTransitionTime", STRING, MOOT("written by the operator"), .format = "date-time",
	  .doc = "When the status changed last."),
	F(reason, "reason", STRING, MOOT("written by the operator"), .doc = "One word in CamelCase that says why."),
	F(message, "message", STRING, MOOT("written by the operator"), .doc = "Sentence for people that says why."),
};
DESC(maistra_service_mesh_member_roll_condition, "ServiceMeshMemberRollCondition",
     "A fact that was observed of a member roll.");
#undef T

#define T struct maistra_service_mesh_member_condition
static const struct msg_field maistra_service_mesh_member_condition_rows[] = {
	F(type, "type", STRING, MOOT("written by the operator"),
	  .doc = "What the condition is about: Reconciled or Ready."),
	F(status, "status", STRING, MOOT("written by the operator"), .doc = "True, False or Unknown."),
	F(last_transition_time, "lastTransitionTime", STRING, MOOT("written by the operator"), .format = "date-time",
	  .doc = "When the status changed last."),
	F(reason, "reason", STRING, MOOT("written by the operator"), .doc = "One word in CamelCase that says why."),
	F(message, "message", STRING, MOOT("written by the operator"), .doc = "Sentence for people that says why."),
};
DESC(maistra_service_mesh_member_condition, "ServiceMeshMemberCondition", "A fact that was observed of a member.");
#undef T

#define T struct maistra_service_mesh_member_status_summary
static const struct msg_field maistra_service_mesh_member_status_summary_rows[] = {
	F(namespace, "namespace", STRING, MOOT("written by the operator"), .flags = MSG_REQUIRED,
	  .doc = "Name of the member namespace."),
	F(conditions, "conditions", MESSAGE, MOOT("written by the operator"),
	  .desc = &maistra_service_mesh_member_condition_desc, .flags = MSG_LIST, .doc = "Conditions observed last."),
};
DESC(maistra_service_mesh_member_status_summary, "ServiceMeshMemberStatusSummary", "State of one member.");
#undef T

#define T struct maistra_smmr_status
static const struct msg_field maistra_smmr_status_rows[] = {
	F(annotations, "annotations", STR_MAP, MOOT("written by the operator"),
	  .doc = "Further facts by name, such as how many members are configured."),
	F(observed_generation, "observedGeneration", INT64, MOOT("written by the operator"),
	  .doc = "Generation of the specification that this status is about."),
	F(mesh_generation, "meshGeneration", INT64, MOOT("written by the operator"),
	  .doc = "Generation of the control plane that was applied."),
	F(mesh_reconciled_version, "meshReconciledVersion", STRING, MOOT("written by the operator"),
	  .doc = "Version and generation of the control plane that was applied."),
	F(members, "members", STRING, MOOT("written by the operator"), .flags = MSG_LIST,
	  .doc = "Namespaces that the specification names or selects."),
	F(configured_members, "configuredMembers", STRING, MOOT("written by the operator"), .flags = MSG_LIST,
	  .doc = "Namespaces that are set up as part of the mesh."),
	F(pending_members, "pendingMembers", STRING, MOOT("written by the operator"), .flags = MSG_LIST,
	  .doc = "Namespaces that are not set up yet."),
	F(terminating_members, "terminatingMembers", STRING, MOOT("written by the operator"), .flags = MSG_LIST,
	  .doc = "Namespaces that are leaving the mesh."),
	F(shared_members, "sharedMembers", STRING, MOOT("written by the operator"), .flags = MSG_LIST,
	  .doc = "Namespaces of the mesh that are on another revision of its control plane, and known to this one."),
	F(conditions, "conditions", MESSAGE, MOOT("written by the operator"),
	  .desc = &maistra_service_mesh_member_roll_condition_desc, .flags = MSG_LIST,
	  .doc = "Conditions observed last."),
	F(member_statuses, "memberStatuses", MESSAGE, MOOT("written by the operator"),
	  .desc = &maistra_service_mesh_member_status_summary_desc, .flags = MSG_LIST, .doc = "State of each member."),
};
DESC(maistra_smmr_status, "ServiceMeshMemberRollStatus", "What was observed of a service mesh member roll.");
#undef T

#define T struct maistra_smmr
static const struct msg_field maistra_smmr_rows[] = {
	F(api_version, "apiVersion", STRING, MOOT("names the kind"),
	  .doc = "Group and version of the kind, \"group/version\"."),
	F(kind, "kind", STRING, MOOT("names the kind"), .doc = "Kind of the object."),
	F(metadata, "metadata", MESSAGE, MOOT("the API server's own"), .desc = &meta_object_desc,
	  .doc = "Name, namespace, labels and annotations of the object."),
	F(spec, "spec", MESSAGE, DONE, .desc = &maistra_smmr_spec_desc, .doc = "What is wanted."),
	F(status, "status", MESSAGE, MOOT("written by the control plane"), .desc = &maistra_smmr_status_desc,
	  .doc = "What was observed last; written by controllers."),
};
DESC(maistra_smmr, "ServiceMeshMemberRoll", "The namespaces of a mesh.");
#undef T

#define T struct maistra_smcp_ref
static const struct msg_field maistra_smcp_ref_rows[] = {
	F(name, "name", STRING, DONE, .flags = MSG_REQUIRED, .doc = "Name of the ServiceMeshControlPlane."),
	F(namespace, "namespace", STRING, DONE, .flags = MSG_REQUIRED,
	  .doc = "Namespace of the ServiceMeshControlPlane."),
};
DESC(maistra_smcp_ref, "ServiceMeshControlPlaneRef", "The mesh that is joined, by its control plane.");
#undef T

#define T struct maistra_smm_spec
static const struct msg_field maistra_smm_spec_rows[] = {
	F(control_plane_ref, "controlPlaneRef", MESSAGE, DONE, .desc = &maistra_smcp_ref_desc, .flags = MSG_REQUIRED,
	  .doc = "Control plane whose mesh the namespace joins; cannot be changed."),
};
DESC(maistra_smm_spec, "ServiceMeshMemberSpec", "What is wanted of a service mesh member.");
#undef T

#define T struct maistra_smm_status
static const struct msg_field maistra_smm_status_rows[] = {
	F(annotations, "annotations", STR_MAP, MOOT("written by the operator"),
	  .doc = "Further facts by name, such as the control plane that is meant."),
	F(observed_generation, "observedGeneration", INT64, MOOT("written by the operator"), .flags = MSG_KEEP_ZERO,
	  .doc = "Generation of the specification that this status is about."),
	F(mesh_generation, "meshGeneration", INT64, MOOT("written by the operator"),
	  .doc = "Generation of the control plane that was applied."),
	F(mesh_reconciled_version, "meshReconciledVersion", STRING, MOOT("written by the operator"),
	  .doc = "Version and generation of the control plane that was applied."),
	F(conditions, "conditions", MESSAGE, MOOT("written by the operator"),
	  .desc = &maistra_service_mesh_member_condition_desc, .flags = MSG_LIST, .doc = "Conditions observed last."),
};
DESC(maistra_smm_status, "ServiceMeshMemberStatus", "What was observed of a service mesh member.");
#undef T

#define T struct maistra_smm
static const struct msg_field maistra_smm_rows[] = {
	F(api_version, "apiVersion", STRING, MOOT("names the kind"),
	  .doc = "Group and version of the kind, \"group/version\"."),
	F(kind, "kind", STRING, MOOT("names the kind"), .doc = "Kind of the object."),
	F(metadata, "metadata", MESSAGE, MOOT("the API server's own"), .desc = &meta_object_desc,
	  .doc = "Name, namespace, labels and annotations of the object."),
	F(spec, "spec", MESSAGE, DONE, .desc = &maistra_smm_spec_desc, .doc = "What is wanted."),
	F(status, "status", MESSAGE, MOOT("written by the control plane"), .desc = &maistra_smm_status_desc,
	  .doc = "What was observed last; written by controllers."),
};
DESC(maistra_smm, "ServiceMeshMember", "Makes its namespace part of a mesh.");
#undef T
