/*
 * What the mesh consists of, as generators see it: services with ports, endpoints with identity, and the proxies that
 * ask. All of it is built by the snapshot from Kubernetes objects and ServiceEntries and never written afterwards;
 * pointers lead into the arena of the index that holds them.
 */
#ifndef MESH_MODEL_H
#define MESH_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "mesh/protocol.h"
#include "msg/msg.h"

struct api_object;

/* How a service's endpoints are found. */
enum resolution {
	RESOLUTION_EDS,         /* the control plane knows the endpoints */
	RESOLUTION_PASSTHROUGH, /* the address the client chose: headless services, ServiceEntry NONE */
	RESOLUTION_DNS,         /* the proxy resolves the endpoints' names, all answers are used */
	RESOLUTION_DNS_ROUND_ROBIN,
};

struct service_port {
	const char *name; /* may be "" */
	uint16_t port;
	uint16_t target_port;    /* 0 when named: the endpoints tell */
	const char *target_name; /* NULL when numeric */
	enum protocol protocol;  /* as clients speak it; AUTO: they find out by the first bytes */
	bool undeclared;         /* nobody said what is spoken: each side finds out, or takes it for TCP */
	size_t index;            /* in the object's list */
};

/* Where a workload runs; "" where nothing is known. */
struct locality {
	const char *region, *zone, *subzone;
};

struct endpoint {
	const char *address; /* IP, or a DNS name for RESOLUTION_DNS */
	uint16_t port;       /* where it listens */
	bool ready;
	bool tls;                   /* a proxy of the mesh takes mutual TLS there */
	const char *ns;             /* of the workload */
	const char *workload;       /* Deployment or such; "" unknown */
	const char *canonical_name; /* service.istio.io/canonical-name or what stands for it */
	const char *canonical_revision;
	const char *service_account; /* NULL unknown */
	const char *region, *zone, *subzone;
	const char *node;
	const char *hostname; /* by which DNS knows the pod behind a headless service; NULL = none */
	uint32_t weight;      /* 0 = 1 */
	struct str_map labels;
};

/* The endpoints of one service port. */
struct endpoint_set {
	const struct endpoint *v;
	size_t n;
};

struct service {
	const struct api_object *obj; /* Service or ServiceEntry; reference held by the index */
	size_t number;                /* dense, in the order of the index */
	const struct service *next;   /* of the same host, the next that counts where this one cannot be seen */
	bool behind;                  /* it is the next of another one */
	const char *name, *ns;        /* of the object */
	const char *host;             /* FQDN, or the ServiceEntry's host */
	const char **vips;            /* literal addresses or CIDRs */
	size_t n_vips;
	const char
		*auto_vips[2]; /* IPv4 and IPv6 of an entry without addresses, for proxies that say so; NULL = none */
	struct service_port *ports;
	size_t n_ports;
	enum resolution resolution;
	bool headless;
	bool external;           /* outside the mesh: no mutual TLS */
	bool entry;              /* from a ServiceEntry */
	struct str_map selector; /* empty = none */
	struct str_map labels;
	const char **export_to; /* namespaces, "*", "."; n 0 = everywhere */
	size_t n_export_to;
	const char **sans; /* ServiceEntry subjectAltNames */
	size_t n_sans;
	const char *created; /* creationTimestamp */
	/* A Service of type ExternalName that names another Service of the mesh: it has that one's ports and
	 * endpoints, and its rules where it has none of its own. */
	const struct service *alias;
};

enum proxy_type { PROXY_SIDECAR, PROXY_ROUTER };

/* What stands in front of a gateway (gatewayTopology of its ProxyConfig). */
struct proxy_topology {
	bool set; /* false: the mesh's */
	uint32_t trusted_proxies;
	int forward_client_cert; /* enum istio_mesh_forward_client_cert_details */
};

/* Who asks: parsed once from the xDS node of a stream. Strings belong to the arena of the session's proxy. */
struct proxy {
	enum proxy_type type;
	const char *id; /* "<pod>.<namespace>" */
	const char *node_id;
	const char *name; /* pod */
	const char *ns;
	const char *ip;
	const char *service_account;
	const char *cluster_id;
	const char *workload;
	const char *node_name;
	const char *mesh_id;
	const char *istio_version;
	const char *user_agent;
	struct str_map labels;
	struct locality locality; /* where it runs; region NULL: as its labels say */
	bool unprivileged;        /* may not bind ports under 1024 */
	bool dns_capture, dns_auto_allocate;
	bool v6;                  /* its address is one of IPv6 */
	bool stats_filters;       /* understands Istio's telemetry filters */
	bool weft;                /* ours: understands what Envoy has no words for (metadata "weft") */
	const char *interception; /* REDIRECT, TPROXY, NONE */
	bool places;              /* for explanations: routes say which rule they are of, behind their object */
	struct proxy_topology topology;
};

#endif
