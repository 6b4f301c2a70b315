/* The proxy's own requests through a cluster: what the service gets, what the caller hears, and what is left behind. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include "loopback/rig.c"

#include "loopback/h2_peer.h"
#include "grpc/call.h"
#include "proxy/upstream/side_call.h"

#define H2_UP                                                                                                          \
	"typed_extension_protocol_options: {envoy.extensions.upstreams.http.v3.HttpProtocolOptions: {'@type': "        \
	"type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions, explicit_http_config: "           \
	"{http2_protocol_options: {}}}}"

#define BEFORE "upstream_reset_before_response_started"

static struct rig r;
static struct buf heard;
static struct side_call *call;

static void on_answer(void *arg, const struct side_answer *a)
{
	assert_ptr_equal(arg, &r);
	call = NULL;
	buf_printf(&heard, "%s '%s' %d '%.*s' %d '%.*s'", outcome_row(a->outcome)->details, a->error,
		   a->head ? a->head->status : 0, SLICE_ARG(a->body), a->grpc_status, SLICE_ARG(a->grpc_message));
}

static void start(const char *cluster)
{
	rig_start(&r, rig_http_yaml(&(struct rig_http){.cluster = cluster}));
}

/* A call that waits to be sent. */
static void make(const char *cluster)
{
	uint32_t slot = config_cluster_slot(r.worker.current->config, slice_str(cluster));

	call = side_call_new(&r.worker, r.worker.current, slot);
}

static void submit(const char *body, int64_t timeout_ms, size_t max)
{
	side_call_send(call, slice_str(body),
		       &(struct side_params){.timeout_ns = timeout_ms * NS_PER_MS,
					     .max_answer_bytes = max,
					     .on_answer = on_answer,
					     .arg = &r});
	/* Nobody hears inside his own call. */
	assert_int_equal(heard.len, 0);
	rig_run(&r);
}

static void ask(const char *method, enum http_method id, const char *body)
{
	struct http_head *h;

	make("c");
	h = side_call_head(call);
	h->method = slice_str(method);
	h->method_id = (uint8_t)id;
	h->target = SLICE("/check");
	http_add(h, SLICE("host"), SLICE("authz"));
	submit(body, 1000, 0);
}

static void ask_grpc(const char *message)
{
	make("c");
	side_call_grpc(call, SLICE("authz"), SLICE("/a.B/C"));
	http_add(side_call_head(call), SLICE("x-more"), SLICE("1"));
	submit(message, 1000, 64);
}

#define assert_call(text)                                                                                              \
	do {                                                                                                           \
		assert_string_equal(heard.len ? buf_str(&heard) : "", text);                                           \
		buf_clear(&heard);                                                                                     \
	} while (0)

static void stop(void)
{
	assert_int_equal(r.worker.n_side_calls, 0);
	assert_int_equal(rig_cluster(&r, "c")->counters.rq_active, 0);
	rig_stop(&r);
	buf_done(&heard);
}

static void a_request_and_its_answer(void **state)
{
	int up;

	(void)state;
	start(NULL);
	ask("POST", HTTP_POST, "hello");
	up = rig_accept(&r);
	assert_string_equal(loopback_got(up), "POST /check HTTP/1.1\r\nhost: authz\r\ncontent-length: 5\r\n\r\nhello");
	rig_send(&r, up, "HTTP/1.1 403 No\r\nContent-Length: 4\r\n\r\nno");
	assert_call("");
	rig_send(&r, up, "pe");
	assert_call("via_upstream '' 403 'nope' -1 ''");
	/* The connection is kept for the next. */
	ask("GET", HTTP_GET, "");
	assert_string_equal(loopback_got(up), "GET /check HTTP/1.1\r\nhost: authz\r\n\r\n");
	rig_send(&r, up, "HTTP/1.1 204 No\r\n\r\n");
	assert_call("via_upstream '' 204 '' -1 ''");
	assert_int_equal(rig_cluster(&r, "c")->counters.cx_total, 1);
	assert_int_equal(rig_cluster(&r, "c")->counters.rq_xx[4], 1);
	stop();
}

