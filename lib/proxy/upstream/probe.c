/*
 * HTTP and gRPC speak over a connection like everybody's; TCP is bytes. What is received is looked at as it comes, so
 * that no endpoint makes us keep more than a few bytes.
 */
#include "proxy/upstream/probe.h"

#include <errno.h>
#include <stdlib.h>

#include "base/mem.h"
#include "codecs/codecs.h"
#include "grpc/call.h"
#include "net/proxy_protocol.h"
#include "proxy/core/grpc.h"
#include "proxy/core/http_options.h"
#include "proxy/upstream/pool.h"
#include "proxy/upstream/tls_cache.h"

/* Of a message of grpc.health.v1.HealthCheckResponse: its frame, a tag, a number. */
#define REPLY_MAX_BYTES 64
#define SERVING 1

struct probe {
	struct endpoint *endpoint; /* a reference */
	const struct config_health *how;
	probe_fn *fn;
	void *arg;
	struct worker *worker;
	struct corpse corpse;
	struct timer timer;
	struct task failed; /* could not even begin */
	bool over;

	struct http_conn http; /* HTTP and gRPC */
	struct http_leg leg;
	struct transport tcp; /* TCP */
	bool is_tcp, opened;
	struct buf body; /* TCP: what is not looked at yet; gRPC: the message; gRPC's question */
	size_t matched;  /* of how->receive */
	unsigned status;
	int grpc_status; /* -1 = none came */
	struct http_head request, answer;
};

/* ---- the end ---- */

static void probe_free(struct corpse *c)
{
	struct probe *p = CONTAINER_OF(c, struct probe, corpse);

	buf_done(&p->body);
	http_head_done(&p->request);
	http_head_done(&p->answer);
	endpoint_put(p->endpoint);
	free(p);
}

static void stop(struct probe *p)
{
	p->over = true;
	timer_stop(&p->timer);
	task_cancel(&p->failed);
	if (p->opened && p->is_tcp)
		transport_close(&p->tcp);
	else if (p->opened)
		http_conn_close(&p->http);
	worker_bury(p->worker, &p->corpse, probe_free);
}

void health_probe_cancel(struct probe *p)
{
	if (p && !p->over)
		stop(p);
}

static void end(struct probe *p, enum probe_result r)
{
	if (p->over)
		return;
	stop(p);
	p->fn(p->arg, r);
}

static void on_timeout(struct timer *t)
{
	end(CONTAINER_OF(t, struct probe, timer), PROBE_ILL);
}

static void on_failed(struct task *t)
{
	end(CONTAINER_OF(t, struct probe, failed), PROBE_ILL);
}

/* ---- TCP ---- */

/* Each text is looked for behind the one before. */
static bool receive(struct probe *p)
{
	while (p->matched < p->how->n_receive) {
		const struct slice want = p->how->receive[p->matched];
		const char *at = want.len ? memmem(p->body.ptr, p->body.len, want.ptr, want.len) : p->body.ptr;

		if (!at && want.len) {
			/* What cannot be its beginning any more is not kept. */
			if (p->body.len >= want.len)
				buf_consume(&p->body, p->body.len - want.len + 1);
			return false;
		}
		if (want.len)
			buf_consume(&p->body, (size_t)(at - p->body.ptr) + want.len);
		p->matched++;
	}
	return true;
}

static void read_tcp(struct probe *p)
{
	char bytes[1024];
	ssize_t n;

	while ((n = transport_read(&p->tcp, bytes, sizeof(bytes))) > 0) {
		buf_append(&p->body, bytes, (size_t)n);
		if (receive(p)) {
			end(p, PROBE_WELL);
			return;
		}
	}
	if (n != TRANSPORT_AGAIN)
		end(p, PROBE_ILL);
}

static void on_tcp(struct transport *t)
{
	struct probe *p = CONTAINER_OF(t, struct probe, tcp);
	struct iovec out = {(void *)p->how->send.ptr, p->how->send.len};

	if (t->state == TRANSPORT_FAILED) {
		end(p, PROBE_ILL);
		return;
	}
	if (t->state != TRANSPORT_OPEN)
		return;
	/* Few bytes on a fresh connection: they go at once or not at all. */
	if (out.iov_len && !p->matched && !p->body.len && p->status == 0) {
		p->status = 1;
		if (transport_write(t, &out, 1) != (ssize_t)out.iov_len) {
			end(p, PROBE_ILL);
			return;
		}
	}
	if (!p->how->n_receive)
		end(p, PROBE_WELL);
	else if (t->can_read)
		read_tcp(p);
}

