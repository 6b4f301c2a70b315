/* Counters of proxies as rates of the last seconds, and who is asked. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <math.h>
#include <stdio.h>
#include <cmocka.h>

#include "base/mem.h"
#include "console/live/live.h"
#include "console/live/series.h"
#include "msg/json.h"

#define S ((int64_t)NS_PER_S)
#define ENDS                                                                                                           \
	"source_workload=\"gateway\",source_workload_namespace=\"istio-system\",destination_workload=\"catalog\","     \
	"destination_workload_namespace=\"shop\",destination_service_name=\"catalog\","                                \
	"destination_service_namespace=\"shop\",request_protocol=\"http\""
#define CLIENT "reporter=\"source\"," ENDS
#define SERVER "reporter=\"destination\",connection_security_policy=\"mutual_tls\"," ENDS
#define TIMES "istio_request_duration_milliseconds_"

struct fixture {
	struct series_groups *groups;
	struct series *one, *two;
};

static int make(void **state)
{
	struct fixture *f = NEW(struct fixture);

	f->groups = series_groups_new(100);
	f->one = series_new(f->groups);
	f->two = series_new(f->groups);
	*state = f;
	return 0;
}

static int unmake(void **state)
{
	struct fixture *f = *state;
	size_t left_out;

	series_free(f->one);
	series_free(f->two);
	assert_int_equal(series_groups_count(f->groups, &left_out), 0);
	assert_int_equal(left_out, 0);
	series_groups_free(f->groups);
	free(f);
	return 0;
}

static void say(struct series *s, int64_t at_ns, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

static void say(struct series *s, int64_t at_ns, const char *fmt, ...)
{
	CLEANUP(buf_done) struct buf text = BUF_INIT;
	va_list ap;

	va_start(ap, fmt);
	buf_vprintf(&text, fmt, ap);
	va_end(ap);
	series_read(s, buf_slice(&text), at_ns);
}

/* The only edge of what was summed; the caller frees the graph. */
static cJSON *edge(struct fixture *f)
{
	struct graph *g = graph_new(GRAPH_WORKLOAD);
	cJSON *json, *e;

	series_sum(f->one);
	series_sum(f->two);
	series_graph(f->groups, g);
	json = graph_json(g, NULL, NULL);
	graph_free(g);
	e = cJSON_DetachItemFromArray(json_get(json, "edges"), 0);
	assert_null(json_get(json, "edges")->child);
	cJSON_Delete(json);
	return e;
}

static double number(const cJSON *o, const char *name)
{
	const cJSON *v = json_get(o, name);

	return cJSON_IsNumber(v) ? v->valuedouble : -1;
}

/* One answer tells nothing; what is new in the second came since the first. */
static void rates(void **state)
{
	struct fixture *f = *state;
	cJSON *e;

	say(f->one, S, "istio_requests_total{" CLIENT ",response_code=\"200\",response_flags=\"-\"} 100\n");
	assert_true(series_span_s(f->one) == 0);
	assert_null(edge(f));
	say(f->one, 3 * S,
	    "# TYPE istio_requests_total counter\n"
	    "istio_requests_total{" CLIENT ",response_code=\"200\",response_flags=\"-\"} 106\n"
	    "istio_requests_total{" CLIENT ",response_code=\"503\",response_flags=\"UO\"} 2\n"
	    "envoy_server_uptime 7\nno line{\n");
	assert_true(series_span_s(f->one) == 2);
	for (int i = 0; i < 2; i++) { /* a sum leaves nothing behind for the next */
		e = edge(f);
		assert_true(number(e, "rate") == 4);
		assert_true(number(e, "errorRate") == 0.25);
		assert_true(number(json_get(e, "flags"), "UO") == 1);
		cJSON_Delete(e);
	}
}

/* Two proxies of one workload are one edge. A restarted one counts from nothing. */
static void proxies_and_restarts(void **state)
{
	struct fixture *f = *state;
	cJSON *e;

	for (int i = 0; i <= 2; i++) {
		say(f->one, (i + 1) * S, "istio_requests_total{" CLIENT ",response_code=\"200\"} %d\n", 50 + 10 * i);
		say(f->two, (i + 1) * S, "istio_requests_total{" CLIENT ",response_code=\"200\"} %d\n",
		    i < 2 ? 500 : 6);
	}
	e = edge(f);
	assert_true(number(e, "rate") == 13);
	cJSON_Delete(e);
}

/* What happened more than ten steps ago does not count any more; hurried answers make no steps. */
static void window(void **state)
{
	struct fixture *f = *state;
	cJSON *e;

	say(f->one, 0, "istio_requests_total{" CLIENT ",response_code=\"200\"} 0\n");
	for (int i = 1; i <= 20; i++) {
		say(f->one, i * S, "istio_requests_total{" CLIENT ",response_code=\"200\"} %d\n",
		    i < 15 ? i * 100 : 1500);
		say(f->one, i * S + S / 10, "istio_requests_total{" CLIENT ",response_code=\"200\"} %d\n",
		    i < 15 ? i * 100 : 1500);
	}
	assert_true(fabs(series_span_s(f->one) - 9.5) < 1);
	e = edge(f);
	assert_true(fabs(number(e, "rate") - 50) < 15);
	cJSON_Delete(e);
	for (int i = 21; i <= 40; i++)
		say(f->one, i * S, "istio_requests_total{" CLIENT ",response_code=\"200\"} 1500\n");
	assert_null(edge(f));
}

