/*
 * Between the daemon, which writes DIR/config.json, and the container's supervisor (weft-shim), which reads it. The
 * supervisor answers with DIR/state.json once the process runs and DIR/exit.json when it ended.
 */
#ifndef LAB_CONTAINER_CONTAINER_INTERNAL_H
#define LAB_CONTAINER_CONTAINER_INTERNAL_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/arena.h"
#include "base/err.h"

#define CONTAINER_CONFIG_MAX_BYTES (4 << 20)
#define CONTAINER_REPORT_FD 3 /* where the supervisor tells its starter "ok PID" or "error MESSAGE" */

struct container_mount {
	const char *source; /* for binds */
	const char *target; /* inside the root */
	const char *type;   /* "bind", "tmpfs", "proc", "sysfs", "devpts", "mqueue" */
	bool read_only;
};

struct container_limit {
	const char *dir;          /* a cgroup, made if missing */
	const char *file, *value; /* NULL: nothing to set there */
};

struct container_config {
	struct arena arena; /* all below */
	const char *root, *hostname, *netns, *cwd, *log;
	const char *lower;  /* the files of an image, seen at root below a layer of the container's own; NULL: root has
			       them */
	const char *layer;  /* with lower: the folder with root, that layer ("upper") and "work" */
	char **args, **env; /* NULL-terminated */
	uid_t uid;
	gid_t gid;
	gid_t *groups;
	size_t groups_n;
	uint64_t caps; /* bounding set, and what root holds */
	int oom_score_adj;
	bool read_only, privileged, no_new_privs, tty;
	bool std_in, std_in_once; /* standard input is kept open for who attaches; for the first one alone */
	struct container_mount *mounts;
	size_t mounts_n;
	struct container_limit *limits;
	size_t limits_n;
};

/* Reads DIR/config.json. */
int container_config_load(const char *dir, struct container_config *ret, struct err *e);

static inline void container_config_done(struct container_config *c)
{
	arena_done(&c->arena);
}

/* Child side, in fresh mount, pid, uts and ipc namespaces: builds the root and makes it "/". */
int container_root_enter(const struct container_config *c, struct err *e);

/* Child side, last step: takes on the user and capabilities and executes args. Returns only on failure. */
int container_become(const struct container_config *c, char *const *args, struct err *e);

/* Start time of a process in clock ticks since boot (with the pid it names a process for ever); 0 = no such process. */
uint64_t container_pid_start(pid_t pid);

/* Appends one chunk of a container's output to a log file in CRI's format ("TIME stdout F line"). */
struct container_log {
	int fd; /* -1 = nothing is kept */
	const char *path;
	uint64_t bytes;
};

struct container_stream {
	const char *name; /* "stdout", "stderr" */
	int fd;           /* where it comes from; -1 = ended */
	size_t len;
	char line[16384];                                    /* longer lines are cut into partial ones */
	void (*tee)(void *arg, const char *bytes, size_t n); /* sees what was read, as it comes; may be NULL */
	void *arg;
};

/* Reads once from the stream and logs what is whole. At the end of the stream the rest is logged and fd closed. */
void container_stream_pump(struct container_stream *s, struct container_log *log);

#endif
