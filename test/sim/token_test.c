/*
 * RequestAuthentications from the object to the answer: objects -> snapshot -> xDS bytes -> configuration -> a worker
 * over sockets in memory, at a gateway; with AuthorizationPolicies on what tokens say, and routes by claims.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include "loopback/rig.c"

#include "issuer.h"
#include "view.h"

#define GATEWAY "10.244.0.99:8080"
#define ONE "10.244.1.1:8080"
#define OK "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
#define NET "{apiVersion: networking.istio.io/v1beta1, kind: "
#define SEC "{apiVersion: security.istio.io/v1beta1, kind: "

static const char objects[] =
	"{apiVersion: v1, kind: Service, metadata: {name: app, namespace: shop}, spec: {clusterIP: 10.96.0.1, "
	"selector: {app: app}, ports: [{name: http, port: 80, targetPort: 8080}]}}\n"
	"---\n"
	"{apiVersion: v1, kind: Pod, metadata: {name: app-1, namespace: shop, labels: {app: app}}, spec: "
	"{containers: [{name: a, image: x}]}, status: {podIP: 10.244.1.1, phase: Running, conditions: [{type: Ready, "
	"status: 'True'}]}}\n"
	"---\n"
	"{apiVersion: discovery.k8s.io/v1, kind: EndpointSlice, metadata: {name: app-x, namespace: shop, labels: "
	"{kubernetes.io/service-name: app}}, addressType: IPv4, ports: [{name: http, port: 8080}], endpoints: ["
	"{addresses: [10.244.1.1], conditions: {ready: true}, targetRef: {kind: Pod, name: app-1, namespace: shop}}]}\n"
	"---\n" NET
	"Gateway, metadata: {name: gw, namespace: shop}, spec: {selector: {istio: ingressgateway}, servers: "
	"[{port: {number: 8080, name: http, protocol: HTTP}, hosts: ['*']}]}}\n";

static struct rig r;
static struct issuer issuer, other;
static char seen[8192], got[8192];

/* Rules of the RequestAuthentication (%s: a key set) and of the AuthorizationPolicy, matches of the route. */
static void start(const char *jwt, const char *rules, const char *match)
{
	CLEANUP(buf_done) struct buf yaml = BUF_INIT;
	const char *texts[] = {objects, NULL, NULL};
	char *rule = NULL;

	if (asprintf(&rule, jwt, issuer.jwks) < 0)
		abort();
	buf_printf(&yaml,
		   SEC
		   "RequestAuthentication, metadata: {name: ra, namespace: shop}, spec: {jwtRules: [%s]}}\n---\n" NET
		   "VirtualService, metadata: {name: app, namespace: shop}, spec: {hosts: ['*'], gateways: [gw], "
		   "http: [{%s%s%sroute: [{destination: {host: app}}]}]}}\n",
		   rule, match ? "match: [" : "", match ? match : "", match ? "], " : "");
	if (rules)
		buf_printf(&yaml,
			   "---\n" SEC "AuthorizationPolicy, metadata: {name: z, namespace: shop}, spec: {%s}}\n",
			   rules);
	free(rule);
	texts[1] = buf_str(&yaml);
	rig_begin(&r);
	view_fill(r.build, texts, "router", "shop", "istio=ingressgateway");
	rig_apply(&r);
}

static int get(const char *token)
{
	int client = loopback_connect(GATEWAY), at = loopback_listen(ONE), up;
	char text[4096];

	snprintf(text, sizeof(text), "GET / HTTP/1.1\r\nHost: a\r\n%s%s%s\r\n", token ? "Authorization: Bearer " : "",
		 token ? token : "", token ? "\r\n" : "");
	rig_send(&r, client, text);
	up = loopback_accept(at);
	seen[0] = 0;
	if (up >= 0) {
		snprintf(seen, sizeof(seen), "%s", loopback_got(up));
		loopback_send(up, OK);
		rig_run(&r);
		rig_close(&r, up);
	}
	snprintf(got, sizeof(got), "%s", loopback_got(client));
	rig_close(&r, client);
	loopback_close(at);
	return atoi(got + 9);
}

#define RULE "{issuer: 'https://id.example', jwks: '%s'}"
#define ISS "\"iss\": \"https://id.example\", \"sub\": \"ann/a\""
#define TOKEN(claims) issuer_token(&issuer, 600, claims)

static void a_token_that_is_there_is_good(void **state)
{
	(void)state;
	start(RULE, NULL, NULL);
	assert_int_equal(get(NULL), 200);
	assert_int_equal(get(TOKEN(ISS)), 200);
	assert_null(strcasestr(seen, "authorization"));
	assert_int_equal(get("garbage"), 401);
	assert_int_equal(get(issuer_token(&issuer, -3600, ISS)), 401);
	assert_int_equal(get(issuer_token(&other, 600, ISS)), 401);
	assert_int_equal(get(TOKEN("\"iss\": \"other\"")), 401);
	rig_stop(&r);
	/* What a rule hands on. */
	start("{issuer: 'https://id.example', jwks: '%s', forwardOriginalToken: true, outputPayloadToHeader: "
	      "x-payload, "
	      "outputClaimToHeaders: [{header: x-sub, claim: sub}]}",
	      NULL, NULL);
	assert_int_equal(get(TOKEN(ISS)), 200);
	assert_non_null(strcasestr(seen, "\r\nauthorization: Bearer "));
	assert_non_null(strstr(seen, "\r\nx-payload: ey"));
	assert_non_null(strstr(seen, "\r\nx-sub: ann/a\r\n"));
	rig_stop(&r);
}

