/* Limits of a service: what it is asked, what its answer does to the request, and what happens without one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <cmocka.h>

#include "loopback/rig.c"

#include "loopback/h2_peer.h"
#include "xds/pb.h"

#include "envoy/service/ratelimit/v3/rls.pb-c.h"

#define CORE(T) Envoy__Config__Core__V3__##T
#define RLS(T) Envoy__Service__Ratelimit__V3__##T
#define GET(fields) "GET / HTTP/1.1\r\nHost: a\r\n" fields "\r\n"
#define H2_UP                                                                                                          \
	"typed_extension_protocol_options: {envoy.extensions.upstreams.http.v3.HttpProtocolOptions: {'@type': "        \
	"type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions, explicit_http_config: "           \
	"{http2_protocol_options: {}}}}"
#define FILTER(more)                                                                                                   \
	"{name: envoy.filters.http.ratelimit, typed_config: {'@type': type.googleapis.com/"                            \
	"envoy.extensions.filters.http.ratelimit.v3.RateLimit, domain: mine, timeout: 1s, rate_limit_service: "        \
	"{grpc_service: {envoy_grpc: {cluster_name: rls}}, transport_api_version: V3}" more "}}, "
#define PER_ROUTE(more)                                                                                                \
	"typed_per_filter_config: {envoy.filters.http.ratelimit: {'@type': type.googleapis.com/"                       \
	"envoy.extensions.filters.http.ratelimit.v3.RateLimitPerRoute, " more "}}"
#define BY_USER "rate_limits: [{actions: [{request_headers: {header_name: x-user, descriptor_key: user}}]}]"

static struct rig r;
static struct h2_peer service;
static int service_listener;

static void start(const char *filter, const char *route, const char *around)
{
	CLEANUP(freep) char *more = mem_printf("%s", rig_cluster_yaml("rls", "10.0.0.2:80", H2_UP));

	rig_start(&r,
		  rig_http_yaml(&(struct rig_http){.filters = filter, .route = route, .around = around, .more = more}));
	service_listener = loopback_listen("10.0.0.2:80");
	service = (struct h2_peer){.fd = -1};
}

static void stop(void)
{
	if (service.s)
		h2_peer_stop(&service);
	rig_stop(&r);
}

/* Whether the service was asked. */
static bool asked(void)
{
	int fd = service.s ? -1 : rig_accept_at(&r, service_listener);

	if (fd >= 0)
		h2_peer_start(&service, fd, true, NULL);
	if (service.s)
		h2_peer_run(&r, &service, NULL);
	return service.s && service.last;
}

static void answer(const RLS(RateLimitResponse) * m)
{
	static const struct h2_header head[] = {{SLICE(":status"), SLICE("200"), false},
						{SLICE("content-type"), SLICE("application/grpc"), false}};
	static const struct h2_header tail[] = {{SLICE("grpc-status"), SLICE("0"), false}};
	CLEANUP(buf_done) struct buf frame = BUF_INIT;
	struct h2_stream *st = service.last;

	buf_append(&frame, "\0\0\0\0\0", 5);
	pb_pack(&m->base, &frame);
	frame.ptr[4] = (char)(frame.len - 5);
	assert_true(frame.len < 255);
	assert_int_equal(h2_respond(st, H2_RESPONSE, head, 2, false), 0);
	h2_write(st, buf_slice(&frame), false);
	h2_trailers(st, tail, 1);
	h2_peer_run(&r, &service, NULL);
}

static void says(RLS(RateLimitResponse__Code) code)
{
	RLS(RateLimitResponse) m = ENVOY__SERVICE__RATELIMIT__V3__RATE_LIMIT_RESPONSE__INIT;

	m.overall_code = code;
	answer(&m);
}

