/* Which pods are made anew. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "api/object.h"
#include "cni/repair.h"
#include "msg/json.h"

#define POD(meta, container, ready, state)                                                                             \
	"{\"metadata\":{\"name\":\"p\"" meta "},\"status\":{\"initContainerStatuses\":[{\"name\":\"" container         \
	"\",\"ready\":" ready ",\"" state "}]}}"
#define OWNED                                                                                                          \
	",\"ownerReferences\":[{\"kind\":\"ReplicaSet\",\"name\":\"r\",\"uid\":\"u\",\"apiVersion\":\"apps/"           \
	"v1\",\"controller\":true}]"
#define INJECTED ",\"annotations\":{\"sidecar.istio.io/status\":\"{}\"}"
#define ENDED(code) "state\":{\"terminated\":{\"exitCode\":" code "}}"
#define V "istio-validation"

static const struct {
	const char *pod;
	bool wanted;
} rows[] = {
	{POD(OWNED INJECTED, V, "false", ENDED("126")), true},
	{POD(OWNED INJECTED, V, "false", "lastState\":{\"terminated\":{\"exitCode\":126}}"), true},
	{POD(OWNED INJECTED, V, "false", ENDED("1")), false},
	{POD(OWNED INJECTED, V, "true", "lastState\":{\"terminated\":{\"exitCode\":126}}"), false},
	{POD(OWNED INJECTED, "mine", "false", ENDED("126")), false},
	{POD(INJECTED, V, "false", ENDED("126")), false}, /* nobody would make another one */
	{POD(OWNED, V, "false", ENDED("126")), false},
	{POD(OWNED INJECTED ",\"deletionTimestamp\":\"2024-01-01T00:00:00Z\"", V, "false", ENDED("126")), false},
};

static void wanted(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(json_freep) cJSON *json = json_literal(rows[i].pod);
		CLEANUP(api_object_unrefp) struct api_object *o = NULL;

		assert_int_equal(api_object_from_json(&api_kind_pod, json, &o, NULL), 0);
		if (cni_repair_wanted(API_VALUE(o, pod, core_pod)) != rows[i].wanted)
			fail_msg("row %zu", i);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(wanted)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
