/*
 * Unpacking tars. Every path is walked anew from the root's descriptor, so neither names nor links that came earlier
 * lead anywhere else; the last name of a path is never followed.
 */
#include "lab/image/tar_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/slice.h"
#include "lab/sys/inside.h"

#define WHITEOUT ".wh."
#define OPAQUE ".wh..wh..opq"

struct unpack {
	int root;
	bool layer;
	struct tar_limits *limits;
	struct archive *archive;
	struct archive_entry *entry;
};

static const char *last_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

bool tar_is_whiteout(const char *path)
{
	return strncmp(last_name(path), WHITEOUT, strlen(WHITEOUT)) == 0;
}

static int whiteout(int root, const char *path)
{
	char name[INSIDE_NAME_MAX];
	CLEANUP(closep) int dir = inside_parent(root, path, false, name);
	const char *hidden = name + strlen(WHITEOUT);

	if (dir == -ENOENT || dir == -ENOTDIR)
		return 0; /* nothing there that could be hidden */
	if (dir < 0)
		return dir;
	if (strcmp(name, OPAQUE) == 0)
		return inside_clear(dir);
	if (strncmp(hidden, WHITEOUT, strlen(WHITEOUT)) == 0)
		return 0; /* what AUFS keeps for itself */
	if (!*hidden || strcmp(hidden, ".") == 0 || strcmp(hidden, "..") == 0)
		return -EINVAL;
	return inside_remove(dir, hidden);
}

int tar_whiteouts(int root, int fd, struct err *e)
{
	CLEANUP(tar_closep) struct archive *a = NULL;
	struct tar_limits limits = TAR_LIMITS;
	struct archive_entry *entry;
	char path[INSIDE_PATH_MAX];
	int r = tar_open(fd, &a, e);

	if (r < 0)
		return r;
	while ((r = tar_next(a, &entry, &limits, e)) > 0) {
		const char *name = tar_name(entry);

		if (!tar_is_whiteout(name))
			continue;
		r = inside_clean(name, path);
		if (r == 0)
			r = whiteout(root, path);
		if (r < 0)
			return err_errno(e, -r, "\"%.256s\"", name);
	}
	return r;
}

/* Makes room for what is no folder. */
static int replace(int dir, const char *name)
{
	return strcmp(name, ".") == 0 ? -EISDIR : inside_remove(dir, name);
}

static int write_data(struct unpack *u, int fd)
{
	const void *block;
	size_t n;
	la_int64_t offset, end = archive_entry_size(u->entry);
	int r;

	while ((r = archive_read_data_block(u->archive, &block, &n, &offset)) == ARCHIVE_OK) {
		if (n > u->limits->bytes)
			return -EMSGSIZE;
		u->limits->bytes -= n;
		for (size_t done = 0; done < n;) {
			ssize_t w = pwrite(fd, (const char *)block + done, n - done, offset + (la_int64_t)done);

			if (w < 0)
				return -errno;
			done += (size_t)w;
		}
	}
	if (r != ARCHIVE_EOF)
		return -EINVAL;
	if (end < 0 || (uint64_t)end > TAR_FILE_MAX_BYTES)
		return -EMSGSIZE;
	return ftruncate(fd, end) < 0 ? -errno : 0; /* a sparse file may end in a hole */
}

/* Capabilities of files are part of what an image says; other attributes mean something to this machine only. */
static int set_capability(struct archive_entry *entry, int fd)
{
	const char *name;
	const void *value;
	size_t n;

	archive_entry_xattr_reset(entry);
	while (archive_entry_xattr_next(entry, &name, &value, &n) == ARCHIVE_OK)
		if (strcmp(name, "security.capability") == 0 && fsetxattr(fd, name, value, n, 0) < 0)
			return -errno;
	return 0;
}

/* Owner before mode: a change of owner takes set-id bits away. */
static int set_attributes(struct unpack *u, int fd)
{
	struct archive_entry *entry = u->entry;
	struct timespec times[2] = {{.tv_nsec = UTIME_OMIT}, {archive_entry_mtime(entry), 0}};
	la_int64_t uid = archive_entry_uid(entry), gid = archive_entry_gid(entry);

	if (!u->layer)
		return 0;
	if (uid < 0 || uid > INT32_MAX || gid < 0 || gid > INT32_MAX)
		return -EINVAL;
	if (fchown(fd, (uid_t)uid, (gid_t)gid) < 0 || fchmod(fd, archive_entry_perm(entry) & 07777) < 0)
		return -errno;
	if (archive_entry_mtime_is_set(entry))
		(void)futimens(fd, times); /* a time that this file system cannot keep is no reason to fail */
	return archive_entry_filetype(entry) == AE_IFREG ? set_capability(entry, fd) : 0;
}

