/*
 * ServiceMeshMemberRoll: resolves the members, gives each namespace its label, its ServiceMeshMember and its copies of
 * the mesh's objects, takes them away from namespaces that left, and tells in status how far it is. Where the mesh has
 * several control planes (revisions.h), each gets its copies in the members of all, and those on another one are
 * "shared" here.
 */
#include <stdio.h>
#include <stdlib.h>

#include "api/core/config.h"
#include "api/maistra/smcp.h"
#include "base/cleanup.h"
#include "msg/json.h"
#include "operator/reconcile/condition.h"
#include "operator/reconcile/members.h"
#include "operator/reconcile/revisions.h"
#include "operator/render/render.h"
#include "operator/reconcile/smcp_internal.h"

enum member_state {
	MEMBER_CONFIGURED,
	MEMBER_MENDED, /* it was configured, and something of it is made anew: it is in the mesh meanwhile */
	MEMBER_PENDING,
	MEMBER_TERMINATING,
	MEMBER_SHARED, /* on another revision, or about to be on this one */
};

struct member {
	const char *ns;
	enum member_state state;
	const char *reason, *message; /* in the plan's arena or static */
};

struct roll_view {
	struct members resolved; /* what the roll names */
	struct members others;   /* what other rolls of the mesh name alone */
	struct revisions revisions;
	const struct maistra_smmr_status *old;
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

static bool listed(const char *const *names, size_t n, const char *ns)
{
	for (size_t i = 0; i < n; i++)
		if (!strcmp(names[i], ns))
			return true;
	return false;
}

/* Whether the status says that the namespace was known to this control plane, as another's. */
static bool was_shared(const struct roll_view *v, const char *ns)
{
	return listed(v->old->shared_members.v, v->old->shared_members.n, ns);
}

/* Where the namespace's own ServiceMeshMember wants it; NULL: nowhere. */
static const char *wanted_in(const struct store *s, const char *ns)
{
	const struct api_object *have = store_get(s, &api_kind_smm, ns, "default");
	const struct maistra_smm *value = have ? API_VALUE(have, smm, maistra_smm) : NULL;

	return value && value->spec && value->spec->control_plane_ref ? value->spec->control_plane_ref->namespace
								      : NULL;
}

/* Whether that is another mesh. Of one that is gone it is known only that the namespace has come from there. */
static bool wants_another(const struct store *s, const struct roll_view *v, const char *ns, bool known)
{
	const char *mesh = wanted_in(s, ns);

	if (!mesh || revisions_have(&v->revisions, mesh))
		return false;
	return !known || store_list(s, &api_kind_smcp, mesh).n;
}

/* Creates ServiceMeshMember/default in a namespace that has none; one that another revision's roll made goes first. */
static void plan_member(const struct store *s, const struct api_object *smcp, const char *ns, struct plan *p)
{
	const struct store_key key = {&api_kind_smm, ns, "default"};
	const struct api_object *have = store_get(s, key.kind, key.ns, key.name);
	const char *mesh = wanted_in(s, ns);
	cJSON *json, *meta, *to;
	struct api_object *obj;

	if (have && made_by_roll(have) && !have->meta->deletion_timestamp && mesh &&
	    strcmp(mesh, api_object_namespace(smcp)) != 0)
		plan_delete(p, &key, have->meta->uid);
	if (have)
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

/* Takes a namespace that is not, or no longer, a member out of the mesh; its label only where no other revision is to
 * change it. Returns whether anything was left to do. */
static bool remove_member(const struct store *s, const struct roll_view *v, const char *mesh_ns,
			  const struct api_object *ns, struct plan *p)
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
		if (!revisions_take_over(&v->revisions, mesh_ns, name))
			plan_label(p, &ns_key, LABEL_MEMBER_OF, NULL);
		any = true;
	}
	return any;
}

/* Labels a namespace that no mesh has, or another revision, unless it changed meanwhile: another roll may name it too,
 * and the first has it. Nothing is made before that in one that no mesh has. */
static void plan_claim(struct plan *p, const struct api_object *ns, const char *mesh_ns)
{
	const struct store_key key = {&api_kind_namespace, "", api_object_name(ns)};
	cJSON *body = cJSON_CreateObject(), *meta = cJSON_AddObjectToObject(body, "metadata");

	cJSON_AddStringToObject(cJSON_AddObjectToObject(meta, "labels"), LABEL_MEMBER_OF, mesh_ns);
	if (ns->meta->resource_version)
		cJSON_AddStringToObject(meta, "resourceVersion", ns->meta->resource_version);
	plan_patch(p, &key, body);
}

static struct member shared(const struct roll_view *v, const char *ns, const char *of, struct plan *p)
{
	const char *name = of ? of : api_object_namespace(v->smcp);

	return (struct member){ns, MEMBER_SHARED, "Reconciled",
			       arena_printf(&p->arena, "The namespace is on the control plane in namespace %s", name)};
}

