/*
 * Judging one object of an existing mesh. Which judge an object gets is a table of groups and kinds; what our own kinds
 * ask for is judged by the same functions that the webhooks and the operator use, so that nothing else is said here
 * than will be said there.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "api/maistra/smcp.h"
#include "api/object.h"
#include "base/cleanup.h"
#include "base/slice.h"
#include "ctl/install/judge_internal.h"
#include "msg/json.h"
#include "msg/yaml.h"
#include "operator/convert/convert.h"
#include "operator/spec/spec.h"
#include "validate/validate.h"

const char *verdict_str(enum verdict v)
{
	static const char *const words[] = {"carried out", "differs", "refused"};

	return words[v];
}

void judge_say(struct judging *j, enum verdict v, const char *path, const char *fmt, ...)
{
	char text[800];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	j->worst = MAX(j->worst, v);
	if (j->fn)
		j->fn(j->arg, v, path, text);
}

/* --- kinds of ours --- */

static void on_unknown(void *arg, const char *path)
{
	if (strncmp(path, "status", 6) != 0 && strncmp(path, "metadata", 8) != 0)
		judge_say(arg, VERDICT_DIFFERS, path, "there is no such field here; it is dropped");
}

static void on_problem(void *arg, const char *path, enum msg_cause cause, const char *text)
{
	(void)cause;
	if (strncmp(path, "status", 6) != 0)
		judge_say(arg, VERDICT_REFUSED, path, "%s", text);
}

static void on_error(void *arg, const char *path, const char *text)
{
	judge_say(arg, VERDICT_REFUSED, path, "%s", text);
}

static void on_difference(void *arg, const char *path, const char *text)
{
	/* The whole of it has no effect. */
	judge_say(arg, strcmp(path, "spec") != 0 ? VERDICT_DIFFERS : VERDICT_REFUSED, path, "%s", text);
}

/* "path: reason" a line. */
static void say_lines(struct judging *j, struct slice lines)
{
	while (lines.len) {
		struct slice line = slice_split(&lines, '\n');
		const char *colon = line.len ? memmem(line.ptr, line.len, ": ", 2) : NULL;
		char path[MSG_PATH_MAX];

		if (!colon)
			continue;
		snprintf(path, sizeof(path), "%.*s", (int)(colon - line.ptr), line.ptr);
		judge_say(j, VERDICT_DIFFERS, path, "%.*s", (int)(line.len - (size_t)(colon + 2 - line.ptr)),
			  colon + 2);
	}
}

static void judge_control_plane(struct judging *j, const struct api_object *o)
{
	CLEANUP(arena_done) struct arena arena = ARENA_INIT;
	CLEANUP(json_freep) cJSON *applied = NULL;
	CLEANUP(buf_done) struct buf told = BUF_INIT;
	static const struct maistra_smcp_spec nothing;
	const struct maistra_smcp_spec *spec = API_VALUE(o, smcp, maistra_smcp)->spec, *whole;
	struct err e = ERR_INIT;

	if (!spec)
		spec = &nothing;
	whole = spec_resolve(spec, NULL, &arena, &applied, &e);
	if (!whole)
		judge_say(j, VERDICT_REFUSED, "spec.profiles", "%s", e.msg);
	else if (spec_validate(whole, &e) < 0)
		judge_say(j, VERDICT_REFUSED, "spec", "%s", e.msg);
	spec_unsupported(spec, &told);
	say_lines(j, buf_slice(&told));
}

/* The object as we read it: a control plane of v1 is what it becomes in v2. The caller frees it. */
static cJSON *as_read(struct judging *j, const cJSON *o)
{
	cJSON *v2 = NULL;
	struct err e = ERR_INIT;

	if (strcmp(json_str_or_empty(o, "apiVersion"), CONVERT_V1) != 0 ||
	    strcmp(json_str_or_empty(o, "kind"), api_kind_smcp.kind) != 0)
		return cJSON_Duplicate(o, true);
	if (convert_smcp(o, CONVERT_V2, &v2, &e) < 0)
		judge_say(j, VERDICT_REFUSED, "spec", "%s", e.msg);
	else
		judge_say(j, VERDICT_DIFFERS, "apiVersion", "read as " CONVERT_V2 ", whose paths follow");
	return v2;
}

