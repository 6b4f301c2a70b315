/* Roles and bindings: rbac.authorization.k8s.io/v1. */
#ifndef API_CLUSTER_RBAC_H
#define API_CLUSTER_RBAC_H

#include "api/meta.h"

/* Rule: policy. */
struct rbac_policy_rule {
	LIST(const char *) verbs;
	LIST(const char *) api_groups;
	LIST(const char *) resources;
	LIST(const char *) resource_names;
	LIST(const char *) non_resource_ur_ls;
};

/* Rights within a namespace. */
struct rbac_role {
	const char *api_version;
	const char *kind;
	struct meta_object *metadata;
	LIST(struct rbac_policy_rule) rules;
};

/* Subject. */
struct rbac_subject {
	const char *kind;
	const char *api_group;
	const char *name;
	const char *namespace;
};

/* Role ref. */
struct rbac_role_ref {
	const char *api_group;
	const char *kind;
	const char *name;
};

/* Gives rights within a namespace. */
struct rbac_role_binding {
	const char *api_version;
	const char *kind;
	struct meta_object *metadata;
	LIST(struct rbac_subject) subjects;
	struct rbac_role_ref *role_ref;
};

/* Rule: aggregation. */
struct rbac_aggregation_rule {
	LIST(struct meta_label_selector) cluster_role_selectors;
};

/* Rights in the whole cluster. */
struct rbac_cluster_role {
	const char *api_version;
	const char *kind;
	struct meta_object *metadata;
	LIST(struct rbac_policy_rule) rules;
	struct rbac_aggregation_rule *aggregation_rule;
};

/* Gives rights in the whole cluster. */
struct rbac_cluster_role_binding {
	const char *api_version;
	const char *kind;
	struct meta_object *metadata;
	LIST(struct rbac_subject) subjects;
	struct rbac_role_ref *role_ref;
};

extern const struct msg_desc rbac_policy_rule_desc;
extern const struct msg_desc rbac_role_desc;
extern const struct msg_desc rbac_subject_desc;
extern const struct msg_desc rbac_role_ref_desc;
extern const struct msg_desc rbac_role_binding_desc;
extern const struct msg_desc rbac_aggregation_rule_desc;
extern const struct msg_desc rbac_cluster_role_desc;
extern const struct msg_desc rbac_cluster_role_binding_desc;

#endif
