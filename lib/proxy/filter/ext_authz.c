/*
 * External authorization (envoy.filters.http.ext_authz): a service says whether a request may pass. The request waits,
 * with as much of its body as the service is to see; what cannot be asked is denied, unless the configuration says
 * else.
 *
 *   on_headers -> (on_body) -> side call -> on_answer: denied, or changed and resumed
 */
#include "proxy/filter/ext_authz.h"

#include <time.h>

#include "proxy/filter/table.h"
#include "proxy/upstream/side_call.h"

/* Of a denial's body. */
#define ANSWER_MAX_BYTES (1024 * 1024)

/* ---- asking ---- */

static bool is_named(const struct ext_authz_names *names, struct slice name)
{
	for (size_t i = 0; i < names->n; i++)
		if (match_string_test(&names->v[i], name))
			return true;
	return false;
}

bool ext_authz_shows(const struct filter_ext_authz *c, struct slice name)
{
	if (is_named(&c->disallowed, name))
		return false;
	return c->grpc && !c->says_allowed ? true : is_named(&c->allowed, name);
}

static void add_own_fields(struct http_head *h, const struct filter_ext_authz *c)
{
	for (size_t i = 0; i < c->n_add; i++)
		http_set(h, c->add[i].name, c->add[i].value);
}

/* The request's own method, path and host, and those of its headers that are allowed. */
static void ask_http(struct filter *f, const struct filter_ext_authz *c, struct side_call *call)
{
	const struct http_head *from = filter_request(f);
	struct http_head *h = side_call_head(call);
	const struct slice path = filter_path(f);
	char *target = filter_alloc(f, c->path_prefix.len + path.len);

	memcpy(target, c->path_prefix.ptr, c->path_prefix.len);
	memcpy(target + c->path_prefix.len, path.ptr, path.len);
	h->method = side_call_copy(call, from->method);
	h->method_id = from->method_id;
	h->target = side_call_copy(call, slice_make(target, c->path_prefix.len + path.len));
	http_add(h, SLICE("host"), side_call_copy(call, http_get_id(from, HTTP_NAME_HOST)));
	for (int i = 0; i < from->n_fields; i++) {
		const struct http_field *field = &from->fields[i];
		const struct slice name = http_field_name(field);

		if (!field->name_len || field->id == HTTP_NAME_HOST || field->id == HTTP_NAME_CONTENT_LENGTH ||
		    field->id == HTTP_NAME_TRANSFER_ENCODING || field->id == HTTP_NAME_EXPECT)
			continue;
		if (is_named(&c->disallowed, name) ||
		    (field->id != HTTP_NAME_AUTHORIZATION && !ext_authz_shows(c, name)))
			continue;
		http_add(h, side_call_copy(call, name), side_call_copy(call, http_field_value(field)));
	}
	http_remove_hop_fields(h);
	add_own_fields(h, c);
}

/* ---- answers ---- */

static bool fits(struct slice name, struct slice value)
{
	for (size_t i = 0; i < value.len; i++)
		if ((unsigned char)value.ptr[i] < 0x20 || value.ptr[i] == 0x7f)
			return false;
	return slice_is_token(name) && !slice_eq_nocase(name, SLICE("host")) &&
	       !slice_eq_nocase(name, SLICE("content-length")) && !slice_eq_nocase(name, SLICE("transfer-encoding"));
}

bool ext_authz_add(struct ext_authz_fields *to, struct filter *f, struct slice name, struct slice value, bool append)
{
	if (!fits(name, value) || to->n >= EXT_AUTHZ_FIELDS_MAX)
		return false;
	to->v[to->n++] = (struct reply_field){filter_copy(f, name), filter_copy(f, value), append};
	return true;
}

static void reply(struct filter *f, enum outcome o, uint16_t status, struct slice body,
		  const struct ext_authz_fields *fields)
{
	struct reply r = {.outcome = o, .status = status, .body = body};

	filter_set_details(f, outcome_row(o)->details);
	if (fields) {
		r.fields = fields->v;
		r.n_fields = fields->n;
	}
	filter_reply(f, &r);
}

