/*
 * A web server without connections: a request is handed to the handler of the port, the answer is kept. Include once
 * per test program: it defines functions of web/server.h, which take the place of the library's.
 */
#ifndef TEST_FAKE_WEB_H
#define TEST_FAKE_WEB_H

#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "web/server.h"

struct web_server {
	web_handler fn;
	void *user;
	uint16_t port; /* 0 = does not listen */
};

static struct {
	struct web_server servers[4];
	size_t n;
	uint16_t busy_port; /* cannot be listened on */
	struct slice auth;  /* header "authorization" */
	struct slice proxy; /* query "proxyID" */
	struct arena arena;
	int status, replies; /* 0 = not answered */
	bool challenged;     /* WWW-Authenticate: Bearer */
	char body[1 << 18];
} fake_web;

struct web_server *web_server_new(struct loop *l, const struct web_config *c, struct err *e)
{
	struct web_server *s = &fake_web.servers[fake_web.n++ % 4];

	(void)l, (void)e;
	*s = (struct web_server){.fn = c->on_request, .user = c->user};
	return s;
}

void web_server_free(struct web_server *s)
{
	if (s)
		s->port = 0;
}

int web_server_listen(struct web_server *s, const struct addr *a, struct err *e)
{
	if (fake_web.busy_port && addr_port(a) == fake_web.busy_port)
		return err_set(e, -EADDRINUSE, "listen on port %u: in use", addr_port(a));
	s->port = addr_port(a);
	return s->port;
}

struct slice web_header(const struct web_request *r, const char *name)
{
	(void)r;
	return strcmp(name, "authorization") == 0 ? fake_web.auth : (struct slice){NULL, 0};
}

bool web_query(struct web_request *r, const char *name, struct slice *ret)
{
	(void)r;
	*ret = fake_web.proxy;
	return strcmp(name, "proxyID") == 0 && fake_web.proxy.len;
}

struct arena *web_arena(struct web_request *r)
{
	(void)r;
	return &fake_web.arena;
}

void web_add_header(struct web_request *r, const char *name, const char *value)
{
	(void)r;
	fake_web.challenged |= !strcmp(name, "WWW-Authenticate") && !strcmp(value, "Bearer");
}

void web_reply(struct web_request *r, int status, const char *type, struct slice body)
{
	(void)r, (void)type;
	fake_web.status = status;
	fake_web.replies++;
	snprintf(fake_web.body, sizeof(fake_web.body), "%.*s", SLICE_ARG(body));
}

void web_reply_text(struct web_request *r, int status, const char *text)
{
	web_reply(r, status, "text/plain", slice_str(text));
}

/* Asks the server on a port; r must live until it is answered. auth may be NULL. Returns the status so far. */
static inline int fake_web_ask(struct web_request *r, uint16_t port, const char *method, const char *peer,
			       const char *auth, const char *path)
{
	fake_web.auth = auth ? slice_str(auth) : (struct slice){NULL, 0};
	fake_web.status = fake_web.replies = 0;
	fake_web.challenged = false;
	fake_web.body[0] = 0;
	*r = (struct web_request){.method = slice_str(method), .path = slice_str(path)};
	addr_parse(slice_str(peer), 40000, &r->peer);
	for (size_t i = 0; i < 4; i++) {
		if (fake_web.servers[i].port != port)
			continue;
		fake_web.servers[i].fn(fake_web.servers[i].user, r);
		return fake_web.status;
	}
	return -1;
}

#endif
