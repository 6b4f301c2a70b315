/*
 * Probes of the application, rewritten at injection to the status port:
 * /app-health/<container>/{livez,readyz,startupz}. The original probe is done here from 127.0.0.6, which redirection
 * lets through, so that it reaches the application without a certificate; its status is passed on.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "proxy/agent/agent_internal.h"

#define PROBE_TIMEOUT_MS 1000

static void on_answer(void *ctx, int status, const char *why, const char *type, struct slice body)
{
	struct http_request *rq = ctx;

	(void)body;
	if (status == 0)
		http_reply(rq, 500, "text/plain", NULL, slice_str(why));
	else if (status >= 300 && status < 400) /* as the kubelet: a redirect elsewhere counts as success */
		http_reply(rq, 200, type, NULL, SLICE(""));
	else
		http_reply(rq, status, type, NULL, SLICE(""));
}

static const char *text(const cJSON *j, const char *key, const char *when_absent)
{
	const cJSON *v = cJSON_GetObjectItemCaseSensitive(j, key);

	return cJSON_IsString(v) && v->valuestring[0] ? v->valuestring : when_absent;
}

static int target(const struct agent *a, const cJSON *action, struct agent_fetch_request *out)
{
	const cJSON *port = cJSON_GetObjectItemCaseSensitive(action, "port");
	const char *host = a->boot->node->ip;

	if (!cJSON_IsNumber(port) || port->valueint < 1 || port->valueint > 65535)
		return -EINVAL;
	if (addr_parse(slice_str(host), (uint16_t)port->valueint, &out->to) < 0)
		return -EINVAL;
	return addr_parse(out->to.sa.sa_family == AF_INET6 ? SLICE("::6") : SLICE("127.0.0.6"), 0, &out->from);
}

/* Header lines of the probe; a Host among them replaces ours. */
static void add_headers(const cJSON *list, struct buf *lines, const char **host)
{
	const cJSON *h;

	cJSON_ArrayForEach(h, list)
	{
		const char *name = text(h, "name", NULL), *value = text(h, "value", "");
		if (!name || strpbrk(name, "\r\n") || strpbrk(value, "\r\n"))
			continue;
		if (strcasecmp(name, "host") == 0)
			*host = value;
		else
			buf_printf(lines, "%s: %s\r\n", name, value);
	}
}

static void probe_http(struct agent *a, const cJSON *action, struct agent_fetch_request *out, agent_fetch_fn *fn,
		       void *ctx)
{
	CLEANUP(buf_done) struct buf lines = BUF_INIT, path = BUF_INIT;
	char host[ADDR_TEXT_MAX];
	const char *p = text(action, "path", "/");

	out->method = "GET";
	out->head_only = true; /* the status decides */
	out->tls = strcasecmp(text(action, "scheme", "HTTP"), "HTTPS") == 0;
	out->host = text(action, "host", addr_format(&out->to, host));
	buf_append_str(&lines, "User-Agent: kube-probe/weft\r\nAccept: */*\r\n");
	add_headers(cJSON_GetObjectItemCaseSensitive(action, "httpHeaders"), &lines, &out->host);
	out->headers = buf_str(&lines);
	buf_printf(&path, "%s%s", p[0] == '/' ? "" : "/", p);
	out->path = buf_str(&path);
	agent_fetch(a, out, fn, ctx);
}

/* ---- gRPC: grpc.health.v1.Health/Check ---- */

#define HEALTH_SERVING 1
#define SERVICE_MAX_BYTES 127

struct grpc_probe {
	struct grpc_unary call;
	struct grpc_channel *channel;
	struct agent *agent;
	struct http_request *rq;
	struct task end; /* a channel is not freed inside its own call */
};

static void on_grpc_end(struct task *t)
{
	struct grpc_probe *p = CONTAINER_OF(t, struct grpc_probe, end);

	grpc_channel_free(p->channel);
	free(p);
}

/* HealthCheckResponse {status = 1}: the first field, a number. */
static bool serving(struct slice m)
{
	return m.len >= 2 && m.ptr[0] == 0x08 && m.ptr[1] == HEALTH_SERVING;
}

static void on_health(struct grpc_unary *u, int status, const char *why, struct slice response)
{
	struct grpc_probe *p = CONTAINER_OF(u, struct grpc_probe, call);
	bool ok = status == GRPC_OK && serving(response);

	http_reply(p->rq, ok ? 200 : 500, "text/plain", NULL, ok ? SLICE("") : slice_str(why ? why : "not serving"));
	task_defer(p->agent->loop, &p->end, on_grpc_end);
}

/* To the loopback address, which redirection leaves alone. */
static bool probe_grpc(struct agent *a, const cJSON *action, int64_t timeout_ms, struct http_request *rq)
{
	const cJSON *port = cJSON_GetObjectItemCaseSensitive(action, "port");
	const char *service = text(action, "service", "");
	CLEANUP(buf_done) struct buf request = BUF_INIT;

	if (!cJSON_IsNumber(port) || port->valueint < 1 || port->valueint > 65535 ||
	    strlen(service) > SERVICE_MAX_BYTES)
		return false;
	if (service[0]) { /* HealthCheckRequest {service = 1} */
		buf_append_char(&request, 0x0a);
		buf_append_char(&request, (char)strlen(service));
		buf_append_str(&request, service);
	}
	struct grpc_probe *p = NEW(struct grpc_probe);
	p->rq = rq;
	p->call.fn = on_health;
	p->agent = a;
	p->channel = grpc_channel_new(
		a->loop, &(struct grpc_channel_params){.host = "127.0.0.1", .port = (uint16_t)port->valueint});
	grpc_unary_start(p->channel, &p->call, "/grpc.health.v1.Health/Check", NULL, 0, buf_slice(&request),
			 timeout_ms);
	return true;
}

bool agent_probe_start(struct agent *a, const cJSON *probe, int64_t timeout_ms, agent_fetch_fn *fn, void *ctx)
{
	const cJSON *http = cJSON_GetObjectItemCaseSensitive(probe, "httpGet");
	const cJSON *tcp = cJSON_GetObjectItemCaseSensitive(probe, "tcpSocket");
	struct agent_fetch_request out = {
		.timeout_ms = timeout_ms, .headers = "", .method = "GET", .path = "/", .host = ""};

	if ((!http && !tcp) || target(a, http ? http : tcp, &out) < 0)
		return false;
	if (http) {
		probe_http(a, http, &out, fn, ctx);
		return true;
	}
	out.connect_only = true;
	agent_fetch(a, &out, fn, ctx);
	return true;
}

bool agent_probe(struct agent *a, struct http_request *rq)
{
	CLEANUP(freep) char *path = mem_printf("%.*s", SLICE_ARG(http_request_path(rq)));
	const cJSON *probe = cJSON_GetObjectItemCaseSensitive(a->boot->probers, path);
	const cJSON *grpc = cJSON_GetObjectItemCaseSensitive(probe, "grpc");
	const cJSON *timeout = cJSON_GetObjectItemCaseSensitive(probe, "timeoutSeconds");
	int64_t timeout_ms = PROBE_TIMEOUT_MS;

	if (!probe)
		return false;
	if (cJSON_IsNumber(timeout) && timeout->valueint > 0)
		timeout_ms = timeout->valueint * 1000LL;
	if (grpc && probe_grpc(a, grpc, timeout_ms, rq))
		return true;
	if (!agent_probe_start(a, probe, timeout_ms, on_answer, rq))
		http_reply(rq, 500, "text/plain", NULL, SLICE("this kind of probe is not supported\n"));
	return true;
}
