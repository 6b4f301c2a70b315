/*
 * Spans: each exchange of a connection manager with tracing is one span, of the client's side on outbound listeners and
 * of the server's side elsewhere. On the way in: to which trace the request belongs, whether it is kept, and what the
 * next one is told in its headers. At the end: what the span says, handed to the worker's exporter.
 */
#include <stdlib.h>

#include "proxy/filter/table.h"
#include "proxy/filter/trace_export.h"

enum header {
	H_TRACEPARENT,
	H_B3,
	H_B3_TRACE,
	H_B3_SPAN,
	H_B3_PARENT,
	H_B3_SAMPLED,
	H_B3_FLAGS,
	H_CLIENT_TRACE,
	H_FORCE,
	H_OPERATION,
	H_COUNT
};

static const struct slice names[H_COUNT] = {
	[H_TRACEPARENT] = {"traceparent", 11},     [H_B3] = {"b3", 2},
	[H_B3_TRACE] = {"x-b3-traceid", 12},       [H_B3_SPAN] = {"x-b3-spanid", 11},
	[H_B3_PARENT] = {"x-b3-parentspanid", 17}, [H_B3_SAMPLED] = {"x-b3-sampled", 12},
	[H_B3_FLAGS] = {"x-b3-flags", 10},         [H_CLIENT_TRACE] = {"x-client-trace-id", 17},
	[H_FORCE] = {"x-envoy-force-trace", 19},   [H_OPERATION] = {"x-envoy-decorator-operation", 27},
};

struct own {
	struct trace_context context;
	bool shared;            /* the span is the client's, too */
	struct slice operation; /* what the client's proxy calls it; empty = it does not say */
};

/* ---- the way in ---- */

/* The first field of each name. None of the names has a number of its own. */
static void collect(const struct http_head *h, struct slice got[H_COUNT])
{
	for (unsigned i = 0; i < h->n_fields; i++) {
		const struct http_field *f = &h->fields[i];

		if (f->id != HTTP_NAME_OTHER && f->id != HTTP_NAME_ENVOY)
			continue;
		for (int k = 0; k < H_COUNT; k++)
			if (f->name_len == names[k].len && !got[k].ptr &&
			    slice_eq_nocase(http_field_name(f), names[k])) {
				got[k] = f->value_len ? http_field_value(f) : SLICE("");
				break;
			}
	}
}

static bool read_b3(const struct slice got[H_COUNT], struct trace_context *ret)
{
	const struct trace_b3 b3 = {got[H_B3_TRACE], got[H_B3_SPAN], got[H_B3_PARENT], got[H_B3_SAMPLED],
				    got[H_B3_FLAGS]};

	return (got[H_B3].len && trace_read_b3(got[H_B3], ret)) || trace_read_b3_multi(&b3, ret);
}

/* The provider's own format counts before the other. */
static bool read_context(const struct filter_tracing *t, const struct slice got[H_COUNT], struct trace_context *ret)
{
	bool w3c_first = t->provider != TRACING_ZIPKIN;

	if (w3c_first && trace_read_w3c(got[H_TRACEPARENT], ret))
		return true;
	return read_b3(got, ret) || (!w3c_first && trace_read_w3c(got[H_TRACEPARENT], ret));
}

/* Whoever sees this identifier later is to decide alike. */
static void mark(struct filter *f, enum trace_reason reason)
{
	struct slice id = filter_request_id(f);
	char digit, *copy;
	ptrdiff_t at;

	if (trace_marked(id) == reason)
		return;
	at = trace_mark(id, reason, &digit);
	if (at < 0)
		return;
	copy = filter_alloc(f, id.len);
	memcpy(copy, id.ptr, id.len);
	copy[at] = digit;
	filter_set_request_id(f, slice_make(copy, id.len));
}

static bool is_client(const struct filter *f)
{
	return filter_client(f)->chain->listener->direction == CONFIG_OUTBOUND;
}

