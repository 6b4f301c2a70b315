/* The choice of ALPN names for the upstream (istio.alpn). */
#include "proxy/filter/table.h"

static enum filter_result on_request(struct stream *s, const struct config_http_filter *at)
{
	s->alpn = at->config;
	return FILTER_CONTINUE;
}

const struct filter_ops filter_alpn_ops = {.on_request = on_request};
