/*
 * A file that lines are appended to without ever waiting: what its reader does not take is kept up to a limit, and
 * lines beyond that are dropped and counted. For pipes a write is whole lines of at most PIPE_BUF bytes, so that those
 * of several writers are not torn apart.
 */
#ifndef PROXY_LOG_FILE_H
#define PROXY_LOG_FILE_H

#include "base/buf.h"
#include "net/loop.h"

/* Lines waiting to be written; beyond, they are written before the turn ends. */
#define LOG_FILE_BUFFER_BYTES 65536
/* Lines that wait for a slow reader; beyond, they are dropped. */
#define LOG_FILE_PENDING_MAX_BYTES (1 << 20)

struct log_file {
	const char *path; /* owned */
	struct loop *loop;
	int fd; /* -1 = could not be opened: nothing is written */
	bool is_pipe, is_socket;
	bool shared;    /* with others, who may want it to block */
	struct io room; /* while the reader is slow */
	struct buf lines;
	uint64_t dropped; /* lines */
};

/* Opens it (for a FIFO without a reader: that fails at once); an error is logged. Freed with log_file_free. */
struct log_file *log_file_new(struct loop *l, const char *path);
/* Writes what can be written, closes and frees. */
void log_file_free(struct log_file *f);

/* One or more whole lines, copied. */
void log_file_append(struct log_file *f, struct slice lines);
/* Writes what can be written now; the rest follows when there is room. */
void log_file_flush(struct log_file *f);

#endif
