/*
 * Nearer endpoints first: those of the proxy's own place have the highest priority, farther ones take over as those
 * fail. Without outlier detection no endpoint is ever known to fail, so priorities are for services that have it.
 */
#include "compile/gen.h"

#include "mesh/workload.h"

#define LEVELS 5 /* same subzone, zone, region; another region; one that failover does not name */

/* The settings that count, or NULL where priorities are switched off. The rule's replace the mesh's. */
static const struct istio_locality_load_balancer_setting *find_settings(struct gen *g, const struct gen_policy *p)
{
	static const struct istio_locality_load_balancer_setting none;
	const struct istio_locality_load_balancer_setting *s = p->lb ? p->lb->locality_lb_setting : NULL;

	if (!s)
		s = gen_mesh(g)->spec.locality_lb_setting;
	if (s && s->enabled && !*s->enabled)
		return NULL;
	return s ? s : &none;
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

void gen_set_priorities(struct gen *g, pb_cla *cla, const struct gen_policy *policy)
{
	const struct istio_locality_load_balancer_setting *s = policy->outlier ? find_settings(g, policy) : NULL;
	const struct locality own = labels_locality(g->arena, &g->proxy->labels);
	unsigned priority[LEVELS] = {0}, n = 0;
	bool there[LEVELS] = {false};

	if (!s || !*own.region)
		return;
	for (size_t i = 0; i < cla->n_endpoints; i++)
		there[level_of(&own, cla->endpoints[i]->locality, s)] = true;
	for (unsigned k = 0; k < LEVELS; k++) /* without gaps */
		priority[k] = there[k] ? n++ : 0;
	for (size_t i = 0; i < cla->n_endpoints; i++)
		cla->endpoints[i]->priority = priority[level_of(&own, cla->endpoints[i]->locality, s)];
}

const char *gen_locality_text(struct gen *g)
{
	const struct locality l = labels_locality(g->arena, &g->proxy->labels);

	return arena_printf(g->arena, "%s/%s/%s", l.region, l.zone, l.subzone);
}
