/*
 * AuthorizationPolicies as RBAC filters: one that denies, one that allows, and one that says which requests an external
 * authorizer is asked about. A policy's rule is (any of from) and (any of to) and (all of when); lists of values are
 * alternatives, "not" lists exclude.
 *
 * What a rule says and cannot be carried out closes what the policy protects: in a rule that allows it takes the whole
 * rule with it (it allows nothing), in one that denies or asks it is left out (the rule denies more). That goes for
 * values nothing can have, for attributes that are not known here, and, on plain TCP, for what only HTTP could tell.
 */
#include "compile/authz_values.h"
#include "compile/custom.h"

#include <stdlib.h>

#define RBACV(x) ENVOY__CONFIG__RBAC__V3__##x

/* One rule on its way; permissions say what is asked for, principals who asks. */
struct rule {
	struct gen *g;
	const struct mesh_authz *policy;
	size_t index;
	bool deny, http; /* deny: it closes, or asks */
	bool lost;       /* something cannot be carried out */
};

/* Values of one attribute, and where they stand in the object. */
struct operand {
	enum authz_attribute attribute;
	const char *name;            /* the header's */
	const char *path, *not_path; /* "from[0].source.ipBlocks", "from[0].source.notIpBlocks" */
	const char *const *v, *const *v_not;
	size_t n, n_not;
};

/* The two halves of a conjunction that an operand may belong to. */
struct halves {
	pb_permission_set *what;
	pb_principal_set *who;
};

static pb_permission *permission_any(struct arena *a)
{
	pb_permission *p = pb_permission_new(a);

	p->rule_case = RBACV(PERMISSION__RULE_ANY);
	p->any = true;
	return p;
}

static pb_principal *principal_any(struct arena *a)
{
	pb_principal *p = pb_principal_new(a);

	p->identifier_case = RBACV(PRINCIPAL__IDENTIFIER_ANY);
	p->any = true;
	return p;
}

/* --- what cannot be carried out --- */

static bool asks(const struct mesh_authz *z)
{
	return z->spec->action == ISTIO_AUTHORIZATION_POLICY_ACTION_CUSTOM;
}

static void lose(struct rule *r, const char *path, const char *why)
{
	r->lost = true;
	gen_note(r->g, r->policy->o.obj, arena_printf(r->g->arena, "spec.rules[%zu].%s", r->index, path),
		 "%s; the rule %s", why,
		 asks(r->policy) ? "asks about more"
		 : r->deny       ? "denies more"
				 : "allows nothing");
}

static bool is_range(enum authz_attribute a)
{
	return a == AUTHZ_SOURCE_IP || a == AUTHZ_REMOTE_IP || a == AUTHZ_DESTINATION_IP;
}

/*
 * The values of a list that can be compared. In a rule that denies, a list of alternatives that lost one is none (NULL:
 * the attribute is left out), but for addresses: what of one can be read says which range is meant.
 */
static const char **usable(struct rule *r, const struct operand *o, bool negated, size_t *ret_n)
{
	const char *const *v = negated ? o->v_not : o->v;
	const size_t n = negated ? o->n_not : o->n;
	const char **out = ARENA_NEW_N(r->g->arena, const char *, n + 1);
	bool open = false;

	*ret_n = 0;
	for (size_t i = 0; i < n; i++) {
		struct err e = ERR_INIT;
		const char *value = v[i];

		if (authz_check(o->attribute, value, &e) < 0) {
			lose(r, arena_printf(r->g->arena, "%s[%zu]", negated ? o->not_path : o->path, i), e.msg);
			value = r->deny && !negated && is_range(o->attribute) ? authz_readable_range(r->g->arena, value)
									      : NULL;
			open |= !negated && !value;
		}
		if (value)
			out[(*ret_n)++] = value;
	}
	if (open)
		*ret_n = 0;
	return out;
}

/* --- conjunctions --- */

static pb_permission *permission_or(struct rule *r, const struct operand *o, const char *const *v, size_t n)
{
	struct arena *a = r->g->arena;
	pb_permission *p = pb_permission_new(a);

	p->rule_case = RBACV(PERMISSION__RULE_OR_RULES);
	p->or_rules = pb_permission_set_new(a);
	for (size_t i = 0; i < n; i++)
		PB_ADD(a, p->or_rules, rules, authz_permission(a, o->attribute, v[i]));
	return p;
}

static pb_principal *principal_or(struct rule *r, const struct operand *o, const char *const *v, size_t n)
{
	pb_principal *p = pb_principal_new(r->g->arena);

	p->identifier_case = RBACV(PRINCIPAL__IDENTIFIER_OR_IDS);
	p->or_ids = pb_principal_set_new(r->g->arena);
	for (size_t i = 0; i < n; i++)
		authz_add_principals(r->g, p->or_ids, o->attribute, o->name, v[i]);
	return p;
}