/* A kept connection may be closed just when it is used again: once more, and only once. */
static void a_stale_connection(void **state)
{
	int up;

	(void)state;
	start(NULL);
	ask("GET", HTTP_GET, "");
	up = rig_accept(&r);
	rig_send(&r, up, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
	assert_call("via_upstream '' 200 '' -1 ''");
	ask("POST", HTTP_POST, "again");
	assert_non_null(strstr(loopback_got(up), "POST"));
	rig_close(&r, up);
	assert_call("");
	up = rig_accept(&r);
	assert_non_null(strstr(loopback_got(up), "again"));
	rig_close(&r, up);
	assert_call(BEFORE "{connection_termination} 'connection termination' 0 '' -1 ''");
	stop();
}

static void failures(void **state)
{
	int up;

	(void)state;
	start(NULL);
	make("nobody");
	submit("", 1000, 0);
	assert_call("cluster_not_found 'no such cluster' 0 '' -1 ''");
	ask("GET", HTTP_GET, "");
	rig_advance(&r, 999);
	assert_call("");
	rig_advance(&r, 2);
	assert_call("response_timeout 'timeout' 0 '' -1 ''");
	up = rig_accept(&r);
	(void)loopback_got(up);
	assert_true(loopback_ended(up));
	make("c");
	side_call_head(call)->method = SLICE("GET");
	side_call_head(call)->target = SLICE("/");
	submit("", 0, 3);
	rig_send(&r, rig_accept(&r), "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n1234");
	assert_call(BEFORE "{protocol_error} 'the answer is too large' 0 '' -1 ''");
	ask("GET", HTTP_GET, "");
	rig_send(&r, rig_accept(&r), "HTTP/9\r\n\r\n");
	assert_call(BEFORE "{protocol_error} 'protocol error' 0 '' -1 ''");
	loopback_close(r.origin);
	r.origin = -1;
	ask("GET", HTTP_GET, "");
	assert_call(BEFORE "{remote_connection_failure} 'delayed connect error: 111' 0 '' -1 ''");
	stop();
}

static void limits_of_the_cluster(void **state)
{
	int up;

	(void)state;
	start("circuit_breakers: {thresholds: [{max_requests: 1}]}");
	ask("GET", HTTP_GET, "");
	up = rig_accept(&r);
	ask("GET", HTTP_GET, "");
	assert_call(BEFORE "{overflow} 'overflow' 0 '' -1 ''");
	rig_send(&r, up, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
	assert_call("via_upstream '' 200 '' -1 ''");
	ask("GET", HTTP_GET, "");
	rig_send(&r, up, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
	assert_call("via_upstream '' 200 '' -1 ''");
	stop();
}

static void given_up(void **state)
{
	int up;

	(void)state;
	start(NULL);
	make("c");
	side_call_cancel(call); /* before it was sent */
	side_call_cancel(NULL);
	ask("GET", HTTP_GET, "");
	up = rig_accept(&r);
	(void)loopback_got(up);
	side_call_cancel(call);
	rig_run(&r);
	assert_true(loopback_ended(up));
	assert_call("");
	/* Failed, but not told yet. */
	make("nobody");
	side_call_send(call, slice_make("", 0), &(struct side_params){.on_answer = on_answer, .arg = &r});
	side_call_cancel(call);
	rig_run(&r);
	assert_call("");
	/* The worker's end ends what is under way. */
	ask("GET", HTTP_GET, "");
	rig_stop(&r);
	assert_int_equal(heard.len, 0);
	buf_done(&heard);
}

/* ---- gRPC ---- */

static struct h2_peer origin;

static void accept_origin(void)
{
	h2_peer_start(&origin, rig_accept(&r), true, NULL);
	origin.verbose = true;
	h2_peer_run(&r, &origin, NULL);
}

static void answer(const char *status, const char *message, bool with_message)
{
	const struct h2_header head[] = {{SLICE(":status"), SLICE("200"), false},
					 {SLICE("content-type"), SLICE("application/grpc"), false}};
	const struct h2_header trailers[] = {{SLICE("grpc-status"), slice_str(status), false},
					     {SLICE("grpc-message"), slice_str(message), false}};

	assert_int_equal(h2_respond(origin.last, H2_RESPONSE, head, 2, false), 0);
	if (with_message)
		h2_write(origin.last, slice_make("\0\0\0\0\2ok", 7), false);
	h2_trailers(origin.last, trailers, 2);
	h2_peer_run(&r, &origin, NULL);
}

static void a_call_of_grpc(void **state)
{
	(void)state;
	start(H2_UP);
	ask_grpc("");
	accept_origin();
	assert_non_null(
		strstr(buf_str(&origin.heard), "1:POST/a.B/C[content-type=application/grpc][te=trailers][x-more=1]"));
	answer("0", "", true);
	assert_call("via_upstream '' 200 'ok' 0 ''");
	ask_grpc("abc");
	h2_peer_run(&r, &origin, NULL);
	answer("7", "no%21", false);
	assert_call("via_upstream '' 200 '' 7 'no!'");
	/* A status of success without a message is none. */
	ask_grpc("abc");
	h2_peer_run(&r, &origin, NULL);
	answer("0", "", false);
	assert_call(BEFORE "{protocol_error} 'the answer is not one message of gRPC' 0 '' 14 ''");
	assert_int_equal(rig_cluster(&r, "c")->counters.cx_total, 1);
	h2_peer_stop(&origin);
	stop();
}

static void trailers_only(void **state)
{
	const struct h2_header head[] = {{SLICE(":status"), SLICE("200"), false},
					 {SLICE("grpc-status"), SLICE("16"), false},
					 {SLICE("grpc-message"), SLICE("who"), false}};
	const struct h2_header bare = {SLICE(":status"), SLICE("429"), false};

	(void)state;
	start(H2_UP);
	ask_grpc("abc");
	accept_origin();
	assert_int_equal(h2_respond(origin.last, H2_RESPONSE, head, 3, true), 0);
	h2_peer_run(&r, &origin, NULL);
	assert_call("via_upstream '' 200 '' 16 'who'");
	/* No status of gRPC at all: what the one of HTTP stands for. */
	ask_grpc("abc");
	h2_peer_run(&r, &origin, NULL);
	assert_int_equal(h2_respond(origin.last, H2_RESPONSE, &bare, 1, true), 0);
	h2_peer_run(&r, &origin, NULL);
	assert_call("via_upstream '' 429 '' 14 ''");
	/* Not even with an answer that looks well has such a call succeeded. */
	ask_grpc("abc");
	h2_peer_run(&r, &origin, NULL);
	assert_int_equal(h2_respond(origin.last, H2_RESPONSE, head, 1, false), 0);
	h2_write(origin.last, slice_make("\0\0\0\0\2ok", 7), true);
	h2_peer_run(&r, &origin, NULL);
	assert_call("via_upstream '' 200 '' 2 ''");
	ask_grpc("abc");
	h2_peer_run(&r, &origin, NULL);
	rig_advance(&r, 1001);
	assert_call("response_timeout 'timeout' 0 '' 4 ''");
	h2_peer_stop(&origin);
	stop();
}

/* What the peer says it has not looked at goes once more. */
static void refused(void **state)
{
	(void)state;
	start(H2_UP);
	ask_grpc("abc");
	accept_origin();
	h2_reset(origin.last, H2_REFUSED_STREAM);
	h2_peer_run(&r, &origin, NULL);
	assert_call("");
	assert_non_null(origin.last);
	h2_reset(origin.last, H2_REFUSED_STREAM);
	h2_peer_run(&r, &origin, NULL);
	assert_call(BEFORE "{remote_refused_stream_reset} 'remote refused stream reset' 0 '' 14 ''");
	h2_peer_stop(&origin);
	stop();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_request_and_its_answer),
		cmocka_unit_test(a_stale_connection),
		cmocka_unit_test(failures),
		cmocka_unit_test(limits_of_the_cluster),
		cmocka_unit_test(given_up),
		cmocka_unit_test(a_call_of_grpc),
		cmocka_unit_test(trailers_only),
		cmocka_unit_test(refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
