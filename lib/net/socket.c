/* Thin wrappers over the socket calls; each returns -errno. */
#include "net/socket.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/netfilter_ipv4.h>
#include <linux/netfilter_ipv6/ip6_tables.h>
#include <netinet/tcp.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/stat.h>

#include "base/cleanup.h"

#define UNIX_NAME_AT offsetof(struct sockaddr_un, sun_path)

static int parse_unix(struct slice path, struct addr *ret)
{
	const bool abstract = path.ptr[0] == '@';

	if (path.len >= sizeof(ret->un.sun_path))
		return -EINVAL;
	*ret = (struct addr){.un = {.sun_family = AF_UNIX}, .len = sizeof(struct sockaddr_un)};
	memcpy(ret->un.sun_path, path.ptr, path.len);
	if (!abstract)
		return 0;
	ret->un.sun_path[0] = 0; /* unix(7): the name is all bytes up to the length */
	ret->len = (socklen_t)(UNIX_NAME_AT + path.len);
	return 0;
}

int addr_parse(struct slice host, uint16_t port, struct addr *ret)
{
	char text[INET6_ADDRSTRLEN + 1];
	struct addr a = {.len = 0};

	if (host.len && (host.ptr[0] == '/' || host.ptr[0] == '@'))
		return parse_unix(host, ret);
	if (host.len > 1 && host.ptr[0] == '[' && host.ptr[host.len - 1] == ']')
		host = slice_make(host.ptr + 1, host.len - 2);
	if (!host.len || host.len >= sizeof(text))
		return -EINVAL;
	memcpy(text, host.ptr, host.len);
	text[host.len] = 0;
	if (inet_pton(AF_INET, text, &a.in4.sin_addr) == 1) {
		a.in4.sin_family = AF_INET;
		a.in4.sin_port = htons(port);
		a.len = sizeof(a.in4);
	} else if (inet_pton(AF_INET6, text, &a.in6.sin6_addr) == 1) {
		a.in6.sin6_family = AF_INET6;
		a.in6.sin6_port = htons(port);
		a.len = sizeof(a.in6);
	} else {
		return -EINVAL;
	}
	*ret = a;
	return 0;
}

/* What a line of an access log needs, and a span: printf takes ten times as long. */
static char *put_number(char *p, unsigned n)
{
	char digits[10];
	int i = 0;

	do
		digits[i++] = (char)('0' + n % 10);
	while (n /= 10);
	while (i)
		*p++ = digits[--i];
	return p;
}

static char *put_ipv4(char *p, const struct in_addr *a)
{
	const uint8_t *bytes = (const uint8_t *)&a->s_addr;

	for (int i = 0; i < 4; i++) {
		p = put_number(p, bytes[i]);
		*p++ = '.';
	}
	return p - 1;
}

const char *addr_format_host(const struct addr *a, char *out)
{
	out[0] = 0;
	if (a->sa.sa_family == AF_INET)
		*put_ipv4(out, &a->in4.sin_addr) = 0;
	else if (a->sa.sa_family == AF_INET6)
		inet_ntop(AF_INET6, &a->in6.sin6_addr, out, ADDR_TEXT_MAX);
	else if (a->sa.sa_family == AF_UNIX && a->len > UNIX_NAME_AT) /* else it has no name */
		snprintf(out, ADDR_TEXT_MAX, "%s%s", a->un.sun_path[0] ? "" : "@", a->un.sun_path + !a->un.sun_path[0]);
	return out;
}

const char *addr_format(const struct addr *a, char *out)
{
	char host[ADDR_TEXT_MAX], *p;

	if (a->sa.sa_family == AF_INET) {
		p = put_ipv4(out, &a->in4.sin_addr);
		*p++ = ':';
		*put_number(p, addr_port(a)) = 0;
		return out;
	}
	addr_format_host(a, host);
	if (a->sa.sa_family == AF_UNIX)
		snprintf(out, ADDR_TEXT_MAX, "%s", host);
	else if (a->sa.sa_family == AF_INET6)
		snprintf(out, ADDR_TEXT_MAX, "[%.60s]:%u", host, addr_port(a));
	else
		snprintf(out, ADDR_TEXT_MAX, "%.60s:%u", host, addr_port(a));
	return out;
}

uint16_t addr_port(const struct addr *a)
{
	if (a->sa.sa_family == AF_INET)
		return ntohs(a->in4.sin_port);
	return a->sa.sa_family == AF_INET6 ? ntohs(a->in6.sin6_port) : 0;
}

void addr_set_port(struct addr *a, uint16_t port)
{
	if (a->sa.sa_family == AF_INET)
		a->in4.sin_port = htons(port);
	else if (a->sa.sa_family == AF_INET6)
		a->in6.sin6_port = htons(port);
}

bool addr_eq(const struct addr *a, const struct addr *b)
{
	if (a->len != b->len || a->sa.sa_family != b->sa.sa_family)
		return false;
	if (a->sa.sa_family == AF_INET)
		return a->in4.sin_port == b->in4.sin_port && a->in4.sin_addr.s_addr == b->in4.sin_addr.s_addr;
	if (a->sa.sa_family == AF_INET6)
		return a->in6.sin6_port == b->in6.sin6_port &&
		       memcmp(&a->in6.sin6_addr, &b->in6.sin6_addr, sizeof(a->in6.sin6_addr)) == 0;
	return memcmp(a->un.sun_path, b->un.sun_path, sizeof(a->un.sun_path)) == 0;
}

