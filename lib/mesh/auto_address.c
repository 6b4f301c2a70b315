/*
 * Addresses for ServiceEntries that have none, so that bytes tell which one is meant: the proxies' DNS says them, and
 * their listeners know them. They are of ranges that lead nowhere (class E; benchmarks, RFC 5180), as in Istio. A
 * host's place is its hash, the next free one where it is taken, the oldest first: the same in every process that knows
 * the same entries. Entries of one host have one address.
 */
#include "base/cleanup.h"
#include "base/hash.h"
#include "base/mem.h"
#include "mesh/host.h"
#include "mesh/snapshot_internal.h"

#define THIRD 256  /* 240.240.x.y */
#define FOURTH 254 /* never .0, nor .255 */
#define PLACES (THIRD * FOURTH)

static const struct service *first_of(const struct service_index *x, const char *host)
{
	return map_get(&x->by_host, slice_str(host));
}

/* Not where the client's choice of an address is all that is known; a Service of that name has its own. */
static bool wants(const struct service_index *x, const struct service *s)
{
	return s->entry && !s->n_vips && s->resolution != RESOLUTION_PASSTHROUGH && !host_is_wildcard(s->host) &&
	       first_of(x, s->host)->entry;
}

static void set(struct arena *a, struct service *s, size_t place)
{
	const size_t third = place / FOURTH, fourth = place % FOURTH + 1;

	s->auto_vips[0] = arena_printf(a, "240.240.%zu.%zu", third, fourth);
	s->auto_vips[1] = third ? arena_printf(a, "2001:2::f0f0:%zx%02zx", third, fourth)
				: arena_printf(a, "2001:2::f0f0:%zx", fourth);
}

/* True when an older one of the host has an address already: it is this one's, too. */
static bool share(const struct service_index *x, struct service *s)
{
	for (const struct service *old = first_of(x, s->host); old != s; old = old->next)
		if (old->auto_vips[0]) {
			memcpy(s->auto_vips, old->auto_vips, sizeof(s->auto_vips));
			return true;
		}
	return false;
}

void build_auto_addresses(struct service_index *x)
{
	CLEANUP(freep) bool *taken = NULL;
	size_t n = 0;

	for (size_t i = 0; i < x->v.n && n < PLACES; i++) {
		struct service *s = &x->v.v[i];
		size_t place = hash_bytes(slice_str(s->host)) % PLACES;

		if (!wants(x, s) || share(x, s))
			continue;
		if (!taken)
			taken = mem_calloc(PLACES, sizeof(*taken));
		while (taken[place])
			place = (place + 1) % PLACES;
		taken[place] = true;
		n++;
		set(&x->head.arena, s, place);
	}
}
