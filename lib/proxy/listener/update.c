/*
 * Connections under a new configuration. The listener of the same name takes over, and the chain is chosen again by
 * what the connection showed at first:
 *
 *   the same listener                      follows, nothing to ask
 *   listener gone                          HTTP drains, bytes go on
 *   no chain, inbound                      closed: who may not come in may not stay (STRICT, and the client was plain)
 *   no chain, other                        HTTP drains, bytes go on
 *   peer does not meet the chain's TLS     closed
 *   chain denies the connection            closed
 *   else                                   each further request goes by the new chain; the exchange under way is asked
 *                                          about once more and otherwise ends as it began; bytes go on as they began
 */
#include "proxy/listener/listener.h"
#include "proxy/stream/stream.h"
#include "proxy/listener/tcp.h"
#include "proxy/upstream/tls_cache.h"

/* Takes the current configuration for what comes. */
static void follow(struct down *d)
{
	struct worker_config *old = d->wc;

	d->wc = worker_config_get(d->worker->current);
	worker_config_put(old);
}

/* Whether the handshake that was done is good enough for the other chain. */
static bool transport_fits(struct down *d, const struct config_chain *now, struct tls *tls)
{
	const struct config_tls *then = d->chain->tls, *t = now->tls;
	struct tls_ctx *ctx;

	if (!t || !then)
		return t == then;
	if (t->hash == then->hash)
		return true;
	if (t->validation.slot == CONFIG_NO_SLOT)
		return true;
	if (t->validation.slot != then->validation.slot || !tls)
		return false;
	ctx = tls_cache_get(d->worker->tls, d->worker->current->config, t, slice_make("", 0), NULL);
	return ctx && tls_peer_meets(tls, ctx);
}

static void update_http(struct down *d, const struct config_listener *now, const struct config_chain *chain)
{
	struct tls *tls = down_tls(d);

	if (!chain->hcm) {
		down_drain(d);
		return;
	}
	d->listener = now;
	d->chain = chain;
	follow(d);
	if (!d->http.opened)
		return; /* its rules are asked when it is */
	if (!down_allowed(d, tls, chain->rbac, chain->n_rbac)) {
		down_close(d);
		return;
	}
	down_start_idle(d);
	if (!streams_update(d, chain->hcm))
		down_close(d);
}

static void update_tcp(struct down *d, const struct config_listener *now, const struct config_chain *chain)
{
	if (tcp_opened(d->tcp)) {
		tcp_ask_again(d->tcp, chain);
		return;
	}
	if (!chain->tcp) {
		down_close(d);
		return;
	}
	d->listener = now;
	d->chain = chain;
	follow(d);
	tcp_follow(d->tcp);
}

static void update_chain(struct down *d, const struct config_listener *now)
{
	struct chain_input in = down_chain_input(d);
	const struct config_chain *chain = config_chain_find(now, &in);
	struct tls *tls = d->state == DOWN_TCP ? tcp_tls(d->tcp) : down_tls(d);

	if (!chain && !d->inbound)
		down_drain(d);
	else if (!chain || !transport_fits(d, chain, tls))
		down_close(d);
	else if (d->state == DOWN_TCP)
		update_tcp(d, now, chain);
	else
		update_http(d, now, chain);
}

void down_update(struct down *d)
{
	const struct config_listener *now = config_listener_named(d->worker->current->config, d->listener->name);

	if (now == d->listener) {
		follow(d);
	} else if (d->state != DOWN_SNIFFING) {
		if (now)
			update_chain(d, now);
		else
			down_drain(d);
	} else if (now) {
		if (d->tcp)
			tcp_abandon(take(d->tcp));
		d->listener = now;
		follow(d);
	} else {
		down_close(d);
	}
}
