/* Contradictions in the spec of a ServiceMeshControlPlane, and what Weft refuses to do; in Maistra's words. */
#include "api/istio/mesh_config.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "msg/json.h"
#include "operator/spec/spec.h"
#include "operator/spec/tls_names.h"

#define TLS_DEFAULT_MIN 3 /* TLSv1_2 */
#define TLS_NEWEST 4

struct str_list {
	const char *const *v;
	size_t n;
};

static const char *const versions[] = {"v2.2", "v2.3", "v2.4", "v2.5", "v2.6"};

static bool one_of(const char *value, const char *const *words, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!strcmp(value, words[i]))
			return true;
	return false;
}

static int check_mode(const struct maistra_smcp_spec *s, struct err *e)
{
	static const char *const modes[] = {"MultiTenant", "ClusterWide"};
	bool wide = s->mode && !strcmp(s->mode, "ClusterWide");

	if (s->mode && !one_of(s->mode, modes, ARRAY_LEN(modes)))
		return err_set(e, -EINVAL, "spec.mode must be either MultiTenant or ClusterWide");
	if (json_str(s->tech_preview, "controlPlaneMode"))
		return err_set(e, -EINVAL,
			       "the spec.techPreview.controlPlaneMode field is not supported in version 2.4+; "
			       "use spec.mode");
	if (!wide && s->mesh_config && s->mesh_config->discovery_selectors.n)
		return err_set(e, -EINVAL,
			       "spec.meshConfig.discoverySelectors may only be used when spec.mode is ClusterWide");
	return 0;
}

static int check_word(const cJSON *value, const char *path, const struct msg_enum *words, struct err *e)
{
	if (!value || (cJSON_IsString(value) && msg_enum_value(words, value->valuestring) >= 0))
		return 0;
	return err_set(e, -EINVAL, "spec.techPreview.%s: \"%s\" is not a value that it can have", path,
		       cJSON_IsString(value) ? value->valuestring : "(no text)");
}

static void on_problem(void *arg, const char *path, enum msg_cause cause, const char *text)
{
	struct err *e = arg;

	(void)cause;
	if (!e->code)
		err_set(e, -EINVAL, "spec.techPreview.meshConfig.%s: %s", path, text);
}

static int check_mesh(const cJSON *mesh, struct err *e)
{
	CLEANUP(arena_done) struct arena a = ARENA_INIT;
	struct istio_mesh_config m = {0};
	int r = msg_from_json(&istio_mesh_config_desc, &m, mesh, &a, e);

	if (r < 0)
		return err_wrap(e, r, "spec.techPreview.meshConfig");
	return msg_validate(&istio_mesh_config_desc, &m, on_problem, e) ? -EINVAL : 0;
}

/* What of the technology previews goes into the mesh configuration: one bad value there would stop all of it. */
static int check_previews(const struct maistra_smcp_spec *s, struct err *e)
{
	const struct msg_enum *levels = &istio_mesh_config_proxy_path_normalization_normalization_type_names;
	const cJSON *mesh = json_at(s->tech_preview, "meshConfig");
	const cJSON *t = json_at(mesh, "defaultConfig.gatewayTopology");
	const cJSON *hops = json_at(t, "numTrustedProxies");
	int64_t n;
	int r = check_word(json_at(s->tech_preview, "global.pathNormalization"), "global.pathNormalization", levels, e);

	if (r == 0)
		r = check_word(json_at(mesh, "pathNormalization.normalization"),
			       "meshConfig.pathNormalization.normalization", levels, e);
	if (r == 0)
		r = check_word(json_at(t, "forwardClientCertDetails"),
			       "meshConfig.defaultConfig.gatewayTopology.forwardClientCertDetails",
			       &istio_mesh_forward_client_cert_details_names, e);
	if (r == 0 && hops && (json_int64(hops, &n) < 0 || n < 0 || n > UINT32_MAX))
		r = err_set(e, -EINVAL,
			    "spec.techPreview.meshConfig.defaultConfig.gatewayTopology.numTrustedProxies: must be a "
			    "number from 0 to %u",
			    UINT32_MAX);
	return r < 0 || !mesh ? r : check_mesh(mesh, e);
}

