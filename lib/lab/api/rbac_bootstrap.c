/* The roles that every cluster starts with, as a table of rules: who binds to them is part of the row. */
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/slice.h"
#include "lab/api/rbac.h"
#include "msg/json.h"

#define ALL "*"
#define READ "get,list,watch"
#define WRITE "create,delete,deletecollection,patch,update"

struct rule {
	const char *groups, *resources, *verbs; /* comma-separated; resources beginning with '/' are paths */
};

struct role {
	const char *name;
	const char *group; /* bound to these groups, comma-separated, or NULL */
	struct rule rules[9];
};

#define CONTENT                                                                                                        \
	"configmaps,endpoints,persistentvolumeclaims,pods,replicationcontrollers,services,"                            \
	"pods/attach,pods/exec,pods/portforward,pods/proxy,services/proxy"
#define CONTENT_STATUS "events,limitranges,namespaces,namespaces/status,pods/log,pods/status,resourcequotas,bindings"
#define APPS                                                                                                           \
	"daemonsets,deployments,deployments/rollback,deployments/scale,replicasets,replicasets/"                       \
	"scale,statefulsets,statefulsets/scale"
#define PROJECTS "project.openshift.io", "projects"
#define DISCOVERY_PATHS "/api,/api/*,/apis,/apis/*,/healthz,/livez,/openapi,/openapi/*,/readyz,/version,/version/"

static const struct role roles[] = {
	{"cluster-admin", "system:masters", {{ALL, ALL, ALL}, {NULL, "*/", ALL}}},
	{"system:discovery", "system:authenticated", {{NULL, DISCOVERY_PATHS, "get"}}},
	{"system:public-info-viewer",
	 "system:authenticated,system:unauthenticated",
	 {{NULL, "/healthz,/livez,/readyz,/version,/version/", "get"}}},
	{"system:basic-user",
	 "system:authenticated",
	 {{"authorization.k8s.io", "selfsubjectaccessreviews,selfsubjectrulesreviews", "create"},
	  {"authentication.k8s.io", "selfsubjectreviews", "create"}}},
	{"system:auth-delegator",
	 NULL,
	 {{"authentication.k8s.io", "tokenreviews", "create"},
	  {"authorization.k8s.io", "subjectaccessreviews", "create"}}},
	{"view",
	 NULL,
	 {{"", "configmaps,endpoints,persistentvolumeclaims,pods,replicationcontrollers,serviceaccounts,services",
	   READ},
	  {"", CONTENT_STATUS, READ},
	  {"apps", APPS, READ},
	  {"autoscaling", "horizontalpodautoscalers", READ},
	  {"policy", "poddisruptionbudgets", READ},
	  {"networking.k8s.io", "ingresses,networkpolicies", READ},
	  {"discovery.k8s.io", "endpointslices", READ},
	  {"route.openshift.io", "routes", READ},
	  {PROJECTS, "get"}}},
	{"edit",
	 NULL,
	 {{"", CONTENT ",secrets,serviceaccounts", READ "," WRITE},
	  {"", CONTENT_STATUS, READ},
	  {"", "events", "create,patch,update"},
	  {"apps", APPS, READ "," WRITE},
	  {"autoscaling", "horizontalpodautoscalers", READ "," WRITE},
	  {"policy", "poddisruptionbudgets", READ "," WRITE},
	  {"networking.k8s.io,discovery.k8s.io", "ingresses,networkpolicies,endpointslices", READ "," WRITE},
	  {"route.openshift.io", "routes,routes/custom-host", READ "," WRITE},
	  {PROJECTS, "get"}}},
	{"admin",
	 NULL,
	 {{"", CONTENT ",secrets,serviceaccounts", READ "," WRITE},
	  {"", CONTENT_STATUS, READ},
	  {"", "events", "create,patch,update"},
	  {"apps", APPS, READ "," WRITE},
	  {"autoscaling,policy", "horizontalpodautoscalers,poddisruptionbudgets", READ "," WRITE},
	  {"networking.k8s.io,discovery.k8s.io", "ingresses,networkpolicies,endpointslices", READ "," WRITE},
	  {"route.openshift.io", "routes,routes/custom-host", READ "," WRITE},
	  {"rbac.authorization.k8s.io,authorization.k8s.io", "roles,rolebindings,localsubjectaccessreviews",
	   READ "," WRITE},
	  {PROJECTS, "delete,get,patch,update"}}},
	{"self-provisioner", "system:authenticated:oauth", {{"project.openshift.io", "projectrequests", "create"}}},
};

