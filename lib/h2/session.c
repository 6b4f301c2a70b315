/*
 * Sessions and streams: what the user calls. Body bytes wait in the stream's buffer until the library's flow control
 * asks for them; then they go straight into the session's output.
 */
#include <assert.h>
#include <string.h>

#include "base/mem.h"
#include "h2/h2_internal.h"

#define OUT_BATCH_BYTES 65536 /* output gathered before it is handed out */
#define FRAME_BYTES 16384     /* the library's buffer for the frame that it writes is at least so large, no other is */
#define OUT_KEEP_BYTES 16384  /* of an empty output; what a peak took is given back */

static void set_defaults(struct h2_settings *v)
{
	v->max_streams = v->max_streams ? v->max_streams : 100;
	v->stream_window_bytes = v->stream_window_bytes ? v->stream_window_bytes : 256 << 10;
	v->session_window_bytes = v->session_window_bytes ? v->session_window_bytes : 1 << 20;
	v->max_header_bytes = v->max_header_bytes ? v->max_header_bytes : 60 << 10;
	v->max_headers = v->max_headers ? v->max_headers : 200;
	v->max_glitches = v->max_glitches ? v->max_glitches : 2000;
	v->send_buffer_bytes = v->send_buffer_bytes ? v->send_buffer_bytes : 64 << 10;
}

static void submit_settings(struct h2_session *s)
{
	nghttp2_settings_entry v[6];
	size_t n = 0;

	v[n++] = (nghttp2_settings_entry){NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, s->settings.max_streams};
	v[n++] = (nghttp2_settings_entry){NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, s->settings.stream_window_bytes};
	v[n++] = (nghttp2_settings_entry){NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE, s->settings.max_header_bytes};
	if (!s->server)
		v[n++] = (nghttp2_settings_entry){NGHTTP2_SETTINGS_ENABLE_PUSH, 0};
	else if (s->settings.connect_protocol)
		v[n++] = (nghttp2_settings_entry){NGHTTP2_SETTINGS_ENABLE_CONNECT_PROTOCOL, 1};
	nghttp2_submit_settings(s->ng, NGHTTP2_FLAG_NONE, v, n);
	nghttp2_session_set_local_window_size(s->ng, NGHTTP2_FLAG_NONE, 0, (int32_t)s->settings.session_window_bytes);
}

/*
 * The library has a buffer for the frame that it writes, of 16 KB. Between two calls there is nothing in it: what it
 * gives is copied before it is called again, and bodies go by it. So one will do for all; a header block that is longer
 * goes on in buffers of the session's own.
 */
static void *common_frame(struct h2_session *s, size_t size)
{
	struct h2_common *c = s->settings.common;

	if (!c->frame) {
		c->frame = mem_alloc(size);
		c->frame_bytes = size;
	}
	s->has_frame = size <= c->frame_bytes;
	return s->has_frame ? c->frame : mem_realloc(NULL, size);
}

static void *ng_malloc(size_t size, void *arg)
{
	struct h2_session *s = arg;

	return s->settings.common && size >= FRAME_BYTES && !s->has_frame ? common_frame(s, size)
									  : spares_get(s->settings.spares, size);
}

static void ng_free(void *p, void *arg)
{
	struct h2_session *s = arg;

	if (s->has_frame && p == s->settings.common->frame)
		s->has_frame = false;
	else
		spares_put(s->settings.spares, p);
}

static void *ng_calloc(size_t n, size_t size, void *arg)
{
	/* The library's own arrays: small. */
	return spares_get_zeroed(((struct h2_session *)arg)->settings.spares, n * size);
}

static void *ng_realloc(void *p, size_t size, void *arg)
{
	assert(!p || !((struct h2_session *)arg)->has_frame || p != ((struct h2_session *)arg)->settings.common->frame);
	return p ? realloc(p, size) : ng_malloc(size, arg);
}

static int session_new(struct h2_session *s, nghttp2_session_callbacks *cb, nghttp2_option *opt)
{
	nghttp2_mem mem = {s, ng_malloc, ng_free, ng_calloc, ng_realloc};

	return s->server ? nghttp2_session_server_new3(&s->ng, cb, s, opt, &mem)
			 : nghttp2_session_client_new3(&s->ng, cb, s, opt, &mem);
}

struct h2_session *h2_new(bool server, const struct h2_settings *settings, const struct h2_ops *ops, void *user)
{
	struct h2_session *s = NEW(struct h2_session);
	nghttp2_session_callbacks *cb = NULL;
	nghttp2_option *opt = NULL;
	int r;

