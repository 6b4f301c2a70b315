/*
 * One HTTP exchange: a request from a client, its way through the filters, up to some tries at endpoints, and the
 * response. Owned by the worker; freed when both legs are detached.
 *
 *   request head -> prepare -> route -> filters -> router: cluster, endpoint, pool -> up leg
 *                                  \-> reply (local)          <- response head, data <-
 *
 * state.c     where it stands, and how it gets from there to elsewhere
 * stream.c    life, the downstream leg, the end: metrics and access log
 * prepare.c   what every request goes through before it is routed: path, forwarded headers, request id
 * filters.c   the filters in order, pausing and resuming
 * router.c    cluster, endpoint, pool, the request on its way up, timeouts
 * upstream.c  the upstream leg: the answer, and how a try ends
 * retry.c     whether and when to try again
 * reply.c     replies made here
 * idle.c      exchanges in which nothing moves
 */
#ifndef PROXY_STREAM_INTERNAL_H
#define PROXY_STREAM_INTERNAL_H

#include "base/arena.h"
#include "proxy/upstream/cluster.h"
#include "proxy/client/down.h"
#include "proxy/upstream/pool.h"
#include "proxy/stream/filter.h"
#include "proxy/stream/state.h"
#include "proxy/stream/stream.h"

/* A request body kept for a further try; larger ones are not retried, and details and flag (URX) of the log say so. */
#define STREAM_REPLAY_MAX_BYTES 65536
/* Endpoints remembered as tried. */
#define STREAM_TRIED_MAX 8
/* Names of fields that came several times and whose joined value is kept. */
#define STREAM_JOINED_MAX 4
/* Small strings of one exchange: ids, addresses, lengths; and what its filters keep. More is taken when it is needed.
 */
#define STREAM_SCRATCH_BYTES 368
/* A tunnel of which one direction has ended is given up when the other does not move for this long. */
#define STREAM_HALF_CLOSED_NS (60LL * NS_PER_S)
/* A request's head is there within this time of its first byte, where the configuration has no limit of its own. */
#define STREAM_HEAD_NS (60LL * NS_PER_S)
/* Streams a worker keeps for reuse. */
#define STREAM_KEEP 2048

struct trace_context;

/* The values of all fields of one name, as matchers see them. */
struct stream_joined {
	uint16_t first;    /* index of the first field of the name */
	uint16_t n_fields; /* of the head at that time; 0 = none kept here */
	struct slice value;
};

/* A request's body that a filter wants to see first. */
struct stream_gather {
	struct filter *by; /* NULL = nobody any more */
	size_t max;
	struct buf body; /* then what is held */
};

/* A response's fields, for expressions that are evaluated when it is gone; names in small letters. */
struct stream_answer {
	struct http_trailer *head, *trailers;
	size_t n_head, n_trailers;
};

struct stream {
	struct http_leg down, up;
	struct down *conn; /* NULL when it was closed */
	struct worker *worker;
	struct worker_config *wc; /* counted */
	const struct config_hcm *hcm;
	const struct route_table *table;
	const struct route *route;             /* NULL = none found */
	const struct route_weighted *weighted; /* chosen of the route's, or NULL */
	struct list link;                      /* in conn->streams, worker->leaving or worker->free_streams */
	struct corpse corpse;

	/* Upstream. */
	struct cluster *cluster;   /* a user of it */
	struct endpoint *endpoint; /* a reference; of the try under way or the last one */
	struct up *upc;            /* the connection of the try under way */
	struct pool_wait wait;
	const struct route_retry *retry;

	struct timer timeout;     /* of the whole exchange */
	struct timer try_timeout; /* or back-off between tries */
	struct timer request;     /* until the client has sent its head, or all */
	struct timer duration;
	int64_t idle_limit_ns; /* 0 = none */
	int64_t start_ns, request_end_ns, up_start_ns, up_head_ns;
	int64_t active_ns; /* last byte in any direction, for idle */
	uint64_t id_random;

	struct slice method, authority, path; /* of the request as the client sent it (after normalisation) */
	struct slice scheme;
	const struct addr
		*remote; /* the client: the peer, or who trusted proxies say it is (with port 0); NULL = not known */
	struct slice original_path;
	struct slice held;              /* request chunk that waits for the upstream; owned by the down leg's buffer */
	struct shadow *shadows;         /* copies that gather this request */
	struct buf *replay;             /* request body so far, for retries; in the scratch, NULL = none */
	struct stream_gather *gather;   /* in the scratch; NULL = nobody wanted it */
	struct http_trailers *trailers; /* of the request, in the arena; NULL = none came */

