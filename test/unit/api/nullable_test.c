/* Fields that protobuf wraps (a bool that may be unset) may be null in an object. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "api/kind.h"
#include "base/cleanup.h"
#include "msg/json.h"
#include "msg/msg.h"

static const struct {
	const struct api_kind *kind;
	const char *path; /* names of properties; lists are looked into */
} rows[] = {
	{&api_kind_destination_rule, "trafficPolicy loadBalancer localityLbSetting enabled"},
	{&api_kind_destination_rule, "trafficPolicy outlierDetection consecutive5xxErrors"},
	{&api_kind_destination_rule, "trafficPolicy outlierDetection consecutiveGatewayErrors"},
	{&api_kind_destination_rule, "trafficPolicy outlierDetection consecutiveLocalOriginFailures"},
	{&api_kind_destination_rule, "trafficPolicy tls insecureSkipVerify"},
	{&api_kind_virtual_service, "http corsPolicy allowCredentials"},
	{&api_kind_virtual_service, "http mirrorPercent"},
	{&api_kind_virtual_service, "http retries retryRemoteLocalities"},
	{&api_kind_proxy_config, "concurrency"},
	{&api_kind_wasm_plugin, "priority"},
	{&api_kind_telemetry, "accessLogging disabled"},
	{&api_kind_telemetry, "metrics overrides disabled"},
	{&api_kind_telemetry, "tracing disableSpanReporting"},
	{&api_kind_telemetry, "tracing randomSamplingPercentage"},
	{&api_kind_telemetry, "tracing useRequestIdForTraceSampling"},
};

static const cJSON *property(const cJSON *schema, const char *path)
{
	struct slice rest = slice_str(path);
	const cJSON *at = json_at(schema, "properties.spec");

	while (rest.len) {
		const struct slice name = slice_split(&rest, ' ');
		char key[64] = "";

		memcpy(key, name.ptr, name.len);
		if (json_at(at, "items"))
			at = json_at(at, "items");
		at = json_get(json_at(at, "properties"), key);
	}
	return at;
}

static void test_nullable(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		CLEANUP(json_freep) cJSON *schema = msg_schema(rows[i].kind->desc);
		const cJSON *p = property(schema, rows[i].path);

		if (!p || !json_true(p, "nullable"))
			fail_msg("%s: %s is not nullable", rows[i].kind->kind, rows[i].path);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_nullable)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
