/* The upstream's side of a try: its answer, its end, and what both mean for the exchange. */
#include "proxy/core/grpc.h"
#include "proxy/stream/stream_internal.h"

static void report_status(struct stream *s)
{
	unsigned class = s->resp.status / 100;

	endpoint_report(s->endpoint, outlier_result_of_status(s->resp.status));
	if (class < 6)
		s->cluster->counters.rq_xx[class]++;
	if (class == 5)
		s->endpoint->counters.rq_error++;
	else
		s->endpoint->counters.rq_success++;
}

/* 101 must name what it switches to (RFC 9110 7.8), and only to what was asked for. */
static bool fits_upgrade(const struct stream *s)
{
	struct slice asked = http_get_id(&s->req, HTTP_NAME_UPGRADE), given = http_get_id(&s->resp, HTTP_NAME_UPGRADE);

	return s->resp.status != 101 || slice_eq_nocase(asked, given);
}

static void refuse_answer(struct stream *s)
{
	endpoint_report(s->endpoint, OUTLIER_GATEWAY);
	http_leg_reset(&s->up);
	stream_try_failed(s, OUTCOME_UPSTREAM_PROTOCOL);
}

/* The fields that concern the hop alone, and those that would lie about a body. */
static void clean_response(struct stream *s, struct http_head *h)
{
	struct slice protocol = http_get_id(h, HTTP_NAME_UPGRADE);

	http_remove_hop_fields(h);
	if (h->framing == HTTP_BODY_TUNNEL || h->status == 204)
		http_remove_id(h, HTTP_NAME_CONTENT_LENGTH);
	if (h->status != 101)
		return;
	http_add(h, SLICE("connection"), SLICE("upgrade"));
	http_add(h, SLICE("upgrade"), protocol);
	s->request_ended = false;
}

/*
 * Interim responses are passed on (RFC 9110 15.2), but one that was asked for here: 100 is answered by ourselves,
 * unless the configuration leaves that to the upstream.
 */
static void on_interim(struct http_leg *leg)
{
	struct stream *s = CONTAINER_OF(leg, struct stream, up);
	struct http_head *h = &s->resp;

	s->active_ns = loop_now_ns(s->worker->loop);
	if (!s->down.conn || s->req.version == HTTP_10 || (h->status == 100 && !s->hcm->proxy_100_continue))
		return;
	http_remove_hop_fields(h);
	http_remove_id(h, HTTP_NAME_CONTENT_LENGTH);
	(void)!http_leg_head(&s->down, h, false);
}

static void on_headers(struct http_leg *leg, bool end)
{
	struct stream *s = CONTAINER_OF(leg, struct stream, up);
	struct http_head *h = &s->resp;

	if (!fits_upgrade(s)) {
		refuse_answer(s);
		return;
	}
	s->up_head_ns = s->active_ns = loop_now_ns(s->worker->loop);
	s->response_head_bytes = h->bytes;
	report_status(s);
	if (stream_retry(s, OUTCOME_OK, h->status)) {
		http_leg_reset(leg);
		stream_leave_endpoint(s); /* the timer of the try is that of the back-off now */
		if (!s->holding)
			http_leg_resume(&s->down);
		return;
	}
	timer_stop(&s->try_timeout);
	if (s->grpc)
		s->grpc_status = (int8_t)grpc_status_parse(http_get_id(h, HTTP_NAME_GRPC_STATUS));
	stream_filters_answer(s, h);
	clean_response(s, h);
	stream_cookies_response(s, h);
	s->response_ended = end;
	if (end)
		timer_stop(&s->timeout);
	stream_respond(s, h, end, false);
}

static enum http_flow on_data(struct http_leg *leg, struct slice data, bool end)
{
	struct stream *s = CONTAINER_OF(leg, struct stream, up);

	s->response_bytes += data.len;
	if (s->tally)
		grpc_frames_take(&s->tally->response, data);
	s->active_ns = loop_now_ns(s->worker->loop);
	s->response_ended |= end;
	if (end)
		timer_stop(&s->timeout);
	if (end && s->state == STREAM_TUNNELLING)
		stream_half_closed(s);
	return http_leg_data(&s->down, data, end);
}

