/* One of several control planes of a mesh: it knows the members of all, and writes into its own alone. */
#include "whole.h"

#define SHARED(configured, shared)                                                                                     \
	"{apiVersion: maistra.io/v1, kind: ServiceMeshMemberRoll, metadata: {name: default, namespace: mesh}, "        \
	"status: {configuredMembers: [" configured "], sharedMembers: [" shared "]}}"
#define SERVICE(ns, name)                                                                                              \
	"{apiVersion: networking.istio.io/v1, kind: VirtualService, metadata: {name: " name ", namespace: " ns         \
	", generation: 1}, spec: {hosts: [a.example], http: [{route: [{destination: {host: catalog}}]}]}}"

static bool has_status(const char *ns, const char *name)
{
	return condition(&api_kind_virtual_service, ns, name, "Accepted") != NULL;
}

static bool has_root(const char *ns)
{
	return fake_kube_get(&api_kind_config_map, ns, "istio-ca-root-cert") != NULL;
}

static void what_another_has_is_known_and_not_written(void **state)
{
	struct peer p = {.name = "catalog-1", .ns = "stock", .sa = "default"};

	(void)state;
	mini_put(SHARED("shop", "stock"));
	mini_pass(d, 300);
	fake_kube_delete(&api_kind_config_map, "stock", "istio-ca-root-cert");
	fake_kube_delete(&api_kind_config_map, "shop", "istio-ca-root-cert");
	mini_put(SERVICE("shop", "mine"));
	mini_put(SERVICE("stock", "theirs"));
	mini_pass(d, 1000);
	assert_true(has_status("shop", "mine"));
	assert_false(has_status("stock", "theirs"));
	assert_true(has_root("shop"));
	assert_false(has_root("stock"));
	assert_non_null(snapshot_object(d->snap, &api_kind_virtual_service, "stock", "theirs"));
	peer_open(&p, "Bearer stock/default", NULL); /* its proxies may still be here */
	assert_false(p.call->finished);
	peer_close(&p);
}

static void what_it_is_given_it_writes(void **state)
{
	(void)state;
	mini_put(SHARED("shop", "stock"));
	mini_put(SERVICE("stock", "theirs"));
	mini_pass(d, 1000);
	fake_kube_delete(&api_kind_config_map, "stock", "istio-ca-root-cert");
	mini_pass(d, 300);
	assert_false(has_status("stock", "theirs") || has_root("stock"));
	mini_put(SHARED("shop, stock", ""));
	mini_pass(d, 1000);
	assert_true(has_status("stock", "theirs"));
	assert_true(has_root("stock"));
}

/* A namespace never leaves in between. */
static void moving_ends_no_session(void **state)
{
	static const char *const rolls[] = {SHARED("shop", "stock"), SHARED("shop, stock", ""),
					    SHARED("shop", "stock")};
	struct peer p = {.name = "catalog-1", .ns = "stock", .sa = "default"};

	(void)state;
	peer_open(&p, "Bearer stock/default", NULL);
	for (size_t i = 0; i < ARRAY_LEN(rolls); i++) {
		mini_put(rolls[i]);
		mini_pass(d, 300);
		assert_false(p.call->finished);
	}
	peer_close(&p);
}

/* Cluster-wide the namespace's label says whose it is. */
#define NS(name, of) "{apiVersion: v1, kind: Namespace, metadata: {name: " name ", labels: {" of "}}}"

static int setup_wide(void **state)
{
	struct discovery_config cfg = whole_config();

	(void)state;
	cfg.member_roll = NULL;
	mini_put(NS("mesh", "maistra.io/member-of: mesh"));
	mini_put(NS("shop", "maistra.io/member-of: mesh"));
	mini_put(NS("stock", "maistra.io/member-of: another"));
	mini_put(NS("plain", "a: b"));
	whole_start(&cfg);
	return 0;
}

#define MESH_MAP(more)                                                                                                 \
	"{apiVersion: v1, kind: ConfigMap, metadata: {name: istio-basic, namespace: mesh}, data: {mesh: ''" more "}}"

static void cluster_wide_labels_say_it(void **state)
{
	(void)state;
	mini_put(SERVICE("shop", "mine"));
	mini_put(SERVICE("stock", "theirs"));
	mini_put(SERVICE("plain", "nobodys"));
	mini_pass(d, 1000);
	assert_true(has_status("shop", "mine") && has_status("plain", "nobodys"));
	assert_false(has_status("stock", "theirs"));
	assert_false(has_root("stock"));
	mini_put(NS("stock", "maistra.io/member-of: mesh"));
	mini_pass(d, 1000);
	assert_true(has_status("stock", "theirs") && has_root("stock"));
}

static void what_no_label_names_is_the_first_ones(void **state)
{
	(void)state;
	mini_put(MESH_MAP(", revisionOf: another"));
	mini_pass(d, 1000);
	mini_put(SERVICE("plain", "nobodys"));
	mini_pass(d, 1000);
	assert_false(has_status("plain", "nobodys"));
	mini_put(MESH_MAP("")); /* the other one is gone */
	mini_pass(d, 1000);
	assert_true(has_status("plain", "nobodys"));
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, whole_setup, whole_teardown)
#define TEST_WIDE(fn) cmocka_unit_test_setup_teardown(fn, setup_wide, whole_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_another_has_is_known_and_not_written),
		TEST(what_it_is_given_it_writes),
		TEST(moving_ends_no_session),
		TEST_WIDE(cluster_wide_labels_say_it),
		TEST_WIDE(what_no_label_names_is_the_first_ones),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
