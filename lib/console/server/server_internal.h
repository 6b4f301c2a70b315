/* The server's two halves: exchange.c on the loop, wire.c in libwebsockets' thread. */
#ifndef CONSOLE_SERVER_INTERNAL_H
#define CONSOLE_SERVER_INTERNAL_H

#include <libwebsockets.h>
#include <pthread.h>
#include <stdatomic.h>

#include "base/list.h"
#include "console/server/server.h"

/* The wire's side of an exchange; belongs to its thread, but for what stands under the lock. */
struct exchange_wire {
	struct list link; /* in server->answered, under the lock */
	struct list live; /* in server->live, under live_lock */
	struct exchange *x;
	struct lws *wsi; /* NULL = the client has gone */
	size_t waiting;  /* bytes counted in server->waiting */
	bool taken;      /* the answer was taken note of in the thread, which owns all from then on; under the lock */
	/* The answer; the loop's until it is queued. */
	int status;
	char *type, *set_cookie[EXCHANGE_COOKIES], *location, *etag;
	bool gzip, keep, head_sent, is_head;
	struct buf body;
	struct slice rest; /* what has not been written */
	/* WebSockets, under the lock: */
	struct buf push;
	bool push_ready, closing;
	char reason[104];
};

struct console_server {
	struct loop *loop;
	struct console_server_params params;
	struct lws_context *context;
	struct lws_vhost *vhosts[SERVER_PORTS_MAX];
	pthread_t thread;
	bool started;
	atomic_bool stop;
	atomic_size_t waiting, sockets;
	atomic_uint_fast64_t requests, refused, dropped_pushes;
	pthread_mutex_t lock;
	pthread_mutex_t live_lock;
	struct list live;     /* wires of all exchanges there are: what is left at the end goes with the server */
	struct list answered; /* wires whose answer, push or end is to be looked at */
	uint8_t scratch[LWS_PRE + 16384]; /* of the thread */
};

/* Queues the wire for its thread, which is woken. Any thread. */
void server_wake(struct console_server *s, struct exchange_wire *w);
/* libwebsockets' callback. */
int server_callback(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in, size_t len);
/* Frees both halves. */
void server_exchange_free(struct exchange *x);
/* Reads a head into an exchange; in the thread. */
void server_read_head(struct lws *wsi, struct exchange *x);

#endif