static void on_trailers(struct http_leg *leg, const struct http_trailers *t)
{
	struct stream *s = CONTAINER_OF(leg, struct stream, up);

	s->active_ns = loop_now_ns(s->worker->loop);
	s->response_ended = true;
	timer_stop(&s->timeout);
	for (size_t i = 0; s->grpc && i < t->n; i++)
		if (slice_eq_nocase(t->v[i].name, SLICE("grpc-status")))
			s->grpc_status = (int8_t)grpc_status_parse(t->v[i].value);
	stream_keep_trailers(s, t);
	http_leg_trailers(&s->down, t);
}

static void on_room(struct http_leg *leg)
{
	struct stream *s = CONTAINER_OF(leg, struct stream, up);

	s->active_ns = loop_now_ns(s->worker->loop);
	if (s->holding || s->trailers_due)
		stream_push_held(s);
	else
		http_leg_resume(&s->down);
}

static void on_pause(struct http_leg *leg)
{
	http_leg_flush(&CONTAINER_OF(leg, struct stream, up)->down);
}

static void on_bad(struct http_leg *leg, int err)
{
	(void)leg;
	(void)err;
}

/* A kept connection that the endpoint closed just then: the request was not looked at, so it goes once more. */
static bool was_stale(const struct stream *s, const struct up *up)
{
	bool safe = s->req.method_id == HTTP_GET || s->req.method_id == HTTP_HEAD || s->req.method_id == HTTP_OPTIONS;

	return up && up->http.requests > 1 && safe && !stream_has_body(s) && s->tries <= 3;
}

static void on_reset(struct http_leg *leg, enum http_reset why)
{
	static const enum outcome before[] = {
		[HTTP_RESET_PEER] = OUTCOME_UPSTREAM_CLOSED,
		[HTTP_RESET_PROTOCOL] = OUTCOME_UPSTREAM_PROTOCOL,
		[HTTP_RESET_REMOTE] = OUTCOME_UPSTREAM_RESET,
		[HTTP_RESET_REFUSED] = OUTCOME_UPSTREAM_REFUSED,
	};
	struct stream *s = CONTAINER_OF(leg, struct stream, up);
	enum outcome o = before[why];
	bool stale = why == HTTP_RESET_PEER && was_stale(s, s->upc);

	s->cluster->counters.rq_rx_reset++;
	if (!stale && !stream_answered(s))
		endpoint_report(s->endpoint, OUTLIER_GATEWAY);
	if (!s->down.conn) {
		stream_close_account(s);
		stream_end(s);
		return;
	}
	if (stream_answered(s)) {
		stream_close_account(s);
		if (s->outcome == OUTCOME_OK) {
			s->outcome =
				why == HTTP_RESET_REMOTE ? OUTCOME_UPSTREAM_RESET_LATE : OUTCOME_UPSTREAM_CLOSED_LATE;
			s->flags |= outcome_row(s->outcome)->flags;
		}
		stream_cut(s);
		return;
	}
	if (!s->holding)
		http_leg_resume(&s->down);
	if (stale) {
		stream_close_account(s);
		stream_begin_try(s);
		return;
	}
	stream_try_failed(s, o);
}

static void on_done(struct http_leg *leg, bool reusable)
{
	struct stream *s = CONTAINER_OF(leg, struct stream, up);
	struct up *up = s->upc;

	stream_close_account(s);
	stream_close_request(s);
	if (up)
		pool_release(up, reusable);
	if (!s->down.conn)
		stream_end(s);
	else if (!s->request_ended || !reusable)
		http_leg_resume(&s->down);
}

const struct http_leg_ops stream_up_ops = {
	.on_interim = on_interim,
	.on_headers = on_headers,
	.on_data = on_data,
	.on_trailers = on_trailers,
	.on_room = on_room,
	.on_pause = on_pause,
	.on_bad = on_bad,
	.on_reset = on_reset,
	.on_done = on_done,
};