bool spec_revision_of(const struct maistra_smcp_spec *spec, struct slice *ret_ns, struct slice *ret_name)
{
	struct slice rest = slice_str(json_str(spec ? spec->tech_preview : NULL, SPEC_REVISION_OF));

	*ret_ns = slice_split(&rest, '/');
	*ret_name = rest;
	return ret_ns->len && rest.len && !memchr(rest.ptr, '/', rest.len);
}

static int check_revision(const struct maistra_smcp_spec *s, struct err *e)
{
	struct slice ns, name;

	if (!json_get(s->tech_preview, SPEC_REVISION_OF) || spec_revision_of(s, &ns, &name))
		return 0;
	return err_set(e, -EINVAL,
		       "spec.techPreview." SPEC_REVISION_OF
		       ": must be <namespace>/<name> of a ServiceMeshControlPlane");
}

static int check_gateway_name(const char *name, struct err *e)
{
	if (!strcmp(name, "istio-ingressgateway") || !strcmp(name, "istio-egressgateway"))
		return err_set(e, -EINVAL, "cannot define additional gateway named \"%s\"", name);
	return 0;
}

static int check_gateways(const struct maistra_gateways_config *g, struct err *e)
{
	int r = 0;

	for (size_t i = 0; g && i < g->additional_ingress.n && r == 0; i++)
		r = check_gateway_name(g->additional_ingress.v[i].key, e);
	for (size_t i = 0; g && i < g->additional_egress.n && r == 0; i++) {
		const char *name = g->additional_egress.v[i].key;

		r = check_gateway_name(name, e);
		for (size_t k = 0; k < g->additional_ingress.n && r == 0; k++)
			if (!strcmp(name, g->additional_ingress.v[k].key))
				r = err_set(e, -EINVAL, "multiple gateways defined for \"%s\"", name);
	}
	return r;
}

static int check_policy(const struct maistra_smcp_spec *s, struct err *e)
{
	static const char *const types[] = {"None", "Istiod", "Remote"};
	const char *policy = text_or(AT1(s->policy, type), "None");
	const char *telemetry = text_or(AT1(s->telemetry, type), "None");

	if (!strcmp(policy, "Mixer") || AT1(s->policy, mixer))
		return err_set(e, -EINVAL,
			       "support for policy.type \"Mixer\" and policy.Mixer options have been removed in v2.1, "
			       "please use another alternative");
	if (!strcmp(telemetry, "Mixer") || AT1(s->telemetry, mixer))
		return err_set(e, -EINVAL,
			       "support for telemetry.type \"Mixer\" and telemetry.Mixer options have been removed in "
			       "v2.1, please use another alternative");
	if (AT2(s->policy, remote, address) && strcmp(policy, "Remote") != 0)
		return err_set(e, -EINVAL,
			       "if policy.remote.address is specified, policy.type must be Remote for v2.x versions");
	if (AT2(s->telemetry, remote, address) && strcmp(telemetry, "Remote") != 0)
		return err_set(
			e, -EINVAL,
			"if telemetry.remote.address is specified, telemetry.type must be Remote for v2.x versions");
	if (!one_of(policy, types, ARRAY_LEN(types)))
		return err_set(e, -EINVAL, "policy type %s is not supported in version %s", policy, s->version);
	if (!one_of(telemetry, types, ARRAY_LEN(types)))
		return err_set(e, -EINVAL, "telemetry type %s is not supported in version %s", telemetry, s->version);
	return 0;
}

