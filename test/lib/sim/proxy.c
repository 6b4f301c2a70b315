/*
 * The proxies: a gRPC channel, the xDS client and the decoder, as weft-proxy has them, and what each is asked to
 * believe and not to be shown. What is looked at with each response: no key of another namespace, none at all for who
 * may not have them, nothing for who is not who it says.
 */
#include "sim.h"

#include "compile/compile.h"
#include "config/build.h"
#include "xds/client.h"
#include "xds/pb.h"

static const struct role {
	const char *name, *ns, *token, *type, *label, *value, *ip;
	bool weft, delta;
	bool keys;  /* may have those of its namespace */
	bool liar;  /* says that it is another */
	bool picky; /* refuses what is called poison */
} roles[] = {
	{"catalog-1", "shop", "shop/catalog", "sidecar", "app", "catalog", "10.244.0.5", true, false, false, false},
	{"inventory-1", "stock", "stock/inventory", "sidecar", "app", "inventory", "10.244.0.6", true, true, false,
	 false},
	{"web-1", "shop", "shop/web", "sidecar", "app", "web", "10.244.0.20", false, false, false, false, true},
	{"late-1", "late", "late/late", "sidecar", "app", "late", "10.244.0.21", true, true, false, false},
	{"ingress-1", "mesh", "mesh/gw", "router", "istio", "ingressgateway", "10.244.0.30", true, false, true, false},
	{"ingress-2", "stock", "stock/gw", "router", "istio", "ingressgateway", "10.244.0.31", true, true, true, false},
	{"ingress-3", "shop", "shop/poor", "router", "istio", "ingressgateway", "10.244.0.32", false, false, false,
	 false},
	{"liar-1", "mesh", "shop/catalog", "router", "istio", "ingressgateway", "10.244.0.33", true, false, false,
	 true},
};

static struct sim_proxy {
	const struct role *role;
	struct grpc_channel *channel;
	struct xds_client *xds;
	struct build *build;
	struct arena arena;
	char vip[16];
} proxies[ARRAY_LEN(roles)];

static char wrong[1000];
static unsigned refusals;

unsigned sim_proxy_refusals(void)
{
	return refusals;
}

bool sim_proxy_picky(int i)
{
	return roles[i].picky;
}

static void complain(const struct sim_proxy *p, const char *what, struct slice name)
{
	sim_note("WRONG: %s: %s: %.*s", p->role->name, what, SLICE_ARG(name));
	if (!*wrong)
		snprintf(wrong, sizeof(wrong), "%s: %s: %.*s", p->role->name, what, SLICE_ARG(name));
}

/* ---- what is given ---- */

static void look_for_keys(const struct sim_proxy *p, const struct xds_resource *r)
{
	for (size_t i = 0; i < sim_mesh_keys(); i++) {
		const char *ns;
		const struct slice key = sim_mesh_key(i, &ns);

		if ((!p->role->keys || strcmp(ns, p->role->ns) != 0) &&
		    memmem(r->bytes.ptr, r->bytes.len, key.ptr, key.len))
			complain(p, "is given a key that is not its own", r->name);
	}
}

/* Marks what a picky proxy does not take, and says which one that is. */
static int taste(const struct sim_proxy *p, const struct xds_update *u, struct err *e)
{
	int r = 0;

	for (size_t i = 0; p->role->picky && i < u->n_changed; i++) {
		const struct xds_resource *x = u->changed[i];

		if (!memmem(x->bytes.ptr, x->bytes.len, "poison", 6))
			continue;
		u->refused[i] = true;
		refusals++;
		r = err_set(e, -EINVAL, "%s %.*s: there is poison in it", xds_type_short(u->type), SLICE_ARG(x->name));
	}
	return r;
}

static void note_marks(const struct sim_proxy *p, const struct xds_update *u)
{
	for (size_t i = 0; u->type == XDS_ROUTE && i < u->n_changed; i++)
		if (!u->refused[i])
			sim_mesh_saw((int)(p - proxies), u->changed[i]->bytes);
}

