/* Validation of Telemetry. */
#include "api/istio/telemetry.h"
#include "cel/cel.h"
#include "validate/validate_internal.h"

#define PROVIDERS(v, path, from) check_providers(v, path, (from)->providers.v, (from)->providers.n)

static void check_providers(struct val *v, const char *path, const struct istio_telemetry_provider_ref *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!val_set(p[i].name))
			val_error(v, val_path(v, "%s.providers[%zu].name", path, i), "a provider must be named");
}

/* --- tracing --- */

static void check_tag(struct val *v, const char *path, const char *name,
		      const struct istio_telemetry_tracing_custom_tag *t)
{
	if (!*name)
		val_error(v, path, "a tag's name must not be empty");
	if (t->literal && !val_set(t->literal->value))
		val_error(v, val_path(v, "%s.literal.value", path), "the value of a literal tag must not be empty");
	if (t->header && !val_set(t->header->name))
		val_error(v, val_path(v, "%s.header.name", path), "the header of a tag must be named");
	if (t->environment && !val_set(t->environment->name))
		val_error(v, val_path(v, "%s.environment.name", path),
			  "the environment variable of a tag must be named");
}

static void check_tracing(struct val *v, const char *path, const struct istio_telemetry_tracing *t)
{
	const double *percent = t->random_sampling_percentage;

	PROVIDERS(v, path, t);
	if (t->providers.n > 1)
		val_warn(v, val_path(v, "%s.providers", path), "only the first of several providers is used");
	if (percent && (*percent < 0 || *percent > 100))
		val_error(v, val_path(v, "%s.randomSamplingPercentage", path), "%g is not in range 0..100", *percent);
	for (size_t i = 0; i < t->custom_tags.n; i++)
		check_tag(v, val_path(v, "%s.customTags[%s]", path, t->custom_tags.v[i].key), t->custom_tags.v[i].key,
			  &t->custom_tags.v[i].value);
}

/* --- metrics --- */

static void check_override(struct val *v, const char *path, const struct istio_telemetry_metrics_overrides *o)
{
	if (o->match && o->match->custom_metric && !*o->match->custom_metric)
		val_error(v, val_path(v, "%s.match.customMetric", path), "the metric must be named");
	for (size_t i = 0; i < o->tag_overrides.n; i++) {
		const struct istio_telemetry_metrics_overrides_tag_override *t = &o->tag_overrides.v[i].value;
		const char *at = val_path(v, "%s.tagOverrides[%s]", path, o->tag_overrides.v[i].key);
		const bool remove = t->operation == ISTIO_TELEMETRY_METRICS_OVERRIDES_TAG_OVERRIDE_OPERATION_REMOVE;

		if (!*o->tag_overrides.v[i].key)
			val_warn(v, at, "a tag's name should not be empty");
		if (!remove && !val_set(t->value))
			val_error(v, at, "a tag that is set (UPSERT) needs a value");
		if (remove && val_set(t->value))
			val_error(v, at, "a tag that is removed has no value; \"%s\" is for UPSERT", t->value);
	}
}

static void check_metrics(struct val *v, const char *path, const struct istio_telemetry_metrics *m)
{
	PROVIDERS(v, path, m);
	for (size_t i = 0; i < m->overrides.n; i++)
		check_override(v, val_path(v, "%s.overrides[%zu]", path, i), &m->overrides.v[i]);
}

/* --- access logs --- */

static void check_logging(struct val *v, const char *path, const struct istio_telemetry_access_logging *l)
{
	const char *text = l->filter && l->filter->expression ? l->filter->expression : "";
	struct err e = ERR_INIT;

	PROVIDERS(v, path, l);
	if (l->filter && cel_check(slice_str(text), &e) < 0)
		val_error(v, val_path(v, "%s.filter.expression", path), "\"%.200s\" is no expression of CEL: %s", text,
			  e.msg);
}

void val_telemetry(struct val *v, const struct api_object *o)
{
	const struct istio_telemetry_spec *spec = API_VALUE(o, telemetry, istio_telemetry)->spec;

	if (!spec)
		return;
	val_targets(v, spec->selector, spec->targetRef);
	for (size_t i = 0; i < spec->metrics.n; i++)
		check_metrics(v, val_path(v, "spec.metrics[%zu]", i), &spec->metrics.v[i]);
	if (spec->tracing.n > 1)
		val_warn(v, "spec.tracing", "only the first of several is used");
	for (size_t i = 0; i < spec->tracing.n; i++)
		check_tracing(v, val_path(v, "spec.tracing[%zu]", i), &spec->tracing.v[i]);
	for (size_t i = 0; i < spec->access_logging.n; i++)
		check_logging(v, val_path(v, "spec.accessLogging[%zu]", i), &spec->access_logging.v[i]);
}
