/* Profiles: what a spec leaves open is filled in. */
#include "operator/spec/spec.h"

#include <stdio.h>

#include "base/cleanup.h"
#include "msg/json.h"
#include "msg/yaml.h"
#include "operator/template/template.h"

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

static int fill_profiles(cJSON *to, const cJSON *profiles, int depth, struct err *e);

static int fill_profile(cJSON *to, const char *name, int depth, struct err *e)
{
	CLEANUP(json_freep) cJSON *doc = NULL;
	const cJSON *spec;
	const char *text;
	char file[128];

	if (depth > SPEC_PROFILES_DEPTH_MAX)
		return err_set(e, -ELOOP, "spec.profiles: profile \"%s\" includes itself", name);
	snprintf(file, sizeof(file), "profiles/%s.yaml", name);
	text = template_file(file);
	if (!text)
		return err_set(e, -ENOENT,
			       "spec.profiles: there is no profile \"%s\"; known are default, base, small, maistra, "
			       "servicemesh",
			       name);
	if (yaml_parse(slice_str(text), &doc, e) < 0)
		return err_wrap(e, e->code, "profile %s", name);
	spec = json_get(doc, "spec");
	{
		CLEANUP(json_freep) cJSON *own = cJSON_Duplicate(spec, true);

		cJSON_DeleteItemFromObjectCaseSensitive(own, "profiles");
		fill_missing(to, own);
	}
	return fill_profiles(to, json_get(spec, "profiles"), depth + 1, e);
}

/* The last one wins, so it fills in first. */
static int fill_profiles(cJSON *to, const cJSON *profiles, int depth, struct err *e)
{
	for (int i = cJSON_GetArraySize(profiles) - 1; i >= 0; i--) {
		const cJSON *name = cJSON_GetArrayItem(profiles, i);
		int r = fill_profile(to, cJSON_IsString(name) ? name->valuestring : "", depth, e);

		if (r < 0)
			return r;
	}
	return 0;
}

struct maistra_smcp_spec *spec_resolve(const struct maistra_smcp_spec *spec, struct arena *arena, cJSON **ret_json,
				       struct err *e)
{
	CLEANUP(json_freep) cJSON *json = msg_to_json(&maistra_smcp_spec_desc, spec);
	struct maistra_smcp_spec *resolved;

	if (!spec->profiles.n) {
		cJSON_DeleteItemFromObjectCaseSensitive(json, "profiles");
		cJSON_AddItemToArray(cJSON_AddArrayToObject(json, "profiles"), cJSON_CreateString("default"));
	}
	if (!spec->version || !*spec->version) {
		cJSON_DeleteItemFromObjectCaseSensitive(json, "version");
		cJSON_AddStringToObject(json, "version", SPEC_DEFAULT_VERSION);
	}
	if (fill_profiles(json, json_get(json, "profiles"), 0, e) < 0)
		return NULL;
	resolved = msg_new_from_json(&maistra_smcp_spec_desc, json, arena, e);
	if (resolved)
		*ret_json = take(json);
	return resolved;
}
