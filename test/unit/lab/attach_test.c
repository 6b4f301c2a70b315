/* Joining a container's streams: the supervisor's side on this thread, who joins on another. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/cleanup.h"
#include "lab/container/attach.h"
#include "lab/container/attach_internal.h"

struct joining {
	pthread_t thread;
	const char *dir;
	int out, err, in, result;
	bool wants_in;
	struct err why;
};

static char dir[256];

static int setup(void **state)
{
	const char *tmp = getenv("TEST_TMP");

	(void)state;
	snprintf(dir, sizeof(dir), "%s/attach_test.XXXXXX", tmp ? tmp : "/tmp");
	return mkdtemp(dir) ? 0 : -1;
}

static int teardown(void **state)
{
	char path[300];

	(void)state;
	snprintf(path, sizeof(path), "%s/attach", dir);
	unlink(path);
	return rmdir(dir);
}

static void *run_join(void *arg)
{
	struct joining *j = arg;

	j->result = container_attach(j->dir, j->out, j->err, j->wants_in ? &j->in : NULL, &j->why);
	return NULL;
}

/* Joins while the supervisor takes in who comes. */
static void join(struct attach *a, struct joining *j)
{
	struct pollfd p = {a->listen_fd, POLLIN, 0};

	j->dir = dir;
	j->in = -1;
	assert_int_equal(pthread_create(&j->thread, NULL, run_join, j), 0);
	assert_int_equal(poll(&p, 1, 60000), 1);
	attach_accept(a);
	pthread_join(j->thread, NULL);
}

static void assert_reads(int fd, const char *want)
{
	char have[64] = "";
	ssize_t n = read(fd, have, sizeof(have) - 1);

	assert_int_equal(n, strlen(want));
	assert_string_equal(have, want);
}

static void streams_are_copied(void **state)
{
	struct attach a;
	struct joining j = {.wants_in = true};
	int out[2], err[2], in[2];

	(void)state;
	assert_int_equal(pipe(out) | pipe(err) | pipe(in), 0);
	assert_int_equal(attach_listen(&a, dir, in[1], false, NULL), 0);
	attach_write(&a, ATTACH_OUT, "before", 6); /* nobody listens yet */
	j.out = out[1];
	j.err = err[1];
	join(&a, &j);
	assert_int_equal(j.result, 0);
	close(out[1]);
	close(err[1]);
	attach_write(&a, ATTACH_OUT, "hello", 5);
	attach_write(&a, ATTACH_ERR, "oops", 4);
	assert_reads(out[0], "hello");
	assert_reads(err[0], "oops");
	assert_int_equal(write(j.in, "typed", 5), 5);
	assert_reads(in[0], "typed");
	attach_done(&a);
	assert_reads(out[0], ""); /* the end */
	close(j.in);
	close(in[1]);
	assert_reads(in[0], "");
	closep(&out[0]), closep(&err[0]), closep(&in[0]);
}

/* stdinOnce: the first session has the only end of the input, so its end is the input's. */
static void input_is_given_once(void **state)
{
	struct attach a;
	struct joining first = {.out = -1, .err = -1, .wants_in = true}, second = first;
	int in[2];

	(void)state;
	assert_int_equal(pipe(in), 0);
	assert_int_equal(attach_listen(&a, dir, in[1], true, NULL), 0);
	join(&a, &first);
	assert_int_equal(first.result, 0);
	join(&a, &second);
	assert_int_equal(second.result, -EINVAL);
	close(first.in);
	assert_reads(in[0], "");
	close(in[0]);
	attach_done(&a);
}

static void no_input_is_said(void **state)
{
	struct attach a;
	struct joining j = {.out = -1, .err = -1, .wants_in = true};

	(void)state;
	assert_int_equal(attach_listen(&a, dir, -1, false, NULL), 0);
	join(&a, &j);
	assert_int_equal(j.result, -EINVAL);
	assert_non_null(strstr(j.why.msg, "no standard input"));
	attach_done(&a);
	assert_int_equal(container_attach(dir, -1, -1, NULL, NULL), -ENOTCONN); /* nobody listens any more */
}

/* Who does not read is left behind, and holds up neither the container nor the others. */
static void the_slow_are_left_behind(void **state)
{
	struct attach a;
	struct joining slow = {.err = -1}, quick = {.err = -1};
	static char chunk[65536];
	int out[2], good[2];

	(void)state;
	assert_int_equal(pipe(out) | pipe(good), 0);
	assert_int_equal(attach_listen(&a, dir, -1, false, NULL), 0);
	slow.out = out[1];
	join(&a, &slow);
	quick.out = good[1];
	join(&a, &quick);
	close(out[1]);
	close(good[1]);
	for (int i = 0; i < 40; i++) {
		attach_write(&a, ATTACH_OUT, chunk, sizeof(chunk));
		for (size_t left = sizeof(chunk); left;)
			left -= (size_t)read(good[0], chunk, left);
	}
	assert_int_equal(a.n, 1);
	attach_done(&a);
	close(out[0]);
	close(good[0]);
}

static void sessions_have_a_limit(void **state)
{
	struct attach a;
	int out[2];

	(void)state;
	assert_int_equal(pipe(out), 0);
	assert_int_equal(attach_listen(&a, dir, -1, false, NULL), 0);
	for (int i = 0; i < 2 * ATTACH_SESSIONS_MAX + 4; i++) {
		struct joining j = {.out = out[1], .err = -1};

		join(&a, &j);
	}
	assert_true(a.n <= 2 * ATTACH_SESSIONS_MAX);
	attach_done(&a);
	close(out[0]);
	close(out[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(streams_are_copied, setup, teardown),
		cmocka_unit_test_setup_teardown(input_is_given_once, setup, teardown),
		cmocka_unit_test_setup_teardown(no_input_is_said, setup, teardown),
		cmocka_unit_test_setup_teardown(the_slow_are_left_behind, setup, teardown),
		cmocka_unit_test_setup_teardown(sessions_have_a_limit, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
