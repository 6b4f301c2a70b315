/* One table for all collectors of spans: they differ in what a span looks like and where it is posted. */
#include "proxy/filter/trace_export.h"

#include "base/version.h"
#include "proxy/upstream/exporter.h"
#include "proxy/upstream/side_call.h"

static enum export_kind kind(const void *to)
{
	const struct filter_tracing *t = to;

	return t->provider == TRACING_ZIPKIN ? EXPORT_ZIPKIN : EXPORT_OPENTELEMETRY;
}

static struct export_target target(const void *to)
{
	const struct filter_tracing *t = to;

	return (struct export_target){
		.cluster = &t->cluster, .grpc = t->provider == TRACING_OTLP_GRPC, .timeout_ns = t->timeout_ns};
}

static bool same(const void *x, const void *y)
{
	const struct filter_tracing *a = x, *b = y;

	return a->provider == b->provider && slice_eq(a->path, b->path) && slice_eq(a->authority, b->authority) &&
	       slice_eq(a->service, b->service);
}

static void add_span(const void *to, const struct config_node *node, const void *item, struct buf *batch)
{
	const struct filter_tracing *t = to;

	(void)node;
	if (t->provider == TRACING_ZIPKIN)
		trace_zipkin_span(batch, item);
	else
		trace_otlp_span(batch, item);
}

static void set_head(const void *to, struct side_call *c)
{
	struct http_head *h = side_call_head(c);
	const struct filter_tracing *t = to;

	if (t->provider == TRACING_OTLP_GRPC) {
		side_call_grpc(c, t->authority, SLICE("/opentelemetry.proto.collector.trace.v1.TraceService/Export"));
		return;
	}
	h->method = SLICE("POST");
	h->method_id = HTTP_POST;
	h->target = side_call_copy(c, t->path);
	http_add(h, SLICE("host"), side_call_copy(c, t->authority));
	http_add(h, SLICE("content-type"),
		 t->provider == TRACING_ZIPKIN ? SLICE("application/json") : SLICE("application/x-protobuf"));
}

static void make_body(const void *to, const struct config_node *node, struct buf *batch)
{
	const struct filter_tracing *t = to;
	const struct trace_source from = {t->service, slice_str(node->ip), slice_str(weft_version)};

	if (t->provider == TRACING_ZIPKIN)
		trace_zipkin_request(batch);
	else
		trace_otlp_request(batch, &from);
}

void trace_export(struct worker *w, struct worker_config *wc, const struct filter_tracing *t,
		  const struct trace_span *span)
{
	static const struct export_ops ops = {kind, target, same, add_span, set_head, make_body};

	export_item(w, wc, &ops, t, span);
}
