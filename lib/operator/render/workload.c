/* Settings of a workload. */
#include "operator/render/workload.h"

#include "base/cleanup.h"
#include "base/mem.h"
#include "base/slice.h"
#include "operator/render/values.h"

const struct maistra_component_runtime_config *runtime_component(const struct maistra_smcp_spec *s, const char *name)
{
	const struct maistra_control_plane_runtime_config *r = s->runtime;

	for (size_t i = 0; r && i < r->components.n; i++)
		if (!strcmp(r->components.v[i].key, name))
			return &r->components.v[i].value;
	return NULL;
}

void values_add_text(cJSON *to, const char *name, const char *text)
{
	if (text)
		cJSON_AddStringToObject(to, name, text);
}

void values_printf(cJSON *to, const char *name, const char *fmt, ...)
{
	CLEANUP(buf_done) struct buf b = BUF_INIT;
	va_list ap;

	va_start(ap, fmt);
	buf_vprintf(&b, fmt, ap);
	va_end(ap);
	cJSON_AddStringToObject(to, name, buf_str(&b));
}

cJSON *values_map(const struct str_map *m)
{
	cJSON *out = cJSON_CreateObject();

	for (size_t i = 0; i < m->n; i++)
		cJSON_AddStringToObject(out, m->v[i].key, m->v[i].value);
	return out;
}

cJSON *values_env(const struct str_map *m)
{
	cJSON *out = cJSON_CreateArray();

	for (size_t i = 0; i < m->n; i++) {
		cJSON *var = cJSON_CreateObject();

		cJSON_AddStringToObject(var, "name", m->v[i].key);
		cJSON_AddStringToObject(var, "value", m->v[i].value);
		cJSON_AddItemToArray(out, var);
	}
	return out;
}

cJSON *values_list(const struct msg_desc *desc, const void *v, size_t n)
{
	cJSON *out = cJSON_CreateArray();

	for (size_t i = 0; i < n; i++)
		cJSON_AddItemToArray(out, msg_to_json(desc, (const char *)v + i * desc->size));
	return out;
}

/* "registry/name:tag" or "registry/name@digest" apart; registry may be empty, suffix has its ':' or '@'. */
static void split_image(const char *image, struct slice *registry, struct slice *name, struct slice *suffix)
{
	const struct slice all = slice_str(image);
	size_t begin = (size_t)(slice_rfind(all, '/') + 1);
	ptrdiff_t at = slice_find(all, '@');
	ptrdiff_t colon = slice_find(slice_from(all, begin), ':');
	size_t end = at >= 0 ? (size_t)at : all.len;

	if (colon >= 0 && begin + (size_t)colon < end)
		end = begin + (size_t)colon;
	*registry = slice_head(all, begin);
	*name = slice_from(slice_head(all, end), begin);
	*suffix = slice_from(all, end);
}

char *workload_image(const struct maistra_default_runtime_config *defaults, const struct maistra_container_config *c,
		     const char *image, bool apart)
{
	const struct maistra_common_container_config *d = AT1(defaults, container);
	const char *registry = text_or(AT1(c, image_registry), AT1(d, image_registry));
	const char *tag = text_or(AT1(c, image_tag), AT1(d, image_tag));
	const char *name = AT1(c, image_name);
	bool said = AT1(c, image_registry) || AT1(c, image_tag) || name;
	CLEANUP(buf_done) struct buf out = BUF_INIT;
	struct slice registry_of, name_of, suffix_of;

	if (name && strchr(name, '/'))
		return mem_strdup(name);
	if (apart && !said)
		return mem_strdup(image);
	split_image(image, &registry_of, &name_of, &suffix_of);
	if (registry)
		buf_printf(&out, "%s/", registry);
	else
		buf_append_slice(&out, registry_of);
	buf_append_slice(&out, name ? slice_str(name) : name_of);
	if (name && strpbrk(name, ":@"))
		return buf_take_str(&out);
	if (tag)
		buf_printf(&out, ":%s", tag);
	else if (!name || slice_starts(suffix_of, SLICE(":"))) /* a digest is another image's */
		buf_append_slice(&out, suffix_of);
	return buf_take_str(&out);
}

