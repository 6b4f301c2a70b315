/* The end of a proxy, as its clients see it: what is under way ends well, and who is idle is told before he is cut off.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <cmocka.h>

#include "loopback/rig.c"

#include "loopback/h2_peer.h"

#define GET "GET / HTTP/1.1\r\nHost: a\r\n\r\n"
#define OK "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"

static void drain_now(struct rig *r, enum workers_drain what)
{
	drain(&r->worker, &(struct order){.all = &r->workers, .drain = what});
	loopback_run(r->loop);
}

static void keep_alive(struct rig *r, int *ret_client, int *ret_up)
{
	*ret_client = rig_request(r, GET);
	*ret_up = rig_accept(r);
	(void)loopback_got(*ret_up);
	rig_send(r, *ret_up, OK);
	assert_null(strstr(loopback_got(*ret_client), "connection: close"));
}

static void the_idle_are_told_first(void **state)
{
	struct rig r;
	int client, up;

	(void)state;
	rig_start(&r, rig_http_yaml(&(struct rig_http){0}));
	keep_alive(&r, &client, &up);
	drain_now(&r, WORKERS_DRAIN_ALL);
	assert_false(loopback_ended(client));
	rig_send(&r, client, GET);
	rig_send(&r, up, OK);
	assert_non_null(strstr(loopback_got(client), "connection: close\r\n"));
	assert_true(loopback_ended(client));
	rig_stop(&r);
}

static void and_then_let_go(void **state)
{
	struct rig r;
	int client, up;

	(void)state;
	rig_start(&r, rig_http_yaml(&(struct rig_http){0}));
	keep_alive(&r, &client, &up);
	drain_now(&r, WORKERS_DRAIN_ALL);
	drain_now(&r, WORKERS_DRAIN_IDLE);
	assert_true(loopback_ended(client));
	rig_stop(&r);
}

static void an_exchange_ends(void **state)
{
	struct rig r;
	int client, up;

	(void)state;
	rig_start(&r, rig_http_yaml(&(struct rig_http){0}));
	client = rig_request(&r, GET);
	up = rig_accept(&r);
	drain_now(&r, WORKERS_DRAIN_ALL);
	drain_now(&r, WORKERS_DRAIN_IDLE);
	rig_advance(&r, 7000);
	assert_false(loopback_ended(client));
	rig_send(&r, up, OK);
	assert_non_null(strstr(loopback_got(client), "connection: close\r\n"));
	rig_stop(&r);
}

static void frames_tell_at_once(void **state)
{
	struct h2_peer client;
	struct rig r;

	(void)state;
	rig_start(&r, rig_http_yaml(&(struct rig_http){0}));
	h2_peer_start(&client, loopback_connect(RIG_LISTENER), false, NULL);
	h2_peer_run(&r, &client, NULL);
	drain_now(&r, WORKERS_DRAIN_ALL);
	h2_peer_run(&r, &client, NULL);
	assert_non_null(strstr(buf_str(&client.heard), "goaway "));
	h2_peer_stop(&client);
	rig_stop(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_idle_are_told_first),
		cmocka_unit_test(and_then_let_go),
		cmocka_unit_test(an_exchange_ends),
		cmocka_unit_test(frames_tell_at_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
