/* The choice of filter chains, with the inbound listener of a sidecar in PERMISSIVE mode as the main case. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <cmocka.h>

#include <stdlib.h>
#include <unistd.h>

#include "base/mem.h"
#include "config/build_internal.h"
#include "proxy/boot/config_file.h"

#define TCP_FILTERS                                                                                                    \
	"filters: [{name: t, typed_config: {'@type': "                                                                 \
	"type.googleapis.com/envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy, stat_prefix: x, cluster: c}}]"

static const char yaml[] =
	"listeners:\n"
	"- name: virtualInbound\n"
	"  address: {socket_address: {address: 0.0.0.0, port_value: 15006}}\n"
	"  filter_chains:\n"
	"  - {name: blackhole, filter_chain_match: {destination_port: 15006}, " TCP_FILTERS "}\n"
	"  - {name: http-mtls, filter_chain_match: {destination_port: 8080, transport_protocol: tls, "
	"application_protocols: [istio, istio-peer-exchange, istio-http/1.1, istio-h2]}, " TCP_FILTERS "}\n"
	"  - {name: http-plain, filter_chain_match: {destination_port: 8080, transport_protocol: "
	"raw_buffer}, " TCP_FILTERS "}\n"
	"  - {name: sni-exact, filter_chain_match: {destination_port: 443, server_names: [a.example.com]}, " TCP_FILTERS
	"}\n"
	"  - {name: sni-wild, filter_chain_match: {destination_port: 443, server_names: "
	"['*.example.com']}, " TCP_FILTERS "}\n"
	"  - {name: net, filter_chain_match: {prefix_ranges: [{address_prefix: 10.1.0.0, prefix_len: "
	"16}]}, " TCP_FILTERS "}\n"
	"  - {name: host, filter_chain_match: {prefix_ranges: [{address_prefix: 10.1.2.3, prefix_len: "
	"32}]}, " TCP_FILTERS "}\n"
	"  - {name: pass-mtls, filter_chain_match: {transport_protocol: tls, application_protocols: "
	"[istio-peer-exchange, istio]}, " TCP_FILTERS "}\n"
	"  - {name: pass-tls, filter_chain_match: {transport_protocol: tls}, " TCP_FILTERS "}\n"
	"  - {name: pass-plain, filter_chain_match: {transport_protocol: raw_buffer}, " TCP_FILTERS "}\n";

static struct config_node *test_node(void)
{
	struct config_node *n = mem_alloc(sizeof(*n));

	n->refs = 1;
	return n;
}

static struct config *load(const char *text, struct build **ret_build, struct err *e)
{
	char path[] = "/tmp/weft-chain-test.XXXXXX";
	int fd = mkstemp(path);
	struct config_node *node = test_node();

	assert_true(fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text));
	close(fd);
	*ret_build = build_new(node);
	config_node_unref(node);
	int r = config_file_load(path, *ret_build, e);
	unlink(path);
	return r < 0 ? NULL : build_config(*ret_build);
}

static void chains(void **state)
{
	static const struct {
		const char *to;
		uint16_t port;
		bool tls;
		const char *sni, *alpn, *chain;
	} rows[] = {
		{"10.9.9.9", 8080, true, "", "istio", "http-mtls"},
		{"10.9.9.9", 8080, true, "x", "istio-http/1.1", "http-mtls"},
		{"10.9.9.9", 8080, true, "x", "h2", NULL}, /* TLS of the application itself on an HTTP port */
		{"10.9.9.9", 8080, false, "", "", "http-plain"},
		{"10.9.9.9", 8080, false, "", "http/1.1", "http-plain"},
		{"10.9.9.9", 5432, true, "", "istio-peer-exchange", "pass-mtls"},
		{"10.9.9.9", 5432, true, "", "h2", "pass-tls"},
		{"10.9.9.9", 5432, false, "", "", "pass-plain"},
		{"10.9.9.9", 15006, false, "", "", "blackhole"},
		{"10.9.9.9", 443, true, "a.example.com", "", "sni-exact"},
		{"10.9.9.9", 443, true, "b.example.com", "", "sni-wild"},
		{"10.9.9.9", 443, true, "example.com", "", NULL},
		{"10.1.9.9", 9999, false, "", "", "net"},
		{"10.1.2.3", 9999, false, "", "", "host"},
		{"10.1.2.3", 8080, false, "", "", "http-plain"}, /* the port counts before the address */
	};
	struct err e = ERR_INIT;
	struct build *b;
	struct config *c = load(yaml, &b, &e);

	(void)state;
	if (!c)
		fail_msg("%s", e.msg);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct addr to, from;
		struct slice alpn = slice_str(rows[i].alpn);
		assert_int_equal(addr_parse(slice_str(rows[i].to), rows[i].port, &to), 0);
		assert_int_equal(addr_parse(SLICE("10.7.7.7"), 1234, &from), 0);
		struct chain_input in = {&to, &from, slice_str(rows[i].sni), rows[i].tls, &alpn, alpn.len > 0};
		const struct config_chain *found = config_chain_find(c->listeners[0], &in);
		const char *got = found ? found->name : "(none)", *want = rows[i].chain ? rows[i].chain : "(none)";
		if (strcmp(got, want) != 0)
			fail_msg("%s:%u %s %s: expected %s, got %s", rows[i].to, rows[i].port, rows[i].sni,
				 rows[i].alpn, want, got);
	}
	config_unref(c);
	build_free(b);
}

