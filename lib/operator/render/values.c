/* Values of the templates. One function per part of the spec; every name is used by a file of manifests/control-plane.
 */
#include "operator/render/values.h"

#include <stdio.h>

#include "base/cleanup.h"
#include "base/mem.h"
#include "msg/json.h"
#include "operator/render/workload.h"

const struct operator_images operator_images_default = {
#define X(name, variable, reference) .name = reference,
	OPERATOR_IMAGES(X)
#undef X
};

#define ZIPKIN_PORT 9411 /* of Jaeger's collectors */

static void add_bool_text(cJSON *to, const char *name, bool value)
{
	cJSON_AddStringToObject(to, name, value ? "true" : "false");
}

static void add_strings(cJSON *to, const char *name, const char *const *v, size_t n)
{
	cJSON *list;

	if (!n)
		return;
	list = cJSON_AddArrayToObject(to, name);
	for (size_t i = 0; i < n; i++)
		cJSON_AddItemToArray(list, cJSON_CreateString(v[i]));
}

/* "a,b,c"; what there is none of gives dflt. */
static void add_joined(cJSON *to, const char *name, const char *const *v, size_t n, const char *dflt)
{
	CLEANUP(buf_done) struct buf b = BUF_INIT;

	for (size_t i = 0; i < n; i++)
		buf_printf(&b, "%s%s", i ? "," : "", v[i]);
	cJSON_AddStringToObject(to, name, n ? buf_str(&b) : dflt);
}

static void add_joined_ports(cJSON *to, const char *name, const int32_t *v, size_t n)
{
	CLEANUP(buf_done) struct buf b = BUF_INIT;

	for (size_t i = 0; i < n; i++)
		buf_printf(&b, "%s%d", i ? "," : "", v[i]);
	cJSON_AddStringToObject(to, name, buf_str(&b));
}

static bool cluster_wide(const struct maistra_smcp_spec *s)
{
	return s->mode && !strcmp(s->mode, "ClusterWide");
}

static void add_ilb(cJSON *to, const struct maistra_smcp_spec *s)
{
	const struct maistra_mesh_expansion_config *m = AT1(s->cluster, mesh_expansion);
	const bool on = m && flag(m->enabled, false) && flag(AT1(m->ilb_gateway, enabled), false);
	cJSON *names = cJSON_AddArrayToObject(to, "ilbGateways");

	cJSON_AddBoolToObject(to, "ilbGateway", on);
	if (on)
		cJSON_AddItemToArray(names, cJSON_CreateString("meshexpansion-ilb-gateway"));
}

/* Multus' network in which the plugin is called, as Maistra names it; the namespace of each pod has it. */
static void add_network(cJSON *to, const struct values_input *in)
{
	CLEANUP(json_freep) cJSON *config = NULL;
	CLEANUP(freep) char *name = NULL;
	CLEANUP(freep) char *text = NULL;

	if (!in->by_cni || !in->cni_kubeconfig)
		return;
	name = mem_printf("%s-istio-cni", text_or(in->spec->version, SPEC_DEFAULT_VERSION));
	for (char *c = name; *c; c++)
		*c = *c == '.' ? '-' : *c;
	config = json_literal("{\"cniVersion\":\"0.3.1\",\"type\":\"weft-cni\"}");
	json_set_str(config, "name", name);
	json_set_str(config, "kubeconfig", in->cni_kubeconfig);
	text = json_to_text(config);
	cJSON_AddStringToObject(to, "cniNetwork", name);
	cJSON_AddStringToObject(to, "cniNetworkConfig", text);
}

