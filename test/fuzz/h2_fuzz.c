/* A foreign peer's bytes into an HTTP/2 session; the first byte chooses the role and whether calls are answered. */
#include "h2/h2.h"

static const struct h2_header ok[] = {{SLICE(":status"), SLICE("200"), false}};

static void on_headers(void *user, struct h2_stream *s, enum h2_headers kind, const struct h2_header *v, size_t n,
		       bool end)
{
	(void)v, (void)n, (void)end;
	if (kind == H2_REQUEST && *(int *)user & 2) {
		h2_respond(s, H2_RESPONSE, ok, 1, false);
		h2_write(s, SLICE("body"), true);
	}
}

static void on_data(void *user, struct h2_stream *s, struct slice bytes)
{
	if (*(int *)user & 4)
		h2_consume(s, bytes.len);
	if (*(int *)user & 8)
		h2_reset(s, H2_CANCEL);
}

static const struct h2_ops ops = {.on_headers = on_headers, .on_data = on_data};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct h2_header request[] = {{SLICE(":method"), SLICE("GET"), false},
						   {SLICE(":scheme"), SLICE("http"), false},
						   {SLICE(":path"), SLICE("/"), false},
						   {SLICE(":authority"), SLICE("x"), false}};
	struct h2_session *s;
	struct h2_stream *st;
	struct slice out;
	int mode;

	if (size < 1)
		return 0;
	mode = data[0];
	s = h2_new(mode & 1, NULL, &ops, &mode);
	if (!(mode & 1))
		h2_request(s, request, 4, false, NULL, &st);
	for (size_t at = 1; at < size;) {
		size_t n = size - at < 64 ? size - at : 64;

		if (h2_recv(s, slice_make(data + at, n), NULL) < 0)
			break;
		out = h2_output(s);
		h2_output_done(s, out.len);
		at += n;
	}
	h2_free(s);
	return 0;
}
