/* All numbers are in network byte order. */
#include "proxy/listener/peer_exchange.h"

#include <arpa/inet.h>

#include "base/cleanup.h"

#define HEADER_BYTES 8

static const char type_url[] = "type.googleapis.com/google.protobuf.Struct";

void peer_exchange_done(struct peer_exchange *x)
{
	buf_done(&x->got);
}

static uint32_t read_u32(const char *p)
{
	uint32_t v;

	memcpy(&v, p, sizeof(v));
	return ntohl(v);
}

static int over(struct peer_exchange *x)
{
	x->expected = false;
	return 1;
}

int peer_exchange_read(struct peer_exchange *x, struct slice bytes, size_t *ret_taken)
{
	size_t want, n;

	*ret_taken = 0;
	if (x->got.len < HEADER_BYTES) {
		n = MIN(HEADER_BYTES - x->got.len, bytes.len);
		/* No magic in the first bytes: the peer does not take part, and nothing is taken from it. */
		if (x->got.len == 0 && n >= 4 && read_u32(bytes.ptr) != PEER_EXCHANGE_MAGIC)
			return over(x);
		buf_append(&x->got, bytes.ptr, n);
		*ret_taken = n;
		bytes = slice_from(bytes, n);
		if (x->got.len < HEADER_BYTES)
			return 0;
		x->length = read_u32(x->got.ptr + 4);
		if (read_u32(x->got.ptr) != PEER_EXCHANGE_MAGIC || x->length > PEER_EXCHANGE_MAX_BYTES) {
			buf_clear(&x->got);
			return over(x);
		}
	}
	want = HEADER_BYTES + x->length - x->got.len;
	n = MIN(want, bytes.len);
	buf_append(&x->got, bytes.ptr, n);
	*ret_taken += n;
	return n == want ? over(x) : 0;
}

static bool varint(struct slice *s, uint64_t *ret)
{
	*ret = 0;
	for (unsigned shift = 0; shift < 64 && s->len; shift += 7) {
		uint8_t c = (uint8_t)s->ptr[0];

		*s = slice_from(*s, 1);
		*ret |= (uint64_t)(c & 0x7f) << shift;
		if (!(c & 0x80))
			return true;
	}
	return false;
}

/* Any: type_url = 1, value = 2, both length-delimited. */
struct slice peer_exchange_struct(const struct peer_exchange *x)
{
	struct slice any = slice_from(buf_slice(&x->got), HEADER_BYTES), value = {"", 0};
	uint64_t key, n;

	if (x->got.len <= HEADER_BYTES)
		return value;
	while (any.len) {
		if (!varint(&any, &key) || (key & 7) != 2 || !varint(&any, &n) || n > any.len)
			return slice_make("", 0);
		if (key >> 3 == 2)
			value = slice_make(any.ptr, n);
		any = slice_from(any, n);
	}
	return value;
}

static char *put_bytes(char *p, uint8_t key, const void *bytes, size_t n)
{
	size_t left = n;

	*p++ = (char)key;
	while (left >= 0x80) {
		*p++ = (char)(left | 0x80);
		left >>= 7;
	}
	*p++ = (char)left;
	return mempcpy(p, bytes, n);
}

size_t peer_exchange_write(struct slice node_struct, char *out, size_t cap)
{
	char *p = out + HEADER_BYTES;
	uint32_t word;

	if (node_struct.len + sizeof(type_url) + HEADER_BYTES + 16 > cap)
		return 0;
	p = put_bytes(p, 1 << 3 | 2, type_url, sizeof(type_url) - 1);
	p = put_bytes(p, 2 << 3 | 2, node_struct.ptr, node_struct.len);
	word = htonl(PEER_EXCHANGE_MAGIC);
	memcpy(out, &word, 4);
	word = htonl((uint32_t)(p - out - HEADER_BYTES));
	memcpy(out + 4, &word, 4);
	return (size_t)(p - out);
}
