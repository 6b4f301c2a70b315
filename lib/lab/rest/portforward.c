/*
 * pods/portforward: SPDY/3.1 inside a WebSocket (SPDY/3.1+portforward.k8s.io, kubectl 1.31 and newer) or on the bare
 * connection (Upgrade: SPDY/3.1, older ones). For each forwarded connection the client opens an error and a data stream
 * with the same requestid; the data stream is relayed to the pod's port.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "base/cleanup.h"
#include "base/mem.h"
#include "lab/rest/rest_internal.h"
#include "lab/node/node.h"
#include "kube/spdy.h"

#define CHUNK_BYTES 32768
#define LEG_QUEUE_MAX_BYTES (1024 * 1024)
#define LEGS_MAX 256

struct forward;

/* One data stream and its socket. */
struct leg {
	struct list link;
	struct forward *forward;
	uint32_t id, error_id;
	char request_id[64];
	int fd;
	struct io io;
	struct buf out; /* to the pod */
	bool fin_in, fin_out;
};

struct forward {
	struct lab_api *api;
	struct web_stream *stream;
	struct spdy *spdy;
	char *ns, *pod;
	struct list legs;
	size_t n_legs;
	bool blocked;
};

static void leg_free(struct leg *l)
{
	io_stop(&l->io);
	closep(&l->fd);
	buf_done(&l->out);
	list_remove(&l->link);
	l->forward->n_legs--;
	free(l);
}

static void leg_update(struct leg *l)
{
	if (!io_active(&l->io))
		return;
	io_set(&l->io, (l->forward->blocked || l->fin_out ? 0 : EPOLLIN) | (l->out.len ? EPOLLOUT : 0));
}

/* Sends what SPDY made. */
static void flush(struct forward *f)
{
	struct buf *out = spdy_out(f->spdy);
	bool was = f->blocked;
	struct leg *l;

	if (out->len)
		f->blocked = web_stream_send(f->stream, WEB_BINARY, buf_slice(out)) > WEB_QUEUE_HIGH_BYTES;
	buf_clear(out);
	if (was == f->blocked)
		return;
	LIST_EACH (l, &f->legs, link)
		leg_update(l);
}

/* Both directions ended, or the socket broke. */
static void leg_end(struct leg *l)
{
	struct forward *f = l->forward;

	if (!l->fin_out)
		spdy_send(f->spdy, l->id, (struct slice){NULL, 0}, true);
	if (l->error_id)
		spdy_send(f->spdy, l->error_id, (struct slice){NULL, 0}, true);
	leg_free(l);
	flush(f);
}

static bool leg_write(struct leg *l)
{
	while (l->out.len) {
		ssize_t n = send(l->fd, l->out.ptr, l->out.len, MSG_NOSIGNAL | MSG_DONTWAIT);

		if (n < 0)
			return errno == EAGAIN || errno == EINTR;
		buf_consume(&l->out, (size_t)n);
	}
	if (l->fin_in)
		shutdown(l->fd, SHUT_WR);
	return true;
}

/* False at the end or on a broken socket. */
static bool leg_read(struct leg *l)
{
	char chunk[CHUNK_BYTES];

	while (!l->forward->blocked && !l->fin_out) {
		ssize_t n = recv(l->fd, chunk, sizeof(chunk), MSG_DONTWAIT);

		if (n < 0)
			return errno == EAGAIN || errno == EINTR;
		spdy_send(l->forward->spdy, l->id, slice_make(chunk, (size_t)n), n == 0);
		l->fin_out = n == 0;
		flush(l->forward);
	}
	return true;
}

static void on_leg_io(struct io *io, uint32_t revents)
{
	struct leg *l = CONTAINER_OF(io, struct leg, io);
	bool alive = !(revents & EPOLLERR);

	if (alive && (revents & EPOLLOUT))
		alive = leg_write(l);
	if (alive && (revents & (EPOLLIN | EPOLLHUP)))
		alive = leg_read(l);
	if (!alive || (l->fin_out && (l->fin_in || revents & EPOLLHUP) && !l->out.len))
		leg_end(l);
	else
		leg_update(l);
}

static struct slice header(const struct spdy_header *h, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (slice_eq_str(h[i].name, name))
			return h[i].value;
	return (struct slice){"", 0};
}

static struct leg *find_leg(struct forward *f, uint32_t id)
{
	struct leg *l;

	LIST_EACH (l, &f->legs, link)
		if (l->id == id)
			return l;
	return NULL;
}

/* The leg of a request, made when its first stream comes. */
static struct leg *leg_of(struct forward *f, struct slice request_id)
{
	struct leg *l;

	LIST_EACH (l, &f->legs, link)
		if (slice_eq_str(request_id, l->request_id))
			return l;
	if (f->n_legs >= LEGS_MAX)
		return NULL;
	l = NEW(struct leg);
	l->forward = f;
	l->fd = -1;
	snprintf(l->request_id, sizeof(l->request_id), "%.*s", SLICE_ARG(request_id));
	list_append(&f->legs, &l->link);
	f->n_legs++;
	return l;
}

