/* Workloads outside of Kubernetes that register themselves: who may, what is made, and when it is taken away. */
#include "whole.h"

#include "api/networking/networking.h"
#include "discovery/registration_internal.h"

#define GROUP(name, more)                                                                                              \
	"{apiVersion: networking.istio.io/v1beta1, kind: WorkloadGroup, metadata: {name: " name                        \
	", namespace: shop, uid: g-1}, spec: {metadata: {labels: {tier: vm}, annotations: {note: kept}}, template: "   \
	"{serviceAccount: vm, weight: 7, ports: {http: 9000}, labels: {app: old, role: backend}" more "}}}"
#define ENTRY "pool-192.0.2.7"

static const struct peer machine = {
	.name = "machine", .ns = "shop", .sa = "vm", .app = "machines", .group = "pool", .ip = "192.0.2.7"};

static const cJSON *entry(const char *name)
{
	return fake_kube_get(&api_kind_workload_entry, "shop", name);
}

static const char *annotation(const char *key)
{
	return json_get_str(json_at(entry(ENTRY), "metadata.annotations"), key);
}

static struct peer connect_machine(void)
{
	struct peer p = machine;

	peer_open(&p, "Bearer shop/vm", NULL);
	mini_pass(d, 200);
	return p;
}

/* --- what is made --- */

static void an_entry_while_it_is_connected(void **state)
{
	struct peer p;
	const cJSON *e, *owned_by;

	(void)state;
	mini_put(GROUP("pool", ""));
	mini_pass(d, 200);
	p = connect_machine();
	assert_false(p.call->finished);
	e = entry(ENTRY);
	assert_non_null(e);
	assert_string_equal("192.0.2.7", json_str(e, "spec.address"));
	assert_string_equal("vm", json_str(e, "spec.serviceAccount"));
	assert_int_equal(7, json_int(e, "spec.weight", 0));
	assert_int_equal(9000, json_int(e, "spec.ports.http", 0));
	assert_string_equal("machines", json_str(e, "spec.labels.app")); /* the node's come first */
	assert_string_equal("backend", json_str(e, "metadata.labels.role"));
	assert_string_equal("vm", json_str(e, "metadata.labels.tier"));
	assert_string_equal("kept", annotation("note"));
	assert_string_equal("pool", annotation("istio.io/autoRegistrationGroup"));
	assert_string_equal("istiod-basic-0", annotation("istio.io/workloadController"));
	assert_non_null(annotation("istio.io/connectedAt"));
	assert_null(annotation("istio.io/disconnectedAt"));
	assert_null(annotation("proxy.istio.io/health-checks-enabled"));
	owned_by = cJSON_GetArrayItem(json_at(e, "metadata.ownerReferences"), 0);
	assert_string_equal("WorkloadGroup", json_str(owned_by, "kind"));
	assert_string_equal("g-1", json_str(owned_by, "uid"));
	assert_true(json_true(owned_by, "controller"));
	peer_close(&p);
}

/* Its own services' ports are let in: the labels of the entry are the proxy's. */
static void the_proxy_has_the_labels_of_its_entry(void **state)
{
	struct peer p;
	const struct session *s;

	(void)state;
	mini_put(GROUP("pool", ""));
	mini_pass(d, 200);
	p = connect_machine();
	s = LIST_FIRST(&d->sessions, struct session, link);
	assert_string_equal("backend", str_map_get(&s->proxy.labels, "role"));
	assert_string_equal("machines", str_map_get(&s->proxy.labels, "app"));
	peer_close(&p);
}

static void names(void **state)
{
	static char longest[REGISTRATION_NAME_MAX + 1];
	static const struct {
		struct registrant r;
		const char *name;
	} rows[] = {
		{{.group = "g", .ip = "192.0.2.7", .network = ""}, "g-192.0.2.7"},
		{{.group = "g", .ip = "2001:db8::1", .network = ""}, "g-2001-db8--1"},
		{{.group = "g", .ip = "192.0.2.7", .network = "net"}, "g-192.0.2.7-net"},
	};
	CLEANUP(arena_done) struct arena a = ARENA_INIT;
	const char *cut;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		assert_string_equal(rows[i].name, registrant_entry_name(&rows[i].r, &a));
	memset(longest, 'g', sizeof(longest) - 1);
	cut = registrant_entry_name(&(struct registrant){.group = longest, .ip = "192.0.2.7", .network = ""}, &a);
	assert_int_equal(REGISTRATION_NAME_MAX, strlen(cut));
	assert_string_equal("g-192.0.2.7", cut + strlen(cut) - strlen("g-192.0.2.7"));
}