static int unpack_file(struct unpack *u, int dir, const char *name)
{
	int r = replace(dir, name);
	CLEANUP(closep)
	int fd = r < 0 ? r : openat(dir, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);

	if (fd < 0)
		return r < 0 ? r : -errno;
	r = write_data(u, fd);
	return r < 0 ? r : set_attributes(u, fd);
}

static int unpack_folder(struct unpack *u, int dir, const char *name)
{
	struct stat st;
	int r = 0;

	if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) < 0 || !S_ISDIR(st.st_mode)) {
		r = replace(dir, name);
		if (r == 0 && mkdirat(dir, name, 0755) < 0)
			r = -errno;
	}
	CLEANUP(closep) int fd = r < 0 ? r : openat(dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (fd < 0)
		return r < 0 ? r : -errno;
	return set_attributes(u, fd);
}

static int set_owner(struct unpack *u, int dir, const char *name)
{
	la_int64_t uid = archive_entry_uid(u->entry), gid = archive_entry_gid(u->entry);

	if (!u->layer)
		return 0;
	if (uid < 0 || uid > INT32_MAX || gid < 0 || gid > INT32_MAX)
		return -EINVAL;
	return fchownat(dir, name, (uid_t)uid, (gid_t)gid, AT_SYMLINK_NOFOLLOW) < 0 ? -errno : 0;
}

static int unpack_symlink(struct unpack *u, int dir, const char *name)
{
	const char *to = tar_symlink(u->entry);
	int r = to && *to ? replace(dir, name) : -EINVAL;

	if (r == 0 && symlinkat(to, dir, name) < 0)
		r = -errno;
	return r < 0 ? r : set_owner(u, dir, name);
}

/* What it links to is another entry of this tree, found as any path is. */
static int unpack_hardlink(struct unpack *u, int dir, const char *name)
{
	char path[INSIDE_PATH_MAX], from[INSIDE_NAME_MAX];
	struct stat a, b;
	int r = inside_clean(tar_hardlink(u->entry), path);
	CLEANUP(closep) int from_dir = r < 0 ? r : inside_parent(u->root, path, false, from);

	if (from_dir < 0)
		return from_dir;
	if (fstatat(from_dir, from, &a, AT_SYMLINK_NOFOLLOW) < 0)
		return -errno;
	if (fstatat(dir, name, &b, AT_SYMLINK_NOFOLLOW) == 0 && a.st_ino == b.st_ino)
		return 0; /* it is that already */
	r = replace(dir, name);
	if (r == 0 && linkat(from_dir, from, dir, name, 0) < 0)
		r = -errno;
	return r;
}

static int unpack_pipe(struct unpack *u, int dir, const char *name)
{
	int r = replace(dir, name);

	if (r == 0 && mkfifoat(dir, name, archive_entry_perm(u->entry) & 0777) < 0)
		r = -errno;
	return r < 0 ? r : set_owner(u, dir, name);
}

static int unpack_one(struct unpack *u, const char *path)
{
	char name[INSIDE_NAME_MAX];
	CLEANUP(closep) int dir = inside_parent(u->root, path, true, name);

	if (dir < 0)
		return dir;
	if (tar_hardlink(u->entry))
		return unpack_hardlink(u, dir, name);
	switch (archive_entry_filetype(u->entry)) {
	case AE_IFREG:
		return unpack_file(u, dir, name);
	case AE_IFDIR:
		return unpack_folder(u, dir, name);
	case AE_IFLNK:
		return unpack_symlink(u, dir, name);
	case AE_IFIFO:
		return u->layer ? unpack_pipe(u, dir, name) : -EINVAL;
	default: /* devices: below /dev a container has its own */
		return u->layer && strncmp(path, "dev/", 4) == 0 ? 0 : -EINVAL;
	}
}

static const char *reason(int r)
{
	switch (r) {
	case -EINVAL:
		return "it is malformed, climbs out of the image or is a device";
	case -EMSGSIZE:
		return "it becomes too large";
	default:
		return strerror(-r);
	}
}

int tar_unpack(int root, int fd, bool layer, struct tar_limits *limits, struct err *e)
{
	CLEANUP(tar_closep) struct archive *a = NULL;
	struct unpack u = {.root = root, .layer = layer, .limits = limits};
	char path[INSIDE_PATH_MAX];
	int r = layer ? tar_whiteouts(root, fd, e) : 0;

	if (r == 0)
		r = tar_open(fd, &a, e);
	if (r < 0)
		return r;
	u.archive = a;
	while ((r = tar_next(a, &u.entry, limits, e)) > 0) {
		const char *name = tar_name(u.entry);

		if (layer && tar_is_whiteout(name))
			continue;
		r = inside_clean(name, path);
		if (r == 0)
			r = unpack_one(&u, path);
		if (r < 0)
			return err_set(e, r, "\"%.256s\": %s", name, reason(r));
	}
	return r;
}
