/*
 * Whole messages by anybody: the first byte chooses request or response and the method that is answered, the second how
 * the bytes are cut. In pieces they are what they are in one; targets are percent-decoded.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "h1/message.h"
#include "web/parse_internal.h"

#define BODY_MAX_BYTES 4096

/* The error, or how many bytes the message has. */
static ssize_t gather(struct h1_message *m, uint8_t kind, const uint8_t *data, size_t len, size_t step)
{
	size_t at = 0;

	if (kind & 1)
		h1_message_request(m, BODY_MAX_BYTES);
	else
		h1_message_response(m, kind & 2 ? HTTP_HEAD : kind & 4 ? HTTP_CONNECT : HTTP_GET, BODY_MAX_BYTES);
	while (at < len && !h1_message_done(m)) {
		size_t n = len - at < step ? len - at : step;
		char *piece = malloc(n);
		ssize_t taken;

		memcpy(piece, data + at, n);
		taken = h1_message_feed(m, piece, n);
		free(piece);
		if (taken < 0)
			return taken;
		assert((size_t)taken == n || h1_message_done(m));
		at += (size_t)taken;
	}
	return (ssize_t)at;
}

static void decode(const struct h1_message *m)
{
	CLEANUP(arena_done) struct arena a = ARENA_INIT;
	struct slice out;

	if (m->state == H1_MESSAGE_DONE)
		web_decode(&a, m->head.target, true, &out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct h1_message whole, pieces;
	ssize_t n;

	if (size < 3)
		return 0;
	n = gather(&whole, data[0], data + 2, size - 2, size);
	assert(gather(&pieces, data[0], data + 2, size - 2, (size_t)data[1] + 1) == n);
	if (n >= 0) {
		assert(whole.state == pieces.state && whole.body.len == pieces.body.len);
		assert(whole.body.len <= BODY_MAX_BYTES && whole.raw.len <= HTTP_HEAD_MAX_BYTES);
		assert(!whole.body.len || memcmp(whole.body.ptr, pieces.body.ptr, whole.body.len) == 0);
		assert(h1_message_eof(&whole) == h1_message_eof(&pieces));
	}
	if (data[0] & 1)
		decode(&whole);
	h1_message_free(&whole);
	h1_message_free(&pieces);
	return 0;
}
