/* Add-ons: what each is made of on which cluster, and what is said of one that does not come up. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "operator/reconcile/reconcile.h"
#include "operator/render/addons.h"
#include "rendered.h"

#define ALL "tracing: {type: Jaeger}, addons: {jaeger: {install: {}}, grafana: {enabled: true}, kiali: {enabled: true}}"

static const struct {
	enum addon_id id;
	const char *spec;
	bool resources, no_stock, no_images; /* the cluster serves Kiali and Jaeger */
	enum addon_way way;
	const char *reason; /* begins so */
} rows[] = {
	{ADDON_KIALI, "{" ALL "}", true, false, false, ADDON_RESOURCE, NULL},
	{ADDON_KIALI, "{" ALL "}", true, true, true, ADDON_RESOURCE, NULL},
	{ADDON_KIALI, "{" ALL "}", false, false, false, ADDON_WORKLOAD, NULL},
	{ADDON_KIALI, "{" ALL "}", false, true, false, ADDON_SUBSTITUTE, NULL},
	{ADDON_KIALI, "{" ALL "}", false, false, true, ADDON_NOT_MADE, "the operator knows no image"},
	{ADDON_KIALI, "{}", true, false, false, ADDON_UNWANTED, NULL},
	{ADDON_JAEGER, "{" ALL "}", true, false, false, ADDON_RESOURCE, NULL},
	{ADDON_JAEGER, "{" ALL "}", false, false, false, ADDON_WORKLOAD, NULL},
	{ADDON_JAEGER, "{tracing: {type: Jaeger}}", false, false, false, ADDON_UNWANTED, NULL},
	{ADDON_JAEGER, "{tracing: {type: None}, addons: {jaeger: {install: {}}}}", false, false, false, ADDON_UNWANTED,
	 NULL},
	{ADDON_JAEGER, "{tracing: {type: Jaeger}, addons: {jaeger: {install: {storage: {type: Elasticsearch}}}}}",
	 false, false, false, ADDON_NOT_MADE, "Elasticsearch as its storage"},
	{ADDON_JAEGER, "{tracing: {type: Jaeger}, addons: {jaeger: {install: {storage: {type: Elasticsearch}}}}}", true,
	 false, false, ADDON_RESOURCE, NULL},
	{ADDON_GRAFANA, "{" ALL "}", true, false, false, ADDON_WORKLOAD, NULL},
	{ADDON_GRAFANA, "{" ALL "}", false, true, false, ADDON_SUBSTITUTE, NULL},
	{ADDON_JAEGER, "{" ALL "}", false, true, true, ADDON_SUBSTITUTE, NULL},
	{ADDON_GRAFANA, "{addons: {grafana: {enabled: true, address: x}}}", false, false, false, ADDON_UNWANTED, NULL},
};

static void ways(void **state)
{
	static const struct api_kind *const both[] = {&api_kind_kiali, &api_kind_jaeger};
	const struct operator_images none = {.grafana = "", .jaeger = "", .kiali = ""};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct rendered_mesh m = rendered_mesh(rows[i].spec, true);
		const struct maistra_smcp_spec *spec =
			msg_new_from_json(&maistra_smcp_spec_desc, m.applied, &m.arena, NULL);
		const struct addon_input in = {.spec = spec,
					       .images = rows[i].no_images ? &none : &operator_images_default,
					       .absent = both,
					       .n_absent = rows[i].resources ? 0 : 2,
					       .no_stock = rows[i].no_stock};
		const char *reason = NULL;

		assert_int_equal(addon_decide(rows[i].id, &in, &reason), rows[i].way);
		if (rows[i].reason)
			assert_int_equal(strncmp(reason, rows[i].reason, strlen(rows[i].reason)), 0);
		rendered_mesh_done(&m);
	}
}

/* --- the whole mesh --- */

#define SMCP                                                                                                           \
	"{apiVersion: maistra.io/v2, kind: ServiceMeshControlPlane, metadata: {name: basic, namespace: istio-system, " \
	"uid: u-1, generation: 1, finalizers: [maistra.io/istio-operator]}, spec: {version: v2.6, gateways: "          \
	"{enabled: false}, " ALL "}}"

static bool metrics = true; /* Prometheus gets ready */

