/* Injection, by what a pod looks like afterwards: templates, the pod's own containers, annotations, ProxyConfig. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "inject/internal.h"
#include "injected.h"

#define CONFIG_MAP(name, data)                                                                                         \
	"{apiVersion: v1, kind: ConfigMap, metadata: {name: " name ", namespace: istio-system}, data: {" data "}}\n"
#define MESH CONFIG_MAP("istio-basic", "mesh: 'defaultConfig: {discoveryAddress: \"d:15012\", concurrency: 2}'")
#define VALUES                                                                                                         \
	"values: 'global: {imagePullPolicy: Always, imagePullSecrets: [pull], logAsJson: true, proxy: {image: "        \
	"\"r/proxy:1\", env: {ALL: \"1\"}, resources: {requests: {cpu: 10m}}}, proxy_init: {image: \"r/init:1\", "     \
	"resources: {limits: {cpu: 20m}}}}'"
#define SETTINGS                                                                                                       \
	MESH "---\n" CONFIG_MAP("istio-sidecar-injector-basic",                                                        \
				"config: 'policy: disabled\n\n  injectedAnnotations: {team: blue}\n\n  " CUSTOM_LINES  \
				"', " VALUES)
#define CUSTOM_LINES                                                                                                   \
	"templates: {custom: \"spec: {containers: [{name: istio-proxy, env: [{name: GREETING, value: hello}]}]}\", "   \
	"action: \"a: {{ .Values.x }}\", list: \"[1]\", empty: \"\"}\n\n  aliases: {both: [sidecar, custom]}"
#define PROXY_CONFIG(ns, name, age, spec)                                                                              \
	"---\n{apiVersion: networking.istio.io/v1beta1, kind: ProxyConfig, metadata: {name: " name ", namespace: " ns  \
	", creationTimestamp: '2024-01-0" age "T00:00:00Z'}, spec: {" spec "}}\n"

#define YES "sidecar.istio.io/inject: 'true'"
#define POD(annotations, spec)                                                                                         \
	"{apiVersion: v1, kind: Pod, metadata: {name: web, labels: {app: web}, annotations: {" YES annotations         \
	"}}, spec: {" spec "}}"
#define APP                                                                                                            \
	"{name: app, image: app:1, ports: [{name: http, containerPort: 8080}], "                                       \
	"readinessProbe: {httpGet: {path: /ok, port: http}}}"
#define POD_WITH(annotations) POD(", " annotations, "containers: [" APP "]")
#define PROXY "spec|containers|istio-proxy|"

struct row {
	const char *pod;
	const char *expect[8]; /* none: the pod stays as it is */
	const char *warning;   /* NULL: none */
	const char *error;
};

