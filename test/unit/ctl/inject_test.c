/* inject: manifests as they would be with proxies. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "msg/json.h"
#include "ran.h"

static const char manifests[] =
	"apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: cart, namespace: shop}\n"
	"spec: {selector: {matchLabels: {app: cart}}, template: {metadata: {labels: {app: cart}}, spec: {containers: "
	"[{name: c, "
	"image: x}]}}}\n"
	"---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {name: plain, namespace: shop}\n"
	"spec: {selector: {matchLabels: {app: plain}}, template: {metadata: {labels: {app: plain, "
	"sidecar.istio.io/inject: 'false'}}, "
	"spec: {containers: [{name: c, image: x}]}}}\n"
	"---\napiVersion: v1\nkind: Service\nmetadata: {name: cart, namespace: shop}\nspec: {ports: [{port: 80}]}\n";

static const cJSON *item(const cJSON *list, const char *name, const char *kind)
{
	JSON_EACH(o, json_get(list, "items"))
	if (!strcmp(json_str_or_empty(o, "metadata.name"), name) && !strcmp(json_str_or_empty(o, "kind"), kind))
		return o;
	return NULL;
}

static void test_inject(void **state)
{
	CLEANUP(ran_folder_done) char *folder = ran_folder("inject");
	CLEANUP(freep) char *line = mem_printf("weftctl inject -f %s -o json", folder);
	CLEANUP(json_freep) cJSON *o = NULL;
	const cJSON *cart, *plain;

	(void)state;
	ran_file(folder, "a.yaml", manifests);
	CLEANUP(ran_done) struct ran r = run(line);

	assert_int_equal(r.status, CTL_OK);
	assert_string_equal(r.err, "1 workloads got a proxy.\n");
	assert_int_equal(json_parse(slice_str(r.out), 1 << 20, &o, NULL), 0);
	cart = item(o, "cart", "Deployment");
	plain = item(o, "plain", "Deployment");
	assert_int_equal(cJSON_GetArraySize(json_at(cart, "spec.template.spec.containers")), 2);
	assert_int_equal(cJSON_GetArraySize(json_at(plain, "spec.template.spec.containers")), 1);
	assert_non_null(json_get(json_at(cart, "spec.template.metadata.annotations"), "sidecar.istio.io/status"));
	assert_null(json_at(cart, "spec.template.metadata.name"));
	assert_null(json_at(cart, "spec.template.metadata.ownerReferences"));
	assert_non_null(strstr(r.out, "namespaces/shop/deployments/cart"));
	assert_non_null(item(o, "cart", "Service"));
}

/* What is printed can be injected again: it is as it was. */
static void test_again(void **state)
{
	CLEANUP(ran_folder_done) char *folder = ran_folder("again");
	CLEANUP(freep) char *line = mem_printf("weftctl inject -f %s", folder);

	(void)state;
	ran_file(folder, "a.yaml", manifests);
	CLEANUP(ran_done) struct ran first = run(line);

	ran_file(folder, "a.yaml", first.out);
	CLEANUP(ran_done) struct ran second = run(line);

	assert_string_equal(first.out, second.out);
	assert_string_equal(second.err, "0 workloads got a proxy.\n");
}

static void test_wrong(void **state)
{
	CLEANUP(ran_folder_done) char *folder = ran_folder("wrong");
	CLEANUP(freep) char *line = mem_printf("weftctl inject -f %s", folder);
	CLEANUP(ran_done) struct ran none = run("weftctl inject");

	(void)state;
	assert_int_equal(none.status, CTL_USAGE);
	ran_file(folder, "a.yaml",
		 "apiVersion: v1\nkind: Pod\nmetadata: {name: a, annotations: {sidecar.istio.io/logLevel: "
		 "loud}}\nspec: {containers: "
		 "[{name: c}]}\n");
	CLEANUP(ran_done) struct ran r = run(line);

	assert_int_equal(r.status, CTL_FAILED);
	assert_non_null(strstr(r.err, "sidecar.istio.io/logLevel"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_inject),
		cmocka_unit_test(test_again),
		cmocka_unit_test(test_wrong),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