static bool is_named(const cJSON *o)
{
	return *json_str_or_empty(o, "metadata.name") || *json_str_or_empty(o, "metadata.generateName");
}

void judge_known(struct judging *j, const cJSON *said)
{
	CLEANUP(json_freep) cJSON *o = as_read(j, said);
	struct api_object *obj = NULL;
	struct err e = ERR_INIT;

	if (!o)
		return;
	if (!api_kind_find(json_str_or_empty(o, "apiVersion"), json_str_or_empty(o, "kind"))) {
		judge_say(j, VERDICT_REFUSED, "apiVersion", "%s of %s is not served here", json_str_or_empty(o, "kind"),
			  json_str_or_empty(o, "apiVersion"));
		return;
	}
	if (api_object_decode(o, on_unknown, j, &obj, &e) < 0) {
		judge_say(j, VERDICT_REFUSED, "", "%s", e.msg);
		return;
	}
	if (!is_named(o))
		judge_say(j, VERDICT_REFUSED, "metadata.name", "the object has no name");
	msg_validate(obj->kind->desc, obj->value, on_problem, j);
	if (obj->kind == &api_kind_smcp)
		judge_control_plane(j, obj);
	validate_object(obj, on_error, on_difference, j);
	if (obj->kind->group[0] && strcmp(obj->kind->group, "maistra.io") != 0)
		validate_unsupported(obj, on_difference, j);
	api_object_unref(obj);
}

/* --- what others install --- */

static void judge_gateway_api(struct judging *j, const cJSON *o)
{
	judge_say(j, VERDICT_REFUSED, "", "Kubernetes' Gateway API is not served: write a %s",
		  strcmp(json_str_or_empty(o, "kind"), "Gateway") ? "VirtualService"
								  : "Gateway of networking.istio.io");
}

static void judge_federation(struct judging *j, const cJSON *o)
{
	(void)o;
	judge_say(j, VERDICT_REFUSED, "", "meshes are not federated");
}

static void judge_extension(struct judging *j, const cJSON *o)
{
	(void)o;
	judge_say(j, VERDICT_REFUSED, "", "there are no extensions of this kind; see WasmPlugin");
}

/* --- of Kubernetes' own kinds, what a mesh reads in them --- */

static bool judge_config_map(struct judging *j, const cJSON *o)
{
	const char *name = json_str_or_empty(o, "metadata.name"), *text = json_get_str(json_get(o, "data"), "mesh");
	CLEANUP(json_freep) cJSON *config = NULL;
	struct err e = ERR_INIT;

	if (!text || (strcmp(name, "istio") != 0 && strncmp(name, "istio-", 6) != 0))
		return false;
	if (yaml_parse(slice_str(text), &config, &e) < 0 && e.code != -ENODATA)
		judge_say(j, VERDICT_REFUSED, "data.mesh", "%s", e.msg);
	judge_say(j, VERDICT_DIFFERS, "data.mesh",
		  "the operator writes its own, istio-NAME, from the ServiceMeshControlPlane: say there what is said "
		  "here");
	judge_mesh_config(j, config, "data.mesh");
	return true;
}

