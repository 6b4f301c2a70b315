/* Compiling and decoding for one proxy. */
#include "ctl/mesh/view.h"

#include <string.h>

#include "config/config_parts.h"
#include "xds/json.h"
#include "xds/pb.h"

/* Clusters before what leads to them, as they are pushed. */
const enum xds_type mesh_view_types[] = {XDS_CLUSTER, XDS_ENDPOINT, XDS_LISTENER, XDS_ROUTE, XDS_TYPE_NONE};

const char *mesh_type_name(enum xds_type t)
{
	switch (t) {
	case XDS_CLUSTER:
		return "clusters";
	case XDS_ENDPOINT:
		return "endpoints";
	case XDS_LISTENER:
		return "listeners";
	case XDS_ROUTE:
		return "routes";
	case XDS_SECRET:
		return "secrets";
	default:
		return xds_type_short(t);
	}
}

static struct config_node *node_of(const struct proxy *p)
{
	struct config_node *n = NEW(struct config_node);

	n->refs = 1;
	n->type = p->type == PROXY_ROUTER ? NODE_ROUTER : NODE_SIDECAR;
	n->id = arena_strdup(&n->arena, p->node_id);
	n->cluster = arena_printf(&n->arena, "%s.%s", p->workload, p->ns);
	n->name = arena_strdup(&n->arena, p->name);
	n->namespace_ = arena_strdup(&n->arena, p->ns);
	n->ip = arena_strdup(&n->arena, p->ip);
	n->workload = arena_strdup(&n->arena, p->workload);
	n->service_account = arena_strdup(&n->arena, p->service_account);
	return n;
}

static void decode(struct mesh_view *v, struct xds_resource *r)
{
	const struct build_update u = {.type = r->type, .changed = &r, .n_changed = 1};
	struct err e = ERR_INIT;

	if (build_apply(v->build, &u, &e) < 0)
		vec_push(&v->refusals, (struct mesh_refusal){r->type, r->name, arena_strdup(&v->arena, e.msg)});
}

/* The certificates that a proxy has when it runs: what stands in them does not matter here. */
static void give_secrets(struct mesh_view *v)
{
	build_set_secret(v->build, config_secret_new("default", SLICE("c"), SLICE("k"), SLICE("")));
	build_set_secret(v->build, config_secret_new("ROOTCA", SLICE(""), SLICE(""), SLICE("r")));
}

void mesh_view_make(struct mesh *m, const struct proxy *p, struct mesh_view *ret)
{
	struct config_node *node = node_of(p);

	memset(ret, 0, sizeof(*ret));
	ret->proxy = *p;
	ret->build = build_new(node);
	config_node_unref(node);
	compile_view(m->snap, &ret->proxy, (1u << XDS_TYPE_COUNT) - 1, &m->pool, NULL, &ret->result);
	for (size_t i = 0; mesh_view_types[i] != XDS_TYPE_NONE; i++) {
		const struct xds_set *set = ret->result.sets[mesh_view_types[i]];

		for (size_t k = 0; set && k < set->n; k++)
			decode(ret, set->v[k]);
	}
	give_secrets(ret);
	ret->config = build_config(ret->build);
}

void mesh_view_done(struct mesh_view *v)
{
	config_unref(v->config);
	build_free(v->build);
	compile_result_done(&v->result);
	vec_done(&v->refusals);
	arena_done(&v->arena);
	memset(v, 0, sizeof(*v));
}

cJSON *mesh_resource_json(const struct xds_resource *r)
{
	const char *url = xds_type_url(r->type), *slash = strrchr(url, '/');
	CLEANUP(arena_done) struct arena a = ARENA_INIT;

	return pb_to_json(pb_unpack(&a, pb_descriptor(slash + 1), r->bytes));
}

const char *mesh_note_place(const struct mesh *m, const struct compile_note *n, struct arena *a)
{
	const struct source_object *s = mesh_source(m, n->kind, n->ns, n->name);

	return s && s->lines ? source_place(s, n->path, a) : arena_printf(a, "%s/%s", n->ns, n->name);
}
