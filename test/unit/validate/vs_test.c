/* Validation of VirtualServices. */
#include "rows.h"

#define VS(http) NET("VirtualService", "{hosts: [a], http: [" http "]}")
#define WHOLE(spec) NET("VirtualService", spec)
#define ROUTE "route: [{destination: {host: b}}]"
#define HTTP(part) VS("{" ROUTE ", " part "}")
#define MATCH(match) HTTP("match: [" match "]")
#define FAULT(fault) HTTP("fault: " fault)
#define CORS(cors) HTTP("corsPolicy: " cors)
#define RETRIES(retries) HTTP("retries: " retries)
#define REWRITE(rewrite) HTTP("rewrite: " rewrite)
#define REDIRECT(redirect) VS("{redirect: " redirect "}")
#define ANSWER(answer) VS("{directResponse: " answer "}")
#define HEADERS(headers) HTTP("headers: " headers)
#define DESTINATION(destination) VS("{route: [{destination: " destination "}]}")
#define TLS(tls) WHOLE("{hosts: [a.b, '*.c'], tls: [" tls "]}")
#define TCP(tcp) WHOLE("{hosts: [a.b], tcp: [" tcp "]}")
#define R0 "spec.http[0]"

static const struct row whole[] = {
	{VS("{" ROUTE "}"), FINE, NULL, NULL},
	{WHOLE("{hosts: [a]}"), REFUSED, "spec", "http, tcp or tls must be provided"},
	{WHOLE("{hosts: ['*'], http: [{" ROUTE "}]}"), REFUSED, "spec.hosts[0]", "wildcard host * is not allowed"},
	{WHOLE("{hosts: ['*'], gateways: [g, mesh], http: [{" ROUTE "}]}"), REFUSED, "spec.hosts[0]", "mesh gateway"},
	{WHOLE("{hosts: ['*'], gateways: [g], http: [{" ROUTE "}]}"), FINE, NULL, NULL},
	{WHOLE("{hosts: [a, a], http: [{" ROUTE "}]}"), REFUSED, "spec.hosts[1]", "duplicate hosts"},
	{WHOLE("{hosts: ['*.b.c', a.b.c], http: [{" ROUTE "}]}"), REFUSED, "spec.hosts[1]", "duplicate hosts"},
	{WHOLE("{hosts: [a.b.c, '*.b.c'], http: [{" ROUTE "}]}"), REFUSED, "spec.hosts[1]", "duplicate hosts"},
	{WHOLE("{hosts: ['*.b.c', '*.c'], http: [{" ROUTE "}]}"), REFUSED, "spec.hosts[1]", "duplicate hosts"},
	{WHOLE("{hosts: ['*.b.c', b.c, '*.d'], http: [{" ROUTE "}]}"), FINE, NULL, NULL},
	{WHOLE("{hosts: ['a.b:80'], http: [{" ROUTE "}]}"), REFUSED, "spec.hosts[0]", "label \"b:80\" invalid"},
	{WHOLE("{hosts: [''], http: [{" ROUTE "}]}"), REFUSED, "spec.hosts[0]", "empty domain name"},
	{WHOLE("{hosts: [a_b], http: [{" ROUTE "}]}"), REFUSED, "spec.hosts[0]", "label \"a_b\" invalid"},
	{WHOLE("{hosts: ['a.*.b'], http: [{" ROUTE "}]}"), REFUSED, "spec.hosts[0]", "label \"*\" invalid"},
	{WHOLE("{hosts: [a.1], http: [{" ROUTE "}]}"), REFUSED, "spec.hosts[0]", "cannot be all-numeric"},
	{WHOLE("{hosts: [a..b], http: [{" ROUTE "}]}"), REFUSED, "spec.hosts[0]", "label \"\" invalid"},
	{WHOLE("{hosts: ['2001:db8::1', 10.0.0.1, a.b., '*-x.c'], http: [{" ROUTE "}]}"), FINE, NULL, NULL},
	{WHOLE("{hosts: [a], gateways: [/g], http: [{" ROUTE "}]}"), REFUSED, "spec.gateways[0]", "cannot be empty"},
	{WHOLE("{hosts: [a], gateways: [n/], http: [{" ROUTE "}]}"), REFUSED, "spec.gateways[0]", "cannot be empty"},
	{WHOLE("{hosts: [a], gateways: [n_/g], http: [{" ROUTE "}]}"), REFUSED, "spec.gateways[0]",
	 "namespace: \"n_\""},
	{WHOLE("{hosts: [a], gateways: [n/g_], http: [{" ROUTE "}]}"), REFUSED, "spec.gateways[0]", "name: \"g_\""},
	{WHOLE("{hosts: [a], gateways: [g_], http: [{" ROUTE "}]}"), REFUSED, "spec.gateways[0]", "\"g_\" invalid"},
	{WHOLE("{hosts: [a], gateways: [g.n.svc], http: [{" ROUTE "}]}"), WARNED, "spec.gateways[0]", "\"n/g\""},
	{WHOLE("{hosts: [a], exportTo: ['*', b], http: [{" ROUTE "}]}"), REFUSED, "spec.exportTo", "both public (*)"},
	{WHOLE("{hosts: [a], exportTo: [b, b], http: [{" ROUTE "}]}"), REFUSED, "spec.exportTo", "for entry b"},
	{WHOLE("{hosts: [a], exportTo: [., stock], http: [{" ROUTE "}]}"), REFUSED, "spec.exportTo",
	 "current namespace stock"},
	{WHOLE("{hosts: [a], exportTo: ['~'], http: [{" ROUTE "}]}"), REFUSED, "spec.exportTo", "ServiceEntries only"},
	{WHOLE("{hosts: [a], exportTo: [b_], http: [{" ROUTE "}]}"), REFUSED, "spec.exportTo", "\"b_\" is neither"},
	{WHOLE("{gateways: [g], http: [{" ROUTE "}]}"), REFUSED, "spec.gateways", "delegate virtual service"},
	{WHOLE("{http: [{" ROUTE "}], tls: [{match: [{sniHosts: [a]}], " ROUTE "}]}"), REFUSED, "spec.tls",
	 "no tls route"},
	{WHOLE("{http: [{" ROUTE "}], tcp: [{" ROUTE "}]}"), REFUSED, "spec.tcp", "no tcp route"},
	{WHOLE("{http: [{delegate: {name: d}, " ROUTE "}]}"), REFUSED, R0 ".delegate", "cannot contain delegate"},
	{VS("{delegate: {name: d}}"), FINE, NULL, NULL},
	{VS("{delegate: {name: d}, " ROUTE "}"), REFUSED, R0, "must not specify route"},
	{VS("{delegate: {name: d}, redirect: {uri: /}}"), REFUSED, R0, "must not specify redirect"},
};

