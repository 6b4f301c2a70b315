/* One pass over the bytes, then dot segments are taken out in place. */
#include "proxy/path.h"

static bool is_escape(const char *p, const char *end, char hi, char lo)
{
	return end - p >= 3 && p[0] == '%' && p[1] == hi && (p[2] | 0x20) == (lo | 0x20);
}

static bool is_escaped_slash(const char *p, const char *end)
{
	return is_escape(p, end, '2', 'f') || is_escape(p, end, '5', 'c');
}

static struct slice without_query(struct slice path)
{
	ptrdiff_t q = slice_find(path, '?');

	return q < 0 ? path : slice_head(path, (size_t)q);
}

bool path_needs_work(struct slice path, const struct path_rules *rules)
{
	const char *end;
	char last = 0;

	path = without_query(path);
	end = path.ptr + path.len;
	for (const char *p = path.ptr; p < end; p++) {
		if (last == '/' && ((*p == '.' && rules->normalise) || (*p == '/' && rules->merge_slashes)))
			return true;
		if (*p == '\\' || *p == '%')
			return true;
		last = *p;
	}
	return false;
}

/* Decodes what the rules say; -1 when refused. */
static ptrdiff_t decode(struct slice path, const struct path_rules *r, char *out)
{
	const char *p = path.ptr, *end = p + path.len;
	char *o = out;

	while (p < end) {
		char c = *p;

		if (is_escaped_slash(p, end) && r->escaped_slashes >= PATH_ESCAPED_REJECT) {
			if (r->escaped_slashes == PATH_ESCAPED_REJECT)
				return -1;
			c = '/';
			p += 2;
		} else if (r->normalise && is_escape(p, end, '2', 'e')) {
			c = '.';
			p += 2;
		} else if (is_escape(p, end, '0', '0')) {
			return -1;
		} else if (r->normalise && c == '\\') {
			c = '/';
		}
		p++;
		if (c == '/' && r->merge_slashes && o > out && o[-1] == '/')
			continue;
		*o++ = c;
	}
	return o - out;
}

/* RFC 3986 5.2.4, in place; a path that climbs above its root is refused. */
static ptrdiff_t remove_dots(char *path, size_t len)
{
	char *o = path, *p = path, *end = path + len;

	while (p < end) {
		char *next = memchr(p + 1, '/', (size_t)(end - p - 1));
		size_t n;

		if (!next)
			next = end;
		n = (size_t)(next - p);
		if (n == 2 && p[1] == '.') {
			if (next == end)
				*o++ = '/';
		} else if (n == 3 && p[1] == '.' && p[2] == '.') {
			if (o == path)
				return -1;
			while (*--o != '/')
				;
			if (next == end)
				*o++ = '/';
		} else {
			memmove(o, p, n);
			o += n;
		}
		p = next;
	}
	if (o == path)
		*o++ = '/';
	return o - path;
}

size_t path_normalise(struct slice path, const struct path_rules *rules, char *out)
{
	struct slice head = without_query(path), query = slice_from(path, head.len);
	ptrdiff_t n = decode(head, rules, out);

	if (n >= 0 && rules->normalise)
		n = remove_dots(out, (size_t)n);
	if (n < 0)
		return 0;
	if (query.len)
		memcpy(out + n, query.ptr, query.len);
	return (size_t)n + query.len;
}
