/* Readiness is kept as two flags, set by edges and cleared by short reads and writes: one system call per message. */
#include "net/transport.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/cleanup.h"
#include "base/mem.h"

#define EVENTS (EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET)

static void fail(struct transport *t)
{
	t->state = TRANSPORT_FAILED;
	t->can_read = t->can_write = false;
}

/* Returns true when the owner has something to hear. */
static bool handshake(struct transport *t)
{
	enum tls_result r = tls_handshake(t->tls);

	if (r == TLS_WANT_READ || r == TLS_WANT_WRITE)
		return false;
	if (r == TLS_DONE)
		t->state = TRANSPORT_OPEN;
	else
		fail(t);
	t->can_read = t->can_write = t->state == TRANSPORT_OPEN;
	return true;
}

struct transport_first {
	size_t n;
	char bytes[];
};

void transport_send_first(struct transport *t, struct slice bytes)
{
	assert(t->state == TRANSPORT_CONNECTING && !t->first);
	t->first = mem_alloc(sizeof(*t->first) + bytes.len);
	t->first->n = bytes.len;
	memcpy(t->first->bytes, bytes.ptr, bytes.len);
}

static void first_free(struct transport *t)
{
	free(take(t->first));
}

/* An errno, or 0. */
static int send_first(struct transport *t)
{
	ssize_t n;

	if (!t->first)
		return 0;
	n = send(t->fd, t->first->bytes, t->first->n, MSG_NOSIGNAL);
	if (n < 0)
		return errno;
	if ((size_t)n < t->first->n)
		return ENOBUFS;
	first_free(t);
	return 0;
}

static bool connected(struct transport *t)
{
	t->error = socket_error(t->fd);
	if (!t->error)
		t->error = send_first(t);
	if (t->error) {
		fail(t);
		return true;
	}
	if (t->tls) {
		t->state = TRANSPORT_HANDSHAKING;
		return handshake(t);
	}
	t->state = TRANSPORT_OPEN;
	t->can_write = true;
	return true;
}

