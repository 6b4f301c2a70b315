/* What generators share: one run of one view over one snapshot. Internal to this folder. */
#ifndef COMPILE_GEN_H
#define COMPILE_GEN_H

#include "compile/compile.h"
#include "compile/pb.h"

struct gen {
	const struct snapshot *snap;
	const struct proxy *proxy;
	struct xds_pool *pool;
	struct arena *arena; /* of messages; forgotten after the run */
	enum xds_type type;  /* being made */
	VEC(struct xds_resource *) made;
	unsigned *used; /* types by object number */
	const struct mesh_object **objects;
	size_t n_objects;
	VEC(struct compile_note) notes;
	struct arena *keep;              /* of the result */
	const struct service **services; /* visible to the proxy */
	size_t n_services;
};

/* Packs a message into a resource of the current type. */
void gen_add(struct gen *g, const char *name, const void *message);

/* The object took part in what is being made. */
void gen_use(struct gen *g, const struct mesh_object *o);

/* Something of the object cannot be carried out. */
void gen_note(struct gen *g, const struct mesh_object *o, const char *path, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

static inline const struct mesh_config *gen_mesh(const struct gen *g)
{
	return g->snap->mesh;
}

/* "outbound|80|v1|host" */
const char *gen_cluster_name(struct arena *a, uint16_t port, const char *subset, const char *host);

/* The visible service of a host, or NULL. */
const struct service *gen_service(const struct gen *g, const char *host);

/* Generators, each in its own file. */
void gen_clusters(struct gen *g);
void gen_endpoints(struct gen *g);
void gen_listeners(struct gen *g);
void gen_routes(struct gen *g);

/* Where a service listens in the proxy's own pod: one inbound chain and cluster each. */
struct inbound {
	const struct service *svc;
	const struct service_port *port;
	uint16_t target;
};

/* The inbound ports of a sidecar, unique by target port, the oldest service first. Returns their number. */
size_t gen_inbounds(struct gen *g, struct inbound **ret);

/* "inbound|8080||" */
const char *gen_inbound_name(struct arena *a, uint16_t port);

/* --- filters.c: connection managers and TCP proxies --- */

enum gen_direction { GEN_OUTBOUND, GEN_INBOUND, GEN_GATEWAY };

struct gen_http {
	enum gen_direction direction;
	const char *stat_prefix;
	const char *rds;         /* or */
	pb_route_config *routes; /* in place */
	bool http2_only;
};

/* An HTTP connection manager as a network filter. */
pb_filter *gen_hcm(struct gen *g, const struct gen_http *h);

/* Appends the TCP proxy to a cluster (with telemetry before it) to the chain. */
void gen_tcp_filters(struct gen *g, pb_chain *chain, enum gen_direction d, const char *cluster);

/* As above with a TCP proxy made by the caller. */
void gen_tcp_filters_of(struct gen *g, pb_chain *chain, enum gen_direction d, pb_tcp_proxy *tcp);

pb_tcp_proxy *gen_tcp_proxy(struct gen *g, const char *stat_prefix, const char *cluster);

/* The route that a service gets without any VirtualService; also inbound ones. */
pb_route *gen_default_route(struct gen *g, const char *cluster, const char *operation, bool retries);

/* --- vhost.c --- */

/* Routes of a VirtualService for a gateway ("mesh" or "<ns>/<name>") and a port, in order. */
void gen_virtual_service_routes(struct gen *g, pb_vhost *vh, const struct mesh_virtual_service *vs, const char *gateway,
				uint16_t port);

/* --- gateway.c --- */
void gen_gateway_listeners(struct gen *g);
void gen_gateway_routes(struct gen *g);

/* Is a VirtualService bound to the gateway? */
bool gen_bound(const struct mesh_virtual_service *vs, const char *gateway);

/* Is a VirtualService visible to the proxy? */
bool gen_sees(const struct gen *g, const struct mesh_virtual_service *vs);

/* --- policy.c --- */

struct istio_traffic_policy;

#endif
