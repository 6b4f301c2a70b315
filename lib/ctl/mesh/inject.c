/* inject: manifests with the proxies that the injector would put into their pods. */
#include <string.h>

#include "base/cleanup.h"
#include "ctl/mesh/load.h"
#include "msg/json.h"

/* Where each kind has its pods' template ("" = it is a pod itself), and the kind that its pods name as their owner. */
static const struct injected {
	const char *kind, *path, *owner;
} kinds[] = {
	{"Pod", "", NULL},
	{"Deployment", "spec.template", "ReplicaSet"},
	{"StatefulSet", "spec.template", "StatefulSet"},
	{"DaemonSet", "spec.template", "DaemonSet"},
	{"ReplicaSet", "spec.template", "ReplicaSet"},
	{"DeploymentConfig", "spec.template", "ReplicationController"},
	{"Job", "spec.template", "Job"},
	{"CronJob", "spec.jobTemplate.spec.template", "Job"},
};

static const struct injected *find(const char *kind)
{
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
		if (!strcmp(kinds[i].kind, kind))
			return &kinds[i];
	return NULL;
}

/* The pod that would be made of the template; by its owner the proxy knows the workload. */
static cJSON *pod_of(const struct mesh *m, const cJSON *o, const struct injected *k, const cJSON *template)
{
	cJSON *pod = cJSON_Duplicate(template, true), *meta, *owner;
	const char *ns = json_str(o, "metadata.namespace");

	json_set_str(pod, "apiVersion", "v1");
	json_set_str(pod, "kind", "Pod");
	meta = json_object(pod, "metadata");
	json_default_str(meta, "name", json_str_or_empty(o, "metadata.name"));
	json_set_str(meta, "namespace", ns ? ns : m->o.ns);
	if (!k->owner)
		return pod;
	owner = cJSON_CreateObject();
	json_set_str(owner, "apiVersion", "apps/v1");
	json_set_str(owner, "kind", k->owner);
	json_set_str(owner, "name", json_str_or_empty(o, "metadata.name"));
	json_set_str(owner, "uid", "");
	json_set_bool(owner, "controller", true);
	cJSON_AddItemToArray(json_array(meta, "ownerReferences"), owner);
	return pod;
}

/* Takes the parts of a template from an injected pod. */
static void put_back(cJSON *template, const cJSON *pod)
{
	cJSON *meta = json_object(template, "metadata");

	json_copy_member(template, pod, "spec");
	json_copy_member(meta, json_get(pod, "metadata"), "labels");
	json_copy_member(meta, json_get(pod, "metadata"), "annotations");
}

/* 1 when it got a proxy, 0 when it is as it was, or negative. */
static int inject_object(struct mesh *m, const struct source_object *s, struct err *e)
{
	const struct injected *k = find(json_str_or_empty(s->json, "kind"));
	cJSON *template = !k ? NULL : *k->path ? json_at(s->json, k->path) : s->json;
	CLEANUP(json_freep) cJSON *pod = NULL;
	int r;

	if (!s->lines || !cJSON_IsObject(template))
		return 0;
	pod = pod_of(m, s->json, k, template);
	r = mesh_inject(m, &pod, source_place(s, k->path, &m->arena), e);
	if (r == 1)
		put_back(template, pod);
	return r;
}

static void print(struct ctl *c, const struct mesh *m)
{
	CLEANUP(json_freep) cJSON *list = cJSON_CreateArray();
	size_t n = 0;

	for (size_t i = 0; i < m->set.objects.n; i++) {
		if (!m->set.objects.v[i].lines)
			continue; /* the cluster's */
		if (c->o.format == CTL_JSON) {
			cJSON_AddItemReferenceToArray(list, m->set.objects.v[i].json);
			continue;
		}
		CLEANUP(buf_done) struct buf out = BUF_INIT;

		yaml_print(m->set.objects.v[i].json, &out);
		fprintf(c->out, "%s%s", n++ ? "---\n" : "", buf_str(&out));
	}
	if (c->o.format == CTL_JSON) {
		CLEANUP(json_freep)
		cJSON *all = json_literal("{\"apiVersion\":\"v1\",\"kind\":\"List\"}");

		cJSON_AddItemReferenceToObject(all, "items", list);
		ctl_print(c, all);
	}
}

enum ctl_status ctl_inject(struct ctl *c)
{
	const struct mesh_options o = {.ns = c->o.ns, .plane_ns = c->o.plane_ns, .mesh_config = c->o.mesh_config};
	CLEANUP(mesh_done) struct mesh m = {0};
	struct err e = ERR_INIT;
	size_t n = 0;
	int r;

	if (!c->o.n_files) {
		fprintf(c->err, "%s inject: it wants -f FILE\n", c->name);
		return CTL_USAGE;
	}
	mesh_init(&m, &o);
	r = mesh_read(c, &m, &e);
	if (r == 0)
		r = mesh_prepare(&m, &e);
	for (size_t i = 0; r >= 0 && i < m.set.objects.n; i++) {
		r = inject_object(&m, &m.set.objects.v[i], &e);
		n += r == 1;
	}
	mesh_tell(c, &m);
	if (r < 0) {
		fprintf(c->err, "%s: %s\n", c->name, e.msg);
		return CTL_FAILED;
	}
	print(c, &m);
	fprintf(c->err, "%zu workloads got a proxy.\n", n);
	return m.n_bad ? CTL_REFUSED : CTL_OK;
}
