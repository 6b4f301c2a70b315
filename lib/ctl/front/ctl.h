/*
 * weftctl: what a person does with a mesh from a shell. One table of commands, which the parser, the help and the
 * completions of shells are made from; all print their results in one of three forms.
 *
 * Exit status: CTL_OK, CTL_FAILED, CTL_USAGE, CTL_REFUSED. One thread.
 */
#ifndef CTL_FRONT_CTL_H
#define CTL_FRONT_CTL_H

#include "ctl/core/core.h"

/* Runs the program: argv[0] says under which name it was called (weftctl, or kubectl-weft as kubectl's plugin). Results
 * go to out, complaints to err. Returns the exit status. */
int ctl_main(int argc, char **argv, FILE *out, FILE *err);

#endif
