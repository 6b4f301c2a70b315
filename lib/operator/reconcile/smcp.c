/*
 * ServiceMeshControlPlane. Each run renders everything and compares it with the store:
 *   installing, updating: stage by stage; a stage begins when the workloads of the one before are ready
 *   installed:            everything is applied at once (healing), what is no longer wanted is deleted
 *   deleting:             everything owned is deleted, then the finalizer goes
 */
#include "operator/reconcile/reconcile.h"

#include <stdio.h>

#include "api/apps/apps.h"
#include "api/core/core.h"
#include "api/maistra/maistra.h"
#include "base/buf.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "operator/reconcile/cni.h"
#include "operator/render/render.h"
#include "operator/reconcile/smcp_internal.h"
#include "msg/json.h"

#define HAND_OVER_S 60 /* longer than that nobody waits for another revision */
#define HAND_OVER_LOOK_MS 1000
#define LOOK_AGAIN_MS 10000 /* while installing, even when nothing changes */

const struct api_kind *const operator_owned_kinds[] = {
	&api_kind_mutating_webhook_configuration,
	&api_kind_validating_webhook_configuration,
	&api_kind_horizontal_pod_autoscaler,
	&api_kind_pod_disruption_budget,
	&api_kind_route,
	&api_kind_deployment,
	&api_kind_daemon_set,
	&api_kind_service,
	&api_kind_config_map,
	&api_kind_service_account,
	&api_kind_network_policy,
	&api_kind_peer_authentication,
	&api_kind_destination_rule,
	&api_kind_virtual_service,
	&api_kind_gateway,
	&api_kind_kiali,
	&api_kind_jaeger,
	&api_kind_network_attachment_definition,
	&api_kind_oauth_client,
	&api_kind_secret,
	&api_kind_persistent_volume_claim,
	&api_kind_role_binding,
	&api_kind_role,
	&api_kind_cluster_role_binding,
	&api_kind_cluster_role,
};
const size_t operator_owned_kinds_n = ARRAY_LEN(operator_owned_kinds);

static bool older(const struct api_object *a, const struct api_object *b)
{
	int c = strcmp(text_or(a->meta->creation_timestamp, ""), text_or(b->meta->creation_timestamp, ""));

	return c ? c < 0 : strcmp(api_object_name(a), api_object_name(b)) < 0;
}

struct api_object *smcp_of_namespace(const struct store *s, const char *ns)
{
	struct store_range all = store_list(s, &api_kind_smcp, ns);
	struct api_object *first = NULL;

	for (size_t i = 0; i < all.n; i++)
		if (!all.v[i]->meta->deletion_timestamp && (!first || older(all.v[i], first)))
			first = all.v[i];
	return first;
}

static struct store_key key_of(const struct api_object *o)
{
	return (struct store_key){o->kind, api_object_namespace(o), api_object_name(o)};
}

/* Finalizers. */

bool meta_has_finalizer(const struct api_object *o)
{
	for (size_t i = 0; i < o->meta->finalizers.n; i++)
		if (!strcmp(o->meta->finalizers.v[i], FINALIZER))
			return true;
	return false;
}

cJSON *meta_finalizers_patch(const struct api_object *o, bool add)
{
	cJSON *body = cJSON_CreateObject(), *meta = cJSON_AddObjectToObject(body, "metadata"), *list;

	/* With the version that was read, so that nobody else's finalizer is lost. */
	if (o->meta->resource_version)
		cJSON_AddStringToObject(meta, "resourceVersion", o->meta->resource_version);
	list = cJSON_AddArrayToObject(meta, "finalizers");
	for (size_t i = 0; i < o->meta->finalizers.n; i++)
		if (strcmp(o->meta->finalizers.v[i], FINALIZER) != 0)
			cJSON_AddItemToArray(list, cJSON_CreateString(o->meta->finalizers.v[i]));
	if (add)
		cJSON_AddItemToArray(list, cJSON_CreateString(FINALIZER));
	return body;
}

void plan_label(struct plan *p, const struct store_key *key, const char *label, const char *value)
{
	cJSON *body = cJSON_CreateObject();
	cJSON *labels = cJSON_AddObjectToObject(cJSON_AddObjectToObject(body, "metadata"), "labels");

	if (value)
		cJSON_AddStringToObject(labels, label, value);
	else
		cJSON_AddNullToObject(labels, label);
	plan_patch(p, key, body);
}

/* Owned objects. */

