/*
 * Ingress listeners of Sidecars: which ports of the pod are served instead of those of its services, how, and where the
 * application is.
 */
#include "compile/gen.h"

#include "base/ip.h"
#include "compile/tls.h"

#define TYPE(x) ENVOY__CONFIG__CLUSTER__V3__CLUSTER__DISCOVERY_TYPE__##x

static const char *at(struct gen *g, size_t i, const char *field)
{
	return arena_printf(g->arena, "spec.ingress[%zu].%s", i, field);
}

bool gen_ingress_bound(const struct gen *g, const struct inbound *in)
{
	const int mode = in->ingress ? in->ingress->capture_mode : ISTIO_CAPTURE_MODE_IPTABLES;

	if (mode == ISTIO_CAPTURE_MODE_DEFAULT)
		return strcmp(g->proxy->interception, "NONE") == 0;
	return mode == ISTIO_CAPTURE_MODE_NONE;
}

/* The service of the pod that has the port, for its name in telemetry. */
static const struct service *service_at(struct gen *g, uint16_t port)
{
	for (size_t i = 0; i < g->snap->services->v.n; i++) {
		const struct service *svc = &g->snap->services->v.v[i];

		if (!svc->selector.n || strcmp(svc->ns, g->proxy->ns) != 0 ||
		    !meta_labels_contain(&g->proxy->labels, &svc->selector))
			continue;
		for (size_t j = 0; j < svc->n_ports; j++)
			if (svc->ports[j].target_port == port ||
			    (!svc->ports[j].target_port && svc->ports[j].port == port))
				return svc;
	}
	return NULL;
}

static void tell_fields(struct gen *g, const struct istio_istio_ingress_listener *l, size_t i)
{
	if (l->bind && *l->bind && !ip_is(slice_str(l->bind)))
		gen_note(g, g->scope->o.obj, at(g, i, "bind"), "\"%s\" is no IP address", l->bind);
}

/* TLS that the listener opens itself. As in Istio it counts where the port has no mutual TLS of the mesh. */
static void open_tls(struct gen *g, struct inbound *in, struct service_port *p)
{
	const struct istio_server_tls_settings *t = in->ingress->tls;
	const char *fault;

	if (!t || t->mode == ISTIO_SERVER_TLS_SETTINGS_TL_SMODE_PASSTHROUGH)
		return;
	if (snapshot_mtls_mode(g->snap, g->proxy->ns, &g->proxy->labels, in->target) != MTLS_DISABLE) {
		gen_note(g, g->scope->o.obj, at(g, in->number, "tls"),
			 "counts where a PeerAuthentication says DISABLE for the port; mutual TLS of the mesh is "
			 "served");
		return;
	}
	fault = tls_server_fault(t);
	if (t->mode != ISTIO_SERVER_TLS_SETTINGS_TL_SMODE_SIMPLE &&
	    t->mode != ISTIO_SERVER_TLS_SETTINGS_TL_SMODE_MUTUAL)
		fault = "a Sidecar opens TLS in the modes SIMPLE and MUTUAL";
	if (t->credential_name && *t->credential_name)
		fault = "credentialName is for gateways; name files";
	if (fault) {
		gen_note(g, g->scope->o.obj, at(g, in->number, "tls"), "%s; nothing is let through", fault);
		in->closed = true;
		return;
	}
	in->tls = t;
	p->protocol = p->protocol == PROTOCOL_HTTPS  ? PROTOCOL_HTTP
		      : protocol_is_tls(p->protocol) ? PROTOCOL_TCP
						     : p->protocol;
}

