/* Where VirtualServices lead: hosts, ports, subsets. */
#include <string.h>

#include "ctl/analyze/analyze_internal.h"
#include "mesh/host.h"

/* --- hosts --- */

/* Whether a Service or ServiceEntry is for a namespace. list: of the export, as JSON or as the annotation's text. */
static bool exported(const struct item *i, const cJSON *list, const char *text, const char *ns)
{
	struct slice rest = slice_str(text);

	if (json_is_empty(list) && !rest.len)
		return true;
	if (json_has_str(list, "*") || json_has_str(list, ns) || (json_has_str(list, ".") && !strcmp(i->ns, ns)))
		return true;
	while (rest.len) {
		const struct slice one = slice_trim(slice_split(&rest, ','));

		if (slice_eq_str(one, "*") || slice_eq_str(one, ns) || (slice_eq_str(one, ".") && !strcmp(i->ns, ns)))
			return true;
	}
	return false;
}

/* Who may see what a VirtualService leads to: the namespaces that it is exported to, else its own. */
static bool seen_by(const struct item *vs, const struct item *i, const cJSON *list, const char *text)
{
	const cJSON *to = json_at(vs->json, "spec.exportTo");

	if (json_is_empty(to))
		return exported(i, list, text, vs->ns);
	JSON_EACH(ns, to)
	if (cJSON_IsString(ns) && exported(i, list, text, !strcmp(ns->valuestring, ".") ? vs->ns : ns->valuestring))
		return true;
	return false;
}

/* The Service of a full host, as far as the VirtualService may lead there. */
static const struct item *find_service(struct analysis *x, const struct item *vs, const char *host)
{
	EACH_ITEM (s, x, "Service")
		if (!strcasecmp(full_host(x, s->name, s->ns), host) &&
		    seen_by(vs, s, NULL, json_get_str(item_annotations(s), "networking.istio.io/exportTo")))
			return s;
	return NULL;
}

/* The same of a ServiceEntry, exact before wildcards. */
static const struct item *find_entry(struct analysis *x, const struct item *vs, const char *host)
{
	for (int wild = 0; wild < 2; wild++)
		EACH_ITEM (e, x, "ServiceEntry") {
			if (!seen_by(vs, e, json_at(e->json, "spec.exportTo"), NULL))
				continue;
			JSON_EACH(h, json_at(e->json, "spec.hosts"))
			{
				const char *own = cJSON_IsString(h) ? full_host(x, h->valuestring, e->ns) : "";

				if (wild ? *own == '*' && host_subset_of(host, own) : !strcasecmp(own, host))
					return e;
			}
		}
	return NULL;
}

static void judge_port(struct analysis *x, const struct item *vs, const struct destination *d, const struct item *to)
{
	const int64_t port = json_int(d->json, "port.number", 0);
	const char *field = !strcmp(to->kind, "Service") ? "port" : "number", *all = "";
	size_t n = 0;

	JSON_EACH(p, json_at(to->json, "spec.ports"))
	{
		const int64_t own = json_int(p, field, 0);

		if (port && own == port)
			return;
		all = arena_printf(&x->a, "%s%s%lld", all, n++ ? ", " : "", (long long)own);
	}
	if (port)
		analysis_say(x, IST0101, vs, arena_printf(&x->a, "%s.port", d->path),
			     "host:port %s:%lld: the service has %s", json_str_or_empty(d->json, "host"),
			     (long long)port, n ? all : "no ports");
	else if (n > 1)
		analysis_say(x, IST0112, vs, arena_printf(&x->a, "%s.host", d->path),
			     "%s has several ports (%s): say which one is meant", json_str_or_empty(d->json, "host"),
			     all);
}

static void judge_destination(struct analysis *x, const struct item *vs, const struct destination *d)
{
	const char *host = full_host(x, json_str_or_empty(d->json, "host"), vs->ns);
	const struct item *to = find_service(x, vs, host);

	if (!to)
		to = find_entry(x, vs, host);
	if (to)
		judge_port(x, vs, d, to);
	else
		analysis_say(x, IST0101, vs, arena_printf(&x->a, "%s.host", d->path),
			     "%s %s: no service of that name is seen from here", d->mirror ? "mirror host" : "host",
			     json_str_or_empty(d->json, "host"));
}

/* --- rules for the mesh that a gateway does not look at --- */

/* Whether a VirtualService divides its own host into subsets. */
static bool divides(const struct item *vs, const char *host)
{
	if (!json_has_str(json_at(vs->json, "spec.hosts"), host))
		return false;
	JSON_EACH(rule, json_at(vs->json, "spec.http"))
	JSON_EACH(r, json_get(rule, "route"))
	if (*json_str_or_empty(r, "destination.subset") && !strcmp(json_str_or_empty(r, "destination.host"), host))
		return true;
	return false;
}

static void judge_ingress(struct analysis *x, const struct item *vs, const struct destination *d)
{
	const char *host = json_str_or_empty(d->json, "host");

	if (d->mirror || *json_str_or_empty(d->json, "subset") || strncmp(d->path, "spec.http", 9) != 0)
		return;
	EACH_ITEM (o, x, "VirtualService")
		JSON_EACH(rule, divides(o, host) ? json_at(o->json, "spec.http") : NULL)
	JSON_EACH(r, json_get(rule, "route"))
	if (*json_str_or_empty(r, "destination.subset") && !strcmp(json_str_or_empty(r, "destination.host"), host))
		analysis_say(x, IST0140, vs, arena_printf(&x->a, "%s.host", d->path),
			     "what %s says of subsets of %s has no effect on requests through this gateway",
			     item_name(x, o), host);
}

void analyze_destination_hosts(struct analysis *x)
{
	EACH_ITEM (vs, x, "VirtualService") {
		const bool of_gateway = !json_is_empty(json_at(vs->json, "spec.gateways"));
		destinations all = {0};

		list_destinations(x, vs, &all);
		for (size_t i = 0; i < all.n; i++)
			judge_destination(x, vs, &all.v[i]);
		for (size_t i = 0; of_gateway && i < all.n; i++)
			judge_ingress(x, vs, &all.v[i]);
		vec_done(&all);
	}
}

/* --- subsets --- */

static bool has_subset(struct analysis *x, const char *host, const char *subset)
{
	EACH_ITEM (r, x, "DestinationRule") {
		if (strcasecmp(full_host(x, json_str(r->json, "spec.host"), r->ns), host) != 0)
			continue;
		JSON_EACH(s, json_at(r->json, "spec.subsets"))
		if (!strcmp(json_str_or_empty(s, "name"), subset))
			return true;
	}
	return false;
}

void analyze_destination_subsets(struct analysis *x)
{
	EACH_ITEM (vs, x, "VirtualService") {
		destinations all = {0};

		list_destinations(x, vs, &all);
		for (size_t i = 0; i < all.n; i++) {
			const char *subset = json_str_or_empty(all.v[i].json, "subset");
			const char *host = full_host(x, json_str_or_empty(all.v[i].json, "host"), vs->ns);

			if (*subset && !has_subset(x, host, subset))
				analysis_say(
					x, IST0101, vs, arena_printf(&x->a, "%s.subset", all.v[i].path),
					"%s+subset in destinationrule %s+%s: no DestinationRule of that host has it",
					all.v[i].mirror ? "mirror" : "host", json_str_or_empty(all.v[i].json, "host"),
					subset);
		}
		vec_done(&all);
	}
}
