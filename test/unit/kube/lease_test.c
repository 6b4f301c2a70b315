/* Leader election under a clock and an API server that do what they want. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "fake_clock.h"
#include "fake_kube.h"
#include "kube/lease.h"

/* A replica. */
struct node {
	struct lease *lease;
	bool leader;
	int changes;
	bool released;
};

static struct loop *loop;
static struct node me, other;

static void on_change(void *arg, bool leader)
{
	struct node *n = arg;

	n->leader = leader;
	n->changes++;
}

static void on_released(void *arg)
{
	struct node *n = arg;

	n->released = true;
}

static void start(struct node *n, const char *identity)
{
	*n = (struct node){0};
	n->lease = lease_new(loop, FAKE_CLIENT, "ns", "lock", identity, on_change, n);
}

static int setup(void **state)
{
	(void)state;
	loop = loop_new();
	me = other = (struct node){0};
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	lease_free(take(me.lease));
	lease_free(take(other.lease));
	assert_int_equal(0, fake_kube_reset());
	loop_free(loop);
	return 0;
}

/* Time passes; calls are answered at once from the objects. */
static void pass(int64_t ms)
{
	for (int64_t done = 0; done < ms; done += 100) {
		fake_kube_serve();
		fake_clock_advance(loop, 100, 100);
		assert_false(me.leader && other.leader);
		if (me.lease)
			assert_int_equal(me.leader, lease_held(me.lease));
	}
}

/* Time passes and nothing is answered. */
static void silence(int64_t ms)
{
	fake_clock_advance(loop, ms, 100);
}

static cJSON *spec(void)
{
	return json_get(fake_kube_get(&api_kind_lease, "ns", "lock"), "spec");
}

/* The lease as another holder wrote it; seconds < 0: without a duration. */
static void put_lease(const char *holder, double seconds, const char *renewed)
{
	cJSON *o = cJSON_CreateObject(), *meta, *s;

	cJSON_AddStringToObject(o, "apiVersion", "coordination.k8s.io/v1");
	cJSON_AddStringToObject(o, "kind", "Lease");
	meta = cJSON_AddObjectToObject(o, "metadata");
	cJSON_AddStringToObject(meta, "namespace", "ns");
	cJSON_AddStringToObject(meta, "name", "lock");
	s = cJSON_AddObjectToObject(o, "spec");
	cJSON_AddStringToObject(s, "holderIdentity", holder);
	if (seconds >= 0)
		cJSON_AddNumberToObject(s, "leaseDurationSeconds", seconds);
	cJSON_AddStringToObject(s, "renewTime", renewed);
	fake_kube_put(o);
}

#define NOW "2023-11-14T22:13:20.000000Z"
#define PAST "2001-01-01T00:00:00.000000Z"
#define FUTURE "2099-01-01T00:00:00.000000Z"

/* Answers the call under way, which must be of this verb, from the objects. */
static void answer(enum kube_verb verb)
{
	struct kube_call *c = fake_kube_call();

	assert_non_null(c);
	assert_int_equal(verb, c->req.verb);
	fake_serve_one(c);
}

static void refuse(enum kube_verb verb, enum kube_reason reason)
{
	struct kube_call *c = fake_kube_call();

	assert_non_null(c);
	assert_int_equal(verb, c->req.verb);
	fake_kube_answer(c, reason, NULL);
}

/* Updates are conditional, as the API server has them. */
static bool conditional(struct kube_call *c)
{
	const char *asked = json_str(c->req.body, "metadata.resourceVersion"), *have;

	if (c->req.verb != KUBE_UPDATE)
		return false;
	have = json_str(fake_kube_get(&api_kind_lease, "ns", "lock"), "metadata.resourceVersion");
	if (asked && have && strcmp(asked, have) == 0)
		return false;
	fake_kube_answer(c, KUBE_CONFLICT, NULL);
	return true;
}

/* --- taking --- */

