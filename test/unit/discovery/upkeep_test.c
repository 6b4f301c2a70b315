/* What is kept in the cluster and what is told over HTTP: roots, webhooks, Routes, status, metrics, debug pages. */
#include "whole.h"

/* Whether the object's JSON holds a text. */
static bool holds(const cJSON *o, const char *text)
{
	CLEANUP(freep) char *json = cJSON_PrintUnformatted(o);

	return strstr(json, text) != NULL;
}

/* --- roots --- */

static const char *root_in(const char *ns)
{
	return json_get_str(json_at(fake_kube_get(&api_kind_config_map, ns, "istio-ca-root-cert"), "data"),
			    "root-cert.pem");
}

static bool is_root(const char *text)
{
	return text && slice_eq(slice_str(text), discovery_authority_roots(d->ca));
}

static void roots_are_in_member_namespaces(void **state)
{
	(void)state;
	assert_true(is_root(root_in("mesh")) && is_root(root_in("shop")) && is_root(root_in("stock")));
	assert_null(root_in("outside"));
	mini_put("{apiVersion: v1, kind: ConfigMap, metadata: {name: istio-ca-root-cert, namespace: shop}, data: "
		 "{root-cert.pem: forged}}");
	fake_kube_delete(&api_kind_config_map, "stock", "istio-ca-root-cert");
	mini_pass(d, 100);
	assert_true(is_root(root_in("shop")) && is_root(root_in("stock")));
	mini_put(ROLL("shop, late"));
	mini_pass(d, 300);
	assert_true(is_root(root_in("late")));
	fake_kube_delete(&api_kind_config_map, "stock", "istio-ca-root-cert");
	mini_pass(d, 300);
	assert_null(root_in("stock")); /* it has left */
}

static bool refuse_maps(struct kube_call *c)
{
	if (c->req.verb != KUBE_APPLY || c->req.kind != &api_kind_config_map)
		return whole_hook(c);
	fake_kube_answer(c, KUBE_FORBIDDEN, NULL);
	return true;
}

static void a_root_that_cannot_be_written_is_tried_again(void **state)
{
	(void)state;
	fake_kube.hook = refuse_maps;
	fake_kube_delete(&api_kind_config_map, "shop", "istio-ca-root-cert");
	mini_pass(d, 100);
	assert_null(root_in("shop"));
	fake_kube.hook = whole_hook;
	mini_pass(d, 1000);
	assert_true(is_root(root_in("shop")));
}

/* --- webhooks --- */

#define HOOKS(kind, name)                                                                                              \
	"{apiVersion: admissionregistration.k8s.io/v1, kind: " kind ", metadata: {name: " name                         \
	"}, webhooks: [{name: a, clientConfig: {}}, {name: b, clientConfig: {caBundle: b2xk}}]}"

static bool bundles_are(const struct api_kind *kind, const char *name, const char *want)
{
	const cJSON *o = fake_kube_get(kind, NULL, name), *x;

	cJSON_ArrayForEach(x, json_get(o, "webhooks"))
	{
		if (strcmp(json_str(x, "clientConfig.caBundle"), want) != 0)
			return false;
	}
	return o != NULL;
}

static void webhooks_get_the_roots(void **state)
{
	CLEANUP(buf_done) struct buf bundle = BUF_INIT;

	(void)state;
	base64_encode(discovery_authority_roots(d->ca), &bundle);
	mini_put(HOOKS("MutatingWebhookConfiguration", "istiod-basic-mesh"));
	mini_put(HOOKS("ValidatingWebhookConfiguration", "istio-validator-basic-mesh"));
	mini_put(HOOKS("ValidatingWebhookConfiguration", "of-others"));
	mini_pass(d, 100);
	assert_true(bundles_are(&api_kind_mutating_webhook_configuration, "istiod-basic-mesh", buf_str(&bundle)));
	assert_true(bundles_are(&api_kind_validating_webhook_configuration, "istio-validator-basic-mesh",
				buf_str(&bundle)));
	assert_true(holds(fake_kube_get(&api_kind_validating_webhook_configuration, NULL, "of-others"), "b2xk"));
	mini_put(HOOKS("MutatingWebhookConfiguration", "istiod-basic-mesh")); /* by hand */
	mini_pass(d, 100);
	assert_true(bundles_are(&api_kind_mutating_webhook_configuration, "istiod-basic-mesh", buf_str(&bundle)));
}

