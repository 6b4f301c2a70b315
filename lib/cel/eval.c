/* The walk over the tree. An error is a value; && and || pass over it when the other side decides (langdef.md). */
#include <math.h>
#include <stdio.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "cel/ast_internal.h"

struct cel_value cel_no_overload(struct cel_run *r, const char *what)
{
	return cel_error(r, "no such overload: %s", what);
}

/* ---- members ---- */

static struct cel_value select_member(struct cel_run *r, const struct cel_node *n)
{
	const struct cel_value of = cel_eval(r, n->a);
	struct cel_value v;

	if (cel_is_error(of))
		return of;
	if (of.kind != CEL_MAP)
		return cel_error(r, "no such key: %s", n->name);
	if (!cel_map_get(r, of.map, cel_string(slice_str(n->name)), &v))
		return n->op == CEL_OP_HAS ? cel_bool(false) : cel_error(r, "no such key: %s", n->name);
	return n->op == CEL_OP_HAS ? cel_bool(true) : v;
}

static struct cel_value index_list(struct cel_run *r, struct cel_value list, struct cel_value at)
{
	int64_t i = at.kind == CEL_UINT && at.u <= INT64_MAX ? (int64_t)at.u : at.i;

	if (at.kind == CEL_DOUBLE && at.d == floor(at.d) && fabs(at.d) < 1e15)
		i = (int64_t)at.d;
	else if (at.kind != CEL_INT && at.kind != CEL_UINT)
		return cel_no_overload(r, "index of a list");
	if (i < 0 || (uint64_t)i >= list.list.n)
		return cel_error(r, "index out of bounds: %lld", (long long)i);
	return list.list.v[i];
}

static struct cel_value index_member(struct cel_run *r, const struct cel_node *n)
{
	const struct cel_value of = cel_eval(r, n->a), at = cel_eval(r, n->b);
	struct cel_value v;

	if (cel_is_error(of) || cel_is_error(at))
		return cel_is_error(of) ? of : at;
	if (of.kind == CEL_LIST)
		return index_list(r, of, at);
	if (of.kind != CEL_MAP)
		return cel_no_overload(r, "index");
	if (cel_map_get(r, of.map, at, &v))
		return v;
	return at.kind == CEL_STRING ? cel_error(r, "no such key: %.*s", SLICE_ARG(at.s)) : cel_error(r, "no such key");
}

static struct cel_value contains(struct cel_run *r, struct cel_value v, struct cel_value in)
{
	struct cel_value ignored;

	if (in.kind == CEL_MAP)
		return cel_bool(cel_map_get(r, in.map, v, &ignored));
	if (in.kind != CEL_LIST)
		return cel_no_overload(r, "in");
	for (size_t i = 0; i < in.list.n; i++)
		if (cel_equal(r, v, in.list.v[i]))
			return cel_bool(true);
	return cel_bool(false);
}

/* ---- logic ---- */

/* decisive: the value of one side that settles the matter (true of ||, false of &&). */
static struct cel_value logic(struct cel_run *r, const struct cel_node *n, bool decisive)
{
	const struct cel_value a = cel_eval(r, n->a);
	struct cel_value b;

	if (a.kind == CEL_BOOL && a.b == decisive)
		return a;
	b = cel_eval(r, n->b);
	if (b.kind == CEL_BOOL && b.b == decisive)
		return b;
	if (cel_is_error(a) || cel_is_error(b))
		return cel_is_error(a) ? a : b;
	if (a.kind != CEL_BOOL || b.kind != CEL_BOOL)
		return cel_no_overload(r, decisive ? "||" : "&&");
	return cel_bool(!decisive);
}

static struct cel_value conditional(struct cel_run *r, const struct cel_node *n)
{
	const struct cel_value a = cel_eval(r, n->a);

	if (cel_is_error(a))
		return a;
	if (a.kind != CEL_BOOL)
		return cel_no_overload(r, "?:");
	return cel_eval(r, a.b ? n->b : n->c);
}

static struct cel_value negate(struct cel_run *r, const struct cel_node *n)
{
	const struct cel_value a = cel_eval(r, n->a);

	if (cel_is_error(a))
		return a;
	if (n->op == CEL_OP_NOT)
		return a.kind == CEL_BOOL ? cel_bool(!a.b) : cel_no_overload(r, "!");
	if (a.kind == CEL_DOUBLE)
		return cel_double(-a.d);
	if (a.kind != CEL_INT)
		return cel_no_overload(r, "-");
	return a.i == INT64_MIN ? cel_error(r, "integer overflow") : cel_int(-a.i);
}

/* ---- comparison ---- */

static struct cel_value compare(struct cel_run *r, enum cel_op op, struct cel_value a, struct cel_value b)
{
	int o;

