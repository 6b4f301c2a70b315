/* Starting, adopting and watching containers: the start is reported through a pipe, the end seen through a pidfd. */
#include "lab/container/container.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <cjson/cJSON.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/mem.h"
#include "lab/container/container_internal.h"
#include "lab/sys/spawn.h"
#include "msg/json.h"

#define STATE_MAX_BYTES 65536
#define EXIT_START_FAILED 128
#define PURGE_WAIT_MS 1000

static cJSON *read_json(const char *dir, const char *name)
{
	CLEANUP(buf_done) struct buf text = BUF_INIT;
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	if (file_read(path, STATE_MAX_BYTES, &text, NULL) < 0)
		return NULL;
	return cJSON_ParseWithLength(buf_str(&text), text.len);
}

static int64_t number(const cJSON *o, const char *name)
{
	const cJSON *v = json_get(o, name);

	if (cJSON_IsString(v))
		return strtoll(v->valuestring, NULL, 10);
	return cJSON_IsNumber(v) ? (int64_t)v->valuedouble : 0;
}

static int pidfd_of(pid_t pid)
{
	return (int)syscall(SYS_pidfd_open, pid, 0);
}

static bool is_same_process(pid_t pid, uint64_t start)
{
	return pid > 0 && start && container_pid_start(pid) == start;
}

static bool read_state(struct container *c)
{
	cJSON *o = read_json(c->dir, "state.json");

	if (!o)
		return false;
	c->pid = (pid_t)number(o, "pid");
	c->pid_start = (uint64_t)number(o, "pidStart");
	c->started_ns = number(o, "startedNs");
	c->shim_pid = (pid_t)number(o, "shimPid");
	if (!is_same_process(c->shim_pid, (uint64_t)number(o, "shimStart")))
		c->shim_pid = 0;
	cJSON_Delete(o);
	return true;
}

/* What the supervisor left; when it was killed itself, the container is taken to have been killed with it. */
static void read_exit(struct container *c)
{
	cJSON *o = read_json(c->dir, "exit.json");

	c->state = CONTAINER_EXITED;
	c->exit_code = o ? (int)number(o, "exitCode") : 128 + SIGKILL;
	c->signal = o ? (int)number(o, "signal") : 0;
	c->finished_ns = o ? number(o, "finishedNs") : clock_wall_ns();
	c->oom_killed = json_true(o, "oomKilled");
	if (!o && is_same_process(c->pid, c->pid_start))
		kill(c->pid, SIGKILL);
	cJSON_Delete(o);
}

static void on_shim_end(struct io *io, uint32_t revents)
{
	struct container *c = CONTAINER_OF(io, struct container, shim_io);

	(void)revents;
	io_stop(io);
	closep(&c->shim_fd);
	c->shim_fd = -1;
	(void)waitpid(c->shim_pid, NULL, WNOHANG); /* not our child when adopted */
	read_exit(c);
	c->on_change(c);
}

static void start_failed(struct container *c, const char *why)
{
	c->state = CONTAINER_EXITED;
	c->exit_code = EXIT_START_FAILED;
	c->started_ns = c->finished_ns = clock_wall_ns();
	c->start_error = mem_strdup(why);
	io_stop(&c->shim_io);
	closep(&c->shim_fd);
	c->shim_fd = -1;
	(void)waitpid(c->shim_pid, NULL, 0); /* it ends right after its report */
}

static void on_report(struct io *io, uint32_t revents)
{
	struct container *c = CONTAINER_OF(io, struct container, report_io);
	ssize_t n = read(io->fd, buf_reserve(&c->report, 512), 512);

	(void)revents;
	if (n > 0) {
		c->report.len += (size_t)n;
		return;
	}
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	io_stop(io);
	closep(&c->report_fd);
	c->report_fd = -1;
	buf_append_char(&c->report, '\0');
	if (strncmp(c->report.ptr, "ok ", 3) == 0 && read_state(c)) {
		c->state = CONTAINER_RUNNING;
		io_start(c->loop, &c->shim_io, c->shim_fd, EPOLLIN, on_shim_end);
	} else {
		bool told = strncmp(c->report.ptr, "error ", 6) == 0;

		start_failed(c, told ? c->report.ptr + 6 : "the supervisor ended");
	}
	c->on_change(c);
}

static void init(struct container *c, struct loop *loop, const char *dir, void (*on_change)(struct container *c))
{
	*c = (struct container){
		.loop = loop, .dir = mem_strdup(dir), .on_change = on_change, .report_fd = -1, .shim_fd = -1};
}

static int watch_shim(struct container *c)
{
	c->shim_fd = pidfd_of(c->shim_pid);
	if (c->shim_fd < 0)
		return -errno;
	return io_start(c->loop, &c->shim_io, c->shim_fd, EPOLLIN, on_shim_end);
}

int container_start(struct container *c, struct loop *loop, const char *shim, const char *dir,
		    void (*on_change)(struct container *c), struct err *e)
{
	int fds[2], r;

	if (pipe2(fds, O_CLOEXEC | O_NONBLOCK) < 0)
		return err_errno(e, errno, "pipe");
	init(c, loop, dir, on_change);
	fcntl(fds[1], F_SETFL, 0);
	r = spawn_program((const char *const[]){shim, "run", dir, NULL},
			  (struct spawn_fd[]){{-1, 0}, {-1, 1}, {-1, 2}, {fds[1], CONTAINER_REPORT_FD}}, 4,
			  &c->shim_pid);
	close(fds[1]);
	c->report_fd = fds[0];
	if (r) {
		container_done(c);
		return err_errno(e, -r, "%s", shim);
	}
	c->state = CONTAINER_STARTING;
	io_start(loop, &c->report_io, c->report_fd, EPOLLIN, on_report);
	c->shim_fd = pidfd_of(c->shim_pid);
	return 0;
}

int container_adopt(struct container *c, struct loop *loop, const char *dir, void (*on_change)(struct container *c))
{
	init(c, loop, dir, on_change);
	if (!read_state(c)) {
		container_done(c);
		return -ENOENT;
	}
	c->state = CONTAINER_RUNNING;
	if (!c->shim_pid || watch_shim(c) < 0)
		read_exit(c);
	return 0;
}

void container_signal(const struct container *c, int signo)
{
	if (c->state == CONTAINER_RUNNING && is_same_process(c->pid, c->pid_start))
		kill(c->pid, signo);
}

void container_done(struct container *c)
{
	if (!c->dir)
		return;
	io_stop(&c->report_io);
	io_stop(&c->shim_io);
	closep(&c->report_fd);
	closep(&c->shim_fd);
	buf_done(&c->report);
	free(c->dir);
	free(c->start_error);
	*c = (struct container){.report_fd = -1, .shim_fd = -1};
}

void container_purge(const char *dir)
{
	struct container c;
	CLEANUP(closep) int shim = -1;
	struct pollfd p;

	init(&c, NULL, dir, NULL);
	if (read_state(&c)) {
		shim = c.shim_pid ? pidfd_of(c.shim_pid) : -1;
		if (is_same_process(c.pid, c.pid_start))
			kill(c.pid, SIGKILL);
		p = (struct pollfd){shim, POLLIN, 0};
		if (shim >= 0 && poll(&p, 1, PURGE_WAIT_MS) == 0)
			kill(c.shim_pid, SIGKILL);
	}
	container_done(&c);
}
