/* Upgrades and CONNECT as a route has them: allowed or not, and a CONNECT that ends at the proxy. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <cmocka.h>

#include "loopback/rig.c"

#define UPGRADE "GET / HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n"
#define CONNECT "CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n\r\n"
#define ALL "upgrade_configs: [{upgrade_type: websocket}, {upgrade_type: CONNECT}]"
#define OFF "upgrade_configs: [{upgrade_type: websocket, enabled: false}, {upgrade_type: connect, enabled: false}]"
#define ENDS_HERE "upgrade_configs: [{upgrade_type: CONNECT, connect_config: {}}]"

static void the_route_has_the_last_word(void **state)
{
	static const struct {
		const char *hcm, *route, *request;
		bool passes;
	} rows[] = {
		{NULL, NULL, UPGRADE, false}, {NULL, NULL, CONNECT, false}, {ALL, NULL, UPGRADE, true},
		{ALL, NULL, CONNECT, true},   {NULL, ALL, UPGRADE, true},   {NULL, ALL, CONNECT, true},
		{ALL, OFF, UPGRADE, false},   {ALL, OFF, CONNECT, false},   {NULL, OFF, UPGRADE, false},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct rig r;
		int client, up;

		rig_start(&r, rig_http_yaml(&(struct rig_http){.hcm = rows[i].hcm, .route = rows[i].route}));
		client = rig_request(&r, rows[i].request);
		up = rig_accept(&r);
		if ((up >= 0) != rows[i].passes ||
		    (strstr(loopback_got(client), "HTTP/1.1 403 ") != NULL) == rows[i].passes)
			fail_msg("row %zu: %d", i, up);
		rig_stop(&r);
	}
}

static int open_tunnel(struct rig *r, int *ret_up)
{
	int client = rig_request(r, CONNECT);

	*ret_up = rig_accept(r);
	assert_true(*ret_up >= 0);
	assert_non_null(strstr(loopback_got(client), "HTTP/1.1 200 OK\r\n"));
	assert_string_equal(loopback_got(*ret_up), "");
	return client;
}

static void connect_ends_here(void **state)
{
	struct rig r;
	int client, up;

	(void)state;
	rig_start(&r, rig_http_yaml(&(struct rig_http){.route = ENDS_HERE}));
	client = open_tunnel(&r, &up);
	rig_send(&r, client, "bare");
	assert_string_equal(loopback_got(up), "bare");
	rig_send(&r, up, "bytes");
	assert_string_equal(loopback_got(client), "bytes");
	rig_close(&r, client);
	assert_true(loopback_ended(up));
	rig_close(&r, up);
	assert_string_equal(rig_log(&r), "200 - via_upstream\n");
	/* The other way round; and nobody gets a connection that another had. */
	client = open_tunnel(&r, &up);
	rig_close(&r, up);
	assert_true(loopback_ended(client));
	rig_close(&r, client);
	rig_stop(&r);
}

/* What neither side reads is not kept by us. */
static void holds_back(void **state)
{
	enum { SENT = 400 };
	static char kib[1025];
	struct rig r;
	size_t got = 0;
	int client, up;

	(void)state;
	memset(kib, 'x', 1024);
	rig_start(&r, rig_http_yaml(&(struct rig_http){.route = ENDS_HERE}));
	client = open_tunnel(&r, &up);
	loopback_window(client, 2048);
	for (int i = 0; i < SENT; i++) {
		rig_send(&r, up, kib);
		assert_true(r.worker.buffers.taken < 16);
		got += strlen(loopback_got(client));
		rig_run(&r);
	}
	for (int i = 0; i < SENT && got < SENT * 1024; i++) {
		got += strlen(loopback_got(client));
		rig_run(&r);
	}
	assert_int_equal(got, SENT * 1024);
	rig_stop(&r);
}

static void nobody_there(void **state)
{
	struct rig r;
	int client;

	(void)state;
	rig_start(&r, rig_http_yaml(&(struct rig_http){.route = ENDS_HERE, .endpoints = "10.0.0.77:80"}));
	client = rig_request(&r, CONNECT);
	assert_non_null(strstr(loopback_got(client), "HTTP/1.1 503 "));
	rig_stop(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_route_has_the_last_word),
		cmocka_unit_test(connect_ends_here),
		cmocka_unit_test(holds_back),
		cmocka_unit_test(nobody_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
