/*
 * Frames: an eight-byte head (control bit, version and type, or stream; flags; length of 24 bits), then the payload.
 * Header blocks are one zlib stream per direction, primed with the dictionary of the specification (section 2.6.10.1).
 */
#include "kube/spdy.h"

#include <stdlib.h>
#include <zlib.h>

#include "base/cleanup.h"
#include "base/mem.h"

#define VERSION 3
#define HEAD_BYTES 8
#define FLAG_FIN 1

enum frame { SYN_STREAM = 1, SYN_REPLY = 2, RST_STREAM = 3, SETTINGS = 4, PING = 6, GOAWAY = 7, HEADERS = 8 };

struct spdy {
	const struct spdy_ops *ops;
	void *arg;
	struct buf in, out, dictionary;
	z_stream inflate, deflate;
};

/* The dictionary's first part: each name after its length in 32 bits. */
static const char *const names[] = {
	"options",
	"head",
	"post",
	"put",
	"delete",
	"trace",
	"accept",
	"accept-charset",
	"accept-encoding",
	"accept-language",
	"accept-ranges",
	"age",
	"allow",
	"authorization",
	"cache-control",
	"connection",
	"content-base",
	"content-encoding",
	"content-language",
	"content-length",
	"content-location",
	"content-md5",
	"content-range",
	"content-type",
	"date",
	"etag",
	"expect",
	"expires",
	"from",
	"host",
	"if-match",
	"if-modified-since",
	"if-none-match",
	"if-range",
	"if-unmodified-since",
	"last-modified",
	"location",
	"max-forwards",
	"pragma",
	"proxy-authenticate",
	"proxy-authorization",
	"range",
	"referer",
	"retry-after",
	"server",
	"te",
	"trailer",
	"transfer-encoding",
	"upgrade",
	"user-agent",
	"vary",
	"via",
	"warning",
	"www-authenticate",
	"method",
	"get",
	"status",
	"200 OK",
	"version",
	"HTTP/1.1",
	"url",
	"public",
	"set-cookie",
	"keep-alive",
	"origin",
};

static const char rest_of_dictionary[] =
	"100101201202205206300302303304305306307402405406407408409410411412413414415416417502504505203 "
	"Non-Authoritative Information204 No Content301 Moved Permanently400 Bad Request401 Unauthorized403 Forbidden"
	"404 Not Found500 Internal Server Error501 Not Implemented503 Service Unavailable"
	"Jan Feb Mar Apr May Jun Jul Aug Sept Oct Nov Dec 00:00:00 Mon, Tue, Wed, Thu, Fri, Sat, Sun, GMT"
	"chunked,text/html,image/png,image/jpg,image/gif,application/xml,application/xhtml+xml,text/plain,"
	"text/javascript,publicprivatemax-age=gzip,deflate,sdchcharset=utf-8charset=iso-8859-1,utf-,*,enq=0.";

static void put_u32(struct buf *b, uint32_t v)
{
	const unsigned char bytes[] = {(unsigned char)(v >> 24), (unsigned char)(v >> 16), (unsigned char)(v >> 8),
				       (unsigned char)v};

	buf_append(b, bytes, sizeof(bytes));
}

static uint32_t get_u32(const char *p)
{
	const unsigned char *u = (const unsigned char *)p;

	return (uint32_t)u[0] << 24 | (uint32_t)u[1] << 16 | (uint32_t)u[2] << 8 | u[3];
}

static void build_dictionary(struct buf *b)
{
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		put_u32(b, (uint32_t)strlen(names[i]));
		buf_append_str(b, names[i]);
	}
	buf_append_str(b, rest_of_dictionary);
}

struct spdy *spdy_new(const struct spdy_ops *ops, void *arg)
{
	struct spdy *s = NEW(struct spdy);

	s->ops = ops;
	s->arg = arg;
	build_dictionary(&s->dictionary);
	if (inflateInit(&s->inflate) != Z_OK || deflateInit(&s->deflate, Z_DEFAULT_COMPRESSION) != Z_OK ||
	    deflateSetDictionary(&s->deflate, (const Bytef *)s->dictionary.ptr, (uInt)s->dictionary.len) != Z_OK)
		abort();
	return s;
}

