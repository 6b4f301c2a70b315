/* Life of a stream and its downstream leg. */
#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "proxy/core/grpc.h"
#include "proxy/stream/access_log.h"
#include "proxy/stream/shadow.h"
#include "proxy/stream/stream_internal.h"

/* ---- memory ---- */

void stream_memory_init(struct stream *s, struct worker *w)
{
	s->worker = w;
	http_head_init(&s->req);
	http_head_init(&s->resp);
	s->req.buffers = s->resp.buffers = &w->buffers;
	s->room = s->scratch;
	s->room_size = STREAM_SCRATCH_BYTES;
	s->failure = "";
}

void stream_memory_done(struct stream *s)
{
	if (s->arena.blocks)
		arena_done(&s->arena);
	if (s->replay)
		buf_done(s->replay);
	if (s->gather)
		buf_done(&s->gather->body);
	http_head_done(&s->req);
	http_head_done(&s->resp);
	buffers_put(&s->worker->buffers, take(s->more), BUFFERS_FEW_BYTES);
}

#define ALIGN_UP(n) (((n) + _Alignof(void *) - 1) & ~(_Alignof(void *) - 1))

/* The scratch is used up: some memory of the worker's comes next, and the heap after it. */
static void take_more(struct stream *s)
{
	size_t size;

	s->room = s->more = buffers_get(&s->worker->buffers, BUFFERS_FEW_BYTES, &size);
	s->room_used = 0;
	s->room_size = (uint16_t)size;
}

char *stream_alloc(struct stream *s, size_t n)
{
	char *p;

	assert(s->room_used <= s->room_size);
	if (n > (size_t)(s->room_size - s->room_used) && !s->more && n <= BUFFERS_FEW_BYTES / 2)
		take_more(s);
	if (n > (size_t)(s->room_size - s->room_used))
		return arena_alloc(&s->arena, n);
	p = s->room + s->room_used;
	s->room_used = (uint16_t)(s->room_used + n);
	return p;
}

char *stream_alloc_aligned(struct stream *s, size_t n)
{
	s->room_used = (uint16_t)MIN(ALIGN_UP(s->room_used), (size_t)s->room_size);
	return stream_alloc(s, n);
}

struct slice stream_copy(struct stream *s, struct slice text)
{
	char *p;

	if (!text.len)
		return slice_make("", 0);
	p = stream_alloc(s, text.len);
	memcpy(p, text.ptr, text.len);
	return slice_make(p, text.len);
}

struct slice stream_printf(struct stream *s, const char *fmt, ...)
{
	char text[512];
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (n < 0)
		n = 0;
	return stream_copy(s, slice_make(text, MIN((size_t)n, sizeof(text) - 1)));
}

struct slice stream_number(struct stream *s, int64_t n)
{
	char digits[24], *p = digits + sizeof(digits);
	uint64_t left = n < 0 ? 0 : (uint64_t)n;

	do {
		*--p = (char)('0' + left % 10);
		left /= 10;
	} while (left);
	return stream_copy(s, slice_make(p, (size_t)(digits + sizeof(digits) - p)));
}

/* ---- life ---- */

static const struct http_leg_ops down_ops;

static struct stream *stream_take(struct worker *w)
{
	struct stream *s;

	if (list_empty(&w->free_streams)) {
		s = mem_alloc(sizeof(*s));
	} else {
		assert(w->n_free_streams > 0);
		s = LIST_FIRST(&w->free_streams, struct stream, link);
		list_remove(&s->link);
		w->n_free_streams--;
		w->low_free_streams = MIN(w->low_free_streams, w->n_free_streams);
	}
	/* What stands from the heads on is written before it is read. */
	memset(s, 0, offsetof(struct stream, req));
	stream_memory_init(s, w);
	return s;
}

static void stream_free(struct corpse *c)
{
	struct stream *s = CONTAINER_OF(c, struct stream, corpse);
	struct worker *w = s->worker;

	assert(s->state == STREAM_ENDED && !s->conn && !s->n_tried);
	stream_memory_done(s);
	cluster_leave(s->cluster);
	worker_config_put(s->wc);
	if (w->n_free_streams >= STREAM_KEEP) {
		free(s);
		return;
	}
	list_init(&s->link);
	list_prepend(&w->free_streams, &s->link);
	w->n_free_streams++;
}

size_t streams_trim(struct worker *w)
{
	unsigned n = w->low_free_streams;

	assert(n <= w->n_free_streams);
	for (unsigned i = 0; i < n; i++) {
		struct stream *s = LIST_FIRST(&w->free_streams, struct stream, link);

		list_remove(&s->link);
		free(s);
	}
	w->n_free_streams -= n;
	w->low_free_streams = w->n_free_streams;
	return n * sizeof(struct stream);
}

