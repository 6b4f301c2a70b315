/* A tree walk. What cannot be known (HTTP attributes of a TCP connection) is false. */
#include "config/rbac.h"

#include "config/rbac_index.h"

static bool test_cidr(const struct rbac_cidr *c, const struct addr *a)
{
	struct config_cidr cidr = {c->address, c->prefix_bits};

	return a && a->len && config_cidr_has(&cidr, a);
}

/* Of several values of one attribute: whether one matches, or (all) every one. */
static bool test_names(const struct match_string *m, const char *const *names, size_t n, bool all)
{
	for (size_t i = 0; i < n; i++)
		if (match_string_test(m, slice_str(names[i])) != all)
			return !all;
	return all && n;
}

static bool test_authenticated(const struct rbac_expr *e, const struct rbac_input *in, bool all)
{
	if (!in->peer)
		return false;
	if (e->any)
		return true;
	if (in->peer->n_uris)
		return test_names(&e->string, in->peer->uris, in->peer->n_uris, all);
	return test_names(&e->string, in->peer->dns, in->peer->n_dns, all);
}

/* The joined value counts as one more: that is how a server may read it. */
static bool test_header(const struct rbac_expr *e, const struct rbac_input *in, bool all)
{
	struct match_header m = e->header;
	struct slice line;
	size_t cursor = 0;
	bool hit;

	if (!in->http)
		return false;
	m.invert = false;
	all ^= e->header.invert;
	hit = match_header_test(&m, in->header(in->ctx, m.name));
	while (hit == all && (line = in->header_line(in->ctx, m.name, &cursor)).ptr)
		hit = match_header_test(&m, line);
	return hit != e->header.invert;
}

static bool test(const struct rbac_expr *e, const struct rbac_input *in, bool all);

static bool test_kids(const struct rbac_expr *e, const struct rbac_input *in, bool all, bool stop_at)
{
	for (size_t i = 0; i < e->n_kids; i++)
		if (test(&e->kids[i], in, all) == stop_at)
			return stop_at;
	return !stop_at;
}

static bool test_port(const struct rbac_expr *e, const struct rbac_input *in)
{
	uint32_t port = in->destination ? addr_port(in->destination) : 0;

	return port >= e->port_from && port < e->port_to;
}

/* io.istio.peer_principal and the like: without the scheme, as Istio's metadata has it. */
static bool test_principal(const struct match_string *m, const struct rbac_input *in)
{
	struct slice p = in->principal;

	if (!p.len)
		return false;
	if (match_string_test(m, p))
		return true;
	return slice_starts(p, SLICE("spiffe://")) && match_string_test(m, slice_from(p, 9));
}

static bool test_metadata(const struct match_metadata *m, const struct rbac_input *in)
{
	if (m->value.kind == MATCH_VALUE_STRING && slice_eq(m->path[m->n_path - 1], SLICE("source.principal")))
		return test_principal(&m->value.string, in) != m->invert;
	return match_metadata_test(m, in->metadata);
}

/* all: several values must match together; the opposite below a "not". */
static bool test(const struct rbac_expr *e, const struct rbac_input *in, bool all)
{
	switch (e->op) {
	case RBAC_ANY:
		return true;
	case RBAC_AND:
		return test_kids(e, in, all, false);
	case RBAC_OR:
		return test_kids(e, in, all, true);
	case RBAC_NOT:
		return !test(&e->kids[0], in, !all);
	case RBAC_HEADER:
		return test_header(e, in, all);
	case RBAC_PATH:
		return in->http && match_string_test(&e->string, in->path);
	case RBAC_DEST_IP:
		return test_cidr(&e->cidr, in->destination);
	case RBAC_DEST_PORT:
		return test_port(e, in);
	case RBAC_SNI:
		return match_string_test(&e->string, in->server_name);
	case RBAC_AUTHENTICATED:
		return test_authenticated(e, in, all);
	case RBAC_DIRECT_IP:
		return test_cidr(&e->cidr, in->direct);
	case RBAC_REMOTE_IP:
		return test_cidr(&e->cidr, in->remote);
	case RBAC_METADATA:
		return test_metadata(e->metadata, in);
	case RBAC_FILTER_STATE:
		return test_principal(&e->string, in);
	}
	return false;
}

/* --- which policies --- */

struct walk {
	const struct rbac_rules *rules;
	const struct rbac_input *in;
	bool all;
	const struct rbac_policy *found; /* the first by name, NULL = none yet */
};

static void try_one(struct walk *w, uint32_t at)
{
	const struct rbac_policy *p = &w->rules->policies[at];

	if ((!w->found || p < w->found) && test(&p->permission, w->in, w->all) && test(&p->principal, w->in, w->all))
		w->found = p;
}

static void try_some(struct walk *w, struct rbac_positions some)
{
	for (size_t i = 0; i < some.n; i++)
		try_one(w, some.v[i]);
}

static void try_names(struct walk *w, const char *const *names, size_t n)
{
	for (size_t i = 0; i < n; i++)
		try_some(w, rbac_index_principal(w->rules->index, slice_str(names[i])));
}

static void try_candidates(struct walk *w)
{
	const struct rbac_index *x = w->rules->index;
	const struct tls_peer *peer = w->in->peer;

	try_some(w, rbac_index_rest(x));
	if (peer)
		try_names(w, peer->n_uris ? peer->uris : peer->dns, peer->n_uris ? peer->n_uris : peer->n_dns);
	if (w->in->http)
		try_some(w, rbac_index_path(x, w->in->path));
}

bool rbac_allows(const struct rbac_rules *rules, const struct rbac_input *in, const char **ret_policy)
{
	struct walk w = {rules, in, rules && rules->action == RBAC_ALLOW, NULL};

	*ret_policy = NULL;
	if (!rules)
		return true;
	if (rules->index)
		try_candidates(&w);
	for (uint32_t i = 0; !rules->index && i < rules->n && !w.found; i++)
		try_one(&w, i);
	if (w.found)
		*ret_policy = w.found->name;
	if (rules->action == RBAC_LOG)
		return true;
	return rules->action == RBAC_ALLOW ? w.found != NULL : w.found == NULL;
}

size_t rbac_shadow(const struct filter_rbac *r, const struct rbac_input *in, const char *filter,
		   struct metadata_entry ret[RBAC_SHADOW_MAX])
{
	const char *policy;
	bool allowed;
	size_t n = 0;

	if (!r->shadow)
		return 0;
	allowed = rbac_allows(r->shadow, in, &policy);
	if (policy)
		ret[n++] = (struct metadata_entry){
			.filter = slice_str(filter), .key = r->shadow_policy, .text = slice_str(policy)};
	ret[n++] = (struct metadata_entry){.filter = slice_str(filter),
					   .key = r->shadow_result,
					   .text = allowed ? SLICE("allowed") : SLICE("denied")};
	return n;
}
