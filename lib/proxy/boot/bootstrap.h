/*
 * What the proxy knows before it talks to anybody: command line, environment, the pod's downward-API files and
 * PROXY_CONFIG, as Istio's agent reads them. Read once at start; immutable afterwards.
 */
#ifndef PROXY_BOOTSTRAP_H
#define PROXY_BOOTSTRAP_H

#include <cjson/cJSON.h>

#include "base/arena.h"
#include "base/err.h"
#include "config/config.h"

struct bootstrap {
	struct arena arena;
	struct config_node *node;
	struct slice xds_node;   /* packed envoy.config.core.v3.Node */
	const char *config_file; /* static configuration; NULL = from a control plane */
	const char *state_dir;   /* where the last good state is kept; NULL = nowhere */

	const char *discovery_host;
	uint16_t discovery_port;
	bool discovery_tls;
	const char *ca_host;
	uint16_t ca_port;
	const char *token_path, *root_path;
	bool delta_xds;
	int64_t cert_ttl_s;       /* asked of the CA; default 24 h */
	double rotation_ratio;    /* of the lifetime; default 0.5 */
	uint32_t roots_spread_ms; /* in which proxies fetch a certificate when the mesh's roots changed; 30 s */

	bool dns_capture;        /* the pod's DNS questions come to us */
	uint16_t dns_port;       /* 15053 */
	const char *domain;      /* of Services, "svc.cluster.local" */
	const char *resolv_path; /* whom we ask */

	unsigned concurrency; /* worker threads, at least 1 */
	int64_t drain_ms;     /* terminationDrainDuration; default 5 s */
	int64_t min_drain_ms; /* with exit_on_zero; default 5 s */
	bool exit_on_zero;    /* EXIT_ON_ZERO_ACTIVE_CONNECTIONS */

	uint16_t admin_port, status_port, health_port, metrics_port; /* 0 = not served */
	const char *status_host;                                     /* where the last three listen: "0.0.0.0" */
	cJSON *probers;            /* ISTIO_KUBE_APP_PROBERS; owned by the arena; NULL = none */
	const cJSON *health_probe; /* of a workload that registers itself; owned by the arena; NULL = none */
	bool app_metrics;          /* the application has metrics of its own */
	uint16_t app_metrics_port;
	const char *app_metrics_path;
};

/*
 * Parses "proxy sidecar|router [flags]" or "--config FILE [flags]" and the environment. Returns 0, 1 when help or
 * version was asked for and printed, or -EINVAL with what is wrong.
 */
int bootstrap_init(struct bootstrap *b, int argc, char **argv, struct err *e);
/* Gives the node back and frees the texts; b is empty afterwards. */
void bootstrap_done(struct bootstrap *b);

/* A copy of a node that knows its own identity. One reference. */
struct config_node *bootstrap_node_with_principal(const struct config_node *n, const char *principal);

/* ---- bootstrap_node.c ---- */

/* The pod's "labels" or "annotations" as the downward API wrote them: an object of strings, empty without the file. The
 * caller deletes it. */
cJSON *bootstrap_podinfo(const char *file);

/* Fills node and xds_node from the environment, labels and annotations. proxy_config may be NULL. */
int bootstrap_identify(struct bootstrap *b, enum node_type type, const char *domain, const char *service_cluster,
		       const cJSON *proxy_config, struct err *e);

#endif
