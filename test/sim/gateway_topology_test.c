/*
 * numTrustedProxies on its way from a gateway pod's annotation to the control plane: downward API file -> the proxy's
 * node -> what discovery reads in it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <cmocka.h>

#include "api/istio/mesh_config.h"
#include "discovery/internal.h"
#include "proxy/boot/bootstrap.h"
#include "xds/pb.h"

static const struct {
	const char *env, *annotation; /* NULL = none */
	struct proxy_topology want;
} rows[] = {
	{NULL, NULL, {false, 0, 0}},
	{"{\"concurrency\":1}", NULL, {false, 0, 0}},
	{"{\"gatewayTopology\":{\"numTrustedProxies\":2}}", NULL, {true, 2, 0}},
	{NULL, "gatewayTopology: {numTrustedProxies: 3}", {true, 3, 0}},
	{"{\"gatewayTopology\":{\"numTrustedProxies\":2}}",
	 "gatewayTopology: {numTrustedProxies: \\\"1\\\"}",
	 {true, 1, 0}},
	{"{\"gatewayTopology\":{\"numTrustedProxies\":2}}",
	 "gatewayTopology: {forwardClientCertDetails: APPEND_FORWARD}",
	 {true, 2, ISTIO_MESH_FORWARD_CLIENT_CERT_DETAILS_APPEND_FORWARD}},
	{NULL, "gatewayTopology: {numTrustedProxies: -1}", {true, 0, 0}},
};

static void write_annotations(const char *dir, const char *annotation)
{
	char path[256];

	snprintf(path, sizeof(path), "%s/annotations", dir);
	FILE *f = fopen(path, "w");
	assert_non_null(f);
	if (annotation)
		fprintf(f, "proxy.istio.io/config=\"%s\"\n", annotation);
	fclose(f);
}

static void start(struct bootstrap *b)
{
	char *argv[] = {(char *)"weft-proxy", (char *)"proxy", (char *)"router", NULL};
	struct err e = ERR_INIT;

	if (bootstrap_init(b, 3, argv, &e) != 0)
		fail_msg("%s", e.msg);
}

static void annotation_reaches_discovery(void **state)
{
	char dir[] = "/tmp/weft-topology.XXXXXX", path[256];

	(void)state;
	assert_non_null(mkdtemp(dir));
	setenv("WEFT_PODINFO_DIR", dir, 1);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(arena_done) struct arena a = ARENA_INIT;
		struct bootstrap b;
		struct proxy p;

		if (rows[i].env)
			setenv("PROXY_CONFIG", rows[i].env, 1);
		else
			unsetenv("PROXY_CONFIG");
		write_annotations(dir, rows[i].annotation);
		start(&b);
		const Envoy__Config__Core__V3__Node *n =
			pb_unpack(&a, &envoy__config__core__v3__node__descriptor, b.xds_node);
		assert_non_null(n);
		assert_int_equal(discovery_node_parse(n, &a, &p, NULL), 0);
		if (p.topology.set != rows[i].want.set || p.topology.trusted_proxies != rows[i].want.trusted_proxies ||
		    p.topology.forward_client_cert != rows[i].want.forward_client_cert)
			fail_msg("row %zu: %d %u %d", i, p.topology.set, p.topology.trusted_proxies,
				 p.topology.forward_client_cert);
		bootstrap_done(&b);
	}
	snprintf(path, sizeof(path), "%s/annotations", dir);
	unlink(path);
	rmdir(dir);
}

/* Two gateways that stand behind different proxies share no configuration. */
static void views_differ(void **state)
{
	CLEANUP(buf_done) struct buf a = BUF_INIT, b = BUF_INIT;
	struct proxy p = {.type = PROXY_ROUTER, .ns = "x", .interception = "NONE"};
	struct policy_index policies = {0};
	const struct snapshot s = {.policies = &policies};

	(void)state;
	compile_view_key(&s, &p, &a);
	p.topology = (struct proxy_topology){true, 2, 0};
	compile_view_key(&s, &p, &b);
	assert_false(slice_eq(buf_slice(&a), buf_slice(&b)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(annotation_reaches_discovery),
					   cmocka_unit_test(views_differ)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
