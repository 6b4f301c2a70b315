/* compile: a mesh out of files alone. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "msg/json.h"
#include "ran.h"

static const char app[] = "apiVersion: v1\nkind: Service\nmetadata: {name: cart, namespace: shop}\n"
			  "spec: {selector: {app: cart}, ports: [{name: http, port: 80, targetPort: web}]}\n"
			  "---\n"
			  "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: cart, namespace: shop}\n"
			  "spec:\n"
			  "  replicas: 2\n"
			  "  selector: {matchLabels: {app: cart}}\n"
			  "  template:\n"
			  "    metadata: {labels: {app: cart}, annotations: {sidecar.istio.io/inject: 'true'}}\n"
			  "    spec: {containers: [{name: c, image: x, ports: [{name: web, containerPort: 8080}]}]}\n"
			  "---\n"
			  "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: plain, namespace: shop}\n"
			  "spec:\n"
			  "  selector: {matchLabels: {app: plain}}\n"
			  "  template:\n"
			  "    metadata: {labels: {app: plain}, annotations: {sidecar.istio.io/inject: 'false'}}\n"
			  "    spec: {containers: [{name: c, image: x}]}\n";

static const char rules[] =
	"apiVersion: networking.istio.io/v1beta1\nkind: VirtualService\nmetadata: {name: cart, namespace: shop}\n"
	"spec: {hosts: [cart], http: [{route: [{destination: {host: cart}}], timeout: 3s}]}\n"
	"---\n"
	"apiVersion: networking.istio.io/v1beta1\nkind: VirtualService\nmetadata: {name: later, namespace: shop}\n"
	"spec: {hosts: [cart], http: [{route: [{destination: {host: cart}}]}]}\n";

static const char plane[] =
	"apiVersion: maistra.io/v2\nkind: ServiceMeshControlPlane\nmetadata: {name: basic, namespace: cp}\n"
	"spec: {version: v2.6, proxy: {networking: {trafficControl: {outbound: {policy: REGISTRY_ONLY}}}}}\n"
	"---\n"
	"apiVersion: maistra.io/v1\nkind: ServiceMeshMemberRoll\nmetadata: {name: default, namespace: cp}\n"
	"spec: {members: [shop]}\n";

static struct ran compile(const char *folder, const char *more)
{
	CLEANUP(freep) char *line = mem_printf("weftctl compile -f %s %s", folder, more);

	return run(line);
}

static void wants(const struct ran *r, int status, const char *out, const char *err)
{
	if (r->status != status || (out && !strstr(r->out, out)) || (err && !strstr(r->err, err)))
		fail_msg("status %d\n%s\n%s", r->status, r->out, r->err);
}

/* Without a control plane all pods have proxies that do not refuse them. */
static void test_files(void **state)
{
	static const struct {
		const char *arguments;
		int status;
		const char *out, *err;
	} rows[] = {
		{"--proxy cart.shop", CTL_OK, "outbound|80||cart.shop.svc.cluster.local", "app.yaml"},
		{"--proxy shop/cart", CTL_OK, "inbound|8080||", NULL},
		{"--proxy cart -n shop", CTL_OK, "virtualInbound", NULL},
		{"--proxy cart-offline-1.shop", CTL_OK, "listeners", NULL},
		{"--proxy plain.shop", CTL_FAILED, NULL, "it is not injected"},
		{"--proxy nobody.shop", CTL_FAILED, NULL, "there is no pod or workload nobody in namespace shop"},
		{"--proxy cart.shop --type routes -o yaml", CTL_OK, "timeout: 3s", NULL},
		{"--proxy cart.shop --type secrets", CTL_OK, "ROOTCA", NULL},
	};
	CLEANUP(ran_folder_done) char *folder = ran_folder("files");

	(void)state;
	ran_file(folder, "app.yaml", app);
	ran_file(folder, "app.yaml.more.yaml", rules);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(ran_done) struct ran r = compile(folder, rows[i].arguments);

		wants(&r, rows[i].status, rows[i].out, rows[i].err);
	}
}

