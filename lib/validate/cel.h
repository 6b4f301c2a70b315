/* The syntax of CEL, the language of filters of access logs: is a text an expression? Nothing is evaluated. Pure. */
#ifndef VALIDATE_CEL_H
#define VALIDATE_CEL_H

#include "base/err.h"
#include "base/slice.h"

/* Nesting of an expression; deeper ones are refused. */
#define CEL_DEPTH_MAX 64

/* 0, or -EINVAL with the place and what was expected there. */
int cel_check(struct slice text, struct err *e);

#endif
