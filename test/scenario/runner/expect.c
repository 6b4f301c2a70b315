/* "NAME expects ...": each waits for a while, and tells what came instead. */
#include <errno.h>
#include <stdlib.h>

#include "h2/h2.h"
#include "run.h"

struct wish {
	struct run *run;
	struct who *who;
	struct slice rest;
	struct pattern *pattern;
	bool whole;
	struct exchange *got; /* what a message came on */
	struct slice bytes;
	struct peer *peer;
};

/* ---- what is said when it is not so ---- */

int run_fail(struct run *r, const char *fmt, ...)
{
	va_list ap;

	buf_clear(&r->failure);
	va_start(ap, fmt);
	buf_vprintf(&r->failure, fmt, ap);
	va_end(ap);
	return -EINVAL;
}

static void show_peer(struct buf *out, const struct peer *p)
{
	if (!p) {
		buf_append_str(out, "no connection");
		return;
	}
	if (p->tls_failed)
		buf_printf(out, "TLS failed (%s)", p->tls_failed);
	else if (p->tls && !p->shaken)
		buf_append_str(out, "TLS is not established");
	else if (p->in.len || !p->ended)
		buf_append_str(out, "'");
	if (p->in.len || (!p->ended && !(p->tls && !p->shaken)))
		text_show(out, buf_slice(&p->in)), buf_append_str(out, "'");
	if (p->ended)
		buf_printf(out, "%s%s", p->in.len ? ", then " : "",
			   p->was_reset ? "a reset" : "the end of the connection");
	if (p->frames.n)
		buf_append_str(out, "\n    frames:");
	for (size_t i = 0; i < p->frames.n; i++)
		buf_printf(out, "%s %s", i ? "," : "", p->frames.v[i]);
}

/* "expected WHAT of NAME, got ..." */
static int missed(struct wish *w, struct peer *p)
{
	CLEANUP(buf_done) struct buf got = BUF_INIT;

	show_peer(&got, p);
	if (w->got && w->got->message.has_head) {
		buf_append_str(&got, "\n    message so far: ");
		message_show(&got, &w->got->message);
	}
	return run_fail(w->run, "%s: expected %.*s, got %s", w->who->name, SLICE_ARG(w->rest), buf_str(&got));
}

/* ---- messages ---- */

static bool is_interim(const struct wish *w)
{
	return !w->pattern->start.len || w->pattern->start.ptr[0] == '1';
}

/* HTTP/2: a 1xx head is not the exchange's message. */
static bool interim_came(struct wish *w, struct exchange *x)
{
	if (!x || !x->stream || !is_interim(w) || x->interim.len < 3 ||
	    !slice_starts(buf_slice(&x->interim), w->pattern->start))
		return false;
	buf_consume(&x->interim, 3);
	return true;
}

static struct exchange *server_next(struct server *s, bool whole)
{
	for (size_t i = 0; i < s->peers.n; i++) {
		struct exchange *x = peer_next(s->peers.v[i], whole);

		if (x)
			return x;
	}
	return NULL;
}

static bool message_came(void *arg)
{
	struct wish *w = arg;
	struct who *who = w->who;

	if (who->kind == WHO_SERVER) {
		w->got = server_next(who->server, w->whole);
		return w->got != NULL;
	}
	struct exchange *x = who->kind == WHO_EXCHANGE ? who->exchange : NULL;

	if (x && x->peer->protocol != PEER_HTTP2 && !x->taken)
		x = peer_next(x->peer, w->whole) == x ? x : NULL;
	else if (!x)
		x = who->peer ? peer_next(who->peer, w->whole) : NULL;
	if (!x && who->exchange && interim_came(w, who->exchange))
		return true;
	if (!x || !(w->whole ? x->message.complete : x->message.has_head))
		return false;
	w->got = x;
	return true;
}

/* An interim response of HTTP/1 is followed by another message of the same exchange. */
static void keep_for_the_next(struct exchange *x)
{
	message_done(&x->message);
}

