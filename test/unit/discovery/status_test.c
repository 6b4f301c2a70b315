/* Status is thought about where something changed, and nowhere else. */
#include "whole.h"

/* How many objects are judged while fn runs and settles. */
static uint64_t judged(void (*fn)(void *arg), void *arg)
{
	const uint64_t before = d->stats.judged;

	fn(arg);
	mini_pass(d, 300);
	return d->stats.judged - before;
}

#define OBJECTS 20
#define ELSEWHERE 150

/* OBJECTS services with a VirtualService and a DestinationRule each, and ELSEWHERE policies that no proxy of "shop"
 * has. */
static void put_many(void)
{
	for (int i = 0; i < ELSEWHERE; i++) {
		CLEANUP(freep)
		char *yaml = mem_printf(
			"{apiVersion: security.istio.io/v1beta1, kind: AuthorizationPolicy, metadata: {name: "
			"p%d, namespace: stock, generation: 1}, spec: {action: DENY, rules: [{to: "
			"[{operation: {paths: [/x]}}]}]}}",
			i);

		mini_put(yaml);
	}
	for (int i = 0; i < OBJECTS; i++) {
		CLEANUP(freep)
		char *yaml = mem_printf(
			"{apiVersion: v1, kind: Service, metadata: {name: s%d, namespace: shop}, spec: {clusterIP: "
			"10.96.2.%d, selector: {app: s}, ports: [{name: http, port: 80}]}}\n---\n"
			"{apiVersion: networking.istio.io/v1beta1, kind: VirtualService, metadata: {name: s%d, "
			"namespace: shop, generation: 1}, spec: {hosts: [s%d], http: [{route: [{destination: {host: "
			"s%d}}]}]}}\n---\n"
			"{apiVersion: networking.istio.io/v1beta1, kind: DestinationRule, metadata: {name: s%d, "
			"namespace: shop, generation: 1}, spec: {host: s%d, trafficPolicy: {loadBalancer: {simple: "
			"RANDOM}}}}",
			i, i, i, i, i, i, i);

		mini_put(yaml);
	}
	mini_pass(d, 1000);
}

static struct peer a = {"a", "shop", "catalog"}, b = {"b", "shop", "catalog"};

static void open_both(void)
{
	peer_open(&a, "Bearer shop/catalog", NULL);
	peer_open(&b, "Bearer shop/catalog", NULL);
	peer_send(&a, xds_type_url(XDS_ROUTE), "80", "", NULL);
	peer_send(&b, xds_type_url(XDS_ROUTE), "80", "", NULL);
	mini_pass(d, 300);
}

static void close_both(void)
{
	peer_close(&a);
	peer_close(&b);
	a = (struct peer){"a", "shop", "catalog"};
	b = (struct peer){"b", "shop", "catalog"};
}

static void ack(void *type)
{
	peer_ack(&a, (enum xds_type)(uintptr_t)type, NULL);
}

static void ack_route(void *arg)
{
	struct peer *p = arg;

	peer_send(p, xds_type_url(XDS_ROUTE), "80", peer_got(p, XDS_ROUTE)->nonce, NULL);
}

static void nothing(void *arg)
{
	(void)arg;
}

static void change_one(void *arg)
{
	(void)arg;
	mini_put("{apiVersion: security.istio.io/v1beta1, kind: AuthorizationPolicy, metadata: {name: p0, namespace: "
		 "stock, "
		 "generation: 1, labels: {}}, spec: {action: DENY, rules: [{to: [{operation: {paths: [/x]}}]}]}, "
		 "status: "
		 "{conditions: []}}");
}

static void change_endpoint(void *arg)
{
	(void)arg;
	mini_put("{apiVersion: discovery.k8s.io/v1, kind: EndpointSlice, metadata: {name: s0-x, namespace: shop, "
		 "labels: "
		 "{kubernetes.io/service-name: s0}}, addressType: IPv4, ports: [{name: http, port: 80}], endpoints: "
		 "[{addresses: [10.244.3.1], conditions: {ready: true}}]}");
}