static bool refuse_patches(struct kube_call *c)
{
	if (c->req.verb != KUBE_JSON_PATCH)
		return whole_hook(c);
	fake_kube_answer(c, KUBE_CONFLICT, NULL);
	return true;
}

static void a_webhook_that_cannot_be_written_is_tried_again(void **state)
{
	(void)state;
	fake_kube.hook = refuse_patches;
	mini_put(HOOKS("MutatingWebhookConfiguration", "istiod-basic-mesh"));
	mini_pass(d, 500);
	assert_true(holds(fake_kube_get(&api_kind_mutating_webhook_configuration, NULL, "istiod-basic-mesh"), "b2xk"));
	fake_kube.hook = whole_hook;
	mini_pass(d, 1500);
	assert_false(holds(fake_kube_get(&api_kind_mutating_webhook_configuration, NULL, "istiod-basic-mesh"), "b2xk"));
}

/* --- Routes --- */

#define INGRESS                                                                                                        \
	"{apiVersion: v1, kind: Service, metadata: {name: ingress, namespace: mesh}, spec: {clusterIP: 10.96.0.30, "   \
	"selector: {istio: ingressgateway}, ports: [{name: http2, port: 80, targetPort: 8080}]}}\n---\n"               \
	"{apiVersion: v1, kind: Pod, metadata: {name: ingress-1, namespace: mesh, labels: {istio: ingressgateway}}, "  \
	"spec: {serviceAccountName: gw, containers: [{name: istio-proxy, image: x}]}, status: {podIP: 10.244.0.30, "   \
	"phase: Running, conditions: [{type: Ready, status: 'True'}]}}"

static int count(const struct api_kind *kind)
{
	int n = 0;

	for (size_t i = 0; i < fake_kube.objects.n; i++)
		n += fake_is(fake_kube.objects.v[i], kind, NULL, NULL);
	return n;
}

static const cJSON *route_to(const char *host)
{
	for (size_t i = 0; i < fake_kube.objects.n; i++) {
		const cJSON *o = fake_kube.objects.v[i];
		const char *has = json_str(o, "spec.host");

		if (fake_is(o, &api_kind_route, NULL, NULL) && has && strcmp(has, host) == 0)
			return o;
	}
	return NULL;
}

static bool deletes(struct kube_call *c)
{
	const struct api_kind *kind = c->req.kind;
	CLEANUP(freep) char *ns = NULL;
	CLEANUP(freep) char *name = NULL;

	if (c->req.verb != KUBE_DELETE)
		return whole_hook(c);
	ns = fake_dup(c->req.ns);
	name = fake_dup(c->req.name);
	fake_kube_answer(c, KUBE_OK, NULL);
	fake_kube_delete(kind, ns, name);
	return true;
}

static void gateways_get_routes(void **state)
{
	(void)state;
	fake_kube.hook = deletes;
	mini_put(INGRESS);
	mini_put(
		"{apiVersion: networking.istio.io/v1beta1, kind: Gateway, metadata: {name: g, namespace: shop, labels: "
		"{team: a}, annotations: {note: b}}, spec: {selector: {istio: ingressgateway}, servers: [{port: "
		"{number: 80, name: http, protocol: HTTP}, hosts: [a.example.com, '*.b.example.com']}, {port: {number: "
		"443, name: https, protocol: HTTPS}, hosts: [shop/c.example.com], tls: {mode: SIMPLE, credentialName: "
		"x, httpsRedirect: true}}]}}");
	mini_pass(d, 500);
	assert_int_equal(3, count(&api_kind_route));
	assert_string_equal("mesh", json_str(route_to("a.example.com"), "metadata.namespace"));
	assert_string_equal("ingress", json_str(route_to("a.example.com"), "spec.to.name"));
	assert_string_equal("http2", json_str(route_to("a.example.com"), "spec.port.targetPort"));
	assert_string_equal("a", json_str(route_to("a.example.com"), "metadata.labels.team"));
	assert_string_equal("b", json_str(route_to("a.example.com"), "metadata.annotations.note"));
	assert_string_equal("Subdomain", json_str(route_to("wildcard.b.example.com"), "spec.wildcardPolicy"));
	assert_string_equal("passthrough", json_str(route_to("c.example.com"), "spec.tls.termination"));
	assert_string_equal("Redirect", json_str(route_to("c.example.com"), "spec.tls.insecureEdgeTerminationPolicy"));
	mini_put("{apiVersion: route.openshift.io/v1, kind: Route, metadata: {name: users-own, namespace: mesh}, spec: "
		 "{host: own.example.com, to: {kind: Service, name: x}}}");
	fake_kube_delete(&api_kind_gateway, "shop", "g");
	mini_pass(d, 500);
	assert_int_equal(1, count(&api_kind_route)); /* what users made stays */
}

