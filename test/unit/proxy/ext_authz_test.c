/* External authorization: what the service is shown, what becomes of the request by its answer, and without one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include "loopback/rig.c"

#include "loopback/h2_peer.h"

#define SERVICE "10.0.0.2:9000"
#define TYPE_OF(t) "'@type': type.googleapis.com/envoy.extensions." t ", "
#define H2_UP                                                                                                          \
	"typed_extension_protocol_options: {envoy.extensions.upstreams.http.v3.HttpProtocolOptions: {" TYPE_OF(        \
		"upstreams.http.v3.HttpProtocolOptions") "explicit_http_config: {http2_protocol_options: {}}}}"
#define HTTP_SERVICE                                                                                                   \
	"http_service: {server_uri: {uri: 'http://authz', cluster: authz, timeout: 1s}, path_prefix: /check, "         \
	"authorization_request: {allowed_headers: {patterns: [{exact: x-shown}]}}, "                                   \
	"authorization_response: {allowed_upstream_headers: {patterns: [{exact: x-user}]}, "                           \
	"allowed_client_headers: {patterns: [{exact: x-why}]}}}"
#define GRPC_SERVICE "grpc_service: {envoy_grpc: {cluster_name: authz}, timeout: 1s}"
#define GET "GET /a HTTP/1.1\r\nHost: shop\r\nX-Shown: 1\r\nX-Hidden: 2\r\nX-User: forged\r\n\r\n"
#define POST(n, body) "POST /a HTTP/1.1\r\nHost: shop\r\nContent-Length: " n "\r\n\r\n" body
#define OK "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"

static struct rig r;
static int service, client;
static char got[4096];

static void start(const char *config, const char *around, const char *cluster)
{
	char *filters;

	assert_true(asprintf(&filters,
			     "{name: envoy.filters.http.ext_authz, typed_config: {" TYPE_OF(
				     "filters.http.ext_authz.v3.ExtAuthz") "%s}}, ",
			     config) > 0);
	rig_start(&r,
		  rig_http_yaml(&(struct rig_http){
			  .filters = filters, .around = around, .more = rig_cluster_yaml("authz", SERVICE, cluster)}));
	service = loopback_listen(SERVICE);
	free(filters);
}

static void stop(void)
{
	rig_close(&r, client);
	if (service >= 0)
		rig_close(&r, service);
	assert_int_equal(r.worker.n_side_calls, 0);
	rig_stop(&r);
}

/* A request reaches the service; what that is asked. */
static int ask(const char *request)
{
	int fd;

	client = rig_request(&r, request);
	fd = rig_accept_at(&r, service);
	assert_true(fd >= 0);
	snprintf(got, sizeof got, "%s", loopback_got(fd));
	return fd;
}

/* It has passed: what the origin got, which answers. */
static const char *passed(void)
{
	int up = rig_accept(&r);

	assert_true(up >= 0);
	snprintf(got, sizeof got, "%s", loopback_got(up));
	rig_send(&r, up, OK);
	assert_non_null(strstr(loopback_got(client), " 200 "));
	return got;
}

/* It has not: what the client got. */
static const char *denied(void)
{
	assert_int_equal(rig_accept(&r), -1);
	snprintf(got, sizeof got, "%s", loopback_got(client));
	return got;
}

static void allowed(void **state)
{
	int fd;

	(void)state;
	start(HTTP_SERVICE, NULL, NULL);
	fd = ask(GET);
	assert_non_null(strstr(got, "GET /check/a HTTP/1.1\r\nhost: shop\r\n"));
	assert_non_null(strcasestr(got, "x-shown: 1"));
	assert_null(strcasestr(got, "x-hidden"));
	assert_int_equal(rig_accept(&r), -1);
	rig_send(&r, fd, "HTTP/1.1 200 OK\r\nX-User: eve\r\nX-Other: 1\r\nContent-Length: 0\r\n\r\n");
	assert_non_null(strcasestr(passed(), "x-user: eve"));
	assert_null(strstr(got, "forged"));
	assert_null(strcasestr(got, "x-other"));
	stop();
}

static void denied_by_http(void **state)
{
	int fd;

	(void)state;
	start(HTTP_SERVICE, NULL, NULL);
	fd = ask(GET);
	rig_send(&r, fd, "HTTP/1.1 401 No\r\nX-Why: late\r\nX-Other: 1\r\nContent-Length: 4\r\n\r\nnope");
	assert_non_null(strstr(denied(), "HTTP/1.1 401 "));
	assert_non_null(strcasestr(got, "x-why: late"));
	assert_null(strcasestr(got, "x-other"));
	assert_non_null(strstr(got, "\r\n\r\nnope"));
	assert_string_equal(rig_log(&r), "401 UAEX ext_authz_denied\n");
	stop();
}

/* Nobody listens: the request is denied. */
static void away(const char *more, const char *status)
{
	char *config;

	assert_true(asprintf(&config, HTTP_SERVICE "%s", more) > 0);
	start(config, NULL, NULL);
	free(config);
	loopback_close(service);
	service = -1;
	client = rig_request(&r, GET);
	assert_non_null(strstr(denied(), status));
	assert_non_null(strstr(rig_log(&r), "UAEX ext_authz_error"));
	stop();
}

