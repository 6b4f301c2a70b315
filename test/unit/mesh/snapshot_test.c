/* What the snapshot knows of a mesh: which rule counts for whom, who sees what, what a port speaks, where a pod is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "mesh/host.h"
#include "world.h"

#define DR(ns, name, second, spec)                                                                                     \
	"{apiVersion: networking.istio.io/v1beta1, kind: DestinationRule, metadata: {name: " name ", namespace: " ns   \
	", creationTimestamp: '2024-01-01T00:00:" second "Z'}, spec: {" spec "}}\n---\n"
#define INVENTORY "host: inventory.stock.svc.cluster.local"

/* --- DestinationRules --- */

static const char ranks[] = DR("shop", "client", "01", INVENTORY) DR("stock", "service", "02", INVENTORY)
	DR("istio-system", "root", "03", INVENTORY);
static const char specific[] =
	DR("stock", "any", "01", "host: '*'") DR("stock", "domain", "02", "host: '*.cluster.local'")
		DR("stock", "wild", "03", "host: '*.stock.svc.cluster.local'") DR("stock", "exact", "04", INVENTORY)
			DR("stock", "exact-too", "05", "host: inventory");
static const char hidden[] =
	DR("stock", "private", "01", INVENTORY ", exportTo: [.]") DR("istio-system", "root", "02", INVENTORY);
static const char for_stock[] = DR("shop", "for-stock", "01", INVENTORY ", exportTo: [stock]")
	DR("stock", "for-shop", "02", INVENTORY ", exportTo: [shop]");
static const char root_client[] = DR("istio-system", "public", "01", INVENTORY) DR("stock", "service", "02", INVENTORY);
static const char root_private[] =
	DR("istio-system", "private", "01", INVENTORY ", exportTo: [.]") DR("stock", "service", "02", INVENTORY);
static const char some_clients[] = DR("stock", "some", "01", INVENTORY ", workloadSelector: {matchLabels: {app: x}}")
	DR("stock", "all", "02", INVENTORY);

