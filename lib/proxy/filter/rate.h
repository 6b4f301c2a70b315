/* Descriptors of a request: what the rules of its route and virtual host make of it, for either kind of rate limit. */
#ifndef PROXY_FILTER_RATE_H
#define PROXY_FILTER_RATE_H

#include "proxy/stream/filter.h"

/* Descriptors of one request; further rules are not looked at. */
#define RATE_DESCRIPTORS_MAX 32

struct rate_descriptor {
	size_t n;
	struct rate_entry v[RATE_ENTRIES_MAX];
};

struct rate_descriptors {
	size_t n;
	struct rate_descriptor v[RATE_DESCRIPTORS_MAX];
};

/* Whose rules count. */
struct rate_ask {
	const struct rate_limit *own; /* instead of the route's; n_own 0 = none */
	size_t n_own;
	uint8_t stage;
	enum rate_vhost vhost;
};

/* Fills in the descriptors; their text lives as long as the request's head and the exchange. */
void rate_describe(struct filter *f, const struct rate_ask *ask, struct rate_descriptors *ret);

#endif
