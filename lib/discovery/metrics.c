/* The control plane's own metrics, under the names that Istio's dashboards ask for. */
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/file.h"
#include "discovery/internal.h"

static void type(struct buf *out, const char *name, const char *kind)
{
	buf_printf(out, "# TYPE %s %s\n", name, kind);
}

static void value(struct buf *out, const char *name, const char *kind, double v)
{
	type(out, name, kind);
	buf_printf(out, "%s %.17g\n", name, v);
}

static void by_type(struct buf *out, const char *name, const uint64_t *v)
{
	type(out, name, "counter");
	for (int i = 0; i < XDS_TYPE_COUNT; i++) {
		char text[8] = "";
		const char *s = xds_type_short(i);

		for (size_t k = 0; s[k] && k + 1 < sizeof(text); k++)
			text[k] = (char)(s[k] | 0x20);
		if (v[i] || i <= XDS_ROUTE)
			buf_printf(out, "%s{type=\"%s\"} %llu\n", name, text, (unsigned long long)v[i]);
	}
}

static void convergence(const struct discovery_stats *s, struct buf *out)
{
	static const char *const bounds[] = {"0.1", "0.5", "1", "3", "5", "10", "20", "30", "+Inf"};
	uint64_t sum = 0;

	type(out, "pilot_proxy_convergence_time", "histogram");
	for (size_t i = 0; i < ARRAY_LEN(bounds); i++) {
		sum += s->convergence_le[i];
		buf_printf(out, "pilot_proxy_convergence_time_bucket{le=\"%s\"} %llu\n", bounds[i],
			   (unsigned long long)sum);
	}
	buf_printf(out, "pilot_proxy_convergence_time_sum %.9g\npilot_proxy_convergence_time_count %llu\n",
		   s->convergence_sum_s, (unsigned long long)s->convergence_count);
}

/* From /proc: what Prometheus' clients call process_*. */
static void process(struct buf *out)
{
	CLEANUP(buf_done) struct buf text = BUF_INIT;
	unsigned long long user = 0, sys = 0, virt = 0;
	long pages = 0;
	const char *p;

	if (file_read("/proc/self/stat", 4096, &text, NULL) < 0)
		return;
	p = strrchr(buf_str(&text), ')');
	if (!p ||
	    sscanf(p + 1, " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %llu %llu %*d %*d %*d %*d %*d %*d %*u %llu %ld",
		   &user, &sys, &virt, &pages) != 4)
		return;
	value(out, "process_cpu_seconds_total", "counter", (double)(user + sys) / (double)sysconf(_SC_CLK_TCK));
	value(out, "process_virtual_memory_bytes", "gauge", (double)virt);
	value(out, "process_resident_memory_bytes", "gauge", (double)pages * (double)sysconf(_SC_PAGESIZE));
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
	convergence(s, out);
	value(out, "pilot_services", "gauge", snap ? (double)snap->services->v.n : 0);
	value(out, "pilot_virt_services", "gauge", snap ? (double)snap->policies->virtual_services.n : 0);
	value(out, "pilot_pushcontext_init_seconds_last", "gauge", (double)s->snapshot_ns / NS_PER_S);
	value(out, "citadel_server_csr_count", "counter", (double)s->csr);
	value(out, "citadel_server_csr_sign_err_count", "counter", (double)s->csr_errors);
	value(out, "citadel_server_success_cert_issuance_count", "counter", (double)s->csr_signed);
	value(out, "citadel_server_authentication_failure_count", "counter", (double)s->auth_failures);
	if (discovery_authority_ca(d->ca))
		value(out, "citadel_server_root_cert_expiry_timestamp", "gauge",
		      (double)pki_ca_not_after_s(discovery_authority_ca(d->ca)));
	value(out, "istiod_uptime_seconds", "gauge", (double)(loop_now_ns(d->loop) - s->started_ns) / NS_PER_S);
	process(out);
}
