/* Lists of names, found again by the hash of their content. */
#include "xds/names.h"

#include <assert.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/hash.h"
#include "base/mem.h"

static struct slice pool_key(const uint64_t *hash)
{
	return slice_make(hash, sizeof(*hash));
}

static int by_name(const void *a, const void *b)
{
	return slice_cmp(*(const struct slice *)a, *(const struct slice *)b);
}

/* Sorts them and drops doubles; returns how many are left. */
static size_t put_in_order(struct slice *v, size_t n)
{
	size_t kept = 0;
	bool sorted = true;

	for (size_t i = 1; i < n && sorted; i++)
		sorted = slice_cmp(v[i - 1], v[i]) < 0;
	if (sorted)
		return n;
	qsort(v, n, sizeof(*v), by_name);
	for (size_t i = 0; i < n; i++)
		if (!kept || !slice_eq(v[kept - 1], v[i]))
			v[kept++] = v[i];
	return kept;
}

/* Peers choose the names: what they could make collide is keyed. */
static uint64_t hash_all(const struct slice *v, size_t n)
{
	uint64_t h = n;

	for (size_t i = 0; i < n; i++) {
		const uint64_t pair[2] = {h, hash_keyed(v[i])};

		h = hash_bytes(slice_make(pair, sizeof(pair)));
	}
	return h;
}

static bool equal(const struct xds_names *x, const struct slice *v, size_t n)
{
	if (x->n != n)
		return false;
	for (size_t i = 0; i < n; i++)
		if (!slice_eq(x->v[i], v[i]))
			return false;
	return true;
}

static struct xds_names *names_new(const struct slice *v, size_t n, uint64_t hash)
{
	struct xds_names *x;
	size_t bytes = 0;
	char *at;

	for (size_t i = 0; i < n; i++)
		bytes += v[i].len + 1;
	x = mem_alloc(sizeof(*x) + n * sizeof(x->v[0]) + bytes);
	at = (char *)&x->v[n];
	x->refs = 1;
	x->n = n;
	x->hash = hash;
	for (size_t i = 0; i < n; i++) {
		if (v[i].len)
			memcpy(at, v[i].ptr, v[i].len);
		x->v[i] = slice_make(at, v[i].len);
		at += v[i].len + 1;
	}
	return x;
}

struct xds_names *xds_names_get(struct xds_names_pool *p, const struct slice *names, size_t n)
{
	CLEANUP(freep) struct slice *v = mem_calloc(n ? n : 1, sizeof(*v));
	struct xds_names *x;
	uint64_t hash;

	if (!n)
		return NULL;
	memcpy(v, names, n * sizeof(*v));
	n = put_in_order(v, n);
	hash = hash_all(v, n);
	x = p ? map_get(&p->by_hash, pool_key(&hash)) : NULL;
	if (x && equal(x, v, n))
		return xds_names_ref(x);
	if (x || !p) /* two lists with one hash: the newcomer stays out of the pool */
		return names_new(v, n, hash);
	x = names_new(v, n, hash);
	x->pool = p;
	map_set(&p->by_hash, pool_key(&x->hash), x);
	return x;
}

struct xds_names *xds_names_ref(struct xds_names *x)
{
	assert(!x || x->refs > 0);
	if (x)
		x->refs++;
	return x;
}

void xds_names_unref(struct xds_names *x)
{
	if (!x || --x->refs)
		return;
	if (x->pool)
		map_remove(&x->pool->by_hash, pool_key(&x->hash));
	free(x);
}

void xds_names_pool_done(struct xds_names_pool *p)
{
	struct map_entry *e;

	for (size_t i = 0; (e = map_next(&p->by_hash, &i));)
		((struct xds_names *)e->value)->pool = NULL;
	map_done(&p->by_hash);
}

size_t xds_names_find(const struct xds_names *x, struct slice name)
{
	size_t low = 0, high = x ? x->n : 0;

	while (low < high) {
		const size_t mid = low + (high - low) / 2;
		const int c = slice_cmp(x->v[mid], name);

		if (c == 0)
			return mid;
		if (c < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return SIZE_MAX;
}
