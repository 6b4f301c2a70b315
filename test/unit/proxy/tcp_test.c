/* Bytes from one side to the other: whole, in order, with half closes, and all given back at the end. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <cmocka.h>

#include "loopback/rig.c"

static struct rig r;
static int client, up;

static void assert_has(const char *text, const char *part)
{
	if (!strstr(text, part))
		fail_msg("no '%s' in:\n%s", part, text);
}

static void start(const char *tcp, const char *cluster)
{
	rig_start(&r, rig_tcp_yaml(tcp, cluster));
}

static void connect_through(void)
{
	client = rig_request(&r, "");
	up = rig_accept(&r);
	assert_true(up >= 0);
	rig_send(&r, client, "up");
	assert_string_equal(loopback_got(up), "up");
	rig_send(&r, up, "down");
	assert_string_equal(loopback_got(client), "down");
}

/* ---- how it ends ---- */

static void client_closes(void)
{
	rig_close(&r, client);
	assert_true(loopback_ended(up));
	rig_close(&r, up);
}

static void server_closes(void)
{
	rig_close(&r, up);
	assert_true(loopback_ended(client));
	rig_close(&r, client);
}

static void client_ends_first(void)
{
	loopback_shutdown(client);
	rig_run(&r);
	assert_true(loopback_ended(up) && !loopback_ended(client));
	rig_send(&r, up, "more");
	assert_string_equal(loopback_got(client), "more");
	loopback_shutdown(up);
	rig_run(&r);
	assert_true(loopback_ended(client));
}

static void server_ends_first(void)
{
	loopback_shutdown(up);
	rig_run(&r);
	assert_true(loopback_ended(client) && !loopback_ended(up));
	rig_send(&r, client, "more");
	assert_string_equal(loopback_got(up), "more");
	loopback_shutdown(client);
	rig_run(&r);
	assert_true(loopback_ended(up));
}

static void client_resets(void)
{
	loopback_abort(client);
	rig_run(&r);
	assert_true(loopback_was_reset(up));
}

static void server_resets(void)
{
	loopback_abort(up);
	rig_run(&r);
	assert_true(loopback_was_reset(client));
}

static void nobody_moves(void)
{
	rig_advance(&r, 29000);
	assert_false(loopback_ended(client));
	rig_advance(&r, 2000);
	assert_true(loopback_ended(client) && loopback_ended(up));
}

static void half_and_silent(void)
{
	loopback_shutdown(up);
	rig_run(&r);
	rig_advance(&r, 31000);
	assert_true(loopback_ended(up));
}

static void server_goes_while_bytes_wait(void)
{
	static char bytes[100001];

	memset(bytes, 'x', sizeof(bytes) - 1);
	loopback_window(client, 1000);
	rig_send(&r, up, bytes);
	loopback_close(up);
	rig_run(&r);
	for (int i = 0; i < 200; i++) {
		(void)loopback_got(client);
		rig_run(&r);
	}
	assert_true(loopback_ended(client));
	rig_close(&r, client);
}

static void every_end_gives_all_back(void **state)
{
	static const struct {
		const char *name, *log;
		void (*fn)(void);
	} rows[] = {
		{"client closes", "2 4 -\n", client_closes},
		{"server closes", "2 4 -\n", server_closes},
		{"client ends first", "2 8 -\n", client_ends_first},
		{"server ends first", "6 4 -\n", server_ends_first},
		{"client resets", "2 4 DC\n", client_resets},
		{"server resets", "2 4 UC\n", server_resets},
		{"nobody moves", "2 4 -\n", nobody_moves},
		{"half and silent", "2 4 -\n", half_and_silent},
		{"server goes while bytes wait", "2 100004 -\n", server_goes_while_bytes_wait},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		start("idle_timeout: 30s", "circuit_breakers: {thresholds: [{max_connections: 1}]}");
		for (int k = 0; k < 3; k++) {
			const struct cluster_counters *n;

			connect_through();
			rows[i].fn();
			n = &rig_cluster(&r, "c")->counters;
			if (r.worker.n_downs || n->cx_active || r.worker.buffers.taken ||
			    atomic_load(&rig_cluster(&r, "c")->breaker->used[BREAKER_CONNECTIONS]))
				fail_msg("%s: not released", rows[i].name);
		}
		if (!strstr(rig_log(&r), rows[i].log))
			fail_msg("%s: %s", rows[i].name, rig_log(&r));
		rig_stop(&r);
	}
}

