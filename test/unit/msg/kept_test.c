/* What an API server keeps of an object. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "api/core/core.h"
#include "base/buf.h"
#include "base/cleanup.h"
#include "msg/json.h"
#include "msg/yaml.h"

/* Canonical forms as k8s.io/apimachinery's resource.Quantity writes them. */
static const struct {
	const char *said, *kept;
} quantities[] = {
	{"1000m", "1"},
	{"1500m", "1500m"},
	{"0.5", "500m"},
	{"0.50", "500m"},
	{"1", "1"},
	{"1.0", "1"},
	{"10m", "10m"},
	{"0", "0"},
	{"0Gi", "0"},
	{"-2000m", "-2"},
	{"1024Mi", "1Gi"},
	{"1000Mi", "1000Mi"},
	{"1.5Gi", "1536Mi"},
	{"512Ki", "512Ki"},
	{"0.5Ki", "512"},
	{"1024Pi", "1Ei"},
	{"128000", "128k"},
	{"1000M", "1G"},
	{"0.1G", "100M"},
	{"1u", "1u"},
	{"1000000n", "1m"},
	{"+3", "3"},
	{"5E", "5E"},
	/* what is not understood stays */
	{"9999999999E", "9999999999E"},
	{"1e3", "1e3"},
	{"1.2.3", "1.2.3"},
	{"", ""},
	{"x", "x"},
	{" ", " "},
	{"1X", "1X"},
};

static void test_quantities(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(quantities); i++) {
		CLEANUP(json_freep) cJSON *o = cJSON_CreateObject();

		json_set_str(json_object(o, "limits"), "cpu", quantities[i].said);
		msg_keep_json(&core_resource_requirements_desc, o);
		assert_string_equal(json_str(o, "limits.cpu"), quantities[i].kept);
	}
}

static const struct {
	const struct msg_desc *desc;
	const char *said, *kept;
} objects[] = {
	{&core_env_var_desc, "{name: a, value: ''}", "{\"name\":\"a\"}"},
	{&core_env_var_desc, "{name: '', value: x}", "{\"name\":\"\",\"value\":\"x\"}"},
	{&core_pod_spec_desc, "{containers: [{name: a, env: [{name: b, value: ''}], args: [], command: ['']}]}",
	 "{\"containers\":[{\"name\":\"a\",\"env\":[{\"name\":\"b\"}],\"command\":[\"\"]}]}"},
	{&core_pod_spec_desc,
	 "{hostNetwork: false, automountServiceAccountToken: false, nodeSelector: {}, priority: 0}",
	 "{\"automountServiceAccountToken\":false,\"priority\":0}"},
	{&core_pod_spec_desc, "{volumes: [{name: v, emptyDir: {sizeLimit: 1024Mi, medium: ''}}], securityContext: {}}",
	 "{\"volumes\":[{\"name\":\"v\",\"emptyDir\":{\"sizeLimit\":\"1Gi\"}}],\"securityContext\":{}}"},
	{&core_config_map_desc, "{data: {a: ''}, binaryData: null}", "{\"data\":{\"a\":\"\"}}"},
	{&core_resource_requirements_desc, "{limits: {cpu: 0.5, memory: 1000}}",
	 "{\"limits\":{\"cpu\":\"500m\",\"memory\":\"1k\"}}"},
	{&core_persistent_volume_claim_spec_desc, "{storageClassName: '', volumeName: ''}",
	 "{\"storageClassName\":\"\"}"},
	{&core_config_map_desc, "{unknown: ''}", "{\"unknown\":\"\"}"},
};

static void test_objects(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(objects); i++) {
		CLEANUP(json_freep) cJSON *o = NULL;
		CLEANUP(buf_done) struct buf text = BUF_INIT;

		assert_int_equal(yaml_parse(slice_str(objects[i].said), &o, NULL), 0);
		msg_keep_json(objects[i].desc, o);
		json_print(o, &text);
		assert_string_equal(buf_str(&text), objects[i].kept);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_quantities), cmocka_unit_test(test_objects)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