static void add_alternatives(struct rule *r, struct halves to, const struct operand *o, bool negated)
{
	struct arena *a = r->g->arena;
	size_t n;
	const char **v = usable(r, o, negated, &n);

	if (!n)
		return;
	if (authz_is_permission(o->attribute)) {
		pb_permission *p = permission_or(r, o, v, n), *inverse = pb_permission_new(a);

		inverse->rule_case = RBACV(PERMISSION__RULE_NOT_RULE);
		inverse->not_rule = p;
		PB_ADD(a, to.what, rules, negated ? inverse : p);
	} else {
		pb_principal *p = principal_or(r, o, v, n), *inverse = pb_principal_new(a);

		inverse->identifier_case = RBACV(PRINCIPAL__IDENTIFIER_NOT_ID);
		inverse->not_id = p;
		PB_ADD(a, to.who, ids, negated ? inverse : p);
	}
}

static void add_operand(struct rule *r, struct halves to, const struct operand *o)
{
	if (!o->n && !o->n_not)
		return;
	if (authz_needs_http(o->attribute) && !r->http) {
		r->lost = true;
		return;
	}
	if (asks(r->policy) && authz_needs_token(o->attribute)) {
		lose(r, o->n ? o->path : o->not_path, "who decides is asked before tokens are looked at");
		return;
	}
	add_alternatives(r, to, o, false);
	add_alternatives(r, to, o, true);
}