/* Nobody could say. True: it passes all the same. */
static bool failed(struct filter *f, const struct filter_ext_authz *c)
{
	if (!c->failure_allow) {
		reply(f, OUTCOME_AUTHZ_FAILED, c->error_status, slice_make("", 0), NULL);
		return false;
	}
	if (c->failure_header)
		http_set(filter_request(f), SLICE("x-envoy-auth-failure-mode-allowed"), SLICE("true"));
	return true;
}

static void change_request(struct filter *f, const struct ext_authz_verdict *v)
{
	struct http_head *h = filter_request(f);

	for (size_t i = 0; i < v->n_remove; i++)
		http_remove(h, v->remove[i]);
	for (size_t i = 0; i < v->fields.n; i++) {
		const struct reply_field *one = &v->fields.v[i];

		if (one->append)
			http_add(h, one->name, one->value);
		else
			http_set(h, one->name, one->value);
	}
}

/* True: it passes. */
static bool obey(struct filter *f, const struct filter_ext_authz *c, const struct ext_authz_verdict *v)
{
	struct ext_authz_own *own = f->own;

	switch (v->what) {
	case EXT_AUTHZ_FAILED:
		return failed(f, c);
	case EXT_AUTHZ_DENIED:
		reply(f, OUTCOME_AUTHZ_DENIED, v->status, v->body, &v->fields);
		return false;
	case EXT_AUTHZ_ALLOWED:
		break;
	}
	change_request(f, v);
	own->to_client = v->to_client;
	if (c->clear_route_cache)
		filter_reroute(f);
	return true;
}

/* Which of an answer's headers go where. */
static bool sort_field(struct filter *f, const struct filter_ext_authz *c, struct ext_authz_verdict *v,
		       struct slice name, struct slice value)
{
	static const struct slice always[] = {SLICE("www-authenticate"), SLICE("location")};
	bool ok = true;

	if (v->what == EXT_AUTHZ_DENIED) {
		bool wanted = !c->to_client.n || is_named(&c->to_client, name);

		for (size_t i = 0; i < ARRAY_LEN(always); i++)
			wanted |= slice_eq_nocase(name, always[i]);
		return !wanted || ext_authz_add(&v->fields, f, name, value, slice_eq_nocase(name, SLICE("set-cookie")));
	}
	if (is_named(&c->to_upstream, name))
		ok = ext_authz_add(&v->fields, f, name, value, false);
	if (is_named(&c->to_upstream_append, name))
		ok &= ext_authz_add(&v->fields, f, name, value, true);
	if (is_named(&c->to_client_on_success, name))
		ok &= ext_authz_add(v->to_client, f, name, value, true);
	return ok;
}

static bool is_own(const struct http_field *h)
{
	return h->id == HTTP_NAME_CONTENT_LENGTH || h->id == HTTP_NAME_TRANSFER_ENCODING ||
	       h->id == HTTP_NAME_CONNECTION || h->id == HTTP_NAME_KEEP_ALIVE || h->id == HTTP_NAME_DATE ||
	       h->id == HTTP_NAME_SERVER || h->id == HTTP_NAME_HOST;
}

static void read_http(struct filter *f, const struct filter_ext_authz *c, const struct side_answer *a,
		      struct ext_authz_verdict *v)
{
	v->what = a->head->status == 200   ? EXT_AUTHZ_ALLOWED
		  : a->head->status >= 500 ? EXT_AUTHZ_FAILED
					   : EXT_AUTHZ_DENIED;
	v->status = a->head->status;
	v->body = filter_copy(f, a->body);
	for (int i = 0; v->what != EXT_AUTHZ_FAILED && i < a->head->n_fields; i++) {
		const struct http_field *h = &a->head->fields[i];

		if (h->name_len && !is_own(h) && !sort_field(f, c, v, http_field_name(h), http_field_value(h)))
			v->what = EXT_AUTHZ_FAILED;
	}
}

