/* See acceptor.h. */
#include "net/acceptor.h"

#include <errno.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"

/* Then others on the loop get their turn. */
#define BURST 64
#define REST_MS 100

static void listen_on(struct acceptor *a)
{
	io_set(&a->io, a->paused || timer_active(&a->rest) ? 0 : EPOLLIN);
}

static void on_rested(struct timer *t)
{
	listen_on(CONTAINER_OF(t, struct acceptor, rest));
}

void acceptor_pause(struct acceptor *a, bool paused)
{
	if (!a->loop || a->paused == paused)
		return;
	a->paused = paused;
	listen_on(a);
}

static void rest(struct acceptor *a, int r)
{
	static _Thread_local struct log_limit limit;
	char text[ADDR_TEXT_MAX] = "";
	unsigned suppressed;
	struct addr at;

	if (log_limit_ok(&limit, loop_now_ns(a->loop), NS_PER_S, &suppressed)) {
		if (socket_local_addr(a->fd, &at) == 0)
			addr_format(&at, text);
		log_warn("net", "accept on %s: %s; pausing it", text, strerror(-r));
	}
	timer_start(a->loop, &a->rest, REST_MS, on_rested);
	listen_on(a);
}

static void on_readable(struct io *io, uint32_t revents)
{
	struct acceptor *a = CONTAINER_OF(io, struct acceptor, io);

	(void)revents;
	for (int i = 0; i < BURST && !a->paused; i++) {
		struct addr peer = {.len = 0};
		int fd = socket_accept(a->fd, &peer);

		if (fd == -EAGAIN)
			return;
		if (fd == -EMFILE || fd == -ENFILE || fd == -ENOBUFS || fd == -ENOMEM) {
			rest(a, fd);
			return;
		}
		if (fd >= 0) /* else the connection broke before it was taken */
			a->fn(a, fd, &peer);
	}
}

int acceptor_start(struct loop *l, struct acceptor *a, int listen_fd,
		   void (*fn)(struct acceptor *a, int fd, const struct addr *peer))
{
	int r;

	*a = (struct acceptor){.loop = l, .fd = listen_fd, .fn = fn};
	r = io_start(l, &a->io, listen_fd, EPOLLIN, on_readable);
	if (r < 0)
		acceptor_stop(a);
	return r;
}

void acceptor_stop(struct acceptor *a)
{
	if (!a->loop)
		return;
	timer_stop(&a->rest);
	io_stop(&a->io);
	closep(&a->fd);
	a->fd = -1;
	a->loop = NULL;
}
