/* Reading requests: head and chunked body, without I/O. Strict where leniency lets requests be smuggled (RFC 9112). */
#ifndef WEB_PARSE_INTERNAL_H
#define WEB_PARSE_INTERNAL_H

#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "web/server.h"

struct web_head {
	struct slice method, target;
	int minor; /* HTTP/1.minor */
	struct web_header headers[WEB_HEADERS_MAX];
	size_t n;
	int64_t content_length; /* -1 = none given */
	bool chunked, keep_alive, expect_continue, upgrade;
};

/*
 * Parses a head from the front of bytes; slices point into them. Returns the bytes it takes, 0 when more are needed, or
 * the negative HTTP status to answer with (-400, -431, -501, -505).
 */
int64_t web_parse_head(struct slice bytes, struct web_head *ret);

struct web_chunked {
	enum { CHUNK_SIZE, CHUNK_DATA, CHUNK_END, CHUNK_TRAILER, CHUNK_DONE } state;
	uint64_t left;
	size_t trailer_bytes;
};

/*
 * Decodes what it can of bytes onto the end of out. Returns the bytes taken (c->state == CHUNK_DONE at the end), -400
 * when they are no chunks, -413 past max bytes.
 */
int64_t web_parse_chunks(struct web_chunked *c, struct slice bytes, struct buf *out, size_t max);

/* Percent-decodes into the arena; plus also decodes '+' to a space. False on a bad escape or a NUL. */
bool web_decode(struct arena *a, struct slice in, bool plus, struct slice *ret);

#endif
