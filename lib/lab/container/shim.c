/*
 * The supervisor of one container. It starts the process in namespaces of its own, writes its output to the log, waits
 * for its end and writes the exit status to disk. It needs nobody: the daemon may die and come back meanwhile. When the
 * supervisor is killed, the kernel kills the container (PR_SET_PDEATHSIG).
 */
#include "lab/container/shim.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <poll.h>
#include <pty.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/file.h"
#include "lab/container/attach_internal.h"
#include "lab/container/container_internal.h"
#include "base/mem.h"

#define DRAIN_MS 500 /* output after the end, which a process outside our sight may hold open */

struct shim {
	const char *dir;
	struct container_config config;
	struct container_log log;
	struct container_stream out, err;
	int in_child, out_child, err_child; /* the container's ends; in_child -1: /dev/null */
	int in;                             /* where its input is written, or -1 */
	struct attach attach;
	int pid_fd;
	pid_t pid;
	int64_t started_ns;
};

static void __attribute__((format(printf, 1, 2))) report(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	(void)!vdprintf(CONTAINER_REPORT_FD, fmt, ap);
	va_end(ap);
	close(CONTAINER_REPORT_FD);
}

static int save(const struct shim *s, const char *name, const char *text, struct err *e)
{
	char *path = mem_printf("%s/%s", s->dir, name);
	int r = file_put(path, slice_str(text), 0644, e);

	free(path);
	return r;
}

static void tee_out(void *arg, const char *bytes, size_t n)
{
	attach_write(arg, ATTACH_OUT, bytes, n);
}

static void tee_err(void *arg, const char *bytes, size_t n)
{
	attach_write(arg, ATTACH_ERR, bytes, n);
}

static int open_terminal(struct shim *s, struct err *e)
{
	if (openpty(&s->out.fd, &s->out_child, NULL, NULL, NULL) < 0)
		return err_errno(e, errno, "terminal");
	s->err_child = s->out_child;
	/* Sessions write to it without waiting, which is a property of the terminal's end, not of a copy of it. */
	fcntl(s->out.fd, F_SETFL, O_NONBLOCK);
	s->in = fcntl(s->out.fd, F_DUPFD_CLOEXEC, 0);
	return 0;
}

static int open_input(struct shim *s, struct err *e)
{
	int in[2];

	if (!s->config.std_in)
		return 0;
	if (pipe2(in, O_CLOEXEC) < 0)
		return err_errno(e, errno, "pipe");
	s->in_child = in[0];
	s->in = in[1];
	return 0;
}

static int open_streams(struct shim *s, struct err *e)
{
	int out[2], err[2];

	s->out = (struct container_stream){.name = "stdout", .fd = -1, .tee = tee_out, .arg = &s->attach};
	s->err = (struct container_stream){.name = "stderr", .fd = -1, .tee = tee_err, .arg = &s->attach};
	if (s->config.tty)
		return open_terminal(s, e);
	if (open_input(s, e) < 0)
		return e->code;
	if (pipe2(out, O_CLOEXEC) < 0 || pipe2(err, O_CLOEXEC) < 0)
		return err_errno(e, errno, "pipe");
	s->out.fd = out[0];
	s->out_child = out[1];
	s->err.fd = err[0];
	s->err_child = err[1];
	return 0;
}

static int wire_streams(const struct shim *s)
{
	int in = s->in_child >= 0 ? s->in_child : open("/dev/null", O_RDONLY | O_CLOEXEC);

	setsid();
	if (s->config.tty)
		ioctl(s->out_child, TIOCSCTTY, 0);
	if (dup2(s->config.tty ? s->out_child : in, 0) < 0 || dup2(s->out_child, 1) < 0 || dup2(s->err_child, 2) < 0)
		return -errno;
	/* Programs open /dev/stdout anew: the pipes must be theirs. */
	(void)!fchown(1, s->config.uid, s->config.gid);
	(void)!fchown(2, s->config.uid, s->config.gid);
	return 0;
}

static void enter_limits(const struct container_config *c)
{
	for (size_t i = 0; i < c->limits_n; i++) {
		const struct container_limit *l = &c->limits[i];
		char path[4096];
		int fd;

		snprintf(path, sizeof(path), "%s/cgroup.procs", l->dir);
		fd = open(path, O_WRONLY | O_CLOEXEC);
		if (fd >= 0)
			(void)!write(fd, "0", 1);
		closep(&fd);
	}
}

