/* Objects -> admission -> store -> snapshot -> xDS resources -> the proxy's builder. */
#include "mesh.h"

#include <errno.h>
#include <stdlib.h>

#include "api/kind.h"
#include "api/object.h"
#include "config/build.h"
#include "msg/json.h"
#include "msg/yaml.h"
#include "validate/validate.h"
#include "world.h"
#include "xds/json.h"

struct mesh {
	struct world world;
	struct compile_result sent; /* what the builder has */
	struct buf told;
	bool changed;
};

struct mesh *mesh_new(const char *settings)
{
	static const char *const nothing[] = {NULL};
	struct mesh *m = NEW(struct mesh);

	world_init(&m->world, settings, nothing);
	return m;
}

void mesh_free(struct mesh *m)
{
	if (!m)
		return;
	compile_result_done(&m->sent);
	world_done(&m->world);
	buf_done(&m->told);
	free(m);
}

/* ---- objects ---- */

static void on_error(void *arg, const char *path, const char *text)
{
	struct buf *out = arg;

	buf_printf(out, "%s%s: %s", out->len ? "; " : "", path, text);
}

static int put(void *arg, cJSON *doc, struct err *e)
{
	CLEANUP(buf_done) struct buf wrong = BUF_INIT;
	struct mesh *m = arg;
	struct api_object *o = NULL;
	int r = api_object_decode(doc, NULL, NULL, &o, e);

	cJSON_Delete(doc);
	if (r < 0)
		return r;
	if (validate_object(o, on_error, NULL, &wrong) > 0) {
		r = err_set(e, -EINVAL, "%s %s: %s", o->kind->kind, api_object_name(o), buf_str(&wrong));
		api_object_unref(o);
		return r;
	}
	store_put(m->world.store, o);
	m->changed = true;
	return 0;
}

int mesh_put(struct mesh *m, struct slice yaml, struct err *e)
{
	return yaml_each(yaml, put, m, e);
}

int mesh_remove(struct mesh *m, struct slice what, struct err *e)
{
	struct slice name = what, kind = slice_split(&name, ' '), ns = slice_split(&name, '/');
	CLEANUP(arena_done) struct arena a = ARENA_INIT;

	for (size_t i = 0; i < api_kinds_count(); i++) {
		if (!slice_eq_str(kind, api_kind_at(i)->kind))
			continue;
		if (!store_remove(m->world.store, api_kind_at(i), arena_slicedup(&a, ns), arena_slicedup(&a, name)))
			continue;
		m->changed = true;
		return 0;
	}
	return err_set(e, -ENOENT, "there is no %.*s", SLICE_ARG(what));
}

/* ---- views ---- */

static struct proxy proxy_of(struct arena *a, const struct mesh_proxy *p)
{
	struct proxy x = world_proxy(a, p->type, p->ns, p->labels);

	x.ip = p->ip;
	x.service_account = p->service_account;
	x.weft = x.stats_filters = !p->envoy;
	return x;
}

static void compile(struct mesh *m, const struct mesh_proxy *p, struct compile_result *ret)
{
	CLEANUP(arena_done) struct arena a = ARENA_INIT;
	struct proxy x = proxy_of(&a, p);

	if (m->changed)
		world_rebuild(&m->world, CHANGE_ALL);
	m->changed = false;
	compile_view(m->world.snap, &x, (1u << XDS_TYPE_COUNT) - 1, &m->world.pool, NULL, ret);
}

/* One type, with the names that are gone. */
static int give(struct build *b, enum xds_type type, const struct xds_set *old, const struct xds_set *new,
		struct err *e)
{
	VEC(struct slice) gone = {0};
	int r;

	for (size_t i = 0; old && i < old->n; i++)
		if (!xds_set_find(new, old->v[i]->name))
			vec_push(&gone, old->v[i]->name);
	const struct build_update u = {.type = type,
				       .changed = new ? new->v : NULL,
				       .n_changed = new ? new->n : 0,
				       .removed = gone.v,
				       .n_removed = gone.n};
	r = build_apply(b, &u, e);
	vec_done(&gone);
	return r;
}

int mesh_fill(struct mesh *m, const struct mesh_proxy *p, struct build *b, struct err *e)
{
	static const enum xds_type order[] = {XDS_POD_BLOCK, XDS_CLUSTER, XDS_ENDPOINT, XDS_LISTENER, XDS_ROUTE};
	struct compile_result now = {0};
	int r = 0;

	compile(m, p, &now);
	for (size_t i = 0; r == 0 && i < ARRAY_LEN(order); i++)
		r = give(b, order[i], m->sent.sets[order[i]], now.sets[order[i]], e);
	compile_result_done(&m->sent);
	m->sent = now;
	return r;
}

struct said {
	struct buf *out;
	const struct api_object *o;
};

static void on_unsupported(void *arg, const char *path, const char *text)
{
	const struct said *s = arg;

	buf_printf(s->out, "%s %s/%s: %s: %s\n", s->o->kind->kind, api_object_namespace(s->o), api_object_name(s->o),
		   path, text);
}