static void add_container(cJSON *to, const struct workload_input *in)
{
	const struct maistra_container_config *c = AT1(in->runtime, container);
	const struct maistra_common_container_config *d = AT1(in->defaults, container);
	const struct core_resource_requirements *resources = AT1(c, resources) ? c->resources : AT1(d, resources);
	CLEANUP(freep) char *image = workload_image(in->defaults, c, in->image, in->image_apart);

	cJSON_AddStringToObject(to, "image", image);
	cJSON_AddStringToObject(to, "imagePullPolicy",
				text_or(AT1(c, image_pull_policy), text_or(AT1(d, image_pull_policy), "IfNotPresent")));
	if (c && c->image_pull_secrets.n)
		cJSON_AddItemToObject(to, "imagePullSecrets",
				      values_list(&core_local_object_reference_desc, c->image_pull_secrets.v,
						  c->image_pull_secrets.n));
	else if (d && d->image_pull_secrets.n)
		cJSON_AddItemToObject(to, "imagePullSecrets",
				      values_list(&core_local_object_reference_desc, d->image_pull_secrets.v,
						  d->image_pull_secrets.n));
	if (resources)
		cJSON_AddItemToObject(to, "resources", msg_to_json(&core_resource_requirements_desc, resources));
	if (c)
		cJSON_AddItemToObject(to, "env", values_env(&c->env));
}

/* Maistra's terms {key, operator, values, topologyKey} as Kubernetes' own. */
static cJSON *anti_affinity_term(const struct maistra_pod_anti_affinity_term *t, bool weighted)
{
	cJSON *term = cJSON_CreateObject();
	cJSON *selector = cJSON_AddObjectToObject(term, "labelSelector"), *outer, *expr, *values;

	cJSON_AddItemToArray(cJSON_AddArrayToObject(selector, "matchExpressions"), expr = cJSON_CreateObject());
	values_add_text(expr, "key", t->key);
	values_add_text(expr, "operator", t->operator);
	values = cJSON_AddArrayToObject(expr, "values");
	for (size_t i = 0; i < t->values.n; i++)
		cJSON_AddItemToArray(values, cJSON_CreateString(t->values.v[i]));
	cJSON_AddStringToObject(term, "topologyKey", text_or(t->topology_key, "kubernetes.io/hostname"));
	if (!weighted)
		return term;
	outer = cJSON_CreateObject();
	cJSON_AddNumberToObject(outer, "weight", 100);
	cJSON_AddItemToObject(outer, "podAffinityTerm", term);
	return outer;
}

static cJSON *anti_affinity(const struct maistra_pod_anti_affinity *a)
{
	cJSON *anti = cJSON_CreateObject(), *list;

	list = values_list(&core_pod_affinity_term_desc, a->required_during_scheduling_ignored_during_execution.v,
			   a->required_during_scheduling_ignored_during_execution.n);
	for (size_t i = 0; i < a->required_during_scheduling.n; i++)
		cJSON_AddItemToArray(list, anti_affinity_term(&a->required_during_scheduling.v[i], false));
	cJSON_AddItemToObject(anti, "requiredDuringSchedulingIgnoredDuringExecution", list);
	list = values_list(&core_weighted_pod_affinity_term_desc,
			   a->preferred_during_scheduling_ignored_during_execution.v,
			   a->preferred_during_scheduling_ignored_during_execution.n);
	for (size_t i = 0; i < a->preferred_during_scheduling.n; i++)
		cJSON_AddItemToArray(list, anti_affinity_term(&a->preferred_during_scheduling.v[i], true));
	cJSON_AddItemToObject(anti, "preferredDuringSchedulingIgnoredDuringExecution", list);
	return anti;
}

static cJSON *affinity(const struct maistra_affinity *a)
{
	cJSON *out = cJSON_CreateObject();

	if (a->node_affinity)
		cJSON_AddItemToObject(out, "nodeAffinity", msg_to_json(&core_node_affinity_desc, a->node_affinity));
	if (a->pod_affinity)
		cJSON_AddItemToObject(out, "podAffinity", msg_to_json(&core_pod_affinity_desc, a->pod_affinity));
	if (a->pod_anti_affinity)
		cJSON_AddItemToObject(out, "podAntiAffinity", anti_affinity(a->pod_anti_affinity));
	return out;
}

