/* The graph from metrics: whose word counts, what becomes one edge, what is an error, and the questions to Prometheus.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <math.h>
#include <stdio.h>
#include <cmocka.h>

#include "base/mem.h"
#include "console/graph/graph.h"
#include "console/source/source.h"
#include "msg/json.h"

static const char *label_of(const void *sample, const char *name)
{
	return prom_label(sample, name);
}

#define GATEWAY "\"source_workload\":\"gateway\",\"source_workload_namespace\":\"istio-system\","
#define CATALOG                                                                                                        \
	"\"destination_workload\":\"catalog\",\"destination_workload_namespace\":\"shop\",\"destination_canonical_"    \
	"service\":\"catalog-app\","
#define SERVICE "\"destination_service_name\":\"catalog-svc\",\"destination_service_namespace\":\"shop\""
#define BY_CLIENT "\"reporter\":\"source\",\"connection_security_policy\":\"unknown\","
#define BY_SERVER "\"reporter\":\"destination\",\"connection_security_policy\":\"mutual_tls\","

static void add(struct graph *g, enum graph_measure m, const char *labels, double value)
{
	CLEANUP(freep) char *text = mem_printf("{\"metric\":{%s}}", labels);
	CLEANUP(json_freep) cJSON *sample = json_literal(text);

	graph_add(g, m, sample, label_of, value);
}

static double number(const cJSON *o, const char *name)
{
	const cJSON *v = json_get(o, name);

	if (!cJSON_IsNumber(v))
		fail_msg("no %s", name);
	return v->valuedouble;
}

static const cJSON *only_edge(const cJSON *json)
{
	assert_int_equal(cJSON_GetArraySize(json_get(json, "edges")), 1);
	return json_get(json, "edges")->child;
}

/* The client saw errors that never reached the server, and waited longer. */
static void client_counts(void **state)
{
	struct graph *g = graph_new(GRAPH_WORKLOAD);
	cJSON *json;
	const cJSON *e;

	(void)state;
	add(g, GRAPH_REQUESTS, GATEWAY CATALOG BY_CLIENT SERVICE ",\"response_code\":\"200\"", 6);
	add(g, GRAPH_REQUESTS, GATEWAY CATALOG BY_CLIENT SERVICE ",\"response_code\":\"503\",\"response_flags\":\"FI\"",
	    2);
	add(g, GRAPH_REQUESTS, GATEWAY CATALOG BY_SERVER SERVICE ",\"response_code\":\"200\"", 6);
	add(g, GRAPH_AVERAGE, GATEWAY CATALOG BY_CLIENT SERVICE, 5000);
	add(g, GRAPH_AVERAGE, GATEWAY CATALOG BY_SERVER SERVICE, 3);
	add(g, GRAPH_P95, GATEWAY CATALOG BY_CLIENT SERVICE, NAN);
	add(g, GRAPH_P95, GATEWAY CATALOG BY_SERVER SERVICE, 4);
	json = graph_json(g, NULL, NULL);
	e = only_edge(json);
	assert_string_equal(json_get_str(e, "source"), "workload/istio-system/gateway");
	assert_string_equal(json_get_str(e, "target"), "workload/shop/catalog");
	assert_string_equal(json_get_str(e, "protocol"), "http");
	assert_true(number(e, "rate") == 8);
	assert_true(number(e, "errorRate") == 0.25);
	assert_true(number(e, "avg") == 5000);
	assert_null(json_get(e, "p95"));
	assert_true(cJSON_IsTrue(json_get(e, "mtls")));
	assert_true(number(json_get(e, "codes"), "503") == 2);
	assert_true(number(json_get(e, "flags"), "FI") == 2);
	assert_int_equal(cJSON_GetArraySize(json_get(json, "nodes")), 2);
	assert_string_equal(json_get_str(json_get(json, "nodes")->child->next, "service"), "catalog-svc");
	cJSON_Delete(json);
	graph_free(g);
}

