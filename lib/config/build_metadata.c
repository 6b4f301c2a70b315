/* Matchers of metadata: values of JSON by their path (type.matcher.v3). */
#include "config/build_internal.h"

#include "envoy/type/matcher/v3/number.pb-c.h"
#include "envoy/type/matcher/v3/value.pb-c.h"

#define DEPTH_MAX 8
#define PATTERN(x) ENVOY__TYPE__MATCHER__V3__VALUE_MATCHER__MATCH_PATTERN_##x

static int value(struct build_ctx *x, const MATCHER(ValueMatcher) * m, unsigned depth, struct match_value *ret,
		 struct err *e);

static int kids(struct build_ctx *x, MATCHER(ValueMatcher) * *v, size_t n, unsigned depth, struct match_value *ret,
		struct err *e)
{
	ret->n_kids = n;
	ret->kids = ARENA_NEW_N(x->out, struct match_value, n);
	for (size_t i = 0; i < n; i++) {
		int r = value(x, v[i], depth + 1, &ret->kids[i], e);

		if (r < 0)
			return r;
	}
	return 0;
}

static int number(const MATCHER(DoubleMatcher) * m, struct match_value *ret, struct err *e)
{
	switch (m->match_pattern_case) {
	case ENVOY__TYPE__MATCHER__V3__DOUBLE_MATCHER__MATCH_PATTERN_EXACT:
		ret->from = ret->to = m->exact;
		return 0;
	case ENVOY__TYPE__MATCHER__V3__DOUBLE_MATCHER__MATCH_PATTERN_RANGE:
		ret->from = m->range->start;
		ret->to = m->range->end;
		return 0;
	default:
		return err_set(e, -EINVAL, "double_match is empty");
	}
}

static int value(struct build_ctx *x, const MATCHER(ValueMatcher) * m, unsigned depth, struct match_value *ret,
		 struct err *e)
{
	if (!m || depth > DEPTH_MAX)
		return err_set(e, -EINVAL, "value: %s", m ? "nested too deeply" : "missing");
	switch (m->match_pattern_case) {
	case PATTERN(NULL_MATCH):
		ret->kind = MATCH_VALUE_NULL;
		return 0;
	case PATTERN(DOUBLE_MATCH):
		ret->kind = MATCH_VALUE_NUMBER;
		return number(m->double_match, ret, e);
	case PATTERN(STRING_MATCH):
		ret->kind = MATCH_VALUE_STRING;
		return build_string_match(x, m->string_match, &ret->string, e);
	case PATTERN(BOOL_MATCH):
		ret->kind = MATCH_VALUE_BOOL;
		ret->boolean = m->bool_match;
		return 0;
	case PATTERN(PRESENT_MATCH):
		ret->kind = MATCH_VALUE_PRESENT;
		ret->boolean = m->present_match;
		return 0;
	case PATTERN(LIST_MATCH):
		ret->kind = MATCH_VALUE_LIST;
		return kids(x, &m->list_match->one_of, 1, depth, ret, e);
	case PATTERN(OR_MATCH):
		ret->kind = MATCH_VALUE_OR;
		return kids(x, m->or_match->value_matchers, m->or_match->n_value_matchers, depth, ret, e);
	default:
		return err_set(e, -EINVAL, "value: matcher is missing or not supported");
	}
}

int build_metadata_match(struct build_ctx *x, const MATCHER(MetadataMatcher) * m, struct match_metadata *ret,
			 struct err *e)
{
	if (!m->n_path)
		return err_set(e, -EINVAL, "metadata: path is missing");
	ret->filter = build_slice(x, m->filter);
	ret->n_path = m->n_path;
	ret->path = ARENA_NEW_N(x->out, struct slice, m->n_path);
	for (size_t i = 0; i < m->n_path; i++)
		ret->path[i] = build_slice(x, m->path[i]->key);
	ret->invert = m->invert;
	int r = value(x, m->value, 0, &ret->value, e);
	return r < 0 ? err_wrap(e, r, "metadata") : 0;
}
