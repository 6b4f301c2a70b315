/*
 * A gRPC server without connections: tests open calls by method, hand messages in and look at what came back. Include
 * once per test program: it defines functions of grpc/server.h, grpc/call.h and net/tls.h, which take the place of the
 * library's.
 */
#ifndef TEST_FAKE_GRPC_H
#define TEST_FAKE_GRPC_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/vec.h"
#include "grpc/server.h"
#include "net/tls.h"

struct grpc_call {
	const struct grpc_call_ops *ops;
	void *user;
	const char *auth;     /* metadata "authorization"; NULL = none */
	struct tls_peer peer; /* uri NULL: no client certificate */
	struct addr addr;
	struct buf sending; /* between begin and end */
	VEC(struct buf) sent;
	bool finished, over; /* over: on_done was called */
	int status;          /* valid when finished */
	char text[512];
};

static struct {
	struct {
		const char *method;
		void (*start)(struct grpc_call *c, void *user);
		void *user;
	} methods[8];
	size_t n;
	int listeners, tls_changes;
	int64_t max_age_ms;
	bool draining, listen_fails;
} fake_grpc;

struct grpc_server *grpc_server_new(struct loop *l, const struct grpc_server_params *p)
{
	(void)l;
	memset(&fake_grpc, 0, sizeof(fake_grpc));
	fake_grpc.max_age_ms = p ? p->max_age_ms : 0;
	return (struct grpc_server *)&fake_grpc;
}

void grpc_server_free(struct grpc_server *s)
{
	(void)s;
}

void grpc_server_add(struct grpc_server *s, const char *method, void (*start)(struct grpc_call *c, void *user),
		     void *user)
{
	(void)s;
	fake_grpc.methods[fake_grpc.n].method = method;
	fake_grpc.methods[fake_grpc.n].start = start;
	fake_grpc.methods[fake_grpc.n++].user = user;
}

int grpc_server_listen(struct grpc_server *s, const struct addr *a, struct tls_ctx *ctx, struct err *e)
{
	(void)s, (void)a, (void)ctx;
	if (fake_grpc.listen_fails)
		return err_set(e, -EADDRINUSE, "in use");
	return fake_grpc.listeners++;
}

void grpc_server_set_tls(struct grpc_server *s, int listener, struct tls_ctx *ctx)
{
	(void)s, (void)listener, (void)ctx;
	fake_grpc.tls_changes++;
}

void grpc_server_drain(struct grpc_server *s)
{
	(void)s;
	fake_grpc.draining = true;
}

void grpc_call_set_user(struct grpc_call *c, void *user)
{
	c->user = user;
}

void *grpc_call_user(const struct grpc_call *c)
{
	return c->user;
}

void grpc_call_set_ops(struct grpc_call *c, const struct grpc_call_ops *ops)
{
	c->ops = ops;
}

struct slice grpc_call_metadata(const struct grpc_call *c, const char *name)
{
	return strcmp(name, "authorization") == 0 && c->auth ? slice_str(c->auth) : (struct slice){NULL, 0};
}

struct tls *grpc_call_tls(const struct grpc_call *c)
{
	return c->peer.uri ? (struct tls *)(uintptr_t)c : NULL;
}

const struct tls_peer *tls_peer(struct tls *t)
{
	return &((struct grpc_call *)t)->peer;
}

const struct addr *grpc_call_peer_addr(const struct grpc_call *c)
{
	return &c->addr;
}

bool grpc_call_writable(const struct grpc_call *c)
{
	return !c->finished;
}

struct buf *grpc_call_send_begin(struct grpc_call *c)
{
	return &c->sending;
}

void grpc_call_send_end(struct grpc_call *c)
{
	vec_push(&c->sent, c->sending);
	c->sending = (struct buf)BUF_INIT;
}

void grpc_call_send(struct grpc_call *c, struct slice bytes)
{
	buf_append_slice(grpc_call_send_begin(c), bytes);
	grpc_call_send_end(c);
}

void grpc_call_send_shared(struct grpc_call *c, struct slice head, struct shared_bytes *rest)
{
	buf_append_slice(grpc_call_send_begin(c), head);
	for (size_t i = 0; rest && i < rest->n; i++)
		buf_append_slice(&c->sending, rest->v[i]);
	grpc_call_send_end(c);
}

/* The clients of these tests take no compressed messages. */
bool grpc_call_compress(struct grpc_call *c)
{
	(void)c;
	return false;
}

void grpc_call_send_compressed(struct grpc_call *c, struct slice head, struct shared_bytes *rest)
{
	grpc_call_send_shared(c, head, rest);
}

void grpc_call_flush(struct grpc_call *c)
{
	(void)c;
}

void grpc_call_finish(struct grpc_call *c, int status, const char *text)
{
	if (c->finished)
		return;
	c->finished = true;
	c->status = status;
	snprintf(c->text, sizeof(c->text), "%s", text ? text : "");
}

/* --- the client's side --- */

/* Opens a call of the method whose name ends so. auth and uri may be NULL. */
static inline struct grpc_call *fake_call_open(const char *method_end, const char *auth, const char *uri)
{
	struct grpc_call *c = NEW(struct grpc_call);

	c->auth = auth;
	c->peer = (struct tls_peer){.uri = uri, .n_uris = 1};
	addr_parse(SLICE("10.244.0.9"), 40000, &c->addr);
	for (size_t i = 0; i < fake_grpc.n; i++) {
		const struct slice m = slice_str(fake_grpc.methods[i].method);

		if (slice_ends(m, slice_str(method_end))) {
			fake_grpc.methods[i].start(c, fake_grpc.methods[i].user);
			return c;
		}
	}
	abort();
}

/* The connection ends. */
static inline void fake_call_over(struct grpc_call *c)
{
	if (!c->over && c->ops->on_done)
		c->ops->on_done(c, c->finished ? c->status : GRPC_CANCELLED, "");
	c->over = true;
}

/* Ends it if it is not over, and frees it. */
static inline void fake_call_close(struct grpc_call *c)
{
	fake_call_over(c);
	for (size_t i = 0; i < c->sent.n; i++)
		buf_done(&c->sent.v[i]);
	vec_done(&c->sent);
	buf_done(&c->sending);
	free(c);
}

#endif
