/* What the control plane asks before it sends: a resource alone, in the proxy's own words. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "config/check.h"
#include "xds/json.h"
#include "xds/pb.h"

static struct xds_resource *resource(enum xds_type type, const char *name, const char *json)
{
	CLEANUP(arena_done) struct arena a = ARENA_INIT;
	cJSON *j = cJSON_Parse(json);
	struct err e = ERR_INIT;
	ProtobufCMessage *m = pb_from_json(&a, pb_descriptor(strrchr(xds_type_url(type), '/') + 1), j, &e);

	if (!m)
		fail_msg("%s: %s", json, e.msg);
	cJSON_Delete(j);
	return xds_resource_new(type, slice_str(name), pb_pack_arena(&a, m));
}

static void verdicts(void **state)
{
	static const struct {
		enum xds_type type;
		const char *json, *why; /* NULL = taken */
	} rows[] = {
		{XDS_CLUSTER, "{\"name\":\"x\",\"type\":\"EDS\"}", NULL},
		{XDS_CLUSTER, "{\"name\":\"x\",\"connect_timeout\":\"0s\"}",
		 "cluster 'x': connect_timeout must be greater than 0s"},
		{XDS_CLUSTER,
		 "{\"name\":\"x\",\"type\":\"STRICT_DNS\",\"load_assignment\":{\"endpoints\":[{\"lb_endpoints\":[{"
		 "\"endpoint\":{\"address\":{\"socket_address\":{\"address\":\"a.example\",\"port_value\":1}}}}]}]}}",
		 NULL},
		{XDS_CLUSTER,
		 "{\"name\":\"x\",\"least_request_lb_config\":{\"active_request_bias\":{\"default_value\":1}}}",
		 "cluster 'x': least_request_lb_config: active_request_bias is not supported"},
		{XDS_ROUTE,
		 "{\"name\":\"x\",\"virtual_hosts\":[{\"name\":\"a\",\"domains\":[\"*\"],\"routes\":[{\"match\":{"
		 "\"prefix\":"
		 "\"/\"},\"route\":{\"cluster\":\"c\",\"append_x_forwarded_host\":true}}]}]}",
		 "route configuration 'x': virtual_hosts[0]: routes[0]: route: append_x_forwarded_host is not "
		 "supported"},
		{XDS_LISTENER,
		 "{\"name\":\"x\",\"address\":{\"socket_address\":{\"address\":\"127.0.0.1\",\"port_value\":1}},"
		 "\"filter_chains\":[{\"filters\":[{\"name\":\"t\",\"typed_config\":{\"@type\":\"type.googleapis.com/"
		 "envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy\",\"cluster\":\"c\",\"max_early_data_bytes\":"
		 "1}}]}]"
		 "}",
		 "filters[0]: max_early_data_bytes is not supported"},
		{XDS_LISTENER, "{\"name\":\"x\",\"address\":{\"pipe\":{\"path\":\"/run/x.sock\",\"mode\":438}}}", NULL},
		{XDS_LISTENER, "{\"name\":\"x\",\"address\":{\"pipe\":{\"path\":\"/run/x.sock\",\"mode\":512}}}",
		 "listener 'x': address: pipe: mode: must be 0..0777"},
		{XDS_LISTENER, "{\"name\":\"x\",\"address\":{\"pipe\":{\"path\":\"x.sock\"}}}",
		 "listener 'x': address: pipe: 'x.sock' is no path of a socket"},
		{XDS_LISTENER, "{\"name\":\"x\",\"address\":{\"pipe\":{\"path\":\"@x\"}},\"use_original_dst\":true}",
		 "listener 'x': address: pipe: a Unix socket has no original destination"},
		{XDS_ENDPOINT, "{\"cluster_name\":\"x\",\"endpoints\":[{\"priority\":200}]}",
		 "endpoints 'x': endpoints[0]: priority must be 0..127"},
		{XDS_ENDPOINT, "{\"cluster_name\":\"x\",\"endpoints\":[{\"priority\":1}]}", NULL},
		{XDS_ROUTE, "{\"name\":\"x\",\"virtual_hosts\":[{\"name\":\"a\",\"domains\":[\"*\"]}]}", NULL},
		{XDS_ROUTE,
		 "{\"name\":\"x\",\"virtual_hosts\":[{\"name\":\"a\",\"domains\":[\"*\"]},{\"name\":\"b\",\"domains\":"
		 "[\"*\"]}]}",
		 "duplicate domain"},
		{XDS_LISTENER,
		 "{\"name\":\"x\",\"address\":{\"socket_address\":{\"address\":\"no\",\"port_value\":1}}}",
		 "'no' is not an IP address"},
		/* a file is the proxy's, not ours */
		{XDS_SECRET,
		 "{\"name\":\"x\",\"tls_certificate\":{\"certificate_chain\":{\"filename\":\"/not/there\"},"
		 "\"private_key\":{\"filename\":\"/not/there\"}}}",
		 NULL},
		{XDS_CLUSTER, "{\"name\":\"x\",\"metadata\":{\"filter_metadata\":{\"weft\":{\"pods\":\"no\"}}}}",
		 "cluster 'x': metadata weft.pods: 'no' is no transport"},
		{XDS_POD_BLOCK, "{\"name\":\"10.1.2.0/24\",\"mutual\":\"AAE=\",\"plain\":[15020,15021]}", NULL},
		{XDS_POD_BLOCK,
		 "{\"name\":\"fd00::100/120\",\"except\":[{\"address\":1,\"ports\":[80]},{\"address\":255}]}", NULL},
		{XDS_POD_BLOCK, "{\"name\":\"\"}", "pods 'x': name"},
		{XDS_POD_BLOCK, "{\"name\":\"10.1.2.0\"}", "name: '10.1.2.0' is no network of 256 addresses"},
		{XDS_POD_BLOCK, "{\"name\":\"10.1.2.4/24\"}", "is no network of 256"},
		{XDS_POD_BLOCK, "{\"name\":\"10.1.2.0/25\"}", "is no network of 256"},
		{XDS_POD_BLOCK, "{\"name\":\"fd00::0100/120\"}", "is no network of 256"},
		{XDS_POD_BLOCK, "{\"name\":\"fd00::/64\"}", "is no network of 256"},
		{XDS_POD_BLOCK,
		 "{\"name\":\"10.1.2.0/24\",\"mutual\":\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\"}",
		 "mutual: 33 bytes are more than 32"},
		{XDS_POD_BLOCK, "{\"name\":\"10.1.2.0/24\",\"plain\":[0]}", "plain: 0 is no port"},
		{XDS_POD_BLOCK, "{\"name\":\"10.1.2.0/24\",\"plain\":[65536]}", "plain: 65536 is no port"},
		{XDS_POD_BLOCK, "{\"name\":\"10.1.2.0/24\",\"plain\":[80,80]}", "plain: 80 is no port, or not above"},
		{XDS_POD_BLOCK, "{\"name\":\"10.1.2.0/24\",\"except\":[{\"address\":256}]}",
		 "except[0]: address: 256 is no last byte"},
		{XDS_POD_BLOCK, "{\"name\":\"10.1.2.0/24\",\"except\":[{\"address\":4},{\"address\":4}]}",
		 "except[1]: address: 4 is no last byte, or not above"},
		{XDS_POD_BLOCK, "{\"name\":\"10.1.2.0/24\",\"except\":[{\"address\":4,\"ports\":[9,8]}]}",
		 "except[0]: ports: 8 is no port, or not above"},
		{XDS_SECRET, "{\"name\":\"x\"}", "neither tls_certificate nor validation_context"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(xds_resource_unrefp) struct xds_resource *r = resource(rows[i].type, "x", rows[i].json);
		struct err e = ERR_INIT;
		int taken = config_check(r, &e);
		if ((taken == 0) != !rows[i].why || (rows[i].why && !strstr(e.msg, rows[i].why)))
			fail_msg("row %zu: %d %s", i, taken, e.msg);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(verdicts)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
