/* Whether a request brings the tokens that are asked for. It may be asked again when keys that were missing are there.
 */
#ifndef PROXY_JWT_CHECK_H
#define PROXY_JWT_CHECK_H

#include "proxy/filter/jwt_cache.h"
#include "proxy/filter/jwt_keys.h"
#include "proxy/stream/filter.h"

/* Good tokens of one request. */
#define JWT_GOOD_MAX 8

struct jwt_good {
	const struct jwt_provider *provider;
	struct jwt_entry *token; /* a reference */
};

struct jwt_check {
	struct filter *filter;
	const struct filter_jwt *config;
	struct jwt_wait wait; /* linked: keys are on their way */
	struct jwt_good good[JWT_GOOD_MAX];
	size_t n_good;
};

/* What the need says of the request: JWT_OK with the good tokens, or what is wrong. When wait is linked afterwards the
 * result is worth nothing: ask again when it is called. */
enum jwt_status jwt_check(struct jwt_check *c, const struct jwt_need *need);

/* Gives the tokens back and waits no more. */
void jwt_check_done(struct jwt_check *c);

#endif
