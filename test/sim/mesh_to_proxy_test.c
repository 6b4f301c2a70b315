/*
 * From Kubernetes objects to the proxy's decision, without a process or a socket: objects -> store -> snapshot -> xDS
 * bytes
 * -> runtime configuration -> route. Everything that the control plane makes must be accepted by the proxy.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include "api/object.h"
#include "base/mem.h"
#include "compile/compile.h"
#include "kube/store.h"
#include "mesh/snapshot.h"
#include "config/build_internal.h"
#include "proxy/boot/config_file.h"

static const char *const objects[] = {
	"{apiVersion: v1, kind: Service, metadata: {name: catalog, namespace: shop, uid: u1}, spec: {clusterIP: "
	"10.96.0.21, "
	"clusterIPs: [10.96.0.21], selector: {app: catalog}, ports: [{name: http, port: 8080, targetPort: 8080, "
	"protocol: "
	"TCP}]}}",
	"{apiVersion: v1, kind: Service, metadata: {name: inventory, namespace: stock, uid: u2}, spec: {clusterIP: "
	"10.96.0.22, clusterIPs: [10.96.0.22], selector: {app: inventory}, ports: [{name: http, port: 80, targetPort: "
	"8080, "
	"protocol: TCP}]}}",
	"{apiVersion: v1, kind: Service, metadata: {name: db, namespace: stock, uid: u3}, spec: {clusterIP: "
	"10.96.0.23, "
	"clusterIPs: [10.96.0.23], selector: {app: db}, ports: [{name: tcp-postgresql, port: 5432, targetPort: 5432, "
	"protocol: TCP}]}}",
	"{apiVersion: v1, kind: Pod, metadata: {name: catalog-1, namespace: shop, uid: p1, labels: {app: catalog, "
	"security.istio.io/tlsMode: istio}, annotations: {sidecar.istio.io/status: '{}'}}, spec: {serviceAccountName: "
	"catalog, "
	"containers: [{name: a, image: x}, {name: istio-proxy, image: y}]}, status: {podIP: 10.244.0.5, phase: "
	"Running, "
	"conditions: [{type: Ready, status: 'True'}]}}",
	"{apiVersion: v1, kind: Pod, metadata: {name: inventory-1, namespace: stock, uid: p2, labels: {app: inventory, "
	"security.istio.io/tlsMode: istio}, annotations: {sidecar.istio.io/status: '{}'}}, spec: {serviceAccountName: "
	"inventory, containers: [{name: a, image: x}, {name: istio-proxy, image: y}]}, status: {podIP: 10.244.0.6, "
	"phase: "
	"Running, conditions: [{type: Ready, status: 'True'}]}}",
	"{apiVersion: v1, kind: Pod, metadata: {name: db-1, namespace: stock, uid: p3, labels: {app: db}}, spec: "
	"{serviceAccountName: db, containers: [{name: a, image: x}]}, status: {podIP: 10.244.0.7, phase: Running, "
	"conditions: [{type: Ready, status: 'True'}]}}",
	"{apiVersion: discovery.k8s.io/v1, kind: EndpointSlice, metadata: {name: catalog-x, namespace: shop, labels: "
	"{kubernetes.io/service-name: catalog}}, addressType: IPv4, ports: [{name: http, port: 8080, protocol: TCP}], "
	"endpoints: [{addresses: [10.244.0.5], conditions: {ready: true}, targetRef: {kind: Pod, name: catalog-1, "
	"namespace: "
	"shop}}]}",
	"{apiVersion: discovery.k8s.io/v1, kind: EndpointSlice, metadata: {name: inventory-x, namespace: stock, "
	"labels: "
	"{kubernetes.io/service-name: inventory}}, addressType: IPv4, ports: [{name: http, port: 8080, protocol: "
	"TCP}], "
	"endpoints: [{addresses: [10.244.0.6], conditions: {ready: true}, targetRef: {kind: Pod, name: inventory-1, "
	"namespace: stock}}]}",
	"{apiVersion: discovery.k8s.io/v1, kind: EndpointSlice, metadata: {name: db-x, namespace: stock, labels: "
	"{kubernetes.io/service-name: db}}, addressType: IPv4, ports: [{name: tcp-postgresql, port: 5432, protocol: "
	"TCP}], "
	"endpoints: [{addresses: [10.244.0.7], conditions: {ready: true}, targetRef: {kind: Pod, name: db-1, "
	"namespace: "
	"stock}}]}",
	"{apiVersion: networking.istio.io/v1alpha3, kind: Gateway, metadata: {name: gw, namespace: istio-system}, "
	"spec: "
	"{selector: {istio: ingressgateway}, servers: [{port: {number: 80, name: http, protocol: HTTP}, hosts: "
	"['*']}]}}",
	"{apiVersion: networking.istio.io/v1alpha3, kind: VirtualService, metadata: {name: catalog, namespace: shop}, "
	"spec: "
	"{hosts: [shop.example.com], gateways: [istio-system/gw], http: [{match: [{uri: {exact: /services/products}}, "
	"{uri: "
	"{exact: /}}], route: [{destination: {host: catalog, port: {number: 8080}}}]}, {match: [{uri: {prefix: "
	"/catalog}}], "
	"rewrite: {uri: /}, route: [{destination: {host: catalog, port: {number: 8080}}}]}]}}",
	"{apiVersion: networking.istio.io/v1alpha3, kind: VirtualService, metadata: {name: stock, namespace: stock}, "
	"spec: "
	"{hosts: [shop.example.com], gateways: [istio-system/gw], http: [{match: [{uri: {exact: "
	"/services/inventory}}], "
	"route: [{destination: {host: inventory, port: {number: 80}}}]}]}}",
	"{apiVersion: networking.istio.io/v1alpha3, kind: VirtualService, metadata: {name: fault, namespace: stock}, "
	"spec: "
	"{hosts: [inventory], http: [{fault: {abort: {httpStatus: 500, percentage: {value: 10}}, delay: {fixedDelay: "
	"5s, "
	"percentage: {value: 0.5}}}, timeout: 3s, retries: {attempts: 3, perTryTimeout: 1s, retryOn: '5xx,reset'}, "
	"route: "
	"[{destination: {host: inventory, port: {number: 80}}, headers: {request: {add: {x-a: b}}}}]}]}}",
	"{apiVersion: networking.istio.io/v1alpha3, kind: DestinationRule, metadata: {name: cb, namespace: stock}, "
	"spec: "
	"{host: inventory, trafficPolicy: {connectionPool: {tcp: {maxConnections: 1, connectTimeout: 30ms}, http: "
	"{http1MaxPendingRequests: 1, maxRequestsPerConnection: 1}}, outlierDetection: {consecutive5xxErrors: 1, "
	"interval: "
	"1s, baseEjectionTime: 3m, maxEjectionPercent: 100}}}}",
};

/* One of everything: no field may make the proxy refuse what the control plane makes of it. */
static const char *const rich[] = {
	"{apiVersion: networking.istio.io/v1alpha3, kind: VirtualService, metadata: {name: all, namespace: shop}, "
	"spec: "
	"{hosts: [catalog], http: [{match: [{uri: {regex: '/v[0-9]+/.*'}, headers: {x-user: {exact: jason}, x-n: "
	"{regex: "
	"'[a-z]+'}}, queryParams: {q: {exact: '1'}}, method: {exact: GET}, scheme: {exact: http}, authority: {prefix: "
	"cat}, "
	"ignoreUriCase: true, withoutHeaders: {x-no: {prefix: a}}}], redirect: {uri: /new, authority: other.com, "
	"redirectCode: 302}}, {match: [{uri: {prefix: /direct}}], directResponse: {status: 503, body: {string: "
	"sorry}}}, "
	"{match: [{uri: {prefix: /cors}}], corsPolicy: {allowOrigins: [{exact: 'https://a.com'}, {regex: '.*b'}], "
	"allowMethods: [GET], allowHeaders: [x], exposeHeaders: [y], maxAge: 24h, allowCredentials: true}, route: "
	"[{destination: {host: catalog, port: {number: 8080}}}]}, {match: [{uri: {prefix: /mirror}}], mirror: {host: "
	"catalog, subset: v2}, mirrorPercentage: {value: 12.5}, route: [{destination: {host: catalog, subset: v1}, "
	"weight: "
	"75, headers: {request: {set: {a: b}, remove: [c]}, response: {add: {d: e}}}}, {destination: {host: catalog, "
	"subset: "
	"v2}, weight: 25}]}, {match: [{uri: {prefix: /re}}], rewrite: {uriRegexRewrite: {match: '/re/(.*)', rewrite: "
	"'/x/\\1'}, authority: z.com}, timeout: 0s, retries: {attempts: 0}, route: [{destination: {host: catalog, "
	"port: "
	"{number: 8080}}}]}, {fault: {abort: {grpcStatus: UNAVAILABLE, percentage: {value: 1}}}, route: [{destination: "
	"{host: catalog, port: {number: 8080}}}]}]}}",
	"{apiVersion: networking.istio.io/v1alpha3, kind: DestinationRule, metadata: {name: all, namespace: shop}, "
	"spec: "
	"{host: catalog, trafficPolicy: {loadBalancer: {consistentHash: {httpHeaderName: x-user}}, portLevelSettings: "
	"[{port: {number: 8080}, loadBalancer: {simple: ROUND_ROBIN}, connectionPool: {tcp: {tcpKeepalive: {time: 10s, "
	"interval: 5s, probes: 3}, maxConnectionDuration: 1h}, http: {idleTimeout: 5s, maxRetries: 7, "
	"http2MaxRequests: 9, "
	"h2UpgradePolicy: UPGRADE}}}]}, subsets: [{name: v1, labels: {version: v1}}, {name: v2, labels: {version: v2}, "
	"trafficPolicy: {loadBalancer: {consistentHash: {httpCookie: {name: c, ttl: 0s}, minimumRingSize: 2048}}, tls: "
	"{mode: "
	"ISTIO_MUTUAL}}}]}}",
	"{apiVersion: networking.istio.io/v1alpha3, kind: ServiceEntry, metadata: {name: dns, namespace: shop}, spec: "
	"{hosts: "
	"[api.example.org], ports: [{number: 443, name: tls, protocol: TLS}, {number: 80, name: http, protocol: "
	"HTTP}], "
	"resolution: DNS, location: MESH_EXTERNAL}}",
	"{apiVersion: networking.istio.io/v1alpha3, kind: ServiceEntry, metadata: {name: ip, namespace: shop}, spec: "
	"{hosts: "
	"[static.example.org], addresses: [240.0.0.9], ports: [{number: 9000, name: tcp, protocol: TCP}], resolution: "
	"STATIC, "
	"endpoints: [{address: 192.0.2.7, weight: 3, locality: a/b/c}]}}",
	"{apiVersion: networking.istio.io/v1alpha3, kind: DestinationRule, metadata: {name: org, namespace: shop}, "
	"spec: "
	"{host: api.example.org, trafficPolicy: {tls: {mode: SIMPLE, sni: api.example.org}}}}",
	"{apiVersion: networking.istio.io/v1alpha3, kind: Gateway, metadata: {name: tls, namespace: istio-system}, "
	"spec: "
	"{selector: {istio: ingressgateway}, servers: [{port: {number: 443, name: https, protocol: HTTPS}, hosts: "
	"[shop.example.com], tls: {mode: SIMPLE, credentialName: shop-cert}}, {port: {number: 444, name: tls, "
	"protocol: TLS}, "
	"hosts: ['*.pass.example.com'], tls: {mode: PASSTHROUGH}}, {port: {number: 81, name: http2, protocol: HTTP}, "
	"hosts: "
	"[r.example.com], tls: {httpsRedirect: true}}, {port: {number: 5000, name: tcp, protocol: TCP}, hosts: "
	"['*']}]}}",
	"{apiVersion: networking.istio.io/v1alpha3, kind: VirtualService, metadata: {name: l4, namespace: shop}, spec: "
	"{hosts: [a.pass.example.com], gateways: [istio-system/tls], tls: [{match: [{sniHosts: [a.pass.example.com], "
	"port: "
	"444}], route: [{destination: {host: catalog, port: {number: 8080}}}]}], tcp: [{match: [{port: 5000}], route: "
	"[{destination: {host: catalog, port: {number: 8080}}}]}]}}",
	"{apiVersion: security.istio.io/v1beta1, kind: PeerAuthentication, metadata: {name: default, namespace: "
	"stock}, spec: "
	"{mtls: {mode: STRICT}}}",
	"{apiVersion: security.istio.io/v1beta1, kind: PeerAuthentication, metadata: {name: ports, namespace: shop}, "
	"spec: "
	"{selector: {matchLabels: {app: catalog}}, portLevelMtls: {8080: {mode: DISABLE}}}}",
	"{apiVersion: security.istio.io/v1beta1, kind: AuthorizationPolicy, metadata: {name: allow, namespace: stock}, "
	"spec: "
	"{action: ALLOW, rules: [{from: [{source: {principals: ['cluster.local/ns/shop/sa/catalog', '*'], namespaces: "
	"[shop], "
	"ipBlocks: [10.0.0.0/8], notRemoteIpBlocks: [192.0.2.0/24]}}], to: [{operation: {methods: [GET], paths: "
	"['/services/*', '*x'], hosts: [inventory], ports: ['8080'], notPaths: [/admin]}}], when: [{key: "
	"'request.headers[x-a]', values: [b], notValues: [c]}, {key: source.ip, values: [10.1.1.1]}, {key: "
	"destination.port, "
	"values: ['8080']}, {key: connection.sni, values: ['*.x']}]}]}}",
	"{apiVersion: security.istio.io/v1beta1, kind: AuthorizationPolicy, metadata: {name: deny, namespace: stock}, "
	"spec: "
	"{selector: {matchLabels: {app: inventory}}, action: DENY, rules: [{from: [{source: {notNamespaces: "
	"[shop]}}]}]}}",
	"{apiVersion: networking.istio.io/v1alpha3, kind: Sidecar, metadata: {name: default, namespace: stock}, spec: "
	"{egress: [{hosts: ['./*', 'shop/*']}], outboundTrafficPolicy: {mode: REGISTRY_ONLY}}}",
};

