/* Validation of what policies share: which workloads they select. */
#include "validate/validate_internal.h"

void val_selector(struct val *v, const char *path, const struct str_map *labels)
{
	if (!labels)
		return;
	for (size_t i = 0; i < labels->n; i++) {
		const struct str_pair *p = &labels->v[i];

		if (!*p->key)
			val_error(v, path, "empty key is not supported in selector: \"%s=%s\"", p->key, p->value);
		if (strchr(p->key, '*') || strchr(p->value, '*'))
			val_error(v, path, "wildcard is not supported in selector: \"%s=%s\"", p->key, p->value);
	}
	if (!labels->n)
		val_warn(v, path, "a selector without labels selects all workloads of the namespace");
}

static bool is(const char *s, const char *want)
{
	return s && strcmp(s, want) == 0;
}

void val_targets(struct val *v, const struct istio_workload_selector *selector,
		 const struct istio_policy_target_reference *target)
{
	val_selector(v, "spec.selector", selector ? &selector->match_labels : NULL);
	if (!target)
		return;
	if (selector)
		val_error(v, "spec.targetRef", "only one of targetRef and selector may be set");
	if (!val_set(target->name))
		val_error(v, "spec.targetRef.name", "the name of a target must be set");
	if (val_set(target->namespace))
		val_error(v, "spec.targetRef.namespace",
			  "\"%s\": a target's namespace must not be set; it is the object's own", target->namespace);
	if (!is(target->group, "gateway.networking.k8s.io") || !is(target->kind, "Gateway"))
		val_error(v, "spec.targetRef", "%s of \"%s\": a target must be a Gateway of gateway.networking.k8s.io",
			  target->kind ? target->kind : "", target->group ? target->group : "");
}
