/* Normal form of request paths. What is matched must be what is forwarded. */
#ifndef PROXY_PATH_H
#define PROXY_PATH_H

#include "base/slice.h"

enum path_escaped_slashes {
	PATH_ESCAPED_DEFAULT, /* keep */
	PATH_ESCAPED_KEEP,
	PATH_ESCAPED_REJECT,
	PATH_ESCAPED_REDIRECT, /* handled as UNESCAPE */
	PATH_ESCAPED_UNESCAPE,
};

struct path_rules {
	bool normalise; /* dot segments, backslashes, escaped dots (RFC 3986 6) */
	bool merge_slashes;
	int escaped_slashes; /* enum path_escaped_slashes */
};

/* Whether path_normalise may change or refuse this path; a quick look. */
bool path_needs_work(struct slice path, const struct path_rules *rules);

/*
 * Writes the normal form of path (with its query, which is not touched) to out, which holds path.len + 1 bytes. Returns
 * its length, 0 when the path must be refused.
 */
size_t path_normalise(struct slice path, const struct path_rules *rules, char *out);

#endif
