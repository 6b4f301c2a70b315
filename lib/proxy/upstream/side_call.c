/* A call owns copies of all it sends; failures are told at the end of the turn, so that no caller hears inside its own.
 */
#include "proxy/upstream/side_call.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/mem.h"
#include "grpc/call.h"
#include "grpc/message.h"
#include "proxy/core/grpc.h"
#include "proxy/upstream/pool.h"

/* How often it is sent, when the first time was nobody's fault. */
#define TRIES_MAX 2

enum side_state {
	SIDE_NEW,     /* its head is being made */
	SIDE_WAITING, /* for a connection */
	SIDE_SENT,    /* for the answer */
	SIDE_FAILED,  /* the caller hears of it at the end of the turn */
	SIDE_TOLD     /* the caller has heard; the exchange may still be under way */
};

struct side_call {
	struct list link; /* in worker->side_calls */
	struct worker *worker;
	struct worker_config *wc;
	struct cluster *cluster; /* a user of it; NULL until it is sent */
	struct http_leg leg;
	struct pool_wait wait;
	struct endpoint *endpoint; /* a reference; of the try under way */
	struct up *up;
	struct timer timeout;
	struct task tell;
	struct corpse corpse;
	struct arena arena; /* the head's texts */
	struct buf body, answer;
	struct buf message; /* grpc-message */
	struct side_params params;
	uint32_t slot;
	uint8_t state; /* enum side_state */
	uint8_t why;   /* enum outcome, of a failure */
	uint8_t tries;
	bool grpc, counted;
	int grpc_status; /* -1 = none came yet */
	char error[128];
	struct http_head req, resp;
};

static const struct http_leg_ops ops;

static void side_free(struct corpse *corpse)
{
	struct side_call *c = CONTAINER_OF(corpse, struct side_call, corpse);

	arena_done(&c->arena);
	buf_done(&c->body);
	buf_done(&c->answer);
	buf_done(&c->message);
	http_head_done(&c->req);
	http_head_done(&c->resp);
	worker_config_put(c->wc);
	free(c);
}

/* The try is over. */
static void leave_endpoint(struct side_call *c)
{
	pool_cancel(&c->wait);
	if (c->leg.conn)
		http_leg_reset(&c->leg);
	c->up = NULL;
	if (!c->endpoint)
		return;
	endpoint_count(c->endpoint, -1);
	c->cluster->counters.rq_active--;
	endpoint_put(take(c->endpoint));
}

static void leave_cluster(struct side_call *c)
{
	leave_endpoint(c);
	if (c->counted)
		breaker_give(c->cluster->breaker, BREAKER_REQUESTS);
	c->counted = false;
	cluster_leave(take(c->cluster));
}

static void side_end(struct side_call *c)
{
	timer_stop(&c->timeout);
	task_cancel(&c->tell);
	leave_cluster(c);
	list_remove(&c->link);
	assert(c->worker->n_side_calls > 0);
	c->worker->n_side_calls--;
	worker_bury(c->worker, &c->corpse, side_free);
}

void side_call_cancel(struct side_call *c)
{
	if (!c)
		return;
	assert(c->state != SIDE_TOLD);
	side_end(c);
}

void side_calls_done(struct worker *w)
{
	while (!list_empty(&w->side_calls))
		side_end(LIST_FIRST(&w->side_calls, struct side_call, link));
}

/* ---- making ---- */

struct side_call *side_call_new(struct worker *w, struct worker_config *wc, uint32_t slot)
{
	struct side_call *c = NEW(struct side_call);

	c->worker = w;
	c->wc = worker_config_get(wc);
	c->slot = slot;
	c->grpc_status = -1;
	list_append(&w->side_calls, &c->link);
	w->n_side_calls++;
	return c;
}

struct http_head *side_call_head(struct side_call *c)
{
	return &c->req;
}

struct slice side_call_copy(struct side_call *c, struct slice text)
{
	return slice_make(arena_slicedup(&c->arena, text), text.len);
}

void side_call_grpc(struct side_call *c, struct slice authority, struct slice path)
{
	struct http_head *h = &c->req;

	c->grpc = true;
	h->method = SLICE("POST");
	h->method_id = HTTP_POST;
	h->target = side_call_copy(c, path);
	http_add(h, SLICE("host"), side_call_copy(c, authority));
	http_add(h, SLICE("content-type"), SLICE("application/grpc"));
	http_add(h, SLICE("te"), SLICE("trailers"));
}

/* ---- telling ---- */

static int failure_status(enum outcome why)
{
	return why == OUTCOME_TIMEOUT ? GRPC_DEADLINE_EXCEEDED : GRPC_UNAVAILABLE;
}

static void on_tell(struct task *t)
{
	struct side_call *c = CONTAINER_OF(t, struct side_call, tell);
	struct side_answer a = {.outcome = c->why, .error = c->error, .grpc_status = -1};

	assert(c->state == SIDE_FAILED);
	if (c->grpc)
		a.grpc_status = failure_status(c->why);
	c->state = SIDE_TOLD;
	c->params.on_answer(c->params.arg, &a);
	side_end(c);
}

