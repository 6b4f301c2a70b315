/* gRPC through the proxy: statuses of trailers in metrics and retries, local replies, timeouts, faults. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include "loopback/rig.c"

#include "loopback/h2_peer.h"
#include "proxy/core/grpc.h"

#define H2_UP                                                                                                          \
	"typed_extension_protocol_options: {envoy.extensions.upstreams.http.v3.HttpProtocolOptions: {'@type': "        \
	"type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions, explicit_http_config: "           \
	"{http2_protocol_options: {}}}}"
#define STATS "{name: istio.stats, typed_config: {'@type': type.googleapis.com/stats.PluginConfig}}, "

static struct rig r;
static struct h2_peer client, origin;
static const struct h2_header grpc = {SLICE("content-type"), SLICE("application/grpc"), false};

static void start(const struct rig_http *h)
{
	rig_start(&r, rig_http_yaml(h));
	h2_peer_start(&client, loopback_connect(RIG_LISTENER), false, NULL);
}

static void stop(void)
{
	h2_peer_stop(&client);
	rig_stop(&r);
}

static void call(const struct h2_header *more, size_t n)
{
	struct h2_header v[4] = {grpc};
	struct h2_stream *st;

	for (size_t i = 0; i < n; i++)
		v[1 + i] = more[i];
	st = h2_peer_ask(&client, "POST", "/a.B/C", false, v, 1 + n);
	h2_write(st, slice_make("\0\0\0\0\0", 5), true);
	h2_peer_run(&r, &client, NULL);
}

static void accept_origin(void)
{
	h2_peer_start(&origin, rig_accept(&r), true, NULL);
	h2_peer_run(&r, &client, &origin);
}

/* Trailers-Only, as a server does that has nothing else to say. */
static void answer_status(const char *status)
{
	const struct h2_header v[] = {
		{SLICE(":status"), SLICE("200"), false}, grpc, {SLICE("grpc-status"), slice_str(status), false}};

	assert_int_equal(h2_respond(origin.last, H2_RESPONSE, v, 3, true), 0);
	h2_peer_run(&r, &client, &origin);
}

/* What the client hears of a local reply, without what every answer has. */
static void assert_local(const char *status, const char *message)
{
	char text[512];

	assert_true(strncmp(buf_str(&client.heard), "1:200", 5) == 0);
	snprintf(text, sizeof(text), "[grpc-status=%s]", status);
	if (!strstr(buf_str(&client.heard), text))
		fail_msg("%s", buf_str(&client.heard));
	snprintf(text, sizeof(text), "[grpc-message=%s]", message);
	if (!strstr(buf_str(&client.heard), text))
		fail_msg("%s", buf_str(&client.heard));
	assert_non_null(strstr(buf_str(&client.heard), "[content-type=application/grpc]"));
	assert_non_null(strstr(buf_str(&client.heard), ". 1:end "));
}

