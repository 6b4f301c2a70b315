/* Validation messages: an object and the first thing that is wrong with it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "mesh/host.h"
#include "mesh/protocol.h"
#include "mesh/validate.h"
#include "msg/yaml.h"
#include "world.h"

#define NET(kind, spec)                                                                                                \
	"{apiVersion: networking.istio.io/v1alpha3, kind: " kind                                                       \
	", metadata: {name: x, namespace: stock}, spec: " spec "}"
#define SEC(kind, spec)                                                                                                \
	"{apiVersion: security.istio.io/v1beta1, kind: " kind ", metadata: {name: x, namespace: stock}, spec: " spec "}"
#define VS(http) NET("VirtualService", "{hosts: [a], http: [" http "]}")
#define DR(policy) NET("DestinationRule", "{host: a, trafficPolicy: " policy "}")
#define GW(server) NET("Gateway", "{selector: {a: b}, servers: [" server "]}")
#define ROUTE "route: [{destination: {host: b}}]"

static const struct {
	const char *yaml, *path, *text; /* NULL: valid */
} rows[] = {
	{VS("{" ROUTE "}"), NULL, NULL},
	{NET("VirtualService", "{hosts: [a]}"), "spec", "http, tcp or tls must be provided in virtual service"},
	{NET("VirtualService", "{hosts: ['*'], http: [{" ROUTE "}]}"), "spec.hosts[0]",
	 "wildcard host * is not allowed for virtual services bound to the mesh gateway"},
	{NET("VirtualService", "{hosts: ['*'], gateways: [g], http: [{" ROUTE "}]}"), NULL, NULL},
	{NET("VirtualService", "{hosts: [a, a], http: [{" ROUTE "}]}"), "spec.hosts[1]",
	 "duplicate hosts in virtual service: a & a"},
	{NET("VirtualService", "{hosts: ['a.b:8080'], http: [{" ROUTE "}]}"), "spec.hosts[0]",
	 "domain name \"a.b:8080\" invalid"},
	{NET("VirtualService", "{hosts: ['2001:db8::1', 10.0.0.1], http: [{" ROUTE "}]}"), NULL, NULL},
	{VS("{rewrite: {uri: ''}, " ROUTE "}"), "spec.http[0].rewrite", "rewrite must specify at least one of"},
	{VS("{rewrite: {uri: '', authority: b}, " ROUTE "}"), NULL, NULL},
	{GW("{hosts: ['a.b:8080'], port: {number: 80, name: x, protocol: HTTP}}"), "spec.servers[0].hosts[0]",
	 "domain name \"a.b:8080\" invalid"},
	{VS("{}"), "spec.http[0]", "HTTP route, redirect or direct_response is required"},
	{VS("{" ROUTE ", redirect: {uri: /a}}"), "spec.http[0]", "HTTP route cannot contain both route and redirect"},
	{VS("{route: [{destination: {host: b}, weight: -1}]}"), "spec.http[0].route[0].weight", "weight -1 < 0"},
	{VS("{route: [{destination: {host: b}}, {destination: {host: c}}]}"), "spec.http[0].route",
	 "total destination weight = 0"},
	{VS("{match: [{uri: {regex: '(['}}], " ROUTE "}"), "spec.http[0].match[0].uri", "Istio uses RE2 style"},
	{VS("{match: [{uri: {regex: ''}}], " ROUTE "}"), "spec.http[0].match[0].uri",
	 "regex string match should not be empty"},
	{VS("{retries: {attempts: -1}, " ROUTE "}"), "spec.http[0].retries", "attempts cannot be negative"},
	{VS("{retries: {attempts: 1, retryOn: often}, " ROUTE "}"), "spec.http[0].retries.retryOn",
	 "\"often\" is not a valid retryOn policy"},
	{VS("{fault: {}, " ROUTE "}"), "spec.http[0].fault", "HTTP fault injection must have an abort and/or a delay"},
	{VS("{fault: {abort: {httpStatus: 99}}, " ROUTE "}"), "spec.http[0].fault.abort.httpStatus",
	 "HTTP status 99 is not in range 200-599"},
	{VS("{redirect: {}}"), "spec.http[0].redirect", "redirect must specify URI, authority, scheme, or port"},
	{VS("{redirect: {uri: /, redirectCode: 200}}"), "spec.http[0].redirect.redirectCode",
	 "200 is not a valid redirect code, must be 3xx"},
	{VS("{corsPolicy: {allowMethods: [FETCH]}, " ROUTE "}"), "spec.http[0].corsPolicy.allowMethods[0]",
	 "\"FETCH\" is not a supported HTTP method"},
	{NET("VirtualService", "{hosts: [a], tls: [{" ROUTE "}]}"), "spec.tls[0]",
	 "TLS route must have at least one match condition"},
	{NET("VirtualService", "{hosts: [a], exportTo: ['*', b], http: [{" ROUTE "}]}"), "spec.exportTo",
	 "cannot have both public (*) and non-public exportTo values for a resource"},
	{DR("{}"), "spec.trafficPolicy", "traffic policy must have at least one field"},
	{DR("{connectionPool: {}}"), "spec.trafficPolicy.connectionPool",
	 "connection pool must have at least one field"},
	{DR("{outlierDetection: {maxEjectionPercent: 101}}"), "spec.trafficPolicy.outlierDetection.maxEjectionPercent",
	 "percentage 101 is not in range 0..100"},
	{DR("{tls: {mode: MUTUAL}}"), "spec.trafficPolicy.tls", "client certificate required for mutual tls"},
	{NET("DestinationRule", "{host: a, subsets: [{name: 'b c'}]}"), "spec.subsets[0]",
	 "subset name is invalid: b c"},
	{NET("Gateway", "{selector: {a: b}}"), "spec.servers", "gateway must have at least one server"},
	{GW("{hosts: [a], port: {number: 80, protocol: HTTP}}"), "spec.servers[0].port", "port name must be set: 80"},
	{GW("{hosts: [a], port: {number: 80, name: x, protocol: FTP}}"), "spec.servers[0].port",
	 "invalid protocol \"FTP\""},
	{GW("{hosts: [a], port: {number: 0, name: x, protocol: HTTP}}"), "spec.servers[0].port",
	 "port number 0 must be in the range 1..65535"},
	{GW("{hosts: [a], port: {number: 443, name: x, protocol: HTTPS}}"), "spec.servers[0].tls",
	 "server must have TLS settings for HTTPS/TLS protocols"},
	{GW("{hosts: [a], port: {number: 443, name: x, protocol: HTTPS}, tls: {mode: SIMPLE}}"), "spec.servers[0].tls",
	 "SIMPLE TLS requires a server certificate"},
	{NET("ServiceEntry", "{hosts: ['*'], ports: [{number: 80, name: http, protocol: HTTP}]}"), "spec.hosts[0]",
	 "invalid host *"},
	{NET("ServiceEntry",
	     "{hosts: [a.b], ports: [{number: 80, name: x, protocol: HTTP}, {number: 81, name: x, protocol: HTTP}]}"),
	 "spec.ports[1]", "service entry port name \"x\" already defined"},
	{NET("Sidecar", "{}"), "spec", "sidecar: empty configuration provided"},
	{NET("Sidecar", "{egress: [{hosts: [abc]}]}"), "spec.egress[0].hosts[0]",
	 "host must be of form namespace/dnsName"},
	{SEC("PeerAuthentication", "{portLevelMtls: {'80': {mode: STRICT}}}"), "spec.portLevelMtls",
	 "mesh/namespace peer authentication cannot have port level mTLS"},
	{SEC("AuthorizationPolicy", "{action: DENY}"), "spec.rules", "DENY action without `rules` is meaningless"},
	{SEC("AuthorizationPolicy", "{rules: [{when: [{key: foo, values: [a]}]}]}"), "spec.rules[0].when[0]",
	 "unknown attribute: foo"},
};

