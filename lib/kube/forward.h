/*
 * A port of a pod, through the API server's port-forward (SPDY/3.1 on the connection itself, which all servers speak):
 * one request of HTTP to it, waited for, or a connection that is relayed. For command line tools; blocks.
 */
#ifndef KUBE_FORWARD_H
#define KUBE_FORWARD_H

#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

struct kube_config;

#define FORWARD_ANSWER_MAX_BYTES (256u << 20)

struct forward_request {
	const char *ns, *pod;
	uint16_t port;
	const char *method, *path; /* path with the query */
	int timeout_ms;            /* of the whole; 0 = 30 s */
};

/*
 * Returns the status of the answer (200 ...), whose body is appended to out; or a negative code with the reason: no
 * server, no right, no such pod, nobody listens there (-ECONNREFUSED), an answer that is none.
 */
int kube_forward_http(const struct kube_config *cfg, const struct forward_request *rq, struct buf *out, struct err *e);

/*
 * Relays a connected socket to the pod's port until either side ends, or stop (an eventfd or the like) can be read. The
 * request's ns, pod and port count, and timeout_ms until it is connected. The socket stays the caller's. Any thread.
 * Returns 0 at the end of a connection, or a negative code with the reason.
 */
int kube_forward_relay(const struct kube_config *cfg, const struct forward_request *rq, int fd, int stop,
		       struct err *e);

#endif
