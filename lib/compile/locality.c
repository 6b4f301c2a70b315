/*
 * What the place of the proxy means for the endpoints that it gets. Either the traffic of its place is shared out among
 * localities (distribute): then each has a weight, and those that get nothing are left out. Or near endpoints come
 * first: those of the proxy's own place, or that have labels in common with it, have the highest priority, farther ones
 * take over as those fail. Without outlier detection no endpoint is ever known to fail, so priorities are for services
 * that have it.
 */
#include "compile/gen.h"

#include <math.h>
#include <stdlib.h>

#define PLACE_LEVELS 5 /* same subzone, zone, region; another region; one that failover does not name */
#define SHARE_MAX_PERCENT 100
#define PRIORITY_MAX 127 /* Envoy takes no more; what is farther is as far */

static struct locality own_place(struct gen *g)
{
	return g->proxy->locality.region ? g->proxy->locality : labels_locality(g->arena, &g->proxy->labels);
}

/* The settings that count, or NULL where locality does not. The rule's replace the mesh's. */
static const struct istio_locality_load_balancer_setting *find_settings(struct gen *g, const struct gen_policy *p)
{
	static const struct istio_locality_load_balancer_setting none;
	const struct istio_locality_load_balancer_setting *of_mesh = gen_mesh(g)->spec.locality_lb_setting;
	const struct istio_locality_load_balancer_setting *s = p->lb ? p->lb->locality_lb_setting : NULL;
	const bool *enabled = s && s->enabled ? s->enabled : of_mesh ? of_mesh->enabled : NULL;

	if (enabled && !*enabled)
		return NULL;
	return s ? s : of_mesh ? of_mesh : &none;
}

/* Does the locality lie in the place, "region/zone/subzone"? Parts that are left out or "*" are any. */
static bool lies_in(const char *region, const char *zone, const char *subzone, const char *place)
{
	const char *const own[] = {region, zone, subzone};
	struct slice rest = slice_str(place);

	for (size_t i = 0; i < ARRAY_LEN(own); i++) {
		const struct slice part = i < 2 ? slice_split(&rest, '/') : rest;

		if (!slice_eq_str(part, own[i]) && !slice_eq_str(part, "*") && !(i && !part.len))
			return false;
	}
	return true;
}

bool gen_shares_out(struct gen *g, const struct service *svc, const struct gen_policy *policy)
{
	const struct istio_locality_load_balancer_setting *s = find_settings(g, policy);

	return s && s->distribute.n && svc->resolution != RESOLUTION_DNS_ROUND_ROBIN &&
	       !gen_client_chooses(g, svc, policy);
}

struct gen_near gen_near_of(struct gen *g, const struct service *svc, const struct gen_policy *policy)
{
	const struct istio_locality_load_balancer_setting *s = find_settings(g, policy);
	const bool shares = gen_shares_out(g, svc, policy);
	struct gen_near n = {.own = own_place(g)};

	if (s && !s->distribute.n && policy->outlier && (*n.own.region || *n.own.zone || s->failover_priority.n))
		n.failover = s;
	for (size_t i = 0; shares && !n.shares && i < s->distribute.n; i++)
		if (s->distribute.v[i].from &&
		    lies_in(n.own.region, n.own.zone, n.own.subzone, s->distribute.v[i].from))
			n.shares = s->distribute.v[i].to;
	return n;
}

/* The share in which the locality has part; NULL = it gets nothing. The first that fits. */
static const cJSON *share_of(const cJSON *shares, const char *region, const char *zone, const char *subzone)
{
	const cJSON *one;

	cJSON_ArrayForEach(one, shares)
	{
		if (cJSON_IsNumber(one) && one->valuedouble >= 1 && lies_in(region, zone, subzone, one->string))
			return one;
	}
	return NULL;
}

bool gen_near_takes(const struct gen_near *n, const struct endpoint *e)
{
	return !n->shares || share_of(n->shares, e->region, e->zone, e->subzone);
}

/* How far a place is from the proxy's, by region, zone and subzone. */
static unsigned distance(const struct locality *own, const struct endpoint *e,
			 const struct istio_locality_load_balancer_setting *s)
{
	if (strcmp(own->region, e->region) == 0) {
		if (strcmp(own->zone, e->zone) != 0)
			return 2;
		return strcmp(own->subzone, e->subzone) != 0;
	}
	for (size_t i = 0; i < s->failover.n; i++)
		if (s->failover.v[i].from && strcmp(s->failover.v[i].from, own->region) == 0)
			return s->failover.v[i].to && strcmp(s->failover.v[i].to, e->region) == 0 ? 3 : 4;
	return 3;
}

