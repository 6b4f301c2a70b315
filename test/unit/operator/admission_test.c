/* Admission of maistra.io's kinds: objects in, verdicts out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "api/cluster/auth.h"
#include "api/object.h"
#include "base/cleanup.h"
#include "msg/json.h"
#include "msg/yaml.h"
#include "operator/webhook/admission.h"

#define SMCP "ServiceMeshControlPlane"
#define SMMR "ServiceMeshMemberRoll"
#define SMM "ServiceMeshMember"

static const struct {
	const char *kind, *ns, *name, *spec;
	const char *old_spec; /* NULL: CREATE */
	const char *want;     /* "ok", "CODE message" or "rights ns ...: message" */
	const char *user;     /* NULL: eve */
} cases[] = {
	{SMCP, "mesh", "basic", "{version: v2.6}", NULL, "ok"},
	{SMCP, "mesh", "basic", "{version: v1.1}", NULL,
	 "400 Only '[v2.2 v2.3 v2.4 v2.5 v2.6]' versions are supported"},
	{SMCP, "mesh", "basic", "{version: v1.1}", "{version: v1.1}", "ok"}, /* labels only */
	{SMCP, "mesh", "basic", "{}", NULL,
	 "400 invalid Version specified; supported versions are: [v2.2 v2.3 v2.4 v2.5 v2.6]"},
	{SMCP, "operators", "basic", "{version: v2.5}", NULL,
	 "400 service mesh may not be installed in the same project/namespace as the operator"},
	{SMCP, "taken", "second", "{version: v2.6}", NULL,
	 "400 only one service mesh may be installed per project/namespace"},
	{SMCP, "mesh", "basic", "{version: v2.6, mode: ClusterWide}", NULL,
	 "400 a cluster-scoped SMCP may only be created when no other SMCPs exist"},
	{SMCP, "mesh", "basic", "{version: v2.6, mode: Odd}", NULL,
	 "400 spec.mode must be either MultiTenant or ClusterWide"},
	{SMCP, "mesh", "basic", "{version: v2.6, profiles: [odd]}", NULL,
	 "400 spec.profiles: there is no profile \"odd\"; known are default, base, small, maistra, servicemesh"},
	{SMCP, "mesh", "basic", "{version: v2.6, policy: {type: Mixer}}", NULL,
	 "400 support for policy.type \"Mixer\" and policy.Mixer options have been removed in v2.1, please use another "
	 "alternative"},
	{SMCP, "mesh", "basic", "{version: v2.6, gateways: {additionalIngress: {a: {}}, additionalEgress: {a: {}}}}",
	 NULL, "400 multiple gateways defined for \"a\""},
	{SMCP, "mesh", "basic", "{version: v2.6, general: {logging: {componentLevels: {xds: loud}}}}", NULL,
	 "400 istiod doesn't support 'loud' log level"},
	{SMCP, "mesh", "basic", "{version: v2.6, meshConfig: {extensionProviders: [{name: x}]}}", NULL,
	 "400 extension provider 'x' does not define any provider - it must specify one of: prometheus, zipkin, "
	 "opentelemetry, envoyOtelAls, envoyExtAuthzHttp, or envoyExtAuthzGrpc"},
	{SMCP, "mesh", "basic", "{version: v2.6, proxy: {networking: {protocol: {autoDetect: {timeout: soon}}}}}", NULL,
	 "400 failed parsing spec.proxy.networking.protocol.autoDetect.timeout, not a valid duration: soon"},
	{SMCP, "mesh", "basic",
	 "{version: v2.5, security: {certificateAuthority: {istiod: {selfSigned: {gracePeriod: 100%}}}}}", NULL,
	 "400 spec.security.certificateAuthority.istiod.selfSigned.gracePeriod: \"100%\" is no percentage from 1% to "
	 "99%"},
#define TLS(what) "{version: v2.5, security: {controlPlane: {tls: {" what "}}}}"
	{SMCP, "mesh", "basic", TLS("minProtocolVersion: SSLv3"), NULL,
	 "400 spec.security.controlPlane.tls.minProtocolVersion: \"SSLv3\" is not one of TLS_AUTO, TLSv1_0, TLSv1_1, "
	 "TLSv1_2, TLSv1_3"},
	{SMCP, "mesh", "basic", TLS("maxProtocolVersion: TLSv1_1"), NULL,
	 "400 spec.security.controlPlane.tls.maxProtocolVersion: is below minProtocolVersion"},
	{SMCP, "mesh", "basic", TLS("cipherSuites: [TLS_RSA_WITH_RC4_128_SHA]"), NULL,
	 "400 spec.security.controlPlane.tls.cipherSuites[0]: \"TLS_RSA_WITH_RC4_128_SHA\" is not known"},
	{SMCP, "mesh", "basic", TLS("ecdhCurves: [X25519, P-256]"), NULL,
	 "400 spec.security.controlPlane.tls.ecdhCurves[1]: \"P-256\" is not known"},
	{SMCP, "mesh", "basic", TLS("minProtocolVersion: TLSv1_3, maxProtocolVersion: TLS_AUTO"), NULL, "ok"},
	{SMCP, "mesh", "basic", "{version: v2.5, security: {jwksResolverCA: nothing}}", NULL,
	 "400 spec.security.jwksResolverCA: holds no certificate in PEM"},
#define AFFINITY(component, what)                                                                                      \
	"{version: v2.5, runtime: {components: {" component ": {pod: {affinity: {" what "}}}}}}"
#define NODE_AFFINITY "nodeAffinity: {requiredDuringSchedulingIgnoredDuringExecution: {nodeSelectorTerms: [{}]}}"
#define POD_AFFINITY "podAffinity: {requiredDuringSchedulingIgnoredDuringExecution: [{topologyKey: k}]}"
#define ANTI_CORE                                                                                                      \
	"podAntiAffinity: {preferredDuringSchedulingIgnoredDuringExecution: [{weight: 1, podAffinityTerm: "            \
	"{topologyKey: k}}]}"
#define ANTI_OWN "podAntiAffinity: {preferredDuringScheduling: [{key: k, operator: In, values: [v]}]}"
	{SMCP, "mesh", "basic", AFFINITY("pilot", NODE_AFFINITY), NULL,
	 "400 nodeAffinity is only supported for the \"kiali\" component"},
	{SMCP, "mesh", "basic", AFFINITY("prometheus", POD_AFFINITY), NULL,
	 "400 podAffinity is only supported for the \"kiali\" component"},
	{SMCP, "mesh", "basic", AFFINITY("grafana", ANTI_CORE), NULL,
	 "400 PodAntiAffinity configured via .spec.runtime.components.pod.affinity.podAntiAffinity."
	 "requiredDuringSchedulingIgnoredDuringExecution and preferredDuringSchedulingIgnoredDuringExecution is only "
	 "supported for the \"kiali\" component"},
	{SMCP, "mesh", "basic", AFFINITY("pilot", ANTI_OWN), NULL, "ok"},
	{SMCP, "mesh", "basic", AFFINITY("kiali", ANTI_OWN), NULL,
	 "400 PodAntiAffinity configured via .spec.runtime.components.pod.affinity.podAntiAffinity."
	 "requiredDuringScheduling and preferredDuringScheduling is not supported for the \"kiali\" component"},
	{SMCP, "mesh", "basic", AFFINITY("kiali", NODE_AFFINITY ", " POD_AFFINITY ", " ANTI_CORE), NULL, "ok"},
	{SMCP, "mesh", "basic", "{version: v2.5, policy: {type: Remote, remote: {address: a}}}", NULL, "ok"},
	{SMCP, "mesh", "basic", "{version: v2.5, policy: {remote: {address: a}}}", NULL,
	 "400 if policy.remote.address is specified, policy.type must be Remote for v2.x versions"},
	{SMCP, "mesh", "basic", "{version: v2.5, telemetry: {remote: {address: a}}}", NULL,
	 "400 if telemetry.remote.address is specified, telemetry.type must be Remote for v2.x versions"},
	{SMCP, "mesh", "basic", "{version: v2.5, telemetry: {mixer: {}}}", NULL,
	 "400 support for telemetry.type \"Mixer\" and telemetry.Mixer options have been removed in v2.1, please use "
	 "another alternative"},
	{SMCP, "mesh", "basic", "{version: v2.5, addons: {3scale: {}}}", NULL,
	 "400 support for 3scale has been removed in v2.1; please remove the spec.addons.3scale section from the SMCP "
	 "and configure the 3scale WebAssembly adapter using a ServiceMeshExtension resource"},
	{SMCP, "mesh", "basic",
	 "{version: v2.5, tracing: {type: Jaeger}, meshConfig: {extensionProviders: [{name: z, zipkin: {service: s, "
	 "port: 1}}]}}",
	 NULL,
	 "400 extension provider 'z' can not define zipkin provider when spec.tracing.type is Jaeger or Stackdriver"},
	{SMCP, "mesh", "basic",
	 "{version: v2.5, proxy: {networking: {trafficControl: {inbound: {interceptionMode: TPROXY}}}}}", NULL,
	 "400 spec.proxy.networking.trafficControl.inbound.interceptionMode: TPROXY is not supported; use REDIRECT"},
	{SMCP, "mesh", "basic", "{version: v2.5, techPreview: {controlPlaneMode: ClusterScoped}}", NULL,
	 "400 the spec.techPreview.controlPlaneMode field is not supported in version 2.4+; use spec.mode"},
	{SMCP, "mesh", "basic", "{version: v2.5, meshConfig: {discoverySelectors: [{}]}}", NULL,
	 "400 spec.meshConfig.discoverySelectors may only be used when spec.mode is ClusterWide"},
	{SMCP, "mesh", "basic", "{version: v2.5, gateways: {additionalEgress: {istio-egressgateway: {}}}}", NULL,
	 "400 cannot define additional gateway named \"istio-egressgateway\""},
	{SMCP, "mesh", "basic",
	 "{version: v2.5, meshConfig: {extensionProviders: [{name: x, prometheus: {}, zipkin: {service: s, port: "
	 "1}}]}}",
	 NULL,
	 "400 extension provider 'x' must specify only one type of provider: prometheus, zipkin, opentelemetry, "
	 "envoyOtelAls, envoyExtAuthzHttp, or envoyExtAuthzGrpc"},
	{SMCP, "mesh", "basic",
	 "{version: v2.5, meshConfig: {extensionProviders: [{name: x, envoyExtAuthzGrpc: {service: s, port: 1, "
	 "timeout: "
	 "x}}]}}",
	 NULL,
	 "400 invalid extension provider 'x': envoyExtAuthzGrpc.timeout must be specified in the duration format - got "
	 "'x'"},
	{SMCP, "mesh", "basic",
	 "{version: v2.5, meshConfig: {extensionProviders: [{name: x, envoyExtAuthzHttp: {service: s, port: 1, "
	 "timeout: "
	 "x}}]}}",
	 NULL,
	 "400 invalid extension provider 'x': envoyExtAuthzHttp.timeout must be specified in the duration format - got "
	 "'x'"},
/* revisions */
#define BESIDE(of) "{version: v2.6, techPreview: {revisionOf: " of "}}"
	{SMCP, "mesh", "canary", BESIDE("taken/basic"), NULL,
	 "rights taken: user 'eve' does not have permission to update ServiceMeshControlPlane taken/basic, which this "
	 "one is to stand beside"},
	{SMCP, "mesh", "canary", BESIDE("taken/basic"), "{version: v2.6}",
	 "rights taken: user 'eve' does not have permission to update ServiceMeshControlPlane taken/basic, which this "
	 "one is to stand beside"},
	{SMCP, "mesh", "canary", BESIDE("taken/basic"), "{version: v2.5, techPreview: {revisionOf: taken/basic}}",
	 "ok"},
	{SMCP, "mesh", "canary", "{version: v2.6, mode: ClusterWide, techPreview: {revisionOf: taken/basic}}", NULL,
	 "rights * taken: user 'eve' does not have permission to update ServiceMeshControlPlane taken/basic, which "
	 "this "
	 "one is to stand beside"},
	{SMCP, "mesh", "canary", "{version: v2.6, mode: ClusterWide, techPreview: {revisionOf: other/basic}}", NULL,
	 "400 a cluster-scoped SMCP may only be created when no other SMCPs exist"},
	{SMCP, "mesh", "basic", BESIDE("taken/basic"), NULL,
	 "400 a revision needs another name, and another namespace, than taken/basic"},
	{SMCP, "mesh", "canary", BESIDE("mesh/basic"), NULL,
	 "400 a revision needs another name, and another namespace, than mesh/basic"},
	{SMCP, "mesh", "canary", BESIDE("beside/second"), NULL,
	 "400 beside/second is a revision itself: name the control plane that it names"},
	{SMCP, "taken", "basic", BESIDE("far/away"), "{}",
	 "400 the ServiceMeshControlPlane beside/second stands beside this one, which can be no revision itself"},
	{SMCP, "mesh", "canary", BESIDE("basic"), NULL,
	 "400 spec.techPreview.revisionOf: must be <namespace>/<name> of a ServiceMeshControlPlane"},
	{SMCP, "mesh", "canary", BESIDE("a/b/c"), NULL,
	 "400 spec.techPreview.revisionOf: must be <namespace>/<name> of a ServiceMeshControlPlane"},
	{SMMR, "mesh", "default", "{memberSelectors: [{}]}", NULL, "ok",
	 "system:serviceaccount:operators:istio-operator"},
	{SMMR, "mesh", "default", "{members: [a]}", NULL,
	 "rights a: user 'system:serviceaccount:mesh:istio-operator' does not have permission to access namespace(s)",
	 "system:serviceaccount:mesh:istio-operator"},
	{SMMR, "beside", "default", "{members: [shop]}", NULL,
	 "rights shop: user 'eve' does not have permission to access namespace(s)"},
	{SMMR, "mesh", "default", "{members: [a, b]}", NULL,
	 "rights a b: user 'eve' does not have permission to access namespace(s)"},
	{SMMR, "mesh", "default", "{members: [a, b]}", "{members: [b]}",
	 "rights a: user 'eve' does not have permission to access namespace(s)"},
	{SMMR, "mesh", "default", "{members: [b]}", "{members: [a, b]}", "ok"},
	{SMMR, "mesh", "default", "{members: ['*']}", NULL,
	 "400 one or more members are already defined in another ServiceMeshMemberRoll"},
	{SMMR, "mesh", "default", "{memberSelectors: [{}]}", NULL,
	 "rights *: only users that are allowed to update pods at the cluster scope are allowed to use wildcards or "
	 "member "
	 "selectors; user eve does not have that permission"},
	{SMMR, "mesh", "other", "{}", NULL, "400 ServiceMeshMemberRoll must be named 'default'"},
	{SMMR, "mesh", "default", "{members: [a, a]}", NULL, "400 duplicate namespace in .spec.members: a"},
	{SMMR, "mesh", "default", "{members: [A_b]}", NULL,
	 "400 .spec.members contains invalid value 'A_b'. Must be a valid namespace name."},
	{SMMR, "mesh", "default", "{members: [a, '*']}", NULL,
	 "400 when .spec.members contains an asterisk ('*'), it must contain no other entries"},
	{SMMR, "mesh", "default", "{members: ['*', '*']}", NULL, "400 duplicate namespace in .spec.members: *"},
	{SMMR, "mesh", "default", "{members: ['b*']}", NULL,
	 "400 .spec.members contains invalid value 'b*'. Must be a valid namespace name."},
	{SMMR, "mesh", "default", "{members: ['']}", NULL,
	 "400 .spec.members contains invalid value ''. Must be a valid namespace name."},
	{SMMR, "mesh", "default", "{members: [-a]}", NULL,
	 "400 .spec.members contains invalid value '-a'. Must be a valid namespace name."},
	{SMMR, "operators", "default", "{}", NULL,
	 "400 ServiceMeshMemberRoll may not be created in the same project/namespace as the operator"},
	{SMMR, "mesh", "default", "{members: null}", NULL, "ok"},
	{SMMR, "taken", "default", "{members: [shop, stock]}", "{members: [shop]}",
	 "rights stock: user 'eve' does not have permission to access namespace(s)"},
	{SMMR, "mesh", "default", "{members: [mesh]}", NULL, "400 mesh project/namespace cannot be listed as a member"},
	{SMMR, "mesh", "default", "{members: [a], memberSelectors: [{}]}", NULL,
	 "400 combining .spec.members and .spec.memberSelectors is not allowed"},
	{SMMR, "mesh", "default", "{members: [shop]}", NULL,
	 "400 one or more members are already defined in another ServiceMeshMemberRoll"},
	{SMM, "shop", "default", "{controlPlaneRef: {name: basic, namespace: taken}}", NULL,
	 "rights taken: user 'eve' does not have permission to use ServiceMeshControlPlane taken/basic"},
	{SMM, "operators", "default", "{controlPlaneRef: {name: basic, namespace: taken}}", NULL,
	 "400 namespace where operator is installed cannot be added to any mesh"},
	{SMM, "shop", "mine", "{controlPlaneRef: {name: basic, namespace: taken}}", NULL,
	 "400 the ServiceMeshMember resource must be named \"default\""},
	{SMM, "shop", "default", "{controlPlaneRef: {name: basic, namespace: taken}}",
	 "{controlPlaneRef: {name: other, namespace: taken}}", "400 mutation of .spec.controlPlaneRef isn't allowed"},
};

