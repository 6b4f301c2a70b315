/* Reading one cookie out of a request and writing one into a response. */
#include "http/cookie.h"

static struct slice without_quotes(struct slice v)
{
	return v.len >= 2 && v.ptr[0] == '"' && v.ptr[v.len - 1] == '"' ? slice_make(v.ptr + 1, v.len - 2) : v;
}

static struct slice find_in(struct slice all, struct slice name)
{
	while (all.len) {
		struct slice value = slice_trim(slice_split(&all, ';'));
		const struct slice key = slice_split(&value, '=');

		if (slice_eq(key, name))
			return without_quotes(value);
	}
	return slice_make(NULL, 0);
}

struct slice cookie_find(const struct http_head *h, struct slice name)
{
	for (size_t i = 0; i < h->n_fields; i++) {
		const struct http_field *f = &h->fields[i];
		struct slice v;

		if (f->id != HTTP_NAME_COOKIE || !f->name_len)
			continue;
		v = find_in(http_field_value(f), name);
		if (v.len)
			return v;
	}
	return slice_make(NULL, 0);
}

void cookie_write(struct buf *out, struct slice name, struct slice value, struct slice path, int64_t max_age_s)
{
	buf_printf(out, "%.*s=\"%.*s\"", SLICE_ARG(name), SLICE_ARG(value));
	if (max_age_s > 0)
		buf_printf(out, "; Max-Age=%lld", (long long)max_age_s);
	if (path.len)
		buf_printf(out, "; Path=%.*s", SLICE_ARG(path));
	buf_append_str(out, "; HttpOnly");
}