static int check_provider(const struct maistra_extension_provider_config *p, struct err *e)
{
	static const char kinds[] =
		"prometheus, zipkin, opentelemetry, envoyOtelAls, envoyExtAuthzHttp, or envoyExtAuthzGrpc";
	int n = !!p->prometheus + !!p->zipkin + !!p->opentelemetry + !!p->envoy_otel_als + !!p->envoy_ext_authz_http +
		!!p->envoy_ext_authz_grpc;
	const char *http = AT1(p->envoy_ext_authz_http, timeout), *grpc = AT1(p->envoy_ext_authz_grpc, timeout);
	int64_t ns;

	if (!p->name || !*p->name)
		return err_set(e, -EINVAL, "extension provider name cannot be empty");
	if (!n)
		return err_set(e, -EINVAL,
			       "extension provider '%s' does not define any provider - it must specify one of: %s",
			       p->name, kinds);
	if (n > 1)
		return err_set(e, -EINVAL, "extension provider '%s' must specify only one type of provider: %s",
			       p->name, kinds);
	if (http && duration_parse(slice_str(http), &ns) < 0)
		return err_set(e, -EINVAL,
			       "invalid extension provider '%s': envoyExtAuthzHttp.timeout must be specified in the "
			       "duration format - got '%s'",
			       p->name, http);
	if (grpc && duration_parse(slice_str(grpc), &ns) < 0)
		return err_set(e, -EINVAL,
			       "invalid extension provider '%s': envoyExtAuthzGrpc.timeout must be specified in the "
			       "duration format - got '%s'",
			       p->name, grpc);
	return 0;
}

/* Kiali's own operator takes Kubernetes' form, the charts of all other components take Maistra's. */
static int check_affinity(const char *component, const struct maistra_affinity *a, struct err *e)
{
	const struct maistra_pod_anti_affinity *anti = a->pod_anti_affinity;
	const bool kiali = strcmp(component, "kiali") == 0;

	if (kiali && anti && (anti->required_during_scheduling.n || anti->preferred_during_scheduling.n))
		return err_set(e, -EINVAL,
			       "PodAntiAffinity configured via .spec.runtime.components.pod.affinity.podAntiAffinity."
			       "requiredDuringScheduling and preferredDuringScheduling is not supported for the "
			       "\"kiali\" component");
	if (kiali)
		return 0;
	if (a->node_affinity)
		return err_set(e, -EINVAL, "nodeAffinity is only supported for the \"kiali\" component");
	if (a->pod_affinity)
		return err_set(e, -EINVAL, "podAffinity is only supported for the \"kiali\" component");
	if (anti && (anti->required_during_scheduling_ignored_during_execution.n ||
		     anti->preferred_during_scheduling_ignored_during_execution.n))
		return err_set(e, -EINVAL,
			       "PodAntiAffinity configured via .spec.runtime.components.pod.affinity.podAntiAffinity."
			       "requiredDuringSchedulingIgnoredDuringExecution and "
			       "preferredDuringSchedulingIgnoredDuringExecution is only supported for the \"kiali\" "
			       "component");
	return 0;
}

static int check_runtime(const struct maistra_control_plane_runtime_config *r, struct err *e)
{
	int result = 0;

	for (size_t i = 0; r && i < r->components.n && result == 0; i++) {
		const struct maistra_affinity *a = AT2(&r->components.v[i].value, pod, affinity);

		if (a)
			result = check_affinity(r->components.v[i].key, a, e);
	}
	return result;
}

static int check_tracing(const struct maistra_smcp_spec *s, struct err *e)
{
	const char *type = text_or(AT1(s->tracing, type), "None");

	if (strcmp(type, "Jaeger") != 0 && strcmp(type, "Stackdriver") != 0)
		return 0;
	for (size_t i = 0; s->mesh_config && i < s->mesh_config->extension_providers.n; i++)
		if (s->mesh_config->extension_providers.v[i].zipkin)
			return err_set(e, -EINVAL,
				       "extension provider '%s' can not define zipkin provider when spec.tracing.type "
				       "is Jaeger or Stackdriver",
				       text_or(s->mesh_config->extension_providers.v[i].name, ""));
	return 0;
}

/* Redirection that keeps the client's address: the proxy cannot do it, and pods without any are worse than none. */
static int check_redirection(const struct maistra_smcp_spec *s, struct err *e)
{
	const char *mode = AT4(s->proxy, networking, traffic_control, inbound, interception_mode);

	if (mode && strcmp(mode, "TPROXY") == 0)
		return err_set(e, -EINVAL,
			       "spec.proxy.networking.trafficControl.inbound.interceptionMode: TPROXY is not "
			       "supported; use REDIRECT");
	return 0;
}

