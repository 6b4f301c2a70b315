/* See parse_internal.h. */
#include "web/parse_internal.h"

#include "base/hex.h"

bool web_decode(struct arena *a, struct slice in, bool plus, struct slice *ret)
{
	char *out = arena_alloc(a, in.len + 1);
	size_t n = 0;

	for (size_t i = 0; i < in.len; i++) {
		char c = in.ptr[i];

		if (c == '%') {
			int hi = i + 2 < in.len ? hex_digit(in.ptr[i + 1]) : -1;
			int lo = hi >= 0 ? hex_digit(in.ptr[i + 2]) : -1;

			if (lo < 0 || hi * 16 + lo == 0)
				return false;
			c = (char)(hi * 16 + lo);
			i += 2;
		} else if (plus && c == '+') {
			c = ' ';
		}
		out[n++] = c;
	}
	out[n] = '\0';
	*ret = slice_make(out, n);
	return true;
}