static void is_asked(void **state)
{
	static const struct {
		const char *filter, *route, *around, *request;
		const char *has[3]; /* of the message; has[0] NULL = not asked */
	} rows[] = {
		{FILTER(""), BY_USER, NULL, GET("x-user: ann\r\n"), {"mine", "user", "ann"}},
		{FILTER(""), BY_USER, NULL, GET(""), {NULL}},
		{FILTER(""), NULL, NULL, GET("x-user: ann\r\n"), {NULL}},
		{FILTER(", stage: 1"), BY_USER, NULL, GET("x-user: ann\r\n"), {NULL}},
		{FILTER(", filter_enabled: {default_value: {numerator: 0}}"),
		 BY_USER,
		 NULL,
		 GET("x-user: ann\r\n"),
		 {NULL}},
		{FILTER(""), BY_USER, PER_ROUTE("domain: other"), GET("x-user: ann\r\n"), {"other", "user", "ann"}},
		{FILTER(""), NULL, PER_ROUTE(BY_USER), GET("x-user: ann\r\n"), {"mine", "user", "ann"}},
		{FILTER(", " BY_USER), NULL, NULL, GET("x-user: ann\r\n"), {"mine", "user", "ann"}},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		start(rows[i].filter, rows[i].route, rows[i].around);
		(void)rig_request(&r, rows[i].request);
		if (asked() != (rows[i].has[0] != NULL))
			fail_msg("row %zu", i);
		for (int k = 0; rows[i].has[0] && k < 3; k++)
			if (!memmem(service.body.ptr, service.body.len, rows[i].has[k], strlen(rows[i].has[k])))
				fail_msg("row %zu: no %s", i, rows[i].has[k]);
		if (rows[i].has[0]) {
			assert_int_equal(rig_accept(&r), -1); /* it waits */
			says(ENVOY__SERVICE__RATELIMIT__V3__RATE_LIMIT_RESPONSE__CODE__OK);
		}
		assert_true(rig_accept(&r) >= 0);
		stop();
	}
}

