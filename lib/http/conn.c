/* Life of a connection: transport, codec, reading. Nothing here looks at what a message means. */
#include "http/codec.h"

#include <assert.h>

#define LINGER_MS 1000
/* Then other connections get their share. */
#define READS_PER_TURN 32

static void on_transport(struct transport *t);

static void start(struct http_conn *c, const struct http_params *p, enum http_role role)
{
	assert(p->codecs[0]);
	*c = (struct http_conn){
		.loop = p->loop, .buffers = p->buffers, .ops = p->ops, .role = role, .options = p->options};
	memcpy(c->allowed, p->codecs, sizeof(c->allowed));
	list_init(&c->resume.link);
}

/* ---- which codec ---- */

static void on_ping(struct timer *t);

static void choose(struct http_conn *c, const struct http_codec *codec)
{
	c->codec = codec;
	codec->open(c);
	if (codec->ping && c->options.ping_interval_ms)
		timer_start(c->loop, &c->ping, c->options.ping_interval_ms, on_ping);
}

/* The one that the handshake agreed on; NULL when it did not. */
static const struct http_codec *agreed(const struct http_conn *c)
{
	struct slice name = c->transport.tls ? tls_alpn(c->transport.tls) : slice_make("", 0);

	for (int i = 0; name.len && i < HTTP_CODECS_MAX && c->allowed[i]; i++)
		if (slice_eq_str(name, c->allowed[i]->alpn))
			return c->allowed[i];
	return NULL;
}

/* Whether a client in plain text may still show which one it speaks. */
static bool shows_itself(const struct http_conn *c)
{
	return c->role == HTTP_SERVER && c->allowed[1] && !(c->transport.tls && tls_alpn(c->transport.tls).len);
}

static void choose_at_open(struct http_conn *c)
{
	const struct http_codec *codec = agreed(c);

	if (codec || !shows_itself(c))
		choose(c, codec ? codec : c->allowed[0]);
}

/* By the first bytes; false when more of them are needed. */
static bool choose_by_preface(struct http_conn *c)
{
	struct slice seen = slice_make(c->in + c->start, c->end - c->start);
	bool open = false;

	for (int i = 0; i < HTTP_CODECS_MAX && c->allowed[i]; i++) {
		struct slice p = c->allowed[i]->preface;

		if (!p.len || memcmp(p.ptr, seen.ptr, MIN(p.len, seen.len)) != 0)
			continue;
		if (seen.len >= p.len) {
			choose(c, c->allowed[i]);
			return true;
		}
		open = true;
	}
	if (open)
		return false;
	choose(c, c->allowed[0]);
	return true;
}

enum http_version http_conn_version(const struct http_conn *c)
{
	return c->codec ? c->codec->version : HTTP_11;
}

/* ---- life ---- */

int http_conn_accept(struct http_conn *c, const struct http_params *p, int fd, struct tls *tls)
{
	start(c, p, HTTP_SERVER);
	c->opened = !tls;
	if (!tls)
		choose_at_open(c);
	return transport_accept(&c->transport, p->loop, fd, tls, on_transport);
}

int http_conn_connect(struct http_conn *c, const struct http_params *p, int fd, struct tls *tls)
{
	start(c, p, HTTP_CLIENT);
	return transport_connect(&c->transport, p->loop, fd, tls, on_transport);
}

void http_in_release(struct http_conn *c)
{
	buffers_put(c->buffers, c->old, c->old_cap);
	buffers_put(c->buffers, c->in, c->in_cap);
	c->old = c->in = NULL;
	c->in_cap = c->pin = c->start = c->end = 0;
}

void http_conn_close(struct http_conn *c)
{
	if (c->dead)
		return;
	c->dead = true;
	if (c->codec)
		c->codec->close(c);
	if (c->abort)
		transport_abort(&c->transport);
	transport_close(&c->transport);
	task_cancel(&c->resume);
	timer_stop(&c->linger);
	timer_stop(&c->ping);
	timer_stop(&c->again);
	http_in_release(c);
	http_out_release(c, true);
}

