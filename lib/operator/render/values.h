/* The values that templates are rendered with, computed from the resolved spec of a ServiceMeshControlPlane. Pure. */
#ifndef OPERATOR_VALUES_H
#define OPERATOR_VALUES_H

#include "operator/render/images.h"
#include "operator/spec/spec.h"

/* The images that are rendered where the spec says nothing else: whole references. */
struct operator_images {
#define X(name, variable, reference) const char *name;
	OPERATOR_IMAGES(X)
#undef X
};

extern const struct operator_images operator_images_default;

/* What values depend on beside the spec. Borrowed. */
struct values_input {
	const char *name, *ns;                /* of the ServiceMeshControlPlane */
	const struct maistra_smcp_spec *spec; /* resolved */
	const char *const *members;           /* configured members, sorted */
	size_t n_members;
	const struct api_object *const *revisions; /* all control planes of the mesh; up to one: this one alone */
	size_t n_revisions;
	const char *revision_of;    /* the namespace of the one that it stands beside; NULL: none */
	bool has_routes;            /* the cluster has OpenShift's Route */
	bool assigned_user;         /* the namespace assigns user ids (OpenShift) */
	bool by_cni;                /* the CNI plugin redirects the traffic of pods */
	const char *cni_kubeconfig; /* Multus calls it, for pods that name its network: where a node has what the
				     * plugin asks the API server with. NULL: it is in the chain */
	const struct operator_images *images;
};

/* Where the platform does not assign user ids itself; no image is asked for its own, as names are no proof. */
#define MESH_USER 1337
#define PROMETHEUS_USER 65534
#define PROMETHEUS_PORT 9090
#define ADDON_USER 10001

/* A gateway, of whichever list of the spec. */
struct gateway_input {
	const char *name, *ns;
	bool ingress;    /* not egress */
	bool additional; /* not one of the two standard ones */
	bool ilb;        /* of mesh expansion alone */
	bool enabled;
	bool route;
	bool assigned_user;       /* its namespace assigns user ids (OpenShift) */
	const char *default_type; /* of the Service, where the spec says none */
	const char *router_mode;
	const struct maistra_gateway_service_config *service;
	const struct maistra_volume_config *volumes;
	size_t n_volumes;
	const struct maistra_component_runtime_config *runtime;
	const struct core_service_port *more_ports; /* where mesh expansion is on; none: the default ones */
	size_t n_more_ports;
};

/* On a Service whose type is none of the spec's: what it was given, and keeps when the cluster gets Routes. */
#define ANNOTATION_DEFAULT_TYPE "maistra.io/default-service-type"

/* Everything but "gateway". The caller frees it with cJSON_Delete. */
cJSON *values_new(const struct values_input *in);

/* values_revisions.c: names and namespaces of the mesh's control planes, where there are several; part of values_new.
 */
void values_set_revisions(cJSON *values, const struct values_input *in);

/* Replaces the member "gateway" of values. */
void values_set_gateway(cJSON *values, const struct values_input *in, const struct gateway_input *g);

/* One Route to an add-on. */
struct route_input {
	const cJSON *addon, *route; /* its values, and one of their routes */
	const char *name; /* of the Service; of the first Route, too, where the add-on has no name of its own */
	int port;
};

/* Adds the member "route". */
void values_set_route(cJSON *values, const struct route_input *in);

#endif