	s->server = server;
	s->ops = ops;
	s->user = user;
	s->settings = settings ? *settings : (struct h2_settings){0};
	set_defaults(&s->settings);
	list_init(&s->streams);
	list_init(&s->roomy);
	if (nghttp2_session_callbacks_new(&cb) || nghttp2_option_new(&opt))
		abort();
	h2_callbacks_set(cb);
	nghttp2_option_set_no_auto_window_update(opt, 1);
	nghttp2_option_set_no_closed_streams(opt, 1);
	r = session_new(s, cb, opt);
	nghttp2_session_callbacks_del(cb);
	nghttp2_option_del(opt);
	if (r)
		abort();
	submit_settings(s);
	return s;
}

void h2_free(struct h2_session *s)
{
	if (!s)
		return;
	while (!list_empty(&s->streams)) {
		struct h2_stream *st = LIST_FIRST(&s->streams, struct h2_stream, link);

		nghttp2_session_set_stream_user_data(s->ng, st->id, NULL);
		h2_stream_closed(st, H2_CANCEL);
	}
	nghttp2_session_del(s->ng);
	buf_done(&s->block);
	buf_done(&s->out);
	vec_done(&s->fields);
	vec_done(&s->headers);
	free(s);
}

struct h2_stream *h2_stream_new(struct h2_session *s, int32_t id, void *user)
{
	struct h2_stream *st = spares_get_zeroed(s->settings.spares, sizeof(*st));

	st->session = s;
	st->id = id;
	st->user = user;
	list_append(&s->streams, &st->link);
	s->n_streams++;
	return st;
}

void h2_stream_closed(struct h2_stream *st, uint32_t error)
{
	struct h2_session *s = st->session;

	if (st->known && s->ops->on_close)
		s->ops->on_close(s->user, st, error);
	/* what the user did not give back must not stay out of the connection's window */
	if (st->unconsumed)
		nghttp2_session_consume_connection(s->ng, st->unconsumed);
	list_remove(&st->link);
	list_remove(&st->room_link);
	s->n_streams--;
	h2_body_done(st);
	buf_done(&st->trailers);
	spares_put(s->settings.spares, st->head);
	spares_put(s->settings.spares, st);
}

int h2_recv(struct h2_session *s, struct slice bytes, struct err *e)
{
	ssize_t r = h2_watch(s, bytes);

	if (r < 0)
		return err_set(e, -EPROTO, "HTTP/2: %s", nghttp2_strerror((int)r));
	return 0;
}

static void tell_room(struct h2_session *s)
{
	while (!list_empty(&s->roomy)) {
		struct h2_stream *st = LIST_FIRST(&s->roomy, struct h2_stream, room_link);

		list_remove(&st->room_link);
		st->full = false;
		if (s->ops->on_room && !st->reset && !st->end)
			s->ops->on_room(s->user, st);
	}
}

/* True when something was added. */
static bool gather(struct h2_session *s)
{
	size_t before = s->out.len;
	const uint8_t *bytes;

	while (s->out.len - s->out_off < OUT_BATCH_BYTES && nghttp2_session_want_write(s->ng)) {
		size_t len = s->out.len;
		ssize_t n = nghttp2_session_mem_send(s->ng, &bytes);

		if (n < 0) { /* only memory shortage ends here */
			s->cut_off = true;
			break;
		}
		if (n > 0)
			buf_append(&s->out, bytes, (size_t)n);
		else if (s->out.len == len)
			break;
	}
	return s->out.len > before;
}

static void borrow_out(struct h2_session *s)
{
	s->out = s->settings.common->out;
	s->settings.common->out = (struct buf)BUF_INIT;
}

/* Another session may have found none, and brought its own. */
static void return_out(struct h2_session *s)
{
	struct buf *common = &s->settings.common->out;

	if (common->cap)
		buf_done(&s->out);
	else
		*common = s->out;
	buf_clear(common);
	s->out = (struct buf)BUF_INIT;
	s->out_off = 0;
}

/* Room for output, as much as was needed before. */
static void begin_out(struct h2_session *s)
{
	if (s->settings.common)
		borrow_out(s);
	else if (s->out_most > OUT_KEEP_BYTES)
		buf_reserve(&s->out, s->out_most);
}

/* Nothing waits in it. */
static void end_out(struct h2_session *s)
{
	buf_clear(&s->out);
	s->out_off = 0;
	if (s->settings.common)
		return_out(s);
	else if (s->out.cap > OUT_KEEP_BYTES)
		buf_done(&s->out);
}

bool h2_wants_output(const struct h2_session *s)
{
	return s->out_off < s->out.len || !list_empty(&s->roomy) || nghttp2_session_want_write(s->ng);
}

