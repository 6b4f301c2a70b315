/*
 * The standard metrics, as Telemetry objects have them: which are left out, and which of their labels are otherwise.
 * They go to Prometheus; where the providers that count are others, there are none.
 */
#include "compile/telemetry.h"

#include "cel/attributes.h"

#define PROMETHEUS "prometheus" /* Istio's own provider */
#define TAGS_MAX 64             /* of all metrics; a proxy refuses more */

#define METRIC(x) ISTIO_TELEMETRY_METRIC_SELECTOR_ISTIO_METRIC_##x
enum { METRICS = METRIC(GRPC_RESPONSE_MESSAGES) + 1 };

/* By the names of stats.PluginConfig. */
static const char *const names[METRICS] = {
	[METRIC(REQUEST_COUNT)] = "requests_total",
	[METRIC(REQUEST_DURATION)] = "request_duration_milliseconds",
	[METRIC(REQUEST_SIZE)] = "request_bytes",
	[METRIC(RESPONSE_SIZE)] = "response_bytes",
	[METRIC(TCP_OPENED_CONNECTIONS)] = "tcp_connections_opened_total",
	[METRIC(TCP_CLOSED_CONNECTIONS)] = "tcp_connections_closed_total",
	[METRIC(TCP_SENT_BYTES)] = "tcp_sent_bytes_total",
	[METRIC(TCP_RECEIVED_BYTES)] = "tcp_received_bytes_total",
	[METRIC(GRPC_REQUEST_MESSAGES)] = "request_messages_total",
	[METRIC(GRPC_RESPONSE_MESSAGES)] = "response_messages_total",
};

struct tag {
	const char *label;
	unsigned metrics;  /* bits by METRIC */
	const char *value; /* NULL: the label goes */
};

/* What all entries come to for one side. */
struct sum {
	bool off;         /* no metrics at all */
	unsigned dropped; /* bits by METRIC */
	struct tag tags[TAGS_MAX];
	size_t n_tags;
};

/* ---- who is spoken of ---- */

static bool is_prometheus(const struct gen *g, const char *name)
{
	const struct istio_mesh_config_extension_provider *p = gen_provider(g, name);

	return p ? p->prometheus != NULL : name && strcmp(name, PROMETHEUS) == 0;
}

static bool names_prometheus(const struct gen *g, const struct istio_telemetry_metrics *m)
{
	for (size_t i = 0; i < m->providers.n; i++)
		if (is_prometheus(g, m->providers.v[i].name))
			return true;
	return false;
}

#define EACH_METRICS(g, level, t, m)                                                                                   \
	for (size_t level = 0; level < GEN_TELEMETRY_LEVELS; level++)                                                  \
		for (const struct mesh_telemetry *t = (g)->telemetry[level]; t; t = NULL)                              \
			for (const struct istio_telemetry_metrics *m = t->spec->metrics.v;                             \
			     m < t->spec->metrics.v + t->spec->metrics.n; m++)

/* The last entry that names providers decides. */
static bool in_scope(const struct gen *g)
{
	bool ret = true;

	EACH_METRICS(g, level, t, m)
	if (m->providers.n)
		ret = names_prometheus(g, m);
	return ret;
}

/* ---- overrides ---- */

/* The metrics that an override speaks of; *ret_all: all of them, by that name. */
static unsigned selected(const struct istio_telemetry_metric_selector *s, bool *ret_all)
{
	const bool all = !s || !s->metric || *s->metric == METRIC(ALL_METRICS);

	*ret_all = s && s->metric && *s->metric == METRIC(ALL_METRICS);
	if (s && s->custom_metric)
		return 0;
	return all ? (1u << METRICS) - 2 : *s->metric < METRICS ? 1u << *s->metric : 0;
}

/* Why proxies would refuse the tag, or NULL. */
static const char *tag_fault(struct gen *g, const struct sum *sum, const char *label, const char *value)
{
	struct err e = ERR_INIT;

	if (!cel_is_label(label))
		return "it cannot be the name of a label";
	if (sum->n_tags == TAGS_MAX)
		return "there are too many changes of labels";
	if (value && !cel_label_value(g->arena, value, &e))
		return arena_strdup(g->arena, e.msg);
	return NULL;
}

static void add_tag(struct gen *g, struct sum *sum, const struct mesh_telemetry *t, const char *path, struct tag tag)
{
	const char *fault = tag_fault(g, sum, tag.label, tag.value);

	if (fault)
		gen_note(g, t->o.obj, arena_printf(g->arena, "%s.tagOverrides[%s]", path, tag.label), "%s", fault);
	else
		sum->tags[sum->n_tags++] = tag;
}