/* In the unified hierarchy a directory's controllers must be handed down by those above it. */
static void hand_down_controllers(const char *dir)
{
	static const char *const controllers[] = {"+memory", "+cpu"};
	char above[4096], path[4200];

	snprintf(above, sizeof(above), "%s", dir);
	for (char *slash = above; (slash = strchr(slash + 1, '/'));) {
		*slash = '\0';
		snprintf(path, sizeof(path), "%s/cgroup.subtree_control", above);
		*slash = '/';
		for (size_t i = 0; i < ARRAY_LEN(controllers); i++) {
			int fd = open(path, O_WRONLY | O_CLOEXEC);

			if (fd >= 0)
				(void)!write(fd, controllers[i], strlen(controllers[i]));
			closep(&fd);
		}
	}
}

static void make_limits(const struct container_config *c)
{
	for (size_t i = 0; i < c->limits_n; i++) {
		const struct container_limit *l = &c->limits[i];
		char path[4096];
		int fd;

		(void)file_mkdirs(l->dir, 0755, NULL);
		hand_down_controllers(l->dir);
		if (!l->file)
			continue;
		snprintf(path, sizeof(path), "%s/%s", l->dir, l->file);
		fd = open(path, O_WRONLY | O_CLOEXEC);
		if (fd >= 0)
			(void)!write(fd, l->value, strlen(l->value));
		closep(&fd);
	}
}

static void set_oom_score(int adj)
{
	int fd = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);

	if (fd >= 0)
		(void)!dprintf(fd, "%d", adj);
	closep(&fd);
}

/* The child: never returns. What went wrong before the program ran is written to error_fd. */
static void __attribute__((noreturn)) run_child(const struct shim *s, int error_fd)
{
	const struct container_config *c = &s->config;
	struct err e = ERR_INIT;
	int net = c->netns ? open(c->netns, O_RDONLY | O_CLOEXEC) : -1;
	int r = 0;

	enter_limits(c);
	set_oom_score(c->oom_score_adj);
	if (c->netns && (net < 0 || setns(net, CLONE_NEWNET) < 0))
		r = err_errno(&e, errno, "network namespace %s", c->netns);
	else if (c->hostname && sethostname(c->hostname, strlen(c->hostname)) < 0)
		r = err_errno(&e, errno, "hostname");
	if (r == 0)
		r = container_root_enter(c, &e);
	if (r == 0 && wire_streams(s) < 0)
		r = err_errno(&e, errno, "standard streams");
	if (r == 0)
		container_become(c, c->args, &e);
	(void)!write(error_fd, e.msg, strlen(e.msg));
	_exit(128);
}

static int start_child(struct shim *s, struct err *e)
{
	struct clone_args args = {
		.flags = CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_PIDFD,
		.exit_signal = SIGCHLD,
		.pidfd = (uint64_t)(uintptr_t)&s->pid_fd,
	};
	char text[ERR_MSG_MAX] = "";
	size_t len = 0;
	ssize_t n;
	int error[2];

	if (pipe2(error, O_CLOEXEC) < 0)
		return err_errno(e, errno, "pipe");
	s->pid = (pid_t)syscall(SYS_clone3, &args, sizeof(args));
	if (s->pid < 0)
		return err_errno(e, errno, "clone");
	if (s->pid == 0)
		run_child(s, error[1]);
	close(error[1]);
	close(s->out_child);
	closep(&s->in_child);
	if (s->err_child != s->out_child)
		close(s->err_child);
	while (len < sizeof(text) - 1 && (n = read(error[0], text + len, sizeof(text) - 1 - len)) != 0) {
		if (n < 0 && errno != EINTR)
			break;
		len += n > 0 ? (size_t)n : 0;
	}
	close(error[0]);
	return len ? err_set(e, -ECHILD, "%s", text) : 0;
}

/* Once the program runs. The start times make pids unmistakable. */
static int save_state(const struct shim *s, struct err *e)
{
	CLEANUP(buf_done) struct buf text = BUF_INIT;

	buf_printf(&text,
		   "{\"shimPid\":%d,\"shimStart\":\"%llu\",\"pid\":%d,\"pidStart\":\"%llu\",\"startedNs\":\"%lld\"}\n",
		   (int)getpid(), (unsigned long long)container_pid_start(getpid()), (int)s->pid,
		   (unsigned long long)container_pid_start(s->pid), (long long)s->started_ns);
	return save(s, "state.json", buf_str(&text), e);
}