static cJSON *object(const char *kind, const char *ns, const char *name, const char *spec)
{
	CLEANUP(buf_done) struct buf b = BUF_INIT;
	struct err e = ERR_INIT;
	cJSON *json = NULL;

	buf_printf(&b, "apiVersion: maistra.io/%s\nkind: %s\nmetadata: {name: %s, namespace: %s}\nspec: %s\n",
		   strcmp(kind, SMCP) ? "v1" : "v2", kind, name, ns, spec);
	if (yaml_parse(buf_slice(&b), &json, &e) < 0)
		fail_msg("%s: %s", spec, e.msg);
	return json;
}

static void put(struct store *s, const char *kind, const char *ns, const char *name, const char *spec)
{
	CLEANUP(json_freep) cJSON *json = object(kind, ns, name, spec);
	struct api_object *o;

	assert_int_equal(api_object_decode(json, NULL, NULL, &o, NULL), 0);
	store_put(s, o);
}

static void describe(const struct admission_verdict *v, struct buf *out)
{
	if (!v->allowed) {
		buf_printf(out, "%d %s", v->code, v->message);
		return;
	}
	buf_append_str(out, v->rights.n ? "rights" : "ok");
	for (size_t i = 0; i < v->rights.n; i++)
		buf_printf(out, " %s", v->rights.v[i].ns ? v->rights.v[i].ns : "*");
	if (v->rights.n)
		buf_printf(out, ": %s", v->message);
}

