/* What generators share: one run of one view over one snapshot. Internal to this folder. */
#ifndef COMPILE_GEN_H
#define COMPILE_GEN_H

#include "compile/compile.h"
#include "compile/pb.h"
#include "compile/tls.h"
#include "mesh/workload.h"

/* Of Telemetry objects: the lower level counts more. */
enum gen_telemetry_level {
	GEN_TELEMETRY_MESH,
	GEN_TELEMETRY_NAMESPACE,
	GEN_TELEMETRY_WORKLOAD,
	GEN_TELEMETRY_LEVELS,
};

struct gen {
	const struct snapshot *snap;
	const struct proxy *proxy;
	struct xds_pool *pool;
	struct compile_cache *cache; /* NULL = none */
	struct arena *arena;         /* of messages; forgotten after the run */
	enum xds_type type;          /* being made */
	VEC(struct xds_resource *) made;
	unsigned *used; /* types by object number */
	const struct mesh_object **objects;
	size_t n_objects;
	VEC(struct compile_note) notes;
	struct map noted;                /* object and path -> itself: each is told once */
	struct map named;                /* resources that this generator made: of one name the first counts */
	struct arena *keep;              /* of the result */
	const struct service **services; /* visible to the proxy, with the ports that listeners lead to */
	size_t n_services;
	const struct service **reachable; /* visible, and where rules lead beyond that: those with clusters */
	size_t n_reachable;
	uint64_t reach;                   /* of those to which rules lead: compile_reach */
	bool *sees;                       /* VirtualServices, by place in the index */
	const struct mesh_sidecar *scope; /* NULL = everything exported */
	const struct service *single;     /* the only service to be made; NULL = all */
	struct rate_patch *patches;       /* that govern the proxy, in their order; rate_patch.c's own */
	size_t n_patches;
	pb_hcm_tracing *tracing[2]; /* of all connection managers of a side; NULL = none, or not asked yet */
	bool tracing_known[2];
	/* The same of access logs, by side, and of the standard metrics, by enum gen_direction. */
	pb_access_log **logs[2];
	size_t n_logs[2];
	bool logs_known[2];
	pb_stats_config *stats[3];
	bool stats_known[3];
	const struct mesh_telemetry *telemetry[GEN_TELEMETRY_LEVELS]; /* NULL = none */
};

/* Packs a message into a resource of the current type; a second one of that name is left out. */
void gen_add(struct gen *g, const char *name, const void *message);

/* The object took part in what is being made. */
void gen_use(struct gen *g, const struct mesh_object *o);

