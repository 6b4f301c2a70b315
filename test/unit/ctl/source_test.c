/* Files, folders and kustomizations as sets of objects, and the places of their values. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "ctl/source/source.h"
#include "msg/json.h"
#include "ran.h"

static const char objects[] = "apiVersion: v1\n"
			      "kind: List\n"
			      "items:\n"
			      "- kind: Service\n"
			      "  metadata:\n"
			      "    name: a\n"
			      "    annotations: {x.y/z: '1'}\n"
			      "  spec:\n"
			      "    ports:\n"
			      "    - port: 80\n"
			      "    - {port: 81,\n"
			      "       name: b}\n"
			      "---\n"
			      "kind: Service\n"
			      "metadata: {name: c}\n";

static void test_places(void **state)
{
	static const struct {
		size_t object;
		const char *path;
		unsigned line;
	} rows[] = {
		{0, "", 4},
		{0, "metadata.name", 6},
		{0, "metadata.annotations.x.y/z", 7},
		{0, "metadata.annotations[x.y/z]", 7},
		{0, "spec.ports[0].port", 10},
		{0, "spec.ports[1].name", 12},
		{0, "spec.ports[1].missing", 11},
		{0, "spec.ports[7].name", 9},
		{0, "spec.nothing[0]", 8},
		{0, "spec.ports[", 9},
		{1, "", 14},
		{1, "metadata.name", 15},
	};
	CLEANUP(ran_folder_done) char *folder = ran_folder("places");
	CLEANUP(freep) char *path = mem_printf("%s/objects.yaml", folder);
	CLEANUP(source_done) struct source_set set = {0};

	(void)state;
	ran_file(folder, "objects.yaml", objects);
	assert_int_equal(source_files(&set, path, NULL), 0);
	assert_int_equal(set.objects.n, 2);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (source_line(&set.objects.v[rows[i].object], rows[i].path) != rows[i].line)
			fail_msg("%s: line %u, wanted %u", rows[i].path,
				 source_line(&set.objects.v[rows[i].object], rows[i].path), rows[i].line);
	CLEANUP(freep) char *place = mem_printf("%s:12", path);

	assert_string_equal(source_place(&set.objects.v[0], "spec.ports[1].name", &set.arena), place);
}

static void make_tree(const char *folder)
{
	ran_file(
		folder, "base/app.yaml",
		"apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: app, namespace: old}\n"
		"spec: {replicas: 1, selector: {matchLabels: {app: app}}, template: {metadata: {labels: {app: app}}}}\n"
		"---\napiVersion: v1\nkind: Service\nmetadata: {name: app}\nspec: {selector: {app: app}, ports: []}\n"
		"---\napiVersion: v1\nkind: Service\nmetadata: {name: gone}\n"
		"---\napiVersion: v1\nkind: Namespace\nmetadata: {name: old}\n");
	ran_file(folder, "base/unlisted.yaml", "kind: Service\nmetadata: {name: unlisted}\n");
	ran_file(folder, "base/kustomization.yaml", "resources: [app.yaml]\n");
	ran_file(folder, "over/more.yaml", "spec: {ports: [{name: http, port: 80}]}\n");
	ran_file(folder, "over/kustomization.yaml",
		 "resources: [../base, 'https://example.com/x?ref=1']\n"
		 "namespace: shop\n"
		 "commonLabels: {team: a}\n"
		 "images: [{name: x}]\n"
		 "namePrefix: p-\n"
		 "replicas: [{name: app, count: 3}]\n"
		 "patches:\n"
		 "- {path: more.yaml, target: {kind: Service, name: app}}\n"
		 "- patch: '[{op: add, path: /metadata/annotations, value: {b: c}}]'\n"
		 "  target: {kind: Service, name: app}\n"
		 "- patch: '{$patch: delete, kind: Service, metadata: {name: gone}}'\n");
}

static const cJSON *find(const struct source_set *s, const char *kind, const char *name)
{
	for (size_t i = 0; i < s->objects.n; i++)
		if (!strcmp(json_str_or_empty(s->objects.v[i].json, "kind"), kind) &&
		    !strcmp(json_str_or_empty(s->objects.v[i].json, "metadata.name"), name))
			return s->objects.v[i].json;
	return NULL;
}

static void test_kustomization(void **state)
{
	CLEANUP(ran_folder_done) char *folder = ran_folder("tree");
	CLEANUP(freep) char *path = mem_printf("%s/over", folder);
	CLEANUP(source_done) struct source_set set = {0};
	struct err e = ERR_INIT;
	const cJSON *service, *deployment;

	(void)state;
	make_tree(folder);
	if (source_tree(&set, path, &e) < 0)
		fail_msg("%s", e.msg);
	service = find(&set, "Service", "app");
	deployment = find(&set, "Deployment", "app");
	assert_non_null(service);
	assert_non_null(deployment);
	assert_null(find(&set, "Service", "unlisted"));
	assert_null(find(&set, "Service", "gone"));
	assert_non_null(find(&set, "Namespace", "shop"));
	assert_string_equal(json_str(service, "metadata.namespace"), "shop");
	assert_string_equal(json_str(service, "metadata.annotations.b"), "c");
	assert_string_equal(json_str(service, "spec.selector.team"), "a");
	assert_int_equal(json_int(json_at(service, "spec.ports")->child, "port", 0), 80);
	assert_int_equal(json_int(deployment, "spec.replicas", 0), 3);
	assert_string_equal(json_str(deployment, "spec.template.metadata.labels.team"), "a");
	assert_string_equal(json_str(deployment, "spec.selector.matchLabels.team"), "a");
	assert_int_equal(set.remarks.n, 2);
	assert_non_null(strstr(set.remarks.v[0].text, "is not fetched"));
	assert_string_equal(set.remarks.v[1].text, "namePrefix is not carried out");
}

static void test_bad_kustomizations(void **state)
{
	static const struct {
		const char *text, *wrong;
	} rows[] = {
		{"resources: [nothing.yaml]\n", "there is no"},
		{"resources: [.]\n", "lead to one another"},
		{"resources: [sub]\n", "has no kustomization"},
		{"resources: [a.yaml]\npatches: [{patch: '{kind: Service, metadata: {name: b}}'}]\n",
		 "finds no Service b"},
		{"resources: [a.yaml]\npatches: [{patch: '[{op: replace, path: \"\", value: 1}]', target: {kind: "
		 "Service}}]\n",
		 "it replaces the whole object"},
		{"", "is empty"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(ran_folder_done) char *folder = ran_folder("bad");
		CLEANUP(source_done) struct source_set set = {0};
		struct err e = ERR_INIT;

		ran_file(folder, "kustomization.yaml", rows[i].text);
		ran_file(folder, "a.yaml", "kind: Service\nmetadata: {name: a}\n");
		ran_file(folder, "sub/a.yaml", "kind: Service\nmetadata: {name: a}\n");
		assert_true(source_tree(&set, folder, &e) < 0);
		if (!strstr(e.msg, rows[i].wrong))
			fail_msg("%zu: %s", i, e.msg);
	}
}

/* A folder without a kustomization is read whole; one bad file keeps no other away. */
static void test_folder(void **state)
{
	CLEANUP(ran_folder_done) char *folder = ran_folder("folder");
	CLEANUP(source_done) struct source_set set = {0};

	(void)state;
	ran_file(folder, "a.yaml", "kind: Service\nmetadata: {name: a}\n");
	ran_file(folder, "b.yaml", "kind: Service\nmetadata: {name: b}\n---\n{\n");
	ran_file(folder, "sub/c.json", "{\"kind\": \"Service\", \"metadata\": {\"name\": \"c\"}}");
	ran_file(folder, "d.txt", "kind: Service\nmetadata: {name: d}\n");
	assert_int_equal(source_tree(&set, folder, NULL), 0);
	assert_int_equal(set.objects.n, 2);
	assert_non_null(find(&set, "Service", "a"));
	assert_non_null(find(&set, "Service", "c"));
	assert_int_equal(set.remarks.n, 1);
	assert_true(set.remarks.v[0].unread);
}