static int take_update(struct sim_proxy *p, const struct xds_update *u, struct err *e)
{
	struct xds_resource **kept = mem_calloc(u->n_changed + 1, sizeof(*kept));
	struct build_update b = {u->type, kept, 0, u->removed, u->n_removed, NULL};
	const int r = taste(p, u, e);

	for (size_t i = 0; i < u->n_changed; i++)
		if (!u->refused[i])
			kept[b.n_changed++] = u->changed[i];
	if (build_apply(p->build, &b, e) < 0)
		complain(p, "refuses", slice_str(e->msg));
	note_marks(p, u);
	free(kept);
	return r;
}

static int on_update(void *user, const struct xds_update *u, struct err *e)
{
	struct sim_proxy *p = user;
	int r;

	for (size_t i = 0; i < u->n_changed; i++)
		look_for_keys(p, u->changed[i]);
	if (p->role->liar)
		complain(p, "is given something", slice_str(xds_type_short(u->type)));
	r = take_update(p, u, e);
	sim_note("%s: %s: %zu changed, %zu gone%s%s", p->role->name, xds_type_short(u->type), u->n_changed,
		 u->n_removed, r < 0 ? ", refused: " : "", r < 0 ? e->msg : "");
	for (enum xds_type t = 0; t < XDS_TYPE_COUNT; t++) {
		const char *const *names;
		size_t n;

		if (t != XDS_ENDPOINT && t != XDS_ROUTE && t != XDS_SECRET)
			continue;
		names = build_wanted(p->build, t, &n);
		if (n || xds_client_set(p->xds, t))
			xds_client_subscribe(p->xds, t, names, n);
	}
	return r;
}

static void on_drop(void *user, enum xds_type type, struct slice name)
{
	struct sim_proxy *p = user;
	const struct build_update gone = {.type = type, .removed = &name, .n_removed = 1};

	(void)build_apply(p->build, &gone, NULL);
}

static void on_state(void *user, bool connected, int status, const char *text)
{
	const struct sim_proxy *p = user;

	if (connected)
		sim_note("%s: connected", p->role->name);
	else
		sim_note("%s: lost: %s %s", p->role->name, grpc_status_str(status), text ? text : "");
}

static int on_token(void *user, struct buf *out, struct err *e)
{
	const struct sim_proxy *p = user;

	(void)e;
	buf_append_str(out, p->role->token);
	return 0;
}

static const struct xds_client_ops ops = {
	.on_update = on_update, .on_drop = on_drop, .on_state = on_state, .token = on_token};

/* ---- who it says that it is ---- */

static Envoy__Config__Core__V3__Node *node_of_role(const struct role *r, struct arena *a)
{
	Envoy__Config__Core__V3__Node *n = PB_NEW(a, Envoy__Config__Core__V3__Node, envoy__config__core__v3__node);
	Google__Protobuf__Struct *labels = pb_struct(a);

	n->id = arena_printf(a, "%s~%s~%s.%s~%s.svc.cluster.local", r->type, r->ip, r->name, r->ns, r->ns);
	n->metadata = pb_struct(a);
	n->user_agent_name = (char *)(r->weft ? "weft-proxy" : "envoy");
	pb_struct_set_string(a, n->metadata, "NAMESPACE", r->ns);
	pb_struct_set_string(a, n->metadata, "ISTIO_VERSION", "1.20.8");
	pb_struct_set_string(a, labels, r->label, r->value);
	pb_struct_set(a, n->metadata, "LABELS", pb_value_struct(a, labels));
	return n;
}

/* ---- its life ---- */

static void start(int i)
{
	struct sim_proxy *p = &proxies[i];

	snprintf(p->vip, sizeof(p->vip), "10.96.1.%d", i);
	p->build = build_new(NULL);
	p->channel = grpc_channel_new(sim_loop, &(struct grpc_channel_params){.host = p->vip, .port = 15010});
	p->xds = xds_client_new(sim_loop, &(struct xds_client_params){.channel = p->channel,
								      .node = node_of_role(p->role, &p->arena),
								      .delta = p->role->delta,
								      .ops = &ops,
								      .user = p});
	xds_client_subscribe_all(p->xds, XDS_CLUSTER);
	xds_client_subscribe_all(p->xds, XDS_LISTENER);
}