/* What cannot be a header's name costs itself only. */
static void names_that_are_none(void **state)
{
	(void)state;
	start("{issuer: 'https://id.example', jwks: '%s', fromHeaders: [{name: 'a b'}, {name: authorization, prefix: "
	      "'Bearer '}], "
	      "outputPayloadToHeader: 'x y', outputClaimToHeaders: [{header: x}, {header: 'x(', claim: sub}, {claim: "
	      "sub}, {header: x-sub, claim: sub}]}",
	      "rules: [{from: [{source: {requestPrincipals: ['*']}}]}]", NULL);
	assert_int_equal(get(TOKEN(ISS)), 200);
	assert_non_null(strstr(seen, "\r\nx-sub: ann/a\r\n"));
	assert_int_equal(get(NULL), 403);
	rig_stop(&r);
}

/* Places of its own replace the usual one. */
static void places(void **state)
{
	(void)state;
	start("{issuer: 'https://id.example', jwks: '%s', fromHeaders: [{name: x-t, prefix: 'JWT '}], "
	      "fromParams: [t], fromCookies: [c], audiences: [shop]}",
	      "rules: [{from: [{source: {requestPrincipals: ['*']}}]}]", NULL);
	for (int i = 0; i < 4; i++) {
		static const char *const forms[] = {"GET / HTTP/1.1\r\nHost: a\r\nX-T: JWT %s\r\n\r\n",
						    "GET /?t=%s HTTP/1.1\r\nHost: a\r\n\r\n",
						    "GET / HTTP/1.1\r\nHost: a\r\nCookie: c=%s\r\n\r\n",
						    "GET / HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer %s\r\n\r\n"};
		int client = loopback_connect(GATEWAY), at = loopback_listen(ONE), up;
		char text[4096];

		snprintf(text, sizeof(text), forms[i], TOKEN(ISS ", \"aud\": \"shop\""));
		rig_send(&r, client, text);
		up = loopback_accept(at);
		if ((up >= 0) != (i < 3))
			fail_msg("%s", forms[i]);
		if (up >= 0)
			rig_close(&r, up);
		rig_close(&r, client);
		loopback_close(at);
	}
	rig_stop(&r);
}

/* Nothing that could be asked for verifies what nobody gave keys for. */
static void without_keys(void **state)
{
	static const char *const rules[] = {
		"{issuer: 'https://id.example', jwksUri: 'http://keys.example/%.0s'}",
		"{issuer: 'https://id.example'}",
		"{issuer: 'https://id.example', jwks: '{\"keys\": [{\"kty\": \"oct\", \"k\": \"AAAA\"}]}'}",
		"{issuer: 'https://id.example', jwks: '{\"keys\": []}'}",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rules); i++) {
		start(rules[i], NULL, NULL);
		assert_int_equal(get(NULL), 200);
		assert_int_equal(get(TOKEN(ISS)), 401);
		rig_stop(&r);
	}
}

#define TWO                                                                                                            \
	RULE ", {issuer: two, jwks: '{\"keys\": []}'}, {issuer: three, jwks: '{\"keys\": []}', fromHeaders: [{name: "  \
	     "x}]}"

static void several_rules(void **state)
{
	(void)state;
	start(TWO, NULL, NULL);
	assert_int_equal(get(NULL), 200);
	assert_int_equal(get(TOKEN(ISS)), 200);
	assert_int_equal(get(TOKEN("\"iss\": \"two\"")), 401);
	assert_int_equal(get("garbage"), 401);
	rig_stop(&r);
}

