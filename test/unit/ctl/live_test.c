/* What proxies and the control plane say of themselves, as rows. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "ctl/live/live.h"
#include "msg/json.h"

static void test_sync(void **state)
{
	CLEANUP(json_freep)
	cJSON *entry = json_literal(
		"{\"proxy\":\"cart.shop\",\"cluster_id\":\"Kubernetes\",\"istio_version\":\"1.20\","
		"\"cluster_sent\":\"a\",\"cluster_acked\":\"a\",\"listener_sent\":\"b\",\"listener_acked\":\"\","
		"\"endpoint_sent\":\"c\",\"endpoint_acked\":\"d\",\"route_sent\":\"\",\"route_acked\":\"\"}");
	CLEANUP(json_freep) cJSON *row = live_sync_row(entry, "istiod-1", "basic");

	(void)state;
	assert_string_equal(json_str(row, "name"), "cart.shop");
	assert_string_equal(json_str(row, "cds"), "SYNCED");
	assert_string_equal(json_str(row, "lds"), "STALE (Never Acknowledged)");
	assert_string_equal(json_str(row, "eds"), "STALE");
	assert_string_equal(json_str(row, "rds"), "NOT SENT");
	assert_string_equal(json_str(row, "istiod"), "istiod-1");
}

static const char dump[] =
	"{\"configs\":[{\"dynamic_listeners\":[{\"name\":\"x\",\"active_state\":{\"listener\":{\"name\":\"0.0.0.0_80\","
	"\"address\":{"
	"\"socket_address\":{\"address\":\"0.0.0.0\",\"port_value\":80}},\"filter_chains\":[{},{}]}}}]},"
	"{\"dynamic_route_configs\":[{\"route_config\":{\"name\":\"80\",\"virtual_hosts\":[{\"domains\":[\"cart\","
	"\"b\"]},{\"domains\":["
	"\"*\"]}]}}]},"
	"{\"static_clusters\":[{\"cluster\":{\"name\":\"a\",\"type\":\"EDS\",\"transport_socket_matches\":[]}}],"
	"\"dynamic_active_clusters\":[{\"cluster\":{\"name\":\"b\"}}]},"
	"{\"dynamic_endpoint_configs\":[{\"endpoint_config\":{\"cluster_name\":\"a\",\"endpoints\":[{\"lb_endpoints\":["
	"{\"endpoint\":{"
	"\"address\":{\"socket_address\":{\"address\":\"10.0.0.1\",\"port_value\":8080}}}}]}]}}]},"
	"{\"dynamic_active_secrets\":[{\"name\":\"default\",\"last_updated\":\"now\"}]}]}";

static void test_dump(void **state)
{
	static const struct {
		const char *type;
		int n;
		const char *name, *text; /* of the first */
	} rows[] = {
		{"listeners", 1, "0.0.0.0_80", "0.0.0.0:80, 2 chains"},
		{"routes", 1, "80", "cart, *"},
		{"clusters", 2, "b", "STATIC"},
		{"endpoints", 1, "a", "10.0.0.1:8080"},
		{"secrets", 1, "default", "now"},
		{"nothing", 0, NULL, NULL},
	};
	CLEANUP(json_freep) cJSON *all = json_literal(dump);

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(json_freep) cJSON *list = live_dump_resources(all, rows[i].type);
		CLEANUP(json_freep) cJSON *row = list->child ? live_resource_row(list->child, rows[i].type) : NULL;

		assert_int_equal(cJSON_GetArraySize(list), rows[i].n);
		if (!row)
			continue;
		assert_string_equal(json_str(row, "name"), rows[i].name);
		assert_string_equal(json_str(row, "text"), rows[i].text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sync),
		cmocka_unit_test(test_dump),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
