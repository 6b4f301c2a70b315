/* Jobs beside the loop: their results come back to it, and those under way end with the threads. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <semaphore.h>
#include <cmocka.h>

#include "base/mem.h"
#include "lab/sys/job.h"

struct work {
	struct job job;
	struct loop *loop;
	sem_t ran;
	unsigned done;
};

static void run(struct job *j)
{
	sem_post(&CONTAINER_OF(j, struct work, job)->ran);
}

static void on_done(struct job *j)
{
	struct work *w = CONTAINER_OF(j, struct work, job);

	if (++w->done == 2)
		loop_stop(w->loop);
}

static void results_come_back(void **state)
{
	struct work w = {.loop = loop_new()};
	struct jobs *js = jobs_new(w.loop, 2);

	(void)state;
	sem_init(&w.ran, 0, 0);
	job_start(js, &w.job, run, on_done);
	while (!w.done)
		loop_turn(w.loop, -1);
	job_start(js, &w.job, run, on_done);
	loop_run(w.loop);
	assert_int_equal(w.done, 2);
	jobs_free(js);
	sem_destroy(&w.ran);
	loop_free(w.loop);
}

/* The owner may go when the threads have gone: the loop has nothing of the job any more. */
static void nothing_of_them_is_left_when_the_threads_end(void **state)
{
	struct loop *l = loop_new();
	struct jobs *js = jobs_new(l, 1);
	struct work *w = NEW(struct work);

	(void)state;
	sem_init(&w->ran, 0, 0);
	job_start(js, &w->job, run, on_done);
	while (sem_wait(&w->ran) < 0)
		;
	jobs_free(js);
	assert_int_equal(w->done, 0);
	sem_destroy(&w->ran);
	free(w);
	loop_turn(l, 0);
	loop_free(l);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(results_come_back),
		cmocka_unit_test(nothing_of_them_is_left_when_the_threads_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
