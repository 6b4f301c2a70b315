/* Patterns of messages: reading them, and comparing what came with them. */
#include "message.h"

#include <errno.h>
#include <stdlib.h>

#include "base/hex.h"
#include "route/match.h"

/* ---- escapes ---- */

/* What stands after a backslash; returns how many characters of it were used, 0 when it means nothing. */
static size_t unescape_one(struct slice at, struct buf *out)
{
	static const char names[] = "rnt0\\\"| ", bytes[] = "\r\n\t\0\\\"| ";
	const char *p = at.len && at.ptr[0] ? strchr(names, at.ptr[0]) : NULL;

	if (p) {
		buf_append_char(out, bytes[p - names]);
		return 1;
	}
	if (at.len < 3 || at.ptr[0] != 'x' || hex_digit(at.ptr[1]) < 0 || hex_digit(at.ptr[2]) < 0)
		return 0;
	buf_append_char(out, (char)(hex_digit(at.ptr[1]) * 16 + hex_digit(at.ptr[2])));
	return 3;
}

/* ${text*N}; returns the length of it, 0 when it is none. */
static size_t repeat(struct arena *a, struct slice at, struct buf *out)
{
	ptrdiff_t end = slice_find(at, '}'), star;
	struct slice inner, part;
	uint64_t n = 0;

	if (at.len < 4 || at.ptr[1] != '{' || end < 0)
		return 0;
	inner = slice_make(at.ptr + 2, (size_t)end - 2);
	star = slice_rfind(inner, '*');
	if (star < 0 || slice_to_u64(slice_from(inner, (size_t)star + 1), 100000000, &n) < 0 ||
	    text_unescape(a, slice_head(inner, (size_t)star), &part, NULL) < 0)
		return 0;
	for (uint64_t i = 0; i < n; i++)
		buf_append_slice(out, part);
	return (size_t)end + 1;
}

int text_unescape(struct arena *a, struct slice text, struct slice *ret, struct err *e)
{
	CLEANUP(buf_done) struct buf out = BUF_INIT;

	for (size_t i = 0; i < text.len;) {
		size_t used = 1;

		if (text.ptr[i] == '\\') {
			used = unescape_one(slice_from(text, i + 1), &out);
			if (!used)
				return err_set(e, -EINVAL, "unknown escape at '%.*s'",
					       SLICE_ARG(slice_head(slice_from(text, i), 8)));
			used++;
		} else if (text.ptr[i] == '$' && (used = repeat(a, slice_from(text, i), &out)) > 0) {
		} else {
			used = 1;
			buf_append_char(&out, text.ptr[i]);
		}
		i += used;
	}
	*ret = slice_make(arena_slicedup(a, buf_slice(&out)), out.len);
	return 0;
}

int text_quoted(struct arena *a, struct slice *rest, struct slice *ret, struct err *e)
{
	struct slice s = slice_trim(*rest);
	size_t i = 1;

	if (!s.len || s.ptr[0] != '"')
		return err_set(e, -EINVAL, "a text in quotes is expected at '%.*s'", SLICE_ARG(s));
	while (i < s.len && s.ptr[i] != '"')
		i += s.ptr[i] == '\\' ? 2 : 1;
	if (i >= s.len)
		return err_set(e, -EINVAL, "the quotes do not end");
	*rest = slice_trim(slice_from(s, i + 1));
	return text_unescape(a, slice_make(s.ptr + 1, i - 1), ret, e);
}

#define SHOW_MAX_BYTES 600

void text_show(struct buf *out, struct slice bytes)
{
	for (size_t i = 0; i < bytes.len && i < SHOW_MAX_BYTES; i++) {
		const char c = bytes.ptr[i];

		if (c == '\r')
			buf_append_str(out, "\\r");
		else if (c == '\n')
			buf_append_str(out, "\\n");
		else if (c < 32 || c > 126)
			buf_printf(out, "\\x%02x", (unsigned char)c);
		else
			buf_append_char(out, c);
	}
	if (bytes.len > SHOW_MAX_BYTES)
		buf_printf(out, "... (%zu bytes)", bytes.len);
}

/* ---- patterns ---- */

