/* Frames behind one another give the bytes that went into them, within a limit; what is broken or too much is refused.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <zstd.h>

#include "base/rand.h"
#include "grpc/compress.h"

/* Bytes in pieces, as resources are; nothing to be freed. */
static struct shared_bytes pieces(const struct slice *v, size_t n)
{
	struct shared_bytes s = {.refs = 1, .v = v, .n = n};

	for (size_t i = 0; i < n; i++)
		s.len += v[i].len;
	return s;
}

static struct buf resources(unsigned n)
{
	struct buf b = BUF_INIT;

	for (unsigned i = 0; i < n; i++)
		buf_printf(&b, "outbound|80||svc-%u.shop.svc.cluster.local: 10.96.%u.%u;", i, i / 250, i % 250);
	return b;
}

static void expect(int r, struct slice frames, size_t max, struct slice plain)
{
	CLEANUP(buf_done) struct buf out = BUF_INIT;

	assert_int_equal(r, grpc_decompress(frames, max, &out));
	if (r == 0) {
		assert_int_equal(plain.len, out.len);
		assert_true(slice_eq(plain, buf_slice(&out)));
	}
	assert_true(out.len <= max + 1);
}

static void raw_frames(void **state)
{
	static const size_t sizes[] = {0, 1, 255, 256, 257, 8191, GRPC_RAW_FRAME_MAX_BYTES};
	CLEANUP(buf_done) struct buf plain = resources(2000);

	(void)state;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
		const struct slice s = slice_head(buf_slice(&plain), sizes[i]);
		CLEANUP(buf_done) struct buf frame = BUF_INIT;

		grpc_frame_raw(s, &frame);
		assert_true(frame.len <= s.len + 10);
		expect(0, buf_slice(&frame), s.len, s);
		if (s.len)
			expect(-EMSGSIZE, buf_slice(&frame), s.len - 1, s);
	}
}

/* A head of its own before what many share: one message. */
static void head_and_body(void **state)
{
	CLEANUP(buf_done) struct buf plain = resources(3000);
	CLEANUP(buf_done) struct buf frames = BUF_INIT;
	const struct slice body = slice_from(buf_slice(&plain), 100);
	const struct slice v[] = {slice_head(body, 7), slice_from(slice_head(body, 5000), 7), SLICE(""),
				  slice_from(body, 5000)};
	const struct shared_bytes all = pieces(v, 4);
	struct shared_bytes *packed = grpc_compress(&all);

	(void)state;
	assert_non_null(packed);
	assert_int_equal(1, packed->refs);
	assert_true(packed->len * 5 < body.len);
	grpc_frame_raw(slice_head(buf_slice(&plain), 100), &frames);
	for (size_t i = 0; i < packed->n; i++)
		buf_append_slice(&frames, packed->v[i]);
	expect(0, buf_slice(&frames), plain.len, buf_slice(&plain));
	expect(-EMSGSIZE, buf_slice(&frames), plain.len - 1, buf_slice(&plain));
	for (size_t n = 0; n < frames.len; n += 1 + n / 10)
		if (n != 100 + 9) /* the first frame is whole there */
			expect(-EPROTO, slice_head(buf_slice(&frames), n), plain.len, buf_slice(&plain));
	shared_unref(packed);
}

static void appended(void **state)
{
	CLEANUP(buf_done) struct buf out = BUF_INIT;
	CLEANUP(buf_done) struct buf frame = BUF_INIT;

	(void)state;
	buf_append_str(&out, "before ");
	grpc_frame_raw(SLICE("behind"), &frame);
	assert_int_equal(-EMSGSIZE, grpc_decompress(buf_slice(&frame), 5, &out));
	assert_string_equal("before ", buf_str(&out));
	assert_int_equal(0, grpc_decompress(buf_slice(&frame), 6, &out));
	assert_string_equal("before behind", buf_str(&out));
}

