/* Authorization policies: permissions and principals become trees of one kind of expression. */
#include "config/build_internal.h"
#include "config/rbac_index.h"
#include "route/path.h"

#include "envoy/type/matcher/v3/filter_state.pb-c.h"
#include "envoy/type/matcher/v3/path.pb-c.h"
#include "envoy/type/v3/range.pb-c.h"

/* Deeper trees are refused, so that walking one is bounded. */
#define DEPTH_MAX 32

static int cidr(struct rbac_expr *ret, enum rbac_op op, const CORE(CidrRange) * m, struct err *e)
{
	struct config_cidr c;
	int r = build_cidr(m, &c, e);

	ret->op = op;
	if (r == 0)
		ret->cidr = (struct rbac_cidr){c.address, c.prefix_bits};
	return r;
}

static int header(struct build_ctx *x, struct rbac_expr *ret, const ROUTE(HeaderMatcher) * m, struct err *e)
{
	ret->op = RBAC_HEADER;
	return build_header_match(x, m, &ret->header, e);
}

static int string(struct build_ctx *x, struct rbac_expr *ret, enum rbac_op op, const MATCHER(StringMatcher) * m,
		  struct err *e)
{
	ret->op = op;
	return m ? build_string_match(x, m, &ret->string, e) : err_set(e, -EINVAL, "matcher is missing");
}

/* Requests' paths are compared in their folded form, and so are the policy's. */
static int path(struct build_ctx *x, const MATCHER(PathMatcher) * p, struct rbac_expr *ret, struct err *e)
{
	int r = string(x, ret, RBAC_PATH, p->path, e);
	struct slice text = ret->string.text;
	char *out;

	if (r < 0 || !path_needs_fold(text))
		return r;
	out = arena_alloc(x->out, PATH_BOUND(text.len));
	ret->string.text = slice_make(out, path_fold(text, out));
	return 0;
}

static int metadata_expr(struct build_ctx *x, const MATCHER(MetadataMatcher) * m, struct rbac_expr *ret, struct err *e)
{
	struct match_metadata *how = ARENA_NEW(x->out, struct match_metadata);

	ret->op = RBAC_METADATA;
	ret->metadata = how;
	return build_metadata_match(x, m, how, e);
}

static int metadata(struct build_ctx *x, const RBACPB(SourcedMetadata) * s, struct rbac_expr *ret, struct err *e)
{
	if (!s->metadata_matcher || s->metadata_source != ENVOY__CONFIG__RBAC__V3__METADATA_SOURCE__DYNAMIC)
		return UNSUPPORTED(e, "sourced_metadata: a source other than dynamic metadata");
	return metadata_expr(x, s->metadata_matcher, ret, e);
}

static int any(struct rbac_expr *ret, bool value, struct err *e)
{
	ret->op = RBAC_ANY;
	return value ? 0 : err_set(e, -EINVAL, "any must be true");
}

static int permission(struct build_ctx *x, const RBACPB(Permission) * m, unsigned depth, struct rbac_expr *ret,
		      struct err *e);

static int permissions(struct build_ctx *x, enum rbac_op op, RBACPB(Permission) * *v, size_t n, unsigned depth,
		       struct rbac_expr *ret, struct err *e)
{
	int r = depth > DEPTH_MAX ? err_set(e, -EINVAL, "rules are nested too deeply") : 0;

	ret->op = op;
	ret->n_kids = n;
	ret->kids = ARENA_NEW_N(x->out, struct rbac_expr, n);
	for (size_t i = 0; r == 0 && i < n; i++)
		r = permission(x, v[i], depth + 1, &ret->kids[i], e);
	return r;
}