static int check_message(struct wish *w)
{
	struct exchange *x = w->got;
	const char *why = message_differs(&w->run->arena, w->pattern, &x->message, w->whole);
	CLEANUP(buf_done) struct buf got = BUF_INIT;

	if (why) {
		message_show(&got, &x->message);
		return run_fail(w->run, "%s: %s\n    got %s", w->who->name, why, buf_str(&got));
	}
	if (!x->stream && !x->peer->server && x->message.start[0] == '1' && strcmp(x->message.start, "101") != 0)
		keep_for_the_next(x);
	else
		x->taken = true;
	x->data_taken = w->whole ? x->message.body.len : 0;
	return 0;
}

static int expect_message(struct wish *w, struct who **ret, struct err *e)
{
	int n;

	w->whole = true;
	if (slice_starts(w->rest, SLICE("head "))) {
		w->whole = false;
		w->rest = slice_from(w->rest, 5);
	}
	n = run_pattern(w->run, w->rest, &w->pattern, e);
	if (n < 0)
		return n;
	/* Of what takes over the connection the head is all there is. */
	if (slice_eq_str(w->pattern->start, "101"))
		w->whole = false;
	if (!run_wait(w->run, message_came, w))
		return missed(w, who_peer(w->who));
	if (!w->got)
		return 0;
	if (w->who->kind == WHO_SERVER) {
		w->who->server->current = w->got;
		w->who->server->peer = w->got->peer;
	} else {
		w->who->exchange = w->got;
	}
	struct who *made = arena_alloc(&w->run->arena, sizeof(*made));

	made->exchange = w->got;
	*ret = made;
	return check_message(w);
}

/* ---- bytes ---- */

static bool bytes_came(void *arg)
{
	struct wish *w = arg;
	struct peer *p = w->peer = who_peer(w->who);

	return p && (p->in.len >= w->bytes.len || p->ended);
}

static int expect_bytes(struct wish *w, struct slice rest, struct err *e)
{
	int n = text_quoted(&w->run->arena, &rest, &w->bytes, e);

	if (n < 0)
		return n;
	(void)run_wait(w->run, bytes_came, w);
	if (!w->peer || !slice_starts(buf_slice(&w->peer->in), w->bytes))
		return missed(w, w->peer);
	buf_consume(&w->peer->in, w->bytes.len);
	return 0;
}

static bool data_came(void *arg)
{
	struct wish *w = arg;

	exchange_read(w->got);
	return w->got->message.body.len >= w->got->data_taken + w->bytes.len;
}

static int need_exchange(struct wish *w, struct err *e)
{
	w->got = who_exchange(w->who);
	return w->got ? 0 : err_set(e, -EINVAL, "%s has no exchange", w->who->name);
}

static int expect_data(struct wish *w, struct slice rest, struct err *e)
{
	int n = text_quoted(&w->run->arena, &rest, &w->bytes, e);

	if (n == 0)
		n = need_exchange(w, e);
	if (n < 0)
		return n;
	if (!run_wait(w->run, data_came, w) ||
	    !slice_starts(slice_from(buf_slice(&w->got->message.body), w->got->data_taken), w->bytes))
		return missed(w, w->got->peer);
	w->got->data_taken += w->bytes.len;
	return 0;
}

static bool end_came(void *arg)
{
	struct wish *w = arg;

	exchange_read(w->got);
	return w->got->message.complete && w->got->data_taken == w->got->message.body.len;
}

/* "end", "end | trailer: value" */
static int expect_end(struct wish *w, struct slice rest, struct err *e)
{
	struct pattern *m;
	const char *why;
	int n = run_pattern(w->run, rest, &m, e);

	if (n == 0)
		n = need_exchange(w, e);
	if (n < 0)
		return n;
	if (!run_wait(w->run, end_came, w))
		return missed(w, w->got->peer);
	struct heard trailers = w->got->message;

	/* Fields of which only those at the end count. */
	trailers.fields.v = w->got->message.trailers.v;
	trailers.fields.n = w->got->message.trailers.n;
	m->start = SLICE("*");

	why = message_differs(&w->run->arena, m, &trailers, false);
	return why ? run_fail(w->run, "%s: trailers: %s", w->who->name, why) : 0;
}

/* ---- connections ---- */

