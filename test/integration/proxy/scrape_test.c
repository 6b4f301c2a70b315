/* However many ask for the metrics at once: they are made once, and the application is asked once. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <cmocka.h>

#include "agent_world.h"
#include "base/clock.h"
#include "codecs/codecs.h"

#define ASKED 5

static struct agent_world w;
static struct http_server *status, *app;
static struct http_request *app_rq; /* not answered yet */
static unsigned app_asked, answers;
static bool with_app;

static void on_status(void *ctx, struct http_request *rq)
{
	(void)ctx;
	agent_scrape(w.agent, rq, slice_eq(http_request_path(rq), SLICE("/merged")));
}

static void on_app(void *ctx, struct http_request *rq)
{
	(void)ctx;
	app_asked++;
	app_rq = rq;
}

static struct http_server *serve(uint16_t *ret_port, http_handler *fn)
{
	struct http_server *s;
	struct err e = ERR_INIT;
	struct addr at;

	*ret_port = agent_world_free_port();
	assert_int_equal(addr_parse(SLICE("127.0.0.1"), *ret_port, &at), 0);
	assert_int_equal(http_server_new(w.loop, &at, codecs_http1(), fn, NULL, &s, &e), 0);
	return s;
}

static void on_answer(void *ctx, int code, const char *why, const char *type, struct slice body)
{
	(void)ctx;
	(void)type;
	if (code != 200)
		fail_msg("%d %s", code, why);
	assert_non_null(memmem(body.ptr, body.len, "envoy_server_live", 17));
	assert_true((memmem(body.ptr, body.len, "of_the_app 1", 12) != NULL) == with_app);
	answers++;
}

static void ask(uint16_t port, const char *path, unsigned n)
{
	struct agent_fetch_request rq = {
		.method = "GET", .path = path, .host = "a", .headers = "", .timeout_ms = AGENT_WORLD_WAIT_MS};

	assert_int_equal(addr_parse(SLICE("127.0.0.1"), port, &rq.to), 0);
	answers = 0;
	while (n--)
		agent_fetch(&w.client, &rq, on_answer, NULL);
}

static void together(void **state)
{
	uint16_t port;

	(void)state;
	agent_world_init(&w);
	agent_world_start_control(&w);
	agent_world_start(&w);
	app = serve(&w.boot.app_metrics_port, on_app);
	w.boot.app_metrics = true;
	w.boot.app_metrics_path = "/metrics";
	status = serve(&port, on_status);
	ask(port, "/own", ASKED);
	WAIT_FOR(&w, answers == ASKED);
	assert_int_equal(app_asked, 0);

	with_app = true;
	ask(port, "/merged", ASKED);
	WAIT_FOR(&w, app_asked);
	/* Late, and still in time. */
	for (int i = 0; i < 20; i++)
		loop_turn(w.loop, 1);
	http_reply(app_rq, 200, "text/plain", NULL, SLICE("of_the_app 1\n"));
	WAIT_FOR(&w, answers == ASKED);
	assert_int_equal(app_asked, 1);

	/* The next one is made anew; the agent ends while the application thinks. */
	ask(port, "/merged", 1);
	WAIT_FOR(&w, app_asked == 2);
	with_app = false;
	agent_world_stop(&w);
	WAIT_FOR(&w, answers == 1);
	http_reply(app_rq, 200, "text/plain", NULL, SLICE("of_the_app 1\n"));
	http_server_free(status);
	http_server_free(app);
	agent_world_stop_control(&w);
	agent_world_done(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(together)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
