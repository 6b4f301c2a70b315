/* Blocking work (network set-up, files, tools) on a few threads beside the loop; the result comes back to the loop. */
#ifndef LAB_SYS_JOB_H
#define LAB_SYS_JOB_H

#include "base/err.h"
#include "base/list.h"
#include "base/slice.h"
#include "net/loop.h"

struct jobs;

/* Embedded in its owner, which must not free it before done was called or jobs_free has returned. */
struct job {
	struct message message;
	struct list link;
	struct jobs *jobs;
	void (*run)(struct job *j);  /* on a worker thread */
	void (*done)(struct job *j); /* on the loop */
};

/* NULL when no thread can be started. */
struct jobs *jobs_new(struct loop *loop, unsigned threads);

/* Waits for running jobs. No done is called any more; those not begun are dropped. On the loop's thread; NULL is fine.
 */
void jobs_free(struct jobs *js);

/* Queues a job: run is called in one of the threads, then done in the loop. j is the caller's and stays in place
 * until done. */
void job_start(struct jobs *js, struct job *j, void (*run)(struct job *j), void (*done)(struct job *j));

/* Runs a program with `in` as its standard input and waits. Returns 0, or -EIO with the end of its standard error in e.
 * Blocking. argv is NULL-terminated. */
int tool_run(const char *const *argv, struct slice in, struct err *e);

#endif
