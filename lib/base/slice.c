/* Views of bytes: comparison, searching, splitting, numbers. */
#include "base/slice.h"

#include <errno.h>

int slice_cmp(struct slice a, struct slice b)
{
	size_t n = a.len < b.len ? a.len : b.len;
	int c = n ? memcmp(a.ptr, b.ptr, n) : 0;

	if (c)
		return c;
	return (a.len > b.len) - (a.len < b.len);
}

ptrdiff_t slice_find(struct slice s, char c)
{
	const char *p = s.len ? memchr(s.ptr, c, s.len) : NULL;

	return p ? p - s.ptr : -1;
}

ptrdiff_t slice_rfind(struct slice s, char c)
{
	const char *p = s.len ? memrchr(s.ptr, c, s.len) : NULL;

	return p ? p - s.ptr : -1;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

struct slice slice_trim(struct slice s)
{
	while (s.len && is_blank(s.ptr[0]))
		s.ptr++, s.len--;
	while (s.len && is_blank(s.ptr[s.len - 1]))
		s.len--;
	return s;
}

struct slice slice_split(struct slice *rest, char sep)
{
	ptrdiff_t at = slice_find(*rest, sep);
	struct slice part;

	if (at < 0) {
		part = *rest;
		*rest = slice_make(rest->ptr + rest->len, 0);
		return part;
	}
	part = slice_make(rest->ptr, (size_t)at);
	*rest = slice_make(rest->ptr + at + 1, rest->len - (size_t)at - 1);
	return part;
}

bool slice_is_token(struct slice s)
{
	static const char special[] = "!#$%&'*+-.^_`|~";

	for (size_t i = 0; i < s.len; i++) {
		const char c = s.ptr[i];

		if (!(c >= '0' && c <= '9') && !((c | 0x20) >= 'a' && (c | 0x20) <= 'z') &&
		    !memchr(special, c, sizeof(special) - 1))
			return false;
	}
	return s.len > 0;
}

int slice_to_u64(struct slice s, uint64_t max, uint64_t *ret)
{
	uint64_t v = 0;

	if (!s.len)
		return -EINVAL;
	for (size_t i = 0; i < s.len; i++) {
		unsigned digit = (unsigned char)s.ptr[i] - '0';

		if (digit > 9)
			return -EINVAL;
		if (v > (UINT64_MAX - digit) / 10)
			return -ERANGE;
		v = v * 10 + digit;
		if (v > max)
			return -ERANGE;
	}
	*ret = v;
	return 0;
}
