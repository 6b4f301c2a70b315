/* Kubernetes objects in, xDS resources out: one row for each thing that configuration can say. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "world.h"

#define VS(spec)                                                                                                       \
	"{apiVersion: networking.istio.io/v1alpha3, kind: VirtualService, metadata: {name: v, namespace: stock, "      \
	"creationTimestamp: '2024-02-01T00:00:00Z'}, spec: " spec "}"
#define DR(spec)                                                                                                       \
	"{apiVersion: networking.istio.io/v1alpha3, kind: DestinationRule, metadata: {name: d, namespace: stock}, "    \
	"spec: " spec "}"
#define PA(ns, spec)                                                                                                   \
	"{apiVersion: security.istio.io/v1beta1, kind: PeerAuthentication, metadata: {name: p, namespace: " ns         \
	"}, spec: " spec "}"
#define SE(spec)                                                                                                       \
	"{apiVersion: networking.istio.io/v1alpha3, kind: ServiceEntry, metadata: {name: e, namespace: shop}, "        \
	"spec: " spec "}"
#define TO_INVENTORY "route: [{destination: {host: inventory}}]"
#define GATEWAY                                                                                                        \
	"{apiVersion: v1, kind: Service, metadata: {name: gw, namespace: istio-system}, spec: {clusterIP: 10.96.0.9, " \
	"selector: {istio: ingressgateway}, ports: [{name: http2, port: 80, targetPort: 8080}, {name: https, port: "   \
	"443, targetPort: 8443}]}}\n---\n"                                                                             \
	"{apiVersion: networking.istio.io/v1alpha3, kind: Gateway, metadata: {name: g, namespace: istio-system}, "     \
	"spec: "                                                                                                       \
	"{selector: {istio: ingressgateway}, servers: [{port: {number: 80, name: http, protocol: HTTP}, hosts: "       \
	"['*']}]}}"

#define AP(ns, spec)                                                                                                   \
	"{apiVersion: security.istio.io/v1beta1, kind: AuthorizationPolicy, metadata: {name: p, namespace: " ns        \
	"}, spec: " spec "}"

struct row {
	const char *title, *yaml;
	const char *type, *ns, *labels; /* the proxy; NULL: sidecar shop app=catalog */
	enum xds_type resource;
	const char *name;
	const char *has[5], *lacks[2]; /* parts of the resource's JSON; has[0] NULL: the resource does not exist */
};

