/* Services of type ExternalName: an alias of a Service of the mesh is that service; any other name is asked of DNS. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include "scene.h"

#define ALIAS(name, of, ports)                                                                                         \
	"{apiVersion: v1, kind: Service, metadata: {name: " name ", namespace: shop}, spec: {type: ExternalName, "     \
	"externalName: " of ", ports: " ports "}}\n---\n"
#define HTTP "[{name: http, port: 80}]"

static const char aliases[] = ALIAS("alias", "inventory.stock.svc.cluster.local", HTTP)
	ALIAS("portless", "inventory.stock.svc.cluster.local.", "[]")
		ALIAS("twice", "alias.shop.svc.cluster.local", HTTP) ALIAS("loop", "loop.shop.svc.cluster.local", HTTP)
			ALIAS("outside", "api.example.com", HTTP);

#define TO(name) "outbound|80||" name ".shop.svc.cluster.local"

static void start(struct scene *s, const struct proxy *p, const char *more)
{
	const char *const yaml[] = {world_shop, aliases, more, NULL};

	*s = (struct scene){0};
	scene_init(s, p, yaml);
}

/* Its clients have the address of the service that it names, and say the alias as the host. */
static const struct decide_conn conn = {.ip = "10.96.0.22", .port = 80, .alpn = "http/1.1"};

static void aliases_are_services(void **state)
{
	static const char *const names[] = {"alias", "portless", "twice"};
	CLEANUP(arena_done) struct arena a = ARENA_INIT;
	const struct proxy p = world_proxy(&a, "sidecar", "shop", "app=catalog");
	struct scene s;

	(void)state;
	start(&s, &p, NULL);
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		CLEANUP(freep) char *cluster = mem_printf(TO("%s"), names[i]);
		const struct route *r = decide_route(&s.d, &conn, names[i], "/");
		bool mutual = false, plain = false;

		assert_string_equal(r->cluster.name, cluster);
		/* inventory's endpoints: one with a sidecar, one without */
		for (int k = 0; k < 20; k++) {
			const char *got = stage_pick(s.stage, &a, cluster, NULL, false);

			mutual |= !strcmp(got, "10.244.0.6:8080 tls");
			plain |= !strcmp(got, "10.244.0.7:8080 plain");
		}
		assert_true(mutual && plain);
	}
	scene_done(&s);
}

static void names_outside(void **state)
{
	CLEANUP(arena_done) struct arena a = ARENA_INIT;
	const struct proxy p = world_proxy(&a, "sidecar", "shop", "app=catalog");
	struct scene s;

	(void)state;
	start(&s, &p, NULL);
	assert_int_equal(decide_cluster(&s.d, TO("outside")).spec->type, CONFIG_CLUSTER_STRICT_DNS);
	assert_int_equal(decide_cluster(&s.d, TO("loop")).spec->type, CONFIG_CLUSTER_STRICT_DNS);
	scene_done(&s);
}

#define VS(host, to)                                                                                                   \
	"{apiVersion: networking.istio.io/v1, kind: VirtualService, metadata: {name: v, namespace: stock}, spec: "     \
	"{hosts: [" host "], http: [{route: [{destination: {host: " to "}}]}]}}"
#define RULE(host)                                                                                                     \
	"{apiVersion: networking.istio.io/v1, kind: DestinationRule, metadata: {name: d, namespace: stock}, spec: "    \
	"{host: " host ", trafficPolicy: {tls: {mode: DISABLE}}}}"

/* What is said of the service holds for its alias. */
static void rules_of_the_service(void **state)
{
	CLEANUP(arena_done) struct arena a = ARENA_INIT;
	const struct proxy p = world_proxy(&a, "sidecar", "shop", "app=catalog");
	struct scene s;

	(void)state;
	start(&s, &p, VS("inventory", "catalog.shop.svc.cluster.local"));
	assert_string_equal(decide_route(&s.d, &conn, "alias", "/")->cluster.name,
			    "outbound|8080||catalog.shop.svc.cluster.local");
	scene_done(&s);
	start(&s, &p, VS("alias.shop.svc.cluster.local", "catalog.shop.svc.cluster.local"));
	assert_string_equal(decide_route(&s.d, &conn, "alias", "/")->cluster.name,
			    "outbound|8080||catalog.shop.svc.cluster.local");
	assert_string_equal(decide_route(&s.d, &conn, "inventory.stock", "/")->cluster.name,
			    "outbound|80||inventory.stock.svc.cluster.local");
	scene_done(&s);
	start(&s, &p, RULE("inventory.stock.svc.cluster.local"));
	for (int k = 0; k < 20; k++)
		assert_non_null(strstr(stage_pick(s.stage, &a, TO("alias"), NULL, false), " plain"));
	scene_done(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(aliases_are_services), cmocka_unit_test(names_outside),
					   cmocka_unit_test(rules_of_the_service)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