static void server_where_there_is_no_client(void **state)
{
	struct graph *g = graph_new(GRAPH_WORKLOAD);
	cJSON *json;

	(void)state;
	add(g, GRAPH_REQUESTS,
	    "\"source_workload\":\"unknown\"," CATALOG SERVICE
	    ",\"reporter\":\"destination\",\"connection_security_policy\":\"none\",\"response_code\":\"404\"",
	    1);
	json = graph_json(g, NULL, NULL);
	assert_string_equal(json_get_str(only_edge(json), "source"), "unknown");
	assert_true(number(only_edge(json), "errorRate") == 1);
	assert_false(cJSON_IsTrue(json_get(only_edge(json), "mtls")));
	cJSON_Delete(json);
	graph_free(g);
}

static void protocols(void **state)
{
	struct graph *g = graph_new(GRAPH_WORKLOAD);
	cJSON *json;
	size_t tcp = 0, grpc = 0;

	(void)state;
	add(g, GRAPH_TCP_SENT, GATEWAY CATALOG BY_SERVER SERVICE, 100);
	add(g, GRAPH_TCP_RECEIVED, GATEWAY CATALOG BY_SERVER SERVICE, 50);
	add(g, GRAPH_REQUESTS,
	    GATEWAY CATALOG BY_CLIENT SERVICE
	    ",\"request_protocol\":\"grpc\",\"response_code\":\"200\",\"grpc_response_status\":\"14\"",
	    1);
	json = graph_json(g, NULL, NULL);
	JSON_EACH(e, json_get(json, "edges"))
	{
		if (strcmp(json_get_str(e, "protocol"), "tcp") == 0) {
			tcp++;
			assert_true(number(e, "rate") == 150);
			assert_true(cJSON_IsTrue(json_get(e, "mtls")));
		} else {
			grpc++;
			assert_true(number(e, "errorRate") == 1);
		}
	}
	assert_int_equal(tcp, 1);
	assert_int_equal(grpc, 1);
	cJSON_Delete(json);
	graph_free(g);
}