/* Whom proxies ask for certificates. istio-csr signs the control plane's, too. */
static void add_authority(cJSON *to, const struct values_input *in)
{
	const struct maistra_certificate_authority_config *ca = AT1(in->spec->security, certificate_authority);
	const char *type = text_or(AT1(ca, type), "Istiod"), *address = NULL;
	const bool csr = !strcmp(type, "cert-manager");

	if (csr)
		address = AT2(ca, cert_manager, address);
	else if (!strcmp(type, "Custom"))
		address = AT2(ca, custom, address);
	if (address)
		cJSON_AddStringToObject(to, "caAddress", address);
	else
		values_printf(to, "caAddress", "istiod-%s.%s.svc:15012", in->name, in->ns);
	if (!csr)
		return;
	cJSON_AddStringToObject(to, "caSecret", text_or(AT2(ca, cert_manager, pilot_secret_name), "istiod-tls"));
	cJSON_AddStringToObject(to, "caRoots",
				text_or(AT2(ca, cert_manager, root_ca_config_map_name), "istio-ca-root-cert"));
}

static void add_mesh(cJSON *to, const struct values_input *in)
{
	const struct maistra_smcp_spec *s = in->spec;
	const struct maistra_trust_config *trust = AT1(s->security, trust);
	const char *identity = text_or(AT2(s->security, identity, type), "ThirdParty");
	bool third_party = !strcmp(identity, "ThirdParty");
	bool mtls = flag(AT2(s->security, data_plane, mtls), false);
	const char *domain = text_or(AT1(trust, domain), "cluster.local");

	cJSON_AddStringToObject(to, "name", in->name);
	cJSON_AddStringToObject(to, "namespace", in->ns);
	cJSON_AddStringToObject(to, "clusterDomain",
				text_or(AT2(s->proxy, networking, cluster_domain), "cluster.local"));
	cJSON_AddStringToObject(to, "clusterId", text_or(AT1(s->cluster, name), "Kubernetes"));
	cJSON_AddStringToObject(to, "network", text_or(AT1(s->cluster, network), ""));
	cJSON_AddStringToObject(to, "trustDomain", domain);
	cJSON_AddStringToObject(to, "meshId", domain);
	if (trust)
		add_strings(to, "trustDomainAliases", trust->additional_domains.v, trust->additional_domains.n);
	cJSON_AddBoolToObject(to, "byCni", in->by_cni);
	add_network(to, in);
	cJSON_AddBoolToObject(to, "clusterWide", cluster_wide(s));
	cJSON_AddStringToObject(to, "jwtPolicy", third_party ? "third-party-jwt" : "first-party-jwt");
	cJSON_AddBoolToObject(to, "thirdPartyJwt", third_party);
	cJSON_AddStringToObject(to, "jwtAudience",
				text_or(AT3(s->security, identity, third_party, audience), "istio-ca"));
	cJSON_AddStringToObject(to, "jwtIssuer", text_or(AT3(s->security, identity, third_party, issuer), ""));
	add_authority(to, in);
	cJSON_AddBoolToObject(to, "manageNetworkPolicy", flag(AT1(s->security, manage_network_policy), true));
	cJSON_AddBoolToObject(to, "autoMtls", flag(AT2(s->security, data_plane, automtls), true));
	cJSON_AddBoolToObject(to, "strictMtls", mtls);
	cJSON_AddStringToObject(to, "mtlsMode", mtls ? "STRICT" : "PERMISSIVE");
	cJSON_AddBoolToObject(to, "meshExpansion", flag(AT2(s->cluster, mesh_expansion, enabled), false));
	add_ilb(to, s);
	cJSON_AddItemToObject(to, "meshNetworks", cJSON_CreateObject());
}

/*
 * What the technology previews say of the mesh configuration goes over everything else; checked by spec_validate. Older
 * versions had the level of normalisation under "global".
 */
static void add_previews(cJSON *to, const struct maistra_smcp_spec *s)
{
	const char *level = json_str(s->tech_preview, "global.pathNormalization");
	cJSON *mesh = cJSON_CreateObject();
	const cJSON *said = json_get(s->tech_preview, "meshConfig");

	if (level && !json_str(said, "pathNormalization.normalization"))
		cJSON_AddStringToObject(cJSON_AddObjectToObject(mesh, "pathNormalization"), "normalization", level);
	msg_merge_json(NULL, mesh, said);
	for (size_t i = 0; i < spec_mesh_own_n; i++)
		cJSON_DeleteItemFromObjectCaseSensitive(mesh, spec_mesh_own[i]);
	cJSON_DeleteItemFromObjectCaseSensitive(json_get(mesh, "defaultConfig"), "discoveryAddress");
	cJSON_AddItemToObject(to, "meshPreview", mesh);
	cJSON_AddBoolToObject(to, "injectObjectSelector",
			      json_true(s->tech_preview, "sidecarInjectorWebhook.objectSelector.enabled"));
}

