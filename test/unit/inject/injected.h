/* For tests of injection: a pod, what the patch makes of it, and one value of that by path. */
#ifndef TEST_INJECTED_H
#define TEST_INJECTED_H

#include "inject/inject.h"
#include "lab/object/patch.h"
#include "msg/json.h"
#include "msg/yaml.h"
#include "world.h"

/* The text of the value at "spec|containers|NAME|image" or "spec|containers|#0|name" ("" when it is not there); free
 * it. */
static char *value_at(const cJSON *root, const char *where)
{
	char path[512], *rest = path, *name;
	const cJSON *at = root, *one;

	snprintf(path, sizeof(path), "%s", where);
	while (at && (name = strsep(&rest, "|"))) {
		const cJSON *list = cJSON_IsArray(at) ? at : NULL;

		if (!list) {
			at = json_get(at, name);
		} else if (*name == '#') {
			at = cJSON_GetArrayItem(list, atoi(name + 1));
		} else {
			at = NULL;
			cJSON_ArrayForEach(one, list)
			{
				const char *n = json_str(one, "name");

				if (n && strcmp(n, name) == 0)
					at = one;
			}
		}
	}
	if (!at)
		return strdup("");
	return cJSON_IsString(at) ? strdup(at->valuestring) : cJSON_PrintUnformatted(at);
}

/* "PATH=VALUE" holds; "PATH~TEXT": the value contains the text; "PATH!TEXT": it does not. NULL, or why not; free it. */
static char *wrong(const cJSON *pod, const char *expected)
{
	const size_t n = strcspn(expected, "=~!");
	char *path = strndup(expected, n), *have = value_at(pod, path), *why = NULL;
	const char *want = expected + n + 1;
	bool ok = expected[n] == '='   ? strcmp(have, want) == 0
		  : expected[n] == '~' ? strstr(have, want) != NULL
				       : strstr(have, want) == NULL;

	if (!ok && asprintf(&why, "%s: have '%s'", expected, have) < 0)
		abort();
	free(path);
	free(have);
	return why;
}

struct injected {
	cJSON *pod;     /* with the proxy; NULL: it stays as it is */
	char *warnings; /* "" when there are none */
	struct err e;
};

/* YAML of a pod in namespace "shop". */
static struct injected inject_yaml(struct inject *i, const char *yaml)
{
	struct injected r = {.e = ERR_INIT};
	cJSON *patch = NULL, *warnings = NULL;

	if (yaml_parse(slice_str(yaml), &r.pod, &r.e) < 0)
		fail_msg("%s: %s", yaml, r.e.msg);
	inject_pod(i, r.pod, "shop", &patch, &warnings, &r.e);
	if (patch && patch_json(&r.pod, patch, &r.e) < 0)
		fail_msg("%s", r.e.msg);
	if (!patch) {
		cJSON_Delete(r.pod);
		r.pod = NULL;
	}
	r.warnings = warnings ? cJSON_PrintUnformatted(warnings) : strdup("");
	cJSON_Delete(patch);
	cJSON_Delete(warnings);
	return r;
}

static void injected_done(struct injected *r)
{
	cJSON_Delete(r->pod);
	free(r->warnings);
}

#endif
