/* Pod Security Standards: what each level says of a pod. The words of whole answers are compared with recorded ones
 * (test/conformance). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "lab/api/pod_security.c"
#include "msg/yaml.h"

#define SAFE                                                                                                           \
	"securityContext: {allowPrivilegeEscalation: false, runAsNonRoot: true, capabilities: {drop: [ALL]}, "         \
	"seccompProfile: {type: RuntimeDefault}}"

static const struct {
	enum level level;
	const char *spec, *want; /* NULL: nothing is wrong */
} rows[] = {
	{LEVEL_PRIVILEGED, "{hostNetwork: true, containers: [{name: a, securityContext: {privileged: true}}]}", NULL},
	{LEVEL_BASELINE, "{containers: [{name: a}]}", NULL},
	{LEVEL_BASELINE, "{hostNetwork: true, hostPID: true, containers: [{name: a}]}",
	 "host namespaces (hostNetwork=true, hostPID=true)"},
	{LEVEL_BASELINE, "{containers: [{name: a}], volumes: [{name: v, hostPath: {path: /}}]}",
	 "hostPath volumes (volume \"v\")"},
	{LEVEL_BASELINE, "{containers: [{name: a, ports: [{containerPort: 80, hostPort: 80}]}]}",
	 "hostPort (container \"a\" uses hostPort 80)"},
	{LEVEL_BASELINE,
	 "{initContainers: [{name: i, securityContext: {privileged: true}}], containers: [{name: a, securityContext: "
	 "{privileged: true}}]}",
	 "privileged (containers \"i\", \"a\" must not set securityContext.privileged=true)"},
	{LEVEL_BASELINE, "{containers: [{name: a, securityContext: {capabilities: {add: [NET_ADMIN]}}}]}",
	 "non-default capabilities (container \"a\" must not include others than the default ones in "
	 "securityContext.capabilities.add)"},
	{LEVEL_BASELINE, "{containers: [{name: a, securityContext: {capabilities: {add: [CHOWN]}}}]}", NULL},
	{LEVEL_BASELINE, "{securityContext: {seccompProfile: {type: Unconfined}}, containers: [{name: a}]}",
	 "seccompProfile (pod must not set securityContext.seccompProfile.type to \"Unconfined\")"},
	{LEVEL_BASELINE, "{securityContext: {sysctls: [{name: kernel.msgmax, value: '1'}]}, containers: [{name: a}]}",
	 "forbidden sysctls (kernel.msgmax)"},
	{LEVEL_RESTRICTED, "{containers: [{name: a, " SAFE "}]}", NULL},
	{LEVEL_RESTRICTED,
	 "{securityContext: {runAsNonRoot: true, seccompProfile: {type: Localhost}}, containers: [{name: a, "
	 "securityContext: {allowPrivilegeEscalation: false, capabilities: {drop: [ALL], add: [NET_BIND_SERVICE]}}}]}",
	 NULL},
	{LEVEL_RESTRICTED,
	 "{containers: [{name: a, " SAFE "}], volumes: [{name: v, hostPath: {path: /}}, {name: net, nfs: {}}]}",
	 "restricted volume types (volumes \"v\", \"net\" use restricted volume types \"hostPath\", \"nfs\")"},
	{LEVEL_RESTRICTED,
	 "{containers: [{name: a, " SAFE "}], volumes: [{name: v, emptyDir: {}}, {name: s, secret: {}}]}", NULL},
	{LEVEL_RESTRICTED,
	 "{securityContext: {runAsNonRoot: true, seccompProfile: {type: RuntimeDefault}}, containers: [{name: a, "
	 "securityContext: {allowPrivilegeEscalation: false}}]}",
	 "unrestricted capabilities (container \"a\" must set securityContext.capabilities.drop=[\"ALL\"])"},
	{LEVEL_RESTRICTED, "{securityContext: {runAsUser: 0}, containers: [{name: a, " SAFE "}]}",
	 "runAsUser=0 (pod must not set runAsUser=0)"},
	{LEVEL_RESTRICTED,
	 "{securityContext: {runAsNonRoot: true, seccompProfile: {type: RuntimeDefault}}, containers: [{name: a, "
	 "securityContext: {allowPrivilegeEscalation: false, runAsNonRoot: false, capabilities: {drop: [ALL], add: "
	 "[NET_ADMIN]}}}]}",
	 "unrestricted capabilities (container \"a\" must not include others than \"NET_BIND_SERVICE\" in "
	 "securityContext.capabilities.add), runAsNonRoot != true (container \"a\" must not set "
	 "securityContext.runAsNonRoot=false)"},
};

static void what_is_said(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(json_freep) cJSON *spec = NULL;
		CLEANUP(freep) char *got = NULL;

		assert_int_equal(yaml_parse(slice_str(rows[i].spec), &spec, NULL), 0);
		got = broken(spec, rows[i].level);
		if (!got != !rows[i].want || (got && strcmp(got, rows[i].want) != 0))
			fail_msg("row %zu: %s", i, got ? got : "nothing");
	}
}

static void levels(void **state)
{
	CLEANUP(json_freep) cJSON *ns = NULL;

	(void)state;
	assert_int_equal(yaml_parse(SLICE("{metadata: {labels: {pod-security.kubernetes.io/enforce: baseline, "
					  "pod-security.kubernetes.io/warn: strict}}}"),
				    &ns, NULL),
			 0);
	assert_int_equal(level_of(ns, "enforce"), LEVEL_BASELINE);
	assert_int_equal(level_of(ns, "warn"), LEVEL_RESTRICTED); /* nobody knows it */
	assert_int_equal(level_of(ns, "audit"), LEVEL_PRIVILEGED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(what_is_said), cmocka_unit_test(levels)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
