/* The sessions: who may connect, what is shared, what acknowledgements count for, and membership. */
#include "whole.h"

#define CATALOG "spiffe://cluster.local/ns/shop/sa/catalog"

/* --- who may connect --- */

static void who_may_connect(void **state)
{
	static const struct {
		struct peer peer;
		const char *auth, *uri;
		int status; /* GRPC_OK: it is served */
	} rows[] = {
		{{"a", "shop", "catalog"}, "Bearer shop/catalog", NULL, GRPC_OK},
		{{"a", "shop", NULL}, "Bearer shop/catalog", NULL, GRPC_OK},
		{{"a", "shop", "catalog"}, NULL, CATALOG, GRPC_OK},
		{{"a", "mesh", "gw", "router"}, "Bearer mesh/gw", NULL, GRPC_OK},
		{{"a", "shop", "catalog"}, NULL, NULL, GRPC_UNAUTHENTICATED},
		{{"a", "shop", "catalog"}, "Bearer forged", NULL, GRPC_UNAUTHENTICATED},
		{{"a", "shop", "catalog"}, NULL, "spiffe://evil.example/ns/shop/sa/catalog", GRPC_UNAUTHENTICATED},
		{{"a", "shop", "catalog"}, "Bearer stock/catalog", NULL, GRPC_PERMISSION_DENIED},
		{{"a", "shop", "catalog"}, "Bearer shop/cart", NULL, GRPC_PERMISSION_DENIED},
		{{"a", "stock", "catalog"}, NULL, CATALOG, GRPC_PERMISSION_DENIED},
		{{"a", "shop", NULL}, "Bearer stock/catalog", NULL, GRPC_PERMISSION_DENIED},
		{{"a", "outside", "x"}, "Bearer outside/x", NULL, GRPC_PERMISSION_DENIED},
		{{"a", "shop", "x", "ztunnel"}, "Bearer shop/x", NULL, GRPC_INVALID_ARGUMENT},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct peer p = rows[i].peer;

		peer_open(&p, rows[i].auth, rows[i].uri);
		if (strcmp(p.ns, "outside") == 0) /* nobody is even asked who that is */
			assert_non_null(strstr(p.call->text, "namespace outside is not a member of the mesh"));
		if (rows[i].status == GRPC_OK) {
			assert_false(p.call->finished);
			assert_true(peer_got(&p, XDS_CLUSTER)->n_resources > 0);
		} else {
			assert_true(p.call->finished);
			assert_int_equal(rows[i].status, p.call->status);
			assert_int_equal(0, p.call->sent.n);
		}
		peer_close(&p);
		assert_true(list_empty(&d->sessions) && list_empty(&d->views));
	}
}

/* Nothing is sent before the API server has said whose token it is, and the peer may leave in between. */
static void nothing_before_the_proof(void **state)
{
	struct peer p = {"a", "shop", "catalog"};

	(void)state;
	p.call = fake_call_open("/StreamAggregatedResources", "Bearer shop/catalog", NULL);
	peer_send(&p, xds_type_url(XDS_CLUSTER), NULL, "", NULL);
	loop_turn(d->loop, 0);
	loop_turn(d->loop, 0);
	assert_int_equal(0, p.call->sent.n);
	assert_non_null(fake_kube_call());
	peer_close(&p);
	assert_null(fake_kube_call());
	assert_true(list_empty(&d->sessions));
}

/* A namespace that leaves while the question is under way. */
static void left_before_the_proof(void **state)
{
	struct peer p = {"a", "shop", "catalog"};

	(void)state;
	p.call = fake_call_open("/StreamAggregatedResources", "Bearer shop/catalog", NULL);
	peer_send(&p, xds_type_url(XDS_CLUSTER), NULL, "", NULL);
	mini_put(ROLL("stock"));
	mini_settle(d);
	assert_true(p.call->finished);
	assert_int_equal(GRPC_PERMISSION_DENIED, p.call->status);
	assert_int_equal(0, p.call->sent.n);
	peer_close(&p);
}

static void not_before_it_is_ready(void **state)
{
	struct peer p = {"a", "shop", "catalog"};

	(void)state;
	d->ready = false;
	peer_open(&p, "Bearer shop/catalog", NULL);
	assert_int_equal(GRPC_UNAVAILABLE, p.call->status);
	peer_close(&p);
	d->ready = true;
}

/* --- views --- */

static int views(void)
{
	const struct view *v;
	int n = 0;

	LIST_EACH (v, &d->views, link)
		n++;
	return n;
}