static void unmanaged_gateways_get_none(void **state)
{
	static const char *const rows[][2] = {
		{"ingressgateway", "false"}, {"egressgateway", "true"}, {"nobody", "true"}, {"ingressgateway", "no"}};

	(void)state;
	mini_put(INGRESS);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(freep)
		char *yaml =
			mem_printf("{apiVersion: networking.istio.io/v1beta1, kind: Gateway, metadata: {name: g%zu, "
				   "namespace: shop, annotations: {maistra.io/manageRoute: '%s'}}, spec: {selector: "
				   "{istio: %s}, servers: [{port: {number: 80, name: http, protocol: HTTP}, hosts: "
				   "[a.example.com]}]}}",
				   i, rows[i][1], rows[i][0]);

		mini_put(yaml);
	}
	mini_pass(d, 500);
	assert_int_equal(0, count(&api_kind_route));
}

/* --- status --- */

#define VS(name, host)                                                                                                 \
	"{apiVersion: networking.istio.io/v1beta1, kind: VirtualService, metadata: {name: " name                       \
	", namespace: shop, generation: 1, creationTimestamp: '2024-02-01T00:00:00Z'}, spec: {hosts: [catalog], "      \
	"http: "                                                                                                       \
	"[{route: [{destination: {host: " host "}}]}]}}"

static void assert_condition(const char *name, const char *type, const char *status, const char *reason,
			     const char *message)
{
	const struct istio_condition *c = condition(&api_kind_virtual_service, "shop", name, type);

	if (!c)
		fail_msg("%s has no condition %s", name, type);
	if (strcmp(c->status, status) != 0 || strcmp(c->reason, reason) != 0 || !strstr(c->message, message))
		fail_msg("%s %s: %s %s %s", name, type, c->status, c->reason, c->message);
}

static void status_tells_what_became_of_it(void **state)
{
	struct peer p = {"a", "shop", "catalog"};
	size_t n;

	(void)state;
	mini_put(VS("good", "inventory.stock.svc.cluster.local"));
	mini_pass(d, 500);
	assert_condition("good", "Accepted", "True", "Accepted", "");
	assert_condition("good", "ResolvedRefs", "True", "ResolvedRefs", "");
	assert_condition("good", "Programmed", "False", "NoProxies", "No connected proxy");
	peer_open(&p, "Bearer shop/catalog", NULL);
	peer_send(&p, xds_type_url(XDS_ROUTE), "8080", "", NULL);
	mini_pass(d, 100);
	assert_condition("good", "Programmed", "False", "Pending", "0/1 proxies");
	peer_ack(&p, XDS_CLUSTER, NULL);
	peer_ack(&p, XDS_LISTENER, NULL);
	peer_send(&p, xds_type_url(XDS_ROUTE), "8080", peer_got(&p, XDS_ROUTE)->nonce, NULL);
	mini_pass(d, 100);
	assert_condition("good", "Programmed", "True", "Programmed", "1/1 proxies");
	free(fake_kube.log);
	fake_kube.log = NULL;
	mini_pass(d, 3000);
	assert_null(fake_kube.log ? strstr(fake_kube.log, "/status") : NULL); /* nothing differs, nothing is written */
	n = p.call->sent.n;
	mini_put("{apiVersion: networking.istio.io/v1beta1, kind: VirtualService, metadata: {name: good, namespace: "
		 "shop,"
		 " generation: 2}, spec: {hosts: [catalog], http: [{timeout: 3s, route: [{destination: {host: "
		 "catalog}}]}]}}");
	mini_pass(d, 300);
	assert_true(p.call->sent.n > n);
	peer_send(&p, xds_type_url(XDS_ROUTE), "8080", peer_got(&p, XDS_ROUTE)->nonce, "route is odd");
	mini_pass(d, 100);
	assert_condition("good", "Programmed", "False", "Rejected", "a.shop refused: route is odd");
	peer_close(&p);
	mini_pass(d, 100);
	assert_condition("good", "Programmed", "False", "NoProxies", "");
}

