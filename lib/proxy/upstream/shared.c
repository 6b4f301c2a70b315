/* A lock for each cluster, taken when something goes wrong or an interval ends, not for each request. */
#include "proxy/upstream/shared.h"

#include <assert.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/vec.h"
#include "proxy/core/worker.h"
#include "proxy/upstream/breaker.h"

struct shared *shared_of(struct workers *ws, uint32_t slot)
{
	struct shared *s, *none = NULL;

	if (slot >= BREAKER_SLOTS)
		slot = BREAKER_SLOTS - 1;
	s = atomic_load(&ws->shared[slot]);
	if (s)
		return s;
	s = NEW(struct shared);
	pthread_mutex_init(&s->lock, NULL);
	if (atomic_compare_exchange_strong(&ws->shared[slot], &none, s))
		return s;
	pthread_mutex_destroy(&s->lock);
	free(s);
	return none;
}

void shared_free_all(struct workers *ws)
{
	for (uint32_t i = 0; ws->shared && i < BREAKER_SLOTS; i++) {
		struct shared *s = atomic_load(&ws->shared[i]);

		if (!s)
			continue;
		assert(s->n_hosts == 0);
		map_done(&s->hosts);
		pthread_mutex_destroy(&s->lock);
		free(s);
	}
	free(ws->shared);
}

static void tell(struct shared *s)
{
	atomic_fetch_add_explicit(&s->epoch, 1, memory_order_release);
}

static struct slice key_of(const uint64_t *key)
{
	return slice_make((const char *)key, sizeof(*key));
}

struct shared_host *shared_host_get(struct shared *s, uint64_t key, bool checked, int64_t now_ns)
{
	struct shared_host *h;

	pthread_mutex_lock(&s->lock);
	h = map_get(&s->hosts, key_of(&key));
	if (!h) {
		h = NEW(struct shared_host);
		h->key = key;
		atomic_init(&h->check, checked ? SHARED_PENDING : SHARED_UNCHECKED);
		atomic_init(&h->since_ns, now_ns);
		map_set(&s->hosts, key_of(&h->key), h);
		s->n_hosts++;
	}
	h->users++;
	pthread_mutex_unlock(&s->lock);
	return h;
}

void shared_host_put(struct shared *s, struct shared_host *h)
{
	if (!h)
		return;
	pthread_mutex_lock(&s->lock);
	assert(h->users > 0 && s->n_hosts > 0);
	if (--h->users == 0) {
		map_remove(&s->hosts, key_of(&h->key));
		s->n_hosts--;
		s->n_ejected -= h->outlier.ejected;
		free(h);
	}
	pthread_mutex_unlock(&s->lock);
}

/* Under the lock: what the outlier's own account says is what everybody sees. */
static void take_over(struct shared *s, struct shared_host *h, unsigned worker)
{
	const bool was = atomic_load_explicit(&h->ejected, memory_order_relaxed);

	if (was == h->outlier.ejected)
		return;
	s->n_ejected += h->outlier.ejected ? 1 : (size_t)-1;
	h->ejector = worker;
	atomic_store_explicit(&h->ejected, h->outlier.ejected, memory_order_relaxed);
	tell(s);
}

void shared_renew(struct shared *s, uint64_t spec)
{
	struct map_entry *entry;

	pthread_mutex_lock(&s->lock);
	for (size_t i = 0; s->spec != spec && (entry = map_next(&s->hosts, &i));) {
		struct shared_host *h = entry->value;

		h->outlier = (struct outlier_host){0};
		take_over(s, h, h->ejector);
	}
	s->spec = spec;
	pthread_mutex_unlock(&s->lock);
}

bool shared_report(struct shared *s, struct shared_host *h, const struct outlier_settings *o,
		   enum outlier_result result, int64_t now_ns, unsigned worker, struct rand *rnd)
{
	bool ejected;

	pthread_mutex_lock(&s->lock);
	ejected = outlier_report(o, &h->outlier, result, s->n_hosts, s->n_ejected, now_ns, rnd);
	take_over(s, h, worker);
	pthread_mutex_unlock(&s->lock);
	return ejected;
}

static size_t by_success_rate(struct shared *s, const struct outlier_settings *o, int64_t now_ns, struct rand *rnd)
{
	struct outlier_host **v = mem_calloc(s->n_hosts + 1, sizeof(struct outlier_host *));
	struct map_entry *entry;
	size_t n = 0, ejected;

	for (size_t i = 0; (entry = map_next(&s->hosts, &i));)
		v[n++] = &((struct shared_host *)entry->value)->outlier;
	ejected = outlier_success_rate(o, v, n, s->n_ejected, now_ns, rnd);
	free(v);
	return ejected;
}

size_t shared_sweep(struct shared *s, const struct outlier_settings *o, int64_t now_ns, unsigned worker,
		    struct rand *rnd)
{
	struct map_entry *entry;
	size_t ejected = 0;

	pthread_mutex_lock(&s->lock);
	/* Each worker has a timer of its own; the first of them does it. */
	if (now_ns - s->swept_ns >= o->interval_ns / 2) {
		s->swept_ns = now_ns;
		for (size_t i = 0; (entry = map_next(&s->hosts, &i));)
			(void)outlier_sweep(o, &((struct shared_host *)entry->value)->outlier, now_ns);
		ejected = by_success_rate(s, o, now_ns, rnd);
		for (size_t i = 0; (entry = map_next(&s->hosts, &i));)
			take_over(s, entry->value, worker);
	}
	pthread_mutex_unlock(&s->lock);
	return ejected;
}

void shared_checked(struct shared *s, struct shared_host *h, enum shared_check to, const struct outlier_settings *o,
		    int64_t now_ns)
{
	const bool other = atomic_load_explicit(&h->check, memory_order_relaxed) != to;

	pthread_mutex_lock(&s->lock);
	if (other && to == SHARED_WELL)
		atomic_store_explicit(&h->since_ns, now_ns, memory_order_relaxed);
	atomic_store_explicit(&h->check, (unsigned char)to, memory_order_relaxed);
	if (to == SHARED_WELL && o->on && !o->keep_when_checked && h->outlier.ejected) {
		h->outlier.ejected = false;
		take_over(s, h, h->ejector);
	}
	pthread_mutex_unlock(&s->lock);
	if (other)
		tell(s);
}
