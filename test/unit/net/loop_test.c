/* The reactor: order, stopping inside callbacks, messages from another thread; and socket addresses. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <fcntl.h>
#include <pthread.h>

#include "base/clock.h"
#include "base/mem.h"
#include "net/loop.h"
#include "net/socket.h"

struct pair {
	struct io io;
	struct io *victim; /* stopped when this one fires */
	int fired;
};

static void on_pair(struct io *io, uint32_t revents)
{
	struct pair *p = CONTAINER_OF(io, struct pair, io);

	assert_true(revents & EPOLLIN);
	p->fired++;
	if (p->victim)
		io_stop(p->victim);
}

static void a_stopped_io_is_never_called(void **state)
{
	struct loop *l = loop_new();
	struct pair a = {0}, b = {0};
	int first[2], second[2];

	(void)state;
	assert_int_equal(pipe2(first, O_NONBLOCK), 0);
	assert_int_equal(pipe2(second, O_NONBLOCK), 0);
	assert_int_equal(io_start(l, &a.io, first[0], EPOLLIN, on_pair), 0);
	assert_int_equal(io_start(l, &b.io, second[0], EPOLLIN, on_pair), 0);
	a.victim = &b.io;
	b.victim = &a.io;
	assert_int_equal(write(first[1], "x", 1), 1);
	assert_int_equal(write(second[1], "x", 1), 1);
	/* Both are ready in one batch: whichever comes first stops the other. */
	loop_turn(l, 1000);
	assert_int_equal(a.fired + b.fired, 1);
	io_stop(&a.io);
	io_stop(&b.io);
	for (int i = 0; i < 2; i++) {
		close(first[i]);
		close(second[i]);
	}
	loop_free(l);
}

/* ---- patient and urgent ---- */

#define CROWD 200 /* more than a turn has, and more than the queue begins with */

struct guest {
	struct io io;
	int fds[2];
	int number;
	struct guest *gone; /* stopped when this one has its turn */
	char *log;          /* one letter a turn */
};

static void on_guest(struct io *io, uint32_t revents)
{
	struct guest *g = CONTAINER_OF(io, struct guest, io);

	assert_true(revents & EPOLLIN);
	if (io->patient)
		g->log[strlen(g->log)] = (char)('a' + g->number % 26);
	else
		g->log[strlen(g->log)] = '!';
	if (g->gone)
		io_stop(&g->gone->io);
}

static void guest_start(struct loop *l, struct guest *g, int number, bool patient, char *log)
{
	*g = (struct guest){.number = number, .log = log};
	assert_int_equal(pipe2(g->fds, O_NONBLOCK), 0);
	assert_int_equal(io_start(l, &g->io, g->fds[0], EPOLLIN | EPOLLET, on_guest), 0);
	if (patient)
		io_be_patient(&g->io);
}

static void guest_call(struct guest *g)
{
	assert_int_equal(write(g->fds[1], "x", 1), 1);
}

static void guest_stop(struct guest *g)
{
	io_stop(&g->io);
	close(g->fds[0]);
	close(g->fds[1]);
}

/* What becomes ready meanwhile and is urgent does not stand behind those who wait. */
static void urgent_ones_overtake(void **state)
{
	static struct guest guests[CROWD], urgent;
	char log[CROWD + 8] = "";
	struct loop *l = loop_new();

	(void)state;
	for (int i = 0; i < CROWD; i++)
		guest_start(l, &guests[i], i, true, log);
	guest_start(l, &urgent, 0, false, log);
	for (int i = 0; i < CROWD; i++)
		guest_call(&guests[i]);
	loop_turn(l, 100);
	assert_true(strlen(log) > 0 && strlen(log) < CROWD);
	assert_true(loop_has_waiting(l));
	guest_call(&urgent);
	memset(log, 0, sizeof(log));
	loop_turn(l, 100);
	assert_int_equal(log[0], '!');
	while (loop_has_waiting(l))
		loop_turn(l, 100);
	for (int i = 0; i < CROWD; i++)
		guest_stop(&guests[i]);
	guest_stop(&urgent);
	loop_free(l);
}

/* In the order in which they came, each once; whoever is stopped while it waits has no turn. */
static void patient_ones_have_their_turns(void **state)
{
	static struct guest guests[CROWD];
	char log[CROWD + 8] = "", expected[CROWD + 8] = "";
	struct loop *l = loop_new();

	(void)state;
	for (int i = 0; i < CROWD; i++)
		guest_start(l, &guests[i], i, true, log);
	guests[3].gone = &guests[CROWD - 2];
	for (int i = 0; i < CROWD; i++) {
		guest_call(&guests[i]);
		if (i != CROWD - 2)
			expected[strlen(expected)] = (char)('a' + i % 26);
	}
	loop_turn(l, 100);
	guest_call(&guests[CROWD - 1]); /* once more: it waits already */
	while (loop_has_waiting(l))
		loop_turn(l, 100);
	assert_string_equal(log, expected);
	for (int i = 0; i < CROWD; i++)
		guest_stop(&guests[i]);
	loop_free(l);
}

