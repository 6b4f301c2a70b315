/* What the mesh's settings say of traces: which collector, how it is reached, whose requests, which tags. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include "decide.h"

#define JAEGER                                                                                                         \
	"{apiVersion: v1, kind: Service, metadata: {name: jaeger, namespace: istio-system}, spec: {clusterIP: "        \
	"10.96.0.90, ports: [{name: http-zipkin, port: 9411}]}}"
#define NARROW                                                                                                         \
	"{apiVersion: networking.istio.io/v1alpha3, kind: Sidecar, metadata: {name: s, namespace: shop}, spec: "       \
	"{egress: [{hosts: [shop/*]}]}}"

static struct world w;
static struct decide d;
static struct arena a;

static void start(const char *mesh, const char *more)
{
	const char *const yaml[] = {world_shop, JAEGER, more ? more : JAEGER, NULL};
	const struct proxy p = world_proxy(&a, "sidecar", "shop", "app=catalog");

	world_init(&w, mesh, yaml);
	decide_init(&d, &w, &p);
}

static void stop(void)
{
	decide_done(&d);
	world_done(&w);
	arena_done(&a);
	memset(&a, 0, sizeof a);
}

/* The tracing of a listener, NULL = none. */
static const struct filter_tracing *tracing(void)
{
	const struct decide_conn c = {.ip = "10.96.0.21", .port = 8080, .alpn = "http/1.1"};
	const struct config_hcm *hcm = decide_chain(&d, &c)->hcm;

	return hcm->filters[0].kind == FILTER_TRACING ? hcm->filters[0].config : NULL;
}

static const struct {
	const char *mesh;
	const char *cluster; /* NULL = no tracing */
	enum tracing_provider provider;
	uint32_t random;
	enum config_cluster_type type; /* of the collector's cluster */
} rows[] = {
	{"", NULL, 0, 0, 0},
	{"defaultConfig: {tracing: {sampling: 50}}", NULL, 0, 0, 0},
	{"defaultConfig: {tracing: {zipkin: {address: 'jaeger.istio-system:9411'}}}",
	 "outbound|9411||jaeger.istio-system.svc.cluster.local", TRACING_ZIPKIN, 100, CONFIG_CLUSTER_EDS},
	{"defaultConfig: {tracing: {sampling: 100, zipkin: {address: 'jaeger.istio-system.svc:9411'}}}",
	 "outbound|9411||jaeger.istio-system.svc.cluster.local", TRACING_ZIPKIN, 10000, CONFIG_CLUSTER_EDS},
	{"defaultConfig: {tracing: {sampling: 0, zipkin: {address: 'jaeger.istio-system.svc.cluster.local:9411'}}}",
	 "outbound|9411||jaeger.istio-system.svc.cluster.local", TRACING_ZIPKIN, 0, CONFIG_CLUSTER_EDS},
	{"defaultConfig: {zipkinAddress: 'spans.example.com:9411', tracing: {sampling: 0.5}}",
	 "outbound|9411||spans.example.com", TRACING_ZIPKIN, 50, CONFIG_CLUSTER_STRICT_DNS},
	/* a port that the service does not have */
	{"defaultConfig: {tracing: {zipkin: {address: 'jaeger.istio-system:80'}}}",
	 "outbound|80||jaeger.istio-system.svc.cluster.local", TRACING_ZIPKIN, 100, CONFIG_CLUSTER_STRICT_DNS},
	{"defaultConfig: {tracing: {zipkin: {address: 'no-port'}}}", NULL, 0, 0, 0},
	{"defaultConfig: {tracing: {zipkin: {address: 'x:70000'}}}", NULL, 0, 0, 0},
	/* named providers come first, as far as there are such */
	{"defaultProviders: {tracing: [none, otel]}\nextensionProviders: [{name: otel, opentelemetry: {service: "
	 "otel.example.com, port: 4317}}]\ndefaultConfig: {tracing: {zipkin: {address: 'jaeger.istio-system:9411'}}}",
	 "outbound|4317||otel.example.com", TRACING_OTLP_GRPC, 100, CONFIG_CLUSTER_STRICT_DNS},
	{"defaultProviders: {tracing: [z]}\nextensionProviders: [{name: z, zipkin: {service: "
	 "istio-system/jaeger.istio-system.svc.cluster.local, port: 9411}}]",
	 "outbound|9411||jaeger.istio-system.svc.cluster.local", TRACING_ZIPKIN, 100, CONFIG_CLUSTER_EDS},
	{"defaultProviders: {tracing: [none]}", NULL, 0, 0, 0},
};

