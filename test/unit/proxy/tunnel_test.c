/* Tunnels: upgrades and CONNECT, whoever ends them and however, give back all that they took. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <cmocka.h>

#include "loopback/rig.c"

#define GET "GET / HTTP/1.1\r\nHost: a\r\n\r\n"
#define GET_UPGRADE "GET / HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n"
#define CONNECT "CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\n"
#define OK "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
#define SWITCH "HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n"
#define UPGRADES "upgrade_configs: [{upgrade_type: websocket}, {upgrade_type: CONNECT}]"
#define LIMIT "circuit_breakers: {thresholds: [{max_requests: 2}]}"

struct tunnel {
	int client, up;
};

static void assert_has(const char *text, const char *part)
{
	if (!strstr(text, part))
		fail_msg("no '%s' in:\n%s", part, text);
}

static struct tunnel open_tunnel(struct rig *r, bool connect)
{
	struct tunnel t;

	t.client = rig_request(r, connect ? CONNECT : GET_UPGRADE);
	t.up = rig_accept(r);
	if (t.up < 0)
		fail_msg("no connection: %s", loopback_got(t.client));
	assert_has(loopback_got(t.up), connect ? "CONNECT a:1 HTTP/1.1\r\n" : "upgrade: websocket\r\n");
	rig_send(r, t.up, connect ? "HTTP/1.1 200 OK\r\n\r\n" : SWITCH);
	assert_has(loopback_got(t.client), connect ? "HTTP/1.1 200 OK\r\n" : "upgrade: websocket\r\n");
	rig_send(r, t.client, "up");
	assert_string_equal(loopback_got(t.up), "up");
	rig_send(r, t.up, "down");
	assert_string_equal(loopback_got(t.client), "down");
	return t;
}

/* The client closes in answer to the end it sees, and the server likewise. */
static void server_first(struct rig *r, struct tunnel *t)
{
	rig_close(r, t->up);
	assert_true(loopback_ended(t->client));
	rig_close(r, t->client);
}

static void client_first(struct rig *r, struct tunnel *t)
{
	rig_close(r, t->client);
	assert_true(loopback_ended(t->up));
	rig_close(r, t->up);
}

/* After one end the other direction goes on. */
static void server_half(struct rig *r, struct tunnel *t)
{
	loopback_shutdown(t->up);
	rig_run(r);
	assert_true(loopback_ended(t->client) && !loopback_ended(t->up));
	rig_send(r, t->client, "more");
	assert_string_equal(loopback_got(t->up), "more");
	loopback_shutdown(t->client);
	rig_run(r);
	assert_true(loopback_ended(t->up));
}

static void client_half(struct rig *r, struct tunnel *t)
{
	loopback_shutdown(t->client);
	rig_run(r);
	assert_true(loopback_ended(t->up) && !loopback_ended(t->client));
	rig_send(r, t->up, "more");
	assert_string_equal(loopback_got(t->client), "more");
	/* Another event of the client's side, with its end of stream long known. */
	loopback_window(t->client, 2);
	rig_send(r, t->up, "0123456789");
	assert_string_equal(loopback_got(t->client), "01");
	loopback_window(t->client, 1000);
	rig_run(r);
	assert_string_equal(loopback_got(t->client), "23456789");
	rig_send(r, t->up, "last");
	assert_string_equal(loopback_got(t->client), "last");
	rig_close(r, t->up);
	assert_true(loopback_ended(t->client));
}

static void server_resets(struct rig *r, struct tunnel *t)
{
	loopback_abort(t->up);
	rig_run(r);
	assert_true(loopback_was_reset(t->client));
	rig_close(r, t->client);
}

static void client_resets(struct rig *r, struct tunnel *t)
{
	loopback_abort(t->client);
	rig_run(r);
	assert_true(loopback_ended(t->up));
}

/* Nobody hears the reset until something is sent. */
static void write_fails_after_the_end(struct rig *r, struct tunnel *t)
{
	loopback_shutdown(t->up);
	rig_run(r);
	loopback_send(t->client, "unheard");
	loopback_close(t->up);
	rig_run(r);
	rig_send(r, t->client, "unheard");
	rig_close(r, t->client);
}

static void client_never_ends(struct rig *r, struct tunnel *t)
{
	rig_close(r, t->up);
	rig_advance(r, 59000);
	assert_false(loopback_was_reset(t->client));
	rig_advance(r, 2000);
}

static void server_never_ends(struct rig *r, struct tunnel *t)
{
	rig_close(r, t->client);
	rig_advance(r, 61000);
	assert_true(loopback_ended(t->up));
}

static void both_silent(struct rig *r, struct tunnel *t)
{
	rig_advance(r, 400000);
	assert_true(loopback_ended(t->up) && loopback_ended(t->client));
}