static void only_what_changed_is_judged(void **state)
{
	(void)state;
	put_many();
	open_both();
	assert_int_equal(0, judged(nothing, NULL));
	/* an answer concerns what is in the type (again when what was written of it comes back), and nothing elsewhere
	 */
	assert_in_range(judged(ack, (void *)(uintptr_t)XDS_CLUSTER), OBJECTS, 4 * OBJECTS);
	assert_in_range(judged(ack_route, &a), OBJECTS, 4 * OBJECTS);
	assert_in_range(judged(change_one, NULL), 1, 2); /* and what is written of it comes back */
	assert_in_range(judged(change_endpoint, NULL), 0, OBJECTS);
	close_both();
}

/* Of many answers at once each object is judged once. */
static void answer_all(void *arg)
{
	(void)arg;
	peer_send(&a, xds_type_url(XDS_CLUSTER), NULL, peer_got(&a, XDS_CLUSTER)->nonce, NULL);
	peer_send(&b, xds_type_url(XDS_CLUSTER), NULL, peer_got(&b, XDS_CLUSTER)->nonce, NULL);
	peer_send(&a, xds_type_url(XDS_LISTENER), NULL, peer_got(&a, XDS_LISTENER)->nonce, NULL);
	peer_send(&b, xds_type_url(XDS_LISTENER), NULL, peer_got(&b, XDS_LISTENER)->nonce, NULL);
}

static void many_answers_are_one_look(void **state)
{
	(void)state;
	put_many();
	open_both();
	assert_in_range(judged(answer_all, NULL), OBJECTS, 4 * OBJECTS);
	close_both();
}

static const char *programmed(const char *name)
{
	const struct istio_condition *c = condition(&api_kind_virtual_service, "shop", name, "Programmed");

	return c ? c->message : "";
}

static const char *accepted(const struct api_kind *kind, const char *ns, const char *name)
{
	const struct istio_condition *c = condition(kind, ns, name, "Accepted");

	return c ? c->reason : "";
}

/* Sessions that stand differently are counted each. */
static void sessions_are_counted(void **state)
{
	struct peer other = {"o", "stock", "inventory"};

	(void)state;
	put_many();
	open_both();
	peer_open(&other, "Bearer stock/inventory", NULL);
	peer_send(&other, xds_type_url(XDS_ROUTE), "80", "", NULL);
	mini_pass(d, 300);
	assert_string_equal("0/3 proxies up to date.", programmed("s1"));
	ack_route(&a);
	mini_pass(d, 300);
	assert_string_equal("1/3 proxies up to date.", programmed("s1"));
	peer_send(&b, xds_type_url(XDS_ROUTE), "80", peer_got(&b, XDS_ROUTE)->nonce, "too odd");
	mini_pass(d, 300);
	assert_string_equal("1/3 proxies up to date. b.shop refused: too odd", programmed("s1"));
	ack_route(&other);
	mini_pass(d, 300);
	assert_string_equal("2/3 proxies up to date. b.shop refused: too odd", programmed("s1"));
	close_both();
	mini_pass(d, 300);
	assert_string_equal("1/1 proxies up to date.", programmed("s1"));
	peer_close(&other);
	mini_pass(d, 300);
	assert_string_equal("No connected proxy uses it.", programmed("s1"));
}

/* A ServiceEntry concerns every proxy. */
static void service_entries(void **state)
{
	const struct istio_condition *c;

	(void)state;
	mini_put("{apiVersion: networking.istio.io/v1beta1, kind: ServiceEntry, metadata: {name: e, namespace: shop, "
		 "generation: 1}, spec: {hosts: [api.example.com], ports: [{number: 443, name: tls, protocol: TLS}], "
		 "resolution: DNS}}");
	mini_pass(d, 300);
	open_both();
	peer_ack(&a, XDS_CLUSTER, NULL);
	mini_pass(d, 300);
	c = condition(&api_kind_service_entry, "shop", "e", "Programmed");
	assert_string_equal("1/2 proxies up to date.", c->message);
	peer_ack(&b, XDS_CLUSTER, NULL);
	mini_pass(d, 300);
	c = condition(&api_kind_service_entry, "shop", "e", "Programmed");
	assert_string_equal("2/2 proxies up to date.", c->message);
	close_both();
}

