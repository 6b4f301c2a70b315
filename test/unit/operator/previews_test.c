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
};

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
	const struct CMUnitTest tests[] = {cmocka_unit_test(previews)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
