/* A pod that a restricted namespace lets in is let in with a sidecar, too, but for the init container, which only a CNI
 * plugin makes unnecessary. */
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
#include "pod_security.h"

#define SETTINGS                                                                                                       \
	"{apiVersion: v1, kind: ConfigMap, metadata: {name: istio-basic, namespace: istio-system}, data: {mesh: "      \
	"'{}'}}\n---\n"                                                                                                \
	"{apiVersion: v1, kind: ConfigMap, metadata: {name: istio-sidecar-injector-basic, namespace: istio-system}, "  \
	"data: {config: 'policy: disabled', values: 'global: {proxy: {image: \"r/proxy:1\"}, proxy_init: {image: "     \
	"\"r/init:1\"}}'}}\n"
#define CLOSED "allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: {drop: [ALL]}"
#define POD(pod_context, container_context)                                                                            \
	"{apiVersion: v1, kind: Pod, metadata: {name: web, annotations: {sidecar.istio.io/inject: 'true'}}, spec: "    \
	"{securityContext: {runAsNonRoot: true" pod_context "}, containers: [{name: app, image: a, securityContext: "  \
	"{" CLOSED container_context "}}]}}"
#define SECCOMP "spec|containers|istio-proxy|securityContext|seccompProfile="
#define PROFILE ", seccompProfile: {type: RuntimeDefault}"

static const struct {
	const char *pod;
	const char *broken; /* NULL: nothing is */
	const char *proxy;  /* of the proxy's container */
} rows[] = {
	{POD(PROFILE, ""), NULL, SECCOMP},
	{POD("", PROFILE), NULL, SECCOMP "{\"type\":\"RuntimeDefault\"}"},
	{POD(PROFILE, PROFILE), NULL, SECCOMP},
	/* it was not restricted before either: nothing is said for it */
	{POD("", ""), "container app: seccompProfile", SECCOMP},
};

static void check_row(struct inject *i, size_t n)
{
	struct injected r = inject_yaml(i, rows[n].pod);
	struct api_object *o = NULL;
	char broken[200];
	struct err e = ERR_INIT;

	if (!r.pod || api_object_decode(r.pod, NULL, NULL, &o, &e) < 0)
		fail_msg("row %zu: %s%s", n, r.e.msg, e.msg);
	const struct core_pod *pod = API_VALUE(o, pod, core_pod);
	const bool breaks = pod_security_breaks(pod->spec, "istio-init", broken, sizeof(broken));
	char *why = wrong(r.pod, rows[n].proxy);

	if (breaks != (rows[n].broken != NULL) || (breaks && strcmp(broken, rows[n].broken) != 0))
		fail_msg("row %zu: %s", n, breaks ? broken : "nothing is broken");
	if (why)
		fail_msg("row %zu: %s", n, why);
	assert_true(pod_security_breaks(pod->spec, NULL, broken, sizeof(broken)));
	api_object_unref(o);
	injected_done(&r);
}

static void test_rows(void **state)
{
	const struct inject_config cfg = {.ns = "istio-system", .revision = "basic"};
	static const char *const yaml[] = {SETTINGS, NULL};
	struct world w;
	struct inject *i;

	(void)state;
	world_init(&w, "", yaml);
	i = inject_new(NULL, w.store, &cfg);
	for (size_t n = 0; n < ARRAY_LEN(rows); n++)
		check_row(i, n);
	inject_free(i);
	world_done(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_rows)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
