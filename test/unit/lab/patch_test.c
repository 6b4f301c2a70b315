/* Patches, field sets with server-side apply, schemas and selectors of the API server: JSON in, JSON out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <cmocka.h>

#include "base/cleanup.h"
#include "lab/object/fields.h"
#include "msg/json.h"
#include "api/names.h"
#include "lab/object/patch.h"
#include "lab/object/schema.h"
#include "msg/selector.h"

/* JSON with ' for ". */
static cJSON *json(const char *text)
{
	CLEANUP(buf_done) struct buf b = BUF_INIT;

	for (; *text; text++)
		buf_append_char(&b, *text == '\'' ? '"' : *text);
	return json_literal(buf_str(&b));
}

static void assert_json(const char *name, const cJSON *have, const char *want)
{
	CLEANUP(json_freep) cJSON *w = json(want);
	CLEANUP(freep) char *text = json_to_text(have);

	if (!json_equal(have, w))
		fail_msg("%s: have %s, want %s", name, text, want);
}

static void json_patches(void **state)
{
	static const struct {
		const char *name, *doc, *ops, *want; /* want NULL = refused */
	} rows[] = {
		{"add", "{'a':1}", "[{'op':'add','path':'/b','value':2}]", "{'a':1,'b':2}"},
		{"add replaces", "{'a':1}", "[{'op':'add','path':'/a','value':2}]", "{'a':2}"},
		{"add to list", "{'a':[1,3]}", "[{'op':'add','path':'/a/1','value':2}]", "{'a':[1,2,3]}"},
		{"append", "{'a':[1]}", "[{'op':'add','path':'/a/-','value':2}]", "{'a':[1,2]}"},
		{"past the end", "{'a':[1]}", "[{'op':'add','path':'/a/3','value':2}]", NULL},
		{"escapes", "{'a/b':{'c~d':1}}", "[{'op':'replace','path':'/a~1b/c~0d','value':2}]",
		 "{'a/b':{'c~d':2}}"},
		{"remove", "{'a':1,'b':2}", "[{'op':'remove','path':'/a'}]", "{'b':2}"},
		{"remove what is not there", "{}", "[{'op':'remove','path':'/a'}]", NULL},
		{"replace what is not there", "{}", "[{'op':'replace','path':'/a','value':1}]", NULL},
		{"move", "{'a':{'b':1}}", "[{'op':'move','from':'/a/b','path':'/c'}]", "{'a':{},'c':1}"},
		{"copy", "{'a':[1]}", "[{'op':'copy','from':'/a','path':'/b'}]", "{'a':[1],'b':[1]}"},
		{"test holds", "{'a':1}", "[{'op':'test','path':'/a','value':1}]", "{'a':1}"},
		{"test fails", "{'a':1}", "[{'op':'test','path':'/a','value':2}]", NULL},
		{"root", "{'a':1}", "[{'op':'replace','path':'','value':{'b':1}}]", "{'b':1}"},
		{"unknown op", "{}", "[{'op':'frob','path':'/a','value':1}]", NULL},
		{"no list", "{}", "{'op':'add'}", NULL},
		{"empty key", "{}", "[{'op':'add','path':'/','value':1}]", "{'':1}"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(json_freep) cJSON *doc = json(rows[i].doc), *ops = json(rows[i].ops);
		int r = patch_json(&doc, ops, NULL);

		if ((r == 0) != (rows[i].want != NULL))
			fail_msg("%s: result %d", rows[i].name, r);
		if (rows[i].want)
			assert_json(rows[i].name, doc, rows[i].want);
	}
}

static void merge_patches(void **state)
{
	/* The examples of RFC 7386, appendix A. */
	static const char *const rows[][3] = {
		{"{'a':'b'}", "{'a':'c'}", "{'a':'c'}"},
		{"{'a':'b'}", "{'b':'c'}", "{'a':'b','b':'c'}"},
		{"{'a':'b'}", "{'a':null}", "{}"},
		{"{'a':'b','b':'c'}", "{'a':null}", "{'b':'c'}"},
		{"{'a':['b']}", "{'a':'c'}", "{'a':'c'}"},
		{"{'a':{'b':'c'}}", "{'a':{'b':'d','c':null}}", "{'a':{'b':'d'}}"},
		{"{'e':null}", "{'a':1}", "{'e':null,'a':1}"},
		{"{}", "{'a':{'bb':{'ccc':null}}}", "{'a':{'bb':{}}}"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(json_freep) cJSON *patch = json(rows[i][1]), *doc = patch_merge(json(rows[i][0]), patch);

		assert_json(rows[i][1], doc, rows[i][2]);
	}
}

static const char schema_text[] =
	"{'type':'object','required':['name'],'properties':{"
	"'name':{'type':'string','maxLength':5,'pattern':'^[a-z]+$'},"
	"'replicas':{'type':'integer','default':2,'minimum':1},"
	"'port':{'x-kubernetes-int-or-string':true},"
	"'free':{'type':'object','x-kubernetes-preserve-unknown-fields':true},"
	"'mode':{'type':'string','enum':['a','b']},"
	"'tags':{'type':'array','items':{'type':'string'},'x-kubernetes-list-type':'set',"
	"'x-kubernetes-patch-strategy':'merge','x-kubernetes-patch-merge-key':''},"
	"'atomic':{'type':'array','items':{'type':'string'}},"
	"'env':{'type':'array','x-kubernetes-list-type':'map','x-kubernetes-list-map-keys':['name'],"
	"'x-kubernetes-patch-strategy':'merge','x-kubernetes-patch-merge-key':'name',"
	"'items':{'type':'object','properties':{'name':{'type':'string'},'value':{'type':'string'}}}},"
	"'labels':{'type':'object','additionalProperties':{'type':'string'}}}}";

static const struct schema *schema(struct arena *a)
{
	CLEANUP(json_freep) cJSON *j = json(schema_text);

	return schema_compile(a, j);
}

static void strategic_patches(void **state)
{
	static const char *const rows[][3] = {
		{"{'env':[{'name':'x','value':'1'}]}", "{'env':[{'name':'y','value':'2'}]}",
		 "{'env':[{'name':'x','value':'1'},{'name':'y','value':'2'}]}"},
		{"{'env':[{'name':'x','value':'1'}]}", "{'env':[{'name':'x','value':'2'}]}",
		 "{'env':[{'name':'x','value':'2'}]}"},
		{"{'env':[{'name':'x'},{'name':'y'}]}", "{'env':[{'name':'x','$patch':'delete'}]}",
		 "{'env':[{'name':'y'}]}"},
		{"{'env':[{'name':'x'}]}", "{'env':[{'$patch':'replace'},{'name':'z'}]}", "{'env':[{'name':'z'}]}"},
		{"{'env':[{'name':'x'},{'name':'y'}]}",
		 "{'$setElementOrder/env':[{'name':'y'},{'name':'x'}],'env':[{'name':'x','value':'1'}]}",
		 "{'env':[{'name':'y'},{'name':'x','value':'1'}]}"},
		{"{'tags':['a','b']}", "{'$deleteFromPrimitiveList/tags':['a'],'tags':['c']}", "{'tags':['b','c']}"},
		{"{'atomic':['a']}", "{'atomic':['b']}", "{'atomic':['b']}"},
		{"{'labels':{'a':'1'}}", "{'labels':{'a':null,'b':'2'}}", "{'labels':{'b':'2'}}"},
		{"{'labels':{'a':'1'}}", "{'labels':{'$patch':'replace','b':'2'}}", "{'labels':{'b':'2'}}"},
		{"{'name':'x','mode':'a'}", "{'$retainKeys':['mode'],'mode':'b'}", "{'mode':'b'}"},
		{"{'labels':{'a':'1'}}", "{'labels':{'$patch':'delete'}}", "{}"},
	};
	CLEANUP(arena_done) struct arena a = ARENA_INIT;
	const struct schema *s = schema(&a);

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(json_freep) cJSON *patch = json(rows[i][1]);
		CLEANUP(json_freep) cJSON *doc = patch_strategic(s, json(rows[i][0]), patch, NULL);

		assert_json(rows[i][1], doc, rows[i][2]);
	}
}

static void defaults_and_pruning(void **state)
{
	CLEANUP(arena_done) struct arena a = ARENA_INIT;
	const struct schema *s = schema(&a);
	CLEANUP(json_freep)
	cJSON *o = json("{'name':'x','unknown':1,'free':{'any':{'thing':1}},'labels':{'k':'v'},"
			"'env':[{'name':'e','odd':1}]}");

	(void)state;
	schema_prune(s, o, NULL, NULL);
	schema_default(s, o);
	assert_json("pruned", o,
		    "{'name':'x','free':{'any':{'thing':1}},'labels':{'k':'v'},'env':[{'name':'e'}],'replicas':2}");
}

static void validation_says_what_is_wrong(void **state)
{
	static const char *const rows[][2] = {
		{"{'name':'ok','port':'http'}", ""},
		{"{}", "name: Required value"},
		{"{'name':'toolong'}", "name: Too long: may not be more than 5 bytes"},
		{"{'name':'X'}", "name: Invalid value: \"X\": name in body should match '^[a-z]+$'"},
		{"{'name':5}", "name: Invalid value: \"integer\": name in body must be of type string: \"integer\""},
		{"{'name':'x','replicas':0}",
		 "replicas: Invalid value: 0: replicas in body should be greater than or equal to 1"},
		{"{'name':'x','mode':'c'}", "mode: Unsupported value: \"c\": supported values: \"a\", \"b\""},
		{"{'name':'x','port':1.5}",
		 "port: Invalid value: \"number\": port in body must be of type integer,string: \"number\""},
		{"{'name':'x','tags':['a','a']}", "tags[1]: Duplicate value: \"a\""},
		{"{'name':'x','env':[{'name':'a'},{'name':'a'}]}",
		 "env[1]: Duplicate value: map[string]interface {}{\"name\":\"a\"}"},
	};
	CLEANUP(arena_done) struct arena a = ARENA_INIT;
	const struct schema *s = schema(&a);

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(json_freep) cJSON *o = json(rows[i][0]);
		CLEANUP(buf_done) struct buf have = BUF_INIT;
		struct problems p = {.arena = &a};

		schema_validate(s, o, "", &p);
		for (size_t k = 0; k < p.n; k++)
			buf_printf(&have, "%s%s: %s", k ? "; " : "", p.v[k].field, p.v[k].text);
		assert_string_equal(buf_str(&have), rows[i][1]);
	}
}

