/*
 * The snapshot: one consistent, immutable view of the mesh at one revision of the store. It is a handful of indexes,
 * each its own refcounted object with its own memory; the next snapshot reuses those whose inputs did not change.
 * Built on the main loop, then only read.
 *
 *   snapshot -> mesh settings
 *            -> services   Services, ServiceEntries of member namespaces
 *            -> endpoints  EndpointSlices and Pods, ServiceEntry endpoints; by service and port
 *            -> workloads  Pods by namespace (labels, ports, identity)
 *            -> policies   VirtualServices, DestinationRules, Gateways, Sidecars, PeerAuthentications,
 *                          RequestAuthentications, AuthorizationPolicies, EnvoyFilters
 *            -> keys       key sets for tokens that were fetched, by address
 */
#ifndef MESH_SNAPSHOT_H
#define MESH_SNAPSHOT_H

#include "api/core/core.h"
#include "api/networking/networking.h"
#include "api/istio/security.h"
#include "api/istio/telemetry.h"
#include "api/object.h"
#include "base/map.h"
#include "base/vec.h"
#include "kube/store.h"
#include "mesh/config.h"
#include "mesh/keys.h"
#include "mesh/model.h"

struct mesh_changes;

/* What changed in the store, as bits. An index is rebuilt when one of its bits is set. */
enum mesh_change {
	CHANGE_MESH = 1 << 0, /* settings or members: everything */
	CHANGE_SERVICE = 1 << 1,
	CHANGE_ENDPOINT = 1 << 2,
	CHANGE_POD = 1 << 3,
	CHANGE_ENTRY = 1 << 4, /* ServiceEntry */
	CHANGE_VIRTUAL_SERVICE = 1 << 5,
	CHANGE_DESTINATION_RULE = 1 << 6,
	CHANGE_GATEWAY = 1 << 7,
	CHANGE_SIDECAR = 1 << 8,
	CHANGE_PEER_AUTH = 1 << 9,
	CHANGE_SECRET = 1 << 10,
	CHANGE_AUTHZ = 1 << 11,
	CHANGE_REQUEST_AUTH = 1 << 12,
	CHANGE_KEYS = 1 << 13, /* key sets that were fetched */
	CHANGE_ENVOY_FILTER = 1 << 14,
	CHANGE_TELEMETRY = 1 << 15,
	CHANGE_ALL = (1 << 16) - 1,
};

/* The bit of a kind, 0 when snapshots do not depend on it. */
unsigned mesh_change_of(const struct api_kind *kind);

/* A configuration object as indexed; the first member of those below. */
struct mesh_object {
	const struct api_object *obj; /* reference held by the index */
	const char *ns, *name;
	const char *created;
	size_t number; /* dense, unique within its index: for marking what was used */
};

/* Where a route of a VirtualService that delegates comes from. */
struct mesh_origin {
	size_t number;                      /* of the route in the object as written */
	const struct mesh_object *delegate; /* to which that route delegates; NULL = it does not */
};

/* Something that an object asks for in vain; path within the object. */
struct mesh_problem {
	const char *path, *text;
};

struct mesh_virtual_service {
	struct mesh_object o;
	const struct istio_virtual_service_spec
		*spec;                     /* with the routes of delegates in place of those that delegate */
	const struct mesh_origin *origins; /* of spec->http, by index; NULL = all are the object's own */
	const struct mesh_problem *problems;
	size_t n_problems;
	const char **hosts; /* full names */
	size_t n_hosts;
	const char **gateways; /* "mesh" or "<ns>/<name>" */
	size_t n_gateways;
};

struct mesh_destination_rule {
	struct mesh_object o;
	const struct istio_destination_rule_spec *spec;
	const char *host; /* full name */
};

struct mesh_gateway {
	struct mesh_object o;
	const struct istio_gateway_spec *spec;
	const char *full; /* "<ns>/<name>" */
};

struct mesh_sidecar {
	struct mesh_object o;
	const struct istio_sidecar_spec *spec;
};

enum mtls_mode { MTLS_UNSET, MTLS_DISABLE, MTLS_PERMISSIVE, MTLS_STRICT };

