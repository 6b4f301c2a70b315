/*
 * The system calls of loopback.h: one table of descriptors; a connection is two sockets, each with the bytes that its
 * peer has sent.
 */
#include "loopback/loopback.h"

#include <assert.h>
#include <errno.h>
#include <linux/netfilter_ipv4.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/mem.h"

#define FD_BASE 1000000
#define CLOCK_START_NS (1000LL * NS_PER_S)

enum kind { KIND_SOCKET, KIND_EPOLL, KIND_EVENT };

struct node {
	enum kind kind;
	int fd;
	/* Who watches it. */
	struct node *epoll;
	uint32_t events;
	epoll_data_t data;
	bool edge; /* something changed since it was last told */

	uint64_t count; /* KIND_EVENT */

	struct addr local, remote, original;
	bool listening, connected, shut, ended, abort;
	int error;
	struct node *peer; /* NULL = none (any more) */
	struct buf in;
	size_t shown; /* of these so many have arrived; SIZE_MAX = all, and the end of stream, too */
	size_t dies;  /* after it has sent so many more bytes the connection breaks; SIZE_MAX = never */
	size_t window;
	struct list backlog; /* of a listening socket */
	struct list link;
};

static struct {
	bool on;
	struct node *v[LOOPBACK_FDS_MAX];
	int64_t now_ns;
	unsigned told; /* events handed out */
	uint16_t next_port;
	struct addr redirect;
	size_t accept_window;
	struct addr holes[8];
	size_t n_holes;
	int top; /* descriptors above were never used */
	bool (*divert)(struct addr *to, const struct addr *from);
	void (*made)(int client, int server);
} net;

/* ---- nodes ---- */

static struct node *node_of(int fd)
{
	return fd >= FD_BASE && fd < FD_BASE + LOOPBACK_FDS_MAX ? net.v[fd - FD_BASE] : NULL;
}

static struct node *node_new(enum kind kind)
{
	for (int i = 0; i < LOOPBACK_FDS_MAX; i++) {
		struct node *n;

		if (net.v[i])
			continue;
		n = net.v[i] = NEW(struct node);
		net.top = MAX(net.top, i + 1);
		n->kind = kind;
		n->shown = n->dies = SIZE_MAX;
		n->fd = FD_BASE + i;
		n->window = LOOPBACK_WINDOW_BYTES;
		list_init(&n->backlog);
		list_init(&n->link);
		return n;
	}
	abort();
}

static void end_peer(struct node *n, bool reset)
{
	struct node *peer = n->peer;

	if (!peer)
		return;
	peer->ended = true;
	if (reset)
		peer->error = ECONNRESET;
	peer->edge = true;
	peer->peer = n->peer = NULL;
}

static void node_free(struct node *n)
{
	while (!list_empty(&n->backlog)) {
		struct node *waiting = LIST_FIRST(&n->backlog, struct node, link);

		list_remove(&waiting->link);
		waiting->abort = true;
		node_free(waiting);
	}
	end_peer(n, n->abort || n->in.len > 0);
	for (int i = 0; i < net.top; i++)
		if (net.v[i] && net.v[i]->epoll == n)
			net.v[i]->epoll = NULL;
	list_remove(&n->link);
	buf_done(&n->in);
	net.v[n->fd - FD_BASE] = NULL;
	free(n);
}

/* ---- what the system calls do ---- */

static int sock_error(int code)
{
	errno = code;
	return -1;
}

static struct node *listener_exactly_at(const struct addr *a)
{
	for (int i = 0; i < net.top; i++)
		if (net.v[i] && net.v[i]->listening && addr_eq(&net.v[i]->local, a))
			return net.v[i];
	return NULL;
}

static struct node *listener_at(const struct addr *a)
{
	struct node *n = listener_exactly_at(a);
	struct addr any;

	if (n)
		return n;
	assert(addr_parse(SLICE("0.0.0.0"), addr_port(a), &any) == 0);
	return listener_exactly_at(&any);
}

static bool is_hole(const struct addr *a)
{
	for (size_t i = 0; i < net.n_holes; i++)
		if (addr_eq(&net.holes[i], a))
			return true;
	return false;
}

