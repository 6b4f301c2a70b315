/* Rows of wasmPlugin: extensions.istio.io. See the header for the structs. */
#include "api/extensions.h"

#include "api/api_internal.h"

static const struct msg_enum_value istio_pull_policy_values[] = {
	{"UNSPECIFIED_POLICY", ISTIO_PULL_POLICY_UNSPECIFIED_POLICY},
	{"IfNotPresent", ISTIO_PULL_POLICY_IfNotPresent},
	{"Always", ISTIO_PULL_POLICY_Always},
};
ENUM(istio_pull_policy);

static const struct msg_enum_value istio_plugin_phase_values[] = {
	{"UNSPECIFIED_PHASE", ISTIO_PLUGIN_PHASE_UNSPECIFIED_PHASE},
	{"AUTHN", ISTIO_PLUGIN_PHASE_AUTHN},
	{"AUTHZ", ISTIO_PLUGIN_PHASE_AUTHZ},
	{"STATS", ISTIO_PLUGIN_PHASE_STATS},
};
ENUM(istio_plugin_phase);

static const struct msg_enum_value istio_fail_strategy_values[] = {
	{"FAIL_CLOSE", ISTIO_FAIL_STRATEGY_FAIL_CLOSE},
	{"FAIL_OPEN", ISTIO_FAIL_STRATEGY_FAIL_OPEN},
};
ENUM(istio_fail_strategy);

static const struct msg_enum_value istio_env_value_source_values[] = {
	{"INLINE", ISTIO_ENV_VALUE_SOURCE_INLINE},
	{"HOST", ISTIO_ENV_VALUE_SOURCE_HOST},
};
ENUM(istio_env_value_source);

static const struct msg_enum_value istio_workload_mode_values[] = {
	{"UNDEFINED", ISTIO_WORKLOAD_MODE_UNDEFINED},
	{"CLIENT", ISTIO_WORKLOAD_MODE_CLIENT},
	{"SERVER", ISTIO_WORKLOAD_MODE_SERVER},
	{"CLIENT_AND_SERVER", ISTIO_WORKLOAD_MODE_CLIENT_AND_SERVER},
};
ENUM(istio_workload_mode);

static const struct msg_enum_value istio_plugin_type_values[] = {
	{"UNSPECIFIED_PLUGIN_TYPE", ISTIO_PLUGIN_TYPE_UNSPECIFIED_PLUGIN_TYPE},
	{"HTTP", ISTIO_PLUGIN_TYPE_HTTP},
	{"NETWORK", ISTIO_PLUGIN_TYPE_NETWORK},
};
ENUM(istio_plugin_type);

#define T struct istio_wasm_env_var
static const struct msg_field istio_wasm_env_var_rows[] = {
	F(name, "name", STRING, .doc = "Name."),
	F(value_from, "valueFrom", ENUM, .enums = &istio_env_value_source_names, .doc = "Value from."),
	F(value, "value", STRING, .doc = "Value."),
};
DESC(istio_wasm_env_var, "EnvVar", "Env var.");
#undef T

#define T struct istio_vm_config
static const struct msg_field istio_vm_config_rows[] = {
	F(env, "env", MESSAGE, .desc = &istio_wasm_env_var_desc, .flags = MSG_LIST, .doc = "Env."),
};
DESC(istio_vm_config, "VmConfig", "Vm config.");
#undef T

#define T struct istio_workload_port
static const struct msg_field istio_workload_port_rows[] = {
	F(number, "number", UINT32, .doc = "Number."),
};
DESC(istio_workload_port, "PortSelector", "Port selector.");
#undef T

#define T struct istio_wasm_plugin_traffic_selector
static const struct msg_field istio_wasm_plugin_traffic_selector_rows[] = {
	F(mode, "mode", ENUM, .enums = &istio_workload_mode_names, .doc = "Mode."),
	F(ports, "ports", MESSAGE, .desc = &istio_workload_port_desc, .flags = MSG_LIST, .doc = "Ports."),
};
DESC(istio_wasm_plugin_traffic_selector, "WasmPluginTrafficSelector", "Wasm plugin traffic selector.");
#undef T

#define T struct istio_wasm_plugin_spec
static const struct msg_field istio_wasm_plugin_spec_rows[] = {
	F(selector, "selector", MESSAGE, .desc = &istio_workload_selector_desc, .doc = "Selector."),
	F(targetRef, "targetRef", MESSAGE, .desc = &istio_policy_target_reference_desc, .doc = "Target ref."),
	F(url, "url", STRING, .doc = "Url."),
	F(sha256, "sha256", STRING, .doc = "Sha256."),
	F(image_pull_policy, "imagePullPolicy", ENUM, .enums = &istio_pull_policy_names, .doc = "Image pull policy."),
	F(image_pull_secret, "imagePullSecret", STRING, .doc = "Image pull secret."),
	F(verification_key, "verificationKey", STRING, .doc = "Verification key."),
	F(plugin_config, "pluginConfig", JSON, .flags = MSG_OBJECT, .doc = "Plugin config."),
	F(plugin_name, "pluginName", STRING, .doc = "Plugin name."),
	F(phase, "phase", ENUM, .enums = &istio_plugin_phase_names, .doc = "Phase."),
	F(priority, "priority", INT32, .flags = MSG_OPTIONAL, .doc = "Priority."),
	F(fail_strategy, "failStrategy", ENUM, .enums = &istio_fail_strategy_names, .doc = "Fail strategy."),
	F(vm_config, "vmConfig", MESSAGE, .desc = &istio_vm_config_desc, .doc = "Vm config."),
	F(match, "match", MESSAGE, .desc = &istio_wasm_plugin_traffic_selector_desc, .flags = MSG_LIST,
	  .doc = "Match."),
	F(type, "type", ENUM, .enums = &istio_plugin_type_names, .doc = "Type."),
};
DESC(istio_wasm_plugin_spec, "WasmPlugin", "Wasm plugin.");
#undef T

#define T struct istio_wasm_plugin
static const struct msg_field istio_wasm_plugin_rows[] = {
	F(api_version, "apiVersion", STRING, .doc = "Api version."),
	F(kind, "kind", STRING, .doc = "Kind."),
	F(metadata, "metadata", MESSAGE, .desc = &meta_object_desc, .doc = "Metadata."),
	F(spec, "spec", MESSAGE, .desc = &istio_wasm_plugin_spec_desc, .doc = "Spec."),
	F(status, "status", MESSAGE, .desc = &istio_status_desc, .doc = "Status."),
};
DESC(istio_wasm_plugin, "WasmPlugin", "A WebAssembly filter for workloads.");
#undef T
