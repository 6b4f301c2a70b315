/* Only what RFC 3986 calls unreserved stays as it is. */
#include "base/percent.h"

#include <string.h>

void percent_encode(struct slice text, struct buf *out)
{
	for (size_t i = 0; i < text.len; i++) {
		const unsigned char c = (unsigned char)text.ptr[i];

		if ((c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') || (c && strchr("-._~", c)))
			buf_append_char(out, (char)c);
		else
			buf_printf(out, "%%%02X", c);
	}
}
