/* The HTTP side of a service: a table of paths, each answered by a function on its connection's thread. */
#ifndef COMMON_SERVER_H
#define COMMON_SERVER_H

#include "base/buf.h"

struct request {
	const char *path;
	const char *id; /* query parameter "id", or NULL */
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
