/* AuthorizationPolicies: for whom, and from which namespaces. */
#include <string.h>
#include <strings.h>

#include "ctl/analyze/analyze_internal.h"

/* Somebody else's ztunnel governs it. */
static bool is_ambient(const struct analysis_pod *p)
{
	const char *mode = json_get_str(p->annotations, "ambient.istio.io/redirection");

	return mode && !strcmp(mode, "enabled");
}

static bool any_pod(struct analysis *x, const analysis_pods *pods, const char *ns, const cJSON *labels)
{
	for (size_t i = 0; i < pods->n; i++)
		if ((!ns || !strcmp(pods->v[i].item->ns, ns)) && labels_match(labels, pods->v[i].labels) &&
		    (pod_in_mesh(x, &pods->v[i]) || is_ambient(&pods->v[i])))
			return true;
	return false;
}

static void judge_workloads(struct analysis *x, const struct item *p, const analysis_pods *pods)
{
	const cJSON *selector = json_at(p->json, "spec.selector"), *labels = json_get(selector, "matchLabels");
	const bool mesh_wide = !strcmp(p->ns, x->m->config->root_namespace);

	if (!selector && mesh_wide)
		return;
	if (!selector && !any_pod(x, pods, p->ns, NULL))
		analysis_say(x, IST0127, p, "metadata.namespace",
			     "namespace %s has no pod with a sidecar: nobody is governed", p->ns);
	else if (selector && !any_pod(x, pods, mesh_wide ? NULL : p->ns, labels))
		analysis_say(x, IST0127, p, "spec.selector", "no pod with a sidecar has these labels: %s",
			     labels_text(x, labels));
}

/* "a", "a*", "*a", "*" */
static bool names(const char *pattern, const char *ns)
{
	const size_t n = strlen(pattern), len = strlen(ns);

	if (*pattern == '*')
		return n == 1 || (len >= n - 1 && !strcmp(ns + len - (n - 1), pattern + 1));
	if (n && pattern[n - 1] == '*')
		return !strncmp(ns, pattern, n - 1);
	return !strcasecmp(ns, pattern);
}

static bool is_there(const struct analysis *x, const char *pattern)
{
	EACH_ITEM (ns, x, "Namespace")
		if (names(pattern, ns->name))
			return true;
	return false;
}

static void judge_source(struct analysis *x, const struct item *p, const cJSON *source, const char *path)
{
	static const char *const fields[] = {"namespaces", "notNamespaces"};

	for (size_t i = 0; i < ARRAY_LEN(fields); i++) {
		size_t n = 0;

		JSON_EACH(ns, json_get(source, fields[i]))
		{
			const char *at = arena_printf(&x->a, "%s.%s[%zu]", path, fields[i], n++);

			if (cJSON_IsString(ns) && !is_there(x, ns->valuestring))
				analysis_say(x, IST0101, p, at, "namespace %s: there is none of that name",
					     ns->valuestring);
		}
	}
}

void analyze_authorization(struct analysis *x)
{
	analysis_pods pods = {0};

	analysis_list_pods(x, &pods);
	EACH_ITEM (p, x, "AuthorizationPolicy") {
		size_t i = 0;

		judge_workloads(x, p, &pods);
		JSON_EACH(rule, json_at(p->json, "spec.rules"))
		{
			size_t k = 0;

			JSON_EACH(from, json_get(rule, "from"))
			judge_source(x, p, json_get(from, "source"),
				     arena_printf(&x->a, "spec.rules[%zu].from[%zu].source", i, k++));
			i++;
		}
	}
	vec_done(&pods);
}