/* The kernel killed something in one of our memory cgroups. */
static bool was_oom_killed(const struct container_config *c)
{
	static const char *const files[] = {"memory.oom_control", "memory.events"};

	for (size_t i = 0; i < c->limits_n; i++) {
		for (size_t f = 0; f < ARRAY_LEN(files); f++) {
			CLEANUP(buf_done) struct buf text = BUF_INIT;
			char path[4096];
			const char *at;

			snprintf(path, sizeof(path), "%s/%s", c->limits[i].dir, files[f]);
			if (file_read(path, 4096, &text, NULL) < 0)
				continue;
			at = strstr(buf_str(&text), "oom_kill ");
			if (at && atol(at + strlen("oom_kill ")) > 0)
				return true;
		}
	}
	return false;
}

static void save_exit(const struct shim *s, int status)
{
	CLEANUP(buf_done) struct buf text = BUF_INIT;
	int signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
	int code = signal ? 128 + signal : WEXITSTATUS(status);

	buf_printf(&text,
		   "{\"exitCode\":%d,\"signal\":%d,\"startedNs\":\"%lld\",\"finishedNs\":\"%lld\",\"oomKilled\":%s}\n",
		   code, signal, (long long)s->started_ns, (long long)clock_wall_ns(),
		   was_oom_killed(&s->config) ? "true" : "false");
	(void)save(s, "exit.json", buf_str(&text), NULL);
	for (size_t i = 0; i < s->config.limits_n; i++)
		(void)rmdir(s->config.limits[i].dir);
}

/* Pumps output until the process ended and its output is drained. Returns the wait status. */
static int supervise(struct shim *s)
{
	int64_t until_ns = 0;
	int status = 0;

	while (!until_ns || s->out.fd >= 0 || s->err.fd >= 0) {
		struct pollfd p[] = {{s->out.fd, POLLIN, 0},
				     {s->err.fd, POLLIN, 0},
				     {s->pid_fd, POLLIN, 0},
				     {s->attach.listen_fd, POLLIN, 0}};
		int64_t left_ms = until_ns ? (until_ns - clock_mono_ns()) / NS_PER_MS : -1;

		if (until_ns && left_ms <= 0)
			break;
		if (poll(p, ARRAY_LEN(p), (int)left_ms) < 0 && errno != EINTR)
			break;
		if (p[0].revents)
			container_stream_pump(&s->out, &s->log);
		if (p[1].revents)
			container_stream_pump(&s->err, &s->log);
		if (p[3].revents)
			attach_accept(&s->attach);
		if (p[2].revents && waitpid(s->pid, &status, 0) == s->pid) {
			until_ns = clock_mono_ns() + (int64_t)DRAIN_MS * NS_PER_MS;
			closep(&s->pid_fd);
			s->pid_fd = -1;
		}
	}
	attach_done(&s->attach);
	return status;
}

static int shim_start(struct shim *s, struct err *e)
{
	int r = container_config_load(s->dir, &s->config, e);

	if (r < 0)
		return r;
	s->log = (struct container_log){-1, s->config.log, 0};
	if (s->config.log)
		s->log.fd = open(s->config.log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0640);
	make_limits(&s->config);
	r = open_streams(s, e);
	if (r == 0)
		r = attach_listen(&s->attach, s->dir, s->in, s->config.std_in_once && !s->config.tty, e);
	if (r == 0)
		r = start_child(s, e);
	if (r < 0)
		return r;
	s->started_ns = clock_wall_ns();
	return save_state(s, e);
}

int container_shim_run(const char *dir)
{
	struct shim s = {.dir = dir, .pid_fd = -1, .in_child = -1, .in = -1, .attach = {.listen_fd = -1, .in_fd = -1}};
	struct err e = ERR_INIT;

	signal(SIGHUP, SIG_IGN);
	signal(SIGINT, SIG_IGN);
	signal(SIGPIPE, SIG_IGN);
	fcntl(CONTAINER_REPORT_FD, F_SETFD, FD_CLOEXEC);
	prctl(PR_SET_NAME, "weft-shim");
	if (shim_start(&s, &e) < 0) {
		for (size_t i = 0; i < s.config.limits_n; i++)
			(void)rmdir(s.config.limits[i].dir);
		report("error %s", e.msg);
		return 1;
	}
	report("ok %d", (int)s.pid);
	save_exit(&s, supervise(&s));
	container_config_done(&s.config);
	return 0;
}
