/* What a route does with an exchange: headers, weights, mirrors, faults, time limits, and who may pass at all. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <cmocka.h>

#include "loopback/rig.c"

#define GET "GET / HTTP/1.1\r\nHost: a\r\n\r\n"
#define OK "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"

static struct rig r;

static void assert_has(const char *text, const char *part)
{
	if (!strcasestr(text, part))
		fail_msg("no '%s' in:\n%s", part, text);
}

static void assert_lacks(const char *text, const char *part)
{
	if (strcasestr(text, part))
		fail_msg("'%s' in:\n%s", part, text);
}

/* One exchange; what each side saw. */
static char sent[8192], answered[8192];

static void exchange(const char *request, const char *answer)
{
	int client = rig_request(&r, request), up = rig_accept(&r);

	snprintf(sent, sizeof(sent), "%s", up >= 0 ? loopback_got(up) : "");
	if (up >= 0)
		rig_send(&r, up, answer);
	snprintf(answered, sizeof(answered), "%s", loopback_got(client));
	if (up >= 0)
		rig_close(&r, up);
	rig_close(&r, client);
}

#define FAULT(what)                                                                                                    \
	"{name: f, typed_config: {'@type': "                                                                           \
	"type.googleapis.com/envoy.extensions.filters.http.fault.v3.HTTPFault, " what "}}, "

/* ---- headers ---- */

#define ADD(name, value, action) "{header: {key: " name ", value: '" value "'}, append_action: " action "}"

static void request_headers(void **state)
{
	(void)state;
	rig_start(&r,
		  rig_http_yaml(&(struct rig_http){
			  .around = "request_headers_to_add: [" ADD("x-new", "a", "APPEND_IF_EXISTS_OR_ADD") ", " ADD(
				  "x-old", "b",
				  "OVERWRITE_IF_EXISTS_OR_ADD") ", " ADD("x-old2", "c",
									 "ADD_IF_ABSENT") "], "
											  "request_headers_to_remove: "
											  "[x-gone]",
			  .vhost = "request_headers_to_add: [" ADD("x-host", "%REQ(:AUTHORITY)%",
								   "APPEND_IF_EXISTS_OR_ADD") "]",
			  .route = "prefix_rewrite: /new/, host_rewrite_literal: other"}));
	exchange("GET /path HTTP/1.1\r\nHost: a\r\nX-Old: 1\r\nX-Old2: 2\r\nX-Gone: 3\r\nX-Stays: 4\r\n\r\n", OK);
	assert_has(sent, "GET /new/path HTTP/1.1\r\n");
	assert_has(sent, "\r\nhost: other\r\n");
	assert_lacks(sent, "host: a\r\n\r\n");
	assert_has(sent, "\r\nx-new: a\r\n");
	assert_has(sent, "\r\nx-old: b\r\n");
	assert_lacks(sent, "x-old: 1");
	assert_has(sent, "x-old2: 2\r\n");
	assert_lacks(sent, "x-old2: c");
	assert_lacks(sent, "x-gone");
	assert_has(sent, "x-stays: 4\r\n");
	assert_has(sent, "x-host: a\r\n");
	assert_has(sent, "x-request-id: ");
	assert_has(sent, "x-envoy-original-path: /path\r\n");
	rig_stop(&r);
}

/* The router's own fields are left out where that is wanted, of requests, responses and the log. */
static void the_router_is_silent(void **state)
{
	(void)state;
	for (int silent = 0; silent < 2; silent++) {
		rig_start(&r, rig_http_yaml(&(struct rig_http){.router = silent ? "suppress_envoy_headers: true" : NULL,
							       .route = "prefix_rewrite: /new/, timeout: 3s"}));
		exchange("GET /path HTTP/1.1\r\nHost: a\r\n\r\n", OK);
		assert_int_equal(strstr(sent, "x-envoy-original-path: ") == NULL, silent);
		assert_int_equal(strstr(sent, "x-envoy-expected-rq-timeout-ms: ") == NULL, silent);
		assert_int_equal(strstr(answered, "x-envoy-upstream-service-time: ") == NULL, silent);
		rig_stop(&r);
		rig_start(&r, rig_http_yaml(&(struct rig_http){
				      .router = silent ? "suppress_envoy_headers: true" : NULL,
				      .cluster = "circuit_breakers: {thresholds: [{max_requests: 0}]}"}));
		const char *reply = loopback_got(rig_request(&r, "GET / HTTP/1.1\r\nHost: a\r\n\r\n"));
		assert_non_null(strstr(reply, "HTTP/1.1 503 "));
		assert_int_equal(strstr(reply, "x-envoy-overloaded") == NULL, silent);
		rig_stop(&r);
	}
}

