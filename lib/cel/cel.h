/*
 * CEL, the Common Expression Language (github.com/google/cel-spec, doc/langdef.md), as the rules of custom resource
 * definitions, access logs and metrics use it: parsed once, evaluated over JSON. A schema, where there is one, says
 * what is an int, a double, bytes or a time. There is no type check beforehand: an expression that does not fit its
 * operands fails when it is evaluated. What is not evaluated here (quantities, optional values, messages, formats) is
 * refused by name when it is compiled. Pure.
 */
#ifndef CEL_CEL_H
#define CEL_CEL_H

#include <stdbool.h>

#include <cjson/cJSON.h>

#include "base/arena.h"
#include "base/err.h"

#define CEL_TEXT_MAX_BYTES 16384
#define CEL_DEPTH_MAX 100     /* of nested expressions */
#define CEL_TREE_MAX 500      /* of a chain of operators, which lean on one another */
#define CEL_STEPS_MAX 1000000 /* of one evaluation */

struct cel_program;

/* What an expression may name. */
struct cel_names {
	const char *const *v;
	size_t n; /* at most CEL_NAMES_MAX */
};
#define CEL_NAMES_MAX 16

/* Compiles an expression over variables, whose names must outlive it; everything else lives in the arena. NULL with e:
 * a syntax error with its place, or the name that is not known. */
const struct cel_program *cel_compile(struct arena *a, const struct cel_names *variables, struct slice text,
				      struct err *e);

/* Whether a text is an expression, whatever variables, functions and messages it names. 0, or -EINVAL with e: the place
 * and what was expected there. */
int cel_check(struct slice text, struct err *e);

/* Whether the expression names that variable, by its place among the names. */
bool cel_uses(const struct cel_program *p, size_t variable);

/* Whether it reads that member of the variable, or may: true, too, where the variable stands without a member's name.
 */
bool cel_reads(const struct cel_program *p, size_t variable, const char *member);

enum cel_json_type {
	CEL_JSON_PLAIN, /* numbers are ints where they look so */
	CEL_JSON_DOUBLE,
	CEL_JSON_BYTES,
	CEL_JSON_DURATION,
	CEL_JSON_TIMESTAMP,
	CEL_JSON_FIELDS, /* an object whose keys are in small letters, and are asked for in any */
};

/* How a schema, which may be NULL, is asked for what it says. */
struct cel_schema_ops {
	enum cel_json_type (*type)(const void *schema);
	const void *(*items)(const void *schema);
	const void *(*member)(const void *schema, const char *name);
};

/* What an expression sees. */
struct cel_input {
	const cJSON *const *values;       /* of the variables, in their order; one that is NULL is not there */
	const void *schema;               /* of all of them, or NULL */
	const struct cel_schema_ops *ops; /* may be NULL without a schema */
	int64_t *budget;                  /* steps of this and later evaluations, or NULL: CEL_STEPS_MAX each */
};

/* Evaluates to a boolean. Returns 1, 0, or -EINVAL with e (an error of the expression, or another type), -E2BIG when it
 * takes more than CEL_STEPS_MAX. scratch: temporary values. */
int cel_test(const struct cel_program *p, const struct cel_input *in, struct arena *scratch, struct err *e);

/* Evaluates to a string in scratch, NUL-terminated; NULL with e as above. */
const char *cel_text(const struct cel_program *p, const struct cel_input *in, struct arena *scratch, struct err *e);

#endif
