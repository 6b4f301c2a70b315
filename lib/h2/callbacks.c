/* From the library's callbacks to the user's: headers are gathered, bytes counted, streams opened and closed. */
#include <string.h>

#include "base/mem.h"
#include "h2/h2_internal.h"

static struct h2_stream *find(nghttp2_session *ng, int32_t id)
{
	return nghttp2_session_get_stream_user_data(ng, id);
}

void h2_glitch(struct h2_session *s)
{
	if (++s->glitches <= s->settings.max_glitches || s->cut_off)
		return;
	s->cut_off = true;
	nghttp2_session_terminate_session(s->ng, NGHTTP2_ENHANCE_YOUR_CALM);
}

static void useful(struct h2_session *s)
{
	if (s->glitches)
		s->glitches--;
}

static int on_begin_headers(nghttp2_session *ng, const nghttp2_frame *frame, void *arg)
{
	struct h2_session *s = arg;

	buf_clear(&s->block);
	s->fields.n = 0;
	s->too_big = false;
	if (frame->hd.type == NGHTTP2_HEADERS && frame->headers.cat == NGHTTP2_HCAT_REQUEST) {
		s->highest = MAX(s->highest, frame->hd.stream_id);
		nghttp2_session_set_stream_user_data(ng, frame->hd.stream_id,
						     h2_stream_new(s, frame->hd.stream_id, NULL));
	}
	return 0;
}

static int on_header(nghttp2_session *ng, const nghttp2_frame *frame, const uint8_t *name, size_t name_len,
		     const uint8_t *value, size_t value_len, uint8_t flags, void *arg)
{
	struct h2_session *s = arg;
	struct h2_field *f;
	char *at;

	(void)ng, (void)frame;
	if (s->too_big || s->fields.n >= s->settings.max_headers ||
	    s->block.len + name_len + value_len + 32 * (s->fields.n + 1) > s->settings.max_header_bytes) {
		s->too_big = true;
		return 0;
	}
	f = vec_add(&s->fields);
	*f = (struct h2_field){.name = s->block.len,
			       .name_len = name_len,
			       .value = s->block.len + name_len,
			       .value_len = value_len,
			       .sensitive = flags & NGHTTP2_NV_FLAG_NO_INDEX};
	at = mempcpy(buf_reserve(&s->block, name_len + value_len), name, name_len);
	memcpy(at, value, value_len);
	s->block.len += name_len + value_len;
	return 0;
}

/* Offsets become slices once the block is complete. */
static void resolve(struct h2_session *s)
{
	s->headers.n = 0;
	for (size_t i = 0; i < s->fields.n; i++) {
		const struct h2_field *f = &s->fields.v[i];

		vec_push(&s->headers, (struct h2_header){.name = {s->block.ptr + f->name, f->name_len},
							 .value = {s->block.ptr + f->value, f->value_len},
							 .sensitive = f->sensitive});
	}
}

static bool informational(const struct h2_session *s)
{
	return s->headers.n && slice_eq_str(s->headers.v[0].name, ":status") && s->headers.v[0].value.len == 3 &&
	       s->headers.v[0].value.ptr[0] == '1';
}

static enum h2_headers kind_of(struct h2_session *s, struct h2_stream *st, int category)
{
	if (category == NGHTTP2_HCAT_REQUEST)
		return H2_REQUEST;
	if (s->server || st->final_seen)
		return H2_TRAILERS;
	if (informational(s))
		return H2_INFORMATIONAL;
	st->final_seen = true;
	return H2_RESPONSE;
}

/* Of many sessions none keeps what it needed until the next header block, which is long in coming. */
static void block_done(struct h2_session *s)
{
	if (!s->settings.common)
		return;
	buf_done(&s->block);
	vec_done(&s->fields);
	vec_done(&s->headers);
}

static void headers_done(struct h2_session *s, struct h2_stream *st, const nghttp2_frame *frame)
{
	bool end = frame->hd.flags & NGHTTP2_FLAG_END_STREAM;
	enum h2_headers kind;

	if (s->too_big) {
		h2_glitch(s);
		h2_reset(st, H2_ENHANCE_YOUR_CALM);
		return;
	}
	resolve(s);
	kind = kind_of(s, st, frame->headers.cat);
	st->remote_end |= end;
	st->known = true;
	if (s->ops->on_headers)
		s->ops->on_headers(s->user, st, kind, s->headers.v, s->headers.n, end);
	if (end && s->ops->on_end)
		s->ops->on_end(s->user, st);
}

static void ping_done(struct h2_session *s, const nghttp2_frame *frame)
{
	if (!(frame->hd.flags & NGHTTP2_FLAG_ACK)) {
		h2_glitch(s);
		return;
	}
	if (s->draining && memcmp(frame->ping.opaque_data, H2_PING_DRAIN, 8) == 0) {
		s->draining = false;
		nghttp2_submit_goaway(s->ng, NGHTTP2_FLAG_NONE, nghttp2_session_get_last_proc_stream_id(s->ng),
				      NGHTTP2_NO_ERROR, NULL, 0);
	} else if (s->ops->on_pong) {
		s->ops->on_pong(s->user);
	}
}

static void data_done(struct h2_session *s, struct h2_stream *st, const nghttp2_frame *frame)
{
	bool end = frame->hd.flags & NGHTTP2_FLAG_END_STREAM;

	if (frame->hd.length == 0 && !end)
		h2_glitch(s);
	else
		useful(s);
	if (!end || !st)
		return;
	st->remote_end = true;
	if (s->ops->on_end)
		s->ops->on_end(s->user, st);
}

