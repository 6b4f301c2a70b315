/* Rules of traffic as a proxy gets them: retries, weights, whom an upstream must be, who may bring routes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "decide.h"

#define VS(rule)                                                                                                       \
	"{apiVersion: networking.istio.io/v1beta1, kind: VirtualService, metadata: {name: v, namespace: stock}, "      \
	"spec: "                                                                                                       \
	"{hosts: [inventory], http: [{" rule "}]}}"
#define TO "route: [{destination: {host: inventory}}]"

static const struct decide_conn http = {.ip = "10.96.0.22", .port = 80, .alpn = "http/1.1"};

static void start(struct world *w, struct decide *d, struct arena *a, const char *mesh, const char *yaml)
{
	const char *const all[] = {world_shop, yaml, NULL};
	const struct proxy p = world_proxy(a, "sidecar", "shop", "app=catalog");

	world_init(w, mesh, all);
	decide_init(d, w, &p);
}

static void end(struct world *w, struct decide *d)
{
	decide_done(d);
	world_done(w);
}

static void retries(void **state)
{
	static const uint32_t by_default = ROUTE_RETRY_CONNECT_FAILURE | ROUTE_RETRY_REFUSED_STREAM |
					   ROUTE_RETRY_GRPC_UNAVAILABLE | ROUTE_RETRY_GRPC_CANCELLED |
					   ROUTE_RETRY_RETRIABLE_STATUS;
	static const struct {
		const char *mesh, *yaml;
		int attempts; /* -1: no retries */
		int64_t try_ns;
		uint32_t on;
		size_t n_status;
	} rows[] = {
		{"", VS(TO), 2, 0, by_default, 1},
		{"", VS("retries: {attempts: 0}, " TO), -1, 0, 0, 0},
		{"", VS("retries: {attempts: 3}, " TO), 3, 0, by_default, 1},
		{"", VS("retries: {attempts: 1, perTryTimeout: 250ms}, " TO), 1, 250000000, by_default, 1},
		{"", VS("retries: {attempts: 1, retryOn: '5xx, 418,429'}, " TO), 1, 0,
		 ROUTE_RETRY_5XX | ROUTE_RETRY_RETRIABLE_STATUS, 2},
		{"defaultHttpRetryPolicy: {attempts: 5, perTryTimeout: 1s}\n", VS(TO), 5, 1000000000, by_default, 1},
		{"defaultHttpRetryPolicy: {attempts: 0}\n", VS(TO), -1, 0, 0, 0},
		{"defaultHttpRetryPolicy: {attempts: 5}\n", VS("retries: {attempts: 1}, " TO), 1, 0, by_default, 1},
		{"", "{apiVersion: v1, kind: Namespace, metadata: {name: x}}", 2, 0, by_default,
		 1}, /* no rule at all */
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(arena_done) struct arena a = ARENA_INIT;
		const struct route *r;
		struct decide d;
		struct world w;

		start(&w, &d, &a, rows[i].mesh, rows[i].yaml);
		r = decide_route(&d, &http, "inventory.stock", "/");
		assert_non_null(r);
		if (!r->retry != (rows[i].attempts < 0))
			fail_msg("row %zu: %s retries", i, r->retry ? "has" : "has no");
		if (r->retry &&
		    ((int)r->retry->num_retries != rows[i].attempts || r->retry->per_try_timeout_ns != rows[i].try_ns ||
		     r->retry->on != rows[i].on || r->retry->n_status != rows[i].n_status))
			fail_msg("row %zu: %u attempts, %lld ns, on %x", i, r->retry->num_retries,
				 (long long)r->retry->per_try_timeout_ns, r->retry->on);
		end(&w, &d);
	}
}

static void timeouts(void **state)
{
	static const struct {
		const char *yaml;
		int64_t ns;
	} rows[] = {{VS(TO), 0}, {VS("timeout: 1500ms, " TO), 1500000000}, {VS("timeout: 0s, " TO), 0}};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(arena_done) struct arena a = ARENA_INIT;
		struct decide d;
		struct world w;

		start(&w, &d, &a, "", rows[i].yaml);
		assert_int_equal(decide_route(&d, &http, "inventory.stock", "/")->timeout_ns, rows[i].ns);
		end(&w, &d);
	}
}

