/* Admission: one function per kind, in Maistra's words. */
#include "operator/webhook/admission.h"

#include <stdarg.h>
#include <stdio.h>

#include "api/cluster/auth.h"
#include "api/maistra/maistra.h"
#include "api/object.h"
#include "api/names.h"
#include "base/cleanup.h"
#include "base/mem.h"
#include "msg/json.h"
#include "operator/spec/spec.h"

void admission_verdict_done(struct admission_verdict *v)
{
	cJSON_Delete(v->patch);
	buf_done(&v->warnings);
	vec_done(&v->rights);
	*v = (struct admission_verdict){0};
}

static void refuse(struct admission_verdict *v, int code, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
static void refuse(struct admission_verdict *v, int code, const char *fmt, ...)
{
	va_list ap;

	if (!v->allowed)
		return; /* the first reason counts */
	v->allowed = false;
	v->code = code;
	va_start(ap, fmt);
	vsnprintf(v->message, sizeof(v->message), fmt, ap);
	va_end(ap);
}

static struct api_object *decode(const struct api_kind *kind, const cJSON *json, struct admission_verdict *v)
{
	struct api_object *o = NULL;
	struct err e = ERR_INIT;

	if (cJSON_IsObject(json) && api_object_from_json(kind, json, &o, &e) < 0)
		refuse(v, 400, "%s", e.msg);
	return o;
}

static const char *user_of(const struct admission_request *r)
{
	return text_or(AT1(r->user_info, username), "");
}

static bool is_create(const struct admission_request *r)
{
	return r->operation && !strcmp(r->operation, "CREATE");
}

/* ServiceMeshControlPlane. */

static bool is_wide(const struct api_object *smcp)
{
	const struct maistra_smcp *value = API_VALUE(smcp, smcp, maistra_smcp);
	const char *mode = AT1(value->spec, mode);

	return mode && !strcmp(mode, "ClusterWide");
}

/* Whether one of them names the other as the control plane that it stands beside: they are to be one mesh. */
static bool stands_beside(const struct api_object *a, const struct api_object *b)
{
	struct slice ns, name;

	return spec_revision_of(API_VALUE(a, smcp, maistra_smcp)->spec, &ns, &name) &&
	       slice_eq_str(ns, api_object_namespace(b)) && slice_eq_str(name, api_object_name(b));
}

static bool one_mesh(const struct api_object *a, const struct api_object *b)
{
	struct slice ns, name, other_ns, other_name;

	if (stands_beside(a, b) || stands_beside(b, a))
		return true;
	return spec_revision_of(API_VALUE(a, smcp, maistra_smcp)->spec, &ns, &name) &&
	       spec_revision_of(API_VALUE(b, smcp, maistra_smcp)->spec, &other_ns, &other_name) &&
	       slice_eq(ns, other_ns) && slice_eq(name, other_name);
}

static void check_placement(const struct admission_input *in, const struct api_object *smcp,
			    struct admission_verdict *v)
{
	struct store_range all = store_list(in->store, &api_kind_smcp, NULL);
	const char *ns = text_or(in->request->namespace, api_object_namespace(smcp));

	if (!strcmp(ns, in->operator_ns))
		refuse(v, 400, "service mesh may not be installed in the same project/namespace as the operator");
	for (size_t i = 0; i < all.n; i++) {
		bool same_ns = !strcmp(api_object_namespace(all.v[i]), ns);

		if (same_ns && !strcmp(api_object_name(all.v[i]), api_object_name(smcp)))
			continue;
		if (same_ns && is_create(in->request))
			refuse(v, 400, "only one service mesh may be installed per project/namespace");
		if (one_mesh(smcp, all.v[i]))
			continue;
		if (is_wide(smcp))
			refuse(v, 400, "a cluster-scoped SMCP may only be created when no other SMCPs exist");
		if (is_wide(all.v[i]))
			refuse(v, 400, "no other SMCPs may be created when a cluster-scoped SMCP exists");
	}
	if (v->allowed && is_wide(smcp)) {
		vec_push(&v->rights, (struct admission_right){.group = "maistra.io",
							      .resource = "servicemeshcontrolplanes",
							      .verb = "create"});
		snprintf(v->message, sizeof(v->message),
			 "a cluster-scoped SMCP may only be created by users with cluster-scoped \"create SMCP\" "
			 "permissions");
	}
}

static const char *named(const cJSON *smcp)
{
	return text_or(json_str(json_at(smcp, "spec.techPreview"), SPEC_REVISION_OF), "");
}

/*
 * A revision is given all that the control plane knows which it stands beside, and pods of its members: whoever makes
 * it must be allowed to change that one.
 */
static void check_revision(const struct admission_input *in, const struct api_object *smcp, struct admission_verdict *v)
{
	const struct store_range all = store_list(in->store, &api_kind_smcp, NULL);
	struct slice ns, name, other;

	if (!spec_revision_of(API_VALUE(smcp, smcp, maistra_smcp)->spec, &ns, &name))
		return;
	if (slice_eq_str(name, api_object_name(smcp)) || slice_eq_str(ns, api_object_namespace(smcp)))
		refuse(v, 400, "a revision needs another name, and another namespace, than %s",
		       named(in->request->object));
	for (size_t i = 0; i < all.n; i++) {
		if (stands_beside(all.v[i], smcp))
			refuse(v, 400,
			       "the ServiceMeshControlPlane %s/%s stands beside this one, which can be no revision "
			       "itself",
			       api_object_namespace(all.v[i]), api_object_name(all.v[i]));
		if (stands_beside(smcp, all.v[i]) &&
		    spec_revision_of(API_VALUE(all.v[i], smcp, maistra_smcp)->spec, &other, &other))
			refuse(v, 400, "%s is a revision itself: name the control plane that it names",
			       named(in->request->object));
	}
	if (!v->allowed || !strcmp(named(in->request->object), named(in->request->old_object)))
		return;
	snprintf(v->message, sizeof(v->message),
		 "user '%s' does not have permission to update ServiceMeshControlPlane %s, which this one is to stand "
		 "beside",
		 user_of(in->request), named(in->request->object));
	vec_push(&v->rights, (struct admission_right){.group = "maistra.io",
						      .resource = "servicemeshcontrolplanes",
						      .verb = "update",
						      .ns = arena_printf(in->arena, "%.*s", SLICE_ARG(ns)),
						      .name = arena_printf(in->arena, "%.*s", SLICE_ARG(name))});
}

static void validate_smcp(const struct admission_input *in, struct admission_verdict *v)
{
	static const struct maistra_smcp_spec none;
	CLEANUP(api_object_unrefp)
	struct api_object *smcp = decode(&api_kind_smcp, in->request->object, v);
	CLEANUP(json_freep) cJSON *applied = NULL;
	const struct maistra_smcp *value = smcp ? API_VALUE(smcp, smcp, maistra_smcp) : NULL;
	const struct spec_profiles profiles = {.users = spec_user_profiles(in->store, in->operator_ns),
					       .told = &v->warnings};
	const struct maistra_smcp_spec *spec;
	struct err e = ERR_INIT;

	if (!smcp || smcp->meta->deletion_timestamp)
		return;
	if (!AT1(value->spec, version) || !*value->spec->version) /* the mutating webhook has filled it in */
		refuse(v, 400, "invalid Version specified; supported versions are: [v2.2 v2.3 v2.4 v2.5 v2.6]");
	if (!is_create(in->request) &&
	    json_equal(json_get(in->request->object, "spec"), json_get(in->request->old_object, "spec")))
		return; /* labels, finalizers */
	check_placement(in, smcp, v);
	check_revision(in, smcp, v);
	spec = spec_resolve(value->spec ? value->spec : &none, &profiles, in->arena, &applied, &e);
	if (!spec || spec_validate(spec, &e) < 0)
		refuse(v, 400, "%s", e.msg);
	else if (value->spec)
		spec_unsupported(value->spec, &v->warnings);
}

static void patch_add(struct admission_verdict *v, const char *path, cJSON *value)
{
	cJSON *op = cJSON_CreateObject();

	if (!v->patch)
		v->patch = cJSON_CreateArray();
	cJSON_AddStringToObject(op, "op", "add");
	cJSON_AddStringToObject(op, "path", path);
	cJSON_AddItemToObject(op, "value", value);
	cJSON_AddItemToArray(v->patch, op);
}

static void mutate_smcp(const struct admission_input *in, struct admission_verdict *v)
{
	const cJSON *object = in->request->object, *spec = json_get(object, "spec");
	const char *version = json_str(spec, "version"), *old = json_str(in->request->old_object, "spec.version");
	cJSON *profiles;

	if (!cJSON_IsObject(spec))
		patch_add(v, "/spec", cJSON_CreateObject());
	if (!version || !*version)
		patch_add(v, "/spec/version", cJSON_CreateString(text_or(old, SPEC_DEFAULT_VERSION)));
	if (!cJSON_GetArraySize(json_get(spec, "profiles"))) {
		profiles = cJSON_CreateArray();
		cJSON_AddItemToArray(profiles, cJSON_CreateString("default"));
		patch_add(v, "/spec/profiles", profiles);
	}
	if (!is_create(in->request) || json_at(spec, "gateways.openshiftRoute"))
		return;
	if (!json_at(spec, "gateways"))
		patch_add(v, "/spec/gateways", cJSON_CreateObject());
	profiles = cJSON_CreateObject();
	cJSON_AddBoolToObject(profiles, "enabled", false);
	patch_add(v, "/spec/gateways/openshiftRoute", profiles);
}

/* ServiceMeshMemberRoll. */

static bool names_member(const struct maistra_smmr_spec *spec, const char *ns)
{
	for (size_t i = 0; spec && i < spec->members.n; i++)
		if (!strcmp(spec->members.v[i], ns))
			return true;
	return false;
}

/* A namespace is in one mesh only; "*" is in conflict with every roll that has members. */
static bool conflicts(const struct maistra_smmr_spec *spec, const struct maistra_smmr_spec *other)
{
	if (!other || !spec->members.n || !other->members.n)
		return false;
	if (names_member(spec, "*") || names_member(other, "*"))
		return true;
	for (size_t k = 0; k < spec->members.n; k++)
		if (names_member(other, spec->members.v[k]))
			return true;
	return false;
}

static bool rolls_of_one_mesh(const struct store *s, const char *a, const char *b)
{
	const struct store_range mine = store_list(s, &api_kind_smcp, a), theirs = store_list(s, &api_kind_smcp, b);

	for (size_t i = 0; i < mine.n; i++)
		for (size_t k = 0; k < theirs.n; k++)
			if (one_mesh(mine.v[i], theirs.v[k]))
				return true;
	return false;
}

static void check_other_rolls(const struct admission_input *in, const struct maistra_smmr_spec *spec, const char *ns,
			      struct admission_verdict *v)
{
	struct store_range all = store_list(in->store, &api_kind_smmr, NULL);

	for (size_t i = 0; i < all.n; i++) {
		const struct maistra_smmr *other = API_VALUE(all.v[i], smmr, maistra_smmr);

		if (strcmp(api_object_namespace(all.v[i]), ns) != 0 && conflicts(spec, other->spec) &&
		    !rolls_of_one_mesh(in->store, ns, api_object_namespace(all.v[i])))
			refuse(v, 400, "one or more members are already defined in another ServiceMeshMemberRoll");
	}
}

static void check_names(const struct maistra_smmr_spec *spec, struct admission_verdict *v)
{
	for (size_t i = 0; i < spec->members.n; i++) {
		const char *m = spec->members.v[i];

		if (strcmp(m, "*") != 0 && name_problem(NAME_LABEL, m))
			refuse(v, 400, ".spec.members contains invalid value '%s'. Must be a valid namespace name.", m);
		for (size_t k = 0; k < i; k++)
			if (!strcmp(m, spec->members.v[k]))
				refuse(v, 400, "duplicate namespace in .spec.members: %s", m);
	}
	if (spec->members.n > 1 && names_member(spec, "*"))
		refuse(v, 400, "when .spec.members contains an asterisk ('*'), it must contain no other entries");
}

static void check_members(const struct admission_input *in, const struct maistra_smmr_spec *spec, const char *ns,
			  struct admission_verdict *v)
{
	if (spec->members.n && spec->member_selectors.n)
		refuse(v, 400, "combining .spec.members and .spec.memberSelectors is not allowed");
	check_names(spec, v);
	if (names_member(spec, ns))
		refuse(v, 400, "mesh project/namespace cannot be listed as a member");
	check_other_rolls(in, spec, ns, v);
}

/* The operator's own writes follow from a ServiceMeshControlPlane or a ServiceMeshMember, whose author was asked. */
static bool is_operator(const struct admission_input *in)
{
	CLEANUP(freep)
	char *name = mem_printf("system:serviceaccount:%s:" OPERATOR_SERVICE_ACCOUNT, in->operator_ns);

	return !strcmp(user_of(in->request), name);
}

/* Whoever adds a namespace must be allowed to change its pods. */
static void need_rights(const struct admission_input *in, const struct maistra_smmr_spec *spec,
			const struct maistra_smmr_spec *old, struct admission_verdict *v)
{
	bool every = spec->member_selectors.n || names_member(spec, "*");

	if (!v->allowed || is_operator(in))
		return;
	if (every) {
		snprintf(v->message, sizeof(v->message),
			 "only users that are allowed to update pods at the cluster scope are allowed to use wildcards "
			 "or "
			 "member selectors; user %s does not have that permission",
			 user_of(in->request));
		vec_push(&v->rights, (struct admission_right){.group = "", .resource = "pods", .verb = "update"});
		return;
	}
	snprintf(v->message, sizeof(v->message), "user '%s' does not have permission to access namespace(s)",
		 user_of(in->request));
	for (size_t i = 0; i < spec->members.n; i++)
		if (!names_member(old, spec->members.v[i]))
			vec_push(&v->rights,
				 (struct admission_right){.group = "",
							  .resource = "pods",
							  .verb = "update",
							  .ns = arena_strdup(in->arena, spec->members.v[i])});
}

static void validate_smmr(const struct admission_input *in, struct admission_verdict *v)
{
	static const struct maistra_smmr_spec none;
	CLEANUP(api_object_unrefp) struct api_object *roll = decode(&api_kind_smmr, in->request->object, v);
	CLEANUP(api_object_unrefp) struct api_object *was = decode(&api_kind_smmr, in->request->old_object, v);
	const struct maistra_smmr *value = roll ? API_VALUE(roll, smmr, maistra_smmr) : NULL;
	const struct maistra_smmr *old = was ? API_VALUE(was, smmr, maistra_smmr) : NULL;
	const struct maistra_smmr_spec *spec = value && value->spec ? value->spec : &none;
	const char *ns = text_or(in->request->namespace, roll ? api_object_namespace(roll) : "");

	if (!roll || roll->meta->deletion_timestamp)
		return;
	if (strcmp(api_object_name(roll), "default") != 0)
		refuse(v, 400, "ServiceMeshMemberRoll must be named 'default'");
	if (!strcmp(ns, in->operator_ns))
		refuse(v, 400,
		       "ServiceMeshMemberRoll may not be created in the same project/namespace as the operator");
	check_members(in, spec, ns, v);
	need_rights(in, spec, AT1(old, spec), v);
}

/* The mesh's own namespace is no member of itself. */
static void mutate_smmr(const struct admission_input *in, struct admission_verdict *v)
{
	const cJSON *members = json_at(in->request->object, "spec.members"), *m;
	cJSON *kept = cJSON_CreateArray();

	cJSON_ArrayForEach(m, members)
	{
		if (!cJSON_IsString(m) || !in->request->namespace ||
		    strcmp(m->valuestring, in->request->namespace) != 0)
			cJSON_AddItemToArray(kept, cJSON_Duplicate(m, true));
	}
	if (cJSON_GetArraySize(kept) != cJSON_GetArraySize(members))
		patch_add(v, "/spec/members", kept);
	else
		cJSON_Delete(kept);
}

/* ServiceMeshMember. */

static void validate_smm(const struct admission_input *in, struct admission_verdict *v)
{
	CLEANUP(api_object_unrefp) struct api_object *member = decode(&api_kind_smm, in->request->object, v);
	CLEANUP(api_object_unrefp) struct api_object *was = decode(&api_kind_smm, in->request->old_object, v);
	const struct maistra_smm *value = member ? API_VALUE(member, smm, maistra_smm) : NULL;
	const struct maistra_smm *old = was ? API_VALUE(was, smm, maistra_smm) : NULL;
	const struct maistra_smcp_ref *ref = AT2(value, spec, control_plane_ref),
				      *before = AT2(old, spec, control_plane_ref);

	if (!member || member->meta->deletion_timestamp)
		return;
	if (strcmp(api_object_name(member), "default") != 0)
		refuse(v, 400, "the ServiceMeshMember resource must be named \"default\"");
	if (!strcmp(text_or(in->request->namespace, api_object_namespace(member)), in->operator_ns))
		refuse(v, 400, "namespace where operator is installed cannot be added to any mesh");
	if (before && (!ref || strcmp(text_or(ref->name, ""), text_or(before->name, "")) != 0 ||
		       strcmp(text_or(ref->namespace, ""), text_or(before->namespace, "")) != 0))
		refuse(v, 400, "mutation of .spec.controlPlaneRef isn't allowed");
	if (!v->allowed || before || !AT1(ref, name) || !ref->namespace)
		return;
	snprintf(v->message, sizeof(v->message),
		 "user '%s' does not have permission to use ServiceMeshControlPlane %s/%s", user_of(in->request),
		 ref->namespace, ref->name);
	vec_push(&v->rights, (struct admission_right){.group = "maistra.io",
						      .resource = "servicemeshcontrolplanes",
						      .verb = "use",
						      .ns = arena_strdup(in->arena, ref->namespace),
						      .name = arena_strdup(in->arena, ref->name)});
}

static const struct {
	const char *kind;
	void (*validate)(const struct admission_input *in, struct admission_verdict *v);
	void (*mutate)(const struct admission_input *in, struct admission_verdict *v);
} kinds[] = {
	{"ServiceMeshControlPlane", validate_smcp, mutate_smcp},
	{"ServiceMeshMemberRoll", validate_smmr, mutate_smmr},
	{"ServiceMeshMember", validate_smm, NULL},
};

void admission_validate(const struct admission_input *in, struct admission_verdict *ret)
{
	const char *kind = text_or(AT2(in->request, kind, kind), "");

	*ret = (struct admission_verdict){.allowed = true};
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
		if (!strcmp(kinds[i].kind, kind))
			kinds[i].validate(in, ret);
}

void admission_mutate(const struct admission_input *in, struct admission_verdict *ret)
{
	const char *kind = text_or(AT2(in->request, kind, kind), "");

	*ret = (struct admission_verdict){.allowed = true};
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
		if (kinds[i].mutate && !strcmp(kinds[i].kind, kind))
			kinds[i].mutate(in, ret);
}
