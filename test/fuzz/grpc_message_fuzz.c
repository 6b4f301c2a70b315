/* gRPC's framing, timeouts and texts from a foreign peer. */
#include "grpc/message.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct grpc_reader r = {.max = 1000};
	struct buf text = BUF_INIT;
	struct slice m;
	int64_t ns;

	for (size_t at = 0; at < size; at += 7) {
		grpc_reader_add(&r, slice_make(data + at, size - at < 7 ? size - at : 7));
		while (grpc_reader_next(&r, &m) == 1)
			buf_append_slice(&text, m);
	}
	grpc_reader_done(&r);
	buf_clear(&text);
	grpc_text_decode(slice_make(data, size), &text);
	grpc_timeout_parse(slice_make(data, size), &ns);
	buf_done(&text);
	return 0;
}
