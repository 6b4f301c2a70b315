/* One run over all generators of a view, and what they share. */
#include "compile/telemetry.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>

#include "mesh/host.h"

#define NOTES_MAX 10000 /* of one view: what many objects do wrong must not fill the memory */

/* When what a generator makes is the same for all proxies of a namespace. */
enum sharing {
	SHARED_NEVER,
	SHARED_ALWAYS,
	SHARED_SIDECARS, /* but for gateways, and for sidecars when no rule asks for a client's labels */
};

static const struct {
	enum xds_type type;
	unsigned depends; /* enum mesh_change */
	struct {
		void (*run)(struct gen *g);
		enum sharing sharing;
	} parts[2];
	struct xds_set *(*whole)(struct gen *g); /* makes the set itself, of no objects that are told of */
} generators[] = {
	{XDS_CLUSTER,
	 CHANGE_MESH | CHANGE_SERVICE | CHANGE_ENTRY | CHANGE_ENDPOINT | CHANGE_POD | CHANGE_DESTINATION_RULE |
		 CHANGE_SIDECAR | CHANGE_PEER_AUTH | CHANGE_ENVOY_FILTER | CHANGE_TELEMETRY,
	 {{gen_outbound_clusters, SHARED_ALWAYS}, {gen_inbound_clusters, SHARED_NEVER}}},
	{XDS_ENDPOINT,
	 CHANGE_MESH | CHANGE_SERVICE | CHANGE_ENTRY | CHANGE_ENDPOINT | CHANGE_POD | CHANGE_DESTINATION_RULE |
		 CHANGE_SIDECAR | CHANGE_PEER_AUTH | CHANGE_ENVOY_FILTER,
	 {{gen_endpoints, SHARED_ALWAYS}}},
	{XDS_LISTENER,
	 CHANGE_MESH | CHANGE_SERVICE | CHANGE_ENTRY | CHANGE_ENDPOINT | CHANGE_POD | CHANGE_VIRTUAL_SERVICE |
		 CHANGE_DESTINATION_RULE | CHANGE_GATEWAY | CHANGE_SIDECAR | CHANGE_PEER_AUTH | CHANGE_AUTHZ |
		 CHANGE_REQUEST_AUTH | CHANGE_KEYS | CHANGE_ENVOY_FILTER | CHANGE_TELEMETRY,
	 {{gen_outbound_listeners, SHARED_SIDECARS}, {gen_inbound_listeners, SHARED_NEVER}}},
	{XDS_ROUTE,
	 CHANGE_MESH | CHANGE_SERVICE | CHANGE_ENTRY | CHANGE_POD | CHANGE_VIRTUAL_SERVICE | CHANGE_DESTINATION_RULE |
		 CHANGE_GATEWAY | CHANGE_SIDECAR | CHANGE_ENVOY_FILTER,
	 {{gen_outbound_routes, SHARED_SIDECARS}}},
	{XDS_NAME_TABLE,
	 CHANGE_MESH | CHANGE_SERVICE | CHANGE_ENTRY | CHANGE_ENDPOINT | CHANGE_POD | CHANGE_SIDECAR,
	 {{gen_names, SHARED_ALWAYS}}},
	{XDS_POD_BLOCK, CHANGE_MESH | CHANGE_POD | CHANGE_PEER_AUTH, .whole = gen_pods},
};

unsigned compile_types_of(unsigned changed)
{
	unsigned types = 0;

	for (size_t i = 0; i < ARRAY_LEN(generators); i++)
		if (generators[i].depends & changed)
			types |= 1u << generators[i].type;
	return types;
}

uint64_t compile_reach(const struct snapshot *snap, const struct proxy *p)
{
	CLEANUP(arena_done) struct arena a = ARENA_INIT;
	struct gen g = {.snap = snap, .proxy = p, .arena = &a, .keep = &a, .type = XDS_TYPE_NONE};

	if (p->type != PROXY_SIDECAR || !snapshot_sidecar(snap, p->ns, &p->labels))
		return 0;
	gen_set_scope(&g);
	vec_done(&g.notes);
	map_done(&g.noted);
	return g.reach;
}

/* Which addresses of entries without any it knows: 0 = none. */
static int auto_kind(const struct proxy *p)
{
	return p->dns_capture && p->dns_auto_allocate ? 1 + p->v6 : 0;
}

