/*
 * pods/exec and pods/attach: the session, and its channels over a WebSocket (subprotocols v5.channel.k8s.io and
 * v4.channel.k8s.io), where each message begins with a channel byte. v5 has 255 = close that channel.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/mem.h"
#include "lab/rest/exec_internal.h"

#define CHUNK_BYTES 16384
#define ARGS_MAX 1024
#define STDIN_QUEUE_BYTES (256 * 1024)

static void run(struct task *t);

static void kick(struct exec_session *s)
{
	task_defer(s->api->loop, &s->work, run);
}

static void put(struct exec_session *s, enum channel ch, struct slice bytes)
{
	s->blocked |= s->transport->send(s, ch, bytes);
}

static void send_status(struct exec_session *s, int code)
{
	CLEANUP(json_freep) cJSON *st = NULL;
	CLEANUP(buf_done) struct buf text = BUF_INIT;
	char number[16];

	if (code == 0) {
		st = json_literal("{\"metadata\":{},\"status\":\"Success\"}");
	} else {
		snprintf(number, sizeof(number), "%d", code);
		st = status_new(500, "NonZeroExitCode",
				"command terminated with non-zero exit code: error executing command, exit code %d",
				code);
		json_remove(st, "code");
		json_remove(st, "kind");
		json_remove(st, "apiVersion");
		status_cause(st, "ExitCode", number, NULL);
	}
	json_print(st, &text);
	put(s, CHANNEL_STATUS, buf_slice(&text));
	s->status_sent = true;
	s->transport->finish(s);
}

static void pump_out(struct exec_session *s, enum node_exec_stream from, enum channel ch)
{
	char chunk[CHUNK_BYTES];
	ssize_t n;

	while (!s->blocked && (n = node_exec_read(s->exec, from, chunk, sizeof(chunk))) > 0)
		put(s, ch, slice_make(chunk, (size_t)n));
}

static void pump_in(struct exec_session *s)
{
	while (s->in.len) {
		ssize_t n = node_exec_write(s->exec, s->in.ptr, s->in.len);

		if (n == -EPIPE) {
			buf_clear(&s->in);
			break;
		}
		if (n <= 0)
			break;
		buf_consume(&s->in, (size_t)n);
	}
	if (!s->in.len && s->in_closed)
		node_exec_close_stdin(s->exec);
	s->transport->pause(s, s->in.len > STDIN_QUEUE_BYTES);
}

static void run(struct task *t)
{
	struct exec_session *s = CONTAINER_OF(t, struct exec_session, work);
	int code;

	if (s->status_sent)
		return;
	pump_in(s);
	pump_out(s, NODE_EXEC_OUT, CHANNEL_OUT);
	pump_out(s, NODE_EXEC_ERR, CHANNEL_ERR);
	if (!s->blocked && node_exec_done(s->exec, &code))
		send_status(s, code);
}

static void on_event(void *arg)
{
	kick(arg);
}

void exec_input(struct exec_session *s, struct slice bytes)
{
	buf_append_slice(&s->in, bytes);
	kick(s);
}

void exec_input_end(struct exec_session *s)
{
	s->in_closed = true;
	kick(s);
}

void exec_resize(struct exec_session *s, struct slice json)
{
	CLEANUP(json_freep) cJSON *j = cJSON_ParseWithLength(json.ptr, json.len);

	node_exec_resize(s->exec, (unsigned)json_int(j, "Width", 80), (unsigned)json_int(j, "Height", 24));
}

void exec_room(struct exec_session *s)
{
	s->blocked = false;
	kick(s);
}

bool exec_flag(struct web_request *r, const char *name)
{
	struct slice v;

	return web_query(r, name, &v) && (slice_eq_str(v, "true") || slice_eq_str(v, "1"));
}

/* All "command" parameters, in order. */
static const char **command_of(struct web_request *r)
{
	struct arena *a = web_arena(r);
	const char **argv = ARENA_NEW_N(a, const char *, ARGS_MAX + 1);
	struct slice rest = r->query;
	size_t n = 0;

	while (rest.len && n < ARGS_MAX) {
		struct slice value = slice_split(&rest, '&'), key = slice_split(&value, '=');

		if (slice_eq_str(key, "command"))
			argv[n++] = web_query_decode(r, value);
	}
	return argv;
}

