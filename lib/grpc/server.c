/* The gRPC server: listeners, the method table, and connections until they end. */
#include "grpc/server.h"

#include <errno.h>

#include "base/log.h"
#include "base/map.h"
#include "base/mem.h"
#include "base/vec.h"
#include "grpc/grpc_internal.h"
#include "net/acceptor.h"

#define BACKLOG 4096
#define SETUPS_MAX 64 /* handshakes under way: of a crowd some are served after the others, rather than all late */

struct method {
	void (*start)(struct grpc_call *c, void *user);
	void *user;
};

struct listener {
	struct acceptor acceptor;
	struct grpc_server *server;
	struct tls_ctx *tls;
};

struct grpc_server {
	struct loop *loop;
	struct grpc_server_params p;
	struct map methods; /* path -> struct method */
	VEC(struct listener *) listeners;
	struct list conns;
	size_t n_conns;
	size_t n_setups; /* of them, handshakes under way */
	struct log_limit refused;
	struct h2_common common; /* of the connections */
};

static void set_default(int64_t *v, int64_t def)
{
	if (*v <= 0)
		*v = def;
}

struct grpc_server *grpc_server_new(struct loop *l, const struct grpc_server_params *p)
{
	struct grpc_server *s = NEW(struct grpc_server);

	s->loop = l;
	if (p)
		s->p = *p;
	s->p.max_message_bytes = s->p.max_message_bytes ? s->p.max_message_bytes : GRPC_MESSAGE_MAX_DEFAULT;
	s->p.max_connections = s->p.max_connections ? s->p.max_connections : 16384;
	s->p.max_streams = s->p.max_streams ? s->p.max_streams : 100;
	set_default(&s->p.keepalive_ms, 30000);
	set_default(&s->p.keepalive_wait_ms, 10000);
	set_default(&s->p.max_age_ms, 30 * 60000);
	set_default(&s->p.max_age_grace_ms, 10000);
	set_default(&s->p.handshake_ms, 60000);
	list_init(&s->conns);
	return s;
}

static void listener_close(struct listener *l)
{
	acceptor_stop(&l->acceptor);
	tls_ctx_unref(take(l->tls));
}

void grpc_server_free(struct grpc_server *s)
{
	struct map_entry *entry;

	if (!s)
		return;
	for (size_t i = 0; i < s->listeners.n; i++) {
		listener_close(s->listeners.v[i]);
		free(s->listeners.v[i]);
	}
	vec_done(&s->listeners);
	while (!list_empty(&s->conns)) {
		struct grpc_conn *c = LIST_FIRST(&s->conns, struct grpc_conn, link);

		grpc_conn_fail(c, "the server is stopping");
		grpc_conn_free(c, true);
	}
	for (size_t i = 0; (entry = map_next(&s->methods, &i));)
		free(entry->value);
	map_done(&s->methods);
	h2_common_done(&s->common);
	free(s);
}

void grpc_server_add(struct grpc_server *s, const char *method, void (*start)(struct grpc_call *c, void *user),
		     void *user)
{
	struct method *m = NEW(struct method);

	*m = (struct method){start, user};
	free(map_set(&s->methods, slice_str(method), m));
}

static struct slice find_header(const struct h2_header *v, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (slice_eq_str(v[i].name, name))
			return v[i].value;
	return slice_make(NULL, 0);
}

/* Something that is no gRPC at all is answered in HTTP. */
static bool refuse_http(struct h2_stream *s, const struct h2_header *v, size_t n)
{
	struct h2_header status = {.name = SLICE(":status")};

	if (!slice_eq_str(find_header(v, n, ":method"), "POST"))
		status.value = SLICE("405");
	else if (!slice_starts(find_header(v, n, "content-type"), SLICE("application/grpc")))
		status.value = SLICE("415");
	else
		return false;
	h2_respond(s, H2_RESPONSE, &status, 1, true);
	return true;
}

static void on_request(struct grpc_conn *conn, struct h2_stream *s, const struct h2_header *v, size_t n)
{
	struct grpc_server *server = conn->p.owner;
	struct slice path = find_header(v, n, ":path");
	struct method *m;
	struct grpc_call *c;
	int64_t timeout_ns;

	grpc_conn_kick(conn);
	if (refuse_http(s, v, n))
		return;
	c = grpc_call_new(server->loop, "");
	c->path = arena_slicedup(&c->arena, path);
	c->server = true;
	c->conn = conn;
	c->stream = s;
	c->reader.max = server->p.max_message_bytes;
	h2_set_user(s, c);
	grpc_call_keep_metadata(c, v, n);
	if (grpc_timeout_parse(find_header(v, n, "grpc-timeout"), &timeout_ns) == 0)
		grpc_call_set_deadline(c, timeout_ns);
	m = map_get(&server->methods, path);
	if (m)
		m->start(c, m->user);
	else
		grpc_call_finish(c, GRPC_UNIMPLEMENTED, "unknown method");
}

