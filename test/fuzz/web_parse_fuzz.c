/* Requests by anybody: heads, chunked bodies, percent-encoding. */
#include "base/cleanup.h"
#include "web/parse_internal.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(arena_done) struct arena a = ARENA_INIT;
	CLEANUP(buf_done) struct buf body = BUF_INIT;
	struct slice in = slice_make(data, size), out;
	struct web_chunked c = {0};
	struct web_head h;
	int64_t used = web_parse_head(in, &h);

	if (used > 0 && h.chunked)
		web_parse_chunks(&c, slice_from(in, (size_t)used), &body, 65536);
	if (used > 0)
		web_decode(&a, h.target, true, &out);
	return 0;
}
