/*
 * What a filter is to a stream, and what of a stream a filter sees; the filters themselves stand above, in filter/. One
 * struct filter is one filter of one exchange, with memory of its own.
 *
 *   on_headers, (on_data)*, (on_trailers)?     the request, in the order of the configuration
 *   on_try                                     each time before it is sent to an endpoint
 *   on_answer, on_response                     the response's head, in the reverse order
 *   on_end, destroy                            once each
 */
#ifndef PROXY_STREAM_FILTER_H
#define PROXY_STREAM_FILTER_H

#include "proxy/client/down.h"
#include "proxy/upstream/pool.h"

struct stream;
struct trace_context;

struct filter {
	const struct filter_ops *ops; /* NULL = nothing to do for this kind */
	struct stream *stream;
	const struct config_http_filter *at;
	void *own; /* ops->own_bytes, zeroed at first */
};

enum filter_result {
	FILTER_CONTINUE,
	FILTER_PAUSE,  /* of on_headers: filter_resume goes on with the next */
	FILTER_REPLIED /* the stream may be gone */
};

/* Any may be NULL: nothing to do. */
struct filter_ops {
	size_t own_bytes;
	/* The request's head is known and routed; end = no body follows. */
	enum filter_result (*on_headers)(struct filter *f, bool end);
	/* What filter_gather asked for: the body's beginning, or all of it; valid until the next turn. */
	void (*on_body)(struct filter *f, struct slice body, bool whole);
	/* A part of its body passes, on its way to the upstream. FILTER_CONTINUE or FILTER_REPLIED. */
	enum filter_result (*on_data)(struct filter *f, struct slice data, bool end);
	/* It ends with these. Likewise. */
	enum filter_result (*on_trailers)(struct filter *f, const struct http_trailers *t);
	/* An endpoint is chosen and the request about to be sent. */
	void (*on_try)(struct filter *f);
	/* The upstream's head came; before anything else looks at it. */
	void (*on_answer)(struct filter *f, struct http_head *h);
	/* A response head is about to be sent, the upstream's or a local one. */
	void (*on_response)(struct filter *f, struct http_head *h);
	/* All is known of the exchange. */
	void (*on_end)(struct filter *f);
	/* Nothing is called any more. */
	void (*destroy)(struct filter *f);
	/*
	 * For rules that hold for the exchange under way, too: whether they let the request pass; *ret_policy names
	 * what decided, or NULL. NULL = there are none.
	 */
	bool (*allows)(struct filter *f, const char **ret_policy);
	/* Answers that allows said no. The stream may be gone. */
	void (*deny)(struct filter *f, const char *policy);
};

/* A field of a reply; copied. */
struct reply_field {
	struct slice name, value;
	bool append; /* beside those of its name, not instead of them */
};

struct reply {
	enum outcome outcome;
	uint16_t status; /* 0 = the row's */
	struct slice body;
	const char *content_type; /* NULL = text/plain */
	struct slice location;    /* redirects; empty = none */
	bool has_grpc;            /* grpc_status is what requests of gRPC hear; else what the HTTP status means there */
	uint8_t grpc_status;
	const struct reply_field *fields; /* more of them, or other ones */
	size_t n_fields;
};
/* ---- what a filter sees ---- */

/* Its configuration for this request: the route's override or its own; NULL = disabled or none. */
const void *filter_config(const struct filter *f);

/* What the route says of it, for filters whose own configuration stays; NULL = nothing. *ret_disabled: it is off. */
const void *filter_override(const struct filter *f, bool *ret_disabled);
/* The route that was found; NULL = none. */
const struct route *filter_route(const struct filter *f);
/* The name of the cluster that the request will go to, empty where it goes to none. */
struct slice filter_cluster_name(const struct filter *f);

struct worker *filter_worker(const struct filter *f);
/* The configuration that the exchange began with: for side calls. */
struct worker_config *filter_worker_config(const struct filter *f);
/* Ourselves. */
const struct config_node *filter_node(const struct filter *f);
struct down *filter_client(const struct filter *f);
/* The client: the peer, or who trusted proxies say it is. */
const struct addr *filter_remote(const struct filter *f);

