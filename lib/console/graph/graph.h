/*
 * The graph of a mesh's traffic from its metrics, as Istio's consoles draw it: nodes are workloads, applications,
 * versions of applications, or services; an edge is the traffic of one protocol between two of them. Of the two proxies
 * on a way the client's is believed, as it sees what never arrived and what it made up itself (faults, timeouts); the
 * server's is where there is no client's, and says whether TLS was mutual. Pure.
 */
#ifndef CONSOLE_GRAPH_H
#define CONSOLE_GRAPH_H

#include <cjson/cJSON.h>

#include "base/arena.h"
#include "base/cleanup.h"
#include "base/buf.h"
#include "base/map.h"

enum graph_type { GRAPH_WORKLOAD, GRAPH_APP, GRAPH_VERSIONED_APP, GRAPH_SERVICE };

/* What a sample is of. */
enum graph_measure {
	GRAPH_REQUESTS, /* a second, by response code and flags */
	GRAPH_AVERAGE,  /* ms */
	GRAPH_P50,
	GRAPH_P95,
	GRAPH_P99,
	GRAPH_TCP_SENT,     /* bytes a second */
	GRAPH_TCP_RECEIVED, /* bytes a second */
	GRAPH_MEASURES
};

#define GRAPH_NODES_MAX 5000u
#define GRAPH_EDGES_MAX 20000u
#define GRAPH_CODES_MAX 24u /* response codes and flags of an edge; the rest is one */

struct graph;

struct graph *graph_new(enum graph_type type);
/* NULL is fine. */
void graph_free(struct graph *g);

/* The label's value, "" when absent; valid as long as the call of graph_add. */
typedef const char *graph_label_fn(const void *sample, const char *name);

/* Adds one sample; what is no number, or not above zero, is left out. */
void graph_add(struct graph *g, enum graph_measure m, const void *sample, graph_label_fn *label, double value);

/* Once, when all was added: what reached no workload is drawn to its service's workload, where that is only one. */
void graph_join(struct graph *g);

/* Nodes and edges that were left out for want of room. */
size_t graph_left_out(const struct graph *g);

/*
 * {"nodes":[{"id","namespace","workload","app","version","service","kind","in","out","errorRate"}],
 *  "edges":[{"source","target","protocol","rate","errorRate","avg","p50","p95","p99","mtls","mtlsShare","codes","flags"}]}
 * Rates are requests a second (TCP: bytes), times ms, shares 0 to 1. Only edges for which keep says yes, and their
 * nodes; keep NULL: all.
 */
cJSON *graph_json(const struct graph *g, bool (*keep)(void *arg, const char *source_ns, const char *target_ns),
		  void *arg) __attribute__((returns_nonnull));

/* "workload", "app", "versionedApp", "service"; false for others. */
bool graph_type_parse(struct slice text, enum graph_type *ret);

/* PromQL for a measure over seconds; namespaces is a regular expression of names, "" = all. Appended. */
void graph_query(enum graph_measure m, const char *namespaces, unsigned seconds, struct buf *out);

#endif
