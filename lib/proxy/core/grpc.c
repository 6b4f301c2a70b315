/* Tables. */
#include "proxy/core/grpc.h"

#define HEAD_BYTES 5 /* of a message */

static const char *const names[GRPC_STATUSES] = {
	"OK",       "Canceled",        "Unknown",          "InvalidArgument",   "DeadlineExceeded",
	"NotFound", "AlreadyExists",   "PermissionDenied", "ResourceExhausted", "FailedPrecondition",
	"Aborted",  "OutOfRange",      "Unimplemented",    "Internal",          "Unavailable",
	"DataLoss", "Unauthenticated",
};

bool grpc_content_type(struct slice type)
{
	const struct slice base = SLICE("application/grpc");

	return slice_starts(type, base) &&
	       (type.len == base.len || type.ptr[base.len] == '+' || type.ptr[base.len] == ';');
}

int grpc_status_parse(struct slice text)
{
	uint64_t n;

	return text.len && slice_to_u64(text, INT8_MAX, &n) == 0 ? (int)n : -1;
}

const char *grpc_status_name(int status)
{
	return status >= 0 && status < GRPC_STATUSES ? names[status] : NULL;
}

unsigned grpc_to_http(int status)
{
	static const uint16_t map[GRPC_STATUSES] = {200, 499, 500, 400, 504, 404, 409, 403, 429,
						    400, 409, 400, 501, 500, 503, 500, 401};

	return status >= 0 && status < GRPC_STATUSES ? map[status] : 500;
}

void grpc_frames_take(struct grpc_frames *f, struct slice data)
{
	while (data.len) {
		const size_t n = data.len < f->left ? data.len : f->left;

		f->left -= (uint32_t)n;
		data = slice_from(data, n);
		if (!data.len)
			return;
		/* The first byte are flags, and goes out at the top of the length. */
		f->length = f->length << 8 | (uint8_t)*data.ptr;
		data = slice_from(data, 1);
		if (++f->seen < HEAD_BYTES)
			continue;
		f->messages++;
		f->left = f->length;
		f->seen = 0;
		f->length = 0;
	}
}
