/*
 * One HTTP/2 connection without I/O: bytes go in by h2_recv and come out by h2_output, what they mean arrives as calls.
 * Both roles. Flow control is the user's: received bytes are given back by h2_consume, which is what moves the window;
 * sent bytes are buffered per stream and h2_room says how much more is welcome.
 * The session owns its streams; a stream is gone after on_close. One thread. Built on nghttp2.
 */
#ifndef H2_H2_H
#define H2_H2_H

#include <stdbool.h>
#include <stdint.h>

#include "base/cleanup.h"
#include "base/err.h"
#include "base/shared.h"
#include "base/buf.h"
#include "base/slice.h"

struct h2_session;
struct h2_stream;

/*
 * Names that come are lower case, and those that are sent become so (RFC 9113 8.2.1); pseudo headers (":path") come
 * first, as in the block.
 */
struct h2_header {
	struct slice name, value;
	bool sensitive; /* never indexed (RFC 7541 7.1.3): tokens */
};

enum h2_headers {
	H2_REQUEST,
	H2_RESPONSE,
	H2_INFORMATIONAL, /* a 1xx response before the real one */
	H2_TRAILERS,
};

/* RFC 9113 section 7 */
enum h2_error {
	H2_NO_ERROR = 0,
	H2_PROTOCOL_ERROR = 1,
	H2_INTERNAL_ERROR = 2,
	H2_FLOW_CONTROL_ERROR = 3,
	H2_SETTINGS_TIMEOUT = 4,
	H2_STREAM_CLOSED = 5,
	H2_FRAME_SIZE_ERROR = 6,
	H2_REFUSED_STREAM = 7,
	H2_CANCEL = 8,
	H2_COMPRESSION_ERROR = 9,
	H2_CONNECT_ERROR = 10,
	H2_ENHANCE_YOUR_CALM = 11,
	H2_INADEQUATE_SECURITY = 12,
	H2_HTTP_1_1_REQUIRED = 13,
};

struct spares;

/*
 * Memory that none of many sessions of one thread needs between two calls: they use it in turn, instead of each having
 * its own. Zeroed at first; outlives them.
 */
struct h2_common {
	struct buf out; /* what h2_output gives; of a session while not all of it has left */
	void *frame;    /* the library's, for the frame that it writes */
	size_t frame_bytes;
};
/* Frees it; no session uses it any more. */
void h2_common_done(struct h2_common *c);

/* Zeroed fields take the default in brackets. */
struct h2_settings {
	uint32_t max_streams;          /* concurrent streams the peer may open [100] */
	uint32_t stream_window_bytes;  /* receive window of a stream [256 KiB] */
	uint32_t session_window_bytes; /* of the connection [1 MiB] */
	uint32_t max_header_bytes;     /* of one header block, names and values and 32 each [60 KiB] */
	uint32_t max_headers;          /* fields of one block [200] */
	/*
	 * Resets, pings, settings, empty and other frames that only cost: each counts one, each frame with data and
	 * each stream that ends well takes one back. Above this the peer is cut off [2000].
	 */
	uint32_t max_glitches;
	uint32_t send_buffer_bytes; /* h2_room of an idle stream [64 KiB] */
	bool connect_protocol;      /* server: allow extended CONNECT (RFC 8441) */
	struct spares *spares;      /* for pieces of memory of each stream, outlives the session [the heap] */
	struct h2_common *common;   /* of many quiet sessions, whose memory counts [the session's own] */
};

/*
 * All calls happen inside h2_recv or h2_output, unless said otherwise; they may call any function of this header
 * except h2_recv and h2_free. Members may be NULL.
 */
struct h2_ops {
	/*
	 * A whole header block. For H2_REQUEST the stream is new: give it a user pointer by h2_set_user. Headers are
	 * valid only inside the call. end: nothing follows (on_end is called too, right after).
	 */
	void (*on_headers)(void *user, struct h2_stream *s, enum h2_headers kind, const struct h2_header *v, size_t n,
			   bool end);
	/* Body bytes, valid only inside the call; every byte must be given back by h2_consume at some time. */
	void (*on_data)(void *user, struct h2_stream *s, struct slice bytes);
	/* The peer has sent all. */
	void (*on_end)(void *user, struct h2_stream *s);
	/* Buffered bytes went out and h2_room is above 0 again after it was 0. */
	void (*on_room)(void *user, struct h2_stream *s);
	/* The stream is over, for whatever reason; error H2_NO_ERROR = both sides ended. Last call for this stream. */
	void (*on_close)(void *user, struct h2_stream *s, uint32_t error);
	/* The peer takes no new streams; those with a greater number than last_id will be closed as refused. */
	void (*on_goaway)(void *user, uint32_t last_id, uint32_t error);
	/* A ping sent by h2_ping came back. */
	void (*on_pong)(void *user);
	/* The peer's settings arrived (each time). */
	void (*on_settings)(void *user);
};