static void fail(struct side_call *c, enum outcome why, const char *error)
{
	assert(c->state == SIDE_WAITING || c->state == SIDE_SENT);
	c->state = SIDE_FAILED;
	c->why = (uint8_t)why;
	snprintf(c->error, sizeof(c->error), "%s", error);
	timer_stop(&c->timeout);
	leave_cluster(c);
	task_defer(c->worker->loop, &c->tell, on_tell);
}

/* The one message of a unary call. False: it is none. */
static bool unwrap(struct side_call *c, struct slice *ret)
{
	struct grpc_reader r = {.max = c->answer.len};
	struct slice message;
	bool ok;

	grpc_reader_add(&r, buf_slice(&c->answer));
	ok = grpc_reader_next(&r, &message) == 1 && grpc_reader_empty(&r);
	if (ok)
		*ret = side_call_copy(c, message);
	grpc_reader_done(&r);
	return ok;
}

/* What an answer without its own status stands for. */
static int missing_status(const struct side_call *c)
{
	return c->resp.status == 200 ? GRPC_UNKNOWN : grpc_status_from_http(c->resp.status);
}

/* All of the answer is there. */
static void answered(struct side_call *c)
{
	struct side_answer a = {.error = "", .head = &c->resp, .body = buf_slice(&c->answer), .grpc_status = -1};

	assert(c->state == SIDE_SENT);
	endpoint_report(c->endpoint, outlier_result_of_status(c->resp.status));
	if (c->grpc) {
		a.grpc_status = c->grpc_status >= 0 ? c->grpc_status : missing_status(c);
		a.grpc_message = buf_slice(&c->message);
		a.body = slice_make("", 0);
		if (a.grpc_status == GRPC_OK && !unwrap(c, &a.body)) {
			fail(c, OUTCOME_UPSTREAM_PROTOCOL, "the answer is not one message of gRPC");
			return;
		}
	}
	c->state = SIDE_TOLD;
	timer_stop(&c->timeout);
	c->params.on_answer(c->params.arg, &a);
	/* Quicker than the request's end: nobody needs the rest of it. Else on_done follows. */
	if (c->leg.conn && http_leg_busy(&c->leg))
		side_end(c);
}

/* ---- sending ---- */

static void begin_try(struct side_call *c);

/* Whether nobody has looked at the request, and it may go once more. */
static bool again(struct side_call *c, enum http_reset why)
{
	bool stale = why == HTTP_RESET_PEER && c->up && c->up->http.requests > 1;

	if (c->resp.status || c->tries >= TRIES_MAX || (!stale && why != HTTP_RESET_REFUSED))
		return false;
	leave_endpoint(c);
	c->state = SIDE_WAITING;
	begin_try(c);
	return true;
}

static void on_timeout(struct timer *t)
{
	struct side_call *c = CONTAINER_OF(t, struct side_call, timeout);

	c->cluster->counters.rq_timeout++;
	if (c->endpoint)
		endpoint_report(c->endpoint, OUTLIER_GATEWAY);
	fail(c, OUTCOME_TIMEOUT, "timeout");
}

static void on_ready(struct pool_wait *w, struct up *up)
{
	struct side_call *c = CONTAINER_OF(w, struct side_call, wait);
	bool body = c->req.framing != HTTP_BODY_NONE;

	c->up = up;
	c->state = SIDE_SENT;
	http_clear(&c->resp);
	c->leg = (struct http_leg){.ops = &ops, .head = &c->resp};
	http_conn_begin(&up->http, &c->leg);
	if (!http_leg_head(&c->leg, &c->req, !body)) {
		fail(c, OUTCOME_REQUEST_HEAD, "the request's head is too large");
		return;
	}
	if (body)
		(void)http_leg_data(&c->leg, buf_slice(&c->body), true);
}

static void on_failed(struct pool_wait *w, enum outcome why, const char *error)
{
	fail(CONTAINER_OF(w, struct side_call, wait), why, error);
}

static void begin_try(struct side_call *c)
{
	c->endpoint = cluster_pick(c->cluster, &(struct cluster_ask){0});
	if (!c->endpoint) {
		fail(c, OUTCOME_NO_HEALTHY, "no healthy upstream");
		return;
	}
	c->tries++;
	endpoint_count(c->endpoint, 1);
	c->cluster->counters.rq_active++;
	c->cluster->counters.rq_total++;
	c->wait.on_ready = on_ready;
	c->wait.on_failed = on_failed;
	c->wait.downstream_http2 = c->grpc;
	c->wait.server_name = http_get_id(&c->req, HTTP_NAME_HOST);
	if (pool_ask(c->endpoint, &c->wait) == OUTCOME_OVERFLOW)
		fail(c, OUTCOME_OVERFLOW, "overflow");
}

