/* Texts of spans, as UTF-8. */
#include "trace/text.h"

/* Bytes of the well-formed sequence that begins here (RFC 3629, section 4), 0 when there is none. */
static size_t sequence(struct slice s)
{
	const unsigned char *p = (const unsigned char *)s.ptr;
	unsigned char low = 0x80, high = 0xbf;
	size_t n;

	if (p[0] < 0x80)
		return 1;
	if (p[0] < 0xc2 || p[0] > 0xf4)
		return 0;
	n = p[0] < 0xe0 ? 2 : p[0] < 0xf0 ? 3 : 4;
	if (s.len < n)
		return 0;
	/* Overlong forms, surrogates and what lies beyond the last plane. */
	if (p[0] == 0xe0)
		low = 0xa0;
	else if (p[0] == 0xed)
		high = 0x9f;
	else if (p[0] == 0xf0)
		low = 0x90;
	else if (p[0] == 0xf4)
		high = 0x8f;
	if (p[1] < low || p[1] > high)
		return 0;
	for (size_t i = 2; i < n; i++)
		if ((p[i] & 0xc0) != 0x80)
			return 0;
	return n;
}

#define EACH_BYTE(c) (0x0101010101010101u * (c))

/* Not 0 when one of the word's bytes is below c, which is at most 0x80 (for words of ASCII). */
static uint64_t has_below(uint64_t word, uint64_t c)
{
	return (word - EACH_BYTE(c)) & ~word & EACH_BYTE(0x80);
}

/* Eight bytes that can stand in any text: ASCII without control characters, quotes and backslashes. */
static inline bool is_plain_word(uint64_t word)
{
	return !(word & EACH_BYTE(0x80)) && !has_below(word, 0x20) && !has_below(word ^ EACH_BYTE('"'), 1) &&
	       !has_below(word ^ EACH_BYTE('\\'), 1);
}

static inline bool eight_plain(const char *bytes)
{
	uint64_t word;

	memcpy(&word, bytes, sizeof(word));
	return is_plain_word(word);
}

static inline bool copy_eight(char *to, const char *bytes)
{
	uint64_t word;

	memcpy(&word, bytes, sizeof(word));
	memcpy(to, &word, sizeof(word));
	return is_plain_word(word);
}

/* The last eight may overlap those before. */
static bool all_plain(struct slice s)
{
	const size_t step = sizeof(uint64_t);
	size_t n = 0;

	if (s.len < step)
		return false;
	for (; n + step <= s.len; n += step)
		if (!eight_plain(s.ptr + n))
			return false;
	return eight_plain(s.ptr + s.len - step);
}

static bool is_plain(unsigned char c)
{
	return c >= 0x20 && c < 0x80 && c != '"' && c != '\\';
}

char *trace_copy_plain(char *to, struct slice s)
{
	const size_t step = sizeof(uint64_t);
	size_t n = 0;

	if (s.len >= step) {
		for (; n + step <= s.len; n += step)
			if (!copy_eight(to + n, s.ptr + n))
				return NULL;
		return copy_eight(to + s.len - step, s.ptr + s.len - step) ? to + s.len : NULL;
	}
	for (; n < s.len; n++) {
		if (!is_plain((unsigned char)s.ptr[n]))
			return NULL;
		to[n] = s.ptr[n];
	}
	return to + n;
}

/* The bytes from the front that need no change, in JSON or plain. */
static size_t clean(struct slice s, bool json)
{
	size_t n = 0;

	if (all_plain(s))
		return s.len;
	while (n < s.len) {
		const unsigned char c = (unsigned char)s.ptr[n];
		size_t step = 1;

		if (!is_plain(c))
			step = json && c < 0x80 ? 0 : sequence(slice_from(s, n));
		if (!step)
			break;
		n += step;
	}
	return n;
}

static void put_escaped(struct buf *out, unsigned char c)
{
	if (c == '"' || c == '\\')
		buf_printf(out, "\\%c", c);
	else if (c < 0x20)
		buf_printf(out, "\\u%04x", c);
	else
		buf_append_char(out, '?');
}

void trace_put_text(struct buf *out, struct slice s)
{
	while (s.len) {
		size_t n = clean(s, false);

		buf_append_slice(out, slice_head(s, n));
		if (n < s.len)
			buf_append_char(out, '?');
		s = slice_from(s, n + 1);
	}
}

/* In one piece: most texts need no change. */
static void put_quoted(struct buf *out, struct slice s)
{
	char *p = buf_reserve(out, s.len + 2);

	*p++ = '"';
	if (s.len)
		p = mempcpy(p, s.ptr, s.len);
	*p++ = '"';
	*p = 0;
	out->len += s.len + 2;
}

void trace_put_json(struct buf *out, struct slice s)
{
	size_t n = clean(s, true);

	if (n == s.len) {
		put_quoted(out, s);
		return;
	}
	buf_append_char(out, '"');
	while (s.len) {
		buf_append_slice(out, slice_head(s, n));
		if (n < s.len)
			put_escaped(out, (unsigned char)s.ptr[n]);
		s = slice_from(s, n + 1);
		n = clean(s, true);
	}
	buf_append_char(out, '"');
}