static const struct row rows[] = {
	/* the pod's own container of the proxy's name: what it says counts, the rest is the template's */
	{POD("", "containers: [{name: istio-proxy, image: auto, resources: {requests: {cpu: 77m}}, env: [{name: MINE, "
		 "value: x}, {name: JWT_POLICY, value: mine}]}, " APP "]"),
	 {PROXY "image=r/proxy:1", PROXY "resources|requests|cpu=77m", PROXY "env|MINE|value=x",
	  PROXY "env|JWT_POLICY|value=mine", PROXY "env|PROXY_CONFIG|value~d:15012",
	  "spec|containers|#1|name=istio-proxy", "metadata|annotations|proxy.istio.io/overrides~77m",
	  "spec|containers|#2|name="},
	 NULL,
	 NULL},
	{POD("", "containers: [{name: istio-proxy, image: 'own:2', args: [a]}, " APP "]"),
	 {PROXY "image=own:2", PROXY "args=[\"a\"]", PROXY "env|ISTIO_META_APP_CONTAINERS|value=app",
	  "metadata|annotations|kubectl.kubernetes.io/default-container=app"},
	 NULL,
	 NULL},
	{POD("", "containers: [" APP "], initContainers: [{name: istio-init, image: auto, resources: {limits: {cpu: "
		 "5m}}}, {name: migrate, image: m}]"),
	 {"spec|initContainers|istio-init|resources|limits|cpu=5m", "spec|initContainers|istio-init|image=r/init:1",
	  "spec|initContainers|#1|name=istio-init", "spec|initContainers|#0|name=migrate"},
	 NULL,
	 NULL},
	{"{metadata: {name: x}, spec: {containers: [{name: istio-proxy, image: auto}]}}",
	 {0},
	 "container 'istio-proxy' has the image 'auto'",
	 NULL},
	/* gateways */
	{POD(", inject.istio.io/templates: gateway", "containers: [{name: istio-proxy, image: auto}]"),
	 {PROXY "image=r/proxy:1", PROXY "args~\"proxy\",\"router\"", "spec|initContainers=",
	  "metadata|labels|security.istio.io/tlsMode=", "metadata|labels|service.istio.io/canonical-name=web",
	  "spec|securityContext|sysctls|#0|value=0",
	  "metadata|annotations|sidecar.istio.io/status~\"initContainers\":null,\"containers\":[\"istio-proxy\"]",
	  "spec|containers|#1|name="},
	 NULL,
	 NULL},
	{POD(", inject.istio.io/templates: gateway, proxy.istio.io/config: 'holdApplicationUntilProxyStarts: true'",
	     "containers: [{name: istio-proxy, image: auto}]"),
	 {PROXY "lifecycle="},
	 NULL,
	 NULL},
	/* templates */
	{POD_WITH("inject.istio.io/templates: 'sidecar, custom'"),
	 {PROXY "env|GREETING|value=hello", PROXY "args~sidecar", "spec|initContainers|#0|name=istio-init"},
	 NULL,
	 NULL},
	{POD_WITH("inject.istio.io/templates: both"),
	 {PROXY "env|GREETING|value=hello", PROXY "args~sidecar"},
	 NULL,
	 NULL},
	{POD_WITH("inject.istio.io/templates: empty"), {PROXY "image=", "metadata|annotations|team=blue"}, NULL, NULL},
	{POD_WITH("inject.istio.io/templates: none"),
	 {0},
	 NULL,
	 "requested template \"none\" not found; have [gateway sidecar custom"},
	{POD_WITH("inject.istio.io/templates: action"),
	 {0},
	 NULL,
	 "injection template \"action\": {{.Values.x}}: there is no such value"},
	{POD_WITH("inject.istio.io/templates: list"), {0}, NULL, "injection template \"list\": it is no part of a pod"},
	/* start and readiness */
	{POD_WITH("proxy.istio.io/config: 'holdApplicationUntilProxyStarts: true'"),
	 {"spec|containers|#0|name=istio-proxy", "spec|containers|#1|name=app",
	  PROXY "lifecycle|postStart|exec|command=[\"/usr/local/bin/weft-proxy\",\"wait\"]"},
	 NULL,
	 NULL},
	{POD_WITH("a: b"),
	 {"spec|containers|#1|name=istio-proxy", PROXY "lifecycle=", PROXY "startupProbe="},
	 NULL,
	 NULL},
	{POD_WITH("status.sidecar.istio.io/port: '15999'"),
	 {PROXY "env|PROXY_CONFIG|value~\"statusPort\":15999", "spec|initContainers|istio-init|args~15090,15021,15999",
	  "metadata|annotations|prometheus.io/port=15999", "spec|containers|app|readinessProbe|httpGet|port=15999",
	  PROXY "readinessProbe|httpGet|port=15021"},
	 NULL,
	 NULL},
	{POD_WITH("status.sidecar.istio.io/port: '0'"),
	 {PROXY "readinessProbe=", "spec|containers|app|readinessProbe|httpGet|path=/ok",
	  "metadata|annotations|prometheus.io/port="},
	 NULL,
	 NULL},
	{POD_WITH("readiness.status.sidecar.istio.io/initialDelaySeconds: '7', readiness.status.sidecar.istio.io/"
		  "periodSeconds: '8', readiness.status.sidecar.istio.io/failureThreshold: '9'"),
	 {PROXY "readinessProbe|initialDelaySeconds=7", PROXY "readinessProbe|periodSeconds=8",
	  PROXY "readinessProbe|failureThreshold=9"},
	 NULL,
	 NULL},
	{POD_WITH("sidecar.istio.io/rewriteAppHTTPProbers: 'false'"),
	 {"spec|containers|app|readinessProbe|httpGet|path=/ok", PROXY "env!APP_PROBERS"},
	 NULL,
	 NULL},
	{POD_WITH("sidecar.istio.io/nativeSidecar: 'true'"),
	 {PROXY "image=r/proxy:1"},
	 "native sidecars are off",
	 NULL},
	{POD("", "containers: [{name: app, image: a, ports: [{name: admin, containerPort: 9000}], livenessProbe: "
		 "{tcpSocket: "
		 "{port: admin}, periodSeconds: 3}, startupProbe: {grpc: {port: 9001, service: s}}, readinessProbe: "
		 "{httpGet: "
		 "{path: /r, port: '9002', host: h, scheme: HTTPS, httpHeaders: [{name: X-A, value: v}]}, "
		 "timeoutSeconds: 4}}, "
		 "{name: other, image: b, livenessProbe: {exec: {command: [a]}}}]"),
	 {"spec|containers|app|livenessProbe={\"periodSeconds\":3,\"httpGet\":{\"path\":\"/app-health/app/livez\","
	  "\"port\":15020,\"scheme\":\"HTTP\"}}",
	  "spec|containers|app|startupProbe|httpGet|path=/app-health/app/startupz",
	  PROXY "env|ISTIO_KUBE_APP_PROBERS|value~\"/app-health/app/livez\":{\"tcpSocket\":{\"port\":9000}}",
	  PROXY
	  "env|ISTIO_KUBE_APP_PROBERS|value~\"/app-health/app/startupz\":{\"grpc\":{\"port\":9001,\"service\":\"s\"}}",
	  PROXY
	  "env|ISTIO_KUBE_APP_PROBERS|value~\"/app-health/app/readyz\":{\"httpGet\":{\"path\":\"/r\",\"port\":9002,"
	  "\"host\":\"h\",\"scheme\":\"HTTPS\",\"httpHeaders\":[{\"name\":\"X-A\",\"value\":\"v\"}]},"
	  "\"timeoutSeconds\":"
	  "4}",
	  "spec|containers|other|livenessProbe|exec|command=[\"a\"]"},
	 NULL,
	 NULL},
	/* volumes and variables */
	{POD_WITH(
		 "sidecar.istio.io/userVolume: '[{\"name\":\"v\",\"emptyDir\":{}}]', sidecar.istio.io/userVolumeMount: "
		 "'[{\"name\":\"v\",\"mountPath\":\"/v\"}]', sidecar.maistra.io/proxyEnv: "
		 "'{\"A\":\"1\",\"JWT_POLICY\":\"p\"}'"),
	 {"spec|volumes|v|emptyDir={}", PROXY "volumeMounts|v|mountPath=/v", PROXY "env|A|value=1",
	  PROXY "env|JWT_POLICY|value=p"},
	 NULL,
	 NULL},
	{POD_WITH("sidecar.istio.io/userVolume: '{\"v\":{\"emptyDir\":{}}}', sidecar.istio.io/userVolumeMount: "
		  "'{\"v\":{\"mountPath\":\"/v\",\"readOnly\":true}}'"),
	 {"spec|volumes|v|emptyDir={}", PROXY "volumeMounts|v|readOnly=true"},
	 NULL,
	 NULL},
	{POD_WITH("sidecar.istio.io/userVolume: 'not json'"), {0}, NULL, "annotation 'sidecar.istio.io/userVolume': "},
	{POD_WITH("sidecar.istio.io/userVolume: '3'"), {0}, NULL, "neither a list nor a map"},
	{POD_WITH("sidecar.istio.io/userVolume: '[3]'"), {0}, NULL, "an element is no object"},
	{POD_WITH("sidecar.istio.io/userVolume: '[{\"emptyDir\":{}}]'"), {0}, NULL, "name: Required value"},
	{POD_WITH("sidecar.istio.io/userVolumeMount: '[{\"name\":\"v\"}]'"), {0}, NULL, "mountPath: Required value"},
	{POD_WITH("sidecar.maistra.io/proxyEnv: '[]'"), {0}, NULL, "proxyEnv': no map of strings"},
	{POD_WITH("sidecar.maistra.io/proxyEnv: '{\"A\":1}'"), {0}, NULL, "proxyEnv': no map of strings"},
	{POD_WITH("sidecar.maistra.io/proxyEnv: 'A=1'"), {0}, NULL, "annotation 'sidecar.maistra.io/proxyEnv'"},
	/* image, resources, user */
	{POD_WITH("sidecar.istio.io/proxyImage: 'my:3', sidecar.istio.io/proxyCPU: 1m"),
	 {PROXY "image=my:3", PROXY "resources={\"requests\":{\"cpu\":\"1m\"}}", PROXY "imagePullPolicy=Always",
	  "spec|imagePullSecrets|pull|name=pull"},
	 NULL,
	 NULL},
	{POD_WITH("sidecar.istio.io/proxyImageType: debug"), {PROXY "image=r/proxy:1-debug"}, NULL, NULL},
	{POD_WITH("proxy.istio.io/config: 'image: {imageType: distroless}', sidecar.istio.io/proxyImage: 'p:1-debug'"),
	 {PROXY "image=p:1-distroless"},
	 NULL,
	 NULL},
	{POD_WITH("sidecar.istio.io/proxyImageType: default, sidecar.istio.io/proxyImage: 'p:1-debug'"),
	 {PROXY "image=p:1"},
	 NULL,
	 NULL},
	{POD_WITH("sidecar.istio.io/proxyImageType: debug, sidecar.istio.io/proxyImage: 'p@sha256:1'"),
	 {PROXY "image=p@sha256:1"},
	 NULL,
	 NULL},
	{POD_WITH("sidecar.istio.io/proxyUID: '1500', sidecar.istio.io/capNetBindService: 'true'"),
	 {PROXY "securityContext|runAsUser=1500", "spec|initContainers|istio-init|args~\"-u\",\"1500\"",
	  PROXY "securityContext|capabilities|add=[\"NET_BIND_SERVICE\"]"},
	 NULL,
	 NULL},
	{POD_WITH("sidecar.istio.io/logLevel: debug, sidecar.istio.io/agentLogLevel: 'default:warn'"),
	 {PROXY "args~--proxyLogLevel=debug", PROXY "args~--log_output_level=default:warn", PROXY "args~--log_as_json"},
	 NULL,
	 NULL},
	/* redirection */
	{POD_WITH("traffic.sidecar.istio.io/includeOutboundPorts: '1', traffic.sidecar.istio.io/excludeOutboundPorts: "
		  "'2', "
		  "traffic.sidecar.istio.io/kubevirtInterfaces: 'k0,k1', traffic.sidecar.istio.io/excludeInterfaces: "
		  "e0"),
	 {"spec|initContainers|istio-init|args~\"-q\",\"1\",\"-o\",\"2\",\"-k\",\"k0,k1\",\"-c\",\"e0\"",
	  "spec|initContainers|istio-init|resources|limits|cpu=20m"},
	 NULL,
	 NULL},
	{POD_WITH("sidecar.istio.io/interceptionMode: NONE"),
	 {"spec|initContainers=", PROXY "env|ISTIO_META_INTERCEPTION_MODE|value=NONE",
	  "metadata|labels|security.istio.io/tlsMode="},
	 "interceptionMode NONE",
	 NULL},
	{POD_WITH("sidecar.istio.io/interceptionMode: TPROXY"), {0}, NULL, "TPROXY is not supported"},
	{POD_WITH("proxy.istio.io/config: 'interceptionMode: TPROXY'"), {0}, NULL, "TPROXY is not supported"},
	{POD_WITH("proxy.istio.io/config: 'interceptionMode: NONE'"),
	 {"spec|initContainers="},
	 "interceptionMode NONE",
	 NULL},
	/* the proxy's configuration */
	{POD_WITH("proxy.istio.io/config: '{concurrency: 5, meshId: m, proxyMetadata: {B: \"2\"}}'"),
	 {PROXY "args~\"--concurrency\",\"5\"", PROXY "env|B|value=2", PROXY "env|ALL|value=1",
	  PROXY "env|ISTIO_META_MESH_ID|value=m", PROXY "env|PROXY_CONFIG|value~\"discoveryAddress\":\"d:15012\""},
	 NULL,
	 NULL},
	{POD_WITH("proxy.istio.io/config: 'proxyMetadata: {ISTIO_META_DNS_CAPTURE: \"true\"}'"),
	 {"spec|initContainers|istio-init|args~--redirect-dns", PROXY "env|ISTIO_META_DNS_CAPTURE|value=true"},
	 NULL,
	 NULL},
	{POD_WITH("proxy.istio.io/config: 'proxyMetadata: {ISTIO_META_DNS_CAPTURE: \"false\"}'"),
	 {"spec|initContainers|istio-init|args!--redirect-dns"},
	 NULL,
	 NULL},
	{POD_WITH("proxy.istio.io/config: ''"), {PROXY "args~\"--concurrency\",\"2\""}, NULL, NULL},
	{POD_WITH("proxy.istio.io/config: 'nonsense: 1'"), {0}, NULL, "unknown field \"nonsense\""},
	{POD_WITH("proxy.istio.io/config: '[1]'"), {0}, NULL, "no YAML object"},
	{POD_WITH("proxy.istio.io/config: 'concurrency: -1'"), {0}, NULL, "concurrency: -1 is less than 0"},
	{POD_WITH("proxy.istio.io/config: 'concurrency: many'"), {0}, NULL, "annotation 'proxy.istio.io/config': "},
	{POD_WITH("proxy.istio.io/config: 'zipkinAddress: z:1'"),
	 {PROXY "image=r/proxy:1"},
	 "zipkinAddress is not carried out",
	 NULL},
	{POD_WITH("proxy.istio.io/config: '{tracing: {sampling: 1}}'"),
	 {PROXY "image=r/proxy:1"},
	 "tracing is not carried out for a single pod",
	 NULL},
	{POD_WITH("sidecar.istio.io/discoveryAddress: 'other:1'"), {PROXY "env|CA_ADDR|value=other:1"}, NULL, NULL},
	/* nothing in silence */
	{POD_WITH("sidecar.istio.io/bootstrapOverride: x"),
	 {PROXY "image=r/proxy:1"},
	 "bootstrapOverride' has no effect",
	 NULL},
	{POD_WITH("sidecar.istio.io/enableCoreDump: 'true'"),
	 {PROXY "image=r/proxy:1"},
	 "enableCoreDump' has no effect",
	 NULL},
	{POD_WITH("sidecar.istio.io/enableCoreDump: 'false'"), {PROXY "image=r/proxy:1"}, NULL, NULL},
	{POD_WITH("sidecar.istio.io/misspelt: x"),
	 {PROXY "image=r/proxy:1"},
	 "'sidecar.istio.io/misspelt' is unknown",
	 NULL},
	{POD_WITH("prometheus.io/scrape: 'false'"), {"metadata|annotations|prometheus.io/port="}, NULL, NULL},
	{POD_WITH("prometheus.istio.io/merge-metrics: 'false'"),
	 {"metadata|annotations|prometheus.io/port="},
	 NULL,
	 NULL},
	{POD_WITH("a: b"), {"metadata|annotations|team=blue", "metadata|annotations|istio.io/rev=basic"}, NULL, NULL},
	{"{metadata: {name: x}}", {0}, NULL, "the pod has no spec"},
};

