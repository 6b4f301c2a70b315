/* A port-forward against an API server of the test's own: a thread that answers one connection. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/mem.h"
#include "kube/config.h"
#include "kube/forward.h"
#include "kube/spdy.h"

/* What it does. */
struct server {
	const char *head;   /* its answer to the upgrade */
	const char *error;  /* on the error stream; NULL: nothing */
	const char *answer; /* on the data stream; NULL: nothing */
	int listener;
	uint16_t port;
	char asked[512];   /* the upgrade's head */
	char request[512]; /* on the data stream */
	char types[64], forwarded[16];
	struct spdy *spdy;
	uint32_t data_id, error_id;
	bool done;
};

static void on_stream(void *arg, uint32_t id, const struct spdy_header *h, size_t n, bool fin)
{
	struct server *s = arg;
	bool data = false;

	for (size_t i = 0; i < n; i++) {
		data |= slice_eq_str(h[i].value, "data");
		if (slice_eq_str(h[i].name, "port"))
			snprintf(s->forwarded, sizeof(s->forwarded), "%.*s", SLICE_ARG(h[i].value));
	}
	snprintf(s->types + strlen(s->types), sizeof(s->types) - strlen(s->types), "%s%d ", data ? "data" : "error",
		 fin);
	if (data)
		s->data_id = id;
	else
		s->error_id = id;
	spdy_reply(s->spdy, id);
}

static void on_data(void *arg, uint32_t id, struct slice bytes, bool fin)
{
	struct server *s = arg;

	(void)id, (void)fin;
	snprintf(s->request, sizeof(s->request), "%.*s", SLICE_ARG(bytes));
	if (s->error)
		spdy_send(s->spdy, s->error_id, slice_str(s->error), true);
	if (s->answer)
		spdy_send(s->spdy, s->data_id, slice_str(s->answer), false);
	spdy_send(s->spdy, s->data_id, SLICE(""), true);
	s->done = true;
}

static void on_reset(void *arg, uint32_t id, uint32_t status)
{
	(void)arg, (void)id, (void)status;
}

static const struct spdy_ops ops = {on_stream, on_data, on_reset};

static void *serve(void *arg)
{
	struct server *s = arg;
	const int fd = accept(s->listener, NULL, NULL);
	char chunk[4096];
	size_t n = 0;

	while (!strstr(s->asked, "\r\n\r\n")) {
		const ssize_t got = recv(fd, s->asked + n, sizeof(s->asked) - 1 - n, 0);

		if (got <= 0)
			break;
		n += (size_t)got;
	}
	s->spdy = spdy_new(&ops, s);
	send(fd, s->head, strlen(s->head), MSG_NOSIGNAL);
	while (!s->done && !strncmp(s->head, "HTTP/1.1 101", 12)) {
		const ssize_t got = recv(fd, chunk, sizeof(chunk), 0);

		if (got <= 0 || spdy_feed(s->spdy, slice_make(chunk, (size_t)got), NULL) < 0)
			break;
		send(fd, spdy_out(s->spdy)->ptr, spdy_out(s->spdy)->len, MSG_NOSIGNAL);
		buf_clear(spdy_out(s->spdy));
	}
	spdy_free(s->spdy);
	close(fd);
	return NULL;
}

static void listen_on(struct server *s)
{
	struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof(a);

	s->listener = socket(AF_INET, SOCK_STREAM, 0);
	assert_int_equal(bind(s->listener, (struct sockaddr *)&a, len), 0);
	assert_int_equal(listen(s->listener, 1), 0);
	assert_int_equal(getsockname(s->listener, (struct sockaddr *)&a, &len), 0);
	s->port = ntohs(a.sin_port);
}

static int ask(struct server *s, struct buf *out, struct err *e)
{
	CLEANUP(freep) char *url = NULL;
	struct kube_config cfg = {.token = (char *)"secret"};
	const struct forward_request rq = {
		.ns = "shop", .pod = "cart-1", .port = 15000, .path = "/x?y=1", .timeout_ms = 10000};
	pthread_t thread;
	int r;

	listen_on(s);
	url = mem_printf("http://127.0.0.1:%u", s->port);
	cfg.server = url;
	assert_int_equal(pthread_create(&thread, NULL, serve, s), 0);
	r = kube_forward_http(&cfg, &rq, out, e);
	pthread_join(thread, NULL);
	close(s->listener);
	return r;
}

#define SWITCHING "HTTP/1.1 101 Switching Protocols\r\nUpgrade: SPDY/3.1\r\n\r\n"

