/*
 * EnvoyFilters of rate limits: which patches govern a proxy, what they hold as messages, and where that is put. What of
 * an object is no rate limit never gets here (mesh/rate_patch.h); what is none that a proxy would take is told.
 */
#include "mesh/rate_patch.h"

#include <errno.h>
#include <stdlib.h>

#include "compile/gen.h"
#include "msg/json.h"
#include "xds/json.h"

typedef Envoy__Config__Route__V3__RateLimit limit_rule;

/* A filter's configuration for a route or virtual host. */
struct own_config {
	const char *filter;
	Google__Protobuf__Any *any; /* NULL = nothing is said */
};

struct rate_patch {
	const struct mesh_envoy_filter *f;
	size_t number;
	enum rate_patch_kind kind;
	const struct istio_envoy_filter_envoy_config_object_patch *in;
	bool decoded;
	/* as messages, in the arena */
	Google__Protobuf__Any *filter; /* NULL = it cannot be carried out */
	limit_rule **limits;
	size_t n_limits;
	struct own_config configs[2];
};

/* ---- which ---- */

static bool governs(const struct gen *g, const struct mesh_envoy_filter *f)
{
	const struct istio_workload_labels *s = f->spec->workload_selector;

	return gen_governs(g, &f->o, NULL, NULL) && (!s || meta_labels_contain(&g->proxy->labels, &s->labels));
}

static bool is_root(const struct gen *g, const struct rate_patch *p)
{
	return strcmp(p->f->o.ns, gen_mesh(g)->root_namespace) == 0;
}

/* Those of the mesh before those of the namespace, then by priority, then the older first. */
static bool comes_before(const struct gen *g, const struct rate_patch *a, const struct rate_patch *b)
{
	if (is_root(g, a) != is_root(g, b))
		return is_root(g, a);
	return a->f->spec->priority < b->f->spec->priority;
}

static void insert(struct gen *g, struct rate_patch p)
{
	size_t at = g->n_patches++;

	while (at > 0 && comes_before(g, &p, &g->patches[at - 1])) {
		g->patches[at] = g->patches[at - 1];
		at--;
	}
	g->patches[at] = p;
}

void gen_set_patches(struct gen *g)
{
	const struct policy_index *x = g->snap->policies;
	size_t n = 0;

	for (size_t i = 0; i < x->envoy_filters.n; i++)
		n += x->envoy_filters.v[i].spec->config_patches.n;
	g->patches = ARENA_NEW_N(g->arena, struct rate_patch, n + 1);
	for (size_t i = 0; i < x->envoy_filters.n; i++) {
		const struct mesh_envoy_filter *f = &x->envoy_filters.v[i];

		for (size_t k = 0; governs(g, f) && k < f->spec->config_patches.n; k++) {
			const enum rate_patch_kind kind = rate_patch_of(f->spec, k, NULL, NULL);

			if (kind != RATE_PATCH_NONE)
				insert(g, (struct rate_patch){f, k, kind, &f->spec->config_patches.v[k]});
		}
	}
}

static const char *path_of(struct gen *g, const struct rate_patch *p, const char *field)
{
	return arena_printf(g->arena, "spec.configPatches[%zu].%s", p->number, field);
}

/* ---- as messages ---- */

static void json_free(void *json)
{
	cJSON_Delete(json);
}

/* A copy that the run owns, to be changed. */
static cJSON *copy_of(struct gen *g, const cJSON *json)
{
	cJSON *copy = cJSON_Duplicate(json, true);

	arena_on_done(g->arena, json_free, copy);
	return copy;
}

/* NULL, which is told, when it is no such message. */
static void *decode(struct gen *g, const struct rate_patch *p, const char *field, const ProtobufCMessageDescriptor *d,
		    const cJSON *json)
{
	cJSON *copy = copy_of(g, json);
	struct err e = ERR_INIT;
	void *m;

	cJSON_DeleteItemFromObjectCaseSensitive(copy, "@type");
	m = pb_from_json(g->arena, d, copy, &e);
	if (!m)
		gen_note(g, p->f->o.obj, path_of(g, p, field), "%s; the patch is left out", e.msg);
	return m;
}

