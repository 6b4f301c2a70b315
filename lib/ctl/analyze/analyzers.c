/* The tables of analyzers and messages. */
#include "ctl/analyze/analyze_internal.h"

#define X(code, name, level) {#code, #name, LEVEL_##level##_MESSAGE},
const struct message messages[MESSAGES_COUNT] = {MESSAGES(X)};
#undef X

const char *message_level_str(enum message_level l)
{
	static const char *const names[] = {"Info", "Warning", "Error"};

	return names[l];
}

const struct analyzer analyzers[] = {
	{"annotations.K8sAnalyzer",
	 "annotations that nobody knows, that stand where they have no effect, or have no sense", analyze_annotations},
	{"auth.AuthorizationPoliciesAnalyzer", "policies for nobody, and namespaces that they name in vain",
	 analyze_authorization},
	{"deployment.MultiServiceAnalyzer", "Services that disagree about one workload", analyze_deployment_services},
	{"applicationUID.Analyzer", "applications that run as the proxy's user", analyze_application_uid},
	{"deprecation.DeprecationAnalyzer", "fields and kinds that are going", analyze_deprecation},
	{"destinationrule.CaCertificateAnalyzer", "TLS that verifies nobody", analyze_ca_certificates},
	{"envoyfilter.EnvoyPatchAnalyzer", "operations that have no effect, or one that depends on others",
	 analyze_envoy_patches},
	{"externalcontrolplane.ExternalControlPlaneAnalyzer", "webhooks of a control plane elsewhere",
	 analyze_external_control_plane},
	{"gateway.IngressGatewayPortAnalyzer", "ports that the gateway's Service does not have", analyze_gateway_ports},
	{"gateway.CertificateAnalyzer", "one certificate in several Gateways", analyze_gateway_certificates},
	{"gateway.SecretAnalyzer", "credentials that are missing or no good", analyze_gateway_secrets},
	{"gateway.ConflictingGatewayAnalyzer", "several Gateways for one host and port", analyze_gateway_conflicts},
	{"injection.Analyzer", "namespaces and pods without sidecars", analyze_injection},
	{"injection.ImageAnalyzer", "pods whose proxy is of another version than new ones get",
	 analyze_injection_image},
	{"injection.ImageAutoAnalyzer", "image: auto where nobody replaces it", analyze_injection_auto},
	{"meshnetworks.MeshNetworksAnalyzer", "networks of clusters that nobody knows", analyze_mesh_networks},
	{"service.PortNameAnalyzer", "ports whose name says no protocol", analyze_port_names},
	{"serviceentry.Analyzer", "TCP ports of entries without addresses", analyze_entry_addresses},
	{"sidecar.DefaultSelectorAnalyzer", "several Sidecars for a whole namespace", analyze_sidecar_default},
	{"sidecar.SelectorAnalyzer", "Sidecars for nobody, and several for one pod", analyze_sidecar_selector},
	{"telemetry.ProviderAnalyzer", "access logs that go nowhere", analyze_telemetry_provider},
	{"telemetry.SelectorAnalyzer", "Telemetries for nobody, and several for one pod", analyze_telemetry_selector},
	{"telemetry.DefaultSelectorAnalyzer", "several Telemetries for a whole namespace", analyze_telemetry_default},
	{"telemetry.LightstepAnalyzer", "traces to Lightstep's own provider", analyze_telemetry_lightstep},
	{"virtualservice.ConflictingMeshGatewayHostsAnalyzer", "several VirtualServices for one host",
	 analyze_mesh_hosts},
	{"virtualservice.DestinationHostAnalyzer", "destinations that are not there", analyze_destination_hosts},
	{"virtualservice.DestinationRuleAnalyzer", "subsets that no DestinationRule has", analyze_destination_subsets},
	{"virtualservice.GatewayAnalyzer", "Gateways that are not there, or do not have the host",
	 analyze_service_gateways},
	{"virtualservice.JWTClaimRouteAnalyzer", "routes by claims of tokens that nobody verifies",
	 analyze_claim_routes},
	{"virtualservice.RegexAnalyzer", "expressions that are none", analyze_regexes},
	{"webhook.Analyzer", "injectors that overlap, or lead nowhere", analyze_webhooks},
	{"schema.ValidationAnalyzer", "objects that admission would refuse, or warn of", analyze_schema},
};
const size_t analyzers_count = ARRAY_LEN(analyzers);