static void add_networking(cJSON *to, const struct maistra_smcp_spec *s)
{
	const struct maistra_proxy_networking_config *n = AT1(s->proxy, networking);
	const struct maistra_proxy_network_auto_protocol_detection_config *detect = AT2(n, protocol, auto_detect);
	const struct maistra_proxy_file_access_log_config *log = AT2(s->proxy, access_logging, file);

	values_add_text(to, "connectTimeout", AT1(n, connection_timeout));
	values_add_text(to, "dnsRefreshRate", AT2(n, dns, refresh_rate));
	if (AT1(n, dns))
		add_strings(to, "dnsSearch", n->dns->search_suffixes.v, n->dns->search_suffixes.n);
	values_add_text(to, "sniffTimeout", AT1(detect, timeout));
	add_bool_text(to, "sniffInbound", flag(AT1(detect, inbound), false));
	add_bool_text(to, "sniffOutbound", flag(AT1(detect, outbound), false));
	cJSON_AddStringToObject(to, "outboundPolicy", text_or(AT3(n, traffic_control, outbound, policy), "ALLOW_ANY"));
	if (AT1(log, name)) {
		cJSON *o = cJSON_AddObjectToObject(to, "accessLog");

		cJSON_AddStringToObject(o, "file", log->name);
		values_add_text(o, "encoding", log->encoding);
		values_add_text(o, "format", log->format);
	}
}

/* Spans go to the Jaeger that the add-on names, as its operator calls the collector's Service. */
static void add_tracing(cJSON *to, const struct values_input *in)
{
	const struct maistra_smcp_spec *s = in->spec;
	/* spec.tracing.sampling counts hundredths of a percent. */
	double percent = AT1(s->tracing, sampling) ? *s->tracing->sampling / 100.0 : 1.0;

	cJSON_AddNumberToObject(to, "traceSamplingNumber", percent);
	values_printf(to, "traceSampling", "%g", percent);
	if (strcmp(text_or(AT1(s->tracing, type), "None"), "Jaeger") == 0)
		values_printf(to, "zipkinAddress", "%s-collector.%s.svc:%d",
			      text_or(AT2(s->addons, jaeger, name), "jaeger"), in->ns, ZIPKIN_PORT);
}

static void add_telemetry(cJSON *to, const struct maistra_smcp_spec *s)
{
	bool messages = flag(AT1(s->general, validation_messages), false);

	add_bool_text(to, "validationMessages", messages);
	cJSON_AddBoolToObject(to, "prometheusMerge", flag(AT2(s->addons, prometheus, scrape), true));
	cJSON_AddBoolToObject(to, "validationMessagesBool", messages);
	add_bool_text(to, "openshiftRoute", flag(AT2(s->gateways, openshift_route, enabled), false));
	cJSON_AddBoolToObject(to, "logAsJson", flag(AT2(s->general, logging, log_as_json), false));
	if (s->mesh_config && s->mesh_config->extension_providers.n)
		cJSON_AddItemToObject(to, "extensionProviders",
				      values_list(&maistra_extension_provider_config_desc,
						  s->mesh_config->extension_providers.v,
						  s->mesh_config->extension_providers.n));
	if (s->mesh_config && s->mesh_config->discovery_selectors.n)
		cJSON_AddItemToObject(to, "discoverySelectors",
				      values_list(&meta_label_selector_desc, s->mesh_config->discovery_selectors.v,
						  s->mesh_config->discovery_selectors.n));
}

