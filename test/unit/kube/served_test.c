/* Kinds that a cluster may lack, and an API server that was away, under a clock that is moved by hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "fake_clock.h"
#include "fake_kube.h"
#include "kube/away_internal.h"
#include "kube/queue.h"
#include "kube/reflector.h"
#include "kube/served.h"
#include "kube/store.h"

static struct loop *loop;
static struct store *store;
static struct served *served;

static int setup(void **state)
{
	(void)state;
	loop = loop_new();
	store = store_new();
	served = served_new(loop, FAKE_CLIENT);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	served_free(served);
	store_free(store);
	assert_int_equal(0, fake_kube_reset());
	loop_free(loop);
	return 0;
}

/* Time passes; calls are answered at once. */
static void pass(int64_t ms)
{
	for (int64_t done = 0; done < ms; done += 100) {
		fake_kube_serve();
		fake_clock_advance(loop, 100, 100);
	}
	fake_kube_serve();
}

static cJSON *route(void)
{
	return cJSON_Parse("{\"apiVersion\":\"route.openshift.io/v1\",\"kind\":\"Route\","
			   "\"metadata\":{\"name\":\"r\",\"namespace\":\"a\"}}");
}

static size_t routes(void)
{
	return store_list(store, &api_kind_route, NULL).n;
}

/* A list of an absent kind is a 404, as is discovery of its group where nobody serves it. */
static bool lacks(struct kube_call *c)
{
	const bool list = c->req.kind == &api_kind_route;

	if (!fake_kube.absent.n || !(list || (c->req.path && !strcmp(c->req.path, "/apis/route.openshift.io/v1"))))
		return false;
	fake_kube_answer(c, KUBE_NOT_FOUND, NULL);
	return true;
}

/* Absent it counts as empty; it is noticed when it appears, and when it goes. */
static void appears_and_goes(void **state)
{
	const struct reflector_options o = {.kind = &api_kind_route, .served = served};
	struct reflector *r;

	(void)state;
	fake_kube.hook = lacks;
	vec_push(&fake_kube.absent, &api_kind_route);
	r = reflector_new(loop, FAKE_CLIENT, store, &o);
	assert_false(store_synced(store, NULL));
	pass(200);
	assert_true(store_synced(store, NULL));
	assert_int_equal(served_state(served, &api_kind_route), SERVED_NO);
	assert_int_equal(served_absent_count(served), 1);
	assert_ptr_equal(served_absent_at(served, 0), &api_kind_route);
	assert_null(served_absent_at(served, 1));
	pass(60000);
	assert_null(strstr(fake_kube.log, "LIST")); /* nobody lists what is not there */
	fake_kube.absent.n = 0;
	fake_kube_put(route());
	pass(SERVED_LOOK_MS + 200);
	assert_int_equal(served_state(served, &api_kind_route), SERVED_YES);
	assert_int_equal(routes(), 1);
	vec_push(&fake_kube.absent, &api_kind_route);
	for (size_t i = 0; i < fake_kube.calls.n; i++)
		if (fake_kube.calls.v[i]->req.verb == KUBE_WATCH)
			fake_kube_answer(fake_kube.calls.v[i], KUBE_NOT_FOUND, NULL);
	pass(2000);
	assert_int_equal(served_state(served, &api_kind_route), SERVED_NO);
	assert_int_equal(routes(), 0);
	fake_kube.absent.n = 0;
	pass(SERVED_LOOK_MS + 200);
	assert_int_equal(routes(), 1);
	reflector_free(r, false);
}

/* A cluster that knows the kind in an older version only, and is upgraded later. */
static bool only_v1beta1;

static bool old_policy(struct kube_call *c)
{
	if (!only_v1beta1 || !c->req.path || strcmp(c->req.path, "/apis/policy/v1") != 0)
		return false;
	fake_kube_answer(c, KUBE_OK, cJSON_Parse("{\"resources\":[{\"name\":\"others\"}]}"));
	return true;
}

static void older_version(void **state)
{
	(void)state;
	fake_kube.hook = old_policy;
	only_v1beta1 = true;
	served_want(served, &api_kind_pod_disruption_budget);
	assert_false(served_settled(served));
	pass(200);
	assert_true(served_settled(served));
	assert_int_equal(served_state(served, &api_kind_pod_disruption_budget), SERVED_YES);
	assert_string_equal(fake_kube.use_version, "v1beta1");
	only_v1beta1 = false;
	served_doubt(served, &api_kind_pod_disruption_budget);
	pass(200);
	assert_string_equal(fake_kube.use_version, "v1");
}

/* Kinds of one group share a call. */
static void one_call_for_a_group(void **state)
{
	(void)state;
	served_want(served, &api_kind_virtual_service);
	served_want(served, &api_kind_gateway);
	served_want(served, &api_kind_sidecar);
	pass(200);
	assert_true(served_settled(served));
	assert_int_equal(served_absent_count(served), 0);
	assert_null(strchr(strchr(fake_kube.log, '\n') + 1, '\n'));
}

