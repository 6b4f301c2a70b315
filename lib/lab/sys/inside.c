/* Files below a folder, and nowhere else. */
#include "lab/sys/inside.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/slice.h"

/* Any mount or rename on the machine while ".." is resolved makes the kernel give up: openat2(2), EAGAIN. */
#define OPEN_TRIES_MAX 10000

int inside_open(int root, const char *path, int flags)
{
	struct open_how how = {.flags = (uint64_t)flags | O_CLOEXEC, .resolve = RESOLVE_IN_ROOT};

	for (int i = 0; i < OPEN_TRIES_MAX; i++) {
		int fd = (int)syscall(SYS_openat2, root, path, &how, sizeof(how));

		if (fd >= 0)
			return fd;
		if (errno != EAGAIN)
			return -errno;
		sched_yield();
	}
	return -EAGAIN;
}

int inside_clean(const char *path, char out[INSIDE_PATH_MAX])
{
	struct slice rest = slice_str(path);
	size_t used = 0, depth = 0;

	while (rest.len) {
		struct slice part = slice_split(&rest, '/');

		if (!part.len || slice_eq_str(part, "."))
			continue;
		if (slice_eq_str(part, "..") || part.len >= INSIDE_NAME_MAX)
			return -EINVAL;
		if (++depth > INSIDE_DEPTH_MAX || used + part.len + 2 > INSIDE_PATH_MAX)
			return -ENAMETOOLONG;
		used += (size_t)snprintf(out + used, INSIDE_PATH_MAX - used, "%s%.*s", used ? "/" : "",
					 SLICE_ARG(part));
	}
	if (!used)
		strcpy(out, ".");
	return 0;
}

/* The folders of path, each made if it is missing. */
static int make_folders(int root, const char *path)
{
	char so_far[INSIDE_PATH_MAX] = "";
	struct slice rest = slice_str(path);
	CLEANUP(closep) int at = inside_open(root, ".", O_PATH | O_DIRECTORY);

	while (at >= 0 && rest.len) {
		struct slice part = slice_split(&rest, '/');
		size_t used = strlen(so_far);
		const char *name = so_far + used + (used > 0);
		int next;

		snprintf(so_far + used, sizeof(so_far) - used, "%s%.*s", used ? "/" : "", SLICE_ARG(part));
		if (mkdirat(at, name, 0755) < 0 && errno != EEXIST)
			return -errno;
		next = inside_open(root, so_far, O_PATH | O_DIRECTORY);
		if (next < 0)
			return next;
		close(at);
		at = next;
	}
	return at < 0 ? at : take_fd(&at);
}

int inside_parent(int root, const char *path, bool make, char name[INSIDE_NAME_MAX])
{
	const char *slash = strrchr(path, '/');
	char folder[INSIDE_PATH_MAX];
	int fd;

	snprintf(name, INSIDE_NAME_MAX, "%s", slash ? slash + 1 : path);
	snprintf(folder, sizeof(folder), "%.*s", slash ? (int)(slash - path) : 1, slash ? path : ".");
	fd = inside_open(root, folder, O_PATH | O_DIRECTORY);
	return fd == -ENOENT && make ? make_folders(root, folder) : fd;
}

int inside_clear(int dir)
{
	int copy = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *d = copy < 0 ? NULL : fdopendir(copy);
	const struct dirent *entry;
	int r = 0;

	if (!d) {
		r = -errno;
		if (copy >= 0)
			close(copy);
		return r;
	}
	while (r == 0 && (entry = readdir(d)))
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			r = inside_remove(copy, entry->d_name);
	closedir(d);
	return r;
}

int inside_remove(int dir, const char *name)
{
	CLEANUP(closep) int fd = -1;
	int r;

	if (unlinkat(dir, name, 0) == 0 || errno == ENOENT)
		return 0;
	if (errno != EISDIR && errno != EPERM)
		return -errno;
	fd = openat(dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	r = fd < 0 ? -errno : inside_clear(fd);
	if (r == 0 && unlinkat(dir, name, AT_REMOVEDIR) < 0)
		r = -errno;
	return r;
}

int inside_read(int root, const char *path, size_t max, struct buf *out, struct err *e)
{
	CLEANUP(closep) int fd = inside_open(root, path, O_RDONLY | O_NONBLOCK | O_NOCTTY);
	struct stat st;
	ssize_t n = 0;

	if (fd < 0)
		return err_errno(e, -fd, "%s", path);
	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
		return err_set(e, -EINVAL, "%s: not a file", path);
	if ((uint64_t)st.st_size > max)
		return err_set(e, -EMSGSIZE, "%s: more than %zu bytes", path, max);
	for (size_t left = (size_t)st.st_size; left; left -= (size_t)n) {
		n = read(fd, buf_reserve(out, left), left);
		if (n <= 0)
			return err_errno(e, n < 0 ? errno : EIO, "%s", path);
		out->len += (size_t)n;
	}
	buf_append(out, "", 0); /* a string */
	return 0;
}
