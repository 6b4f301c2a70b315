/* Base64, standard alphabet. */
#include <errno.h>

#include "base/base64.h"

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void base64_encode(struct slice in, struct buf *out)
{
	const uint8_t *p = (const uint8_t *)in.ptr;

	for (size_t i = 0; i < in.len; i += 3) {
		const size_t left = in.len - i;
		const uint32_t v =
			(uint32_t)p[i] << 16 | (left > 1 ? (uint32_t)p[i + 1] << 8 : 0) | (left > 2 ? p[i + 2] : 0);
		const char quad[4] = {
			alphabet[v >> 18],
			alphabet[v >> 12 & 63],
			left > 1 ? alphabet[v >> 6 & 63] : '=',
			left > 2 ? alphabet[v & 63] : '=',
		};

		buf_append(out, quad, sizeof(quad));
	}
}

static int digit(char c)
{
	const char *at = c ? strchr(alphabet, c) : NULL;

	return at ? (int)(at - alphabet) : -1;
}

int base64_decode(struct slice text, struct buf *out)
{
	uint32_t acc = 0;
	unsigned bits = 0, digits = 0, pads = 0;

	for (size_t i = 0; i < text.len; i++) {
		const char c = text.ptr[i];
		int d;

		if (c == '\n' || c == '\r' || c == ' ')
			continue;
		if (c == '=') {
			pads++;
			continue;
		}
		d = digit(c);
		if (d < 0 || pads)
			return -EINVAL;
		acc = acc << 6 | (uint32_t)d;
		bits += 6;
		digits++;
		if (bits >= 8) {
			bits -= 8;
			buf_append_char(out, (char)(acc >> bits & 0xff));
		}
	}
	return (digits + pads) % 4 || pads > 2 ? -EINVAL : 0;
}
