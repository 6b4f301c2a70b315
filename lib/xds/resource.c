/* Resources and sets: content-addressed, counted atomically, shared by all who hold them. */
#include "xds/resource.h"

#include <assert.h>
#include <stdio.h>

#include "base/hash.h"
#include "base/mem.h"

static const struct {
	const char *url, *name;
	bool wildcard;
} types[XDS_TYPE_COUNT] = {
	[XDS_CLUSTER] = {"type.googleapis.com/envoy.config.cluster.v3.Cluster", "CDS", true},
	[XDS_ENDPOINT] = {"type.googleapis.com/envoy.config.endpoint.v3.ClusterLoadAssignment", "EDS", false},
	[XDS_LISTENER] = {"type.googleapis.com/envoy.config.listener.v3.Listener", "LDS", true},
	[XDS_ROUTE] = {"type.googleapis.com/envoy.config.route.v3.RouteConfiguration", "RDS", false},
	[XDS_SECRET] = {"type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.Secret", "SDS", false},
	[XDS_EXTENSION] = {"type.googleapis.com/envoy.config.core.v3.TypedExtensionConfig", "ECDS", false},
	[XDS_NAME_TABLE] = {"type.googleapis.com/istio.networking.nds.v1.NameTable", "NDS", true},
	[XDS_POD_BLOCK] = {"type.googleapis.com/weft.mesh.v1.PodBlock", "PODS", true},
};

const char *xds_type_url(enum xds_type type)
{
	return types[type].url;
}

enum xds_type xds_type_from_url(const char *url)
{
	for (int i = 0; i < XDS_TYPE_COUNT; i++)
		if (strcmp(types[i].url, url) == 0)
			return (enum xds_type)i;
	return XDS_TYPE_NONE;
}

const char *xds_type_short(enum xds_type type)
{
	return types[type].name;
}

bool xds_type_wildcard(enum xds_type type)
{
	assert((unsigned)type < XDS_TYPE_COUNT);
	return types[type].wildcard;
}

static uint64_t content_hash(enum xds_type type, struct slice name, struct slice bytes)
{
	uint64_t h = hash_more((uint64_t)type + 1, name);

	return hash_more(h, bytes);
}

static struct slice copy_to(char *at, struct slice s)
{
	if (s.len)
		memcpy(at, s.ptr, s.len);
	at[s.len] = 0;
	return slice_make(at, s.len);
}

struct xds_resource *xds_resource_new(enum xds_type type, struct slice name, struct slice bytes)
{
	struct xds_resource *r = mem_alloc(sizeof(*r) + name.len + 1 + bytes.len + 1);
	char *at = (char *)(r + 1);

	r->refs = 1;
	r->type = type;
	r->hash = content_hash(type, name, bytes);
	snprintf(r->version, sizeof(r->version), "%016llx", (unsigned long long)r->hash);
	r->name = copy_to(at, name);
	r->bytes = copy_to(at + name.len + 1, bytes);
	return r;
}

struct xds_resource *xds_resource_ref(struct xds_resource *r)
{
	assert(!r || __atomic_load_n(&r->refs, __ATOMIC_RELAXED) > 0);
	if (r)
		__atomic_add_fetch(&r->refs, 1, __ATOMIC_RELAXED);
	return r;
}

/* The key in the pool is the content's hash as stored in the resource. */
static struct slice pool_key(const struct xds_resource *r)
{
	return slice_make(&r->hash, sizeof(r->hash));
}

void xds_resource_unref(struct xds_resource *r)
{
	if (!r || __atomic_sub_fetch(&r->refs, 1, __ATOMIC_ACQ_REL) > 0)
		return;
	if (r->pool) {
		if (map_get(&r->pool->by_content, pool_key(r)) == r)
			map_remove(&r->pool->by_content, pool_key(r));
		assert(r->pool->bytes >= r->bytes.len);
		r->pool->bytes -= r->bytes.len;
	}
	free(r->refused);
	free(r);
}

void xds_pool_done(struct xds_pool *p)
{
	struct map_entry *entry;

	for (size_t i = 0; (entry = map_next(&p->by_content, &i));)
		((struct xds_resource *)entry->value)->pool = NULL;
	for (size_t i = 0; (entry = map_next(&p->sets, &i));)
		((struct xds_set *)entry->value)->pool = NULL;
	map_done(&p->by_content);
	map_done(&p->sets);
	p->bytes = 0;
}

struct xds_resource *xds_pool_get(struct xds_pool *p, enum xds_type type, struct slice name, struct slice bytes)
{
	uint64_t hash = content_hash(type, name, bytes);
	struct xds_resource *r = map_get(&p->by_content, slice_make(&hash, sizeof(hash)));

	if (r && r->type == type && slice_eq(r->name, name) && slice_eq(r->bytes, bytes))
		return xds_resource_ref(r);
	if (r) /* two contents with one hash: the newcomer stays out of the pool */
		return xds_resource_new(type, name, bytes);
	r = xds_resource_new(type, name, bytes);
	r->pool = p;
	p->bytes += bytes.len;
	map_set(&p->by_content, pool_key(r), r);
	return r;
}

/* --- sets --- */

struct slot {
	struct xds_resource *r;
	size_t order; /* of two with one name the later wins */
};

static int by_name(const void *a, const void *b)
{
	const struct slot *x = a, *y = b;
	int c = slice_cmp(x->r->name, y->r->name);

	if (c)
		return c;
	return x->order < y->order ? -1 : x->order > y->order;
}

