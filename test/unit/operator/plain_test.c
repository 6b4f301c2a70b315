/* On a plain Kubernetes: the way into the mesh without Routes, and pods that the restricted pod security lets in. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "api/apps/apps.h"
#include "api/core/core.h"
#include "base/file.h"
#include "operator/reconcile/reconcile.h"
#include "pod_security.h"
#include "rendered.h"

/* --- Services of gateways --- */

static const struct {
	const char *spec;
	bool routes;
	const char *ingress, *egress, *other;
} services[] = {
	{"{}", true, "ClusterIP", "ClusterIP", NULL},
	{"{}", false, "LoadBalancer", "ClusterIP", NULL},
	{"{gateways: {additionalIngress: {other: {}}}}", false, "LoadBalancer", "ClusterIP", "LoadBalancer"},
	{"{gateways: {additionalEgress: {other: {}}}}", false, "LoadBalancer", "ClusterIP", "ClusterIP"},
	{"{gateways: {ingress: {service: {type: NodePort}}}}", false, "NodePort", "ClusterIP", NULL},
	{"{gateways: {ingress: {service: {type: NodePort}}}}", true, "NodePort", "ClusterIP", NULL},
	{"{gateways: {ingress: {service: {type: ClusterIP}}, egress: {service: {type: LoadBalancer}}}}", false,
	 "ClusterIP", "LoadBalancer", NULL},
	{"{gateways: {ingress: {service: {metadata: {labels: {a: b}}}}}}", false, "LoadBalancer", "ClusterIP", NULL},
};

static const char *type_of(const struct rendered_mesh *m, const char *name)
{
	const struct api_object *o = rendered_get(m, &api_kind_service, name);
	const struct core_service *s = o ? API_VALUE(o, service, core_service) : NULL;

	return s ? s->spec->type : "none";
}

static void test_service_types(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(services); i++) {
		struct rendered_mesh m = rendered_mesh(services[i].spec, services[i].routes);

		assert_string_equal(type_of(&m, "istio-ingressgateway"), services[i].ingress);
		assert_string_equal(type_of(&m, "istio-egressgateway"), services[i].egress);
		assert_string_equal(type_of(&m, "other"), services[i].other ? services[i].other : "none");
		rendered_mesh_done(&m);
	}
}

/* Whoever installs Routes later takes no load balancer away; whoever says a type gets it, then and after. */
static void test_way_in_stays(void **state)
{
	struct rendered_mesh m = rendered_mesh("{}", false);

	(void)state;
	store_put(m.store, api_object_ref(rendered_get(&m, &api_kind_service, "istio-ingressgateway")));
	rendered_again(&m, "{}", true);
	assert_string_equal(type_of(&m, "istio-ingressgateway"), "LoadBalancer");
	rendered_again(&m, "{gateways: {ingress: {service: {type: LoadBalancer}}}}", true);
	assert_string_equal(type_of(&m, "istio-ingressgateway"), "LoadBalancer");
	store_put(m.store, api_object_ref(rendered_get(&m, &api_kind_service, "istio-ingressgateway")));
	rendered_again(&m, "{}", true);
	assert_string_equal(type_of(&m, "istio-ingressgateway"), "ClusterIP");
	rendered_mesh_done(&m);
}

/* --- readiness --- */

static void put_ready(struct store *s, const struct api_object *o)
{
	CLEANUP(json_freep) cJSON *json = api_object_to_json(o);
	struct api_object *copy = NULL;

	if (o->kind == &api_kind_deployment)
		json_set(json, "status",
			 json_literal("{\"observedGeneration\":1,\"readyReplicas\":9,\"conditions\":[{\"type\":"
				      "\"Available\",\"status\":\"True\"}]}"));
	assert_int_equal(api_object_from_json(o->kind, json, &copy, NULL), 0);
	store_put(s, copy);
}

