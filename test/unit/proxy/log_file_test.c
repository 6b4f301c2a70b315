/* Lines reach a slow reader whole and in order; nobody waits for it; what is too much is counted. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "proxy/telemetry/log_file.h"

struct fifo {
	char dir[64], path[80];
	int reader;
};

static void fifo_make(struct fifo *p)
{
	snprintf(p->dir, sizeof(p->dir), "/tmp/weft-log-test.XXXXXX");
	assert_non_null(mkdtemp(p->dir));
	snprintf(p->path, sizeof(p->path), "%s/pipe", p->dir);
	assert_int_equal(mkfifo(p->path, 0600), 0);
	p->reader = open(p->path, O_RDONLY | O_NONBLOCK);
	assert_true(p->reader >= 0);
}

static void fifo_done(struct fifo *p)
{
	if (p->reader >= 0)
		close(p->reader);
	unlink(p->path);
	rmdir(p->dir);
}

static size_t drain(struct fifo *p, struct buf *out)
{
	size_t before = out->len;
	char bytes[4096];
	ssize_t n;

	while ((n = read(p->reader, bytes, sizeof(bytes))) > 0)
		buf_append(out, bytes, (size_t)n);
	return out->len - before;
}

static void append(struct log_file *f, int i)
{
	char line[128];

	snprintf(line, sizeof(line), "%08d %090d\n", i, i);
	log_file_append(f, slice_str(line));
}

static void a_full_pipe_holds_nobody_up(void **state)
{
	CLEANUP(buf_done) struct buf got = BUF_INIT;
	struct loop *l = loop_new();
	struct log_file *f;
	struct fifo p;
	int sent = 0;

	(void)state;
	fifo_make(&p);
	f = log_file_new(l, p.path);
	/* More than the pipe takes, and less than is kept. */
	while (sent < 3000)
		append(f, sent++);
	log_file_flush(f);
	assert_true(f->lines.len > 0);
	assert_int_equal(f->dropped, 0);
	for (int i = 0; i < 1000 && got.len < 3000 * 100; i++) {
		drain(&p, &got);
		loop_turn(l, 0);
	}
	assert_int_equal(got.len, 3000 * 100);
	for (int i = 0; i < 3000; i++)
		assert_int_equal(atoi(got.ptr + i * 100), i);
	/* It asks for room no longer. */
	assert_false(io_active(&f->room));
	/* Nobody reads: a bounded amount is kept, the rest counted. */
	for (sent = 0; sent < 30000; sent++)
		append(f, sent);
	assert_in_range(f->lines.len, LOG_FILE_PENDING_MAX_BYTES - 100, LOG_FILE_PENDING_MAX_BYTES);
	buf_clear(&got);
	for (int i = 0; i < 10000 && f->lines.len; i++) {
		drain(&p, &got);
		loop_turn(l, 0);
	}
	drain(&p, &got);
	assert_int_equal(got.len / 100 + f->dropped, 30000);
	assert_true(f->dropped > 0);
	log_file_free(f);
	fifo_done(&p);
	loop_free(l);
}

/* Each write ends with a line, so that another writer's lines never stand within ours. */
static void writes_are_whole_lines(void **state)
{
	CLEANUP(buf_done) struct buf got = BUF_INIT;
	struct loop *l = loop_new();
	struct log_file *a, *b;
	struct fifo p;
	int n[2] = {0};

	(void)state;
	fifo_make(&p);
	a = log_file_new(l, p.path);
	b = log_file_new(l, p.path);
	for (int i = 0; i < 2000; i++) {
		append(a, i);
		append(b, 50000 + i);
	}
	log_file_flush(a);
	log_file_flush(b);
	for (int i = 0; i < 1000 && got.len < 4000 * 100; i++) {
		char bytes[3000];
		ssize_t r = read(p.reader, bytes, sizeof(bytes));

		if (r > 0)
			buf_append(&got, bytes, (size_t)r);
		loop_turn(l, 0);
	}
	assert_int_equal(got.len, 4000 * 100);
	for (int i = 0; i < 4000; i++) {
		int v = atoi(got.ptr + i * 100), from = v >= 50000;

		assert_int_equal(got.ptr[i * 100 + 99], '\n');
		assert_int_equal(v % 50000, n[from]++);
	}
	log_file_free(a);
	log_file_free(b);
	fifo_done(&p);
	loop_free(l);
}

static void a_pipe_without_a_reader_is_no_trap(void **state)
{
	struct loop *l = loop_new();
	struct log_file *f;
	struct fifo p;

	(void)state;
	fifo_make(&p);
	close(p.reader);
	p.reader = -1;
	f = log_file_new(l, p.path);
	append(f, 1);
	log_file_flush(f);
	assert_int_equal(f->lines.len, 0);
	assert_int_equal(f->dropped, 1);
	log_file_free(f);
	fifo_done(&p);
	loop_free(l);
}

static void a_file_is_appended_to(void **state)
{
	CLEANUP(buf_done) struct buf text = BUF_INIT;
	char path[] = "/tmp/weft-log-test.XXXXXX";
	struct loop *l = loop_new();
	struct log_file *f;
	struct err e = ERR_INIT;
	int fd = mkstemp(path);

	(void)state;
	assert_int_equal(write(fd, "before\n", 7), 7);
	close(fd);
	f = log_file_new(l, path);
	log_file_append(f, SLICE("line\n"));
	log_file_free(f);
	assert_int_equal(file_read(path, 1000, &text, &e), 0);
	assert_string_equal(buf_str(&text), "before\nline\n");
	unlink(path);
	loop_free(l);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_full_pipe_holds_nobody_up),
		cmocka_unit_test(writes_are_whole_lines),
		cmocka_unit_test(a_pipe_without_a_reader_is_no_trap),
		cmocka_unit_test(a_file_is_appended_to),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
