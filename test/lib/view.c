/* Objects -> snapshot -> xDS bytes -> the proxy's builder. */
#include "view.h"

#include <stdio.h>
#include <stdlib.h>

#include "config/build.h"
#include "world.h"

void view_fill(struct build *b, const char *const *yaml, const char *type, const char *ns, const char *labels)
{
	static const enum xds_type order[] = {XDS_POD_BLOCK, XDS_CLUSTER, XDS_ENDPOINT, XDS_LISTENER, XDS_ROUTE};
	CLEANUP(arena_done) struct arena a = ARENA_INIT;
	struct proxy p = world_proxy(&a, type, ns, labels);
	struct compile_result result = {0};
	struct world w;

	world_init(&w, "", yaml);
	compile_view(w.snap, &p, (1u << XDS_TYPE_COUNT) - 1, &w.pool, NULL, &result);
	for (size_t i = 0; i < ARRAY_LEN(order); i++) {
		const struct xds_set *set = result.sets[order[i]];
		const struct build_update u = {
			.type = order[i], .changed = set ? set->v : NULL, .n_changed = set ? set->n : 0};
		struct err e = ERR_INIT;

		if (build_apply(b, &u, &e) < 0) {
			fprintf(stderr, "the proxy refuses: %s\n", e.msg);
			abort();
		}
	}
	compile_result_done(&result);
	world_done(&w);
}