static void test_answers(void **state)
{
	static const struct {
		struct server s;
		int status;
		const char *body, *wrong;
	} rows[] = {
		{{.head = SWITCHING, .answer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"}, 200, "hi", ""},
		{{.head = SWITCHING, .answer = "HTTP/1.1 404 Not Found\r\n\r\nno"}, 404, "no", ""},
		{{.head = SWITCHING,
		  .answer = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n1\r\nc\r\n0\r\n\r\n"},
		 200,
		 "abc",
		 ""},
		{{.head = SWITCHING, .answer = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nab"},
		 -EPROTO,
		 "",
		 "cut short"},
		{{.head = SWITCHING, .answer = "nonsense"}, -EPROTO, "", "no HTTP"},
		{{.head = SWITCHING}, -EPROTO, "", "no HTTP"},
		{{.head = SWITCHING, .error = "connection refused"},
		 -ECONNREFUSED,
		 "",
		 "shop/cart-1:15000: connection refused"},
		{{.head = "HTTP/1.1 403 Forbidden\r\n\r\nnot you"}, -EACCES, "", "403: not you"},
		{{.head = "HTTP/1.1 404 Not Found\r\n\r\nno pod"}, -ENOENT, "", "404: no pod"},
		{{.head = "HTTP/1.1 20"}, -EPROTO, "", "in the middle of a head"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(buf_done) struct buf out = BUF_INIT;
		struct server s = rows[i].s;
		struct err e = ERR_INIT;
		const int r = ask(&s, &out, &e);

		if (r != rows[i].status || strcmp(buf_str(&out), rows[i].body) != 0 || !strstr(e.msg, rows[i].wrong))
			fail_msg("%zu: %d, '%s', %s", i, r, buf_str(&out), e.msg);
	}
}

/* What is asked for: the pod's port-forward with the token, an error stream that we say nothing on, a data stream. */
static void test_request(void **state)
{
	struct server s = {.head = SWITCHING, .answer = "HTTP/1.1 200 OK\r\n\r\n"};
	CLEANUP(buf_done) struct buf out = BUF_INIT;

	(void)state;
	assert_int_equal(ask(&s, &out, NULL), 200);
	assert_non_null(strstr(s.asked, "POST /api/v1/namespaces/shop/pods/cart-1/portforward HTTP/1.1\r\n"));
	assert_non_null(strstr(s.asked, "Authorization: Bearer secret\r\n"));
	assert_string_equal(s.types, "error1 data0 ");
	assert_string_equal(s.forwarded, "15000");
	assert_non_null(strstr(s.request, "GET /x?y=1 HTTP/1.1\r\n"));
}

/* --- relays --- */

struct relayed {
	struct kube_config cfg;
	int fd, stop, result;
	struct err e;
};

static void *relay(void *arg)
{
	static const struct forward_request rq = {.ns = "shop", .pod = "cart-1", .port = 7};
	struct relayed *r = arg;

	r->result = kube_forward_relay(&r->cfg, &rq, r->fd, r->stop, &r->e);
	close(r->fd);
	return NULL;
}

/* Runs one against a server; ours is the other end of its socket. */
static void relay_with(struct server *s, struct relayed *r, pthread_t threads[2], int *ours)
{
	int pair[2];

	listen_on(s);
	r->cfg.server = mem_printf("http://127.0.0.1:%u", s->port);
	r->stop = eventfd(0, 0);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	r->fd = pair[0];
	*ours = pair[1];
	assert_int_equal(pthread_create(&threads[0], NULL, serve, s), 0);
	assert_int_equal(pthread_create(&threads[1], NULL, relay, r), 0);
}

static void relay_done(struct server *s, struct relayed *r, const pthread_t threads[2], int ours)
{
	close(ours);
	pthread_join(threads[1], NULL);
	shutdown(s->listener, SHUT_RDWR);
	pthread_join(threads[0], NULL);
	close(s->listener);
	close(r->stop);
	free(r->cfg.server);
}

static void test_relay(void **state)
{
	struct server s = {.head = SWITCHING, .answer = "pong"};
	struct relayed r = {0};
	pthread_t threads[2];
	char got[16] = "";
	int ours;

	(void)state;
	relay_with(&s, &r, threads, &ours);
	assert_int_equal(send(ours, "ping", 4, 0), 4);
	assert_int_equal(recv(ours, got, 4, MSG_WAITALL), 4);
	assert_string_equal(got, "pong");
	assert_int_equal(recv(ours, got, 4, 0), 0); /* the pod has ended, so has the relay */
	relay_done(&s, &r, threads, ours);
	assert_string_equal(s.request, "ping");
	assert_int_equal(r.result, 0);
}

static void test_relay_refused(void **state)
{
	struct server s = {.head = "HTTP/1.1 403 Forbidden\r\n\r\nnot you"};
	struct relayed r = {0};
	pthread_t threads[2];
	int ours;

	(void)state;
	relay_with(&s, &r, threads, &ours);
	relay_done(&s, &r, threads, ours);
	assert_int_equal(r.result, -EACCES);
}

/* It ends when it is told to, with a client and a pod that say nothing. */
static void test_relay_stopped(void **state)
{
	struct server s = {.head = SWITCHING};
	struct relayed r = {0};
	const uint64_t one = 1;
	pthread_t threads[2];
	char got[4];
	int ours;

	(void)state;
	relay_with(&s, &r, threads, &ours);
	assert_int_equal(write(r.stop, &one, sizeof(one)), sizeof(one));
	assert_int_equal(recv(ours, got, sizeof(got), 0), 0);
	relay_done(&s, &r, threads, ours);
	assert_int_equal(r.result, 0);
}

static void test_no_server(void **state)
{
	struct kube_config cfg = {.server = (char *)"http://127.0.0.1:1"};
	const struct forward_request rq = {.ns = "a", .pod = "b", .port = 1, .path = "/"};
	CLEANUP(buf_done) struct buf out = BUF_INIT;
	struct err e = ERR_INIT;

	(void)state;
	assert_true(kube_forward_http(&cfg, &rq, &out, &e) < 0);
	assert_non_null(strstr(e.msg, "127.0.0.1"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_answers),       cmocka_unit_test(test_request),
		cmocka_unit_test(test_relay),         cmocka_unit_test(test_relay_refused),
		cmocka_unit_test(test_relay_stopped), cmocka_unit_test(test_no_server),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
