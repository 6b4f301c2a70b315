/* posix_spawn with its settings: see spawn.h. */
#include "lab/sys/spawn.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <unistd.h>

static void set_files(posix_spawn_file_actions_t *actions, const struct spawn_fd *fds, size_t n)
{
	int last = -1;

	for (size_t i = 0; i < n; i++) {
		if (fds[i].from < 0)
			posix_spawn_file_actions_addopen(actions, fds[i].to, "/dev/null", O_RDWR, 0);
		else
			posix_spawn_file_actions_adddup2(actions, fds[i].from, fds[i].to);
		last = fds[i].to;
	}
	posix_spawn_file_actions_addclosefrom_np(actions, last + 1);
}

int spawn_program(const char *const *argv, const struct spawn_fd *fds, size_t n, pid_t *ret)
{
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attr;
	sigset_t none, all;
	int r;

	sigemptyset(&none);
	sigfillset(&all);
	posix_spawn_file_actions_init(&actions);
	set_files(&actions, fds, n);
	posix_spawnattr_init(&attr);
	posix_spawnattr_setsigmask(&attr, &none);
	posix_spawnattr_setsigdefault(&attr, &all);
	posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSID);
	r = posix_spawnp(ret, argv[0], &actions, &attr, (char *const *)argv, environ);
	posix_spawn_file_actions_destroy(&actions);
	posix_spawnattr_destroy(&attr);
	return -r;
}
