/*
 * The volumes of a pod, each a directory DATA/pods/UID/volumes/NAME (claims and hostPath: where they are). Making them
 * is idempotent and doubles as the update when a source changes or a token grows old.
 */
#include "lab/node/payload.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include "base/base64.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/mem.h"
#include "lab/node/node_internal.h"
#include "lab/object/object.h"

#define TOKEN_SECONDS 3607 /* the default of projected tokens */
#define TOKEN_MIN_SECONDS 600

static gid_t fs_group(const struct pod *p)
{
	const cJSON *v = json_at(p->object, "spec.securityContext.fsGroup");

	return cJSON_IsNumber(v) ? (gid_t)v->valuedouble : (gid_t)-1;
}

static const cJSON *volume_spec(const struct pod *p, const char *name)
{
	const cJSON *v;

	cJSON_ArrayForEach(v, json_at(p->object, "spec.volumes"))
	{
		if (strcmp(json_str_or_empty(v, "name"), name) == 0)
			return v;
	}
	return NULL;
}

/* The directory behind a claim, or NULL with e saying what is missing. */
static char *claim_path(const struct pod *p, const char *name, struct err *e)
{
	const cJSON *claim = lab_get(p->node->api, GVR(persistent_volume_claim), p->ns, name), *volume;
	const char *path;

	if (!claim) {
		err_set(e, -EAGAIN, "persistentvolumeclaim \"%s\" not found", name);
		return NULL;
	}
	if (strcmp(json_str_or_empty(claim, "status.phase"), "Bound") != 0) {
		err_set(e, -EAGAIN, "persistentvolumeclaim \"%s\" is not bound yet", name);
		return NULL;
	}
	volume = lab_get(p->node->api, GVR(persistent_volume), NULL, json_str_or_empty(claim, "spec.volumeName"));
	path = json_str(volume, "spec.hostPath.path");
	if (!path)
		path = json_str(volume, "spec.local.path");
	if (!path)
		err_set(e, -EAGAIN, "volume of persistentvolumeclaim \"%s\" is not a directory", name);
	return mem_strdup(path);
}

char *pod_volume_path(const struct pod *p, const char *volume)
{
	const cJSON *v = volume_spec(p, volume);

	if (!v)
		return NULL;
	if (json_str(v, "hostPath.path"))
		return mem_strdup(json_str(v, "hostPath.path"));
	if (json_at(v, "persistentVolumeClaim"))
		return claim_path(p, json_str_or_empty(v, "persistentVolumeClaim.claimName"), NULL);
	return mem_printf("%s/volumes/%s", p->dir, volume);
}

/* ---- sources of files ---- */

/* Volumes with an fsGroup are readable by it. */
static mode_t mode_of(const struct pod *p, const cJSON *item, mode_t fallback)
{
	const cJSON *v = json_at(item, "mode");
	mode_t mode = cJSON_IsNumber(v) ? (mode_t)v->valuedouble & 0777 : fallback;

	return fs_group(p) != (gid_t)-1 ? mode | 0440 : mode;
}

static int add_value(struct payload *out, const char *path, const char *value, bool base64, mode_t mode, struct err *e)
{
	CLEANUP(buf_done) struct buf bytes = BUF_INIT;

	if (!base64)
		return payload_add(out, path, slice_str(value), mode, e);
	if (base64_decode(slice_str(value), &bytes) < 0)
		return err_set(e, -EINVAL, "%s is not base64", path);
	return payload_add(out, path, buf_slice(&bytes), mode, e);
}

static int add_key(struct payload *out, const cJSON *object, const char *key, const char *path, mode_t mode,
		   bool secret, struct err *e)
{
	const cJSON *v = json_get(json_at(object, "data"), key);

	if (cJSON_IsString(v))
		return add_value(out, path, v->valuestring, secret, mode, e);
	v = json_get(json_at(object, "binaryData"), key);
	if (cJSON_IsString(v))
		return add_value(out, path, v->valuestring, true, mode, e);
	return -ENOENT;
}