static int permission(struct build_ctx *x, const RBACPB(Permission) * m, unsigned depth, struct rbac_expr *ret,
		      struct err *e)
{
	switch (m->rule_case) {
	case ENVOY__CONFIG__RBAC__V3__PERMISSION__RULE_AND_RULES:
		return permissions(x, RBAC_AND, m->and_rules->rules, m->and_rules->n_rules, depth, ret, e);
	case ENVOY__CONFIG__RBAC__V3__PERMISSION__RULE_OR_RULES:
		return permissions(x, RBAC_OR, m->or_rules->rules, m->or_rules->n_rules, depth, ret, e);
	case ENVOY__CONFIG__RBAC__V3__PERMISSION__RULE_NOT_RULE:
		return permissions(x, RBAC_NOT, (RBACPB(Permission) **)&m->not_rule, 1, depth, ret, e);
	case ENVOY__CONFIG__RBAC__V3__PERMISSION__RULE_ANY:
		return any(ret, m->any, e);
	case ENVOY__CONFIG__RBAC__V3__PERMISSION__RULE_HEADER:
		return header(x, ret, m->header, e);
	case ENVOY__CONFIG__RBAC__V3__PERMISSION__RULE_URL_PATH:
		return path(x, m->url_path, ret, e);
	case ENVOY__CONFIG__RBAC__V3__PERMISSION__RULE_DESTINATION_IP:
		return cidr(ret, RBAC_DEST_IP, m->destination_ip, e);
	case ENVOY__CONFIG__RBAC__V3__PERMISSION__RULE_DESTINATION_PORT:
		*ret = (struct rbac_expr){
			.op = RBAC_DEST_PORT, .port_from = m->destination_port, .port_to = m->destination_port + 1};
		return 0;
	case ENVOY__CONFIG__RBAC__V3__PERMISSION__RULE_DESTINATION_PORT_RANGE:
		*ret = (struct rbac_expr){.op = RBAC_DEST_PORT,
					  .port_from = (uint32_t)m->destination_port_range->start,
					  .port_to = (uint32_t)m->destination_port_range->end};
		return 0;
	case ENVOY__CONFIG__RBAC__V3__PERMISSION__RULE_REQUESTED_SERVER_NAME:
		return string(x, ret, RBAC_SNI, m->requested_server_name, e);
	case ENVOY__CONFIG__RBAC__V3__PERMISSION__RULE_METADATA:
		return metadata_expr(x, m->metadata, ret, e);
	case ENVOY__CONFIG__RBAC__V3__PERMISSION__RULE_SOURCED_METADATA:
		return metadata(x, m->sourced_metadata, ret, e);
	default:
		return UNSUPPORTED(e, "this kind of permission");
	}
}

static int principal(struct build_ctx *x, const RBACPB(Principal) * m, unsigned depth, struct rbac_expr *ret,
		     struct err *e);

static int principals(struct build_ctx *x, enum rbac_op op, RBACPB(Principal) * *v, size_t n, unsigned depth,
		      struct rbac_expr *ret, struct err *e)
{
	int r = depth > DEPTH_MAX ? err_set(e, -EINVAL, "ids are nested too deeply") : 0;

	ret->op = op;
	ret->n_kids = n;
	ret->kids = ARENA_NEW_N(x->out, struct rbac_expr, n);
	for (size_t i = 0; r == 0 && i < n; i++)
		r = principal(x, v[i], depth + 1, &ret->kids[i], e);
	return r;
}

static int authenticated(struct build_ctx *x, const RBACPB(Principal__Authenticated) * m, struct rbac_expr *ret,
			 struct err *e)
{
	ret->op = RBAC_AUTHENTICATED;
	ret->any = !m->principal_name;
	return ret->any ? 0 : build_string_match(x, m->principal_name, &ret->string, e);
}

static int filter_state(struct build_ctx *x, const MATCHER(FilterStateMatcher) * m, struct rbac_expr *ret,
			struct err *e)
{
	if (strcmp(m->key, "io.istio.peer_principal") != 0)
		return err_set(e, -EINVAL, "filter_state: key '%s' is not supported", m->key);
	return string(x, ret, RBAC_FILTER_STATE, m->string_match, e);
}

