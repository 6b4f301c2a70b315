/* The questions behind a graph. */
#include <stdio.h>

#include "console/graph/graph.h"

#define LABELS                                                                                                         \
	"reporter,source_workload,source_workload_namespace,source_canonical_service,source_canonical_revision,"       \
	"destination_workload,destination_workload_namespace,destination_canonical_service,"                           \
	"destination_canonical_revision,destination_service_name,destination_service_namespace,request_protocol,"      \
	"connection_security_policy"

static void rate(struct buf *out, const char *by, const char *metric, const char *label, const char *namespaces,
		 unsigned seconds)
{
	buf_printf(out, "sum by(" LABELS "%s)(rate(%s", by, metric);
	if (*namespaces)
		buf_printf(out, "{%s=~\"%s\"}", label, namespaces);
	buf_printf(out, "[%us]))", seconds);
}

/* Traffic of the namespaces' workloads in both directions, and to their services where no workload answered. */
static void both(struct buf *out, const char *by, const char *metric, const char *namespaces, unsigned seconds)
{
	rate(out, by, metric, "source_workload_namespace", namespaces, seconds);
	if (!*namespaces)
		return;
	buf_append_str(out, " or ");
	rate(out, by, metric, "destination_service_namespace", namespaces, seconds);
	buf_append_str(out, " or ");
	rate(out, by, metric, "destination_workload_namespace", namespaces, seconds);
}

static void quantile(struct buf *out, const char *q, const char *namespaces, unsigned seconds)
{
	buf_printf(out, "histogram_quantile(%s,", q);
	both(out, ",le", "istio_request_duration_milliseconds_bucket", namespaces, seconds);
	buf_append_char(out, ')');
}

void graph_query(enum graph_measure m, const char *namespaces, unsigned seconds, struct buf *out)
{
	switch (m) {
	case GRAPH_REQUESTS:
		both(out, ",response_code,grpc_response_status,response_flags", "istio_requests_total", namespaces,
		     seconds);
		buf_append_str(out, " > 0");
		break;
	case GRAPH_AVERAGE:
		buf_append_char(out, '(');
		both(out, "", "istio_request_duration_milliseconds_sum", namespaces, seconds);
		buf_append_str(out, ") / (");
		both(out, "", "istio_request_duration_milliseconds_count", namespaces, seconds);
		buf_append_str(out, " > 0)");
		break;
	case GRAPH_P50:
		quantile(out, "0.5", namespaces, seconds);
		break;
	case GRAPH_P95:
		quantile(out, "0.95", namespaces, seconds);
		break;
	case GRAPH_P99:
		quantile(out, "0.99", namespaces, seconds);
		break;
	case GRAPH_TCP_SENT:
		both(out, "", "istio_tcp_sent_bytes_total", namespaces, seconds);
		buf_append_str(out, " > 0");
		break;
	case GRAPH_TCP_RECEIVED:
		both(out, "", "istio_tcp_received_bytes_total", namespaces, seconds);
		buf_append_str(out, " > 0");
		break;
	case GRAPH_MEASURES:
		break;
	}
}