void http_closed(struct http_conn *c)
{
	if (!c->dead)
		c->ops->on_closed(c);
}

void http_fail(struct http_conn *c, enum http_reset why)
{
	if (c->codec)
		c->codec->fail(c, why);
	http_closed(c);
}

static void on_linger(struct timer *t)
{
	http_closed(CONTAINER_OF(t, struct http_conn, linger));
}

void http_conn_close_gracefully(struct http_conn *c)
{
	if (c->dead || c->closing)
		return;
	if (c->transport.eof || c->transport.state != TRANSPORT_OPEN) {
		http_closed(c);
		return;
	}
	transport_shutdown(&c->transport);
	c->closing = true;
	timer_start(c->loop, &c->linger, LINGER_MS, on_linger);
	if (c->transport.can_read)
		http_pump_later(c);
}

void http_conn_drain(struct http_conn *c)
{
	c->last = true;
	if (c->dead || c->closing || c->draining)
		return;
	if (!c->codec || !c->codec->many) {
		if (http_conn_idle(c))
			http_conn_close_gracefully(c);
		return;
	}
	c->draining = true;
	c->codec->drain(c);
	/* Who is told and does not answer is not waited for without end. */
	if (!c->exchanges && !timer_active(&c->linger))
		timer_start(c->loop, &c->linger, LINGER_MS, on_linger);
	http_pump_later(c);
}

/* ---- signs of life ---- */

static void on_ping(struct timer *t)
{
	struct http_conn *c = CONTAINER_OF(t, struct http_conn, ping);

	if (c->pinging) {
		http_fail(c, HTTP_RESET_PEER);
		return;
	}
	c->pinging = true;
	c->codec->ping(c);
	timer_start(c->loop, t, c->options.ping_timeout_ms ? c->options.ping_timeout_ms : c->options.ping_interval_ms,
		    on_ping);
}

void http_conn_pong(struct http_conn *c)
{
	if (!c->pinging)
		return;
	c->pinging = false;
	timer_stop(&c->ping);
	timer_start(c->loop, &c->ping, c->options.ping_interval_ms, on_ping);
}

/* ---- exchanges ---- */

struct http_leg *http_open_exchange(struct http_conn *c)
{
	struct http_leg *leg;

	c->requests++;
	leg = c->ops->on_exchange(c);
	if (!leg)
		return NULL;
	leg->conn = c;
	c->exchanges++;
	return leg;
}

void http_leg_detach(struct http_leg *leg)
{
	struct http_conn *c = leg->conn;

	assert(c->exchanges > 0);
	c->exchanges--;
	leg->conn = NULL;
	/* Who was told that this was the last and stays is not waited for without end. */
	if (!c->exchanges && c->last && c->codec->many && c->role == HTTP_SERVER && !timer_active(&c->linger) &&
	    !c->dead)
		timer_start(c->loop, &c->linger, LINGER_MS, on_linger);
}

void http_conn_begin(struct http_conn *c, struct http_leg *leg)
{
	assert(c->role == HTTP_CLIENT && c->codec);
	leg->conn = c;
	c->requests++;
	c->exchanges++;
	c->error = 0;
	c->codec->begin(c, leg);
}

bool http_conn_can_begin(const struct http_conn *c)
{
	return c->codec && !c->dead && !c->last && c->codec->can_begin(c);
}

bool http_conn_many(const struct http_conn *c)
{
	return c->codec && c->codec->many;
}

/* ---- reading ---- */

static bool open_now(struct http_conn *c)
{
	c->opened = true;
	choose_at_open(c);
	c->ops->on_open(c);
	return !c->dead;
}

static void pump(struct http_conn *c);

