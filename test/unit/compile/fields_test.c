/* Fields that stand for themselves: set in the mesh's settings or an object, seen in the resource that carries them
 * out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/cleanup.h"
#include "world.h"

#define VS(spec)                                                                                                       \
	"{apiVersion: networking.istio.io/v1alpha3, kind: VirtualService, metadata: {name: v, namespace: stock}, "     \
	"spec: {hosts: [inventory], http: [" spec "]}}"
#define DR(policy)                                                                                                     \
	"{apiVersion: networking.istio.io/v1alpha3, kind: DestinationRule, metadata: {name: d, namespace: stock}, "    \
	"spec: {host: inventory, trafficPolicy: " policy "}}"
#define SE(spec)                                                                                                       \
	"{apiVersion: networking.istio.io/v1alpha3, kind: ServiceEntry, metadata: {name: e, namespace: shop}, spec: "  \
	"{hosts: [api.example.org], ports: [{number: 443, name: tcp, protocol: TCP}], " spec "}}"
#define ROUTE "route: [{destination: {host: inventory}}]"
#define INVENTORY "outbound|80||inventory.stock.svc.cluster.local"

struct row {
	const char *title, *mesh, *yaml;
	enum xds_type type;
	const char *name, *has, *lacks;
};

static const struct row rows[] = {
	{"accessLogFormat", "{accessLogFile: /dev/stdout, accessLogFormat: '%PROTOCOL% x'}", NULL, XDS_LISTENER,
	 "0.0.0.0_80", "%PROTOCOL% x", NULL},
	{"enableAutoMtls is on", "{enableAutoMtls: true}", NULL, XDS_CLUSTER, INVENTORY, "tlsMode-istio", NULL},
	{"enableAutoMtls: false", "{enableAutoMtls: false}", NULL, XDS_CLUSTER, INVENTORY, "\"type\":\"EDS\"",
	 "tlsMode-istio"},
	{"dnsRefreshRate", "{dnsRefreshRate: 7s}", SE("resolution: DNS"), XDS_CLUSTER, "outbound|443||api.example.org",
	 "\"dns_refresh_rate\":\"7s\"", NULL},
	{"defaultHttpRetryPolicy", "{defaultHttpRetryPolicy: {attempts: 5, retryOn: reset}}", NULL, XDS_ROUTE, "80",
	 "\"num_retries\":5", "\"num_retries\":2"},
	{"match.statPrefix", "", VS("{match: [{uri: {prefix: /a}, statPrefix: alpha}], " ROUTE "}"), XDS_ROUTE, "80",
	 "\"stat_prefix\":\"alpha\"", NULL},
	{"corsPolicy.allowOrigin", "", VS("{corsPolicy: {allowOrigin: ['https://a.example']}, " ROUTE "}"), XDS_ROUTE,
	 "80", "{\"exact\":\"https://a.example\"}", NULL},
	{"consistentHash.httpQueryParameterName", "",
	 DR("{loadBalancer: {consistentHash: {httpQueryParameterName: user}}}"), XDS_ROUTE, "80",
	 "\"query_parameter\":{\"name\":\"user\"}", NULL},
	{"consistentHash.ringHash", "",
	 DR("{loadBalancer: {consistentHash: {useSourceIp: true, ringHash: {minimumRingSize: 2048}}}}"), XDS_CLUSTER,
	 INVENTORY, "\"minimum_ring_size\":\"2048\"", NULL},
	{"consistentHash.maglev.tableSize", "",
	 DR("{loadBalancer: {consistentHash: {useSourceIp: true, maglev: {tableSize: 101}}}}"), XDS_CLUSTER, INVENTORY,
	 "\"table_size\":\"101\"", NULL},
	{"outlierDetection.consecutiveGatewayErrors", "", DR("{outlierDetection: {consecutiveGatewayErrors: 3}}"),
	 XDS_CLUSTER, INVENTORY, "\"consecutive_gateway_failure\":3,\"enforcing_consecutive_gateway_failure\":100",
	 NULL},
	{"connectionPool.http.useClientProtocol", "", DR("{connectionPool: {http: {useClientProtocol: true}}}"),
	 XDS_CLUSTER, INVENTORY, "\"use_downstream_protocol_config\"", NULL},
	{"redirect.derivePort", "", VS("{redirect: {uri: /n, derivePort: FROM_REQUEST_PORT}}"), XDS_ROUTE, "80",
	 "\"port_redirect\":80", NULL},
	{"outlierDetection.splitExternalLocalOriginErrors and consecutiveLocalOriginFailures", "",
	 DR("{outlierDetection: {splitExternalLocalOriginErrors: true, consecutiveLocalOriginFailures: 4}}"),
	 XDS_CLUSTER, INVENTORY, "\"consecutive_local_origin_failure\":4", NULL},
	{"tls.clientCertificate and privateKey", "",
	 DR("{tls: {mode: MUTUAL, clientCertificate: /etc/c.pem, privateKey: /etc/k.pem, caCertificates: "
	    "/etc/ca.pem}}"),
	 XDS_CLUSTER, INVENTORY, "\"filename\":\"/etc/c.pem\"", NULL},
	{"ServiceEntry.subjectAltNames", "",
	 SE("resolution: STATIC, location: MESH_INTERNAL, subjectAltNames: ['spiffe://cluster.local/ns/vm/sa/db'], "
	    "endpoints: "
	    "[{address: 192.0.2.7, labels: {security.istio.io/tlsMode: istio}}]"),
	 XDS_CLUSTER, "outbound|443||api.example.org", "spiffe://cluster.local/ns/vm/sa/db", NULL},
	{"endpoints.serviceAccount", "",
	 SE("resolution: STATIC, location: MESH_INTERNAL, endpoints: [{address: 192.0.2.7, serviceAccount: db, labels: "
	    "{security.istio.io/tlsMode: istio}}]"),
	 XDS_CLUSTER, "outbound|443||api.example.org", "spiffe://cluster.local/ns/shop/sa/db", NULL},
};

static const struct row gateway_rows[] = {
	{"httpsRedirect of the server that names the host", "",
	 "{apiVersion: networking.istio.io/v1alpha3, kind: Gateway, metadata: {name: g, namespace: istio-system}, "
	 "spec: "
	 "{selector: {istio: ingressgateway}, servers: [{port: {number: 8081, name: http, protocol: HTTP}, hosts: "
	 "['*.example.com']}, {port: {number: 8081, name: http-a, protocol: HTTP}, hosts: [a.example.com], tls: "
	 "{httpsRedirect: true}}]}}",
	 XDS_ROUTE, "http.8081", "\"require_tls\":\"ALL\"", NULL},
	{"Gateway.tls.cipherSuites", "",
	 "{apiVersion: networking.istio.io/v1alpha3, kind: Gateway, metadata: {name: g, namespace: istio-system}, "
	 "spec: "
	 "{selector: {istio: ingressgateway}, servers: [{port: {number: 8443, name: https, protocol: HTTPS}, hosts: "
	 "['*'], "
	 "tls: {mode: SIMPLE, serverCertificate: /c.pem, privateKey: /k.pem, cipherSuites: "
	 "[ECDHE-RSA-AES128-GCM-SHA256]}}]}}",
	 XDS_LISTENER, "0.0.0.0_8443", "\"cipher_suites\":[\"ECDHE-RSA-AES128-GCM-SHA256\"]", NULL},
};

static void run_row(const struct row *r, const char *type, const char *ns, const char *labels)
{
	const char *const yaml[] = {world_shop, r->yaml, NULL};
	CLEANUP(arena_done) struct arena a = ARENA_INIT;
	CLEANUP(freep) char *json = NULL;
	const struct proxy p = world_proxy(&a, type, ns, labels);
	struct compile_result result;
	struct world w;

	world_init(&w, r->mesh, yaml);
	compile_view(w.snap, &p, 0xf, &w.pool, NULL, &result);
	json = world_json(&result, r->type, r->name);
	if (!json || !strstr(json, r->has))
		fail_msg("%s: %s is not in %s", r->title, r->has, json ? json : "nothing");
	if (r->lacks && strstr(json, r->lacks))
		fail_msg("%s: %s is in %s", r->title, r->lacks, json);
	compile_result_done(&result);
	world_done(&w);
}

static void each_field_is_seen(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		run_row(&rows[i], "sidecar", "shop", "app=catalog");
	for (size_t i = 0; i < sizeof(gateway_rows) / sizeof(gateway_rows[0]); i++)
		run_row(&gateway_rows[i], "router", "istio-system", "istio=ingressgateway");
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(each_field_is_seen)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
