/* Watches over shared connections of HTTP/2, against our own server on loopback: many on few, large events, ends. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "api/kind.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/mem.h"
#include "kube/client_state_internal.h"
#include "msg/json.h"
#include "net/loop.h"
#include "pki/ca.h"
#include "pki/key.h"
#include "web/server.h"

#define WATCHES 600
#define PATIENCE_S 60
#define LARGE_BYTES (700 * 1024)

struct world {
	struct loop *loop;
	struct web_server *web;
	struct kube_client *client;
	char *url, *ca;
	struct web_request *watch[WATCHES]; /* as the server has them */
	size_t n;
	size_t events, ended, gone;
	enum kube_reason reason; /* of the last end */
	struct kube_call *calls[WATCHES];
	char *auth;   /* of the last request */
	size_t large; /* bytes of the largest event */
};

static void on_gone(struct web_request *r)
{
	struct world *w = r->user;

	w->gone++;
	for (size_t i = 0; i < w->n; i++)
		if (w->watch[i] == r)
			w->watch[i] = NULL;
}

static void on_request(void *user, struct web_request *r)
{
	struct world *w = user;
	struct slice v, auth = web_header(r, "authorization");

	free(w->auth);
	w->auth = mem_printf("%.*s", SLICE_ARG(auth));
	if (!web_query(r, "watch", &v)) {
		web_reply(r, 200, "application/json", SLICE("{\"metadata\":{\"resourceVersion\":\"7\"},\"items\":[]}"));
		return;
	}
	if (slice_eq_str(r->path, "/api/v1/namespaces/denied/pods")) {
		web_add_header(r, "Retry-After", "3");
		web_reply(r, 403, "application/json", SLICE("{\"kind\":\"Status\",\"reason\":\"Forbidden\"}"));
		return;
	}
	r->user = w;
	r->on_gone = on_gone;
	web_begin(r, 200, "application/json");
	w->watch[w->n++] = r;
}

static void certificate(struct world *w, struct buf *cert, struct buf *key)
{
	static const char *const ips[] = {"127.0.0.1"};
	const struct pki_names names = {.cn = "server", .ips = ips, .n_ips = 1};
	const int64_t now_s = clock_wall_ns() / NS_PER_S;
	const struct pki_sign how = {.names = &names, .now_s = now_s, .ttl_s = 3600, .use = PKI_USE_SERVER};
	CLEANUP(pki_key_freep) struct pki_key *k = pki_key_new(PKI_KEY_P256);
	CLEANUP(pki_ca_unrefp) struct pki_ca *ca = NULL;

	assert_int_equal(0, pki_ca_new_root("test", SLICE(""), PKI_KEY_P256, now_s, 3600, &ca, NULL));
	w->ca = mem_printf("%.*s", SLICE_ARG(pki_ca_cert_pem(ca)));
	pki_key_to_pem(k, key);
	assert_int_equal(0, pki_ca_issue(ca, k, &how, cert, NULL));
}

static void begin(struct world *w, bool http2)
{
	CLEANUP(buf_done) struct buf cert = BUF_INIT;
	CLEANUP(buf_done) struct buf key = BUF_INIT;
	struct web_config c = {.on_request = on_request, .user = w, .http2 = http2};
	struct addr a;

	w->loop = loop_new();
	certificate(w, &cert, &key);
	c.cert_pem = buf_slice(&cert);
	c.key_pem = buf_slice(&key);
	w->web = web_server_new(w->loop, &c, NULL);
	addr_parse(SLICE("127.0.0.1"), 0, &a);
	w->url = mem_printf("https://127.0.0.1:%d", web_server_listen(w->web, &a, NULL));
	w->client = kube_client_new(
		w->loop, &(struct kube_config){.server = w->url, .ca_pem = w->ca, .token = (char *)"secret"}, NULL);
	assert_non_null(w->client);
}

static int setup(void **state)
{
	begin(*state = NEW(struct world), true);
	return 0;
}

static int old_setup(void **state)
{
	begin(*state = NEW(struct world), false);
	return 0;
}

static int teardown(void **state)
{
	struct world *w = *state;

	kube_client_free(w->client);
	web_server_free(w->web);
	loop_free(w->loop);
	free(w->url);
	free(w->ca);
	free(w->auth);
	free(w);
	return 0;
}

