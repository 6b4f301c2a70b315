/* What every part of the data path needs of its worker: the configuration in use, the dead, the date. */
#include "proxy/core/worker.h"

#include <assert.h>
#include <stdlib.h>
#include <time.h>

/* ---- configurations ---- */

struct worker_config *worker_config_get(struct worker_config *wc)
{
	assert(wc->users > 0);
	wc->users++;
	return wc;
}

void worker_config_put(struct worker_config *wc)
{
	assert(!wc || wc->users > 0);
	if (!wc || --wc->users)
		return;
	assert(wc->worker->current != wc || wc->worker->ending);
	config_unref(wc->config);
	free(wc);
}

/* ---- the dead ---- */

void worker_bury_all(struct worker *w)
{
	while (!list_empty(&w->dead)) {
		struct corpse *c = LIST_FIRST(&w->dead, struct corpse, link);

		list_remove(&c->link);
		c->fn(c);
	}
}

static void on_bury(struct task *t)
{
	worker_bury_all(CONTAINER_OF(t, struct worker, bury));
}

void worker_bury(struct worker *w, struct corpse *c, void (*fn)(struct corpse *c))
{
	assert(!list_linked(&c->link)); /* nobody dies twice */
	c->fn = fn;
	list_append(&w->dead, &c->link);
	task_defer(w->loop, &w->bury, on_bury);
}

/* ---- the date ---- */

struct slice worker_date(struct worker *w)
{
	struct timespec now;
	struct tm tm;

	clock_gettime(CLOCK_REALTIME_COARSE, &now);
	if (now.tv_sec != w->date_s) {
		w->date_s = now.tv_sec;
		gmtime_r(&now.tv_sec, &tm);
		strftime(w->date, sizeof(w->date), "%a, %d %b %Y %H:%M:%S GMT", &tm);
	}
	return slice_make(w->date, 29);
}
