/*
 * The data path's threads. Each worker owns a loop, its listening sockets (SO_REUSEPORT), connections, pools, balancers
 * and counters; nothing is shared between them on the request path. The main thread talks to them by messages.
 *
 *   main loop --workers_set_config--> worker 0..n-1: open and close sockets, attach state of clusters by slot
 *             <------ on_applied --- when the last one has done so
 */
#ifndef PROXY_WORKERS_H
#define PROXY_WORKERS_H

#include "base/err.h"
#include "net/loop.h"
#include "config/config.h"
#include "telemetry/metrics.h"

struct workers;

struct workers_params {
	unsigned n; /* threads; at least 1 */
	/* On the main loop, before on_applied: a listener could not be opened (once per listener and config); the
	 * others work. */
	void (*on_listen_error)(void *ctx, const struct config_listener *l, const struct err *e);
	void *ctx;
};

/* Starts the threads. main_loop is where callbacks run; it outlives the workers. NULL with errno when out of threads.
 */
struct workers *workers_new(struct loop *main_loop, const struct workers_params *p);

/*
 * Gives all workers a new configuration; takes references of its own. on_applied (may be NULL) runs on the main loop
 * when every worker uses it: its listeners accept. Streams under way end with the configuration they began with.
 */
void workers_set_config(struct workers *ws, struct config *c, void (*on_applied)(void *arg), void *arg);

/*
 * Collects the counters of all workers: fn runs on the main loop with the merged store, which it owns (metrics_free);
 * or in workers_free with NULL.
 * Contains istio_* and envoy_cluster_*, envoy_listener_*, envoy_http_* families.
 */
void workers_collect(struct workers *ws, void (*fn)(void *arg, struct metrics *m), void *arg);

struct hosts;

/* Collects how the endpoints fare; fn as in workers_collect (hosts_free, see hosts.h). */
void workers_hosts(struct workers *ws, void (*fn)(void *arg, struct hosts *h), void *arg);

/* Another number when a worker has met one more inbound port where detection timed out. Any thread. */
unsigned workers_silent_changes(const struct workers *ws);
/* Collects those ports: fn runs on the main loop, ports live as long; in workers_free with none. */
void workers_silent(struct workers *ws, void (*fn)(void *arg, const uint16_t *ports, size_t n), void *arg);

/* All counters begin at 0 again; gauges stay. */
void workers_reset_counters(struct workers *ws);

enum workers_drain {
	WORKERS_DRAIN_ALL,
	WORKERS_DRAIN_INBOUND,
	WORKERS_DRAIN_IDLE /* and now those without an exchange close, too */
};

/*
 * Graceful end: keep-alive responses carry "connection: close", connections of HTTP/2 get GOAWAY. Listening sockets
 * stay open until workers_stop_listening. Main thread.
 */
void workers_drain(struct workers *ws, enum workers_drain what);

/* Closes the listening sockets; connections under way go on. */
void workers_stop_listening(struct workers *ws);

/* Connections from clients that are open, as of the last turn of each worker. */
unsigned workers_active_connections(const struct workers *ws);

/* Stops the threads, dropping what is under way, and frees all. NULL is fine. */
void workers_free(struct workers *ws);

#endif
