/* Validation of the kinds of security.istio.io. */
#include "rows.h"

#define PA(spec) SEC("PeerAuthentication", spec)
#define AP(spec) SEC("AuthorizationPolicy", spec)
#define RULE(rule) AP("{rules: [" rule "]}")
#define SOURCE(source) RULE("{from: [{source: " source "}]}")
#define TO(operation) RULE("{to: [{operation: " operation "}]}")
#define WHEN(condition) RULE("{when: [" condition "]}")
#define RA(spec) SEC("RequestAuthentication", spec)
#define JWT(rule) RA("{jwtRules: [" rule "]}")
#define NOTED(kind, annotation, spec) OBJECT("security.istio.io/v1beta1", kind, ", annotations: {" annotation "}", spec)
#define GATEWAY "targetRef: {group: gateway.networking.k8s.io, kind: Gateway, name: g"

static const struct row shared[] = {
	{AP("{selector: {matchLabels: {'': a}}}"), REFUSED, "spec.selector", "empty key is not supported"},
	{AP("{selector: {matchLabels: {a: 'b*'}}}"), REFUSED, "spec.selector", "wildcard is not supported"},
	{AP("{selector: {matchLabels: {'a*': b}}}"), REFUSED, "spec.selector", "wildcard is not supported"},
	{AP("{selector: {}}"), WARNED, "spec.selector", "selects all workloads"},
	{AP("{selector: {matchLabels: {a: b}}}"), FINE, NULL, NULL},
	{AP("{" GATEWAY "}}"), FINE, NULL, NULL},
	{AP("{selector: {matchLabels: {a: b}}, " GATEWAY "}}"), REFUSED, "spec.targetRef", "only one of"},
	{AP("{targetRef: {group: gateway.networking.k8s.io, kind: Gateway}}"), REFUSED, "spec.targetRef.name",
	 "must be set"},
	{AP("{" GATEWAY ", namespace: x}}"), REFUSED, "spec.targetRef.namespace", "\"x\""},
	{AP("{targetRef: {group: gateway.networking.k8s.io, kind: HTTPRoute, name: g}}"), REFUSED, "spec.targetRef",
	 "HTTPRoute"},
	{AP("{targetRef: {group: apps, kind: Gateway, name: g}}"), REFUSED, "spec.targetRef", "\"apps\""},
	{NOTED("AuthorizationPolicy", "istio.io/dry-run: 'false'", "{}"), FINE, NULL, NULL},
	{NOTED("AuthorizationPolicy", "istio.io/dry-run: 'yes'", "{}"), REFUSED,
	 "metadata.annotations[istio.io/dry-run]", "\"yes\""},
	{NOTED("AuthorizationPolicy", "istio.io/dry-run: 'true'", "{action: AUDIT}"), REFUSED,
	 "metadata.annotations[istio.io/dry-run]", "AUDIT"},
	{NOTED("PeerAuthentication", "istio.io/dry-run: 'true'", "{}"), REFUSED,
	 "metadata.annotations[istio.io/dry-run]", "only an AuthorizationPolicy"},
	{NOTED("PeerAuthentication", "internal.istio.io/webhook-always-reject: ''", "{}"), REFUSED,
	 "metadata.annotations[internal.istio.io/webhook-always-reject]", "always refused"},
};

static const struct row peer[] = {
	{PA("{mtls: {mode: STRICT}}"), FINE, NULL, NULL},
	{PA("{selector: {matchLabels: {a: b}}, portLevelMtls: {'80': {mode: DISABLE}}}"), FINE, NULL, NULL},
	{PA("{portLevelMtls: {'80': {mode: DISABLE}}}"), REFUSED, "spec.portLevelMtls", "cannot have port level mTLS"},
	{PA("{selector: {matchLabels: {a: b}}, portLevelMtls: {'0': {}}}"), REFUSED, "spec.portLevelMtls",
	 "port cannot be 0"},
	{PA("{selector: {matchLabels: {a: b}}, portLevelMtls: {'x': {}}}"), REFUSED, "spec.portLevelMtls",
	 "\"x\" is no port number"},
	{PA("{selector: {matchLabels: {a: b}}, portLevelMtls: {'70000': {}}}"), REFUSED, "spec.portLevelMtls",
	 "port number 70000"},
};

