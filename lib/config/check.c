/* One resource, decoded alone. Parts refer to one another by name only, so nothing else has to be there. */
#include "config/check.h"

#include "config/build_internal.h"

static struct build_resolved resolve_none(void *ctx, const char *host, uint16_t port)
{
	(void)ctx, (void)host, (void)port;
	return (struct build_resolved){NULL, 0};
}

/* Endpoints are built for a cluster; what they may say does not depend on which. */
static int check_endpoints(struct slice bytes, struct err *e)
{
	CLEANUP(arena_done) struct arena a = ARENA_INIT;
	struct config_cluster_spec *spec = config_cluster_spec_new();
	struct config_transport plain = {.name = ""};
	struct config_endpoints *made = NULL;
	const ENDPOINT(ClusterLoadAssignment) *m =
		build_decode(&a, &envoy__config__endpoint__v3__cluster_load_assignment__descriptor, bytes, e);
	int r;

	spec->transports = &plain;
	spec->n_transports = 1;
	r = m ? build_endpoint_set(spec, m, resolve_none, NULL, &made, e) : -EINVAL;
	config_endpoints_unref(made);
	config_cluster_spec_unref(spec);
	return r;
}

int config_check(const struct xds_resource *r, struct err *e)
{
	CLEANUP(build_freep) struct build *b = NULL;
	struct xds_resource *one = (struct xds_resource *)r;
	struct build_update u = {.type = r->type, .changed = &one, .n_changed = 1};

	if (r->type == XDS_ENDPOINT) {
		int why = check_endpoints(r->bytes, e);
		return why < 0 ? err_wrap(e, why, "endpoints '%.*s'", SLICE_ARG(r->name)) : 0;
	}
	b = build_new(NULL);
	return build_apply(b, &u, e);
}
