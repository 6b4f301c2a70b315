/*
 * Compressed messages (https://github.com/grpc/grpc/blob/master/doc/compression.md) with zstd (RFC 8878), without I/O.
 * A message is one frame behind another, so that bytes which many get are compressed once, and what is each one's own
 * stands before them in a frame of its own.
 */
#ifndef GRPC_COMPRESS_H
#define GRPC_COMPRESS_H

#include "base/buf.h"
#include "base/shared.h"

#define GRPC_ENCODING "zstd"           /* in grpc-encoding and grpc-accept-encoding */
#define GRPC_COMPRESS_MIN_BYTES 4096   /* what is smaller costs more than it saves */
#define GRPC_RAW_FRAME_MAX_BYTES 65535 /* of the bytes in grpc_frame_raw */

/* Whether a list of encodings, as in grpc-accept-encoding, names ours. */
bool grpc_encoding_listed(struct slice list);

/*
 * The bytes as a frame, with one reference, which is the caller's; any thread. NULL: they are few, or do not become
 * fewer.
 */
struct shared_bytes *grpc_compress(const struct shared_bytes *plain);

/* Appends a frame that holds the bytes as they are. */
void grpc_frame_raw(struct slice bytes, struct buf *out);

/*
 * Appends what the frames hold, at most max bytes. Returns 0, -EMSGSIZE when it would be more, or -EPROTO for anything
 * that is no whole frames, or would take more than GRPC_WINDOW_LOG_MAX of memory; out then holds a part.
 */
int grpc_decompress(struct slice frames, size_t max, struct buf *out);

#define GRPC_WINDOW_LOG_MAX 23 /* what every decoder should have: 8 MB (RFC 8878, 3.1.1.1.2) */

#endif
