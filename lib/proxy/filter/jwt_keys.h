/*
 * Key sets that the proxy fetches itself (remote_jwks): one copy a worker, asked for when a token needs it, kept for as
 * long as the configuration says, and asked for again in the background before that is over. Where none can be had
 * nothing is verified.
 */
#ifndef PROXY_JWT_KEYS_H
#define PROXY_JWT_KEYS_H

#include "base/list.h"
#include "config/config_jwt.h"
#include "proxy/core/worker.h"

/* Where keys may be old while they are fetched anew: no longer than this. */
#define JWT_KEYS_OLD_NS (3600LL * 1000000000)
/* Sources of one worker; when there are more, those that nobody waits for are forgotten. */
#define JWT_KEYS_SOURCES 256

struct jwt_keys;

/* Somebody who waits for keys. Zeroed = does not. */
struct jwt_wait {
	struct list link;
	void (*fn)(struct jwt_wait *w); /* they are there, or cannot be had: ask again */
};

/*
 * The keys, valid until the next turn; NULL when there are none: then *ret_failed says that they cannot be had now, or
 * wait->fn will be called.
 */
const struct jwk_set *jwt_keys_get(struct worker *w, struct worker_config *wc, const struct jwt_remote *from,
				   struct jwt_wait *wait, bool *ret_failed);

/* Idempotent. */
void jwt_wait_cancel(struct jwt_wait *w);

/* NULL is fine; nobody waits any more. */
void jwt_keys_free(struct jwt_keys *k);

#endif
