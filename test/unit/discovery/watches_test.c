/* What is watched: each kind once where the control plane may, else in each namespace; and that nothing of others is
 * kept. */
#include "whole.h"

static int wide_setup(void **state)
{
	fake_kube.wide = true;
	return whole_setup(state);
}

static size_t watches_of(const struct api_kind *kind)
{
	size_t n = 0;

	for (size_t i = 0; i < fake_kube.calls.n; i++) {
		const struct kube_request *req = &fake_kube.calls.v[i]->req;

		n += req->verb == KUBE_WATCH && req->kind == kind;
	}
	return n;
}

#define SERVICE(ns)                                                                                                    \
	"{apiVersion: v1, kind: Service, metadata: {name: lazy, namespace: " ns "}, spec: {clusterIP: 10.96.0.8, "     \
	"selector: {app: lazy}, ports: [{name: http, port: 80}]}}"

static bool knows(const char *ns)
{
	return store_get(d->store, &api_kind_service, ns, "lazy");
}

static void one_watch_for_each_kind(void **state)
{
	(void)state;
	for (size_t i = 0; i < discovery_watches_kinds(d); i++)
		assert_int_equal(1, watches_of(discovery_watches_kind(i)));
	assert_int_equal(2, watches_of(&api_kind_config_map)); /* our own, and the roots */
	assert_int_equal(1, watches_of(&api_kind_secret));
}

static void three_where_rights_are_by_namespace(void **state)
{
	(void)state;
	for (size_t i = 0; i < discovery_watches_kinds(d); i++)
		assert_int_equal(3, watches_of(discovery_watches_kind(i)));
	assert_int_equal(3, watches_of(&api_kind_config_map));
	assert_int_equal(1, watches_of(&api_kind_secret));
}

static void strangers_do_not_count(void **state)
{
	(void)state;
	mini_put(SERVICE("outside"));
	mini_put(SERVICE("shop"));
	mini_pass(d, 300);
	assert_false(knows("outside"));
	assert_true(knows("shop"));
	mini_put(ROLL("stock, outside"));
	mini_pass(d, 300);
	assert_true(knows("outside"));
	assert_false(knows("shop"));
	assert_null(snapshot_service(d->snap, "lazy.shop.svc.cluster.local"));
	assert_non_null(snapshot_service(d->snap, "lazy.outside.svc.cluster.local"));
}

/* Secrets only where somebody asks for them, and not of others. */
static void secrets_where_a_gateway_is(void **state)
{
	(void)state;
	assert_false(discovery_members_secrets(d->members, "shop"));
	mini_settle(d);
	assert_true(discovery_members_secrets(d->members, "shop"));
	assert_int_equal(2, watches_of(&api_kind_secret));
	assert_false(discovery_members_secrets(d->members, "outside"));
	assert_int_equal(2, watches_of(&api_kind_secret));
	mini_put(ROLL("stock"));
	mini_pass(d, 100);
	assert_int_equal(1, watches_of(&api_kind_secret));
}

static bool refuse_secrets(struct kube_call *c)
{
	if (c->req.verb != KUBE_LIST || c->req.kind != &api_kind_secret)
		return whole_hook(c);
	fake_kube_answer(c, KUBE_FORBIDDEN, NULL);
	return true;
}

static void secrets_that_may_not_be_read(void **state)
{
	(void)state;
	fake_kube.hook = refuse_secrets;
	assert_false(discovery_members_secrets(d->members, "shop"));
	assert_false(discovery_members_secrets_denied(d->members, "shop"));
	mini_settle(d);
	assert_false(discovery_members_secrets(d->members, "shop"));
	assert_true(discovery_members_secrets_denied(d->members, "shop"));
	fake_kube.hook = whole_hook;
	mini_pass(d, 2000);
	assert_true(discovery_members_secrets(d->members, "shop"));
	assert_false(discovery_members_secrets_denied(d->members, "shop"));
}

/* Rights are given and taken: nobody notices but the API server. */
static void rights_change(void **state)
{
	(void)state;
	mini_put(SERVICE("shop"));
	mini_put(SERVICE("outside"));
	mini_pass(d, 300);
	for (int i = 0; i < 2; i++) {
		fake_kube.wide = !fake_kube.wide;
		fake_clock_advance(d->loop, 61000, 1000);
		assert_true(knows("shop"));
		mini_pass(d, 300);
		assert_int_equal(fake_kube.wide ? 1 : 3, watches_of(&api_kind_service));
		assert_true(knows("shop"));
		assert_false(knows("outside"));
	}
}

/* Answers everything but lists of a kind, or questions of it, for a second. */
static void pass_without(struct loop *l, const struct api_kind *held)
{
	for (int i = 0; i < 100; i++) {
		for (size_t k = 0; k < fake_kube.calls.n;) {
			struct kube_call *c = fake_kube.calls.v[k];

			if (c->req.verb == KUBE_WATCH || c->req.kind == held) {
				k++;
				continue;
			}
			fake_serve_one(c);
			k = 0;
		}
		fake_clock_advance(l, 10, 10);
	}
}

/* A replica that starts is not ready with a mesh of one namespace, however late the roll is read, or its rights are. */
static void not_ready_without(const struct api_kind *held)
{
	const struct discovery_config cfg = whole_config();
	struct loop *l = loop_new();

	fake_kube.hook = whole_hook;
	whole_put_root();
	mini_put(world_shop);
	mini_put(ROLL("shop, stock"));
	d = discovery_new(l, FAKE_CLIENT, &cfg, NULL);
	pass_without(l, held);
	assert_false(discovery_ready(d));
	mini_pass(d, 1000);
	assert_true(discovery_ready(d));
	assert_non_null(snapshot_service(d->snap, "catalog.shop.svc.cluster.local"));
}

static void not_ready_before_the_roll(void **state)
{
	(void)state;
	not_ready_without(&api_kind_smmr);
}

static void not_ready_before_the_rights(void **state)
{
	(void)state;
	not_ready_without(&api_kind_self_subject_access_review);
}

int main(void)
{
#define CASE(fn, how) cmocka_unit_test_setup_teardown(fn, how, whole_teardown)
	const struct CMUnitTest tests[] = {
		CASE(one_watch_for_each_kind, wide_setup),      CASE(three_where_rights_are_by_namespace, whole_setup),
		CASE(strangers_do_not_count, wide_setup),       CASE(strangers_do_not_count, whole_setup),
		CASE(secrets_where_a_gateway_is, wide_setup),   CASE(secrets_where_a_gateway_is, whole_setup),
		CASE(secrets_that_may_not_be_read, wide_setup), CASE(rights_change, whole_setup),
		CASE(not_ready_before_the_roll, NULL),          CASE(not_ready_before_the_rights, NULL),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
