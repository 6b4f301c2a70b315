/*
 * Egress listeners of Sidecars on Unix sockets: the application names a path instead of an address. Such a listener has
 * no port. What speaks HTTP through it finds the services of its hosts by name, each with all its ports; bytes go to
 * the first of them, TLS to the one whose name it asks for.
 */
#include "compile/gen.h"

#include <sys/un.h>

/* All that run in the pod may use its sidecar, whoever they run as: so it is with redirected connections. */
#define SOCKET_MODE 0666

const char *gen_socket_path(struct gen *g, const char *at, const char *text, const char *otherwise)
{
	const size_t max = sizeof(((struct sockaddr_un *)NULL)->sun_path) - 1;
	const char *path = text + strlen(GEN_UNIX);

	if ((*path == '/' || *path == '@') && path[1] && strlen(path) <= max)
		return path;
	gen_note(g, g->scope->o.obj, at, "a socket's path begins with / or @ and has up to %zu bytes; %s", max,
		 otherwise);
	return NULL;
}

/* One of them, with the services that it leads to. */
struct socket {
	const struct istio_istio_egress_listener *in;
	const char *path, *at; /* at: in the Sidecar */
	enum protocol protocol;
	const struct service **services;
	size_t n_services;
};

static bool is_listed(const struct gen *g, size_t i)
{
	const char *bind = g->scope->spec->egress.v[i].bind;

	for (size_t k = 0; k < i; k++)
		if (g->scope->spec->egress.v[k].bind && strcmp(g->scope->spec->egress.v[k].bind, bind) == 0)
			return true;
	return false;
}

static void find_services(struct gen *g, struct socket *s)
{
	s->services = ARENA_NEW_N(g->arena, const struct service *, g->n_reachable);
	for (size_t i = 0; i < g->n_reachable; i++)
		if (g->reachable[i]->n_ports && gen_egress_takes(g, s->in, g->reachable[i]))
			s->services[s->n_services++] = g->reachable[i];
}

/* The listener of that number, when it is one on a socket and leads somewhere. */
static bool socket_at(struct gen *g, size_t i, struct socket *ret)
{
	const struct istio_istio_egress_listener *e = &g->scope->spec->egress.v[i];
	const char *at = arena_printf(g->arena, "spec.egress[%zu]", i);
	const char *bind = arena_printf(g->arena, "%s.bind", at);

	if (!gen_is_unix(e->bind))
		return false;
	*ret = (struct socket){.in = e, .at = at};
	ret->path = gen_socket_path(g, bind, e->bind, "the listener is left out");
	if (!ret->path)
		return false;
	if (!e->port || e->port->number) {
		gen_note(g, g->scope->o.obj, arena_printf(g->arena, "%s.port", at),
			 "a listener on a socket has a port of the number 0; it is left out");
		return false;
	}
	if (is_listed(g, i)) {
		gen_note(g, g->scope->o.obj, bind, "\"%s\" is listed already", e->bind);
		return false;
	}
	find_services(g, ret);
	if (!ret->n_services)
		return false;
	if (protocol_parse(e->port->protocol, &ret->protocol) < 0 || ret->protocol == PROTOCOL_UDP)
		ret->protocol = ret->services[0]->ports[0].protocol; /* told where the scope is read */
	return true;
}

/* --- bytes --- */

/* Where bytes for a service go that does not say which of its ports is meant. */
static const struct service_port *only_port(struct gen *g, const struct socket *s, const struct service *svc)
{
	if (svc->n_ports > 1)
		gen_note(g, g->scope->o.obj, arena_printf(g->arena, "%s.hosts", s->at),
			 "host %s has several ports: %u, its first, counts", svc->host, svc->ports[0].port);
	return &svc->ports[0];
}

static void add_bytes(struct gen *g, const struct socket *s, struct gen_chains *l)
{
	const struct gen_owner owner = {g->scope->o.obj, arena_printf(g->arena, "%s.hosts", s->at), true};
	const struct service *first = NULL;

	for (size_t i = 0; i < s->n_services; i++) {
		const struct service *svc = s->services[i];
		struct service_port *p = ARENA_NEW(g->arena, struct service_port);

		if (svc->alias)
			continue; /* its clients come to the service that it names */
		if (first && !protocol_is_tls(s->protocol)) {
			gen_note(g, g->scope->o.obj, owner.path,
				 "bytes name nobody: those of the socket go to %s, not to %s", first->host, svc->host);
			continue;
		}
		first = svc;
		*p = *only_port(g, s, svc);
		p->protocol = s->protocol;
		gen_service_chains(l, "0.0.0.0", svc, p, &owner);
	}
}

/* --- listeners and routes --- */

static void add_listener(struct gen *g, const struct socket *s)
{
	pb_listener *l = gen_listener(g, s->in->bind, "0.0.0.0", 0);
	struct gen_chains chains;

	l->address = pb_address_pipe(g->arena, s->path);
	l->address->pipe->mode = SOCKET_MODE;
	gen_chains_init(&chains, g, l);
	if (protocol_is_http(s->protocol)) {
		pb_chain *c = pb_chain_new(g->arena);
		const struct gen_http h = {
			.direction = GEN_OUTBOUND,
			.stat_prefix = arena_printf(g->arena, "outbound_%s", l->name),
			.rds = l->name,
		};

		PB_ADD(g->arena, c, filters, gen_hcm(g, &h));
		gen_chains_add(&chains, c, &(struct gen_owner){NULL, ""});
	} else {
		add_bytes(g, s, &chains);
	}
	if (l->n_filter_chains)
		gen_add(g, l->name, l);
	gen_chains_done(&chains);
}

void gen_egress_listeners(struct gen *g)
{
	struct socket s;

	for (size_t i = 0; g->scope && i < g->scope->spec->egress.n; i++)
		if (socket_at(g, i, &s))
			add_listener(g, &s);
}

void gen_egress_routes(struct gen *g)
{
	struct socket s;

	for (size_t i = 0; g->scope && i < g->scope->spec->egress.n; i++)
		if (socket_at(g, i, &s) && protocol_is_http(s.protocol))
			gen_socket_table(g, s.in->bind, s.services, s.n_services);
}
