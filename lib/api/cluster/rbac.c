/* Rows of roles and bindings: rbac.authorization.k8s.io/v1. See the header for the structs. */
#include "api/cluster/rbac.h"

#include "api/api_internal.h"

#define T struct rbac_policy_rule
static const struct msg_field rbac_policy_rule_rows[] = {
	F(verbs, "verbs", STRING, .flags = MSG_LIST, .pb = 1, .doc = "Verbs that are allowed; \"*\" for all."),
	F(api_groups, "apiGroups", STRING, .flags = MSG_LIST, .pb = 2, .doc = "API groups; \"*\" for all."),
	F(resources, "resources", STRING, .flags = MSG_LIST, .pb = 3, .doc = "Compute resources."),
	F(resource_names, "resourceNames", STRING, .flags = MSG_LIST, .pb = 4,
	  .doc = "Names of objects; empty for all."),
	F(non_resource_ur_ls, "nonResourceURLs", STRING, .flags = MSG_LIST, .pb = 5,
	  .doc = "URL paths that are no resources."),
};
DESC(rbac_policy_rule, "PolicyRule", "Rule: policy.");
#undef T

#define T struct rbac_role
static const struct msg_field rbac_role_rows[] = {
	F(api_version, "apiVersion", STRING, .doc = "Group and version of the kind, \"group/version\"."),
	F(kind, "kind", STRING, .doc = "Kind of the object."),
	F(metadata, "metadata", MESSAGE, .desc = &meta_object_desc, .pb = 1,
	  .doc = "Name, namespace, labels and annotations of the object."),
	F(rules, "rules", MESSAGE, .desc = &rbac_policy_rule_desc, .flags = MSG_LIST, .pb = 2,
	  .doc = "Rules, applied in order."),
};
DESC(rbac_role, "Role", "Rights within a namespace.");
#undef T

#define T struct rbac_subject
static const struct msg_field rbac_subject_rows[] = {
	F(kind, "kind", STRING, .flags = MSG_REQUIRED, .pb = 1, .doc = "Kind of the object."),
	F(api_group, "apiGroup", STRING, .pb = 2, .doc = "API group of the object referred to."),
	F(name, "name", STRING, .flags = MSG_REQUIRED, .pb = 3, .doc = "Name, unique among its siblings."),
	F(namespace, "namespace", STRING, .pb = 4, .doc = "Namespace of the object."),
};
DESC(rbac_subject, "Subject", "Subject.");
#undef T

#define T struct rbac_role_ref
static const struct msg_field rbac_role_ref_rows[] = {
	F(api_group, "apiGroup", STRING, .dflt = "\"rbac.authorization.k8s.io\"", .pb = 1,
	  .doc = "API group of the object referred to."),
	F(kind, "kind", STRING, .flags = MSG_REQUIRED, .pb = 2, .doc = "Kind of the object."),
	F(name, "name", STRING, .flags = MSG_REQUIRED, .pb = 3, .doc = "Name, unique among its siblings."),
};
DESC(rbac_role_ref, "RoleRef", "Role ref.");
#undef T

#define T struct rbac_role_binding
static const struct msg_field rbac_role_binding_rows[] = {
	F(api_version, "apiVersion", STRING, .doc = "Group and version of the kind, \"group/version\"."),
	F(kind, "kind", STRING, .doc = "Kind of the object."),
	F(metadata, "metadata", MESSAGE, .desc = &meta_object_desc, .pb = 1,
	  .doc = "Name, namespace, labels and annotations of the object."),
	F(subjects, "subjects", MESSAGE, .desc = &rbac_subject_desc, .flags = MSG_LIST, .pb = 2,
	  .doc = "Users, groups and service accounts."),
	F(role_ref, "roleRef", MESSAGE, .desc = &rbac_role_ref_desc, .flags = MSG_ATOMIC | MSG_REQUIRED, .pb = 3,
	  .doc = "Role that is granted."),
};
DESC(rbac_role_binding, "RoleBinding", "Gives rights within a namespace.");
#undef T

#define T struct rbac_aggregation_rule
static const struct msg_field rbac_aggregation_rule_rows[] = {
	F(cluster_role_selectors, "clusterRoleSelectors", MESSAGE, .desc = &meta_label_selector_desc, .flags = MSG_LIST,
	  .pb = 1, .doc = "Roles whose rules are taken."),
};
DESC(rbac_aggregation_rule, "AggregationRule", "Rule: aggregation.");
#undef T

#define T struct rbac_cluster_role
static const struct msg_field rbac_cluster_role_rows[] = {
	F(api_version, "apiVersion", STRING, .doc = "Group and version of the kind, \"group/version\"."),
	F(kind, "kind", STRING, .doc = "Kind of the object."),
	F(metadata, "metadata", MESSAGE, .desc = &meta_object_desc, .pb = 1,
	  .doc = "Name, namespace, labels and annotations of the object."),
	F(rules, "rules", MESSAGE, .desc = &rbac_policy_rule_desc, .flags = MSG_LIST, .pb = 2,
	  .doc = "Rules, applied in order."),
	F(aggregation_rule, "aggregationRule", MESSAGE, .desc = &rbac_aggregation_rule_desc, .pb = 3,
	  .doc = "Builds the rules from other roles."),
};
DESC(rbac_cluster_role, "ClusterRole", "Rights in the whole cluster.");
#undef T

#define T struct rbac_cluster_role_binding
static const struct msg_field rbac_cluster_role_binding_rows[] = {
	F(api_version, "apiVersion", STRING, .doc = "Group and version of the kind, \"group/version\"."),
	F(kind, "kind", STRING, .doc = "Kind of the object."),
	F(metadata, "metadata", MESSAGE, .desc = &meta_object_desc, .pb = 1,
	  .doc = "Name, namespace, labels and annotations of the object."),
	F(subjects, "subjects", MESSAGE, .desc = &rbac_subject_desc, .flags = MSG_LIST, .pb = 2,
	  .doc = "Users, groups and service accounts."),
	F(role_ref, "roleRef", MESSAGE, .desc = &rbac_role_ref_desc, .flags = MSG_ATOMIC | MSG_REQUIRED, .pb = 3,
	  .doc = "Role that is granted."),
};
DESC(rbac_cluster_role_binding, "ClusterRoleBinding", "Gives rights in the whole cluster.");
#undef T
