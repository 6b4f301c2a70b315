/* The JSON documents of an image. */
#include "lab/image/document.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "lab/image/reference.h"
#include "msg/json.h"

static int parse_object(struct slice json, const char *what, cJSON **ret, struct err *e)
{
	int r = json_parse(json, IMAGE_DOCUMENT_MAX_BYTES, ret, e);

	if (r < 0)
		return err_wrap(e, r, "%s", what);
	return cJSON_IsObject(*ret) ? 0 : err_set(e, -EINVAL, "%s: not an object", what);
}

static const char *text(struct arena *a, const cJSON *o, const char *name, const char *when_absent)
{
	const char *v = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(o, name));

	return v ? arena_strdup(a, v) : when_absent;
}

/* A list of strings or null, as a NULL-terminated one. */
static int texts(struct arena *a, const cJSON *o, const char *name, const char ***ret, size_t *ret_n, struct err *e)
{
	const cJSON *list = cJSON_GetObjectItemCaseSensitive(o, name), *item;
	size_t n = 0;

	if (list && !cJSON_IsNull(list) && !cJSON_IsArray(list))
		return err_set(e, -EINVAL, "%s: not a list", name);
	if (cJSON_GetArraySize(list) > IMAGE_LIST_MAX)
		return err_set(e, -EINVAL, "%s: more than %d", name, IMAGE_LIST_MAX);
	*ret = ARENA_NEW_N(a, const char *, (size_t)cJSON_GetArraySize(list) + 1);
	cJSON_ArrayForEach(item, list)
	{
		if (!cJSON_IsString(item))
			return err_set(e, -EINVAL, "%s[%zu]: not a text", name, n);
		(*ret)[n++] = arena_strdup(a, item->valuestring);
	}
	if (ret_n)
		*ret_n = n;
	return 0;
}

/* "SIGINT", "INT", "2", "SIGRTMIN+3" */
static int signal_of(const char *name)
{
	static const struct {
		const char *name;
		int signo;
	} known[] = {{"HUP", SIGHUP},   {"INT", SIGINT},   {"QUIT", SIGQUIT}, {"KILL", SIGKILL},
		     {"USR1", SIGUSR1}, {"USR2", SIGUSR2}, {"TERM", SIGTERM}, {"WINCH", SIGWINCH}};
	uint64_t n;

	if (slice_to_u64(slice_str(name), 64, &n) == 0)
		return (int)n;
	if (strncmp(name, "SIG", 3) == 0)
		name += 3;
	if (strncmp(name, "RTMIN+", 6) == 0 && slice_to_u64(slice_str(name + 6), 30, &n) == 0)
		return SIGRTMIN + (int)n;
	for (size_t i = 0; i < ARRAY_LEN(known); i++)
		if (strcmp(known[i].name, name) == 0)
			return known[i].signo;
	return -1;
}

static int read_settings(const cJSON *c, struct arena *a, struct image_config *ret, struct err *e)
{
	const char *signal_name = text(a, c, "StopSignal", "");
	int r = texts(a, c, "Entrypoint", &ret->entrypoint, NULL, e);

	ret->user = text(a, c, "User", "");
	ret->cwd = text(a, c, "WorkingDir", "");
	ret->stop_signal = *signal_name ? signal_of(signal_name) : 0;
	if (ret->stop_signal < 0)
		return err_set(e, -EINVAL, "StopSignal: \"%.32s\" is none", signal_name);
	if (r == 0)
		r = texts(a, c, "Cmd", &ret->command, NULL, e);
	if (r == 0)
		r = texts(a, c, "Env", &ret->env, NULL, e);
	for (const char **v = ret->env; r == 0 && *v; v++)
		if (!strchr(*v, '=') || **v == '=')
			r = err_set(e, -EINVAL, "Env: \"%.64s\" is no NAME=value", *v);
	return r;
}

int image_config_parse(struct slice json, struct arena *a, struct image_config *ret, struct err *e)
{
	CLEANUP(json_freep) cJSON *o = NULL;
	const cJSON *rootfs;
	int r = parse_object(json, "the image's configuration", &o, e);

	if (r < 0)
		return r;
	*ret = (struct image_config){.architecture = text(a, o, "architecture", ""), .os = text(a, o, "os", "")};
	r = read_settings(cJSON_GetObjectItemCaseSensitive(o, "config"), a, ret, e);
	rootfs = cJSON_GetObjectItemCaseSensitive(o, "rootfs");
	if (r == 0)
		r = texts(a, rootfs, "diff_ids", &ret->diff_ids, &ret->n_layers, e);
	for (size_t i = 0; r == 0 && i < ret->n_layers; i++)
		if (!image_is_digest(slice_str(ret->diff_ids[i])))
			r = err_set(e, -EINVAL, "rootfs.diff_ids[%zu]: no digest", i);
	if (r == 0 && ret->n_layers > IMAGE_LAYERS_MAX)
		r = err_set(e, -EINVAL, "%zu layers, more than %d", ret->n_layers, IMAGE_LAYERS_MAX);
	return r;
}

const char *image_blob_path(struct arena *a, const char *digest)
{
	char *path = arena_printf(a, "blobs/%s", digest);

	*strchr(path, ':') = '/'; /* a digest has one */
	return path;
}

/* {"mediaType", "digest", "size"} */
static int read_blob(struct arena *a, const cJSON *o, const char *what, struct image_blob *ret, struct err *e)
{
	const char *type = text(a, o, "mediaType", "");

	ret->digest = text(a, o, "digest", "");
	if (!image_is_digest(slice_str(ret->digest)))
		return err_set(e, -EINVAL, "%s: \"%.80s\" is no digest", what, ret->digest);
	if (strstr(type, "encrypted") || strstr(type, "foreign") || strstr(type, "nondistributable"))
		return err_set(e, -ENOTSUP, "%s: %.80s is not in the archive, or cannot be read", what, type);
	ret->path = image_blob_path(a, ret->digest);
	return 0;
}