struct world {
	struct store *store;
	struct mesh_config *mesh;
	struct snapshot *snap;
	struct xds_pool pool;
};

static void put(struct world *w, const char *yaml)
{
	struct err e = ERR_INIT;
	cJSON *j = config_yaml_parse(slice_str(yaml), &e);
	struct api_object *o;

	if (!j || api_object_decode(j, NULL, NULL, &o, &e) < 0)
		fail_msg("%s: %s", yaml, e.msg);
	cJSON_Delete(j);
	store_put(w->store, o);
}

static bool member(void *arg, const char *ns)
{
	(void)arg;
	(void)ns;
	return true;
}

static int setup(void **state)
{
	struct world *w = NEW(struct world);
	struct mesh_settings s = {.root_namespace = "istio-system", .revision = "basic"};
	struct err e = ERR_INIT;

	w->store = store_new();
	for (size_t i = 0; i < ARRAY_LEN(objects); i++)
		put(w, objects[i]);
	if (mesh_config_new(SLICE("accessLogFile: /dev/stdout\n"), &s, NULL, NULL, &w->mesh, &e) < 0)
		fail_msg("%s", e.msg);
	w->snap = snapshot_build(w->store, NULL, CHANGE_ALL, NULL, w->mesh, member, NULL);
	*state = w;
	return 0;
}