struct source {
	const cJSON *spec; /* items, optional, name or secretName */
	mode_t mode;
	bool secret;
};

static int add_items(const struct pod *p, struct payload *out, const struct source *s, const cJSON *object,
		     struct err *e)
{
	const char *what = s->secret ? "secret" : "configmap";
	const cJSON *item;

	cJSON_ArrayForEach(item, json_at(s->spec, "items"))
	{
		const char *key = json_str_or_empty(item, "key");
		int r = add_key(out, object, key, json_str_or_empty(item, "path"), mode_of(p, item, s->mode), s->secret,
				e);

		if (r == -ENOENT && !json_true(s->spec, "optional"))
			return err_set(e, -EAGAIN, "%s references non-existent %s key: %s", what, what, key);
		if (r < 0 && r != -ENOENT)
			return r;
	}
	return 0;
}

static int add_object(const struct pod *p, struct payload *out, const struct source *s, struct err *e)
{
	const char *name = json_str(s->spec, "name"), *maps[] = {"data", "binaryData"};
	const cJSON *object, *item;

	if (!name)
		name = json_str_or_empty(s->spec, "secretName");
	object = lab_get(p->node->api, s->secret ? GVR(secret) : GVR(config_map), p->ns, name);
	if (!object)
		return json_true(s->spec, "optional")
			       ? 0
			       : err_set(e, -EAGAIN, "%s \"%s\" not found", s->secret ? "secret" : "configmap", name);
	if (cJSON_GetArraySize(json_at(s->spec, "items")) > 0)
		return add_items(p, out, s, object, e);
	for (size_t i = 0; i < ARRAY_LEN(maps); i++) {
		cJSON_ArrayForEach(item, json_at(object, maps[i]))
		{
			int r = add_key(out, object, item->string, item->string, mode_of(p, NULL, s->mode), s->secret,
					e);

			if (r < 0)
				return r;
		}
	}
	return 0;
}

static const cJSON *container_named(const struct pod *p, const char *name)
{
	for (size_t i = 0; i < p->n; i++)
		if (strcmp(p->containers[i].name, name) == 0)
			return pod_container_spec(&p->containers[i]);
	return NULL;
}

static int add_downward(const struct pod *p, struct payload *out, const cJSON *items, mode_t mode, struct err *e)
{
	const cJSON *item;

	cJSON_ArrayForEach(item, items)
	{
		const char *field = json_str(item, "fieldRef.fieldPath"), *path = json_str_or_empty(item, "path");
		const cJSON *resource = json_at(item, "resourceFieldRef");
		CLEANUP(freep) char *value = NULL;
		int r;

		if (field)
			value = pod_field(p, field);
		else if (resource)
			value = pod_resource(container_named(p, json_str_or_empty(resource, "containerName")),
					     json_str_or_empty(resource, "resource"), json_str(resource, "divisor"));
		if (!value)
			return err_set(e, -EINVAL, "unsupported field of the downward API for %s", path);
		r = payload_add(out, path, slice_str(value), mode_of(p, item, mode), e);
		if (r < 0)
			return r;
	}
	return 0;
}

/* ---- tokens ---- */

static int64_t token_seconds(const cJSON *t)
{
	int64_t s = json_int(t, "expirationSeconds", TOKEN_SECONDS);

	return MAX(s, TOKEN_MIN_SECONDS);
}

/*
 * A token is made anew after 80 % of its time. Its file's name records when that is, so that a restarted daemon knows:
 * DATA/pods/UID/tokens/VOLUME-N holds the token, with the time in its modification time.
 */
static char *token_path(const struct pod *p, const char *volume, int index)
{
	return mem_printf("%s/tokens/%s-%d", p->dir, volume, index);
}

static int64_t token_due_ms(const char *path)
{
	struct stat st;

	if (stat(path, &st) < 0)
		return 0;
	return ((int64_t)st.st_mtim.tv_sec * NS_PER_S - clock_wall_ns()) / NS_PER_MS;
}

