/* What every cluster has from its first moment: namespaces, roles and their bindings, the API's own Service. */
#include <stdio.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/rand.h"
#include "lab/api/op.h"
#include "lab/object/fields.h"
#include "lab/api/rbac.h"
#include "lab/sys/netns.h"

#define API_ADDRESS NETNS_NODE_IP

/* Stores an object unless it exists. */
static int ensure(struct lab_api *api, const char *group, const char *plural, const char *ns, cJSON *obj, struct err *e)
{
	int v;
	struct resource *r = resources_find(&api->resources, group, NULL, plural, &v);
	cJSON *meta = json_object(obj, "metadata");
	char uid[37], now[CLOCK_TEXT_MAX];

	if (!r)
		return err_set(e, -ENOENT, "%s is not served", plural);
	if (db_get(r->bucket, ns, json_str(meta, "name"))) {
		cJSON_Delete(obj);
		return 0;
	}
	if (*ns)
		json_set_str(meta, "namespace", ns);
	rand_uuid(uid);
	json_set_str(meta, "uid", uid);
	json_set_str(meta, "creationTimestamp", clock_now_text(now));
	object_set_type(obj, r, r->storage);
	return db_put(api->store, r->bucket, NULL, obj, e) ? 0 : -EIO;
}

static cJSON *named(const char *name)
{
	cJSON *o = cJSON_CreateObject();

	json_set_str(json_object(o, "metadata"), "name", name);
	return o;
}

static int ensure_namespace(struct lab_api *api, const char *name, struct err *e)
{
	cJSON *o = named(name);
	char now[CLOCK_TEXT_MAX];
	struct manager m = {.name = "kube-apiserver", .api_version = "v1", .now = clock_now_text(now), .builtin = true};

	json_set_str(json_object(json_get(o, "metadata"), "labels"), "kubernetes.io/metadata.name", name);
	fields_update(NULL, &m, NULL, o);
	json_set_str(json_object(o, "status"), "phase", "Active");
	cJSON_AddItemToArray(json_array(json_object(o, "spec"), "finalizers"), cJSON_CreateString("kubernetes"));
	return ensure(api, "", "namespaces", "", o, e);
}

/* An object of the bootstrap list; taken. */
static int ensure_role(struct lab_api *api, cJSON *o, struct err *e)
{
	const char *kind = json_str(o, "kind");
	bool binding = kind && strstr(kind, "Binding");

	return ensure(api, "rbac.authorization.k8s.io", binding ? "clusterrolebindings" : "clusterroles", "", o, e);
}

static int ensure_roles(struct lab_api *api, struct err *e)
{
	CLEANUP(json_freep) cJSON *list = rbac_bootstrap();
	int r = 0;

	while (list->child && r == 0)
		r = ensure_role(api, cJSON_DetachItemFromArray(list, 0), e);
	return r;
}

static int ensure_service(struct lab_api *api, struct err *e)
{
	cJSON *o = named("kubernetes");
	int r;

	json_set(o, "spec",
		 json_literal("{\"ports\":[{\"name\":\"https\",\"protocol\":\"TCP\",\"port\":443,\"targetPort\":6443}],"
			      "\"clusterIP\":\"10.96.0.1\",\"clusterIPs\":[\"10.96.0.1\"],\"type\":\"ClusterIP\","
			      "\"sessionAffinity\":\"None\"}"));
	json_set(o, "status", json_literal("{\"loadBalancer\":{}}"));
	json_set(json_get(o, "metadata"), "labels",
		 json_literal("{\"component\":\"apiserver\",\"provider\":\"kubernetes\"}"));
	r = ensure(api, "", "services", "default", o, e);
	if (r < 0)
		return r;
	o = named("kubernetes");
	json_set(o, "subsets",
		 json_literal("[{\"addresses\":[{\"ip\":\"" API_ADDRESS
			      "\"}],\"ports\":[{\"name\":\"https\",\"port\":6443,"
			      "\"protocol\":\"TCP\"}]}]"));
	json_set(json_get(o, "metadata"), "labels",
		 json_literal("{\"endpointslice.kubernetes.io/skip-mirror\":\"true\"}"));
	r = ensure(api, "", "endpoints", "default", o, e);
	if (r < 0)
		return r;
	o = named("kubernetes");
	json_set(json_get(o, "metadata"), "labels", json_literal("{\"kubernetes.io/service-name\":\"kubernetes\"}"));
	json_set_str(o, "addressType", "IPv4");
	json_set(o, "endpoints",
		 json_literal("[{\"addresses\":[\"" API_ADDRESS "\"],\"conditions\":{\"ready\":true}}]"));
	json_set(o, "ports", json_literal("[{\"name\":\"https\",\"port\":6443,\"protocol\":\"TCP\"}]"));
	return ensure(api, "discovery.k8s.io", "endpointslices", "default", o, e);
}

int bootstrap_cluster(struct lab_api *api, struct err *e)
{
	static const char *const namespaces[] = {"default", "kube-system", "kube-public", "kube-node-lease"};
	int r = 0;

	for (size_t i = 0; i < ARRAY_LEN(namespaces) && r == 0; i++)
		r = ensure_namespace(api, namespaces[i], e);
	if (r == 0)
		r = ensure_roles(api, e);
	return r < 0 ? r : ensure_service(api, e);
}
