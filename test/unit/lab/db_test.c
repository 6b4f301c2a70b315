/* The store of the lab: revisions, the window of events, and what is there after a restart. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include "base/cleanup.h"
#include "base/mem.h"
#include "lab/store/db.h"
#include "msg/json.h"

static char *path(void)
{
	const char *tmp = getenv("TEST_TMP");

	return mem_printf("%s/db_test.%d", tmp ? tmp : "/tmp", getpid());
}

static cJSON *object(const char *ns, const char *name, int value)
{
	cJSON *o = json_literal("{\"kind\":\"X\",\"apiVersion\":\"v1\",\"metadata\":{}}");

	json_set_str(json_get(o, "metadata"), "name", name);
	json_set_str(json_get(o, "metadata"), "namespace", ns);
	json_set_int(o, "value", value);
	return o;
}

static void survives_a_restart(void **state)
{
	CLEANUP(freep) char *file = path();
	struct loop *l = loop_new();
	struct db *d = db_open(l, file, NULL);
	struct bucket *b = db_bucket(d, "apps", "things");

	(void)state;
	struct object *a = db_put(d, b, NULL, object("n", "a", 1), NULL);
	struct object *c = db_put(d, b, NULL, object("m", "c", 1), NULL);

	a = db_put(d, b, a, object("n", "a", 2), NULL);
	assert_int_equal(db_remove(d, b, c, object("m", "c", 1), NULL), 0);
	uint64_t revision = db_revision(d);

	assert_int_equal(a->rv, revision - 1);
	db_close(d);
	d = db_open(l, file, NULL);
	b = db_bucket(d, "apps", "things");
	assert_int_equal(db_revision(d), revision);
	assert_int_equal(b->n, 1);
	assert_int_equal(json_int(db_get(b, "n", "a")->json, "value", 0), 2);
	assert_null(db_get(b, "m", "c"));
	db_close(d);
	loop_free(l);
	unlink(file);
}

struct reader {
	struct db_watcher w;
	struct db *db;
	char seen[64];
};

static void read_all(struct db_watcher *w)
{
	struct reader *r = CONTAINER_OF(w, struct reader, w);
	const struct db_event *ev;
	bool gone;

	while ((ev = db_next(r->db, w, &gone))) {
		w->seen = ev->rv;
		strcat(r->seen, ev->change == DB_ADDED ? "A" : ev->change == DB_MODIFIED ? "M" : "D");
		strcat(r->seen, ev->object->name);
	}
}

static void watchers_see_everything_in_order(void **state)
{
	CLEANUP(freep) char *file = path();
	struct loop *l = loop_new();
	struct db *d = db_open(l, file, NULL);
	struct bucket *b = db_bucket(d, "", "things"), *other = db_bucket(d, "", "others");
	struct reader r = {.db = d, .w = {.on_events = read_all}};

	(void)state;
	struct object *a = db_put(d, b, NULL, object("n", "a", 1), NULL);

	db_watch(d, &r.w, b, db_revision(d));
	a = db_put(d, b, a, object("n", "a", 2), NULL);
	db_put(d, other, NULL, object("n", "z", 2), NULL);
	db_put(d, b, NULL, object("n", "b", 2), NULL);
	db_remove(d, b, a, object("n", "a", 2), NULL);
	loop_turn(l, 0);
	assert_string_equal(r.seen, "MaAbDa");
	db_unwatch(&r.w);
	db_close(d);
	loop_free(l);
	unlink(file);
}

static void old_revisions_leave_the_window(void **state)
{
	CLEANUP(freep) char *file = path();
	struct loop *l = loop_new();
	struct db *d = db_open(l, file, NULL);
	struct bucket *b = db_bucket(d, "", "things");
	struct object *a = db_put(d, b, NULL, object("n", "a", 0), NULL);
	struct reader r = {.db = d, .w = {.on_events = read_all}};
	uint64_t start = db_revision(d);
	bool gone;

	(void)state;
	for (int i = 0; i < 5000; i++) {
		a = db_put(d, b, a, object("n", "a", i), NULL);
		if (i % 100 == 0)
			loop_turn(l, 0);
	}
	loop_turn(l, 0);
	assert_true(db_oldest(d) > start);
	r.w.bucket = b;
	r.w.seen = start;
	assert_null(db_next(d, &r.w, &gone));
	assert_true(gone);
	r.w.seen = db_revision(d) - 1;
	assert_non_null(db_next(d, &r.w, &gone));
	assert_false(gone);
	db_close(d);
	loop_free(l);
	unlink(file);
}

static struct db *store_of_quiet;
static int quiet_events, quiet_gone;

static void on_quiet(struct db_watcher *w)
{
	const struct db_event *ev;
	bool gone;

	while ((ev = db_next(store_of_quiet, w, &gone))) {
		w->seen = ev->rv;
		quiet_events++;
	}
	quiet_gone += gone;
}

/* What happens elsewhere leaves the window; a watcher that was told nothing meanwhile has missed nothing. */
static void silence_loses_nothing(void **state)
{
	CLEANUP(freep) char *file = path();
	struct loop *l = loop_new();
	struct db *d = db_open(l, file, NULL);
	struct bucket *quiet = db_bucket(d, "apps", "things"), *busy = db_bucket(d, "", "others");
	struct object *o = db_put(d, busy, NULL, object("n", "o", 0), NULL);
	struct db_watcher kept = {.on_events = on_quiet, .keep_window = true}, other = {.on_events = on_quiet};

	(void)state;
	store_of_quiet = d;
	quiet_events = quiet_gone = 0;
	db_watch(d, &kept, quiet, db_revision(d));
	db_watch(d, &other, quiet, db_revision(d));
	for (int i = 0; i < 12000; i++) {
		o = db_put(d, busy, o, object("n", "o", i), NULL);
		if (i % 100 == 0)
			loop_turn(l, 0);
	}
	db_put(d, quiet, NULL, object("n", "a", 1), NULL);
	loop_turn(l, 0);
	assert_int_equal(quiet_gone, 0);
	assert_int_equal(quiet_events, 2);
	db_unwatch(&kept);
	db_unwatch(&other);
	db_close(d);
	loop_free(l);
	unlink(file);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(survives_a_restart),
		cmocka_unit_test(watchers_see_everything_in_order),
		cmocka_unit_test(silence_loses_nothing),
		cmocka_unit_test(old_revisions_leave_the_window),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
