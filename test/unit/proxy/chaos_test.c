/*
 * The data path under whatever clients and origins may do: random sequences of requests, answers, pieces, ends, resets,
 * full windows, waiting and new configurations. Nothing may end the worker, and when all have gone, nothing is held.
 *
 * usage: chaos_test [FIRST-SEED [SEEDS]]; a failing seed is printed.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include "loopback/rig.c"

#define STEPS 300
#define ENDS_MAX 24

static uint64_t first_seed = 1, n_seeds = 100;

static const char *const requests[] = {
	"GET / HTTP/1.1\r\nHost: a\r\n\r\n",
	"GET / HTTP/1.1\r\nHost: a\r\n\r\n",
	"HEAD / HTTP/1.1\r\nHost: a\r\n\r\n",
	"GET /1 HTTP/1.1\r\nHost: a\r\n\r\nGET /2 HTTP/1.1\r\nHost: a\r\n\r\n",
	"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
	"GET / HTTP/1.0\r\nHost: a\r\n\r\n",
	"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n01234",
	"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n0123456789",
	"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 30000\r\n\r\n",
	"POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n",
	"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabcde\r\n",
	"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabcde\r\n0\r\n\r\n",
	"GET / HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n",
	"CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\n",
	"CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\nearly",
	"nonsense\r\n\r\n",
	"GET / HTTP/1.1\r\nHost: a\r\nX: ",
};

static const char *const answers[] = {
	"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok",
	"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok",
	"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nok",
	"HTTP/1.1 200 OK\r\nContent-Length: 30000\r\n\r\n",
	"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabcde\r\n",
	"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabcde\r\n0\r\n\r\n",
	"HTTP/1.1 200 OK\r\n\r\nuntil the end",
	"HTTP/1.1 503 X\r\nContent-Length: 0\r\n\r\n",
	"HTTP/1.1 503 X\r\nContent-Length: 0\r\n\r\n",
	"HTTP/1.1 503 X\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
	"HTTP/1.1 204 N\r\n\r\n",
	"HTTP/1.1 304 N\r\nContent-Length: 7\r\n\r\n",
	"HTTP/1.1 100 C\r\n\r\n",
	"HTTP/1.1 101 S\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n",
	"HTTP/1.1 101 S\r\nConnection: upgrade\r\nUpgrade: other\r\n\r\n",
	"HTTP/1.1 101 S\r\n\r\n",
	"HTTP/1.1 200 OK\r\n",
	"nonsense\r\n\r\n",
};

static const char *const pieces[] = {"56789", "x", "5\r\nabcde\r\n", "0\r\n\r\n", "\r\n\r\n", "\r\n", "zz\r\n"};

static const struct rig_http configs[] = {
	{.hcm = "upgrade_configs: [{upgrade_type: websocket}, {upgrade_type: CONNECT}], stream_idle_timeout: 20s",
	 .route = "timeout: 3s, retry_policy: {retry_on: '5xx,connect-failure', num_retries: 3, per_try_timeout: 1s}"},
	{.hcm = "upgrade_configs: [{upgrade_type: websocket}, {upgrade_type: CONNECT}], request_timeout: 10s, "
		"http_protocol_options: {accept_http_10: true}",
	 .cluster = "circuit_breakers: {thresholds: [{max_connections: 2, max_pending_requests: 2, max_requests: 4, "
		    "max_retries: 1}]}, outlier_detection: {consecutive_5xx: 2, interval: 1s}",
	 .endpoints = "10.0.0.1:80 10.0.0.2:80",
	 .route = "timeout: 0s, retry_policy: {retry_on: 'reset,retriable-4xx'}"},
	{.hcm = "common_http_protocol_options: {max_requests_per_connection: 2, idle_timeout: 10s}",
	 .route = "request_mirror_policies: [{cluster: c}], retry_policy: {retry_on: 5xx}",
	 .filters = "{name: f, typed_config: {'@type': "
		    "type.googleapis.com/envoy.extensions.filters.http.fault.v3.HTTPFault, "
		    "delay: {fixed_delay: 0.5s, percentage: {numerator: 30}}, abort: {http_status: 503, percentage: "
		    "{numerator: 10}}}}, "},
	{.route = "timeout: 1s", .endpoints = "10.0.0.3:80 10.0.0.1:80"}, /* the first is never answered */
};

static const char *const tcp_configs[] = {"idle_timeout: 20s, max_connect_attempts: 3", "idle_timeout: 5s"};

struct ends {
	int v[ENDS_MAX];
	unsigned n;
};

static struct rig r;
static struct rand dice;
static struct ends clients, servers;
static int other;
static bool tcp;

static const char *text_of(unsigned n)
{
	static char text[40001];

	memset(text, 'x', n);
	text[n] = 0;
	return text;
}

static void put(int fd, const char *text)
{
	(void)!send(fd, text, strlen(text), 0);
}

