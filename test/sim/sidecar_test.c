/* Sidecars: what their hosts hide, where their listeners stand, which ports they serve and where strangers go. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include "scene.h"

#define SIDECAR(spec)                                                                                                  \
	"{apiVersion: networking.istio.io/v1beta1, kind: Sidecar, metadata: {name: s, namespace: shop}, spec: {" spec  \
	"}}"
#define VS(name, ns, host, to)                                                                                         \
	"{apiVersion: networking.istio.io/v1beta1, kind: VirtualService, metadata: {name: " name ", namespace: " ns    \
	"}, spec: {hosts: [" host "], http: [{route: [{destination: {host: " to "}}]}]}}"

#define CATALOG "outbound|8080||catalog.shop.svc.cluster.local"
#define INVENTORY "outbound|80||inventory.stock.svc.cluster.local"
#define DB "outbound|5432||db.shop.svc.cluster.local"

/* A Sidecar whose application asks by a socket; all else is open. */
#define ON_SOCKET(protocol, hosts)                                                                                     \
	SIDECAR("egress: [{port: {number: 0, protocol: " protocol                                                      \
		", name: s}, bind: 'unix:///run/out.sock', hosts: [" hosts "]}]")
#define SOCKET                                                                                                         \
	{                                                                                                              \
		.listener = "unix:///run/out.sock", .ip = "/run/out.sock"                                              \
	}
#define SOCKET_TLS(name)                                                                                               \
	{                                                                                                              \
		.listener = "unix:///run/out.sock", .ip = "/run/out.sock", .tls = true, .sni = name                    \
	}

static const char two_ports[] = "{apiVersion: v1, kind: Service, metadata: {name: two, namespace: shop, "
				"creationTimestamp: '2024-01-01T00:00:09Z'}, spec: {clusterIP: 10.96.0.29, ports: ["
				"{name: http, port: 80}, {name: http-b, port: 81}, {name: tcp, port: 82}]}}";

static void start(struct scene *s, const char *sidecar, const char *more)
{
	const char *const yaml[] = {world_shop, sidecar, more, NULL};
	struct proxy p;

	*s = (struct scene){0};
	p = world_proxy(&s->a, "sidecar", "shop", "app=catalog");
	scene_init(s, &p, yaml);
}

