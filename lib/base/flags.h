/*
 * A program's flags as one table: it is read from, and the help is printed from it. Every program has --help and
 * --version besides. "--name value", "--name=value", "-n value", "-nvalue"; "--" ends the flags; arguments may stand
 * between them.
 */
#ifndef BASE_FLAGS_H
#define BASE_FLAGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#define FLAGS_ARGUMENTS_MAX 64

struct flag {
	int id;            /* what flags_next() returns, > 0; a letter is the short form, too */
	const char *name;  /* without dashes */
	const char *value; /* what the help calls it; "[X]": only behind a '='; NULL: takes none */
	const char *help;  /* NULL: taken, and nothing comes of it */
};

struct flags_program {
	const char *name;
	const char *usage; /* what may stand behind the name; more than one form: lines */
	const char *about; /* one sentence; NULL: none */
	const struct flag *flags;
	size_t n;
	const char *more; /* lines behind the flags, such as examples; NULL: none */
};

#define FLAGS_DONE 0
#define FLAGS_EXIT (-1) /* all was said: end with the status */

struct flags {
	const struct flags_program *program;
	const char *value; /* of the flag just returned, or NULL */
	const char *name;  /* of the flag just returned */
	int status;        /* after FLAGS_EXIT: 0 after --help and --version, 2 after a mistake */
	const char *arguments[FLAGS_ARGUMENTS_MAX]; /* what is no flag; complete after FLAGS_DONE */
	size_t n_arguments;
	FILE *out, *err; /* NULL: stdout, stderr */

	/* private */
	char **argv;
	int argc, at;
	const char *letters; /* what is left of "-abc" */
	bool only_arguments;
};

/* argv[0] is left out. argv must outlive f and what it returns. */
static inline struct flags flags_begin(const struct flags_program *p, int argc, char **argv)
{
	return (struct flags){.program = p, .argc = argc, .argv = argv, .at = 1};
}

/* The next flag's id, FLAGS_DONE or FLAGS_EXIT. */
int flags_next(struct flags *f);

/* For what the program finds wrong itself: says so with a pointer to --help. Returns the exit status. */
int flags_wrong(const struct flags *f, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
