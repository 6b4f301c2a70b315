/* Both sides of DIR/attach; see attach.h. One message each way, descriptors as SCM_RIGHTS (unix(7)). */
#include "lab/container/attach.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "lab/container/attach_internal.h"

#define PIPE_BYTES (1 << 20) /* what a session may be behind */
#define FDS_MAX 2
#define MESSAGE(byte, control)                                                                                         \
	{                                                                                                              \
		.msg_iov = &(struct iovec){(byte), 1}, .msg_iovlen = 1, .msg_control = (control),                      \
		.msg_controllen = sizeof(control)                                                                      \
	}

void attach_address(int dir_fd, struct sockaddr_un *ret)
{
	*ret = (struct sockaddr_un){.sun_family = AF_UNIX};
	snprintf(ret->sun_path, sizeof(ret->sun_path), "/proc/self/fd/%d/attach", dir_fd);
}

static int send_message(int fd, unsigned char byte, const int *fds, size_t n)
{
	_Alignas(struct cmsghdr) char control[CMSG_SPACE(FDS_MAX * sizeof(int))] = {0};
	struct msghdr m = MESSAGE(&byte, control);
	struct cmsghdr *c = CMSG_FIRSTHDR(&m);

	if (n) {
		*c = (struct cmsghdr){.cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS};
		c->cmsg_len = CMSG_LEN(n * sizeof(int));
		memcpy(CMSG_DATA(c), fds, n * sizeof(int));
	}
	m.msg_controllen = n ? CMSG_SPACE(n * sizeof(int)) : 0;
	return sendmsg(fd, &m, MSG_NOSIGNAL) == 1 ? 0 : -errno;
}

/* Fills fds with what came; the rest is -1. */
static int receive_message(int fd, unsigned char *ret_byte, int fds[FDS_MAX])
{
	_Alignas(struct cmsghdr) char control[CMSG_SPACE(FDS_MAX * sizeof(int))] = {0};
	struct msghdr m = MESSAGE(ret_byte, control);
	ssize_t r = recvmsg(fd, &m, MSG_CMSG_CLOEXEC);
	struct cmsghdr *c = r == 1 ? CMSG_FIRSTHDR(&m) : NULL;

	for (size_t i = 0; i < FDS_MAX; i++)
		fds[i] = -1;
	if (r != 1)
		return r < 0 ? -errno : -EPIPE;
	if (c && c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_RIGHTS)
		memcpy(fds, CMSG_DATA(c), MIN(c->cmsg_len - CMSG_LEN(0), FDS_MAX * sizeof(int)));
	return 0;
}

static void set_patience(int fd, int ms)
{
	struct timeval t = {.tv_sec = ms / 1000, .tv_usec = ms % 1000 * 1000};

	(void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &t, sizeof(t));
	(void)setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &t, sizeof(t));
}

/* ---- who joins ---- */

static int connect_to(const char *dir, struct err *e)
{
	CLEANUP(closep) int dir_fd = open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
	CLEANUP(closep) int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	struct sockaddr_un a;

	if (dir_fd < 0 || fd < 0)
		return err_errno(e, errno, "attach");
	attach_address(dir_fd, &a);
	set_patience(fd, ATTACH_WAIT_MS);
	if (connect(fd, (struct sockaddr *)&a, sizeof(a)) < 0)
		return err_set(e, -ENOTCONN, "the container is not running");
	return fcntl(fd, F_DUPFD_CLOEXEC, 0);
}

