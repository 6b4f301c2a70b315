/*
 * Network namespaces by name, bound below /run/netns so that `ip netns exec NAME` works. A socket belongs to the
 * namespace in which it was created: the helpers enter it on the calling thread just for that call and come back.
 */
#ifndef LAB_SYS_NETNS_H
#define LAB_SYS_NETNS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "net/socket.h"

#define NETNS_NAME_MAX 64

/* Addresses of the cluster's own namespace. */
#define NETNS_NODE_IP "192.168.49.2"   /* the node: hostIP, and where the API listens for pods */
#define NETNS_GATEWAY_IP "169.254.1.1" /* every pod's default gateway */
#define NETNS_DNS_IP "10.96.0.10"
#define NETNS_API_SERVICE_IP "10.96.0.1" /* kubernetes.default, port 443 */
#define NETNS_API_PORT 6443              /* on NETNS_NODE_IP, whatever the port outside is */
#define NETNS_POD_CIDR "10.244.0.0/16"
#define NETNS_SERVICE_CIDR "10.96.0.0/16"

/* The name of the cluster's namespace: "weft-lab" for the default data directory, else "weft-lab-" and a hash of its
 * real path. out holds NETNS_NAME_MAX bytes; returns out. */
const char *netns_lab_name(const char *data_dir, char *out);

/* Creates a namespace with its loopback up, or does nothing when it exists already (*ret_created tells; may be NULL).
 * Needs CAP_SYS_ADMIN. Blocking for about a millisecond. Any thread. Returns 0 or -errno. */
int netns_create(const char *name, bool *ret_created, struct err *e);

/* Removes the name; the namespace itself goes when the last process and socket of it is gone. A missing one is fine. */
int netns_remove(const char *name, struct err *e);

/* Opens a namespace by name. The caller closes the descriptor. Returns it, or -errno. */
int netns_open(const char *name, struct err *e);

/* socket() inside the namespace behind netns_fd; non-blocking and close-on-exec. Returns the descriptor or -errno. */
int netns_socket(int netns_fd, int domain, int type, int protocol, struct err *e);

/* socket_listen() inside the namespace. */
int netns_listen(int netns_fd, const struct addr *a, int backlog, unsigned flags, struct err *e);

/* socket_connect() inside the namespace: connected or connecting. Returns the descriptor or -errno. */
int netns_connect(int netns_fd, const struct addr *a, unsigned flags);

/* Calls fn(arg) on this thread inside the namespace and returns its result, or -errno when it cannot be entered. */
int netns_run(int netns_fd, int (*fn)(void *arg), void *arg, struct err *e);

#endif
