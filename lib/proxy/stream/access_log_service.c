/*
 * Lines of access logs that go to services, in the batches of upstream/exporter.h: as records of OTLP's logs, whose
 * text is the body and whose labels are attributes, or as entries of Envoy's AccessLogService (access_log_entry.c). A
 * report is one call of both.
 */
#include "proxy/stream/access_log.h"

#include "base/cleanup.h"
#include "base/utf8.h"
#include "proxy/stream/format_eval.h"
#include "proxy/stream/stream_internal.h"
#include "proxy/upstream/exporter.h"
#include "proxy/upstream/side_call.h"
#include "trace/context.h"
#include "xds/pb.h"

#include "envoy/service/accesslog/v3/als.pb-c.h"
#include "opentelemetry/logs.pb-c.h"

struct line {
	struct stream *stream;
	const struct config_access_log *log;
};

#define WIRE_BYTES 2

/* A field of protobuf that has a length: its number (below 16) and its bytes. */

static void put(struct buf *out, unsigned field, struct slice bytes)
{
	size_t left = bytes.len;

	assert(field < 16);
	buf_append_char(out, (char)(field << 3 | WIRE_BYTES));
	for (; left >= 0x80; left >>= 7)
		buf_append_char(out, (char)(left | 0x80));
	buf_append_char(out, (char)left);
	buf_append_slice(out, bytes);
}

/* ---- OTLP ---- */

#define RESOURCE_LOGS_RESOURCE 1
#define RESOURCE_LOGS_SCOPE_LOGS 2
#define SCOPE_LOGS_RECORDS 2
#define REQUEST_RESOURCE_LOGS 1
#define OWN_LABELS 4

static Opentelemetry__AnyValue *otlp_text(struct arena *a, struct slice s)
{
	Opentelemetry__AnyValue *v = PB_NEW(a, Opentelemetry__AnyValue, opentelemetry__any_value);

	v->value_case = OPENTELEMETRY__ANY_VALUE__VALUE_STRING_VALUE;
	v->string_value = utf8_text(a, s);
	return v;
}

static Opentelemetry__KeyValue *pair(struct arena *a, struct slice key, struct slice value)
{
	Opentelemetry__KeyValue *v = PB_NEW(a, Opentelemetry__KeyValue, opentelemetry__key_value);

	v->key = utf8_text(a, key);
	v->value = otlp_text(a, value);
	return v;
}

static struct slice eval(struct arena *a, struct stream *s, const struct format *f)
{
	CLEANUP(buf_done) struct buf line = BUF_INIT;

	format_eval(s, f, FORMAT_EMPTY_AS_DASH, &line);
	return slice_str(arena_slicedup(a, buf_slice(&line)));
}

/* So that a line is found from its request's span, and the other way round; whether the span is kept is no matter. */
static void set_trace(Opentelemetry__LogRecord *r, const struct trace_context *span)
{
	if (!span || !span->known)
		return;
	r->trace_id = (ProtobufCBinaryData){sizeof(span->trace_id), (uint8_t *)span->trace_id};
	r->span_id = (ProtobufCBinaryData){sizeof(span->span_id), (uint8_t *)span->span_id};
}

static void otlp_item(const void *to, const struct config_node *node, const void *item, struct buf *batch)
{
	CLEANUP(arena_done) struct arena a = ARENA_INIT;
	const struct config_log_service *service = to;
	const struct line *it = item;
	Opentelemetry__LogRecord *r = PB_NEW(&a, Opentelemetry__LogRecord, opentelemetry__log_record);

	(void)node;
	r->time_unix_nano = (uint64_t)stream_start_unix_ns(it->stream);
	set_trace(r, it->stream->trace);
	if (it->log->format.n)
		r->body = otlp_text(&a, eval(&a, it->stream, &it->log->format));
	r->attributes = ARENA_NEW_N(&a, Opentelemetry__KeyValue *, service->n_labels);
	for (size_t i = 0; i < service->n_labels; i++)
		r->attributes[r->n_attributes++] =
			pair(&a, service->labels[i].name, eval(&a, it->stream, &service->labels[i].value));
	put(batch, SCOPE_LOGS_RECORDS, pb_pack_arena(&a, &r->base));
}

static Opentelemetry__Resource *resource(struct arena *a, const struct config_log_service *s,
					 const struct config_node *node)
{
	const struct config_log_pair own[OWN_LABELS] = {
		{SLICE("log_name"), s->name},
		{SLICE("zone_name"), slice_str(node->zone)},
		{SLICE("cluster_name"), slice_str(node->cluster)},
		{SLICE("node_name"), slice_str(node->id)},
	};
	Opentelemetry__Resource *r = PB_NEW(a, Opentelemetry__Resource, opentelemetry__resource);

	r->attributes = ARENA_NEW_N(a, Opentelemetry__KeyValue *, OWN_LABELS + s->n_resource);
	for (size_t i = 0; s->own_labels && i < OWN_LABELS; i++)
		r->attributes[r->n_attributes++] = pair(a, own[i].name, own[i].value);
	for (size_t i = 0; i < s->n_resource; i++)
		r->attributes[r->n_attributes++] = pair(a, s->resource[i].name, s->resource[i].value);
	return r;
}