static void on_transport(struct transport *t)
{
	struct http_conn *c = CONTAINER_OF(t, struct http_conn, transport);

	if (t->state == TRANSPORT_FAILED) {
		http_fail(c, HTTP_RESET_PEER);
		return;
	}
	if (t->state != TRANSPORT_OPEN || (!c->opened && !open_now(c)))
		return;
	if (c->codec && t->can_write && (c->codec->refill || !http_out_empty(c))) {
		http_write(c);
		if (c->dead)
			return;
	}
	if (t->hung_up && c->codec && c->codec->is_over && c->codec->is_over(c)) {
		http_fail(c, HTTP_RESET_PEER);
		return;
	}
	if (t->can_read)
		pump(c);
}

static void on_resume(struct task *t)
{
	pump(CONTAINER_OF(t, struct http_conn, resume));
}

void http_pump_later(struct http_conn *c)
{
	if (!c->in_call && !c->dead)
		task_defer(c->loop, &c->resume, on_resume);
}

static bool wants_read(const struct http_conn *c)
{
	return c->transport.can_read && !c->transport.eof && (!c->codec || c->codec->wants_read(c));
}

/* Before the codec is known: room for its preface. */
static void make_room(struct http_conn *c)
{
	size_t cap;

	if (c->codec) {
		c->codec->make_room(c);
	} else if (!c->in) {
		c->in = buffers_get(c->buffers, BUFFERS_SMALL_BYTES, &cap);
		c->in_cap = (uint32_t)cap;
		c->start = c->end = 0;
	}
}

bool http_waiting(struct http_conn *c)
{
	return transport_waiting(&c->transport);
}

static bool read_more(struct http_conn *c)
{
	ssize_t n;

	make_room(c);
	n = transport_read(&c->transport, c->in + c->end, c->in_cap - c->end);
	if (n == TRANSPORT_AGAIN)
		return false;
	if (n == TRANSPORT_ERROR) {
		http_fail(c, HTTP_RESET_PEER);
		return false;
	}
	if (n == 0) {
		if (c->codec)
			c->codec->on_eof(c);
		else
			http_closed(c);
		return !c->dead;
	}
	c->end += (uint32_t)n;
	c->bytes_in += (uint64_t)n;
	return true;
}

/* After our end of stream: what still comes is of no interest. */
static void drain(struct http_conn *c)
{
	char sink[4096];
	ssize_t n;

	do
		n = transport_read(&c->transport, sink, sizeof(sink));
	while (n > 0);
	if (n != TRANSPORT_AGAIN)
		http_closed(c);
}

static bool step(struct http_conn *c)
{
	if (!c->codec && (c->start == c->end || !choose_by_preface(c)))
		return false;
	return c->codec->parse(c);
}

static void on_again(struct timer *t)
{
	pump(CONTAINER_OF(t, struct http_conn, again));
}

/* Others get their turn, too: nobody else reminds us of what is there. */
static void read_all(struct http_conn *c)
{
	c->in_call = true;
	for (int reads = 0;; reads++) {
		while (!c->dead && !c->closing && step(c))
			;
		if (c->dead || c->closing || !wants_read(c))
			break;
		if (reads == READS_PER_TURN) {
			timer_start(c->loop, &c->again, 0, on_again);
			break;
		}
		if (!read_more(c))
			break;
	}
	c->in_call = false;
}

static void pump(struct http_conn *c)
{
	if (c->in_call || c->dead)
		return;
	if (c->transport.state == TRANSPORT_FAILED || (c->write_dead && c->role == HTTP_SERVER)) {
		http_fail(c, HTTP_RESET_PEER);
		return;
	}
	if (c->transport.state != TRANSPORT_OPEN)
		return;
	if (c->closing) {
		drain(c);
		return;
	}
	read_all(c);
	if (c->dead || !c->codec)
		return;
	if (c->closing && c->transport.can_read)
		http_pump_later(c);
	else
		c->codec->on_pause(c);
}