static void types(void **state)
{
	static const struct {
		enum graph_type type;
		const char *target;
	} rows[] = {
		{GRAPH_WORKLOAD, "workload/shop/catalog"},
		{GRAPH_APP, "app/shop/catalog-app"},
		{GRAPH_VERSIONED_APP, "app/shop/catalog-app/v1"},
		{GRAPH_SERVICE, "service/shop/catalog-svc"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct graph *g = graph_new(rows[i].type);
		cJSON *json;

		add(g, GRAPH_REQUESTS,
		    GATEWAY CATALOG BY_CLIENT SERVICE
		    ",\"destination_canonical_revision\":\"v1\",\"response_code\":\"200\"",
		    1);
		json = graph_json(g, NULL, NULL);
		assert_string_equal(json_get_str(only_edge(json), "target"), rows[i].target);
		cJSON_Delete(json);
		graph_free(g);
	}
}

/* Nobody answered: the edge leads to the service. */
static void no_workload(void **state)
{
	struct graph *g = graph_new(GRAPH_WORKLOAD);
	cJSON *json;

	(void)state;
	add(g, GRAPH_REQUESTS,
	    GATEWAY "\"destination_workload\":\"unknown\"," BY_CLIENT SERVICE ",\"response_code\":\"503\"", 1);
	json = graph_json(g, NULL, NULL);
	assert_string_equal(json_get_str(only_edge(json), "target"), "service/shop/catalog-svc");
	cJSON_Delete(json);
	graph_free(g);
}

/* What a fault answered is drawn to the workload that it was meant for. */
static void joined(void **state)
{
	struct graph *g = graph_new(GRAPH_WORKLOAD);
	cJSON *json;

	(void)state;
	add(g, GRAPH_REQUESTS, GATEWAY CATALOG BY_CLIENT SERVICE ",\"response_code\":\"200\"", 3);
	add(g, GRAPH_AVERAGE, GATEWAY CATALOG BY_CLIENT SERVICE, 100);
	add(g, GRAPH_REQUESTS, GATEWAY CATALOG BY_SERVER SERVICE ",\"response_code\":\"200\"", 3);
	add(g, GRAPH_REQUESTS,
	    GATEWAY "\"destination_workload\":\"unknown\"," BY_CLIENT SERVICE
		    ",\"response_code\":\"500\",\"response_flags\":\"FI\"",
	    1);
	add(g, GRAPH_AVERAGE, GATEWAY "\"destination_workload\":\"unknown\"," BY_CLIENT SERVICE, 20);
	graph_join(g);
	json = graph_json(g, NULL, NULL);
	assert_string_equal(json_get_str(only_edge(json), "target"), "workload/shop/catalog");
	assert_true(number(only_edge(json), "rate") == 4);
	assert_true(number(only_edge(json), "errorRate") == 0.25);
	assert_true(number(only_edge(json), "avg") == 80);
	assert_true(number(json_get(only_edge(json), "flags"), "FI") == 1);
	assert_int_equal(cJSON_GetArraySize(json_get(json, "nodes")), 2);
	cJSON_Delete(json);
	graph_free(g);
}

static bool keep_shop(void *arg, const char *source_ns, const char *target_ns)
{
	(void)arg;
	return strcmp(source_ns, "shop") == 0 || strcmp(target_ns, "shop") == 0;
}

static void only_what_is_kept(void **state)
{
	struct graph *g = graph_new(GRAPH_WORKLOAD);
	cJSON *json;

	(void)state;
	add(g, GRAPH_REQUESTS,
	    GATEWAY "\"destination_workload\":\"x\",\"destination_workload_namespace\":\"bank\"," BY_CLIENT
		    "\"response_code\":\"200\"",
	    1);
	add(g, GRAPH_REQUESTS, GATEWAY CATALOG BY_CLIENT SERVICE ",\"response_code\":\"200\"", 0); /* nothing came */
	json = graph_json(g, keep_shop, NULL);
	assert_int_equal(cJSON_GetArraySize(json_get(json, "edges")), 0);
	assert_int_equal(cJSON_GetArraySize(json_get(json, "nodes")), 0);
	cJSON_Delete(json);
	graph_free(g);
}

/* A thousand codes on one edge are at most GRAPH_CODES_MAX shares. */
static void many_codes(void **state)
{
	struct graph *g = graph_new(GRAPH_WORKLOAD);
	char labels[600];
	cJSON *json;
	double sum = 0;

	(void)state;
	for (int i = 0; i < 1000; i++) {
		snprintf(labels, sizeof(labels), GATEWAY CATALOG BY_CLIENT SERVICE ",\"response_code\":\"%d\"",
			 i + 100);
		add(g, GRAPH_REQUESTS, labels, 1);
	}
	json = graph_json(g, NULL, NULL);
	JSON_EACH(x, json_get(only_edge(json), "codes"))
	sum += x->valuedouble;
	assert_int_equal(cJSON_GetArraySize(json_get(only_edge(json), "codes")), GRAPH_CODES_MAX);
	assert_true(sum == 1000);
	cJSON_Delete(json);
	graph_free(g);
}

static void questions(void **state)
{
	CLEANUP(buf_done) struct buf out = BUF_INIT;

	(void)state;
	graph_query(GRAPH_REQUESTS, "shop|bank", 60, &out);
	assert_non_null(
		strstr(buf_str(&out), "rate(istio_requests_total{source_workload_namespace=~\"shop|bank\"}[60s])"));
	assert_non_null(strstr(buf_str(&out), "destination_service_namespace=~\"shop|bank\""));
	buf_clear(&out);
	graph_query(GRAPH_P95, "", 300, &out);
	assert_true(slice_starts(buf_slice(&out), SLICE("histogram_quantile(0.95,sum by(")));
	assert_null(strstr(buf_str(&out), " or "));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(client_counts), cmocka_unit_test(server_where_there_is_no_client),
		cmocka_unit_test(protocols),     cmocka_unit_test(types),
		cmocka_unit_test(no_workload),   cmocka_unit_test(only_what_is_kept),
		cmocka_unit_test(many_codes),    cmocka_unit_test(joined),
		cmocka_unit_test(questions),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
