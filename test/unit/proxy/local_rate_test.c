/* Local rate limits: which bucket a request takes of, what who is refused hears, and what is only counted. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <cmocka.h>

#include "loopback/rig.c"

#define GET(fields) "GET /a?q=1 HTTP/1.1\r\nHost: a\r\n" fields "\r\n"
#define TYPE_LOCAL "'@type': type.googleapis.com/envoy.extensions.filters.http.local_ratelimit.v3.LocalRateLimit"
#define BUCKET(n) "token_bucket: {max_tokens: " n ", tokens_per_fill: " n ", fill_interval: 100s}"
#define ALL "filter_enabled: {default_value: {numerator: 100}}, filter_enforced: {default_value: {numerator: 100}}"
#define NOT_ENFORCED "filter_enabled: {default_value: {numerator: 100}}"
#define FILTER(more)                                                                                                   \
	"{name: envoy.filters.http.local_ratelimit, typed_config: {" TYPE_LOCAL ", stat_prefix: l, " more "}}, "
#define ROUTE(more)                                                                                                    \
	"typed_per_filter_config: {envoy.filters.http.local_ratelimit: {" TYPE_LOCAL ", stat_prefix: r, " more "}}"
#define RULE(key, value, n) "{entries: [{key: " key ", value: " value "}], " BUCKET(n) "}"
#define ADD(list, name) list ": [{header: {key: " name ", value: 'yes'}}]"

/* One request on a connection of its own; the origin answers what comes to it. Returns what the client got. */
static const char *ask(struct rig *r, const char *request, char *ret_seen, size_t size)
{
	static char got[4096];
	int client = loopback_connect_from(RIG_LISTENER, "10.0.0.200:4321"), up;

	rig_send(r, client, request);
	up = rig_accept(r);
	ret_seen[0] = 0;
	if (up >= 0) {
		snprintf(ret_seen, size, "%s", loopback_got(up));
		rig_send(r, up, "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
	}
	snprintf(got, sizeof(got), "%s", loopback_got(client));
	rig_close(r, client);
	return got;
}

static void buckets(void **state)
{
	static const struct {
		struct rig_http http;
		const char *request;
		unsigned pass; /* of 5 */
	} rows[] = {
		{{.filters = FILTER(BUCKET("3") ", " ALL)}, GET(""), 3},
		{{.filters = FILTER(BUCKET("3") ", " NOT_ENFORCED)}, GET(""), 5},
		{{.filters = FILTER(BUCKET("3"))}, GET(""), 5},
		{{.filters = FILTER(ALL)}, GET(""), 5},
		{{.filters = FILTER(BUCKET("3") ", " ALL), .around = ROUTE(BUCKET("2") ", " ALL)}, GET(""), 2},
		{{.filters = FILTER(ALL), .vhost = ROUTE(BUCKET("1") ", " ALL)}, GET(""), 1},
		/* by descriptor */
		{{.filters = FILTER(BUCKET("9") ", " ALL ", descriptors: [" RULE("u", "ann", "2") "]"),
		  .route = "rate_limits: [{actions: [{request_headers: {header_name: X-User, descriptor_key: u}}]}]"},
		 GET("X-User: ann\r\n"),
		 2},
		{{.filters = FILTER(BUCKET("9") ", " ALL ", descriptors: [" RULE("u", "ann", "2") "]"),
		  .route = "rate_limits: [{actions: [{request_headers: {header_name: X-User, descriptor_key: u}}]}]"},
		 GET("X-User: bob\r\n"),
		 5},
		{{.filters = FILTER(BUCKET("1") ", " ALL ", descriptors: [" RULE("u", "ann", "4") "]"),
		  .route = "rate_limits: [{actions: [{request_headers: {header_name: X-User, descriptor_key: u}}]}]"},
		 GET("X-User: ann\r\n"),
		 1},
		{{.filters = FILTER(BUCKET("1") ", " ALL
						", always_consume_default_token_bucket: false, descriptors: [" RULE(
							"u", "ann", "4") "]"),
		  .route = "rate_limits: [{actions: [{request_headers: {header_name: X-User, descriptor_key: u}}]}]"},
		 GET("X-User: ann\r\n"),
		 4},
		/* the slower of two */
		{{.filters =
			  FILTER(ALL ", descriptors: [" RULE("u", "ann", "4") ", " RULE("generic_key", "g", "2") "]"),
		  .route = "rate_limits: [{actions: [{request_headers: {header_name: X-User, descriptor_key: u}}]}, "
			   "{actions: [{generic_key: {descriptor_value: g}}]}]"},
		 GET("X-User: ann\r\n"),
		 2},
		/* the virtual host's rules, stages, the filter's own */
		{{.filters = FILTER(ALL ", descriptors: [" RULE("generic_key", "g", "2") "]"),
		  .vhost = "rate_limits: [{actions: [{generic_key: {descriptor_value: g}}]}]"},
		 GET(""),
		 2},
		{{.filters = FILTER(ALL ", descriptors: [" RULE("generic_key", "g", "2") "]"),
		  .vhost = "rate_limits: [{actions: [{generic_key: {descriptor_value: g}}]}]",
		  .route = "rate_limits: [{actions: [{generic_key: {descriptor_value: h}}]}]"},
		 GET(""),
		 5},
		{{.filters = FILTER(ALL ", vh_rate_limits: INCLUDE, descriptors: [" RULE("generic_key", "g", "2") "]"),
		  .vhost = "rate_limits: [{actions: [{generic_key: {descriptor_value: g}}]}]",
		  .route = "rate_limits: [{actions: [{generic_key: {descriptor_value: h}}]}]"},
		 GET(""),
		 2},
		{{.filters = FILTER(ALL ", vh_rate_limits: IGNORE, descriptors: [" RULE("generic_key", "g", "2") "]"),
		  .vhost = "rate_limits: [{actions: [{generic_key: {descriptor_value: g}}]}]"},
		 GET(""),
		 5},
		{{.filters = FILTER(ALL ", stage: 1, descriptors: [" RULE("generic_key", "g", "2") "]"),
		  .route = "rate_limits: [{actions: [{generic_key: {descriptor_value: g}}]}]"},
		 GET(""),
		 5},
		{{.filters = FILTER(ALL ", stage: 1, descriptors: [" RULE("generic_key", "g", "2") "]"),
		  .route = "rate_limits: [{stage: 1, actions: [{generic_key: {descriptor_value: g}}]}]"},
		 GET(""),
		 2},
		{{.filters = FILTER(ALL ", rate_limits: [{actions: [{remote_address: {}}]}], descriptors: [" RULE(
			  "remote_address", "10.0.0.200", "2") "]")},
		 GET(""),
		 2},
		{{.filters =
			  FILTER(ALL ", rate_limits: [{actions: [{masked_remote_address: {v4_prefix_mask_len: 23}}]}], "
				     "descriptors: [" RULE("masked_remote_address", "10.0.0.0/23", "2") "]")},
		 GET(""),
		 2},
		{{.filters =
			  FILTER(ALL ", rate_limits: [{actions: [{header_value_match: {descriptor_value: m, headers: "
				     "[{name: ':method', string_match: {exact: GET}}]}}]}], descriptors: [" RULE(
					     "header_match", "m", "2") "]")},
		 GET(""),
		 2},
		{{.filters = FILTER(
			  ALL ", rate_limits: [{actions: [{header_value_match: {descriptor_value: m, "
			      "expect_match: false, headers: [{name: ':method', string_match: {exact: GET}}]}}]}], "
			      "descriptors: [" RULE("header_match", "m", "2") "]")},
		 GET(""),
		 5},
		{{.filters = FILTER(
			  ALL ", rate_limits: [{actions: [{query_parameter_value_match: {descriptor_value: m, "
			      "query_parameters: [{name: q, string_match: {exact: '1'}}]}}]}], descriptors: [" RULE(
				      "query_match", "m", "2") "]")},
		 GET(""),
		 2},
		{{.filters = FILTER(ALL ", rate_limits: [{actions: [{query_parameters: {query_parameter_name: q, "
					"descriptor_key: k}}]}], descriptors: [" RULE("k", "'1'", "2") "]")},
		 GET(""),
		 2},
		{{.filters = FILTER(ALL ", rate_limits: [{actions: [{destination_cluster: {}}]}], descriptors: [" RULE(
			  "destination_cluster", "c", "2") "]")},
		 GET(""),
		 2},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct rig r;
		char seen[2048];
		unsigned pass = 0;

		rig_start(&r, rig_http_yaml(&rows[i].http));
		for (int k = 0; k < 5; k++)
			pass += strstr(ask(&r, rows[i].request, seen, sizeof(seen)), "HTTP/1.1 200 ") != NULL;
		if (pass != rows[i].pass)
			fail_msg("row %zu: %u of 5 pass, not %u", i, pass, rows[i].pass);
		rig_stop(&r);
	}
}

static void what_is_heard(void **state)
{
	struct rig r;
	char seen[2048];
	const char *got;

	(void)state;
	rig_start(&r, rig_http_yaml(&(struct rig_http){
			      .filters = FILTER(
				      BUCKET("1") ", " ALL ", status: {code: 420}, enable_x_ratelimit_headers: "
						  "DRAFT_VERSION_03, " ADD("response_headers_to_add", "x-limited"))}));
	got = ask(&r, GET(""), seen, sizeof(seen));
	assert_non_null(strstr(got, "x-ratelimit-limit: 1\r\nx-ratelimit-remaining: 0\r\nx-ratelimit-reset: 100\r\n"));
	assert_null(strstr(got, "x-limited"));
	got = ask(&r, GET(""), seen, sizeof(seen));
	assert_non_null(strstr(got, "HTTP/1.1 420 "));
	assert_non_null(strstr(got, "x-limited: yes\r\n"));
	assert_non_null(strstr(got, "x-ratelimit-remaining: 0\r\n"));
	assert_non_null(strstr(got, "\r\n\r\nlocal_rate_limited"));
	assert_string_equal(rig_log(&r), "200 - via_upstream\n420 RL local_rate_limited\n");
	rig_advance(&r, 100100);
	assert_non_null(strstr(ask(&r, GET(""), seen, sizeof(seen)), "HTTP/1.1 200 "));
	rig_stop(&r);
}

static void grpc_hears(void **state)
{
	static const struct {
		const char *more, *status;
	} rows[] = {{"", "grpc-status: 14\r\n"}, {", rate_limited_as_resource_exhausted: true", "grpc-status: 8\r\n"}};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(freep)
		char *filter = mem_printf("%s%s}}, ",
					  "{name: envoy.filters.http.local_ratelimit, typed_config: {" TYPE_LOCAL
					  ", stat_prefix: l, " BUCKET("1") ", " ALL,
					  rows[i].more);
		struct rig r;
		char seen[2048];

		rig_start(&r, rig_http_yaml(&(struct rig_http){.filters = filter}));
		(void)ask(&r, GET("Content-Type: application/grpc\r\n"), seen, sizeof(seen));
		assert_non_null(
			strstr(ask(&r, GET("Content-Type: application/grpc\r\n"), seen, sizeof(seen)), rows[i].status));
		rig_stop(&r);
	}
}

