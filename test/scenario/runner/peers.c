/* Names, connections, servers that answer by themselves. */
#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "certs.h"
#include "run.h"

struct slice take_word(struct slice *rest)
{
	struct slice word;

	*rest = slice_trim(*rest);
	word = slice_split(rest, ' ');
	*rest = slice_trim(*rest);
	return word;
}

/* ---- options ---- */

enum option_kind { OPTION_TEXT, OPTION_FLAG };

static const struct option_row {
	const char *name;
	enum option_kind kind;
	size_t offset;
} option_rows[] = {
	{"at", OPTION_TEXT, offsetof(struct options, at)},
	{"to", OPTION_TEXT, offsetof(struct options, at)},
	{"from", OPTION_TEXT, offsetof(struct options, from)},
	{"via", OPTION_TEXT, offsetof(struct options, via)},
	{"sni", OPTION_TEXT, offsetof(struct options, sni)},
	{"alpn", OPTION_TEXT, offsetof(struct options, alpn)},
	{"as", OPTION_TEXT, offsetof(struct options, as)},
	{"cert", OPTION_TEXT, offsetof(struct options, cert)},
	{"max", OPTION_TEXT, offsetof(struct options, max_version)},
	{"tls", OPTION_FLAG, offsetof(struct options, tls)},
	{"h2", OPTION_FLAG, offsetof(struct options, h2)},
	{"mtls", OPTION_FLAG, offsetof(struct options, mtls)},
};

static const struct option_row *option_find(struct slice name)
{
	for (size_t i = 0; i < ARRAY_LEN(option_rows); i++)
		if (slice_eq_str(name, option_rows[i].name))
			return &option_rows[i];
	return NULL;
}

int options_parse(struct run *r, struct slice *rest, struct options *o, struct err *e)
{
	(void)e;
	for (;;) {
		struct slice after = *rest, value = take_word(&after), name = slice_split(&value, '=');
		const struct option_row *row = option_find(name);

		if (!name.len || !row || (row->kind == OPTION_TEXT) != (value.ptr && value.len))
			return 0;
		if (row->kind == OPTION_FLAG)
			*(bool *)((char *)o + row->offset) = true;
		else
			*(const char **)((char *)o + row->offset) = arena_slicedup(&r->arena, value);
		*rest = after;
	}
}

/* ---- names ---- */

struct who *run_known(struct run *r, struct slice name)
{
	return map_get(&r->names, name);
}

static struct who *who_add(struct run *r, struct slice name, enum who_kind kind)
{
	struct who *w = arena_alloc(&r->arena, sizeof(*w));

	w->kind = kind;
	w->name = arena_slicedup(&r->arena, name);
	map_set(&r->names, slice_str(w->name), w);
	return w;
}

struct who *run_who(struct run *r, struct slice name)
{
	struct who *w = run_known(r, name);

	if (w)
		return w;
	w = who_add(r, name, WHO_CLIENT);
	w->options = r->defaults;
	return w;
}

struct peer *who_peer(const struct who *w)
{
	if (w->kind == WHO_EXCHANGE)
		return w->exchange->peer;
	return w->kind == WHO_SERVER ? w->server->peer : w->peer;
}

struct exchange *who_exchange(const struct who *w)
{
	return w->kind == WHO_SERVER ? w->server->current : w->exchange;
}

/* ---- TLS ---- */

#define ALPN_MAX 8

static int tls_context(struct run *r, const struct options *o, bool server, struct tls_ctx **ret, struct err *e)
{
	const char *alpn[ALPN_MAX];
	struct slice rest = slice_str(o->alpn ? o->alpn : o->h2 ? "h2" : server ? "h2,http/1.1" : "");
	const struct cert *c = NULL;
	/* A client takes whatever name a server has, if it is one of the authority's. */
	static const struct tls_san_rule any = {TLS_MATCH_PREFIX, "", TLS_SAN_ANY};
	struct tls_params p = {.server = server,
			       .alpn = alpn,
			       .roots_pem = certs_roots(),
			       .sans = &any,
			       .n_sans = !server,
			       .verify = !server || o->mtls ? TLS_VERIFY_REQUIRED : TLS_VERIFY_NONE};

	while (rest.len && p.n_alpn < ALPN_MAX)
		alpn[p.n_alpn++] = arena_slicedup(&r->arena, slice_split(&rest, ','));
	if (o->as || o->cert || server)
		c = certs_get(o->as ? o->as : o->cert ? o->cert : "localhost");
	if (c) {
		p.cert_pem = c->chain;
		p.key_pem = c->key;
	}
	if (o->max_version)
		p.max_version = strcmp(o->max_version, "1.2") == 0 ? TLS_VERSION_1_2 : TLS_VERSION_1_3;
	return tls_ctx_new(&p, ret, e);
}

/* ---- clients ---- */

