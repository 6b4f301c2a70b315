/*
 * The origin of the benchmarks: answers every HTTP/1.1 request head with the same 1 KiB response, keep-alive,
 * pipelining allowed. It looks for the end of a head and nothing else.
 *
 * usage: origin PORT   (on 127.0.0.1)
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "net/loop.h"
#include "net/socket.h"

#define BODY_BYTES 1024
#define HEAD_MAX 16384

struct conn {
	struct io io;
	size_t len;
	char in[HEAD_MAX];
};

static struct loop *loop;
static char response[BODY_BYTES + 256];
static size_t response_len;

static void conn_close(struct conn *c)
{
	int fd = c->io.fd;

	io_stop(&c->io);
	close(fd);
	free(c);
}

/* Answers each complete head; false when the connection must go. */
static bool answer(struct conn *c)
{
	char *end;

	while ((end = memmem(c->in, c->len, "\r\n\r\n", 4))) {
		size_t head = (size_t)(end - c->in) + 4;

		/* A response of 1 KiB fits a socket buffer that its reader empties. */
		if (write(c->io.fd, response, response_len) != (ssize_t)response_len)
			return false;
		c->len -= head;
		memmove(c->in, c->in + head, c->len);
	}
	return c->len < HEAD_MAX;
}

static void on_readable(struct io *io, uint32_t revents)
{
	struct conn *c = CONTAINER_OF(io, struct conn, io);
	ssize_t n;

	(void)revents;
	n = read(io->fd, c->in + c->len, HEAD_MAX - c->len);
	if (n < 0 && errno == EAGAIN)
		return;
	if (n > 0)
		c->len += (size_t)n;
	if (n <= 0 || !answer(c))
		conn_close(c);
}

static void on_accept(struct io *io, uint32_t revents)
{
	int fd;

	(void)revents;
	while ((fd = socket_accept(io->fd, NULL)) >= 0) {
		struct conn *c = NEW(struct conn);

		io_start(loop, &c->io, fd, EPOLLIN, on_readable);
	}
}

int main(int argc, char **argv)
{
	struct err e = ERR_INIT;
	struct io listener = {0};
	struct addr a;
	int fd;

	if (argc != 2) {
		fputs("usage: origin PORT\n", stderr);
		return 2;
	}
	signal(SIGPIPE, SIG_IGN);
	response_len = (size_t)snprintf(response, sizeof(response),
					"HTTP/1.1 200 OK\r\nServer: origin\r\nContent-Type: text/plain\r\n"
					"Content-Length: %d\r\n\r\n",
					BODY_BYTES);
	memset(response + response_len, 'x', BODY_BYTES);
	response_len += BODY_BYTES;
	loop = loop_new();
	addr_parse(SLICE("127.0.0.1"), (uint16_t)atoi(argv[1]), &a);
	fd = socket_listen(&a, 4096, 0, &e);
	if (fd < 0) {
		fprintf(stderr, "origin: %s\n", e.msg);
		return 1;
	}
	io_start(loop, &listener, fd, EPOLLIN, on_accept);
	loop_run(loop);
	return 0;
}