static int teardown(void **state)
{
	struct world *w = *state;

	snapshot_unref(w->snap);
	mesh_config_unref(w->mesh);
	store_free(w->store);
	xds_pool_done(&w->pool);
	free(w);
	return 0;
}

static struct str_pair catalog_labels[] = {{"app", "catalog"}};
static struct str_pair inventory_labels[] = {{"app", "inventory"}};
static struct str_pair gateway_labels[] = {{"istio", "ingressgateway"}};

static struct proxy proxy_of(enum proxy_type type, const char *name, const char *ns, const char *ip,
			     struct str_pair *labels)
{
	return (struct proxy){.type = type,
			      .id = "x",
			      .node_id = "x",
			      .name = name,
			      .ns = ns,
			      .ip = ip,
			      .service_account = "x",
			      .cluster_id = "Kubernetes",
			      .workload = name,
			      .node_name = "n",
			      .mesh_id = "m",
			      .istio_version = "1.20.8",
			      .user_agent = "weft-proxy",
			      .labels = {labels, 1},
			      .stats_filters = true,
			      .interception = "REDIRECT"};
}

/* The configuration that a proxy ends up with; nothing may be refused. */
static struct config *configure(struct world *w, const struct proxy *p, struct build **ret)
{
	static const enum xds_type order[] = {XDS_CLUSTER, XDS_ENDPOINT, XDS_LISTENER, XDS_ROUTE, XDS_SECRET};
	struct compile_result r = {0};
	struct config_node *node = NEW(struct config_node);
	enum xds_type type;
	const char *name;