/* What another object decides is told, and taken back when that object goes. */
static void a_conflict_and_its_end(void **state)
{
	(void)state;
	mini_put("{apiVersion: security.istio.io/v1beta1, kind: PeerAuthentication, metadata: {name: old, namespace: "
		 "shop, "
		 "generation: 1, creationTimestamp: '2024-01-01T00:00:00Z'}, spec: {mtls: {mode: STRICT}}}");
	mini_put("{apiVersion: security.istio.io/v1beta1, kind: PeerAuthentication, metadata: {name: young, namespace: "
		 "shop,"
		 " generation: 1, creationTimestamp: '2024-01-02T00:00:00Z'}, spec: {mtls: {mode: DISABLE}}}");
	mini_pass(d, 300);
	open_both();
	mini_pass(d, 500);
	assert_string_equal("Accepted", accepted(&api_kind_peer_authentication, "shop", "old"));
	assert_string_equal("Conflicted", accepted(&api_kind_peer_authentication, "shop", "young"));
	fake_kube_delete(&api_kind_peer_authentication, "shop", "old");
	peer_ack(&a, XDS_CLUSTER, NULL);
	peer_ack(&a, XDS_LISTENER, NULL);
	mini_pass(d, 500);
	assert_string_equal("Accepted", accepted(&api_kind_peer_authentication, "shop", "young"));
	close_both();
}

#define DETECTION "type.googleapis.com/weft.mesh.v1.DetectionTimeouts"

static size_t events_about(const char *name)
{
	size_t n = 0;

	for (size_t i = 0; i < fake_kube.objects.n; i++) {
		const cJSON *o = fake_kube.objects.v[i];

		n += strcmp(json_str(o, "kind"), "Event") == 0 && strcmp(json_str(o, "involvedObject.name"), name) == 0;
	}
	return n;
}

static bool hinted(const char *what)
{
	mini_pass(d, 500);
	return strstr(programmed("pg"), what) != NULL;
}

/* Where a protocol was waited for in vain those who own the service are told, as long as it would be waited for. */
static void what_was_waited_for(void **state)
{
	static const char auth[] =
		"{apiVersion: security.istio.io/v1beta1, kind: PeerAuthentication, metadata: {name: pg, "
		"namespace: shop}, spec: {mtls: {mode: STRICT}}}";

	(void)state;
	mini_put(
		"{apiVersion: v1, kind: Service, metadata: {name: pg, namespace: shop}, spec: {clusterIP: 10.96.3.1, "
		"selector: {app: pg}, ports: [{name: tcp-pg, port: 15432, targetPort: 5432}, {name: http, port: 80, "
		"targetPort: 8080}]}}\n---\n"
		"{apiVersion: discovery.k8s.io/v1, kind: EndpointSlice, metadata: {name: pg-x, namespace: shop, "
		"labels: "
		"{kubernetes.io/service-name: pg}}, addressType: IPv4, ports: [{name: tcp-pg, port: 5432}, {name: "
		"http, "
		"port: 8080}], endpoints: [{addresses: [10.244.0.5], conditions: {ready: true}}]}\n---\n"
		"{apiVersion: networking.istio.io/v1beta1, kind: VirtualService, metadata: {name: pg, namespace: shop, "
		"generation: 1}, spec: {hosts: [pg], tcp: [{route: [{destination: {host: pg}}]}]}}");
	mini_pass(d, 500);
	open_both();
	peer_send(&b, DETECTION, NULL, "", "80,8080,,x,99999");
	assert_false(hinted("Port"));
	assert_int_equal(0, events_about("pg"));
	peer_send(&a, DETECTION, NULL, "", "8080,5432");
	assert_true(hinted(" proxies up to date. Port 15432: clients do not speak first"));
	assert_true(hinted("(a.shop); a PeerAuthentication that says STRICT or DISABLE for it would spare them that."));
	assert_false(hinted("Port 80"));
	assert_int_equal(1, events_about("pg"));
	peer_send(&a, DETECTION, NULL, "", "5432");
	assert_true(hinted("Port 15432"));
	assert_int_equal(1, events_about("pg"));
	mini_put(auth);
	assert_false(hinted("Port"));
	fake_kube_delete(&api_kind_peer_authentication, "shop", "pg");
	assert_true(hinted("Port 15432"));
	close_both();
	assert_false(hinted("Port"));
}

