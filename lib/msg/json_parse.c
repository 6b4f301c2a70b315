/*
 * The JSON reader. A hand-written one because cJSON's own has no limit of size, accepts invalid UTF-8 and duplicate
 * keys, and rounds integers over 2^53.
 */
#include "msg/json.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/map.h"
#include "base/mem.h"
#include "msg/msg.h"

/* Up to so many members duplicates are looked for by comparing all; beyond by a table. */
#define FEW_MEMBERS 12
/* Integers of more digits than this stay text: a double holds all of 15 digits, and %.15g prints them plainly. */
#define EXACT_DIGITS 15

struct reader {
	const char *start, *p, *end;
	int depth;
	struct buf text; /* of the last string */
	struct err *e;
};

static int read_value(struct reader *r, cJSON **ret);

static int fail(struct reader *r, const char *what)
{
	return err_set(r->e, -EINVAL, "invalid JSON at offset %zu: %s", (size_t)(r->p - r->start), what);
}

static void skip_space(struct reader *r)
{
	while (r->p < r->end && (*r->p == ' ' || *r->p == '\n' || *r->p == '\t' || *r->p == '\r'))
		r->p++;
}

static bool accept(struct reader *r, char c)
{
	if (r->p >= r->end || *r->p != c)
		return false;
	r->p++;
	return true;
}

static void put_utf8(struct buf *b, uint32_t c)
{
	if (c < 0x80) {
		buf_append_char(b, (char)c);
		return;
	}
	if (c < 0x800) {
		buf_append_char(b, (char)(0xc0 | c >> 6));
	} else {
		if (c < 0x10000) {
			buf_append_char(b, (char)(0xe0 | c >> 12));
		} else {
			buf_append_char(b, (char)(0xf0 | c >> 18));
			buf_append_char(b, (char)(0x80 | (c >> 12 & 0x3f)));
		}
		buf_append_char(b, (char)(0x80 | (c >> 6 & 0x3f)));
	}
	buf_append_char(b, (char)(0x80 | (c & 0x3f)));
}

static int read_hex4(struct reader *r, uint32_t *ret)
{
	uint32_t v = 0;

	if (r->end - r->p < 4)
		return -EINVAL;
	for (int i = 0; i < 4; i++) {
		char c = *r->p++;

		if (c >= '0' && c <= '9')
			v = v << 4 | (uint32_t)(c - '0');
		else if ((c | 32) >= 'a' && (c | 32) <= 'f')
			v = v << 4 | (uint32_t)((c | 32) - 'a' + 10);
		else
			return -EINVAL;
	}
	*ret = v;
	return 0;
}

/* \uXXXX, maybe a surrogate pair; a lone surrogate becomes U+FFFD, as in Go. */
static int read_unicode(struct reader *r)
{
	uint32_t c, low;

	if (read_hex4(r, &c) < 0)
		return fail(r, "bad \\u escape");
	if (c >= 0xd800 && c < 0xdc00 && r->end - r->p >= 6 && r->p[0] == '\\' && r->p[1] == 'u') {
		r->p += 2;
		if (read_hex4(r, &low) < 0)
			return fail(r, "bad \\u escape");
		if (low >= 0xdc00 && low < 0xe000) {
			c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
		} else {
			r->p -= 6;
			c = 0xfffd;
		}
	} else if (c >= 0xd800 && c < 0xe000) {
		c = 0xfffd;
	}
	if (!c)
		return fail(r, "NUL in a string");
	put_utf8(&r->text, c);
	return 0;
}

static int read_escape(struct reader *r)
{
	static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
	const char *at;

	if (r->p >= r->end)
		return fail(r, "unfinished string");
	if (*r->p == 'u') {
		r->p++;
		return read_unicode(r);
	}
	at = *r->p ? strchr(from, *r->p) : NULL;
	if (!at)
		return fail(r, "unknown escape");
	r->p++;
	buf_append_char(&r->text, to[at - from]);
	return 0;
}