static const struct {
	const char *sidecar, *more;
	struct decide_conn conn;
	const char *host; /* NULL: no HTTP is asked */
	const char *to;
} rows[] = {
	/* Hosts. */
	{SIDECAR("egress: [{hosts: ['./*']}]"),
	 NULL,
	 {.ip = "10.96.0.21", .port = 8080, .alpn = "http/1.1"},
	 "catalog",
	 CATALOG},
	{SIDECAR("egress: [{hosts: ['./*']}]"),
	 NULL,
	 {.ip = "10.96.0.22", .port = 80, .alpn = "http/1.1"},
	 NULL,
	 "PassthroughCluster"},
	{SIDECAR("egress: [{hosts: ['./*', 'stock/*']}]"),
	 NULL,
	 {.ip = "10.96.0.22", .port = 80, .alpn = "http/1.1"},
	 "inventory.stock",
	 INVENTORY},
	{SIDECAR("egress: [{hosts: ['./*', 'stock/*.stock.svc.cluster.local']}]"),
	 NULL,
	 {.ip = "10.96.0.22", .port = 80, .alpn = "http/1.1"},
	 "inventory.stock",
	 INVENTORY},
	{SIDECAR("egress: [{hosts: ['./*', 'stock/other.stock.svc.cluster.local']}]"),
	 NULL,
	 {.ip = "10.96.0.22", .port = 80, .alpn = "http/1.1"},
	 NULL,
	 "PassthroughCluster"},
	{SIDECAR("egress: [{hosts: ['~/*']}]"), NULL, {.ip = "10.96.0.23", .port = 5432}, NULL, "PassthroughCluster"},
	/* Rules of namespaces beyond the hosts do not count, those within lead anywhere. */
	{SIDECAR("egress: [{hosts: ['./*']}]"),
	 VS("v", "stock", "catalog.shop.svc.cluster.local", "inventory"),
	 {.ip = "10.96.0.21", .port = 8080, .alpn = "http/1.1"},
	 "catalog",
	 CATALOG},
	{SIDECAR("egress: [{hosts: ['./*', 'stock/*']}]"),
	 VS("v", "stock", "catalog.shop.svc.cluster.local", "inventory"),
	 {.ip = "10.96.0.21", .port = 8080, .alpn = "http/1.1"},
	 "catalog",
	 INVENTORY},
	{SIDECAR("egress: [{hosts: ['./*']}]"),
	 VS("v", "shop", "catalog", "inventory.stock.svc.cluster.local"),
	 {.ip = "10.96.0.21", .port = 8080, .alpn = "http/1.1"},
	 "catalog",
	 INVENTORY},
	/* A listener of a port has it for itself. */
	{SIDECAR("egress: [{port: {number: 5432, protocol: TCP, name: t}, hosts: ['stock/*']}, {hosts: ['*/*']}]"),
	 NULL,
	 {.ip = "10.96.0.23", .port = 5432},
	 NULL,
	 "PassthroughCluster"},
	{SIDECAR("egress: [{port: {number: 5432, protocol: TCP, name: t}, hosts: ['./*']}]"),
	 NULL,
	 {.ip = "10.96.0.23", .port = 5432},
	 NULL,
	 DB},
	{SIDECAR("egress: [{port: {number: 5432, protocol: TCP, name: t}, hosts: ['./*']}]"),
	 NULL,
	 {.ip = "10.96.0.21", .port = 8080, .alpn = "http/1.1"},
	 NULL,
	 "PassthroughCluster"},
	{SIDECAR("egress: [{port: {number: 8080, protocol: TCP, name: t}, hosts: ['./*']}]"),
	 NULL,
	 {.ip = "10.96.0.21", .port = 8080, .alpn = "http/1.1"},
	 NULL,
	 CATALOG}, /* as the listener says: TCP */
	/* Listeners with sockets of their own. */
	{SIDECAR("egress: [{port: {number: 5432, protocol: TCP, name: t}, captureMode: NONE, hosts: ['./*']}]"),
	 NULL,
	 {.listener = "127.0.0.1_5432", .ip = "127.0.0.1", .port = 5432},
	 NULL,
	 DB},
	{SIDECAR("egress: [{port: {number: 8080, protocol: HTTP, name: h}, bind: 127.0.0.7, captureMode: NONE, hosts: "
		 "['./*']}]"),
	 NULL,
	 {.listener = "127.0.0.7_8080", .ip = "127.0.0.7", .port = 8080},
	 "catalog",
	 CATALOG},
	{SIDECAR("egress: [{captureMode: NONE, hosts: ['./*']}]"),
	 NULL,
	 {.listener = "127.0.0.1_8080", .ip = "127.0.0.1", .port = 8080},
	 "catalog",
	 CATALOG},
	/* Sockets without a port: services are found by name, with all their ports. */
	{ON_SOCKET("HTTP", "'*/*'"), NULL, SOCKET, "catalog", CATALOG},
	{ON_SOCKET("HTTP", "'*/*'"), NULL, SOCKET, "catalog:8080", CATALOG},
	{ON_SOCKET("HTTP", "'*/*'"), NULL, SOCKET, "catalog:80", "PassthroughCluster"},
	{ON_SOCKET("HTTP", "'*/*'"), NULL, SOCKET, "inventory.stock:80", INVENTORY},
	{ON_SOCKET("HTTP", "'./*'"), NULL, SOCKET, "inventory.stock", "PassthroughCluster"},
	{ON_SOCKET("HTTP", "'./*'"), two_ports, SOCKET, "two", "outbound|80||two.shop.svc.cluster.local"},
	{ON_SOCKET("HTTP", "'./*'"), two_ports, SOCKET, "two:80", "outbound|80||two.shop.svc.cluster.local"},
	{ON_SOCKET("HTTP", "'./*'"), two_ports, SOCKET, "two:81", "outbound|81||two.shop.svc.cluster.local"},
	{ON_SOCKET("HTTP", "'./*'"), two_ports, SOCKET, "two:82", "PassthroughCluster"},
	{ON_SOCKET("HTTP", "'./*'"), VS("v", "shop", "catalog", "inventory.stock.svc.cluster.local"), SOCKET,
	 "catalog:8080", INVENTORY},
	{ON_SOCKET("TCP", "./db.shop.svc.cluster.local"), NULL, SOCKET, NULL, DB},
	{ON_SOCKET("TCP", "'./*'"), NULL, SOCKET, NULL, "outbound|8080||catalog.shop.svc.cluster.local"},
	{ON_SOCKET("TLS", "'./*'"), NULL, SOCKET_TLS("db.shop.svc.cluster.local"), NULL, DB},
	{ON_SOCKET("TLS", "'./*'"), NULL, SOCKET_TLS("catalog.shop.svc.cluster.local"), NULL, CATALOG},
	{ON_SOCKET("TLS", "'./*'"), NULL, SOCKET_TLS("example.com"), NULL, "(none)"},
	/* Strangers. */
	{SIDECAR("outboundTrafficPolicy: {mode: ALLOW_ANY, egressProxy: {host: inventory.stock.svc.cluster.local, "
		 "port: "
		 "{number: 80}}}"),
	 NULL,
	 {.ip = "192.0.2.7", .port = 4444},
	 NULL,
	 INVENTORY},
	{SIDECAR("egress: [{hosts: ['./*']}], outboundTrafficPolicy: {mode: ALLOW_ANY, egressProxy: {host: "
		 "inventory.stock.svc.cluster.local}}"),
	 NULL,
	 {.ip = "192.0.2.7", .port = 8080, .alpn = "http/1.1"},
	 "stranger.com",
	 INVENTORY},
	{SIDECAR("outboundTrafficPolicy: {mode: ALLOW_ANY, egressProxy: {host: nobody}}"),
	 NULL,
	 {.ip = "192.0.2.7", .port = 4444},
	 NULL,
	 "BlackHoleCluster"},
	{SIDECAR("outboundTrafficPolicy: {mode: REGISTRY_ONLY}"),
	 NULL,
	 {.ip = "192.0.2.7", .port = 8080, .alpn = "http/1.1"},
	 "stranger.com",
	 "(direct 502)"},
};

