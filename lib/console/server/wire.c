/*
 * libwebsockets' half. An exchange is made when a request's head is complete, handed over when its body is, and freed
 * here when its answer has left or when the answer finds that the client has gone.
 *
 *   HTTP      head -> [body] -> loop ... answer -> written -> freed
 *   WebSocket head -> established -> loop ... pushes ... closed -> loop (on_gone) -> freed there
 */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "console/server/server_internal.h"

/* libwebsockets' memory of a connection. */
struct session {
	struct exchange *x; /* NULL = between requests */
};

static struct console_server *server_of(struct lws *wsi)
{
	return lws_context_user(lws_get_context(wsi));
}

/* ---- to the loop ---- */

static void on_message(struct message *m)
{
	struct exchange *x = CONTAINER_OF(m, struct exchange, message);

	x->server->params.on_request(x->server->params.arg, x);
}

static void on_gone_message(struct message *m)
{
	struct exchange *x = CONTAINER_OF(m, struct exchange, gone);

	x->server->params.on_gone(x->server->params.arg, x);
}

static struct exchange *exchange_new(struct lws *wsi)
{
	struct console_server *s = server_of(wsi);
	struct exchange *x = NEW(struct exchange);

	x->server = s;
	x->wire = NEW(struct exchange_wire);
	x->wire->x = x;
	x->wire->wsi = wsi;
	pthread_mutex_lock(&s->live_lock);
	list_append(&s->live, &x->wire->live);
	pthread_mutex_unlock(&s->live_lock);
	for (size_t i = 0; i < s->params.n_ports; i++)
		if (s->vhosts[i] == lws_get_vhost(wsi))
			x->port = (unsigned)i;
	server_read_head(wsi, x);
	return x;
}

static int hand_over(struct session *ss, struct lws *wsi)
{
	struct exchange *x = ss->x;

	atomic_fetch_add(&x->server->requests, 1);
	lws_set_timeout(wsi, PENDING_TIMEOUT_HTTP_CONTENT, SERVER_IDLE_S);
	loop_post(x->server->loop, &x->message, on_message);
	return 0;
}

/* ---- answers ---- */

static const char *const fixed_fields[][2] = {
	{"content-security-policy:", "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
				     "connect-src 'self'; font-src 'self';"
				     " base-uri 'none'; form-action 'self'; frame-ancestors 'none'"},
	{"x-content-type-options:", "nosniff"},
	{"x-frame-options:", "DENY"},
	{"referrer-policy:", "no-referrer"},
	{"cross-origin-opener-policy:", "same-origin"},
	{"cross-origin-resource-policy:", "same-origin"},
};

static int add_field(struct lws *wsi, const char *name, const char *value, uint8_t **p, uint8_t *end)
{
	if (!value)
		return 0;
	return lws_add_http_header_by_name(wsi, (const uint8_t *)name, (const uint8_t *)value, (int)strlen(value), p,
					   end);
}

static int send_head(struct lws *wsi, struct exchange_wire *w)
{
	uint8_t *const start = server_of(wsi)->scratch + LWS_PRE, *p = start;
	uint8_t *const end = server_of(wsi)->scratch + sizeof(server_of(wsi)->scratch) - 1;
	int r = lws_add_http_common_headers(wsi, (unsigned)w->status, w->type, w->rest.len, &p, end);

	for (size_t i = 0; i < ARRAY_LEN(fixed_fields); i++)
		r |= add_field(wsi, fixed_fields[i][0], fixed_fields[i][1], &p, end);
	r |= add_field(wsi, "cache-control:", w->keep ? "no-cache" : "no-store", &p, end);
	for (size_t i = 0; i < EXCHANGE_COOKIES; i++)
		r |= add_field(wsi, "set-cookie:", w->set_cookie[i], &p, end);
	r |= add_field(wsi, "location:", w->location, &p, end);
	r |= add_field(wsi, "etag:", w->etag, &p, end);
	r |= add_field(wsi, "content-encoding:", w->gzip ? "gzip" : NULL, &p, end);
	if (r || lws_finalize_write_http_header(wsi, start, &p, end))
		return -1;
	w->head_sent = true;
	if (w->is_head)
		w->rest = slice_head(w->rest, 0);
	return 0;
}

static int finish(struct session *ss, struct lws *wsi)
{
	struct exchange *x = ss->x;

	ss->x = NULL;
	server_exchange_free(x);
	return lws_http_transaction_completed(wsi) ? -1 : 0;
}