/* All that is planned is there, and all Deployments but the add-ons' and the gateways' are ready. */
static void make_so(struct store *s, const struct plan *p)
{
	for (size_t i = 0; i < p->applies.n; i++) {
		struct api_object *o = p->applies.v[i].obj;
		CLEANUP(json_freep) cJSON *json = api_object_to_json(o);
		const char *component = api_object_label(o, LABEL_COMPONENT);
		struct api_object *copy = NULL;

		if (o->kind == &api_kind_deployment &&
		    (!strcmp(component, "istio-discovery") || (metrics && !strcmp(component, "prometheus"))))
			cJSON_AddItemToObject(
				json, "status",
				json_literal("{\"readyReplicas\":1,\"conditions\":[{\"type\":\"Available\","
					     "\"status\":\"True\"}]}"));
		assert_int_equal(api_object_decode(json, NULL, NULL, &copy, NULL), 0);
		store_put(s, copy);
	}
}

/* The status after one run, of which all is made so or nothing. */
static void run(struct store *s, struct reconcile_env *env, bool made, struct buf *out)
{
	const struct store_key key = {&api_kind_smcp, "istio-system", "basic"};
	struct plan p;

	plan_init(&p);
	smcp_reconcile(s, &key, env, &p);
	if (made)
		make_so(s, &p);
	buf_clear(out);
	for (size_t k = 0; k < p.statuses.n; k++)
		json_print(p.statuses.v[k].body, out);
	plan_done(&p);
}

static char *status_of(struct store *s, struct reconcile_env *env)
{
	struct buf out = BUF_INIT;

	for (int i = 0; i < 8; i++)
		run(s, env, true, &out);
	return buf_take_str(&out);
}

/* An image that cannot be pulled is told, and holds up nothing. */
static void nothing_waits(void **state)
{
	static const struct api_kind *const absent[] = {&api_kind_kiali, &api_kind_jaeger};
	struct store *s = store_new();
	struct reconcile_env env = {
		.version = "1.0.0", .ns = "ops", .now_s = 1700000000, .absent = absent, .n_absent = 2};
	char *status;

	(void)state;
	rendered_put(s, "{apiVersion: v1, kind: Namespace, metadata: {name: istio-system}}");
	rendered_put(s, SMCP);
	rendered_put(s, "{apiVersion: v1, kind: Pod, metadata: {name: kiali-1, namespace: istio-system, labels: "
			"{maistra.io/addon: "
			"kiali}}, spec: {containers: [{name: kiali, image: q}]}, status: {containerStatuses: [{name: "
			"kiali, image: "
			"quay.io/x, ready: false, restartCount: 0, imageID: '', state: {waiting: {reason: "
			"ErrImagePull, message: "
			"no route}}}]}}");
	status = status_of(s, &env);
	assert_non_null(strstr(status, "\"type\":\"Ready\",\"status\":\"True\""));
	assert_non_null(strstr(status, "\"type\":\"AddonsReady\",\"status\":\"False\""));
	assert_non_null(strstr(status, "kiali: ErrImagePull: image quay.io/x: no route"));
	assert_non_null(strstr(status, "grafana: its Deployment is not available"));
	assert_non_null(strstr(status, "tracing: its Deployment is not available"));
	/* READY counts what is waited for. */
	assert_non_null(strstr(status, "\"readyComponentCount\":\"3/3\""));
	free(status);
	env.addons = ADDONS_OWN;
	status = status_of(s, &env);
	assert_non_null(strstr(status, "grafana: its Deployment is not available"));
	free(status);
	store_free(s);
}

static char *deployment_of(struct store *s, const char *name)
{
	const struct api_object *o = store_get(s, &api_kind_deployment, "istio-system", name);
	CLEANUP(json_freep) cJSON *json = o ? api_object_to_json(o) : NULL;

	return json ? json_to_text(json) : mem_strdup("");
}

