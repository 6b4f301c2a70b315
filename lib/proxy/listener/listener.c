/* Sockets that accept. One that stays from config to config is never closed in between. */
#include <stdlib.h>

#include "base/log.h"
#include "proxy/listener/listener.h"

#define BACKLOG 4096

static void on_accept(struct acceptor *a, int fd, const struct addr *peer)
{
	struct listener *l = CONTAINER_OF(a, struct listener, acceptor);

	l->accepted++;
	down_new(l, fd, peer);
}

static void listener_close(struct listener *l)
{
	acceptor_stop(&l->acceptor);
	free(l);
}

static int listener_open(struct worker *w, const struct config_listener *config, struct err *e)
{
	unsigned flags = SOCKET_REUSEPORT | (config->transparent ? SOCKET_TRANSPARENT : 0);
	int fd = socket_listen(&config->address, config->backlog ? config->backlog : BACKLOG, flags, e), r;
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
static void note_error(struct listen_errors *errors, const struct config_listener *l, const struct err *e)
{
	for (size_t i = 0; i < errors->n; i++)
		if (errors->v[i].listener == l)
			return;
	vec_push(errors, (struct listen_error){l, *e});
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

static void open_missing(struct worker *w, const struct config *c, const bool *open, struct listen_errors *errors)
{
	for (size_t i = 0; i < c->n_listeners; i++) {
		struct err e = ERR_INIT;

		/* Of two with one address the first has it. */
		if (open[i] || !c->listeners[i]->bind_to_port || place_of(c, &c->listeners[i]->address) != i)
			continue;
		if (listener_open(w, c->listeners[i], &e) < 0)
			note_error(errors, c->listeners[i], &e);
	}
}

void listeners_update(struct worker *w, struct listen_errors *errors)
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
		open_missing(w, c, open, errors);
}

void listeners_close(struct worker *w)
{
	for (size_t i = 0; i < w->listeners.n; i++)
		listener_close(w->listeners.v[i]);
	vec_done(&w->listeners);
}
