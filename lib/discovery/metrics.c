/* The control plane's own metrics, under the names that Istio's dashboards ask for. */
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "discovery/internal.h"
#include "telemetry/process.h"

static void type(struct buf *out, const char *name, const char *kind)
{
	buf_printf(out, "# TYPE %s %s\n", name, kind);
}

static void value(struct buf *out, const char *name, const char *kind, double v)
{
	type(out, name, kind);
	buf_printf(out, "%s %.17g\n", name, v);
}

static void lower(char *to, const char *from, size_t max)
{
	size_t k = 0;

	for (; from[k] && k + 1 < max; k++)
		to[k] = (char)(from[k] | 0x20);
	to[k] = 0;
}

static void by_type(struct buf *out, const char *name, const uint64_t *v)
{
	type(out, name, "counter");
	for (int i = 0; i < XDS_TYPE_COUNT; i++) {
		char text[8];

		lower(text, xds_type_short(i), sizeof(text));
		buf_printf(out, "%s{type=\"%s\"} %llu\n", name, text, (unsigned long long)v[i]);
	}
}

/* ---- histograms ---- */

const double discovery_push_bounds_s[] = {.1, .5, 1, 3, 5, 10, 20, 30, 0};
const double discovery_size_bounds[] = {1, 1e4, 1e6, 4e6, 1e7, 4e7, 0};

void discovery_observe(struct discovery_histogram *h, const double *bounds, double value)
{
	size_t i = 0;

	while (i < DISCOVERY_BOUNDS_MAX && bounds[i] > 0 && value > bounds[i])
		i++;
	h->in[i]++;
	h->count++;
	h->sum += value;
}

/* labels: "" or ending in a comma. */
static void histogram(struct buf *out, const char *name, const char *labels, const struct discovery_histogram *h,
		      const double *bounds)
{
	const struct slice own = slice_head(slice_str(labels), *labels ? strlen(labels) - 1 : 0);
	uint64_t sum = 0;
	size_t i = 0;

	for (; i < DISCOVERY_BOUNDS_MAX && bounds[i] > 0; i++) {
		sum += h->in[i];
		buf_printf(out, "%s_bucket{%sle=\"%.15g\"} %llu\n", name, labels, bounds[i], (unsigned long long)sum);
	}
	buf_printf(out, "%s_bucket{%sle=\"+Inf\"} %llu\n", name, labels, (unsigned long long)h->count);
	buf_printf(out, "%s_sum{%.*s} %.9g\n%s_count{%.*s} %llu\n", name, SLICE_ARG(own), h->sum, name, SLICE_ARG(own),
		   (unsigned long long)h->count);
}

static void histograms(struct buf *out, const char *name, const struct discovery_histogram *v, const double *bounds)
{
	type(out, name, "histogram");
	for (int i = 0; i < XDS_TYPE_COUNT; i++) {
		char text[8], labels[32];

		lower(text, xds_type_short(i), sizeof(text));
		snprintf(labels, sizeof(labels), "type=\"%s\",", text);
		if (v[i].count || i <= XDS_ROUTE)
			histogram(out, name, labels, &v[i], bounds);
	}
}

/* ---- events ---- */

void discovery_count_event(struct discovery *d, const struct api_kind *kind)
{
	const size_t n = store_list(d->store, kind, NULL).n;
	struct discovery_events *e = NULL;

	for (size_t i = 0; i < d->stats.events.n && !e; i++)
		if (d->stats.events.v[i].kind == kind)
			e = &d->stats.events.v[i];
	if (!e) {
		vec_push(&d->stats.events, ((struct discovery_events){.kind = kind}));
		e = &d->stats.events.v[d->stats.events.n - 1];
	}
	/* The store tells of each change by itself, so that the number of objects says which it was. */
	*(n > e->n ? &e->added : n < e->n ? &e->deleted : &e->updated) += 1;
	e->n = n;
}