/* What no view needs to be made for. */
static void say_unsupported(struct mesh *m)
{
	struct map_entry *e;

	for (size_t i = 0; (e = map_next(&m->world.snap->policies->by_name, &i));) {
		const struct mesh_object *o = e->value;
		struct said s = {&m->told, o->obj};

		validate_unsupported(o->obj, on_unsupported, &s);
	}
}

const char *mesh_told(struct mesh *m, const struct mesh_proxy *p)
{
	struct compile_result r = {0};

	compile(m, p, &r);
	buf_clear(&m->told);
	for (size_t i = 0; i < r.n_notes; i++) {
		const struct compile_note *n = &r.notes[i];

		buf_printf(&m->told, "%s %s/%s: %s: %s\n", n->kind ? n->kind->kind : "", n->ns, n->name, n->path,
			   n->text);
	}
	compile_result_done(&r);
	say_unsupported(m);
	return buf_str(&m->told);
}

/* ---- the view as static resources ---- */

static cJSON *resource_json(const struct xds_resource *x)
{
	CLEANUP(arena_done) struct arena a = ARENA_INIT;

	return pb_to_json(pb_unpack(&a, pb_descriptor(strrchr(xds_type_url(x->type), '/') + 1), x->bytes));
}

/* What only Istio's build of Envoy has. */
static bool is_foreign(const cJSON *filter)
{
	const char *type = json_str_or_empty(json_get(filter, "typed_config"), "@type");

	return !strstr(type, "/envoy.") || strstr(type, "envoy.tcp.metadataexchange");
}

static void drop_foreign(cJSON *list)
{
	for (cJSON *f = list ? list->child : NULL, *next; f; f = next) {
		next = f->next;
		if (is_foreign(f))
			cJSON_Delete(cJSON_DetachItemViaPointer(list, f));
	}
}

/* Route tables stand inside of their connection managers. */
static void settle_filter(const struct compile_result *r, cJSON *filter)
{
	cJSON *config = json_get(filter, "typed_config");
	const char *name = json_str(json_get(config, "rds"), "route_config_name");
	const struct xds_resource *x = name ? xds_set_find(r->sets[XDS_ROUTE], slice_str(name)) : NULL;

	drop_foreign(json_get(config, "http_filters"));
	if (!name)
		return;
	json_remove(config, "rds");
	json_set(config, "route_config", x ? resource_json(x) : cJSON_CreateObject());
}

/* The proxy's own address: the servers of the scenario have the port at theirs. */
static void settle_address(cJSON *listener, const char *ip)
{
	cJSON *at = json_get(json_get(listener, "address"), "socket_address");

	if (strcmp(json_str_or_empty(at, "address"), "0.0.0.0") == 0)
		json_set_str(at, "address", ip);
}

static cJSON *listener_json(const struct compile_result *r, const struct xds_resource *x, const char *ip)
{
	cJSON *l = resource_json(x);

	settle_address(l, ip);

	for (cJSON *c = json_get(l, "filter_chains") ? json_get(l, "filter_chains")->child : NULL; c; c = c->next) {
		cJSON *filters = json_get(c, "filters");

		drop_foreign(filters);
		for (cJSON *f = filters ? filters->child : NULL; f; f = f->next)
			settle_filter(r, f);
	}
	return l;
}

/* Endpoints stand inside of their clusters. */
static cJSON *cluster_json(const struct compile_result *r, const struct xds_resource *x)
{
	cJSON *c = resource_json(x);
	const char *type = json_str_or_empty(c, "type");
	const struct xds_resource *endpoints = xds_set_find(r->sets[XDS_ENDPOINT], x->name);

	json_remove(c, "filters");
	/* Nobody hands out certificates here. */
	json_remove(c, "transport_socket_matches");
	if (strcmp(type, "EDS") != 0)
		return c;
	json_remove(c, "eds_cluster_config");
	json_set_str(c, "type", "STATIC");
	if (endpoints)
		json_set(c, "load_assignment", resource_json(endpoints));
	return c;
}

void mesh_static(struct mesh *m, const struct mesh_proxy *p, struct buf *out)
{
	struct compile_result r = {0};
	cJSON *all = cJSON_CreateObject(), *clusters = json_array(all, "clusters"),
	      *listeners = json_array(all, "listeners");

	compile(m, p, &r);
	for (size_t i = 0; r.sets[XDS_CLUSTER] && i < r.sets[XDS_CLUSTER]->n; i++)
		cJSON_AddItemToArray(clusters, cluster_json(&r, r.sets[XDS_CLUSTER]->v[i]));
	for (size_t i = 0; r.sets[XDS_LISTENER] && i < r.sets[XDS_LISTENER]->n; i++)
		cJSON_AddItemToArray(listeners, listener_json(&r, r.sets[XDS_LISTENER]->v[i], p->ip));
	json_print(all, out);
	cJSON_Delete(all);
	compile_result_done(&r);
}
