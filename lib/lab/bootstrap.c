/* What every cluster has from its first moment: namespaces, roles and their bindings, the API's own Service. */
#include <stdio.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/rand.h"
#include "lab/api_internal.h"

#define READ "\"get\",\"list\",\"watch\""
#define WRITE "\"create\",\"delete\",\"deletecollection\",\"patch\",\"update\""
#define RULE(groups, resources, verbs)                                                                                 \
	"{\"apiGroups\":[" groups "],\"resources\":[" resources "],\"verbs\":[" verbs "]}"

#define CORE_VIEWED                                                                                                    \
	"\"configmaps\",\"endpoints\",\"persistentvolumeclaims\",\"pods\",\"pods/log\",\"pods/status\","                  \
	"\"replicationcontrollers\",\"serviceaccounts\",\"services\",\"services/status\",\"events\",\"limitranges\","     \
	"\"namespaces\",\"namespaces/status\",\"resourcequotas\",\"bindings\""
#define CORE_EDITED                                                                                                    \
	"\"configmaps\",\"endpoints\",\"persistentvolumeclaims\",\"pods\",\"pods/attach\",\"pods/exec\","                 \
	"\"pods/portforward\",\"pods/proxy\",\"pods/eviction\",\"replicationcontrollers\",\"secrets\","                   \
	"\"serviceaccounts\",\"services\",\"services/proxy\",\"events\""
#define APPS                                                                                                           \
	"\"controllerrevisions\",\"daemonsets\",\"deployments\",\"deployments/scale\",\"deployments/status\","            \
	"\"replicasets\",\"replicasets/scale\",\"replicasets/status\",\"statefulsets\",\"statefulsets/scale\","           \
	"\"statefulsets/status\",\"daemonsets/status\""
#define OTHERS                                                                                                         \
	"\"horizontalpodautoscalers\",\"cronjobs\",\"jobs\",\"ingresses\",\"networkpolicies\",\"poddisruptionbudgets\","  \
	"\"routes\",\"routes/status\",\"endpointslices\",\"leases\""
#define OTHER_GROUPS                                                                                                   \
	"\"autoscaling\",\"batch\",\"extensions\",\"networking.k8s.io\",\"policy\",\"route.openshift.io\","               \
	"\"discovery.k8s.io\",\"coordination.k8s.io\""

#define VIEW                                                                                                           \
	RULE("\"\"", CORE_VIEWED, READ) "," RULE("\"apps\"", APPS, READ) "," RULE(OTHER_GROUPS, OTHERS, READ)
#define EDIT                                                                                                           \
	RULE("\"\"", CORE_EDITED, READ "," WRITE)                                                                       \
	"," RULE("\"apps\"", APPS, WRITE) "," RULE(OTHER_GROUPS, OTHERS, WRITE) ","                                      \
		RULE("\"\"", "\"serviceaccounts\"", "\"impersonate\"") "," VIEW
#define ADMIN                                                                                                          \
	RULE("\"rbac.authorization.k8s.io\"", "\"rolebindings\",\"roles\"", READ "," WRITE)                              \
	"," RULE("\"authorization.k8s.io\"", "\"localsubjectaccessreviews\"", "\"create\"") "," EDIT

struct bootstrap_role {
	const char *name, *rules; /* JSON */
	const char *group;        /* of users bound to it, or NULL */
	const char *user;         /* bound to it, or NULL */
};

static const struct bootstrap_role roles[] = {
	{"cluster-admin",
	 RULE("\"*\"", "\"*\"", "\"*\"") ",{\"nonResourceURLs\":[\"*\"],\"verbs\":[\"*\"]}", "system:masters", NULL},
	{"admin", ADMIN, NULL, NULL},
	{"edit", EDIT, NULL, NULL},
	{"view", VIEW, NULL, NULL},
	{"system:discovery",
	 "{\"nonResourceURLs\":[\"/api\",\"/api/*\",\"/apis\",\"/apis/*\",\"/healthz\",\"/livez\",\"/openapi\",\"/openapi/"
	 "*\",\"/readyz\",\"/version\",\"/version/\"],\"verbs\":[\"get\"]}",
	 "system:authenticated", NULL},
	{"system:public-info-viewer",
	 "{\"nonResourceURLs\":[\"/healthz\",\"/livez\",\"/readyz\",\"/version\",\"/version/\"],\"verbs\":[\"get\"]}",
	 "system:unauthenticated", NULL},
	{"system:basic-user",
	 RULE("\"authorization.k8s.io\"", "\"selfsubjectaccessreviews\",\"selfsubjectrulesreviews\"", "\"create\""),
	 "system:authenticated", NULL},
	{"system:service-account-issuer-discovery",
	 "{\"nonResourceURLs\":[\"/.well-known/openid-configuration\",\"/openid/v1/jwks\"],\"verbs\":[\"get\"]}",
	 "system:serviceaccounts", NULL},
	{"system:auth-delegator",
	 RULE("\"authentication.k8s.io\"", "\"tokenreviews\"", "\"create\"") "," RULE(
		 "\"authorization.k8s.io\"", "\"subjectaccessreviews\"", "\"create\""),
	 NULL, NULL},
	{"system:kube-controller-manager", RULE("\"*\"", "\"*\"", "\"*\""), NULL, "system:kube-controller-manager"},
	{"system:kube-scheduler", RULE("\"*\"", "\"*\"", READ), NULL, "system:kube-scheduler"},
	{"system:node", RULE("\"*\"", "\"*\"", READ), NULL, NULL},
};