static Google__Protobuf__Any *decode_config(struct gen *g, const struct rate_patch *p, const char *field,
					    const cJSON *any)
{
	const struct rate_config x = rate_config_of(any);
	const void *m = decode(g, p, field, pb_descriptor(x.type), x.fields);

	return m ? PB_ANY(g->arena, m) : NULL;
}

static bool decode_limits(struct gen *g, struct rate_patch *p, const char *field, const cJSON *list)
{
	const cJSON *one;

	if (list && !cJSON_IsArray(list)) {
		gen_note(g, p->f->o.obj, path_of(g, p, field), "must be a list; the patch is left out");
		return false;
	}
	cJSON_ArrayForEach(one, list)
	{
		limit_rule *m = decode(g, p, field, &envoy__config__route__v3__rate_limit__descriptor, one);

		if (!m)
			return false;
		PB_ADD(g->arena, p, limits, m);
	}
	return true;
}

static bool decode_configs(struct gen *g, struct rate_patch *p)
{
	static const char *const filters[] = {RATE_FILTER_LOCAL, RATE_FILTER_GLOBAL};
	const cJSON *all = rate_member(p->in->patch->value, "typed_per_filter_config");

	for (size_t i = 0; i < ARRAY_LEN(filters); i++) {
		const cJSON *any = json_get(all, filters[i]);

		p->configs[i].filter = filters[i];
		if (!any)
			continue;
		p->configs[i].any = decode_config(g, p, "patch.value.typed_per_filter_config", any);
		if (!p->configs[i].any)
			return false;
	}
	return true;
}

/* All of it or nothing. */
static void decode_routes(struct gen *g, struct rate_patch *p)
{
	const cJSON *v = p->in->patch->value;
	const bool route = p->kind == RATE_PATCH_ROUTE;

	if (p->decoded)
		return;
	p->decoded = true;
	if (decode_limits(g, p, route ? "patch.value.route.rate_limits" : "patch.value.rate_limits",
			  rate_member(route ? json_get(v, "route") : v, "rate_limits")) &&
	    decode_configs(g, p))
		return;
	p->n_limits = 0;
	p->configs[0].any = p->configs[1].any = NULL;
}

/* ---- the service that is asked ---- */

/* The host in "outbound|port|subset|host". */
static const char *host_of_cluster(struct gen *g, const char *cluster, uint16_t *ret_port)
{
	struct slice rest = slice_str(cluster), parts[4];
	uint64_t port;

	for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
		const ptrdiff_t bar = i + 1 < ARRAY_LEN(parts) ? slice_find(rest, '|') : (ptrdiff_t)rest.len;

		if (bar < 0)
			return NULL;
		parts[i] = slice_head(rest, (size_t)bar);
		rest = slice_from(rest, MIN((size_t)bar + 1, rest.len));
	}
	if (!slice_eq_str(parts[0], "outbound") || slice_to_u64(parts[1], UINT16_MAX, &port) < 0)
		return NULL;
	*ret_port = (uint16_t)port;
	return arena_slicedup(g->arena, parts[3]);
}

const char *gen_patch_host(struct gen *g, const struct mesh_envoy_filter *f, size_t number)
{
	const char *cluster = rate_patch_service(&f->spec->config_patches.v[number]);
	uint16_t port;

	return cluster ? host_of_cluster(g, cluster, &port) : NULL;
}

static bool is_added(const struct rate_patch *p, const char *cluster)
{
	const struct istio_envoy_filter_spec *spec = p->f->spec;

	for (size_t i = 0; i < spec->config_patches.n; i++)
		if (rate_patch_of(spec, i, NULL, NULL) == RATE_PATCH_CLUSTER &&
		    strcmp(json_str_or_empty(spec->config_patches.v[i].patch->value, "name"), cluster) == 0)
			return true;
	return false;
}