static void local_replies(void **state)
{
	static const struct {
		const struct rig_http h;
		const char *status, *message;
	} rows[] = {
		{{.action = "direct_response: {status: 403, body: {inline_string: 'no 100%'}}"}, "7", "no 100%25"},
		{{.endpoints = "10.0.0.77:80", .cluster = H2_UP},
		 "14",
		 "upstream connect error or disconnect/reset before headers. reset reason: remote connection failure, "
		 "transport failure reason: delayed connect error: 111"},
		{{.filters = "{name: f, typed_config: {'@type': type.googleapis.com/"
			     "envoy.extensions.filters.http.fault.v3.HTTPFault, abort: {grpc_status: 8, percentage: "
			     "{numerator: 100}}}}, "},
		 "8",
		 "fault filter abort"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		start(&rows[i].h);
		client.verbose = true;
		call(NULL, 0);
		assert_local(rows[i].status, rows[i].message);
		stop();
	}
}

/* For everybody else the same fault is HTTP. */
static void a_fault_for_others(void **state)
{
	(void)state;
	start(&(struct rig_http){
		.filters = "{name: f, typed_config: {'@type': type.googleapis.com/"
			   "envoy.extensions.filters.http.fault.v3.HTTPFault, abort: {grpc_status: 8, percentage: "
			   "{numerator: 100}}}}, "});
	(void)h2_peer_get(&client, "/");
	h2_peer_run(&r, &client, NULL);
	assert_peer_heard(&client, "1:429 1:'fault filter abort' 1:end ");
	stop();
}

static void deadline(void **state)
{
	const struct h2_header timeout = {SLICE("grpc-timeout"), SLICE("400m"), false};

	(void)state;
	start(&(struct rig_http){.cluster = H2_UP,
				 .route = "timeout: 0s, max_stream_duration: {grpc_timeout_header_max: 5s}"});
	client.verbose = true;
	call(&timeout, 1);
	accept_origin();
	rig_advance(&r, 390);
	h2_peer_run(&r, &client, &origin);
	assert_string_equal(buf_str(&client.heard), "");
	rig_advance(&r, 20);
	h2_peer_run(&r, &client, &origin);
	assert_local("4", "upstream max stream duration reached");
	h2_peer_stop(&origin);
	stop();
}

static void retries(void **state)
{
	(void)state;
	start(&(struct rig_http){.cluster = H2_UP, .route = "retry_policy: {retry_on: unavailable, num_retries: 2}"});
	client.verbose = true;
	call(NULL, 0);
	accept_origin();
	answer_status("14");
	rig_advance(&r, 300);
	h2_peer_run(&r, &client, &origin);
	assert_string_equal(buf_str(&client.heard), "");
	answer_status("13"); /* which is not asked for */
	assert_non_null(strstr(buf_str(&client.heard), "[grpc-status=13]"));
	assert_int_equal(rig_cluster(&r, "c")->counters.rq_retry, 1);
	h2_peer_stop(&origin);
	stop();
}

/* The status of trailers is what metrics count. */
static void metrics(void **state)
{
	const struct h2_header v[] = {{SLICE(":status"), SLICE("200"), false}, grpc};
	const struct h2_header end = {SLICE("grpc-status"), SLICE("5"), false};
	CLEANUP(buf_done) struct buf text = BUF_INIT;

	(void)state;
	start(&(struct rig_http){.cluster = H2_UP, .filters = STATS});
	call(NULL, 0);
	accept_origin();
	assert_int_equal(h2_respond(origin.last, H2_RESPONSE, v, 2, false), 0);
	h2_write(origin.last, slice_make("\0\0\0\0\0", 5), false);
	h2_trailers(origin.last, &end, 1);
	h2_peer_run(&r, &client, &origin);
	metrics_write_prometheus(r.worker.metrics, &text);
	assert_non_null(strstr(buf_str(&text), "grpc_response_status=\"5\""));
	assert_non_null(strstr(buf_str(&text), "request_protocol=\"grpc\""));
	h2_peer_stop(&origin);
	stop();
}

/* However the bytes are cut: an empty message, one of three bytes, and the head of one whose bytes never come. */
static void frames(void **state)
{
	static const char stream[] = "\0\0\0\0\0\1\0\0\0\3abc\0\1\0\0\0x";
	const struct slice all = slice_make(stream, sizeof(stream) - 1);

	(void)state;
	for (size_t step = 1; step <= all.len; step++) {
		struct grpc_frames f = {0};

		for (size_t at = 0; at < all.len; at += step)
			grpc_frames_take(&f, slice_head(slice_from(all, at), step));
		assert_int_equal(f.messages, 3);
		assert_int_equal(f.left, (1 << 24) - 1);
	}
}

/* The whole line of a counter's only series, without what stands before its value. */
static void assert_messages(const char *name, const char *value)
{
	CLEANUP(buf_done) struct buf text = BUF_INIT;
	const char *at, *end;

	metrics_write_prometheus(r.worker.metrics, &text);
	at = strstr(buf_str(&text), name);
	if (!at || at[strlen(name)] != '{')
		at = at ? strstr(at + 1, name) : NULL; /* behind "# TYPE" */
	if (!at)
		fail_msg("no %s", name);
	end = strchr(at, '\n');
	assert_true(end && !memmem(at, (size_t)(end - at), "response_code", strlen("response_code")));
	at = strstr(at, "} ");
	assert_true(at && at < end);
	if (!slice_eq_str(slice_make(at + 2, (size_t)(end - at - 2)), value))
		fail_msg("%s is %.*s", name, (int)(end - at - 2), at + 2);
}

/* Messages are counted while their stream goes on, each once, under the labels of the two sides alone. */
static void messages(void **state)
{
	const struct h2_header v[] = {{SLICE(":status"), SLICE("200"), false}, grpc};
	const struct h2_header end = {SLICE("grpc-status"), SLICE("0"), false};
	CLEANUP(buf_done) struct buf text = BUF_INIT;
	struct h2_stream *st;

	(void)state;
	start(&(struct rig_http){.cluster = H2_UP, .filters = STATS});
	st = h2_peer_ask(&client, "POST", "/a.B/C", false, &grpc, 1);
	h2_write(st, slice_make("\0\0\0\0\0\0\0\0", 8), false);
	h2_peer_run(&r, &client, NULL);
	accept_origin();
	rig_advance(&r, 5100); /* nobody has answered: who does is not known */
	metrics_write_prometheus(r.worker.metrics, &text);
	assert_null(strstr(buf_str(&text), "_messages_total"));
	assert_int_equal(h2_respond(origin.last, H2_RESPONSE, v, 2, false), 0);
	h2_write(origin.last, slice_make("\0\0\0\0\1x\0\0\0\0\0", 11), false);
	h2_peer_run(&r, &client, &origin);
	rig_advance(&r, 5100);
	assert_messages("istio_request_messages_total", "1");
	assert_messages("istio_response_messages_total", "2");
	h2_write(st, slice_make("\0\0", 2), true);
	h2_peer_run(&r, &client, &origin);
	h2_write(origin.last, slice_make("\0\0\0\0\0", 5), false);
	h2_trailers(origin.last, &end, 1);
	h2_peer_run(&r, &client, &origin);
	assert_messages("istio_request_messages_total", "2");
	assert_messages("istio_response_messages_total", "3");
	h2_peer_stop(&origin);
	stop();
}

/* One may be left out, as a Telemetry object says it, and the other stays. */
static void messages_left_out(void **state)
{
	CLEANUP(buf_done) struct buf text = BUF_INIT;

	(void)state;
	start(&(struct rig_http){.action = "direct_response: {status: 403}",
				 .filters = "{name: istio.stats, typed_config: {'@type': "
					    "type.googleapis.com/stats.PluginConfig, metrics: [{name: "
					    "request_messages_total, drop: true}]}}, "});
	call(NULL, 0);
	metrics_write_prometheus(r.worker.metrics, &text);
	assert_null(strstr(buf_str(&text), "istio_request_messages_total"));
	assert_messages("istio_response_messages_total", "0");
	stop();
}

static void small_things(void **state)
{
	(void)state;
	assert_true(grpc_content_type(SLICE("application/grpc+proto")));
	assert_true(grpc_content_type(SLICE("application/grpc;charset=x")));
	assert_false(grpc_content_type(SLICE("application/grpc-web")));
	assert_false(grpc_content_type(SLICE("application/grp")));
	assert_int_equal(grpc_status_parse(SLICE("")), -1);
	assert_int_equal(grpc_status_parse(SLICE("x")), -1);
	assert_int_equal(grpc_status_parse(SLICE("16")), 16);
	assert_string_equal(grpc_status_name(4), "DeadlineExceeded");
	assert_null(grpc_status_name(17));
	assert_int_equal(grpc_to_http(14), 503);
	assert_int_equal(grpc_to_http(99), 500);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(local_replies),
		cmocka_unit_test(a_fault_for_others),
		cmocka_unit_test(deadline),
		cmocka_unit_test(retries),
		cmocka_unit_test(metrics),
		cmocka_unit_test(small_things),
		cmocka_unit_test(frames),
		cmocka_unit_test(messages),
		cmocka_unit_test(messages_left_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
