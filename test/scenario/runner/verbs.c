/* "NAME verb ...": what peers do. What they expect is in expect.c. */
#include <errno.h>
#include <stdlib.h>

#include "h2/h2.h"
#include "run.h"

int run_pattern(struct run *r, struct slice text, struct pattern **ret, struct err *e)
{
	struct pattern *p = arena_alloc(&r->arena, sizeof(*p));

	arena_on_done(&r->arena, (void (*)(void *))pattern_done, p);
	*ret = p;
	return pattern_parse(&r->arena, text, p, e);
}

struct call {
	struct run *run;
	struct who *who;
	struct slice rest;
	const struct step *step;
	struct exchange *made; /* which a name may be given to */
};

static int need_peer(struct call *c, struct peer **ret, struct err *e)
{
	int n = c->who->kind == WHO_CLIENT ? run_connect(c->run, c->who, e) : 0;

	if (n < 0)
		return n;
	c->run->place->settle();
	*ret = who_peer(c->who);
	return *ret ? 0 : err_set(e, -EINVAL, "%s has no connection", c->who->name);
}

static int need_exchange(struct call *c, struct exchange **ret, struct err *e)
{
	*ret = who_exchange(c->who);
	return *ret ? 0 : err_set(e, -EINVAL, "%s has no exchange", c->who->name);
}

/* "head ..." in front: nothing of the body is sent. */
static bool take_head_word(struct slice *rest)
{
	if (!slice_starts(*rest, SLICE("head ")))
		return false;
	*rest = slice_from(*rest, 5);
	return true;
}

/* ---- messages ---- */

static int do_asks(struct call *c, struct err *e)
{
	const bool whole = !take_head_word(&c->rest);
	struct pattern *m;
	struct peer *p;
	int n = run_pattern(c->run, c->rest, &m, e);

	if (n == 0)
		n = need_peer(c, &p, e);
	if (n == 0)
		c->made = c->who->exchange = peer_request(p, m, whole);
	return n;
}

static int do_answers(struct call *c, struct err *e)
{
	const bool whole = !take_head_word(&c->rest);
	struct exchange *x;
	struct pattern *m;
	int n = run_pattern(c->run, c->rest, &m, e);

	if (n == 0)
		n = need_exchange(c, &x, e);
	if (n == 0)
		exchange_respond(x, m, whole);
	return n;
}

static int do_data(struct call *c, struct err *e)
{
	struct exchange *x;
	struct slice bytes;
	int n = text_quoted(&c->run->arena, &c->rest, &bytes, e);

	if (n == 0)
		n = need_exchange(c, &x, e);
	if (n == 0)
		exchange_data(x, bytes);
	return n;
}

static int do_ends(struct call *c, struct err *e)
{
	struct exchange *x;
	struct pattern *m;
	int n = run_pattern(c->run, c->rest, &m, e);

	if (n == 0)
		n = need_exchange(c, &x, e);
	if (n == 0)
		exchange_end(x, m);
	return n;
}

/* ---- bytes ---- */

/* The lines of a block, each with CR LF. */
static struct slice block_bytes(struct arena *a, const char *block)
{
	CLEANUP(buf_done) struct buf out = BUF_INIT;

	for (; *block; block++) {
		if (*block == '\n')
			buf_append_char(&out, '\r');
		buf_append_char(&out, *block);
	}
	return slice_make(arena_slicedup(a, buf_slice(&out)), out.len);
}

static int do_sends(struct call *c, struct err *e)
{
	struct slice bytes;
	struct peer *p;
	int n = 0;

	if (c->rest.len)
		n = text_quoted(&c->run->arena, &c->rest, &bytes, e);
	else if (c->step->block)
		bytes = block_bytes(&c->run->arena, c->step->block);
	else
		return err_set(e, -EINVAL, "what is sent is missing");
	if (n == 0)
		n = need_peer(c, &p, e);
	if (n < 0)
		return n;
	/* A client of raw bytes is asked of as one of HTTP/1. */
	if (p->protocol == PEER_UNKNOWN && !p->server)
		p->protocol = PEER_HTTP1;
	peer_send(p, bytes);
	return 0;
}