/* server says which role. ops must live as long as the session. */
struct h2_session *h2_new(bool server, const struct h2_settings *settings, const struct h2_ops *ops, void *user);

/* on_close is called for every stream that is left, with H2_CANCEL. NULL is fine. */
void h2_free(struct h2_session *s);
DEFINE_CLEANUP(struct h2_session *, h2_free)

/* Takes all bytes. Returns 0, or -EPROTO with a message: send what h2_output still gives, then close. */
int h2_recv(struct h2_session *s, struct slice bytes, struct err *e);

/*
 * The next bytes to send (empty = nothing to do now); valid until the next call of any function of the session.
 * Then h2_output_done(n) says how many were sent. Call it after every h2_recv and after calls that send something.
 */
struct slice h2_output(struct h2_session *s);
/* n bytes of h2_output were sent or copied; at most as many as it gave. */
void h2_output_done(struct h2_session *s, size_t n);

/* Whether h2_output would give anything; cheap. */
bool h2_wants_output(const struct h2_session *s);

/* True when nothing more will ever be sent or expected: close the connection. */
bool h2_finished(const struct h2_session *s);

/* Streams now open. */
size_t h2_streams(const struct h2_session *s);

/* Client: true when h2_request would not have to wait (peer's limit, no GOAWAY seen). */
bool h2_can_request(const struct h2_session *s);

/*
 * Client: opens a stream. Returns 0, -EAGAIN (see h2_can_request), or -EINVAL. The stream is valid until on_close,
 * which is not called inside this function.
 */
int h2_request(struct h2_session *s, const struct h2_header *v, size_t n, bool end, void *user, struct h2_stream **ret);

/* Server: sends a response header block (kind H2_RESPONSE or H2_INFORMATIONAL). Returns 0, or -EINVAL out of order. */
int h2_respond(struct h2_stream *s, enum h2_headers kind, const struct h2_header *v, size_t n, bool end);

/* Appends body bytes (copied). More than h2_room is taken too, but a good citizen waits for on_room. */
void h2_write(struct h2_stream *s, struct slice bytes, bool end);

/* Appends bytes that others share, as h2_write; takes a reference of its own until they have left. */
void h2_write_shared(struct h2_stream *s, struct shared_bytes *bytes);

/* Ends the body with trailers, after what is buffered. */
void h2_trailers(struct h2_stream *s, const struct h2_header *v, size_t n);

/* Bytes that the stream's send buffer still welcomes; 0 = wait for on_room. */
size_t h2_room(const struct h2_stream *s);

/* Body bytes that were written and have not left yet. */
size_t h2_waiting(const struct h2_stream *s);

/* Gives back n received body bytes of the stream: the window opens again. Also allowed inside on_close, not after. */
void h2_consume(struct h2_stream *s, size_t n);

/* RST_STREAM; on_close follows with the same error from the next h2_output. */
void h2_reset(struct h2_stream *s, uint32_t error);

/* Graceful end: GOAWAY; streams under way go on, and h2_finished becomes true after the last of them. */
void h2_shutdown(struct h2_session *s);

/* GOAWAY with an error at once. */
void h2_terminate(struct h2_session *s, uint32_t error);

/* Asks for a PING; on_pong tells of the answer, where it is set. */
void h2_ping(struct h2_session *s);

/* The stream's number (RFC 9113, section 5.1.1). */
uint32_t h2_id(const struct h2_stream *s);
/* What the owner keeps with the stream, or NULL. */
void *h2_user(const struct h2_stream *s);
/* Replaces it; borrowed, never looked at. */
void h2_set_user(struct h2_stream *s, void *user);
/* The session the stream belongs to. */
struct h2_session *h2_session_of(const struct h2_stream *s);

/* In on_close: the peer's RST_STREAM did it. */
bool h2_reset_by_peer(const struct h2_stream *s);

/* The peer's SETTINGS_ENABLE_CONNECT_PROTOCOL. */
bool h2_peer_connect_protocol(const struct h2_session *s);

/* The name of an HTTP/2 error code (RFC 9113, section 7); static. */
const char *h2_error_str(uint32_t error);

#endif