static bool has_ended(void *arg)
{
	struct wish *w = arg;
	struct peer *p = w->peer = who_peer(w->who);

	return p && p->ended;
}

static int expect_close(struct wish *w, struct slice rest, struct err *e)
{
	(void)rest;
	(void)e;
	if (!run_wait(w->run, has_ended, w) || w->peer->in.len)
		return missed(w, w->peer);
	return 0;
}

static bool was_reset(void *arg)
{
	struct wish *w = arg;

	w->got = who_exchange(w->who);
	w->peer = who_peer(w->who);
	if (w->got && w->got->stream)
		return w->got->was_reset;
	return w->peer && w->peer->was_reset;
}

static int expect_reset(struct wish *w, struct slice rest, struct err *e)
{
	(void)e;
	if (!run_wait(w->run, was_reset, w))
		return missed(w, w->peer);
	if (rest.len && (!w->got || !slice_eq_str(rest, h2_error_str(w->got->error))))
		return run_fail(w->run, "%s: expected a reset with %.*s, got %s", w->who->name, SLICE_ARG(rest),
				w->got ? h2_error_str(w->got->error) : "one of the connection");
	return 0;
}

static void settle_for_nothing(struct run *r)
{
	r->place->settle();
	if (!r->place->in_memory)
		r->place->advance(150);
}

static int expect_open(struct wish *w, struct slice rest, struct err *e)
{
	struct peer *p;

	(void)rest;
	(void)e;
	settle_for_nothing(w->run);
	p = who_peer(w->who);
	return p && !p->ended ? 0 : missed(w, p);
}

/* No message, no bytes, no end; of a server: no request either. */
static int expect_nothing(struct wish *w, struct slice rest, struct err *e)
{
	struct exchange *x;
	struct peer *p;

	(void)rest;
	(void)e;
	settle_for_nothing(w->run);
	p = who_peer(w->who);
	if (w->who->kind == WHO_SERVER) {
		x = server_next(w->who->server, false);
		w->got = x;
		return x || (p && p->in.len) ? missed(w, p) : 0;
	}
	x = who_exchange(w->who);
	if (x)
		exchange_read(x);
	w->got = x;
	if (x && x->stream)
		return x->message.has_head || x->was_reset ? missed(w, p) : 0;
	return p && (p->in.len || p->ended) ? missed(w, p) : 0;
}

static bool connection_came(void *arg)
{
	struct wish *w = arg;

	return w->who->server->peers.n > w->who->server->n_announced;
}

static int expect_connection(struct wish *w, struct slice rest, struct err *e)
{
	struct server *s = w->who->server;

	(void)rest;
	if (!s)
		return err_set(e, -EINVAL, "%s is no server", w->who->name);
	if (!run_wait(w->run, connection_came, w))
		return run_fail(w->run, "%s: expected a connection, got none", s->name);
	s->peer = s->peers.v[s->n_announced++];
	return 0;
}

/* ---- frames and TLS ---- */

static bool frame_came(void *arg)
{
	struct wish *w = arg;
	struct peer *p = w->peer = who_peer(w->who);

	for (size_t i = p ? p->frames_taken : 0; p && i < p->frames.n; i++) {
		if (!slice_starts(slice_str(p->frames.v[i]), w->bytes))
			continue;
		p->frames_taken = i + 1;
		return true;
	}
	return false;
}

static int expect_frame(struct wish *w, struct slice rest, struct err *e)
{
	(void)e;
	w->bytes = rest;
	return run_wait(w->run, frame_came, w) ? 0 : missed(w, w->peer);
}

static bool tls_done(void *arg)
{
	struct wish *w = arg;
	struct peer *p = w->peer = who_peer(w->who);

	return p && p->tls && (p->shaken || p->ended);
}

static void add_field(struct heard *m, const char *name, const char *value)
{
	if (value)
		vec_push(&m->fields, ((struct field){slice_str(name), slice_str(value)}));
}

