/* HTTP filters: small, one file each, without state of their own but what struct stream has for them. */
#ifndef PROXY_FILTER_H
#define PROXY_FILTER_H

#include "proxy/stream_internal.h"

struct filter_ops {
	/* The request's head is known and routed; NULL = nothing to do. */
	enum filter_result (*on_request)(struct stream *s, const struct config_http_filter *f);
	/* A response head is about to be sent, the upstream's or a local one; NULL = nothing to do. */
	void (*on_response)(struct stream *s, const struct config_http_filter *f, struct h1_head *h);
};

/* Whether an RBAC filter lets the request pass; *ret_policy names the policy that decided, or NULL. */
bool filter_rbac_allows(struct stream *s, const struct config_http_filter *at, const char **ret_policy);
/* Answers that the policy (NULL = none allowed it) denies; nothing when a response has begun. The stream may be gone.
 */
void filter_rbac_deny(struct stream *s, const char *policy);

extern const struct filter_ops filter_fault_ops, filter_cors_ops, filter_rbac_ops, filter_peer_ops, filter_alpn_ops;

#endif
