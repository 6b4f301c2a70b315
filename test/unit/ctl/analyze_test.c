/* analyze: each code on an object that has it, with its line, and not on one that does not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "ctl/analyze/messages.h"
#include "msg/json.h"
#include "ran.h"

#define VS(name, spec)                                                                                                 \
	"apiVersion: networking.istio.io/v1beta1\nkind: VirtualService\nmetadata: {name: " name ", namespace: shop}\n" \
	"spec: " spec "\n---\n"
#define OF(group, kind, name, spec)                                                                                    \
	"apiVersion: " group "\nkind: " kind "\nmetadata: {name: " name ", namespace: shop}\nspec: " spec "\n---\n"
#define NET(kind, name, spec) OF("networking.istio.io/v1beta1", kind, name, spec)
#define NAMESPACE "apiVersion: v1\nkind: Namespace\nmetadata: {name: shop, labels: {istio-injection: enabled}}\n---\n"
#define SERVICE(name, ports)                                                                                           \
	"apiVersion: v1\nkind: Service\nmetadata: {name: " name ", namespace: shop}\nspec: {selector: {app: " name     \
	"}, ports: " ports "}\n---\n"
#define POD(name)                                                                                                      \
	"apiVersion: v1\nkind: Pod\nmetadata: {name: " name ", namespace: shop, labels: {app: " name "}}\n"            \
	"spec: {containers: [{name: istio-proxy}]}\n---\n"

/* What is said, once, and at which line; code NULL: nothing at all. */
static const struct {
	const char *name, *text, *code;
	int line;
} rows[] = {
	{"nothing",
	 NAMESPACE SERVICE("cart", "[{name: http, port: 80}]") POD("cart")
		 VS("cart", "{hosts: [cart], http: [{route: [{destination: {host: cart}}]}]}"),
	 NULL, 0},
	{"host", NAMESPACE VS("cart", "\n  hosts: [cart]\n  http:\n  - route: [{destination: {host: gone}}]"),
	 "IST0101", 11},
	{"port",
	 NAMESPACE SERVICE("cart", "[{name: http, port: 80}]")
		 VS("cart", "{hosts: [cart], http: [{route: [{destination: {host: cart, port: {number: 81}}}]}]}"),
	 "IST0101", 13},
	{"port not said",
	 NAMESPACE SERVICE("cart", "[{name: http, port: 80}, {name: http-b, port: 81}]")
		 VS("cart", "{hosts: [cart], http: [{route: [{destination: {host: cart}}]}]}"),
	 "IST0112", 13},
	{"subset",
	 NAMESPACE SERVICE("cart", "[{name: http, port: 80}]")
		 VS("cart", "{hosts: [cart], http: [{route: [{destination: {host: cart, subset: v1}}]}]}"),
	 "IST0101", 13},
	{"mirror",
	 NAMESPACE SERVICE("cart", "[{name: http, port: 80}]")
		 VS("cart", "{hosts: [cart], http: [{route: [{destination: {host: cart}}], mirror: {host: gone}}]}"),
	 "IST0101", 13},
	{"gateway",
	 NAMESPACE SERVICE("cart", "[{name: http, port: 80}]") NET(
		 "Gateway", "gw",
		 "{selector: {istio: ingressgateway}, servers: [{port: {number: 80, name: http, protocol: "
		 "HTTP}, hosts: [a.example.com]}]}")
		 VS("cart", "{hosts: [b.example.com], gateways: [gw], http: [{route: [{destination: {host: cart}}]}]}"),
	 "IST0132", 18},
	{"gateway's pods",
	 NAMESPACE NET("Gateway", "gw",
		       "{selector: {istio: none}, servers: [{port: {number: 80, name: http, protocol: HTTP}, hosts: "
		       "[a.example.com], tls: {httpsRedirect: true}}]}"),
	 "IST0101", 8},
	{"gateway's port",
	 NAMESPACE NET("Gateway", "gw",
		       "{selector: {istio: ingressgateway}, servers: [{port: {number: 81, name: http, protocol: "
		       "HTTP}, hosts: [a.example.com]}]}"),
	 "IST0162", 8},
	{"two hosts",
	 NAMESPACE SERVICE("cart", "[{name: http, port: 80}]") VS(
		 "a", "{hosts: [cart], http: [{route: [{destination: {host: cart}}]}], exportTo: ['.']}")
		 VS("b", "{hosts: [other], http: [{route: [{destination: {host: cart}}]}], exportTo: [elsewhere]}"),
	 NULL, 0},
	{"regex",
	 NAMESPACE SERVICE("cart", "[{name: http, port: 80}]")
		 VS("cart",
		    "{hosts: [cart], http: [{match: [{uri: {regex: '('}}], route: [{destination: {host: cart}}]}]}"),
	 "IST0122", 13},
	{"namespace", "apiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n", "IST0102", 3},
	{"namespace of the control plane", "apiVersion: v1\nkind: Namespace\nmetadata: {name: istio-system}\n", NULL,
	 0},
	{"labels",
	 "apiVersion: v1\nkind: Namespace\nmetadata:\n  name: shop\n  labels: {istio-injection: enabled, istio.io/rev: "
	 "a}\n",
	 "IST0123", 5},
	{"sidecar",
	 NAMESPACE "apiVersion: v1\nkind: Pod\nmetadata: {name: a, namespace: shop}\nspec: {containers: [{name: c}]}\n",
	 "IST0103", 8},
	{"sidecar not wanted",
	 NAMESPACE "apiVersion: v1\nkind: Pod\nmetadata: {name: a, namespace: shop, labels: {sidecar.istio.io/inject: "
		   "'false'}}\nspec: "
		   "{containers: [{name: c}]}\n",
	 NULL, 0},
	{"annotation",
	 "apiVersion: v1\nkind: Service\nmetadata:\n  name: a\n  annotations:\n    networking.istio.io/exportThree: x\n"
	 "spec: {ports: []}\n",
	 "IST0108", 6},
	{"annotation's place",
	 "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: a\n  annotations:\n    "
	 "proxy.istio.io/config: x\nspec: {}\n",
	 "IST0107", 6},
	{"annotation's value",
	 "apiVersion: v1\nkind: Pod\nmetadata:\n  name: a\n  annotations:\n    status.sidecar.istio.io/port: "
	 "'x'\nspec: {}\n",
	 "IST0125", 6},
	{"port's name", SERVICE("a", "[{name: foo, port: 80}]"), "IST0118", 4},
	{"port's protocol",
	 "apiVersion: v1\nkind: Service\nmetadata: {name: a}\nspec: {ports: [{name: foo, appProtocol: http, port: "
	 "80}]}\n",
	 NULL, 0},
	{"user",
	 "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec:\n  containers:\n  - name: c\n    securityContext: "
	 "{runAsUser: "
	 "1337}\n",
	 "IST0144", 7},
	{"policy's pods",
	 NAMESPACE OF("security.istio.io/v1beta1", "AuthorizationPolicy", "a",
		      "{selector: {matchLabels: {app: "
		      "none}}, rules: [{}]}"),
	 "IST0127", 8},
	{"policy's namespace",
	 NAMESPACE POD("cart") OF("security.istio.io/v1beta1", "AuthorizationPolicy", "a",
				  "{rules: [{from: [{source: {namespaces: [none]}}]}]}"),
	 "IST0101", 13},
	{"authority", NET("DestinationRule", "a", "{host: x.example.com, trafficPolicy: {tls: {mode: SIMPLE}}}"),
	 "IST0128", 4},
	{"addresses",
	 NET("ServiceEntry", "a",
	     "{hosts: [x.example.com], resolution: NONE, ports: [{number: 3000, name: t, protocol: TCP}]}"),
	 "IST0134", 4},
	{"sidecars", NET("Sidecar", "a", "{workloadSelector: {labels: {app: none}}, egress: [{hosts: ['./*']}]}"),
	 "IST0101", 4},
	{"field", NET("VirtualService", "a", "\n  hosts: [x]\n  nothing: 1\n  http: [{directResponse: {status: 200}}]"),
	 "IST0106", 6},
	{"invalid", NET("VirtualService", "a", "{hosts: [x], http: [{}]}"), "IST0106", 4},
	{"unused rule",
	 NAMESPACE SERVICE("cart", "[{name: http, port: 80}]")
		 VS("cart", "\n  hosts: [cart]\n  http:\n  - route: [{destination: {host: cart}}]\n  - route: "
			    "[{destination: {host: "
			    "cart}}]"),
	 "IST0130", 17},
	{"external",
	 "apiVersion: v1\nkind: Service\nmetadata: {name: a}\nspec: {type: ExternalName, externalName: x.y, ports: "
	 "[{name: tcp, "
	 "port: 80}]}\n",
	 "IST0150", 4},
	{"suppressed",
	 "apiVersion: v1\nkind: Namespace\nmetadata: {name: shop, annotations: {galley.istio.io/analyze-suppress: "
	 "'IST0102'}}\n",
	 NULL, 0},
	{"the cluster's own",
	 "apiVersion: v1\nkind: Service\nmetadata: {name: a, namespace: kube-system}\nspec: {ports: [{name: foo, "
	 "port: 80}]}\n",
	 NULL, 0},
};

