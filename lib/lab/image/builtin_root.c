/* The writable root of a container, and what is mounted into it from the host. */
#include "lab/image/image_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/file.h"
#include "base/slice.h"

static const struct {
	const char *path;
	mode_t mode;
	uid_t uid;
	gid_t gid;
} dirs[] = {
	{"usr", 0755, 0, 0},
	{"etc", 0755, 0, 0},
	{"etc/ssl", 0755, 0, 0},
	{"etc/prometheus", 0755, 0, 0},
	{"home", 0755, 0, 0},
	{"root", 0700, 0, 0},
	{"run", 0755, 0, 0},
	{"run/lock", 01777, 0, 0},
	{"run/postgresql", 03777, 999, 999},
	{"tmp", 01777, 0, 0},
	{"var", 0755, 0, 0},
	{"var/cache", 0755, 0, 0},
	{"var/lib", 0755, 0, 0},
	{"var/lib/postgresql", 01777, 999, 999},
	{"var/lib/postgresql/data", 01777, 999, 999},
	{"var/log", 0755, 0, 0},
	{"var/tmp", 01777, 0, 0},
	{"prometheus", 0777, 65534, 65534},
	{"proc", 0555, 0, 0},
	{"sys", 0555, 0, 0},
	{"dev", 0755, 0, 0},
};

/* Relative, so that they hold before the pivot as well. */
static const char *const links[][2] = {
	{"usr/bin", "bin"},     {"usr/sbin", "sbin"},  {"usr/lib", "lib"},
	{"usr/lib64", "lib64"}, {"../run", "var/run"}, {"../run/lock", "var/lock"},
};

static const struct {
	const char *name, *text;
} files[] = {
	{"etc/nsswitch.conf", "passwd: files\ngroup: files\nshadow: files\nhosts: files dns\nservices: files\n"
			      "protocols: files\n"},
	{"etc/os-release", "PRETTY_NAME=\"Weft lab\"\nNAME=\"Weft lab\"\nID=debian\nVERSION_ID=\"12\"\n"},
	{"etc/host.conf", "multi on\n"},
};

const char image_builtin_passwd[] = "root:x:0:0:root:/root:/bin/bash\n"
				    "daemon:x:1:1:daemon:/usr/sbin:/usr/sbin/nologin\n"
				    "postgres:x:999:999:PostgreSQL:/var/lib/postgresql:/bin/bash\n"
				    "istio-proxy:x:1337:1337:proxy:/home/istio-proxy:/usr/sbin/nologin\n"
				    "nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin\n";

const char image_builtin_group[] =
	"root:x:0:\ndaemon:x:1:\ntty:x:5:\npostgres:x:999:\nistio-proxy:x:1337:\nnogroup:x:65534:\n";

static int write_at(int root, const char *name, const char *text)
{
	CLEANUP(closep) int fd = openat(root, name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	size_t len = strlen(text);

	return fd < 0 || write(fd, text, len) != (ssize_t)len ? -errno : 0;
}

static bool has_user(uid_t uid)
{
	return uid == 0 || uid == 1 || uid == 999 || uid == 1337 || uid == 65534;
}

static int write_users(int root, const struct image_root *o)
{
	CLEANUP(buf_done) struct buf passwd = BUF_INIT;

	buf_append_str(&passwd, image_builtin_passwd);
	if (!has_user(o->uid))
		buf_printf(&passwd, "user-%u:x:%u:%u::%s:/sbin/nologin\n", (unsigned)o->uid, (unsigned)o->uid,
			   (unsigned)o->gid, o->home ? o->home : "/");
	if (write_at(root, "etc/passwd", buf_str(&passwd)) < 0)
		return -errno;
	return write_at(root, "etc/group", image_builtin_group);
}

/* Files of the host that hold no secret; a missing one is left out. */
static void copy_host_file(int root, const char *name)
{
	CLEANUP(buf_done) struct buf text = BUF_INIT;
	CLEANUP(closep) int fd = -1;
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "/%s", name);
	if (file_read(path, 1 << 20, &text, NULL) < 0)
		return;
	fd = openat(root, name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	if (fd >= 0)
		(void)!write(fd, text.ptr, text.len);
}

static int fill_root(int root, const struct image_root *o)
{
	for (size_t i = 0; i < ARRAY_LEN(dirs); i++) {
		if (mkdirat(root, dirs[i].path, 0755) < 0 && errno != EEXIST)
			return -errno;
		if (fchownat(root, dirs[i].path, dirs[i].uid, dirs[i].gid, 0) < 0 ||
		    fchmodat(root, dirs[i].path, dirs[i].mode, 0) < 0)
			return -errno;
	}
	for (size_t i = 0; i < ARRAY_LEN(links); i++)
		if (symlinkat(links[i][0], root, links[i][1]) < 0 && errno != EEXIST)
			return -errno;
	for (size_t i = 0; i < ARRAY_LEN(files); i++)
		if (write_at(root, files[i].name, files[i].text) < 0)
			return -errno;
	copy_host_file(root, "etc/ld.so.cache");
	copy_host_file(root, "etc/services");
	copy_host_file(root, "etc/protocols");
	return write_users(root, o);
}

int image_root_make(const struct image_root *o, struct err *e)
{
	CLEANUP(closep) int root = -1;
	int r = file_mkdirs(o->dir, 0755, e);

	if (r < 0)
		return r;
	root = open(o->dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
	r = root < 0 ? -errno : fill_root(root, o);
	return r < 0 ? err_errno(e, -r, "root file system %s", o->dir) : 0;
}

static void add_bind(cJSON *mounts, const char *source, const char *target)
{
	cJSON *m;

	if (access(source, F_OK) < 0)
		return;
	m = cJSON_CreateObject();
	cJSON_AddStringToObject(m, "type", "bind");
	cJSON_AddStringToObject(m, "source", source);
	cJSON_AddStringToObject(m, "target", target);
	cJSON_AddBoolToObject(m, "readOnly", true);
	cJSON_AddItemToArray(mounts, m);
}

void image_add_mounts(const struct image *i, cJSON *mounts)
{
	add_bind(mounts, "/usr", "/usr");
	add_bind(mounts, "/etc/ssl/certs", "/etc/ssl/certs");
	add_bind(mounts, "/etc/ssl/openssl.cnf", "/etc/ssl/openssl.cnf");
	add_bind(mounts, "/etc/alternatives", "/etc/alternatives");
	if (i->bin_dir)
		add_bind(mounts, i->bin_dir, "/usr/local/bin");
}
