/* An expression as a tree, and the functions that it may call. */
#ifndef CEL_AST_INTERNAL_H
#define CEL_AST_INTERNAL_H

#include "cel/value_internal.h"

enum cel_op {
	CEL_OP_LITERAL,
	CEL_OP_VARIABLE,
	CEL_OP_SELECT, /* a.name */
	CEL_OP_HAS,    /* has(a.name) */
	CEL_OP_INDEX,  /* a[b] */
	CEL_OP_CALL,   /* fn(args), a method's receiver is the first */
	CEL_OP_LIST,
	CEL_OP_MAP, /* args: key, value, ... */
	CEL_OP_CONDITIONAL,
	CEL_OP_OR,
	CEL_OP_AND,
	CEL_OP_NOT,
	CEL_OP_NEGATE,
	CEL_OP_EQ,
	CEL_OP_NE,
	CEL_OP_LT,
	CEL_OP_LE,
	CEL_OP_GT,
	CEL_OP_GE,
	CEL_OP_IN,
	CEL_OP_ADD,
	CEL_OP_SUB,
	CEL_OP_MUL,
	CEL_OP_DIV,
	CEL_OP_MOD,
	/* Macros: a is the list or map, name the variable, b the condition, c what map() makes (b NULL: of all). */
	CEL_OP_ALL,
	CEL_OP_EXISTS,
	CEL_OP_EXISTS_ONE,
	CEL_OP_FILTER,
	CEL_OP_MAPPED,
	CEL_OP_COUNT,
};

struct cel_function;

struct cel_node {
	enum cel_op op;
	unsigned depth; /* of what is below it, itself included */
	const struct cel_node *a, *b, *c;
	const struct cel_node *const *args;
	size_t n_args;
	struct cel_value value;
	const char *name;
	const struct cel_function *fn;
};

struct cel_program {
	const struct cel_node *root;
	struct cel_names variables;
	unsigned uses; /* bits by the place of variables */
};

#define CEL_ARGS_MAX 4 /* of a function, receiver included */

struct cel_function {
	const char *name;
	bool method;
	size_t args_min, args_max; /* receiver included */
	/* No argument is an error. */
	struct cel_value (*fn)(struct cel_run *r, const struct cel_value *args, size_t n);
};

/* The rows of each file, ended by one without name. */
extern const struct cel_function cel_general_functions[], cel_string_functions[], cel_list_functions[],
	cel_url_functions[];

/* The function of that name and number of arguments (receiver included), or NULL. */
const struct cel_function *cel_function_find(const char *name, bool method, size_t n);

/* "no such overload" for a call that does not fit its arguments. */
struct cel_value cel_no_overload(struct cel_run *r, const char *what);

/* ---- eval.c ---- */

struct cel_value cel_eval(struct cel_run *r, const struct cel_node *n);

/* ---- lex.c ---- */

enum cel_token_kind {
	CEL_TOKEN_END,
	CEL_TOKEN_IDENT,
	CEL_TOKEN_LITERAL,
	CEL_TOKEN_SIGN, /* an operator or a bracket */
	CEL_TOKEN_BAD,  /* text says why */
};

struct cel_token {
	enum cel_token_kind kind;
	struct slice text; /* an identifier or a sign */
	struct cel_value value;
	size_t at;         /* its offset */
	bool only_negated; /* 2^63, which is no int but behind a minus */
};

/* The next token of *rest, which begins at offset *at of the expression; both move on. Values live in the arena. */
struct cel_token cel_lex(struct arena *a, struct slice *rest, size_t *at);

#endif