static void over(void **state)
{
	static const struct {
		const char *filter, *has, *log;
	} rows[] = {
		{FILTER(""), "HTTP/1.1 429 Too Many Requests\r\n", "429 RL request_rate_limited\n"},
		{FILTER(", rate_limited_status: {code: 503}"), "HTTP/1.1 503 ", "503 RL request_rate_limited\n"},
		{FILTER(", response_headers_to_add: [{header: {key: x-over, value: '1'}}]"), "x-over: 1\r\n",
		 "429 RL request_rate_limited\n"},
		{FILTER(", disable_x_envoy_ratelimited_header: false"), "x-envoy-ratelimited: true\r\n",
		 "429 RL request_rate_limited\n"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const char *got;
		int client;

		start(rows[i].filter, BY_USER, NULL);
		client = rig_request(&r, GET("x-user: ann\r\n"));
		assert_true(asked());
		says(ENVOY__SERVICE__RATELIMIT__V3__RATE_LIMIT_RESPONSE__CODE__OVER_LIMIT);
		got = loopback_got(client);
		if (!strstr(got, rows[i].has) || rig_accept(&r) >= 0)
			fail_msg("row %zu: %s", i, got);
		assert_string_equal(rig_log(&r), rows[i].log);
		stop();
	}
}

static void without_an_answer(void **state)
{
	static const struct {
		const char *filter;
		bool passes;
		const char *log;
	} rows[] = {
		{FILTER(""), true, NULL},
		{FILTER(", failure_mode_deny: true"), false, "500 RLSE rate_limiter_error\n"},
		{FILTER(", failure_mode_deny: true, status_on_error: {code: 418}"), false,
		 "418 RLSE rate_limiter_error\n"},
		{FILTER(", failure_mode_deny: true, failure_mode_deny_percent: {default_value: {numerator: 0}}"), true,
		 NULL},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		int up;

		start(rows[i].filter, BY_USER, NULL);
		(void)rig_request(&r, GET("x-user: ann\r\n"));
		assert_true(asked());
		rig_advance(&r, 1100);
		up = rig_accept(&r);
		if ((up >= 0) != rows[i].passes)
			fail_msg("row %zu", i);
		if (rows[i].log)
			assert_string_equal(rig_log(&r), rows[i].log);
		stop();
	}
}

/* What it adds goes to either side; what would change the message's bounds, or is no field, does not. */
static void adds_fields(void **state)
{
	CORE(HeaderValue) up[4] = {}, back = ENVOY__CONFIG__CORE__V3__HEADER_VALUE__INIT, *ups[4], *backs[1] = {&back};
	static const char *const names[][2] = {
		{"x-up", "1"}, {"content-length", "5"}, {"x-split", "a\r\nx-evil: 1"}, {"bad name", "1"}};
	RLS(RateLimitResponse) m = ENVOY__SERVICE__RATELIMIT__V3__RATE_LIMIT_RESPONSE__INIT;
	RLS(RateLimitResponse__DescriptorStatus)
	s = ENVOY__SERVICE__RATELIMIT__V3__RATE_LIMIT_RESPONSE__DESCRIPTOR_STATUS__INIT, *statuses[] = {&s};
	RLS(RateLimitResponse__RateLimit) limit = ENVOY__SERVICE__RATELIMIT__V3__RATE_LIMIT_RESPONSE__RATE_LIMIT__INIT;
	const char *seen, *got;
	int client, origin;

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		envoy__config__core__v3__header_value__init(&up[i]);
		up[i].key = (char *)names[i][0];
		up[i].value = (char *)names[i][1];
		ups[i] = &up[i];
	}
	back.key = (char *)"x-back";
	back.value = (char *)"2";
	m.overall_code = ENVOY__SERVICE__RATELIMIT__V3__RATE_LIMIT_RESPONSE__CODE__OK;
	m.n_request_headers_to_add = 4;
	m.request_headers_to_add = ups;
	m.n_response_headers_to_add = 1;
	m.response_headers_to_add = backs;
	limit.requests_per_unit = 10;
	limit.unit = ENVOY__SERVICE__RATELIMIT__V3__RATE_LIMIT_RESPONSE__RATE_LIMIT__UNIT__MINUTE;
	limit.name = (char *)"per-user";
	s.current_limit = &limit;
	s.limit_remaining = 7;
	m.n_statuses = 1;
	m.statuses = statuses;
	start(FILTER(", enable_x_ratelimit_headers: DRAFT_VERSION_03"), BY_USER, NULL);
	client = rig_request(&r, GET("x-user: ann\r\n"));
	assert_true(asked());
	answer(&m);
	origin = rig_accept(&r);
	seen = loopback_got(origin);
	assert_non_null(strstr(seen, "x-up: 1\r\n"));
	assert_null(strstr(seen, "evil"));
	assert_null(strstr(seen, "content-length"));
	assert_null(strstr(seen, "bad name"));
	rig_send(&r, origin, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
	got = loopback_got(client);
	assert_non_null(strstr(got, "x-back: 2\r\n"));
	assert_non_null(strstr(got, "x-ratelimit-limit: 10, 10;w=60;name=\"per-user\"\r\n"));
	assert_non_null(strstr(got, "x-ratelimit-remaining: 7\r\n"));
	stop();
}

/* The client is gone while the service thinks. */
static void nobody_waits(void **state)
{
	int client;

	(void)state;
	start(FILTER(""), BY_USER, NULL);
	client = rig_request(&r, GET("x-user: ann\r\n"));
	assert_true(asked());
	rig_close(&r, client);
	h2_peer_run(&r, &service, NULL);
	rig_advance(&r, 2000);
	assert_int_equal(rig_accept(&r), -1);
	stop();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(is_asked),    cmocka_unit_test(over),         cmocka_unit_test(without_an_answer),
		cmocka_unit_test(adds_fields), cmocka_unit_test(nobody_waits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
