/* Sockets to endpoints. */
#include <errno.h>
#include <netinet/tcp.h>

#include "base/cleanup.h"
#include "proxy/upstream/cluster.h"
#include "proxy/upstream/shared.h"

static void set_int(int fd, int level, int name, int value)
{
	(void)setsockopt(fd, level, name, &value, sizeof(value));
}

static void set_keepalive(int fd, const struct config_cluster_spec *spec)
{
	set_int(fd, SOL_SOCKET, SO_KEEPALIVE, 1);
	if (spec->keepalive_probes)
		set_int(fd, IPPROTO_TCP, TCP_KEEPCNT, spec->keepalive_probes);
	if (spec->keepalive_time_s)
		set_int(fd, IPPROTO_TCP, TCP_KEEPIDLE, spec->keepalive_time_s);
	if (spec->keepalive_interval_s)
		set_int(fd, IPPROTO_TCP, TCP_KEEPINTVL, spec->keepalive_interval_s);
}

int endpoint_dial(const struct endpoint *e, const struct addr *to)
{
	const struct config_cluster_spec *spec = e->spec;
	const struct addr *from = &spec->bind_source;
	CLEANUP(closep) int fd = socket(to->sa.sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0)
		return -errno;
	if (to->sa.sa_family != AF_UNIX)
		set_int(fd, IPPROTO_TCP, TCP_NODELAY, 1);
	if (spec->keepalive)
		set_keepalive(fd, spec);
	if (from->len && from->sa.sa_family == to->sa.sa_family) {
		set_int(fd, SOL_IP, IP_BIND_ADDRESS_NO_PORT, 1);
		if (bind(fd, &from->sa, from->len) < 0)
			return -errno;
	}
	if (connect(fd, &to->sa, to->len) < 0 && errno != EINPROGRESS)
		return -errno;
	return take_fd(&fd);
}

int endpoint_connect(struct endpoint *e)
{
	atomic_store_explicit(&e->cluster->shared->used, true, memory_order_relaxed);
	return endpoint_dial(e, &e->address);
}