/* Length of the well-formed UTF-8 sequence at p, or 0. */
static size_t utf8_len(const unsigned char *p, size_t left)
{
	size_t n = p[0] < 0x80 ? 1 : p[0] >= 0xc2 && p[0] < 0xe0 ? 2 : (p[0] & 0xf0) == 0xe0 ? 3 : 0;

	if (p[0] >= 0xf0 && p[0] < 0xf5)
		n = 4;
	if (!n || n > left)
		return 0;
	for (size_t i = 1; i < n; i++)
		if ((p[i] & 0xc0) != 0x80)
			return 0;
	if (n == 3 && ((p[0] == 0xe0 && p[1] < 0xa0) || (p[0] == 0xed && p[1] >= 0xa0)))
		return 0;
	if (n == 4 && ((p[0] == 0xf0 && p[1] < 0x90) || (p[0] == 0xf4 && p[1] >= 0x90)))
		return 0;
	return n;
}

bool json_is_utf8(struct slice text)
{
	while (text.len) {
		size_t n = utf8_len((const unsigned char *)text.ptr, text.len);

		if (!n)
			return false;
		text = slice_from(text, n);
	}
	return true;
}

/* After the opening quote; leaves the text in r->text. */
static int read_string(struct reader *r)
{
	int rc;

	buf_clear(&r->text);
	for (;;) {
		const char *from = r->p;

		while (r->p < r->end && *r->p != '"' && *r->p != '\\' && (unsigned char)*r->p >= 0x20) {
			size_t n = utf8_len((const unsigned char *)r->p, (size_t)(r->end - r->p));

			if (!n)
				return fail(r, "invalid UTF-8");
			r->p += n;
		}
		buf_append(&r->text, from, (size_t)(r->p - from));
		if (r->p >= r->end)
			return fail(r, "unfinished string");
		if (*r->p == '"') {
			r->p++;
			return 0;
		}
		if (*r->p != '\\')
			return fail(r, "control character in a string");
		r->p++;
		rc = read_escape(r);
		if (rc < 0)
			return rc;
	}
}

static size_t digits(struct reader *r)
{
	const char *from = r->p;

	while (r->p < r->end && *r->p >= '0' && *r->p <= '9')
		r->p++;
	return (size_t)(r->p - from);
}

static int read_number(struct reader *r, cJSON **ret)
{
	const char *from = r->p;
	char text[64];
	bool integer = true;
	size_t n, len;

	accept(r, '-');
	n = r->p < r->end && *r->p == '0' ? (r->p++, 1) : digits(r);
	if (!n)
		return fail(r, "unexpected character");
	if (accept(r, '.')) {
		integer = false;
		if (!digits(r))
			return fail(r, "digit expected");
	}
	if (r->p < r->end && (*r->p | 32) == 'e') {
		integer = false;
		r->p++;
		if (!accept(r, '+'))
			accept(r, '-');
		if (!digits(r))
			return fail(r, "digit expected");
	}
	len = (size_t)(r->p - from);
	if (len >= sizeof(text))
		return fail(r, "number too long");
	memcpy(text, from, len);
	text[len] = 0;
	if (!isfinite(strtod(text, NULL)))
		return fail(r, "number out of range");
	*ret = integer && n > EXACT_DIGITS ? cJSON_CreateRaw(text) : cJSON_CreateNumber(strtod(text, NULL));
	return 0;
}

static int read_word(struct reader *r, cJSON **ret)
{
	size_t left = (size_t)(r->end - r->p);

	if (left >= 4 && !memcmp(r->p, "true", 4)) {
		*ret = cJSON_CreateTrue();
		r->p += 4;
	} else if (left >= 5 && !memcmp(r->p, "false", 5)) {
		*ret = cJSON_CreateFalse();
		r->p += 5;
	} else if (left >= 4 && !memcmp(r->p, "null", 4)) {
		*ret = cJSON_CreateNull();
		r->p += 4;
	} else {
		return fail(r, "unexpected character");
	}
	return 0;
}

