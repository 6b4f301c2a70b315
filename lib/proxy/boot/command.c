/* "wait" and "request": one blocking HTTP request at a time to the proxy of this pod. */
#include "proxy/boot/command.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/flags.h"
#include "h1/message.h"
#include "net/socket.h"

#define ADMIN_PORT 15000
#define ANSWER_MAX_BYTES (64u << 20)
#define IO_TIMEOUT_MS 10000

static int dial(uint16_t port, long timeout_ms)
{
	struct timeval limit = {timeout_ms / MS_PER_S, timeout_ms % MS_PER_S * 1000};
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

static int gather(int fd, struct h1_message *m)
{
	char bytes[16384];

	while (!h1_message_done(m)) {
		ssize_t n = read(fd, bytes, sizeof(bytes));

		if (n < 0)
			return -errno;
		if (n == 0)
			return h1_message_eof(m) < 0 ? -EPROTO : 0;
		if (h1_message_feed(m, bytes, (size_t)n) < 0)
			return -EPROTO;
	}
	return 0;
}

/* Returns the status, with the body in out, or a negative code. */
static int ask(uint16_t port, const char *method, const char *path, long timeout_ms, struct buf *out)
{
	CLEANUP(closep) int fd = dial(port, timeout_ms);
	CLEANUP(buf_done) struct buf rq = BUF_INIT;
	CLEANUP(h1_message_free) struct h1_message answer;
	int r;

	h1_message_response(&answer, (enum http_method)http_method_find(slice_str(method)), ANSWER_MAX_BYTES);
	if (fd < 0)
		return fd;
	buf_printf(&rq, "%s %s%s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: 0\r\n\r\n", method,
		   path[0] == '/' ? "" : "/", path);
	if (write(fd, rq.ptr, rq.len) != (ssize_t)rq.len)
		return -EIO;
	r = gather(fd, &answer);
	if (r < 0)
		return r;
	buf_append_slice(out, buf_slice(&answer.body));
	return answer.head.status;
}

static int do_request(int argc, char **argv, struct err *e)
{
	CLEANUP(buf_done) struct buf body = BUF_INIT;
	int status;

	if (argc != 4)
		return err_set(e, -EINVAL, "usage: weft-proxy request METHOD PATH");
	status = ask(ADMIN_PORT, argv[2], argv[3], IO_TIMEOUT_MS, &body);
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

struct wait_options {
	const char *url;
	long timeout_s, request_ms, period_ms;
};

static int parse_wait(int argc, char **argv, struct wait_options *o, struct err *e)
{
	static const struct flag table[] = {
		{'t', "timeoutSeconds", "N", "gives up then (60)"},
		{'r', "requestTimeoutMillis", "N", "of one question (500)"},
		{'p', "periodMillis", "N", "between two questions (500)"},
		{'u', "url", "URL", "what to ask (http://localhost:15021/healthz/ready)"},
	};
	static const struct flags_program program = {"weft-proxy", "wait [flags]", "Ends when the proxy is ready.",
						     table, ARRAY_LEN(table)};
	struct flags f = flags_begin(&program, argc, argv);
	int c;

	while ((c = flags_next(&f)) > 0) {
		if (c == 't')
			o->timeout_s = atol(f.value);
		else if (c == 'r')
			o->request_ms = atol(f.value);
		else if (c == 'p')
			o->period_ms = atol(f.value);
		else
			o->url = f.value;
	}
	if (c == FLAGS_EXIT)
		return f.status ? err_set(e, -EINVAL, "it cannot wait with such flags") : 1;
	return 0;
}

/* Until the proxy says that it is ready: the postStart hook of a pod whose application waits for its proxy. */
static int do_wait(int argc, char **argv, struct err *e)
{
	struct wait_options o = {"http://localhost:15021/healthz/ready", 60, 500, 500};
	const char *path;
	uint16_t port;
	int r = parse_wait(argc, argv, &o, e);

	if (r != 0)
		return r < 0 ? r : 0;
	if (parse_url(o.url, &port, &path) < 0 || o.timeout_s < 0 || o.period_ms < 1 || o.request_ms < 1)
		return err_set(e, -EINVAL, "--url: '%s' is not http://host:port/path, or a number is too small", o.url);
	int64_t until_ns = clock_mono_ns() + o.timeout_s * (int64_t)NS_PER_S;
	for (;;) {
		CLEANUP(buf_done) struct buf body = BUF_INIT;
		struct timespec pause = {o.period_ms / MS_PER_S, o.period_ms % MS_PER_S * NS_PER_MS};
		if (ask(port, "GET", path, o.request_ms, &body) == 200)
			return 0;
		if (clock_mono_ns() >= until_ns)
			return err_set(e, -ETIMEDOUT, "the proxy is not ready after %ld s: %s", o.timeout_s,
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
