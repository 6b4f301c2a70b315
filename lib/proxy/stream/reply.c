/* Responses: those made here, and the changes that every response gets. */
#include <stdio.h>

#include "grpc/message.h"
#include "proxy/stream/reason.h"
#include "proxy/stream/stream_internal.h"

static bool draining(const struct stream *s)
{
	const struct worker *w = s->worker;

	return s->conn->closing || w->draining_all || (w->draining_inbound && s->conn->inbound);
}

/* The connection has served long enough. */
static bool too_old(const struct stream *s)
{
	uint32_t limit = s->hcm->max_requests_per_connection;

	if (s->hcm->max_connection_duration_ns &&
	    loop_now_ns(s->worker->loop) - s->conn->opened_ns >= s->hcm->max_connection_duration_ns)
		return true;
	return limit && s->conn->http.requests >= limit;
}

static void set_server(struct stream *s, struct http_head *h, bool local)
{
	const struct config_hcm *hcm = s->hcm;
	bool present = h->known & (1u << HTTP_NAME_SERVER);

	if (!local && hcm->server_pass_through)
		return;
	if (present && hcm->server_append_if_absent)
		return;
	if (present)
		http_remove_id(h, HTTP_NAME_SERVER);
	if (hcm->server_name.len)
		http_add(h, SLICE("server"), hcm->server_name);
}

static void answer(struct stream *s, const struct reply *r);

/* "upstream connect error ... reset reason: overflow", with what the transport said. */
static struct slice body_of(struct stream *s, const struct outcome_row *row)
{
	const char *retried = s->n_retries ? ". retried and the latest reset reason: " : ". reset reason: ";

	if (!row->body || !row->reason)
		return slice_str(row->body);
	if (s->failure[0] && (row->flags & FLAG_UF))
		return stream_printf(s, "%s%s%s, transport failure reason: %s", row->body, retried, row->reason,
				     s->failure);
	return stream_printf(s, "%s%s%s", row->body, retried, row->reason);
}

void stream_respond(struct stream *s, struct http_head *h, bool end, bool local)
{
	if (!s->down.conn)
		return;
	s->status = h->status; /* what is added may name it */
	if (!local && !stream_is_inside(s))
		http_remove(h, SLICE(REASON_FIELD));
	if (!local && stream_tells(s))
		http_set(h, SLICE("x-envoy-upstream-service-time"),
			 stream_number(s, (s->up_head_ns - s->up_start_ns) / NS_PER_MS));
	stream_headers_response(s, h);
	stream_filters_response(s, h);
	set_server(s, h, local);
	if (!(h->known & (1u << HTTP_NAME_DATE)))
		http_add(h, SLICE("date"), stream_copy(s, worker_date(s->worker)));
	if (s->hcm->request_id_in_response && s->request_id.len)
		http_set(h, SLICE("x-request-id"), s->request_id);
	if (h->status >= 200 && (draining(s) || too_old(s)))
		http_conn_drain(&s->conn->http);
	stream_keep_head(s, h);
	stream_become(s, h->framing == HTTP_BODY_TUNNEL && !end ? STREAM_TUNNELLING : STREAM_ANSWERING);
	if (http_leg_head(&s->down, h, end))
		return;
	if (!local) {
		answer(s, &(struct reply){.outcome = OUTCOME_RESPONSE_HEAD,
					  .body = body_of(s, outcome_row(OUTCOME_RESPONSE_HEAD))});
		return;
	}
	/* Not even our own: what is added to every response does not fit any. */
	s->outcome = OUTCOME_RESPONSE_HEAD;
	s->flags |= FLAG_UPE;
	stream_cut(s);
}

/* Redirects and preflights are HTTP to everybody. */
static bool answers_grpc(const struct stream *s, const struct reply *r)
{
	return s->grpc && r->outcome != OUTCOME_REDIRECT && r->outcome != OUTCOME_PREFLIGHT;
}

/* A head that is all there is: status and message stand where trailers would (gRPC: Trailers-Only). */
static void make_grpc(struct stream *s, struct http_head *h, const struct reply *r)
{
	CLEANUP(buf_done) struct buf text = BUF_INIT, message = BUF_INIT;
	int status = r->has_grpc ? r->grpc_status : grpc_status_from_http(h->status);

	s->grpc_status = (int8_t)status;
	h->status = 200;
	h->reason = slice_str(http_reason(200));
	http_add(h, SLICE("content-type"), SLICE("application/grpc"));
	http_add(h, SLICE("grpc-status"), stream_number(s, status));
	buf_append_slice(&text, r->body);
	grpc_text_encode(buf_str(&text), &message);
	if (message.len)
		http_add(h, SLICE("grpc-message"), stream_copy(s, buf_slice(&message)));
}