/* ---- HTTP and gRPC ---- */

static bool within(const struct config_status_range *v, size_t n, unsigned status)
{
	for (size_t i = 0; i < n; i++)
		if (status >= v[i].from && status < v[i].to)
			return true;
	return false;
}

static enum probe_result judge_http(const struct probe *p)
{
	const struct config_health *how = p->how;

	if (how->n_expected ? within(how->expected, how->n_expected, p->status) : p->status == 200)
		return PROBE_WELL;
	return within(how->retriable, how->n_retriable, p->status) ? PROBE_ILL : PROBE_ILL_AT_ONCE;
}

/* A frame of one message whose field 1 is SERVING. */
static enum probe_result judge_grpc(const struct probe *p)
{
	static const char serving[] = {0, 0, 0, 0, 2, 1 << 3, SERVING};

	if (p->status != 200 || p->grpc_status != GRPC_OK)
		return PROBE_ILL;
	return p->body.len == sizeof(serving) && memcmp(p->body.ptr, serving, sizeof(serving)) == 0 ? PROBE_WELL
												    : PROBE_ILL_AT_ONCE;
}

static void answered(struct probe *p)
{
	end(p, p->how->kind == CONFIG_HEALTH_GRPC ? judge_grpc(p) : judge_http(p));
}

static void on_headers(struct http_leg *leg, bool last)
{
	struct probe *p = CONTAINER_OF(leg, struct probe, leg);

	p->status = p->answer.status;
	p->grpc_status = grpc_status_parse(http_get_id(&p->answer, HTTP_NAME_GRPC_STATUS));
	buf_clear(&p->body);
	if (last || p->how->kind == CONFIG_HEALTH_HTTP)
		answered(p);
}

static enum http_flow on_data(struct http_leg *leg, struct slice data, bool last)
{
	struct probe *p = CONTAINER_OF(leg, struct probe, leg);

	if (buf_try_append(&p->body, data.ptr, data.len, REPLY_MAX_BYTES) < 0)
		end(p, PROBE_ILL);
	else if (last)
		answered(p);
	return HTTP_GO;
}

static void on_trailers(struct http_leg *leg, const struct http_trailers *t)
{
	struct probe *p = CONTAINER_OF(leg, struct probe, leg);

	for (size_t i = 0; i < t->n; i++)
		if (slice_eq_nocase(t->v[i].name, SLICE("grpc-status")))
			p->grpc_status = grpc_status_parse(t->v[i].value);
	answered(p);
}

static void ignore(struct http_leg *leg)
{
	(void)leg;
}

static void on_bad(struct http_leg *leg, int err)
{
	(void)leg;
	(void)err;
}

static void on_reset(struct http_leg *leg, enum http_reset why)
{
	(void)why;
	end(CONTAINER_OF(leg, struct probe, leg), PROBE_ILL);
}

static void on_done(struct http_leg *leg, bool reusable)
{
	(void)reusable;
	end(CONTAINER_OF(leg, struct probe, leg), PROBE_ILL);
}

static const struct http_leg_ops leg_ops = {
	.on_headers = on_headers,
	.on_data = on_data,
	.on_trailers = on_trailers,
	.on_room = ignore,
	.on_pause = ignore,
	.on_bad = on_bad,
	.on_reset = on_reset,
	.on_done = on_done,
};

static struct slice host_of(const struct probe *p)
{
	const struct config_endpoint *e = p->endpoint->config;

	if (p->how->host.len)
		return p->how->host;
	if (e && e->check_host)
		return slice_str(e->check_host);
	return slice_str(e && e->hostname ? e->hostname : p->endpoint->cluster->spec->name);
}

static void make_request(struct probe *p)
{
	struct http_head *h = &p->request;

	http_clear(h);
	h->version = HTTP_11;
	h->method = p->how->method;
	h->target = p->how->path;
	h->framing = HTTP_BODY_NONE;
	if (p->how->kind == CONFIG_HEALTH_GRPC) {
		h->method = SLICE("POST");
		h->target = SLICE("/grpc.health.v1.Health/Check");
		h->framing = HTTP_BODY_OPEN;
	}
	h->method_id = (uint8_t)http_method_find(h->method);
	http_add(h, SLICE("host"), host_of(p));
	http_add(h, SLICE("user-agent"), SLICE("Envoy/HC"));
	for (size_t i = 0; i < p->how->n_fields; i++)
		http_add(h, p->how->fields[i].name, p->how->fields[i].value);
	if (p->how->kind != CONFIG_HEALTH_GRPC)
		return;
	http_add(h, SLICE("content-type"), SLICE("application/grpc"));
	http_add(h, SLICE("te"), SLICE("trailers"));
}