struct mesh_peer_auth {
	struct mesh_object o;
	const struct istio_peer_authentication_spec *spec;
	const struct mesh_peer_auth *next; /* of the same namespace, the next younger one */
};

struct mesh_authz {
	struct mesh_object o;
	const struct istio_authorization_policy_spec *spec; /* never NULL */
};

struct mesh_request_auth {
	struct mesh_object o;
	const struct istio_request_authentication_spec *spec;
};

struct mesh_envoy_filter {
	struct mesh_object o;
	const struct istio_envoy_filter_spec *spec;
};

struct mesh_telemetry {
	struct mesh_object o;
	const struct istio_telemetry_spec *spec;
};

/* What of a pod's inbound traffic goes through its sidecar; zeroed = nothing. */
struct workload_inbound {
	bool all;              /* everything but `ports`, else these ports alone */
	const uint16_t *ports; /* ascending, each once */
	size_t n;
};

/* A pod of the mesh. */
struct workload {
	const struct api_object *obj; /* reference held by the index */
	const char *name, *ns, *ip, *service_account, *workload, *node;
	const char **ips; /* ip and those of other families */
	size_t n_ips;
	struct str_map labels;
	bool proxied; /* holds a sidecar or is a gateway */
	struct workload_inbound inbound;
	const char *created;
	bool ready;
	struct workload_port {
		const char *name;
		uint16_t port;
	} * ports;
	size_t n_ports;
};

/* Common head of an index. */
struct index {
	int refs;
	struct arena arena;
	VEC(struct api_object *) held;
};

struct service_index {
	struct index head;
	VEC(struct service) v; /* Services before ServiceEntries, each oldest first */
	struct map by_host;    /* host -> struct service * (the first; its next has the same host) */
	VEC(size_t) aliases;   /* numbers of those with an alias */
	VEC(size_t) of_pods;   /* numbers of ServiceEntries that find pods by themselves */
};

struct endpoint_group;

struct endpoint_index {
	struct index head;
	struct endpoint_group **v; /* by the service's number; a reference each */
	size_t n;
};

struct workload_index {
	struct index head;
	VEC(struct workload) v; /* sorted by namespace, name */
};

struct policy_index {
	struct index head;
	VEC(struct mesh_virtual_service) virtual_services; /* each list oldest first */
	VEC(struct mesh_destination_rule) destination_rules;
	VEC(struct mesh_gateway) gateways;
	VEC(struct mesh_sidecar) sidecars;
	VEC(struct mesh_peer_auth) peer_auths;
	struct map peer_auths_in; /* namespace -> its oldest struct mesh_peer_auth * */
	VEC(struct mesh_authz) authz;
	VEC(struct mesh_request_auth) request_auths;
	VEC(struct mesh_envoy_filter) envoy_filters;
	VEC(struct mesh_telemetry) telemetries;
	struct map by_name; /* "plural/ns/name" -> struct mesh_object *; empty in one made by snapshot_without */
	size_t n_objects;
	struct policy_index *base;     /* of one made by snapshot_without: what it was made of; a reference */
	bool asks_client_labels;       /* some rule, or patch, applies to clients with some labels only */
	VEC(const char *) near_labels; /* of clients, by which some rule, or the mesh, says what is near; each once */
	bool asks_place;               /* some rule, or the mesh, looks at where clients are */
	bool asks_node;                /* or at which node */
};

struct snapshot {
	int refs;
	uint64_t version;
	unsigned changed; /* bits that differ from the snapshot before */
	struct mesh_config *mesh;
	struct service_index *services;
	struct endpoint_index *endpoints;
	struct workload_index *workloads;
	struct policy_index *policies;
	struct mesh_keys *keys; /* NULL = none */
	/* Services whose endpoints differ from the snapshot's before, where its services are the same; and pods that
	 * came, changed or went, by mesh_pod_hash. moved_all: any may differ. */
	const struct service **moved;
	size_t n_moved;
	uint64_t *moved_pods;
	size_t n_moved_pods;
	bool moved_all;
};

/* Tells whether objects of a namespace belong to the mesh. */
typedef bool (*mesh_member_fn)(void *arg, const char *ns);