void streams_done(struct worker *w)
{
	timer_stop(&w->idle_leaving);
	while (!list_empty(&w->free_streams)) {
		struct stream *s = LIST_FIRST(&w->free_streams, struct stream, link);

		list_remove(&s->link);
		free(s);
	}
}

static void leave_conn(struct stream *s)
{
	list_remove(&s->link);
	s->remote = NULL; /* it may be the connection's */
	s->conn->used_ns = loop_now_ns(s->worker->loop);
	s->conn = NULL;
}

void stream_cut(struct stream *s)
{
	stream_router_drop(s);
	http_leg_reset(&s->down);
	/* Where the connection goes on nobody else says so. */
	if (s->state != STREAM_ENDED)
		stream_end(s);
}

void stream_end(struct stream *s)
{
	if (s->state == STREAM_ENDED)
		return;
	stream_become(s, STREAM_ENDED);
	if (s->shadows)
		shadows_send(s);
	stream_finish(s);
	timer_stop(&s->timeout);
	timer_stop(&s->try_timeout);
	timer_stop(&s->request);
	timer_stop(&s->duration);
	stream_router_drop(s);
	assert(s->n_tried <= STREAM_TRIED_MAX);
	for (int i = 0; i < s->n_tried; i++)
		endpoint_put(s->tried[i]);
	s->n_tried = 0;
	list_remove(&s->link);
	if (s->conn)
		leave_conn(s);
	worker_bury(s->worker, &s->corpse, stream_free);
}

static void on_request_timeout(struct timer *t)
{
	stream_reply(CONTAINER_OF(t, struct stream, request), OUTCOME_REQUEST_TIMEOUT);
}

/* The client has not sent its head yet, or not all of its request. */
static void start_request_timeout(struct stream *s, int64_t limit_ns)
{
	timer_stop(&s->request);
	if (limit_ns)
		timer_start_ns(s->worker->loop, &s->request, s->start_ns + limit_ns - loop_now_ns(s->worker->loop),
			       on_request_timeout);
}

struct http_leg *stream_new(struct down *d)
{
	struct worker *w = d->worker;
	struct stream *s = stream_take(w);

	w->streams[STREAM_WAITING]++;
	s->conn = d;
	s->wc = worker_config_get(d->wc);
	s->hcm = d->chain->hcm;
	s->table = config_routes_of(s->wc->config, s->hcm);
	s->start_ns = s->active_ns = loop_now_ns(w->loop);
	s->id_random = rand_next(&w->rand);
	s->grpc_status = -1;
	s->down = (struct http_leg){.ops = &down_ops, .head = &s->req};
	list_append(&d->streams, &s->link);
	if (s->hcm->stream_idle_timeout_ns)
		stream_set_idle(s, s->hcm->stream_idle_timeout_ns);
	if (s->hcm->request_headers_timeout_ns || s->hcm->request_timeout_ns)
		start_request_timeout(s, s->hcm->request_headers_timeout_ns ? s->hcm->request_headers_timeout_ns
									    : s->hcm->request_timeout_ns);
	return &s->down;
}

static void abandon(struct stream *s)
{
	if (!s->response_ended && s->outcome == OUTCOME_OK) {
		s->flags |= FLAG_DC;
		s->outcome = OUTCOME_CLIENT_GONE;
	}
	stream_end(s);
}

void streams_abandon(struct down *d)
{
	while (!list_empty(&d->streams))
		abandon(LIST_FIRST(&d->streams, struct stream, link));
}

/* ---- the downstream leg ---- */

/* The connection manager allows less than the codec. False when it was answered. */
static bool head_fits(struct stream *s)
{
	if (s->req.bytes <= s->hcm->max_headers_bytes && (uint32_t)s->req.n_fields <= s->hcm->max_headers)
		return true;
	s->details = "request_headers_too_large";
	stream_reply_with(s, &(struct reply){.outcome = OUTCOME_BAD_REQUEST, .status = 431, .body = slice_make("", 0)});
	return false;
}

static void on_headers(struct http_leg *leg, bool end)
{
	struct stream *s = CONTAINER_OF(leg, struct stream, down);

	s->request_head_bytes = s->req.bytes;
	s->request_ended = end;
	stream_filters_make(s);
	if (timer_active(&s->request))
		start_request_timeout(s, end ? 0 : s->hcm->request_timeout_ns);
	if (end)
		s->request_end_ns = loop_now_ns(s->worker->loop);
	if (!head_fits(s) || !stream_prepare(s))
		return;
	stream_route(s);
	if (stream_upgrade_allowed(s))
		stream_filters(s);
	else
		stream_reply(s, OUTCOME_UPGRADE_REFUSED);
}

static enum http_flow on_data(struct http_leg *leg, struct slice data, bool end)
{
	struct stream *s = CONTAINER_OF(leg, struct stream, down);

