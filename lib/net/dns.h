/*
 * Names to addresses, on the loop, by c-ares. Answers are hostile input and only ever become addresses and a lifetime.
 * One resolver per loop.
 */
#ifndef NET_DNS_H
#define NET_DNS_H

#include "net/loop.h"
#include "net/socket.h"

#define DNS_ADDRS_MAX 64 /* addresses taken from one answer */

struct dns;
struct dns_query;

struct dns_answer {
	const char *error; /* NULL when there is at least one address; else why not, in words */
	const struct addr *addrs;
	size_t n;
	int64_t ttl_s; /* the shortest of the records */
};

/* Reads /etc/resolv.conf and /etc/hosts. NULL with a message when the library fails. */
struct dns *dns_new(struct loop *l, struct err *e);
/* Queries under way never answer. NULL is fine. */
void dns_free(struct dns *d);

/*
 * Looks up a host name or literal address (both families; IPv4 first); the port goes into every address. fn is called
 * exactly once unless the query is cancelled, never inside this call; the answer is valid only inside fn.
 */
struct dns_query *dns_resolve(struct dns *d, const char *host, uint16_t port,
			      void (*fn)(void *user, const struct dns_answer *a), void *user);

/* fn will not be called; not to be used after fn was called. NULL is fine. */
void dns_cancel(struct dns_query *q);

#endif
