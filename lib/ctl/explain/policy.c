/* What may refuse it: mutual TLS, tokens, authorization; and which object says so. */
#include <string.h>

#include "config/config_ext_authz.h"
#include "config/config_jwt.h"
#include "config/rbac.h"
#include "ctl/explain/explain_internal.h"
#include "net/tls.h"
#include "route/path.h"

/* --- mutual TLS --- */

static bool selects(const struct istio_workload_selector *s, const struct str_map *labels)
{
	return !s || meta_labels_contain(labels, &s->match_labels);
}

void explain_mtls(struct explaining *x, const struct proxy *server, uint16_t port, const struct arrival *in)
{
	static const char *const modes[] = {"PERMISSIVE", "DISABLE", "PERMISSIVE", "STRICT"};
	const struct mesh_peer_auth *p;
	bool of_port;
	const enum mtls_mode mode = snapshot_mtls_source(x->m->snap, server->ns, &server->labels, port, &p, &of_port);
	const char *came = in->principal ? in->principal : in->tls ? "TLS of the client's own" : "plain text";

	if (p)
		explain_object(x, "mutual TLS", p->o.obj,
			       of_port ? arena_printf(&x->a, "spec.portLevelMtls.%u", port) : "spec.mtls.mode",
			       "%s, by PeerAuthentication %s/%s; it comes as %s", modes[mode], p->o.ns, p->o.name,
			       came);
	else
		explain_step(x, "mutual TLS", "", "%s, as no PeerAuthentication says otherwise; it comes as %s",
			     modes[mode], came);
}

/* --- authorization --- */

/* "ns[foo]-policy[bar]-rule[0]" */
static const struct api_object *policy_named(struct explaining *x, const char *text, const char **ret_path)
{
	char ns[256], name[256];
	const char *at = text ? strstr(text, "ns[") : NULL;
	unsigned rule;

	if (!at || sscanf(at, "ns[%255[^]]]-policy[%255[^]]]-rule[%u]", ns, name, &rule) != 3)
		return NULL;
	*ret_path = arena_printf(&x->a, "spec.rules[%u]", rule);
	return store_get(x->m->store, &api_kind_authorization_policy, ns, name);
}

struct asking {
	struct rbac_input in;
	struct tls_peer peer;
	const char *uri;
};

static struct rbac_input *ask(struct explaining *x, struct asking *k, const struct arrival *in, bool is_http)
{
	const struct slice path = path_without_query(slice_str(x->rq.path));
	char *folded = arena_alloc(&x->a, PATH_BOUND(path.len));

	k->uri = in->principal;
	k->peer = (struct tls_peer){.uri = k->uri, .uris = &k->uri, .n_uris = 1, .subject = ""};
	k->in = (struct rbac_input){
		.destination = &in->to,
		.direct = &in->from,
		.remote = &in->from,
		.server_name = in->sni,
		.peer = in->principal ? &k->peer : NULL,
		.principal = slice_str(in->principal),
		.http = is_http,
		.path = slice_make(folded, path_fold(path, folded)),
		.header = explain_header,
		.header_line = explain_header_line,
		.ctx = &x->rq,
	};
	return &k->in;
}

/* Which half of a rule the request does not meet, asked of the rule alone. */
static const char *unmet(const struct rbac_rules *rules, size_t i, const struct rbac_input *in)
{
	struct rbac_policy half = rules->policies[i];
	struct rbac_rules alone = {.action = rules->action, .policies = &half, .n = 1};
	const char *policy;
	bool operation, source;

	half.principal = (struct rbac_expr){.op = RBAC_ANY};
	rbac_allows(&alone, in, &policy);
	operation = policy != NULL;
	half.principal = rules->policies[i].principal;
	half.permission = (struct rbac_expr){.op = RBAC_ANY};
	rbac_allows(&alone, in, &policy);
	source = policy != NULL;
	return operation ? "its source, or a condition of it, is another"
	       : source  ? "its operation is another"
			 : "both source and operation are others";
}

/* An ALLOW policy without a rule that could match names nobody: it is found by its selector. */
static void tell_closed(struct explaining *x, const struct proxy *p)
{
	const struct policy_index *all = x->m->snap->policies;

	for (size_t i = 0; i < all->authz.n; i++) {
		const struct mesh_authz *z = &all->authz.v[i];

		if (z->spec->action == ISTIO_AUTHORIZATION_POLICY_ACTION_ALLOW && !z->spec->rules.n &&
		    (!strcmp(z->o.ns, p->ns) || !strcmp(z->o.ns, x->m->config->root_namespace)) &&
		    selects(z->spec->selector, &p->labels))
			explain_object(x, "policy", z->o.obj, "spec",
				       "AuthorizationPolicy %s/%s lets nobody in: it has no rules", z->o.ns, z->o.name);
	}
}

