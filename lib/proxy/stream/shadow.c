/* A shadow owns copies of all it sends; the stream may be long gone. */
#include "proxy/stream/shadow.h"

#include <stdlib.h>

#include "base/mem.h"

struct shadow {
	struct list link;    /* in worker->shadows */
	struct shadow *next; /* of the same stream, while gathering */
	struct worker *worker;
	struct worker_config *wc;
	struct http_leg leg;
	struct pool_wait wait;
	struct endpoint *endpoint; /* a reference */
	struct up *up;
	struct timer timeout;
	struct corpse corpse;
	struct arena arena; /* the head's text */
	struct buf body;
	bool dropped; /* the body grew too large */
	uint32_t slot;
	struct http_head req, resp;
};

static const struct http_leg_ops ops;

static void shadow_free(struct corpse *c)
{
	struct shadow *sh = CONTAINER_OF(c, struct shadow, corpse);

	arena_done(&sh->arena);
	buf_done(&sh->body);
	http_head_done(&sh->req);
	http_head_done(&sh->resp);
	worker_config_put(sh->wc);
	free(sh);
}

static void shadow_end(struct shadow *sh)
{
	timer_stop(&sh->timeout);
	pool_cancel(&sh->wait);
	if (sh->leg.conn)
		http_leg_reset(&sh->leg);
	if (sh->endpoint) {
		endpoint_count(sh->endpoint, -1);
		endpoint_put(take(sh->endpoint));
	}
	list_remove(&sh->link);
	sh->worker->n_shadows--;
	worker_bury(sh->worker, &sh->corpse, shadow_free);
}

/* ---- gathering ---- */

/* "host-shadow", before the port: so that an application can tell. */
static struct slice shadow_host(struct shadow *sh, struct slice host)
{
	ptrdiff_t colon = slice_rfind(host, ':');
	struct slice port = {"", 0};

	if (colon > 0 && host.ptr[host.len - 1] != ']') {
		port = slice_from(host, (size_t)colon);
		host.len = (size_t)colon;
	}
	return slice_str(arena_printf(&sh->arena, "%.*s-shadow%.*s", SLICE_ARG(host), SLICE_ARG(port)));
}

static struct slice copy(struct shadow *sh, struct slice text)
{
	return slice_make(arena_slicedup(&sh->arena, text), text.len);
}

static void copy_head(struct shadow *sh, struct stream *s)
{
	struct http_head *to = &sh->req;
	struct slice host = http_get_id(&s->req, HTTP_NAME_HOST);

	to->method = copy(sh, s->req.method);
	to->target = copy(sh, s->req.target);
	to->method_id = s->req.method_id;
	to->framing = s->req.framing;
	to->version = HTTP_11;
	for (int i = 0; i < s->req.n_fields; i++) {
		const struct http_field *f = &s->req.fields[i];

		if (f->name_len && f->id != HTTP_NAME_HOST)
			http_add(to, copy(sh, http_field_name(f)), copy(sh, http_field_value(f)));
	}
	http_add(to, SLICE("host"), shadow_host(sh, host));
}

static void shadow_new(struct stream *s, const struct route_mirror *m)
{
	struct shadow *sh = NEW(struct shadow);

	sh->worker = s->worker;
	sh->wc = worker_config_get(s->wc);
	sh->slot = m->cluster.slot;
	copy_head(sh, s);
	sh->next = s->shadows;
	s->shadows = sh;
	list_append(&s->worker->shadows, &sh->link);
	s->worker->n_shadows++;
}

void shadows_new(struct stream *s)
{
	for (size_t i = 0; i < s->route->n_mirrors; i++) {
		const struct route_mirror *m = &s->route->mirrors[i];

		if (m->fraction.denominator && !route_fraction_hit(m->fraction, rand_next(&s->worker->rand)))
			continue;
		if (s->upgrade)
			continue;
		if (s->worker->n_shadows < SHADOW_MAX)
			shadow_new(s, m);
		else
			s->cluster->counters.rq_abandoned++;
	}
}

void shadows_data(struct stream *s, struct slice data)
{
	for (struct shadow *sh = s->shadows; sh; sh = sh->next) {
		if (sh->dropped || buf_try_append(&sh->body, data.ptr, data.len, SHADOW_BODY_MAX_BYTES) == 0)
			continue;
		sh->dropped = true;
		s->cluster->counters.rq_abandoned++;
	}
}

/* ---- sending ---- */

static void on_timeout(struct timer *t)
{
	shadow_end(CONTAINER_OF(t, struct shadow, timeout));
}

static void on_ready(struct pool_wait *w, struct up *up)
{
	struct shadow *sh = CONTAINER_OF(w, struct shadow, wait);
	bool body = sh->req.framing != HTTP_BODY_NONE;

	sh->up = up;
	sh->leg = (struct http_leg){.ops = &ops, .head = &sh->resp};
	http_conn_begin(&up->http, &sh->leg);
	if (!http_leg_head(&sh->leg, &sh->req, !body)) {
		shadow_end(sh);
		return;
	}
	if (body)
		(void)http_leg_data(&sh->leg, buf_slice(&sh->body), true);
}

static void on_failed(struct pool_wait *w, enum outcome why, const char *error)
{
	(void)why;
	(void)error;
	shadow_end(CONTAINER_OF(w, struct shadow, wait));
}

static void shadow_send(struct shadow *sh)
{
	struct cluster *c = cluster_get(sh->worker, sh->wc->config, sh->slot);

	sh->endpoint = c ? cluster_pick(c, &(struct cluster_ask){0}) : NULL;
	if (!sh->endpoint) {
		shadow_end(sh);
		return;
	}
	endpoint_count(sh->endpoint, 1);
	timer_start_ns(sh->worker->loop, &sh->timeout, SHADOW_TIMEOUT_NS, on_timeout);
	sh->wait.on_ready = on_ready;
	sh->wait.on_failed = on_failed;
	sh->wait.server_name = http_get_id(&sh->req, HTTP_NAME_HOST);
	if (pool_ask(sh->endpoint, &sh->wait) == OUTCOME_OVERFLOW)
		shadow_end(sh);
}

void shadows_send(struct stream *s)
{
	while (s->shadows) {
		struct shadow *sh = s->shadows;

		s->shadows = sh->next;
		if (s->request_sent_end && !sh->dropped && !s->worker->ending)
			shadow_send(sh);
		else
			shadow_end(sh);
	}
}

void shadows_done(struct worker *w)
{
	while (!list_empty(&w->shadows))
		shadow_end(LIST_FIRST(&w->shadows, struct shadow, link));
}

/* ---- an answer nobody reads ---- */

static void on_headers(struct http_leg *leg, bool end)
{
	(void)leg;
	(void)end;
}

static enum http_flow on_data(struct http_leg *leg, struct slice data, bool end)
{
	(void)leg;
	(void)data;
	(void)end;
	return HTTP_GO;
}

static void on_trailers(struct http_leg *leg, const struct http_trailers *t)
{
	(void)leg;
	(void)t;
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
	(void)why;
	shadow_end(CONTAINER_OF(leg, struct shadow, leg));
}

static void on_done(struct http_leg *leg, bool reusable)
{
	struct shadow *sh = CONTAINER_OF(leg, struct shadow, leg);

	pool_release(sh->up, reusable);
	shadow_end(sh);
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