/* An operand of both lists of a source or an operation. */
#define OPERAND(attribute_, at, from, field, json, not_json)                                                           \
	(&(const struct operand){.attribute = attribute_,                                                              \
				 .path = arena_printf(r->g->arena, "%s.%s", at, json),                                 \
				 .not_path = arena_printf(r->g->arena, "%s.%s", at, not_json),                         \
				 .v = (from)->field.v,                                                                 \
				 .n = (from)->field.n,                                                                 \
				 .v_not = (from)->not_##field.v,                                                       \
				 .n_not = (from)->not_##field.n})

static void add_operation(struct rule *r, struct halves to, const char *at,
			  const struct istio_authorization_operation *o)
{
	add_operand(r, to, OPERAND(AUTHZ_HOST, at, o, hosts, "hosts", "notHosts"));
	add_operand(r, to, OPERAND(AUTHZ_METHOD, at, o, methods, "methods", "notMethods"));
	add_operand(r, to, OPERAND(AUTHZ_PATH, at, o, paths, "paths", "notPaths"));
	add_operand(r, to, OPERAND(AUTHZ_PORT, at, o, ports, "ports", "notPorts"));
}

static void add_source(struct rule *r, struct halves to, const char *at, const struct istio_authorization_source *s)
{
	add_operand(r, to, OPERAND(AUTHZ_PRINCIPAL, at, s, principals, "principals", "notPrincipals"));
	add_operand(
		r, to,
		OPERAND(AUTHZ_TOKEN_PRINCIPAL, at, s, request_principals, "requestPrincipals", "notRequestPrincipals"));
	add_operand(r, to, OPERAND(AUTHZ_NAMESPACE, at, s, namespaces, "namespaces", "notNamespaces"));
	add_operand(r, to, OPERAND(AUTHZ_SOURCE_IP, at, s, ip_blocks, "ipBlocks", "notIpBlocks"));
	add_operand(r, to, OPERAND(AUTHZ_REMOTE_IP, at, s, remote_ip_blocks, "remoteIpBlocks", "notRemoteIpBlocks"));
}

/* The conditions of one half only; the other half adds its own. */
static void add_conditions(struct rule *r, struct halves to, const struct istio_authorization_rule *in, bool what)
{
	for (size_t i = 0; i < in->when.n; i++) {
		const struct istio_authorization_condition *c = &in->when.v[i];
		const char *at = arena_printf(r->g->arena, "when[%zu]", i);
		struct slice name;
		const enum authz_attribute a = authz_attribute_of(c->key ? c->key : "", &name);
		struct operand o = {a,           arena_slicedup(r->g->arena, name),
				    NULL,        NULL,
				    c->values.v, c->not_values.v,
				    c->values.n, c->not_values.n};

		if (a != AUTHZ_UNKNOWN && authz_is_permission(a) != what)
			continue;
		o.path = arena_printf(r->g->arena, "%s.values", at);
		o.not_path = arena_printf(r->g->arena, "%s.notValues", at);
		if (a == AUTHZ_UNKNOWN)
			lose(r, arena_printf(r->g->arena, "%s.key", at), "the attribute is not known here");
		else
			add_operand(r, to, &o);
	}
}

/* --- rules and policies --- */

static pb_permission *permission_and(struct arena *a, pb_permission_set *set)
{
	pb_permission *p = pb_permission_new(a);

	if (!set->n_rules)
		return permission_any(a);
	p->rule_case = RBACV(PERMISSION__RULE_AND_RULES);
	p->and_rules = set;
	return p;
}

static pb_principal *principal_and(struct arena *a, pb_principal_set *set)
{
	pb_principal *p = pb_principal_new(a);

	if (!set->n_ids)
		return principal_any(a);
	p->identifier_case = RBACV(PRINCIPAL__IDENTIFIER_AND_IDS);
	p->and_ids = set;
	return p;
}

/* The conditions of the rule stand beside each of its alternatives. */
static pb_rbac_policy *make_policy(struct rule *r, const struct istio_authorization_rule *in)
{
	struct arena *a = r->g->arena;
	pb_rbac_policy *p = pb_rbac_policy_new(a);

	for (size_t i = 0; i < MAX(in->to.n, 1); i++) {
		const struct halves to = {.what = pb_permission_set_new(a)};

		if (in->to.n && in->to.v[i].operation)
			add_operation(r, to, arena_printf(a, "to[%zu].operation", i), in->to.v[i].operation);
		add_conditions(r, to, in, true);
		PB_ADD(a, p, permissions, permission_and(a, to.what));
	}
	for (size_t i = 0; i < MAX(in->from.n, 1); i++) {
		const struct halves to = {.who = pb_principal_set_new(a)};

		if (in->from.n && in->from.v[i].source)
			add_source(r, to, arena_printf(a, "from[%zu].source", i), in->from.v[i].source);
		add_conditions(r, to, in, false);
		PB_ADD(a, p, principals, principal_and(a, to.who));
	}
	return p;
}

static void add_rule(struct gen *g, pb_rbac *out, const struct mesh_authz *z, size_t i, bool http)
{
	struct rule r = {.g = g, .policy = z, .index = i, .http = http};
	Envoy__Config__Rbac__V3__RBAC__PoliciesEntry *e = PB_NEW(g->arena, Envoy__Config__Rbac__V3__RBAC__PoliciesEntry,
								 envoy__config__rbac__v3__rbac__policies_entry);

	r.deny = out->action == RBACV(RBAC__ACTION__DENY);
	e->key = arena_printf(g->arena, "%sns[%s]-policy[%s]-rule[%zu]", asks(z) ? CUSTOM_POLICY_PREFIX "-" : "",
			      z->o.ns, z->o.name, i);
	e->value = make_policy(&r, &z->spec->rules.v[i]);
	if (!r.lost || r.deny)
		PB_ADD(g->arena, out, policies, e);
}

/* A policy for a Gateway of the Gateway API concerns the proxies made for that one only. */
static bool is_target(const struct gen *g, const struct istio_policy_target_reference *t)
{
	const char *name = str_map_get(&g->proxy->labels, "istio.io/gateway-name");

	if (!name)
		name = str_map_get(&g->proxy->labels, "gateway.networking.k8s.io/gateway-name");
	return g->proxy->type == PROXY_ROUTER && name && t->name && strcmp(name, t->name) == 0;
}

bool gen_governs(const struct gen *g, const struct mesh_object *o, const struct istio_workload_selector *s,
		 const struct istio_policy_target_reference *target)
{
	if (strcmp(o->ns, g->proxy->ns) != 0 && strcmp(o->ns, gen_mesh(g)->root_namespace) != 0)
		return false;
	if (target)
		return is_target(g, target);
	return !s || meta_labels_contain(&g->proxy->labels, &s->match_labels);
}

static bool governs(const struct gen *g, const struct mesh_authz *z)
{
	return gen_governs(g, &z->o, z->spec->selector, z->spec->targetRef);
}

/* All policies of an action that govern the proxy; rules NULL when there are none. */
struct policies {
	pb_rbac *rules;
	const struct mesh_authz **v;
	size_t n;
};

/* dry: those that are only tried. A dry run that is none is enforced. */
static struct policies make_rules(struct gen *g, int action, bool dry, bool http)
{
	const struct policy_index *all = g->snap->policies;
	struct policies p = {.v = ARENA_NEW_N(g->arena, const struct mesh_authz *, all->authz.n + 1)};
	pb_rbac *out = pb_rbac_new(g->arena);

	out->action = action == ISTIO_AUTHORIZATION_POLICY_ACTION_ALLOW ? RBACV(RBAC__ACTION__ALLOW)
									: RBACV(RBAC__ACTION__DENY);
	for (size_t i = 0; i < all->authz.n; i++) {
		const struct mesh_authz *z = &all->authz.v[i];

		if ((int)z->spec->action != action || !governs(g, z) || (authz_dry_run(z->o.obj, NULL) == 1) != dry)
			continue;
		gen_use(g, &z->o);
		p.v[p.n++] = z;
		for (size_t k = 0; k < z->spec->rules.n; k++)
			add_rule(g, out, z, k, http);
	}
	p.rules = p.n ? out : NULL;
	return p;
}

static void add_http(struct gen *g, pb_hcm *h, const char *name, Google__Protobuf__Any *config)
{
	PB_ADD(g->arena, h, http_filters, pb_http_filter_make(g->arena, name, config, false));
}

static void add_tcp(struct gen *g, pb_chain *chain, const char *name, Google__Protobuf__Any *config)
{
	PB_ADD(g->arena, chain, filters, pb_network_filter(g->arena, name, config));
}

/* Nobody can be asked: what the rules match is denied, under names that say so. */
static void close_rules(struct gen *g, pb_rbac *rules)
{
	for (size_t i = 0; i < rules->n_policies; i++)
		rules->policies[i]->key =
			arena_printf(g->arena, "%s-deny-due-to-bad-CUSTOM-action", rules->policies[i]->key);
}

void gen_add_http_custom(struct gen *g, pb_hcm *h)
{
	const struct policies p = make_rules(g, ISTIO_AUTHORIZATION_POLICY_ACTION_CUSTOM, false, true);
	pb_http_rbac *f = pb_http_rbac_new(g->arena);
	struct custom who;

	if (!p.rules)
		return;
	if (!custom_find(g, p.v, p.n, &who)) {
		close_rules(g, p.rules);
		f->rules = p.rules;
		add_http(g, h, "envoy.filters.http.rbac", PB_ANY(g->arena, f));
		return;
	}
	f->shadow_rules = p.rules;
	f->shadow_rules_stat_prefix = pb_str(CUSTOM_STAT_PREFIX);
	add_http(g, h, "envoy.filters.http.rbac", PB_ANY(g->arena, f));
	add_http(g, h, "envoy.filters.http.ext_authz", who.http);
}

/* An authorizer of HTTP knows nothing of bytes: what the rules match of them is denied. */
static void add_tcp_custom(struct gen *g, pb_chain *chain)
{
	const struct policies p = make_rules(g, ISTIO_AUTHORIZATION_POLICY_ACTION_CUSTOM, false, false);
	pb_net_rbac *f = pb_net_rbac_new(g->arena);
	struct custom who;

	if (!p.rules)
		return;
	f->stat_prefix = pb_str("tcp.");
	if (!custom_find(g, p.v, p.n, &who) || !who.tcp) {
		close_rules(g, p.rules);
		f->rules = p.rules;
		add_tcp(g, chain, "envoy.filters.network.rbac", PB_ANY(g->arena, f));
		return;
	}
	f->shadow_rules = p.rules;
	f->shadow_rules_stat_prefix = pb_str(CUSTOM_STAT_PREFIX);
	add_tcp(g, chain, "envoy.filters.network.rbac", PB_ANY(g->arena, f));
	add_tcp(g, chain, "envoy.filters.network.ext_authz", who.tcp);
}

/* What is only tried is evaluated beside what is enforced, and told under these names. */
static const struct {
	int action;
	const char *dry_prefix;
} actions[] = {
	{ISTIO_AUTHORIZATION_POLICY_ACTION_DENY, "istio_dry_run_deny_"},
	{ISTIO_AUTHORIZATION_POLICY_ACTION_ALLOW, "istio_dry_run_allow_"},
};

void gen_add_http_authz(struct gen *g, pb_hcm *h)
{
	for (size_t i = 0; i < ARRAY_LEN(actions); i++) {
		pb_http_rbac *f = pb_http_rbac_new(g->arena);

		f->rules = make_rules(g, actions[i].action, false, true).rules;
		f->shadow_rules = make_rules(g, actions[i].action, true, true).rules;
		if (f->shadow_rules)
			f->shadow_rules_stat_prefix = pb_str(actions[i].dry_prefix);
		if (f->rules || f->shadow_rules)
			add_http(g, h, "envoy.filters.http.rbac", PB_ANY(g->arena, f));
	}
}

void gen_add_tcp_authz(struct gen *g, pb_chain *chain)
{
	add_tcp_custom(g, chain);
	for (size_t i = 0; i < ARRAY_LEN(actions); i++) {
		pb_net_rbac *f = pb_net_rbac_new(g->arena);

		f->stat_prefix = pb_str("tcp.");
		f->rules = make_rules(g, actions[i].action, false, false).rules;
		f->shadow_rules = make_rules(g, actions[i].action, true, false).rules;
		if (f->shadow_rules)
			f->shadow_rules_stat_prefix = pb_str(actions[i].dry_prefix);
		if (f->rules || f->shadow_rules)
			add_tcp(g, chain, "envoy.filters.network.rbac", PB_ANY(g->arena, f));
	}
}