/* grpc.health.v1.HealthCheckRequest: its field 1 is the service. The text is the configuration's, so it fits. */
static void put_question(struct probe *p)
{
	const size_t n = MIN(p->how->service.len, (size_t)120);

	buf_clear(&p->body);
	buf_append(&p->body, "\0\0\0\0", 4);
	buf_append_char(&p->body, (char)(n ? n + 2 : 0));
	if (!n)
		return;
	buf_append_char(&p->body, 1 << 3 | 2);
	buf_append_char(&p->body, (char)n);
	buf_append(&p->body, p->how->service.ptr, n);
}

static void on_open(struct http_conn *c)
{
	struct probe *p = CONTAINER_OF(c, struct probe, http);
	const bool grpc = p->how->kind == CONFIG_HEALTH_GRPC;

	p->leg = (struct http_leg){.ops = &leg_ops, .head = &p->answer};
	http_clear(&p->answer);
	make_request(p);
	http_conn_begin(c, &p->leg);
	if (!http_leg_head(&p->leg, &p->request, !grpc)) {
		end(p, PROBE_ILL);
		return;
	}
	if (!grpc || p->over)
		return;
	put_question(p);
	(void)http_leg_data(&p->leg, buf_slice(&p->body), true);
}

static void on_closed(struct http_conn *c)
{
	end(CONTAINER_OF(c, struct probe, http), PROBE_ILL);
}

static const struct http_conn_ops conn_ops = {.on_open = on_open, .on_closed = on_closed};

/* ---- the beginning ---- */

static struct slice alpn_of(const struct probe *p, char *out)
{
	if (p->how->alpn.len)
		return p->how->alpn;
	if (p->how->kind == CONFIG_HEALTH_TCP)
		return slice_make("", 0);
	return p->how->http2 ? SLICE("\2h2")
			     : tls_cache_alpn_without(p->endpoint->transport->tls->alpn, SLICE("h2"), out);
}

static struct transport *transport_of(struct probe *p)
{
	return p->is_tcp ? &p->tcp : &p->http.transport;
}

static int connect_with(struct probe *p, int fd, struct tls *tls)
{
	struct http_params params = {.loop = p->worker->loop, .buffers = &p->worker->buffers, .ops = &conn_ops};

	p->opened = true;
	if (p->is_tcp)
		return transport_connect(&p->tcp, p->worker->loop, fd, tls, on_tcp);
	params.options = http_options_of(&p->endpoint->spec->http);
	codecs_choose(p->how->http2 ? CODECS_HTTP2 : CODECS_HTTP1, params.codecs);
	return http_conn_connect(&p->http, &params, fd, tls);
}

static int open_connection(struct probe *p)
{
	char names[TLS_CACHE_ALPN_MAX], first[PROXY_OUT_MAX_BYTES];
	struct endpoint *e = p->endpoint;
	struct addr to = e->address;
	struct err err = ERR_INIT;
	struct tls *tls = NULL;
	int fd;

	if (p->how->port)
		addr_set_port(&to, p->how->port);
	if (e->config && e->config->check_port)
		addr_set_port(&to, e->config->check_port);
	fd = endpoint_dial(e, &to);
	if (fd < 0)
		return fd;
	if (e->transport->tls) {
		tls = endpoint_tls(e, fd, alpn_of(p, names), host_of(p), &err);
		if (!tls) {
			closep(&fd);
			return -ENOENT;
		}
	}
	if (connect_with(p, fd, tls) < 0)
		return -EIO;
	if (e->transport->proxy_version)
		transport_send_first(transport_of(p), endpoint_first(e, NULL, NULL, first));
	return 0;
}

struct probe *health_probe_start(struct endpoint *e, const struct config_health *how, probe_fn *fn, void *arg)
{
	struct probe *p = NEW(struct probe);

	p->endpoint = endpoint_get(e);
	p->how = how;
	p->fn = fn;
	p->arg = arg;
	p->worker = e->cluster->worker;
	p->is_tcp = how->kind == CONFIG_HEALTH_TCP;
	p->grpc_status = -1;
	timer_start_ns(p->worker->loop, &p->timer, how->timeout_ns, on_timeout);
	if (open_connection(p) < 0)
		task_defer(p->worker->loop, &p->failed, on_failed);
	return p;
}
