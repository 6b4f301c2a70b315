/* Names and places of objects. */
#include "ctl/mesh/place.h"

#include "msg/json.h"

const char *mesh_place(const struct mesh *m, const struct api_object *o, const char *path, struct arena *a)
{
	const struct source_object *s = mesh_source(m, o->kind, api_object_namespace(o), api_object_name(o));

	if (s && s->lines)
		return source_place(s, path, a);
	return arena_printf(a, "%s %s/%s", o->kind->kind, api_object_namespace(o), api_object_name(o));
}

cJSON *mesh_named(const struct api_object *o, const char *path)
{
	cJSON *named = cJSON_CreateObject();

	json_set_str(named, "kind", o->kind->kind);
	json_set_str(named, "namespace", api_object_namespace(o));
	json_set_str(named, "name", api_object_name(o));
	json_set_str(named, "path", path);
	return named;
}