bool addr_is_loopback(const struct addr *a)
{
	const struct in6_addr *in6 = &a->in6.sin6_addr;

	if (a->len == 0)
		return false;
	if (a->sa.sa_family == AF_INET)
		return ntohl(a->in4.sin_addr.s_addr) >> 24 == IN_LOOPBACKNET;
	return a->sa.sa_family == AF_INET6 &&
	       (IN6_IS_ADDR_LOOPBACK(in6) || (IN6_IS_ADDR_V4MAPPED(in6) && in6->s6_addr[12] == IN_LOOPBACKNET));
}

static int set_option(int fd, int level, int name, int value)
{
	return setsockopt(fd, level, name, &value, sizeof(value)) < 0 ? -errno : 0;
}

static int apply_listen_flags(int fd, const struct addr *a, unsigned flags)
{
	int r = 0;

	if (a->sa.sa_family != AF_UNIX)
		r = set_option(fd, SOL_SOCKET, SO_REUSEADDR, 1);
	if (r == 0 && (flags & SOCKET_REUSEPORT))
		r = set_option(fd, SOL_SOCKET, SO_REUSEPORT, 1);
	if (r == 0 && (flags & SOCKET_TRANSPARENT))
		r = set_option(fd, SOL_IP, IP_TRANSPARENT, 1);
	return r;
}

int socket_listen(const struct addr *a, int backlog, unsigned flags, struct err *e)
{
	char text[ADDR_TEXT_MAX];
	CLEANUP(closep) int fd = socket(a->sa.sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	int r;

	if (fd < 0)
		return err_errno(e, errno, "socket for %s", addr_format(a, text));
	r = apply_listen_flags(fd, a, flags);
	if (r == 0 && bind(fd, &a->sa, a->len) < 0)
		r = -errno;
	if (r == 0 && listen(fd, backlog) < 0)
		r = -errno;
	if (r < 0)
		return err_errno(e, -r, "listen on %s", addr_format(a, text));
	return take_fd(&fd);
}

/* Without a file, the name is abstract, or there is none. */
static bool has_file(const struct addr *a)
{
	return a->sa.sa_family == AF_UNIX && a->un.sun_path[0];
}

void socket_remove_file(const struct addr *a)
{
	struct stat st;

	if (has_file(a) && lstat(a->un.sun_path, &st) == 0 && S_ISSOCK(st.st_mode))
		unlink(a->un.sun_path);
}

/* Nobody listens: what was there was left behind by a process that was killed. */
static void remove_left_behind(const struct addr *a)
{
	int fd = socket_connect(a, 0);

	if (fd == -ECONNREFUSED)
		socket_remove_file(a);
	if (fd >= 0)
		close(fd);
}

int socket_listen_unix(const struct addr *a, unsigned mode, int backlog, struct err *e)
{
	char text[ADDR_TEXT_MAX];
	CLEANUP(closep) int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	int r = 0;

	if (fd < 0)
		return err_errno(e, errno, "socket for %s", addr_format(a, text));
	remove_left_behind(a);
	if (bind(fd, &a->sa, a->len) < 0)
		return err_errno(e, errno, "listen on %s", addr_format(a, text));
	/* Nobody can connect before it listens. */
	if ((mode && has_file(a) && chmod(a->un.sun_path, mode) < 0) || listen(fd, backlog) < 0)
		r = -errno;
	if (r < 0) {
		socket_remove_file(a);
		return err_errno(e, -r, "listen on %s", addr_format(a, text));
	}
	return take_fd(&fd);
}

int socket_accept(int listen_fd, struct addr *peer)
{
	struct addr a = {.len = sizeof(a.un)};
	int fd = accept4(listen_fd, &a.sa, &a.len, SOCK_CLOEXEC | SOCK_NONBLOCK);

	if (fd < 0)
		return -errno;
	if (a.sa.sa_family != AF_UNIX)
		set_option(fd, IPPROTO_TCP, TCP_NODELAY, 1);
	if (peer)
		*peer = a;
	return fd;
}

int socket_connect(const struct addr *a, unsigned flags)
{
	CLEANUP(closep) int fd = socket(a->sa.sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0)
		return -errno;
	if ((flags & SOCKET_NO_DELAY) && a->sa.sa_family != AF_UNIX)
		set_option(fd, IPPROTO_TCP, TCP_NODELAY, 1);
	if (connect(fd, &a->sa, a->len) < 0 && errno != EINPROGRESS)
		return -errno;
	return take_fd(&fd);
}

int socket_error(int fd)
{
	int value = 0;
	socklen_t len = sizeof(value);

	if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &value, &len) < 0)
		return errno;
	return value;
}

int socket_original_dst(int fd, struct addr *ret)
{
	struct addr local;
	int r = socket_local_addr(fd, &local);

	if (r < 0)
		return r;
	ret->len = sizeof(ret->in6);
	if (local.sa.sa_family == AF_INET6)
		r = getsockopt(fd, SOL_IPV6, IP6T_SO_ORIGINAL_DST, &ret->sa, &ret->len);
	else
		r = getsockopt(fd, SOL_IP, SO_ORIGINAL_DST, &ret->sa, &ret->len);
	return r < 0 ? -errno : 0;
}

int socket_local_addr(int fd, struct addr *ret)
{
	ret->len = sizeof(ret->un);
	return getsockname(fd, &ret->sa, &ret->len) < 0 ? -errno : 0;
}

int socket_peer_addr(int fd, struct addr *ret)
{
	ret->len = sizeof(ret->un);
	return getpeername(fd, &ret->sa, &ret->len) < 0 ? -errno : 0;
}
