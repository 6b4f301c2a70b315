/* The last steps of a container's process: session, limits of privilege, user, and the program itself. */
#include "lab/container/container_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <linux/close_range.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "base/cleanup.h"
#include "base/slice.h"

#define CAP_COUNT 64

static int drop_bounding(uint64_t keep, struct err *e)
{
	for (int cap = 0; cap < CAP_COUNT; cap++) {
		if (keep >> cap & 1 || prctl(PR_CAPBSET_READ, cap, 0, 0, 0) != 1)
			continue;
		if (prctl(PR_CAPBSET_DROP, cap, 0, 0, 0) < 0)
			return err_errno(e, errno, "drop capability %d", cap);
	}
	return 0;
}

/* What root may do: the intersection with what we have ourselves. */
static int limit_own(uint64_t keep, struct err *e)
{
	struct __user_cap_header_struct head = {_LINUX_CAPABILITY_VERSION_3, 0};
	struct __user_cap_data_struct data[2];

	if (syscall(SYS_capget, &head, data) < 0)
		return err_errno(e, errno, "capget");
	for (int i = 0; i < 2; i++) {
		data[i].permitted &= (uint32_t)(keep >> (32 * i));
		data[i].effective = data[i].permitted;
		data[i].inheritable = 0;
	}
	return syscall(SYS_capset, &head, data) < 0 ? err_errno(e, errno, "capset") : 0;
}

static int take_user(const struct container_config *c, struct err *e)
{
	if (setgroups(c->groups_n, c->groups) < 0 || setresgid(c->gid, c->gid, c->gid) < 0 ||
	    setresuid(c->uid, c->uid, c->uid) < 0)
		return err_errno(e, errno, "user %u:%u", (unsigned)c->uid, (unsigned)c->gid);
	if (c->uid == 0)
		return limit_own(c->caps, e);
	return 0;
}

static void reset_signals(void)
{
	sigset_t none;

	for (int s = 1; s < NSIG; s++)
		signal(s, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

static int go_to_cwd(const char *cwd, struct err *e)
{
	if (!cwd || !*cwd)
		return 0;
	if (chdir(cwd) == 0)
		return 0;
	if (errno == ENOENT && mkdir(cwd, 0755) == 0 && chdir(cwd) == 0)
		return 0;
	return err_errno(e, errno, "working directory %s", cwd);
}

int container_become(const struct container_config *c, char *const *args, struct err *e)
{
	int r = go_to_cwd(c->cwd, e);

	if (r < 0)
		return r;
	if (!args[0])
		return err_set(e, -EINVAL, "no command specified");
	r = drop_bounding(c->caps, e);
	if (r == 0)
		r = take_user(c, e);
	if (r < 0)
		return r;
	if (c->no_new_privs && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return err_errno(e, errno, "no_new_privs");
	prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
	prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
	umask(0022);
	reset_signals();
	syscall(SYS_close_range, 3, ~0U, CLOSE_RANGE_CLOEXEC);
	environ = c->env;
	execvp(args[0], args);
	if (errno == ENOENT && !strchr(args[0], '/'))
		return err_set(e, -ENOENT, "exec: \"%s\": executable file not found in $PATH", args[0]);
	return err_errno(e, errno, "exec: \"%s\"", args[0]);
}

uint64_t container_pid_start(pid_t pid)
{
	char path[64], text[1024], *at;
	CLEANUP(closep) int fd = -1;
	unsigned long long start = 0;
	ssize_t n;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);
	if (n <= 0)
		return 0;
	text[n] = '\0';
	at = strrchr(text, ')'); /* field 2, the name, may hold anything; field 22 is the start time */
	for (int field = 2; at && field < 22; field++)
		at = strchr(at + 1, ' ');
	if (!at || sscanf(at, " %llu", &start) != 1)
		return 0;
	return start;
}
