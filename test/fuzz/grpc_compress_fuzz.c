/* Compressed messages of a foreign peer: nothing passes the limit, and what we frame comes back. */
#include <stdlib.h>

#include "grpc/compress.h"

#define LIMIT 100000

static void expect(bool ok)
{
	if (!ok)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct slice in = slice_make(data, size);
	const struct shared_bytes plain = {.refs = 1, .v = &in, .n = 1, .len = size};
	struct shared_bytes *packed = grpc_compress(&plain);
	struct buf out = BUF_INIT, frames = BUF_INIT;
	int r = grpc_decompress(in, LIMIT, &out);

	expect(r < 0 || out.len <= LIMIT);
	grpc_encoding_listed(in);
	grpc_frame_raw(slice_head(in, GRPC_RAW_FRAME_MAX_BYTES), &frames);
	for (size_t i = 0; packed && i < packed->n; i++)
		buf_append_slice(&frames, packed->v[i]);
	buf_clear(&out);
	r = grpc_decompress(buf_slice(&frames), 2 * size, &out);
	expect(r == 0 && slice_eq(slice_head(in, GRPC_RAW_FRAME_MAX_BYTES),
				  slice_head(buf_slice(&out), MIN(size, (size_t)GRPC_RAW_FRAME_MAX_BYTES))));
	expect(!packed || slice_eq(in, slice_from(buf_slice(&out), MIN(size, (size_t)GRPC_RAW_FRAME_MAX_BYTES))));
	shared_unref(packed);
	buf_done(&frames);
	buf_done(&out);
	return 0;
}