/* Stores an object unless it exists. */
static int ensure(struct lab_api *api, const char *group, const char *plural, const char *ns, cJSON *obj, struct err *e)
{
	int v;
	struct resource *r = resources_find(&api->resources, group, NULL, plural, &v);
	cJSON *meta = jx_object(obj, "metadata");
	char uid[37], now[CLOCK_TEXT_MAX];

	if (!r)
		return err_set(e, -ENOENT, "%s is not served", plural);
	if (store_get(r->bucket, ns, jx_str(meta, "name"))) {
		cJSON_Delete(obj);
		return 0;
	}
	if (*ns)
		jx_set_str(meta, "namespace", ns);
	rand_uuid(uid);
	jx_set_str(meta, "uid", uid);
	jx_set_str(meta, "creationTimestamp", now_text(now));
	object_set_type(obj, r, r->storage);
	return store_put(api->store, r->bucket, NULL, obj, e) ? 0 : -EIO;
}

static cJSON *named(const char *name)
{
	cJSON *o = cJSON_CreateObject();

	jx_set_str(jx_object(o, "metadata"), "name", name);
	return o;
}

static cJSON *labelled(const char *name)
{
	cJSON *o = named(name);

	jx_set_str(jx_object(jx_get(o, "metadata"), "labels"), "kubernetes.io/bootstrapping", "rbac-defaults");
	return o;
}

static int ensure_namespace(struct lab_api *api, const char *name, struct err *e)
{
	cJSON *o = named(name);

	cJSON_AddItemToArray(jx_array(jx_object(o, "spec"), "finalizers"), cJSON_CreateString("kubernetes"));
	jx_set_str(jx_object(o, "status"), "phase", "Active");
	return ensure(api, "", "namespaces", "", o, e);
}

static int ensure_role(struct lab_api *api, const struct bootstrap_role *b, struct err *e)
{
	CLEANUP(buf_done) struct buf text = BUF_INIT;
	cJSON *role = labelled(b->name), *binding, *subject, *ref;
	int r;

	buf_printf(&text, "[%s]", b->rules);
	jx_set(role, "rules", jx_parse(buf_str(&text)));
	r = ensure(api, "rbac.authorization.k8s.io", "clusterroles", "", role, e);
	if (r < 0 || (!b->group && !b->user))
		return r;
	binding = labelled(b->name);
	subject = cJSON_CreateObject();
	jx_set_str(subject, "kind", b->group ? "Group" : "User");
	jx_set_str(subject, "apiGroup", "rbac.authorization.k8s.io");
	jx_set_str(subject, "name", b->group ? b->group : b->user);
	cJSON_AddItemToArray(jx_array(binding, "subjects"), subject);
	ref = jx_object(binding, "roleRef");
	jx_set_str(ref, "apiGroup", "rbac.authorization.k8s.io");
	jx_set_str(ref, "kind", "ClusterRole");
	jx_set_str(ref, "name", b->name);
	return ensure(api, "rbac.authorization.k8s.io", "clusterrolebindings", "", binding, e);
}

static int ensure_service(struct lab_api *api, struct err *e)
{
	cJSON *o = named("kubernetes");
	int r;

	jx_set(o, "spec",
	       jx_parse("{\"ports\":[{\"name\":\"https\",\"protocol\":\"TCP\",\"port\":443,\"targetPort\":6443}],"
			"\"clusterIP\":\"10.96.0.1\",\"clusterIPs\":[\"10.96.0.1\"],\"type\":\"ClusterIP\","
			"\"sessionAffinity\":\"None\"}"));
	jx_set(o, "status", jx_parse("{\"loadBalancer\":{}}"));
	jx_set(jx_get(o, "metadata"), "labels", jx_parse("{\"component\":\"apiserver\",\"provider\":\"kubernetes\"}"));
	r = ensure(api, "", "services", "default", o, e);
	if (r < 0)
		return r;
	o = named("kubernetes");
	jx_set(o, "subsets",
	       jx_parse("[{\"addresses\":[{\"ip\":\"192.168.49.2\"}],\"ports\":[{\"name\":\"https\",\"port\":6443,"
			"\"protocol\":\"TCP\"}]}]"));
	return ensure(api, "", "endpoints", "default", o, e);
}

int rbac_bootstrap(struct lab_api *api, struct err *e)
{
	static const char *const namespaces[] = {"default", "kube-system", "kube-public", "kube-node-lease"};
	int r = 0;

	for (size_t i = 0; i < ARRAY_LEN(namespaces) && r == 0; i++)
		r = ensure_namespace(api, namespaces[i], e);
	for (size_t i = 0; i < ARRAY_LEN(roles) && r == 0; i++)
		r = ensure_role(api, &roles[i], e);
	return r < 0 ? r : ensure_service(api, e);
}