/* Rules see all values of a name as one text, which is made once and anew when a value is added. */
static void repeated_headers(void **state)
{
	struct stream *s;
	struct slice x, y;

	(void)state;
	rig_start(&r, rig_http_yaml(&(struct rig_http){
			      .filters = FAULT("delay: {fixed_delay: 2s, percentage: {numerator: 100}}")}));
	(void)rig_request(&r, "GET / HTTP/1.1\r\nHost: a\r\nX: 1\r\nY: 2\r\nx: 3\r\nZ: 4\r\n\r\n");
	s = LIST_FIRST(&LIST_FIRST(&r.worker.downs, struct down, link)->streams, struct stream, link);
	x = stream_header(s, SLICE("x"));
	assert_true(slice_eq(x, SLICE("1,3")));
	y = stream_header(s, SLICE("X"));
	assert_ptr_equal(x.ptr, y.ptr);
	assert_true(slice_eq(stream_header(s, SLICE("y")), SLICE("2")));
	http_add(&s->req, SLICE("X"), SLICE("5"));
	assert_true(slice_eq(stream_header(s, SLICE("x")), SLICE("1,3,5")));
	http_set(&s->req, SLICE("x"), SLICE("6"));
	assert_true(slice_eq(stream_header(s, SLICE("x")), SLICE("6")));
	http_add(&s->req, SLICE("x"), SLICE("7"));
	assert_true(slice_eq(stream_header(s, SLICE("x")), SLICE("6,7")));
	http_remove(&s->req, SLICE("x"));
	assert_null(stream_header(s, SLICE("x")).ptr);
	rig_stop(&r);
}

static void response_headers(void **state)
{
	(void)state;
	rig_start(&r,
		  rig_http_yaml(&(struct rig_http){
			  .around = "response_headers_to_add: [" ADD("x-new", "a", "APPEND_IF_EXISTS_OR_ADD") ", " ADD(
				  "x-old", "b",
				  "OVERWRITE_IF_EXISTS_OR_ADD") ", {header: {key: x-older, value: c}, append: "
								"false}], response_headers_to_remove: "
								"[x-gone]",
			  .vhost = "response_headers_to_remove: [x-gone2]"}));
	exchange(GET, "HTTP/1.1 200 OK\r\nX-Old: 1\r\nX-Older: 1\r\nX-Gone: 2\r\nX-Gone2: 3\r\nX-Stays: 4\r\nServer: "
		      "s\r\nKeep-Alive: 5\r\nConnection: X-Hop\r\nX-Hop: 6\r\nContent-Length: 0\r\n\r\n");
	assert_has(answered, "\r\nx-new: a\r\n");
	assert_has(answered, "\r\nx-old: b\r\n");
	assert_lacks(answered, "x-old: 1");
	assert_has(answered, "\r\nx-older: c\r\n");
	assert_lacks(answered, "x-older: 1");
	assert_lacks(answered, "x-gone");
	assert_has(answered, "x-stays: 4\r\n");
	assert_has(answered, "server: envoy\r\n");
	assert_lacks(answered, "keep-alive");
	assert_lacks(answered, "x-hop");
	rig_stop(&r);
}

/* ---- where it goes ---- */

static void weights(void **state)
{
	int d, n[2] = {0};

	(void)state;
	rig_start(&r,
		  rig_http_yaml(&(struct rig_http){
			  .action = "route: {weighted_clusters: {clusters: [{name: c, weight: 90}, {name: d, weight: "
				    "10, request_headers_to_add: [" ADD("x-to", "d", "APPEND_IF_EXISTS_OR_ADD") "]}]}}",
			  .more = rig_cluster_yaml("d", "10.0.0.2:80", NULL)}));
	d = loopback_listen("10.0.0.2:80");
	for (int i = 0; i < 400; i++) {
		int client = rig_request(&r, GET), at[2] = {rig_accept(&r), loopback_accept(d)};

		for (int k = 0; k < 2; k++) {
			if (at[k] < 0)
				continue;
			n[k]++;
			assert_int_equal(strcasestr(loopback_got(at[k]), "x-to: d") != NULL, k);
			rig_send(&r, at[k], OK);
			rig_close(&r, at[k]);
		}
		rig_close(&r, client);
	}
	assert_int_equal(n[0] + n[1], 400);
	assert_in_range(n[1], 20, 65);
	rig_stop(&r);
}

