/* From tokens to a tree: the grammar of cel-spec, langdef.md, by recursive descent; macros are expanded on the way. */
#include <assert.h>
#include <stdio.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "cel/ast_internal.h"

#define ITEMS_MAX 1024 /* of one list, map or call */

struct name {
	const char *text;
	const struct name *outer;
};

struct parser {
	struct arena *a;
	struct slice rest;
	size_t at;
	struct cel_token t; /* the one to be looked at */
	unsigned depth;
	const struct name *names; /* variables in scope, the innermost first */
	const struct cel_names *variables;
	unsigned uses;
	bool any; /* any variable, function and message will do: nothing is going to be evaluated */
	struct err *e;
	bool failed;
};

static const struct cel_node *expression(struct parser *p);

static const struct cel_node *fail(struct parser *p, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static const struct cel_node *fail(struct parser *p, const char *fmt, ...)
{
	va_list ap;
	char text[160];

	if (p->failed)
		return NULL;
	p->failed = true;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	err_set(p->e, -EINVAL, "at %zu: %s", p->t.at, text);
	return NULL;
}

static void next(struct parser *p)
{
	p->t = cel_lex(p->a, &p->rest, &p->at);
	if (p->t.kind == CEL_TOKEN_BAD)
		fail(p, "%.*s", SLICE_ARG(p->t.text));
}

static bool is_sign(const struct parser *p, const char *s)
{
	return p->t.kind == CEL_TOKEN_SIGN && slice_eq_str(p->t.text, s);
}

static bool take_sign(struct parser *p, const char *s)
{
	if (!is_sign(p, s))
		return false;
	next(p);
	return true;
}

static bool want_sign(struct parser *p, const char *s)
{
	if (take_sign(p, s))
		return true;
	fail(p, "'%s' is expected", s);
	return false;
}

/* The walk over the tree goes as deep as this. */
static unsigned depth_of(const struct cel_node *n)
{
	const struct cel_node *const below[] = {n->a, n->b, n->c};
	unsigned most = 0;

	for (size_t i = 0; i < ARRAY_LEN(below); i++)
		most = below[i] ? MAX(most, below[i]->depth) : most;
	for (size_t i = 0; i < n->n_args; i++)
		most = MAX(most, n->args[i]->depth);
	return most + 1;
}

static const struct cel_node *make(struct parser *p, const struct cel_node n)
{
	struct cel_node *to;

	if (p->failed)
		return NULL;
	to = ARENA_NEW(p->a, struct cel_node);
	*to = n;
	to->depth = depth_of(&n);
	return to->depth > CEL_TREE_MAX ? fail(p, "nested more than %d times", CEL_TREE_MAX) : to;
}

/* ---- names ---- */

static bool is_declared(const struct parser *p, const char *name)
{
	for (const struct name *n = p->names; n; n = n->outer)
		if (strcmp(n->text, name) == 0)
			return true;
	return false;
}

static bool is_type(const char *name, struct cel_value *ret)
{
	for (int k = 0; k < CEL_ERROR; k++) {
		if (strcmp(cel_kind_str((enum cel_kind)k), name) != 0)
			continue;
		*ret = (struct cel_value){.kind = CEL_TYPE, .s = slice_str(cel_kind_str((enum cel_kind)k))};
		return true;
	}
	return false;
}

static const struct cel_node *variable(struct parser *p, const char *name)
{
	struct cel_value type;

	if (p->any)
		return make(p, (struct cel_node){.op = CEL_OP_VARIABLE, .name = name});
	if (is_declared(p, name)) {
		for (size_t i = 0; i < p->variables->n; i++)
			p->uses |= (unsigned)(strcmp(name, p->variables->v[i]) == 0) << i;
		return make(p, (struct cel_node){.op = CEL_OP_VARIABLE, .name = name});
	}
	if (is_type(name, &type))
		return make(p, (struct cel_node){.op = CEL_OP_LITERAL, .value = type});
	return fail(p, "undeclared reference to '%s'", name);
}

/* Names of properties that are no identifiers: k8s.io/apiextensions-apiserver, "escaping" of x-kubernetes-validations.
 */
static const char *unescaped(struct arena *a, struct slice s)
{
	static const char *const rows[][2] = {
		{"__underscores__", "__"}, {"__dot__", "."}, {"__dash__", "-"}, {"__slash__", "/"}};
	CLEANUP(buf_done) struct buf out = BUF_INIT;
	const bool keyword = s.len > 4 && slice_starts(s, SLICE("__")) && slice_ends(s, SLICE("__"));

	while (s.len) {
		size_t i = 0;

		while (i < ARRAY_LEN(rows) && !slice_starts(s, slice_str(rows[i][0])))
			i++;
		buf_append_str(&out, i < ARRAY_LEN(rows) ? rows[i][1] : "");
		if (i == ARRAY_LEN(rows))
			buf_append_char(&out, s.ptr[0]);
		s = slice_from(s, i < ARRAY_LEN(rows) ? strlen(rows[i][0]) : 1);
	}
	/* A keyword: "__in__", "__namespace__". */
	if (keyword && slice_starts(buf_slice(&out), SLICE("__")) && slice_ends(buf_slice(&out), SLICE("__")))
		return arena_slicedup(a, slice_make(out.ptr + 2, out.len - 4));
	return arena_slicedup(a, buf_slice(&out));
}

/* ---- lists of expressions ---- */

struct items {
	const struct cel_node **v;
	size_t n;
};

/* Up to the closing sign, which is taken. pairs: with ':' between two. A comma may end lists and maps. */
static bool items(struct parser *p, const char *close, bool pairs, struct items *ret)
{
	const struct cel_node **v = NULL;
	size_t cap = 0;

	ret->n = 0;
	while (!p->failed && !take_sign(p, close)) {
		if (ret->n + 2 > cap) {
			const struct cel_node **more = ARENA_NEW_N(p->a, const struct cel_node *, cap * 2 + 8);

			if (v)
				memcpy(more, v, ret->n * sizeof(*v));
			v = more;
			cap = cap * 2 + 8;
		}
		if (ret->n >= ITEMS_MAX)
			return fail(p, "more than %d items", ITEMS_MAX);
		if (is_sign(p, "?"))
			return fail(p, "optional values are not evaluated by this cluster");
		v[ret->n++] = expression(p);
		if (pairs && want_sign(p, ":"))
			v[ret->n++] = expression(p);
		if (!is_sign(p, close) && !want_sign(p, ","))
			return false;
	}
	ret->v = v;
	return !p->failed;
}

/* ---- macros ---- */

static const struct cel_node *has_macro(struct parser *p)
{
	struct items args;

	if (!items(p, ")", false, &args))
		return NULL;
	if (args.n != 1 || args.v[0]->op != CEL_OP_SELECT)
		return fail(p, "has() wants a field");
	return make(p, (struct cel_node){.op = CEL_OP_HAS, .a = args.v[0]->a, .name = args.v[0]->name});
}

static bool macro_op(const char *name, enum cel_op *ret)
{
	static const struct {
		const char *name;
		enum cel_op op;
	} rows[] = {{"all", CEL_OP_ALL},
		    {"exists", CEL_OP_EXISTS},
		    {"exists_one", CEL_OP_EXISTS_ONE},
		    {"existsOne", CEL_OP_EXISTS_ONE},
		    {"filter", CEL_OP_FILTER},
		    {"map", CEL_OP_MAPPED}};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		if (strcmp(rows[i].name, name) != 0)
			continue;
		*ret = rows[i].op;
		return true;
	}
	return false;
}

