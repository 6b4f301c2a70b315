/*
 * gRPC's framing and texts, without I/O: messages with their five-byte prefix, timeouts, percent-encoded status texts.
 */
#ifndef GRPC_MESSAGE_H
#define GRPC_MESSAGE_H

#include "base/buf.h"

#define GRPC_PREFIX_BYTES 5

/* Gathers the bytes of a call's body. Zeroed but for max and takes_compressed = empty. */
struct grpc_reader {
	struct buf in;
	size_t off; /* consumed part of in */
	size_t max; /* bytes of one message */
	bool takes_compressed;
	bool compressed; /* the last message is */
};

/* Appends bytes of DATA, copied. */
void grpc_reader_add(struct grpc_reader *r, struct slice bytes);

/*
 * The next whole message, as it came (valid until the reader is touched again). Returns 1, 0 when more bytes are
 * needed, -EMSGSIZE for a message over the limit, -ENOTSUP for a compressed one that is not taken, -EPROTO for a broken
 * prefix.
 */
int grpc_reader_next(struct grpc_reader *r, struct slice *message);

/* True when no part of a message is left over. */
bool grpc_reader_empty(const struct grpc_reader *r);
/* Frees what is buffered; the reader can be used again. */
void grpc_reader_done(struct grpc_reader *r);

/* Writes the prefix for a message of len bytes, as they leave. */
void grpc_prefix(uint32_t len, bool compressed, char out[GRPC_PREFIX_BYTES]);

/* "100m", "5S" to nanoseconds. Returns 0 or -EINVAL. */
int grpc_timeout_parse(struct slice text, int64_t *ret_ns);

#define GRPC_TIMEOUT_TEXT_MAX 16
/* ns > 0, at most eight digits and a unit. */
void grpc_timeout_format(int64_t ns, char out[GRPC_TIMEOUT_TEXT_MAX]);

/* grpc-message: everything but printable ASCII, and '%', becomes %XX. */
void grpc_text_encode(const char *text, struct buf *out);
/* The reverse, appended to out: a broken %XX stays as it is, NUL becomes '?', long texts are cut. */
void grpc_text_decode(struct slice text, struct buf *out);

/* The status that stands for an HTTP status other than 200, and for an HTTP/2 error code. */
int grpc_status_from_http(int http);
/* The gRPC status that stands for an HTTP/2 error code (gRPC over HTTP/2, "Errors"); INTERNAL for most. */
int grpc_status_from_h2(uint32_t error);

#endif
