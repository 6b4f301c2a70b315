/*
 * A DNS server at one address, over UDP and TCP, on the loop: takes queries in and carries answers out. What the
 * answers are its owner says, at once or later. Clients are foreign: their connections, what of a connection is
 * unanswered and how long it rests have limits.
 */
#ifndef DNS_SERVER_H
#define DNS_SERVER_H

#include "base/err.h"
#include "base/slice.h"
#include "net/loop.h"

#define DNS_CONNECTIONS_MAX 128
#define DNS_UNANSWERED_MAX 8 /* queries of one connection: no more are read */
#define DNS_IDLE_MS 10000    /* of a connection */

struct dns_server;
struct dns_request;

struct dns_server_params {
	int udp, tcp; /* a bound socket, and one that listens; non-blocking */
	/* A query. Inside or later dns_request_end is called for it, once, unless the server is freed before. */
	void (*fn)(void *user, struct dns_request *rq);
	void *user;
};

/* Takes over both sockets, also where it fails: 0 or -errno. */
int dns_server_start(struct loop *l, const struct dns_server_params *p, struct dns_server **ret, struct err *e);
/* Requests that were not answered are gone with it. NULL is fine. */
void dns_server_free(struct dns_server *s);

/* The query as it came; valid until the request ends. */
struct slice dns_request_query(const struct dns_request *rq);
/* How long an answer may be: DNS_TCP_MAX_BYTES or DNS_EDNS_MAX_BYTES, as dns_reply_begin takes it. */
size_t dns_request_max(const struct dns_request *rq);
/* Sends the answer, which is copied, and forgets the request. An empty one: the client gets none, over TCP its
 * connection is closed. */
void dns_request_end(struct dns_request *rq, struct slice answer);

#endif