static void collect(void *arg, const char *path)
{
	buf_printf(arg, "%s ", path);
}

static void field_sets(void **state)
{
	CLEANUP(arena_done) struct arena a = ARENA_INIT;
	const struct schema *s = schema(&a);
	CLEANUP(json_freep) cJSON *old = json("{'name':'x','env':[{'name':'e','value':'1'}],'tags':['a']}");
	CLEANUP(json_freep)
	cJSON *now = json("{'name':'y','env':[{'name':'e','value':'2'},{'name':'f'}],'replicas':3}");
	CLEANUP(buf_done) struct buf paths = BUF_INIT;
	struct fset_change c;

	(void)state;
	fset_compare(&a, s, old, now, &c);
	fset_each(c.modified, collect, &paths);
	assert_string_equal(buf_str(&paths), ".env[name=\"e\"].value .name ");
	buf_clear(&paths);
	fset_each(c.added, collect, &paths);
	assert_string_equal(buf_str(&paths), ".env[name=\"f\"] .env[name=\"f\"].name .replicas ");
	buf_clear(&paths);
	fset_each(c.removed, collect, &paths);
	assert_string_equal(buf_str(&paths), ".tags .tags[=\"a\"] ");
	CLEANUP(json_freep) cJSON *j = fset_to_json(c.modified);

	assert_json("as JSON", j, "{'f:env':{'k:{\\\"name\\\":\\\"e\\\"}':{'f:value':{}}},'f:name':{}}");
	assert_true(fset_equal(fset_from_json(&a, j), c.modified));
}

