/* What is said of the objects of an existing mesh before they come here. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/file.h"
#include "ctl/install/precheck.h"
#include "msg/json.h"
#include "msg/yaml.h"

#define VS "apiVersion: networking.istio.io/v1alpha3, kind: VirtualService, metadata: {name: a, namespace: b}, "
#define SMCP "apiVersion: maistra.io/v2, kind: ServiceMeshControlPlane, metadata: {name: a, namespace: b}, "
#define IOP "apiVersion: install.istio.io/v1alpha1, kind: IstioOperator, metadata: {name: a}, "

static const struct {
	const char *yaml;
	int verdict;      /* -1: no business of a mesh */
	const char *says; /* "VERDICT PATH" of what must be said, a line each; NULL: nothing is said */
} rows[] = {
	/* kinds of ours */
	{"{" VS "spec: {hosts: [x], http: [{route: [{destination: {host: x}}]}]}}", VERDICT_CARRIED, NULL},
	{"{" VS "spec: {hosts: [x], http: [{route: [{destination: {host: x}}], wrong: 1}]}}", VERDICT_DIFFERS,
	 "differs spec.http[0].wrong"},
	{"{" VS "spec: {hosts: [x], http: [{}]}}", VERDICT_REFUSED, "refused spec.http[0]"},
	{"{" VS "spec: {hosts: 7}}", VERDICT_REFUSED, "refused "},
	{"{apiVersion: maistra.io/v1, kind: ServiceMeshMemberRoll, metadata: {namespace: b}}", VERDICT_REFUSED,
	 "refused metadata.name"},
	{"{apiVersion: maistra.io/v1, kind: ServiceMeshMember, metadata: {generateName: a-}, spec: {controlPlaneRef: "
	 "{name: a, namespace: b}}}",
	 VERDICT_CARRIED, NULL},
	{"{apiVersion: networking.istio.io/v1alpha9, kind: VirtualService, metadata: {name: a}}", VERDICT_REFUSED,
	 "refused apiVersion"},
	{"{apiVersion: telemetry.istio.io/v1alpha1, kind: Telemetry, metadata: {name: a, namespace: b}, spec: "
	 "{accessLogging: [{disabled: true}]}}",
	 VERDICT_CARRIED, NULL},
	{"{apiVersion: extensions.istio.io/v1alpha1, kind: WasmPlugin, metadata: {name: a}, spec: {url: 'oci://x'}}",
	 VERDICT_REFUSED, "refused spec"},
	{"{apiVersion: networking.istio.io/v1alpha3, kind: EnvoyFilter, metadata: {name: a}, spec: {configPatches: "
	 "[{applyTo: LISTENER, patch: {operation: MERGE, value: {}}}]}}",
	 VERDICT_DIFFERS, "differs spec.configPatches[0].applyTo"},
	{"{apiVersion: maistra.io/v1, kind: ServiceMeshMemberRoll, metadata: {name: default, namespace: b}, spec: "
	 "{members: [x]}}",
	 VERDICT_CARRIED, NULL},
	{"{" SMCP "spec: {version: v2.5}}", VERDICT_CARRIED, NULL},
	{"{" SMCP "spec: {version: v9}}", VERDICT_REFUSED, "refused spec"},
	{"{" SMCP "spec: {profiles: [mine]}}", VERDICT_REFUSED, "refused spec.profiles"},
	{"{" SMCP "spec: {general: {validationMessages: false}}}", VERDICT_DIFFERS,
	 "differs spec.general.validationMessages"},
	{"{" SMCP "spec: {techPreview: {some: thing}}}", VERDICT_DIFFERS, "differs spec.techPreview.some"},
	{"{" SMCP "status: {some: thing}}", VERDICT_CARRIED, NULL},
	{"{apiVersion: maistra.io/v1, kind: ServiceMeshControlPlane, metadata: {name: a, namespace: b}, spec: {istio:"
	 " {pilot: {traceSampling: 100}, frobnicate: {a: 1}}}}",
	 VERDICT_DIFFERS, "differs spec.techPreview.frobnicate.a"},
	{"{apiVersion: maistra.io/v1, kind: ServiceMeshControlPlane, metadata: {name: a, namespace: b}, spec: {istio:"
	 " {mixer: {policy: {enabled: true}}}}}",
	 VERDICT_REFUSED, "refused spec"},
	{"{apiVersion: maistra.io/v1, kind: ServiceMeshExtension, metadata: {name: a}}", VERDICT_REFUSED, "refused "},
	/* others' installations */
	{"{" IOP "spec: {profile: demo, components: {pilot: {k8s: {hpaSpec: {maxReplicas: 3}, overlays: []}}}}}",
	 VERDICT_REFUSED,
	 "refused \ndiffers spec.profile\ndiffers spec.components.pilot.k8s.hpaSpec\nrefused "
	 "spec.components.pilot.k8s.overlays"},
	{"{" IOP "spec: {components: {ingressGateways: [{name: x, enabled: true, k8s: {service: {type: NodePort}}}]}}}",
	 VERDICT_REFUSED,
	 "differs spec.components.ingressGateways.0.name\ndiffers spec.components.ingressGateways.0.k8s.service"},
	{"{" IOP "spec: {meshConfig: {accessLogFile: /dev/stdout, unheardOf: 1}, unheardOf: {a: 1}}}", VERDICT_REFUSED,
	 "differs spec.meshConfig.unheardOf\nrefused spec.unheardOf"},
	{"{" IOP "spec: {meshConfig: {accessLogFile: 7}}}", VERDICT_REFUSED, "refused spec.meshConfig"},
	{"{apiVersion: sailoperator.io/v1, kind: Istio, metadata: {name: a}, spec: {values: {meshConfig: {nothing: "
	 "1}}}}",
	 VERDICT_REFUSED, "differs spec.values.meshConfig.nothing"},
	{"{apiVersion: gateway.networking.k8s.io/v1, kind: HTTPRoute, metadata: {name: a}}", VERDICT_REFUSED,
	 "refused "},
	{"{apiVersion: federation.maistra.io/v1, kind: ServiceMeshPeer, metadata: {name: a}}", VERDICT_REFUSED,
	 "refused "},
	/* Kubernetes' own */
	{"{apiVersion: v1, kind: ConfigMap, metadata: {name: istio}, data: {mesh: \"nothing: 1\"}}", VERDICT_DIFFERS,
	 "differs data.mesh\ndiffers data.mesh.nothing"},
	{"{apiVersion: v1, kind: ConfigMap, metadata: {name: istio}, data: {mesh: \"a: [\"}}", VERDICT_REFUSED,
	 "refused data.mesh"},
	{"{apiVersion: v1, kind: ConfigMap, metadata: {name: other}, data: {mesh: \"a: [\"}}", -1, NULL},
	{"{apiVersion: v1, kind: Namespace, metadata: {name: a, labels: {istio-injection: enabled}}}", VERDICT_DIFFERS,
	 "differs metadata.labels[istio-injection]"},
	{"{apiVersion: v1, kind: Namespace, metadata: {name: a, labels: {istio.io/rev: x}}}", VERDICT_DIFFERS,
	 "differs metadata.labels[istio.io/rev]"},
	{"{apiVersion: v1, kind: Namespace, metadata: {name: a, labels: {maistra.io/member-of: x}}}", VERDICT_CARRIED,
	 NULL},
	{"{apiVersion: v1, kind: Namespace, metadata: {name: a}}", -1, NULL},
	{"{apiVersion: apps/v1, kind: Deployment, metadata: {name: a}, spec: {template: {metadata: {annotations: "
	 "{sidecar.istio.io/inject: 'true', sidecar.istio.io/interceptionMode: TPROXY}}}}}",
	 VERDICT_REFUSED, "refused spec.template.metadata.annotations[sidecar.istio.io/interceptionMode]"},
	{"{apiVersion: v1, kind: Pod, metadata: {name: a, annotations: {inject.istio.io/templates: grpc-agent}}}",
	 VERDICT_REFUSED, "refused metadata.annotations[inject.istio.io/templates]"},
	{"{apiVersion: v1, kind: Pod, metadata: {name: a, annotations: {sidecar.istio.io/inject: 'true'}}}",
	 VERDICT_CARRIED, NULL},
	{"{apiVersion: v1, kind: Service, metadata: {name: a}}", -1, NULL},
	{"{}", -1, NULL},
};

