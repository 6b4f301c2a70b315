/* Tokens of CEL: cel-spec, langdef.md, "Syntax". */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "cel/ast_internal.h"

static struct cel_token bad(const char *why)
{
	return (struct cel_token){.kind = CEL_TOKEN_BAD, .text = slice_str(why)};
}

static void skip(struct slice *rest, size_t *at, size_t n)
{
	*rest = slice_from(*rest, n);
	*at += n;
}

static void skip_space(struct slice *rest, size_t *at)
{
	while (rest->len) {
		if (strchr(" \t\r\n\f", rest->ptr[0]) && rest->ptr[0]) {
			skip(rest, at, 1);
		} else if (slice_starts(*rest, SLICE("//"))) {
			while (rest->len && rest->ptr[0] != '\n')
				skip(rest, at, 1);
		} else {
			return;
		}
	}
}

/* ---- numbers ---- */

static bool is_at(struct slice s, size_t i, const char *set)
{
	return i < s.len && s.ptr[i] && strchr(set, s.ptr[i]);
}

static bool digit_at(struct slice s, size_t i)
{
	return i < s.len && isdigit((unsigned char)s.ptr[i]);
}

static size_t number_length(struct slice s, bool *ret_double)
{
	size_t i = 0, e;

	*ret_double = false;
	if (s.ptr[0] == '0' && is_at(s, 1, "xX") && s.len > 2 && isxdigit((unsigned char)s.ptr[2])) {
		for (i = 3; i < s.len && isxdigit((unsigned char)s.ptr[i]);)
			i++;
		return i;
	}
	while (digit_at(s, i))
		i++;
	if (is_at(s, i, ".") && digit_at(s, i + 1)) {
		*ret_double = true;
		for (i++; digit_at(s, i);)
			i++;
	}
	e = is_at(s, i, "eE") ? i + 1 + is_at(s, i + 1, "+-") : 0;
	if (e && digit_at(s, e)) {
		*ret_double = true;
		for (i = e; digit_at(s, i);)
			i++;
	}
	return i;
}

static struct cel_token number(struct arena *a, struct slice *rest, size_t *at)
{
	struct cel_token t = {.kind = CEL_TOKEN_LITERAL, .at = *at};
	bool is_double;
	size_t n = number_length(*rest, &is_double);
	const char *text = arena_slicedup(a, slice_head(*rest, n));
	const bool is_unsigned = !is_double && is_at(*rest, n, "uU");

	skip(rest, at, n + is_unsigned);
	errno = 0;
	if (is_double)
		t.value = cel_double(strtod(text, NULL));
	else
		t.value = (struct cel_value){.kind = CEL_UINT,
					     .u = strtoull(text, NULL, is_at(slice_str(text), 1, "xX") ? 16 : 10)};
	if (errno == ERANGE && !is_double)
		return bad("a number is out of range");
	if (!is_double && !is_unsigned) {
		if (t.value.u > (uint64_t)INT64_MAX + 1)
			return bad("a number is out of range");
		t.value = cel_int(t.value.u > INT64_MAX ? INT64_MIN : (int64_t)t.value.u);
		t.only_negated = t.value.i == INT64_MIN;
	}
	return t;
}

/* ---- strings ---- */

static void append_utf8(struct buf *b, unsigned c)
{
	if (c < 0x80) {
		buf_append_char(b, (char)c);
	} else if (c < 0x800) {
		buf_append_char(b, (char)(0xc0 | c >> 6));
		buf_append_char(b, (char)(0x80 | (c & 0x3f)));
	} else if (c < 0x10000) {
		buf_append_char(b, (char)(0xe0 | c >> 12));
		buf_append_char(b, (char)(0x80 | (c >> 6 & 0x3f)));
		buf_append_char(b, (char)(0x80 | (c & 0x3f)));
	} else {
		buf_append_char(b, (char)(0xf0 | c >> 18));
		buf_append_char(b, (char)(0x80 | (c >> 12 & 0x3f)));
		buf_append_char(b, (char)(0x80 | (c >> 6 & 0x3f)));
		buf_append_char(b, (char)(0x80 | (c & 0x3f)));
	}
}

/* \xHH, \uHHHH, \UHHHHHHHH, \OOO: n digits of a base. False: not so. */
static bool escaped_number(struct slice s, size_t n, int base, unsigned *ret)
{
	char text[9] = "";

	if (s.len < n)
		return false;
	for (size_t i = 0; i < n; i++) {
		const char c = s.ptr[i];

		if (base == 16 ? !isxdigit((unsigned char)c) : c < '0' || c > '7')
			return false;
		text[i] = c;
	}
	*ret = (unsigned)strtoul(text, NULL, base);
	return true;
}

