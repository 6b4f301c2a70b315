/*
 * One pass over the bytes, then dot segments and repeated slashes are taken out in place. Escapes are decoded once and
 * only once: what decoding leaves must not read as an escape that the client did not send ("%%36%31" stays as it is).
 */
#include "route/path.h"

#include "base/hex.h"

static bool is_escape(const char *p, const char *end, char hi, char lo)
{
	return end - p >= 3 && p[0] == '%' && p[1] == hi && (p[2] | 0x20) == (lo | 0x20);
}

static bool is_escaped_slash(const char *p, const char *end)
{
	return is_escape(p, end, '2', 'f') || is_escape(p, end, '5', 'c');
}

/* RFC 3986 2.3. */
static bool is_unreserved(int c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
	       c == '_' || c == '~';
}

/* The byte that an escape at p stands for, or -1 when there is none. */
static int escaped_byte(const char *p, const char *end)
{
	int hi, lo;

	if (end - p < 3 || p[0] != '%')
		return -1;
	hi = hex_digit(p[1]);
	lo = hex_digit(p[2]);
	return hi < 0 || lo < 0 ? -1 : hi << 4 | lo;
}

struct slice path_without_query(struct slice path)
{
	for (size_t i = 0; i < path.len; i++)
		if (path.ptr[i] == '?' || path.ptr[i] == '#')
			return slice_head(path, i);
	return path;
}

bool path_needs_work(struct slice path, const struct path_rules *rules)
{
	const bool decodes = rules->normalise || rules->escaped_slashes >= PATH_ESCAPED_REJECT;
	const char *end;
	char last = 0;

	if (!decodes && !rules->merge_slashes)
		return false;
	path = path_without_query(path);
	end = path.ptr + path.len;
	for (const char *p = path.ptr; p < end; p++) {
		if (last == '/' && ((*p == '.' && rules->normalise) || (*p == '/' && rules->merge_slashes)))
			return true;
		if (decodes && (*p == '\\' || *p == '%' || (unsigned char)*p >= 0x80))
			return true;
		last = *p;
	}
	return false;
}

/* --- decoding --- */

struct decoder {
	const char *p, *end; /* of what is read */
	char *out, *o;       /* what is written */
	char *stray;         /* the last '%' written that begins no escape, or NULL */
	bool upper;          /* escapes that stay are written in upper case */
};

static void put_escape(struct decoder *d, unsigned char c)
{
	static const char digits[] = "0123456789ABCDEF";

	*d->o++ = '%';
	*d->o++ = digits[c >> 4];
	*d->o++ = digits[c & 15];
}

/* Would this character complete an escape that begins with a percent sign of the client's own? */
static bool completes_stray(const struct decoder *d, int c)
{
	const ptrdiff_t after = d->stray ? d->o - d->stray : 0;

	return (after == 1 || (after == 2 && hex_digit(d->o[-1]) >= 0)) && hex_digit(c) >= 0;
}

static void keep_escape(struct decoder *d, int c)
{
	if (d->upper)
		put_escape(d, (unsigned char)c);
	else
		d->o = mempcpy(d->o, d->p, 3);
	d->p += 3;
}

/* One character or escape of RFC 3986's normal form. */
static void decode_one(struct decoder *d)
{
	const int c = escaped_byte(d->p, d->end);

	if (c >= 0 && (!is_unreserved(c) || completes_stray(d, c))) {
		keep_escape(d, c);
	} else if (c >= 0) {
		*d->o++ = (char)c;
		d->p += 3;
	} else if ((unsigned char)*d->p >= 0x80) {
		put_escape(d, (unsigned char)*d->p++);
	} else {
		if (*d->p == '%')
			d->stray = d->o;
		*d->o++ = *d->p == '\\' ? '/' : *d->p;
		d->p++;
	}
}

/* Decodes what the rules say; -1 when refused. */
static ptrdiff_t decode(struct slice path, const struct path_rules *r, char *out)
{
	struct decoder d = {.p = path.ptr, .end = path.ptr + path.len, .out = out, .o = out};

	while (d.p < d.end) {
		if (r->escaped_slashes >= PATH_ESCAPED_REJECT && is_escaped_slash(d.p, d.end)) {
			if (r->escaped_slashes == PATH_ESCAPED_REJECT)
				return -1;
			*d.o++ = !r->normalise && d.p[1] == '5' ? '\\' : '/';
			d.p += 3;
		} else if (!r->normalise) {
			*d.o++ = *d.p++;
		} else if (is_escape(d.p, d.end, '0', '0')) {
			return -1;
		} else {
			decode_one(&d);
		}
	}
	return d.o - out;
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

static ptrdiff_t merge_slashes(char *path, size_t len)
{
	char *o = path;

	for (size_t i = 0; i < len; i++)
		if (path[i] != '/' || o == path || o[-1] != '/')
			*o++ = path[i];
	return o - path;
}

size_t path_normalise(struct slice path, const struct path_rules *rules, char *out)
{
	struct slice head = path_without_query(path), query = slice_from(path, head.len);
	ptrdiff_t n = decode(head, rules, out);

	if (n >= 0 && rules->normalise)
		n = remove_dots(out, (size_t)n);
	if (n >= 0 && rules->merge_slashes)
		n = merge_slashes(out, (size_t)n);
	if (n < 0)
		return 0;
	if (query.len)
		memcpy(out + n, query.ptr, query.len);
	return (size_t)n + query.len;
}

/* --- what policies compare --- */

bool path_needs_fold(struct slice path)
{
	for (size_t i = 0; i < path.len; i++)
		if (path.ptr[i] == '%' || path.ptr[i] == '\\' || (unsigned char)path.ptr[i] >= 0x80)
			return true;
	return false;
}

size_t path_fold(struct slice path, char *out)
{
	struct decoder d = {.p = path.ptr, .end = path.ptr + path.len, .out = out, .o = out, .upper = true};

	while (d.p < d.end)
		decode_one(&d);
	return (size_t)(d.o - out);
}

/* Bytes of one separator at p, plain or encoded; 0 = there is none. */
static size_t separator(const char *p, const char *end)
{
	if (*p == '/' || *p == '\\')
		return 1;
	return is_escaped_slash(p, end) ? 3 : 0;
}

/* Bytes of one dot at p, plain or encoded. */
static size_t dot(const char *p, const char *end)
{
	if (p < end && *p == '.')
		return 1;
	return is_escape(p, end, '2', 'e') ? 3 : 0;
}

static bool begins_with_dots_and_parameters(const char *p, const char *end)
{
	size_t n = dot(p, end);

	if (!n)
		return false;
	p += n;
	p += dot(p, end);
	return p < end && (*p == ';' || is_escape(p, end, '3', 'b'));
}

bool path_has_dot_parameters(struct slice path)
{
	const char *p = path.ptr, *end = p + path.len;

	while (p < end) {
		const size_t n = separator(p, end);

		p += n ? n : 1;
		if (n && begins_with_dots_and_parameters(p, end))
			return true;
	}
	return false;
}
