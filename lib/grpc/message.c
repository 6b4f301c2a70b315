/* Framing and texts of gRPC over HTTP/2. */
#include <errno.h>
#include <stdio.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/hex.h"
#include "grpc/call.h"
#include "grpc/message.h"

#define TEXT_MAX_BYTES 4096 /* of a status text */
#define KEEP_BYTES 512      /* of an empty reader */

void grpc_reader_add(struct grpc_reader *r, struct slice bytes)
{
	if (r->off == r->in.len) {
		buf_clear(&r->in);
		r->off = 0;
	} else if (r->off > 65536) {
		buf_consume(&r->in, r->off);
		r->off = 0;
	}
	buf_append_slice(&r->in, bytes);
}

/* What one message took is not kept for the next: most streams are quiet after their first messages. */
static void shrink(struct grpc_reader *r)
{
	if (r->off == r->in.len && r->in.cap > KEEP_BYTES)
		grpc_reader_done(r);
}

int grpc_reader_next(struct grpc_reader *r, struct slice *message)
{
	const unsigned char *p = (const unsigned char *)r->in.ptr + r->off;
	size_t have = r->in.len - r->off, len;

	if (have < GRPC_PREFIX_BYTES) {
		shrink(r);
		return 0;
	}
	if (p[0] > 1)
		return -EPROTO;
	if (p[0] == 1 && !r->takes_compressed)
		return -ENOTSUP;
	len = (size_t)p[1] << 24 | (size_t)p[2] << 16 | (size_t)p[3] << 8 | p[4];
	if (len > r->max)
		return -EMSGSIZE;
	if (have < GRPC_PREFIX_BYTES + len)
		return 0;
	*message = slice_make(p + GRPC_PREFIX_BYTES, len);
	r->off += GRPC_PREFIX_BYTES + len;
	r->compressed = p[0] == 1;
	return 1;
}

bool grpc_reader_empty(const struct grpc_reader *r)
{
	return r->off == r->in.len;
}

void grpc_reader_done(struct grpc_reader *r)
{
	buf_done(&r->in);
	r->off = 0;
}

void grpc_prefix(uint32_t len, bool compressed, char out[GRPC_PREFIX_BYTES])
{
	out[0] = compressed;
	out[1] = (char)(len >> 24);
	out[2] = (char)(len >> 16);
	out[3] = (char)(len >> 8);
	out[4] = (char)len;
}

static const struct {
	char unit;
	int64_t ns;
} units[] = {
	{'n', 1}, {'u', 1000}, {'m', NS_PER_MS}, {'S', NS_PER_S}, {'M', 60LL * NS_PER_S}, {'H', 3600LL * NS_PER_S},
};

#define TIMEOUT_DIGITS_MAX 8

int grpc_timeout_parse(struct slice text, int64_t *ret_ns)
{
	uint64_t n;

	if (text.len < 2 || text.len > TIMEOUT_DIGITS_MAX + 1 ||
	    slice_to_u64(slice_head(text, text.len - 1), 99999999, &n) < 0)
		return -EINVAL;
	for (size_t i = 0; i < ARRAY_LEN(units); i++) {
		if (units[i].unit == text.ptr[text.len - 1]) {
			*ret_ns = (int64_t)n * units[i].ns;
			return 0;
		}
	}
	return -EINVAL;
}

void grpc_timeout_format(int64_t ns, char out[GRPC_TIMEOUT_TEXT_MAX])
{
	size_t i = 0;

	while (i + 1 < ARRAY_LEN(units) && ns / units[i].ns > 99999999)
		i++;
	snprintf(out, GRPC_TIMEOUT_TEXT_MAX, "%u%c", (unsigned)MIN(ns / units[i].ns, 99999999), units[i].unit);
}

void grpc_text_encode(const char *text, struct buf *out)
{
	for (size_t i = 0; i < TEXT_MAX_BYTES && text[i]; i++) {
		unsigned char c = (unsigned char)text[i];

		if (c < ' ' || c > '~' || c == '%')
			buf_printf(out, "%%%02X", c);
		else
			buf_append_char(out, (char)c);
	}
}

void grpc_text_decode(struct slice text, struct buf *out)
{
	text = slice_head(text, TEXT_MAX_BYTES);
	for (size_t i = 0; i < text.len; i++) {
		int high = i + 2 < text.len && text.ptr[i] == '%' ? hex_digit(text.ptr[i + 1]) : -1;
		int low = high >= 0 ? hex_digit(text.ptr[i + 2]) : -1;
		char c = text.ptr[i];

		if (low >= 0) {
			c = (char)(high << 4 | low);
			i += 2;
		}
		buf_append_char(out, c ? c : '?');
	}
}

/* https://github.com/grpc/grpc/blob/master/doc/http-grpc-status-mapping.md */
int grpc_status_from_http(int http)
{
	switch (http) {
	case 400:
		return GRPC_INTERNAL;
	case 401:
		return GRPC_UNAUTHENTICATED;
	case 403:
		return GRPC_PERMISSION_DENIED;
	case 404:
		return GRPC_UNIMPLEMENTED;
	case 429:
	case 502:
	case 503:
	case 504:
		return GRPC_UNAVAILABLE;
	default:
		return GRPC_UNKNOWN;
	}
}

int grpc_status_from_h2(uint32_t error)
{
	switch (error) {
	case 7: /* REFUSED_STREAM */
		return GRPC_UNAVAILABLE;
	case 8: /* CANCEL */
		return GRPC_CANCELLED;
	case 11: /* ENHANCE_YOUR_CALM */
		return GRPC_RESOURCE_EXHAUSTED;
	case 12: /* INADEQUATE_SECURITY */
		return GRPC_PERMISSION_DENIED;
	default:
		return GRPC_INTERNAL;
	}
}

const char *grpc_status_str(int status)
{
	static const char *const names[GRPC_STATUS_COUNT] = {
		"OK",        "CANCELLED",       "UNKNOWN",           "INVALID_ARGUMENT",   "DEADLINE_EXCEEDED",
		"NOT_FOUND", "ALREADY_EXISTS",  "PERMISSION_DENIED", "RESOURCE_EXHAUSTED", "FAILED_PRECONDITION",
		"ABORTED",   "OUT_OF_RANGE",    "UNIMPLEMENTED",     "INTERNAL",           "UNAVAILABLE",
		"DATA_LOSS", "UNAUTHENTICATED",
	};

	return status >= 0 && status < GRPC_STATUS_COUNT ? names[status] : "UNKNOWN";
}