static cJSON *analyze(const char *folder, const char *more, int *ret_status)
{
	CLEANUP(freep) char *line = mem_printf("weftctl analyze -o json -f %s %s", folder, more);
	CLEANUP(ran_done) struct ran r = run(line);
	cJSON *o = NULL;

	*ret_status = r.status;
	if (json_parse(slice_str(r.out), 1 << 20, &o, NULL) < 0)
		fail_msg("%s\n%s", r.out, r.err);
	return o;
}

/* Says what is otherwise. */
static bool check_row(size_t i)
{
	CLEANUP(ran_folder_done) char *folder = ran_folder("analyze");
	CLEANUP(json_freep) cJSON *o = NULL;
	const cJSON *first = NULL;
	size_t n = 0;
	int status;

	ran_file(folder, "a.yaml", rows[i].text);
	o = analyze(folder, "--failure-threshold Info", &status);
	JSON_EACH(f, json_get(o, "items"))
	{
		if (rows[i].code && strcmp(json_str_or_empty(f, "code"), rows[i].code) != 0)
			continue;
		first = first ? first : f;
		n++;
	}
	const bool counted = rows[i].code ? n == 1 || n == 2 : n == 0;
	const bool placed = !first || json_int(first, "line", 0) == rows[i].line;
	const bool ended = status == (rows[i].code ? CTL_ANALYZED : CTL_OK);

	if (!counted || !placed || !ended) {
		CLEANUP(freep) char *text = json_to_text(o);

		print_error("%s: %zu, line %d, status %d: %s\n", rows[i].name, n, (int)json_int(first, "line", 0),
			    status, text);
	}
	return counted && placed && ended;
}

