/* With the CNI plugin no container of a pod needs any privilege: what redirects is outside, and one container proves
 * it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "cni/pod.h"
#include "inject/internal.h"
#include "injected.h"
#include "pod_security.h"

#define SETTINGS SETTINGS_OF("weft-istio-cni, networkNamespace: default")
#define OWN_NETWORK SETTINGS_OF("v2-6-istio-cni")
#define SETTINGS_OF(network)                                                                                           \
	"{apiVersion: v1, kind: ConfigMap, metadata: {name: istio-basic, namespace: istio-system}, data: {mesh: "      \
	"'{}'}}\n---\n"                                                                                                \
	"{apiVersion: v1, kind: ConfigMap, metadata: {name: istio-sidecar-injector-basic, namespace: istio-system}, "  \
	"data: {config: 'policy: disabled', values: '{istio_cni: {enabled: true, network: " network                    \
	"}, global: {proxy: {image: \"r/proxy:1\"}, proxy_init: {image: \"r/init:1\"}}}'}}\n"
#define POD(annotations, spec)                                                                                         \
	"{apiVersion: v1, kind: Pod, metadata: {name: web, annotations: {sidecar.istio.io/inject: 'true'" annotations  \
	"}}, spec: {" spec "}}"
#define CLOSED                                                                                                         \
	"securityContext: {runAsNonRoot: true, seccompProfile: {type: RuntimeDefault}}, "                              \
	"containers: [{name: app, image: a, securityContext: {readOnlyRootFilesystem: true, "                          \
	"allowPrivilegeEscalation: false, capabilities: {drop: "                                                       \
	"[ALL]}}}], initContainers: [{name: migrate, image: m, securityContext: {readOnlyRootFilesystem: true, "       \
	"allowPrivilegeEscalation: false, "                                                                            \
	"capabilities: {drop: [ALL]}}}]"
#define V "spec|initContainers|istio-validation|"
#define NETWORKS "metadata|annotations|k8s.v1.cni.cncf.io/networks="

static const struct {
	const char *pod, *expect[6];
} rows[] = {
	{POD("", CLOSED),
	 {"spec|initContainers|#0|name=istio-validation", "spec|initContainers|#1|name=migrate",
	  "spec|initContainers|istio-init=", V "image=r/init:1", V "securityContext|runAsUser=1337",
	  NETWORKS "default/weft-istio-cni"}},
	{POD(", traffic.sidecar.istio.io/excludeInboundPorts: '9', k8s.v1.cni.cncf.io/networks: 'own@eth1'", CLOSED),
	 {V "args~\"-d\",\"15090,15021,15020,9\"", V "args~\"--run-validation\",\"--skip-rule-apply\"",
	  NETWORKS "own@eth1, default/weft-istio-cni"}},
	{POD(", k8s.v1.cni.cncf.io/networks: '[{\"name\":\"own\"}]'", CLOSED),
	 {NETWORKS "[{\"name\":\"own\"},{\"name\":\"weft-istio-cni\",\"namespace\":\"default\"}]"}},
	{POD(", k8s.v1.cni.cncf.io/networks: 'own,  default/weft-istio-cni'", CLOSED),
	 {NETWORKS "own,  default/weft-istio-cni"}},
	{POD(", sidecar.istio.io/interceptionMode: NONE", CLOSED),
	 {"spec|initContainers|istio-validation=", "spec|initContainers|#0|name=migrate", NETWORKS}},
	{POD(", inject.istio.io/templates: gateway", "containers: [{name: istio-proxy, image: auto}]"),
	 {"spec|initContainers=", NETWORKS}},
	/* OpenShift has given the application a user of the namespace's range */
	{POD(", openshift.io/scc: restricted-v2",
	     "containers: [{name: a, image: a, securityContext: {runAsUser: 1000650000}}, {name: b, image: b}]"),
	 {V "securityContext|runAsUser=1000650001", V "args~\"-u\",\"1000650001\"",
	  "spec|containers|istio-proxy|securityContext|runAsUser=1000650001"}},
	{POD("", "containers: [{name: a, image: a, securityContext: {runAsUser: 5}}]"),
	 {"spec|containers|istio-proxy|securityContext|runAsUser=1337"}},
};

