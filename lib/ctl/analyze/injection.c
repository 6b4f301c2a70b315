/* Sidecars: who gets one, and of which image. */
#include <string.h>
#include <strings.h>

#include "ctl/analyze/analyze_internal.h"

#define LABEL_INJECTION "istio-injection"
#define LABEL_REVISION "istio.io/rev"
#define LABEL_MODE "istio.io/dataplane-mode"
#define LABEL_MEMBER "maistra.io/member-of"
#define INJECTOR "istio-sidecar-injector"

/* The injector's ConfigMap of a revision. */
static const struct item *injector_of(struct analysis *x, const char *revision)
{
	const char *name = !revision || !*revision || !strcmp(revision, "default")
				   ? INJECTOR
				   : arena_printf(&x->a, "%s-%s", INJECTOR, revision);

	EACH_ITEM (i, x, "ConfigMap")
		if (!strcmp(i->name, name))
			return i;
	return NULL;
}

/* The values of an injector; the caller frees them, NULL where there are none. */
static cJSON *injector_values(const struct item *i)
{
	const char *text = i ? json_get_str(json_get(i->json, "data"), "values") : NULL;
	cJSON *out = NULL;

	if (text)
		(void)yaml_parse(slice_str(text), &out, NULL);
	return out;
}

static bool by_default(struct analysis *x, const char *revision)
{
	CLEANUP(json_freep) cJSON *values = injector_values(injector_of(x, revision));

	return json_true(values, "sidecarInjectorWebhook.enableNamespacesByDefault");
}

/* --- namespaces --- */

static void judge_labels(struct analysis *x, const struct item *ns)
{
	static const char *const others[] = {LABEL_REVISION, LABEL_MODE};
	const cJSON *labels = item_labels(ns);
	const char *injection = json_get_str(labels, LABEL_INJECTION), *said = "";
	size_t n = injection != NULL;

	if (injection)
		said = arena_printf(&x->a, LABEL_INJECTION "=%s", injection);
	for (size_t i = 0; i < ARRAY_LEN(others); i++) {
		const char *v = json_get_str(labels, others[i]);

		if (!v || (injection && strcmp(injection, "enabled") != 0))
			continue;
		said = arena_printf(&x->a, "%s%s%s=%s", said, n ? ", " : "", others[i], v);
		n++;
	}
	if (n > 1)
		analysis_say(x, IST0123, ns, "metadata.labels",
			     "the namespace says it more than once, and not in one way: %s", said);
}

/* Whether its pods get sidecars by the old label, which is what pods are judged by. */
static bool judge_namespace(struct analysis *x, const struct item *ns)
{
	const cJSON *labels = item_labels(ns);
	const char *injection = json_get_str(labels, LABEL_INJECTION), *revision = json_get_str(labels, LABEL_REVISION);
	const char *mode = json_get_str(labels, LABEL_MODE);

	if (!strcmp(ns->name, x->m->plane.ns) || json_get(labels, LABEL_MEMBER) ||
	    map_get(&x->m->plane.members, slice_str(ns->name)))
		return false;
	judge_labels(x, ns);
	if (mode && !strcmp(mode, "ambient"))
		return false;
	if ((injection && *injection) || revision)
		return injection && !strcmp(injection, "enabled");
	if (by_default(x, revision))
		analysis_say(x, IST0148, ns, "metadata.name",
			     "pods get sidecars here, as all namespaces are enabled by default");
	else
		analysis_say(x, IST0102, ns, "metadata.name",
			     "pods get no sidecars here unless they ask; label it " LABEL_INJECTION
			     "=enabled, or =disabled");
	return false;
}

/* --- pods --- */

static bool refuses(const cJSON *labels, const cJSON *annotations)
{
	const char *label = json_get_str(labels, "sidecar.istio.io/inject");
	const char *said = label ? label : json_get_str(annotations, "sidecar.istio.io/inject");

	return said && !strcasecmp(said, "false");
}

