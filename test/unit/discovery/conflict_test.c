/* The status of objects that others are before: by reason, path and the winner's name; and as soon as it is gone. */
#include "whole.h"

#include "api/networking/networking.h"

#define HEAD(kind, ns, name, second)                                                                                   \
	"{apiVersion: networking.istio.io/v1beta1, kind: " kind ", metadata: {name: " name ", namespace: " ns          \
	", generation: 1, creationTimestamp: '2024-02-01T00:00:" second "Z'}, spec: "
#define VS(ns, name, second, rule) HEAD("VirtualService", ns, name, second) "{hosts: [catalog], http: [{" rule "}]}}"
#define SE(ns, name, second, more)                                                                                     \
	HEAD("ServiceEntry", ns, name, second)                                                                         \
	"{hosts: [e.org], ports: [{number: 443, name: tls, protocol: TLS}], resolution: DNS" more "}}"

static void assert_accepted(const struct api_kind *kind, const char *ns, const char *name, const char *reason,
			    const char *message)
{
	const struct istio_condition *c = condition(kind, ns, name, "Accepted");

	if (!c)
		fail_msg("%s has no condition", name);
	if (strcmp(c->reason, reason) != 0 || !strstr(c->message, message) ||
	    strcmp(c->status, strcmp(reason, "Accepted") == 0 ? "True" : "False") != 0)
		fail_msg("%s: %s %s %s", name, c->status, c->reason, c->message);
}

/* What changed arrives at the proxy, which takes it; then status is written. */
static void settle(struct peer *p)
{
	mini_pass(d, 300);
	if (!p->call)
		return;
	peer_ack(p, XDS_CLUSTER, NULL);
	peer_ack(p, XDS_LISTENER, NULL);
	mini_pass(d, 300);
}

static void the_younger_is_told_and_takes_over(void **state)
{
	struct peer p = {"a", "shop", "catalog"};

	(void)state;
	mini_put(VS("shop", "old", "01", "directResponse: {status: 211}"));
	mini_put(VS("shop", "young", "02", "directResponse: {status: 212}"));
	settle(&p);
	peer_open(&p, "Bearer shop/catalog", NULL);
	settle(&p);
	assert_accepted(&api_kind_virtual_service, "shop", "old", "Accepted", "");
	assert_accepted(&api_kind_virtual_service, "shop", "young", "Conflicted",
			"spec.hosts[0]: host catalog.shop.svc.cluster.local is taken by VirtualService shop/old");
	fake_kube_delete(&api_kind_virtual_service, "shop", "old");
	settle(&p);
	assert_accepted(&api_kind_virtual_service, "shop", "young", "Accepted", "");
	peer_close(&p);
}

/* What is wrong in itself counts more; both are told. */
static void a_bad_part_and_a_conflict(void **state)
{
	struct peer p = {"a", "shop", "catalog"};

	(void)state;
	mini_put(HEAD("Gateway", "mesh", "g",
		      "01") "{selector: {istio: ingressgateway}, servers: [{port: {number: 9000, name: "
			    "h, protocol: HTTP}, hosts: ['*']}]}}");
	mini_put(HEAD("VirtualService", "shop", "old",
		      "02") "{hosts: [a.com], gateways: [mesh/g], http: [{directResponse: "
			    "{status: 211}}]}}");
	mini_put(HEAD("VirtualService", "shop", "young",
		      "03") "{hosts: [a.com], gateways: [mesh/g], http: [{match: [{uri: "
			    "{prefix: /x}}], headers: {request: {remove: ['a b']}}, "
			    "directResponse: {status: 212}}, {directResponse: {status: "
			    "213}}]}}");
	p = (struct peer){"gw", "mesh", "gw", .type = "router"};
	settle(&p);
	peer_open(&p, "Bearer mesh/gw", NULL);
	settle(&p);
	assert_accepted(&api_kind_virtual_service, "shop", "young", "Invalid", "headers.request.remove[0]: ");
	assert_accepted(&api_kind_virtual_service, "shop", "young", "Invalid", "is taken by VirtualService shop/old");
	peer_close(&p);
}

/* What was told by a generator that has nothing new to do stays, what another tells goes with its cause. */
static void what_is_told_stays_as_long_as_it_is_so(void **state)
{
	struct peer p = {"a", "shop", "catalog"};

	(void)state;
	mini_put(VS("shop", "old", "01", "directResponse: {status: 211}"));
	mini_put(VS("shop", "young", "02", "directResponse: {status: 212}"));
	mini_put(SE("shop", "old", "01", ""));
	mini_put(SE("stock", "young", "02", ""));
	settle(&p);
	peer_open(&p, "Bearer shop/catalog", NULL);
	settle(&p);
	assert_accepted(&api_kind_service_entry, "stock", "young", "Conflicted",
			"spec.ports[0]: port 443 of host e.org is taken by ServiceEntry shop/old");
	mini_put(
		"{apiVersion: discovery.k8s.io/v1, kind: EndpointSlice, metadata: {name: catalog-x, namespace: shop, "
		"labels: {kubernetes.io/service-name: catalog}}, addressType: IPv4, ports: [{name: http, port: 8080}], "
		"endpoints: [{addresses: [10.244.0.5], conditions: {ready: true}}]}");
	settle(&p);
	assert_accepted(&api_kind_virtual_service, "shop", "young", "Conflicted", "shop/old");
	assert_accepted(&api_kind_service_entry, "stock", "young", "Conflicted", "shop/old");
	fake_kube_delete(&api_kind_service_entry, "shop", "old");
	settle(&p);
	assert_accepted(&api_kind_virtual_service, "shop", "young", "Conflicted", "shop/old");
	assert_accepted(&api_kind_service_entry, "stock", "young", "Accepted", "");
	peer_close(&p);
}

/* An annotation makes a snapshot, though the generation stays. */
static void an_annotation_is_a_change(void **state)
{
	struct peer p = {"a", "stock", "inventory", .app = "inventory"};
	const char *versions[3];
	static const char *const meta[] = {"", ", annotations: {istio.io/dry-run: 'true'}", ""};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(meta); i++) {
		CLEANUP(freep)
		char *yaml = mem_printf(
			"{apiVersion: security.istio.io/v1beta1, kind: AuthorizationPolicy, metadata: {name: p, "
			"namespace: stock, generation: 1%s}, spec: {action: DENY, rules: [{}]}}",
			meta[i]);

		mini_put(yaml);
		settle(&p);
		if (!i)
			peer_open(&p, "Bearer stock/inventory", NULL);
		settle(&p);
		versions[i] = peer_got(&p, XDS_LISTENER)->nonce;
	}
	assert_string_not_equal(versions[0], versions[1]);
	assert_string_not_equal(versions[1], versions[2]);
	peer_close(&p);
}

int main(void)
{
#define CASE(fn) cmocka_unit_test_setup_teardown(fn, whole_setup, whole_teardown)
	const struct CMUnitTest tests[] = {
		CASE(the_younger_is_told_and_takes_over),
		CASE(a_bad_part_and_a_conflict),
		CASE(what_is_told_stays_as_long_as_it_is_so),
		CASE(an_annotation_is_a_change),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