static void status_tells_what_is_wrong(void **state)
{
	(void)state;
	mini_put(VS("lost", "nowhere"));
	mini_put("{apiVersion: networking.istio.io/v1beta1, kind: VirtualService, metadata: {name: bad, namespace: "
		 "shop, "
		 "generation: 1}, spec: {hosts: ['*'], http: [{route: [{destination: {host: catalog}}]}]}}");
	mini_put("{apiVersion: networking.istio.io/v1beta1, kind: VirtualService, metadata: {name: far, namespace: "
		 "outside,"
		 " generation: 1}, spec: {hosts: [], http: []}}");
	mini_pass(d, 500);
	assert_condition("lost", "ResolvedRefs", "False", "RefNotFound", "nowhere");
	assert_condition("bad", "Accepted", "False", "Invalid", "host");
	assert_null(condition(&api_kind_virtual_service, "outside", "far", "Accepted"));
	mini_put("{apiVersion: networking.istio.io/v1beta1, kind: VirtualService, metadata: {name: lost, namespace: "
		 "shop, "
		 "generation: 2}, spec: {hosts: [catalog], http: [{route: [{destination: {host: catalog}}]}]}}");
	mini_pass(d, 500);
	assert_condition("lost", "ResolvedRefs", "True", "ResolvedRefs", "");
}

/* Conditions of others stay, and a transition keeps its time while the status does. */
static void conditions_of_others_stay(void **state)
{
	const struct istio_condition *c;

	(void)state;
	mini_put("{apiVersion: networking.istio.io/v1beta1, kind: VirtualService, metadata: {name: v, namespace: shop, "
		 "generation: 1}, spec: {hosts: [catalog], http: [{route: [{destination: {host: catalog}}]}]}, status: "
		 "{conditions: [{type: Reviewed, status: 'True', reason: ByHand, message: nice}, {type: Accepted, "
		 "status: "
		 "'True', reason: Old, message: old, lastTransitionTime: '2020-01-01T00:00:00Z'}]}}");
	mini_pass(d, 500);
	c = condition(&api_kind_virtual_service, "shop", "v", "Reviewed");
	assert_non_null(c);
	assert_string_equal("nice", c->message);
	assert_condition("v", "Accepted", "True", "Accepted", "");
	assert_true(holds(fake_kube_get(&api_kind_virtual_service, "shop", "v"), "2020-01-01T00:00:00Z"));
}

/* --- HTTP --- */

static const char *page(const char *path)
{
	struct web_request r;

	assert_int_equal(200, fake_web_ask(&r, 15014, "GET", "127.0.0.1", NULL, path));
	return fake_web.body;
}

#define assert_page(path, part)                                                                                        \
	do {                                                                                                           \
		if (!strstr(page(path), part))                                                                         \
			fail_msg("%s is missing in %s", part, fake_web.body);                                          \
	} while (0)

static void pages_tell_of_proxies(void **state)
{
	struct peer p = {"a", "shop", "catalog"}, gw = {"g", "mesh", "gw", "router"};

	(void)state;
	peer_open(&p, "Bearer shop/catalog", NULL);
	peer_open(&gw, "Bearer mesh/gw", NULL);
	peer_ack(&p, XDS_CLUSTER, NULL);
	assert_page("/debug/syncz", "\"proxy\":\"a.shop\"");
	assert_page("/debug/syncz", "\"proxy_type\":\"router\"");
	assert_page("/debug/syncz", "\"cluster_acked\":\"1\"");
	assert_page("/debug/connections", "\"totalClients\":2");
	assert_page("/debug/connections", "10.244.0.9:40000");
	assert_page("/debug/registryz", "\"hostname\":\"catalog.shop.svc.cluster.local\"");
	assert_page("/debug/endpointz", "[{\"svc\":");
	assert_page("/debug/endpointz", "{\"svc\":\"inventory.stock.svc.cluster.local:http\",\"ep\":[{\"service\":{");
	assert_page("/debug/endpointz", "\"Address\":\"10.244.0.6\",\"ServicePortName\":\"http\"");
	assert_page("/debug/endpointz", "\"EndpointPort\":8080");
	assert_page("/debug/endpointz", "\"ServiceAccount\":\"spiffe://cluster.local/ns/stock/sa/inventory\"");
	assert_page("/debug/rootz", "\"phase\":");
	assert_page("/debug/registryz", "\"LabelSelectors\":{\"app\":\"catalog\"}");
	assert_page("/debug", "/debug/configz");
	mini_put("{apiVersion: networking.istio.io/v1beta1, kind: VirtualService, metadata: {name: seen, namespace: "
		 "shop, "
		 "generation: 1}, spec: {hosts: [catalog], http: [{timeout: 7s, route: [{destination: {host: "
		 "catalog}}]}]}}");
	mini_put("{apiVersion: networking.istio.io/v1beta1, kind: VirtualService, metadata: {name: hidden, namespace: "
		 "outside, generation: 1}, spec: {hosts: [catalog], http: [{route: [{destination: {host: "
		 "catalog}}]}]}}");
	mini_pass(d, 300);
	assert_page("/debug/configz", "\"name\":\"seen\"");
	assert_page("/debug/configz", "\"timeout\":\"7s\"");
	assert_null(strstr(fake_web.body, "hidden"));
	fake_web.proxy = SLICE("a.shop");
	assert_page("/debug/config_dump", "outbound|80||inventory.stock.svc.cluster.local");
	assert_page("/debug/config_dump", "envoy.admin.v3.RoutesConfigDump");
	assert_page("/debug/config_dump", "\"timeout\":\"7s\"");
	fake_web.proxy = (struct slice){NULL, 0};
	assert_int_equal(400,
			 fake_web_ask(&(struct web_request){0}, 15014, "GET", "127.0.0.1", NULL, "/debug/config_dump"));
	peer_close(&p);
	peer_close(&gw);
}