struct exec_session *exec_session_new(struct lab_api *api, struct web_request *r, const char *ns, const char *pod,
				      const struct exec_transport *transport)
{
	struct exec_session *s = NEW(struct exec_session);
	struct slice container = {NULL, 0};
	struct err e = ERR_INIT;

	web_query(r, "container", &container);
	struct node_exec_options o = {.ns = ns,
				      .pod = pod,
				      .container = container.len ? container.ptr : NULL,
				      .argv = command_of(r),
				      .in = exec_flag(r, "stdin"),
				      .out = exec_flag(r, "stdout"),
				      .err = exec_flag(r, "stderr"),
				      .tty = exec_flag(r, "tty")};

	s->api = api;
	s->transport = transport;
	if (slice_ends(r->path, SLICE("/attach")))
		node_exec_attach(api->node, &o, on_event, s, &s->exec, &e);
	else if (!o.argv[0])
		err_set(&e, -EINVAL, "you must specify at least 1 command for the container");
	else
		node_exec_start(api->node, &o, on_event, s, &s->exec, &e);
	if (s->exec)
		return s;
	rest_reply_status(r, status_bad_request("%s", e.msg));
	free(s);
	return NULL;
}

void exec_session_free(struct exec_session *s)
{
	task_cancel(&s->work);
	node_exec_close(s->exec);
	buf_done(&s->in);
	free(s);
}

/* --- WebSocket --- */

static bool ws_send(struct exec_session *s, enum channel ch, struct slice bytes)
{
	CLEANUP(buf_done) struct buf b = BUF_INIT;

	buf_append_char(&b, (char)ch);
	buf_append_slice(&b, bytes);
	return web_stream_send(s->stream, WEB_BINARY, buf_slice(&b)) > WEB_QUEUE_HIGH_BYTES;
}

static void ws_finish(struct exec_session *s)
{
	web_stream_close(s->stream, 1000, "");
}

static void ws_pause(struct exec_session *s, bool paused)
{
	web_stream_pause(s->stream, paused);
}

static const struct exec_transport ws_transport = {.send = ws_send, .finish = ws_finish, .pause = ws_pause};

static void on_data(struct web_stream *stream, enum web_opcode op, struct slice data)
{
	struct exec_session *s = web_stream_user(stream);
	unsigned char ch = data.len ? (unsigned char)data.ptr[0] : CHANNEL_OUT;

	(void)op;
	if (ch == CHANNEL_IN)
		exec_input(s, slice_from(data, 1));
	else if (ch == CHANNEL_RESIZE)
		exec_resize(s, slice_from(data, 1));
	else if (ch == CHANNEL_CLOSE && data.len > 1 && data.ptr[1] == CHANNEL_IN)
		exec_input_end(s);
}

static void on_close(struct web_stream *stream)
{
	exec_session_free(web_stream_user(stream));
}

static void on_room(struct web_stream *stream)
{
	exec_room(web_stream_user(stream));
}

static const struct web_stream_ops ops = {.on_data = on_data, .on_close = on_close, .on_room = on_room};

static void exec_websocket(struct lab_api *api, struct web_request *r, const char *ns, const char *name)
{
	static const char *const protocols[] = {"v5.channel.k8s.io", "v4.channel.k8s.io", "channel.k8s.io", NULL};
	const char *protocol = web_choose_protocol(r, protocols);
	struct exec_session *s;

	if (!protocol) {
		rest_reply_status(r, status_bad_request("unable to upgrade: none of the offered protocols is known"));
		return;
	}
	s = exec_session_new(api, r, ns, name, &ws_transport);
	if (!s)
		return;
	s->stream = web_upgrade(r, NULL, protocol, &ops, s);
	if (s->stream)
		kick(s);
	else
		exec_session_free(s);
}

void pod_exec(struct lab_api *api, struct web_request *r, const char *ns, const char *name)
{
	int v;

	if (!db_get(db_bucket(api->store, "", "pods"), ns, name))
		rest_reply_status(r, status_not_found(resources_find(&api->resources, "", "v1", "pods", &v), name));
	else if (!api->node)
		rest_reply_status(r, status_new(503, "ServiceUnavailable", "the node is not running"));
	else if (slice_eq_nocase(web_header(r, "upgrade"), SLICE("spdy/3.1")))
		pod_exec_spdy(api, r, ns, name);
	else if (web_is_websocket(r))
		exec_websocket(api, r, ns, name);
	else
		rest_reply_status(r, status_bad_request("Upgrade request required"));
}
