/* One run over all generators of a view, and what they share. */
#include "compile/gen.h"

#include <stdio.h>
#include <stdlib.h>

#include "mesh/host.h"

static const struct {
	enum xds_type type;
	unsigned depends; /* enum mesh_change */
	void (*run)(struct gen *g);
} generators[] = {
	{XDS_CLUSTER,
	 CHANGE_MESH | CHANGE_SERVICE | CHANGE_ENTRY | CHANGE_ENDPOINT | CHANGE_POD | CHANGE_DESTINATION_RULE |
		 CHANGE_SIDECAR,
	 gen_clusters},
	{XDS_ENDPOINT,
	 CHANGE_MESH | CHANGE_SERVICE | CHANGE_ENTRY | CHANGE_ENDPOINT | CHANGE_POD | CHANGE_DESTINATION_RULE |
		 CHANGE_SIDECAR | CHANGE_PEER_AUTH,
	 gen_endpoints},
	{XDS_LISTENER,
	 CHANGE_MESH | CHANGE_SERVICE | CHANGE_ENTRY | CHANGE_ENDPOINT | CHANGE_POD | CHANGE_VIRTUAL_SERVICE |
		 CHANGE_GATEWAY | CHANGE_SIDECAR | CHANGE_PEER_AUTH | CHANGE_AUTHZ,
	 gen_listeners},
	{XDS_ROUTE,
	 CHANGE_MESH | CHANGE_SERVICE | CHANGE_ENTRY | CHANGE_POD | CHANGE_VIRTUAL_SERVICE | CHANGE_DESTINATION_RULE |
		 CHANGE_GATEWAY | CHANGE_SIDECAR,
	 gen_routes},
};

unsigned compile_types_of(unsigned changed)
{
	unsigned types = 0;

	for (size_t i = 0; i < ARRAY_LEN(generators); i++)
		if (generators[i].depends & changed)
			types |= 1u << generators[i].type;
	return types;
}

void compile_view_key(const struct proxy *p, struct buf *out)
{
	buf_printf(out, "%d|%s|%d%d%d|%s|", p->type, p->ns, p->unprivileged, p->dns_capture, p->stats_filters,
		   p->interception);
	for (size_t i = 0; i < p->labels.n; i++)
		buf_printf(out, "%s=%s,", p->labels.v[i].key, p->labels.v[i].value);
}

void gen_add(struct gen *g, const char *name, const void *message)
{
	const struct slice bytes = pb_pack_arena(g->arena, message);

	vec_push(&g->made, xds_pool_get(g->pool, g->type, slice_str(name), bytes));
}

void gen_use(struct gen *g, const struct mesh_object *o)
{
	g->used[o->number] |= 1u << g->type;
	g->objects[o->number] = o;
}