static const struct row rows[] = {
	{"a service port is an EDS cluster",
	 NULL,
	 NULL,
	 NULL,
	 NULL,
	 XDS_CLUSTER,
	 "outbound|80||inventory.stock.svc.cluster.local",
	 {"\"type\":\"EDS\"", "\"lb_policy\":\"LEAST_REQUEST\"", "tlsMode-istio",
	  "outbound_.80_._.inventory.stock.svc.cluster.local", "spiffe://cluster.local/ns/stock/sa/inventory"},
	 {0}},
	{"ready endpoints with their identity",
	 NULL,
	 NULL,
	 NULL,
	 NULL,
	 XDS_ENDPOINT,
	 "outbound|80||inventory.stock.svc.cluster.local",
	 {"10.244.0.6", "10.244.0.7", "\"tlsMode\":\"istio\"", "inventory-1;stock;inventory;v1;Kubernetes"},
	 {"10.244.0.8"}},
	{"TCP has a listener on the service's address",
	 NULL,
	 NULL,
	 NULL,
	 NULL,
	 XDS_LISTENER,
	 "10.96.0.23_5432",
	 {"outbound|5432||db.shop.svc.cluster.local", "\"bind_to_port\":false", "istio.stats"},
	 {0}},
	{"HTTP has one listener for the port",
	 NULL,
	 NULL,
	 NULL,
	 NULL,
	 XDS_LISTENER,
	 "0.0.0.0_80",
	 {"\"route_config_name\":\"80\"", "envoy.filters.http.fault", "istio.metadata_exchange"},
	 {0}},
	{"short names only for the own namespace",
	 NULL,
	 NULL,
	 NULL,
	 NULL,
	 XDS_ROUTE,
	 "8080",
	 {"\"domains\":[\"catalog.shop.svc.cluster.local\",\"catalog\",\"catalog.shop.svc\",\"catalog.shop\",\"10.96.0."
	  "21\"]",
	  "\"name\":\"allow_any\""},
	 {0}},
	{"default retries",
	 NULL,
	 NULL,
	 NULL,
	 NULL,
	 XDS_ROUTE,
	 "80",
	 {"connect-failure,refused-stream,unavailable,cancelled,retriable-status-codes", "\"num_retries\":2",
	  "\"timeout\":\"0s\""},
	 {"\"inventory\","}},
	{"inbound permissive HTTP",
	 NULL,
	 NULL,
	 NULL,
	 NULL,
	 XDS_LISTENER,
	 "virtualInbound",
	 {"\"name\":\"0.0.0.0_8080\"", "inbound|8080||", "\"transport_protocol\":\"raw_buffer\"", "istio-http/1.1",
	  "InboundPassthroughClusterIpv4"},
	 {0}},
	{"a named target port is resolved",
	 NULL,
	 "sidecar",
	 "stock",
	 "app=inventory",
	 XDS_CLUSTER,
	 "inbound|8080||",
	 {"\"type\":\"ORIGINAL_DST\"", "127.0.0.6", "inventory.stock.svc.cluster.local"},
	 {0}},
	{"STRICT has no plain chain",
	 PA("shop", "{mtls: {mode: STRICT}}"),
	 NULL,
	 NULL,
	 NULL,
	 XDS_LISTENER,
	 "virtualInbound",
	 {"0.0.0.0_8080", "require_client_certificate"},
	 {"raw_buffer"}},
	{"DISABLE has no TLS chain",
	 PA("istio-system", "{mtls: {mode: DISABLE}}"),
	 NULL,
	 NULL,
	 NULL,
	 XDS_LISTENER,
	 "virtualInbound",
	 {"0.0.0.0_8080"},
	 {"require_client_certificate"}},
	{"endpoints that disable mutual TLS are plain",
	 PA("stock", "{mtls: {mode: DISABLE}}"),
	 NULL,
	 NULL,
	 NULL,
	 XDS_ENDPOINT,
	 "outbound|80||inventory.stock.svc.cluster.local",
	 {"10.244.0.6"},
	 {"tlsMode"}},
	{"fault abort",
	 VS("{hosts: [inventory], http: [{fault: {abort: {httpStatus: 500, percentage: {value: 10}}}, " TO_INVENTORY
	    "}]}"),
	 NULL,
	 NULL,
	 NULL,
	 XDS_ROUTE,
	 "80",
	 {"\"http_status\":500", "\"numerator\":100000", "\"denominator\":\"MILLION\""},
	 {0}},
	{"fault delay",
	 VS("{hosts: [inventory], http: [{fault: {delay: {fixedDelay: 5s, percentage: {value: 50}}}, " TO_INVENTORY
	    "}]}"),
	 NULL,
	 NULL,
	 NULL,
	 XDS_ROUTE,
	 "80",
	 {"\"fixed_delay\":\"5s\"", "\"numerator\":500000"},
	 {0}},
	{"a missing percentage never faults",
	 VS("{hosts: [inventory], http: [{fault: {abort: {httpStatus: 500}}, " TO_INVENTORY "}]}"),
	 NULL,
	 NULL,
	 NULL,
	 XDS_ROUTE,
	 "80",
	 {"\"http_status\":500", "\"denominator\":\"MILLION\""},
	 {"numerator"}},
	{"matches",
	 VS("{hosts: [inventory], http: [{match: [{uri: {prefix: /a}, headers: {x-user: {exact: bob}}, method: {exact: "
	    "GET}, queryParams: {q: {regex: 'a.*'}}}], " TO_INVENTORY "}]}"),
	 NULL,
	 NULL,
	 NULL,
	 XDS_ROUTE,
	 "80",
	 {"\"prefix\":\"/a\"", "\"exact\":\"bob\"", "\":method\"", "\"regex\":\"a.*\""},
	 {0}},
	{"a match of another port does not apply",
	 VS("{hosts: [inventory], http: [{match: [{port: 81}], redirect: {uri: /x}}]}"),
	 NULL,
	 NULL,
	 NULL,
	 XDS_ROUTE,
	 "80",
	 {"\"name\":\"default\""},
	 {"path_redirect"}},
	{"source labels are the client's",
	 VS("{hosts: [inventory], http: [{match: [{sourceLabels: {app: other}}], redirect: {uri: /x}}, {" TO_INVENTORY
	    "}]}"),
	 NULL,
	 NULL,
	 NULL,
	 XDS_ROUTE,
	 "80",
	 {"outbound|80||inventory"},
	 {"path_redirect"}},
	{"weights and subsets",
	 VS("{hosts: [inventory], http: [{route: [{destination: {host: inventory, subset: a}, weight: 90}, "
	    "{destination: {host: inventory, subset: b}, weight: 10}]}]}"),
	 NULL,
	 NULL,
	 NULL,
	 XDS_ROUTE,
	 "80",
	 {"outbound|80|a|inventory.stock.svc.cluster.local", "\"weight\":90", "outbound|80|b|"},
	 {0}},
	{"rewrite, timeout, retries",
	 VS("{hosts: [inventory], http: [{rewrite: {uri: /b, authority: x.y}, timeout: 3s, retries: {attempts: 4, "
	    "perTryTimeout: 1s, retryOn: '5xx,429'}, " TO_INVENTORY "}]}"),
	 NULL,
	 NULL,
	 NULL,
	 XDS_ROUTE,
	 "80",
	 {"\"prefix_rewrite\":\"/b\"", "\"host_rewrite_literal\":\"x.y\"", "\"timeout\":\"3s\"", "\"num_retries\":4",
	  "5xx,retriable-status-codes"},
	 {0}},
	{"no retries",
	 VS("{hosts: [inventory], http: [{retries: {attempts: 0}, " TO_INVENTORY "}]}"),
	 NULL,
	 NULL,
	 NULL,
	 XDS_ROUTE,
	 "80",
	 {"outbound|80||inventory"},
	 {"num_retries\":4"}},
	{"redirect",
	 VS("{hosts: [inventory], http: [{redirect: {uri: /x, authority: a.b, redirectCode: 302}}]}"),
	 NULL,
	 NULL,
	 NULL,
	 XDS_ROUTE,
	 "80",
	 {"\"path_redirect\":\"/x\"", "\"host_redirect\":\"a.b\"", "FOUND"},
	 {0}},
	{"direct response",
	 VS("{hosts: [inventory], http: [{directResponse: {status: 418, body: {string: tea}}}]}"),
	 NULL,
	 NULL,
	 NULL,
	 XDS_ROUTE,
	 "80",
	 {"\"status\":418", "tea"},
	 {0}},
	{"mirror",
	 VS("{hosts: [inventory], http: [{mirror: {host: catalog.shop.svc.cluster.local}, mirrorPercentage: {value: "
	    "5}, " TO_INVENTORY "}]}"),
	 NULL,
	 NULL,
	 NULL,
	 XDS_ROUTE,
	 "80",
	 {"request_mirror_policies", "outbound|8080||catalog.shop.svc.cluster.local", "50000"},
	 {0}},
	{"mirrors",
	 VS("{hosts: [inventory], http: [{mirrors: [{destination: {host: catalog.shop.svc.cluster.local}, percentage: "
	    "{value: 5}}, {destination: {host: inventory, port: {number: 80}}}], " TO_INVENTORY "}]}"),
	 NULL,
	 NULL,
	 NULL,
	 XDS_ROUTE,
	 "80",
	 {"request_mirror_policies\":[{\"cluster\":\"outbound|8080||catalog.shop.svc.cluster.local",
	  "\"numerator\":50000",
	  "{\"cluster\":\"outbound|80||inventory.stock.svc.cluster.local\",\"runtime_fraction\":{\"default_value\":{"
	  "\"numerator\":1000000"},
	 {0}},
	{"headers",
	 VS("{hosts: [inventory], http: [{headers: {request: {set: {x-a: '1'}, remove: [x-b]}, response: {add: {x-c: "
	    "'2'}}}, " TO_INVENTORY "}]}"),
	 NULL,
	 NULL,
	 NULL,
	 XDS_ROUTE,
	 "80",
	 {"OVERWRITE_IF_EXISTS_OR_ADD", "\"request_headers_to_remove\":[\"x-b\"]", "response_headers_to_add"},
	 {0}},
	{"cors",
	 VS("{hosts: [inventory], http: [{corsPolicy: {allowOrigins: [{exact: a.b}], allowMethods: [GET], maxAge: "
	    "24h}, " TO_INVENTORY "}]}"),
	 NULL,
	 NULL,
	 NULL,
	 XDS_ROUTE,
	 "80",
	 {"envoy.filters.http.cors", "\"max_age\":\"86400\""},
	 {0}},
	{"not exported, not seen",
	 VS("{hosts: [inventory], exportTo: ['.'], http: [{redirect: {uri: /x}}]}"),
	 NULL,
	 NULL,
	 NULL,
	 XDS_ROUTE,
	 "80",
	 {"outbound|80||inventory"},
	 {"path_redirect"}},
	{"connection pool and outliers",
	 DR("{host: inventory, trafficPolicy: {connectionPool: {tcp: {maxConnections: 1, connectTimeout: 30ms}, http: "
	    "{http1MaxPendingRequests: 1, maxRequestsPerConnection: 1}}, outlierDetection: {consecutive5xxErrors: 1, "
	    "interval: 1s, baseEjectionTime: 3m, maxEjectionPercent: 100}}}"),
	 NULL,
	 NULL,
	 NULL,
	 XDS_CLUSTER,
	 "outbound|80||inventory.stock.svc.cluster.local",
	 {"\"max_connections\":1,", "\"connect_timeout\":\"0.03", "\"max_requests_per_connection\":1",
	  "\"consecutive_5xx\":1", "\"base_ejection_time\":\"180s\""},
	 {0}},
	{"subset cluster",
	 DR("{host: inventory, subsets: [{name: v2, labels: {version: v2}, trafficPolicy: {loadBalancer: {simple: "
	    "RANDOM}}}]}"),
	 NULL,
	 NULL,
	 NULL,
	 XDS_CLUSTER,
	 "outbound|80|v2|inventory.stock.svc.cluster.local",
	 {"\"lb_policy\":\"RANDOM\"", "\"subset\":\"v2\""},
	 {0}},
	{"subset endpoints",
	 DR("{host: inventory, subsets: [{name: v2, labels: {version: v2}}]}"),
	 NULL,
	 NULL,
	 NULL,
	 XDS_ENDPOINT,
	 "outbound|80|v2|inventory.stock.svc.cluster.local",
	 {"10.244.0.7"},
	 {"10.244.0.6"}},
	{"port settings replace all",
	 DR("{host: inventory, trafficPolicy: {loadBalancer: {simple: RANDOM}, portLevelSettings: [{port: {number: "
	    "80}, connectionPool: {tcp: {maxConnections: 7}}}]}}"),
	 NULL,
	 NULL,
	 NULL,
	 XDS_CLUSTER,
	 "outbound|80||inventory.stock.svc.cluster.local",
	 {"\"max_connections\":7", "LEAST_REQUEST"},
	 {"RANDOM"}},
	{"consistent hash",
	 DR("{host: inventory, trafficPolicy: {loadBalancer: {consistentHash: {httpHeaderName: x-user}}}}"),
	 NULL,
	 NULL,
	 NULL,
	 XDS_ROUTE,
	 "80",
	 {"\"header_name\":\"x-user\""},
	 {0}},
	{"TLS off by rule",
	 DR("{host: inventory, trafficPolicy: {tls: {mode: DISABLE}}}"),
	 NULL,
	 NULL,
	 NULL,
	 XDS_CLUSTER,
	 "outbound|80||inventory.stock.svc.cluster.local",
	 {"EDS"},
	 {"tlsMode-istio"}},
	{"external service by DNS",
	 SE("{hosts: [api.example.com], ports: [{number: 443, name: tls, protocol: TLS}], resolution: DNS}"),
	 NULL,
	 NULL,
	 NULL,
	 XDS_CLUSTER,
	 "outbound|443||api.example.com",
	 {"STRICT_DNS", "api.example.com", "\"external\":true"},
	 {"tlsMode"}},
	{"external TLS by SNI",
	 SE("{hosts: [api.example.com], ports: [{number: 443, name: tls, protocol: TLS}], resolution: DNS}"),
	 NULL,
	 NULL,
	 NULL,
	 XDS_LISTENER,
	 "0.0.0.0_443",
	 {"\"server_names\":[\"api.example.com\"]", "PassthroughCluster", "tls_inspector"},
	 {0}},
	{"the gateway listens on the target port",
	 GATEWAY,
	 "router",
	 "istio-system",
	 "istio=ingressgateway",
	 XDS_LISTENER,
	 "0.0.0.0_8080",
	 {"\"route_config_name\":\"http.8080\"", "\"use_remote_address\":true"},
	 {0}},
	{"no routes: 404",
	 GATEWAY,
	 "router",
	 "istio-system",
	 "istio=ingressgateway",
	 XDS_ROUTE,
	 "http.8080",
	 {"blackhole:80"},
	 {0}},
	{"routes of a gateway",
	 GATEWAY "\n---\n" VS("{hosts: [a.example.com], gateways: [istio-system/g], http: [{name: r, match: [{uri: "
			      "{exact: /x}}], " TO_INVENTORY "}]}"),
	 "router",
	 "istio-system",
	 "istio=ingressgateway",
	 XDS_ROUTE,
	 "http.8080",
	 {"\"domains\":[\"a.example.com\"]", "\"path\":\"/x\"", "\"name\":\"r\"",
	  "outbound|80||inventory.stock.svc.cluster.local", "\"num_retries\":2"},
	 {0}},
	{"routes of a gateway are not the mesh's",
	 GATEWAY "\n---\n" VS("{hosts: [inventory], gateways: [istio-system/g], http: [{redirect: {uri: /x}}]}"),
	 NULL,
	 NULL,
	 NULL,
	 XDS_ROUTE,
	 "80",
	 {"outbound|80||inventory"},
	 {"path_redirect"}},
	{"another gateway's pods",
	 GATEWAY,
	 "router",
	 "istio-system",
	 "istio=egressgateway",
	 XDS_LISTENER,
	 "0.0.0.0_8080",
	 {0},
	 {0}},
	{"authorization: who may do what",
	 AP("shop", "{rules: [{from: [{source: {principals: [cluster.local/ns/web/sa/front]}}], to: [{operation: "
		    "{methods: [GET], paths: [/a*]}}]}]}"),
	 NULL,
	 NULL,
	 NULL,
	 XDS_LISTENER,
	 "virtualInbound",
	 {"envoy.filters.http.rbac", "ns[shop]-policy[p]-rule[0]", "spiffe://cluster.local/ns/web/sa/front",
	  "\"prefix\":\"/a\"", "envoy.filters.network.rbac"},
	 {"\"DENY\""}},
	{"authorization: deny",
	 AP("istio-system", "{action: DENY, rules: [{from: [{source: {notNamespaces: [web]}}]}]}"),
	 NULL,
	 NULL,
	 NULL,
	 XDS_LISTENER,
	 "virtualInbound",
	 {"\"action\":\"DENY\"", "not_id", ".*/ns/web/.*"},
	 {0}},
	{"authorization of other pods",
	 AP("shop", "{selector: {matchLabels: {app: other}}, rules: [{}]}"),
	 NULL,
	 NULL,
	 NULL,
	 XDS_LISTENER,
	 "virtualInbound",
	 {"0.0.0.0_8080"},
	 {"rbac"}},
	{"a namespace outside",
	 "{apiVersion: v1, kind: Service, metadata: {name: x, namespace: outside}, spec: {clusterIP: 10.96.0.40, "
	 "ports: [{name: http, port: 80}]}}",
	 NULL,
	 NULL,
	 NULL,
	 XDS_CLUSTER,
	 "outbound|80||x.outside.svc.cluster.local",
	 {0},
	 {0}},
};

