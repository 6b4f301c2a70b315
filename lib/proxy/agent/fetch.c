/*
 * One small HTTP/1.1 request of the agent itself: a probe or a scrape of the application. Connection: close, the answer
 * is gathered whole up to a limit.
 */
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/mem.h"
#include "h1/message.h"
#include "net/tls.h"
#include "net/transport.h"
#include "proxy/agent/agent_internal.h"

#define ANSWER_MAX_BYTES (32u << 20)

struct fetch {
	struct list link;
	struct agent *agent;
	struct transport transport;
	struct timer timeout;
	struct task fail;
	struct buf out;
	struct h1_message answer;
	bool connect_only, head_only;
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
	h1_message_free(&f->answer);
	free(f);
}

static void fail(struct fetch *f, const char *why)
{
	finish(f, 0, why, "", SLICE(""));
}

/* ---- the answer ---- */

static void deliver(struct fetch *f)
{
	struct slice type = http_get_id(&f->answer.head, HTTP_NAME_CONTENT_TYPE);
	CLEANUP(freep) char *text = mem_printf("%.*s", SLICE_ARG(type));

	finish(f, f->answer.head.status, "", text, buf_slice(&f->answer.body));
}

static void on_end(struct fetch *f)
{
	bool begun = f->answer.state != H1_MESSAGE_HEAD;

	if (h1_message_eof(&f->answer) < 0)
		fail(f, begun ? "the answer breaks off" : "the answer is not HTTP");
	else
		deliver(f);
}

static bool answered(const struct fetch *f)
{
	return h1_message_done(&f->answer) || (f->head_only && f->answer.state != H1_MESSAGE_HEAD);
}

static void receive(struct fetch *f)
{
	char bytes[16384];

	while (!answered(f)) {
		ssize_t n = transport_read(&f->transport, bytes, sizeof(bytes));

		if (n == TRANSPORT_AGAIN)
			return;
		if (n < 0) {
			fail(f, transport_error(&f->transport));
			return;
		}
		if (n == 0) {
			on_end(f);
			return;
		}
		n = h1_message_feed(&f->answer, bytes, (size_t)n);
		if (n < 0) {
			fail(f, n == HTTP_ERR_BODY ? "the answer is too large" : "the answer is not HTTP");
			return;
		}
	}
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
	f->head_only = rq->head_only;
	h1_message_response(&f->answer, (enum http_method)http_method_find(slice_str(rq->method)),
			    rq->head_only ? SIZE_MAX : ANSWER_MAX_BYTES);
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