/* A workload's label; its place and node are some, too. All are of one cluster. */
static const char *label_of(const struct str_map *labels, const struct locality *l, const char *node, const char *key)
{
	const char *v = strcmp(key, "topology.kubernetes.io/region") == 0 ? l->region
			: strcmp(key, "topology.kubernetes.io/zone") == 0 ? l->zone
			: strcmp(key, "topology.istio.io/subzone") == 0   ? l->subzone
			: strcmp(key, MESH_NODE_LABEL) == 0               ? node
									  : "";

	if (!v || !*v)
		v = str_map_get(labels, key);
	return v ? v : "";
}

/* 0: all labels are the client's, or the value that is given; else the more the earlier the first one is that is not.
 */
static unsigned strangeness(struct gen *g, const struct gen_near *n, const struct endpoint *e)
{
	const struct locality place = {e->region, e->zone, e->subzone};

	for (size_t i = 0; i < n->failover->failover_priority.n; i++) {
		struct slice value = slice_str(n->failover->failover_priority.v[i]);
		const bool given = slice_find(value, '=') >= 0;
		const char *key = arena_slicedup(g->arena, slice_split(&value, '='));
		const char *own = label_of(&g->proxy->labels, &n->own, g->proxy->node_name, key);

		if (!slice_eq_str(given ? value : slice_str(own), label_of(&e->labels, &place, e->node, key)))
			return (unsigned)(n->failover->failover_priority.n - i);
	}
	return 0;
}

unsigned gen_near_level(struct gen *g, const struct gen_near *n, const struct endpoint *e)
{
	const struct istio_locality_load_balancer_setting *s = n->failover;

	if (!s)
		return 0;
	if (!s->failover_priority.n)
		return distance(&n->own, e, s);
	return strangeness(g, n, e) * PLACE_LEVELS +
	       (s->failover.n && (*n->own.region || *n->own.zone) ? distance(&n->own, e, s) : 0);
}

static int cmp_level(const void *a, const void *b)
{
	const unsigned x = *(const unsigned *)a, y = *(const unsigned *)b;

	return x < y ? -1 : x > y;
}

/* Levels become priorities without gaps. */
static void set_priorities(struct gen *g, pb_cla *cla)
{
	unsigned *sorted = ARENA_NEW_N(g->arena, unsigned, cla->n_endpoints);

	for (size_t i = 0; i < cla->n_endpoints; i++)
		sorted[i] = cla->endpoints[i]->priority;
	if (cla->n_endpoints)
		qsort(sorted, cla->n_endpoints, sizeof(*sorted), cmp_level);
	for (size_t i = 0; i < cla->n_endpoints; i++) {
		const unsigned level = cla->endpoints[i]->priority;
		unsigned nearer = 0;

		for (size_t k = 0; sorted[k] < level; k++)
			nearer += sorted[k] != sorted[k + 1];
		cla->endpoints[i]->priority = MIN(nearer, PRIORITY_MAX);
	}
}

/* Localities that have part in one share divide it by what their endpoints weigh. */
static void set_weights(struct gen *g, const struct gen_near *n, pb_cla *cla)
{
	const cJSON **share = ARENA_NEW_N(g->arena, const cJSON *, cla->n_endpoints);
	double *own = ARENA_NEW_N(g->arena, double, cla->n_endpoints);

	for (size_t i = 0; i < cla->n_endpoints; i++) {
		const pb_locality *l = cla->endpoints[i]->locality;

		share[i] = share_of(n->shares, l->region, l->zone, l->sub_zone);
		own[i] = cla->endpoints[i]->load_balancing_weight->value;
	}
	for (size_t i = 0; i < cla->n_endpoints; i++) {
		const double percent = MIN(share[i]->valuedouble, SHARE_MAX_PERCENT);
		double all = 0;

		for (size_t k = 0; k < cla->n_endpoints; k++)
			all += share[k] == share[i] ? own[k] : 0;
		cla->endpoints[i]->load_balancing_weight->value = (uint32_t)ceil(own[i] * floor(percent) / all);
	}
}

void gen_near_apply(struct gen *g, const struct gen_near *n, pb_cla *cla)
{
	if (n->shares)
		set_weights(g, n, cla);
	else if (n->failover)
		set_priorities(g, cla);
}

const char *gen_locality_text(struct gen *g)
{
	const struct policy_index *x = g->snap->policies;
	const struct locality l = own_place(g);
	const char *text;

	if (!x->asks_place)
		return "";
	text = arena_printf(g->arena, "%s/%s/%s", l.region, l.zone, l.subzone);
	for (size_t i = 0; i < x->near_labels.n; i++)
		text = arena_printf(g->arena, "%s,%s", text,
				    label_of(&g->proxy->labels, &l, g->proxy->node_name, x->near_labels.v[i]));
	return text;
}
