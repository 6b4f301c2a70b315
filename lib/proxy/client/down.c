/* What the connection is, whatever becomes of it. */
#include "proxy/client/down.h"

struct tls *down_tls(const struct down *d)
{
	return d->state == DOWN_HTTP ? d->http.transport.tls : NULL;
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
