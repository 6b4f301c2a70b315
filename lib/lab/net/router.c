/* The table of Routes, the choice of a backend, and the listener. */
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

#define TIMEOUT_MS 30000
#define BACKLOG 512
#define CONNS_MAX 4096
#define PORT_FIRST 80
#define PORT_OTHER 8080
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
	r->backends = ARENA_NEW_N(&r->arena, struct route_backend, (size_t)cJSON_GetArraySize(others) + 1);
	add_backend(r, json_at(route, "spec.to"));
	cJSON_ArrayForEach(to, others) add_backend(r, to);
	return r;
}

void lab_route_free(struct lab_route *r)
{
	if (!r)
		return;
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

const struct lab_route *router_match(const struct router *r, struct slice host, struct slice path)
{
	const struct lab_route *best = NULL;
	ptrdiff_t colon = slice_rfind(host, ':');
	struct map_entry *e;

	if (colon >= 0)
		host = slice_head(host, (size_t)colon);
	for (size_t i = 0; (e = map_next(&r->routes, &i));) {
		const struct lab_route *route = e->value;

		if (!slice_eq_nocase(slice_str(route->host), host) || !path_holds(route->path, path))
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

/* ---- the listener ---- */

static void on_accept(struct acceptor *a, int fd, const struct addr *peer)
{
	struct router *r = CONTAINER_OF(a, struct router, acceptor);

	if (r->conns_n >= CONNS_MAX)
		close(fd);
	else
		router_conn_new(r, fd, peer);
}

static int try_port(struct router *r, uint16_t port, struct err *e)
{
	struct addr a;

	addr_parse(SLICE("127.0.0.1"), port, &a);
	r->fd = socket_listen(&a, BACKLOG, 0, e);
	r->port = port;
	return r->fd;
}

/* The first choice, then 8080 and up: another lab or a web server may be there. */
static int listen_somewhere(struct router *r, uint16_t first, struct err *e)
{
	if (try_port(r, first ? first : PORT_FIRST, e) >= 0)
		return 0;
	for (int i = 0; i < PORT_TRIES; i++)
		if (try_port(r, (uint16_t)(PORT_OTHER + i), e) >= 0)
			return 0;
	return err_wrap(e, r->fd, "router");
}

int router_start(const struct router_config *c, struct router **ret, struct err *e)
{
	struct router *r = NEW(struct router);
	int result;

	r->loop = c->loop;
	r->api = c->api;
	r->netns_fd = c->netns_fd;
	r->fd = -1;
	list_init(&r->conns);
	rand_init(&r->rand);
	result = listen_somewhere(r, c->port, e);
	if (result < 0) {
		router_free(r);
		return result;
	}
	r->services = service_watch_start(r->loop, r->api, NULL, NULL);
	r->watch = lab_watch_start(r->api, GVR(route), NULL, NULL, NULL, on_route, r, e);
	result = acceptor_start(r->loop, &r->acceptor, r->fd, on_accept);
	r->fd = -1;
	if (result < 0) {
		router_free(r);
		return err_errno(e, -result, "router");
	}
	*ret = r;
	return 0;
}

uint16_t router_port(const struct router *r)
{
	return r->port;
}

void router_free(struct router *r)
{
	struct map_entry *e;

	if (!r)
		return;
	router_conns_free(r);
	acceptor_stop(&r->acceptor);
	if (r->watch)
		lab_watch_stop(r->watch);
	service_watch_free(r->services);
	for (size_t i = 0; (e = map_next(&r->routes, &i));)
		lab_route_free(e->value);
	map_done(&r->routes);
	free(r);
}
