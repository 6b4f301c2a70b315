/*
 * weftctl: what a person does with a mesh from a shell. One table of commands, which the parser, the help and the
 * completions of shells are made from; all print their results in one of three forms.
 *
 * Exit status: CTL_OK, CTL_FAILED, CTL_USAGE, CTL_REFUSED. One thread.
 */
#ifndef CTL_CTL_H
#define CTL_CTL_H

#include <stdio.h>

enum ctl_status {
	CTL_OK = 0,
	CTL_FAILED = 1,  /* it was tried and did not come about */
	CTL_USAGE = 2,   /* it was called in a wrong way */
	CTL_REFUSED = 3, /* a check found what will not work; nothing was changed */
};

/* Runs the program: argv[0] says under which name it was called (weftctl, or kubectl-weft as kubectl's plugin). Results
 * go to out, complaints to err. Returns the exit status. */
int ctl_main(int argc, char **argv, FILE *out, FILE *err);

#endif