static void connect_leg(struct leg *l, uint64_t port)
{
	struct forward *f = l->forward;
	struct err e = ERR_INIT;
	char text[600];

	l->fd = node_pod_connect(f->api->node, f->ns, f->pod, (uint16_t)port, &e);
	if (l->fd >= 0 && io_start(f->api->loop, &l->io, l->fd, EPOLLIN, on_leg_io) == 0)
		return;
	int n = snprintf(text, sizeof(text), "an error occurred forwarding %llu -> %llu: %s", (unsigned long long)port,
			 (unsigned long long)port, e.msg);

	spdy_send(f->spdy, l->error_id, slice_make(text, (size_t)n), true);
	spdy_send(f->spdy, l->id, (struct slice){NULL, 0}, true);
	leg_free(l);
}

static void on_stream(void *arg, uint32_t id, const struct spdy_header *h, size_t n, bool fin)
{
	struct forward *f = arg;
	struct slice type = header(h, n, "streamtype"), port = header(h, n, "port");
	struct leg *l = leg_of(f, header(h, n, "requestid"));
	uint64_t number;

	(void)fin;
	if (!l || slice_to_u64(port, 65535, &number) < 0) {
		spdy_reset(f->spdy, id, SPDY_REFUSED_STREAM);
		return;
	}
	spdy_reply(f->spdy, id);
	if (slice_eq_str(type, "error")) {
		l->error_id = id;
		return;
	}
	l->id = id;
	connect_leg(l, number);
}

static void on_stream_data(void *arg, uint32_t id, struct slice bytes, bool fin)
{
	struct leg *l = find_leg(arg, id);

	if (!l || l->fd < 0)
		return;
	if (buf_try_append(&l->out, bytes.ptr, bytes.len, LEG_QUEUE_MAX_BYTES) < 0) {
		leg_end(l);
		return;
	}
	l->fin_in |= fin;
	if (!leg_write(l))
		leg_end(l);
	else
		leg_update(l);
}

static void on_stream_reset(void *arg, uint32_t id, uint32_t status)
{
	struct leg *l = find_leg(arg, id);

	(void)status;
	if (l)
		leg_free(l);
}

static const struct spdy_ops spdy_ops = {
	.on_stream = on_stream, .on_data = on_stream_data, .on_reset = on_stream_reset};

static void on_data(struct web_stream *stream, enum web_opcode op, struct slice data)
{
	struct forward *f = web_stream_user(stream);
	struct err e = ERR_INIT;
	int r = spdy_feed(f->spdy, data, &e);

	(void)op;
	flush(f);
	if (r < 0)
		web_stream_close(stream, 1002, e.msg);
}

static void on_close(struct web_stream *stream)
{
	struct forward *f = web_stream_user(stream);

	while (!list_empty(&f->legs))
		leg_free(LIST_FIRST(&f->legs, struct leg, link));
	spdy_free(f->spdy);
	free(f->ns);
	free(f->pod);
	free(f);
}

static void on_room(struct web_stream *stream)
{
	struct forward *f = web_stream_user(stream);
	struct leg *l;

	f->blocked = false;
	LIST_EACH (l, &f->legs, link)
		leg_update(l);
}

static const struct web_stream_ops stream_ops = {.on_data = on_data, .on_close = on_close, .on_room = on_room};

void pod_portforward(struct lab_api *api, struct web_request *r, const char *ns, const char *name)
{
	static const char *const protocols[] = {"SPDY/3.1+portforward.k8s.io", NULL};
	bool websocket = web_is_websocket(r);
	const char *protocol = websocket ? web_choose_protocol(r, protocols) : NULL;
	bool bare = slice_eq_nocase(web_header(r, "upgrade"), SLICE("spdy/3.1"));
	struct forward *f;
	int v;

	if (!db_get(db_bucket(api->store, "", "pods"), ns, name)) {
		rest_reply_status(r, status_not_found(resources_find(&api->resources, "", "v1", "pods", &v), name));
		return;
	}
	if ((!protocol && !bare) || !api->node) {
		rest_reply_status(
			r, status_bad_request("unable to upgrade: a WebSocket with SPDY/3.1+portforward.k8s.io or "
					      "SPDY/3.1 is needed"));
		return;
	}
	f = NEW(struct forward);
	f->api = api;
	f->ns = mem_strdup(ns);
	f->pod = mem_strdup(name);
	list_init(&f->legs);
	f->spdy = spdy_new(&spdy_ops, f);
	if (bare)
		web_add_header(r, "X-Stream-Protocol-Version", "portforward.k8s.io");
	f->stream = web_upgrade(r, bare ? "SPDY/3.1" : NULL, protocol, &stream_ops, f);
	if (!f->stream) {
		spdy_free(f->spdy);
		free(f->ns);
		free(f->pod);
		free(f);
	}
}