void spdy_free(struct spdy *s)
{
	if (!s)
		return;
	inflateEnd(&s->inflate);
	deflateEnd(&s->deflate);
	buf_done(&s->in);
	buf_done(&s->out);
	buf_done(&s->dictionary);
	free(s);
}

struct buf *spdy_out(struct spdy *s)
{
	return &s->out;
}

/* ---- sending ---- */

static void put_control(struct spdy *s, enum frame type, unsigned flags, size_t len)
{
	put_u32(&s->out, 0x80000000u | VERSION << 16 | (uint32_t)type);
	put_u32(&s->out, (uint32_t)flags << 24 | (uint32_t)len);
}

/* Compresses a block; each ends at a byte boundary. */
static void compress_block(struct spdy *s, struct slice block, struct buf *out)
{
	z_stream *z = &s->deflate;

	z->next_in = (Bytef *)(uintptr_t)block.ptr;
	z->avail_in = (uInt)block.len;
	do {
		z->next_out = (Bytef *)buf_reserve(out, 256);
		z->avail_out = 256;
		deflate(z, Z_SYNC_FLUSH);
		out->len += 256 - z->avail_out;
	} while (z->avail_out == 0);
}

static void put_string(struct buf *b, struct slice s)
{
	put_u32(b, (uint32_t)s.len);
	buf_append_slice(b, s);
}

void spdy_open(struct spdy *s, uint32_t id, const struct spdy_header *headers, size_t n, bool fin)
{
	CLEANUP(buf_done) struct buf plain = BUF_INIT, block = BUF_INIT;
	const char priority[2] = {0};

	put_u32(&plain, (uint32_t)n);
	for (size_t i = 0; i < n; i++) {
		put_string(&plain, headers[i].name);
		put_string(&plain, headers[i].value);
	}
	compress_block(s, buf_slice(&plain), &block);
	put_control(s, SYN_STREAM, fin ? FLAG_FIN : 0, 10 + block.len);
	put_u32(&s->out, id);
	put_u32(&s->out, 0);
	buf_append(&s->out, priority, sizeof(priority));
	buf_append_slice(&s->out, buf_slice(&block));
}

void spdy_reply(struct spdy *s, uint32_t id)
{
	CLEANUP(buf_done) struct buf block = BUF_INIT;
	const char none[4] = {0};

	compress_block(s, slice_make(none, sizeof(none)), &block);
	put_control(s, SYN_REPLY, 0, 4 + block.len);
	put_u32(&s->out, id);
	buf_append_slice(&s->out, buf_slice(&block));
}

void spdy_send(struct spdy *s, uint32_t id, struct slice bytes, bool fin)
{
	put_u32(&s->out, id);
	put_u32(&s->out, (fin ? FLAG_FIN << 24 : 0) | (uint32_t)bytes.len);
	buf_append_slice(&s->out, bytes);
}

void spdy_reset(struct spdy *s, uint32_t id, enum spdy_status status)
{
	put_control(s, RST_STREAM, 0, 8);
	put_u32(&s->out, id);
	put_u32(&s->out, (uint32_t)status);
}

/* ---- receiving ---- */

static int inflate_block(struct spdy *s, struct slice block, struct buf *out, struct err *e)
{
	z_stream *z = &s->inflate;

	z->next_in = (Bytef *)(uintptr_t)block.ptr;
	z->avail_in = (uInt)block.len;
	while (z->avail_in || z->avail_out == 0) {
		int r;

		if (out->len > SPDY_HEADER_BLOCK_MAX_BYTES)
			return err_set(e, -EMSGSIZE, "header block over %d bytes", SPDY_HEADER_BLOCK_MAX_BYTES);
		z->next_out = (Bytef *)buf_reserve(out, 4096);
		z->avail_out = 4096;
		r = inflate(z, Z_SYNC_FLUSH);
		out->len += 4096 - z->avail_out;
		if (r == Z_NEED_DICT)
			r = inflateSetDictionary(z, (const Bytef *)s->dictionary.ptr, (uInt)s->dictionary.len);
		if (r != Z_OK && r != Z_BUF_ERROR)
			return err_set(e, -EPROTO, "header block: %s", z->msg ? z->msg : "not a zlib stream");
		if (r == Z_BUF_ERROR)
			break;
	}
	return 0;
}

