/* What PROXY_CONFIG (the mesh's defaultConfig and what lies over it) tells the proxy at its start. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/cleanup.h"
#include "proxy/boot/bootstrap.h"
#include "xds/json.h"

#include "envoy/config/core/v3/base.pb-c.h"

static char *const args[] = {(char[]){"weft-proxy"}, (char[]){"proxy"}, (char[]){"sidecar"}, NULL};

static int start(struct bootstrap *b, const char *config, struct err *e)
{
	setenv("POD_NAME", "a-1", 1);
	setenv("POD_NAMESPACE", "shop", 1);
	setenv("INSTANCE_IP", "10.244.0.5", 1);
	setenv("PROXY_CONFIG", config, 1);
	return bootstrap_init(b, 3, (char **)args, e);
}

static void settings_are_taken(void **state)
{
	struct bootstrap b = {0};
	struct err e = ERR_INIT;

	(void)state;
	assert_int_equal(
		start(&b,
		      "{\"proxyAdminPort\": 15999, \"statusPort\": 15998, \"terminationDrainDuration\": \"9s\", "
		      "\"serviceCluster\": \"clu\", \"concurrency\": 3, \"discoveryAddress\": \"d.example:15012\"}",
		      &e),
		0);
	assert_int_equal(b.admin_port, 15999);
	assert_int_equal(b.status_port, 15998);
	assert_int_equal(b.drain_ms, 9000);
	assert_int_equal(b.concurrency, 3);
	assert_string_equal(b.discovery_host, "d.example");
	assert_int_equal(b.discovery_port, 15012);
	assert_non_null(memmem(b.xds_node.ptr, b.xds_node.len, "clu", 3));
	bootstrap_done(&b);
}

/* Of metadata that has a text where it expects a list istiod takes nothing at all. */
static void the_control_planes_name_is_a_list(void **state)
{
	struct bootstrap b = {0};
	struct err e = ERR_INIT;
	Envoy__Config__Core__V3__Node *node;
	cJSON *meta, *names;

	(void)state;
	assert_int_equal(start(&b, "{\"discoveryAddress\": \"d.example:15012\"}", &e), 0);
	node = envoy__config__core__v3__node__unpack(NULL, b.xds_node.len, (const uint8_t *)b.xds_node.ptr);
	meta = pb_to_json(&node->metadata->base);
	names = cJSON_GetObjectItemCaseSensitive(meta, "PILOT_SAN");
	assert_true(cJSON_IsArray(names));
	assert_int_equal(cJSON_GetArraySize(names), 1);
	assert_string_equal(cJSON_GetArrayItem(names, 0)->valuestring, "d.example");
	cJSON_Delete(meta);
	envoy__config__core__v3__node__free_unpacked(node, NULL);
	bootstrap_done(&b);
}

static void nonsense_is_refused(void **state)
{
	struct bootstrap b = {0};
	struct err e = ERR_INIT;

	(void)state;
	assert_true(start(&b, "{\"terminationDrainDuration\": \"soon\"}", &e) < 0);
	assert_non_null(strstr(e.msg, "terminationDrainDuration: 'soon' is not a duration"));
	bootstrap_done(&b);
}

/* Of a sidecar alone, where its metadata says so. */
static void dns(void **state)
{
	char *const router[] = {(char[]){"weft-proxy"}, (char[]){"proxy"}, (char[]){"router"}, NULL};
	static const char on[] = "{\"proxyMetadata\": {\"ISTIO_META_DNS_CAPTURE\": \"true\"}}";
	struct bootstrap b = {0};

	(void)state;
	unsetenv("ISTIO_META_DNS_CAPTURE");
	assert_int_equal(start(&b, "{}", NULL), 0);
	assert_false(b.dns_capture);
	bootstrap_done(&b);
	assert_int_equal(start(&b, on, NULL), 0);
	assert_true(b.dns_capture);
	assert_int_equal(b.dns_port, 15053);
	assert_string_equal(b.domain, "svc.cluster.local");
	bootstrap_done(&b);
	assert_int_equal(bootstrap_init(&b, 3, (char **)router, NULL), 0);
	assert_false(b.dns_capture);
	bootstrap_done(&b);
	unsetenv("ISTIO_META_DNS_CAPTURE");
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(settings_are_taken),
					   cmocka_unit_test(the_control_planes_name_is_a_list),
					   cmocka_unit_test(nonsense_is_refused), cmocka_unit_test(dns)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