static void check_service(struct gen *g, const struct rate_patch *p)
{
	const char *cluster = rate_patch_service(p->in), *host;
	const struct service *svc;
	uint16_t port = 0;

	if (!cluster || is_added(p, cluster))
		return;
	host = host_of_cluster(g, cluster, &port);
	svc = host ? gen_service(g, host) : NULL;
	if (!svc || !service_port(svc, port))
		gen_note(g, p->f->o.obj, path_of(g, p, "patch.value.typed_config.rate_limit_service"),
			 "there is no cluster %s here; requests are treated as when the service does not answer",
			 cluster);
}

/* ---- HTTP filters ---- */

static bool in_context(const struct rate_patch *p, enum gen_direction d)
{
	switch (p->in->match ? p->in->match->context : ISTIO_ENVOY_FILTER_PATCH_CONTEXT_ANY) {
	case ISTIO_ENVOY_FILTER_PATCH_CONTEXT_SIDECAR_INBOUND:
		return d == GEN_INBOUND;
	case ISTIO_ENVOY_FILTER_PATCH_CONTEXT_SIDECAR_OUTBOUND:
		return d == GEN_OUTBOUND;
	case ISTIO_ENVOY_FILTER_PATCH_CONTEXT_GATEWAY:
		return d == GEN_GATEWAY;
	default:
		return true;
	}
}

/* The filter before which it is to stand; NULL = all. */
static const char *before(const struct rate_patch *p)
{
	const struct istio_envoy_filter_listener_match *l = p->in->match ? p->in->match->listener : NULL;
	const struct istio_envoy_filter_listener_match_filter_match *f =
		l && l->filter_chain ? l->filter_chain->filter : NULL;

	return f && f->sub_filter && f->sub_filter->name && *f->sub_filter->name ? f->sub_filter->name : NULL;
}

static ptrdiff_t place_of(const pb_hcm *h, const char *name)
{
	for (size_t i = 0; name && i < h->n_http_filters; i++)
		if (strcmp(h->http_filters[i]->name, name) == 0)
			return (ptrdiff_t)i;
	return name ? -1 : 0;
}

static void put_filter(struct gen *g, pb_hcm *h, struct rate_patch *p)
{
	const ptrdiff_t at = place_of(h, before(p));

	if (at < 0) {
		gen_note(g, p->f->o.obj, path_of(g, p, "match.listener.filterChain.filter.subFilter.name"),
			 "there is no filter %s here; the patch is left out", before(p));
		return;
	}
	if (!p->decoded) {
		p->decoded = true;
		p->filter = decode_config(g, p, "patch.value.typed_config",
					  rate_member(p->in->patch->value, "typed_config"));
		check_service(g, p);
	}
	if (!p->filter)
		return;
	gen_use(g, &p->f->o);
	PB_ADD(g->arena, h, http_filters, NULL);
	memmove(&h->http_filters[at + 1], &h->http_filters[at],
		(h->n_http_filters - 1 - (size_t)at) * sizeof(*h->http_filters));
	h->http_filters[at] =
		pb_http_filter_make(g->arena, json_get_str(p->in->patch->value, "name"), p->filter, false);
}

void gen_patch_http(struct gen *g, pb_hcm *h, enum gen_direction d, uint16_t port)
{
	for (size_t i = 0; i < g->n_patches; i++) {
		struct rate_patch *p = &g->patches[i];
		const struct istio_envoy_filter_listener_match *l = p->in->match ? p->in->match->listener : NULL;

		if (p->kind == RATE_PATCH_FILTER && in_context(p, d) &&
		    (!l || !l->port_number || l->port_number == port))
			put_filter(g, h, p);
	}
}

/* ---- routes ---- */