static int sock_connect(struct node *n, const struct addr *asked)
{
	struct addr at = *asked, *to = &at;
	struct node *listener, *other;

	n->edge = true;
	if (!n->local.len)
		assert(addr_parse(SLICE("192.0.2.1"), (uint16_t)(40000 + net.next_port++ % 20000), &n->local) == 0);
	if (is_hole(to) || (net.divert && !net.divert(to, &n->local)))
		return sock_error(EINPROGRESS);
	listener = listener_at(to);
	if (!listener && net.redirect.len)
		listener = listener_at(&net.redirect);
	if (!listener) {
		n->error = ECONNREFUSED;
		return sock_error(EINPROGRESS);
	}
	other = node_new(KIND_SOCKET);
	other->local = net.redirect.len && addr_eq(&listener->local, &net.redirect) ? net.redirect : *to;
	other->original = *to;
	other->remote = n->local;
	n->remote = *to;
	other->connected = n->connected = true;
	other->window = net.accept_window;
	other->peer = n;
	n->peer = other;
	list_append(&listener->backlog, &other->link);
	listener->edge = true;
	if (net.made)
		net.made(n->fd, other->fd);
	return sock_error(EINPROGRESS);
}

static ssize_t sock_recv(struct node *n, char *out, size_t size, int flags)
{
	size_t taken = MIN(MIN(n->in.len, n->shown), size);
	bool full = n->in.len >= n->window;

	if (taken) {
		memcpy(out, n->in.ptr, taken);
		if (flags & MSG_PEEK)
			return (ssize_t)taken;
		buf_consume(&n->in, taken);
		if (n->shown != SIZE_MAX)
			n->shown -= taken;
		if (full && n->in.len < n->window && n->peer)
			n->peer->edge = true;
		return (ssize_t)taken;
	}
	if (n->shown != SIZE_MAX)
		return sock_error(EAGAIN);
	if (n->error) {
		int code = n->error;

		n->error = 0;
		return sock_error(code);
	}
	if (n->ended)
		return 0;
	return sock_error(n->connected ? EAGAIN : ENOTCONN);
}

/* Both ends hear of it, once they have read what had arrived. */
static void break_off(struct node *n)
{
	struct node *peer = n->peer;

	end_peer(n, true);
	n->ended = n->edge = true;
	n->error = ECONNRESET;
	if (peer)
		peer->shown = SIZE_MAX;
	n->shown = SIZE_MAX;
}

static ssize_t sock_send(struct node *n, const void *bytes, size_t size)
{
	size_t room;

	if (n->shut || (n->error && n->connected) || (!n->peer && n->abort))
		return sock_error(EPIPE);
	if (!n->connected)
		return sock_error(n->error ? n->error : EAGAIN);
	if (!n->peer) {
		/* Nobody is there: the answer is a reset. */
		n->error = ECONNRESET;
		n->abort = n->edge = true;
		return (ssize_t)size;
	}
	room = n->peer->in.len < n->peer->window ? n->peer->window - n->peer->in.len : 0;
	if (!room)
		return sock_error(EAGAIN);
	size = MIN(MIN(size, room), n->dies);
	buf_append(&n->peer->in, bytes, size);
	n->peer->edge = true;
	if (n->dies != SIZE_MAX)
		n->dies -= size;
	if (!n->dies)
		break_off(n);
	return (ssize_t)size;
}

static void sock_shutdown(struct node *n)
{
	if (n->shut)
		return;
	n->shut = n->edge = true;
	if (n->peer) {
		n->peer->ended = true;
		n->peer->edge = true;
	}
}

static uint32_t readiness(const struct node *n)
{
	uint32_t m = 0;

	if (n->kind == KIND_EVENT)
		return n->count ? EPOLLIN : 0;
	if (n->listening)
		return list_empty(&n->backlog) ? 0 : EPOLLIN;
	if (n->error && n->shown == SIZE_MAX)
		return EPOLLIN | EPOLLOUT | EPOLLERR | EPOLLHUP | EPOLLRDHUP;
	if (!n->connected)
		return 0;
	if (MIN(n->in.len, n->shown) || (n->ended && n->shown == SIZE_MAX))
		m |= EPOLLIN;
	if (n->ended && n->shown == SIZE_MAX)
		m |= EPOLLRDHUP | (n->shut ? EPOLLHUP : 0);
	if (!n->peer || n->peer->in.len < n->peer->window)
		m |= EPOLLOUT;
	return m;
}