struct slice h2_output(struct h2_session *s)
{
	if (s->out_off == s->out.len) {
		buf_clear(&s->out);
		s->out_off = 0;
	}
	if (!s->out.cap && nghttp2_session_want_write(s->ng))
		begin_out(s);
	do {
		tell_room(s);
	} while (s->out.len - s->out_off < OUT_BATCH_BYTES && gather(s));
	s->out_most = MAX(s->out_most, s->out.len);
	if (!s->out.len && s->out.cap)
		end_out(s);
	return slice_make(s->out.ptr + s->out_off, s->out.len - s->out_off);
}

void h2_output_done(struct h2_session *s, size_t n)
{
	assert(n <= s->out.len - s->out_off);
	s->out_off += n;
	if (s->settings.common && s->out_off == s->out.len && s->out.cap)
		return_out(s);
}

void h2_common_done(struct h2_common *c)
{
	buf_done(&c->out);
	free(take(c->frame));
}

bool h2_finished(const struct h2_session *s)
{
	return s->out_off == s->out.len && !nghttp2_session_want_read(s->ng) && !nghttp2_session_want_write(s->ng);
}

size_t h2_streams(const struct h2_session *s)
{
	return s->n_streams;
}

bool h2_can_request(const struct h2_session *s)
{
	return nghttp2_session_check_request_allowed(s->ng) &&
	       s->n_streams < nghttp2_session_get_remote_settings(s->ng, NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS);
}

/* Trailers wait packed as pairs of length and bytes. */
static void pack(struct buf *out, struct slice s)
{
	buf_append(out, &s.len, sizeof(s.len));
	buf_append_slice(out, s);
}

static struct slice unpack(const struct buf *b, size_t *at)
{
	size_t len;
	struct slice s;

	assert(*at + sizeof(len) <= b->len);
	memcpy(&len, b->ptr + *at, sizeof(len));
	s = slice_make(b->ptr + *at + sizeof(len), len);
	*at += sizeof(len) + len;
	return s;
}

static void submit_trailers(struct h2_stream *st)
{
	struct h2_header v[H2_SEND_HEADERS_MAX];
	nghttp2_nv nv[H2_SEND_HEADERS_MAX];
	size_t at = 0;

	for (size_t i = 0; i < st->n_trailers; i++) {
		v[i].name = unpack(&st->trailers, &at);
		v[i].value = unpack(&st->trailers, &at);
		v[i].sensitive = false;
	}
	if (h2_nv(v, st->n_trailers, nv) == 0)
		nghttp2_submit_trailer(st->session->ng, st->id, nv, st->n_trailers);
}

/* The library asks how much there is; the bytes themselves are taken in on_send_data. */
static ssize_t read_body(nghttp2_session *ng, int32_t id, uint8_t *out, size_t max, uint32_t *flags,
			 nghttp2_data_source *source, void *arg)
{
	struct h2_stream *st = source->ptr;
	size_t waiting = h2_body_waiting(st), n = MIN(waiting, max);

	(void)ng, (void)id, (void)out, (void)arg;
	if (n == 0 && !st->end) {
		st->deferred = true;
		return NGHTTP2_ERR_DEFERRED;
	}
	*flags |= NGHTTP2_DATA_FLAG_NO_COPY;
	if (st->end && n == waiting) {
		*flags |= NGHTTP2_DATA_FLAG_EOF;
		if (st->n_trailers) {
			*flags |= NGHTTP2_DATA_FLAG_NO_END_STREAM;
			submit_trailers(st);
		}
	}
	return (ssize_t)n;
}

int h2_request(struct h2_session *s, const struct h2_header *v, size_t n, bool end, void *user, struct h2_stream **ret)
{
	nghttp2_nv nv[H2_SEND_HEADERS_MAX];
	nghttp2_data_provider body = {.read_callback = read_body};
	struct h2_stream *st;
	int32_t id;

	if (!h2_can_request(s))
		return -EAGAIN;
	if (h2_nv(v, n, nv) < 0)
		return -EINVAL;
	st = h2_stream_new(s, 0, user);
	st->known = true;
	st->end = end;
	body.source.ptr = st;
	h2_keep_head(st, nv, n);
	id = nghttp2_submit_request(s->ng, NULL, nv, n, end ? NULL : &body, st);
	if (id < 0) {
		list_remove(&st->link);
		s->n_streams--;
		spares_put(s->settings.spares, st->head);
		spares_put(s->settings.spares, st);
		return id == NGHTTP2_ERR_STREAM_ID_NOT_AVAILABLE ? -EAGAIN : -EINVAL;
	}
	st->id = id;
	*ret = st;
	return 0;
}

