/*
 * A login by OAuth, from the browser's first request to its session:
 *
 *   /oauth/login --302, cookie--> authorization server --302, code and state--> /oauth/callback
 *       callback: cookie and state are one login -> code for a token -> TokenReview -> session, 302 to the page
 *
 * Where the server is the API server says; it is asked once a minute at most, however many ask. What goes wrong is told
 * as a page.
 */
#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/percent.h"
#include "base/rand.h"
#include "console/access/access_internal.h"
#include "console/access/oauth.h"
#include "msg/json.h"
#include "net/fetch.h"

#define WELL_KNOWN "/.well-known/oauth-authorization-server"
#define TOKENS "/apis/oauth.openshift.io/v1/useroauthaccesstokens/"
#define KEEP_NS (60 * (int64_t)NS_PER_S)
#define STEPS_MAX 64
#define FILE_MAX_BYTES 8192
#define ANSWER_MAX_BYTES (64u << 10)
#define TIMEOUT_MS 15000
#define ERROR_MAX_BYTES 40 /* of a code that the server gives, as it is shown */
#define COOKIE "weft-login"
#define COOKIE_HTTPS "__Host-weft-login" /* no other host can set it */

struct oauth {
	struct access *access;
	char *dir;
	uint8_t key[OAUTH_KEY_BYTES];
	struct fetcher *fetcher;
	struct oauth_server server; /* authorize NULL = there is none */
	char *why;                  /* the API server's fault; NULL */
	bool known;
	int64_t asked_ns;
	struct kube_call *asking;
	struct list waiting; /* struct step: for the server to be known */
	struct list steps;   /* the others */
	size_t n_steps;
};

/* One request on its way. */
struct step {
	struct list link;
	struct oauth *oauth;
	struct exchange *x;
	void (*go)(struct step *s); /* once it is known whether there is a server */
	struct buf id, secret, redirects;
	struct slice redirect; /* the URI that leads back to where the browser is; empty: none does */
	struct oauth_login login;
	struct fetch *fetch;
};

/* ---- pages that say what went wrong ---- */

static void escape(const char *text, struct buf *out)
{
	for (; *text; text++)
		if (strchr("<>&\"'", *text))
			buf_printf(out, "&#%d;", *text);
		else
			buf_append_char(out, *text);
}

static void tell_page(struct exchange *x, int status, const char *sentence)
{
	CLEANUP(buf_done) struct buf body = BUF_INIT;

	buf_append_str(&body, "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" "
			      "content=\"width=device-width, initial-scale=1\"><title>Not logged in – Weft</title>"
			      "<link rel=\"icon\" href=\"data:,\"><link rel=\"stylesheet\" href=\"/static/style.css\">"
			      "</head><body><main><h1>Not logged in</h1><p class=\"trouble\" role=\"alert\">");
	escape(sentence, &body);
	buf_append_str(&body, "</p><p><a href=\"/oauth/login\">Log in again</a>, or <a href=\"/docs?login\">with a "
			      "token</a>.</p></main></body></html>\n");
	exchange_reply(x,
		       &(struct exchange_answer){.status = status, .type = "text/html; charset=utf-8", .body = &body});
}

/* ---- steps ---- */

static void step_free(struct step *s)
{
	list_remove(&s->link);
	s->oauth->n_steps--;
	fetch_stop(s->fetch);
	OPENSSL_cleanse(s->secret.ptr, s->secret.len);
	OPENSSL_cleanse(&s->login, sizeof(s->login));
	buf_done(&s->id);
	buf_done(&s->secret);
	buf_done(&s->redirects);
	free(s);
}

