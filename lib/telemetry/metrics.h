/*
 * Metrics: counters, gauges and histograms by family and labels. A store belongs to one thread: every worker has its
 * own, hands out pointers once and adds to them without a lock. To be read, the stores are merged one after the other
 * into a fresh one (each on its own thread, by a message), which is then written as text.
 */
#ifndef TELEMETRY_METRICS_H
#define TELEMETRY_METRICS_H

#include "base/buf.h"
#include "base/slice.h"

struct metrics;

enum metric_kind { METRIC_COUNTER, METRIC_GAUGE, METRIC_HISTOGRAM };

/* A kind of metric; static, compared by address. */
struct metric_family {
	const char *name; /* "istio_requests_total" */
	enum metric_kind kind;
	const char *help; /* or NULL */
};

/* Envoy's and so Istio's default bounds; the last bucket is +Inf. */
#define HISTOGRAM_BUCKETS 20
extern const double histogram_bounds[HISTOGRAM_BUCKETS - 1];

struct histogram {
	uint64_t count;
	double sum;
	uint64_t buckets[HISTOGRAM_BUCKETS]; /* not cumulative */
};

/* An empty registry of one thread. */
struct metrics *metrics_new(void);
/* Frees it with all its series. NULL is fine. */
void metrics_free(struct metrics *m);

/*
 * The value for these labels, made at first use; valid until metrics_free. labels is the text between the braces, as
 * metrics_label writes it; it is copied.
 */
uint64_t *metrics_counter(struct metrics *m, const struct metric_family *f, struct slice labels);
/* The same for a histogram; the pointer is valid as long as the registry. */
struct histogram *metrics_histogram(struct metrics *m, const struct metric_family *f, struct slice labels);

/* Counts a value in the bucket that holds it, the last one when it is over all bounds. */
void histogram_observe(struct histogram *h, double value);

/* Appends name="value", with a comma before when out is not empty; the value is escaped. */
void metrics_label(struct buf *out, const char *name, struct slice value);

/* Counters and histograms begin at 0 again; gauges stay. */
void metrics_reset(struct metrics *m);

/* Adds all of from to into. */
void metrics_merge(struct metrics *into, const struct metrics *from);

/* Prometheus' text exposition format, version 0.0.4: families by name, each with its TYPE line. */
void metrics_write_prometheus(const struct metrics *m, struct buf *out);

/*
 * "name: value" lines as Envoy's /stats: a family envoy_<scope>_<stat> with one label <scope>_name becomes
 * <scope>.<label value>.<stat>; others are name{labels}. Only lines that start with prefix.
 */
void metrics_write_stats(const struct metrics *m, struct slice prefix, struct buf *out);

#endif
