/*
 * A pod's network: a namespace with one end of a veth pair, routed (no bridge). The pod has its address as /32 and goes
 * through the link-local gateway, an address of the cluster's namespace, which has a /32 route back to it.
 */
#ifndef LAB_NET_POD_NET_H
#define LAB_NET_POD_NET_H

#include <stdint.h>

#include "base/err.h"

#define NET_POD_IP_TEXT 16

/* Addresses of 10.244.0.0/16, handed out in order, so that one that was just freed is not soon used again. Zeroed = all
 * free. Loop only. */
struct net_pool {
	uint8_t used[65536 / 8];
	uint16_t last;
};

/* Takes a free address as text, "10.244.0.5". Returns 0 or -ENOSPC. */
int net_pool_take(struct net_pool *p, char *ret_ip);

/* Marks an address taken, at adoption. Others than the pool's are ignored. */
void net_pool_reserve(struct net_pool *p, const char *ip);
/* Gives an address back; those outside the pool are ignored. */
void net_pool_give(struct net_pool *p, const char *ip);

/*
 * Makes the cluster's network namespace of this data directory ready: loopback, addresses, forwarding. To be called
 * before anything listens in it. Returns a descriptor of the namespace, which the caller closes, or -errno. Blocking.
 */
int net_up(const char *data_dir, struct err *e);

/*
 * Makes the cluster's namespace this process's alone: of two labs that would share it (the same directory seen from two
 * mount namespaces, say) the second is refused. Returns a descriptor that holds the claim until it is closed,
 * -EADDRINUSE or -errno.
 */
int net_claim(int netns_fd, struct err *e);

/* Makes the namespace `pod` and joins it to `lab`; does nothing when it is there already. Blocking (10 ms); any thread.
 */
int net_pod_up(const char *lab, const char *pod, const char *ip, struct err *e);

/* Removes the namespace and its link. A missing one is fine. Blocking; any thread. */
int net_pod_down(const char *lab, const char *pod, struct err *e);

#endif