/* A string after its length in 32 bits. */
static int take_string(struct slice *s, struct slice *ret)
{
	uint32_t len;

	if (s->len < 4)
		return -EPROTO;
	len = get_u32(s->ptr);
	if (len > s->len - 4)
		return -EPROTO;
	*ret = slice_make(s->ptr + 4, len);
	*s = slice_from(*s, 4 + (size_t)len);
	return 0;
}

static int parse_headers(struct slice block, struct spdy_header *headers, size_t *ret_n, struct err *e)
{
	uint32_t n = block.len >= 4 ? get_u32(block.ptr) : UINT32_MAX;

	if (n > SPDY_HEADERS_MAX)
		return err_set(e, -EPROTO, "header block: more than %d headers, or none", SPDY_HEADERS_MAX);
	block = slice_from(block, 4);
	for (uint32_t i = 0; i < n; i++)
		if (take_string(&block, &headers[i].name) < 0 || take_string(&block, &headers[i].value) < 0)
			return err_set(e, -EPROTO, "header block: cut short");
	*ret_n = n;
	return 0;
}

/* SYN_STREAM: stream id, associated id, priority and slot, header block. */
static int on_syn_stream(struct spdy *s, unsigned flags, struct slice payload, struct err *e)
{
	CLEANUP(buf_done) struct buf block = BUF_INIT;
	struct spdy_header headers[SPDY_HEADERS_MAX];
	size_t n = 0;
	int r;

	if (payload.len < 10)
		return err_set(e, -EPROTO, "SYN_STREAM: %zu bytes", payload.len);
	r = inflate_block(s, slice_from(payload, 10), &block, e);
	if (r == 0)
		r = parse_headers(buf_slice(&block), headers, &n, e);
	if (r < 0)
		return r;
	if (!s->ops->on_stream)
		return err_set(e, -EPROTO, "SYN_STREAM: a server opens no streams");
	s->ops->on_stream(s->arg, get_u32(payload.ptr) & 0x7fffffffu, headers, n, flags & FLAG_FIN);
	return 0;
}

/* HEADERS of a stream mean nothing here, but their block keeps the decompressor in step. */
static int on_headers(struct spdy *s, struct slice payload, struct err *e)
{
	CLEANUP(buf_done) struct buf block = BUF_INIT;

	if (payload.len < 4)
		return err_set(e, -EPROTO, "HEADERS: %zu bytes", payload.len);
	return inflate_block(s, slice_from(payload, 4), &block, e);
}

static int on_control(struct spdy *s, unsigned type, unsigned flags, struct slice payload, struct err *e)
{
	switch (type) {
	case SYN_STREAM:
		return on_syn_stream(s, flags, payload, e);
	case SYN_REPLY:
	case HEADERS:
		return on_headers(s, payload, e);
	case RST_STREAM:
		if (payload.len < 8)
			return err_set(e, -EPROTO, "RST_STREAM: %zu bytes", payload.len);
		s->ops->on_reset(s->arg, get_u32(payload.ptr) & 0x7fffffffu, get_u32(payload.ptr + 4));
		return 0;
	case PING:
		put_control(s, PING, 0, payload.len);
		buf_append_slice(&s->out, payload);
		return 0;
	default:
		return 0; /* SETTINGS, GOAWAY, WINDOW_UPDATE: nothing to do */
	}
}

int spdy_feed(struct spdy *s, struct slice bytes, struct err *e)
{
	size_t at = 0;
	int r = 0;

	buf_append_slice(&s->in, bytes);
	while (r == 0 && s->in.len - at >= HEAD_BYTES) {
		const char *head = s->in.ptr + at;
		uint32_t first = get_u32(head), second = get_u32(head + 4);
		size_t len = second & 0xffffffu;
		struct slice payload = slice_make(head + HEAD_BYTES, len);

		if (len > SPDY_FRAME_MAX_BYTES)
			return err_set(e, -EMSGSIZE, "a frame of %zu bytes", len);
		if (s->in.len - at < HEAD_BYTES + len)
			break;
		if (!(first & 0x80000000u))
			s->ops->on_data(s->arg, first, payload, second >> 24 & FLAG_FIN);
		else if ((first >> 16 & 0x7fff) != VERSION)
			r = err_set(e, -EPROTO, "version %u", first >> 16 & 0x7fff);
		else
			r = on_control(s, first & 0xffff, second >> 24, payload, e);
		at += HEAD_BYTES + len;
	}
	buf_consume(&s->in, at);
	return r;
}