/* "tls | alpn: h2 | sni: a | uri: spiffe://... | dns: a | version: TLSv1.3", "tls failure" */
static int expect_tls(struct wish *w, struct slice rest, struct err *e)
{
	char start[] = "";
	struct heard facts = {.start = start};
	const struct tls_peer *who;
	struct pattern *m;
	const char *why;
	int n;

	(void)run_wait(w->run, tls_done, w);
	if (slice_eq_str(rest, "failure"))
		return w->peer && w->peer->tls_failed ? 0 : missed(w, w->peer);
	if (!w->peer || !w->peer->shaken || !w->peer->tls)
		return missed(w, w->peer);
	who = tls_peer(w->peer->tls);
	add_field(&facts, "alpn", arena_slicedup(&w->run->arena, tls_alpn(w->peer->tls)));
	add_field(&facts, "sni", w->peer->server ? tls_server_name(w->peer->tls) : NULL);
	add_field(&facts, "version", tls_version_name(w->peer->tls));
	add_field(&facts, "uri", who ? who->uri : NULL);
	for (size_t i = 0; who && i < who->n_dns; i++)
		add_field(&facts, "dns", who->dns[i]);
	n = run_pattern(w->run, rest, &m, e);
	why = n == 0 ? message_differs(&w->run->arena, m, &facts, false) : NULL;
	vec_done(&facts.fields);
	return why ? run_fail(w->run, "%s: TLS: %s", w->who->name, why) : n;
}

/* ---- all ---- */

static const struct {
	const char *word;
	int (*fn)(struct wish *w, struct slice rest, struct err *e);
} wishes[] = {
	{"bytes", expect_bytes},           {"data", expect_data},   {"end", expect_end},   {"close", expect_close},
	{"closed", expect_close},          {"reset", expect_reset}, {"open", expect_open}, {"nothing", expect_nothing},
	{"connection", expect_connection}, {"frame", expect_frame}, {"tls", expect_tls},
};

int expect_step(struct run *r, struct who *w, struct slice rest, struct who **ret_exchange, struct err *e)
{
	struct wish wish = {.run = r, .who = w, .rest = rest};
	struct slice after = rest, word = take_word(&after);

	for (size_t i = 0; i < ARRAY_LEN(wishes); i++)
		if (slice_eq_str(word, wishes[i].word))
			return wishes[i].fn(&wish, after, e);
	return expect_message(&wish, ret_exchange, e);
}

/* ---- one-line requests ---- */

static bool has_served(const struct run *r, struct slice name, const uint64_t *before)
{
	for (size_t i = 0; i < r->servers.n; i++)
		if (slice_eq_str(name, r->servers.v[i]->name) || slice_eq_str(name, "any"))
			if (r->servers.v[i]->served > before[i])
				return true;
	return false;
}

static int check_via(struct run *r, const struct pattern *m, const uint64_t *before)
{
	CLEANUP(buf_done) struct buf who = BUF_INIT;

	for (size_t i = 0; i < r->servers.n; i++)
		if (r->servers.v[i]->served > before[i])
			buf_printf(&who, "%s%s", who.len ? ", " : "", r->servers.v[i]->name);
	for (size_t i = 0; i < m->items.n; i++) {
		struct slice text = m->items.v[i].value;
		const bool not = slice_starts(text, SLICE("not "));
		struct slice rest = not ? slice_from(text, 4) : text;

		if (m->items.v[i].kind != ITEM_OTHER || !slice_starts(rest, SLICE("via ")))
			continue;
		rest = slice_from(rest, 4);
		if (slice_eq_str(rest, "none") ? who.len == 0 : has_served(r, rest, before) != not )
			continue;
		return run_fail(r, "expected it to go %.*s, it went to %s", SLICE_ARG(text),
				who.len ? buf_str(&who) : "none");
	}
	return 0;
}

int expect_outcome(struct run *r, struct who *w, struct slice rest, const uint64_t *before, struct err *e)
{
	struct who *made = NULL;
	struct pattern *m;
	struct slice first = rest;
	int n = run_pattern(r, rest, &m, e);

	if (n < 0)
		return n;
	first = slice_trim(slice_split(&first, '|'));
	for (size_t i = 0; i < ARRAY_LEN(wishes); i++)
		if (slice_eq_str(first, wishes[i].word))
			rest = first;
	n = expect_step(r, w, rest, &made, e);
	return n < 0 ? n : check_via(r, m, before);
}
