/* From the accepted socket to its chain. */
#include "proxy/listener/listener.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/log.h"
#include "codecs/codecs.h"
#include "proxy/core/http_options.h"
#include "proxy/stream/access_log.h"
#include "config/rbac.h"
#include "proxy/listener/look.h"
#include "proxy/listener/server_first.h"
#include "proxy/stream/stream.h"
#include "proxy/listener/tcp.h"
#include "proxy/upstream/tls_cache.h"

#define HANDSHAKE_NS (15LL * NS_PER_S)
/* A server name has at most 255 bytes (RFC 6066 3, RFC 1035 2.3.4); a longer one is none. */
#define SERVER_NAME_MAX_BYTES 256
static void down_free(struct corpse *c)
{
	struct down *d = CONTAINER_OF(c, struct down, corpse);

	free((void *)d->server_name);
	free(d->alpn);
	free((void *)d->principal);
	free(d->cert);
	worker_config_put(d->wc);
	free(d);
}

void down_close(struct down *d)
{
	struct worker *w = d->worker;

	if (!list_linked(&d->link))
		return;
	list_remove(&d->link);
	atomic_fetch_sub_explicit(&w->n_downs, 1, memory_order_relaxed);
	timer_stop(&d->timer);
	timer_stop(&d->idle_streams);
	io_stop(&d->sniff);
	closep(&d->fd);
	streams_abandon(d);
	if (d->state == DOWN_HTTP)
		http_conn_close(&d->http);
	if (d->tcp)
		tcp_abandon(take(d->tcp));
	worker_bury(w, &d->corpse, down_free);
}

struct rbac_input down_rbac_input(const struct down *d, struct tls *tls)
{
	return (struct rbac_input){
		.destination = &d->local,
		.direct = &d->peer,
		.remote = &d->peer,
		.server_name = slice_str(d->server_name),
		.peer = tls ? tls_peer(tls) : NULL,
		.principal = slice_str(d->principal),
	};
}

bool down_allowed(const struct down *d, struct tls *tls, const struct filter_rbac *const *rbac, size_t n)
{
	const struct rbac_input in = down_rbac_input(d, tls);
	const char *policy;

	for (size_t i = 0; i < n; i++)
		if (!rbac_allows(rbac[i]->rules, &in, &policy))
			return false;
	return true;
}

/* ---- HTTP ---- */

static void on_idle(struct timer *t)
{
	struct down *d = CONTAINER_OF(t, struct down, timer);
	int64_t limit = d->chain->hcm->idle_timeout_ns, left = d->used_ns + limit - loop_now_ns(d->worker->loop);

	if (!list_empty(&d->streams))
		left = MAX(limit, NS_PER_S);
	else if (left <= 0 || d->closing) {
		http_conn_drain(&d->http);
		return;
	}
	timer_start_ns(d->worker->loop, &d->timer, left, on_idle);
}

void down_start_idle(struct down *d)
{
	d->used_ns = loop_now_ns(d->worker->loop);
	if (d->chain->hcm->idle_timeout_ns && !timer_active(&d->timer))
		timer_start_ns(d->worker->loop, &d->timer, d->chain->hcm->idle_timeout_ns, on_idle);
}

static struct http_leg *on_exchange(struct http_conn *c)
{
	return stream_new(CONTAINER_OF(c, struct down, http));
}

static void on_open(struct http_conn *c)
{
	struct down *d = CONTAINER_OF(c, struct down, http);

	timer_stop(&d->timer);
	down_learn_principal(d, tls_peer(c->transport.tls));
	if (!down_allowed(d, c->transport.tls, d->chain->rbac, d->chain->n_rbac)) {
		down_close(d);
		return;
	}
	down_start_idle(d);
}

static void on_closed(struct http_conn *c)
{
	down_close(CONTAINER_OF(c, struct down, http));
}

static const struct http_conn_ops conn_ops = {.on_exchange = on_exchange, .on_open = on_open, .on_closed = on_closed};

static void on_handshake_timeout(struct timer *t)
{
	down_close(CONTAINER_OF(t, struct down, timer));
}

static void start_http(struct down *d, int fd, struct tls *tls)
{
	static const enum codecs_choice choices[] = {[CONFIG_CODEC_AUTO] = CODECS_AUTO,
						     [CONFIG_CODEC_HTTP1] = CODECS_HTTP1,
						     [CONFIG_CODEC_HTTP2] = CODECS_HTTP2};
	struct worker *w = d->worker;
	struct http_params p = {.loop = w->loop, .buffers = &w->buffers, .ops = &conn_ops};

	d->state = DOWN_HTTP;
	p.options = http_options_of(&d->chain->hcm->http);
	codecs_choose(choices[d->chain->hcm->codec], p.codecs);
	if (http_conn_accept(&d->http, &p, fd, tls) < 0) {
		down_close(d);
		return;
	}
	if (!tls && !down_allowed(d, NULL, d->chain->rbac, d->chain->n_rbac))
		down_close(d);
	else if (tls)
		timer_start_ns(w->loop, &d->timer,
			       d->chain->handshake_timeout_ns ? d->chain->handshake_timeout_ns : HANDSHAKE_NS,
			       on_handshake_timeout);
	else
		down_start_idle(d);
}

/* ---- choosing ---- */