	node->refs = 1;
	*ret = build_new(node);
	config_node_unref(node);
	compile_view(w->snap, p, (1u << XDS_TYPE_COUNT) - 1, &w->pool, NULL, &r);
	for (size_t i = 0; i < ARRAY_LEN(order); i++) {
		struct err e = ERR_INIT;
		struct xds_set *set = r.sets[order[i]];
		struct build_update u = {order[i], set ? set->v : NULL, set ? set->n : 0, NULL, 0, NULL};
		if (build_apply(*ret, &u, &e) < 0)
			fail_msg("%s", e.msg);
	}
	compile_result_done(&r);
	build_set_secret(*ret, config_secret_new("default", SLICE("c"), SLICE("k"), SLICE("")));
	build_set_secret(*ret, config_secret_new("ROOTCA", SLICE(""), SLICE(""), SLICE("r")));
	/* Secrets of gateways are sent by another part of the control plane. */
	if (build_missing(*ret, &type, &name) && strncmp(name, "kubernetes://", 13) != 0)
		fail_msg("missing: %s %s", xds_type_short(type), name);
	return build_config(*ret);
}

static struct slice no_header(const void *ctx, struct slice name)
{
	(void)ctx;
	(void)name;
	return slice_make(NULL, 0);
}

static const struct route *route_of(const struct config *c, const struct config_chain *chain, const char *host,
				    const char *path)
{
	struct route_request rq = {.authority = slice_str(host), .path = slice_str(path), .header = no_header};
	const struct route_table *t = chain && chain->hcm ? config_routes_of(c, chain->hcm) : NULL;

	return t ? route_find(t, &rq) : NULL;
}