static void on_closed(struct grpc_conn *conn, const char *why)
{
	struct grpc_server *server = conn->p.owner;

	(void)why;
	server->n_conns--;
}

/* Takes connections, or leaves them to the kernel while enough are being set up. */
static void admit(struct grpc_server *s)
{
	for (size_t i = 0; i < s->listeners.n; i++)
		acceptor_pause(&s->listeners.v[i]->acceptor, s->n_setups >= SETUPS_MAX);
}

static void on_setup(struct grpc_conn *conn)
{
	struct grpc_server *server = conn->p.owner;

	server->n_setups--;
	admit(server);
}

static const struct grpc_conn_ops conn_ops = {.on_request = on_request, .on_setup = on_setup, .on_closed = on_closed};

static void take_connection(struct listener *l, int fd, const struct addr *peer)
{
	struct grpc_server *s = l->server;
	struct tls *tls = l->tls ? tls_new(l->tls, fd, NULL, NULL) : NULL;
	const struct grpc_conn_params p = {
		.server = true,
		.ops = &conn_ops,
		.owner = s,
		.max_streams = s->p.max_streams,
		.common = &s->common,
		.keepalive_ms = s->p.keepalive_ms,
		.keepalive_wait_ms = s->p.keepalive_wait_ms,
		.setup_ms = s->p.handshake_ms,
		.max_age_ms = s->p.max_age_ms,
		.max_age_grace_ms = s->p.max_age_grace_ms,
	};
	struct grpc_conn *c;

	if (l->tls && !tls) {
		close(fd);
		return;
	}
	c = grpc_conn_new(s->loop, fd, tls, peer, &p);
	if (!c)
		return;
	list_append(&s->conns, &c->link);
	s->n_conns++;
	s->n_setups++;
	admit(s);
}

static void on_accept(struct acceptor *a, int fd, const struct addr *peer)
{
	struct listener *l = CONTAINER_OF(a, struct listener, acceptor);
	struct grpc_server *s = l->server;
	unsigned left_out;

	if (s->n_conns < s->p.max_connections) {
		take_connection(l, fd, peer);
		return;
	}
	close(fd);
	if (log_limit_ok(&s->refused, loop_now_ns(s->loop), 10000000000, &left_out))
		log_warn("grpc", "connection refused: %u are open already", s->p.max_connections);
}

int grpc_server_listen(struct grpc_server *s, const struct addr *a, struct tls_ctx *ctx, struct err *e)
{
	struct listener *l;
	int fd = socket_listen(a, BACKLOG, 0, e), r;

	if (fd < 0)
		return fd;
	l = NEW(struct listener);
	l->server = s;
	r = acceptor_start(s->loop, &l->acceptor, fd, on_accept);
	if (r < 0) {
		listener_close(l);
		free(l);
		return err_errno(e, -r, "listen");
	}
	l->tls = tls_ctx_ref(ctx);
	vec_push(&s->listeners, l);
	return (int)s->listeners.n - 1;
}

uint16_t grpc_server_port(const struct grpc_server *s, int listener)
{
	struct addr a;

	if (socket_local_addr(s->listeners.v[listener]->acceptor.fd, &a) < 0)
		return 0;
	return addr_port(&a);
}

void grpc_server_set_tls(struct grpc_server *s, int listener, struct tls_ctx *ctx)
{
	struct listener *l = s->listeners.v[listener];
	struct tls_ctx *old = l->tls;

	l->tls = tls_ctx_ref(ctx);
	tls_ctx_unref(old);
}

void grpc_server_drain(struct grpc_server *s)
{
	struct grpc_conn *c, *next;

	for (size_t i = 0; i < s->listeners.n; i++)
		listener_close(s->listeners.v[i]);
	LIST_EACH_SAFE (c, next, &s->conns, link)
		grpc_conn_drain(c);
}

size_t grpc_server_connections(const struct grpc_server *s)
{
	return s->n_conns;
}
