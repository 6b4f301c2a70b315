/*
 * A token bucket that any number of threads share without a lock: it is one number, the time at which it will be full
 * again. Tokens come back one by one, evenly, as time passes; time is given (nanoseconds of any one clock).
 */
#ifndef BASE_TOKEN_BUCKET_H
#define BASE_TOKEN_BUCKET_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

struct token_bucket {
	uint32_t max;         /* tokens of a full one; at least 1 */
	int64_t per_token_ns; /* between one token and the next; at least 1 */
	_Atomic int64_t full_ns;
};

/* A full bucket of max tokens (at least 1), to which fill tokens (at least 1) come in every interval_ns (at least 1).
 */
void token_bucket_init(struct token_bucket *b, uint32_t max, uint32_t fill, int64_t interval_ns);

/* Takes one; false when there is none. Any thread. */
bool token_bucket_take(struct token_bucket *b, int64_t now_ns);

/* How many whole tokens there are. Any thread. */
uint32_t token_bucket_left(const struct token_bucket *b, int64_t now_ns);

/* How long until it is full, in nanoseconds; 0 = it is. Any thread. */
int64_t token_bucket_full_in_ns(const struct token_bucket *b, int64_t now_ns);

#endif
