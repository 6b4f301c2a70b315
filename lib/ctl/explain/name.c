/* What a client's resolver makes of a host: Kubernetes' search path, Services, ServiceEntries. */
#include <string.h>

#include "ctl/explain/explain_internal.h"
#include "mesh/host.h"

/* Where names lead that the mesh does not know: RFC 5737, nobody's. */
#define OUTSIDE "203.0.113.1"

static const struct service *find(struct explaining *x, const char *ns, const char **ret_name)
{
	const char *domain = x->m->config->domain, *host = x->rq.host;
	const char *const names[] = {
		arena_printf(&x->a, "%s.%s.svc.%s", host, ns, domain),
		arena_printf(&x->a, "%s.svc.%s", host, domain),
		arena_printf(&x->a, "%s.%s", host, domain),
		host,
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		const struct service *s = snapshot_service(x->m->snap, names[i]);

		*ret_name = names[i];
		if (s && (!s->entry || i == 3))
			return s;
	}
	return NULL;
}

/* A ServiceEntry with a wildcard that has the host among its names. */
static const struct service *find_wildcard(const struct mesh *m, const char *host)
{
	const struct service *best = NULL;

	for (size_t i = 0; i < m->snap->services->v.n; i++) {
		const struct service *s = &m->snap->services->v.v[i];

		if (s->entry && host_is_wildcard(s->host) && host_subset_of(host, s->host) &&
		    (!best || host_cmp_specific(s->host, best->host) < 0))
			best = s;
	}
	return best;
}

/* The first literal address; "" where there is none. */
static const char *own_address(const struct service *s)
{
	for (size_t i = 0; i < s->n_vips; i++)
		if (!strchr(s->vips[i], '/') && strcmp(s->vips[i], "0.0.0.0") != 0)
			return s->vips[i];
	return "";
}

/* p: whose DNS answers; NULL = the cluster's. */
static const char *address_of(struct explaining *x, const struct service *s, const struct proxy *p)
{
	const struct service *real = s->alias ? s->alias : s;
	const struct service_port *port = service_port(real, x->rq.port);
	const struct endpoint_set set =
		port ? snapshot_endpoints(x->m->snap, real, port->port) : (struct endpoint_set){0};

	if (*own_address(real))
		return own_address(real);
	if (p && compile_auto_vip(p, real))
		return compile_auto_vip(p, real);
	return real->headless && set.n ? set.v[0].address : "";
}

static void tell_ports(struct explaining *x, const struct service *s)
{
	CLEANUP(buf_done) struct buf ports = BUF_INIT;

	if (service_port(s->alias ? s->alias : s, x->rq.port))
		return;
	for (size_t i = 0; i < s->n_ports; i++)
		buf_printf(&ports, "%s%u", i ? ", " : "", s->ports[i].port);
	explain_object(x, "name", s->obj, "spec.ports", "it has no port %u, but %s", x->rq.port,
		       s->n_ports ? buf_str(&ports) : "none");
}

void explain_name(struct explaining *x, const char *ns, const struct proxy *p, struct addr *ret)
{
	const char *name, *address;
	const struct service *s;

	if (addr_parse(slice_str(x->rq.host), x->rq.port, ret) == 0) {
		s = explain_service_at(x->m, ret);
		if (s)
			explain_object(x, "name", s->obj, "", "%s is an address of %s", x->rq.host, s->host);
		return;
	}
	s = find(x, ns, &name);
	if (!s)
		s = find_wildcard(x->m, x->rq.host);
	address = s ? address_of(x, s, p) : "";
	if (!*address || addr_parse(slice_str(address), x->rq.port, ret) < 0)
		addr_parse(SLICE(OUTSIDE), x->rq.port, ret);
	if (!s) {
		explain_step(x, "name", "", "no service of the mesh is called %s: it is somewhere outside", x->rq.host);
		return;
	}
	if (*address)
		explain_object(x, "name", s->obj, "", "%s is %s, at %s", x->rq.host, s->host, address);
	else
		explain_object(x, "name", s->obj, "", "%s is %s, at whatever address DNS gives", x->rq.host, s->host);
	tell_ports(x, s);
}

const struct service *explain_service_at(const struct mesh *m, const struct addr *a)
{
	char text[ADDR_TEXT_MAX];

	addr_format_host(a, text);
	for (size_t i = 0; i < m->snap->services->v.n; i++)
		for (size_t k = 0; k < m->snap->services->v.v[i].n_vips; k++)
			if (!strcmp(m->snap->services->v.v[i].vips[k], text))
				return &m->snap->services->v.v[i];
	return NULL;
}

const struct workload *explain_workload_at(const struct mesh *m, const struct addr *a)
{
	char text[ADDR_TEXT_MAX];

	addr_format_host(a, text);
	for (size_t i = 0; i < m->snap->workloads->v.n; i++)
		if (!strcmp(m->snap->workloads->v.v[i].ip, text))
			return &m->snap->workloads->v.v[i];
	return NULL;
}
