/* Zipkin's API v2: an array of spans (https://zipkin.io/zipkin-api, ListOfSpans). */
#include "console/span/span_internal.h"

#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "msg/json.h"

static const struct {
	const char *name;
	enum span_kind kind;
} kinds[] = {
	{"CLIENT", SPAN_KIND_CLIENT},
	{"SERVER", SPAN_KIND_SERVER},
	{"PRODUCER", SPAN_KIND_PRODUCER},
	{"CONSUMER", SPAN_KIND_CONSUMER},
};

static enum span_kind kind_of(const char *text)
{
	for (size_t i = 0; text && i < ARRAY_LEN(kinds); i++)
		if (strcmp(text, kinds[i].name) == 0)
			return kinds[i].kind;
	return SPAN_KIND_NONE;
}

static struct slice text_of(const cJSON *o, const char *key)
{
	return slice_str(json_get_str(o, key));
}

static void read_tags(struct span_batch *b, struct span *s, const cJSON *json)
{
	const cJSON *tags = json_get(json, "tags");

	JSON_EACH(x, cJSON_IsObject(tags) ? tags : NULL)
	if (cJSON_IsString(x))
		span_tag_add(b, &s->tags, slice_str(x->string), SPAN_TAG_STRING, slice_str(x->valuestring));
	s->error = span_tags_error(&s->tags);
}

static void read_endpoints(struct span_batch *b, struct span *s, const cJSON *json)
{
	const cJSON *local = json_get(json, "localEndpoint"), *remote = json_get(json, "remoteEndpoint");
	const struct slice service = text_of(local, "serviceName");

	s->service = service.len ? span_text(b, service, SPAN_NAME_MAX_BYTES) : SLICE("unknown");
	span_tag_add(b, &s->process, SLICE("ip"), SPAN_TAG_STRING,
		     text_of(local, json_get_str(local, "ipv4") ? "ipv4" : "ipv6"));
	if (json_get_str(remote, "serviceName"))
		span_tag_add(b, &s->tags, SLICE("peer.service"), SPAN_TAG_STRING, text_of(remote, "serviceName"));
}

static bool read_span(struct span_batch *b, struct span *s, const cJSON *json)
{
	const int64_t start = json_int(json, "timestamp", 0), duration = json_int(json, "duration", 0);

	if (!span_id_read(text_of(json, "traceId"), s->trace_id, 16) ||
	    !span_id_read(text_of(json, "id"), s->span_id, 8))
		return false;
	if (start <= 0 || duration < 0)
		return false;
	s->has_parent = span_id_read(text_of(json, "parentId"), s->parent_id, 8);
	s->shared = json_true(json, "shared");
	s->kind = kind_of(json_get_str(json, "kind"));
	s->name = span_text(b, text_of(json, "name"), SPAN_NAME_MAX_BYTES);
	s->start_us = start;
	s->duration_us = duration;
	read_tags(b, s, json);
	read_endpoints(b, s, json);
	return true;
}

int span_read_zipkin(struct slice text, struct span_batch *b, struct err *e)
{
	CLEANUP(json_freep) cJSON *json = NULL;
	int r = json_parse(text, SPAN_BATCH_MAX_BYTES, &json, e);

	if (r < 0)
		return err_wrap(e, r, "spans of Zipkin");
	if (!cJSON_IsArray(json))
		return err_set(e, -EINVAL, "spans of Zipkin: must be an array of spans");
	JSON_EACH(x, json)
	{
		struct span *s = span_add(b);

		if (s && !read_span(b, s, x))
			span_refuse(b);
	}
	return 0;
}
