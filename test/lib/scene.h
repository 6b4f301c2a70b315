/* A mesh, one proxy that holds all that is made for it, and the endpoints that its clusters give. */
#ifndef TEST_SCENE_H
#define TEST_SCENE_H

#include "decide.h"
#include "stage.h"

struct scene {
	struct arena a; /* the test's, for its proxy and its texts; ends with the scene */
	struct world w;
	struct decide d;
	struct stage *stage;
};

/* s is zeroed, but for its arena; yaml ends with NULL. */
void scene_init(struct scene *s, const struct proxy *p, const char *const *yaml);
/* The same with a MeshConfig, and what a control plane is told beside it. */
void scene_init_of(struct scene *s, const struct proxy *p, const struct mesh_settings *set, const char *mesh_yaml,
		   const char *const *yaml);
void scene_done(struct scene *s);

#endif
