/* Gateways, their proxies, and the Services before these. */
#include "ctl/describe/exposed.h"

#include <stdlib.h>
#include <string.h>

#include "mesh/host.h"

static const struct mesh_gateway *find_gateway(struct describing *d, const char *full)
{
	const char *slash = strchr(full, '/');

	if (!slash)
		return NULL;
	return (const struct mesh_gateway *)snapshot_object(
		d->m->snap, &api_kind_gateway, arena_slicedup(&d->a, slice_make(full, (size_t)(slash - full))),
		slash + 1);
}

/* --- who serves it --- */

static void add_address(struct buf *out, const char *address, int port)
{
	if (address && *address)
		buf_printf(out, "%s%s:%d", out->len ? ", " : "", address, port);
}

/* Where the Service is reached from outside of the cluster, or at least inside. */
static void add_service(struct buf *out, const struct core_service *s, const struct core_service_port *p)
{
	const struct core_load_balancer_status *lb = s->status ? s->status->load_balancer : NULL;
	const size_t before = out->len;

	for (size_t i = 0; lb && i < lb->ingress.n; i++)
		add_address(out, lb->ingress.v[i].ip ? lb->ingress.v[i].ip : lb->ingress.v[i].hostname, p->port);
	for (size_t i = 0; i < s->spec->external_ips.n; i++)
		add_address(out, s->spec->external_ips.v[i], p->port);
	if (out->len == before && p->node_port)
		buf_printf(out, "%sany node, port %d", out->len ? ", " : "", p->node_port);
	if (out->len == before && s->spec->cluster_ip && strcmp(s->spec->cluster_ip, "None") != 0)
		buf_printf(out, "%s%s:%d inside the cluster", out->len ? ", " : "", s->spec->cluster_ip, p->port);
}

/* Whether the Service's port leads to the port on which the gateway's server listens. */
static bool leads_to(const struct describing *d, const struct core_service_port *p, const struct proxy *gw,
		     uint32_t number)
{
	const struct workload *w = snapshot_workload(d->m->snap, gw->ns, gw->name);

	if (p->target_port.kind == INT_OR_STR_INT)
		return (uint32_t)p->target_port.i == number || (uint32_t)p->port == number;
	for (size_t i = 0; p->target_port.kind == INT_OR_STR_STR && w && i < w->n_ports; i++)
		if (!strcmp(w->ports[i].name, p->target_port.s))
			return w->ports[i].port == number || (uint32_t)p->port == number;
	return (uint32_t)p->port == number;
}

static void add_addresses(struct describing *d, const struct proxy *gw, uint32_t number, struct buf *out)
{
	const struct store_range all = store_list(d->m->store, &api_kind_service, gw->ns);

	for (size_t i = 0; i < all.n; i++) {
		const struct core_service *s = API_VALUE(all.v[i], service, core_service);

		if (!s->spec || !s->spec->selector.n || !meta_labels_contain(&gw->labels, &s->spec->selector))
			continue;
		for (size_t k = 0; k < s->spec->ports.n; k++)
			if (leads_to(d, &s->spec->ports.v[k], gw, number))
				add_service(out, s, &s->spec->ports.v[k]);
	}
}

/* "workload ns/name at address, ..." of all proxies that the Gateway selects; "" where there is none. */
static const char *served_by(struct describing *d, const struct mesh_gateway *g, uint32_t number)
{
	CLEANUP(buf_done) struct buf out = BUF_INIT;
	struct proxy *proxies = NULL;
	const size_t n = mesh_proxies(d->m, &proxies);

	for (size_t i = 0; i < n; i++) {
		CLEANUP(buf_done) struct buf at = BUF_INIT;

		if (!meta_labels_contain(&proxies[i].labels, &g->spec->selector))
			continue;
		add_addresses(d, &proxies[i], number, &at);
		buf_printf(&out, "%s%s/%s at %s", out.len ? ", " : "", proxies[i].ns, proxies[i].workload,
			   at.len ? buf_str(&at) : "no address: no Service has the port");
	}
	free(proxies);
	return arena_strdup(&d->a, buf_str(&out));
}

/* --- what is shown --- */

static const char *scheme_of(const struct istio_server *s)
{
	const char *protocol = s->port && s->port->protocol ? s->port->protocol : "";

	if (!strcasecmp(protocol, "HTTPS"))
		return "https://";
	if (!strcasecmp(protocol, "TCP") || !strcasecmp(protocol, "TLS") || !strcasecmp(protocol, "MONGO"))
		return strcasecmp(protocol, "TLS") ? "tcp://" : "tls://";
	return "http://";
}

/* The hosts of the VirtualService that the server has; the server's "namespace/" says whose. */
static void add_hosts(struct buf *out, const struct istio_server *s, const struct mesh_virtual_service *vs)
{
	for (size_t i = 0; i < vs->n_hosts; i++)
		for (size_t k = 0; k < s->hosts.n; k++) {
			const char *slash = strchr(s->hosts.v[k], '/');

			if (!host_overlap(vs->hosts[i], slash ? slash + 1 : s->hosts.v[k]))
				continue;
			buf_printf(out, "%s%s%s", out->len ? ", " : "", scheme_of(s), vs->hosts[i]);
			break;
		}
}

static bool tell_server(struct describing *d, const struct mesh_gateway *g, size_t at,
			const struct mesh_virtual_service *vs)
{
	const struct istio_server *s = &g->spec->servers.v[at];
	CLEANUP(buf_done) struct buf urls = BUF_INIT;
	const char *path = arena_printf(&d->a, "spec.servers[%zu]", at), *by;

	add_hosts(&urls, s, vs);
	if (!urls.len || !s->port)
		return false;
	by = served_by(d, g, s->port->number);
	if (*by)
		describe_say(d, "exposed", g->o.obj, path, "Gateway %s, port %u: %s, by %s", g->full, s->port->number,
			     buf_str(&urls), by);
	else
		describe_warn(d, g->o.obj, "spec.selector", "Gateway %s has no proxy: no pod has its selector's labels",
			      g->full);
	return true;
}

void describe_exposed(struct describing *d, const struct mesh_virtual_service *vs)
{
	for (size_t i = 0; i < vs->n_gateways; i++) {
		const struct mesh_gateway *g = find_gateway(d, vs->gateways[i]);
		const char *path = arena_printf(&d->a, "spec.gateways[%zu]", i);
		bool any = false;

		if (!strcmp(vs->gateways[i], "mesh"))
			continue;
		if (!g) {
			describe_warn(d, vs->o.obj, path, "VirtualService %s/%s: there is no Gateway %s", vs->o.ns,
				      vs->o.name, vs->gateways[i]);
			continue;
		}
		for (size_t k = 0; k < g->spec->servers.n; k++)
			any = tell_server(d, g, k, vs) || any;
		if (!any)
			describe_warn(d, vs->o.obj, path, "VirtualService %s/%s: Gateway %s has none of its hosts",
				      vs->o.ns, vs->o.name, g->full);
	}
}