static void on_answer(void *arg, const struct side_answer *a)
{
	struct filter *f = arg;
	const struct filter_ext_authz *c = f->at->config;
	struct ext_authz_own *own = f->own;
	struct ext_authz_verdict v = {.to_client = (struct ext_authz_fields *)(void *)filter_alloc_aligned(
					      f, sizeof(struct ext_authz_fields))};

	own->call = NULL;
	v.to_client->n = 0;
	if (a->outcome == OUTCOME_OK && c->grpc)
		ext_authz_read_grpc(f, a, &v);
	else if (a->outcome == OUTCOME_OK)
		read_http(f, c, a, &v);
	if (obey(f, c, &v))
		filter_resume(f);
}

static void ask(struct filter *f, struct slice body)
{
	const struct filter_ext_authz *c = f->at->config;
	struct ext_authz_own *own = f->own;
	const struct side_params p = {
		.timeout_ns = c->timeout_ns, .max_answer_bytes = ANSWER_MAX_BYTES, .on_answer = on_answer, .arg = f};

	own->call = side_call_new(filter_worker(f), filter_worker_config(f), c->cluster.slot);
	if (c->grpc) {
		CLEANUP(buf_done) struct buf message = BUF_INIT;

		side_call_grpc(own->call, c->authority, SLICE("/envoy.service.auth.v3.Authorization/Check"));
		add_own_fields(side_call_head(own->call), c);
		ext_authz_write_grpc(f, c, own->route, body, &message);
		side_call_send(own->call, buf_slice(&message), &p);
		return;
	}
	ask_http(f, c, own->call);
	side_call_send(own->call, body, &p);
}

/* ---- the filter ---- */

static bool concerns(struct filter *f, const struct filter_ext_authz *c)
{
	if (c->enabled && !match_metadata_test(c->enabled, filter_metadata(f)))
		return false;
	return route_fraction_hit(c->fraction, rand_next(&filter_worker(f)->rand));
}

static enum filter_result on_headers(struct filter *f, bool end)
{
	const struct filter_ext_authz *c = f->at->config;
	const void *route = filter_config(f);
	struct ext_authz_own *own = f->own;

	own->route = route && route != (const void *)c ? route : NULL;
	if (!route || (own->route && own->route->disabled))
		return FILTER_CONTINUE;
	if (!concerns(f, c)) {
		if (!c->deny_at_disable)
			return FILTER_CONTINUE;
		reply(f, OUTCOME_AUTHZ_FAILED, c->error_status, slice_make("", 0), NULL);
		return FILTER_REPLIED;
	}
	if (c->body_max && !end && !(own->route && own->route->no_body) && !filter_request(f)->upgrade)
		filter_gather(f, c->body_max);
	else
		ask(f, slice_make("", 0));
	return FILTER_PAUSE;
}

static void on_body(struct filter *f, struct slice body, bool whole)
{
	const struct filter_ext_authz *c = f->at->config;

	if ((!whole || body.len > c->body_max) && !c->body_partial) {
		filter_set_details(f, "request_payload_too_large");
		filter_reply(f, &(struct reply){
					.outcome = OUTCOME_DIRECT, .status = 413, .body = SLICE("Payload Too Large")});
		return;
	}
	ask(f, slice_head(body, MIN(body.len, c->body_max)));
}

static void on_response(struct filter *f, struct http_head *h)
{
	const struct ext_authz_own *own = f->own;

	for (size_t i = 0; own->to_client && i < own->to_client->n; i++)
		http_add(h, own->to_client->v[i].name, own->to_client->v[i].value);
}

static void destroy(struct filter *f)
{
	struct ext_authz_own *own = f->own;

	side_call_cancel(own->call);
	own->call = NULL;
}

const struct filter_ops filter_ext_authz_ops = {.own_bytes = sizeof(struct ext_authz_own),
						.on_headers = on_headers,
						.on_body = on_body,
						.on_response = on_response,
						.destroy = destroy};