static const struct row parts[] = {
	{VS("{}"), REFUSED, R0, "HTTP route, redirect or direct_response is required"},
	{HTTP("redirect: {uri: /a}"), REFUSED, R0, "both route and redirect"},
	{VS("{redirect: {uri: /a}, fault: {abort: {httpStatus: 500}}}"), REFUSED, R0, "both fault and redirect"},
	{VS("{redirect: {uri: /a}, rewrite: {uri: /b}}"), REFUSED, R0, "both rewrite and redirect"},
	{VS("{redirect: {uri: /a}, directResponse: {status: 200}}"), REFUSED, R0, "both redirect and direct_response"},
	{HTTP("directResponse: {status: 200}"), REFUSED, R0, "both route and direct_response"},
	{VS("{directResponse: {status: 200}, fault: {abort: {httpStatus: 500}}}"), REFUSED, R0,
	 "both fault and direct_response"},
	{VS("{directResponse: {status: 200}, rewrite: {uri: /b}}"), REFUSED, R0, "both rewrite and direct_response"},
	{HTTP("mirror: {host: c}, mirrors: [{destination: {host: c}}]"), REFUSED, R0, "both mirror and mirrors"},
	{HTTP("mirror: {host: '*'}"), REFUSED, R0 ".mirror.host", "invalid destination host *"},
	{HTTP("mirrors: [{percentage: {value: 1}}]"), REFUSED, R0 ".mirrors[0].destination", "is required"},
	{HTTP("mirror: {host: c}, mirrorPercentage: {value: 101}"), REFUSED, R0 ".mirrorPercentage", "max value"},
	{HTTP("mirror: {host: c}, mirrorPercentage: {value: -1}"), REFUSED, R0 ".mirrorPercentage", "min value"},
	{HTTP("mirrors: [{destination: {host: c}, percentage: {value: 101}}]"), REFUSED, R0 ".mirrors[0].percentage",
	 "max value"},
	{HTTP("mirror: {host: c}, mirrorPercent: 101"), REFUSED, R0 ".mirrorPercent", "max value"},
	{HTTP("mirror: {host: c}, mirrorPercent: 100"), WARNED, R0 ".mirrorPercent", "deprecated"},
	{HTTP("timeout: 0s"), REFUSED, R0 ".timeout", "greater than 1ms"},
	{HTTP("timeout: 1.0005s"), REFUSED, R0 ".timeout", "ms precision"},
	{DESTINATION("{}"), REFUSED, R0 ".route[0].destination.host", "invalid destination host"},
	{DESTINATION("{host: 'a.*'}"), REFUSED, R0 ".route[0].destination.host", "label \"*\""},
	{DESTINATION("{host: 10.0.0.1}"), REFUSED, R0 ".route[0].destination.host", "all-numeric"},
	{DESTINATION("{host: b, subset: v_1}"), REFUSED, R0 ".route[0].destination.subset", "v_1"},
	{DESTINATION("{host: b, subset: ''}"), FINE, NULL, NULL},
	{DESTINATION("{host: b, port: {}}"), REFUSED, R0 ".route[0].destination.port.number", "port number 0"},
	{VS("{route: [{weight: 1}]}"), REFUSED, R0 ".route[0].destination", "destination is required"},
	{VS("{route: [{destination: {host: b}, weight: -1}]}"), REFUSED, R0 ".route[0].weight", "weight -1 < 0"},
	{VS("{route: [{destination: {host: b}}, {destination: {host: c}}]}"), REFUSED, R0 ".route",
	 "total destination weight = 0"},
};

