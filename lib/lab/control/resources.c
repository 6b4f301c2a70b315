/* The makers, and the walk. */
#include "lab/control/resources.h"

#include "base/cleanup.h"

/* Custom objects come before all of these: operators make anything. */
static const struct api_kind *const makers[] = {
	&api_kind_deployment,  &api_kind_stateful_set, &api_kind_daemon_set,
	&api_kind_cron_job,    &api_kind_job,          &api_kind_horizontal_pod_autoscaler,
	&api_kind_replica_set, &api_kind_service,
};

struct walk {
	size_t rank; /* of those that are visited now */
	void (*fn)(void *arg, const struct gvr *r);
	void *arg;
};

static size_t rank_of(const struct lab_resource *r)
{
	size_t i = 0;

	if (!r->api)
		return 0;
	while (i < ARRAY_LEN(makers) && makers[i] != r->api)
		i++;
	return i + 1;
}

static void visit(void *arg, const struct lab_resource *r)
{
	const struct walk *w = arg;

	if (r->namespaced && rank_of(r) == w->rank)
		w->fn(w->arg, &r->gvr);
}

void resources_makers_first(struct lab_api *api, void (*fn)(void *arg, const struct gvr *r), void *arg)
{
	struct walk w = {.fn = fn, .arg = arg};

	for (; w.rank <= ARRAY_LEN(makers) + 1; w.rank++)
		lab_resources_each(api, visit, &w);
}