	uint64_t request_bytes, response_bytes; /* bodies */
	uint32_t request_head_bytes, response_head_bytes;
	uint32_t flags; /* enum response_flag */
	uint32_t tries, n_retries;
	uint16_t status;
	uint16_t room_used, room_size; /* bytes of room */
	uint8_t outcome;               /* enum outcome */
	uint8_t state;                 /* enum stream_state; see stream_become */
	uint8_t n_tried;
	uint8_t filter; /* index of the next filter */
	uint8_t n_filters;
	uint8_t next_joined;
	int8_t grpc_status;
	bool watched;           /* a filter wants to see the request's body */
	bool held_end, holding; /* held is valid; it is the last */
	bool request_ended;     /* the client has sent all */
	bool request_sent_end;  /* all of it was given to the up leg */
	bool trailers_due;      /* but its trailers, which wait for room */
	bool prepared;          /* the request's head was written once: do not change it twice */
	bool response_ended;
	bool replay_dropped;  /* the body grew too large to be kept for another try */
	bool retry_abandoned; /* which was wanted */
	bool head_request, upgrade, grpc, replayable, counted_request, counted_retry;
	bool finished;                  /* metrics and log are done */
	bool no_request;                /* stands for a connection in the access log */
	struct filter *filters;         /* in the scratch; as hcm's */
	struct grpc_tally *tally;       /* messages of gRPC; NULL of everything else */
	const char *details;            /* response code details, when not the outcome's */
	struct stats_peer *source;      /* what the client said about itself */
	struct stats_peer *destination; /* what the upstream said about itself */
	const char *destination_principal;
	const struct filter_alpn *alpn;    /* NULL = as the cluster says */
	struct slice *log_fields;          /* by hcm's; what logs ask of the response; NULL = none, or none came */
	struct stream_answer *answer;      /* in the arena; NULL = no expression asks for it, or none came */
	const struct trace_context *trace; /* of the request's span; NULL = there is none */
	struct metadata metadata;          /* what filters found out; until they end */
	const char *failure;               /* upstream transport failure reason, "" = none */

	struct stream_joined *joined; /* STREAM_JOINED_MAX, in the scratch; NULL = none was asked for */
	struct slice user_agent, request_id, forwarded_for; /* for the access log */
	struct arena arena;
	char *room; /* where texts go: the scratch, then more */
	char *more; /* of the worker's buffers, BUFFERS_FEW_BYTES; NULL = the scratch was enough */
	struct http_head req, resp;
	struct endpoint *tried[STREAM_TRIED_MAX]; /* n_tried of them; references */
	_Alignas(void *) char scratch[STREAM_SCRATCH_BYTES];
};

/* A request without body takes no more than this while it is under way, what it holds of pools included. */
#define STREAM_BYTES 2048
_Static_assert(sizeof(struct stream) <= STREAM_BYTES, "a thousand of them are 2 MB");

/* The stream's memory is ready for use, and is the worker's; s is zeroed up to its heads. */
void stream_memory_init(struct stream *s, struct worker *w);
/* Gives it back. */
void stream_memory_done(struct stream *s);

