/* Configuration objects that came past admission: whatever they say, a view is compiled from it. YAML documents. */
#include <stdlib.h>

#include "api/object.h"
#include "compile/compile.h"
#include "validate/validate.h"
#include "msg/yaml.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int put(void *arg, cJSON *doc, struct err *e)
{
	struct api_object *o = NULL;

	if (api_object_decode(doc, NULL, NULL, &o, e) == 0) {
		validate_object(o, NULL, NULL, NULL);
		validate_unsupported(o, NULL, NULL);
		store_put(arg, o);
	}
	cJSON_Delete(doc);
	return 0;
}

static bool member(void *arg, const char *ns)
{
	(void)arg;
	(void)ns;
	return true;
}

static void compile(const struct snapshot *snap, enum proxy_type type, struct xds_pool *pool)
{
	struct str_pair labels[] = {{"app", "a"}, {"istio", "ingressgateway"}};
	const struct proxy p = {.type = type,
				.id = "a.ns",
				.name = "a",
				.ns = "ns",
				.ip = "10.0.0.1",
				.interception = "REDIRECT",
				.stats_filters = true,
				.labels = {labels, 2}};
	struct compile_result r;

	compile_view(snap, &p, 0xf, pool, NULL, &r);
	compile_result_done(&r);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct mesh_settings settings = {.root_namespace = "istio-system"};
	struct xds_pool pool = {0};
	struct store *s = store_new();
	struct mesh_config *m = NULL;
	struct snapshot *snap;
	struct err e = ERR_INIT;

	yaml_each(slice_make(data, size), put, s, &e);
	mesh_config_new((struct slice){NULL, 0}, &settings, NULL, NULL, &m, &e);
	snap = snapshot_build(s, NULL, CHANGE_ALL, NULL, m, member, NULL);
	compile(snap, PROXY_SIDECAR, &pool);
	compile(snap, PROXY_ROUTER, &pool);
	snapshot_unref(snap);
	mesh_config_unref(m);
	store_free(s);
	xds_pool_done(&pool);
	return 0;
}
