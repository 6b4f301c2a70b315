/*
 * Heads: pseudo headers here, start lines everywhere else. A CONNECT with a protocol becomes an upgrade and back
 * (RFC 8441), :authority the field host, crumbs of cookies one field (RFC 9113 8.2.3).
 */
#include <assert.h>
#include <string.h>

#include "base/mem.h"
#include "h2/codec_internal.h"
#include "http/class.h"

struct h2_block *h2_block_copy(struct spares *s, const struct h2_header *v, size_t n, bool end)
{
	size_t bytes = 0;
	struct h2_block *b;
	char *at;

	for (size_t i = 0; i < n; i++)
		bytes += v[i].name.len + v[i].value.len;
	b = spares_get(s, sizeof(*b) + n * sizeof(*v) + bytes);
	b->n = n;
	b->end = end;
	at = (char *)(b->v + n);
	for (size_t i = 0; i < n; i++) {
		b->v[i].sensitive = v[i].sensitive;
		b->v[i].name = slice_make(at, v[i].name.len);
		at = mempcpy(at, v[i].name.ptr, v[i].name.len);
		b->v[i].value = slice_make(at, v[i].value.len);
		if (v[i].value.len)
			at = mempcpy(at, v[i].value.ptr, v[i].value.len);
	}
	return b;
}

/* ---- receiving ---- */

static void start_head(struct http_head *h, const struct h2_block *b)
{
	http_clear(h);
	h->method = h->target = h->scheme = h->reason = slice_make("", 0);
	h->status = 0;
	h->version = HTTP_2;
	h->keep_alive = true;
	h->upgrade = h->expect_continue = false;
	h->length = 0;
	h->bytes = 0;
	for (size_t i = 0; i < b->n; i++)
		h->bytes += (uint32_t)(b->v[i].name.len + b->v[i].value.len + 4);
}

/* All crumbs in the place of the first; they are neighbours in memory no more, so one new text is made of them. */
static struct slice join_cookies(const struct h2_block *b, size_t first, char *text)
{
	char *at = text;

	for (size_t i = first; i < b->n; i++) {
		if (!slice_eq_str(b->v[i].name, "cookie"))
			continue;
		if (at != text)
			at = stpcpy(at, "; ");
		if (b->v[i].value.len)
			at = mempcpy(at, b->v[i].value.ptr, b->v[i].value.len);
	}
	return slice_make(text, (size_t)(at - text));
}

static int take_field(struct http_head *h, struct slice name, struct slice value)
{
	if (h->n_fields >= HTTP_FIELDS_MAX)
		return HTTP_ERR_TOO_LARGE;
	http_add(h, name, value);
	switch (h->fields[h->n_fields - 1].id) {
	case HTTP_NAME_CONTENT_LENGTH:
		if (h->framing == HTTP_BODY_LENGTH || slice_to_u64(value, INT64_MAX, &h->length) < 0)
			return HTTP_ERR_LENGTH;
		h->framing = HTTP_BODY_LENGTH;
		break;
	case HTTP_NAME_EXPECT:
		h->expect_continue = slice_eq_nocase(value, SLICE("100-continue"));
		break;
	case HTTP_NAME_CONNECTION:
	case HTTP_NAME_KEEP_ALIVE:
	case HTTP_NAME_PROXY_CONNECTION:
	case HTTP_NAME_TRANSFER_ENCODING:
	case HTTP_NAME_UPGRADE:
		return HTTP_ERR_FIELD; /* RFC 9113 8.2.2 */
	default:
		break;
	}
	return 0;
}

/* The crumbs of all cookies become one field, in cookies; NULL = they stay as they are. */
static int take_fields(const struct h2_block *b, char *cookies, struct http_head *h)
{
	bool cookie = false;

	for (size_t i = 0; i < b->n; i++) {
		const struct h2_header *f = &b->v[i];
		struct slice value = f->value;
		int r;

		if (!f->name.len || f->name.ptr[0] == ':')
			continue;
		if (slice_eq_str(f->name, "host") && (h->known & (1u << HTTP_NAME_HOST)))
			continue; /* compared before */
		if (cookies && slice_eq_str(f->name, "cookie")) {
			if (cookie)
				continue;
			cookie = true;
			value = join_cookies(b, i, cookies);
		}
		r = take_field(h, f->name, value);
		if (r < 0)
			return r;
	}
	return 0;
}

