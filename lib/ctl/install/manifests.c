/* The overlays, embedded. */
#include "ctl/install/manifests.h"

#include <string.h>

#include "base/cleanup.h"
#include "base/mem.h"
#include "msg/json.h"
#include "msg/yaml.h"

#define EMBED(symbol, file)                                                                                            \
	__asm__(".section .rodata\n" #symbol ":\n.incbin \"deploy/" file "\"\n.byte 0\n.previous\n");                  \
	extern const char symbol[] __attribute__((visibility("hidden")))

EMBED(overlay_operator_openshift, "operator/overlays/openshift/weft-operator.yaml");
EMBED(overlay_operator_kubernetes, "operator/overlays/kubernetes/weft-operator.yaml");
EMBED(overlay_operator_production, "operator/overlays/production/weft-operator.yaml");
EMBED(overlay_operator_minimal, "operator/overlays/minimal/weft-operator.yaml");
EMBED(overlay_instance_default, "instance/overlays/default/weft-instance.yaml");
EMBED(overlay_instance_openshift, "instance/overlays/openshift/weft-instance.yaml");
EMBED(overlay_instance_kubernetes, "instance/overlays/kubernetes/weft-instance.yaml");
EMBED(overlay_instance_production, "instance/overlays/production/weft-instance.yaml");
EMBED(overlay_instance_minimal, "instance/overlays/minimal/weft-instance.yaml");

const char *const ctl_operator_overlays[] = {"openshift", "kubernetes", "production", "minimal", NULL};
const char *const ctl_instance_overlays[] = {"default", "openshift", "kubernetes", "production", "minimal", NULL};

/* In the order of the names. */
static const char *const operator_texts[] = {overlay_operator_openshift, overlay_operator_kubernetes,
					     overlay_operator_production, overlay_operator_minimal};
static const char *const instance_texts[] = {overlay_instance_default, overlay_instance_openshift,
					     overlay_instance_kubernetes, overlay_instance_production,
					     overlay_instance_minimal};

char *manifests_image(const char *reference, const struct manifests_images *images)
{
	const size_t prefix = strlen(MANIFESTS_REGISTRY "/");
	const char *name = reference + prefix, *colon;

	if (strncmp(reference, MANIFESTS_REGISTRY "/", prefix) != 0)
		return mem_strdup(reference);
	colon = strchr(name, ':');
	if (!colon)
		colon = name + strlen(name);
	return mem_printf("%s/%.*s%s%s", images->registry ? images->registry : MANIFESTS_REGISTRY, (int)(colon - name),
			  name, images->tag ? ":" : colon, images->tag ? images->tag : "");
}

/* Every text of the tree that is a reference of ours. */
static void rename_images(cJSON *node, const struct manifests_images *images)
{
	if (cJSON_IsString(node)) {
		CLEANUP(freep) char *name = manifests_image(node->valuestring, images);

		if (strcmp(name, node->valuestring) != 0)
			cJSON_SetValuestring(node, name);
		return;
	}
	for (cJSON *it = node->child; it; it = it->next)
		rename_images(it, images);
}

static int on_doc(void *arg, cJSON *doc, struct err *e)
{
	(void)e;
	cJSON_AddItemToArray(arg, doc);
	return 0;
}

static int parse(const char *const *names, const char *const *texts, const char *overlay, cJSON **ret, struct err *e)
{
	CLEANUP(json_freep) cJSON *all = cJSON_CreateArray();
	int r;

	for (size_t i = 0; names[i]; i++) {
		if (strcmp(names[i], overlay) != 0)
			continue;
		r = yaml_each(slice_str(texts[i]), on_doc, all, e);
		if (r == 0)
			*ret = take(all);
		return r;
	}
	return err_set(e, -ENOENT, "there is no overlay %s", overlay);
}

int manifests_operator(const char *overlay, const struct manifests_images *images, cJSON **ret, struct err *e)
{
	const int r = parse(ctl_operator_overlays, operator_texts, overlay, ret, e);

	if (r < 0)
		return r;
	for (cJSON *o = (*ret)->child; o; o = o->next)
		if (!strcmp(json_str_or_empty(o, "kind"), "Deployment"))
			rename_images(o, images);
	return 0;
}

int manifests_instance(const char *overlay, cJSON **ret, struct err *e)
{
	return parse(ctl_instance_overlays, instance_texts, overlay, ret, e);
}
