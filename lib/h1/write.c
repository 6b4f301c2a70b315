/* Writing heads: untouched neighbours from the wire leave with one copy. */
#include "h1/h1_internal.h"

#include <assert.h>

size_t h1_head_bound(const struct http_head *h)
{
	size_t n = h->method.len + h->target.len + h->reason.len + 64;

	for (int i = 0; i < h->n_fields; i++) {
		const struct http_field *f = &h->fields[i];

		n += f->line_len ? f->line_len : (size_t)f->name_len + f->value_len + 4;
	}
	return n;
}

static char *put(char *out, const void *bytes, size_t n)
{
	if (n)
		memcpy(out, bytes, n);
	return out + n;
}

static char *put_fields(char *out, const struct http_head *h)
{
	int i = 0;

	while (i < h->n_fields) {
		const struct http_field *f = &h->fields[i++];
		const char *end = f->name + f->line_len;

		if (!f->name_len)
			continue;
		if (!f->line_len) {
			out = put(out, f->name, f->name_len);
			out = put(out, ": ", 2);
			out = put(out, f->value, f->value_len);
			out = put(out, "\r\n", 2);
			continue;
		}
		for (; i < h->n_fields && h->fields[i].name == end && h->fields[i].name_len && h->fields[i].line_len;
		     i++)
			end += h->fields[i].line_len;
		out = put(out, f->name, (size_t)(end - f->name));
	}
	return out;
}

char *h1_write_request(char *out, const struct http_head *h)
{
	assert(!h->overflow);
	out = put(out, h->method.ptr, h->method.len);
	*out++ = ' ';
	out = put(out, h->target.ptr, h->target.len);
	out = put(out, " HTTP/1.1\r\n", 11);
	return put_fields(out, h);
}

char *h1_write_response(char *out, const struct http_head *h)
{
	assert(!h->overflow);
	out = put(out, "HTTP/1.1 ", 9);
	*out++ = (char)('0' + h->status / 100);
	*out++ = (char)('0' + h->status / 10 % 10);
	*out++ = (char)('0' + h->status % 10);
	*out++ = ' ';
	out = put(out, h->reason.ptr, h->reason.len);
	out = put(out, "\r\n", 2);
	return put_fields(out, h);
}

/* After anything but a letter or a digit comes a capital, as Envoy's proper_case_words has it. */
static char *proper_name(char *at, const char *end)
{
	bool capital = true;

	for (; at < end && *at != ':'; at++) {
		bool small = *at >= 'a' && *at <= 'z', big = *at >= 'A' && *at <= 'Z';

		if (small && capital)
			*at = (char)(*at & ~0x20);
		else if (big && !capital)
			*at = (char)(*at | 0x20);
		capital = !small && !big && !(*at >= '0' && *at <= '9');
	}
	return at;
}

void h1_proper_case(char *from, char *end)
{
	char *at = from;

	while ((at = memchr(at, '\n', (size_t)(end - at))))
		at = proper_name(at + 1, end);
}

char *h1_write_chunk_head(char *out, size_t size)
{
	char digits[16];
	int n = 0;

	do {
		digits[n++] = "0123456789abcdef"[size & 15];
		size >>= 4;
	} while (size);
	while (n)
		*out++ = digits[--n];
	return put(out, "\r\n", 2);
}