static const struct {
	const char *name, *value;
} bad_values[] = {
	{"sidecar.istio.io/interceptionMode", "OTHER"},
	{"sidecar.istio.io/proxyImage", "a b"},
	{"sidecar.istio.io/proxyImageType", ""},
	{"sidecar.istio.io/proxyCPU", "much"},
	{"sidecar.istio.io/proxyCPULimit", "-1"},
	{"sidecar.istio.io/proxyMemory", "x"},
	{"sidecar.istio.io/proxyMemoryLimit", "x"},
	{"sidecar.istio.io/proxyUID", "0"},
	{"sidecar.istio.io/logLevel", "loud"},
	{"sidecar.istio.io/rewriteAppHTTPProbers", "maybe"},
	{"sidecar.istio.io/nativeSidecar", "maybe"},
	{"sidecar.istio.io/capNetBindService", "1"},
	{"status.sidecar.istio.io/port", "65536"},
	{"readiness.status.sidecar.istio.io/initialDelaySeconds", "-1"},
	{"readiness.status.sidecar.istio.io/periodSeconds", "x"},
	{"readiness.status.sidecar.istio.io/failureThreshold", "4294967296"},
	{"traffic.sidecar.istio.io/includeOutboundIPRanges", "10.0.0.0"},
	{"traffic.sidecar.istio.io/excludeOutboundIPRanges", "10.0.0.0/33"},
	{"traffic.sidecar.istio.io/includeInboundPorts", "a"},
	{"traffic.sidecar.istio.io/excludeInboundPorts", "*,1"},
	{"traffic.sidecar.istio.io/includeOutboundPorts", "1;2"},
	{"traffic.sidecar.istio.io/excludeOutboundPorts", "1,,2"},
	{"traffic.sidecar.istio.io/kubevirtInterfaces", "a/b"},
	{"traffic.sidecar.istio.io/excludeInterfaces", "sixteen-letters-"},
	{"prometheus.istio.io/merge-metrics", "yes"},
};

