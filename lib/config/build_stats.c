/* The standard metrics (istio.stats): what is left out of them, and which labels are otherwise. */
#include "base/cleanup.h"
#include "cel/attributes.h"
#include "config/build_internal.h"

#include "istio/stats.pb-c.h"

/* By their names in stats.PluginConfig; an empty one is all of them. */
static int metrics_named(const char *name, unsigned *ret)
{
	static const char *const names[STATS_METRICS] = {
		[STATS_REQUESTS] = "requests_total",
		[STATS_DURATION] = "request_duration_milliseconds",
		[STATS_REQUEST_BYTES] = "request_bytes",
		[STATS_RESPONSE_BYTES] = "response_bytes",
		[STATS_TCP_OPENED] = "tcp_connections_opened_total",
		[STATS_TCP_CLOSED] = "tcp_connections_closed_total",
		[STATS_TCP_SENT] = "tcp_sent_bytes_total",
		[STATS_TCP_RECEIVED] = "tcp_received_bytes_total",
		[STATS_REQUEST_MESSAGES] = "request_messages_total",
		[STATS_RESPONSE_MESSAGES] = "response_messages_total",
	};

	*ret = 0;
	for (int i = 0; i < STATS_METRICS; i++)
		*ret |= (unsigned)(!*name || strcmp(names[i], name) == 0) << i;
	return *ret ? 0 : -EINVAL;
}

/* value NULL: the label goes. */
static int add_stats_tag(struct build_ctx *x, struct stats_changes *c, const char *label, unsigned metrics,
			 const char *value, struct err *e)
{
	struct stats_tag *t = &c->tags[c->n_tags];

	if (c->n_tags == STATS_TAGS_MAX)
		return err_set(e, -E2BIG, "more than %d changes of labels", STATS_TAGS_MAX);
	if (!cel_is_label(label))
		return err_set(e, -EINVAL, "'%s' cannot be a label's name", label);
	*t = (struct stats_tag){.label = build_str(x, label), .metrics = metrics};
	if (value)
		t->value = cel_label_value(x->out, value, e);
	if (value && !t->value)
		return err_wrap(e, -EINVAL, "label %s", label);
	c->n_tags++;
	return 0;
}

static int stats_metric(struct build_ctx *x, const Stats__MetricConfig *m, struct stats_changes *c, struct buf *id,
			struct err *e)
{
	unsigned metrics;
	int r = metrics_named(m->name, &metrics);

	if (r < 0)
		return err_set(e, r, "'%s' is no metric", m->name);
	if (m->drop)
		c->dropped |= metrics;
	buf_printf(id, "%x%c", metrics, m->drop ? '-' : '+');
	for (size_t i = 0; i < m->n_tags_to_remove && r == 0; i++) {
		buf_printf(id, "%s\n", m->tags_to_remove[i]);
		r = add_stats_tag(x, c, m->tags_to_remove[i], metrics, NULL, e);
	}
	for (size_t i = 0; i < m->n_dimensions && r == 0; i++) {
		buf_printf(id, "%s=%s\n", m->dimensions[i]->key, m->dimensions[i]->value);
		r = add_stats_tag(x, c, m->dimensions[i]->key, metrics, m->dimensions[i]->value, e);
	}
	return r;
}

static int stats_changes(struct build_ctx *x, const Stats__PluginConfig *m, struct filter_stats *ret, struct err *e)
{
	CLEANUP(buf_done) struct buf id = BUF_INIT;
	struct stats_changes *c;

	if (!m->n_metrics)
		return 0;
	c = ARENA_NEW(x->out, struct stats_changes);
	c->tags = ARENA_NEW_N(x->out, struct stats_tag, STATS_TAGS_MAX);
	for (size_t i = 0; i < m->n_metrics; i++) {
		int r = stats_metric(x, m->metrics[i], c, &id, e);

		if (r < 0)
			return err_wrap(e, r, "metrics[%zu]", i);
	}
	c->id = slice_make(arena_slicedup(x->out, buf_slice(&id)), id.len);
	ret->changes = c;
	return 0;
}

int build_stats(struct build_ctx *x, const Google__Protobuf__Any *any, const struct filter_stats **ret, struct err *e)
{
	const Stats__PluginConfig *m = build_any(x, any, &stats__plugin_config__descriptor, e);
	struct filter_stats *f = ARENA_NEW(x->out, struct filter_stats);

	if (!m)
		return -EINVAL;
	f->disable_host_header_fallback = m->disable_host_header_fallback;
	f->tcp_reporting_ns = pb_duration_to_ns(m->tcp_reporting_duration, 5000000000LL);
	*ret = f;
	return stats_changes(x, m, f, e);
}
