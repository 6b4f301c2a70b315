/*
 * One part of an object cannot be carried out: that part is left out and told by path, everything beside it works, and
 * the proxy refuses nothing.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include "decide.h"

#define HEAD(kind, name)                                                                                               \
	"{apiVersion: networking.istio.io/v1beta1, kind: " kind ", metadata: {name: " name                             \
	", namespace: shop, creationTimestamp: '2024-01-01T00:00:01Z'}, spec: "
#define VS(spec) HEAD("VirtualService", "bad") "{" spec "}}\n---\n"
#define GW(servers) HEAD("Gateway", "bad") "{selector: {istio: ingressgateway}, servers: [" servers "]}}\n---\n"
#define SE(spec) HEAD("ServiceEntry", "bad") "{" spec "}}\n---\n"
#define DR(spec) HEAD("DestinationRule", "bad") "{" spec "}}\n---\n"
#define TO(host) "route: [{destination: {host: " host "}}]"
#define CATALOG "outbound|8080||catalog.shop.svc.cluster.local"
#define INVENTORY "outbound|80||inventory.stock.svc.cluster.local"

/* A gateway that serves HTTP on 9000; the bad rule is the first, the second always works. */
#define RULES(first)                                                                                                   \
	VS("hosts: [a.com], gateways: [g], http: [" first                                                              \
	   ", {match: [{uri: {prefix: /good}}], " TO("catalog") "}, {"                                                 \
								"directResponse: {status: 299}}]")
#define BAD(rest) RULES("{match: [{uri: {prefix: /bad}}], " rest "}")
#define BAD_MATCH(match) RULES("{match: [" match ", {uri: {prefix: /beside}}], " TO("catalog") "}")

static const char gateway[] = HEAD("Gateway", "g") "{selector: {istio: ingressgateway}, servers: [{port: {number: "
						   "9000, name: h, protocol: HTTP}, hosts: ['*']}]}}";

struct row {
	const char *yaml;
	const char *path, *has; /* of the note; NULL: none */
};

/* Each on the gateway: /bad falls through, /good works. */
static const struct row rules[] = {
	{BAD("headers: {response: {set: {x-banner: '50% off'}}}, " TO("catalog")),
	 "spec.http[0].headers.response[x-banner]", "%%"},
	{BAD("headers: {request: {add: {'': x}}}, " TO("catalog")), "spec.http[0].headers.request[]", "no name"},
	{BAD("headers: {request: {add: {'a b': x}}}, " TO("catalog")), "spec.http[0].headers.request[a b]", "no name"},
	{BAD("headers: {request: {add: {host: x}}}, " TO("catalog")), "spec.http[0].headers.request[host]", "Host"},
	{BAD("headers: {request: {set: {a: \"b\\r\\nc: d\"}}}, " TO("catalog")), "spec.http[0].headers.request[a]",
	 "one line"},
	{BAD("headers: {response: {remove: [ok, '']}}, " TO("catalog")), "spec.http[0].headers.response.remove[1]",
	 "no name"},
	{BAD("route: [{destination: {host: catalog}, weight: 1, headers: {response: {add: {b: '%X%'}}}}, {destination: "
	     "{host: catalog}, weight: 1}]"),
	 "spec.http[0].route[0].headers.response[b]", "unknown format command"},
	{BAD("route: [{destination: {host: catalog}}, {destination: {host: db}}]"), "spec.http[0].route", "weight"},
	{BAD("route: [{destination: {host: catalog}, weight: 2147483647}, {destination: {host: db}, weight: "
	     "2147483647}, {destination: {host: db}, weight: 2}]"),
	 "spec.http[0].route", "more than"},
	{BAD("rewrite: {uriRegexRewrite: {match: '(', rewrite: x}}, " TO("catalog")),
	 "spec.http[0].rewrite.uriRegexRewrite.match", "missing )"},
	{BAD("rewrite: {uriRegexRewrite: {match: 'x', rewrite: '\\3'}}, " TO("catalog")),
	 "spec.http[0].rewrite.uriRegexRewrite.rewrite", "substitution"},
	{BAD("retries: {attempts: 1, retryOn: '5xx,luck'}, " TO("catalog")), "spec.http[0].retries.retryOn", "luck"},
	{BAD("timeout: -1s, " TO("catalog")), "spec.http[0].timeout", "negative"},
	{BAD("fault: {abort: {httpStatus: 99, percentage: {value: 1}}}, " TO("catalog")),
	 "spec.http[0].fault.abort.httpStatus", "200..599"},
	{BAD("fault: {abort: {grpcStatus: '%%', percentage: {value: 1}}}, " TO("catalog")),
	 "spec.http[0].fault.abort.grpcStatus", "no status of gRPC"},
	{BAD("corsPolicy: {allowOrigins: [{exact: a}, {regex: '('}]}, " TO("catalog")),
	 "spec.http[0].corsPolicy.allowOrigins[1]", "missing )"},
	{BAD("directResponse: {status: 99}"), "spec.http[0].directResponse.status", "200..599"},
	{BAD_MATCH("{uri: {regex: '(?=x)'}}"), "spec.http[0].match[0].uri.regex", "invalid"},
	{BAD_MATCH("{uri: {prefix: /bad}, headers: {a: {regex: '('}}}"), "spec.http[0].match[0].headers[a]",
	 "missing )"},
	{BAD_MATCH("{uri: {prefix: /bad}, headers: {'': {exact: a}}}"), "spec.http[0].match[0].headers", "no name"},
	{BAD_MATCH("{uri: {prefix: /bad}, method: {regex: '('}}"), "spec.http[0].match[0].method", "missing )"},
	{BAD_MATCH("{uri: {prefix: /bad}, queryParams: {q: {regex: '('}}}"), "spec.http[0].match[0].queryParams[q]",
	 "missing )"},
};