static void times(void **state)
{
	struct fixture *f = *state;
	cJSON *e;

	for (int i = 0; i <= 1; i++)
		say(f->one, i * S + 1,
		    "istio_requests_total{" CLIENT ",response_code=\"200\"} %d\n" TIMES "bucket{" CLIENT
		    ",response_code=\"200\",le=\"100\"} %d\n" TIMES "bucket{" CLIENT
		    ",response_code=\"200\",le=\"50\"} %d\n" TIMES "bucket{" CLIENT
		    ",response_code=\"200\",le=\"+Inf\"} %d\n" TIMES "sum{" CLIENT ",response_code=\"200\"} %d\n" TIMES
		    "count{" CLIENT ",response_code=\"200\"} %d\n",
		    i * 10, i * 9, i * 5, i * 10, i * 600, i * 10);
	e = edge(f);
	assert_true(number(e, "avg") == 60);
	assert_true(number(e, "p50") == 50);
	assert_true(number(e, "p95") == 100); /* above all bounds: the last one */
	cJSON_Delete(e);
}

static void tcp_and_servers(void **state)
{
	struct fixture *f = *state;
	cJSON *e;

	for (int i = 0; i <= 1; i++)
		say(f->one, i * S + 1,
		    "istio_tcp_sent_bytes_total{" SERVER "} %d\nistio_tcp_received_bytes_total{" SERVER "} %d\n",
		    i * 30, i * 12);
	e = edge(f);
	assert_string_equal(json_get_str(e, "protocol"), "tcp");
	assert_true(number(e, "rate") == 42);
	assert_true(cJSON_IsTrue(json_get(e, "mtls")));
	cJSON_Delete(e);
}

/* Names that are written with escapes, and text that ends inside of one. */
static void odd_labels(void **state)
{
	struct fixture *f = *state;
	cJSON *e;

	for (int i = 0; i <= 1; i++)
		say(f->one, i * S + 1,
		    "istio_requests_total{reporter=\"source\",source_workload=\"a\\\"}b\\\\\",source_workload_"
		    "namespace="
		    "\"n\",destination_workload=\"c\",destination_workload_namespace=\"n\",response_code=\"200\"} %d\n"
		    "istio_requests_total{reporter=\"so\\} 1\nistio_requests_total{reporter} x\n",
		    i);
	e = edge(f);
	assert_string_equal(json_get_str(e, "source"), "workload/n/a\"}b\\");
	cJSON_Delete(e);
}

/* A proxy with endless series is heard as far as there is room, and what was left out is counted. */
static void bounded(void **state)
{
	struct fixture *f = *state;
	CLEANUP(buf_done) struct buf text = BUF_INIT;
	size_t left_out;

	for (int i = 0; i < 300; i++)
		buf_printf(&text, "istio_requests_total{" CLIENT ",response_code=\"%d\"} 1\n", i);
	for (int i = 0; i < 3; i++)
		series_read(f->one, buf_slice(&text), i * S);
	assert_int_equal(series_groups_count(f->groups, &left_out), 100);
	assert_int_equal(left_out, 200);
	series_free(f->one);
	assert_int_equal(series_groups_count(f->groups, &left_out), 0);
	assert_int_equal(left_out, 0);
	f->one = series_new(f->groups);
}

/* ---- who is asked ---- */

static void on_told(void *arg)
{
	++*(int *)arg;
}

static void turn_until(struct loop *loop, const int *told, int want)
{
	while (*told < want)
		loop_turn(loop, 1000);
}

/* Addresses of this machine, and what is no address, are told of and never asked. */
static void refused(void **state)
{
	const struct live_pod pods[] = {{"shop", "a", "127.0.0.1", "a"}, {"shop", "b", "1.2.3.4@evil", "b"}};
	struct loop *loop = loop_new();
	struct live *l = live_new(loop, 1);
	struct graph *g = graph_new(GRAPH_WORKLOAD);
	const char *why;
	int told = 0;

	(void)state;
	live_ask(l, pods, 2, on_told, &told);
	assert_int_equal(told, 0);
	turn_until(loop, &told, 1);
	assert_int_equal(live_state_of(l, &pods[0], &why), LIVE_LOST);
	assert_non_null(strstr(why, "of this machine"));
	assert_int_equal(live_state_of(l, &pods[1], &why), LIVE_NEW);
	assert_int_equal(live_add(l, pods, 2, g), 0);
	live_ask(l, NULL, 0, on_told, &told); /* nobody to ask: told at once */
	turn_until(loop, &told, 2);
	live_forget(live_ask(l, pods, 2, on_told, &told));
	live_ask(l, pods, 2, on_told, &told);
	live_free(l);
	assert_int_equal(told, 2);
	graph_free(g);
	loop_free(loop);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(rates, make, unmake),
		cmocka_unit_test_setup_teardown(proxies_and_restarts, make, unmake),
		cmocka_unit_test_setup_teardown(window, make, unmake),
		cmocka_unit_test_setup_teardown(times, make, unmake),
		cmocka_unit_test_setup_teardown(tcp_and_servers, make, unmake),
		cmocka_unit_test_setup_teardown(odd_labels, make, unmake),
		cmocka_unit_test_setup_teardown(bounded, make, unmake),
		cmocka_unit_test(refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