#define UNTIL(w, condition)                                                                                            \
	do {                                                                                                           \
		const int64_t end_ = clock_mono_ns() + PATIENCE_S * (int64_t)NS_PER_S;                                 \
		while (!(condition)) {                                                                                 \
			if (clock_mono_ns() > end_)                                                                    \
				fail_msg("%s: never", #condition);                                                     \
			loop_turn((w)->loop, 20);                                                                      \
		}                                                                                                      \
	} while (0)

static void on_event(void *arg, const cJSON *event)
{
	struct world *w = arg;
	const char *text = json_str(event, "text");

	w->events++;
	if (text && strlen(text) > w->large)
		w->large = strlen(text);
}

static void on_end(void *arg, struct kube_result *r)
{
	struct world *w = arg;

	w->ended++;
	w->reason = r->reason;
	if (r->reason == KUBE_FORBIDDEN)
		assert_int_equal(3000, r->retry_after_ms);
}

static struct kube_call *watch(struct world *w, const char *ns)
{
	const struct kube_request req = {.verb = KUBE_WATCH,
					 .kind = &api_kind_pod,
					 .ns = ns,
					 .resource_version = "7",
					 .timeout_ms = 600000,
					 .on_event = on_event};

	return kube_call_start(w->client, &req, on_end, w);
}

static void watch_all(struct world *w)
{
	for (size_t i = 0; i < WATCHES; i++)
		w->calls[i] = watch(w, "shop");
	UNTIL(w, w->n == WATCHES);
}

static void say(struct world *w, const char *line)
{
	for (size_t i = 0; i < w->n; i++)
		if (w->watch[i])
			web_write(w->watch[i], slice_str(line));
}

static void many_share_few(void **state)
{
	struct world *w = *state;

	watch_all(w);
	assert_int_equal((WATCHES + WEB_STREAMS_MAX - 1) / WEB_STREAMS_MAX,
			 kube_streams_connections(w->client->streams));
	assert_string_equal("Bearer secret", w->auth);
	say(w, "{\"type\":\"A\"}\n{\"ty");
	say(w, "pe\":\"B\"}\n");
	UNTIL(w, w->events == 2 * WATCHES);
	for (size_t i = 0; i < WATCHES; i += 2)
		kube_call_cancel(w->calls[i]);
	UNTIL(w, w->gone == WATCHES / 2);
	say(w, "{\"type\":\"C\"}\n");
	UNTIL(w, w->events == 2 * WATCHES + WATCHES / 2);
	assert_int_equal(0, w->ended);
}

/* What is larger than any window arrives whole, and holds nobody else for good. */
static void large_events(void **state)
{
	struct world *w = *state;
	CLEANUP(buf_done) struct buf line = BUF_INIT;

	watch(w, "shop");
	watch(w, "shop");
	UNTIL(w, w->n == 2);
	buf_append_str(&line, "{\"text\":\"");
	for (size_t i = 0; i < LARGE_BYTES; i++)
		buf_append_char(&line, 'x');
	buf_append_str(&line, "\"}\n");
	say(w, buf_str(&line));
	say(w, "{\"type\":\"A\"}\n");
	UNTIL(w, w->events == 4);
	assert_int_equal(LARGE_BYTES, w->large);
}

static void ends(void **state)
{
	struct world *w = *state;

	watch(w, "denied");
	UNTIL(w, w->ended == 1);
	assert_int_equal(KUBE_FORBIDDEN, w->reason);
	watch(w, "shop");
	UNTIL(w, w->n == 1);
	web_end(w->watch[0]);
	UNTIL(w, w->ended == 2);
	assert_int_equal(KUBE_OK, w->reason);
	watch(w, "shop");
	UNTIL(w, w->n == 2);
	web_abort(w->watch[1]);
	UNTIL(w, w->ended == 3);
	assert_int_equal(KUBE_NETWORK, w->reason);
	watch(w, "shop");
	UNTIL(w, w->n == 3);
	web_write(w->watch[2], SLICE("no JSON\n"));
	UNTIL(w, w->ended == 4);
	assert_int_equal(KUBE_BAD_ANSWER, w->reason);
	UNTIL(w, w->gone == 1);
}

/* The server goes away: each watch hears it once. */
static void the_server_is_gone(void **state)
{
	struct world *w = *state;

	watch_all(w);
	web_server_free(take(w->web));
	UNTIL(w, w->ended == WATCHES);
	assert_int_equal(KUBE_NETWORK, w->reason);
	watch(w, "shop");
	UNTIL(w, w->ended == WATCHES + 1);
}

static void without_http2(void **state)
{
	struct world *w = *state;

	watch(w, "shop");
	watch(w, "shop");
	UNTIL(w, w->n == 2);
	say(w, "{\"type\":\"A\"}\n");
	UNTIL(w, w->events == 2);
	assert_int_equal(0, w->ended);
}

/* Who cannot prove to be the server is sent nothing. */
static void a_stranger_gets_no_token(void **state)
{
	struct world *w = *state, other = {0};
	struct kube_client *c;

	begin(&other, true);
	c = kube_client_new(other.loop,
			    &(struct kube_config){.server = other.url, .ca_pem = w->ca, .token = (char *)"secret"},
			    NULL);
	kube_client_free(other.client);
	other.client = c;
	watch(&other, "shop");
	UNTIL(&other, other.ended == 1);
	assert_int_equal(KUBE_NETWORK, other.reason);
	assert_null(other.auth);
	kube_client_free(other.client);
	web_server_free(other.web);
	loop_free(other.loop);
	free(other.url);
	free(other.ca);
}

/* A thousand reflectors that begin are not a thousand lists at a time. */
static void lists_take_turns(void **state)
{
	struct world *w = *state;
	const struct kube_request req = {.verb = KUBE_LIST, .kind = &api_kind_pod, .ns = "shop"};
	size_t most = 0;

	for (size_t i = 0; i < 3 * KUBE_LISTS_MAX; i++)
		w->calls[i] = kube_call_start(w->client, &req, on_end, w);
	kube_call_cancel(w->calls[0]);
	kube_call_cancel(w->calls[2 * KUBE_LISTS_MAX]);
	while (w->ended < 3 * KUBE_LISTS_MAX - 2) {
		loop_turn(w->loop, 20);
		most = MAX(most, w->client->lists);
		assert_int_equal(w->reason, KUBE_OK);
	}
	assert_int_equal(KUBE_LISTS_MAX, most);
	/* the one that was cut off under way gives its turn back when its connection says so */
	UNTIL(w, w->client->lists == 0);
}

int main(void)
{
#define CASE(fn, how) cmocka_unit_test_setup_teardown(fn, how, teardown)
	const struct CMUnitTest tests[] = {
		CASE(many_share_few, setup),           CASE(large_events, setup),      CASE(ends, setup),
		CASE(the_server_is_gone, setup),       CASE(without_http2, old_setup), CASE(lists_take_turns, setup),
		CASE(a_stranger_gets_no_token, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