static void test_rows(void **state)
{
	size_t bad = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		bad += !check_row(i);
	assert_int_equal(bad, 0);
}

/* Thresholds, and what is not wanted. */
static void test_thresholds(void **state)
{
	static const struct {
		const char *more;
		int status;
		size_t n;
	} cases[] = {
		{"", CTL_OK, 2}, /* a hint and a warning */
		{"--failure-threshold Warning", CTL_ANALYZED, 2},
		{"--failure-threshold warning --output-threshold Error", CTL_ANALYZED, 0},
		{"--output-threshold Warning", CTL_OK, 1},
		{"-S IST0118=*", CTL_OK, 1},
		{"--failure-threshold Info -S IST0118 -S IST0108", CTL_OK, 0},
	};
	CLEANUP(ran_folder_done) char *folder = ran_folder("thresholds");

	(void)state;
	ran_file(folder, "a.yaml",
		 "apiVersion: v1\nkind: Service\nmetadata: {name: a, namespace: x, annotations: "
		 "{sidecar.istio.io/none: 'x'}}\n"
		 "spec: {ports: [{name: foo, port: 80}]}\n");
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		int status;
		CLEANUP(json_freep) cJSON *o = analyze(folder, cases[i].more, &status);

		assert_int_equal(cJSON_GetArraySize(json_get(o, "items")), cases[i].n);
		assert_int_equal(status, cases[i].status);
	}
}

/* With a control plane its gateways are there, and its members are not told to be labelled. */
static void test_plane(void **state)
{
	CLEANUP(ran_folder_done) char *folder = ran_folder("plane");
	int status;

	(void)state;
	ran_file(folder, "a.yaml",
		 "apiVersion: maistra.io/v2\nkind: ServiceMeshControlPlane\nmetadata: {name: basic, namespace: "
		 "cp}\nspec: {version: v2.6}\n"
		 "---\napiVersion: maistra.io/v1\nkind: ServiceMeshMemberRoll\nmetadata: {name: default, namespace: "
		 "cp}\nspec: {members: "
		 "[shop]}\n---\napiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n---\n" NET(
			 "Gateway", "gw",
			 "{selector: {istio: ingressgateway}, servers: [{port: {number: 80, name: http, protocol: "
			 "HTTP}, "
			 "hosts: [a.example.com]}]}"));
	CLEANUP(json_freep) cJSON *o = analyze(folder, "--failure-threshold Info", &status);
	CLEANUP(freep) char *text = json_to_text(o);

	if (cJSON_GetArraySize(json_get(o, "items")))
		fail_msg("%s", text);
}

static void test_wrong(void **state)
{
	static const struct {
		const char *line;
		int status;
		const char *said;
	} cases[] = {
		{"weftctl analyze", CTL_USAGE, "it wants FILE"},
		{"weftctl analyze /nowhere/at/all", CTL_FAILED, "/nowhere/at/all"},
		{"weftctl analyze --failure-threshold None -f x", CTL_USAGE, "--failure-threshold: 'None'"},
		{"weftctl analyze -L", CTL_OK, "virtualservice.DestinationHostAnalyzer"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		CLEANUP(ran_done) struct ran r = run(cases[i].line);

		if (r.status != cases[i].status || (!strstr(r.err, cases[i].said) && !strstr(r.out, cases[i].said)))
			fail_msg("%s: %d\n%s%s", cases[i].line, r.status, r.out, r.err);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_thresholds),
		cmocka_unit_test(test_plane),
		cmocka_unit_test(test_wrong),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
