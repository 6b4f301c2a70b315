/* The HTTP side of a service: a table of paths, each answered by a function on its connection's thread. */
#ifndef COMMON_SERVER_H
#define COMMON_SERVER_H

#include "base/buf.h"

/* What a service passes on from a request that it was sent to those that it sends for it, so that they are one trace.
 */
#define TRACE_HEADERS 9
extern const char *const trace_headers[TRACE_HEADERS];

struct request {
	const char *path;
	const char *id;                   /* query parameter "id", or NULL */
	const char *trace[TRACE_HEADERS]; /* values of trace_headers, NULL = absent */
};

struct response {
	int status;       /* HTTP status code, 200 unless set */
	const char *type; /* content type, application/json unless set */
	struct buf body;
};

struct handler {
	const char *path; /* exact */
	void (*fn)(const struct request *req, struct response *res);
};

/*
 * Serves GET and HEAD on PORT (8080 by default) until SIGTERM or SIGINT, then lets requests in flight finish. Returns
 * the exit status. The table ends with a row without path. /health/live and /metrics are served besides.
 */
int server_run(const char *name, const struct handler *handlers);

/* Appends s with &, <, > and " escaped. */
void html_append(struct buf *b, const char *s);

/* Sets the status and a JSON body {"error": message}. */
void respond_error(struct response *res, int status, const char *message);

#endif
