/* Values in the places of a custom template's actions, and what is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "inject/internal.h"
#include "msg/yaml.h"

static const struct {
	const char *template, *want; /* text, or after "!" a part of the refusal */
} rows[] = {
	{"plain: text", "plain: text"},
	{"a: {{ .ObjectMeta.Name }}", "a: web-1"},
	{"a: {{.ObjectMeta.Namespace}}-{{.DeploymentMeta.Name}}", "a: shop-web"},
	{"a: {{ .Values.global.proxy.image }}", "a: p:1"},
	{"a: {{ .ProxyConfig.DiscoveryAddress }} {{ .Revision }}", "a: d:1 basic"},
	{"a: {{ .Spec.ServiceAccountName }}", "a: sa"},
	{"a: {{ index .ObjectMeta.Labels \"app\" }}", "a: web"},
	{"a: {{ index .Values \"global\" `proxy` \"image\" }}", "a: p:1"},
	{"a: {{ annotation .ObjectMeta `x/y` .Values.global.proxy.image }}", "a: z"},
	{"a: {{ annotation .ObjectMeta \"no\" .Values.global.proxy.image }}", "a: p:1"},
	{"a: {{ .ObjectMeta.Name | quote }}", "a: \"web-1\""},
	{"a: {{ .Values.none | default \"d|e\" }}", "a: d|e"},
	{"a: {{ .Values.empty | default \"d\" | quote }}", "a: \"d\""},
	{"a: {{ .Values.global.proxy | toJson }}", "a: {\"image\":\"p:1\",\"n\":7}"},
	{"a: {{ .Values.global.proxy.n }}", "a: 7"},
	{"a: {{ \"te\\\"xt\" }}", "a: te\"xt"},
	{"a:\n  {{- .Revision -}}\n b", "a:basicb"},
	{"a{{/* said to nobody */}}b", "ab"},
	{"{{ if .Values.x }}", "!{{if .Values.x}}: only index and annotation take arguments"},
	{"{{ range .Values }}", "!only index and annotation take arguments"},
	{"{{ end }}", "!only values are put in here"},
	{"{{ $x := 1 }}", "!only index and annotation take arguments"},
	{"{{ .Values.none }}", "!there is no such value"},
	{"{{ .Values.none | quote }}", "!there is no such value"},
	{"{{ .Revision | upper }}", "!of pipes only quote, default and toJson are known"},
	{"{{ .Revision", "!an action is not closed"},
	{"{{ \"open }}", "!a quoted text is not closed"},
	{"{{ }}", "!only values are put in here"},
};

static void test_rows(void **state)
{
	static const char yaml[] =
		"{metadata: {name: web-1, namespace: shop, labels: {app: web}, annotations: {x/y: z}, "
		"ownerReferences: [{apiVersion: apps/v1, kind: StatefulSet, name: web, uid: u, controller: "
		"true}]}, spec: {serviceAccountName: sa, containers: [{name: a}]}}";
	CLEANUP(arena_done) struct arena a = ARENA_INIT;
	CLEANUP(json_freep) cJSON *json = NULL;
	CLEANUP(json_freep)
	cJSON *values = cJSON_Parse("{\"global\":{\"proxy\":{\"image\":\"p:1\",\"n\":7}},\"empty\":\"\"}");
	CLEANUP(json_freep) cJSON *config = cJSON_Parse("{\"discoveryAddress\":\"d:1\"}");
	const struct inject i = {.cfg = {.revision = "basic"}};
	struct injection x = {.i = &i, .a = &a, .ns = "shop", .values = values, .proxy_config = config};

	(void)state;
	assert_int_equal(yaml_parse(slice_str(yaml), &json, NULL), 0);
	x.pod = msg_new_from_json(&core_pod_desc, json, &a, NULL);
	for (size_t n = 0; n < ARRAY_LEN(rows); n++) {
		CLEANUP(buf_done) struct buf out = BUF_INIT;
		struct err e = ERR_INIT;
		int r = inject_fill_in(&x, rows[n].template, &out, &e);

		if (*rows[n].want == '!' ? r == 0 || !strstr(e.msg, rows[n].want + 1)
					 : r < 0 || strcmp(buf_str(&out), rows[n].want) != 0)
			fail_msg("row %zu: %d '%s' %s", n, r, buf_str(&out), e.msg);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_rows)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