static void decide(struct filter *f, const struct filter_tracing *t, const struct slice got[H_COUNT])
{
	struct own *own = f->own;
	struct rand *r = &filter_worker(f)->rand;
	struct trace_context parent = {0};
	bool follows = read_context(t, got, &parent);
	enum trace_reason reason = trace_decide(filter_request_id(f), &t->shares, got[H_FORCE].ptr != NULL,
						got[H_CLIENT_TRACE].len > 0, r);

	trace_child(follows ? &parent : NULL, t->short_ids, r, &own->context);
	own->shared = t->shared_spans && parent.known && !is_client(f);
	if (own->shared) {
		memcpy(own->context.span_id, parent.span_id, sizeof parent.span_id);
		memcpy(own->context.parent_id, parent.parent_id, sizeof parent.parent_id);
		own->context.has_parent = parent.has_parent;
	}
	if (own->context.sampled == TRACE_UNDECIDED)
		own->context.sampled = reason == TRACE_NOT ? TRACE_DROPPED : TRACE_SAMPLED;
	mark(f, reason);
}

static void set_w3c(struct filter *f, struct http_head *h, const struct trace_context *c)
{
	http_set(h, names[H_TRACEPARENT], trace_write_w3c(c, filter_alloc(f, TRACE_W3C_BYTES)));
}

/* What did not come need not be looked for. */
static void put(struct http_head *h, const struct slice got[H_COUNT], enum header which, struct slice value)
{
	if (got[which].ptr)
		http_set(h, names[which], value);
	else
		http_add(h, names[which], value);
}

static void set_b3(struct filter *f, const struct slice got[H_COUNT], const struct trace_context *c)
{
	struct http_head *h = filter_request(f);

	put(h, got, H_B3_TRACE, trace_write_id(c, filter_alloc(f, TRACE_ID_BYTES)));
	put(h, got, H_B3_SPAN, trace_write_span(c->span_id, filter_alloc(f, TRACE_SPAN_BYTES)));
	if (c->has_parent)
		put(h, got, H_B3_PARENT, trace_write_span(c->parent_id, filter_alloc(f, TRACE_SPAN_BYTES)));
	else if (got[H_B3_PARENT].ptr)
		http_remove(h, names[H_B3_PARENT]);
	put(h, got, H_B3_SAMPLED, trace_is_sampled(c) ? SLICE("1") : SLICE("0"));
}

/* The provider's format, and each one that came: none may go on with an older span. */
static void tell(struct filter *f, const struct filter_tracing *t, const struct slice got[H_COUNT])
{
	const struct own *own = f->own;
	struct http_head *h = filter_request(f);
	bool zipkin = t->provider == TRACING_ZIPKIN;

	if (!zipkin || t->w3c_too || got[H_TRACEPARENT].ptr)
		set_w3c(f, h, &own->context);
	if (zipkin || got[H_B3_TRACE].ptr || got[H_B3_SAMPLED].ptr)
		set_b3(f, got, &own->context);
	if (got[H_B3].ptr)
		http_set(h, names[H_B3], trace_write_b3(&own->context, filter_alloc(f, TRACE_B3_BYTES)));
}

/* A client's proxy tells the server's how it calls what it does, so that both spans have one name. */
static void name_operation(struct filter *f, const struct slice got[H_COUNT])
{
	struct own *own = f->own;
	struct http_head *h = filter_request(f);
	struct slice ours = filter_operation(f);

	if (is_client(f)) {
		if (ours.len)
			http_set(h, names[H_OPERATION], ours);
	} else if (got[H_OPERATION].ptr) {
		own->operation = got[H_OPERATION];
		http_remove(h, names[H_OPERATION]);
	}
}

static enum filter_result on_headers(struct filter *f, bool end)
{
	const struct filter_tracing *t = f->at->config;
	struct slice got[H_COUNT] = {{0}};

	(void)end;
	collect(filter_request(f), got);
	decide(f, t, got);
	tell(f, t, got);
	name_operation(f, got);
	return FILTER_CONTINUE;
}

/* ---- the end ---- */