const char *compile_auto_vip(const struct proxy *p, const struct service *svc)
{
	const int kind = auto_kind(p);

	return kind ? svc->auto_vips[kind - 1] : NULL;
}

/* All labels count: a policy may select by any of them, also by those that controllers give to single pods. */
void compile_view_key(const struct snapshot *snap, const struct proxy *p, struct buf *out)
{
	const struct policy_index *asks = snap->policies;

	buf_printf(out, "%d|%s|%d%d%d%d%d|%s|%d,%u,%d|", p->type, p->ns, p->unprivileged, auto_kind(p),
		   p->stats_filters, p->weft, p->places, p->interception, p->topology.set, p->topology.trusted_proxies,
		   p->topology.forward_client_cert);
	for (size_t i = 0; i < p->labels.n; i++)
		buf_printf(out, "%s=%s,", p->labels.v[i].key, p->labels.v[i].value);
	if (asks->asks_place && p->locality.region)
		buf_printf(out, "|%s/%s/%s", p->locality.region, p->locality.zone, p->locality.subzone);
	if (asks->asks_node)
		buf_printf(out, "|%s", p->node_name ? p->node_name : "");
}

void gen_add(struct gen *g, const char *name, const void *message)
{
	const struct slice bytes = pb_pack_arena(g->arena, message);

	if (map_get(&g->named, slice_str(name)))
		return;
	map_set(&g->named, slice_str(name), (void *)name);
	vec_push(&g->made, xds_pool_get(g->pool, g->type, slice_str(name), bytes));
}

void gen_use(struct gen *g, const struct mesh_object *o)
{
	if (o->number >= g->n_objects)
		return; /* of single services it is known already */
	g->used[o->number] |= 1u << g->type;
	g->objects[o->number] = o;
}

/* Each path of an object is told once by a generator: the first word counts. */
static void add_note(struct gen *g, const struct compile_note *n)
{
	const char *key = arena_printf(g->arena, "%d/%s/%s/%s/%s", n->type, n->kind->plural, n->ns, n->name, n->path);

	if (g->notes.n >= NOTES_MAX || map_get(&g->noted, slice_str(key)))
		return;
	map_set(&g->noted, slice_str(key), (void *)key);
	vec_push(&g->notes,
		 (struct compile_note){n->kind, arena_strdup(g->keep, n->ns), arena_strdup(g->keep, n->name), n->reason,
				       n->type, arena_strdup(g->keep, n->path), arena_strdup(g->keep, n->text)});
}

