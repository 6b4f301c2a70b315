/*
 * RequestAuthentications as the filter jwt_authn. All that govern a proxy count together: a token that is there must be
 * good for one of their rules, and none is fine. Keys are written in place, also those that were fetched; where there
 * are none the issuer's tokens are bad.
 */
#include "compile/claims.h"
#include "pki/jwk_set.h"

#define JWTV(x) ENVOY__EXTENSIONS__FILTERS__HTTP__JWT_AUTHN__V3__##x

static const char no_keys[] = "{\"keys\":[]}";

/* ---- keys ---- */

/* One key alone stands for a set. */
static const char *as_set(struct arena *a, const char *text)
{
	cJSON *json = cJSON_Parse(text);
	const bool one = cJSON_IsString(cJSON_GetObjectItemCaseSensitive(json, "kty"));

	cJSON_Delete(json);
	return one ? arena_printf(a, "{\"keys\":[%s]}", text) : text;
}

static const char *usable(struct gen *g, const struct mesh_request_auth *r, const char *path, const char *text)
{
	struct jwk_set *set;
	struct err e = ERR_INIT;

	text = as_set(g->arena, text);
	if (jwk_set_parse(slice_str(text), &set, &e) == 0) {
		jwk_set_free(set);
		return text;
	}
	gen_note(g, r->o.obj, path, "%s; all tokens of the issuer are refused", e.msg);
	return no_keys;
}

static const char *keys_of(struct gen *g, const struct mesh_request_auth *r, size_t i)
{
	const struct istio_jwt_rule *rule = &r->spec->jwt_rules.v[i];
	const char *address = mesh_keys_address(g->arena, rule), *why, *text;
	const char *path = arena_printf(g->arena, "spec.jwtRules[%zu].%s", i, address ? "jwksUri" : "jwks");

	if (!address)
		return rule->jwks ? usable(g, r, path, rule->jwks) : no_keys;
	text = mesh_keys_get(g->snap->keys, address, &why);
	if (text)
		return usable(g, r, path, text);
	gen_note(g, r->o.obj, path, "no keys from %s: %s; all tokens of the issuer are refused", address, why);
	return no_keys;
}

/* ---- one rule ---- */

/* A field that names a header; one that cannot be a header's name is told, and what names it is left out. */
static bool names_header(struct gen *g, const struct mesh_request_auth *r, const char *name, const char *path)
{
	if (name && slice_is_token(slice_str(name)))
		return true;
	gen_note(g, r->o.obj, path, "\"%s\" cannot be the name of a header; it is left out", name ? name : "");
	return false;
}

static void add_places(struct gen *g, const struct mesh_request_auth *of, size_t rule, pb_jwt_provider *p)
{
	const struct istio_jwt_rule *r = &of->spec->jwt_rules.v[rule];
	struct arena *a = g->arena;

	for (size_t i = 0; i < r->from_headers.n; i++) {
		pb_jwt_header *h = pb_jwt_header_new(a);

		if (!names_header(g, of, r->from_headers.v[i].name,
				  arena_printf(a, "spec.jwtRules[%zu].fromHeaders[%zu].name", rule, i)))
			continue;
		h->name = pb_str(r->from_headers.v[i].name);
		h->value_prefix = pb_str(r->from_headers.v[i].prefix);
		PB_ADD(a, p, from_headers, h);
	}
	for (size_t i = 0; i < r->from_params.n; i++)
		PB_ADD(a, p, from_params, pb_str(r->from_params.v[i]));
	for (size_t i = 0; i < r->from_cookies.n; i++)
		PB_ADD(a, p, from_cookies, pb_str(r->from_cookies.v[i]));
}

static void add_claim_header(struct gen *g, const struct mesh_request_auth *of, const struct istio_claim_to_header *in,
			     const char *path, pb_jwt_provider *p)
{
	pb_jwt_claim *c = pb_jwt_claim_new(g->arena);

	if (!names_header(g, of, in->header, arena_printf(g->arena, "%s.header", path)))
		return;
	if (!in->claim || !*in->claim) {
		gen_note(g, of->o.obj, arena_printf(g->arena, "%s.claim", path),
			 "a claim must be named; it is left out");
		return;
	}
	c->header_name = pb_str(in->header);
	c->claim_name = pb_str(in->claim);
	PB_ADD(g->arena, p, claim_to_headers, c);
}

static void add_outputs(struct gen *g, const struct mesh_request_auth *of, size_t rule, pb_jwt_provider *p)
{
	const struct istio_jwt_rule *r = &of->spec->jwt_rules.v[rule];
	struct arena *a = g->arena;

	p->forward = r->forward_original_token;
	if (r->output_payload_to_header && *r->output_payload_to_header &&
	    names_header(g, of, r->output_payload_to_header,
			 arena_printf(a, "spec.jwtRules[%zu].outputPayloadToHeader", rule)))
		p->forward_payload_header = pb_str(r->output_payload_to_header);
	for (size_t i = 0; i < r->output_claim_to_headers.n; i++)
		add_claim_header(g, of, &r->output_claim_to_headers.v[i],
				 arena_printf(a, "spec.jwtRules[%zu].outputClaimToHeaders[%zu]", rule, i), p);
}

