/* VirtualServices: hosts, Gateways, claims, expressions. */
#include <string.h>

#include "ctl/analyze/analyze_internal.h"
#include "mesh/host.h"
#include "route/match.h"

/* --- one host, several VirtualServices --- */

static bool of_the_mesh(const struct item *vs)
{
	const cJSON *gateways = json_at(vs->json, "spec.gateways");

	return json_is_empty(gateways) || json_has_str(gateways, "mesh");
}

/* Whether what the object says is for namespace ns ("*": for all). */
static bool exported(const struct item *vs, const char *ns)
{
	const cJSON *list = json_at(vs->json, "spec.exportTo");

	if (json_is_empty(list) || json_has_str(list, "*"))
		return true;
	if (!strcmp(ns, "*"))
		return false;
	return json_has_str(list, ns) || (json_has_str(list, ".") && !strcmp(vs->ns, ns));
}

/* Whether there is a namespace for which both are. */
static bool meet(const struct item *a, const struct item *b)
{
	const cJSON *list = json_at(a->json, "spec.exportTo");

	if (exported(a, "*") || exported(b, "*"))
		return true;
	JSON_EACH(ns, list)
	if (cJSON_IsString(ns) && exported(b, !strcmp(ns->valuestring, ".") ? a->ns : ns->valuestring))
		return true;
	return false;
}

/* A host that both have; one of all namespaces may be a wildcard over one of some. */
static const char *common_host(struct analysis *x, const struct item *a, const struct item *b)
{
	JSON_EACH(h, json_at(a->json, "spec.hosts"))
	JSON_EACH(o, json_at(b->json, "spec.hosts"))
	{
		const char *p, *q;

		if (!cJSON_IsString(h) || !cJSON_IsString(o))
			continue;
		p = full_host(x, h->valuestring, a->ns);
		q = full_host(x, o->valuestring, b->ns);
		if (!strcasecmp(p, q) || (exported(a, "*") != exported(b, "*") && host_overlap(p, q)))
			return p;
	}
	return NULL;
}

static void judge_host(struct analysis *x, const struct item *vs)
{
	const char *names = "", *host = NULL;

	EACH_ITEM (o, x, "VirtualService") {
		const char *common = o != vs && of_the_mesh(o) && meet(vs, o) ? common_host(x, vs, o) : NULL;

		if (!common)
			continue;
		host = common;
		names = arena_printf(&x->a, "%s%s%s", names, *names ? ", " : "", item_name(x, o));
	}
	if (host)
		analysis_say(x, IST0109, vs, "spec.hosts",
			     "host %s has other VirtualServices inside the mesh, too, and one alone "
			     "counts: %s",
			     host, names);
}

void analyze_mesh_hosts(struct analysis *x)
{
	EACH_ITEM (vs, x, "VirtualService")
		if (of_the_mesh(vs))
			judge_host(x, vs);
}

/* --- Gateways --- */

/* "ns/host" of a server, as far as a VirtualService of that namespace may use it; NULL: it may not. */
static const char *server_host(const char *text, const char *gateway_ns, const char *ns)
{
	const char *slash = strchr(text, '/');
	const size_t n = slash ? (size_t)(slash - text) : 0;

	if (!slash || (n == 1 && *text == '*'))
		return slash ? slash + 1 : text;
	if (n == 1 && *text == '.')
		return strcmp(gateway_ns, ns) ? NULL : slash + 1;
	return strlen(ns) == n && !strncmp(text, ns, n) ? slash + 1 : NULL;
}

static bool has_host(const struct item *gw, const struct item *vs)
{
	JSON_EACH(s, json_at(gw->json, "spec.servers"))
	JSON_EACH(h, json_get(s, "hosts"))
	{
		const char *host = cJSON_IsString(h) ? server_host(h->valuestring, gw->ns, vs->ns) : NULL;

		JSON_EACH(own, host ? json_at(vs->json, "spec.hosts") : NULL)
		if (cJSON_IsString(own) && host_overlap(host, own->valuestring))
			return true;
	}
	return false;
}

