/* describe: what the configuration comes to for one pod or service. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "msg/json.h"
#include "ran.h"

/* Line numbers count: each object is a document of its own lines. */
static const char app[] = "apiVersion: v1\n"
			  "kind: Service\n"
			  "metadata: {name: cart, namespace: shop}\n"
			  "spec:\n"
			  "  selector: {app: cart}\n"
			  "  ports:\n"
			  "  - {name: http, port: 80, targetPort: 8080}\n" /* 7 */
			  "  - {name: odd, port: 81, targetPort: none}\n"  /* 8 */
			  "---\n"
			  "apiVersion: v1\n"
			  "kind: Pod\n"
			  "metadata: {name: cart-1, namespace: shop, labels: {app: cart, version: v1}}\n" /* 12 */
			  "spec: {serviceAccountName: cart, containers: [{name: c, image: x, ports: [{containerPort: "
			  "8080}]}]}\n"
			  "---\n"
			  "apiVersion: v1\n"
			  "kind: Pod\n"
			  "metadata: {name: old-1, namespace: shop, labels: {app: cart, version: v0}}\n"
			  "spec: {containers: [{name: c, image: x}]}\n"
			  "---\n"
			  "apiVersion: v1\n"
			  "kind: Pod\n"
			  "metadata: {name: bare-1, namespace: shop, labels: {app: bare, sidecar.istio.io/inject: "
			  "'false'}}\n"
			  "spec: {containers: [{name: c, image: x}]}\n"
			  "---\n"
			  "apiVersion: v1\n"
			  "kind: Service\n"
			  "metadata: {name: lost, namespace: shop}\n"
			  "spec: {selector: {app: lost}, ports: [{name: tcp, port: 1}]}\n";

static const char rules[] = "apiVersion: networking.istio.io/v1beta1\n"
			    "kind: VirtualService\n"
			    "metadata: {name: cart, namespace: shop}\n"
			    "spec:\n"
			    "  hosts: [cart, shop.example.com]\n"
			    "  gateways: [shop, mesh, gone]\n"
			    "  http:\n"
			    "  - match: [{uri: {prefix: /v2}, headers: {x-user: {exact: a}}}]\n" /* 8 */
			    "    route:\n"
			    "    - {destination: {host: cart, subset: v2}, weight: 90}\n"
			    "    - {destination: {host: cart, subset: v9}, weight: 10}\n"
			    "  - match: [{uri: {exact: /lost}}]\n" /* 12 */
			    "    route: [{destination: {host: lost}}]\n"
			    "  - route: [{destination: {host: cart, subset: v1}}]\n" /* 14 */
			    "---\n"
			    "apiVersion: networking.istio.io/v1beta1\n"
			    "kind: DestinationRule\n"
			    "metadata: {name: cart, namespace: shop}\n"
			    "spec:\n"
			    "  host: cart\n"
			    "  trafficPolicy: {tls: {mode: DISABLE}}\n" /* 21 */
			    "  subsets:\n"
			    "  - {name: v1, labels: {version: v1}}\n" /* 23 */
			    "  - {name: v2, labels: {version: v2}}\n" /* 24 */
			    "---\n"
			    "apiVersion: security.istio.io/v1beta1\n"
			    "kind: AuthorizationPolicy\n"
			    "metadata: {name: cart, namespace: shop}\n"
			    "spec: {selector: {matchLabels: {version: v1}}, action: DENY, rules: [{}]}\n" /* 29 */
			    "---\n"
			    "apiVersion: security.istio.io/v1beta1\n"
			    "kind: AuthorizationPolicy\n"
			    "metadata: {name: others, namespace: shop}\n"
			    "spec: {selector: {matchLabels: {version: v0}}}\n"
			    "---\n"
			    "apiVersion: security.istio.io/v1beta1\n"
			    "kind: RequestAuthentication\n"
			    "metadata: {name: jwt, namespace: shop}\n"
			    "spec: {jwtRules: [{issuer: 'https://issuer.example', jwks: '{\"keys\":[]}'}]}\n" /* 39 */
			    "---\n"
			    "apiVersion: security.istio.io/v1beta1\n"
			    "kind: PeerAuthentication\n"
			    "metadata: {name: default, namespace: shop}\n"
			    "spec:\n"
			    "  selector: {matchLabels: {version: v1}}\n"
			    "  mtls: {mode: STRICT}\n" /* 46 */
			    "  portLevelMtls:\n"
			    "    8081: {mode: DISABLE}\n" /* 48 */
			    "---\n"
			    "apiVersion: networking.istio.io/v1beta1\n"
			    "kind: Gateway\n"
			    "metadata: {name: shop, namespace: shop}\n"
			    "spec:\n"
			    "  selector: {app: gw}\n"
			    "  servers:\n"
			    "  - port: {number: 8080, name: http, protocol: HTTP}\n" /* 56 */
			    "    hosts: [shop.example.com]\n"
			    "---\n"
			    "apiVersion: v1\n"
			    "kind: Service\n"
			    "metadata: {name: gw, namespace: shop}\n"
			    "spec: {selector: {app: gw}, ports: [{name: http, port: 80, targetPort: 8080}]}\n"
			    "status: {loadBalancer: {ingress: [{ip: 203.0.113.5}]}}\n"
			    "---\n"
			    "apiVersion: v1\n"
			    "kind: Pod\n"
			    "metadata: {name: gw-1, namespace: shop, labels: {app: gw}, annotations: "
			    "{inject.istio.io/templates: gateway}}\n"
			    "spec: {containers: [{name: istio-proxy, image: auto}]}\n";

