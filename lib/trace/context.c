/* Reading and writing of trace contexts. What is read comes from anybody: each field has one length and hexadecimal
 * digits. */
#include "trace/context.h"

#include <assert.h>
#include <string.h>

#include "base/hex.h"
#include "base/rand.h"

static const uint8_t zeros[16];

/* Exactly n bytes; not all of them 0, which both formats forbid. */
static bool read_id(struct slice s, size_t n, uint8_t *out)
{
	uint8_t id[16];

	assert(n <= sizeof id);
	if (s.len != 2 * n)
		return false;
	for (size_t i = 0; i < n; i++) {
		int high = hex_digit(s.ptr[2 * i]), low = hex_digit(s.ptr[2 * i + 1]);

		if (high < 0 || low < 0)
			return false;
		id[i] = (uint8_t)(high << 4 | low);
	}
	if (memcmp(id, zeros, n) == 0)
		return false;
	memcpy(out, id, n);
	return true;
}

/* W3C says small letters; B3 takes both. */
static bool is_small(struct slice s)
{
	for (size_t i = 0; i < s.len; i++)
		if (s.ptr[i] >= 'A' && s.ptr[i] <= 'F')
			return false;
	return true;
}

bool trace_read_w3c(struct slice text, struct trace_context *ret)
{
	struct slice s = slice_trim(text), version = slice_head(s, 2);
	struct trace_context c = {.known = true};
	int high, low;

	if (s.len < TRACE_W3C_BYTES || !is_small(slice_head(s, TRACE_W3C_BYTES)) || s.ptr[2] != '-' ||
	    s.ptr[35] != '-' || s.ptr[52] != '-' || hex_digit(s.ptr[0]) < 0 || hex_digit(s.ptr[1]) < 0 ||
	    slice_eq(version, SLICE("ff")))
		return false;
	if (s.len > TRACE_W3C_BYTES && (slice_eq(version, SLICE("00")) || s.ptr[TRACE_W3C_BYTES] != '-'))
		return false;
	high = hex_digit(s.ptr[53]);
	low = hex_digit(s.ptr[54]);
	if (high < 0 || low < 0 || !read_id(slice_make(s.ptr + 3, 32), 16, c.trace_id) ||
	    !read_id(slice_make(s.ptr + 36, 16), 8, c.span_id))
		return false;
	c.sampled = low & 1 ? TRACE_SAMPLED : TRACE_DROPPED;
	*ret = c;
	return true;
}

/* 16 or 32 digits; the short form is the end of the long one. */
static bool read_trace_id(struct slice s, struct trace_context *c)
{
	c->short_id = s.len == TRACE_SPAN_BYTES;
	return c->short_id ? read_id(s, 8, c->trace_id + 8) : read_id(s, 16, c->trace_id);
}

static bool read_state(struct slice s, enum trace_sampled *ret)
{
	static const struct {
		struct slice text;
		enum trace_sampled sampled;
	} states[] = {
		{{"1", 1}, TRACE_SAMPLED},    {{"0", 1}, TRACE_DROPPED},     {{"d", 1}, TRACE_DEBUG},
		{{"true", 4}, TRACE_SAMPLED}, {{"false", 5}, TRACE_DROPPED},
	};

	for (size_t i = 0; i < sizeof states / sizeof states[0]; i++)
		if (slice_eq_nocase(s, states[i].text)) {
			*ret = states[i].sampled;
			return true;
		}
	return false;
}

static bool read_parent(struct slice s, struct trace_context *c)
{
	c->has_parent = read_id(s, 8, c->parent_id);
	return c->has_parent;
}

bool trace_read_b3(struct slice single, struct trace_context *ret)
{
	struct slice rest = slice_trim(single), id;
	struct trace_context c = {0};

	if (rest.len == 1) {
		if (!read_state(rest, &c.sampled))
			return false;
		*ret = c;
		return true;
	}
	id = slice_split(&rest, '-');
	c.known = true;
	if (!read_trace_id(id, &c) || !read_id(slice_split(&rest, '-'), 8, c.span_id))
		return false;
	if (rest.len && !read_state(slice_split(&rest, '-'), &c.sampled))
		return false;
	if (rest.len && !read_parent(rest, &c))
		return false;
	*ret = c;
	return true;
}