static void check_note(const struct decide *d, const struct row *r)
{
	const char *note = r->path ? decide_note(d, "bad", r->path) : NULL;

	if (r->path && (!note || !strstr(note, r->has)))
		fail_msg("%s\nexpected %s: %s, got %s; the first of %zu: %s", r->yaml, r->path, r->has,
			 note ? note : "(none)", d->result.n_notes, d->result.n_notes ? d->result.notes[0].path : "");
	for (size_t i = 0; i < d->result.n_notes; i++)
		assert_int_equal(d->result.notes[i].reason, COMPILE_INVALID);
	if (!r->path && d->result.n_notes)
		fail_msg("%s\ntold %s: %s", r->yaml, d->result.notes[0].path, d->result.notes[0].text);
}

static void routes(void **state)
{
	static const struct decide_conn c = {.listener = "0.0.0.0_9000", .port = 9000};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rules); i++) {
		CLEANUP(arena_done) struct arena a = ARENA_INIT;
		const char *const yaml[] = {world_shop, gateway, rules[i].yaml, NULL};
		const struct proxy p = world_proxy(&a, "router", "istio-system", "istio=ingressgateway");
		const bool match = strstr(rules[i].yaml, "/beside");
		struct world w;
		struct decide d;

		world_init(&w, "", yaml);
		decide_init(&d, &w, &p);
		check_note(&d, &rules[i]);
		assert_string_equal(decide_http(&d, &a, &c, "a.com", "/good"), CATALOG);
		assert_string_equal(decide_http(&d, &a, &c, "a.com", "/bad"), "(direct 299)");
		if (match)
			assert_string_equal(decide_http(&d, &a, &c, "a.com", "/beside"), CATALOG);
		decide_done(&d);
		world_done(&w);
	}
}

#define TLS(port, rest) "{port: {number: " port ", name: s, protocol: HTTPS}, hosts: [a.com], tls: {mode: " rest "}}"
#define GOOD                                                                                                           \
	"{port: {number: 8443, name: good, protocol: HTTPS}, hosts: [b.com], tls: {mode: SIMPLE, credentialName: "     \
	"c}}, "
#define TCP(more) "{port: {number: 5000, name: t, protocol: TCP}, hosts: ['*']" more "}"

