/* The mesh as it is told to a reader, from a cluster's objects. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include "api/object.h"
#include "base/cleanup.h"
#include "base/mem.h"
#include "console/mesh/mesh.h"
#include "msg/json.h"
#include "stored.h"

static struct store *store;

static const char world[] =
	"{apiVersion: apps/v1, kind: Deployment, metadata: {name: catalog, namespace: shop}, spec: {replicas: 2, "
	"selector: {matchLabels: {app: catalog}},"
	" template: {metadata: {labels: {app: catalog, version: v1}}}}, status: {readyReplicas: 1}}\n---\n"
	"{apiVersion: apps/v1, kind: StatefulSet, metadata: {name: db, namespace: bank}, spec: {selector: "
	"{matchLabels: {app: db}},"
	" template: {metadata: {labels: {app: db}}}}, status: {readyReplicas: 1}}\n---\n"
	"{apiVersion: v1, kind: Pod, metadata: {name: catalog-1, namespace: shop, labels: {app: catalog, version: "
	"v1}}, spec: {containers: [{name: a}, {name: istio-proxy}]},"
	" status: {phase: Running, podIP: 10.0.0.9, conditions: [{type: Ready, status: 'True'}], containerStatuses: "
	"[{name: a, image: i, ready: true, restartCount: 2}]}}\n---\n"
	"{apiVersion: v1, kind: Service, metadata: {name: catalog, namespace: shop}, spec: {selector: {app: catalog}, "
	"ports: [{name: http, port: 80}]}}\n---\n"
	"{apiVersion: networking.istio.io/v1beta1, kind: VirtualService, metadata: {name: faulty, namespace: shop}, "
	"spec: {hosts: [catalog],"
	" http: [{fault: {abort: {httpStatus: 500, percentage: {value: 10}}}, route: [{destination: {host: "
	"nowhere}}]}]},"
	" status: {conditions: [{type: Accepted, status: 'False', reason: ReferenceNotFound, message: "
	"'spec.http[0].route[0].destination.host: no service nowhere; other words; spec.hosts: more'},"
	" {type: ResolvedRefs, status: 'False', reason: RefNotFound, message: 'spec.http[0].route[0].destination.host: "
	"unknown'},"
	" {type: Programmed, status: 'True', reason: Programmed, message: '2/2 proxies up to date.'}]}}\n---\n"
	"{apiVersion: networking.istio.io/v1beta1, kind: DestinationRule, metadata: {name: cb, namespace: bank}, spec: "
	"{host: catalog.shop.svc.cluster.local,"
	" trafficPolicy: {outlierDetection: {consecutive5xxErrors: 1}}}}\n---\n"
	"{apiVersion: security.istio.io/v1beta1, kind: PeerAuthentication, metadata: {name: strict, namespace: shop}, "
	"spec: {selector: {matchLabels: {app: catalog}}, mtls: {mode: STRICT}}}\n---\n"
	"{apiVersion: security.istio.io/v1beta1, kind: PeerAuthentication, metadata: {name: other, namespace: shop}, "
	"spec: {selector: {matchLabels: {app: cart}}}}\n";

static bool sees_all(void *arg, const char *ns)
{
	(void)arg, (void)ns;
	return true;
}

static bool sees_shop(void *arg, const char *ns)
{
	(void)arg;
	return strcmp(ns, "shop") == 0;
}

static bool sees_bank(void *arg, const char *ns)
{
	(void)arg;
	return strcmp(ns, "bank") == 0;
}

static struct mesh_view view(bool (*sees)(void *arg, const char *ns))
{
	return (struct mesh_view){store, sees, NULL};
}

static const cJSON *named(const cJSON *list, const char *name)
{
	JSON_EACH(x, list)
	if (strcmp(json_get_str(x, "name"), name) == 0)
		return x;
	return NULL;
}

static void workloads(void **state)
{
	const struct mesh_view all = view(sees_all), shop = view(sees_shop);
	CLEANUP(json_freep) cJSON *list = mesh_workloads(&all), *seen = mesh_workloads(&shop);
	CLEANUP(json_freep) cJSON *one = mesh_workload(&all, "shop", "catalog"), *apps = mesh_applications(&all);
	const cJSON *catalog = named(list, "catalog");

	(void)state;
	assert_int_equal(cJSON_GetArraySize(list), 2);
	assert_int_equal(cJSON_GetArraySize(seen), 1);
	assert_string_equal(json_get_str(catalog, "health"), "Degraded");
	assert_string_equal(json_get_str(catalog, "version"), "v1");
	assert_true(cJSON_IsTrue(json_get(catalog, "sidecar")));
	assert_false(cJSON_IsTrue(json_get(named(list, "db"), "sidecar")));
	assert_int_equal(cJSON_GetArraySize(json_get(one, "pods")), 1);
	assert_int_equal(json_int(json_get(json_get(one, "pods")->child, "containers")->child, "restarts", 0), 2);
	assert_true(json_has_str(json_get(one, "services"), "catalog"));
	/* The route, the rule of another namespace, and the policy that selects it; not the other one. */
	assert_non_null(named(json_get(one, "config"), "faulty"));
	assert_non_null(named(json_get(one, "config"), "cb"));
	assert_non_null(named(json_get(one, "config"), "strict"));
	assert_null(named(json_get(one, "config"), "other"));
	assert_null(mesh_workload(&shop, "bank", "db"));
	assert_int_equal(json_int(named(apps, "catalog"), "desired", 0), 2);
	assert_null(mesh_application(&shop, "bank", "db"));
}