/* Who would be refused is marked, where nothing is enforced. */
static void only_marked(void **state)
{
	struct rig r;
	char seen[2048];

	(void)state;
	rig_start(&r,
		  rig_http_yaml(&(struct rig_http){.filters = FILTER(BUCKET("1") ", " NOT_ENFORCED ", " ADD(
							   "request_headers_to_add_when_not_enforced", "x-would"))}));
	(void)ask(&r, GET(""), seen, sizeof(seen));
	assert_null(strstr(seen, "x-would"));
	(void)ask(&r, GET(""), seen, sizeof(seen));
	assert_non_null(strstr(seen, "x-would: yes\r\n"));
	rig_stop(&r);
}

/* Of a listener's connections. */
static void connections(void **state)
{
	struct rig r;
	char *yaml, *at;
	CLEANUP(buf_done) struct buf text = BUF_INIT;
	int fds[3];

	(void)state;
	yaml = (char *)rig_tcp_yaml(NULL, NULL);
	at = strstr(yaml, "filters: [");
	buf_append(&text, yaml, (size_t)(at - yaml) + strlen("filters: ["));
	buf_append_str(&text, "{name: n, typed_config: {'@type': type.googleapis.com/envoy.extensions.filters.network."
			      "local_ratelimit.v3.LocalRateLimit, stat_prefix: n, " BUCKET("2") "}}, ");
	buf_append_str(&text, at + strlen("filters: ["));
	rig_start(&r, buf_str(&text));
	for (int i = 0; i < 3; i++) {
		fds[i] = loopback_connect(RIG_LISTENER);
		rig_run(&r);
		assert_int_equal(loopback_ended(fds[i]), i == 2);
	}
	rig_stop(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(buckets), cmocka_unit_test(what_is_heard),
					   cmocka_unit_test(grpc_hears), cmocka_unit_test(only_marked),
					   cmocka_unit_test(connections)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
