/*
 * ServiceMeshMemberRoll: resolves the members, gives each namespace its label, its ServiceMeshMember and its copies of
 * the mesh's objects, takes them away from namespaces that left, and tells in status how far it is.
 */
#include <stdio.h>

#include "api/core/config.h"
#include "api/maistra/smcp.h"
#include "base/cleanup.h"
#include "msg/json.h"
#include "operator/reconcile/condition.h"
#include "operator/reconcile/members.h"
#include "operator/render/render.h"
#include "operator/reconcile/smcp_internal.h"

enum member_state { MEMBER_CONFIGURED, MEMBER_PENDING, MEMBER_TERMINATING };

struct member {
	const char *ns;
	enum member_state state;
	const char *reason, *message; /* in the plan's arena or static */
};

struct roll_view {
	struct members resolved;
	VEC(struct member) members;
	const struct api_object *smcp; /* NULL: there is none */
	struct member_objects objects; /* for each member */
	const char *reason;            /* why no member can be configured, or NULL */
	const char *message;
};

static const struct maistra_smmr_status *old_status(const struct api_object *roll)
{
	static const struct maistra_smmr_status none;
	const struct maistra_smmr *value = API_VALUE(roll, smmr, maistra_smmr);

	return value->status ? value->status : &none;
}

static bool made_by_roll(const struct api_object *member)
{
	const char *by = api_object_annotation(member, ANNOTATION_CREATED_BY);

	return by && !strcmp(by, CREATED_BY_ROLL);
}

/* Whether the namespace's own ServiceMeshMember names another mesh. */
static bool wants_another(const struct store *s, const char *mesh_ns, const char *ns)
{
	const struct api_object *have = store_get(s, &api_kind_smm, ns, "default");
	const struct maistra_smm *value = have ? API_VALUE(have, smm, maistra_smm) : NULL;
	const struct maistra_smcp_ref *ref = value && value->spec ? value->spec->control_plane_ref : NULL;

	return ref && ref->namespace && strcmp(ref->namespace, mesh_ns) != 0;
}

/* Creates ServiceMeshMember/default in a namespace that has none. */
static void plan_member(const struct store *s, const struct api_object *smcp, const char *ns, struct plan *p)
{
	cJSON *json, *meta, *to;
	struct api_object *obj;

	if (store_get(s, &api_kind_smm, ns, "default"))
		return;
	json = cJSON_CreateObject();
	cJSON_AddStringToObject(json, "apiVersion", "maistra.io/v1");
	cJSON_AddStringToObject(json, "kind", "ServiceMeshMember");
	meta = cJSON_AddObjectToObject(json, "metadata");
	cJSON_AddStringToObject(meta, "name", "default");
	cJSON_AddStringToObject(meta, "namespace", ns);
	cJSON_AddStringToObject(cJSON_AddObjectToObject(meta, "annotations"), ANNOTATION_CREATED_BY, CREATED_BY_ROLL);
	to = cJSON_AddObjectToObject(cJSON_AddObjectToObject(json, "spec"), "controlPlaneRef");
	cJSON_AddStringToObject(to, "name", api_object_name(smcp));
	cJSON_AddStringToObject(to, "namespace", api_object_namespace(smcp));
	if (api_object_from_json(&api_kind_smm, json, &obj, NULL) == 0)
		plan_create(p, obj, 1);
	cJSON_Delete(json);
}

static struct member pending(const char *ns, const char *reason, const char *message)
{
	return (struct member){ns, MEMBER_PENDING, reason, message};
}