/* In the order of names, lists taken apart; a file that is named itself must be readable. */
static void test_order(void **state)
{
	static const char *const wanted[] = {"a1", "b1", "b2", "b3", "d1"};
	CLEANUP(ran_folder_done) char *folder = ran_folder("order");
	CLEANUP(freep) char *bad = mem_printf("%s/bad.yaml", folder);
	CLEANUP(freep) char *nowhere = mem_printf("%s/nowhere", folder);
	CLEANUP(source_done) struct source_set set = {0};
	struct err e = ERR_INIT;

	(void)state;
	ran_file(folder, "b.yaml",
		 "metadata: {name: b1}\n---\nkind: List\nitems: [{metadata: {name: b2}}, {metadata: {name: b3}}]\n");
	ran_file(folder, "a.json", "{\"metadata\": {\"name\": \"a1\"}}");
	ran_file(folder, "z/d.yml", "metadata: {name: d1}");
	assert_int_equal(source_files(&set, folder, &e), 0);
	assert_int_equal(set.objects.n, ARRAY_LEN(wanted));
	for (size_t i = 0; i < ARRAY_LEN(wanted); i++)
		assert_string_equal(json_str(set.objects.v[i].json, "metadata.name"), wanted[i]);
	ran_file(folder, "bad.yaml", "a: [");
	assert_true(source_files(&set, bad, &e) < 0);
	assert_non_null(strstr(e.msg, bad));
	assert_true(source_files(&set, nowhere, &e) < 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_places),
		cmocka_unit_test(test_kustomization),
		cmocka_unit_test(test_bad_kustomizations),
		cmocka_unit_test(test_folder),
		cmocka_unit_test(test_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
