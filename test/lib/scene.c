/* See scene.h. */
#include "scene.h"

static void watch(struct scene *s, const struct proxy *p)
{
	decide_init(&s->d, &s->w, p);
	s->stage = stage_new(s->d.config);
}

void scene_init(struct scene *s, const struct proxy *p, const char *const *yaml)
{
	world_init(&s->w, "", yaml);
	watch(s, p);
}

void scene_init_of(struct scene *s, const struct proxy *p, const struct mesh_settings *set, const char *mesh_yaml,
		   const char *const *yaml)
{
	world_init_of(&s->w, set, mesh_yaml, yaml);
	watch(s, p);
}

void scene_done(struct scene *s)
{
	stage_free(s->stage);
	decide_done(&s->d);
	world_done(&s->w);
	arena_done(&s->a);
}
