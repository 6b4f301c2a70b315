/* Whether a pod gets a proxy. */
#include <stdio.h>
#include <stdlib.h>

#include "inject/internal.h"

static const char *const never_namespaces[] = {"kube-system", "kube-public", "kube-node-lease", "local-path-storage"};

static bool says_yes(const char *s)
{
	return strcasecmp(s, "y") == 0 || strcasecmp(s, "yes") == 0 || strcasecmp(s, "true") == 0 ||
	       strcasecmp(s, "on") == 0;
}

/* Any selector of the list matches the pod's labels. */
static bool selected(const struct injection *x, const char *name)
{
	const cJSON *list = json_get(x->config, name), *one;

	cJSON_ArrayForEach(one, list)
	{
		struct meta_label_selector s = {0};

		if (msg_from_json(&meta_label_selector_desc, &s, one, x->a, NULL) == 0 &&
		    (s.match_labels.n || s.match_expressions.n) && meta_selector_matches(&s, &x->pod->metadata->labels))
			return true;
	}
	return false;
}

bool inject_wanted(const struct injection *x)
{
	const char *label = str_map_get(&x->pod->metadata->labels, INJECT_KEY);
	const char *said = label ? label : inject_annotation(x, INJECT_KEY);
	const char *policy = json_str(x->config, "policy");

	if (x->pod->spec->host_network)
		return false;
	for (size_t i = 0; i < ARRAY_LEN(never_namespaces); i++)
		if (strcmp(x->ns, never_namespaces[i]) == 0)
			return false;
	if (said && *said)
		return says_yes(said);
	if (selected(x, "neverInjectSelector"))
		return false;
	if (selected(x, "alwaysInjectSelector"))
		return true;
	return policy && strcmp(policy, "enabled") == 0;
}

const char *inject_annotation(const struct injection *x, const char *name)
{
	return str_map_get(&x->pod->metadata->annotations, name);
}

const char *inject_value(const struct injection *x, const char *section, const char *name, const char *fallback)
{
	const cJSON *global = json_get(x->values, "global");
	const cJSON *at = section ? json_get(global, section) : global;
	const cJSON *v = json_get(at, name);

	if (cJSON_IsString(v) && *v->valuestring)
		return v->valuestring;
	return cJSON_IsNumber(v) ? arena_printf(x->a, "%d", v->valueint) : fallback;
}
