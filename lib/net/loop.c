/* The epoll reactor. Fetched events are kept in the loop so that io_stop can blank those of a dying object. */
#include "net/loop.h"

#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/eventfd.h>

#include "base/clock.h"
#include "base/mem.h"

#define BATCH 256
/* Of patient events as many have their turn as there were urgent ones, and a few while a turn is short. */
#define PATIENT_FEW 16
#define PATIENT_NS (200 * 1000)
#define WAITING_MIN 64

#define CACHE_LINE_BYTES 64
/* Of an object that holds an io: about as much as a connection looks at in a turn. */
#define AHEAD_BYTES 576

/* Shorter delays count from the moment, so that a long turn is not taken off them; for others the turn's beginning will
 * do. */
#define LONG_NS NS_PER_S

/* An event whose turn has not come. */
struct waiting {
	struct io *io; /* NULL = stopped meanwhile */
	int64_t fetched_ns;
	uint32_t revents;
};

struct loop {
	int epoll_fd;
	int64_t now_ns;
	struct heap timers;
	struct list tasks;
	struct epoll_event batch[BATCH];
	int batch_n, batch_at;
	struct waiting *waiting; /* a ring of max_waiting, a power of two; owned */
	uint32_t first_waiting, n_waiting, max_waiting;

	struct io wake;
	int wake_fd;
	atomic_bool stopping;
	pthread_mutex_t lock; /* guards messages */
	struct list messages;
};

static void on_wake(struct io *io, uint32_t revents)
{
	uint64_t count;

	(void)revents;
	(void)!read(io->fd, &count, sizeof(count));
}

static void wake_up(struct loop *l)
{
	uint64_t one = 1;

	(void)!write(l->wake_fd, &one, sizeof(one));
}

struct loop *loop_new(void)
{
	struct loop *l = NEW(struct loop);

	list_init(&l->tasks);
	list_init(&l->messages);
	pthread_mutex_init(&l->lock, NULL);
	l->now_ns = clock_mono_ns();
	l->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	l->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (l->epoll_fd < 0 || l->wake_fd < 0 || io_start(l, &l->wake, l->wake_fd, EPOLLIN, on_wake) < 0) {
		int saved = errno;

		loop_free(l);
		errno = saved;
		return NULL;
	}
	return l;
}

void loop_free(struct loop *l)
{
	if (!l)
		return;
	io_stop(&l->wake);
	closep(&l->wake_fd);
	closep(&l->epoll_fd);
	heap_done(&l->timers);
	free(l->waiting);
	pthread_mutex_destroy(&l->lock);
	free(l);
}

int64_t loop_now_ns(const struct loop *l)
{
	return l->now_ns;
}

int io_start(struct loop *l, struct io *io, int fd, uint32_t events, void (*fn)(struct io *io, uint32_t revents))
{
	struct epoll_event ev = {.events = events, .data.ptr = io};

	assert(!io->loop);
	if (epoll_ctl(l->epoll_fd, EPOLL_CTL_ADD, fd, &ev) < 0)
		return -errno;
	*io = (struct io){.loop = l, .fd = fd, .events = events, .fn = fn};
	return 0;
}

void io_be_patient(struct io *io)
{
	assert(io->loop && (io->events & EPOLLET)); /* others would be fetched again and again */
	io->patient = true;
}

void io_set(struct io *io, uint32_t events)
{
	struct epoll_event ev = {.events = events, .data.ptr = io};

	if (io->events == events)
		return;
	io->events = events;
	epoll_ctl(io->loop->epoll_fd, EPOLL_CTL_MOD, io->fd, &ev);
}

void io_stop(struct io *io)
{
	struct loop *l = io->loop;

	if (!l)
		return;
	epoll_ctl(l->epoll_fd, EPOLL_CTL_DEL, io->fd, NULL);
	for (int i = l->batch_at; i < l->batch_n; i++)
		if (l->batch[i].data.ptr == io)
			l->batch[i].data.ptr = NULL;
	if (io->place)
		l->waiting[io->place - 1].io = NULL;
	io->place = 0;
	io->loop = NULL;
}

void timer_start_ns(struct loop *l, struct timer *t, int64_t delay_ns, void (*fn)(struct timer *t))
{
	int64_t from_ns = delay_ns < LONG_NS ? clock_mono_ns() : l->now_ns;

	heap_remove(&l->timers, &t->node);
	t->loop = l;
	t->fn = fn;
	t->node.key = (uint64_t)(from_ns + (delay_ns > 0 ? delay_ns : 0));
	heap_add(&l->timers, &t->node);
}

void timer_start(struct loop *l, struct timer *t, int64_t delay_ms, void (*fn)(struct timer *t))
{
	timer_start_ns(l, t, delay_ms * NS_PER_MS, fn);
}

void timer_stop(struct timer *t)
{
	if (t->loop)
		heap_remove(&t->loop->timers, &t->node);
}

void task_defer(struct loop *l, struct task *t, void (*fn)(struct task *t))
{
	t->fn = fn;
	if (list_linked(&t->link))
		return;
	list_append(&l->tasks, &t->link);
}

void task_cancel(struct task *t)
{
	list_remove(&t->link);
}

void loop_post(struct loop *l, struct message *m, void (*fn)(struct message *m))
{
	m->fn = fn;
	pthread_mutex_lock(&l->lock);
	list_append(&l->messages, &m->link);
	pthread_mutex_unlock(&l->lock);
	wake_up(l);
}

void loop_unpost(struct loop *l, struct message *m)
{
	pthread_mutex_lock(&l->lock);
	list_remove(&m->link);
	pthread_mutex_unlock(&l->lock);
}

void loop_stop(struct loop *l)
{
	l->stopping = true;
	wake_up(l);
}