static const struct row matches[] = {
	{MATCH("{uri: {regex: '(['}}"), REFUSED, R0 ".match[0].uri", "Istio uses RE2 style"},
	{MATCH("{uri: {regex: ''}}"), REFUSED, R0 ".match[0].uri", "should not be empty"},
	{MATCH("{scheme: {regex: '['}}"), REFUSED, R0 ".match[0].scheme", "\"[\""},
	{MATCH("{method: {regex: '['}}"), REFUSED, R0 ".match[0].method", "\"[\""},
	{MATCH("{authority: {regex: '['}}"), REFUSED, R0 ".match[0].authority", "\"[\""},
	{MATCH("{queryParams: {p: {regex: '['}}}"), REFUSED, R0 ".match[0].queryParams[p]", "\"[\""},
	{MATCH("{headers: {x: {regex: '['}}}"), REFUSED, R0 ".match[0].headers[x]", "\"[\""},
	{MATCH("{headers: {x: {regex: '*'}, z: {}}}"), FINE, NULL, NULL},
	{MATCH("{headers: {x: {prefix: ''}}}"), REFUSED, R0 ".match[0].headers[x]", "may not be empty"},
	{MATCH("{headers: {'': {exact: a}}}"), REFUSED, R0 ".match[0].headers[]", "header name cannot be empty"},
	{MATCH("{headers: {'a b': {exact: a}}}"), REFUSED, R0 ".match[0].headers[a b]", "not a valid header name"},
	{MATCH("{withoutHeaders: {x: {regex: '['}}}"), REFUSED, R0 ".match[0].withoutHeaders[x]", "\"[\""},
	{MATCH("{withoutHeaders: {'': {}}}"), REFUSED, R0 ".match[0].withoutHeaders[]", "header name cannot be empty"},
	{MATCH("{headers: {'@request.auth.claims.a': {exact: b}}}"), REFUSED,
	 R0 ".match[0].headers[@request.auth.claims.a]", "claims of tokens"},
	{MATCH("{withoutHeaders: {'@request.auth.claims[a]': {exact: b}}}"), REFUSED,
	 R0 ".match[0].withoutHeaders[@request.auth.claims[a]]", "claims of tokens"},
	{WHOLE("{hosts: [a], gateways: [g], http: [{match: [{headers: {'@request.auth.claims.a': {exact: b}}}], " ROUTE
	       "}]}"),
	 FINE, NULL, NULL},
	{MATCH("{port: 70000}"), REFUSED, R0 ".match[0].port", "port number 70000"},
	{MATCH("{sourceLabels: {'a b': c}}"), REFUSED, R0 ".match[0].sourceLabels", "\"a b\" is no key"},
	{MATCH("{sourceLabels: {a: 'b c'}}"), REFUSED, R0 ".match[0].sourceLabels", "\"b c\" is no value"},
	{MATCH("{sourceLabels: {a.b/c_d: '', e: f.g}}"), FINE, NULL, NULL},
	{MATCH("{sourceLabels: {a_b/c: d}}"), REFUSED, R0 ".match[0].sourceLabels", "\"a_b/c\" is no key"},
	{MATCH("{gateways: [n/]}"), REFUSED, R0 ".match[0].gateways[0]", "cannot be empty"},
	{MATCH("{sourceNamespace: n_}"), REFUSED, R0 ".match[0].sourceNamespace", "n_ is invalid"},
};

