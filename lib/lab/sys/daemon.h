/*
 * One daemon per data directory: the lock that it holds while it lives, the file that tells where it listens, and what
 * must be there before it can start.
 */
#ifndef LAB_SYS_DAEMON_H
#define LAB_SYS_DAEMON_H

#include <stdbool.h>

#include "base/err.h"

struct daemon_state {
	int pid, api_port, router_port, router_tls_port; /* ports on 127.0.0.1; those of the router 0: none */
};

/* Also writes DIR/pid. Returns 0 or -errno. */
int daemon_state_write(const char *data_dir, const struct daemon_state *s, struct err *e);

/* False when no daemon runs on this directory. */
bool daemon_state_read(const char *data_dir, struct daemon_state *ret);

/* Root, the programs that networks need, and the directory, which is made. Returns 0 or -errno with what to do. */
int daemon_check_ground(const char *data_dir, struct err *e);

/* Takes the lock until the process ends. -EBUSY when another daemon holds it. */
int daemon_lock(const char *data_dir, struct err *e);

#endif
