/* Connections from clients: how long they stay, what ends them, and what is refused on them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <cmocka.h>

#include "loopback/rig.c"

#define GET "GET / HTTP/1.1\r\nHost: a\r\n\r\n"
#define OK "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
#define DIRECT "direct_response: {status: 200, body: {inline_string: hi}}"

static struct rig r;

static void assert_has(const char *text, const char *part)
{
	if (!strcasestr(text, part))
		fail_msg("no '%s' in:\n%s", part, text);
}

static int count(const char *text, const char *part)
{
	int n = 0;

	for (const char *at = text; (at = strstr(at, part)); at += strlen(part))
		n++;
	return n;
}

static void start(const char *hcm)
{
	rig_start(&r, rig_http_yaml(&(struct rig_http){.hcm = hcm, .action = DIRECT}));
}

static void it_stays_open(void **state)
{
	int client;

	(void)state;
	start("common_http_protocol_options: {idle_timeout: 60s}");
	client = rig_request(&r, GET);
	assert_has(loopback_got(client), "\r\n\r\nhi");
	rig_advance(&r, 50000);
	rig_send(&r, client, GET);
	assert_has(loopback_got(client), "\r\n\r\nhi");
	rig_advance(&r, 50000);
	assert_false(loopback_ended(client));
	rig_advance(&r, 15000);
	assert_true(loopback_ended(client));
	assert_int_equal(r.worker.n_downs, 0);
	/* One that never says anything is idle, too. */
	client = rig_request(&r, "");
	rig_advance(&r, 65000);
	assert_true(loopback_ended(client));
	rig_stop(&r);
}

static void an_idle_connection_holds_no_buffer(void **state)
{
	int client;

	(void)state;
	start(NULL);
	client = rig_request(&r, GET);
	assert_has(loopback_got(client), "200 OK");
	assert_int_equal(r.worker.buffers.taken, 0);
	rig_stop(&r);
}

/* The client or the version asks for the end, or the proxy does. */
static void it_closes(void **state)
{
	static const struct {
		const char *hcm, *request;
		bool closes;
	} rows[] = {
		{NULL, GET, false},
		{NULL, "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", true},
		{"http_protocol_options: {accept_http_10: true}", "GET / HTTP/1.0\r\nHost: a\r\n\r\n", true},
		{"http_protocol_options: {accept_http_10: true}",
		 "GET / HTTP/1.0\r\nHost: a\r\nConnection: keep-alive\r\n\r\n", false},
		{"common_http_protocol_options: {max_requests_per_connection: 1}", GET, true},
		{"common_http_protocol_options: {max_requests_per_connection: 2}", GET, false},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const char *got;
		int client;

		start(rows[i].hcm);
		client = rig_request(&r, rows[i].request);
		got = loopback_got(client);
		assert_has(got, "200 OK");
		if ((strcasestr(got, "connection: close") != NULL) != rows[i].closes ||
		    loopback_ended(client) != rows[i].closes)
			fail_msg("row %zu: %s", i, got);
		rig_stop(&r);
	}
}

static void requests_in_one_go(void **state)
{
	int client, up;

	(void)state;
	rig_start(&r, rig_http_yaml(&(struct rig_http){0}));
	client = rig_request(&r,
			     "GET /1 HTTP/1.1\r\nHost: a\r\n\r\nGET /2 HTTP/1.1\r\nHost: a\r\n\r\nPOST /3 "
			     "HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabcGET /4 HTTP/1.1\r\nHost: a\r\n\r\n");
	up = rig_accept(&r);
	for (int i = 1; i <= 4; i++) {
		const char *got = loopback_got(up);
		char line[40];

		snprintf(line, sizeof(line), "/%d HTTP/1.1\r\n", i);
		assert_has(got, line);
		assert_int_equal(count(got, " HTTP/1.1\r\n"), 1);
		rig_send(&r, up, OK);
	}
	assert_int_equal(count(loopback_got(client), "HTTP/1.1 200 OK"), 4);
	rig_stop(&r);
}

