/* Who may look: tokens, sessions, namespaces, and those who come from this machine. The API server is a fake one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

#include "base/cleanup.h"
#include "console/access/access.h"
#include "fake_kube.h"

struct kube_client *kube_client_new(struct loop *l, const struct kube_config *c, struct err *e)
{
	(void)l, (void)e;
	assert_non_null(c->token); /* nobody's calls are made with the program's credentials */
	assert_null(c->token_file);
	return FAKE_CLIENT;
}

void kube_client_free(struct kube_client *c)
{
	(void)c;
}

/* ---- exchanges without a server ---- */

static struct {
	int status; /* of the last answer, 0 = none */
	char *cookie;
	char *text;
} answered;

void exchange_reply(struct exchange *x, const struct exchange_answer *a)
{
	answered.status = a->status;
	free(answered.cookie);
	answered.cookie = mem_strdup(a->set_cookie[0]);
	buf_done(&x->body);
	arena_done(&x->arena);
	free(x);
	if (a->body)
		buf_done(a->body);
}

void exchange_reply_error(struct exchange *x, int status, const char *fmt, ...)
{
	(void)fmt;
	exchange_reply(x, &(struct exchange_answer){.status = status});
}

static struct exchange *request(const char *token, const char *cookie, const char *peer)
{
	struct exchange *x = NEW(struct exchange);

	x->method = EXCHANGE_GET;
	x->host = SLICE("kiali.example");
	x->authorization = slice_str(token ? arena_printf(&x->arena, "Bearer %s", token) : NULL);
	x->cookie = slice_str(arena_strdup(&x->arena, cookie));
	x->peer = slice_str(peer ? peer : "10.1.2.3");
	return x;
}

/* ---- the world: who the tokens are, and what they may see ---- */

static struct loop *loop;
static struct access *access_now;
static struct access_user *seen; /* by the last exchange that was let in; NULL: it was not */
static size_t let_in;

static void on_known(void *arg, struct exchange *x, struct access_user *u)
{
	(void)arg;
	seen = u;
	if (!x)
		return;
	let_in++;
	exchange_reply(x, &(struct exchange_answer){.status = 200});
}

static void namespaces(void *arg, void (*each)(void *to, const char *ns), void *to)
{
	(void)arg;
	each(to, "shop");
	each(to, "bank");
}

static struct access *access_of(bool anonymous)
{
	const struct kube_config config = {
		.server = (char *)"https://api", .token = (char *)"own", .token_file = (char *)"/own"};

	answered.status = 0;
	let_in = 0;
	return access_new(loop, &(struct access_params){.config = &config,
							.client = FAKE_CLIENT,
							.anonymous = anonymous,
							.router = "10.0.0.1",
							.namespaces = namespaces});
}

/* "admin" sees all, "dev" sees shop, all others are nobody. */
static const char *reviewed; /* the token of the last review */

static void answer_one(struct kube_call *c)
{
	const char *token = json_str(c->req.body, "spec.token");
	const char *ns = json_str(c->req.body, "spec.resourceAttributes.namespace");
	char text[200];
	bool good;

	if (token) {
		reviewed = strcmp(token, "admin") == 0 ? "admin" : strcmp(token, "dev") == 0 ? "dev" : NULL;
		snprintf(text, sizeof(text), "{\"status\":{\"authenticated\":%s,\"user\":{\"username\":\"u-%s\"}}}",
			 reviewed ? "true" : "false", reviewed ? reviewed : "");
	} else {
		good = reviewed && (strcmp(reviewed, "admin") == 0 || (ns && strcmp(ns, "shop") == 0));
		snprintf(text, sizeof(text), "{\"status\":{\"allowed\":%s}}", good ? "true" : "false");
	}
	fake_kube_answer(c, KUBE_OK, json_literal(text));
}

static void answer_all(void)
{
	while (fake_kube.calls.n)
		answer_one(fake_kube.calls.v[0]);
}

static void ask(const char *token, const char *cookie, const char *peer)
{
	answered.status = 0;
	access_begin(access_now, request(token, cookie, peer), on_known, NULL);
	answer_all();
}

static void tokens(void **state)
{
	(void)state;
	access_now = access_of(false);
	ask(NULL, NULL, "127.0.0.1");
	assert_int_equal(answered.status, 401);
	ask("wrong", NULL, NULL);
	assert_int_equal(answered.status, 401);
	assert_int_equal(let_in, 0);
	ask("admin", NULL, NULL);
	assert_int_equal(answered.status, 200);
	assert_string_equal(access_name(seen), "u-admin");
	assert_true(access_sees_all(seen) && access_sees(seen, "bank"));
	ask("dev", NULL, NULL);
	assert_false(access_sees_all(seen));
	assert_true(access_sees(seen, "shop"));
	assert_false(access_sees(seen, "bank"));
	/* What is known is not asked again for a while. */
	access_begin(access_now, request("dev", NULL, NULL), on_known, NULL);
	assert_int_equal(fake_kube.calls.n, 0);
	access_free(access_now);
}