static const struct row headers[] = {
	{HEADERS("{request: {set: {x: '%REQ(:path)%', q: '100%%', z: 'a %START_TIME% b'}}}"), FINE, NULL, NULL},
	{HEADERS("{request: {set: {x: '%DYNAMIC_METADATA([\"a\", \"b\\\"c\"])%'}}}"), FINE, NULL, NULL},
	{HEADERS("{request: {set: {x: '50% off'}}}"), REFUSED, R0 ".headers.request.set[x]", "must be doubled"},
	{HEADERS("{request: {add: {x: '50%'}}}"), REFUSED, R0 ".headers.request.add[x]", "must be doubled"},
	{HEADERS("{response: {set: {x: '%A%%'}}}"), REFUSED, R0 ".headers.response.set[x]", "must be doubled"},
	{HEADERS("{response: {add: {x: '%A(b%'}}}"), REFUSED, R0 ".headers.response.add[x]", "must be doubled"},
	{HEADERS("{response: {add: {x: '%A(b)c%'}}}"), REFUSED, R0 ".headers.response.add[x]", "must be doubled"},
	{HEADERS("{response: {add: {x: '%A([b])%'}}}"), REFUSED, R0 ".headers.response.add[x]", "must be doubled"},
	{HEADERS("{request: {set: {x: \"a\\u0001\"}}}"), REFUSED, R0 ".headers.request.set[x]", "control character"},
	{HEADERS("{request: {set: {'': a}}}"), REFUSED, R0 ".headers.request.set[]", "cannot be empty"},
	{HEADERS("{request: {set: {':path': a}}}"), REFUSED, R0 ".headers.request.set[:path]", "\":\" prefix"},
	{HEADERS("{request: {set: {':authority': a}}}"), FINE, NULL, NULL},
	{HEADERS("{request: {add: {Host: a}}}"), FINE, NULL, NULL},
	{HEADERS("{request: {remove: [host]}}"), REFUSED, R0 ".headers.request.remove[0]", "cannot set Host"},
	{HEADERS("{request: {remove: [':path']}}"), REFUSED, R0 ".headers.request.remove[0]", "\":\" prefix"},
	{HEADERS("{response: {set: {host: a}}}"), REFUSED, R0 ".headers.response.set[host]", "cannot set Host"},
	{HEADERS("{response: {remove: ['']}}"), REFUSED, R0 ".headers.response.remove[0]", "cannot be empty"},
	{HEADERS("{request: {set: {host: a}, add: {':authority': b}}}"), REFUSED, R0, "authority is set 2 times"},
	{HTTP("rewrite: {authority: c}, headers: {request: {set: {host: a}}}"), REFUSED, R0,
	 "authority is set 2 times"},
	{VS("{route: [{destination: {host: b}, headers: {request: {set: {host: a}}}}]}"), FINE, NULL, NULL},
	{VS("{route: [{destination: {host: b}, headers: {request: {set: {':authority': a}}}}]}"), REFUSED,
	 R0 ".route[0].headers.request.set[:authority]", "\":\" prefix"},
	{VS("{route: [{destination: {host: b}, headers: {response: {add: {x: '%'}}}}]}"), REFUSED,
	 R0 ".route[0].headers.response.add[x]", "must be doubled"},
};