static bool owned_by(const struct api_object *o, const struct api_object *smcp)
{
	const char *name = api_object_label(o, LABEL_OWNER_NAME), *by = api_object_label(o, LABEL_MANAGED_BY);

	return name && by && !strcmp(name, api_object_name(smcp)) && !strcmp(by, MANAGED_BY);
}

static bool wanted(const struct rendering *r, const struct api_object *o)
{
	for (size_t i = 0; r && i < r->objects.n; i++) {
		const struct api_object *w = r->objects.v[i].obj;

		if (w->kind == o->kind && !strcmp(api_object_name(w), api_object_name(o)) &&
		    !strcmp(api_object_namespace(w), api_object_namespace(o)))
			return true;
	}
	return false;
}

/* Deletes what is owned and not rendered (r NULL: all of it); returns how much there is. */
static size_t prune(struct store *s, const struct api_object *smcp, const struct rendering *r, struct plan *p)
{
	size_t n = 0;

	for (size_t k = 0; k < operator_owned_kinds_n; k++) {
		struct store_range owned =
			store_by_label(s, operator_owned_kinds[k], LABEL_OWNER, api_object_namespace(smcp));

		for (size_t i = 0; i < owned.n; i++) {
			struct store_key key = key_of(owned.v[i]);

			if (!owned_by(owned.v[i], smcp) || wanted(r, owned.v[i]))
				continue;
			n++;
			if (!owned.v[i]->meta->deletion_timestamp)
				plan_delete(p, &key, owned.v[i]->meta->uid);
		}
	}
	return n;
}

/* Deletion. */

/* What is on this control plane and another one of the mesh takes over is injected by somebody until it has. */
static bool hands_over(const struct store *s, const struct api_object *smcp, const struct reconcile_env *env,
		       struct plan *p)
{
	int64_t since_ns;

	if (clock_parse(slice_str(smcp->meta->deletion_timestamp), &since_ns) < 0 ||
	    env->now_s - since_ns / NS_PER_S > HAND_OVER_S || !revisions_awaited(s, smcp, env->ns))
		return false;
	plan_after(p, HAND_OVER_LOOK_MS);
	return true;
}

static void reconcile_delete(struct store *s, const struct api_object *smcp, const struct reconcile_env *env,
			     struct plan *p)
{
	struct store_key key = key_of(smcp), ns_key = {&api_kind_namespace, "", key.ns};
	const struct api_object *ns = store_get(s, &api_kind_namespace, "", key.ns);
	const char *member_of = ns ? api_object_label(ns, LABEL_MEMBER_OF) : NULL;
	size_t left;

	if (!meta_has_finalizer(smcp))
		return;
	if (hands_over(s, smcp, env, p)) {
		smcp_status_deleting(smcp, env, true, p);
		return;
	}
	left = prune(s, smcp, NULL, p) + cni_plan(s, env, p);
	smcp_status_deleting(smcp, env, left > 0, p);
	if (left)
		return;
	if (member_of && !strcmp(member_of, key.ns) && !smcp_of_namespace(s, key.ns))
		plan_label(p, &ns_key, LABEL_MEMBER_OF, NULL);
	plan_patch_last(p, &key, meta_finalizers_patch(smcp, false));
}

/* Readiness. */

static bool deployment_available(const struct apps_deployment *d)
{
	for (size_t i = 0; d->status && i < d->status->conditions.n; i++) {
		const struct apps_deployment_condition *c = &d->status->conditions.v[i];

		if (c->type && c->status && !strcmp(c->type, "Available"))
			return !strcmp(c->status, "True");
	}
	return false;
}

static bool deployment_ready(const struct api_object *o)
{
	const struct apps_deployment *d = API_VALUE(o, deployment, apps_deployment);
	int32_t want = d->spec && d->spec->replicas ? *d->spec->replicas : 1;

	return d->status && d->status->ready_replicas >= want &&
	       d->status->observed_generation >= o->meta->generation && deployment_available(d);
}

/* Whether a rendered object is there as it should be, and ready if it is a workload. */
static void observe(const struct store *s, const struct rendered *r, bool *ret_there, bool *ret_ready)
{
	struct store_key key = key_of(r->obj);
	const struct api_object *have = store_get(s, key.kind, key.ns, key.name);

	*ret_there = have && !have->meta->deletion_timestamp && (r->create_only || plan_covers(r->obj, have));
	*ret_ready = *ret_there && (key.kind != &api_kind_deployment || deployment_ready(have));
}

