/* Each worker appends to the file on its own; a write is whole lines. */
#include "proxy/stream/access_log.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "proxy/stream/attributes.h"
#include "proxy/stream/format_eval.h"
#include "proxy/telemetry/log_file.h"

static struct log_file *file_of(struct worker *w, const char *path)
{
	for (size_t i = 0; i < w->logs.n; i++)
		if (strcmp(w->logs.v[i]->path, path) == 0)
			return w->logs.v[i];
	vec_push(&w->logs, log_file_new(w->loop, path));
	return w->logs.v[w->logs.n - 1];
}

static void on_flush(struct task *t)
{
	struct worker *w = CONTAINER_OF(t, struct worker, flush_logs);

	for (size_t i = 0; i < w->logs.n; i++)
		if (!io_active(&w->logs.v[i]->room))
			log_file_flush(w->logs.v[i]);
}

void access_log_line(struct worker *w, const char *path, struct slice line)
{
	log_file_append(file_of(w, path), line);
	task_defer(w->loop, &w->flush_logs, on_flush);
}

uint64_t access_logs_dropped(const struct worker *w)
{
	uint64_t n = 0;

	for (size_t i = 0; i < w->logs.n; i++)
		n += w->logs.v[i]->dropped;
	return n;
}

void access_log_stream(struct stream *s, const struct config_access_log *l)
{
	CLEANUP(buf_done) struct buf line = BUF_INIT;

	if ((l->only_errors && s->status < 500 && !s->flags) || (l->min_status && s->status < l->min_status))
		return;
	if (l->filter && !attributes_test(s, l->filter))
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
	stream_memory_init(s, c->down->worker);
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
		s->failure = c->failure;
	for (size_t i = 0; i < c->n_logs; i++)
		access_log_stream(s, &c->logs[i]);
	stream_memory_done(s);
	free(s);
}

void access_logs_done(struct worker *w)
{
	for (size_t i = 0; i < w->logs.n; i++)
		log_file_free(w->logs.v[i]);
	vec_done(&w->logs);
}
