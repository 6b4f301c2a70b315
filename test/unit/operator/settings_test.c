/* Single settings of a ServiceMeshControlPlane, and what they become in the objects that are rendered. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "operator/reconcile/reconcile.h"
#include "rendered.h"

#define MESH &api_kind_config_map, "istio-basic"
#define INJECTOR &api_kind_config_map, "istio-sidecar-injector-basic"
#define ISTIOD &api_kind_deployment, "istiod-basic"
#define GATEWAY &api_kind_deployment, "istio-ingressgateway"

/* In the object as JSON, in which the configuration files are texts. */
static const struct {
	const char *spec;
	const struct api_kind *kind;
	const char *name;
	const char *has[4], *not [3];
} rows[] = {
	{"{tracing: {type: Jaeger, sampling: 2500}}",
	 MESH,
	 {"sampling: 25\\n", "address: jaeger-collector.istio-system.svc:9411"},
	 {0}},
	{"{tracing: {type: Jaeger}, addons: {jaeger: {name: other}}}",
	 MESH,
	 {"other-collector.istio-system.svc:9411"},
	 {0}},
	{"{tracing: {type: None, sampling: 100}}", MESH, {"sampling: 1\\n"}, {"zipkin", "jaeger"}},
	{"{}", MESH, {"enablePrometheusMerge: true"}, {"zipkin"}},
	{"{techPreview: {meshConfig: {defaultConfig: {tracing: {zipkin: {address: \"z:1\"}}}}}}",
	 MESH,
	 {"z:1", "sampling: 1\\n"},
	 {0}},
	{"{techPreview: {meshConfig: {connectTimeout: 3s, rootNamespace: x, defaultConfig: {discoveryAddress: "
	 "\"x:1\"}}}}",
	 MESH,
	 {"connectTimeout: 3s", "rootNamespace: istio-system", "discoveryAddress: istiod-basic"},
	 {"x:1"}},
	{"{techPreview: {meshConfig: {defaultConfig: {terminationDrainDuration: 9s}}}}",
	 GATEWAY,
	 {"terminationDrainDuration\\\":\\\"9s"},
	 {0}},
	{"{addons: {prometheus: {scrape: false}}}", MESH, {"enablePrometheusMerge: false"}, {0}},
	{"{proxy: {networking: {dns: {searchSuffixes: [a.b]}}}}", INJECTOR, {"podDNSSearchNamespaces:\\n  - a.b"}, {0}},
	{"{security: {identity: {thirdParty: {issuer: i}}}}", ISTIOD, {"\"TOKEN_ISSUER\",\"value\":\"i\""}, {0}},
	{"{security: {certificateAuthority: {istiod: {selfSigned: {gracePeriod: 30%, checkPeriod: 2h, enableJitter: "
	 "false}}}}}",
	 ISTIOD,
	 {"GRACE_PERIOD_PERCENTILE\",\"value\":\"30\"", "CHECK_INTERVAL\",\"value\":\"2h\"",
	  "CERT_ROTATOR\",\"value\":\"false\""},
	 {0}},
	{"{}", ISTIOD, {"\"mountPath\":\"/etc/cacerts\""}, {"TOKEN_ISSUER"}},
	{"{security: {certificateAuthority: {istiod: {privateKey: {rootCADir: /ca}}}}}",
	 ISTIOD,
	 {"\"mountPath\":\"/ca\"", "\"ROOT_CA_DIR\",\"value\":\"/ca\""},
	 {0}},
	{"{techPreview: {sidecarInjectorWebhook: {objectSelector: {enabled: true}}}}",
	 &api_kind_mutating_webhook_configuration,
	 "istiod-basic-istio-system",
	 {"\"sidecar.istio.io/inject\""},
	 {0}},
	{"{}",
	 &api_kind_mutating_webhook_configuration,
	 "istiod-basic-istio-system",
	 {"app"},
	 {"\"sidecar.istio.io/inject\""}},
#define TLS(what) "{security: {controlPlane: {tls: {" what "}}}}"
	{TLS("minProtocolVersion: TLSv1_3, maxProtocolVersion: TLS_AUTO, cipherSuites: [a, b], ecdhCurves: [X25519]"),
	 ISTIOD,
	 {"\"TLS_MIN_PROTOCOL_VERSION\",\"value\":\"TLSv1_3\"", "\"TLS_MAX_PROTOCOL_VERSION\",\"value\":\"TLS_AUTO\"",
	  "\"TLS_CIPHER_SUITES\",\"value\":\"a,b\"", "\"TLS_ECDH_CURVES\",\"value\":\"X25519\""},
	 {0}},
	{"{}", ISTIOD, {"ROOT_CA_DIR"}, {"TLS_M", "extracacerts"}},
	{"{security: {jwksResolverCA: pem}}",
	 &api_kind_config_map,
	 "pilot-jwks-extra-cacerts-basic",
	 {"\"extra.pem\":\"pem\""},
	 {0}},
	{"{security: {jwksResolverCA: pem}}",
	 ISTIOD,
	 {"\"mountPath\":\"/cacerts\"", "pilot-jwks-extra-cacerts-basic"},
	 {0}},
#define EXPANSION(what) "{cluster: {meshExpansion: {enabled: true" what "}}}"
	{EXPANSION(""), &api_kind_service, "istio-ingressgateway", {"15012", "15017", "\"http2\""}, {0}},
	{"{}", &api_kind_service, "istio-ingressgateway", {"http2"}, {"15012"}},
	{EXPANSION(""), &api_kind_gateway, "meshexpansion-gateway", {"15012", "\"istio\":\"ingressgateway\""}, {0}},
	{EXPANSION(""),
	 &api_kind_virtual_service,
	 "meshexpansion-vs-istiod",
	 {"istiod-basic.istio-system.svc.cluster.local"},
	 {"ilb"}},
	{EXPANSION(", ilbGateway: {enabled: true, service: {metadata: {annotations: {internal: here}}}}"),
	 &api_kind_service,
	 "istio-ilbgateway",
	 {"15012", "\"istio\":\"ilbgateway\"", "internal"},
	 {0}},
	{EXPANSION(", ilbGateway: {enabled: true}"),
	 &api_kind_virtual_service,
	 "meshexpansion-vs-istiod",
	 {"meshexpansion-ilb-gateway"},
	 {0}},
	{"{cluster: {meshExpansion: {enabled: true}}, gateways: {ingress: {meshExpansionPorts: [{name: p, port: "
	 "7777}]}}}",
	 &api_kind_service,
	 "istio-ingressgateway",
	 {"7777"},
	 {"15012"}},
	{"{gateways: {ingress: {meshExpansionPorts: [{name: p, port: 7777}]}}}",
	 &api_kind_service,
	 "istio-ingressgateway",
	 {"http2"},
	 {"7777"}},
#define GRAFANA(install) "{addons: {grafana: {enabled: true, install: {" install "}}}}"
	{GRAFANA(""),
	 &api_kind_deployment,
	 "grafana",
	 {"docker.io/grafana/grafana:", "\"maistra.io/addon\":\"grafana\"", "\"emptyDir\""},
	 {"GF_SECURITY", "persistentVolumeClaim"}},
	{GRAFANA("security: {enabled: true, secretName: s}, config: {env: {A: b}, envSecrets: {C: d}}"),
	 &api_kind_deployment,
	 "grafana",
	 {"\"secretKeyRef\":{\"name\":\"s\",\"key\":\"username\"}", "\"A\",\"value\":\"b\"",
	  "{\"name\":\"d\",\"key\":\"C\"}"},
	 {0}},
	{GRAFANA("persistence: {enabled: true, storageClassName: fast, capacity: {requests: {storage: 7Gi}}}"),
	 &api_kind_persistent_volume_claim,
	 "istio-grafana-pvc",
	 {"\"fast\"", "\"7Gi\"", "ReadWriteOnce"},
	 {0}},
	{GRAFANA("persistence: {enabled: true}"), &api_kind_deployment, "grafana", {"istio-grafana-pvc"}, {0}},
	{GRAFANA("service: {ingress: {hosts: [g.example]}}"),
	 &api_kind_route,
	 "grafana",
	 {"g.example", "\"targetPort\":3000"},
	 {0}},
#define JAEGER(storage) "{tracing: {type: Jaeger}, addons: {jaeger: {name: j, install: {storage: {" storage "}}}}}"
	{JAEGER("memory: {maxTraces: 7}"),
	 &api_kind_jaeger,
	 "j",
	 {"\"allInOne\"", "\"max-traces\":7"},
	 {"elasticsearch"}},
	{JAEGER("type: Elasticsearch, elasticsearch: {nodeCount: 3, redundancyPolicy: Single}"),
	 &api_kind_jaeger,
	 "j",
	 {"\"production\"", "\"nodeCount\":3", "\"redundancyPolicy\":\"Single\""},
	 {"max-traces"}},
#define KIALI(more) "{addons: {kiali: {enabled: true" more "}}}"
	{KIALI(", name: k, install: {dashboard: {viewOnly: true}}"),
	 &api_kind_kiali,
	 "k",
	 {"\"view_only_mode\":true", "\"url\":\"http://prometheus.istio-system.svc:9090\"", "\"istio-system\""},
	 {"additional"}},
	{KIALI(", install: {service: {ingress: {hosts: [k.example]}}}"),
	 &api_kind_route,
	 "kiali",
	 {"k.example", "\"targetPort\":20001"},
	 {0}},
	{"{addons: {kiali: {enabled: true}, grafana: {enabled: true, address: \"http://g\"}}}",
	 &api_kind_kiali,
	 "kiali",
	 {"\"in_cluster_url\":\"http://g\""},
	 {0}},
#define PROMETHEUS(service) "{addons: {prometheus: {enabled: true, install: {service: {" service "}}}}}"
	{PROMETHEUS(""), &api_kind_deployment, "prometheus", {"\"/-/ready\""}, {"external-url"}},
	{PROMETHEUS("ingress: {contextPath: p/}"),
	 &api_kind_deployment,
	 "prometheus",
	 {"\"/p/-/ready\"", "--web.external-url=http://prometheus.istio-system:9090/p\"", "9090/p/-/reload"},
	 {0}},
	{PROMETHEUS("nodePort: 30090"), &api_kind_service, "prometheus", {"\"NodePort\"", "30090"}, {0}},
	{PROMETHEUS(
		 "ingress: {hosts: [a.b, c.d], contextPath: /p, tls: {termination: edge}, metadata: {labels: {l: m}}}"),
	 &api_kind_route,
	 "prometheus",
	 {"a.b", "\"edge\"", "\"/p\"", "\"l\":\"m\""},
	 {"c.d"}},
	{PROMETHEUS("ingress: {hosts: [a.b, c.d]}"), &api_kind_route, "prometheus-2", {"c.d"}, {"a.b"}},
	{PROMETHEUS("ingress: {enabled: true}"),
	 &api_kind_route,
	 "prometheus",
	 {"\"targetPort\":9090"},
	 {"\"host\"", "\"path\""}},
};

static void settings(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct rendered_mesh m = rendered_mesh(rows[i].spec, true);
		const struct api_object *o = rendered_get(&m, rows[i].kind, rows[i].name);
		CLEANUP(json_freep) cJSON *json = o ? api_object_to_json(o) : NULL;
		CLEANUP(buf_done) struct buf text = BUF_INIT;

		if (!o)
			fail_msg("%s: no %s %s", rows[i].spec, rows[i].kind->kind, rows[i].name);
		json_print(json, &text);
		for (size_t k = 0; k < ARRAY_LEN(rows[i].has) && rows[i].has[k]; k++)
			if (!strstr(buf_str(&text), rows[i].has[k]))
				fail_msg("%s: lacks %s: %s", rows[i].spec, rows[i].has[k], buf_str(&text));
		for (size_t k = 0; k < ARRAY_LEN(rows[i].not ) && rows[i].not [k]; k++)
			if (strstr(buf_str(&text), rows[i].not [k]))
				fail_msg("%s: has %s: %s", rows[i].spec, rows[i].not [k], buf_str(&text));
		rendered_mesh_done(&m);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(settings)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