static void mirrors(void **state)
{
	int d, client, up, mirror, n = 0;
	const char *yaml =
		"request_mirror_policies: [{cluster: d, runtime_fraction: {default_value: {numerator: %d}}}]";
	char policy[200];

	(void)state;
	snprintf(policy, sizeof(policy), yaml, 100);
	rig_start(&r, rig_http_yaml(
			      &(struct rig_http){.route = policy, .more = rig_cluster_yaml("d", "10.0.0.2:80", NULL)}));
	d = loopback_listen("10.0.0.2:80");
	client = rig_request(&r, "POST /x HTTP/1.1\r\nHost: a:80\r\nContent-Length: 4\r\n\r\nbody");
	up = rig_accept(&r);
	assert_has(loopback_got(up), "\r\n\r\nbody");
	rig_send(&r, up, OK);
	assert_has(loopback_got(client), "\r\n\r\nok");
	mirror = loopback_accept(d);
	assert_true(mirror >= 0);
	snprintf(sent, sizeof(sent), "%s", loopback_got(mirror));
	assert_has(sent, "POST /x HTTP/1.1\r\n");
	assert_has(sent, "host: a-shadow:80\r\n");
	assert_has(sent, "\r\n\r\nbody");
	/* Its answer, whatever it is, reaches nobody; an odd one ends the connection. */
	rig_send(&r, mirror, "HTTP/1.1 101 Switching Protocols\r\n\r\n");
	assert_true(loopback_ended(mirror));
	assert_string_equal(loopback_got(client), "");
	snprintf(policy, sizeof(policy), yaml, 25);
	rig_configure(&r, rig_http_yaml(&(struct rig_http){.route = policy,
							   .more = rig_cluster_yaml("d", "10.0.0.2:80", NULL)}));
	for (int i = 0; i < 200; i++) {
		exchange(GET, OK);
		if ((mirror = loopback_accept(d)) < 0)
			continue;
		n++;
		rig_close(&r, mirror);
	}
	assert_in_range(n, 25, 75);
	rig_stop(&r);
}

static void a_silent_mirror_is_given_up(void **state)
{
	int d;

	(void)state;
	rig_start(&r, rig_http_yaml(&(struct rig_http){.route = "request_mirror_policies: [{cluster: d}]",
						       .more = rig_cluster_yaml("d", "10.0.0.2:80", NULL)}));
	d = loopback_listen("10.0.0.2:80");
	exchange(GET, OK);
	assert_true(loopback_accept(d) >= 0);
	assert_int_equal(r.worker.n_shadows, 1);
	rig_advance(&r, SHADOW_TIMEOUT_NS / NS_PER_MS + 1000);
	assert_int_equal(r.worker.n_shadows, 0);
	rig_stop(&r);
}

static void a_large_body_is_not_mirrored(void **state)
{
	static char piece[SHADOW_BODY_MAX_BYTES / 2 + 1];
	int d, client, up;

	(void)state;
	rig_start(&r, rig_http_yaml(&(struct rig_http){.route = "request_mirror_policies: [{cluster: d}]",
						       .more = rig_cluster_yaml("d", "10.0.0.2:80", NULL)}));
	d = loopback_listen("10.0.0.2:80");
	memset(piece, 'x', sizeof(piece) - 1);
	for (int over = 0; over < 2; over++) {
		snprintf(sent, sizeof(sent), "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n",
			 SHADOW_BODY_MAX_BYTES + over);
		client = rig_request(&r, sent);
		up = rig_accept(&r);
		for (int i = 0; i < 2 + over; i++) {
			rig_send(&r, client, i < 2 ? piece : "x");
			(void)loopback_got(up);
		}
		rig_send(&r, up, OK);
		rig_close(&r, up);
		assert_int_equal(loopback_accept(d) >= 0, !over);
		assert_int_equal(rig_cluster(&r, "c")->counters.rq_abandoned, over);
	}
	rig_stop(&r);
}

/* ---- faults ---- */

static void aborts(void **state)
{
	static const int percent[] = {0, 30, 100};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(percent); i++) {
		char fault[400];
		int n = 0;

		snprintf(fault, sizeof(fault),
			 FAULT("abort: {http_status: 418, percentage: {numerator: %d, denominator: HUNDRED}}"),
			 percent[i]);
		rig_start(&r, rig_http_yaml(&(struct rig_http){.filters = fault}));
		for (int k = 0; k < 200; k++) {
			exchange(GET, OK);
			n += strncmp(answered, "HTTP/1.1 418", 12) == 0;
		}
		assert_in_range(n, percent[i] * 2 - (percent[i] % 100 ? 25 : 0),
				percent[i] * 2 + (percent[i] % 100 ? 25 : 0));
		if (n)
			assert_has(rig_log(&r), "418 FI fault_filter_abort");
		rig_stop(&r);
	}
}