static void collectors(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const struct filter_tracing *t;

		start(rows[i].mesh, NULL);
		t = tracing();
		if (!t != !rows[i].cluster)
			fail_msg("row %zu: %s", i, t ? "traced" : "not traced");
		if (t) {
			assert_string_equal(t->cluster.name, rows[i].cluster);
			assert_int_equal(t->provider, rows[i].provider);
			assert_int_equal(t->shares.random, rows[i].random);
			assert_int_equal(t->shares.client, 10000);
			assert_false(t->shared_spans);
			assert_non_null(decide_cluster(&d, rows[i].cluster).spec);
			assert_int_equal(decide_cluster(&d, rows[i].cluster).spec->type, rows[i].type);
		}
		stop();
	}
}

/* A Sidecar that sees its own namespace only still sends its spans, and to the service's own endpoints: not by name. */
static void beyond_the_scope(void **state)
{
	const struct config_cluster_spec *c;

	(void)state;
	start("defaultConfig: {tracing: {zipkin: {address: 'jaeger.istio-system:9411'}}}", NARROW);
	assert_non_null(tracing());
	c = decide_cluster(&d, "outbound|9411||jaeger.istio-system.svc.cluster.local").spec;
	assert_non_null(c);
	assert_int_equal(c->type, CONFIG_CLUSTER_EDS);
	stop();
}

static void custom_tags(void **state)
{
	(void)state;
	setenv("B", "set", 1);
	start("defaultConfig: {tracing: {maxPathTagLength: 10, customTags: {a: {literal: {value: x}}, b: {environment: "
	      "{name: B}}, "
	      "c: {header: {name: X-C, defaultValue: nobody}}, d: {header: {name: 'no name'}}, e: {}}, zipkin: "
	      "{address: "
	      "'jaeger.istio-system:9411'}}}",
	      NULL);
	assert_int_not_equal(decide_tag(tracing(), "a"), -2);
	assert_int_not_equal(decide_tag(tracing(), "b"), -2);
	assert_int_not_equal(decide_tag(tracing(), "c"), -2);
	assert_int_equal(decide_tag(tracing(), "d"), -2);
	assert_int_equal(decide_tag(tracing(), "e"), -2);
	stop();
}

static uint32_t longest_path(const struct filter_tracing *t)
{
	const int i = decide_tag(t, "http.url");

	assert_true(i >= 0);
	return t->tags[i].value.parts[t->tags[i].value.n - 1].max_bytes;
}

/* A provider has settings of its own, which go before those of the proxies. */
static void of_the_provider(void **state)
{
	static const char *const kinds[] = {"zipkin", "opentelemetry"};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
		CLEANUP(freep)
		char *mesh = mem_printf(
			"defaultProviders: {tracing: [z]}\nextensionProviders: [{name: z, %s: {service: "
			"spans.example.com, "
			"port: 9411, maxTagLength: 12%s}}]\ndefaultConfig: {tracing: {maxPathTagLength: 10}}",
			kinds[i], i ? "" : ", enable64bitTraceId: true");

		start(mesh, NULL);
		assert_int_equal(tracing()->short_ids, i == 0);
		assert_int_equal(longest_path(tracing()), 12);
		stop();
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(collectors),
		cmocka_unit_test(beyond_the_scope),
		cmocka_unit_test(custom_tags),
		cmocka_unit_test(of_the_provider),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
