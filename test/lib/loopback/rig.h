/*
 * One worker of the proxy with a configuration from text, on the test's own thread and over loopback.h: whatever comes
 * in at the listener's address goes through the real data path to origins that the test plays. A test includes rig.c.
 *
 *   rig_start(&r, rig_http("10.0.0.1:80", &(struct rig_http){.route = "timeout: 1s"}));
 *   client = rig_request(&r, "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
 *   up = rig_accept(&r);   what the origin got: loopback_got(up)
 *   rig_send(&r, up, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
 *   assert_string_equal(loopback_got(client), ...);
 *   rig_stop(&r);          also asserts that nothing is left open
 */
#ifndef TEST_RIG_H
#define TEST_RIG_H

#include "loopback/loopback.h"
#include "config/build.h"
#include "proxy/upstream/cluster.h"
#include "proxy/core/worker.h"

/* Where the proxy listens, and the first origin of cluster "c". */
#define RIG_LISTENER "10.0.0.9:8080"
#define RIG_ORIGIN "10.0.0.1:80"

struct rig {
	struct workers workers;
	struct worker worker;
	struct loop *main_loop, *loop;
	struct build *build;
	struct config_node *node; /* the build's, to be changed before anything is configured */
	int origin;               /* listens on RIG_ORIGIN; -1 when the test listens itself */
	char log[64];             /* where the access log is written */
};

/* What stands beside the usual in one HTTP listener with one virtual host and one route to cluster "c" (twice: for
 * CONNECT, too). YAML flow. */
struct rig_http {
	const char *hcm;       /* "stream_idle_timeout: 1s" */
	const char *filters;   /* before the router: "{name: ..., typed_config: {...}}, " with the comma */
	const char *router;    /* "suppress_envoy_headers: true" */
	const char *vhost;     /* "retry_policy: {...}" */
	const char *route;     /* in the route action: "timeout: 1s" */
	const char *around;    /* beside the action: "response_headers_to_add: [...]" */
	const char *action;    /* instead of "route: {cluster: c, ...}" */
	const char *cluster;   /* "circuit_breakers: {...}" */
	const char *endpoints; /* "10.0.0.1:80 10.0.0.2:80"; NULL = RIG_ORIGIN */
	const char *more;      /* further clusters: "- {...}\n" */
	const char *chain;     /* "transport_socket: {...}" */
	const char *listener;  /* a line: "listener_filters: [...]" */
	const char *log;       /* beside the access log's own: "filter: {...}" */
};

/* The configuration as text; %RESPONSE_CODE% %RESPONSE_FLAGS% %RESPONSE_CODE_DETAILS% is what the log has. */
const char *rig_http_yaml(const struct rig_http *h);

/* A cluster "name" of the endpoints, for rig_http.more. */
const char *rig_cluster_yaml(const char *name, const char *endpoints, const char *more);

/* A listener that gives its bytes to cluster "c". tcp = beside the cluster in the TCP proxy. */
const char *rig_tcp_yaml(const char *tcp, const char *cluster);

/* Begins with this configuration and a listening origin. */
void rig_start(struct rig *r, const char *yaml);
/* The two halves of it: r->build is there to be filled, then used. */
void rig_begin(struct rig *r);
void rig_apply(struct rig *r);
/* The next configuration. */
void rig_configure(struct rig *r, const char *yaml);
/* Ends all connections and fails when the proxy leaves something open, or holds on to a buffer. */
void rig_stop(struct rig *r);

/* A new client that has sent this; what follows of it has happened. */
int rig_request(struct rig *r, const char *text);
/* Sends and lets things happen. */
void rig_send(struct rig *r, int fd, const char *text);
/* The next connection to the origin, or -1. */
int rig_accept(struct rig *r);
/* The same at another listening socket of the test. */
int rig_accept_at(struct rig *r, int listener);
void rig_close(struct rig *r, int fd);
void rig_run(struct rig *r);
void rig_advance(struct rig *r, int64_t ms);

/* All that the access log has, one exchange a line; malloc'ed once, valid until the next call. */
const char *rig_log(struct rig *r);

/* The state of cluster "c" (or of a name) in the worker. */
struct cluster *rig_cluster(struct rig *r, const char *name);

#endif
