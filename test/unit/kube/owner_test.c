/* Who owns what a program makes for itself, asked of an API server that has it, loses it, or will not say. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "fake_clock.h"
#include "fake_kube.h"
#include "kube/owner.h"

#define REF(kind, name, uid)                                                                                           \
	"{\"apiVersion\":\"apps/v1\",\"kind\":\"" kind "\",\"name\":\"" name "\",\"uid\":\"" uid "\"}"
#define BY(kind, name, uid)                                                                                            \
	"{\"apiVersion\":\"apps/v1\",\"kind\":\"" kind "\",\"name\":\"" name "\",\"uid\":\"" uid                       \
	"\",\"controller\":true,\"blockOwnerDeletion\":true}"

static struct loop *loop;
static struct owner *owner;
static char *said; /* the last reference, "" for none; NULL: nothing was said */
static int times;

static void on_owner(void *arg, const cJSON *reference)
{
	(void)arg;
	free(said);
	said = reference ? json_to_text(reference) : mem_strdup("");
	times++;
}

static int setup(void **state)
{
	(void)state;
	loop = loop_new();
	times = 0;
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	owner_free(take(owner));
	owner_free(NULL);
	free(take(said));
	assert_int_equal(0, fake_kube_reset());
	loop_free(loop);
	return 0;
}

/* An object of the namespace with these ownerReferences. */
static void put(const char *version, const char *kind, const char *name, const char *owners)
{
	CLEANUP(freep)
	char *text =
		mem_printf("{\"apiVersion\":\"%s\",\"kind\":\"%s\",\"metadata\":{\"name\":\"%s\",\"namespace\":\"ns\","
			   "\"ownerReferences\":[%s]}}",
			   version, kind, name, owners);

	fake_kube_put(json_literal(text));
}

static void pass(int64_t ms)
{
	for (int64_t done = 0; done < ms; done += 100) {
		fake_kube_serve();
		fake_clock_advance(loop, 100, 100);
	}
	fake_kube_serve();
}

static void start(void)
{
	owner = owner_new(loop, FAKE_CLIENT, "ns", "me", on_owner, NULL);
	pass(200);
}

static void whoever_controls_the_pod(void **state)
{
	static const struct {
		const char *name, *of_pod, *of_set, *expected; /* NULL: nothing is said */
	} rows[] = {
		{"a Deployment", BY("ReplicaSet", "op-1", "r1"), BY("Deployment", "op", "d1"),
		 REF("Deployment", "op", "d1")},
		{"a ReplicaSet of nobody", BY("ReplicaSet", "op-1", "r1"), "", REF("ReplicaSet", "op-1", "r1")},
		{"a StatefulSet", BY("StatefulSet", "op", "s1"), "", REF("StatefulSet", "op", "s1")},
		{"an owner that does not control it", REF("Deployment", "op", "d1"), "", NULL},
		{"a pod of nobody", "", "", NULL},
		{"no such ReplicaSet", BY("ReplicaSet", "other", "r1"), "", NULL},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		if (i)
			setup(state);
		put("v1", "Pod", "me", rows[i].of_pod);
		put("apps/v1", "ReplicaSet", "op-1", rows[i].of_set);
		start();
		if (!rows[i].expected != !said || (said && strcmp(said, rows[i].expected) != 0))
			fail_msg("%s: %s", rows[i].name, said ? said : "nothing");
		if (i + 1 < ARRAY_LEN(rows))
			teardown(state);
	}
}

/* It is asked again by and by, and only what is new is said. */
static void another_owner(void **state)
{
	(void)state;
	put("v1", "Pod", "me", BY("ReplicaSet", "op-1", "r1"));
	put("apps/v1", "ReplicaSet", "op-1", BY("Deployment", "op", "d1"));
	start();
	pass(3 * OWNER_AGAIN_MS);
	assert_int_equal(times, 1);
	put("apps/v1", "ReplicaSet", "op-1", BY("Deployment", "op", "d2"));
	pass(OWNER_AGAIN_MS + 1000);
	assert_string_equal(said, REF("Deployment", "op", "d2"));
	fake_kube_delete(&api_kind_pod, "ns", "me");
	pass(OWNER_AGAIN_MS + 1000);
	assert_string_equal(said, "");
	assert_int_equal(times, 3);
}

static enum kube_reason refusal;
static size_t refused;

static bool refuse(struct kube_call *c)
{
	refused++;
	fake_kube_answer(c, refusal, NULL);
	return true;
}

/* Without an answer it is asked again soon, without the right to ask seldom; what was known stays. */
static void no_answer(void **state)
{
	(void)state;
	put("v1", "Pod", "me", BY("StatefulSet", "op", "s1"));
	fake_kube.hook = refuse;
	refusal = KUBE_NETWORK;
	refused = 0;
	start();
	pass(10000);
	assert_null(said);
	assert_in_range(refused, 3, 10);
	fake_kube.hook = NULL;
	pass(3000);
	assert_string_equal(said, REF("StatefulSet", "op", "s1"));
	fake_kube.hook = refuse;
	refusal = KUBE_FORBIDDEN;
	refused = 0;
	pass(3 * OWNER_AGAIN_MS);
	assert_in_range(refused, 1, 3);
	assert_int_equal(times, 1);
}

static void references(void **state)
{
	static const struct {
		const char *name, *before, *put, *after;
		bool changed;
	} rows[] = {
		{"the first", "{}", REF("Deployment", "a", "1"),
		 "{\"ownerReferences\":[" REF("Deployment", "a", "1") "]}", true},
		{"the same", "{\"ownerReferences\":[" BY("Deployment", "a", "1") "]}", REF("Deployment", "a", "1"),
		 "{\"ownerReferences\":[" BY("Deployment", "a", "1") "]}", false},
		{"a later one of that name",
		 "{\"ownerReferences\":[" REF("Deployment", "a", "0") "," REF("Deployment", "b", "0") "," REF(
			 "StatefulSet", "a", "0") "]}",
		 REF("Deployment", "a", "1"),
		 "{\"ownerReferences\":[" REF("Deployment", "b", "0") "," REF("StatefulSet", "a",
									      "0") "," REF("Deployment", "a", "1") "]}",
		 true},
		{"the same beside an earlier one",
		 "{\"ownerReferences\":[" REF("Deployment", "a", "1") "," REF("Deployment", "a", "0") "]}",
		 REF("Deployment", "a", "1"), "{\"ownerReferences\":[" REF("Deployment", "a", "1") "]}", true},
		{"none", "{}", NULL, "{}", false},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(json_freep) cJSON *meta = json_literal(rows[i].before);
		CLEANUP(json_freep) cJSON *ref = rows[i].put ? json_literal(rows[i].put) : NULL;
		CLEANUP(json_freep) cJSON *want = json_literal(rows[i].after);
		CLEANUP(freep) char *have = NULL;
		const bool changed = owner_put(meta, ref);

		have = json_to_text(meta);
		if (changed != rows[i].changed || !json_equal(meta, want))
			fail_msg("%s: %d %s", rows[i].name, changed, have);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(whoever_controls_the_pod, setup, teardown),
		cmocka_unit_test_setup_teardown(another_owner, setup, teardown),
		cmocka_unit_test_setup_teardown(no_answer, setup, teardown),
		cmocka_unit_test_setup_teardown(references, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
