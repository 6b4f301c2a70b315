/* "weft-proxy wait": the hook that holds the application back; and the two options of the log's level. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <pthread.h>
#include <unistd.h>

#include "base/log.h"
#include "net/socket.h"
#include "proxy/boot/bootstrap.h"
#include "proxy/boot/command.h"

struct peer {
	int fd, refusals; /* so many answers before the one that says ready */
	char url[64];
	pthread_t thread;
};

static void *serve(void *arg)
{
	struct peer *p = arg;

	for (int n = 0; n <= p->refusals; n++) {
		const char *answer =
			n < p->refusals ? "HTTP/1.1 503 no\r\n\r\nstill warming" : "HTTP/1.1 200 OK\r\n\r\n";
		char request[1024];
		int c = accept(p->fd, NULL, NULL);

		assert_true(read(c, request, sizeof(request)) > 0);
		assert_true(write(c, answer, strlen(answer)) > 0);
		close(c);
	}
	return NULL;
}

static void listen_on(struct peer *p)
{
	struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof(a);

	p->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(p->fd, (struct sockaddr *)&a, sizeof(a)), 0);
	assert_int_equal(listen(p->fd, 8), 0);
	assert_int_equal(getsockname(p->fd, (struct sockaddr *)&a, &len), 0);
	snprintf(p->url, sizeof(p->url), "http://localhost:%d/healthz/ready", ntohs(a.sin_port));
}

static int run(struct err *e, const char *a, const char *b, const char *c, const char *d)
{
	const char *argv[] = {"weft-proxy", "wait", a, b, c, d, NULL};
	int argc = 2;

	while (argv[argc])
		argc++;
	*e = (struct err)ERR_INIT;
	return command_run(argc, (char **)argv, e);
}

static void test_ready(void **state)
{
	struct peer p = {.refusals = 2};
	struct err e;

	(void)state;
	listen_on(&p);
	assert_int_equal(pthread_create(&p.thread, NULL, serve, &p), 0);
	assert_int_equal(run(&e, "--url", p.url, "--periodMillis=1", "--timeoutSeconds=60"), 0);
	pthread_join(p.thread, NULL);
	close(p.fd);
}

/* Nobody listens: over at once when no time is given, with what was seen last. */
static void test_never_ready(void **state)
{
	struct peer p = {.refusals = 0};
	struct err e;

	(void)state;
	listen_on(&p);
	close(p.fd);
	assert_int_equal(run(&e, "--url", p.url, "--timeoutSeconds=0", NULL), -ETIMEDOUT);
	assert_string_equal(e.msg, "the proxy is not ready after 0 s: ");
}

/* A proxy that takes the connection and says nothing costs one request's time, no more. */
static void test_silent(void **state)
{
	struct peer p = {.refusals = 0};
	struct err e;

	(void)state;
	listen_on(&p);
	assert_int_equal(run(&e, "--url", p.url, "--timeoutSeconds=0", "--requestTimeoutMillis=1"), -ETIMEDOUT);
	close(p.fd);
}

static void test_usage(void **state)
{
	struct err e;

	(void)state;
	assert_int_equal(run(&e, "--url", "https://x/", NULL, NULL), -EINVAL);
	assert_int_equal(run(&e, "--url", "http://x:0/", NULL, NULL), -EINVAL);
	assert_int_equal(run(&e, "--periodMillis=0", NULL, NULL, NULL), -EINVAL);
	assert_int_equal(run(&e, "--requestTimeoutMillis=0", NULL, NULL, NULL), -EINVAL);
	assert_int_equal(run(&e, "--nonsense", NULL, NULL, NULL), -EINVAL);
	assert_int_equal(command_run(1, (char *[]){(char *)"weft-proxy", NULL}, &e), -ENOENT);
}

static void test_log_levels(void **state)
{
	static const struct {
		const char *agent, *proxy;
		enum log_level want;
	} rows[] = {
		{"--log_output_level=default:info", "--proxyLogLevel=warning", LOG_INFO},
		{"--log_output_level=default:warn", "--proxyLogLevel=debug", LOG_DEBUG},
		{"--log_output_level=default:error", "--proxyLogLevel=trace", LOG_DEBUG},
		{"--log_output_level=none", "--proxyLogLevel=critical", LOG_ERROR},
		{"--log_output_level=none", "--proxyLogLevel=off", LOG_NONE},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const char *argv[] = {"weft-proxy", "proxy", "sidecar", rows[i].proxy, rows[i].agent, NULL};
		struct err e = ERR_INIT;
		struct bootstrap b;

		if (bootstrap_init(&b, 5, (char **)argv, &e) != 0)
			fail_msg("%s", e.msg);
		bootstrap_done(&b);
		if (log_get_level() != rows[i].want)
			fail_msg("row %zu: %d", i, log_get_level());
	}
	log_set_level(LOG_INFO);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ready), cmocka_unit_test(test_never_ready), cmocka_unit_test(test_silent),
		cmocka_unit_test(test_usage), cmocka_unit_test(test_log_levels),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