void gen_note(struct gen *g, const struct api_object *o, const char *path, const char *fmt, ...)
{
	char text[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	add_note(g, &(struct compile_note){o->kind, api_object_namespace(o), api_object_name(o), COMPILE_INVALID,
					   g->type, path, text});
}

static const char *winner_text(struct arena *a, const struct gen_owner *winner, const char *what, bool same)
{
	const struct api_object *o = winner->object;

	if (!o)
		return arena_printf(a, "%s is taken by the mesh itself", what);
	if (same)
		return arena_printf(a, "%s is taken already by %s; the first counts", what, winner->path);
	return arena_printf(a, "%s is taken by %s %s/%s", what, o->kind->kind, api_object_namespace(o),
			    api_object_name(o));
}

void gen_conflict(struct gen *g, const struct gen_owner *loser, const struct gen_owner *winner, const char *path,
		  const char *what)
{
	const struct api_object *o = loser->object;
	const bool same = o == winner->object;

	if (!o || !(o->kind->flags & API_CUSTOM) ||
	    (same && (loser->ordered || strcmp(loser->path, winner->path) == 0)))
		return;
	add_note(g, &(struct compile_note){o->kind, api_object_namespace(o), api_object_name(o), COMPILE_CONFLICTED,
					   g->type, path, winner_text(g->arena, winner, what, same)});
}

struct tls_peers gen_mesh_peers(const struct gen *g)
{
	return (struct tls_peers){.limits = &gen_mesh(g)->tls,
				  .trust_domains = gen_mesh(g)->trust_domains,
				  .n_trust_domains = gen_mesh(g)->n_trust_domains};
}

char *gen_lower(struct arena *a, const char *s)
{
	char *copy = arena_strdup(a, s);

	for (char *c = copy; *c; c++)
		*c = (char)tolower((unsigned char)*c);
	return copy;
}

const char *gen_cluster_name(struct arena *a, uint16_t port, const char *subset, const char *host)
{
	return arena_printf(a, "outbound|%u|%s|%s", port, subset ? subset : "", host);
}

const char *gen_inbound_name(struct arena *a, uint16_t port)
{
	return arena_printf(a, "inbound|%u||", port);
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
	map_done(&g->noted);
	map_done(&g->named);
}

/* --- parts that views share --- */

/* What one generator made for a namespace. */
struct part {
	struct arena arena;
	struct xds_resource **v; /* one reference each */
	size_t n;
	const struct mesh_object **uses;
	size_t n_uses;
	struct compile_note *notes;
	size_t n_notes;
	char key[];
};

static void part_free(struct part *p)
{
	for (size_t i = 0; i < p->n; i++)
		xds_resource_unref(p->v[i]);
	arena_done(&p->arena);
	free(p);
}

void compile_cache_clear(struct compile_cache *c)
{
	struct map_entry *e;

	for (size_t i = 0; (e = map_next(&c->parts, &i));)
		part_free(e->value);
	map_done(&c->parts);
	map_done(&c->regexes);
	xds_set_unref(c->pods);
	arena_done(&c->arena);
	memset(c, 0, sizeof(*c));
}

/* Runs a generator on its own and keeps what it made. */
static struct part *part_new(struct gen *g, const char *key, void (*run)(struct gen *g))
{
	struct part *p = mem_alloc(sizeof(*p) + strlen(key) + 1);
	struct gen own = *g;

	memcpy(p->key, key, strlen(key));
	own.keep = &p->arena;
	own.used = ARENA_NEW_N(g->arena, unsigned, g->n_objects);
	memset(&own.made, 0, sizeof(own.made));
	memset(&own.notes, 0, sizeof(own.notes));
	memset(&own.noted, 0, sizeof(own.noted));
	memset(&own.named, 0, sizeof(own.named));
	run(&own);
	p->n = own.made.n;
	p->v = ARENA_NEW_N(&p->arena, struct xds_resource *, p->n);
	for (size_t i = 0; i < p->n; i++)
		p->v[i] = own.made.v[i];
	p->uses = ARENA_NEW_N(&p->arena, const struct mesh_object *, g->n_objects);
	for (size_t i = 0; i < g->n_objects; i++)
		if (own.used[i])
			p->uses[p->n_uses++] = own.objects[i];
	p->n_notes = own.notes.n;
	p->notes = ARENA_NEW_N(&p->arena, struct compile_note, p->n_notes);
	for (size_t i = 0; i < p->n_notes; i++)
		p->notes[i] = own.notes.v[i];
	vec_done(&own.made);
	vec_done(&own.notes);
	map_done(&own.noted);
	map_done(&own.named);
	return p;
}

static void part_replay(struct gen *g, const struct part *p)
{
	for (size_t i = 0; i < p->n; i++)
		vec_push(&g->made, xds_resource_ref(p->v[i]));
	for (size_t i = 0; i < p->n_uses; i++)
		gen_use(g, p->uses[i]);
	for (size_t i = 0; i < p->n_notes; i++)
		add_note(g, &p->notes[i]);
}

static bool is_shared(const struct gen *g, enum sharing sharing)
{
	if (!g->cache || sharing == SHARED_NEVER)
		return false;
	return sharing == SHARED_ALWAYS || (g->proxy->type == PROXY_SIDECAR && !g->snap->policies->asks_client_labels);
}

static void run_part(struct gen *g, size_t number, void (*run)(struct gen *g), enum sharing sharing)
{
	const struct proxy *x = g->proxy;
	struct part *p;
	const char *key;

	if (!is_shared(g, sharing)) {
		run(g);
		return;
	}
	key = arena_printf(g->arena, "%d.%zu.%zu|%d|%d%d%d%d|%s|%s|%s|%p|%p", g->type, number,
			   g->single ? g->single->number + 1 : 0, x->type, x->unprivileged, auto_kind(x),
			   x->stats_filters, x->weft, x->interception, x->ns, gen_locality_text(g),
			   (const void *)g->scope, (const void *)g->telemetry[GEN_TELEMETRY_WORKLOAD]);
	p = map_get(&g->cache->parts, slice_str(key));
	if (!p) {
		p = part_new(g, key, run);
		map_set(&g->cache->parts, slice_str(p->key), p);
	}
	part_replay(g, p);
}

void compile_view(const struct snapshot *snap, const struct proxy *p, unsigned types, struct xds_pool *pool,
		  struct compile_cache *cache, struct compile_result *ret)
{
	CLEANUP(arena_done) struct arena a = ARENA_INIT;
	struct gen g = {.snap = snap, .proxy = p, .pool = pool, .cache = cache, .arena = &a, .keep = &ret->arena};

	memset(ret, 0, sizeof(*ret));
	g.n_objects = snap->policies->n_objects;
	g.used = ARENA_NEW_N(&a, unsigned, g.n_objects);
	g.objects = ARENA_NEW_N(&a, const struct mesh_object *, g.n_objects);
	g.type = XDS_TYPE_NONE;
	gen_set_scope(&g);
	for (size_t i = 0; i < ARRAY_LEN(generators); i++) {
		if (!(types & 1u << generators[i].type))
			continue;
		g.type = generators[i].type;
		if (generators[i].whole) {
			ret->sets[g.type] = xds_pool_share(pool, generators[i].whole(&g));
			continue;
		}
		if (g.scope)
			gen_use(&g, &g.scope->o);
		if (g.type == XDS_LISTENER)
			gen_use_telemetry(&g);
		g.made.n = 0;
		map_done(&g.named);
		for (size_t k = 0; k < ARRAY_LEN(generators[i].parts) && generators[i].parts[k].run; k++)
			run_part(&g, k, generators[i].parts[k].run, generators[i].parts[k].sharing);
		ret->sets[g.type] = xds_pool_share(pool, xds_set_new(g.made.v, g.made.n));
	}
	vec_done(&g.made);
	collect(&g, ret);
}

struct xds_set *compile_pods(const struct snapshot *snap, const struct proxy *p, struct xds_pool *pool,
			     struct compile_cache *cache)
{
	CLEANUP(arena_done) struct arena a = ARENA_INIT;
	struct gen g = {.snap = snap, .proxy = p, .pool = pool, .cache = cache, .arena = &a, .keep = &a};

	g.type = XDS_POD_BLOCK;
	return xds_pool_share(pool, gen_pods(&g));
}

/* --- single services --- */

static uint16_t first_port(const struct snapshot *s, const struct service *svc, const struct service_port *p)
{
	const struct endpoint_set set = snapshot_endpoints(s, svc, p->port);

	return set.n ? set.v[0].port : 0;
}

/* Where a port's target has a name, the proxies behind it find out from the endpoints where they listen. */
static bool moves_inbound(const struct snapshot *from, const struct snapshot *to, const struct proxy *p,
			  const struct service *svc)
{
	if (strcmp(svc->ns, p->ns) != 0 || !svc->selector.n || !meta_labels_contain(&p->labels, &svc->selector))
		return false;
	for (size_t i = 0; i < svc->n_ports; i++)
		if (!svc->ports[i].target_port &&
		    first_port(from, svc, &svc->ports[i]) != first_port(to, svc, &svc->ports[i]))
			return true;
	return false;
}

bool compile_is_single(const struct snapshot *from, const struct snapshot *to, const struct proxy *p,
		       const struct service *svc)
{
	/* listeners of headless services are at the endpoints' addresses; ServiceEntries tell what is wrong with theirs
	 */
	return !svc->entry && !svc->external && !svc->headless && svc->resolution == RESOLUTION_EDS &&
	       !to->policies->envoy_filters.n && !moves_inbound(from, to, p, svc);
}

size_t compile_single(const struct snapshot *snap, const struct proxy *p, const struct service *svc, enum xds_type type,
		      struct xds_pool *pool, struct compile_cache *cache, struct xds_resource ***ret)
{
	CLEANUP(arena_done) struct arena a = ARENA_INIT;
	struct gen g = {.snap = snap,
			.proxy = p,
			.pool = pool,
			.cache = cache,
			.arena = &a,
			.keep = &a,
			.type = type,
			.single = svc};

	gen_set_scope_single(&g);
	if (gen_sees_service(&g, svc))
		run_part(&g, 0, type == XDS_CLUSTER ? gen_single_clusters : gen_single_endpoints, SHARED_ALWAYS);
	vec_done(&g.notes);
	map_done(&g.noted);
	map_done(&g.named);
	*ret = g.made.v;
	return g.made.n;
}

void compile_result_done(struct compile_result *r)
{
	for (size_t i = 0; i < XDS_TYPE_COUNT; i++)
		xds_set_unref(r->sets[i]);
	arena_done(&r->arena);
	memset(r, 0, sizeof(*r));
}
