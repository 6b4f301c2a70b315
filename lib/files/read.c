/*
 * One text to objects: each is judged as the API server and the webhook for admission judge it (schema, then
 * lib/validate), and refused alone. A text that is no YAML is refused whole. What no weftd reads is told.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "api/object.h"
#include "base/base64.h"
#include "files/internal.h"
#include "mesh/config.h"
#include "msg/yaml.h"
#include "validate/validate.h"

#define TOLD_MAX 1024 /* bytes of one fault */

static const struct api_kind *const kinds[] = {
	&api_kind_namespace,
	&api_kind_service,
	&api_kind_endpoint_slice,
	&api_kind_pod,
	&api_kind_node,
	&api_kind_config_map,
	&api_kind_secret,
	&api_kind_role,
	&api_kind_role_binding,
	&api_kind_cluster_role,
	&api_kind_cluster_role_binding,
	&api_kind_virtual_service,
	&api_kind_destination_rule,
	&api_kind_gateway,
	&api_kind_service_entry,
	&api_kind_sidecar,
	&api_kind_peer_authentication,
	&api_kind_authorization_policy,
	&api_kind_request_authentication,
	&api_kind_envoy_filter,
	&api_kind_telemetry,
	&api_kind_wasm_plugin,
	&api_kind_workload_entry,
	&api_kind_workload_group,
	&api_kind_proxy_config,
};

const struct api_kind *files_kind(size_t i)
{
	return i < ARRAY_LEN(kinds) ? kinds[i] : NULL;
}

static bool is_read(const struct api_kind *kind)
{
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
		if (kinds[i] == kind)
			return true;
	return false;
}

