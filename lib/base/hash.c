/* XXH3 from the library; SipHash-1-3 (Aumasson, Bernstein: "SipHash: a fast short-input PRF") here, since it is short.
 */
#include "base/hash.h"

#include <pthread.h>
#include <xxhash.h>

#include "base/rand.h"

uint64_t hash_bytes(struct slice s)
{
	return XXH3_64bits(s.ptr, s.len);
}

uint64_t hash_more(uint64_t seed, struct slice s)
{
	return XXH3_64bits_withSeed(s.ptr, s.len, seed);
}

static uint64_t key[2];

static void make_key(void)
{
	rand_bytes(key, sizeof(key));
}

static uint64_t rotl(uint64_t x, int n)
{
	return x << n | x >> (64 - n);
}

static void sip_round(uint64_t v[4])
{
	v[0] += v[1];
	v[1] = rotl(v[1], 13) ^ v[0];
	v[0] = rotl(v[0], 32);
	v[2] += v[3];
	v[3] = rotl(v[3], 16) ^ v[2];
	v[0] += v[3];
	v[3] = rotl(v[3], 21) ^ v[0];
	v[2] += v[1];
	v[1] = rotl(v[1], 17) ^ v[2];
	v[2] = rotl(v[2], 32);
}

uint64_t hash_keyed(struct slice s)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	uint64_t v[4], word;
	size_t i;

	pthread_once(&once, make_key);
	v[0] = key[0] ^ 0x736f6d6570736575ULL;
	v[1] = key[1] ^ 0x646f72616e646f6dULL;
	v[2] = key[0] ^ 0x6c7967656e657261ULL;
	v[3] = key[1] ^ 0x7465646279746573ULL;
	for (i = 0; i + 8 <= s.len; i += 8) {
		memcpy(&word, s.ptr + i, 8);
		v[3] ^= word;
		sip_round(v);
		v[0] ^= word;
	}
	word = (uint64_t)s.len << 56;
	for (size_t shift = 0; i < s.len; i++, shift += 8)
		word |= (uint64_t)(unsigned char)s.ptr[i] << shift;
	v[3] ^= word;
	sip_round(v);
	v[0] ^= word;
	v[2] ^= 0xff;
	for (i = 0; i < 3; i++)
		sip_round(v);
	return v[0] ^ v[1] ^ v[2] ^ v[3];
}
