/* Access logs: lines are gathered per file and written once per turn. */
#ifndef PROXY_ACCESS_LOG_H
#define PROXY_ACCESS_LOG_H

#include "proxy/worker_internal.h"

struct stream;

/* Lines waiting to be written; beyond, they are written at once. */
#define ACCESS_LOG_BUFFER_BYTES 65536

/* Appends the line of a finished exchange when the log's filter lets it through. */
void access_log_stream(struct stream *s, const struct config_access_log *l);

/* Appends a ready line to the file. */
void access_log_line(struct worker *w, const char *path, struct slice line);

/* Writes and closes. */
void access_logs_done(struct worker *w);

#endif
