/*
 * A scenario's file as steps: a line that is not indented begins a step, what is indented below it is its block. Lines
 * that begin with # are comments. The language is described in test/scenario/README.md.
 */
#ifndef SCENARIO_SCRIPT_H
#define SCENARIO_SCRIPT_H

#include "base/arena.h"
#include "base/err.h"
#include "base/slice.h"

struct step {
	const char *file;
	int line;
	const char *text;  /* without white space at its ends */
	const char *block; /* dedented, each line with its end; NULL = none */
	int block_line;    /* where the block begins */
	struct step *next;
};

/*
 * The steps of a file, in the arena; "include NAME" is replaced by those of NAME.part in the folder common beside the
 * file's own. -EINVAL with file and line, or what reading gave.
 */
int script_read(const char *path, struct arena *a, struct step **ret, struct err *e);

/* The steps of a block, which is one of that file and begins at that line. */
int script_parse(struct arena *a, const char *file, int line, struct slice text, struct step **ret, struct err *e);

#endif
