/* The agent of a workload that registers itself: its probe, and what the control plane hears of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <cmocka.h>

#include "agent_world.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/mem.h"

static void start(struct agent_world *w, const char *probe)
{
	CLEANUP(freep) char *config = mem_printf("{\"readinessProbe\":%s}", probe);

	setenv("ISTIO_META_AUTO_REGISTER_GROUP", "pool", 1);
	setenv("PROXY_CONFIG", config, 1);
	agent_world_start_control(w);
	agent_world_start(w);
}

static void stop(struct agent_world *w)
{
	agent_world_stop(w);
	agent_world_stop_control(w);
	agent_world_done(w);
	unsetenv("ISTIO_META_AUTO_REGISTER_GROUP");
	unsetenv("PROXY_CONFIG");
}

/* Changes are told once, and all over again to a control plane that is new. */
static void a_command_tells(void **state)
{
	struct agent_world w;
	CLEANUP(freep) char *flag = NULL;
	CLEANUP(freep) char *probe = NULL;

	(void)state;
	agent_world_init(&w);
	flag = mem_printf("%s/well", w.dir);
	probe = mem_printf("{\"exec\":{\"command\":[\"test\",\"-e\",\"%s\"]},\"periodSeconds\":1,\"timeoutSeconds\":30,"
			   "\"failureThreshold\":1}",
			   flag);
	start(&w, probe);
	WAIT_FOR(&w, w.others == 1);
	assert_string_equal("istio.v1.HealthInformation: the command ended with 1", w.other);
	assert_int_equal(0, file_write(flag, SLICE(""), 0600, NULL));
	WAIT_FOR(&w, w.others == 2);
	assert_string_equal("istio.v1.HealthInformation: fine", w.other);
	agent_world_stop_control(&w);
	agent_world_start_control(&w);
	WAIT_FOR(&w, w.others == 3);
	assert_string_equal("istio.v1.HealthInformation: fine", w.other);
	stop(&w);
}

static void a_command_that_hangs(void **state)
{
	struct agent_world w;

	(void)state;
	agent_world_init(&w);
	start(&w, "{\"exec\":{\"command\":[\"sleep\",\"1000\"]},\"failureThreshold\":1}");
	WAIT_FOR(&w, w.others == 1);
	assert_string_equal("istio.v1.HealthInformation: the command takes too long", w.other);
	stop(&w);
}

/* By HTTP and by TCP, to the workload's own address. */
static void a_request_tells(void **state)
{
	static const char *const probes[] = {"{\"httpGet\":{\"path\":\"/ready\",\"port\":%u},\"timeoutSeconds\":30}",
					     "{\"tcpSocket\":{\"port\":%u},\"timeoutSeconds\":30}"};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(probes); i++) {
		struct agent_world w;
		CLEANUP(freep) char *probe = NULL;

		agent_world_init(&w);
		w.ip = "127.0.0.1";
		probe = mem_printf(probes[i], w.back_port);
		start(&w, probe);
		WAIT_FOR(&w, w.others == 1);
		assert_string_equal("istio.v1.HealthInformation: fine", w.other);
		stop(&w);
	}
}

/* Three failures by default: one alone says nothing. */
static void thresholds(void **state)
{
	struct agent_world w;
	CLEANUP(freep) char *count = NULL;
	CLEANUP(freep) char *probe = NULL;
	CLEANUP(buf_done) struct buf text = BUF_INIT;

	(void)state;
	agent_world_init(&w);
	count = mem_printf("%s/count", w.dir);
	probe = mem_printf("{\"exec\":{\"command\":[\"sh\",\"-c\",\"printf x >>%s; false\"]},\"periodSeconds\":1,"
			   "\"timeoutSeconds\":30}",
			   count);
	start(&w, probe);
	WAIT_FOR(&w, w.others == 1);
	assert_int_equal(0, file_read(count, 100, &text, NULL));
	assert_true(text.len >= 3);
	stop(&w);
}

/* In a pod the kubelet probes. */
static void not_in_a_pod(void **state)
{
	struct agent_world w;

	(void)state;
	agent_world_init(&w);
	setenv("PROXY_CONFIG", "{\"readinessProbe\":{\"exec\":{\"command\":[\"true\"]}}}", 1);
	agent_world_start_control(&w);
	agent_world_start(&w);
	WAIT_FOR(&w, agent_world_ready(&w));
	assert_null(w.agent->app_health);
	assert_int_equal(0, w.others);
	stop(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_command_tells), cmocka_unit_test(a_command_that_hangs),
		cmocka_unit_test(a_request_tells), cmocka_unit_test(thresholds),
		cmocka_unit_test(not_in_a_pod),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