static void a_free_lease_is_taken(void **state)
{
	(void)state;
	start(&me, "me");
	pass(100);
	assert_true(me.leader);
	assert_string_equal("me", json_str(spec(), "holderIdentity"));
	assert_int_equal(15, json_get(spec(), "leaseDurationSeconds")->valueint);
	pass(60000);
	assert_true(me.leader);
	assert_int_equal(1, me.changes);
	assert_int_equal(0, json_get(spec(), "leaseTransitions")->valueint);
}

static void one_that_was_given_back_is_taken_at_once(void **state)
{
	(void)state;
	put_lease("", 15, NOW);
	start(&me, "me");
	pass(100);
	assert_true(me.leader);
	assert_int_equal(1, json_get(spec(), "leaseTransitions")->valueint);
}

/* However the times in it look, who writes it is alive, and who does not is not. */
static void only_what_we_see_counts(void **state)
{
	static const struct {
		const char *renewed;
		double seconds;
		int64_t taken_ms; /* not before, and at most one attempt after */
	} rows[] = {
		{NOW, 15, 15000},  {PAST, 15, 15000}, {FUTURE, 15, 15000}, {"rubbish", 15, 15000}, {PAST, 0, 15000},
		{PAST, -1, 15000}, {PAST, 1, 15000},  {PAST, 60, 60000},   {PAST, 1e300, 3600000},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		put_lease("you", rows[i].seconds, rows[i].renewed);
		start(&me, "me");
		pass(rows[i].taken_ms);
		assert_false(me.leader);
		assert_string_equal("you", json_str(spec(), "holderIdentity"));
		pass(2 * LEASE_RETRY_MS);
		assert_true(me.leader);
		lease_free(take(me.lease));
	}
}

static void a_living_holder_keeps_it(void **state)
{
	(void)state;
	start(&me, "me");
	for (int i = 0; i < 10; i++) {
		put_lease("you", 15, PAST); /* its clock stands still, it renews all the same */
		pass(14000);
		assert_false(me.leader);
	}
	put_lease("you", 60, PAST); /* the duration grows */
	pass(59000);
	assert_false(me.leader);
	put_lease("you", 15, PAST); /* and shrinks: a change like any other */
	pass(14000);
	assert_false(me.leader);
	pass(2 * LEASE_RETRY_MS);
	assert_true(me.leader);
	assert_int_equal(1, me.changes);
}

/* Of two takers the API server lets one through. */
static void the_slower_taker_loses(void **state)
{
	(void)state;
	fake_kube.hook = conditional;
	put_lease("you", 15, NOW);
	start(&me, "me");
	pass(14900);
	silence(2000);
	answer(KUBE_GET);
	assert_int_equal(KUBE_UPDATE, fake_kube_call()->req.verb);
	put_lease("third", 15, NOW);
	fake_kube_serve();
	assert_false(me.leader);
	pass(14000);
	assert_false(me.leader);
	assert_string_equal("third", json_str(spec(), "holderIdentity"));
}

/* Deleted by hand: its holder may not know, so others wait as if it were there. */
static void a_deleted_lease_still_counts(void **state)
{
	(void)state;
	put_lease("you", 15, NOW);
	start(&me, "me");
	pass(1000);
	fake_kube_delete(&api_kind_lease, "ns", "lock");
	pass(13000);
	assert_false(me.leader);
	pass(4000);
	assert_true(me.leader);
}

static void without_a_version_it_is_not_taken(void **state)
{
	(void)state;
	put_lease("you", 15, NOW);
	start(&me, "me");
	for (int i = 0; i < 20; i++) {
		struct kube_call *c = fake_kube_call();

		if (c) {
			cJSON *body = cJSON_Duplicate(fake_kube_get(&api_kind_lease, "ns", "lock"), true);

			cJSON_DeleteItemFromObject(json_get(body, "metadata"), "resourceVersion");
			assert_int_equal(KUBE_GET, c->req.verb);
			fake_kube_answer(c, KUBE_OK, body);
		}
		silence(2000);
	}
	assert_false(me.leader);
}