/* Something of the object cannot be carried out and is left out. */
void gen_note(struct gen *g, const struct api_object *o, const char *path, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

/* Who asks for something, and in which field. object NULL: the mesh itself. */
struct gen_owner {
	const struct api_object *object;
	const char *path;
	bool ordered; /* inside the object the first of two equal matches counts by design: nothing is told */
};

/* "what" of the loser is another's: told to the loser with the winner's name. */
void gen_conflict(struct gen *g, const struct gen_owner *loser, const struct gen_owner *winner, const char *path,
		  const char *what);

static inline const struct mesh_config *gen_mesh(const struct gen *g)
{
	return g->snap->mesh;
}

/* Anybody of the mesh's trust domains; points into the mesh's settings. */
struct tls_peers gen_mesh_peers(const struct gen *g);

#define GEN_DOMAIN_MAX_BYTES 255 /* of a host in a route table */

/* The text in small letters, as hosts are compared. */
char *gen_lower(struct arena *a, const char *s);

/* "outbound|80|v1|host" */
const char *gen_cluster_name(struct arena *a, uint16_t port, const char *subset, const char *host);

/* --- scope.c --- */

/* Finds the Sidecar, services and rules of the proxy; once, before anything else is made. */
void gen_set_scope(struct gen *g);
/* Finds the Sidecar alone, as far as single services are made. */
void gen_set_scope_single(struct gen *g);
/* Whether the service is exported to the proxy, and in its Sidecar's scope. */
bool gen_sees_service(const struct gen *g, const struct service *svc);

/*
 * The egress listener that leads to a port of a service, NULL = none is written. *ret_reached is false when the port
 * cannot be reached.
 */
const struct istio_istio_egress_listener *gen_egress_of(const struct gen *g, const struct service *svc, uint16_t port,
							bool *ret_reached);

/* Does the egress listener list the service among its hosts? */
bool gen_egress_takes(const struct gen *g, const struct istio_istio_egress_listener *e, const struct service *svc);

/* Where a proxy listens for a port of a service. */
struct gen_place {
	const char *ip; /* NULL: at the service's own addresses, or the wildcard for HTTP */
	bool bound;     /* a socket of its own; else it is handed redirected connections */
};
struct gen_place gen_place_of(const struct gen *g, const struct service *svc, uint16_t port);

/* Where traffic to unknown destinations goes. */
const char *gen_stranger_cluster(struct gen *g);

/* The visible service of a host, or NULL. */
const struct service *gen_service(const struct gen *g, const char *host);

/* --- egress.c: egress listeners of the Sidecar on Unix sockets --- */

#define GEN_UNIX "unix://"

static inline bool gen_is_unix(const char *bind)
{
	return bind && strncmp(bind, GEN_UNIX, sizeof(GEN_UNIX) - 1) == 0;
}

/*
 * The path in "unix:///path", or "@name" of an abstract socket; points into text. NULL when no socket can have it: then
 * it is told at that path of the Sidecar, with what comes of it.
 */
const char *gen_socket_path(struct gen *g, const char *at, const char *text, const char *otherwise);
/* Adds the listeners, and the route tables of those that speak HTTP. */
void gen_egress_listeners(struct gen *g);
void gen_egress_routes(struct gen *g);
/* "host:port", the route table of a service's port on which HTTP is recognised */
const char *gen_recognised_name(struct arena *a, const char *host, uint16_t port);
/* A route table of services with all their HTTP ports: "host" is the first of them, "host:port" each (routes.c). */
void gen_socket_table(struct gen *g, const char *name, const struct service *const *services, size_t n);

/* Generators, each in its own file: what depends on the proxy's namespace only, and what depends on its labels. */
void gen_outbound_clusters(struct gen *g);
/* Adds those of the single service. */
void gen_single_clusters(struct gen *g);
/* Adds a cluster for each inbound port of the proxy. */
void gen_inbound_clusters(struct gen *g);
/* Adds an EDS resource for each port, and each subset, of the services that are resolved by EDS. */
void gen_endpoints(struct gen *g);
/* Adds those of the single service. */
void gen_single_endpoints(struct gen *g);
/* Adds virtualOutbound (15001) and the listeners of HTTP ports and TCP services; for a gateway the listeners of
 * its servers. */
void gen_outbound_listeners(struct gen *g);
/* Adds virtualInbound (15006) with the chains of each inbound port; nothing for gateways. */
void gen_inbound_listeners(struct gen *g);
/* Adds a route table for each outbound HTTP port; for a gateway those of its servers. */
void gen_outbound_routes(struct gen *g);

/* Where a service, or an ingress listener of the Sidecar, listens in the proxy's own pod: one inbound chain and cluster
 * each. */
struct inbound {
	const struct service *svc; /* NULL: an ingress listener with a port of no service */
	const struct service_port *port;
	uint16_t target;
	const struct istio_istio_ingress_listener *ingress; /* NULL: the service's port as it is */
	size_t number;                                      /* of the ingress listener */
	const struct istio_server_tls_settings *tls;        /* that it opens itself; NULL = none */
	bool closed; /* what it asks for cannot be carried out: nothing is let through */
};

/* The inbound ports of a sidecar, unique by target port: those that its Sidecar lists, else those of services, the
 * oldest first. Returns their number. */
size_t gen_inbounds(struct gen *g, struct inbound **ret);

/* --- ingress.c --- */

/* The inbound ports that the Sidecar lists; out has room for max. */
size_t gen_ingress(struct gen *g, struct inbound *out, size_t max);
/* Has the listener a socket of its own? */
bool gen_ingress_bound(const struct gen *g, const struct inbound *in);
/* Sets where the cluster of an ingress listener leads. False when it leads nowhere: there is to be no cluster then. */
bool gen_ingress_endpoint(struct gen *g, const struct inbound *in, pb_cluster *c);

/* "inbound|8080||" */
const char *gen_inbound_name(struct arena *a, uint16_t port);

struct gen_policy;
/* The endpoints of a service port (and subset, NULL = all) under a cluster's name, nearer ones first, or as shares say
 * where the policy has them. */
pb_cla *gen_load_assignment(struct gen *g, const char *name, const struct service *svc, const struct service_port *p,
			    const struct istio_subset *subset, const struct gen_policy *policy);
/* One endpoint; both are borrowed. */
pb_cla *gen_one_endpoint(struct arena *a, char *cluster, pb_address *address);

/* Does the control plane know where the service is served, even where clients choose the address? */
bool gen_has_endpoints(const struct service *svc);

/* Is it the proxy's client who chooses among the addresses? */
bool gen_client_chooses(const struct gen *g, const struct service *svc, const struct gen_policy *policy);

/* Does a proxy take mutual TLS at the endpoint? */
bool gen_endpoint_mutual(const struct gen *g, const struct service *svc, const struct endpoint *e);

/* --- filters.c: connection managers and TCP proxies --- */

enum gen_direction { GEN_OUTBOUND, GEN_INBOUND, GEN_GATEWAY };

struct gen_http {
	enum gen_direction direction;
	const char *stat_prefix;
	const char *rds;         /* or */
	pb_route_config *routes; /* in place */
	bool http2_only;
	uint16_t port; /* of the listener, inbound of the chain; 0 = none */
};

/* An HTTP connection manager as a network filter. */
pb_filter *gen_hcm(struct gen *g, const struct gen_http *h);

/* Appends the TCP proxy to a cluster (with telemetry before it) to the chain. */
void gen_tcp_filters(struct gen *g, pb_chain *chain, enum gen_direction d, const char *cluster);

/* As above with a TCP proxy made by the caller. */
void gen_tcp_filters_of(struct gen *g, pb_chain *chain, enum gen_direction d, pb_tcp_proxy *tcp);

/* The tcp_proxy filter to one cluster (NULL: the caller sets weighted ones); strings are borrowed. */
pb_tcp_proxy *gen_tcp_proxy(struct gen *g, const char *stat_prefix, const char *cluster);

/* The route that a service gets without any VirtualService; also inbound ones. */
pb_route *gen_default_route(struct gen *g, const char *cluster, const char *operation, bool retries);

/* --- check.c --- */

#define GEN_BODY_MAX_BYTES (1 << 20) /* of a direct response */

/* Why a proxy would refuse the route's match, or NULL; *ret_field: the field below the match's path. */
const char *gen_match_fault(struct gen *g, const pb_route *r, const char **ret_field);
/* The same for all else of the route; *ret_field: the field below the rule's path. */
const char *gen_route_fault(struct gen *g, const pb_route *r, const char **ret_field);

/* --- chains.c --- */

/*
 * The filter chains of one listener. A connection must not fit two of them equally well, or a proxy refuses the whole
 * listener; so each match is taken once, by the first who asks, and those who come later are told.
 */
struct gen_chains {
	struct gen *g;
	pb_listener *l;
	struct map taken; /* one combination of a match's values -> struct gen_owner * */
};

/* Ended with gen_chains_done; the listener is the caller's. */
void gen_chains_init(struct gen_chains *c, struct gen *g, pb_listener *l);
/* Forgets who has what; the listener stays. */
void gen_chains_done(struct gen_chains *c);

/*
 * Adds a chain without the server names (where it has none: without the address ranges) that other chains have
 * already. False when nothing of it was left. The owner is copied into the arena.
 */
bool gen_chains_add(struct gen_chains *c, pb_chain *chain, const struct gen_owner *owner);

/* --- listeners.c --- */

/* A new listener without chains, for outbound traffic unless the caller changes it; strings are borrowed. */
pb_listener *gen_listener(struct gen *g, const char *name, const char *ip, uint16_t port);

/* The chains of a TCP or TLS service at an address (0.0.0.0: not known); what others have already is told to the owner.
 */
void gen_service_chains(struct gen_chains *l, const char *ip, const struct service *svc, const struct service_port *p,
			const struct gen_owner *owner);

/* Adds a listener filter once. */
void gen_listener_filter(struct gen *g, pb_listener *l, const char *name, Google__Protobuf__Any *config);

/* --- l4.c --- */

/* A TCP proxy to the destinations of the rule at this path; NULL, which is told, when none has a weight. */
pb_tcp_proxy *gen_tcp_routes(struct gen *g, const struct mesh_virtual_service *vs,
			     const struct istio_route_destination *v, size_t n, uint16_t port, const char *path);

/* Does a TLS match apply to this proxy, gateway ("mesh" or "<ns>/<name>") and port at all? Networks are not asked. */
bool gen_tls_match_applies(struct gen *g, const struct mesh_virtual_service *vs,
			   const struct istio_tls_match_attributes *m, const char *gateway, uint16_t port);

/*
 * destinationSubnets of the match at that path: false when the address lies in none of them. For the wildcard address
 * they become ranges of the chain's match. Those that are no networks are told.
 */
bool gen_match_subnets(struct gen *g, const struct mesh_virtual_service *vs, const char *path, const char *const *list,
		       size_t n, const char *ip, pb_chain_match *m);

/* What becomes of TCP connections from and to these networks (NULL: any); route NULL: no rule takes them. */
struct gen_tcp_choice {
	const char *to, *from;
	const struct istio_tcp_route *route;
};
struct gen_tcp_choices {
	struct gen_tcp_choice *v;
	size_t n;
};

/*
 * What the TCP rules of a VirtualService come to for a gateway, port and address (the wildcard address: not known). The
 * last choice is that of all other connections. False when no rule applies. In the arena.
 */
bool gen_tcp_choose(struct gen *g, const struct mesh_virtual_service *vs, const char *gateway, uint16_t port,
		    const char *ip, struct gen_tcp_choices *ret);

/* Where the choice leads; NULL when no rule takes it, or the rule cannot be carried out, which is told. */
pb_tcp_proxy *gen_tcp_choice_proxy(struct gen *g, const struct mesh_virtual_service *vs, const struct gen_tcp_choice *c,
				   uint16_t port);

/* The choice's networks as a chain's match; NULL when there are none. */
pb_chain_match *gen_tcp_choice_match(struct gen *g, const struct gen_tcp_choice *c);

/* --- authz.c --- */

/* Whether a policy of this selector or target concerns the proxy: of its own namespace, or of the root's. */
bool gen_governs(const struct gen *g, const struct mesh_object *o, const struct istio_workload_selector *s,
		 const struct istio_policy_target_reference *target);
/* Adds the filters of AuthorizationPolicies that govern the proxy: DENY, then ALLOW. CUSTOM comes before both, and
 * before tokens. */
void gen_add_http_custom(struct gen *g, pb_hcm *h);
void gen_add_http_authz(struct gen *g, pb_hcm *h);
/* The same as network filters at the chain's end, of the rules that need no HTTP. */
void gen_add_tcp_authz(struct gen *g, pb_chain *chain);

/* The host of a service as the mesh's settings name it, "[namespace/]host": whole, without the cluster's domain, or
 * name.namespace. (tracing.c) */
const char *gen_settings_host(struct gen *g, const char *text);

/* --- rate_patch.c: EnvoyFilters of rate limits that govern the proxy --- */

/* Finds them; once, before anything else is made. */
void gen_set_patches(struct gen *g);
/* Puts the filters where they are to stand; port: of the listener, inbound of the chain. */
void gen_patch_http(struct gen *g, pb_hcm *h, enum gen_direction d, uint16_t port);
/* Merges what they say of virtual hosts and routes; port 0 = of none. */
void gen_patch_routes(struct gen *g, pb_route_config *rc, enum gen_direction d, uint16_t port);
/* Adds the clusters of services that they bring along. */
void gen_patch_clusters(struct gen *g);
/* The host of the service that patch `number` of the filter asks, where it is one of the mesh's clusters; else NULL. */
const char *gen_patch_host(struct gen *g, const struct mesh_envoy_filter *f, size_t number);

/* --- jwt.c --- */

/* Adds the filter of the RequestAuthentications that govern the proxy, if there are any. */
void gen_add_jwt(struct gen *g, pb_hcm *h, enum gen_direction d);

/* --- vhost.c --- */

/*
 * What tells the proxy that any endpoint of the destination will do, or NULL: a client of the VirtualService's only
 * host has chosen the address itself, one that is sent elsewhere, or to a subset, has not.
 */
pb_metadata *gen_any_endpoint(struct gen *g, const struct mesh_virtual_service *vs, const struct istio_destination *d);

/*
 * Routes of a VirtualService for a gateway ("mesh" or "<ns>/<name>") and a port, in order. taken holds the matches of
 * the routes that the virtual host has already (-> struct gen_owner *): one that another VirtualService has is left
 * out and told. Ended by the caller with map_done.
 */
void gen_virtual_service_routes(struct gen *g, pb_vhost *vh, const struct mesh_virtual_service *vs, const char *gateway,
				uint16_t port, struct map *taken);

/* --- match.c, route_filters.c --- */

/* A RegexMatcher; text is borrowed. */
pb_regex *gen_regex(struct arena *a, const char *text);
/* A StringMatcher of exact, prefix or regex; strings are borrowed. */
pb_string_matcher *gen_string_match(struct arena *a, const struct istio_string_match *m);
/* m NULL: everything. */
pb_route_match *gen_match(struct arena *a, const struct istio_http_match_request *m);

/* A fraction of percent (0 to 100) without a runtime key. */
pb_runtime_fraction *gen_runtime_fraction(struct arena *a, double percent);
/* Delay and abort of an HTTPFaultInjection as the route's own configuration of the fault filter. */
void gen_add_fault(struct gen *g, const struct istio_http_fault_injection *in, pb_route *out);
/* A CorsPolicy as the route's own configuration of the CORS filter. */
void gen_add_cors(struct gen *g, const struct istio_cors_policy *in, pb_route *out);

/* --- gateway.c --- */
void gen_gateway_listeners(struct gen *g);
/* Adds a route table for each RDS name that the servers of the gateway use, once. */
void gen_gateway_routes(struct gen *g);

/* Is a VirtualService bound to the gateway? */
bool gen_bound(const struct mesh_virtual_service *vs, const char *gateway);

/* Does a list of gateways, written in namespace ns, name this one ("mesh" or "<ns>/<name>")? */
bool gen_names_gateway(struct gen *g, const char *const *list, size_t n, const char *ns, const char *gateway);

/* Is a VirtualService visible to the proxy? */
bool gen_sees(const struct gen *g, const struct mesh_virtual_service *vs);

/* An empty route table with the settings that all share. */
pb_route_config *gen_route_config(struct gen *g, const char *name);

/* Is traffic to unknown destinations let through? */
bool gen_allow_any(const struct gen *g);

/* Outbound ports that speak HTTP, each once. Returns their number; *ret is in the arena. */
size_t gen_http_ports(struct gen *g, uint16_t **ret);

/* --- pods.c --- */

/* Is the proxy told which pods take mutual TLS? */
bool gen_wants_pods(const struct gen *g);
/* That, of all the mesh; empty for those who are not told. One reference. */
struct xds_set *gen_pods(struct gen *g);

/* --- names.c --- */

/* The table of names for the proxy's DNS. */
void gen_names(struct gen *g);

/* --- policy.c --- */

#define GEN_RULES_MAX 64 /* DestinationRules of one host in one namespace */

/* What governs one cluster; members may be NULL. */
struct gen_policy {
	const struct istio_load_balancer_settings *lb;
	const struct istio_connection_pool_settings *pool;
	const struct istio_outlier_detection *outlier;
	const struct istio_client_tls_settings *tls;
	const struct istio_traffic_policy_retry_budget *retries;
};

/* The merged DestinationRules of a service, seen by the proxy. */
struct gen_rules {
	const struct mesh_destination_rule *v[GEN_RULES_MAX];
	size_t n;
	const struct istio_traffic_policy *policy; /* the first that is set */
	const struct istio_subset **subsets;       /* names are unique */
	size_t n_subsets;
};

/* The DestinationRules that apply to the service for this proxy, the most important first, and their subsets; in
 * g's arena. */
void gen_find_rules(struct gen *g, const struct service *svc, struct gen_rules *ret);

/* The policy of a port, for a subset or (NULL) the service itself. */
struct gen_policy gen_resolve_policy(const struct gen_rules *r, uint16_t port, const struct istio_subset *subset);

/* Fills circuit breakers, timeouts, balancing and outlier detection. http: connection-level HTTP settings matter. */
void gen_apply_policy(struct gen *g, pb_cluster *c, const struct gen_policy *p);

/* HTTP settings of the upstream, or NULL where the defaults do. */
pb_upstream_http *gen_upstream_http(struct gen *g, const struct gen_policy *p, enum protocol protocol);
/* The cluster is spoken to in HTTP/2 only. */
void gen_speak_http2(struct gen *g, pb_cluster *c);

/* --- hash.c --- */

/* Adds the hash that consistent balancing asks for to a route. */
void gen_add_hash_policy(struct gen *g, pb_route_action *out, const struct gen_rules *rules, uint16_t port,
			 const struct istio_subset *subset);
/* The same for a destination of a VirtualService; port counts where the destination names none. */
void gen_hash_of_destination(struct gen *g, const struct mesh_virtual_service *vs, pb_route_action *out,
			     const struct istio_destination *d, uint16_t port);
/* Both for TCP, which knows the client's address alone. */
void gen_add_tcp_hash(struct gen *g, pb_tcp_proxy *out, const struct gen_rules *rules, uint16_t port,
		      const struct istio_subset *subset);
void gen_tcp_hash_of_destination(struct gen *g, const struct mesh_virtual_service *vs, pb_tcp_proxy *out,
				 const struct istio_destination *d, uint16_t port);

/* --- rule_tls.c --- */

/* Can the proxy do what the settings (NULL: none) ask for? If not, their rule is told, and the cluster is to be left
 * out. */
bool gen_rule_tls_possible(struct gen *g, const struct gen_rules *rules, const struct istio_client_tls_settings *t);
/* The transport of SIMPLE and MUTUAL. */
pb_transport_socket *gen_rule_tls(struct gen *g, const struct gen_rules *rules,
				  const struct istio_client_tls_settings *t, bool http2);

/* --- locality.c --- */

/* What the proxy's place means for the endpoints of one cluster. */
struct gen_near {
	struct locality own;
	const cJSON *shares; /* of the proxy's place, percent by locality; NULL = none */
	const struct istio_locality_load_balancer_setting *failover; /* NULL = no priorities */
};
struct gen_near gen_near_of(struct gen *g, const struct service *svc, const struct gen_policy *policy);
/* Does any traffic of the proxy's place go to the endpoint? */
bool gen_near_takes(const struct gen_near *n, const struct endpoint *e);
/* How far the endpoint is, for priorities: those that are equally far are told by one number. */
unsigned gen_near_level(struct gen *g, const struct gen_near *n, const struct endpoint *e);
/* Sets weights or priorities of localities, which are the sums of their endpoints' and their levels so far. */
void gen_near_apply(struct gen *g, const struct gen_near *n, pb_cla *cla);
/* Is traffic to the service shared out among localities, of whichever place? Not where the address is given. */
bool gen_shares_out(struct gen *g, const struct service *svc, const struct gen_policy *policy);
/* Where the proxy runs: what is made for it may depend on it. */
const char *gen_locality_text(struct gen *g);

/* Breakers without limits, as clusters have them by default. */
pb_breakers *gen_default_breakers(struct arena *a);

#endif
