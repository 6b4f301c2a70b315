/* explain: which objects and lines decide about a request. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "ctl/explain/flags.h"
#include "msg/json.h"
#include "proxy/core/outcome.h"
#include "ran.h"

/* Line numbers count: each object is a document of its own lines. */
static const char app[] =
	"apiVersion: v1\n"
	"kind: Service\n"
	"metadata: {name: cart, namespace: shop}\n"
	"spec:\n"
	"  selector: {app: cart}\n"
	"  ports:\n"
	"  - {name: http, port: 80, targetPort: 8080}\n" /* 7 */
	"---\n"
	"apiVersion: v1\n"
	"kind: Pod\n"
	"metadata: {name: cart-1, namespace: shop, labels: {app: cart, version: v1}}\n"
	"spec: {serviceAccountName: cart, containers: [{name: c, image: x}]}\n"
	"---\n"
	"apiVersion: v1\n"
	"kind: Pod\n"
	"metadata: {name: web-1, namespace: shop, labels: {app: web}}\n"
	"spec: {serviceAccountName: web, containers: [{name: c, image: x}]}\n"
	"---\n"
	"apiVersion: v1\n"
	"kind: Pod\n"
	"metadata: {name: bare-1, namespace: shop, labels: {app: bare, sidecar.istio.io/inject: 'false'}}\n"
	"spec: {containers: [{name: c, image: x}]}\n";

static const char rules[] = "apiVersion: networking.istio.io/v1beta1\n"
			    "kind: VirtualService\n"
			    "metadata: {name: cart, namespace: shop}\n"
			    "spec:\n"
			    "  hosts: [cart]\n"
			    "  http:\n"
			    "  - match:\n"
			    "    - uri: {prefix: /v2}\n" /* 8 */
			    "      headers: {x-user: {exact: a}}\n"
			    "    route: [{destination: {host: cart, subset: v2}}]\n"
			    "  - match: [{uri: {exact: /old}}]\n" /* 11 */
			    "    redirect: {uri: /new}\n"
			    "  - match: [{uri: {exact: /direct}}]\n"
			    "    directResponse: {status: 418}\n"
			    "  - match: [{uri: {exact: /nowhere}}]\n"
			    "    route: [{destination: {host: cart, subset: none}}]\n"
			    "  - rewrite: {uri: /x}\n" /* 17 */
			    "    timeout: 2s\n"
			    "    route: [{destination: {host: cart, subset: v1}}]\n"
			    "---\n"
			    "apiVersion: networking.istio.io/v1beta1\n"
			    "kind: DestinationRule\n"
			    "metadata: {name: cart, namespace: shop}\n"
			    "spec:\n"
			    "  host: cart\n"
			    "  subsets:\n"
			    "  - {name: v1, labels: {version: v1}}\n" /* 27 */
			    "  - {name: v2, labels: {version: v2}}\n" /* 28 */
			    "---\n"
			    "apiVersion: security.istio.io/v1beta1\n"
			    "kind: AuthorizationPolicy\n"
			    "metadata: {name: cart, namespace: shop}\n"
			    "spec:\n"
			    "  selector: {matchLabels: {app: cart}}\n"
			    "  rules:\n"
			    "  - from: [{source: {principals: [cluster.local/ns/shop/sa/web]}}]\n" /* 36 */
			    "    to: [{operation: {methods: [GET], paths: [/x*]}}]\n"
			    "---\n"
			    "apiVersion: security.istio.io/v1beta1\n"
			    "kind: AuthorizationPolicy\n"
			    "metadata: {name: never, namespace: shop}\n"
			    "spec:\n"
			    "  action: DENY\n"
			    "  rules:\n"
			    "  - to: [{operation: {methods: [DELETE]}}]\n" /* 45 */
			    "---\n"
			    "apiVersion: security.istio.io/v1beta1\n"
			    "kind: PeerAuthentication\n"
			    "metadata: {name: default, namespace: shop}\n"
			    "spec:\n"
			    "  mtls:\n"
			    "    mode: STRICT\n"; /* 52 */

static const char gateway[] =
	"apiVersion: networking.istio.io/v1beta1\n"
	"kind: Gateway\n"
	"metadata: {name: shop, namespace: shop}\n"
	"spec:\n"
	"  selector: {app: gw}\n"
	"  servers:\n"
	"  - port: {number: 8080, name: http, protocol: HTTP}\n" /* 7 */
	"    hosts: [shop.example.com]\n"
	"---\n"
	"apiVersion: networking.istio.io/v1beta1\n"
	"kind: VirtualService\n"
	"metadata: {name: shop, namespace: shop}\n"
	"spec:\n"
	"  hosts: [shop.example.com]\n"
	"  gateways: [shop]\n"
	"  http:\n"
	"  - match: [{uri: {prefix: /a}}]\n" /* 17 */
	"    route: [{destination: {host: cart}}]\n"
	"---\n"
	"apiVersion: v1\n"
	"kind: Pod\n"
	"metadata: {name: gw-1, namespace: shop, labels: {app: gw}, annotations: {inject.istio.io/templates: "
	"gateway}}\n"
	"spec: {containers: [{name: istio-proxy, image: auto}]}\n";