static void weights(void **state)
{
	static const struct {
		const char *yaml;
		uint32_t weights[3];
	} rows[] = {
		{VS("route: [{destination: {host: inventory, subset: a}, weight: 75}, {destination: {host: inventory, "
		    "subset: b}, weight: 25}]"),
		 {75, 25}},
		{VS("route: [{destination: {host: inventory, subset: a}, weight: 50}, {destination: {host: inventory, "
		    "subset: b}, weight: 50}]"),
		 {50, 50}},
		{VS("route: [{destination: {host: inventory, subset: a}, weight: 1}, {destination: {host: inventory, "
		    "subset: b}}, {destination: {host: inventory, subset: c}, weight: 2}]"),
		 {1, 2}},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(arena_done) struct arena a = ARENA_INIT;
		const struct route *r;
		struct decide d;
		struct world w;

		start(&w, &d, &a, "", rows[i].yaml);
		r = decide_route(&d, &http, "inventory.stock", "/");
		for (size_t k = 0; k < 3; k++)
			if ((k < r->n_weighted ? r->weighted[k].weight : 0) != rows[i].weights[k])
				fail_msg("row %zu: weight %zu of %zu", i, k, r->n_weighted);
		end(&w, &d);
	}
}

/* --- whom an upstream must be --- */

#define DR(host, spec)                                                                                                 \
	"{apiVersion: networking.istio.io/v1beta1, kind: DestinationRule, metadata: {name: d, namespace: stock}, "     \
	"spec: {host: " host ", trafficPolicy: {" spec "}}}"
#define INVENTORY "outbound|80||inventory.stock.svc.cluster.local"

