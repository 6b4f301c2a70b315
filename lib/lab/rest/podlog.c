/* pods/log: the node's log, streamed at the client's pace. */
#include <stdio.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/mem.h"
#include "lab/rest/rest_internal.h"
#include "lab/node/node.h"

#define CHUNK_BYTES 32768

struct log_session {
	struct lab_api *api;
	struct web_request *request;
	struct node_log *log;
	struct task begin;
	bool blocked;
};

static void session_free(struct log_session *s)
{
	task_cancel(&s->begin);
	node_log_close(s->log);
	free(s);
}

static void pump(struct log_session *s)
{
	char chunk[CHUNK_BYTES];
	ssize_t n;

	while (!s->blocked) {
		n = node_log_read(s->log, chunk, sizeof(chunk));
		if (n == -EAGAIN)
			return;
		if (n <= 0) {
			struct web_request *r = s->request;

			session_free(s);
			web_end(r);
			return;
		}
		s->blocked = web_write(s->request, slice_make(chunk, (size_t)n)) > WEB_QUEUE_HIGH_BYTES;
	}
}

static void begin(struct task *t)
{
	pump(CONTAINER_OF(t, struct log_session, begin));
}

static void on_ready(void *arg)
{
	struct log_session *s = arg;

	task_defer(s->api->loop, &s->begin, begin);
}

static void on_room(struct web_request *r)
{
	struct log_session *s = r->user;

	s->blocked = false;
	on_ready(s);
}

static void on_gone(struct web_request *r)
{
	session_free(r->user);
}

static int64_t query_int(struct web_request *r, const char *name, int64_t dflt)
{
	struct slice v;

	return web_query(r, name, &v) && v.len ? strtoll(v.ptr, NULL, 10) : dflt;
}

static bool query_true(struct web_request *r, const char *name)
{
	struct slice v;

	return web_query(r, name, &v) && (slice_eq_str(v, "true") || slice_eq_str(v, "1"));
}

static int64_t since(struct web_request *r)
{
	int64_t seconds = query_int(r, "sinceSeconds", -1), ns;
	struct slice v;

	if (seconds >= 0)
		return clock_wall_ns() - seconds * NS_PER_S;
	return web_query(r, "sinceTime", &v) && clock_parse(v, &ns) == 0 ? ns : 0;
}

void pod_log(struct lab_api *api, struct web_request *r, const char *ns, const char *name)
{
	struct log_session *s;
	struct slice container = {NULL, 0};
	struct err e = ERR_INIT;
	int v;

	if (!db_get(db_bucket(api->store, "", "pods"), ns, name)) {
		rest_reply_status(r, status_not_found(resources_find(&api->resources, "", "v1", "pods", &v), name));
		return;
	}
	if (!api->node) {
		rest_reply_status(r, status_new(503, "ServiceUnavailable", "the node is not running"));
		return;
	}
	web_query(r, "container", &container);
	struct node_log_options o = {.ns = ns,
				     .pod = name,
				     .container = container.len ? container.ptr : NULL,
				     .follow = query_true(r, "follow"),
				     .previous = query_true(r, "previous"),
				     .timestamps = query_true(r, "timestamps"),
				     .tail_lines = query_int(r, "tailLines", -1),
				     .since_wall_ns = since(r),
				     .limit_bytes = query_int(r, "limitBytes", -1)};

	s = NEW(struct log_session);
	s->api = api;
	s->request = r;
	if (node_log_open(api->node, &o, on_ready, s, &s->log, &e) < 0) {
		free(s);
		rest_reply_status(r, status_bad_request("%s", e.msg));
		return;
	}
	r->user = s;
	r->on_gone = on_gone;
	r->on_room = on_room;
	web_begin(r, 200, "text/plain");
	on_ready(s);
}
