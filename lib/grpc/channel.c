/*
 * The client's connection: made when a call needs it, replaced after a failure or GOAWAY. Calls that cannot start yet
 * wait in a list. Nothing is reported inside the function that caused it: attempts start from a task.
 */
#include "grpc/channel.h"

#include <errno.h>

#include "base/mem.h"
#include "base/rand.h"
#include "grpc/grpc_internal.h"
#include "net/dns.h"

#define BACKOFF_MIN_MS 100
#define BACKOFF_MAX_MS 5000

struct grpc_channel {
	struct loop *loop;
	struct grpc_channel_params p;
	char *host, *sni, *authority; /* owned */
	struct tls_resume resume;
	struct grpc_conn *conn; /* takes new calls; may still be connecting; NULL = none */
	bool ready;
	struct list conns;   /* all, also those that only finish their calls */
	struct list waiting; /* calls without a stream */
	struct dns_query *query;
	struct addr addrs[DNS_ADDRS_MAX]; /* of this attempt */
	size_t n_addrs, next_addr;
	struct task start;
	struct timer backoff;
	unsigned failures;
	struct rand rand;
};

static const struct grpc_conn_ops conn_ops;
static void on_start(struct task *t);

static int64_t or_default(int64_t v, int64_t def)
{
	return v > 0 ? v : def;
}

struct grpc_channel *grpc_channel_new(struct loop *l, const struct grpc_channel_params *p)
{
	struct grpc_channel *ch = NEW(struct grpc_channel);

	ch->loop = l;
	ch->p = *p;
	ch->p.tls = tls_ctx_ref(p->tls);
	ch->host = mem_strdup(p->host);
	ch->sni = mem_strdup(p->sni ? p->sni : p->host);
	if (p->authority)
		ch->authority = mem_strdup(p->authority);
	else if (p->host[0] == '/')
		ch->authority = mem_strdup("localhost");
	else
		ch->authority = mem_printf("%s:%u", p->host, p->port);
	ch->p.max_message_bytes = p->max_message_bytes ? p->max_message_bytes : GRPC_MESSAGE_MAX_DEFAULT;
	ch->p.connect_ms = or_default(p->connect_ms, 10000);
	ch->p.handshake_ms = or_default(p->handshake_ms, 30000);
	ch->p.keepalive_ms = or_default(p->keepalive_ms, 30000);
	ch->p.keepalive_wait_ms = or_default(p->keepalive_wait_ms, 10000);
	list_init(&ch->conns);
	list_init(&ch->waiting);
	rand_init(&ch->rand);
	return ch;
}

void grpc_channel_free(struct grpc_channel *ch)
{
	struct grpc_call *c, *next;

	if (!ch)
		return;
	dns_cancel(ch->query);
	task_cancel(&ch->start);
	timer_stop(&ch->backoff);
	LIST_EACH_SAFE (c, next, &ch->waiting, link)
		grpc_call_drop(c);
	while (!list_empty(&ch->conns)) {
		struct grpc_conn *conn = LIST_FIRST(&ch->conns, struct grpc_conn, link);

		conn->p.owner = NULL; /* its calls end silently */
		grpc_conn_free(conn, true);
	}
	tls_resume_done(&ch->resume);
	tls_ctx_unref(ch->p.tls);
	free(ch->host);
	free(ch->sni);
	free(ch->authority);
	free(ch);
}

void grpc_channel_set_tls(struct grpc_channel *ch, struct tls_ctx *ctx)
{
	struct tls_ctx *old = ch->p.tls;

	ch->p.tls = tls_ctx_ref(ctx);
	tls_resume_done(&ch->resume);
	tls_ctx_unref(old);
}

void grpc_channel_names(const struct grpc_channel *ch, struct slice *scheme, struct slice *authority)
{
	*scheme = ch->p.tls ? SLICE("https") : SLICE("http");
	*authority = slice_str(ch->authority);
}

/* Takes the connection out of service; its calls go on. */
static void retire(struct grpc_channel *ch)
{
	ch->conn = NULL;
	ch->ready = false;
}

void grpc_channel_reconnect(struct grpc_channel *ch)
{
	struct grpc_conn *conn = ch->conn;

	if (!conn || !ch->ready)
		return;
	retire(ch);
	grpc_conn_drain(conn);
}

static void fail_waiting(struct grpc_channel *ch, const char *why)
{
	while (!list_empty(&ch->waiting))
		grpc_call_end_later(LIST_FIRST(&ch->waiting, struct grpc_call, link), GRPC_UNAVAILABLE, why);
}

static void on_backoff_over(struct timer *t)
{
	struct grpc_channel *ch = CONTAINER_OF(t, struct grpc_channel, backoff);

	if (!list_empty(&ch->waiting))
		task_defer(ch->loop, &ch->start, on_start);
}

/* The whole attempt failed: those who waited hear it, the next attempt comes later. */
static void attempt_failed(struct grpc_channel *ch, const char *why)
{
	int64_t ms = BACKOFF_MIN_MS << MIN(ch->failures, 10u);

	ch->failures++;
	ms = MIN(ms, BACKOFF_MAX_MS);
	ms = ms / 2 + (int64_t)rand_below(&ch->rand, (uint32_t)ms);
	fail_waiting(ch, why);
	timer_start(ch->loop, &ch->backoff, ms, on_backoff_over);
}

