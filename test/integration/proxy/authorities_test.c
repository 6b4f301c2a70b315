/*
 * Another authority than the control plane signs (CA_ADDR apart from discoveryAddress): the agent asks it over gRPC
 * with TLS, with its token, and the control plane is asked for configuration alone.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include "agent_world.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/mem.h"

#define RETRIES_MS ((int64_t)700) /* the agent has asked, and asked again */

/* Both worlds' loops. */
#define WAIT_BOTH(a, b, condition)                                                                                     \
	do {                                                                                                           \
		int64_t until_ = clock_mono_ns() + AGENT_WORLD_WAIT_MS * (int64_t)NS_PER_MS;                           \
		while (!(condition) && clock_mono_ns() < until_) {                                                     \
			loop_turn((a)->loop, 5);                                                                       \
			loop_turn((b)->loop, 5);                                                                       \
		}                                                                                                      \
		assert_true(condition);                                                                                \
	} while (0)

static void trust_both(const struct agent_world *w, const struct agent_world *authority)
{
	CLEANUP(freep) char *path = mem_printf("%s/root.pem", w->dir);
	CLEANUP(buf_done) struct buf roots = BUF_INIT;

	buf_append_slice(&roots, pki_ca_roots_pem(w->ca));
	buf_append_slice(&roots, pki_ca_roots_pem(authority->ca));
	assert_int_equal(file_write(path, buf_slice(&roots), 0600, NULL), 0);
}

static void on_end(void *ctx)
{
	((struct agent_world *)ctx)->ended = true;
}

static void start(struct agent_world *w, const struct agent_world *authority)
{
	static char *argv[] = {(char *)"weft-proxy", (char *)"proxy",
			       (char *)"sidecar",    (char *)"--concurrency",
			       (char *)"1",          (char *)"--status-port",
			       (char *)"0",          (char *)"--admin-port",
			       (char *)"0",          NULL};
	CLEANUP(freep) char *config = mem_printf("{\"discoveryAddress\":\"127.0.0.1:%u\"}", w->port);
	CLEANUP(freep) char *address = mem_printf("127.0.0.1:%u", authority->port);
	struct err e = ERR_INIT;

	agent_world_environment(w);
	setenv("CA_ADDR", address, 1);
	setenv("PROXY_CONFIG", config, 1);
	if (bootstrap_init(&w->boot, ARRAY_LEN(argv) - 1, argv, &e) != 0)
		fail_msg("%s", e.msg);
	if (agent_start(w->loop, &w->boot, on_end, w, &w->agent, &e) != 0)
		fail_msg("%s", e.msg);
}

static void another_authority_signs(void **state)
{
	struct agent_world w, authority;

	(void)state;
	agent_world_init(&w);
	agent_world_init(&authority);
	trust_both(&w, &authority);
	agent_world_start_control(&w);
	agent_world_start_control(&authority);
	start(&w, &authority);
	WAIT_BOTH(&w, &authority, agent_world_ready(&w));
	assert_int_equal(authority.csrs, 1);
	assert_int_equal(w.csrs, 0);
	assert_string_equal(w.agent->config->node->principal, "spiffe://cluster.local/ns/shop/sa/web");
	assert_int_equal(agent_world_get(&w, w.front_port, "/x"), 200);
	agent_world_stop(&w);
	agent_world_stop_control(&w);
	agent_world_stop_control(&authority);
	agent_world_done(&authority);
	agent_world_done(&w);
	unsetenv("PROXY_CONFIG");
}

/* An authority whose own certificate nobody vouches for is told nothing: no token, no request. */
static void a_strange_authority_is_not_asked(void **state)
{
	struct agent_world w, authority;
	int64_t until;

	(void)state;
	agent_world_init(&w);
	agent_world_init(&authority);
	agent_world_start_control(&w);
	agent_world_start_control(&authority);
	start(&w, &authority);
	WAIT_BOTH(&w, &authority, agent_world_ready(&w));
	for (until = clock_mono_ns() + RETRIES_MS * NS_PER_MS; clock_mono_ns() < until;) {
		loop_turn(w.loop, 5);
		loop_turn(authority.loop, 5);
	}
	assert_int_equal(authority.csrs, 0);
	assert_int_equal(w.csrs, 0);
	agent_world_stop(&w);
	agent_world_stop_control(&w);
	agent_world_stop_control(&authority);
	agent_world_done(&authority);
	agent_world_done(&w);
	unsetenv("PROXY_CONFIG");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(another_authority_signs),
		cmocka_unit_test(a_strange_authority_is_not_asked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