/* range.NAME(variable, ...), behind the bracket. */
static const struct cel_node *comprehension(struct parser *p, const struct cel_node *range, enum cel_op op)
{
	struct name var = {.outer = p->names};
	struct items args;

	if (p->t.kind != CEL_TOKEN_IDENT)
		return fail(p, "the name of a variable is expected");
	var.text = arena_slicedup(p->a, p->t.text);
	next(p);
	if (!want_sign(p, ","))
		return NULL;
	p->names = &var;
	const bool ok = items(p, ")", false, &args);

	p->names = var.outer;
	if (!ok)
		return NULL;
	if (p->any)
		return make(p, (struct cel_node){.op = op, .a = range, .args = args.v, .n_args = args.n});
	if (args.n != 1 && !(args.n == 2 && op == CEL_OP_MAPPED))
		return fail(p, "a macro over two variables is not evaluated by this cluster");
	struct cel_node n = {.op = op, .a = range, .name = var.text, .b = args.v[0]};

	if (op == CEL_OP_MAPPED) {
		n.b = args.n == 2 ? args.v[0] : NULL;
		n.c = args.v[args.n - 1];
	}
	return make(p, n);
}

/* ---- calls ---- */

static const struct cel_node *call(struct parser *p, const char *name, const struct cel_node *receiver)
{
	struct items args;

	if (!items(p, ")", false, &args))
		return NULL;
	const size_t n = args.n + (receiver != NULL);
	const struct cel_function *fn = cel_function_find(name, receiver != NULL, n);
	const struct cel_node **all = ARENA_NEW_N(p->a, const struct cel_node *, n + 1);

	if (!fn && !p->any)
		return fail(p, "function '%.80s' with %zu arguments is not evaluated by this cluster", name, args.n);
	if (receiver)
		all[0] = receiver;
	if (args.n)
		memcpy(all + (receiver != NULL), args.v, args.n * sizeof(*all));
	return make(p, (struct cel_node){.op = CEL_OP_CALL, .fn = fn, .args = all, .n_args = n});
}

