/*
 * Tokens of requests (envoy.filters.http.jwt_authn): who brings a bad one is refused, what a good one says goes to the
 * upstream's headers and to the policies behind.
 */
#include "proxy/filter/jwt_check.h"
#include "proxy/filter/jwt_token.h"
#include "proxy/filter/table.h"

#include <math.h>
#include <stdio.h>

#include "base/base64.h"

/* Of the request's address in WWW-Authenticate. */
#define REALM_PATH_MAX_BYTES 256

struct own {
	struct jwt_check check;
	const struct jwt_need *need;
};

/* ---- what is asked ---- */

static bool is_preflight(struct filter *f)
{
	struct http_head *h = filter_request(f);

	return h->method_id == HTTP_OPTIONS && http_find_id(h, HTTP_NAME_ORIGIN) &&
	       http_find(h, SLICE("access-control-request-method"));
}

static const struct jwt_need *need_of(struct filter *f, const struct filter_jwt *c)
{
	for (size_t i = 0; i < c->n_rules; i++)
		if (filter_matches(f, &c->rules[i].match))
			return c->rules[i].need;
	return NULL;
}

/* ---- what goes on to the upstream ---- */

/* What we would say, others may not say in our place. */
static void sanitise(struct filter *f, const struct filter_jwt *c)
{
	struct http_head *h = filter_request(f);

	for (size_t i = 0; i < c->n_providers; i++) {
		const struct jwt_provider *p = &c->providers[i];

		if (p->payload_header.len)
			http_remove(h, p->payload_header);
		for (size_t k = 0; k < p->n_claim_headers; k++)
			http_remove(h, p->claim_headers[k].header);
	}
}

static void add_payload(struct filter *f, const struct jwt_good *g)
{
	const struct slice payload = g->token->jwt.payload;
	const size_t pad = g->provider->pad_payload_header ? (4 - payload.len % 4) % 4 : 0;
	char *out = filter_alloc(f, payload.len + pad);

	memcpy(out, payload.ptr, payload.len);
	memset(out + payload.len, '=', pad);
	http_set(filter_request(f), g->provider->payload_header, slice_make(out, payload.len + pad));
}

/* A claim can hold what no header can. */
static bool fits_header(struct slice text)
{
	for (size_t i = 0; i < text.len; i++)
		if ((unsigned char)text.ptr[i] < 0x20 || text.ptr[i] == 0x7f)
			return false;
	return true;
}

static struct slice number_text(struct filter *f, double n)
{
	char text[32];

	if (n == trunc(n) && fabs(n) < 1e15)
		snprintf(text, sizeof(text), "%lld", (long long)n);
	else
		snprintf(text, sizeof(text), "%.17g", n);
	return filter_copy(f, slice_str(text));
}

/* Objects and lists as base64 of their JSON, as Envoy has them. */
static struct slice tree_text(struct filter *f, const cJSON *v)
{
	CLEANUP(buf_done) struct buf out = BUF_INIT;
	char *text = cJSON_PrintUnformatted(v);

	base64_encode(slice_str(text), &out);
	cJSON_free(text);
	return filter_copy(f, buf_slice(&out));
}

static struct slice claim_text(struct filter *f, const cJSON *v)
{
	if (cJSON_IsString(v))
		return slice_str(v->valuestring);
	if (cJSON_IsBool(v))
		return cJSON_IsTrue(v) ? SLICE("true") : SLICE("false");
	if (cJSON_IsNumber(v))
		return number_text(f, v->valuedouble);
	if (cJSON_IsObject(v) || cJSON_IsArray(v))
		return tree_text(f, v);
	return slice_make(NULL, 0);
}

static void add_claim(struct filter *f, const struct jwt_good *g, const struct jwt_claim_header *how)
{
	const cJSON *v = g->token->jwt.claims;
	struct slice text;

	for (size_t i = 0; v && i < how->n_path; i++)
		v = cJSON_GetObjectItemCaseSensitive(v, how->path[i]);
	text = claim_text(f, v);
	if (text.ptr && fits_header(text))
		http_set(filter_request(f), how->header, text);
}

static void add_metadata(struct filter *f, struct slice key, const cJSON *json, const struct jwt_provider *p)
{
	const struct metadata_entry e = {
		.filter = SLICE(JWT_FILTER_NAME), .key = key, .json = json, .lists = p->lists, .n_lists = p->n_lists};

	if (key.len)
		filter_add_metadata(f, &e);
}

