/*
 * A slice is a view of bytes that somebody else owns: pointer and length, passed by value. NUL-termination is not
 * promised.
 */
#ifndef BASE_SLICE_H
#define BASE_SLICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <strings.h>

struct slice {
	const char *ptr; /* may be NULL when len is 0 */
	size_t len;      /* bytes */
};

/* printf("%.*s", SLICE_ARG(s)); s is evaluated more than once (make lint looks for calls that must not be). */
#define SLICE_ARG(s) (int)(s).len, (s).ptr ? (s).ptr : ""
/* A slice of a string literal. */
#define SLICE(lit) ((struct slice){"" lit, sizeof(lit) - 1})

static inline struct slice slice_make(const void *ptr, size_t len)
{
	return (struct slice){(const char *)ptr, len};
}

/* A slice of a NUL-terminated string; NULL gives the empty slice. */
static inline struct slice slice_str(const char *s)
{
	return (struct slice){s, s ? strlen(s) : 0};
}

static inline bool slice_eq(struct slice a, struct slice b)
{
	return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}

/* ASCII case is ignored. */
static inline bool slice_eq_nocase(struct slice a, struct slice b)
{
	return a.len == b.len && (a.len == 0 || strncasecmp(a.ptr, b.ptr, a.len) == 0);
}

static inline bool slice_eq_str(struct slice a, const char *s)
{
	return slice_eq(a, slice_str(s));
}

static inline bool slice_starts(struct slice s, struct slice prefix)
{
	return s.len >= prefix.len && (prefix.len == 0 || memcmp(s.ptr, prefix.ptr, prefix.len) == 0);
}

static inline bool slice_ends(struct slice s, struct slice suffix)
{
	return s.len >= suffix.len &&
	       (suffix.len == 0 || memcmp(s.ptr + s.len - suffix.len, suffix.ptr, suffix.len) == 0);
}

/* The bytes from `from` on; empty past the end. */
static inline struct slice slice_from(struct slice s, size_t from)
{
	return from >= s.len ? (struct slice){s.ptr + s.len, 0} : (struct slice){s.ptr + from, s.len - from};
}

/* The first `n` bytes at most. */
static inline struct slice slice_head(struct slice s, size_t n)
{
	return (struct slice){s.ptr, n < s.len ? n : s.len};
}

/* Order as memcmp, the shorter first where one is a prefix of the other: <0, 0, >0. */
int slice_cmp(struct slice a, struct slice b);

/* Index of the first byte c, or -1. */
ptrdiff_t slice_find(struct slice s, char c);

/* Index of the last byte c, or -1. */
ptrdiff_t slice_rfind(struct slice s, char c);

/* Without spaces and tabs at both ends. */
struct slice slice_trim(struct slice s);

/* A token as HTTP has them for names of headers and methods (RFC 9110 5.6.2); the empty one is none. */
bool slice_is_token(struct slice s);

/*
 * Cuts the part up to the first `sep` off the front of *rest and returns it; without `sep` the whole rest. Loop:
 * `while (rest.len) { part = slice_split(&rest, ','); ... }`
 */
struct slice slice_split(struct slice *rest, char sep);

/* Parses a decimal number of digits only, up to max. Returns 0, or -EINVAL, -ERANGE. */
int slice_to_u64(struct slice s, uint64_t max, uint64_t *ret);

#endif
