/*
 * CEL, the Common Expression Language (github.com/google/cel-spec, doc/langdef.md), as the rules of custom resource
 * definitions use it: parsed once, evaluated over JSON whose schema says what is an int, a double, bytes or a time.
 * There is no type check beforehand: an expression that does not fit its operands fails when it is evaluated. What is
 * not evaluated here (quantities, optional values, messages, formats) is refused by name when it is compiled. Pure.
 */
#ifndef LAB_CEL_CEL_H
#define LAB_CEL_CEL_H

#include <stdbool.h>

#include <cjson/cJSON.h>

#include "base/arena.h"
#include "base/err.h"
#include "lab/object/schema.h"

#define CEL_TEXT_MAX_BYTES 16384
#define CEL_DEPTH_MAX 100     /* of nested expressions */
#define CEL_TREE_MAX 500      /* of a chain of operators, which lean on one another */
#define CEL_STEPS_MAX 1000000 /* of one evaluation */

struct cel_program;

/* Compiles an expression over self and oldSelf; everything lives in the arena. NULL with e: a syntax error with its
 * place, or the name that is not known. */
const struct cel_program *cel_compile(struct arena *a, struct slice text, struct err *e);

/* Whether the expression names oldSelf. */
bool cel_uses_old(const struct cel_program *p);

/* What an expression sees. */
struct cel_input {
	const cJSON *self, *old_self; /* old_self may be NULL: there is none */
	const struct schema *schema;  /* of both; NULL: numbers are ints where they look so */
	int64_t *budget;              /* steps of this and later evaluations, or NULL: CEL_STEPS_MAX each */
};

/* Evaluates to a boolean. Returns 1, 0, or -EINVAL with e (an error of the expression, or another type), -E2BIG when it
 * takes more than CEL_STEPS_MAX. scratch: temporary values. */
int cel_test(const struct cel_program *p, const struct cel_input *in, struct arena *scratch, struct err *e);

/* Evaluates to a string in scratch, NUL-terminated; NULL with e as above. */
const char *cel_text(const struct cel_program *p, const struct cel_input *in, struct arena *scratch, struct err *e);

#endif
