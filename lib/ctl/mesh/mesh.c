/* Objects into the store, and the snapshot of it. */
#include "ctl/mesh/mesh.h"

#include <stdarg.h>
#include <string.h>

#include "base/cleanup.h"
#include "ctl/mesh/mesh_internal.h"
#include "msg/json.h"

void mesh_init(struct mesh *m, const struct mesh_options *o)
{
	memset(m, 0, sizeof(*m));
	m->o = *o;
	if (!m->o.ns)
		m->o.ns = "default";
	m->store = store_new();
}

void mesh_done(struct mesh *m)
{
	snapshot_unref(m->snap);
	mesh_config_unref(m->config);
	mesh_plane_done(&m->plane);
	store_free(m->store);
	xds_pool_done(&m->pool);
	map_done(&m->sources);
	vec_done(&m->remarks);
	source_done(&m->set);
	arena_done(&m->arena);
}

void mesh_remark(struct mesh *m, const char *place, bool bad, const char *fmt, ...)
{
	CLEANUP(buf_done) struct buf text = BUF_INIT;
	va_list ap;

	va_start(ap, fmt);
	buf_vprintf(&text, fmt, ap);
	va_end(ap);
	vec_push(&m->remarks,
		 (struct mesh_remark){arena_strdup(&m->arena, place), arena_strdup(&m->arena, buf_str(&text)), bad});
	m->n_bad += bad;
}

static const char *key_of(struct arena *a, const struct api_kind *kind, const char *ns, const char *name)
{
	return arena_printf(a, "%s.%s/%s/%s", kind->plural, kind->group, ns, name);
}

const struct source_object *mesh_source(const struct mesh *m, const struct api_kind *kind, const char *ns,
					const char *name)
{
	CLEANUP(arena_done) struct arena a = ARENA_INIT;

	return map_get(&m->sources, slice_str(key_of(&a, kind, ns, name)));
}

bool mesh_from_file(const struct mesh *m, const struct api_object *o)
{
	const struct source_object *s = mesh_source(m, o->kind, api_object_namespace(o), api_object_name(o));

	return s && s->lines;
}

static void put(struct mesh *m, struct api_object *o)
{
	store_remove(m->store, o->kind, api_object_namespace(o), api_object_name(o));
	store_put(m->store, o);
}

int mesh_put(struct mesh *m, const cJSON *json, struct err *e)
{
	struct api_object *o = NULL;
	const int r = api_object_decode(json, NULL, NULL, &o, e);

	if (r == 0)
		put(m, o);
	return r;
}

struct unknown_fields {
	struct mesh *m;
	const struct source_object *s;
};

static void on_unknown(void *arg, const char *path)
{
	struct unknown_fields *u = arg;
	const cJSON *o = u->s->json;

	if (u->s->lines)
		mesh_remark(u->m, source_place(u->s, path, &u->m->arena), false,
			    "%s %s: %s is no field that the mesh knows", json_str_or_empty(o, "kind"),
			    json_str_or_empty(o, "metadata.name"), path);
}

/* What is no object of a kind that counts is passed over; one that cannot be decoded is told. */
static void read_object(struct mesh *m, struct source_object *s)
{
	const char *kind_name = json_str_or_empty(s->json, "kind"), *name = json_str_or_empty(s->json, "metadata.name");
	const struct api_kind *kind = api_kind_find(json_str_or_empty(s->json, "apiVersion"), kind_name);
	struct unknown_fields unknown = {m, s};
	struct api_object *o = NULL;
	struct err e = ERR_INIT;

	if (!kind || kind->flags & API_VIRTUAL)
		return;
	if (!*name) {
		mesh_remark(m, source_place(s, "metadata", &m->arena), true, "%s: it has no name", kind_name);
		return;
	}
	if (api_kind_namespaced(kind))
		json_default_str(json_object(s->json, "metadata"), "namespace", m->o.ns);
	if (api_object_decode(s->json, kind->flags & API_CUSTOM ? on_unknown : NULL, &unknown, &o, &e) < 0) {
		mesh_remark(m, source_place(s, "", &m->arena), true, "%s %s: %s", kind_name, name, e.msg);
		return;
	}
	map_set(&m->sources, slice_str(key_of(&m->arena, kind, api_object_namespace(o), name)), s);
	put(m, o);
}

static void read_objects(struct mesh *m)
{
	for (size_t i = 0; i < m->set.remarks.n; i++)
		mesh_remark(m, m->set.remarks.v[i].path, m->set.remarks.v[i].unread, "%s", m->set.remarks.v[i].text);
	for (size_t i = 0; i < m->set.objects.n; i++)
		read_object(m, &m->set.objects.v[i]);
}

static bool is_member(void *arg, const char *ns)
{
	return mesh_has_namespace(arg, ns);
}

int mesh_prepare(struct mesh *m, struct err *e)
{
	read_objects(m);
	return mesh_plane(m, e);
}

int mesh_build(struct mesh *m, struct err *e)
{
	int r = mesh_prepare(m, e);

	if (r == 0)
		r = mesh_make_pods(m, e);
	if (r == 0)
		r = mesh_make_slices(m, e);
	if (r == 0)
		m->snap = snapshot_build(m->store, NULL, CHANGE_ALL, NULL, m->config, is_member, m);
	return r;
}

const char *mesh_made_up_address(struct mesh *m, bool service, size_t number)
{
	return arena_printf(&m->arena, "198.%d.%zu.%zu", service ? 19 : 18, (number + 1) / 256 % 256,
			    (number + 1) % 256);
}
