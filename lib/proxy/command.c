/* "wait" and "request": one blocking HTTP/1.0 request at a time to the proxy of this pod. */
#include "proxy/command.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "net/socket.h"

#define ADMIN_PORT 15000
#define ANSWER_MAX_BYTES (64u << 20)
#define IO_TIMEOUT_S 10

static int dial(uint16_t port)
{
	struct timeval limit = {.tv_sec = IO_TIMEOUT_S};
	struct addr to;
	CLEANUP(closep) int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || addr_parse(SLICE("127.0.0.1"), port, &to) < 0)
		return -EIO;
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
	if (connect(fd, &to.sa, to.len) < 0)
		return -errno;
	return take_fd(&fd);
}

/* Returns the status, with the body in out, or a negative code. */
static int ask(uint16_t port, const char *method, const char *path, struct buf *out)
{
	CLEANUP(closep) int fd = dial(port);
	CLEANUP(buf_done) struct buf rq = BUF_INIT;
	int status;
	ssize_t n;

	if (fd < 0)
		return fd;
	buf_printf(&rq, "%s %s%s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: 0\r\n\r\n", method,
		   path[0] == '/' ? "" : "/", path);
	if (write(fd, rq.ptr, rq.len) != (ssize_t)rq.len)
		return -EIO;
	while (out->len < ANSWER_MAX_BYTES && (n = read(fd, buf_reserve(out, 65536), 65536)) > 0)
		out->len += (size_t)n;
	char *end = out->len ? memmem(out->ptr, out->len, "\r\n\r\n", 4) : NULL;
	if (!end || sscanf(out->ptr, "HTTP/1.%*d %d", &status) != 1)
		return -EPROTO;
	buf_consume(out, (size_t)(end - out->ptr) + 4);
	return status;
}

static int do_request(int argc, char **argv, struct err *e)
{
	CLEANUP(buf_done) struct buf body = BUF_INIT;
	int status;

	if (argc != 4)
		return err_set(e, -EINVAL, "usage: weft-proxy request METHOD PATH");
	status = ask(ADMIN_PORT, argv[2], argv[3], &body);
	if (status < 0)
		return err_errno(e, -status, "administration port %d", ADMIN_PORT);
	fwrite(body.ptr, 1, body.len, stdout);
	return status < 400 ? 0 : 1;
}

/* "http://host:port/path": the host is always this one. */
static int parse_url(const char *url, uint16_t *ret_port, const char **ret_path)
{
	unsigned port = 0;
	const char *slash = strncmp(url, "http://", 7) == 0 ? strchr(url + 7, '/') : NULL;

	if (!slash || sscanf(url, "http://%*[^:/]:%u", &port) != 1 || !port || port > 65535)
		return -EINVAL;
	*ret_port = (uint16_t)port;
	*ret_path = slash;
	return 0;
}

static int do_wait(int argc, char **argv, struct err *e)
{
	static const struct option options[] = {{"timeoutSeconds", required_argument, NULL, 't'},
						{"requestTimeoutMillis", required_argument, NULL, 'r'},
						{"periodMillis", required_argument, NULL, 'p'},
						{"url", required_argument, NULL, 'u'},
						{NULL, 0, NULL, 0}};
	const char *url = "http://localhost:15021/healthz/ready", *path;
	long timeout_s = 60, period_ms = 500;
	uint16_t port;
	int c;

	while ((c = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (c == 't')
			timeout_s = atol(optarg);
		else if (c == 'p')
			period_ms = atol(optarg);
		else if (c == 'u')
			url = optarg;
		else if (c == '?')
			return err_set(e, -EINVAL,
				       "usage: weft-proxy wait [--timeoutSeconds N] [--periodMillis N] [--url U]");
	}
	if (parse_url(url, &port, &path) < 0 || timeout_s < 0 || period_ms < 1)
		return err_set(e, -EINVAL, "--url: '%s' is not http://host:port/path, or a number is negative", url);
	int64_t until_ns = clock_mono_ns() + timeout_s * (int64_t)NS_PER_S;
	for (;;) {
		CLEANUP(buf_done) struct buf body = BUF_INIT;
		struct timespec pause = {period_ms / MS_PER_S, period_ms % MS_PER_S * NS_PER_MS};
		if (ask(port, "GET", path, &body) == 200)
			return 0;
		if (clock_mono_ns() >= until_ns)
			return err_set(e, -ETIMEDOUT, "the proxy is not ready after %ld s: %s", timeout_s,
				       buf_str(&body));
		nanosleep(&pause, NULL);
	}
}

int command_run(int argc, char **argv, struct err *e)
{
	if (argc > 1 && strcmp(argv[1], "request") == 0)
		return do_request(argc, argv, e);
	if (argc > 1 && strcmp(argv[1], "wait") == 0)
		return do_wait(argc, argv, e);
	return -ENOENT;
}