static int on_writable(struct session *ss, struct lws *wsi)
{
	struct exchange_wire *w = ss->x ? ss->x->wire : NULL;
	uint8_t *const to = server_of(wsi)->scratch + LWS_PRE;
	size_t n;

	if (!w || !w->taken)
		return 0;
	if (!w->head_sent) {
		if (send_head(wsi, w) < 0)
			return -1;
		if (w->rest.len == 0)
			return finish(ss, wsi);
		lws_callback_on_writable(wsi);
		return 0;
	}
	n = MIN(w->rest.len, sizeof(server_of(wsi)->scratch) - LWS_PRE);
	memcpy(to, w->rest.ptr, n);
	w->rest = slice_from(w->rest, n);
	if (lws_write(wsi, to, n, w->rest.len ? LWS_WRITE_HTTP : LWS_WRITE_HTTP_FINAL) < (int)n)
		return -1;
	if (!w->rest.len)
		return finish(ss, wsi);
	lws_set_timeout(wsi, PENDING_TIMEOUT_HTTP_CONTENT, SERVER_IDLE_S);
	lws_callback_on_writable(wsi);
	return 0;
}

/* What the loop has answered, pushed or ended. */
static void on_woken(struct console_server *s)
{
	struct list ready = LIST_INIT(ready);

	pthread_mutex_lock(&s->lock);
	list_splice(&ready, &s->answered);
	while (!list_empty(&ready)) {
		struct exchange_wire *w = LIST_FIRST(&ready, struct exchange_wire, link);

		list_remove(&w->link);
		w->taken = true;
		if (w->wsi)
			lws_callback_on_writable(w->wsi);
		else if (!w->x->socket)
			server_exchange_free(w->x);
	}
	pthread_mutex_unlock(&s->lock);
}

/* Refused before the loop hears of it. */
static int refuse(struct session *ss, struct lws *wsi, int status, const char *text)
{
	struct console_server *s = server_of(wsi);
	struct exchange_wire *w = ss->x->wire;

	atomic_fetch_add(&s->refused, 1);
	w->taken = true;
	w->status = status;
	w->type = mem_strdup("application/json");
	buf_printf(&w->body, "{\"error\":\"%s\"}", text);
	w->rest = buf_slice(&w->body);
	if (send_head(wsi, w) == 0)
		lws_write(wsi, (unsigned char *)memcpy(s->scratch + LWS_PRE, w->rest.ptr, w->rest.len), w->rest.len,
			  LWS_WRITE_HTTP_FINAL);
	return -1; /* the rest of a body is not waited for */
}

/* ---- requests ---- */

static int on_head(struct session *ss, struct lws *wsi)
{
	struct exchange *x;
	char text[32];
	uint64_t length = 0;

	if (ss->x)
		return -1;
	ss->x = x = exchange_new(wsi);
	if (x->method == EXCHANGE_OTHER)
		return refuse(ss, wsi, 405, "the method is none of GET, HEAD, POST, PUT and DELETE");
	const bool sends = x->method == EXCHANGE_POST || x->method == EXCHANGE_PUT;
	const bool measured = lws_hdr_copy(wsi, text, sizeof(text), WSI_TOKEN_HTTP_CONTENT_LENGTH) > 0;

	if (lws_hdr_total_length(wsi, WSI_TOKEN_HTTP_TRANSFER_ENCODING) > 0 || (sends && !measured))
		return refuse(ss, wsi, 411, "send the body with a Content-Length");
	if (measured && slice_to_u64(slice_str(text), UINT32_MAX, &length) < 0)
		return refuse(ss, wsi, 400, "the Content-Length is no number");
	if (length > SERVER_BODY_MAX_BYTES)
		return refuse(ss, wsi, 413, "the body is larger than 2 MiB");
	x->wire->waiting = (size_t)length;
	if (atomic_fetch_add(&x->server->waiting, x->wire->waiting) + length > SERVER_WAITING_MAX_BYTES)
		return refuse(ss, wsi, 503, "too much waits to be read; try again later");
	return sends ? 0 : hand_over(ss, wsi); /* libwebsockets tells the end of a body, also of an empty one */
}

static int on_body(struct session *ss, const void *bytes, size_t n)
{
	if (!n)
		return 0;
	if (!ss->x || ss->x->message.fn)
		return -1;
	return buf_try_append(&ss->x->body, bytes, n, SERVER_BODY_MAX_BYTES) < 0 ? -1 : 0;
}