static const struct row actions[] = {
	{RETRIES("{attempts: -1}"), REFUSED, R0 ".retries", "attempts cannot be negative"},
	{RETRIES("{attempts: 0, retryOn: 5xx}"), REFUSED, R0 ".retries", "attempts are set to 0"},
	{RETRIES("{attempts: 0, perTryTimeout: 1s}"), REFUSED, R0 ".retries", "attempts are set to 0"},
	{RETRIES("{attempts: 0, retryRemoteLocalities: false}"), REFUSED, R0 ".retries", "attempts are set to 0"},
	{RETRIES("{attempts: 0}"), FINE, NULL, NULL},
	{RETRIES("{attempts: 1, retryOn: 'often'}"), REFUSED, R0 ".retries.retryOn", "\"often\""},
	{RETRIES("{attempts: 1, retryOn: '5xx,503,reset'}"), FINE, NULL, NULL},
	{RETRIES("{attempts: 1, retryOn: '600'}"), REFUSED, R0 ".retries.retryOn", "\"600\""},
	{RETRIES("{attempts: 1, retryOn: '430'}"), REFUSED, R0 ".retries.retryOn", "\"430\""},
	{RETRIES("{attempts: 1, perTryTimeout: 0.0001s}"), REFUSED, R0 ".retries.perTryTimeout", "greater than 1ms"},
	{FAULT("{}"), REFUSED, R0 ".fault", "must have an abort and/or a delay"},
	{FAULT("{abort: {httpStatus: 199}}"), REFUSED, R0 ".fault.abort.httpStatus", "HTTP status 199"},
	{FAULT("{abort: {httpStatus: 601}}"), REFUSED, R0 ".fault.abort.httpStatus", "HTTP status 601"},
	{FAULT("{abort: {grpcStatus: NOT_FOUND}}"), FINE, NULL, NULL},
	{FAULT("{abort: {grpcStatus: BROKEN}}"), REFUSED, R0 ".fault.abort.grpcStatus", "\"BROKEN\""},
	{FAULT("{abort: {http2Error: REFUSED}}"), REFUSED, R0 ".fault.abort", "not supported yet"},
	{FAULT("{abort: {percentage: {value: 10}}}"), WARNED, R0 ".fault.abort", "aborts nothing"},
	{FAULT("{abort: {httpStatus: 500, percentage: {value: 0.00001}}}"), REFUSED, R0 ".fault.abort.percentage",
	 "percentage 1e-05"},
	{FAULT("{abort: {httpStatus: 500, percentage: {value: 101}}}"), REFUSED, R0 ".fault.abort.percentage",
	 "percentage 101"},
	{FAULT("{delay: {fixedDelay: 0s}}"), REFUSED, R0 ".fault.delay.fixedDelay", "greater than 1ms"},
	{FAULT("{delay: {fixedDelay: 1s, percent: 101}}"), REFUSED, R0 ".fault.delay.percent", "percentage 101"},
	{FAULT("{delay: {fixedDelay: 1s, percentage: {value: -1}}}"), REFUSED, R0 ".fault.delay.percentage",
	 "percentage -1"},
	{FAULT("{delay: {exponentialDelay: 1s}}"), REFUSED, R0 ".fault.delay", "exponentialDelay not supported"},
	{REDIRECT("{}"), REFUSED, R0 ".redirect", "must specify URI, authority, scheme, or port"},
	{REDIRECT("{uri: '', authority: ''}"), REFUSED, R0 ".redirect", "must specify URI"},
	{REDIRECT("{derivePort: FROM_REQUEST_PORT}"), FINE, NULL, NULL},
	{REDIRECT("{uri: /, redirectCode: 200}"), REFUSED, R0 ".redirect.redirectCode", "200 is not a valid"},
	{REDIRECT("{scheme: ftp}"), REFUSED, R0 ".redirect.scheme", "\"ftp\""},
	{REDIRECT("{port: 70000}"), REFUSED, R0 ".redirect.port", "port number 70000"},
	{REWRITE("{}"), REFUSED, R0 ".rewrite", "at least one of URI"},
	{REWRITE("{uri: ''}"), REFUSED, R0 ".rewrite", "at least one of URI"},
	{REWRITE("{uri: /a, uriRegexRewrite: {match: a, rewrite: b}}"), REFUSED, R0 ".rewrite", "only contain one"},
	{REWRITE("{uriRegexRewrite: {match: a}}"), REFUSED, R0 ".rewrite.uriRegexRewrite", "both match and rewrite"},
	{REWRITE("{uriRegexRewrite: {rewrite: a}}"), REFUSED, R0 ".rewrite.uriRegexRewrite", "both match and rewrite"},
	{REWRITE("{uriRegexRewrite: {match: '[', rewrite: a}}"), REFUSED, R0 ".rewrite.uriRegexRewrite.match", "RE2"},
	{REWRITE("{uriRegexRewrite: {match: '(a)', rewrite: '\\2'}}"), REFUSED, R0 ".rewrite.uriRegexRewrite.rewrite",
	 "\\2"},
	{CORS("{allowMethods: [FETCH]}"), REFUSED, R0 ".corsPolicy.allowMethods[0]", "\"FETCH\""},
	{CORS("{allowOrigins: [{exact: ''}]}"), REFUSED, R0 ".corsPolicy.allowOrigins[0]", "an origin must have"},
	{CORS("{allowOrigins: [{regex: '['}]}"), REFUSED, R0 ".corsPolicy.allowOrigins[0]", "RE2"},
	{CORS("{allowHeaders: ['']}"), REFUSED, R0 ".corsPolicy.allowHeaders[0]", "cannot be empty"},
	{CORS("{exposeHeaders: ['']}"), REFUSED, R0 ".corsPolicy.exposeHeaders[0]", "cannot be empty"},
	{CORS("{maxAge: 1.5s}"), REFUSED, R0 ".corsPolicy.maxAge", "seconds precision"},
	{CORS("{maxAge: 0s}"), REFUSED, R0 ".corsPolicy.maxAge", "greater than 1ms"},
	{ANSWER("{status: 600}"), FINE, NULL, NULL},
	{ANSWER("{status: 601}"), REFUSED, R0 ".directResponse.status", "HTTP status 601"},
};

