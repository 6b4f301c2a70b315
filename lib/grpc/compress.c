/* Frames of zstd. Whoever compresses does it once for many, so nothing is kept between two times. */
#include "grpc/compress.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <zstd.h>

#include "base/mem.h"

#define LEVEL 1                      /* resources resemble each other: 40 times smaller at any level */
#define BLOCK_MAX_BYTES (128u << 10) /* what a block holds at most */

bool grpc_encoding_listed(struct slice list)
{
	while (list.len)
		if (slice_eq_str(slice_trim(slice_split(&list, ',')), GRPC_ENCODING))
			return true;
	return false;
}

/* --- compressing --- */

struct packed {
	struct shared_bytes shared;
	struct slice piece;
	char bytes[];
};

static void packed_free(struct shared_bytes *s)
{
	free(CONTAINER_OF(s, struct packed, shared));
}

static struct shared_bytes *packed_new(struct slice bytes)
{
	struct packed *p = mem_alloc(sizeof(*p) + bytes.len);

	memcpy(p->bytes, bytes.ptr, bytes.len);
	p->piece = slice_make(p->bytes, bytes.len);
	p->shared = (struct shared_bytes){.refs = 1, .v = &p->piece, .n = 1, .len = bytes.len, .free = packed_free};
	return &p->shared;
}

static size_t compress_all(ZSTD_CCtx *z, const struct shared_bytes *plain, ZSTD_outBuffer *out)
{
	size_t r = ZSTD_CCtx_setParameter(z, ZSTD_c_compressionLevel, LEVEL);

	if (!ZSTD_isError(r))
		r = ZSTD_CCtx_setPledgedSrcSize(z, plain->len);
	for (size_t i = 0; i < plain->n && !ZSTD_isError(r); i++) {
		ZSTD_inBuffer in = {plain->v[i].ptr, plain->v[i].len, 0};

		r = ZSTD_compressStream2(z, out, &in, i + 1 == plain->n ? ZSTD_e_end : ZSTD_e_continue);
		if (!ZSTD_isError(r) && in.pos < in.size) /* the output is full: it does not become smaller */
			return 1;
	}
	return r;
}

struct shared_bytes *grpc_compress(const struct shared_bytes *plain)
{
	CLEANUP(buf_done) struct buf bytes = BUF_INIT;
	ZSTD_outBuffer out;
	ZSTD_CCtx *z;
	size_t left;

	if (plain->len < GRPC_COMPRESS_MIN_BYTES)
		return NULL;
	z = ZSTD_createCCtx();
	if (!z)
		return NULL;
	out = (ZSTD_outBuffer){buf_reserve(&bytes, plain->len), plain->len, 0};
	left = compress_all(z, plain, &out);
	ZSTD_freeCCtx(z);
	bytes.len = out.pos;
	return left == 0 ? packed_new(buf_slice(&bytes)) : NULL;
}

/* --- a frame around bytes (RFC 8878, 3.1.1) --- */

#define DESCRIPTOR_SINGLE_SEGMENT 0x20
#define DESCRIPTOR_SIZE_OF_TWO 0x40 /* the content's size less 256 follows in two bytes; else in one */
#define BLOCK_LAST 1                /* and raw, which is type 0 */

void grpc_frame_raw(struct slice bytes, struct buf *out)
{
	const size_t n = bytes.len, block = n << 3 | BLOCK_LAST;

	assert(n <= GRPC_RAW_FRAME_MAX_BYTES);
	buf_append(out, "\x28\xb5\x2f\xfd", 4);
	if (n < 256) {
		buf_append_char(out, DESCRIPTOR_SINGLE_SEGMENT);
		buf_append_char(out, (char)n);
	} else {
		buf_append_char(out, DESCRIPTOR_SINGLE_SEGMENT | DESCRIPTOR_SIZE_OF_TWO);
		buf_append_char(out, (char)(n - 256));
		buf_append_char(out, (char)((n - 256) >> 8));
	}
	buf_append_char(out, (char)block);
	buf_append_char(out, (char)(block >> 8));
	buf_append_char(out, (char)(block >> 16));
	buf_append_slice(out, bytes);
}

/* --- decompressing --- */

/* Room for what comes next: all of a frame that says how much it holds, of another one a block. */
static int make_room(struct buf *out, struct slice rest, size_t max)
{
	const unsigned long long size = ZSTD_getFrameContentSize(rest.ptr, rest.len);

	if (size == ZSTD_CONTENTSIZE_ERROR)
		return -EPROTO;
	if (size == ZSTD_CONTENTSIZE_UNKNOWN)
		buf_reserve(out, BLOCK_MAX_BYTES);
	else if (size > max - out->len)
		return -EMSGSIZE;
	else
		buf_reserve(out, (size_t)size);
	return 0;
}

/* One step through a frame: 0, or 1 at its end. One byte above the limit shows that it is passed. */
static int step(ZSTD_DCtx *z, ZSTD_inBuffer *in, size_t max, struct buf *out)
{
	const size_t before = in->pos;
	ZSTD_outBuffer to = {out->ptr, MIN(out->cap - 1, max + 1), out->len};
	const size_t r = ZSTD_decompressStream(z, &to, in);
	const bool brought = to.pos > out->len || in->pos > before;

	out->len = to.pos;
	if (out->len > max)
		return -EMSGSIZE;
	if (ZSTD_isError(r))
		return -EPROTO;
	if (r == 0)
		return 1;
	if (to.pos == to.size)
		buf_reserve(out, BLOCK_MAX_BYTES);
	else if (in->pos == in->size || !brought)
		return -EPROTO; /* cut short */
	return 0;
}

static int decompress_all(ZSTD_DCtx *z, struct slice frames, size_t max, struct buf *out)
{
	ZSTD_inBuffer in = {frames.ptr, frames.len, 0};
	int r = 0;

	if (ZSTD_isError(ZSTD_DCtx_setParameter(z, ZSTD_d_windowLogMax, GRPC_WINDOW_LOG_MAX)))
		return -EPROTO;
	do {
		r = make_room(out, slice_from(frames, in.pos), max);
		while (r == 0)
			r = step(z, &in, max, out);
	} while (r == 1 && in.pos < in.size);
	return r == 1 ? 0 : r;
}

int grpc_decompress(struct slice frames, size_t max, struct buf *out)
{
	const size_t most = max + out->len;
	ZSTD_DCtx *z = ZSTD_createDCtx();
	int r;

	if (!z)
		return -ENOMEM;
	r = decompress_all(z, frames, most, out);
	ZSTD_freeDCtx(z);
	if (out->ptr)
		out->ptr[out->len] = 0;
	return r;
}