/* Takes a namespace that is not, or no longer, a member out of the mesh. Returns whether anything was left to do. */
static bool remove_member(const struct store *s, const char *mesh_ns, const struct api_object *ns, struct plan *p)
{
	const char *name = api_object_name(ns), *of = api_object_label(ns, LABEL_MEMBER_OF);
	const struct api_object *member = store_get(s, &api_kind_smm, name, "default");
	struct store_key ns_key = {&api_kind_namespace, "", name}, key = {&api_kind_smm, name, "default"};
	bool any = members_plan_removal(s, mesh_ns, name, p) > 0;

	if (member && made_by_roll(member) && !member->meta->deletion_timestamp) {
		const struct maistra_smm *value = API_VALUE(member, smm, maistra_smm);
		const char *to = value->spec ? AT1(value->spec->control_plane_ref, namespace) : NULL;

		if (to && !strcmp(to, mesh_ns)) {
			plan_delete(p, &key, member->meta->uid);
			any = true;
		}
	}
	if (of && !strcmp(of, mesh_ns) && !ns->meta->deletion_timestamp) {
		plan_label(p, &ns_key, LABEL_MEMBER_OF, NULL);
		any = true;
	}
	return any;
}

/* Labels a namespace that no mesh has, unless it changed meanwhile: another roll may name it too, and the first has it.
 * Nothing is made in it before that. */
static void plan_claim(struct plan *p, const struct api_object *ns, const char *mesh_ns)
{
	const struct store_key key = {&api_kind_namespace, "", api_object_name(ns)};
	cJSON *body = cJSON_CreateObject(), *meta = cJSON_AddObjectToObject(body, "metadata");

	cJSON_AddStringToObject(cJSON_AddObjectToObject(meta, "labels"), LABEL_MEMBER_OF, mesh_ns);
	if (ns->meta->resource_version)
		cJSON_AddStringToObject(meta, "resourceVersion", ns->meta->resource_version);
	plan_patch(p, &key, body);
}

/* Plans what one namespace needs and tells its state. */
static struct member configure(struct store *s, const struct roll_view *v, const char *ns, struct plan *p)
{
	const char *mesh_ns = api_object_namespace(v->smcp);
	const struct api_object *o = store_get(s, &api_kind_namespace, "", ns);
	const char *of = o ? api_object_label(o, LABEL_MEMBER_OF) : NULL;
	size_t missing;

	if (!o)
		return pending(ns, "NamespaceNotExists", arena_printf(&p->arena, "Namespace %s does not exist", ns));
	if (o->meta->deletion_timestamp)
		return (struct member){ns, MEMBER_TERMINATING, "Terminating",
				       arena_printf(&p->arena, "Namespace %s is being deleted", ns)};
	if (of && strcmp(of, mesh_ns) != 0) {
		remove_member(s, mesh_ns, o, p); /* what may have been made before the other mesh had it */
		return pending(ns, "ReferencesDifferentControlPlane",
			       arena_printf(&p->arena,
					    "cannot reconcile namespace %s in mesh %s, as it is already a member of %s",
					    ns, mesh_ns, of));
	}
	if (wants_another(s, mesh_ns, ns))
		return pending(
			ns, "ReferencesDifferentControlPlane",
			arena_printf(&p->arena, "the ServiceMeshMember in namespace %s refers to another mesh", ns));
	if (!of) {
		plan_claim(p, o, mesh_ns);
		return pending(ns, "ErrorConfiguringNamespace", "The namespace is being configured");
	}
	plan_member(s, v->smcp, ns, p);
	missing = members_plan_objects(s, &v->objects, mesh_ns, ns, p);
	if (missing || !store_get(s, &api_kind_smm, ns, "default"))
		return pending(ns, "ErrorConfiguringNamespace", "The namespace is being configured");
	return (struct member){ns, MEMBER_CONFIGURED, "Reconciled", NULL};
}