/*
 * Builds the snapshot that follows prev (NULL: the first) from the store; changed holds enum mesh_change bits, what
 * says which endpoints and pods (NULL: any of them). Takes a reference of mesh. Never fails: an object that makes no
 * sense is left out (its status says so).
 */
struct snapshot *snapshot_build(struct store *s, const struct snapshot *prev, unsigned changed,
				const struct mesh_changes *what, struct mesh_config *mesh, mesh_member_fn is_member,
				void *arg);
/* Tells whether an object is to be left out. */
typedef bool (*mesh_skip_fn)(void *arg, const struct mesh_object *o);

/*
 * The same snapshot without the configuration objects that skip names; numbers of objects stay. What protects is not
 * opened by that: of an AuthorizationPolicy stays that nobody may do anything to what it governs, of a
 * PeerAuthentication that mutual TLS is demanded, of a RequestAuthentication that no token of its issuers is good, of a
 * DestinationRule its TLS settings and subsets. One reference.
 */
struct snapshot *snapshot_without(const struct snapshot *s, mesh_skip_fn skip, void *arg);

/* Gives it the key sets that were fetched, with a reference of its own; before anybody else has the snapshot. */
void snapshot_set_keys(struct snapshot *s, struct mesh_keys *keys);

/* One more reference; main loop only. */
struct snapshot *snapshot_ref(struct snapshot *s);
/* Gives a reference back; indexes that other snapshots share stay. NULL is fine. */
void snapshot_unref(struct snapshot *s);

/*
 * The configuration object of that name, NULL when there is none of it in the mesh; it is the head of a struct
 * mesh_virtual_service and so on. Not for a snapshot made by snapshot_without.
 */
const struct mesh_object *snapshot_object(const struct snapshot *s, const struct api_kind *kind, const char *ns,
					  const char *name);

/* The first service of that host, or NULL. */
const struct service *snapshot_service(const struct snapshot *s, const char *host);

/* The first service of that host that a namespace may see, or NULL. */
const struct service *snapshot_service_seen(const struct snapshot *s, const char *host, const char *from);

/* The endpoints of a service's port; empty when there are none. */
struct endpoint_set snapshot_endpoints(const struct snapshot *s, const struct service *svc, uint16_t port);

/* Is an object of namespace ns with this exportTo list visible in namespace `to`? An empty list: yes. */
bool export_visible(const char *const *list, size_t n, const char *ns, const char *to);

/* Is the service visible from a namespace? */
bool service_visible(const struct service *svc, const char *to);

/* The port of a service by number, or NULL. */
const struct service_port *service_port(const struct service *svc, uint16_t port);

/*
 * The DestinationRules that govern a service for a client in namespace ns, merged by age: the first level (client's
 * namespace, service's namespace, root) that has one for the most specific host. Written to out (at most max), oldest
 * first; returns their number.
 */
size_t snapshot_destination_rules(const struct snapshot *s, const char *client_ns, const struct service *svc,
				  const struct mesh_destination_rule **out, size_t max);

/* Mutual TLS that a workload asks of its clients on a port; PERMISSIVE where nothing says otherwise. */
enum mtls_mode snapshot_mtls_mode(const struct snapshot *s, const char *ns, const struct str_map *labels,
				  uint16_t port);

/* The same, and which PeerAuthentication says so (NULL: none does); *ret_port: in its portLevelMtls. */
enum mtls_mode snapshot_mtls_source(const struct snapshot *s, const char *ns, const struct str_map *labels,
				    uint16_t port, const struct mesh_peer_auth **ret_by, bool *ret_port);

/* The ports of a workload that may have a mode of their own; *ret in the arena. Returns their number. */
size_t snapshot_mtls_ports(const struct snapshot *s, const char *ns, const struct str_map *labels, struct arena *a,
			   uint16_t **ret);

/* The pod by namespace and name, or NULL. */
const struct workload *snapshot_workload(const struct snapshot *s, const char *ns, const char *name);

/* The Sidecar that scopes a workload, or NULL. */
const struct mesh_sidecar *snapshot_sidecar(const struct snapshot *s, const char *ns, const struct str_map *labels);

#endif
