/* Reflectors of which not all is wanted: what is kept, what is fetched when more is wanted, what a race leaves. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "api/object.h"
#include "fake_clock.h"
#include "fake_kube.h"
#include "kube/reflector.h"
#include "kube/store.h"

static struct loop *loop;
static struct store *store;
static struct reflector *r;
static const char *members[16]; /* wanted namespaces */

static bool wanted(void *arg, const char *ns)
{
	(void)arg;
	for (size_t i = 0; members[i]; i++)
		if (!strcmp(members[i], ns))
			return true;
	return false;
}

static void begin(bool inherit)
{
	r = reflector_new(loop, FAKE_CLIENT, store,
			  &(struct reflector_options){.kind = &api_kind_service, .wanted = wanted, .inherit = inherit});
	fake_kube_serve();
}

static int setup(void **state)
{
	(void)state;
	memset(members, 0, sizeof(members));
	loop = loop_new();
	store = store_new();
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	reflector_free(r, false);
	store_free(store);
	assert_int_equal(0, fake_kube_reset());
	loop_free(loop);
	return 0;
}

static cJSON *service(const char *ns, const char *name, const char *note)
{
	CLEANUP(freep)
	char *text = mem_printf("{\"apiVersion\":\"v1\",\"kind\":\"Service\",\"metadata\":{\"name\":\"%s\","
				"\"namespace\":\"%s\",\"annotations\":{\"note\":\"%s\"}}}",
				name, ns, note);

	return cJSON_Parse(text);
}

static const char *note(const char *ns, const char *name)
{
	const struct api_object *o = store_get(store, &api_kind_service, ns, name);

	return o ? api_object_annotation(o, "note") : NULL;
}

static size_t kept(void)
{
	return store_list(store, &api_kind_service, NULL).n;
}

static void strangers_are_not_kept(void **state)
{
	(void)state;
	members[0] = "in";
	fake_kube_put(service("in", "a", "1"));
	fake_kube_put(service("out", "a", "1"));
	begin(false);
	assert_int_equal(1, kept());
	fake_kube_put(service("out", "b", "1"));
	fake_kube_put(service("in", "b", "1"));
	assert_int_equal(2, kept());
	fake_kube_delete(&api_kind_service, "out", "b");
	assert_int_equal(2, kept());
	members[0] = "out";
	reflector_refilter(r);
	assert_int_equal(0, kept());
}

/* What may be refused, or not be there, holds nobody up. */
static void a_spare_kind_may_be_refused(void **state)
{
	static const struct {
		const struct api_kind *kind;
		enum kube_reason reason;
		bool spare, synced;
	} rows[] = {
		{&api_kind_persistent_volume, KUBE_FORBIDDEN, false, false},
		{&api_kind_node, KUBE_FORBIDDEN, true, true},
		{&api_kind_secret, KUBE_NOT_FOUND, true, true},
		{&api_kind_pod, KUBE_REASON_OTHER, true, false},
	};

	(void)state;
	r = NULL;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		reflector_free(r, false);
		r = reflector_new(loop, FAKE_CLIENT, store,
				  &(struct reflector_options){.kind = rows[i].kind, .spare = rows[i].spare});
		assert_false(store_synced(store, rows[i].kind));
		fake_kube_answer(fake_kube_call(), rows[i].reason, NULL);
		assert_int_equal(rows[i].reason == KUBE_FORBIDDEN, reflector_forbidden(r));
		assert_int_equal(rows[i].synced, store_synced(store, rows[i].kind));
	}
}

static size_t lists_of(const char *ns)
{
	CLEANUP(freep) char *line = mem_printf("LIST services %s/\n", ns);
	size_t n = 0;

	for (const char *at = fake_kube.log; (at = strstr(at, line)); at += strlen(line))
		n++;
	return n;
}