static cJSON *words(const char *list)
{
	struct slice rest = slice_str(list ? list : ""), word;
	cJSON *a = cJSON_CreateArray();
	char copy[128];

	do {
		word = slice_split(&rest, ',');
		memcpy(copy, word.ptr, MIN(word.len, sizeof(copy) - 1));
		copy[MIN(word.len, sizeof(copy) - 1)] = 0;
		cJSON_AddItemToArray(a, cJSON_CreateString(copy));
	} while (rest.len);
	return a;
}

static cJSON *rule_object(const struct rule *r)
{
	cJSON *o = cJSON_CreateObject();

	if (!r->groups) {
		/* "* /" stands for all paths. */
		cJSON_AddItemToObject(o, "nonResourceURLs",
				      words(strcmp(r->resources, "*/") == 0 ? ALL : r->resources));
	} else {
		cJSON_AddItemToObject(o, "apiGroups", words(r->groups));
		cJSON_AddItemToObject(o, "resources", words(r->resources));
	}
	cJSON_AddItemToObject(o, "verbs", words(r->verbs));
	return o;
}

static cJSON *named(const char *kind, const char *name)
{
	cJSON *o = cJSON_CreateObject(), *meta, *labels;

	cJSON_AddStringToObject(o, "apiVersion", "rbac.authorization.k8s.io/v1");
	cJSON_AddStringToObject(o, "kind", kind);
	meta = cJSON_AddObjectToObject(o, "metadata");
	cJSON_AddStringToObject(meta, "name", name);
	labels = cJSON_AddObjectToObject(meta, "labels");
	cJSON_AddStringToObject(labels, "kubernetes.io/bootstrapping", "rbac-defaults");
	return o;
}

static cJSON *role_object(const struct role *r)
{
	cJSON *o = named("ClusterRole", r->name), *rules = cJSON_AddArrayToObject(o, "rules");

	for (size_t i = 0; i < ARRAY_LEN(r->rules) && r->rules[i].verbs; i++)
		cJSON_AddItemToArray(rules, rule_object(&r->rules[i]));
	return o;
}

static cJSON *binding_object(const struct role *r)
{
	cJSON *o = named("ClusterRoleBinding", r->name), *ref, *subjects;
	CLEANUP(json_freep) cJSON *groups = words(r->group);

	ref = cJSON_AddObjectToObject(o, "roleRef");
	cJSON_AddStringToObject(ref, "apiGroup", "rbac.authorization.k8s.io");
	cJSON_AddStringToObject(ref, "kind", "ClusterRole");
	cJSON_AddStringToObject(ref, "name", r->name);
	subjects = cJSON_AddArrayToObject(o, "subjects");
	JSON_EACH(group, groups)
	{
		cJSON *subject = cJSON_CreateObject();

		cJSON_AddItemToArray(subjects, subject);
		cJSON_AddStringToObject(subject, "apiGroup", "rbac.authorization.k8s.io");
		cJSON_AddStringToObject(subject, "kind", "Group");
		cJSON_AddStringToObject(subject, "name", group->valuestring);
	}
	return o;
}

cJSON *rbac_bootstrap(void)
{
	cJSON *all = cJSON_CreateArray();

	for (size_t i = 0; i < ARRAY_LEN(roles); i++) {
		cJSON_AddItemToArray(all, role_object(&roles[i]));
		if (roles[i].group)
			cJSON_AddItemToArray(all, binding_object(&roles[i]));
	}
	return all;
}