static int tell(struct node *epoll, struct epoll_event *out, int max)
{
	int n = 0;

	for (int i = 0; i < net.top && n < max; i++) {
		struct node *at = net.v[i];
		uint32_t ready;

		if (!at || at->epoll != epoll || ((at->events & EPOLLET) && !at->edge))
			continue;
		at->edge = false;
		ready = readiness(at) & (at->events | EPOLLERR | EPOLLHUP);
		if (ready)
			out[n++] = (struct epoll_event){ready, at->data};
	}
	return n;
}

/* ---- the system calls ---- */

int socket(int domain, int type, int protocol)
{
	if (!net.on)
		return (int)syscall(SYS_socket, domain, type, protocol);
	return node_new(KIND_SOCKET)->fd;
}

static struct addr addr_of(const struct sockaddr *a, socklen_t len)
{
	struct addr r = {.len = len};

	memcpy(&r.un, a, MIN(len, sizeof(r.un)));
	return r;
}

static int give_addr(const struct addr *a, struct sockaddr *out, socklen_t *len)
{
	if (!a->len)
		return sock_error(ENOTCONN);
	memcpy(out, &a->un, MIN(*len, a->len));
	*len = a->len;
	return 0;
}

int bind(int fd, __CONST_SOCKADDR_ARG a, socklen_t len)
{
	struct node *n = node_of(fd);

	if (!n)
		return (int)syscall(SYS_bind, fd, a.__sockaddr__, len);
	n->local = addr_of(a.__sockaddr__, len);
	if (!addr_port(&n->local))
		addr_set_port(&n->local, (uint16_t)(40000 + net.next_port++ % 20000));
	return 0;
}

int listen(int fd, int backlog)
{
	struct node *n = node_of(fd);

	if (!n)
		return (int)syscall(SYS_listen, fd, backlog);
	n->listening = true;
	return 0;
}

int connect(int fd, __CONST_SOCKADDR_ARG a, socklen_t len)
{
	struct node *n = node_of(fd);
	struct addr to;

	if (!n)
		return (int)syscall(SYS_connect, fd, a.__sockaddr__, len);
	to = addr_of(a.__sockaddr__, len);
	return sock_connect(n, &to);
}

int accept4(int fd, __SOCKADDR_ARG a, socklen_t *len, int flags)
{
	struct node *n = node_of(fd), *got;

	if (!n)
		return (int)syscall(SYS_accept4, fd, a.__sockaddr__, len, flags);
	if (list_empty(&n->backlog))
		return sock_error(EAGAIN);
	got = LIST_FIRST(&n->backlog, struct node, link);
	list_remove(&got->link);
	if (a.__sockaddr__)
		give_addr(&got->remote, a.__sockaddr__, len);
	return got->fd;
}

int getsockname(int fd, __SOCKADDR_ARG a, socklen_t *len)
{
	struct node *n = node_of(fd);

	return n ? give_addr(&n->local, a.__sockaddr__, len) : (int)syscall(SYS_getsockname, fd, a.__sockaddr__, len);
}

int getpeername(int fd, __SOCKADDR_ARG a, socklen_t *len)
{
	struct node *n = node_of(fd);

	return n ? give_addr(&n->remote, a.__sockaddr__, len) : (int)syscall(SYS_getpeername, fd, a.__sockaddr__, len);
}

int getsockopt(int fd, int level, int name, void *value, socklen_t *len)
{
	struct node *n = node_of(fd);

	if (!n)
		return (int)syscall(SYS_getsockopt, fd, level, name, value, len);
	if (level == SOL_IP && name == SO_ORIGINAL_DST)
		return give_addr(&n->original, value, len);
	if (level != SOL_SOCKET || name != SO_ERROR)
		return sock_error(ENOPROTOOPT);
	*(int *)value = n->error;
	if (n->connected)
		n->error = 0;
	return 0;
}

int setsockopt(int fd, int level, int name, const void *value, socklen_t len)
{
	struct node *n = node_of(fd);

	if (!n)
		return (int)syscall(SYS_setsockopt, fd, level, name, value, len);
	if (level == SOL_SOCKET && name == SO_LINGER) {
		const struct linger *linger = value;

		n->abort = linger->l_onoff && !linger->l_linger;
	}
	return level == SOL_TCP && name == TCP_ULP ? sock_error(ENOPROTOOPT) : 0;
}

