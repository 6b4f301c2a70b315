/* Bytes of a fake peer, in either codec. */
#include "peer.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#define READ_BYTES 65536
#define PREFACE "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"

struct peer *peer_new(const char *name, int fd, bool server, struct tls *tls)
{
	struct peer *p = NEW(struct peer);

	p->name = mem_strdup(name);
	p->fd = fd;
	p->server = server;
	p->tls = tls;
	p->shaken = !tls;
	p->next_stream = 1;
	return p;
}

static void exchange_free(struct exchange *x)
{
	free(x->method);
	message_done(&x->message);
	buf_done(&x->interim);
	free(x);
}

void peer_free(struct peer *p)
{
	peer_close(p, false);
	h2p_done(p);
	for (size_t i = 0; i < p->exchanges.n; i++)
		exchange_free(p->exchanges.v[i]);
	for (size_t i = 0; i < p->frames.n; i++)
		free(p->frames.v[i]);
	vec_done(&p->exchanges);
	vec_done(&p->frames);
	buf_done(&p->in);
	buf_done(&p->out);
	buf_done(&p->methods);
	buf_done(&p->block);
	free(p->name);
	free(p);
}

/* ---- bytes ---- */

static void failed(struct peer *p)
{
	if (errno == ECONNRESET || errno == EPIPE)
		p->was_reset = true;
	if (errno != EAGAIN)
		p->ended = true;
}

static bool shake(struct peer *p)
{
	enum tls_result r = tls_handshake(p->tls);

	p->shaken = r == TLS_DONE;
	if (r == TLS_ERROR && !p->tls_failed) {
		p->tls_failed = tls_error(p->tls);
		p->ended = true;
		return true;
	}
	return p->shaken;
}

static ssize_t write_some(struct peer *p)
{
	ssize_t n = p->tls ? tls_write(p->tls, p->out.ptr, p->out.len)
			   : send(p->fd, p->out.ptr, p->out.len, MSG_NOSIGNAL | MSG_DONTWAIT);

	if (n < 0 && (!p->tls || n == TLS_ERROR)) {
		if (!p->tls)
			failed(p);
		if (!p->tls ? errno != EAGAIN : true)
			buf_clear(&p->out);
	}
	return n;
}

/* Returns what was read, 0 at the end, below 0 when there is nothing. */
static ssize_t read_some(struct peer *p, char *bytes)
{
	ssize_t n = p->tls ? tls_read(p->tls, bytes, READ_BYTES) : recv(p->fd, bytes, READ_BYTES, MSG_DONTWAIT);

	if (n == 0)
		p->ended = true;
	if (n < 0 && !p->tls)
		failed(p);
	if (p->tls && n == TLS_ERROR) {
		p->ended = true;
		if (!p->tls_failed)
			p->tls_failed = tls_error(p->tls);
	}
	return n;
}

static bool read_all(struct peer *p)
{
	bool moved = false;

	while (!p->paused && !p->ended) {
		char bytes[READ_BYTES];
		ssize_t n = read_some(p, bytes);

		if (n > 0)
			buf_append(&p->in, bytes, (size_t)n);
		moved |= n >= 0 || p->ended;
		if (n <= 0)
			break;
	}
	return moved;
}

/* A server finds out what its client speaks. */
static void recognize(struct peer *p)
{
	struct slice preface = SLICE(PREFACE);

	if (!p->server || p->protocol != PEER_UNKNOWN || !p->in.len)
		return;
	if (!slice_starts(slice_head(preface, MIN(p->in.len, preface.len)), slice_head(buf_slice(&p->in), preface.len)))
		p->protocol = PEER_HTTP1;
	else if (p->in.len >= preface.len) {
		buf_consume(&p->in, preface.len);
		p->protocol = PEER_HTTP2;
	}
}

bool peer_step(struct peer *p)
{
	bool moved = false;

	if (p->fd < 0)
		return false;
	if (!p->shaken && !p->ended)
		moved = shake(p);
	if (!p->shaken)
		return moved;
	moved |= read_all(p);
	recognize(p);
	if (p->protocol == PEER_HTTP2)
		h2p_take(p);
	while (p->out.len) {
		ssize_t n = write_some(p);

		if (n <= 0)
			break;
		buf_consume(&p->out, (size_t)n);
		moved = true;
	}
	return moved;
}

