/* Starting programs. */
#ifndef LAB_SYS_SPAWN_H
#define LAB_SYS_SPAWN_H

#include <stddef.h>
#include <sys/types.h>

/* The program finds descriptor `from` as its `to`; from -1 is /dev/null. */
struct spawn_fd {
	int from, to;
};

/*
 * Starts argv[0], looked up in PATH unless it has a slash, in a session of its own, with all signals at their defaults
 * and with these descriptors alone; `to` of the rows goes up. Returns 0 with its pid, or -errno. Any thread.
 */
int spawn_program(const char *const *argv, const struct spawn_fd *fds, size_t n, pid_t *ret);

#endif
