/* Active health checks: what is asked, what counts as well, when an endpoint is used and when not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <cmocka.h>

#include "loopback/rig.c"

#include "loopback/h2_peer.h"

#define GET "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
#define TIMES(more)                                                                                                    \
	"common_lb_config: {healthy_panic_threshold: {value: 0}}, health_checks: [{timeout: 1s, interval: 10s, "       \
	"no_traffic_interval: 10s, unhealthy_interval: 5s, unhealthy_threshold: 2, healthy_threshold: 2, " more "}]"
#define HTTP(more) TIMES("http_health_check: {path: /hz" more "}")
#define OK "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
#define ILL "HTTP/1.1 503 X\r\nContent-Length: 0\r\n\r\n"

static struct rig r;

static void start(const char *cluster)
{
	rig_start(&r, rig_http_yaml(&(struct rig_http){.cluster = cluster}));
}

/* What the next check asks; it is answered with this, or not at all. "" = there is none. */
static const char *check(const char *answer)
{
	static char got[2048];
	int up = rig_accept(&r);

	got[0] = 0;
	if (up < 0)
		return got;
	snprintf(got, sizeof(got), "%s", loopback_got(up));
	if (answer)
		rig_send(&r, up, answer);
	return got;
}

/* Whether a request gets to the endpoint. */
static bool serves(void)
{
	int client = rig_request(&r, GET), up = rig_accept(&r);
	bool got_there = up >= 0 && strncmp(loopback_got(up), "GET / ", 6) == 0;

	if (got_there)
		rig_send(&r, up, "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
	rig_close(&r, client);
	return got_there;
}

static void what_is_asked(void **state)
{
	static const struct {
		const char *more, *has;
	} rows[] = {
		{"", "GET /hz HTTP/1.1\r\nhost: c\r\nuser-agent: Envoy/HC\r\n"},
		{", host: hz.example", "host: hz.example\r\n"},
		{", method: POST", "POST /hz "},
		{", request_headers_to_add: [{header: {key: x-check, value: '1'}}]", "x-check: 1\r\n"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(freep)
		char *cluster = mem_printf("%s%s}}]",
					   "common_lb_config: {healthy_panic_threshold: {value: 0}}, "
					   "health_checks: [{timeout: 1s, interval: 10s, unhealthy_threshold: "
					   "2, healthy_threshold: 2, http_health_check: {path: /hz",
					   rows[i].more);
		const char *got;

		start(cluster);
		got = check(OK);
		if (!strstr(got, rows[i].has))
			fail_msg("row %zu: %s", i, got);
		rig_stop(&r);
	}
}

/* Not used before the first check is passed; then thresholds count, but for what the endpoint itself says. */
static void when_it_is_used(void **state)
{
	(void)state;
	start(HTTP(""));
	(void)check(NULL); /* the first one is under way */
	assert_false(serves());
	rig_advance(&r, 1100); /* and gives up */
	assert_false(serves());
	rig_advance(&r, 10000);
	assert_true(strlen(check(OK)) > 0);
	assert_false(serves()); /* ill as it was, it takes two */
	rig_advance(&r, 10100);
	assert_true(strlen(check(OK)) > 0);
	assert_true(serves());
	/* One that is not answered is not enough. */
	rig_advance(&r, 10100);
	assert_true(strlen(check(NULL)) > 0);
	rig_advance(&r, 1100);
	assert_true(serves());
	rig_advance(&r, 10100);
	assert_true(strlen(check(NULL)) > 0);
	rig_advance(&r, 1100);
	assert_false(serves());
	rig_stop(&r);
}

static void says_so_itself(void **state)
{
	static const struct {
		const char *cluster;
		const char *answer;
		bool serves;
	} rows[] = {
		{HTTP(""), ILL, false},
		{HTTP(", expected_statuses: [{start: 200, end: 300}, {start: 503, end: 504}]"), ILL, true},
		{HTTP(", retriable_statuses: [{start: 500, end: 600}]"), ILL, true},
		{HTTP(""), "nonsense\r\n\r\n", true},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		start(rows[i].cluster);
		(void)check(OK);
		assert_true(serves() || i == 1);
		rig_advance(&r, 10100);
		(void)check(rows[i].answer);
		if (serves() != rows[i].serves)
			fail_msg("row %zu", i);
		rig_stop(&r);
	}
}

static void by_tcp(void **state)
{
	static const char *const clusters[] = {
		TIMES("tcp_health_check: {}"),
		TIMES("tcp_health_check: {send: {text: '50494e47'}, receive: [{text: '504f'}, {text: '4e47'}]}"),
	};
	int up;

	(void)state;
	start(clusters[0]);
	assert_true(rig_accept(&r) >= 0);
	assert_true(serves());
	rig_stop(&r);

	start(clusters[1]);
	up = rig_accept(&r);
	assert_string_equal(loopback_got(up), "PING");
	rig_send(&r, up, "+xxPO");
	assert_false(serves());
	rig_send(&r, up, "yNG\r\n");
	assert_true(loopback_ended(up));
	assert_true(serves());
	rig_stop(&r);
}

static void by_grpc(void **state)
{
	static const struct {
		char status;
		bool serves;
	} rows[] = {{1, true}, {2, false}, {0, false}};
	static const struct h2_header head[] = {{SLICE(":status"), SLICE("200"), false},
						{SLICE("content-type"), SLICE("application/grpc"), false}};
	static const struct h2_header tail[] = {{SLICE("grpc-status"), SLICE("0"), false}};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const char frame[] = {0, 0, 0, 0, 2, 8, rows[i].status};
		struct h2_peer origin;

		start(TIMES("grpc_health_check: {service_name: shop, authority: me}"));
		h2_peer_start(&origin, rig_accept(&r), true, NULL);
		h2_peer_run(&r, &origin, NULL);
		if (!strstr(buf_str(&origin.heard), "1:POST/grpc.health.v1.Health/Check") ||
		    !memmem(origin.body.ptr, origin.body.len, "\0\0\0\0\6\n\4shop", 11))
			fail_msg("row %zu: %s", i, buf_str(&origin.heard));
		assert_int_equal(h2_respond(origin.last, H2_RESPONSE, head, 2, false), 0);
		h2_write(origin.last, slice_make(frame, sizeof(frame)), false);
		h2_trailers(origin.last, tail, 1);
		h2_peer_run(&r, &origin, NULL);
		if (serves() != rows[i].serves)
			fail_msg("row %zu", i);
		h2_peer_stop(&origin);
		rig_stop(&r);
	}
}

/* Endpoints come and go, and the configuration ends, while checks are under way. */
static void comes_and_goes(void **state)
{
	CLEANUP(freep) char *first = NULL;

	(void)state;
	first = mem_printf(
		"%s", rig_http_yaml(&(struct rig_http){.cluster = HTTP(""), .endpoints = "10.0.0.1:80 10.0.0.2:80"}));
	rig_start(&r, first);
	assert_true(rig_accept(&r) >= 0);
	rig_configure(&r, rig_http_yaml(&(struct rig_http){.cluster = HTTP("")}));
	rig_configure(&r, rig_http_yaml(&(struct rig_http){.cluster = HTTP(", host: other")}));
	rig_advance(&r, 100);
	rig_configure(&r, rig_http_yaml(&(struct rig_http){0}));
	rig_advance(&r, 60000);
	while (rig_accept(&r) >= 0)
		; /* checks that nobody took */
	assert_true(serves());
	rig_stop(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_asked), cmocka_unit_test(when_it_is_used), cmocka_unit_test(says_so_itself),
		cmocka_unit_test(by_tcp),        cmocka_unit_test(by_grpc),         cmocka_unit_test(comes_and_goes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
