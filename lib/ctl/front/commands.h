/* The table of commands: the parser, the help and the completions of shells are made from it. */
#ifndef CTL_FRONT_COMMANDS_H
#define CTL_FRONT_COMMANDS_H

#include "base/flags.h"
#include "ctl/core/core.h"

/* A command: what is said about it, which flags it takes, what it does. */
struct ctl_command {
	const char *name;
	const char *usage; /* behind the name */
	const char *about;
	const char *examples;     /* lines; %s is the program's name */
	const struct flag *flags; /* beside --help */
	size_t n_flags;
	const char *const *words; /* the one word that must stand behind it, NULL-terminated; or NULL */
	bool arguments;           /* others may stand behind it; the command looks at them */
	enum ctl_status (*run)(struct ctl *c);
};

/* The table, and the words that a flag's value may be (NULL-terminated), or NULL where it may be anything. */
extern const struct ctl_command ctl_commands[];
extern const size_t ctl_commands_count;
const char *const *ctl_flag_words(const char *flag);

/* Prints what a shell needs to complete commands and flags. */
enum ctl_status ctl_completion(struct ctl *c);

#endif
