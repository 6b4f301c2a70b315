/* What a client is, by its first bytes or by the server's. */
#include "proxy/listener/look.h"

#include <errno.h>
#include <stdio.h>
#include <sys/socket.h>

#include "base/log.h"
#include "net/proxy_protocol.h"
#include "proxy/listener/listener.h"
#include "proxy/listener/server_first.h"
#include "proxy/listener/sniff.h"
#include "proxy/listener/tcp.h"

/* Who says nothing for so long is let go where the listener waits for the first bytes without end. */
#define SNIFF_NS (3600LL * NS_PER_S)
/* More looking than this is for no protocol we know. */
#define SNIFF_MAX_BYTES TLS_HELLO_MAX_BYTES

/* The name under which a protocol is known to chains. */
static struct slice plain_alpn(enum sniff what)
{
	return what == SNIFF_HTTP1 ? SLICE("http/1.1") : what == SNIFF_HTTP2 ? SLICE("h2c") : slice_make("", 0);
}

void look_name_peer(struct down *d)
{
	char text[ADDR_TEXT_MAX];

	addr_format_host(&d->peer, text);
	snprintf(d->peer_text, sizeof(d->peer_text), "%.47s", text);
}

bool look_wanted(const struct down *d)
{
	const uint16_t port = addr_port(&d->local);

	return config_sniff_applies(&d->listener->tls_inspector, port) ||
	       config_sniff_applies(&d->listener->http_inspector, port);
}

/*
 * The PROXY header, which is taken off the socket. An original destination stays what the kernel says: a client does
 * not choose where we connect to.
 */
static enum proxy_parse introduce(struct down *d, struct slice seen)
{
	const struct config_proxy *how = &d->listener->proxy_protocol;
	char sink[SNIFF_MAX_BYTES];
	struct proxy_header h;
	enum proxy_parse r = proxy_parse(seen, &h);

	if (r == PROXY_NONE && how->optional)
		d->introduced = true;
	if (r != PROXY_OK)
		return r;
	if (how->refused & 1u << h.version || recv(d->fd, sink, h.len, 0) != (ssize_t)h.len)
		return PROXY_BAD;
	d->introduced = true;
	if (!h.known)
		return r;
	d->peer = h.source;
	look_name_peer(d);
	if (!d->restored)
		d->local = h.destination;
	return r;
}

/* Who says nothing may be taken for one who speaks no TLS. */
static bool takes_silence(const struct down *d)
{
	return d->listener->continue_on_sniff_timeout && d->listener->sniff_timeout_ns;
}

static void look(struct down *d, uint32_t revents);

/* False while nothing is known of the client. */
static bool is_introduced(struct down *d, struct slice seen, bool all, uint32_t revents)
{
	enum proxy_parse r;

	if (d->introduced)
		return true;
	r = introduce(d, seen);
	if (r == PROXY_NONE && d->introduced && look_wanted(d))
		return true;
	if (d->introduced && !look_wanted(d))
		down_choose(d, NULL, slice_make("", 0));
	else if (d->introduced)
		look(d, revents); /* what stands behind it made no edge of its own */
	else if (r != PROXY_MORE || all)
		down_close(d);
	return false;
}

/*
 * Where the server is known to speak first it is connected to, so that it can; whoever of the two speaks first decides.
 * Nothing passes before that.
 */
static void reach_server(struct down *d)
{
	const struct chain_input in = down_chain_input(d);
	const struct config_chain *plain;

	if (d->reached || !d->introduced || !takes_silence(d) || !server_first_expected(d))
		return;
	d->reached = true;
	plain = config_chain_find(d->listener, &in);
	if (plain && plain->tcp && !plain->tls && !plain->n_rates)
		tcp_reach(d, plain);
}