/* One that has the label: here, or on another revision. */
static struct member configure_own(struct store *s, const struct roll_view *v, const char *ns, struct plan *p)
{
	const char *mesh_ns = api_object_namespace(v->smcp);
	const bool was = was_shared(v, ns) || listed(v->old->configured_members.v, v->old->configured_members.n, ns);
	struct member m = {ns, MEMBER_CONFIGURED, "Reconciled", NULL};

	plan_member(s, v->smcp, ns, p);
	if (members_plan_objects(s, &v->objects, mesh_ns, ns, false, p) || !store_get(s, &api_kind_smm, ns, "default"))
		m = pending(ns, "ErrorConfiguringNamespace", "The namespace is being configured");
	/* Its proxies would lose their configuration: another version, or a hand, may want an object anew. What comes
	 * from another revision is known here, too. */
	if (was && m.state == MEMBER_PENDING)
		m.state = MEMBER_MENDED;
	return m;
}

static struct member configure_shared(struct store *s, const struct roll_view *v, const char *ns, const char *of,
				      struct plan *p)
{
	const bool was = was_shared(v, ns);

	if ((!of && !was) || (members_plan_objects(s, &v->objects, api_object_namespace(v->smcp), ns, true, p) && !was))
		return pending(ns, "ErrorConfiguringNamespace", "The namespace is being configured");
	return shared(v, ns, of, p);
}

/* Whether a hand took the label from a member: its own ServiceMeshMember still names this mesh, so it is not another
 * one of that name. Its proxies would lose their configuration until the label is back. */
static bool lost_its_label(const struct store *s, const struct roll_view *v, const char *ns, const char *of)
{
	return !of && listed(v->old->configured_members.v, v->old->configured_members.n, ns) &&
	       !strcmp(text_or(wanted_in(s, ns), ""), api_object_namespace(v->smcp));
}

/* Whether the label is another mesh's. That of a revision that is gone is nobody's. */
static bool belongs_to_another(const struct store *s, const struct roll_view *v, const char *ns, const char *of)
{
	if (!of || revisions_have(&v->revisions, of))
		return false;
	return !was_shared(v, ns) || store_list(s, &api_kind_smcp, of).n;
}

/* Plans what one namespace needs and tells its state. */
static struct member configure(struct store *s, const struct roll_view *v, const char *ns, struct plan *p)
{
	const char *mesh_ns = api_object_namespace(v->smcp);
	const struct api_object *o = store_get(s, &api_kind_namespace, "", ns);
	const char *of = o ? api_object_label(o, LABEL_MEMBER_OF) : NULL;
	const bool ours = of && !strcmp(of, mesh_ns);

	if (!o)
		return pending(ns, "NamespaceNotExists", arena_printf(&p->arena, "Namespace %s does not exist", ns));
	if (o->meta->deletion_timestamp)
		return (struct member){ns, MEMBER_TERMINATING, "Terminating",
				       arena_printf(&p->arena, "Namespace %s is being deleted", ns)};
	if (belongs_to_another(s, v, ns, of)) {
		remove_member(s, v, mesh_ns, o, p); /* what may have been made before the other mesh had it */
		return pending(ns, "ReferencesDifferentControlPlane",
			       arena_printf(&p->arena,
					    "cannot reconcile namespace %s in mesh %s, as it is already a member of %s",
					    ns, mesh_ns, of));
	}
	if (wants_another(s, v, ns, ours || was_shared(v, ns)))
		return pending(
			ns, "ReferencesDifferentControlPlane",
			arena_printf(&p->arena, "the ServiceMeshMember in namespace %s refers to another mesh", ns));
	if (ours)
		return configure_own(s, v, ns, p);
	if (!strcmp(text_or(revisions_home(&v->revisions, o), ""), mesh_ns)) {
		plan_claim(p, o, mesh_ns);
		if (lost_its_label(s, v, ns, of))
			return (struct member){ns, MEMBER_MENDED, "ErrorConfiguringNamespace",
					       "The namespace gets its label back"};
	}
	return configure_shared(s, v, ns, of, p);
}

static bool is_member(const struct roll_view *v, const char *ns)
{
	return members_have(&v->resolved, ns) || members_have(&v->others, ns);
}

/* All namespaces that have something of this mesh and are not meant to. */
static bool remove_others(struct store *s, const struct roll_view *v, const char *mesh_ns, struct plan *p)
{
	struct store_range all = store_list(s, &api_kind_namespace, NULL);
	bool any = false;

	for (size_t i = 0; i < all.n; i++) {
		const char *name = api_object_name(all.v[i]);

		if (strcmp(name, mesh_ns) != 0 && (!v->smcp || !is_member(v, name)))
			any |= remove_member(s, v, mesh_ns, all.v[i], p);
	}
	return any;
}

/* Status. */

