/* Functions of strings: the standard ones, and the extension that Kubernetes has (cel-go, ext/strings.go). */
#include <ctype.h>
#include <stdio.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "cel/ast_internal.h"
#include "cel/text_internal.h"
#include "cel/pattern.h"

size_t cel_text_length(struct slice s)
{
	size_t n = 0;

	for (size_t i = 0; i < s.len; i++)
		n += ((unsigned char)s.ptr[i] & 0xc0) != 0x80;
	return n;
}

size_t cel_text_offset(struct slice s, size_t i)
{
	size_t at = 0;

	for (; at < s.len; at++)
		if (((unsigned char)s.ptr[at] & 0xc0) != 0x80 && i-- == 0)
			break;
	return at;
}

static bool are_strings(const struct cel_value *v, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (v[i].kind != CEL_STRING)
			return false;
	return true;
}

/* Where b is in a, from an offset on; -1: nowhere. */
static ptrdiff_t find(struct slice a, struct slice b, size_t from)
{
	for (size_t i = from; i + b.len <= a.len; i++)
		if (slice_starts(slice_from(a, i), b))
			return (ptrdiff_t)i;
	return -1;
}

static struct cel_value contains(struct cel_run *r, const struct cel_value *v, size_t n)
{
	if (!are_strings(v, n))
		return cel_no_overload(r, "contains()");
	if (!cel_spend(r, v[0].s.len / 16))
		return cel_error(r, "too many steps");
	return cel_bool(find(v[0].s, v[1].s, 0) >= 0);
}

static struct cel_value starts_with(struct cel_run *r, const struct cel_value *v, size_t n)
{
	return are_strings(v, n) ? cel_bool(slice_starts(v[0].s, v[1].s)) : cel_no_overload(r, "startsWith()");
}

static struct cel_value ends_with(struct cel_run *r, const struct cel_value *v, size_t n)
{
	return are_strings(v, n) ? cel_bool(slice_ends(v[0].s, v[1].s)) : cel_no_overload(r, "endsWith()");
}

static struct cel_value matches(struct cel_run *r, const struct cel_value *v, size_t n)
{
	if (!are_strings(v, n))
		return cel_no_overload(r, "matches()");
	if (!cel_spend(r, v[0].s.len / 4 + v[1].s.len))
		return cel_error(r, "too many steps");
	const char *text = arena_slicedup(r->a, v[0].s), *pattern = arena_slicedup(r->a, v[1].s);

	return pattern_valid(pattern) ? cel_bool(pattern_matches(pattern, text))
				      : cel_error(r, "'%.100s' is no regular expression", pattern);
}

/* ---- the extension ---- */

static struct cel_value char_at(struct cel_run *r, const struct cel_value *v, size_t n)
{
	const size_t length = v[0].kind == CEL_STRING ? cel_text_length(v[0].s) : 0;
	size_t at;

	(void)n;
	if (v[0].kind != CEL_STRING || v[1].kind != CEL_INT)
		return cel_no_overload(r, "charAt()");
	if (v[1].i < 0 || (uint64_t)v[1].i > length)
		return cel_error(r, "index out of range: %lld", (long long)v[1].i);
	at = cel_text_offset(v[0].s, (size_t)v[1].i);
	return cel_string(slice_head(slice_from(v[0].s, at), cel_text_offset(slice_from(v[0].s, at), 1)));
}

static struct cel_value index_of(struct cel_run *r, const struct cel_value *v, size_t n)
{
	ptrdiff_t at;

	if (!are_strings(v, 2) || (n == 3 && (v[2].kind != CEL_INT || v[2].i < 0)))
		return cel_no_overload(r, "indexOf()");
	if (!cel_spend(r, v[0].s.len / 16))
		return cel_error(r, "too many steps");
	at = find(v[0].s, v[1].s, n == 3 ? cel_text_offset(v[0].s, (size_t)v[2].i) : 0);
	return cel_int(at < 0 ? -1 : (int64_t)cel_text_length(slice_head(v[0].s, (size_t)at)));
}

static struct cel_value last_index_of(struct cel_run *r, const struct cel_value *v, size_t n)
{
	ptrdiff_t at = -1, next;

	if (!are_strings(v, n))
		return cel_no_overload(r, "lastIndexOf()");
	if (!cel_spend(r, v[0].s.len))
		return cel_error(r, "too many steps");
	while ((next = find(v[0].s, v[1].s, (size_t)(at + 1))) >= 0)
		at = next;
	return cel_int(at < 0 ? -1 : (int64_t)cel_text_length(slice_head(v[0].s, (size_t)at)));
}

static struct cel_value in_case(struct cel_run *r, const struct cel_value *v, bool upper)
{
	char *text;

	if (v->kind != CEL_STRING)
		return cel_no_overload(r, upper ? "upperAscii()" : "lowerAscii()");
	if (!cel_spend(r, v->s.len / 16))
		return cel_error(r, "too many steps");
	text = arena_slicedup(r->a, v->s);
	for (size_t i = 0; i < v->s.len; i++)
		if (upper ? islower((unsigned char)text[i]) : isupper((unsigned char)text[i]))
			text[i] = (char)(text[i] ^ 0x20);
	return cel_string(slice_make(text, v->s.len));
}

static struct cel_value upper_ascii(struct cel_run *r, const struct cel_value *v, size_t n)
{
	(void)n;
	return in_case(r, v, true);
}

static struct cel_value lower_ascii(struct cel_run *r, const struct cel_value *v, size_t n)
{
	(void)n;
	return in_case(r, v, false);
}

