/* From a pod to the JSON patch that puts the proxy into it. */
#include <stdio.h>
#include <stdlib.h>

#include "api/core/config.h"
#include "inject/internal.h"
#include "mesh/workload.h"
#include "msg/yaml.h"

void inject_patch(struct injection *x, const char *op, const char *path, cJSON *value)
{
	cJSON *o = cJSON_CreateObject();

	cJSON_AddStringToObject(o, "op", op);
	cJSON_AddStringToObject(o, "path", path);
	cJSON_AddItemToObject(o, "value", value);
	cJSON_AddItemToArray(x->patch, o);
}

/* RFC 6901: "~" and "/" inside a name. */
static const char *escape(struct arena *a, const char *s)
{
	CLEANUP(buf_done) struct buf b = BUF_INIT;

	for (; *s; s++) {
		if (*s == '~')
			buf_append_str(&b, "~0");
		else if (*s == '/')
			buf_append_str(&b, "~1");
		else
			buf_append_char(&b, *s);
	}
	return arena_strdup(a, buf_str(&b));
}

/* Labels or annotations: the map itself is added first when there is none. */
static void set_pairs(struct injection *x, const char *map, const struct str_map *have, const struct str_pair *v,
		      size_t n)
{
	if (!have->n)
		inject_patch(x, "add", arena_printf(x->a, "/metadata/%s", map), cJSON_CreateObject());
	for (size_t i = 0; i < n; i++) {
		const char *old = str_map_get(have, v[i].key);

		if (v[i].value && !(old && strcmp(old, v[i].value) == 0))
			inject_patch(x, "add", arena_printf(x->a, "/metadata/%s/%s", map, escape(x->a, v[i].key)),
				     cJSON_CreateString(v[i].value));
	}
}

static const char *or_else(const char *s, const char *fallback)
{
	return s ? s : fallback;
}

static void set_labels(struct injection *x)
{
	const struct str_map *have = &x->pod->metadata->labels;
	const struct str_pair v[] = {
		{"security.istio.io/tlsMode", or_else(str_map_get(have, "security.istio.io/tlsMode"), "istio")},
		{"service.istio.io/canonical-name", labels_canonical_name(have, pod_workload(x->a, x->pod))},
		{"service.istio.io/canonical-revision", labels_canonical_revision(have)},
	};

	set_pairs(x, "labels", have, v, ARRAY_LEN(v));
}

static void add_names(cJSON *o, const char *key, const cJSON *list)
{
	cJSON *out = cJSON_AddArrayToObject(o, key);
	const cJSON *one;

	cJSON_ArrayForEach(one, list) cJSON_AddItemToArray(out, cJSON_CreateString(json_str(one, "name", NULL)));
}

/* {"initContainers":[...],"containers":[...],"volumes":[...],"imagePullSecrets":null,"revision":"..."} */
static const char *status_text(struct injection *x, const cJSON *volumes)
{
	cJSON *o = cJSON_CreateObject(), *init = cJSON_AddArrayToObject(o, "initContainers"), *main;
	CLEANUP(buf_done) struct buf b = BUF_INIT;

	cJSON_AddItemToArray(init, cJSON_CreateString(INIT_CONTAINER));
	main = cJSON_AddArrayToObject(o, "containers");
	cJSON_AddItemToArray(main, cJSON_CreateString(PROXY_CONTAINER));
	add_names(o, "volumes", volumes);
	cJSON_AddNullToObject(o, "imagePullSecrets");
	cJSON_AddStringToObject(o, "revision", x->i->cfg.revision);
	json_print(o, &b);
	cJSON_Delete(o);
	return arena_strdup(x->a, buf_str(&b));
}

static bool merges_metrics(const struct injection *x)
{
	const char *said = inject_annotation(x, "prometheus.istio.io/merge-metrics"),
		   *scrape = inject_annotation(x, "prometheus.io/scrape");
	const cJSON *dflt = x->mesh ? cJSON_GetObjectItemCaseSensitive(x->mesh, "enablePrometheusMerge") : NULL;

	if (scrape && strcasecmp(scrape, "false") == 0)
		return false;
	return said ? strcasecmp(said, "true") == 0 : !cJSON_IsFalse(dflt);
}

static void set_annotations(struct injection *x, const cJSON *volumes)
{
	const struct str_map *have = &x->pod->metadata->annotations;
	const char *first = x->pod->spec->containers.n ? x->pod->spec->containers.v[0].name : NULL;
	const bool merge = merges_metrics(x);
	const struct str_pair v[] = {
		{"istio.io/rev", x->i->cfg.revision},
		{"kubectl.kubernetes.io/default-container",
		 or_else(str_map_get(have, "kubectl.kubernetes.io/default-container"), first)},
		{"kubectl.kubernetes.io/default-logs-container",
		 or_else(str_map_get(have, "kubectl.kubernetes.io/default-logs-container"), first)},
		{"prometheus.io/scrape", merge ? "true" : NULL},
		{"prometheus.io/port", merge ? "15020" : NULL},
		{"prometheus.io/path", merge ? "/stats/prometheus" : NULL},
		{STATUS_ANNOTATION, status_text(x, volumes)},
	};

	set_pairs(x, "annotations", have, v, ARRAY_LEN(v));
}

