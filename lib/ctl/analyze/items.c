/* The objects, by kind, and questions about them. */
#include <stdarg.h>
#include <string.h>

#include "ctl/analyze/analyze_internal.h"
#include "mesh/host.h"

const struct item *analysis_first(const struct analysis *x, const char *kind)
{
	return map_get(&x->kinds, slice_str(kind));
}

const struct item *analysis_find(const struct analysis *x, const char *kind, const char *ns, const char *name)
{
	EACH_ITEM (i, x, kind)
		if (!strcmp(i->name, name) && !strcmp(i->ns, ns))
			return i;
	return NULL;
}

void analysis_say(struct analysis *x, enum message_id id, const struct item *i, const char *path, const char *fmt, ...)
{
	CLEANUP(buf_done) struct buf text = BUF_INIT;
	va_list ap;

	if (!i->source)
		return;
	va_start(ap, fmt);
	buf_vprintf(&text, fmt, ap);
	va_end(ap);
	vec_push(&x->findings, (struct finding){&messages[id], x->analyzer, i, arena_strdup(&x->a, path),
						arena_strdup(&x->a, buf_str(&text))});
}

const char *item_name(struct analysis *x, const struct item *i)
{
	return *i->ns ? arena_printf(&x->a, "%s/%s", i->ns, i->name) : i->name;
}

const cJSON *item_labels(const struct item *i)
{
	return json_at(i->json, "metadata.labels");
}

const cJSON *item_annotations(const struct item *i)
{
	return json_at(i->json, "metadata.annotations");
}

bool item_of_control_plane(const struct item *i)
{
	const char *release = json_get_str(item_labels(i), "release");

	return json_get(item_labels(i), "istio") || (release && !strcmp(release, "istio"));
}

/* --- labels --- */

bool labels_match(const cJSON *selector, const cJSON *labels)
{
	JSON_EACH(want, selector)
	{
		const char *have = json_get_str(labels, want->string);

		if (!have || !cJSON_IsString(want) || strcmp(have, want->valuestring) != 0)
			return false;
	}
	return true;
}

const char *labels_text(struct analysis *x, const cJSON *selector)
{
	const char *out = "";

	JSON_EACH(p, selector)
	if (cJSON_IsString(p))
		out = arena_printf(&x->a, "%s%s%s=%s", out, *out ? "," : "", p->string, p->valuestring);
	return out;
}

static int by_key(const void *a, const void *b)
{
	return strcmp(((const struct str_pair *)a)->key, ((const struct str_pair *)b)->key);
}

bool analysis_selects(struct analysis *x, const cJSON *selector, const cJSON *labels)
{
	struct meta_label_selector s = {0};
	struct str_map m = {ARENA_NEW_N(&x->a, struct str_pair, (size_t)cJSON_GetArraySize(labels)), 0};

	if (!selector || msg_from_json(&meta_label_selector_desc, &s, selector, &x->a, NULL) < 0)
		return !selector;
	JSON_EACH(l, labels)
	if (cJSON_IsString(l))
		m.v[m.n++] = (struct str_pair){l->string, l->valuestring};
	qsort(m.v, m.n, sizeof(m.v[0]), by_key);
	return meta_selector_matches(&s, &m);
}

/* --- workloads --- */

static const char *const workload_kinds[] = {"Deployment", "StatefulSet", "DaemonSet",
					     "ReplicaSet", "Job",         "DeploymentConfig"};

void analysis_list_pods(struct analysis *x, analysis_pods *ret)
{
	EACH_ITEM (i, x, "Pod")
		vec_push(ret, (struct analysis_pod){i, item_labels(i), item_annotations(i), json_get(i->json, "spec"),
						    false});
	for (size_t k = 0; k < ARRAY_LEN(workload_kinds); k++)
		EACH_ITEM (i, x, workload_kinds[k]) {
			const cJSON *t = json_at(i->json, "spec.template");

			vec_push(ret,
				 (struct analysis_pod){i, json_at(t, "metadata.labels"),
						       json_at(t, "metadata.annotations"), json_get(t, "spec"), true});
		}
}

const cJSON *pod_proxy(const cJSON *spec)
{
	static const char *const lists[] = {"containers", "initContainers"};

	for (size_t i = 0; i < ARRAY_LEN(lists); i++)
		JSON_EACH(c, json_get(spec, lists[i]))
	if (!strcmp(json_str_or_empty(c, "name"), "istio-proxy"))
		return c;
	return NULL;
}

bool pod_in_mesh(struct analysis *x, const struct analysis_pod *p)
{
	const char *label = json_get_str(p->labels, "sidecar.istio.io/inject");
	const char *said = label ? label : json_get_str(p->annotations, "sidecar.istio.io/inject");
	const struct item *ns = analysis_find(x, "Namespace", "", *p->item->ns ? p->item->ns : x->m->o.ns);
	const char *enabled = ns ? json_get_str(item_labels(ns), "istio-injection") : NULL;

	if (pod_proxy(p->spec))
		return true;
	if (said)
		return !strcmp(said, "true");
	return enabled && !strcmp(enabled, "enabled");
}

/* --- hosts --- */

const char *full_host(struct analysis *x, const char *host, const char *ns)
{
	if (!host)
		return "";
	if (*host == '*' || strchr(host, '.'))
		return host;
	return arena_printf(&x->a, "%s.%s.svc.%s", host, ns, x->m->config->domain);
}

const struct item *find_gateway(struct analysis *x, const char *name, const char *ns)
{
	const char *full = gateway_resolve(&x->a, name, ns), *slash = strchr(full, '/');
	const char *other = slash ? arena_slicedup(&x->a, slice_make(full, (size_t)(slash - full))) : ns;

	return analysis_find(x, "Gateway", other, slash ? slash + 1 : full);
}

static void add_routes(struct analysis *x, const cJSON *rule, const char *path, destinations *ret)
{
	size_t k = 0;

	JSON_EACH(r, json_get(rule, "route"))
	{
		if (json_get(r, "destination"))
			vec_push(ret, (struct destination){json_get(r, "destination"),
							   arena_printf(&x->a, "%s.route[%zu].destination", path, k),
							   false});
		k++;
	}
	if (json_get(rule, "mirror"))
		vec_push(ret,
			 (struct destination){json_get(rule, "mirror"), arena_printf(&x->a, "%s.mirror", path), true});
	k = 0;
	JSON_EACH(m, json_get(rule, "mirrors"))
	{
		if (json_get(m, "destination"))
			vec_push(ret, (struct destination){json_get(m, "destination"),
							   arena_printf(&x->a, "%s.mirrors[%zu].destination", path, k),
							   true});
		k++;
	}
}

void list_destinations(struct analysis *x, const struct item *vs, destinations *ret)
{
	static const char *const lists[] = {"http", "tls", "tcp"};

	for (size_t i = 0; i < ARRAY_LEN(lists); i++) {
		size_t k = 0;

		JSON_EACH(rule, json_get(json_get(vs->json, "spec"), lists[i]))
		add_routes(x, rule, arena_printf(&x->a, "spec.%s[%zu]", lists[i], k++), ret);
	}
}