static void apply_one(struct filter *f, const struct jwt_good *g)
{
	const struct jwt_provider *p = g->provider;
	struct http_head *h = filter_request(f);

	if (!p->forward)
		jwt_tokens_remove(p, h, filter_alloc(f, h->target.len));
	if (p->payload_header.len)
		add_payload(f, g);
	for (size_t i = 0; i < p->n_claim_headers; i++)
		add_claim(f, g, &p->claim_headers[i]);
	add_metadata(f, p->payload_key, g->token->jwt.claims, p);
	add_metadata(f, p->header_key, g->token->jwt.header, p);
}

static void apply(struct filter *f)
{
	const struct own *own = f->own;
	bool reroute = false;

	for (size_t i = 0; i < own->check.n_good; i++) {
		apply_one(f, &own->check.good[i]);
		reroute |= own->check.good[i].provider->clear_route_cache;
	}
	if (reroute)
		filter_reroute(f);
}

/* ---- refusals ---- */

/* RFC 6750 3. */
static struct slice challenge(struct filter *f, enum jwt_status s)
{
	const struct slice path = filter_path(f);
	CLEANUP(buf_done) struct buf out = BUF_INIT;

	buf_printf(&out, "Bearer realm=\"%.*s://%.*s%.*s\"%s", SLICE_ARG(stream_header(f->stream, SLICE(":scheme"))),
		   SLICE_ARG(stream_header(f->stream, SLICE(":authority"))),
		   SLICE_ARG(slice_head(path, MIN(path.len, REALM_PATH_MAX_BYTES))),
		   s == JWT_MISSING ? "" : ", error=\"invalid_token\"");
	return filter_copy(f, buf_slice(&out));
}

static void set_details(struct filter *f, enum jwt_status s)
{
	static const char head[] = "jwt_authn_access_denied{";
	const char *text = jwt_status_str(s);
	const size_t n = strlen(text);
	char *out = filter_alloc(f, sizeof(head) + n + 1), *p = mempcpy(out, head, sizeof(head) - 1);

	for (size_t i = 0; i < n; i++)
		*p++ = text[i] == ' ' ? '_' : text[i];
	memcpy(p, "}", 2);
	filter_set_details(f, out);
}

static void refuse(struct filter *f, const struct filter_jwt *c, enum jwt_status s)
{
	const struct reply_field field = {SLICE("www-authenticate"), challenge(f, s), false};
	struct reply r = {.outcome = OUTCOME_JWT, .status = s == JWT_AUDIENCE ? 403 : 401};

	set_details(f, s);
	if (!c->strip_failure_response) {
		r.body = slice_str(jwt_status_str(s));
		r.fields = &field;
		r.n_fields = 1;
	}
	filter_reply(f, &r);
}

/* ---- the filter ---- */

static enum filter_result run(struct filter *f);

static void on_keys(struct jwt_wait *w)
{
	struct own *own = CONTAINER_OF(w, struct own, check.wait);
	struct filter *f = own->check.filter;

	if (run(f) == FILTER_CONTINUE)
		filter_resume(f);
}

static enum filter_result run(struct filter *f)
{
	struct own *own = f->own;
	const enum jwt_status s = jwt_check(&own->check, own->need);

	if (list_linked(&own->check.wait.link))
		return FILTER_PAUSE;
	if (s != JWT_OK) {
		refuse(f, own->check.config, s);
		return FILTER_REPLIED;
	}
	apply(f);
	return FILTER_CONTINUE;
}

static enum filter_result on_headers(struct filter *f, bool end)
{
	const struct filter_jwt *c = f->at->config;
	const struct jwt_override *route = filter_config(f);
	struct own *own = f->own;

	(void)end;
	/* Disabled by the route's FilterConfig, or by the filter's own. */
	if (!route || ((const void *)route != (const void *)c && route->disabled))
		return FILTER_CONTINUE;
	if (c->bypass_cors_preflight && is_preflight(f))
		return FILTER_CONTINUE;
	sanitise(f, c);
	own->need = (const void *)route == (const void *)c ? need_of(f, c) : config_jwt_named(c, route->requirement);
	if (!own->need && (const void *)route != (const void *)c) {
		refuse(f, c, JWT_NO_KEYS);
		return FILTER_REPLIED;
	}
	if (!own->need)
		return FILTER_CONTINUE;
	own->check.filter = f;
	own->check.config = c;
	own->check.wait.fn = on_keys;
	return run(f);
}

static void destroy(struct filter *f)
{
	struct own *own = f->own;

	jwt_check_done(&own->check);
}

const struct filter_ops filter_jwt_ops = {
	.own_bytes = sizeof(struct own), .on_headers = on_headers, .destroy = destroy};