static pb_jwt_provider *provider_of(struct gen *g, const struct mesh_request_auth *r, size_t i, enum gen_direction d)
{
	const struct istio_jwt_rule *rule = &r->spec->jwt_rules.v[i];
	struct arena *a = g->arena;
	pb_jwt_provider *p = pb_jwt_provider_new(a);

	p->issuer = pb_str(rule->issuer);
	for (size_t k = 0; k < rule->audiences.n; k++)
		PB_ADD(a, p, audiences, pb_str(rule->audiences.v[k]));
	p->jwks_source_specifier_case = JWTV(JWT_PROVIDER__JWKS_SOURCE_SPECIFIER_LOCAL_JWKS);
	p->local_jwks = pb_data_source_new(a);
	p->local_jwks->specifier_case = ENVOY__CONFIG__CORE__V3__DATA_SOURCE__SPECIFIER_INLINE_STRING;
	p->local_jwks->inline_string = pb_str(keys_of(g, r, i));
	add_places(g, r, i, p);
	add_outputs(g, r, i, p);
	p->payload_in_metadata = pb_str(CLAIMS_KEY);
	p->normalize_payload_in_metadata = pb_jwt_lists_new(a);
	PB_ADD(a, p->normalize_payload_in_metadata, space_delimited_claims, pb_str("scope"));
	PB_ADD(a, p->normalize_payload_in_metadata, space_delimited_claims, pb_str("permission"));
	/* Routes of gateways may ask for claims. */
	p->clear_route_cache = d == GEN_GATEWAY;
	return p;
}

/* ---- what is asked ---- */

static pb_jwt_need *need_provider(struct arena *a, const char *name)
{
	pb_jwt_need *n = pb_jwt_need_new(a);

	n->requires_type_case = JWTV(JWT_REQUIREMENT__REQUIRES_TYPE_PROVIDER_NAME);
	n->provider_name = pb_str(name);
	return n;
}

static pb_jwt_need *need_any(struct arena *a)
{
	pb_jwt_need *n = pb_jwt_need_new(a);

	n->requires_type_case = JWTV(JWT_REQUIREMENT__REQUIRES_TYPE_REQUIRES_ANY);
	n->requires_any = pb_jwt_needs_any_new(a);
	return n;
}

/* A good token, or none. */
static pb_jwt_need *need_if_there(struct arena *a, const char *name)
{
	pb_jwt_need *n = need_any(a), *none = pb_jwt_need_new(a);

	none->requires_type_case = JWTV(JWT_REQUIREMENT__REQUIRES_TYPE_ALLOW_MISSING);
	none->allow_missing = PB_NEW(a, Google__Protobuf__Empty, google__protobuf__empty);
	PB_ADD(a, n->requires_any, requirements, need_provider(a, name));
	PB_ADD(a, n->requires_any, requirements, none);
	return n;
}

/*
 * One of them is good, which they may all look for in the same place; or each finds a good one or none in its own.
 */
static pb_jwt_need *need_of_all(struct arena *a, const pb_jwt *f)
{
	pb_jwt_need *any, *all;

	if (f->n_providers == 1)
		return need_if_there(a, f->providers[0]->key);
	any = need_any(a);
	all = pb_jwt_need_new(a);
	all->requires_type_case = JWTV(JWT_REQUIREMENT__REQUIRES_TYPE_REQUIRES_ALL);
	all->requires_all = pb_jwt_needs_all_new(a);
	for (size_t i = 0; i < f->n_providers; i++) {
		PB_ADD(a, any->requires_any, requirements, need_provider(a, f->providers[i]->key));
		PB_ADD(a, all->requires_all, requirements, need_if_there(a, f->providers[i]->key));
	}
	PB_ADD(a, any->requires_any, requirements, all);
	return any;
}

static void add_providers(struct gen *g, pb_jwt *f, enum gen_direction d)
{
	struct arena *a = g->arena;

	for (size_t i = 0; i < g->snap->policies->request_auths.n; i++) {
		const struct mesh_request_auth *r = &g->snap->policies->request_auths.v[i];

		if (!gen_governs(g, &r->o, r->spec->selector, r->spec->targetRef))
			continue;
		gen_use(g, &r->o);
		for (size_t k = 0; k < r->spec->jwt_rules.n; k++) {
			pb_jwt_provider_entry *e = pb_jwt_provider_entry_new(a);

			e->key = arena_printf(a, "origins-%zu", f->n_providers);
			e->value = provider_of(g, r, k, d);
			PB_ADD(a, f, providers, e);
		}
	}
}

void gen_add_jwt(struct gen *g, pb_hcm *h, enum gen_direction d)
{
	struct arena *a = g->arena;
	pb_jwt *f = pb_jwt_new(a);
	pb_jwt_rule *rule;

	add_providers(g, f, d);
	if (!f->n_providers)
		return;
	rule = pb_jwt_rule_new(a);
	rule->match = gen_match(a, NULL);
	rule->requirement_type_case = JWTV(REQUIREMENT_RULE__REQUIREMENT_TYPE_REQUIRES);
	rule->requires = need_of_all(a, f);
	PB_ADD(a, f, rules, rule);
	f->bypass_cors_preflight = true;
	PB_ADD(a, h, http_filters, pb_http_filter_make(a, CLAIMS_FILTER, PB_ANY(a, f), false));
}