/* A load balancer that nobody gives an address does not keep the mesh from being ready. */
static void test_pending_load_balancer(void **state)
{
	static const struct api_kind *const absent[] = {&api_kind_route};
	const struct reconcile_env env = {
		.version = "1.0.0", .ns = "operators", .now_s = 1700000000, .absent = absent, .n_absent = 1};
	const struct store_key key = {&api_kind_smcp, "istio-system", "basic"};
	struct rendered_mesh m = rendered_mesh("{version: v2.6}", false);
	CLEANUP(freep) char *text = NULL;
	struct plan p;

	(void)state;
	rendered_put(m.store, "{apiVersion: maistra.io/v2, kind: ServiceMeshControlPlane, metadata: {name: basic, "
			      "namespace: istio-system, uid: u-1, generation: 1, resourceVersion: '2', finalizers: "
			      "[maistra.io/istio-operator]}, spec: {version: v2.6}}");
	for (size_t i = 0; i < m.out.objects.n; i++)
		put_ready(m.store, m.out.objects.v[i].obj);
	plan_init(&p);
	smcp_reconcile(m.store, &key, &env, &p);
	text = plan_describe(&p);
	plan_done(&p);
	assert_non_null(strstr(text, "type: LoadBalancer"));
	if (!strstr(text, "- type: Ready\n  status: \"True\"\n  reason: ComponentsReady"))
		fail_msg("not ready:\n%s", strstr(text, "# status"));
	assert_non_null(strstr(text, "Route istio-system/istio-ingressgateway: this cluster serves no Route "
				     "(route.openshift.io); its Service is the way in"));
	rendered_mesh_done(&m);
}

/* --- restricted pods --- */

static void check_deployment(const struct api_object *o, bool own_user)
{
	const struct apps_deployment *d = API_VALUE(o, deployment, apps_deployment);
	const struct core_pod_spec *p = d->spec->template->spec;
	const struct core_pod_security_context *s = p->security_context;
	const char *name = api_object_name(o);

	char broken[200];

	if (pod_security_breaks(p, NULL, broken, sizeof(broken)))
		fail_msg("%s: %s", name, broken);
	assert_non_null(s);
	/* images may name their user, and a name is no proof; a platform that assigns users wants none from us */
	if (own_user != (s->run_as_user && *s->run_as_user > 0))
		fail_msg("%s: %s user", name, own_user ? "no" : "a fixed");
}

static int check_all(const struct rendered_mesh *m, bool own_user)
{
	int n = 0;

	for (size_t i = 0; i < m->out.objects.n; i++) {
		const struct api_object *o = m->out.objects.v[i].obj;

		if (o->kind != &api_kind_deployment)
			continue;
		check_deployment(o, own_user);
		n++;
	}
	return n;
}

static void test_restricted(void **state)
{
	struct rendered_mesh m = rendered_mesh(RENDERED_PLAIN, false);

	(void)state;
	assert_int_equal(check_all(&m, true), 4);
	rendered_put(m.store, "{apiVersion: v1, kind: Namespace, metadata: {name: istio-system, resourceVersion: '2', "
			      "annotations: {openshift.io/sa.scc.uid-range: 1000/10}}}");
	rendered_again(&m, RENDERED_PLAIN, true);
	assert_int_equal(check_all(&m, false), 4);
	rendered_mesh_done(&m);
}

static int on_doc(void *arg, cJSON *doc, struct err *e)
{
	struct api_object *o = NULL;
	int r = api_object_decode(doc, NULL, NULL, &o, e);

	(void)arg;
	cJSON_Delete(doc);
	if (r == 0)
		check_deployment(o, false); /* its image has a number */
	api_object_unref(o);
	return r;
}

static void test_restricted_operator(void **state)
{
	CLEANUP(buf_done) struct buf text = BUF_INIT;

	(void)state;
	assert_int_equal(file_read("deploy/operator/base/deployment.yaml", 1 << 20, &text, NULL), 0);
	assert_int_equal(yaml_each(buf_slice(&text), on_doc, NULL, NULL), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_service_types),         cmocka_unit_test(test_way_in_stays),
		cmocka_unit_test(test_pending_load_balancer), cmocka_unit_test(test_restricted),
		cmocka_unit_test(test_restricted_operator),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