void peer_send(struct peer *p, struct slice bytes)
{
	buf_append_slice(&p->out, bytes);
	peer_step(p);
}

void peer_close(struct peer *p, bool reset)
{
	const struct linger now = {1, 0};

	if (p->fd < 0)
		return;
	if (p->tls && !reset)
		tls_shutdown(p->tls);
	tls_free(take(p->tls));
	if (reset)
		setsockopt(p->fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
	close(p->fd);
	p->fd = -1;
	p->ended = true;
}

void peer_half_close(struct peer *p)
{
	if (p->tls)
		tls_shutdown(p->tls);
	if (p->fd >= 0)
		shutdown(p->fd, SHUT_WR);
}

void peer_pause(struct peer *p, bool on)
{
	p->paused = on;
	p->no_window = on;
}

/* ---- messages ---- */

static struct exchange *exchange_new(struct peer *p)
{
	struct exchange *x = NEW(struct exchange);

	x->peer = p;
	vec_push(&p->exchanges, x);
	return x;
}

/* HTTP/2 has them already; HTTP/1 takes the next off the bytes. */
struct exchange *peer_next(struct peer *p, bool whole)
{
	struct exchange *x = NULL;

	/* Who has said nothing yet may turn out to speak either. */
	if (p->protocol == PEER_UNKNOWN)
		return NULL;
	for (size_t i = 0; !x && i < p->exchanges.n; i++)
		if (!p->exchanges.v[i]->taken)
			x = p->exchanges.v[i];
	if (p->protocol != PEER_HTTP2) {
		if (!x && p->server)
			x = exchange_new(p);
		return x && h1_take(p, x, whole) ? x : NULL;
	}
	return x && (whole ? x->message.complete : x->message.has_head) ? x : NULL;
}

void exchange_read(struct exchange *x)
{
	if (x->peer->protocol != PEER_HTTP2 && x->message.has_head && !x->message.complete)
		h1_take_body(x);
}

struct exchange *peer_request(struct peer *p, const struct pattern *m, bool whole)
{
	const ptrdiff_t space = slice_find(m->start, ' ');
	struct exchange *x;

	if (p->protocol == PEER_HTTP2) {
		x = h2p_request(p, m, whole && !m->has_body && !m->has_trailers);
		x->method = mem_printf("%.*s", (int)MAX(space, 0), m->start.ptr);
		if (whole && (m->has_body || m->has_trailers))
			h2p_data(x, m->body, !m->has_trailers);
		if (whole && m->has_trailers)
			h2p_trailers(x, m);
		return x;
	}
	p->protocol = PEER_HTTP1;
	x = exchange_new(p);
	x->method = mem_printf("%.*s", (int)MAX(space, 0), m->start.ptr);
	h1_send(p, m, true, whole, x);
	return x;
}

void exchange_respond(struct exchange *x, const struct pattern *m, bool whole)
{
	const bool interim = m->start.len && m->start.ptr[0] == '1';

	if (x->peer->protocol != PEER_HTTP2) {
		h1_send(x->peer, m, false, whole, x);
		return;
	}
	h2p_headers(x->peer, x->stream, m, whole && !interim && !m->has_body && !m->has_trailers);
	if (whole && !interim && (m->has_body || m->has_trailers))
		h2p_data(x, m->body, !m->has_trailers);
	if (whole && m->has_trailers)
		h2p_trailers(x, m);
}

void exchange_data(struct exchange *x, struct slice bytes)
{
	if (x->peer->protocol == PEER_HTTP2)
		h2p_data(x, bytes, false);
	else
		h1_data(x, bytes);
}

void exchange_end(struct exchange *x, const struct pattern *trailers)
{
	if (x->peer->protocol != PEER_HTTP2)
		h1_end(x, trailers);
	else if (trailers->items.n)
		h2p_trailers(x, trailers);
	else
		h2p_data(x, (struct slice){NULL, 0}, true);
}
