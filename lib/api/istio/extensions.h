/* WasmPlugin: extensions.istio.io. */
#ifndef API_ISTIO_EXTENSIONS_H
#define API_ISTIO_EXTENSIONS_H

#include "api/networking/workload.h"

enum istio_pull_policy {
	ISTIO_PULL_POLICY_UNSPECIFIED_POLICY = 0,
	ISTIO_PULL_POLICY_IfNotPresent = 1,
	ISTIO_PULL_POLICY_Always = 2,
};
extern const struct msg_enum istio_pull_policy_names;

enum istio_plugin_phase {
	ISTIO_PLUGIN_PHASE_UNSPECIFIED_PHASE = 0,
	ISTIO_PLUGIN_PHASE_AUTHN = 1,
	ISTIO_PLUGIN_PHASE_AUTHZ = 2,
	ISTIO_PLUGIN_PHASE_STATS = 3,
};
extern const struct msg_enum istio_plugin_phase_names;

enum istio_fail_strategy {
	ISTIO_FAIL_STRATEGY_FAIL_CLOSE = 0,
	ISTIO_FAIL_STRATEGY_FAIL_OPEN = 1,
};
extern const struct msg_enum istio_fail_strategy_names;

enum istio_env_value_source {
	ISTIO_ENV_VALUE_SOURCE_INLINE = 0,
	ISTIO_ENV_VALUE_SOURCE_HOST = 1,
};
extern const struct msg_enum istio_env_value_source_names;

enum istio_workload_mode {
	ISTIO_WORKLOAD_MODE_UNDEFINED = 0,
	ISTIO_WORKLOAD_MODE_CLIENT = 1,
	ISTIO_WORKLOAD_MODE_SERVER = 2,
	ISTIO_WORKLOAD_MODE_CLIENT_AND_SERVER = 3,
};
extern const struct msg_enum istio_workload_mode_names;

enum istio_plugin_type {
	ISTIO_PLUGIN_TYPE_UNSPECIFIED_PLUGIN_TYPE = 0,
	ISTIO_PLUGIN_TYPE_HTTP = 1,
	ISTIO_PLUGIN_TYPE_NETWORK = 2,
};
extern const struct msg_enum istio_plugin_type_names;

/* Env var. */
struct istio_wasm_env_var {
	const char *name;
	int value_from; /* enum istio_env_value_source */
	const char *value;
};

/* Settings: VM. */
struct istio_vm_config {
	LIST(struct istio_wasm_env_var) env;
};

/* Selector: port. */
struct istio_workload_port {
	uint32_t number;
};

/* Selector: WebAssembly plugin traffic. */
struct istio_wasm_plugin_traffic_selector {
	int mode; /* enum istio_workload_mode */
	LIST(struct istio_workload_port) ports;
};

/* WebAssembly plugin. */
struct istio_wasm_plugin_spec {
	struct istio_workload_selector *selector;
	struct istio_policy_target_reference *targetRef;
	const char *url;
	const char *sha256;
	int image_pull_policy; /* enum istio_pull_policy */
	const char *image_pull_secret;
	const char *verification_key;
	cJSON *plugin_config;
	const char *plugin_name;
	int phase; /* enum istio_plugin_phase */
	int32_t *priority;
	int fail_strategy; /* enum istio_fail_strategy */
	struct istio_vm_config *vm_config;
	LIST(struct istio_wasm_plugin_traffic_selector) match;
	int type; /* enum istio_plugin_type */
};

/* A WebAssembly filter for workloads. */
struct istio_wasm_plugin {
	const char *api_version;
	const char *kind;
	struct meta_object *metadata;
	struct istio_wasm_plugin_spec *spec;
	struct istio_status *status;
};

extern const struct msg_desc istio_wasm_env_var_desc;
extern const struct msg_desc istio_vm_config_desc;
extern const struct msg_desc istio_workload_port_desc;
extern const struct msg_desc istio_wasm_plugin_traffic_selector_desc;
extern const struct msg_desc istio_wasm_plugin_spec_desc;
extern const struct msg_desc istio_wasm_plugin_desc;

#endif
