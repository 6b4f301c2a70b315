/* Every place and every repetition counts: a server behind may read another one than we do. */
#include "proxy/filter/jwt_token.h"

#include "http/cookie.h"

struct finds {
	struct slice *out;
	size_t n;
};

static void add(struct finds *f, struct slice token)
{
	while (token.len && token.ptr[0] == ' ')
		token = slice_from(token, 1);
	if (token.len && f->n <= JWT_TOKENS_MAX)
		f->out[f->n++] = token;
}

static bool is_place(const struct http_field *f, struct slice name)
{
	return f->name_len && slice_eq_nocase(http_field_name(f), name);
}

/* A prefix with a space at its end is also there without what would follow: the token is empty then, not missing. */
static void add_header(struct finds *f, struct slice value, struct slice prefix)
{
	if (value.len >= prefix.len && slice_eq_nocase(slice_head(value, prefix.len), prefix))
		add(f, slice_from(value, prefix.len));
}

static void find_headers(struct finds *f, const struct jwt_place *place, const struct http_head *h)
{
	for (int i = 0; i < h->n_fields; i++)
		if (is_place(&h->fields[i], place->name))
			add_header(f, http_field_value(&h->fields[i]), place->prefix);
}

/* The query without what is behind it. */
static struct slice query_of(struct slice target)
{
	ptrdiff_t at = slice_find(target, '?'), end;

	if (at < 0)
		return slice_make("", 0);
	target = slice_from(target, (size_t)at + 1);
	end = slice_find(target, '#');
	return end < 0 ? target : slice_head(target, (size_t)end);
}

static bool is_param(const struct jwt_provider *p, struct slice name)
{
	for (size_t i = 0; i < p->n_params; i++)
		if (slice_eq(p->params[i], name))
			return true;
	return false;
}

static void find_params(struct finds *f, const struct jwt_provider *p, struct slice query)
{
	while (query.len) {
		struct slice value = slice_split(&query, '&'), name = slice_split(&value, '=');

		if (is_param(p, name))
			add(f, value);
	}
}

size_t jwt_tokens_find(const struct jwt_provider *p, const struct http_head *h, struct slice out[JWT_TOKENS_MAX + 1])
{
	struct finds f = {out, 0};

	for (size_t i = 0; i < p->n_headers; i++)
		find_headers(&f, &p->headers[i], h);
	if (p->n_params)
		find_params(&f, p, query_of(h->target));
	for (size_t i = 0; i < p->n_cookies; i++)
		add(&f, cookie_find(h, p->cookies[i]));
	return f.n;
}

static void remove_params(const struct jwt_provider *p, struct http_head *h, char *buf)
{
	struct slice query = query_of(h->target), rest = query;
	const size_t head = (size_t)(query.ptr - h->target.ptr), tail = h->target.len - head - query.len;
	size_t n = head;
	bool found = false;

	memcpy(buf, h->target.ptr, head);
	while (rest.len) {
		struct slice one = slice_split(&rest, '&'), value = one;

		if (is_param(p, slice_split(&value, '='))) {
			found = true;
			continue;
		}
		if (n > head)
			buf[n++] = '&';
		memcpy(buf + n, one.ptr, one.len);
		n += one.len;
	}
	if (!found)
		return;
	if (n == head) /* nothing is left: no question mark */
		n--;
	memcpy(buf + n, query.ptr + query.len, tail);
	h->target = slice_make(buf, n + tail);
}

void jwt_tokens_remove(const struct jwt_provider *p, struct http_head *h, char *buf)
{
	for (size_t i = 0; i < p->n_headers; i++)
		http_remove(h, p->headers[i].name);
	if (p->n_params && query_of(h->target).len)
		remove_params(p, h, buf);
}
