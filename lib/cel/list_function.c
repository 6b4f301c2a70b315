/* Functions of lists that Kubernetes adds (k8s.io/apiserver/pkg/cel/library/lists.go); indexOf is of strings, too. */
#include "cel/ast_internal.h"
#include "cel/text_internal.h"

static struct cel_value is_sorted(struct cel_run *r, const struct cel_value *v, size_t n)
{
	(void)n;
	if (v->kind != CEL_LIST)
		return cel_no_overload(r, "isSorted()");
	for (size_t i = 1; i < v->list.n; i++) {
		const int o = cel_order(v->list.v[i - 1], v->list.v[i]);

		if (o == 3)
			return cel_no_overload(r, "isSorted()");
		if (o > 0)
			return cel_bool(false);
	}
	return cel_bool(true);
}

/* wanted: -1 the least, 1 the most. */
static struct cel_value extreme(struct cel_run *r, const struct cel_value *v, int wanted)
{
	struct cel_value best;

	if (v->kind != CEL_LIST)
		return cel_no_overload(r, wanted < 0 ? "min()" : "max()");
	if (!v->list.n)
		return cel_error(r, "%s called on empty list", wanted < 0 ? "min" : "max");
	best = v->list.v[0];
	for (size_t i = 1; i < v->list.n; i++) {
		const int o = cel_order(v->list.v[i], best);

		if (o == 3)
			return cel_no_overload(r, wanted < 0 ? "min()" : "max()");
		if (o == wanted)
			best = v->list.v[i];
	}
	return best;
}

static struct cel_value least(struct cel_run *r, const struct cel_value *v, size_t n)
{
	(void)n;
	return extreme(r, v, -1);
}

static struct cel_value most(struct cel_run *r, const struct cel_value *v, size_t n)
{
	(void)n;
	return extreme(r, v, 1);
}

static struct cel_value sum(struct cel_run *r, const struct cel_value *v, size_t n)
{
	struct cel_value total = cel_int(0);

	(void)n;
	if (v->kind != CEL_LIST)
		return cel_no_overload(r, "sum()");
	for (size_t i = 0; i < v->list.n; i++) {
		const struct cel_value x = v->list.v[i];
		bool over = false;

		if (i == 0)
			total = x;
		else if (x.kind != total.kind)
			return cel_no_overload(r, "sum()");
		else if (x.kind == CEL_INT || x.kind == CEL_DURATION)
			over = __builtin_add_overflow(total.i, x.i, &total.i);
		else if (x.kind == CEL_UINT)
			over = __builtin_add_overflow(total.u, x.u, &total.u);
		else if (x.kind == CEL_DOUBLE)
			total.d += x.d;
		if (over)
			return cel_error(r, "integer overflow");
	}
	if (total.kind != CEL_INT && total.kind != CEL_UINT && total.kind != CEL_DOUBLE && total.kind != CEL_DURATION)
		return cel_no_overload(r, "sum()");
	return total;
}

static struct cel_value index_in(struct cel_run *r, const struct cel_value *v, bool last)
{
	int64_t at = -1;

	if (v[0].kind == CEL_STRING)
		return cel_text_index(r, v, last);
	if (v[0].kind != CEL_LIST)
		return cel_no_overload(r, last ? "lastIndexOf()" : "indexOf()");
	for (size_t i = 0; i < v[0].list.n && (at < 0 || last); i++)
		if (cel_equal(r, v[0].list.v[i], v[1]))
			at = (int64_t)i;
	return cel_int(at);
}

static struct cel_value index_of(struct cel_run *r, const struct cel_value *v, size_t n)
{
	(void)n;
	return index_in(r, v, false);
}

static struct cel_value last_index_of(struct cel_run *r, const struct cel_value *v, size_t n)
{
	(void)n;
	return index_in(r, v, true);
}

const struct cel_function cel_list_functions[] = {
	{"isSorted", true, 1, 1, is_sorted},
	{"min", true, 1, 1, least},
	{"max", true, 1, 1, most},
	{"sum", true, 1, 1, sum},
	{"indexOf", true, 2, 2, index_of},
	{"lastIndexOf", true, 2, 2, last_index_of},
	{0},
};
