/*
 * A kustomization: the objects of its resources, each with what it says of all of them. What has no bearing on a mesh's
 * configuration (images) is left alone; what has, and is not carried out, is told.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "api/kind.h"
#include "base/cleanup.h"
#include "base/file.h"
#include "ctl/source/source_internal.h"
#include "msg/json.h"
#include "msg/msg.h"
#include "msg/patch.h"

struct kustomizing {
	struct source_set *set;
	const char *path, *folder; /* of the kustomization */
	size_t first;              /* its objects in the set begin here */
	int deep;
	struct err *e;
};

typedef int field_fn(struct kustomizing *k, const char *name, const cJSON *value);

const char *source_kustomization(struct source_set *s, const char *folder)
{
	static const char *const names[] = {"kustomization.yaml", "kustomization.yml", "Kustomization"};

	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		const char *path = arena_printf(&s->arena, "%s/%s", folder, names[i]);
		struct stat st;

		if (stat(path, &st) == 0 && S_ISREG(st.st_mode))
			return path;
	}
	return NULL;
}

/* --- resources --- */

static bool is_remote(const char *name)
{
	return strstr(name, "://") || strstr(name, "?ref=") || !strncmp(name, "github.com/", 11) ||
	       !strncmp(name, "git@", 4);
}

static int read_resource(struct kustomizing *k, const char *name)
{
	const char *path = *name == '/' ? name : arena_printf(&k->set->arena, "%s/%s", k->folder, name);
	const char *kustomization;
	struct stat st;

	if (is_remote(name)) {
		source_remark(k->set, k->path, false, "%s is not fetched", name);
		return 0;
	}
	if (stat(path, &st) < 0)
		return err_set(k->e, -ENOENT, "%s: resources: there is no %s", k->path, path);
	if (!S_ISDIR(st.st_mode))
		return source_read_file(k->set, path, k->e);
	kustomization = source_kustomization(k->set, path);
	if (!kustomization)
		return err_set(k->e, -ENOENT, "%s: resources: %s has no kustomization", k->path, path);
	return source_read_kustomization(k->set, kustomization, k->deep + 1, k->e);
}

static int read_resources(struct kustomizing *k, const char *name, const cJSON *value)
{
	int r = 0;

	(void)name;
	for (const cJSON *v = value ? value->child : NULL; r == 0 && v; v = v->next)
		if (cJSON_IsString(v))
			r = read_resource(k, v->valuestring);
	return r;
}

/* --- patches --- */

/* What a patch is for; NULL = anything. */
struct target {
	const char *kind, *name, *ns;
};

static bool is_meant(const struct target *t, const cJSON *o)
{
	return (!t->kind || !strcmp(t->kind, json_str_or_empty(o, "kind"))) &&
	       (!t->name || !strcmp(t->name, json_str_or_empty(o, "metadata.name"))) &&
	       (!t->ns || !strcmp(t->ns, json_str_or_empty(o, "metadata.namespace")));
}

/* An operation on the object itself, whose memory is its document's. */
static bool whole(const cJSON *patch)
{
	JSON_EACH(op, patch)
	if (!*json_str_or_empty(op, "path") || (json_get(op, "from") && !*json_str_or_empty(op, "from")))
		return true;
	return false;
}

static int patch_one(struct kustomizing *k, struct source_object *o, const cJSON *patch, struct err *e)
{
	const struct api_kind *kind =
		api_kind_find(json_str_or_empty(o->json, "apiVersion"), json_str_or_empty(o->json, "kind"));

	if (cJSON_IsArray(patch))
		return whole(patch) ? err_set(e, -EINVAL, "it replaces the whole object")
				    : patch_json(&o->json, patch, e);
	if (!strcmp(json_str_or_empty(patch, "$patch"), "delete")) {
		vec_remove(&k->set->objects, (size_t)(o - k->set->objects.v));
		return 0;
	}
	msg_merge_json(kind ? kind->desc : NULL, o->json, patch);
	return 0;
}

/* With a target the patch's own name says nothing. */
static cJSON *nameless(const cJSON *patch)
{
	cJSON *copy = cJSON_Duplicate(patch, true), *meta = json_get(copy, "metadata");

	json_remove(copy, "apiVersion");
	json_remove(copy, "kind");
	json_remove(meta, "name");
	json_remove(meta, "namespace");
	return copy;
}

/* One document of a patch. target NULL: the patch names its object itself. */
static int apply_patch(struct kustomizing *k, const struct target *target, const cJSON *patch)
{
	const struct target own = {json_str(patch, "kind"), json_str(patch, "metadata.name"),
				   json_str(patch, "metadata.namespace")};
	const struct target *t = target ? target : &own;
	CLEANUP(json_freep) cJSON *copy = target && cJSON_IsObject(patch) ? nameless(patch) : NULL;
	struct err why = ERR_INIT;
	size_t hits = 0;

	for (size_t i = k->set->objects.n; i-- > k->first;) {
		if (!is_meant(t, k->set->objects.v[i].json))
			continue;
		hits++;
		if (patch_one(k, &k->set->objects.v[i], copy ? copy : patch, &why) < 0)
			return err_set(k->e, -EINVAL, "%s: patch of %s %s: %s", k->path, t->kind ? t->kind : "",
				       t->name ? t->name : "", why.msg);
	}
	if (!hits)
		return err_set(k->e, -ENOENT, "%s: a patch finds no %s %s", k->path, t->kind ? t->kind : "object",
			       t->name ? t->name : "");
	return 0;
}

