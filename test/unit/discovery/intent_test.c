/* What counts as a change of a configuration object: all that its author wrote, labels and annotations included. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "api/networking/networking.h"
#include "discovery/internal.h"
#include "msg/yaml.h"

static void put(struct store *s, const char *meta, const char *rest)
{
	CLEANUP(freep)
	char *text = mem_printf("{apiVersion: networking.istio.io/v1beta1, kind: VirtualService, metadata: {name: v, "
				"namespace: shop, %s}, spec: {hosts: [a]%s}}",
				meta, rest);
	struct api_object *o = NULL;
	struct err e = ERR_INIT;
	cJSON *json = NULL;

	if (yaml_parse(slice_str(text), &json, &e) < 0 || api_object_decode(json, NULL, NULL, &o, &e) < 0)
		fail_msg("%s: %s", text, e.msg);
	cJSON_Delete(json);
	store_put(s, o);
}

static void what_is_a_change(void **state)
{
	static const struct {
		const char *meta, *rest;
		bool same;
	} rows[] = {
		{"generation: 1", "", false},
		{"generation: 1", "", true},
		{"generation: 1, resourceVersion: '7'", "}, status: {observedGeneration: 1", true},
		{"generation: 1, annotations: {istio.io/dry-run: 'true'}", "", false},
		{"generation: 1, annotations: {istio.io/dry-run: 'true'}", "}, status: {observedGeneration: 1", true},
		{"generation: 1, annotations: {istio.io/dry-run: 'false'}", "", false},
		{"generation: 1", "", false},
		{"generation: 1, labels: {a: bc}", "", false},
		{"generation: 1, labels: {ab: c}", "", false},
		{"generation: 1, annotations: {ab: c}", "", false},
		{"generation: 2, annotations: {ab: c}", "", false},
		{"generation: 2, annotations: {ab: c}", "}, status: {observedGeneration: 2", true},
		/* what a relist shows of one that was deleted and made anew meanwhile */
		{"generation: 2, annotations: {ab: c}, uid: b", ", http: [{name: x}]", false},
	};
	const struct store_key key = {&api_kind_virtual_service, "shop", "v"};
	struct discovery d = {.store = store_new()};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		put(d.store, rows[i].meta, rows[i].rest);
		if (discovery_intent_same(&d, &key) != rows[i].same)
			fail_msg("row %zu: %s%s", i, rows[i].meta, rows[i].rest);
	}
	store_remove(d.store, key.kind, key.ns, key.name);
	assert_false(discovery_intent_same(&d, &key));
	assert_int_equal(d.intents.n, 0);
	discovery_intents_done(&d);
	store_free(d.store);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(what_is_a_change)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
