/* One worker of the proxy that runs nothing, under a configuration: for questions to clusters. */
#ifndef TEST_STAGE_H
#define TEST_STAGE_H

#include "base/arena.h"
#include "config/config.h"

struct stage;

/* The configuration outlives the stage. */
struct stage *stage_new(struct config *c);
void stage_free(struct stage *s);

/*
 * The endpoint that a cluster gives, as "10.244.1.10:8080 tls" or "... plain"; "(none)". original: where the connection
 * wanted to go, on port 80, or NULL. any: the route says that any endpoint will do.
 */
const char *stage_pick(struct stage *s, struct arena *a, const char *cluster, const char *original, bool any);

#endif