static void a_namespace_that_joins_is_listed_alone(void **state)
{
	(void)state;
	fake_kube_put(service("late", "a", "1"));
	begin(false);
	assert_int_equal(0, kept());
	members[0] = "late";
	reflector_join(r, "late");
	reflector_join(r, "late");
	loop_turn(loop, 0);
	fake_kube_serve();
	assert_string_equal("1", note("late", "a"));
	assert_int_equal(1, lists_of(""));
	assert_int_equal(1, lists_of("late"));
	fake_kube_delete(&api_kind_service, "late", "a");
	assert_int_equal(0, kept());
}

static void many_that_join_are_listed_at_once(void **state)
{
	static const char *const names[] = {"a", "b", "c", "d", "e", "f", "g", "h", "i", "j"};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		fake_kube_put(service(names[i], "x", "1"));
	begin(false);
	memcpy(members, names, sizeof(names));
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		reflector_join(r, names[i]);
	loop_turn(loop, 0);
	fake_kube_serve();
	assert_int_equal(ARRAY_LEN(names), kept());
	assert_int_equal(2, lists_of(""));
	assert_int_equal(0, lists_of("a"));
}

/* The list was made before the change, and arrives after it. */
static void a_list_does_not_undo_what_the_watch_said(void **state)
{
	cJSON *old;

	(void)state;
	fake_kube_put(service("late", "a", "old"));
	fake_kube_put(service("late", "b", "old"));
	fake_kube_put(service("late", "c", "old"));
	begin(false);
	members[0] = "late";
	reflector_join(r, "late");
	loop_turn(loop, 0);
	old = fake_list(&fake_kube_call()->req);
	fake_kube_put(service("late", "a", "new"));
	fake_kube_delete(&api_kind_service, "late", "b");
	fake_kube_answer(fake_kube_call(), KUBE_OK, old);
	assert_string_equal("new", note("late", "a"));
	assert_null(note("late", "b"));
	assert_string_equal("old", note("late", "c"));
}

static void who_left_again_is_not_fetched(void **state)
{
	(void)state;
	fake_kube_put(service("late", "a", "1"));
	begin(false);
	members[0] = "late";
	reflector_join(r, "late");
	loop_turn(loop, 0);
	assert_non_null(fake_kube_call());
	members[0] = NULL;
	reflector_refilter(r);
	assert_null(fake_kube_call());
	assert_int_equal(0, kept());
}

/* What a namespace's list could not bring is brought by a list of all. */
static void a_failed_join_is_cured(void **state)
{
	(void)state;
	fake_kube_put(service("late", "a", "1"));
	begin(false);
	members[0] = "late";
	reflector_join(r, "late");
	loop_turn(loop, 0);
	fake_kube_answer(fake_kube_call(), KUBE_NETWORK, NULL);
	fake_clock_advance(loop, 2 * REFLECTOR_BACKOFF_MIN_MS, 100);
	fake_kube_serve();
	assert_string_equal("1", note("late", "a"));
}

/* A joining during a list that has been read in part: the rest of it does not hold the namespace. */
static void a_join_between_two_pages(void **state)
{
	cJSON *page;

	(void)state;
	r = reflector_new(loop, FAKE_CLIENT, store,
			  &(struct reflector_options){.kind = &api_kind_service, .wanted = wanted});
	fake_kube_put(service("late", "a", "1"));
	page = fake_list(&fake_kube_call()->req);
	json_set_str(json_get(page, "metadata"), "continue", "more");
	fake_kube_answer(fake_kube_call(), KUBE_OK, page);
	members[0] = "late";
	reflector_join(r, "late");
	page = cJSON_Parse("{\"metadata\":{\"resourceVersion\":\"9\"},\"items\":[]}");
	fake_kube_answer(fake_kube_call(), KUBE_OK, page);
	assert_int_equal(0, kept());
	fake_kube_serve();
	assert_int_equal(1, kept());
}

static struct kube_call *watch(void)
{
	for (size_t i = 0; i < fake_kube.calls.n; i++)
		if (fake_kube.calls.v[i]->req.verb == KUBE_WATCH)
			return fake_kube.calls.v[i];
	return NULL;
}

