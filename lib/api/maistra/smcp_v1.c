/* Rows of ServiceMeshControlPlane: maistra.io/v1. */
#include "api/maistra/smcp_v1.h"

#include "api/api_internal.h"

#define T struct maistra_smcp_v1_status
static const struct msg_field maistra_smcp_v1_status_rows[] = {
	F(annotations, "annotations", STR_MAP, MOOT("written by the operator"), .doc = "Further facts by name."),
	F(conditions, "conditions", MESSAGE, MOOT("written by the operator"), .desc = &maistra_condition_desc,
	  .flags = MSG_LIST, .doc = "Conditions observed last."),
	F(observed_generation, "observedGeneration", INT64, MOOT("written by the operator"),
	  .doc = "Generation of the specification that this status is about."),
	F(reconciled_version, "reconciledVersion", STRING, MOOT("written by the operator"),
	  .doc = "Version of the operator that wrote this status, and the generation."),
	F(components, "components", MESSAGE, MOOT("written by the operator"), .desc = &maistra_component_status_desc,
	  .flags = MSG_LIST, .doc = "State by component."),
	F(last_applied_configuration, "lastAppliedConfiguration", MESSAGE, MOOT("written by the operator"),
	  .desc = &maistra_control_plane_spec_desc, .doc = "The specification with the profiles' values."),
};
DESC(maistra_smcp_v1_status, "ControlPlaneStatus", "What was observed of a control plane.");
#undef T

#define T struct maistra_smcp_v1
static const struct msg_field maistra_smcp_v1_rows[] = {
	F(api_version, "apiVersion", STRING, MOOT("names the kind"),
	  .doc = "Group and version of the kind, \"group/version\"."),
	F(kind, "kind", STRING, MOOT("names the kind"), .doc = "Kind of the object."),
	F(metadata, "metadata", MESSAGE, MOOT("the API server's own"), .desc = &meta_object_desc,
	  .doc = "Name, namespace, labels and annotations of the object."),
	F(spec, "spec", MESSAGE, DONE, .desc = &maistra_control_plane_spec_desc,
	  .doc = "What is wanted, as values of charts; what is not known of them is in spec.techPreview of v2."),
	F(status, "status", MESSAGE, MOOT("written by the control plane"), .desc = &maistra_smcp_v1_status_desc,
	  .doc = "What was observed last; written by controllers."),
};
DESC(maistra_smcp_v1, "ServiceMeshControlPlane",
     "A service mesh: its control plane, gateways and add-ons, as values of charts. maistra.io/v2 has fields for "
     "them.");
#undef T