void analyze_service_gateways(struct analysis *x)
{
	EACH_ITEM (vs, x, "VirtualService") {
		size_t n = 0;

		JSON_EACH(g, json_at(vs->json, "spec.gateways"))
		{
			const char *path = arena_printf(&x->a, "spec.gateways[%zu]", n++);
			const struct item *gw;

			if (!cJSON_IsString(g) || !strcmp(g->valuestring, "mesh"))
				continue;
			gw = find_gateway(x, g->valuestring, vs->ns);
			if (!gw)
				analysis_say(x, IST0101, vs, path, "gateway %s: there is none of that name",
					     g->valuestring);
			if (!gw || !has_host(gw, vs))
				analysis_say(x, IST0132, vs, path, "gateway %s has none of the hosts", g->valuestring);
		}
	}
}

/* --- claims --- */

/* A header that stands for a claim: "@request.auth.claims.x" */
static const char *claim_key(const struct item *vs)
{
	static const char *const fields[] = {"headers", "withoutHeaders"};

	JSON_EACH(rule, json_at(vs->json, "spec.http"))
	JSON_EACH(m, json_get(rule, "match"))
	for (size_t i = 0; i < ARRAY_LEN(fields); i++)
		JSON_EACH(h, json_get(m, fields[i]))
	if (!strncmp(h->string, "@request.auth.claims", 20))
		return h->string;
	return NULL;
}

static bool is_verified(struct analysis *x, const struct analysis_pod *p)
{
	EACH_ITEM (r, x, "RequestAuthentication")
		if ((!strcmp(r->ns, p->item->ns) || !strcmp(r->ns, x->m->config->root_namespace)) &&
		    labels_match(json_at(r->json, "spec.selector.matchLabels"), p->labels))
			return true;
	return false;
}

void analyze_claim_routes(struct analysis *x)
{
	analysis_pods pods = {0};

	analysis_list_pods(x, &pods);
	EACH_ITEM (vs, x, "VirtualService") {
		const char *key = claim_key(vs);

		JSON_EACH(g, key ? json_at(vs->json, "spec.gateways") : NULL)
		{
			const struct item *gw = cJSON_IsString(g) ? find_gateway(x, g->valuestring, vs->ns) : NULL;

			for (size_t i = 0; gw && i < pods.n; i++)
				if (labels_match(json_at(gw->json, "spec.selector"), pods.v[i].labels) &&
				    !is_verified(x, &pods.v[i]))
					analysis_say(x, IST0149, vs, "spec.http",
						     "it routes by %s, but no RequestAuthentication verifies tokens at "
						     "gateway %s (%s)",
						     key, item_name(x, gw), pods.v[i].item->name);
		}
	}
	vec_done(&pods);
}

/* --- expressions --- */

static void judge_regex(struct analysis *x, const struct item *vs, const cJSON *match, const char *path)
{
	const char *text = json_get_str(match, "regex");
	const struct regex *re;
	struct err e = ERR_INIT;

	if (text && *text && regex_new(&x->a, slice_str(text), &re, &e) < 0)
		analysis_say(x, IST0122, vs, arena_printf(&x->a, "%s.regex", path), "%s: %s", text, e.msg);
}

static void judge_match(struct analysis *x, const struct item *vs, const cJSON *m, const char *path)
{
	static const char *const single[] = {"uri", "scheme", "method", "authority"}, *const maps[] = {"headers",
												       "queryParams"};

	for (size_t i = 0; i < ARRAY_LEN(single); i++)
		judge_regex(x, vs, json_get(m, single[i]), arena_printf(&x->a, "%s.%s", path, single[i]));
	for (size_t i = 0; i < ARRAY_LEN(maps); i++)
		JSON_EACH(v, json_get(m, maps[i]))
	judge_regex(x, vs, v, arena_printf(&x->a, "%s.%s[%s]", path, maps[i], v->string));
}

void analyze_regexes(struct analysis *x)
{
	EACH_ITEM (vs, x, "VirtualService") {
		size_t i = 0;

		JSON_EACH(rule, json_at(vs->json, "spec.http"))
		{
			size_t k = 0;

			JSON_EACH(m, json_get(rule, "match"))
			judge_match(x, vs, m, arena_printf(&x->a, "spec.http[%zu].match[%zu]", i, k++));
			k = 0;
			JSON_EACH(o, json_at(rule, "corsPolicy.allowOrigins"))
			judge_regex(x, vs, o,
				    arena_printf(&x->a, "spec.http[%zu].corsPolicy.allowOrigins[%zu]", i, k++));
			i++;
		}
	}
}
