/* Profiles: what a spec leaves open is filled in. */
#include "operator/spec/spec.h"

#include <stdio.h>

#include "api/core/core.h"
#include "api/object.h"
#include "base/cleanup.h"
#include "base/hash.h"
#include "msg/json.h"
#include "msg/yaml.h"
#include "operator/template/template.h"

#define SPEC_PROFILE_NAME_MAX 253

/* Profiles. */

/* Fills in what `to` leaves open; lists are taken whole. */
static void fill_missing(cJSON *to, const cJSON *from)
{
	const cJSON *m;

	cJSON_ArrayForEach(m, from)
	{
		cJSON *have = json_get(to, m->string);

		if (!have)
			cJSON_AddItemToObject(to, m->string, cJSON_Duplicate(m, true));
		else if (cJSON_IsObject(have) && cJSON_IsObject(m))
			fill_missing(have, m);
	}
}

/* One resolution. */
struct filling {
	cJSON *to;
	const struct spec_profiles *p;
	bool based; /* the default profile is among those filled in */
};

static int fill_profiles(struct filling *f, const cJSON *profiles, int depth, struct err *e);

static const char *users_profile(const struct spec_profiles *p, const char *name)
{
	char file[SPEC_PROFILE_NAME_MAX + 8];
	const char *text = p && p->users ? str_map_get(p->users, name) : NULL;

	if (text || !p || !p->users)
		return text;
	snprintf(file, sizeof(file), "%s.yaml", name);
	return str_map_get(p->users, file);
}

struct telling {
	const char *name;
	struct buf *out;
};

static void tell_unknown(void *arg, const char *path)
{
	const struct telling *t = arg;

	if (t->out)
		buf_printf(t->out, "profile \"%s\": spec.%s: there is no such field\n", t->name, path);
}

/* A user's profile must be as good as a ServiceMeshControlPlane; what of it has no effect is told. */
static int check_users(const struct filling *f, const char *name, const cJSON *doc, struct err *e)
{
	CLEANUP(arena_done) struct arena a = ARENA_INIT;
	CLEANUP(buf_done) struct buf lines = BUF_INIT;
	const char *version = json_str(doc, "apiVersion"), *kind = json_str(doc, "kind");
	struct telling t = {name, f->p->told};
	struct maistra_smcp_spec spec = {0};
	struct slice rest;
	int r;

	if (!version || strcmp(version, "maistra.io/v2") != 0 || !kind || strcmp(kind, "ServiceMeshControlPlane") != 0)
		return err_set(e, -EINVAL, "profile \"%s\": is no ServiceMeshControlPlane of maistra.io/v2", name);
	r = msg_from_json_report(&maistra_smcp_spec_desc, &spec, json_get(doc, "spec"), &a, tell_unknown, &t, e);
	if (r < 0)
		return err_wrap(e, r, "profile \"%s\"", name);
	if (!t.out)
		return 0;
	spec_unsupported(&spec, &lines);
	for (rest = buf_slice(&lines); rest.len;) {
		struct slice line = slice_split(&rest, '\n');

		buf_printf(t.out, "profile \"%s\": %.*s\n", name, SLICE_ARG(line));
	}
	return 0;
}

static int read_profile(const struct filling *f, const char *name, cJSON **ret, struct err *e)
{
	const char *own = users_profile(f->p, name), *text = own;
	char file[SPEC_PROFILE_NAME_MAX + 32];
	cJSON *doc = NULL;

	if (!own) {
		snprintf(file, sizeof(file), "profiles/%s.yaml", name);
		text = template_file(file);
	}
	if (!text)
		return err_set(e, -ENOENT,
			       "spec.profiles: there is no profile \"%s\"; known are default, base, small, maistra, "
			       "servicemesh%s",
			       name, f->p && f->p->users ? ", and those of ConfigMap " SPEC_PROFILES_CONFIG_MAP : "");
	if (yaml_parse(slice_str(text), &doc, e) < 0)
		return err_wrap(e, e->code, "profile \"%s\"", name);
	*ret = doc;
	if (own && f->p->used)
		*f->p->used = hash_more(*f->p->used, slice_str(own));
	return own ? check_users(f, name, doc, e) : 0;
}

static bool is_default(const char *name)
{
	return !strcmp(name, "default") || !strcmp(name, "maistra") || !strcmp(name, "servicemesh");
}

static int fill_profile(struct filling *f, const char *name, int depth, struct err *e)
{
	CLEANUP(json_freep) cJSON *doc = NULL;
	CLEANUP(json_freep) cJSON *own = NULL;
	const cJSON *spec;
	int r;

	if (depth > SPEC_PROFILES_DEPTH_MAX)
		return err_set(e, -ELOOP, "spec.profiles: profile \"%s\" includes itself", name);
	if (strlen(name) > SPEC_PROFILE_NAME_MAX)
		return err_set(e, -EINVAL, "spec.profiles: a name of more than %d bytes", SPEC_PROFILE_NAME_MAX);
	f->based |= is_default(name);
	r = read_profile(f, name, &doc, e);
	if (r < 0)
		return r;
	spec = json_get(doc, "spec");
	own = cJSON_Duplicate(spec, true);
	cJSON_DeleteItemFromObjectCaseSensitive(own, "profiles");
	fill_missing(f->to, own);
	return fill_profiles(f, json_get(spec, "profiles"), depth + 1, e);
}

/* The last one wins, so it fills in first. */
static int fill_profiles(struct filling *f, const cJSON *profiles, int depth, struct err *e)
{
	for (int i = cJSON_GetArraySize(profiles) - 1; i >= 0; i--) {
		const cJSON *name = cJSON_GetArrayItem(profiles, i);
		int r = fill_profile(f, cJSON_IsString(name) ? name->valuestring : "", depth, e);

		if (r < 0)
			return r;
	}
	return 0;
}

const struct str_map *spec_user_profiles(const struct store *s, const char *operator_ns)
{
	const struct api_object *o = store_get(s, &api_kind_config_map, operator_ns, SPEC_PROFILES_CONFIG_MAP);
	const struct core_config_map *m = o ? API_VALUE(o, config_map, core_config_map) : NULL;

	return m ? &m->data : NULL;
}

struct maistra_smcp_spec *spec_resolve(const struct maistra_smcp_spec *spec, const struct spec_profiles *p,
				       struct arena *arena, cJSON **ret_json, struct err *e)
{
	CLEANUP(json_freep) cJSON *json = msg_to_json(&maistra_smcp_spec_desc, spec);
	struct filling f = {.to = json, .p = p};
	struct maistra_smcp_spec *resolved;

	if (!spec->profiles.n) {
		cJSON_DeleteItemFromObjectCaseSensitive(json, "profiles");
		cJSON_AddItemToArray(cJSON_AddArrayToObject(json, "profiles"), cJSON_CreateString("default"));
	}
	if (!spec->version || !*spec->version) {
		cJSON_DeleteItemFromObjectCaseSensitive(json, "version");
		cJSON_AddStringToObject(json, "version", SPEC_DEFAULT_VERSION);
	}
	if (fill_profiles(&f, json_get(json, "profiles"), 0, e) < 0 ||
	    (!f.based && fill_profile(&f, "default", 0, e) < 0))
		return NULL;
	resolved = msg_new_from_json(&maistra_smcp_spec_desc, json, arena, e);
	if (resolved)
		*ret_json = take(json);
	return resolved;
}

bool spec_by_cni(const struct maistra_smcp_spec *spec, bool openshift)
{
	const char *type = text_or(AT3(spec->proxy, networking, initialization, type), "");

	return *type ? strcmp(type, "CNI") == 0 : openshift;
}
