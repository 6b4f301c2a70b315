/*
 * The node of the embedded cluster: runs the pods bound to it as real processes in namespaces, gives each its network,
 * volumes, probes and status, serves cluster DNS and ClusterIPs, and lends logs, exec and connections to the API
 * server. Containers belong to their own small supervisor processes: they outlive the daemon and are adopted at its
 * next start. Everything here runs on the loop's thread unless said otherwise.
 */
#ifndef LAB_NODE_NODE_H
#define LAB_NODE_NODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/err.h"
#include "net/loop.h"

struct node;
struct lab_api; /* lab/api/api.h: the in-process client */

#define NODE_NAME "weft-lab"

struct node_config {
	struct loop *loop;      /* borrowed */
	struct lab_api *api;    /* borrowed; outlives the node */
	const char *data_dir;   /* copied; pods live in DIR/pods */
	const char *bin_dir;    /* copied; where the programs of our images are */
	const char *images_dir; /* copied; archives of images that pods may want; NULL: none */
	int netns_fd;           /* borrowed: the cluster's namespace, already set up by net_up */
};

/* Starts the node: registers the Node object, adopts what still runs, watches pods. Returns 0 or -errno. */
int node_start(const struct node_config *config, struct node **ret, struct err *e);

/* Stops watching and frees everything; containers go on running. NULL is fine. */
void node_free(struct node *n);

/*
 * Without a daemon (`weft-lab down`): kills every container below data_dir, removes namespaces, mounts and the pods'
 * directories. Blocking, a second at most. Returns 0 or -errno with what is left.
 */
int node_purge(const char *data_dir, struct err *e);

/* ---- logs: a pull reader ---- */

struct node_log;

struct node_log_options {
	const char *ns, *pod;
	const char *container; /* NULL: the only one, or kubectl.kubernetes.io/default-container */
	bool follow, previous, timestamps;
	int64_t tail_lines;    /* -1 = all */
	int64_t since_wall_ns; /* 0 = from the start */
	int64_t limit_bytes;   /* -1 = none */
};

/*
 * Opens a container's log. on_ready(arg) is called after node_log_read returned -EAGAIN, when there is more or the end.
 * Errors: -ENOENT (no such pod or log), -EINVAL (no such container, "container ... is waiting to start: ...") with the
 * kubelet's sentence. The options' strings are only read during the call.
 */
int node_log_open(struct node *n, const struct node_log_options *o, void (*on_ready)(void *arg), void *arg,
		  struct node_log **ret, struct err *e);

/* Bytes of whole lines as kubectl prints them: > 0, 0 at the end, -EAGAIN when following and nothing is there. */
ssize_t node_log_read(struct node_log *l, char *out, size_t cap);

/* Idempotent on NULL. */
void node_log_close(struct node_log *l);

/* ---- exec ---- */

struct node_exec;

struct node_exec_options {
	const char *ns, *pod, *container; /* container may be NULL as above */
	const char *const *argv;          /* NULL-terminated */
	bool in, out, err, tty;           /* with tty, out carries everything */
};

enum node_exec_stream { NODE_EXEC_OUT = 1, NODE_EXEC_ERR = 2 };

/* Starts a command in a running container. on_event(arg): something to read after -EAGAIN, room to write after a short
 * write, or the exit. Errors as for logs. */
int node_exec_start(struct node *n, const struct node_exec_options *o, void (*on_event)(void *arg), void *arg,
		    struct node_exec **ret, struct err *e);

/* Joins a running container's own streams (argv is not read): its output from now on, its input if it has one. It is
 * done when the container ends, with code 0; closing it leaves the container alone. Blocks for about a millisecond.
 * Errors as for node_exec_start. */
int node_exec_attach(struct node *n, const struct node_exec_options *o, void (*on_event)(void *arg), void *arg,
		     struct node_exec **ret, struct err *e);

/* > 0 bytes, 0 at the end of that stream, -EAGAIN when nothing is there now. */
ssize_t node_exec_read(struct node_exec *x, enum node_exec_stream s, char *out, size_t cap);

/* Bytes taken, fewer than n when the command does not read: then on_event tells of room. -EPIPE when it closed it. */
ssize_t node_exec_write(struct node_exec *x, const char *bytes, size_t n);

/* Closes the command's standard input (sends end-of-file on a tty). Idempotent. */
void node_exec_close_stdin(struct node_exec *x);

/* Tells the terminal its size; nothing when there is none. */
void node_exec_resize(struct node_exec *x, unsigned columns, unsigned rows);

/* True once the command ended and both streams were read to their end: *ret_code is its exit code, 128 + signal. */
bool node_exec_done(const struct node_exec *x, int *ret_code);

/* Kills the command when it still runs, and frees. NULL is fine. */
void node_exec_close(struct node_exec *x);

/* ---- connections into a pod (port-forward, proxy, webhooks by pod address) ---- */

/* A non-blocking TCP socket in the pod's namespace, connected or connecting to 127.0.0.1:port there. The caller owns
 * it. Returns the descriptor, -ENOENT (no such pod), -EINVAL (not running) or -errno. */
int node_pod_connect(struct node *n, const char *ns, const char *pod, uint16_t port, struct err *e);

#endif
