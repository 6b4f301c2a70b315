/*
 * Whether a request without a decision of its own is traced. The decision is made from the request's identifier, so
 * that all proxies with one share of sampling decide alike, and it is marked in that identifier, so that those with
 * another share follow. Source: envoy.extensions.filters.network.http_connection_manager.v3 Tracing, x-request-id
 * (Envoy's UUID extension: the digit behind the second dash). Pure.
 */
#ifndef TRACE_SAMPLING_H
#define TRACE_SAMPLING_H

#include "base/slice.h"

struct rand;

enum trace_reason {
	TRACE_NOT,
	TRACE_BY_SHARE,
	TRACE_BY_SERVICE, /* x-envoy-force-trace */
	TRACE_BY_CLIENT,  /* x-client-trace-id */
};

/* Shares in hundredths of a percent: 10000 is all. */
struct trace_shares {
	uint32_t client, random, overall;
};

#define TRACE_SHARE_ALL 10000u

/*
 * What the identifier, the headers and the shares say. An identifier that is no UUID is decided by r. forced: by a
 * header x-envoy-force-trace that may be trusted; by_client: there is an x-client-trace-id.
 */
enum trace_reason trace_decide(struct slice request_id, const struct trace_shares *shares, bool forced, bool by_client,
			       struct rand *r);

/* The reason that an identifier bears, TRACE_NOT for none. */
enum trace_reason trace_marked(struct slice request_id);
/* Where an identifier's mark stands and what it is to be; -1 when it is no UUID. */
ptrdiff_t trace_mark(struct slice request_id, enum trace_reason reason, char *ret_digit);

#endif