static void check(const struct row *r, const char *json)
{
	if (!r->has[0]) {
		if (json)
			fail_msg("%s: there is a resource %s", r->title, r->name);
		return;
	}
	if (!json)
		fail_msg("%s: no resource %s", r->title, r->name);
	for (size_t i = 0; i < 5 && r->has[i]; i++)
		if (!strstr(json, r->has[i]))
			fail_msg("%s: no %s in %s", r->title, r->has[i], json);
	for (size_t i = 0; i < 2 && r->lacks[i]; i++)
		if (strstr(json, r->lacks[i]))
			fail_msg("%s: %s in %s", r->title, r->lacks[i], json);
}

/* What comes out of shared parts is what is made alone. */
static void check_cached(struct world *w, const struct proxy *p, const struct compile_result *alone)
{
	struct compile_cache cache = {0};

	for (int round = 0; round < 2; round++) {
		struct compile_result r;

		compile_view(w->snap, p, 0xf, &w->pool, &cache, &r);
		for (int t = XDS_CLUSTER; t <= XDS_ROUTE; t++)
			assert_int_equal(r.sets[t]->hash, alone->sets[t]->hash);
		assert_int_equal(r.n_uses, alone->n_uses);
		compile_result_done(&r);
	}
	compile_cache_clear(&cache);
}