static void equal_proxies_share_a_view(void **state)
{
	struct peer a = {"a", "shop", "catalog"}, b = {"b", "shop", "catalog"}, c = {"c", "stock", "inventory"},
		    e = {"e", "shop", "cart", NULL, "cart"};

	(void)state;
	peer_open(&a, "Bearer shop/catalog", NULL);
	peer_open(&b, "Bearer shop/catalog", NULL);
	assert_int_equal(1, views());
	peer_open(&c, "Bearer stock/inventory", NULL);
	assert_int_equal(2, views());
	peer_open(&e, "Bearer shop/cart", NULL);
	assert_int_equal(3, views());
	peer_close(&a);
	assert_int_equal(3, views());
	peer_close(&b);
	assert_int_equal(2, views());
	peer_close(&c);
	peer_close(&e);
	assert_true(list_empty(&d->views));
}

/* --- acknowledgements --- */

static void acknowledgements_count(void **state)
{
	struct peer p = {"a", "shop", "catalog"};

	(void)state;
	peer_open(&p, "Bearer shop/catalog", NULL);
	assert_int_equal(0, d->stats.pushes[XDS_CLUSTER]);
	fake_clock_advance(d->loop, 400, 400);
	peer_ack(&p, XDS_CLUSTER, NULL);
	assert_int_equal(1, d->stats.pushes[XDS_CLUSTER]);
	assert_int_equal(0, d->stats.convergence.count); /* listeners are not acknowledged */
	peer_ack(&p, XDS_LISTENER, NULL);
	assert_int_equal(1, d->stats.convergence.count);
	/* What does not concern it leaves it as it is: nothing is waited for, and a later answer is not late. */
	mini_put("{apiVersion: networking.istio.io/v1beta1, kind: VirtualService, metadata: {name: own, namespace: "
		 "stock, "
		 "generation: 1}, spec: {exportTo: ['.'], hosts: [inventory], http: [{route: [{destination: {host: "
		 "inventory}}]}]}}");
	mini_pass(d, 300);
	assert_int_equal(0, CONTAINER_OF(d->sessions.next, struct session, link)->pushed_ns);
	assert_int_equal(1, d->stats.convergence.in[1]); /* 0.1 < 0.4 <= 0.5 s */
	assert_true(d->stats.convergence.sum > .39 && d->stats.convergence.sum < .5);
	mini_put("{apiVersion: v1, kind: Service, metadata: {name: more, namespace: shop}, spec: {clusterIP: 10.96.0.9,"
		 " selector: {app: more}, ports: [{name: http, port: 80}]}}");
	mini_pass(d, 200);
	peer_ack(&p, XDS_CLUSTER, "no such thing");
	assert_int_equal(1, d->stats.rejects[XDS_CLUSTER]);
	assert_int_equal(2, d->stats.pushes[XDS_CLUSTER]);
	peer_close(&p);
}

/* --- what changes --- */

static bool has_cluster(struct peer *p, const char *part)
{
	const xds_response *r = peer_got(p, XDS_CLUSTER);

	for (size_t i = 0; r && i < r->n_resources; i++) {
		const ProtobufCBinaryData *v = &r->resources[i]->value;

		if (memmem(v->data, v->len, part, strlen(part)))
			return true;
	}
	return false;
}

static void a_change_is_pushed_after_a_pause(void **state)
{
	struct peer p = {"a", "shop", "catalog"};
	size_t before;

	(void)state;
	peer_open(&p, "Bearer shop/catalog", NULL);
	peer_ack(&p, XDS_CLUSTER, NULL);
	peer_ack(&p, XDS_LISTENER, NULL);
	before = p.call->sent.n;
	mini_put("{apiVersion: v1, kind: Service, metadata: {name: more, namespace: stock}, spec: {clusterIP: "
		 "10.96.0.9, selector: {app: more}, ports: [{name: http, port: 80}]}}");
	mini_pass(d, 90);
	assert_int_equal(before, p.call->sent.n);
	mini_pass(d, 30);
	assert_true(p.call->sent.n > before);
	assert_true(has_cluster(&p, "more.stock.svc.cluster.local"));
	peer_close(&p);
}

/* What never rests is pushed all the same, in the end. */
static void a_change_waits_ten_seconds_at_most(void **state)
{
	const uint64_t version = d->snap->version;

	(void)state;
	for (int i = 0; i < 120; i++) {
		CLEANUP(freep)
		char *yaml = mem_printf("{apiVersion: v1, kind: Service, metadata: {name: s%d, namespace: shop}, spec: "
					"{clusterIP: 10.96.1.%d, ports: [{name: http, port: 80}]}}",
					i, i);

		mini_put(yaml);
		mini_pass(d, 90);
		if (i == 100)
			assert_int_equal(version, d->snap->version);
	}
	assert_int_equal(version + 1, d->snap->version);
}

