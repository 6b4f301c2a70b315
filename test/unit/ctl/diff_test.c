/* diff: what a change would do. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "msg/json.h"
#include "ran.h"

static const char mesh[] =
	"apiVersion: v1\nkind: Service\nmetadata: {name: cart, namespace: shop}\n"
	"spec: {selector: {app: cart}, ports: [{name: http, port: 80, targetPort: 8080}]}\n"
	"---\napiVersion: v1\nkind: Pod\nmetadata: {name: cart, namespace: shop, labels: {app: cart, version: v1}}\n"
	"spec: {serviceAccountName: cart, containers: [{name: c, image: x}]}\n"
	"---\napiVersion: v1\nkind: Pod\nmetadata: {name: web, namespace: shop, labels: {app: web}}\n"
	"spec: {serviceAccountName: web, containers: [{name: c, image: x}]}\n"
	"---\napiVersion: networking.istio.io/v1beta1\nkind: DestinationRule\nmetadata: {name: cart, namespace: shop}\n"
	"spec: {host: cart, subsets: [{name: v1, labels: {version: v1}}, {name: v2, labels: {version: v2}}]}\n"
	"---\napiVersion: networking.istio.io/v1beta1\nkind: VirtualService\nmetadata: {name: cart, namespace: shop}\n"
	"spec: {hosts: [cart], http: [{match: [{uri: {prefix: /v2}}], route: [{destination: {host: cart, subset: "
	"v2}}]}, {route: "
	"[{destination: {host: cart, subset: v1}}]}]}\n";

#define SECURITY(kind, name, spec)                                                                                     \
	"apiVersion: security.istio.io/v1beta1\nkind: " kind "\nmetadata: {name: " name                                \
	", namespace: shop}\nspec: " spec "\n"
#define ROUTES(http)                                                                                                   \
	"apiVersion: networking.istio.io/v1beta1\nkind: VirtualService\nmetadata: {name: cart, namespace: shop}\n"     \
	"spec: {hosts: [cart], http: [" http "]}\n"

#define SAID_MAX 3

static const struct {
	const char *name, *change, *more;
	int status;
	const char *said[SAID_MAX], *not_said;
} rows[] = {
	{"nothing",
	 "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\n",
	 "",
	 CTL_OK,
	 {"No proxy gets anything else"},
	 "WORKLOAD"},
	{"another subset",
	 ROUTES("{match: [{uri: {prefix: /v2}}], route: [{destination: {host: cart, subset: v1}}]}, {route: "
		"[{destination: {host: "
		"cart, subset: v1}}]}"),
	 "",
	 CTL_OK,
	 {"goes", "/v2 (table 80): from outbound|80|v2|cart.shop.svc.cluster.local to outbound|80|v1|", "~ routes 80"},
	 "\ndenied"},
	{"a header",
	 ROUTES("{match: [{headers: {x-user: {exact: a}}}], redirect: {uri: /r}}, {route: [{destination: {host: cart, "
		"subset: v1}}]}"),
	 "",
	 CTL_OK,
	 {"x-user: a (table 80)", "a redirect to http://cart.shop.svc.cluster.local/r"},
	 NULL},
	{"a policy",
	 SECURITY("AuthorizationPolicy", "a",
		  "{selector: {matchLabels: {app: cart}}, rules: [{from: [{source: {principals: "
		  "[cluster.local/ns/shop/sa/web]}}], to: "
		  "[{operation: {methods: [GET], paths: [/items*]}}]}]}"),
	 "",
	 CTL_REFUSED,
	 {"GET / on port 8080, by plain text", "GET / on port 8080, by spiffe://cluster.local/ns/shop/sa/web",
	  "~ listeners virtualInbound"},
	 "GET /itemsx on port 8080, by spiffe://cluster.local/ns/shop/sa/web"},
	{"strict",
	 SECURITY("PeerAuthentication", "a", "{mtls: {mode: STRICT}}"),
	 "",
	 CTL_REFUSED,
	 {"denied", "GET / on port 8080, by plain text"},
	 "by spiffe"},
	{"a workload",
	 "apiVersion: v1\nkind: Pod\nmetadata: {name: new, namespace: shop, labels: {app: new}}\nspec: {containers: "
	 "[{name: c, image: x}]}\n",
	 "",
	 CTL_OK,
	 {"shop/new", "is new"},
	 NULL},
	{"one that goes",
	 "apiVersion: v1\nkind: Pod\nmetadata: {name: web, namespace: shop}\n",
	 "--delete",
	 CTL_OK,
	 {"shop/web", "is gone"},
	 "shop/cart"},
	{"a rule that goes",
	 "apiVersion: networking.istio.io/v1beta1\nkind: VirtualService\nmetadata: {name: cart, namespace: shop}\n",
	 "--delete",
	 CTL_OK,
	 {"from outbound|80|v1|cart.shop.svc.cluster.local to outbound|80||cart.shop.svc.cluster.local"},
	 NULL},
};

static void test_rows(void **state)
{
	CLEANUP(ran_folder_done) char *folder = ran_folder("diff");

	(void)state;
	ran_file(folder, "mesh/mesh.yaml", mesh);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(freep)
		char *line = mem_printf("weftctl diff -f %s/change.yaml -f %s/mesh %s", folder, folder, rows[i].more);

		ran_file(folder, "change.yaml", rows[i].change);
		CLEANUP(ran_done) struct ran r = run(line);

		if (r.status != rows[i].status)
			fail_msg("%s: status %d\n%s%s", rows[i].name, r.status, r.out, r.err);
		for (size_t k = 0; k < SAID_MAX && rows[i].said[k]; k++)
			if (!strstr(r.out, rows[i].said[k]))
				fail_msg("%s: it does not say %s\n%s", rows[i].name, rows[i].said[k], r.out);
		if (rows[i].not_said && strstr(r.out, rows[i].not_said))
			fail_msg("%s: it says %s\n%s", rows[i].name, rows[i].not_said, r.out);
	}
}

static void test_wrong(void **state)
{
	CLEANUP(ran_done) struct ran none = run("weftctl diff");
	CLEANUP(ran_done) struct ran nowhere = run("weftctl diff -f /nowhere/at/all -f /dev/null");

	(void)state;
	assert_int_equal(none.status, CTL_USAGE);
	assert_non_null(strstr(none.err, "it wants -f CHANGE"));
	assert_int_equal(nowhere.status, CTL_FAILED);
	assert_non_null(strstr(nowhere.err, "/nowhere/at/all"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_wrong),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
