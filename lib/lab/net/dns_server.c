/* Cluster DNS inside the cluster's namespace. */
#include "lab/net/dns.h"

#include <errno.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/mem.h"
#include "lab/sys/netns.h"

#define PORT 53

struct cluster_dns {
	struct dns_server *server;
	const struct services *table;
	struct buf answer;
};

static void on_request(void *user, struct dns_request *rq)
{
	struct cluster_dns *d = user;

	buf_clear(&d->answer);
	(void)dns_answer(d->table, dns_request_query(rq), dns_request_max(rq), &d->answer);
	dns_request_end(rq, buf_slice(&d->answer));
}

int cluster_dns_start(struct loop *loop, int netns_fd, const struct services *t, struct cluster_dns **ret,
		      struct err *e)
{
	CLEANUP(closep) int tcp = -1;
	CLEANUP(closep) int udp = -1;
	struct cluster_dns *d;
	struct addr a;
	int r;

	addr_parse(SLICE(NETNS_DNS_IP), PORT, &a);
	tcp = netns_listen(netns_fd, &a, DNS_CONNECTIONS_MAX, 0, e);
	udp = netns_socket(netns_fd, AF_INET, SOCK_DGRAM, 0, e);
	if (tcp < 0 || udp < 0)
		return err_wrap(e, tcp < 0 ? tcp : udp, "cluster DNS");
	if (bind(udp, &a.sa, a.len) < 0)
		return err_errno(e, errno, "cluster DNS: bind %s:%d", NETNS_DNS_IP, PORT);
	d = NEW(struct cluster_dns);
	d->table = t;
	r = dns_server_start(
		loop,
		&(struct dns_server_params){.udp = take_fd(&udp), .tcp = take_fd(&tcp), .fn = on_request, .user = d},
		&d->server, e);
	if (r < 0) {
		cluster_dns_free(d);
		return err_wrap(e, r, "cluster DNS");
	}
	*ret = d;
	return 0;
}

void cluster_dns_free(struct cluster_dns *d)
{
	if (!d)
		return;
	dns_server_free(d->server);
	buf_done(&d->answer);
	free(d);
}
