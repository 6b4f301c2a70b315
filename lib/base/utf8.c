/* RFC 3629: the shortest form, no surrogates, nothing above U+10FFFF. */
#include "base/utf8.h"

/* The length of the character at the beginning, 0 = it is none. */
static size_t char_len(struct slice s)
{
	const unsigned char *p = (const unsigned char *)s.ptr;
	const size_t n = p[0] < 0x80 ? 1 : p[0] < 0xc2 ? 0 : p[0] < 0xe0 ? 2 : p[0] < 0xf0 ? 3 : p[0] < 0xf5 ? 4 : 0;

	if (!n || n > s.len)
		return 0;
	for (size_t i = 1; i < n; i++)
		if ((p[i] & 0xc0) != 0x80)
			return 0;
	if ((p[0] == 0xe0 && p[1] < 0xa0) || (p[0] == 0xed && p[1] >= 0xa0) || (p[0] == 0xf0 && p[1] < 0x90) ||
	    (p[0] == 0xf4 && p[1] >= 0x90))
		return 0;
	return n;
}

char *utf8_text(struct arena *a, struct slice s)
{
	char *out = s.len ? arena_slicedup(a, s) : arena_strdup(a, "");

	for (size_t i = 0; i < s.len;) {
		const size_t n = char_len(slice_from(s, i));

		if (!n)
			out[i] = '!';
		i += n ? n : 1;
	}
	return out;
}
