/*
 * ServiceMeshMember: a namespace asks to join a mesh. It is entered into the roll of the control plane's namespace,
 * which is created if need be; taken out again when the member is deleted. Members that the roll made only get a
 * status.
 */
#include "api/maistra/maistra.h"
#include "api/maistra/smcp.h"
#include "base/cleanup.h"
#include "msg/json.h"
#include "operator/reconcile/condition.h"
#include "operator/reconcile/members.h"
#include "operator/render/render.h"
#include "operator/reconcile/smcp_internal.h"

static const struct maistra_smcp_ref *ref_of(const struct api_object *member)
{
	const struct maistra_smm *value = API_VALUE(member, smm, maistra_smm);

	return value->spec ? value->spec->control_plane_ref : NULL;
}

static bool annotated(const struct api_object *o, const char *by)
{
	const char *is = api_object_annotation(o, ANNOTATION_CREATED_BY);

	return is && !strcmp(is, by);
}

static bool listed(const struct maistra_smmr_spec *spec, const char *ns)
{
	for (size_t i = 0; spec && i < spec->members.n; i++)
		if (!strcmp(spec->members.v[i], ns) || !strcmp(spec->members.v[i], "*"))
			return true;
	return false;
}

static const struct maistra_smmr *roll_value(const struct api_object *roll)
{
	return roll ? API_VALUE(roll, smmr, maistra_smmr) : NULL;
}

/* spec.members with a namespace added or taken out. */
static cJSON *members_patch(const struct api_object *roll, const char *ns, bool add)
{
	const struct maistra_smmr_spec *spec = roll_value(roll)->spec;
	cJSON *body = cJSON_CreateObject(), *list;

	if (roll->meta->resource_version)
		cJSON_AddStringToObject(cJSON_AddObjectToObject(body, "metadata"), "resourceVersion",
					roll->meta->resource_version);
	list = cJSON_AddArrayToObject(cJSON_AddObjectToObject(body, "spec"), "members");
	for (size_t i = 0; spec && i < spec->members.n; i++)
		if (strcmp(spec->members.v[i], ns) != 0)
			cJSON_AddItemToArray(list, cJSON_CreateString(spec->members.v[i]));
	if (add)
		cJSON_AddItemToArray(list, cJSON_CreateString(ns));
	return body;
}

static void create_roll(const char *mesh_ns, const char *member, struct plan *p)
{
	cJSON *json = cJSON_CreateObject(), *meta;
	struct api_object *obj;

	cJSON_AddStringToObject(json, "apiVersion", "maistra.io/v1");
	cJSON_AddStringToObject(json, "kind", "ServiceMeshMemberRoll");
	meta = cJSON_AddObjectToObject(json, "metadata");
	cJSON_AddStringToObject(meta, "name", "default");
	cJSON_AddStringToObject(meta, "namespace", mesh_ns);
	cJSON_AddStringToObject(cJSON_AddObjectToObject(meta, "annotations"), ANNOTATION_CREATED_BY, CREATED_BY_MEMBER);
	cJSON_AddItemToArray(cJSON_AddArrayToObject(cJSON_AddObjectToObject(json, "spec"), "members"),
			     cJSON_CreateString(member));
	if (api_object_from_json(&api_kind_smmr, json, &obj, NULL) == 0)
		plan_create(p, obj, 0);
	cJSON_Delete(json);
}

static bool configured(const struct api_object *roll, const char *ns)
{
	const struct maistra_smmr *value = roll_value(roll);

	for (size_t i = 0; value && value->status && i < value->status->configured_members.n; i++)
		if (!strcmp(value->status->configured_members.v[i], ns))
			return true;
	for (size_t i = 0; value && value->status && i < value->status->shared_members.n; i++)
		if (!strcmp(value->status->shared_members.v[i], ns))
			return true; /* on another revision of that mesh */
	return false;
}

