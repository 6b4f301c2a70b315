/* inotify on the folders of a tree. An event says only that something happened: the tree is looked at as a whole. */
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "files/internal.h"

#define EVENTS                                                                                                         \
	(IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM | IN_CREATE | IN_DELETE | IN_DELETE_SELF | IN_MOVE_SELF |        \
	 IN_ATTRIB)

struct watch {
	struct loop *loop;
	struct io io;
	int fd;
	VEC(int) watched;
	void (*on_change)(void *arg);
	void *arg;
};

static void on_events(struct io *io, uint32_t revents)
{
	struct watch *w = CONTAINER_OF(io, struct watch, io);
	char events[4096] __attribute__((aligned(8)));

	(void)revents;
	while (read(w->fd, events, sizeof(events)) > 0)
		;
	w->on_change(w->arg);
}

struct watch *watch_new(struct loop *l, void (*on_change)(void *arg), void *arg, struct err *e)
{
	struct watch *w = NEW(struct watch);

	w->loop = l;
	w->on_change = on_change;
	w->arg = arg;
	w->fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	if (w->fd < 0 || io_start(l, &w->io, w->fd, EPOLLIN, on_events) < 0) {
		err_errno(e, errno, "inotify");
		watch_free(w);
		return NULL;
	}
	return w;
}

/* A folder that is watched already keeps its number. */
static void add(struct watch *w, const char *path, int *ret, size_t *n)
{
	const int wd = inotify_add_watch(w->fd, path, EVENTS);

	if (wd >= 0)
		ret[(*n)++] = wd;
}

static bool has(const int *list, size_t n, int wd)
{
	for (size_t i = 0; i < n; i++)
		if (list[i] == wd)
			return true;
	return false;
}

/* Where the topmost folder itself is exchanged. */
static char *parent_of(const char *dir)
{
	size_t n = strlen(dir);

	while (n > 1 && dir[n - 1] == '/')
		n--;
	while (n && dir[n - 1] != '/')
		n--;
	return n ? mem_printf("%.*s", (int)n, dir) : mem_strdup(".");
}

void watch_follow(struct watch *w, const struct tree *t)
{
	CLEANUP(freep) char *parent = parent_of(t->dir);
	int *now = mem_calloc(t->folders.n + 1, sizeof(int));
	size_t n = 0;

	add(w, parent, now, &n);
	for (size_t i = 0; i < t->folders.n; i++)
		add(w, t->folders.v[i], now, &n);
	for (size_t i = 0; i < w->watched.n; i++)
		if (!has(now, n, w->watched.v[i]))
			inotify_rm_watch(w->fd, w->watched.v[i]); /* fails where the folder went */
	vec_done(&w->watched);
	for (size_t i = 0; i < n; i++)
		vec_push(&w->watched, now[i]);
	free(now);
}

void watch_free(struct watch *w)
{
	if (!w)
		return;
	io_stop(&w->io);
	if (w->fd >= 0)
		close(w->fd);
	vec_done(&w->watched);
	free(w);
}
