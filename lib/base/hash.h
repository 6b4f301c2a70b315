/* Hashes of bytes: a fast one for our own data, a keyed one for what a peer can choose. */
#ifndef BASE_HASH_H
#define BASE_HASH_H

#include "base/slice.h"

/* XXH3, 64 bits: content addressing, consistent hashing. Stable across processes. Not for tables that a peer fills. */
uint64_t hash_bytes(struct slice s);

/* As hash_bytes, starting from another hash: for hashing a sequence. */
uint64_t hash_more(uint64_t seed, struct slice s);

/* SipHash-1-3 under a random key of this process: for tables whose keys a peer chooses. Not stable across processes. */
uint64_t hash_keyed(struct slice s);

#endif
