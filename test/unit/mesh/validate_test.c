/* Validation messages: an object and the first thing that is wrong with it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "mesh/host.h"
#include "mesh/protocol.h"
#include "mesh/validate.h"
#include "msg/yaml.h"
#include "world.h"

#define NET(kind, spec)                                                                                                \
	"{apiVersion: networking.istio.io/v1alpha3, kind: " kind                                                       \
	", metadata: {name: x, namespace: stock}, spec: " spec "}"
#define SEC(kind, spec)                                                                                                \
	"{apiVersion: security.istio.io/v1beta1, kind: " kind ", metadata: {name: x, namespace: stock}, spec: " spec "}"
#define VS(http) NET("VirtualService", "{hosts: [a], http: [" http "]}")
#define DR(policy) NET("DestinationRule", "{host: a, trafficPolicy: " policy "}")
#define GW(server) NET("Gateway", "{selector: {a: b}, servers: [" server "]}")
#define ROUTE "route: [{destination: {host: b}}]"

struct found {
	char path[200], text[600];
	int n;
};

static void on_error(void *arg, const char *path, const char *text)
{
	struct found *f = arg;

	if (f->n++ == 0) {
		snprintf(f->path, sizeof(f->path), "%s", path);
		snprintf(f->text, sizeof(f->text), "%s", text);
	}
}

static struct api_object *decode(const char *yaml)
{
	struct api_object *o = NULL;
	struct err e = ERR_INIT;
	cJSON *json = NULL;

	if (yaml_parse(slice_str(yaml), &json, &e) < 0 || api_object_decode(json, NULL, NULL, &o, &e) < 0)
		fail_msg("%s: %s", yaml, e.msg);
	cJSON_Delete(json);
	return o;
}

static const struct {
	const char *yaml, *path, *text;
} refs[] = {
	{NET("VirtualService", "{hosts: [inventory], http: [{route: [{destination: {host: nobody}}]}]}"),
	 "spec.http[0].route[0].destination.host", "host nobody.stock.svc.cluster.local is not known in the mesh"},
	{NET("VirtualService", "{hosts: [inventory], http: [{route: [{destination: {host: inventory, subset: v9}}]}]}"),
	 "spec.http[0].route[0].destination.subset", "no DestinationRule defines subset v9"},
	{NET("VirtualService",
	     "{hosts: [inventory], http: [{route: [{destination: {host: inventory, port: {number: 81}}}]}]}"),
	 "spec.http[0].route[0].destination.port.number", "has no port 81"},
	{NET("VirtualService",
	     "{hosts: [inventory], gateways: [none], http: [{route: [{destination: {host: inventory}}]}]}"),
	 "spec.gateways[0]", "Gateway stock/none does not exist"},
	{NET("DestinationRule", "{host: nobody}"), "spec.host",
	 "host nobody.stock.svc.cluster.local is not known in the mesh"},
	{NET("Gateway", "{selector: {a: b}, servers: []}"), "spec.selector", "no pod of the mesh has these labels"},
};

static void test_refs(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(refs) / sizeof(refs[0]); i++) {
		const char *const yaml[] = {world_shop, refs[i].yaml, NULL};
		struct api_object *o = decode(refs[i].yaml);
		struct found f = {.n = 0};
		struct world w;

		world_init(&w, "", yaml);
		validate_refs(w.snap, o, on_error, &f);
		world_done(&w);
		api_object_unref(o);
		if (strcmp(f.path, refs[i].path) != 0 || !strstr(f.text, refs[i].text))
			fail_msg("%s: %s: %s", refs[i].yaml, f.path, f.text);
	}
}

static void test_protocols(void **state)
{
	(void)state;
	assert_int_equal(protocol_detect(NULL, "http-web", "TCP", 80, false), PROTOCOL_HTTP);
	assert_int_equal(protocol_detect("grpc", "http", "TCP", 80, false), PROTOCOL_GRPC);
	assert_int_equal(protocol_detect(NULL, "grpc-web-x", "TCP", 80, false), PROTOCOL_GRPC_WEB);
	assert_int_equal(protocol_detect("kubernetes.io/h2c", NULL, "TCP", 80, false), PROTOCOL_HTTP2);
	assert_int_equal(protocol_detect(NULL, "web", "TCP", 80, false), PROTOCOL_TCP);
	assert_int_equal(protocol_detect(NULL, "web", "TCP", 80, true), PROTOCOL_AUTO);
	assert_int_equal(protocol_detect(NULL, NULL, "TCP", 3306, true), PROTOCOL_TCP);
	assert_int_equal(protocol_detect(NULL, "http", "UDP", 80, true), PROTOCOL_UDP);
}

static void test_hosts(void **state)
{
	(void)state;
	assert_true(host_subset_of("a.b.c", "*.b.c"));
	assert_true(host_subset_of("*.a.b.c", "*.b.c"));
	assert_false(host_subset_of("*.c", "*.b.c"));
	assert_true(host_subset_of("x", "*"));
	assert_true(host_overlap("*.b.c", "a.b.c"));
	assert_true(host_cmp_specific("a.b.c", "*.b.c") < 0);
	assert_true(host_cmp_specific("*.a.b.c", "*.b.c") < 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {

		cmocka_unit_test(test_refs),
		cmocka_unit_test(test_protocols),
		cmocka_unit_test(test_hosts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