static bool is_member(const struct roll_view *v, const char *ns)
{
	size_t lo = 0, hi = v->resolved.names.n;

	while (lo < hi) {
		size_t mid = (lo + hi) / 2;
		int c = strcmp(v->resolved.names.v[mid], ns);

		if (!c)
			return true;
		if (c < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return false;
}

/* All namespaces that have something of this mesh and are not meant to. */
static bool remove_others(struct store *s, const struct roll_view *v, const char *mesh_ns, struct plan *p)
{
	struct store_range all = store_list(s, &api_kind_namespace, NULL);
	bool any = false;

	for (size_t i = 0; i < all.n; i++) {
		const char *name = api_object_name(all.v[i]);

		if (strcmp(name, mesh_ns) != 0 && (!v->smcp || !is_member(v, name)))
			any |= remove_member(s, mesh_ns, all.v[i], p);
	}
	return any;
}

/* Status. */

static void add_names(cJSON *status, const char *name, const struct roll_view *v, enum member_state state)
{
	cJSON *list = cJSON_AddArrayToObject(status, name);

	for (size_t i = 0; i < v->members.n; i++)
		if (v->members.v[i].state == state)
			cJSON_AddItemToArray(list, cJSON_CreateString(v->members.v[i].ns));
}

static const char *since_of_member(const struct maistra_smmr_status *old, const char *ns, const char *status)
{
	for (size_t i = 0; i < old->member_statuses.n; i++) {
		const struct maistra_service_mesh_member_status_summary *m = &old->member_statuses.v[i];

		if (m->namespace && !strcmp(m->namespace, ns) && m->conditions.n && m->conditions.v[0].status &&
		    !strcmp(m->conditions.v[0].status, status))
			return m->conditions.v[0].last_transition_time;
	}
	return NULL;
}

static void add_member_statuses(cJSON *status, const struct maistra_smmr_status *old, const struct roll_view *v,
				int64_t now_s)
{
	cJSON *list = cJSON_AddArrayToObject(status, "memberStatuses");

	for (size_t i = 0; i < v->members.n; i++) {
		const struct member *m = &v->members.v[i];
		const char *is = m->state == MEMBER_CONFIGURED ? "True" : "False";
		struct condition c = {"Reconciled", is, m->reason, m->message, since_of_member(old, m->ns, is)};
		cJSON *o = cJSON_CreateObject();

		cJSON_AddItemToArray(list, o);
		cJSON_AddStringToObject(o, "namespace", m->ns);
		condition_add(cJSON_AddArrayToObject(o, "conditions"), &c, now_s);
	}
}

static struct condition ready(const struct roll_view *v, const char *error, struct buf *message)
{
	struct condition c = {.type = "Ready", .status = "False", .reason = v->reason, .message = v->message};

	if (v->reason)
		return c;
	for (size_t i = 0; i < v->members.n; i++)
		if (v->members.v[i].state == MEMBER_PENDING)
			buf_printf(message, "%s%s", message->len ? " " : "", v->members.v[i].ns);
	if (message->len) {
		CLEANUP(freep) char *names = buf_take_str(message);

		buf_printf(message, "The following namespaces are not yet configured: [%s]%s%s", names,
			   error ? ": " : "", error ? error : "");
		c.reason = "ReconcileError";
		c.message = buf_str(message);
		return c;
	}
	c.status = "True";
	c.reason = "Configured";
	c.message = "All namespaces have been configured successfully";
	return c;
}

static void add_ready(cJSON *status, const struct maistra_smmr_status *old, struct condition c, int64_t now_s)
{
	if (old->conditions.n && old->conditions.v[0].status && !strcmp(old->conditions.v[0].status, c.status))
		c.since = old->conditions.v[0].last_transition_time;
	condition_add(cJSON_AddArrayToObject(status, "conditions"), &c, now_s);
}

static void plan_roll_status(const struct api_object *roll, const struct reconcile_env *env, const struct roll_view *v,
			     struct plan *p)
{
	const struct maistra_smmr_status *old = old_status(roll);
	struct store_key key = {roll->kind, api_object_namespace(roll), api_object_name(roll)};
	CLEANUP(buf_done) struct buf message = BUF_INIT;
	cJSON *status = cJSON_CreateObject(), *list;
	size_t configured = 0;
	char text[96];

	list = cJSON_AddArrayToObject(status, "members");
	for (size_t i = 0; i < v->resolved.names.n; i++)
		cJSON_AddItemToArray(list, cJSON_CreateString(v->resolved.names.v[i]));
	for (size_t i = 0; i < v->members.n; i++)
		configured += v->members.v[i].state == MEMBER_CONFIGURED;
	add_names(status, "configuredMembers", v, MEMBER_CONFIGURED);
	add_names(status, "pendingMembers", v, MEMBER_PENDING);
	add_names(status, "terminatingMembers", v, MEMBER_TERMINATING);
	add_member_statuses(status, old, v, env->now_s);
	snprintf(text, sizeof(text), "%zu/%zu", configured, v->resolved.names.n);
	cJSON_AddStringToObject(cJSON_AddObjectToObject(status, "annotations"), "configuredMemberCount", text);
	cJSON_AddNumberToObject(status, "observedGeneration", (double)roll->meta->generation);
	if (v->smcp) {
		snprintf(text, sizeof(text), "%s-%lld", env->version, (long long)v->smcp->meta->generation);
		cJSON_AddNumberToObject(status, "meshGeneration", (double)v->smcp->meta->generation);
		cJSON_AddStringToObject(status, "meshReconciledVersion", text);
	}
	add_ready(status, old, ready(v, env->last_error, &message), env->now_s);
	plan_status(p, &key, status);
}

/* Why no member can be configured, or NULL. */
static void check(const struct store *s, const struct api_object *roll, const struct maistra_smmr_spec *spec,
		  struct roll_view *v)
{
	const char *ns = api_object_namespace(roll);

	if (strcmp(api_object_name(roll), "default") != 0) {
		v->reason = "ErrInvalidName";
		v->message = "ServiceMeshMemberRoll must be named 'default'";
	} else if (spec->members.n && spec->member_selectors.n) {
		v->reason = "ReconcileError";
		v->message = "combining .spec.members and .spec.memberSelectors is not allowed";
	} else if (!smcp_of_namespace(s, ns)) {
		v->reason = "ErrSMCPMissing";
		v->message = "No ServiceMeshControlPlane exists in the namespace";
	} else {
		v->smcp = smcp_of_namespace(s, ns);
	}
}

static void reconcile_delete(struct store *s, const struct api_object *roll, struct plan *p)
{
	struct roll_view none = {0};
	struct store_key key = {roll->kind, api_object_namespace(roll), api_object_name(roll)};

	if (!meta_has_finalizer(roll))
		return;
	/* A deletion that was refused, or not seen yet, must not be the last that is heard of the mesh there. */
	if (!remove_others(s, &none, key.ns, p))
		plan_patch_last(p, &key, meta_finalizers_patch(roll, false));
}

void smmr_reconcile(struct store *s, const struct store_key *key, const struct reconcile_env *env, struct plan *p)
{
	static const struct maistra_smmr_spec empty;
	const struct api_object *roll = store_get(s, key->kind, key->ns, key->name);
	const struct maistra_smmr *value = roll ? API_VALUE(roll, smmr, maistra_smmr) : NULL;
	const struct maistra_smmr_spec *spec = value && value->spec ? value->spec : &empty;
	struct roll_view v = {0};

	if (!roll)
		return;
	if (roll->meta->deletion_timestamp) {
		reconcile_delete(s, roll, p);
		return;
	}
	if (!meta_has_finalizer(roll)) {
		plan_patch(p, key, meta_finalizers_patch(roll, true));
		return;
	}
	check(s, roll, spec, &v);
	members_resolve(s, spec, key->ns, env->ns, &v.resolved);
	if (v.smcp)
		member_objects_collect(s, v.smcp, &v.objects);
	for (size_t i = 0; i < v.resolved.names.n; i++) {
		const char *ns = v.resolved.names.v[i];

		vec_push(&v.members, v.smcp ? configure(s, &v, ns, p) : pending(ns, v.reason, v.message));
	}
	if (strcmp(api_object_name(roll), "default") == 0)
		remove_others(s, &v, key->ns, p);
	plan_roll_status(roll, env, &v, p);
	vec_done(&v.members);
	members_done(&v.resolved);
	member_objects_done(&v.objects);
}