static void services(void **state)
{
	const struct mesh_view all = view(sees_all);
	CLEANUP(json_freep) cJSON *list = mesh_services(&all), *one = mesh_service(&all, "shop", "catalog");
	CLEANUP(json_freep) cJSON *namespaces = mesh_namespaces(&all);

	(void)state;
	assert_int_equal(json_int(list->child, "ready", -1), 1);
	assert_string_equal(json_get_str(json_get(one, "workloads")->child, "name"), "catalog");
	assert_string_equal(json_get_str(named(namespaces, "shop"), "health"), "Degraded");
	assert_int_equal(json_int(named(namespaces, "shop"), "invalid", 0), 1);
	assert_int_equal(json_int(named(namespaces, "shop"), "config", 0), 3);
}

static void configuration(void **state)
{
	const struct mesh_view all = view(sees_all), shop = view(sees_shop);
	CLEANUP(json_freep) cJSON *list = mesh_config(&all), *seen = mesh_config(&shop);
	CLEANUP(json_freep) cJSON *one = mesh_config_object(&all, &api_kind_virtual_service, "shop", "faulty");
	const cJSON *messages = json_get(named(list, "faulty"), "messages");

	(void)state;
	assert_int_equal(cJSON_GetArraySize(list), 4);
	assert_int_equal(cJSON_GetArraySize(seen), 3);
	assert_true(cJSON_IsFalse(json_get(named(list, "faulty"), "accepted")));
	assert_true(cJSON_IsTrue(json_get(named(list, "faulty"), "programmed")));
	assert_true(cJSON_IsFalse(json_get(named(list, "faulty"), "resolved")));
	assert_true(cJSON_IsNull(json_get(named(list, "cb"), "accepted")));
	assert_int_equal(cJSON_GetArraySize(messages), 3);
	assert_string_equal(json_get_str(messages->child, "path"), "spec.http[0].route[0].destination.host");
	assert_string_equal(json_get_str(messages->child, "text"), "no service nowhere; other words");
	assert_string_equal(json_get_str(messages->child->next, "path"), "spec.hosts");
	assert_string_equal(json_str(one, "object.spec.hosts") ? "" : "list", "list");
	assert_null(mesh_config_object(&shop, &api_kind_destination_rule, "bank", "cb"));
	assert_null(mesh_config_kind(SLICE("Secret")));
}

static void badges(void **state)
{
	const struct mesh_view all = view(sees_all);
	CLEANUP(json_freep)
	cJSON *graph =
		json_literal("{\"nodes\":[{\"namespace\":\"shop\",\"workload\":\"catalog\",\"service\":\"catalog\"},"
			     "{\"namespace\":\"bank\",\"workload\":\"db\",\"service\":\"\"}]}");
	const cJSON *nodes, *catalog;

	(void)state;
	mesh_badges(&all, graph);
	nodes = json_get(graph, "nodes");
	catalog = json_get(nodes->child, "badges");
	assert_true(json_has_str(catalog, "virtualService") && json_has_str(catalog, "fault") &&
		    json_has_str(catalog, "circuitBreaker"));
	assert_false(json_has_str(catalog, "mirror") || json_has_str(catalog, "noSidecar"));
	assert_true(json_has_str(json_get(nodes->child->next, "badges"), "noSidecar"));
}

