/*
 * The state folder, ours alone:
 *
 *   lock                         who has it
 *   objects/KIND.NS.NAME.json    what we made and must live on: our own root, registered WorkloadEntries
 *   good/HASH.json               what counts of each file, for the case that it is broken at the next start
 *   tokens/ID.json               digests of proxies' tokens (token.c)
 *   status/NS/KIND.NAME.yaml     statuses, refused.yaml what is refused: for people
 *   root-cert.pem                the mesh's roots, for machines; cacerts/ what Secret cacerts says
 *
 * All but the roots is readable for its owner only. What must live on is on the disk before anybody is told so.
 */
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "api/kind.h"
#include "base/base64.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/log.h"
#include "files/internal.h"
#include "msg/yaml.h"

#define KEPT_MAX_BYTES (16u << 20)

int state_open(const char *dir, struct err *e)
{
	static const char *const folders[] = {"objects", "good", "tokens", "status"};
	CLEANUP(freep) char *lock = mem_printf("%s/lock", dir);
	int fd, r;

	for (size_t i = 0; i < ARRAY_LEN(folders); i++) {
		CLEANUP(freep) char *path = mem_printf("%s/%s", dir, folders[i]);

		r = file_mkdirs(path, 0700, e);
		if (r < 0)
			return err_wrap(e, r, "state folder");
	}
	fd = open(lock, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0)
		return err_errno(e, errno, "state folder: %s", lock);
	if (flock(fd, LOCK_EX | LOCK_NB) < 0) {
		r = err_errno(e, errno, "state folder: another process has %s", lock);
		close(fd);
		return r;
	}
	return fd;
}

static void put_text(const char *path, struct slice text)
{
	struct err e = ERR_INIT;

	if (file_put(path, text, 0600, &e) < 0)
		log_error("files", "%s", e.msg);
}

static void drop(const char *path)
{
	if (unlink(path) < 0 && errno != ENOENT)
		log_error("files", "%s: %s", path, strerror(errno));
}

/* Calls fn with each name in a folder; none where it is not there. */
static void each_name(const char *folder, void (*fn)(void *arg, const char *path), void *arg)
{
	struct dirent **entries;
	const int n = scandir(folder, &entries, NULL, alphasort);

	for (int i = 0; i < n; i++) {
		CLEANUP(freep) char *there = mem_printf("%s/%s", folder, entries[i]->d_name);

		if (entries[i]->d_name[0] != '.')
			fn(arg, there);
		free(entries[i]);
	}
	if (n >= 0)
		free(entries);
}

/* --- objects --- */

bool state_keeps(const struct api_kind *kind)
{
	return kind == &api_kind_secret || kind == &api_kind_workload_entry;
}

static char *object_path(const char *dir, const struct api_kind *kind, struct slice ns, const char *name)
{
	return mem_printf("%s/objects/%s.%.*s.%s.json", dir, kind->singular, SLICE_ARG(ns), name);
}

int state_put(const char *dir, const struct api_kind *kind, const cJSON *json, struct err *e)
{
	CLEANUP(freep)
	char *path = object_path(dir, kind, slice_str(json_str_or_empty(json, "metadata.namespace")),
				 json_str_or_empty(json, "metadata.name"));
	CLEANUP(buf_done) struct buf text = BUF_INIT;
	int r;

	json_print(json, &text);
	r = file_write(path, buf_slice(&text), 0600, e);
	explicit_bzero(text.ptr, text.len);
	return r;
}

void state_remove(const char *dir, const struct api_kind *kind, struct slice ns, const char *name)
{
	CLEANUP(freep) char *path = object_path(dir, kind, ns, name);

	drop(path);
}

struct keeping {
	void (*fn)(void *arg, const struct api_kind *kind, cJSON *json);
	void *arg;
	struct err *e;
	int r;
};

static cJSON *read_json(const char *path, struct err *e)
{
	CLEANUP(buf_done) struct buf text = BUF_INIT;
	cJSON *json = NULL;

	if (file_read(path, KEPT_MAX_BYTES, &text, e) == 0 &&
	    json_parse(buf_slice(&text), KEPT_MAX_BYTES, &json, e) < 0)
		err_wrap(e, -EINVAL, "%s", path);
	return json;
}

static void keep(void *arg, const char *path)
{
	struct keeping *k = arg;
	const size_t n = strlen(path);
	const struct api_kind *kind;
	cJSON *json;

	if (k->r < 0 || n < 5 || strcmp(path + n - 5, ".json") != 0)
		return; /* what a crash left half written */
	json = read_json(path, k->e);
	kind = api_kind_find(json_str_or_empty(json, "apiVersion"), json_str_or_empty(json, "kind"));
	if (kind && state_keeps(kind))
		k->fn(k->arg, kind, json);
	else if (json)
		k->r = err_set(k->e, -EINVAL, "%s: no object that is kept here", path);
	else
		k->r = k->e->code;
	if (k->r < 0)
		cJSON_Delete(json);
}

int state_each(const char *dir, void (*fn)(void *arg, const struct api_kind *kind, cJSON *json), void *arg,
	       struct err *e)
{
	CLEANUP(freep) char *path = mem_printf("%s/objects", dir);
	struct keeping k = {fn, arg, e, 0};

	each_name(path, keep, &k);
	return k.r;
}

/* --- for people --- */

static char *status_path(const char *dir, const struct api_kind *kind, struct slice ns, const char *name)
{
	return mem_printf("%s/status/%.*s/%s.%s.yaml", dir, SLICE_ARG(ns), kind->kind, name);
}