static const struct discovery_events *virtual_services(void)
{
	static const struct discovery_events none;

	for (size_t i = 0; i < d->stats.events.n; i++)
		if (d->stats.events.v[i].kind == &api_kind_virtual_service)
			return &d->stats.events.v[i];
	return &none;
}

static void metrics_count(void **state)
{
	struct peer p = {"a", "shop", "catalog"}, stranger = {"b", "shop", "x"};
	struct discovery_events before, now;
	uint64_t triggers;

	(void)state;
	peer_open(&p, "Bearer shop/catalog", NULL);
	peer_open(&stranger, NULL, NULL);
	peer_ack(&p, XDS_CLUSTER, NULL);
	peer_ack(&p, XDS_LISTENER, "odd");
	assert_page("/metrics", "pilot_xds{version=\"1.20.8-weft\"} 1\n");
	assert_page("/metrics", "pilot_xds_pushes{type=\"cds\"} 1\n");
	assert_page("/metrics", "pilot_total_xds_rejects{type=\"lds\"} 1\n");
	assert_page("/metrics", "pilot_xds_lds_reject 1\n");
	assert_page("/metrics", "pilot_services 3\n");
	before = *virtual_services();
	triggers = d->stats.triggers[TRIGGER_CONFIG];
	mini_put("{apiVersion: networking.istio.io/v1beta1, kind: VirtualService, metadata: {name: counted, namespace: "
		 "shop, "
		 "generation: 1}, spec: {hosts: [catalog], http: [{timeout: 1s, route: [{destination: {host: "
		 "catalog}}]}]}}");
	mini_pass(d, 300);
	mini_put("{apiVersion: networking.istio.io/v1beta1, kind: VirtualService, metadata: {name: counted, namespace: "
		 "shop, "
		 "generation: 2}, spec: {hosts: [catalog], http: [{timeout: 2s, route: [{destination: {host: "
		 "catalog}}]}]}}");
	mini_pass(d, 300);
	fake_kube_delete(&api_kind_virtual_service, "shop", "counted");
	mini_pass(d, 300);
	now = *virtual_services();
	assert_true(now.added == before.added + 1 && now.updated > before.updated && now.deleted == before.deleted + 1);
	assert_page("/metrics", "pilot_k8s_cfg_events{event=\"delete\",type=\"VirtualService\"} ");
	assert_page("/metrics", "pilot_k8s_reg_events{event=\"add\",type=\"Services\"} ");
	assert_true(d->stats.triggers[TRIGGER_CONFIG] >= triggers + 3);
	assert_page("/metrics", "pilot_push_triggers{type=\"config\"} ");
	assert_page("/metrics", "pilot_xds_push_time_count{type=\"cds\"} 1\n");
	assert_page("/metrics", "pilot_xds_config_size_bytes_bucket{type=\"cds\",le=\"1\"} 0\n");
	assert_page("/metrics", "pilot_xds_config_size_bytes_bucket{type=\"cds\",le=\"1000000\"} 1\n");
	assert_page("/metrics", "process_open_fds ");
	assert_page("/metrics", "citadel_server_authentication_failure_count 1\n");
	assert_page("/metrics", "citadel_server_root_cert_expiry_timestamp ");
	assert_page("/metrics", "process_resident_memory_bytes ");
	assert_page("/metrics", "owner_metric 1\n");
	assert_true(owner.metrics > 0);
	assert_page("/version", "1.20.8-weft v0.0.0 (commit unknown)\n");
	peer_close(&p);
	peer_close(&stranger);
}