bool trace_read_b3_multi(const struct trace_b3 *b3, struct trace_context *ret)
{
	struct trace_context c = {0};
	bool decided = read_state(b3->sampled, &c.sampled);

	if (slice_eq(b3->flags, SLICE("1"))) {
		c.sampled = TRACE_DEBUG;
		decided = true;
	}
	c.known = read_trace_id(b3->trace_id, &c) && read_id(b3->span_id, 8, c.span_id);
	if (!c.known && !decided)
		return false;
	if (c.known)
		(void)read_parent(b3->parent_id, &c);
	*ret = c;
	return true;
}

static void new_id(struct rand *r, uint8_t *out, size_t n)
{
	do {
		for (size_t i = 0; i < n; i += 8) {
			uint64_t word = rand_next(r);
			memcpy(out + i, &word, 8);
		}
	} while (memcmp(out, zeros, n) == 0);
}

void trace_child(const struct trace_context *parent, bool short_id, struct rand *r, struct trace_context *ret)
{
	struct trace_context c = {.known = true};

	if (parent)
		c.sampled = parent->sampled;
	if (parent && parent->known) {
		memcpy(c.trace_id, parent->trace_id, sizeof c.trace_id);
		memcpy(c.parent_id, parent->span_id, sizeof c.parent_id);
		c.has_parent = true;
		c.short_id = parent->short_id;
	} else {
		c.short_id = short_id;
		new_id(r, c.trace_id + (short_id ? 8 : 0), short_id ? 8 : 16);
	}
	new_id(r, c.span_id, sizeof c.span_id);
	*ret = c;
}

/* ---- writing ---- */

/* The two digits of each byte. */
#define ROW(a) a "0" a "1" a "2" a "3" a "4" a "5" a "6" a "7" a "8" a "9" a "a" a "b" a "c" a "d" a "e" a "f"
static const char pairs[] = ROW("0") ROW("1") ROW("2") ROW("3") ROW("4") ROW("5") ROW("6") ROW("7") ROW("8") ROW("9")
	ROW("a") ROW("b") ROW("c") ROW("d") ROW("e") ROW("f");

static char *put_hex(char *p, const uint8_t *id, size_t n)
{
	for (size_t i = 0; i < n; i++, p += 2)
		memcpy(p, pairs + 2 * (size_t)id[i], 2);
	return p;
}

struct slice trace_write_id(const struct trace_context *c, char out[TRACE_ID_BYTES])
{
	size_t skip = c->short_id ? 8 : 0;

	assert(c->known);
	return slice_make(out, (size_t)(put_hex(out, c->trace_id + skip, 16 - skip) - out));
}

struct slice trace_write_span(const uint8_t id[8], char out[TRACE_SPAN_BYTES])
{
	return slice_make(out, (size_t)(put_hex(out, id, 8) - out));
}

struct slice trace_write_w3c(const struct trace_context *c, char out[TRACE_W3C_BYTES])
{
	char *p = out;

	assert(c->known);
	memcpy(p, "00-", 3);
	p = put_hex(p + 3, c->trace_id, 16);
	*p++ = '-';
	p = put_hex(p, c->span_id, 8);
	memcpy(p, trace_is_sampled(c) ? "-01" : "-00", 3);
	return slice_make(out, TRACE_W3C_BYTES);
}

struct slice trace_write_b3(const struct trace_context *c, char out[TRACE_B3_BYTES])
{
	static const char state[] = {
		[TRACE_UNDECIDED] = '0', [TRACE_DROPPED] = '0', [TRACE_SAMPLED] = '1', [TRACE_DEBUG] = 'd'};
	char *p = out + trace_write_id(c, out).len;

	*p++ = '-';
	p = put_hex(p, c->span_id, 8);
	*p++ = '-';
	*p++ = state[c->sampled];
	if (c->has_parent) {
		*p++ = '-';
		p = put_hex(p, c->parent_id, 8);
	}
	return slice_make(out, (size_t)(p - out));
}