size_t gen_ingress(struct gen *g, struct inbound *out, size_t max)
{
	const struct istio_sidecar_spec *spec = g->scope->spec;
	size_t n = 0;

	for (size_t i = 0; i < spec->ingress.n && n < max; i++) {
		const struct istio_istio_ingress_listener *l = &spec->ingress.v[i];
		struct service_port *p = ARENA_NEW(g->arena, struct service_port);
		size_t k = 0;

		if (!l->port || !l->port->number || l->port->number > 65535 ||
		    protocol_parse(l->port->protocol, &p->protocol) < 0 || p->protocol == PROTOCOL_UDP) {
			gen_note(g, g->scope->o.obj, at(g, i, "port"),
				 "a number of 1..65535 and a protocol that is served are needed; the listener is left "
				 "out");
			continue;
		}
		p->name = l->port->name ? l->port->name : "";
		p->port = p->target_port = (uint16_t)l->port->number;
		while (k < n && out[k].target != p->port)
			k++;
		if (k < n) {
			gen_note(g, g->scope->o.obj, at(g, i, "port"), "port %u is listed already", p->port);
			continue;
		}
		tell_fields(g, l, i);
		out[n] = (struct inbound){service_at(g, p->port), p, p->port, l, i};
		open_tls(g, &out[n++], p);
	}
	return n;
}

/* --- where the application is --- */

static void static_endpoint(struct gen *g, pb_cluster *c, pb_address *address)
{
	c->type = TYPE(STATIC);
	c->lb_policy = ENVOY__CONFIG__CLUSTER__V3__CLUSTER__LB_POLICY__ROUND_ROBIN;
	c->upstream_bind_config = NULL;
	c->load_assignment = gen_one_endpoint(g->arena, c->name, address);
}

/* "ip:port" or "[ip]:port"; false when it is neither. */
static bool split(struct arena *a, const char *text, const char **ret_ip, uint16_t *ret_port)
{
	const struct slice s = slice_str(text);
	const ptrdiff_t colon = slice_rfind(s, ':');
	struct slice ip;
	uint64_t port;

	if (colon <= 0 || slice_to_u64(slice_from(s, (size_t)colon + 1), 65535, &port) < 0 || !port)
		return false;
	ip = slice_head(s, (size_t)colon);
	if (ip.len > 2 && ip.ptr[0] == '[' && ip.ptr[ip.len - 1] == ']')
		ip = slice_make(ip.ptr + 1, ip.len - 2);
	*ret_ip = arena_slicedup(a, ip);
	*ret_port = (uint16_t)port;
	return ip_is(slice_str(*ret_ip));
}

static bool socket_endpoint(struct gen *g, const struct inbound *in, pb_cluster *c)
{
	const char *path = gen_socket_path(g, at(g, in->number, "defaultEndpoint"), in->ingress->default_endpoint,
					   "nothing is let through");

	if (path)
		static_endpoint(g, c, pb_address_pipe(g->arena, path));
	return path != NULL;
}

bool gen_ingress_endpoint(struct gen *g, const struct inbound *in, pb_cluster *c)
{
	const char *text = in->ingress->default_endpoint, *ip = NULL;
	uint16_t port = 0;

	if (in->closed)
		return false;
	if (!text || !*text) {
		if (gen_ingress_bound(g, in)) /* the port is the proxy's own */
			gen_note(g, g->scope->o.obj, at(g, in->number, "defaultEndpoint"),
				 "is needed without capture; nothing is let through");
		return !gen_ingress_bound(g, in);
	}
	if (gen_is_unix(text))
		return socket_endpoint(g, in, c);
	if (!split(g->arena, text, &ip, &port)) {
		gen_note(g, g->scope->o.obj, at(g, in->number, "defaultEndpoint"),
			 "\"%s\" is neither an IP address with a port nor unix:// with a path; nothing is let through",
			 text);
		return false;
	}
	if (strcmp(ip, "0.0.0.0") != 0 && strcmp(ip, "::") != 0) {
		static_endpoint(g, c, pb_address_make(g->arena, ip, port));
		return true;
	}
	/* The pod's own address, which the client has used, with another port. */
	c->lb_config_case = ENVOY__CONFIG__CLUSTER__V3__CLUSTER__LB_CONFIG_ORIGINAL_DST_LB_CONFIG;
	c->original_dst_lb_config = pb_original_lb_new(g->arena);
	c->original_dst_lb_config->upstream_port_override = pb_u32(g->arena, port);
	return true;
}