struct patching {
	struct kustomizing *k;
	const struct target *target;
};

static int on_patch(void *arg, cJSON *doc, struct err *e)
{
	struct patching *p = arg;
	const int r = apply_patch(p->k, p->target, doc);

	(void)e;
	cJSON_Delete(doc);
	return r;
}

static int apply_text(struct kustomizing *k, const struct target *t, struct slice text)
{
	struct patching p = {k, t};
	struct err why = ERR_INIT;
	const int r = yaml_each(text, on_patch, &p, &why);

	if (r < 0 && why.code)
		return err_set(k->e, r, "%s: a patch: %s", k->path, why.msg);
	return r;
}

static int apply_file(struct kustomizing *k, const struct target *t, const char *name)
{
	CLEANUP(buf_done) struct buf text = BUF_INIT;
	const char *path = *name == '/' ? name : arena_printf(&k->set->arena, "%s/%s", k->folder, name);
	const int r = file_read(path, YAML_MAX_BYTES, &text, k->e);

	return r < 0 ? r : apply_text(k, t, buf_slice(&text));
}

/* Of targets only names are followed: a selector, or a regular expression, is told. */
static bool read_target(struct kustomizing *k, const char *field, const cJSON *target, struct target *ret)
{
	const char *name = json_str(target, "name");

	*ret = (struct target){json_str(target, "kind"), name, json_str(target, "namespace")};
	if (!json_get(target, "labelSelector") && !json_get(target, "annotationSelector") &&
	    (!name || !strpbrk(name, ".*+?|()[]{}^$\\")))
		return true;
	source_remark(k->set, k->path, false, "%s: targets by selector or expression are not followed", field);
	return false;
}

/* patches, patchesJson6902 */
static int read_patches(struct kustomizing *k, const char *name, const cJSON *value)
{
	int r = 0;

	for (const cJSON *v = value ? value->child : NULL; r == 0 && v; v = v->next) {
		const char *path = json_str(v, "path"), *text = json_str(v, "patch");
		const cJSON *target = json_get(v, "target");
		struct target t;

		if (target && !read_target(k, name, target, &t))
			continue;
		if (path)
			r = apply_file(k, target ? &t : NULL, path);
		else if (text)
			r = apply_text(k, target ? &t : NULL, slice_str(text));
	}
	return r;
}

/* patchesStrategicMerge: files, or patches as they are. */
static int read_merges(struct kustomizing *k, const char *name, const cJSON *value)
{
	int r = 0;

	(void)name;
	for (const cJSON *v = value ? value->child : NULL; r == 0 && v; v = v->next)
		if (cJSON_IsString(v))
			r = strchr(v->valuestring, '\n') ? apply_text(k, NULL, slice_str(v->valuestring))
							 : apply_file(k, NULL, v->valuestring);
	return r;
}

/* --- what is said of all objects --- */

static int set_namespace(struct kustomizing *k, const char *name, const cJSON *value)
{
	(void)name;
	for (size_t i = k->first; cJSON_IsString(value) && i < k->set->objects.n; i++) {
		cJSON *o = k->set->objects.v[i].json;
		const struct api_kind *kind =
			api_kind_find(json_str_or_empty(o, "apiVersion"), json_str_or_empty(o, "kind"));

		if (kind == &api_kind_namespace)
			json_set_str(json_object(o, "metadata"), "name", value->valuestring);
		else if (!kind || api_kind_namespaced(kind))
			json_set_str(json_object(o, "metadata"), "namespace", value->valuestring);
	}
	return 0;
}

static void add_pairs(cJSON *to, const cJSON *pairs)
{
	JSON_EACH(p, pairs)
	if (cJSON_IsString(p))
		json_set_str(to, p->string, p->valuestring);
}

static int set_annotations(struct kustomizing *k, const char *name, const cJSON *value)
{
	(void)name;
	for (size_t i = k->first; i < k->set->objects.n; i++)
		add_pairs(json_object(json_object(k->set->objects.v[i].json, "metadata"), "annotations"), value);
	return 0;
}

/* Into a map that is there. */
static void add_at(cJSON *o, const char *path, const cJSON *pairs)
{
	cJSON *at = json_at(o, path);

	if (cJSON_IsObject(at))
		add_pairs(at, pairs);
}