int h2_respond(struct h2_stream *st, enum h2_headers kind, const struct h2_header *v, size_t n, bool end)
{
	nghttp2_nv nv[H2_SEND_HEADERS_MAX];
	nghttp2_data_provider body = {.source.ptr = st, .read_callback = read_body};
	nghttp2_session *ng = st->session->ng;

	if (!st->session->server || st->responded || h2_nv(v, n, nv) < 0)
		return -EINVAL;
	if (kind == H2_INFORMATIONAL)
		return nghttp2_submit_headers(ng, NGHTTP2_FLAG_NONE, st->id, NULL, nv, n, NULL) ? -EINVAL : 0;
	st->responded = true;
	st->end = end;
	h2_keep_head(st, nv, n);
	return nghttp2_submit_response(ng, st->id, nv, n, end ? NULL : &body) ? -EINVAL : 0;
}

static void resume(struct h2_stream *st)
{
	if (!st->deferred)
		return;
	st->deferred = false;
	nghttp2_session_resume_data(st->session->ng, st->id);
}

void h2_write(struct h2_stream *st, struct slice bytes, bool end)
{
	if (st->reset || st->end)
		return;
	h2_body_add(st, bytes);
	st->end = end;
	st->full = h2_room(st) == 0;
	if (bytes.len || end)
		resume(st);
}

void h2_write_shared(struct h2_stream *st, struct shared_bytes *bytes)
{
	if (st->reset || st->end)
		return;
	h2_body_add_shared(st, bytes);
	st->full = h2_room(st) == 0;
	resume(st);
}

void h2_trailers(struct h2_stream *st, const struct h2_header *v, size_t n)
{
	if (st->reset || st->end)
		return;
	for (size_t i = 0; i < n && i < H2_SEND_HEADERS_MAX; i++) {
		pack(&st->trailers, v[i].name);
		pack(&st->trailers, v[i].value);
		st->n_trailers++;
	}
	st->end = true;
	resume(st);
}

size_t h2_waiting(const struct h2_stream *st)
{
	return h2_body_waiting(st);
}

bool h2_reset_by_peer(const struct h2_stream *st)
{
	return st->peer_reset;
}

size_t h2_room(const struct h2_stream *st)
{
	size_t waiting = h2_body_waiting(st), max = st->session->settings.send_buffer_bytes;

	return waiting < max ? max - waiting : 0;
}

void h2_consume(struct h2_stream *st, size_t n)
{
	n = MIN(n, st->unconsumed);
	st->unconsumed -= n;
	if (n)
		nghttp2_session_consume(st->session->ng, st->id, n);
}

void h2_reset(struct h2_stream *st, uint32_t error)
{
	if (st->reset)
		return;
	st->reset = true;
	list_remove(&st->room_link);
	nghttp2_submit_rst_stream(st->session->ng, NGHTTP2_FLAG_NONE, st->id, error);
}

void h2_shutdown(struct h2_session *s)
{
	if (!s->server) {
		nghttp2_submit_goaway(s->ng, NGHTTP2_FLAG_NONE, 0, NGHTTP2_NO_ERROR, NULL, 0);
		return;
	}
	if (s->draining)
		return;
	/* RFC 9113 6.8: first announce, then name the last stream after a round trip */
	s->draining = true;
	nghttp2_submit_shutdown_notice(s->ng);
	nghttp2_submit_ping(s->ng, NGHTTP2_FLAG_NONE, (const uint8_t *)H2_PING_DRAIN);
}

void h2_terminate(struct h2_session *s, uint32_t error)
{
	nghttp2_session_terminate_session(s->ng, error);
}

void h2_ping(struct h2_session *s)
{
	nghttp2_submit_ping(s->ng, NGHTTP2_FLAG_NONE, (const uint8_t *)H2_PING_USER);
}

uint32_t h2_id(const struct h2_stream *st)
{
	return (uint32_t)st->id;
}

void *h2_user(const struct h2_stream *st)
{
	return st->user;
}

void h2_set_user(struct h2_stream *st, void *user)
{
	st->user = user;
}

struct h2_session *h2_session_of(const struct h2_stream *st)
{
	return st->session;
}

bool h2_peer_connect_protocol(const struct h2_session *s)
{
	return nghttp2_session_get_remote_settings(s->ng, NGHTTP2_SETTINGS_ENABLE_CONNECT_PROTOCOL) == 1;
}

const char *h2_error_str(uint32_t error)
{
	return nghttp2_http2_strerror(error);
}
