/* A process without descriptors rests instead of spinning, and goes on when there are some again. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/log.h"
#include "net/acceptor.h"

#define CONNECTIONS 3

static int taken[CONNECTIONS];
static unsigned n_taken;

static void on_accept(struct acceptor *a, int fd, const struct addr *peer)
{
	(void)a;
	assert_int_equal(peer->sa.sa_family, AF_INET);
	taken[n_taken++] = fd;
}

static void limit_descriptors(rlim_t n)
{
	struct rlimit r;

	assert_int_equal(getrlimit(RLIMIT_NOFILE, &r), 0);
	r.rlim_cur = n;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &r), 0);
}

static void rests_without_descriptors(void **state)
{
	struct loop *l = loop_new();
	struct acceptor a = {0};
	struct err e = ERR_INIT;
	struct rlimit before;
	struct addr at;
	int clients[CONNECTIONS], fd, turns;
	int64_t until_ns;

	(void)state;
	assert_int_equal(addr_parse(SLICE("127.0.0.1"), 0, &at), 0);
	fd = socket_listen(&at, 8, 0, &e);
	assert_int_equal(socket_local_addr(fd, &at), 0);
	assert_int_equal(acceptor_start(l, &a, fd, on_accept), 0);
	for (int i = 0; i < CONNECTIONS; i++)
		clients[i] = socket_connect(&at, 0);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
	log_set_level(LOG_NONE);
	fd = dup(0); /* the lowest that is free */
	close(fd);
	limit_descriptors((rlim_t)fd + 1);
	while (!n_taken)
		loop_turn(l, -1);
	/* Nothing to do but to look again every tenth of a second: the loop waits instead of turning. */
	until_ns = clock_mono_ns() + 300 * (int64_t)NS_PER_MS;
	for (turns = 0; clock_mono_ns() < until_ns; turns++)
		loop_turn(l, 100);
	assert_in_range(turns, 1, 12);
	assert_int_equal(n_taken, 1);
	limit_descriptors(before.rlim_cur);
	while (n_taken < CONNECTIONS)
		loop_turn(l, -1);
	acceptor_stop(&a);
	acceptor_stop(&a);
	assert_int_equal(a.fd, -1);
	for (int i = 0; i < CONNECTIONS; i++) {
		close(taken[i]);
		close(clients[i]);
	}
	loop_free(l);
}

/* What comes while it is paused waits for it. */
static void paused(void **state)
{
	struct loop *l = loop_new();
	struct acceptor a = {0};
	struct err e = ERR_INIT;
	struct addr at;
	int client, fd;

	(void)state;
	n_taken = 0;
	assert_int_equal(addr_parse(SLICE("127.0.0.1"), 0, &at), 0);
	fd = socket_listen(&at, 8, 0, &e);
	assert_int_equal(socket_local_addr(fd, &at), 0);
	assert_int_equal(acceptor_start(l, &a, fd, on_accept), 0);
	acceptor_pause(&a, true);
	client = socket_connect(&at, 0);
	for (int i = 0; i < 5; i++)
		loop_turn(l, 0);
	assert_int_equal(0, n_taken);
	acceptor_pause(&a, false);
	while (!n_taken)
		loop_turn(l, -1);
	close(client);
	close(taken[0]);
	acceptor_stop(&a);
	acceptor_pause(&a, true);
	loop_free(l);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(rests_without_descriptors), cmocka_unit_test(paused)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