static int set_up(void **state)
{
	(void)state;
	store = store_new();
	stored_all(store, world);
	return 0;
}

/* ---- proxies ---- */

static bool first_proxy(void *arg, const struct mesh_proxy *p)
{
	*(struct mesh_proxy *)arg = *p;
	return false;
}

static void proxies(void **state)
{
	const struct mesh_view all = view(sees_all), shop = view(sees_shop), bank = view(sees_bank);
	struct mesh_proxy p = {0};

	(void)state;
	mesh_each_proxy(&all, "shop", first_proxy, &p);
	assert_string_equal(p.name, "catalog-1");
	assert_string_equal(p.ip, "10.0.0.9");
	assert_string_equal(p.workload, "catalog");
	p.name = NULL;
	mesh_each_proxy(&all, "bank", first_proxy, &p);
	assert_null(p.name);
	assert_true(mesh_has_pod(&shop, "shop", "catalog-1", "istio-proxy"));
	assert_true(mesh_has_pod(&shop, "shop", "catalog-1", NULL));
	assert_false(mesh_has_pod(&shop, "shop", "catalog-1", "x"));
	assert_false(mesh_has_pod(&bank, "shop", "catalog-1", NULL));
	mesh_each_proxy(&bank, "shop", first_proxy, &p);
	assert_null(p.name);
}

#define ENVOY "\"@type\":\"type.googleapis.com/envoy.admin.v3."
static const char dump_text[] =
	"{\"configs\":[{" ENVOY
	"ListenersConfigDump\",\"dynamic_listeners\":[{\"name\":\"in\",\"active_state\":{\"listener\":{"
	"\"name\":\"virtualInbound\",\"address\":{\"socket_address\":{\"address\":\"0.0.0.0\",\"port_value\":15006}},"
	"\"filter_chains\":[{\"filter_chain_match\":{\"destination_port\":80,\"prefix_ranges\":[{\"address_prefix\":"
	"\"10.0.0.1\","
	"\"prefix_len\":32}],\"transport_protocol\":\"tls\",\"application_protocols\":[\"istio\",\"istio-h2\"]},"
	"\"transport_socket\":{"
	"\"typed_config\":{\"require_client_certificate\":true}},\"filters\":[{\"typed_config\":{\"route_config\":{"
	"\"name\":\"r\"},"
	"\"http_filters\":[{\"name\":\"envoy.filters.http.rbac\"},{\"name\":\"envoy.filters.http.router\"}]}}]}],"
	"\"default_filter_chain\":{\"filters\":[{\"typed_config\":{\"cluster\":\"Passthrough\"}}]}}}}]},"
	"{" ENVOY "RoutesConfigDump\",\"dynamic_route_configs\":[{\"route_config\":{\"name\":\"80\",\"virtual_hosts\":["
	"{\"name\":\"h\","
	"\"domains\":[\"a\",\"b\"],\"routes\":[{\"name\":\"n\",\"match\":{\"prefix\":\"/"
	"x\",\"headers\":[{\"name\":\"v\"}]},\"route\":{"
	"\"weighted_clusters\":{\"clusters\":[{\"name\":\"c1\",\"weight\":90},{\"name\":\"c2\",\"weight\":10}]},"
	"\"timeout\":\"2s\","
	"\"retry_policy\":{\"num_retries\":3}},\"typed_per_filter_config\":{\"envoy.filters.http.fault\":{}}}]}]}}]},"
	"{" ENVOY "ClustersConfigDump\",\"dynamic_active_clusters\":[{\"cluster\":{\"name\":\"c1\",\"type\":\"EDS\","
	"\"outlier_detection\":{}}},"
	"{\"cluster\":3}]},{" ENVOY
	"EndpointsConfigDump\",\"dynamic_endpoint_configs\":[{\"endpoint_config\":{\"cluster_name\":\"c1\","
	"\"endpoints\":[{\"lb_endpoints\":[{\"endpoint\":{\"address\":{\"socket_address\":{\"address\":\"10.0.0.2\","
	"\"port_value\":8080}}},"
	"\"health_status\":\"UNHEALTHY\"}]}]}}]},{\"@type\":7},{" ENVOY
	"SecretsConfigDump\",\"dynamic_active_secrets\":[{\"name\":\"default\"}]}]}";