static bool judge_namespace(struct judging *j, const cJSON *o)
{
	const cJSON *labels = json_at(o, "metadata.labels");
	const char *injection = json_get_str(labels, "istio-injection"),
		   *revision = json_get_str(labels, "istio.io/rev");

	if (json_get_str(labels, "maistra.io/member-of"))
		return true; /* as it is */
	if (revision)
		judge_say(j, VERDICT_DIFFERS, "metadata.labels[istio.io/rev]",
			  "sidecars come to members of a mesh: name this namespace in its ServiceMeshMemberRoll");
	if (injection && !strcmp(injection, "enabled"))
		judge_say(j, VERDICT_DIFFERS, "metadata.labels[istio-injection]",
			  "makes a member of mode ClusterWide; else name this namespace in the ServiceMeshMemberRoll. "
			  "Pods get a sidecar if they ask for it, or if spec.proxy.injection.autoInject is true");
	return revision || injection;
}

static bool judge_workload(struct judging *j, const cJSON *o)
{
	const bool pod = !strcmp(json_str_or_empty(o, "kind"), "Pod");
	const cJSON *annotations = json_at(o, pod ? "metadata.annotations" : "spec.template.metadata.annotations");
	const char *prefix = pod ? "" : "spec.template.";
	const char *mode = json_get_str(annotations, "sidecar.istio.io/interceptionMode");
	const char *templates = json_get_str(annotations, "inject.istio.io/templates");
	char path[MSG_PATH_MAX];

	if (mode && !strcmp(mode, "TPROXY")) {
		snprintf(path, sizeof(path), "%smetadata.annotations[sidecar.istio.io/interceptionMode]", prefix);
		judge_say(j, VERDICT_REFUSED, path, "TPROXY is refused; REDIRECT and NONE are there");
	}
	if (templates && !strncmp(templates, "grpc-", 5)) {
		snprintf(path, sizeof(path), "%smetadata.annotations[inject.istio.io/templates]", prefix);
		judge_say(j, VERDICT_REFUSED, path, "there is no template %s", templates);
	}
	return json_get_str(annotations, "sidecar.istio.io/inject") || j->worst != VERDICT_CARRIED;
}

/* --- who judges what --- */

static const struct {
	const char *group;
	void (*judge)(struct judging *j, const cJSON *o);
} groups[] = {
	{"maistra.io", judge_known},
	{"networking.istio.io", judge_known},
	{"security.istio.io", judge_known},
	{"telemetry.istio.io", judge_known},
	{"extensions.istio.io", judge_known},
	{"install.istio.io", judge_installation},
	{"sailoperator.io", judge_installation},
	{"gateway.networking.k8s.io", judge_gateway_api},
	{"federation.maistra.io", judge_federation},
};

static const struct {
	const char *kind;
	bool (*judge)(struct judging *j, const cJSON *o); /* false: no business of a mesh */
} kinds[] = {
	{"ConfigMap", judge_config_map}, {"Namespace", judge_namespace},  {"Pod", judge_workload},
	{"Deployment", judge_workload},  {"StatefulSet", judge_workload}, {"DaemonSet", judge_workload},
	{"ReplicaSet", judge_workload},  {"Job", judge_workload},
};

static struct slice group_of(const cJSON *o)
{
	struct slice version = slice_str(json_str_or_empty(o, "apiVersion"));

	return slice_find(version, '/') < 0 ? SLICE("") : slice_split(&version, '/');
}

bool judge_object(const cJSON *o, judge_fn *on_finding, void *arg, enum verdict *ret)
{
	struct judging j = {.fn = on_finding, .arg = arg};
	const char *kind = json_str_or_empty(o, "kind");
	bool mine = false;

	if (slice_eq_str(group_of(o), "maistra.io") && !strcmp(kind, "ServiceMeshExtension")) {
		judge_extension(&j, o);
		mine = true;
	}
	for (size_t i = 0; !mine && i < ARRAY_LEN(groups); i++) {
		if (slice_eq_str(group_of(o), groups[i].group)) {
			groups[i].judge(&j, o);
			mine = true;
		}
	}
	for (size_t i = 0; !mine && i < ARRAY_LEN(kinds); i++)
		if (!strcmp(kind, kinds[i].kind))
			mine = kinds[i].judge(&j, o);
	*ret = j.worst;
	return mine;
}