/* Kinds of the cluster itself are called as istiod's registry calls them. */
static const char *registry_name(const struct api_kind *k)
{
	static const struct {
		const struct api_kind *kind;
		const char *name;
	} rows[] = {
		{&api_kind_service, "Services"}, {&api_kind_endpoint_slice, "EndpointSlice"}, {&api_kind_pod, "Pods"},
		{&api_kind_node, "Nodes"},       {&api_kind_namespace, "Namespaces"},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (rows[i].kind == k)
			return rows[i].name;
	return NULL;
}

static void events_of(const struct discovery *d, struct buf *out, const char *metric, bool registry)
{
	type(out, metric, "counter");
	for (size_t i = 0; i < d->stats.events.n; i++) {
		const struct discovery_events *e = &d->stats.events.v[i];
		const char *name = registry_name(e->kind);

		if (registry != (name != NULL) || (!registry && !(e->kind->flags & API_CUSTOM)))
			continue;
		name = name ? name : e->kind->kind;
		buf_printf(out, "%s{event=\"add\",type=\"%s\"} %llu\n", metric, name, (unsigned long long)e->added);
		buf_printf(out, "%s{event=\"update\",type=\"%s\"} %llu\n", metric, name,
			   (unsigned long long)e->updated);
		buf_printf(out, "%s{event=\"delete\",type=\"%s\"} %llu\n", metric, name,
			   (unsigned long long)e->deleted);
	}
}

void discovery_count_triggers(struct discovery *d, unsigned changed)
{
	static const unsigned bits[TRIGGERS] = {
		[TRIGGER_ENDPOINT] = CHANGE_ENDPOINT | CHANGE_POD,
		[TRIGGER_SERVICE] = CHANGE_SERVICE,
		[TRIGGER_SECRET] = CHANGE_SECRET | CHANGE_KEYS,
		[TRIGGER_GLOBAL] = CHANGE_MESH,
	};
	unsigned others = changed;

	for (size_t i = 0; i < TRIGGERS; i++) {
		d->stats.triggers[i] += (changed & bits[i]) != 0;
		others &= ~bits[i];
	}
	d->stats.triggers[TRIGGER_CONFIG] += others != 0;
}

static void triggers(const struct discovery_stats *s, struct buf *out)
{
	static const char *const names[TRIGGERS] = {
		[TRIGGER_CONFIG] = "config", [TRIGGER_ENDPOINT] = "endpoint", [TRIGGER_SERVICE] = "service",
		[TRIGGER_SECRET] = "secret", [TRIGGER_GLOBAL] = "global",
	};

	type(out, "pilot_push_triggers", "counter");
	for (size_t i = 0; i < TRIGGERS; i++)
		buf_printf(out, "pilot_push_triggers{type=\"%s\"} %llu\n", names[i],
			   (unsigned long long)s->triggers[i]);
}

/*
 * What istiod counts and cannot happen here: writes do not wait (a slow reader is held back by its stream), views are
 * made without failing, and what conflicts is told in the status of its object instead of being dropped by the
 * listener.
 */
static void never(struct buf *out)
{
	static const char *const counters[] = {"pilot_xds_write_timeout", "pilot_total_xds_internal_errors",
					       "pilot_xds_push_context_errors"};
	static const char *const gauges[] = {"pilot_conflict_inbound_listener",
					     "pilot_conflict_outbound_listener_http_over_current_tcp",
					     "pilot_conflict_outbound_listener_tcp_over_current_http",
					     "pilot_conflict_outbound_listener_tcp_over_current_tcp"};

	for (size_t i = 0; i < ARRAY_LEN(counters); i++)
		value(out, counters[i], "counter", 0);
	for (size_t i = 0; i < ARRAY_LEN(gauges); i++)
		value(out, gauges[i], "gauge", 0);
}

/* 0 no rotation, 1 the next root is spread, 2 it signs: as the words of /debug/rootz. */
static void authority(struct discovery *d, struct buf *out)
{
	struct authority_state now;

	discovery_authority_state(d->ca, &now);
	value(out, "citadel_server_root_cert_expiry_timestamp", "gauge",
	      (double)pki_ca_not_after_s(discovery_authority_ca(d->ca)));
	value(out, "weft_root_expiry_days", "gauge",
	      (double)((pki_ca_not_after_s(discovery_authority_ca(d->ca)) - clock_wall_ns() / NS_PER_S) / 86400));
	value(out, "weft_root_rotation_phase", "gauge", !now.rotating ? 0 : now.last ? 2 : 1);
}

void discovery_metrics_write(struct discovery *d, struct buf *out)
{
	const struct discovery_stats *s = &d->stats;
	const struct snapshot *snap = d->snap;

	type(out, "istio_build", "gauge");
	buf_printf(out, "istio_build{component=\"pilot\",tag=\"1.20.8-weft\"} 1\n");
	type(out, "pilot_info", "gauge");
	buf_printf(out, "pilot_info{version=\"1.20.8-weft\"} 1\n");
	type(out, "pilot_xds", "gauge");
	buf_printf(out, "pilot_xds{version=\"1.20.8-weft\"} %zu\n", xds_server_sessions(d->xds));
	by_type(out, "pilot_xds_pushes", s->pushes);
	by_type(out, "pilot_total_xds_rejects", s->rejects);
	value(out, "pilot_xds_cds_reject", "gauge", (double)s->rejects[XDS_CLUSTER]);
	value(out, "pilot_xds_eds_reject", "gauge", (double)s->rejects[XDS_ENDPOINT]);
	value(out, "pilot_xds_lds_reject", "gauge", (double)s->rejects[XDS_LISTENER]);
	value(out, "pilot_xds_rds_reject", "gauge", (double)s->rejects[XDS_ROUTE]);
	type(out, "pilot_inbound_updates", "counter");
	buf_printf(out,
		   "pilot_inbound_updates{type=\"config\"} %llu\npilot_inbound_updates{type=\"eds\"} %llu\n"
		   "pilot_inbound_updates{type=\"svc\"} %llu\n",
		   (unsigned long long)s->updates_config, (unsigned long long)s->updates_eds,
		   (unsigned long long)s->updates_svc);
	triggers(s, out);
	events_of(d, out, "pilot_k8s_cfg_events", false);
	events_of(d, out, "pilot_k8s_reg_events", true);
	type(out, "pilot_proxy_convergence_time", "histogram");
	histogram(out, "pilot_proxy_convergence_time", "", &s->convergence, discovery_push_bounds_s);
	histograms(out, "pilot_xds_push_time", s->push_time, discovery_push_bounds_s);
	histograms(out, "pilot_xds_config_size_bytes", s->config_bytes, discovery_size_bounds);
	never(out);
	value(out, "pilot_services", "gauge", snap ? (double)snap->services->v.n : 0);
	value(out, "pilot_virt_services", "gauge", snap ? (double)snap->policies->virtual_services.n : 0);
	value(out, "pilot_pushcontext_init_seconds_last", "gauge", (double)s->snapshot_ns / NS_PER_S);
	value(out, "citadel_server_csr_count", "counter", (double)s->csr);
	value(out, "citadel_server_csr_sign_err_count", "counter", (double)s->csr_errors);
	value(out, "citadel_server_success_cert_issuance_count", "counter", (double)s->csr_signed);
	value(out, "citadel_server_authentication_failure_count", "counter", (double)s->auth_failures);
	if (discovery_authority_ca(d->ca))
		authority(d, out);
	value(out, "istiod_uptime_seconds", "gauge", (double)(loop_now_ns(d->loop) - s->started_ns) / NS_PER_S);
	process_metrics_write(out);
}
