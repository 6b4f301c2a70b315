/* Reading and replacing small files. */
#include "base/file.h"

#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>

#include "base/cleanup.h"

int file_read(const char *path, size_t max, struct buf *out, struct err *e)
{
	CLEANUP(closep) int fd = open(path, O_RDONLY | O_CLOEXEC);
	size_t start = out->len;

	if (fd < 0)
		return err_errno(e, errno, "open %s", path);
	for (;;) {
		char *at = buf_reserve(out, 4096);
		ssize_t n = read(fd, at, 4096);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_errno(e, errno, "read %s", path);
		if (n == 0)
			break;
		out->len += (size_t)n;
		if (out->len - start > max)
			return err_set(e, -EMSGSIZE, "%s is larger than %zu bytes", path, max);
	}
	buf_append(out, "", 0);
	return 0;
}

static int write_all(int fd, struct slice s)
{
	while (s.len) {
		ssize_t n = write(fd, s.ptr, s.len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		s = slice_from(s, (size_t)n);
	}
	return 0;
}

static int replace(const char *path, struct slice content, mode_t mode, bool durable, struct err *e)
{
	char tmp[PATH_MAX];
	int r;

	if (snprintf(tmp, sizeof(tmp), "%s.tmp.%d", path, (int)getpid()) >= (int)sizeof(tmp))
		return err_set(e, -ENAMETOOLONG, "%s: path too long", path);
	CLEANUP(closep) int fd = open(tmp, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);
	if (fd < 0)
		return err_errno(e, errno, "create %s", tmp);
	r = write_all(fd, content);
	if (r == 0 && (fchmod(fd, mode) < 0 || (durable && fsync(fd) < 0) || rename(tmp, path) < 0))
		r = -errno;
	if (r < 0) {
		unlink(tmp);
		return err_errno(e, -r, "write %s", path);
	}
	return 0;
}

int file_write(const char *path, struct slice content, mode_t mode, struct err *e)
{
	return replace(path, content, mode, true, e);
}

int file_put(const char *path, struct slice content, mode_t mode, struct err *e)
{
	return replace(path, content, mode, false, e);
}

int file_mkdirs(const char *path, mode_t mode, struct err *e)
{
	char part[PATH_MAX];
	size_t n = strlen(path);

	if (n >= sizeof(part))
		return err_set(e, -ENAMETOOLONG, "%s: path too long", path);
	memcpy(part, path, n + 1);
	for (size_t i = 1; i <= n; i++) {
		if (part[i] != '/' && part[i] != 0)
			continue;
		part[i] = 0;
		if (mkdir(part, mode) < 0 && errno != EEXIST)
			return err_errno(e, errno, "mkdir %s", part);
		part[i] = i < n ? '/' : 0;
	}
	return 0;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st, (void)type, (void)ftw;
	return remove(path) < 0 && errno != ENOENT ? errno : 0;
}

int file_remove_tree(const char *path, struct err *e)
{
	int r = nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS | FTW_MOUNT);

	if (r < 0 && errno == ENOENT)
		return 0;
	if (r)
		return err_errno(e, r < 0 ? errno : r, "remove %s", path);
	return 0;
}
