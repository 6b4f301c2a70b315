/* Profiles, contradictions, and the table of what is honoured. */
#include "operator/spec.h"

#include <stdio.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "msg/json.h"
#include "msg/yaml.h"
#include "operator/template.h"

/* Profiles. */

/* Fills in what `to` leaves open; lists are taken whole. */
static void fill_missing(cJSON *to, const cJSON *from)
{
	const cJSON *m;

	cJSON_ArrayForEach(m, from)
	{
		cJSON *have = cJSON_GetObjectItemCaseSensitive(to, m->string);

		if (!have)
			cJSON_AddItemToObject(to, m->string, cJSON_Duplicate(m, true));
		else if (cJSON_IsObject(have) && cJSON_IsObject(m))
			fill_missing(have, m);
	}
}

static int fill_profiles(cJSON *to, const cJSON *profiles, int depth, struct err *e);

static int fill_profile(cJSON *to, const char *name, int depth, struct err *e)
{
	CLEANUP(json_freep) cJSON *doc = NULL;
	const cJSON *spec;
	const char *text;
	char file[128];

	if (depth > SPEC_PROFILES_DEPTH_MAX)
		return err_set(e, -ELOOP, "spec.profiles: profile \"%s\" includes itself", name);
	snprintf(file, sizeof(file), "profiles/%s.yaml", name);
	text = template_file(file);
	if (!text)
		return err_set(e, -ENOENT,
			       "spec.profiles: there is no profile \"%s\"; known are default, base, small, maistra, "
			       "servicemesh",
			       name);
	if (yaml_parse(slice_str(text), &doc, e) < 0)
		return err_wrap(e, e->code, "profile %s", name);
	spec = cJSON_GetObjectItemCaseSensitive(doc, "spec");
	{
		CLEANUP(json_freep) cJSON *own = cJSON_Duplicate(spec, true);

		cJSON_DeleteItemFromObjectCaseSensitive(own, "profiles");
		fill_missing(to, own);
	}
	return fill_profiles(to, cJSON_GetObjectItemCaseSensitive(spec, "profiles"), depth + 1, e);
}

/* The last one wins, so it fills in first. */
static int fill_profiles(cJSON *to, const cJSON *profiles, int depth, struct err *e)
{
	for (int i = cJSON_GetArraySize(profiles) - 1; i >= 0; i--) {
		const cJSON *name = cJSON_GetArrayItem(profiles, i);
		int r = fill_profile(to, cJSON_IsString(name) ? name->valuestring : "", depth, e);

		if (r < 0)
			return r;
	}
	return 0;
}

struct maistra_smcp_spec *spec_resolve(const struct maistra_smcp_spec *spec, struct arena *arena, cJSON **ret_json,
				       struct err *e)
{
	CLEANUP(json_freep) cJSON *json = msg_to_json(&maistra_smcp_spec_desc, spec);
	struct maistra_smcp_spec *resolved;

	if (!spec->profiles.n) {
		cJSON_DeleteItemFromObjectCaseSensitive(json, "profiles");
		cJSON_AddItemToArray(cJSON_AddArrayToObject(json, "profiles"), cJSON_CreateString("default"));
	}
	if (!spec->version || !*spec->version) {
		cJSON_DeleteItemFromObjectCaseSensitive(json, "version");
		cJSON_AddStringToObject(json, "version", SPEC_DEFAULT_VERSION);
	}
	if (fill_profiles(json, cJSON_GetObjectItemCaseSensitive(json, "profiles"), 0, e) < 0)
		return NULL;
	resolved = msg_new_from_json(&maistra_smcp_spec_desc, json, arena, e);
	if (resolved)
		*ret_json = take(json);
	return resolved;
}

/* Contradictions. */

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
	if (json_str(s->tech_preview, "controlPlaneMode", NULL))
		return err_set(e, -EINVAL,
			       "the spec.techPreview.controlPlaneMode field is not supported in version 2.4+; "
			       "use spec.mode");
	if (!wide && s->mesh_config && s->mesh_config->discovery_selectors.n)
		return err_set(e, -EINVAL,
			       "spec.meshConfig.discoverySelectors may only be used when spec.mode is ClusterWide");
	return 0;
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
	static const char *const types[] = {"None", "Istiod"};
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
	};
	int64_t ns;

	for (size_t i = 0; i < ARRAY_LEN(durations); i++) {
		if (durations[i].value && duration_parse(slice_str(durations[i].value), &ns) < 0)
			return err_set(e, -EINVAL, "failed parsing %s, not a valid duration: %s", durations[i].path,
				       durations[i].value);
	}
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

