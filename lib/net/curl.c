/* The callbacks that libcurl wants of an event loop. */
#include "net/curl.h"

#include <errno.h>

#include "base/mem.h"

struct curl_io {
	struct io io;
	struct curl_loop *curl;
	struct list link;
};

static void tell_finished(struct curl_loop *c)
{
	CURLMsg *m;
	int left;

	while ((m = curl_multi_info_read(c->multi, &left))) {
		void *private = NULL;
		CURLcode code = m->data.result;

		if (m->msg != CURLMSG_DONE)
			continue;
		curl_easy_getinfo(m->easy_handle, CURLINFO_PRIVATE, &private);
		c->finished(private, code);
	}
}

static void act(struct curl_loop *c, curl_socket_t fd, int flags)
{
	int running;

	curl_multi_socket_action(c->multi, fd, flags, &running);
	tell_finished(c);
}

static void on_io(struct io *io, uint32_t revents)
{
	int flags = (revents & (EPOLLIN | EPOLLHUP | EPOLLRDHUP) ? CURL_CSELECT_IN : 0) |
		    (revents & EPOLLOUT ? CURL_CSELECT_OUT : 0) | (revents & EPOLLERR ? CURL_CSELECT_ERR : 0);

	act(CONTAINER_OF(io, struct curl_io, io)->curl, io->fd, flags);
}

static void on_timer(struct timer *t)
{
	act(CONTAINER_OF(t, struct curl_loop, timer), CURL_SOCKET_TIMEOUT, 0);
}

static void io_free(struct curl_io *s)
{
	io_stop(&s->io);
	list_remove(&s->link);
	free(s);
}

static int watch_socket(CURL *easy, curl_socket_t fd, int what, void *user, void *assigned)
{
	uint32_t events = (what & CURL_POLL_IN ? EPOLLIN : 0) | (what & CURL_POLL_OUT ? EPOLLOUT : 0);
	struct curl_loop *c = user;
	struct curl_io *s = assigned;

	(void)easy;
	if (what == CURL_POLL_REMOVE) {
		if (s)
			io_free(s);
		curl_multi_assign(c->multi, fd, NULL);
		return 0;
	}
	if (s) {
		io_set(&s->io, events);
		return 0;
	}
	s = NEW(struct curl_io);
	s->curl = c;
	list_append(&c->sockets, &s->link);
	if (io_start(c->loop, &s->io, fd, events, on_io) < 0) {
		io_free(s);
		return -1;
	}
	curl_multi_assign(c->multi, fd, s);
	return 0;
}

static int set_timer(CURLM *multi, long ms, void *user)
{
	struct curl_loop *c = user;

	(void)multi;
	if (ms < 0)
		timer_stop(&c->timer);
	else
		timer_start(c->loop, &c->timer, ms, on_timer);
	return 0;
}

int curl_loop_init(struct curl_loop *c, struct loop *l, void (*finished)(void *private, CURLcode code))
{
	*c = (struct curl_loop){.loop = l, .finished = finished};
	list_init(&c->sockets);
	curl_global_init(CURL_GLOBAL_DEFAULT);
	c->multi = curl_multi_init();
	if (!c->multi)
		return -ENOMEM;
	curl_multi_setopt(c->multi, CURLMOPT_SOCKETFUNCTION, watch_socket);
	curl_multi_setopt(c->multi, CURLMOPT_SOCKETDATA, c);
	curl_multi_setopt(c->multi, CURLMOPT_TIMERFUNCTION, set_timer);
	curl_multi_setopt(c->multi, CURLMOPT_TIMERDATA, c);
	return 0;
}

void curl_loop_done(struct curl_loop *c)
{
	if (!c->multi)
		return;
	curl_multi_cleanup(c->multi);
	while (!list_empty(&c->sockets))
		io_free(LIST_FIRST(&c->sockets, struct curl_io, link));
	timer_stop(&c->timer);
	c->multi = NULL;
}