static void a_delay_holds_the_request_back(void **state)
{
	int client, up;

	(void)state;
	rig_start(&r, rig_http_yaml(&(struct rig_http){
			      .filters = FAULT("delay: {fixed_delay: 2s, percentage: {numerator: 100}}, "
					       "headers: [{name: x-slow, present_match: true}]")}));
	exchange(GET, OK);
	assert_has(answered, "200 OK");
	client = rig_request(&r, "GET / HTTP/1.1\r\nHost: a\r\nX-Slow: 1\r\n\r\n");
	rig_advance(&r, 1900);
	assert_int_equal(rig_accept(&r), -1);
	rig_advance(&r, 200);
	up = rig_accept(&r);
	assert_true(up >= 0);
	rig_send(&r, up, OK);
	assert_has(loopback_got(client), "200 OK");
	assert_has(rig_log(&r), "200 DI");
	rig_stop(&r);
}

/* ---- time ---- */

static void the_route_s_timeout(void **state)
{
	int client, up;

	(void)state;
	rig_start(&r, rig_http_yaml(&(struct rig_http){.route = "timeout: 3s"}));
	client = rig_request(&r, GET);
	up = rig_accept(&r);
	assert_has(loopback_got(up), "x-envoy-expected-rq-timeout-ms: 3000\r\n");
	rig_advance(&r, 2900);
	assert_string_equal(loopback_got(client), "");
	rig_advance(&r, 200);
	assert_has(loopback_got(client), "HTTP/1.1 504");
	assert_true(loopback_ended(up));
	assert_has(rig_log(&r), "504 UT response_timeout");
	/* It counts from the end of the request. */
	client = rig_request(&r, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\na");
	rig_advance(&r, 10000);
	assert_string_equal(loopback_got(client), "");
	rig_send(&r, client, "b");
	rig_advance(&r, 3100);
	assert_has(loopback_got(client), "HTTP/1.1 504");
	/* Within a response the connection is cut. */
	client = rig_request(&r, GET);
	for (int next; (next = rig_accept(&r)) >= 0;)
		up = next;
	(void)loopback_got(up);
	rig_send(&r, up, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nab");
	rig_advance(&r, 3100);
	assert_has(loopback_got(client), "\r\n\r\nab");
	assert_true(loopback_ended(client));
	rig_stop(&r);
}

static void without_a_timeout_it_waits(void **state)
{
	int client;

	(void)state;
	rig_start(&r, rig_http_yaml(&(struct rig_http){.route = "timeout: 0s", .hcm = "stream_idle_timeout: 0s"}));
	client = rig_request(&r, GET);
	rig_advance(&r, 1000000);
	assert_string_equal(loopback_got(client), "");
	assert_false(loopback_ended(client));
	rig_stop(&r);
}

static void idle_streams_end(void **state)
{
	int client, up;

	(void)state;
	rig_start(&r, rig_http_yaml(&(struct rig_http){.route = "timeout: 0s", .hcm = "stream_idle_timeout: 10s"}));
	client = rig_request(&r, GET);
	up = rig_accept(&r);
	rig_advance(&r, 9000);
	assert_string_equal(loopback_got(client), "");
	rig_advance(&r, 2000);
	assert_has(loopback_got(client), "HTTP/1.1 504");
	assert_has(rig_log(&r), "504 SI stream_idle_timeout");
	/* What moves is not idle. */
	client = rig_request(&r, GET);
	for (int next; (next = rig_accept(&r)) >= 0;)
		up = next;
	rig_send(&r, up, "HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\n");
	for (int i = 0; i < 5; i++) {
		rig_advance(&r, 8000);
		rig_send(&r, up, "x");
	}
	assert_has(loopback_got(client), "\r\n\r\nxxxxx");
	rig_advance(&r, 11000);
	assert_true(loopback_ended(client));
	rig_stop(&r);
}

/* Exchanges of one connection, one after another: what the first one began does not end the second. */
static void idle_time_is_each_streams_own(void **state)
{
	int client, up;

	(void)state;
	rig_start(&r, rig_http_yaml(&(struct rig_http){.route = "timeout: 0s", .hcm = "stream_idle_timeout: 10s"}));
	client = rig_request(&r, GET);
	up = rig_accept(&r);
	rig_send(&r, up, OK);
	assert_has(loopback_got(client), "HTTP/1.1 200");
	rig_advance(&r, 6000);
	rig_send(&r, client, GET);
	rig_advance(&r, 9000);
	assert_string_equal(loopback_got(client), "");
	rig_advance(&r, 1100);
	assert_has(loopback_got(client), "HTTP/1.1 504");
	rig_stop(&r);
}

static void slow_requests_end(void **state)
{
	int client;

	(void)state;
	rig_start(&r, rig_http_yaml(&(struct rig_http){.hcm = "request_headers_timeout: 2s, request_timeout: 5s"}));
	client = rig_request(&r, "GET / HTTP/1.1\r\nHos");
	rig_advance(&r, 2100);
	assert_has(loopback_got(client), "HTTP/1.1 408");
	client = rig_request(&r, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\na");
	rig_advance(&r, 4000);
	assert_string_equal(loopback_got(client), "");
	rig_advance(&r, 1100);
	assert_has(loopback_got(client), "HTTP/1.1 408");
	rig_stop(&r);
}

/* A head that comes in drops ends, whatever the configuration says of requests; a whole one has no such limit. */
static void drops_of_a_head_end(void **state)
{
	int client, up;

	(void)state;
	rig_start(&r, rig_http_yaml(&(struct rig_http){.hcm = "stream_idle_timeout: 0s", .route = "timeout: 0s"}));
	client = rig_request(&r, "GET / HTTP/1.1\r\nX: ");
	for (int s = 0; s < 59; s++) {
		rig_send(&r, client, "x");
		rig_advance(&r, 1000);
	}
	assert_string_equal(loopback_got(client), "");
	rig_advance(&r, 1100);
	assert_has(loopback_got(client), "HTTP/1.1 408");
	client = rig_request(&r, "POST / HTTP/1.1\r\nHost: a");
	rig_send(&r, client, "\r\nContent-Length: 3\r\n\r\na");
	up = rig_accept(&r);
	rig_advance(&r, 600000);
	rig_send(&r, up, OK);
	assert_has(loopback_got(client), "HTTP/1.1 200");
	rig_stop(&r);
}

/* ---- who may pass ---- */

#define RBAC(action, path)                                                                                             \
	"{name: b, typed_config: {'@type': type.googleapis.com/envoy.extensions.filters.http.rbac.v3.RBAC, rules: "    \
	"{action: " action ", policies: {p: {permissions: [{url_path: {path: {prefix: " path                           \
	"}}}], principals: [{any: true}]}}}}}, "

static void rbac_decides(void **state)
{
	static const struct {
		const char *filters, *target;
		bool passes;
	} rows[] = {
		{RBAC("ALLOW", "/open"), "/open/x", true},
		{RBAC("ALLOW", "/open"), "/other", false},
		{RBAC("DENY", "/shut"), "/shut/x", false},
		{RBAC("DENY", "/shut"), "/other", true},
		{RBAC("DENY", "/a/shut") RBAC("ALLOW", "/a"), "/a/shut", false},
		{RBAC("DENY", "/a/shut") RBAC("ALLOW", "/a"), "/a/open", true},
		{RBAC("DENY", "/a/shut") RBAC("ALLOW", "/a"), "/b", false},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		char request[200];

		snprintf(request, sizeof(request), "GET %s HTTP/1.1\r\nHost: a\r\n\r\n", rows[i].target);
		rig_start(&r, rig_http_yaml(&(struct rig_http){.filters = rows[i].filters}));
		exchange(request, OK);
		/* What is denied reaches no endpoint. */
		if ((sent[0] != 0) != rows[i].passes ||
		    strncmp(answered, rows[i].passes ? "HTTP/1.1 200" : "HTTP/1.1 403", 12) != 0)
			fail_msg("%s of %s: %s", rows[i].target, rows[i].filters, answered);
		if (!rows[i].passes)
			assert_has(answered, "RBAC: access denied");
		rig_stop(&r);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(request_headers),
		cmocka_unit_test(the_router_is_silent),
		cmocka_unit_test(repeated_headers),
		cmocka_unit_test(response_headers),
		cmocka_unit_test(weights),
		cmocka_unit_test(mirrors),
		cmocka_unit_test(a_large_body_is_not_mirrored),
		cmocka_unit_test(a_silent_mirror_is_given_up),
		cmocka_unit_test(aborts),
		cmocka_unit_test(a_delay_holds_the_request_back),
		cmocka_unit_test(the_route_s_timeout),
		cmocka_unit_test(without_a_timeout_it_waits),
		cmocka_unit_test(idle_streams_end),
		cmocka_unit_test(idle_time_is_each_streams_own),
		cmocka_unit_test(slow_requests_end),
		cmocka_unit_test(drops_of_a_head_end),
		cmocka_unit_test(rbac_decides),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