struct found {
	char path[200], text[600];
	int n;
};

static void on_error(void *arg, const char *path, const char *text)
{
	struct found *f = arg;

	if (f->n++ == 0) {
		snprintf(f->path, sizeof(f->path), "%s", path);
		snprintf(f->text, sizeof(f->text), "%s", text);
	}
}

static struct api_object *decode(const char *yaml)
{
	struct api_object *o = NULL;
	struct err e = ERR_INIT;
	cJSON *json = NULL;

	if (yaml_parse(slice_str(yaml), &json, &e) < 0 || api_object_decode(json, NULL, NULL, &o, &e) < 0)
		fail_msg("%s: %s", yaml, e.msg);
	cJSON_Delete(json);
	return o;
}

static void test_rows(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct api_object *o = decode(rows[i].yaml);
		struct found f = {.n = 0};

		validate_object(o, on_error, NULL, &f);
		api_object_unref(o);
		if (!rows[i].path && f.n)
			fail_msg("%s: %s: %s", rows[i].yaml, f.path, f.text);
		if (rows[i].path && (strcmp(f.path, rows[i].path) != 0 || !strstr(f.text, rows[i].text)))
			fail_msg("%s: %s: %s", rows[i].yaml, f.path, f.text);
	}
}

static const struct {
	const char *yaml, *path, *text;
} refs[] = {
	{NET("VirtualService", "{hosts: [inventory], http: [{route: [{destination: {host: nobody}}]}]}"),
	 "spec.http[0].route[0].destination.host", "host nobody.stock.svc.cluster.local is not known in the mesh"},
	{NET("VirtualService", "{hosts: [inventory], http: [{route: [{destination: {host: inventory, subset: v9}}]}]}"),
	 "spec.http[0].route[0].destination.subset", "no DestinationRule defines subset v9"},
	{NET("VirtualService",
	     "{hosts: [inventory], http: [{route: [{destination: {host: inventory, port: {number: 81}}}]}]}"),
	 "spec.http[0].route[0].destination.port.number", "has no port 81"},
	{NET("VirtualService",
	     "{hosts: [inventory], gateways: [none], http: [{route: [{destination: {host: inventory}}]}]}"),
	 "spec.gateways[0]", "Gateway stock/none does not exist"},
	{NET("DestinationRule", "{host: nobody}"), "spec.host",
	 "host nobody.stock.svc.cluster.local is not known in the mesh"},
	{NET("Gateway", "{selector: {a: b}, servers: []}"), "spec.selector", "no pod of the mesh has these labels"},
};