static int make_token(const struct pod *p, const cJSON *t, const char *path, struct err *e)
{
	const char *audience = json_str(t, "audience"), *audiences[] = {audience, NULL};
	CLEANUP(freep) char *account = pod_field(p, "spec.serviceAccountName");
	CLEANUP(freep) char *token = NULL;
	int64_t seconds = token_seconds(t);
	struct timespec times[2] = {{0}};
	int r;

	token = lab_token_new(p->node->api, p->ns, *account ? account : "default", audience ? audiences : NULL, seconds,
			      p->name, p->uid, e);
	if (!token)
		return -EAGAIN;
	r = file_put(path, slice_str(token), 0600, e);
	times[0].tv_sec = times[1].tv_sec = (time_t)(clock_wall_ns() / NS_PER_S + seconds * 8 / 10);
	utimensat(AT_FDCWD, path, times, 0);
	return r;
}

static int add_token(const struct pod *p, struct payload *out, const cJSON *t, const char *path, mode_t mode,
		     struct err *e)
{
	CLEANUP(buf_done) struct buf token = BUF_INIT;
	int r = 0;

	if (token_due_ms(path) <= 0)
		r = make_token(p, t, path, e);
	if (r == 0)
		r = file_read(path, 65536, &token, e);
	/* The kubelet makes tokens readable for whoever runs in the pod. */
	return r < 0 ? r : payload_add(out, json_str_or_empty(t, "path"), buf_slice(&token), mode | 0444, e);
}

static bool is_projected_token(const cJSON *source)
{
	return json_at(source, "serviceAccountToken") != NULL;
}

int64_t pod_tokens_due_ms(const struct pod *p)
{
	const cJSON *v, *source;
	int64_t soonest = -1;

	cJSON_ArrayForEach(v, json_at(p->object, "spec.volumes"))
	{
		int index = 0;

		cJSON_ArrayForEach(source, json_at(v, "projected.sources"))
		{
			CLEANUP(freep) char *path = token_path(p, json_str_or_empty(v, "name"), index++);
			int64_t due;

			if (!is_projected_token(source))
				continue;
			due = MAX(token_due_ms(path), 0);
			soonest = soonest < 0 ? due : MIN(soonest, due);
		}
	}
	return soonest;
}

static int add_projected(const struct pod *p, struct payload *out, const cJSON *volume, struct err *e)
{
	mode_t mode = (mode_t)json_int(volume, "projected.defaultMode", 0644) & 0777;
	const cJSON *source, *v;
	int index = 0, r = 0;

	cJSON_ArrayForEach(source, json_at(volume, "projected.sources"))
	{
		CLEANUP(freep) char *path = token_path(p, json_str_or_empty(volume, "name"), index++);

		if ((v = json_at(source, "serviceAccountToken")))
			r = add_token(p, out, v, path, mode, e);
		else if ((v = json_at(source, "configMap")))
			r = add_object(p, out, &(struct source){v, mode, false}, e);
		else if ((v = json_at(source, "secret")))
			r = add_object(p, out, &(struct source){v, mode, true}, e);
		else if ((v = json_at(source, "downwardAPI")))
			r = add_downward(p, out, json_at(v, "items"), mode, e);
		if (r < 0)
			return r;
	}
	return 0;
}

/* ---- making them ---- */

static int fill(const struct pod *p, struct payload *out, const cJSON *v, bool *ret_is_payload, struct err *e)
{
	const cJSON *s;

	*ret_is_payload = true;
	if ((s = json_at(v, "configMap")))
		return add_object(p, out, &(struct source){s, (mode_t)json_int(s, "defaultMode", 0644) & 0777, false},
				  e);
	if ((s = json_at(v, "secret")))
		return add_object(p, out, &(struct source){s, (mode_t)json_int(s, "defaultMode", 0644) & 0777, true},
				  e);
	if ((s = json_at(v, "downwardAPI")))
		return add_downward(p, out, json_at(s, "items"), (mode_t)json_int(s, "defaultMode", 0644) & 0777, e);
	if (json_at(v, "projected"))
		return add_projected(p, out, v, e);
	*ret_is_payload = false;
	return 0;
}

