/* What a proxy reads of gRPC in HTTP (PROTOCOL-HTTP2.md of gRPC) beside what grpc/message.h knows. Pure. */
#ifndef PROXY_CORE_GRPC_H
#define PROXY_CORE_GRPC_H

#include <stdbool.h>
#include <stdint.h>

#include "base/slice.h"

/* One direction of an exchange, cut into its messages: each begins with a byte of flags and four of its length. */
struct grpc_frames {
	uint64_t messages; /* that began: their heads were seen whole */
	uint32_t left;     /* bytes of the last one that have not come */
	uint32_t length;   /* of the head that is coming, as far as it was seen */
	uint8_t seen;      /* bytes of that head */
};

struct grpc_tally {
	struct grpc_frames request, response;
};

/* Takes what came next; never looks at a message itself. */
void grpc_frames_take(struct grpc_frames *f, struct slice data);

/* grpc-status of which there are names. */
#define GRPC_STATUSES 17

/* Whether a content-type is that of gRPC: application/grpc, also with "+proto" and the like; not grpc-web. */
bool grpc_content_type(struct slice type);

/* The number in a grpc-status field; -1 = none. */
int grpc_status_parse(struct slice text);

/* "DeadlineExceeded", NULL for numbers without a name; static. */
const char *grpc_status_name(int status);

/* The HTTP status that a gRPC status is to those who do not speak it. */
unsigned grpc_to_http(int status);

#endif
