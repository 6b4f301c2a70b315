/* ServiceEntry: networking.istio.io. */
#ifndef API_NETWORKING_SERVICE_ENTRY_H
#define API_NETWORKING_SERVICE_ENTRY_H

#include "api/networking/workload.h"

enum istio_service_entry_location {
	ISTIO_SERVICE_ENTRY_LOCATION_MESH_EXTERNAL = 0,
	ISTIO_SERVICE_ENTRY_LOCATION_MESH_INTERNAL = 1,
};
extern const struct msg_enum istio_service_entry_location_names;

enum istio_service_entry_resolution {
	ISTIO_SERVICE_ENTRY_RESOLUTION_NONE = 0,
	ISTIO_SERVICE_ENTRY_RESOLUTION_STATIC = 1,
	ISTIO_SERVICE_ENTRY_RESOLUTION_DNS = 2,
	ISTIO_SERVICE_ENTRY_RESOLUTION_DNS_ROUND_ROBIN = 3,
};
extern const struct msg_enum istio_service_entry_resolution_names;

/* Service port. */
struct istio_service_port {
	uint32_t number;
	const char *protocol;
	const char *name;
	uint32_t target_port;
};

/* Service entry. */
struct istio_service_entry_spec {
	LIST(const char *) hosts;
	LIST(const char *) addresses;
	LIST(struct istio_service_port) ports;
	int location;   /* enum istio_service_entry_location */
	int resolution; /* enum istio_service_entry_resolution */
	LIST(struct istio_workload_entry_spec) endpoints;
	struct istio_workload_labels *workload_selector;
	LIST(const char *) export_to;
	LIST(const char *) subject_alt_names;
};

/* A service that Kubernetes does not know. */
struct istio_service_entry {
	const char *api_version;
	const char *kind;
	struct meta_object *metadata;
	struct istio_service_entry_spec *spec;
	struct istio_status *status;
};

extern const struct msg_desc istio_service_port_desc;
extern const struct msg_desc istio_service_entry_spec_desc;
extern const struct msg_desc istio_service_entry_desc;

#endif
