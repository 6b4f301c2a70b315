/* One connection over lo, to a listener of ours that stands in for the proxy. */
#include "capture/probe.h"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <poll.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "net/socket.h"

#define PROBE_PORT 15002 /* as Istio's; the next one where it is left out */

static bool listed(const struct capture_list *l, uint16_t port)
{
	uint64_t n;

	for (size_t i = 0; i < l->n; i++)
		if (slice_to_u64(l->v[i], 65535, &n) == 0 && n == port)
			return true;
	return l->all;
}

static bool has_interface(const struct capture_list *l, const char *name)
{
	for (size_t i = 0; i < l->n; i++)
		if (slice_eq_str(l->v[i], name))
			return true;
	return false;
}

uint16_t capture_probe_port(const struct capture_settings *s)
{
	if (has_interface(&s->exclude_interfaces, "lo"))
		return 0;
	for (uint32_t p = PROBE_PORT; p < 65535; p++)
		if (p != s->tunnel_port && p != s->inbound_port && p != s->outbound_port &&
		    !listed(&s->outbound_exclude_ports, (uint16_t)p))
			return (uint16_t)p;
	return 0;
}

/* The pod's own address, IPv4 first. */
static int own_address(struct addr *ret, struct err *e)
{
	struct ifaddrs *all = NULL;
	bool found = false;

	if (getifaddrs(&all) < 0)
		return err_errno(e, errno, "addresses of the pod");
	for (int family = AF_INET; !found && family; family = family == AF_INET ? AF_INET6 : 0)
		for (const struct ifaddrs *i = all; i && !found; i = i->ifa_next) {
			if (!i->ifa_addr || i->ifa_addr->sa_family != family || i->ifa_flags & IFF_LOOPBACK)
				continue;
			*ret = (struct addr){.len = family == AF_INET ? sizeof(ret->in4) : sizeof(ret->in6)};
			memcpy(&ret->sa, i->ifa_addr, ret->len);
			found = family == AF_INET || !IN6_IS_ADDR_LINKLOCAL(&ret->in6.sin6_addr);
		}
	freeifaddrs(all);
	return found ? 0 : err_set(e, -EADDRNOTAVAIL, "the pod has no address");
}

/* A socket on its way to the port, or -errno. */
static int start(struct addr to, uint16_t port)
{
	CLEANUP(closep) int fd = socket(to.sa.sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	addr_set_port(&to, port);
	if (fd < 0 || (connect(fd, &to.sa, to.len) < 0 && errno != EINPROGRESS))
		return -errno;
	return take_fd(&fd);
}

/* Whether a connection that was meant for that port comes to the listener in time. */
static bool arrives(int listener, uint16_t port)
{
	struct pollfd wait = {.fd = listener, .events = POLLIN};
	struct addr meant;

	while (poll(&wait, 1, CAPTURE_PROBE_MS) > 0) {
		CLEANUP(closep) int fd = socket_accept(listener, NULL);

		if (fd >= 0 && socket_original_dst(fd, &meant) == 0 && addr_port(&meant) == port)
			return true;
	}
	return false;
}

int capture_probe_run(const struct capture_settings *s, struct err *e)
{
	CLEANUP(closep) int listener = -1;
	CLEANUP(closep) int fd = -1;
	const uint16_t port = capture_probe_port(s);
	struct addr own, at;
	char text[ADDR_TEXT_MAX];
	int r = port ? own_address(&own, e) : 0;

	if (r < 0 || !port)
		return r;
	addr_parse(own.sa.sa_family == AF_INET ? SLICE("0.0.0.0") : SLICE("::"), s->inbound_port, &at);
	listener = socket_listen(&at, 16, 0, e);
	if (listener < 0)
		return listener;
	fd = start(own, port);
	if (fd >= 0 && arrives(listener, port))
		return 0;
	return err_set(
		e, -ENONET,
		"traffic is not redirected to the proxy: a connection of the proxy's user to %s, port %u, did not come "
		"to port %u",
		addr_format_host(&own, text), port, s->inbound_port);
}