static void destination_rules(void **state)
{
	static const struct {
		const char *title, *yaml, *client, *want;
	} rows[] = {
		{"the client's namespace first", ranks, "shop", "client"},
		{"then the service's", ranks, "other", "service"},
		{"the service's own clients", ranks, "stock", "service"},
		{"most specific host, all of that host", specific, "other", "exact exact-too"},
		{"what is private counts at home", hidden, "stock", "private"},
		{"and the root's elsewhere", hidden, "other", "root"},
		{"exported to one namespace", for_stock, "shop", "for-shop"},
		{"not to the others", for_stock, "other", ""},
		{"the root's public rules are no client's rules there", root_client, "istio-system", "service"},
		{"but its private ones are", root_private, "istio-system", "private"},
		{"rules for some clients are left out", some_clients, "shop", "all"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const char *const yaml[] = {world_shop, rows[i].yaml, NULL};
		const struct mesh_destination_rule *found[8];
		CLEANUP(buf_done) struct buf got = BUF_INIT;
		struct world w;
		size_t n;

		world_init(&w, "", yaml);
		n = snapshot_destination_rules(w.snap, rows[i].client,
					       snapshot_service(w.snap, "inventory.stock.svc.cluster.local"), found, 8);
		for (size_t k = 0; k < n; k++)
			buf_printf(&got, "%s%s", k ? " " : "", found[k]->o.name);
		if (strcmp(buf_str(&got), rows[i].want) != 0)
			fail_msg("%s: expected \"%s\", got \"%s\"", rows[i].title, rows[i].want, buf_str(&got));
		world_done(&w);
	}
}

/* --- who sees what --- */

static void exports(void **state)
{
	static const struct {
		const char *list[3];
		const char *ns, *to;
		bool visible;
	} rows[] = {
		{{NULL}, "a", "b", true},          {{"*"}, "a", "b", true},       {{"."}, "a", "b", false},
		{{"."}, "a", "a", true},           {{"b"}, "a", "b", true},       {{"b"}, "a", "a", false},
		{{"c", ".", "b"}, "a", "b", true}, {{"c", "d"}, "a", "b", false}, {{"~"}, "a", "a", false},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		size_t n = 0;

		while (n < 3 && rows[i].list[n])
			n++;
		if (export_visible(rows[i].list, n, rows[i].ns, rows[i].to) != rows[i].visible)
			fail_msg("row %zu", i);
	}
}

#define SE(ns, name, second, rest)                                                                                     \
	"{apiVersion: networking.istio.io/v1beta1, kind: ServiceEntry, metadata: {name: " name ", namespace: " ns      \
	", creationTimestamp: '2024-01-01T00:00:" second "Z'}, spec: {ports: [{number: 80, name: http, protocol: "     \
	"HTTP}], resolution: STATIC, " rest "}}\n---\n"

static void services_of_one_host(void **state)
{
	static const char entries[] = SE("shop", "young", "05", "hosts: [e.org], endpoints: [{address: 192.0.2.5}]")
		SE("stock", "private", "01", "hosts: [e.org], exportTo: [.], endpoints: [{address: 192.0.2.1}]")
			SE("stock", "old", "02", "hosts: [e.org], endpoints: [{address: 192.0.2.2}]")
				SE("shop", "same", "02", "hosts: [e.org], endpoints: [{address: 192.0.2.3}]")
					SE("shop", "fake", "00", "hosts: [inventory.stock.svc.cluster.local, '']");
	static const char *const order[] = {"private", "same", "old", "young"};
	const char *const yaml[] = {world_shop, entries, NULL};
	const struct service *s;
	struct world w;

	(void)state;
	world_init(&w, "", yaml);
	s = snapshot_service(w.snap, "e.org");
	for (size_t i = 0; i < ARRAY_LEN(order); i++, s = s->next) {
		const struct endpoint_set set = snapshot_endpoints(w.snap, s, 80);

		assert_string_equal(s->name, order[i]);
		assert_int_equal(set.n, 1); /* its own alone */
	}
	assert_null(s);
	assert_string_equal(snapshot_service_seen(w.snap, "e.org", "stock")->name, "private");
	assert_string_equal(snapshot_service_seen(w.snap, "e.org", "shop")->name, "same");
	assert_null(snapshot_service_seen(w.snap, "nobody.org", "shop"));
	assert_null(snapshot_service(w.snap, ""));
	assert_false(snapshot_service(w.snap, "inventory.stock.svc.cluster.local")->entry);
	world_done(&w);
}

/* An annotation says to whom a Service is shown. */
static void services_that_are_not_shown(void **state)
{
	static const struct {
		const char *annotation;
		bool shop, stock, other;
	} rows[] = {
		{"*", true, true, true},         {".", true, false, false},  {"stock", false, true, false},
		{"., stock", true, true, false}, {"~", false, false, false},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(arena_done) struct arena a = ARENA_INIT;
		const char *const yaml[] = {
			arena_printf(
				&a,
				"{apiVersion: v1, kind: Service, metadata: {name: s, namespace: shop, annotations: "
				"{networking.istio.io/exportTo: '%s'}}, spec: {clusterIP: 10.96.0.40, ports: [{name: "
				"http, "
				"port: 80}, {name: dns, port: 53, protocol: UDP}]}}",
				rows[i].annotation),
			NULL};
		const struct service *s;
		struct world w;

		world_init(&w, "", yaml);
		s = snapshot_service(w.snap, "s.shop.svc.cluster.local");
		assert_int_equal(s->n_ports, 1);
		if (service_visible(s, "shop") != rows[i].shop || service_visible(s, "stock") != rows[i].stock ||
		    service_visible(s, "other") != rows[i].other)
			fail_msg("row %zu: %s", i, rows[i].annotation);
		world_done(&w);
	}
}

/* --- ports --- */

static void protocols(void **state)
{
	static const struct {
		const char *app, *name, *transport;
		uint16_t port;
		enum protocol want;
	} rows[] = {
		{NULL, "http", "TCP", 80, PROTOCOL_HTTP},
		{NULL, "HTTP-web", "TCP", 80, PROTOCOL_HTTP},
		{NULL, "http2-x", "TCP", 80, PROTOCOL_HTTP2},
		{NULL, "grpc", "TCP", 80, PROTOCOL_GRPC},
		{NULL, "grpc-web", "TCP", 80, PROTOCOL_GRPC_WEB},
		{NULL, "grpc-web-x", "TCP", 80, PROTOCOL_GRPC_WEB},
		{NULL, "grpc-webx", "TCP", 80, PROTOCOL_GRPC},
		{NULL, "https", "TCP", 443, PROTOCOL_HTTPS},
		{NULL, "tls-a", "TCP", 443, PROTOCOL_TLS},
		{NULL, "tcp-a", "TCP", 80, PROTOCOL_TCP},
		{NULL, "mongo", "TCP", 27017, PROTOCOL_MONGO},
		{NULL, "httpx", "TCP", 80, PROTOCOL_AUTO},
		{NULL, "web", "TCP", 80, PROTOCOL_AUTO},
		{NULL, "", "TCP", 3306, PROTOCOL_TCP},
		{NULL, "db", "TCP", 3306, PROTOCOL_TCP},
		{NULL, "mysql-main", "TCP", 3306, PROTOCOL_MYSQL},
		{NULL, "http-odd", "TCP", 3306, PROTOCOL_HTTP},
		{NULL, NULL, NULL, 25, PROTOCOL_TCP},
		{NULL, NULL, NULL, 8080, PROTOCOL_AUTO},
		{NULL, "http", "UDP", 80, PROTOCOL_UDP},
		{"http", "tcp-a", "TCP", 80, PROTOCOL_HTTP},
		{"kubernetes.io/h2c", "tcp", "TCP", 80, PROTOCOL_HTTP2},
		{"nonsense", "http", "TCP", 80, PROTOCOL_HTTP},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const enum protocol got = protocol_detect(rows[i].app, rows[i].name, rows[i].transport, rows[i].port);

		if (got != rows[i].want)
			fail_msg("row %zu, %s: expected %s, got %s", i, rows[i].name ? rows[i].name : "(none)",
				 protocol_str(rows[i].want), protocol_str(got));
	}
	assert_true(protocol_is_http(PROTOCOL_GRPC_WEB) && !protocol_is_http(PROTOCOL_TLS));
	assert_true(protocol_is_tls(PROTOCOL_HTTPS) && !protocol_is_tls(PROTOCOL_HTTP));
}

/* --- where endpoints are --- */

static void localities(void **state)
{
	static const struct {
		const char *labels, *region, *zone, *subzone;
	} rows[] = {
		{"", "", "", ""},
		{"topology.kubernetes.io/region: r, topology.kubernetes.io/zone: z", "r", "z", ""},
		{"topology.kubernetes.io/region: r, topology.kubernetes.io/zone: z, topology.istio.io/subzone: s", "r",
		 "z", "s"},
		{"istio-locality: r1.z1.s1", "r1", "z1", "s1"},
		{"istio-locality: r1/z1/s1, topology.kubernetes.io/region: r", "r1", "z1", "s1"},
		{"istio-locality: r1", "r1", "", ""},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(arena_done) struct arena a = ARENA_INIT;
		const char *const yaml[] = {world_shop,
					    arena_printf(&a,
							 "{apiVersion: v1, kind: Pod, metadata: {name: inventory-1, "
							 "namespace: stock, labels: {app: "
							 "inventory%s%s}}, spec: {containers: [{name: a, image: x}]}, "
							 "status: {podIP: 10.244.0.6}}",
							 *rows[i].labels ? ", " : "", rows[i].labels),
					    NULL};
		struct endpoint_set set;
		struct world w;

		world_init(&w, "", yaml);
		set = snapshot_endpoints(w.snap, snapshot_service(w.snap, "inventory.stock.svc.cluster.local"), 80);
		assert_int_equal(set.n, 2);
		assert_string_equal(set.v[0].region, rows[i].region);
		assert_string_equal(set.v[0].zone, rows[i].zone);
		assert_string_equal(set.v[0].subzone, rows[i].subzone);
		world_done(&w);
	}
}

/* By the pod's labels, else its node's, else the zone in the slice. */
static void places(void **state)
{
	static const struct {
		const char *labels, *node, *zone, *region, *want_zone, *subzone;
	} rows[] = {
		{"", "topology.kubernetes.io/region: r, topology.kubernetes.io/zone: z, topology.istio.io/subzone: s",
		 "z", "r", "z", "s"},
		{"", "failure-domain.beta.kubernetes.io/region: r, failure-domain.beta.kubernetes.io/zone: z", "", "r",
		 "z", ""},
		{"", "topology.kubernetes.io/region: r", "z7", "r", "z7", ""},
		{"istio-locality: r1.z1", "topology.kubernetes.io/region: r, topology.istio.io/subzone: s", "z7", "r1",
		 "z1", ""},
		{"", "", "z7", "", "z7", ""},
		{"", NULL, "z7", "", "z7", ""},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(arena_done) struct arena a = ARENA_INIT;
		const char *const yaml[] = {
			world_shop,
			arena_printf(&a,
				     "{apiVersion: v1, kind: Pod, metadata: {name: p, namespace: stock, labels: {%s}}, "
				     "spec: "
				     "{nodeName: node, containers: [{name: a, image: x}]}, status: {podIP: 10.9.9.9}}",
				     rows[i].labels),
			arena_printf(
				&a, "{apiVersion: v1, kind: Service, metadata: {name: placed, namespace: stock}, spec: "
				    "{clusterIP: 10.96.9.9, ports: [{name: http, port: 80}]}}"),
			arena_printf(
				&a,
				"{apiVersion: discovery.k8s.io/v1, kind: EndpointSlice, addressType: IPv4, metadata: "
				"{name: z, namespace: stock, labels: {kubernetes.io/service-name: placed}}, ports: "
				"[{name: http, port: 80}], endpoints: [{addresses: [10.9.9.9], zone: '%s', targetRef: "
				"{kind: Pod, name: p, namespace: stock}}]}",
				rows[i].zone),
			arena_printf(&a, "{apiVersion: v1, kind: Node, metadata: {name: %s, labels: {%s}}}",
				     rows[i].node ? "node" : "other", rows[i].node ? rows[i].node : ""),
			NULL};
		struct endpoint_set set;
		struct world w;

		world_init(&w, "", yaml);
		set = snapshot_endpoints(w.snap, snapshot_service(w.snap, "placed.stock.svc.cluster.local"), 80);
		assert_int_equal(set.n, 1);
		assert_string_equal(set.v[0].region, rows[i].region);
		assert_string_equal(set.v[0].zone, rows[i].want_zone);
		assert_string_equal(set.v[0].subzone, rows[i].subzone);
		world_done(&w);
	}
}

/* --- mutual TLS of workloads --- */

#define PA(ns, name, spec)                                                                                             \
	"{apiVersion: security.istio.io/v1beta1, kind: PeerAuthentication, metadata: {name: " name ", namespace: " ns  \
	"}, spec: {" spec "}}\n---\n"

static void mutual_tls(void **state)
{
	static const char all[] =
		PA("istio-system", "mesh", "mtls: {mode: STRICT}") PA("shop", "ns", "mtls: {mode: DISABLE}")
			PA("shop", "catalog",
			   "selector: {matchLabels: {app: catalog}}, mtls: {mode: UNSET}, portLevelMtls: {8080: "
			   "{mode: STRICT}, 9090: {mode: UNSET}}")
				PA("shop", "db", "selector: {matchLabels: {app: db}}, mtls: {mode: PERMISSIVE}");
	static const struct {
		const char *ns, *app;
		uint16_t port;
		enum mtls_mode want;
	} rows[] = {
		{"stock", "inventory", 80, MTLS_STRICT}, {"shop", "other", 80, MTLS_DISABLE},
		{"shop", "catalog", 8080, MTLS_STRICT},  {"shop", "catalog", 8081, MTLS_DISABLE},
		{"shop", "catalog", 9090, MTLS_DISABLE}, {"shop", "db", 8080, MTLS_PERMISSIVE},
		{"istio-system", "gw", 80, MTLS_STRICT},
	};
	const char *const yaml[] = {world_shop, all, NULL};
	struct world w;

	(void)state;
	world_init(&w, "", yaml);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct str_pair pair = {"app", rows[i].app};
		const struct str_map labels = {&pair, 1};

		if (snapshot_mtls_mode(w.snap, rows[i].ns, &labels, rows[i].port) != rows[i].want)
			fail_msg("row %zu", i);
	}
	world_done(&w);
}