static void test_validate(void **state)
{
	struct store *s = store_new();

	(void)state;
	put(s, SMCP, "taken", "basic", "{}");
	put(s, SMCP, "beside", "second", "{techPreview: {revisionOf: taken/basic}}");
	put(s, SMMR, "taken", "default", "{members: [shop]}");
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		CLEANUP(json_freep) cJSON *new = object(cases[i].kind, cases[i].ns, cases[i].name, cases[i].spec);
		CLEANUP(json_freep)
		cJSON *old =
			cases[i].old_spec ? object(cases[i].kind, cases[i].ns, cases[i].name, cases[i].old_spec) : NULL;
		CLEANUP(arena_done) struct arena arena = ARENA_INIT;
		CLEANUP(buf_done) struct buf got = BUF_INIT;
		struct meta_group_version_kind kind = {.kind = cases[i].kind};
		struct authn_user_info user = {.username = cases[i].user ? cases[i].user : "eve"};
		struct admission_request r = {
			.kind = &kind,
			.namespace = cases[i].ns,
			.operation = old ? "UPDATE" : "CREATE",
			.user_info = &user,
			.object = new,
			.old_object = old,
		};
		struct admission_input in = {.store = s, .operator_ns = "operators", .request = &r, .arena = &arena};
		struct admission_verdict v;

		admission_validate(&in, &v);
		describe(&v, &got);
		if (strcmp(buf_str(&got), cases[i].want) != 0)
			fail_msg("%s %s: expected '%s', got '%s'", cases[i].kind, cases[i].spec, cases[i].want,
				 buf_str(&got));
		admission_verdict_done(&v);
	}
	store_free(s);
}

