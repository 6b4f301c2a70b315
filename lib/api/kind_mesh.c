/* The table of kinds: the mesh's own, and those of Istio. */
#include "api/kind_internal.h"

#include "api/istio/extensions.h"
#include "api/istio/security.h"
#include "api/istio/telemetry.h"
#include "api/maistra/maistra.h"
#include "api/maistra/smcp.h"
#include "api/maistra/smcp_v1.h"
#include "api/networking/networking.h"

static const struct api_column smcp_columns[] = {
	{"Ready", "string", ".status.annotations.readyComponentCount", 0, "Ready components of all components."},
	{"Status", "string", ".status.conditions[?(@.type==\"Ready\")].reason", 0, "Why it is ready or not."},
	{"Profiles", "string", ".status.appliedSpec.profiles", 0, "Profiles in use."},
	{"Version", "string", ".status.chartVersion", 0, "Version that runs."},
	{"Age", "date", ".metadata.creationTimestamp", 0, "Time since it was created."},
	{"Image Registry", "string", ".status.appliedSpec.runtime.defaults.container.registry", 1,
	 "Where images come from."},
};

static const struct api_column smcp_v1_columns[] = {
	{"Ready", "string", ".status.annotations.readyComponentCount", 0, "Ready components of all components."},
	{"Status", "string", ".status.conditions[?(@.type==\"Reconciled\")].reason", 0,
	 "Whether it is as it is wanted."},
	{"Template", "string", ".status.lastAppliedConfiguration.template", 0, "Profile in use."},
	{"Version", "string", ".status.lastAppliedConfiguration.version", 0, "Version that runs."},
	{"Age", "date", ".metadata.creationTimestamp", 0, "Time since it was created."},
	{"Image HUB", "string", ".status.lastAppliedConfiguration.istio.global.hub", 1, "Where images come from."},
};

static const struct api_kind_version smcp_v1 = {"v1", &maistra_smcp_v1_desc, COLUMNS_OF(smcp_v1_columns)};

static const struct api_column smmr_columns[] = {
	{"Ready", "string", ".status.annotations.configuredMemberCount", 0, "Configured members of all members."},
	{"Status", "string", ".status.conditions[?(@.type==\"Ready\")].reason", 0, "Why it is ready or not."},
	{"Age", "date", ".metadata.creationTimestamp", 0, "Time since it was created."},
	{"Members", "string", ".status.members", 1, "Namespaces of the mesh."},
};

static const struct api_column smm_columns[] = {
	{"Control Plane", "string", ".status.annotations.controlPlaneRef", 0, "The control plane it belongs to."},
	{"Ready", "string", ".status.conditions[?(@.type==\"Ready\")].status", 0,
	 "Whether the namespace is part of the mesh."},
	{"Age", "date", ".metadata.creationTimestamp", 0, "Time since it was created."},
};

static const struct api_column destination_rule_columns[] = {
	{"Host", "string", ".spec.host", 0, "The service it is for."},
	{"Age", "date", ".metadata.creationTimestamp", 0, "Time since it was created."},
};

static const struct api_column service_entry_columns[] = {
	{"Hosts", "string", ".spec.hosts", 0, "Host names of the service."},
	{"Location", "string", ".spec.location", 0, "Whether it is part of the mesh."},
	{"Resolution", "string", ".spec.resolution", 0, "How addresses are found."},
	{"Age", "date", ".metadata.creationTimestamp", 0, "Time since it was created."},
};

static const struct api_column virtual_service_columns[] = {
	{"Gateways", "string", ".spec.gateways", 0, "Gateways and sidecars it applies to."},
	{"Hosts", "string", ".spec.hosts", 0, "Hosts it applies to."},
	{"Age", "date", ".metadata.creationTimestamp", 0, "Time since it was created."},
};

static const struct api_column workload_entry_columns[] = {
	{"Age", "date", ".metadata.creationTimestamp", 0, "Time since it was created."},
	{"Address", "string", ".spec.address", 0, "Address of the workload."},
};

static const struct api_column workload_group_columns[] = {
	{"Age", "date", ".metadata.creationTimestamp", 0, "Time since it was created."},
};

static const struct api_column telemetry_columns[] = {
	{"Age", "date", ".metadata.creationTimestamp", 0, "Time since it was created."},
};