static struct inject *start(struct world *w, const char *more, bool native)
{
	const char *const yaml[] = {SETTINGS, more, NULL};
	const struct inject_config cfg = {.ns = "istio-system",
					  .revision = "basic",
					  .domain = "cluster.local",
					  .cluster_id = "Kubernetes",
					  .proxy_image = "none",
					  .native_sidecars = native};

	world_init(w, "", yaml);
	return inject_new(NULL, w->store, &cfg);
}

static void check(struct inject *i, size_t n, const struct row *row)
{
	struct injected r = inject_yaml(i, row->pod);

	if (row->error ? !strstr(r.e.msg, row->error) : r.e.code)
		fail_msg("row %zu: error '%s'", n, r.e.msg);
	if (!row->expect[0] != !r.pod)
		fail_msg("row %zu: %s", n, r.pod ? "injected" : "left alone");
	if (row->warning ? !strstr(r.warnings, row->warning) : *r.warnings)
		fail_msg("row %zu: warnings '%s'", n, r.warnings);
	for (size_t k = 0; k < ARRAY_LEN(row->expect) && row->expect[k]; k++) {
		char *why = wrong(r.pod, row->expect[k]);

		if (why)
			fail_msg("row %zu: %s", n, why);
	}
	injected_done(&r);
}

