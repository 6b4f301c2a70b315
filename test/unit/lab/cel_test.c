/* CEL: what expressions give, what fails, what is refused when it is compiled; and the rules of a schema. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <cmocka.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "lab/cel/rules.h"
#include "msg/json.h"

/* JSON with ' for ". */
static cJSON *json(const char *text)
{
	CLEANUP(buf_done) struct buf b = BUF_INIT;

	for (; *text; text++)
		buf_append_char(&b, *text == '\'' ? '"' : *text);
	cJSON *j = NULL;

	assert_int_equal(json_parse(buf_slice(&b), JSON_OBJECT_MAX_BYTES, &j, NULL), 0);
	return j;
}

static const char self_text[] =
	"{'i':3,'d':2,'s':'h\xc3\xa9llo','t':true,'n':null,'l':[1,2,3],'m':{'a':1,'b':2},'e':[],"
	"'names':['b','a'],'o':[{'k':'x','v':1},{'k':'y','v':2}],'wait':'1m30s','at':'2026-01-01T00:00:00Z','raw':'aGk="
	"',"
	"'in':7,'a.b-c/d':8,'big':9007199254740993}";
static const char schema_text[] =
	"{'type':'object','properties':{'i':{'type':'integer'},'d':{'type':'number'},'wait':{'type':'string',"
	"'format':'duration'},'at':{'type':'string','format':'date-time'},'raw':{'type':'string','format':'byte'}}}";

/* 1, 0, or -1: an error, whose text is in *why. */
static int eval(const char *text, const cJSON *old, struct err *why)
{
	CLEANUP(arena_done) struct arena a = ARENA_INIT;
	CLEANUP(json_freep) cJSON *self = json(self_text), *schema = json(schema_text);
	const struct cel_program *p = cel_compile(&a, &cel_rule_variables, slice_str(text), why);

	if (!p)
		fail_msg("%s: %s", text, why->msg);
	const cJSON *const values[] = {[CEL_SELF] = self, [CEL_OLD_SELF] = old};
	struct cel_input in = {.values = values, .schema = schema_compile(&a, schema), .ops = &cel_rule_schema};
	int r = cel_test(p, &in, &a, why);

	return r < 0 ? -1 : r;
}

