/* Reading requests: see parse_internal.h. */
#include "web/parse_internal.h"

#include <ctype.h>

#include "base/cleanup.h"
#include "base/hex.h"

#define CHUNK_LINE_MAX 256
#define TRAILER_MAX_BYTES 8192

static bool is_token(struct slice s)
{
	static const char extra[] = "!#$%&'*+-.^_`|~";

	for (size_t i = 0; i < s.len; i++)
		if (!isalnum((unsigned char)s.ptr[i]) && !memchr(extra, s.ptr[i], sizeof(extra) - 1))
			return false;
	return s.len > 0;
}

static bool is_visible(struct slice s)
{
	for (size_t i = 0; i < s.len; i++)
		if ((unsigned char)s.ptr[i] <= ' ' || s.ptr[i] == 0x7f)
			return false;
	return s.len > 0;
}

static bool is_field_value(struct slice s)
{
	for (size_t i = 0; i < s.len; i++) {
		unsigned char c = (unsigned char)s.ptr[i];

		if ((c < ' ' && c != '\t') || c == 0x7f)
			return false;
	}
	return true;
}

/* A line up to CRLF or LF; false when there is none yet. */
static bool take_line(struct slice *rest, struct slice *ret)
{
	ptrdiff_t at = slice_find(*rest, '\n');

	if (at < 0)
		return false;
	*ret = slice_head(*rest, (size_t)at);
	if (ret->len && ret->ptr[ret->len - 1] == '\r')
		ret->len--;
	*rest = slice_from(*rest, (size_t)at + 1);
	return true;
}

static int parse_request_line(struct slice line, struct web_head *h)
{
	h->method = slice_split(&line, ' ');
	h->target = slice_split(&line, ' ');
	if (!is_token(h->method) || !is_visible(h->target) || h->target.ptr[0] != '/')
		return slice_eq_str(h->target, "*") ? -501 : -400;
	if (!slice_starts(line, SLICE("HTTP/")))
		return -400;
	if (line.len != 8 || line.ptr[5] != '1' || line.ptr[6] != '.' || !isdigit((unsigned char)line.ptr[7]))
		return -505;
	h->minor = line.ptr[7] != '0';
	h->keep_alive = h->minor == 1;
	return 0;
}

static bool has_token(struct slice list, const char *token)
{
	while (list.len)
		if (slice_eq_nocase(slice_trim(slice_split(&list, ',')), slice_str(token)))
			return true;
	return false;
}

/* What a header means for the framing. */
static int note_header(struct web_head *h, struct slice name, struct slice value)
{
	if (slice_eq_nocase(name, SLICE("content-length"))) {
		uint64_t n;

		if (slice_to_u64(value, INT64_MAX, &n) < 0)
			return -400;
		if (h->content_length >= 0 && (uint64_t)h->content_length != n)
			return -400;
		h->content_length = (int64_t)n;
	} else if (slice_eq_nocase(name, SLICE("transfer-encoding"))) {
		if (h->chunked || !slice_eq_nocase(value, SLICE("chunked")))
			return -501;
		h->chunked = true;
	} else if (slice_eq_nocase(name, SLICE("connection"))) {
		if (has_token(value, "close"))
			h->keep_alive = false;
		else if (has_token(value, "keep-alive"))
			h->keep_alive = true;
		h->upgrade |= has_token(value, "upgrade");
	} else if (slice_eq_nocase(name, SLICE("expect"))) {
		h->expect_continue = slice_eq_nocase(value, SLICE("100-continue"));
	}
	return 0;
}

static int parse_header(struct slice line, struct web_head *h)
{
	ptrdiff_t colon = slice_find(line, ':');

	if (colon <= 0)
		return -400;
	if (h->n == WEB_HEADERS_MAX)
		return -431;
	struct web_header *f = &h->headers[h->n++];

	f->name = slice_head(line, (size_t)colon);
	f->value = slice_trim(slice_from(line, (size_t)colon + 1));
	if (!is_token(f->name) || !is_field_value(f->value))
		return -400;
	return note_header(h, f->name, f->value);
}

int64_t web_parse_head(struct slice bytes, struct web_head *h)
{
	struct slice rest = bytes, line;
	int r;

	h->n = 0;
	h->content_length = -1;
	h->chunked = h->keep_alive = h->expect_continue = h->upgrade = false;
	do {
		if (!take_line(&rest, &line))
			return bytes.len > WEB_HEAD_MAX_BYTES ? -431 : 0;
	} while (!line.len); /* empty lines before a request are allowed, RFC 9112 2.2 */
	r = parse_request_line(line, h);
	for (;;) {
		if (r < 0)
			return r;
		if (!take_line(&rest, &line))
			return bytes.len > WEB_HEAD_MAX_BYTES ? -431 : 0;
		if (!line.len)
			break;
		r = parse_header(line, h);
	}
	if (h->chunked && (h->content_length >= 0 || h->minor == 0))
		return -400;
	return (int64_t)(bytes.len - rest.len);
}

static int chunk_size(struct slice line, uint64_t *ret)
{
	struct slice digits = slice_trim(slice_split(&line, ';'));
	uint64_t n = 0;

	if (!digits.len || digits.len > 8)
		return -400;
	for (size_t i = 0; i < digits.len; i++) {
		int digit = hex_digit(digits.ptr[i]);

		if (digit < 0)
			return -400;
		n = n * 16 + (uint64_t)digit;
	}
	*ret = n;
	return 0;
}

/* One step that needs a line. Returns 1 when one was taken, 0 when none is there yet, or a negative status. */
static int chunk_line(struct web_chunked *c, struct slice *rest)
{
	struct slice line;

	if (!take_line(rest, &line))
		return rest->len > CHUNK_LINE_MAX && c->state != CHUNK_TRAILER ? -400 : 0;
	switch (c->state) {
	case CHUNK_SIZE:
		if (chunk_size(line, &c->left) < 0)
			return -400;
		c->state = c->left ? CHUNK_DATA : CHUNK_TRAILER;
		return 1;
	case CHUNK_END:
		c->state = CHUNK_SIZE;
		return line.len ? -400 : 1;
	default:
		c->trailer_bytes += line.len;
		if (!line.len)
			c->state = CHUNK_DONE;
		return c->trailer_bytes > TRAILER_MAX_BYTES ? -431 : 1;
	}
}

int64_t web_parse_chunks(struct web_chunked *c, struct slice bytes, struct buf *out, size_t max)
{
	struct slice rest = bytes;

	while (c->state != CHUNK_DONE) {
		if (c->state == CHUNK_DATA) {
			size_t n = MIN(rest.len, c->left);

			if (!n)
				break;
			if (buf_try_append(out, rest.ptr, n, max) < 0)
				return -413;
			rest = slice_from(rest, n);
			c->left -= n;
			if (!c->left)
				c->state = CHUNK_END;
			continue;
		}
		int r = chunk_line(c, &rest);

		if (r < 0)
			return r;
		if (!r)
			break;
	}
	return (int64_t)(bytes.len - rest.len);
}

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
