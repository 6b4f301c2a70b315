/*
 * Tests of strings and headers against compiled matchers. No allocation, no state.
 */
#include "route/match.h"

#include <ctype.h>
#include <string.h>

static bool eq(struct slice a, struct slice b, bool ignore_case)
{
	return ignore_case ? slice_eq_nocase(a, b) : slice_eq(a, b);
}

static bool contains(struct slice text, struct slice part, bool ignore_case)
{
	if (!ignore_case)
		return part.len == 0 || (text.len && memmem(text.ptr, text.len, part.ptr, part.len));
	for (size_t i = 0; i + part.len <= text.len; i++)
		if (slice_eq_nocase(slice_make(text.ptr + i, part.len), part))
			return true;
	return false;
}

static bool in_range(struct slice value, int64_t from, int64_t to)
{
	bool negative = value.len && value.ptr[0] == '-';
	uint64_t n;

	if (slice_to_u64(slice_from(value, negative), INT64_MAX, &n) < 0)
		return false;
	int64_t v = negative ? -(int64_t)n : (int64_t)n;
	return v >= from && v < to;
}

bool match_string_test(const struct match_string *m, struct slice value)
{
	size_t n = m->text.len;

	switch (m->kind) {
	case MATCH_EXACT:
		return eq(value, m->text, m->ignore_case);
	case MATCH_PREFIX:
		return value.len >= n && eq(slice_head(value, n), m->text, m->ignore_case);
	case MATCH_SUFFIX:
		return value.len >= n && eq(slice_from(value, value.len - n), m->text, m->ignore_case);
	case MATCH_CONTAINS:
		return contains(value, m->text, m->ignore_case);
	case MATCH_REGEX:
		return regex_match_full(m->regex, value);
	case MATCH_RANGE:
		return in_range(value, m->from, m->to);
	case MATCH_PRESENT:
		return true;
	}
	return false;
}

bool match_header_test(const struct match_header *m, struct slice value)
{
	bool hit;

	if (m->value.kind == MATCH_PRESENT)
		return ((value.ptr != NULL) != m->want_absent) != m->invert;
	if (!value.ptr && !m->absent_is_empty)
		return m->invert;
	hit = match_string_test(&m->value, value);
	return hit != m->invert;
}
