/* The table of Routes, the choice of a backend, and the listeners. */
#include "lab/net/router_internal.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "lab/object/object.h"
#include "lab/sys/authority.h"

#define TIMEOUT_MS 30000
#define BACKLOG 512
#define CONNS_MAX 4096
#define PORT_TRIES 100

/* ---- routes ---- */

static bool is_admitted(const cJSON *route)
{
	const cJSON *in, *c;

	cJSON_ArrayForEach(in, json_at(route, "status.ingress"))
	{
		cJSON_ArrayForEach(c, json_at(in, "conditions"))
		{
			if (strcmp(json_str_or_empty(c, "type"), "Admitted") == 0 &&
			    strcmp(json_str_or_empty(c, "status"), "True") == 0)
				return true;
		}
	}
	return false;
}

static void add_backend(struct lab_route *r, const cJSON *to)
{
	const char *name = json_str(to, "name");
	int64_t weight = json_int(to, "weight", 100);

	if (name && weight >= 0 && weight <= 256)
		r->backends[r->backends_n++] = (struct route_backend){arena_strdup(&r->arena, name), (uint32_t)weight};
}

static const char *port_text(struct lab_route *r, const cJSON *v)
{
	if (cJSON_IsString(v))
		return arena_strdup(&r->arena, v->valuestring);
	return cJSON_IsNumber(v) ? arena_printf(&r->arena, "%d", v->valueint) : NULL;
}

static void read_tls(struct lab_route *r, const cJSON *tls)
{
	static const char *const terminations[] = {"", "edge", "reencrypt", "passthrough"};
	static const char *const policies[] = {"None", "Allow", "Redirect"};
	const char *termination = json_str_or_empty(tls, "termination");
	const char *policy = json_str_or_empty(tls, "insecureEdgeTerminationPolicy");

	if (!tls)
		return;
	for (int i = 1; i < (int)ARRAY_LEN(terminations); i++)
		if (strcmp(terminations[i], termination) == 0)
			r->tls = (enum route_tls)i;
	for (int i = 0; i < (int)ARRAY_LEN(policies); i++)
		if (strcmp(policies[i], policy) == 0)
			r->insecure = (enum route_insecure)i;
	r->certificate = arena_strdup(&r->arena, json_str(tls, "certificate"));
	r->key_pem = arena_strdup(&r->arena, json_str(tls, "key"));
	r->ca_certificate = arena_strdup(&r->arena, json_str(tls, "caCertificate"));
	r->destination_ca = arena_strdup(&r->arena, json_str(tls, "destinationCACertificate"));
}

static int64_t timeout_of(const cJSON *route)
{
	const char *text = json_get_str(json_at(route, "metadata.annotations"), "haproxy.router.openshift.io/timeout");
	int64_t ns;

	if (!text || duration_parse(slice_str(text), &ns) < 0 || ns <= 0)
		return TIMEOUT_MS;
	return ns / NS_PER_MS;
}

struct lab_route *lab_route_new(const cJSON *route)
{
	const cJSON *others = json_at(route, "spec.alternateBackends"), *to;
	struct lab_route *r;
	char *host;

	if (!is_admitted(route))
		return NULL;
	r = NEW(struct lab_route);
	r->ns = arena_strdup(&r->arena, object_ns(route));
	r->key = arena_printf(&r->arena, "%s/%s", r->ns, object_name(route));
	r->path = arena_strdup(&r->arena, json_str_or_empty(route, "spec.path"));
	r->host = host = arena_strdup(&r->arena, json_str_or_empty(route, "spec.host"));
	for (; *host; host++)
		*host = (char)tolower((unsigned char)*host);
	r->port = port_text(r, json_at(route, "spec.port.targetPort"));
	r->timeout_ms = timeout_of(route);
	read_tls(r, json_at(route, "spec.tls"));
	r->backends = ARENA_NEW_N(&r->arena, struct route_backend, (size_t)cJSON_GetArraySize(others) + 1);
	add_backend(r, json_at(route, "spec.to"));
	cJSON_ArrayForEach(to, others) add_backend(r, to);
	return r;
}