static struct tls *make_tls(struct down *d, int fd)
{
	static _Thread_local struct log_limit limit;
	struct worker *w = d->worker;
	struct err e = ERR_INIT;
	char names[TLS_CACHE_ALPN_MAX];
	struct slice alpn = d->chain->hcm && d->chain->hcm->codec == CONFIG_CODEC_HTTP1
				    ? tls_cache_alpn_without(d->chain->tls->alpn, SLICE("h2"), names)
				    : slice_make("", 0);
	struct tls_ctx *ctx = tls_cache_get(w->tls, w->current->config, d->chain->tls, alpn, &e);
	unsigned suppressed;

	if (ctx)
		return tls_new(ctx, fd, NULL, NULL);
	if (log_limit_ok(&limit, loop_now_ns(w->loop), NS_PER_S, &suppressed))
		log_warn("proxy", "listener %s: %s; closing the connection", d->listener->name, e.msg);
	return NULL;
}

/* Before anything is spent on the connection. */
static bool within_rates(const struct down *d)
{
	for (size_t i = 0; i < d->chain->n_rates; i++)
		if (!token_bucket_take(d->chain->rates[i], loop_now_ns(d->worker->loop)))
			return false;
	return true;
}

static void start_chain(struct down *d)
{
	struct tls *tls = NULL;

	timer_stop(&d->timer);
	io_stop(&d->sniff);
	if (!within_rates(d)) {
		down_close(d);
		return;
	}
	if (d->chain->tls) {
		tls = make_tls(d, d->fd);
		if (!tls) {
			down_close(d);
			return;
		}
		d->secure = true;
	}
	if (d->tcp && !tcp_serves(d->tcp, d->chain))
		tcp_abandon(take(d->tcp));
	if (d->chain->hcm) {
		start_http(d, take_fd(&d->fd), tls);
	} else {
		d->state = DOWN_TCP;
		tcp_start(d, take_fd(&d->fd), tls);
	}
}

static void keep_alpn(struct down *d, const struct slice *v, size_t n)
{
	size_t bytes = 0;
	char *at;

	for (size_t i = 0; i < n; i++)
		bytes += v[i].len;
	if (!n)
		return;
	d->alpn = mem_alloc(n * sizeof(*d->alpn) + bytes);
	d->n_alpn = n;
	at = (char *)(d->alpn + n);
	for (size_t i = 0; i < n; i++) {
		memcpy(at, v[i].ptr, v[i].len);
		d->alpn[i] = slice_make(at, v[i].len);
		at += v[i].len;
	}
}

static void keep_server_name(struct down *d, struct slice name)
{
	char *lower;

	if (!name.len || name.len >= SERVER_NAME_MAX_BYTES)
		return;
	lower = mem_printf("%.*s", SLICE_ARG(name));
	for (char *c = lower; *c; c++)
		*c = *c >= 'A' && *c <= 'Z' ? (char)(*c | 0x20) : *c;
	d->server_name = lower;
}

void down_choose(struct down *d, const struct tls_hello *hello, struct slice alpn)
{
	d->was_tls = hello && hello->is_tls;
	if (d->was_tls) {
		keep_server_name(d, hello->server_name);
		keep_alpn(d, hello->alpn, hello->n_alpn);
	} else if (alpn.len) {
		keep_alpn(d, &alpn, 1);
	}
	server_first_learn_client(d, d->was_tls);
	struct chain_input in = down_chain_input(d);
	d->chain = config_chain_find(d->listener, &in);
	if (!d->chain) {
		access_log_connection(&(struct access_log_connection){
			.down = d, .logs = d->listener->logs, .n_logs = d->listener->n_logs, .flags = FLAG_NR});
		down_close(d);
		return;
	}
	start_chain(d);
}

/* ---- from the socket ---- */

static void find_destination(struct down *d, const struct config_listener *l)
{
	if ((l->use_original_dst || l->original_dst) && socket_original_dst(d->fd, &d->local) == 0) {
		d->restored = true;
		return;
	}
	if (socket_local_addr(d->fd, &d->local) < 0)
		d->local.len = 0;
}

void down_new(struct listener *l, int fd, const struct addr *peer)
{
	struct worker *w = l->worker;
	struct down *d = NEW(struct down);

	d->fd = fd;
	d->worker = w;
	d->peer = *peer;
	d->id = ++w->next_id;
	d->opened_ns = loop_now_ns(w->loop);
	list_init(&d->streams);
	d->wc = worker_config_get(w->current);
	list_append(&w->downs, &d->link);
	atomic_fetch_add_explicit(&w->n_downs, 1, memory_order_relaxed);
	worker_trim_later(w);
	find_destination(d, l->config);
	d->listener = l->config;
	if (l->config->use_original_dst && d->restored) {
		const struct config_listener *other = config_listener_for(w->current->config, &d->local);

		d->listener = other ? other : l->config;
	}
	d->inbound = d->listener->direction == CONFIG_INBOUND;
	look_name_peer(d);
	d->introduced = !d->listener->proxy_protocol.on;
	if (!d->introduced || look_wanted(d))
		look_start(d);
	else
		down_choose(d, NULL, slice_make("", 0));
}

/* ---- draining ---- */

void down_drain(struct down *d)
{
	d->closing = true;
	if (d->state == DOWN_HTTP)
		http_conn_drain(&d->http);
}

void down_announce_end(struct down *d)
{
	if (d->state == DOWN_HTTP && !http_conn_many(&d->http) && http_conn_idle(&d->http))
		d->closing = true;
	else
		down_drain(d);
}
