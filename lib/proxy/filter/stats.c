/* The standard metrics (istio.stats): an exchange is counted when all is known of it. */
#include "proxy/filter/table.h"

static void on_end(struct filter *f)
{
	const struct filter_stats *how = f->at->config;
	struct filter_sums sums = filter_sums(f);
	struct stats_labels labels;

	if (!how)
		return;
	filter_labels(f, how, &labels);
	stats_request(filter_worker(f), &labels, sums.duration_ns, sums.request_bytes, sums.response_bytes);
}

const struct filter_ops filter_stats_ops = {.on_end = on_end};