static struct xds_set *set_alloc(size_t n)
{
	struct xds_set *s = mem_alloc(sizeof(*s) + n * sizeof(s->v[0]));

	s->refs = 1;
	return s;
}

static struct slice set_key(const struct xds_set *s)
{
	return slice_make(&s->hash, sizeof(s->hash));
}

static void set_seal(struct xds_set *s)
{
	s->hash = 1469598103934665603u;
	for (size_t i = 0; i < s->n; i++)
		s->hash = hash_more(s->hash, pool_key(s->v[i]));
	snprintf(s->version, sizeof(s->version), "%016llx", (unsigned long long)s->hash);
}

struct xds_set *xds_set_new(struct xds_resource **v, size_t n)
{
	CLEANUP(freep) struct slot *slots = mem_calloc(n ? n : 1, sizeof(*slots));
	struct xds_set *s = set_alloc(n);

	for (size_t i = 0; i < n; i++)
		slots[i] = (struct slot){v[i], i};
	qsort(slots, n, sizeof(*slots), by_name);
	for (size_t i = 0; i < n; i++) {
		if (i + 1 < n && slice_eq(slots[i].r->name, slots[i + 1].r->name))
			xds_resource_unref(slots[i].r);
		else
			s->v[s->n++] = slots[i].r;
	}
	assert(s->n <= n);
	set_seal(s);
	return s;
}

struct xds_set *xds_set_ref(struct xds_set *s)
{
	assert(!s || __atomic_load_n(&s->refs, __ATOMIC_RELAXED) > 0);
	if (s)
		__atomic_add_fetch(&s->refs, 1, __ATOMIC_RELAXED);
	return s;
}

void xds_set_unref(struct xds_set *s)
{
	if (!s || __atomic_sub_fetch(&s->refs, 1, __ATOMIC_ACQ_REL) > 0)
		return;
	if (s->pool)
		map_remove(&s->pool->sets, set_key(s));
	for (size_t i = 0; i < s->n; i++)
		xds_resource_unref(s->v[i]);
	free(s);
}

static bool same_members(const struct xds_set *a, const struct xds_set *b)
{
	return a->n == b->n && (!a->n || memcmp(a->v, b->v, a->n * sizeof(a->v[0])) == 0);
}

struct xds_set *xds_pool_share(struct xds_pool *p, struct xds_set *s)
{
	struct xds_set *known = map_get(&p->sets, set_key(s));

	if (known && same_members(known, s)) {
		xds_set_ref(known);
		xds_set_unref(s);
		return known;
	}
	if (known) /* others with that hash: the newcomer stays out of the pool */
		return s;
	s->pool = p;
	map_set(&p->sets, set_key(s), s);
	return s;
}

struct xds_resource *xds_set_find(const struct xds_set *s, struct slice name)
{
	size_t low = 0, high = s ? s->n : 0;

	while (low < high) {
		size_t mid = low + (high - low) / 2;
		int c = slice_cmp(s->v[mid]->name, name);

		if (c == 0)
			return s->v[mid];
		if (c < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return NULL;
}

bool xds_diff_next(struct xds_diff *x, const struct xds_set *old, const struct xds_set *now,
		   struct xds_resource **ret_was, struct xds_resource **ret_now)
{
	const size_t n_old = old ? old->n : 0;

	while (x->old_at < n_old || x->now_at < now->n) {
		struct xds_resource *a = x->old_at < n_old ? old->v[x->old_at] : NULL;
		struct xds_resource *b = x->now_at < now->n ? now->v[x->now_at] : NULL;
		const int c = a == b ? 0 : !a ? 1 : !b ? -1 : slice_cmp(a->name, b->name);

		x->old_at += c <= 0;
		x->now_at += c >= 0;
		if (c == 0 && (a == b || a->hash == b->hash))
			continue;
		*ret_was = c <= 0 ? a : NULL;
		*ret_now = c >= 0 ? b : NULL;
		return true;
	}
	return false;
}

/* The members of `old`, but for the removed ones, and those of `changed` in their places, into `out`. */
static void merge(const struct xds_set *old, const struct xds_set *changed, const struct map *gone, struct xds_set *out)
{
	size_t i = 0, k = 0;

	while ((old && i < old->n) || k < changed->n) {
		struct xds_resource *a = old && i < old->n ? old->v[i] : NULL;
		struct xds_resource *b = k < changed->n ? changed->v[k] : NULL;
		const int c = !a ? 1 : !b ? -1 : slice_cmp(a->name, b->name);

		i += c <= 0;
		k += c >= 0;
		if (c >= 0)
			out->v[out->n++] = xds_resource_ref(b);
		else if (!gone->n || !map_get(gone, a->name))
			out->v[out->n++] = xds_resource_ref(a);
	}
}

struct xds_set *xds_set_apply(const struct xds_set *old, struct xds_resource *const *changed, size_t n_changed,
			      const struct slice *removed, size_t n_removed)
{
	CLEANUP(freep) struct xds_resource **v = mem_calloc(n_changed + 1, sizeof(*v));
	CLEANUP(xds_set_unrefp) struct xds_set *in_order = NULL;
	struct map gone = {0};
	struct xds_set *s;

	for (size_t i = 0; i < n_removed; i++)
		map_set(&gone, removed[i], (void *)1);
	for (size_t i = 0; i < n_changed; i++)
		v[i] = xds_resource_ref(changed[i]);
	in_order = xds_set_new(v, n_changed);
	s = set_alloc((old ? old->n : 0) + in_order->n);
	merge(old, in_order, &gone, s);
	map_done(&gone);
	set_seal(s);
	return s;
}