/* A frame that does not say how much it holds, as a stream's. */
static struct buf unsized(struct slice plain, int window_log)
{
	struct buf b = BUF_INIT;
	ZSTD_CCtx *z = ZSTD_createCCtx();
	ZSTD_inBuffer in = {plain.ptr, plain.len, 0};
	ZSTD_outBuffer out = {buf_reserve(&b, plain.len + 1000), plain.len + 1000, 0};
	ZSTD_inBuffer none = {NULL, 0, 0};

	assert_false(ZSTD_isError(ZSTD_CCtx_setParameter(z, ZSTD_c_windowLog, window_log)));
	assert_false(ZSTD_isError(ZSTD_compressStream2(z, &out, &in, ZSTD_e_flush)));
	assert_int_equal(0, ZSTD_compressStream2(z, &out, &none, ZSTD_e_end));
	b.len = out.pos;
	ZSTD_freeCCtx(z);
	return b;
}

static void of_unknown_size(void **state)
{
	CLEANUP(buf_done) struct buf plain = BUF_INIT;
	CLEANUP(buf_done) struct buf frame = BUF_INIT, wide = BUF_INIT;

	(void)state;
	memset(buf_reserve(&plain, 3000000), 'x', 3000000);
	plain.len = 3000000;
	frame = unsized(buf_slice(&plain), 20);
	assert_true(frame.len < 3000);
	assert_int_equal(ZSTD_CONTENTSIZE_UNKNOWN, ZSTD_getFrameContentSize(frame.ptr, frame.len));
	expect(0, buf_slice(&frame), plain.len, buf_slice(&plain));
	expect(0, buf_slice(&frame), plain.len + 5, buf_slice(&plain));
	expect(-EMSGSIZE, buf_slice(&frame), plain.len - 1, buf_slice(&plain));
	expect(-EMSGSIZE, buf_slice(&frame), 1000, buf_slice(&plain));
	expect(-EPROTO, slice_head(buf_slice(&frame), frame.len - 1), plain.len, buf_slice(&plain));
	wide = unsized(buf_slice(&plain), GRPC_WINDOW_LOG_MAX + 1);
	expect(-EPROTO, buf_slice(&wide), plain.len, buf_slice(&plain));
}

/* It says that it holds much, or is no frame at all. */
static void lies(void **state)
{
	static const char huge[] = "\x28\xb5\x2f\xfd\xe0\xff\xff\xff\xff\xff\xff\xff\x7f\1\0\0";

	(void)state;
	expect(-EMSGSIZE, slice_make(huge, sizeof(huge) - 1), 1u << 20, SLICE(""));
	expect(-EPROTO, SLICE(""), 100, SLICE(""));
	expect(-EPROTO, SLICE("plain text"), 100, SLICE(""));
	expect(-EPROTO, SLICE("\x28\xb5\x2f\xfd\x20\5\x2b\0\0hel"), 100, SLICE(""));
}

static void not_worth_it(void **state)
{
	static char noise[20000];
	const struct slice few = {noise, GRPC_COMPRESS_MIN_BYTES - 1}, much = {noise, sizeof(noise)};
	const struct shared_bytes small = pieces(&few, 1), random = pieces(&much, 1);
	struct rand r;

	(void)state;
	assert_null(grpc_compress(&small));
	rand_init(&r);
	for (size_t i = 0; i < sizeof(noise); i++)
		noise[i] = (char)rand_below(&r, 256);
	assert_null(grpc_compress(&random));
}

static void encodings(void **state)
{
	static const struct {
		const char *list;
		bool ours;
	} rows[] = {{"", false},      {"zstd", true},
		    {"gzip", false},  {"identity, deflate, gzip", false},
		    {"zstdx", false}, {"identity, zstd ", true},
		    {",,", false},    {"gzip,\tzstd,x", true}};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		assert_int_equal(rows[i].ours, grpc_encoding_listed(slice_str(rows[i].list)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(raw_frames), cmocka_unit_test(head_and_body), cmocka_unit_test(appended),
		cmocka_unit_test(lies),       cmocka_unit_test(not_worth_it),  cmocka_unit_test(of_unknown_size),
		cmocka_unit_test(encodings),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
