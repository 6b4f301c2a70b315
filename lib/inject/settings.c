/*
 * The settings of one injection: the ConfigMaps that the operator wrote, and the proxy's configuration, in which an
 * annotation of the pod wins over ProxyConfig objects (for the workload, its namespace, the mesh), and these over the
 * mesh's defaultConfig.
 */
#include <stdio.h>
#include <stdlib.h>

#include "api/core/config.h"
#include "api/istio/mesh_config.h"
#include "api/networking/sidecar.h"
#include "inject/internal.h"
#include "msg/yaml.h"

static void json_delete(void *json)
{
	cJSON_Delete(json);
}

/* A YAML document of a ConfigMap in *ret, NULL when there is none. Lives as long as the injection. */
static int read_yaml(struct injection *x, const char *map, const char *key, cJSON **ret, struct err *e)
{
	const struct api_object *o = store_get(x->i->store, &api_kind_config_map, x->i->cfg.ns, map);
	const struct core_config_map *m = o ? API_VALUE(o, config_map, core_config_map) : NULL;
	const char *text = m ? str_map_get(&m->data, key) : NULL;
	struct err why = ERR_INIT;
	int r = text ? yaml_parse(slice_str(text), ret, &why) : 0;

	if (r == -ENODATA)
		return 0;
	if (r < 0)
		return err_set(e, r, "ConfigMap %s/%s, data.%s: %s", x->i->cfg.ns, map, key, why.msg);
	if (*ret)
		arena_on_done(x->a, json_delete, *ret);
	return 0;
}

/* --- ProxyConfig objects --- */

static bool selects(const struct istio_proxy_config_spec *s, const struct str_map *labels)
{
	for (size_t i = 0; s->selector && i < s->selector->match_labels.n; i++) {
		const struct str_pair *want = &s->selector->match_labels.v[i];
		const char *have = str_map_get(labels, want->key);

		if (!have || strcmp(have, want->value) != 0)
			return false;
	}
	return true;
}

static bool older(const struct api_object *a, const struct api_object *b)
{
	const char *x = a->meta->creation_timestamp, *y = b->meta->creation_timestamp;
	const int r = strcmp(x ? x : "", y ? y : "");

	return r ? r < 0 : strcmp(api_object_name(a), api_object_name(b)) < 0;
}

/* The oldest one of a namespace, with a selector that matches the pod or without any. */
static const struct istio_proxy_config_spec *find(const struct injection *x, const char *ns, bool with_selector)
{
	const struct store_range r = store_list(x->i->store, &api_kind_proxy_config, ns);
	const struct api_object *best = NULL;

	for (size_t i = 0; i < r.n; i++) {
		const struct istio_proxy_config_spec *s = API_VALUE(r.v[i], proxy_config, istio_proxy_config)->spec;
		const bool selector = s && s->selector && s->selector->match_labels.n;

		if (s && selector == with_selector && selects(s, &x->pod->metadata->labels) &&
		    (!best || older(r.v[i], best)))
			best = r.v[i];
	}
	return best ? API_VALUE(best, proxy_config, istio_proxy_config)->spec : NULL;
}

static void lay_over(cJSON *config, const struct istio_proxy_config_spec *s)
{
	cJSON *over = cJSON_CreateObject(), *map;

	if (s->concurrency)
		cJSON_AddNumberToObject(over, "concurrency", *s->concurrency);
	if (s->environment_variables.n) {
		map = cJSON_AddObjectToObject(over, "proxyMetadata");
		for (size_t i = 0; i < s->environment_variables.n; i++)
			cJSON_AddStringToObject(map, s->environment_variables.v[i].key,
						s->environment_variables.v[i].value);
	}
	if (s->image && s->image->image_type) {
		map = cJSON_AddObjectToObject(over, "image");
		cJSON_AddStringToObject(map, "imageType", s->image->image_type);
	}
	msg_merge_json(NULL, config, over);
	cJSON_Delete(over);
}

static void lay_objects_over(struct injection *x)
{
	const struct istio_proxy_config_spec *const found[] = {find(x, x->i->cfg.ns, false), find(x, x->ns, false),
							       find(x, x->ns, true)};

	for (size_t i = 0; i < ARRAY_LEN(found); i++)
		if (found[i])
			lay_over(x->proxy_config, found[i]);
}

/* --- the pod's annotation --- */

static void warn_of_ignored(void *arg, const char *path, const char *note)
{
	inject_warn(arg, "annotation '%s': %s %s", CONFIG_ANNOTATION, path, note);
}

/* What the mesh's settings carry out, and a pod's own do not. */
static void warn_of_mesh_only(struct injection *x, const struct istio_mesh_proxy_config *c)
{
	static const char note[] = "is not carried out for a single pod: it counts in the mesh's defaultConfig";

	if (c->tracing)
		warn_of_ignored(x, "tracing", note);
	if (c->zipkin_address && *c->zipkin_address)
		warn_of_ignored(x, "zipkinAddress", note);
}

