/*
 * The collector: spans over HTTP (POST /v1/traces in OTLP's two forms, POST /api/v2/spans in Zipkin's), whole or
 * gzipped, and OTLP over gRPC; all end in the store. Jaeger's query API reads it. All on the loop.
 */
#ifndef CONSOLE_COLLECT_H
#define CONSOLE_COLLECT_H

#include "console/server/server.h"
#include "console/store/store.h"

struct collector;
struct grpc_server;

/* The store is borrowed. Never NULL. */
struct collector *collector_new(struct loop *l, struct span_store *store);
/* NULL is fine. */
void collector_free(struct collector *c);

/* Listens for OTLP over gRPC, in plain text, and returns the port; -errno with a sentence in e. Port 0: any. */
int collector_listen_grpc(struct collector *c, const char *host, uint16_t port, struct err *e);

/* Answers an exporter's request; false, and nothing was done, when its path is none of an exporter's. */
bool collector_take(struct collector *c, struct exchange *x);

/*
 * Answers a request of Jaeger's query API: /api/services, /api/services/X/operations, /api/operations, /api/traces,
 * /api/traces/ID, /api/dependencies. false when the path is none of these. Who may ask is the caller's question.
 */
bool collector_query(struct collector *c, struct exchange *x);

/* Appends the counters in Prometheus' text form. */
void collector_metrics(const struct collector *c, struct buf *out);

/* Appends what gzip (RFC 1952) packed, up to max bytes in all. Returns 0, -EMSGSIZE or -EINVAL. */
int collector_unzip(struct slice packed, size_t max, struct buf *out);

#endif
