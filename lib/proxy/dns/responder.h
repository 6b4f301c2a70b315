/*
 * The DNS server of a pod whose questions are redirected to its proxy: what the mesh's table of names knows is answered
 * here (addresses; of other types nothing is known), everything else by the servers of resolv.conf. Before the first
 * table all is SERVFAIL, as with Istio's agent: a name of the mesh must not be answered by somebody else for a moment.
 * On the main loop.
 */
#ifndef PROXY_DNS_RESPONDER_H
#define PROXY_DNS_RESPONDER_H

#include "base/buf.h"
#include "dns/forward.h"
#include "proxy/dns/table.h"

#define RESPONDER_TTL_S 30 /* of our answers; short, since addresses change */

struct responder;

struct responder_params {
	struct dns_resolv conf;  /* whom to ask; copied */
	struct name_scope scope; /* borrowed */
	int64_t try_ms;          /* for one server; 0 = 2 s */
	uint16_t port;           /* on 127.0.0.1, and on ::1 where a server has an address of IPv6 */
};

/* Listens over UDP and TCP. -errno with the address that cannot be had. */
int responder_start(struct loop *l, const struct responder_params *p, struct responder **ret, struct err *e);
/* NULL is fine. */
void responder_free(struct responder *r);

/* The table to answer from, from now on; taken over. */
void responder_set_table(struct responder *r, struct name_table *t);
/* Whether there is one. */
bool responder_ready(const struct responder *r);
/* Appends the metrics of Istio's agent in Prometheus' format. */
void responder_metrics(const struct responder *r, struct buf *out);

#endif
