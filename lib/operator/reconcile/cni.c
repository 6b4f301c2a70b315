/* Installing the CNI plugin once, for whichever meshes use it. */
#include "operator/reconcile/cni.h"

#include "api/apps/apps.h"
#include "api/maistra/maistra.h"
#include "base/cleanup.h"
#include "msg/json.h"
#include "operator/render/render.h"

#define DAEMON_SET "istio-cni-node"

static bool uses_cni(const struct store *s, const struct reconcile_env *env, const struct api_object *smcp)
{
	CLEANUP(arena_done) struct arena a = ARENA_INIT;
	CLEANUP(json_freep) cJSON *json = NULL;
	const struct maistra_smcp *value = API_VALUE(smcp, smcp, maistra_smcp);
	const struct spec_profiles profiles = {.users = spec_user_profiles(s, env->ns)};
	const struct maistra_smcp_spec *spec =
		value->spec ? spec_resolve(value->spec, &profiles, &a, &json, NULL) : NULL;

	return spec && spec_by_cni(spec, render_on_openshift(s, api_object_namespace(smcp)));
}

static bool is_used(const struct store *s, const struct reconcile_env *env)
{
	struct store_range all = store_list(s, &api_kind_smcp, NULL);

	for (size_t i = 0; i < all.n; i++)
		if (!all.v[i]->meta->deletion_timestamp && uses_cni(s, env, all.v[i]))
			return true;
	return false;
}

/* The namespace of the installer is the operator's, unless that lets no such pods in. */
static struct render_cni where(const struct reconcile_env *env)
{
	struct render_cni in = env->cni ? *env->cni : (struct render_cni){0};

	in.ns = text_or(in.ns, env->ns);
	return in;
}

size_t cni_plan(struct store *s, const struct reconcile_env *env, struct plan *p)
{
	const struct operator_images *images = env->images ? env->images : &operator_images_default;
	const struct render_cni in = where(env);
	const bool used = is_used(s, env);
	struct rendering r = {0};
	size_t left = 0;

	if (render_cni(&in, render_on_openshift(s, in.ns), render_by_multus(&in, env->absent, env->n_absent),
		       images->cni, &r, NULL) < 0)
		return 0;
	for (size_t i = 0; i < r.objects.n; i++) {
		struct api_object *want = r.objects.v[i].obj;
		const struct store_key key = {want->kind, api_object_namespace(want), api_object_name(want)};
		const struct api_object *have = store_get(s, key.kind, key.ns, key.name);

		if (used && !(have && plan_covers(want, have)))
			plan_apply(p, api_object_ref(want), 0);
		if (used || !have)
			continue;
		left++;
		if (!have->meta->deletion_timestamp)
			plan_delete(p, &key, have->meta->uid);
	}
	rendering_done(&r);
	return left;
}

bool cni_is_ready(const struct store *s, const struct reconcile_env *env)
{
	const struct api_object *o = store_get(s, &api_kind_daemon_set, where(env).ns, DAEMON_SET);
	const struct apps_daemon_set *d = o ? API_VALUE(o, daemon_set, apps_daemon_set) : NULL;

	if (!d || !d->status || d->status->observed_generation < o->meta->generation)
		return false;
	return d->status->number_ready > 0 || d->status->desired_number_scheduled == 0;
}
