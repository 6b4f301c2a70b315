/*
 * A request of the proxy's own, through a cluster as a stream's: balanced, over its pools, with its limits and
 * counters. HTTP of any version, or one unary call of gRPC. What a filter asks of a service (authorization, rate
 * limits, keys) before it goes on. The worker's thread only.
 *
 *   c = side_call_new(w, wc, slot);
 *   side_call_grpc(c, authority, SLICE("/package.Service/Method"));       or fill side_call_head(c)
 *   side_call_send(c, message, &params);
 *   ... params.on_answer once, never inside these functions; or side_call_cancel(c) and then never
 */
#ifndef PROXY_SIDE_CALL_H
#define PROXY_SIDE_CALL_H

#include "proxy/upstream/cluster.h"

/* Of one worker at once; beyond, calls fail with OUTCOME_OVERFLOW. */
#define SIDE_CALLS_MAX 8192
/* Of an answer's body, where the caller has no limit of its own. */
#define SIDE_ANSWER_MAX_BYTES (1024 * 1024)

struct side_call;

/* All of it is valid inside on_answer. */
struct side_answer {
	enum outcome outcome;         /* OUTCOME_OK: an answer came, whatever it says */
	const char *error;            /* why there is none, "" when nothing is known */
	const struct http_head *head; /* NULL = none came */
	struct slice body;            /* all of it; of gRPC the message, empty unless grpc_status is 0 */
	int grpc_status;              /* of gRPC: enum grpc_status, also that of a failure here; -1 for HTTP */
	struct slice grpc_message;    /* its text, decoded */
};

struct side_params {
	int64_t timeout_ns;      /* for everything, the connection included; 0 = for ever */
	size_t max_answer_bytes; /* of the answer's body; 0 = SIDE_ANSWER_MAX_BYTES. More is OUTCOME_UPSTREAM_PROTOCOL
				  */
	/* The call is over, and gone when this returns. */
	void (*on_answer)(void *arg, const struct side_answer *a);
	void *arg;
};

/* A call to the cluster of this slot in wc's configuration (there need be none: then it fails). Ends by
 * side_call_send's on_answer or by side_call_cancel. */
struct side_call *side_call_new(struct worker *w, struct worker_config *wc, uint32_t slot);

/* Its request's head, empty: method (with method_id), target, host and fields are the caller's to set. Framing and
 * Content-Length are not. Texts must live as long as the call: side_call_copy. */
struct http_head *side_call_head(struct side_call *c);

/* A copy that lives as long as the call. */
struct slice side_call_copy(struct side_call *c, struct slice text);

/* It is a call of gRPC to this path ("/package.Service/Method"); both texts are copied. More fields may be added. */
void side_call_grpc(struct side_call *c, struct slice authority, struct slice path);

/* Sends it, with this body or message, which is copied. A kept connection that was closed just then is tried once more,
 * as is what the peer says it has not looked at. */
void side_call_send(struct side_call *c, struct slice body, const struct side_params *p);

/* Gives it up, sent or not: on_answer does not follow. NULL is fine. Not after on_answer has begun. */
void side_call_cancel(struct side_call *c);

/* Ends all of a worker; no on_answer follows. Before its clusters go. */
void side_calls_done(struct worker *w);

#endif
