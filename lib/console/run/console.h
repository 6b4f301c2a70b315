/*
 * The console as a whole, in one of three parts: the console itself (pages and the mesh's data), the collector (spans,
 * and Jaeger's query API) and the dashboards (pages over Prometheus). Each part serves all pages that its data allows.
 * All but the server's thread is on one loop.
 */
#ifndef CONSOLE_RUN_CONSOLE_H
#define CONSOLE_RUN_CONSOLE_H

#include "base/err.h"
#include "console/store/store.h"
#include "kube/client.h"
#include "net/loop.h"

enum console_part { CONSOLE_MESH, CONSOLE_COLLECTOR, CONSOLE_DASHBOARDS };

struct console_config {
	enum console_part part;
	const char *host;
	uint16_t port;                              /* of pages and APIs */
	uint16_t zipkin_port, otlp_port, grpc_port; /* CONSOLE_COLLECTOR; 0 = any free one */
	struct span_store_params store;             /* CONSOLE_COLLECTOR */
	const char *ns;                             /* the control plane's */
	/* URLs of others, or NULL: Prometheus, Jaeger's query API, the control plane's monitoring port. */
	const char *prometheus, *traces, *istiod;
	bool by_namespace;     /* its rights are those in the roll's members, not in all namespaces */
	bool anonymous;        /* see access.h */
	const char *router;    /* or NULL */
	const char *oauth_dir; /* or NULL */
	const struct kube_config *kube;
	struct kube_client *client;
};

struct console;

/* Listens and starts; NULL with a sentence in e. The configuration's texts must outlive it. */
struct console *console_new(struct loop *l, const struct console_config *c, struct err *e);
/* After the loop has ended. NULL is fine. */
void console_free(struct console *c);
/* The ports that are really bound, in the order page, zipkin, otlp, grpc; 0 for what the part has not. */
uint16_t console_port(const struct console *c, unsigned i);

#endif
