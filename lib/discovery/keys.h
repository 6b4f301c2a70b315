/*
 * Key sets for tokens, fetched for the proxies: from the jwksUri of RequestAuthentications, or where their issuers say
 * (OpenID Connect Discovery). Fetched when the first rule asks for them, again every KEYS_REFRESH_MS, and sooner after
 * a failure; what was fetched serves until it is too old. There is never a set that nobody fetched.
 */
#ifndef DISCOVERY_KEYS_H
#define DISCOVERY_KEYS_H

#include "discovery/internal.h"

#define KEYS_REFRESH_MS (20 * 60 * 1000)
/* After a failure; doubled each time up to the refresh's. */
#define KEYS_AGAIN_MS 1000
#define KEYS_TIMEOUT_MS 5000
/* Keys that could not be refreshed for this long are not believed any more. */
#define KEYS_OLD_MS (24LL * 3600 * 1000)
/* Addresses that are followed; further ones are told in status and have no keys. */
#define KEYS_ADDRESSES_MAX 1000

struct keys;

struct keys *discovery_keys_new(struct discovery *d);
/* NULL is fine. */
void discovery_keys_free(struct keys *k);

/* Follows the addresses that the snapshot's rules name, and no others. */
void discovery_keys_follow(struct keys *k, const struct snapshot *s);

/* What was fetched so far, for a snapshot; borrowed. A change comes with CHANGE_KEYS. */
struct mesh_keys *discovery_keys_now(const struct keys *k);

#endif