static void merge(struct gen *g, struct sum *sum, const struct mesh_telemetry *t,
		  const struct istio_telemetry_metrics_overrides *o, const char *path)
{
	bool all;
	const unsigned metrics = selected(o->match, &all);

	if (o->match && o->match->custom_metric)
		gen_note(g, t->o.obj, arena_printf(g->arena, "%s.match.customMetric", path),
			 "there are no metrics but the standard ones");
	if (all && o->disabled && *o->disabled) {
		sum->off = true;
		return;
	}
	sum->off = false;
	if (o->disabled)
		sum->dropped = *o->disabled ? sum->dropped | metrics : sum->dropped & ~metrics;
	for (size_t i = 0; metrics && i < o->tag_overrides.n; i++) {
		const struct istio_telemetry_metrics_overrides_tag_override *in = &o->tag_overrides.v[i].value;
		const bool gone = in->operation == ISTIO_TELEMETRY_METRICS_OVERRIDES_TAG_OVERRIDE_OPERATION_REMOVE;

		add_tag(g, sum, t, path, (struct tag){o->tag_overrides.v[i].key, metrics, gone ? NULL : in->value});
	}
}

/* The overrides of an entry for the side; the providers of an entry without any are those of the entry before. */
static void sum_up(struct gen *g, enum gen_side side, struct sum *sum)
{
	bool spoken_of = true;

	sum->off = !in_scope(g);
	if (sum->off)
		return;
	EACH_METRICS(g, level, t, m)
	{
		if (m->providers.n)
			spoken_of = names_prometheus(g, m);
		for (size_t i = 0; spoken_of && i < m->overrides.n; i++) {
			const struct istio_telemetry_metrics_overrides *o = &m->overrides.v[i];

			if (gen_concerns(o->match ? o->match->mode : ISTIO_TELEMETRY_WORKLOAD_MODE_CLIENT_AND_SERVER,
					 side))
				merge(g, sum, t, o,
				      arena_printf(g->arena, "spec.metrics[%zu].overrides[%zu]",
						   (size_t)(m - t->spec->metrics.v), i));
		}
	}
}

/* ---- what the filter is told ---- */

static void put_tag(struct arena *a, pb_stats_metric *out, const struct tag *tag)
{
	pb_stats_dimension *d;

	if (!tag->value) {
		PB_ADD(a, out, tags_to_remove, pb_str(tag->label));
		return;
	}
	d = pb_stats_dimension_new(a);
	d->key = pb_str(tag->label);
	d->value = pb_str(tag->value);
	PB_ADD(a, out, dimensions, d);
}

/* A later tag of the same label and metric replaces the i-th. */
static bool replaced(const struct sum *sum, size_t i, int metric)
{
	for (size_t k = i + 1; k < sum->n_tags; k++)
		if (sum->tags[k].metrics >> metric & 1 && strcmp(sum->tags[k].label, sum->tags[i].label) == 0)
			return true;
	return false;
}

static void put_metric(struct gen *g, pb_stats_config *s, const struct sum *sum, int metric)
{
	pb_stats_metric *out = pb_stats_metric_new(g->arena);

	out->name = pb_str(names[metric]);
	out->drop = sum->dropped >> metric & 1;
	for (size_t i = 0; !out->drop && i < sum->n_tags; i++)
		if (sum->tags[i].metrics >> metric & 1 && !replaced(sum, i, metric))
			put_tag(g->arena, out, &sum->tags[i]);
	if (out->drop || out->n_dimensions || out->n_tags_to_remove)
		PB_ADD(g->arena, s, metrics, out);
}

static pb_stats_config *stats_make(struct gen *g, enum gen_direction d)
{
	pb_stats_config *s = pb_stats_config_new(g->arena);
	struct sum sum = {0};

	sum_up(g, gen_side_of(d), &sum);
	if (sum.off)
		return NULL;
	s->disable_host_header_fallback = d != GEN_OUTBOUND;
	for (int i = METRIC(REQUEST_COUNT); i < METRICS; i++)
		put_metric(g, s, &sum, i);
	return s;
}

/* All chains of a direction say the same. */
pb_stats_config *gen_stats(struct gen *g, enum gen_direction d)
{
	if (!g->stats_known[d])
		g->stats[d] = stats_make(g, d);
	g->stats_known[d] = true;
	return g->stats[d];
}
