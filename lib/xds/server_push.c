/*
 * What sessions are sent. A session is pushed by a task, so that many reasons in one turn make one comparison; it
 * compares the types that there is a reason for, and what it says leaves before the next session's turn.
 * One response per type is under way at a time; the next difference goes out when it was answered.
 */
#include "base/clock.h"
#include "xds/server_internal.h"
#include "xds/wire.h"

#define ANSWERS_TICK_MS 200 /* what one session was sent may be what the next ones need */
#define ALL_TYPES (xds_bit(XDS_TYPE_COUNT) - 1)

void xds_put_field(struct buf *b, unsigned field, struct slice bytes)
{
	size_t len = bytes.len;

	buf_append_char(b, (char)(field << 3 | WIRE_BYTES));
	for (; len >= 0x80; len >>= 7)
		buf_append_char(b, (char)(len | 0x80));
	buf_append_char(b, (char)len);
	buf_append_slice(b, bytes);
}

/*
 * What of a response is the session's own: version_info = 1, type_url = 4, nonce = 5, control_plane = 6 (7 in delta)
 * with identifier = 1. The rest is the answer's.
 */
static void put_own(const struct xds_session *s, enum xds_type type, const char *version, const char *nonce,
		    struct buf *out)
{
	buf_clear(out);
	xds_put_field(out, 1, slice_str(version));
	xds_put_field(out, 4, slice_str(xds_type_url(type)));
	xds_put_field(out, 5, slice_str(nonce));
	xds_put_field(out, s->delta ? 7 : 6, buf_slice(&s->server->plane));
}

/*
 * A cluster that changed is a new cluster to its peer, which waits for endpoints even when those are the same: they are
 * sent again.
 */
static void renew_endpoints(struct xds_session *s, const struct xds_answer *ans)
{
	struct ads_sub *eds = s->subs[XDS_ENDPOINT];
	struct xds_diff walk = {0};
	struct xds_resource *was, *now;

	while (eds && eds->active && xds_diff_next(&walk, ans->held, ans->set, &was, &now))
		if (now)
			ads_renew(eds, now->name);
	if (!eds)
		return;
	s->due |= xds_bit(XDS_ENDPOINT);
	xds_sub_changed(s, XDS_ENDPOINT);
}

static void send_parts(struct xds_session *s, struct slice own, struct xds_answer *ans)
{
	struct shared_bytes *packed = s->compresses ? xds_answer_packed(ans) : NULL;

	if (packed)
		grpc_call_send_compressed(s->call, own, packed);
	else
		grpc_call_send_shared(s->call, own, xds_answer_wire(ans));
}

#define NONCE_BYTES 17 /* a number in hexadecimal, and a NUL */

static void print_nonce(uint64_t n, char out[NONCE_BYTES])
{
	int digits = 1;

	while (digits < NONCE_BYTES - 1 && n >> 4 * digits)
		digits++;
	out[digits] = 0;
	for (; digits; n >>= 4)
		out[--digits] = "0123456789abcdef"[n & 15];
}

static void send_answer(struct xds_session *s, enum xds_type type, struct xds_answer *ans)
{
	const struct xds_server_params *p = &s->server->p;
	const char *version = p->version ? p->version(p->user) : ans->set->version;
	struct buf *own = &s->server->own;
	char nonce[NONCE_BYTES];

	print_nonce(++s->nonce, nonce);
	put_own(s, type, version, nonce, own);
	send_parts(s, buf_slice(own), ans);
	if (type == XDS_CLUSTER && !s->delta)
		renew_endpoints(s, ans);
	ads_sent(s->subs[type], ans->set, nonce);
}

/* True while listeners or routes that the peer uses may still refer to clusters of before. */
static bool references_pending(struct xds_session *s)
{
	static const enum xds_type types[] = {XDS_LISTENER, XDS_ROUTE};

	for (size_t i = 0; i < ARRAY_LEN(types); i++) {
		const struct ads_sub *sub = xds_sub_of(s, types[i]);
		const struct xds_set *set;

		if (!sub->active)
			continue;
		if (sub->waiting || sub->always || sub->dirty)
			return true;
		set = s->server->p.ops->set(s->server->p.user, s, types[i], sub);
		if (set && set->hash != sub->seen_hash)
			return true;
	}
	return false;
}

