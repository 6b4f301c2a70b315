/* Workloads and ports as the kinds of networking.istio.io share them. */
#ifndef API_NETWORKING_WORKLOAD_H
#define API_NETWORKING_WORKLOAD_H

#include "api/meta.h"

/* Workload entry. */
struct istio_workload_entry_spec {
	const char *address;
	cJSON *ports;
	struct str_map labels;
	const char *network;
	const char *locality;
	uint32_t weight;
	const char *service_account;
};

/* Condition. */
struct istio_condition {
	const char *type;
	const char *status;
	int64_t observed_generation;
	const char *last_probe_time;
	const char *last_transition_time;
	const char *reason;
	const char *message;
};

/* Status. */
struct istio_status {
	LIST(struct istio_condition) conditions;
	LIST(cJSON *) validation_messages;
	int64_t observed_generation;
};

/* A workload outside Kubernetes. */
struct istio_workload_entry {
	const char *api_version;
	const char *kind;
	struct meta_object *metadata;
	struct istio_workload_entry_spec *spec;
	struct istio_status *status;
};

/* A port. */
struct istio_port {
	uint32_t number;
	const char *protocol;
	const char *name;
	uint32_t target_port;
};

/* Selects workloads by labels. */
struct istio_workload_selector {
	struct str_map match_labels;
};

/* Selector: workload. */
struct istio_workload_labels {
	struct str_map labels;
};

/* Selector: port. */
struct istio_port_selector {
	uint32_t number;
};

/* A service, maybe a subset of it, and its port. */
struct istio_destination {
	const char *host;
	const char *subset;
	struct istio_port_selector *port;
};

/* Reference: policy target. */
struct istio_policy_target_reference {
	const char *group;
	const char *kind;
	const char *name;
	const char *namespace;
};

/* Workload group object meta. */
struct istio_workload_group_object_meta {
	struct str_map labels;
	struct str_map annotations;
};

/* HTTP header. */
struct istio_http_header {
	const char *name;
	const char *value;
};

/* Settings: HTTP health check. */
struct istio_http_health_check_config {
	const char *path;
	uint32_t port;
	const char *host;
	const char *scheme;
	LIST(struct istio_http_header) http_headers;
};

/* Settings: TCP health check. */
struct istio_tcp_health_check_config {
	const char *host;
	uint32_t port;
};

/* Settings: exec health check. */
struct istio_exec_health_check_config {
	LIST(const char *) command;
};

/* Readiness probe. */
struct istio_readiness_probe {
	int32_t initial_delay_seconds;
	int32_t timeout_seconds;
	int32_t period_seconds;
	int32_t success_threshold;
	int32_t failure_threshold;
	struct istio_http_health_check_config *http_get;
	struct istio_tcp_health_check_config *tcp_socket;
	struct istio_exec_health_check_config *exec;
};

/* Workload group. */
struct istio_workload_group_spec {
	struct istio_workload_group_object_meta *metadata;
	struct istio_workload_entry_spec *template;
	struct istio_readiness_probe *probe;
};

/* A template of WorkloadEntries. */
struct istio_workload_group {
	const char *api_version;
	const char *kind;
	struct meta_object *metadata;
	struct istio_workload_group_spec *spec;
	struct istio_status *status;
};

extern const struct msg_desc istio_workload_entry_spec_desc;
extern const struct msg_desc istio_condition_desc;
extern const struct msg_desc istio_status_desc;
extern const struct msg_desc istio_workload_entry_desc;
extern const struct msg_desc istio_port_desc;
extern const struct msg_desc istio_workload_selector_desc;
extern const struct msg_desc istio_workload_labels_desc;
extern const struct msg_desc istio_port_selector_desc;
extern const struct msg_desc istio_destination_desc;
extern const struct msg_desc istio_policy_target_reference_desc;
extern const struct msg_desc istio_workload_group_object_meta_desc;
extern const struct msg_desc istio_http_header_desc;
extern const struct msg_desc istio_http_health_check_config_desc;
extern const struct msg_desc istio_tcp_health_check_config_desc;
extern const struct msg_desc istio_exec_health_check_config_desc;
extern const struct msg_desc istio_readiness_probe_desc;
extern const struct msg_desc istio_workload_group_spec_desc;
extern const struct msg_desc istio_workload_group_desc;

#endif
