/* Merging and the text format. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "telemetry/metrics.h"

static const struct metric_family requests = {"requests_total", METRIC_COUNTER, "Requests."};
static const struct metric_family duration = {"duration_ms", METRIC_HISTOGRAM, NULL};
static const struct metric_family overflow = {"envoy_cluster_upstream_rq_pending_overflow", METRIC_COUNTER, NULL};

static void test_text(void **state)
{
	struct metrics *a = metrics_new(), *b = metrics_new();
	struct buf labels = BUF_INIT, out = BUF_INIT;

	(void)state;
	metrics_label(&labels, "code", SLICE("200"));
	metrics_label(&labels, "path", SLICE("a\"b\\c\n"));
	*metrics_counter(a, &requests, buf_slice(&labels)) += 2;
	*metrics_counter(b, &requests, buf_slice(&labels)) += 3;
	histogram_observe(metrics_histogram(a, &duration, slice_make("", 0)), 0.5);
	histogram_observe(metrics_histogram(b, &duration, slice_make("", 0)), 7);
	histogram_observe(metrics_histogram(b, &duration, slice_make("", 0)), 1e9);
	metrics_merge(a, b);
	metrics_write_prometheus(a, &out);
	assert_non_null(strstr(out.ptr, "# HELP requests_total Requests.\n# TYPE requests_total counter\n"
					"requests_total{code=\"200\",path=\"a\\\"b\\\\c\\n\"} 5\n"));
	assert_non_null(strstr(out.ptr, "# TYPE duration_ms histogram\nduration_ms_bucket{le=\"0.5\"} 1\n"
					"duration_ms_bucket{le=\"1\"} 1\nduration_ms_bucket{le=\"5\"} 1\n"
					"duration_ms_bucket{le=\"10\"} 2\n"));
	assert_non_null(strstr(out.ptr, "le=\"3600000\"} 2\nduration_ms_bucket{le=\"+Inf\"} 3\n"
					"duration_ms_sum{} 1000000007.5\nduration_ms_count{} 3\n"));
	buf_done(&labels);
	buf_done(&out);
	metrics_free(a);
	metrics_free(b);
}

static void test_stats(void **state)
{
	struct metrics *m = metrics_new();
	struct buf labels = BUF_INIT, out = BUF_INIT;

	(void)state;
	metrics_label(&labels, "cluster_name", SLICE("outbound|80||a.b"));
	*metrics_counter(m, &overflow, buf_slice(&labels)) = 7;
	metrics_write_stats(m, SLICE("cluster."), &out);
	assert_string_equal(out.ptr, "cluster.outbound|80||a.b.upstream_rq_pending_overflow: 7\n");
	buf_clear(&out);
	metrics_write_stats(m, SLICE("listener."), &out);
	assert_int_equal(out.len, 0);
	buf_done(&labels);
	buf_done(&out);
	metrics_free(m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_text), cmocka_unit_test(test_stats)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
