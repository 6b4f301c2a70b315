/*
 * Questions passed on to the servers of resolv.conf, as they came: over UDP what came over UDP (an answer that was cut
 * says so, and its asker asks again over TCP), over TCP what came over TCP. Servers are asked in turn, twice at most.
 * An answer counts that comes from the server asked, to the port it was asked from, with our random number and the same
 * question.
 */
#ifndef DNS_FORWARD_H
#define DNS_FORWARD_H

#include "dns/resolv.h"
#include "dns/server.h"

#define DNS_FORWARD_MAX 512 /* questions under way: more are answered SERVFAIL */
#define DNS_FORWARD_TRY_MS 2000
#define DNS_FORWARD_ROUNDS 2

/* As Istio's agent counts them. */
#define DNS_FORWARD_BUCKETS 6
extern const double dns_forward_bounds_s[DNS_FORWARD_BUCKETS];

struct dns_forward_stats {
	uint64_t requests, failures; /* failures: nobody answered */
	uint64_t answered;           /* what the next two are about: all that ended */
	double took_s;
	uint64_t buckets[DNS_FORWARD_BUCKETS + 1]; /* not cumulative; the last is over all bounds */
};

struct dns_forwarder;
struct dns_question;

/* The servers are copied; there may be none. try_ms: for one server, 0 = DNS_FORWARD_TRY_MS. */
struct dns_forwarder *dns_forwarder_new(struct loop *l, const struct dns_resolv *conf, int64_t try_ms);
/* Questions under way are dropped without a word; their requests stay their server's. NULL is fine. */
void dns_forwarder_free(struct dns_forwarder *f);
/* Ends the request with the answer, later or (when nobody can be asked) at once. q: its question, copied. */
void dns_forwarder_ask(struct dns_forwarder *f, struct dns_request *rq, const struct dns_question *q);
const struct dns_forward_stats *dns_forwarder_stats(const struct dns_forwarder *f);

#endif
