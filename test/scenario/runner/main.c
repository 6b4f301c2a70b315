/*
 * Runs scenarios: each in a process of its own, several at once.
 *
 * usage: scenario [-j N] [-v] [-p "PROGRAM @CONFIG@ ..."] FILE|FOLDER...
 * With -p over real sockets against that program instead of in memory.
 * Prints what failed and, last, "N passed, N failed".
 */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/vec.h"
#include "run.h"

#define OUTPUT_MAX_BYTES (1u << 20)
#define SCENARIO_SECONDS_MAX 120
#define JOBS_MAX 64

struct job {
	const char *path;
	pid_t pid;
	int out;
	int64_t began_ns;
};

static struct {
	const struct place *place;
	VEC(char *) files;
	struct job jobs[JOBS_MAX];
	unsigned n_jobs, running, passed, failed;
	bool verbose;
} all = {.place = &place_memory, .n_jobs = 2};

/* ---- which ---- */

static int by_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static void add(const char *path)
{
	struct stat st;
	DIR *d;

	if (stat(path, &st) < 0) {
		fprintf(stderr, "%s: %s\n", path, strerror(errno));
		exit(2);
	}
	if (!S_ISDIR(st.st_mode)) {
		vec_push(&all.files, mem_strdup(path));
		return;
	}
	d = opendir(path);
	for (struct dirent *at; d && (at = readdir(d));) {
		CLEANUP(freep) char *below = mem_printf("%s/%s", path, at->d_name);

		if (at->d_name[0] == '.')
			continue;
		if (slice_ends(slice_str(below), SLICE(".wt")) || (stat(below, &st) == 0 && S_ISDIR(st.st_mode)))
			add(below);
	}
	closedir(d);
}

/* ---- one ---- */

static int child(const char *path)
{
	struct err e = ERR_INIT;
	int r;

	alarm(SCENARIO_SECONDS_MAX);
	r = run_file(all.place, path, &e);
	if (r == 0)
		return 0;
	/* What a failed one leaves behind is no leak. */
	fflush(stdout);
	_exit(1);
}

static void start(struct job *j, const char *path)
{
	FILE *out = tmpfile();

	fflush(stdout);
	*j = (struct job){.path = path, .out = dup(fileno(out)), .began_ns = clock_mono_ns()};
	fclose(out);
	j->pid = fork();
	if (j->pid == 0) {
		dup2(j->out, 1);
		dup2(j->out, 2);
		exit(child(path));
	}
	all.running++;
}

static void show(const struct job *j)
{
	char text[4096];
	ssize_t n;

	lseek(j->out, 0, SEEK_SET);
	while ((n = read(j->out, text, sizeof(text))) > 0)
		fwrite(text, 1, (size_t)n, stdout);
}

static void finish(struct job *j, int status)
{
	const bool ok = WIFEXITED(status) && WEXITSTATUS(status) == 0;
	const double ms = (double)(clock_mono_ns() - j->began_ns) / 1e6;

	if (ok)
		all.passed++;
	else
		all.failed++;
	if (!ok || all.verbose)
		printf("%s %s (%.0f ms)\n", ok ? "ok  " : "FAIL", j->path, ms);
	if (!ok) {
		show(j);
		if (WIFSIGNALED(status))
			printf("ended by signal %d\n", WTERMSIG(status));
	}
	close(j->out);
	j->pid = 0;
	all.running--;
}

static void reap(void)
{
	int status;
	const pid_t pid = wait(&status);

	for (unsigned i = 0; i < all.n_jobs; i++)
		if (all.jobs[i].pid == pid)
			finish(&all.jobs[i], status);
}

static void start_somewhere(const char *path)
{
	if (all.running == all.n_jobs)
		reap();
	for (unsigned i = 0; i < all.n_jobs; i++) {
		if (all.jobs[i].pid)
			continue;
		start(&all.jobs[i], path);
		return;
	}
}

int main(int argc, char **argv)
{
	int option;

	while ((option = getopt(argc, argv, "j:vp:")) >= 0) {
		if (option == 'j')
			all.n_jobs = (unsigned)MIN(MAX(atoi(optarg), 1), JOBS_MAX);
		else if (option == 'v')
			all.verbose = true;
		else if (option == 'p') {
			all.place = &place_process;
			place_program = optarg;
		} else
			return 2;
	}
	for (int i = optind; i < argc; i++)
		add(argv[i]);
	if (all.files.n)
		qsort(all.files.v, all.files.n, sizeof(char *), by_text);
	for (size_t i = 0; i < all.files.n; i++)
		start_somewhere(all.files.v[i]);
	while (all.running)
		reap();
	printf("%u passed, %u failed\n", all.passed, all.failed);
	for (size_t i = 0; i < all.files.n; i++)
		free(all.files.v[i]);
	vec_done(&all.files);
	return all.failed || !all.passed;
}
