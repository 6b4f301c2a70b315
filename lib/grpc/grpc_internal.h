/* What server, channel, connection and call share. */
#ifndef GRPC_GRPC_INTERNAL_H
#define GRPC_GRPC_INTERNAL_H

#include "base/arena.h"
#include "base/list.h"
#include "grpc/call.h"
#include "grpc/message.h"
#include "h2/h2.h"
#include "net/loop.h"
#include "net/transport.h"

struct grpc_conn;

/* What the owner of a connection (server or channel) hears. */
struct grpc_conn_ops {
	/* Client: connected and secured; calls may start. */
	void (*on_ready)(struct grpc_conn *c);
	/* Client: room for a call that had to wait. */
	void (*on_room)(struct grpc_conn *c);
	/* Client: the peer takes no more calls. */
	void (*on_goaway)(struct grpc_conn *c);
	/* Server: a new stream with its headers. */
	void (*on_request)(struct grpc_conn *c, struct h2_stream *s, const struct h2_header *v, size_t n);
	/* Server: it is secured, failed, or took its time: others may be let in for it. Once. May be NULL. */
	void (*on_setup)(struct grpc_conn *c);
	/* Over: all calls have been told; it is freed after this. */
	void (*on_closed)(struct grpc_conn *c, const char *why);
};

struct grpc_conn_params {
	bool server;
	const struct grpc_conn_ops *ops;
	void *owner;
	uint32_t max_streams;
	struct h2_common *common; /* server: of its connections; outlives them */
	int64_t keepalive_ms, keepalive_wait_ms, setup_ms, max_age_ms, max_age_grace_ms;
	int64_t handshake_ms; /* client: on top of setup_ms, where it is connected by then; 0 = had */
};

/* Of thousands none is in the cache when its turn comes: what each message needs stands together. */
struct grpc_conn {
	struct transport t;
	struct h2_session *h2; /* NULL until secured */
	struct loop *loop;
	struct task flush; /* output at the end of the turn */
	int64_t last_recv_ns;
	unsigned busy;    /* calls into it that are under way */
	unsigned pinged;  /* a ping waits for any answer; how often it was waited for */
	bool heard;       /* something came since it was secured */
	bool writes;      /* output follows before the call into it that is under way returns */
	bool dead;        /* to be freed when nobody is inside */
	bool closing;     /* GOAWAY sent for its age; the grace period runs */
	bool setting_up;  /* on_setup is owed */
	struct list link; /* the owner's */
	struct grpc_conn_params p;
	struct timer setup, keepalive, age, resume;
	struct addr peer;
	char *why; /* the first reason for its end; owned */
};

/* Takes over the socket and the TLS connection. NULL with both closed when it cannot be watched. */
struct grpc_conn *grpc_conn_new(struct loop *l, int fd, struct tls *tls, const struct addr *peer,
				const struct grpc_conn_params *p);
/* Ends it now; on_closed is called at the end of this turn at the latest. why is copied; the first one counts. */
void grpc_conn_fail(struct grpc_conn *c, const char *why);
/* Ends it inside this call, without on_closed when quiet. Not from inside its own callbacks. */
void grpc_conn_free(struct grpc_conn *c, bool quiet);
/* Something was submitted: output follows at the end of this turn. */
void grpc_conn_kick(struct grpc_conn *c);
/* Output at once. Not from inside its own callbacks; streams may end in it. */
void grpc_conn_flush(struct grpc_conn *c);
/* GOAWAY; closed after the last call. */
void grpc_conn_drain(struct grpc_conn *c);

struct grpc_pair {
	const char *name;
	struct slice value;
};

struct grpc_call {
	struct grpc_conn *conn;   /* NULL before and after its stream */
	struct h2_stream *stream; /* likewise */
	const struct grpc_call_ops *ops;
	void *user;
	struct grpc_reader reader;
	size_t held;         /* bytes received while paused and not given back */
	struct buf inflated; /* the compressed message that is being delivered */
	unsigned busy;       /* callbacks under way */
	bool server;
	bool paused, end_seen, end_told;
	bool headers_sent, half_closed, finished;
	bool blocked;        /* on_writable is owed */
	bool compresses;     /* server: messages may be compressed */
	bool leaves_packed;  /* client: what is compressed stays so */
	bool told_encodings; /* server: a message was compressed: the status says what could have been */
	bool done;           /* on_done was called or never will be */
	bool freed;          /* to be freed when nobody is inside */
	struct list link;    /* client: in the channel's waiting list */
	struct loop *loop;
	struct grpc_channel *channel;
	struct arena arena; /* path and metadata */
	const char *path;
	struct grpc_pair *metadata; /* received; array in the arena */
	size_t n_metadata;
	struct grpc_pair *request; /* client: to be sent; array in the arena */
	bool *request_sensitive;
	size_t n_request;
	struct buf message; /* between send_begin and send_end */
	struct buf waiting; /* framed messages from before there was a stream */
	struct timer deadline;
	int64_t deadline_ns; /* absolute, 0 = none */
	struct task over;    /* client: on_done outside of any other call */
	int status;          /* -1 = not known yet */
	char *text;          /* owned; NULL = "" */
};

#define GRPC_CONTENT_TYPE "application/grpc"
#define GRPC_METADATA_MAX 128 /* names kept of one call */

/* A call of neither stream nor connection yet; path is copied into its arena. */
struct grpc_call *grpc_call_new(struct loop *l, const char *path);
/* Keeps the headers that are no pseudo headers. */
void grpc_call_keep_metadata(struct grpc_call *c, const struct h2_header *v, size_t n);
/* Starts the call's timer: after ns it ends with DEADLINE_EXCEEDED. */
void grpc_call_set_deadline(struct grpc_call *c, int64_t ns);
/* Client: opens the stream; 0, or -EAGAIN when the connection takes no more now. */
int grpc_call_open(struct grpc_call *c, struct grpc_conn *conn);
/* Ends a call that has no stream: on_done at the end of this turn. */
void grpc_call_end_later(struct grpc_call *c, int status, const char *text);
/* Frees without on_done. */
void grpc_call_drop(struct grpc_call *c);
/* Client: what goes into the request's pseudo headers. */
void grpc_channel_names(const struct grpc_channel *ch, struct slice *scheme, struct slice *authority);

/* Events of a call's stream. */
void grpc_call_on_headers(struct grpc_call *c, enum h2_headers kind, const struct h2_header *v, size_t n);
/* Bytes of DATA; those that are consumed, or come too late, are given back to flow control. */
void grpc_call_on_data(struct grpc_call *c, struct slice bytes);
/* END_STREAM of the peer; told at once, or when the call is resumed. */
void grpc_call_on_end(struct grpc_call *c);
/* There is room to send again: on_writable, when a send had found none. */
void grpc_call_on_room(struct grpc_call *c);
/* The stream is gone with an HTTP/2 error code; ends the call when nothing has yet. */
void grpc_call_on_close(struct grpc_call *c, uint32_t error);

#endif