static void tell_unmet(struct explaining *x, const struct proxy *p, const struct rbac_rules *rules,
		       const struct rbac_input *in)
{
	const char *path;

	if (!rules->n)
		tell_closed(x, p);
	for (size_t i = 0; i < rules->n; i++) {
		const struct api_object *o = policy_named(x, rules->policies[i].name, &path);

		if (o)
			explain_object(x, "policy", o, path, "AuthorizationPolicy %s/%s, %s, does not let it in: %s",
				       api_object_namespace(o), api_object_name(o), path, unmet(rules, i, in));
	}
}

static bool judge(struct explaining *x, const struct proxy *p, const struct filter_rbac *f, const struct rbac_input *in)
{
	const char *name = NULL, *path;
	const bool ok = !f->rules || rbac_allows(f->rules, in, &name);
	const struct api_object *o = policy_named(x, name, &path);

	if (o)
		explain_object(x, "policy", o, path, "AuthorizationPolicy %s/%s, %s, %s it", api_object_namespace(o),
			       api_object_name(o), path, f->rules->action == RBAC_DENY ? "denies" : "allows");
	else if (!ok)
		tell_unmet(x, p, f->rules, in);
	else if (f->rules && f->rules->action == RBAC_DENY)
		explain_step(x, "policy", "", "no rule of the DENY policies is about it");
	if (!ok)
		explain_end(x, false,
			    in->http ? "403, RBAC: access denied" : "the connection is closed: access denied");
	return ok;
}

/* --- tokens --- */

static bool brings_token(const struct explaining *x, const struct filter_jwt *f)
{
	for (size_t i = 0; i < f->n_providers; i++) {
		const struct jwt_provider *p = &f->providers[i];

		for (size_t k = 0; k < p->n_headers; k++)
			if (explain_header(&x->rq, p->headers[k].name).ptr)
				return true;
		for (size_t k = 0; k < p->n_params; k++)
			if (route_query_param(slice_str(x->rq.path), p->params[k]).ptr)
				return true;
	}
	return false;
}

static void tell_tokens(struct explaining *x, const struct proxy *p, const struct filter_jwt *f)
{
	const struct policy_index *all = x->m->snap->policies;
	const char *brings = brings_token(x, f)
				     ? "it brings a token, which is not verified here: a bad one is answered 401"
				     : "it brings no token, and passes as nobody";

	for (size_t i = 0; i < all->request_auths.n; i++) {
		const struct mesh_request_auth *r = &all->request_auths.v[i];

		if ((strcmp(r->o.ns, p->ns) != 0 && strcmp(r->o.ns, x->m->config->root_namespace) != 0) ||
		    !selects(r->spec->selector, &p->labels))
			continue;
		explain_object(x, "token", r->o.obj, "spec.jwtRules", "RequestAuthentication %s/%s: %s", r->o.ns,
			       r->o.name, brings);
	}
}

/* --- in the order of the filters --- */

static bool tell_filter(struct explaining *x, struct mesh_view *v, const struct config_http_filter *f,
			const struct arrival *in)
{
	struct asking k;

	switch (f->kind) {
	case FILTER_RBAC:
		return !f->config || judge(x, &v->proxy, f->config, ask(x, &k, in, true));
	case FILTER_JWT:
		tell_tokens(x, &v->proxy, f->config);
		return true;
	case FILTER_EXT_AUTHZ:
		explain_step(x, "policy", "", "an external authorizer is asked where a CUSTOM policy says so");
		return true;
	case FILTER_LOCAL_RATE:
	case FILTER_GLOBAL_RATE:
		explain_step(x, "limit", "", "a rate limit counts it: above it 429, flag RL");
		return true;
	default:
		return true;
	}
}

bool explain_filters(struct explaining *x, struct mesh_view *v, const struct config_chain *chain,
		     const struct arrival *in)
{
	if (!explain_network_policies(x, v, chain, in))
		return false;
	for (size_t i = 0; i < chain->hcm->n_filters; i++)
		if (!tell_filter(x, v, &chain->hcm->filters[i], in))
			return false;
	return true;
}

bool explain_network_policies(struct explaining *x, struct mesh_view *v, const struct config_chain *chain,
			      const struct arrival *in)
{
	struct asking k;

	for (size_t i = 0; i < chain->n_rbac; i++)
		if (!judge(x, &v->proxy, chain->rbac[i], ask(x, &k, in, false)))
			return false;
	for (size_t i = 0; chain->tcp && i < chain->tcp->n_rbac; i++)
		if (!judge(x, &v->proxy, chain->tcp->rbac[i], ask(x, &k, in, false)))
			return false;
	return true;
}