static void add_pod(cJSON *to, const struct workload_input *in)
{
	const struct maistra_pod_runtime_config *p = AT1(in->runtime, pod);
	const struct maistra_common_pod_runtime_config *d = AT1(in->defaults, pod);

	values_add_text(to, "priorityClassName", text_or(AT1(p, priority_class_name), AT1(d, priority_class_name)));
	if (p && p->node_selector.n)
		cJSON_AddItemToObject(to, "nodeSelector", values_map(&p->node_selector));
	else if (d && d->node_selector.n)
		cJSON_AddItemToObject(to, "nodeSelector", values_map(&d->node_selector));
	if (p && p->tolerations.n)
		cJSON_AddItemToObject(to, "tolerations",
				      values_list(&core_toleration_desc, p->tolerations.v, p->tolerations.n));
	else if (d && d->tolerations.n)
		cJSON_AddItemToObject(to, "tolerations",
				      values_list(&core_toleration_desc, d->tolerations.v, d->tolerations.n));
	if (AT1(p, metadata)) {
		cJSON_AddItemToObject(to, "podLabels", values_map(&p->metadata->labels));
		cJSON_AddItemToObject(to, "podAnnotations", values_map(&p->metadata->annotations));
	}
	if (AT1(p, affinity))
		cJSON_AddItemToObject(to, "affinity", affinity(p->affinity));
}

static void add_int_or_str(cJSON *to, const char *name, const struct int_or_str *v)
{
	if (v->kind == INT_OR_STR_INT)
		cJSON_AddNumberToObject(to, name, v->i);
	else if (v->kind == INT_OR_STR_STR)
		cJSON_AddStringToObject(to, name, v->s);
}

/* A new version is ready before an old one ends, unless the user wants it otherwise. */
static void add_strategy(cJSON *to, const struct apps_deployment_strategy *s)
{
	cJSON *out = s ? msg_to_json(&apps_deployment_strategy_desc, s) : cJSON_CreateObject(), *update;

	if (!s) {
		cJSON_AddStringToObject(out, "type", "RollingUpdate");
		update = cJSON_AddObjectToObject(out, "rollingUpdate");
		cJSON_AddStringToObject(update, "maxSurge", "100%");
		cJSON_AddStringToObject(update, "maxUnavailable", "25%");
	}
	cJSON_AddItemToObject(to, "strategy", out);
}

static void add_deployment(cJSON *to, const struct workload_input *in)
{
	const struct maistra_deployment_runtime_config *c = AT1(in->runtime, deployment);
	const struct maistra_auto_scaler_config *scaler = AT1(c, auto_scaling);
	const struct maistra_pod_disruption_budget *budget = AT2(in->defaults, deployment, pod_disruption);

	add_strategy(to, AT1(c, strategy));
	if (scaler && flag(scaler->enabled, false)) {
		cJSON *o = cJSON_AddObjectToObject(to, "autoScaling");

		cJSON_AddNumberToObject(o, "minReplicas", scaler->min_replicas ? *scaler->min_replicas : 1);
		cJSON_AddNumberToObject(o, "maxReplicas", scaler->max_replicas ? *scaler->max_replicas : 5);
		cJSON_AddNumberToObject(
			o, "cpu",
			scaler->target_cpu_utilization_percentage ? *scaler->target_cpu_utilization_percentage : 80);
	} else {
		cJSON_AddNumberToObject(to, "replicas", AT1(c, replicas) ? *c->replicas : 1);
	}
	if (budget && flag(budget->enabled, false)) {
		cJSON *o = cJSON_AddObjectToObject(to, "podDisruption");

		add_int_or_str(o, "minAvailable", &budget->min_available);
		add_int_or_str(o, "maxUnavailable", &budget->max_unavailable);
		if (!o->child)
			cJSON_AddNumberToObject(o, "minAvailable", 1);
	}
}

void workload_values(cJSON *to, const struct workload_input *in)
{
	add_container(to, in);
	add_pod(to, in);
	add_deployment(to, in);
}