/* A watch that ended in order goes on where it ended; else all is listed anew: the server may have forgotten. */
static void a_watch_that_ends(void **state)
{
	static const struct {
		enum kube_reason reason;
		bool anew;
	} rows[] = {{KUBE_OK, false},          {KUBE_NETWORK, true},    {KUBE_GONE, true},     {KUBE_OK, false},
		    {KUBE_REASON_OTHER, true}, {KUBE_BAD_ANSWER, true}, {KUBE_NOT_FOUND, true}};
	size_t lists = 1;

	(void)state;
	members[0] = "in";
	begin(false);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		CLEANUP(freep) char *name = mem_printf("s-%zu", i);

		assert_non_null(watch());
		fake_kube_answer(watch(), rows[i].reason, NULL);
		if (rows[i].anew) /* what nobody watched */
			fake_kube_put(service("in", name, "1"));
		fake_clock_advance(loop, REFLECTOR_BACKOFF_MAX_MS, 100);
		fake_kube_serve();
		lists += rows[i].anew;
		assert_int_equal(lists, lists_of(""));
		assert_int_equal(note("in", name) != NULL, rows[i].anew);
	}
}

static unsigned told;

static void on_told(struct store_watch *w, const struct store_key *key)
{
	(void)w;
	told += !key->name;
}

/* What came and went while nobody watched shows in no list: whoever made it hears that there was one. */
static void a_later_list_is_told(void **state)
{
	struct store_watch w = {.kind = &api_kind_service, .fn = on_told};

	(void)state;
	store_subscribe(store, &w);
	begin(false);
	assert_int_equal(1, told);
	fake_kube_answer(watch(), KUBE_GONE, NULL);
	fake_clock_advance(loop, REFLECTOR_BACKOFF_MAX_MS, 100);
	fake_kube_serve();
	assert_int_equal(2, told);
	store_unsubscribe(&w);
}

/* An API server that came back from a backup gives versions out again. */
static void a_version_is_given_out_again(void **state)
{
	(void)state;
	members[0] = "in";
	fake_kube_put(service("in", "a", "before"));
	begin(false);
	fake_kube.version--;
	fake_kube_put(service("in", "a", "after"));
	fake_kube_answer(watch(), KUBE_GONE, NULL);
	fake_clock_advance(loop, REFLECTOR_BACKOFF_MAX_MS, 100);
	fake_kube_serve();
	assert_string_equal("after", note("in", "a"));
}

/* Another reflector takes over: nothing is lost, and what went meanwhile goes. */
static void what_is_known_is_inherited(void **state)
{
	(void)state;
	members[0] = "in";
	fake_kube_put(service("in", "a", "1"));
	fake_kube_put(service("in", "b", "1"));
	begin(false);
	assert_int_equal(2, kept());
	reflector_free(r, false);
	fake_kube_delete(&api_kind_service, "in", "b");
	r = reflector_new(loop, FAKE_CLIENT, store,
			  &(struct reflector_options){.kind = &api_kind_service, .wanted = wanted, .inherit = true});
	assert_int_equal(2, kept());
	fake_kube_serve();
	assert_int_equal(1, kept());
	assert_string_equal("1", note("in", "a"));
}

int main(void)
{
#define CASE(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)
	const struct CMUnitTest tests[] = {
		CASE(strangers_are_not_kept),
		CASE(a_namespace_that_joins_is_listed_alone),
		CASE(many_that_join_are_listed_at_once),
		CASE(a_list_does_not_undo_what_the_watch_said),
		CASE(who_left_again_is_not_fetched),
		CASE(a_failed_join_is_cured),
		CASE(a_join_between_two_pages),
		CASE(a_watch_that_ends),
		CASE(a_later_list_is_told),
		CASE(a_spare_kind_may_be_refused),
		CASE(a_version_is_given_out_again),
		CASE(what_is_known_is_inherited),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
