/* The files of manifests/, embedded: the operator's image holds nothing but the binary. */
#include <string.h>

#include "base/cleanup.h"
#include "operator/template/template.h"

#define EMBED(symbol, file)                                                                                            \
	__asm__(".section .rodata\n" #symbol ":\n.incbin \"manifests/" file "\"\n.byte 0\n.previous\n");               \
	extern const char symbol[] __attribute__((visibility("hidden")))

EMBED(template_istiod, "control-plane/istiod.yaml");
EMBED(template_istiod_rbac, "control-plane/istiod-rbac.yaml");
EMBED(template_config, "control-plane/config.yaml");
EMBED(template_cni, "control-plane/cni.yaml");
EMBED(template_webhooks, "control-plane/webhooks.yaml");
EMBED(template_network_policies, "control-plane/network-policies.yaml");
EMBED(template_mesh_config, "control-plane/mesh-config.yaml");
EMBED(template_gateway, "control-plane/gateway.yaml");
EMBED(template_mesh_expansion, "control-plane/mesh-expansion.yaml");
EMBED(template_route, "control-plane/route.yaml");
EMBED(template_prometheus, "control-plane/prometheus.yaml");
EMBED(template_addon_substitute, "addons/substitute.yaml");
EMBED(template_addon_grafana, "addons/grafana.yaml");
EMBED(template_addon_jaeger, "addons/jaeger.yaml");
EMBED(template_addon_jaeger_resource, "addons/jaeger-resource.yaml");
EMBED(template_addon_kiali, "addons/kiali.yaml");
EMBED(template_addon_kiali_resource, "addons/kiali-resource.yaml");
EMBED(template_profile_base, "profiles/base.yaml");
EMBED(template_profile_small, "profiles/small.yaml");
EMBED(template_profile_default, "profiles/default.yaml");

static const struct {
	const char *name, *text;
} files[] = {
	{"control-plane/istiod.yaml", template_istiod},
	{"control-plane/istiod-rbac.yaml", template_istiod_rbac},
	{"control-plane/config.yaml", template_config},
	{"control-plane/cni.yaml", template_cni},
	{"control-plane/webhooks.yaml", template_webhooks},
	{"control-plane/network-policies.yaml", template_network_policies},
	{"control-plane/mesh-config.yaml", template_mesh_config},
	{"control-plane/gateway.yaml", template_gateway},
	{"control-plane/prometheus.yaml", template_prometheus},
	{"control-plane/route.yaml", template_route},
	{"control-plane/mesh-expansion.yaml", template_mesh_expansion},
	{"addons/substitute.yaml", template_addon_substitute},
	{"addons/grafana.yaml", template_addon_grafana},
	{"addons/jaeger.yaml", template_addon_jaeger},
	{"addons/jaeger-resource.yaml", template_addon_jaeger_resource},
	{"addons/kiali.yaml", template_addon_kiali},
	{"addons/kiali-resource.yaml", template_addon_kiali_resource},
	{"profiles/base.yaml", template_profile_base},
	{"profiles/small.yaml", template_profile_small},
	{"profiles/default.yaml", template_profile_default},
	{"profiles/maistra.yaml", template_profile_default},
	{"profiles/servicemesh.yaml", template_profile_default},
};

const char *template_file(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(files); i++)
		if (!strcmp(files[i].name, name))
			return files[i].text;
	return NULL;
}