static void remove_end(struct ends *e, unsigned i)
{
	e->v[i] = e->v[--e->n];
}

static void add_end(struct ends *e, int fd)
{
	if (e->n == ENDS_MAX) {
		unsigned i = rand_below(&dice, e->n);

		loopback_close(e->v[i]);
		remove_end(e, i);
	}
	e->v[e->n++] = fd;
}

#define ONE_OF(list) ((list)[rand_below(&dice, ARRAY_LEN(list))])

static const char *some_config(void)
{
	if (tcp)
		return rig_tcp_yaml(ONE_OF(tcp_configs), ONE_OF(configs).cluster);
	return rig_http_yaml(&ONE_OF(configs));
}

/* What either end may do beside speaking sense. */
static void act(struct ends *e, unsigned i)
{
	int fd = e->v[i];

	switch (rand_below(&dice, 10)) {
	case 0:
		loopback_close(fd);
		remove_end(e, i);
		return;
	case 1:
		loopback_abort(fd);
		remove_end(e, i);
		return;
	case 2:
		loopback_shutdown(fd);
		return;
	case 3:
		loopback_window(fd, 1 + rand_below(&dice, 3000));
		return;
	case 4:
		put(fd, text_of(rand_below(&dice, 40000)));
		return;
	case 5:
		put(fd, ONE_OF(pieces));
		return;
	default:
		(void)loopback_got(fd);
		return;
	}
}

static void step(void)
{
	unsigned i;
	int fd;

	while ((fd = loopback_accept(r.origin)) >= 0 || (fd = loopback_accept(other)) >= 0)
		add_end(&servers, fd);
	switch (rand_below(&dice, 8)) {
	case 0:
		fd = loopback_connect(RIG_LISTENER);
		add_end(&clients, fd);
		put(fd, ONE_OF(requests));
		break;
	case 1:
	case 2:
		if (clients.n)
			act(&clients, rand_below(&dice, clients.n));
		break;
	case 3:
		if (servers.n)
			act(&servers, rand_below(&dice, servers.n));
		break;
	case 4:
	case 5:
		if (servers.n)
			put(servers.v[rand_below(&dice, servers.n)], ONE_OF(answers));
		break;
	case 6:
		i = rand_below(&dice, 20);
		if (i == 0)
			rig_configure(&r, some_config());
		else if (i < 4)
			loopback_accept_window(1 + rand_below(&dice, i == 1 ? 3000 : LOOPBACK_WINDOW_BYTES));
		else if (clients.n)
			put(clients.v[rand_below(&dice, clients.n)], ONE_OF(requests));
		break;
	default:
		rig_advance(&r, rand_below(&dice, 1200));
		break;
	}
	/* Sometimes several things have happened before the proxy looks. */
	if (rand_below(&dice, 3))
		rig_run(&r);
}

static void leave(struct ends *e)
{
	while (e->n)
		loopback_close(e->v[--e->n]);
}

static void run_seed(uint64_t seed)
{
	const struct cluster *c;
	int fd;

	dice = (struct rand){seed};
	tcp = seed % 4 == 0;
	rig_start(&r, some_config());
	other = loopback_listen("10.0.0.2:80");
	loopback_black_hole("10.0.0.3:80");
	for (int i = 0; i < STEPS; i++)
		step();
	leave(&clients);
	leave(&servers);
	/* Mirrors have the longest patience. */
	for (int i = 0; i < 150; i++) {
		while ((fd = loopback_accept(r.origin)) >= 0 || (fd = loopback_accept(other)) >= 0)
			loopback_close(fd);
		rig_advance(&r, 1000);
	}
	c = rig_cluster(&r, "c");
	if (r.worker.n_downs || r.worker.n_shadows || r.worker.buffers.taken || c->counters.rq_active ||
	    c->counters.rq_pending_active || c->counters.cx_active)
		fail_msg("seed %lu: %u connections, %u mirrors, %zu buffers, %lu requests, %lu waiting, %lu to "
			 "endpoints",
			 seed, r.worker.n_downs, r.worker.n_shadows, r.worker.buffers.taken, c->counters.rq_active,
			 c->counters.rq_pending_active, c->counters.cx_active);
	for (int i = 0; i < BREAKER_KIND_COUNT; i++)
		if (atomic_load(&c->breaker->used[i]))
			fail_msg("seed %lu: breaker %d holds %u", seed, i, atomic_load(&c->breaker->used[i]));
	rig_stop(&r);
}

static void nothing_is_held(void **state)
{
	(void)state;
	for (uint64_t i = 0; i < n_seeds; i++) {
		if (getenv("CHAOS_PRINT"))
			fprintf(stderr, "seed %lu\n", first_seed + i);
		run_seed(first_seed + i);
	}
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(nothing_is_held)};

	if (argc > 1)
		first_seed = strtoull(argv[1], NULL, 10);
	if (argc > 2)
		n_seeds = strtoull(argv[2], NULL, 10);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
