/* One row per counter. */
#include "proxy/threads/counters.h"

#include <stdio.h>

#include "proxy/upstream/exporter.h"
#include "proxy/stream/access_log.h"
#include "proxy/stream/state.h"
#include "proxy/upstream/cluster.h"

#define COUNTER(stat, field)                                                                                           \
	{                                                                                                              \
		{"envoy_cluster_" stat, METRIC_COUNTER, NULL}, offsetof(struct cluster_counters, field)                \
	}
#define GAUGE(stat, field)                                                                                             \
	{                                                                                                              \
		{"envoy_cluster_" stat, METRIC_GAUGE, NULL}, offsetof(struct cluster_counters, field)                  \
	}

static const struct {
	struct metric_family family;
	size_t offset;
} rows[] = {
	COUNTER("upstream_cx_total", cx_total),
	GAUGE("upstream_cx_active", cx_active),
	COUNTER("upstream_cx_connect_fail", cx_connect_fail),
	COUNTER("upstream_cx_connect_timeout", cx_connect_timeout),
	COUNTER("upstream_cx_overflow", cx_overflow),
	COUNTER("upstream_cx_destroy", cx_destroy),
	COUNTER("upstream_cx_rx_bytes_total", rx_bytes),
	COUNTER("upstream_cx_tx_bytes_total", tx_bytes),
	COUNTER("upstream_rq_total", rq_total),
	GAUGE("upstream_rq_active", rq_active),
	COUNTER("upstream_rq_pending_total", rq_pending_total),
	GAUGE("upstream_rq_pending_active", rq_pending_active),
	COUNTER("upstream_rq_pending_overflow", rq_pending_overflow),
	COUNTER("upstream_rq_timeout", rq_timeout),
	COUNTER("upstream_rq_per_try_timeout", rq_per_try_timeout),
	COUNTER("upstream_rq_retry", rq_retry),
	COUNTER("upstream_rq_retry_overflow", rq_retry_overflow),
	COUNTER("retry_or_shadow_abandoned", rq_abandoned),
	COUNTER("upstream_rq_rx_reset", rq_rx_reset),
	COUNTER("upstream_rq_2xx", rq_xx[2]),
	COUNTER("upstream_rq_3xx", rq_xx[3]),
	COUNTER("upstream_rq_4xx", rq_xx[4]),
	COUNTER("upstream_rq_5xx", rq_xx[5]),
	COUNTER("health_check_attempt", hc_attempt),
	COUNTER("health_check_success", hc_success),
	COUNTER("health_check_failure", hc_failure),
	GAUGE("outlier_detection_ejections_active", ejections_active),
	COUNTER("outlier_detection_ejections_enforced_total", ejections_total),
};

static void reset_cluster(struct cluster *c)
{
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (rows[i].family.kind == METRIC_COUNTER)
			*(uint64_t *)(void *)((char *)&c->counters + rows[i].offset) = 0;
	for (size_t i = 0; i < c->n_hosts; i++)
		c->hosts[i]->counters = (struct host_counters){0};
}

void worker_stats_reset(struct worker *w)
{
	for (size_t i = 0; i < w->n_clusters; i++)
		if (w->clusters[i])
			reset_cluster(w->clusters[i]);
	for (size_t i = 0; i < w->listeners.n; i++)
		w->listeners.v[i]->accepted = 0;
	w->silent = (struct silent_ports){0};
	w->late_tls = 0;
}

static const struct metric_family downstream_active = {"envoy_server_total_connections", METRIC_GAUGE, NULL};
static const struct metric_family log_dropped = {"weft_access_log_lines_dropped_total", METRIC_COUNTER, NULL};
static const struct metric_family accepted = {"envoy_listener_downstream_cx_total", METRIC_COUNTER, NULL};

static const struct metric_family streams = {"weft_streams", METRIC_GAUGE, NULL};

static const struct metric_family silent = {"weft_protocol_detection_timeouts_total", METRIC_COUNTER, NULL};

static const struct metric_family late_tls = {"weft_protocol_detection_late_tls_total", METRIC_COUNTER, NULL};

static void write_silent(const struct worker *w, struct metrics *m)
{
	const struct silent_ports *s = &w->silent;
	char port[8];

	for (size_t i = 0; i <= s->n; i++) {
		CLEANUP(buf_done) struct buf label = BUF_INIT;
		const uint64_t n = i < s->n ? s->v[i].n : s->others;

		snprintf(port, sizeof(port), "%u", i < s->n ? (unsigned)s->v[i].port : 0u);
		metrics_label(&label, "port", i < s->n ? slice_str(port) : SLICE("others"));
		if (n)
			*metrics_counter(m, &silent, buf_slice(&label)) += n;
	}
	if (w->late_tls)
		*metrics_counter(m, &late_tls, slice_make("", 0)) += w->late_tls;
}

static void write_streams(const struct worker *w, struct metrics *m)
{
	for (int i = 0; i < STREAM_ENDED; i++) {
		CLEANUP(buf_done) struct buf label = BUF_INIT;

		metrics_label(&label, "state", slice_str(stream_state_str((enum stream_state)i)));
		*metrics_counter(m, &streams, buf_slice(&label)) += w->streams[i];
	}
}

static void write_cluster(const struct cluster *c, struct metrics *m)
{
	CLEANUP(buf_done) struct buf label = BUF_INIT;

	metrics_label(&label, "cluster_name", slice_str(c->spec->name));
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		*metrics_counter(m, &rows[i].family, buf_slice(&label)) +=
			*(const uint64_t *)(const void *)((const char *)&c->counters + rows[i].offset);
}

void worker_stats_write(struct worker *w, struct metrics *m)
{
	for (size_t i = 0; i < w->n_clusters; i++)
		if (w->clusters[i])
			write_cluster(w->clusters[i], m);
	for (size_t i = 0; i < w->listeners.n; i++) {
		CLEANUP(buf_done) struct buf label = BUF_INIT;

		metrics_label(&label, "listener_name", slice_str(w->listeners.v[i]->config->name));
		*metrics_counter(m, &accepted, buf_slice(&label)) += w->listeners.v[i]->accepted;
	}
	write_streams(w, m);
	write_silent(w, m);
	exports_write(w, m);
	*metrics_counter(m, &log_dropped, slice_make("", 0)) += access_logs_dropped(w);
	*metrics_counter(m, &downstream_active, slice_make("", 0)) += atomic_load(&w->n_downs);
}