static void set_body(struct side_call *c, struct slice body)
{
	struct http_head *h = &c->req;
	char prefix[GRPC_PREFIX_BYTES];

	h->version = HTTP_11;
	h->framing = body.len ? HTTP_BODY_LENGTH : HTTP_BODY_NONE;
	if (c->grpc) {
		h->framing = HTTP_BODY_OPEN;
		grpc_prefix((uint32_t)body.len, false, prefix);
		buf_append(&c->body, prefix, sizeof(prefix));
	}
	buf_append_slice(&c->body, body);
	h->length = c->body.len;
	if (body.len && !c->grpc)
		http_set(h, SLICE("content-length"), slice_str(arena_printf(&c->arena, "%zu", body.len)));
}

static bool take_request(struct side_call *c)
{
	uint32_t limit = breaker_request_limit(&c->cluster->spec->breakers);

	if (!breaker_take(c->cluster->breaker, BREAKER_REQUESTS, limit)) {
		c->cluster->counters.rq_pending_overflow++;
		return false;
	}
	c->counted = limit != UINT32_MAX;
	return true;
}

void side_call_send(struct side_call *c, struct slice body, const struct side_params *p)
{
	assert(c->state == SIDE_NEW && p->on_answer);
	c->params = *p;
	if (!c->params.max_answer_bytes)
		c->params.max_answer_bytes = SIDE_ANSWER_MAX_BYTES;
	c->state = SIDE_WAITING;
	set_body(c, body);
	c->cluster = cluster_use(cluster_get(c->worker, c->wc->config, c->slot));
	if (!c->cluster) {
		fail(c, OUTCOME_NO_CLUSTER, "no such cluster");
		return;
	}
	if (c->worker->n_side_calls > SIDE_CALLS_MAX || !take_request(c)) {
		fail(c, OUTCOME_OVERFLOW, "overflow");
		return;
	}
	if (p->timeout_ns)
		timer_start_ns(c->worker->loop, &c->timeout, p->timeout_ns, on_timeout);
	begin_try(c);
}

/* ---- the answer ---- */

static void learn_status(struct side_call *c, struct slice name, struct slice value)
{
	if (slice_eq_nocase(name, SLICE("grpc-status"))) {
		c->grpc_status = grpc_status_parse(value);
	} else if (slice_eq_nocase(name, SLICE("grpc-message"))) {
		buf_clear(&c->message);
		grpc_text_decode(value, &c->message);
	}
}

static void on_headers(struct http_leg *leg, bool end)
{
	struct side_call *c = CONTAINER_OF(leg, struct side_call, leg);
	unsigned class = c->resp.status / 100;

	if (class < 6)
		c->cluster->counters.rq_xx[class]++;
	for (int i = 0; c->grpc && i < c->resp.n_fields; i++)
		learn_status(c, http_field_name(&c->resp.fields[i]), http_field_value(&c->resp.fields[i]));
	if (end)
		answered(c);
}

static enum http_flow on_data(struct http_leg *leg, struct slice data, bool end)
{
	struct side_call *c = CONTAINER_OF(leg, struct side_call, leg);

	if (buf_try_append(&c->answer, data.ptr, data.len, c->params.max_answer_bytes) < 0)
		fail(c, OUTCOME_UPSTREAM_PROTOCOL, "the answer is too large");
	else if (end)
		answered(c);
	return HTTP_GO;
}

static void on_trailers(struct http_leg *leg, const struct http_trailers *t)
{
	struct side_call *c = CONTAINER_OF(leg, struct side_call, leg);

	for (size_t i = 0; c->grpc && i < t->n; i++)
		learn_status(c, t->v[i].name, t->v[i].value);
	answered(c);
}

static void on_nothing(struct http_leg *leg)
{
	(void)leg;
}

static void on_bad(struct http_leg *leg, int err)
{
	(void)leg;
	(void)err;
}

static void on_reset(struct http_leg *leg, enum http_reset why)
{
	static const enum outcome means[] = {
		[HTTP_RESET_PEER] = OUTCOME_UPSTREAM_CLOSED,
		[HTTP_RESET_PROTOCOL] = OUTCOME_UPSTREAM_PROTOCOL,
		[HTTP_RESET_REMOTE] = OUTCOME_UPSTREAM_RESET,
		[HTTP_RESET_REFUSED] = OUTCOME_UPSTREAM_REFUSED,
	};
	struct side_call *c = CONTAINER_OF(leg, struct side_call, leg);

	c->cluster->counters.rq_rx_reset++;
	if (c->state == SIDE_TOLD) {
		side_end(c);
		return;
	}
	if (again(c, why))
		return;
	endpoint_report(c->endpoint, OUTLIER_GATEWAY);
	fail(c, means[why], outcome_row(means[why])->reason);
}

static void on_done(struct http_leg *leg, bool reusable)
{
	struct side_call *c = CONTAINER_OF(leg, struct side_call, leg);
	struct up *up = take(c->up);

	assert(c->state == SIDE_TOLD);
	leave_cluster(c);
	pool_release(up, reusable);
	side_end(c);
}

static const struct http_leg_ops ops = {
	.on_headers = on_headers,
	.on_data = on_data,
	.on_trailers = on_trailers,
	.on_room = on_nothing,
	.on_pause = on_nothing,
	.on_bad = on_bad,
	.on_reset = on_reset,
	.on_done = on_done,
};
