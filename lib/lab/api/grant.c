/* Writes of roles and bindings: nobody may grant more than they hold, unless they have the verbs escalate or bind. */
#include <stdio.h>

#include "base/cleanup.h"
#include "lab/api/op.h"
#include "lab/api/rbac.h"

#define RBAC_GROUP "rbac.authorization.k8s.io"

static bool has_verb(struct op *op, const char *verb, const char *resource, const char *name)
{
	struct rbac_request q = {.user = op->user.name,
				 .groups = op->user.groups,
				 .verb = verb,
				 .group = RBAC_GROUP,
				 .resource = resource,
				 .ns = op->ns,
				 .name = name};

	return rbac_allowed(op->api, &q, NULL);
}

static bool holds(struct op *op, const cJSON *rules, struct buf *missing)
{
	return rbac_covers(op->api, op->user.name, op->user.groups, *op->ns ? op->ns : NULL, rules, missing);
}

static cJSON *escalates(struct op *op, const cJSON *obj, const struct buf *missing)
{
	CLEANUP(buf_done) struct buf groups = BUF_INIT;

	for (size_t i = 0; i < op->user.n_groups; i++)
		buf_printf(&groups, "%s\"%s\"", i ? " " : "", op->user.groups[i]);
	return status_forbidden(op->res, json_str(obj, "metadata.name"),
				"user \"%s\" (groups=[%s]) is attempting to grant RBAC permissions not currently "
				"held:\n%s",
				op->user.name, buf_str(&groups), buf_str(missing));
}

cJSON *grant_check(struct op *op, const cJSON *obj, const cJSON *old)
{
	CLEANUP(buf_done) struct buf missing = BUF_INIT;
	const cJSON *ref = json_get(obj, "roleRef");
	const char *kind = json_str(ref, "kind"), *role = json_str(ref, "name");

	if (strcmp(op->res->group, RBAC_GROUP) != 0 || op->res->custom)
		return NULL;
	if (ref) {
		bool cluster = kind && strcmp(kind, "ClusterRole") == 0;

		if ((old && json_equal(json_get(old, "subjects"), json_get(obj, "subjects"))) ||
		    has_verb(op, "bind", cluster ? "clusterroles" : "roles", role) ||
		    holds(op, rbac_rules_of(op->api, ref, op->ns), &missing))
			return NULL;
	} else if ((old && json_equal(json_get(old, "rules"), json_get(obj, "rules"))) ||
		   has_verb(op, "escalate", op->res->plural, json_str(obj, "metadata.name")) ||
		   holds(op, json_get(obj, "rules"), &missing)) {
		return NULL;
	}
	return escalates(op, obj, &missing);
}