static void egress(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct scene s;
		const char *got;

		start(&s, rows[i].sidecar, rows[i].more);
		got = rows[i].host ? decide_http(&s.d, &s.a, &rows[i].conn, rows[i].host, "/")
				   : decide_tcp(&s.d, &s.a, &rows[i].conn);
		if (strcmp(got, rows[i].to) != 0)
			fail_msg("row %zu: expected %s, got %s", i, rows[i].to, got);
		/* What a rule leads to has a cluster. */
		if (strncmp(rows[i].to, "outbound", 8) == 0 && !decide_cluster(&s.d, rows[i].to).spec)
			fail_msg("row %zu: there is no cluster %s", i, rows[i].to);
		scene_done(&s);
	}
}

static void sockets(void **state)
{
	struct scene s;

	(void)state;
	start(&s,
	      SIDECAR("egress: [{port: {number: 8080, protocol: HTTP, name: h}, captureMode: NONE, hosts: ['./*']}, "
		      "{hosts: ['*/*']}]"),
	      NULL);
	assert_true(decide_listener(&s.d, "127.0.0.1_8080")->bind_to_port);
	assert_false(decide_listener(&s.d, "127.0.0.1_8080")->http_inspector.on);
	assert_null(decide_listener(&s.d, "0.0.0.0_8080"));
	assert_false(decide_listener(&s.d, "10.96.0.23_5432")->bind_to_port);
	assert_false(decide_listener(&s.d, "0.0.0.0_80")->bind_to_port);
	scene_done(&s);
}

