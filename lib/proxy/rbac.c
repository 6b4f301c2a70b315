/* A tree walk. What cannot be known (HTTP attributes of a TCP connection) is false. */
#include "proxy/rbac.h"

static bool test_cidr(const struct rbac_cidr *c, const struct addr *a)
{
	struct config_cidr cidr = {c->address, c->prefix_bits};

	return a && a->len && config_cidr_has(&cidr, a);
}

static bool test_authenticated(const struct rbac_expr *e, const struct rbac_input *in)
{
	if (!in->peer)
		return false;
	if (e->any)
		return true;
	for (size_t i = 0; i < in->peer->n_uris; i++)
		if (match_string_test(&e->string, slice_str(in->peer->uris[i])))
			return true;
	for (size_t i = 0; !in->peer->n_uris && i < in->peer->n_dns; i++)
		if (match_string_test(&e->string, slice_str(in->peer->dns[i])))
			return true;
	return false;
}

static bool test_path(const struct rbac_expr *e, const struct rbac_input *in)
{
	struct slice query = in->path;

	return in->http && match_string_test(&e->string, slice_split(&query, '?'));
}

static bool test(const struct rbac_expr *e, const struct rbac_input *in);

static bool test_kids(const struct rbac_expr *e, const struct rbac_input *in, bool stop_at)
{
	for (size_t i = 0; i < e->n_kids; i++)
		if (test(&e->kids[i], in) == stop_at)
			return stop_at;
	return !stop_at;
}

static bool test_port(const struct rbac_expr *e, const struct rbac_input *in)
{
	uint32_t port = in->destination ? addr_port(in->destination) : 0;

	return port >= e->port_from && port < e->port_to;
}

/* io.istio.peer_principal and the like: without the scheme, as Istio's metadata has it. */
static bool test_principal(const struct rbac_expr *e, const struct rbac_input *in)
{
	struct slice p = in->principal;

	if (!p.len)
		return false;
	if (match_string_test(&e->string, p))
		return true;
	return slice_starts(p, SLICE("spiffe://")) && match_string_test(&e->string, slice_from(p, 9));
}

static bool test_metadata(const struct rbac_expr *e, const struct rbac_input *in)
{
	if (e->n_path && slice_eq(e->path[e->n_path - 1], SLICE("source.principal")))
		return test_principal(e, in);
	return false;
}

static bool test(const struct rbac_expr *e, const struct rbac_input *in)
{
	switch (e->op) {
	case RBAC_ANY:
		return true;
	case RBAC_AND:
		return test_kids(e, in, false);
	case RBAC_OR:
		return test_kids(e, in, true);
	case RBAC_NOT:
		return !test(&e->kids[0], in);
	case RBAC_HEADER:
		return in->http && match_header_test(&e->header, in->header(in->ctx, e->header.name));
	case RBAC_PATH:
		return test_path(e, in);
	case RBAC_DEST_IP:
		return test_cidr(&e->cidr, in->destination);
	case RBAC_DEST_PORT:
		return test_port(e, in);
	case RBAC_SNI:
		return match_string_test(&e->string, in->server_name);
	case RBAC_AUTHENTICATED:
		return test_authenticated(e, in);
	case RBAC_DIRECT_IP:
		return test_cidr(&e->cidr, in->direct);
	case RBAC_REMOTE_IP:
		return test_cidr(&e->cidr, in->remote);
	case RBAC_METADATA:
		return test_metadata(e, in);
	case RBAC_FILTER_STATE:
		return test_principal(e, in);
	}
	return false;
}

bool rbac_allows(const struct rbac_rules *rules, const struct rbac_input *in, const char **ret_policy)
{
	bool matched = false;

	*ret_policy = NULL;
	if (!rules)
		return true;
	for (size_t i = 0; i < rules->n && !matched; i++) {
		const struct rbac_policy *p = &rules->policies[i];

		matched = test(&p->permission, in) && test(&p->principal, in);
		if (matched)
			*ret_policy = p->name;
	}
	if (rules->action == RBAC_LOG)
		return true;
	return rules->action == RBAC_ALLOW ? matched : !matched;
}