static bool refuse_status(struct kube_call *c)
{
	if (!c->req.subresource || strcmp(c->req.subresource, "status") != 0)
		return whole_hook(c);
	fake_kube_answer(c, KUBE_CONFLICT, NULL);
	return true;
}

static void what_cannot_be_written_is_tried_again(void **state)
{
	(void)state;
	fake_kube.hook = refuse_status;
	put_many();
	assert_string_equal("", programmed("s1"));
	fake_kube.hook = whole_hook;
	mini_pass(d, 3000);
	assert_string_equal("No connected proxy uses it.", programmed("s1"));
}

/* --- without a cluster --- */

static int alone_setup(void **state)
{
	struct discovery_config cfg = whole_config();

	(void)state;
	cfg.alone = true;
	whole_start(&cfg);
	return 0;
}

/* Nobody else writes, so no lease is held; a gateway is whoever is connected with its labels. */
static void alone(void **state)
{
	struct peer edge = {.name = "edge", .ns = "shop", .sa = "poor", .type = "router"};
	const struct istio_condition *c;

	(void)state;
	mini_put("{apiVersion: networking.istio.io/v1beta1, kind: Gateway, metadata: {name: edge, namespace: shop, "
		 "generation: 1}, spec: {selector: {istio: ingressgateway}, servers: [{port: {number: 80, name: http, "
		 "protocol: HTTP}, hosts: ['*']}]}}\n---\n"
		 "{apiVersion: networking.istio.io/v1beta1, kind: Gateway, metadata: {name: secure, namespace: shop, "
		 "generation: 1}, spec: {selector: {istio: ingressgateway}, servers: [{port: {number: 443, name: "
		 "https, protocol: HTTPS}, hosts: ['*'], tls: {mode: SIMPLE, credentialName: c}}]}}");
	mini_pass(d, 1000);
	assert_null(fake_kube_get(&api_kind_lease, "mesh", "istio-status-leader-basic"));
	c = condition(&api_kind_gateway, "shop", "edge", "ResolvedRefs");
	assert_string_equal("False", c->status);
	assert_string_equal("spec.selector: no connected proxy has these labels", c->message);
	peer_open(&edge, "Bearer shop/poor", NULL);
	mini_pass(d, 1000);
	assert_string_equal("True", condition(&api_kind_gateway, "shop", "edge", "ResolvedRefs")->status);
	assert_non_null(strstr(condition(&api_kind_gateway, "shop", "secure", "ResolvedRefs")->message,
			       "may not list secrets"));
	peer_close(&edge);
	mini_pass(d, 1000);
	assert_string_equal("False", condition(&api_kind_gateway, "shop", "edge", "ResolvedRefs")->status);
}

int main(void)
{
#define CASE(fn) cmocka_unit_test_setup_teardown(fn, whole_setup, whole_teardown)
	const struct CMUnitTest tests[] = {
		CASE(only_what_changed_is_judged), CASE(many_answers_are_one_look),
		CASE(sessions_are_counted),        CASE(service_entries),
		CASE(a_conflict_and_its_end),      CASE(what_cannot_be_written_is_tried_again),
		CASE(what_was_waited_for),         cmocka_unit_test_setup_teardown(alone, alone_setup, whole_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