static void expressions_that_hold(void **state)
{
	static const char *const rows[] = {
		"true",
		"self.i == 3 && self.t",
		"1 + 2 * 3 == 7 && (1 + 2) * 3 == 9 && 10 - 2 - 3 == 5 && 7 % 4 == 3 && -7 / 2 == -3",
		"!(1 > 2) && !!true && -(-1) == 1",
		"1 < 2 ? true : false",
		"false ? false : true ? true : false",
		"1 == 1.0 && 1u == 1 && 2 < 2.5 && 3u > -1 && -1 < 0u && 9223372036854775807 < 1e19",
		"-9223372036854775808 < 0 && 0x1f == 31 && 0xFFu == 255u",
		"self.d / 4.0 == 0.5",
		"self.big == 9007199254740993 && self.big != 9007199254740992",
		"size(self.s) == 5 && self.s.size() == 5 && size(self.l) == 3 && size(self.m) == 2 && "
		"size(b'\\xff\\x00') == 2",
		"self.s == 'h\\u00e9llo' && self.s == \"h\\303\\251llo\" || self.s == 'h\\xe9llo'",
		"'a' + 'b' == 'ab' && [1] + [2] == [1, 2] && b'a' + b'b' == b'ab'",
		"r'\\d' == '\\\\d' && '''a'b\nc''' == 'a\\'b\\nc' && R\"x\" == 'x'",
		"'a' in self.m && !('z' in self.m) && 2 in self.l && !(5 in [1, 2])",
		"has(self.m.a) && !has(self.m.z) && !has(self.z) && self.n == null",
		"self.m['a'] == 1 && self.l[0] == 1 && self['i'] == 3",
		"self.l.all(x, x > 0) && self.l.exists(x, x == 2) && self.l.exists_one(x, x == 2) && self.e.all(x, "
		"false)",
		"!self.e.exists(x, true) && self.l.filter(x, x > 1) == [2, 3] && self.l.map(x, x * 2) == [2, 4, 6]",
		"self.l.map(x, x > 1, x * 10) == [20, 30] && self.m.all(k, self.m[k] > 0)",
		"self.l.all(x, self.l.all(y, x + y <= 6)) && self.l.all(i, i > 0) && self.i == 3",
		"self.o.all(a, self.o.exists_one(b, a.k == b.k))",
		"true || self.z == 1 || self.z",
		"self.z == 1 || true",
		"!(false && self.z) && !(self.z && false)",
		"self.l.exists(x, x == 3 || self.z)",
		"!self.l.all(x, x > 1 && self.z != 1)",
		"'abc'.contains('b') && 'abc'.startsWith('ab') && 'abc'.endsWith('bc') && !'abc'.contains('x') && "
		"''.contains('')",
		"'a-1'.matches('^[a-z]-[0-9]$') && matches('xay', 'a') && !'b'.matches('^a')",
		"self.s.charAt(1) == '\xc3\xa9' && self.s.substring(2) == 'llo' && self.s.substring(0, 2) == "
		"'h\xc3\xa9' && 'a'.charAt(1) == ''",
		"self.s.indexOf('l') == 2 && self.s.lastIndexOf('l') == 3 && self.s.indexOf('l', 3) == 3 && "
		"'a'.indexOf('z') == -1",
		"'A,b,c'.split(',') == ['A', 'b', 'c'] && 'a,b,c'.split(',', 2) == ['a', 'b,c'] && 'ab'.split('') == "
		"['a', 'b']",
		"'a,b'.split(',', 0) == [] && ['a', 'b'].join('-') == 'a-b' && ['a', 'b'].join() == 'ab'",
		"'Aa'.lowerAscii() == 'aa' && 'Aa'.upperAscii() == 'AA' && ' a '.trim() == 'a'",
		"'aaa'.replace('a', 'b') == 'bbb' && 'aaa'.replace('a', 'b', 1) == 'baa'",
		"[1, 2, 2].isSorted() && !self.names.isSorted() && [3, 1].min() == 1 && [3, 1].max() == 3 && [1, "
		"2].sum() == 3",
		"['a', 'b', 'a'].indexOf('a') == 0 && ['a', 'b', 'a'].lastIndexOf('a') == 2 && [].sum() == 0",
		"int('12') == 12 && int(2.9) == 2 && uint(3) == 3u && double('1.5') == 1.5 && string(12) == '12' && "
		"bool('true')",
		"string(1.5) == '1.5' && string(true) == 'true' && string(1u) == '1' && string(b'a') == 'a'",
		"type(1) == int && type('a') == string && type([]) == list && type({}) == map && type(null) == "
		"null_type",
		"dyn(1) == 1 && {'a': 1, 'b': [2]} == {'b': [2], 'a': 1} && {1: 'x'}[1] == 'x'",
		"self.wait == duration('90s') && self.wait > duration('1ms') && self.wait.getMinutes() == 1 && "
		"self.wait.getSeconds() == 90",
		"self.at == timestamp('2026-01-01T00:00:00Z') && self.at + duration('1h') > self.at && self.at - "
		"self.at == duration('0s')",
		"string(duration('1.5s')) == '1.5s' && self.raw == b'hi'",
		"self.__in__ == 7 && self.a__dot__b__dash__c__slash__d == 8",
		"isURL('https://a.example/x?y') && !isURL('a b') && url('https://h:8443/p?q').getScheme() == 'https'",
		"url('https://h:8443/p?q').getHost() == 'h:8443' && url('https://[::1]:1/').getHostname() == '::1'",
		"url('https://h:8443/p?q').getPort() == '8443' && url('/p?q').getEscapedPath() == '/p' && "
		"url('https://h').getPort() == ''",
		"isIP('10.0.0.1') && isIP('::1') && !isIP('x') && isCIDR('10.0.0.0/8') && !isCIDR('10.0.0.0/33') && "
		"!isCIDR('10.0.0.0')",
		"(has(self.m.a) ? 1 : 0) + (has(self.m.z) ? 1 : 0) <= 1",
		"self.i != 4 // a comment\n && true",
		"1 != 'a' && null != 1 && [1] != [2] && [1] != [1, 2] && {'a': 1} != {'a': 2}",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct err e = ERR_INIT;
		int r = eval(rows[i], NULL, &e);

		if (r != 1)
			fail_msg("%s: %d %s", rows[i], r, e.msg);
	}
}