/* Why an add-on is not there yet: what its pods' containers wait for. */
static void tell_addon(struct store *s, enum render_component c, struct smcp_view *v)
{
	struct store_range pods = store_by_label(s, &api_kind_pod, LABEL_ADDON, render_component_str(c));
	const size_t before = v->addons.len;

	for (size_t i = 0; i < pods.n; i++) {
		const struct core_pod *pod = API_VALUE(pods.v[i], pod, core_pod);

		for (size_t k = 0; pod->status && k < pod->status->container_statuses.n; k++) {
			const struct core_container_status *cs = &pod->status->container_statuses.v[k];
			const struct core_container_state_waiting *w = AT2(cs, state, waiting);

			if (w && strcmp(api_object_namespace(pods.v[i]), v->ns) == 0 && v->addons.len == before)
				buf_printf(&v->addons, "%s: %s: image %s: %s\n", render_component_str(c),
					   text_or(w->reason, "waiting"), text_or(cs->image, ""),
					   text_or(w->message, ""));
		}
	}
	if (v->addons.len == before)
		buf_printf(&v->addons, "%s: its Deployment is not available\n", render_component_str(c));
}

/* Fills in the components' state and how many objects are not there yet. */
static void observe_all(struct store *s, const struct rendering *r, struct smcp_view *v)
{
	bool there, ready;

	for (size_t i = 0; i < r->objects.n; i++) {
		const struct rendered *x = &r->objects.v[i];

		observe(s, x, &there, &ready);
		if (!render_component_is_addon(x->component)) {
			v->missing += !there;
			v->missing_in_stage[x->stage] += !there;
		}
		if (x->obj->kind != &api_kind_deployment)
			continue;
		v->workloads[x->component]++;
		v->unready[x->component] += !ready;
	}
	for (size_t c = 0; c < RENDER_COMPONENT_COUNT; c++) {
		v->has[c] = r->has[c];
		if (v->has[c] && v->unready[c] && render_component_is_addon(c))
			tell_addon(s, c, v);
	}
}

static bool stage_ready(const struct smcp_view *v, unsigned stage)
{
	for (size_t c = 0; c < RENDER_COMPONENT_COUNT; c++)
		if (v->has[c] && render_component_stage(c) == stage && v->unready[c] && !render_component_is_addon(c))
			return false;
	return true;
}

/* Takes the objects that are to be applied over into the plan. */
static void apply(struct rendering *r, const struct smcp_view *v, struct plan *p)
{
	for (size_t i = 0; i < r->objects.n; i++) {
		struct rendered *x = &r->objects.v[i];
		unsigned group = x->stage * 10 + x->order;

		if (x->stage > v->stage)
			continue;
		if (x->create_only)
			plan_create(p, api_object_ref(x->obj), group);
		else
			plan_apply(p, api_object_ref(x->obj), group);
	}
}

static void claim_namespace(const struct store *s, const struct api_object *smcp, struct plan *p)
{
	struct store_key key = {&api_kind_namespace, "", api_object_namespace(smcp)};
	const struct api_object *ns = store_get(s, key.kind, "", key.name);
	const char *member_of = ns ? api_object_label(ns, LABEL_MEMBER_OF) : NULL;

	if (ns && !member_of)
		plan_label(p, &key, LABEL_MEMBER_OF, key.name);
}

static const struct maistra_smmr_status *roll_status(const struct store *s, const char *ns)
{
	const struct api_object *roll = store_get(s, &api_kind_smmr, ns, "default");
	const struct maistra_smmr *value = roll ? API_VALUE(roll, smmr, maistra_smmr) : NULL;

	return value ? value->status : NULL;
}

static void reconcile_mesh(struct store *s, const struct api_object *smcp, struct smcp_view *v, struct rendering *r,
			   struct plan *p)
{
	observe_all(s, r, v);
	smcp_tell_foreign(s, r, v);
	v->unready[RENDER_DISCOVERY] += v->waits_for_cni; /* no pod of the mesh can be started */
	if (v->complete) {
		v->stage = RENDER_STAGES;
	} else {
		while (v->stage < RENDER_STAGES && stage_ready(v, v->stage))
			v->stage++;
	}
	v->done = v->complete || (v->stage == RENDER_STAGES && !v->missing);
	apply(r, v, p);
	if (v->done)
		prune(s, smcp, r, p);
	else
		plan_after(p, LOOK_AGAIN_MS);
	claim_namespace(s, smcp, p);
}