/* --- the beginning --- */

static void the_owner_gets_the_certificate(void **state)
{
	(void)state;
	assert_int_equal(1, owner.certificates);
	assert_int_equal(2, fake_grpc.listeners); /* plain and TLS */
	fake_wall_ns += 43200ll * NS_PER_S;
	mini_pass(d, 11000);
	assert_int_equal(2, owner.certificates);
	assert_int_equal(1, fake_grpc.tls_changes);
}

static void a_broken_mesh_configuration_is_left_out(void **state)
{
	(void)state;
	mini_put("{apiVersion: v1, kind: ConfigMap, metadata: {name: istio-basic, namespace: mesh}, data: {mesh: "
		 "'trustDomain: other.example'}}");
	mini_pass(d, 300);
	assert_string_equal("other.example", d->mesh->trust_domain);
	mini_put("{apiVersion: v1, kind: ConfigMap, metadata: {name: istio-basic, namespace: mesh}, data: {mesh: "
		 "'trustDomain: [1'}}");
	mini_put("{apiVersion: v1, kind: ConfigMap, metadata: {name: istio-basic, namespace: shop}, data: {mesh: "
		 "'trustDomain: evil.example'}}");
	mini_put("{apiVersion: v1, kind: ConfigMap, metadata: {name: istio-other, namespace: mesh}, data: {mesh: "
		 "'trustDomain: evil.example'}}");
	mini_pass(d, 300);
	assert_string_equal("other.example", d->mesh->trust_domain);
}

static void a_port_that_is_taken_is_told(void **state)
{
	static const uint16_t ports[] = {8080, 15014};
	const struct discovery_config cfg = whole_config();

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(ports); i++) {
		struct loop *l = loop_new();
		struct err e = ERR_INIT;

		fake_web.busy_port = ports[i];
		assert_null(discovery_new(l, FAKE_CLIENT, &cfg, &e));
		assert_non_null(strstr(e.msg, "in use"));
		loop_free(l);
	}
	memset(&fake_web, 0, sizeof(fake_web));
	assert_int_equal(0, fake_kube_reset());
}

/* Not ready before everything is listed and the authority is there; the page says what is missing. */
static void ready_when_all_is_there(void **state)
{
	const struct discovery_config cfg = whole_config();
	struct loop *l = loop_new();
	struct web_request r;

	(void)state;
	fake_kube.hook = whole_hook;
	mini_put("{apiVersion: v1, kind: Secret, metadata: {name: istio-ca-secret, namespace: mesh}, data: {a: b}}");
	d = discovery_new(l, FAKE_CLIENT, &cfg, NULL);
	assert_non_null(d);
	mini_pass(d, 1000);
	assert_false(discovery_ready(d));
	assert_int_equal(503, fake_web_ask(&r, 8080, "GET", "10.244.0.1", NULL, "/ready"));
	assert_non_null(strstr(fake_web.body, "Secret mesh/istio-ca-secret"));
	assert_int_equal(42000, fake_grpc.max_age_ms);
	assert_int_equal(0, fake_grpc.listeners);
	whole_put_root();
	mini_pass(d, 3000);
	assert_true(discovery_ready(d));
	assert_int_equal(200, fake_web_ask(&r, 8080, "GET", "10.244.0.1", NULL, "/ready"));
}

int main(void)
{
#define CASE(fn) cmocka_unit_test_setup_teardown(fn, whole_setup, whole_teardown)
	const struct CMUnitTest tests[] = {
		CASE(roots_are_in_member_namespaces),
		CASE(a_root_that_cannot_be_written_is_tried_again),
		CASE(webhooks_get_the_roots),
		CASE(a_webhook_that_cannot_be_written_is_tried_again),
		CASE(gateways_get_routes),
		CASE(unmanaged_gateways_get_none),
		CASE(status_tells_what_became_of_it),
		CASE(status_tells_what_is_wrong),
		CASE(conditions_of_others_stay),
		CASE(pages_tell_of_proxies),
		CASE(metrics_count),
		CASE(the_owner_gets_the_certificate),
		CASE(a_broken_mesh_configuration_is_left_out),
		cmocka_unit_test(a_port_that_is_taken_is_told),
		cmocka_unit_test_setup_teardown(ready_when_all_is_there, NULL, whole_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
