/* Rows of roles and bindings: rbac.authorization.k8s.io/v1. See the header for the structs. */
#include "api/rbac.h"

#include "api/api_internal.h"

#define T struct rbac_policy_rule
static const struct msg_field rbac_policy_rule_rows[] = {
	F(verbs, "verbs", STRING, .flags = MSG_LIST, .doc = "Verbs."),
	F(api_groups, "apiGroups", STRING, .flags = MSG_LIST, .doc = "Api groups."),
	F(resources, "resources", STRING, .flags = MSG_LIST, .doc = "Resources."),
	F(resource_names, "resourceNames", STRING, .flags = MSG_LIST, .doc = "Resource names."),
	F(non_resource_ur_ls, "nonResourceURLs", STRING, .flags = MSG_LIST, .doc = "Non resource ur ls."),
};
DESC(rbac_policy_rule, "PolicyRule", "Policy rule.");
#undef T

#define T struct rbac_role
static const struct msg_field rbac_role_rows[] = {
	F(api_version, "apiVersion", STRING, .doc = "Api version."),
	F(kind, "kind", STRING, .doc = "Kind."),
	F(metadata, "metadata", MESSAGE, .desc = &meta_object_desc, .doc = "Metadata."),
	F(rules, "rules", MESSAGE, .desc = &rbac_policy_rule_desc, .flags = MSG_LIST, .doc = "Rules."),
};
DESC(rbac_role, "Role", "Role.");
#undef T

#define T struct rbac_subject
static const struct msg_field rbac_subject_rows[] = {
	F(kind, "kind", STRING, .flags = MSG_REQUIRED, .doc = "Kind."),
	F(api_group, "apiGroup", STRING, .doc = "Api group."),
	F(name, "name", STRING, .flags = MSG_REQUIRED, .doc = "Name."),
	F(namespace, "namespace", STRING, .doc = "Namespace."),
};
DESC(rbac_subject, "Subject", "Subject.");
#undef T

#define T struct rbac_role_ref
static const struct msg_field rbac_role_ref_rows[] = {
	F(api_group, "apiGroup", STRING, .flags = MSG_REQUIRED, .doc = "Api group."),
	F(kind, "kind", STRING, .flags = MSG_REQUIRED, .doc = "Kind."),
	F(name, "name", STRING, .flags = MSG_REQUIRED, .doc = "Name."),
};
DESC(rbac_role_ref, "RoleRef", "Role ref.");
#undef T

#define T struct rbac_role_binding
static const struct msg_field rbac_role_binding_rows[] = {
	F(api_version, "apiVersion", STRING, .doc = "Api version."),
	F(kind, "kind", STRING, .doc = "Kind."),
	F(metadata, "metadata", MESSAGE, .desc = &meta_object_desc, .doc = "Metadata."),
	F(subjects, "subjects", MESSAGE, .desc = &rbac_subject_desc, .flags = MSG_LIST, .doc = "Subjects."),
	F(role_ref, "roleRef", MESSAGE, .desc = &rbac_role_ref_desc, .flags = MSG_REQUIRED, .doc = "Role ref."),
};
DESC(rbac_role_binding, "RoleBinding", "Role binding.");
#undef T

#define T struct rbac_aggregation_rule
static const struct msg_field rbac_aggregation_rule_rows[] = {
	F(cluster_role_selectors, "clusterRoleSelectors", MESSAGE, .desc = &meta_label_selector_desc, .flags = MSG_LIST,
	  .doc = "Cluster role selectors."),
};
DESC(rbac_aggregation_rule, "AggregationRule", "Aggregation rule.");
#undef T

#define T struct rbac_cluster_role
static const struct msg_field rbac_cluster_role_rows[] = {
	F(api_version, "apiVersion", STRING, .doc = "Api version."),
	F(kind, "kind", STRING, .doc = "Kind."),
	F(metadata, "metadata", MESSAGE, .desc = &meta_object_desc, .doc = "Metadata."),
	F(rules, "rules", MESSAGE, .desc = &rbac_policy_rule_desc, .flags = MSG_LIST, .doc = "Rules."),
	F(aggregation_rule, "aggregationRule", MESSAGE, .desc = &rbac_aggregation_rule_desc,
	  .doc = "Aggregation rule."),
};
DESC(rbac_cluster_role, "ClusterRole", "Cluster role.");
#undef T

#define T struct rbac_cluster_role_binding
static const struct msg_field rbac_cluster_role_binding_rows[] = {
	F(api_version, "apiVersion", STRING, .doc = "Api version."),
	F(kind, "kind", STRING, .doc = "Kind."),
	F(metadata, "metadata", MESSAGE, .desc = &meta_object_desc, .doc = "Metadata."),
	F(subjects, "subjects", MESSAGE, .desc = &rbac_subject_desc, .flags = MSG_LIST, .doc = "Subjects."),
	F(role_ref, "roleRef", MESSAGE, .desc = &rbac_role_ref_desc, .flags = MSG_REQUIRED, .doc = "Role ref."),
};
DESC(rbac_cluster_role_binding, "ClusterRoleBinding", "Cluster role binding.");
#undef T