static void look(struct down *d, uint32_t revents)
{
	char bytes[SNIFF_MAX_BYTES];
	ssize_t n = recv(d->fd, bytes, sizeof(bytes), MSG_PEEK);
	struct slice seen = slice_make(bytes, n > 0 ? (size_t)n : 0);
	const bool all = revents & EPOLLRDHUP || seen.len == sizeof(bytes);
	struct tls_hello hello = {0};
	enum sniff what = SNIFF_OTHER;

	if (n < 0 && errno == EAGAIN) {
		reach_server(d);
		return;
	}
	if (n <= 0) {
		down_close(d);
		return;
	}
	if (!is_introduced(d, seen, all, revents))
		return;
	bool http = config_sniff_applies(&d->listener->http_inspector, addr_port(&d->local));
	bool tls = config_sniff_applies(&d->listener->tls_inspector, addr_port(&d->local));
	if (tls && !tls_hello_parse(seen, &hello) && !all)
		return;
	if (!hello.is_tls && http)
		what = sniff_plain(seen, all);
	if (what != SNIFF_MORE)
		down_choose(d, &hello, plain_alpn(what));
}

static void on_sniff(struct io *io, uint32_t revents)
{
	look(CONTAINER_OF(io, struct down, sniff), revents);
}

static void on_silence(struct timer *t)
{
	down_close(CONTAINER_OF(t, struct down, timer));
}

static void count_silent(struct worker *w, uint16_t port, bool inbound)
{
	struct silent_ports *s = &w->silent;
	size_t i = 0;

	while (i < s->n && s->v[i].port != port)
		i++;
	if (i == s->n && s->n < ARRAY_LEN(s->v))
		s->v[s->n++].port = port;
	if (i == s->n) {
		s->others++;
		return;
	}
	s->v[i].n++;
	if (inbound && !s->v[i].inbound)
		atomic_fetch_add_explicit(&w->all->silent_changes, 1, memory_order_relaxed);
	s->v[i].inbound |= inbound;
}

static void tell_silent(const struct down *d)
{
	static _Thread_local struct log_limit limit;
	const uint16_t port = addr_port(&d->local);
	unsigned suppressed;

	count_silent(d->worker, port, d->inbound);
	if (log_limit_ok(&limit, loop_now_ns(d->worker->loop), 60LL * NS_PER_S, &suppressed))
		log_warn("proxy",
			 "listener %s: a client of port %u said nothing for %lld ms; taken as TCP. Nobody waits where "
			 "the Service's port is named after its protocol (tcp-...) and mutual TLS is STRICT or DISABLE",
			 d->listener->name, port, (long long)(d->listener->sniff_timeout_ns / NS_PER_MS));
}

/* For good: what comes later is bytes to be passed. */
static void take_for_plain(struct down *d)
{
	d->unheard = true;
	down_choose(d, NULL, slice_make("", 0));
}

void look_server_spoke(struct down *d)
{
	char byte;

	/* A client whose first bytes are here meanwhile was first all the same. */
	if (recv(d->fd, &byte, 1, MSG_PEEK) < 0 && errno == EAGAIN)
		take_for_plain(d);
}

/*
 * The server may be the one that speaks first: then the client has said enough. Where the client must (HTTP, or no
 * chain without TLS takes it), it is waited for.
 */
static void on_sniff_timeout(struct timer *t)
{
	struct down *d = CONTAINER_OF(t, struct down, timer);
	const struct chain_input in = down_chain_input(d);
	const struct config_chain *plain;

	if (!takes_silence(d)) {
		down_close(d);
		return;
	}
	plain = config_chain_find(d->listener, &in);
	if (!plain || !plain->tcp) {
		timer_start_ns(d->worker->loop, &d->timer, SNIFF_NS, on_silence);
		return;
	}
	tell_silent(d);
	take_for_plain(d);
}

void look_start(struct down *d)
{
	struct loop *l = d->worker->loop;

	if (io_start(l, &d->sniff, d->fd, EPOLLIN | EPOLLRDHUP | EPOLLET, on_sniff) < 0) {
		down_close(d);
		return;
	}
	timer_start_ns(l, &d->timer, d->listener->sniff_timeout_ns ? d->listener->sniff_timeout_ns : SNIFF_NS,
		       on_sniff_timeout);
	if (server_first_expected(d))
		look(d, 0);
}