static void first_unknown(void *arg, const char *path)
{
	struct err *e = arg;

	if (!e->code)
		err_set(e, -EINVAL, "unknown field \"%s\"", path);
}

static int check_config(struct injection *x, const cJSON *config, struct err *e)
{
	struct istio_mesh_proxy_config typed = {0};
	struct err unknown = ERR_INIT;
	int r = cJSON_IsObject(config) ? 0 : err_set(e, -EINVAL, "no YAML object");

	if (r == 0)
		r = msg_from_json_report(&istio_mesh_proxy_config_desc, &typed, config, x->a, first_unknown, &unknown,
					 e);
	if (r == 0 && unknown.code)
		r = err_set(e, -EINVAL, "%s", unknown.msg);
	if (r == 0 && typed.interception_mode == ISTIO_MESH_PROXY_CONFIG_INBOUND_INTERCEPTION_MODE_TPROXY)
		r = err_set(e, -EINVAL, "interceptionMode TPROXY is not supported; use REDIRECT or NONE");
	if (r == 0 && typed.concurrency && *typed.concurrency < 0)
		r = err_set(e, -EINVAL, "concurrency: %d is less than 0", *typed.concurrency);
	if (r == 0)
		warn_of_mesh_only(x, &typed);
	if (r == 0)
		msg_told(&istio_mesh_proxy_config_desc, &typed, "", warn_of_ignored, x);
	return r;
}

static int lay_annotation_over(struct injection *x, struct err *e)
{
	const char *own = inject_annotation(x, CONFIG_ANNOTATION);
	CLEANUP(json_freep) cJSON *json = NULL;
	struct err why = ERR_INIT;
	int r;

	if (!own)
		return 0;
	r = yaml_parse(slice_str(own), &json, &why);
	if (r == 0)
		r = check_config(x, json, &why);
	if (r == -ENODATA)
		return 0;
	if (r < 0)
		return err_set(e, -EINVAL, "invalid value '%s' for annotation '%s': %s", own, CONFIG_ANNOTATION,
			       why.msg);
	msg_merge_json(NULL, x->proxy_config, json);
	return 0;
}

static void set_number(cJSON *config, const char *name, const char *digits)
{
	cJSON_DeleteItemFromObjectCaseSensitive(config, name);
	cJSON_AddNumberToObject(config, name, atoi(digits));
}

/* Annotations that stand for one field of the configuration. */
static void lay_single_annotations_over(struct injection *x)
{
	const char *port = inject_annotation(x, "status.sidecar.istio.io/port"),
		   *address = inject_annotation(x, "sidecar.istio.io/discoveryAddress");
	const cJSON *have;

	if (port)
		set_number(x->proxy_config, "statusPort", port);
	if (address) {
		cJSON_DeleteItemFromObjectCaseSensitive(x->proxy_config, "discoveryAddress");
		cJSON_AddStringToObject(x->proxy_config, "discoveryAddress", address);
	}
	have = json_get(x->proxy_config, "statusPort");
	x->status_port = cJSON_IsNumber(have) ? have->valueint : STATUS_PORT;
}

static void decide_start(struct injection *x)
{
	const cJSON *hold = json_get(x->proxy_config, "holdApplicationUntilProxyStarts");
	const char *native = inject_annotation(x, "sidecar.istio.io/nativeSidecar");

	if (!hold)
		hold = json_at(x->values, "global.proxy.holdApplicationUntilProxyStarts");
	x->hold = cJSON_IsTrue(hold);
	x->native = x->i->native_sidecars && !(native && strcasecmp(native, "false") == 0);
	if (native && strcasecmp(native, "true") == 0 && !x->native)
		inject_warn(x, "annotation 'sidecar.istio.io/nativeSidecar' has no effect: native sidecars are off "
			       "(ENABLE_NATIVE_SIDECARS), or the cluster is older than Kubernetes 1.29");
}

int inject_read_settings(struct injection *x, struct err *e)
{
	const char *injector = arena_printf(x->a, "istio-sidecar-injector-%s", x->i->cfg.revision);
	const char *mesh = arena_printf(x->a, "istio-%s", x->i->cfg.revision);
	const cJSON *dflt;
	int r = read_yaml(x, injector, "values", &x->values, e);

	if (r == 0)
		r = read_yaml(x, injector, "config", &x->config, e);
	if (r == 0)
		r = read_yaml(x, mesh, "mesh", &x->mesh, e);
	if (r < 0)
		return r;
	dflt = json_at(x->mesh, "defaultConfig");
	x->proxy_config = cJSON_IsObject(dflt) ? cJSON_Duplicate(dflt, true) : cJSON_CreateObject();
	arena_on_done(x->a, json_delete, x->proxy_config);
	x->probers = cJSON_CreateObject();
	arena_on_done(x->a, json_delete, x->probers);
	return 0;
}

int inject_read_proxy_config(struct injection *x, struct err *e)
{
	int r;

	lay_objects_over(x);
	r = lay_annotation_over(x, e);
	if (r < 0)
		return r;
	lay_single_annotations_over(x);
	decide_start(x);
	return 0;
}