static const struct config_chain *chain_to(const struct config *c, const char *name, const char *ip, uint16_t port,
					   bool tls, const char *alpn)
{
	struct addr to, from;
	struct slice protocol = slice_str(alpn);

	assert_int_equal(addr_parse(slice_str(ip), port, &to), 0);
	assert_int_equal(addr_parse(SLICE("10.244.0.99"), 40000, &from), 0);
	struct chain_input in = {
		.destination = &to, .source = &from, .tls = tls, .alpn = &protocol, .n_alpn = protocol.len > 0};
	struct config_listener *l = name ? NULL : config_listener_for(c, &to);
	for (size_t i = 0; name && i < c->n_listeners; i++)
		if (strcmp(c->listeners[i]->name, name) == 0)
			l = c->listeners[i];
	return l ? config_chain_find(l, &in) : NULL;
}

static void gateway_routes(void **state)
{
	static const struct {
		const char *path, *cluster, *rewritten;
	} rows[] = {
		{"/services/products", "outbound|8080||catalog.shop.svc.cluster.local", "/services/products"},
		{"/", "outbound|8080||catalog.shop.svc.cluster.local", "/"},
		{"/catalog", "outbound|8080||catalog.shop.svc.cluster.local", "/"},
		{"/services/inventory", "outbound|80||inventory.stock.svc.cluster.local", "/services/inventory"},
		{"/nothing", NULL, NULL},
	};
	struct proxy p = proxy_of(PROXY_ROUTER, "gw-1", "istio-system", "10.244.0.9", gateway_labels);
	struct build *b;
	struct config *c = configure(*state, &p, &b);
	const struct config_chain *chain = chain_to(c, "0.0.0.0_8080", "10.244.0.9", 8080, false, "");

	if (!chain)
		chain = chain_to(c, "0.0.0.0_80", "10.244.0.9", 80, false, "");
	assert_non_null(chain);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(arena_done) struct arena a = ARENA_INIT;
		const struct route *r = route_of(c, chain, "shop.example.com", rows[i].path);
		const char *got = r && r->action == ROUTE_ACTION_CLUSTER ? r->cluster.name : "(none)";
		if (strcmp(got, rows[i].cluster ? rows[i].cluster : "(none)") != 0)
			fail_msg("%s: got %s", rows[i].path, got);
		if (rows[i].rewritten)
			assert_true(
				slice_eq_str(route_rewrite_path(r, slice_str(rows[i].path), &a), rows[i].rewritten));
	}
	config_unref(c);
	build_free(b);
}