static void on_io(struct io *io, uint32_t revents)
{
	struct transport *t = CONTAINER_OF(io, struct transport, io);
	bool tell = true;

	if (revents & (EPOLLRDHUP | EPOLLHUP | EPOLLERR))
		t->hung_up = true;
	if (t->tls && revents & ~(uint32_t)EPOLLOUT)
		tls_edge(t->tls, t->hung_up);
	if (t->state == TRANSPORT_CONNECTING) {
		if (!(revents & (EPOLLOUT | EPOLLERR | EPOLLHUP)))
			return;
		tell = connected(t);
	} else if (t->state == TRANSPORT_HANDSHAKING) {
		tell = handshake(t);
	}
	if (t->state == TRANSPORT_OPEN) {
		t->can_read |= (revents & (EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0;
		t->can_write |= (revents & (EPOLLOUT | EPOLLHUP | EPOLLERR)) != 0;
	}
	if (tell)
		t->fn(t);
}

static int start(struct transport *t, struct loop *l, int fd, struct tls *tls, void (*fn)(struct transport *t))
{
	int r;

	*t = (struct transport){.fd = fd, .tls = tls, .fn = fn};
	if (tls)
		tls_by_edges(tls);
	r = io_start(l, &t->io, fd, EVENTS, on_io);
	if (r < 0)
		transport_close(t);
	return r;
}

int transport_accept(struct transport *t, struct loop *l, int fd, struct tls *tls, void (*fn)(struct transport *t))
{
	int r = start(t, l, fd, tls, fn);

	if (r < 0)
		return r;
	io_be_patient(&t->io);
	t->state = tls ? TRANSPORT_HANDSHAKING : TRANSPORT_OPEN;
	t->can_write = !tls;
	return 0;
}

int transport_connect(struct transport *t, struct loop *l, int fd, struct tls *tls, void (*fn)(struct transport *t))
{
	int r = start(t, l, fd, tls, fn);

	if (r == 0)
		t->state = TRANSPORT_CONNECTING;
	return r;
}

static ssize_t read_tls(struct transport *t, void *out, size_t n)
{
	ssize_t r = tls_read(t->tls, out, n);

	if (r > 0) {
		t->can_read = !tls_drained(t->tls);
		return r;
	}
	t->can_read = false;
	if (r == TLS_DONE) {
		t->eof = true;
		return 0;
	}
	if (r == TLS_WANT_READ || r == TLS_WANT_WRITE)
		return TRANSPORT_AGAIN;
	fail(t);
	return TRANSPORT_ERROR;
}

ssize_t transport_read(struct transport *t, void *out, size_t n)
{
	ssize_t r;

	if (t->state != TRANSPORT_OPEN)
		return t->state == TRANSPORT_FAILED ? TRANSPORT_ERROR : TRANSPORT_AGAIN;
	if (t->tls)
		return read_tls(t, out, n);
	do
		r = recv(t->fd, out, n, 0);
	while (r < 0 && errno == EINTR);
	if (r > 0) {
		/* Fewer than asked: drained, unless the end of stream stands behind it without a further edge. */
		if ((size_t)r < n && !t->hung_up)
			t->can_read = false;
		return r;
	}
	t->can_read = false;
	if (r == 0) {
		t->eof = true;
		return 0;
	}
	if (errno == EAGAIN)
		return TRANSPORT_AGAIN;
	t->error = errno;
	fail(t);
	return TRANSPORT_ERROR;
}

bool transport_waiting(struct transport *t)
{
	char byte;

	if (t->tls)
		return tls_waiting(t->tls);
	if (t->state != TRANSPORT_OPEN || !t->can_read)
		return false;
	if (recv(t->fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) >= 0 || errno != EAGAIN)
		return true;
	t->can_read = false;
	return false;
}

/* Records are filled up from several pieces only when they are small: one copy is cheaper than one record more. */
#define TLS_GATHER_BYTES 16384

static ssize_t write_tls(struct transport *t, struct iovec *iov, int n)
{
	char gathered[TLS_GATHER_BYTES];
	const void *bytes = iov[0].iov_base;
	size_t len = iov[0].iov_len;
	ssize_t r;

	if (n > 1 && len < sizeof(gathered)) {
		len = 0;
		for (int i = 0; i < n && len < sizeof(gathered); i++) {
			size_t part = MIN(iov[i].iov_len, sizeof(gathered) - len);

			memcpy(gathered + len, iov[i].iov_base, part);
			len += part;
		}
		bytes = gathered;
	}
	r = tls_write(t->tls, bytes, len);
	if (r > 0)
		return r;
	t->can_write = false;
	if (r == TLS_WANT_READ || r == TLS_WANT_WRITE)
		return TRANSPORT_AGAIN;
	fail(t);
	return TRANSPORT_ERROR;
}

ssize_t transport_write(struct transport *t, struct iovec *iov, int n)
{
	struct msghdr m = {.msg_iov = iov, .msg_iovlen = (size_t)n};
	ssize_t r;

	while (n > 1 && iov->iov_len == 0) {
		iov++;
		n--;
	}
	if (t->state != TRANSPORT_OPEN)
		return t->state == TRANSPORT_FAILED ? TRANSPORT_ERROR : TRANSPORT_AGAIN;
	if (t->tls)
		return write_tls(t, iov, n);
	do
		r = n == 1 ? send(t->fd, iov->iov_base, iov->iov_len, MSG_NOSIGNAL) : sendmsg(t->fd, &m, MSG_NOSIGNAL);
	while (r < 0 && errno == EINTR);
	if (r >= 0)
		return r;
	t->can_write = false;
	if (errno == EAGAIN)
		return TRANSPORT_AGAIN;
	/* What the peer sent before it closed can still be read. */
	t->error = errno;
	return TRANSPORT_ERROR;
}

void transport_shutdown(struct transport *t)
{
	if (t->fd < 0 || t->wrote_eof)
		return;
	t->wrote_eof = true;
	if (t->tls && t->state == TRANSPORT_OPEN)
		(void)tls_shutdown(t->tls);
	shutdown(t->fd, SHUT_WR);
}

void transport_close(struct transport *t)
{
	io_stop(&t->io);
	tls_free(take(t->tls));
	first_free(t);
	closep(&t->fd);
	t->fd = -1;
	t->state = TRANSPORT_CLOSED;
	t->can_read = t->can_write = false;
}

void transport_abort(struct transport *t)
{
	struct linger none = {.l_onoff = 1};

	if (t->fd >= 0)
		setsockopt(t->fd, SOL_SOCKET, SO_LINGER, &none, sizeof(none));
	transport_close(t);
}

const char *transport_error(const struct transport *t)
{
	if (t->tls)
		return tls_error(t->tls);
	return "";
}
