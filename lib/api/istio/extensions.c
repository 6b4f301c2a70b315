/* Rows of wasmPlugin: extensions.istio.io. See the header for the structs. */
#include "api/istio/extensions.h"

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
	F(name, "name", STRING, TOLD("WasmPlugin is not carried out")),
	F(value_from, "valueFrom", ENUM, TOLD("WasmPlugin is not carried out"), .enums = &istio_env_value_source_names),
	F(value, "value", STRING, TOLD("WasmPlugin is not carried out")),
};
DESC(istio_wasm_env_var, "EnvVar", NULL);
#undef T

#define T struct istio_vm_config
static const struct msg_field istio_vm_config_rows[] = {
	F(env, "env", MESSAGE, DONE, .desc = &istio_wasm_env_var_desc, .flags = MSG_LIST),
};
DESC(istio_vm_config, "VmConfig", NULL);
#undef T

#define T struct istio_workload_port
static const struct msg_field istio_workload_port_rows[] = {
	F(number, "number", UINT32, DONE),
};
DESC(istio_workload_port, "PortSelector", NULL);
#undef T

#define T struct istio_wasm_plugin_traffic_selector
static const struct msg_field istio_wasm_plugin_traffic_selector_rows[] = {
	F(mode, "mode", ENUM, TOLD("WasmPlugin is not carried out"), .enums = &istio_workload_mode_names),
	F(ports, "ports", MESSAGE, TOLD("WasmPlugin is not carried out"), .desc = &istio_workload_port_desc,
	  .flags = MSG_LIST),
};
DESC(istio_wasm_plugin_traffic_selector, "WasmPluginTrafficSelector", NULL);
#undef T

#define T struct istio_wasm_plugin_spec
static const struct msg_field istio_wasm_plugin_spec_rows[] = {
	F(selector, "selector", MESSAGE, TOLD("WasmPlugin is not carried out"), .desc = &istio_workload_selector_desc),
	F(targetRef, "targetRef", MESSAGE, TOLD("WasmPlugin is not carried out"),
	  .desc = &istio_policy_target_reference_desc),
	F(url, "url", STRING, TOLD("WasmPlugin is not carried out")),
	F(sha256, "sha256", STRING, TOLD("WasmPlugin is not carried out"), .doc = "Checksum of the module."),
	F(image_pull_policy, "imagePullPolicy", ENUM, TOLD("WasmPlugin is not carried out"),
	  .enums = &istio_pull_policy_names, .doc = "When images are pulled."),
	F(image_pull_secret, "imagePullSecret", STRING, TOLD("WasmPlugin is not carried out"),
	  .doc = "Secret with the registry's credentials."),
	F(verification_key, "verificationKey", STRING, TOLD("WasmPlugin is not carried out"),
	  .doc = "Public key that signed the module."),
	F(plugin_config, "pluginConfig", JSON, TOLD("WasmPlugin is not carried out"), .flags = MSG_OBJECT,
	  .doc = "Configuration of the plugin."),
	F(plugin_name, "pluginName", STRING, TOLD("WasmPlugin is not carried out")),
	F(phase, "phase", ENUM, TOLD("WasmPlugin is not carried out"), .enums = &istio_plugin_phase_names),
	F(priority, "priority", INT32, TOLD("WasmPlugin is not carried out"), .flags = MSG_OPTIONAL | MSG_NULLABLE,
	  .doc = "Priority; higher goes first."),
	F(fail_strategy, "failStrategy", ENUM, TOLD("WasmPlugin is not carried out"),
	  .enums = &istio_fail_strategy_names, .doc = "What happens when the plugin fails."),
	F(vm_config, "vmConfig", MESSAGE, TOLD("WasmPlugin is not carried out"), .desc = &istio_vm_config_desc,
	  .doc = "Settings of the machine."),
	F(match, "match", MESSAGE, TOLD("WasmPlugin is not carried out"),
	  .desc = &istio_wasm_plugin_traffic_selector_desc, .flags = MSG_LIST),
	F(type, "type", ENUM, TOLD("WasmPlugin is not carried out"), .enums = &istio_plugin_type_names),
};
DESC(istio_wasm_plugin_spec, "WasmPlugin", NULL);
#undef T

#define T struct istio_wasm_plugin
static const struct msg_field istio_wasm_plugin_rows[] = {
	F(api_version, "apiVersion", STRING, MOOT("names the kind"),
	  .doc = "Group and version of the kind, \"group/version\"."),
	F(kind, "kind", STRING, MOOT("names the kind"), .doc = "Kind of the object."),
	F(metadata, "metadata", MESSAGE, MOOT("the API server's own"), .desc = &meta_object_desc,
	  .doc = "Name, namespace, labels and annotations of the object."),
	F(spec, "spec", MESSAGE, TOLD("WasmPlugin is not carried out"), .desc = &istio_wasm_plugin_spec_desc,
	  .doc = "What is wanted."),
	F(status, "status", MESSAGE, MOOT("written by the control plane"), .desc = &istio_status_desc,
	  .doc = "What was observed last; written by controllers."),
};
DESC(istio_wasm_plugin, "WasmPlugin", "A WebAssembly filter for workloads.");
#undef T