static const struct row layer4[] = {
	{TLS("{match: [{sniHosts: [a.b, x.c]}], " ROUTE "}"), FINE, NULL, NULL},
	{TLS("{" ROUTE "}"), REFUSED, "spec.tls[0]", "at least one match condition"},
	{TLS("{match: [{port: 443}], " ROUTE "}"), REFUSED, "spec.tls[0].match[0]", "at least one SNI host"},
	{TLS("{match: [{sniHosts: [x.y]}], " ROUTE "}"), REFUSED, "spec.tls[0].match[0].sniHosts[0]",
	 "not a compatible subset"},
	{TLS("{match: [{sniHosts: ['a_.b']}], " ROUTE "}"), REFUSED, "spec.tls[0].match[0].sniHosts[0]", "invalid"},
	{TLS("{match: [{sniHosts: [10.0.0.1]}], " ROUTE "}"), WARNED, "spec.tls[0].match[0].sniHosts[0]", "no address"},
	{TLS("{match: [{sniHosts: [a.b], destinationSubnets: [10.0.0.0/40]}], " ROUTE "}"), REFUSED,
	 "spec.tls[0].match[0].destinationSubnets[0]", "10.0.0.0/40"},
	{TLS("{match: [{sniHosts: [a.b], port: 70000}], " ROUTE "}"), REFUSED, "spec.tls[0].match[0].port", "70000"},
	{TLS("{match: [{sniHosts: [a.b], sourceLabels: {'a b': c}}], " ROUTE "}"), REFUSED,
	 "spec.tls[0].match[0].sourceLabels", "no key"},
	{TLS("{match: [{sniHosts: [a.b], gateways: [/g]}], " ROUTE "}"), REFUSED, "spec.tls[0].match[0].gateways[0]",
	 "cannot be empty"},
	{TLS("{match: [{sniHosts: [a.b]}]}"), REFUSED, "spec.tls[0]", "TLS route is required"},
	{TCP("{" ROUTE "}"), FINE, NULL, NULL},
	{TCP("{match: [{port: 80}]}"), REFUSED, "spec.tcp[0]", "TCP route is required"},
	{TCP("{match: [{port: 70000}], " ROUTE "}"), REFUSED, "spec.tcp[0].match[0].port", "70000"},
	{TCP("{match: [{destinationSubnets: [a]}], " ROUTE "}"), REFUSED, "spec.tcp[0].match[0].destinationSubnets[0]",
	 "\"a\" is no IP"},
	{TCP("{match: [{sourceSubnet: a/8}], " ROUTE "}"), REFUSED, "spec.tcp[0].match[0].sourceSubnet", "a/8"},
	{TCP("{match: [{gateways: [/g]}], " ROUTE "}"), REFUSED, "spec.tcp[0].match[0].gateways[0]", "cannot be empty"},
	{TCP("{route: [{weight: 1}]}"), REFUSED, "spec.tcp[0].route[0].destination", "destination is required"},
	{TCP("{route: [{destination: {host: b}, weight: -1}]}"), REFUSED, "spec.tcp[0].route[0].weight", "weight -1"},
	{TCP("{route: [{destination: {host: b}}, {destination: {host: c}}]}"), REFUSED, "spec.tcp[0]",
	 "total destination weight = 0"},
};

