/*
 * Every page of the administration and status ports, asked of the program as it is released, under a control plane. The
 * ports are the fixed ones, so the test has a network of its own.
 */
#include <net/if.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include <cjson/cJSON.h>

#include "agent_world.h"
#include "base/clock.h"
#include "base/mem.h"
#include "msg/json.h"

#define ADMIN 15000
#define STATUS 15020
#define HEALTH 15021
#define METRICS 15090

/* False when the system does not allow it. */
static bool own_network(void)
{
	struct ifreq lo = {.ifr_flags = IFF_UP};
	int fd;

	if (unshare(CLONE_NEWNET) < 0 && unshare(CLONE_NEWUSER | CLONE_NEWNET) < 0)
		return false;
	fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	memcpy(lo.ifr_name, "lo", 3);
	bool ok = ioctl(fd, SIOCSIFFLAGS, &lo) == 0;
	close(fd);
	return ok;
}

static pid_t start_program(struct agent_world *w)
{
	CLEANUP(freep) char *program = mem_printf("%s/weft-proxy", getenv("BIN") ? getenv("BIN") : "build/bin");
	pid_t pid = fork();

	if (pid == 0) {
		agent_world_environment(w);
		execl(program, program, "proxy", "sidecar", "--concurrency", "1", NULL);
		_exit(127);
	}
	assert_true(pid > 0);
	return pid;
}

/* The program still runs and says that it serves. */
static void assert_alive(struct agent_world *w, pid_t pid, const char *after)
{
	if (agent_world_get(w, ADMIN, "/ready") != 200 || strcmp(w->body, "LIVE\n") != 0 ||
	    waitpid(pid, NULL, WNOHANG) != 0)
		fail_msg("after %s the proxy is not there any more", after);
}

static const char *text_at(const cJSON *j, const char *key)
{
	const cJSON *v = json_get(j, key);

	return cJSON_IsString(v) ? v->valuestring : "";
}

/* What the control plane sent is there whole, under its type. */
static void config_dump_shows(struct agent_world *w, const char *section, const char *list, const char *in,
			      const char *member, const char *key, const char *name)
{
	cJSON *j = cJSON_Parse(w->body), *s, *found = NULL;

	assert_non_null(j);
	cJSON_ArrayForEach(s, json_get(j, "configs"))
	{
		const cJSON *item = json_get(s, list);
		if (!strstr(text_at(s, "@type"), section) || !item)
			continue;
		assert_true(cJSON_GetArraySize(item) >= 1);
		item = in ? json_get(item->child, in) : item->child;
		assert_true(text_at(item, "version_info")[0]);
		found = json_get(item, member);
	}
	if (!found || strcmp(text_at(found, key), name) != 0)
		fail_msg("%s does not show %s", section, name);
	assert_true(text_at(found, "@type")[0]);
	assert_true(cJSON_GetArraySize(found) >= 2);
	cJSON_Delete(j);
}

static void check_config_dump(struct agent_world *w, pid_t pid)
{
	assert_int_equal(agent_world_get(w, ADMIN, "/config_dump"), 200);
	config_dump_shows(w, "ClustersConfigDump", "dynamic_active_clusters", NULL, "cluster", "name", "back");
	config_dump_shows(w, "ListenersConfigDump", "dynamic_listeners", "active_state", "listener", "name", "front");
	config_dump_shows(w, "RoutesConfigDump", "dynamic_route_configs", NULL, "route_config", "name", "80");
	assert_null(strstr(w->body, "EndpointsConfigDump"));
	assert_alive(w, pid, "/config_dump");
	assert_int_equal(agent_world_get(w, ADMIN, "/config_dump?include_eds=true"), 200);
	config_dump_shows(w, "EndpointsConfigDump", "dynamic_endpoint_configs", NULL, "endpoint_config", "cluster_name",
			  "back");
	assert_alive(w, pid, "/config_dump?include_eds=true");
}

