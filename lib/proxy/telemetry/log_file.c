/* The loop is asked for room only when a write was refused. */
#include "proxy/telemetry/log_file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"

/* A socket can't be opened by its name, nor another user's pipe. */
static int borrow(const char *path)
{
	if (strcmp(path, "/dev/stdout") == 0)
		return fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);
	if (strcmp(path, "/dev/stderr") == 0)
		return fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3);
	return -1;
}

struct log_file *log_file_new(struct loop *l, const char *path)
{
	struct log_file *f = NEW(struct log_file);
	struct stat st;

	f->loop = l;
	f->path = mem_strdup(path);
	f->fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NONBLOCK, 0644);
	if (f->fd < 0) {
		int saved = errno;

		f->fd = borrow(path);
		f->shared = true;
		if (f->fd < 0)
			log_error("proxy", "access log %s: %s; it is not written", path, strerror(saved));
	}
	if (f->fd >= 0 && fstat(f->fd, &st) == 0) {
		f->is_pipe = S_ISFIFO(st.st_mode);
		f->is_socket = S_ISSOCK(st.st_mode);
	}
	return f;
}

void log_file_free(struct log_file *f)
{
	log_file_flush(f);
	io_stop(&f->room);
	closep(&f->fd);
	buf_done(&f->lines);
	free((void *)f->path);
	free(f);
}

/* As many whole lines as one write keeps together; a longer line alone. */
static struct slice piece(const struct log_file *f, struct slice lines)
{
	const char *end;

	if (!f->is_pipe || lines.len <= PIPE_BUF)
		return lines;
	end = memrchr(lines.ptr, '\n', PIPE_BUF);
	if (!end)
		end = memchr(lines.ptr, '\n', lines.len);
	return end ? slice_head(lines, (size_t)(end + 1 - lines.ptr)) : lines;
}

/* What is shared is asked not to wait each time, instead of being set so. */
static ssize_t write_now(struct log_file *f, struct slice bytes)
{
	struct pollfd room = {.fd = f->fd, .events = POLLOUT};

	if (f->is_socket)
		return send(f->fd, bytes.ptr, bytes.len, MSG_DONTWAIT | MSG_NOSIGNAL);
	if (f->shared && poll(&room, 1, 0) == 0) {
		errno = EAGAIN;
		return -1;
	}
	return write(f->fd, bytes.ptr, bytes.len);
}

static void on_room(struct io *io, uint32_t revents)
{
	(void)revents;
	log_file_flush(CONTAINER_OF(io, struct log_file, room));
}

/* Lines that can't be written at all (no space, no reader) are gone. */
static struct slice give_up(struct log_file *f, struct slice lines)
{
	for (size_t i = 0; i < lines.len; i++)
		f->dropped += lines.ptr[i] == '\n';
	return slice_from(lines, lines.len);
}

void log_file_flush(struct log_file *f)
{
	struct slice left = buf_slice(&f->lines);

	while (left.len) {
		ssize_t n = f->fd >= 0 ? write_now(f, piece(f, left)) : 0;

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN)
			break;
		left = n > 0 ? slice_from(left, (size_t)n) : give_up(f, left);
	}
	buf_consume(&f->lines, f->lines.len - left.len);
	if (f->lines.len && !io_active(&f->room))
		(void)io_start(f->loop, &f->room, f->fd, EPOLLOUT, on_room);
	else if (!f->lines.len)
		io_stop(&f->room);
}

void log_file_append(struct log_file *f, struct slice lines)
{
	static _Thread_local struct log_limit limit;
	unsigned suppressed;

	if (buf_try_append(&f->lines, lines.ptr, lines.len, LOG_FILE_PENDING_MAX_BYTES) < 0) {
		f->dropped++;
		if (log_limit_ok(&limit, loop_now_ns(f->loop), 10LL * NS_PER_S, &suppressed))
			log_warn("proxy", "access log %s: its reader is too slow; lines are dropped", f->path);
	} else if (f->lines.len >= LOG_FILE_BUFFER_BYTES && !io_active(&f->room)) {
		log_file_flush(f);
	}
}