#define RULES(a, b) VS("{" a ROUTE "}, {" b ROUTE "}")

static const struct row hidden[] = {
	{RULES("", "match: [{uri: {prefix: /a}}], "), WARNED, "spec.http[1]", "only the last rule can have no matches"},
	{RULES("match: [{uri: {prefix: /a}}], ", ""), FINE, NULL, NULL},
	{RULES("match: [{name: x, uri: {exact: /a}}], ", "match: [{name: z, uri: {exact: /a}}], "), WARNED,
	 "spec.http[1].match[0]", "rule #0 has the same one"},
	{RULES("match: [{uri: {prefix: /a}}], ", "match: [{uri: {prefix: /a/b}}], "), WARNED, "spec.http[1].match[0]",
	 "takes prefix /a/b, too"},
	{RULES("match: [{uri: {prefix: /a/b}}], ", "match: [{uri: {prefix: /a}}], "), FINE, NULL, NULL},
	{RULES("match: [{uri: {prefix: /a}, method: {exact: GET}}], ", "match: [{uri: {prefix: /a/b}}], "), FINE, NULL,
	 NULL},
	{RULES("match: [{uri: {prefix: /a}}], ", "match: [{uri: {prefix: /a/b}, method: {exact: GET}}], "), WARNED,
	 "spec.http[1].match[0]", "takes prefix"},
	{RULES("match: [{uri: {prefix: /a}, headers: {x: {exact: z}}}], ", "match: [{uri: {prefix: /a/b}}], "), FINE,
	 NULL, NULL},
	{TCP("{" ROUTE "}, {" ROUTE "}"), WARNED, "spec.tcp[1]", "only the last rule"},
	{TLS("{match: [{sniHosts: [a.b]}], " ROUTE "}, {match: [{sniHosts: [a.b]}], " ROUTE "}"), WARNED,
	 "spec.tls[1].match[0]", "has the same one"},
};

TEST_ROWS(whole)
TEST_ROWS(parts)
TEST_ROWS(matches)
TEST_ROWS(headers)
TEST_ROWS(actions)
TEST_ROWS(layer4)
TEST_ROWS(hidden)