static void add_names(cJSON *status, const char *name, const struct roll_view *v, enum member_state state)
{
	cJSON *list = cJSON_AddArrayToObject(status, name);

	for (size_t i = 0; i < v->members.n; i++)
		if (v->members.v[i].state == state ||
		    (state == MEMBER_CONFIGURED && v->members.v[i].state == MEMBER_MENDED))
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

static bool is_reconciled(const struct member *m)
{
	return m->state == MEMBER_CONFIGURED || m->state == MEMBER_SHARED;
}

static void add_member_statuses(cJSON *status, const struct maistra_smmr_status *old, const struct roll_view *v,
				int64_t now_s)
{
	cJSON *list = cJSON_AddArrayToObject(status, "memberStatuses");

	for (size_t i = 0; i < v->members.n; i++) {
		const struct member *m = &v->members.v[i];
		const char *is = is_reconciled(m) ? "True" : "False";
		struct condition c = {"Reconciled", is, m->reason, m->message, since_of_member(old, m->ns, is)};
		cJSON *o = cJSON_CreateObject();

		cJSON_AddItemToArray(list, o);
		cJSON_AddStringToObject(o, "namespace", m->ns);
		condition_add(cJSON_AddArrayToObject(o, "conditions"), &c, now_s);
	}
}

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct member *)a)->ns, ((const struct member *)b)->ns);
}

static struct condition ready(const struct roll_view *v, const char *error, struct buf *message)
{
	struct condition c = {.type = "Ready", .status = "False", .reason = v->reason, .message = v->message};

	if (v->reason)
		return c;
	for (size_t i = 0; i < v->members.n; i++)
		if (v->members.v[i].state == MEMBER_PENDING || v->members.v[i].state == MEMBER_MENDED)
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
		configured += is_reconciled(&v->members.v[i]) && members_have(&v->resolved, v->members.v[i].ns);
	add_names(status, "configuredMembers", v, MEMBER_CONFIGURED);
	add_names(status, "pendingMembers", v, MEMBER_PENDING);
	add_names(status, "terminatingMembers", v, MEMBER_TERMINATING);
	add_names(status, "sharedMembers", v, MEMBER_SHARED);
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

/* The control planes of this mesh, also when this one is being deleted. */
static void find_revisions(const struct store *s, const struct reconcile_env *env, const char *ns, struct roll_view *v)
{
	const struct store_range here = store_list(s, &api_kind_smcp, ns);

	if (!v->smcp && !here.n)
		return;
	revisions_find(s, v->smcp ? v->smcp : here.v[0], &v->revisions);
	revisions_read_rolls(s, env->ns, &v->revisions);
}

/* What other rolls of the mesh name, and this one does not. */
static void find_others(const char *mesh_ns, struct roll_view *v)
{
	for (size_t i = 0; v->smcp && i < v->revisions.all.n; i++) {
		const struct revision *other = &v->revisions.all.v[i];

		for (size_t k = 0; strcmp(api_object_namespace(other->smcp), mesh_ns) && k < other->listed.names.n; k++)
			if (!members_have(&v->resolved, other->listed.names.v[k]) &&
			    strcmp(other->listed.names.v[k], mesh_ns) != 0)
				vec_push(&v->others.names, other->listed.names.v[k]);
	}
	members_sort(&v->others);
}

/* Those of other rolls are told once they are shared. */
static void configure_others(struct store *s, struct roll_view *v, struct plan *p)
{
	for (size_t i = 0; i < v->others.names.n; i++) {
		const struct member m = configure(s, v, v->others.names.v[i], p);

		if (is_reconciled(&m))
			vec_push(&v->members, m);
	}
}

static void reconcile_delete(struct store *s, const struct api_object *roll, const struct reconcile_env *env,
			     struct plan *p)
{
	struct roll_view v = {.old = old_status(roll)};
	struct store_key key = {roll->kind, api_object_namespace(roll), api_object_name(roll)};

	if (!meta_has_finalizer(roll))
		return;
	find_revisions(s, env, key.ns, &v);
	/* A deletion that was refused, or not seen yet, must not be the last that is heard of the mesh there. */
	if (!remove_others(s, &v, key.ns, p))
		plan_patch_last(p, &key, meta_finalizers_patch(roll, false));
	revisions_done(&v.revisions);
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
	v.old = old_status(roll);
	if (roll->meta->deletion_timestamp) {
		reconcile_delete(s, roll, env, p);
		return;
	}
	if (!meta_has_finalizer(roll)) {
		plan_patch(p, key, meta_finalizers_patch(roll, true));
		return;
	}
	check(s, roll, spec, &v);
	members_resolve(s, spec, key->ns, env->ns, &v.resolved);
	find_revisions(s, env, key->ns, &v);
	find_others(key->ns, &v);
	if (v.smcp)
		member_objects_collect(s, v.smcp, &v.objects);
	for (size_t i = 0; i < v.resolved.names.n; i++) {
		const char *ns = v.resolved.names.v[i];

		vec_push(&v.members, v.smcp ? configure(s, &v, ns, p) : pending(ns, v.reason, v.message));
	}
	if (v.smcp)
		configure_others(s, &v, p);
	if (strcmp(api_object_name(roll), "default") == 0)
		remove_others(s, &v, key->ns, p);
	if (v.members.n) /* those of other rolls among its own */
		qsort(v.members.v, v.members.n, sizeof(v.members.v[0]), by_name);
	plan_roll_status(roll, env, &v, p);
	vec_done(&v.members);
	members_done(&v.resolved);
	members_done(&v.others);
	revisions_done(&v.revisions);
	member_objects_done(&v.objects);
}