static const struct row authorization[] = {
	{SOURCE("{}"), REFUSED, "spec.rules[0].from[0].source", "`from.source` must not be empty"},
	{RULE("{from: [{}]}"), REFUSED, "spec.rules[0].from[0].source", "`from.source` must not be empty"},
	{TO("{}"), REFUSED, "spec.rules[0].to[0].operation", "`to.operation` must not be empty"},
	{RULE("{to: [{}]}"), REFUSED, "spec.rules[0].to[0].operation", "`to.operation` must not be empty"},
	{SOURCE("{principals: ['']}"), REFUSED, "spec.rules[0].from[0].source.principals[0]", "empty value"},
	{SOURCE("{notPrincipals: ['']}"), REFUSED, "spec.rules[0].from[0].source.notPrincipals[0]", "empty value"},
	{SOURCE("{requestPrincipals: ['']}"), REFUSED, "spec.rules[0].from[0].source.requestPrincipals[0]",
	 "empty value"},
	{SOURCE("{notRequestPrincipals: ['']}"), REFUSED, "spec.rules[0].from[0].source.notRequestPrincipals[0]",
	 "empty value"},
	{SOURCE("{namespaces: [a, '']}"), REFUSED, "spec.rules[0].from[0].source.namespaces[1]", "empty value"},
	{SOURCE("{notNamespaces: ['']}"), REFUSED, "spec.rules[0].from[0].source.notNamespaces[0]", "empty value"},
	{SOURCE("{ipBlocks: [10.0.0.0/8, 10.1.1.1, '2001:db8::/32', '::1']}"), FINE, NULL, NULL},
	{SOURCE("{ipBlocks: ['']}"), REFUSED, "spec.rules[0].from[0].source.ipBlocks[0]", "empty value"},
	{SOURCE("{ipBlocks: [10.0.0.0/33]}"), REFUSED, "spec.rules[0].from[0].source.ipBlocks[0]", "10.0.0.0/33"},
	{SOURCE("{ipBlocks: [10.0.0.0/08]}"), REFUSED, "spec.rules[0].from[0].source.ipBlocks[0]", "10.0.0.0/08"},
	{SOURCE("{notIpBlocks: [10.0.0.x]}"), REFUSED, "spec.rules[0].from[0].source.notIpBlocks[0]", "10.0.0.x"},
	{SOURCE("{remoteIpBlocks: [a]}"), REFUSED, "spec.rules[0].from[0].source.remoteIpBlocks[0]", "\"a\""},
	{SOURCE("{notRemoteIpBlocks: [a]}"), REFUSED, "spec.rules[0].from[0].source.notRemoteIpBlocks[0]", "\"a\""},
	{TO("{ports: ['80'], methods: [GET], paths: [/a*], hosts: ['*.b']}"), FINE, NULL, NULL},
	{TO("{ports: ['80a']}"), REFUSED, "spec.rules[0].to[0].operation.ports[0]", "\"80a\" is no port"},
	{TO("{ports: ['65536']}"), REFUSED, "spec.rules[0].to[0].operation.ports[0]", "\"65536\""},
	{TO("{notPorts: ['-1']}"), REFUSED, "spec.rules[0].to[0].operation.notPorts[0]", "\"-1\""},
	{TO("{methods: ['']}"), REFUSED, "spec.rules[0].to[0].operation.methods[0]", "empty value"},
	{TO("{notMethods: ['']}"), REFUSED, "spec.rules[0].to[0].operation.notMethods[0]", "empty value"},
	{TO("{paths: ['']}"), REFUSED, "spec.rules[0].to[0].operation.paths[0]", "empty value"},
	{TO("{notPaths: ['']}"), REFUSED, "spec.rules[0].to[0].operation.notPaths[0]", "empty value"},
	{TO("{hosts: ['']}"), REFUSED, "spec.rules[0].to[0].operation.hosts[0]", "empty value"},
	{TO("{notHosts: ['']}"), REFUSED, "spec.rules[0].to[0].operation.notHosts[0]", "empty value"},
	{TO("{paths: ['/a*b']}"), WARNED, "spec.rules[0].to[0].operation.paths[0]", "* counts at the beginning"},
	{WHEN("{key: '', values: [a]}"), REFUSED, "spec.rules[0].when[0]", "`key` must not be empty"},
	{WHEN("{key: source.ip}"), REFUSED, "spec.rules[0].when[0]", "at least one of `values`"},
	{WHEN("{key: source.ip, values: [a]}"), REFUSED, "spec.rules[0].when[0].values[0]", "\"a\" is no IP"},
	{WHEN("{key: remote.ip, notValues: [a]}"), REFUSED, "spec.rules[0].when[0].notValues[0]", "\"a\" is no IP"},
	{WHEN("{key: destination.ip, values: [1.1.1.1/0]}"), FINE, NULL, NULL},
	{WHEN("{key: destination.ip, values: [x/8]}"), REFUSED, "spec.rules[0].when[0].values[0]", "x/8"},
	{WHEN("{key: destination.port, values: [http]}"), REFUSED, "spec.rules[0].when[0].values[0]", "\"http\""},
	{WHEN("{key: source.namespace, values: ['']}"), REFUSED, "spec.rules[0].when[0].values[0]", "empty value"},
	{WHEN("{key: 'request.headers[a]', values: [b]}"), FINE, NULL, NULL},
	{WHEN("{key: 'request.headers[]', values: [b]}"), REFUSED, "spec.rules[0].when[0]", "request.headers[name]"},
	{WHEN("{key: request.headers, values: [b]}"), REFUSED, "spec.rules[0].when[0]", "request.headers[name]"},
	{WHEN("{key: 'request.auth.claims[a', values: [b]}"), REFUSED, "spec.rules[0].when[0]", "must be written as"},
	{WHEN("{key: 'experimental.envoy.filters.a[b]', values: [c]}"), FINE, NULL, NULL},
	{WHEN("{key: destination.labels, values: [b]}"), REFUSED, "spec.rules[0].when[0]", "unknown attribute"},
	{AP("{action: DENY}"), REFUSED, "spec.rules", "DENY action without `rules`"},
	{AP("{action: CUSTOM, provider: {name: x}}"), REFUSED, "spec.rules", "CUSTOM action without `rules`"},
	{AP("{action: CUSTOM, rules: [{}]}"), REFUSED, "spec.provider", "`provider.name` must not be empty"},
	{AP("{action: CUSTOM, provider: {name: x}, rules: [{}]}"), FINE},
	{AP("{action: CUSTOM, provider: {name: x}, rules: [{from: [{source: {notRequestPrincipals: [a]}}]}]}"), REFUSED,
	 "spec.rules[0].from[0].source.notRequestPrincipals", "before tokens are looked at"},
	{AP("{action: CUSTOM, provider: {name: x}, rules: [{from: [{source: {requestPrincipals: [a]}}]}]}"), REFUSED,
	 "spec.rules[0].from[0].source.requestPrincipals", "before tokens are looked at"},
	{AP("{action: CUSTOM, provider: {name: x}, rules: [{when: [{key: request.auth.principal, values: [a]}]}]}"),
	 REFUSED, "spec.rules[0].when[0].key", "before tokens are looked at"},
	{AP("{action: CUSTOM, provider: {name: x}, rules: [{to: [{operation: {paths: [/a]}}]}]}"), WARNED,
	 "spec.rules[0]", "a provider of gRPC is asked"},
	{AP("{provider: {name: x}}"), REFUSED, "spec.provider", "must not be with non CUSTOM action"},
	{AP("{action: DENY, rules: [{}]}"), FINE, NULL, NULL},
	{AP("{action: DENY, rules: [{to: [{operation: {methods: [GET]}}]}]}"), WARNED, "spec.rules[0]", "plain TCP"},
	{AP("{action: DENY, rules: [{from: [{source: {requestPrincipals: [a]}}]}]}"), WARNED, "spec.rules[0]",
	 "plain TCP"},
	{AP("{action: DENY, rules: [{to: [{operation: {methods: [GET], ports: ['80']}}]}]}"), FINE, NULL, NULL},
	{AP("{action: DENY, rules: [{from: [{source: {namespaces: [a]}}]}]}"), FINE, NULL, NULL},
	{AP("{rules: [{to: [{operation: {methods: [GET]}}]}]}"), FINE, NULL, NULL},
};