static char *make(const char *name)
{
	char *folder = ran_folder(name);

	ran_file(folder, "app.yaml", app);
	ran_file(folder, "rules.yaml", rules);
	ran_file(folder, "gateway.yaml", gateway);
	return folder;
}

static struct ran explain(const char *folder, const char *more)
{
	CLEANUP(freep) char *line = mem_printf("weftctl explain %s -f %s", more, folder);

	return run(line);
}

#define SAID_MAX 4

static const struct {
	const char *request;
	int status;
	const char *said[SAID_MAX]; /* all of it, in this order */
} rows[] = {
	{"GET http://cart/items --from web-1.shop",
	 CTL_OK,
	 {"app.yaml:7", "rules.yaml:8", "rules.yaml:17", "it reaches 198.18.0."}},
	{"GET http://cart/items --from web-1.shop",
	 CTL_OK,
	 {"it has 2000 ms", "rules.yaml:27", "its path becomes /x", "rules.yaml:36"}},
	{"GET http://cart/items --from web-1.shop",
	 CTL_OK,
	 {"rules.yaml:52", "STRICT", "spiffe://cluster.local/ns/shop/sa/web", "allows it"}},
	{"GET http://cart/v2/x -H x-user:a --from web-1.shop",
	 CTL_REFUSED,
	 {"rules.yaml:8", "rules.yaml:28", "no ready pod has the subset's labels", "503, flag UH"}},
	{"GET http://cart/v2/x -H x-user:b --from web-1.shop",
	 CTL_OK,
	 {"is passed over: it wants header x-user is \"a\"", "rules.yaml:17"}},
	{"GET http://cart/old --from web-1.shop", CTL_OK, {"rules.yaml:11", "301 to http://cart/new"}},
	{"GET http://cart/direct --from web-1.shop", CTL_OK, {"418, answered by the proxy"}},
	{"GET http://cart/nowhere --from web-1.shop", CTL_REFUSED, {"is not known to this proxy", "503, flag NC"}},
	{"POST http://cart/items --from web-1.shop",
	 CTL_REFUSED,
	 {"rules.yaml:36", "its operation is another", "403, RBAC"}},
	{"GET http://cart/items --from cart-1.shop", CTL_REFUSED, {"its source, or a condition", "403, RBAC"}},
	{"DELETE http://cart/items --from web-1.shop",
	 CTL_REFUSED,
	 {"rules.yaml:45", "AuthorizationPolicy shop/never, spec.rules[0], denies it", "403"}},
	{"GET http://cart/items --from bare-1.shop",
	 CTL_REFUSED,
	 {"has no proxy", "rules.yaml:52", "it comes as plain text", "takes mutual TLS alone"}},
	{"GET http://cart:81/ --from web-1.shop",
	 CTL_REFUSED,
	 {"it has no port 81, but 80", "the connection is refused"}},
	{"GET http://example.org/ --from web-1.shop",
	 CTL_OK,
	 {"somewhere outside", "ALLOW_ANY", "it reaches 203.0.113.1:80"}},
	{"GET http://shop.example.com:8080/a --from gw-1.shop",
	 CTL_REFUSED,
	 {"gateway.yaml:7", "gateway.yaml:17", "both source and operation", "403, RBAC"}},
	{"GET http://shop.example.com:8080/b --from gw-1.shop",
	 CTL_REFUSED,
	 {"gateway.yaml:17", "is passed over: it wants path begins with \"/a\"", "404, flag NR"}},
	{"GET http://other.example.com:8080/b --from gw-1.shop",
	 CTL_REFUSED,
	 {"no server of a Gateway", "404, flag NR"}},
	{"GET http://shop.example.com:9090/b --from gw-1.shop", CTL_REFUSED, {"the connection is refused"}},
};

static void test_requests(void **state)
{
	CLEANUP(ran_folder_done) char *folder = make("requests");

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(ran_done) struct ran r = explain(folder, rows[i].request);
		const char *at = r.out;

		if (r.status != rows[i].status)
			fail_msg("%s: status %d\n%s%s", rows[i].request, r.status, r.out, r.err);
		for (size_t k = 0; k < SAID_MAX && rows[i].said[k]; k++) {
			at = strstr(at, rows[i].said[k]);
			if (!at)
				fail_msg("%s: it does not say %s\n%s", rows[i].request, rows[i].said[k], r.out);
		}
	}
}

static void test_json(void **state)
{
	CLEANUP(ran_folder_done) char *folder = make("json");
	CLEANUP(ran_done) struct ran r = explain(folder, "POST http://cart/items --from web-1.shop -o json");
	CLEANUP(json_freep) cJSON *o = NULL;
	bool policy = false;

	(void)state;
	assert_int_equal(json_parse(slice_str(r.out), 1 << 20, &o, NULL), 0);
	JSON_EACH(x, json_get(o, "items"))
	{
		if (strcmp(json_str_or_empty(x, "step"), "policy") != 0 || !json_get(x, "object"))
			continue;
		policy = true;
		assert_string_equal(json_str(x, "object.kind"), "AuthorizationPolicy");
		assert_string_equal(json_str(x, "object.path"), "spec.rules[0]");
	}
	assert_true(policy);
	assert_non_null(strstr(json_str(o, "summary"), "403"));
}