static void tell_sent(struct xds_session *s, enum xds_type type, const struct xds_answer *ans, int64_t start_ns)
{
	const struct xds_server_params *p = &s->server->p;

	if (p->ops->on_sent)
		p->ops->on_sent(p->user, s, type, ans->bytes, clock_mono_ns() - start_ns);
}

static void on_forget(struct timer *t)
{
	struct xds_server *s = CONTAINER_OF(t, struct xds_server, forget);

	if (xds_answers_age(&s->answers))
		timer_start(s->loop, &s->forget, ANSWERS_TICK_MS, on_forget);
}

/* Compares, and sends what differs. True when something was sent. */
static bool answer(struct xds_session *s, enum xds_type type, struct xds_set *set)
{
	const int64_t start_ns = clock_mono_ns();
	struct xds_server *server = s->server;
	struct ads_sub *sub = s->subs[type];
	CLEANUP(xds_answer_unrefp) struct xds_answer *ans = NULL;

	if (!ads_due(sub, set))
		return false;
	ans = xds_answers_get(&server->answers, sub, s->delta, set);
	if (!timer_active(&server->forget))
		timer_start(server->loop, &server->forget, ANSWERS_TICK_MS, on_forget);
	if (!ans->a.send) {
		ads_unchanged(sub, set);
		return false;
	}
	send_answer(s, type, ans);
	tell_sent(s, type, ans, start_ns);
	return true;
}

/* True when something was sent. */
static bool push_type(struct xds_session *s, enum xds_type type)
{
	struct ads_sub *sub = s->subs[type];
	struct xds_set *set = s->server->p.ops->set(s->server->p.user, s, type, sub);
	CLEANUP(xds_set_unrefp) struct xds_set *kept = NULL;
	bool sent;

	if (!set)
		return false;
	if (type == XDS_CLUSTER && sub->held && set != sub->held && references_pending(s))
		kept = xds_answers_with_leaving(&s->server->answers, set, sub->held);
	if (kept)
		s->held_back = true;
	sent = answer(s, type, kept ? kept : set);
	if (s->held_back && type == XDS_CLUSTER)
		sub->dirty = true;
	return sent;
}

bool xds_session_due(struct xds_session *s, enum xds_type type)
{
	struct ads_sub *sub = s->subs[type];
	struct xds_set *set = s->server->p.ops->set(s->server->p.user, s, type, sub);

	return set && ads_due(sub, set);
}

/* The types that are due, in their order: what one of them brings up comes after it. */
static bool push_due(struct xds_session *s)
{
	bool sent = false;

	for (int type = 0; s->due >> type; type++) {
		if (!(s->due & xds_bit(type)))
			continue;
		s->due &= ~xds_bit(type);
		if (!xds_sub_of(s, type)->active || s->subs[type]->waiting || !grpc_call_writable(s->call))
			continue; /* an answer of the peer's, or room, makes it due again */
		sent |= push_type(s, type);
		xds_sub_changed(s, type);
	}
	return sent;
}

static void on_push(struct task *t)
{
	struct xds_session *s = CONTAINER_OF(t, struct xds_session, push);
	bool sent;

	if (!s->server || !s->connected)
		return;
	if (s->held_back)
		s->due |= xds_bit(XDS_CLUSTER);
	s->held_back = false;
	sent = push_due(s);
	if (s->held_back && !s->subs[XDS_CLUSTER]->waiting && !references_pending(s))
		xds_session_push(s); /* nothing referred to them after all */
	if (sent)
		grpc_call_flush(s->call);
	else if (s->server->p.ops->on_settled && xds_session_synced(s))
		s->server->p.ops->on_settled(s->server->p.user, s);
}

void xds_session_push_types(struct xds_session *s, unsigned types)
{
	if (!s->server || !s->connected)
		return;
	s->due |= types & ALL_TYPES;
	task_defer(s->server->loop, &s->push, on_push);
}

void xds_session_push(struct xds_session *s)
{
	xds_session_push_types(s, ALL_TYPES);
}

void xds_server_push(struct xds_server *server)
{
	struct xds_session *s;

	LIST_EACH (s, &server->sessions, link)
		xds_session_push(s);
}
