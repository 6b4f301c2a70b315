/* What the files of the HTTP/2 session share. */
#ifndef H2_H2_INTERNAL_H
#define H2_H2_INTERNAL_H

#include <nghttp2/nghttp2.h>

#include "base/buf.h"
#include "base/list.h"
#include "base/spares.h"
#include "base/vec.h"
#include "h2/h2.h"

/* One field of the block being received; offsets, as the bytes may still move. */
struct h2_field {
	size_t name, name_len, value, value_len;
	bool sensitive;
};

/* Streams that the peer ended and that are closed, of which it must not send any more; the last ones. */
#define H2_ENDED_KEPT 32

/* Where the bytes received stand between frames. */
struct h2_watch {
	uint8_t head[9], have;
	bool begun;
	uint32_t left; /* of the frame's payload, or of the preface */
};

struct h2_session {
	nghttp2_session *ng;
	const struct h2_ops *ops;
	void *user;
	struct h2_watch watch;
	struct list roomy; /* streams whose on_room is due */
	struct buf out;
	size_t out_off;  /* bytes of out already sent */
	size_t out_most; /* that out has held: as much is made room for at once when it is needed again */
	uint32_t glitches;
	int32_t highest; /* stream that the peer has opened */
	bool server;
	bool cut_off;
	bool dropped;   /* some were closed by us: what still comes of those is no fault */
	bool draining;  /* shutdown notice sent, the final GOAWAY follows the pong */
	bool has_frame; /* the library's buffer for a frame is the common one */
	struct h2_settings settings;
	struct list streams;
	size_t n_streams;
	/* the header block being received: blocks of streams are never interleaved */
	struct buf block;
	VEC(struct h2_field) fields;
	VEC(struct h2_header) headers; /* the same as the user sees them */
	bool too_big;
	int32_t ended[H2_ENDED_KEPT];
	unsigned n_ended;
};

struct h2_stream {
	struct h2_session *session;
	void *user;
	struct buf out;         /* body bytes of its own; see queue.c */
	size_t out_off;         /* of them, those that have left */
	struct h2_queue *queue; /* what of the body is shared; NULL = nothing */
	char *head;             /* names and values of what was submitted, a spare piece; NULL = nothing was */
	size_t unconsumed;      /* received bytes not yet given back */
	int32_t id;
	bool end;        /* nothing follows what is buffered */
	bool deferred;   /* the library waits for data */
	bool full;       /* on_room is owed */
	bool responded;  /* server: final headers were submitted */
	bool final_seen; /* client: the response that is not 1xx arrived */
	bool reset;
	bool peer_reset; /* by RST_STREAM */
	bool remote_end; /* the peer has sent all */
	bool known;      /* the user has seen it */
	struct list link, room_link;
	struct buf trailers; /* packed: see session.c */
	size_t n_trailers;
};

/* Registers the callbacks that the library calls. */
void h2_callbacks_set(nghttp2_session_callbacks *cb);

/* A stream in the session's list, which owns it until the stream is closed. */
struct h2_stream *h2_stream_new(struct h2_session *s, int32_t id, void *user);

/* Calls on_close and frees. */
void h2_stream_closed(struct h2_stream *st, uint32_t error);

/* Gives the bytes to the library, but for those of a peer that is cut off. As nghttp2_session_mem_recv. */
ssize_t h2_watch(struct h2_session *s, struct slice bytes);

/* Counts a frame that only costs. */
void h2_glitch(struct h2_session *s);

/* queue.c: the body to be sent. Bytes that wait, shared ones included. */
size_t h2_body_waiting(const struct h2_stream *st);
/* Bytes of the stream's own, copied. */
void h2_body_add(struct h2_stream *st, struct slice bytes);
/* A reference of its own. */
void h2_body_add_shared(struct h2_stream *st, struct shared_bytes *s);
/* The next n bytes, of those that wait, go to the end of out. */
void h2_body_take(struct h2_stream *st, size_t n, struct buf *out);
/* Forgets what is left. */
void h2_body_done(struct h2_stream *st);

#define H2_SEND_HEADERS_MAX 256

/* Fills the library's form of a header list; -EINVAL when it is too long. */
int h2_nv(const struct h2_header *v, size_t n, nghttp2_nv *out);
/* What was filled in is copied to the stream's own memory once, and not by the library, where there are spare pieces;
 * once for each stream. */
void h2_keep_head(struct h2_stream *st, nghttp2_nv *nv, size_t n);

#define H2_PING_DRAIN "weft-end"
#define H2_PING_USER "weftping"

#endif