bool files_is_name(const char *name)
{
	const size_t n = strlen(name);

	return n && n <= 253 && name[strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-.")] == 0 &&
	       !strchr("-.", name[0]) && !strchr("-.", name[n - 1]) && !strstr(name, "..");
}

void said_done(struct said *s)
{
	cJSON_Delete(s->json);
}

void reading_done(struct reading *r)
{
	for (size_t i = 0; i < r->objects.n; i++)
		said_done(&r->objects.v[i]);
	for (size_t i = 0; i < r->refused.n; i++)
		said_done(&r->refused.v[i]);
	for (size_t i = 0; i < r->faults.n; i++) {
		free(r->faults.v[i].object);
		free(r->faults.v[i].text);
	}
	vec_done(&r->objects);
	vec_done(&r->refused);
	vec_done(&r->faults);
}

void reading_tell(struct reading *r, unsigned line, bool refused, const char *object, const char *fmt, ...)
{
	char text[TOLD_MAX];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	vec_push(&r->faults, (struct fault){line, mem_strdup(object), mem_strdup(text), refused});
}

/* --- one object --- */

/* An object that is being judged. */
struct judging {
	struct reading *r;
	const char *plane_ns;
	const struct yaml_lines *lines;
	struct said said;
	char *label;
	bool bad;
};

static void tell(struct judging *j, bool refused, const char *path, const char *text)
{
	j->bad |= refused;
	reading_tell(j->r, yaml_line_at(j->lines, j->said.json, path), refused, j->label, "%s%s%s", path,
		     *path ? ": " : "", text);
}

static void on_error(void *arg, const char *path, const char *text)
{
	tell(arg, true, path, text);
}

static void on_warning(void *arg, const char *path, const char *text)
{
	tell(arg, false, path, text);
}

static void on_problem(void *arg, const char *path, enum msg_cause cause, const char *text)
{
	(void)cause;
	tell(arg, true, path, text);
}

/* A word that is misspelt may be what a policy hangs on: refused, as kubectl does it. Kubernetes' own kinds have fields
 * that nobody here needs to know. */
static void on_unknown(void *arg, const char *path)
{
	struct judging *j = arg;

	tell(j, j->said.kind->flags & API_CUSTOM, path, "there is no such field");
}

/* What an API server adds: the text of a Secret as bytes. */
static void encode_secret(cJSON *json)
{
	cJSON *texts = cJSON_DetachItemFromObjectCaseSensitive(json, "stringData");

	JSON_EACH(t, texts)
	{
		CLEANUP(buf_done) struct buf bytes = BUF_INIT;

		if (!cJSON_IsString(t))
			continue;
		base64_encode(slice_str(t->valuestring), &bytes);
		json_set_str(json_object(json, "data"), t->string, buf_str(&bytes));
	}
	cJSON_Delete(texts);
}

/* What an API server adds to a port of a Service. */
static void complete_service(cJSON *json)
{
	cJSON *port;

	cJSON_ArrayForEach(port, json_at(json, "spec.ports"))
	{
		json_default_str(port, "protocol", "TCP");
		if (!json_get(port, "targetPort") && json_get(port, "port"))
			json_set(port, "targetPort", cJSON_Duplicate(json_get(port, "port"), true));
	}
}

/* Statuses are ours to write, as in a cluster; what a cluster said of itself means nothing here. */
static void complete(struct judging *j)
{
	cJSON *json = j->said.json, *meta = json_object(json, "metadata");
	static const char *const foreign[] = {"resourceVersion",  "uid",      "generation",
					      "managedFields",    "selfLink", "ownerReferences",
					      "deletionTimestamp"};

	for (size_t i = 0; i < ARRAY_LEN(foreign); i++)
		json_remove(meta, foreign[i]);
	if (api_kind_namespaced(j->said.kind))
		json_default_str(meta, "namespace", "default");
	else
		json_remove(meta, "namespace");
	if (j->said.kind->flags & API_CUSTOM)
		json_remove(json, "status");
	if (j->said.kind == &api_kind_secret)
		encode_secret(json);
	if (j->said.kind == &api_kind_service)
		complete_service(json);
	if (j->said.kind == &api_kind_namespace)
		json_set_str(json_object(meta, "labels"), "kubernetes.io/metadata.name",
			     json_str_or_empty(meta, "name"));
}

/* Roles may have any name that fits a path. */
static bool is_named(const struct said *s)
{
	const bool loose = strcmp(s->kind->group, "rbac.authorization.k8s.io") == 0;

	return (loose ? *s->name && !strpbrk(s->name, "/%") : files_is_name(s->name)) &&
	       (!api_kind_namespaced(s->kind) || (files_is_name(s->ns) && !strchr(s->ns, '.')));
}

static bool is_settings(const struct judging *j)
{
	return j->said.kind == &api_kind_config_map && !strcmp(j->said.ns, j->plane_ns) &&
	       !strcmp(j->said.name, "istio");
}

/* The mesh's settings are a text in a text: one that cannot be read would be no settings after a restart. */
static void judge_settings(struct judging *j)
{
	const struct mesh_settings s = {
		.root_namespace = j->plane_ns, .domain = "cluster.local", .revision = "default"};
	const char *text = json_get_str(json_get(j->said.json, "data"), "mesh");
	struct mesh_config *m = NULL;
	struct err e = ERR_INIT;

	if (mesh_config_new(slice_str(text), &s, NULL, NULL, &m, &e) < 0)
		tell(j, true, "data.mesh", e.msg);
	mesh_config_unref(m);
}

/* What is said and means nothing here. */
static void tell_vain(struct judging *j)
{
	const struct said *s = &j->said;

	if (s->kind == &api_kind_config_map && !is_settings(j))
		tell(j, false, "",
		     "has no effect: of ConfigMaps the mesh's own counts, istio in the control plane's "
		     "namespace");
	if (s->kind == &api_kind_secret &&
	    strcmp(json_str_or_empty(s->json, "type"), "kubernetes.io/service-account-token") == 0)
		tell(j, true, "type",
		     "no token is taken from here: weftd --make-token NAMESPACE/SERVICEACCOUNT makes "
		     "one, of which only the digest is kept");
}

static void judge_known(struct judging *j)
{
	CLEANUP(api_object_unrefp) struct api_object *o = NULL;
	struct err e = ERR_INIT;

	if (api_object_decode(j->said.json, on_unknown, j, &o, &e) < 0) {
		tell(j, true, "", e.msg);
		return;
	}
	if (o->kind->flags & API_CUSTOM) {
		msg_validate(o->kind->desc, o->value, on_problem, j);
		validate_object(o, on_error, on_warning, j);
		validate_unsupported(o, on_warning, j);
	}
	if (is_settings(j))
		judge_settings(j);
	tell_vain(j);
}

static void name_it(struct judging *j)
{
	struct said *s = &j->said;

	s->ns = json_str_or_empty(s->json, "metadata.namespace");
	s->name = json_str_or_empty(s->json, "metadata.name");
	free(j->label);
	j->label = mem_printf("%s %s%s%s", s->kind->kind, s->ns, *s->ns ? "/" : "", s->name);
}

/* Takes the tree. */
static void judge(struct judging *j)
{
	struct said *s = &j->said;
	const char *version = json_str_or_empty(s->json, "apiVersion"), *kind = json_str_or_empty(s->json, "kind");

	s->line = yaml_line_of(j->lines, s->json);
	j->label = mem_printf("%.100s %.260s", kind, json_str_or_empty(s->json, "metadata.name"));
	s->kind = api_kind_find(version, kind);
	if (!s->kind || !is_read(s->kind)) {
		char text[300];

		snprintf(text, sizeof(text), "%.100s of %.100s is nothing that weftd reads without a cluster",
			 *kind ? kind : "an object without a kind", *version ? version : "no version");
		tell(j, !s->kind, "kind", text);
		said_done(s);
		return;
	}
	complete(j);
	name_it(j);
	if (!is_named(s)) {
		tell(j, true, "metadata.name",
		     "an object needs a name, and a namespace's, in small letters, digits, "
		     "dashes and dots");
		said_done(s);
		return;
	}
	judge_known(j);
	if (j->bad)
		vec_push(&j->r->refused, *s);
	else
		vec_push(&j->r->objects, *s);
}

/* --- one text --- */

struct texts {
	struct reading *r;
	const char *plane_ns;
	const struct yaml_lines *lines;
};

/* Takes the tree. */
static int give(const struct texts *t, cJSON *json, struct err *e)
{
	struct judging j = {.r = t->r, .plane_ns = t->plane_ns, .lines = t->lines, .said.json = json};
	const char *kind = json_str_or_empty(json, "kind");
	const size_t len = strlen(kind);
	cJSON *items = json_get(json, "items");
	int rc = 0;

	if (len >= 4 && !strcmp(kind + len - 4, "List") && cJSON_IsArray(items)) {
		while (rc == 0 && items->child)
			rc = give(t, cJSON_DetachItemViaPointer(items, items->child), e);
		cJSON_Delete(json);
		return rc;
	}
	if (!cJSON_IsObject(json) || t->r->objects.n + t->r->refused.n >= FILES_OBJECTS_MAX) {
		rc = err_set(e, -EINVAL, "YAML line %u: %s", MAX(yaml_line_of(t->lines, json), 1u),
			     cJSON_IsObject(json) ? "there are too many objects" : "what stands here is no object");
		cJSON_Delete(json);
		return rc;
	}
	judge(&j);
	free(j.label);
	return 0;
}

static int on_doc(void *arg, cJSON *doc, struct yaml_lines *lines, struct err *e)
{
	struct texts *t = arg;

	t->lines = lines;
	return give(t, doc, e);
}

void reading_of(struct slice text, const char *ns, struct reading *ret)
{
	struct texts t = {ret, ns, NULL};
	struct err e = ERR_INIT;
	unsigned line = 0;

	*ret = (struct reading){0};
	if (yaml_each_lines(text, on_doc, &t, &e) == 0)
		return;
	reading_done(ret);
	*ret = (struct reading){.broken = true};
	(void)sscanf(e.msg, "YAML line %u", &line);
	reading_tell(ret, line, true, "", "%s", e.msg);
}
