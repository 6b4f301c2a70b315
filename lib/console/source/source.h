/*
 * Prometheus' HTTP API (https://prometheus.io/docs/prometheus/latest/querying/api): a handful of queries are asked at
 * once and told together. What goes wrong is told in words for a reader. The loop's thread.
 */
#ifndef CONSOLE_SOURCE_H
#define CONSOLE_SOURCE_H

#include <cjson/cJSON.h>

#include "base/buf.h"
#include "net/fetch.h"

#define PROM_QUERIES_MAX 8
#define SOURCE_ANSWER_MAX_BYTES (16u << 20)
#define SOURCE_TIMEOUT_MS 15000
#define SOURCE_CALLS_MAX 64 /* batches under way; more are refused */

struct source;

/* url: "http://prometheus.istio-system:9090"; copied, and so is token_file: the bearer token in it is sent along, read
 * anew each time. NULL = none. */
struct source *source_new(struct loop *l, const char *url, const char *token_file);
/* Gives up what is under way: nobody is told. NULL is fine. */
void source_free(struct source *p);

/* The arrays data.result of the queries, in order; valid inside. error NULL: all are there; else results is NULL. */
typedef void prom_fn(void *arg, const cJSON *const *results, const char *error);

/* Asks for the values at a time (seconds since the epoch, 0 = now). Texts are copied. */
void prom_ask(struct source *p, const char *const *queries, size_t n, double at_s, prom_fn *fn, void *arg);

/* The body of one GET as it came, whatever its status: path with arguments, encoded. error NULL: there is one. */
typedef void source_fn(void *arg, struct slice body, const char *error);
void source_fetch(struct source *p, const char *path, source_fn *fn, void *arg);

/* A label of a result's element, "" when absent; its value at value[1], NaN when it has none. */
const char *prom_label(const cJSON *element, const char *name);
double prom_value(const cJSON *element);

#endif
