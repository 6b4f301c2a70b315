/*
 * HTTP requests of the API server into the cluster: webhooks and the service proxy. libcurl's multi interface on the
 * lab's loop; sockets are made in the cluster's network namespace. One loop, one thread.
 */
#ifndef LAB_SYS_HTTP_CLIENT_H
#define LAB_SYS_HTTP_CLIENT_H

#include <stdbool.h>

#include "base/slice.h"
#include "net/loop.h"

struct http_client;
struct http_call;

#define HTTP_ANSWER_MAX_BYTES (8 * 1024 * 1024)

struct http_call_options {
	const char *method, *url;
	const char *const *headers; /* "Name: value", NULL-ended; may be NULL */
	struct slice body;
	const char *connect_to; /* "host:port:address:port" of the URL's host; or NULL */
	struct slice ca_pem;    /* https: who signs the server's certificate; empty = the system's */
	bool insecure;          /* https: any certificate */
	int64_t timeout_ms;     /* 0 = none */
	/* Head of the answer, one line each without its end, when wanted; then on_body instead of collecting. */
	void (*on_header)(void *arg, struct slice line);
	/* A piece of the body; return false to be paused until http_call_resume(). */
	bool (*on_body)(void *arg, struct slice bytes);
	/* Once: status (0 = no answer, then error says why in Go's words where we know them) and, without on_body, the
	 * body. */
	void (*on_done)(void *arg, long status, struct slice body, const char *error);
	void *arg;
};

/* netns_fd is borrowed; -1 = where we are. NULL when libcurl gives none. */
struct http_client *http_client_new(struct loop *l, int netns_fd);

/* Ends calls without calling back. NULL is fine. */
void http_client_free(struct http_client *c);

/* Copies what it needs. The call is freed after on_done; never called back inside this. */
struct http_call *http_call_start(struct http_client *c, const struct http_call_options *o);
void http_call_resume(struct http_call *call);

/* Drops the call; on_done is not called. */
void http_call_cancel(struct http_call *call);

#endif