/* A body of so many bytes, in base64 or as it is. */
static void check_body(const char *key, size_t bytes, enum row_want want, const char *text)
{
	CLEANUP(freep) char *body = mem_calloc(bytes + 1, 1), *yaml = NULL;
	struct row r = {.want = want, .path = R0 ".directResponse.body", .text = text};

	memset(body, 'A', bytes);
	yaml = mem_printf(OBJECT("networking.istio.io/v1beta1", "VirtualService", "",
				 "{hosts: [a], http: [{directResponse: {status: 200, body: {%s: %s}}}]}"),
			  key, body);
	r.yaml = yaml;
	check_row(&r);
}

static void test_bodies(void **state)
{
	(void)state;
	check_body("string", 100 << 10, FINE, NULL);
	check_body("string", (100 << 10) + 1, WARNED, "is large");
	check_body("string", (1 << 20) + 1, REFUSED, "less than 1MB");
	check_body("bytes", (1 << 20) + 4, WARNED, "is large");
	check_body("bytes", (1 << 20) * 4 / 3 + 4, REFUSED, "less than 1MB");
}

static void test_long_regex(void **state)
{
	CLEANUP(freep) char *regex = mem_calloc(1026, 1), *yaml = NULL;
	struct row r = {.want = REFUSED, .path = R0 ".match[0].uri", .text = "max length allowed is 1024"};

	(void)state;
	memset(regex, 'a', 1025);
	yaml = mem_printf(MATCH("{uri: {regex: %s}}"), regex);
	r.yaml = yaml;
	check_row(&r);
}

static void test_long_host(void **state)
{
	char host[260] = "", *yaml;
	struct row r = {.want = REFUSED, .path = "spec.hosts[0]", .text = "too long (max 255)"};

	(void)state;
	for (size_t i = 0; i < 256; i++)
		host[i] = i % 2 ? '.' : 'a';
	yaml = mem_printf(WHOLE("{hosts: [%s], http: [{" ROUTE "}]}"), host);
	r.yaml = yaml;
	check_row(&r);
	free(yaml);
}

static void count_unused(void *arg, const char *path, const char *text)
{
	if (strcmp(path, "spec.http[1]") == 0 && strstr(text, "all matches used by prior rules"))
		++*(int *)arg;
}

static void test_all_matches_hidden(void **state)
{
	static const char match[] = "match: [{uri: {exact: /a}}, {uri: {exact: /b}}], ";
	static const struct {
		const char *second;
		int n;
	} cases[] = {{"match: [{uri: {exact: /b}}, {uri: {exact: /a}}], ", 1},
		     {"match: [{uri: {exact: /b}}, {uri: {exact: /c}}], ", 0}};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		CLEANUP(freep) char *yaml = mem_printf(RULES("%s", "%s"), match, cases[i].second);
		struct api_object *o = row_object(yaml);
		int n = 0;

		validate_object(o, NULL, count_unused, &n);
		api_object_unref(o);
		assert_int_equal(n, cases[i].n);
	}
}

/* Presence is asked for by {}; null is no message. */
static void test_null(void **state)
{
	CLEANUP(json_freep) cJSON *json = NULL;
	struct api_object *o = NULL;
	struct err e = ERR_INIT;

	(void)state;
	assert_int_equal(yaml_parse(slice_str(MATCH("{headers: {x: null}}")), &json, NULL), 0);
	assert_int_equal(api_object_decode(json, NULL, NULL, &o, &e), -EINVAL);
	assert_non_null(strstr(e.msg, "spec.http[0].match[0].headers[x]: must be an object, not null"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_whole),      cmocka_unit_test(test_parts),
		cmocka_unit_test(test_matches),    cmocka_unit_test(test_headers),
		cmocka_unit_test(test_actions),    cmocka_unit_test(test_layer4),
		cmocka_unit_test(test_hidden),     cmocka_unit_test(test_bodies),
		cmocka_unit_test(test_long_regex), cmocka_unit_test(test_null),
		cmocka_unit_test(test_long_host),  cmocka_unit_test(test_all_matches_hidden),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