/* Each beside a good server of the same port. */
static const struct row servers[] = {
	{GW(GOOD TLS("8443", "SIMPLE")), "spec.servers[1].tls", "credentialName"},
	{GW(GOOD TLS("8443", "SIMPLE, serverCertificate: /a")), "spec.servers[1].tls", "privateKey"},
	{GW(GOOD TLS("8443", "MUTUAL, serverCertificate: /a, privateKey: /b")), "spec.servers[1].tls",
	 "caCertificates"},
	{GW(GOOD TLS("8443", "SIMPLE, credentialName: c, minProtocolVersion: TLSV1_3, maxProtocolVersion: TLSV1_2")),
	 "spec.servers[1].tls", "minProtocolVersion"},
	{GW(GOOD TLS("443", "SIMPLE, credentialName: c")), "spec.servers[1].port.number", "under 1024"},
	{GW(GOOD TLS("15021", "SIMPLE, credentialName: c")), "spec.servers[1].port.number", "own"},
	{GW(GOOD "{port: {number: 0, name: x, protocol: HTTP}, hosts: [a.com]}"), "spec.servers[1].port", "1..65535"},
	{GW(GOOD "{port: {number: 9001, name: x, protocol: QUIC}, hosts: [a.com]}"), "spec.servers[1].port", "QUIC"},
	{GW(GOOD "{port: {number: 9001, name: x, protocol: HTTP}, bind: 1.2.3, hosts: [a.com]}"),
	 "spec.servers[1].bind", "no address"},
	{GW(GOOD "{port: {number: 8443, name: x, protocol: HTTPS}, hosts: ['*a.com'], tls: {mode: SIMPLE, "
		 "credentialName: c}}"),
	 "spec.servers[1].hosts[0]", "no name"},
	{GW(GOOD TCP("")) VS("hosts: ['*'], gateways: [bad], tcp: [{route: [{destination: {host: catalog}}, "
			     "{destination: {host: db}}]}]"),
	 "spec.tcp[0].route", "weights"},
	{GW(GOOD "{port: {number: 8443, name: p, protocol: TLS}, hosts: ['*.c.com'], tls: {mode: PASSTHROUGH}}")
		 VS("hosts: [x.c.com], gateways: [bad], tls: [{match: [{sniHosts: [x.c.com]}], route: [{destination: "
		    "{host: catalog}}, {destination: {host: db}}]}]"),
	 "spec.tls[0].route", "weights"},
};

static void gateways(void **state)
{
	static const struct decide_conn c = {.listener = "0.0.0.0_8443", .port = 8443, .tls = true, .sni = "b.com"};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(servers); i++) {
		CLEANUP(arena_done) struct arena a = ARENA_INIT;
		const char *const yaml[] = {world_shop, servers[i].yaml, NULL};
		const struct proxy p = world_proxy(&a, "router", "istio-system", "istio=ingressgateway");
		struct world w;
		struct decide d;

		world_init(&w, "", yaml);
		decide_init(&d, &w, &p);
		check_note(&d, &servers[i]);
		assert_string_equal(decide_tcp(&d, &a, &c), "(http)");
		decide_done(&d);
		world_done(&w);
	}
}

/* Each for a sidecar, which reaches inventory all the same. */
static const struct row mesh[] = {
	{SE("hosts: ['', e.com], addresses: [1.2.3, 192.0.2.9], ports: [{number: 9000, name: tcp, protocol: TCP}], "
	    "resolution: STATIC, endpoints: [{address: 192.0.2.10}, {address: x.com}]"),
	 "spec.addresses[0]", "no address"},
	{SE("hosts: [e.com], addresses: [192.0.2.9], ports: [{number: 9000, name: tcp, protocol: TCP}], resolution: "
	    "STATIC, endpoints: [{address: 192.0.2.10}, {address: x.com}]"),
	 "spec.endpoints", "no address"},
	{SE("hosts: [e.com], addresses: [192.0.2.9], ports: [{number: 9000, name: tcp, protocol: TCP}], resolution: "
	    "STATIC, endpoints: [{address: 192.0.2.10, weight: 4294967295}, {address: 192.0.2.11, weight: 7}]"),
	 "spec.endpoints", "weights"},
	{SE("hosts: [e.com], addresses: [192.0.2.9], ports: [{number: 9000, name: tcp, protocol: TCP}, {number: 0, "
	    "name: z, protocol: TCP}, {number: 70000, name: w, protocol: TCP}, {number: 9000, name: x, protocol: "
	    "HTTP}], resolution: STATIC, endpoints: [{address: 192.0.2.10}]"),
	 NULL, NULL}, /* validation tells */
	{SE("hosts: [e.com], addresses: [192.0.2.9], ports: [{number: 9000, name: tcp, protocol: TCP}], resolution: "
	    "STATIC, endpoints: [{address: 192.0.2.10}]")
		 DR("host: e.com, trafficPolicy: {connectionPool: {tcp: {connectTimeout: 0s}}, loadBalancer: "
		    "{consistentHash: {httpHeaderName: x, minimumRingSize: 99999999}}, outlierDetection: {interval: "
		    "-1s, "
		    "maxEjectionPercent: 200, minHealthPercent: 200}}"),
	 NULL, NULL}, /* validation tells */
};

