/* Plans being carried out: order, failures, what is made anew, and giving up. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "api/object.h"
#include "fake_clock.h"
#include "fake_kube.h"
#include "kube/plan.h"
#include "kube/store.h"

static struct store *store;
static struct executor *x;

static struct outcome {
	int done, code;
	bool retry;
	char message[ERR_MSG_MAX];
} outcome;

static void on_done(void *arg, const struct err *e, bool retry)
{
	struct outcome *o = arg;

	o->done++;
	o->code = e->code;
	o->retry = retry;
	snprintf(o->message, sizeof(o->message), "%s", e->msg);
}

static int setup(void **state)
{
	(void)state;
	store = store_new();
	x = executor_new(FAKE_CLIENT, store, "me");
	outcome = (struct outcome){0};
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	executor_free(x);
	store_free(store);
	assert_int_equal(0, fake_kube_reset());
	return 0;
}

static struct api_object *object(const struct api_kind *kind, const char *name)
{
	cJSON *j = cJSON_CreateObject(), *meta = cJSON_AddObjectToObject(j, "metadata");
	char version[API_VERSION_TEXT_MAX];
	struct api_object *o;

	cJSON_AddStringToObject(j, "apiVersion", api_kind_api_version(kind, version));
	cJSON_AddStringToObject(j, "kind", kind->kind);
	cJSON_AddStringToObject(meta, "name", name);
	cJSON_AddStringToObject(meta, "namespace", "a");
	cJSON_AddStringToObject(meta, "uid", "u-1");
	assert_int_equal(0, api_object_from_json(kind, j, &o, NULL));
	cJSON_Delete(j);
	return o;
}

static struct store_key key_of(const char *name)
{
	return (struct store_key){&api_kind_config_map, "a", name};
}

/* Two groups, a deletion, a patch, a status, a last patch and an event. */
static struct plan everything(void)
{
	const struct store_key gone = key_of("gone"), patched = key_of("patched"), last = key_of("last");
	const struct store_key smcp = {&api_kind_smcp, "a", "mesh"};
	struct api_object *about = object(&api_kind_smcp, "mesh");
	struct plan p;

	plan_init(&p);
	plan_apply(&p, object(&api_kind_config_map, "second"), 2);
	plan_apply(&p, object(&api_kind_config_map, "first"), 1);
	plan_create(&p, object(&api_kind_config_map, "new"), 1);
	plan_delete(&p, &gone, "u-7");
	plan_patch(&p, &patched, cJSON_Parse("{\"data\":{\"a\":\"b\"}}"));
	plan_patch_last(&p, &last, cJSON_Parse("{\"data\":{\"a\":\"b\"}}"));
	plan_status(&p, &smcp, cJSON_Parse("{\"x\":1}"));
	plan_event(&p, about, true, "Reason", "n is %d", 1);
	api_object_unref(about);
	return p;
}

static void answer_all(enum kube_reason reason)
{
	while (fake_kube.calls.n)
		fake_kube_answer(fake_kube.calls.v[0], reason, NULL);
}

static void steps_have_an_order(void **state)
{
	struct plan p = everything();

	(void)state;
	executor_run(x, &p, on_done, &outcome);
	assert_int_equal(2, fake_kube.calls.n); /* the first group alone */
	answer_all(KUBE_OK);
	assert_int_equal(1, outcome.done);
	assert_int_equal(0, outcome.code);
	assert_string_equal("APPLY configmaps a/first\nCREATE configmaps a/new\nAPPLY configmaps a/second\n"
			    "DELETE configmaps a/gone\nMERGE configmaps a/patched\n"
			    "MERGE servicemeshcontrolplanes a/mesh/status\nMERGE configmaps a/last\nCREATE events a/\n",
			    fake_kube.log);
}

/* After a failure nothing is deleted, and the last patch, which says that all is done, is left out. */
static void a_failure_stops_what_must_be_last(void **state)
{
	struct plan p = everything();

	(void)state;
	executor_run(x, &p, on_done, &outcome);
	answer_all(KUBE_REASON_OTHER);
	assert_int_equal(1, outcome.done);
	assert_true(outcome.code < 0 && outcome.retry);
	assert_null(strstr(fake_kube.log, "DELETE"));
	assert_null(strstr(fake_kube.log, "a/last"));
	assert_non_null(strstr(fake_kube.log, "a/mesh/status"));
	assert_non_null(strstr(fake_kube.log, "CREATE events"));
}