static int read_array(struct reader *r, cJSON **ret)
{
	CLEANUP(json_freep) cJSON *array = cJSON_CreateArray();
	cJSON *item;
	int rc;

	skip_space(r);
	if (!accept(r, ']')) {
		do {
			item = NULL;
			rc = read_value(r, &item);
			if (rc < 0)
				return rc;
			cJSON_AddItemToArray(array, item);
			skip_space(r);
		} while (accept(r, ','));
		if (!accept(r, ']'))
			return fail(r, "',' or ']' expected");
	}
	*ret = take(array);
	return 0;
}

static bool has_key(const cJSON *object, size_t n, const char *key, struct map *keys)
{
	cJSON *it;

	if (n < FEW_MEMBERS) {
		cJSON_ArrayForEach(it, object) if (!strcmp(it->string, key)) return true;
		return false;
	}
	if (n == FEW_MEMBERS)
		cJSON_ArrayForEach(it, object) map_set(keys, slice_str(it->string), it);
	return map_get(keys, slice_str(key));
}

static int read_member(struct reader *r, cJSON *object, size_t n, struct map *keys)
{
	CLEANUP(freep) char *key = NULL;
	cJSON *item = NULL;
	int rc;

	skip_space(r);
	if (!accept(r, '"'))
		return fail(r, "string expected as a key");
	rc = read_string(r);
	if (rc < 0)
		return rc;
	if (has_key(object, n, buf_str(&r->text), keys))
		return fail(r, "duplicate key");
	key = mem_strdup(buf_str(&r->text));
	skip_space(r);
	if (!accept(r, ':'))
		return fail(r, "':' expected");
	rc = read_value(r, &item);
	if (rc < 0)
		return rc;
	cJSON_AddItemToObject(object, key, item);
	if (n >= FEW_MEMBERS)
		map_set(keys, slice_str(item->string), item);
	return 0;
}

static int read_object(struct reader *r, cJSON **ret)
{
	CLEANUP(map_done) struct map keys = {0};
	CLEANUP(json_freep) cJSON *object = cJSON_CreateObject();
	size_t n = 0;
	int rc;

	skip_space(r);
	if (!accept(r, '}')) {
		do {
			rc = read_member(r, object, n++, &keys);
			if (rc < 0)
				return rc;
			skip_space(r);
		} while (accept(r, ','));
		if (!accept(r, '}'))
			return fail(r, "',' or '}' expected");
	}
	*ret = take(object);
	return 0;
}

static int read_nested(struct reader *r, cJSON **ret)
{
	char c = *r->p;
	int rc;

	if (r->depth >= MSG_DEPTH_MAX)
		return err_set(r->e, -ELOOP, "JSON is nested deeper than %d", MSG_DEPTH_MAX);
	r->depth++;
	r->p++;
	rc = c == '{' ? read_object(r, ret) : read_array(r, ret);
	r->depth--;
	return rc;
}

static int read_value(struct reader *r, cJSON **ret)
{
	int rc;

	skip_space(r);
	if (r->p >= r->end)
		return fail(r, "unexpected end");
	switch (*r->p) {
	case '{':
	case '[':
		return read_nested(r, ret);
	case '"':
		r->p++;
		rc = read_string(r);
		if (rc == 0)
			*ret = cJSON_CreateString(buf_str(&r->text));
		return rc;
	case 't':
	case 'f':
	case 'n':
		return read_word(r, ret);
	default:
		return read_number(r, ret);
	}
}

int json_parse(struct slice text, size_t max_bytes, cJSON **ret, struct err *e)
{
	struct reader r = {.start = text.ptr, .p = text.ptr, .end = text.ptr + text.len, .e = e};
	CLEANUP(json_freep) cJSON *json = NULL;
	int rc;

	if (text.len > max_bytes)
		return err_set(e, -EMSGSIZE, "JSON of %zu bytes is longer than %zu", text.len, max_bytes);
	if (!text.len)
		return err_set(e, -EINVAL, "invalid JSON: empty");
	rc = read_value(&r, &json);
	buf_done(&r.text);
	if (rc < 0)
		return rc;
	skip_space(&r);
	if (r.p != r.end)
		return fail(&r, "text after the value");
	*ret = take(json);
	return 0;
}