static const struct row request[] = {
	{JWT("{issuer: a, audiences: [b], jwksUri: 'https://a.b:443/c', fromHeaders: [{name: x}], fromParams: [q], "
	     "outputClaimToHeaders: [{header: h, claim: c}]}"),
	 FINE, NULL, NULL},
	{JWT("{}"), REFUSED, "spec.jwtRules[0].issuer", "must be set"},
	{JWT("{issuer: a, audiences: [b, '']}"), REFUSED, "spec.jwtRules[0].audiences[1]", "must not be empty"},
	{JWT("{issuer: a, jwksUri: a.b}"), REFUSED, "spec.jwtRules[0].jwksUri", "begins with http://"},
	{JWT("{issuer: a, jwksUri: 'http://a.b:c/d'}"), REFUSED, "spec.jwtRules[0].jwksUri", "\"c\" is no port"},
	{JWT("{issuer: a, jwksUri: 'http://[::1]/d'}"), FINE, NULL, NULL},
	{JWT("{issuer: a, jwks: '{\"keys\": []}'}"), FINE, NULL, NULL},
	{JWT("{issuer: a, jwks: '{\"kty\": \"RSA\"}'}"), FINE, NULL, NULL},
	{JWT("{issuer: a, jwks: 'key'}"), REFUSED, "spec.jwtRules[0].jwks", "must be JSON"},
	{JWT("{issuer: a, jwks: '{}'}"), REFUSED, "spec.jwtRules[0].jwks", "list \"keys\""},
	{JWT("{issuer: a, fromHeaders: [{prefix: b}]}"), REFUSED, "spec.jwtRules[0].fromHeaders[0].name", "named"},
	{JWT("{issuer: a, fromParams: ['']}"), REFUSED, "spec.jwtRules[0].fromParams[0]", "named"},
	{JWT("{issuer: a, outputClaimToHeaders: [{header: h}]}"), REFUSED, "spec.jwtRules[0].outputClaimToHeaders[0]",
	 "both header and claim"},
	{JWT("{issuer: a, outputClaimToHeaders: [{header: 'h%', claim: c}]}"), REFUSED,
	 "spec.jwtRules[0].outputClaimToHeaders[0]", "must be doubled"},
	{RA("{selector: {matchLabels: {a: b}}, " GATEWAY "}}"), REFUSED, "spec.targetRef", "only one of"},
};

TEST_ROWS(shared)
TEST_ROWS(peer)
TEST_ROWS(authorization)
TEST_ROWS(request)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_shared),
		cmocka_unit_test(test_peer),
		cmocka_unit_test(test_authorization),
		cmocka_unit_test(test_request),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