static void add_ca(cJSON *to, const struct maistra_smcp_spec *s)
{
	const struct maistra_istiod_certificate_authority_config *ca = AT2(s->security, certificate_authority, istiod);
	cJSON *o = cJSON_AddObjectToObject(to, "ca");

	cJSON_AddStringToObject(o, "rootTtl", text_or(AT2(ca, self_signed, ttl), "87600h"));
	values_add_text(o, "checkPeriod", AT2(ca, self_signed, check_period));
	if (AT2(ca, self_signed, grace_period)) /* "20" or "20%" */
		values_printf(o, "gracePercent", "%.*s", (int)strcspn(ca->self_signed->grace_period, "%"),
			      ca->self_signed->grace_period);
	if (AT2(ca, self_signed, enable_jitter)) {
		cJSON_AddBoolToObject(o, "jitter", true);
		add_bool_text(o, "jitterText", *ca->self_signed->enable_jitter);
	}
	cJSON_AddStringToObject(o, "defaultTtl", text_or(AT1(ca, workload_cert_ttl_default), "24h"));
	cJSON_AddStringToObject(o, "maxTtl", text_or(AT1(ca, workload_cert_ttl_max), "2160h"));
	cJSON_AddStringToObject(o, "dir", text_or(AT2(ca, private_key, root_ca_dir), "/etc/cacerts"));
	add_bool_text(o, "pluggedIn", strcmp(text_or(AT1(ca, type), ""), "PrivateKey") == 0);
}

/* As Maistra hands them to istiod; values are in lists with commas. */
static void add_tls(cJSON *to, const struct maistra_smcp_spec *s)
{
	const struct maistra_control_plane_tls_config *t = AT2(s->security, control_plane, tls);
	const char *pem = AT1(s->security, jwks_resolver_ca);
	cJSON *o = cJSON_AddObjectToObject(to, "tls");

	values_add_text(o, "min", AT1(t, min_protocol_version));
	values_add_text(o, "max", AT1(t, max_protocol_version));
	if (t && t->cipher_suites.n)
		add_joined(o, "ciphers", t->cipher_suites.v, t->cipher_suites.n, "");
	if (t && t->ecdh_curves.n)
		add_joined(o, "curves", t->ecdh_curves.v, t->ecdh_curves.n, "");
	if (pem && *pem)
		cJSON_AddStringToObject(to, "jwksRoots", pem);
}

/* "default:warn,xds:debug" */
static char *log_levels(const struct maistra_smcp_spec *s)
{
	const struct maistra_logging_config *logging = AT1(s->general, logging);
	struct buf b = BUF_INIT;

	for (size_t i = 0; logging && i < logging->component_levels.n; i++)
		buf_printf(&b, "%s%s:%s", i ? "," : "", logging->component_levels.v[i].key,
			   logging->component_levels.v[i].value);
	if (!b.len)
		buf_append_str(&b, "default:warn");
	return buf_take_str(&b);
}

static void add_istiod(cJSON *to, const struct values_input *in)
{
	const struct maistra_smcp_spec *s = in->spec;
	struct workload_input w = {AT1(s->runtime, defaults), runtime_component(s, "pilot"), in->images->weftd, false};
	cJSON *o = cJSON_AddObjectToObject(to, "istiod"), *args;
	CLEANUP(freep) char *levels = log_levels(s);
	CLEANUP(buf_done) struct buf b = BUF_INIT;

	if (!in->assigned_user)
		cJSON_AddNumberToObject(o, "user", MESH_USER);
	workload_values(o, &w);
	args = cJSON_AddArrayToObject(o, "args");
	cJSON_AddItemToArray(args, cJSON_CreateString("discovery"));
	if (!cluster_wide(s)) {
		cJSON_AddItemToArray(args, cJSON_CreateString("--memberRollName=default"));
		cJSON_AddItemToArray(args, cJSON_CreateString("--enableNodeAccess=false"));
		cJSON_AddItemToArray(args, cJSON_CreateString("--enableCRDScan=false"));
		cJSON_AddItemToArray(args, cJSON_CreateString("--enableIngressClassName=false"));
	}
	cJSON_AddItemToArray(args, cJSON_CreateString("--monitoringAddr=:15014"));
	buf_printf(&b, "--log_output_level=%s", levels);
	cJSON_AddItemToArray(args, cJSON_CreateString(buf_str(&b)));
	if (flag(AT2(s->general, logging, log_as_json), false))
		cJSON_AddItemToArray(args, cJSON_CreateString("--log_as_json"));
	cJSON_AddItemToArray(args, cJSON_CreateString("--domain"));
	cJSON_AddItemToArray(args,
			     cJSON_CreateString(text_or(AT2(s->proxy, networking, cluster_domain), "cluster.local")));
	cJSON_AddItemToArray(args, cJSON_CreateString("--keepaliveMaxServerConnectionAge"));
	cJSON_AddItemToArray(args, cJSON_CreateString(text_or(AT2(s->proxy, networking, max_connection_age), "30m")));
}