static int on_frame_recv(nghttp2_session *ng, const nghttp2_frame *frame, void *arg)
{
	struct h2_session *s = arg;
	struct h2_stream *st = frame->hd.stream_id ? find(ng, frame->hd.stream_id) : NULL;

	switch (frame->hd.type) {
	case NGHTTP2_HEADERS:
		if (st && !st->reset)
			headers_done(s, st, frame);
		block_done(s);
		break;
	case NGHTTP2_DATA:
		data_done(s, st && !st->reset ? st : NULL, frame);
		break;
	case NGHTTP2_PING:
		ping_done(s, frame);
		break;
	case NGHTTP2_SETTINGS:
		if (frame->hd.flags & NGHTTP2_FLAG_ACK)
			break;
		h2_glitch(s);
		if (s->ops->on_settings)
			s->ops->on_settings(s->user);
		break;
	case NGHTTP2_GOAWAY:
		if (s->ops->on_goaway)
			s->ops->on_goaway(s->user, (uint32_t)frame->goaway.last_stream_id, frame->goaway.error_code);
		break;
	case NGHTTP2_RST_STREAM:
		if (st)
			st->peer_reset = true;
		/* fall through */
	case NGHTTP2_PRIORITY:
		h2_glitch(s);
		break;
	default:
		break;
	}
	return 0;
}

static int on_invalid_frame_recv(nghttp2_session *ng, const nghttp2_frame *frame, int lib_error, void *arg)
{
	(void)ng, (void)lib_error;
	if (frame->hd.type == NGHTTP2_HEADERS)
		block_done(arg);
	return 0;
}

static int on_data_chunk(nghttp2_session *ng, uint8_t flags, int32_t id, const uint8_t *bytes, size_t n, void *arg)
{
	struct h2_session *s = arg;
	struct h2_stream *st = find(ng, id);

	(void)flags;
	if (!st || st->reset || !s->ops->on_data) {
		nghttp2_session_consume(ng, id, n);
		return 0;
	}
	st->unconsumed += n;
	s->ops->on_data(s->user, st, slice_make(bytes, n));
	return 0;
}

static int on_stream_close(nghttp2_session *ng, int32_t id, uint32_t error, void *arg)
{
	struct h2_session *s = arg;
	struct h2_stream *st = find(ng, id);

	if (error == NGHTTP2_NO_ERROR)
		useful(s);
	if (st && (st->remote_end || st->peer_reset))
		s->ended[s->n_ended++ % H2_ENDED_KEPT] = id;
	else
		s->dropped = true;
	if (st)
		h2_stream_closed(st, error);
	return 0;
}

/* A request that never left has no stream in the library, so nobody else would say that it is over. */
static int on_frame_not_send(nghttp2_session *ng, const nghttp2_frame *frame, int lib_error, void *arg)
{
	struct h2_session *s = arg;
	struct h2_stream *st;

	(void)lib_error;
	if (frame->hd.type != NGHTTP2_HEADERS || frame->headers.cat != NGHTTP2_HCAT_REQUEST || s->server)
		return 0;
	if (find(ng, frame->hd.stream_id))
		return 0; /* on_stream_close follows */
	LIST_EACH (st, &s->streams, link) {
		if (st->id == frame->hd.stream_id) {
			h2_stream_closed(st, st->reset ? H2_CANCEL : H2_REFUSED_STREAM);
			break;
		}
	}
	return 0;
}

/*
 * A server that answered before the request was complete asks the client to stop sending (RFC 9113 8.1); otherwise the
 * stream would stay half open for as long as the client likes.
 */
static int on_frame_send(nghttp2_session *ng, const nghttp2_frame *frame, void *arg)
{
	struct h2_session *s = arg;
	struct h2_stream *st;

	if (!s->server || !(frame->hd.flags & NGHTTP2_FLAG_END_STREAM))
		return 0;
	if (frame->hd.type != NGHTTP2_HEADERS && frame->hd.type != NGHTTP2_DATA)
		return 0;
	st = find(ng, frame->hd.stream_id);
	if (st && !st->remote_end)
		h2_reset(st, H2_NO_ERROR);
	return 0;
}

static int on_send_data(nghttp2_session *ng, nghttp2_frame *frame, const uint8_t *header, size_t n,
			nghttp2_data_source *source, void *arg)
{
	struct h2_session *s = arg;
	struct h2_stream *st = source->ptr;

	(void)ng, (void)frame;
	buf_append(&s->out, header, 9);
	h2_body_take(st, n, &s->out);
	if (st->full && h2_room(st) > 0 && !list_linked(&st->room_link))
		list_append(&s->roomy, &st->room_link);
	return 0;
}

void h2_callbacks_set(nghttp2_session_callbacks *cb)
{
	nghttp2_session_callbacks_set_on_begin_headers_callback(cb, on_begin_headers);
	nghttp2_session_callbacks_set_on_header_callback(cb, on_header);
	nghttp2_session_callbacks_set_on_frame_recv_callback(cb, on_frame_recv);
	nghttp2_session_callbacks_set_on_invalid_frame_recv_callback(cb, on_invalid_frame_recv);
	nghttp2_session_callbacks_set_on_data_chunk_recv_callback(cb, on_data_chunk);
	nghttp2_session_callbacks_set_on_stream_close_callback(cb, on_stream_close);
	nghttp2_session_callbacks_set_on_frame_not_send_callback(cb, on_frame_not_send);
	nghttp2_session_callbacks_set_on_frame_send_callback(cb, on_frame_send);
	nghttp2_session_callbacks_set_send_data_callback(cb, on_send_data);
}