	if (op == CEL_OP_EQ || op == CEL_OP_NE)
		return cel_bool(cel_equal(r, a, b) == (op == CEL_OP_EQ));
	o = cel_order(a, b);
	if (o == 3)
		return cel_no_overload(r, "comparison");
	if (o == 2)
		return cel_bool(false);
	return cel_bool(op == CEL_OP_LT ? o < 0 : op == CEL_OP_LE ? o <= 0 : op == CEL_OP_GT ? o > 0 : o >= 0);
}

/* ---- arithmetic ---- */

static struct cel_value of_ints(struct cel_run *r, enum cel_op op, int64_t a, int64_t b)
{
	int64_t to = 0;
	bool over = false;

	if ((op == CEL_OP_DIV || op == CEL_OP_MOD) && b == 0)
		return cel_error(r, op == CEL_OP_DIV ? "division by zero" : "modulus by zero");
	if (op == CEL_OP_ADD)
		over = __builtin_add_overflow(a, b, &to);
	else if (op == CEL_OP_SUB)
		over = __builtin_sub_overflow(a, b, &to);
	else if (op == CEL_OP_MUL)
		over = __builtin_mul_overflow(a, b, &to);
	else if (a == INT64_MIN && b == -1)
		over = true;
	else
		to = op == CEL_OP_DIV ? a / b : a % b;
	return over ? cel_error(r, "integer overflow") : cel_int(to);
}

static struct cel_value of_uints(struct cel_run *r, enum cel_op op, uint64_t a, uint64_t b)
{
	struct cel_value to = {.kind = CEL_UINT};
	bool over = false;

	if ((op == CEL_OP_DIV || op == CEL_OP_MOD) && b == 0)
		return cel_error(r, op == CEL_OP_DIV ? "division by zero" : "modulus by zero");
	if (op == CEL_OP_ADD)
		over = __builtin_add_overflow(a, b, &to.u);
	else if (op == CEL_OP_SUB)
		over = __builtin_sub_overflow(a, b, &to.u);
	else if (op == CEL_OP_MUL)
		over = __builtin_mul_overflow(a, b, &to.u);
	else
		to.u = op == CEL_OP_DIV ? a / b : a % b;
	return over ? cel_error(r, "unsigned integer overflow") : to;
}

static struct cel_value of_doubles(struct cel_run *r, enum cel_op op, double a, double b)
{
	switch (op) {
	case CEL_OP_ADD:
		return cel_double(a + b);
	case CEL_OP_SUB:
		return cel_double(a - b);
	case CEL_OP_MUL:
		return cel_double(a * b);
	case CEL_OP_DIV:
		return cel_double(a / b);
	default:
		return cel_no_overload(r, "%");
	}
}

static struct cel_value joined(struct cel_run *r, struct cel_value a, struct cel_value b)
{
	char *text;

	if (!cel_spend(r, (a.s.len + b.s.len) / 16))
		return cel_error(r, "too many steps");
	text = arena_alloc(r->a, a.s.len + b.s.len + 1);
	if (a.s.len)
		memcpy(text, a.s.ptr, a.s.len);
	if (b.s.len)
		memcpy(text + a.s.len, b.s.ptr, b.s.len);
	return (struct cel_value){.kind = a.kind, .s = slice_make(text, a.s.len + b.s.len)};
}

static struct cel_value concatenated(struct cel_run *r, struct cel_value a, struct cel_value b)
{
	struct cel_value *v;

	if (!cel_spend(r, a.list.n + b.list.n))
		return cel_error(r, "too many steps");
	v = ARENA_NEW_N(r->a, struct cel_value, a.list.n + b.list.n + 1);
	if (a.list.n)
		memcpy(v, a.list.v, a.list.n * sizeof(*v));
	if (b.list.n)
		memcpy(v + a.list.n, b.list.v, b.list.n * sizeof(*v));
	return cel_list(v, a.list.n + b.list.n);
}

/* Durations and times: the sum of a time and a duration is a time, the difference of two times a duration. */
static struct cel_value of_times(struct cel_run *r, enum cel_op op, struct cel_value a, struct cel_value b)
{
	const bool times = a.kind == CEL_TIMESTAMP && b.kind == CEL_TIMESTAMP;
	struct cel_value to = {.kind = a.kind == b.kind ? CEL_DURATION : CEL_TIMESTAMP};
	bool over;

	if ((op != CEL_OP_ADD && op != CEL_OP_SUB) || (times && op == CEL_OP_ADD) ||
	    (op == CEL_OP_SUB && a.kind == CEL_DURATION && b.kind == CEL_TIMESTAMP))
		return cel_no_overload(r, "arithmetic of times");
	over = op == CEL_OP_ADD ? __builtin_add_overflow(a.i, b.i, &to.i) : __builtin_sub_overflow(a.i, b.i, &to.i);
	return over ? cel_error(r, "duration overflow") : to;
}

