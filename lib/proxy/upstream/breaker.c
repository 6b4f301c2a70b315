/* Slots are filled by compare-and-swap, once. */
#include "proxy/upstream/breaker.h"

#include <stdlib.h>

#include "base/cleanup.h"
#include "base/mem.h"
#include "config/config.h"
#include "proxy/core/worker.h"

struct breaker *breaker_of(struct workers *ws, uint32_t slot)
{
	struct breaker *b, *none = NULL;

	if (slot >= BREAKER_SLOTS)
		slot = BREAKER_SLOTS - 1;
	b = atomic_load(&ws->breakers[slot]);
	if (b)
		return b;
	b = NEW(struct breaker);
	if (atomic_compare_exchange_strong(&ws->breakers[slot], &none, b))
		return b;
	free(b);
	return none;
}

void breakers_free(struct workers *ws)
{
	for (uint32_t i = 0; ws->breakers && i < BREAKER_SLOTS; i++)
		free(ws->breakers[i]);
	free(ws->breakers);
}

bool breaker_take(struct breaker *b, enum breaker_kind kind, uint32_t limit)
{
	if (limit == UINT32_MAX)
		return true;
	if (atomic_fetch_add_explicit(&b->used[kind], 1, memory_order_relaxed) < limit)
		return true;
	breaker_give(b, kind);
	return false;
}

void breaker_force(struct breaker *b, enum breaker_kind kind, uint32_t limit)
{
	if (limit != UINT32_MAX)
		atomic_fetch_add_explicit(&b->used[kind], 1, memory_order_relaxed);
}

void breaker_give(struct breaker *b, enum breaker_kind kind)
{
	atomic_fetch_sub_explicit(&b->used[kind], 1, memory_order_relaxed);
}

#define COUNTED_WITHOUT_LIMIT (UINT32_MAX - 1)

uint32_t breaker_request_limit(const struct config_breakers *c)
{
	return c->retry_budget ? MIN(c->max_requests, COUNTED_WITHOUT_LIMIT) : c->max_requests;
}

/* Requests that wait for a connection, or to be tried again, are under way as well. */
uint32_t breaker_retry_limit(const struct breaker *b, const struct config_breakers *c)
{
	const unsigned under_way = atomic_load_explicit(&b->used[BREAKER_REQUESTS], memory_order_relaxed);

	if (!c->retry_budget)
		return c->max_retries;
	return MAX((uint32_t)(c->retry_percent / 100 * under_way), c->retries_min);
}
