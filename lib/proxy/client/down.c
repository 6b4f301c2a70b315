/* What the connection is, whatever becomes of it. */
#include "proxy/client/down.h"

#include "base/mem.h"

struct tls *down_tls(const struct down *d)
{
	return d->state == DOWN_HTTP ? d->http.transport.tls : NULL;
}

/* Rules go by it, so it must not depend on what labels have room for. */
void down_learn_principal(struct down *d, const struct tls_peer *peer)
{
	if (!peer || !peer->uri)
		return;
	d->principal = mem_strdup(peer->uri);
	d->principal_label = stats_intern(d->worker, slice_str(peer->uri));
}

struct chain_input down_chain_input(const struct down *d)
{
	return (struct chain_input){.destination = &d->local,
				    .source = &d->peer,
				    .server_name = slice_str(d->server_name),
				    .tls = d->was_tls,
				    .alpn = d->alpn,
				    .n_alpn = d->n_alpn};
}