static void sidecar_outbound(void **state)
{
	struct proxy p = proxy_of(PROXY_SIDECAR, "catalog-1", "shop", "10.244.0.5", catalog_labels);
	struct build *b;
	struct config *c = configure(*state, &p, &b);
	const struct config_chain *http = chain_to(c, NULL, "10.96.0.22", 80, false, "http/1.1");
	const struct config_chain *tcp = chain_to(c, NULL, "10.96.0.23", 5432, false, "");
	const struct route *r = route_of(c, http, "inventory.stock", "/services/inventory");

	assert_non_null(r);
	assert_string_equal(r->cluster.name, "outbound|80||inventory.stock.svc.cluster.local");
	assert_int_equal(r->timeout_ns, 3000000000LL);
	assert_int_equal(r->retry->num_retries, 3);
	struct config_cluster cl = config_cluster_get(c, r->cluster.slot);
	assert_int_equal(cl.endpoints->n, 1);
	assert_string_equal(cl.endpoints->v[0].transport->name, "tlsMode-istio");
	assert_non_null(cl.endpoints->v[0].transport->tls);
	assert_string_equal(cl.endpoints->v[0].transport->tls->cert.name, "default");
	assert_int_equal(cl.spec->breakers.max_connections, 1);
	assert_int_equal(cl.spec->breakers.max_pending_requests, 1);
	assert_int_equal(cl.spec->max_requests_per_connection, 1);
	assert_int_equal(cl.spec->connect_timeout_ns, 30000000LL);
	assert_int_equal(cl.spec->outlier.consecutive_5xx, 1);
	assert_int_equal(cl.spec->outlier.base_ejection_ns, 180000000000LL);
	assert_string_equal(cl.spec->services[0].name, "inventory");
	const struct route_override *o = route_override_find(config_routes_of(c, http->hcm), r, NULL, FILTER_FAULT);
	assert_non_null(o);
	const struct filter_fault *f = o->config;
	assert_int_equal(f->abort_status, 500);
	assert_int_equal(f->abort.numerator * 100 / f->abort.denominator, 10);

	assert_non_null(tcp);
	assert_non_null(tcp->tcp);
	assert_string_equal(tcp->tcp->cluster.name, "outbound|5432||db.stock.svc.cluster.local");
	cl = config_cluster_get(c, tcp->tcp->cluster.slot);
	assert_int_equal(cl.endpoints->n, 1);
	assert_null(cl.endpoints->v[0].transport->tls); /* no sidecar there */
	config_unref(c);
	build_free(b);
}