/* As the operator says it: a network of each pod's own namespace. */
static void network_of_its_own_namespace(void **state)
{
	static const struct {
		const char *annotation, *want;
	} own[] = {
		{"", NETWORKS "v2-6-istio-cni"},
		{", k8s.v1.cni.cncf.io/networks: 'other/x'", NETWORKS "other/x, v2-6-istio-cni"},
		{", k8s.v1.cni.cncf.io/networks: 'x, v2-6-istio-cni'", NETWORKS "x, v2-6-istio-cni"},
		{", k8s.v1.cni.cncf.io/networks: 'other/v2-6-istio-cni'",
		 NETWORKS "other/v2-6-istio-cni, v2-6-istio-cni"},
		{", k8s.v1.cni.cncf.io/networks: '[{\"name\":\"own\"}]'",
		 NETWORKS "[{\"name\":\"own\"},{\"name\":\"v2-6-istio-cni\"}]"},
	};
	const struct inject_config cfg = {.ns = "istio-system", .revision = "basic"};
	static const char *const yaml[] = {OWN_NETWORK, NULL};
	struct world w;
	struct inject *i;

	(void)state;
	world_init(&w, "", yaml);
	i = inject_new(NULL, w.store, &cfg);
	for (size_t n = 0; n < ARRAY_LEN(own); n++) {
		CLEANUP(freep)
		char *pod = mem_printf(
			"{apiVersion: v1, kind: Pod, metadata: {name: web, annotations: {sidecar.istio.io/inject: "
			"'true'%s}}, spec: {" CLOSED "}}",
			own[n].annotation);
		struct injected r = inject_yaml(i, pod);
		char *why = r.pod ? wrong(r.pod, own[n].want) : r.e.msg;

		if (why)
			fail_msg("%zu: %s", n, why);
		injected_done(&r);
	}
	inject_free(i);
	world_done(&w);
}

static void check_row(struct inject *i, size_t n)
{
	struct injected r = inject_yaml(i, rows[n].pod);

	if (!r.pod)
		fail_msg("row %zu: %s", n, r.e.msg);
	for (size_t k = 0; k < ARRAY_LEN(rows[n].expect) && rows[n].expect[k]; k++) {
		char *why = wrong(r.pod, rows[n].expect[k]);

		if (why)
			fail_msg("row %zu: %s", n, why);
	}
	injected_done(&r);
}

static void what_is_injected(void **state)
{
	for (size_t n = 0; n < ARRAY_LEN(rows); n++)
		check_row(*state, n);
}

/* A restricted namespace lets the whole pod in. */
static void restricted(void **state)
{
	struct injected r = inject_yaml(*state, rows[0].pod);
	struct api_object *o = NULL;
	char broken[200];

	assert_int_equal(api_object_decode(r.pod, NULL, NULL, &o, NULL), 0);
	if (pod_security_breaks(API_VALUE(o, pod, core_pod)->spec, NULL, broken, sizeof(broken)))
		fail_msg("%s", broken);
	api_object_unref(o);
	injected_done(&r);
}

/* What the injector writes the plugin reads: the same user, the same ports. */
static void understood(void **state)
{
	struct injected r = inject_yaml(*state, rows[1].pod);
	struct api_object *o = NULL;
	struct capture_options options;
	const char *why;
	struct err e = ERR_INIT;

	assert_int_equal(api_object_decode(r.pod, NULL, NULL, &o, NULL), 0);
	if (cni_pod_judge(API_VALUE(o, pod, core_pod), &options, &why, &e) != CNI_REDIRECT)
		fail_msg("%s%s", why ? why : "", e.msg);
	assert_true(slice_eq(options.settings.uids.v[0], SLICE("1337")));
	assert_int_equal(options.settings.inbound_exclude.n, 4);
	assert_true(options.settings.inbound_ports.all && options.settings.outbound_cidrs.all);
	capture_options_done(&options);
	api_object_unref(o);
	injected_done(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(what_is_injected), cmocka_unit_test(restricted),
					   cmocka_unit_test(understood),
					   cmocka_unit_test(network_of_its_own_namespace)};
	const struct inject_config cfg = {.ns = "istio-system", .revision = "basic"};
	static const char *const yaml[] = {SETTINGS, NULL};
	struct CMUnitTest with[ARRAY_LEN(tests)];
	struct world w;
	struct inject *i;
	int r;

	world_init(&w, "", yaml);
	i = inject_new(NULL, w.store, &cfg);
	for (size_t n = 0; n < ARRAY_LEN(tests); n++) {
		with[n] = tests[n];
		with[n].initial_state = i;
	}
	r = cmocka_run_group_tests(with, NULL, NULL);
	inject_free(i);
	world_done(&w);
	return r;
}