/* --- holding --- */

static void hold(void)
{
	start(&me, "me");
	pass(100);
	assert_true(me.leader);
}

/* Whatever the API server does, it ends LEASE_RENEW_MS after the last good renewal was sent. */
static void it_ends_without_answers(void **state)
{
	(void)state;
	hold();
	silence(LEASE_RENEW_MS - 200);
	assert_true(me.leader);
	silence(200);
	assert_false(me.leader);
	assert_false(lease_held(me.lease));
	pass(3000);
	assert_true(me.leader);
}

static void it_ends_when_renewals_fail(void **state)
{
	(void)state;
	hold();
	for (int i = 0; i < 4; i++) {
		silence(2000);
		answer(KUBE_GET);
		refuse(KUBE_UPDATE, KUBE_NETWORK);
		assert_true(me.leader);
	}
	silence(2000);
	assert_false(me.leader);
	answer(KUBE_GET);
	answer(KUBE_UPDATE);
	assert_true(me.leader);
}

static void it_ends_when_reads_fail(void **state)
{
	(void)state;
	hold();
	for (int i = 0; i < 4; i++) {
		silence(2000);
		refuse(KUBE_GET, KUBE_REASON_OTHER);
	}
	assert_true(me.leader);
	silence(2000);
	assert_false(me.leader);
}

/* Others saw the renewal when it was sent, not when we heard of it. */
static void a_late_answer_counts_from_when_it_was_asked_for(void **state)
{
	(void)state;
	hold();
	silence(2000);
	answer(KUBE_GET);
	silence(4000); /* written at once, told late */
	answer(KUBE_UPDATE);
	assert_true(me.leader);
	silence(5900);
	assert_true(me.leader);
	silence(200);
	assert_false(me.leader);
}

static void an_answer_that_is_too_late_gives_nothing(void **state)
{
	(void)state;
	start(&me, "me");
	refuse(KUBE_GET, KUBE_NOT_FOUND);
	silence(LEASE_RENEW_MS);
	answer(KUBE_CREATE);
	assert_false(me.leader);
	assert_int_equal(0, me.changes);
}

/* The process stood still: the first thing it does is to know that it is no leader. */
static void it_ends_while_we_sleep(void **state)
{
	(void)state;
	hold();
	fake_mono_ns += 30ll * NS_PER_S;
	loop_turn(loop, 0);
	assert_false(me.leader);
}

static void the_wall_clock_does_not_matter(void **state)
{
	(void)state;
	hold();
	fake_wall_ns += 86400ll * NS_PER_S;
	pass(5000);
	fake_wall_ns -= 10 * 86400ll * NS_PER_S;
	pass(20000);
	assert_true(me.leader);
	assert_int_equal(1, me.changes);
}

static void who_is_overwritten_gives_up(void **state)
{
	(void)state;
	fake_kube.hook = conditional;
	hold();
	put_lease("you", 15, NOW); /* by hand */
	pass(LEASE_RETRY_MS + 200);
	assert_false(me.leader);
}

/* A conflict while holding it is looked into at once, not after the next pause. */
static void a_conflict_is_looked_into(void **state)
{
	(void)state;
	hold();
	silence(2000);
	answer(KUBE_GET);
	put_lease("you", 15, NOW);
	refuse(KUBE_UPDATE, KUBE_CONFLICT);
	answer(KUBE_GET);
	assert_false(me.leader);
}

/* --- whose it is --- */

#define DEPLOYMENT "{\"apiVersion\":\"apps/v1\",\"kind\":\"Deployment\",\"name\":\"op\",\"uid\":\"d1\"}"
#define THEIRS "{\"apiVersion\":\"v1\",\"kind\":\"ConfigMap\",\"name\":\"c\",\"uid\":\"c1\"}"