static cJSON *apply(const struct schema *s, const char *who, const cJSON *live, const char *config, bool force,
		    struct buf *message)
{
	struct manager m = {
		.name = who, .api_version = "example.com/v1", .now = "2024-01-01T00:00:00Z", .builtin = true};
	CLEANUP(json_freep) cJSON *c = json(config);
	cJSON *conflicts = NULL, *made = fields_apply(s, &m, live, c, force, &conflicts, message);

	cJSON_Delete(conflicts);
	return made;
}

static void server_side_apply(void **state)
{
	CLEANUP(arena_done) struct arena a = ARENA_INIT;
	const struct schema *s = schema(&a);
	CLEANUP(buf_done) struct buf message = BUF_INIT;
	CLEANUP(json_freep)
	cJSON *one = apply(s, "one", NULL, "{'name':'x','labels':{'a':'1','b':'2'}}", false, &message);

	(void)state;
	assert_null(apply(s, "two", one, "{'labels':{'a':'9'}}", false, &message));
	assert_string_equal(buf_str(&message), "Apply failed with 1 conflict: conflict with \"one\": .labels.a");
	CLEANUP(json_freep) cJSON *two = apply(s, "two", one, "{'labels':{'a':'9'}}", true, &message);

	assert_json("taken over", json_get(two, "labels"), "{'a':'9','b':'2'}");
	/* One gives up what it does not state any more; what is two's stays. */
	CLEANUP(json_freep) cJSON *three = apply(s, "one", two, "{'labels':{'c':'3'}}", false, &message);

	assert_json("given up", json_get(three, "labels"), "{'a':'9','c':'3'}");
	assert_null(json_get(three, "name"));
}