static void test_rows(void **state)
{
	struct world w;
	struct inject *i = start(&w, "", false);

	(void)state;
	for (size_t n = 0; n < ARRAY_LEN(rows); n++)
		check(i, n, &rows[n]);
	inject_free(i);
	world_done(&w);
}

static void test_bad_values(void **state)
{
	struct world w;
	struct inject *i = start(&w, "", false);

	(void)state;
	for (size_t n = 0; n < ARRAY_LEN(bad_values); n++) {
		char pod[1024], want[256];
		struct injected r;

		snprintf(pod, sizeof(pod), POD_WITH("%s: '%s'"), bad_values[n].name, bad_values[n].value);
		snprintf(want, sizeof(want), "invalid value '%s' for annotation '%s': ", bad_values[n].value,
			 bad_values[n].name);
		r = inject_yaml(i, pod);
		if (r.pod || !strstr(r.e.msg, want))
			fail_msg("%s: '%s'", want, r.e.msg);
		injected_done(&r);
	}
	inject_free(i);
	world_done(&w);
}

static void test_metrics_apart(void **state)
{
	static const struct row apart = {POD_WITH("a: b"), {"metadata|annotations|prometheus.io/port="}, NULL, NULL};
	struct world w;
	struct inject *i = start(&w, CONFIG_MAP("istio-basic", "mesh: 'enablePrometheusMerge: false'"), false);

	(void)state;
	check(i, 0, &apart);
	inject_free(i);
	world_done(&w);
}

