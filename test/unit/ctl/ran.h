/* A command line that is run, and files for it. */
#ifndef TEST_CTL_RAN_H
#define TEST_CTL_RAN_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/mem.h"
#include "ctl/front/ctl.h"

#define ARGUMENTS_MAX 24

struct ran {
	int status;
	char *out, *err;
};

/* Runs a command line, words apart by spaces. */
static inline struct ran run(const char *line)
{
	CLEANUP(freep) char *copy = mem_strdup(line);
	char *argv[ARGUMENTS_MAX], *rest = copy;
	struct ran r = {0};
	size_t n_out, n_err;
	FILE *out = open_memstream(&r.out, &n_out), *err = open_memstream(&r.err, &n_err);
	int argc = 0;

	for (char *word; (word = strtok_r(rest, " ", &rest)) && argc < ARGUMENTS_MAX;)
		argv[argc++] = word;
	r.status = ctl_main(argc, argv, out, err);
	fclose(out);
	fclose(err);
	return r;
}

static inline void ran_done(struct ran *r)
{
	free(r->out);
	free(r->err);
}

/* A folder of the test's own; malloc'ed. */
static inline char *ran_folder(const char *name)
{
	char *path = mem_printf("%s/%s-%d", getenv("TEST_TMP") ? getenv("TEST_TMP") : "/tmp", name, (int)getpid());

	assert_int_equal(file_mkdirs(path, 0755, NULL), 0);
	return path;
}

/* Writes one of its files, folders included. */
static inline void ran_file(const char *folder, const char *name, const char *text)
{
	CLEANUP(freep) char *path = mem_printf("%s/%s", folder, name);
	CLEANUP(freep) char *parent = mem_strdup(path);

	*strrchr(parent, '/') = 0;
	assert_int_equal(file_mkdirs(parent, 0755, NULL), 0);
	assert_int_equal(file_put(path, slice_str(text), 0644, NULL), 0);
}

/* Removes it. */
static inline void ran_folder_done(char **folder)
{
	file_remove_tree(*folder, NULL);
	free(*folder);
}

#endif
