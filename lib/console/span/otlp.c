/* OTLP in protobuf. What is read is bounded by an allocator of our own; fields that are not known are passed over. */
#include "console/span/span_internal.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "opentelemetry/trace.pb-c.h"

typedef Opentelemetry__ExportTraceServiceRequest otlp_request;
typedef Opentelemetry__Span otlp_span;
typedef Opentelemetry__AnyValue otlp_value;

#define NS_PER_US 1000u

static void *bounded_alloc(void *arg, size_t size)
{
	size_t *left = arg;

	if (size + sizeof(max_align_t) > *left)
		return NULL;
	*left -= size + sizeof(max_align_t);
	return malloc(size);
}

static void bounded_free(void *arg, void *p)
{
	(void)arg;
	free(p);
}

static void add_attribute(struct span_batch *b, struct span_tags *t, const char *key, const otlp_value *v)
{
	char text[64];

	if (!v)
		return;
	switch (v->value_case) {
	case OPENTELEMETRY__ANY_VALUE__VALUE_STRING_VALUE:
		span_tag_add(b, t, slice_str(key), SPAN_TAG_STRING, slice_str(v->string_value));
		break;
	case OPENTELEMETRY__ANY_VALUE__VALUE_BOOL_VALUE:
		span_tag_add(b, t, slice_str(key), SPAN_TAG_BOOL, slice_str(v->bool_value ? "true" : "false"));
		break;
	case OPENTELEMETRY__ANY_VALUE__VALUE_INT_VALUE:
		snprintf(text, sizeof(text), "%" PRId64, v->int_value);
		span_tag_add(b, t, slice_str(key), SPAN_TAG_INT, slice_str(text));
		break;
	case OPENTELEMETRY__ANY_VALUE__VALUE_DOUBLE_VALUE:
		snprintf(text, sizeof(text), "%.17g", v->double_value);
		span_tag_add(b, t, slice_str(key), SPAN_TAG_FLOAT, slice_str(text));
		break;
	default: /* lists, maps and bytes: newer forms of a value, which no proxy of a mesh sends */
		break;
	}
}

static void add_attributes(struct span_batch *b, struct span_tags *t, Opentelemetry__KeyValue **v, size_t n)
{
	for (size_t i = 0; i < n; i++)
		add_attribute(b, t, v[i]->key, v[i]->value);
}

static bool read_id(ProtobufCBinaryData from, uint8_t *to, size_t size)
{
	static const uint8_t zero[16];

	if (from.len != size || memcmp(from.data, zero, size) == 0)
		return false;
	memcpy(to, from.data, size);
	return true;
}

static bool read_span(struct span_batch *b, struct span *s, const otlp_span *o)
{
	const uint64_t start = o->start_time_unix_nano, end = o->end_time_unix_nano;

	if (!read_id(o->trace_id, s->trace_id, 16) || !read_id(o->span_id, s->span_id, 8))
		return false;
	if (start == 0 || start > INT64_MAX || end > INT64_MAX)
		return false;
	s->has_parent = read_id(o->parent_span_id, s->parent_id, 8);
	s->kind = o->kind < SPAN_KIND_COUNT ? (enum span_kind)o->kind : SPAN_KIND_NONE;
	s->name = span_text(b, slice_str(o->name), SPAN_NAME_MAX_BYTES);
	s->start_us = (int64_t)(start / NS_PER_US);
	s->duration_us = end > start ? (int64_t)((end - start) / NS_PER_US) : 0;
	add_attributes(b, &s->tags, o->attributes, o->n_attributes);
	s->error = span_tags_error(&s->tags) || (o->status && o->status->code == 2);
	if (o->status && o->status->message && *o->status->message)
		span_tag_add(b, &s->tags, SLICE("otel.status_description"), SPAN_TAG_STRING,
			     slice_str(o->status->message));
	return true;
}

/* service.name is the service; what else a resource says is of the process. */
static struct slice read_resource(struct span_batch *b, struct span_tags *process, const Opentelemetry__Resource *r)
{
	struct slice service = SLICE("unknown");

	for (size_t i = 0; r && i < r->n_attributes; i++) {
		const Opentelemetry__KeyValue *kv = r->attributes[i];
		const bool text = kv->value && kv->value->value_case == OPENTELEMETRY__ANY_VALUE__VALUE_STRING_VALUE;

		if (strcmp(kv->key, "service.name") != 0)
			add_attribute(b, process, kv->key, kv->value);
		else if (text && *kv->value->string_value)
			service = span_text(b, slice_str(kv->value->string_value), SPAN_NAME_MAX_BYTES);
	}
	return service;
}

static void read_resource_spans(struct span_batch *b, const Opentelemetry__ResourceSpans *rs)
{
	struct span_tags process = {0};
	const struct slice service = read_resource(b, &process, rs->resource);

	for (size_t i = 0; i < rs->n_scope_spans; i++)
		for (size_t j = 0; j < rs->scope_spans[i]->n_spans; j++) {
			struct span *s = span_add(b);

			if (!s)
				continue;
			s->service = service;
			s->process = process;
			if (!read_span(b, s, rs->scope_spans[i]->spans[j]))
				span_refuse(b);
		}
}

int span_read_otlp(struct slice bytes, struct span_batch *b, struct err *e)
{
	size_t left = SPAN_PROTOBUF_MAX_BYTES;
	ProtobufCAllocator bounded = {bounded_alloc, bounded_free, &left};
	otlp_request *m;

	if (bytes.len > SPAN_BATCH_MAX_BYTES)
		return err_set(e, -EMSGSIZE, "spans of OTLP: %zu bytes, %u are allowed", bytes.len,
			       SPAN_BATCH_MAX_BYTES);
	m = opentelemetry__export_trace_service_request__unpack(&bounded, bytes.len, (const uint8_t *)bytes.ptr);
	if (!m)
		return err_set(e, -EINVAL, "spans of OTLP: no ExportTraceServiceRequest, or one that is too large");
	for (size_t i = 0; i < m->n_resource_spans; i++)
		read_resource_spans(b, m->resource_spans[i]);
	opentelemetry__export_trace_service_request__free_unpacked(m, &bounded);
	return 0;
}