/* A number in the path is the place in a list. */
static const char *text_at(const cJSON *o, const char *path)
{
	struct slice rest = slice_str(path);

	while (rest.len) {
		const struct slice part = slice_split(&rest, '.');
		CLEANUP(freep) char *name = mem_printf("%.*s", SLICE_ARG(part));

		o = *name >= '0' && *name <= '9' ? cJSON_GetArrayItem(o, atoi(name)) : json_get(o, name);
	}
	return cJSON_IsString(o) ? o->valuestring : "?";
}

/* What a proxy was sent: each piece that a reader looks for. */
static void dump(void **state)
{
	static const struct {
		const char *path, *text;
	} rows[] = {
		{"listeners.0.address", "0.0.0.0:15006"},
		{"listeners.0.chains.0.match", "port 80, to 10.0.0.1/32, tls, ALPN istio istio-h2"},
		{"listeners.0.chains.0.does", "HTTP by its own route r, envoy.filters.http.rbac, mutual TLS"},
		{"listeners.0.chains.1.match", "all else"},
		{"listeners.0.chains.1.does", "TCP to Passthrough"},
		{"routes.0.hosts.0.domains", "a b"},
		{"routes.0.hosts.0.routes.0.match", "prefix /x, header v"},
		{"routes.0.hosts.0.routes.0.to", "90: c1, 10: c2, timeout 2s, 3 retries, fault"},
		{"clusters.0.policy", "outlier detection"},
		{"clusters.0.endpoints.0.address", "10.0.0.2:8080"},
		{"clusters.0.endpoints.0.health", "UNHEALTHY"},
		{"clusters.1.name", ""},
	};
	CLEANUP(json_freep) cJSON *in = json_literal(dump_text), *out = mesh_dump(in), *none = mesh_dump(NULL);

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		assert_string_equal(text_at(out, rows[i].path), rows[i].text);
	assert_true(json_has_str(json_get(out, "secrets"), "default"));
	assert_int_equal(cJSON_GetArraySize(json_get(none, "clusters")), 0);
}

/* Pods are found by the label of their application where they have one, and by any other label, too; all labels count.
 */
static void selected(void **state)
{
	static const char objects[] =
		"{apiVersion: v1, kind: Pod, metadata: {name: a-1, namespace: many, labels: {app: a, version: "
		"v1}}}\n---\n"
		"{apiVersion: v1, kind: Pod, metadata: {name: a-2, namespace: many, labels: {app: a, version: v2, "
		"tier: back}}}\n---\n"
		"{apiVersion: v1, kind: Pod, metadata: {name: b-1, namespace: many, labels: {app: b, version: v1, "
		"tier: back}}}\n---\n"
		"{apiVersion: v1, kind: Pod, metadata: {name: a-1, namespace: others, labels: {app: a, version: "
		"v1}}}\n---\n"
		"{apiVersion: v1, kind: Service, metadata: {name: both, namespace: many}, spec: {selector: {app: a, "
		"version: v1}}}\n---\n"
		"{apiVersion: v1, kind: Service, metadata: {name: one, namespace: many}, spec: {selector: {app: "
		"a}}}\n---\n"
		"{apiVersion: v1, kind: Service, metadata: {name: tier, namespace: many}, spec: {selector: {tier: "
		"back}}}\n---\n"
		"{apiVersion: v1, kind: Service, metadata: {name: none, namespace: many}, spec: {selector: {app: "
		"c}}}\n---\n"
		"{apiVersion: v1, kind: Service, metadata: {name: nothing, namespace: many}, spec: {}}\n";
	static const struct {
		const char *service;
		int pods;
	} rows[] = {{"both", 1}, {"one", 2}, {"tier", 2}, {"none", 0}, {"nothing", 0}};
	struct store *others = store_new();
	const struct mesh_view all = {others, sees_all, NULL};

	(void)state;
	stored_all(others, objects);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(json_freep) cJSON *one = mesh_service(&all, "many", rows[i].service);

		if (json_int(one, "endpoints", -1) != rows[i].pods)
			fail_msg("%s: %d pods", rows[i].service, (int)json_int(one, "endpoints", -1));
	}
	store_free(others);
}

static int tear_down(void **state)
{
	(void)state;
	store_free(store);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(workloads), cmocka_unit_test(services), cmocka_unit_test(configuration),
		cmocka_unit_test(badges),    cmocka_unit_test(proxies),  cmocka_unit_test(dump),
		cmocka_unit_test(selected),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