/* As JSON: both replicas are endpoints on the port of that name, talked to by mutual TLS, and who lost is named. */
static void test_json(void **state)
{
	CLEANUP(ran_folder_done) char *folder = ran_folder("json");
	CLEANUP(json_freep) cJSON *o = NULL;
	const cJSON *note;

	(void)state;
	ran_file(folder, "app.yaml", app);
	ran_file(folder, "rules.yaml", rules);
	CLEANUP(ran_done) struct ran r = compile(folder, "--proxy cart.shop --type endpoints -o json");

	wants(&r, CTL_OK, "\"port_value\":8080", NULL);
	assert_int_equal(json_parse(slice_str(r.out), 1 << 20, &o, NULL), 0);
	assert_int_equal(cJSON_GetArraySize(json_get(o, "endpoints")), 1);
	assert_null(json_get(o, "listeners"));
	assert_non_null(strstr(r.out, "198.18.0.1"));
	assert_non_null(strstr(r.out, "198.18.0.2"));
	assert_non_null(strstr(r.out, "\"tlsMode\":\"istio\""));
	note = json_get(o, "notes")->child;
	assert_string_equal(json_str(note, "name"), "later");
	assert_string_equal(json_str(note, "reason"), "Conflicted");
	assert_non_null(strstr(json_str(note, "place"), "rules.yaml:9"));
}

/* A ServiceMeshControlPlane among the files is carried out: its settings, members, gateways. */
static void test_plane(void **state)
{
	static const struct {
		const char *arguments;
		int status;
		const char *out, *err;
	} rows[] = {
		{"--proxy cart.shop --type routes -o yaml", CTL_OK, "name: block_all", NULL},
		{"--proxy istio-ingressgateway.cp", CTL_OK, "outbound|80||cart.shop.svc.cluster.local", NULL},
		{"--proxy cart.other", CTL_FAILED, NULL, "namespace other is no member of the mesh of cp"},
		{"--proxy plain.shop", CTL_FAILED, NULL, "it is not injected"},
		{"--proxy cart.shop -i elsewhere", CTL_OK, NULL, NULL},
	};
	CLEANUP(ran_folder_done) char *folder = ran_folder("plane");

	(void)state;
	ran_file(folder, "app.yaml", app);
	ran_file(folder, "plane.yaml", plane);
	ran_file(
		folder, "other.yaml",
		"apiVersion: v1\nkind: Pod\nmetadata: {name: cart, namespace: other, labels: {sidecar.istio.io/inject: "
		"'true'}}\nspec: {containers: [{name: c, image: x}]}\n");
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(ran_done) struct ran r = compile(folder, rows[i].arguments);

		wants(&r, rows[i].status, rows[i].out, rows[i].err);
	}
}

/* What cannot be read is told with its line, and shown by the exit status; what is no mesh at all ends it. */
static void test_wrong(void **state)
{
	static const struct {
		const char *text;
		int status;
		const char *err;
	} rows[] = {
		{"apiVersion: networking.istio.io/v1beta1\nkind: VirtualService\nmetadata: {name: x}\nspec:\n  hosts: "
		 "7\n",
		 CTL_REFUSED, "wrong.yaml:1: VirtualService x: "},
		{"apiVersion: networking.istio.io/v1beta1\nkind: VirtualService\nmetadata: {name: x}\nspec:\n  hosts: "
		 "[a]\n  "
		 "nothing: 1\n",
		 CTL_OK, "wrong.yaml:6: VirtualService x: spec.nothing is no field"},
		{"apiVersion: v1\nkind: Service\nmetadata: {}\n", CTL_REFUSED, "it has no name"},
		{"apiVersion: v1\nkind: ConfigMap\nmetadata: {name: istio, namespace: istio-system}\ndata: {mesh: "
		 "'trustDomain: 7'}\n",
		 CTL_FAILED, "mesh configuration: "},
		{"apiVersion: maistra.io/v2\nkind: ServiceMeshControlPlane\nmetadata: {name: a, namespace: a}\n---\n"
		 "apiVersion: maistra.io/v2\nkind: ServiceMeshControlPlane\nmetadata: {name: b, namespace: b}\n",
		 CTL_FAILED, "choose one by --istio-namespace"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(ran_folder_done) char *folder = ran_folder("wrong");

		ran_file(folder, "app.yaml", app);
		ran_file(folder, "wrong.yaml", rows[i].text);
		CLEANUP(ran_done) struct ran r = compile(folder, "--proxy cart.shop");

		wants(&r, rows[i].status, NULL, rows[i].err);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_files),
		cmocka_unit_test(test_json),
		cmocka_unit_test(test_plane),
		cmocka_unit_test(test_wrong),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
