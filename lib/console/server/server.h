/*
 * HTTP and WebSocket for browsers and exporters, by libwebsockets in a thread of its own. A request is handed whole to
 * the loop of whoever made the server, as an exchange, and is answered from there whenever the answer is known; who has
 * gone meanwhile does not matter. The two threads exchange messages only.
 *
 * Every answer has the headers that keep a browser from doing more than these pages need (CSP, nosniff, no frames).
 */
#ifndef CONSOLE_SERVER_H
#define CONSOLE_SERVER_H

#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "net/loop.h"

#define SERVER_PORTS_MAX 6
#define SERVER_BODY_MAX_BYTES (2u << 20)
/* Bodies that wait for the loop, of all requests together; above it they are answered 503. */
#define SERVER_WAITING_MAX_BYTES (24u << 20)
#define SERVER_HEAD_MAX_BYTES (16u << 10) /* of a request's line and fields */
#define SERVER_CONNECTIONS_MAX 512u
#define SERVER_ARGUMENTS_MAX 64u
#define SERVER_SOCKETS_MAX 64u /* WebSockets at once */
#define SERVER_IDLE_S 60

#define EXCHANGE_COOKIES 2 /* that one answer sets */

enum exchange_method { EXCHANGE_GET, EXCHANGE_HEAD, EXCHANGE_POST, EXCHANGE_PUT, EXCHANGE_DELETE, EXCHANGE_OTHER };

struct console_server;

/* One request. Owned by the loop until exchange_reply; all texts live in its arena. */
struct exchange {
	struct message message, gone; /* the server's */
	struct arena arena;
	unsigned port; /* which of the server's ports, by its number in the parameters */
	enum exchange_method method;
	struct slice path;                            /* percent-decoded, without arguments */
	struct slice arguments[SERVER_ARGUMENTS_MAX]; /* "name=value", decoded */
	size_t n_arguments;
	/* Fields of the head; empty = absent. */
	struct slice authorization, cookie, content_type, content_encoding, host, origin, forwarded_for,
		forwarded_proto, if_none_match;
	struct slice peer; /* the address of the connection's other end, "10.0.0.1" */
	struct buf body;
	bool socket; /* a WebSocket: exchange_push, and on_gone at its end, after which exchange_free */
	void *user;  /* the loop's side: what it likes */
	/* How exchange_reply_error tells its sentence; NULL: as JSON. It answers the exchange. */
	void (*tell_error)(struct exchange *x, int status, const char *sentence);

	struct exchange_wire *wire; /* the server's */
	struct console_server *server;
};

struct console_server_params {
	const char *host;                 /* "0.0.0.0", or "::" for both families */
	uint16_t ports[SERVER_PORTS_MAX]; /* 0 in a used place: any free one */
	size_t n_ports;
	/* Called on the loop, once for each request; answers now or later. */
	void (*on_request)(void *arg, struct exchange *x);
	/* A WebSocket's end, on the loop; exchange_free follows, inside or later. */
	void (*on_gone)(void *arg, struct exchange *x);
	void *arg;
};

/* Listens and starts its thread; NULL with a sentence in e, which names the port. */
struct console_server *console_server_new(struct loop *l, const struct console_server_params *p, struct err *e);
/* Ends the thread and closes all; exchanges that were not answered go, too. The loop must not run any more. NULL is
 * fine. */
void console_server_free(struct console_server *s);
/* The port really bound. */
uint16_t console_server_port(const struct console_server *s, unsigned port);

struct server_counts {
	uint64_t requests, refused; /* refused: over a limit, before the loop heard of them */
	uint64_t dropped_pushes;    /* of WebSockets that are slow */
};
/* Any thread. */
struct server_counts console_server_counts(const struct console_server *s);

/* What is answered. Texts are copied; body is taken over, and empty afterwards. */
struct exchange_answer {
	int status;
	const char *type;      /* content type; NULL: application/json */
	struct buf *body;      /* or NULL */
	struct slice constant; /* instead of body: bytes that live as long as the program */
	const char *set_cookie[EXCHANGE_COOKIES], *location, *etag;
	bool gzip; /* the body is so encoded */
	bool keep; /* a browser may keep it, and asks whether it is still so (etag) */
};

/* Answers and forgets the exchange: it is not the caller's any more. Not for WebSockets that were accepted. */
void exchange_reply(struct exchange *x, const struct exchange_answer *a);
/* A JSON object {"error": sentence} with the status, or what the exchange's tell_error makes of it. */
void exchange_reply_error(struct exchange *x, int status, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/* The same with an argument list, which is used up. */
__attribute__((format(printf, 3, 0))) void exchange_vreply_error(struct exchange *x, int status, const char *fmt,
								 va_list ap);

/* Sends a text over a WebSocket; body is taken over. When an older one has not left yet, that one is dropped. */
void exchange_push(struct exchange *x, struct buf *body);
/* Asks for a WebSocket's end, with a reason of at most 100 bytes; on_gone follows. */
void exchange_close(struct exchange *x, const char *reason);
/* Forgets a WebSocket, after on_gone. */
void exchange_free(struct exchange *x);

/* The argument's value, or an empty slice with ptr NULL when it is absent. */
struct slice exchange_argument(const struct exchange *x, const char *name);
/* A cookie's value, or empty. */
struct slice exchange_cookie(const struct exchange *x, const char *name);

#endif
