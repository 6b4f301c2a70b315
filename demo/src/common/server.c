/* libmicrohttpd with a thread per connection: a request may wait seconds for another service. */
#include "server.h"

#include <cjson/cJSON.h>
#include <errno.h>
#include <microhttpd.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/log.h"
#include "base/version.h"

#define CONNECTIONS_MAX 512
#define IDLE_TIMEOUT_S 120

struct server {
	const char *name;
	const struct handler *handlers;
	atomic_ullong requests;
	atomic_uint in_flight;
};

void html_append(struct buf *b, const char *s)
{
	for (; *s; s++)
		switch (*s) {
		case '&':
			buf_append_str(b, "&amp;");
			break;
		case '<':
			buf_append_str(b, "&lt;");
			break;
		case '>':
			buf_append_str(b, "&gt;");
			break;
		case '"':
			buf_append_str(b, "&quot;");
			break;
		default:
			buf_append_char(b, *s);
		}
}

void respond_error(struct response *res, int status, const char *message)
{
	cJSON *o = cJSON_CreateObject();
	char *text;

	cJSON_AddStringToObject(o, "error", message);
	text = cJSON_PrintUnformatted(o);
	res->status = status;
	buf_clear(&res->body);
	buf_append_str(&res->body, text ? text : "{}");
	cJSON_free(text);
	cJSON_Delete(o);
}

static void metrics(struct server *s, struct response *res)
{
	res->type = "text/plain; version=0.0.4; charset=utf-8";
	buf_printf(&res->body,
		   "# HELP coolstore_requests_total Requests answered by the application.\n"
		   "# TYPE coolstore_requests_total counter\n"
		   "coolstore_requests_total{service=\"%s\"} %llu\n",
		   s->name, (unsigned long long)s->requests);
}

static void dispatch(struct server *s, const struct request *req, struct response *res)
{
	if (strcmp(req->path, "/health/live") == 0) {
		buf_append_str(&res->body, "{\"status\":\"UP\"}");
		return;
	}
	if (strcmp(req->path, "/metrics") == 0) {
		metrics(s, res);
		return;
	}
	for (const struct handler *h = s->handlers; h->path; h++)
		if (strcmp(req->path, h->path) == 0) {
			s->requests++;
			h->fn(req, res);
			return;
		}
	respond_error(res, 404, "no such path");
}

const char *const trace_headers[TRACE_HEADERS] = {
	"x-request-id", "traceparent",       "tracestate",   "b3",         "x-b3-traceid",
	"x-b3-spanid",  "x-b3-parentspanid", "x-b3-sampled", "x-b3-flags",
};

static enum MHD_Result send_response(struct MHD_Connection *c, struct response *res)
{
	size_t len = res->body.len;
	struct MHD_Response *r = MHD_create_response_from_buffer(len, buf_take_str(&res->body), MHD_RESPMEM_MUST_FREE);
	enum MHD_Result queued;

	MHD_add_response_header(r, "Content-Type", res->type);
	if (res->status == 405)
		MHD_add_response_header(r, "Allow", "GET, HEAD");
	queued = MHD_queue_response(c, (unsigned)res->status, r);
	MHD_destroy_response(r);
	return queued;
}

static enum MHD_Result on_request(void *arg, struct MHD_Connection *c, const char *url, const char *method,
				  const char *version, const char *upload, size_t *upload_size, void **state)
{
	struct response res = {200, "application/json", BUF_INIT};
	struct server *s = arg;
	struct request req = {url, NULL};

	(void)version, (void)upload;
	/* The first call only announces the headers; bodies are read and dropped. */
	if (!*state) {
		*state = s;
		return MHD_YES;
	}
	if (*upload_size) {
		*upload_size = 0;
		return MHD_YES;
	}
	req.id = MHD_lookup_connection_value(c, MHD_GET_ARGUMENT_KIND, "id");
	for (size_t i = 0; i < TRACE_HEADERS; i++)
		req.trace[i] = MHD_lookup_connection_value(c, MHD_HEADER_KIND, trace_headers[i]);
	s->in_flight++;
	if (strcmp(method, "GET") != 0 && strcmp(method, "HEAD") != 0)
		respond_error(&res, 405, "only GET and HEAD are served");
	else
		dispatch(s, &req, &res);
	s->in_flight--;
	return send_response(c, &res);
}

int server_run(const char *name, const struct handler *handlers)
{
	const char *port = getenv("PORT");
	struct server s = {.name = name, .handlers = handlers};
	struct MHD_Daemon *d;
	sigset_t set;
	int signo;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	pthread_sigmask(SIG_BLOCK, &set, NULL);
	d = MHD_start_daemon(MHD_USE_THREAD_PER_CONNECTION | MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_POLL,
			     (uint16_t)atoi(port && *port ? port : "8080"), NULL, NULL, on_request, &s,
			     MHD_OPTION_CONNECTION_LIMIT, CONNECTIONS_MAX, MHD_OPTION_CONNECTION_TIMEOUT,
			     IDLE_TIMEOUT_S, MHD_OPTION_LISTENING_ADDRESS_REUSE, 1, MHD_OPTION_LISTEN_BACKLOG_SIZE,
			     1024, MHD_OPTION_END);
	if (!d) {
		log_error(name, "cannot listen on port %s: %s", port ? port : "8080", strerrordesc_np(errno));
		return 1;
	}
	log_info(name, "%s (commit %s) serves on port %s", weft_version, weft_commit, port ? port : "8080");
	sigwait(&set, &signo);
	/* Closing the listener first lets requests in flight finish; threads are joined by the stop. */
	MHD_quiesce_daemon(d);
	for (int i = 0; s.in_flight && i < 200; i++)
		usleep(50000);
	MHD_stop_daemon(d);
	return 0;
}
