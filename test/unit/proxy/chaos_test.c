/*
 * The data path under whatever clients and origins may do: random sequences of requests, answers, pieces, ends, resets,
 * full windows, waiting and new configurations. Nothing may end the worker, and when all have gone, nothing is held.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include "loopback/chaos.c"

#define STEPS 300

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

static struct rig r;
static struct chaos_ends clients, servers;
static int other;
static bool tcp;

static const char *text_of(unsigned n)
{
	static char text[40001];

	memset(text, 'x', n);
	text[n] = 0;
	return text;
}

static const char *some_config(void)
{
	if (tcp)
		return rig_tcp_yaml(ONE_OF(tcp_configs), ONE_OF(configs).cluster);
	return rig_http_yaml(&ONE_OF(configs));
}

/* What either end may do beside speaking sense. */
static void act(struct chaos_ends *e, unsigned i)
{
	int fd = e->v[i];

	switch (rand_below(&chaos_dice, 10)) {
	case 0:
		loopback_close(fd);
		chaos_remove(e, i);
		return;
	case 1:
		loopback_abort(fd);
		chaos_remove(e, i);
		return;
	case 2:
		loopback_shutdown(fd);
		return;
	case 3:
		loopback_window(fd, 1 + rand_below(&chaos_dice, 3000));
		return;
	case 4:
		chaos_put(fd, text_of(rand_below(&chaos_dice, 40000)));
		return;
	case 5:
		chaos_put(fd, ONE_OF(pieces));
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
		chaos_add(&servers, fd);
	switch (rand_below(&chaos_dice, 8)) {
	case 0:
		fd = loopback_connect(RIG_LISTENER);
		chaos_add(&clients, fd);
		chaos_put(fd, ONE_OF(requests));
		break;
	case 1:
	case 2:
		if (clients.n)
			act(&clients, rand_below(&chaos_dice, clients.n));
		break;
	case 3:
		if (servers.n)
			act(&servers, rand_below(&chaos_dice, servers.n));
		break;
	case 4:
	case 5:
		if (servers.n)
			chaos_put(servers.v[rand_below(&chaos_dice, servers.n)], ONE_OF(answers));
		break;
	case 6:
		i = rand_below(&chaos_dice, 20);
		if (i == 0)
			rig_configure(&r, some_config());
		else if (i < 4)
			loopback_accept_window(1 + rand_below(&chaos_dice, i == 1 ? 3000 : LOOPBACK_WINDOW_BYTES));
		else if (clients.n)
			chaos_put(clients.v[rand_below(&chaos_dice, clients.n)], ONE_OF(requests));
		break;
	default:
		rig_advance(&r, rand_below(&chaos_dice, 1200));
		break;
	}
	/* Sometimes several things have happened before the proxy looks. */
	if (rand_below(&chaos_dice, 3))
		rig_run(&r);
}

static void run_seed(uint64_t seed)
{
	chaos_dice = (struct rand){seed};
	tcp = seed % 4 == 0;
	rig_start(&r, some_config());
	other = loopback_listen("10.0.0.2:80");
	loopback_black_hole("10.0.0.3:80");
	for (int i = 0; i < STEPS; i++)
		step();
	chaos_leave(&clients);
	chaos_leave(&servers);
	chaos_turn_away(&r, (const int[]){r.origin, other}, 2);
	chaos_nothing_held(&r, seed);
	rig_stop(&r);
}

int main(int argc, char **argv)
{
	return chaos_main(argc, argv, 100, run_seed);
}
