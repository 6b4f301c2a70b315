/* Connections to endpoints: kept, limited, queued for, and endpoints that are taken out for a while. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <cmocka.h>

#include "loopback/rig.c"

#define GET "GET / HTTP/1.1\r\nHost: a\r\n\r\n"
#define OK "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
#define LIMITS(what) "circuit_breakers: {thresholds: [{" what "}]}"

static struct rig r;

static void assert_has(const char *text, const char *part)
{
	if (!strstr(text, part))
		fail_msg("no '%s' in:\n%s", part, text);
}

static void start(const char *cluster)
{
	rig_start(&r, rig_http_yaml(&(struct rig_http){.cluster = cluster, .route = "timeout: 0s"}));
}

static const struct cluster_counters *counters(void)
{
	return &rig_cluster(&r, "c")->counters;
}

static void a_connection_is_kept(void **state)
{
	int up = -1;

	(void)state;
	start(NULL);
	for (int i = 0; i < 5; i++) {
		int client = rig_request(&r, GET);

		if (up < 0)
			up = rig_accept(&r);
		assert_has(loopback_got(up), "GET / HTTP/1.1\r\n");
		rig_send(&r, up, OK);
		assert_has(loopback_got(client), "200 OK");
	}
	assert_int_equal(counters()->cx_total, 1);
	assert_int_equal(counters()->rq_total, 5);
	/* An endpoint that closes it is no failure. */
	rig_close(&r, up);
	assert_int_equal(counters()->cx_active, 0);
	(void)rig_request(&r, GET);
	assert_true(rig_accept(&r) >= 0);
	rig_stop(&r);
}

static void it_is_not_kept(void **state)
{
	static const char *const answers[] = {
		"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok",
		"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(answers); i++) {
		int client, up;

		start(NULL);
		client = rig_request(&r, GET);
		up = rig_accept(&r);
		(void)loopback_got(up);
		rig_send(&r, up, answers[i]);
		assert_true(loopback_ended(up));
		/* The client's own connection is another matter. */
		assert_has(loopback_got(client), "\r\n\r\nok");
		assert_false(loopback_ended(client));
		rig_stop(&r);
	}
}

static void idle_ones_are_closed(void **state)
{
	int up;

	(void)state;
	start("typed_extension_protocol_options: {envoy.extensions.upstreams.http.v3.HttpProtocolOptions: {'@type': "
	      "type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions, "
	      "common_http_protocol_options: {idle_timeout: 30s}, explicit_http_config: {http_protocol_options: {}}}}");
	(void)rig_request(&r, GET);
	up = rig_accept(&r);
	(void)loopback_got(up);
	/* Busy is not idle. */
	rig_advance(&r, 40000);
	assert_false(loopback_ended(up));
	rig_send(&r, up, OK);
	rig_advance(&r, 29000);
	assert_false(loopback_ended(up));
	rig_advance(&r, 2000);
	assert_true(loopback_ended(up));
	rig_stop(&r);
}

static void requests_are_limited(void **state)
{
	int a, b, c, up;

	(void)state;
	start(LIMITS("max_requests: 2"));
	a = rig_request(&r, GET);
	b = rig_request(&r, GET);
	c = rig_request(&r, GET);
	assert_has(loopback_got(c), "HTTP/1.1 503");
	assert_has(rig_log(&r), "503 UO upstream_reset_before_response_started{overflow}");
	assert_int_equal(counters()->rq_pending_overflow, 1);
	up = rig_accept(&r);
	rig_send(&r, up, OK);
	rig_send(&r, rig_accept(&r), OK);
	assert_has(loopback_got(a), "200 OK");
	assert_has(loopback_got(b), "200 OK");
	/* What ended, however, makes room. */
	a = rig_request(&r, GET);
	b = rig_request(&r, GET);
	rig_close(&r, a);
	loopback_abort(b);
	rig_run(&r);
	c = rig_request(&r, GET);
	assert_string_equal(loopback_got(c), "");
	rig_stop(&r);
}