/* Cuts off what stands before the first separator between spaces (or at the end), which is not escaped. */
static struct slice cut(struct slice *rest, struct slice sep)
{
	for (size_t i = 0; i + sep.len <= rest->len; i++) {
		const size_t after = i + sep.len;
		struct slice part;

		if (!slice_starts(slice_from(*rest, i), sep) || (i && rest->ptr[i - 1] != ' ') ||
		    (after < rest->len && rest->ptr[after] != ' '))
			continue;
		part = slice_trim(slice_head(*rest, i));
		*rest = after < rest->len ? slice_from(*rest, after + 1) : slice_make(rest->ptr + after, 0);
		return part;
	}
	struct slice all = slice_trim(*rest);

	*rest = (struct slice){NULL, 0};
	return all;
}

static int parse_item(struct arena *a, struct slice text, struct item *ret, struct err *e)
{
	ptrdiff_t colon = slice_find(slice_from(text, 1), ':'), tilde = slice_find(text, '~');

	*ret = (struct item){.kind = ITEM_OTHER, .value = text};
	if (text.ptr[0] == '"' || slice_starts(text, SLICE("via ")) || slice_starts(text, SLICE("not via ")))
		return 0;
	if (text.ptr[0] == '!') {
		*ret = (struct item){.kind = ITEM_ABSENT, .name = slice_from(text, 1)};
		return 0;
	}
	if (tilde > 0 && text.ptr[tilde - 1] == ' ' && (colon < 0 || tilde < colon + 1)) {
		*ret = (struct item){ITEM_REGEX, slice_trim(slice_head(text, (size_t)tilde)),
				     slice_trim(slice_from(text, (size_t)tilde + 1))};
		return 0;
	}
	if (colon < 0)
		return err_set(e, -EINVAL, "'%.*s' is no field", SLICE_ARG(text));
	ret->kind = ITEM_FIELD;
	if (text_unescape(a, slice_head(text, (size_t)colon + 1), &ret->name, e) < 0)
		return -EINVAL;
	return text_unescape(a, slice_trim(slice_from(text, (size_t)colon + 2)), &ret->value, e);
}

static int parse_body(struct arena *a, struct slice text, struct pattern *p, struct err *e)
{
	p->has_body = true;
	p->body_is_regex = slice_starts(text, SLICE("~ "));
	if (!p->body_is_regex)
		return text_unescape(a, text, &p->body, e);
	p->body = slice_from(text, 2);
	return 0;
}

int pattern_parse(struct arena *a, struct slice text, struct pattern *ret, struct err *e)
{
	struct slice rest = text, head = cut(&rest, SLICE("||"));
	int r;

	memset(ret, 0, sizeof(*ret));
	r = text_unescape(a, cut(&head, SLICE("|")), &ret->start, e);
	while (r == 0 && head.ptr && head.len)
		r = parse_item(a, cut(&head, SLICE("|")), vec_add(&ret->items), e);
	if (r == 0 && rest.ptr)
		r = parse_body(a, cut(&rest, SLICE("||")), ret, e);
	ret->has_trailers = rest.ptr != NULL;
	while (r == 0 && rest.ptr && rest.len)
		r = parse_item(a, cut(&rest, SLICE("|")), vec_add(&ret->trailers), e);
	return r;
}

void pattern_done(struct pattern *p)
{
	vec_done(&p->items);
	vec_done(&p->trailers);
}

const struct item *pattern_item(const struct pattern *p, const char *name)
{
	for (size_t i = 0; i < p->items.n; i++)
		if (slice_eq_nocase(p->items.v[i].name, slice_str(name)))
			return &p->items.v[i];
	return NULL;
}

/* ---- comparing ---- */

void message_done(struct heard *m)
{
	free(m->start);
	buf_done(&m->head);
	vec_done(&m->fields);
	buf_done(&m->body);
	buf_done(&m->trailer_lines);
	vec_done(&m->trailers);
	memset(m, 0, sizeof(*m));
}

void message_show(struct buf *out, const struct heard *m)
{
	buf_printf(out, "%s", m->start ? m->start : "(nothing)");
	for (size_t i = 0; i < m->fields.n; i++) {
		buf_printf(out, " | %.*s: ", SLICE_ARG(m->fields.v[i].name));
		text_show(out, m->fields.v[i].value);
	}
	buf_append_str(out, " || ");
	text_show(out, buf_slice(&m->body));
	for (size_t i = 0; i < m->trailers.n; i++)
		buf_printf(out, " %s %.*s: %.*s", i ? "|" : "||", SLICE_ARG(m->trailers.v[i].name),
			   SLICE_ARG(m->trailers.v[i].value));
}