static void connect_next(struct grpc_channel *ch)
{
	const struct grpc_conn_params p = {
		.ops = &conn_ops,
		.owner = ch,
		.keepalive_ms = ch->p.keepalive_ms,
		.keepalive_wait_ms = ch->p.keepalive_wait_ms,
		.setup_ms = ch->p.connect_ms,
		.handshake_ms = ch->p.handshake_ms,
		.max_age_grace_ms = 30000,
	};
	int error = EHOSTUNREACH;

	while (ch->next_addr < ch->n_addrs) {
		const struct addr *a = &ch->addrs[ch->next_addr++];
		int fd = socket_connect(a, SOCKET_NO_DELAY);
		struct tls *tls = NULL;

		if (fd < 0) {
			error = -fd;
			continue;
		}
		if (ch->p.tls)
			tls = tls_new(ch->p.tls, fd, ch->sni, &ch->resume);
		if (ch->p.tls && !tls) {
			close(fd);
			continue;
		}
		ch->conn = grpc_conn_new(ch->loop, fd, tls, a, &p);
		if (ch->conn) {
			list_append(&ch->conns, &ch->conn->link);
			return;
		}
	}
	attempt_failed(ch, strerror(error));
}

static void on_resolved(void *user, const struct dns_answer *a)
{
	struct grpc_channel *ch = user;

	ch->query = NULL;
	if (a->error) {
		CLEANUP(freep) char *why = mem_printf("lookup %s: %s", ch->host, a->error);

		attempt_failed(ch, why);
		return;
	}
	ch->n_addrs = MIN(a->n, (size_t)DNS_ADDRS_MAX);
	memcpy(ch->addrs, a->addrs, ch->n_addrs * sizeof(*a->addrs));
	connect_next(ch);
}

static void open_waiting(struct grpc_channel *ch)
{
	while (ch->ready && !list_empty(&ch->waiting)) {
		struct grpc_call *c = LIST_FIRST(&ch->waiting, struct grpc_call, link);
		int r = grpc_call_open(c, ch->conn);

		if (r == -EAGAIN)
			return;
		if (r < 0)
			grpc_call_end_later(c, GRPC_INVALID_ARGUMENT, "the request cannot be sent");
	}
}

static void on_start(struct task *t)
{
	struct grpc_channel *ch = CONTAINER_OF(t, struct grpc_channel, start);

	if (ch->ready)
		open_waiting(ch);
	if (ch->conn || ch->query || list_empty(&ch->waiting))
		return;
	if (timer_active(&ch->backoff))
		return;
	ch->next_addr = 0;
	if (addr_parse(slice_str(ch->host), ch->p.port, &ch->addrs[0]) == 0) {
		ch->n_addrs = 1;
		connect_next(ch);
	} else if (ch->p.dns) {
		ch->query = dns_resolve(ch->p.dns, ch->host, ch->p.port, on_resolved, ch);
	} else {
		attempt_failed(ch, "no resolver for a host name");
	}
}

static void on_ready(struct grpc_conn *conn)
{
	struct grpc_channel *ch = conn->p.owner;

	if (!ch || ch->conn != conn)
		return;
	ch->ready = true;
	ch->failures = 0;
	open_waiting(ch);
}

static void on_conn_room(struct grpc_conn *conn)
{
	struct grpc_channel *ch = conn->p.owner;

	if (ch && ch->conn == conn)
		open_waiting(ch);
}

static void on_goaway(struct grpc_conn *conn)
{
	struct grpc_channel *ch = conn->p.owner;

	if (!ch || ch->conn != conn)
		return;
	retire(ch);
	if (!list_empty(&ch->waiting))
		task_defer(ch->loop, &ch->start, on_start);
}

static void on_closed(struct grpc_conn *conn, const char *why)
{
	struct grpc_channel *ch = conn->p.owner;
	bool was_ready;

	if (!ch || ch->conn != conn)
		return;
	was_ready = ch->ready;
	retire(ch);
	if (!was_ready && ch->next_addr < ch->n_addrs)
		connect_next(ch);
	else if (!was_ready)
		attempt_failed(ch, why);
	else if (!list_empty(&ch->waiting))
		task_defer(ch->loop, &ch->start, on_start);
}

static const struct grpc_conn_ops conn_ops = {
	.on_ready = on_ready, .on_room = on_conn_room, .on_goaway = on_goaway, .on_closed = on_closed};

static void copy_metadata(struct grpc_call *c, const struct grpc_metadata *v, size_t n)
{
	c->n_request = MIN(n, (size_t)GRPC_METADATA_MAX);
	c->request = ARENA_NEW_N(&c->arena, struct grpc_pair, n);
	c->request_sensitive = ARENA_NEW_N(&c->arena, bool, n);
	for (size_t i = 0; i < c->n_request; i++) {
		c->request[i].name = arena_strdup(&c->arena, v[i].name);
		c->request[i].value = slice_make(arena_slicedup(&c->arena, v[i].value), v[i].value.len);
		c->request_sensitive[i] = v[i].sensitive;
	}
}

struct grpc_call *grpc_channel_call(struct grpc_channel *ch, const char *method, const struct grpc_metadata *v,
				    size_t n, int64_t deadline_ms, const struct grpc_call_ops *ops, void *user)
{
	struct grpc_call *c = grpc_call_new(ch->loop, method);

	c->channel = ch;
	c->ops = ops;
	c->user = user;
	c->reader.max = ch->p.max_message_bytes;
	c->reader.takes_compressed = ch->p.takes_compressed;
	copy_metadata(c, v, n);
	if (deadline_ms > 0)
		grpc_call_set_deadline(c, deadline_ms * 1000000);
	list_append(&ch->waiting, &c->link);
	task_defer(ch->loop, &ch->start, on_start);
	return c;
}
