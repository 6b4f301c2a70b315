/*
 * The container's file system, built in its own mount namespace, so that nothing is left on the host when it ends:
 *   root (a directory of the container's own, or an image's files below a layer of its own) <- /proc /dev /sys, then
 * the given mounts in their order, then pivot. Targets are looked up inside the root only: a link in a volume cannot
 * lead a mount outside.
 */
#include "lab/container/container_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/mem.h"
#include "base/slice.h"
#include "lab/sys/inside.h"

#define PATH_BYTES 4096
#define TMPFS_OPTIONS "mode=755,size=1073741824"

/* Makes the directories above the last part, and that part as a directory or an empty file. Opens it. */
static int make_target(int root, const char *target, bool is_file)
{
	char path[PATH_BYTES] = ".";
	struct slice rest = slice_str(target);
	CLEANUP(closep) int at = inside_open(root, ".", O_PATH | O_DIRECTORY);

	while (at >= 0 && rest.len) {
		struct slice part = slice_split(&rest, '/');
		bool last = rest.len == 0;
		size_t used = strlen(path);
		char name[256];
		int next;

		if (!part.len)
			continue;
		if (part.len >= sizeof(name) || used + part.len + 2 > sizeof(path))
			return -ENAMETOOLONG;
		snprintf(name, sizeof(name), "%.*s", SLICE_ARG(part));
		snprintf(path + used, sizeof(path) - used, "/%s", name);
		next = inside_open(root, path, O_PATH);
		if (next == -ENOENT) {
			(void)unlinkat(at, name, 0); /* a link that leads nowhere */
			if (last && is_file)
				mknodat(at, name, S_IFREG | 0644, 0);
			else
				mkdirat(at, name, 0755);
			next = inside_open(root, path, O_PATH);
		}
		if (next < 0)
			return next;
		close(at);
		at = next;
	}
	return at < 0 ? at : take_fd(&at);
}

static int mount_bind(int target, const struct container_mount *m)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", target);
	return mount(m->source, path, NULL, MS_BIND | MS_REC, NULL) < 0 ? -errno : 0;
}

/* A second look-up finds the mount itself, which is then what gets remounted. */
static int remount_read_only(int root, const char *target)
{
	CLEANUP(closep) int fd = inside_open(root, target, O_PATH);
	char path[64];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	if (fd < 0)
		return fd;
	if (mount(NULL, path, NULL, MS_BIND | MS_REMOUNT | MS_RDONLY | MS_NOSUID, NULL) < 0)
		return -errno;
	return 0;
}

static int mount_special(int target, const struct container_mount *m)
{
	static const struct {
		const char *type;
		unsigned long flags;
		const char *options;
	} kinds[] = {
		{"tmpfs", MS_NOSUID | MS_NODEV, "mode=1777,size=67108864"},
		{"dev", MS_NOSUID, "mode=755,size=65536"},
		{"proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL},
		{"sysfs", MS_NOSUID | MS_NODEV | MS_NOEXEC | MS_RDONLY, NULL},
		{"devpts", MS_NOSUID | MS_NOEXEC, "newinstance,ptmxmode=0666,mode=0620"},
		{"mqueue", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL},
	};
	char path[64];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", target);
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
		const char *fs = strcmp(m->type, "dev") == 0 ? "tmpfs" : m->type;

		if (strcmp(kinds[i].type, m->type) == 0)
			return mount(fs, path, fs, kinds[i].flags, kinds[i].options) < 0 ? -errno : 0;
	}
	return -EINVAL;
}

static int mount_one(int root, const struct container_mount *m, struct err *e)
{
	bool bind = strcmp(m->type, "bind") == 0;
	struct stat st = {0};
	CLEANUP(closep) int target = -1;
	int r;

	if (bind && stat(m->source, &st) < 0)
		return err_errno(e, errno, "mount %s at %s", m->source, m->target);
	target = make_target(root, m->target, bind && !S_ISDIR(st.st_mode));
	if (target < 0)
		return err_errno(e, -target, "mount point %s", m->target);
	r = bind ? mount_bind(target, m) : mount_special(target, m);
	if (r == 0 && bind && m->read_only)
		r = remount_read_only(root, m->target);
	return r < 0 ? err_errno(e, -r, "mount %s at %s", m->source ? m->source : m->type, m->target) : 0;
}