ssize_t recv(int fd, void *out, size_t size, int flags)
{
	struct node *n = node_of(fd);

	return n ? sock_recv(n, out, size, flags) : syscall(SYS_recvfrom, fd, out, size, flags, NULL, NULL);
}

/* What recv becomes where its buffer is checked (_FORTIFY_SOURCE). */
ssize_t __recv_chk(int fd, void *out, size_t size, size_t room, int flags);
ssize_t __recv_chk(int fd, void *out, size_t size, size_t room, int flags)
{
	assert(size <= room);
	return recv(fd, out, size, flags);
}

ssize_t send(int fd, const void *bytes, size_t size, int flags)
{
	struct node *n = node_of(fd);

	return n ? sock_send(n, bytes, size) : syscall(SYS_sendto, fd, bytes, size, flags, NULL, 0);
}

ssize_t sendmsg(int fd, const struct msghdr *m, int flags)
{
	struct node *n = node_of(fd);
	ssize_t sum = 0;

	if (!n)
		return syscall(SYS_sendmsg, fd, m, flags);
	for (size_t i = 0; i < m->msg_iovlen; i++) {
		ssize_t r = sock_send(n, m->msg_iov[i].iov_base, m->msg_iov[i].iov_len);

		if (r < 0)
			return sum ? sum : r;
		sum += r;
		if ((size_t)r < m->msg_iov[i].iov_len)
			break;
	}
	return sum;
}

ssize_t read(int fd, void *out, size_t size)
{
	struct node *n = node_of(fd);

	if (!n)
		return syscall(SYS_read, fd, out, size);
	if (n->kind != KIND_EVENT)
		return sock_recv(n, out, size, 0);
	if (!n->count)
		return sock_error(EAGAIN);
	memcpy(out, &n->count, sizeof(n->count));
	n->count = 0;
	return sizeof(n->count);
}

ssize_t write(int fd, const void *bytes, size_t size)
{
	struct node *n = node_of(fd);

	if (!n)
		return syscall(SYS_write, fd, bytes, size);
	if (n->kind != KIND_EVENT)
		return sock_send(n, bytes, size);
	n->count++;
	n->edge = true;
	return (ssize_t)size;
}

int shutdown(int fd, int how)
{
	struct node *n = node_of(fd);

	if (!n)
		return (int)syscall(SYS_shutdown, fd, how);
	sock_shutdown(n);
	return 0;
}

int close(int fd)
{
	struct node *n = node_of(fd);

	if (!n)
		return (int)syscall(SYS_close, fd);
	node_free(n);
	return 0;
}

int eventfd(unsigned count, int flags)
{
	return net.on ? node_new(KIND_EVENT)->fd : (int)syscall(SYS_eventfd2, count, flags);
}

int epoll_create1(int flags)
{
	return net.on ? node_new(KIND_EPOLL)->fd : (int)syscall(SYS_epoll_create1, flags);
}

int epoll_ctl(int epfd, int op, int fd, struct epoll_event *ev)
{
	struct node *epoll = node_of(epfd), *n = node_of(fd);

	if (!epoll)
		return (int)syscall(SYS_epoll_ctl, epfd, op, fd, ev);
	if (!n)
		return sock_error(EBADF);
	n->epoll = op == EPOLL_CTL_DEL ? NULL : epoll;
	if (op != EPOLL_CTL_DEL) {
		n->events = ev->events;
		n->data = ev->data;
		n->edge = true;
	}
	return 0;
}

/* When nobody has anything to do, the time that would be waited has passed. */
int epoll_wait(int epfd, struct epoll_event *out, int max, int timeout_ms)
{
	struct node *epoll = node_of(epfd);
	int n;

	if (!epoll)
		return (int)syscall(SYS_epoll_pwait, epfd, out, max, timeout_ms, NULL, 8);
	n = tell(epoll, out, max);
	net.told += (unsigned)n;
	if (!n && timeout_ms > 0)
		net.now_ns += timeout_ms * (int64_t)NS_PER_MS;
	return n;
}

int64_t clock_mono_ns(void)
{
	struct timespec t;

	if (net.on)
		return net.now_ns;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * (int64_t)NS_PER_S + t.tv_nsec;
}
