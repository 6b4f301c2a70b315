/* The cluster that a route leads to, and its endpoints. */
#include <string.h>

#include "ctl/explain/explain_internal.h"

#define ENDPOINTS_SHOWN 8

/* The path of a subset in its DestinationRule. */
static const char *subset_path(struct explaining *x, const struct api_object *o, const char *subset)
{
	const struct istio_destination_rule *d = API_VALUE(o, destination_rule, istio_destination_rule);

	for (size_t i = 0; subset && d && d->spec && i < d->spec->subsets.n; i++)
		if (d->spec->subsets.v[i].name && !strcmp(d->spec->subsets.v[i].name, subset))
			return arena_printf(&x->a, "spec.subsets[%zu]", i);
	return "spec";
}

static const char *tls_text(const struct config_transport *t)
{
	if (!t || !t->tls)
		return "plain text";
	return t->tls->cert.slot != CONFIG_NO_SLOT ? "mutual TLS" : "TLS";
}

static void tell_cluster(struct explaining *x, const struct config_cluster_spec *s)
{
	const char *path;
	const struct api_object *o = explain_config_object(x, s->config_path, &path);

	if (o)
		explain_object(x, "cluster", o, subset_path(x, o, s->subset), "%s%s%s, by DestinationRule %s/%s",
			       s->name, s->subset ? ", subset " : "", s->subset ? s->subset : "",
			       api_object_namespace(o), api_object_name(o));
	else
		explain_step(x, "cluster", "", "%s", s->name);
}

static const char *endpoint_text(struct explaining *x, const struct config_endpoint *e)
{
	char text[ADDR_TEXT_MAX];
	const struct workload *w = explain_workload_at(x->m, &e->address);
	const char *where = addr_format(&e->address, text);

	if (e->hostname && !e->address.len)
		where = e->hostname;
	if (w)
		where = arena_printf(&x->a, "%s (pod %s/%s)", where, w->ns, w->name);
	else
		where = arena_strdup(&x->a, where);
	return arena_printf(&x->a, "%s by %s%s", where, tls_text(e->transport), e->healthy ? "" : ", unhealthy");
}

/* Those of the best priority come first; the first healthy one stands for all of them. */
static const struct config_endpoint *choose(const struct config_endpoints *all)
{
	const struct config_endpoint *best = NULL;

	for (size_t i = 0; i < all->n; i++)
		if (all->v[i].healthy && (!best || all->v[i].priority < best->priority))
			best = &all->v[i];
	return best;
}

static void tell_endpoints(struct explaining *x, const struct config_endpoints *all)
{
	for (size_t i = 0; i < all->n && i < ENDPOINTS_SHOWN; i++)
		explain_step(x, i ? "" : "endpoint", "", "%s%s", endpoint_text(x, &all->v[i]),
			     all->v[i].priority ? ", only when nearer ones fail" : "");
	if (all->n > ENDPOINTS_SHOWN)
		explain_step(x, "", "", "and %zu more", all->n - ENDPOINTS_SHOWN);
}

/* The address is the connection's own. */
static bool to_original(struct explaining *x, const struct config_cluster_spec *s, const struct arrival *in,
			struct departure *out)
{
	char text[ADDR_TEXT_MAX];

	out->to = in->to;
	if (s->original_dst_port)
		addr_set_port(&out->to, s->original_dst_port);
	out->tls = out->mutual = false;
	explain_step(x, "endpoint", "", "%s, the address that the client chose", addr_format(&out->to, text));
	return true;
}

static bool none(struct explaining *x, const struct config_cluster_spec *s)
{
	explain_step(x, "endpoint", "", "none: %s",
		     s->subset ? "no ready pod has the subset's labels" : "no ready pod is selected");
	explain_end(x, false, "503, flag UH: %s has no endpoint", s->name);
	return false;
}

/* Names that the proxy would ask DNS for. */
static bool to_name(struct explaining *x, const struct config_cluster_spec *s, struct departure *out)
{
	out->tls = s->transports[s->n_transports - 1].tls != NULL;
	explain_step(x, "endpoint", "", "whatever DNS gives the proxy, by %s",
		     tls_text(&s->transports[s->n_transports - 1]));
	explain_end(x, true, "it leaves the mesh for %s", s->name);
	return true;
}

bool explain_cluster(struct explaining *x, struct mesh_view *v, const char *name, uint32_t slot,
		     const struct arrival *in, struct departure *out)
{
	const struct config_cluster c = config_cluster_get(v->config, slot);
	const struct config_endpoint *e;

	*out = (struct departure){0};
	if (!c.spec) {
		explain_step(x, "cluster", "",
			     "%s is not known to this proxy: no such service or subset, or it is hidden by "
			     "exportTo or a Sidecar",
			     name);
		explain_end(x, false, "503, flag NC: there is no cluster %s", name);
		return false;
	}
	tell_cluster(x, c.spec);
	if (!strcmp(c.spec->name, "BlackHoleCluster")) {
		explain_end(x, false, "502: nothing in the mesh is at that address, and strangers are not let through");
		return false;
	}
	if (c.spec->type == CONFIG_CLUSTER_ORIGINAL_DST)
		return to_original(x, c.spec, in, out);
	if (c.spec->type == CONFIG_CLUSTER_STRICT_DNS || c.spec->type == CONFIG_CLUSTER_LOGICAL_DNS)
		return to_name(x, c.spec, out);
	e = choose(c.endpoints);
	if (!e)
		return none(x, c.spec);
	tell_endpoints(x, c.endpoints);
	out->endpoint = e;
	out->to = e->address;
	out->tls = e->transport->tls != NULL;
	out->mutual = out->tls && e->transport->tls->cert.slot != CONFIG_NO_SLOT;
	out->sni = out->tls ? e->transport->tls->sni : slice_make(NULL, 0);
	return true;
}