/* What the values of most spans' tags take. */
#define TAGS_BYTES 1024

/* Tags whose values stand one behind the other in a buffer; views of it are made when it has all of them. */
struct tag_list {
	struct buf values;
	struct trace_tag v[TRACE_TAGS_MAX];
	size_t ends[TRACE_TAGS_MAX];
	size_t n;
};

static void add_tag(struct tag_list *l, struct slice name)
{
	assert(l->n < TRACE_TAGS_MAX);
	l->v[l->n].key = name;
	l->ends[l->n++] = l->values.len;
}

static void add_text(struct tag_list *l, struct slice name, const char *text)
{
	if (!text || !text[0])
		return;
	buf_append_str(&l->values, text);
	add_tag(l, name);
}

static void add_configured(struct filter *f, struct tag_list *l, const struct filter_tracing_tag *tag)
{
	const char *set = tag->environment ? getenv(tag->environment) : NULL;
	size_t before = l->values.len;

	if (set)
		buf_append_str(&l->values, set);
	else
		filter_format(f, &tag->value, &l->values);
	if (l->values.len == before && tag->absent)
		buf_append_str(&l->values, tag->absent);
	if (l->values.len > before)
		add_tag(l, tag->name);
}

static void all_tags(struct filter *f, struct tag_list *l, bool error)
{
	const struct filter_tracing *t = f->at->config;
	const struct config_node *node = filter_node(f);
	size_t start = 0;

	add_text(l, SLICE("node_id"), node->id);
	add_text(l, SLICE("zone"), node->zone);
	add_text(l, SLICE("istio.canonical_service"), node->canonical_name);
	add_text(l, SLICE("istio.canonical_revision"), node->canonical_revision);
	add_text(l, SLICE("istio.mesh_id"), node->mesh_id);
	add_text(l, SLICE("istio.namespace"), node->namespace_);
	for (size_t i = 0; i < t->n_tags; i++)
		add_configured(f, l, &t->tags[i]);
	if (error)
		add_text(l, SLICE("error"), "true");
	for (size_t i = 0; i < l->n; i++) {
		l->v[i].value = slice_make(l->values.ptr + start, l->ends[i] - start);
		start = l->ends[i];
	}
}

static struct slice span_name(struct filter *f)
{
	const struct own *own = f->own;
	struct slice ours = filter_operation(f), host;
	char *text;

	if (own->operation.len)
		return own->operation;
	if (ours.len)
		return ours;
	if (!is_client(f))
		return SLICE("ingress");
	host = stream_header(f->stream, SLICE(":authority"));
	text = filter_alloc(f, 7 + host.len);
	memcpy(text, "egress ", 7);
	if (host.len)
		memcpy(text + 7, host.ptr, host.len);
	return slice_make(text, 7 + host.len);
}

static void export(struct filter *f, const struct own *own)
{
	const struct filter_tracing *t = f->at->config;
	const struct filter_sums sums = filter_sums(f);
	struct trace_span span = {.context = own->context, .shared = own->shared};
	struct tag_list tags; /* large: not zeroed */

	tags.values = (struct buf)BUF_INIT;
	tags.n = 0;
	(void)buf_reserve(&tags.values, TAGS_BYTES);
	span.kind = is_client(f) ? TRACE_KIND_CLIENT : TRACE_KIND_SERVER;
	span.name = span_name(f);
	span.duration_ns = sums.duration_ns;
	span.start_unix_ns = clock_wall_ns() - sums.duration_ns;
	span.error = sums.failed;
	all_tags(f, &tags, span.error);
	span.tags = tags.v;
	span.n_tags = tags.n;
	trace_export(filter_worker(f), filter_worker_config(f), t, &span);
	buf_done(&tags.values);
}

static void on_end(struct filter *f)
{
	const struct own *own = f->own;

	if (own->context.known && trace_is_sampled(&own->context))
		export(f, own);
}

const struct filter_ops filter_tracing_ops = {
	.own_bytes = sizeof(struct own), .on_headers = on_headers, .on_end = on_end};