static void add_readiness(cJSON *to, const struct maistra_smcp_spec *s)
{
	const struct maistra_proxy_readiness_config *r = AT2(s->proxy, runtime, readiness);
	cJSON *o = cJSON_AddObjectToObject(to, "readiness");

	cJSON_AddNumberToObject(o, "initialDelaySeconds",
				AT1(r, initial_delay_seconds) ? *r->initial_delay_seconds : 1);
	cJSON_AddNumberToObject(o, "periodSeconds", r && r->period_seconds ? r->period_seconds : 2);
	cJSON_AddNumberToObject(o, "failureThreshold", r && r->failure_threshold ? r->failure_threshold : 30);
	cJSON_AddNumberToObject(to, "statusPort", r && r->status_port ? r->status_port : 15020);
	values_printf(to, "statusPortText", "%d", r && r->status_port ? r->status_port : 15020);
	cJSON_AddBoolToObject(to, "rewriteProbes", flag(AT1(r, rewrite_application_probes), true));
}

static void add_capture(cJSON *to, const struct maistra_smcp_spec *s)
{
	const struct maistra_proxy_traffic_control_config *t = AT2(s->proxy, networking, traffic_control);
	static const struct maistra_proxy_inbound_traffic_control_config no_inbound;
	static const struct maistra_proxy_outbound_traffic_control_config no_outbound;
	const struct maistra_proxy_inbound_traffic_control_config *in = AT1(t, inbound) ? t->inbound : &no_inbound;
	const struct maistra_proxy_outbound_traffic_control_config *out = AT1(t, outbound) ? t->outbound : &no_outbound;

	cJSON_AddStringToObject(to, "interceptionMode", text_or(in->interception_mode, "REDIRECT"));
	add_joined(to, "includeInboundPorts", in->included_ports.v, in->included_ports.n, "*");
	add_joined_ports(to, "excludeInboundPorts", in->excluded_ports.v, in->excluded_ports.n);
	add_joined(to, "includeOutboundRanges", out->included_ip_ranges.v, out->included_ip_ranges.n, "*");
	add_joined(to, "excludeOutboundRanges", out->excluded_ip_ranges.v, out->excluded_ip_ranges.n, "");
	add_joined_ports(to, "excludeOutboundPorts", out->excluded_ports.v, out->excluded_ports.n);
}

static void add_proxy_logging(cJSON *to, const struct maistra_smcp_spec *s)
{
	const struct maistra_proxy_logging_config *l = AT1(s->proxy, logging);
	CLEANUP(freep) char *agent = log_levels(s);
	CLEANUP(buf_done) struct buf b = BUF_INIT;

	for (size_t i = 0; l && i < l->component_levels.n; i++)
		buf_printf(&b, "%s%s:%s", i ? "," : "", l->component_levels.v[i].key, l->component_levels.v[i].value);
	cJSON_AddStringToObject(to, "logLevel", text_or(AT1(l, level), "warning"));
	cJSON_AddStringToObject(to, "componentLogLevel", b.len ? buf_str(&b) : "misc:error");
	cJSON_AddStringToObject(to, "agentLogLevel", agent);
}

