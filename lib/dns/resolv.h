/* resolv.conf: whom a pod asks, and where it looks for short names. Pure but for the reading of the file. */
#ifndef DNS_RESOLV_H
#define DNS_RESOLV_H

#include "base/arena.h"
#include "net/socket.h"

#define DNS_SERVERS_MAX 3 /* as in glibc: more are not asked */
#define DNS_PORT 53
#define DNS_REDIRECT_PORT 15053 /* where a pod's questions are redirected to, as in Istio */
#define DNS_RESOLV_PATH "/etc/resolv.conf"

struct dns_resolv {
	struct addr servers[DNS_SERVERS_MAX]; /* with the port */
	size_t n_servers;
	const char *search; /* the first search domain, in small letters, no last dot; "" = none; in the arena */
};

/* Reads the text. What is no address is left out, as by resolvers. */
void dns_resolv_parse(struct slice text, struct arena *a, struct dns_resolv *ret);
/* Reads the file: 0, or -errno with its name. */
int dns_resolv_read(const char *path, struct arena *a, struct dns_resolv *ret, struct err *e);

#endif