static void run_row(const struct row *r)
{
	const char *const yaml[] = {world_shop, r->yaml, NULL};
	CLEANUP(arena_done) struct arena a = ARENA_INIT;
	CLEANUP(freep) char *json = NULL;
	const struct proxy p = world_proxy(&a, r->type ? r->type : "sidecar", r->ns ? r->ns : "shop",
					   r->labels ? r->labels : "app=catalog");
	struct compile_result result;
	struct world w;

	world_init(&w, "rootNamespace: istio-system", yaml);
	compile_view(w.snap, &p, 0xf, &w.pool, NULL, &result);
	json = world_json(&result, r->resource, r->name);
	check(r, json);
	check_cached(&w, &p, &result);
	compile_result_done(&result);
	world_done(&w);
}

static void test_rows(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		run_row(&rows[i]);
}

static void test_registry_only(void **state)
{
	const char *const yaml[] = {world_shop, NULL};
	CLEANUP(arena_done) struct arena a = ARENA_INIT;
	CLEANUP(freep) char *json = NULL;
	const struct proxy p = world_proxy(&a, "sidecar", "shop", "app=catalog");
	struct compile_result result;
	struct world w;

	(void)state;
	world_init(&w, "outboundTrafficPolicy: {mode: REGISTRY_ONLY}", yaml);
	compile_view(w.snap, &p, 0xf, &w.pool, NULL, &result);
	json = world_json(&result, XDS_ROUTE, "80");
	assert_non_null(strstr(json, "block_all"));
	assert_non_null(strstr(json, "502"));
	compile_result_done(&result);
	world_done(&w);
}

