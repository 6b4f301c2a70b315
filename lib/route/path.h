/* Normal form of request paths. What is matched must be what is forwarded. */
#ifndef ROUTE_PATH_H
#define ROUTE_PATH_H

#include "base/slice.h"

enum path_escaped_slashes {
	PATH_ESCAPED_DEFAULT, /* keep */
	PATH_ESCAPED_KEEP,
	PATH_ESCAPED_REJECT,
	PATH_ESCAPED_REDIRECT, /* handled as UNESCAPE */
	PATH_ESCAPED_UNESCAPE,
};

struct path_rules {
	/* RFC 3986 6: unreserved characters are decoded, others than ASCII encoded, dot segments removed; backslashes
	 * are slashes. A NUL and a path that climbs above its root are refused. */
	bool normalise;
	bool merge_slashes;  /* after dot segments are gone, as Envoy does */
	int escaped_slashes; /* enum path_escaped_slashes; before all else */
};

/* Bytes that a normal or folded form may need: each byte may become an escape. */
#define PATH_BOUND(len) (3 * (len) + 1)

/* Whether path_normalise may change or refuse this path; a quick look. */
bool path_needs_work(struct slice path, const struct path_rules *rules);

/*
 * Writes the normal form of path (with its query, which is not touched) to out, which holds PATH_BOUND(path.len) bytes
 * and does not overlap it. Returns its length, 0 when the path must be refused.
 */
size_t path_normalise(struct slice path, const struct path_rules *rules, char *out);

/* The path without query and fragment; a view. */
struct slice path_without_query(struct slice path);

/* Whether path_fold changes this path (without query) or text; a quick look. */
bool path_needs_fold(struct slice path);

/*
 * Writes what policies compare, of a request's path (without query) and of their own texts alike: unreserved characters
 * decoded, other escapes in upper case, what is not ASCII encoded, backslashes as slashes. Nothing is removed. out
 * holds PATH_BOUND(path.len) bytes. Returns the length.
 */
size_t path_fold(struct slice path, char *out);

/*
 * Whether a segment is "." or ".." with parameters ("/a/..;x/b", in any encoding): some servers drop the parameters
 * and climb, others don't, so that no policy can know what such a path means.
 */
bool path_has_dot_parameters(struct slice path);

#endif
