/*
 * Spans: each exchange of a connection manager with tracing is one span, of the client's side on outbound listeners and
 * of the server's side elsewhere. On the way in: to which trace the request belongs, whether it is kept, and what the
 * next one is told in its headers. At the end: what the span says, handed to the worker's exporter.
 */
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

static bool may_be_ours(enum http_name id)
{
	return id == HTTP_NAME_OTHER || id == HTTP_NAME_ENVOY;
}

/* The first field of each name; false when there is none. None of the names has a number of its own. */
static bool collect(const struct http_head *h, struct slice got[H_COUNT])
{
	bool any = false;

	if (!(h->known & (1u << HTTP_NAME_OTHER | 1u << HTTP_NAME_ENVOY)))
		return false;
	for (unsigned i = 0; i < h->n_fields; i++) {
		const struct http_field *f = &h->fields[i];

		if (!may_be_ours(f->id))
			continue;
		for (int k = 0; k < H_COUNT; k++)
			if (f->name_len == names[k].len && !got[k].ptr &&
			    slice_eq_nocase(http_field_name(f), names[k])) {
				got[k] = f->value_len ? http_field_value(f) : SLICE("");
				any = true;
				break;
			}
	}
	return any;
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

static void decide(struct filter *f, const struct filter_tracing *t, const struct slice got[H_COUNT], bool any)
{
	struct own *own = f->own;
	struct rand *r = &filter_worker(f)->rand;
	struct trace_context parent = {0};
	bool follows = any && read_context(t, got, &parent);
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
		http_add_id(h, HTTP_NAME_OTHER, names[which], value);
}

static void set_b3(struct filter *f, const struct slice got[H_COUNT], const struct trace_context *c)
{
	struct http_head *h = filter_request(f);
	char *text = filter_alloc(f, TRACE_ID_BYTES + 2 * TRACE_SPAN_BYTES);

	put(h, got, H_B3_TRACE, trace_write_id(c, text));
	put(h, got, H_B3_SPAN, trace_write_span(c->span_id, text + TRACE_ID_BYTES));
	if (c->has_parent)
		put(h, got, H_B3_PARENT, trace_write_span(c->parent_id, text + TRACE_ID_BYTES + TRACE_SPAN_BYTES));
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
	decide(f, t, got, collect(filter_request(f), got));
	tell(f, t, got);
	filter_set_trace(f, &((const struct own *)f->own)->context);
	name_operation(f, got);
	return FILTER_CONTINUE;
}

/* ---- the end ---- */

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

/* Returns how many there are. */
static size_t make_tags(struct filter *f, const struct filter_tracing *t, struct trace_tag tags[TRACE_TAGS_MAX])
{
	size_t n = 0;

	for (size_t i = 0; i < t->n_tags; i++) {
		const struct filter_tracing_tag *tag = &t->tags[i];
		const struct slice value = filter_value(f, &tag->value);

		if (value.len || tag->absent.len)
			tags[n++] = (struct trace_tag){tag->key, value.len ? value : tag->absent};
	}
	return n;
}

static void export(struct filter *f, const struct own *own)
{
	const struct filter_tracing *t = f->at->config;
	const struct filter_sums sums = filter_sums(f);
	struct trace_tag tags[TRACE_TAGS_MAX]; /* large: not zeroed */
	struct trace_span span = {.context = own->context, .shared = own->shared};

	span.kind = is_client(f) ? TRACE_KIND_CLIENT : TRACE_KIND_SERVER;
	span.name = span_name(f);
	span.duration_ns = sums.duration_ns;
	span.start_unix_ns = clock_wall_ns() - sums.duration_ns;
	span.error = sums.failed;
	span.constant = t->constant;
	span.tags = tags;
	span.n_tags = make_tags(f, t, tags);
	trace_export(filter_worker(f), filter_worker_config(f), t, &span);
}

static void on_end(struct filter *f)
{
	const struct own *own = f->own;

	if (own->context.known && trace_is_sampled(&own->context))
		export(f, own);
}

const struct filter_ops filter_tracing_ops = {
	.own_bytes = sizeof(struct own), .on_headers = on_headers, .on_end = on_end};
