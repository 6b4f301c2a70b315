/* A bit for each port, shared by all workers and only ever set; of clients each worker remembers its own last ones. */
#include "proxy/listener/server_first.h"

#include <stdlib.h>

#include "base/hash.h"
#include "base/log.h"
#include "base/mem.h"

/* Clients and ports that a worker remembers; two that share a place push each other out. */
#define CLIENTS_MAX 1024
#define TLS_HANDSHAKE 0x16
#define TLS_MAJOR 0x03

/* Hashes of who and where; the lowest bit says whether it was TLS. 0 = free. */
struct client_memory {
	uint64_t v[CLIENTS_MAX];
};

/* FTP, SSH, SMTP, POP3, IMAP, submission, MySQL. Where clients speak first (DNS, MongoDB) nobody waits anyway. */
static const uint16_t well_known[] = {21, 22, 25, 110, 143, 587, 3306};

static bool port_known(const struct worker *w, uint16_t port)
{
	for (size_t i = 0; i < ARRAY_LEN(well_known); i++)
		if (well_known[i] == port)
			return true;
	return atomic_load_explicit(&w->all->server_first[port / 8], memory_order_relaxed) >> port % 8 & 1;
}

static void learn_port(struct worker *w, uint16_t port)
{
	if (!port_known(w, port))
		atomic_fetch_or_explicit(&w->all->server_first[port / 8], (unsigned char)(1u << port % 8),
					 memory_order_relaxed);
}

/* The address without its port, which changes with each connection, and the port that it asks for. */
static uint64_t key_of(const struct down *d)
{
	uint64_t h = hash_bytes(slice_str(d->peer_text));
	const uint16_t port = addr_port(&d->local);

	return hash_more(h, slice_make(&port, sizeof(port))) & ~1ull;
}

static uint64_t *place_of(const struct down *d, uint64_t key)
{
	return &d->worker->spoke_tls->v[(key >> 1) % CLIENTS_MAX];
}

static bool expects_tls(const struct down *d)
{
	const uint64_t key = key_of(d), seen = d->worker->spoke_tls ? *place_of(d, key) : 0;

	if (seen && (seen & ~1ull) == key)
		return seen & 1;
	return config_pods_mutual(d->wc->config->pods, &d->peer);
}

bool server_first_expected(const struct down *d)
{
	/* Whose TLS is not opened here has the same server behind it, which would not speak first. */
	return port_known(d->worker, addr_port(&d->local)) && !(d->inbound && expects_tls(d));
}

void server_first_learn_client(struct down *d, bool tls)
{
	uint64_t key;

	if (!d->inbound || !config_sniff_applies(&d->listener->tls_inspector, addr_port(&d->local)) ||
	    !port_known(d->worker, addr_port(&d->local)))
		return;
	if (!d->worker->spoke_tls)
		d->worker->spoke_tls = NEW(struct client_memory);
	key = key_of(d);
	*place_of(d, key) = key | tls;
}

void server_first_hear(struct down *d, bool from_server, struct slice bytes)
{
	static _Thread_local struct log_limit limit;
	unsigned suppressed;

	if (from_server) {
		learn_port(d->worker, addr_port(&d->local));
		return;
	}
	d->unheard = false;
	if (bytes.len < 2 || bytes.ptr[0] != TLS_HANDSHAKE || bytes.ptr[1] != TLS_MAJOR)
		return;
	server_first_learn_client(d, true);
	d->worker->late_tls++;
	if (log_limit_ok(&limit, loop_now_ns(d->worker->loop), 60LL * NS_PER_S, &suppressed))
		log_warn("proxy",
			 "listener %s: %s spoke TLS at port %u after it had been taken for plain text: it is waited "
			 "for from now on",
			 d->listener->name, d->peer_text, addr_port(&d->local));
}

void server_first_done(struct worker *w)
{
	free(take(w->spoke_tls));
}
