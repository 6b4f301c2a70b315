/*
 * Regular expressions of users, through RE2: linear time, bounded program size. The only C++ of the project; everything
 * else sees the C functions of match.h.
 */
#include <new>
#include <string>

#include <re2/re2.h>

extern "C" {
#include "route/match.h"
}

struct regex {
	RE2 re;
	regex(const re2::StringPiece &pattern, const RE2::Options &options) : re(pattern, options) {}
};

static void regex_free(void *arg)
{
	delete static_cast<regex *>(arg);
}

int regex_new(struct arena *a, struct slice pattern, const struct regex **ret, struct err *e)
{
	if (pattern.len > REGEX_MAX_BYTES)
		return err_set(e, -EMSGSIZE, "regex is longer than %d bytes", REGEX_MAX_BYTES);
	RE2::Options options;
	options.set_log_errors(false);
	options.set_never_capture(false);
	options.set_max_mem(1 << 20);
	regex *re = new (std::nothrow) regex(re2::StringPiece(pattern.ptr, pattern.len), options);
	if (!re)
		return err_set(e, -ENOMEM, "regex: out of memory");
	if (!re->re.ok()) {
		err_set(e, -EINVAL, "invalid regex: %s", re->re.error().c_str());
		delete re;
		return -EINVAL;
	}
	if (re->re.ProgramSize() > REGEX_MAX_PROGRAM) {
		delete re;
		return err_set(e, -EMSGSIZE, "regex compiles to more than %d instructions", REGEX_MAX_PROGRAM);
	}
	arena_on_done(a, regex_free, re);
	*ret = re;
	return 0;
}

bool regex_match_full(const struct regex *re, struct slice text)
{
	return RE2::FullMatch(re2::StringPiece(text.ptr, text.len), re->re);
}

struct slice regex_replace(const struct regex *re, struct slice text, struct slice substitution, struct arena *a)
{
	std::string out(text.ptr ? text.ptr : "", text.len);

	if (!RE2::GlobalReplace(&out, re->re, re2::StringPiece(substitution.ptr, substitution.len)))
		return text;
	return slice_make(arena_slicedup(a, slice_make(out.data(), out.size())), out.size());
}

int regex_check_substitution(const struct regex *re, struct slice substitution, struct err *e)
{
	std::string why;

	if (!re->re.CheckRewriteString(re2::StringPiece(substitution.ptr, substitution.len), &why))
		return err_set(e, -EINVAL, "invalid substitution: %s", why.c_str());
	return 0;
}
