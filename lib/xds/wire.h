/* The protobuf wire format, one field at a time, in place: for looking at messages before, or without, decoding them.
 */
#ifndef XDS_WIRE_H
#define XDS_WIRE_H

#include "base/slice.h"

enum wire_type { WIRE_VARINT = 0, WIRE_FIXED64 = 1, WIRE_BYTES = 2, WIRE_FIXED32 = 5 };

struct wire_field {
	uint32_t number;
	enum wire_type type;
	struct slice bytes; /* WIRE_BYTES: the content; else the raw bytes of the value */
};

/* Takes the first field off the front of *rest. Returns 1, 0 at the end, or -EINVAL (groups are refused). */
int wire_next(struct slice *rest, struct wire_field *ret);

#endif
