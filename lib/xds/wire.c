/* Tags, varints and lengths (https://protobuf.dev/programming-guides/encoding/). */
#include <errno.h>

#include "xds/wire.h"

#define VARINT_MAX_BYTES 10

static bool take_varint(struct slice *s, uint64_t *ret)
{
	uint64_t v = 0;

	for (unsigned i = 0; i < VARINT_MAX_BYTES && i < s->len; i++) {
		v |= (uint64_t)(s->ptr[i] & 0x7f) << (7 * i);
		if (!(s->ptr[i] & 0x80)) {
			*s = slice_from(*s, i + 1);
			*ret = v;
			return true;
		}
	}
	return false;
}

static bool take_value(struct slice *rest, struct wire_field *f)
{
	struct slice before = *rest;
	uint64_t n = 0;

	switch (f->type) {
	case WIRE_VARINT:
		if (!take_varint(rest, &n))
			return false;
		f->bytes = slice_head(before, before.len - rest->len);
		return true;
	case WIRE_FIXED64:
		n = 8;
		break;
	case WIRE_FIXED32:
		n = 4;
		break;
	case WIRE_BYTES:
		if (!take_varint(rest, &n))
			return false;
		break;
	default:
		return false;
	}
	if (n > rest->len)
		return false;
	f->bytes = slice_head(*rest, (size_t)n);
	*rest = slice_from(*rest, (size_t)n);
	return true;
}

int wire_next(struct slice *rest, struct wire_field *ret)
{
	uint64_t tag;

	if (rest->len == 0)
		return 0;
	if (!take_varint(rest, &tag) || tag >> 3 == 0 || tag >> 3 > UINT32_MAX)
		return -EINVAL;
	ret->number = (uint32_t)(tag >> 3);
	ret->type = (enum wire_type)(tag & 7);
	return take_value(rest, ret) ? 1 : -EINVAL;
}