	s->request_bytes += data.len;
	if (s->tally)
		grpc_frames_take(&s->tally->request, data);
	s->request_ended |= end;
	s->active_ns = loop_now_ns(s->worker->loop);
	if (end) {
		s->request_end_ns = s->active_ns;
		timer_stop(&s->request);
	}
	if (s->state == STREAM_TUNNELLING && end)
		stream_half_closed(s);
	/* A reply was sent already; what the client still says is of no use. Of a tunnel that was one direction. */
	if (s->response_ended && s->state != STREAM_TUNNELLING)
		return HTTP_GO;
	if (!stream_filters_data(s, data, end))
		return HTTP_GO;
	if (!stream_gathering(s))
		return stream_router_data(s, data, end);
	stream_filters_gather(s, data, end);
	return HTTP_GO;
}

/* They outlive the call: the upstream may not be there yet, or be asked once more. */
static void keep_trailers(struct stream *s, const struct http_trailers *t)
{
	s->trailers = arena_alloc(&s->arena, sizeof(*t));
	s->trailers->n = t->n;
	for (size_t i = 0; i < t->n; i++)
		s->trailers->v[i] = (struct http_trailer){stream_copy(s, t->v[i].name), stream_copy(s, t->v[i].value)};
}

static void on_trailers(struct http_leg *leg, const struct http_trailers *t)
{
	struct stream *s = CONTAINER_OF(leg, struct stream, down);

	s->request_ended = true;
	s->active_ns = s->request_end_ns = loop_now_ns(s->worker->loop);
	timer_stop(&s->request);
	if (s->response_ended)
		return;
	if (!stream_filters_trailers(s, t))
		return;
	keep_trailers(s, t);
	if (stream_gathering(s))
		stream_filters_gather(s, slice_make("", 0), true);
	if (s->state == STREAM_PAUSED)
		s->trailers_due = true; /* behind what was gathered */
	else
		stream_router_trailers(s);
}

static void on_room(struct http_leg *leg)
{
	struct stream *s = CONTAINER_OF(leg, struct stream, down);

	s->active_ns = loop_now_ns(s->worker->loop);
	http_leg_resume(&s->up);
}

static void on_pause(struct http_leg *leg)
{
	struct stream *s = CONTAINER_OF(leg, struct stream, down);

	/* Few heads come in pieces: only these cost a timer. */
	if (!s->prepared && !timer_active(&s->request))
		start_request_timeout(s, STREAM_HEAD_NS);
	http_leg_flush(&s->up);
}

static void on_bad(struct http_leg *leg, int err)
{
	struct stream *s = CONTAINER_OF(leg, struct stream, down);

	s->details = http_err_str(err);
	s->request_ended = true;
	if (s->endpoint) {
		/* The head was good and is on its way: the body is not. */
		stream_router_drop(s);
	} else if (!s->prepared) {
		s->req.method_id = HTTP_GET;
	}
	stream_reply_with(s, &(struct reply){.outcome = OUTCOME_BAD_REQUEST,
					     .status = (uint16_t)http_err_status(err),
					     .body = slice_make("", 0)});
}

static void on_reset(struct http_leg *leg, enum http_reset why)
{
	struct stream *s = CONTAINER_OF(leg, struct stream, down);

	if (!s->response_ended) {
		s->flags |= why == HTTP_RESET_PROTOCOL ? FLAG_DPE : FLAG_DC;
		if (s->outcome == OUTCOME_OK)
			s->outcome = OUTCOME_CLIENT_GONE;
	}
	stream_end(s);
}

static void on_done(struct http_leg *leg, bool reusable)
{
	struct stream *s = CONTAINER_OF(leg, struct stream, down);

	(void)reusable;
	stream_finish(s);
	/* The upstream's connection is given back by its own end; a request cut short takes it down. */
	if (s->up.conn && http_leg_received(&s->up)) {
		stream_become(s, STREAM_LEAVING);
		leave_conn(s);
		stream_watch_leaving(s);
		return;
	}
	stream_end(s);
}

static const struct http_leg_ops down_ops = {
	.on_headers = on_headers,
	.on_data = on_data,
	.on_trailers = on_trailers,
	.on_room = on_room,
	.on_pause = on_pause,
	.on_bad = on_bad,
	.on_reset = on_reset,
	.on_done = on_done,
};

/* ---- the end ---- */

void stream_finish(struct stream *s)
{
	if (s->finished)
		return;
	s->finished = true;
	stream_filters_end(s);
	/* Bytes that never became a request are no exchange. */
	if (!s->prepared && s->outcome != OUTCOME_BAD_REQUEST)
		return;
	for (size_t i = 0; i < s->hcm->n_logs; i++)
		access_log_stream(s, &s->hcm->logs[i]);
}
