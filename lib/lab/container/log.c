/* Container output in CRI's log format: one line each, "2016-10-06T00:17:09.669794202Z stdout F text". */
#include "lab/container/container_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <time.h>

#include "base/cleanup.h"
#include "base/slice.h"

#define LOG_ROTATE_BYTES (10 << 20) /* then it becomes PATH.1, and the one before is forgotten */

static void rotate(struct container_log *log)
{
	char old[4096];

	snprintf(old, sizeof(old), "%s.1", log->path);
	if (rename(log->path, old) < 0)
		return;
	close(log->fd);
	log->fd = open(log->path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0640);
	log->bytes = 0;
}

static void write_line(struct container_log *log, const char *stream, const char *text, size_t len, bool whole)
{
	char head[80], out[sizeof(((struct container_stream *)0)->line) + sizeof(head) + 1];
	struct timespec now;
	struct tm tm;
	size_t n;

	if (log->fd < 0)
		return;
	clock_gettime(CLOCK_REALTIME, &now);
	gmtime_r(&now.tv_sec, &tm);
	n = strftime(head, sizeof(head), "%Y-%m-%dT%H:%M:%S", &tm);
	n += (size_t)snprintf(head + n, sizeof(head) - n, ".%09ldZ %s %c ", now.tv_nsec, stream, whole ? 'F' : 'P');
	memcpy(out, head, n);
	memcpy(out + n, text, len);
	out[n + len] = '\n';
	if (write(log->fd, out, n + len + 1) > 0)
		log->bytes += n + len + 1;
	if (log->bytes > LOG_ROTATE_BYTES)
		rotate(log);
}

static void write_lines(struct container_stream *s, struct container_log *log)
{
	size_t at = 0;

	for (size_t i = 0; i < s->len; i++) {
		if (s->line[i] != '\n')
			continue;
		write_line(log, s->name, s->line + at, i - at, true);
		at = i + 1;
	}
	if (at == 0 && s->len == sizeof(s->line)) {
		write_line(log, s->name, s->line, s->len, false);
		at = s->len;
	}
	memmove(s->line, s->line + at, s->len - at);
	s->len -= at;
}

void container_stream_pump(struct container_stream *s, struct container_log *log)
{
	ssize_t n = read(s->fd, s->line + s->len, sizeof(s->line) - s->len);

	if (n > 0) {
		if (s->tee)
			s->tee(s->arg, s->line + s->len, (size_t)n);
		s->len += (size_t)n;
		write_lines(s, log);
		return;
	}
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (s->len)
		write_line(log, s->name, s->line, s->len, true);
	s->len = 0;
	close(s->fd);
	s->fd = -1;
}
