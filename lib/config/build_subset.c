/* Subsets of a cluster's endpoints by their labels, and what routes ask of them (metadata envoy.lb). */
#include <stdio.h>
#include <stdlib.h>

#include "config/build_internal.h"

#define SUBSET(T) Envoy__Config__Cluster__V3__Cluster__LbSubsetConfig__##T

#define LABELS "envoy.lb"

/* ---- labels ---- */

/* As text that tells kinds apart: "1" is not 1. False for what is no label: null, a list, a struct. */
static bool value_text(struct build_ctx *x, const Google__Protobuf__Value *v, struct slice *ret)
{
	char number[40];

	switch (v->kind_case) {
	case GOOGLE__PROTOBUF__VALUE__KIND_STRING_VALUE:
		*ret = slice_str(arena_printf(x->out, "s%s", v->string_value));
		return true;
	case GOOGLE__PROTOBUF__VALUE__KIND_NUMBER_VALUE:
		snprintf(number, sizeof(number), "n%.17g", v->number_value);
		*ret = slice_str(arena_strdup(x->out, number));
		return true;
	case GOOGLE__PROTOBUF__VALUE__KIND_BOOL_VALUE:
		*ret = v->bool_value ? SLICE("btrue") : SLICE("bfalse");
		return true;
	default:
		return false;
	}
}

static int by_key(const void *a, const void *b)
{
	return slice_cmp(((const struct route_label *)a)->key, ((const struct route_label *)b)->key);
}

/* A list is one label for each of its values. */
static size_t count(const Google__Protobuf__Struct *m)
{
	size_t n = 0;

	for (size_t i = 0; m && i < m->n_fields; i++) {
		const Google__Protobuf__Value *v = m->fields[i]->value;

		n += v && v->kind_case == GOOGLE__PROTOBUF__VALUE__KIND_LIST_VALUE ? v->list_value->n_values : 1;
	}
	return n;
}

static void add(struct build_ctx *x, const char *key, const Google__Protobuf__Value *v, struct route_labels *ret)
{
	struct slice text;

	if (v && value_text(x, v, &text))
		ret->v[ret->n++] = (struct route_label){build_slice(x, key), text};
}

static void labels_of(struct build_ctx *x, const Google__Protobuf__Struct *m, bool lists, struct route_labels *ret)
{
	*ret = (struct route_labels){ARENA_NEW_N(x->out, struct route_label, count(m)), 0};
	for (size_t i = 0; m && i < m->n_fields; i++) {
		const Google__Protobuf__Value *v = m->fields[i]->value;

		if (!v || v->kind_case != GOOGLE__PROTOBUF__VALUE__KIND_LIST_VALUE)
			add(x, m->fields[i]->key, v, ret);
		else
			for (size_t k = 0; lists && k < v->list_value->n_values; k++)
				add(x, m->fields[i]->key, v->list_value->values[k], ret);
	}
	if (ret->n)
		qsort(ret->v, ret->n, sizeof(*ret->v), by_key);
}

void build_labels(struct build_ctx *x, const CORE(Metadata) * m, bool lists, struct route_labels *ret)
{
	labels_of(x, build_metadata(m, LABELS), lists, ret);
}

/* ---- the cluster ---- */

static int slice_order(const void *a, const void *b)
{
	return slice_cmp(*(const struct slice *)a, *(const struct slice *)b);
}

static struct slice *keys_of(struct build_ctx *x, char **v, size_t n)
{
	struct slice *ret = ARENA_NEW_N(x->out, struct slice, n);

	for (size_t i = 0; i < n; i++)
		ret[i] = build_slice(x, v[i]);
	if (n)
		qsort(ret, n, sizeof(*ret), slice_order);
	return ret;
}

static bool is_part(const struct config_selector *s)
{
	size_t found = 0;

	for (size_t i = 0; i < s->n_fallback_keys; i++)
		for (size_t k = 0; k < s->n_keys; k++)
			found += slice_eq(s->fallback_keys[i], s->keys[k]);
	return s->n_fallback_keys && found == s->n_fallback_keys && found < s->n_keys;
}

static int selector(struct build_ctx *x, const SUBSET(LbSubsetSelector) * m, struct config_selector *ret, struct err *e)
{
	static const enum config_fallback to[] = {CONFIG_FALLBACK_CLUSTER, CONFIG_FALLBACK_NONE, CONFIG_FALLBACK_ANY,
						  CONFIG_FALLBACK_DEFAULT, CONFIG_FALLBACK_KEYS};

	if (!m->n_keys || m->n_keys > CONFIG_SUBSET_KEYS_MAX)
		return err_set(e, -EINVAL, "keys: there must be 1 to %d", CONFIG_SUBSET_KEYS_MAX);
	if ((size_t)m->fallback_policy >= ARRAY_LEN(to))
		return err_set(e, -EINVAL, "fallback_policy: unknown value");
	ret->keys = keys_of(x, m->keys, m->n_keys);
	ret->n_keys = m->n_keys;
	ret->fallback = to[m->fallback_policy];
	ret->fallback_keys = keys_of(x, m->fallback_keys_subset, m->n_fallback_keys_subset);
	ret->n_fallback_keys = m->n_fallback_keys_subset;
	if (ret->fallback == CONFIG_FALLBACK_KEYS && !is_part(ret))
		return err_set(e, -EINVAL, "fallback_keys_subset must be some of keys, and not all");
	return 0;
}

int build_subsets(struct build_ctx *x, const CLUSTER(Cluster__LbSubsetConfig) * m, const struct config_subsets **ret,
		  struct err *e)
{
	static const enum config_fallback to[] = {CONFIG_FALLBACK_NONE, CONFIG_FALLBACK_ANY, CONFIG_FALLBACK_DEFAULT};
	struct config_subsets *s;

	if (!m || !m->n_subset_selectors)
		return 0;
	if ((size_t)m->fallback_policy >= ARRAY_LEN(to))
		return err_set(e, -EINVAL, "lb_subset_config: fallback_policy: unknown value");
	s = ARENA_NEW(x->out, struct config_subsets);
	s->fallback = to[m->fallback_policy];
	s->lists = m->list_as_any;
	labels_of(x, m->default_subset, false, &s->default_labels);
	s->selectors = ARENA_NEW_N(x->out, struct config_selector, m->n_subset_selectors);
	for (size_t i = 0; i < m->n_subset_selectors; i++) {
		int r = selector(x, m->subset_selectors[i], &s->selectors[s->n_selectors++], e);

		if (r < 0)
			return err_wrap(e, r, "lb_subset_config: subset_selectors[%zu]", i);
	}
	*ret = s;
	return 0;
}