/* --- names --- */

static void names(void **state)
{
	static const struct {
		const char *host, *pattern;
		bool subset, overlap;
	} rows[] = {
		{"a.com", "a.com", true, true},     {"A.com", "a.COM", true, true},
		{"a.com", "b.com", false, false},   {"x.a.com", "*.a.com", true, true},
		{"a.com", "*.a.com", false, false}, {"a.com", "*", true, true},
		{"*.a.com", "*.com", true, true},   {"*.com", "*.a.com", false, true},
		{"*", "a.com", false, true},        {"*.a.com", "*.b.com", false, false},
	};
	CLEANUP(arena_done) struct arena a = ARENA_INIT;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (host_subset_of(rows[i].host, rows[i].pattern) != rows[i].subset ||
		    host_overlap(rows[i].host, rows[i].pattern) != rows[i].overlap)
			fail_msg("row %zu", i);
	assert_true(host_cmp_specific("a.com", "*.com") < 0);
	assert_true(host_cmp_specific("*.a.com", "*.com") < 0);
	assert_true(host_cmp_specific("*", "*.com") > 0);
	assert_int_equal(host_cmp_specific("*.com", "*.com"), 0);
	assert_string_equal(host_resolve(&a, "db", "shop", "cluster.local"), "db.shop.svc.cluster.local");
	assert_string_equal(host_resolve(&a, "db.other", "shop", "cluster.local"), "db.other");
	assert_string_equal(host_resolve(&a, NULL, "shop", "cluster.local"), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(destination_rules),
		cmocka_unit_test(exports),
		cmocka_unit_test(services_of_one_host),
		cmocka_unit_test(services_that_are_not_shown),
		cmocka_unit_test(protocols),
		cmocka_unit_test(localities),
		cmocka_unit_test(places),
		cmocka_unit_test(mutual_tls),
		cmocka_unit_test(names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