/* --- who may --- */

static void who_may_register(void **state)
{
	static const struct {
		struct peer peer;
		const char *token;
		int status;
	} rows[] = {
		{{.group = "pool", .sa = "vm"}, "Bearer shop/vm", GRPC_OK},
		{{.group = "pool"}, "Bearer shop/vm", GRPC_OK},
		{{.group = "pool", .sa = "cart"}, "Bearer shop/cart", GRPC_FAILED_PRECONDITION},
		{{.group = "pool", .sa = "vm"}, "Bearer shop/cart", GRPC_PERMISSION_DENIED},
		{{.group = "pool", .sa = "vm", .ns = "stock"}, "Bearer stock/vm", GRPC_FAILED_PRECONDITION},
		{{.group = "nobody", .sa = "vm"}, "Bearer shop/vm", GRPC_FAILED_PRECONDITION},
		{{.group = "plain", .sa = "default"}, "Bearer shop/default", GRPC_OK},
		{{.group = "plain", .sa = "vm"}, "Bearer shop/vm", GRPC_FAILED_PRECONDITION},
		{{.group = "taken", .sa = "vm"}, "Bearer shop/vm", GRPC_FAILED_PRECONDITION},
		{{.group = "pool", .sa = "vm", .ip = "127.0.0.1"}, "Bearer shop/vm", GRPC_FAILED_PRECONDITION},
		{{.group = "pool", .sa = "vm", .ip = "169.254.169.254"}, "Bearer shop/vm", GRPC_FAILED_PRECONDITION},
		{{.group = "pool", .sa = "vm", .ip = "0.0.0.0"}, "Bearer shop/vm", GRPC_FAILED_PRECONDITION},
		{{.group = "pool", .sa = "vm", .ip = "::1"}, "Bearer shop/vm", GRPC_FAILED_PRECONDITION},
		{{.group = "pool", .sa = "vm", .ip = "fe80::1"}, "Bearer shop/vm", GRPC_FAILED_PRECONDITION},
		{{.group = "pool", .sa = "vm", .ip = "::ffff:127.0.0.1"}, "Bearer shop/vm", GRPC_FAILED_PRECONDITION},
		{{.group = "pool", .sa = "vm", .ip = "db.example"}, "Bearer shop/vm", GRPC_FAILED_PRECONDITION},
		{{.group = "pool", .sa = "vm", .ip = "2001:db8::1"}, "Bearer shop/vm", GRPC_OK},
	};

	(void)state;
	mini_put(GROUP("pool", ""));
	mini_put(GROUP("taken", ""));
	mini_put("{apiVersion: networking.istio.io/v1beta1, kind: WorkloadGroup, metadata: {name: plain, namespace: "
		 "shop}, spec: {template: {}}}");
	mini_put("{apiVersion: networking.istio.io/v1beta1, kind: WorkloadEntry, metadata: {name: taken-192.0.2.7, "
		 "namespace: shop}, spec: {address: 192.0.2.99}}");
	mini_pass(d, 200);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct peer p = rows[i].peer;

		p.name = "machine";
		p.ns = p.ns ? p.ns : "shop";
		p.ip = p.ip ? p.ip : "192.0.2.7";
		peer_open(&p, rows[i].token, NULL);
		if (p.call->finished != (rows[i].status != GRPC_OK) ||
		    (p.call->finished && p.call->status != rows[i].status))
			fail_msg("row %zu: expected %d, got %d %s", i, rows[i].status, p.call->status,
				 p.call->finished ? p.call->text : "");
		if (p.call->finished)
			assert_int_equal(0, p.call->sent.n);
		peer_close(&p);
	}
	mini_pass(d, 20000);
	assert_null(entry(ENTRY));
	assert_string_equal("192.0.2.99", json_str(entry("taken-192.0.2.7"), "spec.address"));
}

/* --- the end --- */

static void taken_away_after_a_while(void **state)
{
	struct peer p;

	(void)state;
	mini_put(GROUP("pool", ""));
	mini_pass(d, 200);
	p = connect_machine();
	peer_close(&p);
	mini_pass(d, 200);
	assert_null(annotation("istio.io/connectedAt"));
	assert_non_null(annotation("istio.io/disconnectedAt"));
	mini_pass(d, REGISTRATION_GRACE_MS - 1000);
	assert_non_null(entry(ENTRY));
	mini_pass(d, 2000);
	assert_null(entry(ENTRY));
}