#define TWENTY "01234567890123456789"
#define LONGEST "@" TWENTY TWENTY TWENTY TWENTY TWENTY "012345"

static void paths(void **state)
{
	struct scene s;
	const struct config_listener *l;
	char text[ADDR_TEXT_MAX];

	(void)state;
	start(&s,
	      SIDECAR("egress: [{port: {number: 0, protocol: TCP, name: a}, bind: 'unix://@out', hosts: ['./*']}, "
		      "{port: {number: 0, protocol: TCP, name: b}, bind: 'unix://@out', hosts: ['./*']}, "
		      "{port: {number: 0, protocol: TCP, name: c}, bind: 'unix://out', hosts: ['./*']}, "
		      "{port: {number: 5432, protocol: TCP, name: d}, bind: 'unix://@d', hosts: ['./*']}, "
		      "{port: {number: 0, protocol: TCP, name: e}, bind: 'unix://@e', hosts: ['~/*']}, "
		      "{port: {number: 0, protocol: TCP, name: f}, bind: 'unix://@f', hosts: "
		      "[./two.shop.svc.cluster.local]}, "
		      "{port: {number: 0, protocol: TCP, name: g}, bind: 'unix://" LONGEST "', hosts: ['./*']}, "
		      "{port: {number: 0, protocol: TCP, name: h}, bind: 'unix://" LONGEST "6', hosts: ['./*']}]"),
	      two_ports);
	l = decide_listener(&s.d, "unix://@out");
	assert_string_equal(addr_format(&l->address, text), "@out");
	assert_int_equal(l->socket_mode, 0666);
	assert_true(l->bind_to_port);
	assert_null(decide_listener(&s.d, "unix://out"));
	assert_null(decide_listener(&s.d, "unix://@d"));
	assert_null(decide_listener(&s.d, "unix://@e"));
	assert_non_null(decide_listener(&s.d, "unix://@f"));
	assert_non_null(decide_listener(&s.d, "unix://" LONGEST));
	assert_null(decide_listener(&s.d, "unix://" LONGEST "6"));
	assert_string_equal(decide_note(&s.d, "s", "spec.egress[0].hosts"),
			    "bytes name nobody: those of the socket go to catalog.shop.svc.cluster.local, not to "
			    "db.shop.svc.cluster.local");
	assert_string_equal(decide_note(&s.d, "s", "spec.egress[1].bind"), "\"unix://@out\" is listed already");
	assert_non_null(strstr(decide_note(&s.d, "s", "spec.egress[2].bind"), "begins with / or @"));
	assert_non_null(strstr(decide_note(&s.d, "s", "spec.egress[7].bind"), "has up to 107 bytes"));
	assert_non_null(strstr(decide_note(&s.d, "s", "spec.egress[3].port"), "has a port of the number 0"));
	assert_string_equal(decide_note(&s.d, "s", "spec.egress[5].hosts"),
			    "host two.shop.svc.cluster.local has several ports: 80, its first, counts");
	scene_done(&s);
}