static void add_proxy(cJSON *to, const struct values_input *in)
{
	const struct maistra_smcp_spec *s = in->spec;
	const struct maistra_default_runtime_config *defaults = AT1(s->runtime, defaults);
	const struct maistra_container_config *c = AT2(s->proxy, runtime, container);
	const struct maistra_container_config *init =
		AT4(s->proxy, networking, initialization, init_container, runtime);
	cJSON *o = cJSON_AddObjectToObject(to, "proxy"), *names;
	CLEANUP(freep) char *image = workload_image(defaults, c, in->images->proxy, false);
	CLEANUP(freep) char *init_image = workload_image(defaults, init, image, true);

	cJSON_AddStringToObject(o, "image", image);
	cJSON_AddStringToObject(o, "initImage", init_image);
	values_add_text(o, "initImagePullPolicy", AT1(init, image_pull_policy));
	cJSON_AddStringToObject(o, "imagePullPolicy", text_or(AT1(c, image_pull_policy), "IfNotPresent"));
	names = cJSON_AddArrayToObject(o, "imagePullSecretNames");
	for (size_t i = 0; c && i < c->image_pull_secrets.n; i++)
		cJSON_AddItemToArray(names, cJSON_CreateString(c->image_pull_secrets.v[i].name));
	if (AT1(c, resources))
		cJSON_AddItemToObject(o, "resources", msg_to_json(&core_resource_requirements_desc, c->resources));
	if (AT1(init, resources))
		cJSON_AddItemToObject(o, "initResources",
				      msg_to_json(&core_resource_requirements_desc, init->resources));
	if (c && c->env.n)
		cJSON_AddItemToObject(o, "env", values_map(&c->env));
	cJSON_AddNumberToObject(o, "adminPort", s->proxy && s->proxy->admin_port ? s->proxy->admin_port : 15000);
	if (AT1(s->proxy, concurrency))
		cJSON_AddNumberToObject(o, "concurrency", *s->proxy->concurrency);
	add_proxy_logging(o, s);
	add_readiness(o, s);
	add_capture(o, s);
}

static int values_number(const cJSON *values, const char *section, const char *name)
{
	return json_get(json_get(values, section), name)->valueint;
}

/* The mesh's defaultConfig, as gateways get it in PROXY_CONFIG. */
static void add_proxy_config(cJSON *to, const struct values_input *in)
{
	cJSON *config = cJSON_CreateObject(), *metadata;
	const int32_t *concurrency = AT1(in->spec->proxy, concurrency);
	CLEANUP(buf_done) struct buf b = BUF_INIT;

	values_printf(config, "discoveryAddress", "istiod-%s.%s.svc:15012", in->name, in->ns);
	if (concurrency)
		cJSON_AddNumberToObject(config, "concurrency", *concurrency);
	cJSON_AddNumberToObject(config, "statusPort", values_number(to, "proxy", "statusPort"));
	cJSON_AddNumberToObject(config, "proxyAdminPort", values_number(to, "proxy", "adminPort"));
	metadata = cJSON_AddObjectToObject(config, "proxyMetadata");
	cJSON_AddStringToObject(metadata, "ISTIO_META_DNS_AUTO_ALLOCATE", "true");
	cJSON_AddStringToObject(metadata, "ISTIO_META_DNS_CAPTURE", "true");
	cJSON_AddStringToObject(metadata, "PROXY_XDS_VIA_AGENT", "true");
	msg_merge_json(NULL, config, json_at(to, "meshPreview.defaultConfig"));
	json_print(config, &b);
	cJSON_AddStringToObject(to, "proxyConfigJson", buf_str(&b));
	cJSON_Delete(config);
}