static void make_cookie_room(struct h2_exchange *x)
{
	size_t n = 0, bytes = 0;

	for (size_t i = 0; i < x->head->n; i++) {
		if (!slice_eq_str(x->head->v[i].name, "cookie"))
			continue;
		n++;
		bytes += x->head->v[i].value.len + 2;
	}
	if (n)
		x->cookies = mem_alloc(bytes + 1);
}

struct pseudo {
	struct slice method, scheme, authority, path, protocol, host;
};

static void find_pseudo(const struct h2_block *b, struct pseudo *p)
{
	for (size_t i = 0; i < b->n; i++) {
		struct slice name = b->v[i].name, value = b->v[i].value;

		if (slice_eq_str(name, "host"))
			p->host = value;
		if (!name.len || name.ptr[0] != ':')
			continue;
		if (slice_eq_str(name, ":method"))
			p->method = value;
		else if (slice_eq_str(name, ":scheme"))
			p->scheme = value;
		else if (slice_eq_str(name, ":authority"))
			p->authority = value;
		else if (slice_eq_str(name, ":path"))
			p->path = value;
		else if (slice_eq_str(name, ":protocol"))
			p->protocol = value;
	}
}

static int read_start(struct http_head *h, const struct pseudo *p)
{
	int method = http_method_find(p->method);

	if (method < 0 || !p->method.len || !http_all_in_class(p->method.ptr, p->method.len, HTTP_CLASS_TOKEN))
		return HTTP_ERR_SYNTAX;
	h->method = p->method;
	h->method_id = (uint8_t)method;
	h->scheme = p->scheme;
	h->target = p->path;
	if (method == HTTP_CONNECT && !p->protocol.len)
		h->target = p->authority;
	if (!h->target.len || !http_all_in_class(h->target.ptr, h->target.len, HTTP_CLASS_TARGET))
		return HTTP_ERR_SYNTAX;
	/* Who reads :authority and who reads host would see two requests. */
	if (p->authority.len && p->host.len && !slice_eq_nocase(p->authority, p->host))
		return HTTP_ERR_HOST;
	if (!http_is_host(p->authority.len ? p->authority : p->host))
		return HTTP_ERR_HOST;
	return 0;
}

/* To everybody else it is an upgrade. */
static void read_protocol(struct h2_exchange *x, struct http_head *h, struct slice protocol)
{
	x->tunnel = H2_TUNNEL_ASKED;
	h->method = SLICE("GET");
	h->method_id = HTTP_GET;
	h->upgrade = true;
	h->framing = HTTP_BODY_NONE;
	http_add(h, SLICE("connection"), SLICE("upgrade"));
	http_add(h, SLICE("upgrade"), protocol);
}

int h2_read_request(struct h2_exchange *x, struct http_head *h)
{
	struct pseudo p = {0};
	int r;

	start_head(h, x->head);
	find_pseudo(x->head, &p);
	r = read_start(h, &p);
	if (r < 0)
		return r;
	h->framing = x->head->end ? HTTP_BODY_NONE : HTTP_BODY_OPEN;
	http_add(h, SLICE("host"), p.authority.len ? p.authority : p.host);
	make_cookie_room(x);
	r = take_fields(x->head, x->cookies, h);
	if (r < 0)
		return r;
	if (x->head->end)
		h->framing = HTTP_BODY_NONE;
	if (h->method_id == HTTP_CONNECT && p.protocol.len)
		read_protocol(x, h, p.protocol);
	else if (h->method_id == HTTP_CONNECT)
		h->framing = HTTP_BODY_TUNNEL;
	return 0;
}

/* Status and fields; the status is one of from..to. */
static int read_answer(const struct h2_block *b, unsigned from, unsigned to, struct http_head *h)
{
	uint64_t status = 0;

	start_head(h, b);
	for (size_t i = 0; i < b->n; i++)
		if (slice_eq_str(b->v[i].name, ":status"))
			(void)slice_to_u64(b->v[i].value, 999, &status);
	if (status < from || status > to)
		return HTTP_ERR_SYNTAX;
	h->status = (uint16_t)status;
	h->reason = slice_str(http_reason(h->status));
	h->framing = HTTP_BODY_OPEN;
	return take_fields(b, NULL, h);
}

int h2_read_interim(const struct h2_block *b, struct http_head *h)
{
	int r = read_answer(b, 100, 199, h);

	h->framing = HTTP_BODY_NONE;
	/* HTTP/2 has no such (RFC 9113 8.6). */
	return r == 0 && h->status == 101 ? HTTP_ERR_ANSWER : r;
}

