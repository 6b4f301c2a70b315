/* A connection to a pod's port, byte by byte in both directions. */
#include <errno.h>
#include <poll.h>
#include <sys/socket.h>

#include "base/clock.h"
#include "kube/forward_internal.h"

#define CONNECT_MS 30000
#define SEND_MS 30000 /* that a session may need to take what the socket gave */
#define CHUNK_BYTES 32768

struct relay {
	struct forwarding f;
	struct buf in; /* of the session, not yet read */
	int fd, stop;
	bool fd_over; /* nothing more comes from the socket */
};

static int write_all(int fd, struct slice bytes, struct err *e)
{
	while (bytes.len) {
		const ssize_t n = send(fd, bytes.ptr, bytes.len, MSG_NOSIGNAL);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return err_errno(e, errno, "the client has gone");
		bytes = slice_from(bytes, (size_t)n);
	}
	return 0;
}

/* All that has come from the pod goes to the socket. */
static int downward(struct relay *r, struct err *e)
{
	int n = 0;

	do {
		if (r->in.len && spdy_feed(r->f.spdy, buf_slice(&r->in), e) < 0)
			return -EPROTO;
		buf_clear(&r->in);
		if (write_all(r->fd, buf_slice(&r->f.answer), e) < 0)
			return -EPIPE;
		buf_clear(&r->f.answer);
		n = r->f.over ? 0 : forward_read(&r->f, &r->in, e);
	} while (n > 0);
	return n;
}

static int upward(struct relay *r, struct err *e)
{
	char chunk[CHUNK_BYTES];
	const ssize_t n = recv(r->fd, chunk, sizeof(chunk), 0);

	if (n < 0)
		return errno == EINTR || errno == EAGAIN ? 0 : err_errno(e, errno, "the client has gone");
	r->fd_over = n == 0;
	spdy_send(r->f.spdy, FORWARD_DATA_STREAM, slice_make(chunk, (size_t)n), n == 0);
	return 0;
}

static int turn(struct relay *r, struct err *e)
{
	struct pollfd p[3] = {{.fd = r->stop, .events = POLLIN}, {.events = POLLIN}, {.fd = r->fd, .events = POLLIN}};
	curl_socket_t server;
	int n;

	r->f.until_ns = clock_mono_ns() + (int64_t)SEND_MS * NS_PER_MS;
	n = forward_flush(&r->f, e);
	if (n < 0)
		return n;
	if (curl_easy_getinfo(r->f.easy, CURLINFO_ACTIVESOCKET, &server) != CURLE_OK || server == CURL_SOCKET_BAD)
		return err_set(e, -EIO, "the API server has gone");
	p[1].fd = server;
	if (poll(p, r->fd_over ? 2 : 3, -1) < 0)
		return errno == EINTR ? 0 : err_errno(e, errno, "poll");
	if (p[0].revents)
		r->f.over = true;
	n = p[1].revents ? downward(r, e) : 0;
	return n == 0 && !r->fd_over && p[2].revents ? upward(r, e) : n;
}

int kube_forward_relay(const struct kube_config *cfg, const struct forward_request *rq, int fd, int stop, struct err *e)
{
	struct relay r = {.f = {.cfg = cfg, .rq = rq}, .fd = fd, .stop = stop};
	int n;

	r.f.until_ns = clock_mono_ns() + (int64_t)(rq->timeout_ms ? rq->timeout_ms : CONNECT_MS) * NS_PER_MS;
	n = forward_begin(&r.f, &r.in, e);
	if (n == 0)
		n = downward(&r, e);
	while (n == 0 && !r.f.over && !r.f.complaint.len)
		n = turn(&r, e);
	if (n == 0)
		n = forward_complaint(&r.f, e);
	forward_end(&r.f);
	buf_done(&r.in);
	return n;
}