int container_attach(const char *dir, int out, int err, int *ret_in, struct err *e)
{
	CLEANUP(closep) int fd = connect_to(dir, e);
	int give[FDS_MAX], got[FDS_MAX], r;
	unsigned char byte = ret_in ? ATTACH_WANTS_IN : 0;
	size_t n = 0;

	if (fd < 0)
		return fd;
	if (out >= 0) {
		byte |= ATTACH_HAS_OUT;
		give[n++] = out;
	}
	if (err >= 0) {
		byte |= ATTACH_HAS_ERR;
		give[n++] = err;
	}
	r = send_message(fd, byte, give, n);
	if (r == 0)
		r = receive_message(fd, &byte, got);
	if (r < 0)
		return err_errno(e, -r, "attach");
	closep(&got[1]);
	if (ret_in && got[0] < 0)
		return err_set(e, -EINVAL, "the container has no standard input");
	if (ret_in)
		*ret_in = got[0];
	else
		closep(&got[0]);
	return 0;
}

/* ---- the supervisor ---- */

int attach_listen(struct attach *a, const char *dir, int in_fd, bool once, struct err *e)
{
	CLEANUP(closep) int dir_fd = open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
	struct sockaddr_un address;

	*a = (struct attach){.listen_fd = -1, .in_fd = in_fd, .once = once};
	if (dir_fd < 0)
		return err_errno(e, errno, "%s", dir);
	a->listen_fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	attach_address(dir_fd, &address);
	if (a->listen_fd < 0 || bind(a->listen_fd, (struct sockaddr *)&address, sizeof(address)) < 0 ||
	    listen(a->listen_fd, ATTACH_SESSIONS_MAX) < 0)
		return err_errno(e, errno, "socket for attach");
	return 0;
}

static void add_pipe(struct attach *a, int fd, enum attach_stream stream)
{
	fcntl(fd, F_SETFL, O_NONBLOCK);
	(void)fcntl(fd, F_SETPIPE_SZ, PIPE_BYTES);
	a->pipes[a->n].stream = stream;
	a->pipes[a->n++].fd = fd;
}

static void give_input(struct attach *a, int to, bool wanted)
{
	const bool gives = wanted && a->in_fd >= 0;

	if (send_message(to, gives, &a->in_fd, gives) < 0 || !gives || !a->once)
		return;
	closep(&a->in_fd);
	a->in_fd = -1;
}

void attach_accept(struct attach *a)
{
	CLEANUP(closep) int fd = accept4(a->listen_fd, NULL, NULL, SOCK_CLOEXEC);
	unsigned char byte = 0;
	int fds[FDS_MAX];
	size_t i = 0;

	if (fd < 0)
		return;
	set_patience(fd, ATTACH_WAIT_MS);
	if (receive_message(fd, &byte, fds) < 0)
		return;
	if (a->n + FDS_MAX <= ARRAY_LEN(a->pipes)) {
		if ((byte & ATTACH_HAS_OUT) && fds[i] >= 0)
			add_pipe(a, fds[i++], ATTACH_OUT);
		if ((byte & ATTACH_HAS_ERR) && i < FDS_MAX && fds[i] >= 0)
			add_pipe(a, fds[i++], ATTACH_ERR);
		give_input(a, fd, byte & ATTACH_WANTS_IN);
	}
	for (; i < FDS_MAX; i++)
		closep(&fds[i]);
}

/* Writes all or gives up on the session: half a line would be worse than an end. */
static bool put(int fd, const char *bytes, size_t n)
{
	while (n) {
		ssize_t done = write(fd, bytes, n);

		if (done < 0 && errno == EINTR)
			continue;
		if (done < 0)
			return false;
		bytes += done;
		n -= (size_t)done;
	}
	return true;
}

void attach_write(struct attach *a, enum attach_stream stream, const char *bytes, size_t n)
{
	for (size_t i = 0; i < a->n;) {
		if (a->pipes[i].stream != stream || put(a->pipes[i].fd, bytes, n)) {
			i++;
			continue;
		}
		closep(&a->pipes[i].fd);
		a->pipes[i] = a->pipes[--a->n];
	}
}

void attach_done(struct attach *a)
{
	while (a->n)
		closep(&a->pipes[--a->n].fd);
	closep(&a->listen_fd);
	a->listen_fd = -1;
}
