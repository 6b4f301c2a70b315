/*
 * Cluster DNS: answers for cluster.local from the table of services; everything else does not exist. The answer is a
 * pure function of the query and the table.
 */
#ifndef LAB_NET_DNS_H
#define LAB_NET_DNS_H

#include "base/buf.h"
#include "base/err.h"
#include "base/slice.h"
#include "dns/message.h"
#include "dns/server.h"
#include "lab/net/service.h"
#include "net/loop.h"

/*
 * Appends the answer to one query (RFC 1035, 6891). max is the size of the medium; a longer answer is cut and marked
 * truncated. Returns 0, or -EBADMSG for what deserves no answer at all (not a query, no header).
 */
int dns_answer(const struct services *t, struct slice query, size_t max, struct buf *out);

struct cluster_dns;

/* Serves NETNS_DNS_IP:53 over UDP and TCP in the namespace. The table outlives it. Returns 0 or -errno. */
int cluster_dns_start(struct loop *loop, int netns_fd, const struct services *t, struct cluster_dns **ret,
		      struct err *e);

/* NULL is fine. */
void cluster_dns_free(struct cluster_dns *d);

#endif
