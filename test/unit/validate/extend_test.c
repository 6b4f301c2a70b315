/* Validation of EnvoyFilters, Telemetry, WasmPlugins and ProxyConfigs; and the syntax of CEL. */
#include "cel/cel.h"
#include "rows.h"

#define EF(spec) OBJECT("networking.istio.io/v1alpha3", "EnvoyFilter", "", spec)
#define PATCH(patch) EF("{configPatches: [" patch "]}")
#define REMOVE "patch: {operation: REMOVE}"
#define ADD(value) "patch: {operation: ADD, value: " value "}"
#define ON(apply, match) PATCH("{applyTo: " apply ", match: " match ", " REMOVE "}")
#define FILTER(apply, filter) ON(apply, "{listener: {filterChain: {filter: " filter "}}}")
#define HCM "envoy.filters.network.http_connection_manager"
#define P0 "spec.configPatches[0]"

static const struct row filters[] = {
	{EF("{}"), FINE, NULL, NULL},
	{EF("{workloadSelector: {}}"), WARNED, "spec.workloadSelector", "all workloads"},
	{EF("{workloadSelector: {labels: {a: '*'}}}"), REFUSED, "spec.workloadSelector", "wildcard"},
	{PATCH("{" REMOVE "}"), REFUSED, P0 ".applyTo", "missing applyTo"},
	{PATCH("{applyTo: CLUSTER}"), REFUSED, P0 ".patch", "missing patch"},
	{PATCH("{applyTo: CLUSTER, patch: {}}"), REFUSED, P0 ".patch.operation", "missing patch operation"},
	{PATCH("{applyTo: CLUSTER, patch: {operation: ADD}}"), REFUSED, P0 ".patch.value", "missing patch value"},
	{PATCH("{applyTo: CLUSTER, " REMOVE "}"), FINE, NULL, NULL},
	{ON("CLUSTER", "{proxy: {proxyVersion: '^1[.]'}}"), FINE, NULL, NULL},
	{ON("CLUSTER", "{proxy: {proxyVersion: '['}}"), REFUSED, P0 ".match.proxy.proxyVersion", "RE2"},
	{ON("LISTENER", "{cluster: {}}"), REFUSED, P0 ".match", "LISTENER is part of a listener"},
	{ON("FILTER_CHAIN", "{cluster: {}}"), REFUSED, P0 ".match", "FILTER_CHAIN is part of a listener"},
	{ON("NETWORK_FILTER", "{routeConfiguration: {}}"), REFUSED, P0 ".match", "only listener"},
	{ON("HTTP_FILTER", "{cluster: {}}"), REFUSED, P0 ".match", "only listener"},
	{ON("ROUTE_CONFIGURATION", "{cluster: {}}"), REFUSED, P0 ".match", "only routeConfiguration"},
	{ON("VIRTUAL_HOST", "{listener: {}}"), REFUSED, P0 ".match", "only routeConfiguration"},
	{ON("HTTP_ROUTE", "{listener: {}}"), REFUSED, P0 ".match", "only routeConfiguration"},
	{ON("CLUSTER", "{listener: {}}"), REFUSED, P0 ".match", "only cluster"},
	{ON("CLUSTER", "{cluster: {}}"), FINE, NULL, NULL},
	{FILTER("NETWORK_FILTER", "{}"), REFUSED, P0 ".match.listener.filterChain.filter.name", "must be named"},
	{FILTER("NETWORK_FILTER", "{name: a, subFilter: {name: b}}"), REFUSED, P0 ".match.listener.filterChain.filter",
	 "for applyTo HTTP_FILTER"},
	{FILTER("HTTP_FILTER", "{name: a, subFilter: {name: b}}"), REFUSED, P0 ".match.listener.filterChain.filter",
	 "not within a"},
	{FILTER("HTTP_FILTER", "{name: " HCM ", subFilter: {}}"), REFUSED,
	 P0 ".match.listener.filterChain.filter.subFilter.name", "must be named"},
	{FILTER("HTTP_FILTER", "{name: " HCM ", subFilter: {name: a}}"), FINE, NULL, NULL},
	{FILTER("HTTP_FILTER", "{name: envoy.http_connection_manager}"), WARNED,
	 P0 ".match.listener.filterChain.filter.name", "use \"" HCM "\""},
	{FILTER("HTTP_FILTER", "{name: " HCM ", subFilter: {name: envoy.router}}"), WARNED,
	 P0 ".match.listener.filterChain.filter.subFilter.name", "envoy.filters.http.router"},
	{FILTER("LISTENER", "{name: a}"), WARNED, P0 ".match.listener.filterChain.filter", "no effect"},
	{FILTER("FILTER_CHAIN", "{name: a}"), WARNED, P0 ".match.listener.filterChain.filter", "no effect"},
	{PATCH("{applyTo: CLUSTER, " ADD("{name: a}") "}"), FINE, NULL, NULL},
	{PATCH("{applyTo: CLUSTER, " ADD("{name: false}") "}"), REFUSED, P0 ".patch.value.name", "must be a string"},
	{PATCH("{applyTo: HTTP_FILTER, " ADD("{name: a, typed_config: {'@type': type.googleapis.com/a.v3.B}}") "}"),
	 FINE, NULL, NULL},
	{PATCH("{applyTo: HTTP_FILTER, " ADD("{name: a, typedConfig: {'@type': x}}") "}"), REFUSED,
	 P0 ".patch.value.typedConfig.@type", "URL of a message's type"},
	{PATCH("{applyTo: CLUSTER, " ADD("{l: [{t: {'@type': type.googleapis.com/envoy.api.v2.A}}]}") "}"), REFUSED,
	 P0 ".patch.value.l.t.@type", "those of v3"},
	{PATCH("{applyTo: HTTP_FILTER, " ADD("{name: a}") "}"), WARNED, P0 ".patch.value", "without typed_config"},
	{PATCH("{applyTo: NETWORK_FILTER, " ADD("{name: a}") "}"), WARNED, P0 ".patch.value", "without typed_config"},
	{PATCH("{applyTo: HTTP_FILTER, " ADD("{name: a, config_discovery: {}}") "}"), FINE, NULL, NULL},
};

