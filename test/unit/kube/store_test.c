/* The store and the queue. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "api/object.h"
#include "base/cleanup.h"
#include "kube/queue.h"
#include "kube/store.h"
#include "net/loop.h"

static struct api_object *pod(const char *ns, const char *name, const char *app, const char *version)
{
	cJSON *j = cJSON_CreateObject(), *meta = cJSON_AddObjectToObject(j, "metadata");
	struct api_object *o;

	cJSON_AddStringToObject(meta, "namespace", ns);
	cJSON_AddStringToObject(meta, "name", name);
	cJSON_AddStringToObject(meta, "resourceVersion", version);
	if (app)
		cJSON_AddStringToObject(cJSON_AddObjectToObject(meta, "labels"), "app", app);
	assert_int_equal(api_object_from_json(&api_kind_pod, j, &o, NULL), 0);
	cJSON_Delete(j);
	return o;
}

struct watcher {
	struct store_watch watch;
	char seen[256];
};

static void on_change(struct store_watch *w, const struct store_key *key)
{
	struct watcher *x = CONTAINER_OF(w, struct watcher, watch);
	size_t n = strlen(x->seen);

	snprintf(x->seen + n, sizeof(x->seen) - n, "%s/%s ", key->ns, key->name ? key->name : "*");
}

static void assert_range(struct store_range r, const char *want)
{
	char got[256] = "";

	for (size_t i = 0; i < r.n; i++)
		snprintf(got + strlen(got), sizeof(got) - strlen(got), "%s/%s ", api_object_namespace(r.v[i]),
			 api_object_name(r.v[i]));
	assert_string_equal(got, want);
}

static void test_store(void **state)
{
	struct store *s = store_new();
	struct watcher w = {.watch = {.kind = &api_kind_pod, .fn = on_change}};
	uint64_t revision;

	(void)state;
	store_put(s, pod("b", "x", "one", "1"));
	assert_range(store_by_label(s, &api_kind_pod, "app", "one"), "b/x ");
	store_subscribe(s, &w.watch);
	store_put(s, pod("a", "y", "two", "2"));
	store_put(s, pod("b", "a", "one", "3"));
	store_put(s, pod("c", "z", NULL, "4"));
	assert_range(store_list(s, &api_kind_pod, NULL), "a/y b/a b/x c/z ");
	assert_range(store_list(s, &api_kind_pod, "b"), "b/a b/x ");
	assert_range(store_list(s, &api_kind_pod, "nowhere"), "");
	assert_range(store_list(s, &api_kind_service, NULL), "");
	assert_range(store_by_label(s, &api_kind_pod, "app", "one"), "b/a b/x ");
	revision = store_revision(s, &api_kind_pod);
	store_put(s, pod("b", "a", "one", "3")); /* the same version: nothing happens */
	assert_int_equal(store_revision(s, &api_kind_pod), revision);
	store_put(s, pod("b", "a", "two", "5"));
	assert_range(store_by_label(s, &api_kind_pod, "app", "two"), "a/y b/a ");
	assert_true(store_remove(s, &api_kind_pod, "a", "y"));
	assert_false(store_remove(s, &api_kind_pod, "a", "y"));
	assert_range(store_by_label(s, &api_kind_pod, "app", "two"), "b/a ");
	assert_null(store_get(s, &api_kind_pod, "a", "y"));
	assert_string_equal(api_object_name(store_get(s, &api_kind_pod, "c", "z")), "z");
	assert_string_equal(w.seen, "a/y b/a c/z b/a a/y ");
	store_unsubscribe(&w.watch);
	store_free(s);
}

static void test_synced(void **state)
{
	struct store *s = store_new();

	(void)state;
	assert_false(store_synced(s, NULL));
	store_expect(s, &api_kind_pod);
	store_expect(s, &api_kind_pod);
	store_expect(s, &api_kind_service);
	store_listed(s, &api_kind_pod);
	assert_false(store_synced(s, &api_kind_pod));
	store_listed(s, &api_kind_pod);
	assert_true(store_synced(s, &api_kind_pod));
	assert_false(store_synced(s, NULL));
	store_listed(s, &api_kind_service);
	assert_true(store_synced(s, NULL));
	store_expect(s, &api_kind_pod); /* one that joins later */
	assert_true(store_synced(s, NULL));
	store_free(s);
}

struct runs {
	struct queue *queue;
	int n, failing;
	bool add_while_running;
};

static void on_run(void *arg, const struct store_key *key)
{
	struct runs *r = arg;

	r->n++;
	if (r->add_while_running) {
		r->add_while_running = false;
		queue_add(r->queue, key);
	}
	queue_done(r->queue, key, r->failing-- > 0 ? QUEUE_RETRY : QUEUE_OK, 0);
}

static void test_queue(void **state)
{
	struct loop *l = loop_new();
	struct runs r = {0};
	struct store_key key = {&api_kind_pod, "ns", "name"};

	(void)state;
	r.queue = queue_new(l, 1, on_run, &r);
	queue_add(r.queue, &key);
	queue_add(r.queue, &key);
	loop_turn(l, 0);
	assert_int_equal(r.n, 1); /* once */
	assert_int_equal(queue_length(r.queue), 0);
	r.add_while_running = true;
	queue_add(r.queue, &key);
	loop_turn(l, 0);
	loop_turn(l, 0);
	assert_int_equal(r.n, 3); /* added while it ran: again */
	r.failing = 2;
	queue_add(r.queue, &key);
	for (int i = 0; i < 20 && queue_length(r.queue); i++)
		loop_turn(l, 50);
	assert_int_equal(r.n, 6); /* two retries */
	queue_add_after(r.queue, &key, 5);
	loop_turn(l, 0);
	assert_int_equal(r.n, 6);
	for (int i = 0; i < 20 && queue_length(r.queue); i++)
		loop_turn(l, 20);
	assert_int_equal(r.n, 7);
	queue_free(r.queue);
	loop_free(l);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_store),
		cmocka_unit_test(test_synced),
		cmocka_unit_test(test_queue),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