/* Appends to a list of the spec, which is made when it is not there. */
static void append(struct injection *x, const char *list, bool exists, cJSON *items)
{
	cJSON *one;

	if (!exists) {
		inject_patch(x, "add", arena_printf(x->a, "/spec/%s", list), items);
		return;
	}
	while ((one = cJSON_DetachItemFromArray(items, 0)))
		inject_patch(x, "add", arena_printf(x->a, "/spec/%s/-", list), one);
	cJSON_Delete(items);
}

static void make_patch(struct injection *x)
{
	const struct core_pod_spec *spec = x->pod->spec;
	cJSON *volumes = inject_volumes(x), *init = cJSON_CreateArray();
	const cJSON *hold = cJSON_GetObjectItemCaseSensitive(x->proxy_config, "holdApplicationUntilProxyStarts");

	inject_probes(x);
	set_labels(x);
	set_annotations(x, volumes);
	cJSON_AddItemToArray(init, inject_init_container(x));
	append(x, "initContainers", spec->init_containers.n, init);
	inject_patch(x, "add", cJSON_IsTrue(hold) ? "/spec/containers/0" : "/spec/containers/-",
		     inject_proxy_container(x));
	append(x, "volumes", spec->volumes.n, volumes);
}

/* --- settings --- */

static void json_delete(void *json)
{
	cJSON_Delete(json);
}

/* A YAML document of a ConfigMap; NULL when it is missing or makes no sense. Lives as long as the injection. */
static cJSON *read_yaml(struct injection *x, const char *map, const char *key)
{
	const struct api_object *o = store_get(x->i->store, &api_kind_config_map, x->i->cfg.ns, map);
	const struct core_config_map *m = o ? API_VALUE(o, config_map, core_config_map) : NULL;
	const char *text = m ? str_map_get(&m->data, key) : NULL;
	cJSON *json = NULL;

	if (!text || yaml_parse(slice_str(text), &json, NULL) < 0)
		return NULL;
	arena_on_done(x->a, json_delete, json);
	return json;
}

static void merge_objects(cJSON *into, const cJSON *from)
{
	const cJSON *m;

	cJSON_ArrayForEach(m, from)
	{
		cJSON *have = cJSON_GetObjectItemCaseSensitive(into, m->string);

		if (cJSON_IsObject(have) && cJSON_IsObject(m))
			merge_objects(have, m);
		else if (have)
			cJSON_ReplaceItemInObjectCaseSensitive(into, m->string, cJSON_Duplicate(m, true));
		else
			cJSON_AddItemToObject(into, m->string, cJSON_Duplicate(m, true));
	}
}

static int read_proxy_config(struct injection *x, struct err *e)
{
	const cJSON *dflt = x->mesh ? cJSON_GetObjectItemCaseSensitive(x->mesh, "defaultConfig") : NULL;
	const char *own = inject_annotation(x, "proxy.istio.io/config");
	cJSON *json = NULL;

	x->proxy_config = dflt ? cJSON_Duplicate(dflt, true) : cJSON_CreateObject();
	arena_on_done(x->a, json_delete, x->proxy_config);
	if (!own)
		return 0;
	if (yaml_parse(slice_str(own), &json, e) < 0 || !cJSON_IsObject(json)) {
		cJSON_Delete(json);
		return err_set(e, -EINVAL, "invalid value '%s' for annotation 'proxy.istio.io/config': no YAML object",
			       own);
	}
	merge_objects(x->proxy_config, json);
	cJSON_Delete(json);
	return 0;
}

static int read_settings(struct injection *x, struct err *e)
{
	const char *injector = arena_printf(x->a, "istio-sidecar-injector-%s", x->i->cfg.revision);

	x->values = read_yaml(x, injector, "values");
	x->config = read_yaml(x, injector, "config");
	x->mesh = read_yaml(x, arena_printf(x->a, "istio-%s", x->i->cfg.revision), "mesh");
	x->probers = cJSON_CreateObject();
	arena_on_done(x->a, json_delete, x->probers);
	return read_proxy_config(x, e);
}

static bool has_proxy(const struct core_pod *pod)
{
	for (size_t i = 0; i < pod->spec->containers.n; i++)
		if (pod->spec->containers.v[i].name && strcmp(pod->spec->containers.v[i].name, PROXY_CONTAINER) == 0)
			return true;
	return false;
}

int inject_pod(const struct inject *i, const cJSON *json, const char *ns, cJSON **ret, struct err *e)
{
	CLEANUP(arena_done) struct arena a = ARENA_INIT;
	struct injection x = {.i = i, .a = &a, .ns = ns};
	struct core_pod *pod = msg_new_from_json(&core_pod_desc, json, &a, e);
	int r;

	*ret = NULL;
	if (!pod || !pod->spec)
		return pod ? err_set(e, -EINVAL, "the pod has no spec") : -EINVAL;
	if (!pod->metadata)
		pod->metadata = ARENA_NEW(&a, struct meta_object);
	x.pod = pod;
	r = read_settings(&x, e);
	if (r < 0 || !inject_wanted(&x) || has_proxy(pod))
		return r;
	r = inject_check_annotations(&x, e);
	if (r < 0)
		return r;
	x.patch = cJSON_CreateArray();
	make_patch(&x);
	*ret = x.patch;
	return 0;
}
