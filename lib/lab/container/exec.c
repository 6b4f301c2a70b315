/*
 * A further command in a running container: enters its namespaces and its root, becomes its user, executes, and hands
 * the exit code on. Standard streams are those of the caller; a terminal becomes the command's controlling one.
 */
#include "lab/container/shim.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include <cjson/cJSON.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/file.h"
#include "lab/container/container_internal.h"
#include "msg/json.h"

#define EXIT_CANNOT_RUN 126
#define EXIT_NOT_FOUND 127

static pid_t running_pid(const char *dir, struct err *e)
{
	CLEANUP(buf_done) struct buf text = BUF_INIT;
	char path[4096];
	const cJSON *start;
	uint64_t want = 0;
	cJSON *o;
	pid_t pid;

	snprintf(path, sizeof(path), "%s/state.json", dir);
	if (file_read(path, 65536, &text, e) < 0)
		return -1;
	o = cJSON_ParseWithLength(buf_str(&text), text.len);
	pid = (pid_t)cJSON_GetNumberValue(json_get(o, "pid"));
	start = json_get(o, "pidStart");
	if (cJSON_IsString(start))
		want = strtoull(start->valuestring, NULL, 10);
	cJSON_Delete(o);
	if (pid <= 0 || !want || container_pid_start(pid) != want)
		return err_set(e, -1, "container is not running");
	return pid;
}

/* The mount namespace last: /proc is another one afterwards. Its root is ours then, as setns() does that. */
static int enter_namespaces(pid_t pid, struct err *e)
{
	static const struct {
		const char *name;
		int flag;
	} kinds[] = {{"ipc", CLONE_NEWIPC},
		     {"uts", CLONE_NEWUTS},
		     {"net", CLONE_NEWNET},
		     {"pid", CLONE_NEWPID},
		     {"mnt", CLONE_NEWNS}};
	int fds[ARRAY_LEN(kinds)];

	for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
		char path[64];

		snprintf(path, sizeof(path), "/proc/%d/ns/%s", (int)pid, kinds[i].name);
		fds[i] = open(path, O_RDONLY | O_CLOEXEC);
		if (fds[i] < 0)
			return err_errno(e, errno, "%s", path);
	}
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
		if (setns(fds[i], kinds[i].flag) < 0)
			return err_errno(e, errno, "enter %s namespace", kinds[i].name);
		close(fds[i]);
	}
	return 0;
}

static void enter_limits_of(const struct container_config *c)
{
	for (size_t i = 0; i < c->limits_n; i++) {
		char path[4096];
		int fd;

		snprintf(path, sizeof(path), "%s/cgroup.procs", c->limits[i].dir);
		fd = open(path, O_WRONLY | O_CLOEXEC);
		if (fd >= 0)
			(void)!write(fd, "0", 1);
		closep(&fd);
	}
}

static void __attribute__((noreturn)) run_command(const struct container_config *c, char **argv)
{
	struct err e = ERR_INIT;
	int r;

	setsid();
	if (isatty(0))
		ioctl(0, TIOCSCTTY, 0);
	r = container_become(c, argv, &e);
	dprintf(2, "%s\n", e.msg);
	_exit(r == -ENOENT ? EXIT_NOT_FOUND : EXIT_CANNOT_RUN);
}

static int wait_for(pid_t pid)
{
	int status = 0;

	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

int container_shim_exec(const char *dir, char **argv)
{
	struct container_config c;
	struct err e = ERR_INIT;
	pid_t pid;

	if (container_config_load(dir, &c, &e) < 0 || (pid = running_pid(dir, &e)) < 0) {
		dprintf(2, "%s\n", e.msg);
		return EXIT_CANNOT_RUN;
	}
	enter_limits_of(&c);
	if (enter_namespaces(pid, &e) < 0) {
		dprintf(2, "%s\n", e.msg);
		return EXIT_CANNOT_RUN;
	}
	prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
	pid = fork(); /* only a child is in the pid namespace */
	if (pid == 0)
		run_command(&c, argv);
	return pid < 0 ? EXIT_CANNOT_RUN : wait_for(pid);
}
