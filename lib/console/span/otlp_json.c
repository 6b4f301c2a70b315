/* OTLP in JSON: protobuf's JSON mapping with two exceptions of OTLP's own, identifiers in hexadecimal and enums as
 * numbers (opentelemetry.io/docs/specs/otlp, JSON Protobuf Encoding). */
#include "console/span/span_internal.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "msg/json.h"

/* 64-bit integers are text there; numbers are taken, too. */
static bool read_int(const cJSON *v, int64_t *ret)
{
	uint64_t n;
	struct slice text;

	if (!cJSON_IsString(v))
		return v && json_int64(v, ret) == 0;
	text = slice_str(v->valuestring);
	const bool minus = slice_starts(text, SLICE("-"));

	if (slice_to_u64(slice_from(text, minus), INT64_MAX, &n) < 0)
		return false;
	*ret = minus ? -(int64_t)n : (int64_t)n;
	return true;
}

static void add_attribute(struct span_batch *b, struct span_tags *t, const cJSON *kv)
{
	const struct slice key = slice_str(json_get_str(kv, "key"));
	const cJSON *v = json_get(kv, "value"), *x;
	char text[64];
	int64_t n;

	if ((x = json_get(v, "stringValue")) && cJSON_IsString(x))
		span_tag_add(b, t, key, SPAN_TAG_STRING, slice_str(x->valuestring));
	else if ((x = json_get(v, "boolValue")) && cJSON_IsBool(x))
		span_tag_add(b, t, key, SPAN_TAG_BOOL, slice_str(cJSON_IsTrue(x) ? "true" : "false"));
	else if (read_int(json_get(v, "intValue"), &n)) {
		snprintf(text, sizeof(text), "%" PRId64, n);
		span_tag_add(b, t, key, SPAN_TAG_INT, slice_str(text));
	} else if ((x = json_get(v, "doubleValue")) && cJSON_IsNumber(x)) {
		snprintf(text, sizeof(text), "%.17g", x->valuedouble);
		span_tag_add(b, t, key, SPAN_TAG_FLOAT, slice_str(text));
	}
}

static const cJSON *list_of(const cJSON *o, const char *key)
{
	const cJSON *v = json_get(o, key);

	return cJSON_IsArray(v) ? v : NULL;
}

static bool read_span(struct span_batch *b, struct span *s, const cJSON *o)
{
	const int64_t kind = json_int(o, "kind", 0);
	int64_t start = 0, end = 0;

	if (!span_id_read(slice_str(json_get_str(o, "traceId")), s->trace_id, 16) ||
	    !span_id_read(slice_str(json_get_str(o, "spanId")), s->span_id, 8))
		return false;
	if (!read_int(json_get(o, "startTimeUnixNano"), &start) || start <= 0)
		return false;
	s->has_parent = span_id_read(slice_str(json_get_str(o, "parentSpanId")), s->parent_id, 8);
	s->kind = kind > 0 && kind < SPAN_KIND_COUNT ? (enum span_kind)kind : SPAN_KIND_NONE;
	s->name = span_text(b, slice_str(json_get_str(o, "name")), SPAN_NAME_MAX_BYTES);
	s->start_us = start / 1000;
	if (read_int(json_get(o, "endTimeUnixNano"), &end) && end > start)
		s->duration_us = (end - start) / 1000;
	JSON_EACH(kv, list_of(o, "attributes"))
	add_attribute(b, &s->tags, kv);
	s->error = span_tags_error(&s->tags) || json_int(o, "status.code", 0) == 2;
	if (json_str(o, "status.message"))
		span_tag_add(b, &s->tags, SLICE("otel.status_description"), SPAN_TAG_STRING,
			     slice_str(json_str(o, "status.message")));
	return true;
}

static struct slice read_resource(struct span_batch *b, struct span_tags *process, const cJSON *resource)
{
	struct slice service = SLICE("unknown");

	JSON_EACH(kv, list_of(resource, "attributes"))
	{
		const char *key = json_get_str(kv, "key"), *text = json_str(kv, "value.stringValue");

		if (key && strcmp(key, "service.name") == 0 && text && *text)
			service = span_text(b, slice_str(text), SPAN_NAME_MAX_BYTES);
		else
			add_attribute(b, process, kv);
	}
	return service;
}

static void read_resource_spans(struct span_batch *b, const cJSON *rs)
{
	struct span_tags process = {0};
	const struct slice service = read_resource(b, &process, json_get(rs, "resource"));

	JSON_EACH(scope, list_of(rs, "scopeSpans"))
	JSON_EACH(o, list_of(scope, "spans"))
	{
		struct span *s = span_add(b);

		if (!s)
			continue;
		s->service = service;
		s->process = process;
		if (!read_span(b, s, o))
			span_refuse(b);
	}
}

int span_read_otlp_json(struct slice text, struct span_batch *b, struct err *e)
{
	CLEANUP(json_freep) cJSON *json = NULL;
	int r = json_parse(text, SPAN_BATCH_MAX_BYTES, &json, e);

	if (r < 0)
		return err_wrap(e, r, "spans of OTLP");
	if (!list_of(json, "resourceSpans"))
		return err_set(e, -EINVAL, "spans of OTLP: resourceSpans: must be an array");
	JSON_EACH(rs, list_of(json, "resourceSpans"))
	read_resource_spans(b, rs);
	return 0;
}
