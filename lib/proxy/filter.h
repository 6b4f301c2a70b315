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

extern const struct filter_ops filter_fault_ops, filter_cors_ops, filter_rbac_ops, filter_peer_ops, filter_alpn_ops;

#endif