void state_put_status(const char *dir, const struct object *o)
{
	const struct slice ns = object_ns(o);
	CLEANUP(freep) char *folder = mem_printf("%s/status/%.*s", dir, SLICE_ARG(ns));
	CLEANUP(freep) char *path = status_path(dir, o->kind, ns, object_name(o));
	CLEANUP(json_freep) cJSON *said = cJSON_CreateObject();
	CLEANUP(buf_done) struct buf text = BUF_INIT;
	cJSON *meta;

	json_set_str(said, "kind", o->kind->kind);
	meta = json_object(said, "metadata");
	json_copy_member(meta, json_get(o->json, "metadata"), "name");
	json_copy_member(meta, json_get(o->json, "metadata"), "namespace");
	json_set_str(said, "file", o->place ? o->place : FILES_OURS);
	json_copy_member(said, o->json, "status");
	yaml_print(said, &text);
	(void)file_mkdirs(folder, 0700, NULL);
	put_text(path, buf_slice(&text));
}

void state_remove_status(const char *dir, const struct api_kind *kind, struct slice ns, const char *name)
{
	CLEANUP(freep) char *path = status_path(dir, kind, ns, name);

	drop(path);
}

void state_clear_statuses(const char *dir)
{
	CLEANUP(freep) char *path = mem_printf("%s/status", dir);
	struct err e = ERR_INIT;

	if (file_remove_tree(path, &e) < 0 || file_mkdirs(path, 0700, &e) < 0)
		log_error("files", "%s", e.msg);
}

void state_put_refused(const char *dir, struct slice text)
{
	CLEANUP(freep) char *path = mem_printf("%s/refused.yaml", dir);

	put_text(path, text);
}

void state_put_roots(const char *dir, const char *pem)
{
	CLEANUP(freep) char *path = mem_printf("%s/root-cert.pem", dir);
	struct err e = ERR_INIT;

	if (file_put(path, slice_str(pem), 0644, &e) < 0)
		log_error("files", "%s", e.msg);
}

/* --- what is good --- */

static char *good_path(const char *dir, const char *path)
{
	return mem_printf("%s/good/%016llx.json", dir, (unsigned long long)hash_bytes(slice_str(path)));
}

void state_put_good(const char *dir, const struct file *f)
{
	CLEANUP(freep) char *path = good_path(dir, f->path);
	CLEANUP(json_freep) cJSON *said = cJSON_CreateObject();
	CLEANUP(buf_done) struct buf text = BUF_INIT;
	cJSON *list;

	json_set_str(said, "path", f->path);
	list = json_array(said, "objects");
	for (size_t i = 0; i < f->objects.n; i++)
		cJSON_AddItemReferenceToArray(list, f->objects.v[i].json);
	json_print(said, &text);
	put_text(path, buf_slice(&text));
	explicit_bzero(text.ptr, text.len);
}

/* They were judged when they were written; another version of weftd may think otherwise, and says so in its place. */
void state_take_good(const char *dir, struct file *f)
{
	CLEANUP(freep) char *path = good_path(dir, f->path);
	CLEANUP(json_freep) cJSON *said = read_json(path, NULL);
	cJSON *list = json_get(said, "objects"), *one;

	if (strcmp(json_str_or_empty(said, "path"), f->path) != 0)
		return;
	while ((one = list ? list->child : NULL)) {
		const struct api_kind *kind =
			api_kind_find(json_str_or_empty(one, "apiVersion"), json_str_or_empty(one, "kind"));

		one = cJSON_DetachItemViaPointer(list, one);
		if (kind)
			vec_push(&f->objects, (struct said){kind, json_str_or_empty(one, "metadata.namespace"),
							    json_str_or_empty(one, "metadata.name"), one, 0});
		else
			cJSON_Delete(one);
	}
}

static void sweep(void *arg, const char *path)
{
	if (!map_get(arg, slice_str(path)))
		drop(path);
}

void state_sweep_good(const char *dir, const struct tree *t)
{
	CLEANUP(freep) char *path = mem_printf("%s/good", dir);
	struct map wanted = {0};
	struct map_entry *e;

	for (size_t i = 0; i < t->files.n; i++) {
		char *good = good_path(dir, t->files.v[i]->path);

		free(map_set(&wanted, slice_str(good), good));
	}
	each_name(path, sweep, &wanted);
	for (size_t i = 0; (e = map_next(&wanted, &i));)
		free(e->value);
	map_done(&wanted);
}

/* --- cacerts --- */

void state_put_cacerts(const char *dir, const cJSON *secret)
{
	static const char *const files[] = {"root-cert.pem", "cert-chain.pem", "ca-key.pem", "ca-cert.pem"};
	CLEANUP(freep) char *folder = mem_printf("%s/cacerts", dir);

	if (secret)
		(void)file_mkdirs(folder, 0700, NULL);
	for (size_t i = 0; i < ARRAY_LEN(files); i++) {
		const char *value = json_get_str(json_get(secret, "data"), files[i]);
		CLEANUP(freep) char *path = mem_printf("%s/%s", folder, files[i]);
		CLEANUP(buf_done) struct buf bytes = BUF_INIT;

		if (value && base64_decode(slice_str(value), &bytes) == 0)
			put_text(path, buf_slice(&bytes));
		else
			drop(path);
		if (bytes.len)
			explicit_bzero(bytes.ptr, bytes.len);
	}
}