static int mount_devices(int root, struct err *e)
{
	static const struct container_mount mounts[] = {
		{NULL, "/proc", "proc", false},
		{NULL, "/dev", "dev", false},
		{NULL, "/sys", "sysfs", false},
		{NULL, "/dev/pts", "devpts", false},
		{NULL, "/dev/shm", "tmpfs", false},
		{NULL, "/dev/mqueue", "mqueue", false},
		{"/dev/null", "/dev/null", "bind", false},
		{"/dev/zero", "/dev/zero", "bind", false},
		{"/dev/full", "/dev/full", "bind", false},
		{"/dev/random", "/dev/random", "bind", false},
		{"/dev/urandom", "/dev/urandom", "bind", false},
		{"/dev/tty", "/dev/tty", "bind", false},
	};
	static const char *const links[][2] = {{"/proc/self/fd", "dev/fd"},
					       {"/proc/self/fd/0", "dev/stdin"},
					       {"/proc/self/fd/1", "dev/stdout"},
					       {"/proc/self/fd/2", "dev/stderr"},
					       {"pts/ptmx", "dev/ptmx"}};

	for (size_t i = 0; i < ARRAY_LEN(mounts); i++) {
		int r = mount_one(root, &mounts[i], e);

		if (r < 0)
			return r;
	}
	for (size_t i = 0; i < ARRAY_LEN(links); i++)
		if (symlinkat(links[i][0], root, links[i][1]) < 0 && errno != EEXIST)
			return err_errno(e, errno, "link /%s", links[i][1]);
	return 0;
}

/* After the pivot: kernel knobs that an ordinary container must not turn. */
static void mask_proc(void)
{
	static const char *const hidden[] = {"/proc/kcore", "/proc/keys", "/proc/timer_list", "/proc/sched_debug"};
	static const char *const fixed[] = {"/proc/sys", "/proc/sysrq-trigger", "/proc/irq", "/proc/bus"};

	for (size_t i = 0; i < ARRAY_LEN(hidden); i++)
		(void)mount("/dev/null", hidden[i], NULL, MS_BIND, NULL);
	for (size_t i = 0; i < ARRAY_LEN(fixed); i++)
		if (mount(fixed[i], fixed[i], NULL, MS_BIND | MS_REC, NULL) == 0)
			(void)mount(NULL, fixed[i], NULL, MS_BIND | MS_REMOUNT | MS_RDONLY, NULL);
}

static int pivot(int root, bool read_only, struct err *e)
{
	if (fchdir(root) < 0 || syscall(SYS_pivot_root, ".", ".") < 0 || umount2(".", MNT_DETACH) < 0 || chdir("/") < 0)
		return err_errno(e, errno, "pivot_root");
	if (read_only && mount(NULL, "/", NULL, MS_BIND | MS_REMOUNT | MS_RDONLY, NULL) < 0)
		return err_errno(e, errno, "read-only root");
	return 0;
}

static int mount_overlay(const struct container_config *c)
{
	CLEANUP(freep)
	char *options = mem_printf("lowerdir=%s,upperdir=%s/upper,workdir=%s/work", c->lower, c->layer, c->layer);

	return mount("overlay", c->root, "overlay", MS_NODEV, options) < 0 ? -errno : 0;
}

/* Where the data's file system cannot be an upper layer, as an overlay itself cannot: what the container writes is in
 * memory then, and gone with it as ever. */
static int mount_in_memory(const struct container_config *c)
{
	static const char *const names[] = {"upper", "work"};

	if (mount("tmpfs", c->layer, "tmpfs", MS_NODEV, TMPFS_OPTIONS) < 0 || mkdir(c->root, 0755) < 0)
		return -errno;
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		CLEANUP(freep) char *path = mem_printf("%s/%s", c->layer, names[i]);

		if (mkdir(path, 0755) < 0)
			return -errno;
	}
	return mount_overlay(c);
}

/* c->root as a mount of its own. */
static int mount_root(const struct container_config *c, struct err *e)
{
	int r;

	if (!c->lower)
		return mount(c->root, c->root, NULL, MS_BIND | MS_REC, NULL) < 0
			       ? err_errno(e, errno, "root %s", c->root)
			       : 0;
	r = mount_overlay(c);
	if (r == -EINVAL)
		r = mount_in_memory(c);
	return r < 0 ? err_errno(e, -r, "layers of %s at %s", c->lower, c->root) : 0;
}

int container_root_enter(const struct container_config *c, struct err *e)
{
	CLEANUP(closep) int root = -1;
	int r;

	if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
		return err_errno(e, errno, "root %s", c->root);
	r = mount_root(c, e);
	if (r < 0)
		return r;
	root = open(c->root, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (root < 0)
		return err_errno(e, errno, "root %s", c->root);
	r = mount_devices(root, e);
	for (size_t i = 0; r == 0 && i < c->mounts_n; i++)
		r = mount_one(root, &c->mounts[i], e);
	if (r == 0)
		r = pivot(root, c->read_only, e);
	if (r == 0 && !c->privileged)
		mask_proc();
	return r;
}