static void api_server_is_away(void **state)
{
	(void)state;
	access_now = access_of(false);
	access_begin(access_now, request("dev", NULL, NULL), on_known, NULL);
	access_begin(access_now, request("dev", NULL, NULL), on_known, NULL);
	assert_int_equal(fake_kube.calls.n, 1);
	fake_kube_answer(fake_kube.calls.v[0], KUBE_NETWORK, NULL);
	assert_int_equal(answered.status, 502);
	assert_int_equal(let_in, 0);
	/* Of the reviews, too. */
	access_begin(access_now, request("dev", NULL, NULL), on_known, NULL);
	answer_one(fake_kube.calls.v[0]);
	fake_kube_answer(fake_kube.calls.v[0], KUBE_NETWORK, NULL);
	assert_int_equal(answered.status, 502);
	assert_int_equal(let_in, 0);
	ask("dev", NULL, NULL);
	assert_int_equal(let_in, 1);
	access_free(access_now);
}

static void sessions(void **state)
{
	struct exchange *x;
	char cookie[128];

	(void)state;
	access_now = access_of(false);
	x = request(NULL, NULL, NULL);
	buf_append_str(&x->body, "{\"token\":\"\"}");
	access_login(access_now, x);
	assert_int_equal(answered.status, 400);
	x = request(NULL, NULL, NULL);
	buf_append_str(&x->body, "{\"token\":\"dev\"}");
	access_login(access_now, x);
	answer_all();
	assert_int_equal(answered.status, 200);
	/* Once more, when all is known: it is answered at once. */
	x = request(NULL, NULL, NULL);
	buf_append_str(&x->body, "{\"token\":\"dev\"}");
	answered.status = 0;
	access_login(access_now, x);
	assert_int_equal(answered.status, 200);
	assert_non_null(strstr(answered.cookie, "HttpOnly; SameSite=Strict"));
	snprintf(cookie, sizeof(cookie), "a=b; %.*s", (int)strcspn(answered.cookie, ";"), answered.cookie);
	ask(NULL, cookie, NULL);
	assert_int_equal(answered.status, 200);
	assert_string_equal(access_name(seen), "u-dev");
	cookie[strlen(cookie) - 1] ^= 1;
	ask(NULL, cookie, NULL);
	assert_int_equal(answered.status, 401);
	cookie[strlen(cookie) - 1] ^= 1;
	access_logout(access_now, request(NULL, cookie, NULL));
	ask(NULL, cookie, NULL);
	assert_int_equal(answered.status, 401);
	access_free(access_now);
}

/* Anonymous: from this machine alone, which a pod cannot pretend. */
static void from_here(void **state)
{
	static const struct {
		const char *peer, *forwarded;
		bool here;
	} rows[] = {
		{"127.0.0.1", "", true},
		{"::1", "", true},
		{"10.1.2.3", "", false},
		{"10.0.0.1", "", false}, /* the router says for whom */
		{"10.0.0.1", "127.0.0.1", true},
		{"10.0.0.1", "192.0.2.1", false},
		{"10.0.0.1", "127.0.0.1, 192.0.2.1", false},
		{"10.0.0.1", "192.0.2.1, 127.0.0.1", true},
		{"10.1.2.3", "127.0.0.1", false}, /* a pod that says so */
		{"127.0.0.1", "10.1.2.3", false},
		{"127.0.0.1", "127.0.0.1", true},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct exchange x = {.peer = slice_str(rows[i].peer), .forwarded_for = slice_str(rows[i].forwarded)};

		if (access_from_here(&x, "10.0.0.1") != rows[i].here)
			fail_msg("%s for \"%s\": expected %d", rows[i].peer, rows[i].forwarded, rows[i].here);
	}
	access_now = access_of(true);
	reviewed = "admin"; /* the program itself */
	ask(NULL, NULL, "127.0.0.1");
	assert_int_equal(answered.status, 200);
	assert_true(access_is_anonymous(seen));
	assert_null(access_client(seen));
	ask(NULL, NULL, "10.1.2.3");
	assert_int_equal(answered.status, 401);
	access_free(access_now);
}

static void origins(void **state)
{
	static const struct {
		const char *origin;
		bool same;
	} rows[] = {{"", true},
		    {"http://kiali.example", true},
		    {"https://KIALI.example", true},
		    {"http://evil.example", false},
		    {"http://kiali.example.evil", false},
		    {"null", false},
		    {"kiali.example", false}};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct exchange x = {.host = SLICE("kiali.example"), .origin = slice_str(rows[i].origin)};

		if (access_same_origin(&x) != rows[i].same)
			fail_msg("\"%s\": expected %d", rows[i].origin, rows[i].same);
	}
}

/* More users than there is room for: those who were not seen longest go. */
static void many(void **state)
{
	(void)state;
	access_now = access_of(false);
	ask("admin", NULL, NULL);
	for (int i = 0; i < ACCESS_USERS_MAX + 5; i++) {
		char token[16];

		snprintf(token, sizeof(token), "t%d", i);
		ask(token, NULL, NULL);
	}
	access_begin(access_now, request("admin", NULL, NULL), on_known, NULL);
	assert_int_equal(fake_kube.calls.n, 1); /* was forgotten, is asked anew */
	answer_all();
	assert_int_equal(let_in, 2);
	access_free(access_now);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tokens),   cmocka_unit_test(api_server_is_away),
		cmocka_unit_test(sessions), cmocka_unit_test(from_here),
		cmocka_unit_test(origins),  cmocka_unit_test(many),
	};
	int r;

	loop = loop_new();
	r = cmocka_run_group_tests(tests, NULL, NULL);
	loop_free(loop);
	free(answered.cookie);
	free(fake_kube.log);
	vec_done(&fake_kube.calls);
	return r;
}