static void who_comes_back_stays(void **state)
{
	struct peer p, again;

	(void)state;
	mini_put(GROUP("pool", ""));
	mini_pass(d, 200);
	p = connect_machine();
	again = connect_machine(); /* the new connection before the end of the old one */
	peer_close(&p);
	mini_pass(d, 2 * REGISTRATION_GRACE_MS);
	assert_non_null(annotation("istio.io/connectedAt"));
	peer_close(&again);
	mini_pass(d, REGISTRATION_GRACE_MS / 2);
	again = connect_machine();
	assert_null(annotation("istio.io/disconnectedAt"));
	mini_pass(d, 2 * REGISTRATION_GRACE_MS);
	assert_non_null(entry(ENTRY));
	fake_kube_delete(&api_kind_workload_entry, "shop", ENTRY); /* by hand */
	mini_pass(d, 200);
	assert_non_null(entry(ENTRY));
	peer_close(&again);
}

/* --- several replicas --- */

#define OTHERS(controller, times)                                                                                      \
	"{apiVersion: networking.istio.io/v1beta1, kind: WorkloadEntry, metadata: {name: " ENTRY                       \
	", namespace: shop, uid: e-1, annotations: {istio.io/autoRegistrationGroup: pool, "                            \
	"istio.io/workloadController: " controller ", " times "}}, spec: {address: 192.0.2.7}}"
#define POD(name) "{apiVersion: v1, kind: Pod, metadata: {name: " name ", namespace: mesh}, spec: {containers: []}}"

/* What another replica holds is its own, until its pod is gone; then the proxy has a minute to come to another one. */
static void the_replica_with_the_connection_acts(void **state)
{
	(void)state;
	mini_put(POD("istiod-other"));
	mini_put(OTHERS("istiod-other", "istio.io/connectedAt: \"2020-01-01T00:00:00Z\""));
	mini_pass(d, 2 * REGISTRATION_ORPHAN_MS);
	assert_non_null(annotation("istio.io/connectedAt"));
	mini_put(OTHERS("istiod-other", "istio.io/disconnectedAt: \"2020-01-01T00:00:00Z\""));
	mini_pass(d, 2 * REGISTRATION_ORPHAN_MS);
	assert_non_null(entry(ENTRY));
	fake_kube_delete(&api_kind_pod, "mesh", "istiod-other");
	mini_pass(d, 200);
	assert_null(entry(ENTRY));
}

static void an_orphan_has_a_minute(void **state)
{
	(void)state;
	mini_put(OTHERS("istiod-gone", "istio.io/connectedAt: \"2020-01-01T00:00:00Z\""));
	mini_pass(d, REGISTRATION_ORPHAN_MS / 2);
	assert_non_null(annotation("istio.io/connectedAt"));
	mini_pass(d, REGISTRATION_ORPHAN_MS / 2 + 1000);
	assert_null(annotation("istio.io/connectedAt"));
	mini_pass(d, REGISTRATION_GRACE_MS + 1000);
	assert_null(entry(ENTRY));
}

static void the_younger_connection_counts(void **state)
{
	struct peer p;

	(void)state;
	mini_put(GROUP("pool", ""));
	mini_put(POD("istiod-other"));
	mini_pass(d, 200);
	p = connect_machine();
	mini_put(OTHERS("istiod-other", "istio.io/connectedAt: \"2999-01-01T00:00:00Z\""));
	mini_pass(d, 1000);
	assert_string_equal("istiod-other", annotation("istio.io/workloadController"));
	mini_put(OTHERS("istiod-other", "istio.io/connectedAt: \"2020-01-01T00:00:00Z\""));
	mini_pass(d, 1000);
	assert_string_equal("istiod-basic-0", annotation("istio.io/workloadController"));
	/* the other one has lost it, and we still have it */
	mini_put(OTHERS("istiod-other", "istio.io/disconnectedAt: \"2999-01-01T00:00:00Z\""));
	mini_pass(d, 1000);
	assert_string_equal("istiod-basic-0", annotation("istio.io/workloadController"));
	assert_null(annotation("istio.io/disconnectedAt"));
	peer_close(&p);
}