static void on_finding(void *arg, enum verdict v, const char *path, const char *text)
{
	assert_true(*text != 0);
	buf_printf(arg, "%s %s\n", verdict_str(v), path);
}

static void check_row(size_t i)
{
	CLEANUP(json_freep) cJSON *o = NULL;
	CLEANUP(buf_done) struct buf said = BUF_INIT;
	struct slice wanted = slice_str(rows[i].says);
	struct err e = ERR_INIT;
	enum verdict v = VERDICT_COUNT;

	if (yaml_parse(slice_str(rows[i].yaml), &o, &e) < 0)
		fail_msg("row %zu: %s", i, e.msg);
	const bool mine = judge_object(o, on_finding, &said, &v);

	if (mine != (rows[i].verdict >= 0) || (mine && (int)v != rows[i].verdict))
		fail_msg("%s: %s", rows[i].yaml, mine ? verdict_str(v) : "not judged");
	if (!rows[i].says && said.len)
		fail_msg("%s: says %s", rows[i].yaml, buf_str(&said));
	while (wanted.len) {
		CLEANUP(buf_done) struct buf line = BUF_INIT;

		buf_append_slice(&line, slice_split(&wanted, '\n'));
		buf_append_char(&line, '\n');
		if (!strstr(buf_str(&said), buf_str(&line)))
			fail_msg("%s: wanted %s, said %s", rows[i].yaml, buf_str(&line), buf_str(&said));
	}
}

static void test_rows(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		check_row(i);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_rows)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