void gen_note(struct gen *g, const struct mesh_object *o, const char *path, const char *fmt, ...)
{
	char text[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	for (size_t i = 0; i < g->notes.n; i++)
		if (g->notes.v[i].object == o && strcmp(g->notes.v[i].path, path) == 0)
			return;
	vec_push(&g->notes, (struct compile_note){o, arena_strdup(g->keep, path), arena_strdup(g->keep, text)});
}

const char *gen_cluster_name(struct arena *a, uint16_t port, const char *subset, const char *host)
{
	return arena_printf(a, "outbound|%u|%s|%s", port, subset ? subset : "", host);
}

const char *gen_inbound_name(struct arena *a, uint16_t port)
{
	return arena_printf(a, "inbound|%u||", port);
}

/* "ns/host" of a Sidecar's egress, both parts may be wildcards; "." is the Sidecar's own namespace. */
static bool egress_host_matches(const char *pattern, const char *own_ns, const struct service *svc)
{
	const char *slash = strchr(pattern, '/');
	const size_t n = slash ? (size_t)(slash - pattern) : 0;

	if (!slash || (n == 1 && pattern[0] == '~'))
		return false;
	if (n == 1 && pattern[0] == '.') {
		if (strcmp(svc->ns, own_ns) != 0)
			return false;
	} else if (!(n == 1 && pattern[0] == '*') && !slice_eq(slice_make(pattern, n), slice_str(svc->ns))) {
		return false;
	}
	return host_subset_of(svc->host, slash + 1);
}

static bool in_scope(const struct mesh_sidecar *s, const char *own_ns, const struct service *svc)
{
	if (!s || !s->spec->egress.n)
		return true;
	for (size_t i = 0; i < s->spec->egress.n; i++)
		for (size_t j = 0; j < s->spec->egress.v[i].hosts.n; j++)
			if (egress_host_matches(s->spec->egress.v[i].hosts.v[j], own_ns, svc))
				return true;
	return false;
}

/* The services that the proxy may see; of one host only the first. */
static void set_scope(struct gen *g)
{
	const struct snapshot *s = g->snap;
	const struct mesh_sidecar *scope =
		g->proxy->type == PROXY_SIDECAR ? snapshot_sidecar(s, g->proxy->ns, &g->proxy->labels) : NULL;

	g->services = ARENA_NEW_N(g->arena, const struct service *, s->services->v.n);
	for (size_t i = 0; i < s->services->v.n; i++) {
		const struct service *svc = &s->services->v.v[i];

		if (snapshot_service(s, svc->host) == svc && service_visible(svc, g->proxy->ns) &&
		    in_scope(scope, g->proxy->ns, svc))
			g->services[g->n_services++] = svc;
	}
	g->scope = scope;
}

const struct service *gen_service(const struct gen *g, const char *host)
{
	const struct service *svc = snapshot_service(g->snap, host);

	return svc && service_visible(svc, g->proxy->ns) ? svc : NULL;
}

static void collect(struct gen *g, struct compile_result *ret)
{
	for (size_t i = 0; i < g->n_objects; i++)
		ret->n_uses += g->used[i] != 0;
	ret->uses = ARENA_NEW_N(&ret->arena, struct compile_use, ret->n_uses);
	ret->n_uses = 0;
	for (size_t i = 0; i < g->n_objects; i++)
		if (g->used[i])
			ret->uses[ret->n_uses++] = (struct compile_use){g->objects[i], g->used[i]};
	ret->n_notes = g->notes.n;
	ret->notes = ARENA_NEW_N(&ret->arena, struct compile_note, g->notes.n);
	if (g->notes.n)
		memcpy(ret->notes, g->notes.v, g->notes.n * sizeof(g->notes.v[0]));
	vec_done(&g->notes);
}

void compile_view(const struct snapshot *snap, const struct proxy *p, unsigned types, struct xds_pool *pool,
		  struct compile_result *ret)
{
	CLEANUP(arena_done) struct arena a = ARENA_INIT;
	struct gen g = {.snap = snap, .proxy = p, .pool = pool, .arena = &a, .keep = &ret->arena};

	memset(ret, 0, sizeof(*ret));
	g.n_objects = snap->policies->n_objects;
	g.used = ARENA_NEW_N(&a, unsigned, g.n_objects);
	g.objects = ARENA_NEW_N(&a, const struct mesh_object *, g.n_objects);
	set_scope(&g);
	for (size_t i = 0; i < ARRAY_LEN(generators); i++) {
		if (!(types & 1u << generators[i].type))
			continue;
		g.type = generators[i].type;
		if (g.scope)
			gen_use(&g, &g.scope->o);
		g.made.n = 0;
		generators[i].run(&g);
		ret->sets[g.type] = xds_set_new(g.made.v, g.made.n);
	}
	vec_done(&g.made);
	collect(&g, ret);
}

void compile_result_done(struct compile_result *r)
{
	for (size_t i = 0; i < XDS_TYPE_COUNT; i++)
		xds_set_unref(r->sets[i]);
	arena_done(&r->arena);
	memset(r, 0, sizeof(*r));
}