static void refusals(void **state)
{
	static const struct {
		const char *yaml, *message;
	} rows[] = {
		{"listeners: [{name: l, address: {socket_address: {address: x, port_value: 1}}}]",
		 "listener 'l': address: 'x' is not an IP address"},
		{"listeners: [{name: l, adress: {}}]",
		 "listeners[0]: adress: envoy.config.listener.v3.Listener has no such field"},
		{"listeners: [{name: l, address: {socket_address: {address: 1.1.1.1, port_value: 1}}, filter_chains: "
		 "[{name: a, " TCP_FILTERS "}, {name: b, " TCP_FILTERS "}]}]",
		 "listener 'l': filter chains 'a' and 'b' have the same matching rules"},
		{"listeners: [{name: l, address: {socket_address: {address: 1.1.1.1, port_value: 1}}, filter_chains: "
		 "[{name: a}]}]",
		 "listener 'l': filter_chains[0] 'a': no HTTP connection manager and no TCP proxy"},
		{"clusters: [{name: c, type: EDS, connect_timeout: 0s}]",
		 "cluster 'c': connect_timeout must be greater than 0s"},
		{"clusters: [{name: c, type: EDSX}]", "clusters[0]: type: 'EDSX' is no DiscoveryType"},
		{"clusters: [{name: c, health_checks: [{}]}]",
		 "cluster 'c': health_checks[0]: timeout must be greater than 0s"},
		{"routes: [{name: r, virtual_hosts: [{name: v, domains: ['*'], routes: [{match: {safe_regex: {regex: "
		 "'('}}, "
		 "route: {cluster: c}}]}]}]",
		 "route configuration 'r': virtual_hosts[0] 'v': routes[0]: match: invalid regex: missing ): ("},
		{"routes: [{name: r, virtual_hosts: [{name: v, domains: ['*'], routes: [{match: {prefix: /}, route: "
		 "{weighted_clusters: {clusters: [{name: a, weight: 0}]}}}]}]}]",
		 "route configuration 'r': virtual_hosts[0] 'v': routes[0]: route: weighted_clusters: the sum of "
		 "weights "
		 "must be 1..4294967295"},
		{"endpoints: [{cluster_name: c, endpoints: [{priority: 999}]}]", NULL},
		{"a: [b", ": line 2: did not find expected ',' or ']'"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct err e = ERR_INIT;
		struct build *b;
		struct config *c = load(rows[i].yaml, &b, &e);
		if (!c != (rows[i].message != NULL) || (rows[i].message && !strstr(e.msg, rows[i].message)))
			fail_msg("row %zu: %s", i, e.msg);
		config_unref(c);
		build_free(b);
	}
}

static void parts_are_shared(void **state)
{
	struct err e = ERR_INIT;
	struct build *b;
	struct config *one = load("clusters: [{name: a, type: EDS}, {name: b, type: EDS}]", &b, &e), *two;
	struct xds_resource *r;
	struct build_update u = {XDS_CLUSTER, &r, 1, NULL, 0, NULL};

	(void)state;
	assert_non_null(one);
	r = xds_resource_new(XDS_CLUSTER, SLICE("a"), SLICE(""));
	assert_int_equal(build_apply(b, &u, &e), 0);
	xds_resource_unref(r);
	two = build_config(b);
	uint32_t slot_a = config_cluster_slot(two, SLICE("a")), slot_b = config_cluster_slot(two, SLICE("b"));
	assert_ptr_not_equal(one->clusters[slot_a].spec, two->clusters[slot_a].spec);
	assert_ptr_equal(one->clusters[slot_b].spec, two->clusters[slot_b].spec);
	config_unref(one);
	config_unref(two);
	build_free(b);
}

/* One assignment for several clusters: all follow it, and of a refused one none takes anything. */
static void shared_endpoints(void **state)
{
	static const char text[] =
		"clusters: [{name: a, type: EDS, eds_cluster_config: {service_name: s}}, "
		"{name: b, type: EDS, eds_cluster_config: {service_name: s}}, {name: c, type: EDS}]\n"
		"endpoints: [{cluster_name: s, endpoints: [{lb_endpoints: [{endpoint: {address: {socket_address: "
		"{address: 10.0.0.1, port_value: 80}}}}]}]}]";
	struct err e = ERR_INIT;
	struct build *b;
	struct config *c = load(text, &b, &e);
	struct slice gone = SLICE("a");
	/* endpoints { priority: 200 }, and an empty one */
	struct xds_resource *bad = xds_resource_new(XDS_ENDPOINT, SLICE("s"), SLICE("\n\1s\x12\3(\xc8\1"));
	struct xds_resource *none = xds_resource_new(XDS_ENDPOINT, SLICE("s"), SLICE("\n\1s"));
	const size_t want[][3] = {{1, 1, 0}, {1, 1, 0}, {0, 0, 0}, {0, 0, 0}};

	(void)state;
	assert_non_null(c);
	for (int step = 0; step < 4; step++) {
		struct build_update u = {.type = step == 3 ? XDS_CLUSTER : XDS_ENDPOINT,
					 .changed = step == 1 ? &bad : &none,
					 .n_changed = step == 1 || step == 2,
					 .removed = &gone,
					 .n_removed = step == 3};
		config_unref(c);
		assert_int_equal(build_apply(b, &u, &e), step == 1 ? -EINVAL : 0);
		c = build_config(b);
		for (int i = 0; i < 3; i++) {
			char name[2] = {(char)('a' + i), 0};
			struct config_cluster cl = config_cluster_get(c, config_cluster_slot(c, slice_str(name)));
			if (step == 3 && i == 0)
				assert_null(cl.spec);
			else
				assert_int_equal(cl.endpoints->n, want[step][i]);
		}
	}
	config_unref(c);
	xds_resource_unref(bad);
	xds_resource_unref(none);
	build_free(b);
}

static void last_good_one_stays(void **state)
{
	struct err e = ERR_INIT;
	struct build *b;
	struct config *c = load("endpoints: [{cluster_name: c, endpoints: [{lb_endpoints: [{endpoint: {address: "
				"{socket_address: {address: 10.0.0.1, port_value: 80}}}}]}]}]\n"
				"clusters: [{name: c, type: EDS}]",
				&b, &e);
	/* endpoints { priority: 200 } */
	struct xds_resource *r = xds_resource_new(XDS_ENDPOINT, SLICE("c"), SLICE("\n\1c\x12\3(\xc8\1"));
	struct build_update u = {XDS_ENDPOINT, &r, 1, NULL, 0, NULL};

	(void)state;
	if (!c)
		fail_msg("%s", e.msg);
	config_unref(c);
	assert_int_equal(build_apply(b, &u, &e), -EINVAL);
	assert_string_equal(e.msg, "endpoints 'c': endpoints[0]: priority must be 0..127");
	c = build_config(b);
	assert_int_equal(config_cluster_get(c, config_cluster_slot(c, SLICE("c"))).endpoints->n, 1);
	config_unref(c);
	xds_resource_unref(r);
	build_free(b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(chains), cmocka_unit_test(refusals),
					   cmocka_unit_test(parts_are_shared), cmocka_unit_test(shared_endpoints),
					   cmocka_unit_test(last_good_one_stays)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
