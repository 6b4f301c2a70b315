/*
 * Cluster DNS: answers for cluster.local from the table of services; everything else does not exist. The answer is a
 * pure function of the query and the table.
 */
#ifndef LAB_NET_DNS_H
#define LAB_NET_DNS_H

#include "base/buf.h"
#include "base/err.h"
#include "base/slice.h"
#include "lab/net/service.h"
#include "net/loop.h"

#define DNS_UDP_MAX_BYTES 512   /* without EDNS */
#define DNS_EDNS_MAX_BYTES 4096 /* what we send at most over UDP */
#define DNS_TCP_MAX_BYTES 65535

/*
 * Appends the answer to one query (RFC 1035, 6891). max is the size of the medium; a longer answer is cut and marked
 * truncated. Returns 0, or -EBADMSG for what deserves no answer at all (not a query, no header).
 */
int dns_answer(const struct services *t, struct slice query, size_t max, struct buf *out);

struct dns_server;

/* Serves NETNS_DNS_IP:53 over UDP and TCP in the namespace. The table outlives the server. Returns 0 or -errno. */
int dns_server_start(struct loop *loop, int netns_fd, const struct services *t, struct dns_server **ret, struct err *e);

/* NULL is fine. */
void dns_server_free(struct dns_server *s);

#endif
