/*
 * A small HTTP/1.1 server for a program's own endpoints (metrics, health, admin): one handler, whole requests and whole
 * replies. Runs on the loop it is given; not for proxied traffic.
 */
#ifndef HTTP_SERVER_H
#define HTTP_SERVER_H

#include "base/err.h"
#include "base/slice.h"
#include "net/loop.h"
#include "net/socket.h"

struct http_codec;
struct http_server;
struct http_request;

#define HTTP_SERVER_BODY_MAX_BYTES (1 << 20)
/* Connections at once; beyond them, one that waits for its client makes room for the next. */
#define HTTP_SERVER_CLIENTS_MAX 128

/*
 * Called with a whole request; must call http_reply once for it, now or later on the loop's thread. When the client
 * goes away before, the reply is dropped; rq stays valid until http_reply.
 */
typedef void http_handler(void *ctx, struct http_request *rq);

/* Listens on a and speaks codec; the server must be freed with http_server_free. */
int http_server_new(struct loop *l, const struct addr *a, const struct http_codec *codec, http_handler *fn, void *ctx,
		    struct http_server **ret, struct err *e);
/* Closes the listener and all connections. NULL is fine. Requests not yet replied to may still be replied to. */
void http_server_free(struct http_server *s);

/* Valid until http_reply. path has no query; header values are ptr NULL when absent. */
struct slice http_request_method(const struct http_request *rq);
/* The path without the query, as it was sent; valid until http_reply. */
struct slice http_request_path(const struct http_request *rq);
/* What follows the first '?', empty when there is none; valid until http_reply. */
struct slice http_request_query(const struct http_request *rq);
/* The first field of this name, in any case; ptr NULL when absent. Valid until http_reply. */
struct slice http_request_header(const struct http_request *rq, struct slice name);
/* The whole body; valid until http_reply. */
struct slice http_request_body(const struct http_request *rq);
/* The address of the client; valid until http_reply. */
const struct addr *http_request_peer(const struct http_request *rq);

/* Sends the reply; everything is copied. headers is NULL or whole lines "name: value\r\n". Ends the life of rq. */
void http_reply(struct http_request *rq, int status, const char *content_type, const char *headers, struct slice body);

#endif
