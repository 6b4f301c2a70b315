/* OTLP over gRPC: TraceService/Export, one message and one answer. Compressed messages are refused by lib/grpc. */
#include "console/collect/collect_internal.h"
#include "grpc/server.h"
#include "opentelemetry/trace.pb-c.h"

#define EXPORT_METHOD "/opentelemetry.proto.collector.trace.v1.TraceService/Export"
#define CONNECTIONS_MAX 256
#define STREAMS_MAX 16

void collector_put_partial(size_t refused, struct buf *out)
{
	Opentelemetry__ExportTracePartialSuccess partial = OPENTELEMETRY__EXPORT_TRACE_PARTIAL_SUCCESS__INIT;
	Opentelemetry__ExportTraceServiceResponse m = OPENTELEMETRY__EXPORT_TRACE_SERVICE_RESPONSE__INIT;
	char text[] = COLLECT_REFUSED_TEXT;
	size_t n;

	partial.rejected_spans = (int64_t)refused;
	partial.error_message = text;
	m.partial_success = &partial;
	n = opentelemetry__export_trace_service_response__get_packed_size(&m);
	out->len += opentelemetry__export_trace_service_response__pack(&m, (uint8_t *)buf_reserve(out, n));
}

static void on_message(struct grpc_call *call, struct slice message)
{
	struct collector *c = grpc_call_user(call);
	struct err e = ERR_INIT;
	size_t refused = 0;
	int r = collector_add(c, COLLECT_OTLP, message, &refused, &e);

	if (r < 0) {
		grpc_call_finish(call, r == -EIO ? GRPC_UNAVAILABLE : GRPC_INVALID_ARGUMENT, e.msg);
		return;
	}
	struct buf *out = grpc_call_send_begin(call);

	if (refused)
		collector_put_partial(refused, out);
	grpc_call_send_end(call);
	grpc_call_finish(call, GRPC_OK, NULL);
}

static void on_half_close(struct grpc_call *call)
{
	grpc_call_finish(call, GRPC_INVALID_ARGUMENT, "no message was sent");
}

static void on_export(struct grpc_call *call, void *user)
{
	static const struct grpc_call_ops ops = {.on_message = on_message, .on_half_close = on_half_close};

	grpc_call_set_user(call, user);
	grpc_call_set_ops(call, &ops);
}

int collector_listen_grpc(struct collector *c, const char *host, uint16_t port, struct err *e)
{
	const struct grpc_server_params params = {
		.max_message_bytes = SPAN_BATCH_MAX_BYTES,
		.max_connections = CONNECTIONS_MAX,
		.max_streams = STREAMS_MAX,
	};
	struct addr a;
	int r = addr_parse(slice_str(host), port, &a);

	if (r < 0)
		return err_set(e, r, "%s is no address", host);
	c->grpc = grpc_server_new(c->loop, &params);
	grpc_server_add(c->grpc, EXPORT_METHOD, on_export, c);
	r = grpc_server_listen(c->grpc, &a, NULL, e);
	return r < 0 ? r : grpc_server_port(c->grpc, r);
}

void collector_close_grpc(struct collector *c)
{
	grpc_server_free(c->grpc);
	c->grpc = NULL;
}
