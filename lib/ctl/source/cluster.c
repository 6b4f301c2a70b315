/* The objects of a mesh that a cluster holds. */
#include <string.h>

#include "api/kind.h"
#include "base/cleanup.h"
#include "base/mem.h"
#include "ctl/source/source.h"
#include "msg/json.h"

static void delete_document(void *doc)
{
	cJSON_Delete(doc);
}

/* Takes the document over; its list of objects goes into the set. */
static int keep(struct source_set *s, cJSON *doc, cJSON *list, struct err *e)
{
	arena_on_done(&s->arena, delete_document, doc);
	for (cJSON *o = list ? list->child : NULL; o; o = o->next) {
		if (s->objects.n == SOURCE_OBJECTS_MAX)
			return err_set(e, -EMSGSIZE, "more than %d objects", SOURCE_OBJECTS_MAX);
		vec_push(&s->objects, (struct source_object){o, "cluster", NULL});
	}
	return 0;
}

int source_cluster_kind(struct ctl *c, struct source_set *s, const struct api_kind *kind, struct err *e)
{
	cJSON *found = NULL;
	const enum kube_reason reason = ctl_list(c, kind, NULL, &found, e);

	if (reason == KUBE_NOT_FOUND)
		return 0;
	if (reason != KUBE_OK)
		return -EIO;
	return keep(s, found, found, e);
}

/* Kinds without rows of ours: installations by istioctl and by other operators, and Kubernetes' Gateway API. */
static int list_others(struct ctl *c, struct source_set *s, struct err *e)
{
	static const struct {
		const char *api_version, *plural, *kind;
	} others[] = {
		{"install.istio.io/v1alpha1", "istiooperators", "IstioOperator"},
		{"sailoperator.io/v1", "istios", "Istio"},
		{"gateway.networking.k8s.io/v1", "gateways", "Gateway"},
		{"gateway.networking.k8s.io/v1", "httproutes", "HTTPRoute"},
		{"gateway.networking.k8s.io/v1", "grpcroutes", "GRPCRoute"},
		{"federation.maistra.io/v1", "servicemeshpeers", "ServiceMeshPeer"},
	};
	int r = 0;

	for (size_t i = 0; r == 0 && i < ARRAY_LEN(others); i++) {
		CLEANUP(freep) char *path = mem_printf("/apis/%s/%s", others[i].api_version, others[i].plural);
		cJSON *list = NULL;

		if (ctl_get_path(c, path, &list, NULL) != KUBE_OK)
			continue;
		for (cJSON *o = json_get(list, "items") ? json_get(list, "items")->child : NULL; o; o = o->next) {
			json_default_str(o, "apiVersion", others[i].api_version);
			json_default_str(o, "kind", others[i].kind);
		}
		r = keep(s, list, json_get(list, "items"), e);
	}
	return r;
}

int source_cluster(struct ctl *c, struct source_set *s, struct err *e)
{
	static const struct api_kind *const more[] = {&api_kind_namespace, &api_kind_config_map};
	int r = 0;

	for (size_t i = 0; r == 0 && i < api_kinds_count(); i++)
		if (api_kind_at(i)->flags & API_CUSTOM)
			r = source_cluster_kind(c, s, api_kind_at(i), e);
	for (size_t i = 0; r == 0 && i < ARRAY_LEN(more); i++)
		r = source_cluster_kind(c, s, more[i], e);
	return r == 0 ? list_others(c, s, e) : r;
}
