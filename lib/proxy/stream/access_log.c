/* Each worker appends to the file on its own; a write is whole lines. */
#include "proxy/stream/access_log.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "grpc/message.h"
#include "proxy/core/grpc.h"
#include "proxy/stream/attributes.h"
#include "proxy/stream/format_eval.h"
#include "proxy/stream/stream_internal.h"
#include "proxy/telemetry/log_file.h"

/* Of one field: a log is no place for more. */
#define KEPT_MAX_BYTES 4096

/* ---- what is kept of responses: few names, each looked for in the head, and later among what was kept ---- */

static struct slice *places(struct stream *s)
{
	const size_t bytes = s->hcm->n_log_fields * sizeof(struct slice);

	if (!s->log_fields) {
		s->log_fields = (struct slice *)(void *)stream_alloc_aligned(s, bytes);
		memset(s->log_fields, 0, bytes);
	}
	return s->log_fields;
}

/* Several fields of one name are one value, as to everybody who reads them (RFC 9110 5.3). */
static struct slice joined(struct stream *s, const struct http_head *h, struct slice name)
{
	CLEANUP(buf_done) struct buf all = BUF_INIT;
	size_t n = 0;

	for (size_t i = 0; i < h->n_fields; i++) {
		if (!slice_eq_nocase(http_field_name(&h->fields[i]), name))
			continue;
		if (n++)
			buf_append_char(&all, ',');
		buf_append_slice(&all, http_field_value(&h->fields[i]));
	}
	return stream_copy(s, slice_head(buf_slice(&all), KEPT_MAX_BYTES));
}

static struct stream_answer *answer(struct stream *s)
{
	if (!s->answer) {
		s->answer = arena_alloc(&s->arena, sizeof(*s->answer));
		*s->answer = (struct stream_answer){0};
	}
	return s->answer;
}

static struct http_trailer copy(struct stream *s, struct slice name, struct slice value)
{
	char *lower = arena_slicedup(&s->arena, name);

	for (char *c = lower; *c; c++)
		*c = (char)tolower((unsigned char)*c);
	return (struct http_trailer){slice_make(lower, name.len),
				     slice_make(arena_slicedup(&s->arena, value), value.len)};
}

/* Expressions may ask for any field, by a name that is made up as they go. */
static void keep_all(struct stream *s, const struct http_head *h)
{
	struct stream_answer *a = answer(s);

	a->n_head = 0;
	a->head = arena_alloc(&s->arena, (h->n_fields + 1U) * sizeof(*a->head));
	for (size_t i = 0; i < h->n_fields; i++)
		if (h->fields[i].name_len)
			a->head[a->n_head++] = copy(s, http_field_name(&h->fields[i]), http_field_value(&h->fields[i]));
}

static void keep_all_trailers(struct stream *s, const struct http_trailers *t)
{
	struct stream_answer *a = answer(s);

	a->trailers = arena_alloc(&s->arena, (t->n + 1) * sizeof(*a->trailers));
	for (a->n_trailers = 0; a->n_trailers < t->n; a->n_trailers++)
		a->trailers[a->n_trailers] = copy(s, t->v[a->n_trailers].name, t->v[a->n_trailers].value);
}

void stream_keep_head(struct stream *s, const struct http_head *h)
{
	if (s->hcm->keep_head)
		keep_all(s, h);
	for (size_t i = 0; i < s->hcm->n_log_fields; i++)
		if (!s->hcm->log_fields[i].trailer)
			places(s)[i] = joined(s, h, s->hcm->log_fields[i].name);
}

void stream_keep_trailers(struct stream *s, const struct http_trailers *t)
{
	if (s->hcm->keep_trailers)
		keep_all_trailers(s, t);
	for (size_t i = 0; i < s->hcm->n_log_fields; i++)
		for (size_t k = 0; s->hcm->log_fields[i].trailer && k < t->n; k++)
			if (slice_eq_nocase(t->v[k].name, s->hcm->log_fields[i].name))
				places(s)[i] = stream_copy(s, slice_head(t->v[k].value, KEPT_MAX_BYTES));
}

struct slice stream_kept(const struct stream *s, struct slice name, bool trailer)
{
	for (size_t i = 0; s->log_fields && i < s->hcm->n_log_fields; i++)
		if (s->hcm->log_fields[i].trailer == trailer && slice_eq_nocase(s->hcm->log_fields[i].name, name))
			return s->log_fields[i];
	return slice_make("", 0);
}

/* ---- lines ---- */

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

/* ---- what is logged ---- */

static bool compares(const struct config_log_filter *f, uint64_t v)
{
	switch (f->compare) {
	case CONFIG_LOG_GE:
		return v >= f->value;
	case CONFIG_LOG_LE:
		return v <= f->value;
	case CONFIG_LOG_NE:
		return v != f->value;
	default:
		return v == f->value;
	}
}

/* An answer that has none of its own is what its HTTP status means to clients of gRPC. */
static int grpc_status(const struct stream *s)
{
	return s->grpc_status >= 0 ? s->grpc_status : grpc_status_from_http(s->status);
}

static bool passes(struct stream *s, const struct config_log_filter *f);

static bool one_of(struct stream *s, const struct config_log_filter *f, bool enough)
{
	for (size_t i = 0; i < f->n; i++)
		if (passes(s, &f->of[i]) == enough)
			return enough;
	return !enough;
}

/* Numbers of gRPC beyond the known ones are in no list. */
static bool lists(uint32_t statuses, int status)
{
	return status < GRPC_STATUSES && (statuses >> status & 1);
}

static bool passes(struct stream *s, const struct config_log_filter *f)
{
	switch (f->kind) {
	case CONFIG_LOG_ALL:
		return one_of(s, f, false);
	case CONFIG_LOG_ANY:
		return one_of(s, f, true);
	case CONFIG_LOG_STATUS:
		return compares(f, s->no_request ? 0 : s->status);
	case CONFIG_LOG_DURATION:
		return compares(f, (uint64_t)(loop_now_ns(s->worker->loop) - s->start_ns) / NS_PER_MS);
	case CONFIG_LOG_FLAGS:
		return s->flags & f->flags;
	case CONFIG_LOG_GRPC:
		return lists(f->statuses, grpc_status(s)) != f->other_statuses;
	case CONFIG_LOG_HEADER:
		return match_header_test(&f->header, stream_header(s, f->header.name));
	case CONFIG_LOG_EXPRESSION:
		return attributes_test(s, f->expression);
	}
	return true;
}

void access_log_stream(struct stream *s, const struct config_access_log *l)
{
	CLEANUP(buf_done) struct buf line = BUF_INIT;

	if (l->filter && !passes(s, l->filter))
		return;
	if (l->service) {
		access_log_export(s, l);
		return;
	}
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