void analyze_injection(struct analysis *x)
{
	CLEANUP(map_done) struct map injected = {0};

	EACH_ITEM (ns, x, "Namespace")
		if (judge_namespace(x, ns))
			map_set(&injected, slice_str(ns->name), (void *)ns);
	EACH_ITEM (p, x, "Pod") {
		const cJSON *spec = json_get(p->json, "spec");

		if (map_get(&injected, slice_str(p->ns)) && !refuses(item_labels(p), item_annotations(p)) &&
		    !json_true(spec, "hostNetwork") && !pod_proxy(spec))
			analysis_say(x, IST0103, p, "spec.containers",
				     "the pod has no sidecar, although its namespace is enabled: it was made before; "
				     "restart it");
	}
}

/* --- images --- */

/* The image that an injector gives to new pods; NULL where it says none. */
static const char *image_of(struct analysis *x, const struct item *injector)
{
	CLEANUP(json_freep) cJSON *values = injector_values(injector);
	const char *image = json_str(values, "global.proxy.image");
	const cJSON *tag = json_at(values, "global.tag");

	if (!image)
		return NULL;
	if (strchr(image, '/'))
		return arena_strdup(&x->a, image);
	return arena_printf(&x->a, "%s/%s:%s", json_str_or_empty(values, "global.hub"), image,
			    cJSON_IsString(tag) ? tag->valuestring : "");
}

static const char *wanted_image(struct analysis *x, const struct item *ns)
{
	const char *revision = json_get_str(item_labels(ns), LABEL_REVISION);
	const char *injection = json_get_str(item_labels(ns), LABEL_INJECTION);
	const struct item *injector;

	if (!revision && !(injection && !strcmp(injection, "enabled")))
		return NULL;
	injector = injector_of(x, revision);
	return injector ? image_of(x, injector) : NULL;
}

void analyze_injection_image(struct analysis *x)
{
	EACH_ITEM (ns, x, "Namespace") {
		const char *image = wanted_image(x, ns), *pods = "";

		if (!image)
			continue;
		EACH_ITEM (p, x, "Pod") {
			const cJSON *proxy = pod_proxy(json_get(p->json, "spec"));

			if (strcmp(p->ns, ns->name) != 0 || !proxy ||
			    json_get(item_annotations(p), "sidecar.istio.io/proxyImage") ||
			    !strcmp(json_str_or_empty(proxy, "image"), image))
				continue;
			pods = arena_printf(&x->a, "%s%s%s", pods, *pods ? ", " : "", p->name);
		}
		if (*pods)
			analysis_say(x, IST0158, ns, "metadata.name",
				     "pods here have another proxy than %s, which new ones get: restart %s", image,
				     pods);
	}
}

static bool wants_image(const cJSON *spec)
{
	JSON_EACH(c, json_get(spec, "containers"))
	if (!strcmp(json_str_or_empty(c, "name"), "istio-proxy") && !strcmp(json_str_or_empty(c, "image"), "auto"))
		return true;
	return false;
}

static bool is_asked(struct analysis *x, const struct item *workload)
{
	const char *name = *workload->ns ? workload->ns : x->m->o.ns;
	const struct item *ns = analysis_find(x, "Namespace", "", name);

	EACH_ITEM (w, x, "MutatingWebhookConfiguration")
		JSON_EACH(hook, json_get(w->json, "webhooks"))
		{
			const char *hook_name = json_str_or_empty(hook, "name");
			const size_t n = strlen(hook_name);

			if (n >= 8 && !strcmp(hook_name + n - 8, "istio.io") &&
			    analysis_selects(x, json_get(hook, "namespaceSelector"), ns ? item_labels(ns) : NULL) &&
			    analysis_selects(x, json_get(hook, "objectSelector"),
					     json_at(workload->json, "spec.template.metadata.labels")))
				return true;
		}
	return false;
}

void analyze_injection_auto(struct analysis *x)
{
	EACH_ITEM (p, x, "Pod")
		if (wants_image(json_get(p->json, "spec")))
			analysis_say(x, IST0147, p, "spec.containers",
				     "image: auto was never replaced: no injector was asked");
	EACH_ITEM (d, x, "Deployment")
		if (wants_image(json_at(d->json, "spec.template.spec")) && !is_asked(x, d))
			analysis_say(x, IST0146, d, "spec.template.spec.containers",
				     "image: auto stays as it is: no injector's webhook selects these pods");
}