static void ingress(void **state)
{
	static const struct decide_conn tls = {
		.listener = "virtualInbound", .port = 9080, .tls = true, .alpn = "istio-http/1.1"};
	static const struct decide_conn plain = {.listener = "virtualInbound", .port = 9080};
	static const struct decide_conn other = {.listener = "virtualInbound", .port = 8080};
	struct scene s;
	struct config_cluster c;
	char text[ADDR_TEXT_MAX];

	(void)state;
	start(&s,
	      SIDECAR("ingress: [{port: {number: 9080, protocol: HTTP, name: h}, defaultEndpoint: '127.0.0.1:8081', "
		      "connectionPool: {http: {http2MaxRequests: 7}}}, {port: {number: 9081, protocol: TCP, name: "
		      "t}, "
		      "defaultEndpoint: '0.0.0.0:7000'}, {port: {number: 9082, protocol: TCP, name: u}}, {port: "
		      "{number: "
		      "9083, protocol: TCP, name: v}, captureMode: NONE, bind: 127.0.0.9, defaultEndpoint: "
		      "'127.0.0.1:7001'}, {port: {number: 9084, protocol: TCP, name: w}, defaultEndpoint: "
		      "unix:///run/app.sock}, {port: {number: 9085, protocol: TCP, name: x}, defaultEndpoint: "
		      "'unix://@app'}, "
		      "{port: {number: 9086, protocol: TCP, name: z}, defaultEndpoint: 'unix://app'}]"),
	      NULL);
	assert_string_equal(decide_tcp(&s.d, &s.a, &tls), "(http)");
	assert_string_equal(decide_http(&s.d, &s.a, &plain, "x", "/"), "inbound|9080||");
	assert_string_equal(decide_tcp(&s.d, &s.a, &other),
			    "InboundPassthroughClusterIpv4"); /* the service's, not listed */
	c = decide_cluster(&s.d, "inbound|9080||");
	assert_int_equal(c.spec->type, CONFIG_CLUSTER_STATIC);
	assert_int_equal(c.endpoints->n, 1);
	assert_string_equal(addr_format(&c.endpoints->v[0].address, text), "127.0.0.1:8081");
	assert_int_equal(c.spec->breakers.max_requests, 7);
	c = decide_cluster(&s.d, "inbound|9081||");
	assert_int_equal(c.spec->type, CONFIG_CLUSTER_ORIGINAL_DST);
	assert_int_equal(c.spec->original_dst_port, 7000);
	c = decide_cluster(&s.d, "inbound|9082||");
	assert_int_equal(c.spec->type, CONFIG_CLUSTER_ORIGINAL_DST);
	assert_int_equal(c.spec->original_dst_port, 0);
	assert_null(decide_cluster(&s.d, "inbound|8080||").spec);
	assert_true(decide_listener(&s.d, "inbound_127.0.0.9_9083")->bind_to_port);
	assert_int_equal(decide_listener(&s.d, "inbound_127.0.0.9_9083")->direction, CONFIG_INBOUND);
	c = decide_cluster(&s.d, "inbound|9084||");
	assert_int_equal(c.spec->type, CONFIG_CLUSTER_STATIC);
	assert_string_equal(addr_format(&c.endpoints->v[0].address, text), "/run/app.sock");
	assert_int_equal(c.spec->bind_source.len, 0);
	c = decide_cluster(&s.d, "inbound|9085||");
	assert_string_equal(addr_format(&c.endpoints->v[0].address, text), "@app");
	assert_null(decide_cluster(&s.d, "inbound|9086||").spec); /* nothing less takes its place */
	assert_non_null(decide_note(&s.d, "s", "spec.ingress[6].defaultEndpoint"));
	scene_done(&s);
}

/* Limits of what comes in: the Sidecar's instead of those that a rule sets for clients. */
static void inbound_limits(void **state)
{
	struct scene s;

	(void)state;
	start(&s, SIDECAR("inboundConnectionPool: {tcp: {maxConnections: 5}}"),
	      "{apiVersion: networking.istio.io/v1beta1, kind: DestinationRule, metadata: {name: d, namespace: "
	      "shop}, "
	      "spec: {host: catalog, trafficPolicy: {connectionPool: {tcp: {maxConnections: 9}}}}}");
	assert_int_equal(decide_cluster(&s.d, "inbound|8080||").spec->breakers.max_connections, 5);
	assert_int_equal(decide_cluster(&s.d, CATALOG).spec->breakers.max_connections, 9);
	scene_done(&s);
}