static void on_http_closed(struct session *ss)
{
	struct exchange *x = ss->x;
	struct exchange_wire *w;
	bool ours;

	if (!x)
		return;
	ss->x = NULL;
	w = x->wire;
	pthread_mutex_lock(&x->server->lock);
	ours = w->taken || !x->message.fn; /* else its answer will find that the client has gone */
	w->wsi = NULL;
	pthread_mutex_unlock(&x->server->lock);
	if (ours)
		server_exchange_free(x);
}

/* ---- WebSockets ---- */

/* The head is there only before the connection is established. */
static int on_upgrade(struct session *ss, struct lws *wsi)
{
	struct console_server *s = server_of(wsi);

	if (ss->x || atomic_load(&s->sockets) >= SERVER_SOCKETS_MAX) {
		atomic_fetch_add(&s->refused, 1);
		return -1;
	}
	ss->x = exchange_new(wsi);
	ss->x->socket = true;
	return 0;
}

static int on_established(struct session *ss, struct lws *wsi)
{
	struct console_server *s = server_of(wsi);

	if (!ss->x)
		return -1;
	ss->x->wire->wsi = wsi;
	atomic_fetch_add(&s->sockets, 1);
	atomic_fetch_add(&s->requests, 1);
	loop_post(s->loop, &ss->x->message, on_message);
	return 0;
}

static int on_socket_writable(struct session *ss, struct lws *wsi)
{
	struct exchange_wire *w = ss->x ? ss->x->wire : NULL;
	struct console_server *s = server_of(wsi);
	CLEANUP(buf_done) struct buf text = BUF_INIT;
	CLEANUP(freep) uint8_t *frame = NULL;
	bool closing;

	if (!w)
		return 0;
	pthread_mutex_lock(&s->lock);
	text = w->push;
	w->push = (struct buf)BUF_INIT;
	w->push_ready = false;
	closing = w->closing;
	pthread_mutex_unlock(&s->lock);
	if (text.len) {
		frame = mem_alloc(LWS_PRE + text.len);
		memcpy(frame + LWS_PRE, text.ptr, text.len);
		if (lws_write(wsi, frame + LWS_PRE, text.len, LWS_WRITE_TEXT) < (int)text.len)
			return -1;
	}
	if (!closing)
		return 0;
	lws_close_reason(wsi, LWS_CLOSE_STATUS_POLICY_VIOLATION, (unsigned char *)w->reason, strlen(w->reason));
	return -1;
}

static void on_socket_closed(struct session *ss)
{
	struct exchange *x = ss->x;

	if (!x)
		return;
	ss->x = NULL;
	pthread_mutex_lock(&x->server->lock);
	x->wire->wsi = NULL;
	pthread_mutex_unlock(&x->server->lock);
	atomic_fetch_sub(&x->server->sockets, 1);
	/* The first message was before this one in the loop's queue: it has run, or runs before. */
	loop_post(x->server->loop, &x->gone, on_gone_message);
}

int server_callback(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in, size_t len)
{
	struct session *ss = user;

	switch (reason) {
	case LWS_CALLBACK_EVENT_WAIT_CANCELLED:
		on_woken(server_of(wsi));
		return 0;
	case LWS_CALLBACK_HTTP:
		return on_head(ss, wsi);
	case LWS_CALLBACK_HTTP_BODY:
		return on_body(ss, in, len);
	case LWS_CALLBACK_HTTP_BODY_COMPLETION:
		return ss->x && !ss->x->message.fn ? hand_over(ss, wsi) : 0;
	case LWS_CALLBACK_HTTP_WRITEABLE:
		return on_writable(ss, wsi);
	case LWS_CALLBACK_CLOSED_HTTP:
	case LWS_CALLBACK_HTTP_DROP_PROTOCOL:
		if (ss)
			on_http_closed(ss);
		return 0;
	case LWS_CALLBACK_FILTER_PROTOCOL_CONNECTION:
		return on_upgrade(ss, wsi);
	case LWS_CALLBACK_ESTABLISHED:
		return on_established(ss, wsi);
	case LWS_CALLBACK_SERVER_WRITEABLE:
		return on_socket_writable(ss, wsi);
	case LWS_CALLBACK_RECEIVE: /* nothing is expected; libwebsockets has read it */
		return 0;
	case LWS_CALLBACK_CLOSED:
		on_socket_closed(ss);
		return 0;
	default:
		return lws_callback_http_dummy(wsi, reason, user, in, len);
	}
}
