/*
 * Heads as the library is given them. A head's bytes stay with its stream, names in small letters, so that the library
 * need not copy each of them: a head that it has not sent when the stream is closed it never looks at again. Sessions
 * without spare pieces have few streams, that live long: there the library copies, and forgets what is sent.
 */
#include <assert.h>
#include <errno.h>
#include <string.h>

#include "h2/h2_internal.h"

int h2_nv(const struct h2_header *v, size_t n, nghttp2_nv *out)
{
	if (n > H2_SEND_HEADERS_MAX)
		return -EINVAL;
	for (size_t i = 0; i < n; i++) {
		out[i].name = (uint8_t *)v[i].name.ptr;
		out[i].namelen = v[i].name.len;
		out[i].value = (uint8_t *)(v[i].value.len ? v[i].value.ptr : "");
		out[i].valuelen = v[i].value.len;
		out[i].flags = v[i].sensitive ? NGHTTP2_NV_FLAG_NO_INDEX : NGHTTP2_NV_FLAG_NONE;
	}
	return 0;
}

#define EACH_BYTE(c) (0x0101010101010101u * (c))

/* Each byte from A to Z gets the bit that makes a small letter of it. */
static uint64_t small_letters(uint64_t word)
{
	const uint64_t low = word & EACH_BYTE(0x7f);
	const uint64_t from_a = low + EACH_BYTE(0x80 - 'A'), beyond_z = low + EACH_BYTE(0x80 - 'Z' - 1);

	return word | (from_a & ~beyond_z & ~word & EACH_BYTE(0x80)) >> 2;
}

static void put_eight(char *to, const uint8_t *from)
{
	uint64_t word;

	memcpy(&word, from, sizeof(word));
	word = small_letters(word);
	memcpy(to, &word, sizeof(word));
}

/* Four to seven, of which some may be looked at twice. */
static void put_few(char *to, const uint8_t *from, size_t n)
{
	uint32_t head, tail;
	uint64_t both;

	memcpy(&head, from, sizeof(head));
	memcpy(&tail, from + n - sizeof(tail), sizeof(tail));
	both = small_letters((uint64_t)tail << 32 | head);
	head = (uint32_t)both;
	tail = (uint32_t)(both >> 32);
	memcpy(to, &head, sizeof(head));
	memcpy(to + n - sizeof(tail), &tail, sizeof(tail));
}

static char *put_small(char *to, const uint8_t *from, size_t n)
{
	if (n >= 8) {
		for (size_t i = 0; i + 8 < n; i += 8)
			put_eight(to + i, from + i);
		put_eight(to + n - 8, from + n - 8);
	} else if (n >= 4) {
		put_few(to, from, n);
	} else {
		for (size_t i = 0; i < n; i++)
			to[i] = (char)(from[i] | (from[i] >= 'A' && from[i] <= 'Z') << 5);
	}
	return to + n;
}

void h2_keep_head(struct h2_stream *st, nghttp2_nv *nv, size_t n)
{
	size_t bytes = 0;
	char *at;

	assert(!st->head);
	if (!st->session->settings.spares)
		return;
	for (size_t i = 0; i < n; i++)
		bytes += nv[i].namelen + nv[i].valuelen;
	at = st->head = spares_get(st->session->settings.spares, bytes);
	for (size_t i = 0; i < n; i++) {
		char *const name = at, *const value = put_small(at, nv[i].name, nv[i].namelen);

		at = mempcpy(value, nv[i].value, nv[i].valuelen);
		nv[i].name = (uint8_t *)name;
		nv[i].value = (uint8_t *)value;
		nv[i].flags |= NGHTTP2_NV_FLAG_NO_COPY_NAME | NGHTTP2_NV_FLAG_NO_COPY_VALUE;
	}
}
