/* What of spec.techPreview goes into the mesh configuration is checked before: one bad value there would stop all. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/cleanup.h"
#include "msg/json.h"
#include "msg/yaml.h"
#include "operator/spec/spec.h"

#define TOPOLOGY(x) "meshConfig: {defaultConfig: {gatewayTopology: {" x "}}}"

static const struct {
	const char *preview, *error; /* NULL = good */
} rows[] = {
	{"global: {pathNormalization: DECODE_AND_MERGE_SLASHES}", NULL},
	{"meshConfig: {pathNormalization: {normalization: NONE}}", NULL},
	{TOPOLOGY("numTrustedProxies: 2, forwardClientCertDetails: APPEND_FORWARD"), NULL},
	{"global: {pathNormalization: base}", "spec.techPreview.global.pathNormalization: \"base\""},
	{"meshConfig: {pathNormalization: {normalization: 1}}", "meshConfig.pathNormalization.normalization"},
	{TOPOLOGY("numTrustedProxies: -1"), "numTrustedProxies: must be a number"},
	{TOPOLOGY("numTrustedProxies: two"), "numTrustedProxies: must be a number"},
	{TOPOLOGY("forwardClientCertDetails: MAYBE"), "forwardClientCertDetails: \"MAYBE\""},
	{"meshConfig: {connectTimeout: soon}", "spec.techPreview.meshConfig"},
	{"meshConfig: {h2UpgradePolicy: PERHAPS}", "spec.techPreview.meshConfig"},
	{"meshConfig: {h2UpgradePolicy: UPGRADE, defaultConfig: {holdApplicationUntilProxyStarts: true}}", NULL},
};

/* What of them has no effect: told by path. */
static const struct {
	const char *preview, *told; /* NULL = nothing */
} effects[] = {
	{"meshConfig: {h2UpgradePolicy: UPGRADE}", NULL},
	{"meshConfig: {defaultConfig: {tracing: {zipkin: {address: \"a:1\"}}}}", NULL},
	{"sidecarInjectorWebhook: {objectSelector: {enabled: true}}", NULL},
	{"meshConfig: {rootNamespace: x}", "spec.techPreview.meshConfig.rootNamespace: follows from"},
	{"meshConfig: {trustDomain: x}", "spec.techPreview.meshConfig.trustDomain: follows from"},
	{"meshConfig: {defaultConfig: {discoveryAddress: \"a:1\"}}",
	 "spec.techPreview.meshConfig.defaultConfig.discoveryAddress: "},
	{"meshConfig: {defaultConfig: {statsdUdpAddress: \"a:1\"}}",
	 "spec.techPreview.meshConfig.defaultConfig.statsdUdpAddress: is not carried out"},
	{"meshConfig: {frobnicate: 1}", "spec.techPreview.meshConfig.frobnicate: the mesh configuration has no such"},
	{"wasmExtensions: {enabled: true}", "spec.techPreview.wasmExtensions.enabled: "},
};

static void told(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(effects); i++) {
		CLEANUP(arena_done) struct arena a = ARENA_INIT;
		CLEANUP(json_freep) cJSON *json = NULL;
		CLEANUP(buf_done) struct buf out = BUF_INIT;
		const char *text = arena_printf(&a, "{version: v2.5, techPreview: {%s}}", effects[i].preview);
		struct maistra_smcp_spec spec = {0};

		assert_int_equal(yaml_parse(slice_str(text), &json, NULL), 0);
		assert_int_equal(msg_from_json(&maistra_smcp_spec_desc, &spec, json, &a, NULL), 0);
		if (spec_unsupported(&spec, &out) != !!effects[i].told ||
		    (effects[i].told && strncmp(buf_str(&out), effects[i].told, strlen(effects[i].told)) != 0))
			fail_msg("%s: %s", effects[i].preview, buf_str(&out));
	}
}

static void previews(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(arena_done) struct arena a = ARENA_INIT;
		CLEANUP(json_freep) cJSON *json = NULL;
		const char *text = arena_printf(&a, "{version: v2.5, techPreview: {%s}}", rows[i].preview);
		struct maistra_smcp_spec spec = {0};
		struct err e = ERR_INIT;

		assert_int_equal(yaml_parse(slice_str(text), &json, &e), 0);
		assert_int_equal(msg_from_json(&maistra_smcp_spec_desc, &spec, json, &a, &e), 0);
		const int r = spec_validate(&spec, &e);
		if (!rows[i].error != (r == 0) || (rows[i].error && !strstr(e.msg, rows[i].error)))
			fail_msg("%s: %d %s", rows[i].preview, r, e.msg);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(previews), cmocka_unit_test(told)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
