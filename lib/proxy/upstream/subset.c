/*
 * A subset is found by the text of its labels, "key=value" in the order of the keys, each behind its length. Hosts with
 * more than one value for a key are in as many subsets.
 */
#include "proxy/upstream/subset.h"

#include <stdlib.h>

#include "base/buf.h"
#include "base/map.h"
#include "base/mem.h"
#include "base/vec.h"

/* Subsets that one host may be in by one selector, where its labels are lists. */
#define SUBSETS_OF_HOST_MAX 64

struct subset {
	char *name;
	struct slice key; /* in name */
	struct balance balance;
	VEC(uint32_t) hosts; /* of the cluster, by the balance's index */
};

struct place {
	struct subset *subset;
	uint32_t index;
};

struct subsets {
	const struct config_subsets *config;
	struct map by_name;
	VEC(struct subset *) all;
	struct subset *fallback; /* with default_labels; NULL = none */
	struct host_places {
		VEC(struct place) v;
	} * places; /* by host */
	size_t n_hosts;
};

/* ---- names ---- */

static void put(struct buf *out, struct slice key, struct slice value)
{
	buf_printf(out, "%zu:%.*s=%zu:%.*s;", key.len, SLICE_ARG(key), value.len, SLICE_ARG(value));
}

static const struct route_label *find(const struct route_labels *l, struct slice key, size_t skip)
{
	for (size_t i = 0; i < l->n; i++)
		if (slice_eq(l->v[i].key, key) && skip-- == 0)
			return &l->v[i];
	return NULL;
}

/* ---- making them ---- */

static struct subset *subset_get(struct subsets *s, struct slice name)
{
	struct subset *sub = map_get(&s->by_name, name);

	if (sub)
		return sub;
	sub = NEW(struct subset);
	sub->name = mem_printf("%.*s", SLICE_ARG(name));
	sub->key = slice_str(sub->name);
	map_set(&s->by_name, sub->key, sub);
	vec_push(&s->all, sub);
	return sub;
}

static void add(struct subset *sub, uint32_t host)
{
	/* Values of a list may be the same. */
	if (!sub->hosts.n || sub->hosts.v[sub->hosts.n - 1] != host)
		vec_push(&sub->hosts, host);
}

/* Each combination of the host's values for the keys from the at-th on. */
static void add_combinations(struct subsets *s, const struct config_selector *sel, size_t at, struct buf *name,
			     const struct route_labels *labels, uint32_t host, unsigned *left)
{
	const size_t len = name->len;
	const struct route_label *l;

	if (at == sel->n_keys) {
		if (*left) {
			add(subset_get(s, buf_slice(name)), host);
			--*left;
		}
		return;
	}
	for (size_t i = 0; *left && (l = find(labels, sel->keys[at], i)); i++) {
		put(name, l->key, l->value);
		add_combinations(s, sel, at + 1, name, labels, host, left);
		name->len = len;
	}
}

static bool has_all(const struct route_labels *has, const struct route_labels *wanted)
{
	for (size_t i = 0; i < wanted->n; i++) {
		const struct route_label *l;
		bool found = false;

		for (size_t k = 0; !found && (l = find(has, wanted->v[i].key, k)); k++)
			found = slice_eq(l->value, wanted->v[i].value);
		if (!found)
			return false;
	}
	return true;
}

static void divide(struct subsets *s, const struct config_endpoints *set)
{
	CLEANUP(buf_done) struct buf name = BUF_INIT;

	for (uint32_t host = 0; host < set->n; host++) {
		const struct route_labels *labels = &set->v[host].labels;

		for (size_t i = 0; i < s->config->n_selectors; i++) {
			unsigned left = SUBSETS_OF_HOST_MAX;

			buf_clear(&name);
			add_combinations(s, &s->config->selectors[i], 0, &name, labels, host, &left);
		}
		if (s->fallback && has_all(labels, &s->config->default_labels))
			add(s->fallback, host);
	}
}

static void balance(struct subsets *s, struct subset *sub, const struct balance_settings *settings,
		    const struct balance_host *hosts)
{
	struct balance_host *own = mem_calloc(sub->hosts.n + 1, sizeof(*own));

	for (uint32_t i = 0; i < sub->hosts.n; i++) {
		own[i] = hosts[sub->hosts.v[i]];
		vec_push(&s->places[sub->hosts.v[i]].v, ((struct place){sub, i}));
	}
	balance_init(&sub->balance, settings, own, sub->hosts.n);
	free(own);
}

static bool wants_default(const struct config_subsets *c)
{
	bool wants = c->fallback == CONFIG_FALLBACK_DEFAULT;

	for (size_t i = 0; i < c->n_selectors; i++)
		wants |= c->selectors[i].fallback == CONFIG_FALLBACK_DEFAULT;
	return wants;
}