int run_connect(struct run *r, struct who *w, struct err *e)
{
	const struct options *o = &w->options;
	CLEANUP(tls_ctx_unrefp) struct tls_ctx *ctx = NULL;
	struct tls *tls = NULL;
	int fd;

	if (w->peer)
		return 0;
	if (!o->at && !r->to)
		return err_set(e, -EINVAL, "it is not said where %s connects to", w->name);
	fd = r->place->connect(o->at ? o->at : r->to, o->from, o->via, e);
	if (fd < 0)
		return fd;
	if (o->tls || o->as) {
		int n = tls_context(r, o, false, &ctx, e);

		if (n < 0) {
			close(fd);
			return n;
		}
		tls = tls_new(ctx, fd, o->sni, NULL);
	}
	w->peer = peer_new(w->name, fd, false, tls);
	vec_push(&r->clients, w->peer);
	if (o->h2) {
		w->peer->protocol = PEER_HTTP2;
		h2p_begin(w->peer);
	}
	r->place->settle();
	return 0;
}

/* ---- servers ---- */

int server_listen(struct run *r, struct server *s, struct err *e)
{
	s->fd = r->place->listen(s->options.at, e);
	return s->fd < 0 ? s->fd : 0;
}

void server_stop(struct server *s)
{
	if (s->fd >= 0)
		close(s->fd);
	s->fd = -1;
}

struct who *run_add_server(struct run *r, struct slice name, const struct options *o, struct err *e)
{
	struct server *s = arena_alloc(&r->arena, sizeof(*s));
	struct who *w;

	s->options = *o;
	s->name = arena_slicedup(&r->arena, name);
	s->fd = -1;
	vec_push(&r->servers, s);
	if ((o->tls || o->as || o->mtls) && tls_context(r, o, true, &s->tls, e) < 0)
		return NULL;
	if (server_listen(r, s, e) < 0)
		return NULL;
	w = who_add(r, name, WHO_SERVER);
	w->server = s;
	return w;
}

static bool accept_all(struct server *s)
{
	bool moved = false;
	int fd;

	while (s->fd >= 0 && (fd = accept4(s->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) {
		struct tls *tls = s->tls ? tls_new(s->tls, fd, NULL, NULL) : NULL;

		vec_push(&s->peers, peer_new(s->name, fd, true, tls));
		s->peer = s->peers.v[s->peers.n - 1];
		moved = true;
	}
	return moved;
}

static void answer(struct server *s, struct exchange *x)
{
	const struct pattern *m = s->answers.v[s->next_answer];
	const struct item *connection = pattern_item(m, "connection");

	if (s->next_answer + 1 < s->answers.n)
		s->next_answer++;
	x->taken = true;
	s->served++;
	s->last = x;
	if (slice_eq_str(m->start, "reset")) {
		if (x->stream)
			h2p_reset(x, 2);
		else
			peer_close(x->peer, true);
	} else if (slice_eq_str(m->start, "close")) {
		peer_close(x->peer, false);
	} else {
		exchange_respond(x, m, true);
		if (connection && slice_eq_nocase(connection->value, SLICE("close")) && !x->stream)
			peer_close(x->peer, false);
	}
}

static bool serve(struct server *s, struct peer *p)
{
	struct exchange *x;
	bool moved = false;

	while (s->serves && p->fd >= 0 && (x = peer_next(p, true))) {
		answer(s, x);
		moved = true;
	}
	return moved;
}

bool run_step_peers(void *arg)
{
	struct run *r = arg;
	bool moved = false;

	for (size_t i = 0; i < r->servers.n; i++) {
		struct server *s = r->servers.v[i];

		moved |= accept_all(s);
		for (size_t k = 0; k < s->peers.n; k++) {
			moved |= peer_step(s->peers.v[k]);
			moved |= serve(s, s->peers.v[k]);
		}
	}
	for (size_t i = 0; i < r->clients.n; i++)
		moved |= peer_step(r->clients.v[i]);
	return moved;
}

bool run_wait(struct run *r, bool (*fn)(void *arg), void *arg)
{
	r->place->settle();
	for (int i = 0; !fn(arg); i++) {
		if (i == r->place->patience_steps)
			return false;
		r->place->advance(r->place->step_ms);
	}
	return true;
}

/* ---- the end ---- */

static void server_done(struct server *s)
{
	server_stop(s);
	for (size_t i = 0; i < s->peers.n; i++)
		peer_free(s->peers.v[i]);
	vec_done(&s->peers);
	vec_done(&s->answers);
	tls_ctx_unref(s->tls);
}

void run_free_peers(struct run *r)
{
	for (size_t i = 0; i < r->clients.n; i++)
		peer_free(r->clients.v[i]);
	for (size_t i = 0; i < r->servers.n; i++)
		server_done(r->servers.v[i]);
	vec_done(&r->clients);
	vec_done(&r->servers);
	map_done(&r->names);
}
