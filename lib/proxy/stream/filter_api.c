/* What a filter sees of a stream and does to it. */
#include "grpc/call.h"
#include "proxy/stream/format_eval.h"

const void *filter_config(const struct filter *f)
{
	return stream_filter_config(f->stream, f->at->kind, f->at->config);
}

const void *filter_override(const struct filter *f, bool *ret_disabled)
{
	const struct stream *s = f->stream;
	const struct route_override *o =
		s->table && s->route ? route_override_find(s->table, s->route, s->weighted, (int)f->at->kind) : NULL;

	*ret_disabled = o && o->disabled;
	return o ? o->config : NULL;
}

const struct route *filter_route(const struct filter *f)
{
	return f->stream->route;
}

struct slice filter_cluster_name(const struct filter *f)
{
	const struct stream *s = f->stream;
	const struct route *r = s->route;

	if (r && r->action == ROUTE_ACTION_CLUSTER)
		return slice_str(r->cluster.name);
	if (r && r->action == ROUTE_ACTION_WEIGHTED && s->weighted)
		return slice_str(s->weighted->cluster.name);
	if (r && r->action == ROUTE_ACTION_CLUSTER_HEADER)
		return stream_header(s, r->cluster_header);
	return slice_make("", 0);
}

void filter_add_fields(struct filter *f, struct http_head *h, const struct route_header_add *v, size_t n)
{
	stream_headers_add(f->stream, h, v, n);
}

struct worker *filter_worker(const struct filter *f)
{
	return f->stream->worker;
}

struct worker_config *filter_worker_config(const struct filter *f)
{
	return f->stream->wc;
}

const struct config_node *filter_node(const struct filter *f)
{
	return f->stream->wc->config->node;
}

struct down *filter_client(const struct filter *f)
{
	return f->stream->conn;
}

const struct addr *filter_remote(const struct filter *f)
{
	return f->stream->remote;
}

struct http_head *filter_request(struct filter *f)
{
	return &f->stream->req;
}

struct slice filter_path(const struct filter *f)
{
	return f->stream->path;
}

struct slice filter_request_id(const struct filter *f)
{
	return f->stream->request_id;
}

void filter_set_request_id(struct filter *f, struct slice id)
{
	f->stream->request_id = id;
	http_set(&f->stream->req, SLICE("x-request-id"), id);
}

struct slice filter_operation(const struct filter *f)
{
	return slice_str(f->stream->route ? f->stream->route->operation : NULL);
}

struct slice filter_value(struct filter *f, const struct format *format)
{
	return format_value(f->stream, format);
}

char *filter_alloc(struct filter *f, size_t n)
{
	return stream_alloc(f->stream, n);
}

void *filter_alloc_aligned(struct filter *f, size_t n)
{
	return stream_alloc_aligned(f->stream, n);
}

void filter_gather(struct filter *f, size_t max)
{
	struct stream *s = f->stream;

	if (!s->gather) {
		s->gather = (struct stream_gather *)(void *)stream_alloc_aligned(s, sizeof(*s->gather));
		s->gather->body = (struct buf)BUF_INIT;
	}
	s->gather->by = f;
	s->gather->max = max;
}

struct slice filter_copy(struct filter *f, struct slice text)
{
	return stream_copy(f->stream, text);
}

bool filter_matches(const struct filter *f, const struct route_match *m)
{
	const struct route_request rq = stream_route_request(f->stream);

	return route_match_test(m, &rq);
}

const struct metadata *filter_metadata(const struct filter *f)
{
	return &f->stream->metadata;
}

void filter_add_metadata(struct filter *f, const struct metadata_entry *e)
{
	struct metadata_entry *own = (struct metadata_entry *)(void *)stream_alloc_aligned(f->stream, sizeof(*own));

	*own = *e;
	metadata_add(&f->stream->metadata, own);
}

void filter_reroute(struct filter *f)
{
	stream_route(f->stream);
}

struct slice filter_number(struct filter *f, int64_t n)
{
	return stream_number(f->stream, n);
}

struct up *filter_upstream(const struct filter *f)
{
	return f->stream->upc;
}

bool filter_to_mesh(const struct filter *f)
{
	const struct endpoint *e = f->stream->endpoint;

	return e->transport->tls || (e->config && e->config->workload);
}

void filter_reply(struct filter *f, const struct reply *r)
{
	stream_reply_with(f->stream, r);
}

void filter_resume(struct filter *f)
{
	stream_filters_resume(f->stream);
}

void filter_flag(struct filter *f, uint32_t flags)
{
	f->stream->flags |= flags;
}

void filter_set_details(struct filter *f, const char *text)
{
	f->stream->details = text;
}

void filter_set_source(struct filter *f, struct stats_peer *p)
{
	f->stream->source = p;
}

void filter_set_destination(struct filter *f, struct stats_peer *p)
{
	f->stream->destination = p;
}

void filter_set_trace(struct filter *f, const struct trace_context *span)
{
	f->stream->trace = span;
}

void filter_set_alpn(struct filter *f, const struct filter_alpn *names)
{
	f->stream->alpn = names;
}

/* What gRPC says of servers, not of requests. */
static bool grpc_failed(int status)
{
	static const uint32_t faults = 1u << GRPC_UNKNOWN | 1u << GRPC_DEADLINE_EXCEEDED | 1u << GRPC_UNIMPLEMENTED |
				       1u << GRPC_INTERNAL | 1u << GRPC_UNAVAILABLE | 1u << GRPC_DATA_LOSS;

	return status >= 0 && status < 32 && faults >> status & 1;
}

const struct grpc_tally *filter_messages(const struct filter *f, bool *ret_answered)
{
	*ret_answered = f->stream->up_head_ns != 0;
	return f->stream->tally;
}

struct filter_sums filter_sums(const struct filter *f)
{
	const struct stream *s = f->stream;

	return (struct filter_sums){
		.duration_ns = loop_now_ns(s->worker->loop) - s->start_ns,
		.request_bytes = s->request_head_bytes + s->request_bytes,
		.response_bytes = s->response_head_bytes + s->response_bytes,
		.failed = !s->status || s->status >= 500 || grpc_failed(s->grpc_status),
	};
}
