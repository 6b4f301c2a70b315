/* Users by token and by session. A user is kept while questions or exchanges need it, and as long as there is room. */
#include "console/access/access_internal.h"

#include <openssl/crypto.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/rand.h"
#include "msg/json.h"

#define LOGIN_MAX_BYTES (ACCESS_TOKEN_MAX_BYTES + 1024)

static void user_free(struct access_user *u)
{
	while (!list_empty(&u->waiters)) { /* the exchanges are the server's */
		struct waiter *w = LIST_FIRST(&u->waiters, struct waiter, link);

		list_remove(&w->link);
		free(w);
	}
	access_cancel(u);
	kube_call_cancel(u->ending);
	access_forget_seen(u);
	kube_client_free(u->client);
	if (u->token)
		OPENSSL_cleanse(u->token, strlen(u->token));
	OPENSSL_cleanse(u->session, sizeof(u->session));
	free(u->token);
	free(u->name);
	free(u->why);
	free(u);
}

struct access_user *access_user_ref(struct access_user *u)
{
	u->refs++;
	return u;
}

void access_user_unref(struct access_user *u)
{
	if (u && --u->refs == 0)
		user_free(u);
}

static void forget(struct access *a, struct access_user *u)
{
	list_remove(&u->link);
	a->n_users--;
	access_user_unref(u);
}

struct access *access_new(struct loop *l, const struct access_params *p)
{
	struct access *a = NEW(struct access);

	a->loop = l;
	a->params = *p;
	a->client = p->client;
	a->router = mem_strdup(p->router);
	a->config.server = mem_strdup(p->config->server);
	a->config.ca_pem = mem_strdup(p->config->ca_pem);
	a->config.ca_file = mem_strdup(p->config->ca_file);
	a->config.ns = mem_strdup(p->config->ns);
	a->config.insecure = p->config->insecure;
	list_init(&a->users);
	a->oauth = oauth_new(a, p->oauth_dir);
	return a;
}

void access_free(struct access *a)
{
	if (!a)
		return;
	oauth_free(a->oauth);
	while (!list_empty(&a->users))
		forget(a, LIST_FIRST(&a->users, struct access_user, link));
	access_user_unref(a->anonymous);
	kube_config_done(&a->config);
	free(a->router);
	free(a);
}

static struct access_user *user_new(struct access *a, struct slice token)
{
	struct access_user *u = NEW(struct access_user);

	u->access = a;
	u->refs = 1;
	list_init(&u->waiters);
	list_init(&u->reviews);
	u->name = mem_strdup("anonymous");
	if (token.len)
		u->token = mem_printf("%.*s", SLICE_ARG(token));
	return u;
}

/* With the user's own token; the program's credentials are not in this configuration. */
static bool connect_as(struct access *a, struct access_user *u, struct err *e)
{
	struct kube_config c = a->config;

	c.token = u->token;
	u->client = kube_client_new(a->loop, &c, e);
	return u->client != NULL;
}

static bool same_secret(const char *have, struct slice given)
{
	return have && strlen(have) == given.len && CRYPTO_memcmp(have, given.ptr, given.len) == 0;
}

static struct access_user *by_token(struct access *a, struct slice token)
{
	struct access_user *u;

	LIST_EACH (u, &a->users, link)
		if (same_secret(u->token, token))
			return u;
	return NULL;
}

static struct access_user *by_session(struct access *a, struct slice session)
{
	struct access_user *u;

	if (session.len != 64)
		return NULL;
	LIST_EACH (u, &a->users, link)
		if (u->session_until_ns > loop_now_ns(a->loop) && same_secret(u->session, session))
			return u;
	return NULL;
}

/* Makes room by the one that was not used for the longest time. NULL with a sentence when all are busy. */
static struct access_user *user_add(struct access *a, struct slice token, struct err *e)
{
	struct access_user *u;

	if (a->n_users >= ACCESS_USERS_MAX) {
		u = CONTAINER_OF(a->users.prev, struct access_user, link);
		if (!list_empty(&u->waiters)) {
			err_set(e, -EAGAIN, "%d others are asking now; try again", ACCESS_USERS_MAX);
			return NULL;
		}
		forget(a, u);
	}
	u = user_new(a, token);
	if (!connect_as(a, u, e)) {
		access_user_unref(u);
		return NULL;
	}
	list_prepend(&a->users, &u->link);
	a->n_users++;
	return u;
}

static struct slice bearer(const struct exchange *x)
{
	const struct slice f = x->authorization;

	if (f.len > 7 && slice_eq_nocase(slice_head(f, 7), SLICE("Bearer ")))
		return slice_trim(slice_from(f, 7));
	return (struct slice){NULL, 0};
}

/* NULL: answered. */
static struct access_user *find(struct access *a, struct exchange *x)
{
	const struct slice token = bearer(x);
	struct access_user *u = NULL;
	struct err e = ERR_INIT;

	if (token.len > ACCESS_TOKEN_MAX_BYTES) {
		exchange_reply_error(x, 401, "the token is too long");
		return NULL;
	}
	if (token.len) {
		u = by_token(a, token);
		if (!u && !(u = user_add(a, token, &e)))
			exchange_reply_error(x, 503, "%s", e.msg);
		return u;
	}
	u = by_session(a, exchange_cookie(x, ACCESS_COOKIE));
	if (u)
		return u;
	if (a->params.anonymous && access_from_here(x, a->router)) {
		if (!a->anonymous)
			a->anonymous = user_new(a, (struct slice){NULL, 0});
		return a->anonymous;
	}
	exchange_reply_error(x, 401, "log in: a token is needed (kubectl create token NAME, or oc whoami -t)");
	return NULL;
}

