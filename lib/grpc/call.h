/*
 * One gRPC call, as both sides see it: messages in order, then a status. Unary calls are streams of one message.
 * (https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md)
 * Memory of a call is bounded: a message has a size limit, what is sent is buffered up to a mark (grpc_call_writable),
 * and what is received moves the window only after on_message has returned.
 */
#ifndef GRPC_CALL_H
#define GRPC_CALL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/shared.h"
#include "base/slice.h"
#include "net/socket.h"

struct grpc_call;
struct tls;

enum grpc_status {
	GRPC_OK = 0,
	GRPC_CANCELLED = 1,
	GRPC_UNKNOWN = 2,
	GRPC_INVALID_ARGUMENT = 3,
	GRPC_DEADLINE_EXCEEDED = 4,
	GRPC_NOT_FOUND = 5,
	GRPC_ALREADY_EXISTS = 6,
	GRPC_PERMISSION_DENIED = 7,
	GRPC_RESOURCE_EXHAUSTED = 8,
	GRPC_FAILED_PRECONDITION = 9,
	GRPC_ABORTED = 10,
	GRPC_OUT_OF_RANGE = 11,
	GRPC_UNIMPLEMENTED = 12,
	GRPC_INTERNAL = 13,
	GRPC_UNAVAILABLE = 14,
	GRPC_DATA_LOSS = 15,
	GRPC_UNAUTHENTICATED = 16,
	GRPC_STATUS_COUNT
};

/* "UNAVAILABLE" and so on; "UNKNOWN" for numbers out of range. Static. */
const char *grpc_status_str(int status);

#define GRPC_MESSAGE_MAX_DEFAULT (4 << 20) /* bytes of one message */

struct grpc_metadata {
	const char *name; /* lower case; a name ending in -bin holds base64 text */
	struct slice value;
	bool sensitive; /* tokens: never put into a compression table, never logged */
};

/*
 * Calls upward; members may be NULL. The call is the library's and is gone after on_done. Inside, any function of this
 * header may be used.
 */
struct grpc_call_ops {
	/* A whole message; the bytes are valid only inside. */
	void (*on_message)(struct grpc_call *c, struct slice message);
	/* Server: the client has sent all; answer and grpc_call_finish. */
	void (*on_half_close)(struct grpc_call *c);
	/* The call may send again after grpc_call_writable was false. */
	void (*on_writable)(struct grpc_call *c);
	/*
	 * The call is over: exactly once, last. Client: the status is the server's or says what went wrong here
	 * (UNAVAILABLE: connection, DEADLINE_EXCEEDED, CANCELLED...). Server: GRPC_OK after grpc_call_finish was
	 * delivered, else why not. text may be "".
	 */
	void (*on_done)(struct grpc_call *c, int status, const char *text);
};

/* What the owner keeps with the call; borrowed, never looked at. */
void grpc_call_set_user(struct grpc_call *c, void *user);
/* What grpc_call_set_user stored, NULL at first. */
void *grpc_call_user(const struct grpc_call *c);

/* Server, inside start: who answers. */
void grpc_call_set_ops(struct grpc_call *c, const struct grpc_call_ops *ops);

/* Sends a message (copied). No effect on a call that is finished or over. */
void grpc_call_send(struct grpc_call *c, struct slice message);

/* Reserves the message in place: append exactly the message's bytes to the buf returned, then grpc_call_send_end. */
struct buf *grpc_call_send_begin(struct grpc_call *c);
/* Sends the message that grpc_call_send_begin started, as far as the call still can send. */
void grpc_call_send_end(struct grpc_call *c);

/*
 * Sends a message whose bytes are those of head, copied, and then those that others share, of which a reference is kept
 * until they have left. rest may be NULL.
 */
void grpc_call_send_shared(struct grpc_call *c, struct slice head, struct shared_bytes *rest);

/*
 * Server, before anything is sent: messages of this call may be compressed, if the client said that it takes it.
 * Returns whether it did. Secrets are no good company for what others choose: lengths tell of both (CRIME).
 */
bool grpc_call_compress(struct grpc_call *c);

/*
 * Sends a message, as grpc_call_send_shared, of which `rest` is compressed (grpc_compress) and head is not yet: at most
 * GRPC_RAW_FRAME_MAX_BYTES. For calls where grpc_call_compress agreed.
 */
void grpc_call_send_compressed(struct grpc_call *c, struct slice head, struct shared_bytes *rest);

/*
 * What was sent leaves at once, in place of at the end of the loop's turn. Not from inside of the call's callbacks; the
 * call may be gone after it.
 */
void grpc_call_flush(struct grpc_call *c);

/* Raises or lowers the limit of one received message; of a compressed one both sizes count. */
void grpc_call_set_max_message(struct grpc_call *c, size_t bytes);

/* Client: messages that are compressed are handed over as they came; grpc_call_compressed tells, inside on_message. */
void grpc_call_leave_compressed(struct grpc_call *c);
bool grpc_call_compressed(const struct grpc_call *c);

/* False: more is buffered than the mark; hold back until on_writable. */
bool grpc_call_writable(const struct grpc_call *c);

/* Stops (true) and restarts (false) receiving: back-pressure. Messages already received may still be delivered later.
 */
void grpc_call_pause(struct grpc_call *c, bool paused);

/* Server: ends the call. text may be NULL. on_done follows. */
void grpc_call_finish(struct grpc_call *c, int status, const char *text);

/* Client: no more messages from here. */
void grpc_call_half_close(struct grpc_call *c);

/* Client: gives the call up; on_done(CANCELLED) follows later, unless silent: then never. */
void grpc_call_cancel(struct grpc_call *c);
/* Resets the stream with CANCEL; no callback follows and the call must not be used any more. */
void grpc_call_cancel_silent(struct grpc_call *c);

/* The request's metadata on the server (the response's on the client); empty when there is none. Lives as long as the
 * call. */
struct slice grpc_call_metadata(const struct grpc_call *c, const char *name);

/* "/package.Service/Method" */
const char *grpc_call_path(const struct grpc_call *c);

/* The TLS connection under the call (identity of the peer: tls_peer), NULL when plaintext. */
struct tls *grpc_call_tls(const struct grpc_call *c);
/* The address of the connection's other end, an empty one after the connection is gone; valid as long as the call. */
const struct addr *grpc_call_peer_addr(const struct grpc_call *c);

#endif