int image_manifest_parse(struct slice json, struct arena *a, struct image_manifest *ret, struct err *e)
{
	CLEANUP(json_freep) cJSON *o = NULL;
	const cJSON *layer;
	int r = parse_object(json, "the manifest", &o, e);

	ret->n_layers = 0;
	if (r == 0)
		r = read_blob(a, cJSON_GetObjectItemCaseSensitive(o, "config"), "the manifest's config", &ret->config,
			      e);
	if (r < 0)
		return r;
	cJSON_ArrayForEach(layer, cJSON_GetObjectItemCaseSensitive(o, "layers"))
	{
		if (ret->n_layers == IMAGE_LAYERS_MAX)
			return err_set(e, -EINVAL, "the manifest has more than %d layers", IMAGE_LAYERS_MAX);
		r = read_blob(a, layer, "a layer", &ret->layers[ret->n_layers++], e);
		if (r < 0)
			return r;
	}
	return 0;
}

/* containerd's annotation has the whole name; the other one may have no more than a tag, which names nothing. */
static const char *entry_name(struct arena *a, const cJSON *o)
{
	const cJSON *notes = cJSON_GetObjectItemCaseSensitive(o, "annotations");
	const char *whole = text(a, notes, "io.containerd.image.name", NULL);
	const char *other = text(a, notes, "org.opencontainers.image.ref.name", NULL);

	if (whole)
		return whole;
	return other && strpbrk(other, "/:") ? other : NULL;
}

static int read_entry(struct arena *a, const cJSON *o, struct image_entry *ret, struct err *e)
{
	const cJSON *platform = cJSON_GetObjectItemCaseSensitive(o, "platform");
	const cJSON *notes = cJSON_GetObjectItemCaseSensitive(o, "annotations");
	const char *type = text(a, o, "mediaType", "");

	*ret = (struct image_entry){
		.digest = text(a, o, "digest", ""),
		.name = entry_name(a, o),
		.os = text(a, platform, "os", NULL),
		.architecture = text(a, platform, "architecture", NULL),
		.index = strstr(type, "image.index") || strstr(type, "manifest.list"),
		.other = cJSON_GetObjectItemCaseSensitive(notes, "vnd.docker.reference.type") != NULL ||
			 cJSON_GetObjectItemCaseSensitive(o, "artifactType") != NULL,
	};
	return image_is_digest(slice_str(ret->digest))
		       ? 0
		       : err_set(e, -EINVAL, "the index: \"%.80s\" is no digest", ret->digest);
}

int image_index_parse(struct slice json, struct arena *a, struct image_entry **ret, size_t *ret_n, struct err *e)
{
	CLEANUP(json_freep) cJSON *o = NULL;
	const cJSON *list, *item;
	int r = parse_object(json, "the index", &o, e);

	*ret_n = 0;
	if (r < 0)
		return r;
	list = cJSON_GetObjectItemCaseSensitive(o, "manifests");
	if (cJSON_GetArraySize(list) > IMAGE_LIST_MAX)
		return err_set(e, -EINVAL, "the index has more than %d manifests", IMAGE_LIST_MAX);
	*ret = ARENA_NEW_N(a, struct image_entry, (size_t)cJSON_GetArraySize(list) + 1);
	cJSON_ArrayForEach(item, list)
	{
		r = read_entry(a, item, &(*ret)[(*ret_n)++], e);
		if (r < 0)
			return r;
	}
	return 0;
}

/* {"Config": "ID.json", "RepoTags": [...], "Layers": ["ID/layer.tar", ...]}; a config that is named by its digest has
 * it. */
static int read_docker(struct arena *a, const cJSON *o, struct image_manifest *ret, struct err *e)
{
	const char **layers = NULL, *name;
	size_t n = 0;
	int r = texts(a, o, "RepoTags", &ret->names, NULL, e);

	if (r == 0)
		r = texts(a, o, "Layers", &layers, &n, e);
	if (r < 0)
		return err_wrap(e, r, "manifest.json");
	if (n > IMAGE_LAYERS_MAX)
		return err_set(e, -EINVAL, "manifest.json: more than %d layers", IMAGE_LAYERS_MAX);
	ret->config.path = text(a, o, "Config", "");
	name = strrchr(ret->config.path, '/');
	name = arena_printf(a, "sha256:%.64s", name ? name + 1 : ret->config.path);
	ret->config.digest = image_is_digest(slice_str(name)) ? name : NULL;
	for (size_t i = 0; i < n; i++)
		ret->layers[ret->n_layers++] = (struct image_blob){.path = layers[i]};
	return 0;
}

int image_docker_parse(struct slice json, struct arena *a, struct image_manifest **ret, size_t *ret_n, struct err *e)
{
	CLEANUP(json_freep) cJSON *list = NULL;
	const cJSON *item;
	int r = json_parse(json, IMAGE_DOCUMENT_MAX_BYTES, &list, e);

	*ret_n = 0;
	if (r < 0)
		return err_wrap(e, r, "manifest.json");
	if (!cJSON_IsArray(list) || cJSON_GetArraySize(list) > IMAGE_LIST_MAX)
		return err_set(e, -EINVAL, "manifest.json: not a list of at most %d", IMAGE_LIST_MAX);
	*ret = ARENA_NEW_N(a, struct image_manifest, (size_t)cJSON_GetArraySize(list) + 1);
	cJSON_ArrayForEach(item, list)
	{
		r = read_docker(a, item, &(*ret)[(*ret_n)++], e);
		if (r < 0)
			return r;
	}
	return 0;
}
