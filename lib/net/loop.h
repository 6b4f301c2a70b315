/*
 * The reactor: one loop per thread over epoll, with timers, deferred tasks and messages from other threads.
 * All functions must be called on the loop's own thread, except loop_post and loop_stop.
 *
 * Order of one turn: I/O events, those of patient descriptors last and not all of them; timers that had expired when
 * the oldest event that still waits was fetched; messages; deferred tasks (until none is left). Objects are embedded in
 * their owners; a stopped one is never called again, even when its event was already fetched.
 */
#ifndef NET_LOOP_H
#define NET_LOOP_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/epoll.h>

#include "base/heap.h"
#include "base/list.h"

struct loop;

/* A watched descriptor. The loop does not own the descriptor. Zeroed = not watched. */
struct io {
	struct loop *loop; /* NULL when not watched */
	int fd;
	uint32_t events; /* what is asked for */
	bool patient;
	uint32_t place; /* in the queue of those whose turn has not come, from 1; 0 = in none */
	/* revents: EPOLLIN, EPOLLOUT, EPOLLHUP, EPOLLERR, EPOLLRDHUP. The io may be stopped or freed inside. */
	void (*fn)(struct io *io, uint32_t revents);
};

/* A one-shot timer. Zeroed = not running. */
struct timer {
	struct heap_node node;
	struct loop *loop;
	void (*fn)(struct timer *t);
};

/* Work to be done at the end of this turn. Zeroed = not pending. */
struct task {
	struct list link;
	void (*fn)(struct task *t);
};

/* Work handed to another thread's loop; owned by that loop until fn runs, which then owns it. */
struct message {
	struct list link;
	void (*fn)(struct message *m);
};

/* NULL when the kernel gives no descriptors (errno). */
struct loop *loop_new(void);

/* Everything watched or pending must have been stopped or is abandoned; messages not yet run are dropped. NULL is fine.
 */
void loop_free(struct loop *l);

/* Whether events that were fetched still wait for their turn. */
bool loop_has_waiting(const struct loop *l);

/* Runs until loop_stop. */
void loop_run(struct loop *l);

/* One turn, waiting at most max_wait_ms (-1 = as long as it takes). For tests and nested use. */
void loop_turn(struct loop *l, int max_wait_ms);

/* Makes loop_run return after the current turn. From any thread, and from a signal handler. */
void loop_stop(struct loop *l);

/* Monotonic time at the start of this turn, in nanoseconds. */
int64_t loop_now_ns(const struct loop *l);

/* Starts watching fd for events (EPOLLIN, EPOLLOUT, with EPOLLET for edge triggering). Returns 0 or -errno. */
int io_start(struct loop *l, struct io *io, int fd, uint32_t events, void (*fn)(struct io *io, uint32_t revents));

/* Changes what is asked for; no system call when nothing changes. */
void io_set(struct io *io, uint32_t events);

/*
 * What comes here can wait for its turn while more urgent events are there. For edge-triggered descriptors that begin
 * new work, such as clients' connections: what ends the work that is under way goes first, so that less of it is under
 * way at once, and its memory is still in the cache. Patient ones have their turns in the order in which they came, at
 * least as many of them as urgent ones.
 */
void io_be_patient(struct io *io);

/* Stops watching; the descriptor stays open. Idempotent. */
void io_stop(struct io *io);

static inline bool io_active(const struct io *io)
{
	return io->loop != NULL;
}

/* (Re)starts a timer that fires once after delay_ms, or after delay_ns. */
void timer_start(struct loop *l, struct timer *t, int64_t delay_ms, void (*fn)(struct timer *t));
/* The same with nanoseconds; 0 or less fires in the next turn. */
void timer_start_ns(struct loop *l, struct timer *t, int64_t delay_ns, void (*fn)(struct timer *t));

/* Idempotent. */
void timer_stop(struct timer *t);

static inline bool timer_active(const struct timer *t)
{
	return t->node.index != 0;
}

/* Runs fn at the end of this turn; once, however often it is deferred before. */
void task_defer(struct loop *l, struct task *t, void (*fn)(struct task *t));

/* Idempotent. */
void task_cancel(struct task *t);

/* Hands a message to the loop. From any thread. */
void loop_post(struct loop *l, struct message *m, void (*fn)(struct message *m));

/* Takes back a message that this loop has and has not run yet; idempotent. On the loop's own thread. */
void loop_unpost(struct loop *l, struct message *m);

#endif
