/* Delegation of VirtualServices, from objects to routes: conditions of both, names of both, nothing beyond the root's.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include "decide.h"
#include "validate/validate.h"

#define ROOT(http)                                                                                                     \
	"{apiVersion: networking.istio.io/v1beta1, kind: VirtualService, metadata: {name: root, namespace: shop}, "    \
	"spec: "                                                                                                       \
	"{hosts: [catalog], http: [" http "]}}"
#define LEAF(more, http)                                                                                               \
	"{apiVersion: networking.istio.io/v1beta1, kind: VirtualService, metadata: {name: leaf, namespace: stock}, "   \
	"spec: "                                                                                                       \
	"{" more "http: [" http "]}}"
#define DELEGATE "delegate: {name: leaf, namespace: stock}"
#define TO "route: [{destination: {host: inventory}}]"
#define OWN "{route: [{destination: {host: catalog}}]}"

#define INVENTORY "outbound|80||inventory.stock.svc.cluster.local"
#define CATALOG "outbound|8080||catalog.shop.svc.cluster.local"

static const struct {
	const char *root, *leaf;
	const char *path, *header, *to, *name; /* name NULL: not asked */
	const char *problem;                   /* part of what the root is told; NULL: nothing */
} rows[] = {
	/* Conditions of both. */
	{ROOT("{match: [{uri: {prefix: /a}}], " DELEGATE "}, " OWN), LEAF("", "{" TO "}"), "/a/b", "", INVENTORY, "",
	 NULL},
	{ROOT("{match: [{uri: {prefix: /a}}], " DELEGATE "}, " OWN), LEAF("", "{" TO "}"), "/b", "", CATALOG, NULL,
	 NULL},
	{ROOT("{" DELEGATE "}"), LEAF("", "{match: [{uri: {exact: /x}}], " TO "}"), "/x", "", INVENTORY, NULL, NULL},
	{ROOT("{" DELEGATE "}"), LEAF("", "{match: [{uri: {exact: /x}}], " TO "}"), "/y", "", "(none)", NULL, NULL},
	{ROOT("{match: [{uri: {prefix: /a}}], " DELEGATE "}, " OWN),
	 LEAF("", "{match: [{uri: {prefix: /a/b}}], " TO "}"), "/a/b/c", "", INVENTORY, NULL, NULL},
	{ROOT("{match: [{uri: {prefix: /a}}], " DELEGATE "}, " OWN),
	 LEAF("", "{match: [{uri: {prefix: /a/b}}], " TO "}"), "/a/c", "", CATALOG, NULL, NULL},
	{ROOT("{match: [{uri: {prefix: /a}}], " DELEGATE "}, " OWN),
	 LEAF("", "{match: [{uri: {exact: /a/b}}], " TO "}"), "/a/b", "", INVENTORY, NULL, NULL},
	{ROOT("{match: [{headers: {x: {exact: '1'}}}], " DELEGATE "}, " OWN),
	 LEAF("", "{match: [{uri: {prefix: /a}}], " TO "}"), "/a", "x: 1", INVENTORY, NULL, NULL},
	{ROOT("{match: [{headers: {x: {exact: '1'}}}], " DELEGATE "}, " OWN),
	 LEAF("", "{match: [{uri: {prefix: /a}}], " TO "}"), "/a", "x: 2", CATALOG, NULL, NULL},
	/* Either of the root's conditions. */
	{ROOT("{match: [{uri: {prefix: /a}}, {uri: {prefix: /b}}], " DELEGATE "}, " OWN),
	 LEAF("", "{match: [{uri: {prefix: /b/c}}], " TO "}"), "/b/c", "", INVENTORY, NULL, NULL},
	{ROOT("{match: [{uri: {prefix: /a}}, {uri: {prefix: /b}}], " DELEGATE "}, " OWN),
	 LEAF("", "{match: [{uri: {prefix: /b/c}}], " TO "}"), "/a", "", CATALOG, NULL, NULL},
	/* Nobody takes more than was left to him. */
	{ROOT("{match: [{uri: {prefix: /a}}], " DELEGATE "}, " OWN), LEAF("", "{match: [{uri: {prefix: /b}}], " TO "}"),
	 "/b", "", CATALOG, NULL, "contradict"},
	{ROOT("{match: [{uri: {prefix: /a/b}}], " DELEGATE "}, " OWN),
	 LEAF("", "{match: [{uri: {prefix: /a}}], " TO "}"), "/a/b", "", CATALOG, NULL, "contradict"},
	{ROOT("{match: [{uri: {exact: /a}}], " DELEGATE "}, " OWN), LEAF("", "{match: [{uri: {prefix: /a}}], " TO "}"),
	 "/a", "", CATALOG, NULL, "contradict"},
	{ROOT("{match: [{uri: {prefix: /a}}], " DELEGATE "}, " OWN),
	 LEAF("", "{match: [{uri: {regex: '.*'}}], " TO "}"), "/b", "", CATALOG, NULL, "contradict"},
	{ROOT("{match: [{headers: {x: {exact: '1'}}}], " DELEGATE "}, " OWN),
	 LEAF("", "{match: [{headers: {x: {exact: '2'}}}], " TO "}"), "/", "x: 2", CATALOG, NULL, "contradict"},
	{ROOT("{match: [{sourceNamespace: shop}], " DELEGATE "}, " OWN),
	 LEAF("", "{match: [{sourceNamespace: stock}], " TO "}"), "/", "", CATALOG, NULL, "contradict"},
	{ROOT("{match: [{port: 8080}], " DELEGATE "}, " OWN), LEAF("", "{match: [{port: 80}], " TO "}"), "/", "",
	 CATALOG, NULL, "contradict"},
	/* One bad route of the delegate costs itself only. */
	{ROOT("{match: [{uri: {prefix: /a}}], " DELEGATE "}, " OWN),
	 LEAF("", "{match: [{uri: {prefix: /b}}], " TO "}, {match: [{uri: {prefix: /a/c}}], " TO "}"), "/a/c", "",
	 INVENTORY, NULL, "contradict"},
	/* Names. */
	{ROOT("{name: r, match: [{uri: {prefix: /a}}], " DELEGATE "}"), LEAF("", "{name: l, " TO "}"), "/a", "",
	 INVENTORY, "r-l", NULL},
	{ROOT("{name: r, " DELEGATE "}"), LEAF("", "{" TO "}"), "/a", "", INVENTORY, "r", NULL},
	{ROOT("{name: r, match: [{name: m, uri: {prefix: /a}}], " DELEGATE "}"),
	 LEAF("", "{name: l, match: [{name: nn, uri: {prefix: /a/b}}], " TO "}"), "/a/b", "", INVENTORY, "r-l.m-nn",
	 NULL},
	/* Who may not. */
	{ROOT("{" DELEGATE "}, " OWN), LEAF("exportTo: ['.'], ", "{" TO "}"), "/", "", CATALOG, NULL,
	 "is not exported"},
	{ROOT("{" DELEGATE "}, " OWN), LEAF("exportTo: [shop], ", "{" TO "}"), "/", "", INVENTORY, NULL, NULL},
	{ROOT("{" DELEGATE "}, " OWN), LEAF("hosts: [other], ", "{" TO "}"), "/", "", CATALOG, NULL, "has hosts"},
	{ROOT("{delegate: {name: nobody}}, " OWN), LEAF("", "{" TO "}"), "/", "", CATALOG, NULL,
	 "VirtualService shop/nobody does not exist"},
	{ROOT("{" DELEGATE "}, " OWN), LEAF("", "{delegate: {name: x}}"), "/", "", CATALOG, NULL,
	 "delegates once more"},
};