/* The escape behind a backslash; returns its length, 0 when it is none. */
static size_t escape(struct slice s, bool bytes, struct buf *out)
{
	static const char plain[][2] = {{'a', '\a'}, {'b', '\b'}, {'f', '\f'},  {'n', '\n'},  {'r', '\r'}, {'t', '\t'},
					{'v', '\v'}, {'"', '"'},  {'\'', '\''}, {'\\', '\\'}, {'?', '?'},  {'`', '`'}};
	static const struct {
		char sign;
		size_t digits;
	} coded[] = {{'x', 2}, {'X', 2}, {'u', 4}, {'U', 8}};
	unsigned c;

	for (size_t i = 0; s.len && i < ARRAY_LEN(plain); i++) {
		if (plain[i][0] != s.ptr[0])
			continue;
		buf_append_char(out, plain[i][1]);
		return 1;
	}
	for (size_t i = 0; s.len && i < ARRAY_LEN(coded); i++) {
		if (coded[i].sign != s.ptr[0])
			continue;
		if (!escaped_number(slice_from(s, 1), coded[i].digits, 16, &c) || c > 0x10ffff)
			return 0;
		if (bytes && coded[i].digits > 2)
			return 0;
		if (bytes)
			buf_append_char(out, (char)c);
		else
			append_utf8(out, c);
		return 1 + coded[i].digits;
	}
	if (!s.len || s.ptr[0] > '3' || !escaped_number(s, 3, 8, &c))
		return 0;
	if (bytes)
		buf_append_char(out, (char)c);
	else
		append_utf8(out, c);
	return 3;
}

struct quoting {
	bool raw, bytes;
	size_t prefix;      /* characters before the quote */
	struct slice quote; /* one or three */
};

static bool begins_string(struct slice s, struct quoting *q)
{
	size_t i = 0;

	*q = (struct quoting){0};
	for (; i < s.len && i < 2; i++) {
		if (strchr("rR", s.ptr[i]) && s.ptr[i] && !q->raw)
			q->raw = true;
		else if (strchr("bB", s.ptr[i]) && s.ptr[i] && !q->bytes)
			q->bytes = true;
		else
			break;
	}
	if (!is_at(s, i, "\"'"))
		return false;
	q->prefix = i;
	q->quote = slice_make(s.ptr + i, 1);
	if (s.len >= i + 3 && s.ptr[i + 1] == s.ptr[i] && s.ptr[i + 2] == s.ptr[i])
		q->quote.len = 3;
	return true;
}

static struct cel_token string(struct arena *a, struct slice *rest, size_t *at, const struct quoting *q)
{
	CLEANUP(buf_done) struct buf out = BUF_INIT;
	struct cel_token t = {.kind = CEL_TOKEN_LITERAL, .at = *at};

	skip(rest, at, q->prefix + q->quote.len);
	while (!slice_starts(*rest, q->quote)) {
		if (!rest->len || (q->quote.len == 1 && rest->ptr[0] == '\n'))
			return bad("a string does not end");
		if (rest->ptr[0] != '\\' || q->raw) {
			buf_append_char(&out, rest->ptr[0]);
			skip(rest, at, 1);
			continue;
		}
		size_t n = escape(slice_from(*rest, 1), q->bytes, &out);

		if (!n)
			return bad("an escape of a string is not known");
		skip(rest, at, 1 + n);
	}
	skip(rest, at, q->quote.len);
	t.value = cel_string(slice_make(arena_slicedup(a, buf_slice(&out)), out.len));
	if (q->bytes)
		t.value.kind = CEL_BYTES;
	return t;
}

/* ---- the rest ---- */

static struct cel_token identifier(struct slice *rest, size_t *at)
{
	struct cel_token t = {.kind = CEL_TOKEN_IDENT, .at = *at};
	size_t n = 0;

	while (n < rest->len && (isalnum((unsigned char)rest->ptr[n]) || rest->ptr[n] == '_'))
		n++;
	t.text = slice_head(*rest, n);
	skip(rest, at, n);
	if (slice_eq_str(t.text, "true") || slice_eq_str(t.text, "false")) {
		t.kind = CEL_TOKEN_LITERAL;
		t.value = cel_bool(slice_eq_str(t.text, "true"));
	} else if (slice_eq_str(t.text, "null")) {
		t.kind = CEL_TOKEN_LITERAL;
		t.value = (struct cel_value){.kind = CEL_NULL};
	}
	return t;
}

static struct cel_token sign(struct slice *rest, size_t *at)
{
	static const char *const signs[] = {"&&", "||", "==", "!=", "<=", ">=", "<", ">", "+", "-", "*", "/",
					    "%",  "!",  "?",  ":",  "(",  ")",  "[", "]", "{", "}", ",", "."};
	struct cel_token t = {.kind = CEL_TOKEN_SIGN, .at = *at};

	for (size_t i = 0; i < ARRAY_LEN(signs); i++) {
		if (!slice_starts(*rest, slice_str(signs[i])))
			continue;
		t.text = slice_head(*rest, strlen(signs[i]));
		skip(rest, at, t.text.len);
		return t;
	}
	return bad("a character is not of the language");
}

struct cel_token cel_lex(struct arena *a, struct slice *rest, size_t *at)
{
	struct quoting q;
	struct cel_token t;
	size_t from;

	skip_space(rest, at);
	from = *at;
	if (!rest->len)
		return (struct cel_token){.kind = CEL_TOKEN_END, .at = from};
	if (begins_string(*rest, &q))
		t = string(a, rest, at, &q);
	else if (digit_at(*rest, 0) || (rest->ptr[0] == '.' && digit_at(*rest, 1)))
		t = number(a, rest, at);
	else if (isalpha((unsigned char)rest->ptr[0]) || rest->ptr[0] == '_')
		t = identifier(rest, at);
	else
		t = sign(rest, at);
	t.at = from;
	return t;
}
