/*
 * What the place of the proxy means for the endpoints that it gets. Either the traffic of its place is shared out among
 * localities (distribute): then each has a weight, and those that get nothing are left out. Or near endpoints come
 * first: those of the proxy's own place have the highest priority, farther ones take over as those fail. Without outlier
 * detection no endpoint is ever known to fail, so priorities are for services that have it.
 */
#include "compile/gen.h"

#include <math.h>

#include "mesh/workload.h"

#define PLACE_LEVELS 5 /* same subzone, zone, region; another region; one that failover does not name */
#define SHARE_MAX_PERCENT 100

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
	struct gen_near n = {.own = labels_locality(g->arena, &g->proxy->labels)};

	if (s && !s->distribute.n && policy->outlier && *n.own.region)
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

static unsigned level_of(const struct locality *own, const pb_locality *l,
			 const struct istio_locality_load_balancer_setting *s)
{
	if (strcmp(own->region, l->region) == 0) {
		if (strcmp(own->zone, l->zone) != 0)
			return 2;
		return strcmp(own->subzone, l->sub_zone) != 0;
	}
	for (size_t i = 0; i < s->failover.n; i++)
		if (s->failover.v[i].from && strcmp(s->failover.v[i].from, own->region) == 0)
			return s->failover.v[i].to && strcmp(s->failover.v[i].to, l->region) == 0 ? 3 : 4;
	return 3;
}

static void set_priorities(const struct gen_near *n, pb_cla *cla)
{
	unsigned priority[PLACE_LEVELS] = {0}, next = 0;
	bool there[PLACE_LEVELS] = {false};

	for (size_t i = 0; i < cla->n_endpoints; i++)
		there[level_of(&n->own, cla->endpoints[i]->locality, n->failover)] = true;
	for (unsigned k = 0; k < PLACE_LEVELS; k++) /* without gaps */
		priority[k] = there[k] ? next++ : 0;
	for (size_t i = 0; i < cla->n_endpoints; i++)
		cla->endpoints[i]->priority = priority[level_of(&n->own, cla->endpoints[i]->locality, n->failover)];
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
		set_priorities(n, cla);
}

const char *gen_locality_text(struct gen *g)
{
	const struct locality l = labels_locality(g->arena, &g->proxy->labels);

	return arena_printf(g->arena, "%s/%s/%s", l.region, l.zone, l.subzone);
}