static void set_labels(cJSON *o, const cJSON *pairs, bool templates, bool selectors)
{
	cJSON *template = json_at(o, "spec.template");

	add_pairs(json_object(json_object(o, "metadata"), "labels"), pairs);
	if (template && (templates || selectors))
		add_pairs(json_object(json_object(template, "metadata"), "labels"), pairs);
	if (!selectors)
		return;
	add_at(o, "spec.selector.matchLabels", pairs);
	if (!strcmp(json_str_or_empty(o, "kind"), "Service"))
		add_at(o, "spec.selector", pairs);
}

static int common_labels(struct kustomizing *k, const char *name, const cJSON *value)
{
	(void)name;
	for (size_t i = k->first; i < k->set->objects.n; i++)
		set_labels(k->set->objects.v[i].json, value, true, true);
	return 0;
}

static int some_labels(struct kustomizing *k, const char *name, const cJSON *value)
{
	(void)name;
	for (const cJSON *v = value ? value->child : NULL; v; v = v->next)
		for (size_t i = k->first; i < k->set->objects.n; i++)
			set_labels(k->set->objects.v[i].json, json_get(v, "pairs"), json_true(v, "includeTemplates"),
				   json_true(v, "includeSelectors"));
	return 0;
}

static int set_replicas(struct kustomizing *k, const char *name, const cJSON *value)
{
	(void)name;
	for (const cJSON *v = value ? value->child : NULL; v; v = v->next)
		for (size_t i = k->first; i < k->set->objects.n; i++) {
			cJSON *o = k->set->objects.v[i].json;

			if (!strcmp(json_str_or_empty(o, "metadata.name"), json_str_or_empty(v, "name")) &&
			    json_at(o, "spec.template"))
				json_set_int(json_object(o, "spec"), "replicas", json_int(v, "count", 1));
		}
	return 0;
}

static int told(struct kustomizing *k, const char *name, const cJSON *value)
{
	if (!json_is_empty(value))
		source_remark(k->set, k->path, false, "%s is not carried out", name);
	return 0;
}

/* In the order in which kustomize carries them out. */
static const struct {
	const char *name;
	field_fn *fn; /* NULL: says nothing about the objects of a mesh */
} fields[] = {
	{"resources", read_resources},
	{"bases", read_resources},
	{"components", read_resources},
	{"configMapGenerator", told},
	{"secretGenerator", told},
	{"helmCharts", told},
	{"generators", told},
	{"patchesStrategicMerge", read_merges},
	{"patches", read_patches},
	{"patchesJson6902", read_patches},
	{"namespace", set_namespace},
	{"namePrefix", told},
	{"nameSuffix", told},
	{"commonLabels", common_labels},
	{"labels", some_labels},
	{"commonAnnotations", set_annotations},
	{"replicas", set_replicas},
	{"transformers", told},
	{"replacements", told},
	{"vars", told},
	{"configurations", told},
	{"apiVersion", NULL},
	{"kind", NULL},
	{"metadata", NULL},
	{"images", NULL},
	{"crds", NULL},
	{"openapi", NULL},
	{"buildMetadata", NULL},
	{"generatorOptions", NULL},
	{"sortOptions", NULL},
};

static void tell_unknown(struct kustomizing *k, const cJSON *doc)
{
	JSON_EACH(m, doc)
	{
		bool known = false;

		for (size_t i = 0; i < ARRAY_LEN(fields); i++)
			known |= !strcmp(fields[i].name, m->string);
		if (!known)
			source_remark(k->set, k->path, false, "%s is not known", m->string);
	}
}

static int carry_out(struct kustomizing *k, const cJSON *doc)
{
	int r = 0;

	tell_unknown(k, doc);
	for (size_t i = 0; r == 0 && i < ARRAY_LEN(fields); i++)
		if (fields[i].fn && json_get(doc, fields[i].name))
			r = fields[i].fn(k, fields[i].name, json_get(doc, fields[i].name));
	return r;
}

int source_read_kustomization(struct source_set *s, const char *path, int deep, struct err *e)
{
	CLEANUP(buf_done) struct buf text = BUF_INIT;
	CLEANUP(json_freep) cJSON *doc = NULL;
	struct kustomizing k = {
		.set = s,
		.path = path,
		.folder = arena_slicedup(&s->arena, slice_head(slice_str(path), (size_t)(strrchr(path, '/') - path))),
		.first = s->objects.n,
		.deep = deep,
		.e = e};
	int r;

	if (deep > SOURCE_FOLDERS_DEEP_MAX)
		return err_set(e, -ELOOP, "%s: kustomizations lead to one another more than %d deep", path,
			       SOURCE_FOLDERS_DEEP_MAX);
	r = file_read(path, YAML_MAX_BYTES, &text, e);
	if (r < 0)
		return r;
	r = yaml_parse(buf_slice(&text), &doc, e);
	if (r == -ENODATA)
		return err_set(e, -EINVAL, "%s is empty", path);
	if (r < 0)
		return err_wrap(e, r, "%s", path);
	return carry_out(&k, doc);
}
