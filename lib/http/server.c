/* Requests are gathered whole in their arena; replies are sent in one piece. */
#include "http/server.h"

#include <assert.h>
#include <stdio.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/mem.h"
#include "http/conn.h"
#include "net/acceptor.h"

/* How long a client may take: between requests, for a whole one, and to read the reply. */
#define IDLE_MS 60000
#define REQUEST_MS 30000
#define REPLY_MS 60000

struct http_server {
	struct loop *loop;
	const struct http_codec *codec;
	struct acceptor acceptor;
	http_handler *fn;
	void *ctx;
	struct buffers buffers;
	struct list clients; /* the one that has waited longest first */
	unsigned n_clients;
	struct list dead; /* closed in this turn */
	struct task bury;
};

struct client {
	struct http_conn conn;
	struct list link;
	struct http_server *server;
	struct http_request *rq;
	struct timer limit; /* of what is waited for: a request, its end, or the reply's leaving */
	struct addr peer;
};

struct http_request {
	struct http_leg leg;
	struct client *client; /* NULL = gone */
	bool called;
	struct http_head head;
	struct slice path, query;
	struct buf body;
	struct buf reply;
	struct addr peer;
};

static void bury(struct task *t)
{
	struct http_server *s = CONTAINER_OF(t, struct http_server, bury);

	while (!list_empty(&s->dead)) {
		struct client *cl = LIST_FIRST(&s->dead, struct client, link);

		list_remove(&cl->link);
		free(cl);
	}
}

static void request_free(struct http_request *rq)
{
	buf_done(&rq->body);
	buf_done(&rq->reply);
	http_head_done(&rq->head);
	free(rq);
}

static void client_close(struct client *cl)
{
	struct http_request *rq = take(cl->rq);

	timer_stop(&cl->limit);
	http_conn_close(&cl->conn);
	if (rq) {
		rq->client = NULL;
		if (!rq->called || rq->reply.len)
			request_free(rq);
	}
	list_remove(&cl->link);
	cl->server->n_clients--;
	list_append(&cl->server->dead, &cl->link);
	task_defer(cl->server->loop, &cl->server->bury, bury);
}

static void on_limit(struct timer *t)
{
	client_close(CONTAINER_OF(t, struct client, limit));
}

/* Until then the client has to do its part. */
static void wait_for(struct client *cl, int64_t ms)
{
	list_remove(&cl->link);
	list_append(&cl->server->clients, &cl->link);
	timer_start(cl->server->loop, &cl->limit, ms, on_limit);
}

static void call(struct http_request *rq)
{
	struct http_server *s = rq->client->server;

	rq->path = rq->head.target;
	rq->query = rq->path;
	rq->path = slice_split(&rq->query, '?');
	rq->called = true;
	timer_stop(&rq->client->limit);
	s->fn(s->ctx, rq);
}

static void on_headers(struct http_leg *leg, bool end)
{
	if (end)
		call(CONTAINER_OF(leg, struct http_request, leg));
}

static enum http_flow on_data(struct http_leg *leg, struct slice data, bool end)
{
	struct http_request *rq = CONTAINER_OF(leg, struct http_request, leg);

	if (buf_try_append(&rq->body, data.ptr, data.len, HTTP_SERVER_BODY_MAX_BYTES) < 0) {
		client_close(rq->client);
		return HTTP_GO;
	}
	if (end)
		call(rq);
	return HTTP_GO;
}

static void on_trailers(struct http_leg *leg, const struct http_trailers *t)
{
	(void)t;
	call(CONTAINER_OF(leg, struct http_request, leg));
}

static void on_room(struct http_leg *leg)
{
	(void)leg;
}

static void on_reset(struct http_leg *leg, enum http_reset why)
{
	(void)leg;
	(void)why;
}

static void on_done(struct http_leg *leg, bool reusable)
{
	struct http_request *rq = CONTAINER_OF(leg, struct http_request, leg);
	struct client *cl = rq->client;

	(void)reusable;
	cl->rq = NULL;
	request_free(rq);
	wait_for(cl, IDLE_MS);
}

static void on_bad(struct http_leg *leg, int err)
{
	struct http_request *rq = CONTAINER_OF(leg, struct http_request, leg);

	rq->called = true;
	rq->head.method_id = HTTP_GET;
	http_reply(rq, http_err_status(err), "text/plain", NULL, slice_str(http_err_str(err)));
}

static const struct http_leg_ops leg_ops = {
	.on_headers = on_headers,
	.on_data = on_data,
	.on_trailers = on_trailers,
	.on_room = on_room,
	.on_pause = on_room,
	.on_bad = on_bad,
	.on_reset = on_reset,
	.on_done = on_done,
};

static struct http_leg *on_exchange(struct http_conn *c)
{
	struct client *cl = CONTAINER_OF(c, struct client, conn);
	struct http_request *rq = NEW(struct http_request);