static void what_is_no_request(void **state)
{
	static const struct {
		const char *request, *status, *details;
	} rows[] = {
		{"GET / HTTP/1.1\r\n\r\n", "400", "http1.invalid_host"},
		{"GET / HTTP/1.1\r\nHost: a\r\nContent-Length: x\r\n\r\n", "400", "http1.invalid_content_length"},
		{"GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\n", "501",
		 "http1.invalid_transfer_encoding"},
		{"GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n", "400",
		 "http1.content_length_and_chunked_not_allowed"},
		{"nonsense\r\n\r\n", "400", "http1.codec_error"},
		{"GET / HTTP/1.0\r\nHost: a\r\n\r\n", "426", "low_version"},
		{"GET / HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: other\r\n\r\n", "403", "upgrade_failed"},
		{"CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\n", "403", "upgrade_failed"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		char line[64];
		int client;

		start(NULL);
		client = rig_request(&r, rows[i].request);
		snprintf(line, sizeof(line), "HTTP/1.1 %s ", rows[i].status);
		assert_has(loopback_got(client), line);
		assert_has(rig_log(&r), rows[i].details);
		rig_stop(&r);
	}
}

#define INSPECTOR                                                                                                      \
	"{name: i, typed_config: {'@type': "                                                                           \
	"type.googleapis.com/envoy.extensions.filters.listener.http_inspector.v3.HttpInspector}}"

/* Where a listener waits for the first bytes without end, an hour ends it; with a limit the chain is chosen without. */
static void who_says_nothing_is_let_go(void **state)
{
	int client;

	(void)state;
	rig_start(&r, rig_http_yaml(&(struct rig_http){.listener = "listener_filters: [" INSPECTOR
								   "]\n  listener_filters_timeout: 0s\n  "
								   "continue_on_listener_filters_timeout: true"}));
	client = loopback_connect(RIG_LISTENER);
	rig_send(&r, client, "GE");
	rig_advance(&r, 3599000);
	assert_false(loopback_ended(client));
	rig_advance(&r, 2000);
	assert_true(loopback_ended(client));
	rig_stop(&r);
	rig_start(&r, rig_http_yaml(&(struct rig_http){.listener = "listener_filters: [" INSPECTOR
								   "]\n  listener_filters_timeout: 2s\n  "
								   "continue_on_listener_filters_timeout: true"}));
	client = loopback_connect(RIG_LISTENER);
	rig_send(&r, client, "GE");
	rig_advance(&r, 2100);
	assert_false(loopback_ended(client));
	rig_send(&r, client, "T / HTTP/1.1\r\nHost: a\r\n\r\n");
	assert_true(rig_accept(&r) >= 0);
	rig_stop(&r);
}

static void too_large_a_head(void **state)
{
	static char line[1001];
	int client;

	(void)state;
	start(NULL);
	memset(line, 'x', sizeof(line) - 1);
	client = rig_request(&r, "GET / HTTP/1.1\r\nHost: a\r\nX: ");
	for (int i = 0; i < 70 && !loopback_ended(client); i++)
		rig_send(&r, client, line);
	assert_has(loopback_got(client), "HTTP/1.1 431");
	rig_stop(&r);
}

/* A body that breaks off in its coding: whoever has got a part of it hears no end. */
static void a_broken_body(void **state)
{
	int client, up;

	(void)state;
	rig_start(&r, rig_http_yaml(&(struct rig_http){0}));
	client = rig_request(&r, "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n");
	up = rig_accept(&r);
	assert_has(loopback_got(up), "\r\n\r\n3\r\nabc\r\n");
	rig_send(&r, client, "zz\r\n");
	assert_has(loopback_got(client), "HTTP/1.1 400");
	assert_string_equal(loopback_got(up), "");
	assert_true(loopback_ended(up));
	rig_stop(&r);
}

static void the_client_goes_away(void **state)
{
	int client, up;

	(void)state;
	rig_start(&r, rig_http_yaml(&(struct rig_http){0}));
	client = rig_request(&r, GET);
	up = rig_accept(&r);
	(void)loopback_got(up);
	rig_close(&r, client);
	assert_true(loopback_ended(up));
	assert_has(rig_log(&r), "0 DC downstream_remote_disconnect");
	/* Within the answer. */
	client = rig_request(&r, GET);
	up = rig_accept(&r);
	(void)loopback_got(up);
	rig_send(&r, up, "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nab");
	(void)loopback_got(client);
	rig_close(&r, client);
	assert_true(loopback_ended(up));
	assert_int_equal(rig_cluster(&r, "c")->counters.rq_active, 0);
	rig_stop(&r);
}

static void the_upstream_breaks_off(void **state)
{
	int client, up;

	(void)state;
	rig_start(&r, rig_http_yaml(&(struct rig_http){0}));
	client = rig_request(&r, GET);
	up = rig_accept(&r);
	rig_send(&r, up, "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nab");
	rig_close(&r, up);
	/* The client must not take it for the whole. */
	assert_has(loopback_got(client), "\r\n\r\nab");
	assert_true(loopback_ended(client));
	assert_has(rig_log(&r), "200 UC upstream_reset_after_response_started{connection_termination}");
	/* Until the end of the stream is whole. */
	client = rig_request(&r, GET);
	up = rig_accept(&r);
	(void)loopback_got(up);
	rig_send(&r, up, "HTTP/1.1 200 OK\r\n\r\nab");
	rig_close(&r, up);
	assert_has(loopback_got(client), "2\r\nab\r\n0\r\n\r\n");
	assert_false(loopback_ended(client));
	rig_stop(&r);
	/* Where only the end of the connection tells, a reset does. */
	rig_start(&r, rig_http_yaml(&(struct rig_http){.hcm = "http_protocol_options: {accept_http_10: true}"}));
	client = rig_request(&r, "GET / HTTP/1.0\r\nHost: a\r\n\r\n");
	up = rig_accept(&r);
	rig_send(&r, up, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n");
	rig_close(&r, up);
	assert_has(loopback_got(client), "\r\n\r\nab");
	assert_true(loopback_was_reset(client));
	rig_stop(&r);
}

static void expectations(void **state)
{
	int client, up;

	(void)state;
	rig_start(&r, rig_http_yaml(&(struct rig_http){0}));
	client = rig_request(&r, "POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n");
	assert_string_equal(loopback_got(client), "HTTP/1.1 100 Continue\r\n\r\n");
	up = rig_accept(&r);
	assert_null(strcasestr(loopback_got(up), "\r\nexpect:"));
	rig_send(&r, client, "ab");
	assert_string_equal(loopback_got(up), "ab");
	rig_stop(&r);
	rig_start(&r, rig_http_yaml(&(struct rig_http){.hcm = "http_protocol_options: {accept_http_10: true}"}));
	client = rig_request(&r, "POST / HTTP/1.0\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\nab");
	assert_string_equal(loopback_got(client), "");
	assert_has(loopback_got(rig_accept(&r)), "\r\n\r\nab");
	rig_stop(&r);
}

/* It has gone before it hears "100": what is said to it after that is said to nobody. */
static void expecting_and_gone(void **state)
{
	int client;

	(void)state;
	for (int direct = 0; direct < 2; direct++) {
		if (direct)
			start(NULL);
		else
			rig_start(&r, rig_http_yaml(&(struct rig_http){0}));
		client = loopback_connect(RIG_LISTENER);
		loopback_send(client,
			      "POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n");
		loopback_abort(client);
		rig_run(&r);
		assert_int_equal(r.worker.n_downs, 0);
		rig_stop(&r);
	}
}

static void drained(void **state)
{
	struct order o = {.all = &r.workers, .drain = WORKERS_DRAIN_ALL};
	int idle, busy, up;

	(void)state;
	rig_start(&r, rig_http_yaml(&(struct rig_http){0}));
	idle = rig_request(&r, "");
	busy = rig_request(&r, GET);
	up = rig_accept(&r);
	drain(&r.worker, &o); /* of worker.c */
	rig_run(&r);
	assert_false(loopback_ended(idle));
	assert_false(loopback_ended(busy));
	rig_send(&r, up, OK);
	assert_has(loopback_got(busy), "connection: close\r\n");
	assert_true(loopback_ended(busy));
	o.drain = WORKERS_DRAIN_IDLE;
	drain(&r.worker, &o);
	rig_run(&r);
	assert_true(loopback_ended(idle));
	rig_stop(&r);
}

/* A listener that changed: what is under way ends as it began, the next request goes by the new one. */
static void its_listener_changes(void **state)
{
	int client, up;

	(void)state;
	rig_start(&r, rig_http_yaml(&(struct rig_http){.route = "timeout: 1s"}));
	client = rig_request(&r, GET);
	up = rig_accept(&r);
	rig_configure(&r, rig_http_yaml(&(struct rig_http){.action = DIRECT}));
	rig_send(&r, up, OK);
	assert_has(loopback_got(client), "\r\n\r\nok");
	rig_send(&r, client, GET);
	assert_has(loopback_got(client), "\r\n\r\nhi");
	rig_stop(&r);
}

static void no_handshake(void **state)
{
	int client;

	(void)state;
	rig_start(
		&r,
		rig_http_yaml(&(struct rig_http){
			.chain = "transport_socket_connect_timeout: 3s, transport_socket: {name: t, typed_config: "
				 "{'@type': "
				 "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext, "
				 "common_tls_context: {tls_certificate_sds_secret_configs: [{name: none}]}}}"}));
	/* Without its certificate nobody is let in. */
	client = rig_request(&r, "");
	assert_true(loopback_ended(client));
	assert_int_equal(r.worker.n_downs, 0);
	rig_stop(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_stays_open),
		cmocka_unit_test(an_idle_connection_holds_no_buffer),
		cmocka_unit_test(it_closes),
		cmocka_unit_test(requests_in_one_go),
		cmocka_unit_test(what_is_no_request),
		cmocka_unit_test(who_says_nothing_is_let_go),
		cmocka_unit_test(too_large_a_head),
		cmocka_unit_test(a_broken_body),
		cmocka_unit_test(the_client_goes_away),
		cmocka_unit_test(the_upstream_breaks_off),
		cmocka_unit_test(expectations),
		cmocka_unit_test(expecting_and_gone),
		cmocka_unit_test(drained),
		cmocka_unit_test(its_listener_changes),
		cmocka_unit_test(no_handshake),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