static char *make(const char *name)
{
	char *folder = ran_folder(name);

	ran_file(folder, "app.yaml", app);
	ran_file(folder, "rules.yaml", rules);
	return folder;
}

#define SAID_MAX 5

static const struct {
	const char *what;
	const char *said[SAID_MAX]; /* all of it, in this order */
	const char *not_said;
} rows[] = {
	{"pod cart-1.shop",
	 {"shop/cart-1 at 198.18.0.", "service account cart", "8080 (c)", "a sidecar"},
	 "http-envoy"},
	{"pod cart-1.shop",
	 {"app.yaml:1", "cart.shop.svc", "app.yaml:7",
	  "80 http speaks HTTP, leads to the pod's port "
	  "8080"},
	 "lost.shop.svc"},
	{"pod cart-1.shop", {"Warning", "app.yaml:8", "\"odd\" says no protocol", "port named \"none\""}, NULL},
	{"pod cart-1.shop",
	 {"DestinationRule shop/cart", "TLS mode DISABLE", "rules.yaml:23", "v1 (version=v1): the pod is in it",
	  "v2 (version=v2): not this pod"},
	 "is in no subset"},
	{"pod cart-1.shop", {"Warning", "rules.yaml:21", "STRICT mutual TLS of pod cart-1 refuses that"}, NULL},
	{"pod old-1.shop", {"v1 (version=v1): not this pod", "rules.yaml:22", "is in no subset"}, "refuses that"},
	{"pod cart-1.shop",
	 {"rules.yaml:8", "path begins with \"/v2\", header x-user \"a\"", "90% to subset v2, not this pod", "10% to",
	  "subset v9, which no DestinationRule"},
	 NULL},
	{"pod cart-1.shop",
	 {"rules.yaml:12", "requests to cart.shop.svc.cluster.local go to lost", "rules.yaml:14",
	  "to subset v1, in which the pod is"},
	 NULL},
	{"pod cart-1.shop",
	 {"rules.yaml:56", "Gateway shop/shop, port 8080: http://shop.example.com, by shop/gw-1 at 203.0.113.5:80",
	  "there is no Gateway shop/gone"},
	 NULL},
	{"pod cart-1.shop",
	 {"rules.yaml:46", "STRICT, by PeerAuthentication shop/default", "rules.yaml:48", "port 8081: DISABLE"},
	 "no PeerAuthentication"},
	{"pod old-1.shop", {"PERMISSIVE, as no PeerAuthentication says otherwise"}, "STRICT"},
	{"pod cart-1.shop", {"rules.yaml:29", "AuthorizationPolicy shop/cart: DENY, 1 rules"}, "shop/others"},
	{"pod old-1.shop", {"AuthorizationPolicy shop/others: ALLOW, 0 rules, so nobody is let in"}, "policy/cart"},
	{"pod cart-1.shop", {"rules.yaml:39", "RequestAuthentication shop/jwt: issuers https://issuer.example"}, NULL},
	{"pod bare-1.shop", {"has no proxy: it is not injected", "no Service selects the pod"}, "AuthorizationPolicy"},
	{"pod gw-1.shop",
	 {"a gateway of workload gw-1", "VirtualService shop/cart", "Gateway shop/shop"},
	 "mutual TLS"},
	{"service cart.shop",
	 {"2: cart-1, old-1", "v1 (version=v1): 1 of 2 pods", "v2 (version=v2): 0 of 2", "503, flag UH", "90% to"},
	 "not this pod"},
	{"service cart.shop", {"shop/cart-1: STRICT", "shop/old-1: PERMISSIVE"}, NULL},
	{"service cart.shop.svc.cluster.local", {"2: cart-1, old-1"}, NULL},
	{"service lost.shop", {"0: none", "it selects no pod", "rules.yaml:12", "to lost.shop.svc"}, "subset v1"},
};