int spec_validate(const struct maistra_smcp_spec *s, struct err *e)
{
	int r = 0;

	if (!one_of(s->version, versions, ARRAY_LEN(versions)))
		return err_set(e, -EINVAL, "Only '[v2.2 v2.3 v2.4 v2.5 v2.6]' versions are supported");
	if (flag(AT2(s->addons, three_scale, enabled), false))
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
		r = check_gateways(s->gateways, e);
	if (r == 0)
		r = check_policy(s, e);
	if (r == 0)
		r = check_durations(s, e);
	if (r == 0)
		r = check_log_levels(s, e);
	return r;
}

/* What is honoured. "*" stands for one member or element, "**" at the end for everything below. */

static const char *const honoured[] = {
	"profiles.*",
	"version",
	"mode",
	"cluster.name",
	"cluster.network",
	"meshConfig.extensionProviders.**",
	"meshConfig.discoverySelectors.**",
	"general.logging.componentLevels.*",
	"general.logging.logAsJSON",
	"general.validationMessages",
	"policy.type",
	"telemetry.type",
	"tracing.sampling",
	"proxy.logging.level",
	"proxy.logging.componentLevels.*",
	"proxy.networking.clusterDomain",
	"proxy.networking.connectionTimeout",
	"proxy.networking.maxConnectionAge",
	"proxy.networking.initialization.initContainer.runtime.*",
	"proxy.networking.initialization.initContainer.runtime.resources.**",
	"proxy.networking.trafficControl.**",
	"proxy.networking.protocol.autoDetect.*",
	"proxy.networking.dns.refreshRate",
	"proxy.runtime.readiness.*",
	"proxy.runtime.container.imageName",
	"proxy.runtime.container.imageRegistry",
	"proxy.runtime.container.imageTag",
	"proxy.runtime.container.imagePullPolicy",
	"proxy.runtime.container.imagePullSecrets.**",
	"proxy.runtime.container.resources.**",
	"proxy.runtime.container.env.*",
	"proxy.injection.**",
	"proxy.adminPort",
	"proxy.concurrency",
	"proxy.accessLogging.file.*",
	"security.trust.**",
	"security.certificateAuthority.istiod.type",
	"security.certificateAuthority.istiod.workloadCertTTLDefault",
	"security.certificateAuthority.istiod.workloadCertTTLMax",
	"security.certificateAuthority.istiod.selfSigned.ttl",
	"security.identity.type",
	"security.identity.thirdParty.audience",
	"security.dataPlane.*",
	"security.manageNetworkPolicy",
	"gateways.enabled",
	"gateways.openshiftRoute.enabled",
	"gateways.*.enabled",
	"gateways.*.namespace",
	"gateways.*.routerMode",
	"gateways.*.service.**",
	"gateways.*.volumes.**",
	"gateways.*.runtime.**",
	"gateways.*.routeConfig.enabled",
	"gateways.additionalIngress.*.enabled",
	"gateways.additionalIngress.*.namespace",
	"gateways.additionalIngress.*.routerMode",
	"gateways.additionalIngress.*.service.**",
	"gateways.additionalIngress.*.volumes.**",
	"gateways.additionalIngress.*.runtime.**",
	"gateways.additionalIngress.*.routeConfig.enabled",
	"gateways.additionalEgress.*.enabled",
	"gateways.additionalEgress.*.namespace",
	"gateways.additionalEgress.*.routerMode",
	"gateways.additionalEgress.*.service.**",
	"gateways.additionalEgress.*.volumes.**",
	"gateways.additionalEgress.*.runtime.**",
	"runtime.components.pilot.**",
	"runtime.components.prometheus.**",
	"runtime.defaults.**",
	"addons.prometheus.enabled",
	"addons.prometheus.install.retention",
	"addons.prometheus.install.scrapeInterval",
	"addons.prometheus.install.service.metadata.**",
	"addons.prometheus.install.service.ingress.enabled",
};