static void connections_are_limited_and_queued_for(void **state)
{
	int client[4], up;

	(void)state;
	start(LIMITS("max_connections: 1, max_pending_requests: 2"));
	for (int i = 0; i < 4; i++)
		client[i] = rig_request(&r, GET);
	/* One has the connection, two wait, and there is no room for another. */
	assert_has(loopback_got(client[3]), "HTTP/1.1 503");
	up = rig_accept(&r);
	assert_int_equal(rig_accept(&r), -1);
	for (int i = 0; i < 3; i++) {
		assert_has(loopback_got(up), "GET / HTTP/1.1\r\n");
		assert_string_equal(loopback_got(client[i]), "");
		rig_send(&r, up, OK);
		/* First come, first served. */
		assert_has(loopback_got(client[i]), "200 OK");
	}
	assert_int_equal(counters()->cx_total, 1);
	assert_int_equal(counters()->rq_pending_active, 0);
	rig_stop(&r);
}

static void who_waits_is_served_when_the_connection_ends(void **state)
{
	int a, b, up;

	(void)state;
	start(LIMITS("max_connections: 1"));
	a = rig_request(&r, GET);
	b = rig_request(&r, GET);
	up = rig_accept(&r);
	rig_close(&r, up);
	assert_has(loopback_got(a), "HTTP/1.1 503");
	up = rig_accept(&r);
	assert_true(up >= 0);
	rig_send(&r, up, OK);
	assert_has(loopback_got(b), "200 OK");
	/* And one that went away while it waited is not. */
	a = rig_request(&r, GET);
	b = rig_request(&r, GET);
	rig_close(&r, b);
	(void)loopback_got(up);
	rig_send(&r, up, OK);
	assert_has(loopback_got(a), "200 OK");
	assert_string_equal(loopback_got(up), "");
	rig_stop(&r);
}

static void connecting_has_a_limit(void **state)
{
	int client;

	(void)state;
	rig_start(&r, rig_http_yaml(&(struct rig_http){.endpoints = "10.0.0.66:80", .route = "timeout: 0s"}));
	loopback_black_hole("10.0.0.66:80");
	client = rig_request(&r, GET);
	rig_advance(&r, 4900);
	assert_string_equal(loopback_got(client), "");
	rig_advance(&r, 200);
	assert_has(loopback_got(client), "HTTP/1.1 503");
	assert_has(rig_log(&r), "503 UF upstream_reset_before_response_started{connection_timeout}");
	assert_int_equal(counters()->cx_connect_timeout, 1);
	assert_int_equal(counters()->cx_active, 0);
	rig_stop(&r);
}

/* Whatever is under way when the worker ends, nothing of it is left (the sanitizer looks). */
static void the_worker_ends(void **state)
{
	(void)state;
	start(LIMITS("max_connections: 1"));
	for (int i = 0; i < 3; i++)
		(void)rig_request(&r, GET);
	rig_stop(&r);
	rig_start(&r, rig_http_yaml(&(struct rig_http){.endpoints = "10.0.0.66:80"}));
	loopback_black_hole("10.0.0.66:80");
	for (int i = 0; i < 3; i++)
		(void)rig_request(&r, GET);
	rig_stop(&r);
}

/* ---- outlier detection ---- */

/* How many of n requests reached the first endpoint, which answers with its status, and how many the others. */
static void spread(int n, const char *first, int *listeners, int *ret)
{
	ret[0] = ret[1] = 0;
	for (int i = 0; i < n; i++) {
		int client = rig_request(&r, GET);

		for (int k = 0; k < 2; k++) {
			int up = loopback_accept(listeners[k]);

			if (up < 0)
				continue;
			ret[k]++;
			(void)loopback_got(up);
			loopback_send(up, k == 0 ? first : OK);
			rig_run(&r);
			rig_close(&r, up);
		}
		rig_close(&r, client);
	}
}

