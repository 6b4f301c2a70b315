/*
 * The definition of ServiceMeshControlPlanes: that its versions are converted here. What the installer applied says so
 * already, but for caBundle, and perhaps for the namespace; one from before knows no conversion, and one without v1
 * needs none.
 */
#include <string.h>

#include "api/cluster/crd.h"
#include "base/base64.h"
#include "base/cleanup.h"
#include "operator/webhook/webhook_internal.h"

#define CONVERSION "/spec/conversion"
#define CONFIG CONVERSION "/webhook/clientConfig"

static bool needs_conversion(const struct apiext_custom_resource_definition_spec *spec)
{
	for (size_t i = 0; spec && i < spec->versions.n; i++)
		if (!strcmp(spec->versions.v[i].name, api_kind_smcp.converted->version))
			return true;
	return false;
}

/* Where the conversion is, if it is ours. */
static const struct admission_webhook_client_config *own_config(
	const struct apiext_custom_resource_definition_spec *spec)
{
	const struct apiext_custom_resource_conversion *c = spec ? spec->conversion : NULL;
	const struct admission_webhook_client_config *config = c && c->webhook ? c->webhook->client_config : NULL;

	if (!config || !c->strategy || strcmp(c->strategy, "Webhook") != 0 || !config->service ||
	    !config->service->name || strcmp(config->service->name, WEBHOOK_SERVICE) != 0 || !config->service->path ||
	    strcmp(config->service->path, api_kind_smcp.converter) != 0)
		return NULL;
	return config;
}

static void add(cJSON *patch, const char *path, cJSON *value)
{
	cJSON *op = cJSON_CreateObject();

	json_set_str(op, "op", "add");
	json_set_str(op, "path", path);
	json_set(op, "value", value);
	cJSON_AddItemToArray(patch, op);
}

static cJSON *conversion(const char *ns, const char *bundle)
{
	cJSON *c = json_literal("{\"strategy\":\"Webhook\",\"webhook\":{\"conversionReviewVersions\":[\"v1\"]}}");
	cJSON *config = json_object(json_get(c, "webhook"), "clientConfig"), *service = json_object(config, "service");

	json_set_str(service, "name", WEBHOOK_SERVICE);
	json_set_str(service, "namespace", ns);
	json_set_str(service, "path", api_kind_smcp.converter);
	json_set_int(service, "port", 443);
	json_set_str(config, "caBundle", bundle);
	return c;
}

void webhook_definition_bundle(const struct api_object *definition, struct buf *ret_pem)
{
	const struct admission_webhook_client_config *config =
		own_config(API_VALUE(definition, custom_resource_definition, apiext_custom_resource_definition)->spec);

	if (config && config->ca_bundle && base64_decode(slice_str(config->ca_bundle), ret_pem) < 0)
		buf_clear(ret_pem);
}

bool webhook_definition_patch(const struct api_object *definition, const char *ns, struct slice bundle, cJSON *patch)
{
	const struct apiext_custom_resource_definition_spec *spec =
		API_VALUE(definition, custom_resource_definition, apiext_custom_resource_definition)->spec;
	const struct admission_webhook_client_config *config = own_config(spec);
	CLEANUP(buf_done) struct buf text = BUF_INIT;

	if (!needs_conversion(spec))
		return false;
	base64_encode(bundle, &text);
	if (!config && bundle.len) {
		add(patch, CONVERSION, conversion(ns, buf_str(&text)));
		return true;
	}
	if (config && bundle.len)
		add(patch, CONFIG "/caBundle", cJSON_CreateString(buf_str(&text)));
	if (config && (!config->service->namespace || strcmp(config->service->namespace, ns) != 0))
		add(patch, CONFIG "/service/namespace", cJSON_CreateString(ns));
	return true;
}
