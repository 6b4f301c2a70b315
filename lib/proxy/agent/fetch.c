/*
 * One small HTTP/1.1 request of the agent itself: a probe or a scrape of the application. Connection: close, the answer
 * is gathered whole up to a limit; a chunked body is joined by a minimal reader.
 */
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/mem.h"
#include "net/tls.h"
#include "net/transport.h"
#include "proxy/agent/agent_internal.h"

#define ANSWER_MAX_BYTES (32u << 20)
#define HEAD_MAX_BYTES 65536

struct fetch {
	struct list link;
	struct agent *agent;
	struct transport transport;
	struct timer timeout;
	struct task fail;
	struct buf out, in;
	bool connect_only, sent;
	agent_fetch_fn *fn;
	void *ctx;
	struct tls_ctx *tls;
};

static void finish(struct fetch *f, int status, const char *why, const char *type, struct slice body)
{
	agent_fetch_fn *fn = f->fn;
	void *ctx = f->ctx;

	timer_stop(&f->timeout);
	task_cancel(&f->fail);
	transport_close(&f->transport);
	list_remove(&f->link);
	fn(ctx, status, why, type, body);
	tls_ctx_unref(f->tls);
	buf_done(&f->out);
	buf_done(&f->in);
	free(f);
}

static void fail(struct fetch *f, const char *why)
{
	finish(f, 0, why, "", SLICE(""));
}

/* ---- the answer ---- */

static struct slice header_value(struct slice head, const char *name)
{
	size_t n = strlen(name);

	while (head.len) {
		struct slice line = slice_split(&head, '\n');
		if (line.len > n && line.ptr[n] == ':' && strncasecmp(line.ptr, name, n) == 0) {
			line = slice_trim(slice_from(line, n + 1));
			if (line.len && line.ptr[line.len - 1] == '\r')
				line.len--;
			return slice_trim(line);
		}
	}
	return SLICE("");
}

/* Joins chunks in place; what is broken ends the body. */
static struct slice join_chunks(char *p, size_t n)
{
	size_t in = 0, out = 0;

	while (in < n) {
		char *end, *line = memchr(p + in, '\n', n - in);
		if (!line)
			break;
		size_t size = strtoul(p + in, &end, 16);
		in = (size_t)(line - p) + 1;
		if (!size || size > n - in)
			break;
		memmove(p + out, p + in, size);
		out += size;
		in += size + 2;
	}
	return slice_make(p, out);
}

static void deliver(struct fetch *f)
{
	char *end = f->in.len ? memmem(f->in.ptr, f->in.len, "\r\n\r\n", 4) : NULL;
	int status = 0;

	if (!end || sscanf(f->in.ptr, "HTTP/1.%*d %d", &status) != 1 || status < 100 || status > 999) {
		fail(f, "the answer is not HTTP");
		return;
	}
	struct slice head = slice_make(f->in.ptr, (size_t)(end - f->in.ptr));
	struct slice body = slice_make(end + 4, f->in.len - head.len - 4);
	if (slice_eq_nocase(header_value(head, "transfer-encoding"), SLICE("chunked")))
		body = join_chunks(end + 4, body.len);
	CLEANUP(freep) char *type = mem_printf("%.*s", SLICE_ARG(header_value(head, "content-type")));
	finish(f, status, "", type, body);
}

/* Whether everything that content-length promises is there. */
static bool complete(const struct fetch *f)
{
	const char *end = f->in.len ? memmem(f->in.ptr, f->in.len, "\r\n\r\n", 4) : NULL;
	uint64_t n;

	if (!end)
		return false;
	struct slice head = slice_make(f->in.ptr, (size_t)(end - f->in.ptr));
	struct slice length = header_value(head, "content-length");
	return length.len && slice_to_u64(length, ANSWER_MAX_BYTES, &n) == 0 && f->in.len - head.len - 4 >= n;
}

static void receive(struct fetch *f)
{
	for (;;) {
		ssize_t n = transport_read(&f->transport, buf_reserve(&f->in, 8192), 8192);
		if (n == TRANSPORT_AGAIN)
			break;
		if (n <= 0) {
			deliver(f);
			return;
		}
		f->in.len += (size_t)n;
		if (f->in.len > ANSWER_MAX_BYTES) {
			fail(f, "the answer is too large");
			return;
		}
	}
	if (complete(f))
		deliver(f);
}

static bool send_request(struct fetch *f)
{
	while (f->out.len) {
		struct iovec v = {f->out.ptr, f->out.len};
		ssize_t n = transport_write(&f->transport, &v, 1);
		if (n == TRANSPORT_AGAIN)
			return true;
		if (n < 0)
			return false;
		buf_consume(&f->out, (size_t)n);
	}
	return true;
}

static void on_transport(struct transport *t)
{
	struct fetch *f = CONTAINER_OF(t, struct fetch, transport);

	if (t->state == TRANSPORT_FAILED) {
		fail(f, transport_error(t));
		return;
	}
	if (t->state != TRANSPORT_OPEN)
		return;
	if (f->connect_only) {
		finish(f, 200, "", "", SLICE(""));
		return;
	}
	if (!send_request(f)) {
		fail(f, transport_error(t));
		return;
	}
	if (t->can_read)
		receive(f);
}

void agent_fetch_stop(struct agent *a)
{
	while (!list_empty(&a->fetches))
		fail(LIST_FIRST(&a->fetches, struct fetch, link), "ending");
}

/* ---- the request ---- */

static void on_timeout(struct timer *t)
{
	fail(CONTAINER_OF(t, struct fetch, timeout), "timed out");
}

static void on_fail(struct task *t)
{
	fail(CONTAINER_OF(t, struct fetch, fail), "cannot connect");
}

static int open_socket(const struct agent_fetch_request *rq)
{
	CLEANUP(closep) int fd = socket(rq->to.sa.sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	int one = 1;

	if (fd < 0)
		return -1;
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	if (rq->from.len && bind(fd, &rq->from.sa, rq->from.len) < 0)
		return -1;
	if (connect(fd, &rq->to.sa, rq->to.len) < 0 && errno != EINPROGRESS)
		return -1;
	return take_fd(&fd);
}

static struct tls *open_tls(struct fetch *f, int fd)
{
	struct tls_params p = {.verify = TLS_VERIFY_NONE};

	if (tls_ctx_new(&p, &f->tls, NULL) < 0)
		return NULL;
	return tls_new(f->tls, fd, NULL, NULL);
}

void agent_fetch(struct agent *a, const struct agent_fetch_request *rq, agent_fetch_fn *fn, void *ctx)
{
	struct fetch *f = NEW(struct fetch);
	int fd = open_socket(rq);

	f->agent = a;
	f->fn = fn;
	f->ctx = ctx;
	f->connect_only = rq->connect_only;
	f->transport.fd = -1;
	list_append(&a->fetches, &f->link);
	buf_printf(&f->out, "%s %s HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n%s\r\n", rq->method, rq->path, rq->host,
		   rq->headers);
	struct tls *tls = fd >= 0 && rq->tls ? open_tls(f, fd) : NULL;
	if (fd < 0 || transport_connect(&f->transport, a->loop, fd, tls, on_transport) < 0) {
		task_defer(a->loop, &f->fail, on_fail);
		return;
	}
	timer_start(a->loop, &f->timeout, rq->timeout_ms, on_timeout);
}
