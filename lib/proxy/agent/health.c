/*
 * Health of an application outside of Kubernetes, where no kubelet probes it: the readinessProbe of the ProxyConfig is
 * done here, and changes are reported to the control plane (istio.v1.HealthInformation), which keeps them in the
 * WorkloadEntry that this proxy registered.
 *
 *   UNKNOWN --successThreshold--> HEALTHY <--successThreshold / failureThreshold--> UNHEALTHY
 */
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/log.h"
#include "base/mem.h"
#include "proxy/agent/agent_internal.h"

#define HEALTH_TYPE "type.googleapis.com/istio.v1.HealthInformation"
#define COMMAND_ARGUMENTS_MAX 64

enum health_state { HEALTH_UNKNOWN, HEALTH_HEALTHY, HEALTH_UNHEALTHY };

struct agent_health {
	struct agent *agent;
	const cJSON *probe; /* borrowed of the bootstrap */
	enum health_state state;
	int64_t period_ms, timeout_ms;
	int successes, failures;            /* in a row */
	int success_needed, failure_needed; /* at least 1 */
	struct timer next;
	bool stopped;
	/* a command that runs */
	pid_t pid; /* 0 = none */
	int pid_fd;
	struct io exit;
	struct timer limit;
};

static int number(const cJSON *probe, const char *key, int when_absent)
{
	const cJSON *v = cJSON_GetObjectItemCaseSensitive(probe, key);

	return cJSON_IsNumber(v) && v->valueint > 0 ? v->valueint : when_absent;
}

/* --- what came of it --- */

static void probe_now(struct timer *t);

static void report(struct agent_health *h, enum health_state state, const char *why)
{
	if (h->state == state)
		return;
	h->state = state;
	log_info("health", "the application is %s%s%s", state == HEALTH_HEALTHY ? "healthy" : "not healthy",
		 why ? ": " : "", why ? why : "");
	if (h->agent->xds)
		xds_client_report(h->agent->xds, HEALTH_TYPE, why);
}

/* why NULL = it is well. */
static void finish(struct agent_health *h, const char *why)
{
	if (h->stopped)
		return;
	h->successes = why ? 0 : h->successes + 1;
	h->failures = why ? h->failures + 1 : 0;
	if (h->successes >= h->success_needed)
		report(h, HEALTH_HEALTHY, NULL);
	else if (h->failures >= h->failure_needed)
		report(h, HEALTH_UNHEALTHY, why);
	timer_start(h->agent->loop, &h->next, h->period_ms, probe_now);
}

static void on_answer(void *ctx, int status, const char *why, const char *type, struct slice body)
{
	char text[64];

	(void)type, (void)body;
	snprintf(text, sizeof(text), "HTTP status %d", status);
	finish(ctx, status == 0 ? why : status >= 200 && status < 400 ? NULL : text);
}

/* --- commands --- */

static void command_over(struct agent_health *h)
{
	io_stop(&h->exit);
	timer_stop(&h->limit);
	close(h->pid_fd);
	h->pid = 0;
}

static void on_exit_of_command(struct io *io, uint32_t revents)
{
	struct agent_health *h = CONTAINER_OF(io, struct agent_health, exit);
	int status = -1;
	char text[64];

	(void)revents;
	(void)waitpid(h->pid, &status, 0);
	command_over(h);
	snprintf(text, sizeof(text), "the command ended with %d", WIFEXITED(status) ? WEXITSTATUS(status) : -1);
	finish(h, WIFEXITED(status) && WEXITSTATUS(status) == 0 ? NULL : text);
}

static void kill_command(struct agent_health *h)
{
	kill(-h->pid, SIGKILL); /* it leads a group of its own */
	(void)waitpid(h->pid, NULL, 0);
	command_over(h);
}

static void on_limit(struct timer *t)
{
	struct agent_health *h = CONTAINER_OF(t, struct agent_health, limit);

	kill_command(h);
	finish(h, "the command takes too long");
}

