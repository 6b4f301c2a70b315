/*
 * Joining a running container's standard streams. The supervisor listens on DIR/attach; who joins sends it the ends of
 * pipes that the output is copied to from now on, and gets a descriptor of the container's standard input back. So the
 * bytes of a session go between its two ends alone.
 */
#ifndef LAB_CONTAINER_ATTACH_H
#define LAB_CONTAINER_ATTACH_H

#include "base/err.h"

/*
 * Joins the container of DIR. out and err: pipes to be written, or -1; the caller closes its copies. A session that
 * does not read is left behind when its pipe is full. ret_in (may be NULL): where to write the container's input (its
 * terminal when it has one), owned by the caller; with stdinOnce its end is the input's. Blocks until the supervisor
 * answers, ATTACH_WAIT_MS at most. Returns 0, -ENOTCONN (nobody listens: it is not running), -EINVAL (input is wanted
 * and there is none) or -errno.
 */
#define ATTACH_WAIT_MS 2000
int container_attach(const char *dir, int out, int err, int *ret_in, struct err *e);

#endif