static int check_durations(const struct maistra_smcp_spec *s, struct err *e)
{
	const struct maistra_istiod_certificate_authority_config *ca = AT2(s->security, certificate_authority, istiod);
	const struct {
		const char *path, *value;
	} durations[] = {
		{"spec.proxy.networking.protocol.autoDetect.timeout",
		 AT4(s->proxy, networking, protocol, auto_detect, timeout)},
		{"spec.proxy.networking.connectionTimeout", AT2(s->proxy, networking, connection_timeout)},
		{"spec.proxy.networking.maxConnectionAge", AT2(s->proxy, networking, max_connection_age)},
		{"spec.proxy.networking.dns.refreshRate", AT3(s->proxy, networking, dns, refresh_rate)},
		{"spec.security.certificateAuthority.istiod.workloadCertTTLDefault",
		 AT1(ca, workload_cert_ttl_default)},
		{"spec.security.certificateAuthority.istiod.workloadCertTTLMax", AT1(ca, workload_cert_ttl_max)},
		{"spec.security.certificateAuthority.istiod.selfSigned.ttl", AT2(ca, self_signed, ttl)},
		{"spec.security.certificateAuthority.istiod.selfSigned.checkPeriod",
		 AT2(ca, self_signed, check_period)},
	};
	int64_t ns;

	for (size_t i = 0; i < ARRAY_LEN(durations); i++) {
		if (durations[i].value && duration_parse(slice_str(durations[i].value), &ns) < 0)
			return err_set(e, -EINVAL, "failed parsing %s, not a valid duration: %s", durations[i].path,
				       durations[i].value);
	}
	return 0;
}

static int check_tls_names(const char *field, const struct str_list *names, const char *(*find)(struct slice),
			   struct err *e)
{
	for (size_t i = 0; i < names->n; i++)
		if (!find(slice_str(names->v[i])))
			return err_set(e, -EINVAL, "spec.security.controlPlane.tls.%s[%zu]: \"%s\" is not known", field,
				       i, names->v[i]);
	return 0;
}

static int check_tls(const struct maistra_smcp_spec *s, struct err *e)
{
	static const char path[] = "spec.security.controlPlane.tls";
	const struct maistra_control_plane_tls_config *t = AT2(s->security, control_plane, tls);
	const int min = spec_tls_version(text_or(AT1(t, min_protocol_version), "TLS_AUTO"));
	const int max = spec_tls_version(text_or(AT1(t, max_protocol_version), "TLS_AUTO"));
	int r;

	if (!t)
		return 0;
	if (min < 0 || max < 0)
		return err_set(e, -EINVAL, "%s.%s: \"%s\" is not one of TLS_AUTO, TLSv1_0, TLSv1_1, TLSv1_2, TLSv1_3",
			       path, min < 0 ? "minProtocolVersion" : "maxProtocolVersion",
			       min < 0 ? t->min_protocol_version : t->max_protocol_version);
	if ((min ? min : TLS_DEFAULT_MIN) > (max ? max : TLS_NEWEST))
		return err_set(e, -EINVAL, "%s.maxProtocolVersion: is below minProtocolVersion", path);
	r = check_tls_names("cipherSuites", &(struct str_list){t->cipher_suites.v, t->cipher_suites.n}, spec_tls_cipher,
			    e);
	return r < 0 ? r
		     : check_tls_names("ecdhCurves", &(struct str_list){t->ecdh_curves.v, t->ecdh_curves.n},
				       spec_tls_group, e);
}

static int check_jwks_roots(const struct maistra_smcp_spec *s, struct err *e)
{
	const char *pem = AT1(s->security, jwks_resolver_ca);

	if (pem && *pem && !strstr(pem, "-----BEGIN CERTIFICATE-----"))
		return err_set(e, -EINVAL, "spec.security.jwksResolverCA: holds no certificate in PEM");
	return 0;
}