static void test_wrong(void **state)
{
	static const struct {
		const char *line;
		int status;
		const char *err;
	} wrong[] = {
		{"weftctl explain GET", CTL_USAGE, "it wants METHOD URL"},
		{"weftctl explain GET http://a/ -f x", CTL_USAGE, "it wants METHOD URL"},
		{"weftctl explain GET ftp://a/ --from a.b -f x", CTL_USAGE, "http:// and https:// are explained"},
		{"weftctl explain GET http://:80/ --from a.b -f x", CTL_USAGE, "names no host"},
		{"weftctl explain GET http://a:0/ --from a.b -f x", CTL_USAGE, "no port from 1 to 65535"},
		{"weftctl explain G(T http://a/ --from a.b -f x", CTL_USAGE, "is no method"},
		{"weftctl explain GET http://a/ --from a.b -f x -H nothing", CTL_USAGE, "write it as name:value"},
		{"weftctl explain GET http://a/ --from a.b -f /nowhere/at/all", CTL_FAILED, "/nowhere/at/all"},
		{"weftctl explain --log nothing", CTL_USAGE, "it does not begin with [time]"},
		{"weftctl explain --log {}", CTL_USAGE, "no field response_code"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
		CLEANUP(ran_done) struct ran r = run(wrong[i].line);

		if (r.status != wrong[i].status || !strstr(r.err, wrong[i].err))
			fail_msg("%s: %d %s", wrong[i].line, r.status, r.err);
	}
}

static struct ran explain_line(const char *line)
{
	char *argv[] = {(char *)"weftctl", (char *)"explain", (char *)"--log", (char *)line};
	struct ran r = {0};
	size_t n_out, n_err;
	FILE *out = open_memstream(&r.out, &n_out), *err = open_memstream(&r.err, &n_err);

	r.status = ctl_main(4, argv, out, err);
	fclose(out);
	fclose(err);
	return r;
}

static void test_log(void **state)
{
	static const struct {
		const char *line;
		const char *said[3];
	} lines[] = {
		{"web-1 istio-proxy [2024-05-01T10:00:00.000Z] \"GET /items HTTP/1.1\" 503 UF,URX "
		 "upstream_reset_before_response_started{remote connection failure} - \"refused\" 0 19 3 - \"-\" "
		 "\"curl\" \"id\" "
		 "\"cart\" \"10.0.0.1:8080\" outbound|80|v1|cart.shop.svc.cluster.local - - - - - \"the endpoint "
		 "refused\"",
		 {"cart.shop.svc.cluster.local, port 80, subset v1", "The endpoint could not be reached",
		  "the endpoint refused"}},
		{"[2024-05-01T10:00:00.000Z] \"GET / HTTP/1.1\" 200 - via_upstream - \"-\" 0 2 3 2 \"-\" \"-\" \"-\" "
		 "\"a\" \"-\" "
		 "inbound|8080|| - - - - default",
		 {"the application beside this proxy, port 8080", "the endpoint's own answer", "passed on"}},
		{"{\"method\": \"GET\", \"path\": \"/\", \"protocol\": \"HTTP/2\", \"response_code\": 403, "
		 "\"response_flags\": "
		 "\"-\", \"response_code_details\": \"rbac_access_denied_matched_policy[none]\"}",
		 {"GET / HTTP/2", "no ALLOW policy lets it in", "answered itself: 403"}},
		{"[2024-05-01T10:00:00.000Z] \"- - -\" 0 XX - - \"-\" 0 0 1 - \"-\" \"-\" \"-\" \"-\" \"-\" - - - - - "
		 "-",
		 {"not a flag of Weft's proxies"}},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(lines); i++) {
		CLEANUP(ran_done) struct ran r = explain_line(lines[i].line);

		assert_int_equal(r.status, CTL_OK);
		for (size_t k = 0; k < 3 && lines[i].said[k]; k++)
			if (!strstr(r.out, lines[i].said[k]))
				fail_msg("%s\n%s: %s", lines[i].line, lines[i].said[k], r.out);
	}
}

/* Every flag and every detail that a proxy can write has its words. */
static void test_tables(void **state)
{
	char text[RESPONSE_FLAGS_TEXT_MAX];

	(void)state;
	for (uint32_t bit = 1; *response_flags_format(bit, text) != '-'; bit <<= 1)
		if (!explain_flag(slice_str(text)))
			fail_msg("flag %s", text);
	for (int i = 0; i < OUTCOME_COUNT; i++)
		if (outcome_row(i)->details && !explain_detail(slice_str(outcome_row(i)->details)))
			fail_msg("detail %s", outcome_row(i)->details);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_requests), cmocka_unit_test(test_json),   cmocka_unit_test(test_wrong),
		cmocka_unit_test(test_log),      cmocka_unit_test(test_tables),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
