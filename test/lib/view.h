/* What a proxy of the small mesh is sent, for tests that run it: apart from world.h, whose types the proxy's clash
 * with. */
#ifndef TEST_VIEW_H
#define TEST_VIEW_H

struct build;

/* Compiles the view of a proxy (see world_proxy) on objects in YAML (ended by NULL) and gives all of it to b. Aborts
 * when something is refused. */
void view_fill(struct build *b, const char *const *yaml, const char *type, const char *ns, const char *labels);

#endif