static int principal(struct build_ctx *x, const RBACPB(Principal) * m, unsigned depth, struct rbac_expr *ret,
		     struct err *e)
{
	switch (m->identifier_case) {
	case ENVOY__CONFIG__RBAC__V3__PRINCIPAL__IDENTIFIER_AND_IDS:
		return principals(x, RBAC_AND, m->and_ids->ids, m->and_ids->n_ids, depth, ret, e);
	case ENVOY__CONFIG__RBAC__V3__PRINCIPAL__IDENTIFIER_OR_IDS:
		return principals(x, RBAC_OR, m->or_ids->ids, m->or_ids->n_ids, depth, ret, e);
	case ENVOY__CONFIG__RBAC__V3__PRINCIPAL__IDENTIFIER_NOT_ID:
		return principals(x, RBAC_NOT, (RBACPB(Principal) **)&m->not_id, 1, depth, ret, e);
	case ENVOY__CONFIG__RBAC__V3__PRINCIPAL__IDENTIFIER_ANY:
		return any(ret, m->any, e);
	case ENVOY__CONFIG__RBAC__V3__PRINCIPAL__IDENTIFIER_AUTHENTICATED:
		return authenticated(x, m->authenticated, ret, e);
	case ENVOY__CONFIG__RBAC__V3__PRINCIPAL__IDENTIFIER_SOURCE_IP:
		return cidr(ret, RBAC_DIRECT_IP, m->source_ip, e);
	case ENVOY__CONFIG__RBAC__V3__PRINCIPAL__IDENTIFIER_DIRECT_REMOTE_IP:
		return cidr(ret, RBAC_DIRECT_IP, m->direct_remote_ip, e);
	case ENVOY__CONFIG__RBAC__V3__PRINCIPAL__IDENTIFIER_REMOTE_IP:
		return cidr(ret, RBAC_REMOTE_IP, m->remote_ip, e);
	case ENVOY__CONFIG__RBAC__V3__PRINCIPAL__IDENTIFIER_HEADER:
		return header(x, ret, m->header, e);
	case ENVOY__CONFIG__RBAC__V3__PRINCIPAL__IDENTIFIER_URL_PATH:
		return path(x, m->url_path, ret, e);
	case ENVOY__CONFIG__RBAC__V3__PRINCIPAL__IDENTIFIER_FILTER_STATE:
		return filter_state(x, m->filter_state, ret, e);
	case ENVOY__CONFIG__RBAC__V3__PRINCIPAL__IDENTIFIER_METADATA:
		return metadata_expr(x, m->metadata, ret, e);
	case ENVOY__CONFIG__RBAC__V3__PRINCIPAL__IDENTIFIER_SOURCED_METADATA:
		return metadata(x, m->sourced_metadata, ret, e);
	default:
		return UNSUPPORTED(e, "this kind of principal");
	}
}

static bool asks_path(const struct rbac_expr *e)
{
	if (e->op == RBAC_PATH || (e->op == RBAC_HEADER && slice_eq(e->header.name, SLICE(":path"))))
		return true;
	for (size_t i = 0; i < e->n_kids; i++)
		if (asks_path(&e->kids[i]))
			return true;
	return false;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct rbac_policy *)a)->name, ((const struct rbac_policy *)b)->name);
}

int build_rbac_rules(struct build_ctx *x, const RBACPB(RBAC) * m, struct rbac_rules **ret, struct err *e)
{
	struct rbac_rules *rules;

	*ret = NULL;
	if (!m)
		return 0;
	if ((unsigned)m->action > RBAC_LOG)
		return err_set(e, -EINVAL, "action: unknown value");
	rules = ARENA_NEW(x->out, struct rbac_rules);
	rules->action = (enum rbac_action)m->action;
	rules->n = m->n_policies;
	rules->policies = ARENA_NEW_N(x->out, struct rbac_policy, rules->n);
	for (size_t i = 0; i < rules->n; i++) {
		const RBACPB(Policy) *p = m->policies[i]->value;
		struct rbac_policy *out = &rules->policies[i];
		out->name = build_str(x, m->policies[i]->key);
		if (!p)
			return err_set(e, -EINVAL, "policies[%s] is empty", out->name);
		int r = permissions(x, RBAC_OR, p->permissions, p->n_permissions, 0, &out->permission, e);
		if (r == 0)
			r = principals(x, RBAC_OR, p->principals, p->n_principals, 0, &out->principal, e);
		if (r < 0)
			return err_wrap(e, r, "policies[%s]", out->name);
		rules->asks_path |= asks_path(&out->permission) || asks_path(&out->principal);
	}
	qsort(rules->policies, rules->n, sizeof(*rules->policies), by_name);
	rules->index = rbac_index_new(x->out, rules);
	*ret = rules;
	return 0;
}

void build_shadow_keys(struct build_ctx *x, const char *prefix, struct filter_rbac *ret)
{
	ret->shadow_policy = slice_str(arena_printf(x->out, "%sshadow_effective_policy_id", prefix));
	ret->shadow_result = slice_str(arena_printf(x->out, "%sshadow_engine_result", prefix));
	ret->shadow_gates = strcmp(prefix, "istio_ext_authz_") == 0;
}