static void otlp_body(const void *to, const struct config_node *node, struct buf *batch)
{
	CLEANUP(arena_done) struct arena a = ARENA_INIT;
	CLEANUP(buf_done) struct buf logs = BUF_INIT;

	put(&logs, RESOURCE_LOGS_RESOURCE, pb_pack_arena(&a, &resource(&a, to, node)->base));
	put(&logs, RESOURCE_LOGS_SCOPE_LOGS, buf_slice(batch));
	buf_clear(batch);
	put(batch, REQUEST_RESOURCE_LOGS, buf_slice(&logs));
}

/* ---- AccessLogService ---- */

#define ENTRIES_LOG_ENTRY 1
#define MESSAGE_IDENTIFIER 1
#define MESSAGE_HTTP_LOGS 2
#define MESSAGE_TCP_LOGS 3

static void grpc_item(const void *to, const struct config_node *node, const void *item, struct buf *batch)
{
	CLEANUP(arena_done) struct arena a = ARENA_INIT;
	const struct line *it = item;

	(void)node;
	put(batch, ENTRIES_LOG_ENTRY, access_log_entry(&a, it->stream, to));
}

static struct slice identifier(struct arena *a, const struct config_log_service *s, const struct config_node *node)
{
	Envoy__Service__Accesslog__V3__StreamAccessLogsMessage__Identifier *id =
		PB_NEW(a, Envoy__Service__Accesslog__V3__StreamAccessLogsMessage__Identifier,
		       envoy__service__accesslog__v3__stream_access_logs_message__identifier);

	id->log_name = utf8_text(a, s->name);
	id->node = PB_NEW(a, Envoy__Config__Core__V3__Node, envoy__config__core__v3__node);
	id->node->id = utf8_text(a, slice_str(node->id));
	id->node->cluster = utf8_text(a, slice_str(node->cluster));
	return pb_pack_arena(a, &id->base);
}

static void grpc_body(const void *to, const struct config_node *node, struct buf *batch)
{
	CLEANUP(arena_done) struct arena a = ARENA_INIT;
	const struct config_log_service *s = to;
	struct buf all = BUF_INIT;

	put(&all, MESSAGE_IDENTIFIER, identifier(&a, s, node));
	put(&all, s->kind == CONFIG_LOG_TCP ? MESSAGE_TCP_LOGS : MESSAGE_HTTP_LOGS, buf_slice(batch));
	buf_done(batch);
	*batch = all;
}

/* ---- how they travel ---- */

static enum export_kind kind(const void *to)
{
	const struct config_log_service *s = to;

	return s->kind == CONFIG_LOG_OTLP ? EXPORT_LOG_OTLP : EXPORT_LOG_GRPC;
}

static struct export_target target(const void *to)
{
	const struct config_log_service *s = to;

	return (struct export_target){.cluster = &s->cluster,
				      .grpc = true,
				      .timeout_ns = s->timeout_ns,
				      .wait_ns = s->wait_ns,
				      .send_bytes = s->send_bytes};
}

static bool same_resource(const struct config_log_service *a, const struct config_log_service *b)
{
	if (a->own_labels != b->own_labels || a->n_resource != b->n_resource)
		return false;
	for (size_t i = 0; i < a->n_resource; i++)
		if (!slice_eq(a->resource[i].name, b->resource[i].name) ||
		    !slice_eq(a->resource[i].value, b->resource[i].value))
			return false;
	return true;
}

/* Lines are whole when they are put into a batch: only what is said once for all must agree. */
static bool same(const void *x, const void *y)
{
	const struct config_log_service *a = x, *b = y;

	return a->kind == b->kind && slice_eq(a->name, b->name) && slice_eq(a->authority, b->authority) &&
	       same_resource(a, b);
}

static void set_head(const void *to, struct side_call *c)
{
	const struct config_log_service *s = to;

	side_call_grpc(c, s->authority,
		       s->kind == CONFIG_LOG_OTLP
			       ? SLICE("/opentelemetry.proto.collector.logs.v1.LogsService/Export")
			       : SLICE("/envoy.service.accesslog.v3.AccessLogService/StreamAccessLogs"));
}

void access_log_export(struct stream *s, const struct config_access_log *l)
{
	static const struct export_ops otlp = {kind, target, same, otlp_item, set_head, otlp_body};
	static const struct export_ops grpc = {kind, target, same, grpc_item, set_head, grpc_body};
	const struct line item = {s, l};

	export_item(s->worker, s->wc, l->service->kind == CONFIG_LOG_OTLP ? &otlp : &grpc, l->service, &item);
}