static void every_end_gives_all_back(void **state)
{
	static const struct {
		const char *name;
		void (*fn)(struct rig *r, struct tunnel *t);
	} rows[] = {
		{"server first", server_first},
		{"client first", client_first},
		{"server's half first", server_half},
		{"client's half first", client_half},
		{"server resets", server_resets},
		{"client resets", client_resets},
		{"a write fails after the end", write_fails_after_the_end},
		{"client never ends", client_never_ends},
		{"server never ends", server_never_ends},
		{"both silent", both_silent},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows) * 2; i++) {
		struct rig r;
		unsigned open;

		rig_start(&r, rig_http_yaml(&(struct rig_http){.hcm = UPGRADES, .cluster = LIMIT}));
		open = loopback_open();
		for (int k = 0; k < 5; k++) {
			struct tunnel t = open_tunnel(&r, i % 2);

			rows[i / 2].fn(&r, &t);
			/* Nothing of it is in use on the proxy's side any more. */
			if (r.worker.n_downs || rig_cluster(&r, "c")->counters.rq_active ||
			    rig_cluster(&r, "c")->counters.cx_active || r.worker.buffers.taken ||
			    atomic_load(&rig_cluster(&r, "c")->breaker->used[BREAKER_REQUESTS]))
				fail_msg("%s: session %d is not released (%u connections, %lu requests)",
					 rows[i / 2].name, k, r.worker.n_downs,
					 rig_cluster(&r, "c")->counters.rq_active);
		}
		assert_true(loopback_open() <= open + 10);
		rig_stop(&r);
	}
}

/* Under way they count, so that the limit means something. */
static void open_ones_count(void **state)
{
	struct rig r;
	struct tunnel a;

	(void)state;
	rig_start(&r, rig_http_yaml(&(struct rig_http){.hcm = UPGRADES, .cluster = LIMIT}));
	a = open_tunnel(&r, false);
	(void)open_tunnel(&r, false);
	assert_has(loopback_got(rig_request(&r, GET)), "HTTP/1.1 503");
	server_first(&r, &a);
	(void)open_tunnel(&r, false);
	rig_stop(&r);
}

/* The answer is no: the exchange is an ordinary one, and nothing of a tunnel is left. */
static void refused(void **state)
{
	struct rig r;
	int client, up;

	(void)state;
	rig_start(&r, rig_http_yaml(&(struct rig_http){.hcm = UPGRADES, .cluster = LIMIT}));
	client = rig_request(&r, GET_UPGRADE);
	up = rig_accept(&r);
	(void)loopback_got(up);
	rig_send(&r, up, "HTTP/1.1 401 No\r\nContent-Length: 4\r\n\r\n");
	/* The upstream does not see an end: it might take it for the client's going away. */
	assert_false(loopback_ended(up));
	rig_send(&r, up, "sor\n");
	assert_has(loopback_got(client), "\r\n\r\nsor\n");
	/* Both connections are used again. */
	rig_send(&r, client, GET);
	assert_has(loopback_got(up), "GET / HTTP/1.1\r\n");
	rig_send(&r, up, OK);
	assert_has(loopback_got(client), "\r\n\r\nok");
	assert_int_equal(rig_cluster(&r, "c")->counters.cx_total, 1);
	rig_stop(&r);
}

static void a_refused_connect(void **state)
{
	struct rig r;
	int client, up;

	(void)state;
	rig_start(&r, rig_http_yaml(&(struct rig_http){.hcm = UPGRADES, .cluster = LIMIT}));
	client = rig_request(&r, CONNECT "early bytes");
	up = rig_accept(&r);
	assert_has(loopback_got(up), "early bytes");
	rig_send(&r, up, "HTTP/1.1 403 No\r\nContent-Length: 2\r\n\r\nno");
	assert_has(loopback_got(client), "HTTP/1.1 403 No\r\n");
	rig_send(&r, client, GET);
	assert_true(loopback_ended(up));
	rig_advance(&r, 2000);
	assert_true(loopback_ended(client));
	assert_int_equal(r.worker.n_downs, 0);
	assert_int_equal(rig_cluster(&r, "c")->counters.cx_active, 0);
	/* And by the proxy itself. */
	rig_configure(&r, rig_http_yaml(&(struct rig_http){.hcm = UPGRADES,
							   .action = "direct_response: {status: 200, body: "
								     "{inline_string: hi}}"}));
	client = rig_request(&r, CONNECT);
	assert_has(loopback_got(client), "HTTP/1.1 200 OK\r\n");
	rig_advance(&r, 2000);
	assert_int_equal(r.worker.n_downs, 0);
	rig_stop(&r);
}

static void an_accepted_connect_has_no_length(void **state)
{
	struct rig r;
	int client, up;

	(void)state;
	rig_start(&r, rig_http_yaml(&(struct rig_http){.hcm = UPGRADES}));
	client = rig_request(&r, CONNECT);
	up = rig_accept(&r);
	rig_send(&r, up, "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabcdef");
	assert_null(strcasestr(loopback_got(client), "content-length"));
	rig_stop(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_end_gives_all_back),
		cmocka_unit_test(open_ones_count),
		cmocka_unit_test(refused),
		cmocka_unit_test(a_refused_connect),
		cmocka_unit_test(an_accepted_connect_has_no_length),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