/* However many urgent ones there are in each turn, as many patient ones have theirs. */
static void urgent_ones_starve_nobody(void **state)
{
	static struct guest patient[CROWD], urgent[CROWD];
	char log[2 * CROWD + 8] = "";
	struct loop *l = loop_new();

	(void)state;
	for (int i = 0; i < CROWD; i++) {
		guest_start(l, &patient[i], i, true, log);
		guest_start(l, &urgent[i], i, false, log);
	}
	for (int i = 0; i < CROWD; i++)
		guest_call(&patient[i]);
	loop_turn(l, 100);
	memset(log, 0, sizeof(log));
	for (int i = 0; i < CROWD; i++)
		guest_call(&urgent[i]);
	loop_turn(l, 100);
	assert_int_equal(log[CROWD - 1], '!');
	assert_int_equal(log[CROWD], 'a' + 16 % 26);
	assert_false(loop_has_waiting(l));
	for (int i = 0; i < CROWD; i++) {
		guest_stop(&patient[i]);
		guest_stop(&urgent[i]);
	}
	loop_free(l);
}

struct order {
	struct timer timer;
	struct task task;
	char *log;
	char mark;
};

static void on_order_timer(struct timer *t)
{
	struct order *o = CONTAINER_OF(t, struct order, timer);

	o->log[strlen(o->log)] = o->mark;
}

static void on_order_task(struct task *t)
{
	struct order *o = CONTAINER_OF(t, struct order, task);

	o->log[strlen(o->log)] = o->mark;
}

static void timers_fire_in_order_then_tasks(void **state)
{
	struct loop *l = loop_new();
	char log[8] = "";
	struct order late = {.log = log, .mark = '2'}, early = {.log = log, .mark = '1'};
	struct order never = {.log = log, .mark = 'x'}, end = {.log = log, .mark = '3'};

	(void)state;
	timer_start(l, &late.timer, 2, on_order_timer);
	timer_start(l, &never.timer, 1, on_order_timer);
	timer_start(l, &early.timer, 1, on_order_timer);
	/* A moment may pass between two calls on a busy machine. */
	while (late.timer.node.key <= early.timer.node.key)
		timer_start(l, &late.timer, 2, on_order_timer);
	timer_stop(&never.timer);
	while (strlen(log) < 2)
		loop_turn(l, 100);
	task_defer(l, &end.task, on_order_task);
	task_defer(l, &end.task, on_order_task);
	loop_turn(l, 100);
	assert_string_equal(log, "123");
	assert_false(timer_active(&early.timer));
	loop_free(l);
}

/* A deadline, and the descriptor that says that what it is for has come. */
struct deadline {
	struct io io;
	struct task long_turn;
	struct timer timer;
	int64_t started_ns, fired_ns;
	int came, fired;
};

static void on_come(struct io *io, uint32_t revents)
{
	struct deadline *d = CONTAINER_OF(io, struct deadline, io);

	(void)revents;
	d->came++;
	timer_stop(&d->timer);
	io_stop(io);
}

static void on_deadline(struct timer *t)
{
	struct deadline *d = CONTAINER_OF(t, struct deadline, timer);

	d->fired_ns = clock_mono_ns();
	d->fired++;
}

static void busy(int64_t ms)
{
	int64_t end = clock_mono_ns() + ms * NS_PER_MS;

	while (clock_mono_ns() < end)
		;
}

static void what_came_is_not_late(void **state)
{
	struct loop *l = loop_new();
	struct deadline d = {0};
	int fds[2];

	(void)state;
	assert_int_equal(pipe2(fds, O_NONBLOCK), 0);
	assert_int_equal(io_start(l, &d.io, fds[0], EPOLLIN, on_come), 0);
	timer_start(l, &d.timer, 2, on_deadline);
	assert_int_equal(write(fds[1], "x", 1), 1);
	busy(5); /* both are there when the loop comes to look */
	loop_turn(l, 100);
	loop_turn(l, 0);
	assert_int_equal(d.came, 1);
	assert_int_equal(d.fired, 0);
	close(fds[0]);
	close(fds[1]);
	loop_free(l);
}

static void on_patient(struct io *io, uint32_t revents)
{
	busy(5);
	on_come(io, revents);
}

/* A deadline of somebody whose event was fetched, but has not had its turn. */
static void what_waits_is_not_late(void **state)
{
	static struct deadline guests[CROWD];
	struct loop *l = loop_new();
	int fds[CROWD][2];

	(void)state;
	for (int i = 0; i < CROWD; i++) {
		guests[i] = (struct deadline){0};
		assert_int_equal(pipe2(fds[i], O_NONBLOCK), 0);
		assert_int_equal(io_start(l, &guests[i].io, fds[i][0], EPOLLIN | EPOLLET, i ? on_come : on_patient), 0);
		io_be_patient(&guests[i].io);
		assert_int_equal(write(fds[i][1], "x", 1), 1);
	}
	timer_start(l, &guests[CROWD - 1].timer, 2, on_deadline);
	do
		loop_turn(l, 100);
	while (loop_has_waiting(l));
	assert_int_equal(guests[CROWD - 1].came, 1);
	assert_int_equal(guests[CROWD - 1].fired, 0);
	for (int i = 0; i < CROWD; i++) {
		io_stop(&guests[i].io);
		close(fds[i][0]);
		close(fds[i][1]);
	}
	loop_free(l);
}

