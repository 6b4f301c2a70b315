/* Pod networks by ip(8) in batches: one for the namespace of the cluster, one for the pod's. */
#include "lab/net/pod_net.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/hash.h"
#include "lab/sys/netns.h"
#include "lab/sys/job.h"

#define POOL_NET 0x0af40000u /* 10.244.0.0 */
#define POOL_FIRST 2
#define POOL_LAST 65534

static bool is_used(const struct net_pool *p, unsigned n)
{
	return p->used[n / 8] >> (n % 8) & 1;
}

int net_pool_take(struct net_pool *p, char *ret_ip)
{
	for (unsigned tries = 0; tries < 65536; tries++) {
		unsigned n = p->last < POOL_FIRST || p->last >= POOL_LAST ? POOL_FIRST : p->last + 1u;

		p->last = (uint16_t)n;
		if (is_used(p, n))
			continue;
		p->used[n / 8] |= (uint8_t)(1u << (n % 8));
		snprintf(ret_ip, NET_POD_IP_TEXT, "10.244.%u.%u", n >> 8 & 255u, n & 255u);
		return 0;
	}
	return -ENOSPC;
}

static int pool_index(const char *ip)
{
	struct in_addr a;

	if (!ip || inet_pton(AF_INET, ip, &a) != 1 || (ntohl(a.s_addr) & 0xffff0000u) != POOL_NET)
		return -1;
	return (int)(ntohl(a.s_addr) & 0xffffu);
}

void net_pool_reserve(struct net_pool *p, const char *ip)
{
	int n = pool_index(ip);

	if (n < 0)
		return;
	p->used[n / 8] |= (uint8_t)(1u << (n % 8));
	if (n > p->last)
		p->last = (uint16_t)n;
}

void net_pool_give(struct net_pool *p, const char *ip)
{
	int n = pool_index(ip);

	if (n >= 0)
		p->used[n / 8] &= (uint8_t) ~(1u << (n % 8));
}

static int set_knob(const char *name, const char *value)
{
	char path[128];
	CLEANUP(closep) int fd = -1;

	snprintf(path, sizeof(path), "/proc/sys/net/ipv4/%s", name);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	return fd < 0 || write(fd, value, strlen(value)) < 0 ? -errno : 0;
}

static int set_lab_knobs(void *arg)
{
	static const char *const knobs[][2] = {
		{"ip_forward", "1"},
		{"conf/all/rp_filter", "0"},
		{"conf/default/rp_filter", "0"},
		{"conf/all/send_redirects", "0"},
		{"conf/default/send_redirects", "0"},
	};

	for (size_t i = 0; i < ARRAY_LEN(knobs); i++) {
		int r = set_knob(knobs[i][0], knobs[i][1]);

		if (r < 0)
			return err_errno(arg, -r, "net.ipv4.%s", knobs[i][0]);
	}
	return 0;
}

/* What container runtimes set for pods: low ports and ping need no privilege. */
static int set_pod_knobs(void *arg)
{
	(void)arg;
	(void)set_knob("ip_unprivileged_port_start", "0");
	(void)set_knob("ping_group_range", "0 2147483647");
	(void)set_knob("conf/all/rp_filter", "0");
	(void)set_knob("conf/default/rp_filter", "0");
	return 0;
}

static int ip_batch(const char *netns, struct slice commands, struct err *e)
{
	const char *argv[] = {"ip", "-n", netns, "-batch", "-", NULL};

	return tool_run(argv, commands, e);
}

int net_up(const char *data_dir, struct err *e)
{
	char name[NETNS_NAME_MAX];
	bool created = false;
	int fd, r;

	r = netns_create(netns_lab_name(data_dir, name), &created, e);
	if (r < 0)
		return r;
	fd = netns_open(name, e);
	if (fd < 0)
		return fd;
	r = netns_run(fd, set_lab_knobs, e, e);
	/* A local route makes service addresses reachable from here as well: they are translated on output. */
	if (r == 0)
		r = ip_batch(name,
			     SLICE("addr replace " NETNS_NODE_IP "/32 dev lo\naddr replace " NETNS_GATEWAY_IP
				   "/32 dev lo\naddr replace " NETNS_DNS_IP
				   "/32 dev lo\nroute replace " NETNS_SERVICE_CIDR " dev lo src " NETNS_NODE_IP "\n"),
			     e);
	if (r < 0) {
		close(fd);
		return err_wrap(e, r, "network of the cluster");
	}
	return fd;
}

/* An abstract address exists once in a network namespace, and goes with the process: unix(7). */
static int bind_claim(void *arg)
{
	static const char name[] = "\0weft-lab";
	struct sockaddr_un a = {.sun_family = AF_UNIX};
	CLEANUP(closep) int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return err_errno(arg, errno, "socket");
	memcpy(a.sun_path, name, sizeof(name) - 1);
	if (bind(fd, (struct sockaddr *)&a, (socklen_t)(offsetof(struct sockaddr_un, sun_path) + sizeof(name) - 1)) < 0)
		return errno == EADDRINUSE ? err_set(arg, -EADDRINUSE, "another cluster uses this one's network")
					   : err_errno(arg, errno, "network of the cluster");
	return take_fd(&fd);
}

int net_claim(int netns_fd, struct err *e)
{
	return netns_run(netns_fd, bind_claim, e, e);
}

/* Names of links are 15 characters at most. */
static const char *link_name(const char *pod, char *out, size_t size)
{
	snprintf(out, size, "pod%010llx", (unsigned long long)(hash_bytes(slice_str(pod)) & 0xffffffffffULL));
	return out;
}

static int join(const char *lab, const char *pod, const char *ip, struct err *e)
{
	CLEANUP(buf_done) struct buf outer = BUF_INIT;
	CLEANUP(buf_done) struct buf inner = BUF_INIT;
	char link[16];
	int r;

	link_name(pod, link, sizeof(link));
	buf_printf(&outer,
		   "link add %s type veth peer name eth0 netns %s\nlink set %s up\nroute replace %s/32 dev %s\n", link,
		   pod, link, ip, link);
	buf_printf(&inner,
		   "addr add %s/32 dev eth0\nlink set eth0 up\nroute add %s dev eth0 scope link\n"
		   "route add default via %s dev eth0 src %s\n",
		   ip, NETNS_GATEWAY_IP, NETNS_GATEWAY_IP, ip);
	r = ip_batch(lab, buf_slice(&outer), e);
	return r < 0 ? r : ip_batch(pod, buf_slice(&inner), e);
}

int net_pod_up(const char *lab, const char *pod, const char *ip, struct err *e)
{
	CLEANUP(closep) int fd = -1;
	bool created = false;
	int r = netns_create(pod, &created, e);

	if (r < 0 || !created)
		return r;
	fd = netns_open(pod, e);
	r = fd < 0 ? fd : netns_run(fd, set_pod_knobs, NULL, e);
	if (r == 0)
		r = join(lab, pod, ip, e);
	if (r < 0)
		(void)net_pod_down(lab, pod, NULL);
	return r;
}

/* The link is removed by name: the namespace may live on for a while in a socket that lingers. */
int net_pod_down(const char *lab, const char *pod, struct err *e)
{
	CLEANUP(buf_done) struct buf outer = BUF_INIT;
	char link[16];

	buf_printf(&outer, "link del %s\n", link_name(pod, link, sizeof(link)));
	(void)ip_batch(lab, buf_slice(&outer), NULL);
	return netns_remove(pod, e);
}