/* A pod that was injected before comes out as it went in: its own settings are kept in an annotation. */
static void test_again(void **state)
{
	static const char pod[] = POD("", "containers: [{name: istio-proxy, image: auto, resources: {requests: {cpu: "
					  "77m}}}, " APP "]");
	struct world w;
	struct inject *i = start(&w, "", false);
	struct injected first = inject_yaml(i, pod), second;
	char *text = cJSON_PrintUnformatted(first.pod);

	(void)state;
	second = inject_yaml(i, text);
	if (second.pod && !json_equal(first.pod, second.pod))
		fail_msg("%s", cJSON_PrintUnformatted(inject_diff(first.pod, second.pod)));
	free(text);
	injected_done(&first);
	injected_done(&second);
	inject_free(i);
	world_done(&w);
}

/* The order: the pod's annotation, then what is for the workload, its namespace, the mesh; the oldest of each. */
static void test_proxy_config(void **state)
{
	static const char objects[] =
		PROXY_CONFIG("istio-system", "mesh", "1", "concurrency: 3, environmentVariables: {A: m, B: m, C: m}")
			PROXY_CONFIG("shop", "ns", "2", "concurrency: 4, environmentVariables: {B: ns, C: ns}")
				PROXY_CONFIG("shop", "younger", "3", "environmentVariables: {B: late}")
					PROXY_CONFIG("shop", "web", "4",
						     "selector: {matchLabels: {app: web}}, environmentVariables: {C: "
						     "w}, image: {imageType: debug}")
						PROXY_CONFIG("shop", "other", "1",
							     "selector: {matchLabels: {app: other}}, concurrency: 9")
							PROXY_CONFIG("stock", "elsewhere", "1", "concurrency: 9");
	static const struct row with[] = {
		{POD_WITH("a: b"),
		 {PROXY "env|A|value=m", PROXY "env|B|value=ns", PROXY "env|C|value=w", PROXY "image=r/proxy:1-debug",
		  PROXY "args~\"--concurrency\",\"4\""},
		 NULL,
		 NULL},
		{POD_WITH("proxy.istio.io/config: '{concurrency: 0, proxyMetadata: {A: own}}'"),
		 {PROXY "args~\"--concurrency\",\"0\"", PROXY "env|A|value=own", PROXY "env|C|value=w"},
		 NULL,
		 NULL},
	};
	struct world w;
	struct inject *i = start(&w, objects + 4, false);

	(void)state;
	for (size_t n = 0; n < ARRAY_LEN(with); n++)
		check(i, n, &with[n]);
	inject_free(i);
	world_done(&w);
}