static void upstream_names(void **state)
{
	static const struct {
		const char *yaml, *cluster, *sans, *sni;
	} rows[] = {
		{"{apiVersion: v1, kind: Namespace, metadata: {name: x}}", INVENTORY,
		 "spiffe://cluster.local/ns/stock/sa/inventory", "outbound_.80_._.inventory.stock.svc.cluster.local"},
		{DR("inventory", "tls: {mode: ISTIO_MUTUAL}"), INVENTORY,
		 "spiffe://cluster.local/ns/stock/sa/inventory", "outbound_.80_._.inventory.stock.svc.cluster.local"},
		{DR("inventory",
		    "tls: {mode: ISTIO_MUTUAL, sni: x.y, subjectAltNames: ['spiffe://a/b', 'spiffe://c/d']}"),
		 INVENTORY, "spiffe://a/b spiffe://c/d", "x.y"},
		{DR("inventory", "tls: {mode: SIMPLE, sni: x.y, caCertificates: system, subjectAltNames: [a.com, "
				 "'spiffe://c/d']}"),
		 INVENTORY, "a.com spiffe://c/d", "x.y"},
		{"{apiVersion: networking.istio.io/v1beta1, kind: ServiceEntry, metadata: {name: e, namespace: stock}, "
		 "spec: {hosts: [e.org], ports: [{number: 80, name: http, protocol: HTTP}], resolution: STATIC, "
		 "location: "
		 "MESH_INTERNAL, subjectAltNames: ['spiffe://entry'], endpoints: [{address: 192.0.2.1, serviceAccount: "
		 "e, "
		 "labels: {security.istio.io/tlsMode: istio}}]}}",
		 "outbound|80||e.org", "spiffe://cluster.local/ns/stock/sa/e spiffe://entry", "outbound_.80_._.e.org"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(arena_done) struct arena a = ARENA_INIT;
		CLEANUP(buf_done) struct buf got = BUF_INIT;
		const struct config_tls *tls;
		struct decide d;
		struct world w;

		start(&w, &d, &a, "", rows[i].yaml);
		tls = decide_cluster(&d, rows[i].cluster).spec->transports[0].tls;
		assert_non_null(tls);
		for (size_t k = 0; k < tls->n_sans; k++)
			buf_printf(&got, "%s%.*s", k ? " " : "", SLICE_ARG(tls->sans[k].name.text));
		if (strcmp(buf_str(&got), rows[i].sans) != 0 || !slice_eq_str(tls->sni, rows[i].sni))
			fail_msg("row %zu: names \"%s\", sni %.*s", i, buf_str(&got), SLICE_ARG(tls->sni));
		end(&w, &d);
	}
}

/* --- who may bring routes to a gateway --- */

#define GATEWAY(host)                                                                                                  \
	"{apiVersion: networking.istio.io/v1beta1, kind: Gateway, metadata: {name: g, namespace: shop}, spec: "        \
	"{selector: {istio: ingressgateway}, servers: [{port: {number: 9000, name: h, protocol: HTTP}, hosts: "        \
	"['" host "']}]}}\n---\n"                                                                                      \
	"{apiVersion: networking.istio.io/v1beta1, kind: VirtualService, metadata: {name: own, namespace: shop}, "     \
	"spec: "                                                                                                       \
	"{hosts: [a.com], gateways: [g], http: [{match: [{uri: {prefix: /own}}], directResponse: {status: 201}}]}}\n"  \
	"---\n"                                                                                                        \
	"{apiVersion: networking.istio.io/v1beta1, kind: VirtualService, metadata: {name: other, namespace: stock}, "  \
	"spec: {hosts: [a.com], gateways: [shop/g], http: [{match: [{uri: {prefix: /other}}], directResponse: "        \
	"{status: 202}}]}}"

static void gateway_hosts(void **state)
{
	static const struct {
		const char *yaml, *own, *other;
	} rows[] = {
		{GATEWAY("a.com"), "(direct 201)", "(direct 202)"},
		{GATEWAY("*/a.com"), "(direct 201)", "(direct 202)"},
		{GATEWAY("./a.com"), "(direct 201)", "(none)"},
		{GATEWAY("shop/a.com"), "(direct 201)", "(none)"},
		{GATEWAY("stock/a.com"), "(none)", "(direct 202)"},
		{GATEWAY("stock/*"), "(none)", "(direct 202)"},
		{GATEWAY("shop/*.com"), "(direct 201)", "(none)"},
		{GATEWAY("*.org"), "(none)", "(none)"},
	};
	static const struct decide_conn c = {.listener = "0.0.0.0_9000", .port = 9000};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(arena_done) struct arena a = ARENA_INIT;
		const char *const yaml[] = {world_shop, rows[i].yaml, NULL};
		const struct proxy p = world_proxy(&a, "router", "istio-system", "istio=ingressgateway");
		const char *own, *other;
		struct decide d;
		struct world w;

		world_init(&w, "", yaml);
		decide_init(&d, &w, &p);
		own = decide_http(&d, &a, &c, "a.com", "/own");
		other = decide_http(&d, &a, &c, "a.com", "/other");
		if (strcmp(own, rows[i].own) != 0 || strcmp(other, rows[i].other) != 0)
			fail_msg("row %zu: own %s, other %s", i, own, other);
		end(&w, &d);
	}
}

/* Localities and weights reach the proxy's endpoints. */
static void endpoint_groups(void **state)
{
	static const char entry[] = "{apiVersion: networking.istio.io/v1beta1, kind: ServiceEntry, metadata: {name: e, "
				    "namespace: stock}, spec: "
				    "{hosts: [e.org], ports: [{number: 80, name: http, protocol: HTTP}], resolution: "
				    "STATIC, endpoints: [{address: "
				    "192.0.2.1, locality: r/z1, weight: 3}, {address: 192.0.2.2, locality: r/z2, "
				    "ports: {http: 8081}}, {address: "
				    "192.0.2.3, locality: r/z1}]}}";
	CLEANUP(arena_done) struct arena a = ARENA_INIT;
	CLEANUP(freep) char *json = NULL;
	struct decide d;
	struct world w;

	(void)state;
	start(&w, &d, &a, "", entry);
	json = world_json(&d.result, XDS_ENDPOINT, "outbound|80||e.org");
	assert_non_null(strstr(json, "\"zone\":\"z1\""));
	assert_non_null(strstr(json, "\"zone\":\"z2\""));
	assert_non_null(strstr(json, "\"load_balancing_weight\":4"));
	assert_int_equal(decide_cluster(&d, "outbound|80||e.org").endpoints->n, 3);
	end(&w, &d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(retries),        cmocka_unit_test(timeouts),      cmocka_unit_test(weights),
		cmocka_unit_test(upstream_names), cmocka_unit_test(gateway_hosts), cmocka_unit_test(endpoint_groups),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
