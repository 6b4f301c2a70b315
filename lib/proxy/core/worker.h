/*
 * State of the data path inside one worker. Everything here belongs to the worker's thread.
 *
 *   worker -> listeners[] -> downs (client connections) -> stream (HTTP) or tcp (bytes)
 *          -> clusters[slot] -> endpoints -> ups (pooled connections)
 *
 * Objects that callbacks may still be using are put on the worker's list of the dead and freed at the end of the turn.
 */
#ifndef PROXY_CORE_WORKER_H
#define PROXY_CORE_WORKER_H

#include <stdatomic.h>

#include "base/clock.h"
#include "base/map.h"
#include "base/vec.h"
#include "http/conn.h"
#include "config/config.h"
#include "net/acceptor.h"
#include "proxy/core/outcome.h"
#include "telemetry/metrics.h"

/* ---- configurations in use ---- */

/* A config as one worker sees it; users are counted without atomics. Freed when unused and no longer current. */
struct worker_config {
	struct config *config; /* a reference */
	struct worker *worker;
	unsigned users; /* connections and streams, plus one for being current */
};

/* One more user; the worker's thread only. */
struct worker_config *worker_config_get(struct worker_config *wc);
/* Gives a use back; the last gives the config back. NULL is fine. */
void worker_config_put(struct worker_config *wc);

/* ---- the dead ---- */

struct corpse {
	struct list link;
	void (*fn)(struct corpse *c);
};

/* fn runs at the end of this turn. */
void worker_bury(struct worker *w, struct corpse *c, void (*fn)(struct corpse *c));
/* Runs all that wait; for the end of the worker. */
void worker_bury_all(struct worker *w);

/* ---- worker ---- */

struct listener {
	struct acceptor acceptor;
	struct worker *worker;
	const struct config_listener *config; /* in worker->current */
	struct addr address;
	uint64_t accepted;
};

/* How many states a stream has; see stream/state.h. */
#define WORKER_STREAM_STATES 9

struct filter_ops;
struct log_file;

/* Ports of which that many are counted by number; the rest together. */
#define SILENT_PORTS_MAX 32

/* Connections whose client said nothing while its protocol was looked for, by destination port. */
struct silent_ports {
	struct {
		uint16_t port;
		bool inbound;
		uint64_t n;
	} v[SILENT_PORTS_MAX];
	size_t n;
	uint64_t others;
};

/* What became of spans and lines of access logs, by kind of collector. */
enum export_kind { EXPORT_ZIPKIN, EXPORT_OPENTELEMETRY, EXPORT_LOG_OTLP, EXPORT_LOG_GRPC, EXPORT_KINDS };

struct export_counts {
	uint64_t items_sent, items_dropped, reports_sent, reports_failed;
};

struct worker {
	struct workers *all;
	unsigned index;
	struct loop *loop;
	struct rand rand;
	struct worker_config *current; /* NULL before the first */
	VEC(struct listener *) listeners;
	struct cluster **clusters; /* by slot; NULL = not used yet */
	size_t n_clusters;
	struct buffers buffers;
	struct list downs; /* struct down.link */
	atomic_uint n_downs;
	struct list dead;
	struct task bury;
	struct list leaving;       /* streams whose client is served, and whose upstream is not through */
	struct timer idle_leaving; /* fires when one of them may have been idle for too long, or sooner */
	struct list free_streams;  /* kept for reuse */
	unsigned n_free_streams;
	unsigned streams[WORKER_STREAM_STATES]; /* that are not ended, by enum stream_state */
	unsigned low_free_streams;              /* fewest since the last trim */
	struct timer trim;
	struct list shadows; /* copies of requests, see shadow.h */
	unsigned n_shadows;
	struct list side_calls; /* the proxy's own requests, see upstream/side_call.h */
	unsigned n_side_calls;
	struct list exporters; /* batches for collectors, see upstream/exporter.h */
	unsigned n_exporters;
	struct export_counts exported[EXPORT_KINDS];
	struct jwt_cache *tokens; /* verified ones, see filter/jwt_cache.h; NULL = none yet */
	struct jwt_keys *keys;    /* fetched ones, see filter/jwt_keys.h; NULL = none yet */
	bool ending;
	struct metrics *metrics;
	struct stats_cache *stats;
	struct tls_cache *tls;
	const struct filter_ops *const *filters; /* by enum filter_kind, see stream/filter.h */
	struct silent_ports silent;
	uint64_t late_tls;               /* clients that spoke TLS after they had been taken for plain text */
	struct client_memory *spoke_tls; /* see listener/server_first.h; NULL = nobody yet */
	VEC(struct log_file *) logs;
	struct task flush_logs;
	bool draining_inbound, draining_all;
	bool stopped_listening;
	time_t date_s;
	char date[32]; /* of date_s, for the Date field */
	uint64_t next_id;
	uint64_t self_version; /* config->version that self and principal were made from */
	struct stats_peer *self;
	const char *principal;
};

struct workers {
	struct loop *main_loop;
	struct worker *v;
	unsigned n;
	struct breaker *_Atomic *breakers;    /* by slot, see breaker.h */
	struct shared *_Atomic *shared;       /* by slot, see shared.h */
	atomic_uchar server_first[65536 / 8]; /* a bit for each port, see listener/server_first.h */
	atomic_uint silent_changes;           /* workers met another inbound port where detection timed out */
};

/* The current time as an HTTP date; valid until the next call in another second. */
struct slice worker_date(struct worker *w);

#endif