static int refusals;

static bool refuse(struct kube_call *c)
{
	if (!refusals)
		return false;
	refusals--;
	fake_kube_answer(c, KUBE_NETWORK, NULL);
	return true;
}

/* No answer is no absence: it is asked again. */
static void no_answer(void **state)
{
	(void)state;
	fake_kube.hook = refuse;
	refusals = 3;
	served_want(served, &api_kind_route);
	pass(200);
	assert_int_equal(served_state(served, &api_kind_route), SERVED_UNKNOWN);
	pass(3 * SERVED_RETRY_MS);
	assert_int_equal(served_state(served, &api_kind_route), SERVED_YES);
}

static void come_back(void)
{
	for (size_t i = 0; i < fake_kube.backs.n; i++)
		fake_kube.backs.v[i]->fn(fake_kube.backs.v[i]);
}

/* However long the server was away, its return ends the back-off. */
static void return_ends_backoff(void **state)
{
	const struct reflector_options o = {.kind = &api_kind_pod};
	struct reflector *r = reflector_new(loop, FAKE_CLIENT, store, &o);

	(void)state;
	fake_kube.hook = refuse;
	refusals = 1000000;
	pass(600 * 1000);
	refusals = 0;
	come_back();
	fake_clock_advance(loop, REFLECTOR_BACK_SPREAD_MS, 100);
	fake_kube_serve();
	assert_true(reflector_synced(r));
	reflector_free(r, false);
	assert_int_equal(fake_kube.backs.n, 1);
}

static struct queue *queue;
static int runs;

static void fail_run(void *arg, const struct store_key *key)
{
	(void)arg;
	runs++;
	queue_done(queue, key, QUEUE_RETRY, 0);
}

static void return_runs_keys(void **state)
{
	(void)state;
	queue = queue_new(loop, 0, fail_run, NULL);
	queue_follow(queue, FAKE_CLIENT);
	queue_add(queue, &(struct store_key){&api_kind_pod, "a", "x"});
	runs = 0;
	fake_clock_advance(loop, 60000, 100);
	assert_true(runs >= 60000 / QUEUE_BACKOFF_MAX_MS);
	fake_clock_advance(loop, 100, 100);
	runs = 0;
	come_back();
	fake_clock_advance(loop, 1, 1);
	assert_int_equal(runs, 1);
	queue_free(queue);
	assert_int_equal(fake_kube.backs.n, 1);
}

static int returns;

static void on_return(struct kube_back *b)
{
	(void)b;
	returns++;
}

/* One probe at a time; a refusal is an answer; only an absence is followed by a return. */
static void probing(void **state)
{
	const struct kube_result lost = {.reason = KUBE_NETWORK}, busy = {.reason = KUBE_REASON_OTHER, .status = 503},
				 fine = {.reason = KUBE_NOT_FOUND, .status = 404};
	struct kube_back back = {.fn = on_return};
	struct away a;

	(void)state;
	away_init(&a, loop, FAKE_CLIENT);
	list_append(&a.waiting, &back.link);
	returns = 0;
	away_note(&a, &fine);
	assert_null(fake_kube_call());
	away_note(&a, &busy);
	away_note(&a, &lost);
	fake_kube_answer(fake_kube_call(), KUBE_FORBIDDEN, NULL); /* status 400 */
	assert_false(a.away);
	assert_int_equal(returns, 0);
	away_note(&a, &lost);
	for (int i = 0; i < 600; i++) {
		struct kube_call *c = fake_kube_call();

		assert_string_equal(c->label, "GET /readyz /");
		assert_true(fake_call_take(c));
		c->done(c->arg, &(struct kube_result){.reason = KUBE_NETWORK});
		fake_call_free(c);
		assert_true(a.away);
		away_note(&a, &lost);
		assert_null(fake_kube_call());
		fake_clock_advance(loop, AWAY_PROBE_MS, AWAY_PROBE_MS);
	}
	fake_kube_answer(fake_kube_call(), KUBE_OK, NULL);
	assert_false(a.away);
	assert_int_equal(returns, 1);
	away_done(&a);
	assert_false(list_linked(&back.link));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(appears_and_goes, setup, teardown),
		cmocka_unit_test_setup_teardown(older_version, setup, teardown),
		cmocka_unit_test_setup_teardown(one_call_for_a_group, setup, teardown),
		cmocka_unit_test_setup_teardown(no_answer, setup, teardown),
		cmocka_unit_test_setup_teardown(return_ends_backoff, setup, teardown),
		cmocka_unit_test_setup_teardown(return_runs_keys, setup, teardown),
		cmocka_unit_test_setup_teardown(probing, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