static bool is_time(struct cel_value v)
{
	return v.kind == CEL_DURATION || v.kind == CEL_TIMESTAMP;
}

static struct cel_value arithmetic(struct cel_run *r, enum cel_op op, struct cel_value a, struct cel_value b)
{
	if (is_time(a) && is_time(b))
		return of_times(r, op, a, b);
	if (a.kind != b.kind)
		return cel_no_overload(r, "arithmetic of different types");
	if (a.kind == CEL_INT)
		return of_ints(r, op, a.i, b.i);
	if (a.kind == CEL_UINT)
		return of_uints(r, op, a.u, b.u);
	if (a.kind == CEL_DOUBLE)
		return of_doubles(r, op, a.d, b.d);
	if (op == CEL_OP_ADD && (a.kind == CEL_STRING || a.kind == CEL_BYTES))
		return joined(r, a, b);
	if (op == CEL_OP_ADD && a.kind == CEL_LIST)
		return concatenated(r, a, b);
	return cel_no_overload(r, "arithmetic");
}

static struct cel_value binary(struct cel_run *r, const struct cel_node *n)
{
	const struct cel_value a = cel_eval(r, n->a), b = cel_is_error(a) ? a : cel_eval(r, n->b);

	if (cel_is_error(b))
		return b;
	if (n->op == CEL_OP_IN)
		return contains(r, a, b);
	return n->op < CEL_OP_ADD ? compare(r, n->op, a, b) : arithmetic(r, n->op, a, b);
}

/* ---- lists, maps, calls ---- */

static struct cel_value make_list(struct cel_run *r, const struct cel_node *n)
{
	struct cel_value *v = ARENA_NEW_N(r->a, struct cel_value, n->n_args + 1);

	for (size_t i = 0; i < n->n_args; i++) {
		v[i] = cel_eval(r, n->args[i]);
		if (cel_is_error(v[i]))
			return v[i];
	}
	return cel_list(v, n->n_args);
}

static struct cel_value make_map(struct cel_run *r, const struct cel_node *n)
{
	size_t half = n->n_args / 2;
	struct cel_map *m = ARENA_NEW(r->a, struct cel_map);
	struct cel_value *keys = ARENA_NEW_N(r->a, struct cel_value, half + 1);
	struct cel_value *values = ARENA_NEW_N(r->a, struct cel_value, half + 1);

	for (size_t i = 0; i < half; i++) {
		keys[i] = cel_eval(r, n->args[2 * i]);
		values[i] = cel_eval(r, n->args[2 * i + 1]);
		if (cel_is_error(keys[i]) || cel_is_error(values[i]))
			return cel_is_error(keys[i]) ? keys[i] : values[i];
		for (size_t k = 0; k < i; k++)
			if (cel_equal(r, keys[k], keys[i]))
				return cel_error(r, "a key of a map is there twice");
	}
	*m = (struct cel_map){.keys = keys, .values = values, .n = half};
	return (struct cel_value){.kind = CEL_MAP, .map = m};
}

static struct cel_value call(struct cel_run *r, const struct cel_node *n)
{
	struct cel_value args[CEL_ARGS_MAX];

	for (size_t i = 0; i < n->n_args; i++) {
		args[i] = cel_eval(r, n->args[i]);
		if (cel_is_error(args[i]))
			return args[i];
	}
	return n->fn->fn(r, args, n->n_args);
}

/* ---- macros ---- */

struct walk {
	struct cel_value error; /* CEL_NULL: none */
	struct cel_value *made;
	size_t n_made, n_true;
	bool decided;
};

/* One element; false ends the walk. */
static bool visit(struct cel_run *r, const struct cel_node *n, struct cel_value element, struct walk *w)
{
	const struct cel_value test = n->b ? cel_eval(r, n->b) : cel_bool(true);

	if (test.kind != CEL_BOOL) {
		w->error = cel_is_error(test) ? test : cel_no_overload(r, "the condition of a macro");
		return n->op == CEL_OP_ALL || n->op == CEL_OP_EXISTS; /* another element may decide */
	}
	w->n_true += test.b;
	if ((n->op == CEL_OP_ALL && !test.b) || (n->op == CEL_OP_EXISTS && test.b)) {
		w->decided = true;
		return false;
	}
	if (!test.b || (n->op != CEL_OP_FILTER && n->op != CEL_OP_MAPPED))
		return true;
	const struct cel_value made = n->op == CEL_OP_FILTER ? element : cel_eval(r, n->c);

	if (cel_is_error(made))
		w->error = made;
	w->made[w->n_made++] = made;
	return !cel_is_error(made);
}