/* "20%", or "20" */
static int check_grace(const struct maistra_smcp_spec *s, struct err *e)
{
	const char *text = AT4(s->security, certificate_authority, istiod, self_signed, grace_period);
	struct slice number = slice_str(text);
	uint64_t n;

	if (number.len && number.ptr[number.len - 1] == '%')
		number.len--;
	if (text && (slice_to_u64(number, 99, &n) < 0 || !n))
		return err_set(
			e, -EINVAL,
			"spec.security.certificateAuthority.istiod.selfSigned.gracePeriod: \"%s\" is no percentage "
			"from 1%% to 99%%",
			text);
	return 0;
}

static int check_log_levels(const struct maistra_smcp_spec *s, struct err *e)
{
	static const char *const levels[] = {"debug", "error", "warn", "info", "fatal", "none"};
	const struct maistra_logging_config *logging = AT1(s->general, logging);

	for (size_t i = 0; logging && i < logging->component_levels.n; i++) {
		const char *level = logging->component_levels.v[i].value;

		if (!one_of(level, levels, ARRAY_LEN(levels)))
			return err_set(e, -EINVAL, "istiod doesn't support '%s' log level", level);
	}
	return 0;
}

/* A resource of v1 with values that none of v2's fields can hold: see operator/convert. */
static int check_converted(const struct maistra_smcp_spec *s, struct err *e)
{
	const char *why = json_str(s->tech_preview, "errored.message");

	return why ? err_set(e, -EINVAL, "the maistra.io/v1 resource could not be converted: %s", why) : 0;
}

/* Whoever wants another authority says where it is. */
static int check_authority(const struct maistra_smcp_spec *s, struct err *e)
{
	const struct maistra_certificate_authority_config *ca = AT1(s->security, certificate_authority);
	const char *type = text_or(AT1(ca, type), "Istiod");
	const struct {
		const char *type, *address;
	} rows[] = {{"Custom", AT2(ca, custom, address)}, {"cert-manager", AT2(ca, cert_manager, address)}};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		if (strcmp(type, rows[i].type) != 0)
			continue;
		if (!rows[i].address || !*rows[i].address || !strchr(rows[i].address, ':'))
			return err_set(
				e, -EINVAL,
				"spec.security.certificateAuthority.type: %s needs an address, host:port, not '%s'",
				type, text_or(rows[i].address, ""));
	}
	return 0;
}

int spec_validate(const struct maistra_smcp_spec *s, struct err *e)
{
	int r = check_converted(s, e);

	if (r < 0)
		return r;

	if (!one_of(s->version, versions, ARRAY_LEN(versions)))
		return err_set(e, -EINVAL, "Only '[v2.2 v2.3 v2.4 v2.5 v2.6]' versions are supported");
	if (AT1(s->addons, three_scale))
		return err_set(e, -EINVAL,
			       "support for 3scale has been removed in v2.1; please remove the spec.addons.3scale "
			       "section from the SMCP and configure the 3scale WebAssembly adapter using a "
			       "ServiceMeshExtension "
			       "resource");
	for (size_t i = 0; s->mesh_config && i < s->mesh_config->extension_providers.n && r == 0; i++)
		r = check_provider(&s->mesh_config->extension_providers.v[i], e);
	if (r == 0)
		r = check_mode(s, e);
	if (r == 0)
		r = check_previews(s, e);
	if (r == 0)
		r = check_revision(s, e);
	if (r == 0)
		r = check_gateways(s->gateways, e);
	if (r == 0)
		r = check_policy(s, e);
	if (r == 0)
		r = check_durations(s, e);
	if (r == 0)
		r = check_log_levels(s, e);
	if (r == 0)
		r = check_grace(s, e);
	if (r == 0)
		r = check_tls(s, e);
	if (r == 0)
		r = check_jwks_roots(s, e);
	if (r == 0)
		r = check_runtime(s->runtime, e);
	if (r == 0)
		r = check_tracing(s, e);
	if (r == 0)
		r = check_redirection(s, e);
	if (r == 0)
		r = check_authority(s, e);
	return r;
}
