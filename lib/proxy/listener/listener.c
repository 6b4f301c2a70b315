/* Sockets that accept. One that stays from config to config is never closed in between. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/log.h"
#include "proxy/listener/listener.h"

#define BACKLOG 4096

static void on_accept(struct acceptor *a, int fd, const struct addr *peer)
{
	struct listener *l = CONTAINER_OF(a, struct listener, acceptor);

	l->accepted++;
	down_new(l, fd, peer);
}

#define FIRST_WORKER 0

/* The file of a Unix socket is the first worker's: it made it, and by then it has made no other in its place. */
static void listener_close(struct listener *l)
{
	acceptor_stop(&l->acceptor);
	if (l->worker->index == FIRST_WORKER)
		socket_remove_file(&l->address);
	free(l);
}

void listen_round_done(struct listen_round *r)
{
	for (size_t i = 0; i < r->sockets.n; i++)
		close(r->sockets.v[i].fd);
	vec_done(&r->sockets);
	vec_done(&r->errors);
}

static int copy_socket(int fd, const struct config_listener *config, struct err *e)
{
	const int copy = fcntl(fd, F_DUPFD_CLOEXEC, 0);

	return copy < 0 ? err_errno(e, errno, "share %s", config->name) : copy;
}

/* One socket for all workers: each accepts from it. */
static int share_socket(struct worker *w, const struct config_listener *config, int backlog, struct listen_round *round,
			struct err *e)
{
	int fd;

	for (size_t i = 0; i < round->sockets.n; i++)
		if (round->sockets.v[i].listener == config)
			return copy_socket(round->sockets.v[i].fd, config, e);
	if (w->index != FIRST_WORKER)
		return err_set(e, -EADDRNOTAVAIL, "%s: the first worker has not opened it", config->name);
	fd = socket_listen_unix(&config->address, config->socket_mode, backlog, e);
	if (fd >= 0)
		vec_push(&round->sockets, ((struct listen_socket){config, fd}));
	return fd < 0 ? fd : copy_socket(fd, config, e);
}

static int open_socket(struct worker *w, const struct config_listener *config, struct listen_round *round,
		       struct err *e)
{
	const int backlog = config->backlog ? config->backlog : BACKLOG;
	const unsigned flags = SOCKET_REUSEPORT | (config->transparent ? SOCKET_TRANSPARENT : 0);

	return config->address.sa.sa_family == AF_UNIX ? share_socket(w, config, backlog, round, e)
						       : socket_listen(&config->address, backlog, flags, e);
}

static int listener_open(struct worker *w, const struct config_listener *config, struct listen_round *round,
			 struct err *e)
{
	int fd = open_socket(w, config, round, e), r;
	struct listener *l;

	if (fd < 0)
		return fd;
	l = NEW(struct listener);
	*l = (struct listener){.worker = w, .config = config, .address = config->address};
	r = acceptor_start(w->loop, &l->acceptor, fd, on_accept);
	if (r < 0) {
		listener_close(l);
		return err_errno(e, -r, "watch %s", config->name);
	}
	vec_push(&w->listeners, l);
	return 0;
}

/* All workers meet the same, as a rule: one telling is enough. */
static void note_error(struct listen_round *round, const struct config_listener *l, const struct err *e)
{
	for (size_t i = 0; i < round->errors.n; i++)
		if (round->errors.v[i].listener == l)
			return;
	vec_push(&round->errors, ((struct listen_error){l, *e}));
}

/* The place of the listener that binds this address, or n_listeners. They are sorted by port. */
static size_t place_of(const struct config *c, const struct addr *a)
{
	uint16_t port = addr_port(a);
	size_t low = 0, high = c->n_listeners;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (addr_port(&c->listeners[middle]->address) < port)
			low = middle + 1;
		else
			high = middle;
	}
	for (; low < c->n_listeners && addr_port(&c->listeners[low]->address) == port; low++)
		if (c->listeners[low]->bind_to_port && addr_eq(&c->listeners[low]->address, a))
			return low;
	return c->n_listeners;
}

static void open_missing(struct worker *w, const struct config *c, const bool *open, struct listen_round *round)
{
	for (size_t i = 0; i < c->n_listeners; i++) {
		struct err e = ERR_INIT;

		/* Of two with one address the first has it. */
		if (open[i] || !c->listeners[i]->bind_to_port || place_of(c, &c->listeners[i]->address) != i)
			continue;
		if (listener_open(w, c->listeners[i], round, &e) < 0)
			note_error(round, c->listeners[i], &e);
	}
}

void listeners_update(struct worker *w, struct listen_round *round)
{
	const struct config *c = w->current->config;
	CLEANUP(freep) bool *open = mem_calloc(c->n_listeners + 1, sizeof(*open));

	for (size_t i = 0; i < w->listeners.n;) {
		struct listener *l = w->listeners.v[i];
		size_t place = place_of(c, &l->address);

		if (place < c->n_listeners) {
			l->config = c->listeners[place];
			open[place] = true;
			i++;
			continue;
		}
		listener_close(l);
		vec_remove(&w->listeners, i);
	}
	if (!w->stopped_listening)
		open_missing(w, c, open, round);
}

void listeners_close(struct worker *w)
{
	for (size_t i = 0; i < w->listeners.n; i++)
		listener_close(w->listeners.v[i]);
	vec_done(&w->listeners);
}