#define TM(spec) OBJECT("telemetry.istio.io/v1alpha1", "Telemetry", "", spec)
#define TRACING(tracing) TM("{tracing: [" tracing "]}")
#define TAG(tag) TRACING("{customTags: {t: " tag "}}")
#define METRICS(metrics) TM("{metrics: [" metrics "]}")
#define OVERRIDE(tags) METRICS("{overrides: [{tagOverrides: {" tags "}}]}")
#define LOGS(logs) TM("{accessLogging: [" logs "]}")

static const struct row telemetry[] = {
	{TM("{}"), FINE, NULL, NULL},
	{TM("{selector: {matchLabels: {a: b}}, targetRef: {group: gateway.networking.k8s.io, kind: Gateway, name: g}}"),
	 REFUSED, "spec.targetRef", "only one of"},
	{TM("{selector: {}}"), WARNED, "spec.selector", "all workloads"},
	{TRACING("{providers: [{}]}"), REFUSED, "spec.tracing[0].providers[0].name", "must be named"},
	{TRACING("{providers: [{name: a}, {name: b}]}"), WARNED, "spec.tracing[0].providers", "only the first"},
	{TRACING("{}, {}"), WARNED, "spec.tracing", "only the first"},
	{TRACING("{randomSamplingPercentage: 100}"), FINE, NULL, NULL},
	{TRACING("{randomSamplingPercentage: 101}"), REFUSED, "spec.tracing[0].randomSamplingPercentage", "101"},
	{TRACING("{randomSamplingPercentage: -1}"), REFUSED, "spec.tracing[0].randomSamplingPercentage", "-1"},
	{TAG("{literal: {value: a}}"), FINE, NULL, NULL},
	{TAG("{literal: {}}"), REFUSED, "spec.tracing[0].customTags[t].literal.value", "must not be empty"},
	{TAG("{header: {}}"), REFUSED, "spec.tracing[0].customTags[t].header.name", "must be named"},
	{TAG("{environment: {}}"), REFUSED, "spec.tracing[0].customTags[t].environment.name", "must be named"},
	{TRACING("{customTags: {'': {literal: {value: a}}}}"), REFUSED, "spec.tracing[0].customTags[]",
	 "must not be empty"},
	{METRICS("{providers: [{}]}"), REFUSED, "spec.metrics[0].providers[0].name", "must be named"},
	{METRICS("{overrides: [{match: {customMetric: ''}}]}"), REFUSED,
	 "spec.metrics[0].overrides[0].match.customMetric", "must be named"},
	{OVERRIDE("a: {value: b}, c: {operation: REMOVE}"), FINE, NULL, NULL},
	{OVERRIDE("a: {}"), REFUSED, "spec.metrics[0].overrides[0].tagOverrides[a]", "needs a value"},
	{OVERRIDE("a: {operation: REMOVE, value: b}"), REFUSED, "spec.metrics[0].overrides[0].tagOverrides[a]",
	 "has no value"},
	{OVERRIDE("'': {value: b}"), WARNED, "spec.metrics[0].overrides[0].tagOverrides[]", "should not be empty"},
	{LOGS("{providers: [{}]}"), REFUSED, "spec.accessLogging[0].providers[0].name", "must be named"},
	{LOGS("{filter: {expression: 'response.code >= 400'}}"), FINE, NULL, NULL},
	{LOGS("{filter: {expression: ')++++'}}"), REFUSED, "spec.accessLogging[0].filter.expression", "at 0"},
	{LOGS("{filter: {}}"), REFUSED, "spec.accessLogging[0].filter.expression", "ends too early"},
};

