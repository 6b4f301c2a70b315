/*
 * The daemon's view of one container, a directory:
 *   DIR/config.json  what to run (written before the start)
 *   DIR/root/        its root file system
 *   DIR/state.json   pids, once it runs        DIR/exit.json  how it ended
 * The process belongs to its supervisor (weft-shim): container_done() forgets it and leaves it running.
 */
#ifndef LAB_CONTAINER_CONTAINER_H
#define LAB_CONTAINER_CONTAINER_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/buf.h"
#include "base/err.h"
#include "net/loop.h"

enum container_state { CONTAINER_NONE, CONTAINER_STARTING, CONTAINER_RUNNING, CONTAINER_EXITED };

struct container {
	struct loop *loop;
	char *dir; /* owned */
	void (*on_change)(struct container *c);
	enum container_state state;
	int64_t started_ns, finished_ns; /* wall clock */
	int exit_code, signal;
	bool oom_killed;
	char *start_error; /* owned; why it never ran (state EXITED), or NULL */

	/* private */
	pid_t shim_pid, pid;
	uint64_t pid_start;
	int report_fd, shim_fd;
	struct io report_io, shim_io;
	struct buf report;
};

/* Starts what DIR/config.json says. on_change comes when it runs, when it could not (EXITED, start_error), and when it
 * ended. Returns 0 or -errno (no process at all). c is zeroed or done. */
int container_start(struct container *c, struct loop *loop, const char *shim, const char *dir,
		    void (*on_change)(struct container *c), struct err *e);

/* Finds the state of a container that an earlier daemon started: RUNNING (watched again) or EXITED. -ENOENT when it
 * never ran. on_change is not called from inside. */
int container_adopt(struct container *c, struct loop *loop, const char *dir, void (*on_change)(struct container *c));

/* Sends a signal to the main process, if it runs. SIGKILL ends every process of the container. */
void container_signal(const struct container *c, int signo);

/* Forgets the container, without touching its processes. Idempotent. */
void container_done(struct container *c);

/* Without a loop: kills what runs in DIR and waits for the supervisor, a second at most. */
void container_purge(const char *dir);

#endif
