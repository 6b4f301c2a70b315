/*
 * pods/exec over a WebSocket (subprotocols v5.channel.k8s.io and v4.channel.k8s.io): each message begins with a channel
 * byte. 0 standard input, 1 output, 2 error output, 3 the final Status, 4 terminal size; v5 has 255 = close that
 * channel.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/mem.h"
#include "lab/api_internal.h"
#include "lab/node.h"

#define CHUNK_BYTES 16384
#define ARGS_MAX 1024
#define STDIN_QUEUE_BYTES (256 * 1024)

enum channel { CHANNEL_IN, CHANNEL_OUT, CHANNEL_ERR, CHANNEL_STATUS, CHANNEL_RESIZE, CHANNEL_CLOSE = 255 };

struct exec_session {
	struct lab_api *api;
	struct web_stream *stream;
	struct node_exec *exec;
	struct task work;
	struct buf in; /* what the command did not take yet */
	bool blocked, in_closed, status_sent;
};

static void run(struct task *t);

static void kick(struct exec_session *s)
{
	task_defer(s->api->loop, &s->work, run);
}

static void send_channel(struct exec_session *s, enum channel ch, struct slice bytes)
{
	CLEANUP(buf_done) struct buf b = BUF_INIT;

	buf_append_char(&b, (char)ch);
	buf_append_slice(&b, bytes);
	s->blocked |= web_stream_send(s->stream, WEB_BINARY, buf_slice(&b)) > WEB_QUEUE_HIGH_BYTES;
}

static void send_status(struct exec_session *s, int code)
{
	CLEANUP(json_freep) cJSON *st = NULL;
	CLEANUP(buf_done) struct buf text = BUF_INIT;
	char number[16];

	if (code == 0) {
		st = jx_parse("{\"metadata\":{},\"status\":\"Success\"}");
	} else {
		snprintf(number, sizeof(number), "%d", code);
		st = status_new(500, "NonZeroExitCode",
				"command terminated with non-zero exit code: error executing command, "
				"exit code %d",
				code);
		jx_remove(st, "code");
		jx_remove(st, "kind");
		jx_remove(st, "apiVersion");
		status_cause(st, "ExitCode", number, NULL);
	}
	json_print(st, &text);
	send_channel(s, CHANNEL_STATUS, buf_slice(&text));
	s->status_sent = true;
	web_stream_close(s->stream, 1000, "");
}

static void pump_out(struct exec_session *s, enum node_exec_stream from, enum channel ch)
{
	char chunk[CHUNK_BYTES];
	ssize_t n;

	while (!s->blocked && (n = node_exec_read(s->exec, from, chunk, sizeof(chunk))) > 0)
		send_channel(s, ch, slice_make(chunk, (size_t)n));
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
	web_stream_pause(s->stream, s->in.len > STDIN_QUEUE_BYTES);
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

static void on_resize(struct exec_session *s, struct slice json)
{
	CLEANUP(json_freep) cJSON *j = cJSON_ParseWithLength(json.ptr, json.len);

	node_exec_resize(s->exec, (unsigned)jx_int(j, "Width", 80), (unsigned)jx_int(j, "Height", 24));
}

static void on_data(struct web_stream *stream, enum web_opcode op, struct slice data)
{
	struct exec_session *s = web_stream_user(stream);
	unsigned char ch = data.len ? (unsigned char)data.ptr[0] : 1;

	(void)op;
	if (ch == CHANNEL_IN)
		buf_append_slice(&s->in, slice_from(data, 1));
	else if (ch == CHANNEL_RESIZE)
		on_resize(s, slice_from(data, 1));
	else if (ch == CHANNEL_CLOSE && data.len > 1 && data.ptr[1] == CHANNEL_IN)
		s->in_closed = true;
	kick(s);
}

static void on_close(struct web_stream *stream)
{
	struct exec_session *s = web_stream_user(stream);

	task_cancel(&s->work);
	node_exec_close(s->exec);
	buf_done(&s->in);
	free(s);
}

static void on_room(struct web_stream *stream)
{
	struct exec_session *s = web_stream_user(stream);

	s->blocked = false;
	kick(s);
}

static const struct web_stream_ops ops = {.on_data = on_data, .on_close = on_close, .on_room = on_room};

static bool flag(struct web_request *r, const char *name)
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

void pod_exec(struct lab_api *api, struct web_request *r, const char *ns, const char *name)
{
	static const char *const protocols[] = {"v5.channel.k8s.io", "v4.channel.k8s.io", "channel.k8s.io", NULL};
	const char *protocol = web_is_websocket(r) ? web_choose_protocol(r, protocols) : NULL;
	struct slice container = {NULL, 0};
	struct err e = ERR_INIT;
	int v;

	if (!db_get(db_bucket(api->store, "", "pods"), ns, name)) {
		rest_reply_status(r, status_not_found(resources_find(&api->resources, "", "v1", "pods", &v), name));
		return;
	}
	if (slice_ends(r->path, SLICE("/attach"))) {
		rest_reply_status(r, status_new(501, "NotImplemented", "attach is not served: use exec or logs"));
		return;
	}
	if (!protocol || !api->node) {
		rest_reply_status(r, status_bad_request("unable to upgrade: exec is served over WebSocket "
							"(v5.channel.k8s.io), as kubectl 1.31 and newer speak it"));
		return;
	}
	web_query(r, "container", &container);
	struct exec_session *s = NEW(struct exec_session);
	struct node_exec_options o = {.ns = ns,
				      .pod = name,
				      .container = container.len ? container.ptr : NULL,
				      .argv = command_of(r),
				      .in = flag(r, "stdin"),
				      .out = flag(r, "stdout"),
				      .err = flag(r, "stderr"),
				      .tty = flag(r, "tty")};

	s->api = api;
	if (!o.argv[0] || node_exec_start(api->node, &o, on_event, s, &s->exec, &e) < 0) {
		free(s);
		rest_reply_status(r, status_bad_request("%s", o.argv[0] ? e.msg
									: "you must specify at least 1 command "
									  "for the container"));
		return;
	}
	s->stream = web_upgrade(r, NULL, protocol, &ops, s);
	if (!s->stream) {
		node_exec_close(s->exec);
		free(s);
		return;
	}
	kick(s);
}