static void owned_by(const char *list)
{
	CLEANUP(json_freep) cJSON *want = json_literal(list);

	assert_true(
		json_equal(want, json_at(fake_kube_get(&api_kind_lease, "ns", "lock"), "metadata.ownerReferences")));
}

/* What was there before gets an owner with the next renewal, and keeps those that others gave it; a new one has it. */
static void it_has_an_owner(void **state)
{
	CLEANUP(json_freep) cJSON *owner = json_literal(DEPLOYMENT);
	cJSON *o;

	(void)state;
	put_lease("", 15, NOW);
	o = cJSON_Duplicate(fake_kube_get(&api_kind_lease, "ns", "lock"), true);
	json_set(json_get(o, "metadata"), "ownerReferences", json_literal("[" THEIRS "]"));
	fake_kube_put(o);
	hold();
	owned_by("[" THEIRS "]");
	lease_set_owner(me.lease, owner);
	pass(LEASE_RETRY_MS + 200);
	owned_by("[" THEIRS "," DEPLOYMENT "]");
	fake_kube_delete(&api_kind_lease, "ns", "lock");
	pass(2 * LEASE_RETRY_MS);
	owned_by("[" DEPLOYMENT "]");
	lease_set_owner(me.lease, NULL);
	pass(LEASE_RETRY_MS + 200);
	owned_by("[" DEPLOYMENT "]");
	assert_int_equal(1, me.changes);
}

/* --- two of them --- */

static void two_replicas(void **state)
{
	(void)state;
	fake_kube.hook = conditional;
	start(&me, "me");
	start(&other, "other");
	pass(1000);
	assert_true(me.leader != other.leader);
	pass(120000);
	assert_int_equal(1, me.changes + other.changes);
	lease_free(me.leader ? take(me.lease) : take(other.lease)); /* killed */
	me.leader = other.leader = false;
	pass(14000);
	assert_false(me.leader || other.leader);
	pass(4000);
	assert_true(me.leader || other.leader);
}

static void what_is_given_back_goes_over_at_once(void **state)
{
	(void)state;
	fake_kube.hook = conditional;
	hold();
	start(&other, "other");
	pass(3000);
	lease_release(me.lease, on_released, &me);
	me.leader = false;
	assert_false(me.released);
	for (int i = 0; i < 30; i++) {
		fake_kube_serve();
		silence(100);
	}
	assert_true(me.released);
	assert_true(other.leader);
	lease_release(other.lease, on_released, &other);
	refuse(KUBE_UPDATE, KUBE_NETWORK); /* then it runs out by itself */
	assert_true(other.released);
}

static void what_is_not_held_is_not_given_back(void **state)
{
	(void)state;
	put_lease("you", 15, NOW);
	start(&me, "me");
	lease_release(me.lease, on_released, &me);
	assert_true(me.released);
	assert_null(fake_kube_call());
}

int main(void)
{
#define CASE(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)
	const struct CMUnitTest tests[] = {
		CASE(a_free_lease_is_taken),
		CASE(one_that_was_given_back_is_taken_at_once),
		CASE(only_what_we_see_counts),
		CASE(a_living_holder_keeps_it),
		CASE(the_slower_taker_loses),
		CASE(a_deleted_lease_still_counts),
		CASE(without_a_version_it_is_not_taken),
		CASE(it_ends_without_answers),
		CASE(it_ends_when_renewals_fail),
		CASE(it_ends_when_reads_fail),
		CASE(a_late_answer_counts_from_when_it_was_asked_for),
		CASE(an_answer_that_is_too_late_gives_nothing),
		CASE(it_ends_while_we_sleep),
		CASE(the_wall_clock_does_not_matter),
		CASE(who_is_overwritten_gives_up),
		CASE(a_conflict_is_looked_into),
		CASE(it_has_an_owner),
		CASE(two_replicas),
		CASE(what_is_given_back_goes_over_at_once),
		CASE(what_is_not_held_is_not_given_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