/* ---- what passes ---- */

static void a_slow_side_holds_the_other_back(void **state)
{
	static char piece[10001];
	size_t sent = 0, got = 0, n;

	(void)state;
	start(NULL, NULL);
	connect_through();
	loopback_window(up, 5000);
	for (int i = 0; i < 60; i++) {
		for (size_t k = 0; k < sizeof(piece) - 1; k++)
			piece[k] = (char)('a' + (sent + k) % 26);
		if (loopback_waiting(client) + sizeof(piece) > LOOPBACK_WINDOW_BYTES)
			break;
		rig_send(&r, client, piece);
		sent += sizeof(piece) - 1;
	}
	/* One buffer at most is held in between; the rest waits at the client's. */
	assert_true(loopback_waiting(client) > 100000);
	while (got < sent) {
		const char *text = loopback_got_bytes(up, &n);

		for (size_t k = 0; k < n; k++)
			assert_int_equal(text[k], 'a' + (got + k) % 26);
		got += n;
		rig_run(&r);
		assert_true(n > 0);
	}
	assert_int_equal(got, sent);
	rig_stop(&r);
}

/* A server that speaks first is heard. */
static void the_server_speaks_first(void **state)
{
	(void)state;
	start(NULL, NULL);
	client = rig_request(&r, "");
	up = rig_accept(&r);
	rig_send(&r, up, "220 hello\r\n");
	assert_string_equal(loopback_got(client), "220 hello\r\n");
	rig_stop(&r);
}

/* ---- what does not come about ---- */

static void refused(void **state)
{
	(void)state;
	start("max_connect_attempts: 3", NULL);
	loopback_close(r.origin);
	client = rig_request(&r, "x");
	assert_true(loopback_ended(client));
	assert_int_equal(rig_cluster(&r, "c")->counters.cx_connect_fail, 3);
	assert_has(rig_log(&r), "0 0 UF,URX\n");
	rig_stop(&r);
}

static void never_answered(void **state)
{
	(void)state;
	start(NULL, NULL);
	loopback_close(r.origin);
	loopback_black_hole(RIG_ORIGIN);
	client = rig_request(&r, "x");
	rig_advance(&r, 4900);
	assert_false(loopback_ended(client));
	rig_advance(&r, 200);
	assert_true(loopback_ended(client));
	assert_int_equal(rig_cluster(&r, "c")->counters.cx_connect_timeout, 1);
	assert_has(rig_log(&r), "0 0 UF\n");
	rig_stop(&r);
}

static void limited(void **state)
{
	int second;

	(void)state;
	start(NULL, "circuit_breakers: {thresholds: [{max_connections: 1}]}");
	connect_through();
	second = rig_request(&r, "x");
	assert_true(loopback_ended(second));
	assert_has(rig_log(&r), "0 0 UO\n");
	assert_int_equal(rig_cluster(&r, "c")->counters.cx_overflow, 1);
	client_closes();
	connect_through();
	rig_stop(&r);
}

static void the_client_leaves_before_the_server_is_there(void **state)
{
	(void)state;
	start(NULL, NULL);
	loopback_close(r.origin);
	loopback_black_hole(RIG_ORIGIN);
	client = rig_request(&r, "x");
	loopback_abort(client);
	rig_run(&r);
	rig_advance(&r, 6000);
	assert_int_equal(r.worker.n_downs, 0);
	assert_int_equal(rig_cluster(&r, "c")->counters.cx_active, 0);
	rig_stop(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_end_gives_all_back),
		cmocka_unit_test(a_slow_side_holds_the_other_back),
		cmocka_unit_test(the_server_speaks_first),
		cmocka_unit_test(refused),
		cmocka_unit_test(never_answered),
		cmocka_unit_test(limited),
		cmocka_unit_test(the_client_leaves_before_the_server_is_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
