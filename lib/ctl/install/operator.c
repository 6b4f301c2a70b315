/* Finding the operator. */
#include "ctl/install/operator.h"

#include <string.h>

#include "api/kind.h"
#include "base/cleanup.h"
#include "base/mem.h"
#include "ctl/install/manifests.h"
#include "msg/json.h"

static const cJSON *first_container(const cJSON *deployment)
{
	const cJSON *list = json_at(deployment, "spec.template.spec.containers");

	return list ? list->child : NULL;
}

const char *operator_image(const cJSON *deployment)
{
	return json_str_or_empty(first_container(deployment), "image");
}

bool operator_is_ours(const cJSON *deployment)
{
	JSON_EACH(it, json_get(first_container(deployment), "env"))
	{
		if (!strcmp(json_str_or_empty(it, "name"), "RELATED_IMAGE_WEFTD"))
			return true;
	}
	return false;
}

/* The namespace of an overlay's Deployment, malloc'ed. */
static char *namespace_of(const char *overlay)
{
	CLEANUP(json_freep) cJSON *objects = NULL;

	if (manifests_operator(overlay, &(struct manifests_images){0}, &objects, NULL) < 0)
		return NULL;
	JSON_EACH(o, objects)
	{
		if (!strcmp(json_str_or_empty(o, "kind"), "Deployment"))
			return mem_strdup(json_str_or_empty(o, "metadata.namespace"));
	}
	return NULL;
}

bool operator_overlay_elsewhere(const char *overlay, const char *ns)
{
	CLEANUP(freep) char *theirs = namespace_of(overlay);

	return !theirs || strcmp(theirs, ns) != 0;
}

static const char *overlay_of(const cJSON *deployment)
{
	const char *ns = json_str_or_empty(deployment, "metadata.namespace");

	if (!operator_overlay_elsewhere("kubernetes", ns))
		return "kubernetes";
	if (json_int(deployment, "spec.replicas", 1) > 1)
		return "production";
	return json_at(first_container(deployment), "resources.limits.memory") ? "minimal" : "openshift";
}

int operator_find(struct ctl *c, struct operator_found *ret, struct err *e)
{
	CLEANUP(json_freep) cJSON *found = NULL;

	if (ctl_list(c, &api_kind_deployment, "name=istio-operator", &found, e) != KUBE_OK)
		return -EIO;
	JSON_EACH(o, found)
	{
		if (!operator_is_ours(o))
			continue;
		*ret = (struct operator_found){.ns = mem_strdup(json_str_or_empty(o, "metadata.namespace")),
					       .image = mem_strdup(operator_image(o)),
					       .overlay = overlay_of(o)};
		return 0;
	}
	return 0;
}

void operator_found_done(struct operator_found *f)
{
	free(f->ns);
	free(f->image);
	*f = (struct operator_found){0};
}