static void an_outlier_is_ejected_and_comes_back(void **state)
{
	int listeners[2], n[2];

	(void)state;
	rig_start(&r, rig_http_yaml(&(struct rig_http){
			      .endpoints = "10.0.0.1:80 10.0.0.2:80",
			      .cluster = "outlier_detection: {consecutive_5xx: 3, enforcing_consecutive_5xx: 100, "
					 "interval: 1s, base_ejection_time: 30s, max_ejection_percent: 50}"}));
	listeners[0] = r.origin;
	listeners[1] = loopback_listen("10.0.0.2:80");
	spread(40, "HTTP/1.1 500 X\r\nContent-Length: 0\r\n\r\n", listeners, n);
	assert_int_equal(n[0], 3);
	assert_int_equal(n[1], 37);
	assert_int_equal(counters()->ejections_total, 1);
	rig_advance(&r, 20000);
	spread(20, OK, listeners, n);
	assert_int_equal(n[0], 0);
	rig_advance(&r, 15000);
	spread(20, OK, listeners, n);
	assert_true(n[0] > 0);
	assert_int_equal(counters()->ejections_active, 0);
	rig_stop(&r);
}

#define EJECTING                                                                                                       \
	"consecutive_5xx: 1, enforcing_consecutive_5xx: 100, base_ejection_time: 300s, max_ejection_percent: 100"

static const char *ejecting(const char *more)
{
	char *cluster;
	const char *yaml;

	assert_true(asprintf(&cluster,
			     "common_lb_config: {healthy_panic_threshold: {value: 0}}, outlier_detection: {" EJECTING
			     "%s}",
			     more) > 0);
	yaml = rig_http_yaml(&(struct rig_http){.cluster = cluster});
	free(cluster);
	return yaml;
}

/* Who was ejected by settings that are gone is back: a rule that is taken away takes away what it did. */
static void other_settings_begin_anew(void **state)
{
	int client, up, fresh;

	(void)state;
	rig_start(&r, ejecting(""));
	client = rig_request(&r, GET);
	up = rig_accept(&r);
	rig_send(&r, up, "HTTP/1.1 500 X\r\nContent-Length: 0\r\n\r\n");
	(void)loopback_got(client);
	rig_send(&r, client, GET);
	assert_non_null(strstr(loopback_got(client), "503 Service Unavailable"));
	rig_configure(&r, ejecting(", interval: 5s"));
	rig_send(&r, client, GET);
	fresh = rig_accept(&r); /* unless the old connection is kept */
	rig_send(&r, fresh < 0 ? up : fresh, OK);
	assert_non_null(strstr(loopback_got(client), "200 OK"));
	rig_stop(&r);
}

static void endpoints_come_and_go(void **state)
{
	int client, up, other;

	(void)state;
	start(NULL);
	client = rig_request(&r, GET);
	up = rig_accept(&r);
	(void)loopback_got(up);
	rig_configure(&r, rig_http_yaml(&(struct rig_http){.endpoints = "10.0.0.2:80", .route = "timeout: 0s"}));
	other = loopback_listen("10.0.0.2:80");
	/* What is under way ends where it began; its connection is not kept. */
	assert_false(loopback_ended(up));
	(void)rig_request(&r, GET);
	assert_true(loopback_accept(other) >= 0);
	rig_send(&r, up, OK);
	assert_has(loopback_got(client), "200 OK");
	assert_true(loopback_ended(up));
	/* None is left. */
	rig_configure(&r, rig_http_yaml(&(struct rig_http){.endpoints = "", .route = "timeout: 0s"}));
	client = rig_request(&r, GET);
	assert_has(loopback_got(client), "HTTP/1.1 503");
	assert_has(rig_log(&r), "503 UH no_healthy_upstream");
	rig_stop(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_connection_is_kept),
		cmocka_unit_test(it_is_not_kept),
		cmocka_unit_test(idle_ones_are_closed),
		cmocka_unit_test(requests_are_limited),
		cmocka_unit_test(connections_are_limited_and_queued_for),
		cmocka_unit_test(who_waits_is_served_when_the_connection_ends),
		cmocka_unit_test(connecting_has_a_limit),
		cmocka_unit_test(the_worker_ends),
		cmocka_unit_test(an_outlier_is_ejected_and_comes_back),
		cmocka_unit_test(other_settings_begin_anew),
		cmocka_unit_test(endpoints_come_and_go),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
