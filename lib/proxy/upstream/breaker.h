/*
 * Circuit breakers: how much of a cluster is in use, over all workers. The counts of a cluster without limits are not
 * touched, so they cost nothing where nobody asked for them. As Envoy's they are eventually exact: two workers may pass
 * the same limit at once.
 */
#ifndef PROXY_BREAKER_H
#define PROXY_BREAKER_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

struct config_breakers;
struct workers;

/* Slots of clusters a process may ever have; beyond, limits are per worker. */
#define BREAKER_SLOTS 65536

enum breaker_kind { BREAKER_CONNECTIONS, BREAKER_PENDING, BREAKER_REQUESTS, BREAKER_RETRIES, BREAKER_KIND_COUNT };

struct breaker {
	atomic_uint used[BREAKER_KIND_COUNT];
};

/* The breaker of a slot, made at first use; never freed before the workers. */
struct breaker *breaker_of(struct workers *ws, uint32_t slot);
/* Frees the breakers of all slots; no worker runs any more. */
void breakers_free(struct workers *ws);

/* Takes one of limit; UINT32_MAX always succeeds and need not be given back. */
bool breaker_take(struct breaker *b, enum breaker_kind kind, uint32_t limit);
/* Takes one even over the limit. */
void breaker_force(struct breaker *b, enum breaker_kind kind, uint32_t limit);
/* Gives back what breaker_take or breaker_force took; any worker. */
void breaker_give(struct breaker *b, enum breaker_kind kind);

/* What requests are taken of: they are counted, too, where only a budget of retries asks how many there are. */
uint32_t breaker_request_limit(const struct config_breakers *c);
/* What retries are taken of: max_retries, or what the budget comes to with the requests that are under way. */
uint32_t breaker_retry_limit(const struct breaker *b, const struct config_breakers *c);

#endif
