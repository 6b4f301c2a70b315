/* Kernel entropy and a small seeded generator. */
#include "base/rand.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>

void rand_bytes(void *out, size_t n)
{
	char *p = out;

	while (n) {
		ssize_t got = getrandom(p, n, 0);

		if (got < 0) {
			perror("fatal: getrandom");
			abort();
		}
		p += got;
		n -= (size_t)got;
	}
}

void rand_init(struct rand *r)
{
	rand_bytes(&r->state, sizeof(r->state));
}

uint64_t rand_next(struct rand *r)
{
	uint64_t z = (r->state += 0x9e3779b97f4a7c15ULL);

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
	return z ^ (z >> 31);
}

uint32_t rand_below(struct rand *r, uint32_t n)
{
	/* Lemire's multiplication; the bias is under 2^-32 and does not matter here. */
	return (uint32_t)(((rand_next(r) >> 32) * n) >> 32);
}

void rand_suffix(char *out, size_t n)
{
	static const char alphabet[] = "bcdfghjklmnpqrstvwxz2456789";

	rand_bytes(out, n);
	for (size_t i = 0; i < n; i++)
		out[i] = alphabet[(unsigned char)out[i] % (sizeof(alphabet) - 1)];
	out[n] = 0;
}

void rand_uuid(char *out)
{
	unsigned char b[16];
	char *p = out;

	rand_bytes(b, sizeof(b));
	b[6] = (b[6] & 0x0f) | 0x40;
	b[8] = (b[8] & 0x3f) | 0x80;
	for (int i = 0; i < 16; i++) {
		if (i == 4 || i == 6 || i == 8 || i == 10)
			*p++ = '-';
		p += sprintf(p, "%02x", b[i]);
	}
}