#define WP(spec) OBJECT("extensions.istio.io/v1alpha1", "WasmPlugin", "", spec)
#define SUM "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcde"
#define PC(spec) NET("ProxyConfig", spec)

static const struct row proxies[] = {
	{WP("{url: 'oci://a.b/c:1', sha256: " SUM "f}"), FINE, NULL, NULL},
	{WP("{url: a.b/c}"), FINE, NULL, NULL},
	{WP("{}"), REFUSED, "spec.url", "must be set"},
	{WP("{url: 'ftp://a.b'}"), REFUSED, "spec.url", "not by ftp"},
	{WP("{url: ':a'}"), REFUSED, "spec.url", "is no URL"},
	{WP("{url: a, sha256: " SUM "}"), REFUSED, "spec.sha256", "64 digits"},
	{WP("{url: a, sha256: " SUM "F}"), REFUSED, "spec.sha256", "64 digits"},
	{WP("{url: a, vmConfig: {env: [{name: A}, {name: B}]}}"), FINE, NULL, NULL},
	{WP("{url: a, vmConfig: {env: [{value: b}]}}"), REFUSED, "spec.vmConfig.env[0].name", "must be named"},
	{WP("{url: a, vmConfig: {env: [{name: A}, {name: A}]}}"), REFUSED, "spec.vmConfig.env[1].name", "twice"},
	{WP("{url: a, match: [{ports: [{number: 80}, {number: 0}]}]}"), REFUSED, "spec.match[0].ports[1].number",
	 "port number 0"},
	{WP("{url: a, targetRef: {group: g, kind: Gateway, name: g}}"), REFUSED, "spec.targetRef", "\"g\""},
	{PC("{concurrency: 0}"), FINE, NULL, NULL},
	{PC("{concurrency: -1}"), REFUSED, "spec.concurrency", "-1"},
	{PC("{selector: {matchLabels: {'*': b}}}"), REFUSED, "spec.selector", "wildcard"},
};

TEST_ROWS(filters)
TEST_ROWS(telemetry)
TEST_ROWS(proxies)

static void test_deep_value(void **state)
{
	CLEANUP(buf_done) struct buf yaml = BUF_INIT;
	CLEANUP(json_freep) cJSON *json = NULL;
	struct api_object *o = NULL;
	struct row_found found = {.n = 0};

	(void)state;
	buf_append_str(
		&yaml,
		"{apiVersion: networking.istio.io/v1alpha3, kind: EnvoyFilter, metadata: {name: x, namespace: s}, "
		"spec: {configPatches: [{applyTo: CLUSTER, patch: {operation: ADD, value: ");
	for (int i = 0; i < 70; i++)
		buf_append_str(&yaml, "{a: ");
	buf_append_str(&yaml, "b");
	for (int i = 0; i < 74; i++)
		buf_append_str(&yaml, i == 71 ? "}]" : "}");
	assert_int_equal(yaml_parse(buf_slice(&yaml), &json, NULL), 0);
	assert_int_equal(api_object_decode(json, NULL, NULL, &o, NULL), 0);
	validate_object(o, row_note, NULL, &found);
	api_object_unref(o);
	assert_int_equal(found.n, 1);
	assert_non_null(strstr(found.text, "nested deeper than 64"));
}

static void test_cel(void **state)
{
	static const char *const good[] = {
		"a",
		"a.b.c(1, \"x\")[0]",
		"response.code >= 400 && !(connection.mtls || request.url_path.contains('v1beta3'))",
		"a ? b : c ? d : e",
		"[1, 2.5, 0x1F, 3u, .5, 1e-3, ]",
		"{'a': 1, b.c: [true]}",
		"A.B{x: 1}",
		"r'\\' + b\"\\\"\" + '''a'b\n'''",
		"--1 in [2] // comment",
		"-a.b",
		"inner in outer",
	};
	static const char *const bad[] = {
		"",    " ",     "a b",     "a +",  "(a",       "a)",        "[1, 2", "{a: }",
		"{a}", "a ? b", "a ? : c", "'a",   "\"a\nb\"", "'''a''",    "1a",    "0x",
		"1e",  "a.",    "a[1",     "a..b", "!",        "a && || b", ")++++", "a == = b",
	};
	char deep[2 * CEL_DEPTH_MAX + 2] = "";
	struct err e = ERR_INIT;

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		if (cel_check(slice_str(good[i]), &e) < 0)
			fail_msg("%s: %s", good[i], e.msg);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (cel_check(slice_str(bad[i]), NULL) == 0)
			fail_msg("%s: accepted", bad[i]);
	memset(deep, '(', CEL_DEPTH_MAX);
	assert_int_equal(cel_check(slice_str(deep), &e), -EINVAL);
	assert_non_null(strstr(e.msg, "nested more"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_filters), cmocka_unit_test(test_telemetry),  cmocka_unit_test(test_proxies),
		cmocka_unit_test(test_cel),     cmocka_unit_test(test_deep_value),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