/* What is asked for and cannot be made on this cluster. */
static void tell_absent(const struct reconcile_env *env, const struct maistra_smcp_spec *spec,
			const struct rendering *r, struct smcp_view *v)
{
	const struct api_kind *route = &api_kind_route;

	buf_append_slice(&v->unsupported, buf_slice(&r->left_out));
	buf_append_slice(&v->addons, buf_slice(&r->addons));
	buf_append_slice(&v->substituted, buf_slice(&r->substituted));
	if (!flag(AT2(spec->gateways, openshift_route, enabled), false) ||
	    !render_lacks(env->absent, env->n_absent, route))
		return;
	buf_printf(&v->unsupported, "spec.gateways.openshiftRoute.enabled: " RENDER_LACKS "\n", route->kind,
		   route->group);
}

static int resolve_and_render(const struct store *s, const struct api_object *smcp, const struct reconcile_env *env,
			      struct smcp_view *v, struct rendering *ret, struct err *e)
{
	static const struct maistra_smcp_spec none;
	const struct maistra_smcp *value = API_VALUE(smcp, smcp, maistra_smcp);
	const struct maistra_smcp_spec *own = value->spec ? value->spec : &none;
	const struct maistra_smmr_status *roll = roll_status(s, api_object_namespace(smcp));
	struct render_input in = {.store = s,
				  .smcp = smcp,
				  .operator_version = env->version,
				  .absent = env->absent,
				  .n_absent = env->n_absent,
				  .cni = env->cni,
				  .addons = env->addons,
				  .embedded = env->embedded,
				  .fresh_secret = env->fresh_secret,
				  .revision_of =
					  v->revisions.state == REVISION_JOINED ? v->revisions.all.v[0].smcp : NULL,
				  .images = env->images ? env->images : &operator_images_default};
	const struct spec_profiles profiles = {
		.users = spec_user_profiles(s, env->ns), .used = &in.profiles, .told = &v->unsupported};
	struct maistra_smcp_spec *spec;
	size_t own_len;
	int r;

	v->unsupported_fields = spec_unsupported(own, &v->unsupported);
	own_len = v->unsupported.len;
	spec = spec_resolve(own, &profiles, &v->arena, &v->applied_spec, e);
	if (!spec)
		return e->code;
	v->unsupported_fields += v->unsupported.len > own_len;
	r = spec_validate(spec, e);
	if (r < 0)
		return r;
	v->cluster_wide = spec->mode && !strcmp(spec->mode, "ClusterWide");
	for (size_t i = 0; i < v->revisions.all.n; i++)
		vec_push(&v->smcps, v->revisions.all.v[i].smcp);
	in.revisions = v->smcps.v;
	in.n_revisions = v->smcps.n;
	in.spec = spec;
	v->waits_for_cni =
		spec_by_cni(spec, render_on_openshift(s, api_object_namespace(smcp))) && !cni_is_ready(s, env);
	in.members = roll ? roll->configured_members.v : NULL;
	in.n_members = roll ? roll->configured_members.n : 0;
	r = render_mesh(&in, ret, e);
	if (r == 0)
		tell_absent(env, spec, ret, v);
	return r;
}

void smcp_reconcile(struct store *s, const struct store_key *key, const struct reconcile_env *env, struct plan *p)
{
	struct api_object *smcp = store_get(s, key->kind, key->ns, key->name);
	struct smcp_view v = {.arena = ARENA_INIT};
	struct rendering r = {0};
	struct err e = ERR_INIT;

	if (!smcp)
		return;
	if (smcp->meta->deletion_timestamp) {
		reconcile_delete(s, smcp, env, p);
		return;
	}
	if (smcp_of_namespace(s, key->ns) != smcp) {
		smcp_status_refused(
			smcp, env, "ErrMultipleSMCPs",
			"reconciliation skipped: error: multiple ServiceMeshControlPlane resources exist in "
			"the namespace",
			p);
		return;
	}
	if (!strcmp(key->ns, env->ns)) {
		smcp_status_refused(smcp, env, "ValidationError",
				    "service mesh may not be installed in the same project/namespace as the operator",
				    p);
		return;
	}
	v.ns = key->ns;
	v.complete = smcp_is_complete(smcp, env);
	revisions_find(s, smcp, &v.revisions);
	if (!meta_has_finalizer(smcp))
		plan_patch(p, key, meta_finalizers_patch(smcp, true));
	else if (resolve_and_render(s, smcp, env, &v, &r, &e) < 0)
		smcp_status_refused(smcp, env, "ValidationError", e.msg, p);
	else {
		reconcile_mesh(s, smcp, &v, &r, p);
		cni_plan(s, env, p);
		smcp_create_roll(s, smcp, &v, p);
		smcp_status(smcp, env, &v, p);
	}
	rendering_done(&r);
	smcp_view_done(&v);
}