void access_settle(struct access_user *u, enum user_state state, int status, const char *why)
{
	struct list ready = LIST_INIT(ready);

	access_user_ref(u);
	access_cancel(u);
	u->state = state;
	u->status = status;
	free(u->why);
	u->why = mem_strdup(why);
	list_splice(&ready, &u->waiters);
	while (!list_empty(&ready)) {
		struct waiter *w = LIST_FIRST(&ready, struct waiter, link);
		struct exchange *x = w->x;

		list_remove(&w->link);
		if (state == USER_KNOWN) {
			w->fn(w->arg, x, u);
		} else {
			exchange_reply_error(x, status, "%s", why);
			w->fn(w->arg, NULL, NULL);
		}
		free(w);
	}
	access_user_unref(u);
}

static bool fresh(const struct access_user *u)
{
	return u->state == USER_KNOWN && loop_now_ns(u->access->loop) - u->asked_ns < ACCESS_KEEP_NS;
}

static void wait_for(struct access_user *u, struct exchange *x, access_fn *fn, void *arg)
{
	struct waiter *w = NEW(struct waiter);
	const bool asking = u->review || u->pending;

	*w = (struct waiter){.x = x, .fn = fn, .arg = arg};
	list_append(&u->waiters, &w->link);
	if (!asking)
		access_ask(u);
}

void access_begin(struct access *a, struct exchange *x, access_fn *fn, void *arg)
{
	struct access_user *u = find(a, x);

	if (!u) {
		fn(arg, NULL, NULL);
		return;
	}
	if (u != a->anonymous) {
		list_remove(&u->link);
		list_prepend(&a->users, &u->link);
	}
	if (fresh(u))
		fn(arg, x, u);
	else
		wait_for(u, x, fn, arg);
}

/* ---- sessions ---- */

static void new_session(struct access_user *u)
{
	uint8_t bytes[32];

	rand_bytes(bytes, sizeof(bytes));
	for (size_t i = 0; i < sizeof(bytes); i++)
		snprintf(u->session + 2 * i, 3, "%02x", bytes[i]);
	u->session_until_ns = loop_now_ns(u->access->loop) + ACCESS_SESSION_NS;
}

char *access_session_cookie(struct access_user *u, const struct exchange *x)
{
	if (u->session_until_ns <= loop_now_ns(u->access->loop))
		new_session(u);
	return mem_printf(ACCESS_COOKIE "=%s; Path=/; HttpOnly; SameSite=Strict; Max-Age=%d%s", u->session,
			  (int)(ACCESS_SESSION_NS / NS_PER_S),
			  slice_eq_str(x->forwarded_proto, "https") ? "; Secure" : "");
}

static void on_login(void *arg, struct exchange *x, struct access_user *u)
{
	CLEANUP(buf_done) struct buf body = BUF_INIT;
	CLEANUP(freep) char *cookie = NULL;
	CLEANUP(json_freep) cJSON *json = NULL;

	(void)arg;
	if (!x)
		return;
	cookie = access_session_cookie(u, x);
	json = cJSON_CreateObject();
	cJSON_AddStringToObject(json, "user", u->name);
	json_print(json, &body);
	exchange_reply(x, &(struct exchange_answer){.status = 200, .body = &body, .set_cookie = {cookie}});
}

void access_login(struct access *a, struct exchange *x)
{
	CLEANUP(json_freep) cJSON *json = NULL;
	struct err e = ERR_INIT;
	struct slice token;

	if (json_parse(buf_slice(&x->body), LOGIN_MAX_BYTES, &json, &e) < 0 || !json_get_str(json, "token")) {
		exchange_reply_error(x, 400, "the body must be {\"token\": \"...\"}");
		return;
	}
	token = slice_trim(slice_str(json_get_str(json, "token")));
	if (!token.len) {
		exchange_reply_error(x, 400, "token: must not be empty");
		return;
	}
	/* As if it had come in the field. */
	x->authorization = slice_str(arena_printf(&x->arena, "Bearer %.*s", SLICE_ARG(token)));
	OPENSSL_cleanse(x->body.ptr, x->body.len);
	access_begin(a, x, on_login, a);
}

void access_logout(struct access *a, struct exchange *x)
{
	struct access_user *u = by_session(a, exchange_cookie(x, ACCESS_COOKIE));
	CLEANUP(buf_done) struct buf body = BUF_INIT;

	if (u) {
		OPENSSL_cleanse(u->session, sizeof(u->session));
		u->session_until_ns = 0;
		if (u->by_oauth)
			oauth_end_token(u);
	}
	buf_append_str(&body, "{}");
	exchange_reply(x, &(struct exchange_answer){
				  .status = 200,
				  .body = &body,
				  .set_cookie = {ACCESS_COOKIE "=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0"},
			  });
}

/* ---- users ---- */

const char *access_name(const struct access_user *u)
{
	return u->name;
}

bool access_is_anonymous(const struct access_user *u)
{
	return !u->token;
}

bool access_sees_all(const struct access_user *u)
{
	return u->all;
}

bool access_sees(const struct access_user *u, const char *ns)
{
	for (size_t i = 0; !u->all && i < u->seen.n; i++)
		if (strcmp(u->seen.v[i], ns) == 0)
			return true;
	return u->all;
}

struct kube_client *access_client(const struct access_user *u)
{
	return u->client;
}
