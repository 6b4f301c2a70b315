/* Network namespaces: created on a helper thread, so that the caller's own namespace never changes for good. */
#include "lab/sys/netns.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <net/if.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/hash.h"

#define NETNS_DIR "/run/netns"
#define LAB_DEFAULT_DIR "/var/lib/weft-lab"

const char *netns_lab_name(const char *data_dir, char *out)
{
	char real[PATH_MAX];

	if (!realpath(data_dir, real))
		snprintf(real, sizeof(real), "%s", data_dir);
	if (strcmp(real, LAB_DEFAULT_DIR) == 0)
		snprintf(out, NETNS_NAME_MAX, "weft-lab");
	else
		snprintf(out, NETNS_NAME_MAX, "weft-lab-%012llx",
			 (unsigned long long)(hash_bytes(slice_str(real)) & 0xffffffffffffULL));
	return out;
}

/* As `ip netns` does: /run/netns is a shared mount point, so that names made later are seen by other namespaces. */
static int prepare_dir(struct err *e)
{
	if (mkdir(NETNS_DIR, 0755) < 0 && errno != EEXIST)
		return err_errno(e, errno, "mkdir %s", NETNS_DIR);
	if (mount("", NETNS_DIR, "none", MS_SHARED | MS_REC, NULL) == 0)
		return 0;
	if (errno != EINVAL)
		return err_errno(e, errno, "mount %s", NETNS_DIR);
	if (mount(NETNS_DIR, NETNS_DIR, "none", MS_BIND | MS_REC, NULL) < 0 ||
	    mount("", NETNS_DIR, "none", MS_SHARED | MS_REC, NULL) < 0)
		return err_errno(e, errno, "mount %s", NETNS_DIR);
	return 0;
}

struct creation {
	const char *path;
	int result;
	struct err e;
};

static int loopback_up(struct err *e)
{
	CLEANUP(closep) int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct ifreq ifr = {.ifr_name = "lo", .ifr_flags = IFF_UP | IFF_RUNNING};

	if (fd < 0 || ioctl(fd, SIOCSIFFLAGS, &ifr) < 0)
		return err_errno(e, errno, "loopback");
	return 0;
}

static void *create_here(void *arg)
{
	struct creation *c = arg;

	if (unshare(CLONE_NEWNET) < 0)
		c->result = err_errno(&c->e, errno, "unshare network namespace");
	else if ((c->result = loopback_up(&c->e)) < 0)
		return NULL;
	else if (mount("/proc/thread-self/ns/net", c->path, "none", MS_BIND, NULL) < 0)
		c->result = err_errno(&c->e, errno, "mount %s", c->path);
	return NULL;
}

static bool is_bound(const char *path)
{
	CLEANUP(closep) int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat self, other;

	return fd >= 0 && fstat(fd, &other) == 0 && stat("/proc/self/ns/net", &self) == 0 &&
	       self.st_dev == other.st_dev;
}

int netns_create(const char *name, bool *ret_created, struct err *e)
{
	char path[PATH_MAX];
	struct creation c = {.path = path};
	pthread_t thread;
	int r = prepare_dir(e), fd;

	if (r < 0)
		return r;
	snprintf(path, sizeof(path), "%s/%s", NETNS_DIR, name);
	if (ret_created)
		*ret_created = !is_bound(path);
	if (is_bound(path))
		return 0;
	fd = open(path, O_RDONLY | O_CREAT | O_CLOEXEC, 0444);
	if (fd < 0)
		return err_errno(e, errno, "create %s", path);
	close(fd);
	r = pthread_create(&thread, NULL, create_here, &c);
	if (r)
		return err_errno(e, r, "thread");
	pthread_join(thread, NULL);
	if (c.result < 0) {
		unlink(path);
		return err_set(e, c.result, "network namespace %s: %s", name, c.e.msg);
	}
	return 0;
}

int netns_remove(const char *name, struct err *e)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/%s", NETNS_DIR, name);
	while (umount2(path, MNT_DETACH) == 0)
		;
	if (unlink(path) < 0 && errno != ENOENT)
		return err_errno(e, errno, "remove %s", path);
	return 0;
}

int netns_open(const char *name, struct err *e)
{
	char path[PATH_MAX];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", NETNS_DIR, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	return fd < 0 ? err_errno(e, errno, "network namespace %s", name) : fd;
}

int netns_run(int netns_fd, int (*fn)(void *arg), void *arg, struct err *e)
{
	CLEANUP(closep) int home = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
	int r;

	if (home < 0)
		return err_errno(e, errno, "own network namespace");
	if (setns(netns_fd, CLONE_NEWNET) < 0)
		return err_errno(e, errno, "enter network namespace");
	r = fn(arg);
	if (setns(home, CLONE_NEWNET) < 0)
		abort(); /* going on in the wrong namespace would be worse */
	return r;
}

struct socket_call {
	int domain, type, protocol, backlog;
	const struct addr *a;
	unsigned flags;
	struct err *e;
};

static int do_socket(void *arg)
{
	struct socket_call *c = arg;
	int fd = socket(c->domain, c->type | SOCK_NONBLOCK | SOCK_CLOEXEC, c->protocol);

	return fd < 0 ? err_errno(c->e, errno, "socket") : fd;
}

static int do_listen(void *arg)
{
	struct socket_call *c = arg;

	return socket_listen(c->a, c->backlog, c->flags, c->e);
}

static int do_connect(void *arg)
{
	struct socket_call *c = arg;

	return socket_connect(c->a, c->flags);
}

int netns_socket(int netns_fd, int domain, int type, int protocol, struct err *e)
{
	struct socket_call c = {.domain = domain, .type = type, .protocol = protocol, .e = e};

	return netns_run(netns_fd, do_socket, &c, e);
}

int netns_listen(int netns_fd, const struct addr *a, int backlog, unsigned flags, struct err *e)
{
	struct socket_call c = {.a = a, .backlog = backlog, .flags = flags, .e = e};

	return netns_run(netns_fd, do_listen, &c, e);
}

int netns_connect(int netns_fd, const struct addr *a, unsigned flags)
{
	struct socket_call c = {.a = a, .flags = flags};

	return netns_run(netns_fd, do_connect, &c, NULL);
}