static void sidecars(void **state)
{
	static const struct decide_conn entry = {.ip = "192.0.2.9", .port = 9000};
	static const struct decide_conn http = {.ip = "10.96.0.22", .port = 80, .alpn = "http/1.1"};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(mesh); i++) {
		CLEANUP(arena_done) struct arena a = ARENA_INIT;
		const char *const yaml[] = {world_shop, mesh[i].yaml, NULL};
		const struct proxy p = world_proxy(&a, "sidecar", "shop", "app=catalog");
		struct world w;
		struct decide d;

		world_init(&w, "", yaml);
		decide_init(&d, &w, &p);
		check_note(&d, &mesh[i]);
		assert_string_equal(decide_tcp(&d, &a, &entry), "outbound|9000||e.com");
		assert_int_equal(decide_cluster(&d, "outbound|9000||e.com").endpoints->n, 1);
		assert_string_equal(decide_http(&d, &a, &http, "inventory.stock", "/"), INVENTORY);
		decide_done(&d);
		world_done(&w);
	}
}

/* A body of 100 KB is no fault, one of more than a megabyte is. */
static void long_bodies(void **state)
{
	static const struct decide_conn c = {.listener = "0.0.0.0_9000", .port = 9000};
	static const size_t sizes[] = {100000, 1100000};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
		CLEANUP(arena_done) struct arena a = ARENA_INIT;
		char *body = arena_calloc(&a, sizes[i] + 1, 1);
		const char *const yaml[] = {world_shop, gateway,
					    arena_printf(&a, BAD("directResponse: {status: 200, body: {string: %s}}"),
							 (char *)memset(body, 'x', sizes[i])),
					    NULL};
		const struct proxy p = world_proxy(&a, "router", "istio-system", "istio=ingressgateway");
		struct world w;
		struct decide d;

		world_init(&w, "", yaml);
		decide_init(&d, &w, &p);
		assert_string_equal(decide_http(&d, &a, &c, "a.com", "/bad"), i ? "(direct 299)" : "(direct 200)");
		assert_int_equal(decide_note(&d, "bad", "spec.http[0].directResponse.body") != NULL, i);
		decide_done(&d);
		world_done(&w);
	}
}

/* A log format that a proxy would refuse with every listener: the default is used. */
static void log_formats(void **state)
{
	static const char *const formats[] = {"accessLogFile: /dev/stdout\naccessLogFormat: '100% %NO_SUCH%'\n",
					      "accessLogFile: /dev/stdout\naccessLogEncoding: JSON\naccessLogFormat: "
					      "'{\"a\": \"%NO_SUCH%\", \"b\": \"%PROTOCOL%\"}'\n"};
	static const struct decide_conn http = {.ip = "10.96.0.22", .port = 80, .alpn = "http/1.1"};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(formats); i++) {
		CLEANUP(arena_done) struct arena a = ARENA_INIT;
		const char *const yaml[] = {world_shop, NULL};
		const struct proxy p = world_proxy(&a, "sidecar", "shop", "app=catalog");
		struct world w;
		struct decide d;

		world_init(&w, formats[i], yaml);
		decide_init(&d, &w, &p);
		assert_string_equal(decide_http(&d, &a, &http, "inventory.stock", "/"), INVENTORY);
		decide_done(&d);
		world_done(&w);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(routes),      cmocka_unit_test(gateways),    cmocka_unit_test(sidecars),
		cmocka_unit_test(long_bodies), cmocka_unit_test(log_formats),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