static void keep(void *arg, const char *path, const char *text)
{
	struct arena *a = ((void **)arg)[0];
	const char **all = ((void **)arg)[1];

	if (strcmp(path, "spec.http[0].delegate") == 0)
		*all = arena_printf(a, "%s%s", *all, text);
}

static const char *told(struct arena *a, const struct world *w)
{
	const struct api_object *o = store_get(w->store, &api_kind_virtual_service, "shop", "root");
	const char *all = "";
	void *arg[] = {a, &all};

	validate_refs(w->snap, o, keep, arg);
	return all;
}

static void merged(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(arena_done) struct arena a = ARENA_INIT;
		const char *const yaml[] = {world_shop, rows[i].root, rows[i].leaf, NULL};
		const struct proxy p = world_proxy(&a, "sidecar", "shop", "app=catalog");
		const struct decide_conn c = {.ip = "10.96.0.21", .port = 8080, .alpn = "http/1.1"};
		const struct route *r;
		const char *got, *why;
		struct world w;
		struct decide d;

		world_init(&w, "", yaml);
		decide_init(&d, &w, &p);
		r = decide_route_of(&d, &c, "catalog", rows[i].path, rows[i].header, "http");
		got = r ? r->cluster.name : "(none)";
		if (strcmp(got, rows[i].to) != 0)
			fail_msg("row %zu: expected %s, got %s", i, rows[i].to, got);
		if (rows[i].name)
			assert_string_equal(r->name, rows[i].name);
		why = told(&a, &w);
		if (rows[i].problem ? !strstr(why, rows[i].problem) : *why != 0)
			fail_msg("row %zu: told \"%s\"", i, why);
		decide_done(&d);
		world_done(&w);
	}
}

/* What the delegate leaves open the root says, and the delegate takes part in what is made. */
static void inherited(void **state)
{
	CLEANUP(arena_done) struct arena a = ARENA_INIT;
	const char *const yaml[] = {world_shop,
				    ROOT("{timeout: 3s, retries: {attempts: 4}, rewrite: {uri: /root}, " DELEGATE "}"),
				    LEAF("", "{timeout: 5s, mirror: {host: inventory}, " TO "}"), NULL};
	const struct proxy p = world_proxy(&a, "sidecar", "shop", "app=catalog");
	const struct decide_conn c = {.ip = "10.96.0.21", .port = 8080, .alpn = "http/1.1"};
	const struct route *r;
	struct world w;
	struct decide d;
	bool used = false;

	(void)state;
	world_init(&w, "", yaml);
	decide_init(&d, &w, &p);
	r = decide_route(&d, &c, "catalog", "/");
	assert_int_equal(r->timeout_ns, 5000000000LL);
	assert_int_equal(r->retry->num_retries, 4);
	assert_true(slice_eq_str(r->prefix_rewrite, "/root"));
	assert_int_equal(r->n_mirrors, 1);
	assert_string_equal(r->mirrors[0].cluster.name, INVENTORY); /* a short name of the delegate's namespace */
	for (size_t i = 0; i < d.result.n_uses; i++)
		used |= strcmp(d.result.uses[i].object->name, "leaf") == 0;
	assert_true(used);
	decide_done(&d);
	world_done(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(merged), cmocka_unit_test(inherited)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