int h2_read_response(struct h2_exchange *x, struct http_head *h)
{
	int r = read_answer(x->head, 200, 599, h);
	const unsigned status = h->status;

	if (r < 0)
		return r;
	if (x->tunnel == H2_TUNNEL_ASKED && status / 100 == 2) {
		x->tunnel = H2_TUNNEL_OPEN;
		h->framing = HTTP_BODY_TUNNEL;
		if (!x->protocol.len)
			return 0;
		h->status = 101;
		h->reason = slice_str(http_reason(101));
		http_add(h, SLICE("connection"), SLICE("upgrade"));
		http_add(h, SLICE("upgrade"), x->protocol);
		return 0;
	}
	x->tunnel = H2_TUNNEL_NONE;
	x->no_body = x->head->end || x->head_request || status == 204 || status == 304;
	if (x->no_body)
		h->framing = HTTP_BODY_NONE;
	return 0;
}

void h2_read_trailers(const struct h2_block *b, struct http_trailers *ret)
{
	ret->n = 0;
	for (size_t i = 0; i < b->n && ret->n < HTTP_TRAILERS_MAX; i++)
		if (b->v[i].name.len && b->v[i].name.ptr[0] != ':')
			ret->v[ret->n++] = (struct http_trailer){b->v[i].name, b->v[i].value};
}

/* ---- sending ---- */

static bool stays_behind(const struct http_field *f)
{
	switch (f->id) {
	case HTTP_NAME_HOST:
	case HTTP_NAME_CONNECTION:
	case HTTP_NAME_KEEP_ALIVE:
	case HTTP_NAME_PROXY_CONNECTION:
	case HTTP_NAME_TRANSFER_ENCODING:
	case HTTP_NAME_UPGRADE:
		return true;
	case HTTP_NAME_TE:
		return !slice_eq_nocase(http_field_value(f), SLICE("trailers"));
	default:
		return slice_eq_nocase(http_field_name(f), SLICE("http2-settings"));
	}
}

/*
 * Names become small letters where they are sent. What is another one with each request would only push out of the
 * peer's table what comes again.
 */
static size_t put_fields(const struct http_head *head, bool request, struct h2_header *out)
{
	size_t n = 0;

	for (int i = 0; i < head->n_fields; i++) {
		const struct http_field *f = &head->fields[i];

		if (!f->name_len || stays_behind(f) || (!request && f->id == HTTP_NAME_TE))
			continue;
		out[n++] = (struct h2_header){.name = http_field_name(f),
					      .value = http_field_value(f),
					      .sensitive = f->id == HTTP_NAME_AUTHORIZATION ||
							   f->id == HTTP_NAME_REQUEST_ID};
	}
	return n;
}

static void put(struct h2_header *out, size_t *n, struct slice name, struct slice value)
{
	out[(*n)++] = (struct h2_header){.name = name, .value = value};
}

size_t h2_write_request(const struct http_head *head, bool secure, struct h2_header *out)
{
	struct slice host = http_get_id(head, HTTP_NAME_HOST), upgrade = http_get_id(head, HTTP_NAME_UPGRADE);
	bool tunnel = head->framing == HTTP_BODY_TUNNEL;
	size_t n = 0;

	put(out, &n, SLICE(":method"), tunnel ? SLICE("CONNECT") : head->method);
	if (head->method_id == HTTP_CONNECT) {
		put(out, &n, SLICE(":authority"), head->target);
		return n + put_fields(head, true, out + n);
	}
	put(out, &n, SLICE(":scheme"), head->scheme.len ? head->scheme : secure ? SLICE("https") : SLICE("http"));
	put(out, &n, SLICE(":path"), head->target);
	if (host.len)
		put(out, &n, SLICE(":authority"), host);
	if (tunnel)
		put(out, &n, SLICE(":protocol"), upgrade);
	return n + put_fields(head, true, out + n);
}

size_t h2_write_response(const struct http_head *head, bool tunnel, char text[H2_STATUS_BYTES], struct h2_header *out)
{
	unsigned status = tunnel && head->status == 101 ? 200 : head->status;

	text[0] = (char)('0' + status / 100);
	text[1] = (char)('0' + status / 10 % 10);
	text[2] = (char)('0' + status % 10);
	out[0] = (struct h2_header){.name = SLICE(":status"), .value = slice_make(text, H2_STATUS_BYTES)};
	return 1 + put_fields(head, false, out + 1);
}

size_t h2_write_trailers(const struct http_trailers *t, struct h2_header *out)
{
	for (size_t i = 0; i < t->n; i++)
		out[i] = (struct h2_header){.name = t->v[i].name, .value = t->v[i].value};
	return t->n;
}
