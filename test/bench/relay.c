/*
 * The floor: a relay that parses nothing. Each accepted connection gets one to the upstream; bytes go both ways through
 * one buffer. One thread, epoll, edge-triggered. What a proxy costs more than this is what its features cost.
 *
 * usage: relay LISTEN-PORT UPSTREAM-PORT   (both on 127.0.0.1)
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "net/loop.h"
#include "net/socket.h"

#define CHUNK 16384

struct side {
	struct io io;
	struct side *peer;
	bool eof;        /* read end closed */
	size_t from, to; /* bytes that the peer did not take yet, in held */
	char *held;      /* allocated only while the peer is full */
};

static struct loop *loop;
static struct addr upstream;
static char chunk[CHUNK];

static void close_pair(struct side *s)
{
	struct side *both[] = {s, s->peer};

	for (int i = 0; i < 2; i++) {
		int fd = both[i]->io.fd;

		io_stop(&both[i]->io);
		close(fd);
		free(both[i]->held);
		free(both[i]);
	}
}

/* Writes what is held for this side's peer; false when it is still full or dead. */
static bool flush(struct side *s)
{
	while (s->from < s->to) {
		ssize_t n = write(s->peer->io.fd, s->held + s->from, s->to - s->from);

		if (n < 0)
			return false;
		s->from += (size_t)n;
	}
	return true;
}

static void hold(struct side *s, const char *bytes, size_t n)
{
	if (!s->held)
		s->held = mem_realloc(NULL, CHUNK);
	memcpy(s->held, bytes, n);
	s->from = 0;
	s->to = n;
}

/* Returns false when the pair is finished. */
static bool pump(struct side *s)
{
	while (!s->eof) {
		ssize_t n, done;

		if (s->from < s->to && !flush(s))
			return errno == EAGAIN;
		n = read(s->io.fd, chunk, sizeof(chunk));
		if (n < 0)
			return errno == EAGAIN;
		if (n == 0) {
			s->eof = true;
			shutdown(s->peer->io.fd, SHUT_WR);
			break;
		}
		done = write(s->peer->io.fd, chunk, (size_t)n);
		if (done < 0 && errno != EAGAIN)
			return false;
		if (done < n) {
			hold(s, chunk + (done > 0 ? done : 0), (size_t)(n - (done > 0 ? done : 0)));
			return true;
		}
		if ((size_t)n < sizeof(chunk))
			return true; /* edge-triggered: a short read means empty for now */
	}
	return !(s->eof && s->peer->eof);
}

static void on_ready(struct io *io, uint32_t revents)
{
	struct side *s = CONTAINER_OF(io, struct side, io);

	if (revents & EPOLLERR) {
		close_pair(s);
		return;
	}
	if ((revents & (EPOLLIN | EPOLLHUP | EPOLLRDHUP)) && !pump(s)) {
		close_pair(s);
		return;
	}
	if ((revents & EPOLLOUT) && s->peer->from < s->peer->to && !pump(s->peer))
		close_pair(s);
}

static void on_accept(struct io *io, uint32_t revents)
{
	int fd;

	(void)revents;
	while ((fd = socket_accept(io->fd, NULL)) >= 0) {
		int up = socket_connect(&upstream, SOCKET_NO_DELAY);
		struct side *a, *b;

		if (up < 0) {
			close(fd);
			continue;
		}
		a = NEW(struct side);
		b = NEW(struct side);
		a->peer = b;
		b->peer = a;
		io_start(loop, &b->io, up, EPOLLIN | EPOLLOUT | EPOLLET, on_ready);
		io_start(loop, &a->io, fd, EPOLLIN | EPOLLOUT | EPOLLET, on_ready);
	}
}

int main(int argc, char **argv)
{
	struct err e = ERR_INIT;
	struct io listener = {0};
	struct addr a;
	int fd;

	if (argc != 3) {
		fputs("usage: relay LISTEN-PORT UPSTREAM-PORT\n", stderr);
		return 2;
	}
	signal(SIGPIPE, SIG_IGN);
	loop = loop_new();
	addr_parse(SLICE("127.0.0.1"), (uint16_t)atoi(argv[1]), &a);
	addr_parse(SLICE("127.0.0.1"), (uint16_t)atoi(argv[2]), &upstream);
	fd = socket_listen(&a, 1024, 0, &e);
	if (fd < 0) {
		fprintf(stderr, "relay: %s\n", e.msg);
		return 1;
	}
	io_start(loop, &listener, fd, EPOLLIN, on_accept);
	loop_run(loop);
	return 0;
}
