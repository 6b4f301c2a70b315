/* The choice of ALPN names for the upstream (istio.alpn). */
#include "proxy/filter/table.h"

static enum filter_result on_headers(struct filter *f, bool end)
{
	(void)end;
	filter_set_alpn(f, f->at->config);
	return FILTER_CONTINUE;
}

const struct filter_ops filter_alpn_ops = {.on_headers = on_headers};