static struct cel_value verdict(const struct cel_node *n, const struct walk *w)
{
	if (w->decided)
		return cel_bool(n->op == CEL_OP_EXISTS);
	if (w->error.kind != CEL_NULL)
		return w->error;
	if (n->op == CEL_OP_FILTER || n->op == CEL_OP_MAPPED)
		return cel_list(w->made, w->n_made);
	if (n->op == CEL_OP_EXISTS_ONE)
		return cel_bool(w->n_true == 1);
	return cel_bool(n->op == CEL_OP_ALL);
}

static struct cel_value comprehension(struct cel_run *r, const struct cel_node *n)
{
	struct cel_value range = cel_eval(r, n->a);
	struct cel_scope scope = {.name = n->name, .outer = r->scope};
	struct walk w = {.error = {.kind = CEL_NULL}};

	if (range.kind == CEL_MAP)
		range = cel_map_keys(r, range.map);
	if (range.kind != CEL_LIST)
		return cel_is_error(range) ? range : cel_no_overload(r, "a macro of what is no list and no map");
	w.made = ARENA_NEW_N(r->a, struct cel_value, range.list.n + 1);
	r->scope = &scope; /* cppcheck-suppress autoVariables */
	for (size_t i = 0; i < range.list.n; i++) {
		scope.value = range.list.v[i];
		if (!visit(r, n, scope.value, &w))
			break;
	}
	r->scope = scope.outer;
	return verdict(n, &w);
}

/* ---- the node ---- */

static struct cel_value variable(struct cel_run *r, const char *name)
{
	for (const struct cel_scope *s = r->scope; s; s = s->outer)
		if (strcmp(s->name, name) == 0)
			return s->value;
	return cel_error(r, "no such attribute: %s", name);
}

struct cel_value cel_eval(struct cel_run *r, const struct cel_node *n)
{
	if (!cel_spend(r, 1))
		return cel_error(r, "too many steps");
	switch (n->op) {
	case CEL_OP_LITERAL:
		return n->value;
	case CEL_OP_VARIABLE:
		return variable(r, n->name);
	case CEL_OP_SELECT:
	case CEL_OP_HAS:
		return select_member(r, n);
	case CEL_OP_INDEX:
		return index_member(r, n);
	case CEL_OP_CALL:
		return call(r, n);
	case CEL_OP_LIST:
		return make_list(r, n);
	case CEL_OP_MAP:
		return make_map(r, n);
	case CEL_OP_CONDITIONAL:
		return conditional(r, n);
	case CEL_OP_OR:
	case CEL_OP_AND:
		return logic(r, n, n->op == CEL_OP_OR);
	case CEL_OP_NOT:
	case CEL_OP_NEGATE:
		return negate(r, n);
	case CEL_OP_ALL:
	case CEL_OP_EXISTS:
	case CEL_OP_EXISTS_ONE:
	case CEL_OP_FILTER:
	case CEL_OP_MAPPED:
		return comprehension(r, n);
	default:
		return binary(r, n);
	}
}

static struct cel_value run(const struct cel_program *p, const struct cel_input *in, struct arena *scratch,
			    int64_t *ret_left)
{
	const int64_t most = in->budget && *in->budget < CEL_STEPS_MAX ? *in->budget : CEL_STEPS_MAX;
	struct cel_run r = {.a = scratch, .steps_left = most, .ops = in->ops};
	struct cel_scope variables[CEL_NAMES_MAX];
	struct cel_value v;

	for (size_t i = 0; i < p->variables.n; i++) {
		if (!in->values[i] || !cel_uses(p, i))
			continue;
		variables[i].name = p->variables.v[i];
		variables[i].value = cel_of_json(&r, in->values[i], in->schema);
		variables[i].outer = r.scope;
		r.scope = &variables[i];
	}
	v = cel_eval(&r, p->root);
	*ret_left = r.steps_left;
	if (in->budget)
		*in->budget -= most - MAX(r.steps_left, 0);
	return v;
}

static int failure(struct cel_value v, int64_t left, const char *want, struct err *e)
{
	if (left < 0)
		return err_set(e, -E2BIG, "it takes more than %d steps", CEL_STEPS_MAX);
	if (cel_is_error(v))
		return err_set(e, -EINVAL, "%.*s", SLICE_ARG(v.s));
	return err_set(e, -EINVAL, "it gives a %s, not a %s", cel_kind_str(v.kind), want);
}

int cel_test(const struct cel_program *p, const struct cel_input *in, struct arena *scratch, struct err *e)
{
	int64_t left;
	const struct cel_value v = run(p, in, scratch, &left);

	return left < 0 || v.kind != CEL_BOOL ? failure(v, left, "bool", e) : v.b;
}

const char *cel_text(const struct cel_program *p, const struct cel_input *in, struct arena *scratch, struct err *e)
{
	int64_t left;
	const struct cel_value v = run(p, in, scratch, &left);

	if (left >= 0 && v.kind == CEL_STRING)
		return arena_slicedup(scratch, v.s);
	failure(v, left, "string", e);
	return NULL;
}