static void expressions_that_fail(void **state)
{
	static const char *const rows[][2] = {
		{"self.z == 1", "no such key: z"},
		{"self.s.x == 1", "no such key: x"},
		{"self.l[3] == 1", "index out of bounds: 3"},
		{"self.l['a'] == 1", "no such overload"},
		{"self.m['z'] == 1", "no such key: z"},
		{"1 / 0 == 1", "division by zero"},
		{"1 % 0 == 1", "modulus by zero"},
		{"9223372036854775807 + 1 > 0", "integer overflow"},
		{"-9223372036854775808 / -1 > 0", "integer overflow"},
		{"1u - 2u > 0u", "overflow"},
		{"1 + 1.0 == 2.0", "no such overload"},
		{"'a' < 1", "no such overload"},
		{"!1", "no such overload"},
		{"1 ? true : false", "no such overload"},
		{"1 && true", "no such overload"},
		{"self.l.all(x, x)", "no such overload"},
		{"self.i.all(x, true)", "no such overload"},
		{"self.l.all(x, self.z > x)", "no such key: z"},
		{"int('x') == 1", "'x' is no int"},
		{"int(' 1') == 1", "is no int"},
		{"duration('x') == duration('1s')", "is no duration"},
		{"'a'.matches('[')", "no regular expression"},
		{"'abc'.substring(2, 1) == ''", "out of range"},
		{"[].min() == 1", "empty list"},
		{"[1, 'a'].sum() == 1", "no such overload"},
		{"{'a': 1, 'a': 2} == {}", "twice"},
		{"url('a b').getHost() == ''", "URL parse error"},
		{"self.i", "it gives a int, not a bool"},
		{"self.l.map(a, self.l.map(b, self.l.map(c, self.l.map(d, self.l.map(e, self.l.map(f, self.l.map(g, "
		 "self.l.map(h, self.l.map(i, self.l.map(j, self.l.map(k, self.l.map(l, self.l.map(m, m))))))))))))) "
		 "== []",
		 "steps"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct err e = ERR_INIT;
		int r = eval(rows[i][0], NULL, &e);

		if (r != -1 || !strstr(e.msg, rows[i][1]))
			fail_msg("%s: %d '%s', want '%s'", rows[i][0], r, e.msg, rows[i][1]);
	}
}

static void refused_when_compiled(void **state)
{
	static const char *const rows[][2] = {
		{"", "ends too early"},
		{"1 +", "ends too early"},
		{"(1", "')' is expected"},
		{"1 2", "an operator is expected"},
		{"selfish", "undeclared reference to 'selfish'"},
		{"self.l.all(x, y)", "undeclared reference to 'y'"},
		{"self.l.all(x, true) && x", "undeclared reference to 'x'"},
		{"quantity('1').isGreaterThan(quantity('2'))", "'quantity' with 1 arguments is not evaluated"},
		{"self.?a.orValue(1) == 1", "optional"},
		{"self.l.transformList(i, v, v) == []", "undeclared reference to 'i'"},
		{"self.l.all(i, self, true)", "two variables"},
		{"self.l.frob()", "'frob' with 0 arguments"},
		{"size()", "'size' with 0 arguments"},
		{"has(self)", "wants a field"},
		{"X{a: 1}", "undeclared reference to 'X'"},
		{"'abc", "does not end"},
		{"'\\q'", "an escape"},
		{"9223372036854775808", "out of range"},
		{"99999999999999999999", "out of range"},
		{"self.a # 1", "not of the language"},
		{"self.1", "operator"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(arena_done) struct arena a = ARENA_INIT;
		struct err e = ERR_INIT;

		if (cel_compile(&a, &cel_rule_variables, slice_str(rows[i][0]), &e) || !strstr(e.msg, rows[i][1]))
			fail_msg("%s: '%s', want '%s'", rows[i][0], e.msg, rows[i][1]);
	}
}

/* However an expression nests, it is refused before the stack ends. */
static void depths(void **state)
{
	static const char *const rows[][2] = {{"(", ")"},   {"!", ""},      {"-", ""},
					      {"[", "]"},   {"1+", ""},     {"true?true:", ""},
					      {"{1:", "}"}, {"size(", ")"}, {"true&&", ""}};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(arena_done) struct arena a = ARENA_INIT;
		CLEANUP(buf_done) struct buf b = BUF_INIT;
		struct err e = ERR_INIT;

		for (int k = 0; k < 1500; k++)
			buf_append_str(&b, rows[i][0]);
		buf_append_str(&b, "1");
		for (int k = 0; k < 1500; k++)
			buf_append_str(&b, rows[i][1]);
		if (cel_compile(&a, &cel_rule_variables, buf_slice(&b), &e) ||
		    (!strstr(e.msg, "nested more") && !strstr(e.msg, "more than")))
			fail_msg("%s: %s", rows[i][0], e.msg);
	}
}

/* ---- rules ---- */

static void assert_problems(const char *schema_json, const char *object, const char *before, const char *want)
{
	CLEANUP(arena_done) struct arena a = ARENA_INIT;
	CLEANUP(json_freep) cJSON *sj = json(schema_json), *o = json(object), *b = before ? json(before) : NULL;
	CLEANUP(buf_done) struct buf out = BUF_INIT;
	const struct schema *s = schema_compile(&a, sj);
	struct problems p = {.arena = &a};
	const struct cel_rules *rules = cel_rules_new(&a, s, "at", &p);

	if (!p.n) {
		schema_validate(s, o, "", &p);
		cel_rules_check(rules, o, b, &p);
	}
	for (size_t i = 0; i < p.n; i++)
		buf_printf(&out, "%s%s: %s", i ? "; " : "", p.v[i].field, p.v[i].text);
	if (strcmp(buf_str(&out), want) != 0)
		fail_msg("%s\nhave: %s\nwant: %s", object, buf_str(&out), want);
}

#define RULE(...) "'x-kubernetes-validations':[{" __VA_ARGS__ "}]"
#define SPEC(...) "{'type':'object','properties':{'spec':{" __VA_ARGS__ "}}}"

static void rules_of_a_schema(void **state)
{
	static const struct {
		const char *schema, *object, *before, *want;
	} rows[] = {
		{SPEC("'type':'object','properties':{'a':{'type':'integer'}}," RULE("'rule':'self.a > 1'")),
		 "{'spec':{'a':2}}", NULL, ""},
		{SPEC("'type':'object','properties':{'a':{'type':'integer'}}," RULE("'rule':'self.a > 1'")),
		 "{'spec':{'a':1}}", NULL, "spec: Invalid value: failed rule: self.a > 1"},
		{SPEC("'type':'object'," RULE(
			 "'rule':'false','message':'never','fieldPath':'.a','reason':'FieldValueForbidden'")),
		 "{'spec':{}}", NULL, "spec.a: Forbidden: never"},
		{SPEC("'type':'object','properties':{'a':{'type':'integer'}}," RULE(
			 "'rule':'false','message':'never','messageExpression':'\\'a is \\' + string(self.a)'")),
		 "{'spec':{'a':4}}", NULL, "spec: Invalid value: a is 4"},
		{SPEC("'type':'object','properties':{'a':{'type':'integer'}}," RULE("'rule':'self.b == 1'")),
		 "{'spec':{'a':4}}", NULL,
		 "spec: Invalid value: rule evaluation error: no such key: b evaluating rule: self.b == 1"},
		/* Items, and values of a map. */
		{SPEC("'type':'array','items':{'type':'integer'," RULE("'rule':'self > 1'") "}"), "{'spec':[2,1]}",
		 NULL, "spec[1]: Invalid value: 1: failed rule: self > 1"},
		{SPEC("'type':'object','additionalProperties':{'type':'string'," RULE("'rule':'self != \\'x\\''") "}"),
		 "{'spec':{'k':'x'}}", NULL, "spec[k]: Invalid value: \"x\": failed rule: self != \"x\""},
		/* oldSelf: only where there is one, by key in lists of maps, never in other lists. */
		{SPEC("'type':'string'," RULE("'rule':'self == oldSelf','message':'fixed'")), "{'spec':'a'}", NULL, ""},
		{SPEC("'type':'string'," RULE("'rule':'self == oldSelf','message':'fixed'")), "{'spec':'a'}",
		 "{'spec':'b'}", "spec: Invalid value: \"a\": fixed"},
		{SPEC("'type':'array','x-kubernetes-list-type':'map','x-kubernetes-list-map-keys':['n'],'items':{'type'"
		      ":'object',"
		      "'properties':{'n':{'type':'string'},'v':{'type':'integer'," RULE(
			      "'rule':'self >= oldSelf'") "}}}"),
		 "{'spec':[{'n':'b','v':1},{'n':'a','v':1}]}", "{'spec':[{'n':'a','v':2}]}",
		 "spec[1].v: Invalid value: 1: failed rule: self >= oldSelf"},
		{SPEC("'type':'array','items':{'type':'integer'," RULE("'rule':'self == oldSelf'") "}"), "{'spec':[]}",
		 NULL,
		 "at.properties[spec].items.x-kubernetes-validations[0].rule: Invalid value: \"self == oldSelf\": "
		 "oldSelf cannot "
		 "be used on the uncorrelatable portion of the schema"},
		{SPEC("'type':'string'," RULE("'rule':'quantity(self).sign() > 0'")), "{'spec':'1'}", NULL,
		 "at.properties[spec].x-kubernetes-validations[0].rule: Invalid value: \"quantity(self).sign() > 0\": "
		 "compilation "
		 "failed: at 14: function 'quantity' with 1 arguments is not evaluated by this cluster"},
		{SPEC("'type':'string'," RULE("'rule':'true','optionalOldSelf':true")), "{'spec':'1'}", NULL,
		 "at.properties[spec].x-kubernetes-validations[0].optionalOldSelf: Invalid value: \"true\": "
		 "optionalOldSelf is not "
		 "evaluated by this cluster"},
		/* Values of the wrong type do not reach a rule; those that are only out of range do. */
		{SPEC("'type':'integer','maximum':5," RULE("'rule':'self < 3'")), "{'spec':'x'}", NULL,
		 "spec: Invalid value: \"string\": spec in body must be of type integer: \"string\"; <nil>: Invalid "
		 "value: null: some "
		 "validation rules were not checked because the object was invalid; correct the existing errors to "
		 "complete "
		 "validation"},
		{SPEC("'type':'integer','maximum':5," RULE("'rule':'self < 3'")), "{'spec':7}", NULL,
		 "spec: Invalid value: 7: spec in body should be less than or equal to 5; spec: Invalid value: 7: "
		 "failed "
		 "rule: self < 3"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		assert_problems(rows[i].schema, rows[i].object, rows[i].before, rows[i].want);
}

/* All rules over one object share a budget: many cheap ones are no way around it. */
static void the_budget_is_shared(void **state)
{
	CLEANUP(arena_done) struct arena a = ARENA_INIT;
	CLEANUP(json_freep)
	cJSON *sj = json(
		"{'type':'array','items':{'type':'array'," RULE("'rule':'self.all(x, self.exists(y, y == x))'") "}}");
	CLEANUP(json_freep) cJSON *o = cJSON_CreateArray();
	const struct schema *s = schema_compile(&a, sj);
	struct problems p = {.arena = &a};

	(void)state;
	for (int i = 0; i < 60; i++) {
		cJSON *list = cJSON_CreateArray();

		for (int k = 0; k < 500; k++)
			cJSON_AddItemToArray(list, cJSON_CreateNumber(k));
		cJSON_AddItemToArray(o, list);
	}
	cel_rules_check(cel_rules_new(&a, s, "", NULL), o, NULL, &p);
	assert_true(p.n > 0 && p.n < 60);
	assert_non_null(strstr(p.v[0].text, "steps"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(expressions_that_hold), cmocka_unit_test(expressions_that_fail),
		cmocka_unit_test(refused_when_compiled), cmocka_unit_test(depths),
		cmocka_unit_test(rules_of_a_schema),     cmocka_unit_test(the_budget_is_shared),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
