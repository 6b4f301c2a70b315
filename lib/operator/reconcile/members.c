/* Members of a mesh. */
#include "operator/reconcile/members.h"

#include "api/cluster/network_policy.h"
#include "api/cluster/rbac.h"
#include "api/maistra/smcp.h"
#include "base/cleanup.h"
#include "msg/json.h"
#include "operator/render/render.h"

/* Never selected by "*" or by label. */
static bool reserved(const char *ns)
{
	static const char *const prefixes[] = {"kube-", "openshift-", "ibm-"};

	if (!strcmp(ns, "kube") || !strcmp(ns, "openshift"))
		return true;
	for (size_t i = 0; i < ARRAY_LEN(prefixes); i++)
		if (!strncmp(ns, prefixes[i], strlen(prefixes[i])))
			return true;
	return false;
}

static bool selected(const struct maistra_smmr_spec *spec, const struct api_object *ns)
{
	for (size_t i = 0; i < spec->member_selectors.n; i++)
		if (meta_selector_matches(&spec->member_selectors.v[i], &ns->meta->labels))
			return true;
	return false;
}

static int cmp_str(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

void members_sort(struct members *m)
{
	size_t n = 0;

	if (m->names.n)
		qsort(m->names.v, m->names.n, sizeof(m->names.v[0]), cmp_str);
	for (size_t i = 0; i < m->names.n; i++)
		if (!n || strcmp(m->names.v[n - 1], m->names.v[i]) != 0)
			m->names.v[n++] = m->names.v[i];
	m->names.n = n;
}

void members_resolve(const struct store *s, const struct maistra_smmr_spec *spec, const char *mesh_ns,
		     const char *operator_ns, struct members *ret)
{
	struct store_range all = store_list(s, &api_kind_namespace, NULL);
	bool every = spec->members.n == 1 && !strcmp(spec->members.v[0], "*");

	for (size_t i = 0; !every && i < spec->members.n; i++)
		if (strcmp(spec->members.v[i], mesh_ns) != 0 && strcmp(spec->members.v[i], operator_ns) != 0)
			vec_push(&ret->names, spec->members.v[i]);
	for (size_t i = 0; (every || spec->member_selectors.n) && i < all.n; i++) {
		const char *name = api_object_name(all.v[i]);

		if (!reserved(name) && strcmp(name, mesh_ns) != 0 && strcmp(name, operator_ns) != 0 &&
		    (every || selected(spec, all.v[i])))
			vec_push(&ret->names, name);
	}
	members_sort(ret);
}

bool members_have(const struct members *m, const char *ns)
{
	size_t lo = 0, hi = m->names.n;

	while (lo < hi) {
		size_t mid = (lo + hi) / 2;
		int c = strcmp(m->names.v[mid], ns);

		if (!c)
			return true;
		if (c < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return false;
}

void members_done(struct members *m)
{
	vec_done(&m->names);
}

/* Copies. */

static const struct api_kind *const copied_kinds[] = {&api_kind_role_binding, &api_kind_network_policy,
						      &api_kind_network_attachment_definition};

static bool is_source(const struct api_object *o, const struct api_object *smcp)
{
	const struct rbac_role_binding *binding = API_VALUE(o, role_binding, rbac_role_binding);
	const struct maistra_smcp *value = API_VALUE(smcp, smcp, maistra_smcp);
	const char *owner = api_object_label(o, LABEL_OWNER_NAME),
		   *internal = api_object_annotation(o, ANNOTATION_INTERNAL);
	bool wide = value->spec && value->spec->mode && !strcmp(value->spec->mode, "ClusterWide");

	if (!owner || strcmp(owner, api_object_name(smcp)) != 0 || o->meta->deletion_timestamp)
		return false;
	if (!binding)
		return !internal || strcmp(internal, "true") != 0;
	if (wide && !strncmp(api_object_name(o), "istiod-", strlen("istiod-")))
		return false;
	return binding->role_ref && binding->role_ref->kind && !strcmp(binding->role_ref->kind, "ClusterRole");
}

/* member NULL: without a namespace. */
static struct api_object *copy_for(const struct api_object *source, const char *mesh_ns, const char *member)
{
	static const char *const dropped_meta[] = {"resourceVersion",   "uid",        "ownerReferences",
						   "creationTimestamp", "generation", "selfLink",
						   "namespace",         "finalizers"};
	/* What another version of the control plane would change in each member is not said there. */
	static const char *const dropped_labels[] = {LABEL_OWNER, LABEL_OWNER_NAME, "app.kubernetes.io/version",
						     "maistra-version", LABEL_MEMBER_OF};
	CLEANUP(json_freep) cJSON *json = api_object_to_json(source);
	cJSON *meta = json_get(json, "metadata");
	cJSON *labels = json_get(meta, "labels");
	struct api_object *copy = NULL;

	cJSON_DeleteItemFromObjectCaseSensitive(json, "status");
	cJSON_DeleteItemFromObjectCaseSensitive(meta, "annotations");
	for (size_t i = 0; i < ARRAY_LEN(dropped_meta); i++)
		cJSON_DeleteItemFromObjectCaseSensitive(meta, dropped_meta[i]);
	for (size_t i = 0; i < ARRAY_LEN(dropped_labels); i++)
		cJSON_DeleteItemFromObjectCaseSensitive(labels, dropped_labels[i]);
	cJSON_AddStringToObject(labels, LABEL_MEMBER_OF, mesh_ns);
	if (member)
		cJSON_AddStringToObject(meta, "namespace", member);
	return api_object_from_json(source->kind, json, &copy, NULL) < 0 ? NULL : copy;
}

/* The mesh that it was copied for, or NULL: it is no copy. */
static const char *copied_for(const struct api_object *o)
{
	const char *by = api_object_label(o, LABEL_MANAGED_BY);

	return by && !strcmp(by, MANAGED_BY) && !api_object_label(o, LABEL_OWNER) ? api_object_label(o, LABEL_MEMBER_OF)
										  : NULL;
}

static bool is_copy(const struct api_object *o, const char *mesh_ns)
{
	const char *of = copied_for(o);

	return of && !strcmp(of, mesh_ns);
}

static void delete_object(const struct api_object *o, struct plan *p)
{
	struct store_key key = {o->kind, api_object_namespace(o), api_object_name(o)};

	if (!o->meta->deletion_timestamp)
		plan_delete(p, &key, o->meta->uid);
}

static bool is_core(const struct api_object *o)
{
	const char *component = api_object_label(o, LABEL_COMPONENT);

	return component && !strcmp(component, render_component_str(RENDER_DISCOVERY));
}

void member_objects_collect(const struct store *s, const struct api_object *smcp, struct member_objects *ret)
{
	const char *mesh_ns = api_object_namespace(smcp);

	for (size_t k = 0; k < ARRAY_LEN(copied_kinds); k++) {
		struct store_range sources = store_list(s, copied_kinds[k], mesh_ns);

		for (size_t i = 0; i < sources.n; i++) {
			struct api_object *copy =
				is_source(sources.v[i], smcp) ? copy_for(sources.v[i], mesh_ns, NULL) : NULL;

			if (copy)
				vec_push(&ret->list, (struct member_object){api_object_ref(sources.v[i]), copy,
									    is_core(sources.v[i])});
		}
	}
}

void member_objects_done(struct member_objects *m)
{
	for (size_t i = 0; i < m->list.n; i++) {
		api_object_unref(m->list.v[i].source);
		api_object_unref(m->list.v[i].copy);
	}
	vec_done(&m->list);
}

static bool has_source(const struct member_objects *objects, const struct api_object *copy, bool core)
{
	for (size_t i = 0; i < objects->list.n; i++) {
		const struct api_object *source = objects->list.v[i].source;

		if (source->kind == copy->kind && !strcmp(api_object_name(source), api_object_name(copy)))
			return objects->list.v[i].core || !core;
	}
	return false;
}

size_t members_plan_objects(const struct store *s, const struct member_objects *objects, const char *mesh_ns,
			    const char *member, bool core, struct plan *p)
{
	size_t missing = 0;

	for (size_t i = 0; i < objects->list.n; i++) {
		const struct member_object *o = &objects->list.v[i];
		const struct api_object *have = store_get(s, o->copy->kind, member, api_object_name(o->copy));
		struct api_object *copy;

		if ((core && !o->core) || (have && plan_covers(o->copy, have)))
			continue;
		if (have && copied_for(have) && !is_copy(have, mesh_ns))
			continue; /* until that one takes it away */
		missing++;
		copy = copy_for(o->source, mesh_ns, member);
		if (copy)
			plan_apply(p, copy, 0);
	}
	for (size_t k = 0; k < ARRAY_LEN(copied_kinds); k++) {
		struct store_range there = store_list(s, copied_kinds[k], member);

		for (size_t i = 0; i < there.n; i++)
			if (is_copy(there.v[i], mesh_ns) && !has_source(objects, there.v[i], core))
				delete_object(there.v[i], p);
	}
	return missing;
}

size_t members_plan_removal(const struct store *s, const char *mesh_ns, const char *member, struct plan *p)
{
	size_t n = 0;

	for (size_t k = 0; k < ARRAY_LEN(copied_kinds); k++) {
		struct store_range there = store_list(s, copied_kinds[k], member);

		for (size_t i = 0; i < there.n; i++) {
			if (!is_copy(there.v[i], mesh_ns))
				continue;
			n++;
			delete_object(there.v[i], p);
		}
	}
	return n;
}