/* Nobody's registration is not touched. */
static void written_by_hand_stays(void **state)
{
	(void)state;
	mini_put("{apiVersion: networking.istio.io/v1beta1, kind: WorkloadEntry, metadata: {name: mine, namespace: "
		 "shop, annotations: {istio.io/workloadController: istiod-basic-0, istio.io/disconnectedAt: "
		 "\"2020-01-01T00:00:00Z\"}}, spec: {address: 192.0.2.1}}");
	mini_pass(d, 2 * REGISTRATION_ORPHAN_MS);
	assert_non_null(entry("mine"));
}

/* --- health --- */

static size_t served(void)
{
	const struct service *svc = snapshot_service(d->snap, "machines.shop.svc.cluster.local");

	return snapshot_endpoints(d->snap, svc, 80).n;
}

static void health_is_what_the_proxy_says(void **state)
{
	static const char type[] = "type.googleapis.com/istio.v1.HealthInformation";
	struct peer p = machine;
	const struct istio_condition *c;

	(void)state;
	mini_put(GROUP("pool", ""));
	mini_put("{apiVersion: v1, kind: Service, metadata: {name: machines, namespace: shop}, spec: {clusterIP: "
		 "10.96.0.77, selector: {app: machines}, ports: [{name: http, port: 80}]}}");
	mini_pass(d, 200);
	p.probed = true;
	peer_open(&p, "Bearer shop/vm", NULL);
	mini_pass(d, 500);
	assert_string_equal("true", annotation("proxy.istio.io/health-checks-enabled"));
	assert_int_equal(0, served()); /* nothing is known yet */
	peer_send(&p, type, NULL, "", NULL);
	mini_pass(d, 500);
	c = condition(&api_kind_workload_entry, "shop", ENTRY, "Healthy");
	assert_string_equal("True", c->status);
	assert_int_equal(1, served());
	assert_non_null(condition(&api_kind_workload_entry, "shop", ENTRY, "Accepted"));
	peer_send(&p, type, NULL, "", "connection refused");
	mini_pass(d, 500);
	c = condition(&api_kind_workload_entry, "shop", ENTRY, "Healthy");
	assert_string_equal("False", c->status);
	assert_string_equal("connection refused", c->message);
	assert_int_equal(0, served());
	peer_close(&p);
}

/* A proxy that connects anew says how it is before anybody has proven who it is. */
static void health_before_the_proof(void **state)
{
	struct peer p = machine;

	(void)state;
	mini_put(GROUP("pool", ""));
	mini_pass(d, 200);
	p.probed = true;
	p.call = fake_call_open("/StreamAggregatedResources", "Bearer shop/vm", NULL);
	peer_send(&p, "type.googleapis.com/istio.v1.HealthInformation", NULL, "", NULL);
	mini_pass(d, 500);
	assert_string_equal("True", condition(&api_kind_workload_entry, "shop", ENTRY, "Healthy")->status);
	peer_close(&p);
}

/* A text of any length and bytes is cut to what fits. */
static void a_long_reason_is_cut(void **state)
{
	static char text[3 * REGISTRATION_HEALTH_TEXT_MAX];
	struct peer p;

	(void)state;
	mini_put(GROUP("pool", ""));
	mini_pass(d, 200);
	p = connect_machine();
	for (size_t i = 0; i + 2 < sizeof(text); i += 2)
		memcpy(text + i, "\xc3\xa9", 2);
	peer_send(&p, "type.googleapis.com/istio.v1.HealthInformation", NULL, "", text);
	mini_pass(d, 500);
	assert_int_equal(REGISTRATION_HEALTH_TEXT_MAX - 2,
			 strlen(condition(&api_kind_workload_entry, "shop", ENTRY, "Healthy")->message));
	peer_close(&p);
}

int main(void)
{
#define CASE(fn) cmocka_unit_test_setup_teardown(fn, whole_setup, whole_teardown)
	const struct CMUnitTest tests[] = {
		CASE(an_entry_while_it_is_connected),
		CASE(the_proxy_has_the_labels_of_its_entry),
		cmocka_unit_test(names),
		CASE(who_may_register),
		CASE(taken_away_after_a_while),
		CASE(who_comes_back_stays),
		CASE(the_replica_with_the_connection_acts),
		CASE(an_orphan_has_a_minute),
		CASE(the_younger_connection_counts),
		CASE(written_by_hand_stays),
		CASE(health_is_what_the_proxy_says),
		CASE(health_before_the_proof),
		CASE(a_long_reason_is_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