static void test_json_log(void **state)
{
	const char *const yaml[] = {world_shop, NULL};
	CLEANUP(arena_done) struct arena a = ARENA_INIT;
	CLEANUP(freep) char *json = NULL;
	const struct proxy p = world_proxy(&a, "sidecar", "shop", "app=catalog");
	struct compile_result result;
	struct world w;

	(void)state;
	world_init(&w, "{accessLogFile: /dev/stdout, accessLogEncoding: JSON}", yaml);
	compile_view(w.snap, &p, 0xf, &w.pool, NULL, &result);
	json = world_json(&result, XDS_LISTENER, "0.0.0.0_80");
	assert_non_null(strstr(json, "\"json_format\":{\"authority\":\"%REQ(:AUTHORITY)%\""));
	compile_result_done(&result);
	world_done(&w);
}

/* An endpoint's change keeps the resources that do not depend on it: the very same objects. */
static void test_sharing(void **state)
{
	const char *const yaml[] = {world_shop, NULL};
	CLEANUP(arena_done) struct arena a = ARENA_INIT;
	const struct proxy p = world_proxy(&a, "sidecar", "shop", "app=catalog");
	struct compile_result one, two;
	struct policy_index *policies;
	struct world w;

	(void)state;
	world_init(&w, "", yaml);
	compile_view(w.snap, &p, 0xf, &w.pool, NULL, &one);
	policies = w.snap->policies;
	world_put(&w, "{apiVersion: v1, kind: Pod, metadata: {name: inventory-2, namespace: stock, resourceVersion: "
		      "'2', labels: {app: "
		      "inventory, version: v3}}, spec: {containers: [{name: a, image: x}]}, status: {podIP: "
		      "10.244.0.7, phase: Running}}");
	world_rebuild(&w, CHANGE_POD);
	assert_ptr_equal(policies, w.snap->policies);
	compile_view(w.snap, &p, 0xf, &w.pool, NULL, &two);
	assert_ptr_equal(xds_set_find(one.sets[XDS_ROUTE], SLICE("80")),
			 xds_set_find(two.sets[XDS_ROUTE], SLICE("80")));
	assert_ptr_not_equal(
		xds_set_find(one.sets[XDS_ENDPOINT], SLICE("outbound|80||inventory.stock.svc.cluster.local")),
		xds_set_find(two.sets[XDS_ENDPOINT], SLICE("outbound|80||inventory.stock.svc.cluster.local")));
	compile_result_done(&one);
	compile_result_done(&two);
	world_done(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_registry_only),
		cmocka_unit_test(test_json_log),
		cmocka_unit_test(test_sharing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