/* spec.techPreview.sidecarInjectorWebhook: the injector's templates, as in Istio's charts. */
static void add_templates(cJSON *to, const struct maistra_smcp_spec *s)
{
	static const char *const names[] = {"templates", "aliases"};
	const cJSON *from = json_at(s->tech_preview, "sidecarInjectorWebhook");
	const cJSON *dflt = json_at(from, "defaultTemplates");
	cJSON *list;

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (json_get(from, names[i]))
			cJSON_AddItemToObject(to, names[i], cJSON_Duplicate(json_get(from, names[i]), true));
	if (cJSON_GetArraySize(dflt)) {
		cJSON_AddItemToObject(to, "defaultTemplates", cJSON_Duplicate(dflt, true));
		return;
	}
	list = cJSON_AddArrayToObject(to, "defaultTemplates");
	cJSON_AddItemToArray(list, cJSON_CreateString("sidecar"));
}

static void add_injection(cJSON *to, const struct maistra_smcp_spec *s)
{
	const struct maistra_proxy_injection_config *i = AT1(s->proxy, injection);
	cJSON *o = cJSON_AddObjectToObject(to, "injection");

	add_templates(o, s);
	cJSON_AddStringToObject(o, "policy", flag(AT1(i, auto_inject), false) ? "enabled" : "disabled");
	if (!i)
		return;
	cJSON_AddItemToObject(
		o, "always",
		values_list(&meta_label_selector_desc, i->always_inject_selector.v, i->always_inject_selector.n));
	cJSON_AddItemToObject(
		o, "never",
		values_list(&meta_label_selector_desc, i->never_inject_selector.v, i->never_inject_selector.n));
	cJSON_AddItemToObject(o, "annotations", values_map(&i->injected_annotations));
}

static void add_prometheus(cJSON *to, const struct values_input *in)
{
	const struct maistra_smcp_spec *s = in->spec;
	const struct maistra_prometheus_install_config *i = AT2(s->addons, prometheus, install);
	const struct maistra_component_service_config *service = AT1(i, service);
	const struct maistra_default_runtime_config *defaults = AT1(s->runtime, defaults);
	struct workload_input w = {defaults, runtime_component(s, "prometheus"), in->images->prometheus, true};
	cJSON *o = cJSON_AddObjectToObject(to, "prometheus"), *args;
	CLEANUP(buf_done) struct buf url = BUF_INIT;
	CLEANUP(buf_done) struct buf namespaces = BUF_INIT;
	CLEANUP(freep) char *reloader = workload_image(defaults, NULL, in->images->operator, false);

	if (!in->assigned_user)
		cJSON_AddNumberToObject(o, "user", PROMETHEUS_USER);
	workload_values(o, &w);
	cJSON_AddStringToObject(o, "reloaderImage", reloader);
	cJSON_AddStringToObject(o, "retention", text_or(AT1(i, retention), "6h"));
	cJSON_AddStringToObject(o, "scrapeInterval", text_or(AT1(i, scrape_interval), "15s"));
	values_service(o, service);
	args = cJSON_AddArrayToObject(o, "pathArgs");
	if (*json_str(o, "contextPath")) {
		buf_printf(&url, "--web.external-url=http://prometheus.%s:%d%s", in->ns, PROMETHEUS_PORT,
			   json_str(o, "contextPath"));
		cJSON_AddItemToArray(args, cJSON_CreateString(buf_str(&url)));
	}
	buf_printf(&namespaces, "%s\n", in->ns);
	for (size_t k = 0; k < in->n_members; k++)
		buf_printf(&namespaces, "%s\n", in->members[k]);
	cJSON_AddStringToObject(to, "scrapeNamespacesText", buf_str(&namespaces));
}

cJSON *values_new(const struct values_input *in)
{
	cJSON *v = cJSON_CreateObject();

	add_mesh(v, in);
	values_set_revisions(v, in);
	add_previews(v, in->spec);
	add_networking(v, in->spec);
	add_tracing(v, in);
	add_telemetry(v, in->spec);
	add_ca(v, in->spec);
	add_tls(v, in->spec);
	add_istiod(v, in);
	add_proxy(v, in);
	add_proxy_config(v, in);
	add_injection(v, in->spec);
	add_prometheus(v, in);
	return v;
}