/* STRICT holds for listed ports as for those of services. */
static void ingress_strict(void **state)
{
	static const struct decide_conn plain = {.listener = "virtualInbound", .port = 9080, .alpn = "http/1.1"};
	static const struct decide_conn bound = {.listener = "inbound_0.0.0.0_9081", .port = 9081};
	struct scene s;

	(void)state;
	start(&s,
	      SIDECAR("ingress: [{port: {number: 9080, protocol: HTTP, name: h}, defaultEndpoint: '127.0.0.1:8081'}, "
		      "{port: {number: 9081, protocol: TCP, name: t}, captureMode: NONE, defaultEndpoint: "
		      "'127.0.0.1:8082'}]"),
	      "{apiVersion: security.istio.io/v1beta1, kind: PeerAuthentication, metadata: {name: p, namespace: "
	      "shop}, "
	      "spec: {mtls: {mode: STRICT}}}");
	assert_string_equal(decide_tcp(&s.d, &s.a, &plain), "(none)");
	assert_string_equal(decide_tcp(&s.d, &s.a, &bound), "(none)");
	scene_done(&s);
}

#define PEERS(mode)                                                                                                    \
	"{apiVersion: security.istio.io/v1beta1, kind: PeerAuthentication, metadata: {name: p, namespace: shop}, "     \
	"spec: {mtls: {mode: " mode "}}}"
#define FILES "serverCertificate: /c.pem, privateKey: /k.pem"
#define TLS(protocol, tls)                                                                                             \
	SIDECAR("ingress: [{port: {number: 9443, protocol: " protocol ", name: p}, defaultEndpoint: "                  \
		"'127.0.0.1:8081', tls: {" tls "}}]")

/* TLS that a listener opens itself: where the mesh's own is off, and nothing else is let through there. */
static void ingress_tls(void **state)
{
	static const struct {
		const char *sidecar, *peers;
		const char *opened; /* what takes TLS with SNI and ALPN of strangers */
		bool client;        /* has to show a certificate */
		bool told, closed;
	} tls[] = {
		{TLS("HTTPS", "mode: SIMPLE, " FILES), PEERS("DISABLE"), "(http)", false, false, false},
		{TLS("HTTPS", "mode: MUTUAL, caCertificates: /ca.pem, " FILES), PEERS("DISABLE"), "(http)", true, false,
		 false},
		{TLS("TLS", "mode: SIMPLE, " FILES), PEERS("DISABLE"), "inbound|9443||", false, false, false},
		{TLS("HTTPS", "mode: SIMPLE"), PEERS("DISABLE"), NULL, false, true, true},
		{TLS("HTTPS", "mode: MUTUAL, " FILES), PEERS("DISABLE"), NULL, false, true, true},
		{TLS("HTTPS", "mode: SIMPLE, credentialName: c"), PEERS("DISABLE"), NULL, false, true, true},
		{TLS("HTTPS", "mode: SIMPLE, " FILES), PEERS("STRICT"), NULL, true, true, false},
	};
	static const struct decide_conn outside = {
		.listener = "virtualInbound", .port = 9443, .tls = true, .sni = "x.example", .alpn = "h2"};
	static const struct decide_conn plain = {.listener = "virtualInbound", .port = 9443, .alpn = "http/1.1"};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(tls); i++) {
		struct scene s;
		const struct config_chain *c;

		start(&s, tls[i].sidecar, tls[i].peers);
		assert_int_equal(tls[i].told, decide_note(&s.d, "s", "spec.ingress[0].tls") != NULL);
		assert_int_equal(tls[i].closed, decide_cluster(&s.d, "inbound|9443||").spec == NULL);
		if (!tls[i].opened) {
			scene_done(&s);
			continue;
		}
		c = decide_chain(&s.d, &outside);
		assert_non_null(c);
		assert_string_equal(tls[i].opened, decide_tcp(&s.d, &s.a, &outside));
		assert_non_null(c->tls);
		assert_int_equal(tls[i].client, c->tls->require_client_certificate);
		assert_string_equal("(none)", decide_tcp(&s.d, &s.a, &plain));
		scene_done(&s);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(egress),         cmocka_unit_test(sockets),
					   cmocka_unit_test(paths),          cmocka_unit_test(ingress),
					   cmocka_unit_test(inbound_limits), cmocka_unit_test(ingress_strict),
					   cmocka_unit_test(ingress_tls)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
