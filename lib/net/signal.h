/* Signals as loop events, through a signalfd. */
#ifndef NET_SIGNAL_H
#define NET_SIGNAL_H

#include "net/loop.h"

struct signal_watch {
	struct io io;
	void (*fn)(struct signal_watch *w, int signo);
};

/* Blocks the signals (a list ended by 0) for this thread and those it starts, and calls fn on the loop. Returns 0 or
 * -errno. */
int signal_start(struct loop *l, struct signal_watch *w, const int *signals,
		 void (*fn)(struct signal_watch *w, int signo));

/* Stops; the signals stay blocked. Idempotent. */
void signal_stop(struct signal_watch *w);

#endif