static void policies(void **state)
{
	static const struct {
		const char *rules, *claims;
		bool passes;
	} rows[] = {
		{"rules: [{from: [{source: {requestPrincipals: ['https://id.example/ann/a']}}]}]", ISS, true},
		{"rules: [{from: [{source: {requestPrincipals: ['https://id.example/ann']}}]}]", ISS, false},
		{"rules: [{from: [{source: {requestPrincipals: ['https://id.example/*']}}]}]", ISS, true},
		{"rules: [{from: [{source: {requestPrincipals: ['https://id.example/an*']}}]}]", ISS, true},
		{"rules: [{from: [{source: {requestPrincipals: ['https://id.ex*']}}]}]", ISS, true},
		{"rules: [{from: [{source: {requestPrincipals: ['https://other*']}}]}]", ISS, false},
		{"rules: [{from: [{source: {requestPrincipals: ['*example/ann/a']}}]}]", ISS, true},
		{"rules: [{from: [{source: {requestPrincipals: ['*/a']}}]}]", ISS, true},
		{"rules: [{from: [{source: {requestPrincipals: ['*/b']}}]}]", ISS, false},
		{"rules: [{from: [{source: {requestPrincipals: ['*']}}]}]", ISS, true},
		{"rules: [{from: [{source: {requestPrincipals: ['*']}}]}]", "\"iss\": \"https://id.example\"", false},
		{"rules: [{from: [{source: {requestPrincipals: ['*']}}]}]", NULL, false},
		{"action: DENY, rules: [{from: [{source: {notRequestPrincipals: ['*']}}]}]", NULL, false},
		{"action: DENY, rules: [{from: [{source: {notRequestPrincipals: ['*']}}]}]", ISS, true},
		{"rules: [{when: [{key: request.auth.principal, values: ['https://id.example/ann/a']}]}]", ISS, true},
		{"rules: [{when: [{key: request.auth.audiences, values: [shop]}]}]", ISS ", \"aud\": [\"x\", \"shop\"]",
		 true},
		{"rules: [{when: [{key: request.auth.audiences, values: [shop]}]}]", ISS ", \"aud\": \"shop\"", true},
		{"rules: [{when: [{key: request.auth.audiences, notValues: [shop]}]}]", ISS ", \"aud\": \"shop\"",
		 false},
		{"rules: [{when: [{key: request.auth.presenter, values: [app]}]}]", ISS ", \"azp\": \"app\"", true},
		{"rules: [{when: [{key: request.auth.presenter, values: [app]}]}]", ISS, false},
		{"rules: [{when: [{key: 'request.auth.claims[groups]', values: [admin]}]}]",
		 ISS ", \"groups\": [\"dev\", \"admin\"]", true},
		{"rules: [{when: [{key: 'request.auth.claims[groups]', values: ['adm*']}]}]",
		 ISS ", \"groups\": \"admin\"", true},
		{"rules: [{when: [{key: 'request.auth.claims[groups]', values: [admin]}]}]",
		 ISS ", \"groups\": [\"dev\"]", false},
		{"rules: [{when: [{key: 'request.auth.claims[a][b]', values: [c]}]}]", ISS ", \"a\": {\"b\": \"c\"}",
		 true},
		{"rules: [{when: [{key: 'request.auth.claims[scope]', values: [write]}]}]",
		 ISS ", \"scope\": \"read write\"", true},
		{"action: DENY, rules: [{when: [{key: 'request.auth.claims[r]', values: [guest]}]}]",
		 ISS ", \"r\": \"guest\"", false},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		start(RULE, rows[i].rules, NULL);
		if (get(rows[i].claims ? TOKEN(rows[i].claims) : NULL) != (rows[i].passes ? 200 : 403))
			fail_msg("%s: %s: %s", rows[i].rules, rows[i].claims, got);
		rig_stop(&r);
	}
}

static void routes(void **state)
{
	static const struct {
		const char *match, *claims;
		bool hit;
	} rows[] = {
		{"{headers: {'@request.auth.claims.sub': {exact: ann/a}}}", ISS, true},
		{"{headers: {'@request.auth.claims.sub': {exact: bob}}}", ISS, false},
		{"{headers: {'@request.auth.claims.sub': {prefix: ann}}}", NULL, false},
		{"{headers: {'@request.auth.claims.a.b': {exact: c}}}", ISS ", \"a\": {\"b\": [\"d\", \"c\"]}", true},
		{"{headers: {'@request.auth.claims[a][b]': {exact: c}}}", ISS ", \"a\": {\"b\": \"c\"}", true},
		{"{headers: {'@request.auth.claims[a.b]': {exact: c}}}", ISS ", \"a.b\": \"c\"", true},
		{"{withoutHeaders: {'@request.auth.claims.sub': {exact: bob}}}", ISS, true},
		{"{withoutHeaders: {'@request.auth.claims.sub': {exact: ann/a}}}", ISS, false},
		/* Nobody says it in a header. */
		{"{headers: {'@request.auth.claims.sub': {}}}", NULL, false},
		{"{headers: {'@request.auth.claims.sub': {}}}", ISS, true},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		start(RULE, NULL, rows[i].match);
		if (get(rows[i].claims ? TOKEN(rows[i].claims) : NULL) != (rows[i].hit ? 200 : 404))
			fail_msg("%s: %s: %s", rows[i].match, rows[i].claims, got);
		rig_stop(&r);
	}
}

static int setup(void **state)
{
	(void)state;
	issuer_init(&issuer);
	issuer_init(&other);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	issuer_done(&issuer);
	issuer_done(&other);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_token_that_is_there_is_good),
		cmocka_unit_test(names_that_are_none),
		cmocka_unit_test(places),
		cmocka_unit_test(without_keys),
		cmocka_unit_test(several_rules),
		cmocka_unit_test(policies),
		cmocka_unit_test(routes),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