static void without_the_service(void **state)
{
	(void)state;
	away("", "HTTP/1.1 403 ");
	away(", status_on_error: {code: 503}", "HTTP/1.1 503 ");
	start(HTTP_SERVICE ", failure_mode_allow: true, failure_mode_allow_header_add: true", NULL, NULL);
	loopback_close(service);
	service = -1;
	client = rig_request(&r, GET);
	assert_non_null(strcasestr(passed(), "x-envoy-auth-failure-mode-allowed: true"));
	stop();
}

/* Silence for longer than its time, and an error of the service's own. */
static void no_answer(void **state)
{
	int fd;

	(void)state;
	start(HTTP_SERVICE, NULL, NULL);
	(void)ask(GET);
	rig_advance(&r, 999);
	assert_string_equal(denied(), "");
	rig_advance(&r, 2);
	assert_non_null(strstr(denied(), "HTTP/1.1 403 "));
	rig_close(&r, client);
	fd = ask(GET);
	rig_send(&r, fd, "HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n");
	assert_non_null(strstr(denied(), "HTTP/1.1 403 "));
	stop();
}

static void a_body(void **state)
{
	int fd;

	(void)state;
	start(HTTP_SERVICE ", with_request_body: {max_request_bytes: 4}", NULL, NULL);
	fd = ask(POST("4", "abcd"));
	assert_non_null(strstr(got, "\r\n\r\nabcd"));
	rig_send(&r, fd, OK);
	assert_non_null(strstr(passed(), "\r\n\r\nabcd"));
	rig_close(&r, client);
	client = rig_request(&r, POST("5", "abcde"));
	assert_non_null(strstr(denied(), "HTTP/1.1 413 "));
	stop();
	start(HTTP_SERVICE ", with_request_body: {max_request_bytes: 4, allow_partial_message: true}", NULL, NULL);
	fd = ask(POST("6", "abcdef"));
	assert_string_equal(strstr(got, "\r\n\r\n"), "\r\n\r\nabcd");
	rig_send(&r, fd, OK);
	assert_non_null(strstr(passed(), "\r\n\r\nabcdef"));
	stop();
}

static void not_on_this_route(void **state)
{
	(void)state;
	start(HTTP_SERVICE,
	      "typed_per_filter_config: {envoy.filters.http.ext_authz: {" TYPE_OF(
		      "filters.http.ext_authz.v3.ExtAuthzPerRoute") "disabled: true}}",
	      NULL);
	client = rig_request(&r, GET);
	assert_non_null(strcasestr(passed(), "x-user: forged"));
	assert_int_equal(rig_accept_at(&r, service), -1);
	stop();
}

/* CheckResponse{ok_response{headers x-u: 1}}, and CheckResponse{status{7} denied_response{status{401} body "no"}}. */
static const char grpc_ok[] = "\0\0\0\0\x0e\x1a\x0c\x12\x0a\x0a\x08\x0a\x03x-u\x12\x01\x31";
static const char grpc_denied[] = "\0\0\0\0\x0f\x0a\x02\x08\x07\x12\x09\x0a\x03\x08\x91\x03\x1a\x02no";

static void ask_grpc(struct slice message)
{
	const struct h2_header head[] = {{SLICE(":status"), SLICE("200"), false},
					 {SLICE("content-type"), SLICE("application/grpc"), false}};
	const struct h2_header trailers[] = {{SLICE("grpc-status"), SLICE("0"), false}};
	struct h2_peer peer;

	client = rig_request(&r, GET);
	h2_peer_start(&peer, rig_accept_at(&r, service), true, NULL);
	h2_peer_run(&r, &peer, NULL);
	assert_non_null(strstr(buf_str(&peer.heard), "POST/envoy.service.auth.v3.Authorization/Check"));
	assert_non_null(memmem(peer.body.ptr, peer.body.len, "x-hidden", 8));
	assert_int_equal(h2_respond(peer.last, H2_RESPONSE, head, 2, false), 0);
	h2_write(peer.last, message, false);
	h2_trailers(peer.last, trailers, 1);
	h2_peer_run(&r, &peer, NULL);
	h2_peer_stop(&peer);
}

static void by_grpc(void **state)
{
	(void)state;
	start(GRPC_SERVICE, NULL, H2_UP);
	ask_grpc(slice_make(grpc_ok, sizeof grpc_ok - 1));
	assert_non_null(strcasestr(passed(), "x-u: 1"));
	stop();
	start(GRPC_SERVICE, NULL, H2_UP);
	ask_grpc(slice_make(grpc_denied, sizeof grpc_denied - 1));
	assert_non_null(strstr(denied(), "HTTP/1.1 401 "));
	assert_non_null(strstr(got, "\r\n\r\nno"));
	stop();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(allowed),   cmocka_unit_test(denied_by_http), cmocka_unit_test(without_the_service),
		cmocka_unit_test(no_answer), cmocka_unit_test(a_body),         cmocka_unit_test(not_on_this_route),
		cmocka_unit_test(by_grpc),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