/* Fields that have an effect, or need none, only with certain values (JSON texts), and what to say of the others. */
static const struct {
	const char *path;
	const char *values[3];
	const char *reason;
} by_value[] = {
	{"tracing.type", {"None"}, "tracing backends are not installed or configured yet"},
	{"addons.grafana.enabled", {"false"}, "Grafana is not installed; point one at the prometheus service"},
	{"addons.kiali.enabled", {"false"}, "Kiali is not installed"},
	{"addons.kiali.name", {NULL}, "Kiali is not installed"},
	{"addons.jaeger.name", {NULL}, "Jaeger is not installed"},
	{"addons.prometheus.scrape", {"true"}, "pods are always scraped"},
	{"addons.prometheus.install.useTLS", {"false"}, "Prometheus serves plain HTTP inside the cluster"},
	{"proxy.networking.initialization.type",
	 {"InitContainer"},
	 "redirection is set up by the init container istio-init"},
	{"security.certificateAuthority.type", {"Istiod"}, "only istiod's own certificate authority is supported"},
	{"security.controlPlane.certProvider", {"Istiod"}, "istiod issues its own serving certificate"},
	{"security.controlPlane.mtls", {"true"}, "the control plane always speaks TLS"},
	{"gateways.ingress.sds.enabled", {"true"}, "gateways always get their certificates over SDS"},
	{"gateways.ingress.ingress", {"false"}, "Kubernetes Ingress objects are not served"},
	{"cluster.multiCluster.enabled", {"false"}, "several clusters are not supported yet"},
	{"cluster.meshExpansion.enabled", {"false"}, "mesh expansion is not supported yet"},
};

static bool path_matches(const char *pattern, const char *path)
{
	while (*pattern) {
		size_t p = strcspn(pattern, "."), q = strcspn(path, ".");

		if (!strncmp(pattern, "**", 2))
			return true;
		if (!q || !((p == 1 && *pattern == '*') || (p == q && !strncmp(pattern, path, p))))
			return false;
		pattern += p + (pattern[p] == '.');
		path += q + (path[q] == '.');
	}
	return !*path;
}

/* NULL: it has an effect. */
static const char *reason_against(const char *path, const cJSON *value)
{
	for (size_t i = 0; i < ARRAY_LEN(honoured); i++)
		if (path_matches(honoured[i], path))
			return NULL;
	for (size_t i = 0; i < ARRAY_LEN(by_value); i++) {
		CLEANUP(buf_done) struct buf text = BUF_INIT;

		if (strcmp(by_value[i].path, path) != 0)
			continue;
		if (cJSON_IsString(value))
			buf_append_str(&text, value->valuestring);
		else
			json_print(value, &text);
		for (size_t k = 0; k < ARRAY_LEN(by_value[i].values) && by_value[i].values[k]; k++)
			if (!strcmp(by_value[i].values[k], buf_str(&text)))
				return NULL;
		return by_value[i].reason;
	}
	return "not supported yet; it has no effect";
}

static size_t walk(const cJSON *node, struct buf *path, struct buf *out)
{
	size_t len = path->len, n = 0, i = 0;
	const cJSON *m;

	if (!(cJSON_IsObject(node) || cJSON_IsArray(node))) {
		const char *reason = reason_against(buf_str(path), node);

		if (!reason)
			return 0;
		buf_printf(out, "spec.%s: %s\n", buf_str(path), reason);
		return 1;
	}
	cJSON_ArrayForEach(m, node)
	{
		if (len)
			buf_append_char(path, '.');
		if (m->string)
			buf_append_str(path, m->string);
		else
			buf_printf(path, "%zu", i++);
		n += walk(m, path, out);
		path->len = len;
		if (path->ptr)
			path->ptr[len] = 0;
	}
	return n;
}

size_t spec_unsupported(const struct maistra_smcp_spec *spec, struct buf *out)
{
	CLEANUP(json_freep) cJSON *json = msg_to_json(&maistra_smcp_spec_desc, spec);
	CLEANUP(buf_done) struct buf path = BUF_INIT;

	return walk(json, &path, out);
}