/* Weft's own console; without a token it lets in nobody, but on the cluster that is this machine's own. */
static void substituted(void **state)
{
	static const struct api_kind *const absent[] = {&api_kind_kiali, &api_kind_jaeger};
	struct reconcile_env env = {.version = "1.0.0",
				    .ns = "ops",
				    .now_s = 1700000000,
				    .absent = absent,
				    .n_absent = 2,
				    .addons = ADDONS_OWN};

	(void)state;
	for (int embedded = 0; embedded < 2; embedded++) {
		struct store *s = store_new();
		char *status, *kiali, *jaeger, *grafana;

		rendered_put(s, "{apiVersion: v1, kind: Namespace, metadata: {name: istio-system}}");
		rendered_put(s, SMCP);
		env.embedded = embedded;
		status = status_of(s, &env);
		kiali = deployment_of(s, "kiali");
		jaeger = deployment_of(s, "jaeger");
		grafana = deployment_of(s, "grafana");
		assert_non_null(strstr(
			kiali,
			"\"console\",\"--port=20001\",\"--prometheus=http://prometheus.istio-system.svc:9090\""));
		assert_non_null(strstr(kiali, "--istiod=http://istiod-basic.istio-system.svc:15014"));
		assert_non_null(strstr(kiali, "--by-namespace"));
		assert_non_null(strstr(
			jaeger, "\"collector\",\"--port=16686\",\"--storage=/data/spans.db\",\"--max-spans=100000\""));
		assert_non_null(strstr(grafana, "\"dashboards\",\"--port=3000\""));
		assert_int_equal(strstr(kiali, "--anonymous") != NULL, embedded);
		assert_int_equal(strstr(jaeger, "--anonymous") != NULL, embedded);
		assert_int_equal(strstr(grafana, "--anonymous") != NULL, embedded);
		assert_non_null(store_get(s, &api_kind_service, "istio-system", "jaeger-collector"));
		assert_non_null(store_get(s, &api_kind_service, "istio-system", "jaeger-query"));
		assert_non_null(store_get(s, &api_kind_route, "istio-system", "jaeger"));
		free(status);
		free(kiali);
		free(jaeger);
		free(grafana);
		store_free(s);
	}
}

/* The embedded cluster fetches nobody's images; who has loaded them says so. */
static void stock_or_own(void **state)
{
	static const struct {
		enum addons_from from;
		bool embedded, own;
	} cases[] = {
		{ADDONS_BY_CLUSTER, false, false}, {ADDONS_BY_CLUSTER, true, true}, {ADDONS_STOCK, false, false},
		{ADDONS_STOCK, true, false},       {ADDONS_OWN, false, true},       {ADDONS_OWN, true, true},
	};
	static const struct api_kind *const absent[] = {&api_kind_kiali, &api_kind_jaeger};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct reconcile_env env = {.version = "1.0.0",
					    .ns = "ops",
					    .now_s = 1700000000,
					    .absent = absent,
					    .n_absent = ARRAY_LEN(absent),
					    .addons = cases[i].from,
					    .embedded = cases[i].embedded};
		struct store *s = store_new();
		CLEANUP(freep) char *grafana = NULL;

		rendered_put(s, "{apiVersion: v1, kind: Namespace, metadata: {name: istio-system}}");
		rendered_put(s, SMCP);
		free(status_of(s, &env));
		grafana = deployment_of(s, "grafana");
		assert_int_equal(strstr(grafana, "\"--port=3000\"") != NULL, cases[i].own);
		store_free(s);
	}
}

/* Each of the makers' Kialis is told of the mesh's namespaces in its own words; it passes over the other's. */
static void kiali_of_either_version(void **state)
{
	static const struct api_kind *const absent[] = {&api_kind_kiali, &api_kind_jaeger};
	struct reconcile_env env = {.version = "1.0.0",
				    .ns = "ops",
				    .now_s = 1700000000,
				    .absent = absent,
				    .n_absent = ARRAY_LEN(absent),
				    .addons = ADDONS_STOCK};
	struct store *s = store_new();
	CLEANUP(json_freep) cJSON *config = NULL;
	const char *text;

	(void)state;
	rendered_put(s, "{apiVersion: v1, kind: Namespace, metadata: {name: istio-system}}");
	rendered_put(s, SMCP);
	free(status_of(s, &env));
	config = api_object_to_json(store_get(s, &api_kind_config_map, "istio-system", "kiali"));
	text = json_get(json_get(config, "data"), "config.yaml")->valuestring;
	for (const char *const *w = (const char *const[]){"accessible_namespaces", "discovery_selectors",
							  "kubernetes.io/metadata.name", NULL};
	     *w; w++)
		if (!strstr(text, *w))
			fail_msg("no %s: %s", *w, text);
	assert_non_null(strstr(strstr(text, "metadata.name"), "istio-system"));
	store_free(s);
}

