/*
 * Tokens whose signatures were found good, with what they say: so that a token costs one verification and not one for
 * each request. One cache a worker, bounded; the least recently used go first. Only what was verified is kept: whoever
 * sends bad tokens displaces nobody's.
 */
#ifndef PROXY_JWT_CACHE_H
#define PROXY_JWT_CACHE_H

#include "base/list.h"
#include "pki/jwk_set.h"
#include "proxy/core/worker.h"

/* Tokens, the bytes of them all, and of one (longer ones are verified each time). */
#define JWT_CACHE_TOKENS 4096
#define JWT_CACHE_BYTES (4 * 1024 * 1024)
#define JWT_CACHE_TOKEN_BYTES 8192

struct jwt_cache;

/* A token that was read. */
struct jwt_entry {
	unsigned refs;
	struct list link;               /* in the cache; unlinked = not kept */
	struct slice text;              /* a copy of the token */
	struct jwt jwt;                 /* points into text */
	uint8_t keys[JWK_SET_ID_BYTES]; /* with which it was verified */
	bool verified;
};

/* The token, from the cache or read now: one reference in *ret, or what is wrong with it. */
enum jwt_status jwt_cache_get(struct worker *w, struct slice token, struct jwt_entry **ret);

/* Checks its signature, unless that was done with the same keys: JWT_OK or why not. What is good is kept. */
enum jwt_status jwt_cache_verify(struct worker *w, struct jwt_entry *e, const struct jwk_set *keys);

/* Gives the reference back. NULL is fine. */
void jwt_entry_put(struct jwt_entry *e);

/* NULL is fine. */
void jwt_cache_free(struct jwt_cache *c);

#endif