static void stop(int i)
{
	struct sim_proxy *p = &proxies[i];

	xds_client_free(p->xds);
	grpc_channel_free(p->channel);
	build_free(p->build);
	arena_done(&p->arena);
	*p = (struct sim_proxy){.role = p->role};
}

void sim_proxies_start(void)
{
	*wrong = 0;
	refusals = 0;
	for (size_t i = 0; i < ARRAY_LEN(roles); i++) {
		proxies[i].role = &roles[i];
		start((int)i);
		xds_client_start(proxies[i].xds);
	}
}

void sim_proxies_stop(void)
{
	for (size_t i = 0; i < ARRAY_LEN(roles); i++)
		stop((int)i);
}

/* Gives the next life what this one had, in the order in which it refers to one another. */
static void restore(int i, struct xds_set *saved[XDS_TYPE_COUNT])
{
	struct sim_proxy *p = &proxies[i];

	for (enum xds_type t = 0; t < XDS_TYPE_COUNT; t++) {
		const struct build_update b = {
			.type = t, .changed = saved[t] ? saved[t]->v : NULL, .n_changed = saved[t] ? saved[t]->n : 0};
		struct err e = ERR_INIT;

		if (!saved[t])
			continue;
		if (build_apply(p->build, &b, &e) < 0)
			complain(p, "refuses what it had", slice_str(e.msg));
		xds_client_restore(p->xds, t, saved[t]);
		xds_set_unref(saved[t]);
	}
}

void sim_proxy_restart(int i, bool saved)
{
	struct xds_set *had[XDS_TYPE_COUNT] = {0};

	sim_note("%s: dies, and begins again with %s", roles[i].name, saved ? "what it had" : "nothing");
	for (enum xds_type t = 0; saved && t < XDS_TYPE_COUNT; t++)
		had[t] = xds_set_ref(xds_client_set(proxies[i].xds, t));
	sim_net_break(-1, i);
	stop(i);
	start(i);
	restore(i, had);
	xds_client_start(proxies[i].xds);
}

/* ---- looking at it ---- */

size_t sim_proxies(void)
{
	return ARRAY_LEN(roles);
}

const char *sim_proxy_name(int i)
{
	return roles[i].name;
}

bool sim_proxy_counts(int i)
{
	return !roles[i].liar && sim_mesh_member(roles[i].ns);
}

const char *sim_proxy_wrong(void)
{
	return wrong;
}

/* A secret that is gone stays where state of the world is spoken: there is no word to take it away. */
static bool is_kept(const struct role *r, const struct xds_resource *res)
{
	const struct slice scheme = SLICE("kubernetes://");

	return res->type == XDS_SECRET && !r->delta && slice_starts(res->name, scheme) &&
	       !sim_mesh_has_secret(r->ns, slice_from(res->name, scheme.len));
}

/* What came for a name that was not wanted any more by then is held, and used for nothing. */
static bool is_used(const struct sim_proxy *p, const struct xds_resource *r)
{
	const char *const *names;
	size_t n;

	if (r->type != XDS_ENDPOINT && r->type != XDS_ROUTE && r->type != XDS_SECRET)
		return true;
	names = build_wanted(p->build, r->type, &n);
	for (size_t i = 0; i < n; i++)
		if (slice_eq_str(r->name, names[i]))
			return true;
	return false;
}

void sim_proxy_state(int i, struct buf *out)
{
	for (enum xds_type t = 0; t < XDS_TYPE_COUNT; t++) {
		const struct xds_set *s = xds_client_set(proxies[i].xds, t);

		for (size_t k = 0; s && k < s->n; k++)
			if (!is_kept(&roles[i], s->v[k]) && is_used(&proxies[i], s->v[k]))
				buf_printf(out, "%s %s %.*s %s\n", roles[i].name, xds_type_short(t),
					   SLICE_ARG(s->v[k]->name), s->v[k]->version);
	}
}