static void test_native(void **state)
{
	static const struct row native[] = {
		{POD("", "containers: [" APP ", {name: istio-proxy, image: auto, env: [{name: MINE, value: x}]}], "
			 "initContainers: [{name: migrate, image: m}]"),
		 {"spec|initContainers|#0|name=istio-init", "spec|initContainers|#1|name=istio-proxy",
		  "spec|initContainers|#2|name=migrate", "spec|initContainers|istio-proxy|restartPolicy=Always",
		  "spec|initContainers|istio-proxy|startupProbe|periodSeconds=1",
		  "spec|initContainers|istio-proxy|env|MINE|value=x",
		  "spec|containers|istio-proxy|name=", "spec|initContainers|istio-proxy|image=r/proxy:1"},
		 NULL,
		 NULL},
		{POD_WITH("proxy.istio.io/config: 'holdApplicationUntilProxyStarts: true'"),
		 {"spec|initContainers|istio-proxy|lifecycle="},
		 NULL,
		 NULL},
		{POD_WITH("sidecar.istio.io/nativeSidecar: 'false'"), {PROXY "image=r/proxy:1"}, NULL, NULL},
		{POD(", inject.istio.io/templates: gateway", "containers: [{name: istio-proxy, image: auto}]"),
		 {PROXY "args~router", PROXY "restartPolicy="},
		 NULL,
		 NULL},
	};
	static const struct {
		int major, minor;
		bool native;
	} versions[] = {{1, 28, false}, {0, 99, false}, {1, 29, true}, {2, 0, true}};
	struct world w;
	struct inject *i = start(&w, "", true);

	(void)state;
	for (size_t n = 0; n < ARRAY_LEN(versions); n++) {
		struct row row = {POD_WITH("a: b"),
				  {versions[n].native ? "spec|initContainers|istio-proxy|name=istio-proxy"
						      : PROXY "name=istio-proxy"},
				  NULL,
				  NULL};

		inject_set_cluster_version(i, versions[n].major, versions[n].minor);
		check(i, n, &row);
	}
	for (size_t n = 0; n < ARRAY_LEN(native); n++)
		check(i, n, &native[n]);
	inject_free(i);
	world_done(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),         cmocka_unit_test(test_bad_values),
		cmocka_unit_test(test_again),        cmocka_unit_test(test_metrics_apart),
		cmocka_unit_test(test_proxy_config), cmocka_unit_test(test_native),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
