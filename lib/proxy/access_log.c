/* Each worker appends to the file on its own; a write is whole lines. */
#include "proxy/access_log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/log.h"
#include "base/mem.h"
#include "proxy/format_eval.h"

static struct log_file *file_of(struct worker *w, const char *path)
{
	struct log_file *f;

	for (size_t i = 0; i < w->logs.n; i++)
		if (strcmp(w->logs.v[i]->path, path) == 0)
			return w->logs.v[i];
	f = NEW(struct log_file);
	f->path = mem_strdup(path);
	f->fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0644);
	if (f->fd < 0 && strcmp(path, "/dev/stdout") == 0)
		f->fd = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);
	if (f->fd < 0)
		log_error("proxy", "access log %s: %s; it is not written", path, strerror(errno));
	vec_push(&w->logs, f);
	return f;
}

static void flush(struct log_file *f)
{
	if (f->fd >= 0 && f->lines.len)
		(void)!write(f->fd, f->lines.ptr, f->lines.len);
	buf_clear(&f->lines);
}

static void on_flush(struct task *t)
{
	struct worker *w = CONTAINER_OF(t, struct worker, flush_logs);

	for (size_t i = 0; i < w->logs.n; i++)
		flush(w->logs.v[i]);
}

void access_log_line(struct worker *w, const char *path, struct slice line)
{
	struct log_file *f = file_of(w, path);

	buf_append_slice(&f->lines, line);
	if (f->lines.len >= ACCESS_LOG_BUFFER_BYTES)
		flush(f);
	task_defer(w->loop, &w->flush_logs, on_flush);
}

void access_log_stream(struct stream *s, const struct config_access_log *l)
{
	CLEANUP(buf_done) struct buf line = BUF_INIT;

	if ((l->only_errors && s->status < 500 && !s->flags) || (l->min_status && s->status < l->min_status))
		return;
	format_eval(s, &l->format, l->json ? FORMAT_EMPTY_AS_NULL : FORMAT_EMPTY_AS_DASH, &line);
	access_log_line(s->worker, l->path, buf_slice(&line));
}

/* A connection is logged as an exchange that has no request: what a request would say is empty. */
void access_log_connection(const struct access_log_connection *c)
{
	struct stream *s;

	if (!c->n_logs)
		return;
	s = NEW(struct stream);
	s->worker = c->down->worker;
	s->wc = c->down->wc;
	s->conn = c->down;
	s->no_request = true;
	s->start_ns = c->down->opened_ns;
	s->cluster = c->cluster;
	s->endpoint = c->endpoint;
	s->flags = c->flags;
	s->request_bytes = c->received;
	s->response_bytes = c->sent;
	if (c->failure)
		snprintf(s->failure, sizeof(s->failure), "%s", c->failure);
	for (size_t i = 0; i < c->n_logs; i++)
		access_log_stream(s, &c->logs[i]);
	arena_done(&s->arena);
	free(s);
}

void access_logs_done(struct worker *w)
{
	for (size_t i = 0; i < w->logs.n; i++) {
		struct log_file *f = w->logs.v[i];

		flush(f);
		closep(&f->fd);
		buf_done(&f->lines);
		free((void *)f->path);
		free(f);
	}
	vec_done(&w->logs);
}
