/* The engine of the lab's controllers, with an API whose answers come when the test gives them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "base/clock.h"
#include "base/mem.h"
#include "lab/control/controller.h"

static struct {
	lab_done_fn done;
	void *arg;
} pending[8];
static int n_pending, runs, told;
static int64_t wish_ms[2];
static bool writes, deletes;

static void keep(lab_done_fn done, void *arg)
{
	pending[n_pending].done = done;
	pending[n_pending++].arg = arg;
}

void lab_create(const struct lab_client *c, const struct gvr *r, const char *ns, cJSON *object, lab_done_fn done,
		void *arg)
{
	(void)c, (void)r;
	assert_string_equal(ns, "ns");
	cJSON_Delete(object);
	keep(done, arg);
}

void lab_delete(const struct lab_client *c, const struct gvr *r, const char *ns, const char *name,
		const struct lab_delete_options *o, lab_done_fn done, void *arg)
{
	(void)c, (void)r, (void)ns, (void)o;
	assert_string_equal(name, "a");
	keep(done, arg);
}

static void answer(int status)
{
	assert_true(n_pending > 0);
	n_pending--;
	pending[n_pending].done(pending[n_pending].arg, status, NULL);
}

static void reconcile(struct controller *c, struct work *w)
{
	(void)c;
	runs++;
	if (writes)
		work_create(w, GVR(pod), w->ns, cJSON_CreateObject());
	if (deletes)
		work_delete(w, GVR(pod), w->ns, w->name, NULL);
	for (size_t i = 0; i < 2; i++)
		if (wish_ms[i])
			work_after(w, wish_ms[i]);
}

static void on_failed(struct controller *c, struct work *w, const char *verb, const char *message)
{
	(void)c, (void)w, (void)message;
	assert_string_equal(verb, "create");
	told++;
}

static struct controller *begin(void)
{
	struct controller *c = NEW(struct controller);

	controller_init(c, loop_new(), NULL, "test", reconcile);
	c->on_failed = on_failed;
	n_pending = runs = told = 0;
	wish_ms[0] = wish_ms[1] = 0;
	writes = deletes = false;
	return c;
}

static void end(struct controller *c)
{
	controller_done(c);
	loop_free(c->loop);
	free(c);
}

static void turn_until_run(struct controller *c, int n)
{
	while (runs < n)
		loop_turn(c->loop, -1);
	assert_int_equal(runs, n);
}

static void a_key_waits_for_its_writes(void **state)
{
	struct controller *c = begin();

	(void)state;
	writes = true;
	controller_enqueue(c, "ns", "a");
	controller_enqueue(c, "ns", "a");
	turn_until_run(c, 1);
	controller_enqueue(c, "ns", "a");
	loop_turn(c->loop, 0);
	assert_int_equal(runs, 1);
	controller_enqueue(c, "ns", "b"); /* others do not wait */
	turn_until_run(c, 2);
	answer(201);
	writes = false;
	answer(201);
	turn_until_run(c, 3);
	loop_turn(c->loop, 0);
	assert_int_equal(runs, 3);
	assert_int_equal(queue_length(c->queue), 0);
	end(c);
}

static void failures_run_again(void **state)
{
	static const struct {
		int status;
		bool of_delete, again, is_told;
	} rows[] = {{409, false, true, false},
		    {500, false, true, true},
		    {404, false, true, true},
		    {200, true, false, false},
		    {404, true, false, false}};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct controller *c = begin();

		writes = !rows[i].of_delete;
		deletes = rows[i].of_delete;
		controller_enqueue(c, "ns", "a");
		turn_until_run(c, 1);
		writes = deletes = false;
		answer(rows[i].status);
		assert_int_equal(queue_length(c->queue), rows[i].again);
		assert_int_equal(told, rows[i].is_told);
		if (rows[i].again)
			turn_until_run(c, 2);
		end(c);
	}
}

static void the_earliest_wish_counts(void **state)
{
	struct controller *c = begin();
	int64_t from_ns = clock_mono_ns();

	(void)state;
	wish_ms[0] = 3600 * MS_PER_S;
	wish_ms[1] = 1;
	controller_enqueue(c, NULL, "a");
	turn_until_run(c, 2);
	assert_true(clock_mono_ns() - from_ns < 600 * (int64_t)NS_PER_S);
	wish_ms[0] = wish_ms[1] = 0;
	turn_until_run(c, 3);
	assert_int_equal(queue_length(c->queue), 0);
	end(c);
}

static void writes_under_way_end_with_the_controller(void **state)
{
	struct controller *c = begin();
	void *unanswered;

	(void)state;
	writes = true;
	controller_enqueue(c, "ns", "a");
	turn_until_run(c, 1);
	unanswered = pending[0].arg;
	end(c);
	free(unanswered); /* the API's, as it never answers */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_key_waits_for_its_writes),
		cmocka_unit_test(failures_run_again),
		cmocka_unit_test(the_earliest_wish_counts),
		cmocka_unit_test(writes_under_way_end_with_the_controller),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