static void on_long_turn(struct task *t)
{
	struct deadline *d = CONTAINER_OF(t, struct deadline, long_turn);

	busy(5);
	d->started_ns = clock_mono_ns();
	timer_start(d->timer.loop, &d->timer, 3, on_deadline);
}

static void a_long_turn_is_not_taken_off_a_timer(void **state)
{
	struct loop *l = loop_new();
	struct deadline d = {.timer.loop = l};

	(void)state;
	task_defer(l, &d.long_turn, on_long_turn);
	while (!d.fired)
		loop_turn(l, 100);
	assert_true(d.fired_ns - d.started_ns >= 3 * NS_PER_MS);
	loop_free(l);
}

static void on_again(struct timer *t)
{
	struct deadline *d = CONTAINER_OF(t, struct deadline, timer);

	if (++d->fired < 3)
		timer_start(t->loop, t, 0, on_again);
}

static void no_delay_is_the_next_turn(void **state)
{
	struct loop *l = loop_new();
	struct deadline d = {0};

	(void)state;
	timer_start(l, &d.timer, 0, on_again);
	for (int i = 1; i <= 3; i++) {
		loop_turn(l, 100);
		assert_int_equal(d.fired, i);
	}
	loop_free(l);
}

struct note {
	struct message message;
	int *count;
	struct loop *loop;
};

static void on_note(struct message *m)
{
	struct note *n = CONTAINER_OF(m, struct note, message);

	if (++*n->count == 1000)
		loop_stop(n->loop);
	free(n);
}

struct sender {
	struct loop *loop;
	int *count;
};

static void *send_notes(void *arg)
{
	struct sender *s = arg;

	for (int i = 0; i < 500; i++) {
		struct note *n = NEW(struct note);

		n->count = s->count;
		n->loop = s->loop;
		loop_post(s->loop, &n->message, on_note);
	}
	return NULL;
}

static void messages_arrive_from_threads(void **state)
{
	struct loop *l = loop_new();
	int count = 0;
	struct sender s = {l, &count};
	pthread_t threads[2];

	(void)state;
	for (int i = 0; i < 2; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, send_notes, &s), 0);
	loop_run(l);
	for (int i = 0; i < 2; i++)
		pthread_join(threads[i], NULL);
	assert_int_equal(count, 1000);
	loop_free(l);
}

static void addresses(void **state)
{
	static const struct {
		const char *host;
		uint16_t port;
		const char *text; /* NULL = refused */
	} rows[] = {
		{"10.0.0.1", 80, "10.0.0.1:80"},   {"::1", 443, "[::1]:443"}, {"[fe80::1]", 1, "[fe80::1]:1"},
		{"/run/x.sock", 0, "/run/x.sock"}, {"10.0.0", 80, NULL},      {"", 80, NULL},
		{"localhost", 80, NULL},           {"10.0.0.1 ", 80, NULL},
	};
	char text[ADDR_TEXT_MAX];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct addr a;
		int r = addr_parse(slice_str(rows[i].host), rows[i].port, &a);

		assert_int_equal(r, rows[i].text ? 0 : -EINVAL);
		if (r == 0)
			assert_string_equal(addr_format(&a, text), rows[i].text);
	}
}

static void sockets_connect(void **state)
{
	struct addr a, peer;
	struct err e = ERR_INIT;
	int listener, client, accepted;

	(void)state;
	assert_int_equal(addr_parse(SLICE("127.0.0.1"), 0, &a), 0);
	listener = socket_listen(&a, 8, 0, &e);
	assert_true(listener >= 0);
	assert_int_equal(socket_local_addr(listener, &a), 0);
	assert_int_equal(socket_accept(listener, &peer), -EAGAIN);
	client = socket_connect(&a, SOCKET_NO_DELAY);
	assert_true(client >= 0);
	while ((accepted = socket_accept(listener, &peer)) == -EAGAIN)
		;
	assert_true(accepted >= 0);
	assert_int_equal(socket_error(client), 0);
	assert_true(socket_listen(&a, 8, 0, &e) < 0);
	assert_non_null(strstr(e.msg, "Address already in use"));
	close(accepted);
	close(client);
	close(listener);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_stopped_io_is_never_called),
		cmocka_unit_test(urgent_ones_overtake),
		cmocka_unit_test(patient_ones_have_their_turns),
		cmocka_unit_test(urgent_ones_starve_nobody),
		cmocka_unit_test(timers_fire_in_order_then_tasks),
		cmocka_unit_test(what_came_is_not_late),
		cmocka_unit_test(what_waits_is_not_late),
		cmocka_unit_test(a_long_turn_is_not_taken_off_a_timer),
		cmocka_unit_test(no_delay_is_the_next_turn),
		cmocka_unit_test(messages_arrive_from_threads),
		cmocka_unit_test(addresses),
		cmocka_unit_test(sockets_connect),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
