/*
 * Counters of proxies over the last few answers, and what they grew by. Series that differ in nothing that a graph
 * shows are one group, of all proxies. Pure: time is an argument.
 */
#ifndef CONSOLE_LIVE_SERIES_H
#define CONSOLE_LIVE_SERIES_H

#include "base/clock.h"
#include "base/slice.h"
#include "console/graph/graph.h"

#define SERIES_SLOTS 11u                          /* answers that are kept, and so ten steps between them */
#define SERIES_STEP_NS (800 * (int64_t)NS_PER_MS) /* an answer that comes sooner takes the last one's place */
#define SERIES_LABEL_MAX_BYTES 1024u              /* of one value; longer ones are cut */

struct series_groups;
struct series;

/* max: series of all proxies together. */
struct series_groups *series_groups_new(size_t max);
/* All of its series were freed. NULL is fine. */
void series_groups_free(struct series_groups *g);
/* How many there are, and how many had no room. */
size_t series_groups_count(const struct series_groups *g, size_t *ret_left_out);

/* One proxy's. groups must outlive it. */
struct series *series_new(struct series_groups *groups);
/* NULL is fine. */
void series_free(struct series *s);

/* Takes one answer in Prometheus' text format, heard at now_ns (monotonic). */
void series_read(struct series *s, struct slice text, int64_t now_ns);
/* In how many seconds the proxy's certificate ends, as it said last; false: it did not say. */
bool series_certificate(const struct series *s, int64_t *ret_s);
/* The time that growth is known of, in seconds; 0 until there are two answers. */
double series_span_s(const struct series *s);

/* Adds what the proxy's series grew by to their groups, as rates. */
void series_sum(const struct series *s);
/* Adds what was summed to a graph, and forgets it. */
void series_graph(struct series_groups *groups, struct graph *g);

#endif
