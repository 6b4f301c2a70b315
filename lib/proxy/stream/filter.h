/* What a filter is to a stream; the filters themselves stand above, in filter/. */
#ifndef PROXY_STREAM_FILTER_H
#define PROXY_STREAM_FILTER_H

#include "proxy/stream/stream_internal.h"

struct filter_ops {
	/* The request's head is known and routed; NULL = nothing to do. */
	enum filter_result (*on_request)(struct stream *s, const struct config_http_filter *f);
	/* The upstream's head came; before anything else looks at it. NULL = nothing to do. */
	void (*on_answer)(struct stream *s, const struct config_http_filter *f, struct http_head *h);
	/* A response head is about to be sent, the upstream's or a local one; NULL = nothing to do. */
	void (*on_response)(struct stream *s, const struct config_http_filter *f, struct http_head *h);
	/*
	 * For rules that hold for the exchange under way, too: whether they let the request pass; *ret_policy names
	 * what decided, or NULL. NULL = there are none.
	 */
	bool (*allows)(struct stream *s, const struct config_http_filter *f, const char **ret_policy);
	/* Answers that allows said no. The stream may be gone. */
	void (*deny)(struct stream *s, const char *policy);
};

#endif
