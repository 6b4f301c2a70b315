/* Atomic directories of files. */
#include "lab/node/payload.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <openssl/evp.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/mem.h"

void payload_done(struct payload *p)
{
	vec_done(&p->files);
	arena_done(&p->arena);
}

static bool stays_inside(const char *path)
{
	struct slice rest = slice_str(path);

	if (!*path || *path == '/')
		return false;
	while (rest.len) {
		struct slice part = slice_split(&rest, '/');

		if (slice_eq_str(part, "..") || (part.len > 1 && part.ptr[0] == '.' && part.ptr[1] == '.'))
			return false;
	}
	return true;
}

int payload_add(struct payload *p, const char *path, struct slice content, mode_t mode, struct err *e)
{
	char *copy;

	if (!stays_inside(path))
		return err_set(e, -EINVAL, "path \"%s\" must stay inside the volume", path);
	copy = arena_slicedup(&p->arena, content);
	vec_push(&p->files, (struct payload_file){arena_strdup(&p->arena, path), slice_make(copy, content.len), mode});
	return 0;
}

/* The name of the data directory says what is in it. */
static uint64_t digest(const struct payload *p)
{
	uint64_t h = 0;

	for (size_t i = 0; i < p->files.n; i++) {
		const struct payload_file *f = &p->files.v[i];

		h = hash_more(h, slice_make(f->path, strlen(f->path) + 1));
		h = hash_more(h, slice_make(&f->mode, sizeof(f->mode)));
		h = hash_more(h, f->content);
	}
	return h;
}

static int write_files(const struct payload *p, const char *data, gid_t gid, struct err *e)
{
	for (size_t i = 0; i < p->files.n; i++) {
		const struct payload_file *f = &p->files.v[i];
		CLEANUP(freep) char *path = mem_printf("%s/%s", data, f->path);
		char *slash = strrchr(path, '/');
		int r;

		*slash = '\0';
		r = file_mkdirs(path, 0755, e);
		*slash = '/';
		if (r == 0)
			r = file_put(path, f->content, f->mode, e);
		if (r < 0)
			return r;
		if (gid != (gid_t)-1)
			(void)!chown(path, (uid_t)-1, gid);
	}
	return 0;
}

/* Top-level names become links through ..data; those of files that are gone lead nowhere and are removed. */
static int link_names(const struct payload *p, const char *dir, struct err *e)
{
	for (size_t i = 0; i < p->files.n; i++) {
		struct slice rest = slice_str(p->files.v[i].path), top = slice_split(&rest, '/');
		CLEANUP(freep) char *path = mem_printf("%s/%.*s", dir, SLICE_ARG(top));
		CLEANUP(freep) char *to = mem_printf("..data/%.*s", SLICE_ARG(top));

		if (symlink(to, path) < 0 && errno != EEXIST)
			return err_errno(e, errno, "%s", path);
	}
	return 0;
}

/* Links whose file is gone with the old data. */
static void unlink_dangling(const char *dir)
{
	DIR *d = opendir(dir);
	struct dirent *entry;

	while (d && (entry = readdir(d))) {
		struct stat st;

		if (entry->d_type == DT_LNK && fstatat(dirfd(d), entry->d_name, &st, 0) < 0)
			unlinkat(dirfd(d), entry->d_name, 0);
	}
	if (d)
		closedir(d);
}

int payload_write(const struct payload *p, const char *dir, gid_t gid, struct err *e)
{
	CLEANUP(freep) char *link = mem_printf("%s/..data", dir);
	CLEANUP(freep) char *temp_link = mem_printf("%s/..data_tmp", dir);
	CLEANUP(freep) char *name = mem_printf("..%016llx", (unsigned long long)digest(p));
	CLEANUP(freep) char *data = mem_printf("%s/%s", dir, name);
	char old[PATH_MAX];
	ssize_t n = readlink(link, old, sizeof(old) - 1);
	int r;

	old[n > 0 ? n : 0] = '\0';
	if (strcmp(old, name) == 0)
		return 0;
	r = file_mkdirs(data, 0755, e);
	if (r == 0)
		r = write_files(p, data, gid, e);
	if (r < 0)
		return r;
	unlink(temp_link);
	if (symlink(name, temp_link) < 0 || rename(temp_link, link) < 0)
		return err_errno(e, errno, "%s", link);
	r = link_names(p, dir, e);
	if (*old) {
		CLEANUP(freep) char *stale = mem_printf("%s/%s", dir, old);

		(void)file_remove_tree(stale, NULL);
		unlink_dangling(dir);
	}
	return r;
}
