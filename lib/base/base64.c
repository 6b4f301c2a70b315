/* Base64 in both alphabets. */
#include <errno.h>

#include "base/base64.h"

static const char standard[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
static const char url[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

static void encode(const char *alphabet, struct slice in, struct buf *out)
{
	const uint8_t *p = (const uint8_t *)in.ptr;
	uint32_t acc = 0;
	unsigned bits = 0;

	buf_reserve(out, (in.len + 2) / 3 * 4);
	for (size_t i = 0; i < in.len; i++) {
		acc = acc << 8 | p[i];
		for (bits += 8; bits >= 6; bits -= 6)
			buf_append_char(out, alphabet[acc >> (bits - 6) & 63]);
	}
	if (bits)
		buf_append_char(out, alphabet[acc << (6 - bits) & 63]);
}

void base64_encode(struct slice in, struct buf *out)
{
	encode(standard, in, out);
	for (size_t n = in.len; n % 3; n++)
		buf_append_char(out, '=');
}

void base64url_encode(struct slice in, struct buf *out)
{
	encode(url, in, out);
}

/* The value of a digit, -1 for none. */
static int digit(const char *alphabet, char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	return c == alphabet[62] ? 62 : c == alphabet[63] ? 63 : -1;
}

struct decoder {
	const char *alphabet;
	struct buf *out;
	uint32_t acc;
	unsigned bits;
	size_t digits;
};

static bool take(struct decoder *d, char c)
{
	const int v = digit(d->alphabet, c);

	if (v < 0)
		return false;
	d->acc = d->acc << 6 | (uint32_t)v;
	d->bits += 6;
	d->digits++;
	if (d->bits >= 8) {
		d->bits -= 8;
		buf_append_char(d->out, (char)(d->acc >> d->bits & 0xff));
	}
	return true;
}

int base64_decode(struct slice text, struct buf *out)
{
	struct decoder d = {.alphabet = standard, .out = out};
	size_t pads = 0;

	for (size_t i = 0; i < text.len; i++) {
		const char c = text.ptr[i];

		if (c == '\n' || c == '\r' || c == ' ')
			continue;
		if (c == '=')
			pads++;
		else if (pads || !take(&d, c))
			return -EINVAL;
	}
	return (d.digits + pads) % 4 || pads > 2 ? -EINVAL : 0;
}

int base64url_decode(struct slice text, struct buf *out)
{
	struct decoder d = {.alphabet = url, .out = out};

	if (text.len % 4 == 1)
		return -EINVAL;
	for (size_t i = 0; i < text.len; i++)
		if (!take(&d, text.ptr[i]))
			return -EINVAL;
	return 0;
}
