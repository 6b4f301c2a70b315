/* Access logs: lines are gathered per file and written once per turn. */
#ifndef PROXY_ACCESS_LOG_H
#define PROXY_ACCESS_LOG_H

#include "proxy/core/worker.h"

struct stream;
struct down;
struct cluster;
struct endpoint;

/* Appends the line of a finished exchange when the log's filter lets it through. */
void access_log_stream(struct stream *s, const struct config_access_log *l);

/* Puts the line of a finished exchange into the batch of the log's service. */
void access_log_export(struct stream *s, const struct config_access_log *l);

/* The same as an entry of AccessLogService, of HTTP or of TCP as the service is: a message, in the arena. */
struct slice access_log_entry(struct arena *a, const struct stream *s, const struct config_log_service *to);

/* A finished connection that was no HTTP. */
struct access_log_connection {
	struct down *down;
	const struct config_access_log *logs;
	size_t n_logs;
	struct cluster *cluster;   /* or NULL */
	struct endpoint *endpoint; /* or NULL */
	uint32_t flags;            /* enum response_flag */
	uint64_t received, sent;   /* bytes, from and to the client */
	const char *failure;       /* of the upstream's transport, or NULL */
};

/* Writes a line for a connection that ended without a request, into each log whose filter takes it. */
void access_log_connection(const struct access_log_connection *c);

/* Appends a ready line to the file. */
void access_log_line(struct worker *w, const char *path, struct slice line);

/* Lines of all files that were dropped because nobody took them. */
uint64_t access_logs_dropped(const struct worker *w);

/* Writes and closes. */
void access_logs_done(struct worker *w);

#endif