static void selectors(void **state)
{
	static const struct {
		const char *selector;
		int matches; /* -1 = refused */
	} rows[] = {
		{"", 1},
		{"app=web", 1},
		{"app==web", 1},
		{"app!=web", 0},
		{"tier", 1},
		{"!tier", 0},
		{"none", 0},
		{"!none", 1},
		{"app in (a,web)", 1},
		{"app notin (a,web)", 0},
		{"none notin (a)", 1},
		{"n>4", 1},
		{"n<5", 0},
		{"app=web,tier=x", 0},
		{"app===web", -1},
		{"a b", -1},
		{"app in web", -1},
		{"=x", -1},
		{"-bad-=x", -1},
	};
	CLEANUP(arena_done) struct arena a = ARENA_INIT;
	CLEANUP(json_freep) cJSON *labels = json("{'app':'web','tier':'front','n':'5'}");

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct label_selector s;
		int r = label_selector_parse(&a, rows[i].selector, &s, NULL);
		int have = r < 0 ? -1 : label_selector_matches(&s, labels);

		if (have != rows[i].matches)
			fail_msg("%s: have %d", rows[i].selector, have);
	}
}

static void field_selectors(void **state)
{
	CLEANUP(arena_done) struct arena a = ARENA_INIT;
	CLEANUP(json_freep) cJSON *o = json("{'metadata':{'name':'x'},'status':{'phase':'Running'}}");
	struct field_selector s;

	(void)state;
	assert_int_equal(field_selector_parse(&a, "metadata.name=x,status.phase!=Pending", &s, NULL), 0);
	assert_true(field_selector_matches(&s, o));
	assert_int_equal(field_selector_parse(&a, "status.phase=Pending", &s, NULL), 0);
	assert_false(field_selector_matches(&s, o));
	assert_int_equal(field_selector_parse(&a, "status.phase", &s, NULL), -EINVAL);
}

static void names(void **state)
{
	(void)state;
	assert_null(name_problem(NAME_LABEL, "shop-1"));
	assert_non_null(name_problem(NAME_LABEL, "Shop"));
	assert_non_null(name_problem(NAME_LABEL, "a.b"));
	assert_null(name_problem(NAME_SUBDOMAIN, "a.b"));
	assert_non_null(name_problem(NAME_SUBDOMAIN, "a..b"));
	assert_non_null(name_problem(NAME_LABEL_1035, "1a"));
	assert_null(name_problem(NAME_PATH_SEGMENT, "system:node"));
	assert_non_null(name_problem(NAME_PATH_SEGMENT, ".."));
	assert_null(label_key_problem("example.com/a"));
	assert_non_null(label_key_problem("a/"));
	assert_null(label_value_problem(""));
	assert_non_null(label_value_problem("-a"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(json_patches),
		cmocka_unit_test(merge_patches),
		cmocka_unit_test(strategic_patches),
		cmocka_unit_test(defaults_and_pruning),
		cmocka_unit_test(validation_says_what_is_wrong),
		cmocka_unit_test(field_sets),
		cmocka_unit_test(server_side_apply),
		cmocka_unit_test(selectors),
		cmocka_unit_test(field_selectors),
		cmocka_unit_test(names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