/* A change of status alone makes no snapshot. */
static void a_change_of_status_is_none(void **state)
{
	uint64_t version;

	(void)state;
	mini_put("{apiVersion: networking.istio.io/v1beta1, kind: VirtualService, metadata: {name: v, namespace: shop, "
		 "generation: 3}, spec: {hosts: [catalog], http: [{route: [{destination: {host: catalog}}]}]}}");
	mini_pass(d, 300);
	version = d->snap->version;
	mini_put("{apiVersion: networking.istio.io/v1beta1, kind: VirtualService, metadata: {name: v, namespace: shop, "
		 "generation: 3}, spec: {hosts: [catalog], http: [{route: [{destination: {host: catalog}}]}]}, status: "
		 "{observedGeneration: 3}}");
	mini_pass(d, 300);
	assert_int_equal(version, d->snap->version);
	mini_put("{apiVersion: networking.istio.io/v1beta1, kind: VirtualService, metadata: {name: v, namespace: shop, "
		 "generation: 4}, spec: {hosts: [db], http: [{route: [{destination: {host: catalog}}]}]}}");
	mini_pass(d, 300);
	assert_int_equal(version + 1, d->snap->version);
}

/* --- membership --- */

/* Who leaves is disconnected and forgotten; who joins is served; the others stay. */
static void members_come_and_go(void **state)
{
	struct peer shop = {"a", "shop", "catalog"}, stock = {"b", "stock", "inventory"}, late = {"c", "late", "x"};

	(void)state;
	mini_put("{apiVersion: v1, kind: Service, metadata: {name: lazy, namespace: late}, spec: {clusterIP: 10.96.0.8,"
		 " selector: {app: lazy}, ports: [{name: http, port: 80}]}}");
	peer_open(&shop, "Bearer shop/catalog", NULL);
	peer_open(&stock, "Bearer stock/inventory", NULL);
	mini_pass(d, 200);
	assert_true(has_cluster(&shop, "inventory.stock.svc"));
	assert_false(has_cluster(&shop, "lazy.late.svc"));
	assert_null(store_get(d->store, &api_kind_service, "late", "lazy"));
	peer_ack(&shop, XDS_CLUSTER, NULL);
	mini_put(ROLL("shop, late"));
	mini_pass(d, 300);
	assert_true(has_cluster(&shop, "lazy.late.svc"));
	peer_ack(&shop, XDS_LISTENER, NULL); /* a cluster goes after what refers to it */
	peer_ack(&shop, XDS_CLUSTER, NULL);
	assert_true(stock.call->finished);
	assert_int_equal(GRPC_PERMISSION_DENIED, stock.call->status);
	assert_false(shop.call->finished);
	assert_false(has_cluster(&shop, "inventory.stock.svc"));
	assert_true(has_cluster(&shop, "lazy.late.svc"));
	assert_null(store_get(d->store, &api_kind_service, "stock", "inventory"));
	peer_close(&stock);
	peer_open(&late, "Bearer late/x", NULL);
	assert_false(late.call->finished);
	peer_close(&late);
	peer_open(&stock, "Bearer stock/inventory", NULL);
	assert_int_equal(GRPC_PERMISSION_DENIED, stock.call->status);
	peer_close(&stock);
	peer_close(&shop);
}

/* Another roll, or one of another namespace, is none of ours. */
static void only_our_roll_counts(void **state)
{
	(void)state;
	mini_put("{apiVersion: maistra.io/v1, kind: ServiceMeshMemberRoll, metadata: {name: other, namespace: mesh},"
		 " status: {configuredMembers: [outside]}}");
	mini_put("{apiVersion: maistra.io/v1, kind: ServiceMeshMemberRoll, metadata: {name: default, namespace: "
		 "elsewhere}, status: {configuredMembers: [outside]}}");
	mini_put("{apiVersion: maistra.io/v1, kind: ServiceMeshMemberRoll, metadata: {name: default, namespace: mesh},"
		 " spec: {members: [shop, wished]}, status: {members: [wished], pendingMembers: [wished], "
		 "configuredMembers: [shop]}}");
	mini_pass(d, 300);
	assert_true(discovery_members_has(d->members, "mesh"));
	assert_true(discovery_members_has(d->members, "shop"));
	assert_false(discovery_members_has(d->members, "stock"));
	assert_false(discovery_members_has(d->members, "outside"));
	assert_false(discovery_members_has(d->members, "wished")); /* not configured yet */
	fake_kube_delete(&api_kind_smmr, "mesh", "default");
	mini_pass(d, 300);
	assert_false(discovery_members_has(d->members, "shop"));
	assert_true(discovery_members_has(d->members, "mesh"));
}