/* "sent": a request by bytes whose response is expected. */
static int do_sent(struct call *c, struct err *e)
{
	struct pattern *m;
	struct peer *p;
	int n = run_pattern(c->run, c->rest, &m, e);

	if (n == 0)
		n = need_peer(c, &p, e);
	if (n < 0)
		return n;
	struct exchange *x = NEW(struct exchange);
	struct slice rest = m->start, method = slice_split(&rest, ' ');

	x->peer = p;
	x->method = mem_printf("%.*s", SLICE_ARG(method));
	vec_push(&p->exchanges, x);
	c->made = c->who->exchange = x;
	return 0;
}

static int do_frame(struct call *c, struct err *e)
{
	struct peer *p;
	int n = need_peer(c, &p, e);

	return n < 0 ? n : h2p_frame(p, &c->run->arena, c->rest, e);
}

/* ---- connections ---- */

static int do_connects(struct call *c, struct err *e)
{
	int n = options_parse(c->run, &c->rest, &c->who->options, e);

	return n < 0 ? n : run_connect(c->run, c->who, e);
}

static int do_closes(struct call *c, struct err *e)
{
	struct peer *p;
	int n = need_peer(c, &p, e);

	if (n < 0)
		return n;
	peer_close(p, false);
	if (c->who->kind == WHO_CLIENT)
		c->who->peer = NULL;
	return 0;
}

static const char *const error_names[] = {"NO_ERROR",
					  "PROTOCOL_ERROR",
					  "INTERNAL_ERROR",
					  "FLOW_CONTROL_ERROR",
					  "SETTINGS_TIMEOUT",
					  "STREAM_CLOSED",
					  "FRAME_SIZE_ERROR",
					  "REFUSED_STREAM",
					  "CANCEL",
					  "COMPRESSION_ERROR",
					  "CONNECT_ERROR",
					  "ENHANCE_YOUR_CALM",
					  "INADEQUATE_SECURITY",
					  "HTTP_1_1_REQUIRED"};

static int do_resets(struct call *c, struct err *e)
{
	struct exchange *x = who_exchange(c->who);
	struct peer *p;
	int n = need_peer(c, &p, e);

	if (n < 0)
		return n;
	if (!c->rest.len || !x) {
		peer_close(p, true);
		if (c->who->kind == WHO_CLIENT)
			c->who->peer = NULL;
		return 0;
	}
	for (uint32_t i = 0; i < ARRAY_LEN(error_names); i++) {
		if (!slice_eq_str(c->rest, error_names[i]))
			continue;
		h2p_reset(x, i);
		return 0;
	}
	return err_set(e, -EINVAL, "unknown error '%.*s'", SLICE_ARG(c->rest));
}

static int do_half_closes(struct call *c, struct err *e)
{
	struct peer *p;
	int n = need_peer(c, &p, e);

	if (n == 0)
		peer_half_close(p);
	return n;
}

/* "stops reading", "stops listening", "stops serving" and their "starts". */
static int switch_it(struct call *c, bool on, struct err *e)
{
	struct server *s = c->who->server;
	struct peer *p;
	int n;

	if (slice_eq_str(c->rest, "reading")) {
		n = need_peer(c, &p, e);
		if (n == 0)
			peer_pause(p, !on);
		return n;
	}
	if (!s)
		return err_set(e, -EINVAL, "%s is no server", c->who->name);
	if (slice_eq_str(c->rest, "serving")) {
		s->serves = on;
		return 0;
	}
	if (!slice_eq_str(c->rest, "listening"))
		return err_set(e, -EINVAL, "'%.*s' cannot be stopped or started", SLICE_ARG(c->rest));
	if (on)
		return server_listen(c->run, s, e);
	server_stop(s);
	return 0;
}

static int do_stops(struct call *c, struct err *e)
{
	return switch_it(c, false, e);
}

static int do_starts(struct call *c, struct err *e)
{
	return switch_it(c, true, e);
}

/* ---- servers that answer by themselves ---- */

