/*
 * The standard Istio metrics of one worker: istio_requests_total and its histograms, istio_*_messages_total,
 * istio_tcp_*. A set of labels is turned into text once; afterwards it is found by a key of small numbers and pointers.
 * Peers, services and principals are interned per worker, so equal ones are the same pointer. What a peer can choose is
 * bounded by STATS_*_MAX.
 */
#ifndef PROXY_STATS_H
#define PROXY_STATS_H

#include "config/config.h"
#include "telemetry/metrics.h"

struct worker;
struct stats_cache;

/* Different peers, services or strings of one worker; beyond, "unknown" is reported. */
#define STATS_PEERS_MAX 10000
#define STATS_STRINGS_MAX 20000
/* A longer string is "unknown", too. */
#define STATS_STRING_MAX_BYTES 1024
/* Different label sets; beyond, they are counted under one with labels "unknown". */
#define STATS_SERIES_MAX 50000

/* A workload as labels know it; strings are never NULL. */
struct stats_peer {
	const char *workload, *namespace_, *app, *version, *canonical_name, *canonical_revision, *cluster;
};

struct stats_service {
	const char *host, *name, *namespace_;
};

/* STATS_MESSAGES: of gRPC, counted while nothing but the two sides is known, and labelled so. */
enum stats_protocol { STATS_HTTP, STATS_GRPC, STATS_TCP, STATS_MESSAGES };

struct stats_labels {
	const struct stats_peer *source, *destination;        /* NULL = unknown */
	const struct stats_service *service;                  /* NULL = unknown */
	const char *source_principal, *destination_principal; /* interned; NULL = unknown */
	uint32_t flags;                                       /* enum response_flag */
	uint16_t status;
	int8_t grpc_status; /* -1 = none */
	uint8_t protocol;   /* enum stats_protocol */
	bool inbound;       /* reporter "destination" */
	bool mutual_tls;
	/* What the filter has otherwise, NULL = nothing; then with its id and the values of its tags, one behind each
	 * other and ended by STATS_VALUE_END, both interned. values NULL: they are unknown. */
	const struct stats_changes *changes;
	const char *changes_id, *values;
};

#define STATS_VALUE_END '\x1f'
#define STATS_VALUE_MAX_BYTES 256 /* of one tag; the rest is cut off */

/* Empty caches of one worker. */
struct stats_cache *stats_new(void);
/* Frees them with every string they interned; series of metrics stay. NULL is fine. */
void stats_free(struct stats_cache *s);

/* Interned; NULL when the text is empty or the bound is reached. */
const char *stats_intern(struct worker *w, struct slice text);

/* The peer that a node is; interned in the worker. */
struct stats_peer *stats_peer_of_node(struct worker *w, const struct config_node *n);
/* NULL when the endpoint's labels say nothing. */
struct stats_peer *stats_peer_of_endpoint(struct worker *w, const struct config_endpoint *e);
/* From a protobuf Struct; NULL when it is malformed. */
struct stats_peer *stats_peer_of_struct(struct worker *w, struct slice bytes);
/* From the value of x-envoy-peer-metadata (base64 of a Struct). */
struct stats_peer *stats_peer_of_header(struct worker *w, struct slice text);

/* The service that a cluster stands for, interned in the worker; NULL when it stands for none. */
struct stats_service *stats_service_of_cluster(struct worker *w, const struct config_cluster_spec *spec);
/* The service of a cluster without metadata: its host from the request, its name from the cluster. */
struct stats_service *stats_service_of_host(struct worker *w, struct slice host, const char *name);

/* One finished exchange. */
void stats_request(struct worker *w, const struct stats_labels *l, int64_t duration_ns, uint64_t request_bytes,
		   uint64_t response_bytes);

/* What came of an exchange of gRPC since it was told last; of the labels' values those of the two sides count. */
void stats_messages(struct worker *w, const struct stats_labels *l, uint64_t requests, uint64_t responses);

/* Those that are left out lead nowhere. */
struct stats_tcp {
	uint64_t *opened, *closed, *sent, *received;
};

/* The counters of a TCP connection's labels; valid as long as the worker. */
const struct stats_tcp *stats_tcp(struct worker *w, const struct stats_labels *l);

#endif
