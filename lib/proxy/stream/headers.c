/* Operations on headers that routes ask for, and cookies for hashing. */
#include "base/hash.h"
#include "http/cookie.h"
#include "proxy/stream/format_eval.h"
#include "proxy/stream/stream_internal.h"

static struct slice value_of(struct stream *s, const struct format *f)
{
	CLEANUP(buf_done) struct buf out = BUF_INIT;
	struct slice literal;

	if (format_is_literal(f, &literal))
		return literal;
	format_eval(s, f, FORMAT_EMPTY_AS_NOTHING, &out);
	return stream_copy(s, buf_slice(&out));
}

static void remove_all(struct http_head *h, const struct slice *names, size_t n)
{
	for (size_t i = 0; i < n; i++)
		http_remove(h, names[i]);
}

/* Pseudo headers are fields under another name. Returns the field's name, empty when it is done. */
static struct slice pseudo(struct http_head *h, struct slice name, struct slice value)
{
	if (slice_eq(name, SLICE(":authority")))
		return SLICE("host");
	if (slice_eq(name, SLICE(":path")) && value.len)
		h->target = value;
	return slice_make("", 0);
}

static void add_one(struct stream *s, struct http_head *h, const struct route_header_add *a)
{
	struct slice value = value_of(s, &a->value), name = a->name;
	bool present;

	if (!value.len && !a->keep_empty)
		return;
	if (name.ptr[0] == ':')
		name = pseudo(h, name, value);
	if (!name.len)
		return;
	present = http_find(h, name) != NULL;
	if (a->action == ROUTE_HEADER_APPEND || (!present && a->action != ROUTE_HEADER_OVERWRITE_IF_EXISTS))
		http_add(h, name, value);
	else if (a->action != ROUTE_HEADER_ADD_IF_ABSENT && present)
		http_set(h, name, value);
}

void stream_headers_add(struct stream *s, struct http_head *h, const struct route_header_add *v, size_t n)
{
	for (size_t i = 0; i < n; i++)
		add_one(s, h, &v[i]);
}

static void on_request(struct stream *s, const struct route_headers *r)
{
	if (!r)
		return;
	remove_all(&s->req, r->request_remove, r->n_request_remove);
	stream_headers_add(s, &s->req, r->request_add, r->n_request_add);
}

static void on_response(struct stream *s, struct http_head *h, const struct route_headers *r)
{
	if (!r)
		return;
	remove_all(h, r->response_remove, r->n_response_remove);
	stream_headers_add(s, h, r->response_add, r->n_response_add);
}

/* From the weighted cluster to the table, or the other way round, as the table says. */
static int levels(const struct stream *s, const struct route_headers **out)
{
	const struct route_headers *all[4] = {
		s->weighted ? s->weighted->headers : NULL,
		s->route->headers,
		s->route->vhost ? s->route->vhost->headers : NULL,
		s->table->headers,
	};

	for (int i = 0; i < 4; i++)
		out[i] = all[s->table->most_specific_headers_win ? 3 - i : i];
	return 4;
}

void stream_headers_request(struct stream *s)
{
	const struct route_headers *all[4];
	int n = levels(s, all);

	for (int i = 0; i < n; i++)
		on_request(s, all[i]);
}

void stream_headers_response(struct stream *s, struct http_head *h)
{
	const struct route_headers *all[4];
	int n;

	if (!s->route || !s->table)
		return;
	n = levels(s, all);
	for (int i = 0; i < n; i++)
		on_response(s, h, all[i]);
}

/* The same for all requests of a connection, so that those that race get one cookie and not several. */
static struct slice new_cookie(struct stream *s)
{
	char peer[ADDR_TEXT_MAX], local[ADDR_TEXT_MAX];
	uint64_t h = hash_bytes(slice_str(addr_format(&s->conn->peer, peer)));

	h = hash_more(h, slice_str(addr_format(&s->conn->local, local)));
	return stream_printf(s, "%016llx", (unsigned long long)h);
}

struct slice stream_cookie(struct stream *s, const struct route_hash *rule)
{
	const struct slice v = cookie_find(&s->req, rule->name);

	return v.len || rule->cookie_ttl_s < 0 ? v : new_cookie(s);
}

/* Is it an earlier rule's cookie? Destinations of one route may share their rule. */
static bool told_before(const struct route *r, size_t i)
{
	for (size_t k = 0; k < i; k++)
		if (r->hashes[k].kind == ROUTE_HASH_COOKIE && r->hashes[k].cookie_ttl_s >= 0 &&
		    slice_eq(r->hashes[k].name, r->hashes[i].name))
			return true;
	return false;
}

void stream_cookies_response(struct stream *s, struct http_head *h)
{
	for (size_t i = 0; i < s->route->n_hashes; i++) {
		const struct route_hash *rule = &s->route->hashes[i];
		CLEANUP(buf_done) struct buf text = BUF_INIT;

		if (rule->kind != ROUTE_HASH_COOKIE || rule->cookie_ttl_s < 0 || told_before(s->route, i) ||
		    cookie_find(&s->req, rule->name).len)
			continue;
		cookie_write(&text, rule->name, new_cookie(s), rule->path, rule->cookie_ttl_s);
		http_add(h, SLICE("set-cookie"), stream_copy(s, buf_slice(&text)));
	}
}