#define ENTRY_OF(g, m, T, prefix, own)                                                                                 \
	do {                                                                                                           \
		T *e_ = PB_NEW((g)->arena, T, prefix);                                                                 \
		e_->key = pb_str((own)->filter);                                                                       \
		e_->value = (own)->any;                                                                                \
		PB_ADD((g)->arena, m, typed_per_filter_config, e_);                                                    \
	} while (0)

/* Whether something is configured for the filter already; that is told, and stays. */
#define HAS_ENTRY(g, p, m, own)                                                                                        \
	({                                                                                                             \
		bool has_ = false;                                                                                     \
		for (size_t i_ = 0; i_ < (m)->n_typed_per_filter_config; i_++)                                         \
			has_ |= strcmp((m)->typed_per_filter_config[i_]->key, (own)->filter) == 0;                     \
		if (has_)                                                                                              \
			gen_note(g, (p)->f->o.obj, path_of(g, p, "patch.value.typed_per_filter_config"),               \
				 "%s is configured by another patch already; the first counts", (own)->filter);        \
		has_;                                                                                                  \
	})

static void put_virtual_host(struct gen *g, pb_vhost *v, const struct rate_patch *p)
{
	for (size_t i = 0; i < p->n_limits; i++)
		PB_ADD(g->arena, v, rate_limits, p->limits[i]);
	for (size_t i = 0; i < ARRAY_LEN(p->configs); i++)
		if (p->configs[i].any && !HAS_ENTRY(g, p, v, &p->configs[i]))
			ENTRY_OF(g, v, Envoy__Config__Route__V3__VirtualHost__TypedPerFilterConfigEntry,
				 envoy__config__route__v3__virtual_host__typed_per_filter_config_entry, &p->configs[i]);
}

static void put_route(struct gen *g, pb_route *r, const struct rate_patch *p)
{
	for (size_t i = 0; r->action_case == ENVOY__CONFIG__ROUTE__V3__ROUTE__ACTION_ROUTE && i < p->n_limits; i++)
		PB_ADD(g->arena, r->route, rate_limits, p->limits[i]);
	for (size_t i = 0; i < ARRAY_LEN(p->configs); i++)
		if (p->configs[i].any && !HAS_ENTRY(g, p, r, &p->configs[i]))
			ENTRY_OF(g, r, Envoy__Config__Route__V3__Route__TypedPerFilterConfigEntry,
				 envoy__config__route__v3__route__typed_per_filter_config_entry, &p->configs[i]);
}

static bool has_action(const pb_route *r, int want)
{
	switch (want) {
	case ISTIO_ENVOY_FILTER_ROUTE_CONFIGURATION_MATCH_ROUTE_MATCH_ACTION_ROUTE:
		return r->action_case == ENVOY__CONFIG__ROUTE__V3__ROUTE__ACTION_ROUTE;
	case ISTIO_ENVOY_FILTER_ROUTE_CONFIGURATION_MATCH_ROUTE_MATCH_ACTION_REDIRECT:
		return r->action_case == ENVOY__CONFIG__ROUTE__V3__ROUTE__ACTION_REDIRECT;
	case ISTIO_ENVOY_FILTER_ROUTE_CONFIGURATION_MATCH_ROUTE_MATCH_ACTION_DIRECT_RESPONSE:
		return r->action_case == ENVOY__CONFIG__ROUTE__V3__ROUTE__ACTION_DIRECT_RESPONSE;
	default:
		return true;
	}
}

static bool is_wanted(const char *want, const char *name)
{
	return !want || !*want || strcmp(want, name) == 0;
}

static void patch_virtual_host(struct gen *g, pb_vhost *v, const struct rate_patch *p,
			       const struct istio_envoy_filter_route_configuration_match_virtual_host_match *m)
{
	if (m && !is_wanted(m->name, v->name))
		return;
	gen_use(g, &p->f->o);
	if (p->kind == RATE_PATCH_VIRTUAL_HOST) {
		put_virtual_host(g, v, p);
		return;
	}
	for (size_t i = 0; i < v->n_routes; i++)
		if (!m || !m->route ||
		    (is_wanted(m->route->name, v->routes[i]->name) && has_action(v->routes[i], m->route->action)))
			put_route(g, v->routes[i], p);
}

