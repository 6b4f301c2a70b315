/* Where the objects of a mesh are read: files, folders, a cluster. */
#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "api/kind.h"
#include "base/cleanup.h"
#include "base/file.h"
#include "base/mem.h"
#include "ctl/precheck.h"
#include "msg/json.h"
#include "msg/yaml.h"

#define FOLDERS_DEEP_MAX 16

struct reading {
	const struct source_reader *to;
	const char *from;
};

static void give(const struct reading *r, const cJSON *o)
{
	const char *kind = json_str_or_empty(o, "kind");
	const size_t len = strlen(kind);

	if (len >= 4 && !strcmp(kind + len - 4, "List") && cJSON_IsArray(json_get(o, "items"))) {
		JSON_EACH(item, json_get(o, "items")) give(r, item);
		return;
	}
	r->to->on_object(r->to->arg, o, r->from);
}

static int on_doc(void *arg, cJSON *doc, struct err *e)
{
	(void)e;
	give(arg, doc);
	cJSON_Delete(doc);
	return 0;
}

/* JSON is YAML. */
static int read_text(const char *path, const struct buf *text, const struct source_reader *to, struct err *e)
{
	struct reading r = {to, path};
	const int rc = yaml_each(buf_slice(text), on_doc, &r, e);

	return rc < 0 ? err_wrap(e, rc, "%s", path) : 0;
}

static int read_file(const char *path, const struct source_reader *to, struct err *e)
{
	CLEANUP(buf_done) struct buf text = BUF_INIT;
	const int r = file_read(strcmp(path, "-") != 0 ? path : "/dev/stdin", YAML_MAX_BYTES, &text, e);

	return r < 0 ? r : read_text(path, &text, to, e);
}

static bool is_manifest(const char *name)
{
	const char *dot = strrchr(name, '.');

	return dot && (!strcmp(dot, ".yaml") || !strcmp(dot, ".yml") || !strcmp(dot, ".json"));
}

static int read_folder(const char *path, int deep, const struct source_reader *to, struct err *e);

/* A folder may hold data and templates beside manifests: what cannot be read is told, and the others are read. */
static int read_entry(const char *path, const char *name, int deep, const struct source_reader *to, struct err *e)
{
	CLEANUP(freep) char *whole = mem_printf("%s/%s", path, name);
	struct err bad = ERR_INIT;
	struct stat st;

	if (stat(whole, &st) < 0)
		return 0; /* a link to nothing */
	if (S_ISDIR(st.st_mode))
		return deep < FOLDERS_DEEP_MAX ? read_folder(whole, deep + 1, to, e) : 0;
	if (S_ISREG(st.st_mode) && is_manifest(name) && read_file(whole, to, &bad) < 0)
		to->on_unread(to->arg, whole, bad.msg);
	return 0;
}

static int read_folder(const char *path, int deep, const struct source_reader *to, struct err *e)
{
	struct dirent **entries;
	const int n = scandir(path, &entries, NULL, alphasort);
	int r = 0;

	if (n < 0)
		return err_errno(e, errno, "%s", path);
	for (int i = 0; i < n; i++) {
		if (r == 0 && entries[i]->d_name[0] != '.')
			r = read_entry(path, entries[i]->d_name, deep, to, e);
		free(entries[i]);
	}
	free(entries);
	return r;
}

int source_files(const char *path, const struct source_reader *to, struct err *e)
{
	struct stat st;

	if (strcmp(path, "-") != 0 && stat(path, &st) < 0)
		return err_errno(e, errno, "%s", path);
	if (strcmp(path, "-") != 0 && S_ISDIR(st.st_mode))
		return read_folder(path, 0, to, e);
	return read_file(path, to, e);
}

/* --- a cluster --- */

static int list_kind(struct ctl *c, const struct api_kind *kind, const struct source_reader *to, struct err *e)
{
	CLEANUP(json_freep) cJSON *found = NULL;
	const enum kube_reason reason = ctl_list(c, kind, NULL, &found, e);

	if (reason == KUBE_NOT_FOUND)
		return 0;
	if (reason != KUBE_OK)
		return -EIO;
	JSON_EACH(o, found) to->on_object(to->arg, o, "cluster");
	return 0;
}

/* Kinds without rows of ours: installations by istioctl and by other operators, and Kubernetes' Gateway API. */
static void list_others(struct ctl *c, const struct source_reader *to)
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

	for (size_t i = 0; i < ARRAY_LEN(others); i++) {
		CLEANUP(freep) char *path = mem_printf("/apis/%s/%s", others[i].api_version, others[i].plural);
		CLEANUP(json_freep) cJSON *list = NULL;

		if (ctl_get_path(c, path, &list, NULL) != KUBE_OK)
			continue;
		for (cJSON *o = json_get(list, "items") ? json_get(list, "items")->child : NULL; o; o = o->next) {
			json_default_str(o, "apiVersion", others[i].api_version);
			json_default_str(o, "kind", others[i].kind);
			to->on_object(to->arg, o, "cluster");
		}
	}
}

int source_cluster(struct ctl *c, const struct source_reader *to, struct err *e)
{
	static const struct api_kind *const more[] = {&api_kind_namespace, &api_kind_config_map};
	int r = 0;

	for (size_t i = 0; r == 0 && i < api_kinds_count(); i++)
		if (api_kind_at(i)->flags & API_CUSTOM)
			r = list_kind(c, api_kind_at(i), to, e);
	for (size_t i = 0; r == 0 && i < ARRAY_LEN(more); i++)
		r = list_kind(c, more[i], to, e);
	if (r == 0)
		list_others(c, to);
	return r;
}