static void test_refs(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(refs) / sizeof(refs[0]); i++) {
		const char *const yaml[] = {world_shop, refs[i].yaml, NULL};
		struct api_object *o = decode(refs[i].yaml);
		struct found f = {.n = 0};
		struct world w;

		world_init(&w, "", yaml);
		validate_refs(w.snap, o, on_error, &f);
		world_done(&w);
		api_object_unref(o);
		if (strcmp(f.path, refs[i].path) != 0 || !strstr(f.text, refs[i].text))
			fail_msg("%s: %s: %s", refs[i].yaml, f.path, f.text);
	}
}

static void test_protocols(void **state)
{
	(void)state;
	assert_int_equal(protocol_detect(NULL, "http-web", "TCP", 80, false), PROTOCOL_HTTP);
	assert_int_equal(protocol_detect("grpc", "http", "TCP", 80, false), PROTOCOL_GRPC);
	assert_int_equal(protocol_detect(NULL, "grpc-web-x", "TCP", 80, false), PROTOCOL_GRPC_WEB);
	assert_int_equal(protocol_detect("kubernetes.io/h2c", NULL, "TCP", 80, false), PROTOCOL_HTTP2);
	assert_int_equal(protocol_detect(NULL, "web", "TCP", 80, false), PROTOCOL_TCP);
	assert_int_equal(protocol_detect(NULL, "web", "TCP", 80, true), PROTOCOL_AUTO);
	assert_int_equal(protocol_detect(NULL, NULL, "TCP", 3306, true), PROTOCOL_TCP);
	assert_int_equal(protocol_detect(NULL, "http", "UDP", 80, true), PROTOCOL_UDP);
}

static void test_hosts(void **state)
{
	(void)state;
	assert_true(host_subset_of("a.b.c", "*.b.c"));
	assert_true(host_subset_of("*.a.b.c", "*.b.c"));
	assert_false(host_subset_of("*.c", "*.b.c"));
	assert_true(host_subset_of("x", "*"));
	assert_true(host_overlap("*.b.c", "a.b.c"));
	assert_true(host_cmp_specific("a.b.c", "*.b.c") < 0);
	assert_true(host_cmp_specific("*.a.b.c", "*.b.c") < 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_refs),
		cmocka_unit_test(test_protocols),
		cmocka_unit_test(test_hosts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
