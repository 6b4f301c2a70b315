/* Injection: which pods get a proxy, and what the patch does to them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "inject/inject.h"
#include "msg/json.h"
#include "msg/yaml.h"
#include "world.h"

static const char settings[] =
	"{apiVersion: v1, kind: ConfigMap, metadata: {name: istio-basic, namespace: istio-system}, data: {mesh: "
	"'defaultConfig: "
	"{discoveryAddress: \"istiod-basic.istio-system.svc:15012\"}'}}\n---\n"
	"{apiVersion: v1, kind: ConfigMap, metadata: {name: istio-sidecar-injector-basic, namespace: istio-system}, "
	"data: {config: "
	"'policy: disabled', values: 'global: {podDNSSearchNamespaces: [extra.local], proxy: {image: \"proxy:1\"}, "
	"proxy_init: {image: \"init:1\"}}'}}";

#define POD(meta, spec)                                                                                                \
	"{apiVersion: v1, kind: Pod, metadata: {generateName: web-5d-, labels: {app: web, version: v3, "               \
	"pod-template-hash: 5d}, ownerReferences: [{apiVersion: apps/v1, kind: ReplicaSet, name: web-5d, uid: u, "     \
	"controller: true}], annotations: {" meta "}}, spec: {" spec                                                   \
	"containers: [{name: web, image: x, ports: [{name: http, containerPort: 8080}], readinessProbe: {httpGet: "    \
	"{path: /ok, port: http}, timeoutSeconds: 3}, livenessProbe: {exec: {command: [a]}}}]}}"
#define YES "sidecar.istio.io/inject: 'true'"

static const struct {
	const char *pod;
	const char *has[6]; /* none: no patch */
	const char *error;
} rows[] = {
	{POD("", ""), {0}, NULL},
	{POD("sidecar.istio.io/inject: 'false'", ""), {0}, NULL},
	{POD(YES, "hostNetwork: true, "), {0}, NULL},
	{POD(YES, ""),
	 {"\"name\":\"istio-proxy\",\"image\":\"proxy:1\"", "\"name\":\"istio-init\",\"image\":\"init:1\"",
	  "\"/metadata/labels/security.istio.io~1tlsMode\"", "sidecar.istio.io~1status",
	  "\"ISTIO_META_WORKLOAD_NAME\",\"value\":\"web\"", "15090,15021,15020"},
	 NULL},
	{POD(YES, ""), {"\"path\":\"/spec/dnsConfig\",\"value\":{\"searches\":[\"extra.local\"]}"}, NULL},
	{POD(YES, ""),
	 {"/app-health/web/readyz",
	  "\\\"/app-health/web/readyz\\\":{\\\"httpGet\\\":{\\\"path\\\":\\\"/ok\\\",\\\"port\\\":8080}",
	  "\"op\":\"replace\",\"path\":\"/spec/containers/0/readinessProbe/httpGet/path\"",
	  "kubernetes://apis/apps/v1/namespaces/shop/deployments/web", "canonical-revision\",\"value\":\"v3\""},
	 NULL},
	{POD(YES ", prometheus.io/scrape: 'true', prometheus.io/port: '9999'", ""),
	 {"ISTIO_PROMETHEUS_ANNOTATIONS", "9999", "prometheus.io~1port\",\"value\":\"15020\""},
	 NULL},
	{POD(YES, "volumes: [{name: a, emptyDir: {}}], initContainers: [{name: i, image: x}], "),
	 {"\"path\":\"/spec/volumes/-\"", "\"path\":\"/spec/initContainers/-\""},
	 NULL},
	{POD(YES ", traffic.sidecar.istio.io/excludeInboundPorts: '9000'", ""), {"15090,15021,15020,9000"}, NULL},
	{POD(YES ", traffic.sidecar.istio.io/excludeInboundPorts: 'abc'", ""),
	 {0},
	 "invalid value 'abc' for annotation 'traffic.sidecar.istio.io/excludeInboundPorts'"},
	{POD(YES ", proxy.istio.io/config: 'holdApplicationUntilProxyStarts: true'", ""),
	 {"\"op\":\"replace\",\"path\":\"/spec/containers\"", "holdApplicationUntilProxyStarts"},
	 NULL},
};

static void test_rows(void **state)
{
	const char *const yaml[] = {settings, NULL};
	const struct inject_config cfg = {.ns = "istio-system",
					  .revision = "basic",
					  .domain = "cluster.local",
					  .cluster_id = "Kubernetes",
					  .proxy_image = "none"};
	struct inject *i;
	struct world w;

	(void)state;
	world_init(&w, "", yaml);
	i = inject_new(NULL, w.store, &cfg);
	for (size_t n = 0; n < sizeof(rows) / sizeof(rows[0]); n++) {
		CLEANUP(buf_done) struct buf text = BUF_INIT;
		cJSON *pod = NULL, *patch = NULL, *warnings = NULL;
		struct err e = ERR_INIT;
		int r;

		assert_int_equal(yaml_parse(slice_str(rows[n].pod), &pod, &e), 0);
		r = inject_pod(i, pod, "shop", &patch, &warnings, &e);
		cJSON_Delete(pod);
		json_print(patch, &text);
		if (rows[n].error ? r == 0 || !strstr(e.msg, rows[n].error) : r != 0)
			fail_msg("row %zu: %d %s", n, r, e.msg);
		if (!rows[n].has[0] && patch)
			fail_msg("row %zu: %s", n, buf_str(&text));
		for (size_t k = 0; k < 6 && rows[n].has[k]; k++)
			if (!strstr(buf_str(&text), rows[n].has[k]))
				fail_msg("row %zu: no %s in %s", n, rows[n].has[k], buf_str(&text));
		cJSON_Delete(patch);
		cJSON_Delete(warnings);
	}
	inject_free(i);
	world_done(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_rows)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
