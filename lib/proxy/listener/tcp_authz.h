/*
 * External authorization of a TCP connection (envoy.filters.network.ext_authz): a service is asked once, before the
 * upstream is connected to. The worker's thread only.
 */
#ifndef PROXY_TCP_AUTHZ_H
#define PROXY_TCP_AUTHZ_H

#include "proxy/client/down.h"

struct side_call;

/* Zeroed = nobody was asked. */
struct tcp_authz {
	struct side_call *call; /* under way; NULL = none */
	const struct filter_ext_authz *config;
	struct worker_config *wc; /* counted, while the call is under way: config is its */
	void (*on_verdict)(struct tcp_authz *a, bool may);
	bool asked;
};

/* Whether that configuration wants somebody asked about the connection; tls (its peer) may be NULL. */
bool tcp_authz_concerns(const struct down *d, struct tls *tls, const struct config_tcp_proxy *c);

/* Asks c of wc's configuration; on_verdict once, never inside this function, unless tcp_authz_cancel comes first. */
void tcp_authz_ask(struct tcp_authz *a, struct down *d, struct worker_config *wc, const struct filter_ext_authz *c,
		   void (*on_verdict)(struct tcp_authz *a, bool may));

/* Nobody waits any more. */
void tcp_authz_cancel(struct tcp_authz *a);

#endif
