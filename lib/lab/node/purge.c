/* Removing everything of a lab without a daemon: containers, network namespaces, mounts, directories, cgroups. */
#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mount.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/slice.h"
#include "lab/node/node_internal.h"

/* Calls fn for each entry of a directory. */
static void each_entry(const char *dir, void (*fn)(const char *dir, const char *name))
{
	DIR *d = opendir(dir);
	struct dirent *entry;

	while (d && (entry = readdir(d)))
		if (entry->d_name[0] != '.')
			fn(dir, entry->d_name);
	if (d)
		closedir(d);
}

static void purge_attempt(const char *dir, const char *name)
{
	CLEANUP(freep) char *path = mem_printf("%s/%s", dir, name);

	container_purge(path);
}

static void purge_container(const char *dir, const char *name)
{
	CLEANUP(freep) char *path = mem_printf("%s/%s", dir, name);

	each_entry(path, purge_attempt);
}

void node_purge_containers(const char *dir)
{
	each_entry(dir, purge_container);
}

static void purge_pod(const char *dir, const char *name)
{
	CLEANUP(freep) char *path = mem_printf("%s/%s/containers", dir, name);

	node_purge_containers(path);
}

/* Deepest first: the list of mounts is in the order of mounting. */
static void unmount_below(const char *dir)
{
	FILE *f = fopen("/proc/self/mounts", "re");
	char line[4096], *paths[256];
	size_t n = 0;

	while (f && n < ARRAY_LEN(paths) && fgets(line, sizeof(line), f)) {
		struct slice rest = slice_str(line), path;

		(void)slice_split(&rest, ' ');
		path = slice_split(&rest, ' ');
		if (slice_starts(path, slice_str(dir)) && path.len > strlen(dir) && path.ptr[strlen(dir)] == '/')
			paths[n++] = strndup(path.ptr, path.len);
	}
	if (f)
		fclose(f);
	while (n) {
		(void)umount2(paths[--n], MNT_DETACH);
		free(paths[n]);
	}
}

static void remove_netns(const char *lab)
{
	size_t len = strlen(lab);
	DIR *d = opendir("/run/netns");
	struct dirent *entry;

	while (d && (entry = readdir(d)))
		if (strncmp(entry->d_name, lab, len) == 0 && (!entry->d_name[len] || entry->d_name[len] == '.'))
			(void)netns_remove(entry->d_name, NULL);
	if (d)
		closedir(d);
}

static void remove_cgroup(const char *dir, const char *name)
{
	CLEANUP(freep) char *path = mem_printf("%s/%s", dir, name);

	(void)rmdir(path);
}

static void remove_cgroups(const char *lab)
{
	static const char *const tops[] = {"/sys/fs/cgroup/memory", "/sys/fs/cgroup/cpu", "/sys/fs/cgroup"};

	for (size_t i = 0; i < ARRAY_LEN(tops); i++) {
		CLEANUP(freep) char *path = mem_printf("%s/%s", tops[i], lab);

		each_entry(path, remove_cgroup);
		(void)rmdir(path);
	}
}

/* Supervisors that had no time to write their state. The container dies with its supervisor. */
static void kill_supervisors(const char *pods)
{
	DIR *d = opendir("/proc");
	struct dirent *entry;

	while (d && (entry = readdir(d))) {
		CLEANUP(buf_done) struct buf args = BUF_INIT;
		CLEANUP(freep) char *path = mem_printf("/proc/%s/cmdline", entry->d_name);
		pid_t pid = atoi(entry->d_name);
		struct slice rest, name;

		if (pid <= 0 || file_read(path, 4096, &args, NULL) < 0)
			continue;
		rest = buf_slice(&args);
		name = slice_split(&rest, '\0');
		(void)slice_split(&rest, '\0');
		if (slice_ends(name, SLICE("/weft-shim")) && slice_starts(rest, slice_str(pods)))
			kill(pid, SIGKILL);
	}
	if (d)
		closedir(d);
}

int node_purge(const char *data_dir, struct err *e)
{
	CLEANUP(freep) char *real = realpath(data_dir, NULL);
	CLEANUP(freep) char *pods = NULL;
	CLEANUP(freep) char *images = NULL;
	char lab[NETNS_NAME_MAX];
	int r;

	netns_lab_name(data_dir, lab);
	remove_netns(lab);
	if (!real)
		return 0;
	pods = mem_printf("%s/pods", real);
	images = mem_printf("%s/images", real);
	each_entry(pods, purge_pod);
	kill_supervisors(pods);
	unmount_below(pods);
	remove_cgroups(lab);
	r = file_remove_tree(pods, e);
	return r < 0 ? r : file_remove_tree(images, e);
}