/* Memory that lives as long as the stream; not zeroed. */
char *stream_alloc(struct stream *s, size_t n);
/* The same, for anything but text. */
char *stream_alloc_aligned(struct stream *s, size_t n);
/* A copy that lives as long as the stream. */
struct slice stream_copy(struct stream *s, struct slice text);
/* Formatted text that lives as long as the stream; cut at 511 bytes. */
struct slice stream_printf(struct stream *s, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* A decimal number. */
struct slice stream_number(struct stream *s, int64_t n);

/* Normalises and annotates the request. False when a reply was sent. */
bool stream_prepare(struct stream *s);

/* Finds route and weighted cluster. */
void stream_route(struct stream *s);
/* The request as matches see it. */
struct route_request stream_route_request(const struct stream *s);
/* Whether a request that asks for an upgrade, or is a CONNECT, may: as its route says, or else the listener. */
bool stream_upgrade_allowed(const struct stream *s);

/* Runs the filters from s->filter on, then the router. */
void stream_filters(struct stream *s);
/* Goes on after a filter that paused, and reads the request again; nothing when the stream ended or is not paused. */
void stream_filters_resume(struct stream *s);
/* The configuration of a filter kind for this request: the route's override or def; NULL = disabled or none. */
const void *stream_filter_config(const struct stream *s, enum filter_kind kind, const void *def);
/* Makes them for this exchange; its request's head is there. */
void stream_filters_make(struct stream *s);
/* A part of the request's body, or its trailers, pass by the filters; false when one of them has answered. */
bool stream_filters_data(struct stream *s, struct slice data, bool end);
bool stream_filters_trailers(struct stream *s, const struct http_trailers *t);
/* A part of the body for the filter that gathers it; end = the last. */
void stream_filters_gather(struct stream *s, struct slice data, bool end);
/* A try is about to be sent to s->endpoint. */
void stream_filters_try(struct stream *s);
/* What filters do with the upstream's head when it comes. */
void stream_filters_answer(struct stream *s, struct http_head *h);
/* What filters do to the response head. */
void stream_filters_response(struct stream *s, struct http_head *h);
/* The exchange is over: they account for it, and go. */
void stream_filters_end(struct stream *s);

/* Keeps what logs ask of the response's head, which they are written after; or of its trailers. */
void stream_keep_head(struct stream *s, const struct http_head *h);
void stream_keep_trailers(struct stream *s, const struct http_trailers *t);
/* What was kept of it; empty: nothing. */
struct slice stream_kept(const struct stream *s, struct slice name, bool trailer);

/* The router: sends the request to an endpoint. */
void stream_router(struct stream *s);
/* A chunk of the request body; HTTP_HELD when the router keeps it. */
enum http_flow stream_router_data(struct stream *s, struct slice data, bool end);
/* The request ends with trailers, which are kept in s->trailers. */
void stream_router_trailers(struct stream *s);
/* Lets go of the upstream, whatever state it is in. */
void stream_router_drop(struct stream *s);
/* Another try (from the back-off timer). */
void stream_router_again(struct stream *s);

/*
 * A try failed before the response's head, or gave a head with status (outcome OUTCOME_OK). True when another try was
 * begun or scheduled.
 */
bool stream_retry(struct stream *s, enum outcome why, unsigned status);

/* Replies with what the outcome's row says. The stream may be gone afterwards. */
void stream_reply(struct stream *s, enum outcome o);
/* Answers in the upstream's place, with the status and flags of the outcome; nothing when a response has begun or
 * the client is gone. The stream may be gone afterwards. */
void stream_reply_with(struct stream *s, const struct reply *r);

/* Sends the response head in s->resp or a local one, after the common changes. end = no body. */
void stream_respond(struct stream *s, struct http_head *h, bool end, bool local);

/* Everything is known: metrics, access log. Idempotent. */
void stream_finish(struct stream *s);

/* Adds fields to a head, as the configuration has them. */
void stream_headers_add(struct stream *s, struct http_head *h, const struct route_header_add *v, size_t n);
/* Applies header operations of route, virtual host and table to a request or response. */
void stream_headers_request(struct stream *s);
/* The same for the response. */
void stream_headers_response(struct stream *s, struct http_head *h);

/* The value of the cookie that a hash rule names: the client's, or the one that it will be given; ptr NULL = none. */
struct slice stream_cookie(struct stream *s, const struct route_hash *rule);
/* Hands out the cookies that the route's hash rules ask for and the client has not. */
void stream_cookies_response(struct stream *s, struct http_head *h);

/* The exchange ends when nothing moves for this long; 0 = never. Its client is still there. */
void stream_set_idle(struct stream *s, int64_t limit_ns);

/* The client is served and left, its upstream is not through: the same limit goes on. */
void stream_watch_leaving(struct stream *s);

/* One direction of a tunnel has ended: the other is not waited for without end. */
void stream_half_closed(struct stream *s);

/* The response cannot be finished: the client sees it cut off. The stream has ended. */
void stream_cut(struct stream *s);

/* Both legs are off: nothing can call in any more; it is freed at the end of the turn. Idempotent. */
void stream_end(struct stream *s);

/* ---- between router.c and upstream.c ---- */

extern const struct http_leg_ops stream_up_ops;

/* The try is over as far as accounts are concerned; the connection is somebody else's already. */
void stream_leave_endpoint(struct stream *s);
/* The same, and its timer is stopped. */
void stream_close_account(struct stream *s);
/* Gives back what the request holds of the cluster's limits. */
void stream_close_request(struct stream *s);
/* The try failed before the response's head: another one, or a reply. */
void stream_try_failed(struct stream *s, enum outcome why);
/* Chooses an endpoint and asks for a connection. */
void stream_begin_try(struct stream *s);
/* What waits in the downstream's buffer goes out. */
void stream_push_held(struct stream *s);

/* A response's head has gone to the client, or nobody is there any more. */
static inline bool stream_answered(const struct stream *s)
{
	return s->state >= STREAM_ANSWERING;
}

/* A filter wants to see the request's body before it goes on. */
static inline bool stream_gathering(const struct stream *s)
{
	return s->gather && s->gather->by;
}

static inline bool stream_has_body(const struct stream *s)
{
	return s->req.framing != HTTP_BODY_NONE;
}

/* Of the try under way or the last one; NULL: none was chosen. */
static inline struct endpoint *stream_last_endpoint(const struct stream *s)
{
	return s->endpoint ? s->endpoint : s->n_tried ? s->tried[s->n_tried - 1] : NULL;
}

static inline int64_t stream_start_unix_ns(const struct stream *s)
{
	return clock_wall_ns() - (loop_now_ns(s->worker->loop) - s->start_ns);
}

/* Whether the router's own x-envoy-... fields are wanted. It is always the last filter. */
static inline bool stream_tells(const struct stream *s)
{
	const struct filter_router *r = s->hcm->filters[s->hcm->n_filters - 1].config;

	return !r->suppress_envoy_headers;
}

/* Replies with what the route's redirect says. */
void stream_redirect(struct stream *s);
/* The same address with https. */
void stream_redirect_to_https(struct stream *s);

#endif
