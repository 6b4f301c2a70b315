/* Base64url, three bytes to four characters. */
#include <errno.h>

#include "pki/base64url.h"

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

void base64url_encode(struct slice bytes, struct buf *out)
{
	const unsigned char *p = (const unsigned char *)bytes.ptr;
	uint32_t acc = 0;
	unsigned bits = 0;

	for (size_t i = 0; i < bytes.len; i++) {
		acc = acc << 8 | p[i];
		for (bits += 8; bits >= 6; bits -= 6)
			buf_append_char(out, alphabet[acc >> (bits - 6) & 63]);
	}
	if (bits)
		buf_append_char(out, alphabet[acc << (6 - bits) & 63]);
}

static int digit(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	return c == '-' ? 62 : c == '_' ? 63 : -1;
}

int base64url_decode(struct slice text, struct buf *out)
{
	uint32_t acc = 0;
	unsigned bits = 0;

	if (text.len % 4 == 1)
		return -EINVAL;
	buf_reserve(out, text.len);
	for (size_t i = 0; i < text.len; i++) {
		int d = digit(text.ptr[i]);

		if (d < 0)
			return -EINVAL;
		acc = acc << 6 | (uint32_t)d;
		bits += 6;
		if (bits >= 8) {
			bits -= 8;
			buf_append_char(out, (char)(acc >> bits & 255));
		}
	}
	return 0;
}
