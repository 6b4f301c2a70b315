/*
 * The serving side of the control plane: from a Kubernetes API to xDS sessions, certificates, status and Routes.
 *
 *   members -> reflectors -> store -> (debounce) snapshot -> views -> sessions
 *                              |                                        | acknowledgements
 *                              +--> roots, webhooks, routes             +--> status
 *
 * One loop, one thread. Nothing is served before every reflector has listed once and the authority is loaded.
 */
#ifndef DISCOVERY_DISCOVERY_H
#define DISCOVERY_DISCOVERY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "net/tls.h"

struct discovery;
struct kube_client;
struct loop;
struct store;

/* Strings live as long as the discovery. */
struct discovery_config {
	const char *ns;          /* of the control plane */
	const char *revision;    /* name of the ServiceMeshControlPlane */
	const char *pod_name;    /* for control_plane.identifier */
	const char *domain;      /* "cluster.local" */
	const char *cluster_id;  /* "Kubernetes" */
	const char *member_roll; /* ServiceMeshMemberRoll that lists the members; NULL = all namespaces */
	const char *cacerts_dir; /* a plugged-in authority, when its files are there; NULL = never */
	bool cacerts_required;   /* no root of our own when they are not */
	/* Another authority signs for the mesh (ENABLE_CA_SERVER=false): folder with our own certificate, tls.crt and
	 * tls.key, and its roots: ca.crt there, or else root_file. NULL = we are the authority. */
	const char *given_dir, *given_root_file;
	bool alone;               /* there is no cluster: nobody else writes statuses, so no lease is held */
	const char *mesh_map;     /* ConfigMap with the mesh's settings; NULL = istio-<revision> */
	const char *const *names; /* further DNS names and addresses of our certificate, 16, NULL ends; NULL = none */
	const char *mutating_webhook, *validating_webhook; /* configurations whose caBundle is kept; NULL = none */
	const char *host;                                  /* address to listen on, "0.0.0.0" */
	uint16_t grpc_port, tls_port, http_port, monitoring_port;
	struct tls_limits tls;  /* of its own servers, and between proxies */
	const char *jwks_roots; /* file with further roots for servers of key sets; NULL = none */
	bool routes;            /* keep OpenShift Routes for Gateways */
	bool sniff_inbound, sniff_outbound;
	const char
		*token_audience;  /* whom proxies' tokens are made for; NULL = "istio-ca", "" = the API server itself */
	const char *token_issuer; /* whose tokens proxies must have; NULL = whoever's the API server vouches for */
	int64_t max_connection_age_ms; /* of proxies; 0 = thirty minutes */
	int64_t root_check_s;          /* between checks whether the root of our own is to be renewed; 0 = an hour */
	unsigned root_grace_percent;   /* of its life, in which it is; 0 = 20 */
	bool root_no_jitter;           /* the first check is at once */
	int64_t root_ttl_s, cert_ttl_s, cert_max_ttl_s; /* 0 = ten years, one day, ninety days */
	int64_t rotation_wait_s;                        /* between two steps to another root; 0 = cert_ttl_s */

	/* The serving certificate for webhooks is new; called before anything is served, and at each rotation. */
	void (*on_certificate)(void *user, struct slice chain_pem, struct slice key_pem);
	/* Appends metrics of others to the exposition on the monitoring port. May be NULL. */
	void (*on_metrics)(void *user, struct buf *out);
	void *user;
};

/* Copies the pointers of the configuration. Starts at once. NULL when a port cannot be listened on. */
struct discovery *discovery_new(struct loop *l, struct kube_client *c, const struct discovery_config *cfg,
				struct err *e);
/* Ends all calls and servers, then frees; answers that are under way never arrive. NULL is fine. */
void discovery_free(struct discovery *d);

/* The store that it fills: ConfigMaps of the control plane, Services of the mesh, ... */
struct store *discovery_store(struct discovery *d);

/* Everything is listed, the authority is there, the first snapshot is built. */
bool discovery_ready(const struct discovery *d);

/* Stops accepting connections and tells proxies to go elsewhere. */
void discovery_drain(struct discovery *d);

#endif