static const struct {
	const char *kind, *spec, *old_spec, *patch;
} mutations[] = {
	{SMCP, "{}", NULL,
	 "[{\"op\":\"add\",\"path\":\"/spec/version\",\"value\":\"v2.6\"},{\"op\":\"add\",\"path\":\"/spec/profiles\","
	 "\"value\":[\"default\"]},{\"op\":\"add\",\"path\":\"/spec/gateways\",\"value\":{}},{\"op\":\"add\",\"path\":"
	 "\"/spec/gateways/openshiftRoute\",\"value\":{\"enabled\":false}}]"},
	{SMCP, "{version: v2.5, profiles: [small], gateways: {openshiftRoute: {enabled: true}}}", NULL, ""},
	{SMCP, "{profiles: [small]}", "{version: v2.4}",
	 "[{\"op\":\"add\",\"path\":\"/spec/version\",\"value\":\"v2.4\"}]"},
	{SMMR, "{members: [a, mesh, b]}", NULL,
	 "[{\"op\":\"add\",\"path\":\"/spec/members\",\"value\":[\"a\",\"b\"]}]"},
	{SMMR, "{members: [a]}", NULL, ""},
};

static void test_mutate(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(mutations); i++) {
		CLEANUP(json_freep) cJSON *new = object(mutations[i].kind, "mesh", "default", mutations[i].spec);
		CLEANUP(json_freep)
		cJSON *old = mutations[i].old_spec ? object(mutations[i].kind, "mesh", "default", mutations[i].old_spec)
						   : NULL;
		CLEANUP(buf_done) struct buf got = BUF_INIT;
		struct meta_group_version_kind kind = {.kind = mutations[i].kind};
		struct admission_request r = {
			.kind = &kind,
			.namespace = "mesh",
			.operation = old ? "UPDATE" : "CREATE",
			.object = new,
			.old_object = old,
		};
		struct admission_verdict v;

		admission_mutate(&(struct admission_input){.request = &r}, &v);
		if (v.patch)
			json_print(v.patch, &got);
		assert_string_equal(buf_str(&got), mutations[i].patch);
		admission_verdict_done(&v);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_validate), cmocka_unit_test(test_mutate)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