static void plan_member_status(const struct api_object *member, const struct reconcile_env *env, const char *reason,
			       const char *message, struct plan *p)
{
	const struct maistra_smm *value = API_VALUE(member, smm, maistra_smm);
	const struct maistra_smcp_ref *ref = ref_of(member);
	struct store_key key = {member->kind, api_object_namespace(member), api_object_name(member)};
	bool ok = !strcmp(reason, "Reconciled");
	static const char *const types[] = {"Reconciled", "Ready"};
	cJSON *status = cJSON_CreateObject(), *list;
	CLEANUP(buf_done) struct buf text = BUF_INIT;

	buf_printf(&text, "%s/%s", text_or(AT1(ref, namespace), ""), text_or(AT1(ref, name), ""));
	cJSON_AddStringToObject(cJSON_AddObjectToObject(status, "annotations"), "controlPlaneRef", buf_str(&text));
	cJSON_AddNumberToObject(status, "observedGeneration", (double)member->meta->generation);
	list = cJSON_AddArrayToObject(status, "conditions");
	for (size_t i = 0; i < ARRAY_LEN(types); i++) {
		struct condition c = {types[i], ok ? "True" : "False", reason, message, NULL};

		for (size_t k = 0; value->status && k < value->status->conditions.n; k++) {
			const struct maistra_service_mesh_member_condition *old = &value->status->conditions.v[k];

			if (old->type && old->status && !strcmp(old->type, types[i]) && !strcmp(old->status, c.status))
				c.since = old->last_transition_time;
		}
		condition_add(list, &c, env->now_s);
	}
	plan_status(p, &key, status);
}

static void reconcile_delete(const struct store *s, const struct api_object *member, struct plan *p)
{
	const struct maistra_smcp_ref *ref = ref_of(member);
	struct store_key key = {member->kind, api_object_namespace(member), api_object_name(member)};
	const char *mesh_ns = AT1(ref, namespace);
	const struct api_object *roll = mesh_ns ? store_get(s, &api_kind_smmr, mesh_ns, "default") : NULL;
	struct store_key roll_key = {&api_kind_smmr, mesh_ns, "default"};
	const struct maistra_smmr *value = roll_value(roll);

	if (!meta_has_finalizer(member))
		return;
	if (roll && !annotated(member, CREATED_BY_ROLL) && listed(value->spec, key.ns) &&
	    strcmp(value->spec->members.v[0], "*") != 0) {
		if (annotated(roll, CREATED_BY_MEMBER) && value->spec->members.n == 1)
			plan_delete(p, &roll_key, roll->meta->uid);
		else
			plan_patch(p, &roll_key, members_patch(roll, key.ns, false));
	}
	plan_patch_last(p, &key, meta_finalizers_patch(member, false));
}

void smm_reconcile(struct store *s, const struct store_key *key, const struct reconcile_env *env, struct plan *p)
{
	const struct api_object *member = store_get(s, key->kind, key->ns, key->name), *roll;
	const struct maistra_smcp_ref *ref = member ? ref_of(member) : NULL;
	struct store_key roll_key = {&api_kind_smmr, AT1(ref, namespace), "default"};
	const struct maistra_smmr *value;

	if (!member)
		return;
	if (member->meta->deletion_timestamp) {
		reconcile_delete(s, member, p);
		return;
	}
	if (strcmp(key->name, "default") != 0) {
		plan_member_status(member, env, "InvalidName", "ServiceMeshMember must be named 'default'", p);
		return;
	}
	if (!ref || !ref->namespace || !ref->name || !store_get(s, &api_kind_smcp, ref->namespace, ref->name)) {
		plan_member_status(member, env, "ErrorControlPlaneMissing",
				   "the referenced ServiceMeshControlPlane object does not exist", p);
		return;
	}
	roll = store_get(s, &api_kind_smmr, ref->namespace, "default");
	value = roll_value(roll);
	if (!annotated(member, CREATED_BY_ROLL)) {
		if (!meta_has_finalizer(member))
			plan_patch(p, key, meta_finalizers_patch(member, true));
		if (!roll)
			create_roll(ref->namespace, key->ns, p);
		else if (!listed(value->spec, key->ns) && !(value->spec && value->spec->member_selectors.n) &&
			 !roll->meta->deletion_timestamp)
			plan_patch(p, &roll_key, members_patch(roll, key->ns, true));
	}
	if (configured(roll, key->ns))
		plan_member_status(member, env, "Reconciled", NULL, p);
	else
		plan_member_status(member, env, "ErrorConfiguringNamespace", "The namespace is not configured yet", p);
}