static const struct api_column peer_authentication_columns[] = {
	{"Mode", "string", ".spec.mtls.mode", 0, "Mutual TLS mode."},
	{"Age", "date", ".metadata.creationTimestamp", 0, "Time since it was created."},
};

const struct api_kind api_kind_smcp = {
	.group = "maistra.io",
	.versions = {"v2"},
	.kind = "ServiceMeshControlPlane",
	.plural = "servicemeshcontrolplanes",
	.singular = "servicemeshcontrolplane",
	.short_names = NAMES("smcp"),
	.categories = NAMES("maistra-io"),
	.flags = API_NAMESPACED | API_STATUS | API_CUSTOM,
	.desc = &maistra_smcp_desc,
	COLUMNS(smcp_columns),
	.converted = &smcp_v1,
	.converter = "/convert-smcp",
};

const struct api_kind api_kind_smmr = {
	.group = "maistra.io",
	.versions = {"v1"},
	.kind = "ServiceMeshMemberRoll",
	.plural = "servicemeshmemberrolls",
	.singular = "servicemeshmemberroll",
	.short_names = NAMES("smmr"),
	.categories = NAMES("maistra-io"),
	.flags = API_NAMESPACED | API_STATUS | API_CUSTOM,
	.desc = &maistra_smmr_desc,
	COLUMNS(smmr_columns),
};

const struct api_kind api_kind_smm = {
	.group = "maistra.io",
	.versions = {"v1"},
	.kind = "ServiceMeshMember",
	.plural = "servicemeshmembers",
	.singular = "servicemeshmember",
	.short_names = NAMES("smm"),
	.categories = NAMES("maistra-io"),
	.flags = API_NAMESPACED | API_STATUS | API_CUSTOM,
	.desc = &maistra_smm_desc,
	COLUMNS(smm_columns),
};

const struct api_kind api_kind_virtual_service = {
	.group = "networking.istio.io",
	.versions = {"v1", "v1beta1", "v1alpha3"},
	.kind = "VirtualService",
	.plural = "virtualservices",
	.singular = "virtualservice",
	.short_names = NAMES("vs"),
	.categories = NAMES("istio-io", "networking-istio-io"),
	.flags = API_NAMESPACED | API_STATUS | API_CUSTOM,
	.desc = &istio_virtual_service_desc,
	COLUMNS(virtual_service_columns),
};

const struct api_kind api_kind_destination_rule = {
	.group = "networking.istio.io",
	.versions = {"v1", "v1beta1", "v1alpha3"},
	.kind = "DestinationRule",
	.plural = "destinationrules",
	.singular = "destinationrule",
	.short_names = NAMES("dr"),
	.categories = NAMES("istio-io", "networking-istio-io"),
	.flags = API_NAMESPACED | API_STATUS | API_CUSTOM,
	.desc = &istio_destination_rule_desc,
	COLUMNS(destination_rule_columns),
};

const struct api_kind api_kind_gateway = {
	.group = "networking.istio.io",
	.versions = {"v1", "v1beta1", "v1alpha3"},
	.kind = "Gateway",
	.plural = "gateways",
	.singular = "gateway",
	.short_names = NAMES("gw"),
	.categories = NAMES("istio-io", "networking-istio-io"),
	.flags = API_NAMESPACED | API_STATUS | API_CUSTOM,
	.desc = &istio_gateway_desc,
};

const struct api_kind api_kind_service_entry = {
	.group = "networking.istio.io",
	.versions = {"v1", "v1beta1", "v1alpha3"},
	.kind = "ServiceEntry",
	.plural = "serviceentries",
	.singular = "serviceentry",
	.short_names = NAMES("se"),
	.categories = NAMES("istio-io", "networking-istio-io"),
	.flags = API_NAMESPACED | API_STATUS | API_CUSTOM,
	.desc = &istio_service_entry_desc,
	COLUMNS(service_entry_columns),
};

const struct api_kind api_kind_workload_entry = {
	.group = "networking.istio.io",
	.versions = {"v1", "v1beta1", "v1alpha3"},
	.kind = "WorkloadEntry",
	.plural = "workloadentries",
	.singular = "workloadentry",
	.short_names = NAMES("we"),
	.categories = NAMES("istio-io", "networking-istio-io"),
	.flags = API_NAMESPACED | API_STATUS | API_CUSTOM,
	.desc = &istio_workload_entry_desc,
	COLUMNS(workload_entry_columns),
};

