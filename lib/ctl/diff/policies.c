/*
 * Who is let in. Samples are what the rules of either side speak of: methods and paths that they name, by each identity
 * of the mesh and by nobody, put to the chains and policies of both sides.
 */
#include <string.h>

#include "base/cleanup.h"
#include "config/rbac.h"
#include "ctl/diff/diff_internal.h"
#include "net/tls.h"
#include "route/path.h"

#define VALUES_MAX 16 /* methods, and paths, that are tried */

struct values {
	const char *v[VALUES_MAX];
	size_t n;
};

struct asked {
	const char *method, *path, *authority;
};

static void add_value(struct values *to, const char *value)
{
	for (size_t i = 0; i < to->n; i++)
		if (!strcmp(to->v[i], value))
			return;
	if (to->n < VALUES_MAX)
		to->v[to->n++] = value;
}

static struct slice header(const void *ctx, struct slice name)
{
	const struct asked *q = ctx;

	if (slice_eq_str(name, ":method"))
		return slice_str(q->method);
	if (slice_eq_str(name, ":path"))
		return slice_str(q->path);
	if (slice_eq_str(name, ":authority") || slice_eq_str(name, "host"))
		return slice_str(q->authority);
	return slice_make(NULL, 0);
}

static struct slice no_line(const void *ctx, struct slice name, size_t *cursor)
{
	(void)ctx, (void)name, (void)cursor;
	return slice_make(NULL, 0);
}

/* --- what rules speak of --- */

static const char *text_of(struct comparison *k, const struct match_string *m, const char *more)
{
	if (m->kind == MATCH_EXACT || m->kind == MATCH_SUFFIX)
		return arena_slicedup(k->a, m->text);
	return m->kind == MATCH_PREFIX ? arena_printf(k->a, "%.*s%s", SLICE_ARG(m->text), more) : NULL;
}

static void collect(struct comparison *k, const struct rbac_expr *e, struct values *methods, struct values *paths)
{
	const char *text = NULL;

	if (e->op == RBAC_HEADER && slice_eq_str(e->header.name, ":method")) {
		text = text_of(k, &e->header.value, "");
		if (text)
			add_value(methods, text);
	} else if (e->op == RBAC_PATH) {
		text = text_of(k, &e->string, "x");
		if (text)
			add_value(paths, *text == '/' ? text : arena_printf(k->a, "/%s", text));
	}
	for (size_t i = 0; i < e->n_kids; i++)
		collect(k, &e->kids[i], methods, paths);
}

static void collect_chain(struct comparison *k, const struct config_chain *c, struct values *methods,
			  struct values *paths)
{
	for (size_t i = 0; c && c->hcm && i < c->hcm->n_filters; i++) {
		const struct filter_rbac *f = c->hcm->filters[i].kind == FILTER_RBAC ? c->hcm->filters[i].config : NULL;

		for (size_t n = 0; f && f->rules && n < f->rules->n; n++)
			collect(k, &f->rules->policies[n].permission, methods, paths);
	}
}

/* --- one side --- */

/* The chain that takes a connection to that port of the pod; principal NULL: plain text. */
static const struct config_chain *chain_for(const struct mesh_view *v, uint16_t port, const char *principal)
{
	static const struct slice plain[] = {{"http/1.1", 8}}, mesh[] = {{"istio-http/1.1", 14}, {"istio", 5}};
	const struct config_listener *l = config_listener_named(v->config, "virtualInbound");
	struct addr to, from;
	const struct chain_input in = {.destination = &to,
				       .source = &from,
				       .tls = principal != NULL,
				       .alpn = principal ? mesh : plain,
				       .n_alpn = principal ? 2 : 1};

	if (!l || addr_parse(slice_str(v->proxy.ip), port, &to) < 0 ||
	    addr_parse(SLICE("198.18.255.254"), 40000, &from) < 0)
		return NULL;
	return config_chain_find(l, &in);
}

static bool passes(const struct filter_rbac *f, const struct rbac_input *in)
{
	const char *name;

	return !f || !f->rules || rbac_allows(f->rules, in, &name);
}

static bool is_allowed(const struct mesh_view *v, uint16_t port, const char *principal, const struct asked *q)
{
	const struct config_chain *c = chain_for(v, port, principal);
	const struct tls_peer peer = {.uri = principal, .uris = &principal, .n_uris = 1, .subject = ""};
	char folded[1024];
	struct addr to, from;
	struct rbac_input in;

	if (!c || addr_parse(slice_str(v->proxy.ip), port, &to) < 0 ||
	    addr_parse(SLICE("198.18.255.254"), 40000, &from) < 0)
		return false;
	in = (struct rbac_input){.destination = &to,
				 .direct = &from,
				 .remote = &from,
				 .peer = principal ? &peer : NULL,
				 .principal = slice_str(principal),
				 .http = c->hcm != NULL,
				 .path = slice_make(folded, path_fold(slice_head(slice_str(q->path), 300), folded)),
				 .header = header,
				 .header_line = no_line,
				 .ctx = q};
	for (size_t i = 0; i < c->n_rbac; i++)
		if (!passes(c->rbac[i], &in))
			return false;
	for (size_t i = 0; c->tcp && i < c->tcp->n_rbac; i++)
		if (!passes(c->tcp->rbac[i], &in))
			return false;
	for (size_t i = 0; c->hcm && i < c->hcm->n_filters; i++)
		if (c->hcm->filters[i].kind == FILTER_RBAC && !passes(c->hcm->filters[i].config, &in))
			return false;
	return true;
}

/* --- both --- */

static void try_one(struct comparison *k, uint16_t port, const char *caller, const struct asked *q, bool http)
{
	const bool was = is_allowed(k->old, port, caller, q), is = is_allowed(k->now, port, caller, q);
	const char *by = caller ? caller : "plain text";

	if (was == is)
		return;
	if (http)
		diff_say(k, is ? "allowed" : "denied", "%s %s on port %u, by %s", q->method, q->path, port, by);
	else
		diff_say(k, is ? "allowed" : "denied", "connections to port %u, by %s", port, by);
}

static void try_port(struct comparison *k, uint16_t port)
{
	const struct config_chain *chains[] = {chain_for(k->old, port, "x"), chain_for(k->now, port, "x"),
					       chain_for(k->old, port, NULL), chain_for(k->now, port, NULL)};
	struct values methods = {{"GET"}, 1}, paths = {{"/"}, 1};
	bool http = false;

	for (size_t i = 0; i < ARRAY_LEN(chains); i++) {
		http |= chains[i] && chains[i]->hcm;
		collect_chain(k, chains[i], &methods, &paths);
	}
	for (size_t m = 0; m < (http ? methods.n : 1); m++)
		for (size_t p = 0; p < (http ? paths.n : 1); p++) {
			const struct asked q = {methods.v[m], paths.v[p], k->now->proxy.workload};

			try_one(k, port, NULL, &q, http);
			for (size_t i = 0; i < k->n_callers; i++)
				try_one(k, port, k->callers[i], &q, http);
		}
}

/* The ports that its inbound clusters have: "inbound|8080||". */
void diff_policies(struct comparison *k)
{
	const struct xds_set *clusters = k->now->result.sets[XDS_CLUSTER];

	for (size_t i = 0; k->now->proxy.type == PROXY_SIDECAR && clusters && i < clusters->n; i++) {
		struct slice rest = clusters->v[i]->name;
		const struct slice first = slice_split(&rest, '|');
		uint64_t port;

		if (slice_eq_str(first, "inbound") && slice_to_u64(slice_split(&rest, '|'), 65535, &port) == 0 && port)
			try_port(k, (uint16_t)port);
	}
}