/*
 * Those that were over when the turn's events were fetched, or the oldest of those that still wait. After the events:
 * what came in time is not late because this thread was (a connect timeout of 30 ms on a machine that is busy).
 */
static void run_timers(struct loop *l)
{
	const int64_t until_ns = l->n_waiting ? l->waiting[l->first_waiting].fetched_ns : l->now_ns;
	struct heap_node *node;

	while ((node = heap_min(&l->timers)) && (int64_t)node->key <= until_ns) {
		struct timer *t = CONTAINER_OF(node, struct timer, node);

		heap_remove(&l->timers, node);
		t->fn(t);
	}
}

static void run_messages(struct loop *l)
{
	struct list pending;

	list_init(&pending);
	pthread_mutex_lock(&l->lock);
	list_splice(&pending, &l->messages);
	pthread_mutex_unlock(&l->lock);
	while (!list_empty(&pending)) { /* a message may take others back */
		struct message *m = LIST_FIRST(&pending, struct message, link);

		list_remove(&m->link);
		m->fn(m);
	}
}

static void run_tasks(struct loop *l)
{
	while (!list_empty(&l->tasks)) {
		struct task *t = LIST_FIRST(&l->tasks, struct task, link);

		list_remove(&t->link);
		t->fn(t);
	}
}

/* Until the next timer, rounded up so that a timer never fires early in a busy loop. */
static int wait_ms(const struct loop *l, int max_wait_ms)
{
	struct heap_node *node = heap_min(&l->timers);
	int64_t ms;

	if (!list_empty(&l->tasks) || l->n_waiting)
		return 0;
	if (!node)
		return max_wait_ms;
	ms = ((int64_t)node->key - clock_mono_ns() + NS_PER_MS - 1) / NS_PER_MS;
	if (ms < 0)
		ms = 0;
	if (max_wait_ms >= 0 && ms > max_wait_ms)
		ms = max_wait_ms;
	return ms > 1000000 ? 1000000 : (int)ms;
}

/* ---- events ---- */

/*
 * Connections are many, so what is known of one is not in the cache when its turn comes: it is fetched while the one
 * before is worked on. Of no consequence when the memory is not there.
 */
static void fetch_ahead(const void *next)
{
	for (size_t i = 0; next && i < AHEAD_BYTES; i += CACHE_LINE_BYTES)
		__builtin_prefetch((const char *)next + i);
}

bool loop_has_waiting(const struct loop *l)
{
	return l->n_waiting > 0;
}

static struct waiting *waiting_at(const struct loop *l, uint32_t i)
{
	return &l->waiting[(l->first_waiting + i) & (l->max_waiting - 1)];
}

static void grow_waiting(struct loop *l)
{
	const uint32_t max = l->max_waiting ? 2 * l->max_waiting : WAITING_MIN;
	struct waiting *fresh = mem_calloc(max, sizeof(*fresh));

	for (uint32_t i = 0; i < l->n_waiting; i++) {
		fresh[i] = *waiting_at(l, i);
		if (fresh[i].io)
			fresh[i].io->place = i + 1;
	}
	free(l->waiting);
	l->waiting = fresh;
	l->max_waiting = max;
	l->first_waiting = 0;
}

static void wait_for_turn(struct loop *l, struct io *io, uint32_t revents)
{
	struct waiting *w;

	if (io->place) {
		l->waiting[io->place - 1].revents |= revents;
		return;
	}
	if (l->n_waiting == l->max_waiting)
		grow_waiting(l);
	w = waiting_at(l, l->n_waiting++);
	*w = (struct waiting){io, l->now_ns, revents};
	io->place = (uint32_t)(w - l->waiting) + 1;
}

/* Leaves the urgent ones in the batch. */
static void sort_out(struct loop *l)
{
	int n = 0;

	for (int i = 0; i < l->batch_n; i++) {
		struct io *io = l->batch[i].data.ptr;

		if (io->patient)
			wait_for_turn(l, io, l->batch[i].events);
		else
			l->batch[n++] = l->batch[i];
	}
	l->batch_n = n;
}

static void run_urgent(struct loop *l)
{
	l->batch_at = 0;
	while (l->batch_at < l->batch_n) {
		struct epoll_event *ev = &l->batch[l->batch_at++];
		struct io *io = ev->data.ptr;

		fetch_ahead(l->batch_at < l->batch_n ? l->batch[l->batch_at].data.ptr : NULL);
		if (io)
			io->fn(io, ev->events);
	}
	l->batch_n = l->batch_at = 0;
}

static void run_patient(struct loop *l, int least)
{
	const int64_t until_ns = l->now_ns + PATIENT_NS;

	for (int n = 0; l->n_waiting && (n < least || (n < PATIENT_FEW && clock_mono_ns() < until_ns)); n++) {
		const struct waiting w = *waiting_at(l, 0);

		l->first_waiting = (l->first_waiting + 1) & (l->max_waiting - 1);
		l->n_waiting--;
		fetch_ahead(l->n_waiting ? waiting_at(l, 0)->io : NULL);
		if (!w.io)
			continue;
		w.io->place = 0;
		w.io->fn(w.io, w.revents);
	}
}

void loop_turn(struct loop *l, int max_wait_ms)
{
	int n = epoll_wait(l->epoll_fd, l->batch, BATCH, wait_ms(l, max_wait_ms)), urgent;

	l->batch_n = n > 0 ? n : 0;
	l->now_ns = clock_mono_ns();
	sort_out(l);
	urgent = l->batch_n;
	run_urgent(l);
	run_patient(l, urgent > 1 ? urgent : 1);
	run_timers(l);
	run_messages(l);
	run_tasks(l);
}

void loop_run(struct loop *l)
{
	while (!l->stopping)
		loop_turn(l, -1);
	l->stopping = false;
}
