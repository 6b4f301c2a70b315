/* Worker threads with one queue. */
#include "lab/sys/job.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/wait.h>

#include "lab/sys/spawn.h"
#include "base/cleanup.h"
#include "base/mem.h"

#define JOBS_MAX_THREADS 8

struct jobs {
	struct loop *loop;
	pthread_mutex_t lock;
	pthread_cond_t wake;
	struct list queue;
	struct list done; /* run, and on their way back to the loop */
	bool stopping;
	unsigned n;
	pthread_t threads[JOBS_MAX_THREADS];
};

static void on_done(struct message *m)
{
	struct job *j = CONTAINER_OF(m, struct job, message);

	pthread_mutex_lock(&j->jobs->lock);
	list_remove(&j->link);
	pthread_mutex_unlock(&j->jobs->lock);
	j->done(j);
}

static void *work(void *arg)
{
	struct jobs *js = arg;

	pthread_mutex_lock(&js->lock);
	while (!js->stopping) {
		struct job *j;

		if (list_empty(&js->queue)) {
			pthread_cond_wait(&js->wake, &js->lock);
			continue;
		}
		j = CONTAINER_OF(js->queue.next, struct job, link);
		list_remove(&j->link);
		pthread_mutex_unlock(&js->lock);
		j->run(j);
		pthread_mutex_lock(&js->lock);
		list_append(&js->done, &j->link);
		loop_post(js->loop, &j->message, on_done);
	}
	pthread_mutex_unlock(&js->lock);
	return NULL;
}

struct jobs *jobs_new(struct loop *loop, unsigned threads)
{
	struct jobs *js = NEW(struct jobs);
	sigset_t all, before;

	sigfillset(&all); /* signals are for the loop's thread */
	pthread_sigmask(SIG_SETMASK, &all, &before);
	js->loop = loop;
	list_init(&js->queue);
	list_init(&js->done);
	pthread_mutex_init(&js->lock, NULL);
	pthread_cond_init(&js->wake, NULL);
	while (js->n < MIN(threads, JOBS_MAX_THREADS) && pthread_create(&js->threads[js->n], NULL, work, js) == 0)
		js->n++;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (js->n == 0) {
		jobs_free(js);
		return NULL;
	}
	return js;
}

void jobs_free(struct jobs *js)
{
	if (!js)
		return;
	pthread_mutex_lock(&js->lock);
	js->stopping = true;
	pthread_cond_broadcast(&js->wake);
	pthread_mutex_unlock(&js->lock);
	for (unsigned i = 0; i < js->n; i++)
		pthread_join(js->threads[i], NULL);
	while (!list_empty(&js->done)) {
		struct job *j = LIST_FIRST(&js->done, struct job, link);

		list_remove(&j->link);
		loop_unpost(js->loop, &j->message);
	}
	pthread_mutex_destroy(&js->lock);
	pthread_cond_destroy(&js->wake);
	free(js);
}

void job_start(struct jobs *js, struct job *j, void (*run)(struct job *j), void (*done)(struct job *j))
{
	j->jobs = js;
	j->run = run;
	j->done = done;
	pthread_mutex_lock(&js->lock);
	list_init(&j->link);
	list_append(&js->queue, &j->link);
	pthread_cond_signal(&js->wake);
	pthread_mutex_unlock(&js->lock);
}

static int temp_with(struct slice in)
{
	int fd = memfd_create("input", MFD_CLOEXEC);

	if (fd >= 0 && in.len && (write(fd, in.ptr, in.len) != (ssize_t)in.len || lseek(fd, 0, SEEK_SET) < 0)) {
		close(fd);
		return -1;
	}
	return fd;
}

int tool_run(const char *const *argv, struct slice in, struct err *e)
{
	CLEANUP(closep) int input = temp_with(in);
	CLEANUP(closep) int output = memfd_create("output", MFD_CLOEXEC);
	char text[200] = "";
	int status = 0, r;
	ssize_t n;
	pid_t pid;

	if (input < 0 || output < 0)
		return err_errno(e, errno, "%s", argv[0]);
	r = spawn_program(argv, (struct spawn_fd[]){{input, 0}, {output, 1}, {output, 2}}, 3, &pid);
	if (r < 0)
		return err_errno(e, -r, "%s", argv[0]);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return 0;
	n = pread(output, text, sizeof(text) - 1, 0);
	text[n > 0 ? n : 0] = '\0';
	text[strcspn(text, "\n")] = '\0';
	return err_set(e, -EIO, "%s: %s", argv[0], *text ? text : "failed");
}