static void step_fail(struct step *s, int status, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

static void step_fail(struct step *s, int status, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	exchange_vreply_error(s->x, status, fmt, ap);
	va_end(ap);
	step_free(s);
}

static struct oauth_client client_of(const struct step *s)
{
	return (struct oauth_client){buf_str(&s->id), buf_str(&s->secret), buf_str(&s->redirects)};
}

/* One line, or for `whole` all of them; false: it is not there, or empty. */
static bool read_one(const char *dir, const char *name, bool whole, struct buf *out)
{
	CLEANUP(freep) char *path = mem_printf("%s/%s", dir, name);

	if (file_read(path, FILE_MAX_BYTES, out, NULL) < 0 || !out->len)
		return false;
	if (!whole)
		out->len = strcspn(out->ptr, "\r\n");
	out->ptr[out->len] = '\0';
	return out->len > 0;
}

static bool read_client(struct step *s)
{
	const char *dir = s->oauth->dir;

	if (!read_one(dir, "client-id", false, &s->id) || !read_one(dir, "client-secret", false, &s->secret) ||
	    !read_one(dir, "redirect-uris", true, &s->redirects))
		return false;
	s->redirect = oauth_redirect_of(buf_str(&s->redirects), s->x->host);
	return true;
}

/* NULL: answered. */
static struct step *step_new(struct access *a, struct exchange *x)
{
	struct oauth *o = a->oauth;
	struct step *s;

	if (!o) {
		exchange_reply_error(x, 404, "there is no login by OAuth here: log in with a token");
		return NULL;
	}
	if (o->n_steps >= STEPS_MAX) {
		exchange_reply_error(x, 503, "%d others log in now; try again", STEPS_MAX);
		return NULL;
	}
	s = NEW(struct step);
	s->oauth = o;
	s->x = x;
	list_append(&o->steps, &s->link);
	o->n_steps++;
	return s;
}

/* ---- whether there is a server ---- */

static void on_server(void *arg, struct kube_result *r)
{
	struct oauth *o = arg;
	struct list ready = LIST_INIT(ready);
	struct err e = ERR_INIT;

	o->asking = NULL;
	o->asked_ns = loop_now_ns(o->access->loop);
	o->known = true;
	oauth_server_done(&o->server);
	free(take(o->why));
	if (r->reason != KUBE_OK && r->reason != KUBE_NOT_FOUND)
		o->why = mem_strdup(r->err.msg);
	else if (r->reason == KUBE_OK && oauth_server_read(r->body, &o->server, &e) < 0)
		o->why = mem_strdup(e.msg);
	list_splice(&ready, &o->waiting);
	while (!list_empty(&ready)) {
		struct step *s = LIST_FIRST(&ready, struct step, link);

		list_remove(&s->link);
		list_append(&o->steps, &s->link);
		s->go(s);
	}
}

static void with_server(struct step *s, void (*go)(struct step *s))
{
	struct oauth *o = s->oauth;
	const struct kube_request req = {.verb = KUBE_GET, .path = WELL_KNOWN};

	s->go = go;
	if (o->known && !o->asking && loop_now_ns(o->access->loop) - o->asked_ns < KEEP_NS) {
		go(s);
		return;
	}
	list_remove(&s->link);
	list_append(&o->waiting, &s->link);
	if (!o->asking)
		o->asking = kube_call_start(o->access->client, &req, on_server, o);
}

/* false: answered. */
static bool has_server(struct step *s)
{
	const struct oauth *o = s->oauth;

	if (o->server.authorize)
		return true;
	if (o->why)
		step_fail(s, 502, "Where to log in is not known: %s.", o->why);
	else
		step_fail(s, 404, "This cluster has no OAuth server of OpenShift: log in with a token.");
	return false;
}

static void reply_ways(struct exchange *x, bool oauth)
{
	CLEANUP(buf_done) struct buf body = BUF_INIT;

	buf_printf(&body, "{\"oauth\":%s}", oauth ? "true" : "false");
	exchange_reply(x, &(struct exchange_answer){.status = 200, .body = &body});
}

static void go_ways(struct step *s)
{
	reply_ways(s->x, s->oauth->server.authorize != NULL);
	step_free(s);
}

void access_ways(struct access *a, struct exchange *x)
{
	struct step *s;

	if (!a->oauth) {
		reply_ways(x, false);
		return;
	}
	s = step_new(a, x);
	if (!s)
		return;
	if (read_client(s) && s->redirect.len) {
		with_server(s, go_ways);
		return;
	}
	reply_ways(x, false);
	step_free(s);
}

/* ---- the way there ---- */

static bool is_https(const struct step *s)
{
	return slice_starts(s->redirect, SLICE("https://"));
}

static const char *cookie_name(const struct step *s)
{
	return is_https(s) ? COOKIE_HTTPS : COOKIE;
}

/* max_age 0: it ends. SameSite=Lax: it is there when another site's page leads back. */
static char *cookie_of(const struct step *s, const char *value, int max_age)
{
	return mem_printf("%s=%s; Path=/; HttpOnly; SameSite=Lax; Max-Age=%d%s", cookie_name(s), value, max_age,
			  is_https(s) ? "; Secure" : "");
}

static void go_there(struct step *s)
{
	struct oauth *o = s->oauth;
	const struct oauth_client client = client_of(s);
	CLEANUP(buf_done) struct buf url = BUF_INIT;
	CLEANUP(buf_done) struct buf sealed = BUF_INIT;
	CLEANUP(freep) char *cookie = NULL;

	if (!has_server(s))
		return;
	oauth_authorize_url(&o->server, &client, s->redirect, o->key, &s->login, &url);
	oauth_seal(o->key, &s->login, &sealed);
	cookie = cookie_of(s, buf_str(&sealed), (int)(OAUTH_LOGIN_NS / NS_PER_S));
	exchange_reply(s->x,
		       &(struct exchange_answer){.status = 302, .set_cookie = {cookie}, .location = buf_str(&url)});
	step_free(s);
}

/* The cookie is for HTTPS alone where the way back is: so is the way there. */
static void go_secure(struct step *s, struct slice then)
{
	CLEANUP(buf_done) struct buf url = BUF_INIT;

	buf_printf(&url, "https://%.*s/oauth/login?then=", SLICE_ARG(s->x->host));
	percent_encode(then, &url);
	exchange_reply(s->x, &(struct exchange_answer){.status = 302, .location = buf_str(&url)});
	step_free(s);
}

/* false: answered. */
static bool has_client(struct step *s)
{
	if (!read_client(s))
		step_fail(s, 404, "There is no login by OAuth here (yet): log in with a token.");
	else if (!s->redirect.len)
		step_fail(s, 400, "No login leads back to %.*s: use the address of one of this console's Routes.",
			  SLICE_ARG(s->x->host));
	else
		return true;
	return false;
}

static void begin(struct step *s)
{
	const struct slice given = exchange_argument(s->x, "then"), then = given.len ? given : SLICE("/");

	if (!oauth_is_local(then)) {
		step_fail(s, 400, "What is shown after the login (then) must be a path of this console.");
		return;
	}
	if (!has_client(s))
		return;
	if (is_https(s) && slice_eq_str(s->x->forwarded_proto, "http")) {
		go_secure(s, then);
		return;
	}
	oauth_login_begin(&s->login, then, loop_now_ns(s->oauth->access->loop));
	with_server(s, go_there);
}

/* ---- the way back ---- */

/* The token is the user's: it goes the way of one that was pasted. */
static void on_user(void *arg, struct exchange *x, struct access_user *u)
{
	CLEANUP(freep) char *session = NULL;
	const char *const *after = x ? x->user : NULL; /* the page, and the cookie of the login, which ends */

	(void)arg;
	if (!x)
		return;
	u->by_oauth = true;
	session = access_session_cookie(u, x);
	log_info("console", "%s logged in by OAuth", access_name(u));
	exchange_reply(
		x, &(struct exchange_answer){.status = 302, .set_cookie = {session, after[1]}, .location = after[0]});
}

static void enter(struct step *s, struct slice token)
{
	struct exchange *x = s->x;
	struct access *a = s->oauth->access;
	CLEANUP(freep) char *ended = cookie_of(s, "", 0);
	const char **after = arena_alloc(&x->arena, 2 * sizeof(*after));

	after[0] = arena_strdup(&x->arena, s->login.then);
	after[1] = arena_strdup(&x->arena, ended);
	x->user = after;
	x->authorization = slice_str(arena_printf(&x->arena, "Bearer %.*s", SLICE_ARG(token)));
	step_free(s);
	access_begin(a, x, on_user, a);
}

/* What a server gives as a code of its errors, as far as it is one: it may be anybody's text. */
static struct slice error_code(struct slice text)
{
	size_t n = 0;

	while (n < text.len && n < ERROR_MAX_BYTES &&
	       ((text.ptr[n] >= 'a' && text.ptr[n] <= 'z') || text.ptr[n] == '_'))
		n++;
	return n ? slice_head(text, n) : SLICE("it does not say why");
}

static void on_token(void *arg, struct slice body, const char *error)
{
	struct step *s = arg;
	CLEANUP(json_freep) cJSON *json = NULL;
	struct slice token, code;

	s->fetch = NULL;
	if (*error) {
		step_fail(
			s, 502,
			"The OAuth server gave no token: %s. Its certificate must end at the cluster's authorities or "
			"the system's.",
			error);
		return;
	}
	if (json_parse(body, ANSWER_MAX_BYTES, &json, NULL) < 0) {
		step_fail(s, 502, "The OAuth server gave no token: its answer is no JSON.");
		return;
	}
	token = slice_str(json_get_str(json, "access_token"));
	code = error_code(slice_str(json_get_str(json, "error")));
	if (!token.len || token.len > ACCESS_TOKEN_MAX_BYTES)
		step_fail(s, 502, "The OAuth server gave no token: %.*s.", SLICE_ARG(code));
	else
		enter(s, token);
	if (token.len)
		OPENSSL_cleanse((char *)token.ptr, token.len);
}

static void go_back(struct step *s)
{
	struct oauth *o = s->oauth;
	const struct kube_config *k = &o->access->config;
	const struct oauth_client client = client_of(s);
	CLEANUP(buf_done) struct buf field = BUF_INIT;
	CLEANUP(buf_done) struct buf form = BUF_INIT;

	if (!has_server(s))
		return;
	oauth_token_field(&client, &field);
	oauth_token_form(&o->server, s->redirect, exchange_argument(s->x, "code"), &s->login, &form);
	s->fetch = fetch_start(o->fetcher, &(struct fetch_params){
						   .url = o->server.token,
						   .max_bytes = ANSWER_MAX_BYTES,
						   .timeout_ms = TIMEOUT_MS,
						   .roots_file = k->ca_file,
						   .roots = k->ca_file ? NULL : k->ca_pem,
						   .field = buf_str(&field),
						   .form = buf_str(&form),
						   .stay = true,
						   .any_status = true,
						   .on_done = on_token,
						   .arg = s,
					   });
	OPENSSL_cleanse(field.ptr, field.len);
	OPENSSL_cleanse(form.ptr, form.len);
}

/* The login that this browser began; false: answered. */
static bool is_of_this_browser(struct step *s)
{
	struct oauth *o = s->oauth;
	const int64_t now = loop_now_ns(o->access->loop);

	switch (oauth_open(o->key, exchange_cookie(s->x, cookie_name(s)), now, &s->login)) {
	case OAUTH_GOOD:
		if (oauth_state_is(o->key, &s->login, exchange_argument(s->x, "state")))
			return true;
		step_fail(s, 400, "This answer belongs to another login than the one that this browser began.");
		return false;
	case OAUTH_LATE:
		step_fail(s, 400, "The login took longer than %d minutes.", (int)(OAUTH_LOGIN_NS / NS_PER_S / 60));
		return false;
	default:
		step_fail(s, 400,
			  "This browser began no login here, or more than %d minutes ago, or the console was started "
			  "anew since.",
			  (int)(OAUTH_LOGIN_NS / NS_PER_S / 60));
		return false;
	}
}

static void come_back(struct step *s)
{
	const struct slice error = exchange_argument(s->x, "error"), code = error_code(error);

	if (!has_client(s) || !is_of_this_browser(s))
		return;
	if (slice_eq_str(error, "access_denied"))
		step_fail(s, 403, "Access was denied: OpenShift, or you, did not let this console act for you.");
	else if (error.len)
		step_fail(s, 403, "The OAuth server refused the login: %.*s.", SLICE_ARG(code));
	else if (!exchange_argument(s->x, "code").len)
		step_fail(s, 400, "The OAuth server's answer has no code.");
	else
		with_server(s, go_back);
}

bool access_oauth(struct access *a, struct exchange *x)
{
	const bool login = slice_eq_str(x->path, "/oauth/login"), back = slice_eq_str(x->path, "/oauth/callback");
	struct step *s;

	if (x->method != EXCHANGE_GET || (!login && !back))
		return false;
	x->tell_error = tell_page;
	s = step_new(a, x);
	if (s)
		(login ? begin : come_back)(s);
	return true;
}

/* ---- the end ---- */

static void on_ended(void *arg, struct kube_result *r)
{
	struct access_user *u = arg;

	u->ending = NULL;
	if (r->reason != KUBE_OK)
		log_info("console", "the token of %s outlives its session: %s", access_name(u), r->err.msg);
}

void oauth_end_token(struct access_user *u)
{
	CLEANUP(buf_done) struct buf path = BUF_INIT;
	struct kube_request req = {.verb = KUBE_DELETE};

	buf_append_str(&path, TOKENS);
	oauth_token_name(slice_str(u->token), &path);
	req.path = buf_str(&path);
	kube_call_cancel(u->ending);
	u->ending = kube_call_start(u->client, &req, on_ended, u);
	u->state = USER_NEW; /* who still has the token is asked anew */
}

struct oauth *oauth_new(struct access *a, const char *dir)
{
	struct oauth *o;

	if (!dir)
		return NULL;
	o = NEW(struct oauth);
	o->access = a;
	o->dir = mem_strdup(dir);
	o->fetcher = fetcher_new(a->loop);
	rand_bytes(o->key, sizeof(o->key));
	list_init(&o->waiting);
	list_init(&o->steps);
	return o;
}

void oauth_free(struct oauth *o)
{
	if (!o)
		return;
	kube_call_cancel(o->asking);
	while (!list_empty(&o->waiting)) /* the exchanges are the server's */
		step_free(LIST_FIRST(&o->waiting, struct step, link));
	while (!list_empty(&o->steps))
		step_free(LIST_FIRST(&o->steps, struct step, link));
	fetcher_free(o->fetcher);
	oauth_server_done(&o->server);
	OPENSSL_cleanse(o->key, sizeof(o->key));
	free(o->why);
	free(o->dir);
	free(o);
}