static void test_descriptions(void **state)
{
	CLEANUP(ran_folder_done) char *folder = make("described");

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(freep) char *line = mem_printf("weftctl describe %s -f %s", rows[i].what, folder);
		CLEANUP(ran_done) struct ran r = run(line);
		const char *at = r.out;

		assert_int_equal(r.status, CTL_OK);
		for (size_t k = 0; k < SAID_MAX && rows[i].said[k]; k++) {
			at = strstr(at, rows[i].said[k]);
			if (!at)
				fail_msg("%s: it does not say %s\n%s", rows[i].what, rows[i].said[k], r.out);
		}
		if (rows[i].not_said && strstr(r.out, rows[i].not_said))
			fail_msg("%s: it says %s\n%s", rows[i].what, rows[i].not_said, r.out);
	}
}

static void test_json(void **state)
{
	CLEANUP(ran_folder_done) char *folder = make("described-json");
	CLEANUP(freep) char *line = mem_printf("weftctl describe pod cart-1.shop -f %s -o json", folder);
	CLEANUP(ran_done) struct ran r = run(line);
	CLEANUP(json_freep) cJSON *o = NULL;
	int policies = 0, warnings = 0;

	(void)state;
	assert_int_equal(json_parse(slice_str(r.out), 1 << 20, &o, NULL), 0);
	JSON_EACH(x, json_get(o, "items"))
	{
		warnings += !strcmp(json_str_or_empty(x, "what"), "Warning");
		if (strcmp(json_str_or_empty(x, "what"), "policy") != 0)
			continue;
		policies++;
		assert_string_equal(json_str(x, "object.kind"), "AuthorizationPolicy");
		assert_string_equal(json_str(x, "object.name"), "cart");
	}
	assert_int_equal(policies, 1);
	assert_int_equal(warnings, 5);
}

static void test_wrong(void **state)
{
	static const struct {
		const char *line;
		int status;
		const char *err;
	} wrong[] = {
		{"weftctl describe", CTL_USAGE, "it wants pod|service"},
		{"weftctl describe node a", CTL_USAGE, "it wants pod|service"},
		{"weftctl describe pod", CTL_USAGE, "it wants pod|service"},
		{"weftctl describe pod nobody.shop", CTL_FAILED, "no pod or workload nobody in namespace shop"},
		{"weftctl describe service nobody.shop", CTL_FAILED, "no service nobody in namespace shop"},
		{"weftctl describe service .shop", CTL_FAILED, "names nothing"},
	};
	CLEANUP(ran_folder_done) char *folder = make("described-wrong");

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
		CLEANUP(freep) char *line = mem_printf("%s -f %s", wrong[i].line, folder);
		CLEANUP(ran_done) struct ran r = run(line);

		if (r.status != wrong[i].status || !strstr(r.err, wrong[i].err))
			fail_msg("%s: %d %s", wrong[i].line, r.status, r.err);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_descriptions),
		cmocka_unit_test(test_json),
		cmocka_unit_test(test_wrong),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