static void draining_stops_the_server(void **state)
{
	(void)state;
	discovery_drain(d);
	assert_true(fake_grpc.draining);
}

/* --- a mesh of the whole cluster --- */

static int cluster_setup(void **state)
{
	struct discovery_config cfg = whole_config();

	(void)state;
	cfg.member_roll = NULL;
	whole_start(&cfg);
	return 0;
}

#define NAMESPACE(name, labels) "{apiVersion: v1, kind: Namespace, metadata: {name: " name ", labels: {" labels "}}}"
#define MESH(yaml)                                                                                                     \
	"{apiVersion: v1, kind: ConfigMap, metadata: {name: istio-basic, namespace: mesh}, data: {mesh: '" yaml "'}}"
#define SELECTORS "discoverySelectors: [{matchLabels: {in: mesh}}, {matchExpressions: [{key: also, operator: Exists}]}]"

static bool has_root(const char *ns)
{
	return fake_kube_get(&api_kind_config_map, ns, "istio-ca-root-cert");
}

/* New namespaces get the roots, without which no proxy starts there. */
static void roots_in_the_whole_cluster(void **state)
{
	(void)state;
	mini_put(NAMESPACE("mesh", ""));
	mini_put(NAMESPACE("kube-system", ""));
	mini_put(NAMESPACE("anywhere", ""));
	mini_pass(d, 100);
	assert_true(has_root("mesh"));
	assert_true(has_root("anywhere"));
	assert_false(has_root("kube-system"));
	assert_false(has_root("nowhere"));
}

static void namespaces_with_labels(void **state)
{
	struct peer in = {"a", "shop", "catalog"}, out = {"b", "stock", "inventory"};

	(void)state;
	mini_put(NAMESPACE("shop", "in: mesh"));
	mini_put(NAMESPACE("stock", "in: other"));
	mini_pass(d, 200);
	peer_open(&in, "Bearer shop/catalog", NULL);
	peer_open(&out, "Bearer stock/inventory", NULL);
	assert_true(has_cluster(&in, "inventory.stock.svc"));
	mini_put(MESH(SELECTORS));
	mini_pass(d, 300);
	assert_true(out.call->finished);
	peer_close(&out);
	assert_true(discovery_members_has(d->members, "mesh"));
	assert_false(discovery_members_has(d->members, "stock"));
	assert_null(snapshot_service(d->snap, "inventory.stock.svc.cluster.local"));
	assert_non_null(snapshot_service(d->snap, "catalog.shop.svc.cluster.local"));
	mini_put(NAMESPACE("stock", "in: other, also: this"));
	mini_pass(d, 300);
	assert_non_null(snapshot_service(d->snap, "inventory.stock.svc.cluster.local"));
	mini_put(NAMESPACE("shop", "in: none"));
	mini_pass(d, 300);
	assert_true(in.call->finished);
	peer_close(&in);
	mini_put(MESH("{}"));
	mini_pass(d, 300);
	assert_true(discovery_members_has(d->members, "shop"));
	assert_true(discovery_members_has(d->members, "to-come"));
}

static void a_mesh_of_the_whole_cluster(void **state)
{
	struct peer p = {"a", "anywhere", "x"};

	(void)state;
	assert_true(discovery_members_has(d->members, "anywhere"));
	assert_false(discovery_members_update(d->members));
	peer_open(&p, "Bearer anywhere/x", NULL);
	assert_false(p.call->finished);
	assert_true(has_cluster(&p, "catalog.shop.svc"));
	peer_close(&p);
}

int main(void)
{
#define CASE(fn) cmocka_unit_test_setup_teardown(fn, whole_setup, whole_teardown)
	const struct CMUnitTest tests[] = {
		CASE(who_may_connect),
		CASE(nothing_before_the_proof),
		CASE(left_before_the_proof),
		CASE(not_before_it_is_ready),
		CASE(equal_proxies_share_a_view),
		CASE(acknowledgements_count),
		CASE(a_change_is_pushed_after_a_pause),
		CASE(a_change_waits_ten_seconds_at_most),
		CASE(a_change_of_status_is_none),
		CASE(members_come_and_go),
		CASE(only_our_roll_counts),
		CASE(draining_stops_the_server),
		cmocka_unit_test_setup_teardown(a_mesh_of_the_whole_cluster, cluster_setup, whole_teardown),
		cmocka_unit_test_setup_teardown(roots_in_the_whole_cluster, cluster_setup, whole_teardown),
		cmocka_unit_test_setup_teardown(namespaces_with_labels, cluster_setup, whole_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
