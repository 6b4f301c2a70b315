/* Randomness: from the kernel where it must not be guessed, from a seeded generator where it must be repeatable. */
#ifndef BASE_RAND_H
#define BASE_RAND_H

#include <stddef.h>
#include <stdint.h>

/* Unpredictable bytes from the kernel; ends the process if there are none. */
void rand_bytes(void *out, size_t n);

/* A fast generator, one per worker or per simulation; not for secrets. */
struct rand {
	uint64_t state;
};

/* Seeded from the kernel. */
void rand_init(struct rand *r);

/* The next 64 bits (SplitMix64, Steele et al. 2014). */
uint64_t rand_next(struct rand *r);

/* Uniform in 0..n-1; n > 0. */
uint32_t rand_below(struct rand *r, uint32_t n);

/* Fills out with n characters of Kubernetes' name alphabet (no vowels, no 0, 1, 3) and a NUL: out holds n + 1. */
void rand_suffix(char *out, size_t n);

/* "xxxxxxxx-xxxx-4xxx-yxxx-xxxxxxxxxxxx" (RFC 4122, version 4) and a NUL: out holds 37. */
void rand_uuid(char *out);

#endif