/* HTTP/2 calls a request's host :authority. */
static bool same_name(struct slice want, struct slice got)
{
	return slice_eq_nocase(want, got) || (slice_eq_nocase(want, SLICE("host")) && slice_eq_str(got, ":authority"));
}

static bool regex_matches(struct arena *a, struct slice pattern, struct slice text)
{
	const struct regex *re;

	return regex_new(a, pattern, &re, NULL) == 0 && regex_match_full(re, text);
}

static bool value_fits(struct arena *a, const struct item *want, struct slice got)
{
	return want->kind == ITEM_REGEX ? regex_matches(a, want->value, got) : slice_eq(want->value, got);
}

static const char *item_differs(struct arena *a, const struct item *want, const struct field *v, size_t n)
{
	const struct field *seen = NULL;

	for (size_t i = 0; i < n; i++) {
		if (!same_name(want->name, v[i].name))
			continue;
		if (want->kind != ITEM_ABSENT && value_fits(a, want, v[i].value))
			return NULL;
		seen = &v[i];
	}
	if (want->kind == ITEM_ABSENT)
		return seen ? arena_printf(a, "there is a field %.*s: '%.*s'", SLICE_ARG(want->name),
					   SLICE_ARG(seen->value))
			    : NULL;
	if (!seen)
		return arena_printf(a, "there is no field %.*s", SLICE_ARG(want->name));
	return arena_printf(a, "field %.*s: expected '%.*s', got '%.*s'", SLICE_ARG(want->name), SLICE_ARG(want->value),
			    SLICE_ARG(seen->value));
}

/* "text" = part of the head as it came. */
static const char *other_differs(struct arena *a, struct slice text, const struct heard *got)
{
	struct slice quoted, rest = text;

	if (text.ptr[0] != '"')
		return NULL;
	if (text_quoted(a, &rest, &quoted, NULL) < 0)
		return arena_printf(a, "%.*s is no text in quotes", SLICE_ARG(text));
	if (got->head.len && memmem(got->head.ptr, got->head.len, quoted.ptr, quoted.len))
		return NULL;
	return arena_printf(a, "the head has no %.*s", SLICE_ARG(text));
}

static const char *start_differs(struct arena *a, struct slice want, const char *got)
{
	const bool class = want.len == 3 && slice_ends(want, SLICE("xx"));

	if (!want.len || slice_eq_str(want, "*") || (class && got[0] == want.ptr[0]) || slice_eq_str(want, got))
		return NULL;
	return arena_printf(a, "expected '%.*s', got '%s'", SLICE_ARG(want), got);
}

static const char *body_differs(struct arena *a, const struct pattern *want, const struct heard *got)
{
	CLEANUP(buf_done) struct buf out = BUF_INIT;
	struct slice body = buf_slice(&got->body);

	if (want->body_is_regex ? regex_matches(a, want->body, body) : slice_eq(want->body, body))
		return NULL;
	buf_append_str(&out, "body: expected '");
	text_show(&out, want->body);
	buf_append_str(&out, "', got '");
	text_show(&out, body);
	buf_append_str(&out, "'");
	return arena_slicedup(a, buf_slice(&out));
}

const char *message_differs(struct arena *a, const struct pattern *want, const struct heard *got, bool with_body)
{
	const char *why = start_differs(a, want->start, got->start ? got->start : "");

	for (size_t i = 0; !why && i < want->items.n; i++) {
		const struct item *it = &want->items.v[i];

		why = it->kind == ITEM_OTHER ? other_differs(a, it->value, got)
					     : item_differs(a, it, got->fields.v, got->fields.n);
	}
	if (!why && with_body && want->has_body)
		why = body_differs(a, want, got);
	for (size_t i = 0; !why && with_body && i < want->trailers.n; i++)
		why = item_differs(a, &want->trailers.v[i], got->trailers.v, got->trailers.n);
	if (!why && with_body && want->has_trailers && !want->trailers.n && got->trailers.n)
		why = "there are trailers";
	return why;
}