static void make_plain(struct stream *s, struct http_head *h, const struct reply *r)
{
	if (r->body.len) {
		http_add(h, SLICE("content-length"), stream_number(s, (int64_t)r->body.len));
		http_add(h, SLICE("content-type"), slice_str(r->content_type ? r->content_type : "text/plain"));
	} else if (h->status >= 200 && h->status != 204) {
		http_add(h, SLICE("content-length"), SLICE("0"));
	}
}

static void add_fields(struct stream *s, struct http_head *h, const struct reply *r)
{
	for (size_t i = 0; i < r->n_fields; i++) {
		const struct slice name = stream_copy(s, r->fields[i].name), value = stream_copy(s, r->fields[i].value);

		if (r->fields[i].append)
			http_add(h, name, value);
		else
			http_set(h, name, value);
	}
}

/* Why, for those inside. */
static void explain(struct stream *s, struct http_head *h)
{
	struct slice reason;

	if (!stream_is_inside(s))
		return;
	s->status = h->status;
	reason = stream_reason(s);
	if (reason.len)
		http_set(h, SLICE(REASON_FIELD), reason);
}

static void answer(struct stream *s, const struct reply *r)
{
	const struct outcome_row *row = outcome_row(r->outcome);
	struct http_head *h = &s->resp;
	struct slice body = r->body;
	bool end;

	stream_router_drop(s);
	s->outcome = r->outcome;
	s->flags |= row->flags;
	http_clear(h);
	h->version = HTTP_11;
	h->status = r->status ? r->status : row->status;
	h->reason = slice_str(http_reason(h->status));
	h->framing = HTTP_BODY_LENGTH;
	if (answers_grpc(s, r)) {
		make_grpc(s, h, r);
		body.len = 0;
	} else {
		make_plain(s, h, r);
	}
	if (r->location.len)
		http_add(h, SLICE("location"), r->location);
	add_fields(s, h, r);
	explain(s, h);
	if (r->outcome == OUTCOME_OVERFLOW && stream_tells(s))
		http_add(h, SLICE("x-envoy-overloaded"), SLICE("true"));
	end = s->head_request || !body.len;
	s->response_bytes = end ? 0 : body.len;
	/* A chunk that waited for an upstream has no use any more; so do the ones that may come. */
	s->holding = false;
	s->response_ended = end;
	http_leg_resume(&s->down);
	stream_respond(s, h, end, true);
	if (end || s->state == STREAM_ENDED)
		return;
	s->response_ended = true;
	body = stream_copy(s, body);
	(void)http_leg_data(&s->down, body, true);
}

void stream_reply_with(struct stream *s, const struct reply *r)
{
	if (!stream_answered(s) && s->down.conn)
		answer(s, r);
}

void stream_reply(struct stream *s, enum outcome o)
{
	stream_reply_with(s, &(struct reply){.outcome = o, .body = body_of(s, outcome_row(o))});
}

/* ---- redirects ---- */

void stream_redirect(struct stream *s)
{
	const struct route *r = s->route;
	struct slice to = route_redirect_location(r, s->scheme, s->authority, s->path, &s->arena);

	stream_reply_with(s, &(struct reply){.outcome = OUTCOME_REDIRECT, .status = r->redirect->code, .location = to});
}

void stream_redirect_to_https(struct stream *s)
{
	struct slice a = s->authority;
	struct slice to;
	ptrdiff_t colon = slice_rfind(a, ':');
	char *p;

	if (colon > 0 && a.ptr[a.len - 1] != ']')
		a.len = (size_t)colon;
	p = stream_alloc(s, a.len + s->path.len + 8);
	memcpy(p, "https://", 8);
	memcpy(p + 8, a.ptr, a.len);
	memcpy(p + 8 + a.len, s->path.ptr, s->path.len);
	to = slice_make(p, 8 + a.len + s->path.len);
	stream_reply_with(s, &(struct reply){.outcome = OUTCOME_REDIRECT, .status = 301, .location = to});
}
