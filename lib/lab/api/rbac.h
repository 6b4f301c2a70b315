/*
 * Role-based access control: who may do what, from the Roles and bindings that the API holds now; and the roles every
 * cluster starts with. Reads only; on the loop.
 */
#ifndef LAB_API_RBAC_H
#define LAB_API_RBAC_H

#include <stdbool.h>

#include "base/buf.h"
#include "lab/api/api.h"

struct rbac_request {
	const char *user;
	const char *const *groups; /* NULL-ended */
	const char *verb;          /* get, list, watch, create, update, patch, delete, deletecollection, ... */
	const char *path;          /* non-resource request ("/version"); then the fields below are ignored; else NULL */
	const char *group, *resource, *subresource; /* subresource "" or NULL = none */
	const char *ns;                             /* "" or NULL = cluster-scoped, or all namespaces */
	const char *name;                           /* "" or NULL = none */
};

/* Whether the request is allowed. reason (may be NULL) gets a sentence that names the binding that allows it. */
bool rbac_allowed(struct lab_api *api, const struct rbac_request *r, struct buf *reason);

/*
 * Whether the user already holds every right of these rules (in ns, or everywhere for NULL), so that granting them is
 * no escalation. On refusal missing gets the rules that are not held, as Kubernetes prints them: one "{...}" a line.
 */
bool rbac_covers(struct lab_api *api, const char *user, const char *const *groups, const char *ns, const cJSON *rules,
		 struct buf *missing);

/* Calls on_rule for each rule that holds for the user: of all namespaces, and of ns unless it is NULL or "". */
void rbac_list_rules(struct lab_api *api, const char *user, const char *const *groups, const char *ns,
		     void (*on_rule)(void *arg, const cJSON *rule), void *arg);

/* The rules that a role reference of a binding in ns grants, or NULL when the role does not exist. Borrowed. */
const cJSON *rbac_rules_of(struct lab_api *api, const cJSON *role_ref, const char *ns);

/* The ClusterRoles and ClusterRoleBindings of every cluster: a new array of objects in the order of their creation. */
cJSON *rbac_bootstrap(void);

#endif