void lab_route_free(struct lab_route *r)
{
	if (!r)
		return;
	tls_ctx_unref(r->server_ctx);
	tls_ctx_unref(r->backend_ctx);
	arena_done(&r->arena);
	free(r);
}

/* "/a" holds "/a", "/a/b" and "/a?q", not "/ab". */
static bool path_holds(const char *prefix, struct slice path)
{
	struct slice p = slice_str(prefix);

	if (!slice_starts(path, p))
		return false;
	if (!p.len || p.ptr[p.len - 1] == '/' || path.len == p.len)
		return true;
	return path.ptr[p.len] == '/' || path.ptr[p.len] == '?';
}

static bool may_enter(const struct lab_route *r, enum router_entry entry)
{
	switch (entry) {
	case ROUTER_ENTRY_PLAIN:
		return r->tls == ROUTE_PLAIN || r->insecure != ROUTE_INSECURE_NONE;
	case ROUTER_ENTRY_TLS:
		return r->tls == ROUTE_EDGE || r->tls == ROUTE_REENCRYPT;
	default:
		return r->tls == ROUTE_PASSTHROUGH;
	}
}

struct lab_route *router_match(const struct router *r, enum router_entry entry, struct slice host, struct slice path)
{
	struct lab_route *best = NULL;
	ptrdiff_t colon = slice_rfind(host, ':');
	struct map_entry *e;

	if (colon >= 0)
		host = slice_head(host, (size_t)colon);
	for (size_t i = 0; (e = map_next(&r->routes, &i));) {
		struct lab_route *route = e->value;

		if (!may_enter(route, entry) || !slice_eq_nocase(slice_str(route->host), host) ||
		    !path_holds(route->path, path))
			continue;
		if (!best || strlen(route->path) > strlen(best->path))
			best = route;
	}
	return best;
}

static const struct svc_port *port_of(const struct svc *s, const char *want)
{
	for (size_t i = 0; want && i < s->ports_n; i++)
		if (strcmp(s->ports[i].target, want) == 0 || strcmp(s->ports[i].name, want) == 0)
			return &s->ports[i];
	return !want && s->ports_n ? &s->ports[0] : NULL;
}

static const struct svc_port *ready_port(const struct router *r, const struct lab_route *route, size_t backend)
{
	const struct svc *s = services_find(service_watch_table(r->services), slice_str(route->ns),
					    slice_str(route->backends[backend].service));
	const struct svc_port *p = s ? port_of(s, route->port) : NULL;

	return p && p->targets_n ? p : NULL;
}

const struct svc_target *router_pick(struct router *r, const struct lab_route *route)
{
	const struct svc_port *p = NULL;
	uint32_t total = 0, at;

	for (size_t i = 0; i < route->backends_n; i++)
		if (ready_port(r, route, i))
			total += route->backends[i].weight;
	if (!total)
		return NULL;
	at = rand_below(&r->rand, total);
	for (size_t i = 0; i < route->backends_n; i++) {
		const struct svc_port *candidate = ready_port(r, route, i);

		if (!candidate)
			continue;
		p = candidate;
		if (at < route->backends[i].weight)
			break;
		at -= route->backends[i].weight;
	}
	return &p->targets[rand_below(&r->rand, (uint32_t)p->targets_n)];
}

static void on_route(void *arg, enum lab_event event, const cJSON *object)
{
	struct router *r = arg;
	struct lab_route *route;
	char *key;

	if (event == LAB_SYNCED)
		return;
	key = mem_printf("%s/%s", object_ns(object), object_name(object));
	lab_route_free(map_remove(&r->routes, slice_str(key)));
	free(key);
	route = event == LAB_DELETED ? NULL : lab_route_new(object);
	if (route)
		map_set(&r->routes, slice_str(route->key), route);
}