	wait_for(cl, REQUEST_MS);
	rq->client = cl;
	rq->peer = cl->peer;
	rq->leg = (struct http_leg){.ops = &leg_ops, .head = &rq->head};
	cl->rq = rq;
	return &rq->leg;
}

static void on_open(struct http_conn *c)
{
	(void)c;
}

static void on_closed(struct http_conn *c)
{
	client_close(CONTAINER_OF(c, struct client, conn));
}

static const struct http_conn_ops conn_ops = {.on_exchange = on_exchange, .on_open = on_open, .on_closed = on_closed};

/* Who comes is served: the one that has kept us waiting longest makes room for it. */
static void make_room(struct http_server *s)
{
	struct client *cl;

	if (s->n_clients < HTTP_SERVER_CLIENTS_MAX)
		return;
	LIST_EACH (cl, &s->clients, link) {
		if (!cl->rq || !cl->rq->called || cl->rq->reply.len) {
			client_close(cl);
			return;
		}
	}
}

static void on_accept(struct acceptor *a, int fd, const struct addr *peer)
{
	struct http_server *s = CONTAINER_OF(a, struct http_server, acceptor);
	const struct http_params p = {.loop = s->loop, .buffers = &s->buffers, .ops = &conn_ops, .codecs = {s->codec}};
	struct client *cl;

	make_room(s);
	if (s->n_clients >= HTTP_SERVER_CLIENTS_MAX) {
		close(fd);
		return;
	}
	cl = NEW(struct client);
	cl->server = s;
	cl->peer = *peer;
	list_append(&s->clients, &cl->link);
	s->n_clients++;
	if (http_conn_accept(&cl->conn, &p, fd, NULL) < 0)
		client_close(cl);
	else
		wait_for(cl, IDLE_MS);
}

int http_server_new(struct loop *l, const struct addr *a, const struct http_codec *codec, http_handler *fn, void *ctx,
		    struct http_server **ret, struct err *e)
{
	struct http_server *s;
	int fd = socket_listen(a, 128, 0, e), r;

	if (fd < 0)
		return fd;
	s = NEW(struct http_server);
	*s = (struct http_server){.loop = l, .codec = codec, .fn = fn, .ctx = ctx};
	list_init(&s->clients);
	list_init(&s->dead);
	r = acceptor_start(l, &s->acceptor, fd, on_accept);
	if (r < 0) {
		http_server_free(s);
		return err_errno(e, -r, "watch listening socket");
	}
	*ret = s;
	return 0;
}

void http_server_free(struct http_server *s)
{
	struct client *cl, *next;

	if (!s)
		return;
	acceptor_stop(&s->acceptor);
	LIST_EACH_SAFE (cl, next, &s->clients, link)
		client_close(cl);
	task_cancel(&s->bury);
	bury(&s->bury);
	buffers_done(&s->buffers);
	free(s);
}

struct slice http_request_method(const struct http_request *rq)
{
	return rq->head.method;
}

struct slice http_request_path(const struct http_request *rq)
{
	return rq->path;
}

struct slice http_request_query(const struct http_request *rq)
{
	return rq->query;
}

struct slice http_request_header(const struct http_request *rq, struct slice name)
{
	struct http_field *f = rq->client ? http_find((struct http_head *)&rq->head, name) : NULL;

	return f ? http_field_value(f) : slice_make(NULL, 0);
}

struct slice http_request_body(const struct http_request *rq)
{
	return buf_slice(&rq->body);
}

const struct addr *http_request_peer(const struct http_request *rq)
{
	return &rq->peer;
}

/* Lines as "Name: value". */
static void add_lines(struct http_head *h, struct slice lines)
{
	while (lines.len) {
		struct slice line = slice_trim(slice_split(&lines, '\n')), value = line, name;

		name = slice_split(&value, ':');
		if (value.len && value.ptr[value.len - 1] == '\r')
			value.len--;
		if (name.len && name.len < line.len)
			http_add(h, name, slice_trim(value));
	}
}

void http_reply(struct http_request *rq, int status, const char *content_type, const char *headers, struct slice body)
{
	struct http_head h = {
		.status = (uint16_t)status, .reason = slice_str(http_reason(status)), .framing = HTTP_BODY_LENGTH};
	char length[24];
	bool empty = rq->head.method_id == HTTP_HEAD || !body.len, fits;

	assert(rq->called);
	if (!rq->client) {
		request_free(rq);
		return;
	}
	snprintf(length, sizeof(length), "%zu", body.len);
	if (content_type)
		http_add(&h, SLICE("content-type"), slice_str(content_type));
	add_lines(&h, slice_str(headers));
	http_add(&h, SLICE("content-length"), slice_str(length));
	wait_for(rq->client, REPLY_MS);
	buf_append_char(&rq->reply, ' '); /* marks the reply as given */
	buf_append_slice(&rq->reply, body);
	fits = http_leg_head(&rq->leg, &h, empty);
	http_head_done(&h);
	if (!fits)
		client_close(rq->client);
	else if (!empty)
		http_leg_data(&rq->leg, slice_from(buf_slice(&rq->reply), 1), true);
}
