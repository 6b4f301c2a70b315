/*
 * Reading a container's log: lines of CRI's format become what was printed. Following looks at the file again after a
 * short while; it ends when that run of the container has ended.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/mem.h"
#include "lab/node/lookup_internal.h"
#include "lab/object/object.h"

#define POLL_MS 50
#define CHUNK_BYTES 65536

struct node_log {
	struct node *node;
	char *uid, *container, *path;
	unsigned attempt;
	int fd;
	bool follow, timestamps, ended;
	int64_t since_ns, left_bytes; /* -1 = no limit */
	struct buf raw, ready;
	struct timer poll;
	void (*on_ready)(void *arg);
	void *arg;
};

/* ---- where to begin ---- */

/* Offset of the last n lines. */
static off_t tail_offset(int fd, int64_t lines)
{
	struct stat st;
	const char *text;
	off_t at;

	if (fstat(fd, &st) < 0 || st.st_size == 0)
		return 0;
	if (lines == 0)
		return st.st_size;
	text = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (text == MAP_FAILED)
		return 0;
	for (at = st.st_size - 1; at > 0; at--)
		if (text[at - 1] == '\n' && --lines == 0)
			break;
	munmap((void *)text, (size_t)st.st_size);
	return at;
}

static int check_state(const struct pod_container *c, const struct node_log_options *o, struct err *e)
{
	if (o->previous) {
		if (c->attempt == 0 && !pod_container_will_restart(c))
			return err_set(e, -EINVAL, "previous terminated container \"%s\" in pod \"%s\" not found",
				       c->name, c->pod->name);
		return 0;
	}
	if (c->c.state == CONTAINER_NONE && !c->last)
		return err_set(e, -EINVAL, "container \"%s\" in pod \"%s\" is waiting to start: %s", c->name,
			       c->pod->name,
			       c->reason                                                   ? c->reason
			       : !c->init && c->pod->init_n && c->pod->stage == POD_ACTIVE ? "PodInitializing"
											   : "ContainerCreating");
	return 0;
}

/* Between two attempts the newest log is the one before. */
static unsigned pick_attempt(const struct pod_container *c, bool previous)
{
	unsigned newest = c->attempt;

	if (c->c.state == CONTAINER_NONE && newest > 0)
		newest--;
	return previous && newest > 0 ? newest - 1 : newest;
}

int node_log_open(struct node *n, const struct node_log_options *o, void (*on_ready)(void *arg), void *arg,
		  struct node_log **ret, struct err *e)
{
	struct pod_container *c;
	struct node_log *l;
	int r = node_find_container(n, o->ns, o->pod, o->container, &c, e);

	if (r == 0)
		r = check_state(c, o, e);
	if (r < 0)
		return r;
	l = NEW(struct node_log);
	*l = (struct node_log){.node = n,
			       .uid = mem_strdup(c->pod->uid),
			       .container = mem_strdup(c->name),
			       .attempt = pick_attempt(c, o->previous),
			       .follow = o->follow && !o->previous,
			       .timestamps = o->timestamps,
			       .since_ns = o->since_wall_ns,
			       .left_bytes = o->limit_bytes < 0 ? -1 : o->limit_bytes,
			       .on_ready = on_ready,
			       .arg = arg};
	l->path = pod_container_log_path(c->pod, c->name, l->attempt);
	l->fd = open(l->path, O_RDONLY | O_CLOEXEC);
	if (l->fd < 0 && errno != ENOENT) {
		r = err_errno(e, errno, "log of container \"%s\"", c->name);
		node_log_close(l);
		return r;
	}
	if (l->fd >= 0 && o->tail_lines >= 0)
		lseek(l->fd, tail_offset(l->fd, o->tail_lines), SEEK_SET);
	*ret = l;
	return 0;
}

/* ---- lines ---- */

/* "TIME STREAM P|F TEXT" */
static void take_line(struct node_log *l, struct slice line)
{
	struct slice rest = line, time = slice_split(&rest, ' '), kind;
	int64_t at_ns = 0;

	(void)slice_split(&rest, ' ');
	kind = slice_split(&rest, ' ');
	if (l->since_ns && clock_parse(time, &at_ns) == 0 && at_ns < l->since_ns)
		return;
	if (l->timestamps) {
		buf_append_slice(&l->ready, time);
		buf_append_char(&l->ready, ' ');
	}
	buf_append_slice(&l->ready, rest);
	if (!slice_eq_str(kind, "P"))
		buf_append_char(&l->ready, '\n');
}

static void take_lines(struct node_log *l)
{
	size_t at = 0;
	const char *end;

	while (at < l->raw.len && (end = memchr(l->raw.ptr + at, '\n', l->raw.len - at))) {
		take_line(l, slice_make(l->raw.ptr + at, (size_t)(end - l->raw.ptr) - at));
		at = (size_t)(end - l->raw.ptr) + 1;
	}
	buf_consume(&l->raw, at);
}

static bool run_is_over(const struct node_log *l)
{
	const struct pod *p = map_get(&l->node->pods, slice_str(l->uid));

	for (size_t i = 0; p && i < p->n; i++) {
		const struct pod_container *c = &p->containers[i];

		if (strcmp(c->name, l->container) == 0)
			return c->attempt != l->attempt || c->c.state == CONTAINER_EXITED;
	}
	return true;
}

/* The file was renamed and a new one begun. */
static bool reopen_rotated(struct node_log *l)
{
	struct stat now, have;
	int fd;

	if (l->fd >= 0 && (stat(l->path, &now) < 0 || fstat(l->fd, &have) < 0 || now.st_ino == have.st_ino))
		return false;
	fd = open(l->path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	closep(&l->fd);
	l->fd = fd;
	return true;
}

/* Reads more of the file. Returns false when nothing came. */
static bool fill(struct node_log *l)
{
	ssize_t n = l->fd < 0 ? 0 : read(l->fd, buf_reserve(&l->raw, CHUNK_BYTES), CHUNK_BYTES);

	if (n <= 0)
		return reopen_rotated(l);
	l->raw.len += (size_t)n;
	take_lines(l);
	return true;
}

static void on_poll(struct timer *t)
{
	struct node_log *l = CONTAINER_OF(t, struct node_log, poll);
	bool over = run_is_over(l);

	while (!l->ready.len && fill(l))
		;
	l->ended = l->ended || (over && !l->ready.len);
	if (l->ready.len || l->ended)
		l->on_ready(l->arg);
	else
		timer_start(l->node->loop, &l->poll, POLL_MS, on_poll);
}

ssize_t node_log_read(struct node_log *l, char *out, size_t cap)
{
	size_t n;

	while (!l->ready.len && !l->ended) {
		bool over = !l->follow || run_is_over(l);

		if (fill(l))
			continue;
		if (over) {
			l->ended = true;
			break;
		}
		timer_start(l->node->loop, &l->poll, POLL_MS, on_poll);
		return -EAGAIN;
	}
	n = MIN(cap, l->ready.len);
	if (l->left_bytes >= 0)
		n = MIN(n, (size_t)l->left_bytes);
	memcpy(out, buf_str(&l->ready), n);
	buf_consume(&l->ready, n);
	if (l->left_bytes >= 0)
		l->left_bytes -= (int64_t)n;
	return (ssize_t)n;
}

void node_log_close(struct node_log *l)
{
	if (!l)
		return;
	timer_stop(&l->poll);
	closep(&l->fd);
	buf_done(&l->raw);
	buf_done(&l->ready);
	free(l->uid);
	free(l->container);
	free(l->path);
	free(l);
}