/* Every page that the list names. */
static void check_list(struct agent_world *w, pid_t pid)
{
	CLEANUP(freep) char *list = NULL;
	unsigned n = 0;

	assert_int_equal(agent_world_get(w, ADMIN, "/help"), 200);
	list = mem_strdup(w->body);
	for (struct slice rest = slice_str(list); rest.len;) {
		struct slice line = slice_trim(slice_split(&rest, '\n'));
		struct slice name = slice_split(&line, ':');
		CLEANUP(freep) char *path = mem_printf("%.*s", SLICE_ARG(name));
		bool post = slice_find(line, 'P') == 1 && slice_starts(line, SLICE(" POST:"));
		int status = agent_world_get(w, ADMIN, path);
		if (status != (post ? 405 : 200) || !w->body[0])
			fail_msg("GET %s: %d %s", path, status, w->body);
		assert_alive(w, pid, path);
		n++;
	}
	assert_true(n >= 13);
	assert_int_equal(agent_world_get(w, ADMIN, "/nothing"), 404);
}

static void check_contents(struct agent_world *w)
{
	static const struct {
		uint16_t port;
		const char *path, *text;
	} rows[] = {
		{ADMIN, "/certs", "spiffe://cluster.local/ns/shop/sa/web"},
		{ADMIN, "/clusters", "back::127.0.0.1:"},
		{ADMIN, "/listeners", "front::127.0.0.1:"},
		{ADMIN, "/server_info", "sidecar~10.0.0.9~web-1.shop~shop.svc.cluster.local"},
		{ADMIN, "/stats", "cluster.back."},
		{ADMIN, "/stats?filter=cluster.back.upstream_cx_total", "cluster.back.upstream_cx_total"},
		{ADMIN, "/stats?format=prometheus", "# TYPE envoy_"},
		{ADMIN, "/stats/prometheus", "# TYPE envoy_"},
		{STATUS, "/stats/prometheus", "istio_agent_cert_expiry_seconds"},
		{STATUS, "/metrics", "weft_config_updates_rejected_total 0"},
		{METRICS, "/stats/prometheus", "envoy_server_live 1"},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		assert_int_equal(agent_world_get(w, rows[i].port, rows[i].path), 200);
		if (!strstr(w->body, rows[i].text))
			fail_msg("%u%s does not show '%s':\n%s", rows[i].port, rows[i].path, rows[i].text, w->body);
	}
	assert_int_equal(agent_world_get(w, STATUS, "/healthz/ready"), 200);
	assert_int_equal(agent_world_get(w, HEALTH, "/healthz/ready"), 200);
	assert_int_equal(agent_world_get(w, STATUS, "/quitquitquit"), 405);
	assert_int_equal(agent_world_get(w, STATUS, "/app-health/web/livez"), 404);
	assert_int_equal(agent_world_get(w, STATUS, "/nothing"), 404);
	assert_int_equal(agent_world_get(w, HEALTH, "/nothing"), 404);
	assert_int_equal(agent_world_get(w, METRICS, "/nothing"), 404);
}

static void check_changes(struct agent_world *w, pid_t pid)
{
	int status;

	assert_int_equal(agent_world_request(w, "POST", ADMIN, "/logging"), 200);
	assert_int_equal(agent_world_request(w, "POST", ADMIN, "/logging?level=error"), 200);
	assert_non_null(strstr(w->body, "default: error"));
	assert_int_equal(agent_world_request(w, "POST", ADMIN, "/logging?level=loud"), 400);
	assert_int_equal(agent_world_request(w, "POST", ADMIN, "/logging?paths=http:debug"), 400);
	assert_int_equal(agent_world_request(w, "POST", ADMIN, "/logging?paths=default:error"), 200);
	assert_int_equal(agent_world_request(w, "POST", ADMIN, "/drain_listeners?inboundonly"), 200);
	assert_int_equal(agent_world_request(w, "POST", ADMIN, "/drain_listeners"), 200);
	assert_int_equal(waitpid(pid, NULL, WNOHANG), 0);
	assert_int_equal(agent_world_request(w, "POST", ADMIN, "/quitquitquit"), 200);
	WAIT_FOR(w, waitpid(pid, &status, WNOHANG) == pid || (errno == ECHILD));
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

static void pages_of_a_released_proxy(void **state)
{
	static struct agent_world w;

	(void)state;
	if (!own_network())
		skip();
	agent_world_init(&w);
	agent_world_start_control(&w);
	pid_t pid = start_program(&w);
	WAIT_FOR(&w, agent_world_get(&w, ADMIN, "/ready") == 200);
	assert_int_equal(agent_world_get(&w, w.front_port, "/x"), 200);
	check_config_dump(&w, pid);
	check_list(&w, pid);
	check_contents(&w);
	check_changes(&w, pid);
	agent_world_stop_control(&w);
	agent_world_done(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(pages_of_a_released_proxy)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