/* The request's head, which may be changed in on_headers and on_try. */
struct http_head *filter_request(struct filter *f);
/* Its path, normalised, with the query. */
struct slice filter_path(const struct filter *f);

/* x-request-id as it goes on, empty = there is none; and another one in its place, whose text lives as long as the
 * exchange. */
struct slice filter_request_id(const struct filter *f);
void filter_set_request_id(struct filter *f, struct slice id);
/* What the route calls its requests (Decorator); empty = nothing. */
struct slice filter_operation(const struct filter *f);
/* What a format of access logs says of the exchange, nothing for what is absent; lives as long as the exchange. */
struct slice filter_value(struct filter *f, const struct format *format);

/* A header as matchers see it, with the pseudo headers; ptr NULL = absent. ctx is the stream. */
struct slice stream_header(const void *ctx, struct slice name);

/* The next line of a header of that name, '_' and '-' being the same; ptr NULL = no more. *cursor begins with 0; ctx is
 * the stream. */
struct slice stream_header_line(const void *ctx, struct slice name, size_t *cursor);

/* Memory that lives as long as the exchange. */
char *filter_alloc(struct filter *f, size_t n);
/* The same, for anything but text. */
void *filter_alloc_aligned(struct filter *f, size_t n);
/* A copy in it, and a number as text. */
struct slice filter_copy(struct filter *f, struct slice text);
struct slice filter_number(struct filter *f, int64_t n);

/* Whether the request is one that a match means. */
bool filter_matches(const struct filter *f, const struct route_match *m);
/* What filters found out so far. */
const struct metadata *filter_metadata(const struct filter *f);

/* The connection of the try under way; in on_answer. */
struct up *filter_upstream(const struct filter *f);
/* Whether the endpoint that was chosen is in the mesh; in on_try. */
bool filter_to_mesh(const struct filter *f);

/* ---- what it does ---- */

/* Answers in the upstream's place; nothing when a response has begun or the client is gone. The stream may be gone. */
void filter_reply(struct filter *f, const struct reply *r);
/*
 * In on_headers, before FILTER_PAUSE: the body is gathered until it has ended or has more than max bytes, then on_body
 * is called; the upstream gets it after filter_resume as if nothing had been.
 */
void filter_gather(struct filter *f, size_t max);
/* Goes on after FILTER_PAUSE; nothing when the stream was answered or has ended meanwhile. */
void filter_resume(struct filter *f);
/* Carries out operations on a head's fields, of the configuration. */
void filter_add_fields(struct filter *f, struct http_head *h, const struct route_header_add *v, size_t n);
/* More bits of %RESPONSE_FLAGS%. */
void filter_flag(struct filter *f, uint32_t flags);
/* %RESPONSE_CODE_DETAILS%; text lives as long as the exchange. */
void filter_set_details(struct filter *f, const char *text);
/* Who the client and the upstream say they are; NULL = unknown. */
void filter_set_source(struct filter *f, struct stats_peer *p);
void filter_set_destination(struct filter *f, struct stats_peer *p);
/* Makes a value known to policies, routes and the filters behind; e is copied, what it points to lives until on_end. */
void filter_add_metadata(struct filter *f, const struct metadata_entry *e);
/* The route is looked for once more, with the request as it is now. */
void filter_reroute(struct filter *f);
/* The request's span, for access logs; lives as long as the exchange. */
void filter_set_trace(struct filter *f, const struct trace_context *span);
/* Names that replace the cluster's in ALPN. */
void filter_set_alpn(struct filter *f, const struct filter_alpn *names);

/* ---- in on_end ---- */

struct filter_sums {
	int64_t duration_ns;
	uint64_t request_bytes, response_bytes; /* heads and bodies */
	bool failed;                            /* by the server's fault, in the words of HTTP or gRPC */
};

struct filter_sums filter_sums(const struct filter *f);
/* The messages of gRPC so far, NULL of any other exchange. ret_answered: who answers is known. */
const struct grpc_tally *filter_messages(const struct filter *f, bool *ret_answered);
/* The labels of the standard metrics. */
void filter_labels(struct filter *f, const struct filter_stats *how, struct stats_labels *l);

#endif