static int spawn(pid_t *ret, char **argv)
{
	posix_spawn_file_actions_t files;
	posix_spawnattr_t attr;
	sigset_t none;
	int r;

	sigemptyset(&none);
	posix_spawn_file_actions_init(&files);
	for (int fd = 0; fd < 3; fd++)
		posix_spawn_file_actions_addopen(&files, fd, "/dev/null", O_RDWR, 0);
	posix_spawn_file_actions_addclosefrom_np(&files, 3);
	posix_spawnattr_init(&attr);
	posix_spawnattr_setpgroup(&attr, 0);
	posix_spawnattr_setsigmask(&attr, &none);
	posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK);
	r = posix_spawnp(ret, argv[0], &files, &attr, argv, environ);
	posix_spawnattr_destroy(&attr);
	posix_spawn_file_actions_destroy(&files);
	return r;
}

static void run_command(struct agent_health *h, const cJSON *command)
{
	char *argv[COMMAND_ARGUMENTS_MAX + 1] = {0};
	size_t n = 0;
	const cJSON *arg;

	cJSON_ArrayForEach(arg, command)
	{
		if (n == COMMAND_ARGUMENTS_MAX)
			break;
		argv[n++] = cJSON_IsString(arg) ? arg->valuestring : (char *)"";
	}
	if (!n || spawn(&h->pid, argv) != 0) {
		h->pid = 0;
		finish(h, n ? "the command cannot be run" : "there is no command");
		return;
	}
	h->pid_fd = (int)syscall(SYS_pidfd_open, h->pid, 0);
	io_start(h->agent->loop, &h->exit, h->pid_fd, EPOLLIN, on_exit_of_command);
	timer_start(h->agent->loop, &h->limit, h->timeout_ms, on_limit);
}

static void probe_now(struct timer *t)
{
	struct agent_health *h = CONTAINER_OF(t, struct agent_health, next);
	const cJSON *exec = cJSON_GetObjectItemCaseSensitive(h->probe, "exec");

	if (exec)
		run_command(h, cJSON_GetObjectItemCaseSensitive(exec, "command"));
	else if (!agent_probe_start(h->agent, h->probe, h->timeout_ms, on_answer, h))
		finish(h, "the probe has neither httpGet, tcpSocket nor exec");
}

/* --- lifetime --- */

static bool names_host(const cJSON *probe, const char *kind)
{
	return cJSON_GetObjectItemCaseSensitive(cJSON_GetObjectItemCaseSensitive(probe, kind), "host") != NULL;
}

struct agent_health *agent_health_new(struct agent *a)
{
	const cJSON *p = a->boot->health_probe;
	const cJSON *exec = cJSON_GetObjectItemCaseSensitive(p, "exec");
	struct agent_health *h;

	if (!p)
		return NULL;
	if (cJSON_GetArraySize(cJSON_GetObjectItemCaseSensitive(exec, "command")) > COMMAND_ARGUMENTS_MAX)
		log_warn("health", "readinessProbe.exec.command: more than %d arguments; the rest is left out",
			 COMMAND_ARGUMENTS_MAX);
	if (names_host(p, "httpGet") || names_host(p, "tcpSocket"))
		log_warn("health", "readinessProbe: host is not connected to; the workload's own address is probed");
	h = NEW(struct agent_health);
	h->agent = a;
	h->probe = p;
	h->period_ms = number(p, "periodSeconds", 10) * 1000LL;
	h->timeout_ms = number(p, "timeoutSeconds", 1) * 1000LL;
	h->success_needed = number(p, "successThreshold", 1);
	h->failure_needed = number(p, "failureThreshold", 3);
	timer_start(a->loop, &h->next, number(p, "initialDelaySeconds", 0) * 1000LL, probe_now);
	return h;
}

void agent_health_stop(struct agent_health *h)
{
	if (!h)
		return;
	h->stopped = true;
	timer_stop(&h->next);
	if (h->pid)
		kill_command(h);
}
