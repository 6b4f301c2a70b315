/* Projects that somebody asks for: a namespace with what people call it, of which the asker is the administrator. */
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/mem.h"
#include "lab/rest/rest_internal.h"

/* A request under way: first the namespace is made, then its asker's rights. */
struct asking {
	struct lab_api *api;
	struct web_request *request; /* NULL when the client has gone */
	char *user;
	cJSON *namespace; /* as it was stored; NULL before */
};

static void asking_free(struct asking *a)
{
	cJSON_Delete(a->namespace);
	free(a->user);
	free(a);
}

/* The rest goes on without them. */
static void on_gone(struct web_request *r)
{
	((struct asking *)r->user)->request = NULL;
}

static void reply_project(const struct asking *a)
{
	int v;
	const struct resource *projects = resources_find(&a->api->resources, api_kind_project.group,
							 api_kind_project.versions[0], api_kind_project.plural, &v);
	CLEANUP(json_freep) cJSON *project = cJSON_Duplicate(a->namespace, true);

	object_set_type(project, projects, (size_t)v);
	rest_reply_json(a->request, 201, project);
}

static void on_bound(void *arg, int status, const cJSON *result)
{
	struct asking *a = arg;

	if (a->request && status != 201)
		rest_reply_status(a->request, status_internal("the project was made, its administrator was not: %s",
							      json_str_or_empty(result, "message")));
	else if (a->request)
		reply_project(a);
	asking_free(a);
}

static cJSON *binding_of(const char *user)
{
	cJSON *o = json_literal("{\"apiVersion\":\"rbac.authorization.k8s.io/v1\",\"kind\":\"RoleBinding\","
				"\"metadata\":{\"name\":\"admin\"},\"roleRef\":{\"apiGroup\":"
				"\"rbac.authorization.k8s.io\",\"kind\":\"ClusterRole\",\"name\":\"admin\"},"
				"\"subjects\":[{\"apiGroup\":\"rbac.authorization.k8s.io\",\"kind\":\"User\"}]}");

	json_set_str(json_get(o, "subjects")->child, "name", user);
	return o;
}

static void on_namespace(struct op *op, int status, const cJSON *result)
{
	struct asking *a = op->arg;
	const struct lab_client client = {.api = a->api, .user = "system:apiserver", .manager = "openshift-apiserver"};

	if (status == 201)
		a->namespace = cJSON_Duplicate(result, true);
	if (a->namespace && !op->dry_run) {
		lab_create(&client, GVR(role_binding), json_str(result, "metadata.name"), binding_of(a->user), on_bound,
			   a);
		return;
	}
	if (a->request && a->namespace)
		reply_project(a);
	else if (a->request)
		rest_reply_json(a->request, status, result);
	asking_free(a);
}

static cJSON *namespace_of(const cJSON *request, const char *user)
{
	cJSON *o = json_literal("{\"apiVersion\":\"v1\",\"kind\":\"Namespace\",\"metadata\":{}}");
	cJSON *meta = json_get(o, "metadata"), *notes;

	json_copy_member(meta, json_get(request, "metadata"), "name");
	json_copy_member(meta, json_get(request, "metadata"), "labels");
	json_copy_member(meta, json_get(request, "metadata"), "annotations");
	notes = json_object(meta, "annotations");
	json_set_str(notes, "openshift.io/description", json_str_or_empty(request, "description"));
	json_set_str(notes, "openshift.io/display-name", json_str_or_empty(request, "displayName"));
	json_set_str(notes, "openshift.io/requester", user);
	return o;
}

/* NULL or a failure. */
static cJSON *check_type(const struct resource *r, const cJSON *body)
{
	const char *kind = json_str_or_empty(body, "kind"), *version = json_str_or_empty(body, "apiVersion");
	char want[256];

	if (!strcmp(kind, r->kind) && !strcmp(version, resource_api_version(r, r->storage, want)))
		return NULL;
	return status_bad_request("%s of %s in the data is not a %s", kind, version, r->kind);
}

void project_request(struct lab_api *api, struct web_request *r, const struct route *t)
{
	CLEANUP(json_freep) cJSON *body = NULL;
	cJSON *fail = options_check_write(r, VERB_CREATE);
	struct route namespaces = *t;

	if (!fail)
		fail = rest_body(r, t->res->kind, &body);
	if (!fail)
		fail = check_type(t->res, body);
	if (fail) {
		rest_reply_status(r, fail);
		return;
	}
	namespaces.res = resources_find(&api->resources, "", "v1", "namespaces", &namespaces.v);
	struct op *op = rest_op(api, r, &namespaces, VERB_CREATE);
	struct asking *a = NEW(struct asking);

	*a = (struct asking){.api = api, .request = r, .user = mem_strdup(t->user.name)};
	r->user = a;
	r->on_gone = on_gone;
	op->body = namespace_of(body, t->user.name);
	op->done = on_namespace;
	op->arg = a;
	op_start(op);
}

void project_may_request(struct web_request *r)
{
	CLEANUP(json_freep)
	cJSON *s = json_literal("{\"kind\":\"Status\",\"apiVersion\":\"v1\",\"metadata\":{},\"status\":\"Success\"}");

	rest_reply_json(r, 200, s);
}
