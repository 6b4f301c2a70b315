/* Sidecars and Telemetries: whom they select, and who selects the same. */
#include <string.h>

#include "ctl/analyze/analyze_internal.h"

struct selecting {
	const char *kind, *field; /* the selector, and below it the labels */
	const char *labels;
	enum message_id conflict, several;
};

static const struct selecting sidecars = {"Sidecar", "workloadSelector", "labels", IST0110, IST0111};
static const struct selecting telemetries = {"Telemetry", "selector", "matchLabels", IST0159, IST0160};

static const cJSON *selector_of(const struct selecting *s, const struct item *i)
{
	return json_get(json_get(i->json, "spec"), s->field);
}

/* --- without a selector --- */

static void judge_several(struct analysis *x, const struct selecting *s)
{
	EACH_ITEM (i, x, s->kind) {
		const char *others = "";

		if (selector_of(s, i))
			continue;
		EACH_ITEM (o, x, s->kind)
			if (o != i && !strcmp(o->ns, i->ns) && !selector_of(s, o))
				others = arena_printf(&x->a, "%s%s%s", others, *others ? ", " : "", o->name);
		if (*others)
			analysis_say(x, s->several, i, "metadata.name",
				     "it is for all of namespace %s, and so is %s: one alone counts", i->ns, others);
	}
}

void analyze_sidecar_default(struct analysis *x)
{
	judge_several(x, &sidecars);
}

void analyze_telemetry_default(struct analysis *x)
{
	judge_several(x, &telemetries);
}

/* --- with one --- */

static bool selects(const struct selecting *s, const struct item *i, const struct analysis_pod *p)
{
	const cJSON *labels = json_get(selector_of(s, i), s->labels);

	return !json_is_empty(labels) && !strcmp(i->ns, p->item->ns) && labels_match(labels, p->labels);
}

/* The others that select the pod, too. */
static const char *others_of(struct analysis *x, const struct selecting *s, const struct item *i,
			     const struct analysis_pod *p)
{
	const char *names = "";

	EACH_ITEM (o, x, s->kind)
		if (o != i && selects(s, o, p))
			names = arena_printf(&x->a, "%s%s%s", names, *names ? ", " : "", o->name);
	return names;
}

static void judge(struct analysis *x, const struct selecting *s, const struct item *i, const analysis_pods *pods)
{
	const cJSON *labels = json_get(selector_of(s, i), s->labels);
	const char *path = arena_printf(&x->a, "spec.%s", s->field);
	bool any = false;

	if (json_is_empty(labels))
		return;
	for (size_t k = 0; k < pods->n; k++) {
		const char *others = selects(s, i, &pods->v[k]) ? others_of(x, s, i, &pods->v[k]) : NULL;

		any |= others != NULL;
		if (others && *others)
			analysis_say(x, s->conflict, i, path, "it selects %s %s, and so does %s: one alone counts",
				     pods->v[k].template ? "the pods of" : "pod", pods->v[k].item->name, others);
	}
	if (!any)
		analysis_say(x, IST0101, i, path, "selector %s: no pod of the namespace has these labels",
			     labels_text(x, labels));
}

static void judge_all(struct analysis *x, const struct selecting *s)
{
	analysis_pods pods = {0};

	analysis_list_pods(x, &pods);
	EACH_ITEM (i, x, s->kind)
		judge(x, s, i, &pods);
	vec_done(&pods);
}

void analyze_sidecar_selector(struct analysis *x)
{
	judge_all(x, &sidecars);
}

void analyze_telemetry_selector(struct analysis *x)
{
	judge_all(x, &telemetries);
}

/* --- providers --- */

void analyze_telemetry_provider(struct analysis *x)
{
	const struct istio_mesh_config_default_providers *d = x->m->config->spec.default_providers;

	if (d && d->access_logging.n)
		return;
	EACH_ITEM (t, x, "Telemetry") {
		size_t n = 0;

		JSON_EACH(l, json_at(t->json, "spec.accessLogging"))
		{
			const char *path = arena_printf(&x->a, "spec.accessLogging[%zu]", n++);

			if (!json_true(l, "disabled") && json_is_empty(json_get(l, "providers")))
				analysis_say(
					x, IST0157, t, path,
					"it names no provider, and the mesh has no default one: nothing is logged");
		}
	}
}

static bool is_lightstep(const struct analysis *x, const char *name)
{
	const struct istio_mesh_config *c = &x->m->config->spec;

	for (size_t i = 0; i < c->extension_providers.n; i++)
		if (c->extension_providers.v[i].lightstep && c->extension_providers.v[i].name &&
		    !strcmp(c->extension_providers.v[i].name, name))
			return true;
	return false;
}

void analyze_telemetry_lightstep(struct analysis *x)
{
	EACH_ITEM (t, x, "Telemetry") {
		size_t n = 0;

		JSON_EACH(tracing, json_at(t->json, "spec.tracing"))
		{
			JSON_EACH(p, json_get(tracing, "providers"))
			if (is_lightstep(x, json_str_or_empty(p, "name")))
				analysis_say(x, IST0002, t, arena_printf(&x->a, "spec.tracing[%zu]", n),
					     "provider %s is Lightstep's own, which is going; use OpenTelemetry's",
					     json_str_or_empty(p, "name"));
			n++;
		}
	}
}