static struct cel_value replace(struct cel_run *r, const struct cel_value *v, size_t n)
{
	CLEANUP(buf_done) struct buf out = BUF_INIT;
	int64_t left = n == 4 && v[3].kind == CEL_INT && v[3].i >= 0 ? v[3].i : INT64_MAX;
	struct slice rest = v[0].s;
	ptrdiff_t at;

	if (!are_strings(v, 3) || (n == 4 && v[3].kind != CEL_INT))
		return cel_no_overload(r, "replace()");
	if (!v[1].s.len)
		return cel_error(r, "replace() of nothing");
	while (left-- > 0 && (at = find(rest, v[1].s, 0)) >= 0) {
		if (!cel_spend(r, ((size_t)at + v[2].s.len) / 16 + 1))
			return cel_error(r, "too many steps");
		buf_append_slice(&out, slice_head(rest, (size_t)at));
		buf_append_slice(&out, v[2].s);
		rest = slice_from(rest, (size_t)at + v[1].s.len);
	}
	buf_append_slice(&out, rest);
	return cel_string(slice_make(arena_slicedup(r->a, buf_slice(&out)), out.len));
}

/* At most `most` parts; the last one holds what is left. An empty separator parts characters. */
static struct cel_value split(struct cel_run *r, const struct cel_value *v, size_t n)
{
	int64_t most = n == 3 && v[2].kind == CEL_INT ? v[2].i : -1;
	struct slice rest = v[0].s;
	struct cel_value *parts;
	size_t count = 0;
	ptrdiff_t at;

	if (!are_strings(v, 2) || (n == 3 && v[2].kind != CEL_INT))
		return cel_no_overload(r, "split()");
	if (!cel_spend(r, rest.len))
		return cel_error(r, "too many steps");
	if (most == 0)
		return cel_list(NULL, 0);
	parts = ARENA_NEW_N(r->a, struct cel_value, rest.len + 2);
	while (most < 0 || (int64_t)count + 1 < most) {
		at = v[1].s.len ? find(rest, v[1].s, 0) : rest.len > 0 ? (ptrdiff_t)cel_text_offset(rest, 1) : -1;
		if (at < 0 || (!v[1].s.len && (size_t)at >= rest.len))
			break;
		parts[count++] = cel_string(slice_head(rest, (size_t)at));
		rest = slice_from(rest, (size_t)at + v[1].s.len);
	}
	if (rest.len || v[1].s.len)
		parts[count++] = cel_string(rest);
	return cel_list(parts, count);
}

static struct cel_value substring(struct cel_run *r, const struct cel_value *v, size_t n)
{
	const int64_t length = v[0].kind == CEL_STRING ? (int64_t)cel_text_length(v[0].s) : 0;
	const int64_t to = n == 3 && v[2].kind == CEL_INT ? v[2].i : length;
	size_t from_at, to_at;

	if (v[0].kind != CEL_STRING || v[1].kind != CEL_INT || (n == 3 && v[2].kind != CEL_INT))
		return cel_no_overload(r, "substring()");
	if (v[1].i < 0 || to > length || v[1].i > to)
		return cel_error(r, "index out of range: %lld, %lld", (long long)v[1].i, (long long)to);
	from_at = cel_text_offset(v[0].s, (size_t)v[1].i);
	to_at = cel_text_offset(v[0].s, (size_t)to);
	return cel_string(slice_make(v[0].s.ptr + from_at, to_at - from_at));
}

static struct cel_value trim(struct cel_run *r, const struct cel_value *v, size_t n)
{
	struct slice s = v->s;

	(void)n;
	if (v->kind != CEL_STRING)
		return cel_no_overload(r, "trim()");
	while (s.len && isspace((unsigned char)s.ptr[0]))
		s = slice_from(s, 1);
	while (s.len && isspace((unsigned char)s.ptr[s.len - 1]))
		s.len--;
	return cel_string(s);
}

static struct cel_value join(struct cel_run *r, const struct cel_value *v, size_t n)
{
	CLEANUP(buf_done) struct buf out = BUF_INIT;

	if (v[0].kind != CEL_LIST || !are_strings(v[0].list.v, v[0].list.n) || !are_strings(v + 1, n - 1))
		return cel_no_overload(r, "join()");
	for (size_t i = 0; i < v[0].list.n; i++) {
		if (!cel_spend(r, v[0].list.v[i].s.len / 16 + 1))
			return cel_error(r, "too many steps");
		if (i && n == 2)
			buf_append_slice(&out, v[1].s);
		buf_append_slice(&out, v[0].list.v[i].s);
	}
	return cel_string(slice_make(arena_slicedup(r->a, buf_slice(&out)), out.len));
}

const struct cel_function cel_string_functions[] = {
	{"contains", true, 2, 2, contains},
	{"startsWith", true, 2, 2, starts_with},
	{"endsWith", true, 2, 2, ends_with},
	{"matches", true, 2, 2, matches},
	{"matches", false, 2, 2, matches},
	{"charAt", true, 2, 2, char_at},
	{"lowerAscii", true, 1, 1, lower_ascii},
	{"upperAscii", true, 1, 1, upper_ascii},
	{"replace", true, 3, 4, replace},
	{"split", true, 2, 3, split},
	{"substring", true, 2, 3, substring},
	{"trim", true, 1, 1, trim},
	{"join", true, 1, 2, join},
	{"indexOf", true, 3, 3, index_of},
	{0},
};

struct cel_value cel_text_index(struct cel_run *r, const struct cel_value *v, bool last)
{
	return last ? last_index_of(r, v, 2) : index_of(r, v, 2);
}