static void sidecar_inbound(void **state)
{
	static const struct {
		uint16_t port;
		bool tls;
		const char *alpn;
		bool http, opened;
	} rows[] = {
		{8080, true, "istio-http/1.1", true, true},
		{8080, true, "istio", true, true},
		{8080, false, "", true, false},
		{9999, false, "", false, false},
		{9999, true, "istio-peer-exchange", false, true},
		{9999, true, "h2", false, false},
	};
	struct proxy p = proxy_of(PROXY_SIDECAR, "inventory-1", "stock", "10.244.0.6", inventory_labels);
	struct build *b;
	struct config *c = configure(*state, &p, &b);

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const struct config_chain *chain =
			chain_to(c, "virtualInbound", "10.244.0.6", rows[i].port, rows[i].tls, rows[i].alpn);
		if (!chain || !chain->hcm == rows[i].http || !chain->tls == rows[i].opened)
			fail_msg("port %u %s: %s", rows[i].port, rows[i].alpn, chain ? chain->name : "no chain");
		if (chain->hcm && chain->tls)
			assert_non_null(memmem(chain->tls->alpn.ptr, chain->tls->alpn.len, "\2h2", 3));
	}
	config_unref(c);
	build_free(b);
}

static void rebuild(struct world *w)
{
	struct snapshot *fresh;

	for (size_t i = 0; i < ARRAY_LEN(rich); i++)
		put(w, rich[i]);
	fresh = snapshot_build(w->store, w->snap, CHANGE_ALL, NULL, w->mesh, member, NULL);
	snapshot_unref(w->snap);
	w->snap = fresh;
}

static void nothing_is_refused(void **state)
{
	const struct proxy proxies[] = {
		proxy_of(PROXY_SIDECAR, "catalog-1", "shop", "10.244.0.5", catalog_labels),
		proxy_of(PROXY_SIDECAR, "inventory-1", "stock", "10.244.0.6", inventory_labels),
		proxy_of(PROXY_ROUTER, "gw-1", "istio-system", "10.244.0.9", gateway_labels),
	};

	rebuild(*state);
	for (size_t i = 0; i < ARRAY_LEN(proxies); i++) {
		struct build *b;
		struct config *c = configure(*state, &proxies[i], &b);
		assert_true(c->n_listeners > 0);
		config_unref(c);
		build_free(b);
	}
}

static void rules_hold(void **state)
{
	struct proxy p = proxy_of(PROXY_SIDECAR, "catalog-1", "shop", "10.244.0.5", catalog_labels);
	struct build *b;
	rebuild(*state);
	struct config *c = configure(*state, &p, &b);
	const struct config_chain *chain = chain_to(c, NULL, "10.96.0.21", 8080, false, "http/1.1");
	const struct route *r;

	r = route_of(c, chain, "catalog", "/direct/x");
	assert_non_null(r);
	assert_int_equal(r->direct_code, 503);
	r = route_of(c, chain, "catalog", "/mirror");
	assert_int_equal(r->n_weighted, 2);
	assert_int_equal(r->weighted[0].weight, 75);
	assert_string_equal(r->weighted[1].cluster.name, "outbound|8080|v2|catalog.shop.svc.cluster.local");
	assert_int_equal(r->n_mirrors, 1);
	r = route_of(c, chain, "catalog", "/re/abc");
	CLEANUP(arena_done) struct arena a = ARENA_INIT;
	assert_true(slice_eq_str(route_rewrite_path(r, SLICE("/re/abc"), &a), "/x/abc"));
	assert_true(slice_eq_str(r->host_rewrite, "z.com"));
	r = route_of(c, chain, "catalog", "/V1/other"); /* no header: the rule with the redirect does not apply */
	assert_int_equal(r->action, ROUTE_ACTION_CLUSTER);
	config_unref(c);
	build_free(b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(gateway_routes, setup, teardown),
		cmocka_unit_test_setup_teardown(sidecar_outbound, setup, teardown),
		cmocka_unit_test_setup_teardown(sidecar_inbound, setup, teardown),
		cmocka_unit_test_setup_teardown(nothing_is_refused, setup, teardown),
		cmocka_unit_test_setup_teardown(rules_hold, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