struct subsets *subsets_new(const struct config_cluster_spec *spec, const struct balance_settings *settings,
			    const struct config_endpoints *set, const struct balance_host *hosts)
{
	struct subsets *s = NEW(struct subsets);

	s->config = spec->subsets;
	s->n_hosts = set->n;
	s->places = mem_calloc(set->n + 1, sizeof(*s->places));
	if (wants_default(s->config))
		s->fallback = subset_get(s, SLICE("default"));
	divide(s, set);
	for (size_t i = 0; i < s->all.n; i++)
		balance(s, s->all.v[i], settings, hosts);
	return s;
}

void subsets_free(struct subsets *s)
{
	if (!s)
		return;
	for (size_t i = 0; i < s->all.n; i++) {
		struct subset *sub = s->all.v[i];

		balance_done(&sub->balance);
		vec_done(&sub->hosts);
		free(sub->name);
		free(sub);
	}
	for (size_t i = 0; i < s->n_hosts; i++)
		vec_done(&s->places[i].v);
	map_done(&s->by_name);
	vec_done(&s->all);
	free(s->places);
	free(s);
}

void subsets_set_healthy(struct subsets *s, size_t host, bool healthy)
{
	for (size_t i = 0; s && i < s->places[host].v.n; i++)
		balance_set_healthy(&s->places[host].v.v[i].subset->balance, s->places[host].v.v[i].index, healthy);
}

void subsets_set_active(struct subsets *s, size_t host, uint32_t active)
{
	for (size_t i = 0; s && i < s->places[host].v.n; i++)
		s->places[host].v.v[i].subset->balance.hosts[s->places[host].v.v[i].index].active = active;
}

/* ---- choosing ---- */

static const struct config_selector *selector_of(const struct config_subsets *c, const struct route_labels *labels)
{
	for (size_t i = 0; i < c->n_selectors; i++) {
		const struct config_selector *sel = &c->selectors[i];
		size_t k = 0;

		while (k < sel->n_keys && k < labels->n && slice_eq(sel->keys[k], labels->v[k].key))
			k++;
		if (k == sel->n_keys && k == labels->n)
			return sel;
	}
	return NULL;
}

struct avoid {
	const struct subset *subset;
	const struct balance_ask *ask;
};

static bool avoided(const void *ctx, size_t i)
{
	const struct avoid *a = ctx;

	return a->ask->avoid(a->ask->ctx, a->subset->hosts.v[i]);
}

static size_t pick(struct subset *sub, const struct balance_ask *ask, struct rand *rnd)
{
	struct avoid a = {sub, ask};
	struct balance_ask own = *ask;
	size_t i;

	if (!sub || !sub->hosts.n)
		return BALANCE_NONE;
	if (ask->avoid) {
		own.avoid = avoided;
		own.ctx = &a;
	}
	i = balance_pick(&sub->balance, &own, rnd);
	return i == BALANCE_NONE ? i : sub->hosts.v[i];
}

static struct subset *subset_of(struct subsets *s, const struct route_labels *labels)
{
	CLEANUP(buf_done) struct buf name = BUF_INIT;

	for (size_t i = 0; i < labels->n; i++)
		put(&name, labels->v[i].key, labels->v[i].value);
	return map_get(&s->by_name, buf_slice(&name));
}

static size_t fall_back(struct subsets *s, enum config_fallback how, const struct balance_ask *ask, struct rand *rnd)
{
	if (how == CONFIG_FALLBACK_ANY)
		return SUBSETS_ANY;
	return how == CONFIG_FALLBACK_DEFAULT ? pick(s->fallback, ask, rnd) : BALANCE_NONE;
}

/* Only the labels of the selector's fewer keys. */
static size_t pick_by_fewer(struct subsets *s, const struct config_selector *sel, const struct route_labels *labels,
			    const struct balance_ask *ask, struct rand *rnd)
{
	struct route_label v[CONFIG_SUBSET_KEYS_MAX];
	struct route_labels fewer = {v, 0};

	for (size_t i = 0; i < sel->n_fallback_keys; i++) {
		const struct route_label *l = find(labels, sel->fallback_keys[i], 0);

		if (l)
			v[fewer.n++] = *l;
	}
	return subsets_pick(s, &fewer, ask, rnd);
}

size_t subsets_pick(struct subsets *s, const struct route_labels *labels, const struct balance_ask *ask,
		    struct rand *rnd)
{
	const struct config_selector *sel = selector_of(s->config, labels);
	struct subset *sub = sel ? subset_of(s, labels) : NULL;

	if (sub && sub->hosts.n)
		return pick(sub, ask, rnd);
	if (sel && sel->fallback == CONFIG_FALLBACK_KEYS)
		return pick_by_fewer(s, sel, labels, ask, rnd);
	return fall_back(s, sel && sel->fallback != CONFIG_FALLBACK_CLUSTER ? sel->fallback : s->config->fallback, ask,
			 rnd);
}