static bool is_mount_point(const char *path)
{
	CLEANUP(freep) char *above = mem_printf("%s/..", path);
	struct stat here, there;

	return stat(path, &here) == 0 && stat(above, &there) == 0 && here.st_dev != there.st_dev;
}

static int make_plain(const struct pod *p, const cJSON *v, const char *dir, struct err *e)
{
	const char *claim = json_str(v, "persistentVolumeClaim.claimName"), *host = json_str(v, "hostPath.path");
	const char *type = json_str_or_empty(v, "hostPath.type");
	CLEANUP(freep) char *path = NULL;
	struct stat st;
	bool fresh;
	int r;

	if (host) {
		if (strcmp(type, "DirectoryOrCreate") == 0)
			return file_mkdirs(host, 0755, e);
		return stat(host, &st) < 0 ? err_set(e, -EAGAIN, "hostPath %s: %s", host, strerror(errno)) : 0;
	}
	if (!claim && !json_at(v, "emptyDir"))
		return err_set(e, -EAGAIN, "this kind of volume is not supported by the lab");
	path = claim ? claim_path(p, claim, e) : mem_strdup(dir);
	if (!path)
		return -EAGAIN;
	fresh = access(path, F_OK) < 0;
	r = fresh ? file_mkdirs(path, 0777, e) : 0;
	if (r < 0)
		return r;
	if (!claim && strcmp(json_str_or_empty(v, "emptyDir.medium"), "Memory") == 0 && !is_mount_point(path) &&
	    mount("tmpfs", path, "tmpfs", MS_NOSUID | MS_NODEV, "mode=0777") < 0)
		return err_errno(e, errno, "mount tmpfs");
	/* What a container did to its directory later stays; a claim's new user must be able to use it. */
	if (fresh)
		(void)chmod(path, fs_group(p) != (gid_t)-1 ? 02777 : 0777);
	if (fs_group(p) != (gid_t)-1 && (fresh || !p->volumes_ok))
		(void)!chown(path, (uid_t)-1, fs_group(p));
	return 0;
}

static int make_one(const struct pod *p, const cJSON *v, struct err *e)
{
	CLEANUP(freep) char *dir = mem_printf("%s/volumes/%s", p->dir, json_str_or_empty(v, "name"));
	CLEANUP(payload_done) struct payload out = {.arena = ARENA_INIT};
	bool is_payload;
	int r = fill(p, &out, v, &is_payload, e);

	if (r == 0 && !is_payload)
		return make_plain(p, v, dir, e);
	if (r == 0)
		r = file_mkdirs(dir, 0755, e);
	return r < 0 ? r : payload_write(&out, dir, fs_group(p), e);
}

int pod_volumes_make(struct pod *p, struct err *e)
{
	CLEANUP(freep) char *tokens = mem_printf("%s/tokens", p->dir);
	const cJSON *v;
	int r = file_mkdirs(tokens, 0700, e);

	cJSON_ArrayForEach(v, json_at(p->object, "spec.volumes"))
	{
		if (r == 0)
			r = make_one(p, v, e);
		if (r < 0)
			return err_wrap(e, -EAGAIN, "MountVolume.SetUp failed for volume \"%s\" ",
					json_str_or_empty(v, "name"));
	}
	return r;
}

static bool names_source(const cJSON *o, const char *kind, const char *name)
{
	const cJSON *s = json_at(o, kind);
	const char *have = json_str(s, "name");

	if (!have)
		have = json_str(s, "secretName");
	return have && strcmp(have, name) == 0;
}

bool pod_mounts_source(const struct pod *p, const char *kind, const char *name)
{
	const cJSON *v, *source;

	cJSON_ArrayForEach(v, json_at(p->object, "spec.volumes"))
	{
		if (names_source(v, kind, name))
			return true;
		cJSON_ArrayForEach(source, json_at(v, "projected.sources"))
		{
			if (names_source(source, kind, name))
				return true;
		}
	}
	return false;
}