/* Some failures are as good as done. */
static void what_is_settled(void **state)
{
	const struct store_key gone = key_of("gone"), patched = key_of("patched");
	struct plan p;

	(void)state;
	plan_init(&p);
	plan_create(&p, object(&api_kind_config_map, "there"), 0);
	plan_delete(&p, &gone, NULL);
	plan_patch(&p, &patched, cJSON_Parse("{\"data\":{\"a\":\"b\"}}"));
	executor_run(x, &p, on_done, &outcome);
	answer_all(KUBE_ALREADY_EXISTS);
	if (fake_kube.calls.n)
		answer_all(KUBE_NOT_FOUND);
	assert_int_equal(1, outcome.done);
	assert_non_null(strstr(fake_kube.log, "DELETE configmaps a/gone"));
}

/* Whoever gives up has nothing under way afterwards, and is told of each plan. */
static void giving_up(void **state)
{
	struct plan p = everything(), q = everything();

	(void)state;
	executor_run(x, &p, on_done, &outcome);
	executor_run(x, &q, on_done, &outcome);
	assert_int_equal(4, fake_kube.calls.n);
	executor_stop(x);
	assert_int_equal(0, fake_kube.calls.n);
	assert_int_equal(2, outcome.done);
	assert_int_equal(-ECANCELED, outcome.code);
	assert_false(outcome.retry);
	executor_stop(x);
	assert_int_equal(2, outcome.done);
	p = everything();
	executor_run(x, &p, on_done, &outcome); /* and may begin anew */
	answer_all(KUBE_OK);
	assert_int_equal(3, outcome.done);
	assert_int_equal(0, outcome.code);
}

static void run_status(const char *body)
{
	const struct store_key key = {&api_kind_smcp, "a", "mesh"};
	struct plan p;

	plan_init(&p);
	plan_status(&p, &key, cJSON_Parse(body));
	executor_run(x, &p, on_done, &outcome);
	plan_done(&p);
}

static void put_mesh(const char *version, const char *spec)
{
	CLEANUP(freep)
	char *text = mem_printf("{\"apiVersion\":\"maistra.io/v2\",\"kind\":\"ServiceMeshControlPlane\",\"metadata\":{"
				"\"name\":\"mesh\",\"namespace\":\"a\",\"resourceVersion\":\"%s\"},\"spec\":{"
				"\"version\":\"%s\"}}",
				version, spec);
	CLEANUP(json_freep) cJSON *json = cJSON_Parse(text);
	struct api_object *o;

	assert_int_equal(0, api_object_from_json(&api_kind_smcp, json, &o, NULL));
	store_put(store, o);
}

/* What was written and is on its way back is not written again; a failure, another status or another object is. */
static void a_status_on_its_way(void **state)
{
	(void)state;
	put_mesh("1", "v2.5");
	run_status("{\"operatorVersion\":\"1\"}");
	fake_kube_answer(fake_kube_call(), KUBE_CONFLICT, NULL);
	run_status("{\"operatorVersion\":\"1\"}");
	fake_kube_answer(fake_kube_call(), KUBE_OK, NULL);
	run_status("{\"operatorVersion\":\"1\"}");
	assert_null(fake_kube_call());
	run_status("{\"operatorVersion\":\"2\"}");
	fake_kube_answer(fake_kube_call(), KUBE_OK, NULL);
	put_mesh("2", "v2.6"); /* by somebody else: our status is not there */
	run_status("{\"operatorVersion\":\"2\"}");
	fake_kube_answer(fake_kube_call(), KUBE_OK, NULL);
	assert_int_equal(5, outcome.done);
}

static void an_end_tells_nobody(void **state)
{
	struct plan p = everything();

	(void)state;
	executor_run(x, &p, on_done, &outcome);
	executor_free(x);
	x = NULL;
	assert_int_equal(0, fake_kube.calls.n);
	assert_int_equal(0, outcome.done);
}

int main(void)
{
#define CASE(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)
	const struct CMUnitTest tests[] = {
		CASE(steps_have_an_order), CASE(a_failure_stops_what_must_be_last),
		CASE(what_is_settled),     CASE(giving_up),
		CASE(a_status_on_its_way), CASE(an_end_tells_nobody),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