const struct api_kind api_kind_workload_group = {
	.group = "networking.istio.io",
	.versions = {"v1", "v1beta1", "v1alpha3"},
	.kind = "WorkloadGroup",
	.plural = "workloadgroups",
	.singular = "workloadgroup",
	.short_names = NAMES("wg"),
	.categories = NAMES("istio-io", "networking-istio-io"),
	.flags = API_NAMESPACED | API_STATUS | API_CUSTOM,
	.desc = &istio_workload_group_desc,
	COLUMNS(workload_group_columns),
};

const struct api_kind api_kind_sidecar = {
	.group = "networking.istio.io",
	.versions = {"v1", "v1beta1", "v1alpha3"},
	.kind = "Sidecar",
	.plural = "sidecars",
	.singular = "sidecar",
	.categories = NAMES("istio-io", "networking-istio-io"),
	.flags = API_NAMESPACED | API_STATUS | API_CUSTOM,
	.desc = &istio_sidecar_desc,
};

const struct api_kind api_kind_envoy_filter = {
	.group = "networking.istio.io",
	.versions = {"v1alpha3"},
	.kind = "EnvoyFilter",
	.plural = "envoyfilters",
	.singular = "envoyfilter",
	.categories = NAMES("istio-io", "networking-istio-io"),
	.flags = API_NAMESPACED | API_STATUS | API_CUSTOM,
	.desc = &istio_envoy_filter_desc,
};

const struct api_kind api_kind_proxy_config = {
	.group = "networking.istio.io",
	.versions = {"v1beta1"},
	.kind = "ProxyConfig",
	.plural = "proxyconfigs",
	.singular = "proxyconfig",
	.categories = NAMES("istio-io", "networking-istio-io"),
	.flags = API_NAMESPACED | API_STATUS | API_CUSTOM,
	.desc = &istio_proxy_config_desc,
};

const struct api_kind api_kind_peer_authentication = {
	.group = "security.istio.io",
	.versions = {"v1", "v1beta1"},
	.kind = "PeerAuthentication",
	.plural = "peerauthentications",
	.singular = "peerauthentication",
	.short_names = NAMES("pa"),
	.categories = NAMES("istio-io", "security-istio-io"),
	.flags = API_NAMESPACED | API_STATUS | API_CUSTOM,
	.desc = &istio_peer_authentication_desc,
	COLUMNS(peer_authentication_columns),
};

const struct api_kind api_kind_request_authentication = {
	.group = "security.istio.io",
	.versions = {"v1", "v1beta1"},
	.kind = "RequestAuthentication",
	.plural = "requestauthentications",
	.singular = "requestauthentication",
	.short_names = NAMES("ra"),
	.categories = NAMES("istio-io", "security-istio-io"),
	.flags = API_NAMESPACED | API_STATUS | API_CUSTOM,
	.desc = &istio_request_authentication_desc,
};

const struct api_kind api_kind_authorization_policy = {
	.group = "security.istio.io",
	.versions = {"v1", "v1beta1"},
	.kind = "AuthorizationPolicy",
	.plural = "authorizationpolicies",
	.singular = "authorizationpolicy",
	.categories = NAMES("istio-io", "security-istio-io"),
	.flags = API_NAMESPACED | API_STATUS | API_CUSTOM,
	.desc = &istio_authorization_policy_desc,
};

const struct api_kind api_kind_telemetry = {
	.group = "telemetry.istio.io",
	.versions = {"v1", "v1alpha1"},
	.stored = "v1alpha1",
	.kind = "Telemetry",
	.plural = "telemetries",
	.singular = "telemetry",
	.short_names = NAMES("telemetry"),
	.categories = NAMES("istio-io", "telemetry-istio-io"),
	.flags = API_NAMESPACED | API_STATUS | API_CUSTOM,
	.desc = &istio_telemetry_desc,
	COLUMNS(telemetry_columns),
};

const struct api_kind api_kind_wasm_plugin = {
	.group = "extensions.istio.io",
	.versions = {"v1alpha1"},
	.kind = "WasmPlugin",
	.plural = "wasmplugins",
	.singular = "wasmplugin",
	.categories = NAMES("istio-io", "extensions-istio-io"),
	.flags = API_NAMESPACED | API_STATUS | API_CUSTOM,
	.desc = &istio_wasm_plugin_desc,
};