/* ---- the listeners ---- */

static void on_accept(struct acceptor *a, int fd, const struct addr *peer)
{
	struct router *r = CONTAINER_OF(a, struct router, acceptor);

	if (r->conns_n >= CONNS_MAX)
		close(fd);
	else
		router_conn_new(r, &(struct router_arrival){.fd = fd, .peer = peer});
}

static void on_accept_tls(struct acceptor *a, int fd, const struct addr *peer)
{
	struct router *r = CONTAINER_OF(a, struct router, tls_acceptor);

	if (r->conns_n >= CONNS_MAX)
		close(fd);
	else
		router_greet(r, fd, peer);
}

static int try_port(uint16_t port, struct err *e)
{
	struct addr a;

	addr_parse(SLICE("127.0.0.1"), port, &a);
	return socket_listen(&a, BACKLOG, 0, e);
}

/* The first choice, then others and up: another lab or a web server may be there. */
static int listen_somewhere(uint16_t first, uint16_t other, uint16_t *ret_port, struct err *e)
{
	int fd = try_port(first, e);

	*ret_port = first;
	for (int i = 0; fd < 0 && i < PORT_TRIES; i++) {
		*ret_port = (uint16_t)(other + i);
		fd = try_port(*ret_port, e);
	}
	return fd < 0 ? err_wrap(e, fd, "router") : fd;
}

static int start_listener(struct router *r, struct acceptor *a, int fd,
			  void (*fn)(struct acceptor *a, int fd, const struct addr *peer), struct err *e)
{
	int result = fd < 0 ? fd : acceptor_start(r->loop, a, fd, fn);

	return result < 0 && fd >= 0 ? err_errno(e, -result, "router") : result;
}

static int listen_both(struct router *r, const struct router_config *c, struct err *e)
{
	int result = start_listener(r, &r->acceptor, listen_somewhere(c->port ? c->port : 80, 8080, &r->port, e),
				    on_accept, e);

	if (result == 0)
		result = start_listener(r, &r->tls_acceptor,
					listen_somewhere(c->tls_port ? c->tls_port : 443, 8443, &r->tls_port, e),
					on_accept_tls, e);
	return result;
}

int router_start(const struct router_config *c, struct router **ret, struct err *e)
{
	struct router *r = NEW(struct router);
	int result;

	r->loop = c->loop;
	r->api = c->api;
	r->netns_fd = c->netns_fd;
	r->wildcard = mem_printf("*.%s", c->apps_domain);
	list_init(&r->conns);
	list_init(&r->greetings);
	rand_init(&r->rand);
	result = authority_open(c->pki_dir, ROUTER_AUTHORITY, c->apps_domain, &r->authority, e);
	if (result == 0)
		result = listen_both(r, c, e);
	if (result < 0) {
		router_free(r);
		return result;
	}
	r->services = service_watch_start(r->loop, r->api, NULL, NULL);
	r->watch = lab_watch_start(r->api, GVR(route), NULL, NULL, NULL, on_route, r, e);
	*ret = r;
	return 0;
}

uint16_t router_port(const struct router *r)
{
	return r->port;
}

uint16_t router_tls_port(const struct router *r)
{
	return r->tls_port;
}

void router_free(struct router *r)
{
	struct map_entry *e;

	if (!r)
		return;
	router_conns_free(r);
	router_greetings_free(r);
	acceptor_stop(&r->acceptor);
	acceptor_stop(&r->tls_acceptor);
	if (r->watch)
		lab_watch_stop(r->watch);
	service_watch_free(r->services);
	for (size_t i = 0; (e = map_next(&r->routes, &i));)
		lab_route_free(e->value);
	map_done(&r->routes);
	tls_ctx_unref(r->default_ctx);
	pki_ca_unref(r->authority);
	free(r->wildcard);
	free(r);
}