void gen_patch_routes(struct gen *g, pb_route_config *rc, enum gen_direction d, uint16_t port)
{
	for (size_t i = 0; i < g->n_patches; i++) {
		struct rate_patch *p = &g->patches[i];
		const struct istio_envoy_filter_route_configuration_match *m =
			p->in->match ? p->in->match->route_configuration : NULL;

		if ((p->kind != RATE_PATCH_VIRTUAL_HOST && p->kind != RATE_PATCH_ROUTE) || !in_context(p, d))
			continue;
		if (m && ((m->port_number && m->port_number != port) || !is_wanted(m->name, rc->name)))
			continue;
		decode_routes(g, p);
		for (size_t k = 0; k < rc->n_virtual_hosts; k++)
			patch_virtual_host(g, rc->virtual_hosts[k], p, m ? m->vhost : NULL);
	}
}

/* ---- clusters ---- */

#define CLUSTER_TYPE(x) ENVOY__CONFIG__CLUSTER__V3__CLUSTER__DISCOVERY_TYPE__##x

/* One that brings its endpoints along; HTTP/2 is said as proxies of today are told. */
static pb_cluster *cluster_of(struct gen *g, const struct rate_patch *p)
{
	cJSON *copy = copy_of(g, p->in->patch->value);
	const bool http2 = rate_member(copy, "http2_protocol_options") != NULL;
	pb_cluster *c;

	cJSON_DeleteItemFromObjectCaseSensitive(copy, "http2_protocol_options");
	cJSON_DeleteItemFromObjectCaseSensitive(copy, "http2ProtocolOptions");
	c = decode(g, p, "patch.value", &envoy__config__cluster__v3__cluster__descriptor, copy);
	if (!c)
		return NULL;
	if (!c->load_assignment || (c->type != CLUSTER_TYPE(STATIC) && c->type != CLUSTER_TYPE(STRICT_DNS) &&
				    c->type != CLUSTER_TYPE(LOGICAL_DNS))) {
		gen_note(g, p->f->o.obj, path_of(g, p, "patch.value.type"),
			 "a cluster must be STATIC, STRICT_DNS or LOGICAL_DNS and have a load_assignment; it is left "
			 "out");
		return NULL;
	}
	if (http2)
		gen_speak_http2(g, c);
	return c;
}

/* Of one name the first counts; another one that is the same is as good. */
static void add_cluster(struct gen *g, struct map *seen, const struct rate_patch *p)
{
	pb_cluster *c = cluster_of(g, p);
	struct slice bytes, *before_it;

	if (!c)
		return;
	gen_use(g, &p->f->o);
	bytes = pb_pack_arena(g->arena, &c->base);
	before_it = map_get(seen, slice_str(c->name));
	if (before_it && !slice_eq(*before_it, bytes))
		gen_note(g, p->f->o.obj, path_of(g, p, "patch.value.name"),
			 "another EnvoyFilter has a cluster %s that is different; that one counts", c->name);
	if (before_it)
		return;
	before_it = ARENA_NEW(g->arena, struct slice);
	*before_it = bytes;
	map_set(seen, slice_str(c->name), before_it);
	gen_add(g, c->name, c);
}

void gen_patch_clusters(struct gen *g)
{
	CLEANUP(map_done) struct map seen = {0};

	for (size_t i = 0; i < g->n_patches; i++) {
		const struct rate_patch *p = &g->patches[i];
		const enum gen_direction d = g->proxy->type == PROXY_SIDECAR ? GEN_OUTBOUND : GEN_GATEWAY;

		if (p->kind == RATE_PATCH_CLUSTER &&
		    (in_context(p, d) || (d == GEN_OUTBOUND && in_context(p, GEN_INBOUND))))
			add_cluster(g, &seen, p);
	}
}