static int do_serves(struct call *c, struct err *e)
{
	static const struct slice then = {" then ", 6};
	struct server *s = c->who->server;
	struct slice rest = c->rest;

	if (!s)
		return err_set(e, -EINVAL, "%s is no server", c->who->name);
	s->answers.n = s->next_answer = 0;
	for (;;) {
		const char *at = memmem(rest.ptr, rest.len, then.ptr, then.len);
		struct slice one = at ? slice_head(rest, (size_t)(at - rest.ptr)) : rest;
		struct pattern *m;
		int n = run_pattern(c->run, one, &m, e);

		if (n < 0)
			return n;
		vec_push(&s->answers, m);
		if (!at)
			break;
		rest = slice_from(rest, (size_t)(at - rest.ptr) + then.len);
	}
	s->serves = true;
	return 0;
}

static int do_served(struct call *c, struct err *e)
{
	struct server *s = c->who->server;
	struct slice high = c->rest, low = slice_split(&high, '.');
	uint64_t from = 0, to = 0, n;

	if (!s)
		return err_set(e, -EINVAL, "%s is no server", c->who->name);
	if (slice_to_u64(low, UINT32_MAX, &from) < 0 ||
	    slice_to_u64(high.len ? slice_from(high, 1) : low, UINT32_MAX, &to) < 0)
		return err_set(e, -EINVAL, "'%.*s' is no number and no range", SLICE_ARG(c->rest));
	n = s->served - s->counted;
	s->counted = s->served;
	if (n < from || n > to)
		return err_set(e, -EINVAL, "expected %s to have served %.*s, it has served %llu", s->name,
			       SLICE_ARG(c->rest), (unsigned long long)n);
	return 0;
}

static int do_saw(struct call *c, struct err *e)
{
	struct server *s = c->who->server;
	struct pattern *m;
	const char *why;
	int n = run_pattern(c->run, c->rest, &m, e);

	if (n < 0)
		return n;
	if (!s || !s->last)
		return err_set(e, -EINVAL, "%s has served nothing", c->who->name);
	why = message_differs(&c->run->arena, m, &s->last->message, true);
	if (!why)
		return 0;
	CLEANUP(buf_done) struct buf got = BUF_INIT;

	message_show(&got, &s->last->message);
	return err_set(e, -EINVAL, "%s\n    got %s", why, buf_str(&got));
}

static int do_expects(struct call *c, struct err *e)
{
	struct who *made = NULL;
	int n = expect_step(c->run, c->who, c->rest, &made, e);

	if (made)
		c->made = made->exchange;
	return n;
}

static const struct {
	const char *word;
	int (*fn)(struct call *c, struct err *e);
} verbs[] = {
	{"asks", do_asks},
	{"answers", do_answers},
	{"data", do_data},
	{"ends", do_ends},
	{"sends", do_sends},
	{"sent", do_sent},
	{"frame", do_frame},
	{"connects", do_connects},
	{"closes", do_closes},
	{"resets", do_resets},
	{"half-closes", do_half_closes},
	{"stops", do_stops},
	{"starts", do_starts},
	{"serves", do_serves},
	{"served", do_served},
	{"saw", do_saw},
	{"expects", do_expects},
};

/* "x = NAME verb ..." gives the exchange a name. */
int verb_step(struct run *r, struct slice text, const struct step *s, struct err *e)
{
	struct slice rest = text, name = take_word(&rest), verb = take_word(&rest), alias = {NULL, 0};

	if (slice_eq_str(verb, "=")) {
		alias = name;
		name = take_word(&rest);
		verb = take_word(&rest);
	}
	for (size_t i = 0; i < ARRAY_LEN(verbs); i++) {
		struct call c = {.run = r, .rest = rest, .step = s};
		int n;

		if (!slice_eq_str(verb, verbs[i].word))
			continue;
		c.who = run_who(r, name);
		n = verbs[i].fn(&c, e);
		if (n < 0 || !alias.len)
			return n;
		if (!c.made)
			return err_set(e, -EINVAL, "there is nothing to call %.*s", SLICE_ARG(alias));
		struct who *w = run_who(r, alias);

		w->kind = WHO_EXCHANGE;
		w->exchange = c.made;
		return 0;
	}
	return err_set(e, -EINVAL, "'%.*s': unknown step", SLICE_ARG(text));
}