/* ---- by precedence ---- */

static const struct cel_node *primary(struct parser *p)
{
	const struct cel_token t = p->t;
	struct items list;

	if (t.kind == CEL_TOKEN_LITERAL) {
		if (t.only_negated)
			return fail(p, "a number is out of range");
		next(p);
		return make(p, (struct cel_node){.op = CEL_OP_LITERAL, .value = t.value});
	}
	if (t.kind == CEL_TOKEN_IDENT) {
		const char *name = arena_slicedup(p->a, t.text);

		next(p);
		if (!take_sign(p, "("))
			return variable(p, name);
		return strcmp(name, "has") == 0 ? has_macro(p) : call(p, name, NULL);
	}
	if (take_sign(p, "(")) {
		const struct cel_node *n = expression(p);

		return want_sign(p, ")") ? n : NULL;
	}
	if (take_sign(p, "["))
		return items(p, "]", false, &list)
			       ? make(p, (struct cel_node){.op = CEL_OP_LIST, .args = list.v, .n_args = list.n})
			       : NULL;
	if (take_sign(p, "{"))
		return items(p, "}", true, &list)
			       ? make(p, (struct cel_node){.op = CEL_OP_MAP, .args = list.v, .n_args = list.n})
			       : NULL;
	return fail(p, t.kind == CEL_TOKEN_END ? "the expression ends too early" : "an expression is expected");
}

/* What follows a dot. */
static const struct cel_node *selected(struct parser *p, const struct cel_node *of)
{
	enum cel_op op;

	if (is_sign(p, "?"))
		return fail(p, "optional values are not evaluated by this cluster");
	if (p->t.kind != CEL_TOKEN_IDENT)
		return fail(p, "the name of a field is expected");
	const struct slice text = p->t.text;
	const char *name = arena_slicedup(p->a, text);

	next(p);
	if (!take_sign(p, "("))
		return make(p, (struct cel_node){.op = CEL_OP_SELECT, .a = of, .name = unescaped(p->a, text)});
	return macro_op(name, &op) ? comprehension(p, of, op) : call(p, name, of);
}

/* name{field: value}: of what is a message there is nothing here. */
static const struct cel_node *message(struct parser *p, const struct cel_node *of)
{
	struct items fields;

	if (!p->any)
		return fail(p, "messages are not made by this cluster");
	next(p);
	return items(p, "}", true, &fields)
		       ? make(p, (struct cel_node){.op = CEL_OP_MAP, .a = of, .args = fields.v, .n_args = fields.n})
		       : NULL;
}

static const struct cel_node *member(struct parser *p)
{
	const struct cel_node *n = primary(p);
	unsigned links = 0;

	while (!p->failed) {
		if (links++ > CEL_DEPTH_MAX)
			return fail(p, "nested more than %d times", CEL_DEPTH_MAX);
		if (take_sign(p, ".")) {
			n = selected(p, n);
		} else if (take_sign(p, "[")) {
			const struct cel_node *at =
				is_sign(p, "?") ? fail(p, "optional values are not evaluated by this cluster")
						: expression(p);

			if (!want_sign(p, "]"))
				return NULL;
			n = make(p, (struct cel_node){.op = CEL_OP_INDEX, .a = n, .b = at});
		} else if (is_sign(p, "{")) {
			n = message(p, n);
		} else {
			return n;
		}
	}
	return NULL;
}

