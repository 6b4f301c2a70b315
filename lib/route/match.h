/*
 * Matchers of strings, compiled once from configuration: exact, prefix, suffix, contains, regex, present. Used for
 * paths, headers, query parameters, authorization rules and SANs. Immutable after they are built; memory belongs to the
 * arena given.
 * Source: envoy.type.matcher.v3.StringMatcher, envoy.config.route.v3.HeaderMatcher.
 */
#ifndef ROUTE_MATCH_H
#define ROUTE_MATCH_H

#include "base/arena.h"
#include "base/err.h"
#include "base/slice.h"

struct regex;

enum match_kind {
	MATCH_EXACT,
	MATCH_PREFIX,
	MATCH_SUFFIX,
	MATCH_CONTAINS,
	MATCH_REGEX,   /* the whole value */
	MATCH_RANGE,   /* a whole decimal number in [from, to) */
	MATCH_PRESENT, /* any value */
};

struct match_string {
	enum match_kind kind;
	bool ignore_case;
	struct slice text; /* for all kinds but REGEX, RANGE and PRESENT */
	const struct regex *regex;
	int64_t from, to; /* MATCH_RANGE */
};

struct match_header {
	struct slice name; /* lower case; ":authority", ":method", ":path", ":scheme" for the pseudo headers */
	bool invert;
	bool absent_is_empty; /* a missing header is treated as an empty value */
	bool want_absent;     /* MATCH_PRESENT with present_match false */
	struct match_string value;
};

struct match_query {
	struct slice name;
	struct match_string value;
};

/* Limits of user-given regular expressions: source length in bytes, and compiled program size in RE2 instructions. */
#define REGEX_MAX_BYTES 4096
#define REGEX_MAX_PROGRAM 32768

/*
 * Compiles an RE2 expression (linear time); it is released with the arena. Returns 0; -EINVAL with RE2's message, or
 * -EMSGSIZE when it passes a limit above.
 */
int regex_new(struct arena *a, struct slice pattern, const struct regex **ret, struct err *e);

/* Whether the whole text matches. Thread-safe. */
bool regex_match_full(const struct regex *re, struct slice text);

/*
 * Replaces all matches of re in text by substitution (\0..\9 are groups), the result in the arena. Returns the text
 * itself when nothing matches.
 */
struct slice regex_replace(const struct regex *re, struct slice text, struct slice substitution, struct arena *a);

/* 0, or -EINVAL with the reason when the substitution names a group that re has not. */
int regex_check_substitution(const struct regex *re, struct slice substitution, struct err *e);

/* Whether the value matches; regular expressions must match the whole value. */
bool match_string_test(const struct match_string *m, struct slice value);

/* value.ptr NULL = header absent. */
bool match_header_test(const struct match_header *m, struct slice value);

#endif