/* Routes have TLS of the router's and what was there before; what a user says of it counts alone. */
static void routes_are_secure(void **state)
{
	static const struct {
		const char *spec, *tls;
	} cases[] = {
		{"{addons: {grafana: {enabled: true}}}",
		 "{\"termination\":\"edge\",\"insecureEdgeTerminationPolicy\":\"Allow\"}"},
		{"{addons: {grafana: {enabled: true, install: {service: {ingress: {tls: {termination: edge, "
		 "insecureEdgeTerminationPolicy: Redirect}}}}}}}",
		 "{\"termination\":\"edge\",\"insecureEdgeTerminationPolicy\":\"Redirect\"}"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct rendered_mesh m = rendered_mesh(cases[i].spec, true);
		const struct api_object *route = rendered_get(&m, &api_kind_route, "grafana");

		assert_non_null(route);
		CLEANUP(json_freep) cJSON *json = api_object_to_json(route);
		CLEANUP(freep) char *tls = json_to_text(json_at(json, "spec.tls"));

		assert_string_equal(tls, cases[i].tls);
		rendered_mesh_done(&m);
	}
}

/* What an API server leaves out of a Kiali, since Kiali's definition does not know it, is told; all else is not. */
static void left_out(void **state)
{
	struct store *s = store_new();
	struct reconcile_env env = {.version = "1.0.0", .ns = "ops", .now_s = 1700000000};
	CLEANUP(buf_done) struct buf out = BUF_INIT;
	CLEANUP(json_freep) cJSON *said = NULL;
	CLEANUP(json_freep) cJSON *smcp = NULL;
	CLEANUP(json_freep) cJSON *kiali = NULL;
	struct api_object *o = NULL;

	(void)state;
	rendered_put(s, "{apiVersion: v1, kind: Namespace, metadata: {name: istio-system}}");
	assert_int_equal(yaml_parse(slice_str(SMCP), &smcp, NULL), 0);
	json_set_int(json_object(json_object(json_at(smcp, "spec.addons.kiali"), "install"), "service"), "nodePort",
		     30999);
	assert_int_equal(api_object_decode(smcp, NULL, NULL, &o, NULL), 0);
	store_put(s, o);
	for (int i = 0; i < 8; i++)
		run(s, &env, true, &out);
	assert_non_null(strstr(buf_str(&out), "\"type\":\"SpecHonored\",\"status\":\"True\""));
	/* installed: the next run heals, and compares */
	assert_int_equal(json_parse(buf_slice(&out), 1 << 20, &said, NULL), 0);
	json_set(smcp, "status", take(said));
	assert_int_equal(api_object_decode(smcp, NULL, NULL, &o, NULL), 0);
	store_put(s, o);
	run(s, &env, false, &out);
	assert_null(strstr(buf_str(&out), "does not know"));
	kiali = api_object_to_json(store_get(s, &api_kind_kiali, "istio-system", "kiali"));
	assert_int_equal(json_int(kiali, "spec.server.node_port", 0), 30999);
	json_remove(json_at(kiali, "spec.server"), "node_port");
	assert_int_equal(api_object_decode(kiali, NULL, NULL, &o, NULL), 0);
	store_put(s, o);
	run(s, &env, false, &out);
	assert_non_null(strstr(buf_str(&out), "\"SpecHonored\",\"status\":\"False\",\"reason\":\"UnsupportedFields\""));
	assert_non_null(strstr(buf_str(&out),
			       "\"Kiali kiali: spec.server.node_port: the definition of its operator does "
			       "not know it\""));
	store_free(s);
}

/* Gateways start with Prometheus, not after it: Ready comes when the slowest of them is, not when all were in turn. */
static void beside_prometheus(void **state)
{
	static const struct api_kind *const absent[] = {&api_kind_kiali, &api_kind_jaeger};
	struct store *s = store_new();
	struct reconcile_env env = {
		.version = "1.0.0", .ns = "ops", .now_s = 1700000000, .absent = absent, .n_absent = 2};
	CLEANUP(freep) char *status = NULL;

	(void)state;
	metrics = false;
	rendered_put(s, "{apiVersion: v1, kind: Namespace, metadata: {name: istio-system}}");
	rendered_put(s, "{apiVersion: maistra.io/v2, kind: ServiceMeshControlPlane, metadata: {name: basic, namespace: "
			"istio-system, uid: u-1, generation: 1, finalizers: [maistra.io/istio-operator]}, spec: "
			"{version: v2.6, addons: {prometheus: {enabled: true}}}}");
	status = status_of(s, &env);
	metrics = true;
	assert_non_null(store_get(s, &api_kind_deployment, "istio-system", "prometheus"));
	assert_non_null(store_get(s, &api_kind_deployment, "istio-system", "istio-ingressgateway"));
	assert_non_null(strstr(status, "\"type\":\"Ready\",\"status\":\"False\""));
	store_free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(ways),
					   cmocka_unit_test(nothing_waits),
					   cmocka_unit_test(substituted),
					   cmocka_unit_test(stock_or_own),
					   cmocka_unit_test(kiali_of_either_version),
					   cmocka_unit_test(routes_are_secure),
					   cmocka_unit_test(left_out),
					   cmocka_unit_test(beside_prometheus)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
