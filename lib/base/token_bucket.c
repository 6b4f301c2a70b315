/*
 * The generic cell rate algorithm: taking a token moves the time of being full by one token's time, and there is none
 * when that is farther away than a whole bucket's time. (ITU-T I.371, annex A, in its virtual scheduling form.)
 */
#include "base/token_bucket.h"

#include <assert.h>

/* A whole bucket takes no longer than this to fill, so that no sum of times overflows. */
#define WHOLE_MAX_NS (INT64_MAX / 8)

void token_bucket_init(struct token_bucket *b, uint32_t max, uint32_t fill, int64_t interval_ns)
{
	assert(max && fill && interval_ns > 0);
	b->max = max;
	b->per_token_ns = interval_ns / fill;
	if (b->per_token_ns < 1)
		b->per_token_ns = 1;
	if (b->per_token_ns > WHOLE_MAX_NS / max)
		b->per_token_ns = WHOLE_MAX_NS / max;
	atomic_init(&b->full_ns, 0);
}

bool token_bucket_take(struct token_bucket *b, int64_t now_ns)
{
	const int64_t whole = (int64_t)b->max * b->per_token_ns;
	int64_t full = atomic_load_explicit(&b->full_ns, memory_order_relaxed), next;

	do {
		next = (full > now_ns ? full : now_ns) + b->per_token_ns;
		if (next - now_ns > whole)
			return false;
	} while (!atomic_compare_exchange_weak_explicit(&b->full_ns, &full, next, memory_order_relaxed,
							memory_order_relaxed));
	return true;
}

int64_t token_bucket_full_in_ns(const struct token_bucket *b, int64_t now_ns)
{
	const int64_t full = atomic_load_explicit(&b->full_ns, memory_order_relaxed);

	return full > now_ns ? full - now_ns : 0;
}

uint32_t token_bucket_left(const struct token_bucket *b, int64_t now_ns)
{
	const int64_t missing = token_bucket_full_in_ns(b, now_ns), whole = (int64_t)b->max * b->per_token_ns;

	return missing >= whole ? 0 : (uint32_t)((whole - missing) / b->per_token_ns);
}