static const struct cel_node *unary(struct parser *p)
{
	const enum cel_op op = is_sign(p, "!") ? CEL_OP_NOT : CEL_OP_NEGATE;

	if (!is_sign(p, "!") && !is_sign(p, "-"))
		return member(p);
	next(p);
	/* The least int has no positive counterpart. */
	if (op == CEL_OP_NEGATE && p->t.kind == CEL_TOKEN_LITERAL && p->t.only_negated) {
		p->t.only_negated = false;
		return member(p);
	}
	if (p->depth >= CEL_DEPTH_MAX)
		return fail(p, "nested more than %d times", CEL_DEPTH_MAX);
	p->depth++;
	const struct cel_node *of = unary(p);

	p->depth--;
	return make(p, (struct cel_node){.op = op, .a = of});
}

struct level {
	const char *sign;
	enum cel_op op;
};

/* Operators that bind alike, the loosest level first; NULL ends a level. */
static const struct level levels[][8] = {
	{{"||", CEL_OP_OR}},
	{{"&&", CEL_OP_AND}},
	{{"==", CEL_OP_EQ},
	 {"!=", CEL_OP_NE},
	 {"<=", CEL_OP_LE},
	 {">=", CEL_OP_GE},
	 {"<", CEL_OP_LT},
	 {">", CEL_OP_GT},
	 {"in", CEL_OP_IN}},
	{{"+", CEL_OP_ADD}, {"-", CEL_OP_SUB}},
	{{"*", CEL_OP_MUL}, {"/", CEL_OP_DIV}, {"%", CEL_OP_MOD}},
};

static const struct level *operator_of(const struct parser *p, size_t at)
{
	for (const struct level *l = levels[at]; l->sign; l++)
		if (is_sign(p, l->sign) ||
		    (l->op == CEL_OP_IN && p->t.kind == CEL_TOKEN_IDENT && slice_eq_str(p->t.text, "in")))
			return l;
	return NULL;
}

/* Chains lean to the left, so their depth is that of evaluation, too. */
static const struct cel_node *binary(struct parser *p, size_t at)
{
	if (at == ARRAY_LEN(levels))
		return unary(p);
	const struct cel_node *n = binary(p, at + 1);
	const struct level *l;
	unsigned links = 0;

	while (!p->failed && (l = operator_of(p, at))) {
		if (links++ > ITEMS_MAX)
			return fail(p, "more than %d operators", ITEMS_MAX);
		next(p);
		n = make(p, (struct cel_node){.op = l->op, .a = n, .b = binary(p, at + 1)});
	}
	return p->failed ? NULL : n;
}

static const struct cel_node *expression(struct parser *p)
{
	const struct cel_node *n, *yes, *no;

	if (p->depth >= CEL_DEPTH_MAX)
		return fail(p, "nested more than %d times", CEL_DEPTH_MAX);
	p->depth++;
	n = binary(p, 0);
	if (!p->failed && take_sign(p, "?")) {
		yes = binary(p, 0);
		no = want_sign(p, ":") ? expression(p) : NULL;
		n = make(p, (struct cel_node){.op = CEL_OP_CONDITIONAL, .a = n, .b = yes, .c = no});
	}
	p->depth--;
	return p->failed ? NULL : n;
}

/* The whole text, as one expression. NULL: p has failed. */
static const struct cel_node *parse(struct parser *p)
{
	if (p->rest.len > CEL_TEXT_MAX_BYTES) {
		err_set(p->e, -E2BIG, "longer than %d bytes", CEL_TEXT_MAX_BYTES);
		return NULL;
	}
	next(p);
	const struct cel_node *n = expression(p);

	if (!p->failed && p->t.kind != CEL_TOKEN_END)
		fail(p, "an operator is expected");
	return p->failed ? NULL : n;
}

const struct cel_program *cel_compile(struct arena *a, const struct cel_names *variables, struct slice text,
				      struct err *e)
{
	struct name names[CEL_NAMES_MAX];
	struct parser p = {.a = a, .rest = text, .variables = variables, .e = e};
	struct cel_program *program = ARENA_NEW(a, struct cel_program);

	assert(variables->n <= CEL_NAMES_MAX);
	for (size_t i = 0; i < variables->n; i++) {
		names[i] = (struct name){variables->v[i], p.names};
		p.names = &names[i];
	}
	program->root = parse(&p);
	program->variables = *variables;
	program->uses = p.uses;
	return program->root ? program : NULL;
}

int cel_check(struct slice text, struct err *e)
{
	CLEANUP(arena_done) struct arena a = ARENA_INIT;
	struct parser p = {.a = &a, .rest = text, .any = true, .e = e};

	return parse(&p) ? 0 : -EINVAL;
}
