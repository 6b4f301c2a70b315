/* The proxy's side of the small mesh of tests. */
#include "decide.h"

#include <stdio.h>
#include <stdlib.h>

#include "trace/span.h"
#include "xds/resource.h"

static void give(struct decide *d, enum xds_type type)
{
	const struct xds_set *set = d->result.sets[type];
	const struct build_update u = {type, set ? set->v : NULL, set ? set->n : 0, NULL, 0, NULL};
	struct err e = ERR_INIT;

	if (build_apply(d->build, &u, &e) < 0) {
		fprintf(stderr, "the proxy refuses: %s\n", e.msg);
		abort();
	}
}

void decide_init(struct decide *d, struct world *w, const struct proxy *p)
{
	static const enum xds_type order[] = {XDS_POD_BLOCK, XDS_CLUSTER, XDS_ENDPOINT, XDS_LISTENER, XDS_ROUTE};
	struct config_node *node = NEW(struct config_node);

	memset(d, 0, sizeof(*d));
	node->refs = 1;
	d->build = build_new(node);
	config_node_unref(node);
	compile_view(w->snap, p, (1u << XDS_TYPE_COUNT) - 1, &w->pool, NULL, &d->result);
	for (size_t i = 0; i < ARRAY_LEN(order); i++)
		give(d, order[i]);
	build_set_secret(d->build, config_secret_new("default", SLICE("c"), SLICE("k"), SLICE("")));
	build_set_secret(d->build, config_secret_new("ROOTCA", SLICE(""), SLICE(""), SLICE("r")));
	d->config = build_config(d->build);
}

void decide_done(struct decide *d)
{
	config_unref(d->config);
	build_free(d->build);
	compile_result_done(&d->result);
}

const struct config_listener *decide_listener(const struct decide *d, const char *name)
{
	return config_listener_named(d->config, name);
}

static const struct config_listener *listener_of(const struct decide *d, const struct decide_conn *c,
						 const struct addr *to)
{
	return c->listener ? decide_listener(d, c->listener) : config_listener_for(d->config, to);
}

/* As the proxy does: a listener that the original destination has not leaves it to virtualOutbound. */
static const struct config_listener *virtual_outbound(const struct decide *d)
{
	for (size_t i = 0; i < d->config->n_listeners; i++)
		if (d->config->listeners[i]->use_original_dst)
			return d->config->listeners[i];
	return NULL;
}

const struct config_chain *decide_chain(const struct decide *d, const struct decide_conn *c)
{
	const struct slice alpn = slice_str(c->alpn), sni = slice_str(c->sni);
	struct addr to, from;
	struct chain_input in = {.destination = &to,
				 .source = &from,
				 .tls = c->tls,
				 .alpn = &alpn,
				 .n_alpn = alpn.len > 0,
				 .server_name = sni};
	const struct config_listener *l;

	if (addr_parse(slice_str(c->ip ? c->ip : "10.244.0.98"), c->port, &to) < 0 ||
	    addr_parse(slice_str(c->from ? c->from : "10.244.0.99"), 40000, &from) < 0)
		abort();
	l = listener_of(d, c, &to);
	if (!l && !c->listener)
		l = virtual_outbound(d);
	return l ? config_chain_find(l, &in) : NULL;
}

const char *decide_tcp(const struct decide *d, struct arena *a, const struct decide_conn *c)
{
	const struct config_chain *chain = decide_chain(d, c);
	const char *all = "";

	if (!chain)
		return "(none)";
	if (chain->hcm)
		return "(http)";
	if (!chain->tcp->n_weighted)
		return chain->tcp->cluster.name;
	for (size_t i = 0; i < chain->tcp->n_weighted; i++)
		all = arena_printf(a, "%s%s%s", all, i ? "," : "", chain->tcp->weighted[i].cluster.name);
	return all;
}

static struct slice header_of(const void *ctx, struct slice name)
{
	struct slice value = slice_str(ctx), key = slice_split(&value, ':');

	return key.len && slice_eq(key, name) ? slice_trim(value) : slice_make(NULL, 0);
}

const struct route *decide_route_of(const struct decide *d, const struct decide_conn *c, const char *authority,
				    const char *path, const char *header, const char *scheme)
{
	const struct config_chain *chain = decide_chain(d, c);
	const struct route_table *t = chain && chain->hcm ? config_routes_of(d->config, chain->hcm) : NULL;
	const struct route_request rq = {.authority = slice_str(authority),
					 .path = slice_str(path),
					 .method = SLICE("GET"),
					 .scheme = slice_str(scheme),
					 .header = header_of,
					 .ctx = header};

	return t ? route_find(t, &rq) : NULL;
}

const struct route *decide_route(const struct decide *d, const struct decide_conn *c, const char *authority,
				 const char *path)
{
	return decide_route_of(d, c, authority, path, "", c->tls ? "https" : "http");
}

const char *decide_http(const struct decide *d, struct arena *a, const struct decide_conn *c, const char *authority,
			const char *path)
{
	const struct route *r = decide_route(d, c, authority, path);
	const char *all = "";

	if (!r)
		return "(none)";
	switch (r->action) {
	case ROUTE_ACTION_TO_HTTPS:
		return "(https)";
	case ROUTE_ACTION_REDIRECT:
		return "(redirect)";
	case ROUTE_ACTION_DIRECT_RESPONSE:
		return arena_printf(a, "(direct %u)", r->direct_code);
	case ROUTE_ACTION_WEIGHTED:
		for (size_t i = 0; i < r->n_weighted; i++)
			all = arena_printf(a, "%s%s%s", all, i ? "," : "", r->weighted[i].cluster.name);
		return all;
	default:
		return r->cluster.name;
	}
}

struct config_cluster decide_cluster(const struct decide *d, const char *name)
{
	return config_cluster_get(d->config, config_cluster_slot(d->config, slice_str(name)));
}

const char *decide_note(const struct decide *d, const char *object, const char *path)
{
	for (size_t i = 0; i < d->result.n_notes; i++)
		if (strcmp(d->result.notes[i].name, object) == 0 && strcmp(d->result.notes[i].path, path) == 0)
			return d->result.notes[i].text;
	return NULL;
}

int decide_tag(const struct filter_tracing *t, const char *name)
{
	CLEANUP(buf_done) struct buf key = BUF_INIT;
	struct slice text;

	if (t->provider == TRACING_ZIPKIN)
		trace_zipkin_name(&key, slice_str(name));
	else
		trace_otlp_name(&key, slice_str(name));
	for (size_t i = 0; i < t->n_tags; i++)
		if (slice_eq(t->tags[i].key, buf_slice(&key)))
			return (int)i;
	/* The first one of Zipkin's has no comma before it. */
	text = slice_from(buf_slice(&key), t->provider == TRACING_ZIPKIN);
	return memmem(t->constant.ptr, t->constant.len, text.ptr, text.len) ? -1 : -2;
}
